package patient_test

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/source"
)

func ExampleDecode() {
	file, _ := source.Parse("patient.yaml", []byte("weight: 220 lb\nheight: 5 ft 10 in\nsex: male\n"))
	p, found := patient.Decode(file)
	ideal, err := p.IdealWeight()
	fmt.Println(p.Weight, ideal, len(found), err)
	// Output: 220 lb 73 kg 0 <nil>
}

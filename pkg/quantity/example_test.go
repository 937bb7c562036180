package quantity_test

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/quantity"
)

func ExampleAmount_Resolve() {
	rate := quantity.MustParse("0.5 mg/kg")
	fmt.Println(rate.Resolve(quantity.MustParse("72 kg")))
	fmt.Println(rate.Resolve(quantity.MustParse("158.7 lb")))
	// Output:
	// 36 mg
	// 35.9925545595 mg
}

func ExampleRounding_Apply() {
	quarter, _ := quantity.ParseRounding("1/4 of 100 mg")
	dose, _ := quarter.Apply(quantity.MustParse("70 mg"), quantity.Amount{}, quantity.MustParse("70 mg"))
	fmt.Println(dose.Amount, dose.Capped)
	// Output: 50 mg true
}

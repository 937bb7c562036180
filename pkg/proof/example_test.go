package proof_test

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/proof"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// The heaviest patients would get more than the limit: 60.5 mg is a tie and goes down, and
// just above it the dose is 61 mg.
func ExampleCheck() {
	p, _ := protocol.Decode("heavy.yaml", []byte(`doseplan: 1
kind: protocol
id: heavy
title: Too much for the heaviest
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
population: { weight: 40..150 kg }
routes: { iv: { round: 1 mg } }
phases: { course: { dose: 0.5 mg/kg, frequency: weekly, course: 4 doses } }
limits: { single dose: 60 mg }
`), nil)
	r := proof.Check(p)
	fmt.Println(r.Rows[0].Least, r.Rows[0].Most)
	fmt.Println(r.Found)
	// Output:
	// 20 mg 75 mg
	// heavy.yaml:13:24: error: a single dose of the phase “course” can come to 61 mg, more than 60 mg (a patient of 121.000001 kg) [DP314]
}

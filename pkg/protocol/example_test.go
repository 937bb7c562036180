package protocol_test

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/protocol"
)

// Every fault is found in one go, each at its place.
func ExampleDecode() {
	_, found := protocol.Decode("x.yaml", []byte(`doseplan: 1
kind: protocol
id: x
title: A faulty file
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
routes: { oral: { round: 5 mg } }
phases:
  course:
    dose: .5 mg/kg
    frequncy: daily
    course: 3 doses
`), nil)
	for _, d := range found {
		fmt.Println(d.Error())
	}
	// Output:
	// x.yaml:13:11: error: a dose: the number in “.5 mg/kg” has no digit before the point; write “0.5 mg/kg” [DP204]
	// x.yaml:14:5: error: phase has no key “frequncy” [DP201]
}

package schedule_test

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
)

// A plan is made once for a protocol and run for each patient.
func Example() {
	const file = `
doseplan: 1
kind: protocol
id: example
title: An example
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
routes: { iv: { round: 1 mg } }
phases: { induction: { dose: 0.5 mg/kg, frequency: 3 a week, course: 4 doses } }
`
	p, found := protocol.Decode("example.yaml", []byte(file), nil)
	if found.HasErrors() {
		fmt.Println(found)
		return
	}
	plan, _ := schedule.NewPlan(p, schedule.Options{})

	params, _ := source.Parse("patient.yaml", []byte("weight: 72 kg\nstart: 2026-03-02\ntime zone: America/New_York\n"))
	pat, _ := patient.Decode(params)
	s, found := plan.Run(pat)
	if s == nil {
		fmt.Println(found)
		return
	}
	for i := range s.Events {
		e := &s.Events[i]
		fmt.Println(e.Time().Format("Mon 2006-01-02 15:04 -07:00"), s.Dose(e).Amount)
	}
	// Output:
	// Mon 2026-03-02 09:00 -05:00 36 mg
	// Wed 2026-03-04 09:00 -05:00 36 mg
	// Fri 2026-03-06 09:00 -05:00 36 mg
	// Mon 2026-03-09 09:00 -04:00 36 mg
}

package eligibility

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
)

func TestAdmit(t *testing.T) {
	p, found := protocol.Decode("x.yaml", []byte(`doseplan: 1
kind: protocol
id: example
title: An example
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
population: { age: 18..64 years }
routes: { oral: { round: 5 mg } }
phases: { course: { dose: 50 mg, frequency: every 3 days, course: 10 doses } }
contraindications: { absolute: [psychosis], relative: [severe liver disease] }
`), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	for text, want := range map[string]struct {
		verdict                       Verdict
		refusals, warnings, questions int
	}{
		"age: 40\nconditions: { absent: [psychosis, severe liver disease] }":                                   {Admitted, 0, 0, 0},
		"age: 64\nconditions: { absent: [psychosis, severe liver disease] }":                                   {Admitted, 0, 0, 0},
		"age: 65\nconditions: { absent: [psychosis, severe liver disease] }":                                   {Refused, 1, 0, 0},
		"age: 40\nconditions: { absent: [psychosis] }":                                                         {ToConfirm, 0, 0, 1},
		"conditions: { absent: [psychosis, severe liver disease] }":                                            {ToConfirm, 0, 0, 1},
		"age: 40\nconditions: { present: [psychosis], absent: [severe liver disease] }":                        {Refused, 1, 0, 0},
		"age: 70\nconditions: { present: [psychosis], absent: [severe liver disease] }":                        {Refused, 2, 0, 0},
		"age: 40\nconditions: { present: [severe liver disease], absent: [psychosis] }":                        {ToConfirm, 0, 1, 0},
		"age: 40\nconditions: { present: [psychotic psychosis], absent: [severe liver disease] }":              {ToConfirm, 0, 1, 1},
		"age: 40\nconditions: { present: [asthma], absent: [psychosis, severe liver disease] }":                {ToConfirm, 0, 1, 0},
		"age: 40\nacuity: high\nconditions: { absent: [psychosis, severe liver disease] }":                     {ToConfirm, 0, 1, 0},
		"birth date: 1980-01-01\nconditions: { absent: [psychosis, severe liver disease] }":                    {ToConfirm, 0, 0, 1}, // no start, so no age
		"birth date: 1980-01-01\nstart: 2026-03-02\nconditions: { absent: [psychosis, severe liver disease] }": {Admitted, 0, 0, 0},
	} {
		node, found := source.Parse("patient.yaml", []byte(text))
		pat, more := patient.Decode(node)
		if found = append(found, more...); found.HasErrors() {
			t.Fatal(found)
		}
		a := Admit(p, pat)
		if a.Verdict != want.verdict || len(a.Refusals) != want.refusals || len(a.Warnings) != want.warnings || len(a.Questions) != want.questions {
			t.Errorf("%s\n%v: refused by %v, weighs %v, asks %v", text, a.Verdict, a.Refusals, a.Warnings, a.Questions)
		}
	}
}

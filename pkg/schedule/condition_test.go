package schedule_test

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/proof"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A phase for patients with a condition is theirs alone: who states neither is asked, other words and codes
// for it count, and the proof looks at both.
func TestForPatientsWithACondition(t *testing.T) {
	const file = head + `routes: { oral: { round: 1 mg } }
contraindications: { absolute: [pregnancy] }
phases:
  usual: { for: { without: { weak kidneys: [renal impairment, ICD-10 N18] } }, dose: 20 mg, frequency: daily, course: 3 doses }
  careful: { for: { condition: { weak kidneys: [renal impairment, ICD-10 N18] } }, dose: 10 mg, frequency: every 2 days, course: 2 doses }
LIMITS`
	p := decode(t, strings.Replace(file, "LIMITS", "", 1))
	for patient, want := range map[string]string{
		"conditions: { present: [Renal Impairment] }":                         "careful careful",
		"conditions: { present: [ICD-10 N18.3] }":                             "careful careful",
		"conditions: { absent: [weak kidneys] }":                              "usual usual usual",
		"conditions: { present: [asthma], absent: [renal impairment] }":       "nobody has said whether it is present or absent",
		"conditions: { present: [asthma] }":                                   "nobody has said whether it is present or absent",
		"conditions: { present: [renal impairment], absent: [weak kidneys] }": "as present and as absent",
		"conditions: { present: [weak kidneys, pregnancy] }":                  "absolute contraindication",
	} {
		s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\n"+patient))
		got := found.Error()
		if s != nil {
			var names []string
			for i := range s.Events {
				names = append(names, s.PhaseName(&s.Events[i]))
			}
			if got = strings.Join(names, " "); strings.Contains(patient, "enal") && strings.Contains(s.Findings.Error(), "kidneys") {
				t.Errorf("%s: %v", patient, s.Findings)
			}
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", patient, got, want)
		}
	}
	for limits, witness := range map[string]string{"each day: 20 mg": "", "each day: 15 mg": "--without 'weak kidneys'", "interval: 25 h": "--without 'weak kidneys'", "single dose: 9 mg": "'weak kidneys'"} {
		found := proof.Check(decode(t, strings.Replace(file, "LIMITS", "limits: { "+limits+" }\n", 1))).Found
		if found.HasErrors() != (witness != "") || witness != "" && !strings.Contains(found[0].Help, witness) {
			t.Errorf("%s: %v", limits, found)
		}
	}
}

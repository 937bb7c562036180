package schedule_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/proof"
	"github.com/doseplan/doseplan/pkg/schedule"
)

const neededFile = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: home
population: { weight: 40..120 kg }
medications:
  examplamine: { routes: { oral: { round: 25 mg } } }
  otheramine: { routes: { oral: { form: tablet, strengths: [10 mg], divides: not at all, round: 10 mg } }, limits: { LIMITS } }
phases: { a: { medication: examplamine, dose: 25 mg, frequency: daily, course: 3 doses } }
as needed: { sick: { medication: otheramine, dose: DOSE, reason: nausea, apart: 8 hours, at most: MOST } }
`

// What is taken as needed has a budget and no days, and no budget can break a limit of its medicine: a patient
// for whom one could is refused, and the proof finds them.
func TestAsNeeded(t *testing.T) {
	for _, c := range []struct {
		dose, most, limits string
		heavy, light       diag.Code // what refuses a patient of 120 kg, and of 40 kg
	}{
		{"20 mg", "3 doses in 24 hours", "single dose: 20 mg, any 24 hours: 60 mg", "", ""},
		{"20 mg", "3 doses in 24 hours", "single dose: 20 mg, any 24 hours: 50 mg", diag.RollingLimit, diag.RollingLimit},
		{"0.5 mg/kg", "3 doses in 24 hours", "single dose: 40 mg, any 24 hours: 180 mg", diag.SingleDoseLimit, ""},
		{"0.5 mg/kg", "3 doses in 24 hours", "single dose: 60 mg, any 24 hours: 170 mg", diag.RollingLimit, ""},
		{"0.5 mg/kg", "120 mg in 24 hours", "single dose: 60 mg, any 24 hours: 120 mg", "", ""}, // two of 60 mg, six of 20 mg: three are 8 hours apart
		{"0.5 mg/kg", "50 mg in 24 hours", "single dose: 60 mg", diag.SingleDoseLimit, ""},      // one dose is more than its budget
		{"20 mg", "3 doses in 24 hours", "single dose: 20 mg, any 7 days: 420 mg", "", ""},      // seven times three
		{"20 mg", "3 doses in 24 hours", "single dose: 20 mg, any 7 days: 410 mg", diag.RollingLimit, diag.RollingLimit},
		{"20 mg", "[3 doses in 24 hours, 5 doses in 3 days]", "single dose: 20 mg, any 7 days: 260 mg", "", ""}, // five, five, and three on the day that is left
		{"20 mg", "[3 doses in 24 hours, 5 doses in 3 days]", "single dose: 20 mg, any 7 days: 250 mg", diag.RollingLimit, diag.RollingLimit},
		{"20 mg", "[3 doses in 24 hours, 9 doses in 7 days]", "single dose: 20 mg, any 7 days: 180 mg", "", ""},
	} {
		p := decode(t, strings.NewReplacer("LIMITS", c.limits, "DOSE", c.dose, "MOST", c.most).Replace(neededFile))
		for weight, want := range map[string]diag.Code{"120 kg": c.heavy, "40 kg": c.light} {
			s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\nweight: "+weight))
			if (s == nil) != (want != "") || want != "" && !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == want }) {
				t.Errorf("%v, %s: %v", c, weight, found)
			}
			if s != nil && (len(s.Needed) != 1 || len(s.Events) != 3) {
				t.Errorf("%v, %s: %d as needed, %d events", c, weight, len(s.Needed), len(s.Events))
			}
		}
		if found := proof.Check(p).Found; found.HasErrors() != (c.heavy != "" || c.light != "") {
			t.Errorf("%v: the proof finds %v", c, found)
		}
	}
	p := decode(t, strings.NewReplacer("LIMITS", "single dose: 20 mg", "DOSE", "20 mg", "MOST", "2 doses in 24 hours").Replace(neededFile))
	s, _ := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\nweight: 70 kg"))
	if want := "As needed: sick, for nausea: 20 mg otheramine oral, at least 8 hours from one dose to the next, at most 2 doses in 24 hours."; s.Notes[0].String() != want {
		t.Errorf("%s, want %s", s.Notes[0], want)
	}
}

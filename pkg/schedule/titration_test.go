package schedule_test

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/schedule"
)

const risesBy25 = head + `routes: { oral: { round: 25 mg } }
phases:
  course:
    frequency: every 3 days
    course: open-ended
    titration: { start: 50 mg, increase: %s, to: 300 mg, confirmed at: review }
check-ins: { review: { every: 3 days, mode: phone } }
`

// One confirmed step of a fixed increase adds it once: 50 mg becomes 75 mg, and never the
// highest dose at once. Eleven steps lead from 50 to 300 mg by 25 mg; there is no twelfth.
func TestConfirmedStepsOfAFixedIncrease(t *testing.T) {
	p := decode(t, replace(risesBy25, "%s", "25 mg"))
	for step, want := range map[int]string{0: "50", 1: "75", 2: "100", 9: "275", 10: "300"} {
		s := mustCompute(t, p, schedule.Options{Steps: map[string]int{"course": step}}, person(t, "start: 2026-03-02"))
		if got := s.Dose(&s.Events[0]).Amount.Decimal(); got != want {
			t.Errorf("after %d confirmed steps: %s mg, want %s", step, got, want)
		}
	}
	if _, found := schedule.NewPlan(p, schedule.Options{Steps: map[string]int{"course": 11}}); !found.HasErrors() {
		t.Error("a step past the highest dose is taken")
	}
	// 50, 120, 190, 260: the last step is cut to the highest dose.
	uneven := decode(t, replace(replace(risesBy25, "%s", "70 mg"), "round: 25 mg", "round: 5 mg"))
	s := mustCompute(t, uneven, schedule.Options{Steps: map[string]int{"course": 4}}, person(t, "start: 2026-03-02"))
	if got := s.Dose(&s.Events[0]).Amount.Decimal(); got != "300" {
		t.Errorf("the last step of 70 mg gives %s mg, want 300", got)
	}
}

// A step whose size the clinician chooses cannot be confirmed by counting.
func TestConfirmedStepsOfARange(t *testing.T) {
	p := decode(t, replace(risesBy25, "%s", "25..75 mg"))
	if _, found := schedule.NewPlan(p, schedule.Options{Steps: map[string]int{"course": 1}}); !found.HasErrors() {
		t.Error("a step of no fixed size is taken by its number")
	}
}

func replace(text, old, with string) string { return strings.Replace(text, old, with, 1) }

// A check-in of the day on which a titration begins, before its first dose, raises nothing: nobody has had a
// dose of the present step.
func TestNoRaiseBeforeTheFirstDose(t *testing.T) {
	p := decode(t, head+`routes: { oral: { round: 1 mg } }
phases:
  first: { dose: 2 mg, frequency: weekly, course: 4 doses }
  steps: { dose: titration, titration: { steps: [5 mg, 8 mg, 10 mg], confirmed at: review }, frequency: weekly, course: 12 doses }
check-ins: { review: { every: 4 weeks, mode: telehealth } }
`)
	s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02"))
	if s == nil {
		t.Fatal(found)
	}
	var raised []string
	for i := range s.Events {
		if e := &s.Events[i]; len(s.RaisesOf(e)) > 0 {
			raised = append(raised, e.Date.String())
		}
	}
	// The first dose of the steps stands on 30 March, as the first review does.
	if got := strings.Join(raised, " "); got != "2026-04-27 2026-05-25" {
		t.Errorf("raises on %s", got)
	}
}

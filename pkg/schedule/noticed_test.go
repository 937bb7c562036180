package schedule_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// What small changes of the engine would otherwise pass unnoticed: amended courses, and bounds
// that are years away.

func TestDerivationOfASetAmount(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+fmt.Sprintf(supplied, "daily", "15 doses"))
	a, err := quantity.Parse("20 mg")
	if err != nil {
		t.Fatal(err)
	}
	o := schedule.Options{Timeline: schedule.Timeline{Changes: []schedule.Change{{From: civil.MustDate("2026-03-05"), Amount: map[string]quantity.Amount{"daily": a}, Reason: "drowsy"}}}}
	s := mustCompute(t, p, o, person(t, "start: 2026-03-02"))
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose && e.Number == 5 {
			steps := s.Derivation(e)
			if got := steps[len(steps)-1].String(); got != "set to 20 mg: drowsy" {
				t.Error(got)
			}
		}
	}
}

func TestNothingIsShownPastFiftyYears(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+fmt.Sprintf(supplied, "monthly", "15 doses"))
	pl, _ := schedule.NewPlan(p, schedule.Options{Until: civil.MustDate("2077-03-02")})
	_, found := pl.Run(person(t, "start: 2026-03-02"))
	if !found.HasErrors() {
		t.Error(found)
	}
}

func TestStepsAcrossAWeight(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+`routes: { oral: { form: tablet } }
phases: { x: { dose: { start: 10 mg, increase: 10 mg, every: 1 week, to: 30 mg }, frequency: daily, course: 5 weeks } }
`)
	w, _ := quantity.Parse("70 kg")
	o := schedule.Options{Timeline: schedule.Timeline{Changes: []schedule.Change{{From: civil.MustDate("2026-03-05"), Weight: w}}}}
	pl, _ := schedule.NewPlan(p, o)
	_, found := pl.Run(person(t, "start: 2026-03-02"))
	for _, d := range found {
		if d.Code == diag.NeverReached {
			t.Error(d)
		}
	}
}

func TestElapsedDosesMoveOffClosedDays(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+`routes: { oral: { form: tablet } }
phases: { x: { dose: 10 mg, frequency: every 48 hours elapsed, course: 5 doses, window: +1 day } }
limits: { interval: 24 h }
`)
	s := mustCompute(t, p, schedule.Options{Closed: calendar.Closed{Weekdays: [7]bool{true}}}, person(t, "start: 2026-03-06"))
	var out []string
	for i := range s.Events {
		out = append(out, s.Events[i].Date.String()[5:])
	}
	if got := strings.Join(out, " "); got != "03-06 03-09 03-10 03-12 03-14" {
		t.Error(got)
	}
}

func TestStepOfNoPhase(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+`routes: { oral: { form: tablet } }
phases: { x: { dose: 10 mg, frequency: daily, course: 5 doses } }
`)
	if _, found := schedule.NewPlan(p, schedule.Options{Steps: map[string]int{"nosuch": 1}}); !found.HasErrors() {
		t.Error(found)
	}
}

func TestOneReviewRaisesTwo(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+`routes: { oral: { form: tablet } }
phases:
  a: { frequency: daily, course: 3 weeks, titration: { steps: [10 mg, 20 mg], confirmed at: review } }
  b: { frequency: daily, times: [20:00], course: 3 weeks, starts: day 1, titration: { steps: [1 mg, 2 mg], confirmed at: review } }
check-ins: { review: { every: 1 week, mode: telehealth } }
`)
	s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-03-02"))
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.CheckIn {
			if n := len(s.RaisesOf(e)); n != 2 && e.Number < 3 {
				t.Error(e.Date, n)
			}
		}
	}
}

func TestDoneOnAnotherDay(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+`routes: { oral: { form: tablet } }
phases: { a: { dose: 10 mg, frequency: daily, course: 3 weeks } }
check-ins: { review: { every: 1 week, mode: telehealth } }
`)
	o := schedule.Options{Timeline: schedule.Timeline{Done: []schedule.Done{{Name: "review", Number: 1, Date: civil.MustDate("2026-03-11")}}}}
	s := mustCompute(t, p, o, person(t, "start: 2026-03-02"))
	for i := range s.Events {
		if e := &s.Events[i]; civil.DateOf(e.Time()) != e.Date {
			t.Error(e.Date, e.Time())
		}
	}
}

func TestSentFillsStay(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+fmt.Sprintf(supplied, "daily", "15 doses"))
	s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-03-02"))
	var o schedule.Options
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Supply {
			o.Timeline.Sent = append(o.Timeline.Sent, schedule.Sent{Number: int(e.Number), Date: e.Date, Fill: *s.Fill(e)})
		}
	}
	again := mustCompute(t, p, o, person(t, "start: 2026-03-02"))
	if got, want := fills(again), strings.ReplaceAll(fills(s), "planned", "taken"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// dosesOf lists the dates and amounts of the doses of a schedule.
func dosesOf(s *schedule.Schedule) string {
	var list []string
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			list = append(list, fmt.Sprintf("%s %v", e.Date.String()[5:], s.Dose(e).Amount))
		}
	}
	return strings.Join(list, ", ")
}

func changeTo(phase, frequency, from, until string) schedule.Options {
	return schedule.Options{Until: civil.MustDate(until), Timeline: schedule.Timeline{Changes: []schedule.Change{{From: civil.MustDate(from), Frequency: map[string]string{phase: frequency}}}}}
}

// After a change of frequency the cycle is the new one, from its own first day.
func TestCycleAfterAChangeOfFrequency(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+`routes: { oral: { form: tablet } }
phases: { x: { dose: { by day of cycle: { from 1: 10 mg, from 3: 20 mg } }, frequency: ["days 1 to 4 of 14", "days 1 to 4 of 10"], course: open-ended } }
`)
	s := mustCompute(t, p, changeTo("x", "days 1 to 4 of 10", "2026-03-16", "2026-03-30"), person(t, "start: 2026-03-02"))
	const want = "03-02 10 mg, 03-03 10 mg, 03-04 20 mg, 03-05 20 mg, 03-16 10 mg, 03-17 10 mg, 03-18 20 mg, 03-19 20 mg, 03-26 10 mg, 03-27 10 mg, 03-28 20 mg, 03-29 20 mg"
	if got := dosesOf(s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Each later run of a repeated phase begins with the frequency that holds by then.
func TestRunsAfterAChangeOfFrequency(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+`routes: { oral: { form: tablet } }
phases: { x: { dose: 10 mg, frequency: ["mon, fri", fri], course: 2 weeks, repeat: 3 } }
`)
	s := mustCompute(t, p, changeTo("x", "fri", "2026-03-04", "2026-04-30"), person(t, "start: 2026-03-03"))
	if got := strings.ReplaceAll(dosesOf(s), " 10 mg", ""); got != "03-06, 03-13, 03-20, 03-27, 04-03, 04-10" {
		t.Error(got)
	}
}

// Check-ins during two phases go on as long as either.
func TestCheckInsDuringAnOpenPhaseAndAnother(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+`routes: { oral: { form: tablet } }
phases:
  base: { dose: 10 mg, frequency: every 4 weeks, course: open-ended }
  extra: { dose: 10 mg, frequency: daily, course: 2 doses, starts: day 8 }
check-ins: { review: { every: 1 week, during: [base, extra], mode: telehealth } }
`)
	s := mustCompute(t, p, schedule.Options{Until: civil.MustDate("2026-04-21")}, person(t, "start: 2026-03-02"))
	last := ""
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.CheckIn {
			last = e.Date.String()
		}
	}
	if last != "2026-04-20" {
		t.Error(last)
	}
}

// The first time of a course on the morning on which clocks skip the hour before it is its own
// first dose: the skipped hour of its rule lies before the start.
func TestHourlyFromTheEndOfASkippedHour(t *testing.T) {
	p := decode(t, strings.Replace(head, "clinic", "home", 1)+`routes: { oral: { form: tablet } }
phases: { x: { dose: 10 mg, frequency: every 1 hour, times: ["03:00"], course: 2 doses } }
`)
	s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-03-08\ntime zone: America/New_York"))
	var clocks []string
	for i := range s.Events {
		clocks = append(clocks, s.Events[i].Clock.String())
	}
	if got := strings.Join(clocks, " "); got != "03:00 04:00" {
		t.Error(got)
	}
}

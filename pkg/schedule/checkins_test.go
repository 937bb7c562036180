package schedule_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/schedule"
)

const twoPhases = `routes: { oral: {} }
phases:
  a: { dose: 1 mg, frequency: weekly, times: ['10:00'], course: 3 doses }
  b: { dose: 2 mg, frequency: weekly, times: ['10:00'], course: 2 doses }
check-ins:
  x: `

// Doses fall on 2, 9, 16 March (a) and 23, 30 March (b), all at 10:00; its last day is 30 March.
func TestDaysOfCheckIns(t *testing.T) {
	for rule, want := range map[string]string{
		"on: start":                                 "03-02T09:00",
		"on: first dose of b":                       "03-23T10:00",
		"on: day 1":                                 "03-02T09:00",
		"on: day 10":                                "03-11T09:00",
		"on: day 3 of b":                            "03-25T09:00",
		"on: week 2":                                "03-09T09:00",
		"on: end of week 2":                         "03-15T09:00",
		"on: week 2 of b":                           "03-30T09:00",
		"on: dose 2 of a":                           "03-09T10:00",
		"on: dose 4":                                "03-23T10:00",
		"on: last dose of a":                        "03-16T10:00",
		"on: last dose":                             "03-30T10:00",
		"on: end of a":                              "03-16T09:00",
		"on: end":                                   "03-30T09:00",
		"on: 1 day before dose 2 of a":              "03-08T09:00",
		"on: 90 minutes after dose 2 of a":          "03-09T11:30",
		"on: 30 minutes before dose 2 of a":         "03-09T09:30",
		"on: 1 month after last dose":               "04-30T09:00",
		"on: [day 2, day 4]":                        "03-03T09:00 03-05T09:00",
		"on: day 2, time: '14:15'":                  "03-03T14:15",
		"on: day 2, time: evening":                  "03-03T21:00",
		"on: dose 2 of a, time: '08:00'":            "03-09T08:00",
		"every: 2 weeks":                            "03-16T09:00 03-30T09:00",
		"every: 1 week, during: b":                  "03-30T09:00 04-06T09:00",
		"every: 1 week, after: dose 2 of b":         "04-06T09:00",
		"every: 1 week, from: dose 2 of b":          "03-30T09:00 04-06T09:00",
		"every: 1 week, until: end of week 3":       "03-09T09:00 03-16T09:00",
		"every: 1 month":                            "04-02T09:00",
		"before: first dose, within: 7 days":        "03-01T09:00",
		"before: first dose":                        "03-01T09:00",
		"around each dose: [0 min, 1 h], during: b": "03-23T10:00 03-23T11:00 03-30T10:00 03-30T11:00",
	} {
		p := decode(t, head+twoPhases+"{ "+rule+", mode: phone }\n")
		s := mustCompute(t, p, schedule.Options{Named: map[string]civil.Clock{"evening": civil.MustClock("21:00")}}, person(t, "start: 2026-03-02"))
		var got []string
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind != schedule.Dose {
				got = append(got, e.Time().Format("01-02T15:04"))
			}
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: %s, want %s", rule, text, want)
		}
	}
}

func TestCheckInsPastWhatIsShown(t *testing.T) {
	for _, rule := range []string{"on: end", "on: last dose", "on: last dose of b", "on: dose 5", "on: day 40", "every: 1 month", "every: 1 week, from: dose 5"} {
		p := decode(t, head+twoPhases+"{ "+rule+", mode: phone }\n")
		s := mustCompute(t, p, schedule.Options{Until: civil.MustDate("2026-03-24")}, person(t, "start: 2026-03-02"))
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind == schedule.CheckIn {
				t.Errorf("%s: a check-in on %v, where the course is shown to 24 March", rule, e.Date)
			}
		}
	}
}

func TestCheckInsOnClosedDays(t *testing.T) {
	weekends := calendar.Closed{Weekdays: [7]bool{0: true, 6: true}}
	run := func(rule string, policy calendar.Policy) (string, diag.List) {
		p := decode(t, head+twoPhases+"{ "+rule+", mode: phone }\n")
		s, found := compute(p, schedule.Options{Closed: weekends, Policy: policy, CheckInTime: civil.SomeClock(civil.MustClock("16:00"))}, person(t, "start: 2026-03-02"))
		if s == nil {
			return "", found
		}
		out := ""
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind == schedule.CheckIn {
				out = e.Time().Format("01-02T15:04")
			}
		}
		return out, found
	}
	// Day 6 is Saturday 7 March.
	for policy, want := range map[calendar.Policy]string{calendar.Next: "03-09T16:00", calendar.Previous: "03-06T16:00", calendar.Nearest: "03-06T16:00", calendar.Keep: "03-07T16:00", calendar.Skip: ""} {
		if got, _ := run("on: day 6, window: ±2 days", policy); got != want {
			t.Errorf("%v: %s, want %s", policy, got, want)
		}
	}
	if _, found := run("on: day 6", calendar.Next); !found.Refused() || found[0].Code != diag.NoPlacement {
		t.Errorf("without a window: %v", found)
	}
	// Sunday 1 March is the day before the first dose: it can only be earlier.
	if got, found := run("before: first dose, within: 7 days", calendar.Next); got != "02-27T16:00" {
		t.Errorf("before the first dose: %s, %v", got, found)
	}
}

func TestRequirementsBelongToTheirDoses(t *testing.T) {
	p := decode(t, head+twoPhases+"{ on: start, mode: phone }\nrequirements:\n  first dose: { sitter: required }\n  each dose: { no food for: 2 hours }\n  each dose of b: { instructions: [Take with water.] }\n")
	s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-03-02"))
	var got []string
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			got = append(got, strings.Join(s.Requirements(e), ", "))
		}
	}
	want := "another adult present, no food for 2 hours before|no food for 2 hours before|no food for 2 hours before|no food for 2 hours before, Take with water.|no food for 2 hours before, Take with water."
	if text := strings.Join(got, "|"); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestChoices(t *testing.T) {
	text := head + `routes: { oral: {}, im: {} }
phases:
  a: { dose: 1 mg, frequency: [weekly, daily], course: 2 doses }
  b: { dose: 2 mg, frequency: [weekly, daily], course: 2 doses, route: im }
  c: { dose: 3 mg, frequency: every 8 hours, course: 3 doses }
  d: { dose: 4 mg, frequency: 4 times daily, course: 5 doses }
`
	p := decode(t, text)
	run := func(o schedule.Options) string {
		o.Route = "oral"
		s := mustCompute(t, p, o, person(t, "start: 2026-03-02"))
		return dates(s, "02T15:04")
	}
	if got, want := run(schedule.Options{}), "02T09:00 09T09:00 16T09:00 23T09:00 30T09:00 30T17:00 31T01:00 31T09:00 31T13:00 31T17:00 31T21:00 01T09:00"; got != want {
		t.Errorf("the usual: %s, want %s", got, want)
	}
	o := schedule.Options{Frequencies: []schedule.FrequencyChoice{{Phase: "b", Text: "QD"}}, Times: []civil.Clock{600}}
	if got, want := run(o), "02T10:00 09T10:00 16T10:00 17T10:00 18T02:00 18T10:00 18T18:00 19T02:00 19T06:00 19T10:00 19T14:00 20T02:00"; got != want {
		t.Errorf("b daily, at 10:00: %s, want %s", got, want)
	}
	o = schedule.Options{Frequencies: []schedule.FrequencyChoice{{Text: "daily"}}, DoseTime: civil.SomeClock(civil.MustClock("07:30"))}
	if got, want := run(o), "02T07:30 03T07:30 04T07:30 05T07:30"; !strings.HasPrefix(got, want) {
		t.Errorf("both daily, at 07:30: %s, want %s", got, want)
	}
	for name, o := range map[string]schedule.Options{
		"no phase “z”":       {Route: "oral", Frequencies: []schedule.FrequencyChoice{{Phase: "z", Text: "daily"}}},
		"frequency “q5d”":    {Route: "oral", Frequencies: []schedule.FrequencyChoice{{Phase: "a", Text: "q5d"}}},
		"frequency “daily”":  {Route: "oral", Frequencies: []schedule.FrequencyChoice{{Phase: "c", Text: "daily"}}},
		"route “intranasal”": {Route: "nasal"},
	} {
		if _, found := schedule.NewPlan(p, o); !found.HasErrors() || !strings.Contains(found.Error(), name) {
			t.Errorf("%s: %v", name, found)
		}
	}
	s := mustCompute(t, p, schedule.Options{Route: "oral"}, person(t, "start: 2026-03-02"))
	if got := s.Dose(&s.Events[2]).Route.Name; got != "im" {
		t.Errorf("phase b is given by %s", got)
	}
}

func TestNamedTimesMustStayInOrder(t *testing.T) {
	p := decode(t, head+"routes: { oral: {} }\nphases: { a: { dose: 1 mg, frequency: twice daily, times: [morning, evening], course: 2 doses } }\n")
	_, found := schedule.NewPlan(p, schedule.Options{Named: map[string]civil.Clock{"evening": civil.MustClock("07:00")}})
	if !found.HasErrors() || found[0].Code != diag.TimesMismatch {
		t.Errorf("evening before morning: %v", found)
	}
}

// A time that comes twice is the first of the two, and the event says so.
func TestRepeatedTime(t *testing.T) {
	p := decode(t, head+"routes: { oral: {} }\nphases: { a: { dose: 1 mg, frequency: daily, times: ['01:30'], course: 2 doses } }\n")
	s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-11-01\ntime zone: America/New_York"))
	if got := dates(s, "02T15:04Z07:00"); got != "01T01:30-04:00 02T01:30-05:00" {
		t.Errorf("the doses are at %s", got)
	}
	if steps := fmt.Sprint(s.Derivation(&s.Events[0])); !strings.Contains(steps, "01:30 comes twice") {
		t.Errorf("the derivation is %s", steps)
	}
}

func TestTooManyEvents(t *testing.T) {
	p := decode(t, head+"routes: { oral: {} }\nphases: { a: { dose: 1 mg, frequency: every 1 hours, course: open-ended } }\n")
	s, found := compute(p, schedule.Options{Until: civil.MustDate("2040-01-01")}, person(t, "start: 2026-03-02"))
	if s != nil || found[0].Code != diag.TooLong {
		t.Errorf("hourly for 14 years: %v", found)
	}
	p = decode(t, head+"routes: { oral: {} }\nphases: { a: { dose: 1 mg, frequency: every 5 hours, course: open-ended } }\n")
	s = mustCompute(t, p, schedule.Options{Until: civil.MustDate("2026-03-03")}, person(t, "start: 2026-03-02"))
	if got := dates(s, "02T15:04"); got != "02T09:00 02T14:00 02T19:00 03T00:00 03T05:00 03T10:00 03T15:00 03T20:00" {
		t.Errorf("every 5 hours: %s", got)
	}
}

func TestLimitsPerKilogramNeedAWeight(t *testing.T) {
	p := decode(t, head+"routes: { oral: {} }\nphases: { a: { dose: 50 mg, frequency: daily, course: 3 doses } }\nlimits: { any 7 days: 3 mg/kg }\n")
	if _, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02")); !found.HasErrors() || found[0].Code != diag.MissingPatient {
		t.Errorf("no weight: %v", found)
	}
	// 3 mg/kg × 49.9 kg = 149.7 mg, and three doses come to 150 mg.
	if _, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\nweight: 49.9 kg")); !found.Refused() || !strings.Contains(found[0].Message, "149.7 mg for this patient") {
		t.Errorf("49.9 kg: %v", found)
	}
	if _, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\nweight: 50 kg")); found.HasErrors() {
		t.Errorf("50 kg: %v", found)
	}
}

func TestIntervalIsSaidInHoursAndMinutes(t *testing.T) {
	p := decode(t, head+"routes: { oral: {} }\nphases: { a: { dose: 50 mg, frequency: twice daily, times: ['08:00', '08:45'], course: 2 doses } }\nlimits: { interval: 90 min }\n")
	_, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02"))
	if !found.Refused() || !strings.Contains(found[0].Message, "comes 45 minutes after") || !strings.Contains(found[0].Message, "interval of 1 hour 30 minutes") {
		t.Errorf("%v", found)
	}
}

func TestTitrationByTiers(t *testing.T) {
	run := func(tier string) string {
		s := mustCompute(t, shipped(t, "ketamine-daily-low-dose"), schedule.Options{Tier: tier, Route: "sublingual", Until: civil.MustDate("2026-03-20")}, person(t, "start: 2026-03-02"))
		for i := range s.Events {
			for _, r := range s.RaisesOf(&s.Events[i]) {
				from, to := r.Words()
				return from + " to " + to
			}
		}
		return ""
	}
	if got := run(""); got != "low (25 mg) to mid (50 mg)" {
		t.Errorf("from the default tier: %s", got)
	}
	if got := run("high"); got != "" {
		t.Errorf("from the highest tier: %s", got)
	}
	s := mustCompute(t, shipped(t, "ketamine-oral-titration"), schedule.Options{}, person(t, "start: 2026-03-02"))
	for i := range s.Events {
		for _, r := range s.RaisesOf(&s.Events[i]) {
			if _, to := r.Words(); to != "75 mg" {
				t.Errorf("the step goes to %s", to)
			}
		}
	}
}

// A dose at home that has no window is given on a closed day too; one with a window moves.
func TestHomeDosesOnClosedDays(t *testing.T) {
	weekends := calendar.Closed{Weekdays: [7]bool{0: true, 6: true}}
	const phases = "routes: { oral: {} }\nphases: { daily: { dose: 50 mg, frequency: %s, course: 7 days } }\n"
	home := strings.Replace(head, "clinic", "home", 1)
	s := mustCompute(t, decode(t, home+fmt.Sprintf(phases, "daily")), schedule.Options{Closed: weekends}, person(t, "start: 2026-03-02"))
	if got := dates(s, "02"); got != "02 03 04 05 06 07 08" {
		t.Errorf("daily at home: %s", got)
	}
	if !strings.Contains(fmt.Sprint(s.Notes), "its doses stand on closed days too") {
		t.Errorf("nothing is said of it: %v", s.Notes)
	}
	s = mustCompute(t, decode(t, home+fmt.Sprintf(phases, "every 5 days, window: +2 days")), schedule.Options{Closed: weekends}, person(t, "start: 2026-03-02"))
	if got := dates(s, "02"); got != "02 09" {
		t.Errorf("with a window: %s", got)
	}
	if s, found := compute(decode(t, head+fmt.Sprintf(phases, "daily")), schedule.Options{Closed: weekends}, person(t, "start: 2026-03-02")); s != nil {
		t.Errorf("daily at the clinic: %s, %v", dates(s, "02"), found)
	}
}

// A check-in that decides about a phase is not moved past the phase's first dose: from Friday
// the 13th, which is closed, the policy leads to Monday the 16th, and maintenance begins on the 14th.
func TestWhatDecidesComesFirst(t *testing.T) {
	text := head + `routes: { iv: {} }
phases:
  a: { dose: 50 mg, frequency: daily, course: 12 days, window: +3 days }
  b: { dose: 50 mg, frequency: daily, course: 2 doses, window: +3 days }
check-ins: { response: { on: day 12 of a, window: +5 days, mode: phone, gates: b } }
`
	closed := calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-13"): "closed"}}
	s := mustCompute(t, decode(t, text), schedule.Options{}, person(t, "start: 2026-03-02"))
	if got := dates(s, "02"); !strings.HasSuffix(got, "13 14 15") {
		t.Fatalf("the doses are on %s", got)
	}
	// Dose 12 moves to the 14th, and those of b behind it: the check-in finds the 14th open.
	s = mustCompute(t, decode(t, text), schedule.Options{Closed: closed}, person(t, "start: 2026-03-02"))
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.CheckIn && e.Date.String() != "2026-03-14" {
			t.Errorf("the check-in is on %v", e.Date)
		}
	}
	// With Saturday and Sunday closed for it too, no day is left before the first dose of b.
	text = strings.Replace(strings.Replace(text, "setting: clinic", "setting: home", 1), ", window: +3 days }\n  b: { dose: 50 mg, frequency: daily, course: 2 doses, window: +3 days }", " }\n  b: { dose: 50 mg, frequency: daily, course: 2 doses }", 1)
	closed.Weekdays = [7]bool{0: true, 6: true}
	if _, found := compute(decode(t, text), schedule.Options{Closed: closed}, person(t, "start: 2026-03-02")); !strings.Contains(found.Error(), "response 1 cannot be moved") {
		t.Errorf("found %v", found)
	}
}

package schedule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/schedule"
)

const head = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
`

// dates lists the dates and times of the doses of a schedule.
func dates(s *schedule.Schedule, format string) string {
	var out []string
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			out = append(out, e.Time().Format(format))
		}
	}
	return strings.Join(out, " ")
}

func amounts(s *schedule.Schedule) string {
	var out []string
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			out = append(out, s.Dose(e).Amount.Decimal())
		}
	}
	return strings.Join(out, " ")
}

func TestMonthlyMaintenanceFromTheLastDayOfJanuary(t *testing.T) {
	p := decode(t, head+"routes: { iv: {} }\nphases: { maintenance: { dose: 50 mg, frequency: monthly, course: 5 doses } }\n")
	s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-01-31"))
	if got, want := dates(s, "2006-01-02"), "2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s = mustCompute(t, p, schedule.Options{}, person(t, "start: 2028-01-31"))
	if got, want := dates(s, "01-02"), "01-31 02-29 03-31 04-30 05-31"; got != want {
		t.Errorf("in a leap year: got %s, want %s", got, want)
	}
}

func TestLeapDay(t *testing.T) {
	monthly := decode(t, head+"routes: { iv: {} }\nphases: { a: { dose: 50 mg, frequency: every 12 months, course: 3 doses } }\n")
	s := mustCompute(t, monthly, schedule.Options{}, person(t, "start: 2028-02-29"))
	if got, want := dates(s, "2006-01-02"), "2028-02-29 2029-02-28 2030-02-28"; got != want {
		t.Errorf("every 12 months from a leap day: %s, want %s", got, want)
	}
	weekly := decode(t, head+"routes: { iv: {} }\nphases: { a: { dose: 50 mg, frequency: every 2 days, course: 3 doses } }\n")
	s = mustCompute(t, weekly, schedule.Options{}, person(t, "start: 2028-02-27"))
	if got, want := dates(s, "01-02"), "02-27 02-29 03-02"; got != want {
		t.Errorf("every 2 days over a leap day: %s, want %s", got, want)
	}
}

// Daily at 20:00 in New York across both changes of 2026, 8 March and 1 November: the clock
// time stays, and the instants are 23 and 25 hours apart once each.
func TestDailyAcrossBothClockChanges(t *testing.T) {
	p := decode(t, head+"routes: { oral: {} }\nphases: { daily: { dose: 25 mg, frequency: daily, times: [20:00], course: 18 months } }\n")
	s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-01-01\ntime zone: America/New_York"))
	// 18 months from 1 January 2026 end before 1 July 2027: 365 + 181 days.
	if n := len(s.Events); n != 546 {
		t.Fatalf("%d doses, want 546", n)
	}
	gaps := map[int64]int{}
	for i := range s.Events {
		if s.Events[i].Clock != civil.MustClock("20:00") {
			t.Fatalf("a dose at %v", s.Events[i].Time())
		}
		if i > 0 {
			gaps[(s.Events[i].At-s.Events[i-1].At)/3600]++
		}
	}
	if fmt.Sprint(gaps) != "map[23:2 24:542 25:1]" { // March 2026, March 2027, November 2026
		t.Errorf("hours between doses: %v", gaps)
	}
	if got := s.Events[len(s.Events)-1].Date.String(); got != "2027-06-30" {
		t.Errorf("the last dose is on %s", got)
	}
}

// Lord Howe moves its clocks by half an hour at 02:00 on 4 October 2026.
func TestHalfHourChange(t *testing.T) {
	p := decode(t, head+"routes: { oral: {} }\nphases: { daily: { dose: 25 mg, frequency: daily, times: ['02:15'], course: 3 doses } }\n")
	s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-10-03\ntime zone: Australia/Lord_Howe"))
	if got, want := dates(s, time.RFC3339), "2026-10-03T02:15:00+10:30 2026-10-04T02:30:00+11:00 2026-10-05T02:15:00+11:00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if note := s.Events[1].ShiftNote(); !strings.Contains(note, "02:15 does not exist") {
		t.Errorf("the note is %q", note)
	}
	if !hasNote(s, "02:15 does not exist") {
		t.Errorf("the notes do not say so: %v", s.Notes)
	}
}

func hasNote(s *schedule.Schedule, part string) bool {
	for _, n := range s.Notes {
		if strings.Contains(n.String(), part) {
			return true
		}
	}
	return false
}

func TestHourRules(t *testing.T) {
	run := func(rule, times, start string, n int) string {
		text := fmt.Sprintf("%sroutes: { oral: {} }\nphases: { x: { dose: 25 mg, frequency: %s, %s course: %d doses } }\n", head, rule, times, n)
		s := mustCompute(t, decode(t, text), schedule.Options{}, person(t, "start: "+start+"\ntime zone: America/New_York"))
		return dates(s, "02T15:04")
	}
	// 8 divides 24: the clock times stay, from the first dose at 08:00 on.
	if got, want := run("every 8 hours", "", "2026-03-07", 5), "07T08:00 07T16:00 08T00:00 08T08:00 08T16:00"; got != want {
		t.Errorf("every 8 hours: %s, want %s", got, want)
	}
	if got, want := run("every 6 hours", "times: ['10:00'],", "2026-03-07", 5), "07T10:00 07T16:00 07T22:00 08T04:00 08T10:00"; got != want {
		t.Errorf("every 6 hours from 10:00: %s, want %s", got, want)
	}
	// 36 does not: elapsed time, so that the clock moves on by an hour with the clocks.
	if got, want := run("every 36 hours", "times: ['08:00'],", "2026-03-07", 4), "07T08:00 08T21:00 10T09:00 11T21:00"; got != want {
		t.Errorf("every 36 hours: %s, want %s", got, want)
	}
	// 48 is a multiple of 24: every two days.
	if got, want := run("q48h", "times: ['08:00'],", "2026-03-07", 3), "07T08:00 09T08:00 11T08:00"; got != want {
		t.Errorf("q48h: %s, want %s", got, want)
	}
}

// Twice daily at 08:00 and 20:00, 50 mg each, and a limit of 100 mg in any 24 hours: on the
// night of 8 March in New York the same clock times are 23 hours apart, and three doses of
// 50 mg fall within 24 hours.
func TestRollingLimitAcrossAClockChange(t *testing.T) {
	text := head + "routes: { oral: {} }\nphases: { x: { dose: 50 mg, frequency: twice daily, times: ['08:00', '20:00'], course: 5 days } }\nlimits: { any 24 hours: 100 mg }\n"
	p := decode(t, text)
	const start = "start: 2026-03-06"
	if _, found := compute(p, schedule.Options{}, person(t, start)); found.HasErrors() {
		t.Errorf("in UTC: %v", found)
	}
	s, found := compute(p, schedule.Options{}, person(t, start+"\ntime zone: America/New_York"))
	if s != nil || len(found) != 1 || found[0].Code != diag.RollingLimit || found[0].Severity != diag.Refusal {
		t.Fatalf("the calendar was not refused: %v", found)
	}
	for _, part := range []string{"3 doses", "dose 3, Sat 2026-03-07 08:00", "dose 5, Sun 2026-03-08 08:00", "150 mg", "100 mg", "24 hours"} {
		if !strings.Contains(found[0].Message, part) {
			t.Errorf("the message does not say %q: %s", part, found[0].Message)
		}
	}
	if !strings.Contains(found[0].Help, "clocks go forward by 1 hour") {
		t.Errorf("the help does not name the change: %s", found[0].Help)
	}
	s, found = compute(p, schedule.Options{Overrides: []schedule.Override{{Limit: "any 24 hours", Reason: "the night of the change"}}}, person(t, start+"\ntime zone: America/New_York"))
	if s == nil || len(s.Override) != 1 || s.Override[0].Broken == "" || found.Worst() != diag.Warning {
		t.Fatalf("the override did not let it through: %v", found)
	}
	daily := decode(t, strings.Replace(text, "any 24 hours", "each day", 1))
	if _, found := compute(daily, schedule.Options{}, person(t, start+"\ntime zone: America/New_York")); len(found) > 0 {
		t.Errorf("a limit for each day: %v", found)
	}
}

func TestCapAndTie(t *testing.T) {
	text := head + "routes: { iv: { round: 5 mg } }\nphases: { x: { dose: { amount: 0.5 mg/kg, max: %s }, frequency: daily, course: 1 doses } }\n"
	for _, c := range []struct{ max, weight, want string }{
		{"50 mg", "120 kg", "50"},   // 60 mg, cut to the cap
		{"58 mg", "120 kg", "55"},   // 60 mg, cut to 58, rounded to 60, stepped down
		{"57.5 mg", "115 kg", "55"}, // 57.5 mg is a tie at the cap
		{"60 mg", "115 kg", "55"},   // 57.5 mg is a tie, and goes down
		{"60 mg", "116 kg", "60"},   // 58 mg
	} {
		s := mustCompute(t, decode(t, fmt.Sprintf(text, c.max)), schedule.Options{}, person(t, "start: 2026-03-02\nweight: "+c.weight))
		if got := amounts(s); got != c.want {
			t.Errorf("0.5 mg/kg × %s up to %s in steps of 5 mg is %s, want %s", c.weight, c.max, got, c.want)
		}
	}
}

func TestOpenEndedWithoutHorizon(t *testing.T) {
	p := decode(t, head+"routes: { oral: {} }\nphases: { x: { dose: 25 mg, frequency: daily, course: open-ended } }\n")
	s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-03-02"))
	if n := len(s.Events); n != 84 { // 12 weeks
		t.Errorf("%d doses, want 84", n)
	}
	if !s.Phases[0].Open || !hasNote(s, "open-ended; it is shown to 2026-05-24") {
		t.Errorf("nothing says that it goes on: %v", s.Notes)
	}
	s = mustCompute(t, p, schedule.Options{Until: civil.MustDate("2026-03-05")}, person(t, "start: 2026-03-02"))
	if got := dates(s, "02"); got != "02 03 04 05" {
		t.Errorf("until 5 March: %s", got)
	}
}

func TestDoseRules(t *testing.T) {
	for _, c := range []struct{ name, dose, frequency, want string }{
		{"warfarin by weekday", "{ by weekday: { 'mon, fri': 2.5 mg, other: 5 mg } }", "daily", "2.5 5 5 5 2.5 5 5 2.5"},
		{"by dose number", "{ by dose: { from 1: 25 mg, from 2: 50 mg, from 4: 75 mg } }", "daily", "25 50 50 75 75 75 75 75"},
		{"by week", "{ by week: { from 1: 25 mg, from 2: 50 mg } }", "daily", "25 25 25 25 25 25 25 50"},
		{"by day", "{ by day: { from 1: 25 mg, from 3: 50 mg } }", "every 2 days", "25 50 50 50 50 50 50 50"},
		{"taper in steps", "{ start: 60 mg, decrease: 10 mg, every: 2 days, to: 35 mg }", "daily", "60 60 50 50 40 40 35 35"},
		{"escalation by doses", "{ start: 25 mg, increase: 25 mg, every: 3 doses, to: 75 mg }", "daily", "25 25 25 50 50 50 75 75"},
		{"taper by a quarter", "{ start: 100 mg, decrease: 25 %, every: 2 days, to: 40 mg, round: 5 mg }", "daily", "100 100 75 75 55 55 40 40"},
		{"taper by a share of the start", "{ start: 100 mg, decrease: 25 % of start, every: 2 days, to: 25 mg, round: 5 mg }", "daily", "100 100 75 75 50 50 25 25"},
		{"morning and evening", "{ by time: { morning: 25 mg, evening: 50 mg } }", "twice daily, times: [morning, evening]", "25 50 25 50 25 50 25 50"},
		{"by age", "{ by age: { from 18: 56 mg, from 65: 28 mg } }", "daily", "28 28 28 28 28 28 28 28"},
		{"by weight band", "{ by weight: { from 5 kg: 20 mg, from 35 kg: 80 mg, from 70 kg: 100 mg } }", "daily", "100 100 100 100 100 100 100 100"},
		{"by route, then by dose", "{ by route: { oral: { by dose: { from 1: 10 mg, from 8: 20 mg } } } }", "daily", "10 10 10 10 10 10 10 20"},
		{"body surface", "{ amount: 75 mg/m2, round: 1 mg }", "daily", "140 140 140 140 140 140 140 140"},
		{"adjusted weight", "{ amount: 1 mg/kg, weight: adjusted weight, round: 1 mg }", "daily", "70 70 70 70 70 70 70 70"},
		{"adjusted weight as it comes", "{ amount: 1 mg/kg, weight: 'adjusted weight, also above actual weight', round: 1 mg }", "daily", "73 73 73 73 73 73 73 73"},
	} {
		// 70 kg and 180 cm: √(180 × 70 ÷ 3600) = 1.870828 m², × 75 = 140.3 mg.
		// Ideal, male: 50 + 2.3 × (180 ÷ 2.54 − 60) = 74.99 kg; + 0.4 × (70 − 74.99) = 73.0 kg,
		// more than the patient weighs.
		p := decode(t, head+"routes: { oral: {} }\nphases: { x: { dose: "+c.dose+", frequency: "+c.frequency+", course: 8 doses } }\n")
		s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-03-02\nage: 65\nweight: 70 kg\nheight: 180 cm\nsex: male"))
		if got := amounts(s); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestPhases(t *testing.T) {
	for _, c := range []struct{ name, phases, want string }{
		{"widening maintenance",
			"{ a: { dose: 1 mg, frequency: weekly, course: 4 doses }, b: { dose: 2 mg, frequency: every 2 weeks, course: 2 doses }, c: { dose: 3 mg, frequency: monthly, course: 2 doses } }",
			"a03-02 a03-09 a03-16 a03-23 b03-30 b04-13 c04-27 c05-27"},
		{"side by side, with an offset",
			"{ a: { dose: 1 mg, frequency: weekly, course: 3 doses }, b: { dose: 2 mg, frequency: weekly, course: 2 doses, starts: 2 days after start of a } }",
			"a03-02 b03-04 a03-09 b03-11 a03-16"},
		{"with a gap",
			"{ a: { dose: 1 mg, frequency: daily, course: 3 days }, b: { dose: 2 mg, frequency: daily, course: 2 doses, starts: 1 week after end of a } }",
			"a03-02 a03-03 a03-04 b03-11 b03-12"},
		{"after the last dose",
			"{ a: { dose: 1 mg, frequency: weekly, course: 2 doses }, b: { dose: 2 mg, frequency: once, course: 1 doses, starts: 2 days after last dose of a } }",
			"a03-02 a03-09 b03-11"},
		{"in runs with a rest",
			"{ a: { dose: 1 mg, frequency: daily, course: 2 days, repeat: 3, rest: 5 days } }",
			"a03-02 a03-03 a03-09 a03-10 a03-16 a03-17"},
		{"in cycles",
			"{ a: { dose: 1 mg, frequency: 'days 1, 8 of 21', course: 2 cycles }, b: { dose: 2 mg, frequency: once, course: 1 doses } }",
			"a03-02 a03-09 a03-23 a03-30 b04-13"},
		{"whichever comes first: the time",
			"{ a: { dose: 1 mg, frequency: weekly, course: 10 doses or 2 weeks }, b: { dose: 2 mg, frequency: once, course: 1 doses } }",
			"a03-02 a03-09 b03-16"},
		{"whichever comes first: the doses",
			"{ a: { dose: 1 mg, frequency: daily, course: 2 doses or 2 weeks }, b: { dose: 2 mg, frequency: once, course: 1 doses } }",
			"a03-02 a03-03 b03-04"},
		{"on a day of the course",
			"{ a: { dose: 1 mg, frequency: daily, course: 2 doses }, b: { dose: 2 mg, frequency: once, course: 1 doses, starts: day 8 } }",
			"a03-02 a03-03 b03-09"},
		{"days that are listed",
			"{ a: { dose: 1 mg, frequency: 'on days 1, 4, 8', course: open-ended }, b: { dose: 2 mg, frequency: once, course: 1 doses, starts: 1 day after last dose of a } }",
			"a03-02 a03-05 a03-09 b03-10"},
		{"weekdays that start later in the week",
			"{ a: { dose: 1 mg, frequency: tue and thu, course: 3 doses } }",
			"a03-03 a03-05 a03-10"},
	} {
		p := decode(t, head+"routes: { oral: {} }\nphases: "+c.phases+"\n")
		s := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-03-02"))
		var got []string
		for i := range s.Events {
			e := &s.Events[i]
			got = append(got, s.PhaseName(e)+e.Date.String()[5:])
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: %s, want %s", c.name, text, c.want)
		}
	}
}

func TestDayNumbers(t *testing.T) {
	text := head + "count from: day 0\nroutes: { im: {} }\nphases: { x: { dose: 1 mL, frequency: 'on days 0, 3, 7, 14', course: open-ended } }\ncheck-ins: { titre: { on: day 28, mode: lab } }\n"
	s := mustCompute(t, decode(t, text), schedule.Options{}, person(t, "start: 2026-03-02"))
	var got []string
	for i := range s.Events {
		got = append(got, fmt.Sprintf("%d:%v", s.Events[i].Day, s.Events[i].Date.String()[5:]))
	}
	if text := strings.Join(got, " "); text != "0:03-02 3:03-05 7:03-09 14:03-16 28:03-30" {
		t.Errorf("days from 0: %s", text)
	}
	if w := s.Week(&s.Events[2]); w != 2 {
		t.Errorf("the eighth day is in week %d", w)
	}
}

func TestClosedDays(t *testing.T) {
	us, err := calendar.PublicHolidays("us")
	if err != nil {
		t.Fatal(err)
	}
	closed := calendar.Closed{Weekdays: [7]bool{0: true, 6: true}, Holidays: []func(civil.Date) (string, bool){us}}
	text := head + "routes: { iv: {} }\nphases: { x: { dose: 50 mg, frequency: weekly, course: 3 doses%s } }\n"
	// Monday 25 May 2026 is Memorial Day.
	const start = "start: 2026-05-25"
	const before = "start: 2026-05-18"
	for _, c := range []struct {
		policy calendar.Policy
		want   string
	}{
		{calendar.Next, "05-18 05-26 06-01"},
		{calendar.Previous, "05-18 05-22 06-01"},
		{calendar.Nearest, "05-18 05-26 06-01"}, // Friday is three days away, Tuesday one
		{calendar.Keep, "05-18 05-25 06-01"},
		{calendar.Skip, "05-18 06-01"},
	} {
		p := decode(t, fmt.Sprintf(text, ", window: ±3 days"))
		s := mustCompute(t, p, schedule.Options{Closed: closed, Policy: c.policy}, person(t, before))
		if got := dates(s, "01-02"); got != c.want {
			t.Errorf("%v: %s, want %s", c.policy, got, c.want)
		}
	}
	// Nothing moves to before the start.
	if s, found := compute(decode(t, fmt.Sprintf(text, ", window: ±3 days")), schedule.Options{Closed: closed, Policy: calendar.Previous}, person(t, start)); s != nil || found[0].Code != diag.NoPlacement {
		t.Errorf("before the start: %v", found)
	}
	s, found := compute(decode(t, fmt.Sprintf(text, "")), schedule.Options{Closed: closed}, person(t, start))
	if s != nil || !found.Refused() || found[0].Code != diag.NoPlacement || !strings.Contains(found[0].Message, "Memorial Day") {
		t.Errorf("without a window: %v", found)
	}
	s = mustCompute(t, decode(t, fmt.Sprintf(text, ", window: ±3 days")), schedule.Options{Closed: closed}, person(t, start))
	if e := &s.Events[0]; e.Target.String() != "2026-05-25" || e.Day != 2 || !strings.Contains(fmt.Sprint(s.Derivation(e)), "moved from Mon 2026-05-25 off a closed day, out of its way, or to keep a limit: 1 day later") {
		t.Errorf("the move is not told: %v", s.Derivation(e))
	}
}

func TestGates(t *testing.T) {
	text := head + `routes: { iv: {} }
phases:
  a: { dose: 1 mg, frequency: weekly, course: 2 doses }
  b: { dose: 2 mg, frequency: weekly, course: 1 doses }
  c: { dose: 3 mg, frequency: weekly, course: 1 doses }
check-ins:
  intake: { before: first dose, within: 14 days, mode: telehealth, gates: first dose }
  review: { on: dose 2 of a, mode: phone, gates: b }
`
	status := func(confirmed ...string) string {
		s := mustCompute(t, decode(t, text), schedule.Options{Confirmed: confirmed}, person(t, "start: 2026-03-02"))
		var out []string
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind == schedule.Dose {
				out = append(out, s.PhaseName(e)+":"+s.GateName(e))
			}
		}
		return strings.Join(out, " ")
	}
	if got, want := status(), "a:intake a:intake b:review c:review"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := status("intake"), "a: a: b:review c:review"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := status("intake", "review"), "a: a: b: c:"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	_, found := compute(decode(t, text), schedule.Options{Confirmed: []string{"reviews"}}, person(t, "start: 2026-03-02"))
	if len(found) != 1 || found[0].Code != diag.UnknownName || !strings.Contains(found[0].Help, "intake, review") {
		t.Errorf("an unknown check-in: %v", found)
	}
}

func TestReassessment(t *testing.T) {
	p := decode(t, head+"routes: { oral: {} }\nphases: { x: { dose: 25 mg, frequency: weekly, course: open-ended } }\nlimits: { reassess: every 1 month }\n")
	s := mustCompute(t, p, schedule.Options{Until: civil.MustDate("2026-05-10")}, person(t, "start: 2026-03-02"))
	var got []string
	for i := range s.Events {
		e := &s.Events[i]
		got = append(got, fmt.Sprintf("%v %v %v", e.Kind, e.Date.String()[5:], e.Status))
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{"dose 03-30 planned", "check-in 04-02", "dose 04-06 provisional", "check-in 05-02"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
	s = mustCompute(t, p, schedule.Options{Until: civil.MustDate("2026-05-10"), Confirmed: []string{"reassessment"}}, person(t, "start: 2026-03-02"))
	if text := listing(s); strings.Contains(text, "?") {
		t.Errorf("confirmed, but:\n%s", text)
	}
}

// A titration never raises a dose by itself; the check-ins say what the next step would be.
func TestTitrationWaits(t *testing.T) {
	s := mustCompute(t, shipped(t, "ketamine-sc-titration"), schedule.Options{}, person(t, "start: 2026-03-02\nweight: 80 kg"))
	var raises []string
	for i := range s.Events {
		for _, r := range s.RaisesOf(&s.Events[i]) {
			from, to := r.Words()
			raises = append(raises, fmt.Sprintf("%v: %s to %s", s.Events[i].Date.String()[5:], from, to))
		}
	}
	// 0.6 mg/kg × 80 kg = 48 mg. After the last dose there is nothing to raise.
	want := "03-09: 0.5 mg/kg (40 mg) to 0.6 mg/kg (48 mg)|03-16: 0.5 mg/kg (40 mg) to 0.6 mg/kg (48 mg)|03-23: 0.5 mg/kg (40 mg) to 0.6 mg/kg (48 mg)"
	if got := strings.Join(raises, "|"); got != want {
		t.Errorf("the raises are %s, want %s", got, want)
	}
	if got := strings.Trim(strings.ReplaceAll(amounts(s), "40", ""), " "); got != "" {
		t.Errorf("some dose is not 40 mg: %s", amounts(s))
	}
	s = mustCompute(t, shipped(t, "ketamine-oral-weekly-titration"), schedule.Options{}, person(t, "start: 2026-03-02\nweight: 72 kg"))
	for i := range s.Events {
		for _, r := range s.RaisesOf(&s.Events[i]) {
			if _, to := r.Words(); to != "0.6 to 1 mg/kg" {
				t.Fatalf("the step goes to %s", to)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	const iv = "ketamine-iv-intensive"
	for _, c := range []struct {
		name, protocol, patient string
		options                 schedule.Options
		code                    diag.Code
		severity                diag.Severity
		says                    string
	}{
		{"no weight", iv, "start: 2026-03-02", schedule.Options{}, diag.MissingPatient, diag.Error, "weight"},
		{"no start", iv, "weight: 72 kg", schedule.Options{}, diag.MissingPatient, diag.Error, "start"},
		{"too heavy", iv, "weight: 200 kg\nstart: 2026-03-02", schedule.Options{}, diag.OutsideRange, diag.Refusal, "weight"},
		{"too young", iv, "weight: 72 kg\nstart: 2026-03-02\nbirth date: 2008-03-03", schedule.Options{}, diag.OutsideRange, diag.Refusal, "age"},
		{"absolute contraindication", iv, "weight: 72 kg\nstart: 2026-03-02\nconditions: { present: [Schizophrenia] }", schedule.Options{}, diag.Contraindicated, diag.Refusal, "psychosis"},
		{"no such tier", "ketamine-oral-twice-weekly", "weight: 72 kg\nstart: 2026-03-02", schedule.Options{Tier: "mid"}, diag.UnknownName, diag.Error, "no tier “mid”"},
		{"no tier", "ketamine-oral-twice-weekly", "weight: 72 kg\nstart: 2026-03-02", schedule.Options{}, diag.MissingPatient, diag.Error, "starting tier"},
		{"a tier where there is none", iv, "weight: 72 kg\nstart: 2026-03-02", schedule.Options{Tier: "low"}, diag.UnknownName, diag.Error, "no tiers"},
		{"no such route", iv, "weight: 72 kg\nstart: 2026-03-02", schedule.Options{Route: "oral"}, diag.UnknownName, diag.Error, "route"},
		{"no route", "ketamine-daily-low-dose", "start: 2026-03-02", schedule.Options{}, diag.MissingPatient, diag.Error, "routes"},
		{"no such frequency", iv, "weight: 72 kg\nstart: 2026-03-02", schedule.Options{Frequencies: []schedule.FrequencyChoice{{Text: "daily"}}}, diag.UnknownName, diag.Error, "daily"},
		{"under five feet", "ketamine-iv-intensive-ideal-weight", "weight: 90 kg\nheight: 150 cm\nsex: female\nstart: 2026-03-02", schedule.Options{}, diag.FormulaUndefined, diag.Refusal, "5 ft"},
		{"no sex", "ketamine-iv-intensive-ideal-weight", "weight: 120 kg\nheight: 170 cm\nstart: 2026-03-02", schedule.Options{}, diag.MissingPatient, diag.Error, "sex"},
		{"times that fit no phase", iv, "weight: 72 kg\nstart: 2026-03-02", schedule.Options{Times: []civil.Clock{480, 1200}}, diag.Usage, diag.Error, "2 doses a day"},
		{"too far", "ketamine-daily-low-dose", "start: 2026-03-02", schedule.Options{Route: "oral", Until: civil.MustDate("2090-01-01")}, diag.TooLong, diag.Error, "50 years"},
	} {
		s, found := compute(shipped(t, c.protocol), c.options, person(t, c.patient))
		if s != nil || len(found) == 0 {
			t.Errorf("%s: not refused", c.name)
			continue
		}
		first := found[0]
		for _, d := range found {
			if d.Code == c.code {
				first = d
			}
		}
		if first.Code != c.code || first.Severity != c.severity || !strings.Contains(first.Message, c.says) {
			t.Errorf("%s: %v", c.name, found)
		}
	}
}

func TestEveryLimit(t *testing.T) {
	for limit, want := range map[string]diag.Code{
		"single dose: 49 mg": diag.SingleDoseLimit, "single dose: 0.6 mg/kg": diag.SingleDoseLimit, "each day: 99 mg": diag.RollingLimit,
		"any 7 days: 699 mg": diag.RollingLimit, "any 30 days: 999 mg": diag.RollingLimit, "interval: 13 h": diag.IntervalLimit, "doses: 19": diag.CountLimit,
		"single dose: 50 mg": "", "single dose: 0.63 mg/kg": "", "each day: 100 mg": "", "any 24 hours: 100 mg": "", "any 7 days: 700 mg": "", "any 30 days: 1000 mg": "", "interval: 12 h": "", "doses: 20": "",
	} {
		p := decode(t, head+"routes: { oral: {} }\nphases: { x: { dose: 50 mg, frequency: twice daily, course: 10 days } }\nlimits: { "+limit+" }\n")
		_, found := compute(p, schedule.Options{}, person(t, "start: 2026-05-04\nweight: 80 kg\ntime zone: Europe/London"))
		if want == "" && found.HasErrors() || want != "" && (len(found) != 1 || found[0].Code != want || !found.Refused()) {
			t.Errorf("%s: %v", limit, found)
		}
	}
}

// Limits belong to one medicine: two medicines on one day do not add up.
func TestSeveralMedicines(t *testing.T) {
	text := strings.Replace(head, "medication: { name: examplamine }\n", `medications:
  first: { routes: { oral: { round: 5 mg } }, limits: { each day: 50 mg } }
  second: { routes: { oral: { round: 1 mg } }, limits: { each day: 4 mg } }
`, 1) + `phases:
  a: { medication: first, dose: 50 mg, frequency: daily, course: 2 doses }
  b: { medication: second, dose: 2 mg, frequency: twice daily, course: 3 doses, starts: with a }
`
	s := mustCompute(t, decode(t, text), schedule.Options{}, person(t, "start: 2026-03-02"))
	if got, want := amounts(s), "50 2 2 50 2"; got != want {
		t.Errorf("the doses are %s, want %s", got, want)
	}
	if got := s.Phases[1].Total.String(); got != "6 mg" {
		t.Errorf("the total of the second medicine is %s", got)
	}
}

func TestObservationsFollowTheirDose(t *testing.T) {
	s := mustCompute(t, shipped(t, "ketamine-iv-intensive"), schedule.Options{}, person(t, "start: 2026-03-02\nweight: 72 kg\ntime zone: America/New_York"))
	n := 0
	for i := range s.Events {
		o := &s.Events[i]
		if o.Kind != schedule.Observation {
			continue
		}
		n++
		d := &s.Events[o.Of]
		if d.Kind != schedule.Dose || o.At != d.At+int64(o.After)*60 {
			t.Errorf("the observation at %v is of %v at %v", o.Time(), d.Kind, d.Time())
		}
	}
	if n != 40 { // ten doses, four times each
		t.Errorf("%d observations, want 40", n)
	}
}

func TestKilogramsAndPoundsAgree(t *testing.T) {
	p := shipped(t, "ketamine-iv-intensive")
	kg := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-03-02\nweight: 72 kg"))
	lb := mustCompute(t, p, schedule.Options{}, person(t, "start: 2026-03-02\nweight: 158.7 lb"))
	if listing(kg) != listing(lb) {
		t.Errorf("72 kg and 158.7 lb (71.985 kg) differ after rounding to 1 mg:\n%s\n%s", listing(kg), listing(lb))
	}
}

func TestDerivationShowsTheArithmetic(t *testing.T) {
	s := mustCompute(t, shipped(t, "ketamine-iv-intensive"), schedule.Options{}, person(t, "start: 2026-03-02\nweight: 158.7 lb"))
	var texts []string
	for _, step := range s.Derivation(&s.Events[0]) {
		texts = append(texts, step.String())
	}
	want := "induction: 3 a week, from 2026-03-02, dose 1|weight 158.7 lb = 71.985109119 kg|0.5 mg/kg × 71.985109119 kg = 35.9925545595 mg|35.9925545595 mg → 36 mg in steps of 1 mg"
	if got := strings.Join(texts, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func BenchmarkRun(b *testing.B) {
	for _, c := range []struct{ name, id, until string }{
		{"iv", "ketamine-iv-intensive", ""}, {"daily-18-months", "ketamine-daily-low-dose", "2027-09-01"},
	} {
		b.Run(c.name, func(b *testing.B) {
			o := schedule.Options{}
			if c.until != "" {
				o.Route, o.Until = "sublingual", civil.MustDate(c.until)
			}
			plan, found := schedule.NewPlan(shipped(b, c.id), o)
			if found.HasErrors() {
				b.Fatal(found)
			}
			pat := person(b, "start: 2026-03-02\nweight: 72 kg\ntime zone: America/New_York")
			b.ReportAllocs()
			events := 0
			for b.Loop() {
				s, _ := plan.Run(pat)
				events = len(s.Events)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(events), "ns/event")
		})
	}
}

// Doxorubicin's label asks for no more than 550 mg/m² in a lifetime, and counts what was given
// before. A patient of 170 cm and 65 kg has 1.7519 m²: 75 mg/m² is 131 mg, and 550 mg/m² 963.5.
func TestLimitsOfCourseAndLifetime(t *testing.T) {
	const text = head + "routes: { iv: { round: 1 mg } }\nphases: { a: { dose: 75 mg/m2, frequency: every 3 weeks, course: %d doses } }\nlimits: { %s }\n"
	for _, c := range []struct {
		doses           int
		limits, patient string
		broken          int
	}{
		{7, "in a lifetime: 550 mg/m2", "", 0},                                     // 917 mg
		{8, "in a lifetime: 550 mg/m2", "", 1},                                     // 1048 mg
		{3, "in a lifetime: 550 mg/m2", "received: { Examplamine: 325 mg/m2 }", 0}, // 569.3 and 393 mg are 962.3
		{3, "in a lifetime: 550 mg/m2", "received: { examplamine: 326 mg/m2 }", 1},
		{3, "in a lifetime: 550 mg/m2", "received: { examplamine: 571 mg }", 1},
		{3, "in a lifetime: 550 mg/m2", "received: { other: 571 mg }", 0},
		{7, "in the course: 917 mg", "received: { examplamine: 571 mg }", 0},
		{7, "in the course: 916 mg", "", 1},
		{7, "single dose: 75 mg/m2", "", 0},
		{7, "single dose: 74 mg/m2", "", 1},
	} {
		p := decode(t, fmt.Sprintf(text, c.doses, c.limits))
		s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\nweight: 65 kg\nheight: 170 cm\n"+c.patient))
		broken := 0
		for _, d := range found {
			if d.Code == diag.RollingLimit || d.Code == diag.SingleDoseLimit {
				broken++
			}
		}
		if broken != c.broken || (s == nil) != (c.broken > 0) {
			t.Errorf("%d doses, %s, %s: %v", c.doses, c.limits, c.patient, found)
		}
	}
}

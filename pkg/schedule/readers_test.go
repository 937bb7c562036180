package schedule_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// Files that somebody who read the documentation alone understood in another way: what they give, or why
// they are refused.
func TestAsRead(t *testing.T) {
	const routes = "routes: { oral: { round: 1 mg } }\n"
	const monthly = routes + "phases:\n  a: { dose: 1 mg, frequency: monthly, course: 2 doses }\n  b: { dose: 2 mg, frequency: once, course: 1 doses, starts: 1 month after last dose of a }\n"
	const beside = routes + "phases:\n  a: { dose: 1 mg, frequency: weekly, course: 3 doses%s }\n  b: { dose: 2 mg, frequency: weekly, course: 3 doses, starts: with a%s }\n"
	const skipped = routes + "phases: { a: { dose: 5 mg, frequency: weekly, course: 3 doses } }\ncheck-ins: { o: { %s, mode: lab } }\n"
	byDay := func(d string) calendar.Closed {
		return calendar.Closed{Dates: map[civil.Date]string{civil.MustDate(d): "closed"}}
	}
	for _, c := range []struct {
		name, text, start string
		closed            string
		policy            calendar.Policy
		want, says        string
	}{
		{"months after a dose, for a check-in as for a phase", monthly + "check-ins: { lab: { on: 1 month after last dose of a, mode: lab } }\n", "2026-01-31", "", calendar.Next,
			"a 1 01-31, a 2 02-28, lab 03-31, b 1 03-31", ""},
		{"months from a dose on", monthly + "check-ins: { lab: { every: 1 month, after: dose 2 of a, until: day 100, mode: lab } }\n", "2026-01-31", "", calendar.Next,
			"a 1 01-31, a 2 02-28, lab 03-31, b 1 03-31, lab 04-30", ""},
		{"two that start together, moved together", fmt.Sprintf(beside, ", window: +1 day", ", window: +1 day"), "2026-03-02", "2026-03-02", calendar.Next,
			"a 1 03-03, b 1 03-03, a 2 03-09, b 2 03-09, a 3 03-16, b 3 03-16", ""},
		{"two that start together, with windows of their own", fmt.Sprintf(beside, ", window: +1 day", ", window: +2 days"), "2026-03-02", "2026-03-02", calendar.Next,
			"a 1 03-03, b 1 03-03, a 2 03-09, b 2 03-09, a 3 03-16, b 3 03-16", ""},
		{"a check-in of a dose that is left out", fmt.Sprintf(skipped, "on: 2 days after dose 2 of a"), "2026-03-21", "2026-03-28", calendar.Skip,
			"a 1 03-21, a 3 04-04", "the check-in “o” is to be held 2 days after dose 2 of a, and that dose is left out"},
		{"check-ins from a dose on that is left out", fmt.Sprintf(skipped, "every: 1 week, from: dose 1 of a, until: end of week 5"), "2026-03-28", "2026-03-28", calendar.Skip,
			"a 2 04-04, a 3 04-11", "and that dose is left out"},
		{"check-ins of two phases with a gap", routes + "phases:\n  a: { dose: 1 mg, frequency: weekly, course: 2 weeks }\n  b: { dose: 2 mg, frequency: weekly, course: 2 weeks, starts: 6 weeks after start }\ncheck-ins: { o: { every: 1 week, during: [a, b], mode: lab } }\n", "2026-03-02", "", calendar.Next,
			"a 1 03-02, o 03-09, a 2 03-09, o 03-16, o 04-13, b 1 04-13, o 04-20, b 2 04-20, o 04-27", ""},
		{"an amount by weekday, on another day", routes + "phases: { a: { dose: { by weekday: { mon: 5 mg, other: 2 mg } }, frequency: every 4 days, course: 2 doses, window: +1 day } }\n", "2026-03-26", "2026-03-30", calendar.Next,
			"a 1 03-26, a 2 03-31", "has the amount of its own day of the week, Monday, and stands on a Tuesday"},
		{"three times a day after bedtime", routes + "phases:\n  a: { dose: 1 mg, frequency: at bedtime, course: 1 day }\n  b: { dose: 1 mg, frequency: 3 times daily, course: 2 doses }\n", "2026-03-02", "", calendar.Next,
			"a 1 03-02, b 1 03-03, b 2 03-04", "where the one before it would have gone on, so that its first day holds 2 doses fewer"},
	} {
		o := schedule.Options{Policy: c.policy}
		if c.closed != "" {
			o.Closed = byDay(c.closed)
		}
		s := mustCompute(t, decode(t, head+c.text), o, person(t, "start: "+c.start))
		var got []string
		for i := range s.Events {
			e := &s.Events[i]
			if e.Kind == schedule.Dose {
				got = append(got, fmt.Sprintf("%s %d %s", s.PhaseName(e), e.Number, e.Date.String()[5:]))
			} else {
				got = append(got, s.CheckIn(e).Name+" "+e.Date.String()[5:])
			}
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, text, c.want)
		}
		said := s.Findings.Error()
		for _, n := range s.Notes {
			said += "\n" + n.String()
		}
		if !strings.Contains(said, c.says) {
			t.Errorf("%s: it is said\n%s, and not %q", c.name, said, c.says)
		}
	}
	// Of two that start together, one cannot follow the other off a closed day: that is refused.
	_, found := compute(decode(t, head+strings.Replace(fmt.Sprintf(beside, ", window: +1 day", ", window: -1 day"), "course: 3 doses, starts", "times: ['10:00'], course: 3 doses, starts", 1)), schedule.Options{Closed: byDay("2026-03-02")}, person(t, "start: 2026-03-02"))
	if !found.Refused() {
		t.Errorf("one cannot follow: %v", found)
	}
}

// Limits on days of the calendar hold across the changes of the clocks, and count the days on which
// doses stand, where closed days have put them.
func TestDaysOfTheCalendar(t *testing.T) {
	const rule = "routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 10 mg, frequency: %s, course: 6 doses, window: +2 days } }\nlimits: { %s }\n"
	for _, c := range []struct{ frequency, limits, want string }{
		{"weekly", "each 7 days: 10 mg, interval: 7 days", ""},
		{"weekly", "any 7 days: 10 mg", "within any 7 days"},
		{"every 6 days", "each 7 days: 10 mg", "the doses of 2026-03-14 to 2026-03-20 come to 20 mg, more than 10 mg on 7 days"},
		{"every 6 days", "interval: 7 days", "sooner than the shortest interval of 7 days"},
		{"every 6 days", "interval: 6 days, each 30 days: 50 mg", ""},
		{"every 6 days", "each 30 days: 40 mg", "come to 50 mg, more than 40 mg on 30 days"},
		{"every 2 days", "each day: 10 mg, interval: 2 days", ""},
	} {
		s, found := compute(decode(t, head+fmt.Sprintf(rule, c.frequency, c.limits)), schedule.Options{}, person(t, "start: 2026-03-14\ntime zone: Europe/Berlin"))
		if (s != nil) != (c.want == "") || !strings.Contains(found.Error(), c.want) {
			t.Errorf("%s, %s: %v", c.frequency, c.limits, found)
		}
	}
	closed := calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-14"): "closed", civil.MustDate("2026-03-28"): "closed"}}
	for limits, want := range map[string]string{
		"interval: 7 days":   "03-15 03-22 03-29 04-05 04-12 04-19",
		"interval: 6 days":   "03-15 03-21 03-29 04-04 04-11 04-18",
		"each 7 days: 10 mg": "03-15 03-22 03-29 04-05 04-12 04-19",
		"single dose: 10 mg": "03-15 03-21 03-29 04-04 04-11 04-18",
	} {
		s := mustCompute(t, decode(t, head+fmt.Sprintf(rule, "weekly", limits)), schedule.Options{Closed: closed}, person(t, "start: 2026-03-14"))
		if got := dates(s, "01-02"); got != want {
			t.Errorf("%s: %s, want %s", limits, got, want)
		}
	}
}

// A check-in of each cycle, or of each run, decides about the doses of that; the cases of what goes with each dose of another
// go on where the file says so.
func TestEachCycle(t *testing.T) {
	listing := func(body string) (text string) {
		s, found := compute(decode(t, head+"routes: { oral: {} }\n"+body), schedule.Options{}, person(t, "start: 2026-03-02\ntime zone: UTC\n"))
		if s == nil {
			t.Fatal(found)
		}
		for i := range s.Events {
			switch e := &s.Events[i]; e.Kind {
			case schedule.Dose:
				text += fmt.Sprintf("%s %d %v %v %s; ", s.PhaseName(e), e.Number, e.Date, s.Dose(e).Amount, s.GateName(e))
			case schedule.CheckIn:
				text += fmt.Sprintf("%d %v; ", e.Number, e.Date)
			}
		}
		return text
	}
	const phases = "phases: { a: { dose: 50 mg, frequency: \"days 1 and 8 of 21\", course: 2 cycles } }\ncheck-ins: { count: { on: %s of each %s of a, mode: lab, gates: a } }\n"
	const want = "1 2026-03-01; a 1 2026-03-02 50 mg count 1; a 2 2026-03-09 50 mg count 1; 2 2026-03-22; a 3 2026-03-23 50 mg count 2; a 4 2026-03-30 50 mg count 2; "
	for _, on := range []string{"1 day before day 1", "1 day before dose 1", "1 day before first dose"} {
		if got := listing(fmt.Sprintf(phases, on, "cycle")); got != want {
			t.Errorf("%s: %s", on, got)
		}
	}
	runs := strings.Replace(fmt.Sprintf(phases, "1 day before day 1", "run"), "frequency: \"days 1 and 8 of 21\", course: 2 cycles", "frequency: weekly, course: 2 weeks, repeat: 2, rest: 1 week", 1)
	if got := listing(runs); got != want {
		t.Errorf("runs: %s", got)
	}
	const with = "phases:\n  a: { dose: 50 mg, frequency: weekly, course: 3 doses }\n  b: { dose: { by dose: { from 1: 20 mg, from 2: 10 mg } }, frequency: once, course: 1 doses, starts: 1 hour before each dose of a%s }\n"
	if got := listing(fmt.Sprintf(with, ", each run: goes on")); strings.Count(got, "20 mg") != 1 || strings.Count(got, "10 mg") != 2 {
		t.Errorf("goes on: %s", got)
	}
	if got := listing(fmt.Sprintf(with, "")); strings.Count(got, "20 mg") != 3 {
		t.Errorf("begins again: %s", got)
	}
}

// Doses follow the value that the file gives until one is measured, and the calendar says so; then they follow that.
func TestNotYetMeasured(t *testing.T) {
	p := decode(t, head+"routes: { oral: {} }\nmeasurements: { trough: { range: 1..40 mg/L, until measured: 15 mg/L } }\nphases: { a: { dose: { by measurement: { trough: { under 10 mg/L: 60 mg, from 10 mg/L: 50 mg, above 20 mg/L: 40 mg } } }, frequency: daily, course: 3 doses } }\ncheck-ins: { level: { on: day 2, mode: lab, measure: [trough] } }\n")
	for measured, want := range map[string]string{"": "50 mg", "trough: 8 mg/L": "60 mg", "trough: 21 mg/L": "40 mg"} {
		s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\ntime zone: UTC\nmeasurements: { "+measured+" }\n"))
		if s == nil {
			t.Fatal(found)
		}
		says := strings.Contains(fmt.Sprint(s.Notes), "“trough” is not yet measured: until it is, doses are those of 15 mg/L.")
		if got := s.Doses[0].Amount.String(); got != want || says != (measured == "") {
			t.Errorf("%q: %s, and the note is %v", measured, got, says)
		}
	}
}

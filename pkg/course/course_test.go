package course_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
)

const base = `doseplan: 1
kind: protocol
id: mine
title: Mine
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
population: { weight: 40..150 kg }
routes: { iv: { round: 1 mg } }
tiers: { low: 0.5 mg/kg, mid: 0.75 mg/kg, high: 1 mg/kg }
default tier: low
phases:
  induction: { dose: tier, frequency: [every 3 days, every 2 days], course: 6 doses, window: +1 day, titration: { steps: [low, mid, high], confirmed at: review } }
  maintenance: { dose: tier, frequency: weekly, course: 4 doses, window: +2 days }
check-ins:
  review: { every: 1 week, window: ±1 day, mode: phone }
  response: { on: last dose of induction, mode: in person, gates: maintenance }
limits: { single dose: 120 mg, interval: 20 h, any 7 days: 300 mg }
`

var head = `doseplan: 1
kind: course
id: C-1
patient: { weight: 80 kg, time zone: America/New_York }
protocol: { id: mine, version: 1.0.0, sha256: ` + zeros + ` }
start: 2026-03-02
`

var zeros = strings.Repeat("0", 64)

// replay computes a course over a protocol, with the settings of base.
func replay(t testing.TB, protocolText, text string, o course.Options) (*course.Calendar, diag.List) {
	t.Helper()
	root, found := source.Parse("course.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found, text)
	}
	c, found := course.Decode(root)
	if found.HasErrors() {
		return nil, found
	}
	return course.Replay(c, func(pin course.Pin) (*protocol.Protocol, diag.List) {
		text := protocolText
		if pin.ID != "mine" {
			text = strings.Replace(text, "id: mine", "id: "+pin.ID, 1)
		}
		if pin.ID == "adjunct" {
			text = strings.Replace(text, "name: examplamine", "name: otheramine", 1)
		}
		return protocol.Decode(pin.ID+".yaml", []byte(text), nil)
	}, o)
}

func amended(entries ...string) string {
	if len(entries) == 0 {
		return head
	}
	return head + "amendments:\n" + strings.Join(entries, "")
}

func entry(on, body string) string {
	return "  - { on: " + on + ", by: Dr. Adams, " + body + " }\n"
}

// lines says what a calendar holds, one event a line.
func lines(c *course.Calendar) []string {
	var list []string
	for i := range c.Legs {
		s := c.Legs[i].Schedule
		for k := range s.Events {
			e := &s.Events[k]
			if e.Kind >= schedule.Observation {
				continue
			}
			what := fmt.Sprintf("%v %v %s", e.Date, e.Clock, s.Protocol.ID)
			if e.Kind == schedule.Dose {
				what += fmt.Sprintf(" %s %d %v", s.PhaseName(e), e.Number, s.Dose(e).Amount)
			} else {
				what += fmt.Sprintf(" %s %d", s.CheckIn(e).Name, e.Number)
			}
			list = append(list, what+" "+e.Status.String())
		}
	}
	return list
}

func has(t *testing.T, c *course.Calendar, want ...string) {
	t.Helper()
	text := strings.Join(lines(c), "\n")
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the calendar has no %q:\n%s", w, text)
		}
	}
}

// Calendars worked out by hand: 0.5 mg/kg of 80 kg is 40 mg; every 3 days from 2 March on is
// 2, 5, 8, 11, 14, 17 March; maintenance is weekly from 20 March on.
func TestReplay(t *testing.T) {
	given := entry("2026-03-02", "given: induction 1") + entry("2026-03-05", "given: induction 2")
	for _, c := range []struct {
		name, rules string
		entries     []string
		want        []string
	}{
		{"nothing", "", nil, []string{"2026-03-17 09:00 mine induction 6 40 mg planned", "2026-03-20 09:00 mine maintenance 1 40 mg provisional"}},
		{"a weight: 0.5 mg/kg × 70.6 kg is 35.3 mg", "", []string{given, entry("2026-03-06", "weight: 70.6 kg")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg taken", "2026-03-08 09:00 mine induction 3 35 mg planned"}},
		{"a weight later", "", []string{entry("2026-03-06", "weight: 70.6 kg, from: 2026-03-11")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg", "2026-03-11 09:00 mine induction 4 35 mg"}},
		{"a step: 0.75 mg/kg × 80 kg", "", []string{entry("2026-03-09", "check-in: review 1, decision: confirm")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg", "2026-03-11 09:00 mine induction 4 60 mg", "review 1 taken"}},
		{"a step that is declined", "", []string{entry("2026-03-09", "check-in: review 1, decision: decline")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg planned"}},
		{"a lower tier", "", []string{entry("2026-03-09", "check-in: review 1, decision: confirm"), entry("2026-03-12", "tier: low")},
			[]string{"2026-03-11 09:00 mine induction 4 60 mg", "2026-03-14 09:00 mine induction 5 40 mg"}},
		{"an amount", "", []string{entry("2026-03-06", "dose: { induction: 33 mg }")},
			[]string{"2026-03-08 09:00 mine induction 3 33 mg", "2026-03-20 09:00 mine maintenance 1 40 mg"}},
		{"a frequency counts from the next dose", "", []string{entry("2026-03-06", "frequency: { induction: every 2 days }")},
			[]string{"2026-03-08 09:00 mine induction 3", "2026-03-10 09:00 mine induction 4", "2026-03-12 09:00 mine induction 5", "2026-03-14 09:00 mine induction 6", "2026-03-16 09:00 mine maintenance 1"}},
		{"given otherwise", "", []string{entry("2026-03-09", "given: induction 3, date: 2026-03-09, time: 10:30, amount: 35 mg")},
			[]string{"2026-03-09 10:30 mine induction 3 35 mg taken", "2026-03-11 09:00 mine induction 4 40 mg"}},
		{"missed without a rule", "", []string{entry("2026-03-06", "missed: induction 2")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg missed", "2026-03-08 09:00 mine induction 3 40 mg planned"}},
		{"missed, and the rest moves", "missed doses: { then: shift }\n", []string{entry("2026-03-06", "missed: induction 2")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg missed", "2026-03-06 09:00 mine induction 2 40 mg planned", "2026-03-09 09:00 mine induction 3", "2026-03-18 09:00 mine induction 6", "2026-03-21 09:00 mine maintenance 1"}},
		{"missed, and one more at the end", "missed doses: { then: extend }\n", []string{entry("2026-03-06", "missed: induction 2")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg missed", "2026-03-17 09:00 mine induction 6", "2026-03-20 09:00 mine induction 7", "2026-03-23 09:00 mine maintenance 1"}},
		{"skipped", "", []string{entry("2026-03-06", "skip: induction 3")}, []string{"2026-03-08 09:00 mine induction 3 40 mg held", "2026-03-11 09:00 mine induction 4 40 mg planned"}},
		{"a hold that keeps the clock", "", []string{entry("2026-03-06", "hold: 2026-03-07"), entry("2026-03-12", "resume: 2026-03-12")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg held", "2026-03-11 09:00 mine induction 4 40 mg held", "2026-03-14 09:00 mine induction 5 40 mg planned"}},
		{"a hold that stops the clock", "interruptions: { clock: stops }\n", []string{entry("2026-03-06", "hold: 2026-03-07"), entry("2026-03-12", "resume: 2026-03-12")},
			[]string{"2026-03-05 09:00 mine induction 2", "2026-03-13 09:00 mine induction 3 40 mg planned", "2026-03-16 09:00 mine induction 4"}},
		{"an open hold", "", []string{entry("2026-03-06", "hold: 2026-03-07")}, []string{"2026-03-14 09:00 mine induction 5 40 mg held"}},
		{"a hold after which the course starts again", "interruptions: { clock: stops, restart after: 2 weeks }\n", []string{entry("2026-03-06", "hold: 2026-03-07"), entry("2026-03-25", "resume: 2026-03-25")},
			[]string{"2026-03-05 09:00 mine induction 2", "2026-03-25 09:00 mine induction 1 40 mg planned"}},
		{"the gate of maintenance", "", []string{entry("2026-03-17", "check-in: response 1, decision: confirm")}, []string{"2026-03-20 09:00 mine maintenance 1 40 mg planned"}},
		{"the gate declined", "", []string{entry("2026-03-17", "check-in: response 1, decision: decline")}, []string{"2026-03-20 09:00 mine maintenance 1 40 mg held"}},
		{"a switch", "", []string{entry("2026-03-17", "check-in: response 1, decision: confirm"), entry("2026-03-18", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-25, tier: mid, frequency: { induction: every 2 days } }, after: response 1")},
			[]string{"2026-03-20 09:00 mine maintenance 1", "2026-03-25 09:00 other induction 1 60 mg", "2026-03-27 09:00 other induction 2"}},
		{"what happens between a switch and its start is recorded in the first protocol", "", []string{
			entry("2026-03-12", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-20, tier: low }"),
			entry("2026-03-14", "given: induction 5, amount: 35 mg"), entry("2026-03-14", "weight: 90 kg"), entry("2026-03-20", "given: induction 1")},
			[]string{"2026-03-14 09:00 mine induction 5 35 mg taken", "2026-03-17 09:00 mine induction 6 45 mg planned", "2026-03-20 09:00 other induction 1 45 mg taken"}},
		{"what happened before a stop is recorded after it", "", []string{entry("2026-03-09", "stop: 2026-03-12"), entry("2026-03-13", "given: induction 4")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg taken"}},
		{"a dose that is given in a hold", "", []string{entry("2026-03-06", "hold: 2026-03-07"), entry("2026-03-08", "given: induction 3")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg taken", "2026-03-11 09:00 mine induction 4 40 mg held"}},
		{"a dose too large that was given all the same", "", []string{entry("2026-03-05", "given: induction 2, amount: 130 mg, override: { single dose: a mistake }")},
			[]string{"2026-03-05 09:00 mine induction 2 130 mg taken", "2026-03-08 09:00 mine induction 3 40 mg planned"}},
		{"re-induction: nothing from 5 March, dose 2, to the 17th, dose 6", "interruptions: { restart after: 10 days }\n", []string{entry("2026-03-15", "missed: induction 3..5")},
			[]string{"2026-03-14 09:00 mine induction 5 40 mg missed", "2026-03-17 09:00 mine induction 1 40 mg planned", "2026-04-01 09:00 mine induction 6"}},
		{"no re-induction: from 8 March, dose 3, to the 17th are 9 days", "interruptions: { restart after: 10 days }\n", []string{entry("2026-03-15", "missed: induction 4..5")},
			[]string{"2026-03-17 09:00 mine induction 6 40 mg planned"}},
		{"a taper of two weeks from 12 March on, past the start of the next protocol", "", []string{entry("2026-03-12", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-25, tier: low }, taper: { every: 1 week, doses: [30 mg, 20 mg] }")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg", "2026-03-14 09:00 mine induction 5 30 mg", "2026-03-17 09:00 mine induction 6 30 mg", "2026-03-20 09:00 mine maintenance 1 20 mg", "2026-03-25 09:00 other induction 1 40 mg"}},
		{"a taper that begins later", "", []string{entry("2026-03-09", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-04-01, tier: low }, taper: { from: 2026-03-12, every: 4 days, doses: [30 mg, 20 mg] }")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg", "2026-03-14 09:00 mine induction 5 30 mg", "2026-03-17 09:00 mine induction 6 20 mg planned\n2026-04-01 09:00 other induction 1 40 mg"}},
		{"a switch with a gap", "", []string{entry("2026-03-12", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-25, tier: low }, last day: 2026-03-15")},
			[]string{"2026-03-14 09:00 mine induction 5 40 mg planned\n2026-03-25 09:00 other induction 1 40 mg"}},
		{"a switch with an overlap", "", []string{entry("2026-03-09", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-16, tier: low }, last day: 2026-03-17")},
			[]string{"2026-03-17 09:00 mine induction 6 40 mg planned", "2026-03-16 09:00 other induction 1 40 mg"}},
		{"a stop with a taper", "", []string{entry("2026-03-09", "stop: 2026-03-25, taper: { every: 1 week, doses: [30 mg, 20 mg] }")},
			[]string{"2026-03-14 09:00 mine induction 5 30 mg", "2026-03-17 09:00 mine induction 6 20 mg", "2026-03-20 09:00 mine maintenance 1 20 mg"}},
		{"a medicine is added", "", []string{entry("2026-03-12", "add: { protocol: { id: adjunct, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-15, tier: low }"), entry("2026-03-14", "tier: low"), entry("2026-03-15", "given: induction 1, date: 2026-03-15"), entry("2026-03-17", "given: induction 6")},
			[]string{"2026-03-17 09:00 mine induction 6 40 mg taken", "2026-03-15 09:00 adjunct induction 1 40 mg taken"}},
		{"a stop", "", []string{entry("2026-03-09", "stop: 2026-03-10")}, []string{"2026-03-08 09:00 mine induction 3"}},
		{"a protocol that was accepted", "", []string{entry("2026-03-09", "protocol: { id: mine, version: 1.0.0, sha256: "+zeros+" }")}, []string{"2026-03-08 09:00 mine induction 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cal, found := replay(t, base+c.rules, amended(c.entries...), course.Options{})
			if cal == nil {
				t.Fatal(found)
			}
			has(t, cal, c.want...)
			if c.name == "a stop" && strings.Contains(strings.Join(lines(cal), "\n"), "2026-03-11") {
				t.Error("something is planned after the stop")
			}
			if c.name == "a switch" && strings.Contains(strings.Join(lines(cal), "\n"), "2026-03-27 09:00 mine") {
				t.Error("the first protocol goes on after the switch")
			}
		})
	}
}

func TestWrongAmendmentsAreRefused(t *testing.T) {
	for _, c := range []struct {
		want    string
		entries []string
	}{
		{"before the start", []string{entry("2026-03-01", "weight: 70 kg")}},
		{"in the order of time", []string{entry("2026-03-09", "weight: 70 kg"), entry("2026-03-08", "weight: 71 kg")}},
		{"would hold from", []string{entry("2026-03-09", "weight: 70 kg, from: 2026-03-08")}},
		{"no tier “huge”", []string{entry("2026-03-09", "tier: huge")}},
		{"waits for the check-in “review”", []string{entry("2026-03-09", "tier: high")}},
		{"more than the largest single dose", []string{entry("2026-03-09", "dose: { induction: 121 mg }")}},
		{"cannot be dispensed", []string{entry("2026-03-09", "dose: { induction: 33.5 mg }")}},
		{"cannot be in mL", []string{entry("2026-03-09", "dose: { induction: 3 mL }")}},
		{"more than 300 mg within any 7 days", []string{entry("2026-03-05", "given: induction 2, amount: 250 mg, override: { single dose: a mistake }")}},
		{"does not go with", []string{entry("2026-03-09", "missed: induction 3, override: { interval: none }")}},
		{"doses of a taper fall", []string{entry("2026-03-09", "stop: 2026-03-25, taper: { every: 1 week, doses: [20 mg, 20 mg] }")}},
		{"after the stop of", []string{entry("2026-03-09", "stop: 2026-03-20, taper: { every: 1 week, doses: [30 mg, 20 mg] }")}},
		{"cannot be dispensed", []string{entry("2026-03-09", "stop: 2026-03-25, taper: { every: 1 week, doses: [30.5 mg, 20 mg] }")}},
		{"no phase “taper”", []string{entry("2026-03-09", "stop: 2026-03-25, taper: { phase: taper, every: 1 week, doses: [30 mg, 20 mg] }")}},
		{"does not go with", []string{entry("2026-03-09", "hold: 2026-03-25, taper: { every: 1 week, doses: [30 mg, 20 mg] }")}},
		{"cannot end the present protocol before it", []string{entry("2026-03-12", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-25, tier: low }, last day: 2026-03-10")}},
		{"together break a limit", []string{entry("2026-03-09", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-17, tier: low }, last day: 2026-03-17")}},
		{"cannot begin before it", []string{entry("2026-03-12", "add: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-11 }")}},
		{"has no unit", []string{entry("2026-03-09", "dose: { induction: 33 }")}},
		{"no phase “taper”", []string{entry("2026-03-09", "dose: { taper: 33 mg }")}},
		{"does not offer the frequency", []string{entry("2026-03-09", "frequency: { induction: daily }")}},
		{"no dose 9 of “induction”", []string{entry("2026-03-09", "missed: induction 9")}},
		{"recorded already", []string{entry("2026-03-09", "given: induction 1"), entry("2026-03-09", "missed: induction 1")}},
		{"after the amendment", []string{entry("2026-03-09", "given: induction 4")}},
		{"waits for the check-in “response”", []string{entry("2026-03-30", "given: maintenance 1")}},
		{"is held", []string{entry("2026-03-06", "hold: 2026-03-07"), entry("2026-03-08", "missed: induction 3")}},
		{"held already", []string{entry("2026-03-06", "hold: 2026-03-07"), entry("2026-03-06", "hold: 2026-03-08")}},
		{"cannot begin before it", []string{entry("2026-03-06", "hold: 2026-03-05")}},
		{"no doses are held", []string{entry("2026-03-06", "resume: 2026-03-07")}},
		{"cannot be resumed", []string{entry("2026-03-06", "hold: 2026-03-09"), entry("2026-03-07", "resume: 2026-03-08")}},
		{"no check-in “reviews”", []string{entry("2026-03-09", "check-in: reviews 1")}},
		{"no decision is stated", []string{entry("2026-03-17", "check-in: response 1")}},
		{"decides about nothing", []string{entry("2026-04-13", "check-in: review 6, decision: confirm")}},
		{"check-in review 1 is recorded already", []string{entry("2026-03-09", "check-in: review 1, decision: decline"), entry("2026-03-09", "check-in: review 1, decision: decline")}},
		{"cannot lie before it", []string{entry("2026-03-09", "stop: 2026-03-08")}},
		{"stopped on 2026-03-10", []string{entry("2026-03-09", "stop: 2026-03-10"), entry("2026-03-11", "weight: 70 kg")}},
		{"cannot begin before it", []string{entry("2026-03-18", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-17 }")}},
		{"which is not recorded", []string{entry("2026-03-18", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-25 }, after: response 1")}},
		{"resume first", []string{entry("2026-03-06", "hold: 2026-03-09"), entry("2026-03-18", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-25 }")}},
		{"does one thing", []string{entry("2026-03-09", "tier: low, weight: 70 kg")}},
		{"does one thing", []string{entry("2026-03-09", "why: nothing")}},
		{"does not go with", []string{entry("2026-03-09", "tier: low, amount: 30 mg")}},
		{"names several", []string{entry("2026-03-09", "given: induction 1..3, amount: 30 mg")}},
		{"not a phase and its number", []string{entry("2026-03-09", "given: first")}},
		{"to a later one", []string{entry("2026-03-09", "given: induction 3..1")}},
	} {
		cal, found := replay(t, base, amended(c.entries...), course.Options{})
		if cal != nil || !strings.Contains(found.Error()+help(found), c.want) {
			t.Errorf("%v: found %v, want %q", c.entries, found, c.want)
		}
	}
}

func help(found diag.List) string {
	var b strings.Builder
	for _, d := range found {
		b.WriteString(d.Help)
	}
	return b.String()
}

func TestStatus(t *testing.T) {
	text := amended(entry("2026-03-02", "given: induction 1"), entry("2026-03-06", "missed: induction 2"), entry("2026-03-08", "skip: induction 3"))
	day := civil.MustDate("2026-03-14")
	cal, found := replay(t, base, text, course.Options{AsOf: day})
	if cal == nil {
		t.Fatal(found)
	}
	s := course.StatusOf(cal, day)
	if s.Given != 1 || s.Missed != 1 || s.Held != 1 || len(s.Due) != 1 || len(s.Overdue) != 2 || s.Next == nil || s.NextMeet == nil || len(s.Waiting) != 1 {
		t.Errorf("%+v", s)
	}
	// Given: 1. Missed: 1. Not recorded: dose 4 of 11 March. The skipped one does not count.
	if percent, ok := s.Adherence(); !ok || percent != 33 {
		t.Errorf("adherence is %d %%", percent)
	}
	if _, ok := course.StatusOf(cal, civil.MustDate("2026-03-01")).Adherence(); !ok {
		t.Error("what was recorded counts on any day")
	}
}

// An open hold is said from its first day on, and a closed one until its last.
func TestOnHold(t *testing.T) {
	open := amended(entry("2026-03-06", "hold: 2026-03-07"))
	closed := amended(entry("2026-03-06", "hold: 2026-03-07"), entry("2026-03-12", "resume: 2026-03-12"))
	for _, c := range []struct {
		text, day string
		want      bool
	}{{open, "2026-03-06", false}, {open, "2026-03-07", true}, {open, "2026-06-07", true}, {closed, "2026-03-11", true}, {closed, "2026-03-12", false}} {
		day := civil.MustDate(c.day)
		cal, found := replay(t, base, c.text, course.Options{AsOf: day})
		if cal == nil {
			t.Fatal(found)
		}
		if got := course.StatusOf(cal, day).OnHold; got != c.want {
			t.Errorf("on %s on hold: %v", c.day, got)
		}
	}
}

// A check-in that stops doses once it is overdue: the review of 9 March may be held until the
// 10th, and on the 14th nothing is given.
func TestOverdueStops(t *testing.T) {
	stops := strings.Replace(base, "window: ±1 day, mode: phone", "window: ±1 day, overdue: stop, mode: phone", 1)
	for day, want := range map[string]string{"2026-03-10": "planned", "2026-03-13": "held"} {
		cal, found := replay(t, stops, head, course.Options{AsOf: civil.MustDate(day)})
		if cal == nil {
			t.Fatal(found)
		}
		has(t, cal, "2026-03-14 09:00 mine induction 5 40 mg "+want)
	}
	cal, _ := replay(t, base, head, course.Options{AsOf: civil.MustDate("2026-03-13")})
	has(t, cal, "2026-03-14 09:00 mine induction 5 40 mg planned")
}

// Two protocols side by side share the limits of their medicine: 40 mg and 60 mg on one day
// are under 120 mg each, and closer than 20 hours together.
func TestAlongside(t *testing.T) {
	beside := "alongside:\n  - { protocol: { id: other, version: 1.0.0, sha256: " + zeros + " }, start: 2026-03-%s, tier: low }\n"
	if cal, found := replay(t, strings.Replace(base, ", any 7 days: 300 mg", "", 1), head+fmt.Sprintf(beside, "03"), course.Options{}); cal == nil {
		t.Errorf("a day apart: %v", found)
	} else if len(cal.Legs) != 2 || !cal.Legs[0].Beside || cal.Legs[1].Beside {
		t.Errorf("%+v", cal.Legs)
	}
	if _, found := replay(t, base, head+fmt.Sprintf(beside, "02"), course.Options{}); !strings.Contains(found.Error(), "together break a limit") {
		t.Errorf("on one day: %v", found)
	}
}

// From infusions to a medicine by mouth: the totals of the one, stated of what is infused, say
// nothing of what is swallowed, and the shortest interval holds between the two. 240 mg a week by
// mouth would pass the 200 mg a week that may be infused.
func TestTotalsAreOfTheirRoutes(t *testing.T) {
	infused := strings.Replace(base, "any 7 days: 300 mg", "any 7 days: 200 mg", 1)
	oral := strings.NewReplacer("iv: { round: 1 mg }", "oral: { round: 1 mg }", "every 3 days, every 2 days", "daily", "interval: 20 h, any 7 days: 300 mg", "any 7 days: 300 mg").Replace(base)
	run := func(text, change string) (*course.Calendar, diag.List) {
		root, _ := source.Parse("course.yaml", []byte(amended(entry("2026-03-09", change))))
		c, found := course.Decode(root)
		if found.HasErrors() {
			t.Fatal(found)
		}
		return course.Replay(c, func(pin course.Pin) (*protocol.Protocol, diag.List) {
			if pin.ID == "mine" {
				return protocol.Decode("mine.yaml", []byte(infused), nil)
			}
			return protocol.Decode("other.yaml", []byte(text), nil)
		}, course.Options{})
	}
	change := "switch: { protocol: { id: other, version: 1.0.0, sha256: " + zeros + " }, start: 2026-03-12, tier: low }"
	if cal, found := run(oral, change); cal == nil {
		t.Errorf("by mouth the day after: %v", found)
	}
	if _, found := run(oral, strings.Replace(change, "}, start: 2026-03-12", "}, start: 2026-03-11", 1)+", last day: 2026-03-11"); !strings.Contains(found.Error(), "together break a limit") {
		t.Errorf("by mouth on the day of an infusion: %v", found)
	}
	if _, found := run(strings.Replace(oral, "oral: {", "iv: {", 1), change); !strings.Contains(found.Error(), "together break a limit") {
		t.Errorf("infused: %v", found)
	}
}

// drawEntry draws an amendment that may or may not fit.
func drawEntry(t *rapid.T, on civil.Date) string {
	day := func(label string, from, to int) civil.Date {
		return on.AddDays(rapid.IntRange(from, to).Draw(t, label))
	}
	n := rapid.IntRange(1, 6).Draw(t, "number")
	phase := rapid.SampledFrom([]string{"induction", "induction", "maintenance"}).Draw(t, "phase")
	body := rapid.SampledFrom([]string{
		fmt.Sprintf("weight: %d kg", rapid.IntRange(60, 100).Draw(t, "kg")),
		"tier: low", "check-in: review 1, decision: confirm", "check-in: review 2, decision: confirm", "check-in: response 1, decision: confirm",
		fmt.Sprintf("dose: { %s: %d mg }", phase, rapid.IntRange(20, 90).Draw(t, "mg")),
		"frequency: { induction: every 2 days }",
		fmt.Sprintf("given: %s %d", phase, n), fmt.Sprintf("missed: %s %d", phase, n), fmt.Sprintf("skip: %s %d", phase, n),
		fmt.Sprintf("given: %s %d, date: %v, amount: %d mg", phase, n, day("given", -1, 0), rapid.IntRange(20, 60).Draw(t, "given mg")),
		fmt.Sprintf("switch: { protocol: { id: other, version: 1.0.0, sha256: %s }, start: %v, tier: low }", zeros, day("switch", 0, 9)),
		fmt.Sprintf("switch: { protocol: { id: other, version: 1.0.0, sha256: %s }, start: %v, tier: low }, last day: %v", zeros, day("switch", 0, 9), day("last", 0, 12)),
		fmt.Sprintf("switch: { protocol: { id: other, version: 1.0.0, sha256: %s }, start: %v, tier: low }, taper: { every: %d days, doses: [30 mg, 20 mg] }", zeros, day("switch", 3, 9), rapid.IntRange(1, 5).Draw(t, "taper")),
		fmt.Sprintf("add: { protocol: { id: added, version: 1.0.0, sha256: %s }, start: %v, tier: low }", zeros, day("add", 0, 40)),
		fmt.Sprintf("stop: %v", day("stop", 0, 9)),
		fmt.Sprintf("hold: %v", day("hold", 0, 3)), fmt.Sprintf("resume: %v", day("resume", 0, 5)), fmt.Sprintf("resume: %v", on),
	}).Draw(t, "amendment")
	return entry(on.String(), body)
}

// Amendments that fit never change what lies before them, and every calendar on the way keeps
// the limits, whatever days are closed and whatever the protocol says of missed doses.
func TestAmendmentsNeverChangeThePast(t *testing.T) {
	kept, several := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		text := base + rapid.SampledFrom([]string{"", "missed doses: { then: shift }\n", "missed doses: { then: extend }\n", "missed doses: { then: skip }\n"}).Draw(t, "missed") +
			rapid.SampledFrom([]string{"", "interruptions: { clock: stops }\n", "interruptions: { restart after: 6 days }\n"}).Draw(t, "holds")
		text = strings.Replace(text, "frequency: weekly, course: 4 doses", rapid.SampledFrom([]string{
			"frequency: weekly, course: 4 doses", "frequency: mon and thu, course: 3 weeks", "frequency: every 36 hours, course: 5 doses",
			"frequency: weekly, course: 4 doses, starts: 1 week after induction", "frequency: every 4 days, course: 2 doses, repeat: 2, rest: 1 week", "frequency: every 4 days, course: 3 doses, starts: 3 days after dose 2 of induction",
			"frequency: daily, course: open-ended", "frequency: monthly, course: 2 doses",
		}).Draw(t, "maintenance"), 1)
		text = strings.Replace(text, "any 7 days: 300 mg", rapid.SampledFrom([]string{"any 7 days: 300 mg", "any 30 days: 4000 mg"}).Draw(t, "limit"), 1)
		o := course.Options{}
		if rapid.Bool().Draw(t, "closed days") {
			o.Base.Closed = calendar.Closed{Dates: map[civil.Date]string{}}
			for d := range 60 {
				if rapid.IntRange(0, 9).Draw(t, "shut") == 0 {
					o.Base.Closed.Dates[civil.MustDate("2026-03-02").AddDays(d)] = "closed"
				}
			}
		}
		plain, head := head, head
		if rapid.IntRange(0, 2).Draw(t, "alongside") == 0 {
			head += fmt.Sprintf("alongside:\n  - { protocol: { id: beside, version: 1.0.0, sha256: %s }, start: %v, tier: low }\n", zeros, civil.MustDate("2026-03-02").AddDays(rapid.IntRange(0, 60).Draw(t, "start beside")))
		}
		amended := func(entries ...string) string { return head + strings.TrimPrefix(amended(entries...), plain) }
		var entries []string
		file := head // as it grows by one amendment after the other
		before, found := replayRapid(t, text, amended(), o)
		if before == nil {
			t.Skip(found)
		}
		on := civil.MustDate("2026-03-02")
		for range rapid.IntRange(1, 12).Draw(t, "amendments") {
			on = on.AddDays(rapid.IntRange(0, 5).Draw(t, "later"))
			next := append(entries[:len(entries):len(entries)], drawEntry(t, on))
			after, _ := replayRapid(t, text, amended(next...), o)
			if after == nil {
				continue // refused, and left out
			}
			kept++
			samePast(t, before, after, on, next)
			keepsLimits(t, after)
			entries, before = next, after
			if len(after.Legs) > 1 {
				several++
			}
			file = appended(t, file, next[len(next)-1])
		}
		if entries == nil {
			return
		}
		// One by one or all at once: the same calendar.
		one, found := replayRapid(t, text, file, o)
		if one == nil {
			t.Fatal(found, file)
		}
		if a, b := strings.Join(lines(one), "\n"), strings.Join(lines(before), "\n"); a != b {
			t.Fatalf("one by one:\n%s\nall at once:\n%s", a, b)
		}
	})
	t.Logf("%d amendments were kept, %d in courses of several protocols", kept, several)
	if kept < 10 || several < 10 {
		t.Errorf("only %d amendments were kept, %d in courses of several protocols", kept, several)
	}
}

func replayRapid(t *rapid.T, protocolText, text string, o course.Options) (*course.Calendar, diag.List) {
	root, _ := source.Parse("course.yaml", []byte(text))
	c, found := course.Decode(root)
	if found.HasErrors() {
		t.Fatal(found, text)
	}
	return course.Replay(c, func(pin course.Pin) (*protocol.Protocol, diag.List) {
		return protocol.Decode("mine.yaml", []byte(protocolText), nil)
	}, o)
}

// samePast compares what two calendars hold before a day. The amendment may record what
// became of a dose, and a dose that was given on another day leaves its planned one.
func samePast(t *rapid.T, before, after *course.Calendar, on civil.Date, entries []string) {
	last := entries[len(entries)-1]
	past := func(c *course.Calendar) map[string]string {
		out := map[string]string{}
		for i := range c.Legs {
			s := c.Legs[i].Schedule
			for k := range s.Events {
				e := &s.Events[k]
				if e.Kind == schedule.CheckIn && e.Date.Before(on) && e.Status != schedule.Held && !strings.Contains(last, "given:") && !strings.Contains(last, "resume:") && (s.CheckIn(e).Name == "review" || !strings.Contains(last, "missed:")) { // those by a dose move with it
					if name := fmt.Sprintf("%s %d", s.CheckIn(e).Name, e.Number); !strings.Contains(last, name+",") {
						out[fmt.Sprintf("leg %d: %s", i, name)] = e.Date.String()
					}
				}
				if e.Kind != schedule.Dose || !e.Date.Before(on) || e.Status == schedule.Held {
					continue // what is held is given after the hold, if the clock stops
				}
				name := fmt.Sprintf("%s %d", s.PhaseName(e), e.Number)
				if strings.Contains(last, name+" ") || strings.Contains(last, name+",") {
					continue
				}
				status := e.Status.String()
				if e.Status == schedule.Provisional {
					status = "planned" // a gate may be passed late
				}
				out[fmt.Sprintf("leg %d: %s %v", i, name, e.Status == schedule.Missed)] = fmt.Sprintf("%v %v %v %s", e.Date, e.Clock, s.Dose(e).Amount, status)
			}
		}
		return out
	}
	a, b := past(before), past(after)
	for name, was := range a {
		if is := b[name]; is != was {
			t.Fatalf("%s was %q and is %q after\n%s", name, was, is, strings.Join(entries, ""))
		}
	}
	for name, is := range b {
		if _, ok := a[name]; !ok {
			t.Fatalf("%s is new in the past: %q\n%s", name, is, strings.Join(entries, ""))
		}
	}
}

// keepsLimits adds the doses up by themselves.
func keepsLimits(t *rapid.T, c *course.Calendar) {
	most := int64(300)
	if c.Legs[0].Schedule.Protocol.Medications[0].Limits.Rolling[0].Within.String() != "7 days" {
		most = 4000
	}
	var series []limit.Dose
	for i := range c.Legs {
		s := c.Legs[i].Schedule
		for k := range s.Events {
			e := &s.Events[k]
			if e.Kind == schedule.Dose && e.Status != schedule.Missed && e.Status != schedule.Held {
				mg, _ := s.Dose(e).Amount.Int()
				series = append(series, limit.Dose{At: e.At, Amount: int64(mg)})
			}
		}
	}
	slices.SortFunc(series, func(a, b limit.Dose) int { return cmp.Compare(a.At, b.At) })
	for k := range series {
		total := int64(0)
		for _, d := range series[:k+1] {
			if series[k].At-d.At < 7*86400 {
				total += d.Amount
			}
		}
		if series[k].Amount > 120 || total > most || k > 0 && series[k].At-series[k-1].At < 20*3600 {
			t.Fatalf("a limit is broken on %v: %v", series[k], strings.Join(lines(c), "\n"))
		}
	}
}

// appended appends an amendment to the text of a file, as doseplan does.
func appended(t *rapid.T, text, entry string) string {
	root, found := source.Parse("entry.yaml", []byte("amendments:\n"+entry))
	if found.HasErrors() {
		t.Fatal(found)
	}
	out, err := source.Append([]byte(text), "course.yaml", "amendments", root.Get("amendments").Items[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A hold and a resume with nothing between leave the rest as it was, or move it by the length
// of the hold, as the protocol says.
func TestHoldAndResume(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := civil.MustDate("2026-03-03").AddDays(rapid.IntRange(0, 30).Draw(t, "from"))
		days := rapid.IntRange(0, 10).Draw(t, "days")
		stops := rapid.Bool().Draw(t, "stops the clock")
		text := base
		if stops {
			text += "interruptions: { clock: stops }\n"
		}
		plain, _ := replayRapid(t, text, amended(), course.Options{})
		held, found := replayRapid(t, text, amended(entry(from.String(), "hold: "+from.String()), entry(from.String(), "resume: "+from.AddDays(days).String())), course.Options{})
		if held == nil {
			t.Fatal(found)
		}
		dates := func(c *course.Calendar) map[string]*schedule.Event {
			out := map[string]*schedule.Event{}
			s := c.Legs[0].Schedule
			for k := range s.Events {
				if e := &s.Events[k]; e.Kind == schedule.Dose {
					out[fmt.Sprintf("%s %d", s.PhaseName(e), e.Number)] = e
				}
			}
			return out
		}
		a, b := dates(plain), dates(held)
		if len(a) != len(b) {
			t.Fatalf("%d doses became %d", len(a), len(b))
		}
		for name, e := range a {
			want, status := e.Date, e.Status
			inside := !e.Date.Before(from) && e.Date.Before(from.AddDays(days))
			if stops && !e.Date.Before(from) {
				want = e.Date.AddDays(days)
			} else if inside {
				status = schedule.Held
			}
			if b[name].Date != want || b[name].Status != status {
				t.Fatalf("%s of %v is on %v, %v; want %v, %v", name, e.Date, b[name].Date, b[name].Status, want, status)
			}
		}
	})
}

const daily = `doseplan: 1
kind: protocol
id: mine
title: Mine
version: 1.0.0
status: template
model: low-dose
setting: home
medication: { name: examplamine }
routes: { oral: { round: 5 mg } }
phases: { daily: { dose: 10 mg, frequency: daily, course: open-ended } }
supply: { fill: 4 weeks, lead time: 1 week }
limits: { single dose: 40 mg }
`

// sends lists the fills of a calendar.
func sends(c *course.Calendar) string {
	var list []string
	s := c.Legs[0].Schedule
	for k := range s.Events {
		if e := &s.Events[k]; e.Kind == schedule.Supply {
			list = append(list, fmt.Sprintf("%v %d %v", e.Date, s.Fill(e).Doses, s.Fill(e).Total))
		}
	}
	return strings.Join(list, "; ")
}

// A course runs on past the twelve weeks to which a new one is shown: dose 200 is of
// 17 September (2 March and 199 days).
func TestLongCourse(t *testing.T) {
	cal, found := replay(t, daily, amended(entry("2026-09-17", "given: daily 1..200"), entry("2026-09-18", "dose: { daily: 20 mg }")), course.Options{})
	if cal == nil {
		t.Fatal(found)
	}
	has(t, cal, "2026-09-17 09:00 mine daily 200 10 mg taken", "2026-09-18 09:00 mine daily 201 20 mg planned", "2026-12-01 09:00")
	day := civil.MustDate("2027-03-01")
	if cal, _ = replay(t, daily, head, course.Options{AsOf: day}); len(course.StatusOf(cal, day).Due) != 1 {
		t.Error("nothing is due a year later")
	}
}

// What was sent stays as it was, and a raised dose uses it up sooner. Fill 1, sent on
// 23 February, is 28 doses of 10 mg, 280 mg. With 20 mg from 9 March on, 7 doses of 10 mg leave
// 210 mg, which are 10 doses of 20 mg: the 11th, of 19 March, needs fill 2, to be sent by 12 March.
// With 40 mg from 20 March on, fill 1 is used up on 20 March (18 × 10 mg leave 100 mg, which are
// two doses of 40 mg, to 21 March), and fill 2 cannot be sent before the day of the amendment.
func TestRaisedDosesUseUpTheirFill(t *testing.T) {
	for _, c := range []struct{ amendment, want string }{
		{entry("2026-03-09", "dose: { daily: 20 mg }"), "2026-02-23 28 280 mg; 2026-03-12 28 560 mg"},
		{entry("2026-03-20", "dose: { daily: 40 mg }"), "2026-02-23 28 280 mg; 2026-03-20 28 1120 mg"},
		{entry("2026-03-09", "missed: daily 3"), "2026-02-23 28 280 mg; 2026-03-24 28 280 mg"},
	} {
		cal, found := replay(t, daily, amended(c.amendment), course.Options{})
		if cal == nil {
			t.Fatal(found)
		}
		if got := sends(cal); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.amendment, got, c.want)
		}
	}
}

// A dose that a closed day moves to the day of a weight has the amount of that weight:
// 0.5 mg/kg of 60 kg, not of 80 kg. Later amendments leave it.
func TestMovedToAnotherWeight(t *testing.T) {
	o := course.Options{Base: schedule.Options{Closed: calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-08"): "closed"}}}}
	weight := entry("2026-03-09", "weight: 60 kg")
	for _, entries := range [][]string{{weight}, {weight, entry("2026-03-10", "weight: 100 kg")}, {weight, entry("2026-03-10", "given: induction 3"), entry("2026-03-10", "weight: 100 kg")}} {
		cal, found := replay(t, base, amended(entries...), o)
		if cal == nil {
			t.Fatal(found)
		}
		has(t, cal, "2026-03-05 09:00 mine induction 2 40 mg", "2026-03-09 09:00 mine induction 3 30 mg")
	}
}

// What happened is accepted whatever it breaks, and every calendar after it says so.
func TestGivenAgainstALimit(t *testing.T) {
	cal, found := replay(t, base, amended(entry("2026-03-05", "given: induction 2, amount: 130 mg")), course.Options{})
	if cal == nil {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-05 09:00 mine induction 2 130 mg taken")
	if !slices.ContainsFunc(found, func(d diag.Diagnostic) bool {
		return d.Code == diag.SingleDoseLimit && d.Severity == diag.Warning
	}) {
		t.Errorf("nothing says that the dose passes the limit: %v", found)
	}
}

// A dose by elapsed hours moves by whole days off a closed one, and has the weight of the day to
// which it moved; the next, 12 hours after it, makes room for the shortest interval.
func TestElapsedDosesMove(t *testing.T) {
	o := course.Options{Base: schedule.Options{Closed: calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-03"): "closed"}}}}
	text := strings.Replace(base, "[every 3 days, every 2 days]", "every 36 hours", 1)
	cal, found := replay(t, text, amended(entry("2026-03-02", "weight: 60 kg, from: 2026-03-04")), o)
	if cal == nil {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-04 21:00 mine induction 2 30 mg", "2026-03-06 09:00 mine induction 3 30 mg")
}

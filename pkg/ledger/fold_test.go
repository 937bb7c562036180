package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
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

var head = `doseplan: 1
kind: course
id: C-1
patient: { weight: 80 kg, time zone: America/New_York }
protocol: ` + pin("mine") + `
start: 2026-03-02
`

var zeros = strings.Repeat("0", 64)

func pin(id string) string {
	return "{ id: " + id + ", version: 1.0.0, sha256: " + zeros + " }"
}

// decode reads a course file.
func decode(t testing.TB, text string) *ledger.Course {
	t.Helper()
	root, found := source.Parse("course.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found, text)
	}
	c, found := course.Decode(root)
	if found.HasErrors() {
		t.Fatal(found, text)
	}
	return c
}

// source of the protocols of the tests: all have the text of one, under their own ids.
func sourceOf(text string) ledger.Source {
	return func(p ledger.Pin) (*protocol.Protocol, diag.List) {
		text := text
		if p.ID != "mine" {
			text = strings.Replace(text, "id: mine", "id: "+p.ID, 1)
		}
		if p.ID == "adjunct" {
			text = strings.Replace(text, "name: examplamine", "name: otheramine", 1)
		}
		if p.Version == "2.0.0" {
			text = strings.Replace(text, "low: 0.5 mg/kg", "low: 0.25 mg/kg", 1)
		}
		if p.Version == "3.0.0" {
			text = strings.ReplaceAll(text, "induction", "loading")
		}
		return protocol.Decode(p.ID+".yaml", []byte(text), nil)
	}
}

// fold computes a course over a protocol.
func fold(t testing.TB, protocolText, text string, o ledger.Options) (*ledger.Calendar, diag.List) {
	t.Helper()
	return ledger.Fold(decode(t, text), sourceOf(protocolText), o)
}

func written(entries ...string) string {
	if len(entries) == 0 {
		return head
	}
	return head + "ledger:\n" + strings.Join(entries, "")
}

func entry(on, body string) string {
	return "  - { on: " + on + ", by: Dr. Adams, " + body + " }\n"
}

// lines says what a calendar holds, one event a line.
func lines(c *ledger.Calendar) []string {
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

func has(t *testing.T, c *ledger.Calendar, want ...string) {
	t.Helper()
	text := strings.Join(lines(c), "\n")
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the calendar has no %q:\n%s", w, text)
		}
	}
}

const confirm1 = "check-in: review 1, decision: confirm"

// Calendars worked out by hand: 0.5 mg/kg of 80 kg is 40 mg; every 3 days from 2 March on is
// 2, 5, 8, 11, 14, 17 March; maintenance is weekly from 20 March on.
func TestFold(t *testing.T) {
	given := entry("2026-03-02", "given: induction 1") + entry("2026-03-05", "given: induction 2")
	for _, c := range []struct {
		name, rules string
		entries     []string
		want        []string
	}{
		{"nothing", "", nil, []string{"2026-03-17 09:00 mine induction 6 40 mg planned", "2026-03-20 09:00 mine maintenance 1 40 mg provisional"}},
		{"a weight: 0.5 mg/kg × 70.6 kg is 35.3 mg", "", []string{given, entry("2026-03-06", "weight: 70.6 kg")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg taken", "2026-03-08 09:00 mine induction 3 35 mg planned"}},
		{"a weight on the day of a dose that was given", "", []string{given, entry("2026-03-05", "weight: 70.6 kg")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg taken", "2026-03-08 09:00 mine induction 3 35 mg planned"}},
		{"a dose given early keeps its amount", "", []string{entry("2026-03-04", "given: induction 2"), entry("2026-03-05", "weight: 70.6 kg")},
			[]string{"2026-03-04 09:00 mine induction 2 40 mg taken", "2026-03-08 09:00 mine induction 3 35 mg planned"}},
		{"a step: 0.75 mg/kg × 80 kg", "", []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-09", confirm1)},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg", "2026-03-11 09:00 mine induction 4 60 mg", "review 1 taken"}},
		{"a step that is declined", "", []string{entry("2026-03-09", "check-in: review 1, decision: decline")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg planned"}},
		{"a lower tier", "", []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-09", confirm1), entry("2026-03-12", "tier: low")},
			[]string{"2026-03-11 09:00 mine induction 4 60 mg", "2026-03-14 09:00 mine induction 5 40 mg"}},
		{"a check-in does not cancel a reduction that is planned for later", "", []string{entry("2026-03-02", "given: induction 1"), "  - { on: 2026-03-14, entered: 2026-03-08, by: Dr. Adams, tier: low }\n", entry("2026-03-09", confirm1)},
			[]string{"2026-03-11 09:00 mine induction 4 60 mg", "2026-03-14 09:00 mine induction 5 40 mg", "2026-03-17 09:00 mine induction 6 40 mg"}},
		{"an amount", "", []string{entry("2026-03-06", "dose: { induction: 33 mg }")},
			[]string{"2026-03-08 09:00 mine induction 3 33 mg", "2026-03-20 09:00 mine maintenance 1 40 mg"}},
		{"a confirmed step after a lower amount goes back to the present tier", "", []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-06", "dose: { induction: 33 mg }"), entry("2026-03-09", confirm1)},
			[]string{"2026-03-08 09:00 mine induction 3 33 mg", "2026-03-11 09:00 mine induction 4 40 mg"}},
		{"a frequency counts from the next dose", "", []string{entry("2026-03-06", "frequency: { induction: every 2 days }")},
			[]string{"2026-03-08 09:00 mine induction 3", "2026-03-10 09:00 mine induction 4", "2026-03-12 09:00 mine induction 5", "2026-03-14 09:00 mine induction 6", "2026-03-16 09:00 mine maintenance 1"}},
		{"given otherwise", "", []string{entry("2026-03-09", "given: induction 3, at: 10:30, amount: 35 mg")},
			[]string{"2026-03-09 10:30 mine induction 3 35 mg taken", "2026-03-11 09:00 mine induction 4 40 mg"}},
		{"a dose beside the plan", "", []string{entry("2026-03-04", "given: induction, at: 10:30, amount: 35 mg")},
			[]string{"2026-03-04 10:30 mine induction 0 35 mg taken", "2026-03-05 09:00 mine induction 2 40 mg planned"}},
		{"missed without a rule", "", []string{entry("2026-03-05", "missed: induction 2")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg missed", "2026-03-08 09:00 mine induction 3 40 mg planned"}},
		{"missed, and the rest moves", "missed doses: { then: shift }\n", []string{entry("2026-03-05", "missed: induction 2")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg missed", "2026-03-06 09:00 mine induction 2 40 mg planned", "2026-03-09 09:00 mine induction 3", "2026-03-18 09:00 mine induction 6", "2026-03-21 09:00 mine maintenance 1"}},
		{"missed, and the rest moves to a day that is named", "missed doses: { then: shift }\n", []string{entry("2026-03-05", "missed: induction 2, again: 2026-03-07"), entry("2026-03-07", "given: induction 2")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg missed", "2026-03-07 09:00 mine induction 2 40 mg taken", "2026-03-10 09:00 mine induction 3"}},
		{"missed, and one more at the end", "missed doses: { then: extend }\n", []string{entry("2026-03-05", "missed: induction 2")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg missed", "2026-03-17 09:00 mine induction 6", "2026-03-20 09:00 mine induction 7", "2026-03-23 09:00 mine maintenance 1"}},
		{"skipped", "", []string{entry("2026-03-06", "skip: induction 3")}, []string{"2026-03-08 09:00 mine induction 3 40 mg held", "2026-03-11 09:00 mine induction 4 40 mg planned"}},
		{"a hold that keeps the clock", "", []string{entry("2026-03-07", "hold: doses"), entry("2026-03-12", "resume: doses")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg held", "2026-03-11 09:00 mine induction 4 40 mg held", "2026-03-14 09:00 mine induction 5 40 mg planned"}},
		{"a hold that stops the clock", "interruptions: { clock: stops }\n", []string{entry("2026-03-07", "hold: doses"), entry("2026-03-12", "resume: doses")},
			[]string{"2026-03-05 09:00 mine induction 2", "2026-03-13 09:00 mine induction 3 40 mg planned", "2026-03-16 09:00 mine induction 4"}},
		{"an open hold", "", []string{entry("2026-03-07", "hold: doses")}, []string{"2026-03-14 09:00 mine induction 5 40 mg held"}},
		{"a hold that is written down late", "", []string{"  - { on: 2026-03-07, entered: 2026-03-09, by: Dr. Adams, hold: doses }\n"}, []string{"2026-03-08 09:00 mine induction 3 40 mg held"}},
		{"a hold after which the course starts again", "interruptions: { clock: stops, restart after: 2 weeks }\n", []string{entry("2026-03-07", "hold: doses"), entry("2026-03-25", "resume: doses")},
			[]string{"2026-03-05 09:00 mine induction 2", "2026-03-25 09:00 mine induction 1 40 mg planned"}},
		{"the gate of maintenance", "", []string{entry("2026-03-17", "check-in: response 1, decision: confirm")}, []string{"2026-03-20 09:00 mine maintenance 1 40 mg planned"}},
		{"the gate declined", "", []string{entry("2026-03-17", "check-in: response 1, decision: decline")}, []string{"2026-03-20 09:00 mine maintenance 1 40 mg held"}},
		{"a switch", "", []string{entry("2026-03-17", "check-in: response 1, decision: confirm"), entry("2026-03-25", "switch: { protocol: "+pin("other")+", tier: mid, frequency: { induction: every 2 days } }, after: response 1")},
			[]string{"2026-03-20 09:00 mine maintenance 1", "2026-03-25 09:00 other induction 1 60 mg", "2026-03-27 09:00 other induction 2"}},
		{"what is written down of the time before a switch is of the first protocol", "", []string{
			entry("2026-03-20", "switch: { protocol: "+pin("other")+", tier: low }"),
			entry("2026-03-14", "given: induction 5, amount: 35 mg"), entry("2026-03-14", "weight: 90 kg"), entry("2026-03-20", "given: induction 1")},
			[]string{"2026-03-14 09:00 mine induction 5 35 mg taken", "2026-03-17 09:00 mine induction 6 45 mg planned", "2026-03-20 09:00 other induction 1 45 mg taken"}},
		{"what happened before a stop is written down after it", "", []string{entry("2026-03-12", "stop: course"), entry("2026-03-11", "given: induction 4")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg taken"}},
		{"a dose that is given in a hold", "", []string{entry("2026-03-07", "hold: doses"), entry("2026-03-08", "given: induction 3")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg taken", "2026-03-11 09:00 mine induction 4 40 mg held"}},
		{"a dose too large that was given all the same", "", []string{entry("2026-03-05", "given: induction 2, amount: 130 mg")},
			[]string{"2026-03-05 09:00 mine induction 2 130 mg taken", "2026-03-08 09:00 mine induction 3 40 mg planned"}},
		{"a dose given past its gate", "", []string{entry("2026-03-20", "given: maintenance 1")},
			[]string{"2026-03-20 09:00 mine maintenance 1 40 mg taken", "2026-03-27 09:00 mine maintenance 2 40 mg provisional"}},
		{"held by a limit: 250 mg given on 5 March leave no 40 mg of 300 mg for 8 March, with the 40 mg of 2 March", "", []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-05", "given: induction 2, amount: 250 mg")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg held", "2026-03-11 09:00 mine induction 4 40 mg planned"}},
		{"re-induction: nothing from 5 March, dose 2, to the 17th, dose 6", "interruptions: { restart after: 10 days }\n", []string{entry("2026-03-08", "missed: induction 3"), entry("2026-03-11", "missed: induction 4"), entry("2026-03-14", "missed: induction 5")},
			[]string{"2026-03-14 09:00 mine induction 5 40 mg missed", "2026-03-17 09:00 mine induction 1 40 mg planned", "2026-04-01 09:00 mine induction 6"}},
		{"no re-induction: from 8 March, dose 3, to the 17th are 9 days", "interruptions: { restart after: 10 days }\n", []string{entry("2026-03-11", "missed: induction 4"), entry("2026-03-14", "missed: induction 5")},
			[]string{"2026-03-17 09:00 mine induction 6 40 mg planned"}},
		{"a taper of two weeks from 12 March on, with which the first protocol ends", "", []string{"  - { on: 2026-03-26, entered: 2026-03-12, by: Dr. Adams, switch: { protocol: " + pin("other") + ", tier: low }, taper: { every: 1 week, doses: [30 mg, 20 mg] } }\n"},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg", "2026-03-14 09:00 mine induction 5 30 mg", "2026-03-17 09:00 mine induction 6 30 mg", "2026-03-20 09:00 mine maintenance 1 20 mg", "2026-03-26 09:00 other induction 1 40 mg"}},
		{"a switch with a gap", "", []string{entry("2026-03-25", "switch: { protocol: "+pin("other")+", tier: low }, last day: 2026-03-15")},
			[]string{"2026-03-14 09:00 mine induction 5 40 mg planned\n2026-03-25 09:00 other induction 1 40 mg"}},
		{"a switch with an overlap", "", []string{entry("2026-03-16", "switch: { protocol: "+pin("other")+", tier: low }, last day: 2026-03-17")},
			[]string{"2026-03-17 09:00 mine induction 6 40 mg planned", "2026-03-16 09:00 other induction 1 40 mg"}},
		{"a stop with a taper", "", []string{"  - { on: 2026-03-25, entered: 2026-03-09, by: Dr. Adams, stop: course, taper: { every: 1 week, doses: [30 mg, 20 mg] } }\n"},
			[]string{"2026-03-14 09:00 mine induction 5 30 mg", "2026-03-17 09:00 mine induction 6 20 mg", "2026-03-20 09:00 mine maintenance 1 20 mg"}},
		{"a medicine is added", "", []string{entry("2026-03-15", "add: { protocol: "+pin("adjunct")+", tier: low }"), entry("2026-03-15", "of: adjunct, given: induction 1"), entry("2026-03-17", "of: mine, given: induction 6")},
			[]string{"2026-03-17 09:00 mine induction 6 40 mg taken", "2026-03-15 09:00 adjunct induction 1 40 mg taken"}},
		{"one of several ends", "", []string{entry("2026-03-15", "add: { protocol: "+pin("adjunct")+", tier: low }"), entry("2026-03-21", "stop: adjunct")},
			[]string{"2026-03-18 09:00 adjunct induction 2 40 mg planned", "2026-04-10 09:00 mine maintenance 4 40 mg provisional"}},
		{"a stop, and a restart", "", []string{entry("2026-03-10", "stop: course"), entry("2026-05-04", "restart: mine")}, []string{"2026-03-08 09:00 mine induction 3 40 mg planned", "2026-05-04 09:00 mine induction 1 40 mg planned"}},
		{"a start that is postponed", "", []string{entry("2026-03-01", "start: 2026-03-09")}, []string{"2026-03-09 09:00 mine induction 1 40 mg planned", "2026-03-12 09:00 mine induction 2"}},
		{"a dose that is moved", "", []string{entry("2026-03-04", "move: induction 3, to: 2026-03-09, at: 14:00")}, []string{"2026-03-09 14:00 mine induction 3 40 mg planned", "2026-03-11 09:00 mine induction 4"}},
		{"a check-in that is moved, and what it confirms then", "", []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-04", "move: review 1, to: 2026-03-08, at: 15:00"), entry("2026-03-08", confirm1)},
			[]string{"2026-03-08 15:00 mine review 1 taken", "2026-03-08 09:00 mine induction 3 40 mg planned", "2026-03-11 09:00 mine induction 4 60 mg"}},
		{"other times from 8 March on: 09:00 on the 5th, 20:00 on the 8th", "", []string{entry("2026-03-06", "times: { induction: 20:00 }")},
			[]string{"2026-03-05 09:00 mine induction 2", "2026-03-08 20:00 mine induction 3", "2026-03-17 20:00 mine induction 6", "2026-03-20 20:00 mine maintenance 1"}}, // which has no time of its own
		{"other times stay when the frequency changes", "", []string{entry("2026-03-06", "times: { induction: 20:00 }"), entry("2026-03-09", "frequency: { induction: every 2 days }")},
			[]string{"2026-03-08 20:00 mine induction 3", "2026-03-11 20:00 mine induction 4", "2026-03-13 20:00 mine induction 5"}},
		{"a tier lowers a dose that was set higher", "", []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-09", confirm1), entry("2026-03-10", "dose: { induction: 55 mg }"), entry("2026-03-12", "tier: low")},
			[]string{"2026-03-11 09:00 mine induction 4 55 mg", "2026-03-14 09:00 mine induction 5 40 mg"}},
		{"and raises none that was set lower, where steps wait for a check-in", "", []string{entry("2026-03-06", "dose: { induction: 33 mg }"), entry("2026-03-09", "tier: low")},
			[]string{"2026-03-08 09:00 mine induction 3 33 mg", "2026-03-11 09:00 mine induction 4 33 mg", "maintenance 1 40 mg"}},
		{"a dose that was set falls with the weight: 0.5 mg/kg × 60 kg", "", []string{entry("2026-03-06", "dose: { induction: 39 mg }"), entry("2026-03-09", "weight: 79 kg"), entry("2026-03-12", "weight: 60 kg")},
			[]string{"2026-03-08 09:00 mine induction 3 39 mg", "2026-03-11 09:00 mine induction 4 39 mg", "2026-03-14 09:00 mine induction 5 30 mg"}},
		{"a weight of some days before the start", "", []string{"  - { on: 2026-02-27, entered: 2026-02-27, by: A, weight: 60 kg }\n"}, []string{"2026-03-02 09:00 mine induction 1 30 mg planned"}},
		{"a miss stays where a stop leaves it behind", "", []string{given, entry("2026-03-08", "missed: induction 3"), "  - { on: 2026-03-08, entered: 2026-03-09, by: A, stop: course }\n"},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg missed"}},
		{"and is not moved by an absence", "", []string{given, entry("2026-03-08", "missed: induction 3"), "  - { on: 2026-03-09, entered: 2026-03-09, by: A, away: 2026-03-08..2026-03-08 }\n"},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg missed"}},
		{"a start that is postponed after a miss plans the dose again", "", []string{entry("2026-03-02", "missed: induction 1"), entry("2026-03-02", "start: 2026-03-09")},
			[]string{"2026-03-02 09:00 mine induction 1 40 mg missed", "2026-03-09 09:00 mine induction 1 40 mg planned", "2026-03-12 09:00 mine induction 2"}},
		{"a hold of one of two, and of the other", "", []string{entry("2026-03-03", "add: { protocol: "+pin("adjunct")+", tier: low }"), entry("2026-03-04", "of: adjunct, hold: doses"), entry("2026-03-07", "of: mine, hold: doses"), entry("2026-03-10", "of: mine, resume: doses")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg held", "2026-03-11 09:00 mine induction 4 40 mg planned", "2026-03-06 09:00 adjunct induction 2 40 mg held", "2026-03-12 09:00 adjunct induction 4 40 mg held"}},
		{"one of two that are held together is resumed", "", []string{entry("2026-03-03", "add: { protocol: "+pin("adjunct")+", tier: low }"), entry("2026-03-04", "hold: doses"), entry("2026-03-07", "of: mine, resume: doses")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg held", "2026-03-08 09:00 mine induction 3 40 mg planned", "2026-03-09 09:00 adjunct induction 3 40 mg held"}},
		{"an entry that replaces another stands in its place", "", []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-09", confirm1), entry("2026-03-11", "given: induction 4"), entry("2026-03-16", "check-in: review 2, decision: confirm"),
			"  - { on: 2026-03-09, entered: 2026-03-17, replaces: 2, by: A, check-in: review 1, decision: confirm, results: { MADRS: '20' } }\n"},
			[]string{"2026-03-11 09:00 mine induction 4 60 mg taken", "2026-03-17 09:00 mine induction 6 80 mg"}},
		{"a later finding outweighs an earlier no", "contraindications: { absolute: [pregnancy] }\n", []string{entry("2026-03-03", "resolved: pregnancy"), entry("2026-03-06", "found: pregnant")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg planned", "2026-03-08 09:00 mine induction 3 40 mg held"}},
		{"and is answered by a later no", "contraindications: { absolute: [pregnancy] }\n", []string{entry("2026-03-03", "resolved: pregnancy"), entry("2026-03-06", "found: pregnant"), entry("2026-03-10", "resolved: pregnancy")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg held", "2026-03-11 09:00 mine induction 4 40 mg planned"}},
		{"a restart at maintenance, which the response had confirmed", "", []string{entry("2026-03-17", "check-in: response 1, decision: confirm"), entry("2026-03-25", "stop: course"), entry("2026-06-01", "restart: mine, from phase: maintenance")},
			[]string{"2026-03-20 09:00 mine maintenance 1 40 mg planned\n2026-03-23 09:00 mine review 3 planned\n2026-06-01 09:00 mine maintenance 1 40 mg planned", "2026-06-22 09:00 mine maintenance 4 40 mg planned"}},
		{"away: 8 March goes to the 9th", "", []string{entry("2026-03-04", "away: 2026-03-08..2026-03-08")}, []string{"2026-03-09 09:00 mine induction 3 40 mg planned", "2026-03-11 09:00 mine induction 4"}},
		{"a new version changes no dose that was given", "", []string{given, entry("2026-03-06", "protocol: { id: mine, version: 2.0.0, sha256: "+zeros+" }")},
			[]string{"2026-03-02 09:00 mine induction 1 40 mg taken", "2026-03-05 09:00 mine induction 2 40 mg taken", "2026-03-08 09:00 mine induction 3 20 mg planned"}},
		{"struck", "", []string{entry("2026-03-06", "weight: 70.6 kg"), entry("2026-03-06", "why: another patient, strike: 1")}, []string{"2026-03-08 09:00 mine induction 3 40 mg planned"}},
		{"replaced", "", []string{entry("2026-03-06", "weight: 72 lb"), entry("2026-03-06", "replaces: 1, weight: 72 kg")}, []string{"2026-03-08 09:00 mine induction 3 36 mg planned"}},
		{"a weight outside the population holds the doses", "", []string{entry("2026-03-06", "weight: 72 lb")}, []string{"2026-03-05 09:00 mine induction 2 40 mg planned", "2026-03-08 09:00 mine induction 3 40 mg held"}},
		{"and one inside it lets them be given again", "", []string{entry("2026-03-06", "weight: 300 kg"), entry("2026-03-10", "weight: 90 kg")}, []string{"2026-03-08 09:00 mine induction 3 40 mg held", "2026-03-11 09:00 mine induction 4 45 mg planned"}},
		{"a condition for which the protocol refuses", "contraindications: { absolute: [pregnancy] }\n", []string{entry("2026-03-06", "found: pregnancy"), entry("2026-03-12", "resolved: pregnancy")},
			[]string{"2026-03-05 09:00 mine induction 2 40 mg planned", "2026-03-08 09:00 mine induction 3 40 mg held", "2026-03-14 09:00 mine induction 5 40 mg planned"}},
		{"a wrong year changes nothing, and locks nothing", "", []string{entry("2062-03-06", "tier: low"), entry("2026-03-02", "given: induction 1")}, []string{"2026-03-02 09:00 mine induction 1 40 mg taken"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cal, found := fold(t, base+c.rules, written(c.entries...), ledger.Options{})
			if cal == nil {
				t.Fatal(found)
			}
			has(t, cal, c.want...)
			for i := range found {
				if found[i].Code == diag.BadEntry && c.name != "a wrong year changes nothing, and locks nothing" {
					t.Error(found[i])
				}
			}
			if strings.HasPrefix(c.name, "a stop") && strings.Contains(strings.Join(lines(cal), "\n"), "2026-03-26 09:00 mine") {
				t.Error("something is planned after the stop")
			}
			if c.name == "one of several ends" && strings.Contains(strings.Join(lines(cal), "\n"), "adjunct induction 3") {
				t.Error("it goes on")
			}
			if c.name == "a switch" && strings.Contains(strings.Join(lines(cal), "\n"), "2026-03-27 09:00 mine") {
				t.Error("the first protocol goes on after the switch")
			}
		})
	}
}

// Entries that cannot be carried out have no effect, and a finding names them and says why.
func TestWithoutEffect(t *testing.T) {
	next := "switch: { protocol: " + pin("other") + ", tier: low }"
	for _, c := range []struct {
		want    string
		entries []string
	}{
		{"no tier “huge”", []string{entry("2026-03-09", "tier: huge")}},
		{"wait for a check-in", []string{entry("2026-03-09", "tier: high")}},
		{"would rise from 40 mg to 41 mg", []string{entry("2026-03-09", "dose: { induction: 41 mg }")}},
		{"more than the protocol gives", []string{entry("2026-03-09", "dose: { induction: 121 mg }")}},
		{"cannot be dispensed", []string{entry("2026-03-09", "dose: { induction: 33.5 mg }")}},
		{"cannot be in mL", []string{entry("2026-03-09", "dose: { induction: 3 mL }")}},
		{"no phase “taper”", []string{entry("2026-03-09", "dose: { taper: 33 mg }")}},
		{"not given by the route", []string{entry("2026-03-09", "route: oral")}},
		{"does not offer the frequency", []string{entry("2026-03-09", "frequency: { induction: daily }")}},
		{"no dose induction 9", []string{entry("2026-03-09", "missed: induction 9")}},
		{"recorded already", []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-02", "missed: induction 1")}},
		{"had not been missed", []string{entry("2026-03-03", "missed: induction 4")}},
		{"a later step of “induction” is confirmed", []string{entry("2026-03-11", "given: induction 4"), entry("2026-03-16", "check-in: review 2, decision: confirm"), "  - { on: 2026-03-09, entered: 2026-03-17, by: A, check-in: review 1, decision: confirm }\n"}},
		{"held already", []string{entry("2026-03-07", "hold: doses"), entry("2026-03-08", "of: mine, hold: doses")}},
		{"recorded already", []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-02", "given: induction 1")}},
		{"had not happened", []string{"  - { on: 2026-03-11, entered: 2026-03-09, by: Dr. Adams, given: induction 4 }\n"}},
		{"lies years ahead", []string{"  - { on: 2062-03-11, entered: 2026-03-09, by: Dr. Adams, stop: course }\n"}},
		{"cannot be in mL", []string{entry("2026-03-05", "given: induction 2, amount: 3 mL")}},
		{"held already", []string{entry("2026-03-07", "hold: doses"), entry("2026-03-08", "hold: doses")}},
		{"no doses are held", []string{entry("2026-03-07", "resume: doses")}},
		{"a check-in “reviews”", []string{entry("2026-03-09", "check-in: reviews 1")}},
		{"no decision is stated", []string{entry("2026-03-17", "check-in: response 1")}},
		{"recorded already", []string{entry("2026-03-09", "check-in: review 1, decision: decline"), entry("2026-03-09", confirm1)}},
		{"may be held from 2026-03-08 on", []string{entry("2026-03-03", confirm1)}},
		{"may be held from 2026-03-15 on", []string{entry("2026-03-09", confirm1), entry("2026-03-09", "check-in: review 2, decision: confirm")}},
		{"decides in its place", []string{entry("2026-03-16", confirm1)}},
		{"decides nothing", []string{entry("2026-03-09", "check-in: review, decision: confirm")}},
		{"which is not recorded", []string{entry("2026-03-25", next+", after: response 1")}},
		{"would break a limit", []string{entry("2026-03-17", next+", last day: 2026-03-17")}},
		{"follows mine already", []string{entry("2026-03-17", "switch: { protocol: "+pin("mine")+", tier: high }")}},
		{"above the present one", []string{entry("2026-03-17", "restart: mine, with tier: high")}},
		{"no protocol “nobody”", []string{entry("2026-03-17", "restart: nobody")}},
		{"no protocol of that name", []string{entry("2026-03-17", "stop: nobody")}},
		{"follows no protocol", []string{entry("2026-03-17", "of: nobody, tier: low")}},
		{"may be moved from 2026-03-08 to 2026-03-09", []string{entry("2026-03-07", "move: induction 3, to: 2026-03-12")}},
		{"may be moved from 2026-03-08 to 2026-03-10", []string{entry("2026-03-07", "move: review 1, to: 2026-03-11")}},
		{"may be moved from 2026-03-17 to 2026-03-17", []string{entry("2026-03-08", "move: response 1, to: 2026-03-20")}},
		{"has no check-in review 99", []string{entry("2026-03-07", "move: review 99, to: 2026-03-11")}},
		{"the times are 08:00 and 20:00", []string{entry("2026-03-07", "times: { induction: 08:00 and 20:00 }")}},
		{"no phase “taper”", []string{entry("2026-03-07", "times: { taper: 08:00 }")}},
		{"did not confirm it", []string{entry("2026-03-25", "restart: mine, from phase: maintenance")}},
		{"has no phase “taper”", []string{entry("2026-03-25", "restart: mine, from phase: taper")}},
		{"can no longer be moved", []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-02", "start: 2026-03-09")}},
		{"with the stop there are none from", []string{"  - { on: 2026-03-20, entered: 2026-03-19, by: Dr. Adams, stop: course, taper: { every: 1 week, doses: [30 mg, 20 mg] } }\n"}},
		{"cannot be dispensed", []string{"  - { on: 2026-03-25, entered: 2026-03-09, by: Dr. Adams, stop: course, taper: { every: 1 week, doses: [30.5 mg, 20 mg] } }\n"}},
		{"no fill 1", []string{entry("2026-03-09", "lost: 1")}},
		{"no fill 1", []string{entry("2026-03-09", "sent: 1")}},
	} {
		text := written(c.entries...)
		cal, found := fold(t, base, text, ledger.Options{})
		if cal == nil {
			t.Errorf("%v: the course is locked: %v", c.entries, found)
			continue
		}
		if i := slices.IndexFunc(found, func(d diag.Diagnostic) bool {
			return d.Code == diag.BadEntry && d.Entry == len(c.entries) && strings.Contains(d.Message+d.Help, c.want)
		}); i < 0 {
			t.Errorf("%v: found %v, want %q", c.entries, found, c.want)
		}
		if facts := strings.Contains(c.want, "decides in") || strings.Contains(c.want, "decision") || strings.Contains(c.want, "decides nothing") || strings.Contains(c.want, "held from") || strings.Contains(c.want, "later step"); facts {
			continue // the check-in is shown as held, and decides nothing
		}
		without, _ := fold(t, base, written(c.entries[:len(c.entries)-1]...), ledger.Options{})
		if a, b := strings.Join(lines(cal), "\n"), strings.Join(lines(without), "\n"); a != b && !strings.HasPrefix(b, a) && !strings.HasPrefix(a, b) {
			t.Errorf("%v: it had an effect:\n%s\nwithout it:\n%s", c.entries, a, b)
		}
	}
}

// Other times that bring two doses too near, and a check-in behind what it decides about.
func TestTimesKeepTheRules(t *testing.T) {
	for _, c := range []struct{ rules, entries, want string }{
		{strings.Replace(daily, "single dose: 40 mg", "single dose: 40 mg, interval: 20 h", 1), entry("2026-03-05", "times: { daily: 20:00 }") + entry("2026-03-08", "times: { daily: 08:00 }"), "would break a limit"},
		{strings.Replace(base, "mode: in person,", "mode: in person, window: +5 days,", 1), entry("2026-03-08", "move: response 1, to: 2026-03-19") + entry("2026-03-08", "move: response 1, to: 2026-03-20, at: 09:00"), "would come after it"},
	} {
		_, found := fold(t, c.rules, written(c.entries), ledger.Options{})
		if len(found) != 1 || found[0].Entry != 2 || !strings.Contains(found[0].Message, c.want) {
			t.Errorf("found %v, want %q of entry 2", found, c.want)
		}
	}
}

// What looks like a slip, or went against the protocol, is taken in, and said.
func TestSaid(t *testing.T) {
	for _, c := range []struct {
		want    string
		entries []string
	}{
		{"differs by more than a fifth", []string{entry("2026-03-06", "weight: 110 kg")}},
		{"doses of mine are held from 2026-03-06 on", []string{entry("2026-03-06", "weight: 300 kg")}},
		{"35 mcg is written down as given on 2026-03-02, and 40 mg was planned", []string{entry("2026-03-02", "given: induction 1, amount: 35 mcg")}},
		{"61 mg is written down as given on 2026-03-02, and at most 40 mg was planned", []string{entry("2026-03-02", "given: induction 1, amount: 61 mg")}},
		{"what was given passes a limit", []string{entry("2026-03-05", "given: induction 2, amount: 130 mg")}},
		{"held, since a limit would be broken", []string{entry("2026-03-07", "given: induction, at: 20:00, amount: 40 mg")}},
		{"waits for the check-in “response”", []string{entry("2026-03-20", "given: maintenance 1")}},
		{"no dose of “induction” is recorded", []string{entry("2026-03-20", "given: maintenance 1")}},
		{"before the start of its protocol", []string{entry("2026-03-01", "given: induction 1")}},
	} {
		cal, found := fold(t, base, written(c.entries...), ledger.Options{})
		if cal == nil {
			t.Fatal(found)
		}
		if text := cal.Legs[len(cal.Legs)-1].Schedule.Findings.Error(); !strings.Contains(text, c.want) {
			t.Errorf("%v: found %s, want %q", c.entries, text, c.want)
		}
	}
}

// A medicine is the same under another case, and under another name with the same code.
func TestOneMedicineUnderTwoNames(t *testing.T) {
	coded := strings.Replace(base, "name: examplamine", "name: examplamine, rxnorm: \"1\"", 1)
	for other, same := range map[string]bool{"name: Examplamine": true, "name: brandamine, rxnorm: \"1\"": true, "name: brandamine, rxnorm: \"2\"": false} {
		c := decode(t, head+"alongside:\n  - { protocol: "+pin("other")+", start: 2026-03-02, tier: low }\n")
		cal, found := ledger.Fold(c, func(p ledger.Pin) (*protocol.Protocol, diag.List) {
			if p.ID == "mine" {
				return protocol.Decode("mine.yaml", []byte(coded), nil)
			}
			return protocol.Decode("other.yaml", []byte(strings.NewReplacer("id: mine", "id: other", "name: examplamine", other).Replace(base)), nil)
		}, ledger.Options{})
		if cal == nil {
			t.Fatal(found)
		}
		held := strings.Contains(strings.Join(lines(cal), "\n"), "2026-03-02 09:00 mine induction 1 40 mg held")
		if held != same {
			t.Errorf("%s: held is %v", other, held)
		}
	}
}

// The titration of oral ketamine by a fixed increase goes one step at a time, of 25 mg, and a
// review that was not held raises nothing.
func TestOneConfirmationIsOneStep(t *testing.T) {
	const rising = `doseplan: 1
kind: protocol
id: mine
title: Mine
version: 1.0.0
status: template
model: intensive
setting: clinic
medication: { name: examplamine }
routes: { oral: { round: 25 mg } }
phases: { course: { frequency: daily, course: 8 weeks, titration: { start: 50 mg, increase: %s, to: 300 mg, confirmed at: review } } }
check-ins: { review: { every: 1 week, window: ±1 day, mode: phone } }
limits: { single dose: 300 mg }
`
	fixed, ranged := fmt.Sprintf(rising, "25 mg"), fmt.Sprintf(rising, "25..50 mg")
	for _, c := range []struct {
		text    string
		entries []string
		want    string
	}{
		{fixed, []string{entry("2026-03-09", confirm1)}, "2026-03-10 09:00 mine course 9 50 mg planned"}, // of which no dose is recorded
		{fixed, []string{entry("2026-03-02", "given: course 1"), entry("2026-03-09", confirm1)}, "2026-03-10 09:00 mine course 9 75 mg planned"},
		{fixed, []string{entry("2026-03-02", "given: course 1"), entry("2026-03-09", confirm1), entry("2026-03-10", "given: course 9"), entry("2026-03-16", "check-in: review 2, decision: confirm")}, "2026-03-17 09:00 mine course 16 100 mg planned"},
		{fixed, []string{entry("2026-03-02", "given: course 1"), entry("2026-03-09", confirm1), entry("2026-03-16", "check-in: review 2, decision: confirm")}, "2026-03-17 09:00 mine course 16 75 mg planned"},
		{fixed, []string{entry("2026-03-02", "given: course 1"), entry("2026-03-09", confirm1), entry("2026-03-11", "given: course 10"), entry("2026-03-23", "check-in: review 3, decision: confirm")}, "2026-03-24 09:00 mine course 23 100 mg planned"},
		{fixed, []string{entry("2026-03-02", "given: course 1"), entry("2026-03-09", confirm1), entry("2026-03-11", "given: course 10"), entry("2026-03-16", "check-in: review 2, decision: confirm"), entry("2026-03-17", "dose: { course: 25 mg }"), entry("2026-03-18", "given: course 17"), entry("2026-03-23", "check-in: review 3, decision: confirm")}, "2026-03-24 09:00 mine course 23 50 mg planned"},
		{ranged, []string{entry("2026-03-02", "given: course 1"), entry("2026-03-09", confirm1+", amount: 100 mg")}, "2026-03-10 09:00 mine course 9 100 mg planned"},
		{ranged, []string{entry("2026-03-02", "given: course 1"), entry("2026-03-09", confirm1+", amount: 300 mg")}, "2026-03-10 09:00 mine course 9 50 mg planned"},
		{ranged, []string{entry("2026-03-02", "given: course 1"), entry("2026-03-09", confirm1+", amount: 25 mg")}, "2026-03-10 09:00 mine course 9 50 mg planned"},
		{ranged, []string{entry("2026-03-02", "given: course 1"), entry("2026-03-09", confirm1)}, "2026-03-10 09:00 mine course 9 50 mg planned"},
	} {
		cal, found := fold(t, c.text, written(c.entries...), ledger.Options{})
		if cal == nil {
			t.Fatal(found)
		}
		has(t, cal, c.want)
	}
}

// A reassessment lets doses be given until the next is due, and no longer.
func TestReassessedOnce(t *testing.T) {
	text := strings.Replace(daily, "limits: {", "limits: { reassess: every 4 weeks,", 1)
	cal, found := fold(t, text, written(entry("2026-03-30", "check-in: reassessment 1, decision: confirm")), ledger.Options{})
	if cal == nil {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-29 09:00 mine daily 28 10 mg planned", "2026-04-26 09:00 mine daily 56 10 mg planned", "2026-04-27 09:00 mine daily 57 10 mg provisional")
}

// As of a day, only what was written down by then counts.
func TestAsOf(t *testing.T) {
	text := written("  - { on: 2026-03-02, entered: 2026-03-06, by: Dr. Adams, given: induction 1 }\n", "  - { on: 2026-03-03, entered: 2026-03-08, by: Dr. Adams, strike: 1 }\n")
	for day, want := range map[string]string{"2026-03-05": "planned", "2026-03-06": "taken", "2026-03-08": "planned"} {
		cal, found := fold(t, base, text, ledger.Options{AsOf: civil.MustDate(day)})
		if cal == nil {
			t.Fatal(found)
		}
		has(t, cal, "2026-03-02 09:00 mine induction 1 40 mg "+want)
	}
}

func TestStatus(t *testing.T) {
	text := written(entry("2026-03-02", "given: induction 1"), entry("2026-03-05", "missed: induction 2"), entry("2026-03-08", "skip: induction 3"))
	day := civil.MustDate("2026-03-14")
	cal, found := fold(t, base, text, ledger.Options{AsOf: day})
	if cal == nil {
		t.Fatal(found)
	}
	s := ledger.StatusOf(cal, day)
	if s.Given != 1 || s.Missed != 1 || s.Held != 0 || s.LeftOut != 1 || len(s.Due) != 1 || len(s.Overdue) != 2 || s.Next == nil || s.NextMeet == nil || len(s.Waiting) != 1 {
		t.Errorf("%+v", s)
	}
	// Given: 1. Missed: 1. Not recorded: dose 4 of 11 March. The skipped one does not count.
	if percent, ok := s.Adherence(); !ok || percent != 33 {
		t.Errorf("adherence is %d %%", percent)
	}
}

// An open hold is said from its first day on, and a closed one until its last.
func TestOnHold(t *testing.T) {
	open := written("  - { on: 2026-03-07, entered: 2026-03-06, by: A, hold: doses }\n")
	closed := written("  - { on: 2026-03-07, entered: 2026-03-06, by: A, hold: doses }\n", entry("2026-03-12", "resume: doses"))
	for _, c := range []struct {
		text, day string
		want      bool
	}{{open, "2026-03-06", false}, {open, "2026-03-07", true}, {open, "2026-06-07", true}, {closed, "2026-03-11", true}, {closed, "2026-03-12", false}} {
		day := civil.MustDate(c.day)
		cal, found := fold(t, base, c.text, ledger.Options{AsOf: day})
		if cal == nil {
			t.Fatal(found)
		}
		if got := ledger.StatusOf(cal, day).OnHold; got != c.want {
			t.Errorf("on %s on hold: %v", c.day, got)
		}
	}
}

// A check-in that stops doses once it is overdue: the review of 9 March may be held until the
// 10th, and on the 14th nothing is given, whatever is planned for later.
func TestOverdueStops(t *testing.T) {
	stops := strings.Replace(base, "window: ±1 day, mode: phone", "window: ±1 day, overdue: stop, mode: phone", 1)
	for day, want := range map[string]string{"2026-03-10": "planned", "2026-03-13": "held"} {
		for _, entries := range [][]string{nil, {"  - { on: 2026-06-01, entered: 2026-03-02, by: A, stop: course }\n"}} {
			cal, found := fold(t, stops, written(entries...), ledger.Options{AsOf: civil.MustDate(day)})
			if cal == nil {
				t.Fatal(found)
			}
			has(t, cal, "2026-03-14 09:00 mine induction 5 40 mg "+want)
		}
	}
	cal, _ := fold(t, base, head, ledger.Options{AsOf: civil.MustDate("2026-03-13")})
	has(t, cal, "2026-03-14 09:00 mine induction 5 40 mg planned")
}

// From infusions to a medicine by mouth: the totals of the one, stated of what is infused, say
// nothing of what is swallowed, and the shortest interval holds between the two. 240 mg a week by
// mouth would pass the 200 mg a week that may be infused.
func TestTotalsAreOfTheirRoutes(t *testing.T) {
	infused := strings.Replace(base, "any 7 days: 300 mg", "any 7 days: 200 mg", 1)
	oral := strings.NewReplacer("iv: { round: 1 mg }", "oral: { round: 1 mg }", "every 3 days, every 2 days", "daily", "interval: 20 h, any 7 days: 300 mg", "any 7 days: 300 mg").Replace(base)
	run := func(text, on, change string) diag.List {
		c := decode(t, written(entry(on, change)))
		_, found := ledger.Fold(c, func(pin ledger.Pin) (*protocol.Protocol, diag.List) {
			if pin.ID == "mine" {
				return protocol.Decode("mine.yaml", []byte(infused), nil)
			}
			return protocol.Decode("other.yaml", []byte(strings.Replace(text, "id: mine", "id: other", 1)), nil)
		}, ledger.Options{})
		return found
	}
	change := "switch: { protocol: " + pin("other") + ", tier: low }"
	if found := run(oral, "2026-03-12", change); len(found) > 0 {
		t.Errorf("by mouth the day after: %v", found)
	}
	if found := run(oral, "2026-03-11", change+", last day: 2026-03-11"); !strings.Contains(found.Error(), "would break a limit") {
		t.Errorf("by mouth on the day of an infusion: %v", found)
	}
	if found := run(strings.Replace(oral, "oral: {", "iv: {", 1), "2026-03-12", change); !strings.Contains(found.Error(), "would break a limit") {
		t.Errorf("infused: %v", found)
	}
}

// sends lists the fills of a calendar.
func sends(c *ledger.Calendar) string {
	var list []string
	s := c.Legs[0].Schedule
	for k := range s.Events {
		if e := &s.Events[k]; e.Kind == schedule.Supply {
			list = append(list, fmt.Sprintf("%v %d %v %v", e.Date, s.Fill(e).Doses, s.Fill(e).Total, e.Status))
		}
	}
	return strings.Join(list, "; ")
}

// What was sent stays as it was, whatever ends or raises the course, and a raised dose uses it up
// sooner. Fill 1 is 28 doses of 10 mg, 280 mg. With 20 mg from 9 March on, 7 doses of 10 mg leave
// 210 mg, which are 10 doses of 20 mg: the 11th, of 19 March, needs fill 2, to be sent by 12 March.
func TestFillsThatWereSent(t *testing.T) {
	// The protocol gives 10 mg, 20 mg or 40 mg, and the clinician chooses.
	tiered := strings.NewReplacer("phases: { daily: { dose: 10 mg,", "tiers: { low: 10 mg, mid: 20 mg, high: 40 mg }\ndefault tier: low\nphases: { daily: { dose: tier,").Replace(daily)
	sent := entry("2026-02-24", "sent: 1")
	for _, c := range []struct {
		entries []string
		want    string
	}{
		{[]string{sent}, "2026-02-24 28 280 mg taken; 2026-03-23 28 280 mg planned"},
		{[]string{sent, entry("2026-03-09", "tier: mid")}, "2026-02-24 28 280 mg taken; 2026-03-12 28 560 mg planned"},
		{[]string{sent, entry("2026-03-09", "stop: course")}, "2026-02-24 28 280 mg taken"},
		{[]string{sent, entry("2026-03-09", "hold: doses")}, "2026-02-24 28 280 mg taken"},
		{[]string{sent, entry("2026-03-09", "lost: 1")}, "2026-02-24 28 280 mg taken; 2026-03-09 28 280 mg planned"},
		{[]string{sent, entry("2026-02-24", "sent: 4, doses: 1, amount: 10 mg, first: 2026-05-25, last: 2026-05-25"), entry("2026-03-09", "stop: course")}, "2026-02-24 28 280 mg taken; 2026-02-24 1 10 mg taken"},
		{[]string{entry("2026-03-09", "sent: 1, doses: 14, amount: 140 mg, first: 2026-03-02, last: 2026-03-15")}, "2026-03-09 14 140 mg taken; 2026-03-09 28 280 mg planned"},
	} {
		cal, found := fold(t, tiered, written(c.entries...), ledger.Options{})
		if cal == nil || found.HasErrors() {
			t.Fatal(found)
		}
		if got := sends(cal); !strings.HasPrefix(got, c.want) {
			t.Errorf("%v: %s, want %s", c.entries, got, c.want)
		}
	}
}

// A dose that a closed day moves to the day of a weight has the amount of that weight:
// 0.5 mg/kg of 60 kg, not of 80 kg.
func TestMovedToAnotherWeight(t *testing.T) {
	o := ledger.Options{Base: schedule.Options{Closed: calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-08"): "closed"}}}}
	weight := entry("2026-03-09", "weight: 60 kg")
	for _, entries := range [][]string{{weight}, {weight, entry("2026-03-10", "weight: 100 kg")}, {weight, entry("2026-03-09", "given: induction 3"), entry("2026-03-09", "weight: 100 kg")}} {
		cal, found := fold(t, base, written(entries...), o)
		if cal == nil {
			t.Fatal(found)
		}
		has(t, cal, "2026-03-05 09:00 mine induction 2 40 mg", "2026-03-09 09:00 mine induction 3 30 mg")
	}
}

// A course whose closed days leave an event no place is shown all the same, with the reason.
func TestClosedDaysLockNothing(t *testing.T) {
	text := strings.NewReplacer("limits: {", "limits: { reassess: every 2 weeks,").Replace(base)
	o := ledger.Options{Base: schedule.Options{Closed: calendar.Closed{Weekdays: [7]bool{true, true, true, true, true, true, true}}}}
	cal, found := fold(t, text, head, o)
	if cal == nil {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-02 09:00 mine induction 1 40 mg planned")
	if !strings.Contains(cal.Legs[0].Schedule.Findings.Error(), "events stand on closed days") {
		t.Error(cal.Legs[0].Schedule.Findings)
	}
}

// Ways round a gate that were found by people who tried: through a hold, past a declined evaluation,
// by beginning the protocol again beside or after another, by a route.
func TestNoWayRoundAGate(t *testing.T) {
	gated := strings.Replace(base, "check-ins:\n", "check-ins:\n  evaluation: { before: first dose, within: 14 days, mode: phone, gates: first dose }\n", 1)
	yes := entry("2026-03-01", "check-in: evaluation 1, decision: confirm")
	for _, c := range []struct {
		name    string
		entries []string
		want    string
	}{
		{"an order in a hold", []string{yes, entry("2026-03-03", "hold: doses"), entry("2026-03-03", "dose: { induction: 60 mg }"), entry("2026-03-04", "resume: doses")}, "2026-03-05 09:00 mine induction 2 40 mg planned"},
		{"an order while a condition holds doses", []string{yes, entry("2026-03-03", "weight: 300 kg"), entry("2026-03-03", "dose: { induction: 60 mg }"), entry("2026-03-04", "weight: 80 kg")}, "2026-03-05 09:00 mine induction 2 40 mg planned"},
		{"a later gate past a declined evaluation", []string{entry("2026-03-01", "check-in: evaluation 1, decision: decline"), entry("2026-03-17", "check-in: response 1, decision: confirm")}, "2026-03-20 09:00 mine maintenance 1 40 mg held"},
		{"a later gate past one that nobody held", []string{entry("2026-03-17", "check-in: response 1, decision: confirm")}, "2026-03-20 09:00 mine maintenance 1 40 mg provisional"},
		{"the same protocol beside itself", []string{yes, entry("2026-03-10", "stop: course"), entry("2026-03-15", "add: { protocol: "+pin("mine")+", tier: high }")}, "2026-03-08 09:00 mine induction 3 40 mg planned"},
	} {
		cal, found := fold(t, gated, written(c.entries...), ledger.Options{})
		if cal == nil {
			t.Fatal(found)
		}
		text := strings.Join(lines(cal), "\n")
		if !strings.Contains(text, c.want) || strings.Contains(text, "60 mg") || strings.Contains(text, "80 mg") {
			t.Errorf("%s: %v\n%s", c.name, found, text)
		}
	}
}

// A condition is the same under any name of its contraindication, found or resolved.
func TestConditionsByTheirRule(t *testing.T) {
	text := base + "contraindications: { absolute: [ pregnancy: [pregnant] ] }\n"
	for _, c := range []struct {
		entries []string
		want    string
	}{
		{[]string{entry("2026-03-03", "found: pregnancy"), entry("2026-03-04", "resolved: pregnancy"), entry("2026-03-07", "found: pregnant")}, "2026-03-08 09:00 mine induction 3 40 mg held"},
		{[]string{entry("2026-03-03", "found: pregnant"), entry("2026-03-04", "resolved: pregnancy")}, "2026-03-05 09:00 mine induction 2 40 mg planned"},
		// That it was resolved stays so, whichever is written down first.
		{[]string{entry("2026-03-07", "resolved: pregnancy"), "  - { on: 2026-03-03, entered: 2026-03-07, by: A, found: pregnant }\n"}, "2026-03-08 09:00 mine induction 3 40 mg planned"},
		{[]string{entry("2026-03-07", "resolved: pregnancy"), "  - { on: 2026-03-03, entered: 2026-03-07, by: A, found: pregnant }\n"}, "2026-03-05 09:00 mine induction 2 40 mg held"},
	} {
		cal, found := fold(t, text, written(c.entries...), ledger.Options{})
		if cal == nil {
			t.Fatal(found)
		}
		has(t, cal, c.want)
	}
}

// A weight of an earlier day that is written down later changes nothing after the next.
func TestWeightsByTheirDay(t *testing.T) {
	cal, found := fold(t, base, written(entry("2026-03-06", "weight: 70 kg"), "  - { on: 2026-03-04, entered: 2026-03-07, by: A, weight: 90 kg }\n"), ledger.Options{})
	if cal == nil {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-05 09:00 mine induction 2 45 mg planned", "2026-03-08 09:00 mine induction 3 35 mg planned")
}

// A dose beside the plan after the end of a course is shown, with what is watched around doses.
func TestBesideThePlanAfterTheEnd(t *testing.T) {
	text := strings.Replace(base, "check-ins:\n", "check-ins:\n  vital-signs: { around each dose: [0 min, 40 min], mode: in person }\n", 1)
	cal, found := fold(t, text, written(entry("2026-03-10", "stop: course"), entry("2026-03-12", "given: induction, at: 15:00, amount: 25 mg")), ledger.Options{})
	if cal == nil {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-12 15:00 mine induction 0 25 mg taken")
}

// Where the text that a course follows is lost, what was recorded stands, and what lies ahead is held
// until the course follows another.
func TestLostText(t *testing.T) {
	source := func(p ledger.Pin) (*protocol.Protocol, diag.List) {
		text := base
		var found diag.List
		if p.Version == "1.0.0" {
			found.Add(diag.TextLost, p.Range, "", "it is lost")
			text = strings.Replace(base, "low: 0.5 mg/kg", "low: 0.4 mg/kg", 1)
		}
		read, more := protocol.Decode("mine.yaml", []byte(text), nil)
		return read, append(found, more...)
	}
	given := entry("2026-03-02", "given: induction 1, at: 09:00, amount: 40 mg")
	cal, found := ledger.Fold(decode(t, written(given)), source, ledger.Options{})
	has(t, cal, "induction 1 40 mg taken", "induction 2 32 mg held", "maintenance 4 32 mg held")
	if !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == diag.TextLost }) {
		t.Errorf("found %v", found)
	}
	accept := entry("2026-03-03", "protocol: { id: mine, version: 2.0.0, sha256: "+zeros+" }")
	cal, found = ledger.Fold(decode(t, written(given, accept)), source, ledger.Options{})
	has(t, cal, "induction 1 40 mg taken", "induction 2 40 mg planned")
	if len(found) != 1 || found[0].Code != diag.OddEntry { // 40 mg are more than the text gives that is read in place of the lost one
		t.Errorf("found %v", found)
	}
}

// A dose that was missed and is planned again is not given on the day on which it was missed.
func TestMissedAndGiven(t *testing.T) {
	_, found := fold(t, base+"missed doses: { then: shift }\n", written(entry("2026-03-05", "missed: induction 2"), entry("2026-03-05", "given: induction 2")), ledger.Options{})
	if len(found) != 1 || !strings.Contains(found[0].Message, "recorded as missed on that day") {
		t.Errorf("found %v", found)
	}
}

// An evaluation that is held within 14 days before the first dose decides about no dose that moves
// further away; one that is held again does.
func TestEvaluationLapses(t *testing.T) {
	text := strings.Replace(base, "check-ins:\n", "check-ins:\n  evaluation: { before: first dose, within: 14 days, mode: phone, gates: first dose }\n", 1) + "interruptions: { clock: stops }\nmissed doses: { then: shift }\n"
	evaluated := entry("2026-02-27", "check-in: evaluation 1, decision: confirm")
	for name, c := range map[string]struct {
		entries []string
		want    string
	}{
		"in time":                      {[]string{evaluated}, "2026-03-02 09:00 mine induction 1 40 mg planned"},
		"postponed in time":            {[]string{evaluated, entry("2026-03-01", "start: 2026-03-13")}, "2026-03-13 09:00 mine induction 1 40 mg planned"},
		"postponed":                    {[]string{evaluated, entry("2026-03-01", "start: 2026-03-14")}, "2026-03-14 09:00 mine induction 1 40 mg provisional"},
		"held, and resumed":            {[]string{evaluated, entry("2026-03-01", "hold: doses"), entry("2026-04-20", "resume: doses")}, "2026-04-20 09:00 mine induction 1 40 mg provisional"},
		"missed":                       {[]string{evaluated, "  - { on: 2026-03-02, entered: 2026-03-20, by: A, missed: induction 1, again: 2026-03-20 }\n"}, "2026-03-20 09:00 mine induction 1 40 mg provisional"},
		"postponed, and held again":    {[]string{evaluated, entry("2026-03-01", "start: 2026-03-30"), entry("2026-03-20", "check-in: evaluation 1, decision: confirm")}, "2026-03-30 09:00 mine induction 1 40 mg planned"},
		"given, and the rest held":     {[]string{evaluated, entry("2026-03-02", "given: induction 1"), entry("2026-03-03", "hold: doses"), entry("2026-04-20", "resume: doses")}, "2026-04-22 09:00 mine induction 2 40 mg planned"},
		"before a restart, of its own": {[]string{evaluated, entry("2026-03-02", "given: induction 1"), entry("2026-04-01", "stop: course"), "  - { on: 2026-04-06, entered: 2026-04-01, by: A, restart: mine }\n", entry("2026-04-05", "check-in: evaluation 1, decision: confirm")}, "2026-04-06 09:00 mine induction 1 40 mg planned"},
	} {
		cal, found := fold(t, text, written(c.entries...), ledger.Options{})
		if cal == nil || found.HasErrors() || slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == diag.BadEntry }) {
			t.Errorf("%s: %v", name, found)
			continue
		}
		t.Run(name, func(t *testing.T) { has(t, cal, c.want) })
	}
}

// A check-in that took place once the day of a dose was over does not make that dose one that was forgotten: it was not to
// be given on its day. What comes after is let through; what is given all the same is told as it was.
func TestConfirmedLate(t *testing.T) {
	text := strings.Replace(base, "check-ins:\n", "check-ins:\n  consent: { on: day 1, mode: phone, gates: induction }\n", 1)
	late := "  - { on: 2026-03-06, entered: 2026-03-06, by: A, check-in: consent 1, decision: confirm }\n"
	cal, found := fold(t, text, written(late), ledger.Options{Now: civil.MustDate("2026-03-06")})
	if cal == nil || found.HasErrors() {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-02 09:00 mine induction 1 40 mg held")
	has(t, cal, "2026-03-05 09:00 mine induction 2 40 mg held")
	has(t, cal, "2026-03-08 09:00 mine induction 3 40 mg planned")
	const said = "induction dose 1, Mon 2026-03-02 09:00 was confirmed by the check-in “consent” only after its day, and is held, and 1 dose more after it"
	if text := cal.Legs[0].Schedule.Findings.Error(); !strings.Contains(text, said) {
		t.Errorf("found %s", text)
	}
	if s := ledger.StatusOf(cal, civil.MustDate("2026-03-06")); len(s.Overdue) > 0 {
		t.Errorf("overdue: %v", s.Overdue[0].Event)
	}
	cal, _ = fold(t, text, written(late, "  - { on: 2026-03-06, entered: 2026-03-06, by: A, given: induction 2 }\n"), ledger.Options{Now: civil.MustDate("2026-03-06")})
	has(t, cal, "2026-03-06 09:00 mine induction 2 40 mg taken")
	cal, _ = fold(t, text+"missed doses: { then: shift }\n", written(late, "  - { on: 2026-03-05, entered: 2026-03-06, by: A, missed: induction 2, again: 2026-03-07 }\n"), ledger.Options{Now: civil.MustDate("2026-03-06")})
	has(t, cal, "2026-03-07 09:00 mine induction 2 40 mg planned")
}

// A check-in that lapsed, and was held again and declined, stays beside the one that took its place.
func TestLapsedStays(t *testing.T) {
	text := strings.Replace(base, "check-ins:\n", "check-ins:\n  counts: { on: 1 day before each dose of induction, mode: phone, window: 0 to +2 days, gates: induction }\n  evaluation: { before: first dose, within: 14 days, mode: phone, gates: first dose }\n", 1)
	for _, name := range []string{"counts 1", "evaluation 1"} {
		cal, found := fold(t, text, written(
			entry("2026-03-01", "check-in: "+name+", decision: confirm"),
			entry("2026-03-01", "start: 2026-03-20"),
			entry("2026-03-19", "check-in: "+name+", decision: decline"),
		), ledger.Options{})
		if cal == nil || found.HasErrors() {
			t.Fatal(found)
		}
		of := name[:strings.Index(name, " ")]
		has(t, cal, "2026-03-01 09:00 mine "+of+" 0 taken")
		has(t, cal, "2026-03-19 09:00 mine "+name+" taken")
		has(t, cal, "2026-03-20 09:00 mine induction 1 40 mg held")
		if s := cal.Legs[0].Schedule; !slices.ContainsFunc(s.Events, func(e schedule.Event) bool { return e.Kind == schedule.CheckIn && e.Number == 0 && e.Was == 1 }) {
			t.Errorf("%s: the one that lapsed has lost its number", name)
		}
		cal, _ = fold(t, text, written(
			entry("2026-03-01", "check-in: "+name+", decision: confirm"),
			entry("2026-03-01", "start: 2026-03-20"),
			entry("2026-03-19", "check-in: "+name+", decision: confirm"),
			entry("2026-03-19", "hold: doses"),
		), ledger.Options{})
		has(t, cal, "2026-03-01 09:00 mine "+of+" 0 taken")
		has(t, cal, "2026-03-19 09:00 mine "+name+" taken")
	}
}

// What a page must say of a course: medicines that act together, a birthday out of the population, and
// of several doses over one limit the worst.
func TestSaidOfTheWhole(t *testing.T) {
	kin := func(p ledger.Pin) (*protocol.Protocol, diag.List) {
		name := map[string]string{"mine": "ketamine", "other": "esketamine", "adjunct": "lamotrigine"}[p.ID]
		return protocol.Decode(p.ID+".yaml", []byte(strings.NewReplacer("id: mine", "id: "+p.ID, "name: examplamine", "name: "+name).Replace(base)), nil)
	}
	for id, want := range map[string]bool{"other": true, "adjunct": false} {
		cal, _ := ledger.Fold(decode(t, written(entry("2026-03-03", "add: { protocol: "+pin(id)+", tier: low }"))), kin, ledger.Options{})
		for i := range cal.Legs {
			if got := strings.Contains(cal.Legs[i].Schedule.Findings.Error(), "one is a part of the other medicine"); got != want {
				t.Errorf("ketamine beside %s: %v", id, got)
			}
		}
	}
	aged := strings.Replace(base, "weight: 40..150 kg", "age: 18..64 years", 1)
	for born, want := range map[string]bool{"1961-03-10": true, "1961-07-01": false, "1980-03-10": false} {
		text := strings.Replace(written(), "{ weight: 80 kg,", "{ weight: 80 kg, birth date: "+born+",", 1)
		cal, found := fold(t, aged, text, ledger.Options{})
		if cal == nil {
			t.Fatal(found)
		}
		if got := strings.Contains(cal.Legs[0].Schedule.Findings.Error(), "leaves the protocol's age range, 18 to 64 years"); got != want {
			t.Errorf("born %s: %v", born, got)
		}
	}
	over := entry("2026-03-02", "given: induction, at: 10:00, amount: 250 mg") + entry("2026-03-03", "given: induction, at: 10:00, amount: 60 mg") + entry("2026-03-04", "given: induction, at: 10:00, amount: 60 mg")
	cal, _ := fold(t, base, written(over), ledger.Options{})
	if text := cal.Legs[0].Schedule.Findings.Error(); !strings.Contains(text, "come to 410 mg, more than 300 mg within any 7 days") || strings.Contains(text, "come to 350 mg") {
		t.Errorf("found %s", text)
	}
	over = entry("2026-03-03", "given: induction, at: 10:00, amount: 280 mg")
	cal, _ = fold(t, base, written(over), ledger.Options{Now: civil.MustDate("2026-03-03")})
	if text := cal.Legs[0].Schedule.Findings.Error(); !strings.Contains(text, "what was given passes a limit, if what is planned before it and not recorded was given too: the 2 doses from induction dose 1") {
		t.Errorf("found %s", text)
	}
}

// Where two protocols have a check-in of one name, what one of them decided is not said of the other.
func TestDecidedForItsOwnProtocol(t *testing.T) {
	text := strings.Replace(base, "check-ins:\n", "check-ins:\n  evaluation: { before: first dose, within: 14 days, mode: phone, gates: first dose }\n", 1)
	cal, found := fold(t, text, written(
		entry("2026-03-01", "check-in: evaluation 1, decision: confirm"),
		"  - { on: 2026-03-06, entered: 2026-03-03, by: A, switch: { protocol: "+pin("other")+", tier: low } }\n",
		entry("2026-03-04", "check-in: evaluation 1, decision: decline"),
	), ledger.Options{})
	if cal == nil || found.HasErrors() || len(cal.Legs) != 2 {
		t.Fatal(found)
	}
	for i, want := range []string{"confirmed", "declined"} {
		s, said := cal.Legs[i].Schedule, ""
		for k := range s.Events {
			said += s.Decision(&s.Events[k])
		}
		if len(s.Decided) != 1 || said != want {
			t.Errorf("of %s: %v (%s), not %s", s.Protocol.ID, s.Decided, said, want)
		}
	}
}

// A delay moves a dose past its window, and all that comes after it by as many days; what was given stays, and the
// protocol says how long a course may stand still.
func TestDelay(t *testing.T) {
	given := entry("2026-03-02", "given: induction 1") + entry("2026-03-05", "given: induction 2")
	delay := "  - { on: 2026-03-07, entered: 2026-03-07, by: A, delay: induction 3, to: 2026-03-13 }\n" // five days later
	cal, found := fold(t, base, written(given, delay), ledger.Options{})
	if cal == nil || found.HasErrors() || refused(found, 3) {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-02 09:00 mine induction 1 40 mg taken", "2026-03-05 09:00 mine induction 2 40 mg taken", "2026-03-13 09:00 mine induction 3 40 mg planned",
		"2026-03-16 09:00 mine induction 4 40 mg planned", "2026-03-22 09:00 mine induction 6 40 mg planned", "2026-03-22 09:00 mine response 1 planned", "2026-03-25 09:00 mine maintenance 1 40 mg provisional")
	for name, c := range map[string]struct{ text, entries string }{
		"earlier":            {base, given + "  - { on: 2026-03-05, entered: 2026-03-05, by: A, delay: induction 3, to: 2026-03-07 }\n"},
		"the same day":       {base, given + "  - { on: 2026-03-05, entered: 2026-03-05, by: A, delay: induction 3, to: 2026-03-08 }\n"},
		"a day that is over": {base, given + "  - { on: 2026-03-20, entered: 2026-03-20, by: A, delay: induction 3, to: 2026-03-13 }\n"},
		"what was given":     {base, given + "  - { on: 2026-03-07, entered: 2026-03-07, by: A, delay: induction 2, to: 2026-03-13 }\n"},
		"too long":           {base + "interruptions: { restart after: 6 days }\n", given + "  - { on: 2026-03-07, entered: 2026-03-07, by: A, delay: induction 3, to: 2026-03-13 }\n"},
	} {
		if _, found := fold(t, c.text, written(c.entries), ledger.Options{}); !refused(found, 3) {
			t.Errorf("%s is not refused: %v", name, found)
		}
	}
}

// Whatever was given, the course can be opened: before a start that was moved, after the end that a phase to follow has.
func TestGivenAnywhere(t *testing.T) {
	const ends = `phases:
  induction: { dose: 40 mg, frequency: weekly, course: 3 doses }
  maintenance: { dose: 20 mg, frequency: weekly, course: until day 20, starts: 1 day after last dose of induction }
`
	head, rest, _ := strings.Cut(base, "phases:\n")
	_, tail, _ := strings.Cut(rest, "\nlimits:")
	for _, c := range []struct {
		text    string
		entries []string
		want    string
	}{
		{base, []string{entry("2026-03-03", "start: 2026-03-25"), entry("2026-03-04", "given: induction 6")}, "2026-03-04 09:00 mine induction 6 40 mg taken"},
		{head + ends + "limits:" + tail, []string{entry("2026-03-28", "given: induction 3")}, "2026-03-28 09:00 mine induction 0 40 mg taken"},
	} {
		cal, found := fold(t, c.text, written(c.entries...), ledger.Options{})
		if cal == nil {
			t.Errorf("the course is locked: %v", found)
			continue
		}
		has(t, cal, c.want)
	}
}

// A protocol begins again because of the dose that leaves too much time before the next, and not because of what is written
// down after it: striking that changes nothing.
func TestBeginsAgainWithTheDose(t *testing.T) {
	entries := []string{
		"  - { on: 2026-02-21, entered: 2026-03-01, by: A, hold: doses }\n",
		"  - { on: 2026-02-27, entered: 2026-03-02, by: A, delay: induction 1, to: 2026-03-07 }\n",
		"  - { on: 2026-02-24, entered: 2026-03-02, by: A, resume: doses }\n",
		"  - { on: 2026-02-24, entered: 2026-03-04, by: A, given: induction 1 }\n", // the next is two weeks away
		"  - { on: 2026-03-04, entered: 2026-03-04, by: A, weight: 80.2 kg }\n",
	}
	struck := "  - { on: 2026-03-04, entered: 2026-03-04, by: A, why: a slip, strike: 5 }\n"
	for name, list := range map[string][]string{"with the dose": entries[:4], "with a weight": entries, "with the weight struck": append(slices.Clone(entries), struck)} {
		cal, found := fold(t, base+"interruptions: { restart after: 6 days }\n", written(list...), ledger.Options{})
		if cal == nil || len(cal.Legs) != 2 {
			t.Errorf("%s, it does not begin again: %v", name, found)
			continue
		}
		has(t, cal, "2026-02-24 09:00 mine induction 1 40 mg taken", "2026-03-10 09:00 mine induction 1 40 mg planned")
	}
}

// A check-in that looks at doses of which none was given confirms nothing; what was begun again with its first dose missed
// begins with it, and not once more; an order names the dose to come, and a dose that two runs have is said.
func TestRunsOfOneProtocol(t *testing.T) {
	text := base + "missed doses: { then: skip }\ninterruptions: { restart after: 6 days }\n"
	missed := func(day string, n int) string { return entry(day, fmt.Sprintf("missed: induction %d", n)) }
	given := entry("2026-03-02", "given: induction 1")
	for _, c := range []struct {
		name, text string
		entries    []string
		legs       int
		says, want string
	}{
		{"none given", strings.Replace(base, "every 3 days", "every 5 days", 1) + "missed doses: { then: skip }\n", []string{
			missed("2026-03-02", 1), missed("2026-03-07", 2), missed("2026-03-12", 3), missed("2026-03-17", 4), missed("2026-03-22", 5), missed("2026-03-27", 6),
			entry("2026-03-27", "check-in: response 1, decision: confirm")}, 1, "none of them was given", "2026-04-01 09:00 mine maintenance 1 40 mg provisional"},
		{"an order", text, []string{given, entry("2026-03-03", "restart: mine, of: mine"), "  - { on: 2026-03-03, entered: 2026-03-03, by: A, skip: induction 1 }\n"}, 2, "", "2026-03-03 09:00 mine induction 1 40 mg held"},
		{"which run", text, []string{entry("2026-03-04", "hold: doses"), entry("2026-03-12", "resume: doses"), missed("2026-03-12", 1)}, 3, "that of 2026-03-02, before mine began again, is not recorded either", "2026-03-12 09:00 mine induction 1 40 mg missed"},
		{"the first put off", strings.Replace(text, "then: skip", "then: shift", 1), []string{entry("2026-03-02", "hold: doses"), entry("2026-03-20", "resume: doses"), missed("2026-03-20", 1)}, 2, "", "2026-03-21 09:00 mine induction 1 40 mg planned"},
	} {
		cal, found := fold(t, c.text, written(c.entries...), ledger.Options{})
		if cal == nil || len(cal.Legs) != c.legs || !strings.Contains(fmt.Sprint(found), c.says) {
			t.Errorf("%s: %v", c.name, found)
			continue
		}
		has(t, cal, c.want)
	}
}

// A check-in that took place is taken in, whatever it confirmed: a step that would break a limit is not taken, and that is said.
func TestStepPastALimit(t *testing.T) {
	text := strings.Replace(base, "any 7 days: 300 mg", "any 7 days: 150 mg", 1)
	cal, found := fold(t, text, written(entry("2026-03-02", "given: induction 1"), entry("2026-03-09", "check-in: review 1, decision: confirm")), ledger.Options{})
	if cal == nil || refused(found, 2) || !strings.Contains(fmt.Sprint(found), "the step that it confirms is not taken: doses would break a limit") {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-09 09:00 mine review 1 taken", "2026-03-11 09:00 mine induction 4 40 mg planned")
}

package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// open is a titration whose steps have no fixed size, in doses per kg.
var open = strings.NewReplacer(
	"titration: { steps: [low, mid, high], confirmed at: review }", "titration: { start: 0.5 mg/kg, increase: 0.1..0.5 mg/kg, to: 1.5 mg/kg, confirmed at: review }",
	"induction: { dose: tier", "induction: { dose: titration").Replace(base)

// untied has tiers that are no steps, and begins on the highest.
var untied = strings.NewReplacer(", titration: { steps: [low, mid, high], confirmed at: review }", "", "default tier: low", "default tier: high", "any 7 days: 300 mg", "any 7 days: 400 mg").Replace(base)

// Courses as they are lived: each gave a wrong dose, or lost one, when a nurse first tried it.
func TestLived(t *testing.T) {
	shift := base + "missed doses: { then: shift }\ninterruptions: { clock: stops }\n"
	gated := strings.Replace(base, "course: 4 doses, window: +2 days }", "course: 4 doses }\n  later: { dose: tier, frequency: every 2 weeks, course: 2 doses }", 1)
	absolute := base + "contraindications: { absolute: [pregnancy] }\n"
	given := entry("2026-03-02", "given: induction 1") + entry("2026-03-05", "given: induction 2")
	declined := entry("2026-03-17", "check-in: response 1, decision: decline")
	for _, c := range []struct {
		name, protocol string
		entries        []string
		want           []string
		says           string // a finding of an entry; "" for none
	}{
		{"a restart behind a gate that nobody passed", gated, []string{given, entry("2026-03-06", "restart: mine, from phase: later")}, nil, "the check-in “response” decides about the phase “later”, and did not confirm it"},
		{"a restart behind a gate that was passed", gated, []string{given, entry("2026-03-17", "check-in: response 1, decision: confirm"), entry("2026-03-20", "restart: mine, from phase: later")},
			[]string{"2026-03-20 09:00 mine later 1 40 mg planned"}, ""},
		{"ended before it was found", absolute, []string{given, entry("2026-03-07", "found: pregnancy"), entry("2026-03-06", "resolved: pregnancy")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg held"}, "“pregnancy” was found on 2026-03-07, and cannot have ended on 2026-03-06"},
		{"ended after it was found", absolute, []string{given, entry("2026-03-06", "found: pregnancy"), entry("2026-03-07", "resolved: pregnancy")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg planned"}, ""},
		{"a kilogram lost after an open step", open, []string{given, entry("2026-03-09", "check-in: review 1, decision: confirm, amount: 80 mg"), entry("2026-03-10", "weight: 79 kg")},
			[]string{"2026-03-11 09:00 mine induction 4 79 mg planned"}, "from 2026-03-10 on it is 79 mg"},
		{"a kilogram gained after an open step", open, []string{given, entry("2026-03-09", "check-in: review 1, decision: confirm, amount: 80 mg"), entry("2026-03-10", "weight: 81 kg")},
			[]string{"2026-03-11 09:00 mine induction 4 80 mg planned"}, ""},
		{"a dose before a second open step, which nobody wrote down", open, []string{given, entry("2026-03-09", "check-in: review 1, decision: confirm, amount: 60 mg"), entry("2026-03-11", "given: induction 4"), entry("2026-03-16", "check-in: review 2, decision: confirm, amount: 70 mg")},
			[]string{"2026-03-14 09:00 mine induction 5 60 mg planned", "2026-03-17 09:00 mine induction 6 70 mg planned"}, ""},
		{"an open step past the most that a step may come to", strings.Replace(open, "to: 1.5 mg/kg,", "to: 1.5 mg/kg, max: 60 mg,", 1), []string{given, entry("2026-03-09", "check-in: review 1, decision: confirm, amount: 65 mg")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg planned"}, "from 40 mg to 48 mg up to 60 mg"},
		{"an open step where the most is reached", strings.Replace(open, "to: 1.5 mg/kg,", "to: 1.5 mg/kg, max: 40 mg,", 1), []string{given, entry("2026-03-09", "check-in: review 1, decision: confirm, amount: 40 mg")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg planned"}, "the dose is 40 mg already, and no step leads past 40 mg"},
		{"a most by weight, and less weight after an open step", strings.Replace(open, "to: 1.5 mg/kg,", "to: 1.5 mg/kg, max: 0.75 mg/kg,", 1), []string{given, entry("2026-03-09", "check-in: review 1, decision: confirm, amount: 60 mg"), entry("2026-03-10", "weight: 70 kg")},
			[]string{"2026-03-11 09:00 mine induction 4 52 mg planned"}, "from 2026-03-10 on it is 52 mg"},
		{"a higher tier after a restart past the phase of the steps", base, []string{given, entry("2026-03-17", "check-in: response 1, decision: confirm"), entry("2026-03-20", "restart: mine, from phase: maintenance"), entry("2026-03-20", "tier: high")},
			[]string{"2026-03-20 09:00 mine maintenance 1 40 mg planned"}, "is above the present one"},
		{"an order of the day of a raise, which holds from the next", strings.NewReplacer("[every 3 days, every 2 days], course: 6 doses", "daily, course: 12 doses", "interval: 20 h, any 7 days: 300 mg", "interval: 20 h").Replace(base), []string{entry("2026-03-09", "given: induction 8, at: 08:00"), entry("2026-03-09", "check-in: review 1, decision: confirm, at: 10:00"), entry("2026-03-09", "tier: low")},
			[]string{"2026-03-10 09:00 mine induction 9 60 mg planned"}, "an order of 2026-03-09 would have no effect"},
		{"missed, and then held, for longer than the protocol allows", base + "missed doses: { then: shift }\ninterruptions: { clock: stops, restart after: 2 weeks }\n", []string{given, "  - { on: 2026-03-08, entered: 2026-03-08, by: A, missed: induction 3, again: 2026-03-12 }\n", entry("2026-03-12", "hold: doses"), entry("2026-03-20", "resume: doses")},
			[]string{"2026-03-20 09:00 mine induction 1 40 mg planned"}, "begins again on 2026-03-20, with its first phase: without a dose for longer than 2 weeks"},
		{"far more than planned, at a later hour of the day", strings.Replace(base, "single dose: 120 mg", "single dose: 45 mg", 1), []string{given, entry("2026-03-08", "given: induction, amount: 60 mg, at: 21:00")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg held"}, "at most 40 mg was planned"},
		{"missed before a hold that is over, and planned again after it", shift, []string{given, entry("2026-03-09", "hold: doses"), entry("2026-03-23", "resume: doses"), "  - { on: 2026-03-08, entered: 2026-03-24, by: A, missed: induction 3, again: 2026-03-25 }\n"},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg missed", "2026-03-25 09:00 mine induction 3 40 mg planned", "2026-03-28 09:00 mine induction 4 40 mg planned"}, ""},
		{"moved to a day that a hold then covers", shift, []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-03", "move: induction 2, to: 2026-03-06"), entry("2026-03-06", "hold: doses"), entry("2026-03-20", "resume: doses")},
			[]string{"2026-03-20 09:00 mine induction 2 40 mg planned", "2026-03-23 09:00 mine induction 3 40 mg planned"}, ""},
		{"a check-in before the dose that it looks at", strings.Replace(base, "{ on: last dose of induction, mode", "{ on: 1 day after dose 3 of induction, window: ±2 days, mode", 1), []string{given, entry("2026-03-07", "check-in: response 1, decision: confirm")},
			nil, "may be held from 2026-03-08 on"},
		{"a check-in that was declined, held again", base, []string{given, declined, entry("2026-03-18", "check-in: response 1, decision: confirm")},
			[]string{"2026-03-20 09:00 mine maintenance 1 40 mg planned"}, ""},
		{"a check-in that was confirmed, held again", base, []string{given, entry("2026-03-17", "check-in: response 1, decision: confirm"), entry("2026-03-18", "check-in: response 1, decision: decline")},
			nil, "recorded already"},
		{"a check-in that was not held", base, []string{given, "  - { on: 2026-03-09, entered: 2026-03-12, by: A, missed: review 1 }\n"},
			[]string{"2026-03-09 09:00 mine review 1 missed"}, ""},
		{"a check-in that lies ahead was not held", base, []string{given, entry("2026-03-05", "missed: review 1")}, nil, "had not been missed when that was written down"},
		{"the first dose after a restart, given before its day", base, []string{given, entry("2026-03-07", "stop: course"), "  - { on: 2026-03-14, entered: 2026-03-09, by: A, restart: mine }\n", entry("2026-03-13", "given: induction 1")},
			[]string{"2026-03-02 09:00 mine induction 1 40 mg taken", "2026-03-13 09:00 mine induction 1 40 mg taken"}, "before the start of its protocol"},
		{"a new text that lacks the phase of the only dose", base, []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-03", "protocol: { id: mine, version: 3.0.0, sha256: "+zeros+" }")},
			[]string{"2026-03-02 09:00 mine induction 1 40 mg taken"}, "the new text has no such phase"},
		{"a step confirmed after the dose of its day", strings.NewReplacer("[every 3 days, every 2 days], course: 6 doses", "daily, course: 12 doses", "interval: 20 h, any 7 days: 300 mg", "interval: 20 h").Replace(base), []string{entry("2026-03-09", "given: induction 8, at: 08:00"), entry("2026-03-09", "check-in: review 1, decision: confirm, at: 10:00")},
			[]string{"2026-03-09 08:00 mine induction 8 40 mg taken", "2026-03-10 09:00 mine induction 9 60 mg planned"}, ""},
		{"the largest dose of a phase ordered of its first", strings.NewReplacer("induction: { dose: tier", "induction: { dose: { by dose: { from 1: 25 mg, from 4: 100 mg } }", ", titration: { steps: [low, mid, high], confirmed at: review }", "", "any 7 days: 300 mg", "any 7 days: 400 mg").Replace(base), []string{entry("2026-03-02", "dose: { induction: 100 mg }")},
			[]string{"2026-03-02 09:00 mine induction 1 25 mg planned"}, "100 mg is more than the protocol gives of the dose induction 1, 25 mg at most"},
		{"a check-in that looks at a dose that is held", strings.Replace(shift, "{ on: last dose of induction, mode", "{ on: 1 day after dose 3 of induction, window: ±2 days, mode", 1), []string{given, entry("2026-03-06", "hold: doses"), entry("2026-03-08", "check-in: response 1, decision: confirm")},
			nil, "looks at the dose induction 3, and that is held"},
		{"a check-in whose dose was then missed, and comes later", shift, []string{given, entry("2026-03-17", "check-in: response 1, decision: confirm"), "  - { on: 2026-03-17, entered: 2026-03-18, by: A, missed: induction 6, again: 2026-04-10 }\n"},
			[]string{"2026-04-10 09:00 mine induction 6 40 mg planned", "2026-04-13 09:00 mine maintenance 1 40 mg provisional"}, "which now comes later: what it decided holds no more"},
		{"a second switch before one that was ordered first", base, []string{entry("2026-03-02", "given: induction 1"), "  - { on: 2026-03-20, entered: 2026-03-03, by: A, switch: { protocol: " + pin("other") + ", tier: low } }\n", "  - { on: 2026-03-10, entered: 2026-03-04, by: A, switch: { protocol: " + pin("adjunct") + ", tier: low } }\n"},
			[]string{"2026-03-10 09:00 adjunct induction 1 40 mg planned", "2026-03-20 09:00 other induction 1 40 mg planned"}, "other follows on 2026-03-20, as was ordered before"},
		{"the same switch twice", base, []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-10", "switch: { protocol: "+pin("other")+", tier: low }"), entry("2026-03-10", "switch: { protocol: "+pin("other")+", tier: low }")},
			nil, "the course goes over to other on 2026-03-10 already"},
		{"moved into the past", base, []string{"  - { on: 2026-03-08, entered: 2026-03-09, by: A, move: induction 3, to: 2026-03-08 }\n"}, nil, "cannot be moved to 2026-03-08, which has passed"},
		{"a route that there is not", base, []string{entry("2026-03-02", "given: induction 1, via: orall")}, nil, "there is no route “orall”"},
		{"a fill that was received before it was sent", daily, []string{entry("2026-03-02", "received: 1")}, nil, "no fill 1 was sent"},
		{"a dose that was corrected three times", base, []string{entry("2026-03-02", "given: induction 1, amount: 60 mg"), entry("2026-03-02", "given: induction 1, amount: 10 mg, replaces: 1"), entry("2026-03-02", "given: induction 1, amount: 5 mg, replaces: 2"), entry("2026-03-02", "given: induction 1, amount: 7 mg, replaces: 3")},
			[]string{"2026-03-02 09:00 mine induction 1 7 mg taken"}, "7 mg is written down as given on 2026-03-02, less than the 40 mg"},
		{"a decision that was corrected three times", base, []string{given, entry("2026-03-09", confirm1), entry("2026-03-09", "check-in: review 1, decision: decline, replaces: 3"), entry("2026-03-09", "check-in: review 1, decision: decline, results: { PHQ-9: 12 }, replaces: 4"), entry("2026-03-09", "check-in: review 1, decision: decline, replaces: 5")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg planned"}, ""},
		{"the third correction of a dose taken back", base, []string{entry("2026-03-02", "given: induction 1, amount: 60 mg"), entry("2026-03-02", "given: induction 1, amount: 10 mg, replaces: 1"), entry("2026-03-02", "given: induction 1, amount: 35 mg, replaces: 2"), entry("2026-03-02", "given: induction 1, amount: 7 mg, replaces: 3"), entry("2026-03-02", "strike: 4")},
			[]string{"2026-03-02 09:00 mine induction 1 35 mg taken"}, "35 mg is written down as given on 2026-03-02, less than the 40 mg"},
		{"a lowered tier through a long hold", untied + "interruptions: { restart after: 2 weeks }\n", []string{given, entry("2026-03-06", "tier: low"), entry("2026-03-07", "hold: doses"), entry("2026-04-20", "resume: doses")},
			[]string{"2026-04-20 09:00 mine induction 1 40 mg planned"}, "begins again on 2026-04-20"},
		{"a lowered dose through a long hold", untied + "interruptions: { restart after: 2 weeks }\n", []string{given, entry("2026-03-06", "dose: { induction: 20 mg }"), entry("2026-03-07", "hold: doses"), entry("2026-04-20", "resume: doses")},
			[]string{"2026-04-20 09:00 mine induction 1 20 mg planned"}, "begins again on 2026-04-20"},
		{"a lowered dose through a restart", base, []string{given, entry("2026-03-06", "dose: { induction: 20 mg }"), entry("2026-03-20", "restart: mine")},
			[]string{"2026-03-20 09:00 mine induction 1 20 mg planned"}, ""},
		{"a lowered tier through a restart", untied, []string{given, entry("2026-03-06", "tier: low"), entry("2026-03-20", "restart: mine")},
			[]string{"2026-03-20 09:00 mine induction 1 40 mg planned"}, ""},
		{"a lowered dose through a weight that comes back", base, []string{given, entry("2026-03-06", "dose: { induction: 35 mg }"), entry("2026-03-09", "weight: 66 kg"), entry("2026-03-12", "weight: 80 kg")},
			[]string{"2026-03-11 09:00 mine induction 4 33 mg planned", "2026-03-14 09:00 mine induction 5 35 mg planned"}, "from 2026-03-09 on it is the protocol's own dose"},
		{"an open step, and a weight of its day written down after it", open, []string{given, entry("2026-03-09", "check-in: review 1, decision: confirm, amount: 80 mg"), entry("2026-03-09", "weight: 60 kg")},
			[]string{"2026-03-11 09:00 mine induction 4 60 mg planned"}, "differs by more than a fifth"},
		{"a smaller dose after an open step", open, []string{given, entry("2026-03-09", "check-in: review 1, decision: confirm, amount: 80 mg"), entry("2026-03-10", "dose: { induction: 60 mg }")},
			[]string{"2026-03-11 09:00 mine induction 4 60 mg planned"}, ""},
		{"a dose ordered that is the present step's, and a step confirmed", base, []string{given, entry("2026-03-06", "dose: { induction: 40 mg }"), entry("2026-03-09", confirm1)},
			[]string{"2026-03-11 09:00 mine induction 4 60 mg planned"}, ""},
		{"a first step of which no dose was given", base, []string{entry("2026-03-09", confirm1)},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg planned"}, "no whole dose of “induction” is recorded at the present step"},
		{"an amount for a step of a fixed size", base, []string{given, entry("2026-03-09", confirm1+", amount: 60 mg")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg planned"}, "confirms a step of a fixed size"},
		{"the same protocol beside itself", base, []string{given, entry("2026-03-06", "add: { protocol: "+pin("mine")+", tier: low }")},
			[]string{"2026-03-08 09:00 mine induction 3 40 mg planned"}, "the course follows mine already"},
		{"a dose given weeks early", base, []string{entry("2026-03-02", "given: induction 1"), entry("2026-03-03", "given: induction 6")},
			[]string{"2026-03-03 09:00 mine induction 6 40 mg taken"}, "was given 14 days before its planned day"},
		{"one that was held by itself, and all", base, []string{given, entry("2026-03-05", "add: { protocol: "+pin("adjunct")+", tier: low }"), entry("2026-03-06", "hold: doses, of: adjunct"), entry("2026-03-07", "hold: doses"), entry("2026-03-09", "resume: doses")},
			[]string{"2026-03-11 09:00 mine induction 4 40 mg planned", "2026-03-11 09:00 adjunct induction 3 40 mg held"}, "doses of adjunct stay held"},
	} {
		cal, found := fold(t, c.protocol, written(c.entries...), ledger.Options{})
		if cal == nil {
			t.Errorf("%s: %v", c.name, found)
			continue
		}
		var said []string
		for _, d := range found {
			if d.Entry > 0 {
				said = append(said, d.Message)
			}
		}
		if text := strings.Join(said, "\n"); !strings.Contains(text, c.says) || c.says == "" && text != "" {
			t.Errorf("%s: it is said %q, and not %q", c.name, text, c.says)
		}
		t.Run(c.name, func(t *testing.T) { has(t, cal, c.want...) })
	}
}

// What was given under one text of a protocol is held to the limits of that text. A text that refuses the
// patient is not followed.
func TestGivenUnderAnotherText(t *testing.T) {
	texts := map[string]string{
		"1.0.0": base,
		"2.0.0": strings.NewReplacer("limits: { single dose: 120 mg", "limits: { single dose: 30 mg", "low: 0.5 mg/kg", "low: 0.25 mg/kg").Replace(base),
		"3.0.0": strings.Replace(base, "population: { weight: 40..150 kg }", "population: { weight: 90..150 kg }", 1),
	}
	source := func(p ledger.Pin) (*protocol.Protocol, diag.List) {
		return protocol.Decode("mine.yaml", []byte(texts[p.Version]), nil)
	}
	given := entry("2026-03-02", "given: induction 1") + entry("2026-03-05", "given: induction 2, amount: 130 mg")
	for version, want := range map[string]string{
		"2.0.0": "2026-03-08 09:00 mine induction 3 20 mg planned",
		"3.0.0": "2026-03-08 09:00 mine induction 3 40 mg planned",
	} {
		text := written(given, entry("2026-03-06", "protocol: { id: mine, version: "+version+", sha256: "+zeros+" }"))
		cal, found := ledger.Fold(decode(t, text), source, ledger.Options{})
		if cal == nil {
			t.Fatal(found)
		}
		if refused := strings.Contains(found.Error(), "the new text refuses the patient: "); refused != (version == "3.0.0") {
			t.Errorf("%s: %v", version, found)
		}
		has(t, cal, want, "2026-03-02 09:00 mine induction 1 40 mg taken", "2026-03-05 09:00 mine induction 2 130 mg taken")
		said := cal.Legs[0].Schedule.Findings.Error()
		if n := strings.Count(said, "what was given passes a limit"); n != 1 || !strings.Contains(said, "130 mg, more than the largest single dose of 120 mg") || strings.Contains(said, "was given while doses were held") {
			t.Errorf("%s: %s", version, said)
		}
	}
}

// A dose given by a route that the protocol does not have is shown by that route.
func TestGivenByAnotherRoute(t *testing.T) {
	cal, found := fold(t, base, written(entry("2026-03-02", "given: induction 1, via: oral")), ledger.Options{})
	if !strings.Contains(found.Error(), "by the route “oral”, which the protocol does not have") {
		t.Error(found)
	}
	s := cal.Legs[0].Schedule
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			if name := s.Dose(e).Route.Name; (name == "oral") != (e.Number == 1 && s.PhaseName(e) == "induction") {
				t.Errorf("%v is %s", s.DoseName(e), name)
			}
		}
	}
}

// Doses of one medicine that are injected add up across protocols, whatever the needle; what is
// swallowed is said beside them.
func TestTotalsAcrossRoutes(t *testing.T) {
	byRoute := func(route string) ledger.Source {
		return func(p ledger.Pin) (*protocol.Protocol, diag.List) {
			text := base
			if p.ID == "other" {
				text = strings.NewReplacer("id: mine", "id: other", "iv: {", route+": {", "interval: 20 h, ", "").Replace(base)
			}
			return protocol.Decode(p.ID+".yaml", []byte(strings.Replace(text, "any 7 days: 300 mg", "any 7 days: 150 mg", 1)), nil)
		}
	}
	for route, refused := range map[string]bool{"im": true, "subcutaneous": true, "iv": true, "oral": false} {
		cal, found := ledger.Fold(decode(t, written(entry("2026-03-03", "add: { protocol: "+pin("other")+", tier: low }"))), byRoute(route), ledger.Options{})
		if got := strings.Contains(found.Error(), "would break a limit, with those of another protocol: the limit “any 7 days”"); got != refused {
			t.Errorf("beside %s: refused %v: %v", route, got, found)
		}
		if got := strings.Contains(cal.Legs[0].Schedule.Findings.Error(), "totals count only the routes that a protocol gives"); got == refused {
			t.Errorf("beside %s: said %v", route, got)
		}
	}
}

// Nobody declined a dose that waits, and is held for another reason; and doses beside the plan are no
// part of adherence.
func TestStatusSaysWhatIsSo(t *testing.T) {
	for name, c := range map[string]struct {
		entries  []string
		declined int
	}{
		"held":     {[]string{entry("2026-03-16", "hold: doses")}, 0},
		"declined": {[]string{entry("2026-03-17", "check-in: response 1, decision: decline")}, 1},
		"both":     {[]string{entry("2026-03-17", "check-in: response 1, decision: decline"), entry("2026-03-18", "hold: doses")}, 1},
	} {
		cal, found := fold(t, base, written(c.entries...), ledger.Options{})
		if st := ledger.StatusOf(cal, civil.MustDate("2026-03-18")); len(st.Declined) != c.declined {
			t.Errorf("%s: %d declined; %v", name, len(st.Declined), found)
		}
	}
	cal, _ := fold(t, base, written(entry("2026-03-02", "given: induction 1"), entry("2026-03-02", "given: induction, at: 18:00, amount: 10 mg")), ledger.Options{})
	if percent, ok := ledger.StatusOf(cal, civil.MustDate("2026-03-06")).Adherence(); !ok || percent != 50 {
		t.Errorf("one of two planned doses was given, and adherence is %d %%", percent)
	}
}

// A reassessment lasts from the day that decided, and of several medicines the shortest holds.
func TestReassessmentLasts(t *testing.T) {
	const head = "doseplan: 1\nkind: protocol\nid: mine\ntitle: Mine\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\n"
	own := head + "medication: { name: examplamine }\nroutes: { oral: { round: 5 mg } }\nphases: { a: { dose: 50 mg, frequency: weekly, course: open-ended } }\ncheck-ins: { reassessment: { every: 4 weeks, mode: phone } }\nlimits: { single dose: 50 mg, reassess: every 6 months }\n"
	two := head + "medications:\n  x: { routes: { oral: { round: 5 mg } }, limits: { single dose: 50 mg, reassess: every 3 months } }\n  y: { routes: { oral: { round: 5 mg } }, limits: { single dose: 50 mg, reassess: every 12 months } }\n" +
		"phases:\n  a: { medication: x, dose: 50 mg, frequency: weekly, course: open-ended }\n  b: { medication: y, dose: 50 mg, frequency: weekly, course: open-ended, starts: start }\n"
	for _, c := range []struct {
		protocol string
		entries  []string
		last     string // the last day of which a dose is planned
	}{
		{own, nil, "2026-08-31"}, // six months end on 2 September
		{own, []string{entry("2026-04-27", "check-in: reassessment 2, decision: confirm")}, "2026-10-26"},
		{two, nil, "2026-06-01"},
		{two, []string{entry("2026-06-01", "check-in: reassessment 1, decision: confirm")}, "2026-08-31"},
	} {
		cal, found := fold(t, c.protocol, written(c.entries...), ledger.Options{Until: civil.MustDate("2027-12-31")})
		if cal == nil {
			t.Fatal(found)
		}
		s, last := cal.Legs[0].Schedule, ""
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind == schedule.Dose && e.Status == schedule.Planned {
				last = e.Date.String()
			}
		}
		if last != c.last {
			t.Errorf("after %v the last planned dose is on %s, want %s: %v", c.entries, last, c.last, found)
		}
	}
}

// A reassessment that declined holds every dose after it until a later one confirms that the course goes on, also where
// the time is not over for which the one before it holds.
func TestReassessmentDeclined(t *testing.T) {
	const text = "doseplan: 1\nkind: protocol\nid: mine\ntitle: Mine\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\n" +
		"medication: { name: examplamine }\nroutes: { oral: { round: 5 mg } }\nphases: { a: { dose: 50 mg, frequency: weekly, course: open-ended } }\ncheck-ins: { reassessment: { every: 4 weeks, mode: phone } }\nlimits: { single dose: 50 mg, reassess: every 3 months }\n"
	declined := entry("2026-03-30", "check-in: reassessment 1, decision: decline")
	for _, c := range []struct {
		entries          []string
		from, upTo, last string // the doses that are held, and the last that is planned
	}{
		{[]string{declined}, "2026-03-30", "2026-12-28", "2026-03-23"},
		{[]string{declined, entry("2026-04-27", "check-in: reassessment 2, decision: confirm")}, "2026-03-30", "2026-04-20", "2026-07-20"},
		{[]string{declined, entry("2026-04-02", "check-in: reassessment 1, decision: confirm")}, "2026-03-30", "2026-03-30", "2026-06-29"},
	} {
		cal, found := fold(t, text, written(c.entries...), ledger.Options{Until: civil.MustDate("2026-12-31")})
		if cal == nil {
			t.Fatal(found)
		}
		var held []string
		s, last := cal.Legs[0].Schedule, ""
		for i := range s.Events {
			switch e := &s.Events[i]; {
			case e.Kind == schedule.Dose && e.Status == schedule.Held:
				held = append(held, e.Date.String())
			case e.Kind == schedule.Dose && e.Status == schedule.Planned:
				last = e.Date.String()
			}
		}
		if len(held) == 0 || held[0] != c.from || held[len(held)-1] != c.upTo || last != c.last {
			t.Errorf("after %v held are %v, and the last planned dose is on %s: %v", c.entries, held, last, found)
		}
		for _, f := range s.Findings {
			if f.Code == diag.BeforeGate {
				t.Errorf("after %v: %v", c.entries, f)
			}
		}
	}
}

// The status names the check-in for which doses are held, since it did not take place.
func TestStatusNamesWhatIsOverdue(t *testing.T) {
	text := strings.Replace(base, "window: ±1 day, mode: phone", "window: ±1 day, overdue: stop, mode: phone", 1)
	for entries, want := range map[string]string{
		"": "review 1",
		entry("2026-03-09", "check-in: review 1, decision: decline"): "",
	} {
		cal, found := fold(t, text, written(entry("2026-03-02", "given: induction 1"), entries), ledger.Options{AsOf: civil.MustDate("2026-03-13")})
		if cal == nil {
			t.Fatal(found)
		}
		var got []string
		for _, x := range ledger.StatusOf(cal, civil.MustDate("2026-03-13")).Stopping {
			got = append(got, fmt.Sprintf("%s %d", x.Leg.Schedule.CheckIn(x.Event).Name, x.Event.Number))
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("after %q doses are held for %q, want %q", entries, text, want)
		}
	}
}

// A livedCase is a course as it stands on a day, and events that must be on its calendar then.
type livedCase struct {
	protocol, entries, now string
	want                   []string
}

// calendar folds the course, and fails where an event is not on its calendar.
func (c *livedCase) calendar(t *testing.T, o ledger.Options) *ledger.Calendar {
	t.Helper()
	o.Now = civil.MustDate(c.now)
	cal, found := fold(t, c.protocol, written(c.entries), o)
	if cal == nil || found.HasErrors() {
		t.Fatal(found)
	}
	has(t, cal, c.want...)
	return cal
}

// What a nurse found who lived courses through: check-ins that lose what they decided, or decide for ever.
func TestDecisionsHold(t *testing.T) {
	const head = "doseplan: 1\nkind: protocol\nid: mine\ntitle: Mine\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\nmedication: { name: examplamine }\nroutes: { iv: { round: 1 mg } }\nlimits: { single dose: 40 mg, interval: 20 h }\n"
	const days = head + "phases:\n  a: { dose: 20 mg, frequency: weekly, course: 1 doses }\n  b: { dose: 40 mg, frequency: weekly, course: 6 doses, window: +5 days }\ncheck-ins: { response: { on: [day 1 of b, day 15 of b, day 29 of b], window: ±3 days, mode: phone, gates: b } }\ninterruptions: { restart after: 2 weeks }\n"
	const first = head + "phases: { a: { dose: 20 mg, frequency: weekly, course: 6 doses } }\ncheck-ins: { evaluation: { before: first dose, within: 14 days, mode: phone, gates: first dose } }\n"
	const count = head + "phases: { a: { dose: 20 mg, frequency: daily, course: open-ended } }\ncheck-ins: { count: { every: 2 weeks, window: ±3 days, mode: lab, overdue: stop } }\n"
	begun := entry("2026-03-02", "given: a 1") + entry("2026-03-09", "check-in: response 1, decision: confirm") + entry("2026-03-09", "given: b 1")
	for name, c := range map[string]livedCase{
		"declined before its own day": {days, begun + entry("2026-03-16", "move: b 2, to: 2026-03-21") + entry("2026-03-20", "check-in: response 2, decision: decline"), "2026-03-21",
			[]string{"2026-03-21 09:00 mine b 2 40 mg held", "2026-03-23 09:00 mine b 3 40 mg held"}},
		"declined, with the dose of the day still to come": {days, begun + entry("2026-03-16", "move: b 2, to: 2026-03-20") + entry("2026-03-20", "check-in: response 2, decision: decline"), "2026-03-20",
			[]string{"2026-03-20 09:00 mine b 2 40 mg held"}},
		"begun again at the phase": {days, begun + entry("2026-03-16", "restart: mine, from phase: b"), "2026-03-16",
			[]string{"2026-03-16 09:00 mine b 1 40 mg planned", "2026-03-23 09:00 mine b 2 40 mg planned", "2026-03-30 09:00 mine response 2 planned", "2026-03-30 09:00 mine b 3 40 mg provisional", "2026-04-13 09:00 mine b 5 40 mg provisional"}},
		"confirmed after a long time": {days, begun + entry("2026-03-16", "given: b 2") + entry("2026-03-23", "check-in: response 2, decision: decline") + entry("2026-04-06", "check-in: response 3, decision: confirm"), "2026-04-06",
			[]string{"2026-04-06 09:00 mine a 1 20 mg planned", "2026-04-13 09:00 mine b 1 40 mg provisional"}},
		"lapsed, and the dose given": {first, entry("2026-02-18", "check-in: evaluation 1, decision: confirm") + entry("2026-02-26", "start: 2026-03-30") + entry("2026-03-30", "given: a 1"), "2026-03-30",
			[]string{"2026-03-30 09:00 mine a 1 20 mg taken", "2026-04-06 09:00 mine a 2 20 mg provisional"}},
		"held again after that": {first, entry("2026-02-18", "check-in: evaluation 1, decision: confirm") + entry("2026-02-26", "start: 2026-03-30") + entry("2026-03-30", "given: a 1") + entry("2026-03-31", "check-in: evaluation 1, decision: confirm"), "2026-03-31",
			[]string{"2026-03-31 09:00 mine evaluation 1 taken", "2026-04-06 09:00 mine a 2 20 mg planned"}},
		"a stop moved in its window": {count, entry("2026-03-16", "move: count 1, to: 2026-03-19"), "2026-03-20",
			[]string{"2026-03-19 09:00 mine a 18 20 mg planned", "2026-03-20 09:00 mine a 19 20 mg held"}},
		"the next one held": {count, entry("2026-03-30", "check-in: count 2"), "2026-03-31",
			[]string{"2026-03-31 09:00 mine a 30 20 mg planned"}},
	} {
		t.Run(name, func(t *testing.T) {
			cal := c.calendar(t, ledger.Options{})
			for i := range cal.Legs {
				for _, f := range cal.Legs[i].Schedule.Findings {
					if f.Code == diag.BeforeGate {
						t.Error(f)
					}
				}
			}
			if name == "the next one held" {
				if s := ledger.StatusOf(cal, civil.MustDate(c.now)); len(s.Stopping) > 0 || slices.ContainsFunc(s.Overdue, func(x ledger.Item) bool { return x.Event.Kind == schedule.CheckIn }) {
					t.Errorf("the status still asks for it: %v", s.Stopping)
				}
			}
		})
	}
}

// A dose that goes with each dose of another phase, and was missed, stays where it was: it is not planned again before
// that, or on another day from it, and takes nothing along.
func TestMissedCompanions(t *testing.T) {
	const text = "doseplan: 1\nkind: protocol\nid: mine\ntitle: Mine\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\nmedications:\n  x: { routes: { iv: { round: 1 mg } }, limits: { single dose: 50 mg, interval: 20 h } }\n  y: { routes: { oral: { round: 4 mg } }, limits: { single dose: 8 mg, interval: 1 h } }\n" +
		"phases:\n  main: { medication: x, dose: 40 mg, frequency: weekly, course: 6 doses, times: [\"10:00\"] }\n  pre: { medication: y, dose: 4 mg, frequency: once, course: 1 doses, starts: 30 minutes before each dose of main }\n  rescue: { medication: y, dose: 4 mg, frequency: once, course: 1 doses, starts: 4 hours after each dose of main }\nmissed doses: { then: shift }\n"
	cal, found := fold(t, text, written(entry("2026-03-02", "missed: pre 1"), entry("2026-03-02", "given: main 1"), entry("2026-03-02", "missed: rescue 1")), ledger.Options{Now: civil.MustDate("2026-03-03")})
	if cal == nil || found.HasErrors() {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-02 09:30 mine pre 1 4 mg missed", "2026-03-02 10:00 mine main 1 40 mg taken", "2026-03-02 14:00 mine rescue 1 4 mg missed",
		"2026-03-09 09:30 mine pre 2 4 mg planned", "2026-03-09 10:00 mine main 2 40 mg planned", "2026-03-09 14:00 mine rescue 2 4 mg planned")
}

// What an engineer found by reading: decisions are ordered by their days, and what a check-in let through before stays so.
func TestDecisionsByTheirDays(t *testing.T) {
	const head = "doseplan: 1\nkind: protocol\nid: mine\ntitle: Mine\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\nmedication: { name: examplamine }\nroutes: { iv: { round: 1 mg } }\n"
	const days = head + "limits: { single dose: 40 mg, interval: 20 h }\nphases:\n  a: { dose: 20 mg, frequency: weekly, course: 1 doses }\n  b: { dose: 40 mg, frequency: weekly, course: 6 doses, window: +5 days }\ncheck-ins:\n  response: { on: [day 1 of b, day 15 of b, day 29 of b], window: ±3 days, mode: phone, gates: b }\n  talk: { every: 1 week, mode: phone }\ninterruptions: { restart after: 2 weeks }\n"
	const daily = head + "limits: { single dose: 40 mg, interval: 20 h, reassess: every 3 months }\nphases: { a: { dose: 20 mg, frequency: daily, course: open-ended } }\ncheck-ins: { reassessment: { every: 4 weeks, window: ±5 days, mode: phone } }\n"
	const every = head + "limits: { single dose: 40 mg, interval: 20 h }\nphases:\n  a: { dose: 20 mg, frequency: weekly, course: 1 doses }\n  b: { dose: 40 mg, frequency: weekly, course: 8 doses }\ncheck-ins: { visit: { every: 2 weeks, after: start, mode: phone, gates: b } }\n"
	begun := entry("2026-03-02", "given: a 1") + entry("2026-03-09", "check-in: response 1, decision: confirm") + entry("2026-03-09", "given: b 1")
	again := begun + entry("2026-03-16", "restart: mine, from phase: b")
	for name, c := range map[string]livedCase{
		"a late record undoes no decline": {days, entry("2026-03-02", "given: a 1") + entry("2026-03-16", "move: b 2, to: 2026-03-21") + entry("2026-03-20", "check-in: response 2, decision: decline") + "  - { on: 2026-03-09, entered: 2026-03-21, by: A, check-in: response 1, decision: confirm }\n", "2026-03-21",
			[]string{"2026-03-21 09:00 mine b 2 40 mg held"}},
		"a reassessment declined early": {daily, entry("2026-03-26", "check-in: reassessment 1, decision: decline"), "2026-03-26",
			[]string{"2026-03-25 09:00 mine a 24 20 mg planned", "2026-03-26 09:00 mine a 25 20 mg held", "2026-03-27 09:00 mine a 26 20 mg held", "2026-03-30 09:00 mine a 29 20 mg held"}},
		"a reassessment confirmed late, that nothing waited for": {daily, "  - { on: 2026-04-02, entered: 2026-04-02, by: A, check-in: reassessment 1, decision: confirm }\n", "2026-04-02",
			[]string{"2026-03-30 09:00 mine a 29 20 mg planned", "2026-04-01 09:00 mine a 31 20 mg planned"}},
		"one that doses waited for": {daily, "  - { on: 2026-06-05, entered: 2026-06-05, by: A, check-in: reassessment 3, decision: confirm }\n", "2026-06-05",
			[]string{"2026-06-01 09:00 mine a 92 20 mg planned", "2026-06-02 09:00 mine a 93 20 mg held", "2026-06-04 09:00 mine a 95 20 mg held", "2026-06-05 09:00 mine a 96 20 mg planned"}},
		"the first dose after a restart given late": {days, again + entry("2026-03-19", "given: b 1"), "2026-03-19",
			[]string{"2026-03-23 09:00 mine b 2 40 mg planned", "2026-03-30 09:00 mine response 2 planned", "2026-03-30 09:00 mine b 3 40 mg provisional"}},
		"what decides about nothing begins nothing again": {days, begun + entry("2026-03-16", "given: b 2") + entry("2026-03-23", "check-in: response 2, decision: decline") + entry("2026-04-06", "check-in: talk 5, decision: confirm"), "2026-04-06",
			[]string{"2026-03-23 09:00 mine b 3 40 mg held", "2026-04-06 09:00 mine b 5 40 mg provisional"}},
		"a new text after a restart": {every, entry("2026-03-02", "given: a 1") + entry("2026-03-09", "given: b 1") + entry("2026-03-16", "check-in: visit 1, decision: confirm") + entry("2026-03-16", "given: b 2") + entry("2026-03-23", "restart: mine, from phase: b") + entry("2026-03-23", "protocol: { id: mine, version: 2.0.0, sha256: "+zeros+" }"), "2026-03-23",
			[]string{"2026-03-23 09:00 mine b 1 40 mg planned", "2026-03-30 09:00 mine b 2 40 mg planned", "2026-04-06 09:00 mine b 3 40 mg provisional"}},
	} {
		t.Run(name, func(t *testing.T) { c.calendar(t, ledger.Options{Until: civil.MustDate("2026-06-20")}) })
	}
}

// A delay puts a dose on the day that was ordered, or says where it stands.
func TestDelayIsExact(t *testing.T) {
	closed := ledger.Options{}
	closed.Base.Closed.Dates = map[civil.Date]string{civil.MustDate("2026-03-05"): "closed"}
	delay := func(what string) string { return entry("2026-03-03", "delay: "+what) }
	cal, found := fold(t, base, written(delay("induction 2, to: 2026-03-09")), closed)
	if cal == nil || refused(found, 1) {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-09 09:00 mine induction 2 40 mg planned", "2026-03-12 09:00 mine induction 3 40 mg planned")
	const two = "doseplan: 1\nkind: protocol\nid: mine\ntitle: Mine\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\nmedications:\n  x: { routes: { iv: { round: 1 mg } }, limits: { single dose: 40 mg, interval: 8 h } }\n  y: { routes: { oral: { round: 4 mg } }, limits: { single dose: 8 mg, interval: 1 h } }\n" +
		"phases:\n  main: { medication: x, dose: 40 mg, frequency: FREQUENCY, course: 6 doses, window: +1 day }\n  pre: { medication: y, dose: 4 mg, frequency: once, course: 1 doses, starts: 1 hour before each dose of main }\ninterruptions: { restart after: 10 days }\n"
	weekly, twice := strings.Replace(two, "FREQUENCY", "weekly", 1), strings.Replace(two, "FREQUENCY", "twice daily", 1)
	for name, c := range map[string]struct {
		text, entries string
		want          bool
	}{
		"as far as it may stand still":      {weekly, entry("2026-03-02", "given: main 1") + delay("main 2, to: 2026-03-12"), true},
		"longer, with what goes with it":    {weekly, entry("2026-03-02", "given: main 1") + delay("main 2, to: 2026-03-18"), false},
		"with an earlier dose of its day":   {twice, delay("main 4, to: 2026-03-05"), false},
		"the first of its day":              {twice, delay("main 3, to: 2026-03-05"), true},
		"no later than it is planned":       {base, entry("2026-03-03", "move: induction 2, to: 2026-03-06") + delay("induction 2, to: 2026-03-06"), false},
		"on a day of the week":              {strings.Replace(base, "[every 3 days, every 2 days]", "[mon and thu]", 1), delay("induction 2, to: 2026-03-12"), true},
		"after doses that are recorded too": {base, entry("2026-03-05", "given: induction 2") + delay("induction 1, to: 2026-03-09"), false},
	} {
		_, found := fold(t, c.text, written(c.entries), ledger.Options{})
		if last := strings.Count(c.entries, "\n"); refused(found, last) == c.want {
			t.Errorf("%s: %v", name, found)
		}
	}
	cal, found = fold(t, strings.Replace(base, "[every 3 days, every 2 days]", "[mon and thu]", 1), written(delay("induction 2, to: 2026-03-10")), ledger.Options{})
	if has(t, cal, "2026-03-12 09:00 mine induction 2 40 mg planned"); !strings.Contains(found.Error(), "the dose induction 2 stands on 2026-03-12, and not on 2026-03-10") {
		t.Errorf("where it stands is not said: %v", found)
	}
}

// A check-in of its own is not asked for where the dose that it looks at was left out by order.
func TestNoCheckInForWhatIsLeftOut(t *testing.T) {
	text := strings.Replace(base, "check-ins:\n", "check-ins:\n  counts: { on: 1 day before each dose of induction, mode: phone, window: 0 to +2 days, gates: induction, overdue: stop }\n", 1)
	cal, found := fold(t, text, written(entry("2026-03-01", "check-in: counts 1, decision: confirm"), entry("2026-03-02", "given: induction 1"), entry("2026-03-03", "skip: induction 2")), ledger.Options{Now: civil.MustDate("2026-03-07")})
	if cal == nil || found.HasErrors() {
		t.Fatal(found)
	}
	has(t, cal, "2026-03-05 09:00 mine induction 2 40 mg held", "2026-03-07 09:00 mine counts 3 planned", "2026-03-08 09:00 mine induction 3 40 mg provisional")
	if text := strings.Join(lines(cal), "\n"); strings.Contains(text, "counts 2") {
		t.Errorf("a count is asked for a dose that was left out:\n%s", text)
	}
}

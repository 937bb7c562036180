package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/lint"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/proof"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/worked"
	"github.com/doseplan/doseplan/protocols"
)

const small = `doseplan: 1
kind: protocol
id: example
title: An example
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
routes: { oral: { round: 5 mg } }
phases: { course: { dose: 50 mg, frequency: every 3 days, course: 10 doses } }
`

// everything returns all that can be found in a file, as `doseplan validate` does.
func everything(text string) diag.List {
	resolve := func(name, _ string) (string, []byte, error) {
		if name == "base" {
			return "base.yaml", []byte(small + "contraindications: { absolute: [examplosis] }\n"), nil
		}
		text, err := protocols.Read(name)
		return name + ".yaml", text, err
	}
	root, found := source.Parse("x.yaml", []byte(text))
	p, found := protocol.DecodeTree("x.yaml", []byte(text), root, found, resolve)
	if !found.HasErrors() {
		r := proof.Check(p)
		found = append(append(append(found, r.Found...), lint.Check(p, r, medicine.Known())...), worked.Check(p)...)
	}
	found, unused := source.Silence("x.yaml", []byte(text), found)
	return append(found, unused...).Sort()
}

func has(found diag.List, code diag.Code) bool {
	return slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == code })
}

// Every entry of the manual of codes that has examples is shown to be right about them. The
// example that they are put into has no largest single dose, which is the business of one code
// alone.
func TestManualOfCodes(t *testing.T) {
	for _, e := range diag.Codes() {
		if e.Bad == "" {
			continue
		}
		t.Run(string(e.Code), func(t *testing.T) {
			base := "extends: base\n"
			if strings.HasPrefix(e.Bad, "extends:") {
				base = ""
			}
			if found := everything(base + e.Bad); !has(found, e.Code) {
				t.Errorf("the faulty example does not raise %s: %v", e.Code, found)
			}
			if e.Good == "" {
				return
			}
			for _, d := range everything("extends: base\n" + e.Good) {
				if other := d.Code == diag.NoSingleLimit || d.Code == diag.NoInterval; !other || e.Code == d.Code {
					t.Errorf("the mended example raises %v", d)
				}
			}
		})
	}
}

func TestShippedProtocolsAreClean(t *testing.T) {
	for _, id := range protocols.IDs() {
		text, err := protocols.Read(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range everything(string(text)) {
			t.Errorf("%s: %v\n%s", id, d, d.Help)
		}
	}
}

// Slips of a unit or a figure that the file alone shows.
func TestSlips(t *testing.T) {
	const ketamine = "doseplan: 1\nkind: protocol\nid: example\ntitle: An example\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\n" +
		"medication: { name: ketamine }\nrequirements: { each dose: { no driving until: the next day } }\nphases: { course: { dose: 50 mg, frequency: every 3 days, course: 10 doses } }\n"
	for text, code := range map[string]diag.Code{
		ketamine + "routes: { iv: { round: 5 mg } }\nlimits: { single dose: 50 mg }\n":                                                                                                               diag.NoInterval,
		ketamine + "routes: { oral: { form: tablet, strengths: [50 mg, 500 mg], round: 50 mg } }\nlimits: { single dose: 50 mg, interval: 20 h }\n":                                                  diag.NotDivisible,
		ketamine + "routes: { iv: { round: 5 mg } }\nlimits: { single dose: 50 mg, interval: 20 h }\ncheck-ins: { review: { every: 2 days, window: ±3 days, mode: in person } }\n":                   diag.WindowTooWide,
		ketamine + "routes: { iv: { round: 5 mg } }\nlimits: { single dose: 50 mg, interval: 20 h }\ncheck-ins: { signs: { around each dose: [0 min, 40 h, 80 min], mode: in person } }\n":           diag.BadTime,
		ketamine + "routes: { iv: { round: 5 mg, over: 40 h } }\nlimits: { single dose: 50 mg, interval: 20 h }\n":                                                                                   diag.LongInfusion,
		strings.Replace(ketamine, "each dose: { no", "each dose: { monitoring for: 2 hours, no", 1) + "routes: { iv: { round: 5 mg, over: 4 h } }\nlimits: { single dose: 50 mg, interval: 20 h }\n": diag.OddFigure,
		strings.Replace(ketamine, "every 3 days", "every 12 hours", 1) + "routes: { iv: { round: 5 mg, over: 13 h } }\nlimits: { single dose: 50 mg }\n":                                             diag.LongInfusion,
		strings.Replace(ketamine, "course: 10 doses", "course: 10 doses, over: 40 h", 1) + "routes: { iv: { round: 5 mg } }\nlimits: { single dose: 50 mg, interval: 20 h }\n":                       diag.LongInfusion,
		ketamine + "routes: { iv: { round: 5 mg } }\nlimits: { single dose: 50 mg, interval: 20 h }\nevidence: [ { note: the source, for: [dose, gates] } ]\n":                                       diag.NotCited,
		ketamine + "routes: { iv: { round: 5 mg } }\nlimits: { single dose: 50 mg, interval: 20 h }\nsupply: { fill: 4 days, lead time: 1 week }\n":                                                  diag.WindowTooWide,
	} {
		if found := everything(text); !has(found, code) {
			t.Errorf("no %s in\n%s\n%v", code, text, found)
		}
	}
	// What speaks against a figure stands in the file, or is what people do.
	const plain = "limits: { single dose: 50 mg, interval: 20 h }\nroutes: { iv: { round: 5 mg, form: infusion, over: 40 minutes } }\n"
	for _, text := range []string{
		"requirements: { each dose: { no driving until: the next day, no liquid for: %s } }\n",
		"requirements: { each dose: { no driving until: the next day, monitoring for: 1 hour } }\ncheck-ins: { signs: { around each dose: [0 min, %s], mode: in person } }\n",
		"requirements: { each dose: { no driving until: the next day } }\ncontraindications: { absolute: [hypersensitivity to %s] }\n",
		"requirements: { each dose: { no driving until: the next day } }\ncheck-ins: { review: { on: 1 week after dose 1, window: ±%s, mode: phone } }\n",
	} {
		for value, odd := range map[string][2]string{"no liquid": {"30 hours", "30 minutes"}, "signs": {"2 hours", "40 minutes"}, "hypersensitivity": {"ketamien", "ketamine"}, "review": {"70 days", "7 days"}} {
			if !strings.Contains(text, value) {
				continue
			}
			for i, v := range odd {
				whole := strings.Replace(ketamine, "requirements: { each dose: { no driving until: the next day } }\n", "", 1) + plain + fmt.Sprintf(text, v)
				if found := everything(whole); has(found, diag.OddFigure) != (i == 0) {
					t.Errorf("%s, %s: %v", text, v, found)
				}
			}
		}
	}
	for text, odd := range map[string]bool{
		"routes: { im: { round: 5 mg, form: infusion of ketamine } }\nphases: { course: { dose: 50 mg, frequency: every 3 days, course: 10 doses } }\n":                                                                                                true,
		"routes: { iv: { round: 5 mg } }\nphases: { course: { frequency: every 3 days, course: 10 doses, titration: { start: 50 mg, increase: 25 g, to: 300 mg, confirmed at: review } } }\ncheck-ins: { review: { every: 1 week, mode: phone } }\n":   true,
		"routes: { iv: { round: 5 mg } }\nphases: { course: { frequency: every 3 days, course: 10 doses, titration: { start: 50 mg, increase: 125 mg, to: 300 mg, confirmed at: review } } }\ncheck-ins: { review: { every: 1 week, mode: phone } }\n": false,
	} {
		head, _, _ := strings.Cut(ketamine, "phases:")
		if found := everything(head + "limits: { single dose: 300 mg, interval: 20 h }\n" + text); has(found, diag.OddFigure) != odd {
			t.Errorf("%s: %v", text, found)
		}
	}
}

// What a reader would take for another calendar is found in the file: a maximum that rounding never reaches, a
// step that passes without a dose, and a file that gives nobody a calendar. A limit that a late dose comes near
// to guards something.
func TestReadersSlips(t *testing.T) {
	const head = "doseplan: 1\nkind: protocol\nid: example\ntitle: An example\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\nmedication: { name: examplamine }\n"
	const limits = "limits: { single dose: 300 mg, interval: 20 h }\n"
	const twoPhases = "routes: { oral: { round: 1 mg } }\nphases:\n  course: { dose: 5 mg, frequency: daily, course: 2 weeks }\n  later: { dose: 5 mg, frequency: once, course: 1 doses, "
	for _, c := range []struct {
		text string
		code diag.Code
		want bool
	}{
		{"population: { weight: 40..100 kg }\nroutes: { oral: { concentration: 40 mg/mL, round: 0.5 mL } }\nphases: { course: { dose: { amount: 5 mg/kg, max: 250 mg }, frequency: daily, course: 4 doses } }\n", diag.CoarseRounding, true},
		{"population: { weight: 40..100 kg }\nroutes: { oral: { concentration: 40 mg/mL, round: 0.5 mL } }\nphases: { course: { dose: { amount: 5 mg/kg, max: 260 mg }, frequency: daily, course: 4 doses } }\n", diag.CoarseRounding, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [dose], figures: [\"100 mg a day, for two weeks\"] } ]\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [dose], figures: [\"10 mg a day, in tablets of 30 mg\"] } ]\n", diag.OddFigure, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [dose], figures: [\"10 mcg a day\"] } ]\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [course], figures: [for 14 weeks] } ]\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [dose], figures: [\"10 mg/day\"] } ]\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [dose], figures: [\"1,000 mg\"] } ]\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [dose], figures: [\"1 g\"] } ]\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [dose], figures: [\"10 mg/mL\"] } ]\n", diag.OddFigure, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [dose], figures: [\"100 mg, and 10 mg as the control\"] } ]\n", diag.OddFigure, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [dose], figures: [\"100 mg for 140 days\"] } ]\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: X, for: [dose], figures: [\"100 mg for 2 weeks\"] } ]\n", diag.OddFigure, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 doses } }\nevidence: [ { cite: X, for: [dose], figures: [\"for 14 days\"] } ]\n", diag.OddFigure, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: \"X. J 2026;1:533-541\", doi: 10.1192/bjp.2023.79, for: [dose] } ]\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: \"X. J 2024;1:533-41\", doi: 10.1192/bjp.2023.79, for: [dose] } ]\n", diag.OddFigure, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 100 mg, frequency: daily, course: 14 days } }\nevidence: [ { cite: \"X. J 2023;1:541-533\", for: [dose] } ]\n", diag.OddFigure, true},
		{"population: { age: 18..90 years }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by age: { under 18: 5 mg, from 18: 10 mg } }, frequency: daily, course: 14 days } }\n", diag.Unused, true},
		{"population: { age: 17..90 years }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by age: { under 18: 5 mg, from 18: 10 mg } }, frequency: daily, course: 14 days } }\n", diag.Unused, false},
		{"population: { age: 18..90 years }\nroutes: { oral: { round: 1 mg } }\nphases: { a: { dose: 10 mg, frequency: daily, course: 14 days, for: { age: under 65 } }, b: { dose: { by age: { under 60: 5 mg, from 60: 6 mg } }, frequency: daily, course: 14 days, for: { age: from 65 } } }\n", diag.Unused, true},
		{"population: { age: 18..90 years }\nroutes: { oral: { round: 1 mg } }\nphases: { a: { dose: 10 mg, frequency: daily, course: 14 days, for: { age: under 65 } }, b: { dose: 5 mg, frequency: daily, course: 14 days, for: { age: from 65 } } }\ncheck-ins: { test: { on: day 1, mode: lab, gates: [a, b], for: { age: from 65 } } }\n", diag.PartlyGated, true},
		{"population: { age: 18..90 years }\nroutes: { oral: { round: 1 mg } }\nphases: { a: { dose: 10 mg, frequency: daily, course: 14 days } }\ncheck-ins: { test: { on: day 1, mode: lab, gates: a, for: { sex: female } } }\n", diag.PartlyGated, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: weekly, course: 14 doses } }\nmissed doses: { take within: 200 h, then: skip }\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: weekly, course: 14 doses } }\nmissed doses: { take within: 48 h, then: skip }\n", diag.OddFigure, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: daily, course: 14 doses, sites: [left thigh, left thigh] } }\n", diag.Unused, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by day: { from 1: 10 mg, from 15: 20 mg } }, frequency: daily, course: 14 days } }\n", diag.Unused, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by day: { from 1: 10 mg, from 14: 20 mg } }, frequency: daily, course: 14 days } }\n", diag.Unused, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by week: { from 1: 10 mg, from 3: 20 mg } }, frequency: daily, course: 14 days } }\n", diag.Unused, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by dose: { from 1: 10 mg, from 5: 20 mg } }, frequency: weekly, course: 4 doses } }\n", diag.Unused, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 5 mg, frequency: daily, course: 4 weeks }, course: { dose: { by week: { from 1: 10 mg, from 7: 20 mg } }, frequency: daily, course: until end of week 9 } }\n", diag.Unused, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 5 mg, frequency: daily, course: 4 weeks }, course: { dose: { by week: { from 1: 10 mg, from 5: 20 mg } }, frequency: daily, course: until end of week 9 } }\n", diag.Unused, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by day: { from 1: 10 mg, from 43: 20 mg } }, frequency: daily, course: 30 doses } }\n", diag.Unused, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by week: { from 1: 10 mg, from 4: 20 mg } }, frequency: days 1 to 5 of 21, course: 1 cycle, repeat: 3 } }\n", diag.Unused, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by week: { from 1: 10 mg, from 4: 20 mg } }, frequency: days 1 to 5 of 21, course: 1 cycle, repeat: 3, each run: goes on } }\n", diag.Unused, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by weekday: { mon: { by dose: { from 1: 10 mg, from 2: 15 mg, from 3: 20 mg } }, other: 5 mg } }, frequency: daily, course: 4 weeks } }\n", diag.TwoReadings, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by weekday: { mon: { by week: { from 1: 10 mg, from 2: 15 mg, from 3: 20 mg } }, other: 5 mg } }, frequency: daily, course: 4 weeks } }\n", diag.TwoReadings, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: every 3 weeks, course: 4 weeks, repeat: 2 } }\n", diag.OddJoin, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: every 3 weeks, course: 6 weeks, repeat: 2 } }\n", diag.OddJoin, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: every 3 weeks, course: 4 weeks, repeat: 2, rest: 1 week } }\n", diag.OddJoin, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 10 mg, frequency: daily, course: 5 days, repeat: 3, rest: 2 days } }\n", diag.OddJoin, false},
		{"routes: { oral: { round: 1 mg } }\ncount from: day 0\nphases: { course: { dose: { by day: { from 0: 10 mg, from 7: 20 mg } }, frequency: weekly, course: 4 doses } }\n", diag.OddFigure, false},
		{"routes: { oral: { round: 1 mg } }\ncount from: day 0\nphases: { course: { dose: { by day: { from 0: 10 mg, from 8: 20 mg } }, frequency: weekly, course: 4 doses } }\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by day: { from 1: 10 mg, from 8: 20 mg } }, frequency: [daily, every 2 days], course: 5 doses } }\n", diag.Unused, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by dose: { from 1: 10 mg, from 4: 20 mg } }, frequency: weekly, course: 4 doses } }\n", diag.Unused, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by weekday: { mon: 10 mg, other: 20 mg } }, frequency: tue and thu, course: 4 doses } }\n", diag.Unused, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by weekday: { tue: 10 mg, other: 20 mg } }, frequency: tue and thu, course: 4 doses } }\n", diag.Unused, false},
		{"population: { weight: 40..120 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { amount: 10 mg/kg, min: 20 mg/kg }, frequency: daily, course: 6 doses } }\n", diag.OddFigure, true},
		{"population: { weight: 40..120 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { amount: 10 mg/kg, max: 5 mg/kg }, frequency: daily, course: 6 doses } }\n", diag.OddFigure, true},
		{"population: { weight: 40..120 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { amount: 10 mg/kg, min: 2000 mg }, frequency: daily, course: 6 doses } }\n", diag.OddFigure, true},
		{"population: { weight: 40..120 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { amount: 10 mg/kg, min: 5 mg/kg }, frequency: daily, course: 6 doses } }\n", diag.OddFigure, false},
		{"population: { weight: 40..120 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { amount: 10 mg/kg, min: 500 mg }, frequency: daily, course: 6 doses } }\n", diag.OddFigure, false},
		{"population: { weight: 40..120 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { amount: 0.6 mg/kg/h, over: 24 hours, max: 0.7 mg/kg }, frequency: once, course: 1 doses } }\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { start: 1 mg, increase: 1 mg, every: 1 week, to: 4 mg }, frequency: every 2 weeks, course: 6 doses } }\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { start: 1 mg, increase: 1 mg, every: 2 weeks, to: 4 mg }, frequency: every 2 weeks, course: 6 doses } }\n", diag.OddFigure, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { start: 1 mg, increase: 1 mg, every: 1 week, to: 4 mg }, frequency: daily, course: 60 doses } }\n", diag.OddFigure, false},
		// A band that falls where the others rise, and a time in which nobody misses a dose.
		{"population: { weight: 10..60 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by weight: { up to 15 kg: 30 mg, above 15 kg: 45 mg, above 23 kg: 6 mg, above 40 kg: 75 mg } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{"population: { weight: 10..60 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by weight: { up to 15 kg: 30 mg, above 15 kg: 45 mg, above 23 kg: 60 mg, above 40 kg: 75 mg } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, false},
		// Weights that nobody has, and a dose that outlasts a stay.
		{"population: { age: 18..64 years, weight: 40..1600 kg }\nroutes: { iv: { round: 1 mg } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses } }\n", diag.OddPopulation, true},
		{"routes: { iv: { round: 1 mg, over: 60 hours } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses } }\n", diag.LongInfusion, true},
		{"routes: { iv: { round: 1 mg, over: 19 hours } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses } }\n", diag.LongInfusion, false},
		// Small children who weigh what adults do, a criterion turned round, and what comes before another and stands after it.
		{"population: { age: 18..64 months, weight: 40..160 kg }\nroutes: { iv: { round: 1 mg } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses } }\n", diag.OddPopulation, true},
		{"population: { age: 18..64 years, weight: 40..160 kg }\nroutes: { iv: { round: 1 mg } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses } }\n", diag.OddPopulation, false},
		{"population: { age: 6..59 months, weight: 3..30 kg }\nroutes: { iv: { round: 1 mg } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses } }\n", diag.OddPopulation, false},
		{"routes: { iv: { round: 1 mg } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses or until remission is met } }\ncheck-ins: { remission: { every: 1 week, mode: phone, criterion: MADRS of 10 or more } }\n", diag.OddFigure, true},
		{"routes: { iv: { round: 1 mg } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses or until remission is met } }\ncheck-ins: { remission: { every: 1 week, mode: phone, criterion: MADRS of 10 or less } }\n", diag.OddFigure, false},
		{"routes: { iv: { round: 1 mg } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses or until response is met } }\ncheck-ins: { response: { every: 1 week, mode: phone, criterion: a fall of the MADRS by at least 50 % } }\n", diag.OddFigure, false},
		{"routes: { iv: { round: 1 mg } }\nphases:\n  course: { dose: 40 mg, frequency: weekly, course: 5 doses }\n  pre-dose: { dose: 4 mg, frequency: once, course: 1 doses, starts: 26 hours after each dose of course }\n", diag.OddFigure, true},
		{"routes: { iv: { round: 1 mg } }\nphases:\n  course: { dose: 40 mg, frequency: weekly, course: 5 doses }\n  pre-dose: { dose: 4 mg, frequency: once, course: 1 doses, starts: 26 hours before each dose of course }\n", diag.OddFigure, false},
		{"routes: { iv: { round: 1 mg } }\nphases: { course: { dose: 40 mg, frequency: every 2 weeks, course: 5 doses } }\ninterruptions: { restart after: 8 days }\n", diag.OddFigure, true},
		{"routes: { iv: { round: 1 mg } }\nphases: { course: { dose: 40 mg, frequency: every 2 weeks, course: 5 doses } }\ninterruptions: { restart after: 8 weeks }\n", diag.OddFigure, false},
		// A band that is ten times the one beside it, or of nobody; and a maximum that is of everybody, or of nobody.
		{"population: { weight: 10..60 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by weight: { up to 15 kg: 10 mg, above 15 kg: 100 mg } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{"population: { weight: 10..60 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by weight: { up to 15 kg: 10 mg, above 15 kg: 40 mg, above 90 kg: 50 mg } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{"population: { weight: 10..60 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by weight: { up to 15 kg: 10 mg, above 15 kg: 40 mg, above 40 kg: 50 mg } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, false},
		{"measurements: { clearance: 5..250 mL/min }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by measurement: { clearance: { under 30 mL/min: 10 mg, from 30 mL/min: 15 mg, from 300 mL/min: 20 mg } } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{"population: { weight: 40..100 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { amount: 5 mg/kg, max: 100 mg }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{"population: { weight: 40..100 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { amount: 0.5 mg/kg, max: 300 mg }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{"population: { weight: 40..100 kg }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: { amount: 2 mg/kg, max: 150 mg }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 4 mg, frequency: daily, course: 5 doses } }\nmissed doses: { take within: 10 minutes, then: skip }\n", diag.OddFigure, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 4 mg, frequency: daily, course: 5 doses } }\nmissed doses: { take within: 10 h, then: skip }\n", diag.OddFigure, false},
		{"population: { age: 18..90 years }\nroutes: { oral: { round: 1 mg } }\nphases:\n  young: { dose: { by age: { under 65: 2 mg, from 65: not given } }, frequency: daily, course: 5 days }\n  old: { dose: { by age: { under 65: not given, from 65: 1 mg } }, frequency: daily, course: 5 days }\n", diag.CannotBeGiven, true},
		{"population: { age: 18..90 years }\nroutes: { oral: { round: 1 mg } }\nphases:\n  young: { for: { age: under 65 }, dose: 2 mg, frequency: daily, course: 5 days }\n  old: { for: { age: from 65 }, dose: 1 mg, frequency: daily, course: 5 days }\n", diag.CannotBeGiven, false},
		// Words that readers take in two ways.
		{"dates: { quit: 8..35 days }\nroutes: { oral: { round: 1 mg } }\nphases: { a: { dose: 50 mg, frequency: daily, course: until end of week 12, starts: 7 days before quit } }\n", diag.TwoReadings, true},
		{"dates: { quit: 8..35 days }\nroutes: { oral: { round: 1 mg } }\nphases: { a: { dose: 50 mg, frequency: daily, course: 12 weeks, starts: 7 days before quit } }\n", diag.TwoReadings, false},
		{twoPhases + "starts: month 6 }\n", diag.TwoReadings, true},
		{twoPhases + "starts: 6 months after start }\n", diag.TwoReadings, false},
		{twoPhases + "starts: week 3 }\n", diag.TwoReadings, false}, // the first lasts two weeks
		{twoPhases + "starts: week 4 }\n", diag.TwoReadings, true},
		{twoPhases + "starts: 1 week after end of course }\n", diag.TwoReadings, true},
		{twoPhases + "starts: 1 day after end of course }\n", diag.TwoReadings, false},
		{twoPhases + "starts: 1 week after last dose of course }\n", diag.TwoReadings, false},
		{twoPhases + "starts: after course }\ncheck-ins: { response: { on: week 14, mode: phone } }\n", diag.TwoReadings, true},
		{twoPhases + "starts: after course }\ncheck-ins: { response: { on: end of week 14, mode: phone } }\n", diag.TwoReadings, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 5 mg, frequency: [daily, twice daily], course: 2 weeks } }\n", diag.TwoReadings, true},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { amount: 10 mg, total of: a day }, frequency: [daily, twice daily], course: 2 weeks } }\n", diag.TwoReadings, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: { by frequency: { daily: 10 mg, twice daily: 5 mg } }, frequency: [daily, twice daily], course: 2 weeks } }\n", diag.TwoReadings, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 5 mg, frequency: [daily, 5 a week], course: 2 weeks } }\n", diag.TwoReadings, false},
		{"missed doses: { take within: 5 days }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: 2 mg, frequency: weekly, course: 5 doses } }\n", diag.LooseLimit, false},
		{"routes: { oral: { round: 1 mg } }\nphases: { course: { dose: 2 mg, frequency: weekly, course: 5 doses } }\n", diag.LooseLimit, true},
	} {
		limit := limits
		if c.code == diag.LooseLimit {
			limit = "limits: { interval: 48 h }\n"
		}
		if found := everything(head + limit + c.text); has(found, c.code) != c.want {
			t.Errorf("%s: %v", c.text, found)
		}
	}
}

// What users wrote that nobody means, and the same as it is meant.
func TestUsersSlips(t *testing.T) {
	const head = "doseplan: 1\nkind: protocol\nid: example\ntitle: An example\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\n"
	const plain = "medication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\n"
	const two = "phases:\n  induction: { dose: 5 mg, frequency: 2 a week, course: 6 doses }\n  maintenance: { dose: 5 mg, frequency: weekly, course: 4 doses }\n"
	const course = "phases: { course: { dose: 50 mg, frequency: weekly, course: 5 doses } }\n"
	const tiers = "tiers: { low: 5 mg, mid: 10 mg, high: 20 mg }\ndefault tier: low\ncheck-ins: { review: { every: 1 week, mode: phone } }\nphases: { course: { dose: tier, frequency: daily, course: 8 weeks, titration: { steps: %s, confirmed at: review } } }\n"
	for _, c := range []struct {
		text string
		code diag.Code
		want bool
	}{
		// More units at once than anybody takes.
		{"medication: { name: examplamine }\nroutes: { oral: { form: tablet, strengths: [2.5 mg] } }\nphases: { course: { dose: 150 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { oral: { form: tablet, strengths: [2.5 mg] } }\nphases: { course: { dose: 22.5 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, false},
		{"medication: { name: examplamine }\nroutes: { oral: { form: tablet, strengths: [2.5 mg] } }\nphases: { course: { dose: 25 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: methotrexate }\nroutes: { oral: { form: tablet, strengths: [2.5 mg] } }\nphases: { course: { dose: 25 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, false},
		{"medication: { name: examplamine }\nroutes: { transdermal: { form: patch, strengths: [10 mg] } }\nphases: { course: { dose: 40 mg, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { oral: { form: tablet, strengths: [100 mcg, 300 mg] } }\nphases: { course: { dose: 100 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, true},
		// Units, names, contradictions.
		{"medication: { name: examplamine }\nroutes: { iv: { concentration: 20 units/mL, over: 1 hour, round: 300 mg } }\nphases: { course: { dose: 300 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { iv: { concentration: 20 mg/mL, over: 1 hour, round: 300 mg } }\nphases: { course: { dose: 300 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, false},
		{"medication: { name: valacyclvoir }\nroutes: { oral: { round: 5 mg } }\n" + course, diag.OddFigure, true},
		{plain + course + "contraindications: { absolute: [not pregnant] }\n", diag.OddFigure, true},
		{plain + course + "contraindications: { absolute: [active bleeding], relative: [active bleeding] }\n", diag.OddFigure, true},
		{plain + course + "contraindications: { absolute: [active bleeding], relative: [gout] }\n", diag.OddFigure, false},
		{plain + "phases: { course: { dose: 5 mg, frequency: daily, course: 12 hours } }\n", diag.OddFigure, true},
		{plain + "phases: { course: { dose: 5 mg, frequency: every 12 days, course: 7 days } }\n", diag.OddFigure, true},
		{plain + "phases: { course: { dose: 5 mg, frequency: weekly, course: 1 week } }\n", diag.OddFigure, false},
		{plain + "phases: { course: { title: 50 mg daily, dose: 5 mg, frequency: daily, course: 7 days } }\n", diag.OddFigure, true},
		{plain + "phases: { course: { title: 10 mg a day, dose: 5 mg, frequency: twice daily, course: 7 days } }\n", diag.OddFigure, false},
		{plain + "population: { weight: 40..90 kg }\nphases: { course: { dose: { by weight: { under 60 kg: 50 mg, from 60 kg: 25 mg } }, frequency: daily, course: 7 days } }\n", diag.OddFigure, true},
		{plain + course + "population: { age: 0..30 years, weight: 0.5..3 kg }\n", diag.OddPopulation, true},
		// Tests that decide elsewhere, or nothing.
		{plain + "phases: { course: { dose: 5 mg, frequency: weekly, course: 5 doses }, before: { dose: 5 mg, frequency: once, course: 1 doses, starts: 1 hour before each dose of course } }\ncheck-ins: { count: { on: 1 day before each dose of course, mode: lab, gates: before } }\n", diag.Undecided, true},
		{plain + two + "check-ins: { baseline: { before: first dose, within: 14 days, mode: lab, gates: maintenance } }\n", diag.Undecided, true},
		{plain + course + "check-ins: { look: { on: day 8, mode: lab, criterion: platelets over 100 } }\n", diag.Undecided, true},
		// Routes and forms.
		{"medication: { name: examplamine }\nroutes: { subcutaneous: { form: tablet, round: 5 mg } }\n" + course, diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { sublingual: { form: tablet, round: 25 mg } }\n" + course, diag.OddFigure, false},
		{"medication: { name: examplamine }\nroutes: { iv: { bioavailability: 90 %, round: 5 mg } }\n" + course, diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { iv: { bioavailability: 100 %, round: 5 mg } }\n" + course, diag.OddFigure, false},
		{"medication: { name: examplamine }\nroutes: { iv: { form: infusion of examplamine, round: 5 mg } }\n" + course, diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { iv: { form: infusion of examplamine, over: 4 minutes, round: 5 mg } }\n" + course, diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { iv: { form: infusion of examplamine, over: 40 minutes, round: 5 mg } }\n" + course, diag.OddFigure, false},
		// Conditions, waits and pauses.
		{plain + course + "contraindications: { absolute: [preganncy] }\n", diag.OddFigure, true},
		{plain + course + "contraindications: { absolute: [pregnancy: [expectant mohter, gravid]] }\n", diag.OddFigure, false},
		{plain + course + "requirements: { each dose: { no driving until: the next month } }\n", diag.OddFigure, true},
		{plain + course + "requirements: { each dose: { no driving until: the next day } }\n", diag.OddFigure, false},
		{plain + course + "interruptions: { restart after: 8 years }\n", diag.OddFigure, true},
		{plain + course + "interruptions: { restart after: 8 weeks }\n", diag.OddFigure, false},
		{plain + course + "check-ins: { evaluation: { before: first dose, within: 14 months, mode: in person, gates: first dose } }\n", diag.OddFigure, true},
		{plain + course + "check-ins: { evaluation: { before: first dose, within: 14 days, mode: in person, gates: first dose } }\n", diag.OddFigure, false},
		// Check-ins that decide nothing, or too soon.
		{plain + two + "check-ins: { response: { on: last dose of induction, mode: in person, measure: [PHQ-9] } }\n", diag.Undecided, true},
		{plain + two + "check-ins: { response: { on: dose 6 of induction, mode: in person, measure: [PHQ-9] } }\n", diag.Undecided, true},
		{plain + two + "check-ins: { response: { on: last dose of induction, mode: in person, measure: [PHQ-9], gates: maintenance } }\n", diag.Undecided, false},
		{plain + two + "check-ins: { response: { on: dose 3 of induction, mode: in person, measure: [PHQ-9] } }\n", diag.Undecided, false},
		{plain + two + "check-ins: { response: { on: last dose of maintenance, mode: in person, measure: [PHQ-9] } }\n", diag.Undecided, false},
		{plain + two + "check-ins: { response: { on: dose 1 of induction, mode: in person, measure: [PHQ-9], gates: maintenance } }\n", diag.Undecided, true},
		// Steps past a tier.
		{plain + fmt.Sprintf(tiers, "[low, high]"), diag.OddFigure, true},
		{plain + fmt.Sprintf(tiers, "[low, mid, high]"), diag.OddFigure, false},
		{plain + fmt.Sprintf(tiers, "[low, mid]"), diag.OddFigure, false},
		// Tests before each dose that decide about none, and what decides too soon or at the end by its day.
		{plain + course + "check-ins: { count: { on: 1 day before each dose of course, mode: lab } }\n", diag.Undecided, true},
		{plain + course + "check-ins: { count: { on: 1 day before each dose of course, mode: lab, gates: course } }\n", diag.Undecided, false},
		{plain + course + "check-ins: { call: { on: 1 day before each dose of course, mode: phone } }\n", diag.Undecided, false},
		{plain + two + "check-ins: { response: { on: day 18, mode: in person, measure: [PHQ-9] } }\n", diag.Undecided, true},
		{plain + two + "check-ins: { response: { on: day 10, mode: in person, measure: [PHQ-9] } }\n", diag.Undecided, false},
		{plain + two + "check-ins: { response: { on: day 2, mode: in person, measure: [PHQ-9], gates: maintenance } }\n", diag.Undecided, true},
		{plain + two + "check-ins: { response: { on: day 15, mode: in person, measure: [PHQ-9], gates: maintenance } }\n", diag.Undecided, false},
		// Late doses where the interval, or a total, is of days.
		{plain + "phases: { course: { dose: 5 mg, frequency: weekly, course: 5 doses } }\nlimits: { interval: 5 days }\nmissed doses: { take within: 160 h, then: skip }\n", diag.LateTooNear, true},
		{plain + "phases: { course: { dose: 5 mg, frequency: weekly, course: 5 doses } }\nlimits: { interval: 5 days }\nmissed doses: { take within: 48 h, then: skip }\n", diag.LateTooNear, false},
		{plain + "phases: { course: { dose: 5 mg, frequency: weekly, course: 5 doses } }\nlimits: { each 7 days: 5 mg }\nmissed doses: { take within: 160 h, then: skip }\n", diag.LateTooNear, true},
		{plain + "phases: { course: { dose: 5 mg, frequency: weekly, course: 5 doses } }\nlimits: { each 7 days: 5 mg }\nmissed doses: { take within: 24 h, then: skip }\n", diag.LateTooNear, false},
		// Bands the wrong way round.
		{plain + "measurements: { clearance: 5..250 mL/min }\nphases: { course: { dose: { by measurement: { clearance: { under 30 mL/min: 20 mg, from 30 mL/min: 10 mg } } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{plain + "measurements: { clearance: 5..250 mL/min }\nphases: { course: { dose: { by measurement: { clearance: { under 30 mL/min: 10 mg, from 30 mL/min: 20 mg } } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, false},
		{plain + "measurements: { IgE: 5..2500 IU/mL }\nphases: { course: { dose: { by measurement: { IgE: { under 30 IU/mL: 20 mg, from 30 IU/mL: 10 mg } } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, false},
		{plain + "population: { age: 2..80 years }\nphases: { course: { dose: { by age: { under 12: 20 mg, from 12: 10 mg } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{plain + "population: { age: 18..90 years }\nphases: { course: { dose: { by age: { under 65: 20 mg, from 65: 10 mg } }, frequency: daily, course: 5 doses } }\n", diag.OddFigure, false},
		{plain + "phases: { course: { dose: { by day: { from 1: 5 mg, from 5: 10 mg } }, frequency: weekly, course: 9 doses } }\n", diag.OddFigure, true},
		{plain + "phases: { course: { dose: { by day: { from 1: 5 mg, from 29: 10 mg } }, frequency: weekly, course: 9 doses } }\n", diag.OddFigure, false},
		// Volumes, pens and forms.
		{"medication: { name: examplamine }\nroutes: { im: { form: injection, concentration: 0.2 mcg/mL, round: 1 mcg } }\nphases: { course: { dose: 200 mcg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { im: { form: injection, concentration: 0.2 mg/mL, round: 1 mcg } }\nphases: { course: { dose: 200 mcg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, false},
		{"medication: { name: examplamine }\nroutes: { iv: { form: infusion, over: 5 minutes, concentration: 1 mg/mL, round: 1 mg } }\nphases: { course: { dose: 1000 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { subcutaneous: { form: prefilled pen, strengths: [1 mg] } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\npopulation: { weight: 10..80 kg }\nroutes: { oral: { form: tablet, strengths: [5 mg] } }\nphases: { course: { dose: { by weight: { under 25 kg: 50 mg, from 25 kg: 200 mg } }, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { oral: { form: prefilled pen, round: 1 mg } }\nphases: { course: { dose: 40 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { oral: { form: modified-release tablet, strengths: [10 mg], divides: into halves } }\nphases: { course: { dose: 15 mg, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { oral: { form: modified-relase tablet, round: 5 mg } }\nphases: { course: { dose: 15 mg, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { oral: { form: solution, over: 2 hours, round: 5 mg } }\nphases: { course: { dose: 15 mg, frequency: daily, course: 5 doses } }\n", diag.OddFigure, true},
		{"medication: { name: examplamine }\nroutes: { im: { form: injection, concentration: 5 g/mL, round: 1 mg } }\nphases: { course: { dose: 200 mg, frequency: weekly, course: 5 doses } }\n", diag.OddFigure, true},
		// Populations, ranges and fasts.
		{plain + course + "population: { bmi: 2..60 }\n", diag.OddPopulation, true},
		{plain + course + "population: { bmi: 18..60 }\n", diag.OddPopulation, false},
		{plain + course + "measurements: { creatinine: 0.3..15 umol/L, creatinine clearance: { range: 30..250 mL/min, formula: Cockcroft-Gault } }\npopulation: { age: 18..90 years, weight: 40..150 kg }\n", diag.OddPopulation, true},
		{plain + course + "measurements: { creatinine: 0.3..15 mg/dL, creatinine clearance: { range: 30..250 mL/min, formula: Cockcroft-Gault } }\npopulation: { age: 18..90 years, weight: 40..150 kg }\n", diag.OddPopulation, false},
		{plain + course + "measurements: { creatinine: 0.3..15 mg/dL, creatinine clearance: { range: 30..250 mL/min, formula: Cockcroft-Gault } }\npopulation: { age: 18..90 years, weight: 40..150 kg }\n", diag.Unused, false},
		{plain + course + "requirements: { each dose: { no food for: 2 hours, no liquid for: 6 hours } }\n", diag.OddFigure, true},
		{plain + course + "requirements: { each dose: { no food for: 6 hours, no liquid for: 2 hours } }\n", diag.OddFigure, false},
		{plain + course + "requirements: { each dose: { no driving until: 30 minutes later } }\n", diag.OddFigure, true},
		{plain + course + "check-ins: { baseline: { before: first dose, within: 14 days, mode: lab, measure: [ALT] } }\n", diag.Undecided, true},
		{plain + course + "check-ins: { baseline: { before: first dose, within: 14 days, mode: lab, measure: [ALT], gates: first dose } }\n", diag.Undecided, false},
		{plain + "check-ins: { review: { every: 1 week, mode: phone } }\nphases: { course: { frequency: daily, course: 8 weeks, titration: { start: 10 mg, increase: 20 mg, to: 30 mg, confirmed at: review } } }\n", diag.OddFigure, true},
		{plain + "check-ins: { review: { every: 1 week, mode: phone } }\nphases: { course: { frequency: daily, course: 8 weeks, titration: { start: 10 mg, increase: 10 mg, to: 30 mg, confirmed at: review } } }\n", diag.OddFigure, false},
		// Cases that no run comes to, turns that end a day too soon, one look for all cycles, a criterion sought too late.
		{plain + "phases: { course: { dose: { by dose: { from 1: 20 mg, from 2: 10 mg } }, frequency: weekly, course: 1 week, repeat: 4 } }\n", diag.Unused, true},
		{plain + "phases: { course: { dose: { by dose: { from 1: 20 mg, from 2: 10 mg } }, frequency: weekly, course: 1 week, repeat: 4, each run: goes on } }\n", diag.Unused, false},
		{plain + "phases: { course: { dose: { by day of cycle: { from 1: 20 mg, from 6: 10 mg } }, frequency: days 1-5 of 28, course: 3 cycles } }\n", diag.Unused, true},
		{plain + "phases: { course: { dose: { by day of cycle: { from 1: 20 mg, from 5: 10 mg } }, frequency: days 1-5 of 28, course: 3 cycles } }\n", diag.Unused, false},
		{plain + "phases: { course: { dose: 5 mg, frequency: weekly, course: 20 weeks } }\ncheck-ins: { labs: { every: 4 weeks, until: end of week 12, mode: lab } }\n", diag.TwoReadings, true},
		{plain + "phases: { course: { dose: 5 mg, frequency: weekly, course: 20 weeks } }\ncheck-ins: { labs: { every: 4 weeks, until: 12 weeks after start, mode: lab } }\n", diag.TwoReadings, false},
		{plain + "phases: { course: { dose: 5 mg, frequency: weekly, course: 20 weeks } }\ncheck-ins: { labs: { every: 5 weeks, until: end of week 12, mode: lab } }\n", diag.TwoReadings, false},
		{plain + "phases: { course: { dose: 5 mg, frequency: days 1-5 of 28, course: 3 cycles } }\ncheck-ins: { count: { on: day 1 of course, time: 07:00, mode: lab, gates: course } }\n", diag.Undecided, true},
		{plain + "phases: { course: { dose: 5 mg, frequency: days 1-5 of 28, course: 3 cycles } }\ncheck-ins: { count: { on: day 1 of each cycle of course, time: 07:00, mode: lab, gates: course } }\n", diag.Undecided, false},
		{plain + "phases: { course: { dose: 5 mg, frequency: daily, course: 4 weeks or until clear is met }, after: { dose: 2 mg, frequency: daily, course: 2 weeks } }\ncheck-ins: { clear: { on: day 60, mode: lab, criterion: no growth } }\n", diag.Undecided, true},
		{plain + "phases: { course: { dose: 5 mg, frequency: daily, course: 4 weeks or until clear is met }, after: { dose: 2 mg, frequency: daily, course: 2 weeks } }\ncheck-ins: { clear: { on: day 20, mode: lab, criterion: no growth } }\n", diag.Undecided, false},
		{"medication: { name: examplamine }\nroutes: { oral: { round: 100 mg } }\npopulation: { weight: 40..120 kg, height: 152..200 cm }\nphases: { course: { dose: 80 mg/m2, frequency: daily, course: 5 days } }\n", diag.CoarseRounding, true},
		{"medication: { name: examplamine }\nroutes: { oral: { round: 10 mg } }\npopulation: { weight: 40..120 kg, height: 152..200 cm }\nphases: { course: { dose: 80 mg/m2, frequency: daily, course: 5 days } }\n", diag.CoarseRounding, false},
		// Who sees patients home, and an interval that only a late dose comes near.
		{"medication: { name: Ketamine }\nroutes: { iv: { round: 1 mg } }\n" + course, diag.HomeRequirement, true},
		{"medication: { name: Ketamine }\nroutes: { iv: { round: 1 mg } }\n" + course + "requirements: { each dose: { escort home: required } }\n", diag.HomeRequirement, false},
		{plain + course + "limits: { single dose: 50 mg, interval: 48 minutes }\nmissed doses: { take within: 120 h, then: skip }\n", diag.LooseLimit, true},
		{plain + course + "limits: { single dose: 50 mg, interval: 48 h }\nmissed doses: { take within: 120 h, then: skip }\n", diag.LooseLimit, false},
		// Contraindications in the wrong list.
		{plain + course + "contraindications: { relative: [ recent surgery, absolute: [active bleeding] ] }\n", diag.BadWord, true},
		{"medication: { name: warfarin }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: 5 mg, frequency: daily, course: 5 doses } }\ncontraindications: { relative: [pregnancy] }\n", diag.UnusualUse, true},
		// What is known of a medicine.
		{"medication: { name: Ketamine }\nroutes: { iv: { round: 1 mg } }\npopulation: { weight: 40..100 kg }\nphases: { course: { dose: 5 mg/kg, frequency: weekly, course: 5 doses } }\ncontraindications: { relative: [hypertension] }\n", diag.UnusualUse, true},
		{"medication: { name: Ketamine }\nroutes: { iv: { round: 1 mg } }\npopulation: { weight: 40..100 kg }\nphases: { course: { dose: 0.5 mg/kg, frequency: weekly, course: 5 doses } }\ncontraindications: { relative: [hypertension] }\n", diag.UnusualUse, false},
		{"medication: { name: Ketamine }\nroutes: { iv: { round: 1 mg } }\npopulation: { weight: 40..100 kg }\nphases: { course: { dose: 350 mg, frequency: weekly, course: 5 doses } }\ncontraindications: { relative: [hypertension] }\n", diag.UnusualUse, true},
		{"medication: { name: vincristine }\nroutes: { intrathecal: { round: 0.1 mg } }\nphases: { course: { dose: 2 mg, frequency: weekly, course: 5 doses } }\n", diag.UnusualUse, true},
		{"medication: { name: vincristine }\nroutes: { iv: { round: 0.1 mg } }\nphases: { course: { dose: 2 mg, frequency: weekly, course: 5 doses } }\n", diag.UnusualUse, false},
		{"medication: { name: vincristine }\nroutes: { iv: { round: 0.1 mg } }\nphases: { course: { dose: 2 mg, frequency: every 3 days, course: 5 doses } }\n", diag.TooOften, true},
		{"medication: { name: warfarin }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: 5 mg, frequency: daily, course: 5 doses } }\n", diag.UnusualUse, true},
		{"medication: { name: warfarin }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: 5 mg, frequency: daily, course: 5 doses } }\ncontraindications: { absolute: [pregnant women] }\n", diag.UnusualUse, false},
		{"medication: { name: acetaminophen }\nroutes: { iv: { round: 1 mg } }\npopulation: { weight: 10..49 kg }\nphases: { course: { dose: 150 mg/kg, frequency: daily, course: 5 doses } }\n", diag.UnusualUse, true},
		{"medication: { name: acetaminophen }\nroutes: { iv: { round: 1 mg } }\npopulation: { weight: 10..49 kg }\nphases: { course: { dose: 15 mg/kg, frequency: daily, course: 5 doses } }\n", diag.UnusualUse, false},
	} {
		if found := everything(head + c.text); has(found, c.code) != c.want {
			t.Errorf("want %s: %v\n%s%v", c.code, c.want, c.text, found)
		}
	}
}

// What all others of a row of phases say, one says otherwise: those for other patients, those before and after.
func TestRows(t *testing.T) {
	const head = "doseplan: 1\nkind: protocol\nid: example\ntitle: An example\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\n"
	const plain = "medication: { name: examplamine }\nroutes: { oral: { round: 0.5 mg } }\n"
	kidneys := func(usual, between, weak string) string {
		return plain + "measurements: { clearance: 5..250 mL/min }\nphases:\n" +
			"  usual: { for: { measurement: { clearance: from 50 mL/min } }, " + usual + ", starts: start }\n" +
			"  between: { for: { measurement: { clearance: from 30 mL/min and under 50 mL/min } }, " + between + ", starts: start }\n" +
			"  weak: { for: { measurement: { clearance: under 30 mL/min } }, " + weak + ", starts: start }\n"
	}
	row := func(phases ...string) string {
		text := plain + "phases:\n"
		for i, ph := range phases {
			text += fmt.Sprintf("  p%d: { %s }\n", i, ph)
		}
		return text
	}
	const eight, twelve, once = "dose: 10 mg, frequency: every 8 hours, course: 21 doses", "dose: 10 mg, frequency: every 12 hours, course: 14 doses", "dose: 10 mg, frequency: every 24 hours, course: 7 doses"
	for _, c := range []struct {
		text string
		want bool
	}{
		// Kidneys.
		{kidneys(eight, twelve, once), false},
		{kidneys(once, twelve, eight), true},
		{kidneys("dose: 10 mg, frequency: every 8 days, course: 21 doses", twelve, once), true},
		{kidneys("dose: 10 mg, frequency: daily, course: 7 days", twelve, once), true},
		{kidneys("dose: 30 mg, frequency: daily, course: 7 days", twelve, once), false},
		// Lengths.
		{kidneys("dose: 10 mg, frequency: every 8 hours, course: 12 doses", twelve, once), true},
		{kidneys(eight, "dose: 10 mg, frequency: every 12 hours, course: 41 doses", once), true},
		// Phases amid others.
		{row("dose: 10 mg, frequency: daily, course: 4 weeks", "dose: 20 mg, frequency: weekly, course: 4 weeks", "dose: 10 mg, frequency: daily, course: 4 weeks"), true},
		{row("dose: 10 mg, frequency: twice daily, course: 4 weeks", "dose: 5 mg, frequency: daily, course: 4 weeks", "dose: 2.5 mg, frequency: twice daily, course: 4 weeks"), true},
		{row("dose: 10 mg, frequency: daily, course: 4 weeks", "dose: 10 mg, frequency: weekly, course: 4 weeks", "dose: 10 mg, frequency: every 2 weeks, course: 8 weeks"), false},
		// Doses that have changed places.
		{row("dose: 15 mg, frequency: daily, course: 3 weeks", "dose: 12 mg, frequency: daily, course: 3 weeks", "dose: { start: 10 mg, decrease: 1 mg, every: 4 weeks, to: 1 mg }, frequency: daily, course: through the last step"), false},
		{row("dose: 12 mg, frequency: daily, course: 3 weeks", "dose: 15 mg, frequency: daily, course: 3 weeks", "dose: { start: 10 mg, decrease: 1 mg, every: 4 weeks, to: 1 mg }, frequency: daily, course: through the last step"), true},
		{row("dose: { by week: { from 1: 1 mg, from 2: 2 mg, from 3: 4 mg, from 4: 3 mg } }, frequency: daily, course: 6 weeks"), true},
		{row("dose: { by week: { from 1: 1 mg, from 2: 2 mg, from 3: 3 mg, from 4: 4 mg } }, frequency: daily, course: 6 weeks"), false},
		{row("dose: { by week: { from 1: 8 mg, from 2: 2 mg, from 3: 3 mg, from 4: 4 mg } }, frequency: daily, course: 6 weeks"), false},
		// Names.
		{plain + "phases: { taper: { dose: { by week: { from 1: 5 mg, from 3: 10 mg } }, frequency: daily, course: 4 weeks } }\n", true},
		{plain + "phases: { taper: { dose: { by week: { from 1: 10 mg, from 3: 5 mg } }, frequency: daily, course: 4 weeks } }\n", false},
		{plain + "phases: { titration: { title: Dose escalation, dose: { by week: { from 1: 10 mg, from 3: 5 mg } }, frequency: daily, course: 4 weeks } }\n", true},
		// Loading doses.
		{plain + "phases: { load: { dose: 25 mg, frequency: once, course: 1 dose }, normal: { dose: 15 mg, frequency: every 12 hours, starts: 12 hours after first dose of load, course: 8 doses } }\n", false},
		{plain + "phases: { load: { dose: 15 mg, frequency: once, course: 1 dose }, normal: { dose: 25 mg, frequency: every 12 hours, starts: 12 hours after first dose of load, course: 8 doses } }\n", true},
		{plain + "phases: { load: { dose: 25 mg, frequency: once, course: 1 dose }, normal: { dose: 15 mg, frequency: every 12 hours, starts: 12 days after first dose of load, course: 8 doses } }\n", true},
		// Children and adults.
		{row(once) + "population: { age: 5..95 years }\n", true},
		{row(once) + "population: { age: 12..95 years }\n", false},
		{row(once) + "population: { age: 2..10 years }\n", false},
		{row("dose: { by weight: { under 40 kg: 5 mg, from 40 kg: 10 mg } }, frequency: daily, course: 4 days") + "population: { age: 5..95 years, weight: 15..150 kg }\n", false},
		// A fixed dose beside one per kg.
		{row("dose: 4 mg, frequency: weekly, course: 3 doses", "dose: 8 mg/kg, frequency: weekly, course: 3 doses") + "population: { weight: 40..100 kg }\n", true},
		{row("dose: 400 mg, frequency: weekly, course: 3 doses", "dose: 8 mg/kg, frequency: weekly, course: 3 doses") + "population: { weight: 40..100 kg }\n", false},
		// Sites, other bases, levels.
		{row("dose: 10 mg, frequency: weekly, course: 4 doses, sites: [left thigh, right thigh]", "dose: 10 mg, frequency: weekly, course: 4 doses, sites: [left thigh, right tigh]"), true},
		{row("dose: 10 mg, frequency: weekly, course: 4 doses, sites: [left thigh, right thigh]", "dose: 10 mg, frequency: weekly, course: 4 doses, sites: [left thigh, right thigh]"), false},
		{row(once) + "population: { weight: 45..90 kg, height: 150..200 cm }\nlimits: { single dose: 76 mg/m2 }\n", true},
		{row(once) + "check-ins: { trough: { on: day 30, mode: lab, measure: [examplamine level] } }\n", true},
		{row(once) + "check-ins: { trough: { on: day 3, mode: lab, measure: [examplamine level] } }\n", false},
		{row(once) + "check-ins: { count: { on: day 3, mode: lab, measure: [platlets] } }\n", true},
		{"medication: { name: examplamine }\nroutes: { oral: { form: solution, strengths: [2.5 mg] } }\nphases: { course: { dose: 5 mg, frequency: daily, course: 4 days } }\n", true},
	} {
		if found := everything(head + c.text); has(found, diag.OddFigure) != c.want || found.HasErrors() {
			t.Errorf("want it %v\n%s%v", c.want, c.text, found)
		}
	}
}

// One check-in that goes on where another ends leaves no hole between them.
func TestHandOver(t *testing.T) {
	const file = "doseplan: 1\nkind: protocol\nid: example\ntitle: An example\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\nmedication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\nphases: { course: { dose: 5 mg, frequency: daily, course: open-ended } }\nlimits: { single dose: 5 mg, each day: 5 mg, interval: 20 h }\ncheck-ins:\n"
	for text, hole := range map[string]bool{
		"  a: { every: 1 week, until: 6 months after start, mode: lab }\n  b: { every: 2 weeks, after: 6 months after start, mode: lab }\n":               true,
		"  a: { every: 2 weeks, until: 12 months after start, mode: lab }\n  b: { every: 1 month, after: 12 months after start, mode: lab }\n":            true,
		"  a: { every: 1 week, until: 26 weeks after start, mode: lab }\n  b: { every: 2 weeks, after: 26 weeks after start, mode: lab }\n":               false,
		"  a: { every: 1 month, until: 6 months after start, mode: lab }\n  b: { every: 3 months, after: 6 months after start, mode: lab }\n":             false,
		"  a: { every: 1 week, until: end of week 26, mode: lab }\n  b: { every: 2 weeks, after: end of week 26, mode: lab }\n":                           true,
		"  a: { every: 2 weeks, after: end of month 6, until: end of month 12, mode: lab }\n  b: { every: 1 month, after: end of month 12, mode: lab }\n": true,
		"  a: { every: 1 week, until: week 27, mode: lab }\n  b: { every: 2 weeks, after: week 27, mode: lab }\n":                                         false,
		"  a: { every: 1 week, until: 26 weeks after start, mode: lab }\n  b: { every: 2 weeks, from: 26 weeks after start, mode: lab }\n":                true,
		"  a: { every: 1 week, until: 26 weeks after start, mode: lab }\n  b: { every: 2 weeks, from: 28 weeks after start, mode: lab }\n":                false,
	} {
		if found := everything(file + text); has(found, diag.OddJoin) != hole {
			t.Errorf("%s%v", text, found)
		}
	}
}

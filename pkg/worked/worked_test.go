package worked_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/worked"
)

// base is a protocol whose calendar can be counted on the fingers: 3 a week fall on Monday,
// Wednesday and Friday, and 0.5 mg/kg of 72 kg are 36 mg.
const base = `doseplan: 1
kind: protocol
id: example
title: An example
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
population: { age: 18..64 years, weight: 40..160 kg }
routes: { iv: { over: 40 minutes, round: 1 mg } }
phases:
  induction: { dose: 0.5 mg/kg, frequency: [3 a week, 2 a week], course: 6 doses, window: +1 day }
  maintenance: { dose: 0.5 mg/kg, frequency: weekly, course: 4 doses, starts: after induction }
check-ins:
  response: { on: last dose of induction, mode: in person, gates: maintenance }
  signs: { around each dose: [0 min, 40 min], mode: in person }
requirements: { each dose: { monitoring for: 2 hours } }
contraindications:
  absolute: [ psychosis: [schizophrenia] ]
  relative: [ severe liver disease: [cirrhosis] ]
limits: { single dose: 0.75 mg/kg, interval: 20 h }
`

func decode(t *testing.T, text string) *protocol.Protocol {
	t.Helper()
	p, found := protocol.Decode("x.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	return p
}

// What holds is worked by hand from the protocol, or read off a calendar of the year.
func TestExamplesThatHold(t *testing.T) {
	for name, example := range map[string]string{
		"days":            `{ patient: { weight: 72 kg }, gives: { induction: "36 mg on days 1, 3, 5, 8, 10 and 12" } }`,
		"clock times":     `{ patient: { weight: 72 kg }, gives: { induction: "36 mg on days 1, 3 and 5 at 09:00" }, until: day 7 }`,
		"a gate":          `{ patient: { weight: 72 kg }, gives: { maintenance: "36 mg every 7 days from day 15 to day 36, if response confirms" } }`,
		"a passed gate":   `{ patient: { weight: 72 kg }, confirmed: response, gives: { maintenance: "36 mg on days 15, 22, 29, 36" } }`,
		"another choice":  `{ patient: { weight: 72 kg }, frequency: { induction: 2 a week }, gives: { induction: "36 mg on days 1, 4, 8, 11, 15 and 18" } }`,
		"a Thursday":      `{ patient: { weight: 72 kg, start: 2026-03-05 }, gives: { induction: "36 mg on days 1, 3, 5, 8, 10 and 12" } }`,
		"a check-in":      `{ patient: { weight: 72 kg }, gives: { response: on day 12 } }`,
		"observations":    `{ patient: { weight: 72 kg }, gives: { signs: 0 and 40 minutes after each dose } }`,
		"none":            `{ patient: { weight: 72 kg }, gives: { maintenance: none }, until: day 14 }`,
		"a closed day":    `{ patient: { weight: 72 kg }, closed: day 3, gives: { induction: "36 mg on days 1, 4 and 5" }, until: day 7 }`,
		"closed days":     `{ patient: { weight: 72 kg }, closed: [wed, thu], refused by: closed days }`,
		"an order":        `{ patient: { weight: 72 kg }, ordered: { induction: 54 mg }, gives: { induction: "54 mg on days 1, 3 and 5" }, until: day 7 }`,
		"too large":       `{ patient: { weight: 72 kg }, ordered: { induction: 55 mg }, refused by: single dose }`,
		"given late":      `{ patient: { weight: 72 kg }, given: { induction 1: on day 2 at 13:00 }, gives: { induction: "36 mg on days 2, 3 and 5" }, until: day 7 }`,
		"too soon":        `{ patient: { weight: 72 kg }, given: { induction 1: on day 2 at 13:01 }, refused by: interval }`,
		"given otherwise": `{ patient: { weight: 72 kg }, given: { induction 1: 30 mg on day 1 at 11:00 }, gives: { induction: ["30 mg on day 1 at 11:00", "36 mg on days 3 and 5 at 09:00"] }, until: day 7 }`,
		"too heavy":       `{ patient: { weight: 161 kg, age: 65 }, refused by: [weight, age] }`,
		"no weight":       `{ refused by: weight }`,
		"conditions":      `{ patient: { weight: 72 kg }, with any of: [psychosis, schizophrenia], refused by: psychosis }`,
		"like one":        `{ patient: { weight: 72 kg }, with any of: [psychotic episode], refused by: like psychosis }`,
		"relative":        `{ patient: { weight: 72 kg }, with any of: [cirrhosis, severe liver disease], warns of: severe liver disease, gives: { response: on day 12 } }`,
		"questions":       `{ patient: { weight: 72 kg, age: 40 }, asks: [no psychosis, no severe liver disease (relative)] }`,
		"sayings":         `{ patient: { weight: 72 kg }, says: [observed for 2 hours from its start, "response: in person", "intravenous: over 40 minutes"] }`,
	} {
		p := decode(t, base+"examples: [ "+example+" ]\n")
		for _, r := range worked.Run(p) {
			for _, d := range r.Found {
				t.Errorf("%s: %v", name, d)
			}
		}
	}
}

// What does not hold is reported in the words of the example, at its line.
func TestExamplesThatFail(t *testing.T) {
	for example, want := range map[string]string{
		`gives: { induction: "36 mg on days 1, 3, 5, 8, 10 and 13" }`:                       "induction is wanted 36 mg on day 13, and given 36 mg on day 12 at 09:00",
		`gives: { induction: "36 mg on days 1, 3, 5, 8 and 10" }`:                           "induction is given 36 mg on day 12 at 09:00, and not wanted",
		`gives: { induction: "36 mg on days 1, 3, 5, 8, 10, 12 and 15" }`:                   "induction is wanted 36 mg on day 15, and not given",
		`gives: { induction: "35 mg on days 1, 3, 5, 8, 10 and 12" }`:                       "induction is wanted 35 mg on day 1, and given 36 mg on day 1 at 09:00",
		`gives: { induction: "36 mcg on days 1, 3, 5, 8, 10 and 12" }`:                      "induction is wanted 36 mcg on day 1, and given 36 mg on day 1 at 09:00",
		`gives: { induction: "36 mg on days 1, 3, 5, 8, 10 and 12 at 10:00" }`:              "induction is wanted 36 mg on day 1 at 10:00, and given 36 mg on day 1 at 09:00",
		`gives: { maintenance: "36 mg on days 15, 22, 29 and 36" }`:                         "maintenance is wanted 36 mg on day 15, and given 36 mg on day 15 at 09:00, if response confirms",
		`gives: { induction: "36 mg on days 1, 3, 5, 8, 10 and 12, if response confirms" }`: "induction is wanted 36 mg on day 1, if response confirms, and given 36 mg on day 1 at 09:00",
		`gives: { response: none }`:                                                         "response is given on day 12 at 09:00, and not wanted",
		`gives: { signs: "0, 40 and 80 minutes after each dose" }`:                          "signs is given [0 40] minutes after dose 1, not [0 40 80]",
		`refused by: weight`: "the example is not refused by “weight”: it gives a calendar",
		`with any of: [schizophrenia], refused by: [psychosis, weight]`:  "with “schizophrenia”, the example is refused by “psychosis”, not “psychosis”, “weight”",
		`with any of: [schizophrenia], gives: { response: on day 12 }`:   "with “schizophrenia”, the example is refused by “psychosis”: the patient's file states an absolute contraindication of the protocol, “psychosis”",
		`warns of: severe liver disease, gives: { response: on day 12 }`: "the example warns of nothing, not “severe liver disease”",
		`asks: no psychosis`:           "the example asks “age 18 to 64 years”, “no psychosis”, “no severe liver disease (relative)”, not “no psychosis”",
		`says: "response: telehealth"`: "the calendar does not say “response: telehealth”; what is like it: “response: in person”",
	} {
		found := worked.Check(decode(t, base+"examples:\n  - { patient: { weight: 72 kg }, "+example+" }\n"))
		if len(found) != 1 || found[0].Message != want || found[0].Code != diag.ExampleFails || found[0].Range.Start.Line != 24 {
			t.Errorf("%s:\n got %v\nwant %s", example, found, want)
		}
	}
}

// The examples of the reference are run as well as read.
func TestReferenceExamplesHold(t *testing.T) {
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
	n := 0
	for _, o := range protocol.Reference() {
		for _, k := range o.Keys {
			if !strings.Contains(k.Example, "examples: ") {
				continue
			}
			n++
			p, found := protocol.Decode("x.yaml", []byte("extends: base\n"+k.Example), func(string, string) (string, []byte, error) {
				return "base.yaml", []byte(small), nil
			})
			for _, d := range append(found, worked.Check(p)...) {
				t.Errorf("%s: %v\n%s", k.Name, d, k.Example)
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d examples were run", n)
	}
}

// The changes that a handful of examples lets pass are known: what no example speaks of.
func TestMutate(t *testing.T) {
	text := []byte(base + `examples:
  - { patient: { weight: 72 kg }, gives: { induction: "36 mg on days 1, 3, 5, 8, 10 and 12", response: on day 12 } }
  - { patient: { weight: 160 kg, age: 18 }, gives: { induction: "80 mg on days 1, 3 and 5" }, until: day 5 }
  - { patient: { weight: 161 kg, age: 17 }, refused by: [weight, age] }
`)
	root, found := source.Parse("x.yaml", text)
	if found.HasErrors() {
		t.Fatal(found)
	}
	before, unnoticed, noticed := dump(root), []string{}, []string{}
	for _, m := range worked.Mutate("x.yaml", text, root, nil) {
		switch m.Outcome {
		case worked.Unnoticed:
			unnoticed = append(unnoticed, m.String())
		case worked.Noticed:
			noticed = append(noticed, m.String())
		}
	}
	if dump(root) != before {
		t.Error("the file is not as it was")
	}
	for _, want := range []string{
		"phases › induction › dose: 0.5 mg/kg → 0.6 mg/kg", "phases › induction › course: 6 doses → 5 doses",
		"population › weight: 40..160 kg → 40..161 kg", "population › weight: 40..160 kg → 40..159 kg", "population › age: 18..64 years → 17..64 years",
		"check-ins: “response” left out", "population: “age” left out",
	} {
		if !slices.Contains(noticed, want) {
			t.Errorf("“%s” is not noticed", want)
		}
	}
	for _, want := range []string{
		"population › weight: 40..160 kg → 39..160 kg", "phases › maintenance › dose: 0.5 mg/kg → 0.6 mg/kg", "phases › induction: “window” left out",
		"limits › single dose: 0.75 mg/kg → 0.76 mg/kg", "requirements › each dose › monitoring for: 2 hours → 3 hours",
		"contraindications: “absolute” left out", "routes › iv › round: 1 mg → 1 mcg", "check-ins › signs › around each dose: 40 min → 41 min",
	} {
		if !slices.Contains(unnoticed, want) {
			t.Errorf("“%s” is not listed as unnoticed", want)
		}
	}
}

func dump(n *source.Node) string {
	text := n.Value
	for _, f := range n.Fields {
		text += "{" + f.Key.Value + ":" + dump(f.Value) + "}"
	}
	for _, item := range n.Items {
		text += "[" + dump(item) + "]"
	}
	return text
}

// Examples of what a course makes of missed doses and of holds, against calendars counted by hand; and one that is wrong.
func TestMissedAndHeld(t *testing.T) {
	const file = "doseplan: 1\nkind: protocol\nid: x\ntitle: X\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\nmedication: { name: examplamine }\nroutes: { oral: {} }\n" +
		"phases:\n  a: { dose: 10 mg, frequency: every 3 days, course: 4 doses }\n  b: { dose: 20 mg, frequency: weekly, course: 2 doses }\n"
	for _, c := range []struct{ rules, example, wrong string }{
		{"missed doses: { then: shift }\n", "{ missed: a 2, gives: { a: \"10 mg on days 1, 5, 8 and 11\", b: 20 mg on days 14 and 21 } }", ""},
		{"missed doses: { then: shift }\n", "{ missed: [a 2, a 2], gives: { a: \"10 mg on days 1, 6, 9 and 12\" } }", ""},
		{"missed doses: { then: skip }\n", "{ missed: a 2, gives: { a: \"10 mg on days 1, 7 and 10\", b: 20 mg on days 13 and 20 } }", ""},
		{"missed doses: { then: extend }\n", "{ missed: a 2, gives: { a: \"10 mg on days 1, 7, 10 and 13\" } }", ""},
		{"interruptions: { clock: stops }\n", "{ held: days 4 to 6, gives: { a: \"10 mg on days 1, 7, 10 and 13\" } }", ""},
		{"interruptions: { clock: keeps }\n", "{ held: days 4 to 6, gives: { a: \"10 mg on days 1, 7 and 10\" } }", ""},
		{"missed doses: { then: shift }\ninterruptions: { clock: stops }\n", "{ missed: [a 2, a 3], held: days 6 to 7, gives: { a: \"10 mg on days 1, 5, 11 and 14\" } }", ""},
		{"interruptions: { clock: stops, restart after: 1 week }\n", "{ held: days 4 to 11, until: day 15, gives: { a: \"10 mg on days 1, 12 and 15\" } }", ""},
		{"missed doses: { then: skip }\n", "{ missed: a 2, gives: { a: \"10 mg on days 1, 4, 7 and 10\" } }", "a is wanted 10 mg on day 4, and given 10 mg on day 7"},
		{"missed doses: { then: skip }\n", "{ missed: a 9, gives: { a: \"10 mg on days 1, 4, 7 and 10\" } }", "the calendar has no dose a 9 that could be missed"},
	} {
		p, found := protocol.Decode("x.yaml", []byte(file+c.rules+"examples: [ "+c.example+" ]\n"), nil)
		if found.HasErrors() {
			t.Errorf("%s: %v", c.example, found)
			continue
		}
		if got := worked.Check(p).Error(); c.wrong == "" && got != "" || !strings.Contains(got, c.wrong) {
			t.Errorf("%s%s: %s", c.rules, c.example, got)
		}
	}
}

package protocol

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
)

const forSome = `doseplan: 1
kind: protocol
id: example
title: An example
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
population: { POPULATION }
measurements: { GFR: 10..200 mL/min }
routes: { oral: { round: 5 mg } }
phases:
PHASES
check-ins: { review: { on: day 8, mode: phone } }
`

func decodeForSome(population string, phases ...string) (*Protocol, diag.List) {
	if strings.Contains(strings.Join(phases, ""), "check-ins:") {
		return Decode("x.yaml", []byte(strings.NewReplacer("POPULATION", population, "PHASES", "  "+strings.Join(phases, "\n  "), "check-ins: { review: { on: day 8, mode: phone } }\n", "").Replace(forSome)), nil)
	}
	text := strings.NewReplacer("POPULATION", population, "PHASES", "  "+strings.Join(phases, "\n  ")).Replace(forSome)
	return Decode("x.yaml", []byte(text), nil)
}

// The phases divide the population where a band of them begins or ends, and nowhere else: each part has the
// ends of its own, a patient's least difference from the next.
func TestCells(t *testing.T) {
	p, found := decodeForSome("age: 12..80 years, weight: 40..100 kg",
		"a: { for: { age: from 18 and under 65 }, dose: 10 mg, frequency: daily, course: 3 days }",
		"b: { for: { weight: above 60 kg, sex: female }, dose: 10 mg, frequency: daily, course: 3 days }",
		"c: { dose: 10 mg, frequency: daily, course: 3 days }")
	if found.HasErrors() {
		t.Fatal(found)
	}
	cells, ok := p.Cells()
	if !ok {
		t.Fatal("too many parts")
	}
	var got []string
	for _, q := range cells {
		if q.Selective() {
			t.Error("the phases of a part are not chosen")
		}
		b := &q.Population
		got = append(got, b.Age.AgeWords()+"; "+b.Weight.Words("")+"; "+b.Sex+"; "+strings.Join(q.PhaseNames(), " "))
	}
	want := []string{
		"12 to 17 years; 40 to 60 kg; female; c", "12 to 17 years; 40 to 60 kg; male; c",
		"12 to 17 years; 60.000001 to 100 kg; female; b c", "12 to 17 years; 60.000001 to 100 kg; male; c",
		"18 to 64 years; 40 to 60 kg; female; a c", "18 to 64 years; 40 to 60 kg; male; a c",
		"18 to 64 years; 60.000001 to 100 kg; female; a b c", "18 to 64 years; 60.000001 to 100 kg; male; a c",
		"65 to 80 years; 40 to 60 kg; female; c", "65 to 80 years; 40 to 60 kg; male; c",
		"65 to 80 years; 60.000001 to 100 kg; female; b c", "65 to 80 years; 60.000001 to 100 kg; male; c",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What a phase for some patients can be wrong in is found in the file.
func TestForSomeFindings(t *testing.T) {
	const rest = ", dose: 10 mg, frequency: daily, course: 3 days }"
	for _, x := range []struct {
		phases []string
		want   string // part of the finding; "" for none
	}{
		{[]string{"a: { for: { age: under 65 }" + rest, "b: { for: { age: from 65 }" + rest}, ""},
		{[]string{"a: { for: { age: under 65 }, dose: 10 mg, frequency: daily, course: open-ended }", "b: { for: { age: from 65 }" + rest}, ""}, // no patient has both
		{[]string{"a: { for: { age: under 65 }" + rest, "b: { for: { age: from 66 }" + rest}, "some patients of the population have no phase"},
		{[]string{"a: { for: { age: up to 65 }, dose: 10 mg, frequency: daily, course: open-ended }", "b: { for: { age: from 65 }" + rest}, "open-ended (of patients who have all phases)"},
		{[]string{"a: { for: { age: under 12 }" + rest, "b: { dose: 10 mg, frequency: daily, course: 3 days }"}, "no patient of the population has the phase “a”"},
		{[]string{"a: { for: { age: under 65 }" + rest, "b: { starts: 2 days after last dose of a" + rest}, "the phase “b” starts from “a”, which not all of its patients have"},
		{[]string{"a: { for: { measurement: { GFR: under 30 mL/min } }" + rest, "b: { dose: 10 mg, frequency: daily, course: 3 days }"}, ""},
		{[]string{"a: { for: { measurement: { CrCl: under 30 mL/min } }" + rest}, "no measurement is called “CrCl”"},
		{[]string{"a: { for: { age: 65 }" + rest}, "“65” does not say from where to where"},
		{[]string{"a: { for: { weight: up to 60 kg }" + rest, "b: { for: { weight: from 60 kg }" + rest}, "patients of weight 60 kg have the phase “a” and then “b” too"},
		{[]string{"b: { for: { weight: from 60 kg }" + rest, "a: { for: { weight: up to 60 kg }" + rest}, "patients of weight 60 kg have the phase “a” and then “b” too"},
		{[]string{"a: { for: { age: up to 18 }" + rest, "b: { for: { age: from 18 }" + rest}, "patients of the age of 18 years have"},
		{[]string{"a: { for: { age: up to 18, sex: female }" + rest, "b: { for: { age: from 18, sex: male }" + rest, "c: { dose: 10 mg, frequency: daily, course: 3 days }"}, ""},
		{[]string{"a: { for: { age: up to 18, weight: under 60 kg }" + rest, "b: { for: { age: from 18, weight: from 60 kg }" + rest, "c: { dose: 10 mg, frequency: daily, course: 3 days }"}, ""},
		{[]string{"a: { for: { age: from 18 }" + rest, "b: { for: { age: under 18 }" + rest, "c: { starts: after the phase before" + rest + "\ncheck-ins: { lab: { on: last dose of a, mode: lab, gates: c } }"}, "the check-in “lab”, which decides about “c”, is counted from a phase that not all of its patients have"},
		{[]string{"a: { starts: after the phase before" + rest}, "starts after the phase before, and there is none"},
		{[]string{"a: { for: { age: under 65 and from 18 }" + rest}, "does not say from where to where"},
		{[]string{"a: { for: { weight: from 60 kg and under 60 kg }" + rest}, "no value lies in"},
		{[]string{"a: { for: {}" + rest}, "nothing says which patients"},
	} {
		_, found := decodeForSome("age: 12..80 years, weight: 40..100 kg", x.phases...)
		said := ""
		for _, d := range found {
			if d.Severity >= diag.Error {
				said += d.Message + "\n"
			}
		}
		if (said == "") != (x.want == "") || !strings.Contains(said, x.want) {
			t.Errorf("%s\nfound %q, want %q", strings.Join(x.phases, "\n"), said, x.want)
		}
	}
}

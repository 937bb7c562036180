package compare_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/compare"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/protocols"
)

func decode(t *testing.T, name, text string) *protocol.Protocol {
	t.Helper()
	p, found := protocol.Decode(name, []byte(text), func(id, _ string) (string, []byte, error) {
		b, err := protocols.Read(id)
		return id + ".yaml", b, err
	})
	if found.HasErrors() {
		t.Fatal(found)
	}
	return p
}

func read(t *testing.T, id string) string {
	t.Helper()
	text, err := protocols.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Spelling, order and comments are no difference; nor is a file in canonical form.
func TestNothingChanges(t *testing.T) {
	for _, id := range protocols.IDs() {
		text := read(t, id)
		formatted, found := protocol.Format(id, []byte(text))
		if found.HasErrors() {
			t.Fatal(found)
		}
		a := decode(t, id, text)
		if got := compare.Protocols(a, decode(t, id, string(formatted))); len(got) > 0 {
			t.Errorf("%s and its canonical form differ: %v", id, got)
		}
		if len(compare.Facts(a)) < 20 {
			t.Errorf("%s states only %d facts", id, len(compare.Facts(a)))
		}
		seen := map[string]bool{}
		for _, f := range compare.Facts(a) {
			if seen[f.Path] {
				t.Errorf("%s: two facts are called %q", id, f.Path)
			}
			seen[f.Path] = true
			if !f.At.IsSet() {
				t.Errorf("%s: the fact %q has no place", id, f.Path)
			}
		}
	}
}

const small = `doseplan: 1
kind: protocol
id: example
title: An example
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
population: { weight: 40..150 kg, height: 160..200 cm }
routes: { oral: { round: 5 mg } }
phases: { course: { dose: 0.5 mg/kg, frequency: every 3 days, course: 10 doses } }
check-ins: { review: { every: 2 weeks, mode: phone } }
limits: { interval: 24 h }
`

func TestProtocols(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"0.5 mg/kg", "0.5 mg/kg ", ""},
		{"0.5 mg/kg", "500 mcg/kg", ""},
		{"every 3 days", "Q3D", ""},
		{"10 doses", "12 doses", "phases › course › course: 10 doses → 12 doses"},
		{"every 3 days", "daily", "phases › course › frequency: every 3 days → daily"},
		{"0.5 mg/kg", "{ amount: 0.5 mg/kg, max: 60 mg }", "phases › course › dose › max:  → 60 mg"},
		{"dose: 0.5 mg/kg", "dose: { amount: 0.5 mg/kg, weight: ideal weight }", "phases › course › dose › weight:  → ideal weight"},
		{"every: 2 weeks", "every: 3 weeks", "check-ins › review › every: 2 weeks → 3 weeks"},
		{"{ interval: 24 h }", "{ interval: 24 h, single dose: 90 mg }", "limits › single dose:  → 90 mg"},
		{"{ interval: 24 h }", "{ single dose: 90 mg }", "limits › interval: 24 h → \nlimits › single dose:  → 90 mg"},
		{"round: 5 mg", "round: 5 mg down", "routes › oral › round: 5 mg → 5 mg down"},
		{"40..150 kg", "40..160 kg", "population › weight: 40..150 kg → 40..160 kg"},
	} {
		a, b := decode(t, "a", small), decode(t, "b", strings.Replace(small, c.from, c.to, 1))
		var got []string
		for _, d := range compare.Protocols(a, b) {
			got = append(got, fmt.Sprintf("%s: %s → %s", d.Path(), d.Before.Text, d.After.Text))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s for %s: %s", c.to, c.from, diff)
		}
	}
}

// Whatever a key says, a change of it is a difference: each scalar in the example of each key
// is changed in turn, and where the file is still right, it must not mean the same.
func TestEveryKeyIsCompared(t *testing.T) {
	digits, ofOne := regexp.MustCompile(`[0-9]+`), regexp.MustCompile(`(?m)^(medication|routes|limits):.*\n`)
	tried := map[string]int{}
	for _, o := range protocol.Reference() {
		for _, k := range o.Keys {
			text := small
			if strings.Contains(k.Example, "medications:") { // which stand in place of one
				text = ofOne.ReplaceAllString(small, "")
			}
			base := func(string, string) (string, []byte, error) { return "base", []byte(text), nil }
			a, found := protocol.Decode("a", []byte("extends: base\n"+k.Example), base)
			if found.HasErrors() {
				continue
			}
			for _, text := range changed(k.Example, digits, k.Shape.Schema) {
				if text == k.Example || k.Name == "extends" {
					continue
				}
				b, found := protocol.Decode("b", []byte("extends: base\n"+text), base)
				if found.HasErrors() {
					continue
				}
				tried[o.Name+" › "+k.Name]++
				if len(compare.Protocols(a, b)) == 0 {
					t.Errorf("%s, %s: no difference between\n%s\nand\n%s", o.Name, k.Name, k.Example, text)
				}
			}
		}
	}
	for _, o := range protocol.Reference() {
		for _, k := range o.Keys {
			name := o.Name + " › " + k.Name
			// One value is all that these have, or the base does not go with them.
			only := []string{"doseplan", "kind", "extends", "before", "sitter", "escort home", "reachable contact", "blood pressure cuff", "medications", "gates",
				"status", "default route", "routes", "limits", "medication", "route", "on"}
			if tried[name] == 0 && !slices.Contains(only, k.Name) {
				t.Errorf("no change of %s was compared: %s", name, k.Example)
			}
		}
	}
}

// changed returns an example with one of its numbers raised, another word of its key, or a
// letter more in a text.
func changed(example string, digits *regexp.Regexp, schema map[string]any) []string {
	var list []string
	for _, at := range digits.FindAllStringIndex(example, -1) {
		n, _ := strconv.Atoi(example[at[0]:at[1]])
		list = append(list, example[:at[0]]+strconv.Itoa(n+1)+example[at[1]:], example[:at[0]]+strconv.Itoa(2*n)+example[at[1]:])
	}
	words, _ := schema["enum"].([]any)
	for _, w := range words {
		for _, v := range words {
			if v, w := fmt.Sprint(v), fmt.Sprint(w); v != w && strings.Contains(example, ": "+v) {
				list = append(list, strings.Replace(example, ": "+v, ": "+w, 1))
			}
		}
	}
	for _, swap := range [][2]string{{" }", "x }"}, {"]", "x]"}, {"low", "high"}, {"oral", "sublingual"}, {"first", "second"}, {"course", "later"}, {"mon", "tue"}, {"back", "forward"}, {"10.1000", "10.1001"}, {"next", "second"}, {"psychosis", "mania"}, {"weight range", "range"}} {
		if strings.Contains(example, swap[0]) {
			i := strings.LastIndex(example, swap[0])
			list = append(list, example[:i]+swap[1]+example[i+len(swap[0]):])
		}
	}
	return append(list, example+"x")
}

func TestCalendars(t *testing.T) {
	run := func(text string) *schedule.Schedule {
		plan, found := schedule.NewPlan(decode(t, "x", text), schedule.Options{Until: civil.MustDate("2026-03-10")})
		if found.HasErrors() {
			t.Fatal(found)
		}
		s, found := plan.Run(&patient.Patient{Weight: quantity.MustParse("80 kg"), Start: civil.MustDate("2026-03-02"), TimeZone: "UTC"})
		if s == nil {
			t.Fatal(found)
		}
		return s
	}
	a, b := run(small), run(strings.NewReplacer("every 3 days", "every 4 days", "10 doses", "11 doses").Replace(small))
	var got []string
	for _, m := range compare.Calendars(a, b) {
		got = append(got, fmt.Sprintf("%s: %s → %s", m.What, m.Before, m.After))
	}
	// Days 1, 4, 7 against days 1, 5, 9.
	want := []string{
		"course dose 2: Thu 2026-03-05 09:00, 40 mg oral → Fri 2026-03-06 09:00, 40 mg oral",
		"course dose 3: Sun 2026-03-08 09:00, 40 mg oral → Tue 2026-03-10 09:00, 40 mg oral",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if moves := compare.Calendars(nil, a); len(moves) != 3 {
		t.Errorf("against nothing: %v", moves)
	}
}

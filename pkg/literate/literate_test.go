package literate_test

import (
	"fmt"
	"testing"

	"github.com/doseplan/doseplan/pkg/literate"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/worked"
)

// Each figure stands beside the entries that name its part, and beside the examples that a change
// to it makes fail; one that no example speaks of is known as such.
func TestOf(t *testing.T) {
	text := []byte(`doseplan: 1
kind: protocol
id: example
title: An example
version: 1.0.0
status: published
model: other
setting: clinic
medication: { name: examplamine }
population: { weight: 40..160 kg }
routes: { iv: { over: 40 minutes, round: 1 mg } }
phases: { course: { dose: 0.5 mg/kg, frequency: weekly, course: 3 doses } }
limits: { single dose: 0.75 mg/kg, interval: 72 h }
evidence:
  - { cite: First, for: [dose, frequency, course] }
  - { note: ours, for: [population, limits] }
  - { cite: Second, for: [dose, infusion time] }
examples:
  - { patient: { weight: 72 kg }, gives: { course: "36 mg on days 1, 8 and 15" } }
  - { patient: { weight: 161 kg }, refused by: weight }
  - { patient: { weight: 72 kg }, says: "intravenous: over 40 minutes" }
`)
	root, found := source.Parse("x.yaml", text)
	p, found := protocol.DecodeTree("x.yaml", text, root, found, nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	got := map[string]string{}
	for _, l := range literate.Of(p, worked.Mutate("x.yaml", text, root, nil)) {
		got[l.Section+" "+l.Path] = fmt.Sprintf("%s line %d, part %q, sources %v, examples %v, tried %v", l.Text, l.Row, l.Part, l.Sources, l.Examples, l.Tried)
	}
	for path, want := range map[string]string{
		"phases course › dose":      `0.5 mg/kg line 12, part "dose", sources [0 2], examples [0 1 2], tried true`,
		"phases course › frequency": `weekly line 12, part "frequency", sources [0], examples [0], tried true`,
		"population weight":         `40..160 kg line 10, part "population", sources [1], examples [1], tried true`,
		"routes iv › over":          `40 minutes line 11, part "infusion time", sources [2], examples [2], tried true`,
		"limits interval":           `72 h line 13, part "limits", sources [1], examples [], tried true`,
		"setting ":                  `clinic line 8, part "setting", sources [], examples [], tried true`,
	} {
		if got[path] != want {
			t.Errorf("%s:\n got %s\nwant %s", path, got[path], want)
		}
	}
}

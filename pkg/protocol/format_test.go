package protocol

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShippedProtocolsAreFormatted(t *testing.T) {
	files, err := filepath.Glob("../../protocols/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no protocols", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out, found := Format(name, text)
		if found.HasErrors() {
			t.Error(found)
			continue
		}
		if diff := cmp.Diff(string(text), string(out)); diff != "" {
			t.Errorf("%s is not in canonical form (-is +should be):\n%s", name, diff)
		}
	}
}

func TestFormat(t *testing.T) {
	const ragged = `# About the file.

title:   An example   # of a title
id: example
kind: protocol
doseplan: 1


version: "1.0.0"
phases:
    # The only phase.
    course:
        course: 10 doses
        dose: {round: 5 mg,   amount: 0.5 mg/kg}
        frequency:  "every 3 days"


routes: {oral: {strengths: [ 50 mg,100 mg ], form: 'tablet'}}
evidence:
  - doi: "10.1000/xyz"
    cite: "Example: a title"
    # Which parts.
    for:
    - dose
    - frequency
  - {note: "no"}
# The end.
`
	const want = `# About the file.

doseplan: 1
kind: protocol
id: example
title: An example # of a title

version: 1.0.0

routes: { oral: { form: tablet, strengths: [50 mg, 100 mg] } }
phases:
  # The only phase.
  course:
    dose: { amount: 0.5 mg/kg, round: 5 mg }
    frequency: every 3 days
    course: 10 doses
evidence:
  - cite: "Example: a title"
    doi: 10.1000/xyz
    # Which parts.
    for:
      - dose
      - frequency
  - { note: "no" }
# The end.
`
	out, found := Format("x.yaml", []byte(ragged))
	if len(found) > 0 {
		t.Fatal(found)
	}
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Error(diff)
	}
}

// Whatever is formatted is formatted once and for all, and what cannot be is left alone.
func FuzzFormat(f *testing.F) {
	f.Add([]byte(small))
	files, _ := filepath.Glob("../../protocols/*.yaml")
	for _, name := range files {
		if text, err := os.ReadFile(name); err == nil {
			f.Add(text)
		}
	}
	f.Add([]byte("a: |\n  one\n  two\nb: [1, {c: 'it''s', \"#\": x}]\n# end\n"))
	f.Add([]byte("a:\n  - - 1\n    - 2\n  - b: # why\n      c: 3\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		out, found := Format("x.yaml", text)
		if found.HasErrors() {
			return
		}
		again, found := Format("x.yaml", out)
		if found.HasErrors() || string(again) != string(out) {
			t.Errorf("formatted twice: %v\n%s\n%s", found, out, again)
		}
	})
}

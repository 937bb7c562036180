package source

import (
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
)

func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name, text string
		code       diag.Code
		at         string
	}{
		{"unclosed bracket", "a: 1\nb: [1, 2\nc: 3\n", diag.Syntax, "x:"},
		{"missing space", "a: 1\nb 2\nc: 3\n", diag.Syntax, "x:"},
		{"tab", "a:\n\tb: 1\n", diag.Syntax, "x:2:"},
		{"two colons", "a: b: c\n", diag.Syntax, "x:1:"},
		{"duplicate key", "a: 1\nb: 2\na: 3\n", diag.DuplicateKey, "x:3:1"},
		{"duplicate key inside", "a: { b: 1, b: 2 }\n", diag.DuplicateKey, "x:1:12"},
		{"not UTF-8", "a: \xff\n", diag.NotUTF8, "x:1:4"},
		{"NUL", "a: \x00\n", diag.NotUTF8, "x:1:4"},
		{"empty", "", diag.EmptyFile, "x"},
		{"comments only", "# nothing\n", diag.EmptyFile, "x"},
		{"null", "~\n", diag.EmptyFile, "x"},
		{"two documents", "a: 1\n---\nb: 2\n", diag.ManyDocuments, "x:"},
		{"alias", "a: &n 1\nb: *n\n", diag.Alias, "x:"},
		{"merge key", "a: &n { c: 1 }\nb: { <<: *n }\n", diag.Alias, "x:"},
		{"recursive alias", "&s [*s]\n", diag.Alias, "x:"},
		{"tag", "a: !!int 5\n", diag.YAMLTrap, "x:1:4"},
		{"no value", "a:\nb: 1\n", diag.YAMLTrap, "x:1:"},
		{"key that is a list", "[a, b]: 1\n", diag.WrongType, "x:1:1"},
		{"too large", strings.Repeat("# xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", 30000), diag.TooLarge, "x"},
		{"too deep", strings.Repeat("[", 100) + strings.Repeat("]", 100), diag.TooLarge, "x:1:"},
	} {
		_, found := Parse("x", []byte(c.text))
		if len(found) == 0 || found[0].Code != c.code || !strings.HasPrefix(found[0].Range.String(), c.at) {
			t.Errorf("%s: %v; want %s at %s", c.name, found, c.code, c.at)
		}
	}
}

// Scalars stay what was written.
func TestScalarsStayText(t *testing.T) {
	root, found := Parse("x", []byte("a: 012\nb: no\nc: 2026-03-02\nd: 0.10\ne: 1:30\nf: \"5 mg\"\ng: 0x1F\nh: [on, off]\n"))
	if len(found) > 0 {
		t.Fatal(found)
	}
	for key, want := range map[string]string{"a": "012", "b": "no", "c": "2026-03-02", "d": "0.10", "e": "1:30", "f": "5 mg", "g": "0x1F"} {
		if n := root.Get(key); n.Value != want || n.Quoted != (key == "f") {
			t.Errorf("%s is %q (quoted %v)", key, n.Value, n.Quoted)
		}
	}
	if n := root.Get("h"); n.Kind != Sequence || n.Items[1].Value != "off" || n.Items[1].Range.String() != "x:8:9" {
		t.Errorf("the list is %+v", n)
	}
}

func TestPlacesCountCodePoints(t *testing.T) {
	root, _ := Parse("x", []byte("日本語: 値\nb: { ü: ±3 days }\n"))
	if at := root.Get("日本語").Range; at.String() != "x:1:6" || at.End.Column != 7 {
		t.Errorf("the value stands at %v to %v", at, at.End)
	}
	if at := root.Get("b").Get("ü").Range; at.String() != "x:2:9" || at.End.Column != 16 {
		t.Errorf("the window stands at %v to %v", at, at.End)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: 1\n", "a: [1, {b: 2}]\n", "&s [*s]", "a: &x 1\nb: *x", "---\n---\n", "a:\n\tb", "? [a]\n: b", "<<: {a: 1}", "a: !!binary x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, found := Parse("x", text)
		if root == nil && !found.HasErrors() {
			t.Error("nothing was read, and nothing is wrong")
		}
		for _, d := range found {
			if d.Severity == diag.Invalid || d.Range.File == "" {
				t.Errorf("an incomplete finding: %+v", d)
			}
		}
	})
}

// Syntax errors do not stop at the first: each top-level key is read by itself, and each fault
// is reported at its place.
func TestEverySyntaxErrorIsFound(t *testing.T) {
	_, found := Parse("x.yaml", []byte(`doseplan: 1
tiers: { low: 25 mg, high: [50 mg }
title: "no end
phases:
  course:
    dose: 5 mg
   frequency: daily
limits:
	single dose: 5 mg
id: x
`))
	var lines []int
	for _, d := range found {
		if d.Code != diag.Syntax {
			t.Errorf("%v", d)
		}
		lines = append(lines, d.Range.Start.Line)
	}
	if !slices.Equal(lines, []int{2, 3, 7, 9}) {
		t.Errorf("faults on lines %v: %v", lines, found)
	}
}

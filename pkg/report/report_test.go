package report

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
)

func TestText(t *testing.T) {
	var found diag.List
	d := found.Add(diag.UnknownKey, diag.Range{File: "p.yaml", Start: diag.Pos{Line: 2, Column: 6}, End: diag.Pos{Line: 2, Column: 9}}, "did you mean “dose”?", "phase has no key “doz”")
	d.Related = []diag.Related{{Range: diag.Range{File: "p.yaml", Start: diag.Pos{Line: 1, Column: 1}}, Message: "the phase"}}
	files := func(string) []byte { return []byte("a:\n  日本 doz: 5 mg\n") }
	var b strings.Builder
	if err := Text(&b, found, files, false); err != nil {
		t.Fatal(err)
	}
	// Before the key stand two spaces, two characters of two cells, and a space: seven cells.
	want := "p.yaml:2:6: error: phase has no key “doz” [DP201]\n    2 |   日本 doz: 5 mg\n      |        ^^^\n  p.yaml:1:1: the phase\n  help: did you mean “dose”?\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := Text(&b, found, files, true); err != nil || !strings.Contains(b.String(), "\x1b[31merror\x1b[0m") {
		t.Errorf("in colour: %q, %v", b.String(), err)
	}
}

func TestTextWithoutSource(t *testing.T) {
	var found diag.List
	found.Add(diag.Unreadable, diag.Range{File: "gone.yaml", Start: diag.Pos{Line: 7, Column: 1}}, "", "it cannot be read")
	found.Add(diag.Usage, diag.Range{}, "see --help", "what?")
	var b strings.Builder
	if err := Text(&b, found, func(string) []byte { return nil }, false); err != nil {
		t.Fatal(err)
	}
	if want := "gone.yaml:7:1: error: it cannot be read [DP602]\nerror: what? [DP601]\n  help: see --help\n"; b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}

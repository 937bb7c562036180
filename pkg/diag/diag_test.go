package diag

import (
	"strings"
	"testing"
)

func TestManual(t *testing.T) {
	seen := map[Code]bool{}
	for _, e := range Codes() {
		if seen[e.Code] || e.Severity == Invalid || e.Title == "" || e.Explain == "" || !strings.HasSuffix(e.Explain, ".") {
			t.Errorf("the entry of %s is not complete", e.Code)
		}
		seen[e.Code] = true
		if e.Code.Severity() != e.Severity {
			t.Errorf("%s is a %v and a %v", e.Code, e.Severity, e.Code.Severity())
		}
	}
	if _, ok := Lookup("DP999"); ok || Code("DP999").Severity() != Invalid {
		t.Error("DP999 is documented")
	}
}

func TestNearest(t *testing.T) {
	words := []string{"single dose", "each day", "interval", "doses"}
	for word, want := range map[string]string{"single doze": "single dose", "intervall": "interval", "Interval": "interval", "dose": "doses", "dsoes": "doses", "zebra": "", "": ""} {
		if got, _ := Nearest(word, words); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
	if got := DidYouMean("zebra", words); !strings.HasPrefix(got, "use one of: single dose") {
		t.Errorf("for zebra: %q", got)
	}
	if got := DidYouMean("zebra", nil); got != "" {
		t.Errorf("with no words: %q", got)
	}
}

func TestList(t *testing.T) {
	var l List
	l.Add(UnsafeSig, Range{"b", Pos{2, 1}, Pos{}}, "", "second")
	l.Add(UnknownKey, Range{"a", Pos{9, 1}, Pos{}}, "", "first")
	l.Add(UnsafeSig, Range{"b", Pos{2, 1}, Pos{}}, "", "second")
	if l = l.Sort(); len(l) != 2 || l[0].Message != "first" {
		t.Errorf("sorted: %v", l)
	}
	if !l.HasErrors() || l.Worst() != Error || l.Refused() {
		t.Error("one error and one warning")
	}
	l.Add(OutsideRange, Range{}, "", "third")
	if l.Worst() != Refusal || l.Refused() {
		t.Error("a refusal beside an error")
	}
	if got := l.Error(); got != "a:9:1: error: first [DP201]\nb:2:1: warning: second [DP207]\nrefused: third [DP403]" {
		t.Errorf("as text: %q", got)
	}
}

package view

import "testing"

// What a file holds reaches a terminal as text, whatever it is.
func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[2Jb": "a\uFFFD[2Jb", "a\u202eb": "a\uFFFDb", "a\u200bb": "a\uFFFDb", "a\x07": "a\uFFFD", "straße, 50 µg": "straße, 50 µg", "a\xffb": "a\uFFFDb",
	} {
		if got := Clean(text); got != want {
			t.Errorf("Clean(%q) is %q, want %q", text, got, want)
		}
		if got := CleanLines(text, true); got != want {
			t.Errorf("CleanLines(%q) is %q, want %q", text, got, want)
		}
	}
	styled := "\x1b[1mbold\x1b[0m\nplain\x1b]8;;http://x\x07"
	if got, want := CleanLines(styled, true), "\x1b[1mbold\x1b[0m\nplain\uFFFD]8;;http://x\uFFFD"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := CleanLines(styled, false), "\uFFFD[1mbold\uFFFD[0m\nplain\uFFFD]8;;http://x\uFFFD"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

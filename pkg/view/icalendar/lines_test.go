package icalendar

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// unfold takes content lines apart as RFC 5545 says.
func unfold(t interface{ Fatalf(string, ...any) }, text string) []string {
	for _, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("the line %q has %d octets", line, len(line))
		}
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"), "\r\n")
}

func unescape(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(text)
}

// What is written is read back, whatever the text: of any length, in any script.
func TestTextsAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("a ,;\\\n:\"äß漢字😀")), rapid.RuneFrom([]rune("\u202e\u200b\u2066\x00\x1b\u0085\u2028\r")))).Draw(t, "text")
		var b strings.Builder
		l := &lines{w: &b}
		l.property("SUMMARY:", text)
		l.put("END:X")
		if err := l.flush(); err != nil {
			t.Fatal(err)
		}
		got := unfold(t, b.String())
		want := strings.Map(func(r rune) rune {
			if strings.ContainsRune("\u202e\u200b\u2066\x00\x1b\u0085\u2028\r", r) {
				return utf8.RuneError
			}
			return r
		}, text)
		if len(got) != 2 || unescape(strings.TrimPrefix(got[0], "SUMMARY:")) != want || got[1] != "END:X" {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func TestFoldsAtTheLimit(t *testing.T) {
	for n := 60; n < 240; n++ {
		var b strings.Builder
		l := &lines{w: &b}
		l.put(strings.Repeat("é", n/2) + strings.Repeat("x", n%2))
		_ = l.flush()
		want := 1
		if n > 75 {
			want += (n - 75 + 73) / 74
		}
		// A character of two octets can leave one octet of a line empty.
		if got := len(strings.Split(b.String(), "\r\n")) - 1; got < want || got > want+1 {
			t.Errorf("%d octets are on %d lines, and need %d", n, got, want)
		}
		unfold(t, b.String())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWriteReportsErrors(t *testing.T) {
	l := &lines{w: full{}}
	l.put("X")
	if l.flush() == nil {
		t.Error("nothing could be written, and nothing was said")
	}
}

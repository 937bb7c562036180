package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compare holds what the plain reader reads against what the library reads, and reports whether it read anything.
func compare(t *testing.T, text []byte) bool {
	t.Helper()
	got, ok := readPlain("x", string(text))
	if !ok {
		return false
	}
	want, found := parseAny("x", text)
	if len(found) > 0 {
		t.Fatalf("what is plain has findings: %v\n%s", found, text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the library reads otherwise:\n%s\n%s", diff, text)
	}
	return true
}

// What the plain reader reads is what the library reads; what it leaves to the library is named here, so that
// a change of the one that reads nothing any more is seen.
func TestPlain(t *testing.T) {
	for text, plain := range map[string]bool{
		"a: 1\nb:\n  - x\n  - y: 2\n    z: -3\n  - [p, \"q r\", {s: t}]\nc: d # e\n": true,
		"a:\n- b\n- c\nd: e":                  true,
		"a: {b: [c, d], 'e': {}, f: []}\n":    true,
		"a: \"x # y: z\"\n":                   true,
		"# ü\nü: ±3 days\nb: { ü: [ä, ö] }\n": true,
		"a: 20:00\nb: [08:00, 20:00]\n":       true,
		"a: b#c\n":                            true,
		"a:\n  b: c\n # d\n  e: f\n":          true,
		"a: b\n  c\n":                         false, // a value of two lines
		"a: |\n  b\n":                         false,
		"a: b: c\n":                           false,
		"a:\nb: c\n":                          false, // no value
		"a: ~\n":                              false,
		"a: &b c\n":                           false,
		"a: !!str b\n":                        false,
		"a: b\na: c\n":                        false,
		"a: \"\\n\"\n":                        false,
		"a: 'it''s'\n":                        false,
		"a: [b,\n  c]\n":                      false,
		"a: {b: }\n":                          false,
		"a: [b: c]\n":                         false,
		"---\na: b\n":                         false,
		"a: b\n...\n":                         false,
		"<<: {a: b}\n":                        false,
		"\ta: b\n":                            false,
		"a: b\r\n":                            false,
		"a:\n    b: c\n  d: e\n":              false,
		"? a\n: b\n":                          false,
		"- a\n":                               false,
		"a: " + strings.Repeat("b", 5000):     false,
		"":                                    false,
	} {
		if got := compare(t, []byte(text)); got != plain {
			t.Errorf("plain: %v, and not %v\n%s", got, plain, text)
		}
	}
}

// The shipped protocols and the cookbook are read the same by both.
func TestPlainFiles(t *testing.T) {
	count, all := 0, 0
	for _, pattern := range []string{"../../protocols/*.yaml", "../../testdata/cookbook/*.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("no files: %v", err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all++
			if compare(t, text) {
				count++
			}
		}
	}
	if count < all*9/10 {
		t.Errorf("%d of %d files are plain", count, all)
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"a: 1\n", "a: [1, {b: 2}]\n", "a:\n- b\n- c: d\n  e: 'f'\n", "a: \"b\" # c\n", "\"a\": {'b': c, d: [e]}\n", "a: -1\nb: [x:y, 08:00]", "ü: ±3\n", "a:\n  - - b\n", "a: b\n \nc: d\n", "a: [b]#\n", "a: [?b]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, found := invalidUTF8("x", text); !found && len(text) < MaxBytes {
			compare(t, text)
		}
	})
}

package phrase

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
)

var values = regexp.MustCompile(`\{[^}]*\}`)

// Every language says everything that English says, with the same values, and no more.
func TestLanguagesAreWhole(t *testing.T) {
	english := In("en")
	for _, lang := range Languages() {
		c := In(lang)
		for key, phrase := range english.phrases {
			other, ok := c.phrases[key]
			if !ok {
				t.Errorf("%s.yaml lacks %q", lang, key)
				continue
			}
			if strings.HasPrefix(key, "clock.") || strings.HasPrefix(key, "at.") || strings.HasPrefix(key, "date") || strings.HasSuffix(key, ".one") {
				continue // each language writes these in its own way
			}
			a, b := sorted(values.FindAllString(phrase, -1)), sorted(values.FindAllString(other, -1))
			if !slices.Equal(a, b) {
				t.Errorf("%s.yaml: %q has the values %v, and English has %v", lang, key, b, a)
			}
			if strings.Count(phrase, "*") != strings.Count(other, "*") {
				t.Errorf("%s.yaml: %q has other stretches in bold", lang, key)
			}
		}
		for key := range c.phrases {
			if !english.Has(key) {
				t.Errorf("%s.yaml: English has no %q", lang, key)
			}
		}
	}
}

func sorted(list []string) []string { slices.Sort(list); return list }

// Every key that the code asks for is there, and every phrase is asked for.
func TestKeysAreUsed(t *testing.T) {
	files, err := filepath.Glob("../*/*.go*")
	if err != nil || len(files) == 0 {
		t.Fatal("no code is found")
	}
	var code strings.Builder
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	english := In("en")
	for _, m := range regexp.MustCompile(`\.Say\("([^"]+)"[,)]|say [.$]\w* "([^"]+)"`).FindAllStringSubmatch(code.String(), -1) {
		if key := m[1] + m[2]; !english.Has(key) {
			t.Errorf("the code says %q, which is not there", key)
		}
	}
	made := regexp.MustCompile(`^(weekday|month|date|clock|at|period|route|require|mode|confirm|parameter|missed|meal|visit\.window|dose\.window|weekly\.take)\b`) // of a part that the code adds
	for key := range english.phrases {
		bare := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")
		if !made.MatchString(key) && !strings.Contains(code.String(), `"`+bare+`"`) {
			t.Errorf("nothing says %q", key)
		}
	}
}

func TestWhen(t *testing.T) {
	c := In("en")
	for clock, want := range map[string][2]string{
		"00:00": {"midnight", "at midnight"}, "00:30": {"12:30 am", "at 12:30 in the early morning"}, "08:00": {"8 am", "at 8 in the morning"},
		"12:00": {"12 noon", "at 12 noon"}, "12:15": {"12:15 pm", "at 12:15 in the afternoon"}, "20:00": {"8 pm", "at 8 in the evening"}, "23:59": {"11:59 pm", "at 11:59 at night"},
	} {
		at := civil.MustClock(clock)
		if got := strings.ReplaceAll(c.Clock(at), "\u00a0", " "); got != want[0] {
			t.Errorf("%s is %q, want %q", clock, got, want[0])
		}
		if got := c.AtClock(at); got != want[1] {
			t.Errorf("%s is %q, want %q", clock, got, want[1])
		}
	}
	if got := c.Dates(civil.MustDate("2026-03-02"), civil.MustDate("2026-03-04")); got != "Mon 2 March to Wed 4 March" {
		t.Errorf("got %q", got)
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"25 mg":                  "25 mg",
		"naïve – “quoted” é":     "naïve – “quoted” é",
		"a\x1b[31mb":             "a\ufffd[31mb",
		"a\u202eb\u200bc\u00add": "a\ufffdb\ufffdc\ufffdd",
		"a\n\tb\u2028c":          "a b c",
		"x\ufe0fy\u3164z":        "x\ufffdy\ufffdz",
		"\x00":                   "\ufffd",
	} {
		if got := Plain(text); got != want {
			t.Errorf("Plain(%q) is %q, want %q", text, got, want)
		}
	}
}

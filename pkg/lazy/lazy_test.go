package lazy

import (
	"regexp"
	"testing"
)

// An expression does what one of package regexp does, and is looked at only when it is used.
func TestRegexp(t *testing.T) {
	r := MustCompile(`(\d+) (mg|g)`)
	if !r.MatchString("50 mg") || r.MatchString("mg") || !r.Match([]byte("5 g")) {
		t.Error("it does not match what it should")
	}
	if m := r.FindStringSubmatch("50 mg"); len(m) != 3 || m[1] != "50" || m[2] != "mg" {
		t.Errorf("the groups are %v", m)
	}
	if at := r.FindStringSubmatchIndex("x 50 mg"); len(at) != 6 || at[0] != 2 {
		t.Errorf("it stands at %v", at)
	}
	if all := r.FindAllStringSubmatch("5 mg, 2 g", -1); len(all) != 2 || all[1][1] != "2" {
		t.Errorf("all of them are %v", all)
	}
	if at := r.FindStringIndex("x 50 mg"); len(at) != 2 || at[0] != 2 || at[1] != 7 {
		t.Errorf("the match stands at %v", at)
	}
	if all := r.FindAllStringSubmatchIndex("5 mg, 2 g", -1); len(all) != 2 || all[1][0] != 6 {
		t.Errorf("all of them stand at %v", all)
	}
	if parts := r.Split("a5 mgb", -1); len(parts) != 2 || parts[1] != "b" {
		t.Errorf("between the matches: %q", parts)
	}
	if got := r.ReplaceAllString("50 mg", "$2"); got != "mg" {
		t.Errorf("replaced: %q", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a broken expression was used")
		}
	}()
	MustCompile(`(`).MatchString("x")
}

// What is not looked at, since the text begins or ends otherwise, does not match; whatever the expression is.
func TestSpared(t *testing.T) {
	for _, text := range []string{"every ", "every 2 days", "ever", "days", "2 days", "2 day", "week", "a week", "x", "ab", "abb", "a", "b", "bc", "1", "d", "", "two|three", "each week of it", "days\nand", "bb", "a$", "10 mg"} {
		for _, expression := range []string{`^every (\d+)`, `^every?`, `^every*`, `^ab{0,1}`, `^a|b`, `^a|^b`, `a$|b`, `(a|b)c$`, `^(a|b) week$`, `\d$`, `\d days$`, ` week$`, `^$`, `$`, `^`, `x`, `^[ab]b$`, `^(?i:A)b$`, `^a\|b`, `a\$`, `^ab+$`, `days?$`, `mg$`, `^a[(]?x|b`, `^a[]|]?|b$`, `^[^]a]|week$`, `(?i)WEEK$`, `(?m)days$`, `^(?i)EVERY`, `\x62$`, `\pLb$`} {
			if got, want := MustCompile(expression).MatchString(text), regexp.MustCompile(expression).MatchString(text); got != want {
				t.Errorf("%q matches %q: %v", expression, text, got)
			}
		}
	}
}

// An expression that a text cannot match for its beginning or its end is not compiled.
func TestNotCompiled(t *testing.T) {
	if MustCompile(`^every ((`).MatchString("daily") || MustCompile(`(( week$`).MatchString("daily") {
		t.Error("it matches")
	}
}

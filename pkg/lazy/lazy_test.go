package lazy

import "testing"

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

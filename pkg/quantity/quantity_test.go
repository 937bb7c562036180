package quantity

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"0.5 mg/kg": "0.5 mg/kg", "72kg": "72 kg", "50 mg": "50 mg", "5.0 mg": "5 mg", "0.10 mg": "0.1 mg",
		"1 tablet": "1 tablet", "2 tablets": "2 tablets", "30 %": "30 %", "75 mg/m²": "75 mg/m2", "10 mg/ml": "10 mg/mL",
		"158.7 lbs": "158.7 lb", "1000 units": "1000 units", "20 IU/kg": "20 units/kg", "1 vial": "1 vial", "2 patches": "2 patches", "0 mg": "0 mg", "999999999 mg": "999\u00a0999\u00a0999 mg",
		"12345.678 mcg": "12\u00a0345.678 mcg", "9999 mg": "9999 mg", "20\u00a0000 units/kg": "20\u00a0000 units/kg",
	} {
		a, err := Parse(text)
		if err != nil || a.String() != want {
			t.Errorf("Parse(%q) = %v, %v; want %s", text, a, err, want)
		}
		if again, err := Parse(a.String()); err != nil || again.Cmp(a) != 0 || a.Text() != strings.ReplaceAll(want, "\u00a0", "") {
			t.Errorf("%q reads back as %v, %v; as a text it is %q", a, again, err, a.Text())
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":              "does not start with a number",
		"mg":            "does not start with a number",
		"50":            "has no unit",
		".5 mg":         "write “0.5 mg”",
		"5. mg":         "write “5 mg”",
		"-5 mg":         "has a sign",
		"+5 mg":         "has a sign",
		"1,5 mg":        "has a comma",
		"1\u00a05 mg":   "unknown unit",
		"1e3 mg":        "not a plain decimal",
		"1_000 mg":      "not a plain decimal",
		"0x1F mg":       "unknown unit",
		"007 mg":        "leading zero",
		"1.2.3 mg":      "two decimal points",
		"5 µg":          "write “5 mcg”",
		"5 U":           "write “5 units”",
		"5 cc":          "write “5 mL”",
		"5 iu":          "write “5 units”",
		"5 ug/kg":       "write “5 mcg/kg”",
		"5 mgg":         "unknown unit",
		"5 mg/day":      "per kg, per m2 or per mL",
		"NaN mg":        "does not start with a number",
		"Infinity mg":   "does not start with a number",
		"1234567890 mg": "more than 9 digits",
		"0.1234567 mg":  "more than 9 digits before or 6 after",
	} {
		if a, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, %v; want an error with %q", text, a, err, want)
		}
	}
}

// The pound and the inch are exact by definition.
func TestConversionsAreExact(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"158.7 lb", "kg", "71.985109119 kg"},
		{"1 lb", "kg", "0.45359237 kg"},
		{"70 in", "cm", "177.8 cm"},
		{"5 ft", "in", "60 in"},
		{"1 g", "mg", "1000 mg"},
		{"250 mcg", "mg", "0.25 mg"},
	} {
		u, err := ParseUnit(c.to)
		if err != nil {
			t.Fatal(err)
		}
		if got := MustParse(c.from).In(u).String(); got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.from, c.to, got, c.want)
		}
	}
	if got := MustParse("0.5 mg/kg").Resolve(MustParse("158.7 lb")).String(); got != "35.9925545595 mg" {
		t.Errorf("0.5 mg/kg × 158.7 lb = %s", got)
	}
}

func TestRounding(t *testing.T) {
	for _, c := range []struct{ rule, dose, min, max, want, how string }{
		{"1 mg", "36 mg", "", "", "36 mg", ""},
		{"5 mg", "36 mg", "", "", "35 mg", ""},
		{"5 mg", "38 mg", "", "", "40 mg", ""},
		{"5 mg", "37.5 mg", "", "", "35 mg", "tie"},        // a tie goes down
		{"5 mg", "37.500001 mg", "", "", "40 mg", ""},      // and only a tie
		{"5 mg", "58 mg", "", "58 mg", "55 mg", "capped"},  // 60 would pass 58
		{"5 mg", "57.5 mg", "", "57.5 mg", "55 mg", "tie"}, // a tie at the cap
		{"5 mg", "60 mg", "", "60 mg", "60 mg", ""},
		{"5 mg", "11 mg", "11 mg", "", "15 mg", "raised"},
		{"5 mg down", "39.9 mg", "", "", "35 mg", ""},
		{"1/4 of 100 mg", "60 mg", "", "", "50 mg", ""},
		{"1/4 of 100 mg", "63 mg", "", "", "75 mg", ""},
		{"12.5 mg", "20 mg", "", "", "25 mg", ""},
		{"250 mcg", "1.3 mg", "", "", "1.25 mg", ""},
		{"5 mg up", "35.1 mg", "", "", "40 mg", ""},
		{"5 mg up", "35 mg", "", "", "35 mg", ""},
		{"5 mg up", "37.5 mg", "", "39 mg", "35 mg", "capped"}, // even up, never past the maximum
		{"none", "36.123456 mg", "", "", "36.123456 mg", ""},
		{"none", "36.1234567 mg", "", "", "36.123456 mg", ""}, // cut, so that it never passes a maximum
	} {
		rule, err := ParseRounding(c.rule)
		if err != nil {
			t.Fatal(err)
		}
		optional := func(s string) Amount {
			if s == "" {
				return Amount{}
			}
			return MustParse(s)
		}
		dose, ok := strings.CutSuffix(c.dose, "7 mg")
		amount := MustParse(dose + map[bool]string{true: " mg"}[ok])
		if ok { // a digit more than a file may hold
			amount = amount.Add(New(7, 1e7, Milligram))
		}
		got, err := rule.Apply(amount, optional(c.min), optional(c.max))
		how := ""
		switch {
		case got.Capped:
			how = "capped"
		case got.Raised:
			how = "raised"
		case got.Tie:
			how = "tie"
		}
		if err != nil || got.Amount.String() != c.want || how != c.how {
			t.Errorf("%s in steps of %s (min %s, max %s) = %v %s, %v; want %s %s", c.dose, c.rule, c.min, c.max, got.Amount, how, err, c.want, c.how)
		}
	}
}

func TestRoundingRefuses(t *testing.T) {
	five, _ := ParseRounding("5 mg")
	if got, err := five.Apply(MustParse("2 mg"), Amount{}, Amount{}); err == nil {
		t.Errorf("2 mg in steps of 5 mg = %v", got.Amount)
	}
	if got, err := five.Apply(MustParse("12 mg"), MustParse("11 mg"), MustParse("14 mg")); err == nil {
		t.Errorf("a multiple of 5 mg between 11 and 14 mg: %v", got.Amount)
	}
	if got, err := five.Apply(MustParse("3 mg"), Amount{}, MustParse("4 mg")); err == nil {
		t.Errorf("a multiple of 5 mg up to 4 mg: %v", got.Amount)
	}
	for _, text := range []string{"0 mg", "5", "5 mg/kg", "x of 100 mg", "1/0 of 100 mg", "0.5 of 100 mg", "none down", "up", "5 mg up down"} {
		if r, err := ParseRounding(text); err == nil {
			t.Errorf("ParseRounding(%q) = %v", text, r)
		}
	}
}

func decimal(t *rapid.T, name string, max int) Amount {
	return New(int64(rapid.IntRange(1, max*1000).Draw(t, name)), 1000, Milligram)
}

func TestRoundingProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, step, top := decimal(t, "dose", 500), decimal(t, "step", 50), decimal(t, "max", 500)
		r := Rounding{Step: step, Down: rapid.Bool().Draw(t, "down")}
		r.Up = !r.Down && rapid.Bool().Draw(t, "up")
		got, err := r.Apply(Min(a, top), Amount{}, top)
		if err != nil {
			if r.Down && Min(a, top).Cmp(step) >= 0 {
				t.Fatalf("refused although %v fits: %v", step, err)
			}
			return
		}
		if got.Amount.Cmp(top) > 0 {
			t.Fatalf("%v passes the maximum %v", got.Amount, top)
		}
		if !r.IsMultiple(got.Amount) {
			t.Fatalf("%v is no multiple of %v", got.Amount, step)
		}
		moved := got.Amount.Sub(Min(a, top))
		if moved.Sign() < 0 {
			moved = moved.Times(-1, 1)
		}
		if moved.Cmp(step) >= 0 {
			t.Fatalf("rounding %v moved it by %v, a full step of %v", a, moved, step)
		}
		if r.Down && got.Amount.Cmp(a) > 0 {
			t.Fatalf("rounding down raised %v to %v", a, got.Amount)
		}
	})
}

// What prints in full reads back as the same amount.
func TestPrintAndParseAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := New(int64(rapid.IntRange(0, 1e9).Draw(t, "n")), 1e6, Milligram)
		b, err := Parse(a.String())
		if err != nil || b.Cmp(a) != 0 {
			t.Fatalf("%v reads back as %v, %v", a, b, err)
		}
		if s := a.Decimal(); strings.Contains(s, ".") && strings.HasSuffix(s, "0") || strings.HasPrefix(s, ".") {
			t.Fatalf("%s is on the lists of error-prone forms", s)
		}
		n, ok := a.Scaled()
		if !ok || FromScaled(n, Milligram).Cmp(a) != 0 {
			t.Fatalf("%v does not survive scaling", a)
		}
	})
}

func TestSqrtFloor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := New(int64(rapid.IntRange(0, 1e9).Draw(t, "n")), int64(rapid.IntRange(1, 1000).Draw(t, "d")), None)
		r := a.SqrtFloor(6)
		ulp := New(1, 1e6, None)
		if r.Mul(r).Cmp(a) > 0 || r.Add(ulp).Mul(r.Add(ulp)).Cmp(a) <= 0 {
			t.Fatalf("√%v = %v", a, r)
		}
	})
}

func TestPrintingOfNumbersThatGoOn(t *testing.T) {
	third := New(1, 3, Milligram)
	if got := third.String(); got != "≈0.3333 mg" {
		t.Errorf("a third of a milligram prints as %s", got)
	}
	if third.Exact() || !MustParse("0.125 mg").Exact() {
		t.Error("Exact is wrong about a third, or about an eighth")
	}
	if n, ok := third.Scaled(); ok {
		t.Errorf("a third was scaled to %d", n)
	}
	if n, ok := third.ScaledFloor(); !ok || n != 333333 {
		t.Errorf("a third was cut to %d", n)
	}
	if got := (Amount{}).String(); got != "not stated" {
		t.Errorf("an amount that is not set prints as %q", got)
	}
	huge := Amount{v: fromBig(new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil))), unit: Milligram}
	if _, ok := huge.Scaled(); ok {
		t.Error("10³⁰ mg was scaled")
	}
}

func TestUnits(t *testing.T) {
	mustUnit := func(s string) Unit { return MustParse("1 " + s).Unit() }
	for _, c := range []struct {
		a, b string
		ok   bool
	}{
		{"mg", "g", true}, {"mg", "mL", false}, {"mg", "mg/kg", false}, {"mg/kg", "mcg/kg", true},
		{"tablets", "capsules", false}, {"tablet", "tablets", true}, {"cm", "ft", true}, {"units", "mg", false},
	} {
		if got := mustUnit(c.a).Comparable(mustUnit(c.b)); got != c.ok {
			t.Errorf("%s and %s comparable: %v", c.a, c.b, got)
		}
	}
	for _, name := range UnitNames() {
		if _, err := ParseUnit(name); err != nil {
			t.Errorf("UnitNames lists %q: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0.5 mg/kg", "72kg", ".5 mg", "1e400 mg", "5 µg", "NaN mg", "000.1 mg", "1/4 of 100 mg", "-1 mg"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := Parse(s); err == nil {
			if b, err := Parse(a.String()); err != nil || b.Cmp(a) != 0 || b.Unit() != a.Unit() {
				t.Errorf("%q reads as %v, which reads back as %v, %v", s, a, b, err)
			}
		}
		if r, err := ParseRounding(s); err == nil && !r.Exact && r.Step.Sign() <= 0 {
			t.Errorf("%q is a step of %v", s, r.Step)
		}
	})
}

// A curie is 37 gigabecquerels, and what decays is neither mass nor a biological activity.
func TestRadioactivity(t *testing.T) {
	if mbq := MustParse("2 mCi").In(MustParse("1 MBq").Unit()); mbq.String() != "74 MBq" {
		t.Errorf("2 mCi are %v", mbq)
	}
	if kbq := MustParse("1.1 MBq").In(MustParse("1 kBq").Unit()); kbq.String() != "1100 kBq" {
		t.Errorf("1.1 MBq are %v", kbq)
	}
	if MustParse("1 MBq").Unit().Comparable(MustParse("1 units").Unit()) {
		t.Error("decays are compared with units")
	}
}

package body

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/quantity"
)

// Surfaces that textbooks and nomograms print.
func TestPublishedSurfaces(t *testing.T) {
	for _, c := range []struct {
		formula        Formula
		weight, height string
		want           string
	}{
		{"", "80 kg", "180 cm", "2 m2"},
		{DuBois, "70 kg", "170 cm", "1.81 m2"}, // Du Bois & Du Bois 1916, and any calculator
		{DuBois, "60 kg", "160 cm", "1.62 m2"},
		{Haycock, "10 kg", "75 cm", "0.46 m2"},
		{Haycock, "70 kg", "170 cm", "1.83 m2"},
	} {
		round, _ := quantity.ParseRounding("0.01 m2")
		s := Surface{Formula: c.formula, Round: &round}
		got, err := s.Final(s.Of(quantity.MustParse(c.weight), quantity.MustParse(c.height)))
		if err != nil || got.String() != c.want {
			t.Errorf("%s of %s and %s: %v, %v; want %s", c.formula, c.weight, c.height, got, err, c.want)
		}
	}
	capped := Surface{Max: quantity.MustParse("2 m2")}
	if got, _ := capped.Final(quantity.MustParse("2.3 m2")); got.String() != "2 m2" {
		t.Errorf("capped: %v", got)
	}
}

// The exact surfaces are those of floating-point arithmetic, cut after six decimals, and rise
// with the weight and the height.
func TestSurfacesAgreeWithFloats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, mm := rapid.IntRange(500, 300_000).Draw(t, "g"), rapid.IntRange(300, 2500).Draw(t, "mm")
		weight, height := quantity.New(int64(g), 1000, quantity.Kilogram), quantity.New(int64(mm), 10, quantity.Centimetre)
		kg, cm := float64(g)/1000, float64(mm)/10
		for formula, want := range map[Formula]float64{
			Mosteller: math.Sqrt(kg * cm / 3600),
			DuBois:    0.007184 * math.Pow(kg, 0.425) * math.Pow(cm, 0.725),
			Haycock:   0.024265 * math.Pow(kg, 0.5378) * math.Pow(cm, 0.3964),
		} {
			s := Surface{Formula: formula}
			got := s.Of(weight, height)
			n, ok := got.Scaled()
			if !ok || math.Abs(float64(n)/1e6-want) > 1.000001e-6 || float64(n)/1e6 > want+1e-12 {
				t.Fatalf("%s of %v and %v: %v, want %v", formula, weight, height, got, want)
			}
			more := s.Of(weight.Add(quantity.MustParse("0.1 kg")), height)
			if more.Cmp(got) < 0 || s.Of(weight, height.Add(quantity.MustParse("0.1 cm"))).Cmp(got) < 0 {
				t.Fatalf("%s of %v and %v falls", formula, weight, height)
			}
		}
	})
}

// What a derivation says of a formula has its name and its figures, and a rounded surface is cut to
// the largest that counts.
func TestInWords(t *testing.T) {
	for formula, want := range map[Formula]string{DuBois: "(Du Bois) 0.007184", Haycock: "(Haycock) 0.024265", Mosteller: "(Mosteller) √"} {
		if got := (&Surface{Formula: formula}).InWords(); !strings.Contains(got, want) {
			t.Errorf("%q, want %q in it", got, want)
		}
	}
	step := quantity.MustParse("0.1 m2")
	s := Surface{Round: &quantity.Rounding{Step: step}, Max: quantity.MustParse("2 m2")}
	for in, want := range map[string]string{"1.84 m2": "1.8 m2", "2.31 m2": "2 m2"} {
		if got, err := s.Final(quantity.MustParse(in)); err != nil || got.Cmp(quantity.MustParse(want)) != 0 {
			t.Errorf("%s: %v, %v, want %s", in, got, err, want)
		}
	}
}

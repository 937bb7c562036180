// Package body holds the formulas for the body surface.
package body

import "github.com/doseplan/doseplan/pkg/quantity"

// A Formula is one way to the body surface.
type Formula string

// The formulas. Weights are in kg, heights in cm.
const (
	Mosteller Formula = "Mosteller" // √(height × weight ÷ 3600), N Engl J Med 1987;317:1098
	DuBois    Formula = "Du Bois"   // 0.007184 × weight^0.425 × height^0.725, Arch Intern Med 1916;17:863-871
	Haycock   Formula = "Haycock"   // 0.024265 × weight^0.5378 × height^0.3964, J Pediatr 1978;93:62-66
	Stated    Formula = "stated"    // what the patient's file states
)

// Formulas returns the words for the formulas.
func Formulas() []string {
	return []string{string(Mosteller), string(DuBois), string(Haycock), string(Stated)}
}

// A Surface says how a body surface is come by. The zero Surface is Mosteller's.
type Surface struct {
	Formula Formula            // "" for Mosteller's
	Round   *quantity.Rounding // of the surface, before any dose is computed; nil for none
	Max     quantity.Amount    // a larger surface counts as this one; unset for none
}

// decimals is where a formula's result is cut: far below what any rounding of a dose can see, and
// never above the true value.
const decimals = 6

// part is a bare number of millionths.
func part(n int64) quantity.Amount { return quantity.New(n, 1e6, quantity.None) }

var (
	duBois  = [...]quantity.Amount{part(7184), part(425_000), part(725_000)}
	haycock = [...]quantity.Amount{part(24265), part(537_800), part(396_400)}
	square  = quantity.New(3600, 1, quantity.None)
)

// Of returns the surface in m² of a weight and a height by a formula other than Stated, cut after
// six decimals. It is not yet rounded.
func (s *Surface) Of(weight, height quantity.Amount) quantity.Amount {
	kg, cm := weight.In(quantity.Kilogram).Number(), height.In(quantity.Centimetre).Number()
	f := &duBois
	switch s.Formula {
	case DuBois:
	case Haycock:
		f = &haycock
	default:
		return cm.Mul(kg).Div(square).SqrtFloor(decimals).With(quantity.SquareM)
	}
	return f[0].TimesPowers(kg, f[1], cm, f[2], decimals).With(quantity.SquareM)
}

// Final rounds a surface and cuts it to the largest that counts.
func (s *Surface) Final(area quantity.Amount) (quantity.Amount, error) {
	if s.Round != nil {
		r, err := s.Round.Apply(area, quantity.Amount{}, quantity.Amount{})
		if err != nil {
			return area, err
		}
		area = r.Amount
	}
	if s.Max.IsSet() {
		area = quantity.Min(area, s.Max)
	}
	return area, nil
}

// InWords says what a formula computes, with its figures.
func (s *Surface) InWords() string {
	switch s.Formula {
	case DuBois:
		return "body surface (Du Bois) 0.007184 × (%v)^0.725 × (%v)^0.425 = %v"
	case Haycock:
		return "body surface (Haycock) 0.024265 × (%v)^0.3964 × (%v)^0.5378 = %v"
	}
	return "body surface (Mosteller) √(%v × %v ÷ 3600) = %v"
}

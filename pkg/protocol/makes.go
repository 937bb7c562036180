package protocol

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dispense"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// The words for how a unit divides.
const (
	intoHalves   = "into halves"
	intoQuarters = "into quarters"
	byAnyAmount  = "by any amount"
)

var divisions = []string{"not at all", intoHalves, intoQuarters, byAnyAmount}

// Makes returns the units that doses of r are made up of, and false where it names no strengths.
// Where it does not say how a unit divides, the step that doses are rounded to says it: a half
// or a quarter of the smallest strength.
func (r *Route) Makes() (dispense.Form, bool) {
	f := dispense.Form{Strengths: r.Strengths, Parts: 1, Drawn: r.Divides == byAnyAmount}
	if len(r.Strengths) == 0 {
		return f, false
	}
	least := r.Strengths[0]
	for _, s := range r.Strengths {
		if !s.Unit().Comparable(least.Unit()) {
			return f, false
		}
		if s.Cmp(least) < 0 {
			least = s
		}
	}
	switch {
	case r.Divides == intoHalves:
		f.Parts = 2
	case r.Divides == intoQuarters:
		f.Parts = 4
	case r.Divides == "" && r.Round != nil && r.Round.Step.Unit().Comparable(least.Unit()):
		for _, parts := range []int64{2, 4} {
			if least.Times(1, parts).Cmp(r.Round.Step) == 0 {
				f.Parts = int(parts)
			}
		}
	}
	return f, true
}

// MakeUp returns how the units of r make an amount up. It is empty where r names no strengths
// that amounts of the kind can be made up of.
func (r *Route) MakeUp(amount quantity.Amount) (dispense.Made, error) {
	f, ok := r.Makes()
	if !ok || !amount.IsSet() || !amount.Unit().Comparable(r.Strengths[0].Unit()) {
		return dispense.Made{}, nil
	}
	return f.Make(amount)
}

// Nearest says which amounts near one the units of r make up: "40 mg or 60 mg", or "".
func (r *Route) Nearest(amount quantity.Amount) string {
	f, _ := r.Makes()
	switch below, above := f.Near(amount); {
	case below.IsSet() && above.IsSet():
		return fmt.Sprintf("%v or %v", below, above)
	case below.IsSet():
		return below.String()
	case above.IsSet():
		return above.String()
	}
	return ""
}

// checkMakes wants a dose whose rounding nothing states to be made up of the strengths.
func (d *decoder) checkMakes(a *Amount, r *Route) {
	if _, err := r.MakeUp(a.Quantity); err == nil {
		return
	}
	help := "add the strength, or say how one unit `divides`"
	if near := r.Nearest(a.Quantity); near != "" {
		help = "write " + near + ", add the strength, or say how one unit `divides`"
	}
	d.Add(diag.NotDispensable, a.Range, help, "the dose %v cannot be made up of the strengths of the route “%s”", a.Quantity, r.Name)
}

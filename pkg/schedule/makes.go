package schedule

import (
	"slices"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// makeUp finds for every amount the units that make it up.
func (r *regimen) makeUp() {
	for ; r.made < len(r.doses); r.made++ {
		d := &r.doses[r.made]
		if d.Route == nil || !d.Amount.IsSet() {
			continue
		}
		made, err := d.Route.MakeUp(d.Amount)
		if d.Made = made; err != nil {
			r.unmade = append(slices.Clip(r.unmade), int32(r.made))
		}
	}
}

// unmade reports planned doses that no units make up: a refusal where the strengths alone say what can
// be given, a warning where the route says how doses are rounded too.
func (c *calculation) unmade(doses []Event) {
	said := map[string]bool{}
	for _, i := range c.reg.unmade {
		d := &c.reg.doses[i]
		if name := d.Medication.Name + " " + d.Route.Name + " " + d.Amount.String(); !said[name] && c.plans(doses, i) {
			said[name] = true
			c.cannotMake(d, d.Amount)
		}
	}
}

// plans reports whether some dose that is shown and not given has an amount.
func (c *calculation) plans(doses []Event, amount int32) bool {
	return slices.ContainsFunc(doses, func(e Event) bool {
		return e.Dose == amount && e.Status <= Provisional && !c.plan.hides(&e)
	})
}

func (c *calculation) cannotMake(d *DoseInfo, amount quantity.Amount) {
	help := "choose an amount that the strengths make up"
	if near := d.Route.Nearest(amount); near != "" {
		help = "nearest are " + near
	}
	f := c.found.Add(diag.CannotMake, d.Route.Range, help, "a dose of %v %s cannot be made up of the strengths of the route “%s”", amount, d.Medication.Name, d.Route.Name)
	if d.Route.Round != nil {
		f.Severity = diag.Warning
	}
}

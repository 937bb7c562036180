package schedule

import (
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// makeUp finds for every amount the units that make it up, and reports planned doses that none
// do: a refusal where the strengths alone say what can be given, a warning where the route says
// how doses are rounded too.
func (c *calculation) makeUp() {
	planned := make([]bool, len(c.reg.doses))
	for i := range c.frame.doses {
		if e := &c.frame.doses[i]; e.Status <= Provisional && !c.plan.hides(e) {
			planned[e.Dose] = true
		}
	}
	said := map[string]bool{}
	for i := range c.reg.doses {
		d := &c.reg.doses[i]
		if d.Route == nil || !d.Amount.IsSet() {
			continue
		}
		made, err := d.Route.MakeUp(d.Amount)
		d.Made = made
		name := d.Amount.String() + d.Route.Name
		if err == nil || !planned[i] || said[name] {
			continue
		}
		said[name] = true
		c.cannotMake(d, d.Amount)
	}
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

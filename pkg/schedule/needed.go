package schedule

import (
	"fmt"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Needed is what the patient may take as needed, and how much: a budget, which has no place on the calendar.
type Needed struct {
	Rule *protocol.AsNeeded
	Dose DoseInfo
}

// String says what is taken, for what, and within which budget.
func (n *Needed) String() string { return n.Words("") }

// Words is String with the units that make the dose up, where somebody has put them into words.
func (n *Needed) Words(made string) string {
	d := &n.Dose
	if made != "" {
		made = " = " + made
	}
	return fmt.Sprintf("%s, for %s: %v %s %s%s, %s", n.Rule.Rule.Title, n.Rule.Reason, d.Amount, d.Medication.Name, d.Route.Words(), made, n.Rule.Words())
}

// The forms of the note on what is taken as needed. The operands are the *Needed, and the day on which the course
// ends.
const (
	AsNeeded      = "As needed: %v."
	AsNeededUntil = "As needed: %v; nothing of it from %v on."
)

// need computes what may be taken as needed in one stretch, and holds the budget against the limits of its
// medicine: the most that the budget lets into any stretch of time counts.
func (r *regimen) need(s *stretch) []Needed {
	p := r.plan.protocol
	var list []Needed
	for i := range p.AsNeeded {
		a := &p.AsNeeded[i]
		rule, med := &a.Rule, &p.Medications[a.Rule.Medication]
		name := rule.Route
		if name == "" {
			name = med.Routes[0].Name
		}
		reg, found := dose.Resolve(p, rule, s.patient, dose.Choice{Tier: s.tier, Route: name, First: 1})
		r.found = append(r.found, found...)
		route, ok := med.Route(name)
		if found.HasErrors() || !ok || len(reg.Doses) == 0 {
			continue
		}
		if a.PerWeight() && !s.patient.Weight.IsSet() {
			r.found.Add(diag.MissingPatient, diag.Range{}, "", "the most of “%s”, as needed, depends on the patient's weight, which is not stated", rule.Name).Asks = "weight"
			continue
		}
		n := Needed{a.Weighed(s.patient.Weight), DoseInfo{Dose: reg.Doses[reg.At(dose.Place{Number: 1, Day: 1, CycleDay: 1})], Medication: med, Route: route}}
		n.Dose.Route = route.Taking(n.Dose.Over)
		if _, tiered := rule.Dose.(protocol.TierDose); tiered {
			n.Dose.Tier = s.tier
		}
		made, err := route.MakeUp(n.Dose.Amount)
		if n.Dose.Made = made; err != nil {
			d := r.found.Add(diag.CannotMake, route.Range, "choose an amount that the strengths make up", "a dose of %v %s cannot be made up of the strengths of the route “%s”", n.Dose.Amount, med.Name, route.Name)
			if route.Round != nil || r.plan.options.Timeline.Lived {
				d.Severity = diag.Warning
			}
		}
		r.budget(s, &n)
		list = append(list, n)
	}
	return list
}

// budget refuses a budget that could break a limit of its medicine.
func (r *regimen) budget(s *stretch, n *Needed) {
	m, l := n.Rule.Rule.Medication, &n.Dose.Medication.Limits
	amount := r.scale(n.Dose.Amount, &phasePlan{Phase: &n.Rule.Rule})
	rules, found := r.rules(m, s.patient)
	r.found = append(r.found, found...)
	refuse := func(code diag.Code, at diag.Range, format string, args ...any) {
		d := r.found.Add(code, at, "take less, or further apart", format, args...)
		if d.Severity = diag.Refusal; r.plan.options.Timeline.Lived {
			d.Severity = diag.Warning
		}
	}
	for _, b := range n.Rule.AtMost {
		if b.In(n.Dose.Amount) < 1 {
			refuse(diag.SingleDoseLimit, b.Range, "a dose of %v as needed, “%s”, is more than its budget of %v", n.Dose.Amount, n.Rule.Rule.Name, b)
			return
		}
	}
	for i, most := range rules.Single {
		if amount > most {
			refuse(diag.SingleDoseLimit, l.SingleAt[i], "%v as needed, “%s”, is more than the largest single dose of %v%s", n.Dose.Amount, n.Rule.Rule.Name, l.SingleDose[i], r.plan.inAll(l.SingleDose[i], s.patient))
		}
	}
	within := func(stretch time.Duration, most int64, key limit.Key, bound quantity.Amount, at diag.Range) {
		doses := n.Rule.Most(n.Dose.Amount, stretch)
		if int64(doses) > most/max(amount, 1) {
			refuse(diag.RollingLimit, at, "the budget of “%s”, as needed, leaves room for %s of %v in %v, more than %v (`%s`)%s", n.Rule.Rule.Name, civil.Plural(doses, "dose"), n.Dose.Amount, civil.Period{N: int(stretch / time.Hour), Unit: civil.Hour}, bound, key, r.plan.inAll(bound, s.patient))
		}
	}
	for i, x := range rules.Rolling {
		within(x.Within, x.Total, limit.KeyAny(l.Rolling[i].Within), l.Rolling[i].Total, l.Rolling[i].Range)
	}
}

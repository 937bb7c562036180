package lint

import (
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// farOff looks for figures that lie far from all that they are of: often another unit was meant, or a digit slipped in.
func (l *linter) farOff() {
	for m := range l.p.Medications {
		med := &l.p.Medications[m]
		for k := range med.Routes {
			l.tooStrong(m, &med.Routes[k])
			l.ofOtherSize(&med.Routes[k])
		}
		l.seldomReassessed(med)
	}
	for i := range l.p.AsNeeded {
		l.looseNeeded(&l.p.AsNeeded[i])
	}
	l.oldest()
	l.seldomLow()
}

// tooStrong looks for a strength of which no part is as small as the largest dose: no dose can have it.
func (l *linter) tooStrong(medicine int, r *protocol.Route) {
	makes, ok := r.Makes()
	most := l.largest(medicine, r.Name)
	if !ok || makes.Drawn || !most.IsSet() || l.said(diag.NotDivisible, r.Range) {
		return
	}
	for _, s := range r.Strengths {
		if s.Unit().Comparable(most.Unit()) && s.Times(1, int64(makes.Parts)).Cmp(most) > 0 {
			l.odd(r.Range, "take the strength out, or correct it", "the route “%s” has a strength of %v, and no dose of it is more than %v", r.Name, s, most)
		}
	}
}

// ofOtherSize looks for a form that says how much a unit of it has, which is none of its strengths.
func (l *linter) ofOtherSize(r *protocol.Route) {
	for _, m := range amountIn.FindAllStringSubmatch(r.Form, -1) {
		q, err := quantity.Parse(m[1] + " " + m[2])
		if err != nil || m[3] != "" || len(r.Strengths) == 0 || !r.Strengths[0].Unit().Comparable(q.Unit()) || is(q, r.Strengths, 1, 1) {
			continue
		}
		l.odd(r.Range, "correct the form or the strengths", "the form is “%s”, and the strengths are %v", r.Form, r.Strengths)
	}
}

// largest returns the largest dose of a medicine by a route, of whichever patient; unset where that is not known.
func (l *linter) largest(medicine int, route string) (most quantity.Amount) {
	see := func(q quantity.Amount) bool {
		if !q.IsSet() || most.IsSet() && !most.Unit().Comparable(q.Unit()) {
			return false
		}
		if !most.IsSet() || q.Cmp(most) > 0 {
			most = q
		}
		return true
	}
	for _, row := range l.r.Rows {
		ph, ok := l.p.Phase(row.Phase)
		if ok && ph.Medication == medicine && row.Route == route && !see(row.Most) {
			return quantity.Amount{}
		}
	}
	for i := range l.p.AsNeeded {
		if rule := &l.p.AsNeeded[i].Rule; rule.Medication == medicine && !see(l.mostOf(rule)) {
			return quantity.Amount{}
		}
	}
	return most
}

// mostOf returns the largest dose of a rule, of whichever patient; unset where that is not known.
func (l *linter) mostOf(rule *protocol.Phase) (most quantity.Amount) {
	known := true
	for _, r := range l.p.RoutesOf(rule) {
		l.p.Amounts(rule, r.Name, func(a *protocol.Amount) {
			q, heaviest := a.Quantity, l.p.Population.Weight.Max
			switch {
			case a.Divided != nil || a.Basis() != protocol.Fixed && (a.Basis() != protocol.PerWeight || !heaviest.IsSet()):
				known = false
				return
			case a.Basis() == protocol.PerWeight:
				q = resolved(q, heaviest)
				if a.Max.IsSet() && protocol.BasisOf(a.Max) == protocol.Fixed && a.Max.Unit().Comparable(q.Unit()) {
					q = quantity.Min(q, a.Max)
				}
			}
			if known = known && (!most.IsSet() || most.Unit().Comparable(q.Unit())); known && (!most.IsSet() || q.Cmp(most) > 0) {
				most = q
			}
		})
	}
	if !known {
		return quantity.Amount{}
	}
	return most
}

// looseNeeded looks for limits on what is taken as needed that are more than twice as much as all that may be taken.
func (l *linter) looseNeeded(a *protocol.AsNeeded) {
	a = a.Weighed(l.p.Population.Weight.Max)
	dose, rule := l.mostOf(&a.Rule), l.fixed(&a.Rule)
	limits := &l.p.Medications[a.Rule.Medication].Limits
	if !dose.IsSet() || a.Beside || slices.ContainsFunc(a.AtMost, func(b protocol.Budget) bool { return b.Doses == 0 && !b.Total.IsSet() }) || slices.ContainsFunc(l.p.AsNeeded, func(o protocol.AsNeeded) bool {
		return o.Rule.Medication == a.Rule.Medication && o.Rule.Name != a.Rule.Name
	}) {
		return
	}
	loose := func(of protocol.Bound, doses int) {
		most := dose
		if protocol.BasisOf(of.Amount) != protocol.Fixed {
			if rule == nil {
				return
			}
			most = rule.Quantity // both are per kg, or nothing is known
		}
		if !most.Unit().Comparable(of.Amount.Unit()) || protocol.BasisOf(of.Amount) != protocol.BasisOf(most) {
			return
		}
		if most = most.Times(int64(doses), 1); of.Amount.Cmp(most.Times(2, 1)) > 0 && !l.said(diag.LooseLimit, of.Range) {
			l.found.Add(diag.LooseLimit, of.Range, "set the limit nearer to what is meant", "no more than %v of “%s” may be taken, so that “%s” of %v guards nothing", most, a.Rule.Name, of.Key, of.Amount)
		}
	}
	if apart := limit.Elapsed(a.Apart); limits.Interval > 0 && 3*limits.Interval <= apart && !l.said(diag.LooseLimit, limits.IntervalAt) {
		l.found.Add(diag.LooseLimit, limits.IntervalAt, "set the limit nearer to what is meant", "“%s” may be taken %v apart at the earliest, so that a shortest interval of %s guards nothing", a.Rule.Name, a.Apart, civil.PeriodOf(limits.Interval))
	}
	for k, x := range limits.SingleDose {
		loose(protocol.Bound{Key: limit.KeySingle, Amount: x, Range: limits.SingleAt[k]}, 1)
	}
	for _, x := range limits.Rolling {
		loose(protocol.Bound{Key: limit.KeyAny(x.Within), Amount: x.Total, Range: x.Range}, a.Most(dose, limit.Elapsed(x.Within)))
	}
}

// seldomReassessed looks for a reassessment after more than two years.
func (l *linter) seldomReassessed(m *protocol.Medication) {
	if every := m.Limits.Reassess; every.IsSet() && every.From(someDay, 1).After(someDay.AddDays(2*366)) {
		l.odd(m.Limits.ReassessAt, "look at the figure and its unit", "doses of %s go on for %v before anybody looks at the patient", m.Name, every)
	}
}

// oldest looks for a population that begins at an age which hardly anybody reaches.
func (l *linter) oldest() {
	if age := l.p.Population.Age; age.Min.IsSet() && age.Min.Cmp(quantity.New(100*12, 1, quantity.None)) >= 0 {
		l.found.Add(diag.OddPopulation, age.Range, "look at the figure", "the population begins at %s", age.AgeWords())
	}
}

// seldomLow looks for a file of the low-dose model, which is daily or nearly so, whose doses never come so often.
func (l *linter) seldomLow() {
	least := quantity.New(3, 7, quantity.None) // a day
	if l.p.Model != protocol.LowDose || len(l.p.Phases) == 0 || l.said(diag.OddFigure, l.p.Range) {
		return
	}
	for i := range l.p.Phases {
		for _, c := range l.p.Phases[i].Frequencies {
			if often := pace(c.Frequency); !often.IsSet() && !c.Frequency.Monthly() || often.IsSet() && often.Cmp(least) >= 0 {
				return
			}
		}
	}
	l.odd(l.p.Range, "correct the model or the frequency", "the model is %s, which is daily or nearly so, and doses come %s", l.p.Model, l.p.Phases[0].Frequencies[0].Text)
}

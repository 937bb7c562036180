package schedule

import (
	"math"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A sum is what the doses of a medicine have come to, on the way to the total that ends a phase. What was missed,
// is left out or falls into a hold adds nothing, and what was given adds the amount that was given.
type sum struct {
	most, total int64 // in the numbers of a regimen; most is 0 where no total ends the phase
	doses       int64 // that the total is of
	rest        bool  // the last of them had what was left
}

// reached reports whether the doses come to the total. Each has lost less than one in the last place where it could
// not be written whole, so that as much for each of them is nothing that is left. What is left after a dose that had what
// was left is less than can be measured out.
func (s *sum) reached() bool { return s.most > 0 && (s.rest || s.most-s.total <= s.doses) }

// left returns what is left of the total, in the steps in which a dose can be measured out: 0 where nothing is.
func (s *sum) left(d *DoseInfo) int64 {
	if s.reached() {
		return 0
	}
	rest := s.most - s.total
	if step, ok := d.step(); ok {
		rest -= rest % step
	}
	return max(rest, 0)
}

// step returns the step in which a dose of an amount can be measured out, as a plain number: that of its rounding,
// or else the smallest strength.
func (d *DoseInfo) step() (step int64, ok bool) {
	least := d.Step
	for _, s := range d.Route.Strengths {
		if !d.Step.IsSet() && (!least.IsSet() || s.Unit().Comparable(least.Unit()) && s.Cmp(least) < 0) {
			least = s
		}
	}
	if !least.IsSet() || !least.Unit().Comparable(d.Amount.Unit()) {
		return 0, false
	}
	step, ok = least.In(d.Amount.Unit()).Scaled()
	return step, ok && step > 0
}

// sumBefore returns the sum of the doses of a phase's medicine that stand on the axis already.
func (a *axis) sumBefore(phase int) sum {
	ph := &a.plan.phases[phase]
	if !ph.Course.Total.IsSet() || a.reg == nil {
		return sum{}
	}
	s := sum{most: a.reg.mostOf(ph)}
	for i := range a.doses {
		if d := &a.doses[i]; a.plan.phases[d.phase].Medication == ph.Medication && int(d.phase) != phase {
			s.total, s.doses = s.total+a.adds(d), s.doses+1
		}
	}
	if ph.Course.Lifetime {
		s.total = min(s.total+a.reg.receivedOf(ph), s.most)
	}
	for i := range a.plan.options.Timeline.Facts {
		f := &a.plan.options.Timeline.Facts[i]
		if f.Number == 0 && f.Status == Taken && f.Phase == ph.Name {
			n, _ := f.Amount.In(a.reg.units[ph.Medication]).Scaled()
			s.total += n
		}
	}
	return s
}

// receivedOf returns what the patient received of a phase's medicine before the course.
func (r *regimen) receivedOf(ph *phasePlan) (total int64) {
	m := &r.plan.protocol.Medications[ph.Medication]
	b := bounds{plan: r.plan, limits: &m.Limits, patient: r.parts[0].patient, unit: r.units[ph.Medication]}
	for _, before := range r.parts[0].patient.ReceivedOf(m.Name, m.RxNorm) {
		total = min(total, math.MaxInt64/2) + min(b.of(before, limit.Breach{Kind: limit.InLifetime}), math.MaxInt64/2)
	}
	return total
}

// mostOf returns the total that ends a phase, of the patient as the course begins.
func (r *regimen) mostOf(ph *phasePlan) int64 {
	b := bounds{plan: r.plan, limits: &r.plan.protocol.Medications[ph.Medication].Limits, patient: r.parts[0].patient, unit: r.units[ph.Medication]}
	return b.of(ph.Course.Total, limit.Breach{Kind: limit.InCourse})
}

// totals asks for what the totals of phases depend on.
func (r *regimen) totals(pat *patient.Patient) {
	for i := range r.plan.phases {
		if ph := &r.plan.phases[i]; ph.Course.Total.IsSet() && r.mostOf(ph) == math.MaxInt64 && !r.found.HasErrors() {
			missing := "weight"
			if pat.Weight.IsSet() {
				missing = "height"
			}
			r.found.Add(diag.MissingPatient, diag.Range{}, "", "the phase “%s” ends with a total of %v, and the patient's %s is not stated", ph.Name, ph.Course.Total, missing).Asks = missing
		}
	}
}

// adds returns what a dose adds to the total of its medicine.
func (a *axis) adds(d *plannedDose) int64 {
	name := DoseName{a.plan.phases[d.phase].Name, int(d.number)}
	if f := a.facts[name]; f != nil {
		if f.Status != Taken {
			return 0
		}
		if n, ok := f.Amount.In(a.reg.units[a.plan.phases[d.phase].Medication]).Scaled(); ok && f.Amount.IsSet() {
			return n
		}
	} else {
		if a.plan.leavesOut(d.date) {
			return 0
		}
		for _, h := range a.plan.options.Timeline.Holds {
			if h.Covers(d.date) && !h.Until.IsZero() { // of a hold without an end nobody knows when the rest is given
				return 0
			}
		}
	}
	if d.rest > 0 {
		return d.rest
	}
	return a.reg.scaled[a.reg.doseAt(d.phase, d.place, d.date)]
}

// remainder returns the index of a dose that has what is left of a total.
func (r *regimen) remainder(of int32, rest int64, ph *phasePlan) int32 {
	d := r.doses[of]
	d.Volume = quantity.Amount{}
	amount := quantity.FromScaled(rest, r.units[ph.Medication]).In(d.Amount.Unit())
	d.Dose = d.Instead(amount, dose.Step{Form: "the last dose, what is left of %v in all: %v", Args: []any{ph.Course.Total, amount}, Rule: ph.Course.Range})
	if c := d.Route.Concentration; c.IsSet() && c.Unit().WithPer(quantity.PerNothing).Comparable(amount.Unit()) {
		d.Volume = amount.Quo(c.With(c.Unit().WithPer(quantity.PerNothing))).With(quantity.Millilitre)
	}
	return r.add(d, rest)
}

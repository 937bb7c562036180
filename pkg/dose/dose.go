// Package dose computes the amount of a dose: the protocol's rule, the patient's tier,
// route and weight, the bounds, and the rounding to what can be dispensed, with every step
// of the arithmetic in words.
package dose

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Step is one step of a derivation: what was done, and the rule that asked for it.
type Step struct {
	Text string
	Rule diag.Range // unset where the step follows from no line of a file
}

// A Dose is one amount with its derivation.
type Dose struct {
	Amount     quantity.Amount
	Volume     quantity.Amount // in mL, where the route states a concentration
	Derivation []Step
}

// A Choice is what the clinician has chosen for a patient.
type Choice struct {
	Tier  string
	Route string
	Step  int  // how many steps of a titration by amounts have been confirmed
	Terse bool // leave out the words of derivations, which then only name the rules
}

// A Regimen gives the dose of every event of one phase, for one patient. It is immutable.
type Regimen struct {
	Doses []Dose
	root  node
}

// A node selects among its children by one property of an event, or is a leaf.
type node struct {
	by       protocol.By
	from     []int   // of counts: the first count of each child, ascending
	weekday  [7]int8 // of ByWeekday: the child of each day
	children []node  // of a time: by the index of the dose in its day
	leaf     int     // an index into Doses, where there are no children
	every    int     // of steps: how many days or doses each child lasts
}

// A Place says where in its phase a dose falls. All counts begin with 1, but for Slot.
type Place struct {
	Number  int // of the dose
	Day     int // of the phase
	Weekday time.Weekday
	Slot    int // the index of the dose within its day
}

// At returns the index in Doses of the dose at a place.
func (r *Regimen) At(p Place) int {
	n := &r.root
	for len(n.children) > 0 {
		var i int
		switch n.by {
		case protocol.ByWeekday:
			i = int(n.weekday[p.Weekday])
		case protocol.ByTime:
			i = min(p.Slot, len(n.children)-1)
		default:
			count := p.Number
			switch n.by {
			case protocol.ByDay:
				count = p.Day
			case protocol.ByWeek:
				count = (p.Day-1)/7 + 1
			}
			if n.every > 0 {
				i = min((count-1)/n.every, len(n.children)-1)
				break
			}
			for i+1 < len(n.from) && n.from[i+1] <= count {
				i++
			}
		}
		n = &n.children[i]
	}
	return n.leaf
}

// resolver builds a Regimen.
type resolver struct {
	p       *protocol.Protocol
	phase   *protocol.Phase
	patient *patient.Patient
	choice  Choice
	route   *protocol.Route
	out     *Regimen
	found   diag.List
}

// Resolve computes the doses of a phase for a patient. choice.Route must be a route of the
// phase's medicine. The findings say which parameter is missing, or which dose cannot be
// given.
func Resolve(p *protocol.Protocol, phase *protocol.Phase, pat *patient.Patient, choice Choice) (*Regimen, diag.List) {
	r := &resolver{p: p, phase: phase, patient: pat, choice: choice, out: &Regimen{}}
	route, ok := p.Medications[phase.Medication].Route(choice.Route)
	if !ok {
		r.found.Add(diag.UnknownName, phase.Range, "", "the medication has no route “%s”", choice.Route)
		return r.out, r.found
	}
	r.route = route
	r.out.root = r.resolve(phase.Dose)
	return r.out, r.found.Sort()
}

func (r *resolver) resolve(d protocol.Dose) node {
	switch d := d.(type) {
	case *protocol.Amount:
		return r.leaf(d, nil)
	case *protocol.Stepped:
		return r.stepped(d)
	case *protocol.ByCase:
		return r.byCase(d)
	case protocol.TierDose:
		t, ok := r.p.Tier(r.choice.Tier)
		if !ok {
			r.found.Add(diag.UnknownName, r.phase.Range, "", "no tier is called “%s”", r.choice.Tier)
			return node{}
		}
		td, ok := t.Dose(r.choice.Route)
		if !ok {
			r.found.Add(diag.UnknownName, t.Range, "", "the tier “%s” has no dose by the route “%s”", t.Name, r.choice.Route)
			return node{}
		}
		return r.prefixed(Step{fmt.Sprintf("tier %s, %s", t.Name, r.choice.Route), t.Range}, func() node { return r.resolve(td) })
	case protocol.TitrationDose:
		steps := r.phase.Titration.Amounts
		k := min(r.choice.Step, len(steps)-1)
		return r.leaf(steps[k], []Step{{fmt.Sprintf("titration step %d", k+1), r.phase.Titration.Range}})
	}
	r.found.Add(diag.NoDose, r.phase.Range, "", "the phase “%s” has no dose", r.phase.Name)
	return node{}
}

// prefixed puts a step before the derivation of every dose that build adds.
func (r *resolver) prefixed(s Step, build func() node) node {
	from := len(r.out.Doses)
	n := build()
	for i := from; i < len(r.out.Doses); i++ {
		d := &r.out.Doses[i]
		d.Derivation = append([]Step{s}, d.Derivation...)
	}
	return n
}

func (r *resolver) byCase(c *protocol.ByCase) node {
	if c.By.Fixed() {
		k, step := r.fixedCase(c)
		if k == nil {
			return node{}
		}
		return r.prefixed(Step{step, k.Range}, func() node { return r.resolve(k.Dose) })
	}
	n := node{by: c.By}
	for i, k := range c.Cases {
		var text string
		switch c.By {
		case protocol.ByWeekday:
			var days []string
			for day, on := range k.Weekdays {
				if on {
					days = append(days, time.Weekday(day).String())
					n.weekday[day] = int8(i)
				}
			}
			text = strings.Join(days, ", ")
			if k.Other {
				text = "any other day of the week"
			}
		case protocol.ByTime:
			text = "the dose at " + k.Time.String()
		default:
			count, _ := k.From.Int()
			n.from = append(n.from, count)
			text = fmt.Sprintf("from %s %d of the phase", strings.TrimPrefix(c.By.String(), "by "), count)
		}
		n.children = append(n.children, r.prefixed(Step{text, k.Range}, func() node { return r.resolve(k.Dose) }))
	}
	switch c.By {
	case protocol.ByWeekday:
		named := [7]bool{}
		for _, k := range c.Cases {
			for day, on := range k.Weekdays {
				named[day] = named[day] || on
			}
		}
		for i, k := range c.Cases {
			for day := range named {
				if k.Other && !named[day] {
					n.weekday[day] = int8(i)
				}
			}
		}
	case protocol.ByTime:
		// In the order of the phase's times, which is that of the doses of a day.
		ordered := make([]node, 0, len(n.children))
		for _, t := range r.phase.Times {
			if i := slices.IndexFunc(c.Cases, func(k protocol.Case) bool { return k.Time == t }); i >= 0 {
				ordered = append(ordered, n.children[i])
			}
		}
		n.children = ordered
	}
	return n
}

// fixedCase picks the case that is known once the patient is.
func (r *resolver) fixedCase(c *protocol.ByCase) (*protocol.Case, string) {
	var value quantity.Amount
	switch c.By {
	case protocol.ByRoute, protocol.ByTier:
		want, what := r.choice.Route, "route"
		if c.By == protocol.ByTier {
			want, what = r.choice.Tier, "tier"
		}
		for i := range c.Cases {
			if slices.Contains(c.Cases[i].Names, want) {
				return &c.Cases[i], what + " " + want
			}
		}
		r.found.Add(diag.NoDose, c.Range, "", "there is no dose for the %s “%s”", what, want)
		return nil, ""
	case protocol.ByAge:
		age, ok := r.patient.Age(r.patient.Start)
		if !ok {
			r.missing("age", "--birth-date or --age", c.Range)
			return nil, ""
		}
		value = quantity.New(int64(age), 1, quantity.None)
	case protocol.ByWeight:
		if !r.patient.Weight.IsSet() {
			r.missing("weight", "--weight", c.Range)
			return nil, ""
		}
		value = r.patient.Weight
	}
	var best *protocol.Case
	for i := range c.Cases {
		if c.Cases[i].From.Cmp(value) <= 0 {
			best = &c.Cases[i]
		}
	}
	if best == nil {
		r.found.Add(diag.NoDose, c.Range, "", "there is no dose under %s %v", strings.TrimPrefix(c.By.String(), "by "), c.Cases[0].From)
		return nil, ""
	}
	if c.By == protocol.ByAge {
		return best, fmt.Sprintf("age %v years: the dose from %v years", value, best.From)
	}
	return best, fmt.Sprintf("weight %v: the dose from %v", value, best.From)
}

func (r *resolver) stepped(s *protocol.Stepped) node {
	n := node{by: protocol.ByDay, every: s.Doses}
	every := fmt.Sprintf("%d doses", s.Doses)
	if s.Doses > 0 {
		n.by = protocol.ByDoseNumber
	} else {
		_, n.every, _ = s.Every.Calendar()
		every = s.Every.String()
	}
	verb := "increase"
	if s.Falls {
		verb = "decrease"
	}
	of := ""
	if s.OfStart {
		of = " of the start"
	}
	for i, a := range s.Amounts() {
		text := fmt.Sprintf("start %v", s.Start.Quantity)
		if i > 0 {
			text = fmt.Sprintf("start %v, %s %v%s every %s, to %v: step %d is %v", s.Start.Quantity, verb, s.Change, of, every, s.To, i+1, a.Quantity)
		}
		n.children = append(n.children, r.leaf(a, []Step{{text, s.Range}}))
	}
	return n
}

func (r *resolver) leaf(a *protocol.Amount, steps []Step) node {
	var d Dose
	var err error
	if r.choice.Terse {
		err = compute(&d, a, r.route, r.patient, func(diag.Range, string, ...any) {})
	} else {
		d, err = Compute(a, r.route, r.patient)
	}
	var missing *patient.Missing
	var undefined *patient.Undefined
	switch {
	case errors.As(err, &missing):
		r.missing(missing.Key, "--"+missing.Key, a.Range)
	case errors.As(err, &undefined):
		r.found.Add(diag.FormulaUndefined, a.Range, "use a protocol that doses by another weight", "%v", err)
	case err != nil:
		r.found.Add(diag.NoDose, a.Range, "", "%v", err)
	}
	d.Derivation = append(steps, d.Derivation...)
	r.out.Doses = append(r.out.Doses, d)
	return node{leaf: len(r.out.Doses) - 1}
}

func (r *resolver) missing(key, flag string, at diag.Range) {
	d := r.found.Add(diag.MissingPatient, diag.Range{}, "give it with "+flag+", or in the patient file", "the dose depends on the patient's %s, which is not stated", key)
	if at.IsSet() {
		d.Related = []diag.Related{{Range: at, Message: "the rule that needs it"}}
	}
}

// Compute computes one amount for a patient. The error is a *patient.Missing, a
// *patient.Undefined, or says why no amount can be dispensed.
func Compute(a *protocol.Amount, route *protocol.Route, pat *patient.Patient) (Dose, error) {
	var d Dose
	err := compute(&d, a, route, pat, func(at diag.Range, format string, args ...any) {
		d.Derivation = append(d.Derivation, Step{fmt.Sprintf(format, args...), at})
	})
	return d, err
}

// compute is Compute with a function that takes down each step.
func compute(d *Dose, a *protocol.Amount, route *protocol.Route, pat *patient.Patient, step func(diag.Range, string, ...any)) error {
	value := a.Quantity
	switch a.Basis() {
	case protocol.PerWeight:
		weight, err := weigh(a, pat, step)
		if err != nil {
			return err
		}
		value = a.Quantity.Resolve(weight)
		step(a.Range, "%v × %v = %v", a.Quantity, weight, value)
	case protocol.PerSurface:
		area, err := pat.BodySurface()
		if err != nil {
			return err
		}
		step(diag.Range{}, "body surface (Mosteller) √(%v × %v ÷ 3600) = %v", pat.Height.In(quantity.Centimetre), pat.Weight.In(quantity.Kilogram), area)
		value = a.Quantity.Resolve(area)
		step(a.Range, "%v × %v = %v", a.Quantity, area, value)
	default:
		step(a.Range, "%v", value)
	}
	if a.Max.IsSet() && value.Cmp(a.Max) > 0 {
		step(a.Range, "more than the maximum: %v → %v", value, a.Max)
		value = a.Max.In(value.Unit())
	}
	if a.Min.IsSet() && value.Cmp(a.Min) < 0 {
		step(a.Range, "less than the minimum: %v → %v", value, a.Min)
		value = a.Min.In(value.Unit())
	}
	round, at := a.Round, a.Range
	if round == nil {
		round, at = route.Round, route.Range
	}
	if round != nil {
		rounded, err := round.Apply(value, a.Min, a.Max)
		if err != nil {
			return err
		}
		if rounded.Amount.Cmp(value) != 0 {
			why := ""
			switch {
			case rounded.Capped:
				why = ", not past the maximum of " + a.Max.String()
			case rounded.Raised:
				why = ", not under the minimum of " + a.Min.String()
			case rounded.Tie:
				why = ", a tie goes down"
			}
			step(at, "%v → %v in steps of %v%s", value, rounded.Amount.In(round.Step.Unit()), *round, why)
		}
		value = rounded.Amount.In(round.Step.Unit()) // what is dispensed is named in its own unit
	}
	d.Amount = value
	if c := route.Concentration; c.IsSet() && c.Unit().WithPer(quantity.PerNothing).Comparable(value.Unit()) {
		d.Volume = value.Quo(c.With(c.Unit().WithPer(quantity.PerNothing))).With(quantity.Millilitre)
		step(route.Range, "%v ÷ %v = %v", value, c, d.Volume)
	}
	return nil
}

// weigh returns the weight in kg that a rate uses.
func weigh(a *protocol.Amount, pat *patient.Patient, step func(diag.Range, string, ...any)) (quantity.Amount, error) {
	kind := a.Weight.Kind
	if from := a.Weight.FromBMI; from.IsSet() {
		bmi, err := pat.BMI()
		if err != nil {
			return quantity.Amount{}, err
		}
		word := "under"
		if bmi.Cmp(from) >= 0 {
			kind, word = a.Weight.Above, "not under"
		}
		step(a.Range, "body mass index %v, %s %v: %v weight", bmi, word, from, kind)
	}
	switch kind {
	case protocol.Ideal:
		w, err := pat.IdealWeight()
		if err == nil {
			step(diag.Range{}, "ideal weight (Devine, %s, %v) = %v", pat.Sex, pat.Height, w)
		}
		return w, err
	case protocol.Adjusted:
		w, err := pat.AdjustedWeight()
		if err == nil {
			ideal, _ := pat.IdealWeight()
			step(diag.Range{}, "ideal weight (Devine, %s, %v) = %v; adjusted weight %v + 0.4 × (%v − %v) = %v", pat.Sex, pat.Height, ideal, ideal, pat.Weight.In(quantity.Kilogram), ideal, w)
		}
		return w, err
	}
	if !pat.Weight.IsSet() {
		return quantity.Amount{}, &patient.Missing{Key: "weight"}
	}
	w := pat.Weight.In(quantity.Kilogram)
	if pat.Weight.Unit() != quantity.Kilogram {
		step(diag.Range{}, "weight %v = %v", pat.Weight, w)
	}
	return w, nil
}

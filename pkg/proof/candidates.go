package proof

import (
	"slices"
	"sort"

	"github.com/doseplan/doseplan/pkg/body"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lab"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

var (
	start   = civil.MustDate("2027-01-01")
	epsilon = quantity.MustParse("0.000001 kg")

	bareMillionth = quantity.New(1, 1_000_000, quantity.None)
)

// maxSteps bounds how many steps of a dose are looked at on the way from the lightest to the
// heaviest patient.
const maxSteps = 20_000

// maxSurfaceSteps is maxSteps for doses per m2: the weight of each surface is sought, in some milliseconds.
const maxSurfaceSteps = 2_500

// needs says which ranges of the population the doses and limits depend on, and where.
type needs struct {
	weight, height, age diag.Range
	surface             diag.Range // as stated
	sex                 bool
	perSurface          bool // some limit is per m2
	rises               bool // something rises while a dose stays: a budget per kg, or how many doses come to a total
	rising              bool // some dose rises with a value that was measured
	uneven              bool // what follows from a dose does not rise with it: how often a budget lets it be taken, a larger part, strengths, the number of steps
	rates               []rate
	bands, ages         []quantity.Amount
	surfaces            []quantity.Amount            // at which a dose changes
	measured            map[string][]quantity.Amount // by measurement: where a dose changes
}

// A rate is an amount per kg or per m2 with what it is rounded to.
type rate struct {
	*protocol.Amount
	round *quantity.Rounding
}

// surfaced reports whether something of a rate is per m2.
func (r rate) surfaced() bool {
	return slices.ContainsFunc(r.Rates(), func(q quantity.Amount) bool { return protocol.BasisOf(q) == protocol.PerSurface })
}

// same reports whether two rates change at the same weights.
func (r rate) same(s rate) bool {
	equal := func(a, b quantity.Amount) bool {
		return a.IsSet() == b.IsSet() && a.Unit() == b.Unit() && (!a.IsSet() || a.Cmp(b) == 0)
	}
	rounded := r.round == nil && s.round == nil || r.round != nil && s.round != nil && r.round.Down == s.round.Down && r.round.Up == s.round.Up && r.round.Exact == s.round.Exact && equal(r.round.Step, s.round.Step)
	return rounded && equal(r.Quantity, s.Quantity) && equal(r.Min, s.Min) && equal(r.Max, s.Max) && equal(r.Top, s.Top) && r.Weight.Kind == s.Weight.Kind && r.Weight.Above == s.Weight.Above && r.Weight.Raises == s.Weight.Raises && equal(r.Weight.FromBMI, s.Weight.FromBMI) && equal(r.Weight.FromIdeal, s.Weight.FromIdeal)
}

// every is all medicines.
func every(int) bool { return true }

// gather collects what the doses of some medicines depend on.
func (c *checker) gather(of func(medicine int) bool) *needs {
	n := &needs{measured: map[string][]quantity.Amount{}}
	set := func(to *diag.Range, at diag.Range) {
		if !to.IsSet() {
			*to = at
		}
	}
	for _, ph := range c.p.Rules() {
		if !of(ph.Medication) {
			continue
		}
		for _, r := range c.p.RoutesOf(ph) {
			c.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				if len(a.Rates()) == 0 {
					return
				}
				if x := (rate{a, a.RoundedBy(&r)}); !slices.ContainsFunc(n.rates, x.same) {
					n.rates = append(n.rates, x)
				}
				n.uneven = n.uneven || len(c.p.AsNeeded) > 0 || len(r.Strengths) > 0 || c.p.Any(ph.Dose, uneven)
				w := a.Weight
				n.sex = n.sex || w.Kind != protocol.Actual || w.Changes()
				for _, q := range a.Rates() {
					surface := protocol.BasisOf(q) == protocol.PerSurface
					if surface && c.p.Surface.Formula == body.Stated {
						set(&n.surface, a.Range)
						continue
					}
					if surface || w.Kind != protocol.Actual || w.Changes() {
						set(&n.height, a.Range)
					}
					if surface || w.Kind != protocol.Ideal || w.Changes() {
						set(&n.weight, a.Range)
					}
				}
			})
		}
		for _, r := range c.p.RoutesOf(ph) {
			c.p.Any(ph.Dose, func(d protocol.Dose) bool {
				if m, ok := d.(*protocol.Measured); ok {
					c.measuredSteps(n, m, &r)
				}
				return false
			})
		}
		c.cases(ph.Dose, n, set)
	}
	for i := range c.p.AsNeeded {
		if a := &c.p.AsNeeded[i]; a.PerWeight() {
			set(&n.weight, a.Range)
			n.rises = true
		}
	}
	for i := range c.p.Phases {
		end := &c.p.Phases[i].Course
		if !end.Total.IsSet() {
			continue
		}
		switch n.rises = true; protocol.BasisOf(end.Total) {
		case protocol.PerSurface:
			set(&n.height, end.Range)
			fallthrough
		case protocol.PerWeight:
			set(&n.weight, end.Range)
		}
	}
	for i := range c.p.Tiers {
		for _, d := range c.p.Tiers[i].Doses {
			c.cases(d, n, set)
		}
	}
	for _, b := range bounds(c.p, false) {
		if !of(b.medicine) {
			continue
		}
		switch protocol.BasisOf(b.limit) {
		case protocol.PerSurface:
			if c.p.Surface.Formula == body.Stated {
				set(&n.surface, b.at)
				continue
			}
			set(&n.height, b.at)
			n.perSurface = true
			fallthrough
		case protocol.PerWeight:
			set(&n.weight, b.at)
		}
	}
	return n
}

// uneven reports whether a dose comes in steps, of which there can be more or fewer, or one of several has what the others
// leave of a total.
func uneven(d protocol.Dose) bool {
	_, steps := d.(*protocol.Stepped)
	a, ok := d.(*protocol.Amount)
	return steps || ok && a.Divided != nil && a.Divided.Larger != nil
}

func (c *checker) cases(d protocol.Dose, n *needs, set func(*diag.Range, diag.Range)) {
	if c, ok := d.(*protocol.Measured); ok {
		n.rising = true
		n.measured[c.Of] = append(n.measured[c.Of], quantity.Amount{}) // it rises with the value, to its end
	}
	by, ok := d.(*protocol.ByCase)
	if !ok {
		return
	}
	for _, k := range by.Cases {
		switch by.By {
		case protocol.ByMeasurement:
			n.measured[by.Of] = append(n.measured[by.Of], k.From)
		case protocol.ByWeight:
			set(&n.weight, by.Range)
			n.bands = appendSet(n.bands, k.From)
		case protocol.BySurface:
			if c.p.Surface.Formula == body.Stated {
				set(&n.surface, by.Range)
			} else {
				set(&n.weight, by.Range)
				set(&n.height, by.Range)
			}
			n.surfaces = appendSet(n.surfaces, k.From)
		case protocol.ByAge:
			set(&n.age, by.Range)
			n.ages = appendSet(n.ages, k.From)
		}
		c.cases(k.Dose, n, set)
	}
	switch by.By {
	case protocol.ByWeight:
		n.bands = appendSet(n.bands, by.To)
	case protocol.BySurface:
		n.surfaces = appendSet(n.surfaces, by.To)
	case protocol.ByAge:
		n.ages = appendSet(n.ages, by.To)
	case protocol.ByMeasurement:
		n.measured[by.Of] = append(n.measured[by.Of], by.To)
	}
}

// withinYear reports whether something changes with an age inside the year that begins with one.
func (n *needs) withinYear(age civil.Age, of grammar.Bounded) bool {
	ages := append(slices.Clip(n.ages), of.Min)
	if of.Max.IsSet() {
		ages = append(ages, of.Max.Add(patient.Months(1)))
	}
	return slices.ContainsFunc(ages, func(x quantity.Amount) bool {
		at, ok := x.Int()
		return ok && at%12 != 0 && civil.Age(at).Years() == age.Years()
	})
}

// appendSet appends an amount that is set.
func appendSet(list []quantity.Amount, a quantity.Amount) []quantity.Amount {
	if a.IsSet() {
		list = append(list, a)
	}
	return list
}

// candidates returns a patient for each point of the population at which a dose can change,
// and for its ends. ok is false where the population is not bounded as the doses need it.
func (c *checker) candidates() (people []*patient.Patient, ok bool) {
	n := c.gather(every)
	c.needs = n
	pop := &c.p.Population
	ok = true
	need := func(at diag.Range, b grammar.Bounded, what, example string) {
		if at.IsSet() && !(b.Min.IsSet() && b.Max.IsSet()) {
			ok = false
			c.out.Found.Add(diag.Unbounded, at, "add `population: { "+example+" }` with both ends", "this depends on the patient's %s, and the population has no range of it", what)
		}
	}
	need(n.weight, pop.Weight, "weight", "weight: 45..150 kg")
	need(n.height, pop.Height, "height", "height: 152.4..200 cm")
	need(n.surface, pop.Surface, "body surface", "body surface: 0.5..2.5 m2")
	if n.age.IsSet() && !pop.Age.Min.IsSet() {
		ok = false
		c.out.Found.Add(diag.Unbounded, n.age, "add `population: { age: 18..75 years }`", "this depends on the patient's age, and the population has no range of it")
	}
	if !ok {
		return nil, false
	}
	people, why := c.crowd(n)
	if why != "" && c.separate() {
		people, why = c.crowds(n)
	}
	if why != "" {
		c.tooMany(why)
		return nil, false
	}
	if len(people) == 0 {
		c.out.Found.Add(diag.Unbounded, pop.BMI.Range, "widen the range of the body mass index, or of weights and heights", "no weight and height of the population have a body mass index of it")
	}
	return people, true
}

// differ says of patients that they are too many.
const differ = "too many patients differ in what it looks at"

// tooMany says why not every case can be looked at.
func (c *checker) tooMany(why string) {
	c.out.Found.Add(diag.Unbounded, c.p.Range, "split the protocol, narrow the ranges, or round in larger steps", "the protocol has too many cases to prove: %s", why)
}

// crowd returns every patient in whom something of n can change, each value with each of the others; or why there are too many.
func (c *checker) crowd(n *needs) (people []*patient.Patient, why string) {
	pop := &c.p.Population
	bodies, why := c.bodies(n)
	if why != "" {
		return nil, why
	}
	ages := c.agesOf(n)
	others, ok := c.others(n)
	if !ok || len(ages)*len(bodies)*len(others) > maxCases {
		return nil, differ
	}
	for _, age := range ages {
		for _, b := range bodies {
			for _, x := range others {
				people = append(people, &patient.Patient{Weight: b.weight, Height: b.height, Sex: x.sex, Surface: x.surface, Measured: x.measured, StatedAge: age, AgeInMonths: age%12 != 0 || n.withinYear(age, pop.Age), AgeStated: pop.Age.IsSet(), Present: pop.Present, Absent: pop.Absent, Start: start, TimeZone: "UTC"})
			}
		}
	}
	return people, ""
}

// separate reports whether each medicine can be looked at by itself, whatever a patient gets of the others: nothing is counted
// from what has been given, and no two measures of a body are bound to each other.
func (c *checker) separate() bool {
	return len(c.p.Medications) > 1 && !c.p.Totals() && len(c.p.AsNeeded) == 0 && !c.p.Population.BMI.IsSet()
}

// crowds returns the patients in whom the doses of one medicine can change, one medicine after the other. What the others depend
// on is then anything in the population: limits are those of one medicine each, and choice sees to it that nothing moves a day.
func (c *checker) crowds(n *needs) (people []*patient.Patient, why string) {
	pop := &c.p.Population
	sex, surface := c.sexes(n)[0], c.surfacesOf(n)[0]
	for m := range c.p.Medications {
		some, why := c.crowd(c.gather(func(medicine int) bool { return medicine == m }))
		if why != "" {
			return nil, why
		}
		for _, p := range some {
			if !p.Weight.IsSet() && n.weight.IsSet() {
				p.Weight = pop.Weight.Min
			}
			if !p.Height.IsSet() && n.height.IsSet() {
				p.Height = pop.Height.Min
			}
			if p.Sex == "" {
				p.Sex = sex
			}
			if !p.Surface.IsSet() {
				p.Surface = surface
			}
		}
		people = append(people, some...)
	}
	c.apartly = true
	if len(people) > maxCases {
		return nil, differ
	}
	return people, ""
}

// A stature is a weight and a height of the population.
type stature struct{ weight, height quantity.Amount }

// bodies returns the weights and heights at which a dose can change. why says that there are too many.
func (c *checker) bodies(n *needs) (list []stature, why string) {
	pop := &c.p.Population
	if c.bySurface(n) {
		// What depends on the surface alone is the same for all who have it: each surface at which
		// something changes is that of somebody of the least or the largest height or weight.
		for _, h := range []quantity.Amount{pop.Height.Min, pop.Height.Max} {
			for _, w := range c.weightsOf(n, h) {
				list = append(list, stature{w, h})
			}
		}
		for _, h := range c.heightSteps(n) {
			list = append(list, stature{pop.Weight.Min, h}, stature{pop.Weight.Max, h})
		}
		return list, ""
	}
	heights := c.heightsOf(n)
	for i, h := range heights {
		weights := c.weightsOf(n, h)
		if i == 0 && len(weights)*len(heights) > 4*maxCases {
			return nil, civil.Plural(len(heights), "height") + " and " + civil.Plural(len(weights), "weight")
		}
		for _, w := range weights {
			if h, ok := c.fitting(h, w); ok {
				list = append(list, stature{w, h})
			}
		}
	}
	if n.uneven && n.height.IsSet() {
		// A dose may be worst anywhere between. On the way from the lightest of the least height to the heaviest of the
		// largest, over the heaviest of the least, it comes to all that it can.
		for _, h := range c.heightSteps(n) {
			weights := c.weightsOf(n, h)
			for _, w := range []quantity.Amount{weights[0], weights[len(weights)-1]} {
				if h, ok := c.fitting(h, w); ok {
					list = append(list, stature{w, h})
				}
			}
		}
	}
	return list, ""
}

// bySurface reports whether doses and limits depend on the computed body surface, and on no weight or
// height beside it.
func (c *checker) bySurface(n *needs) bool {
	if len(n.rates) == 0 || len(n.bands)+len(n.surfaces) > 0 || c.p.Surface.Formula == body.Stated || c.p.Population.BMI.IsSet() {
		return false
	}
	for i := range n.rates {
		r := &n.rates[i]
		if r.Weight.Changes() || slices.ContainsFunc(r.Rates(), func(q quantity.Amount) bool { return protocol.BasisOf(q) != protocol.PerSurface }) {
			return false
		}
	}
	return !slices.ContainsFunc(bounds(c.p, false), func(b bound) bool { return protocol.BasisOf(b.limit) == protocol.PerWeight })
}

// fitting returns the height nearest to a given one at which a patient of a weight has a body
// mass index of the population. ok is false where there is none.
func (c *checker) fitting(height, weight quantity.Amount) (h quantity.Amount, ok bool) {
	b := &c.p.Population.BMI
	if !b.IsSet() || !height.IsSet() || !weight.IsSet() {
		return height, true
	}
	fits := func(h quantity.Amount) bool {
		bmi, err := (&patient.Patient{Weight: weight, Height: h}).BMI()
		return err == nil && b.Contains(bmi)
	}
	if fits(height) {
		return height, true
	}
	for _, end := range []quantity.Amount{b.Min, b.Max} {
		if !end.IsSet() {
			continue
		}
		at := heightAt(weight, end)
		for _, h := range []quantity.Amount{at, at.Add(hair)} {
			if c.p.Population.Height.Contains(h) && fits(h) {
				return h, true
			}
		}
	}
	return height, false
}

// heightAt returns the height at which a patient of a weight has a body mass index, cut to the
// hair.
func heightAt(weight, bmi quantity.Amount) quantity.Amount {
	// The height in metres is the root of the weight over the index.
	metres := weight.In(quantity.Kilogram).Number().Quo(bmi.Number()).SqrtFloor(8)
	return metres.Mul(quantity.New(100, 1, quantity.None)).With(quantity.Centimetre).FloorTo(hair)
}

// weightAt returns the weight at which a patient of a height has a body mass index.
func weightAt(height, bmi quantity.Amount) quantity.Amount {
	metres := height.In(quantity.Centimetre).Number().Div(quantity.New(100, 1, quantity.None))
	return bmi.Number().Mul(metres).Mul(metres).With(quantity.Kilogram)
}

// turnsAt returns the heights, cut to the hair, at which a patient of a weight comes to be weighed in another way.
func turnsAt(r *protocol.WeightRule, weight quantity.Amount) []quantity.Amount {
	if r.FromBMI.IsSet() {
		return []quantity.Amount{heightAt(weight, r.FromBMI)}
	}
	ideal := weight.In(quantity.Kilogram).Div(r.FromIdeal.Number()).Times(100, 1)
	var list []quantity.Amount
	for _, sex := range []patient.Sex{patient.Male, patient.Female} {
		list = append(list, heightOfIdeal(ideal, sex).In(quantity.Centimetre).FloorTo(hair))
	}
	return list
}

// turnsFor returns the weights at which a patient of a height comes to be weighed in another way, if any.
func turnsFor(r *protocol.WeightRule, height quantity.Amount) (list []quantity.Amount) {
	if r.FromBMI.IsSet() {
		return []quantity.Amount{weightAt(height, r.FromBMI)}
	}
	for _, sex := range []patient.Sex{patient.Male, patient.Female} {
		if ideal, err := (&patient.Patient{Height: height, Sex: sex}).IdealWeight(); r.FromIdeal.IsSet() && err == nil {
			list = append(list, ideal.Scale(r.FromIdeal))
		}
	}
	return list
}

// An other is what of a patient is independent of the weight, the height and the age.
type other struct {
	sex      patient.Sex
	surface  quantity.Amount
	measured []patient.Measured
}

// others returns every sex with every stated surface and every measurement that counts.
func (c *checker) others(n *needs) (list []other, ok bool) {
	measured, ok := c.measuredOf(n)
	for _, sex := range c.sexes(n) {
		for _, s := range c.surfacesOf(n) {
			for _, m := range measured {
				list = append(list, other{sex, s, m})
			}
		}
	}
	return list, ok
}

// measuredOf returns the measurements at which a dose changes, each with each of the others: the ends of
// their ranges, and both sides of every figure that a case begins or ends with. A value that a formula
// computes is taken as stated, whatever the patient is else: all that the formula can give lie among these. ok is false
// where there are too many.
func (c *checker) measuredOf(n *needs) (list [][]patient.Measured, ok bool) {
	list = [][]patient.Measured{nil}
	for i := range c.p.Measurements {
		m := &c.p.Measurements[i]
		values := []quantity.Amount{m.Within.Min}
		if at, ok := n.measured[m.Name]; ok {
			values = append(values, m.Within.Max)
			for _, x := range at {
				for _, v := range []quantity.Amount{x.Sub(bareMillionth), x, x.Add(bareMillionth)} {
					if x.IsSet() && m.Within.Contains(v) {
						values = append(values, v)
					}
				}
			}
		}
		slices.SortFunc(values, quantity.Amount.Cmp)
		values = slices.CompactFunc(values, func(a, b quantity.Amount) bool { return a.Cmp(b) == 0 })
		if len(list)*len(values) > maxCases {
			return nil, false
		}
		var more [][]patient.Measured
		for _, before := range list {
			for _, v := range values {
				more = append(more, append(slices.Clip(before), patient.Measured{Name: m.Name, Value: lab.Value{Number: v, Unit: m.Unit}}))
			}
		}
		list = more
	}
	return list, true
}

// maxMeasured bounds how many steps of rounding of a dose that rises with a measurement are looked at.
const maxMeasured = 2000

// measuredSteps takes down the values of a measurement at which rounding changes a dose that rises with it: what follows
// from the dose, as how often a budget can be taken or which strengths make it up, does not rise evenly.
func (c *checker) measuredSteps(n *needs, d *protocol.Measured, route *protocol.Route) {
	m, ok := c.p.Measurement(d.Of)
	round := d.RoundedBy(route)
	if !ok || round == nil || round.Exact || !m.Within.Min.IsSet() || !m.Within.Max.IsSet() {
		return
	}
	most := m.Within.Max
	if m.Max.IsSet() {
		most = quantity.Min(most, m.Max) // a higher one counts as this
	}
	half := round.Step.Times(1, 2)
	at := d.Amount(m.Within.Min).Quantity.FloorTo(half)
	for steps := 0; ; steps++ {
		value := d.Reaching(at).FloorTo(bareMillionth)
		if value.Cmp(most) > 0 {
			return
		}
		if steps > maxMeasured {
			c.coarse = true
			return
		}
		n.measured[d.Of] = append(n.measured[d.Of], value)
		at = at.Add(half)
	}
}

// surfacesOf returns the ends of the range of stated surfaces, and both sides of those at which a
// dose changes.
func (c *checker) surfacesOf(n *needs) []quantity.Amount {
	b := c.p.Population.Surface
	if !n.surface.IsSet() {
		return []quantity.Amount{b.Min} // which eligibility lets through
	}
	list := []quantity.Amount{b.Min, b.Max}
	around := func(x quantity.Amount) {
		at := x.With(quantity.SquareM).FloorTo(millionth)
		for _, s := range []quantity.Amount{at.Sub(millionth), at, at.Add(millionth)} {
			if b.Contains(s) {
				list = append(list, s)
			}
		}
	}
	for i := range n.rates {
		r := &n.rates[i]
		plain := r.Quantity.Unit().WithPer(quantity.PerNothing)
		values, every := r.values(plain, quantity.New(4, 1, quantity.Kilogram))
		c.coarse = c.coarse || !every
		for _, q := range r.Rates() {
			for _, v := range values {
				if protocol.BasisOf(q) == protocol.PerSurface {
					c.beforeRounding(perUnit(v, q, plain), around)
				}
			}
		}
	}
	for _, x := range n.surfaces {
		c.beforeRounding(x.Number(), around)
	}
	c.surfaceSteps(around)
	slices.SortFunc(list, quantity.Amount.Cmp)
	return slices.CompactFunc(list, func(a, b quantity.Amount) bool { return a.Cmp(b) == 0 })
}

// millionth is the least that two surfaces differ by.
var millionth = quantity.New(1, 1_000_000, quantity.SquareM)

// perUnit returns by how many kg or m² a rate comes to a dose, as a bare number.
func perUnit(dose, rate quantity.Amount, plain quantity.Unit) quantity.Amount {
	return dose.Quo(rate.With(rate.Unit().WithPer(quantity.PerNothing)).In(plain))
}

// beforeRounding visits the surfaces, as bare numbers, from which on one is rounded to x or more.
// A surface has six decimals, so that what begins above x begins with the next of them.
func (c *checker) beforeRounding(x quantity.Amount, visit func(quantity.Amount)) {
	next := millionth.Number()
	visit(x)
	visit(x.FloorTo(next).Add(next))
	if r := c.p.Surface.Round; r != nil {
		step := r.Step.Number()
		for _, multiple := range []quantity.Amount{x.FloorTo(step), x.FloorTo(step).Add(step)} {
			visit(multiple.Sub(step.Times(1, 2)))
			visit(multiple.Sub(step.Times(1, 2)).FloorTo(next).Add(next))
		}
	}
}

// surfaceSteps visits the surfaces, as bare numbers, at which a rounded one changes.
func (c *checker) surfaceSteps(visit func(quantity.Amount)) {
	r := c.p.Surface.Round
	if c.p.Surface.Max.IsSet() {
		visit(c.p.Surface.Max.Number())
	}
	if r == nil {
		return
	}
	step, most := r.Step.Number(), quantity.New(4, 1, quantity.None)
	at := step.Times(1, 2)
	for n := 0; at.Cmp(most) < 0; n++ {
		if n > maxSteps {
			c.coarse = true
			return
		}
		visit(at)
		visit(at.FloorTo(millionth.Number()).Add(millionth.Number())) // a tie goes down
		at = at.Add(step)
	}
}

func (c *checker) sexes(n *needs) []patient.Sex {
	if only := c.p.Population.Sex; only != "" {
		return []patient.Sex{patient.Sex(only)}
	}
	if n.sex {
		return []patient.Sex{patient.Male, patient.Female}
	}
	return []patient.Sex{""}
}

// agesOf returns the ages at which a dose changes, and those of the ends of the population: in whole years where a
// year has nothing of the kind in it.
func (c *checker) agesOf(n *needs) []civil.Age {
	var list []civil.Age
	add := func(a quantity.Amount) {
		months, ok := a.Int()
		age := civil.Age(months)
		if whole := civil.Years(age.Years()); age >= civil.Years(2) && months%12 == 11 && c.p.Population.Age.Contains(patient.Months(whole)) && !slices.ContainsFunc(n.ages, func(x quantity.Amount) bool {
			at, _ := x.Int()
			return civil.Age(at) > whole && civil.Age(at) <= age
		}) {
			age = whole
		}
		if ok && c.p.Population.Age.Contains(a) && !slices.Contains(list, age) {
			list = append(list, age)
		}
	}
	for _, end := range []quantity.Amount{c.p.Population.Age.Min, c.p.Population.Age.Max} {
		if end.IsSet() {
			add(end)
		}
	}
	for _, a := range n.ages {
		add(a)
	}
	if len(list) == 0 {
		list = append(list, 0)
	}
	return list
}

// heightsOf returns the ends of the range of heights, and both sides of those at which the
// lightest and the heaviest patient change from one weight to dose by to another. Between them
// a dose by ideal or adjusted weight, or by body surface, rises with the height.
func (c *checker) heightsOf(n *needs) []quantity.Amount {
	h := c.p.Population.Height
	if !n.height.IsSet() {
		if h.Min.IsSet() {
			return []quantity.Amount{h.Min}
		}
		return []quantity.Amount{{}}
	}
	list := []quantity.Amount{h.Min, h.Max}
	if n.perSurface {
		list = append(list, c.heightSteps(n)...)
	}
	if c.p.Surface.Formula != body.Stated {
		list = append(list, c.heightsOfSurfaces(n)...)
	}
	for i := range n.rates {
		rule := &n.rates[i].Weight
		if !rule.Changes() {
			continue
		}
		for _, w := range c.ends(n) {
			for _, at := range turnsAt(rule, w) {
				for _, x := range []quantity.Amount{at.Sub(hair), at, at.Add(hair)} {
					if c.p.Population.Height.Contains(x) {
						list = append(list, x)
					}
				}
			}
		}
	}
	return list
}

// ends returns the ends of the range of weights, and both sides of those of the bands of weight, in kilograms.
func (c *checker) ends(n *needs) []quantity.Amount {
	var list []quantity.Amount
	for _, w := range appendSet(appendSet(nil, c.p.Population.Weight.Min), c.p.Population.Weight.Max) {
		list = append(list, w.In(quantity.Kilogram))
	}
	for _, w := range n.bands {
		w = w.In(quantity.Kilogram)
		for _, at := range []quantity.Amount{w.Sub(epsilon), w, w.Add(epsilon)} {
			if c.p.Population.Weight.Contains(at) {
				list = append(list, at)
			}
		}
	}
	return list
}

// heightsOfSurfaces returns both sides of the heights at which the lightest and the heaviest patient, and those at the
// ends of bands of weight, come to a surface at which a dose changes.
func (c *checker) heightsOfSurfaces(n *needs) (list []quantity.Amount) {
	b := &c.p.Population
	low, high := b.Height.Min.In(quantity.Centimetre), b.Height.Max.In(quantity.Centimetre)
	for _, x := range n.surfaces {
		for _, w := range c.ends(n) {
			c.beforeRounding(x.Number(), func(x quantity.Amount) {
				h := least(low, high, hair, func(h quantity.Amount) bool { return c.p.Surface.Of(w, h).Number().Cmp(x) >= 0 })
				for _, at := range []quantity.Amount{h.Sub(hair), h} {
					if b.Height.Contains(at) {
						list = append(list, at)
					}
				}
			})
		}
	}
	return list
}

// heightSteps returns both sides of the heights at which the dose of the lightest or the heaviest
// patient changes. Where a limit is per m2 the worst patient of a dose is the smallest one who
// gets it, who may be of any height.
func (c *checker) heightSteps(n *needs) (list []quantity.Amount) {
	b := c.p.Population
	around := func(h quantity.Amount) {
		at := h.In(quantity.Centimetre).FloorTo(hair)
		for _, x := range []quantity.Amount{at, at.Add(hair)} {
			if b.Height.Contains(x) {
				list = append(list, x)
			}
		}
	}
	ends := c.ends(n)
	heaviest := b.Weight.Max
	if !heaviest.IsSet() { // and doses follow the ideal weight alone
		ends, heaviest = []quantity.Amount{{}}, quantity.Zero(quantity.Kilogram)
	}
	if ideal, err := (&patient.Patient{Height: b.Height.Max, Sex: patient.Male}).IdealWeight(); err == nil {
		heaviest = quantity.Max(heaviest.In(quantity.Kilogram), ideal.In(quantity.Kilogram))
	}
	for i := range n.rates {
		r := &n.rates[i]
		plain := r.Quantity.Unit().WithPer(quantity.PerNothing)
		values, every := r.values(plain, heaviest)
		c.coarse = c.coarse || !every
		for _, q := range r.Rates() {
			for _, v := range values {
				x := perUnit(v, q, plain)
				for _, w := range ends {
					switch {
					case protocol.BasisOf(q) == protocol.PerSurface:
						c.beforeRounding(x, func(x quantity.Amount) {
							if c.p.Surface.Of(w, b.Height.Max).Number().Cmp(x) < 0 {
								return
							}
							around(least(b.Height.Min.In(quantity.Centimetre), b.Height.Max.In(quantity.Centimetre), hair, func(h quantity.Amount) bool {
								return c.p.Surface.Of(w, h).Number().Cmp(x) >= 0
							}))
						})
					case r.Weight.Kind == protocol.Ideal || r.Weight.Kind == protocol.Lower || !w.IsSet():
						around(heightOfIdeal(x.With(quantity.Kilogram), patient.Male))
						around(heightOfIdeal(x.With(quantity.Kilogram), patient.Female))
					case r.Weight.Kind == protocol.Adjusted:
						ideal := x.With(quantity.Kilogram).Sub(w.Times(2, 5)).Times(5, 3)
						around(heightOfIdeal(ideal, patient.Male))
						around(heightOfIdeal(ideal, patient.Female))
					}
				}
			}
		}
	}
	slices.SortFunc(list, quantity.Amount.Cmp)
	return slices.CompactFunc(list, func(a, b quantity.Amount) bool { return a.Cmp(b) == 0 })
}

// heightOfIdeal returns the height at which a patient has an ideal weight.
func heightOfIdeal(w quantity.Amount, sex patient.Sex) quantity.Amount {
	five := quantity.MustParse("60 in")
	base, err := (&patient.Patient{Height: five, Sex: sex}).IdealWeight()
	if err != nil {
		return five
	}
	inch, _ := (&patient.Patient{Height: five.Add(quantity.New(1, 1, quantity.Inch)), Sex: sex}).IdealWeight()
	return five.Add(w.Sub(base).Quo(inch.Sub(base)).With(quantity.Inch))
}

// idealBelow is a body mass index from which on no ideal weight is above the actual one.
var idealBelow = quantity.New(25, 1, quantity.None)

// manyWays says why a limit that is a rate is not proved for every patient, or nothing.
func (c *checker) manyWays(b *bound) string {
	basis := protocol.BasisOf(b.limit)
	if !b.between() && b.kind != limit.Count && (basis != protocol.Fixed || len(c.needs.rates) > 0) && c.mixed() {
		return "its doses are by band of body surface, and not everybody in a band was looked at whose body mass index or other weight decides"
	}
	if basis == protocol.Fixed {
		return ""
	}
	ideal, surface, changes := false, false, false
	for i := range c.needs.rates {
		r := &c.needs.rates[i]
		for _, q := range r.Rates() {
			perKg := protocol.BasisOf(q) == protocol.PerWeight
			surface = surface || !perKg
			ideal = ideal || perKg && r.Weight.Kind != protocol.Actual
			changes = changes || r.Weight.Changes() && (basis == protocol.PerSurface || r.Weight.FromBMI.IsSet() && r.Weight.FromBMI.Number().Cmp(idealBelow) < 0)
		}
	}
	if basis == protocol.PerWeight {
		if (c.p.Population.BMI.IsSet() || changes) && (ideal || surface || changes) {
			return "it is per kg, and not every patient was looked at whose body mass index decides"
		}
		return ""
	}
	switch {
	case ideal:
		return "it is per m2, and its doses depend on the ideal weight"
	case surface && len(c.needs.bands) > 0:
		return "it is per m2, and not every height was looked at at the ends of the bands of weight"
	case c.p.Population.BMI.IsSet() || changes:
		return "it is per m2, and not every patient was looked at whose body mass index decides"
	}
	return ""
}

// mixed reports whether a dose by band of the computed body surface can be largest inside a band, and not at its
// corners: where the weight that it is by is not the actual one, or turns to another, or where the body mass index
// bounds the population too.
func (c *checker) mixed() bool {
	if len(c.needs.surfaces) == 0 || c.p.Surface.Formula == body.Stated {
		return false
	}
	return c.p.Population.BMI.IsSet() || slices.ContainsFunc(c.needs.rates, func(r rate) bool { return r.Weight.Kind != protocol.Actual || r.Weight.Changes() })
}

// hair is the least height that two patients differ by.
var hair = quantity.New(1, 1_000_000, quantity.Centimetre)

// weightsOf returns the ends of the range of weights, and both sides of every weight at which
// a dose changes for a patient of a height.
func (c *checker) weightsOf(n *needs, height quantity.Amount) []quantity.Amount {
	b := c.p.Population.Weight
	if !n.weight.IsSet() {
		switch {
		case !b.Min.IsSet():
			return []quantity.Amount{{}}
		case c.p.Population.BMI.IsSet() && b.Max.IsSet():
			return append(c.edges(), b.Min, b.Max) // any that somebody has
		}
		return []quantity.Amount{b.Min}
	}
	low, high := b.Min.In(quantity.Kilogram), b.Max.In(quantity.Kilogram)
	var list []quantity.Amount
	add := func(w quantity.Amount) {
		if b.Contains(w) {
			list = append(list, w)
		}
	}
	// A patient's weight has at most six decimals of a kilogram: the step lies at the last of
	// them that is not above it, or between that and the next. From the next on the dose is the
	// larger one, and nothing is worse for its weight up to the step after. Where a dose can
	// fall at the step, or rises at the very weight, the one before counts too.
	lowest, highest := low.Sub(epsilon), high.Add(epsilon)
	around := func(w quantity.Amount, both bool) {
		if w.Cmp(lowest) >= 0 && w.Cmp(highest) <= 0 {
			at := w.FloorTo(epsilon)
			if both {
				add(at.Sub(epsilon))
				add(at)
			}
			add(at.Add(epsilon))
		}
	}
	add(low)
	add(high)
	for _, w := range c.edges() {
		around(w, true)
	}
	for _, w := range n.bands {
		w = w.In(quantity.Kilogram)
		add(w.Sub(epsilon))
		around(w, true)
	}
	for i := range n.rates {
		r := &n.rates[i]
		if len(list) > maxCases {
			break // too many already, which is a finding
		}
		weights, every := c.steps(r, height, low, high)
		c.coarse = c.coarse || !every
		for _, w := range weights {
			around(w, r.round != nil && r.round.Down || r.surfaced() || len(r.Rates()) > 1 || n.rises)
		}
		for _, at := range turnsFor(&r.Weight, height) {
			around(at, true)
		}
	}
	c.budgetSteps(low, high, func(w quantity.Amount) { around(w, true) })
	if c.p.Surface.Formula != body.Stated && height.IsSet() {
		for _, x := range n.surfaces {
			c.beforeRounding(x.Number(), func(x quantity.Amount) { around(c.weightOfSurface(x, height, low, high), true) })
		}
	}
	if c.p.Surface.Formula != body.Stated && height.IsSet() && c.p.UsesSurface() {
		c.surfaceSteps(func(x quantity.Amount) { around(c.weightOfSurface(x, height, low, high), true) })
	}
	slices.SortFunc(list, quantity.Amount.Cmp)
	return slices.CompactFunc(list, func(a, b quantity.Amount) bool { return a.Cmp(b) == 0 })
}

// budgetSteps visits the weights from which on a budget per kg leaves room for one dose more, for each amount that the
// dose can have.
func (c *checker) budgetSteps(low, high quantity.Amount, visit func(quantity.Amount)) {
	for i := range c.p.AsNeeded {
		a := &c.p.AsNeeded[i]
		for _, b := range a.AtMost {
			if !b.Rate.IsSet() {
				continue
			}
			plain := b.Rate.Unit().WithPer(quantity.PerNothing)
			doses, every := c.amountsOf(a, plain, high)
			c.coarse = c.coarse || !every
			for _, d := range doses {
				for k := int64(1); ; k++ {
					w := perUnit(d.Times(k, 1), b.Rate, plain).With(quantity.Kilogram)
					if w.Cmp(high) > 0 || k > maxSteps {
						c.coarse = c.coarse || k > maxSteps
						break
					}
					if w.Cmp(low) >= 0 {
						visit(w)
					}
				}
			}
		}
	}
}

// amountsOf returns the amounts that what is taken as needed can have and keep over a range of weights: those that are
// no rates, and the multiples to which rates are rounded. every is false where there are more than are looked at.
func (c *checker) amountsOf(a *protocol.AsNeeded, plain quantity.Unit, high quantity.Amount) (list []quantity.Amount, every bool) {
	every = true
	for _, r := range c.p.RoutesOf(&a.Rule) {
		c.p.Amounts(&a.Rule, r.Name, func(x *protocol.Amount) {
			of := rate{x, x.RoundedBy(&r)}
			values, all := of.values(plain, high)
			every = every && all
			for _, v := range values {
				list = append(list, v)
				if of.round != nil && !of.round.Exact { // doses are multiples, and values where they change
					step := of.round.Step.In(plain)
					list = append(list, v.FloorTo(step), v.FloorTo(step).Add(step))
				}
			}
		})
	}
	list = slices.DeleteFunc(list, func(d quantity.Amount) bool { return d.Sign() <= 0 })
	slices.SortFunc(list, quantity.Amount.Cmp)
	return slices.CompactFunc(list, func(a, b quantity.Amount) bool { return a.Cmp(b) == 0 }), every
}

// edges returns the weights of patients of the least and the largest height whose body mass index
// is at an end of its range.
func (c *checker) edges() (list []quantity.Amount) {
	pop := &c.p.Population
	for _, h := range []quantity.Amount{pop.Height.Min, pop.Height.Max} {
		for _, b := range []quantity.Amount{pop.BMI.Min, pop.BMI.Max} {
			if h.IsSet() && b.IsSet() {
				if w := weightAt(h, b); pop.Weight.Contains(w) {
					list = append(list, w)
				}
			}
		}
	}
	return list
}

// steps returns the weights between low and high at which a rate's dose changes. every is false
// where there are more than are looked at.
func (c *checker) steps(r *rate, height, low, high quantity.Amount) (list []quantity.Amount, every bool) {
	plain := r.Quantity.Unit().WithPer(quantity.PerNothing)
	values, every := r.values(plain, high)
	for _, q := range r.Rates() {
		for _, v := range values {
			x := perUnit(v, q, plain)
			if protocol.BasisOf(q) == protocol.PerSurface {
				if c.p.Surface.Formula != body.Stated {
					c.beforeRounding(x, func(x quantity.Amount) { list = append(list, c.weightOfSurface(x, height, low, high)) })
				}
				continue
			}
			list = append(list, x.With(quantity.Kilogram))
			if r.Weight.Kind == protocol.Adjusted || r.Weight.Above == protocol.Adjusted && r.Weight.Changes() {
				list = append(list, adjustedTo(x, height)...)
			}
		}
	}
	list = slices.DeleteFunc(list, func(w quantity.Amount) bool {
		return w.Cmp(low.Sub(epsilon)) < 0 || w.Cmp(high.Add(epsilon)) > 0
	})
	return list, every
}

// values returns the doses, of one unit, at which something changes: the amounts that are no
// rates, and those from which on rounding gives another multiple.
func (r *rate) values(plain quantity.Unit, high quantity.Amount) (values []quantity.Amount, every bool) {
	for _, b := range []quantity.Amount{r.Quantity, r.Min, r.Max, r.Top} {
		if b.IsSet() && protocol.BasisOf(b) == protocol.Fixed {
			values = append(values, b.In(plain))
		}
	}
	if r.round == nil || r.round.Exact {
		return values, true
	}
	step := r.round.Step.In(plain)
	half := step.Times(1, 2)
	if r.round.Down || r.round.Up {
		half = quantity.Zero(plain)
	}
	// Doses of any basis lie under that of twice the weight: ideal and adjusted weights
	// and body surfaces are smaller numbers than the weights they come from.
	top := quantity.Zero(plain)
	for _, q := range r.Rates() {
		by := high.Number().Times(2, 1)
		if protocol.BasisOf(q) == protocol.PerSurface {
			by = quantity.New(4, 1, quantity.None) // no surface is larger
		}
		top = quantity.Max(top, q.With(q.Unit().WithPer(quantity.PerNothing)).In(plain).Scale(by))
	}
	// A bound that is a rate cuts to a multiple, wherever rounding goes.
	bounded := len(r.Rates()) > 1 || r.Basis() == protocol.Fixed
	most := maxSteps
	if slices.ContainsFunc(r.Rates(), func(q quantity.Amount) bool { return protocol.BasisOf(q) == protocol.PerSurface }) {
		most = maxSurfaceSteps
	}
	for at := half; at.Cmp(top) <= 0; at = at.Add(step) {
		if len(values) > most {
			return values, false
		}
		values = append(values, at)
		if bounded && half.Sign() > 0 {
			values = append(values, at.Add(half))
		}
	}
	return values, true
}

// weightOfSurface returns the least weight, between two, at which a patient of a height has a body
// surface, given as a bare number.
func (c *checker) weightOfSurface(x, height, low, high quantity.Amount) quantity.Amount {
	if c.p.Surface.Of(high, height).Number().Cmp(x) < 0 {
		return high.Times(2, 1) // nobody has it
	} else if c.p.Surface.Of(low, height).Number().Cmp(x) >= 0 {
		return low
	}
	return least(low, high, epsilon, func(w quantity.Amount) bool { return c.p.Surface.Of(w, height).Number().Cmp(x) >= 0 })
}

// least returns the least of the amounts from low on, in steps, for which something holds that
// holds for all above it; the first above high, where it holds for none.
func least(low, high, step quantity.Amount, holds func(quantity.Amount) bool) quantity.Amount {
	low = low.FloorTo(step)
	n, _ := high.Sub(low).Quo(step).FloorTo(quantity.New(1, 1, quantity.None)).Int()
	from := sort.Search(n+2, func(i int) bool { return holds(low.Add(step.Times(int64(i), 1))) })
	return low.Add(step.Times(int64(from), 1))
}

// adjustedTo returns the weights at which a patient of a height has an adjusted weight.
func adjustedTo(x, height quantity.Amount) (list []quantity.Amount) {
	for _, sex := range []patient.Sex{patient.Male, patient.Female} {
		p := &patient.Patient{Height: height, Sex: sex}
		if ideal, err := p.IdealWeight(); err == nil {
			list = append(list, x.With(quantity.Kilogram).Sub(ideal.Times(3, 5)).Times(5, 2))
		}
	}
	return list
}

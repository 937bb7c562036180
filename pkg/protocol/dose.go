package protocol

import (
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// maxDoseDepth bounds how deeply the cases of a dose may nest.
const maxDoseDepth = 4

// modifiers apply to every amount inside the mapping that they stand in.
type modifiers struct {
	weight   WeightRule
	min, max bound
	round    *quantity.Rounding
	over     civil.Period
	divided  *Division
}

// A bound is the least or the most that a dose may be, or may be per hour or minute of the time that it takes.
type bound struct {
	quantity.Amount
	per int // minutes; 0 for the whole dose
}

// The stretches of time whose total a dose can be a part of.
var totals = []string{"a day", "a week"}

// doseFields is what the keys of a dose mapping are read into.
type doseFields struct {
	modifiers
	node           *source.Node
	amount         *source.Node
	auc, clearance *source.Node
	by             []*source.Node // indexed by By
	start          *source.Node
	increase       *source.Node
	decrease       *source.Node
	every          *source.Node
	to             *source.Node
}

func keep(f func(t *doseFields) **source.Node) func(*decoder, *doseFields, *source.Node) {
	return func(_ *decoder, t *doseFields, n *source.Node) { *f(t) = n }
}

func keepBy(b By) func(*decoder, *doseFields, *source.Node) {
	return func(_ *decoder, t *doseFields, n *source.Node) { t.by[b] = n }
}

var reFromName = lazy.MustCompile(`^([1-9]\d{0,2}) ?(min|minutes?|h|hours?) (before|after) ([a-z]+)$`)

var reWeight = lazy.MustCompile(`^(actual|ideal|adjusted) weight(?:, (actual|ideal|adjusted) (?:from BMI (\d+(?:\.\d+)?)|(from|above) (\d+(?:\.\d+)?) ?% of ideal(?: weight)?))?$`)

// Weights to dose by that are said in more than one word.
const (
	lowerWeight  = "lower of actual and ideal weight"
	raisedWeight = "adjusted weight, also above actual weight"
)

var doseObject = object[doseFields]{
	Name: "dose",
	Doc: "A dose that depends on something, is bounded, or changes as the course goes on. It has one of: `amount`; one `by …` key; `AUC` with `clearance`; or `start` with `increase` or `decrease`. " +
		"The keys `weight`, `min`, `max`, `round`, `over` and `total of` apply to every amount inside; a `weight`, `round` or `over` inside holds in its place, and of `min`, `max` and `total of` there is one. Each case may again be a dose.",
	Hint: func(d *decoder, key string) string {
		name, _ := strings.CutPrefix(key, "by ")
		return d.asMeasurement(name, "by measurement")
	},
	Keys: []key[doseFields]{
		{Name: "amount", Shape: shapeGiven, Doc: "The amount or rate: mg, mcg, g, mL, units, mmol, mEq, MBq or a count of tablets, per kg or per m2 where it says so; per hour or per minute (`18 units/kg/h`, `5 mcg/kg/min`) of the time that it is given `over`, which stands beside it; or a share of an amount among the `measurements`: `50 % of present dose`.",
			Example: "phases: { course: { dose: { amount: 0.5 mg/kg, max: 60 mg } } }",
			Read:    keep(func(t *doseFields) **source.Node { return &t.amount })},
		{Name: "by route", Shape: from("routes", `(`+routePattern+`)(, *(`+routePattern+`))*`), Doc: "A dose for each route.",
			Example: "phases: { course: { dose: { by route: { oral: 50 mg } } } }",
			Read:    keepBy(ByRoute)},
		{Name: "by tier", Shape: from("tiers", grammar.PatternName+`(, *`+grammar.PatternName+`)*`), Doc: "A dose for each tier.",
			Example: "tiers: { low: 25 mg, high: 50 mg }\nphases: { course: { dose: { by tier: { low: 25 mg, high: { by day: { from 1: 25 mg, from 8: 50 mg } } } } } }",
			Read:    keepBy(ByTier)},
		{Name: "by age", Shape: banded("years", patternAge), Doc: "A dose by age on the first day, as `by weight`: completed years, or months where it says so (`from 6 months`). `up to 12 years` ends with the thirteenth birthday.",
			Example: "phases: { course: { dose: { by age: { from 18: 50 mg, from 65: 25 mg } } } }",
			Read:    keepBy(ByAge)},
		{Name: "by weight", Shape: banded("kg", grammar.PatternAmount(false, quantity.Mass)), Doc: "A dose by weight band, in rising order. `from 40 kg` and `up to 60 kg` include their figure, `above 40 kg` and `under 60 kg` do not; a case can state both (`from 40 kg and under 60 kg`), and one that states one end goes to where its neighbour begins or ends. `not given` refuses the patients of a case.",
			Example: "phases: { course: { dose: { by weight: { under 40 kg: not given, from 40 kg: 25 mg, above 60 kg: 50 mg } } } }",
			Read:    keepBy(ByWeight)},
		{Name: "by body surface", Shape: banded("m2", grammar.PatternAmount(false, quantity.Area)), Doc: "A dose by bands of body surface, as `by weight`: the surface as `body surface` says it is come by, rounded first where it says so.",
			Example: "population: { weight: 45..120 kg, height: 152.4..200 cm }\nphases: { course: { dose: { by body surface: { up to 1.5 m2: 50 mg, above 1.5 m2: 75 mg } } } }",
			Read:    keepBy(BySurface)},
		{Name: "by measurement", Shape: grammar.Keyed("the name of one of the `measurements`", patternMeasurement, banded("of its unit", grammar.PatternNumber+` *`+patternUnit)), Doc: "A dose by bands of a measurement, as `by weight`, each figure with its unit.",
			Example: "measurements: { IgE: 30..700 units/mL }\nphases: { course: { dose: { by measurement: { IgE: { up to 100 units/mL: 150 mg, above 100 units/mL: 300 mg } } } } }",
			Read:    keepBy(ByMeasurement)},
		{Name: "by frequency", Shape: from("one of the frequencies that the phase offers", frequency.Pattern), Doc: "A dose for each frequency that the phase offers.",
			Example: "phases: { course: { frequency: [weekly, every 2 weeks], dose: { by frequency: { weekly: 25 mg, every 2 weeks: 50 mg } } } }",
			Read:    keepBy(ByFrequency)},
		{Name: "AUC", Shape: grammar.Pattern("a number", grammar.PatternPositive), Doc: "The target exposure of carboplatin in mg/mL × min; the dose is Calvert's: AUC × (clearance in mL/min + 25) mg.",
			Example: "measurements: { GFR: 10..200 mL/min }\nphases: { course: { dose: { AUC: 5, clearance: GFR, round: 1 mg } } }",
			Read:    keep(func(t *doseFields) **source.Node { return &t.auc })},
		{Name: "clearance", Shape: grammar.Pattern("the name of a measurement", patternMeasurement), Doc: "The measurement in mL/min that a dose with `AUC` follows from. Its `max` is the cap of the clearance.",
			Example: "measurements: { GFR: { range: 10..200 mL/min, max: 125 mL/min } }\nphases: { course: { dose: { AUC: 5, clearance: GFR, max: 750 mg, round: 1 mg } } }",
			Read:    keep(func(t *doseFields) **source.Node { return &t.clearance })},
		{Name: "by dose", Shape: counted(), Doc: "A dose by its number within the phase, from 1; each case holds until the next. None is larger for those before it that were missed, held or left out.",
			Example: "phases: { course: { dose: { by dose: { from 1: 25 mg, from 3: 50 mg } } } }",
			Read:    keepBy(ByDoseNumber)},
		{Name: "by day", Shape: counted(), Doc: "A dose by the day of the phase, whose first day is 1 (or what the course counts from, where the phase begins with it); each case holds until the next. None is larger for days on which doses were missed, held or left out.",
			Example: "phases: { course: { dose: { by day: { from 1: 25 mg, from 8: 50 mg } } } }",
			Read:    keepBy(ByDay)},
		{Name: "by day of cycle", Shape: counted(), Doc: "A dose by the day of the cycle, for a frequency that has cycles; each case holds until the next, and the first begins again with each cycle.",
			Example: "phases: { course: { frequency: \"days 1, 8 of 21\", course: 2 cycles, dose: { by day of cycle: { from 1: 50 mg, from 8: 25 mg } } } }",
			Read:    keepBy(ByCycleDay)},
		{Name: "by week", Shape: counted(), Doc: "A dose by the week of the phase; week 1 is its days 1 to 7. None is larger for whole weeks without a dose, since doses were missed, held or left out.",
			Example: "phases: { course: { dose: { by week: { from 1: 25 mg, from 2: 50 mg } } } }",
			Read:    keepBy(ByWeek)},
		{Name: "by weekday", Shape: from("days of the week, or `other`", keysWeekday), Doc: "A dose by the day of the week. Days are mon, tue, wed, thu, fri, sat, sun, several joined by commas; `other` is every day not named.",
			Example: "phases: { course: { dose: { by weekday: { \"mon, fri\": 25 mg, other: 50 mg } } } }",
			Read:    keepBy(ByWeekday)},
		{Name: "by time", Shape: from("the phase's `times`", grammar.PatternClock+`|`+timeWords), Doc: "A dose for each of the phase's `times`.",
			Example: "phases: { course: { frequency: twice daily, times: [morning, evening], dose: { by time: { morning: 25 mg, evening: 50 mg } } } }",
			Read:    keepBy(ByTime)},
		{Name: "start", Shape: shapeRate, Doc: "The first amount of a dose that rises or falls in steps by itself. Steps that wait for a check-in belong under `titration`.",
			Example: "phases: { course: { dose: { start: 25 mg, increase: 25 mg, every: 7 days, to: 100 mg } } }",
			Read:    keep(func(t *doseFields) **source.Node { return &t.start })},
		{Name: "increase", Shape: shapeChange, Doc: "What each step adds: an amount in the unit of `start`, a percentage of the present dose (10 %), or of the first (10 % of start).",
			Example: "phases: { course: { dose: { start: 20 mg, increase: 50 %, every: 1 week, to: 90 mg } } }",
			Read:    keep(func(t *doseFields) **source.Node { return &t.increase })},
		{Name: "decrease", Shape: shapeChange, Doc: "What each step takes away, as for `increase`: a taper.",
			Example: "phases: { course: { dose: { start: 60 mg, decrease: 10 mg, every: 1 week, to: 10 mg } } }",
			Read:    keep(func(t *doseFields) **source.Node { return &t.decrease })},
		{Name: "every", Shape: shapeEvery, Doc: "How long each step lasts, in days or weeks, or a number of doses. Days, whole weeks and doses that were missed, held or left out are none of them.",
			Example: "phases: { course: { dose: { start: 25 mg, increase: 25 mg, every: 2 doses, to: 75 mg } } }",
			Read:    keep(func(t *doseFields) **source.Node { return &t.every })},
		{Name: "to", Shape: shapeRate, Doc: "The last amount, at which the steps stop and the dose stays.",
			Example: "phases: { course: { dose: { start: 40 mg, decrease: 25 % of start, every: 3 days, to: 10 mg } } }",
			Read:    keep(func(t *doseFields) **source.Node { return &t.to })},
		{Name: "weight", Shape: shapeWeight,
			Doc:     "The weight that a rate per kg uses. Default: actual weight. Two of them can be named: the second is taken from a body mass index on, or from (or above) a share of the ideal weight: `actual weight, adjusted above 120 % of ideal`. Ideal weight is Devine's. Adjusted weight is ideal + 0.4 × (actual − ideal), and the actual weight where that is the lower of the two; `adjusted weight, also above actual weight` takes it as it comes.",
			Example: "phases: { course: { dose: { amount: 0.5 mg/kg, weight: \"actual weight, ideal from BMI 30\" } } }",
			Read:    func(d *decoder, t *doseFields, n *source.Node) { t.weight = d.weightRule(n) }},
		{Name: "min", Shape: shapeHourly, Doc: "The least that a computed dose may be: an amount, or a rate. A smaller one is raised to it. Per hour or per minute as in `amount`.",
			Example: "phases: { course: { dose: { amount: 0.5 mg/kg, min: 25 mg } } }",
			Read:    func(d *decoder, t *doseFields, n *source.Node) { t.min = d.bound(n, "a minimum") }},
		{Name: "max", Shape: shapeHourly, Doc: "The most that a computed dose may be: an amount, or a rate per kg (of the weight that the dose uses) or per m2. A larger one is cut to it, and rounding never passes it. Per hour or per minute as in `amount`.",
			Example: "phases: { course: { dose: { amount: 50 mg, max: 1.6 mg/kg } } }",
			Read:    func(d *decoder, t *doseFields, n *source.Node) { t.max = d.bound(n, "a maximum") }},
		{Name: "round", Shape: shapeRound, Doc: "What can be dispensed: the dose is rounded to the nearest multiple, a tie down; `5 mg down` never rounds up, `5 mg up` never down; `none` gives it as computed, cut after six decimals. None goes past a maximum. Default: the route's.",
			Example: "phases: { course: { dose: { amount: 0.5 mg/kg, round: 1/4 of 100 mg } } }",
			Read:    func(d *decoder, t *doseFields, n *source.Node) { t.round = d.rounding(n) }},
		{Name: "total of", Shape: grammar.Words(totals...), Doc: "The amounts, with `min` and `max`, are totals of a day or of a week, divided equally among the doses that the frequency gives in a whole one; each dose is then rounded. A course that ends within the first is refused, and one that ends within another is warned of. Where the frequency is a choice, or is changed, each divides the total among its own doses. It does not stand in a case that has only some of them, such as a time of the day.",
			Example: "population: { weight: 45..150 kg }\nphases: { course: { frequency: 3 times daily, course: 9 doses, dose: { amount: 40 mg/kg, total of: a day, max: 4000 mg, round: 5 mg } } }",
			Read: func(d *decoder, t *doseFields, n *source.Node) {
				if t.divided != nil {
					d.Add(diag.KeysExclude, n.Range, "state it once, outside", "a `total of` stands outside, and another inside it")
				}
				t.divided = &Division{Week: d.Word(n, "stretch of time", totals) == "a week", Range: n.Range}
			}},
		{Name: "larger part", Shape: shapeTime, Doc: "Which of the phase's `times` has the larger part of a total of a day that does not divide evenly: the total is rounded, each other dose has its share rounded down, and this one the rest.",
			Example: "phases: { course: { frequency: twice daily, times: [morning, evening], dose: { amount: 75 mg, total of: a day, larger part: evening, round: 25 mg } } }",
			Read: func(d *decoder, t *doseFields, n *source.Node) {
				at, ok := d.time(n)
				switch {
				case t.divided == nil || t.divided.Week:
					d.Add(diag.KeysExclude, n.Range, "write `total of: a day`", "a larger part is of the total of a day")
				case ok:
					t.divided.Larger = &at
				}
			}},
		{Name: "over", Shape: grammar.Elapsed, Doc: "How long giving the dose takes, where that is not the same for all doses of the phase. Default: what the phase or the route says.",
			Example: "phases: { course: { dose: { by dose: { from 1: { amount: 80 mg, over: 90 minutes }, from 2: { amount: 60 mg, over: 30 minutes } } } } }",
			Read:    func(d *decoder, t *doseFields, n *source.Node) { t.over = d.Elapsed(n, "how long a dose takes") }},
	},
}

func (d *decoder) doseAmount(n *source.Node, what string) quantity.Amount {
	return d.Amount(n, what, "as 50 mg", plainDose)
}

// bound reads the least or the most that a dose may be.
func (d *decoder) bound(n *source.Node, what string) bound {
	n, per := perTime(n)
	return bound{d.Amount(n, what, "as 50 mg or 1.5 mg/kg", doseUnit), per}
}

// perTime takes “per hour” or “per minute” from what a node says, and returns it in minutes; 0 where it says neither.
func perTime(n *source.Node) (*source.Node, int) {
	for _, x := range []struct {
		suffix string
		per    int
	}{{"/h", 60}, {"/hour", 60}, {"/min", 1}, {"/minute", 1}} {
		if body, ok := strings.CutSuffix(n.Value, x.suffix); ok && n.Kind == source.Scalar {
			c := *n
			c.Value = body
			return &c, x.per
		}
	}
	return n, 0
}

// during returns what an amount per hour or minute comes to in the time that a dose takes.
func (d *decoder) during(b bound, over civil.Period, at diag.Range) quantity.Amount {
	if b.per == 0 || !b.IsSet() {
		return b.Amount
	}
	elapsed, ok := over.Elapsed()
	if !ok || !over.IsSet() {
		d.Add(diag.MissingKey, at, "write it as: { amount: 18 units/kg/h, over: 24 hours }; for the steps of a titration, as doses of `tiers`, which are its steps", "for how long a dose per hour or minute is given is not said beside it")
		return quantity.Amount{}
	}
	return b.Times(int64(elapsed.Minutes()), int64(b.per))
}

func (d *decoder) rounding(n *source.Node) *quantity.Rounding {
	text := d.Text(n, "a rounding step")
	r, err := quantity.ParseRounding(text)
	if err != nil {
		d.Add(diag.BadAmount, n.Range, "write 5 mg, 5 mg down, 5 mg up, 1/4 of 100 mg, or none", "a rounding step: %v", err)
		return nil
	}
	if !r.Exact && !plainDose(r.Step.Unit()) {
		d.Add(diag.BadAmount, n.Range, "write 5 mg", "a rounding step cannot be in %v", r.Step.Unit())
		return nil
	}
	return &r
}

func (d *decoder) weightRule(n *source.Node) WeightRule {
	text := d.Text(n, "a weight")
	switch text {
	case lowerWeight:
		return WeightRule{Kind: Lower}
	case raisedWeight:
		return WeightRule{Kind: Adjusted, Raises: true}
	}
	m := reWeight.FindStringSubmatch(text)
	if m == nil {
		d.Add(diag.BadWord, n.Range, "write one of: actual weight, ideal weight, adjusted weight, "+lowerWeight+", or two of them as: actual weight, ideal from BMI 30, or: actual weight, adjusted above 120 % of ideal", "“%s” is not a weight to dose by", text)
		return WeightRule{}
	}
	kinds := map[string]WeightKind{"actual": Actual, "ideal": Ideal, "adjusted": Adjusted}
	r := WeightRule{Kind: kinds[m[1]]}
	switch {
	case m[3] != "":
		bmi, err := quantity.ParseNumber(m[3])
		if err != nil || bmi.Sign() == 0 {
			d.Add(diag.BadAmount, n.Range, "", "“%s” is not a body mass index", m[3])
			return r
		}
		r.Above, r.FromBMI = kinds[m[2]], bmi
	case m[5] != "":
		share, err := quantity.Parse(m[5] + " %")
		if err != nil || share.Cmp(quantity.New(100, 1, quantity.Percent)) < 0 || share.Cmp(quantity.New(1000, 1, quantity.Percent)) > 0 {
			d.Add(diag.BadAmount, n.Range, "write 100 % or more, as: adjusted above 120 % of ideal", "%s %% is not a share of the ideal weight above which another weight is taken", m[5])
			return r
		}
		r.Above, r.FromIdeal, r.Strictly = kinds[m[2]], share, m[4] == "above"
	}
	return r
}

// roundHelp says how a dose is rounded in steps of another kind than its own.
func roundHelp(step quantity.Amount, unit quantity.Unit) string {
	if step.Unit().Dimension() == quantity.Volume {
		return "write it of the route, with its concentration, as `routes: { oral: { concentration: 10 mg/mL, round: " + step.String() + " } }`"
	}
	return "write the step in " + unit.String()
}

// dose reads a dose; m are the modifiers of the mappings around it.
func (d *decoder) dose(n *source.Node, m modifiers, depth int) Dose {
	if n.Kind == source.Scalar {
		if n.Value == "tier" {
			if len(d.protocol.Tiers) == 0 {
				d.Add(diag.UnknownName, n.Range, "define `tiers`, or write the dose", "the protocol has no tiers")
			}
			return TierDose{}
		}
		if n.Value == "not given" {
			d.Add(diag.BadDose, n.Range, "leave the days out of the frequency, write a phase of its own for what is given at other times, or write it as a case of `by weight`, `by age` …", "“not given” is a case by a value of the patient")
			return nil
		}
		if !strings.ContainsAny(n.Value, "0123456789") {
			d.Add(diag.BadDose, n.Range, "write an amount as 50 mg, a rate as 0.5 mg/kg, or `tier`", "“%s” is not a dose", n.Value)
			return nil
		}
		return d.one(n, m)
	}
	if !d.Want(n, source.Mapping, "a dose") {
		return nil
	}
	if depth > maxDoseDepth {
		d.Add(diag.BadDose, n.Range, "", "the cases of a dose are nested more than %d deep", maxDoseDepth)
		return nil
	}
	f := doseFields{modifiers: m, node: n, by: make([]*source.Node, ByCycleDay+1)}
	doseObject.Decode(&d.Reader, d, n, &f)
	for _, x := range []struct {
		key   string
		outer bound
	}{{"min", m.min}, {"max", m.max}} {
		if v := n.Get(x.key); v != nil && x.outer.IsSet() {
			d.Add(diag.KeysExclude, v.Range, "state one of them: outside for all cases, or inside for each", "a `%s` of %v stands outside, and another inside it", x.key, x.outer.Amount)
		}
	}
	if f.min.IsSet() && f.max.IsSet() && f.min.per == f.max.per && f.min.Unit().Comparable(f.max.Unit()) && f.max.Cmp(f.min.Amount) < 0 {
		d.Add(diag.BadOrder, n.Range, "the minimum is at most the maximum", "the minimum %v lies above the maximum %v", f.min.Amount, f.max.Amount)
	}
	var forms []string
	if f.amount != nil {
		forms = append(forms, "amount")
	}
	for b, v := range f.by {
		if v != nil {
			forms = append(forms, By(b).String())
		}
	}
	if f.start != nil {
		forms = append(forms, "start")
	}
	if f.auc != nil {
		forms = append(forms, "AUC")
	}
	if len(forms) != 1 {
		said := "none of them"
		if len(forms) > 1 {
			said = strings.Join(forms, " and ")
		}
		d.Add(diag.KeysExclude, n.Range, "keep one", "a dose has one of `amount`, one `by …` key, `AUC`, or `start`; this has %s", said)
		return nil
	}
	if f.start != nil {
		return d.stepped(f)
	}
	for _, extra := range []*source.Node{f.increase, f.decrease, f.every, f.to} {
		if extra != nil {
			d.Add(diag.KeysExclude, extra.Range, "`start: …` begins a dose that changes in steps", "this belongs to a dose with `start`")
		}
	}
	if f.auc != nil {
		return d.calvert(f)
	}
	if f.clearance != nil {
		d.Add(diag.KeysExclude, f.clearance.Range, "`AUC: 5` states the exposure that it goes with", "this belongs to a dose with `AUC`")
	}
	if f.amount != nil {
		return d.one(f.amount, f.modifiers)
	}
	for b, v := range f.by {
		switch {
		case v == nil:
		case By(b) == ByMeasurement:
			return d.byMeasurement(v, f.modifiers, depth)
		default:
			return d.byCase(By(b), "", v, f.modifiers, depth)
		}
	}
	return nil
}

// one reads an amount, a rate, or a share of a measured amount. It returns no Dose, and not a nil *Amount, where there
// is none.
func (d *decoder) one(n *source.Node, m modifiers) Dose {
	if n.Kind == source.Scalar && reShare.MatchString(n.Value) {
		return d.share(n, m)
	}
	if a := d.leaf(n, m); a != nil {
		return a
	}
	return nil
}

// leaf reads one amount or rate.
func (d *decoder) leaf(n *source.Node, m modifiers) *Amount {
	body, per := perTime(n)
	stated := bound{d.Amount(body, "a dose", "as 50 mg or 0.5 mg/kg", doseUnit), per}
	q := d.during(stated, m.over, n.Range)
	if !q.IsSet() {
		return nil
	}
	a := &Amount{Quantity: q, Weight: m.weight, Min: d.during(m.min, m.over, n.Range), Max: d.during(m.max, m.over, n.Range), Round: m.round, Over: m.over, Divided: m.divided, Range: n.Range}
	if per > 0 {
		a.PerTime, a.Stated = per, stated.Amount
	}
	if per == 0 && m.min.per+m.max.per > 0 {
		d.Add(diag.KeysExclude, n.Range, "write the amount per hour or minute too; or give `over` as long as the fastest rate takes", "a bound per hour or minute belongs to a dose per hour or minute: of a whole dose it would cut the amount, and not slow it down")
		return nil
	}
	if per > 0 && m.divided != nil {
		d.Add(diag.KeysExclude, m.divided.Range, "leave one of them out", "a dose per hour or minute is no total of several doses")
	}
	plain := q.Unit().WithPer(quantity.PerNothing)
	for _, b := range []quantity.Amount{a.Min, a.Max} {
		if b.IsSet() && !b.Unit().WithPer(quantity.PerNothing).Comparable(plain) {
			d.Add(diag.LimitUnit, n.Range, "", "the bound %v cannot be compared with a dose in %v", b, plain)
			a.Min, a.Max = quantity.Amount{}, quantity.Amount{}
		}
	}
	if m.round != nil && !m.round.Fits(plain) {
		d.Add(diag.LimitUnit, n.Range, roundHelp(m.round.Step, plain), "a dose in %v cannot be rounded in steps of %v", plain, m.round.Step)
		a.Round = nil
	}
	return a
}

func (d *decoder) stepped(f doseFields) Dose {
	s := &Stepped{Start: d.leaf(f.start, f.modifiers), Range: f.node.Range}
	change := f.increase
	if f.decrease != nil {
		change, s.Falls = f.decrease, true
	}
	switch {
	case change == nil || f.increase != nil && f.decrease != nil:
		d.Add(diag.KeysExclude, f.node.Range, "", "a dose with `start` has one of `increase` and `decrease`")
		return nil
	case f.every == nil:
		d.Add(diag.MissingKey, f.node.Range, "add `every: 7 days`", "a dose with `start` needs `every`")
		return nil
	case f.to == nil:
		d.Add(diag.MissingKey, f.node.Range, "add `to: …`, the amount at which the steps stop", "a dose with `start` needs `to`")
		return nil
	}
	text := d.Text(change, "a change of dose")
	if body, ok := strings.CutSuffix(text, " of start"); ok {
		s.OfStart, text = true, body
	}
	c := *change
	c.Value = text
	s.Change = d.Amount(&c, "a change of dose", "as 25 mg, 10 %, or 10 % of start", func(u quantity.Unit) bool {
		return doseUnit(u) || u == quantity.Percent
	})
	if n, ok := strings.CutSuffix(strings.TrimSuffix(f.every.Value, "s"), " dose"); ok && f.every.Kind == source.Scalar {
		k, err := grammar.WholeNumber(n)
		if err != nil || k.Sign() == 0 {
			d.Add(diag.BadTime, f.every.Range, "write it as 2 doses", "“%s” is not a number of doses", f.every.Value)
			return nil
		}
		s.Doses, _ = k.Int()
	} else {
		s.Every = d.Days(f.every, "the length of a step")
		if months, _, _ := s.Every.Calendar(); months != 0 {
			d.Add(diag.BadTime, f.every.Range, "write it in days or weeks", "the length of a step cannot be in %ss", s.Every.Unit)
			return nil
		}
	}
	s.To = d.Amount(f.to, "the last dose", "as 100 mg", doseUnit)
	if s.Start == nil || !s.Change.IsSet() || !s.To.IsSet() || s.Doses == 0 && s.Every.N == 0 {
		return nil
	}
	if s.Start.PerTime > 0 {
		d.Add(diag.KeysExclude, f.start.Range, "write the whole dose of each step", "steps are not per hour or minute")
		return nil
	}
	unit := s.Start.Quantity.Unit()
	percent := s.Change.Unit() == quantity.Percent
	if percent && !s.OfStart && s.Start.Divided != nil {
		d.Add(diag.KeysExclude, s.Start.Divided.Range, "write the steps as amounts, or as a percentage of start", "a step of a percentage is a share of the dose as given, and these are totals")
		return nil
	}
	switch {
	case s.OfStart && !percent:
		d.Add(diag.BadDose, change.Range, "write a percentage, as 10 % of start", "only a percentage can be “of start”")
		return nil
	case !percent && !s.Change.Unit().Comparable(unit), !s.To.Unit().Comparable(unit):
		d.Add(diag.LimitUnit, f.node.Range, "give all three in one unit", "`start`, the change and `to` are in %v, %v and %v, which cannot be compared", unit, s.Change.Unit(), s.To.Unit())
		return nil
	case s.Change.Sign() == 0, percent && s.Falls && s.Change.Cmp(quantity.New(100, 1, quantity.Percent)) >= 0:
		d.Add(diag.BadDose, change.Range, "", "a change of %v leads nowhere", s.Change)
		return nil
	case s.Falls && s.To.Cmp(s.Start.Quantity) >= 0, !s.Falls && s.To.Cmp(s.Start.Quantity) <= 0:
		d.Add(diag.BadOrder, f.to.Range, "a dose with `decrease` ends below its start, one with `increase` above", "the dose goes from %v to %v, against its direction", s.Start.Quantity, s.To)
		return nil
	}
	if !s.Falls {
		s.Start.Top = s.To
	}
	if len(s.Amounts()) > MaxSteps {
		d.Add(diag.BadDose, f.node.Range, "", "the dose takes more than %d steps", MaxSteps)
		return nil
	}
	return s
}

// MaxSteps bounds how many steps a dose may take.
const MaxSteps = 500

// Amounts returns every step, from the start to To. Where a step is a share of the dose as
// given, what lies between depends on the patient, and only the two ends are returned.
func (s *Stepped) Amounts() []*Amount {
	to := s.To.In(s.Start.Quantity.Unit())
	if s.OfGiven() {
		return []*Amount{s.Start, s.Start.at(to, s.Start.Range)}
	}
	change := s.Change
	if s.OfStart {
		change = s.Start.Quantity.Scale(change)
	}
	if s.Falls {
		change = change.Times(-1, 1)
	}
	var list []*Amount
	for at := s.Start.Quantity; len(list) <= MaxSteps; at = at.Add(change) {
		if s.Passes(at, to) {
			return append(list, s.Start.at(to, s.Start.Range))
		}
		list = append(list, s.Start.at(at, s.Start.Range))
	}
	return list
}

// byCase reads the cases of a dose; of is the measurement that they are bands of, if they are.
func (d *decoder) byCase(by By, of string, n *source.Node, m modifiers, depth int) Dose {
	if !d.Want(n, source.Mapping, "`"+by.String()+"`") {
		return nil
	}
	out := &ByCase{By: by, Of: of, Range: n.Range}
	var bands []Band
	for _, f := range n.Fields {
		c := Case{Range: f.Key.Range, Text: f.Key.Value}
		ok := true
		var b Band
		switch by {
		case ByAge, ByWeight, BySurface, ByMeasurement:
			if strings.Contains(f.Key.Value, " and ") {
				b = d.ends(by, of, f.Key)
				ok = b.IsSet()
			} else {
				b, ok = d.band(by, of, f.Key)
			}
		case ByRoute, ByTier:
			c.Names, ok = d.caseNames(by, f.Key)
		case ByFrequency:
			c.Names, ok = d.caseFrequency(f.Key)
		case ByWeekday:
			ok = d.caseWeekdays(f.Key, &c)
		case ByTime:
			c.Time, ok = d.time(f.Key)
		default:
			c.From, ok = d.caseFrom(by, f.Key)
			if k := len(out.Cases); ok && k > 0 && c.From.Cmp(out.Cases[k-1].From) <= 0 {
				d.Add(diag.BadOrder, f.Key.Range, "list the cases in rising order", "“%s” does not lie above the case before it", f.Key.Value)
			}
		}
		if by.Banded() && f.Value.Kind == source.Scalar && f.Value.Value == "not given" {
			c.Dose = NotGiven{f.Value.Range}
		} else {
			c.Dose = d.dose(f.Value, m, depth+1)
		}
		if ok {
			out.Cases, bands = append(out.Cases, c), append(bands, b)
		}
	}
	if len(out.Cases) == 0 {
		if len(n.Fields) == 0 {
			d.Add(diag.BadDose, n.Range, "", "`%s` has no case", by)
		}
		return nil
	}
	if by.Banded() && len(out.Cases) == len(n.Fields) {
		d.bands(out, bands)
	}
	d.caseOverlap(by, out)
	return out
}

func (d *decoder) caseNames(by By, k *source.Node) ([]string, bool) {
	known, what := d.protocol.tierNames(), "tier"
	if by == ByRoute {
		known, what = d.protocol.routeNames(), "route"
	}
	var names []string
	for _, name := range strings.Split(k.Value, ",") {
		name = strings.TrimSpace(name)
		if by == ByRoute {
			one := *k
			one.Value = name
			name = d.route(&one)
		}
		if !slices.Contains(known, name) {
			d.unknown(k, what, name, known)
			return nil, false
		}
		names = append(names, name)
	}
	return names, true
}

// caseFrequency reads a frequency in the words of the language.
func (d *decoder) caseFrequency(k *source.Node) ([]string, bool) {
	f, _, err := frequency.Parse(k.Value)
	if err != nil {
		d.Add(diag.BadDose, k.Range, "write it as the phase does, as: every 2 weeks", "“%s” is not a frequency", k.Value)
		return nil, false
	}
	return []string{f.String()}, true
}

func (d *decoder) caseWeekdays(k *source.Node, c *Case) bool {
	if k.Value == "other" {
		c.Other = true
		return true
	}
	for _, item := range strings.FieldsFunc(k.Value, func(r rune) bool { return r == ',' || r == ' ' }) {
		day, ok := frequency.ParseWeekday(item)
		if !ok {
			d.Add(diag.BadWord, k.Range, "write mon, tue, wed, thu, fri, sat or sun, or other", "“%s” is not a day of the week", item)
			return false
		}
		c.Weekdays[day] = true
	}
	return true
}

// phaseTimes reads the times of a phase: one list, or one for some days of the week.
func (d *decoder) phaseTimes(ph *Phase, n *source.Node) {
	list := func(n *source.Node) (times []Time) {
		for _, item := range d.List(n) {
			if t, ok := d.time(item); ok {
				times = append(times, t)
			}
		}
		return times
	}
	if n.Kind != source.Mapping {
		ph.Times = list(n)
		return
	}
	named, others := [7]bool{}, -1
	for _, f := range n.Fields {
		var c Case
		if !d.caseWeekdays(f.Key, &c) {
			return
		}
		for day, on := range c.Weekdays {
			if on && named[day] {
				d.Add(diag.TimesMismatch, f.Key.Range, "name each day once", "a day of the week has its times twice")
			}
			named[day] = named[day] || on
		}
		if c.Other {
			others = len(ph.TimesOn)
		}
		ph.TimesOn = append(ph.TimesOn, DayTimes{c.Weekdays, list(f.Value), f.Key.Range})
	}
	for day := range named {
		if named[day] {
			continue
		}
		if others < 0 {
			d.Add(diag.TimesMismatch, n.Range, "add `other: …`", "nothing says at what times doses of a %v are given, to which a closed day can move one", time.Weekday(day))
			return
		}
		ph.TimesOn[others].Days[day] = true
	}
	for _, t := range ph.TimesOn {
		if len(t.Times) != len(ph.TimesOn[0].Times) {
			d.Add(diag.TimesMismatch, t.Range, "give as many times for each", "days of the week have different numbers of times")
		}
	}
	if len(ph.TimesOn) > 0 {
		ph.Times = ph.TimesOn[0].Times
	}
}

func (d *decoder) caseFrom(by By, k *source.Node) (quantity.Amount, bool) {
	text, ok := strings.CutPrefix(k.Value, "from ")
	if !ok {
		d.Add(diag.BadDose, k.Range, "write it as: from 1", "“%s” is not a case of `%s`", k.Value, by)
		return quantity.Amount{}, false
	}
	a, err := grammar.WholeNumber(text)
	if n, ok := strings.CutPrefix(text, "-"); ok && by == ByDay {
		if a, err = grammar.WholeNumber(n); err == nil {
			return a.Times(-1, 1), true
		}
	}
	if err != nil || by != ByDay && a.Sign() == 0 {
		d.Add(diag.BadDose, k.Range, "write it as: from 1", "“%s” is not a case of `%s`", k.Value, by)
		return quantity.Amount{}, false
	}
	return a, true
}

// caseOverlap reports cases that no dose, or more than one, would fall under.
func (d *decoder) caseOverlap(by By, c *ByCase) {
	switch by {
	case ByDoseNumber, ByWeek, ByCycleDay: // where the days of a phase begin is known once all phases are
		if first, _ := c.Cases[0].From.Int(); first != 1 {
			d.Add(diag.BadDose, c.Cases[0].Range, "begin with `from 1`", "there is no dose before %d", first)
		}
	case ByWeekday:
		var seen [7]bool
		for _, k := range c.Cases {
			for day, on := range k.Weekdays {
				if on && seen[day] {
					d.Add(diag.BadDose, k.Range, "name each day once", "a day of the week has two doses")
				}
				seen[day] = seen[day] || on
			}
		}
	case ByRoute, ByTier, ByFrequency:
		var seen []string
		for _, k := range c.Cases {
			for _, name := range k.Names {
				if slices.Contains(seen, name) {
					d.Add(diag.BadDose, k.Range, "name each once", "“%s” has two doses", name)
				}
				seen = append(seen, name)
			}
		}
	}
}

// time reads a clock time or a named time of day.
func (d *decoder) time(n *source.Node) (Time, bool) {
	text := d.Text(n, "a time of day")
	name, minutes, ok := fromName(text)
	for _, t := range timeNames {
		if ok && t.Name == name {
			t.Minutes = minutes
			t.Clock += civil.Clock(minutes)
			_, same := t.On(nil)
			if !same {
				d.Add(diag.BadTime, n.Range, "count from another time of the day", "%v falls on another day", t)
			}
			return t, same
		}
	}
	c, err := civil.ParseClock(text)
	if err != nil {
		names := make([]string, len(timeNames))
		for i, t := range timeNames {
			names[i] = t.Name
		}
		d.Add(diag.BadTime, n.Range, "write it as 08:00, as 30 minutes before breakfast, no more than 6 hours from it, or as one of: "+strings.Join(names, ", "), "%v", err)
		return Time{}, false
	}
	return Time{Clock: c}, true
}

// fromName reads a name, or minutes or hours before or after one; false where that is too far from it.
func fromName(text string) (name string, minutes int, ok bool) {
	m := reFromName.FindStringSubmatch(text)
	if m == nil {
		return text, 0, true
	}
	if minutes = grammar.Atoi(m[1]); strings.HasPrefix(m[2], "h") {
		minutes *= 60
	}
	if minutes > maxFromName {
		return m[4], 0, false
	}
	if m[3] == "before" {
		minutes = -minutes
	}
	return m[4], minutes, true
}

// routeNames returns the routes of every medicine, without repetition.
func (p *Protocol) routeNames() []string {
	var names []string
	for _, m := range p.Medications {
		for _, r := range m.Routes {
			if !slices.Contains(names, r.Name) {
				names = append(names, r.Name)
			}
		}
	}
	return names
}

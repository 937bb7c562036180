package lint

import (
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/condition"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// slips looks for figures and words that what stands beside them, or what people do, says nobody means:
// a unit of time, a form, a step, a letter.
func (l *linter) slips() {
	for i := range l.p.Requirements {
		l.times(&l.p.Requirements[i])
	}
	for i := range l.p.Contraindication {
		l.hypersensitivity(&l.p.Contraindication[i])
		l.misspelt(&l.p.Contraindication[i])
	}
	for i := range l.p.CheckIns {
		l.wideVisit(&l.p.CheckIns[i])
		l.turned(&l.p.CheckIns[i])
		l.spelling(l.p.CheckIns[i].Range, l.p.CheckIns[i].Measure)
		for _, m := range l.p.CheckIns[i].Measure {
			if near, ok := condition.MisspeltMeasure(m); ok {
				l.odd(l.p.CheckIns[i].Range, "write “"+near+"”, if it is meant", "“%s” is like “%s”, and is not it", m, near)
			}
		}
		l.whom(l.p.CheckIns[i].For)
	}
	for i := range l.p.Medications {
		for k := range l.p.Medications[i].Routes {
			l.form(&l.p.Medications[i].Routes[k])
		}
	}
	for i := range l.p.Phases {
		l.stride(&l.p.Phases[i])
		l.skipped(&l.p.Phases[i])
		l.behind(&l.p.Phases[i])
		l.restarts(&l.p.Phases[i])
		l.tooLate(&l.p.Phases[i])
		l.sites(&l.p.Phases[i])
		l.passed(&l.p.Phases[i], l.p.Phases[i].Dose)
		l.daysOfCycles(&l.p.Phases[i])
		l.daysOfWeeks(i)
		l.shorter(&l.p.Phases[i])
		l.whom(l.p.Phases[i].For)
		l.asTitled(&l.p.Phases[i])
	}
	for _, ph := range l.p.Rules() {
		l.dips(ph.Dose)
		l.bands(ph.Dose)
		for _, r := range l.p.RoutesOf(ph) {
			l.p.Amounts(ph, r.Name, l.cap)
		}
	}
	l.brief()
	l.otherBasis()
	l.otherUnits()
	l.names()
	l.spine()
	l.longFasts()
	l.longFill()
	l.cited()
}

// dips looks for a band by weight or body surface whose dose falls where those around it rise: a heavier patient gets
// no less, but by a slip.
func (l *linter) dips(dose protocol.Dose) {
	by, ok := l.p.Plain(dose).(*protocol.ByCase)
	if !ok {
		return
	}
	if by.By == protocol.ByWeight || by.By == protocol.BySurface {
		var amounts []*protocol.Amount
		rises := 0
		for _, k := range by.Cases {
			a, fixed := k.Dose.(*protocol.Amount)
			if !fixed || a.Basis() != protocol.Fixed {
				amounts = nil
				break
			}
			if n := len(amounts); n > 0 {
				if !a.Quantity.Unit().Comparable(amounts[n-1].Quantity.Unit()) {
					amounts = nil
					break
				}
				if a.Quantity.Cmp(amounts[n-1].Quantity) > 0 {
					rises++
				}
			}
			amounts = append(amounts, a)
		}
		for i := 1; i < len(amounts); i++ {
			if a, before := amounts[i], amounts[i-1]; rises > 0 && rises == len(amounts)-2 && a.Quantity.Cmp(before.Quantity) < 0 && !l.said(diag.OddFigure, a.Range) {
				l.found.Add(diag.OddFigure, a.Range, "look at the figure and at the bands", "the dose falls from %v to %v where those of the other bands rise", before.Quantity, a.Quantity)
			}
		}
	}
	for _, k := range by.Cases {
		l.dips(k.Dose)
	}
}

// bands looks for a case that nobody of the population comes to, and for a dose ten times that of the band beside it.
func (l *linter) bands(dose protocol.Dose) {
	by, ok := l.p.Plain(dose).(*protocol.ByCase)
	if !ok {
		return
	}
	within, what := l.rangeOf(by)
	var before *protocol.Amount
	for i := range by.Cases {
		k := &by.Cases[i]
		if within.Max.IsSet() && k.From.IsSet() && k.From.Cmp(within.Max) > 0 && !l.said(diag.OddFigure, k.Range) {
			l.found.Add(diag.OddFigure, k.Range, "look at the unit and the figure, or widen the range", "nobody of the population comes to the case “%s”: %s is %v at most", k.Text, what, within.Max)
		}
		a, fixed := k.Dose.(*protocol.Amount)
		banded := fixed && what != ""
		if fixed = banded && a.Basis() == protocol.Fixed; fixed && before != nil && before.Basis() == protocol.Fixed && a.Quantity.Unit().Comparable(before.Quantity.Unit()) && !l.said(diag.OddFigure, a.Range) {
			low, high := quantity.Min(before.Quantity, a.Quantity), quantity.Max(before.Quantity, a.Quantity)
			if low.Sign() > 0 && low.Times(10, 1).Cmp(high) <= 0 {
				l.found.Add(diag.OddFigure, a.Range, "look at the figure and at its unit", "the dose goes from %v to %v, ten times as much or a tenth, from one band to the next", before.Quantity, a.Quantity)
			}
		}
		l.turnedRound(by, k, before, a)
		if before = nil; banded {
			before = a
		}
		l.bands(k.Dose)
	}
}

// level matches the names of measurements of what is given itself: the more there is, the less is needed.
var level = lazy.MustCompile(`(?i)\b(trough|through level|drug level|plasma level|serum level|INR|aPTT|anti-Xa)\b`)

// turnedRound looks for a band whose dose falls where nobody means less: of kidneys that clear more, and of those who are older
// among children.
func (l *linter) turnedRound(by *protocol.ByCase, k *protocol.Case, before, a *protocol.Amount) {
	if before == nil || a == nil || a.Basis() != before.Basis() || !a.Quantity.Unit().Comparable(before.Quantity.Unit()) || l.said(diag.OddFigure, a.Range) {
		return
	}
	if m, _ := l.p.Measurement(by.Of); by.By == protocol.ByMeasurement && m != nil && level.MatchString(m.Name) && a.Quantity.Cmp(before.Quantity) > 0 {
		l.found.Add(diag.OddFigure, a.Range, "look which way round the bands are", "the dose rises from %v to %v where “%s” rises: those who have too much of it already would have more", before.Quantity, a.Quantity, m.Name)
		return
	}
	clearance := by.By == protocol.ByMeasurement
	if a.Quantity.Cmp(before.Quantity) >= 0 || !clearance && a.Basis() != protocol.Fixed { // a rate falls with the age and the weight
		return
	}
	const grown = 21 * 12 // months
	switch m, _ := l.p.Measurement(by.Of); {
	case by.By == protocol.ByMeasurement && m != nil && strings.HasPrefix(m.Unit, "mL/min"):
		l.found.Add(diag.OddFigure, a.Range, "look which way round the bands are", "the dose falls from %v to %v where “%s” rises: those whose kidneys clear less would have more", before.Quantity, a.Quantity, m.Name)
	case by.By == protocol.ByWeight || by.By == protocol.BySurface:
		l.found.Add(diag.OddFigure, a.Range, "look which way round the bands are", "the dose falls from %v to %v in the case “%s”: the lighter would have more", before.Quantity, a.Quantity, k.Text)
	case by.By == protocol.ByAge && k.From.IsSet() && k.From.Cmp(quantity.New(grown, 1, quantity.None)) <= 0:
		l.found.Add(diag.OddFigure, a.Range, "look which way round the bands are", "the dose falls from %v to %v in the case “%s”: the younger would have more", before.Quantity, a.Quantity, k.Text)
	}
}

// rangeOf returns the range of the population in what cases are bands of, with its name; "" where they are bands of nothing.
func (l *linter) rangeOf(by *protocol.ByCase) (within grammar.Bounded, what string) {
	pop := &l.p.Population
	switch by.By {
	case protocol.ByWeight:
		return pop.Weight, "the weight"
	case protocol.BySurface:
		return pop.Surface, "the body surface"
	case protocol.ByAge:
		return grammar.Bounded{}, "the age"
	case protocol.ByMeasurement:
		for i := range l.p.Measurements {
			if m := &l.p.Measurements[i]; m.Name == by.Of {
				return m.Within, m.Name
			}
		}
	}
	return within, ""
}

// cap looks for a maximum or a minimum to which every patient of the population comes, so that the amount beside it says
// nothing, and for a maximum that is far from what the heaviest gets.
func (l *linter) cap(a *protocol.Amount) {
	w := l.p.Population.Weight
	if a.Weight.Kind != protocol.Actual || a.Weight.Changes() || l.said(diag.OddFigure, a.Range) {
		return
	}
	for _, b := range []struct {
		bound quantity.Amount
		sign  int
		words [2]string
	}{{a.Max, 1, [2]string{"more", "maximum"}}, {a.Min, -1, [2]string{"less", "minimum"}}} {
		if !b.bound.IsSet() {
			continue
		}
		if a.Basis() == protocol.Fixed && protocol.BasisOf(b.bound) == protocol.Fixed {
			if a.Quantity.Unit().Comparable(b.bound.Unit()) && a.Quantity.Cmp(b.bound)*b.sign > 0 {
				l.found.Add(diag.OddFigure, a.Range, "state the amount that is given, or another "+b.words[1], "the amount is %v, %s than the %s of %v: nobody gets it", a.Quantity, b.words[0], b.words[1], b.bound)
				return
			}
			continue
		}
		always, known := true, true
		var light [2]quantity.Amount
		for k, kg := range []quantity.Amount{w.Max, w.Min} {
			for i, q := range []quantity.Amount{a.Quantity, b.bound} {
				known = known && kg.IsSet() && protocol.BasisOf(q) != protocol.PerSurface
				if known {
					light[i] = resolved(q, kg)
				}
			}
			always = always && known && light[0].Cmp(light[1])*b.sign > 0
			if k == 0 && known && b.sign > 0 && a.Basis() == protocol.PerWeight && light[1].Cmp(light[0].Times(5, 1)) > 0 {
				l.found.Add(diag.OddFigure, a.Range, "look at the rate, at the maximum and at their units", "the maximum of %v is more than five times what %v comes to for the heaviest of the population, %v", b.bound, a.Quantity, light[0])
				return
			}
		}
		if always {
			l.found.Add(diag.OddFigure, a.Range, "look at the rate, at the "+b.words[1]+" and at their units", "%v is %s than the %s of %v for every patient of the population: the lightest would have %v", a.Quantity, b.words[0], b.words[1], b.bound, light[0])
			return
		}
	}
}

// resolved is an amount for a weight, or the amount itself where it is not per kg.
func resolved(a, kg quantity.Amount) quantity.Amount {
	if protocol.BasisOf(a) != protocol.PerWeight {
		return a
	}
	return a.Resolve(kg.In(quantity.Kilogram))
}

// brief looks for a time in minutes within which nobody notices that a dose was missed.
func (l *linter) brief() {
	const least = 30 * time.Minute
	if m := &l.p.Missed; m.Within.IsSet() {
		if d, ok := m.Within.Elapsed(); ok && d < least {
			l.found.Add(diag.OddFigure, m.Range, "look at the unit: minutes or hours", "a missed dose may be taken within %v of its time, which is no time to notice it", m.Within)
		}
	}
}

// passed looks for steps that pass without a dose, since its rule gives one more rarely than they come.
func (l *linter) passed(ph *protocol.Phase, dose protocol.Dose) {
	switch d := dose.(type) {
	case *protocol.ByCase:
		for i := range d.Cases {
			l.passed(ph, d.Cases[i].Dose)
		}
	case protocol.TierDose:
		for i := range l.p.Tiers {
			for _, of := range l.p.Tiers[i].Doses {
				l.passed(ph, of)
			}
		}
	case *protocol.Stepped:
		months, every, ok := d.Every.Calendar()
		if !ok || months > 0 || l.said(diag.OddFigure, d.Range) {
			return
		}
		for _, c := range ph.Frequencies {
			if minutes, ok := c.Frequency.Period(); ok && c.Frequency.PerDay() <= 1 && minutes > every*24*60 && (c.Frequency.Kind() == frequency.Days || c.Frequency.Kind() == frequency.Weeks) {
				l.found.Add(diag.OddFigure, d.Range, "write `every` in doses, or as long as its rule", "a step comes every %v, and a dose of “%s” (%s) more rarely: steps pass without a dose", d.Every, ph.Name, c.Text)
				return
			}
		}
	}
}

// tooLate looks for a time within which a missed dose may be taken that is longer than the time to the next.
func (l *linter) tooLate(ph *protocol.Phase) {
	within, ok := l.p.Missed.Within.Elapsed()
	if !ok {
		return
	}
	for _, c := range ph.Frequencies {
		if minutes, ok := c.Frequency.Period(); ok && c.Frequency.PerDay() <= 1 && within.Minutes() > float64(minutes) {
			l.found.Add(diag.OddFigure, c.Range, "look at `take within`, and at its unit", "a missed dose may be taken within %v of its time, and the next dose of “%s” (%s) comes before that", l.p.Missed.Within, ph.Name, c.Text)
			return
		}
	}
}

// sites looks for a site that stands twice in turn, and for one that is a letter from another of the file.
func (l *linter) sites(ph *protocol.Phase) {
	for _, s := range ph.Sites {
		for i := range l.p.Phases {
			for _, o := range l.p.Phases[i].Sites {
				if len(s) > 4 && len(s) < len(o) && diag.Distance(s, o) == 1 && !l.said(diag.OddFigure, ph.Range) {
					l.found.Add(diag.OddFigure, ph.Range, "write one word for one site", "the site “%s” of “%s” is like “%s”, and is not it", s, ph.Name, o)
				}
			}
		}
	}
	for i, s := range ph.Sites {
		if slices.Contains(ph.Sites[:i], s) {
			l.found.Add(diag.Unused, ph.Range, "name each site once", "the site “%s” of “%s” stands twice in its turn", s, ph.Name)
			return
		}
	}
}

// restarts looks for a time without a dose after which a course begins again, and which its own rule leaves between two.
func (l *linter) restarts(ph *protocol.Phase) {
	most := l.p.RestartAfter
	if !most.IsSet() {
		return
	}
	day := someDay
	for _, c := range ph.Frequencies {
		const far, gaps = 366, 6 // days, and times as long as its rule leaves between two
		if days := most.From(day, 1).Sub(day); days > far {
			if minutes, ok := c.Frequency.Period(); ok && days*24*60 > gaps*minutes && !l.said(diag.OddFigure, ph.Range) {
				l.found.Add(diag.OddFigure, ph.Range, "look at the unit of `restart after`", "a course goes on where it was after up to %v without a dose, and doses of “%s” come %s", most, ph.Name, c.Text)
			}
		}
		one := c.Frequency.Kind() == frequency.Days || c.Frequency.Kind() == frequency.Weeks // dose in its period
		if minutes, ok := c.Frequency.Period(); ok && one && most.From(day, 1).Sub(day)*24*60 <= minutes {
			l.found.Add(diag.OddFigure, c.Range, "look at `restart after`, and at its unit", "a course begins again after more than %v without a dose, and doses of “%s” (%s) come no sooner", most, ph.Name, c.Text)
			return
		}
	}
}

// misspelt looks for words of a contraindication that are like those that are usual, and are not: what a patient's file
// states in the usual words would not be found by it.
func (l *linter) misspelt(k *protocol.Contraindication) {
	l.spelling(k.Range, k.Terms())
	for _, term := range k.Terms() {
		if negated.MatchString(term) && !l.said(diag.OddFigure, k.Range) {
			l.found.Add(diag.OddFigure, k.Range, "write what speaks against it, as `pregnancy`", "“%s” is what a patient is to have, and the list is of what none may have", term)
		}
	}
	for i := range l.p.Contraindication {
		o := &l.p.Contraindication[i]
		if o != k && condition.Same(o.Term, k.Term) && (k.Absolute || !o.Absolute) && o.Range != k.Range && !l.said(diag.OddFigure, k.Range) && !l.said(diag.OddFigure, o.Range) {
			l.found.Add(diag.OddFigure, k.Range, "name it once, as an absolute or as a relative one", "“%s” stands twice among the contraindications", k.Term)
		}
	}
}

// negated begins a term that says that something is not so.
var negated = lazy.MustCompile(`(?i)^(no|not|without|absence of) `)

// spelling looks for words that are like those which conditions, tests and medicines are named with.
func (l *linter) spelling(at diag.Range, terms []string) {
	for _, term := range terms {
		if word, near, ok := condition.Misspelt(term); ok && !l.said(diag.OddFigure, at) {
			l.found.Add(diag.OddFigure, at, "write “"+near+"”, if it is meant", "“%s” is like “%s”, and is not it", word, near)
		}
	}
}

// skipped looks for a step of a titration that leaves out a tier between two.
func (l *linter) skipped(ph *protocol.Phase) {
	t := ph.Titration
	if t == nil {
		return
	}
	at := func(name string) int {
		return slices.IndexFunc(l.p.Tiers, func(t protocol.Tier) bool { return t.Name == name })
	}
	for i := 1; i < len(t.Tiers); i++ {
		before, after := at(t.Tiers[i-1]), at(t.Tiers[i])
		if before >= 0 && after > before+1 {
			l.found.Add(diag.OddFigure, t.Range, "write the tier between as a step too, or silence this with the source", "the titration of “%s” goes from the tier “%s” to “%s”, past “%s”", ph.Name, t.Tiers[i-1], t.Tiers[i], l.p.Tiers[before+1].Name)
		}
	}
}

// likely are the lengths of time that a requirement asks for: fasting before sedation is of hours (ASA,
// Anesthesiology 2017;126:376-393: 2 hours of clear fluids, 6 to 8 of food), and nobody watches a patient for
// a few minutes or for more than a day after one dose.
var likely = map[string]struct{ least, most time.Duration }{
	"no food for":    {15 * time.Minute, 24 * time.Hour},
	"no liquid for":  {5 * time.Minute, 12 * time.Hour},
	"no food after":  {5 * time.Minute, 12 * time.Hour},
	"monitoring for": {5 * time.Minute, 24 * time.Hour}, "monitoring after": {5 * time.Minute, 24 * time.Hour},
}

// farOff are words for times that nobody is asked not to drive for after one dose.
var farOff = lazy.MustCompile(`(?i)\b(week|month|year)s?\b`)

// atOnce are words for times after which nobody is asked who was asked at all.
var atOnce = lazy.MustCompile(`(?i)\bminutes?\b|^(the|each) dose$|\b(previous|last|yesterday|before)\b`)

func (l *linter) times(r *protocol.Requirement) {
	for _, v := range r.Values {
		if v.Kind == "no driving until" && (farOff.MatchString(v.Value) || atOnce.MatchString(v.Value)) {
			l.found.Add(diag.OddFigure, r.Range, "look at the unit: nobody waits so long after a dose", "“%s: %s” is not a time that anybody asks for", v.Kind, v.Value)
		}
		bounds, known := likely[v.Kind]
		p, err := civil.ParsePeriod(v.Value)
		elapsed, ok := p.Elapsed()
		if !known || err != nil || !ok {
			continue
		}
		if elapsed < bounds.least || elapsed > bounds.most {
			l.found.Add(diag.OddFigure, r.Range, "look at the unit: minutes or hours", "“%s: %s” is not a time that anybody asks for", v.Kind, v.Value)
		}
		if last := l.lastLook(); v.Kind == "monitoring for" && elapsed < last {
			l.found.Add(diag.OddFigure, r.Range, "look at the unit: minutes or hours", "patients are observed up to %v after a dose, and “%s: %s” ends before", last, v.Kind, v.Value)
		}
		if v.Kind == "no food for" {
			l.foodAndLiquid(r, elapsed)
		}
		if over := l.longest(); v.Kind == "monitoring for" && over.IsSet() && elapsed <= limit.Elapsed(over) {
			l.found.Add(diag.OddFigure, r.Range, "count from the start of the dose: how long it takes, and the time after it", "giving a dose takes %v, and “%s: %s”, from its start, ends no later", over, v.Kind, v.Value)
		}
	}
}

// foodAndLiquid looks for a fast from what is drunk that is longer than that from what is eaten.
func (l *linter) foodAndLiquid(r *protocol.Requirement, food time.Duration) {
	for _, v := range r.Values {
		p, err := civil.ParsePeriod(v.Value)
		if liquid, ok := p.Elapsed(); v.Kind == "no liquid for" && err == nil && ok && liquid > food {
			l.found.Add(diag.OddFigure, r.Range, "look whether the two are the wrong way round", "nothing is drunk for %s and nothing eaten for %v: what is eaten stays longer", v.Value, civil.PeriodOf(food))
		}
	}
}

// longest returns how long the longest dose by any route or in any phase takes.
func (l *linter) longest() (over civil.Period) {
	for _, ph := range l.p.Rules() {
		for _, r := range l.p.RoutesOf(ph) {
			of := l.p.Longest(ph, r.Name)
			if d, ok := of.Elapsed(); ok && d > limit.Elapsed(over) {
				over = of
			}
		}
	}
	return over
}

// lastLook returns how long after a dose it is observed for the last time.
func (l *linter) lastLook() (last time.Duration) {
	for i := range l.p.CheckIns {
		for _, p := range l.p.CheckIns[i].Around {
			if d, ok := p.Elapsed(); ok {
				last = max(last, d)
			}
		}
	}
	return last
}

// hypersensitivity looks for the medicine's own name, misspelt.
func (l *linter) hypersensitivity(k *protocol.Contraindication) {
	_, to, ok := strings.Cut(strings.ToLower(k.Term), "hypersensitivity to ")
	if !ok {
		return
	}
	for i := range l.p.Medications {
		name := strings.ToLower(l.p.Medications[i].Name)
		if d := diag.Distance(to, name); d > 0 && d <= 2 && len(name) > 5 {
			l.found.Add(diag.OddFigure, k.Range, "write “hypersensitivity to "+name+"”", "“%s” is like the name of the medicine, and is not it", k.Term)
		}
	}
}

// wideVisit looks for a window of a check-in that reaches further than what it is counted from.
func (l *linter) wideVisit(c *protocol.CheckIn) {
	const wide = 28
	reach := max(c.Window.Before, c.Window.After)
	if reach > wide && slices.ContainsFunc(c.On, func(w protocol.When) bool {
		months, days, ok := w.Offset.Calendar()
		return !ok || !w.Offset.IsSet() || months == 0 && reach > 2*days
	}) {
		l.found.Add(diag.OddFigure, c.Range, "look at the unit: days or weeks", "the check-in “%s” may be held %s from its day", c.Name, civil.Plural(reach, "day"))
	}
}

// burden are the scores of which more is worse, and high is one of them that is to be so high.
const patternBurden = `(?i)\b(PHQ-?9|MADRS|HAM-?[AD]|HDRS|QIDS|BDI|GAD-?7|PCL-?5|CAPS-?5|Y-?BOCS|NRS)`

var (
	burden = lazy.MustCompile(patternBurden + `\b`)
	high   = lazy.MustCompile(patternBurden + ` (?:of |score of )?\d+ or (?:more|higher|above)\b`)
)

// more says that a score is to be so high or higher, and change that it is to have fallen.
var (
	more   = lazy.MustCompile(`(?i)(≥|>|\bat least\b|\babove\b|\bover\b|\bmore than\b)\s*\d|\d\s*(points\s*)?or (more|higher|above|over)\b`)
	change = lazy.MustCompile(`(?i)%|percent|reduc|fall|fell|drop|decreas|improv|lower|less|change|half|response`)
)

// turned looks for a phase that ends once a score of what the patient suffers from is high.
func (l *linter) turned(c *protocol.CheckIn) {
	ends := slices.ContainsFunc(l.p.Phases, func(ph protocol.Phase) bool { return ph.Course.Met == c.Name })
	for _, text := range []string{c.Criterion, c.Title} {
		if ends && (high.MatchString(text) || burden.MatchString(text) && more.MatchString(text) && !change.MatchString(text)) {
			l.odd(c.Range, "look which way round the criterion is", "a phase ends once “%s” finds “%s”, and more of that score is worse", c.Name, text)
		}
	}
}

// behind looks for a phase that is called what comes before another, and comes after it.
func (l *linter) behind(ph *protocol.Phase) {
	w := &ph.Starts
	name := strings.FieldsFunc(strings.ToLower(ph.Name), func(r rune) bool { return r == '-' || r == ' ' || r == '_' })
	before := slices.ContainsFunc(name, func(word string) bool {
		return word == "before" || word == "pre" || strings.HasPrefix(word, "premed") || strings.HasPrefix(word, "prehydrat")
	})
	if before && w.Offset.IsSet() && !w.Before && w.Phase != "" {
		l.found.Add(diag.OddFigure, ph.Range, "write `before`, or call it something else", "“%s” starts %s", ph.Name, w.Text)
	}
}

// stride looks for a step of a titration that leads past its end at once.
func (l *linter) stride(ph *protocol.Phase) {
	t := ph.Titration
	if t == nil || !t.Increase.IsSet() || len(t.Amounts) == 0 {
		return
	}
	start := t.Amounts[0].Quantity
	if !start.Unit().Comparable(t.To.Unit()) || !start.Unit().Comparable(t.Increase.Max.Unit()) {
		return
	}
	way := t.To.In(start.Unit()).Sub(start)
	switch {
	case t.Increase.Max.Cmp(way) > 0:
		l.found.Add(diag.OddFigure, t.Range, "look at the figure and the unit of `increase`", "a step of %v leads from %v past %v at once", t.Increase.Max, start, t.To)
	case t.Increase.Max.Cmp(way) == 0 && t.To.Cmp(start.Times(2, 1)) > 0:
		l.found.Add(diag.OddFigure, t.Range, "look at the figure and the unit of `increase`", "one step of %v leads from %v to the end, %v", t.Increase.Max, start, t.To)
	}
}

// otherBasis looks for a largest single dose by body surface where no dose of the medicine follows from one: the dose has lost
// its unit, or the limit has another's.
func (l *linter) otherBasis() {
	for i := range l.p.Medications {
		m := &l.p.Medications[i]
		surface, fixed := false, false
		for _, ph := range l.p.Rules() {
			for _, r := range l.p.RoutesOf(ph) {
				if ph.Medication == i {
					surface = surface || l.p.Follows(ph.Dose, protocol.BySurface)
					l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
						surface, fixed = surface || a.Basis() == protocol.PerSurface, fixed || a.Basis() == protocol.Fixed
					})
				}
			}
		}
		for _, most := range m.Limits.SingleDose {
			if fixed && !surface && protocol.BasisOf(most) == protocol.PerSurface && !l.said(diag.OddFigure, m.Range) {
				l.found.Add(diag.OddFigure, m.Range, "write the dose in "+most.Unit().String()+", or the limit as the dose is", "a single dose of %s is held to %v, and no dose of it follows from the body surface", m.Name, most)
			}
		}
	}
}

// whom looks for misspelt conditions of the patients that something is for.
func (l *linter) whom(of *protocol.Subset) {
	if of == nil {
		return
	}
	for _, k := range append(slices.Clone(of.Without), of.With) {
		if k != nil {
			l.spelling(of.Range, k.Terms())
		}
	}
}

// names looks for a medicine that is misspelt, or is not the one that the file is called after.
func (l *linter) names() {
	called := strings.Fields(strings.ToLower(strings.ReplaceAll(l.p.ID, "-", " ") + " " + l.p.Title))
	mine := func(word string) bool {
		return slices.ContainsFunc(l.p.Medications, func(m protocol.Medication) bool { return strings.Contains(strings.ToLower(m.Name), word) })
	}
	after, own := "", false
	for _, word := range called {
		word = strings.Trim(word, ".,;:()")
		own = own || mine(word) && len(word) > 4
		if condition.IsMedicine(word) && !mine(word) && after == "" {
			after = word
		}
	}
	for i := range l.p.Medications {
		m := &l.p.Medications[i]
		l.spelling(m.Range, []string{m.Name})
		if after != "" && !own && condition.IsMedicine(strings.ToLower(m.Name)) && !l.said(diag.OddFigure, m.Range) {
			l.found.Add(diag.OddFigure, m.Range, "look at the name of the medicine", "the file is called after %s, and gives %s", after, m.Name)
		}
	}
}

// shorter looks for a phase that ends before its rule gives a second dose.
func (l *linter) shorter(ph *protocol.Phase) {
	for _, c := range ph.Frequencies {
		minutes, ok := c.Frequency.Period()
		if kind := c.Frequency.Kind(); !ok || kind != frequency.Days && kind != frequency.Weeks || c.Frequency.PerDay() > 1 || ph.Course.Doses > 0 || !ph.Course.Duration.IsSet() || l.said(diag.OddFigure, ph.Range) {
			continue
		}
		lasts := 0
		if d, hours := ph.Course.Duration.Elapsed(); hours {
			lasts = int(d.Minutes())
		} else if months, days, dated := ph.Course.Duration.Calendar(); dated && months == 0 {
			lasts = days * 24 * 60
		}
		if lasts > 0 && lasts < minutes {
			l.found.Add(diag.OddFigure, ph.Range, "look at the unit of `course`, and at the frequency; of one dose write `once`", "“%s” lasts %v, and its doses come %s: it has one alone", ph.Name, ph.Course.Duration, c.Text)
		}
	}
}

// reStated matches amounts in a title.
var reStated = lazy.MustCompile(`(?i)\b(\d+(?:\.\d+)?) ?(mg|mcg|g|units)(/kg|/m2)?(?:[^\w/]|$)`)

// asTitled looks for a phase whose title names an amount, of which none of its doses, of a time or of a day, is.
func (l *linter) asTitled(ph *protocol.Phase) {
	var titled []quantity.Amount
	for _, m := range reStated.FindAllStringSubmatch(ph.Title, -1) {
		if a, err := quantity.Parse(m[1] + " " + strings.ToLower(m[2]) + strings.ToLower(m[3])); err == nil {
			titled = append(titled, a)
		}
	}
	if len(titled) == 0 || ph.Titration != nil || l.said(diag.OddFigure, ph.Range) {
		return
	}
	perDay := int64(1)
	if len(ph.Frequencies) > 0 {
		if n, ok := ph.Frequencies[0].Frequency.InADay(); ok {
			perDay = int64(n)
		}
	}
	like, known := false, false
	var one quantity.Amount
	for _, r := range l.p.RoutesOf(ph) {
		l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
			for _, t := range titled {
				if a.Quantity.Unit().Comparable(t.Unit()) {
					known, one = true, a.Quantity
					like = like || a.Quantity.Cmp(t) == 0 || a.Quantity.Times(perDay, 1).Cmp(t) == 0 || a.Max.IsSet() && a.Max.Unit().Comparable(t.Unit()) && a.Max.Cmp(t) == 0
				}
			}
		})
	}
	if known && !like {
		l.found.Add(diag.OddFigure, ph.Range, "correct the dose or the title", "the title of “%s” says %v, and its dose is %v", ph.Name, titled[0], one)
	}
}

// longFasts looks for a fast, or an observation, that is as long as the time from one dose to the next.
func (l *linter) longFasts() {
	for i := range l.p.Requirements {
		r := &l.p.Requirements[i]
		for _, v := range r.Values {
			fast := v.Kind == "no food for" || v.Kind == "no food after" || v.Kind == "no liquid for" || v.Kind == "monitoring for"
			p, err := civil.ParsePeriod(v.Value)
			long, ok := p.Elapsed()
			if !fast || err != nil || !ok {
				continue
			}
			for k := range l.p.Phases {
				ph := &l.p.Phases[k]
				if r.Phase != "" && r.Phase != ph.Name || l.said(diag.OddFigure, r.Range) {
					continue
				}
				for _, c := range ph.Frequencies {
					minutes, ok := c.Frequency.Period()
					if apart := minutes / max(c.Frequency.PerDay(), 1); ok && !r.First && long.Minutes() >= float64(apart) {
						l.found.Add(diag.OddFigure, r.Range, "look at the unit, and at the frequency", "“%s: %s” is as long as the time from one dose of “%s” to the next (%s)", v.Kind, v.Value, ph.Name, c.Text)
					}
				}
			}
		}
	}
}

// lastDay returns how many days after the start the last dose of some phases is given, for whoever has it latest, and -1 where none
// is; nil is all phases.
func (l *linter) lastDay(of func(*schedule.PhaseInfo) bool) int {
	last := -1
	for _, s := range l.r.Calendars {
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind == schedule.Dose && (of == nil || of(&s.Phases[e.Phase])) {
				last = max(last, e.Date.Sub(s.Start))
			}
		}
	}
	return last
}

// longFill looks for a fill that lasts longer than all that there is to give.
func (l *linter) longFill() {
	s := &l.p.Supply
	if !s.Fill.IsSet() || l.goesOn() || len(l.r.Calendars) == 0 {
		return
	}
	longest := l.lastDay(nil) + 1
	if days := s.Fill.From(someDay, 1).Sub(someDay); longest > 0 && days > longest+7 {
		l.found.Add(diag.OddFigure, s.Range, "look at the unit of `fill`", "a fill lasts %v, and the last dose is given on day %d", s.Fill, longest)
	}
}

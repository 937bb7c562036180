// Package lint looks for what a protocol that is right in itself should still say, or says to
// no effect: a dose that nothing bounds, a limit that guards nothing, a window wider than the
// spacing, a tier that no phase uses, home doses without what their class calls for.
//
// Its findings are for the authors of protocol files. Each has a code that `doseplan explain`
// documents, and those that are warnings can be silenced in the file with a reason.
package lint

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/proof"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// Check applies every rule to a protocol without errors, to what its proof found, and to what is known of its medicines.
func Check(p *protocol.Protocol, r *proof.Result, known medicine.Table) diag.List {
	l := &linter{p: p, r: r, known: known}
	l.codes()
	l.asUsual()
	l.driving()
	l.home()
	l.unbounded()
	l.supply()
	l.unused()
	l.divisible()
	l.split()
	l.population()
	l.ranges()
	l.coarse()
	if !r.Found.HasErrors() {
		l.loose()
	}
	for _, s := range r.Calendars {
		l.windows(s)
		l.joins(s)
		l.tooOften(s)
		l.beginning(s)
		l.volumes(s)
		l.late(s)
		l.passedOver(s)
	}
	l.outOfReach(r.Calendars)
	l.afterTitration()
	l.undecided()
	l.neverMeasured()
	l.checkIns()
	l.partlyGated()
	l.idleGates()
	l.steps()
	l.slips()
	l.titles()
	l.figuresTitled()
	l.farOff()
	l.against()
	l.prose()
	l.rows()
	l.grownUp()
	l.infusions()
	l.tooMany()
	l.heaviest()
	l.misread()
	l.published()
	l.loosened()
	return l.found.Sort()
}

// joins repeats what a calendar says of the places where phases begin, which is the same for
// whoever follows the file.
func (l *linter) joins(s *schedule.Schedule) {
	for _, d := range s.Findings {
		if !l.said(d.Code, d.Range) && (d.Code == diag.OddJoin || d.Code == diag.EveningStart || d.Code == diag.LongInfusion || d.Code == diag.NoDoses || d.Code == diag.CannotMake) {
			l.found = append(l.found, d)
		}
	}
}

// said reports whether a place has a finding of a code already.
func (l *linter) said(code diag.Code, at diag.Range) bool {
	return slices.ContainsFunc(l.found, func(d diag.Diagnostic) bool { return d.Code == code && d.Range == at })
}

type linter struct {
	p     *protocol.Protocol
	r     *proof.Result
	known medicine.Table
	found diag.List
}

// medication returns the name of a phase's medicine.
func (l *linter) medication(ph *protocol.Phase) string { return l.p.Medications[ph.Medication].Name }

// requires reports whether every dose of a phase has a requirement of a kind.
func (l *linter) requires(ph *protocol.Phase, kind string) bool {
	return slices.ContainsFunc(l.p.Requirements, func(r protocol.Requirement) bool {
		return !r.First && (r.Phase == "" || r.Phase == ph.Name) && slices.Contains(r.Kinds, kind)
	})
}

// driving asks for the requirement on driving where the medicine is one that calls for it.
func (l *linter) driving() {
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		if l.known.Of(l.medication(ph)).Calls(medicine.NoDriving) && !l.requires(ph, "no driving until") {
			l.found.Add(diag.NoDrivingRule, ph.Range, "add `requirements: { each dose: { no driving until: the next day } }`", "the doses of “%s” say nothing of driving", ph.Name)
		}
	}
}

// home asks for what doses at home need: somebody who can be reached; for an intensive course
// also another adult and a cuff for blood pressure; and that what is given under direct
// observation only is not given at home at all.
func (l *linter) home() {
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		m := l.known.Of(l.medication(ph))
		if l.p.Setting != protocol.Home {
			if m.Calls(medicine.Company) && !l.requires(ph, "escort home") {
				l.found.Add(diag.HomeRequirement, ph.Range, "add `escort home: required` under `requirements: { each dose: … }`", "nobody is asked to see patients home after the doses of “%s”", ph.Name)
			}
			continue
		}
		if m.Calls(medicine.Observation) {
			l.found.Add(diag.HomeRequirement, ph.Range, "write `setting: clinic`", "%s is labelled for use under direct observation only, and “%s” is given at home", m.Name, ph.Name)
		}
		if !m.Calls(medicine.Company) {
			continue
		}
		needs := []string{"reachable contact"}
		if l.p.Model == protocol.Intensive {
			needs = append(needs, "sitter", "blood pressure cuff")
		}
		var missing []string
		for _, kind := range needs {
			if !l.requires(ph, kind) {
				missing = append(missing, "`"+kind+": required`")
			}
		}
		if len(missing) > 0 {
			l.found.Add(diag.HomeRequirement, ph.Range, "add them under `requirements: { each dose: … }`", "doses of “%s” are given at home without %s", ph.Name, strings.Join(missing, ", "))
		}
	}
}

// longInfusion asks about doses that take longer than the shortest interval from one to the next.
func (l *linter) longInfusion(m *protocol.Medication, over civil.Period, at diag.Range, which string) {
	if d, ok := over.Elapsed(); ok && m.Limits.Interval > 0 && d >= m.Limits.Interval {
		l.found.Add(diag.LongInfusion, at, "look at the unit of `over`", "a dose %s takes %v, no less than the shortest interval between two", which, over)
	} else if ok && l.p.Setting == protocol.Clinic && d > 24*time.Hour {
		l.found.Add(diag.LongInfusion, at, "look at the unit of `over`; or write `setting: home`, if a pump runs on there", "a dose %s takes %v at a clinic, more than a day", which, over)
	}
}

// unbounded asks for a largest single dose of every medicine, without which a slip of a
// decimal point in a dose goes unseen.
func (l *linter) unbounded() {
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		l.longInfusion(&l.p.Medications[ph.Medication], ph.Over, ph.OverAt, "of “"+ph.Name+"”")
		for _, r := range l.p.RoutesOf(ph) {
			l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				l.longInfusion(&l.p.Medications[ph.Medication], a.Over, a.Range, "of “"+ph.Name+"”")
			})
		}
	}
	for i := range l.p.Medications {
		m := &l.p.Medications[i]
		if l.known.Of(m.Name).Calls(medicine.Interval) && m.Limits.Interval == 0 && m.Limits.Apart == 0 && !l.givenOnce(i) {
			l.found.Add(diag.NoInterval, m.Range, "add `limits: { interval: … }` with the shortest time that the source leaves between two doses", "nothing keeps two doses of %s apart", m.Name)
		}
		for k := range m.Routes {
			l.longInfusion(m, m.Routes[k].Over, m.Routes[k].Range, "by the route “"+m.Routes[k].Name+"”")
		}
		if len(m.Limits.SingleDose) == 0 && !slices.ContainsFunc(m.Limits.OnDays, func(r protocol.OnDays) bool { return r.Days == 1 }) {
			l.found.Add(diag.NoSingleLimit, m.Range, "add `limits: { single dose: … }` with the largest dose that the source allows", "nothing bounds a single dose of %s", m.Name)
		}
	}
}

// someDay is a day to count lengths of time from, to compare them.
var someDay = civil.MustDate("2026-01-01")

// supply looks for fills that are sent before the one before them is begun.
func (l *linter) supply() {
	s := &l.p.Supply
	if s.Fill.IsSet() && s.Lead.IsSet() && s.Lead.From(someDay, 1).After(s.Fill.From(someDay, 1)) {
		l.found.Add(diag.WindowTooWide, s.Range, "look at the unit of `fill` and of `lead time`", "each fill lasts %v, and is sent %v before its first dose", s.Fill, s.Lead)
	}
	for i := range l.p.CheckIns {
		c := &l.p.CheckIns[i]
		if s.Fill.IsSet() && s.Lead.IsSet() && c.Before && len(c.Gates) > 0 && c.Within.IsSet() && s.Lead.From(someDay, 1).After(c.Within.From(someDay, 1)) {
			l.found.Add(diag.LateSupply, c.Range, "write a longer `within`, or a shorter `lead time`", "a fill takes %v, and the check-in “%s”, for which the first waits, is held within %v before the first dose", s.Lead, c.Name, c.Within)
		}
	}
}

// unused looks for medicines, routes and tiers that no dose can have.
func (l *linter) unused() {
	p := l.p
	for m := range p.Medications {
		med := &p.Medications[m]
		used := map[string]bool{}
		any := false
		for _, ph := range p.Rules() {
			if ph.Medication == m {
				any = true
				for _, r := range p.RoutesOf(ph) {
					used[r.Name] = true
				}
			}
		}
		if !any {
			l.found.Add(diag.Unused, med.Range, "add a phase with it, or remove it", "no phase gives %s", med.Name)
			continue
		}
		for _, r := range med.Routes {
			if !used[r.Name] {
				l.found.Add(diag.Unused, r.Range, "remove it, or name it in a phase", "no phase uses the route “%s”", r.Name)
			}
		}
	}
	for i := range p.Phases {
		ph := &p.Phases[i]
		if _, elapsed := ph.Starts.Offset.Elapsed(); elapsed && ph.Course.Doses == 1 && ph.Window(1) != (protocol.Window{}) {
			l.found.Add(diag.Unused, ph.Range, "count it in days, as `starts: 1 day after …`, if it may be moved; or leave the window out", "the window of “%s” is never used: its only dose is given %s, and not on another day", ph.Name, ph.Starts.Text)
		}
		l.cases(i, ph.Dose)
	}
	for i := range p.Tiers {
		if t := &p.Tiers[i]; !slices.ContainsFunc(p.Rules(), func(ph *protocol.Phase) bool { return usesTier(ph.Dose, t.Name) }) {
			l.found.Add(diag.Unused, t.Range, "write `dose: tier` in a phase, or remove the tier", "no dose depends on the tier “%s”", t.Name)
		}
	}
}

// lastOfCycle returns the last day of each cycle on which a phase gives a dose, where the file lists them, or 0.
func lastOfCycle(ph *protocol.Phase) (last int) {
	for _, c := range ph.Frequencies {
		if days := c.Frequency.Days(); c.Frequency.Kind() == frequency.Cycle && len(days) > 0 {
			last = max(last, slices.Max(days))
		} else {
			return 0
		}
	}
	return last
}

// cases looks for cases of the dose of a phase that never come: past its doses or its days, or on a day of the week on
// which none is given.
func (l *linter) cases(i int, dose protocol.Dose) {
	c, ok := dose.(*protocol.ByCase)
	if !ok {
		return
	}
	ph := &l.p.Phases[i]
	months, days, dated := ph.Course.Duration.Calendar()
	dated = dated && months == 0 && ph.Course.Duration.IsSet() && !(ph.GoesOn && (ph.Repeat > 1 || ph.Starts.Anchor == protocol.EachDose))
	what, last := "", 0 // the number of the last dose, day or week; 0 where that is not known
	switch {
	case c.By == protocol.ByDoseNumber:
		what, last = "dose", l.p.NumberedDoses(ph)
		if doses := paceOf(ph); last == 0 && dated && doses.IsSet() {
			last, _ = doses.Times(int64(days), 1).Add(quantity.New(999, 1000, quantity.None)).FloorTo(quantity.New(1, 1, quantity.None)).Int()
		}
	case c.By == protocol.ByCycleDay:
		what, last = "day", lastOfCycle(ph)
	case c.By == protocol.ByDay && dated:
		what, last = "day", l.p.FirstDay(i)+days-1
	case c.By == protocol.ByWeek && dated:
		what, last = "week", (days+6)/7
	}
	patients := l.bandsOf(ph, c)
	for at, k := range c.Cases {
		l.cases(i, k.Dose)
		if band := bandOf(c, at); c.By.Banded() && slices.ContainsFunc(patients, func(of protocol.Band) bool { return apart(band, of) }) {
			l.found.Add(diag.Unused, k.Range, "look at the population, and at whom the phase is for; or leave the case out", "no patient of the phase “%s” has the case “%s”", ph.Name, k.Text)
		}
		if n, ok := k.From.Int(); ok && last > 0 && n > last {
			help := "make the course longer, or leave the case out"
			if again := ph.Repeat > 1 || ph.Starts.Anchor == protocol.EachDose; again && c.By == protocol.ByDoseNumber && !ph.GoesOn {
				help = "each run begins again with dose 1: write `each run: goes on`, if the doses of all runs are counted; or leave the case out"
			}
			l.found.Add(diag.Unused, k.Range, help, "the last %s of the phase “%s” is %s %d, and the case begins with %s %d", what, ph.Name, what, last, what, n)
		}
		if c.By == protocol.ByWeekday && !k.Other && !ph.Movable() && !slices.ContainsFunc(ph.Frequencies, func(f protocol.Choice) bool { return fallsOn(f, k.Weekdays) }) {
			l.found.Add(diag.Unused, k.Range, "name days on which it is given", "no dose of “%s” falls on “%s”", ph.Name, k.Text)
		}
	}
}

// bandsOf returns the bands in which the patients of a phase lie, in what the cases of its dose go by.
func (l *linter) bandsOf(ph *protocol.Phase, c *protocol.ByCase) (list []protocol.Band) {
	bounded := func(b grammar.Bounded) {
		list = append(list, protocol.Band{Low: protocol.Edge{At: b.Min, Within: true}, High: protocol.Edge{At: b.Max, Within: true}})
	}
	some := ph.For
	if some == nil {
		some = &protocol.Subset{}
	}
	switch c.By {
	case protocol.ByAge:
		bounded(l.p.Population.Age)
		list = append(list, some.Age)
	case protocol.ByWeight:
		bounded(l.p.Population.Weight)
		list = append(list, some.Weight)
	case protocol.BySurface:
		bounded(l.p.Population.Surface)
	case protocol.ByMeasurement:
		if m, ok := l.p.Measurement(c.Of); ok {
			bounded(m.Within)
		}
		for _, b := range some.Measured {
			if b.Name == c.Of {
				list = append(list, b.Band)
			}
		}
	}
	return list
}

// bandOf returns the band of a case: up to where the next begins.
func bandOf(c *protocol.ByCase, at int) protocol.Band {
	k := &c.Cases[at]
	band := protocol.Band{Low: protocol.Edge{At: k.From, Within: !k.Above}, High: protocol.Edge{At: c.To, Within: c.ToWithin}}
	if at+1 < len(c.Cases) {
		next := &c.Cases[at+1]
		band.High = protocol.Edge{At: next.From, Within: next.Above}
	}
	return band
}

// apart reports whether no value lies in both of two bands.
func apart(a, b protocol.Band) bool {
	below := func(high, low protocol.Edge) bool {
		if !high.At.IsSet() || !low.At.IsSet() || !high.At.Unit().Comparable(low.At.Unit()) {
			return false
		}
		over := high.At.Cmp(low.At)
		return over < 0 || over == 0 && !(high.Within && low.Within)
	}
	return below(a.High, b.Low) || below(b.High, a.Low)
}

// fallsOn reports whether a dose can fall on one of some days of the week.
func fallsOn(f protocol.Choice, days [7]bool) bool {
	for day, in := range days {
		if in && f.Frequency.FallsOn(time.Weekday(day)) {
			return true
		}
	}
	return false
}

func usesTier(d protocol.Dose, name string) bool {
	switch d := d.(type) {
	case protocol.TierDose:
		return true
	case *protocol.ByCase:
		return slices.ContainsFunc(d.Cases, func(c protocol.Case) bool {
			return d.By == protocol.ByTier && slices.Contains(c.Names, name) || usesTier(c.Dose, name)
		})
	}
	return false
}

// split looks for a comma in a list of choices that was meant to part the days of one choice.
func (l *linter) split() {
	for i := range l.p.Phases {
		choices := l.p.Phases[i].Frequencies
		for k := 1; k < len(choices); k++ {
			a, b := choices[k-1].Frequency, choices[k].Frequency
			if a.Kind() == frequency.Weekdays && b.Kind() == frequency.Weekdays && !strings.Contains(a.String(), " ") {
				l.found.Add(diag.SplitDays, choices[k-1].Range, "write the days without brackets, or in quotes", "“%s” and “%s” are two choices here", choices[k-1].Text, choices[k].Text)
			}
		}
	}
}

var (
	adult, small        = quantity.New(16*12, 1, quantity.None), quantity.New(5*12, 1, quantity.None) // months
	light, child, heavy = quantity.New(25, 1, quantity.Kilogram), quantity.New(35, 1, quantity.Kilogram), quantity.New(90, 1, quantity.Kilogram)
	huge                = quantity.New(350, 1, quantity.Kilogram) // far above what any study of a dose took in
)

// population looks for weights that are not those of adults where the ages are, and for ages of small children where the
// weights are not theirs.
func (l *linter) population() {
	age, weight := l.p.Population.Age, l.p.Population.Weight
	if age.Min.IsSet() && age.Min.Cmp(small) < 0 && weight.Min.IsSet() && weight.Min.Cmp(child) >= 0 {
		l.found.Add(diag.OddPopulation, age.Range, "look at the unit of the ages, months or years", "the population is of %s, and its weights are %s", grammar.Bounded{Min: age.Min}.AgeWords(), weight)
	}
	if weight.Max.IsSet() && weight.Max.Cmp(huge) > 0 {
		l.found.Add(diag.OddPopulation, weight.Range, "look at the figure, and at its unit", "the population has weights up to %v, which nobody is known to be dosed at", weight.Max)
	}
	if grown := quantity.New(18*12, 1, quantity.None); age.Max.IsSet() && age.Max.Cmp(grown) >= 0 && weight.Max.IsSet() && weight.Max.Cmp(child) < 0 {
		l.found.Add(diag.OddPopulation, age.Range, "look at the unit of the ages, days or years", "the population is of %s, and its weights are %s", age.AgeWords(), weight)
	}
	if step := l.p.Surface.Round; step != nil && step.Step.IsSet() && step.Step.Cmp(quantity.MustParse("0.2 m2")) > 0 {
		l.found.Add(diag.CoarseRounding, l.p.Range, "round in smaller steps", "body surfaces are rounded in steps of %v", step.Step)
	}
	if !age.Min.IsSet() || age.Min.Cmp(adult) < 0 {
		return
	}
	if weight.Min.IsSet() && weight.Min.Cmp(light) < 0 || weight.Max.IsSet() && weight.Max.Cmp(heavy) < 0 {
		l.found.Add(diag.OddPopulation, weight.Range, "check the unit", "the population is of %s, and its weights are %s", grammar.Bounded{Min: age.Min}.AgeWords(), weight)
	}
}

// creatinines are the ends, by unit, past which nobody's creatinine lies: under that of small children, over all that was lived.
var creatinines = map[string][2]quantity.Amount{
	"mg/dL":  {quantity.New(1, 10, quantity.None), quantity.New(100, 1, quantity.None)},
	"umol/L": {quantity.New(8, 1, quantity.None), quantity.New(9000, 1, quantity.None)},
}

// ranges looks for a body mass index and a creatinine that nobody has.
func (l *linter) ranges() {
	outside := func(b grammar.Bounded, low, high quantity.Amount) bool {
		return b.Min.IsSet() && b.Min.Cmp(low.With(b.Min.Unit())) < 0 || b.Max.IsSet() && b.Max.Cmp(high.With(b.Max.Unit())) > 0
	}
	if bmi := l.p.Population.BMI; outside(bmi, quantity.New(8, 1, quantity.None), quantity.New(120, 1, quantity.None)) {
		l.found.Add(diag.OddPopulation, bmi.Range, "look at the figures", "the population has a body mass index of %s, which nobody has", bmi.Words(""))
	}
	for i := range l.p.Measurements {
		m := &l.p.Measurements[i]
		if ends, known := creatinines[strings.NewReplacer("µ", "u", "μ", "u").Replace(m.Unit)]; known && strings.EqualFold(m.Name, "creatinine") && outside(m.Within, ends[0], ends[1]) {
			l.found.Add(diag.OddPopulation, m.Range, "check the unit", "the population has a creatinine of %s, which nobody has", m.Within.Words(" "+m.Unit))
		}
	}
}

// coarse looks for rounding steps that are large beside the doses they round.
func (l *linter) coarse() {
	for _, ph := range l.p.Rules() {
		total := l.p.Any(ph.Dose, func(d protocol.Dose) bool { // whose maximum is that of the parts together
			a, ok := d.(*protocol.Amount)
			s, steps := d.(*protocol.Stepped)
			return ok && a.Divided != nil || steps && s.Start.Divided != nil
		})
		for _, r := range l.p.RoutesOf(ph) {
			l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				round := a.RoundedBy(&r)
				l.fine(a, round)
				if round != nil && !round.Exact && (a.Basis() == protocol.PerSurface || a.Basis() == protocol.PerWeight && a.Weight.Kind != protocol.Actual) {
					l.coarseAsGiven(ph, a, round, r.Name)
				}
				if round == nil || round.Exact || a.Basis() != protocol.PerWeight || a.Weight.Kind != protocol.Actual || !l.p.Population.Weight.Min.IsSet() {
					return
				}
				if a.Max.IsSet() && !total && protocol.BasisOf(a.Max) == protocol.Fixed && a.Max.Unit().Comparable(round.Step.Unit()) && !round.IsMultiple(a.Max) {
					l.found.Add(diag.CoarseRounding, a.Range, "write a maximum that can be measured out, or round in other steps", "no dose of “%s” by the route “%s” comes to its maximum of %v: they are multiples of %v, and none passes it", ph.Name, r.Name, a.Max, round.Step)
				}
				least := resolved(a.Quantity, l.p.Population.Weight.Min)
				if a.Min.IsSet() && protocol.BasisOf(a.Min) != protocol.PerSurface {
					least = quantity.Max(least, resolved(a.Min, l.p.Population.Weight.Min))
				}
				if round.Step.Cmp(least.Times(2, 5)) > 0 {
					l.found.Add(diag.CoarseRounding, a.Range, "round in smaller steps", "doses of “%s” by the route “%s” begin at %v, and are rounded in steps of %v", ph.Name, r.Name, least, round.Step)
				}
			})
		}
	}
}

// fine looks for steps in another unit than a dose, of which it has thousands: nobody measures out as finely.
func (l *linter) fine(a *protocol.Amount, round *quantity.Rounding) {
	const most = 4000
	if round == nil || round.Exact || !round.Step.IsSet() || a.Basis() != protocol.Fixed || !a.Quantity.Unit().Comparable(round.Step.Unit()) || a.Quantity.Unit() == round.Step.Unit() {
		return
	}
	if a.Quantity.Cmp(round.Step.Times(most, 1).In(a.Quantity.Unit())) > 0 {
		l.odd(a.Range, "look at the unit of the step", "a dose of %v is rounded in steps of %v, of which it has more than %d", a.Quantity, round.Step, most)
	}
}

// coarseAsGiven looks at the smallest dose as the proof has it, of amounts that follow from more than the weight.
func (l *linter) coarseAsGiven(ph *protocol.Phase, a *protocol.Amount, round *quantity.Rounding, route string) {
	for _, row := range l.r.Rows {
		if row.Phase == ph.Name && row.Route == route && row.Least.IsSet() && row.Least.Unit().Comparable(round.Step.Unit()) && round.Step.Cmp(row.Least.Times(2, 5)) > 0 && !l.said(diag.CoarseRounding, a.Range) {
			l.found.Add(diag.CoarseRounding, a.Range, "round in smaller steps", "doses of “%s” by the route “%s” begin at %v, and are rounded in steps of %v", ph.Name, route, row.Least, round.Step)
		}
	}
}

// loose looks for limits that nothing the protocol can do comes near: twice as much as the
// worst case, or a third of the shortest interval. They are often a slip of the keys.
func (l *linter) loose() {
	for i := range l.r.Closest {
		t := &l.r.Closest[i]
		switch {
		case t.Days > 0, t.Name == "in a lifetime", t.Name == string(limit.KeyGap): // of which nobody knows how far apart doses are, or what came before
		case t.Name == "interval":
			late, _ := l.p.Missed.Within.Elapsed()
			if 3*t.Shortest <= t.Apart-late+2*time.Hour && 2*t.Shortest < t.Apart { // what clocks may take away, and a dose that is taken late
				l.found.Add(diag.LooseLimit, t.At, "set the limit nearer to what is meant", "doses are never closer than %s, so that a shortest interval of %s guards nothing", hours(t.Apart.Hours()), hours(t.Shortest.Hours()))
			} else if far := 24 * time.Hour; t.Apart >= far && 10*t.Shortest <= t.Apart { // which a late dose alone comes near
				l.found.Add(diag.LooseLimit, t.At, "look at the unit; or set the limit nearer to what is meant", "doses are planned %s apart, and one that is taken late may have the next %s after it", hours(t.Apart.Hours()), hours(t.Shortest.Hours()))
			}
		case t.Name == "doses":
			if t.MostDoses >= 2*t.Doses && !l.open() {
				l.found.Add(diag.LooseLimit, t.At, "set the limit nearer to what is meant", "the course never has more than %s, so that a limit of %d guards nothing", civil.Plural(t.Doses, "dose"), t.MostDoses)
			}
		case t.Limit.Cmp(t.Amount.Times(2, 1)) >= 0:
			allowed, whom := t.Limit.String(), ""
			if t.Written.Unit().Per() != quantity.PerNothing {
				allowed = fmt.Sprintf("%v (%v)", t.Written, t.Limit.FloorTo(quantity.New(1, 1000, t.Limit.Unit())))
			}
			if t.Weight.IsSet() {
				whom = fmt.Sprintf(", at %v", t.Weight)
			}
			l.found.Add(diag.LooseLimit, t.At, "set the limit nearer to what is meant", "“%s” comes nearest to its limit with %v%s, so that a limit of %s guards nothing", t.Name, t.Amount, whom, allowed)
		}
	}
}

func hours(h float64) string {
	if whole := int(h); float64(whole) == h {
		return civil.Plural(whole, "hour")
	}
	return civil.PeriodOf(time.Duration(h * float64(time.Hour)).Round(time.Minute)).String()
}

// open reports whether the course has no end of its own.
func (l *linter) open() bool {
	return slices.ContainsFunc(l.r.Calendars, func(s *schedule.Schedule) bool {
		return slices.ContainsFunc(s.Phases, func(ph schedule.PhaseInfo) bool { return ph.Open })
	})
}

// windows looks for doses of one medicine whose windows meet, so that closed days could put
// both on one day, or the later before the earlier.
func (l *linter) windows(s *schedule.Schedule) {
	for before, e := range neighbours(s) {
		prior, ph := s.Phases[before.Phase].Phase, s.Phases[e.Phase].Phase
		if of, number, ok := l.p.CountsFrom(int(e.Phase)); ok && of == int(before.Phase) && (number <= 0 || number == int(before.Number)) {
			continue // it moves with that
		}
		ahead, back := prior.Window(int(before.Number)).After, ph.Window(int(e.Number)).Before
		apart := e.Target.Sub(before.Target)
		limits := &l.p.Medications[ph.Medication].Limits
		if kept := limits.Apart > 0 || limits.Interval >= 24*time.Hour; apart > 3 && !kept && before.Phase == e.Phase && s.Phases[e.Phase].Frequency.Frequency.Monthly() {
			apart -= 3 // as from 1 February to 1 March
		}
		if reach := ahead + back; apart == 0 || reach < apart {
			continue
		}
		at, moves, onto := ph, e, before
		if back == 0 {
			at, moves, onto = prior, before, e
		}
		if !l.said(diag.WindowTooWide, at.Range) {
			l.found.Add(diag.WindowTooWide, at.Range, "make the window narrower than the spacing", "%s dose %d may be moved on to the day of %s dose %d or past it: they are %s apart", s.PhaseName(moves), moves.Number, s.PhaseName(onto), onto.Number, civil.Plural(apart, "day"))
		}
	}
}

// neighbours yields each two doses of one medicine that follow each other.
func neighbours(s *schedule.Schedule) iter.Seq2[*schedule.Event, *schedule.Event] {
	return func(yield func(before, e *schedule.Event) bool) {
		last := make([]*schedule.Event, len(s.Protocol.Medications))
		for i := range s.Events {
			e := &s.Events[i]
			if e.Kind != schedule.Dose {
				continue
			}
			before := &last[s.Phases[e.Phase].Phase.Medication]
			if *before != nil && !yield(*before, e) {
				return
			}
			*before = e
		}
	}
}

// late looks for doses that may be taken so late that the next one is too near.
func (l *linter) late(s *schedule.Schedule) {
	m := &l.p.Missed
	within, ok := m.Within.Elapsed()
	if !ok || l.said(diag.LateTooNear, m.Range) {
		return
	}
	var worst nearby
	see := func(n nearby) {
		if n.least > 0 && n.apart >= n.least && n.apart-within < n.least && (worst.least == 0 || n.apart-n.least < worst.apart-worst.least) {
			worst = n
		}
	}
	for before, e := range neighbours(s) {
		see(nearby{s.Dose(before).Medication.Name, "the next", l.p.Medications[s.Phases[e.Phase].Phase.Medication].Limits.Interval, time.Duration(e.At-before.At) * time.Second})
	}
	for before, e := range neighbours(s) {
		l.lateOnDays(s, before, e, within)
	}
	for i := range s.Events {
		if s.Events[i].Kind == schedule.Dose {
			l.beside(s, i, within, see)
		}
	}
	if worst.least > 0 {
		help := fmt.Sprintf("write at most `take within: %v`", civil.PeriodOf(worst.apart-worst.least))
		if worst.apart == worst.least {
			help = "leave `take within` out, or move the doses apart"
		}
		comes := fmt.Sprintf("%v before %s", civil.PeriodOf(worst.apart-within), worst.other)
		if worst.apart <= within {
			comes = "not before " + worst.other
		}
		l.found.Add(diag.LateTooNear, m.Range, help, "a dose of %s that is taken %v late comes %s, sooner than the shortest time between the two, %v", worst.name, m.Within, comes, civil.PeriodOf(worst.least))
	}
}

// lateOnDays looks for a dose that may be taken so late that the next comes too few days of the calendar after it, or within
// half of a stretch whose total the two pass: a little late, the next waits in a course, and nobody means more.
func (l *linter) lateOnDays(s *schedule.Schedule, before, e *schedule.Event, within time.Duration) {
	if l.said(diag.LateTooNear, l.p.Missed.Range) {
		return
	}
	day, _ := s.Zone.DateClock(before.At + int64(within.Seconds()))
	planned, left := e.Date.Sub(before.Date), e.Date.Sub(day)
	limits := &l.p.Medications[s.Phases[e.Phase].Phase.Medication].Limits
	a, b := s.Dose(before).Amount, s.Dose(e).Amount
	together := func(total quantity.Amount) bool { // pass it
		return a.IsSet() && b.IsSet() && a.Unit().Comparable(b.Unit()) && total.Unit().Comparable(a.Unit()) && a.Add(b.In(a.Unit())).Cmp(total) > 0
	}
	least := 0
	if n := limits.Apart; n > 1 && planned >= n && left < n { // of a day, a dose after midnight is one of the evening before
		least = n
	}
	for _, r := range limits.OnDays {
		if planned >= r.Days && 2*left < r.Days && r.Days > 1 && together(r.Total) {
			least = max(least, r.Days)
		}
	}
	for _, r := range limits.Rolling {
		of, hours := time.Duration(e.At-before.At)*time.Second, limit.Elapsed(r.Within)
		if of >= hours && 2*(of-within) < hours && hours > 24*time.Hour && together(r.Total) {
			least = max(least, int(hours.Hours()+23)/24)
		}
	}
	if least > 0 {
		l.found.Add(diag.LateTooNear, l.p.Missed.Range, fmt.Sprintf("let it be taken less late, by at most %s", civil.Plural(max(planned-least, 0), "day")),
			"a dose of %s that is taken %v late comes %s before the next, and the limits leave %s between two", s.Dose(e).Medication.Name, l.p.Missed.Within, civil.Plural(max(left, 0), "day"), civil.Plural(least, "day"))
	}
}

// A nearby is how far a dose stands before another that must not come too soon after it.
type nearby struct {
	name, other  string
	least, apart time.Duration
}

// beside looks at the doses of other medicines that one can be taken too near to, where it is late.
func (l *linter) beside(s *schedule.Schedule, i int, within time.Duration, see func(nearby)) {
	e := &s.Events[i]
	mine := s.Phases[e.Phase].Phase.Medication
	for k := i + 1; k < len(s.Events); k++ {
		o := &s.Events[k]
		apart := time.Duration(o.At-e.At) * time.Second
		if apart > within+24*time.Hour {
			break
		}
		if o.Kind == schedule.Dose && s.Phases[o.Phase].Phase.Medication != mine {
			see(nearby{s.Dose(e).Medication.Name, "one of " + s.Dose(o).Medication.Name, l.p.Apart(mine, s.Phases[o.Phase].Phase.Medication), apart})
		}
	}
}

// checkIns looks for check-ins that never come, whatever is chosen.
func (l *linter) checkIns() {
	if len(l.r.Calendars) == 0 {
		return
	}
	for i := range l.p.CheckIns {
		c := &l.p.CheckIns[i]
		for k := range l.p.CheckIns {
			l.handOver(c, &l.p.CheckIns[k])
		}
		if months, days, ok := c.Every.Calendar(); ok && months == 0 && c.Window.Before+c.Window.After >= days && c.Window != (protocol.Window{}) {
			l.found.Add(diag.WindowTooWide, c.Range, "make the window narrower than the spacing", "the check-in “%s” comes every %v, and its window lets one pass the next", c.Name, c.Every)
		}
		if slices.ContainsFunc(l.r.Calendars, func(s *schedule.Schedule) bool {
			return slices.ContainsFunc(s.Events, func(e schedule.Event) bool {
				return (e.Kind == schedule.CheckIn || e.Kind == schedule.Observation) && s.CheckIn(&e).Name == c.Name
			})
		}) {
			continue
		}
		if len(c.Gates) == 0 && !l.goesOn() { // an open end is followed for some months alone; a gate that never comes is the proof's finding
			l.found.Add(diag.OutsideCourse, c.Range, "give it a day that the course has", "the check-in “%s” never comes", c.Name)
		}
	}
}

// handOver looks for a check-in that goes on where another ends, and leaves more time between the two than
// either between two of its own.
func (l *linter) handOver(a, b *protocol.CheckIn) {
	ofCourse := func(w *protocol.When) bool { return w.Dated() && w.Phase == "" && !w.Before }
	if !a.Every.IsSet() || !b.Every.IsSet() || !ofCourse(&a.Until) || !ofCourse(&b.From) ||
		a.Until.Text != b.From.Text && !slices.ContainsFunc(a.Measure, func(m string) bool { return slices.Contains(b.Measure, m) }) ||
		a.From.Anchor != protocol.NoAnchor && !ofCourse(&a.From) || len(a.During)+len(b.During) > 0 {
		return
	}
	longest, own, twice := 0, 0, true
	for _, text := range []string{"2026-01-31", "2026-03-02", "2026-08-31"} {
		day1 := civil.AnchorAt(civil.MustDate(text), l.p.ShortMonths)
		on := func(w *protocol.When) civil.Anchor {
			day := w.On(day1, l.p.CountFrom)
			if w.Offset.IsSet() {
				day = day.Add(w.Offset, 1)
			}
			return day
		}
		until, from, next := on(&a.Until), on(&a.From), on(&b.From)
		if apart := next.Date().Sub(until.Date()); apart < 0 || apart > 7 {
			return // they have nothing to do with each other
		}
		last := from
		for k := 1; ; k++ {
			at := from.Add(a.Every, a.Lengths(k))
			if at.Date().After(until.Date()) {
				break
			}
			own = max(own, at.Date().Sub(last.Date()))
			last = at
		}
		first, second := next.Add(b.Every, b.Lengths(1)), next.Add(b.Every, b.Lengths(2))
		own = max(own, first.Date().Sub(next.Date()), second.Date().Sub(first.Date()))
		longest = max(longest, first.Date().Sub(last.Date()))
		twice = twice && first.Date() == last.Date()
	}
	if twice && !l.said(diag.OddJoin, b.Range) {
		l.found.Add(diag.OddJoin, b.Range, "write `after` in the place of `from`, if the one goes on after the other", "the last “%s” and the first “%s” come on one day", a.Name, b.Name)
	}
	if longest > own && !l.said(diag.OddJoin, b.Range) {
		l.found.Add(diag.OddJoin, b.Range, "end the one and begin the other on a day on which the first comes, as `26 weeks after start` or `week 27`", "from the last “%s” to the first “%s” up to %s pass, more than either leaves between two of its own", a.Name, b.Name, civil.Plural(longest, "day"))
	}
}

// goesOn reports whether a course has an open end.
func (l *linter) goesOn() bool {
	return slices.ContainsFunc(l.p.Phases, func(ph protocol.Phase) bool { return ph.Course.Open() })
}

// steps looks for steps of a titration that no course is long enough to reach.
func (l *linter) steps() {
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		t := ph.Titration
		if t == nil {
			continue
		}
		steps := max(len(t.Tiers), len(t.Amounts)) - 1
		most, open, given := 0, len(l.r.Calendars) == 0, len(l.r.Calendars) == 0
		for _, s := range l.r.Calendars {
			at := phaseIn(s, ph.Name)
			if at < 0 {
				continue // of patients who do not have it
			}
			info := &s.Phases[at]
			open, given = open || info.Open, given || info.Doses > 0
			reviews, dosed := 0, false // a step is raised when there was a dose of the one before
			for k := range s.Events {
				e := &s.Events[k]
				dosed = dosed || e.Kind == schedule.Dose && s.Phases[e.Phase].Phase.Name == ph.Name
				if e.Kind == schedule.CheckIn && s.CheckIn(e).Name == t.Confirmed && dosed && e.Date.Before(info.End) {
					reviews++
				}
			}
			most = max(most, reviews)
		}
		if given && most < steps && (!open || most == 0) {
			l.found.Add(diag.NeverReached, t.Range, "leave out the last steps, or hold “"+t.Confirmed+"” more often", "the phase “%s” has %s of its titration, and “%s” comes %s in it", ph.Name, civil.Plural(steps+1, "step"), t.Confirmed, civil.Plural(most, "time"))
		}
	}
}

package protocol

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/body"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// check looks at what the parts of a protocol that is well formed mean together.
func (d *decoder) check(p *Protocol) {
	d.checkRoutes(p)
	d.checkTiers(p)
	for i := range p.Phases {
		ph := &p.Phases[i]
		d.checkFrequency(p, i)
		d.checkTotals(p, ph, p.FirstDay(i))
		d.checkEnd(p, ph)
		d.checkDoses(p, ph)
		d.checkDays(p, i, ph.Dose)
		d.checkSteps(p, ph.Dose, false, false)
		d.checkTitration(p, ph)
		d.checkStart(p, i)
	}
	for i := range p.Phases {
		ph := &p.Phases[i]
		if p.Missed.Then != Extend || ph.Course.Doses > 0 || ph.Course.Total.IsSet() || ph.Course.Open() || ph.Starts.Anchor == EachDose {
			continue
		}
		d.Add(diag.BadTime, ph.Course.Range, "write a number of doses; or `skip` or `shift` for missed doses", "one more dose is to be given at the end of a phase for each that is missed, and “%s” ends with its time", ph.Name)
	}
	for i := range p.AsNeeded {
		d.checkDoses(p, &p.AsNeeded[i].Rule)
		d.checkNeeded(p, &p.AsNeeded[i])
	}
	d.checkMeasured(p)
	d.fewGates(p)
	for i := range p.CheckIns {
		c := &p.CheckIns[i]
		if len(c.Around) > maxAround {
			d.Add(diag.BadTime, c.Range, "leave some out", "a dose is observed at most %d times, and “%s” names %d", maxAround, c.Name, len(c.Around))
		}
		days := []When{c.From, c.Until}
		if !c.EachDose {
			days = append(days, c.On...)
		}
		for _, w := range days {
			d.checkWhen(p, w)
		}
	}
	for i := range p.Medications {
		d.checkLimits(p, i)
		d.checkOneMedicine(p, i)
	}
	if p.Status == Published && !slices.ContainsFunc(p.Evidence, func(e Evidence) bool { return e.Cite != "" || e.Label != "" }) {
		d.Add(diag.NoEvidence, p.Range, "add `evidence:` with a citation or label, or write `status: template`", "the protocol is published and cites no source")
	}
}

// expand writes out what the file says in short, of all patients, before any part of them is looked at: what is counted
// from the end of doses, and check-ins that come with each dose.
func (d *decoder) expand(p *Protocol) {
	for i := range p.Phases {
		d.afterEnd(p, &p.Phases[i].Starts)
	}
	for i := range p.CheckIns {
		for k := range p.CheckIns[i].On {
			d.afterEnd(p, &p.CheckIns[i].On[k])
		}
		d.atEachDose(p, &p.CheckIns[i])
	}
}

// maxOccurrences bounds how many check-ins come with the doses of one phase.
const maxOccurrences = 10_000

// fewGates refuses a check-in too many that decides about the same doses, those that decide about the first dose counted in.
func (d *decoder) fewGates(p *Protocol) {
	lists, _ := p.Waits(func(int) bool { return false })
	for i, list := range lists {
		if len(list) <= MaxGates {
			continue
		}
		var names []string
		for _, k := range list {
			names = append(names, "“"+p.CheckIns[k].Name+"”")
		}
		last := &p.CheckIns[list[len(list)-1]]
		d.Add(diag.KeysExclude, last.Gates[0].Range, "write one check-in that measures what several do", "“%s” waits for %d check-ins at most, and %s decide about it", p.Phases[i].Name, MaxGates, strings.Join(names, ", "))
		return
	}
}

// The N of the anchor EachDose where it is the first dose of each cycle, or of each run, alone.
const (
	firstOfCycle = 1
	firstOfRun   = 2
)

// atEachDose writes the days of a check-in that comes at each dose of a phase, or at the first of each cycle or run, one by one.
func (d *decoder) atEachDose(p *Protocol, c *CheckIn) {
	k := slices.IndexFunc(c.On, func(w When) bool { return w.Anchor == EachDose })
	if k < 0 {
		return
	}
	w, numbers := c.On[k], []int{1}
	switch ph, ok := p.Phase(w.Phase); {
	case !ok: // which was said
	case len(c.On) > 1:
		d.Add(diag.KeysExclude, w.Range, "write two check-ins", "a check-in comes at each dose of a phase, or on days that are named")
	case w.N == 0:
		numbers = d.eachDose(p, ph, w)
	default:
		numbers = d.firstDoses(p, ph, w)
	}
	c.On, c.EachDose = nil, w.N == 0
	w.Anchor = DoseN
	for _, w.N = range numbers {
		c.On = append(c.On, w)
	}
}

// eachDose returns the numbers of all doses that a phase can have, at each of which w comes; the first alone where they cannot be told.
func (d *decoder) eachDose(p *Protocol, ph *Phase, w When) []int {
	n := p.MostDoses(ph)
	if p.Missed.Then == Extend {
		n *= 2 // as many again can be appended
	}
	switch {
	case n == 0:
		d.Add(diag.NeverReached, w.Range, "write `every` with the time between two doses", "nothing says how many doses “%s” has", ph.Name)
		n = 1
	case n > maxOccurrences:
		d.Add(diag.Unbounded, w.Range, "write `every` with the time between two doses", "“%s” can have %d doses, and a check-in comes with %d at most", ph.Name, n, maxOccurrences)
		n = 1
	}
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i + 1
	}
	return numbers
}

// firstDoses returns the numbers of the first doses of each cycle, or of each run, of a phase: w says which; the first alone
// where they cannot be told.
func (d *decoder) firstDoses(p *Protocol, ph *Phase, w When) []int {
	if len(ph.Frequencies) == 0 { // which was said
		return []int{1}
	}
	run, step := dosesOfRun(ph), dosesOfCycle(ph)
	if ph.Repeat > 1 && (w.N == firstOfRun || step == 0) {
		step = run
	}
	all := max(p.MostDoses(ph), run*ph.Repeat)
	refuse := func(code diag.Code, help, format string, args ...any) []int {
		d.Add(code, w.Range, help, format, args...)
		return []int{1}
	}
	const help = "write a day, and `every` with the length of a cycle, as: on: day 8, every: 3 weeks"
	switch first := firstDay(ph); {
	case first > 1 && strings.Contains(w.Text, "day 1 of each"):
		return refuse(diag.BadTime, "write `first dose of each`, if that day is meant, or a day, and `every` with the length of a cycle", "%s: “%s” has no dose on day 1 of its cycles or runs, and the first on day %d", onKey, ph.Name, first)
	case step == 0:
		return refuse(diag.NeverReached, help, "nothing says how many doses each cycle or run of “%s” has", ph.Name)
	case run == 0:
		return refuse(diag.NeverReached, help, "nothing says how many cycles “%s” has", ph.Name)
	case all/step > maxOccurrences:
		return refuse(diag.Unbounded, help, "“%s” can have %d cycles, and a check-in comes in %d at most", ph.Name, all/step, maxOccurrences)
	}
	var numbers []int
	for began := 0; began < all; began += run {
		for n := 0; n < run; n += step {
			numbers = append(numbers, began+n+1)
		}
	}
	return numbers
}

// firstDay returns the day of a cycle or list of days on which its first dose falls, or 0 where a phase has no such days.
func firstDay(ph *Phase) int {
	f := ph.Frequencies[0].Frequency
	if kind := f.Kind(); (kind == frequency.Cycle || kind == frequency.Listed) && len(f.Days()) > 0 {
		return f.Days()[0]
	}
	return 0
}

// DosesOfCycle returns how many doses each cycle of a phase has whose days are those of one, or each run of another that is
// repeated; 0 where that is not so many each time.
func DosesOfCycle(ph *Phase) int {
	if n := dosesOfCycle(ph); n > 0 || ph.Repeat <= 1 {
		return n
	}
	return dosesOfRun(ph)
}

// dosesOfRun returns how many doses a phase has each time that it runs, where the file says so, or 0.
func dosesOfRun(ph *Phase) int {
	if n := ownDoses(ph); n > 0 {
		return n
	}
	_, days, dated := ph.Course.Duration.Calendar()
	if !dated || !ph.Course.Dated() || len(ph.Frequencies) > 1 {
		return 0
	}
	f := ph.Frequencies[0].Frequency
	if length, ok := f.CycleLength(); ok && length > 0 {
		n := days / length * dosesOfCycle(ph)
		if rest := days % length; rest > 0 { // a cycle that is cut short
			for _, day := range f.CycleDays() {
				if day <= rest {
					n += max(f.PerDay(), 1)
				}
			}
		}
		return n
	}
	if minutes, ok := f.Period(); ok && (f.Kind() == frequency.Days || f.Kind() == frequency.Weeks) {
		return (days*24*60 + minutes - 1) / minutes * f.PerDay()
	}
	return 0
}

// dosesOfCycle returns how many doses each cycle of a phase has, by whichever frequency; 0 where its days are those of none.
func dosesOfCycle(ph *Phase) int {
	n := 0
	for i, c := range ph.Frequencies {
		doses := len(c.Frequency.CycleDays()) * max(c.Frequency.PerDay(), 1)
		if i > 0 && doses != n {
			return 0
		}
		n = doses
	}
	return n
}

// MostDoses returns how many doses a phase has at most by its plan, over all its runs, where the file says so, or 0: with
// the frequency it offers that has most.
func (p *Protocol) MostDoses(ph *Phase) int {
	n := ownDoses(ph)
	for k := 0; ph.Starts.Anchor == EachDose; k++ { // as many times as the doses that it goes with
		of, ok := p.Phase(ph.Starts.Phase)
		if !ok || k > len(p.Phases) {
			return 0
		}
		n, ph = n*ownDoses(of), of
	}
	return n * ph.Repeat
}

// NumberedDoses returns the highest number that a dose of a phase has in the cases of its dose, where the file says so, or 0:
// each run begins with dose 1, unless it goes on.
func (p *Protocol) NumberedDoses(ph *Phase) int {
	if ph.GoesOn {
		return p.MostDoses(ph)
	}
	return ownDoses(ph)
}

// ownDoses returns how many doses one run of a phase has at most, where the file says so, or 0.
func ownDoses(ph *Phase) int {
	n := ph.Course.Doses
	if n == 0 {
		for _, c := range ph.Frequencies {
			perDay := max(c.Frequency.PerDay(), 1)
			if days, ok := c.Frequency.Finite(); ok {
				n = max(n, days*perDay)
			} else {
				n = max(n, len(c.Frequency.CycleDays())*ph.Course.Cycles*perDay)
			}
		}
	}
	return n
}

// maxAround is how often a dose is observed at most: every five minutes for a day.
const maxAround = 288

// checkOneMedicine refuses one medicine under two names: no limit would count the doses of both.
func (d *decoder) checkOneMedicine(p *Protocol, i int) {
	m := &p.Medications[i]
	for k := range p.Medications[:i] {
		if o := &p.Medications[k]; strings.EqualFold(o.Name, m.Name) || o.RxNorm != "" && o.RxNorm == m.RxNorm {
			d.Add(diag.MedicineCode, m.Range, "write one medicine with several routes", "“%s” and “%s” are one medicine, and no limit would count the doses of both", o.Name, m.Name)
		}
	}
}

func (d *decoder) checkRoutes(p *Protocol) {
	for _, m := range p.Medications {
		if len(m.Routes) == 0 {
			d.Add(diag.MissingKey, m.Range, "add `routes: { oral: { round: 5 mg } }`", "the medication “%s” has no route", m.Name)
		}
		for _, r := range m.Routes {
			if r.Round != nil && !r.Round.Exact && r.Round.Step.Unit().Dimension() == quantity.Volume && !r.Concentration.IsSet() && slices.ContainsFunc(r.Strengths, func(a quantity.Amount) bool { return a.Unit().Dimension() == quantity.Mass }) {
				d.Add(diag.LimitUnit, r.Range, "add `concentration: … mg/mL`", "the route “%s” rounds in mL without a concentration", r.Name)
			}
			d.checkCounted(p, &m, &r)
			for _, s := range r.Strengths {
				if r.Round != nil && r.Round.Fits(s.Unit()) && !r.Round.IsMultiple(s) {
					d.Add(diag.NotDispensable, r.Range, "choose a step that divides every strength", "the strength %v is not a multiple of the step of %v", s, r.Round.Step)
				}
			}
		}
	}
}

// checkCounted refuses doses that are counted in units, as 3 tablets, of a route whose strengths say what each holds: of
// which strength they are, and how much they come to, is said nowhere.
func (d *decoder) checkCounted(p *Protocol, m *Medication, r *Route) {
	for _, ph := range p.Rules() {
		if p.Medications[ph.Medication].Name != m.Name || !slices.ContainsFunc(p.RoutesOf(ph), func(of Route) bool { return of.Name == r.Name }) {
			continue
		}
		p.Amounts(ph, r.Name, func(a *Amount) {
			unit := a.Quantity.Unit().WithPer(quantity.PerNothing)
			for _, s := range r.Strengths {
				if unit.Dimension() == quantity.Count && !s.Unit().Comparable(unit) && s.Unit().Dimension() == quantity.Mass {
					d.Add(diag.LimitUnit, a.Range, fmt.Sprintf("write the amount, in %v: how many %s make it up is worked out", s.Unit(), unit), "a dose of %v does not say of which strength, and the route “%s” has %v", a.Quantity, r.Name, s)
					return
				}
			}
		})
	}
}

// RouteOf returns a route as a phase is given by it, which can take a time of its own. ok is false where its
// medicine has no such route.
func (p *Protocol) RouteOf(ph *Phase, name string) (r *Route, ok bool) {
	if r, ok = p.Medications[ph.Medication].Route(name); ok {
		r = r.Taking(ph.Over)
	}
	return r, ok
}

// Taking returns the route where giving a dose takes another time; an unset one is the route's own.
func (r *Route) Taking(over civil.Period) *Route {
	if !over.IsSet() {
		return r
	}
	own := *r
	own.Over = over
	return &own
}

// Longest returns the longest time that giving a dose of a phase by a route takes; unset where nothing says it.
func (p *Protocol) Longest(ph *Phase, name string) civil.Period {
	of, ok := p.RouteOf(ph, name)
	if !ok {
		return civil.Period{}
	}
	var longest civil.Period
	p.Amounts(ph, name, func(a *Amount) {
		over := of.Taking(a.Over).Over
		if x, _ := over.Elapsed(); x > elapsedOf(longest) {
			longest = over
		}
	})
	return longest
}

// RoutesOf returns the routes that a phase can be given by.
func (p *Protocol) RoutesOf(ph *Phase) []Route {
	m := &p.Medications[ph.Medication]
	if ph.Route == "" {
		return m.Routes
	}
	if r, ok := m.Route(ph.Route); ok {
		return []Route{*r}
	}
	return nil
}

// Amounts calls visit for every amount that a phase's dose can come to by a route.
func (p *Protocol) Amounts(ph *Phase, route string, visit func(*Amount)) {
	p.amounts(ph, ph.Dose, route, func(a *Amount, _ bool) { visit(a) }, func(string) {})
}

// UsesSurface reports whether a dose or a limit is per m2.
func (p *Protocol) UsesSurface() bool {
	uses := slices.ContainsFunc(p.Phases, func(ph Phase) bool { return ph.Course.Total.IsSet() && BasisOf(ph.Course.Total) == PerSurface })
	for _, ph := range p.Rules() {
		for _, r := range p.RoutesOf(ph) {
			p.Amounts(ph, r.Name, func(a *Amount) {
				uses = uses || slices.ContainsFunc(a.Rates(), func(q quantity.Amount) bool { return BasisOf(q) == PerSurface })
			})
		}
	}
	for _, ph := range p.Rules() {
		uses = uses || p.Follows(ph.Dose, BySurface)
	}
	for i := range p.Medications {
		uses = uses || slices.ContainsFunc(p.Medications[i].Limits.Bounds(), func(b Bound) bool { return BasisOf(b.Amount) == PerSurface })
	}
	return uses
}

// surfaces returns the body surfaces of the population, where its weights and heights say them.
func (p *Protocol) surfaces() grammar.Bounded {
	w, h := &p.Population.Weight, &p.Population.Height
	if p.Surface.Formula == body.Stated {
		return p.Population.Surface
	}
	if !w.Min.IsSet() || !w.Max.IsSet() || !h.Min.IsSet() || !h.Max.IsSet() {
		return grammar.Bounded{}
	}
	low, err := p.Surface.Final(p.Surface.Of(w.Min, h.Min))
	high, err2 := p.Surface.Final(p.Surface.Of(w.Max, h.Max))
	if err != nil || err2 != nil {
		return grammar.Bounded{}
	}
	return grammar.Bounded{Min: low, Max: high, Range: w.Range}
}

// amounts calls visit for every amount that a dose can come to by a route, with whether it is
// one from which shares are computed. A dose that has no case for the route calls missing.
func (p *Protocol) amounts(ph *Phase, dose Dose, route string, visit func(a *Amount, shares bool), missing func(what string)) {
	switch dose := dose.(type) {
	case *Amount:
		for _, a := range ph.parts(dose) {
			visit(a, false)
		}
	case *Stepped:
		for _, total := range dose.Amounts() {
			for _, a := range ph.parts(total) {
				visit(a, dose.Change.Unit() == quantity.Percent)
			}
		}
	case *Measured:
		for _, a := range dose.ends(p) {
			visit(a, true)
		}
	case *ByCase:
		found := false
		for _, c := range dose.Cases {
			if dose.By == ByRoute && !slices.Contains(c.Names, route) {
				continue
			}
			found = true
			p.amounts(ph, c.Dose, route, visit, missing)
		}
		if !found {
			missing("`by route`")
		}
		if dose.By == ByFrequency {
			for _, f := range ph.Frequencies {
				if !slices.ContainsFunc(dose.Cases, func(c Case) bool { return slices.Contains(c.Names, f.Frequency.String()) }) {
					missing("`by frequency` for “" + f.Text + "”")
				}
			}
		}
		if dose.By == ByTier {
			for _, t := range p.Tiers {
				if !slices.ContainsFunc(dose.Cases, func(c Case) bool { return slices.Contains(c.Names, t.Name) }) {
					missing("`by tier` for the tier “" + t.Name + "”")
				}
			}
		}
	case TierDose:
		for i := range p.Tiers {
			t := &p.Tiers[i]
			if td, ok := t.Dose(route); ok {
				p.amounts(ph, td, route, visit, missing)
			} else {
				missing("the tier “" + t.Name + "”")
			}
		}
	case TitrationDose:
		if ph.Titration != nil {
			for _, a := range ph.Titration.Amounts {
				visit(a, false)
			}
		}
	}
}

// parts returns the amounts that doses of a phase come to, where an amount may be a total: one for each frequency
// that divides it otherwise, and the total itself where one dose has what the others leave.
func (ph *Phase) parts(a *Amount) []*Amount {
	if a.Divided == nil {
		return []*Amount{a}
	}
	var list []*Amount
	var seen []int
	for _, c := range ph.Frequencies {
		if n, ok := a.Divided.Among(c.Frequency); ok && !slices.Contains(seen, n) {
			seen, list = append(seen, n), append(list, a.Part(n))
		}
	}
	if a.Divided.Larger != nil {
		return []*Amount{a.Part(1)}
	}
	return list
}

// divisions calls visit for every division of a total in a dose.
func (p *Protocol) divisions(d Dose, visit func(a *Amount)) {
	total := func(a *Amount) {
		if a != nil && a.Divided != nil {
			visit(a)
		}
	}
	switch d := d.(type) {
	case *Amount:
		total(d)
	case *Stepped:
		total(d.Start)
	case *ByCase:
		for _, c := range d.Cases {
			p.divisions(c.Dose, visit)
		}
	case TierDose:
		for i := range p.Tiers {
			for _, dose := range p.Tiers[i].Doses {
				p.divisions(dose, visit)
			}
		}
	}
}

// ByFrequency reports whether the doses of a phase follow from how often it is given: where they are parts of a
// total, or cases by its frequency.
func (p *Protocol) ByFrequency(ph *Phase) bool {
	follows := p.Follows(ph.Dose, ByFrequency)
	p.divisions(ph.Dose, func(*Amount) { follows = true })
	return follows
}

// checkEnd looks at a total or a criterion that ends a phase.
func (d *decoder) checkEnd(p *Protocol, ph *Phase) {
	if ph.Course.Until.Anchor != NoAnchor {
		d.checkWhen(p, ph.Course.Until)
		if ph.Course.Timed() && ph.Movable() {
			d.Add(diag.KeysExclude, ph.Course.Range, "leave the window out, or end it with a day", "the phase “%s” ends at a time, and its doses can be moved by days", ph.Name)
		}
	}
	total, met := ph.Course.Total, ph.Course.Met
	if i := slices.IndexFunc(p.CheckIns, func(c CheckIn) bool { return c.Name == met }); met != "" && i < 0 {
		var names []string
		for _, c := range p.CheckIns {
			names = append(names, c.Name)
		}
		d.Add(diag.UnknownName, ph.Course.Range, diag.DidYouMean(met, names), "no check-in is called “%s”", met)
	} else if met != "" && p.CheckIns[i].Criterion == "" {
		d.Add(diag.MissingKey, p.CheckIns[i].Range, "add `criterion: …`, in the source's words", "the phase “%s” lasts until “%s” is met, and that check-in has no criterion", ph.Name, met)
	}
	if met != "" && ph.Repeat > 1 {
		d.Add(diag.KeysExclude, ph.Course.Range, "write the phase once", "the phase “%s” ends once “%s” is met, and nothing says what becomes of its other runs", ph.Name, met)
	}
	if !total.IsSet() {
		return
	}
	if finite(ph) {
		d.Add(diag.BadTime, ph.Course.Range, "write a frequency that goes on, as daily", "“%s” ends by itself, and no total can", ph.Frequencies[0].Text)
	}
	i := slices.IndexFunc(p.Phases, func(o Phase) bool { return o.Name == ph.Name })
	for k := range p.Phases {
		if o := &p.Phases[k]; k != i && o.Medication == ph.Medication && !p.Succeeds(i, k) && !p.Succeeds(k, i) {
			d.Add(diag.KeysExclude, ph.Course.Range, "let one follow the other", "“%s” gives the same medicine beside “%s”, which ends with a total: nothing says whether its doses count", o.Name, ph.Name)
		}
	}
	if ph.Repeat > 1 {
		d.Add(diag.KeysExclude, ph.Course.Range, "write the phase once", "the phase “%s” ends with a total, and nothing would be left of it for another run", ph.Name)
	}
	for _, r := range p.RoutesOf(ph) {
		p.Amounts(ph, r.Name, func(a *Amount) {
			if unit := a.Quantity.Unit().WithPer(quantity.PerNothing); !total.Unit().WithPer(quantity.PerNothing).Comparable(unit) {
				d.Add(diag.LimitUnit, ph.Course.Range, "give the total in "+unit.String(), "a total in %v cannot be compared with a dose in %v", total.Unit(), unit)
			}
		})
	}
}

// checkCut refuses a total that stands in a case which has only some of the doses among which it is divided: its doses
// would come to a part of it.
func (d *decoder) checkCut(p *Protocol, ph *Phase, first int, dose Dose) {
	by, ok := dose.(*ByCase)
	if !ok {
		return
	}
	for i := range by.Cases {
		k := &by.Cases[i]
		from, _ := k.From.Int()
		p.divisions(k.Dose, func(a *Amount) {
			v, cut := a.Divided, false
			switch by.By {
			case ByTime:
				cut = true
			case ByWeekday, ByCycleDay:
				cut = v.Week
			case ByDay:
				cut = v.Week && i > 0 && (from-first)%7 != 0
			case ByDoseNumber:
				cut = i > 0 && slices.ContainsFunc(ph.Frequencies, func(c Choice) bool {
					n, ok := v.Among(c.Frequency)
					return ok && (from-1)%n != 0
				})
			}
			if cut {
				d.Add(diag.BadDose, v.Range, "write the amount of one dose in each case", "a total of %v is divided among all of its doses, and the case “%s” has only some of them", v, k.Text)
			}
		})
		d.checkCut(p, ph, first, k.Dose)
	}
}

// checkTotals looks at whether the frequencies of a phase say how a total is divided.
func (d *decoder) checkTotals(p *Protocol, ph *Phase, first int) {
	d.checkCut(p, ph, first, ph.Dose)
	p.divisions(ph.Dose, func(a *Amount) {
		v := a.Divided
		for _, c := range ph.Frequencies {
			n, ok := v.Among(c.Frequency)
			switch {
			case !ok:
				d.Add(diag.BadDose, v.Range, "write the amount of one dose, or another frequency", "“%s” does not say among how many doses a total of %v is divided", c.Text, v)
			case v.Larger != nil && n < 2:
				d.Add(diag.KeysExclude, v.Range, "leave `larger part` out", "“%s” gives one dose a day, which has all of the total", c.Text)
			case v.cut(&ph.Course, n):
				d.Add(diag.BadDose, v.Range, "write the amount of one dose", "a total of %v is divided among the %d doses that “%s” gives in it, and “%s” ends before that, after %v: its doses would be a part of the total", v, n, c.Text, ph.Name, &ph.Course)
			case n > 1 && ph.Course.Doses%n != 0:
				d.Add(diag.BadDose, v.Range, "write the amount of one dose, if the last are to have the whole of a total", "the course of “%[2]s” ends within a total of %[3]v, which is divided among %[4]d: its end, %[1]s, is a part of it", plural(ph.Course.Doses%n, "dose"), ph.Name, v, n).Severity = diag.Warning
			}
		}
		if v.Larger != nil && len(ph.TimesOn) > 0 {
			d.Add(diag.TimesMismatch, v.Range, "write a phase for each kind of day", "a larger part cannot follow times that differ by the day of the week")
		} else if v.Larger != nil && !ph.hasTime(*v.Larger) {
			d.Add(diag.UnknownName, v.Range, "give the phase its `times`, and name one of them", "the phase “%s” has no time %v, at which the larger part would be given", ph.Name, v.Larger)
		}
	})
}

// cut reports whether a course ends before the first day, or week, that has n doses is over: its doses would come to a part of
// the total.
func (v *Division) cut(c *Course, n int) bool {
	months, days, ok := c.Duration.Calendar()
	return c.Doses > 0 && c.Doses < n || v.Week && ok && months == 0 && days > 0 && days < 7
}

func (d *decoder) checkDoses(p *Protocol, ph *Phase) {
	routes := p.RoutesOf(ph)
	if len(routes) == 0 && ph.Route != "" {
		d.Add(diag.UnknownName, ph.Range, "", "the medication “%s” has no route “%s”", p.Medications[ph.Medication].Name, ph.Route)
	}
	for _, r := range routes {
		unrounded := map[diag.Range]bool{} // both ends of a range stand in one place
		p.amounts(ph, ph.Dose, r.Name, func(a *Amount, percent bool) {
			round := a.RoundedBy(&r)
			plain := a.Quantity.Unit().WithPer(quantity.PerNothing)
			switch {
			case round == nil:
				if (len(a.Rates()) > 0 || percent) && !unrounded[a.Range] {
					unrounded[a.Range] = true
					d.Add(diag.NoRounding, a.Range, "add `round: 1 "+plain.String()+"` to the route “"+r.Name+"” or to the dose", "the dose %v is computed, and nothing says what can be measured out", a.Quantity)
				} else {
					d.checkMakes(a, &r)
				}
			case !round.Fits(plain):
				d.Add(diag.LimitUnit, a.Range, "", "a dose in %v cannot be rounded in steps of %v (route “%s”)", plain, round.Step, r.Name)
			case a.Basis() == Fixed && !percent && !round.IsMultiple(a.Quantity):
				d.Add(diag.NotDispensable, a.Range, "write a multiple, or change the step", "the dose %v is not a multiple of %v, the step of the route “%s”", a.Quantity, round.Step, r.Name)
			}
		}, func(what string) {
			d.Add(diag.UnknownName, ph.Range, "add it, or remove the route or tier", "in the phase “%s”, %s has no dose by the route “%s”", ph.Name, what, r.Name)
		})
	}
	d.checkCases(p, ph, ph.Dose)
}

// checkCases looks for patients and doses that no case covers.
func (d *decoder) checkCases(p *Protocol, ph *Phase, dose Dose) {
	c, ok := p.Plain(dose).(*ByCase)
	if !ok {
		return
	}
	switch c.By {
	case ByAge:
		d.uncovered(c, p.Population.Age, "age")
	case ByWeight:
		d.uncovered(c, p.Population.Weight, "weight")
	case BySurface:
		d.uncovered(c, p.surfaces(), "body surface")
	case ByMeasurement:
		if m, ok := p.Measurement(c.Of); ok {
			d.uncovered(c, m.counted(), m.Name)
		}
	case ByTime:
		for _, k := range c.Cases {
			if !ph.hasTime(k.Time) {
				d.Add(diag.TimesMismatch, k.Range, "name one of the phase's `times`, or give it these", "the phase “%s” has no dose at %v", ph.Name, k.Time)
			}
		}
		for _, f := range ph.Frequencies {
			for _, t := range ph.TimesOf(f.Frequency) {
				if !slices.ContainsFunc(c.Cases, func(k Case) bool { return k.Time == t }) {
					d.Add(diag.TimesMismatch, c.Range, "add a case for it", "the dose at %v has no amount", t)
				}
			}
		}
	case ByWeekday:
		days := map[int]bool{}
		for _, k := range c.Cases {
			for day, on := range k.Weekdays {
				days[day] = days[day] || on || k.Other
			}
		}
		if len(days) > 0 {
			for day := range 7 {
				if !days[day] && ph.fallsOn(time.Weekday(day)) {
					d.Add(diag.BadDose, c.Range, "add the case `other`", "no case gives the dose of a %v, to which the phase can come by its frequency and its start", time.Weekday(day))
					break
				}
			}
		}
	}
	for _, k := range c.Cases {
		d.checkCases(p, ph, k.Dose)
	}
}

// fallsOn reports whether a dose of the phase can be meant for a day of the week. Closed days do not change that:
// a dose that they move keeps the amount of its own day.
func (ph *Phase) fallsOn(day time.Weekday) bool {
	return slices.ContainsFunc(ph.Frequencies, func(c Choice) bool { return c.Frequency.FallsOn(day) })
}

func (d *decoder) checkTiers(p *Protocol) {
	for i := 1; i < len(p.Tiers); i++ {
		lower, upper := &p.Tiers[i-1], &p.Tiers[i]
		for _, r := range append([]string{""}, p.routeNames()...) {
			d.sharesRise(lower, upper, r)
			pairs := alongBands(lower.Doses[r], upper.Doses[r])
			for _, pair := range pairs {
				a, b := pair[0], pair[1]
				if !a.Quantity.Unit().Comparable(b.Quantity.Unit()) {
					continue
				}
				over := b.Quantity.Cmp(a.Quantity)
				if over > 0 || over == 0 && len(pairs) > 2 { // of some patients two tiers may be one
					continue
				}
				by := ""
				if r != "" {
					by = " by the route “" + r + "”"
				}
				f := d.Add(diag.TiersNotRising, b.Range, "list the tiers from the lowest to the highest", "the tier “%s”%s is %v, not more than the %v of “%s” before it", upper.Name, by, b.Quantity, a.Quantity, lower.Name)
				f.Related = []diag.Related{{Range: a.Range, Message: fmt.Sprintf("“%s” is %v", lower.Name, a.Quantity)}}
				break
			}
		}
	}
}

// sharesRise wants of two tiers that rise with one measurement that the upper rises more.
func (d *decoder) sharesRise(lower, upper *Tier, route string) {
	a, first := lower.Doses[route].(*Measured)
	b, second := upper.Doses[route].(*Measured)
	if !first || !second || a.Of != b.Of || a.AUC.IsSet() != b.AUC.IsSet() {
		return
	}
	x, y := a.Share, b.Share
	if a.AUC.IsSet() {
		x, y = a.AUC, b.AUC
	}
	if y.Cmp(x) <= 0 {
		f := d.Add(diag.TiersNotRising, b.like.Range, "list the tiers from the lowest to the highest", "the tier “%s” is %v of “%s”, not more than the %v of “%s” before it", upper.Name, y, b.Of, x, lower.Name)
		f.Related = []diag.Related{{Range: a.like.Range, Message: fmt.Sprintf("“%s” is %v", lower.Name, x)}}
	}
}

// alongBands returns the amounts that two doses have for the same patients: each an amount, or bands of one value.
func alongBands(a, b Dose) (pairs [][2]*Amount) {
	bands := func(d Dose) *ByCase {
		if c, ok := d.(*ByCase); ok && c.By.Banded() {
			return c
		}
		return nil
	}
	x, y := bands(a), bands(b)
	if x != nil && y != nil && (x.By != y.By || x.Of != y.Of) {
		return nil
	}
	var values []quantity.Amount
	for _, c := range []*ByCase{x, y} {
		if c == nil {
			continue
		}
		for _, k := range c.Cases {
			values = append(values, k.From)
		}
	}
	if len(values) == 0 {
		values = []quantity.Amount{{}}
	}
	for _, v := range values {
		for _, past := range []bool{false, true} { // at the figure, and above it
			if low, high := caseAt(a, v, past), caseAt(b, v, past); low != nil && high != nil {
				pairs = append(pairs, [2]*Amount{low, high})
			}
		}
	}
	return pairs
}

// caseAt returns the amount that a dose has at a value of the patient, or just past it; an unset value lies below every
// figure. It is nil where the dose is not an amount there.
func caseAt(d Dose, v quantity.Amount, past bool) *Amount {
	c, ok := d.(*ByCase)
	if !ok {
		a, _ := d.(*Amount)
		return a
	}
	if !c.By.Banded() {
		return nil
	}
	var at *Amount
	for _, k := range c.Cases {
		if k.From.IsSet() && (!v.IsSet() || k.From.Cmp(v) > 0 || k.From.Cmp(v) == 0 && k.Above && !past) {
			break
		}
		at, _ = k.Dose.(*Amount)
	}
	return at
}

// checkDays wants the first case of a dose by day to be the first day of the phase.
func (d *decoder) checkDays(p *Protocol, i int, dose Dose) {
	c, ok := p.Plain(dose).(*ByCase)
	if !ok {
		return
	}
	first := p.FirstDay(i)
	if n, _ := c.Cases[0].From.Int(); c.By == ByDay && n != first {
		d.Add(diag.BadDose, c.Cases[0].Range, fmt.Sprintf("begin with `from %d`", first), "the first day of the phase “%s” is day %d, and the cases begin with day %d", p.Phases[i].Name, first, n)
	}
	if c.By == ByDay {
		d.checkNumbered(p, i)
	}
	if c.By == ByWeek && first != 1 {
		d.Add(diag.BadDose, c.Cases[0].Range, "write the cases by day", "weeks can be read in two ways where days count from %d", first)
	}
	if c.By == ByCycleDay && slices.ContainsFunc(p.Phases[i].Frequencies, func(f Choice) bool { _, ok := f.Frequency.CycleLength(); return !ok }) {
		d.Add(diag.BadDose, c.Range, "write the cases by day", "the frequency of “%s” has no cycles", p.Phases[i].Name)
	}
	for _, k := range c.Cases {
		d.checkDays(p, i, k.Dose)
	}
}

// checkNumbered refuses a phase that names its own days and begins on day 1 of the course, where the
// course counts from another number, unless its start says so.
func (d *decoder) checkNumbered(p *Protocol, i int) {
	if p.CountFrom == 1 || p.FirstDay(i) != 1 {
		return
	}
	w := &p.Phases[i].Starts
	after := p.StartsAfter(i)
	same := w.Anchor == DoseN && w.N == 1 && after >= 0 && p.FirstDay(after) == p.CountFrom
	if _, days, ok := w.Offset.Calendar(); ok && w.Phase == "" && (w.Anchor == StartOf || w.Anchor == DayN) {
		if w.Anchor == DayN {
			days = w.N - p.CountFrom + w.Sign()*days
		}
		same = days == 0 && !w.First.Set
	} else if w.Offset.IsSet() {
		same = false
	}
	if same {
		d.Add(diag.OutsideCourse, p.Phases[i].Range, fmt.Sprintf("write `starts: start` if its days count from %d, or leave `count from` out", p.CountFrom), "the phase “%s” begins with the course, whose days count from %d, and its own days could be read in two ways", p.Phases[i].Name, p.CountFrom)
	}
}

// checkSteps refuses steps that count something whose number is not known where they begin:
// days from a dose of a number, or doses from a day.
func (d *decoder) checkSteps(p *Protocol, dose Dose, inDays, inDoses bool) {
	switch dose := p.Plain(dose).(type) {
	case *Stepped:
		if dose.Doses > 0 && inDays {
			d.Add(diag.BadDose, dose.Range, "write `every` in days, or the cases by dose", "the steps count doses, and begin on a day of which nobody knows the dose")
		}
		if dose.Doses == 0 && inDoses {
			d.Add(diag.BadDose, dose.Range, "write `every` in doses, or the cases by day", "the steps count days, and begin with a dose of which nobody knows the day")
		}
	case *ByCase:
		for i, k := range dose.Cases {
			if s, ok := k.Dose.(*Stepped); ok && s.Doses > 0 && (dose.By == ByWeekday || dose.By == ByTime || dose.By == ByCycleDay) {
				d.Add(diag.BadDose, s.Range, "write a phase for each, or `every` in days", "the steps count doses, and it is not said whether those of the other cases count")
			}
			d.checkSteps(p, k.Dose, inDays || i > 0 && (dose.By == ByDay || dose.By == ByWeek), inDoses || i > 0 && dose.By == ByDoseNumber)
		}
	}
}

func (d *decoder) checkFrequency(p *Protocol, i int) {
	ph := &p.Phases[i]
	first := p.FirstDay(i)
	for k := range ph.Frequencies {
		c := &ph.Frequencies[k]
		f := c.Frequency
		if _, elapsed := f.Interval(); len(ph.TimesOn) > 0 && (elapsed || f.HoursApart() > 0) {
			d.Add(diag.TimesMismatch, c.Range, "write so many times daily, or the same times on all days", "“%s” goes by hours, and cannot have other times on some days of the week", c.Text)
		}
		if len(ph.TimesOn) > 0 && p.Follows(ph.Dose, ByTime) {
			d.Add(diag.TimesMismatch, c.Range, "write a phase for each kind of day", "a dose `by time` cannot follow times that differ by the day of the week")
		}
		if len(f.At()) > 0 && len(ph.Times) > 0 {
			d.Add(diag.TimesMismatch, c.Range, "write `daily`, or leave `times` out", "“%s” says a time of day, and so do the `times` of the phase “%s”", c.Text, ph.Name)
			continue
		}
		if f.PerDay() > 4 && f.HoursApart() == 0 && len(f.At())+len(ph.Times) == 0 {
			d.Add(diag.TimesMismatch, c.Range, fmt.Sprintf("list the %d `times`, or write a rule in hours", f.PerDay()), "nothing says at what times the phase “%s” is given: “%s” has no usual ones", ph.Name, c.Text)
		}
		if n := len(ph.Times); n > 0 {
			switch _, several := f.WithTimes(n); {
			case n == f.PerDay():
			case n == 1 && (f.PerDay() == 0 || f.HoursApart() > 0): // the clock time of the first dose
			case several:
				d.Add(diag.TimesMismatch, c.Range, "write `"+frequency.TimesADay(c.Text, n)+"`, if all of them are meant each time", "“%s” is one dose on each of its days, and the phase “%s” has %s", c.Text, ph.Name, plural(n, "time"))
			default:
				d.Add(diag.TimesMismatch, c.Range, "give one time for each dose of a day", "“%s” does not fit the %s of the phase “%s”", c.Text, plural(n, "time"), ph.Name)
			}
			if hours := f.HoursApart(); n > 1 && n == f.PerDay() && hours > 0 {
				if least := nearestTimes(ph.Times); 4*least < 3*hours*60 { // as 06:00, 14:00 and 22:00 are every 8 hours to some who write 20:00
					d.Add(diag.TimesMismatch, c.Range, "write `"+frequency.TimesADay("daily", n)+"`, if those times are meant; or times that are as far apart", "“%s” is given at times of which two are %s apart", c.Text, plural(least/60, "hour"))
				}
			}
			for j := 1; j < n; j++ {
				if ph.Times[j].Name == "" && ph.Times[j-1].Name == "" && ph.Times[j].Clock <= ph.Times[j-1].Clock {
					help := "list the times in order"
					if n == 2 && ph.Times[0].Clock > ph.Times[1].Clock { // of one night, perhaps
						help += fmt.Sprintf("; a course then begins with the dose at %v. If the one at %[1]v is of the night before, write it as a phase of its own: `starts: %d hours after each dose of …`", ph.Times[1], (24*60+int(ph.Times[1].Clock-ph.Times[0].Clock))/60)
					}
					d.Add(diag.TimesMismatch, c.Range, help, "%v does not come after %v", ph.Times[j], ph.Times[j-1])
				}
			}
		}
		if f.Kind() == frequency.Listed {
			d.checkNumbered(p, i)
		}
		if f.Kind() == frequency.Listed && f.Days()[0] < first {
			d.Add(diag.OutsideCourse, c.Range, listedHelp(p, first), "the first day of the phase “%s” is day %d, and it has no day %d", ph.Name, first, f.Days()[0])
		}
		if _, cyclic := f.CycleLength(); ph.Course.Cycles > 0 && !cyclic {
			d.Add(diag.BadTime, ph.Course.Range, "write a number of doses or a length of time", "“%s” has no cycles to count", c.Text)
		}
		d.checkDaysReached(ph, c, first)
		if days, finite := f.Finite(); finite && ph.Course.Doses > days*max(f.PerDay(), 1) {
			d.Add(diag.OutsideCourse, ph.Course.Range, "", "“%s” gives %s, fewer than the %s of the course", c.Text, plural(days*max(f.PerDay(), 1), "dose"), plural(ph.Course.Doses, "dose"))
		}
	}
	if ph.Repeat > 1 && !ph.Course.Dated() && ph.Course.Cycles == 0 && (ph.Course.Doses == 0 && !ph.Course.Duration.IsSet() || finite(ph)) {
		d.Add(diag.NeverReached, ph.Range, "write how long each run is, as `course: 3 weeks`", "the phase “%s” is repeated, and nothing says where a run ends and the next begins", ph.Name)
	}
	if ph.Rest.IsSet() && (ph.Course.Doses > 0 || !ph.Course.Dated() && ph.Course.Cycles == 0) {
		d.Add(diag.NeverReached, ph.Range, "write how long each run is, as `course: 5 days` and without a number of doses; the rest comes after its last day", "the phase “%s” has a rest between its runs, and nothing says on which day a run ends", ph.Name)
	}
	cyclic := slices.ContainsFunc(ph.Frequencies, func(c Choice) bool {
		_, ok := c.Frequency.CycleLength()
		_, marks := c.Frequency.Last()
		return ok || marks || c.Frequency.Kind() == frequency.Listed
	})
	if ph.GoesOn && cyclic {
		d.Add(diag.KeysExclude, ph.Range, "leave `each run` out", "the days of “%s” are those of a cycle or a list, which each run begins again", ph.Name)
	}
	each := ph.Starts.Anchor == EachDose
	if ph.GoesOn && (ph.Rest.IsSet() || each) && p.countsDays(ph.Dose) {
		d.Add(diag.BadDose, ph.Range, "count doses, with `by dose` or `every: 3 doses`; or write a phase for each run", "the dose of “%s” counts days and goes on from run to run, and it is not said whether the days of a rest count", ph.Name)
	}
	if ph.GoesOn && ph.Repeat < 2 && !each {
		d.Add(diag.Unused, ph.Range, "remove `each run`, or write `repeat`", "the phase “%s” runs once", ph.Name)
	}
}

// countsDays reports whether a dose is told by the number of a day, or steps by days.
func (p *Protocol) countsDays(dose Dose) bool {
	return p.Follows(dose, ByDay, ByWeek) || p.Any(dose, func(d Dose) bool { s, ok := d.(*Stepped); return ok && s.Doses == 0 })
}

// checkDaysReached wants every listed day, and every day of a cycle, to lie within the course.
func (d *decoder) checkDaysReached(ph *Phase, c *Choice, first int) {
	f := c.Frequency
	days := f.Days()
	if last, ok := f.Last(); ok {
		d.checkMarksReached(ph, c, last)
		return
	}
	if len(days) == 0 {
		return
	}
	if f.Kind() == frequency.Cycle {
		first = 1
	} else if n := ph.Course.Doses; n > 0 && n < len(days)*f.PerDay() {
		d.Add(diag.OutsideCourse, ph.Course.Range, "give as many doses as there are days, or take days out", "the course has %s, and “%s” lists more days", plural(n, "dose"), c.Text)
		return
	}
	months, length, ok := ph.Course.Duration.Calendar()
	if last := days[len(days)-1]; ok && months == 0 && last-first >= length {
		d.Add(diag.OutsideCourse, ph.Course.Range, "make the course longer, or take the day out", "day %d of “%s” lies past the end of the course of %v", last, c.Text, ph.Course.Duration)
	}
}

// checkMarksReached wants every one of some weeks, or months, to lie within the course.
func (d *decoder) checkMarksReached(ph *Phase, c *Choice, last civil.Period) {
	marks, _ := c.Frequency.Finite()
	if n := ph.Course.Doses; n > 0 && n < marks*c.Frequency.PerDay() {
		d.Add(diag.OutsideCourse, ph.Course.Range, "give as many doses as there are, or take some out", "the course has %s, and “%s” lists more", plural(n, "dose"), c.Text)
		return
	}
	months, length, ok := ph.Course.Duration.Calendar()
	m, days, _ := last.Calendar()
	if ok && (months > 0 && (m >= months && m > 0 || days >= 28*months) || months == 0 && length > 0 && (days >= length || m > 0 && m*31 > length)) {
		d.Add(diag.OutsideCourse, ph.Course.Range, "make the course longer, or take the last out", "the last of “%s” lies past the end of the course of %v", c.Text, ph.Course.Duration)
	}
}

// listedHelp says how listed days can begin with a number less than that of the first day.
func listedHelp(p *Protocol, first int) string {
	switch {
	case p.CountFrom < first:
		return "count from day 1, or write `starts: start`, with which a phase counts the days of the course"
	case p.CountFrom == 1:
		return "begin with day 1, or write `count from: day 0` (or a negative day) at the top of the file"
	}
	return "begin with the first day"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// stepsRise helps with a titration whose steps do not rise.
const stepsRise = "a titration goes up from its first step: list the steps from the lowest to the highest. What a clinician lowers is written as `tiers`, of which a course orders another; what falls by itself, as a dose with `decrease`"

func (d *decoder) checkTitration(p *Protocol, ph *Phase) {
	t := ph.Titration
	if t == nil {
		return
	}
	i := slices.IndexFunc(p.CheckIns, func(c CheckIn) bool { return c.Name == t.Confirmed })
	if i < 0 {
		var names []string
		for _, c := range p.CheckIns {
			names = append(names, c.Name)
		}
		d.Add(diag.UnknownName, t.Range, diag.DidYouMean(t.Confirmed, names), "no check-in is called “%s”", t.Confirmed)
	} else if p.CheckIns[i].Around != nil {
		d.Add(diag.KeysExclude, t.Range, "name a check-in with `on` or `every`", "observations around a dose cannot confirm a step")
	}
	_, byTier := ph.Dose.(TierDose)
	_, byStep := ph.Dose.(TitrationDose)
	if len(t.Tiers) > 0 && !byTier || len(t.Amounts) > 0 && !byStep {
		d.Add(diag.KeysExclude, t.Range, "remove `dose`: each dose of the phase is then the step that is confirmed; where another dose of the day differs, write a phase for it beside this, as `starts: 8 hours after each dose of "+ph.Name+"`", "the phase “%s” has a dose beside its titration", ph.Name)
	}
	last := -1
	for _, name := range t.Tiers {
		at := slices.Index(p.tierNames(), name)
		if at <= last {
			d.Add(diag.TiersNotRising, t.Range, stepsRise, "the step “%s” is not above the one before it", name)
		}
		last = at
	}
	for j := 1; j < len(t.Amounts); j++ {
		a, b := t.Amounts[j-1].Quantity, t.Amounts[j].Quantity
		if !a.Unit().Comparable(b.Unit()) || b.Cmp(a) <= 0 {
			d.Add(diag.TiersNotRising, t.Amounts[j].Range, stepsRise, "the step %v is not above %v", b, a)
		}
	}
}

func (d *decoder) checkStart(p *Protocol, i int) {
	ph := &p.Phases[i]
	w := &ph.Starts
	if w.Anchor != NoAnchor {
		d.checkWhen(p, *w)
	}
	if ph.Name == "start" || ph.Name == "end" {
		d.Add(diag.BadWord, ph.Range, "give it another name, as: loading", "a phase cannot be called “%s”: the word is that of a day, as in `12 weeks after %s`", ph.Name, ph.Name)
	}
	if _, hours := w.Offset.Elapsed(); hours && ph.Repeat > 1 {
		d.Add(diag.NeverReached, ph.Range, "write a phase for each run", "the phase “%s” is repeated and starts some hours after a dose: nothing says at what time its later runs begin", ph.Name)
	}
	if _, hours := w.Offset.Elapsed(); hours && w.Named != "" && ph.timed() {
		d.Add(diag.BadTime, w.Range, "leave the times out, or count it in days from “"+w.Named+"”", "“%s” says when the phase “%s” begins, and its times say another", w.Text, ph.Name)
	}
	after := p.StartsAfter(i)
	follows := w.Anchor == After || w.Anchor == NoAnchor && i > 0
	ends := follows || w.Anchor == EndOf || w.Anchor == LastDose
	if i > 0 && w.Anchor == NoAnchor && p.Phases[i-1].Medication != ph.Medication {
		b := &p.Phases[i-1]
		d.Add(diag.NoNextDose, ph.Range, "write `starts: start`, `starts: with "+b.Name+"` or `starts: after "+b.Name+"`", "the phase “%s” gives another medicine than “%s” before it: nothing says whether it runs beside it or after it", ph.Name, b.Name)
		return
	}
	if after < 0 && w.Anchor == After && w.Phase == "" {
		d.Add(diag.NeverReached, ph.Range, "leave `starts` out: a phase with none before it begins with the course", "the phase “%s” starts after the phase before, and there is none", ph.Name)
		return
	}
	if w.Anchor == EachDose {
		d.checkRuns(p, i)
	}
	if after < 0 {
		if ends || w.Anchor == DoseN {
			d.Add(diag.NeverReached, ph.Range, "name the phase that it is counted from, as: last dose of …", "the phase “%s” starts from a dose or the end of a course that it belongs to", ph.Name)
		}
		return
	}
	for k, n := after, 0; k >= 0; k, n = p.StartsAfter(k), n+1 {
		if k == i || n > len(p.Phases) {
			d.Add(diag.NeverReached, ph.Range, "count the start of one of them from something else", "the phase “%s” starts from a phase that starts from it", ph.Name)
			return
		}
	}
	b := &p.Phases[after]
	if _, hours := w.Offset.Elapsed(); hours && len(b.TimesOn) > 0 && !ph.timed() && ph.Course.Doses != 1 {
		d.Add(diag.BadTime, w.Range, "give it `times` for the same days of the week", "the phase “%s” keeps the time of day at which it begins, and the doses of “%s”, from which it is counted in hours, stand at another on other days", ph.Name, b.Name)
	}
	switch {
	case w.Anchor == EndOf && !w.Offset.IsSet():
		help := "write `last dose of " + b.Name + "` for the time of its last dose, `after " + b.Name + "` for what follows it, or a number of days after its end"
		if finite(b) || b.Course.Doses == 1 {
			help = "write `last dose of " + b.Name + "`, or how long after that, as: 2 hours after last dose of " + b.Name
		}
		d.Add(diag.BadTime, w.Range, help, "the phase “%s” would begin on the last day of “%s”", ph.Name, b.Name)
	case follows && finite(b) && !b.Course.Dated():
		d.Add(diag.NoNextDose, ph.Range, "write `starts`, as: 1 week after last dose of "+b.Name+"; or give “"+b.Name+"” a length in days, weeks or months", "the phase “%s” follows “%s”, whose rule has no next dose: nothing says when it begins", ph.Name, b.Name)
	case ends && p.Endless(b):
		d.Add(diag.NeverReached, ph.Range, "give “"+b.Name+"” an end, or start this one `with` it", "the phase “%s” follows “%s”, which is open-ended", ph.Name, b.Name)
	}
}

// Endless reports whether a phase goes on without an end, or with another that does.
func (p *Protocol) Endless(ph *Phase) bool {
	for range p.Phases { // as many as can stand on each other
		of, ok := p.Phase(ph.Starts.Phase)
		if ph.Starts.Anchor != EachDose || !ok {
			break
		}
		ph = of
	}
	return ph.Course.Open() && !finite(ph)
}

// checkRuns wants each run of a phase that comes at each dose of another to end.
func (d *decoder) checkRuns(p *Protocol, i int) {
	ph := &p.Phases[i]
	c := &ph.Course
	switch {
	case c.Total.IsSet() || c.Met != "" || c.Until.Anchor != NoAnchor || c.LastStep || ph.Repeat > 1:
		d.Add(diag.NeverReached, ph.Range, "write how many doses, or how long, each time, as `course: 1 dose`", "the phase “%s” comes at each dose of “%s”, and ends each time after a number of doses or a length of time", ph.Name, ph.Starts.Phase)
	case c.Doses == 0 && !c.Duration.IsSet() && c.Cycles == 0 && !finite(ph):
		d.Add(diag.NeverReached, ph.Range, "write how many doses, or how long, each time, as `course: 1 dose`", "the phase “%s” comes at each dose of “%s”, and nothing says where it ends each time", ph.Name, ph.Starts.Phase)
	}
}

// timed reports whether a phase says at what time of day it is given.
func (ph *Phase) timed() bool {
	return len(ph.Times) > 0 || slices.ContainsFunc(ph.Frequencies, func(c Choice) bool { return len(c.Frequency.At()) > 0 })
}

// finite reports whether a phase has a rule that ends by itself, and so no next dose.
func finite(ph *Phase) bool {
	return len(ph.Frequencies) > 0 && slices.ContainsFunc(ph.Frequencies, func(c Choice) bool {
		_, ok := c.Frequency.Finite()
		return ok
	})
}

func (d *decoder) checkWhen(p *Protocol, w When) {
	first := p.CountFrom
	if i := slices.IndexFunc(p.Phases, func(ph Phase) bool { return ph.Name == w.Phase }); i >= 0 {
		first = p.FirstDay(i)
	}
	if w.InWeeks() && first != 1 {
		d.Add(diag.OutsideCourse, w.Range, fmt.Sprintf("write the day, as day %d", first+7*w.N), "“%s” can be read in two ways where days count from %d", w.Text, first)
	}
	if w.Anchor == DayN && w.N < first || w.Anchor == DoseN && w.N < 1 || w.InWeeks() && w.N < 1 {
		d.Add(diag.OutsideCourse, w.Range, "", "“%s” lies before the course", w.Text)
	}
	ph, ok := p.Phase(w.Phase)
	if !ok && w.Phase == "" && w.Anchor == DoseN {
		total, bounded := 0, true
		for i := range p.Phases {
			n := p.MostDoses(&p.Phases[i])
			total += n
			bounded = bounded && p.Phases[i].Course.Doses > 0 && n > 0
		}
		if bounded && w.N > total {
			d.Add(diag.OutsideCourse, w.Range, "", "the course has %s, and so no dose %d", plural(total, "dose"), w.N)
		}
	}
	if ok && w.Anchor == DoseN && ph.Course.Doses > 0 {
		if n := p.MostDoses(ph); n > 0 && w.N > n {
			d.Add(diag.OutsideCourse, w.Range, "", "the phase “%s” has %s, and so no dose %d", ph.Name, plural(n, "dose"), w.N)
		}
	}
}

// checkGaps finds the medicines that others keep away from.
func (d *decoder) checkGaps(p *Protocol, med int) {
	m := &p.Medications[med]
	for k := range m.Limits.Gaps {
		g := &m.Limits.Gaps[k]
		g.Medication = slices.IndexFunc(p.Medications, func(o Medication) bool { return o.Name == g.Name })
		switch {
		case g.Medication < 0:
			g.Medication = med
			var names []string
			for _, o := range p.Medications {
				names = append(names, o.Name)
			}
			help := diag.DidYouMean(g.Name, names)
			if len(names) < 2 {
				help = "name a medicine of the file; of others say it under `requirements`, as `instructions: [Not within 4 hours of calcium.]`"
			}
			d.Add(diag.UnknownName, g.Range, help, "the file gives no medicine “%s”", g.Name)
		case slices.ContainsFunc(p.AsNeeded, func(a AsNeeded) bool { return a.Rule.Medication == g.Medication || a.Rule.Medication == med }):
			d.Add(diag.KeysExclude, g.Range, fmt.Sprintf("leave it out, and say it under `requirements`, as `instructions: [Not within %v of %s.]`", civil.PeriodOf(g.Least), g.Name), "one of %s and %s is taken as needed, and no calendar can keep them apart", m.Name, g.Name)
		case g.Medication == med:
			d.Add(diag.KeysExclude, g.Range, "write `interval`", "“%s” is the medicine itself", g.Name)
		}
	}
}

func (d *decoder) checkLimits(p *Protocol, med int) {
	m := &p.Medications[med]
	d.checkGaps(p, med)
	var units []quantity.Unit
	for _, ph := range p.Rules() {
		if ph.Medication != med {
			continue
		}
		for _, r := range p.RoutesOf(ph) {
			p.amounts(ph, ph.Dose, r.Name, func(a *Amount, _ bool) {
				u := a.Quantity.Unit().WithPer(quantity.PerNothing)
				if !slices.Contains(units, u) {
					units = append(units, u)
				}
			}, func(string) {})
		}
	}
	for _, u := range units {
		if !u.Comparable(units[0]) {
			d.Add(diag.LimitUnit, m.Range, "give every dose of one medicine in units of one kind", "doses of “%s” are in %v and in %v", m.Name, units[0], u)
		}
	}
	for _, b := range m.Limits.Bounds() {
		for _, u := range units {
			if !b.Amount.Unit().WithPer(quantity.PerNothing).Comparable(u) {
				d.Add(diag.LimitUnit, b.Range, "give the limit in "+u.String(), "the limit “%s” is in %v, but doses of “%s” are in %v", b.Key, b.Amount.Unit(), m.Name, u)
				break
			}
		}
	}
}

// String returns what a course says, in the words of the language.
func (c Course) String() string {
	var parts []string
	if c.Doses > 0 {
		parts = append(parts, plural(c.Doses, "dose"))
	}
	if c.Duration.IsSet() {
		parts = append(parts, c.Duration.String())
	}
	if c.Cycles > 0 {
		parts = append(parts, plural(c.Cycles, "cycle"))
	}
	if c.Until.Anchor != NoAnchor {
		parts = append(parts, untilWords+c.Until.Text)
	}
	if c.Total.IsSet() {
		words := inAll
		if c.Lifetime {
			words = inALifetime
		}
		parts = append(parts, untilWords+c.Total.String()+words)
	}
	if c.Met != "" {
		parts = append(parts, untilWords+c.Met+isMet)
		if c.Open() {
			parts = append(parts, "open-ended")
		}
	}
	if c.LastStep {
		return lastStep
	}
	if len(parts) == 0 {
		return "open-ended"
	}
	return strings.Join(parts, " or ")
}

// nearestTimes returns how many minutes lie between the two of several times of day that are nearest to each other, over
// midnight too.
func nearestTimes(times []Time) int {
	const day = 24 * 60
	least := day
	for i := range times {
		apart := int(times[(i+1)%len(times)].Clock - times[i].Clock)
		least = min(least, (apart+day)%day)
	}
	return least
}

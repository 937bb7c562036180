// Package proof computes the worst that a protocol can do to any patient of its population,
// and compares it with the protocol's own limits and gates.
//
// # The scope
//
// Covered are: every patient of the population; every start from 2026 to 2076; every change of
// the clocks of every zone in those years; every tier, route, frequency and step on offer; every
// placement that windows and closed days allow; open-ended phases until their doses have
// settled, and two months more. What the engine reads of the start and the zone
// ([schedule.Reads]) says what has to be varied, and is varied over its whole range: the
// weekdays, the days of four years with their months (of twenty-eight, where weekdays count
// too), the changes of the clocks on every day of the course, from every date of the year on which
// they come where months count.
//
// What is not covered stands in [Result.Assumptions], and is checked when a schedule is made:
// other clock times than the file's or the usual ones, opening hours, closed days at gates, what
// happens in a course.
//
// A rounded dose is a step function of the patient's weight (or height, or age), so it is
// enough to look at the ends of the population's ranges and at both sides of every step: the
// weights (or values of a measurement) at which rounding, a minimum, a maximum or a band changes the dose. Nothing is
// sampled. Where doses depend on the height, they rise with it, so that the ends of its range,
// and the corners that the body mass index makes, are enough; but not for what does not rise with a dose, such as how often a
// budget lets it be taken, or which strengths make it up: that is looked at for every dose that somebody gets.
//
// Doses are then put together: any run of doses that windows, the shortest interval and a
// change of the clocks allow inside the stretch of a rolling limit counts against it. That is a
// bound from above. A breach has a [Witness] whose schedule is indeed refused; one for which
// none was found is reported as not proved.
package proof

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Row is the worst case of one choice: a phase, a tier, a route and a frequency.
type Row struct {
	Of                            string // the patients it is of, where not all have the same phases
	Phase, Tier, Route, Frequency string
	Step                          int // of a titration by amounts, from 1; 0 for none
	Least, Most                   quantity.Amount
	MostPerKg                     quantity.Amount // of actual weight, unset where no weight is bounded
}

// A Total is the worst that one combination of choices can come to against one limit, or one
// figure that has none. It is a bound: a case in which calendars do not quite come to it counts
// as if they did.
type Total struct {
	Of                     string // the patients it is of, where not all have the same phases
	Tier, Route, Frequency string
	Step                   int // of titrations by amounts, from 1; 0 for none
	Medication             string
	Name                   string          // the key of the limit, such as "any 24 hours"
	Amount, Limit          quantity.Amount // of totals; Limit is unset where there is none
	Written                quantity.Amount // the limit as the protocol states it
	Endless                bool            // Amount, or Doses, is without end
	Doses, MostDoses       int             // how many doses count together; of "doses", the limit
	Apart, Shortest        time.Duration   // of "interval"
	Days                   int             // of an "interval" in days of the calendar
	Weight                 quantity.Amount // of the patient, where the total depends on it
	At                     diag.Range      // of the limit
}

// A Result is all that Check found.
type Result struct {
	Rows      []Row
	Totals    []Total              // of Prove: of every combination of choices
	Closest   []Total              // for each limit: what comes closest to it
	Calendars []*schedule.Schedule // one of each combination of choices
	Found     diag.List

	Assumptions []string // what the proof does not cover, in sentences

	work    int        // how many doses were looked at
	given   bool       // some patient has a calendar
	refused diag.Range // a case that is not given to some patient

	sometimes bool // a calendar that is impossible for one start is possible for another
}

// A Witness is a patient and the choices for whom a limit is broken.
type Witness struct {
	Patient *patient.Patient
	Options schedule.Options
	Days    map[string]int // of the dates of the patient's file: how long after the start
}

// String returns the flags of `doseplan schedule` that show the breach.
func (w *Witness) String() string {
	p, o := w.Patient, &w.Options
	parts := []string{"--start " + p.Start.String()}
	add := func(flag, value string) {
		if value != "" {
			parts = append(parts, "--"+flag+" "+value)
		}
	}
	if p.Weight.IsSet() {
		add("weight", strings.ReplaceAll(p.Weight.Text(), " ", ""))
	}
	if p.Height.IsSet() {
		add("height", strings.ReplaceAll(p.Height.Text(), " ", ""))
	}
	if p.Surface.IsSet() {
		add("body-surface", strings.ReplaceAll(p.Surface.Text(), " ", ""))
	}
	for _, m := range p.Measured {
		add("measurement", fmt.Sprintf("'%s=%v'", m.Name, m.Value))
	}
	add("sex", string(p.Sex))
	if p.AgeStated {
		if age := p.StatedAge; p.AgeInMonths {
			add("age", fmt.Sprintf("'%d months'", int(age)))
		} else {
			add("age", fmt.Sprint(age.Years()))
		}
	}
	for _, term := range p.Present {
		add("condition", "'"+term+"'")
	}
	for _, term := range p.Absent {
		add("without", "'"+term+"'")
	}
	for _, name := range slices.Sorted(maps.Keys(w.Days)) {
		add("date", name+"="+p.Start.AddDays(w.Days[name]).String())
	}
	add("time-zone", p.TimeZone)
	add("tier", o.Tier)
	add("route", o.Route)
	for _, f := range o.Frequencies {
		add("frequency", "'"+f.Phase+"="+f.Text+"'")
	}
	for _, name := range slices.Sorted(maps.Keys(o.Steps)) {
		if step := o.Steps[name]; step > 0 {
			add("step", fmt.Sprintf("%s=%d", name, step+1))
		}
	}
	add("until", o.Until.String())
	var closed []string
	for d := range o.Closed.Dates {
		closed = append(closed, d.String())
	}
	if len(closed) > 0 {
		slices.Sort(closed)
		add("closed", strings.Join(closed, ","))
		add("closed-policy", o.Policy.String())
	}
	return strings.Join(parts, " ")
}

// Check looks for patients for whom p, which must have been decoded without errors, breaks its
// own limits.
func Check(p *protocol.Protocol) *Result { return check(p, false) }

// Prove is Check with the worst totals and the shortest intervals of every combination of
// choices, whether or not a limit bounds them.
func Prove(p *protocol.Protocol) *Result { return check(p, true) }

func check(p *protocol.Protocol, all bool) *Result {
	var r *Result
	switch {
	case p.Dated():
		r = checkDates(p, all)
	case p.Selective():
		r = checkCells(p, all)
	default:
		r = checkAll(p, all)
	}
	if r.refused.IsSet() && !r.given {
		r.Found.Add(diag.CannotBeGiven, r.refused, "write the phase `for` those patients who have it: a case that is `not given` refuses the whole protocol", "no patient of the population has a calendar: each falls into a case that is not given")
		r.Found = r.Found.Sort()
	}
	return r
}

// checkAll is check for a protocol whose patients have all its phases.
func checkAll(p *protocol.Protocol, all bool) *Result {
	c := newChecker(p, all)
	people, ok := c.candidates()
	choices := c.choices()
	if ok && (len(choices) > maxChoices || len(choices)*len(people)*len(p.Phases) > maxCases) {
		c.out.Found.Add(diag.Unbounded, p.Range, "split the protocol, or round in larger steps", "the protocol has too many cases to prove: %s and %s", civil.Plural(len(choices), "combination"), civil.Plural(len(people), "patient"))
		ok = false
	}
	for _, o := range choices {
		if ok && !c.spent(0) {
			c.choice(o, people)
		}
	}
	if c.work > maxWork {
		c.out.Found.Add(diag.Unbounded, p.Range, "split the protocol, or make its courses shorter", "the protocol takes too long to prove: it has too many doses, windows and combinations")
	}
	for k := range c.bounds {
		b := &c.bounds[k]
		if b.rule != noLimit && c.closest[k].load != nil {
			c.out.Closest = append(c.out.Closest, c.total(b, &c.closest[k]))
		}
		if c.long[k] && b.rule != noLimit && !c.reported[b.key()] {
			c.unproved(b, fmt.Sprintf("doses that can be moved were looked at in runs of %d alone", maxRun))
		}
		switch reason := c.unseen(b); {
		case reason == "" || c.reported[b.key()]:
		case b.rule == noLimit:
			c.rough = reason
		default:
			c.unproved(b, reason)
		}
		if text, ok := c.open[b.key()]; ok && !c.reported[b.key()] {
			help := "loosen the limit, or move the doses apart"
			if b.kind == limit.Single {
				help = "loosen the limit; or round the doses down, in larger steps, or for a narrower population"
			}
			c.out.Found.Add(diag.NotProved, b.at, help, "it is not proved that the limit “%s” holds: %s, though no case of it was found", b.name, text)
		}
	}
	if c.needs != nil && c.awaited() && c.unevenlyIn() != "" && !c.out.Found.HasErrors() {
		ph := &c.p.Phases[slices.IndexFunc(c.p.Phases, func(ph protocol.Phase) bool { return ph.Course.Total.IsSet() })]
		c.out.Found.Add(diag.NotProved, ph.Course.Range, "look at what comes after the total for patients and starts of every kind; or write a number of doses", "it is not proved that every patient has a calendar that keeps the limits: %s", c.unevenlyIn())
	}
	c.assume()
	c.out.work = c.work
	c.out.Found = c.out.Found.Sort()
	return c.out
}

// assume says what the proof does not cover.
func (c *checker) assume() {
	add := func(text string) { c.out.Assumptions = append(c.out.Assumptions, text) }
	add("clock times are those of the file, or the usual ones where it has none")
	if c.p.Setting == protocol.Clinic || slices.ContainsFunc(c.p.CheckIns, func(x protocol.CheckIn) bool { return x.Mode == protocol.InPerson || x.Mode == protocol.Lab }) {
		add("the clinic has no opening hours that move doses or visits")
	}
	if slices.ContainsFunc(c.p.Phases, func(ph protocol.Phase) bool { return ph.Starts.Anchor == protocol.DoseN && ph.Course.Doses != 1 }) {
		add("no closed day parts a dose from the one that it accompanies, by the same rule from a dose on: such a schedule is refused")
	}
	if c.p.Totals() {
		add("the closed days leave out no dose on the way to a total: where they do, what follows comes later, and is held to the limits in each schedule")
	}
	add("the closed days leave every dose and visit a day inside its window that keeps the limits and leaves what is counted from it its own place, and leave out no dose from which another is counted: a schedule for which they do not is refused")
	if slices.ContainsFunc(c.p.CheckIns, func(x protocol.CheckIn) bool { return len(x.Gates) > 0 }) {
		add("no closed day puts a check-in after the dose that waits for it, or a dose before it, or leaves out the dose with which it is held: such a schedule is refused")
	}
	if slices.ContainsFunc(c.p.Phases, func(ph protocol.Phase) bool { return ph.Course.Lifetime }) {
		add("nothing was received before the course: a phase until a total of a lifetime has fewer doses where something was, and what comes after it stands on other days")
	}
	if slices.ContainsFunc(c.p.Medications, func(m protocol.Medication) bool { return m.Limits.Lifetime.IsSet() }) {
		add("nothing was received before the course: what a patient's file states counts against the limit of a lifetime in each schedule")
	}
	if c.needs != nil && c.needs.weight.IsSet() {
		add("a weight has at most six decimals of a kilogram: for one in pounds that lies between two of these, a limit per kg that is kept to the last of its decimals can be passed by less than a millionth, and the schedule is refused")
	}
	if len(c.p.Measurements) > 0 {
		add("a measurement has at most six decimals of the unit of the protocol, whatever its own")
	}
	if slices.ContainsFunc(c.p.Measurements, func(m protocol.Measurement) bool { return m.Formula != "" }) {
		add("what a formula gives lies in the range of its measurement: a patient for whom it does not is refused")
	}
	if slices.ContainsFunc(c.p.Dates, func(d protocol.Date) bool { return d.Clock.IsSet() }) {
		add("the dates of a patient's file have the times of day that the file gives them: what stands by a date of another time is held to the limits in each schedule")
	}
	if len(c.p.AsNeeded) > 0 {
		add("nobody takes more as needed than its budget: what the budget leaves room for is held to the limits of its medicine, and stands in no total above")
	}
	add("nothing has happened yet: what is recorded in a course is held to the limits as it is recorded")
	add(fmt.Sprintf("courses start from %d to %d", schedule.FirstYear, schedule.LastYear))
	if c.p.Population.Height.IsSet() && !c.p.Population.Weight.IsSet() {
		add("no dose depends on the weight")
	}
	if c.rough != "" {
		add("figures that no limit bounds are the worst that was found, and not for certain: " + c.rough)
	}
	if c.cut {
		add(fmt.Sprintf("open-ended phases are looked at for %v alone", longest))
	}
	if c.reads.Zone {
		add("of the changes of the clocks that a course on elapsed time crosses, each two that follow each other take back what they move")
	}
	if c.reads.Zone && c.reads.Months {
		add("two changes of the clocks that lie months apart, in a course that counts elapsed time and follows the months too, are looked at as they fall in one year")
	}
}

// neverOver reports whether no single dose passes its limit whatever the patient's body surface: each is a rate per m2 that is
// no more than the limit's, and is rounded down.
func (c *checker) neverOver(b *bound) bool {
	if b.kind != limit.Single || protocol.BasisOf(b.limit) != protocol.PerSurface {
		return false
	}
	for _, ph := range c.p.Rules() {
		for _, r := range c.p.RoutesOf(ph) {
			under := true
			if ph.Medication == b.medicine {
				c.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
					round := a.RoundedBy(&r)
					under = under && a.Basis() == protocol.PerSurface && !a.Min.IsSet() && a.Quantity.Cmp(b.limit) <= 0 && round != nil && (round.Down || round.Exact)
				})
			}
			if !under {
				return false
			}
		}
	}
	return true
}

// unseen says what was not looked at of that which a bound depends on, or nothing.
func (c *checker) unseen(b *bound) string {
	switch {
	case c.coarse && !b.between() && !b.counts() && b.kind != limit.Count && !c.neverOver(b):
		return fmt.Sprintf("the doses have more than %d steps of rounding, or %d of doses per m2", maxSteps, maxSurfaceSteps)
	case c.manyWays(b) != "":
		return c.manyWays(b)
	case c.bends(b) != "":
		return c.bends(b)
	case !c.awaited() && c.byCounts(b) && c.unevenlyIn() != "":
		return c.unevenlyIn()
	case c.apart && b.kind != limit.Single:
		return "not every pattern of the days of two open-ended phases was looked at"
	case c.cut:
		return fmt.Sprintf("open-ended phases were looked at for %v alone, in which not every pattern of their days comes", longest)
	}
	return ""
}

// bends says of a phase of a bound's medicines that moves with a moved dose why its own doses do not all move as far, or
// nothing. Where they do, the calendar that was looked at shows them wherever they can stand, and with the amounts that they
// have there.
func (c *checker) bends(b *bound) string {
	medicines := []int{b.medicine}
	if b.kind == limit.Gap {
		medicines = append(medicines, c.p.Medications[b.medicine].Limits.Gaps[b.rule].Medication)
	}
	for i := range c.p.Phases {
		ph := &c.p.Phases[i]
		switch {
		case !slices.Contains(medicines, ph.Medication) || !c.p.MovesWith(i):
		case b.kind != limit.Single:
			if why := c.bent(i); why != "" {
				return why
			}
		case c.p.Follows(ph.Dose, protocol.ByWeekday):
			return fmt.Sprintf("which dose of “%s” is given follows from its day, and that moves with the dose that it is counted from", ph.Title)
		case c.p.Follows(ph.Dose, protocol.ByDoseNumber, protocol.ByDay, protocol.ByWeek, protocol.ByCycleDay) && c.bent(i) != "":
			return c.bent(i)
		}
	}
	return ""
}

// bent says why the doses of a phase that moves with a moved dose do not all move as far as that, or nothing: it, or one
// between the two, whatever it gives.
func (c *checker) bent(i int) string {
	for n := 0; i >= 0 && n <= len(c.p.Phases) && c.p.MovesWith(i); i, n = c.p.StartsAfter(i), n+1 {
		ph := &c.p.Phases[i]
		months, _, _ := ph.Starts.Offset.Calendar()
		byDay := len(ph.TimesOn) > 0 || c.p.Follows(ph.Dose, protocol.ByWeekday) || months > 0
		for _, f := range ph.Frequencies {
			kind := f.Frequency.Kind()
			byDay = byDay || kind == frequency.Weekdays || f.Frequency.Monthly()
		}
		switch {
		case ph.Course.Until.Anchor != protocol.NoAnchor:
			return fmt.Sprintf("“%s” begins on another day where closed days move the dose that it is counted from, and ends on the same", ph.Title)
		case byDay:
			return fmt.Sprintf("the days of “%s” do not all move as far as the dose that it is counted from, where closed days move that", ph.Title)
		}
	}
	return ""
}

// byCounts reports whether it matters to a bound how many doses come to a total. It does not to all that is given of a
// medicine which ends with its total; nor to how doses lie together, where nothing stands in their way and their doses
// stay the same, since more of them lie as those before.
func (c *checker) byCounts(b *bound) bool {
	if !c.p.Totals() || b.kind == limit.Single {
		return false
	}
	_, ends := c.p.EndsAt(b.medicine)
	switch {
	case whole(b):
		return !ends
	case b.kind == limit.Count, b.kind == limit.Gap:
		return true
	}
	for i := range c.p.Phases {
		if c.p.Phases[i].Course.Total.IsSet() && !c.steady(i, b) {
			return true
		}
	}
	return false
}

// awaited reports whether anything depends on when a phase comes to its total: a phase that follows it, other doses of
// its medicine, or a check-in that stands at one of its doses or decides about some.
func (c *checker) awaited() bool {
	if !c.p.Totals() {
		return false
	}
	for i := range c.p.CheckIns {
		x := &c.p.CheckIns[i]
		counted := func(w protocol.When) bool {
			return w.Anchor == protocol.DoseN && w.N > 1 || w.Anchor == protocol.LastDose
		}
		more := func(g protocol.Gate) bool { return !g.FirstDose } // than a dose that there always is
		if slices.ContainsFunc(x.Gates, more) || slices.ContainsFunc(x.On, counted) || counted(x.From) || counted(x.Until) {
			return true
		}
	}
	for i := range c.p.Phases {
		ph := &c.p.Phases[i]
		if !ph.Course.Total.IsSet() {
			continue
		}
		if _, ends := c.p.EndsAt(ph.Medication); !ends || ph.Repeat > 1 || c.p.Followed(i) {
			return true
		}
	}
	return false
}

// steady reports whether a phase that ends with a total has the same doses to its end, and in every calendar more of
// them than lie in the stretch of a bound.
func (c *checker) steady(phase int, b *bound) bool {
	ph := &c.p.Phases[phase]
	steps := c.p.Any(ph.Dose, func(d protocol.Dose) bool { _, ok := d.(*protocol.Stepped); return ok })
	if steps || ph.Titration != nil || c.p.Follows(ph.Dose, protocol.ByDoseNumber, protocol.ByDay, protocol.ByWeek, protocol.ByWeekday, protocol.ByCycleDay) {
		return false
	}
	stretch := 2
	switch b.kind {
	case limit.InDays:
		stretch += b.days()
	case limit.InRolling:
		stretch += int(b.within/(24*time.Hour)) + 1
	}
	for _, s := range c.out.Calendars {
		if first, last := span(s, phase); last.Sub(first) < stretch {
			return false
		}
	}
	return true
}

// unproved takes down that a limit may be broken though no case of it was found.
func (c *checker) unproved(b *bound, text string) {
	if _, ok := c.open[b.key()]; !ok {
		c.open[b.key()] = text
	}
}

// key names the finding about a bound.
func (b *bound) key() string { return key(b.code, b.at) }

// key names a finding of one code about one place, which is reported once.
func key(code diag.Code, at diag.Range) string { return string(code) + at.String() }

// Bounds of what is looked at. They are far beyond any published protocol.
const (
	maxChoices = 500
	maxCases   = 200_000    // patients of each choice in each phase
	maxWork    = 60_000_000 // doses looked at, each as often as it is
	ofCalendar = 20         // what making a calendar takes, beside its doses, in the same measure
	perPlacing = 10         // what placing a dose takes, in the same measure
	maxTries   = 250        // witnesses for a breach of one limit: nearly always the first is refused
)

// spent takes down some work, and reports whether there was too much.
func (c *checker) spent(n int) bool {
	c.work += n
	return c.work > maxWork
}

type checker struct {
	p        *protocol.Protocol
	all      bool
	out      *Result
	bounds   []bound
	worst    []worst         // of each bound, for the choice that is looked at
	closest  []worst         // of each bound, for all choices
	made     map[string]bool // the amounts of which it was looked at whether the strengths of a route make them up
	reported map[string]bool // a breach of one limit is reported once
	tries    map[string]int  // how many witnesses of a breach were made

	needs *needs

	work int // how many doses were looked at

	reads   schedule.Reads    // of the plan that is looked at
	changes []civil.Change    // of the clocks, those that put them forward
	open    map[string]string // limits that are not proved, with what may break them
	judged  map[string]bool   // choices of frequencies of which was looked at where gates and what is counted from doses stand
	ofDays  map[string]ofDays // by the choices on which days alone depend
	cut     bool              // some open-ended phase did not settle
	apart   bool              // not every pattern of two open-ended phases was looked at
	apartly bool              // the patients are those in whom the doses of one medicine change, for each of them
	coarse  bool              // not every step of rounding was looked at
	rough   string            // why a figure that no limit bounds is not the worst for certain; "" where it is
	long    map[int]bool      // bounds of which not every run of doses that can be moved was looked at

	reckoned    []reckoning // of every candidate, for the tier, route and steps that are looked at
	reckonedFor string
}

func newChecker(p *protocol.Protocol, all bool) *checker {
	c := &checker{p: p, all: all, out: &Result{}, bounds: bounds(p, all), reported: map[string]bool{}, made: map[string]bool{}, tries: map[string]int{}}
	c.closest, c.open, c.judged, c.ofDays, c.long = make([]worst, len(c.bounds)), map[string]string{}, map[string]bool{}, map[string]ofDays{}, map[int]bool{}
	c.changes = slices.DeleteFunc(civil.Changes(), func(x civil.Change) bool { return x.Seconds < 0 })
	return c
}

// choices returns every combination of tier, route and frequency that can be asked for.
func (c *checker) choices() []schedule.Options {
	p := c.p
	tiers, routes := []string{""}, []string{}
	if len(p.Tiers) > 0 {
		tiers = tiers[:0]
		for _, t := range p.Tiers {
			tiers = append(tiers, t.Name)
		}
	}
	for i := range p.Phases {
		ph := &p.Phases[i]
		if med := &p.Medications[ph.Medication]; ph.Route == "" && len(med.Routes) > 1 {
			for _, r := range med.Routes {
				if !slices.Contains(routes, r.Name) {
					routes = append(routes, r.Name)
				}
			}
		}
	}
	if len(routes) == 0 {
		routes = append(routes, "")
	}
	frequencies := [][]schedule.FrequencyChoice{nil}
	for i := range p.Phases {
		ph := &p.Phases[i]
		if len(ph.Frequencies) < 2 {
			continue
		}
		var next [][]schedule.FrequencyChoice
		if len(frequencies) > maxChoices {
			break // too many already, which is a finding
		}
		for _, before := range frequencies {
			for _, f := range ph.Frequencies {
				next = append(next, append(slices.Clone(before), schedule.FrequencyChoice{Phase: ph.Name, Text: f.Text}))
			}
		}
		frequencies = next
	}
	steps := c.steppings()
	var list []schedule.Options
	for _, t := range tiers {
		for _, r := range routes {
			for _, steps := range steps {
				for _, f := range frequencies {
					list = append(list, schedule.Options{Tier: t, Route: r, Frequencies: f, Steps: steps, Reach: true})
				}
			}
		}
	}
	return list
}

// steppings returns the steps of the titrations by amounts that are looked at together: all at the same, since what
// several come to is the worst where each is; where a total ends a phase, which more doses reach the smaller they
// are, each with each of the others.
func (c *checker) steppings() []map[string]int {
	list := []map[string]int{{}}
	most := 1
	for i := range c.p.Phases {
		if t := c.p.Phases[i].Titration; t != nil {
			most = max(most, len(t.Amounts))
		}
	}
	if !c.p.Totals() {
		list = list[:0]
		for k := range most {
			list = append(list, map[string]int{})
			for i := range c.p.Phases {
				if t := c.p.Phases[i].Titration; t != nil && len(t.Amounts) > 0 {
					list[k][c.p.Phases[i].Name] = min(k, len(t.Amounts)-1)
				}
			}
		}
		return list
	}
	for i := range c.p.Phases {
		t := c.p.Phases[i].Titration
		if t == nil || len(t.Amounts) == 0 || len(list) > maxChoices { // too many already, which is a finding
			continue
		}
		var next []map[string]int
		for _, before := range list {
			for k := range t.Amounts {
				steps := maps.Clone(before)
				steps[c.p.Phases[i].Name] = k
				next = append(next, steps)
			}
		}
		list = next
	}
	return list
}

// shortest and longest are how far open-ended phases are looked at: until their doses have
// settled, and every pattern of days and every stretch of a limit has come round.
var shortest, longest = civil.MustPeriod("120 days"), civil.MustPeriod("7680 days")

// settled returns the plan of some choices and its calendar for a patient, as far as it takes
// for the doses of open-ended phases to settle. The schedule is nil where there is none.
func (c *checker) settled(o schedule.Options, pat *patient.Patient, k *schedule.Reckoning) (*schedule.Plan, *schedule.Schedule, diag.List) {
	for o.Horizon = shortest; ; o.Horizon.N *= 2 {
		plan, found := schedule.NewPlan(c.p, o)
		if found.HasErrors() {
			return plan, nil, found
		}
		s, found := plan.Run(pat)
		if s == nil || settled(plan, s, k, c.more()) && c.together(s) && c.decided(s) && c.besideAll(s) {
			return plan, s, found
		}
		if o.Horizon.N >= longest.N {
			c.cut = true
			return plan, s, found
		}
	}
}

// decided reports whether the days of the check-ins that decide about doses, as far as the file names them one by one,
// have come.
func (c *checker) decided(s *schedule.Schedule) bool {
	var last civil.Date
	open := false
	for i := range s.Phases {
		_, shown := span(s, i)
		last, open = civil.Later(last, shown), open || s.Phases[i].Open
	}
	if !open {
		return true
	}
	for i := range c.p.CheckIns {
		ci := &c.p.CheckIns[i]
		for k := range ci.On {
			w := &ci.On[k]
			at := slices.IndexFunc(s.Phases, func(ph schedule.PhaseInfo) bool { return ph.Phase.Name == w.Phase })
			switch {
			case len(ci.Gates) == 0:
			case w.Anchor == protocol.DoseN && at >= 0 && s.Phases[at].Open && s.Phases[at].Doses < w.N:
				return false
			case w.Dated():
				day1, first := s.Start, c.p.CountFrom
				if at >= 0 {
					if day1, _ = span(s, at); day1.IsZero() {
						continue
					}
					first = c.p.FirstDay(slices.IndexFunc(c.p.Phases, func(ph protocol.Phase) bool { return ph.Name == w.Phase }))
				}
				day := w.On(civil.AnchorAt(day1, c.p.ShortMonths), first)
				if w.Offset.IsSet() {
					day = day.Add(w.Offset, w.Sign())
				}
				if !day.Date().Before(last) {
					return false
				}
			}
		}
	}
	return true
}

// besideAll reports whether every open-ended phase was followed until each check-in of a stated time that comes at intervals
// and decides about it has stood beside its doses in every way: on the day of one, and before or after it.
func (c *checker) besideAll(s *schedule.Schedule) bool {
	waits, _ := c.p.Waits(func(int) bool { return false })
	for k := range c.p.CheckIns {
		ci := &c.p.CheckIns[k]
		if !ci.Every.IsSet() || ci.Time == nil { // one of no stated time is held before the doses of its day
			continue
		}
		for i := range s.Phases {
			ph := &s.Phases[i]
			at := slices.IndexFunc(c.p.Phases, func(x protocol.Phase) bool { return x.Name == ph.Phase.Name })
			if !ph.Open || ci.Name != protocol.ReassessmentName && !slices.Contains(waits[at], k) {
				continue
			}
			if first, last := span(s, i); !first.IsZero() && earlier(s, i, ci) && last.Before(first.AddDays(beside(ph.Frequency.Frequency, ci.Every, c.more()))) {
				return false
			}
		}
	}
	return true
}

// earlier reports whether some dose of a phase can stand before a check-in of its day.
func earlier(s *schedule.Schedule, phase int, ci *protocol.CheckIn) bool {
	clock, _ := ci.Time.On(nil)
	return s.Phases[phase].Frequency.Frequency.HoursApart() > 0 || slices.ContainsFunc(s.Events, func(e schedule.Event) bool {
		return e.Kind == schedule.Dose && int(e.Phase) == phase && e.Clock < clock
	})
}

// beside returns within how many days of the first dose a check-in that comes at intervals has stood beside the doses of a
// frequency in every way, where the course begins on every day of the year: the days after which both come again, or for
// months as many of them as the other has days.
func beside(f frequency.Frequency, every civil.Period, more int) int {
	const day, month = 24 * 60, 31
	minutes, even := f.Period()
	days := lcm(max(minutes, 1), day) / day
	months, n, _ := every.Calendar()
	switch {
	case even && months == 0:
		return lcm(days, max(n, 1)) + n + more
	case even:
		return days*months*month + more
	case months == 0:
		return n*month + n + more
	}
	return 2*12*max(months, 1)*month + more
}

// together reports whether open-ended phases were followed past the end of all others of their
// medicine, until every pattern of their days beside one another has come, and over the changes
// of the clocks of a year where some doses are counted in elapsed time. Patterns that take too
// long to come are taken down as not looked at.
func (c *checker) together(s *schedule.Schedule) bool {
	for m := range c.p.Medications {
		groups := [][]int{{m}}
		for _, g := range c.p.Medications[m].Limits.Gaps {
			groups = append(groups, []int{m, g.Medication})
		}
		for _, medicines := range groups {
			if least := c.follow(s, medicines); !c.reached(s, medicines, least) {
				return false
			}
		}
	}
	return true
}

// follow returns the date to which the open-ended phases of some medicines are followed: until their doses have come on every
// day of the week and at every time of day that they can, where that matters, and in every way beside one another.
func (c *checker) follow(s *schedule.Schedule, medicines []int) civil.Date {
	const day = 24 * 60
	var ends, begins civil.Date // of finite phases; of the last open one
	open, minutes, months, weekdays := 0, day, false, false
	for i := range s.Phases {
		ph := &s.Phases[i]
		first, last := span(s, i)
		switch {
		case first.IsZero() || !slices.Contains(medicines, ph.Phase.Medication):
		case !ph.Open:
			ends = civil.Later(ends, last)
		default:
			open++
			begins = civil.Later(begins, first)
			byWeekday := len(ph.Phase.TimesOn) > 0 || c.p.Follows(ph.Phase.Dose, protocol.ByWeekday)
			if weekdays = weekdays || byWeekday; byWeekday {
				minutes = lcm(minutes, 7*day)
			}
			if n, ok := ph.Frequency.Frequency.Period(); ok {
				minutes = lcm(minutes, n)
			} else {
				months = true
			}
		}
	}
	least := civil.Later(ends, begins).AddDays(c.more())
	switch pattern := minutes / day; {
	case open == 0:
	case open > 1 && (months || pattern > longest.N):
		c.apart = true
	case months && weekdays: // the first of them may always begin on one day of the week
		least = civil.Later(least, begins.AddDays(14*31+c.more()))
	case months:
	case pattern > longest.N:
		c.cut = true
	default:
		least = civil.Later(least, begins.AddDays(pattern+c.more()))
	}
	if _, all := c.elapsedCheckIns(); c.reads.Zone && (all || slices.ContainsFunc(s.Phases, func(ph schedule.PhaseInfo) bool { return ph.Open && elapsed(&ph) })) {
		least = civil.Later(least, s.Start.AddDays(430))
	}
	return least
}

// more returns how many days past the last that changes something the doses of an open-ended phase are looked at: two months,
// and the longest stretch that a limit is of.
func (c *checker) more() int {
	days := 0
	for i := range c.bounds {
		if b := &c.bounds[i]; b.kind == limit.InDays || b.kind == limit.InRolling {
			days = max(days, b.days()+1)
		}
	}
	return 62 + days
}

// reached reports whether the open-ended phases of some medicines are followed to a date.
func (c *checker) reached(s *schedule.Schedule, medicines []int, least civil.Date) bool {
	for i := range s.Phases {
		ph := &s.Phases[i]
		if first, last := span(s, i); ph.Open && slices.Contains(medicines, ph.Phase.Medication) && !first.IsZero() && last.AddDays(62).Before(least) {
			return false
		}
	}
	return true
}

// span returns the dates of the first and the last dose of a phase that are shown.
func span(s *schedule.Schedule, phase int) (first, last civil.Date) {
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose && int(e.Phase) == phase {
			if last = e.Date; first.IsZero() {
				first = e.Date
			}
		}
	}
	return first, last
}

func lcm(a, b int) int {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return min(a/x*b, 1<<40)
}

// settled reports whether each open phase of a calendar goes on for long enough after its doses
// have come to what they will be.
func settled(plan *schedule.Plan, s *schedule.Schedule, k *schedule.Reckoning, margin int) bool {
	const doses = 4
	for i := range s.Phases {
		ph := &s.Phases[i]
		if !ph.Open {
			continue
		}
		cycle, _ := ph.Frequency.Frequency.CycleLength()
		set, count := k.Settled(plan, i), 0
		var first, last civil.Date
		for e := range s.Events {
			e := &s.Events[e]
			if e.Kind != schedule.Dose || int(e.Phase) != i || !set[e.Dose] {
				continue
			}
			if last = e.Date; count == 0 {
				first = e.Date
			}
			count++
		}
		if count < doses || last.Sub(first) < max(margin, 2*cycle) {
			return false
		}
	}
	return true
}

// choice looks at one combination of choices for every candidate.
func (c *checker) choice(o schedule.Options, people []*patient.Patient) {
	o.Horizon = shortest
	o.Overrides = everyLimit(c.p)
	plan, found := schedule.NewPlan(c.p, o)
	if found.HasErrors() {
		c.out.Found = append(c.out.Found, found...)
		return
	}
	c.reads = plan.Reads()
	shapes := map[string]*shape{}
	rows := make([]*Row, len(c.p.Phases))
	c.worst = make([]worst, len(c.bounds))
	reckoned := c.reckon(plan, &o, people)
	if c.awaited() || slices.ContainsFunc(c.bounds, func(b bound) bool { return c.byCounts(&b) }) {
		people, reckoned = c.between(plan, people, reckoned)
	}
	rests := c.restsPlan(o)
	for i, pat := range people {
		if c.spent(0) {
			return
		}
		k, found := reckoned[i].Reckoning, reckoned[i].found
		if found.HasErrors() {
			c.cannot(o, pat, found)
			continue
		}
		counts := reckoned[i].counts
		if counts == "" {
			counts, found = c.counts(plan, pat, k)
		}
		if found.HasErrors() {
			c.out.sometimes = c.out.sometimes || c.possible(plan, pat, k)
			c.cannot(o, pat, found)
			continue
		}
		key := counts + reckoned[i].shapeOf()
		sh := shapes[key]
		if sh == nil {
			if c.apartly && len(shapes) > 0 {
				c.tooMany(differ)
				return
			}
			// The days are the same for every patient of one shape.
			plan, s, found := c.settled(o, pat, k)
			if s == nil {
				c.out.sometimes = c.out.sometimes || c.possible(plan, pat, k)
				c.cannot(o, pat, found)
				continue
			}
			c.out.Calendars, c.out.given = append(c.out.Calendars, s), true
			sh = newShape(s)
			days := c.days(o, counts, plan, pat, k, s)
			sh.loads = days.loads
			maps.Copy(sh.used, days.used)
			sh.order = slices.Sorted(maps.Keys(sh.used))
			shapes[key] = sh
		}
		for _, i := range sh.order {
			c.makes(o, &k.Doses[i], k.Doses[i].Amount, pat)
		}
		if rests != nil && slices.ContainsFunc(k.Doses, fromStrengths) {
			c.makesRests(o, rests, pat, k.Doses)
		}
		c.rows(rows, sh, k.Doses, pat)
		c.limits(o, plan, pat, sh, k)
	}
	for i, r := range rows {
		if r != nil {
			r.Tier, r.Frequency = o.Tier, c.frequencyOf(o, i)
			if step, titrated := o.Steps[r.Phase]; titrated {
				r.Step = step + 1
			}
			c.out.Rows = append(c.out.Rows, *r)
		}
	}
	if c.all {
		c.totals(o)
	}
}

// makes looks for an amount of a dose that the strengths of its route do not make up: an error, or a warning where the route
// says how doses are rounded too.
func (c *checker) makes(o schedule.Options, d *schedule.DoseInfo, amount quantity.Amount, pat *patient.Patient) {
	if !fromStrengths(*d) {
		return
	}
	name := d.Medication.Name + " " + d.Route.Name + " " + amount.String()
	if c.made[name] {
		return
	}
	c.made[name] = true
	if _, err := d.Route.MakeUp(amount); err == nil {
		return
	}
	var found diag.List
	f := found.Add(diag.CannotMake, d.Route.Range, "round in larger steps, or state the strengths and parts that make it up", "a dose of %v %s cannot be made up of the strengths of the route “%s”", amount, d.Medication.Name, d.Route.Name)
	if f.Severity = diag.Refusal; d.Route.Round == nil {
		c.cannot(o, pat, found)
	} else if key := key(f.Code, f.Range); !c.reported[key] {
		c.reported[key], f.Severity = true, diag.Warning
		c.out.Found = append(c.out.Found, found...)
	}
}

// fromStrengths reports whether a dose is made up of strengths.
func fromStrengths(d schedule.DoseInfo) bool { return d.Route != nil && len(d.Route.Strengths) > 0 }

// restsPlan returns the plan of a user's schedule, whose last dose is what is left of a total; nil where no total ends a phase.
func (c *checker) restsPlan(o schedule.Options) *schedule.Plan {
	if !c.p.Totals() {
		return nil
	}
	o.Reach = false
	plan, _ := schedule.NewPlan(c.p, o) // of the same choices as one that has no errors
	return plan
}

// makesRests looks at what a patient's doses leave of a total; and where that follows the patient, at all that can be left: any
// number of the steps in which a dose is measured out.
func (c *checker) makesRests(o schedule.Options, plan *schedule.Plan, pat *patient.Patient, doses []schedule.DoseInfo) {
	byPatient := len(c.needs.rates) > 0 || slices.ContainsFunc(c.p.Phases, func(ph protocol.Phase) bool {
		return ph.Course.Total.IsSet() && protocol.BasisOf(ph.Course.Total) != protocol.Fixed
	})
	if byPatient { // where the same doses leave the same
		name := fmt.Sprint("rests of ", o.Tier, "|", o.Route, "|", o.Frequencies, o.Steps)
		for i := range doses {
			name += " " + doses[i].Amount.String()
		}
		if c.made[name] {
			return
		}
		c.made[name] = true
	}
	s, found := plan.Run(pat)
	c.cannot(o, pat, only(found, diag.CannotMake))
	if s == nil {
		return // which is said
	}
	c.spent(len(s.Events))
	for i := range s.Doses {
		d := &s.Doses[i]
		if !byPatient || !fromStrengths(*d) || !d.Step.IsSet() || !d.Step.Unit().Comparable(d.Amount.Unit()) {
			continue
		}
		step := d.Step.In(d.Amount.Unit())
		for rest, n := step, 0; rest.Cmp(d.Amount) < 0 && n < maxSteps; rest, n = rest.Add(step), n+1 {
			c.makes(o, d, rest, pat)
		}
	}
}

// between adds the patients of weights between two at which a total is reached with another number of doses: the
// two neighbours at each such place. Between two weights that are looked at, doses and totals are the same or rise
// evenly, so that where two have the same numbers of doses, all between them have.
func (c *checker) between(plan *schedule.Plan, people []*patient.Patient, reckoned []reckoning) ([]*patient.Patient, []reckoning) {
	order := make([]int, len(people))
	for i := range order {
		order[i] = i
	}
	alike := func(p *patient.Patient) string {
		return fmt.Sprint(p.Height, p.Sex, p.Surface, p.Measured, p.StatedAge)
	}
	slices.SortStableFunc(order, func(i, k int) int {
		if by := strings.Compare(alike(people[i]), alike(people[k])); by != 0 || !people[i].Weight.IsSet() {
			return by
		}
		return people[i].Weight.In(quantity.Kilogram).Cmp(people[k].Weight.In(quantity.Kilogram))
	})
	people, reckoned = slices.Clip(people), slices.Clip(reckoned)
	type point struct {
		weight quantity.Amount
		counts string
		ok     bool
	}
	at := func(pat *patient.Patient, k reckoning) point {
		x := point{weight: pat.Weight.In(quantity.Kilogram)}
		if !k.found.HasErrors() {
			var found diag.List
			x.counts, found = c.counts(plan, pat, k.Reckoning)
			x.ok = !found.HasErrors()
		}
		return x
	}
	var look func(of *patient.Patient, a, b point)
	look = func(of *patient.Patient, a, b point) {
		if a.counts == b.counts && a.ok == b.ok || b.weight.Sub(a.weight).Cmp(epsilon) <= 0 || c.spent(0) {
			return
		}
		pat := *of
		pat.Weight = a.weight.Add(b.weight).Times(1, 2).FloorTo(epsilon)
		if pat.Weight.Cmp(a.weight) <= 0 {
			return
		}
		k := reckoning{}
		k.Reckoning, k.found = plan.Reckon(&pat)
		mid := at(&pat, k)
		if mid.ok {
			k.counts = mid.counts
		}
		people, reckoned = append(people, &pat), append(reckoned, k)
		look(of, a, mid)
		look(of, mid, b)
	}
	var last point
	for n, i := range order {
		pat := people[i]
		if !pat.Weight.IsSet() {
			continue
		}
		x := at(pat, reckoned[i])
		if n > 0 && alike(people[order[n-1]]) == alike(pat) {
			look(pat, last, x)
		}
		last = x
	}
	return people, reckoned
}

// unevenly says why not every number of doses that comes to a total was looked at, or nothing.
func (c *checker) unevenly(medicine int) string {
	totals, others, byDay, dated, again, before := 0, false, false, false, false, false
	for i := range c.p.Phases {
		ph := &c.p.Phases[i]
		if !c.p.Totals() || ph.Medication != medicine {
			continue
		}
		byDay = byDay || c.p.Follows(ph.Dose, protocol.ByWeekday, protocol.ByTime, protocol.ByDay, protocol.ByWeek, protocol.ByCycleDay)
		if ph.Course.Total.IsSet() {
			totals++
			again = again || ph.Repeat > 1
			before = before || ph.Course.Lifetime
			dated = dated || ph.Course.Dated() || ph.Course.Cycles > 0
		} else if ph.Course.Doses == 0 || ph.Starts.Anchor == protocol.EachDose || ph.Course.Dated() || ph.Course.Cycles > 0 {
			others = true
		}
	}
	patients := len(c.needs.rates) > 0 || c.needs.weight.IsSet()
	starts := c.reads.Weekday || c.reads.Months || c.reads.Zone || c.reads.Gap
	switch {
	case totals == 0:
		return ""
	case before:
		return "how many doses come to a total of a lifetime depends on what was received before"
	case byDay:
		return "how many doses come to a total depends on the day and the time at which they begin"
	case (others || dated) && starts:
		return "how many doses come to a total depends on the start"
	case (totals > 1 || again) && patients:
		return "not every number of doses that comes to one total after another was looked at"
	case c.needs.height.IsSet() || c.needs.surface.IsSet() || c.p.Population.BMI.IsSet() && patients:
		return "not every height was looked at at which another number of doses comes to a total"
	case c.needs.rising:
		return "not every value of a measurement was looked at at which another number of doses comes to a total"
	}
	return ""
}

// unevenlyIn is unevenly for every medicine of the protocol: what follows a total can be of another.
func (c *checker) unevenlyIn() string {
	for m := range c.p.Medications {
		if text := c.unevenly(m); text != "" {
			return text
		}
	}
	return ""
}

// possible reports whether a patient whose calendar is impossible for one start has one for another on which its days
// depend.
func (c *checker) possible(plan *schedule.Plan, pat *patient.Patient, k *schedule.Reckoning) bool {
	days := 1
	switch {
	case c.reads.Months:
		days = 4*365 + 1
	case c.reads.Weekday:
		days = 7
	}
	for n := 1; n < days && !c.spent(1); n++ {
		later := *pat
		later.Start = pat.Start.AddDays(n)
		if s, _ := plan.Doses(&later, k); s != nil {
			return true
		}
	}
	return false
}

// counts says how many doses each phase has, where a total ends one: it is by the patient then.
func (c *checker) counts(plan *schedule.Plan, pat *patient.Patient, k *schedule.Reckoning) (string, diag.List) {
	if !c.p.Totals() {
		return "", nil
	}
	s, found := plan.Doses(pat, k)
	if s == nil {
		return "", found
	}
	n := make([]int, len(s.Phases))
	for i := range s.Events {
		n[s.Events[i].Phase]++
	}
	c.work += perPlacing*len(s.Events) + ofCalendar
	return fmt.Sprint(n), nil
}

// ofDays is what follows from the days of every start, whoever the patient is.
type ofDays struct {
	loads []load
	used  map[int]int // each dose that is given from some start, and its phase
}

// days returns what follows from the days of every start. Which doses come when depends on the frequencies and on how the
// doses are chosen, and not on their amounts: it is the same for most tiers and routes.
func (c *checker) days(o schedule.Options, counts string, plan *schedule.Plan, pat *patient.Patient, k *schedule.Reckoning, first *schedule.Schedule) ofDays {
	key := fmt.Sprint(o.Frequencies, c.reads, counts, k.Selection())
	if known, ok := c.ofDays[key]; ok {
		return known
	}
	f, used := c.newFinder(), map[int]int{}
	c.starts(o, counts, plan, pat, k, first, func(s *schedule.Schedule) {
		f.look(s)
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind == schedule.Dose {
				used[int(e.Dose)] = int(e.Phase)
			}
		}
	})
	c.ofDays[key] = ofDays{f.list, used}
	return c.ofDays[key]
}

// doubles reports two doses of one phase that a calendar puts on one instant.
func (c *checker) doubles(s *schedule.Schedule) {
	var last *schedule.Event
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		if last != nil && last.Phase == e.Phase && last.At == e.At {
			at := s.Phases[e.Phase].Frequency.Range
			if key := key(diag.DoubleDose, at); !c.reported[key] {
				c.reported[key] = true
				help := "choose other times"
				if f := &s.Phases[e.Phase].Frequency; f.Frequency.HoursApart() > 0 {
					help = "write `" + f.Text + " elapsed`, or choose other times"
				}
				c.out.Found.Add(diag.DoubleDose, at, help, "two doses of “%s” fall on one instant where the clocks go forward, as in %s on %v", c.p.Phases[e.Phase].Name, s.Zone, e.Date)
			}
		}
		last = e
	}
}

// empty says of a phase that one start leaves without a dose, or without one of the days that its file names, and another does
// not.
func (c *checker) empty(first, s *schedule.Schedule) {
	for i := range min(len(first.Phases), len(s.Phases)) {
		was, now := &first.Phases[i], &s.Phases[i]
		ph := now.Phase
		key := key(diag.NoDoses, ph.Range)
		if c.reported[key] || now.Open {
			continue
		}
		switch listed := now.Frequency.Frequency.Kind() == frequency.Listed; {
		case was.Doses > 0 && now.Doses == 0:
			c.out.Found.Add(diag.NoDoses, ph.Range, "make its course longer, or change its days", "no dose of the phase “%s” falls within its course where that starts on %s", ph.Name, s.Patient.Start.WithWeekday())
		case listed && now.Doses != was.Doses:
			fewer, most := s, was.Doses
			if now.Doses > was.Doses {
				fewer, most = first, now.Doses
			}
			c.out.Found.Add(diag.NoDoses, ph.Range, "count its course in days, or as many doses", "the phase “%s” has %s where it starts on %s, and %d where it starts otherwise: its course ends before the last of its days", ph.Name, civil.Plural(fewer.Phases[i].Doses, "dose"), fewer.Patient.Start.WithWeekday(), most)
		default:
			continue
		}
		c.reported[key] = true
	}
}

// A reckoning is what one candidate gets.
type reckoning struct {
	*schedule.Reckoning
	found diag.List
	shape string // "" until somebody needs it

	counts string // how many doses each phase has, of one that between has added; "" where that is not known
}

// shapeOf tells apart reckonings whose calendars differ in more than amounts: in how doses are chosen, or in how long giving
// one takes.
func (r *reckoning) shapeOf() string {
	if r.shape == "" {
		b := []byte(r.Selection())
		for i := range r.Doses {
			d := &r.Doses[i]
			b = binary.AppendVarint(b, int64(d.PerTime))
			b = append(append(b, d.Over.String()...), '|')
			if d.Amount.IsSet() {
				b = append(b, '+')
			}
		}
		r.shape = string(b)
	}
	return r.shape
}

// reckon computes what every candidate gets. That does not depend on the frequency, unless it divides a total, so that
// choices which differ in nothing else share it.
func (c *checker) reckon(plan *schedule.Plan, o *schedule.Options, people []*patient.Patient) []reckoning {
	key := fmt.Sprintf("%s|%s|%v", o.Tier, o.Route, o.Steps)
	if slices.ContainsFunc(c.p.Phases, func(ph protocol.Phase) bool { return c.p.ByFrequency(&ph) }) {
		key += fmt.Sprint(o.Frequencies)
	}
	if c.reckoned == nil || key != c.reckonedFor {
		c.reckoned, c.reckonedFor = make([]reckoning, len(people)), key
		for i, pat := range people {
			c.reckoned[i].Reckoning, c.reckoned[i].found = plan.Reckon(pat)
		}
	}
	return c.reckoned
}

// totals takes down the worst case of each bound for one combination of choices.
func (c *checker) totals(o schedule.Options) {
	var frequencies []string
	for _, f := range o.Frequencies {
		frequencies = append(frequencies, f.Phase+": "+f.Text)
	}
	step := 0
	for _, n := range o.Steps {
		step = max(step, n+1)
	}
	for k := range c.bounds {
		if w := &c.worst[k]; w.load != nil {
			t := c.total(&c.bounds[k], w)
			t.Tier, t.Route, t.Frequency, t.Step = o.Tier, o.Route, strings.Join(frequencies, ", "), step
			c.out.Totals = append(c.out.Totals, t)
		}
	}
}

// total says what a worst case comes to.
func (c *checker) total(b *bound, w *worst) Total {
	t := Total{Medication: c.p.Medications[b.medicine].Name, Name: string(b.name), Doses: w.load.n, Weight: w.patient.Weight, At: b.at}
	switch {
	case b.counts():
		t.Days = b.days()
	case b.between():
		t.Apart, t.Shortest = time.Duration(w.value)*time.Second, time.Duration(w.most)*time.Second
	case b.kind == limit.Count:
		t.MostDoses, t.Endless = int(w.most), w.load.endless
	default:
		t.Amount = quantity.FromScaled(w.value, w.unit)
		t.Endless = w.load.endless && whole(b)
		if b.rule != noLimit {
			t.Limit, t.Written = quantity.FromScaled(w.most, w.unit), b.limit
		}
	}
	return t
}

// everyLimit lets the calendars of a protocol through, so that they can be looked at whole.
func everyLimit(p *protocol.Protocol) (list []schedule.Override) {
	keys := limit.Keys()
	for m := range p.Medications {
		for _, b := range p.Medications[m].Limits.Bounds() {
			keys = append(keys, b.Key)
		}
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		list = append(list, schedule.Override{Limit: key, Reason: "proof"})
	}
	return list
}

func (c *checker) frequencyOf(o schedule.Options, phase int) string {
	ph := &c.p.Phases[phase]
	for _, f := range o.Frequencies {
		if f.Phase == ph.Name {
			return f.Text
		}
	}
	return ph.Frequencies[0].Text
}

// cannot reports a candidate whom no dose can be given.
func (c *checker) cannot(o schedule.Options, pat *patient.Patient, found diag.List) {
	for _, d := range found {
		key := key(d.Code, d.Range)
		if d.Severity < diag.Error || c.reported[key] {
			continue
		}
		c.reported[key] = true
		switch d.Code {
		case diag.NeverReached, diag.TooLong, diag.OutsideCourse: // whoever the patient is
			if pat.Start != start {
				d.Message += fmt.Sprintf(" where the course starts on %s", pat.Start.WithWeekday())
			}
			c.out.Found = append(c.out.Found, d)
			continue
		case diag.BeforeGate:
			c.gates(diag.List{d})
			continue
		case diag.NotGiven: // as the file says
			c.out.refused = d.Range
			continue
		}
		w := Witness{pat, o, c.p.Days()}
		if d.Code == diag.Displaced {
			c.out.Found.Add(diag.CannotBeGiven, d.Range, "write the phase so that it keeps its distance; `doseplan schedule` with "+w.String()+" shows it", "for some starts there is no calendar: %s", d.Message)
			continue
		}
		if d.Code == diag.SingleDoseLimit || d.Code == diag.RollingLimit { // of what is taken as needed
			c.out.Found.Add(diag.CanBreakLimit, d.Range, "take less, or further apart; `doseplan schedule` with "+w.String()+" is refused ("+string(d.Code)+")", "%s", d.Message)
			continue
		}
		c.out.Found.Add(diag.CannotBeGiven, d.Range, "narrow the population, or change the dose or its rounding; `doseplan schedule` with "+w.String()+" shows it", "a patient of the population can be given no dose: %s", d.Message)
	}
}

// A shape is what schedules whose doses follow the same rules have in common.
type shape struct {
	start, last civil.Date
	used        map[int]int // each dose that is given, and its phase
	order       []int       // the keys of used, in order
	loads       []load
}

func newShape(s *schedule.Schedule) *shape {
	sh := &shape{start: s.Patient.Start, last: s.Start, used: map[int]int{}}
	for i := range s.Events {
		e := &s.Events[i]
		sh.last = e.Date
		if e.Kind == schedule.Dose {
			sh.used[int(e.Dose)] = int(e.Phase)
		}
	}
	sh.order = slices.Sorted(maps.Keys(sh.used))
	return sh
}

// starts calls visit with the calendars of a plan for every start on which its days depend, and
// looks at where each dose stands.
//
// Which days doses and check-ins have depends on no amount, so that this is looked at once for
// each choice of frequencies, and of how many doses come to a total.
func (c *checker) starts(o schedule.Options, counts string, plan *schedule.Plan, pat *patient.Patient, k *schedule.Reckoning, first *schedule.Schedule, visit func(*schedule.Schedule)) {
	visit(first)
	key := fmt.Sprint(o.Frequencies, counts)
	judged := !c.judged[key] && (slices.ContainsFunc(c.p.CheckIns, decides) || c.countsFromDoses())
	c.judged[key] = true
	span, moving := 7, 7 // the days of the longest of the courses, and of what is counted in elapsed time in it
	reach := func(s *schedule.Schedule) {
		if n := len(s.Events); n > 0 {
			span = max(span, s.Events[n-1].Date.Sub(s.Patient.Start)+1)
		}
		moving = max(moving, c.moving(s, span))
	}
	reach(first)
	run := func(start civil.Date, name string, zone civil.Zone) {
		if c.spent(len(first.Events) + ofCalendar) {
			return
		}
		later := *pat
		later.Start, later.TimeZone, later.Zone = start, name, zone
		doses := plan.Doses
		if judged {
			doses = plan.Standing
		}
		s, found := doses(&later, k)
		c.gates(found)
		c.cannot(o, &later, only(found, diag.Displaced))
		if s == nil {
			c.cannot(o, &later, found)
			return
		}
		c.doubles(s)
		c.empty(first, s)
		reach(s)
		visit(s)
	}
	days := 1
	switch {
	case c.reads.Months && c.reads.Weekday:
		days = 28*365 + 7 // in which every day of every month comes on every weekday
	case c.reads.Months:
		days = 4*365 + 1
	case c.reads.Weekday:
		days = 7
	}
	seen := map[string]bool{}
	for n := range days {
		start := pat.Start.AddDays(n)
		key := c.monthsOf(start, span)
		if seen[key] {
			continue
		}
		seen[key] = true
		if n > 0 { // which was the first
			run(start, pat.TimeZone, pat.Zone)
		}
	}
	// Doses on elapsed time, and those in an hour that is skipped, move along the clock when it changes,
	// and with them the day on which the next phase starts: every change is put on every day of the course.
	// Where the days follow the months too, each is put there from every date on which it comes.
	if c.reads.Zone || c.reads.Gap {
		changes := civil.Changes()
		if c.reads.Months {
			changes = civil.DatedChanges()
		}
		for _, change := range changes {
			zone, err := civil.LoadZone(change.Zone)
			days := moving
			if c.reads.Gap && change.Seconds > 0 {
				days = span
			}
			if err != nil || !c.reads.Zone && change.Seconds < 0 {
				continue
			}
			for n := range days {
				run(change.Date.AddDays(-n), change.Zone, zone)
			}
		}
	}
	if c.reads.Zone { // and a course that crosses two of them sees how far apart they are
		for _, pair := range civil.ChangePairs() {
			zone, err := civil.LoadZone(pair.Zone)
			if err != nil || pair.Days >= moving {
				continue
			}
			for n := range moving - pair.Days {
				run(pair.Date.AddDays(-n), pair.Zone, zone)
			}
		}
	}
}

// moving returns for how many days of a calendar some dose or check-in is counted in elapsed time, and a month more: a change of
// the clocks after that moves nothing along them. It is never more than the days of the course.
func (c *checker) moving(s *schedule.Schedule, days int) int {
	if !c.reads.Zone {
		return 0
	}
	at, all := c.elapsedCheckIns()
	if all {
		return days
	}
	n := 0
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		counted := func(w protocol.When) bool {
			return int(e.Number) == w.N && (w.Phase == "" || w.Phase == s.Phases[e.Phase].Phase.Name)
		}
		if slices.ContainsFunc(at, counted) {
			n = max(n, e.Date.Sub(s.Patient.Start)+1)
		}
		ph := &s.Phases[e.Phase]
		_, begins := ph.Phase.Starts.Offset.Elapsed()
		if elapsed(ph) || begins && (e.Number == 1 || ph.Phase.Starts.Anchor == protocol.EachDose) {
			n = max(n, e.Date.Sub(s.Patient.Start)+1)
		}
	}
	return min(n+35, days)
}

// elapsed reports whether the doses of a phase, or its end, are counted in elapsed time.
func elapsed(ph *schedule.PhaseInfo) bool {
	return ph.Frequency.Frequency.Kind() == frequency.Elapsed || ph.Phase.Course.Timed()
}

// decides reports whether doses wait for a check-in.
func decides(ci protocol.CheckIn) bool {
	return len(ci.Gates) > 0 || ci.Name == protocol.ReassessmentName
}

// elapsedCheckIns returns the doses from which check-ins that decide about others are counted in elapsed time, and whether one is
// counted so from anything else.
func (c *checker) elapsedCheckIns() (at []protocol.When, all bool) {
	for i := range c.p.CheckIns {
		ci := &c.p.CheckIns[i]
		if !decides(*ci) {
			continue
		}
		for _, w := range append([]protocol.When{ci.From, ci.Until}, ci.On...) {
			if _, hours := w.Offset.Elapsed(); !hours {
				continue
			}
			if w.Anchor != protocol.DoseN {
				return nil, true
			}
			at = append(at, w)
		}
	}
	return at, false
}

// monthsOf says what a course of a length from a start can read of the calendar: of two starts with the same, one is
// enough. Where check-ins from the start alone look at months, that is the days on which they come; else it is the date
// in its year and the length of every February on the way, and a while past its end, where what would follow stands.
func (c *checker) monthsOf(start civil.Date, days int) string {
	var key []byte
	if c.reads.Weekday {
		key = append(key, byte('0'+start.Weekday()))
	}
	if !c.reads.Months {
		return string(key)
	}
	if len(c.reads.FromStart) > 0 {
		from := civil.AnchorAt(start, c.p.ShortMonths)
		for _, p := range c.reads.FromStart {
			for k, on := 1, 0; on <= days; k++ {
				on = from.Add(p, k).Date().Sub(start)
				key = strconv.AppendInt(append(key, ' '), int64(on), 10)
			}
		}
		return string(key)
	}
	const past = 100 // days
	year, month, day := start.Parts()
	key = fmt.Appendf(key, " %d-%d", month, day)
	for last := start.AddDays(days + past); ; year++ {
		february := civil.NewDate(year, time.February, 1)
		if february.After(last) {
			return string(key)
		}
		if march := civil.NewDate(year, time.March, 1); march.After(start) {
			key = strconv.AppendInt(append(key, ' '), int64(march.Sub(february)), 10)
		}
	}
}

// countsFromDoses reports whether a phase is counted from a dose of another.
func (c *checker) countsFromDoses() bool {
	return slices.ContainsFunc(c.p.Phases, func(ph protocol.Phase) bool {
		return ph.Starts.Anchor == protocol.DoseN || ph.Starts.Anchor == protocol.LastDose || ph.Starts.Anchor == protocol.EachDose
	})
}

// only returns the findings of one code.
func only(found diag.List, code diag.Code) (list diag.List) {
	for _, d := range found {
		if d.Code == code {
			list = append(list, d)
		}
	}
	return list
}

// gates reports a dose that a calendar puts before the check-in that decides about it.
func (c *checker) gates(found diag.List) {
	for _, d := range found {
		key := key(diag.GateTooLate, d.Range)
		if d.Code == diag.BeforeGate && !c.reported[key] {
			c.reported[key] = true
			c.out.Found.Add(diag.GateTooLate, d.Range, "put the check-in before the first dose that it decides about", "a dose can stand before the check-in that decides about it: %s", d.Message)
		}
	}
}

func (c *checker) rows(rows []*Row, sh *shape, doses []schedule.DoseInfo, pat *patient.Patient) {
	for _, i := range sh.order {
		d, phase := &doses[i], sh.used[i]
		r := rows[phase]
		if r == nil {
			r = &Row{Phase: c.p.Phases[phase].Name, Route: d.Route.Name, Least: d.Amount, Most: d.Amount}
			rows[phase] = r
		}
		r.Least, r.Most = quantity.Min(r.Least, d.Amount), quantity.Max(r.Most, d.Amount)
		if pat.Weight.IsSet() {
			perKg := d.Amount.Div(pat.Weight.In(quantity.Kilogram).Number()).With(d.Amount.Unit().WithPer(quantity.PerKilogram))
			if !r.MostPerKg.IsSet() || perKg.Cmp(r.MostPerKg) > 0 {
				r.MostPerKg = perKg
			}
		}
	}
}

// refused reports whether the schedule of a witness is refused by the limit that stands at a place.
func (c *checker) refused(w *Witness, code diag.Code, at diag.Range) bool {
	plan, found := schedule.NewPlan(c.p, w.Options)
	if found.HasErrors() {
		return false
	}
	_, found = plan.Run(w.Patient)
	return slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == code && d.Range == at && d.Severity == diag.Refusal })
}

// breach reports a broken limit, if its witness is refused.
func (c *checker) breach(b *bound, w *Witness, text string) bool {
	key := b.key()
	if c.reported[key] {
		return true
	}
	if c.tries[key]++; c.tries[key] > maxTries || !c.refused(w, b.code, b.at) {
		return false
	}
	help := ""
	if c.byClocks(b, w) {
		text += ", on the night on which clocks change"
		help = b.onClocks() + "; "
	}
	c.reported[key], w.Days = true, c.p.Days()
	c.out.Found.Add(diag.CanBreakLimit, b.at, help+"`doseplan schedule` with "+w.String()+" is refused ("+string(b.code)+")", "%s", text)
	return true
}

// byClocks reports whether a witness breaks a limit in its own zone alone, since clocks change there.
func (c *checker) byClocks(b *bound, w *Witness) bool {
	if w.Patient.TimeZone == "UTC" || w.Patient.Zone == civil.UTC {
		return false
	}
	pat, still := *w.Patient, *w
	pat.TimeZone, pat.Zone, still.Patient = "UTC", civil.UTC, &pat
	return !c.refused(&still, b.code, b.at)
}

// onClocks says how to write a limit on elapsed time that the clocks alone break.
func (b *bound) onClocks() string {
	switch days, whole := limit.WholeDays(civil.PeriodOf(b.within)); {
	case b.kind != limit.InRolling || !whole:
	case days == 1:
		return "if the doses of one day are meant, write `each day`"
	default:
		return fmt.Sprintf("if days of the calendar are meant, write `%s`", limit.KeyEach(days))
	}
	return "write the time in days of the calendar, or an hour or two less, if doses may be so near on that night"
}

// witness returns the witness of a candidate with the options of a user.
func witness(o schedule.Options, pat *patient.Patient, start civil.Date) *Witness {
	p := *pat
	p.Start = start
	o.Overrides, o.Closed, o.Policy, o.Reach = nil, calendar.Closed{}, calendar.Next, false
	return &Witness{Patient: &p, Options: o}
}

// Package proof computes the worst that a protocol can do to any patient of its population,
// and compares it with the protocol's own limits.
//
// # What is exact
//
// A rounded dose is a step function of the patient's weight (or height, or age), so it is
// enough to look at the ends of the population's ranges and at both sides of every step: the
// weights at which rounding, a minimum, a maximum or a band changes the dose. Candidates are
// taken at each such point and one millionth of a kilogram to either side. Nothing is sampled.
//
// Doses are then put together: any run of doses that windows, the shortest interval and one
// change of the clocks by an hour allow inside the stretch of a rolling limit counts against
// it. Every breach has a [Witness], and is reported only if the schedule of that witness is
// indeed refused.
//
// Clocks are taken to change by one hour, at two in the morning of a Sunday, as they do in
// most places; the few zones with other changes are checked when a schedule is computed.
package proof

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
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
	Phase, Tier, Route, Frequency string
	Step                          int // of a titration by amounts, from 1; 0 for none
	Least, Most                   quantity.Amount
	MostPerKg                     quantity.Amount // of actual weight, unset where no weight is bounded
}

// A Total is the worst that one combination of choices can come to against one limit, or one
// figure that has none. It is a bound: a case in which calendars do not quite come to it counts
// as if they did.
type Total struct {
	Tier, Route, Frequency string
	Step                   int // of titrations by amounts, from 1; 0 for none
	Medication             string
	Name                   string          // the key of the limit, such as "any 24 hours"
	Amount, Limit          quantity.Amount // of totals; Limit is unset where there is none
	Written                quantity.Amount // the limit as the protocol states it
	Doses, MostDoses       int             // how many doses count together; of "doses", the limit
	Apart, Shortest        time.Duration   // of "interval"
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
}

// A Witness is a patient and the choices for whom a limit is broken.
type Witness struct {
	Patient *patient.Patient
	Options schedule.Options
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
		add("weight", strings.ReplaceAll(p.Weight.String(), " ", ""))
	}
	if p.Height.IsSet() {
		add("height", strings.ReplaceAll(p.Height.String(), " ", ""))
	}
	add("sex", string(p.Sex))
	if p.AgeStated {
		add("age", fmt.Sprint(p.AgeYears))
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
		if b := &c.bounds[k]; b.rule != noLimit && c.closest[k].load != nil {
			c.out.Closest = append(c.out.Closest, c.total(b, &c.closest[k]))
		}
	}
	c.out.Found = c.out.Found.Sort()
	return c.out
}

// Bounds of what is looked at. They are far beyond any published protocol.
const (
	maxChoices = 500
	maxCases   = 200_000     // patients of each choice in each phase
	maxWork    = 100_000_000 // doses looked at, each as often as it is
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
	reported map[string]bool // a breach of one limit is reported once

	work int // how many doses were looked at

	reckoned    []reckoning // of every candidate, for the tier, route and steps that are looked at
	reckonedFor string
}

func newChecker(p *protocol.Protocol, all bool) *checker {
	c := &checker{p: p, all: all, out: &Result{}, bounds: bounds(p, all), reported: map[string]bool{}}
	c.closest = make([]worst, len(c.bounds))
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
	steps := 1
	for i := range p.Phases {
		if t := p.Phases[i].Titration; t != nil {
			steps = max(steps, len(t.Amounts))
		}
	}
	var list []schedule.Options
	for _, t := range tiers {
		for _, r := range routes {
			for k := range steps {
				for _, f := range frequencies {
					o := schedule.Options{Tier: t, Route: r, Frequencies: f, Steps: map[string]int{}, Reach: true}
					for i := range p.Phases {
						if t := p.Phases[i].Titration; t != nil && len(t.Amounts) > 0 {
							o.Steps[p.Phases[i].Name] = min(k, len(t.Amounts)-1)
						}
					}
					list = append(list, o)
				}
			}
		}
	}
	return list
}

// horizon is how far open-ended phases are looked at: long enough for every pattern of days,
// and every window of a limit, to come round.
var horizon = civil.MustPeriod("120 days")

// choice looks at one combination of choices for every candidate.
func (c *checker) choice(o schedule.Options, people []*patient.Patient) {
	o.Horizon = horizon
	o.Overrides = everyLimit
	plan, found := schedule.NewPlan(c.p, o)
	if found.HasErrors() {
		c.out.Found = append(c.out.Found, found...)
		return
	}
	shapes := map[string]*shape{}
	rows := make([]*Row, len(c.p.Phases))
	c.worst = make([]worst, len(c.bounds))
	reckoned := c.reckon(plan, &o, people)
	for i, pat := range people {
		k, found := reckoned[i].Reckoning, reckoned[i].found
		if found.HasErrors() {
			c.cannot(o, pat, found)
			continue
		}
		key := shapeOf(k.Doses)
		sh := shapes[key]
		if sh == nil {
			// The days are the same for every patient of one shape.
			s, found := plan.Run(pat)
			if s == nil {
				c.cannot(o, pat, found)
				continue
			}
			c.out.Calendars = append(c.out.Calendars, s)
			sh = newShape(s)
			f := c.newFinder()
			c.starts(plan, pat, k, s, f.look)
			sh.loads = f.list
			shapes[key] = sh
		}
		c.rows(rows, sh, k.Doses, pat)
		c.limits(o, pat, sh, k)
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

// A reckoning is what one candidate gets.
type reckoning struct {
	*schedule.Reckoning
	found diag.List
}

// reckon computes what every candidate gets. That does not depend on the frequency, so that
// choices which differ in nothing else share it.
func (c *checker) reckon(plan *schedule.Plan, o *schedule.Options, people []*patient.Patient) []reckoning {
	key := fmt.Sprintf("%s|%s|%v", o.Tier, o.Route, o.Steps)
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
	t := Total{Medication: c.p.Medications[b.medicine].Name, Name: b.name, Doses: w.load.n, Weight: w.patient.Weight, At: b.at}
	switch b.kind {
	case limit.Interval:
		t.Apart, t.Shortest = time.Duration(w.value)*time.Second, time.Duration(w.most)*time.Second
	case limit.Count:
		t.MostDoses = int(w.most)
	default:
		t.Amount = quantity.FromScaled(w.value, w.unit)
		if b.rule != noLimit {
			t.Limit, t.Written = quantity.FromScaled(w.most, w.unit), b.limit
		}
	}
	return t
}

// everyLimit lets the calendar of a candidate through, so that it can be looked at whole.
var everyLimit = func() []schedule.Override {
	var list []schedule.Override
	for _, name := range limit.Keys() {
		list = append(list, schedule.Override{Limit: name, Reason: "proof"})
	}
	return list
}()

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
		key := string(d.Code) + d.Range.String()
		if d.Severity < diag.Error || c.reported[key] {
			continue
		}
		c.reported[key] = true
		switch d.Code {
		case diag.NeverReached, diag.TooLong, diag.OutsideCourse: // whoever the patient is
			c.out.Found = append(c.out.Found, d)
			continue
		case diag.BeforeGate:
			c.out.Found.Add(diag.GateTooLate, d.Range, "put the check-in before the first dose that it decides about", "a dose can stand before the check-in that decides about it: %s", d.Message)
			continue
		}
		w := Witness{pat, o}
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

// shapeOf tells apart schedules whose doses follow different rules.
func shapeOf(doses []schedule.DoseInfo) string {
	var b []byte
	for i := range doses {
		for _, step := range doses[i].Derivation {
			b = binary.AppendVarint(b, int64(step.Rule.Start.Line))
			b = binary.AppendVarint(b, int64(step.Rule.Start.Column))
		}
		b = append(b, 0)
	}
	return string(b)
}

// starts calls visit with the calendars of a plan for every start on which its days depend: the days
// of a week where a rule names weekdays; where one counts months, the first and the last days
// of the months of two years, of which one is a leap year; where one counts elapsed hours, the
// days before a change of the clocks.
func (c *checker) starts(plan *schedule.Plan, pat *patient.Patient, k *schedule.Reckoning, first *schedule.Schedule, visit func(*schedule.Schedule)) {
	months, weekdays, hours := false, false, 0 // hours: the last day of a rule on elapsed hours
	for i := range first.Phases {
		ph := &first.Phases[i]
		kind, unit := ph.Frequency.Frequency.Kind(), ph.Phase.Course.Duration.Unit
		months = months || kind == frequency.Months || unit >= civil.Month
		weekdays = weekdays || kind == frequency.Weekdays
		if kind == frequency.Elapsed {
			hours = max(hours, first.Events[len(first.Events)-1].Date.Sub(first.Start)+1)
		}
	}
	visit(first)
	zone := pat.Zone
	run := func(start civil.Date) {
		if c.spent(len(first.Events)) {
			return
		}
		later := *pat
		later.Start, later.Zone = start, zone
		if s, _ := plan.Doses(&later, k); s != nil {
			visit(s)
		}
	}
	for n := 1; weekdays && n < 7; n++ {
		run(pat.Start.AddDays(n))
	}
	for m := 0; months && m < 24; m++ {
		run(civil.NewDate(2027, time.Month(1+m), 1))
		for back := 1; back <= 4; back++ {
			run(civil.NewDate(2027, time.Month(2+m), 1).AddDays(-back))
		}
	}
	// Doses on elapsed hours move along the clock when it changes, and with them the day on
	// which the next phase starts: both changes are put on every day of the course.
	if hours > 0 {
		if ny, err := civil.LoadZone(newYork); err == nil {
			zone = ny
		}
		for n := range hours {
			for _, change := range []civil.Date{springs[0], civil.MustDate("2027-11-07")} {
				run(change.AddDays(-n))
			}
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

// refused reports whether the schedule of a witness is refused with one of the codes.
func (c *checker) refused(w *Witness, code diag.Code) bool {
	plan, found := schedule.NewPlan(c.p, w.Options)
	if found.HasErrors() {
		return false
	}
	_, found = plan.Run(w.Patient)
	return slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == code && d.Severity == diag.Refusal })
}

// breach reports a broken limit, if its witness is refused.
func (c *checker) breach(code diag.Code, at diag.Range, w *Witness, format string, args ...any) bool {
	key := string(code) + at.String()
	if c.reported[key] {
		return true
	}
	if !c.refused(w, code) {
		return false
	}
	c.reported[key] = true
	c.out.Found.Add(diag.CanBreakLimit, at, "`doseplan schedule` with "+w.String()+" is refused ("+string(code)+")", format, args...)
	return true
}

// witness returns the witness of a candidate with the options of a user.
func witness(o schedule.Options, pat *patient.Patient, start civil.Date) *Witness {
	p := *pat
	p.Start = start
	o.Overrides, o.Closed, o.Policy = nil, calendar.Closed{}, calendar.Next
	return &Witness{&p, o}
}

package schedule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// A Plan is a protocol with every choice made but the patient's own parameters. It is
// immutable, and safe for use by several goroutines.
type Plan struct {
	protocol  *protocol.Protocol
	options   Options
	tier      string
	route     string
	phases    []phasePlan
	order     []int // of phases: each after the one that its start is counted from
	faulty    bool  // it was made with errors
	checkIns  []protocol.CheckIn
	confirmed []bool    // per check-in
	first     []int     // the check-ins that decide about the first dose
	reassess  int       // the index of the reassessment among checkIns, or None
	said      diag.List // of the choices, for every calendar
	looks     looksAt
	alike     bool // patients who begin together and whose doses are chosen alike have one layout
	raising   bool // some check-in decides about a step, of which its event tells
	layouts   memo[layoutKey, layout]
	regimens  memo[measures, regimen]
	parts     map[string]*part // of a protocol with phases for some patients: by the phases of each part of them

	memory sync.Pool                              // of *scratch, for the next run
	asked  atomic.Pointer[[]eligibility.Question] // of the patient before
}

// A part is the plan of the patients who have some of the phases, with what was found where it was made.
type part struct {
	plan  *Plan
	found diag.List
}

// A phasePlan is one phase with its choices made.
type phasePlan struct {
	*protocol.Phase
	choice protocol.Choice
	route  string
	times  dayTimes
	dated  *protocol.When // the start, counted from a date of the patient's file, of the phase or of what it is counted from; nil for none
	gates  []int          // the check-ins that the phase waits for, all of which must let its doses through
	stay   int            // minutes from the start of a dose until it is given and the last observation made
	after  int            // the phase from which its start is counted, or None
	number int            // of its first day: 1, or that of the course where it begins with it
}

// UsualTimes returns the clock times of a number of doses a day unless something else is stated.
func UsualTimes(n int) []civil.Clock { return usualTimes(n) }

// usualTimes are the clock times of a number of doses a day unless something else is stated.
func usualTimes(n int) []civil.Clock {
	switch n {
	case 1:
		return []civil.Clock{9 * 60}
	case 2:
		return []civil.Clock{8 * 60, 20 * 60}
	case 3:
		return []civil.Clock{8 * 60, 14 * 60, 20 * 60}
	case 4:
		return []civil.Clock{8 * 60, 12 * 60, 16 * 60, 20 * 60}
	}
	times := make([]civil.Clock, n)
	for i := range times {
		times[i] = civil.Clock(i * 24 * 60 / n)
	}
	return times
}

// usualCheckInTime is when check-ins are held unless something else is stated.
const usualCheckInTime = civil.Clock(9 * 60)

// NewPlan makes the choices of o in p, which must have been decoded without errors. The
// findings name what can be chosen where a choice is missing or not offered; the plan is of no
// use, and runs to nothing, where they hold an error.
func NewPlan(p *protocol.Protocol, o Options) (*Plan, diag.List) {
	pl, found := newPlan(p, o)
	if p.Dated() || !p.Selective() || found.HasErrors() {
		return pl, found
	}
	cells, ok := p.Cells()
	if !ok {
		found.Add(diag.Unbounded, p.Range, "split the protocol", "the phases divide the population into too many parts")
	}
	pl.parts = map[string]*part{}
	for _, cell := range cells {
		if key := strings.Join(cell.Chosen(), ", "); pl.parts[key] == nil && p.Gives(cell) {
			q := *cell
			q.Population, q.Measurements = p.Population, p.Measurements
			made, more := newPlan(&q, o.of(&q))
			pl.parts[key] = &part{made, more}
		}
	}
	return pl, found
}

// of returns the options without the choices for phases and check-ins that a protocol does not have.
func (o Options) of(p *protocol.Protocol) Options {
	lacks := func(phase string) bool { _, ok := p.Phase(phase); return phase != "" && !ok }
	o.Frequencies = slices.DeleteFunc(slices.Clone(o.Frequencies), func(c FrequencyChoice) bool { return lacks(c.Phase) })
	o.Steps = maps.Clone(o.Steps)
	maps.DeleteFunc(o.Steps, func(phase string, _ int) bool { return lacks(phase) })
	o.Confirmed = slices.DeleteFunc(slices.Clone(o.Confirmed), func(name string) bool {
		_, has := p.CheckIn(name)
		return name != Reassessment && !has
	})
	return o
}

// Of returns the plan of the phases that a patient has, where not all patients of the protocol have the same
// ones. It is of no use where the findings hold an error: they ask for what decides.
func (pl *Plan) Of(pat *patient.Patient) (*Plan, diag.List) {
	if !pl.partial() {
		return pl, nil
	}
	q, found := eligibility.Phases(pl.protocol, pat, pat.Start)
	if found.HasErrors() {
		return pl, found
	}
	if pl.protocol.Dated() {
		return newPlan(q, pl.options.of(q))
	}
	names := strings.Join(q.Chosen(), ", ")
	x := pl.parts[names]
	if x == nil { // a patient outside the population, whom nothing is said of
		found.Add(diag.OutsideRange, pl.protocol.Range, "use a protocol for this patient's population", "the protocol says nothing of a patient who has just %s", names)
		return pl, found
	}
	return x.plan, x.found
}

// partial reports whether what a patient gets must be looked up by the patient.
func (pl *Plan) partial() bool { return pl.parts != nil || pl.protocol.Dated() }

// newPlan is NewPlan for patients who have all phases.
func newPlan(p *protocol.Protocol, o Options) (*Plan, diag.List) {
	pl := &Plan{protocol: p, options: o, checkIns: slices.Clone(p.CheckIns), reassess: None, looks: looks(p)}
	var found diag.List
	pl.chooseTier(&found)
	pl.chooseRoute(&found)
	pl.chooseSteps(&found)
	pl.addReassessment()
	pl.confirm(&found)
	for i := range p.Phases {
		pl.phases = append(pl.phases, phasePlan{Phase: &p.Phases[i], route: pl.routeOf(i), after: p.StartsAfter(i), number: p.FirstDay(i)})
	}
	for i := range pl.phases {
		pl.phases[i].dated = p.ByDate(i)
	}
	pl.chooseFrequencies(&found)
	timesUsed := len(o.Times) == 0
	for i := range pl.phases {
		ph := &pl.phases[i]
		if pl.chooseTimes(ph, &found) {
			timesUsed = true
			if len(ph.Times) > 0 || len(ph.choice.Frequency.At()) > 0 {
				pl.said.Add(diag.OtherTime, ph.Range, "", "the doses of the phase “%s” stand at %s, as asked for, and not at the times of the protocol", ph.Name, civil.JoinClocks(o.Times))
			}
		}
	}
	if !timesUsed {
		found.Add(diag.Usage, diag.Range{}, "give as many times as there are doses on a day", "no phase has %s a day", civil.Plural(len(o.Times), "dose"))
	}
	for i := range pl.checkIns {
		if c := &pl.checkIns[i]; c.Time != nil {
			pl.otherDay([]protocol.Time{*c.Time}, c.Range, &found)
		}
	}
	pl.inOrder(&found)
	pl.stays()
	pl.gates()
	pl.checkTimeline(&found)
	pl.alike, pl.raising = pl.laysAlike(), slices.ContainsFunc(pl.phases, func(ph phasePlan) bool { return ph.Titration != nil })
	if found.HasErrors() {
		pl.faulty = true
	}
	return pl, found
}

// routeOf returns the route by which a phase is given.
func (pl *Plan) routeOf(i int) string {
	ph := &pl.protocol.Phases[i]
	if ph.Route != "" {
		return ph.Route
	}
	if routes := pl.protocol.Medications[ph.Medication].Routes; len(routes) == 1 {
		return routes[0].Name
	}
	return pl.route
}

// chooseFrequencies sets the frequency of every phase: the chosen one, or the first it offers.
func (pl *Plan) chooseFrequencies(found *diag.List) {
	used := make([]bool, len(pl.options.Frequencies))
	for i := range pl.phases {
		ph := &pl.phases[i]
		ph.choice = ph.Frequencies[0]
		for k, c := range pl.options.Frequencies {
			if c.Phase != "" && c.Phase != ph.Name {
				continue
			}
			if at := ph.Offered(c.Text); at >= 0 {
				ph.choice = ph.Frequencies[at]
				used[k] = used[k] || c.Phase != "" || len(ph.Frequencies) > 1 // else there is nothing to choose
			}
		}
		ph.choice.Frequency = ph.choice.Frequency.NumberedFrom(ph.number)
	}
	for k, c := range pl.options.Frequencies {
		if !used[k] {
			pl.refuseFrequency(c, found)
		}
	}
}

// inOrder puts each phase after the one from which its start is counted.
func (pl *Plan) inOrder(found *diag.List) {
	done := make([]bool, len(pl.phases))
	for len(pl.order) < len(pl.phases) {
		before := len(pl.order)
		for i := range pl.phases {
			if after := pl.phases[i].after; !done[i] && (after == None || done[after]) {
				done[i], pl.order = true, append(pl.order, i)
			}
		}
		if len(pl.order) == before {
			i := slices.Index(done, false)
			found.Add(diag.NeverReached, pl.phases[i].Range, "count the start of one of them from something else", "the phase “%s” starts from a phase that starts from it", pl.phases[i].Name)
			return
		}
	}
}

func (pl *Plan) refuseFrequency(c FrequencyChoice, found *diag.List) {
	var texts []string
	for _, ph := range pl.protocol.Phases {
		for _, f := range ph.Frequencies {
			if len(ph.Frequencies) > 1 && (c.Phase == "" || c.Phase == ph.Name) && !slices.Contains(texts, f.Text) {
				texts = append(texts, f.Text)
			}
		}
	}
	if c.Phase != "" {
		if _, ok := pl.protocol.Phase(c.Phase); !ok {
			found.Add(diag.UnknownName, diag.Range{}, diag.DidYouMean(c.Phase, pl.protocol.PhaseNames()), "the protocol has no phase “%s”", c.Phase)
			return
		}
	}
	help := "the protocol offers: " + strings.Join(texts, ", ")
	if len(texts) == 0 {
		help = "the protocol offers no choice"
	}
	of := ""
	if c.Phase != "" {
		of = " for the phase “" + c.Phase + "”"
	}
	found.Add(diag.UnknownName, diag.Range{}, help+of, "the protocol does not offer the frequency “%s”%s", c.Text, of)
}

func (pl *Plan) chooseTier(found *diag.List) {
	p := pl.protocol
	var names []string
	for _, t := range p.Tiers {
		names = append(names, t.Name)
	}
	pl.tier = pl.options.Tier
	switch {
	case pl.tier == "" && len(names) > 0 && p.DefaultTier == "":
		found.Add(diag.MissingPatient, diag.Range{}, "one of: "+strings.Join(names, ", "), "the clinician chooses the starting tier, and none is given").Asks = "tier"
	case pl.tier == "":
		pl.tier = p.DefaultTier
	case len(names) == 0:
		found.Add(diag.UnknownName, diag.Range{}, "leave the tier out", "the protocol has no tiers, and so no tier “%s”", pl.tier)
	case !slices.Contains(names, pl.tier):
		found.Add(diag.UnknownName, diag.Range{}, "use one of: "+strings.Join(names, ", "), "the protocol has no tier “%s”", pl.tier)
	}
}

func (pl *Plan) chooseRoute(found *diag.List) {
	names, only := pl.routesToChoose()
	pl.route = protocol.ParseRoute(pl.options.Route)
	switch {
	case pl.route == "":
		pl.usualRoute(names, only, found)
	case pl.route != only && !slices.Contains(names, pl.route):
		help := "leave the route out: each phase has its own"
		if len(names) > 0 {
			help = "use one of: " + strings.Join(names, ", ")
		} else if only != "" {
			help = "the protocol is given by the route " + only
		}
		found.Add(diag.UnknownName, diag.Range{}, help, "the protocol has no route “%s” to choose", pl.route)
	}
}

// usualRoute takes the route that nobody chose.
func (pl *Plan) usualRoute(names []string, only string, found *diag.List) {
	switch {
	case only != "":
		pl.route = only
	case len(names) > 0 && pl.protocol.DefaultRoute == "":
		found.Add(diag.MissingPatient, diag.Range{}, "one of: "+strings.Join(names, ", "), "the protocol can be given by several routes, and none is chosen").Asks = "route"
	case len(names) > 0:
		pl.route = pl.protocol.DefaultRoute
	}
}

// routesToChoose returns the routes among which there is a choice, and the route of a protocol
// that has but one.
func (pl *Plan) routesToChoose() (names []string, only string) {
	p := pl.protocol
	for _, ph := range p.Phases {
		if routes := p.Medications[ph.Medication].Routes; ph.Route == "" && len(routes) > 1 {
			for _, r := range routes {
				if !slices.Contains(names, r.Name) {
					names = append(names, r.Name)
				}
			}
		}
	}
	if len(names) == 0 && len(p.Medications) == 1 && len(p.Medications[0].Routes) == 1 {
		only = p.Medications[0].Routes[0].Name
	}
	return names, only
}

// chooseSteps checks the confirmed steps of titrations.
func (pl *Plan) chooseSteps(found *diag.List) {
	for name, step := range pl.options.Steps {
		ph, ok := pl.protocol.Phase(name)
		switch {
		case !ok:
			found.Add(diag.UnknownName, diag.Range{}, diag.DidYouMean(name, pl.protocol.PhaseNames()), "the protocol has no phase “%s”", name)
		case step > 0 && ph.Titration == nil:
			found.Add(diag.UnknownName, diag.Range{}, "leave the step out", "the phase “%s” has no titration, and so no steps", name)
		case step > 0 && step >= len(ph.Titration.Amounts):
			found.Add(diag.UnknownName, diag.Range{}, fmt.Sprintf("at most %d steps can be confirmed", max(len(ph.Titration.Amounts)-1, 0)), "the phase “%s” has no step %d", name, step+1)
		case step > 0 && ph.Titration.Ranged() && !pl.options.Reach:
			found.Add(diag.UnknownName, diag.Range{}, "", "the steps of the phase “%s” have no fixed size (%v to %v): the clinician states each dose at the check-in “%s” of a course",
				name, ph.Titration.Increase.Min, ph.Titration.Increase.Max, ph.Titration.Confirmed)
		}
	}
	*found = found.Sort()
	pl.aboveFirst()
}

// aboveFirst says of a titration that begins above its first step, since it was chosen so: what a check-in would have
// decided is taken as decided.
func (pl *Plan) aboveFirst() {
	const help = "record each check-in in a course, if one is still to decide"
	for i := range pl.protocol.Phases {
		ph := &pl.protocol.Phases[i]
		t := ph.Titration
		if t == nil {
			continue
		}
		first := max(slices.Index(t.Tiers, pl.protocol.DefaultTier), 0)
		if step := pl.options.Steps[ph.Name]; step > 0 && step < len(t.Amounts) && !t.Ranged() {
			pl.said.Add(diag.TakenAsDecided, t.Range, help, "“%s” begins at step %d of its titration, %v, and not at %v, as was stated: “%s” decides on each step", ph.Name, step+1, t.Amounts[step].Quantity, t.Amounts[0].Quantity, t.Confirmed)
		} else if at := slices.Index(t.Tiers, pl.tier); at > first {
			pl.said.Add(diag.TakenAsDecided, t.Range, help, "“%s” begins on the tier “%s”, and not on “%s”, as was stated: “%s” decides on each step between them", ph.Name, pl.tier, t.Tiers[first], t.Confirmed)
		}
	}
}

// Reassessment is the name of the check-in that a limit on the course before a reassessment asks
// for.
const Reassessment = "reassessment"

// reassessEarly is by how many days a reassessment that only a limit asks for may be held
// before it is due, where its day is closed. It is never held later.
const reassessEarly = 7

// addReassessment turns a limit on the course before a reassessment into a check-in, unless
// the protocol has one of that name; where it recurs from the start, it does from where the time to it began.
func (pl *Plan) addReassessment() {
	m := pl.protocol.Reassess(civil.MustDate("2026-01-01"))
	if m == nil {
		return
	}
	if pl.reassess = slices.IndexFunc(pl.checkIns, func(c protocol.CheckIn) bool { return c.Name == Reassessment }); pl.reassess < 0 {
		mode := protocol.Telehealth
		if pl.protocol.Setting == protocol.Clinic {
			mode = protocol.InPerson
		}
		pl.reassess = len(pl.checkIns)
		pl.checkIns = append(pl.checkIns, protocol.CheckIn{
			Name: Reassessment, Title: Reassessment, Every: m.Limits.Reassess, Mode: mode, Range: m.Limits.ReassessAt,
			Window: protocol.Window{Before: reassessEarly},
		})
	}
	c := &pl.checkIns[pl.reassess]
	if n := pl.options.Timeline.Treated; n > 0 && c.Every.IsSet() && c.From.Anchor == protocol.NoAnchor && len(c.During) == 0 {
		c.From = protocol.When{Anchor: protocol.StartOf, Offset: civil.Period{N: n, Unit: civil.Day}, Before: true, Text: fmt.Sprintf("%s before start", civil.Plural(n, "day"))}
	}
}

func (pl *Plan) confirm(found *diag.List) {
	pl.confirmed = make([]bool, len(pl.checkIns))
	var gating []string
	for i, c := range pl.checkIns {
		if len(c.Gates) > 0 || i == pl.reassess {
			gating = append(gating, c.Name)
		}
	}
	for _, name := range pl.options.Confirmed {
		if !slices.Contains(gating, name) {
			help := "no check-in of the protocol lets doses begin"
			if len(gating) > 0 {
				help = "those that do: " + strings.Join(gating, ", ")
			}
			for i := range pl.protocol.Phases {
				if t := pl.protocol.Phases[i].Titration; t != nil && t.Confirmed == name {
					help = "it confirms the steps of “" + pl.protocol.Phases[i].Name + "”: state the tier or the step that the patient is at, or record the check-in in a course"
				}
			}
			found.Add(diag.UnknownName, diag.Range{}, help, "no check-in that lets doses begin is called “%s”", name)
		}
		for i, c := range pl.checkIns {
			if c.Name == name && (c.Every.IsSet() || len(c.On) > 1) && i != pl.reassess {
				pl.said.Add(diag.EveryConfirmed, c.Range, "record each in a course, as it takes place, where one confirms the doses up to the next alone", "every “%s” is taken as confirmed, those to come too", name)
			} else if c.Name == name {
				pl.said.Add(diag.TakenAsDecided, c.Range, "record it in a course, once it took place", "the check-in “%s” is taken as confirmed, as was stated: what it decides about stands as planned", name)
			}
			pl.confirmed[i] = pl.confirmed[i] || c.Name == name
		}
	}
}

// chooseTimes sets the clock times of a phase: those of the options if they are as many as
// the doses of a day, else the protocol's, else the usual ones. It reports whether the
// options' times were used.
func (pl *Plan) chooseTimes(ph *phasePlan, found *diag.List) (used bool) {
	f := ph.choice.Frequency
	n := max(f.PerDay(), 1)
	ph.times.days = nil
	if pl.takesTimes(ph, n) {
		ph.times.clocks, ph.times.first = spread(pl.options.Times, f)
		ph.times.stated = true
		return true
	}
	own := ph.TimesOf(f)
	if ph.times.stated = len(own) > 0; ph.times.stated {
		pl.otherDay(own, ph.Range, found)
		ph.times.clocks, ph.times.first = spread(pl.clockTimes(own), f)
		if len(ph.TimesOn) > 0 {
			ph.times.days = &[7][]civil.Clock{}
			for day := range ph.times.days {
				ph.times.days[day] = pl.clockTimes(ph.TimesFor(time.Weekday(day)))
			}
			for _, t := range ph.TimesOn {
				pl.otherDay(t.Times, t.Range, found)
			}
		}
	} else {
		times := usualTimes(n)
		switch {
		case f.HoursApart() > 0:
			times = []civil.Clock{8 * 60}
		case n == 1:
			times[0] = pl.options.DoseTime.Or(times[0])
		}
		ph.times.clocks, ph.times.first = spread(times, f)
	}
	days := [][]civil.Clock{ph.times.clocks}
	if ph.times.days != nil {
		days = ph.times.days[:]
	}
	for _, clocks := range days {
		for i := 1; i < len(clocks); i++ {
			if a, b := clocks[i-1], clocks[i]; b <= a {
				help := "give the times of a day in order"
				if len(pl.options.Times) > 1 && f.HoursApart() > 0 {
					help = "name one time, that of the first dose: --times " + pl.options.Times[0].String()
				}
				found.Add(diag.TimesMismatch, ph.Range, help, "in the phase “%s”, %v does not come after %v", ph.Name, b, a)
				return false
			}
		}
	}
	return false
}

// clockTimes returns the clock times that times of a file stand for.
func (pl *Plan) clockTimes(times []protocol.Time) []civil.Clock {
	list := make([]civil.Clock, len(times))
	for i, t := range times {
		list[i], _ = t.On(pl.options.Named)
	}
	return list
}

// otherDay refuses a time before or after a named one that, as the settings have that, is not on the same day.
func (pl *Plan) otherDay(times []protocol.Time, at diag.Range, found *diag.List) {
	for _, t := range times {
		if _, ok := t.On(pl.options.Named); !ok {
			found.Add(diag.TimesMismatch, at, "give "+t.Name+" another time with --"+t.Name, "%v falls on another day, where %s is at %v", t, t.Name, pl.options.Named[t.Name])
		}
	}
}

// takesTimes reports whether the times that were asked for are those of a phase with n doses a day. One
// that begins some hours from a dose of another has its time from there.
func (pl *Plan) takesTimes(ph *phasePlan, n int) bool {
	o := pl.options.Times
	if _, hours := ph.Starts.Offset.Elapsed(); hours && len(ph.Times) == 0 {
		return false
	}
	return len(o) == n || len(o) == 1 && ph.choice.Frequency.HoursApart() > 0
}

// spread turns the one time of a rule such as every 8 hours into the times of its day, in
// the order of the clock, and the index of the one that was given: every 8 hours from 20:00
// is 04:00, 12:00 and 20:00, of which the last is the first dose of the first day.
func spread(times []civil.Clock, f frequency.Frequency) ([]civil.Clock, int) {
	step := civil.Clock(f.HoursApart() * 60)
	if step == 0 || len(times) != 1 {
		return times, 0
	}
	var all []civil.Clock
	for c := times[0] % step; c < 24*60; c += step {
		all = append(all, c)
	}
	return all, int(times[0] / step)
}

// stays computes how long a patient stays for a dose of each phase.
func (pl *Plan) stays() {
	for i := range pl.phases {
		ph := &pl.phases[i]
		over, _ := pl.protocol.Longest(ph.Phase, ph.route).Elapsed()
		ph.stay = int(over.Minutes())
		for _, c := range pl.checkIns {
			if len(c.During) > 0 && !slices.Contains(c.During, ph.Name) {
				continue
			}
			for _, after := range c.Around {
				elapsed, _ := after.Elapsed()
				ph.stay = max(ph.stay, int(elapsed.Minutes()))
			}
		}
	}
}

// gates finds, for every phase, the check-ins that it waits for: its own, else those of
// the phase it follows, else that of the first dose.
func (pl *Plan) gates() {
	gates, first := pl.protocol.Waits(func(k int) bool { return pl.confirmed[k] })
	pl.first = first
	for i := range gates {
		pl.phases[i].gates = gates[i]
	}
}

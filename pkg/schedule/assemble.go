package schedule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// Run computes the calendar of one patient. The schedule is nil where the findings hold an
// error or a refusal; the findings may hold warnings and notes beside a schedule, which holds
// them too, with what its own protocol says of itself.
func (pl *Plan) Run(pat *patient.Patient) (*Schedule, diag.List) {
	if pl.faulty {
		return nil, diag.List{{Code: diag.Usage, Severity: diag.Error, Message: "the plan was made with errors, and cannot be run"}}
	}
	if found := pat.Check(); found.HasErrors() {
		return nil, found
	}
	if pl.partial() {
		return pl.runPart(pat)
	}
	mem, _ := pl.memory.Get().(*scratch)
	if mem == nil {
		mem = &scratch{}
	}
	defer pl.memory.Put(mem)
	found, confirm := eligibility.Check(pl.protocol, pat, pat.Start, mem.confirm[:0])
	mem.confirm = confirm
	if pat.Start.IsZero() {
		found.Add(diag.MissingPatient, diag.Range{}, "", "the start, the date of day 1, is not stated").Asks = "start"
		return nil, found
	}
	reg := pl.regimenOf(pat)
	if pl.options.Timeline.Lived {
		found = lived(found)
	}
	if found = append(found, reg.found...); found.HasErrors() {
		return nil, found
	}
	mem.zone.In(pat.Zone)
	c := &calculation{plan: pl, reg: reg, mem: mem}
	c.run(pat)
	if found = append(found, c.found...); found.HasErrors() {
		return nil, found
	}
	s := c.schedule(pat, pl.asks(confirm))
	if n := len(s.Events); n > 0 && pl.ahead() {
		o := pl.options
		o.Until = s.Events[n-1].Date
		whole, _ := NewPlan(pl.protocol, o)
		return whole.Run(pat)
	}
	if pat.TimeZone == "" {
		found.Add(diag.NoTimeZone, diag.Range{}, "", "no time zone is stated: clock times are taken as UTC, where clocks never change").Asks = "time-zone"
	}
	oddStart(pat.Start, &found)
	s.Findings = slices.Clone(found)
	switch pl.protocol.Status {
	case protocol.Local:
		s.Findings.Add(diag.LocalFigures, pl.protocol.Range, "", "the figures of this protocol are the clinic's own, and not published")
	case protocol.Template:
		s.Findings.Add(diag.TemplateFigures, pl.protocol.Range, "extend the protocol, and set the figures of your own", "TEMPLATE: the figures of this protocol are illustrative and not published; a clinician must set them")
	}
	return s, found
}

// asks returns questions in memory of their own, which they share with those of the patient before where they are the same.
func (pl *Plan) asks(questions []eligibility.Question) []eligibility.Question {
	if last := pl.asked.Load(); last != nil && slices.Equal(*last, questions) {
		return *last
	}
	own := slices.Clone(questions)
	pl.asked.Store(&own)
	return own
}

// oddStart says of a start that it lies outside the years of which anything is proved; so far outside that a figure of the
// year may be wrong, it warns.
func oddStart(start civil.Date, found *diag.List) {
	const long = 10
	if year, _, _ := start.Parts(); year < FirstYear || year > LastYear {
		d := found.Add(diag.OddStart, diag.Range{}, "look at the year", "the course starts in %d, and what `validate` says of a protocol is of starts from %d to %d", year, FirstYear, LastYear)
		if year < FirstYear-long || year > LastYear {
			d.Severity = diag.Warning
		}
	}
}

// ahead reports whether something stands before each dose of an open-ended phase, and nobody has said to which date it is
// shown: to the last date that the phase comes to, it is followed farther.
func (pl *Plan) ahead() bool {
	return pl.options.Until.IsZero() && slices.ContainsFunc(pl.phases, func(ph phasePlan) bool {
		return ph.Starts.Anchor == protocol.EachDose && ph.Starts.Before && pl.protocol.Endless(ph.Phase)
	})
}

// runPart is Run for a protocol whose patients do not all have the same phases, or have dates of their own.
func (pl *Plan) runPart(pat *patient.Patient) (*Schedule, diag.List) {
	of, found := pl.Of(pat)
	if !found.HasErrors() {
		return of.Run(pat)
	}
	more, _ := eligibility.Check(pl.protocol, pat, pat.Start, nil)
	if found = append(more, found...); pat.Start.IsZero() {
		found.Add(diag.MissingPatient, diag.Range{}, "", "the start, the date of day 1, is not stated").Asks = "start"
	}
	return nil, found
}

// lived says of what speaks against a patient that a course goes on all the same: the doses that
// it concerns are held.
func lived(found diag.List) diag.List {
	for i := range found {
		if found[i].Severity == diag.Refusal {
			found[i].Severity = diag.Warning
		}
	}
	return found
}

// A calculation is the passes of one run, and what each of them came to.
type calculation struct {
	plan   *Plan
	reg    *regimen
	mem    *scratch
	layout *layout
	over   []Override // that let something through
	found  diag.List
}

// run goes through the passes in their order, and stops at the first that finds an error.
func (c *calculation) run(pat *patient.Patient) {
	key := layoutKey{start: pat.Start, zone: pat.Zone, selection: c.reg.selection}
	if c.layout = c.plan.layouts.find(key); c.layout == nil {
		c.layout = c.lay(pat.Start)
		if c.reg.selection != "" && !c.layout.found.HasErrors() {
			c.layout.keep(&c.plan.layouts, key)
		}
	}
	if c.found = append(c.found, c.layout.found...); !c.found.HasErrors() {
		c.weigh()
	}
}

// lay finds the days and the instants of all events. Of amounts it looks at those alone that something on the way depends
// on: totals, limits that moves must keep, what was given, what is to be sent.
func (c *calculation) lay(start civil.Date) *layout {
	l := &layout{}
	placed, found := c.plan.place(c.reg, start, c.mem, c.mem.events)
	if l.found = append(l.found, found...); l.found.HasErrors() {
		return l
	}
	l.axis = placed.axis
	rec, p, events := placed.rec, placed.placer, placed.events
	rec.found, p.found = nil, nil
	rec.hold(c.plan, events)
	said := make([]bool, len(c.plan.phases))
	wanting := c.plan.options.Timeline.Lived || c.plan.options.Policy == calendar.Skip // doses may be
	if wanting {
		c.fewer(l, events, true, said)
	}
	for i := range rec.missed {
		p.settle(&rec.missed[i])
	}
	events = append(events, rec.missed...)
	c.mem.events = events
	unreached := c.reg.unreached(l.axis, events)
	if c.plan.options.Timeline.Lived { // doses were missed, or held, on the way
		for i := range unreached {
			unreached[i].Severity = diag.Warning
		}
	}
	l.found = append(append(append(l.found, rec.found...), p.found...), unreached...)
	if l.found.HasErrors() {
		return l
	}
	sortEvents(events)
	f := newFrame(l.axis, events, c.mem)
	p.found = nil
	s := newScheduler(p, f)
	j := &judge{plan: c.plan, reg: c.reg, doses: events, mem: c.mem}
	if c.plan.options.Timeline.Lived {
		c.fewer(l, events, true, said) // for those too that check-ins hold
		j.rein()
		j.reinGaps()
		j.withheld(f)
		c.fewer(l, events, false, said) // and limits
	}
	if wanting {
		c.unled(l, events)
	}
	j.doubles()
	checkIns := s.checkIns()
	observations := p.observations(f, c.mem)
	c.reg.makeUp()
	supply, fills := p.supply(f, checkIns)
	j.doses = c.shown(events)
	j.gates(s)
	j.displaced(f, checkIns)
	l.found = append(append(append(l.found, p.found...), j.found...), l.axis.joins()...)
	c.insideHours(l, j.doses)
	c.empty(l, j.doses)
	l.doses, l.reined, l.fills = events, j.reined, fills
	l.events = numbered(c.plan.merged(checkIns, events, observations, supply), len(events), start, c.plan.protocol.CountFrom)
	l.phases, l.given = l.axis.sumUp(l.events, f.stands)
	l.notes = notes(l.axis, &Schedule{Protocol: c.plan.protocol, CheckIns: c.plan.checkIns, Events: l.events, Phases: l.phases}, p.notes)
	l.closest = closest(j.doses)
	return l
}

// weigh holds the amounts of the doses on their days, in order of time, against limits, strengths and the patient's age.
func (c *calculation) weigh() {
	doses := c.layout.doses
	j := &judge{plan: c.plan, reg: c.reg, doses: c.shown(doses), mem: c.mem}
	if c.layout.closest < c.reg.longest() {
		j.overlaps()
	}
	j.doses = c.planned(doses)
	j.limits()
	j.gapLimits()
	j.needless()
	c.over = j.overrides()
	c.found = append(c.found, j.found...)
	c.unmade(doses)
	c.overOrdered(doses)
	c.found = append(c.found, c.plan.said...)
	c.ageing(c.shown(doses))
}

// overOrdered says of orders that give no more than the protocol does, where a dose is still to come of which that is so.
func (c *calculation) overOrdered(doses []Event) {
	for _, o := range c.reg.capped {
		if slices.ContainsFunc(doses, func(e Event) bool {
			return (e.Status <= Provisional || e.Status == Held) && !e.Date.Before(c.plan.options.Timeline.Now) && e.Dose >= o.first && e.Dose <= o.last
		}) {
			c.found = append(c.found, o.said)
		}
	}
}

// ageing says of a patient who is of the protocol's age at the start, and no longer at some planned dose; and of one who
// comes of the age of another case of a dose, which stays that of the age at the start.
func (c *calculation) ageing(doses []Event) {
	ages := &c.plan.protocol.Population.Age
	pat := c.reg.parts[0].patient
	if pat.BirthDate.IsZero() {
		return
	}
	if c.plan.looks.age || slices.ContainsFunc(c.plan.phases, func(ph phasePlan) bool { return ph.For != nil && ph.For.Age.IsSet() }) {
		c.comesOfAge(pat, doses)
	}
	if !ages.IsSet() {
		return
	}
	within := func(day civil.Date) bool {
		age, _, _ := pat.Age(day)
		return ages.Contains(patient.Months(age))
	}
	if len(doses) == 0 || within(doses[len(doses)-1].Date) || !within(pat.Start) {
		return
	}
	for i := range doses {
		if e := &doses[i]; e.Status <= Provisional && !within(e.Date) {
			d := c.found.Add(diag.AgesOut, ages.Range, "the clinician decides whether doses go on", "the patient leaves the protocol's age range, %s, on the way", ages.AgeWords())
			d.Private = "from " + c.plan.nameInWords(e) + " on"
			return
		}
	}
}

// comesOfAge says once of each phase that a patient comes of the age of another case of its dose, or of an age for which it
// is not, on the way.
func (c *calculation) comesOfAge(pat *patient.Patient, doses []Event) {
	first, _, _ := pat.Age(pat.Start)
	said := make([]bool, len(c.plan.phases))
	for i := range doses {
		e := &doses[i]
		ph := &c.plan.phases[e.Phase]
		if said[e.Phase] || e.Status > Provisional {
			continue
		}
		now, _, _ := pat.Age(e.Date)
		passes := func(a quantity.Amount) bool {
			return a.IsSet() && patient.Months(first).Cmp(a) < 0 && patient.Months(now).Cmp(a) >= 0
		}
		other := ph.For != nil && (ph.For.Age.High.At.IsSet() && !ph.For.Age.Contains(patient.Months(now)))
		other = other || c.plan.protocol.Any(ph.Phase.Dose, func(d protocol.Dose) bool {
			by, ok := d.(*protocol.ByCase)
			return ok && by.By == protocol.ByAge && (passes(by.To) || slices.ContainsFunc(by.Cases, func(k protocol.Case) bool { return passes(k.From) }))
		})
		if said[e.Phase] = other; other {
			d := c.found.Add(diag.AgesOut, ph.Range, "the clinician decides whether doses change: end the course, or begin it again", "the patient comes of an age on the way for which “%s” says another dose, or none: its doses stay those of the age at the start", ph.Name)
			d.Private = "from " + c.plan.nameInWords(e) + " on"
		}
	}
}

// insideHours says that doses do not stand at the time that was asked for.
func (c *calculation) insideHours(l *layout, doses []Event) {
	n := 0
	for i := range doses {
		if doses[i].Fit != InsideHours {
			continue
		}
		if n++; n == 1 {
			l.found.Add(diag.OtherTime, diag.Range{}, "", "%s stands at the nearest time inside the clinic's hours, since the usual one lies outside them", c.plan.nameInWords(&doses[i]))
		}
	}
	if n > 1 {
		l.found[len(l.found)-1].Message += "; and so do " + civil.Plural(n-1, "dose") + " after it"
	}
}

// empty says why a calendar has no dose.
func (c *calculation) empty(l *layout, doses []Event) {
	if len(doses) > 0 || len(c.plan.phases) == 0 || l.found.HasErrors() || c.plan.options.Timeline.Lived { // without phases, all is as needed
		return
	}
	l.found.Add(diag.NoDoses, c.plan.protocol.Range, "show more of the course, choose another start, or look at the days that are closed", "no dose of the course falls on a day that is shown")
}

// hides reports whether an event lies past what is shown, or past where a course stops.
func (pl *Plan) hides(e *Event) bool {
	until := pl.options.Until
	return !until.IsZero() && e.Date.After(until) || pl.stopsBefore(e)
}

// stopsBefore reports whether a course stops before an event, of which nothing is recorded.
func (pl *Plan) stopsBefore(e *Event) bool {
	stop := pl.options.Timeline.Stop
	return !stop.IsZero() && !e.Date.Before(stop) && e.Status != Taken && e.Status != Missed
}

// planned returns doses, in order of time, without what lies past where a course stops: limits are those
// of the whole course, however much of it is shown.
func (c *calculation) planned(events []Event) []Event {
	if c.plan.options.Timeline.Stop.IsZero() {
		return events
	}
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return c.plan.stopsBefore(&e) })
}

// shown returns events, in order of time, without what lies past what is shown.
func (c *calculation) shown(events []Event) []Event {
	if len(events) == 0 || c.plan.options.Timeline.Stop.IsZero() && !c.plan.hides(&events[len(events)-1]) {
		return events
	}
	out := make([]Event, 0, len(events))
	for i := range events {
		if !c.plan.hides(&events[i]) {
			out = append(out, events[i])
		}
	}
	return out
}

// schedule puts what the passes came to together.
func (c *calculation) schedule(pat *patient.Patient, confirm []eligibility.Question) *Schedule {
	l := c.layout
	s := &Schedule{Protocol: c.plan.protocol, Patient: pat, Zone: pat.Zone, Start: pat.Start, Tier: c.plan.tier, Route: c.plan.route, Steps: c.plan.options.Steps, CheckIns: c.plan.checkIns,
		Doses: c.reg.doses, Needed: c.reg.needed, Fills: l.fills, Confirm: confirm, Until: l.axis.until, Stop: c.plan.options.Timeline.Stop, Override: c.over, Reined: l.reined, Events: l.events}
	s.Phases = c.reg.totalled(l.phases, l.given)
	s.Notes = append(append(needed(c.reg, s.Stop), assumed(c.plan.protocol, pat, c.plan.options.Timeline.Changes)...), l.notes...)
	if c.plan.raising {
		s.Events = slices.Clone(l.events)
		raises(l.axis, c.reg, s)
	}
	return s
}

// merged returns the events of all kinds that are shown, in order.
func (pl *Plan) merged(checkIns, doses, observations, supply []Event) []Event {
	lists := [...][]Event{checkIns, doses, observations, supply}
	n := 0
	for _, list := range lists {
		n += len(list)
	}
	out := make([]Event, 0, n)
	for {
		next := -1
		for i := range lists {
			if len(lists[i]) > 0 && (next < 0 || lists[i][0].before(&lists[next][0])) {
				next = i
			}
		}
		if next < 0 {
			return out
		}
		if e := &lists[next][0]; !pl.hides(e) {
			out = append(out, *e)
			if e.Kind == Dose { // which observations name by its place among all doses
				out[len(out)-1].Of = int32(len(doses) - len(lists[next]))
			}
		}
		lists[next] = lists[next][1:]
	}
}

// numbered gives events the day of the course, and observations the index of their dose. Doses
// come with their place among doses in Of, which observations name.
func numbered(events []Event, doses int, start civil.Date, first int) []Event {
	place := make([]int32, doses)
	for i := range events {
		e := &events[i]
		e.Day = int32(e.Date.Sub(start) + first)
		if e.Kind == Dose {
			if doses > 0 {
				place[e.Of] = int32(i)
			}
			e.Of = None
		}
	}
	for i := range events {
		if e := &events[i]; e.Kind == Observation {
			e.Of = place[e.Of]
		}
	}
	return events
}

// sumUp says how each phase came out but for the total of its doses, and which doses that is of.
func (a *axis) sumUp(events []Event, stands []stand) (phases []PhaseInfo, given []sameDoses) {
	phases = make([]PhaseInfo, len(a.spans))
	for i := range events {
		e := &events[i]
		if e.Kind != Dose || !e.Counts() {
			continue
		}
		phases[e.Phase].Doses++
		k := slices.IndexFunc(given, func(d sameDoses) bool { return d.phase == e.Phase && d.dose == e.Dose })
		if k < 0 {
			k, given = len(given), append(given, sameDoses{e.Phase, e.Dose, 0})
		}
		given[k].times++
	}
	for i := range a.plan.phases {
		ph, stand, info := &a.plan.phases[i], &stands[i], &phases[i]
		info.Phase, info.Frequency, info.End = ph.Phase, a.plan.frequencyOf(ph), stand.end
		info.Open = (stand.open || a.hidden(i)) && a.plan.options.Timeline.Stop.IsZero()
		if !stand.day1.IsZero() {
			info.Day1 = stand.day1.Date()
		}
		if stand.shown {
			info.First = a.doses[a.spans[i].index].date
		}
	}
	return phases, given
}

// sameDoses is how often one of the amounts of a regimen is given in a phase.
type sameDoses struct {
	phase int16
	dose  int32
	times int64
}

// totalled returns what phases came to with the amounts of a regimen.
func (r *regimen) totalled(phases []PhaseInfo, given []sameDoses) []PhaseInfo {
	phases = slices.Clone(phases)
	for i := range phases {
		total := int64(0)
		for _, d := range given {
			if int(d.phase) == i {
				total += d.times * r.scaled[d.dose]
			}
		}
		phases[i].Total = quantity.FromScaled(total, r.units[phases[i].Phase.Medication])
	}
	return phases
}

// frequencyOf returns the frequency of a phase; of one that changes on the way it has the words of all
// of them, and no rule.
func (pl *Plan) frequencyOf(ph *phasePlan) protocol.Choice {
	choice := ph.choice
	changes, _ := pl.changesOf(ph)
	for _, c := range changes {
		text := c.choice.Text
		if c.timesOnly {
			text = "at " + civil.JoinClocks(c.times.clocks)
		}
		choice.Text += fmt.Sprintf(", from %v %s", c.from, text)
		choice.Frequency = frequency.Frequency{}
	}
	return choice
}

// needed returns the sentences on what may be taken as needed, in a course that stops on a day or does not.
func needed(r *regimen, stop civil.Date) (list []Note) {
	for i := range r.needed {
		if stop.IsZero() {
			list = append(list, Note{Form: AsNeeded, Args: []any{&r.needed[i]}})
		} else {
			list = append(list, Note{Form: AsNeededUntil, Args: []any{&r.needed[i], stop}})
		}
	}
	return list
}

// notes returns the other sentences that concern a schedule as a whole. Of its amounts they say nothing.
func notes(a *axis, s *Schedule, placed []string) (list []Note) {
	add := func(form string, args ...any) { list = append(list, Note{Form: form, Args: args}) }
	pl, p := a.plan, a.plan.protocol
	for i := range a.spans {
		sp, ph := &a.spans[i], &pl.phases[i]
		switch {
		case !sp.open && !a.hidden(i) || sp.doses == 0 || !pl.options.Timeline.Stop.IsZero():
		case s.Phases[i].Doses == 0: // all of it lies past what is shown
		case !ph.Course.Open():
			add("%s goes on after %v, the last date shown.", ph.Title, a.until)
		case a.until.IsZero():
			add("%s is open-ended; it is shown to %v.", ph.Title, a.openEnd(a.moved(ph, sp.day1.Date())))
		default:
			add("%s is open-ended; it is shown to %v.", ph.Title, a.until)
		}
	}
	for i := range p.Medications {
		for k := range i {
			if least := p.Apart(i, k); least > 0 && s.gives(i) && s.gives(k) {
				add(KeptApart, p.Medications[k].Name, p.Medications[i].Name, civil.PeriodOf(least))
			}
		}
	}
	for i := range s.Phases {
		ph := s.Phases[i].Phase
		c, ok := p.CheckIn(ph.Course.Met)
		if ph.Course.Met != "" && ok && s.Phases[i].Doses > 0 && pl.options.Timeline.Stop.IsZero() {
			add(EndsSooner, ph.Title, c.Title, c.Criterion)
		}
	}
	for i := range p.Evidence {
		switch e := &p.Evidence[i]; {
		case !e.Verify:
		case e.Cite+e.Label == "":
			add("To verify: %s", e.Note)
		default:
			add("To verify: nobody has yet checked the figures against %s.", cmp.Or(e.Cite, e.Label))
		}
	}
	for _, text := range placed {
		add("%s.", text)
	}
	if moves := s.moves(); len(moves) > 0 {
		if more := len(moves) - maxMoves; more > 0 {
			moves = append(moves[:maxMoves], fmt.Sprintf("and %d more", more))
		}
		add(Moved, strings.Join(moves, "; "))
	}
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == Dose && e.Shift != civil.Unshifted {
			add("%s dose %d, %v: %s.", pl.phases[e.Phase].Name, e.Number, e.Date, e.ShiftNote())
		}
	}
	list = append(list, pl.chosenTimes(s)...)
	list = append(list, rules(p)...)
	for _, text := range p.Notes {
		add("%s", text)
	}
	return slices.Clip(list)
}

// EndsSooner is the form of the note on a phase that a criterion can end. The operands are its title, and the title and
// the criterion of the check-in.
const EndsSooner = "%s ends sooner where “%s” finds this: %s."

// KeptApart is the form of the note on two medicines that are kept apart. The operands are their names and the
// shortest time.
const KeptApart = "%s and %s: at least %v between a dose of the one and of the other, whichever comes first, late doses too."

// gives reports whether some dose of a medicine is shown.
func (s *Schedule) gives(medication int) bool {
	return slices.ContainsFunc(s.Phases, func(ph PhaseInfo) bool { return ph.Doses > 0 && ph.Phase.Medication == medication })
}

// Moved is the form of the note on what does not stand on its own day. Its operand names each event
// with both days.
const Moved = "Moved off closed days, out of the way of what was moved, or to keep a limit: %s."

// ToldOn is the form of the note on the day on which a course is told.
const ToldOn = "What is still to come is told as of %v."

// maxMoves is how many events the note names: each event says it too, and some formats repeat every note
// with every event.
const maxMoves = 20

// moves names what has still to come and does not stand on its own day.
func (s *Schedule) moves() []string {
	var list []string
	for i := range s.Events {
		e := &s.Events[i]
		if !e.OffDay() {
			continue
		}
		name := s.PhaseName(e) + " dose"
		if e.Kind == CheckIn {
			name = s.CheckIn(e).Name
		}
		list = append(list, fmt.Sprintf("%s %d from %s to %s", name, e.Number, e.Target.WithWeekday(), e.Date.WithWeekday()))
	}
	return list
}

// AssumedTime is the form of the note on a time of day that nobody stated. The operands are the name of a date, and the time.
const AssumedTime = "Hours are counted from “%s” at %v, the protocol's own time for it: the patient's file states none."

// NotYetMeasured is the form of the note on a measurement that nobody knows yet. The operands are its name, the value and its unit.
const NotYetMeasured = "“%s” is not yet measured: until it is, doses are those of %v %s."

// assumed names what the protocol assumes of the patient as long as nobody states it: a measurement, and the time of a date from
// which hours are counted.
func assumed(p *protocol.Protocol, pat *patient.Patient, changes []Change) (list []Note) {
	for i := range p.Measurements {
		m := &p.Measurements[i]
		since := slices.ContainsFunc(changes, func(c Change) bool { return (&patient.Patient{Measured: c.Measured}).Measurement(m.Name).IsSet() })
		if m.Until.IsSet() && !since && !pat.Measurement(m.Name).IsSet() {
			list = append(list, Note{NotYetMeasured, []any{m.Name, m.Until, m.Unit}, true})
		}
	}
	var said []string
	for i := range p.Phases {
		until := &p.Phases[i].Course.Until
		for _, w := range []*protocol.When{&p.Phases[i].Starts, until} {
			_, hours := w.Offset.Elapsed()
			counts := w.Named != "" && w.At.IsSet() && (hours || w != until)
			if counts && !pat.ClockOf(w.Named).IsSet() && !slices.Contains(said, w.Named) {
				said = append(said, w.Named)
				list = append(list, Note{AssumedTime, []any{w.Named, w.At.Or(0)}, true})
			}
		}
	}
	return list
}

// chosenTimes says where the clock times are those that somebody chose, by a flag or a setting, and the protocol says none: whoever
// holds the calendar against another of the same protocol sees why they differ.
func (pl *Plan) chosenTimes(s *Schedule) (list []Note) {
	add := func(form string, args ...any) { list = append(list, Note{form, args, true}) }
	for i := range pl.phases {
		ph := &pl.phases[i]
		n := max(ph.choice.Frequency.PerDay(), 1)
		var chosen []civil.Clock
		switch {
		case len(ph.TimesOf(ph.choice.Frequency)) > 0: // a finding says what stands in their place
		case pl.takesTimes(ph, n):
			chosen = ph.times.clocks
		case n == 1 && ph.choice.Frequency.HoursApart() == 0 && pl.options.DoseTime.IsSet():
			chosen = []civil.Clock{pl.options.DoseTime.Or(0)}
		}
		if len(chosen) == 0 || slices.Equal(chosen, usualTimes(n)) || !s.givesAt(i, chosen) {
			continue
		}
		add("%s: doses are at %s, as was chosen; the protocol says no time.", ph.Title, inList(chosen))
	}
	for _, t := range protocol.TimeNames() {
		if at, ok := pl.options.Named[t.Name]; ok && at != t.Clock && slices.ContainsFunc(pl.phases, func(ph phasePlan) bool {
			return slices.ContainsFunc(ph.TimesOf(ph.choice.Frequency), func(own protocol.Time) bool { return own.Name == t.Name })
		}) {
			add("“%s” is at %v, as was chosen.", t.Name, at)
		}
	}
	if at := pl.options.CheckInTime; at.IsSet() && at.Or(0) != usualCheckInTime && slices.ContainsFunc(s.Events, func(e Event) bool {
		return e.Kind == CheckIn && s.CheckIn(&e).Time == nil && e.Clock == at.Or(0)
	}) {
		add("Check-ins to which the protocol gives no time are at %v, as was chosen.", at.Or(0))
	}
	return list
}

// givesAt reports whether a phase has doses, all at some clock times.
func (s *Schedule) givesAt(phase int, clocks []civil.Clock) (gives bool) {
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == Dose && int(e.Phase) == phase {
			if gives = slices.Contains(clocks, e.Clock); !gives {
				return false
			}
		}
	}
	return gives
}

// inList names clock times: 08:00 and 20:00.
func inList(clocks []civil.Clock) string {
	list := make([]string, len(clocks))
	for i, c := range clocks {
		list[i] = c.String()
	}
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
	return strings.Join(list, "")
}

// rules says what a protocol wants done with a missed dose and with a hold.
func rules(p *protocol.Protocol) []Note {
	var list []Note
	add := func(form string, args ...any) { list = append(list, Note{form, args, true}) }
	m := &p.Missed
	after := [...]string{protocol.Skip: "is left out", protocol.Shift: "is planned again, with all that follow", protocol.Extend: "is left out, and one more is given at the end of its phase"}[m.Then]
	switch {
	case m.Within.IsSet() && after != "":
		add("A missed dose may be taken within %v of its time; later than that, it %s.", m.Within, after)
	case m.Within.IsSet():
		add("A missed dose may be taken within %v of its time.", m.Within)
	case after != "":
		add("A missed dose %s.", after)
	}
	if p.StopsClock {
		add("A hold moves what it leaves out, and the rest, to the days after it.")
	}
	if p.RestartAfter.IsSet() {
		add("Where more than %v pass from one dose to the next, since doses were held or missed, the course starts again.", p.RestartAfter)
	}
	return list
}

// A Reckoning is what a plan comes to for one patient in plain numbers, without a calendar.
type Reckoning struct {
	Doses   []DoseInfo      // of Schedule.Doses
	Amounts []int64         // of each of Doses: the amount times 10⁶, in Units
	Units   []quantity.Unit // of each medication
	Rules   []limit.Rules   // of each medication, in the same numbers
	Needed  []Needed        // what may be taken as needed

	reg    *regimen
	events int // how many there were in the last calendar
	mem    scratch
}

// Reckon computes the amounts that a patient's doses can have, and the limits on them. The
// findings say why a dose cannot be given. Where not all patients have the same phases, it is asked of the
// plan of the patient's own ([Plan.Of]).
func (pl *Plan) Reckon(pat *patient.Patient) (*Reckoning, diag.List) {
	if found := pat.Check(); found.HasErrors() || pl.faulty {
		return &Reckoning{}, found
	}
	reg := newRegimen(pl, pat)
	k := &Reckoning{Needed: reg.needed, Doses: reg.doses, Amounts: reg.scaled, Units: reg.units, Rules: make([]limit.Rules, len(pl.protocol.Medications)), reg: reg}
	for m := range k.Rules {
		k.Rules[m], _ = reg.rules(m, pat)
	}
	return k, reg.found
}

// Total returns what the doses of a medicine come to at most, where its last phase ends with a total.
func (k *Reckoning) Total(pl *Plan, medicine int) (total int64, ok bool) {
	if i, ok := pl.protocol.EndsAt(medicine); ok {
		return k.reg.mostOf(&pl.phases[i]), true
	}
	return 0, false
}

// Selection is the same for reckonings, of one plan but for the tier, the route and the steps, whose
// calendars have the dose of the same index at the same place.
func (k *Reckoning) Selection() string {
	var b strings.Builder
	for i := range k.reg.parts[0].phases {
		b.WriteString(k.reg.parts[0].phases[i].Selection())
		b.WriteByte('|')
	}
	return b.String()
}

// Doses computes the doses of a calendar alone, without check-ins, notes or a look at the
// limits. k is the reckoning of a patient who differs in the start and the zone at most; it
// must not be used by two goroutines at once.
func (pl *Plan) Doses(pat *patient.Patient, k *Reckoning) (*Schedule, diag.List) {
	return pl.dosesOf(pat, k, func(*frame, *placer) diag.List { return nil })
}

// Standing is Doses with what does not stand as it must: a dose before the check-in that decides about it, or not as the
// file counts it from another.
func (pl *Plan) Standing(pat *patient.Patient, k *Reckoning) (*Schedule, diag.List) {
	return pl.dosesOf(pat, k, func(f *frame, p *placer) diag.List {
		j := &judge{plan: pl, reg: k.reg, doses: f.doses, mem: &k.mem}
		s := newScheduler(p, f)
		s.checkIns()
		j.gates(s)
		j.displaced(f, nil)
		return j.found
	})
}

func (pl *Plan) dosesOf(pat *patient.Patient, k *Reckoning, judged func(*frame, *placer) diag.List) (*Schedule, diag.List) {
	k.mem.zone.In(pat.Zone)
	placed, found := pl.place(k.reg, pat.Start, &k.mem, make([]Event, 0, k.events))
	if found.HasErrors() {
		return nil, found
	}
	a, events := placed.axis, slices.Clip(placed.events)
	if found := k.reg.unreached(a, events); found.HasErrors() {
		return nil, found
	}
	sortEvents(events)
	k.events = max(k.events, len(events)+1)
	f := newFrame(a, events, &k.mem)
	found = judged(f, placed.placer)
	s := &Schedule{Protocol: pl.protocol, Patient: pat, Zone: pat.Zone, Start: pat.Start, Tier: pl.tier, Route: pl.route, CheckIns: pl.checkIns, Doses: k.Doses, Until: a.until}
	s.Events = numbered(events, 0, pat.Start, pl.protocol.CountFrom)
	phases, given := a.sumUp(s.Events, f.stands)
	s.Phases = k.reg.totalled(phases, given)
	return s, found
}

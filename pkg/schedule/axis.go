package schedule

import (
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// A plannedDose is a dose on the axis, before anything that happened and any closed day.
type plannedDose struct {
	place  dose.Place
	day    civil.Anchor // the day that the rule gives it
	date   civil.Date   // the day to which holds have moved that
	clock  civil.Clock
	slot   int16
	phase  int16
	number int32 // within its phase, over all its runs
	run    int32 // of its phase, from 1
	at     int64 // the instant, where elapsed time led to it
	rest   int64 // of the last dose of a total: what is left of it, in the numbers of a regimen; else 0
}

// A span says where a phase stands on the axis, on the days that its rule gives.
type span struct {
	day1        civil.Anchor // the zero Anchor where the phase is not reached
	index       int          // of its first dose, in axis.doses
	doses       int
	runs        int
	next        start // where what follows it begins; no day where the rule has no such place
	least, most int64 // minutes on the clock between two of its doses, the next one included
	course
}

// A course is how a phase went on the axis.
type course struct {
	open    bool // it goes on past what is shown
	unshown bool // it begins past what is shown
	timed   bool // its time ended some run, and not a number of doses
	dated   bool // its time ended the last run
	later   bool // none of its times lay after what it begins from, so that it begins a day later
}

// An axis is the doses of a course in the order of its phases, and where each phase stands.
type axis struct {
	plan  *Plan
	reg   *regimen           // of which totals that end phases are counted
	facts map[DoseName]*Fact // likewise
	zone  *civil.Cursor
	day1  civil.Anchor // of the course
	until civil.Date   // the last date shown of anything; the zero Date for no bound
	doses []plannedDose
	spans []span
	stand standings // of the doses from which phases count
	found diag.List
}

// newAxis puts the doses of every phase on their days. It needs a plan and a start, and looks
// at nothing of the patient but the zone, which mem holds, and, where a total ends a phase, what its
// doses come to. Doses of one phase stand together, in order of time.
func newAxis(pl *Plan, reg *regimen, first civil.Date, stand standings, mem *scratch) *axis {
	a := &axis{plan: pl, reg: reg, zone: &mem.zone, stand: stand, day1: civil.AnchorAt(first, pl.protocol.ShortMonths), spans: make([]span, len(pl.phases)), doses: mem.doses[:0]}
	a.until = pl.options.Until
	if stop := pl.options.Timeline.Stop; !stop.IsZero() && (a.until.IsZero() || stop.AddDays(-1).Before(a.until)) {
		a.until = civil.Later(first, stop.AddDays(-1))
	}
	switch {
	case a.until.After(a.last()):
		a.found.Add(diag.TooLong, diag.Range{}, "show less", "%v is more than %d years after the start", a.until, MaxYears)
	case pl.options.Horizon.IsSet() && pl.options.Horizon.From(first, 1).After(a.last()):
		a.found.Add(diag.TooLong, diag.Range{}, "show less", "%v are more than %d years", pl.options.Horizon, MaxYears)
	case !a.until.IsZero() && a.until.Before(first):
		a.found.Add(diag.Usage, diag.Range{}, "show a date on or after the start", "the last date to show, %v, lies before the start, %v", a.until, first)
	}
	if len(pl.options.Timeline.Facts) > 0 && pl.protocol.Totals() {
		a.facts = newRecord(&pl.options.Timeline).facts
	}
	for _, i := range pl.order {
		if a.found.HasErrors() {
			break
		}
		a.phase(i)
	}
	mem.doses = a.doses
	return a
}

// A scratch is memory that passes use between them and that no schedule keeps, so that one run
// can take over that of another.
type scratch struct {
	zone    civil.Cursor
	doses   []plannedDose
	events  []Event
	around  []Event
	nth     []int32
	series  []limit.Dose
	index   []int
	confirm []eligibility.Question
}

// last returns the last day that any course may reach.
func (a *axis) last() civil.Date { return a.day1.Date().AddMonths(12 * MaxYears) }

// phase puts the runs of one phase on the axis.
func (a *axis) phase(i int) {
	ph, sp := &a.plan.phases[i], &a.spans[i]
	sp.index = len(a.doses)
	if ph.Starts.Anchor == protocol.EachDose {
		a.eachDose(i)
		return
	}
	begin, reached := a.begins(i)
	if reached && ph.Starts.Anchor == protocol.DoseN && a.spans[ph.after].open && !a.until.IsZero() && begin.day.Date().After(a.lead()) {
		reached = false // what it counts from is not followed so far
	}
	if !reached {
		sp.open, sp.unshown = true, true
		return
	}
	if !a.within(ph, begin) {
		return
	}
	clock := begin.clock
	for k := range ph.Repeat {
		if k > 0 && ph.Rest.IsSet() {
			begin = start{day: begin.day.Add(ph.Rest, 1), clock: clock} // as the first run
		}
		begin, sp.open = a.run(i, begin, k == ph.Repeat-1)
		if sp.open || a.found.HasErrors() {
			break
		}
		if begin.day.IsZero() && k < ph.Repeat-1 {
			a.found.Add(diag.NeverReached, ph.Range, "write how long each run is, as `course: 3 weeks`", "nothing says where a run of the phase “%s” ends and the next begins", ph.Name)
			break
		}
	}
	sp.next = begin
}

// eachDose puts a run of a phase at each dose of the phase that it is counted from.
func (a *axis) eachDose(i int) {
	ph, sp := &a.plan.phases[i], &a.spans[i]
	of := &a.spans[ph.after]
	if sp.open = of.open; of.doses == 0 {
		sp.unshown = of.open
		return
	}
	for k := range of.doses {
		begin := a.from(of.index+k, ph)
		if ph.Starts.Offset.IsSet() {
			begin = a.offset(begin, ph)
		}
		if !a.within(ph, begin) {
			return
		}
		before := len(a.doses)
		sp.next, _ = a.run(i, begin, false)
		if a.found.HasErrors() {
			return
		}
		if len(a.plan.options.Timeline.Facts) > 0 && len(a.stand) > 0 {
			continue // what happened put a dose after the next one, and what goes with each goes with it
		}
		if before > sp.index && before < len(a.doses) && !a.doses[before-1].moment().Before(a.doses[before].moment()) {
			d := a.found.Add(diag.NeverReached, ph.Range, "make its course shorter", "the phase “%s” still goes on at dose %d of “%s”, at which it begins again", ph.Name, k+1, a.plan.phases[ph.after].Name)
			if len(a.stand) > 0 { // which moved there
				d.Code, d.Severity = diag.Displaced, diag.Refusal
			}
			return
		}
	}
}

// within reports whether a phase does not begin before the course, which is a finding.
func (a *axis) within(ph *phasePlan, begin start) bool {
	if !begin.day.Date().Before(a.day1.Date()) || len(a.plan.options.Timeline.Facts) > 0 { // what happened may lie before the start
		return true
	}
	d := a.found.Add(diag.OutsideCourse, ph.Range, "begin the course earlier and count its days from a negative one (`count from: day -7`), or start this phase later",
		"the phase “%s” would begin on %v, before the start of the course, %v", ph.Name, begin.day.Date(), a.day1.Date())
	if len(a.stand) > 0 { // a closed day moved the dose before which it comes
		d.Code, d.Severity = diag.Displaced, diag.Refusal
	}
	return false
}

// An ending says what ends a run: the first of its bounds that is reached.
type ending struct {
	doses int          // of the run; 0 for no such bound
	stop  civil.Anchor // the first day that its course rules out, on the days of the rule
	hours int64        // minutes after its first dose, on the clock; 0 for no such bound
	ends  civil.Date   // the last day of a course that ends with a date, whatever moves its doses; the zero Date for none
	met   civil.Moment // when the criterion was met that ends the course, at the end of its day where no time is known; the zero Moment for none yet
	last  civil.Date   // the last date to which doses are made
	cut   bool         // what lies past it is left out; else it is an error
	at    int64        // no dose stands at or after this instant; 0 for none
}

func (a *axis) ending(ph *phasePlan, day1 civil.Anchor, final bool) ending {
	e := ending{doses: ph.Course.Doses, last: a.last()}
	if final && e.doses > 0 {
		e.doses += a.plan.options.Timeline.Appended[ph.Name]
	}
	if d := ph.Course.Duration; d.IsSet() {
		if elapsed, ok := d.Elapsed(); ok {
			e.hours = int64(elapsed.Minutes())
		} else {
			e.stop = day1.Add(d, 1)
		}
	}
	if last, ok := ph.Course.Through(a.day1, a.plan.protocol.CountFrom); ok {
		if after := last.AddDays(1); e.stop.IsZero() || after.Date().Before(e.stop.Date()) {
			e.stop = after
		}
		if e.ends = last.Date(); e.ends.Before(day1.Date()) {
			a.found.Add(diag.NeverReached, ph.Course.Range, "look at that day, or at the dates of the patient", "the phase “%s” would end on %v, before it begins on %v", ph.Name, last.Date(), day1.Date())
		}
	}
	if w := &ph.Course.Until; ph.Course.Timed() {
		elapsed, _ := w.Offset.Elapsed()
		at, _ := a.zone.At(w.On(a.day1, a.plan.protocol.CountFrom).Date(), w.At.Or(0))
		e.at = at + int64(w.Sign())*int64(elapsed.Seconds())
	}
	for _, d := range a.plan.options.Timeline.Decided {
		if at := (civil.Moment{Date: d.Date, Clock: d.At.Or(24*60 - 1)}); d.Met && d.Name == ph.Course.Met && (e.met.Date.IsZero() || at.Before(e.met)) && !d.Date.Before(a.moved(ph, day1.Date())) {
			e.met = at
		}
	}
	f := ph.choice.Frequency
	if length, ok := f.CycleLength(); ok && ph.Course.Cycles > 0 {
		if c := day1.AddDays(length * ph.Course.Cycles); e.stop.IsZero() || c.Date().Before(e.stop.Date()) {
			e.stop = c
		}
	}
	_, finite := f.Finite()
	switch {
	case ph.Course.Open() && !finite && a.until.IsZero():
		e.last, e.cut = a.openEnd(a.moved(ph, day1.Date())), true
	case ph.Course.Open() && !finite:
		e.last, e.cut = a.lead(), true
	default: // it is made whole, since others may be counted from its end
		e.cut = !a.until.IsZero()
	}
	return e
}

// lead returns the date to which open-ended phases are followed: past what is shown, where
// something stands some time before one of their doses, or before what is counted from one of them.
func (a *axis) lead() civil.Date {
	before := func(d civil.Date, w *protocol.When) civil.Date {
		if !w.Before || w.Phase == "" {
			return d
		}
		if elapsed, ok := w.Offset.Elapsed(); ok {
			return d.AddDays(int(elapsed.Hours())/24 + 1)
		}
		return w.Offset.From(d, 1)
	}
	last := a.until.AddDays(a.plan.backwards())
	for i := range a.plan.phases { // each can be counted from the one before
		last = before(last, &a.plan.phases[i].Starts)
	}
	far := last
	for i := range a.plan.checkIns {
		for k := range a.plan.checkIns[i].On {
			far = civil.Later(far, before(last, &a.plan.checkIns[i].On[k]))
		}
	}
	return far
}

// backwards returns how many days closed days can move a dose to an earlier one.
func (pl *Plan) backwards() (days int) {
	if pl.options.Closed.IsEmpty() && !pl.options.Hours.IsSet() {
		return 0
	}
	for i := range pl.phases {
		if ph := &pl.phases[i]; ph.Course.Open() {
			for _, w := range ph.Windows {
				days = max(days, w.Before)
			}
		}
	}
	return days
}

// openEnd returns the last date shown of an open-ended phase that begins on a day.
func (a *axis) openEnd(first civil.Date) civil.Date {
	horizon := a.plan.options.Horizon
	if !horizon.IsSet() {
		horizon = DefaultHorizon
	}
	return civil.Later(horizon.From(first, 1).AddDays(-1), a.plan.options.AtLeast)
}

// moved returns the day to which holds move a day of a phase.
func (a *axis) moved(ph *phasePlan, d civil.Date) civil.Date {
	t := &a.plan.options.Timeline
	if len(t.Gaps) == 0 {
		return d
	}
	if ph.dated != nil { // what is counted from a date of the patient's file stays with it: what holds it from the date on alone moves it
		date, _ := a.plan.dateOf(ph.dated, a.day1.Date())
		after := Timeline{Gaps: slices.DeleteFunc(slices.Clone(t.Gaps), func(g Gap) bool { return ph.dated.Before || g.From.Before(date) })}
		t = &after
	}
	return t.moved(d, ph.choice.Frequency.Kind() == frequency.Weekdays)
}

// A run is one run of a phase, on its way onto the axis.
type run struct {
	*axis
	phase   phasePlan // whose frequency may change on the way
	span    *span
	ticks   series
	end     ending
	count   counter
	changes []frequencyChange
	first   tick
	sum     sum // on the way to a total that ends it
}

// run puts one run of a phase on the axis. It returns where something that follows it begins,
// and whether it goes on past what is shown.
func (a *axis) run(i int, begin start, final bool) (next start, open bool) {
	r := &run{axis: a, phase: a.plan.phases[i], span: &a.spans[i], sum: a.sumBefore(i)}
	for r.changes, _ = a.plan.changesOf(&r.phase); len(r.changes) > 0 && !a.moved(&r.phase, begin.day.Date()).Before(r.changes[0].from); {
		r.change()
	}
	r.ticks = newSeries(r.phase.choice.Frequency, r.phase.times, begin, a.zone)
	day1 := r.ticks.day1
	if r.span.day1.IsZero() {
		r.span.day1, r.span.later = day1, day1.Date().After(begin.day.Date())
	}
	r.span.runs++
	r.end = a.ending(&r.phase, day1, final)
	r.count = counter{phase: int16(i), run: int32(r.span.runs), first: r.phase.number, day1: day1.Date()}
	r.count.cycle, _ = r.phase.choice.Frequency.CycleLength()
	if r.phase.GoesOn {
		r.count.number, r.count.day1 = r.span.doses, r.span.day1.Date()
	}
	r.count.cycle1 = r.count.day1
	return r.give()
}

// change goes over to the next frequency.
func (r *run) change() {
	r.phase.choice, r.phase.times = r.changes[0].choice, r.changes[0].times
	r.changes = r.changes[1:]
}

// tick returns the next dose of the run, by the frequency that holds then.
func (r *run) tick() (tick, bool) {
	t, ok := r.ticks.yield()
	for ok && len(r.changes) > 0 && !r.moved(&r.phase, t.date).Before(r.changes[0].from) {
		if r.changes[0].timesOnly {
			r.change()
			r.ticks.times = r.phase.times
			t.clock, t.at = r.ticks.times.on(t.date)[t.slot], 0
			continue
		}
		// The new frequency counts from the day of the dose that comes next.
		r.change()
		r.count.cycle1 = t.date
		r.count.cycle, _ = r.phase.choice.Frequency.CycleLength()
		r.ticks = newSeries(r.phase.choice.Frequency, r.phase.times, start{day: t.day, bound: bound{from: civil.Moment{Date: t.date}}}, r.zone)
		t, ok = r.ticks.yield()
	}
	return t, ok
}

// give puts the doses of the run on the axis until something ends it.
func (r *run) give() (next start, open bool) {
	r.span.dated = false
	var before tick
	for given := 0; ; given++ {
		t, ok := r.tick()
		if given > 0 && ok {
			r.span.gap(t.moment().Minutes(before.moment()))
		}
		full := ok && r.full(given, &t)
		switch {
		case !r.end.stop.IsZero() && (!ok || !full && !t.date.Before(r.end.stop.Date())):
			r.span.timed, r.span.dated = true, true
			return r.afterStop(t, ok), false
		case !ok: // a finite rule is over, and has no place for what follows
			return start{}, false
		case full:
			return r.join(&before, &t), false
		}
		date := r.moved(&r.phase, t.date)
		if !r.end.ends.IsZero() && date.After(r.end.ends) {
			r.span.timed, r.span.dated = true, true
			return r.afterStop(t, ok), false
		}
		if r.beyond(date) {
			return start{}, true
		}
		if date != t.date && t.slot != None && r.phase.times.days != nil {
			if clocks := r.phase.times.on(date); int(t.slot) < len(clocks) {
				t.clock = clocks[t.slot]
			}
		}
		d := r.count.dose(t, date, r.span.doses+1)
		if r.sum.most > 0 && !r.fits(&d) {
			if given > 0 {
				return r.join(&before, &t), false
			}
			if !r.plan.options.Timeline.Lived {
				before := "those before it come to"
				if r.phase.Course.Lifetime {
					before = "with what was received before the course, those before it come to"
				}
				r.found.Add(diag.NeverReached, r.phase.Course.Range, "raise the total, or shorten what comes before", "the phase “%s” has no dose: %s %v or more", r.phase.Name, before, r.phase.Course.Total)
			}
			return start{day: t.day, bound: bound{from: t.moment(), own: true}, clock: civil.SomeClock(t.clock)}, false
		}
		r.axis.doses = append(r.axis.doses, d)
		if given == 0 {
			r.first = t
		}
		before = t
		r.span.doses++
	}
}

// fits adds a dose to the sum on the way to a total. Where it would pass the total, it has what is left of it; it
// does not fit where nothing is.
func (r *run) fits(d *plannedDose) bool {
	adds := r.adds(d)
	if r.sum.total+adds > r.sum.most && r.facts[DoseName{r.phase.Name, int(d.number)}] == nil {
		k := r.reg.doseAt(d.phase, d.place, d.date)
		if adds = r.sum.left(&r.reg.doses[k]); adds == 0 {
			return false
		}
		d.rest, r.sum.rest = adds, true
	}
	r.sum.total, r.sum.doses = r.sum.total+adds, r.sum.doses+1
	return true
}

// join returns where what follows a run begins that has all its doses: after the last of them,
// and without times of its own at the very instant of the next.
func (r *run) join(last, t *tick) start {
	s := start{day: t.day, bound: bound{from: shown(last.moment(), r.zone).Next(), after: last.at}, clock: civil.SomeClock(t.clock), at: t.at}
	if s.after == 0 {
		s.after, _ = r.zone.At(last.date, last.clock)
	}
	if m := t.moment(); t.at > s.after && m.Before(s.from) {
		s.from = m // clocks show an hour again
	}
	return s
}

// full reports whether the run has all the doses of its course, before a tick. Hours of a
// course are counted as its rule counts time: on the clock, or elapsed.
func (r *run) full(given int, t *tick) bool {
	since := t.moment().Minutes(r.first.moment())
	if r.ticks.every > 0 {
		since = (t.at - r.first.at) / 60
	}
	if at := (civil.Moment{Date: r.moved(&r.phase, t.date), Clock: t.clock}); !r.end.met.Date.IsZero() && given > 0 && r.end.met.Before(at) {
		return true
	}
	if r.end.at != 0 && r.instant(t) >= r.end.at { // where it stands, which may have moved
		if given == 0 {
			r.found.Add(diag.NeverReached, r.phase.Course.Range, "look at that time, or at the dates of the patient", "the phase “%s” has no dose: its first would be at %v on %v, and it ends before that", r.phase.Name, t.clock, t.date)
		} else if w := &r.phase.Course.Until; w.Before && r.instant(t) == r.end.at {
			r.found.Add(diag.TwoReadings, r.phase.Course.Range, "write one hour less, if that dose is still given", "a dose of “%s” would stand at %v on %v, the very end of “until %s”, and is not given", r.phase.Name, t.clock, t.date, w.Text)
		}
		return true
	}
	return r.end.doses > 0 && given >= r.end.doses || given > 0 && r.sum.reached() || r.end.hours > 0 && given > 0 && since >= r.end.hours
}

// instant returns that of a tick, on the day to which what happened has moved it.
func (r *run) instant(t *tick) int64 {
	date := r.moved(&r.phase, t.date)
	if t.at != 0 && date == t.date {
		return t.at
	}
	at, _ := r.zone.At(date, t.clock)
	return at
}

// beyond reports whether a dose lies past what is shown. Where nobody asked to be shown less,
// it is a finding.
func (r *run) beyond(date civil.Date) bool {
	const help = "make its course shorter, or show less of it"
	switch {
	case date.After(r.end.last):
		if !r.end.cut {
			r.found.Add(diag.TooLong, r.phase.Range, help, "the phase “%s” goes on for more than %d years after the start", r.phase.Name, MaxYears)
		}
		return true
	case len(r.axis.doses) >= MaxEvents && r.end.cut && date.After(r.until):
		return true
	case len(r.axis.doses) >= MaxEvents:
		r.found.Add(diag.TooLong, r.phase.Range, help, "the calendar has more than %d doses", MaxEvents)
		return true
	}
	return false
}

// afterStop returns where what follows a run begins that its time has ended: on the first day
// after it, at the clock time that its rule has on that day. t is the tick that is not given.
func (r *run) afterStop(t tick, ok bool) start {
	stop := r.end.stop
	s := start{day: stop, bound: bound{from: civil.Moment{Date: stop.Date()}}, clock: civil.SomeClock(r.ticks.times.on(stop.Date())[0])}
	if ok && t.date == stop.Date() {
		s.clock, s.at = civil.SomeClock(t.clock), t.at
	}
	return s
}

// gap takes down how far apart two doses of the phase are.
func (s *span) gap(minutes int64) {
	if s.least == 0 || minutes < s.least {
		s.least = minutes
	}
	s.most = max(s.most, minutes)
}

// A counter numbers the doses of a run as its rules count them.
type counter struct {
	phase  int16
	run    int32
	first  int        // the number of day 1
	day1   civil.Date // that days are counted from
	number int        // of doses so far
	cycle1 civil.Date // the first day of a cycle
	cycle  int        // the length of a cycle in days, or 0
}

// cycleDay returns the day of its cycle that a date is, from 1; 0 where there are no cycles.
func (c *counter) cycleDay(d civil.Date) int {
	if c.cycle == 0 {
		return 0
	}
	return d.Sub(c.cycle1)%c.cycle + 1
}

// dose returns a tick as a dose of a number within its phase, on the date to which holds move it: what goes by the day
// of the week goes by that one.
func (c *counter) dose(t tick, date civil.Date, number int) plannedDose {
	c.number++
	place := dose.Place{Number: c.number, Day: t.date.Sub(c.day1) + c.first, CycleDay: c.cycleDay(t.date), Weekday: date.Weekday(), Slot: int(t.slot)}
	at := t.at
	if t.slot == None {
		at += int64(date.Sub(t.date)) * 86400
	} else if date != t.date {
		at = 0
	}
	return plannedDose{place: place, day: t.day, date: date, clock: t.clock, slot: t.slot, phase: c.phase, number: int32(number), run: c.run, at: at}
}

// begins returns where a phase begins, on the days of rules. reached is false where that lies
// past what is shown, or where there is no such day, which is a finding.
func (a *axis) begins(i int) (s start, reached bool) {
	ph := &a.plan.phases[i]
	w := &ph.Starts
	var of *span // what it counts from
	if ph.after != None {
		if of = &a.spans[ph.after]; of.unshown {
			return start{}, false
		}
	}
	switch w.Anchor {
	case protocol.EndOf:
		if of.open {
			return start{}, false
		}
		if s.day = a.lastDay(i); s.day.IsZero() {
			return a.never(ph, of)
		}
	case protocol.NoAnchor, protocol.After:
		if of == nil {
			s.day = a.day1
			break
		}
		if of.open {
			return start{}, false
		}
		if s = of.next; s.day.IsZero() {
			return a.never(ph, of)
		}
	case protocol.DoseN, protocol.LastDose:
		k, ok := a.nth(of, w)
		if !ok && of.open {
			return start{}, false
		} else if !ok {
			return a.never(ph, of)
		}
		s = a.from(k, ph)
	default:
		if s.day, s.clock = a.dayOf(w, ph.after), w.At; w.At.IsSet() && !w.Offset.IsSet() && !w.First.Set {
			s.bound = bound{from: shown(civil.Moment{Date: s.day.Date(), Clock: w.At.Or(0)}, a.zone)}
		}
	}
	if w.Offset.IsSet() {
		s = a.offset(s, ph)
	}
	return s, true
}

func (a *axis) never(ph *phasePlan, of *span) (start, bool) {
	a.found.Add(diag.NeverReached, ph.Range, "say with `starts` a day that the course reaches", "the phase “%s” has no day on which it could begin", ph.Name)
	return start{}, false
}

// nth returns the index on the axis of the dose of a phase that a day of the course names.
func (a *axis) nth(of *span, w *protocol.When) (int, bool) {
	n := w.N
	if w.Anchor == protocol.LastDose {
		if n = of.doses; of.open {
			return None, false
		}
	}
	if n < 1 || n > of.doses {
		return None, false
	}
	return of.index + n - 1, true
}

// lastDay returns the last day of what a phase counts from: of one of doses or hours, that of its
// last dose, where it stands.
func (a *axis) lastDay(i int) civil.Anchor {
	if of := &a.spans[a.plan.phases[i].after]; of.dated {
		return of.next.day.AddDays(-1)
	}
	if k, _ := a.counted(i); k != None {
		return a.from(k, &a.plan.phases[i]).day
	}
	return civil.Anchor{}
}

// dayOf returns a day that is counted from day 1 of the course, or of a phase.
func (a *axis) dayOf(w *protocol.When, phase int) civil.Anchor {
	day1, first := a.day1, a.plan.protocol.CountFrom
	if phase != None {
		day1, first = a.spans[phase].day1, a.plan.phases[phase].number
	}
	return w.On(day1, first)
}

// offset moves the start of a phase by the length of time that it states. A dose's clock time is
// kept over days. Hours are elapsed time from it, but on the clock for a phase with clock times of
// its own, as its rule counts them.
func (a *axis) offset(s start, ph *phasePlan) start {
	w := &ph.Starts
	elapsed, ok := w.Offset.Elapsed()
	if !ok {
		return start{day: s.day.Add(w.Offset, w.Sign()), clock: s.clock}
	}
	if _, rule := ph.choice.Frequency.Interval(); ph.times.stated && !rule {
		m := civil.Moment{Date: s.day.Date(), Clock: s.clock.Or(0)}.Add(int64(w.Sign()) * int64(elapsed.Minutes()))
		return start{day: s.day.At(m.Date), bound: bound{from: m}, clock: civil.SomeClock(m.Clock)}
	}
	at := s.at
	if at == 0 {
		at, _ = a.zone.At(s.day.Date(), s.clock.Or(0))
	}
	at += int64(w.Sign()) * int64(elapsed.Seconds())
	m, _ := a.zone.Local(at)
	return start{day: s.day.At(m.Date), bound: bound{from: m, after: at - 1}, clock: civil.SomeClock(m.Clock), at: at}
}

// joins returns what a reader could misread of the places where phases begin: a first dose
// after the start, a phase without a dose, a phase of days that begins in the middle of one,
// and a gap between two phases that is not what their rules say.
func (a *axis) joins() diag.List {
	var found diag.List
	for i := range a.spans {
		ph, sp := &a.plan.phases[i], &a.spans[i]
		if sp.doses == 0 {
			if !sp.open && !sp.unshown {
				found.Add(diag.NoDoses, ph.Range, "make its course longer, or change its days", "no dose of the phase “%s” falls within its course", ph.Name)
			}
			continue
		}
		d := &a.doses[sp.index]
		wanting := int(d.slot)
		if interval, elapsed := ph.choice.Frequency.Interval(); elapsed && d.slot == None && d.day.Date() == sp.day1.Date() {
			wanting = int(d.clock) / max(int(interval.Minutes()), 1) // what would have fallen into the day before it
		}
		if wanting > 0 && d.day.Date() == sp.day1.Date() {
			a.eveningStart(ph, sp, d.clock, wanting, &found)
		}
		if sp.doses > 1 {
			a.keepsClock(ph, sp, &found)
		}
		if sp.later {
			help := "give it another time, or say with `starts` a day of the course"
			if ph.after != None {
				help += fmt.Sprintf(", or how long after a dose, as `starts: 1 day after last dose of %s`", a.plan.phases[ph.after].Name)
			}
			found.Add(diag.OddJoin, ph.Range, help, "the phase “%s” begins a day later than what it starts from, since none of its times lies after that", ph.Name)
		}
		if ph.after != None && (ph.Starts.Anchor == protocol.NoAnchor || ph.Starts.Anchor == protocol.After) {
			found = append(found, a.join(ph, sp, &a.plan.phases[ph.after], &a.spans[ph.after])...)
		}
		found = append(found, a.between(ph, sp)...)
		for k := range i {
			found = append(found, a.beside(i, k)...)
		}
	}
	if first := a.first(); !first.IsZero() && first != a.day1.Date() {
		found.Add(diag.LateStart, a.plan.protocol.Range, "", "the course starts on %s, and its first dose falls on %s", a.day1.Date().WithWeekday(), first.WithWeekday())
	}
	return found
}

// eveningStart says of a phase of days or cycles that begins in the middle of a day that its first day
// counts, and holds fewer doses.
func (a *axis) eveningStart(ph *phasePlan, sp *span, clock civil.Clock, wanting int, found *diag.List) {
	_, cyclic := ph.choice.Frequency.CycleLength()
	fewer := civil.Plural(wanting, "dose")
	switch {
	case cyclic:
		found.Add(diag.EveningStart, ph.Range, "begin it with its day; or write each time of day as a phase of its own, with its own days, if each cycle begins in the evening",
			"the phase “%s” begins at %v on its first day, so that its first cycle holds %s fewer than the others", ph.Name, clock, fewer)
	case ph.Repeat > 1 && sp.timed:
		which, help := "its first run holds", "begin it with its day; or write its first run as a phase of its own"
		if ph.Rest.IsSet() && wanting == ph.times.first { // after which a run begins so again
			which, help = "each of its runs holds", "begin it with its day; or write a number of doses, if all of them are meant"
		}
		found.Add(diag.EveningStart, ph.Range, help, "the phase “%s” begins at %v on its first day, so that %s %s fewer than so many whole days", ph.Name, clock, which, fewer)
	case !sp.timed && !ph.times.stated && ph.Starts.Anchor == protocol.NoAnchor && ph.after != None && a.spans[ph.after].dated:
		found.Add(diag.EveningStart, ph.Range, "give it `times`, or say with `starts` on which day it begins",
			"the phase “%s” begins at %v, where the one before it would have gone on, so that its first day holds %s fewer than the others; it keeps that time of day", ph.Name, clock, fewer)
	case !sp.timed && ph.Course.Doses > 0 && a.plan.protocol.Follows(ph.Dose, protocol.ByDay, protocol.ByWeek):
		found.Add(diag.EveningStart, ph.Range, "give it `times`, or write its cases `by dose`",
			"the phase “%s” begins at %v on its first day, and its doses follow from the day: that of its first day comes %s less often", ph.Name, clock, timesFewer(wanting))
	case sp.timed:
		found.Add(diag.EveningStart, ph.Range, "give it `times`, say with `starts` on which day it begins, or write a number of doses, if all of them are meant",
			"the phase “%s” begins at %v on its first day, so that its course, %v, holds %s fewer than so many whole days", ph.Name, clock, ph.Course, fewer)
	}
}

// timesFewer says how many times something comes less often.
func timesFewer(n int) string {
	if n == 1 {
		return "once"
	}
	return civil.Plural(n, "time")
}

// keepsClock says of a phase that begins some hours from a dose, across a change of the clocks, that
// its later doses keep its clock time, and not those hours.
func (a *axis) keepsClock(ph *phasePlan, sp *span, found *diag.List) {
	w := &ph.Starts
	elapsed, hours := w.Offset.Elapsed()
	if _, rule := ph.choice.Frequency.Interval(); !hours || rule || ph.after == None || ph.times.stated {
		return
	}
	k, ok := a.nth(&a.spans[ph.after], w)
	if !ok {
		return
	}
	from, d := civil.Moment{Date: a.doses[k].day.Date(), Clock: a.doses[k].clock}, &a.doses[sp.index]
	if st, ok := a.stand[k]; ok {
		from = st.at
	}
	apart := civil.Moment{Date: d.day.Date(), Clock: d.clock}.Minutes(from)
	if off := apart - int64(w.Sign())*int64(elapsed.Minutes()); off == 0 || 60*max(off, -off) > clockChanges { // its rule has another day for it
		return
	}
	found.Add(diag.OddJoin, ph.Range, "give it `times`, if its doses keep a time of day", "the phase “%s” begins %s, across a change of the clocks, at %v, and its later doses keep that time", ph.Name, w.Text, d.clock)
}

// join looks at the gap between a phase and the one before it, which nothing but the rule for
// joins has made: longer than any gap on its two sides, or shorter than the phase's own. Who writes that
// a phase comes after the other means the join, and no dose an hour after the last.
func (a *axis) join(ph *phasePlan, sp *span, phBefore *phasePlan, before *span) diag.List {
	var found diag.List
	if before.doses == 0 || before.open || phBefore.Medication != ph.Medication {
		return nil
	}
	d, last := &a.doses[sp.index], &a.doses[before.index+before.doses-1]
	apart := civil.Moment{Date: d.day.Date(), Clock: d.clock}.Minutes(civil.Moment{Date: last.day.Date(), Clock: last.clock})
	gap := "later than any two doses within either"
	switch longest := max(before.most, sp.most); {
	case ph.Starts.Anchor != protocol.NoAnchor:
		least := before.least
		if least == 0 || sp.least > 0 && sp.least < least {
			least = sp.least
		}
		if least == 0 || 2*apart >= least {
			return nil
		}
		found.Add(diag.OddJoin, ph.Range, fmt.Sprintf("write how long after its last dose, as `starts: %s after last dose of %s`, or on which day of the course", words(least*60), phBefore.Name),
			"the first dose of “%s” comes %s after the last of “%s”, sooner than half of what any two doses within either are apart", ph.Name, words(apart*60), phBefore.Name)
		return found
	case before.most > 0 && later(apart, longest, phBefore.choice.Frequency.Monthly() || ph.choice.Frequency.Monthly()):
	case sp.least > 0 && 10*apart < 9*sp.least:
		gap = "sooner than two doses of “" + ph.Name + "”"
	default:
		return nil
	}
	name := phBefore.Name
	if phBefore.For != nil {
		name = "the phase before"
	}
	found.Add(diag.OddJoin, ph.Range, fmt.Sprintf("write `starts: after %s` if that is meant, or how long after its last dose", name),
		"the first dose of “%s” comes %s after the last of “%s”, %s", ph.Name, words(apart*60), phBefore.Name, gap)
	return found
}

// between looks at the gap between one run of a phase and the next, where no rest is written: sooner than two doses of a run.
func (a *axis) between(ph *phasePlan, sp *span) (found diag.List) {
	if ph.Repeat < 2 || ph.Rest.IsSet() || ph.Starts.Anchor == protocol.EachDose || sp.least == 0 {
		return nil
	}
	for i := sp.index + 1; i < sp.index+sp.doses; i++ {
		last, d := &a.doses[i-1], &a.doses[i]
		if d.run == last.run {
			continue
		}
		if apart := d.moment().Minutes(last.moment()); 10*apart < 9*sp.least {
			found.Add(diag.OddJoin, ph.Range, "look how long a run lasts: the next begins on the day after it; or write a `rest`", "the first dose of a run of “%s” comes %s after the last of the run before, sooner than two doses of one run", ph.Name, words(apart*60))
		}
		break
	}
	return found
}

// beside looks at two phases of one medicine whose days are written as such: whether both give it at
// one time, or the later in the list begins sooner after the other than its own doses follow each other.
// Where a phase counts from a dose of the other, it says so.
func (a *axis) beside(i, k int) diag.List {
	var found diag.List
	ph, sp, other, o := &a.plan.phases[i], &a.spans[i], &a.plan.phases[k], &a.spans[k]
	w := &ph.Starts
	with := ph.after == k && (w.Anchor == protocol.DoseN && (w.N == 1 || sp.doses == 1) || w.Anchor == protocol.EachDose) && !w.Offset.IsSet() // it is given with the other
	if with || ph.Medication != other.Medication || sp.doses == 0 || o.doses == 0 {
		return nil
	}
	if first, times := a.together(sp, o); times > 0 {
		found.Add(diag.OddJoin, ph.Range, "begin it a day later, or with `after "+other.Name+"`, if the one is to follow the other; or `with "+other.Name+"`, if both are given at once",
			"“%s” gives the same medicine as “%s” at the same time, first on %s %v, %s in all", ph.Name, other.Name, first.Date.WithWeekday(), first.Clock, civil.Plural(times, "time"))
		return found
	}
	if a.plan.routeOf(i) != a.plan.routeOf(k) { // two routes of a medicine go on side by side
		return nil
	}
	// What goes with each dose of another comes between others by its nature, and two that are given at other times of
	// day are one regimen.
	if w.Anchor == protocol.EachDose || other.Starts.Anchor == protocol.EachDose || a.otherTimes(i, k) {
		return nil
	}
	if n := a.goingOn(sp, o); n > 1 && sp.doses > 1 && (w.Offset.IsSet() || w.Dated() && w.Anchor != protocol.StartOf) && (ph.after == None || a.plan.phases[ph.after].Medication == ph.Medication) {
		found.Add(diag.OddJoin, ph.Range, "end “"+other.Name+"” before it, as with `course: until day …`; or begin it `with "+other.Name+"`, if both are given side by side",
			"“%s” begins while “%s”, which gives the same medicine, goes on: %s of that come after its first", ph.Name, other.Name, atLeast(n, o.open))
		return found
	}
	last, d := &a.doses[o.index+o.doses-1], &a.doses[sp.index]
	apart := d.moment().Minutes(last.moment())
	early := sp.least >= 7*24*60 && 10*apart < 9*sp.least
	if earlier := w.Anchor == protocol.DoseN && w.Phase == other.Name && w.Offset.IsSet() && !w.Before && w.N < o.doses; earlier && !o.open && apart > 0 && early && apart != last.moment().Minutes(a.doses[o.index+o.doses-2].moment()) {
		found.Add(diag.OddJoin, ph.Range, "count from its last dose, as `starts: "+w.Offset.String()+" after last dose of "+other.Name+"`, if that is meant", "the first dose of “%s” comes %s after the last of “%s”, sooner than two doses of “%[1]s”: it is counted from an earlier dose of that", ph.Name, words(apart*60), other.Name)
		return found
	}
	if i != k+1 || o.open || w.Phase != "" || !w.Dated() {
		return nil
	}
	const day, week = 24 * 60, 7 * 24 * 60
	switch off := apart - sp.least; {
	case apart <= 0:
	case w.Anchor == protocol.DayN && sp.least >= week && sp.least%week == 0 && (off == day || off == -day):
		found.Add(diag.OddJoin, ph.Range, fmt.Sprintf("write `starts: day %d`, if as much is meant as between its own doses: the days of a course are counted from its first (week 5 begins on day 29)", w.N-int(off/day)), "the first dose of “%s” comes %s after the last of “%s”, a day from what its own doses are apart", ph.Name, words(apart*60), other.Name)
	case sp.least < 7*24*60 && o.least > 0 && 2*apart < min(sp.least, o.least):
		found.Add(diag.OddJoin, ph.Range, "look at the clock times of both; or write how long after the last dose it begins", "the first dose of “%s” comes %s after the last of “%s”, sooner than half of what any two doses within either are apart", ph.Name, words(apart*60), other.Name)
	case early:
		found.Add(diag.OddJoin, ph.Range, "look at what it is counted from: a day, week or month of the course is counted from its first day (week 5 begins on day 29)", "the first dose of “%s” comes %s after the last of “%s”, sooner than two doses of “%[1]s”", ph.Name, words(apart*60), other.Name)
	}
	return found
}

// otherTimes reports whether two phases are given once on their days, each at a time of day that the file states and the
// other has not.
func (a *axis) otherTimes(i, k int) bool {
	ph, other := &a.plan.phases[i], &a.plan.phases[k]
	one := func(ph *phasePlan) bool { return ph.times.stated && ph.times.days == nil && len(ph.times.clocks) == 1 }
	return one(ph) && one(other) && ph.times.clocks[0] != other.times.clocks[0]
}

// goingOn returns how many doses of a phase come after the first of another that begins after it.
func (a *axis) goingOn(sp, o *span) (n int) {
	first := a.doses[sp.index].moment()
	for _, d := range a.doses[o.index : o.index+o.doses] {
		if first.Before(d.moment()) {
			n++
		}
	}
	if n == o.doses {
		return 0 // it begins first
	}
	return n
}

// atLeast says a number of doses, of which more come past what is shown.
func atLeast(n int, more bool) string {
	if more {
		return civil.Plural(n, "dose") + " or more"
	}
	return civil.Plural(n, "dose")
}

// together returns the first moment at which two phases both give a dose, and how many there are.
func (a *axis) together(sp, o *span) (first civil.Moment, times int) {
	mine, theirs := a.doses[sp.index:sp.index+sp.doses], a.doses[o.index:o.index+o.doses]
	for len(mine) > 0 && len(theirs) > 0 {
		switch m, n := mine[0].moment(), theirs[0].moment(); {
		case m.Before(n):
			mine = mine[1:]
		case n.Before(m):
			theirs = theirs[1:]
		default:
			if times == 0 {
				first = m
			}
			mine, theirs, times = mine[1:], theirs[1:], times+1
		}
	}
	return first, times
}

// moment is where the rule of a dose puts it, on the clock.
func (d *plannedDose) moment() civil.Moment { return civil.Moment{Date: d.day.Date(), Clock: d.clock} }

// later reports whether a gap in minutes is longer than the longest of two rules: by a day, or by
// more than a tenth. Months differ in length by more than a day.
func later(apart, longest int64, months bool) bool {
	const day = 24 * 60
	return 9*apart > 10*longest || !months && apart/day > (longest+day/8)/day
}

// hidden reports whether some doses of a phase lie past what is shown.
func (a *axis) hidden(i int) bool {
	sp := &a.spans[i]
	return sp.doses > 0 && !a.until.IsZero() && a.doses[sp.index+sp.doses-1].date.After(a.until)
}

// first returns the day of the first dose of the course, as rules give it.
func (a *axis) first() civil.Date {
	var first civil.Date
	for i := range a.spans {
		if sp := &a.spans[i]; sp.doses > 0 {
			if d := a.doses[sp.index].date; first.IsZero() || d.Before(first) {
				first = d
			}
		}
	}
	return first
}

// A frequencyChange is another frequency of a phase from a day on, or other clock times of its doses.
type frequencyChange struct {
	from      civil.Date
	choice    protocol.Choice
	times     dayTimes
	timesOnly bool
}

// changesOf returns what a phase changes to, in order of time, and what of it cannot be. Times that
// a clinician set stay where a new frequency has as many doses on a day.
func (pl *Plan) changesOf(ph *phasePlan) (list []frequencyChange, found diag.List) {
	now := *ph
	var set []civil.Clock
	for _, c := range pl.options.Timeline.Changes {
		text, changed := c.Frequency[ph.Name]
		clocks, timed := c.Times[ph.Name]
		if at := ph.Offered(text); changed && at >= 0 {
			now.choice = ph.Frequencies[at]
			pl.chooseTimes(&now, &diag.List{})
		} else if changed = false; !timed {
			continue
		}
		if timed {
			set = clocks
		}
		switch f := now.choice.Frequency; {
		case fits(set, f):
			now.times.days = nil
			now.times.clocks, now.times.first = spread(set, f)
			now.times.stated = true
		case timed:
			found.Add(diag.TimesMismatch, ph.Range, "give a time for each dose of a day, in their order", "the phase “%s” is given %s, and the times are %s", ph.Name, now.choice.Text, civil.JoinClocks(clocks))
			continue
		}
		only := !changed
		if n := len(list); n > 0 && !c.From.After(list[n-1].from) {
			only = only && list[n-1].timesOnly
			list = list[:n-1]
		}
		list = append(list, frequencyChange{c.From, now.choice, now.times, only})
	}
	return slices.Clip(list), found
}

// fits reports whether clock times are those of a day of a frequency: as many as its doses, each
// after the one before it, or the one from which its hours are counted.
func fits(clocks []civil.Clock, f frequency.Frequency) bool {
	if _, elapsed := f.Interval(); elapsed {
		return false
	}
	rising := slices.IsSortedFunc(clocks, func(a, b civil.Clock) int {
		if a == b {
			return 1
		}
		return int(a - b)
	})
	return rising && (len(clocks) == max(f.PerDay(), 1) || len(clocks) == 1 && f.HoursApart() > 0)
}

package schedule

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A frame is what check-ins are counted from: the doses in order of time, and the days on which
// phases stand, with holds.
type frame struct {
	axis   *axis
	doses  []Event
	extra  int       // how many of them no plan knew
	nth    [][]int32 // by phase and number, from 0: an index into doses
	stands []stand
	all    stand // of the course as a whole
}

// A stand says where a phase or the course stands on the calendar.
type stand struct {
	day1  civil.Anchor
	end   civil.Date // the date from which something else could follow; the zero Date if nothing can
	last  civil.Date // the last day; the zero Date if there is none
	open  bool       // it goes on past what is shown
	shown bool       // it has a dose on the calendar
}

// newFrame needs doses in order of time.
func newFrame(a *axis, doses []Event, mem *scratch) *frame {
	f := &frame{axis: a, doses: doses, nth: make([][]int32, len(a.spans)), stands: make([]stand, len(a.spans)), all: stand{day1: a.day1}}
	nth := slices.Grow(mem.nth[:0], len(a.doses))[:len(a.doses)]
	for i := range nth {
		nth[i] = None
	}
	mem.nth = nth
	for i := range a.spans {
		sp, ph := &a.spans[i], &a.plan.phases[i]
		f.nth[i] = nth[sp.index : sp.index+sp.doses]
		s := stand{open: sp.open, shown: sp.doses > 0}
		if !sp.day1.IsZero() {
			s.day1 = sp.day1.At(a.moved(ph, sp.day1.Date()))
		}
		switch {
		case !sp.next.day.IsZero():
			s.end = a.moved(ph, sp.next.day.Date())
		case sp.doses > 0: // its rule has no next dose
			s.end = a.doses[sp.index+sp.doses-1].date.AddDays(1)
		}
		f.stands[i] = s
		f.all.open = f.all.open || s.open
		f.all.end = civil.Later(f.all.end, s.end)
	}
	f.extra = len(doses)
	for i := range doses {
		e := &doses[i]
		if e.Of == None {
			continue
		}
		if f.nth[e.Phase][e.Number-1] == None {
			f.extra--
		}
		if e.Status != Missed || f.nth[e.Phase][e.Number-1] == None {
			f.nth[e.Phase][e.Number-1] = int32(i)
		}
	}
	f.lastDays()
	return f
}

// lastDays finds the last days of phases: of one that its time ended, the day before its end, and
// the day on which its last dose stands, where that is later or the phase ends with it.
func (f *frame) lastDays() {
	for i := range f.stands {
		s := &f.stands[i]
		k, ok := f.dose(i, -1)
		if f.axis.spans[i].dated {
			s.last = s.end.AddDays(-1)
		}
		if ok && !(s.open && f.axis.spans[i].dated) {
			s.last = civil.Later(s.last, f.doses[k].Date) // its last dose, which can have been moved past its end
		}
		if ok && !s.open && !s.end.IsZero() && f.doses[k].moved() && !f.doses[k].Date.Before(s.end) {
			s.end = f.doses[k].Date.AddDays(1)
			f.all.end = civil.Later(f.all.end, s.end)
		}
		f.all.last = civil.Later(f.all.last, s.last)
	}
}

// dose returns the index of the dose of a number, of a phase or (for None) of the course; the
// number -1 is the last.
func (f *frame) dose(phase, number int) (int, bool) {
	if phase == None && len(f.nth) == 1 {
		phase = 0
	}
	n := len(f.doses) - f.extra
	if phase != None {
		n = len(f.nth[phase])
	}
	if number == -1 {
		number = n
	}
	if number < 1 || number > n {
		return None, false
	}
	if phase == None {
		return f.planned(number), true
	}
	i := int(f.nth[phase][number-1])
	return i, i != None
}

// toGive returns the first dose that was given or is still to be, or nil.
func (f *frame) toGive() *Event {
	for i := range f.doses {
		if e := &f.doses[i]; e.Of != None && (e.Status <= Provisional || e.Status == Taken) {
			return e
		}
	}
	return nil
}

// lapsed reports whether a check-in before a dose is too old for it: that dose was given, is still to be, or is held,
// further off than the check-in may be held before it. One that comes at intervals, and that doses follow, is so where what is
// planned was put off since: for those after that it is held anew.
func (f *frame) lapsed(c *protocol.CheckIn, number int, held civil.Date) bool {
	if k := number - 1; !held.IsZero() && k >= 0 && k < len(c.On) && c.On[k].Before && len(c.Gates) > 0 {
		day, _, ok := f.day(&c.On[k])
		from, dosed := f.from(&c.On[k])
		target := day.Date()
		if elapsed, hours := c.On[k].Offset.Elapsed(); hours && dosed {
			at := civil.Moment{Date: f.doses[from].Date, Clock: f.doses[from].Clock}
			target = at.Add(-int64(elapsed.Minutes())).Date
		}
		return ok && dosed && f.doses[from].Status != Missed && held.Before(target.AddDays(-c.Window.Before))
	}
	if k := number - 1; !held.IsZero() && k >= 0 && k < len(c.On) && len(c.Gates) > 0 && counted(c.On[k].Anchor) {
		moved, _, ok := f.day(&c.On[k])
		return ok && moved.Date().After(f.byFile(&c.On[k]).Date()) && held.Before(moved.Date().AddDays(-c.Window.Before))
	}
	if c.Every.IsSet() && number > 0 && !held.IsZero() && c.Name != protocol.ReassessmentName && (len(c.Gates) > 0 || c.StopsIfOverdue) {
		t := &f.axis.plan.options.Timeline
		since := slices.ContainsFunc(t.Gaps, func(g Gap) bool {
			over := g.From.AddDays(g.Days)
			return held.Before(over) || held == over && !c.StopsIfOverdue // which may be what ended the pause
		})
		from, _, _, ok := f.stretchOf(c)
		if !ok || !since && !held.Before(from.Date()) { // nothing was put off since, neither doses nor the start
			return false
		}
		for k, day := range f.turns(f.axis.plan.checkInOf(c.Name), c) {
			if k == number {
				return held.Before(day.AddDays(-c.Window.Before))
			}
		}
	}
	if !c.Before || !c.Within.IsSet() || held.IsZero() {
		return false
	}
	first := f.toGive()
	for i := 0; first == nil && i < len(f.doses); i++ { // where all are held, it is for the first of them
		if e := &f.doses[i]; e.Of != None && e.Status == Held {
			first = e
		}
	}
	return first != nil && held.Before(c.Within.From(first.Date, -1))
}

// past reports whether a check-in of each dose's own decides about nothing more: its dose was given.
func (f *frame) past(c *protocol.CheckIn, number int) bool {
	if k := number - 1; c.EachDose && k >= 0 && k < len(c.On) {
		from, ok := f.from(&c.On[k])
		return ok && f.doses[from].Status == Taken
	}
	return false
}

// from returns the index of the dose that a day of the course is counted from.
func (f *frame) from(w *protocol.When) (int, bool) {
	switch phase := f.phase(w.Phase); w.Anchor {
	case protocol.DoseN:
		return f.dose(phase, w.N)
	case protocol.LastDose, protocol.EndOf:
		return f.dose(phase, -1)
	}
	return None, false
}

// leftOut reports whether a day is counted from a dose that the policy for closed days left out.
func (f *frame) leftOut(w *protocol.When) bool {
	phase := f.phase(w.Phase)
	if phase == None && len(f.nth) == 1 {
		phase = 0
	}
	if phase == None {
		return false
	}
	n := w.N
	if w.Anchor == protocol.LastDose {
		n = len(f.nth[phase])
	}
	return (w.Anchor == protocol.DoseN || w.Anchor == protocol.LastDose) && n >= 1 && n <= len(f.nth[phase]) && f.nth[phase][n-1] == None
}

// planned returns the index of the dose of a number, from 1, among those that a plan knew.
func (f *frame) planned(number int) int {
	if f.extra == 0 {
		return number - 1
	}
	for i := range f.doses {
		if e := &f.doses[i]; e.Of != None && int(f.nth[e.Phase][e.Number-1]) == i {
			number--
		}
		if number == 0 {
			return i
		}
	}
	return None
}

// day resolves a day of the course. of is the index of the dose that it falls together with,
// or None; ok is false where the calendar does not reach so far.
func (f *frame) day(w *protocol.When) (day civil.Anchor, of int, ok bool) {
	phase := f.phase(w.Phase)
	s, first := f.all, f.axis.plan.protocol.CountFrom
	if phase != None {
		s, first = f.stands[phase], f.axis.plan.phases[phase].number
	}
	if s.day1.IsZero() {
		return civil.Anchor{}, None, false
	}
	of, ok, day = None, true, w.On(s.day1, first)
	switch w.Anchor {
	case protocol.After:
		day, ok = civil.AnchorAt(s.end, civil.Back), !s.open && !s.end.IsZero()
	case protocol.EndOf:
		day, ok = civil.AnchorAt(s.last, civil.Back), !s.open && !s.last.IsZero()
	case protocol.DoseN:
		of, ok = f.dose(phase, w.N)
	case protocol.LastDose:
		of, ok = f.dose(phase, -1)
		ok = ok && !s.open
	}
	if !ok {
		return civil.Anchor{}, None, false
	}
	if of != None {
		day = f.anchorOf(&f.doses[of], day)
	}
	if w.Offset.IsSet() {
		if _, elapsed := w.Offset.Elapsed(); !elapsed {
			day, of = day.Add(w.Offset, w.Sign()), None
		}
	}
	if counted(w.Anchor) {
		day = f.visit(f.axis.plan.options.Timeline.Gaps, s.day1.Date(), day)
	}
	return day, of, true
}

// counted reports whether a day is counted from the first of the course or of a phase.
func counted(a protocol.Anchor) bool {
	switch a {
	case protocol.StartOf, protocol.DayN, protocol.WeekN, protocol.EndOfWeekN, protocol.MonthN, protocol.EndOfMonthN:
		return true
	}
	return false
}

// byFile returns a day that is counted from the first of the course or of a phase as the file counts it, before gaps move it.
func (f *frame) byFile(w *protocol.When) civil.Anchor {
	s, first := f.all, f.axis.plan.protocol.CountFrom
	if i := f.phase(w.Phase); i != None {
		s, first = f.stands[i], f.axis.plan.phases[i].number
	}
	day := w.On(s.day1, first)
	if _, elapsed := w.Offset.Elapsed(); w.Offset.IsSet() && !elapsed {
		day = day.Add(w.Offset, w.Sign())
	}
	return day
}

// visit returns the day to which gaps move one that is counted from the start of the course or of a phase, as they move
// the doses of that day. What is counted from a dose or an end goes with it.
func (f *frame) visit(gaps []Gap, from civil.Date, day civil.Anchor) civil.Anchor {
	if len(gaps) == 0 {
		return day
	}
	weekdays := false
	for i, s := range f.stands {
		if s.shown && !s.day1.Date().After(day.Date()) {
			weekdays = f.axis.plan.phases[i].choice.Frequency.Kind() == frequency.Weekdays
		}
	}
	return day.At(visitDay(gaps, from, day.Date(), weekdays))
}

// anchorOf returns the day of a dose, from which months count as from its phase: in the chain of its rule,
// unless it was moved to another day.
func (f *frame) anchorOf(e *Event, day civil.Anchor) civil.Anchor {
	if e.Of != None {
		day = f.axis.doses[e.Of].day
	}
	return day.At(e.Date)
}

func (f *frame) phase(name string) int {
	return slices.IndexFunc(f.axis.plan.phases, func(ph phasePlan) bool { return name != "" && ph.Name == name })
}

// lastShown is the last date to which open-ended phases are shown.
func (f *frame) lastShown() civil.Date {
	var last civil.Date
	for i, s := range f.stands {
		switch {
		case s.shown && s.open && !f.axis.until.IsZero(), s.open && !s.shown: // it may begin past what is shown
			last = civil.Later(f.axis.until, last)
		case s.shown && s.open:
			last = civil.Later(f.axis.openEnd(f.axis.moved(&f.axis.plan.phases[i], s.day1.Date())), last)
		}
	}
	return last
}

// A scheduler puts check-ins and observations on the calendar.
type scheduler struct {
	*placer
	frame  *frame
	gating *gating
	lapsed []bool // by what took place: whether it is to be held again, since it is too old by now for the dose that it comes before
	events []Event
	bounds int // how many events there may be
}

// newScheduler needs doses on their days and instants. It makes those provisional that wait for a
// check-in.
func newScheduler(p *placer, f *frame) *scheduler {
	s := &scheduler{placer: p, frame: f, bounds: MaxEvents}
	for _, d := range p.plan.options.Timeline.Done { // before anything is held for what was decided since
		rule := p.plan.checkInOf(d.Name)
		s.lapsed = append(s.lapsed, rule >= 0 && f.lapsed(&p.plan.checkIns[rule], d.Number, d.Date) && !f.past(&p.plan.checkIns[rule], d.Number))
	}
	s.gating = newGating(s)
	s.gating.wait(&p.found)
	return s
}

// checkIns returns the check-ins of the course.
func (s *scheduler) checkIns() []Event {
	p := s.placer
	for i := range p.plan.checkIns {
		c := &p.plan.checkIns[i]
		switch {
		case c.Before:
			s.before(i, c)
		case c.Every.IsSet():
			s.recurring(i, c)
		case c.On != nil:
			for k := range c.On {
				s.single(i, c, k)
			}
		}
	}
	s.moved()
	s.done()
	sortEvents(s.events)
	return s.events
}

// clock returns the usual time of a check-in, and whether the file states it.
func (s *scheduler) clock(c *protocol.CheckIn) (clock civil.Clock, stated bool) {
	if c.Time == nil {
		return s.plan.options.CheckInTime.Or(usualCheckInTime), false
	}
	clock, _ = c.Time.On(s.plan.options.Named)
	return clock, true
}

// add puts one check-in on the calendar, on a day or, where of is not None, together with that
// dose. It returns nil where it is left out.
func (s *scheduler) add(e Event, c *protocol.CheckIn, window protocol.Window, of int) *Event {
	if len(s.events)+len(s.frame.doses) >= s.bounds {
		s.found.Add(diag.TooLong, c.Range, "show less of the course", "the calendar has more than %d events", s.bounds)
		s.bounds = len(s.events) + len(s.frame.doses) + MaxEvents // said once
		return nil
	}
	e.Kind, e.Of, e.Dose, e.Date = CheckIn, None, None, e.Target
	if e.Phase != None {
		gates := s.plan.phases[e.Phase].gates
		if slices.Contains(gates, int(e.Rule)) {
			gates = nil
		}
		for _, g := range gates {
			w := s.gating.at(g, s.begins(e.Target.AddDays(1))-1)
			if d, ok := s.gating.decided(w); !ok || d.Declined {
				e.Waits[0], e.Status = w, Provisional
				break
			}
		}
	}
	if of != None && c.Time == nil {
		d := &s.frame.doses[of]
		e.Date, e.Clock, e.Wanted, e.At, e.Offset, e.Target = d.Date, d.Clock, d.Wanted, d.At, d.Offset, d.Date
		s.events = append(s.events, e)
		return &s.events[len(s.events)-1]
	}
	atClinic := c.Mode == protocol.InPerson || c.Mode == protocol.Lab
	if closed := s.plan.closed(atClinic); !closed.IsEmpty() {
		if _, shut := closed.On(e.Target); shut && !s.move(&e, c, window, closed) {
			return nil
		}
	}
	s.atTime(&e, c, atClinic)
	s.events = append(s.events, e)
	return &s.events[len(s.events)-1]
}

// atTime gives a check-in its clock time: that of the file or the settings, inside the hours of
// the clinic, and, where only settings say it, not after the dose of its day that it decides
// about.
func (s *scheduler) atTime(e *Event, c *protocol.CheckIn, atClinic bool) {
	clock, stated := s.clock(c)
	if d := s.letsThrough(e, 0); d != nil && !stated && d.Clock < clock {
		clock, e.Fit = d.Clock, BeforeDose
	}
	if hours := &s.plan.options.Hours; atClinic && hours.IsSet() && hours[e.Date.Weekday()].To != 0 {
		if within := hours.Within(e.Date, clock, 0); within != clock {
			clock, e.Fit = within, InsideHours
		}
	}
	s.atClock(e, clock)
}

// move moves a check-in off a closed day. It reports false if it is left out.
func (s *scheduler) move(e *Event, c *protocol.CheckIn, w protocol.Window, closed *calendar.Closed) bool {
	policy := s.plan.options.Policy
	reason, _ := closed.On(e.Target)
	if policy == calendar.Skip && int(e.Rule) == s.plan.reassess {
		policy = calendar.Previous // doses wait for it, whatever the file says of closed days
	}
	switch policy {
	case calendar.Skip:
		s.note(fmt.Sprintf("%s %d is left out: it falls on %v, %s", c.Title, e.Number, e.Target, reason))
		return false
	case calendar.Keep:
		s.note(fmt.Sprintf("%s %d stands on %v, %s", c.Title, e.Number, e.Target, reason))
		return true
	}
	if c.Before || int(e.Rule) == s.plan.reassess {
		policy = calendar.Previous // it cannot follow the doses that it comes before
	}
	after := w.After
	if d := s.letsThrough(e, after); d != nil {
		after = d.Date.Sub(e.Target) // what it decides about does not come before it
	}
	before := w.Before
	if k := int(e.Number) - 1; k >= 0 && k < len(c.On) {
		before, after = s.plan.besideDate(&c.On[k], s.frame.axis.day1.Date(), e.Target, before, after)
	}
	before = closed.Ahead(e.Target, before)
	item := calendar.Item{Target: e.Target, Before: before, After: after, At: func(d civil.Date) int64 { return d.Unix(0) }}
	shifts, conflict := calendar.Place([]calendar.Item{item}, closed, policy, &limit.Rules{})
	if conflict != nil {
		s.found.Add(diag.NoPlacement, c.Range, otherPolicy([]calendar.Item{item}, closed, policy, policy == s.plan.options.Policy, &limit.Rules{}), "%s %d cannot be moved: %s", c.Title, e.Number, conflict.Reason)
		return false
	}
	e.Date = e.Target.AddDays(shifts[0])
	return true
}

// letsThrough returns the first dose, from the day of a check-in on for some days after it, that is still to be given and
// waits for that check-in, or nil.
func (s *scheduler) letsThrough(e *Event, days int) *Event {
	if len(s.plan.checkIns[e.Rule].Gates) == 0 && int(e.Rule) != s.plan.reassess {
		return nil
	}
	doses, w := s.frame.doses, e.Lets()
	from, _ := slices.BinarySearchFunc(doses, e.Date, func(d Event, day civil.Date) int { return d.Date.Compare(day) })
	for i := from; i < len(doses) && doses[i].Date.Sub(e.Date) <= days; i++ {
		if d := &doses[i]; d.Status <= Provisional && slices.Contains(d.Waits.List(), w) {
			return d
		}
	}
	return nil
}

// before puts a check-in before the first dose.
func (s *scheduler) before(rule int, c *protocol.CheckIn) {
	first := s.frame.firstDay()
	o, within := s.ahead(c), first.Sub(c.Within.From(first, -1))
	early := first.Sub(o.day)
	s.add(Event{Rule: int16(rule), Number: int32(o.number), Target: o.day, Phase: None}, c, protocol.Window{Before: within - early, After: early - 1}, None)
}

// single puts one of the days of a check-in on the calendar.
func (s *scheduler) single(rule int, c *protocol.CheckIn, k int) {
	w := &c.On[k]
	o, ok := s.on(c, k)
	if !ok && s.frame.leftOut(w) {
		s.found.Add(diag.Displaced, c.Range, displacedHelp, "the check-in “%s” is to be held %s, and that dose is left out: its day is closed", c.Name, w.Text).Severity = diag.Warning
	}
	if !ok || !s.frame.axis.until.IsZero() && o.day.After(s.frame.axis.until) {
		return
	}
	if of, dosed := s.frame.from(w); dosed && c.EachDose && s.frame.doses[of].Status == Held && s.frame.doses[of].Fit == LeftOut {
		return // it looks at a dose that was left out by order
	}
	phase := int16(s.frame.phase(w.Phase))
	if phase != None && c.Decides(w.Phase) {
		phase = None // it decides about that phase, and does not wait for it
	}
	e := s.add(Event{Rule: int16(rule), Number: int32(o.number), Target: o.day, Phase: phase}, c, c.Window, o.of)
	if e == nil || !o.hours {
		return
	}
	s.atInstant(e, o.from)
	e.Target = e.Date
	atClinic := c.Mode == protocol.InPerson || c.Mode == protocol.Lab
	if reason, shut := s.plan.closed(atClinic).On(e.Date); shut {
		s.shut(c, fmt.Sprintf("%s %d stands %s, on %v, %s", c.Title, e.Number, w.Text, e.Date, reason))
	} else if hours := &s.plan.options.Hours; atClinic && hours.IsSet() && hours.Within(e.Date, e.Clock, 0) != e.Clock {
		s.shut(c, fmt.Sprintf("%s %d stands %s, on %v at %v, outside the clinic's hours", c.Title, e.Number, w.Text, e.Date, e.Clock))
	}
}

// shut says of a check-in that its hours put it where the clinic is closed: a warning for the first of a rule, and a note for
// each of the others.
func (s *scheduler) shut(c *protocol.CheckIn, text string) {
	if slices.ContainsFunc(s.found, func(d diag.Diagnostic) bool { return d.Code == diag.Displaced && d.Range == c.Range }) {
		s.note(text)
		return
	}
	s.found.Add(diag.Displaced, c.Range, displacedHelp, "%s", text).Severity = diag.Warning
}

// recurring puts a check-in that comes at intervals on the calendar.
func (s *scheduler) recurring(rule int, c *protocol.CheckIn) {
	_, _, phase, ok := s.frame.stretchOf(c)
	if !ok && s.frame.leftOut(&c.From) {
		s.found.Add(diag.Displaced, c.Range, displacedHelp, "the check-in “%s” is to be held from %s on, and that dose is left out: its day is closed", c.Name, c.From.Text).Severity = diag.Warning
	}
	before := 0 // how many doses lie before the check-in
	for o := range s.every(rule, c) {
		e := s.add(Event{Rule: int16(rule), Number: int32(o.number), Target: o.day, Phase: int16(phase)}, c, c.Window, None)
		if e == nil && s.bounds > MaxEvents {
			return
		}
		if e == nil || phase != None {
			continue
		}
		for before < len(s.frame.doses) && !s.frame.doses[before].Date.After(e.Date) {
			before++
		}
		if before > 0 {
			e.waitLike(&s.frame.doses[before-1])
		}
	}
}

// waitLike makes a recurring check-in wait as the dose before it does.
func (e *Event) waitLike(d *Event) {
	e.Status, e.Waits = d.Status, d.Waits
	if d.Status > Provisional || slices.ContainsFunc(d.Waits.List(), func(w Wait) bool { return w.CheckIn() == int(e.Rule) }) {
		e.Status, e.Waits = Planned, Waits{}
	}
}

// moved puts check-ins where a clinician put them.
func (s *scheduler) moved() {
	visits := s.plan.options.Timeline.Visits
	if len(visits) == 0 {
		return
	}
	for i := range s.events {
		e := &s.events[i]
		if to, ok := visits[Occurrence{s.plan.checkIns[e.Rule].Name, int(e.Number)}]; ok {
			e.Date = to.Date
			s.atClock(e, to.Clock)
		}
	}
}

// done marks the check-ins that took place. One that no plan knew is added.
func (s *scheduler) done() {
	for _, o := range s.plan.options.Timeline.NotHeld {
		for i := range s.events {
			if e := &s.events[i]; int(e.Number) == o.Number && s.plan.checkIns[e.Rule].Name == o.Name {
				e.Status = Missed
			}
		}
	}
	for k, d := range s.plan.options.Timeline.Done {
		rule := s.plan.checkInOf(d.Name)
		if rule < 0 {
			s.found.Add(diag.UnknownName, diag.Range{}, "what was held keeps its name: leave the check-in in the text, or go over to this one with a switch", "the protocol has no check-in “%s”", d.Name).Asks = diag.AsksStatus
			continue
		}
		if s.lapsed[k] {
			s.sayLapsed(&s.plan.checkIns[rule], d)
			d.Number, d.Was = 0, d.Number // it took place, and decides nothing
		}
		i := slices.IndexFunc(s.events, func(e Event) bool {
			return d.Number > 0 && int(e.Number) == d.Number && int(e.Rule) == rule
		})
		if i < 0 {
			i = len(s.events)
			usual, _ := s.clock(&s.plan.checkIns[rule])
			s.events = append(s.events, Event{Kind: CheckIn, Number: int32(d.Number), Rule: int16(rule), Phase: None, Of: None, Dose: None, Target: d.Date, Date: d.Date, Clock: usual, Wanted: usual})
		}
		e := &s.events[i]
		e.Status, e.Waits, e.Was = Taken, Waits{}, int32(d.Was)
		if clock := d.Clock.Or(e.Wanted); d.Date != e.Date || clock != e.Clock || e.At == 0 {
			e.Date = d.Date
			s.atClock(e, clock)
		}
	}
}

// checkInOf returns the index of the check-in of a name, or -1.
func (pl *Plan) checkInOf(name string) int {
	return slices.IndexFunc(pl.checkIns, func(c protocol.CheckIn) bool { return c.Name == name })
}

// sayLapsed says of a check-in that it holds no more, unless it was held again.
func (s *scheduler) sayLapsed(c *protocol.CheckIn, d Done) {
	for k, o := range s.plan.options.Timeline.Done {
		if o.Name == d.Name && o.Number == d.Number && !s.lapsed[k] {
			return
		}
	}
	if c.Every.IsSet() || !c.Before && counted(c.On[d.Number-1].Anchor) {
		s.found.Add(diag.Lapsed, c.Range, "hold it again, under the same number", "the check-in “%s” %d of %v took place before what it is for, which was put off: for the doses after that it is held again", d.Name, d.Number, d.Date)
		return
	}
	if !c.Before {
		s.found.Add(diag.Lapsed, c.Range, "hold it again, under the same number", "the check-in “%s” of %v is held %s, and that dose now comes later: what it decided holds no more", d.Name, d.Date, c.On[d.Number-1].Text)
		return
	}
	s.found.Add(diag.Lapsed, c.Range, "hold it again, under the same number", "the check-in “%s” of %v is held within %v before the first dose, which now comes later: what it decided holds no more", d.Name, d.Date, c.Within)
}

// observations returns what is watched around each dose, in the memory of a run.
func (p *placer) observations(f *frame, mem *scratch) []Event {
	events := mem.around[:0]
	for rule := range p.plan.checkIns {
		c := &p.plan.checkIns[rule]
		if c.Around == nil {
			continue
		}
		events = slices.Grow(events, len(f.doses)*len(c.Around))
		for i := range f.doses {
			d := &f.doses[i]
			if len(c.During) > 0 && !slices.Contains(c.During, p.plan.phases[d.Phase].Name) {
				continue
			}
			status := d.Status
			if status == Taken { // nobody wrote down more than the dose
				status = Planned
			}
			for k, after := range c.Around {
				elapsed, _ := after.Elapsed()
				e := Event{Kind: Observation, Status: status, Phase: d.Phase, Rule: int16(rule), Waits: d.Waits, Number: int32(k + 1), Of: int32(i), Dose: None, After: int32(elapsed.Minutes())}
				p.atInstant(&e, d.At+int64(e.After)*60)
				e.Target = e.Date
				events = append(events, e)
			}
		}
	}
	sortEvents(events)
	mem.around = events
	return events
}

// sortEvents puts events in order of time; those of one instant in the order of their kinds,
// phases, rules and numbers.
func sortEvents(events []Event) {
	for i := 1; i < len(events); i++ {
		if events[i].before(&events[i-1]) {
			slices.SortStableFunc(events, func(a, b Event) int { return a.compare(&b) })
			return
		}
	}
}

// before reports whether e stands before f on a calendar.
func (e *Event) before(f *Event) bool { return e.At < f.At || e.At == f.At && e.compare(f) < 0 }

func (e *Event) compare(f *Event) int {
	return cmp.Or(cmp.Compare(e.At, f.At), cmp.Compare(e.Kind, f.Kind), cmp.Compare(e.Phase, f.Phase), cmp.Compare(e.Rule, f.Rule), cmp.Compare(e.Number, f.Number))
}

// raises tells each check-in that confirms steps of a titration that there is a next one.
func raises(a *axis, r *regimen, s *Schedule) {
	for i := range a.plan.phases {
		ph := &a.plan.phases[i]
		if ph.Titration == nil || a.spans[i].doses == 0 {
			continue
		}
		last, from := s.lastOf(i), s.Phases[i].Day1
		at, given := None, false
		for k := range s.Events {
			e := &s.Events[k]
			given = given || e.Kind == Dose && int(e.Phase) == i && (e.Status <= Provisional || e.Status == Taken)
			if !given {
				continue // nobody has had a dose of the present step
			}
			if e.Kind != CheckIn || e.Status > Provisional || e.At > last || e.Date.Before(from) || s.CheckIns[e.Rule].Name != ph.Titration.Confirmed {
				continue // where no dose is left after it, the step could raise none
			}
			day := civil.Later(e.Date, a.plan.options.Timeline.Now)
			taper, falls := a.plan.options.Timeline.Tapers[ph.Name]
			part := r.part(day)
			if falls && !day.Before(taper) || !r.hasNextStep(i, part) {
				continue
			}
			if at == None || s.Raises[at].part != part {
				at, s.Raises = len(s.Raises), append(s.Raises, Raise{i, part, r})
			}
			s.raise(e, at)
		}
	}
}

// raise takes down a step that a check-in decides on. Those of one check-in stand together, and
// most have the one that others have too.
func (s *Schedule) raise(e *Event, at int) {
	if e.Raised == 0 {
		e.Raise, e.Raised = int32(at), 1
		return
	}
	list := append(slices.Clone(s.RaisesOf(e)), s.Raises[at])
	e.Raise, e.Raised = int32(len(s.Raises)), int16(len(list))
	s.Raises = append(s.Raises, list...)
}

// lastOf returns the instant of the last dose of a phase that is shown.
func (s *Schedule) lastOf(phase int) int64 {
	for k := len(s.Events) - 1; k >= 0; k-- {
		if e := &s.Events[k]; e.Kind == Dose && int(e.Phase) == phase {
			return e.At
		}
	}
	return 0
}

// hasNextStep reports whether a phase's titration has a step after that of a stretch.
func (r *regimen) hasNextStep(i, at int) bool {
	t := r.plan.phases[i].Titration
	part := &r.parts[at]
	if len(t.Tiers) > 0 {
		at := slices.Index(t.Tiers, part.tier)
		return at >= 0 && at+1 < len(t.Tiers)
	}
	return part.steps[r.plan.phases[i].Name]+1 < len(t.Amounts)
}

// Next returns the amount of the next step, where it has one size for the patient.
func (x Raise) Next() (quantity.Amount, bool) {
	r, ph := x.regimen, &x.regimen.plan.phases[x.Phase]
	t, part := ph.Titration, &x.regimen.parts[x.part]
	choice := dose.Choice{Tier: part.tier, Route: r.plan.routeIn(part, ph), First: ph.number, Frequency: r.plan.oftenIn(part, ph)}
	if x.lowered().IsSet() {
		return quantity.Amount{}, false // from what a clinician set, one step leads back towards the present one
	}
	if len(t.Tiers) > 0 {
		choice.Tier = t.Tiers[slices.Index(t.Tiers, part.tier)+1]
	} else if choice.Step = part.steps[ph.Name] + 1; t.Ranged() {
		return quantity.Amount{}, false
	}
	reg, found := dose.Resolve(r.plan.protocol, ph.Phase, part.patient, choice)
	if found.HasErrors() {
		return quantity.Amount{}, false
	}
	least, most := reg.Span()
	return most, least.Cmp(most) == 0
}

// lowered returns what a clinician set in place of the present step, where that is less or the size of steps is open; an
// unset amount else: whoever sets what the step gives anyway goes on from it.
func (x Raise) lowered() quantity.Amount {
	ph, part := &x.regimen.plan.phases[x.Phase], &x.regimen.parts[x.part]
	set := part.amounts[ph.Name].amount
	if _, most := part.phases[x.Phase].Span(); set.IsSet() && !ph.Titration.Ranged() && most.IsSet() && most.Unit().Comparable(set.Unit()) && set.Cmp(most) >= 0 {
		return quantity.Amount{}
	}
	return set
}

// spanned says what a phase gives by a regimen, wherever in it: one amount, or from the least to the most.
func spanned(reg *dose.Regimen) string {
	least, most := reg.Span()
	if least.Cmp(most) == 0 {
		return most.String()
	}
	return least.Decimal() + " to " + most.In(least.Unit()).String()
}

// Words returns the present and the next step in words.
func (x Raise) Words() (from, to string) {
	r, i := x.regimen, x.Phase
	ph := &r.plan.phases[i]
	t := ph.Titration
	part := &r.parts[x.part]
	present := spanned(part.phases[i].Regimen)
	choice := dose.Choice{Tier: part.tier, Route: r.plan.routeIn(part, ph), First: ph.number, Frequency: r.plan.oftenIn(part, ph)}
	if set := x.lowered(); set.IsSet() && t.Ranged() {
		most := t.To.String()
		if bound := t.Amounts[0].Max; bound.IsSet() {
			most += " and " + bound.String()
		}
		return set.String(), fmt.Sprintf("a dose %v to %v higher, at most %s", t.Increase.Min, t.Increase.Max, most)
	} else if set.IsSet() {
		choice.Step = part.steps[ph.Name]
		if reg, found := dose.Resolve(r.plan.protocol, ph.Phase, part.patient, choice); !found.HasErrors() {
			_, most := reg.Span()
			return set.String(), fmt.Sprintf("the next step, at most %v", most)
		}
		return set.String(), "the next step"
	}
	next := func() string {
		reg, found := dose.Resolve(r.plan.protocol, ph.Phase, part.patient, choice)
		if found.HasErrors() {
			return "a dose that cannot be given"
		}
		return spanned(reg)
	}
	if len(t.Tiers) > 0 {
		choice.Tier = t.Tiers[slices.Index(t.Tiers, part.tier)+1]
		return fmt.Sprintf("%s (%s)", part.tier, present), fmt.Sprintf("%s (%s)", choice.Tier, next())
	}
	choice.Step = part.steps[ph.Name] + 1
	at := t.Amounts[choice.Step-1]
	switch {
	case t.Ranged():
		high := quantity.Min(at.Quantity.Add(t.Increase.Max), t.To.In(at.Quantity.Unit()))
		low := quantity.Min(at.Quantity.Add(t.Increase.Min), high)
		words := high.String()
		if low.Cmp(high) != 0 {
			words = low.Decimal() + " to " + words
		}
		if bound := at.Max; bound.IsSet() {
			words += ", at most " + bound.String()
		}
		return fmt.Sprintf("%v (%s)", at.Quantity, present), words
	case at.Basis() == protocol.Fixed:
		return present, next()
	}
	return fmt.Sprintf("%v (%s)", at.Quantity, present), fmt.Sprintf("%v (%s)", t.Amounts[choice.Step].Quantity, next())
}

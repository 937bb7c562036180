package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Source finds the protocol of a pin. Its findings are those of the file; where they say that its
// text is lost ([diag.TextLost]), the protocol is another text of it, by which no dose is planned.
type Source func(Pin) (*protocol.Protocol, diag.List)

// Options are what a calendar depends on beside the course.
type Options struct {
	Base  schedule.Options // the settings of the calendar
	AsOf  civil.Date       // only what was written down by this day counts, and check-ins before it are overdue unless they took place; the zero Date for all, and none
	Until civil.Date       // the last date shown; the zero Date for the usual horizon

	// Now is the day on which the course is told: what is over by then, and what is still to come. The zero
	// Date for that of AsOf, or of the last entry.
	Now civil.Date

	// Reach is a day to which open-ended phases are followed at least; the zero Date for none.
	Reach civil.Date

	// WholeFills goes so far past Until that what is sent by then is known whole.
	WholeFills bool
}

// A Leg is one protocol of a course, from its start until the course left it.
type Leg struct {
	Treatment *Treatment
	Beside    bool // it runs alongside the others
	Schedule  *schedule.Schedule
	From      civil.Date
	Ended     civil.Date // the first day after it; the zero Date while it runs
	Note      string     // why it ended, or began
	Declined  []string   // the check-ins whose last decision was to decline
	Idle      civil.Date // the day of its last dose, where none is recorded since for longer than the time after which it begins again; the zero Date where that is not so

	// Holds are when doses are held: by order, or since the protocol refuses the patient as known then.
	Holds []schedule.Hold

	// Coming is what was ordered and holds from a later day on, in order of these days.
	Coming []Coming
}

// A Coming is an order for a later day than that on which the course is told.
type Coming struct {
	From civil.Date
	What string // in words, as “up 20 mg”
	Why  string // who ordered it, and why
}

// Held reports whether doses of the leg are held on a day.
func (l *Leg) Held(day civil.Date) bool {
	return slices.ContainsFunc(l.Holds, func(h schedule.Hold) bool { return h.Covers(day) })
}

// A Calendar is a course as it stands.
type Calendar struct {
	Course *Course
	Legs   []Leg // those that run beside the others first, then one after the other
	Stop   civil.Date
	Holds  []Held // those that clinicians ordered
	Needed []AsNeeded
}

// A Held is a hold that a clinician ordered.
type Held struct {
	schedule.Hold
	Of string // the protocol whose doses are held; "" for all
}

// Struck returns, by the number of each entry that was taken back, the number of the one that did
// so. As of a day, only what was written down by then counts; the zero Date counts all.
func (c *Course) Struck(asOf civil.Date) map[int]int {
	struck, replaced := map[int]int{}, map[int]bool{} // what another entry took the place of is both
	replace := func(number, by int) { struck[number], replaced[number] = by, true }
	for i := len(c.Entries) - 1; i >= 0; i-- { // a strike can be struck by a later one
		e := &c.Entries[i]
		took := e.Replaces > 0 && e.Replaces < e.Number
		switch {
		case !e.by(asOf):
			continue
		case struck[e.Number] != 0:
			if took && replaced[e.Number] {
				replace(e.Replaces, struck[e.Number]) // and so on, however often it was corrected
			}
			continue
		case took:
			replace(e.Replaces, e.Number)
		}
		if s, ok := e.Act.(*Strike); ok {
			for n := s.First; n <= s.Last && n < e.Number; n++ {
				struck[n] = e.Number
			}
		}
	}
	return struck
}

// by reports whether an entry was written down by a day.
func (e *Entry) by(asOf civil.Date) bool { return asOf.IsZero() || !e.Entered.After(asOf) }

// Fold computes the calendar of a course from its entries, in their order. What an entry says that
// cannot be carried out has no effect, and a finding names its number. The calendar is nil only
// where the protocol of the start cannot be had, or its calendar not made.
func Fold(c *Course, source Source, o Options) (*Calendar, diag.List) {
	s := &state{course: c, source: source, o: o, seen: civil.Later(civil.Later(c.Treatment.Start, o.AsOf), o.Reach), now: c.present(&o), pieces: []piece{{patient: c.Patient}}, needed: map[string][]needed{}}
	for i := range c.Alongside {
		s.begin(&c.Alongside[i], c.Alongside[i].Start, true, "")
	}
	s.begin(&c.Treatment, c.Treatment.Start, false, "")
	if len(s.legs) < 1+len(c.Alongside) {
		return nil, s.found
	}
	struck := c.Struck(o.AsOf)
	for _, e := range c.inPlace() {
		if struck[e.Number] == 0 && e.by(o.AsOf) {
			s.take(e)
		}
	}
	return s.finish(struck)
}

// inPlace returns the entries in the order in which they are taken: that in which they were written
// down, but for those that replace another, which stand in its place.
func (c *Course) inPlace() []*Entry {
	list := make([]*Entry, len(c.Entries))
	place := make([]int, len(c.Entries)+1) // by number: that of the entry whose place it takes
	for i := range c.Entries {
		e := &c.Entries[i]
		list[i], place[e.Number] = e, e.Number
		if e.Replaces > 0 && e.Replaces < e.Number {
			place[e.Number] = place[e.Replaces]
		}
	}
	slices.SortStableFunc(list, func(a, b *Entry) int { return cmp.Compare(place[a.Number], place[b.Number]) })
	return list
}

// A state is a course after some of its entries.
type state struct {
	course *Course
	source Source
	o      Options
	legs   []*leg
	pieces []piece // the patient, in order of time
	orders []order // holds and resumes, in order of time
	away   []away
	needed map[string][]needed // by protocol and name: what was taken as needed, in order of time
	seen   civil.Date          // the last day of which an entry, or what is asked, speaks
	now    civil.Date          // as of which the course is told
	entry  *Entry              // that is taken in
	found  diag.List

	premises []premise // of what was said, in found
}

// A piece is the patient from a day on.
type piece struct {
	from    civil.Date // the zero Date for the beginning
	patient *patient.Patient
	reason  string // who said so
	what    string // was measured or found on the day; "" for the beginning
}

// maxAhead bounds how far before what was written down a day may lie: a wrong year is no order.
const maxAhead = 5 * 366

// longBefore is how many days before a course begins nothing is ordered of it, once it has.
const longBefore = 60

// take takes an entry in.
func (s *state) take(e *Entry) {
	s.entry = e
	switch {
	case e.On.IsZero() || e.Act == nil:
		return // the file has an error there, which its reader has named
	case e.Fact() && e.On.After(e.Entered):
		s.refuse("correct its day", "what is said of %v had not happened when it was written down, on %v", e.On, e.Entered)
		return
	case e.On.Sub(s.course.Treatment.Start) > maxAhead+e.Entered.Sub(s.course.Treatment.Start) && e.On.After(e.Entered):
		s.refuse("correct its day", "%v lies years ahead of the day on which it was written down", e.On)
		return
	case !e.Fact() && !isStrike(e) && len(s.legs) > 0 && e.On.Before(s.legs[0].From.AddDays(-longBefore)) && !e.Entered.Before(s.legs[0].From):
		s.refuse("correct its day; look at the year", "the course began on %v, and nothing is ordered of %v after that", s.legs[0].From, e.On)
		return
	}
	s.seen = civil.Later(s.seen, e.On)
	switch a := e.Act.(type) {
	case *Given:
		s.given(a)
	case *Missed:
		s.missed(a)
	case *CheckedIn:
		s.checkedIn(a)
		s.results(a.Results)
	case *Measured:
		s.measured(a)
		s.results(a.Results)
	case *Found:
		s.condition(a)
	case *Supplied:
		s.supplied(a)
	case *Noted, *Strike:
	default:
		s.order()
	}
	s.lookAgain()
	for _, l := range s.legs {
		s.lapse(l)
	}
	s.goOn()
}

// lookAgain looks, after an entry that can have changed it, at every protocol that begins again when too much time lies
// between two doses: whatever was written down, and in whatever order. A dose that was given as planned is none where
// nothing else stands between doses, so that a course of ten thousand doses has not as many calendars made for it.
func (s *state) lookAgain() {
	switch s.entry.Act.(type) {
	case *Noted, *Strike:
		return
	}
	_, given := s.entry.Act.(*Given)
	for _, l := range slices.Clone(s.legs) {
		switch {
		case !l.protocol.RestartAfter.IsSet(), l.Schedule != nil && l.Schedule == l.reckoned, given && l.easy && l.asPlanned(), !slices.Contains(s.legs, l):
			continue
		}
		if day := s.interrupted(l, true); !day.IsZero() {
			s.byItself(l, day, schedule.Hold{})
		}
		l.reckoned, l.easy = l.Schedule, s.atEase(l)
	}
}

// refuse says why an entry has no effect.
func (s *state) refuse(help, format string, args ...any) {
	s.say(diag.BadEntry, help, format, args...)
}

// say takes down a finding about the entry that is taken in.
func (s *state) say(code diag.Code, help, format string, args ...any) *diag.Diagnostic {
	d := s.found.Add(code, s.entry.Range, help, "entry %d: %s", s.entry.Number, fmt.Sprintf(format, args...))
	d.Entry = s.entry.Number
	return d
}

// unsay takes back what was said of something that did not come to be.
func (s *state) unsay(messages []string) {
	s.found = slices.DeleteFunc(slices.Clone(s.found), func(d diag.Diagnostic) bool { return slices.Contains(messages, d.Message) })
}

// A premise is the amount of a dose that something said of an entry speaks of.
type premise struct {
	message string
	leg     *leg
	dose    schedule.DoseName
	amount  quantity.Amount
}

// asLongAs has what was said stand as long as a dose has the amount of which it speaks.
func (s *state) asLongAs(d *diag.Diagnostic, l *leg, name schedule.DoseName, amount quantity.Amount) {
	s.premises = append(slices.Clip(s.premises), premise{d.Message, l, name, amount})
}

// outdated returns what was said of amounts that doses have no more.
func (s *state) outdated() (messages []string) {
	for _, p := range s.premises {
		if p.leg.Schedule == nil {
			continue
		}
		e := p.leg.dose(p.dose)
		if e == nil {
			continue
		}
		if now := p.leg.Schedule.Dose(e).Amount; !now.Unit().Comparable(p.amount.Unit()) || now.Cmp(p.amount) != 0 {
			messages = append(messages, p.message)
		}
	}
	return messages
}

// finish computes the calendar.
func (s *state) finish(struck map[int]int) (*Calendar, diag.List) {
	out := &Calendar{Course: s.course, Needed: s.asNeeded()}
	s.found = slices.DeleteFunc(s.found, func(d diag.Diagnostic) bool { // what a leg no longer follows
		return d.Code == diag.TextLost && !slices.ContainsFunc(s.legs, func(l *leg) bool { return l.lost && l.Treatment.Protocol.Range == d.Range })
	})
	for _, l := range s.legs {
		s.overdue(l)
		n := len(s.found)
		if s.compute(l, true); l.Schedule == nil {
			s.found = append(s.found[:n:n], s.besidePlan(l, s.found[n:])...)
		}
	}
	s.unsay(s.outdated())
	holding := s.across()
	running := false
	for _, l := range s.legs {
		if l.Schedule == nil {
			continue
		}
		l.Declined, l.Holds, l.Coming = l.declined(), s.heldBy(l), l.coming(s.now)
		if holding[l] {
			s.brokenOff(l)
		}
		l.stopped()
		l.keepHeld()
		s.idle(l)
		l.springsBack()
		l.closeBehind(s.now)
		s.stepsWithout(l)
		l.Schedule.Findings = append(slices.Clip(l.before), l.Schedule.Findings...)
		s.known(l, struck)
		out.Legs = append(out.Legs, l.Leg)
		running = running || l.Ended.IsZero()
		out.Stop = civil.Later(out.Stop, l.Ended)
	}
	if running {
		out.Stop = civil.Date{}
	}
	for i := range s.orders {
		if h, ok := s.orders[i].hold(); ok {
			out.Holds = append(out.Holds, Held{h, s.orders[i].of})
		}
	}
	inOrder(out.Legs)
	for i := range out.Legs { // what was found of entries stands on every page
		sched := out.Legs[i].Schedule
		sched.Findings = append(slices.Clone(s.found), sched.Findings...)
	}
	if len(out.Legs) == 0 {
		return nil, s.found
	}
	s.tookOn(out.Legs)
	return out, s.found
}

// inOrder puts the legs that follow one another in the order of time, whichever was ordered first.
func inOrder(legs []Leg) {
	var places []int
	var some []Leg
	for i := range legs {
		if !legs[i].Beside {
			places, some = append(places, i), append(some, legs[i])
		}
	}
	slices.SortStableFunc(some, func(a, b Leg) int { return a.From.Compare(b.From) })
	for k, i := range places {
		legs[i] = some[k]
	}
}

// besidePlan makes a calendar for a leg that has none because of where doses were given: the one dose without which there
// is one, the last by its day, stands beside the plan; or where none alone helps, as many of the last as it takes. It
// returns what is still wrong where that helps nothing.
func (s *state) besidePlan(l *leg, wrong diag.List) diag.List {
	was := *l
	var order []int // of the facts, the last day first
	for k, f := range l.line.Facts {
		if f.Status == schedule.Taken && f.Number > 0 {
			order = append(order, k)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return was.line.Facts[b].Date.Compare(was.line.Facts[a].Date) })
	without := func(some []int) bool {
		*l = was
		l.line.Facts, l.facts = slices.Clone(was.line.Facts), maps.Clone(was.facts)
		for _, k := range some {
			f := &l.line.Facts[k]
			delete(l.facts, schedule.DoseName{Phase: f.Phase, Number: f.Number})
			f.Number = 0
		}
		s.run(l, true)
		return l.Schedule != nil
	}
	var beside []int
	for i := range order {
		if without(order[i : i+1]) {
			beside = order[i : i+1]
			break
		}
	}
	for n := 2; beside == nil && n <= len(order); n++ {
		if without(order[:n]) {
			beside = order[:n]
		}
	}
	if beside == nil {
		*l = was
		return wrong
	}
	for _, k := range beside {
		f := &was.line.Facts[k]
		l.Schedule.Findings.Add(diag.OddEntry, diag.Range{}, "strike the entry if its number or its day is a slip", "the calendar cannot hold the dose %s where it was given, on %v, and it stands beside the plan: %s", schedule.DoseName{Phase: f.Phase, Number: f.Number}, f.Date, worst(wrong).Message)
	}
	return nil
}

// idle says of a protocol that begins again after so long without a dose that no dose is recorded for as long: doses
// that nobody wrote down are no doses, and none is missed until somebody says so.
func (s *state) idle(l *leg) {
	most := l.protocol.RestartAfter
	l.Idle = civil.Date{}
	if !most.IsSet() || l.endedBy(s.now) || s.held(l.protocol.ID, s.now) {
		return
	}
	last := s.lastGivenBefore(l)                            // in a run before it too
	open, since, until := false, civil.Date{}, civil.Date{} // something stands since that nobody wrote down
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		switch {
		case e.Kind != schedule.Dose || e.Date.After(s.now):
		case e.Status == schedule.Taken:
			if open && !last.IsZero() && most.From(last, 1).Before(e.Date) {
				since, until = last, e.Date
			}
			last, open = e.Date, false
		case e.Status <= schedule.Provisional && e.Date.Before(s.now):
			open = true
		}
	}
	const help = "record the doses that were given, or those that were missed: then the course begins again; or begin it again with `restart`"
	switch {
	case open && !last.IsZero() && most.From(last, 1).Before(s.now):
		l.Idle = last
		l.Schedule.Findings.Add(diag.Restarted, diag.Range{}, help, "%s: no dose is recorded since %v, for longer than %v, after which the course begins again", l.protocol.Title, last, most).Severity = diag.Warning
	case !since.IsZero():
		l.Schedule.Findings.Add(diag.Restarted, diag.Range{}, help, "%s: no dose is recorded between %v and %v, for longer than %v, after which the course begins again", l.protocol.Title, since, until, most).Severity = diag.Warning
	}
}

// lastGivenBefore returns the day of the last dose of a leg's protocol that is recorded as given before the leg; the zero Date
// where there is none.
func (s *state) lastGivenBefore(l *leg) (last civil.Date) {
	for _, was := range s.legs[:slices.Index(s.legs, l)] {
		if was.protocol.ID != l.protocol.ID || was.Schedule == nil {
			continue
		}
		for i := range was.Schedule.Events {
			if e := &was.Schedule.Events[i]; e.Kind == schedule.Dose && e.Status == schedule.Taken && e.Date.Before(l.From) {
				last = civil.Later(last, e.Date)
			}
		}
	}
	return last
}

// springsBack says of a phase that begins with more than a clinician ordered for the phase before it: an order is of one
// phase.
func (l *leg) springsBack() {
	var before *schedule.Event
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		if e.Kind != schedule.Dose || !e.Counts() || e.Number == 0 {
			continue
		}
		if before != nil && before.Phase != e.Phase && e.Number == 1 && e.Status <= schedule.Provisional {
			a, b := l.Schedule.Dose(before), l.Schedule.Dose(e)
			of := l.Schedule.PhaseName(before)
			if ordered := l.orderedOn(of, before.Date); ordered.IsSet() && a.Medication == b.Medication && a.Amount.Unit().Comparable(b.Amount.Unit()) && b.Amount.Cmp(a.Amount) > 0 && a.Amount.Cmp(ordered.In(a.Amount.Unit())) == 0 && !l.orderedOn(l.Schedule.PhaseName(e), e.Date).IsSet() {
				l.Schedule.Findings.Add(diag.OddEntry, diag.Range{}, "order the dose of that phase too, if less is meant", "“%s” begins with %v on %v, and %v was ordered for “%s” before it: an order is of its own phase", l.Schedule.PhaseName(e), b.Amount, e.Date, a.Amount, of)
				return
			}
		}
		before = e
	}
}

// closeBehind says of the next dose of a phase that it comes much sooner after the last that was given than doses of the plan
// follow each other, where no limit holds it: that was given late.
func (l *leg) closeBehind(now civil.Date) {
	given := map[int16]*schedule.Event{} // by phase: the last
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		if e.Kind != schedule.Dose || e.Number == 0 {
			continue
		}
		if e.Status == schedule.Taken {
			given[e.Phase] = e
			continue
		}
		if e.Status > schedule.Provisional || e.Date.Before(now) {
			continue
		}
		last, was := given[e.Phase], l.dose(schedule.DoseName{Phase: l.Schedule.PhaseName(e), Number: int(e.Number) - 1})
		delete(given, e.Phase) // one is given before those after it
		if last == nil || was == nil || last.Target == last.Date {
			continue
		}
		if days, planned := e.Date.Sub(last.Date), e.Target.Sub(was.Target); planned > 1 && 2*days < planned {
			l.Schedule.Findings.Add(diag.OddEntry, diag.Range{}, "put it off with `delay`, or leave it out, if it comes too soon", "%s of %v comes %s after %s, which was given on %v and not on %v: as planned, %s lie between a dose and the next",
				l.Schedule.DoseName(e), e.Date, civil.Plural(days, "day"), l.Schedule.DoseName(last), last.Date, last.Target, civil.Plural(planned, "day"))
		}
	}
}

// known has the calendar of a leg speak of the patient and the course as known by now, and not as at the
// start: what was found since, what nobody has answered, what check-ins decided, and whether doses are on
// hold or have ended.
func (s *state) known(l *leg, struck map[int]int) {
	now, sched := s.now, l.Schedule
	pat := *s.patientOn(now)
	pat.Start = sched.Patient.Start
	then, _ := eligibility.Check(l.protocol, l.patient, l.From, nil)
	found, confirm := eligibility.Check(l.protocol, &pat, now, nil)
	among := func(list diag.List, d *diag.Diagnostic) bool {
		return slices.ContainsFunc(list, func(x diag.Diagnostic) bool {
			return x.Code == d.Code && x.Message == d.Message && x.Private == d.Private
		})
	}
	sched.Findings = slices.DeleteFunc(slices.Clone(sched.Findings), func(d diag.Diagnostic) bool { return among(then, &d) && !among(found, &d) })
	for i := range found {
		// What refuses the patient holds doses, which is said.
		if d := &found[i]; d.Severity < diag.Error && !l.endedBy(now) && !among(sched.Findings, d) {
			sched.Findings = append(sched.Findings, *d)
		}
	}
	sched.Findings = append(s.standing(l), sched.Findings...)
	sched.Confirm, sched.Patient, sched.Seen, sched.Decided, sched.Results = confirm, &pat, now, nil, nil
	if !s.o.Now.IsZero() {
		sched.Notes = append([]schedule.Note{{Form: schedule.ToldOn, Args: []any{now}}}, sched.Notes...)
	}
	for _, e := range l.checked {
		if c := e.Act.(*CheckedIn); c.Decision != "" && !s.refused(e) {
			sched.Decided = append(sched.Decided, c.decision(e.On))
		}
	}
	for i := range s.course.Entries {
		e := &s.course.Entries[i]
		c, ok := e.Act.(*CheckedIn)
		if !ok || struck[e.Number] != 0 || !e.by(s.o.AsOf) || e.Of != "" && e.Of != l.protocol.ID {
			continue
		}
		for _, r := range c.Results {
			sched.Results = append(sched.Results, schedule.Result{Name: c.Name, Date: e.On, Measure: r.Measure, Value: r.Value})
		}
	}
}

// refused reports whether an entry has no effect.
func (s *state) refused(e *Entry) bool {
	return slices.ContainsFunc(s.found, func(d diag.Diagnostic) bool { return d.Code == diag.BadEntry && d.Entry == e.Number })
}

// standing says that doses of a leg are on hold by order, that it ends, and what was given after that.
func (s *state) standing(l *leg) (list diag.List) {
	again := slices.ContainsFunc(s.legs, func(m *leg) bool { return m != l && m.protocol.ID == l.protocol.ID && !m.From.Before(l.Ended) })
	if !l.Ended.IsZero() && again {
		list.Add(diag.Restarted, diag.Range{}, "", "%s: it ends before %v, and begins again later (%s)", l.protocol.Title, l.Ended, l.Note)
	} else if !l.Ended.IsZero() {
		list.Add(diag.CourseEnded, diag.Range{}, "", "%s: no dose is given from %v on (%s)", l.protocol.Title, l.Ended, l.Note)
	}
	if text := s.otherPhases(l); text != "" && !l.endedBy(s.now) {
		list.Add(diag.OtherPhases, diag.Range{}, "begin it again with `restart`, or go on as you decide", "%s. The course follows those of its start: %s", text, strings.Join(l.has, ", "))
	}
	for i := range s.orders {
		o := &s.orders[i]
		if h, ok := o.hold(); ok && (o.of == "" || o.of == l.protocol.ID) && !l.endedBy(h.From) && (h.Until.IsZero() || h.Until.After(s.now)) {
			list.Add(diag.OnHold, diag.Range{}, "", "doses of %s are on hold %v (%s)", l.protocol.ID, ordered{h}, o.why)
		}
	}
	for i := range l.Schedule.Events {
		if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && e.Status == schedule.Taken && l.endedBy(e.Date) {
			if e.Date == l.Ended {
				list.Add(diag.GivenPastGate, diag.Range{}, "", "a dose of %s was given on %v, the day from which the course has ended", l.protocol.ID, e.Date).Severity = diag.Note
				continue
			}
			list.Add(diag.GivenPastGate, diag.Range{}, "look at why the course ended", "a dose of %s was given on %v, after the course had ended on %v", l.protocol.ID, e.Date, l.Ended)
		}
	}
	return list
}

// otherPhases says that a leg's protocol has other phases for the patient as known now than it follows, or that
// nobody can tell; "" where it has the same.
func (s *state) otherPhases(l *leg) string {
	if l.whole == l.protocol {
		return ""
	}
	p := *s.patientOn(s.now)
	p.Start = l.From
	q, found := eligibility.Phases(l.whole, &p, l.From)
	switch now := q.Chosen(); {
	case found.HasErrors():
		return "which phases " + l.protocol.Title + " has for the patient as known now cannot be told: " + worst(found).Message
	case !slices.Equal(now, l.has):
		return l.protocol.Title + " has other phases for the patient as known now: " + strings.Join(now, ", ")
	}
	return ""
}

// ordered is a hold as a finding says it.
type ordered struct{ schedule.Hold }

func (o ordered) String() string { return stretch(o.Hold) }

// Days returns the first day of the hold and the last; the zero Date where it has none.
func (o ordered) Days() (first, last civil.Date) {
	if o.Until.IsZero() {
		return o.From, last
	}
	return o.From, o.Until.AddDays(-1)
}

// present is the day as of which the course is told: that which is asked for, or the start, and no earlier
// than something was written down.
func (c *Course) present(o *Options) civil.Date {
	now := cmp.Or(o.AsOf, o.Now, c.Treatment.Start)
	for i := range c.Entries {
		if e := &c.Entries[i]; e.by(o.AsOf) {
			now = civil.Later(now, e.Entered)
		}
	}
	return now
}

// patientOn returns the patient as known on a day.
func (s *state) patientOn(day civil.Date) *patient.Patient {
	p := s.pieces[0].patient
	for _, x := range s.pieces {
		if !x.from.After(day) {
			p = x.patient
		}
	}
	return p
}

// know changes the patient from a day on, up to the next day on which the same was measured or found: what was known of that
// day already stays, in whatever order the two are written down.
func (s *state) know(from civil.Date, reason, what string, same func(what string) bool, change func(*patient.Patient)) {
	against := s.refusing()
	at := len(s.pieces)
	for i := range s.pieces {
		if s.pieces[i].from.After(from) {
			at = i
			break
		}
	}
	p := *s.pieces[at-1].patient
	s.pieces = slices.Insert(slices.Clone(s.pieces), at, piece{from, &p, reason, what})
	for i := at; i < len(s.pieces); i++ {
		if i > at && same(s.pieces[i].what) {
			break
		}
		p := *s.pieces[i].patient
		p.Present, p.Absent, p.Medications = slices.Clone(p.Present), slices.Clone(p.Absent), slices.Clone(p.Medications)
		change(&p)
		s.pieces[i].patient = &p
	}
	for _, l := range slices.Clone(s.legs) {
		if !from.After(l.From) {
			s.choose(l)
		}
		l.changed()
		if since, ok := against[l]; ok && !l.endedBy(from) && l.speaksAgainst(s.patientOn(from)).why == "" {
			s.resumed(l, since, from)
		}
	}
}

// refusing returns the protocols that refuse the patient as known last and whose clock stops for a hold, or which begin
// again after one, each with the day from which it does.
func (s *state) refusing() map[*leg]civil.Date {
	var since map[*leg]civil.Date
	for _, l := range s.legs {
		if !l.protocol.StopsClock && !l.protocol.RestartAfter.IsSet() {
			continue
		}
		if list := s.refusals(l); len(list) > 0 && list[len(list)-1].Until.IsZero() {
			first := list[len(list)-1].From
			for _, h := range slices.Backward(list) {
				if h.Until == first {
					first = h.From
				}
			}
			if since == nil {
				since = map[*leg]civil.Date{}
			}
			since[l] = first
		}
	}
	return since
}

// against returns the stretches in which doses of a leg are held without an order: its protocol refuses the patient, or
// what let it begin where it does holds no more.
func (s *state) against(l *leg) []schedule.Hold {
	list := append(s.refusals(l), l.waited...)
	if hold, ok := l.unresting(civil.Date{}); ok {
		list = append(list, hold)
	}
	return list
}

// unresting is the hold of a leg that began at a phase since a check-in before it confirmed that, where that holds no more,
// up to a day; ok is false where there is none.
func (l *leg) unresting(until civil.Date) (hold schedule.Hold, ok bool) {
	if l.unrested == "" || !until.IsZero() && !until.After(l.From) {
		return hold, false
	}
	return schedule.Hold{From: l.From, Until: until,
		Reason: fmt.Sprintf("it begins at the phase “%s” since the check-in “%s” confirmed that, which holds no more", l.Treatment.Phase, l.unrested),
		Help:   "hold that check-in again, with the decision to confirm; or stop the protocol",
	}, true
}

// refusals returns the stretches in which a protocol refuses the patient as known then.
func (s *state) refusals(l *leg) []schedule.Hold {
	var list []schedule.Hold
	for i, x := range s.pieces {
		from := civil.Later(civil.Later(x.from, l.From), l.since)
		var until civil.Date
		if i+1 < len(s.pieces) {
			if until = s.pieces[i+1].from; !until.After(from) {
				continue
			}
		}
		v := l.speaksAgainst(x.patient)
		if n := len(list); v.why != "" && n > 0 && list[n-1].Until == from && list[n-1].Reason == v.why {
			list[n-1].Until = until // for the same reason, whatever else became known
		} else if v.why != "" {
			list = append(list, schedule.Hold{From: from, Until: until, Reason: v.why, Help: v.help})
		}
	}
	return list
}

// values returns the changes of a leg's amounts that follow from what the patient weighed, and what else
// was measured, since it began. A value that the protocol is not for changes none: its doses are held.
func (s *state) values(l *leg) []schedule.Change {
	var list []schedule.Change
	before := l.patient
	for i := range s.pieces {
		x := &s.pieces[i]
		w, was := x.patient.Weight, before.Weight
		weighed := w.IsSet() && !(was.IsSet() && w.Unit() == was.Unit() && w.Cmp(was) == 0)
		measured := !slices.EqualFunc(x.patient.Measured, before.Measured, func(a, b patient.Measured) bool { return a.Name == b.Name && a.Value.String() == b.Value.String() })
		if x.from.IsZero() || !weighed && !measured || l.speaksAgainst(x.patient).why != "" {
			continue
		}
		before = x.patient
		list = append(list, schedule.Change{From: x.from, Weight: w, Measured: x.patient.Measured, Reason: x.reason})
	}
	return list
}

// A verdict is why a protocol refuses a patient, in a clause, and what can be done; "" where it does not.
type verdict struct{ why, help string }

// speaksAgainst says why a protocol refuses a patient, or says no dose. The age is that of its first day: of a patient who
// comes of another age on the way the calendar says so, and the clinician decides.
func (l *leg) speaksAgainst(known *patient.Patient) verdict {
	if v, ok := l.judged[known]; ok {
		return v
	}
	p := *known
	p.Start = l.From
	found, _ := eligibility.Check(l.protocol, &p, l.From, nil)
	if l.plan != nil && !found.HasErrors() {
		_, more := l.plan.Reckon(&p)
		found = append(found, more...)
	}
	var v verdict
	for _, d := range found {
		if d.Severity < diag.Error {
			continue
		}
		if v.why != "" {
			v.why += "; and "
		}
		v.why += d.Message
		if d.Code == diag.Unmatched && v.help == "" {
			v.help = "if the patient does not have it, say so with `resolved`; else end the course, or go over to a protocol for this patient"
		}
	}
	if v.why != "" && v.help == "" {
		v.help = "end the course, or go over to a protocol for this patient"
	}
	if l.plan != nil {
		l.judged[known] = v
	}
	return v
}

// An order is a hold, or the end of one.
type order struct {
	from, until civil.Date
	of          string // the protocol; "" for all
	why         string // who ordered it, and why
}

// covers reports whether an order holds doses of a protocol on a day.
func (o *order) covers(of string, day civil.Date) bool {
	h, ok := o.hold()
	return ok && h.Covers(day) && (o.of == "" || o.of == of)
}

func (o *order) hold() (schedule.Hold, bool) {
	return schedule.Hold{From: o.from, Until: o.until}, o.until.IsZero() || o.from.Before(o.until)
}

// running returns the leg that a day belongs to: the last to have begun by then of those that had
// not ended, beside the others or not as asked for; of a protocol, where one is named.
func (s *state) running(of string, day civil.Date) *leg {
	var best *leg
	better := func(l *leg) bool {
		if best == nil {
			return true
		}
		rank := func(l *leg) int {
			switch {
			case l.From.After(day):
				return 0
			case l.endedBy(day):
				return 1
			}
			return 2
		}
		return cmp.Or(cmp.Compare(rank(l), rank(best)), l.From.Compare(best.From)) >= 0
	}
	for _, l := range s.legs {
		if of == "" && l.Beside || of != "" && l.protocol.ID != of && l.Treatment.Protocol.ID != of {
			continue
		}
		if better(l) {
			best = l
		}
	}
	return best
}

// legOf returns the leg that the entry is about, with its calendar, or nil with a finding: where no
// protocol is named, and phases are, the one that runs then and has them.
func (s *state) legOf(phases ...string) *leg {
	l := s.running(s.entry.Of, s.entry.On)
	lacks := func(l *leg) bool {
		return slices.ContainsFunc(phases, func(name string) bool { _, ok := l.protocol.Phase(name); return !ok })
	}
	if s.entry.Of == "" && l != nil && lacks(l) {
		for _, other := range s.legs {
			if !lacks(other) && !other.From.After(s.entry.On) && !other.endedBy(s.entry.On) {
				l = other
			}
		}
	}
	if l == nil {
		s.refuse(s.followed(), "the course follows no protocol “%s”", s.entry.Of)
		return nil
	}
	if s.compute(l, false); l.Schedule == nil {
		s.refuse("", "the calendar of %s cannot be made", l.protocol.ID)
		return nil
	}
	return l
}

// Former returns the calendars that the course had before its last entries, by protocol and start:
// whoever holds a calendar of one of those days wants to know what of it stands no more. Only orders
// and corrections take something away.
func Former(c *Course, source Source, o Options) []*schedule.Schedule {
	var list []*schedule.Schedule
	for n := range c.Entries {
		if e := &c.Entries[n]; e.Fact() && e.Replaces == 0 {
			if _, missed := e.Act.(*Missed); !missed {
				continue
			}
		}
		before := *c
		before.Entries = c.Entries[:n]
		cal, _ := Fold(&before, source, o)
		if cal == nil {
			continue
		}
		for i := range cal.Legs {
			list = append(list, cal.Legs[i].Schedule)
		}
	}
	return list
}

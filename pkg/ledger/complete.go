package ledger

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// Complete fills into a fact what it does not state and the calendar planned, before it is written
// down: nothing that comes later changes it then. dated says that its day is stated; if it is not,
// that is the planned one, or today where the planned one lies ahead. The error says, for people, what must
// be stated since the calendar does not tell it.
func Complete(e *Entry, c *Calendar, dated bool, today civil.Date) error {
	if e.Of == "" && e.Replaces > 0 && e.Replaces <= len(c.Course.Entries) {
		e.Of = c.ofEntry(&c.Course.Entries[e.Replaces-1], e.Act)
	}
	switch a := e.Act.(type) {
	case *Given:
		if err := c.ambiguous(e, hasPhase(a.Dose.Phase)); err != nil {
			return err
		}
		if err := c.namesake(e, a.Dose, dated); err != nil {
			return err
		}
		return completeGiven(e, a, c, dated, today)
	case *Missed:
		if err := c.ambiguous(e, hasPhase(a.Dose.Phase)); err != nil {
			return err
		}
		return completeMissed(e, a, c, dated, today)
	case *CheckedIn:
		has := func(p *protocol.Protocol) bool { return names(a, p) }
		if err := c.ambiguous(e, has); err != nil {
			return err
		}
		if err := c.numbered(e, a); err != nil {
			return err
		}
		leg, x := c.nearest(e, func(s *schedule.Schedule, x *schedule.Event) bool {
			return x.Kind == schedule.CheckIn && s.CheckIn(x).Name == a.Name && int(x.Number) == a.Number
		})
		if x == nil {
			return nil
		}
		c.name(e, leg, has)
		if !a.At.IsSet() {
			a.At = civil.SomeClock(x.Wanted)
		}
	case *Supplied:
		completeFill(e, a, c)
	}
	return nil
}

// ofEntry returns the protocol that an entry is about, as what takes its place is; "" where there is but one.
func (c *Calendar) ofEntry(e *Entry, instead Act) (id string) {
	several := false
	for i := range c.Legs {
		l := &c.Legs[i]
		several = several || l.Schedule.Protocol.ID != c.Legs[0].Schedule.Protocol.ID
		if !l.From.After(e.On) && !l.endedBy(e.On) && names(instead, l.Schedule.Protocol) {
			id = l.Schedule.Protocol.ID
		}
	}
	if e.Of != "" || !several {
		return e.Of
	}
	return id
}

// names reports whether a protocol has the phase or the check-in that a fact is about.
func names(act Act, p *protocol.Protocol) bool {
	switch a := act.(type) {
	case *Given:
		return hasPhase(a.Dose.Phase)(p)
	case *Missed:
		return hasPhase(a.Dose.Phase)(p)
	case *CheckedIn:
		_, has := p.CheckIn(a.Name)
		return has
	}
	return false
}

// day sets the day of a fact that states none.
func (e *Entry) day(x *schedule.Event, dated bool, today civil.Date) {
	if !dated && !x.Date.After(today) {
		e.On = x.Date
	}
}

// nearest returns the event that an entry names: of several, one that is not recorded yet and whose protocol runs, and
// the one nearest to the day of the entry.
func (c *Calendar) nearest(e *Entry, named func(*schedule.Schedule, *schedule.Event) bool) (leg *Leg, best *schedule.Event) {
	_, missed := e.Act.(*Missed)
	before := func(of *Leg, x *schedule.Event, than *Leg, y *schedule.Event) bool {
		away := func(x *schedule.Event) int { return max(x.Date.Sub(e.On), e.On.Sub(x.Date)) }
		over := func(l *Leg, x *schedule.Event) int {
			if missed && x.Date.After(e.On) { // what is still to come was not missed
				return 2
			}
			if x.Status == schedule.Taken || x.Status == schedule.Missed || l.endedBy(e.On) || l.From.After(e.On) {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(over(of, x), over(than, y)), cmp.Compare(away(x), away(y))) <= 0
	}
	for i := range c.Legs {
		l := &c.Legs[i]
		if e.Of != "" && e.Of != l.Schedule.Protocol.ID {
			continue
		}
		for k := range l.Schedule.Events {
			x := &l.Schedule.Events[k]
			if !named(l.Schedule, x) {
				continue
			}
			if best == nil || before(l, x, leg, best) {
				leg, best = l, x
			}
		}
	}
	return leg, best
}

// numbered gives a check-in without a number that of the one that is open on its day: the only one of its
// name whose window holds the day and that is not recorded. Of several the entry names one.
func (c *Calendar) numbered(e *Entry, a *CheckedIn) error {
	if a.Number != 0 {
		return nil
	}
	var open []int
	for i := range c.Legs {
		l := &c.Legs[i]
		if e.Of != "" && e.Of != l.Schedule.Protocol.ID {
			continue
		}
		for k := range l.Schedule.Events {
			x := &l.Schedule.Events[k]
			if x.Kind != schedule.CheckIn || x.Status > schedule.Provisional || l.Schedule.CheckIn(x).Name != a.Name {
				continue
			}
			w := l.Schedule.CheckIn(x).Window
			if !e.On.Before(x.Target.AddDays(-w.Before)) && !e.On.After(x.Target.AddDays(w.After)) {
				open = append(open, int(x.Number))
			}
		}
	}
	switch {
	case len(open) == 1:
		a.Number = open[0]
	case len(open) == 0 && c.ended(e, a):
		// what decides whether it may begin again is on no calendar any more
	case len(open) > 1 || a.Decision != "":
		return &Unnumbered{a.Name, open}
	}
	return nil
}

// ended reports whether every protocol of the course that has a check-in has ended by the day of an entry.
func (c *Calendar) ended(e *Entry, a *CheckedIn) bool {
	return !slices.ContainsFunc(c.Legs, func(l Leg) bool {
		p := l.Schedule.Protocol
		has := slices.ContainsFunc(l.Schedule.CheckIns, func(k protocol.CheckIn) bool { return k.Name == a.Name })
		return has && (e.Of == "" || e.Of == p.ID) && !l.endedBy(e.On)
	})
}

// An Unnumbered says that a check-in is named without the number that tells it from others, or by which it
// decides.
type Unnumbered struct {
	Name string
	Open []int // the numbers of those that may be held on the day
}

func (u *Unnumbered) Error() string {
	if len(u.Open) == 0 {
		return "the check-in “" + u.Name + "” decides about doses by its number, and none of that name is planned around the day"
	}
	return "several check-ins “" + u.Name + "” may be held on the day"
}

// An Ambiguous says that an entry that names no protocol could be about either of two that run beside
// each other.
type Ambiguous struct{ First, Second string }

func (a *Ambiguous) Error() string {
	return fmt.Sprintf("it could be of %s or of %s, which run beside each other", a.First, a.Second)
}

// PlannedDay returns the day on which the calendar has the dose that an entry says was given. ok is
// false for any other entry, and for a dose that it does not have.
func (c *Calendar) PlannedDay(e *Entry) (day civil.Date, ok bool) {
	g, ok := e.Act.(*Given)
	if !ok {
		return day, false
	}
	_, x := c.nearest(e, func(s *schedule.Schedule, x *schedule.Event) bool {
		return x.Kind == schedule.Dose && g.Dose.Number > 0 && s.DoseName(x) == g.Dose
	})
	if x == nil {
		return day, false
	}
	return x.Date, true
}

// ambiguous refuses an entry that names no protocol where two that run beside each other could be meant.
func (c *Calendar) ambiguous(e *Entry, could func(*protocol.Protocol) bool) error {
	if e.Of != "" {
		return nil
	}
	for i := range c.Legs {
		for k := range i {
			a, b := &c.Legs[i], &c.Legs[k]
			x, y := a.Schedule.Protocol, b.Schedule.Protocol
			if x.ID != y.ID && could(x) && could(y) && (a.Ended.IsZero() || b.From.Before(a.Ended)) && (b.Ended.IsZero() || a.From.Before(b.Ended)) {
				return &Ambiguous{y.ID, x.ID}
			}
		}
	}
	return nil
}

// namesake says where a dose that was given, on a day that is not stated, has the name of one that is still to come and of one of an
// earlier run or protocol, of a day that is over and of which nothing is recorded: it is one of the two, and the name does not say
// which.
func (c *Calendar) namesake(e *Entry, name schedule.DoseName, dated bool) error {
	if dated || name.Number == 0 || len(c.Legs) < 2 {
		return nil
	}
	leg, is := c.nearest(e, func(s *schedule.Schedule, x *schedule.Event) bool {
		return x.Kind == schedule.Dose && s.DoseName(x) == name
	})
	if is == nil || !is.Date.After(e.On) {
		return nil
	}
	for i := range c.Legs {
		l := &c.Legs[i]
		if l == leg || !l.From.Before(leg.From) || e.Of != "" && e.Of != l.Schedule.Protocol.ID {
			continue
		}
		for k := range l.Schedule.Events {
			if was := &l.Schedule.Events[k]; was.Kind == schedule.Dose && l.Schedule.DoseName(was) == name && was.Status <= schedule.Provisional && !was.Date.After(e.On) && !l.endedBy(was.Date) {
				return fmt.Errorf("two doses are called %s: that of %s on %v, of which nothing is recorded, and that of %s on %v; state the day on which it was given, as `--on %v`",
					name, l.Schedule.Protocol.ID, was.Date, leg.Schedule.Protocol.ID, is.Date, was.Date)
			}
		}
	}
	return nil
}

// name says of which protocol an entry is, where another of the course could be meant.
func (c *Calendar) name(e *Entry, leg *Leg, could func(*protocol.Protocol) bool) {
	for i := range c.Legs {
		p := c.Legs[i].Schedule.Protocol
		if p.ID != leg.Schedule.Protocol.ID && could(p) {
			e.Of = leg.Schedule.Protocol.ID
		}
	}
}

// hasPhase tells the protocols that have a phase of the name.
func hasPhase(name string) func(*protocol.Protocol) bool {
	return func(p *protocol.Protocol) bool {
		_, ok := p.Phase(name)
		return ok
	}
}

func (c *Calendar) dose(e *Entry, name schedule.DoseName) (*Leg, *schedule.Event) {
	leg, x := c.nearest(e, func(s *schedule.Schedule, x *schedule.Event) bool {
		return x.Kind == schedule.Dose && name.Number > 0 && s.DoseName(x) == name
	})
	if x != nil {
		c.name(e, leg, hasPhase(name.Phase))
	}
	return leg, x
}

// AmountOf returns how much a dose is by a calendar, as an entry names it; unset where it has none of that name.
func (c *Calendar) AmountOf(e *Entry, name schedule.DoseName) (amount quantity.Amount) {
	of := *e
	if leg, x := c.dose(&of, name); x != nil {
		amount = leg.Schedule.Dose(x).Amount
	}
	return amount
}

func completeGiven(e *Entry, g *Given, c *Calendar, dated bool, today civil.Date) error {
	leg, x := c.dose(e, g.Dose)
	if x == nil {
		return nil
	}
	if x.Status == schedule.Held && !dated {
		return fmt.Errorf("the dose %s is held, and nothing says on which day it was given all the same", g.Dose)
	}
	e.day(x, dated, today)
	if name, at, ok := leg.confirmedAfter(x, e.On); ok && !g.At.IsSet() {
		return &Untimed{fmt.Sprintf("the check-in “%s” confirmed the dose %s at %v of that day, after its planned time, %v, and at what time it was given is not said", name, g.Dose, at, x.Wanted)}
	}
	if !g.At.IsSet() {
		g.At = civil.SomeClock(x.Wanted)
	} else if !dated && e.On == x.Date {
		e.On = nearestDay(x, g.At.Or(0), today)
	}
	d := leg.Schedule.Dose(x)
	if !g.Amount.IsSet() {
		if before := leg.openBefore(x); before != nil && e.On.Before(x.Date) && leg.Schedule.Dose(before).Amount.String() != d.Amount.String() {
			return &Unsized{fmt.Sprintf("the dose %s of %v is planned for %v, and nothing is recorded of the dose %s of %v before it: which of them was given is not said", g.Dose, d.Amount, x.Date, leg.Schedule.DoseName(before), leg.Schedule.Dose(before).Amount)}
		}
		g.Amount = d.Amount
	}
	if g.Via == "" && len(d.Medication.Routes) > 1 {
		g.Via = d.Route.Name
	}
	return nil
}

// openBefore returns the first dose of the same phase before one of which nothing is recorded; nil where there is none.
func (l *Leg) openBefore(x *schedule.Event) *schedule.Event {
	for i := range l.Schedule.Events {
		if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && e.Phase == x.Phase && e.Number < x.Number && e.Status <= schedule.Provisional {
			return e
		}
	}
	return nil
}

// An Unsized says that it must be stated how much was given.
type Unsized struct{ why string }

func (u *Unsized) Error() string { return u.why }

// An Untimed says that it must be stated at what time of the day a dose was given.
type Untimed struct{ why string }

func (u *Untimed) Error() string { return u.why }

// confirmedAfter returns the check-in that let a dose be given on a day at a later hour than it is planned for.
func (l *Leg) confirmedAfter(x *schedule.Event, on civil.Date) (name string, at civil.Clock, ok bool) {
	p := l.Schedule.Protocol
	for _, d := range l.Schedule.Decided {
		c, ok := p.CheckIn(d.Name)
		decides := ok && (c.Decides(l.Schedule.PhaseName(x)) || x.Number == 1 && slices.ContainsFunc(c.Gates, func(g protocol.Gate) bool { return g.FirstDose }))
		if decides && !d.Declined && d.Date == on && on == x.Date && d.At.IsSet() && x.Wanted < d.At.Or(0) {
			return d.Name, d.At.Or(0), true
		}
	}
	return "", 0, false
}

// nearestDay returns the day that a clock time is meant for: 01:00 is of the next day for a dose of 20:00.
// It is never after today, and never before the planned day: a dose of 09:00 is given late at 22:00, and
// not early.
func nearestDay(x *schedule.Event, at civil.Clock, today civil.Date) civil.Date {
	const half = 12 * 60
	if int(at)-int(x.Wanted) < -half && x.Date.Before(today) {
		return x.Date.AddDays(1)
	}
	return x.Date
}

// completeMissed plans a dose again today, where the protocol plans it again and its time is over. Where
// doses after it are not recorded, nobody knows whether they were given in the meantime.
func completeMissed(e *Entry, m *Missed, c *Calendar, dated bool, today civil.Date) error {
	leg, x := c.dose(e, m.Dose)
	if x == nil {
		return nil
	}
	e.day(x, dated, today)
	if leg.Schedule.Protocol.WhenMissed(int(x.Phase)) != protocol.Shift || !m.Again.IsZero() || !today.After(x.Date) {
		return nil
	}
	open := 0
	for i := range leg.Schedule.Events {
		f := &leg.Schedule.Events[i]
		switch {
		case f.Kind != schedule.Dose || f.At <= x.At:
		case f.Status == schedule.Taken:
			return nil // the rest stays as it is
		case f.Date.Before(today) && f.Status == schedule.Planned:
			open++
		}
	}
	if open > 0 {
		return fmt.Errorf("the protocol plans a missed dose again, and those after it move with it: %s after %s are not recorded, and it is not known whether they were given", civil.Plural(open, "dose"), m.Dose)
	}
	m.Again = today
	return nil
}

func completeFill(e *Entry, x *Supplied, c *Calendar) {
	if x.What != "sent" {
		return
	}
	leg, ev := c.nearest(e, func(s *schedule.Schedule, ev *schedule.Event) bool {
		return ev.Kind == schedule.Supply && int(ev.Number) == x.Number && (x.Medicine == "" || s.Fill(ev).Medication.Name == x.Medicine)
	})
	if ev == nil {
		return
	}
	f := leg.Schedule.Fill(ev)
	if len(leg.Schedule.Protocol.Medications) > 1 {
		x.Medicine = f.Medication.Name
	}
	x.Doses, x.Amount, x.First, x.Last = f.Doses, f.Total, f.First, f.Last
}

// Changes says how two calendars of one course differ, an event a line, in order of time.
func Changes(before, after *Calendar) []string {
	was, is := before.lines(), after.lines()
	type change struct {
		at   int64
		text string
	}
	var list []change
	for key, w := range was {
		switch i, ok := is[key]; {
		case !ok:
			list = append(list, change{w.at, w.name + ": " + w.text + " → not any more"})
		case i.text != w.text:
			list = append(list, change{i.at, w.name + ": " + w.text + " → " + i.text})
		}
	}
	for key, i := range is {
		if _, ok := was[key]; !ok {
			list = append(list, change{i.at, i.name + ": new, " + i.text})
		}
	}
	slices.SortFunc(list, func(a, b change) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.text, b.text)) })
	texts := make([]string, len(list))
	for i, c := range list {
		texts[i] = c.text
	}
	return texts
}

// A line is an event of a calendar in words.
type line struct {
	at         int64
	name, text string
}

// lines are the doses, check-ins and fills of a calendar, by what they are and not by when.
func (c *Calendar) lines() map[string]line {
	out := map[string]line{}
	for i := range c.Legs {
		l := &c.Legs[i]
		s := l.Schedule
		for k := range s.Events {
			e := &s.Events[k]
			var name string
			var amount quantity.Amount
			switch e.Kind {
			case schedule.Observation:
				continue
			case schedule.Dose:
				name, amount = s.DoseName(e).String(), s.Dose(e).Amount
				if e.Number == 0 {
					name = fmt.Sprintf("a dose of %s beside the plan", s.PhaseName(e))
				}
			case schedule.CheckIn:
				if name = fmt.Sprintf("%s %d", s.CheckIn(e).Name, e.Number); e.Number == 0 {
					name = s.CheckIn(e).Name + ", not planned"
				}
			case schedule.Supply:
				name, amount = fmt.Sprintf("fill %d", e.Number), s.Fill(e).Total
			}
			text := fmt.Sprintf("%s %v", e.Date.WithWeekday(), e.Clock)
			if amount.IsSet() {
				text += ", " + amount.String()
			}
			if e.Kind == schedule.Dose && len(s.Dose(e).Medication.Routes) > 1 {
				text += " " + protocol.RouteWords(s.Dose(e).Route.Name)
			}
			status := e.Status.String()
			switch {
			case s.Unwritten(e):
				status = "unrecorded"
			case e.Status == schedule.Held && e.Fit == schedule.LeftOut:
				status = "left out"
			}
			if text += ", " + status; e.Waits.Any() && e.Status == schedule.Provisional && !s.Unwritten(e) {
				text += ", waits for " + s.GateName(e)
			}
			key := fmt.Sprint(l.From, s.Protocol.ID, e.Kind, name, e.Status == schedule.Missed)
			if e.Number == 0 {
				key += text
			}
			if len(c.Legs) > 1 {
				name = s.Protocol.ID + ", " + name
			}
			out[key] = line{e.At, name, text}
		}
	}
	return out
}

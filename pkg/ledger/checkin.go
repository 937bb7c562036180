package ledger

import (
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// checkedIn takes in a check-in that took place, and carries out what it decides. It decides about
// the doses of its own stretch alone: not before its window opens, and not once the next of its
// name may be held.
func (s *state) checkedIn(c *CheckedIn) {
	l, rule := s.checkInOf(c.Name, c.Number)
	if l == nil {
		return
	}
	l.checked = append(slices.Clip(l.checked), s.entry)
	done := schedule.Done{Name: c.Name, Number: c.Number, Date: s.entry.On, Clock: c.At}
	if o := (schedule.Occurrence{Name: c.Name, Number: c.Number}); slices.Contains(l.line.NotHeld, o) { // it took place after all
		l.line.NotHeld = slices.DeleteFunc(slices.Clone(l.line.NotHeld), func(x schedule.Occurrence) bool { return x == o })
		l.changed()
	}
	if s.compute(l, false); l.Schedule == nil {
		return
	}
	again := s.heldAgain(l, c)
	if c.Number > 0 && l.visited(rule, c.Number) && !again {
		s.refuse("strike the earlier entry", "the check-in %s %d is recorded already", c.Name, c.Number)
		return
	}
	if e := l.visit(rule, c.Number); c.Number > 0 && e != nil {
		d := l.countedFrom(e)
		const help = "hold it once that dose was given; or record it without a number, as one that was not planned"
		switch {
		case again || d == nil:
		case d.Status == schedule.Held && d.Fit != schedule.LeftOut && !s.entry.On.After(d.Date):
			s.refuse(help, "the check-in %s %d looks at the dose %s, and that is held", c.Name, c.Number, l.Schedule.DoseName(d))
			return
		case l.follows(e) != nil && d.Status <= schedule.Provisional && d.Date == s.entry.On && d.Clock >= c.At.Or(e.Wanted):
			s.refuse(help, "the check-in %s %d looks at the dose %s, and that stands on %v %v, after it", c.Name, c.Number, l.Schedule.DoseName(d), d.Date, d.Clock)
			return
		case l.follows(e) != nil && d.Status == schedule.Taken && d.Date == s.entry.On && d.Clock > c.At.Or(e.Wanted):
			s.refuse("state at what time it was held, with `--at`; or record it without a number, as one that was not planned", "the check-in %s %d looks at the dose %s, and that was given on %v at %v, after it", c.Name, c.Number, l.Schedule.DoseName(d), d.Date, d.Clock)
			return
		case c.Decision == "confirm" && l.noneBefore(d, s.entry.On):
			s.refuse("decline it; or begin with the first dose again, and hold it once that was given", "the check-in %s %d looks at the doses of “%s”, and none of them was given: there is nothing to confirm", c.Name, c.Number, l.Schedule.PhaseName(d))
			return
		case d.Status == schedule.Missed || d.Status == schedule.Held:
			s.say(diag.OddEntry, "decline, if what it looks at has still to be seen", "the check-in %s %d looks at the dose %s, and that was %s", c.Name, c.Number, l.Schedule.DoseName(d), d.Status)
		}
	}
	if again && c.Decision == "" {
		s.refuse("record it with the decision to confirm or to decline", "the check-in %s %d was declined, and no decision is stated: it stays declined", c.Name, c.Number)
		return
	}
	opened, waited := false, civil.Date{}
	e, why := s.occurrence(l, rule, c)
	if e == nil && c.Decision != "" && c.Decision != met && l.endedBy(s.entry.On) && c.decidesIn(l) {
		// Its protocol has ended, and it decides whether that may begin again.
		done.Number = 0
		l.line.Decided = append(slices.Clip(l.line.Decided), c.decision(s.entry.On))
	} else if e == nil {
		done.Number = 0
		if why != "" {
			s.refuse("record it without a number if it was not a planned one", "%s: it decides nothing", why)
		} else if c.Decision != "" {
			s.refuse("name the planned check-in by its number", "a check-in that was not planned decides nothing")
		}
	} else {
		l.visits[schedule.Occurrence{Name: c.Name, Number: c.Number}] = true
		done.Clock = civil.SomeClock(c.At.Or(e.Wanted)) // whatever a dose that it goes with does later
		if again {
			// It takes the place of the one that was declined, which stays beside it.
			l.line.Done = slices.Clone(l.line.Done)
			for i := range l.line.Done {
				if x := &l.line.Done[i]; x.Name == c.Name && x.Number == c.Number {
					x.Number, x.Was = 0, x.Number
				}
			}
		}
		opened = s.decide(l, e, c)
		waited = s.waitedFrom(l, e)
	}
	l.line.Done = append(slices.Clip(l.line.Done), done)
	l.changed()
	if !waited.IsZero() {
		s.heldUntil(l, &l.protocol.CheckIns[e.Rule], waited)
	}
	if opened { // after a time without a dose that can be longer than the protocol allows
		s.restart(l)
	}
}

// waitedFrom returns the day from which doses were held for a check-in that takes place late; the zero Date where they were
// not.
func (s *state) waitedFrom(l *leg, e *schedule.Event) civil.Date {
	rule := l.Schedule.CheckIn(e)
	if s.compute(l, false); !rule.StopsIfOverdue || l.Schedule == nil {
		return civil.Date{}
	}
	for _, w := range l.line.Waiting {
		if w.Name == rule.Name && w.Until.After(s.entry.On) && w.From == lastDay(l.Schedule, e).AddDays(1) {
			s.say(diag.OddEntry, "strike the later check-in of that name, and write it down again after this one", "doses were taken for held from %v to %v, since this check-in was not written down: they stand where that put them", w.From, w.Until.AddDays(-1))
		}
	}
	due := s.entry.On
	for i := range l.Schedule.Events {
		x := &l.Schedule.Events[i]
		if x.Kind == schedule.CheckIn && x.Rule == e.Rule && x.Number > 0 && x.Status != schedule.Taken && !x.Target.After(e.Target) && !heldAfter(l.Schedule, x) {
			if day := lastDay(l.Schedule, x).AddDays(1); day.Before(due) {
				due = day
			}
		}
	}
	if !due.Before(s.entry.On) || l.endedBy(due) {
		return civil.Date{}
	}
	return due
}

// heldUntil takes down that doses were held for a check-in that took place late, from a day up to its own: they were not
// given, and the course goes on as after any hold.
func (s *state) heldUntil(l *leg, rule *protocol.CheckIn, due civil.Date) {
	l.line.Waiting = append(slices.Clip(l.line.Waiting), schedule.Waiting{Name: rule.Name, From: due, Until: s.entry.On})
	l.changed()
	from := due                // after what was given all the same, and after a hold that was ordered and has moved the rest already
	for range l.line.Waiting { // and as long as it joins the wait for another, which moved nothing then
		for _, w := range l.line.Waiting {
			if w.From.Before(from) && !w.Until.Before(from) {
				from = w.From
			}
		}
	}
	if last := l.lastGiven(from, s.entry.On); !last.IsZero() {
		from = civil.Later(from, last.AddDays(1))
	}
	for i := range s.orders {
		if h, ok := s.orders[i].hold(); ok && s.orders[i].covers(l.protocol.ID, h.From) && !h.Until.After(s.entry.On) {
			from = civil.Later(from, h.Until)
		}
	}
	if s.atAStop(l) {
		return // doses are held still, for another
	}
	left := slices.ContainsFunc(l.Schedule.Events, func(x schedule.Event) bool { // out, in that time
		return x.Kind == schedule.Dose && x.Number > 0 && x.Status == schedule.Held && !x.Date.Before(from) && x.Date.Before(s.entry.On)
	})
	if _, some := l.protocol.Stops(rule); !some && left {
		s.resumed(l, from, s.entry.On)
	} else {
		s.restart(l) // the wait and a hold before it can be longer than the protocol allows
	}
}

// lastGiven returns the day of the last dose that is recorded as given from one day up to but not including another; the
// zero Date where there is none.
func (l *leg) lastGiven(from, until civil.Date) (last civil.Date) {
	for _, f := range l.line.Facts {
		if f.Status == schedule.Taken && !f.Date.Before(from) && f.Date.Before(until) {
			last = civil.Later(last, f.Date)
		}
	}
	return last
}

// decidesIn reports whether a check-in decides about doses of a leg's protocol.
func (c *CheckedIn) decidesIn(l *leg) bool {
	k, ok := l.protocol.CheckIn(c.Name)
	return c.Name == schedule.Reassessment || ok && len(k.Gates) > 0
}

// checkInOf returns the leg whose check-in the entry is about, and its rule: of several, one in which
// the check-in of that number may be held on the day, and else the last to have begun by then.
func (s *state) checkInOf(name string, number int) (*leg, int) {
	var best *leg
	rule, rank := -1, 0
	for _, l := range s.legs {
		if s.entry.Of != "" && s.entry.Of != l.protocol.ID {
			continue
		}
		if s.compute(l, false); l.Schedule == nil {
			continue
		}
		k := slices.IndexFunc(l.Schedule.CheckIns, func(c protocol.CheckIn) bool { return c.Name == name })
		if k < 0 {
			continue
		}
		r := 1
		if !l.From.After(s.entry.On) {
			r = 2
		}
		if l.mayBeHeld(k, number, s.entry.On) {
			r = 3
		}
		if best == nil || r > rank || r == rank && r > 1 && l.From.After(best.From) {
			best, rule, rank = l, k, r
		}
	}
	if best == nil {
		s.refuse("the status of the course lists its check-ins", "no protocol of the course has a check-in “%s”", name)
	}
	return best, rule
}

// mayBeHeld reports whether a day lies in the window of a check-in that is not recorded.
func (l *leg) mayBeHeld(rule, number int, on civil.Date) bool {
	e := l.visit(rule, number)
	if number == 0 || e == nil || l.visited(rule, number) {
		return false
	}
	return !on.Before(l.opens(e)) && !on.After(l.closes(e))
}

// occurrence returns the planned check-in that took place, or why what took place is none.
func (s *state) occurrence(l *leg, rule int, c *CheckedIn) (e *schedule.Event, why string) {
	if c.Number == 0 {
		return nil, ""
	}
	e = l.visit(rule, c.Number)
	if e == nil {
		return nil, fmt.Sprintf("the calendar has no check-in %s %d", c.Name, c.Number)
	}
	if opens := l.opens(e); s.entry.On.Before(opens) {
		return nil, fmt.Sprintf("the check-in %s %d may be held from %v on, and took place before", c.Name, c.Number, opens)
	}
	return e, ""
}

// visited reports whether a check-in is recorded, and has not lapsed.
func (l *leg) visited(rule, number int) bool {
	e := l.visit(rule, number)
	return l.visits[schedule.Occurrence{Name: l.Schedule.CheckIns[rule].Name, Number: number}] && (e == nil || e.Status == schedule.Taken)
}

// visit returns the check-in of a rule and a number, or nil.
func (l *leg) visit(rule, number int) *schedule.Event {
	i := slices.IndexFunc(l.Schedule.Events, func(e schedule.Event) bool {
		return e.Kind == schedule.CheckIn && int(e.Rule) == rule && int(e.Number) == number
	})
	if i < 0 {
		return nil
	}
	return &l.Schedule.Events[i]
}

// after returns the check-in of the same rule that comes next in time, or nil.
func (l *leg) after(e *schedule.Event) *schedule.Event {
	var next *schedule.Event
	for i := range l.Schedule.Events {
		x := &l.Schedule.Events[i]
		if x.Kind == schedule.CheckIn && x.Rule == e.Rule && x.Number > 0 && x.Target.After(e.Target) && (next == nil || x.Target.Before(next.Target)) {
			next = x
		}
	}
	return next
}

// opens returns the first day of the window of a check-in.
func (l *leg) opens(e *schedule.Event) civil.Date {
	c := l.Schedule.CheckIn(e)
	if !c.Before {
		first := e.Target.AddDays(-c.Window.Before)
		if d := l.follows(e); d != nil { // it looks at what that dose did
			first = civil.Later(first, d.Date)
		}
		return first
	}
	if d := l.firstDose(); d != nil {
		return c.Within.From(d.Date, -1)
	}
	return e.Target
}

// closes returns the last day of the window of a check-in.
func (l *leg) closes(e *schedule.Event) civil.Date {
	c := l.Schedule.CheckIn(e)
	if d := l.firstDose(); c.Before && d != nil {
		return d.Date
	}
	return e.Target.AddDays(c.Window.After)
}

// follows returns the dose some time after which a check-in is held, or nil.
func (l *leg) follows(e *schedule.Event) *schedule.Event {
	c := l.Schedule.CheckIn(e)
	if e.Number < 1 || int(e.Number) > len(c.On) {
		return nil
	}
	if w := &c.On[e.Number-1]; w.Offset.IsSet() || w.Anchor == protocol.After {
		return l.countedFrom(e)
	}
	return nil
}

// countedFrom returns the dose on which, or some time after which, a check-in is held, or nil.
func (l *leg) countedFrom(e *schedule.Event) *schedule.Event {
	c := l.Schedule.CheckIn(e)
	if e.Number < 1 || int(e.Number) > len(c.On) || c.On[e.Number-1].Before {
		return nil
	}
	w := &c.On[e.Number-1]
	last := w.Anchor == protocol.LastDose || w.Anchor == protocol.EndOf || w.Anchor == protocol.After
	if !last && w.Anchor != protocol.DoseN {
		return nil
	}
	var from *schedule.Event
	n := 0 // of the doses of the phase, or of the course, that its plan has
	for i := range l.Schedule.Events {
		x := &l.Schedule.Events[i]
		if x.Kind != schedule.Dose || x.Number == 0 || w.Phase != "" && l.Schedule.PhaseName(x) != w.Phase || l.dose(l.Schedule.DoseName(x)) != x {
			continue // or it was missed, and is planned again
		}
		if n++; last || w.Phase == "" && n == w.N || w.Phase != "" && int(x.Number) == w.N {
			if !last {
				return x
			}
			if w.Phase == "" || from == nil || x.Number > from.Number { // one before it may be given after its day
				from = x
			}
		}
	}
	return from
}

// noneBefore reports whether no dose of the phase of another was given up to it and to a day, as far as is known: one of which
// nothing is recorded counts as given once its day is over.
func (l *leg) noneBefore(d *schedule.Event, on civil.Date) bool {
	return !d.Counts() && !slices.ContainsFunc(l.Schedule.Events, func(e schedule.Event) bool {
		return e.Kind == schedule.Dose && e.Phase == d.Phase && e.Counts() && !e.Date.After(on)
	})
}

// firstDose returns the first dose of the calendar that was given or is still to be, or nil.
func (l *leg) firstDose() *schedule.Event {
	i := slices.IndexFunc(l.Schedule.Events, func(e schedule.Event) bool {
		return e.Kind == schedule.Dose && (e.Status <= schedule.Provisional || e.Status == schedule.Taken)
	})
	if i < 0 {
		return nil
	}
	return &l.Schedule.Events[i]
}

// declined returns the check-ins whose last decision was to decline.
func (l *leg) declined() []string {
	last := map[string]bool{}
	var names []string
	for _, d := range l.line.Decided {
		if _, known := last[d.Name]; !known {
			names = append(names, d.Name)
		}
		last[d.Name] = d.Declined
	}
	return slices.DeleteFunc(names, func(name string) bool { return !last[name] })
}

// heldAgain reports whether a check-in that was declined is held again later in its own stretch: the
// later decision counts.
func (s *state) heldAgain(l *leg, c *CheckedIn) bool {
	d := l.lastDecision(schedule.Occurrence{Name: c.Name, Number: c.Number})
	return d.Declined && !s.entry.On.Before(d.Date)
}

// lastDecision returns what a check-in decided last; the zero Decision where it decided nothing.
func (l *leg) lastDecision(o schedule.Occurrence) schedule.Decision {
	for _, d := range slices.Backward(l.line.Decided) {
		if d.Name == o.Name && d.Number == o.Number {
			return d
		}
	}
	return schedule.Decision{}
}

// decide carries out what a check-in decides. It reports whether doses that waited for it are let through.
func (s *state) decide(l *leg, e *schedule.Event, c *CheckedIn) (opened bool) {
	rule := l.Schedule.CheckIn(e)
	raises := l.Schedule.RaisesOf(e)
	gates := len(rule.Gates) > 0 || rule.Name == schedule.Reassessment
	switch next := l.after(e); {
	case c.Decision == met && !s.ends(l, rule.Name):
		return false
	case c.Decision == "" && !gates && len(raises) == 0:
		return false
	case c.Decision == "":
		s.refuse("record it with the decision to confirm or to decline", "the check-in “%s” decides about doses, and no decision is stated: they go on waiting", c.Name)
		return false
	case !gates && len(raises) == 0 && c.Decision != met:
		s.say(diag.OddEntry, "", "the check-in “%s” decides about nothing that is left", c.Name)
		return false
	case e.Waits.Any() && c.Decision != "decline": // which holds doses, whatever it waits for
		s.refuse("record that one first", "the check-in “%s” waits for the check-in “%s”", c.Name, l.Schedule.GateName(e))
		return false
	case next != nil && s.entry.On.After(e.Date) && !s.entry.On.Before(l.opens(next)) && (len(raises) > 0 || s.entry.On.After(l.closes(e))):
		s.refuse("record the later one with the decision", "the next check-in “%s”, of %v, may be held already, and decides in its place", c.Name, next.Target)
		return false
	}
	if gates || c.Decision == met {
		d := c.decision(s.entry.On)
		if c.Decision == met { // what it ends, it ends there
			d.At = civil.SomeClock(c.At.Or(e.Wanted))
		}
		l.line.Decided = append(slices.Clip(l.line.Decided), d)
	}
	if c.Decision != "confirm" {
		return false
	}
	from := l.effective(s.entry.On, c.At.Or(e.Clock))
	tiers := false // one confirmation is one step, whichever phases are given by the tier
	for _, r := range raises {
		ph := &l.protocol.Phases[r.Phase]
		if byTier := len(ph.Titration.Tiers) > 0; byTier && tiers {
			continue
		} else if byTier {
			tiers = true
		}
		s.raise(l, ph, c, from)
	}
	return gates
}

// decision returns what a check-in decided on a day.
func (c *CheckedIn) decision(on civil.Date) schedule.Decision {
	return schedule.Decision{Name: c.Name, Number: c.Number, Declined: c.Decision == "decline", Met: c.Decision == met, Date: on, At: c.At}
}

// met is the decision that a check-in found its criterion.
const met = "met"

// ends reports whether a phase that has begun lasts until the criterion of a check-in is met.
func (s *state) ends(l *leg, name string) bool {
	begun := func(ph protocol.Phase) bool {
		return ph.Course.Met == name && slices.ContainsFunc(l.Schedule.Events, func(e schedule.Event) bool {
			return e.Kind == schedule.Dose && l.Schedule.PhaseName(&e) == ph.Name && !e.Date.After(s.entry.On) && e.Counts()
		})
	}
	if slices.ContainsFunc(l.protocol.Phases, begun) {
		return true
	}
	s.refuse("record it with the decision to confirm or to decline, or with none", "no phase that has begun ends once the check-in “%s” finds its criterion", name)
	return false
}

// effective is the day from which a decision holds: its own, or the next where a dose of its day
// was given before it.
func (l *leg) effective(on civil.Date, clock civil.Clock) civil.Date {
	for i := range l.Schedule.Events {
		if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && e.Date == on && (e.Clock < clock || e.Status == schedule.Taken) {
			return on.AddDays(1)
		}
	}
	return on
}

// raise confirms the next step of a phase's titration. One confirmation is one step: a dose that
// was set lower goes back to the present step, and to no higher.
func (s *state) raise(l *leg, ph *protocol.Phase, c *CheckedIn, from civil.Date) {
	last, ok := l.raisedFrom(ph.Name)
	if len(ph.Titration.Tiers) > 0 { // which are those of all phases
		for i := range l.protocol.Phases {
			x := &l.protocol.Phases[i]
			if day, raised := l.raisedFrom(x.Name); raised && x.Titration != nil && len(x.Titration.Tiers) > 0 {
				last, ok = civil.Later(last, day), true
			}
		}
	}
	if !ok {
		last = l.From
	}
	switch {
	case ok && from.Before(last):
		s.refuse("record the doses that it led to as they were given", "a later step of “%s” is confirmed, which holds from %v on: this check-in, written down after it, raises nothing", ph.Name, last)
		return
	case !s.gives(l, ph, last, from):
		s.refuse("record the doses that were given", "no whole dose of “%s” is recorded at the present step, which holds from %v on", ph.Name, last)
		return
	}
	change := schedule.Change{From: from, Reason: s.entry.reason(), By: schedule.Occurrence{Name: c.Name, Number: c.Number}}
	t := ph.Titration
	if c.Amount.IsSet() && !t.Ranged() {
		s.refuse("leave the amount out, or order another dose with `dose`", "the check-in “%s” confirms a step of a fixed size, and no amount of its own", c.Name)
		return
	}
	next := quantity.Amount{}
	set := s.setOn(l, l.phase(ph.Name), from)
	if !set.IsSet() && l.orderedOn(ph.Name, from).IsSet() {
		change.Amount = map[string]quantity.Amount{ph.Name: {}} // which gives way already, and comes back with no step
	}
	if present, ok := s.largest(l, ph, from, l.choiceOn(ph, from)); set.IsSet() && !t.Ranged() && ok && set.Cmp(present) >= 0 {
		set, change.Amount = quantity.Amount{}, map[string]quantity.Amount{ph.Name: {}} // the present step's own dose
	}
	switch {
	case t.Ranged():
		amount, ok := s.nextAmount(l, ph, c, from)
		if !ok {
			return
		}
		next, change.Amount = amount, map[string]quantity.Amount{ph.Name: amount}
	case set.IsSet():
		s.back(l, ph, set, &change)
	case len(t.Tiers) > 0:
		at := slices.Index(t.Tiers, l.tierOn(from))
		if at < 0 || at+1 >= len(t.Tiers) {
			s.refuse("", "the tier of %v is the last of the titration", from)
			return
		}
		change.Tier = t.Tiers[at+1]
	default:
		change.Step = map[string]int{ph.Name: l.stepOn(ph.Name, from) + 1}
	}
	if s.try(l, guards{fact: true}, func() { l.change(change) }) {
		l.raised[ph.Name] = append(slices.Clip(l.raised[ph.Name]), raised{from, change.By})
		if next.IsSet() {
			l.stated[ph.Name] = append(slices.Clip(l.stated[ph.Name]), stated{from: from, amount: next, weight: s.patientOn(from).Weight, by: change.By})
		}
	}
}

// back takes a dose that was set lower one step up again, and no higher than the present step.
func (s *state) back(l *leg, ph *protocol.Phase, set quantity.Amount, change *schedule.Change) {
	t := ph.Titration
	lift := map[string]quantity.Amount{ph.Name: {}}
	choice := l.choiceOn(ph, change.From)
	present, ok := s.largest(l, ph, change.From, choice)
	if t.Increase.IsSet() && ok {
		by := s.forPatient(l, ph, t.Increase.Max)
		if !by.IsSet() {
			return // the order stays in force
		}
		if next := set.Add(by.In(set.Unit())); next.Cmp(present) < 0 {
			lift[ph.Name] = next
		}
		change.Amount = lift
		return
	}
	change.Amount = lift
	for k := 0; k < choice.Step; k++ {
		lower := choice
		lower.Step = k
		if a, ok := s.largest(l, ph, change.From, lower); ok && a.Cmp(set) > 0 {
			change.Step = map[string]int{ph.Name: k}
			return
		}
	}
	for k := 0; k < slices.Index(t.Tiers, choice.Tier); k++ {
		lower := choice
		lower.Tier = t.Tiers[k]
		if a, ok := s.largest(l, ph, change.From, lower); ok && a.Cmp(set) > 0 {
			change.Tier = lower.Tier
			return
		}
	}
}

// gives reports whether a dose of a phase was given, whole, on the days from one up to but not including
// another. What nobody wrote down is no dose at the present step, and neither is a small part of one.
func (s *state) gives(l *leg, ph *protocol.Phase, from, to civil.Date) bool {
	return slices.ContainsFunc(l.Schedule.Events, func(e schedule.Event) bool {
		if e.Kind != schedule.Dose || l.Schedule.PhaseName(&e) != ph.Name || e.Status != schedule.Taken || e.Date.Before(from) || !e.Date.Before(to) {
			return false
		}
		if e.Date.Before(l.since) {
			return true // by another text, whose steps were its own
		}
		step := s.setOn(l, l.phase(ph.Name), e.Date)
		if !step.IsSet() {
			step, _ = s.largest(l, ph, e.Date, l.choiceOn(ph, e.Date))
		}
		given := l.Schedule.Dose(&e).Amount
		return !step.IsSet() || !given.Unit().Comparable(step.Unit()) || given.Cmp(step.Times(9, 10)) >= 0
	})
}

// nextAmount returns the new dose of a step whose size is open, inside what the step may add.
func (s *state) nextAmount(l *leg, ph *protocol.Phase, c *CheckedIn, from civil.Date) (quantity.Amount, bool) {
	t := ph.Titration
	present, ok := l.present(ph.Name, from)
	switch {
	case !c.Amount.IsSet():
		s.refuse("state the new dose", "the check-in “%s” confirms a step whose size is open, and the new dose is not stated", c.Name)
		return c.Amount, false
	case !ok || !c.Amount.Unit().Comparable(present.Unit()):
		s.refuse("", "the new dose cannot be compared with the present one")
		return c.Amount, false
	}
	least, most, to := s.forPatient(l, ph, t.Increase.Min), s.forPatient(l, ph, t.Increase.Max), s.forPatient(l, ph, t.To)
	if !least.IsSet() || !most.IsSet() || !to.IsSet() {
		s.refuse("record the patient's weight", "what a step may add cannot be told")
		return c.Amount, false
	}
	high := quantity.Min(present.Add(most), to.In(present.Unit()))
	if bound := s.mostOf(l, ph, from); t.Amounts[0].Max.IsSet() {
		if !bound.IsSet() {
			s.refuse("record the patient's weight", "the most that a step may come to cannot be told")
			return c.Amount, false
		}
		high = quantity.Min(high, bound.In(high.Unit()))
	}
	if high.Cmp(present) <= 0 {
		s.refuse("record it with the decision to decline: the dose stays", "the dose is %v already, and no step leads past %v", present, quantity.Max(high, present))
		return c.Amount, false
	}
	low := quantity.Min(present.Add(least), high)
	if c.Amount.Cmp(low) < 0 || c.Amount.Cmp(high) > 0 {
		s.refuse("state a dose within the step, or lower it by an order", "one step leads from %v to %v up to %v, and the new dose is %v", present, low, high, c.Amount)
		return c.Amount, false
	}
	return c.Amount, true
}

// forPatient returns what an amount of a titration comes to for the patient, without rounding, or
// an unset one.
func (s *state) forPatient(l *leg, ph *protocol.Phase, a quantity.Amount) quantity.Amount {
	return s.forPatientOn(l, ph, a, s.entry.On)
}

// forPatientOn is forPatient for the patient as known on a day.
func (s *state) forPatientOn(l *leg, ph *protocol.Phase, a quantity.Amount, day civil.Date) quantity.Amount {
	like := protocol.Amount{}
	if ph.Titration != nil {
		like = *ph.Titration.Amounts[0]
	}
	like.Quantity, like.Min, like.Max, like.Round = a, quantity.Amount{}, quantity.Amount{}, nil
	d, err := dose.Compute(&like, &protocol.Route{}, s.patientOn(day), &l.protocol.Surface)
	if err != nil {
		return quantity.Amount{}
	}
	return d.Amount
}

// present returns the amount that a phase is planned to give from a day on.
func (l *leg) present(phase string, from civil.Date) (quantity.Amount, bool) {
	var last *schedule.Event
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		if e.Kind != schedule.Dose || l.Schedule.PhaseName(e) != phase || e.Number == 0 || last != nil && !e.Date.Before(from) && (e.Status == schedule.Taken || e.Status == schedule.Missed) {
			continue // what was given from that day on is no plan
		}
		if last = e; !e.Date.Before(from) {
			break
		}
	}
	if last == nil {
		return quantity.Amount{}, false
	}
	return l.Schedule.Dose(last).Amount, true
}

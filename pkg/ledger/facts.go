package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/condition"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/lab"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// given takes in a dose that was given. What the entry does not state is what was planned when it
// was written down.
func (s *state) given(g *Given) {
	if g.Dose.Number == 0 && s.tookNeeded(g) {
		return
	}
	l := s.doseOf(g.Dose)
	if l == nil {
		return
	}
	f := schedule.Fact{Phase: g.Dose.Phase, Number: g.Dose.Number, Status: schedule.Taken, Date: s.entry.On, Clock: g.At.Or(0), Amount: g.Amount, Route: protocol.ParseRoute(g.Via)}
	if l.facts[g.Dose] {
		s.refuse("strike the earlier entry, or record it as a dose beside the plan", "what became of the dose %s is recorded already", g.Dose)
		return
	}
	if g.Dose.Number > 0 && l.again && slices.ContainsFunc(l.line.Facts, func(k schedule.Fact) bool {
		return k.Again && k.Phase == f.Phase && k.Number == f.Number && k.Date == f.Date
	}) {
		s.refuse("strike that entry", "the dose %s is recorded as missed on that day", g.Dose)
		return
	}
	if names := protocol.RouteNames(); f.Route != "" && !slices.Contains(names, f.Route) {
		s.refuse(diag.DidYouMean(f.Route, names), "there is no route “%s”", f.Route)
		return
	} else if ph, ok := l.protocol.Phase(g.Dose.Phase); ok && f.Route != "" {
		if _, ok := l.protocol.Medications[ph.Medication].Route(f.Route); !ok {
			s.say(diag.OddEntry, "strike it if it is a slip", "the dose %s was given by the route “%s”, which the protocol does not have: its totals count it all the same", g.Dose, f.Route)
		}
	}
	if !g.At.IsSet() || !g.Amount.IsSet() {
		if s.compute(l, false); l.Schedule == nil {
			return
		}
		e := l.dose(g.Dose)
		if g.Dose.Number == 0 {
			s.refuse("name the dose by its number; or state the time and the amount, if it was beside the plan", "which dose of “%s” was given is not said", g.Dose.Phase)
			return
		}
		if e == nil {
			s.refuse("state the time and the amount", "the calendar has no dose %s, and what was given is not stated", g.Dose)
			return
		}
		f.Clock = g.At.Or(e.Wanted)
		if !f.Amount.IsSet() {
			f.Amount = l.Schedule.Dose(e).Amount
		}
	}
	if unit, ok := l.units[g.Dose.Phase]; !f.Amount.IsSet() || ok && !unit.Comparable(f.Amount.Unit()) {
		s.refuse("state the amount in the unit of the doses", "a dose of “%s” cannot be in %v", g.Dose.Phase, f.Amount.Unit())
		return
	}
	if l.taken[instant{f.Phase, f.Date, f.Clock}] {
		s.say(diag.OddEntry, "strike it if it is the same dose", "another dose of “%s” is recorded at that very time", f.Phase)
	}
	s.resultsLater(l, g, &f)
	s.offPlan(l, g, f.Clock, f.Amount)
	s.offDay(l, g)
	if s.entry.On.Before(l.From) {
		s.say(diag.OddEntry, "", "the dose %s was given before the start of its protocol, on %v", g.Dose, l.From)
	}
	f.Free = !s.held(l.protocol.ID, s.entry.On) && (len(s.pieces) == 1 || l.speaksAgainst(s.patientOn(s.entry.On)).why == "")
	if ph, ok := l.protocol.Phase(g.Dose.Phase); ok {
		f.Tier = l.choiceOn(ph, l.orderedBy(civil.Moment{Date: f.Date, Clock: f.Clock})).Tier
	}
	l.take(f)
	s.inOrder(l, g.Dose)
	s.reviewed(l)
}

// atMost returns the largest amount that a phase may give from a day on: where its steps wait for a
// check-in, that of the present one.
func (s *state) atMost(l *leg, phase int, day civil.Date) (quantity.Amount, bool) {
	ph := &l.protocol.Phases[phase]
	if !l.gated(int16(phase)) {
		return s.most(l, ph, day)
	}
	if x, open := l.statedOn(ph.Name, day); open {
		return s.asConfirmed(l, ph, day, x)
	}
	return s.largest(l, ph, day, l.choiceOn(ph, day))
}

// asConfirmed returns what a dose that a check-in confirmed, of a step whose size is open, comes to from
// a day on: of a dose per kg, no more per kg than was confirmed, of the weight that was known then; and no more
// than the most that the titration may come to.
func (s *state) asConfirmed(l *leg, ph *protocol.Phase, day civil.Date, x stated) (quantity.Amount, bool) {
	least := x.amount
	if now := s.patientOn(day).Weight; protocol.BasisOf(ph.Titration.To) == protocol.PerWeight && x.weight.IsSet() && now.IsSet() && now.Cmp(x.weight) < 0 {
		least = least.Scale(now.Quo(x.weight))
	}
	if most := s.mostOf(l, ph, day); most.IsSet() {
		least = quantity.Min(least, most.In(least.Unit()))
	}
	route, _ := l.protocol.Medications[ph.Medication].Route(l.routeOn(ph, day))
	if least.Cmp(x.amount) == 0 || route == nil || route.Round == nil {
		return least, true
	}
	rounded, err := route.Round.Apply(least, quantity.Amount{}, least)
	return rounded.Amount, err == nil
}

// mostOf returns the most that a step of a phase's titration may come to for the patient of a day, or an unset
// amount.
func (s *state) mostOf(l *leg, ph *protocol.Phase, day civil.Date) quantity.Amount {
	most := ph.Titration.Amounts[0].Max
	if !most.IsSet() {
		return most
	}
	return s.forPatientOn(l, ph, most, day)
}

// offPlan says of an amount that is far more than is ordered, or a small part of it, that it looks like a
// slip of the unit or the decimal point.
func (s *state) offPlan(l *leg, g *Given, at civil.Clock, given quantity.Amount) {
	ph, _ := l.protocol.Phase(g.Dose.Phase)
	day := l.orderedBy(civil.Moment{Date: s.entry.On, Clock: at})
	ordered := s.setOn(l, l.phase(ph.Name), day)
	choice := l.choiceOn(ph, day)
	if via := protocol.ParseRoute(g.Via); via != "" && via != choice.Route {
		choice.Route = via
		ordered, _ = s.largest(l, ph, day, choice)
	}
	was := "ordered"
	if !ordered.IsSet() {
		ordered, _ = s.largest(l, ph, day, choice)
		was = "planned"
	}
	if !ordered.IsSet() || !ordered.Unit().Comparable(given.Unit()) {
		return
	}
	const slip = "strike it if it is a slip: look at the figure, the unit and the decimal point"
	planned := ordered
	if g.Dose.Number > 0 {
		if amount := s.plannedAmount(l, g.Dose, given); amount.IsSet() && amount.Unit().Comparable(given.Unit()) && amount.Cmp(ordered) < 0 {
			planned = amount // the phase comes to more on other days
		}
	}
	switch {
	case given.Cmp(ordered) <= 0 && given.Cmp(planned) > 0:
		s.say(diag.OddEntry, slip, "%v is written down as given on %v, and %v was planned", given, day, planned)
	case given.Cmp(ordered) > 0:
		s.say(diag.OddEntry, slip, "%v is written down as given on %v, and at most %v was %s", given, s.entry.On, ordered, was)
	case given.Cmp(planned.Times(1, 10)) < 0:
		s.say(diag.OddEntry, slip, "%v is written down as given on %v, and %v was %s", given, day, planned, was)
	case given.Cmp(planned) < 0 && g.Dose.Number > 0:
		s.say(diag.OddEntry, "", "%v is written down as given on %v, less than the %v that was %s", given, day, planned, was).Severity = diag.Note
	}
}

// resultsLater says of a dose that has the amount which follows from what was measured later on its day.
func (s *state) resultsLater(l *leg, g *Given, f *schedule.Fact) {
	if g.Dose.Number == 0 {
		return
	}
	for _, e := range l.checked {
		c := e.Act.(*CheckedIn)
		if e.On != s.entry.On || len(c.Results) == 0 {
			continue
		}
		held := c.At
		if i := slices.IndexFunc(l.protocol.CheckIns, func(x protocol.CheckIn) bool { return x.Name == c.Name }); !held.IsSet() && i >= 0 && l.protocol.CheckIns[i].Time != nil {
			if clock, ok := l.protocol.CheckIns[i].Time.On(nil); ok {
				held = civil.SomeClock(clock)
			}
		}
		follows := slices.ContainsFunc(c.Results, func(r Result) bool { return l.measures(r.Measure) || strings.EqualFold(r.Measure, "weight") })
		if !follows || !held.IsSet() || held.Or(0) <= f.Clock {
			continue
		}
		if now := s.plannedAmount(l, g.Dose, f.Amount); now.IsSet() && now.Unit().Comparable(f.Amount.Unit()) && now.Cmp(f.Amount) == 0 {
			s.say(diag.OddEntry, "state what was given with --amount, if it was given before that was known", "%v is what follows from what was measured at “%s”, later on that day", f.Amount, c.Name)
		}
		return
	}
}

// orderedBy returns the day whose orders hold at a moment: the day before it, where a check-in confirmed what holds from
// that day on and was held later on it.
func (l *leg) orderedBy(at civil.Moment) civil.Date {
	for _, c := range l.line.Changes {
		if c.From != at.Date || c.By == (schedule.Occurrence{}) {
			continue
		}
		for _, d := range l.line.Done {
			if d.Name == c.By.Name && d.Number == c.By.Number && d.Date == at.Date && d.Clock.Or(0) > at.Clock {
				return at.Date.AddDays(-1)
			}
		}
	}
	return at.Date
}

// plannedAmount returns what was planned of a dose; an unset amount where the calendar does not have it. Where
// the last calendar that was made has what was given, nothing has lowered it since that setOn does not know, and
// the calendar need not be made again.
func (s *state) plannedAmount(l *leg, name schedule.DoseName, given quantity.Amount) quantity.Amount {
	if e := l.was(name); l.Schedule == nil && e != nil && l.last.Dose(e).Amount == given {
		return given
	}
	if s.compute(l, false); l.Schedule == nil {
		return quantity.Amount{}
	}
	if e := l.dose(name); e != nil {
		return l.Schedule.Dose(e).Amount
	}
	return quantity.Amount{}
}

// An instant is a time at which a dose of a phase was given.
type instant struct {
	phase string
	date  civil.Date
	clock civil.Clock
}

// take lays a fact on the calendar. One that changes nothing but the status leaves it as it is.
func (l *leg) take(f schedule.Fact) {
	if f.Number > 0 && !f.Again {
		l.facts[schedule.DoseName{Phase: f.Phase, Number: f.Number}] = true
	}
	if l.again = l.again || f.Again; f.Status == schedule.Taken {
		l.taken[instant{f.Phase, f.Date, f.Clock}] = true
	}
	l.line.Facts = append(l.line.Facts, f)
	if l.Schedule == nil {
		return
	}
	if e := l.dose(schedule.DoseName{Phase: f.Phase, Number: f.Number}); f.Number > 0 && e != nil && f.Status == schedule.Taken && e.Status == schedule.Planned && !e.Waits.Any() &&
		e.Date == f.Date && e.Wanted == f.Clock && e.Clock == f.Clock && l.Schedule.Dose(e).Amount.Cmp(f.Amount) == 0 {
		e.Status = schedule.Taken
		return
	}
	l.changed()
}

// offDay says of a dose that was given further from its planned day than its window reaches, or a day where it has none.
func (s *state) offDay(l *leg, g *Given) {
	if e := l.was(g.Dose); g.Dose.Number == 0 || l.Schedule == nil && e != nil && e.Date == s.entry.On {
		return
	}
	if s.compute(l, false); l.Schedule == nil {
		return
	}
	e := l.dose(g.Dose)
	if e == nil {
		return
	}
	ph, _ := l.protocol.Phase(g.Dose.Phase)
	window := ph.Window(int(e.Number))
	switch days := e.Date.Sub(s.entry.On); {
	case days > max(window.Before, 1), days > window.Before && l.anotherOn(e, s.entry.On):
		s.say(diag.OddEntry, "strike it if the number or the day is a slip", "the dose %s was given %s before its planned day, %v", g.Dose, civil.Plural(days, "day"), e.Date)
	case -days > max(window.After, 1):
		s.say(diag.OddEntry, "strike it if the number or the day is a slip", "the dose %s was given %s after its planned day, %v", g.Dose, civil.Plural(-days, "day"), e.Date)
	}
}

// anotherOn reports whether another dose of the same phase is planned for a day of which nothing is recorded.
func (l *leg) anotherOn(e *schedule.Event, day civil.Date) bool {
	return slices.ContainsFunc(l.Schedule.Events, func(x schedule.Event) bool {
		return x.Kind == schedule.Dose && x.Phase == e.Phase && x.Number != e.Number && x.Date == day && x.Status <= schedule.Provisional
	})
}

// inOrder says of a dose that was given before what comes before its phase.
func (s *state) inOrder(l *leg, name schedule.DoseName) {
	i := slices.IndexFunc(l.protocol.Phases, func(ph protocol.Phase) bool { return ph.Name == name.Phase })
	after := l.protocol.StartsAfter(i)
	if after < 0 || name.Number != 1 || l.protocol.Phases[i].Starts.Before {
		return
	}
	before := l.protocol.Phases[after].Name
	for known := range l.facts {
		if known.Phase == before {
			return
		}
	}
	s.say(diag.OddEntry, "record what was given before it", "the dose %s was given, and no dose of “%s” is recorded", name, before)
}

// missed takes in a dose that was not given, and what the protocol makes of it.
func (s *state) missed(m *Missed) {
	if !slices.ContainsFunc(s.legs, func(l *leg) bool { _, ok := l.protocol.Phase(m.Dose.Phase); return ok }) {
		s.notHeld(schedule.Occurrence{Name: m.Dose.Phase, Number: m.Dose.Number})
		return
	}
	l := s.doseOf(m.Dose)
	if l == nil {
		return
	}
	if l.facts[m.Dose] {
		s.refuse("strike the earlier entry", "what became of the dose %s is recorded already", m.Dose)
		return
	}
	if s.compute(l, false); l.Schedule == nil {
		return
	}
	e := l.dose(m.Dose)
	if e == nil {
		s.refuse("the status of the course lists its doses", "the calendar has no dose %s", m.Dose)
		return
	}
	if e.Date.After(s.entry.Entered) {
		s.refuse("leave it out with an order, if it is not to be given", "the dose %s is planned for %v, and had not been missed when that was written down, on %v", m.Dose, e.Date, s.entry.Entered)
		return
	}
	if s.entry.On.Before(e.Date) && s.entry.On.Before(e.Target) {
		s.refuse("correct its day; look at the year", "the dose %s is planned for %v, and was not missed on %v", m.Dose, e.Date, s.entry.On)
		return
	}
	s.ofWhichRun(l, e)
	rule := l.protocol.WhenMissed(int(e.Phase))
	if !m.Again.IsZero() && rule != protocol.Shift {
		s.refuse("leave the new day out, and record what is given in its place as a dose beside the plan", "the protocol does not plan the missed dose %s again", m.Dose)
		return
	}
	if !m.Again.IsZero() && !m.Again.After(e.Target) {
		s.refuse("name a later day, or none", "the dose %s was planned for %v, and cannot be planned again on %v", m.Dose, e.Target, m.Again)
		return
	}
	was := l.Schedule.Dose(e)
	f := schedule.Fact{Phase: m.Dose.Phase, Number: m.Dose.Number, Status: schedule.Missed, Date: e.Date, Clock: e.Clock, Amount: was.Amount, Route: was.Route.Name, Tier: was.Tier}
	switch {
	case rule == protocol.Shift && !l.overtaken(e):
		f.Again = true
		again := e.Target.AddDays(1)
		if !m.Again.IsZero() {
			again = m.Again
		}
		days := l.daysTo(e.Target, again)
		if ph := &l.protocol.Phases[e.Phase]; weekly(ph, l.Schedule) && days%7 > 0 {
			s.say(diag.OddEntry, "record the doses between as they were given, if they were", "the doses of “%s” are on days of the week, and move by whole weeks", ph.Name)
		}
		l.gap(schedule.Gap{From: e.Target, Days: days})
	case rule == protocol.Shift: // the rest cannot move any more, and the page says that it does
		s.say(diag.OddEntry, "record what is given in its place as a dose beside the plan", "a later dose than %s was given, and it is not planned again", m.Dose)
	case rule == protocol.Extend && l.untilTotal(m.Dose.Phase): // which gives as many doses as it takes
	case rule == protocol.Extend && !l.countsDoses(m.Dose.Phase):
		s.say(diag.OddEntry, "", "the phase “%s” ends with its time: no dose is given at its end for the one that was missed", m.Dose.Phase)
	case rule == protocol.Extend && !l.over(m.Dose.Phase):
		appended := map[string]int{m.Dose.Phase: 1}
		for phase, n := range l.line.Appended {
			appended[phase] += n
		}
		l.line.Appended = appended
	}
	l.take(f)
	l.changed()
	s.restart(l)
}

// ofWhichRun says which dose is meant where a protocol began again, and the one of that name before it is not recorded either.
func (s *state) ofWhichRun(l *leg, e *schedule.Event) {
	name := l.Schedule.DoseName(e)
	for _, before := range s.legs[:slices.Index(s.legs, l)] {
		if before.protocol.ID != l.protocol.ID || before.facts[name] {
			continue
		}
		if s.compute(before, false); before.Schedule == nil {
			continue
		}
		if was := before.dose(name); was != nil && was.Counts() && !before.endedBy(was.Date) {
			s.say(diag.OddEntry, "state its day, if that one is meant", "the dose %s of %v is meant: that of %v, before %s began again, is not recorded either", name, e.Date, was.Date, l.protocol.ID)
		}
	}
}

// weekly reports whether a phase is given on days of the week.
func weekly(ph *protocol.Phase, sched *schedule.Schedule) bool {
	i := slices.IndexFunc(sched.Phases, func(info schedule.PhaseInfo) bool { return info.Phase.Name == ph.Name })
	return i >= 0 && sched.Phases[i].Frequency.Frequency.Kind() == frequency.Weekdays
}

// lapse takes back what check-ins of a leg decided that look at a dose which, as is known by now, was not given before them:
// it was put off, was given later, or was held.
func (s *state) lapse(l *leg) {
	_, missed := s.entry.Act.(*Missed) // which can put a dose at the end
	_, text := s.entry.Act.(*Accept)
	n := len(l.line.Decided) + len(l.line.Changes)
	if l.settled == n && !missed && !text || !l.decidedAfterDoses() {
		return
	}
	if s.compute(l, false); l.Schedule == nil {
		return
	}
	open := false // some of these doses are not recorded, and may still move
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		if e.Kind != schedule.CheckIn || e.Status != schedule.Taken || e.Number == 0 {
			continue
		}
		d := l.countedFrom(e)
		open = open || d != nil && d.Status != schedule.Taken
		if d == nil || !s.comesLater(l, d, e) {
			continue
		}
		o := schedule.Occurrence{Name: l.Schedule.CheckIn(e).Name, Number: int(e.Number)}
		if l.lastDecision(o).Declined {
			continue // what was declined stays so until it is held again
		}
		had := len(l.line.Decided) + len(l.line.Changes)
		l.line.Decided = slices.DeleteFunc(slices.Clone(l.line.Decided), func(d schedule.Decision) bool { return d.Name == o.Name && d.Number == o.Number })
		l.unconfirm(o)
		if len(l.line.Decided)+len(l.line.Changes) == had {
			continue
		}
		l.visits = maps.Clone(l.visits)
		delete(l.visits, o)
		l.line.Done = slices.Clone(l.line.Done)
		for k := range l.line.Done {
			if x := &l.line.Done[k]; x.Name == o.Name && x.Number == o.Number {
				x.Number, x.Was = 0, x.Number // it took place, and decides nothing
			}
		}
		what := "which now comes later"
		switch d.Status {
		case schedule.Held:
			what = "which is held"
		case schedule.Taken:
			what = "which was given after it"
		}
		s.say(diag.Lapsed, "hold it again, under the same number, once that dose was given", "the check-in %s looks at the dose %s, %s: what it decided holds no more", o, l.Schedule.DoseName(d), what)
		l.changed()
		s.lapse(l) // what follows from it may lie elsewhere
		return
	}
	if l.settled = n; open {
		l.settled = -1
	}
}

// decidedAfterDoses reports whether something was decided by a check-in that looks at a dose.
func (l *leg) decidedAfterDoses() bool {
	looks := func(name string) bool {
		c, ok := l.protocol.CheckIn(name)
		return ok && slices.ContainsFunc(c.On, func(w protocol.When) bool {
			return w.Anchor == protocol.DoseN || w.Anchor == protocol.LastDose || w.Anchor == protocol.EndOf || w.Anchor == protocol.After
		})
	}
	return slices.ContainsFunc(l.line.Decided, func(d schedule.Decision) bool { return looks(d.Name) }) ||
		slices.ContainsFunc(l.line.Changes, func(c schedule.Change) bool { return c.By.Name != "" && looks(c.By.Name) })
}

// comesLater reports whether a dose comes after a check-in that took place and looks at it, or would, if it were not held.
func (s *state) comesLater(l *leg, d, e *schedule.Event) bool {
	if d.Status == schedule.Held {
		return d.Fit != schedule.LeftOut && !e.Date.After(d.Date) && slices.ContainsFunc(s.heldBy(l), func(h schedule.Hold) bool { return h.Covers(d.Date) })
	}
	if l.follows(e) != nil {
		return d.Status != schedule.Missed && (d.Date.After(e.Date) || d.Date == e.Date && d.Clock > e.Clock)
	}
	return d.Status <= schedule.Provisional && d.Date.AddDays(-l.Schedule.CheckIn(e).Window.Before).After(e.Date)
}

// unconfirm takes back the steps that a check-in confirmed.
func (l *leg) unconfirm(o schedule.Occurrence) {
	by := func(c schedule.Change) bool { return c.By == o }
	if !slices.ContainsFunc(l.line.Changes, by) {
		return
	}
	l.line.Changes = slices.DeleteFunc(slices.Clone(l.line.Changes), by)
	l.raised, l.stated = maps.Clone(l.raised), maps.Clone(l.stated)
	for phase, list := range l.stated {
		l.stated[phase] = slices.DeleteFunc(slices.Clone(list), func(x stated) bool { return x.by == o })
	}
	for phase, list := range l.raised {
		l.raised[phase] = slices.DeleteFunc(slices.Clone(list), func(x raised) bool { return x.by == o })
	}
}

// gap moves what is planned from a day on. What a clinician had put on another day was meant for the calendar before
// that, and goes back to its planned day.
func (l *leg) gap(g schedule.Gap) {
	if l.Schedule != nil {
		for i := range l.Schedule.Events {
			e := &l.Schedule.Events[i]
			switch {
			case e.Target.Before(g.From) || e.Status > schedule.Provisional && e.Status != schedule.Held:
			case e.Kind == schedule.Dose:
				l.line.Moved = without(l.line.Moved, l.Schedule.DoseName(e))
			case e.Kind == schedule.CheckIn:
				l.line.Visits = without(l.line.Visits, schedule.Occurrence{Name: l.Schedule.CheckIn(e).Name, Number: int(e.Number)})
			}
		}
	}
	l.line.Gaps = append(slices.Clip(l.line.Gaps), g)
	slices.SortStableFunc(l.line.Gaps, func(a, b schedule.Gap) int { return a.From.Compare(b.From) })
}

// daysTo returns by how many days a gap at a day moves it so far that it stands on another or after it:
// holds that lie between move it too.
func (l *leg) daysTo(from, to civil.Date) int {
	for n := 1; ; n++ {
		day := from.AddDays(n)
		for _, g := range l.line.Gaps {
			if g.From.After(from) && !day.Before(g.From) {
				day = day.AddDays(g.Days)
			}
		}
		if !day.Before(to) {
			return n
		}
	}
}

// without returns a map with one value less; the map itself stays as it is.
func without[K comparable, V any](m map[K]V, key K) map[K]V {
	if _, ok := m[key]; !ok {
		return m
	}
	out := maps.Clone(m)
	delete(out, key)
	return out
}

// notHeld takes in a check-in that did not take place: what waits for it goes on waiting.
func (s *state) notHeld(o schedule.Occurrence) {
	l, rule := s.checkInOf(o.Name, o.Number)
	if l == nil {
		return
	}
	switch e := l.visit(rule, o.Number); {
	case e == nil:
		s.refuse("the status of the course lists its check-ins", "the calendar has no check-in %s", o)
	case e.Status > schedule.Provisional:
		s.refuse("strike the earlier entry", "what became of the check-in %s is recorded already", o)
	case e.Date.After(s.entry.Entered):
		s.refuse("record it once its day is over", "the check-in %s is planned for %v, and had not been missed when that was written down, on %v", o, e.Date, s.entry.Entered)
	default:
		l.line.NotHeld = append(slices.Clip(l.line.NotHeld), o)
		l.line.Visits = with(l.line.Visits, o, civil.Moment{Date: e.Date, Clock: e.Wanted}) // it stays where it was to be
		l.changed()
	}
}

// countsDoses reports whether a phase ends with a number of doses, once.
func (l *leg) countsDoses(phase string) bool {
	ph, ok := l.protocol.Phase(phase)
	return ok && ph.Course.Doses > 0 && ph.Starts.Anchor != protocol.EachDose
}

// untilTotal reports whether a phase goes on until its doses come to a total.
func (l *leg) untilTotal(phase string) bool {
	ph, ok := l.protocol.Phase(phase)
	return ok && ph.Course.Total.IsSet()
}

// standsBefore reports whether a dose is counted backwards from a date of the patient's file.
func (l *leg) standsBefore(e *schedule.Event) bool {
	w := l.protocol.ByDate(int(e.Phase))
	return w != nil && w.Before
}

// overtaken reports whether a later dose of the plan was given, so that the rest can no longer be planned
// again.
func (l *leg) overtaken(e *schedule.Event) bool {
	return slices.ContainsFunc(l.Schedule.Events, func(f schedule.Event) bool {
		return f.Kind == schedule.Dose && f.Number > 0 && f.At > e.At && f.Status == schedule.Taken
	})
}

// over reports whether it is known what became of the last dose of a phase, so that none can be
// appended any more.
func (l *leg) over(phase string) bool {
	over := true
	for i := range l.Schedule.Events {
		if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && l.Schedule.PhaseName(e) == phase {
			over = e.Status == schedule.Taken
		}
	}
	return over
}

// restart begins a protocol again where it was interrupted for longer than it allows.
func (s *state) restart(l *leg) {
	if day := s.interrupted(l, false); !day.IsZero() {
		s.byItself(l, day, schedule.Hold{})
	}
}

// interrupted returns the day on which a protocol begins again for want of doses, the zero Date where it does not: nor does it
// before a check-in took place without which no dose is given.
func (s *state) interrupted(l *leg, firm bool) (day civil.Date) {
	if day = s.tooLong(l, firm); !day.IsZero() && s.atAStop(l) {
		return civil.Date{}
	}
	return day
}

// atAStop reports whether a leg gives no dose since a check-in is overdue, or since its calendar cannot be made.
func (s *state) atAStop(l *leg) bool {
	s.compute(l, false)
	return l.Schedule == nil || len(l.stopping(s.entry.Entered)) > 0
}

// tooLong returns the day on which a protocol would begin again since more time lies between one dose and the next than it
// allows, and doses between them were missed, held or left out, or were put off: the day of the next, or where a hold ended
// between the two, that of its end. A dose that was given all the same after so long is none that the next can go on from. It
// begins no earlier than the day on which that was written down: nobody lived it before. It is the zero Date where none does. A past dose of which nothing is recorded counts as
// given; where none was, in this run or before it, time counts from the start. With firm, the next that waits for a check-in is
// not looked at.
func (s *state) tooLong(l *leg, firm bool) (day civil.Date) {
	most := l.protocol.RestartAfter
	if !most.IsSet() || !l.Ended.IsZero() && l.byOrder == nil {
		return day
	}
	if s.compute(l, false); l.Schedule == nil {
		return day
	}
	over := func(last, next civil.Date) bool { return most.From(last, 1).Before(next) }
	last, out, held, broken := s.lastDoseBefore(l), false, false, false
	begun := l.Treatment.Phase != "" // and not with the first dose of all
	var first schedule.DoseName
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		if e.Kind == schedule.Dose && first.Phase == "" {
			first = l.Schedule.DoseName(e)
		}
		switch {
		case e.Kind != schedule.Dose:
		case !begun && e.Counts() && l.Schedule.DoseName(e) == first: // put off or missed, it begins with it all the same
			last, out, held, begun = e.Date, false, false, true
		case e.Status == schedule.Missed || e.Status == schedule.Held:
			out, held = true, held || e.Status == schedule.Held
		case firm && e.Status == schedule.Provisional && !e.Date.Before(s.entry.On): // what decides about it is still to come
		default:
			long := over(last, e.Date) && (out || s.putOff(l, last, e.Date))
			if next := !e.Date.Before(s.entry.On) && e.Status != schedule.Taken; next && (broken || long) {
				if until := s.heldTo(l, last, e.Date); !until.IsZero() {
					return civil.Later(until, s.entry.Entered)
				}
				return civil.Later(e.Date, s.entry.Entered)
			}
			broken = broken || long && e.Status == schedule.Taken
			last, out, held = e.Date, false, false
		}
	}
	holding := slices.ContainsFunc(s.holds(l), func(h schedule.Hold) bool { return h.Until.IsZero() })
	if until := s.heldTo(l, last, civil.Date{}); !holding && (held && over(last, until) || broken && !until.IsZero()) {
		return civil.Later(until, s.entry.Entered) // and no dose is left after it
	}
	return day
}

// atEase reports whether no dose of a leg was missed, held or put off: whatever lies between two of its doses was meant.
func (s *state) atEase(l *leg) bool {
	return l.Schedule != nil && len(l.line.Gaps) == 0 && len(s.holds(l)) == 0 && !slices.ContainsFunc(l.Schedule.Events, func(e schedule.Event) bool {
		return e.Kind == schedule.Dose && (e.Status == schedule.Missed || e.Status == schedule.Held)
	})
}

// asPlanned reports whether the last fact of a leg is a dose that was given on its day and comes to no more than was planned.
func (l *leg) asPlanned() bool {
	if len(l.line.Facts) == 0 {
		return false
	}
	f := l.line.Facts[len(l.line.Facts)-1]
	e := l.was(schedule.DoseName{Phase: f.Phase, Number: f.Number})
	if f.Number == 0 || e == nil || e.Date != f.Date {
		return false
	}
	planned := l.last.Dose(e).Amount
	return f.Amount.Unit().Comparable(planned.Unit()) && f.Amount.Cmp(planned) <= 0
}

// lastDoseBefore returns the day of the last dose of a leg's protocol before the leg, and of the start of the leg where there
// is none: to begin again is no dose.
func (s *state) lastDoseBefore(l *leg) civil.Date {
	for _, was := range slices.Backward(s.legs[:slices.Index(s.legs, l)]) {
		if was.protocol.ID != l.protocol.ID {
			continue
		}
		if s.compute(was, false); was.Schedule == nil {
			continue
		}
		for _, e := range slices.Backward(was.Schedule.Events) {
			if e.Kind == schedule.Dose && e.Date.Before(l.From) && e.Counts() {
				return e.Date
			}
		}
	}
	return l.From
}

// heldBy returns the holds of a leg that were ordered, and those for what is known of the patient or of what it rests on.
func (s *state) heldBy(l *leg) (holds []schedule.Hold) {
	for i := range s.orders {
		o := &s.orders[i]
		if h, ok := o.hold(); ok && (o.of == "" || o.of == l.protocol.ID) {
			holds = append(holds, h)
		}
	}
	return append(holds, s.against(l)...)
}

// holds returns all holds of a leg: those by which it is held, and its waits for check-ins that were overdue.
func (s *state) holds(l *leg) []schedule.Hold {
	holds := s.heldBy(l)
	for _, w := range l.line.Waiting {
		holds = append(holds, schedule.Hold{From: w.From, Until: w.Until})
	}
	return holds
}

// heldTo returns the day on which the last hold of a leg ended after one day and not after another, which is open where it is
// the zero Date; the zero Date where none did.
func (s *state) heldTo(l *leg, after, by civil.Date) (until civil.Date) {
	after = civil.Later(after, l.From)
	for _, h := range s.holds(l) {
		if h.Until.After(after) && (by.IsZero() || !h.Until.After(by)) {
			until = civil.Later(until, h.Until)
		}
	}
	return until
}

// putOff reports whether what is planned was moved between two days: by an order, or since its clock stops for a hold.
func (s *state) putOff(l *leg, after, until civil.Date) bool {
	after = civil.Later(after, l.From)
	return slices.ContainsFunc(l.line.Gaps, func(g schedule.Gap) bool { return !g.From.Before(after) && !g.From.After(until) }) ||
		l.protocol.StopsClock && slices.ContainsFunc(s.holds(l), func(h schedule.Hold) bool { return h.From.Before(until) && h.Until.After(after) })
}

// byItself begins the protocol of a leg again on a day for want of doses, so that it can be looked at again.
func (s *state) byItself(l *leg, day civil.Date, hold schedule.Hold) {
	was, n, found := &byItself{note: l.Note, byOrder: l.byOrder, hold: hold}, len(s.legs), len(s.found)
	begin := "started again after missed doses"
	if day == s.heldTo(l, l.From, day) {
		begin = "started again after a hold"
	}
	why := "without a dose for longer than " + l.protocol.RestartAfter.String()
	if last := l.lastGiven(l.From, day); !last.IsZero() && !l.protocol.RestartAfter.From(last, 1).Before(day) {
		why += fmt.Sprintf(" before that of %v", last)
	}
	s.beginAgain(l, day, why, begin)
	if len(s.legs) > n {
		was.next = s.legs[n]
	}
	for _, d := range s.found[found:] {
		was.said = append(was.said, d.Message)
	}
	l.byItself = was
}

// A byItself says how a leg was before it ended by itself, the hold at whose end it did, if that was so, and what follows it,
// if anything does.
type byItself struct {
	note    string
	said    []string // what was said of it
	byOrder *ending
	hold    schedule.Hold
	next    *leg
}

// reviewed takes back that a protocol began again by itself, after a dose was given that its calendar did not have so, and
// looks again: what is known decides, and not in which order it was written down.
func (s *state) reviewed(l *leg) {
	was := l.byItself
	if was == nil || l.Schedule != nil { // it was given as planned
		return
	}
	if next := was.next; next != nil && (next.recorded() || next.ordered()) {
		return // and so does that which follows
	}
	s.legs = slices.DeleteFunc(slices.Clone(s.legs), func(m *leg) bool { return m == was.next })
	s.unsay(was.said)
	l.Ended, l.line.Stop, l.Note, l.byItself = civil.Date{}, civil.Date{}, was.note, nil
	if o := was.byOrder; o != nil {
		l.endByOrder(o.day, o.note)
	}
	l.changed()
	if !was.hold.From.IsZero() {
		s.resumed(l, was.hold.From, was.hold.Until)
	} else {
		s.restart(l)
	}
}

// beginAgain ends a leg on a day, and begins its protocol again from the first phase, unless a reassessment or what was
// given speaks against that.
func (s *state) beginAgain(l *leg, day civil.Date, end, begin string) {
	if l.endedBy(day) {
		return // what follows it is another's
	}
	s.withdraw(l, day)
	held := s.heldByLimits()
	t, v, until := l.anew(l.Treatment.whole(), day), l.unlooked(day), l.ordersEnd(day)
	l.end(day, end)
	if v.why != "" {
		v.help += "; `restart` begins it again"
	} else {
		next := s.begin(t, day, l.Beside, begin)
		if next == nil {
			return
		}
		s.endAsOrdered(next, until)
		s.goesOn(next)
		s.compute(next, false)
		switch last := l.lastFact(day); {
		case next.held == 0 && last != nil && next.risesFrom(last) && !l.protocol.RestartAfter.From(last.Date, 1).Before(day):
			v = verdict{fmt.Sprintf("its first dose is more than the %v that was given since, on %v", last.Amount, last.Date), "`restart` begins it again, with its first phase or with another"}
		case next.held == 0:
			s.say(diag.OddEntry, "order a smaller dose, or another phase to restart at, if that is meant", "%s begins again on %v, with its first phase: %s", l.protocol.ID, day, end)
			return
		default:
			v = verdict{"doses would break a limit" + s.heldByLimits().beside(held), overCourse}
		}
		s.legs = s.legs[:len(s.legs)-1]
	}
	s.say(diag.OddEntry, v.help, "%s ends on %v, %s, and does not begin again by itself: %s", l.protocol.ID, day, end, v.why)
}

// risesFrom reports whether the first dose of a leg is more than one that was given.
func (l *leg) risesFrom(f *schedule.Fact) bool {
	if l.Schedule == nil {
		return false
	}
	e := l.firstDose()
	return e != nil && l.Schedule.Dose(e).Amount.Unit().Comparable(f.Amount.Unit()) && l.Schedule.Dose(e).Amount.Cmp(f.Amount) > 0
}

// lastFact returns the last planned dose that is recorded as given before a day; nil where there is none.
func (l *leg) lastFact(day civil.Date) (last *schedule.Fact) {
	for i := range l.line.Facts {
		if f := &l.line.Facts[i]; f.Status == schedule.Taken && f.Number > 0 && f.Date.Before(day) && f.Amount.IsSet() && (last == nil || !f.Date.Before(last.Date)) {
			last = f
		}
	}
	return last
}

// endedBy reports whether a leg has ended by a day.
func (l *Leg) endedBy(day civil.Date) bool { return !l.Ended.IsZero() && !day.Before(l.Ended) }

// end ends a leg before a day, unless it has ended before that: what was stopped stays so.
func (l *leg) end(day civil.Date, note string) {
	if l.endedBy(day) {
		return
	}
	l.line.Stop, l.Ended, l.Note, l.byOrder = day, day, note, nil
	l.changed()
}

// An ending is the day from which a leg gives no dose by order, and why.
type ending struct {
	day  civil.Date
	note string
}

// endByOrder ends a leg where a clinician said so, and not for what became of its doses.
func (l *leg) endByOrder(day civil.Date, note string) {
	if !l.endedBy(day) {
		l.end(day, note)
		l.byOrder = &ending{day, note}
	}
}

// ordersEnd returns the end that was ordered for a leg for later than a day, or nil.
func (l *leg) ordersEnd(day civil.Date) *ending {
	if l.byOrder != nil && !l.endedBy(day) {
		return l.byOrder
	}
	return nil
}

// endAsOrdered ends a leg that begins its protocol again when an order ends that: to begin again takes no order back.
func (s *state) endAsOrdered(l *leg, until *ending) {
	if until != nil {
		l.endByOrder(until.day, until.note)
		s.say(diag.OddEntry, "take that order back with `undo`, if it is not meant any more", "%s ends before %v all the same, as was ordered before (%s)", l.protocol.ID, until.day, until.note)
	}
}

// held reports whether an order holds the doses of a protocol on a day; of all where none is named.
func (s *state) held(of string, day civil.Date) bool {
	return slices.ContainsFunc(s.orders, func(o order) bool { return o.covers(of, day) })
}

// measured takes in a weight. Later doses follow it, unless the protocol is not for it: they are
// held then.
func (s *state) measured(m *Measured) {
	if !m.Weight.IsSet() {
		return
	}
	if start := s.course.Treatment.Start; start.Sub(s.entry.On) > weighedBefore && s.course.Patient.Weight.IsSet() {
		s.say(diag.OddEntry, "weigh the patient again, if doses are to follow it", "the weight is of more than %d days before the start, and the course began with another: doses do not follow it", weighedBefore)
		return
	}
	if start := s.start(); s.entry.On.Before(start) && s.entry.Entered.After(start) && s.course.Patient.Weight.IsSet() {
		s.say(diag.OddEntry, "weigh the patient again, or correct the day, if doses are to follow it", "the weight is of a day before the start, %v, and the course began with another: doses do not follow it", start)
		return
	}
	before := s.patientOn(s.entry.On)
	s.unlikely(before.Weight, m.Weight)
	s.know(s.entry.On, "weighed: "+s.entry.reason(), Weight, alike(Weight), func(p *patient.Patient) { p.Weight = m.Weight })
	s.capped(s.entry.On)
}

// start returns the day on which the first protocol of the course begins, wherever orders have put it.
func (s *state) start() civil.Date {
	if i := slices.IndexFunc(s.legs, func(l *leg) bool { return !l.Beside }); i >= 0 {
		return s.legs[i].From
	}
	return s.course.Treatment.Start
}

// results takes in values that doses of some protocol of the course depend on: later doses follow them.
func (s *state) results(list []Result) {
	for _, r := range list {
		if s.ofThePatient(r) {
			continue
		}
		if !slices.ContainsFunc(s.legs, func(l *leg) bool { return l.measures(r.Measure) }) {
			if near, ok := s.nearMeasurement(r.Measure); ok {
				s.say(diag.OddEntry, "correct the entry, if that is meant", "no dose follows “%s”, and doses follow “%s”", r.Measure, near)
			}
			continue
		}
		v, ok := lab.Parse(r.Value)
		if _, alone := s.entry.Act.(*Measured); !ok && alone {
			s.refuse("write the number with its unit, as "+r.Measure+"=1.1mg/dL", "the value of %s has no number with a unit that is known, and doses follow it", r.Measure)
			continue
		}
		if !ok {
			s.say(diag.OddEntry, "correct the entry, with the number and its unit, as 1.1 mg/dL", "the value of %s has no number with a unit that is known: doses do not follow it", r.Measure)
			continue
		}
		what := strings.ToLower(r.Measure)
		s.know(s.entry.On, "measured: "+s.entry.reason(), what, alike(what), func(p *patient.Patient) { p.Measured = p.With(r.Measure, v) })
		for _, of := range s.computedFrom(r.Measure) { // what was stated of it was known before
			s.know(s.entry.On, "measured: "+s.entry.reason(), of, alike(of), func(p *patient.Patient) { p.Measured = p.Without(of) })
		}
	}
}

// ofThePatient takes in a result that is no measurement of a protocol but of the patient: a weight, which doses follow as
// one that is written down as such. Of a height and the like it says that they follow what the course began with.
func (s *state) ofThePatient(r Result) bool {
	if slices.ContainsFunc(s.legs, func(l *leg) bool { return l.measures(r.Measure) }) {
		return false
	}
	switch name := strings.ToLower(r.Measure); name {
	case "weight", "body weight":
		p, found := patient.New(patient.Patient{})
		if w, err := quantity.Parse(r.Value); err == nil {
			p, found = patient.New(patient.Patient{Weight: w})
		}
		if found.HasErrors() || !p.Weight.IsSet() {
			said := "the weight is not that of a person: doses do not follow it"
			if w, err := quantity.Parse(r.Value); err != nil || !w.IsSet() || w.Unit() == quantity.None {
				said = "the weight has no unit that is known: doses do not follow it"
			}
			s.say(diag.OddEntry, "correct the entry, with its unit, as weight=72kg", "%s", said)
			return true
		}
		s.measured(&Measured{Weight: p.Weight})
		return true
	case "height", "body height", "bmi", "body mass index", "body surface", "age", "birth date", "sex":
		s.say(diag.OddEntry, "begin a new course with it, if doses are to follow it", "doses follow the %s with which the course began, and not this one", name)
		return true
	}
	return false
}

// computedFrom returns what protocols of the course compute from a measurement, in lower case.
func (s *state) computedFrom(name string) (list []string) {
	for _, l := range s.legs {
		for i := range l.protocol.Measurements {
			m := &l.protocol.Measurements[i]
			if from, ok := l.protocol.Creatinine(); ok && m.Formula != "" && strings.EqualFold(from.Name, name) && !slices.Contains(list, strings.ToLower(m.Name)) {
				list = append(list, strings.ToLower(m.Name))
			}
		}
	}
	return list
}

// alike returns what reports whether the same is spoken of.
func alike(what string) func(string) bool {
	return func(other string) bool { return other == what }
}

// nearMeasurement returns the measurement which doses follow and whose name another is nearly, if there is one.
func (s *state) nearMeasurement(name string) (near string, ok bool) {
	var names []string
	for _, l := range s.legs {
		for _, m := range l.protocol.Measurements {
			names = append(names, m.Name)
		}
	}
	return diag.Nearest(name, names)
}

// measures reports whether a leg's protocol declares a measurement.
func (l *leg) measures(name string) bool {
	return slices.ContainsFunc(l.protocol.Measurements, func(m protocol.Measurement) bool { return strings.EqualFold(m.Name, name) })
}

// weighedBefore is how many days before the start of a course a weight may be from that takes the place
// of the one with which it began.
const weighedBefore = 30

// capped says of the amounts that clinicians set, and that are more than the protocol gives from a day on,
// at what the patient weighs.
func (s *state) capped(from civil.Date) {
	for _, l := range s.legs {
		if l.endedBy(from) {
			continue
		}
		for i := range l.protocol.Phases {
			ph := &l.protocol.Phases[i]
			for _, day := range append([]civil.Date{from}, l.ordersAfter(ph.Name, from)...) {
				ordered, now := l.orderedOn(ph.Name, day), s.setOn(l, i, day)
				if !ordered.IsSet() || now.IsSet() && now.Cmp(ordered) == 0 {
					continue
				}
				instead := "the protocol's own dose"
				if now.IsSet() {
					instead = now.String()
				}
				s.say(diag.OddEntry, "order another dose, if that is not meant", "the dose of “%s” that was ordered or confirmed, %v, is more than the protocol gives at this weight: from %v on it is %s", ph.Name, ordered, day, instead)
			}
		}
	}
}

// unlikely says of a weight that differs by more than a fifth from the one before that it looks
// like a slip.
func (s *state) unlikely(before, now quantity.Amount) {
	if !before.IsSet() {
		return
	}
	was, is := before.In(quantity.Kilogram), now.In(quantity.Kilogram)
	if low, high := was.Times(4, 5), was.Times(6, 5); is.Cmp(low) < 0 || is.Cmp(high) > 0 {
		s.say(diag.OddEntry, "strike it if it is a slip: look at the figure, and at kg and lb", "the weight differs by more than a fifth from the one before")
	}
}

// condition takes in that the patient has a condition or takes a medicine, or no longer does. What is found outweighs an
// earlier answer that it is absent, in whatever words of the same rule. What has ended is that alone which was found by
// its name, or all that was found under a contraindication where that is named: another condition under it stands.
func (s *state) condition(f *Found) {
	if f.Ended {
		if day := s.foundAfter(f); !day.IsZero() {
			s.refuse("correct its day", "“%s” was found on %v, and cannot have ended on %v, before that", f.What, day, s.entry.On)
			return
		}
	}
	const has, takes = "has ", "takes "
	what, same := has+f.What, func(what string) bool {
		name, ok := strings.CutPrefix(what, has)
		return ok && (s.names(f.What, name) || s.names(name, f.What))
	}
	if f.Medicine {
		what, same = takes+f.What, alike(takes+f.What)
	}
	if f.Ended && !f.Medicine {
		s.ended(f.What)
	}
	s.know(s.entry.On, s.entry.reason(), what, same, func(p *patient.Patient) {
		list := &p.Present
		if f.Medicine {
			list = &p.Medications
		}
		*list = slices.DeleteFunc(*list, func(name string) bool {
			return name == f.What || !f.Medicine && (s.names(f.What, name) && f.Ended || condition.Same(f.What, name))
		})
		p.Absent = slices.DeleteFunc(p.Absent, func(name string) bool { return name == f.What || s.oneRule(name, f.What, !f.Ended) })
		switch {
		case !f.Ended:
			*list = append(*list, f.What)
		case !f.Medicine && !s.stands(f.What, p.Present) && !s.partOf(f.What):
			p.Absent = append(p.Absent, f.What)
		}
	})
}

// ended says of a condition that the patient has no more what it leaves: another under the same contraindication, or one
// that was found by another name, or all as it was.
func (s *state) ended(what string) {
	const help = "name it as it was found, or name the contraindication itself if the patient has nothing of it any more"
	present := s.patientOn(s.entry.On).Present
	left := slices.DeleteFunc(slices.Clone(present), func(name string) bool { return s.names(what, name) })
	asked := slices.ContainsFunc(s.legs, func(l *leg) bool {
		return slices.ContainsFunc(l.protocol.Contraindication, func(k protocol.Contraindication) bool { return k.Names(what) })
	})
	switch stands := s.stands(what, left); {
	case stands && len(left) == len(present):
		s.say(diag.OddEntry, help, "nothing was found by this name, and something else under the same contraindication was: that stands")
	case stands:
		s.say(diag.OddEntry, help, "something else was found under the same contraindication: that stands")
	case len(left) == len(present) && !asked:
		s.say(diag.OddEntry, "look at how it was written when it was found", "nothing was found by this name, and no contraindication asks for it: nothing changes")
	}
}

// partOf reports whether words name a part of a contraindication, so that to be without that does not answer it.
func (s *state) partOf(what string) bool {
	return slices.ContainsFunc(s.legs, func(l *leg) bool {
		return slices.ContainsFunc(l.protocol.Contraindication, func(k protocol.Contraindication) bool { return k.Names(what) && !k.AnsweredBy(what) })
	})
}

// stands reports whether one of some conditions falls under the same contraindication as another.
func (s *state) stands(what string, present []string) bool {
	return slices.ContainsFunc(present, func(name string) bool { return s.oneRule(name, what, false) })
}

// names reports whether a condition is named by some words: by its own in any form, or by a code that covers its own, or by those of
// the contraindication under which it falls.
func (s *state) names(what, name string) bool {
	if condition.Same(what, name) || condition.Inflected(what, name) {
		return true
	}
	if wide, ok := condition.ParseCode(what); ok {
		code, coded := condition.ParseCode(name)
		return coded && wide.Covers(code)
	}
	return slices.ContainsFunc(s.legs, func(l *leg) bool {
		return slices.ContainsFunc(l.protocol.Contraindication, func(k protocol.Contraindication) bool {
			return condition.Same(k.Term, what) && k.Matches(name)
		})
	})
}

// foundAfter returns the day on which a condition or medicine was found that the patient did not have on
// the day of the entry; the zero Date where there is none.
func (s *state) foundAfter(f *Found) civil.Date {
	has := func(p *patient.Patient) bool {
		list := p.Present
		if f.Medicine {
			list = p.Medications
		}
		return slices.ContainsFunc(list, func(name string) bool { return name == f.What || !f.Medicine && s.names(f.What, name) })
	}
	if has(s.patientOn(s.entry.On)) {
		return civil.Date{}
	}
	for _, x := range s.pieces {
		if x.from.After(s.entry.On) && has(x.patient) {
			return x.from
		}
	}
	return civil.Date{}
}

// oneRule reports whether two names are names of one contraindication of a protocol of the course; or,
// where that is asked for, whether the second is only like one of its names, and must be answered.
func (s *state) oneRule(a, b string, like bool) bool {
	rule := func(p *protocol.Protocol, name string, like bool) diag.Range {
		found, _ := eligibility.Check(p, &patient.Patient{Present: []string{name}, Start: s.course.Treatment.Start}, s.course.Treatment.Start, nil)
		for _, d := range found {
			if d.Code == diag.Contraindicated || d.Code == diag.RelativeContra || like && d.Code == diag.Unmatched {
				return d.Range
			}
		}
		return diag.Range{}
	}
	return slices.ContainsFunc(s.legs, func(l *leg) bool {
		at := rule(l.protocol, a, false)
		return at.IsSet() && at == rule(l.protocol, b, like)
	})
}

// supplied takes in what became of a fill.
func (s *state) supplied(x *Supplied) {
	l := s.fillOf(x)
	if l == nil {
		s.refuse("the status of the course lists its fills", "the calendar has no fill %d", x.Number)
		return
	}
	if names := l.fillsOf(x); x.Medicine == "" && len(names) > 1 {
		s.refuse("name the medicine, as: "+names[0], "there is a fill %d of %s, and which is meant is not said", x.Number, strings.Join(names, " and of "))
		return
	}
	at := slices.IndexFunc(l.line.Sent, func(f schedule.Sent) bool {
		return f.Number == x.Number && (x.Medicine == "" || f.Fill.Medication.Name == x.Medicine)
	})
	switch {
	case x.What != "sent" && at < 0:
		s.refuse("record first that it was sent", "no fill %d was sent", x.Number)
	case x.What == "received" && !l.line.Sent[at].Received.IsZero():
		s.refuse("", "that fill %d was received is recorded already", x.Number)
	case x.What == "received" && s.entry.On.Before(l.line.Sent[at].Date):
		s.refuse("look at the day", "fill %d was sent on %v, and cannot be received before that", x.Number, l.line.Sent[at].Date)
	case x.What == "received":
		l.line.Sent = slices.Clone(l.line.Sent)
		l.line.Sent[at].Received = s.entry.On
	case x.What == "lost" && !l.line.Sent[at].Lost.IsZero():
		s.refuse("", "that fill %d was lost is recorded already", x.Number)
	case x.What == "lost":
		l.line.Sent = slices.Clone(l.line.Sent)
		l.line.Sent[at].Lost = s.entry.On
		l.changed()
	case at >= 0:
		s.refuse("", "the fill %d was sent already", x.Number)
	default:
		s.sent(l, x)
	}
}

// fillsOf returns the medicines of which the calendar has the fill of an entry, each once.
func (l *leg) fillsOf(x *Supplied) (names []string) {
	for i := range l.Schedule.Events {
		if e := &l.Schedule.Events[i]; e.Kind == schedule.Supply && int(e.Number) == x.Number {
			if name := l.Schedule.Fill(e).Medication.Name; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// fillOf returns the leg whose fill the entry is about: of several, the one whose fill lies nearest
// to its day.
func (s *state) fillOf(x *Supplied) *leg {
	var best *leg
	near := 0
	for _, l := range s.legs {
		if s.compute(l, false); l.Schedule == nil || s.entry.Of != "" && s.entry.Of != l.protocol.ID {
			continue
		}
		for i := range l.Schedule.Events {
			e := &l.Schedule.Events[i]
			if e.Kind != schedule.Supply || int(e.Number) != x.Number {
				continue
			}
			if away := max(e.Date.Sub(s.entry.On), s.entry.On.Sub(e.Date)); best == nil || away < near {
				best, near = l, away
			}
		}
	}
	return best
}

// sent takes in a fill as it was when it was sent.
func (s *state) sent(l *leg, x *Supplied) {
	i := slices.IndexFunc(l.Schedule.Events, func(e schedule.Event) bool {
		return e.Kind == schedule.Supply && int(e.Number) == x.Number && (x.Medicine == "" || l.Schedule.Fill(&e).Medication.Name == x.Medicine)
	})
	if i < 0 {
		s.refuse("the status of the course lists its fills", "the calendar has no fill %d of %s", x.Number, x.Medicine)
		return
	}
	f := *l.Schedule.Fill(&l.Schedule.Events[i])
	f.Cut = false
	if x.Doses > 0 {
		f.Doses, f.Total, f.First, f.Last = x.Doses, x.Amount, x.First, x.Last
	}
	l.line.Sent = append(slices.Clip(l.line.Sent), schedule.Sent{Number: x.Number, Date: s.entry.On, Fill: f})
	l.changed()
}

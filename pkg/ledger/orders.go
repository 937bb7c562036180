package ledger

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// order carries out the order of the entry: whole, or not at all where something speaks against it.
func (s *state) order() {
	before := *s
	had := slices.Clone(s.found)
	legs := make([]leg, len(s.legs))
	for i, l := range s.legs {
		legs[i] = *l
	}
	s.carryOut()
	ofThis := func(d diag.Diagnostic) bool { return d.Entry == s.entry.Number }
	if !slices.ContainsFunc(s.found, func(d diag.Diagnostic) bool { return ofThis(d) && d.Code == diag.BadEntry }) {
		return
	}
	said := slices.DeleteFunc(slices.Clone(s.found), func(d diag.Diagnostic) bool { return !ofThis(d) })
	s.found = append(slices.DeleteFunc(had, ofThis), said...) // what it took back stands again
	s.legs, s.orders, s.away, s.pieces = before.legs, before.orders, before.away, before.pieces
	for i := range legs {
		*s.legs[i] = legs[i]
		s.legs[i].changed()
	}
}

func (s *state) carryOut() {
	switch a := s.entry.Act.(type) {
	case *SetTier:
		s.setTier(a)
	case *SetDose:
		s.setDose(a)
	case *SetFrequency:
		s.changeIn(maps.Keys(a.Frequencies), schedule.Change{Frequency: a.Frequencies})
	case *SetTimes:
		s.changeIn(maps.Keys(a.Times), schedule.Change{Times: a.Times})
	case *SetRoute:
		s.setRoute(a)
	case *Skip:
		s.skip(a)
	case *Move:
		s.move(a)
	case *Delay:
		s.delay(a)
	case *Away:
		s.goAway(a)
	case *Postpone:
		s.postpone(a)
	case *Hold:
		s.hold()
	case *Resume:
		s.resume()
	case *Stop:
		s.stop(a)
	case *Switch:
		s.switchTo(a)
	case *Add:
		s.add(a)
	case *Restart:
		s.again(a)
	case *Accept:
		s.accept(a)
	}
}

// setTier goes over to another tier. What was set for phases that dose by tier is lifted, but for less
// than the tier's in a phase whose steps wait for a check-in.
func (s *state) setTier(a *SetTier) {
	l := s.legOf()
	if l == nil {
		return
	}
	var names []string
	for _, t := range l.protocol.Tiers {
		names = append(names, t.Name)
	}
	if !slices.Contains(names, a.Tier) {
		s.refuse(diag.DidYouMean(a.Tier, names), "the protocol has no tier “%s”", a.Tier)
		return
	}
	c := schedule.Change{From: s.entry.On, Tier: a.Tier, Amount: map[string]quantity.Amount{}, Reason: s.entry.reason()}
	for i := range l.protocol.Phases {
		ph := &l.protocol.Phases[i]
		set := s.setOn(l, i, s.entry.On)
		if !set.IsSet() || !l.gated(int16(i)) && !byTier(ph.Dose) {
			continue
		}
		choice := l.choiceOn(ph, s.entry.On)
		choice.Tier = a.Tier
		if now, ok := s.largest(l, ph, s.entry.On, choice); ok && l.gated(int16(i)) && now.Unit().Comparable(set.Unit()) && now.Cmp(set) > 0 {
			continue // what was set is less, and does not rise without its check-in
		}
		c.Amount[ph.Name] = quantity.Amount{}
	}
	if !l.tierMayRise(a.Tier, s.entry.On) {
		s.refuse("record the check-in with the decision to confirm", "the tier “%s” is above the present one, “%s”, and steps of the protocol wait for a check-in", a.Tier, l.tierOn(s.entry.On))
		return
	}
	for i := range l.protocol.Phases {
		if byTier(l.protocol.Phases[i].Dose) && l.laterRaise(s, l.protocol.Phases[i].Name) {
			return
		}
	}
	if s.try(l, guards{}, func() { l.change(c) }) {
		s.stillOrdered(l, func(c *schedule.Change) string {
			if c.Tier == "" {
				return ""
			}
			return "the tier “" + c.Tier + "”"
		})
	}
}

// laterRaise refuses an order that holds from a day on from which a step that is confirmed already would hold in
// its place: nobody would see that it has no effect.
func (l *leg) laterRaise(s *state, phase string) bool {
	from, ok := l.raisedFrom(phase)
	if !ok || !from.After(s.entry.On) {
		return false
	}
	s.refuse(fmt.Sprintf("order it from %v on, or strike the check-in that confirmed the step", from), "a step of “%s” is confirmed, which holds from %v on: an order of %v would have no effect", phase, from, s.entry.On)
	return true
}

// pastLast refuses an order of more than the doses of a phase that are to come, from a day on that lies after the last of them: what then puts a dose off to
// that day would give it an amount that nobody looked at.
func (l *leg) pastLast(s *state, phase string, amount quantity.Amount) bool {
	i := l.phase(phase)
	if s.compute(l, false); l.Schedule == nil || i < 0 || l.protocol.Phases[i].Course.Open() {
		return false
	}
	var last civil.Date
	var taken, most quantity.Amount // of the last that was taken; of those to come
	for k := range l.Schedule.Events {
		e := &l.Schedule.Events[k]
		if e.Kind != schedule.Dose || l.Schedule.PhaseName(e) != phase {
			continue
		}
		last = civil.Later(last, e.Date)
		switch own := l.Schedule.Dose(e).Amount; {
		case e.Status == schedule.Taken:
			taken = own
		case !most.IsSet() || most.Unit().Comparable(own.Unit()) && own.Cmp(most) > 0:
			most = own
		}
	}
	if !most.IsSet() {
		most = taken
	}
	if last.IsZero() || !last.Before(s.entry.On) || !most.Unit().Comparable(amount.Unit()) || amount.Cmp(most) <= 0 {
		return false
	}
	s.refuse("order it from a day on which one stands", "the last dose of “%s” is that of %v: nobody could see what an order of more from %v on would do", phase, last, s.entry.On)
	return true
}

func dosesByTier(ph *protocol.Phase) bool {
	_, ok := ph.Dose.(protocol.TierDose)
	return ok
}

// byTier reports whether a dose depends on the tier.
func byTier(d protocol.Dose) bool {
	switch d := d.(type) {
	case protocol.TierDose:
		return true
	case *protocol.ByCase:
		return d.By == protocol.ByTier || slices.ContainsFunc(d.Cases, func(k protocol.Case) bool { return byTier(k.Dose) })
	}
	return false
}

// setDose sets other amounts: no larger than the protocol could give, and of a gated titration no
// larger than the present ones.
func (s *state) setDose(a *SetDose) {
	l := s.legOf(slices.Sorted(maps.Keys(a.Amounts))...)
	if l == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(a.Amounts)) {
		ph, ok := l.protocol.Phase(name)
		amount := a.Amounts[name]
		switch {
		case !ok:
			s.refuse("the status of the course names its phases", "the protocol has no phase “%s”", name)
			return
		case !amount.IsSet() || amount.Sign() <= 0:
			s.refuse("hold the doses, or leave one out, if none is to be given", "a dose of “%s” is more than nothing", name)
			return
		}
		more := func(than quantity.Amount, ok bool) bool {
			return ok && than.Unit().Comparable(amount.Unit()) && amount.Cmp(than) > 0
		}
		if most, ok := s.most(l, ph, s.entry.On); more(most, ok) && !l.openOn(name, s.entry.On) && (ph.Titration == nil || len(ph.Titration.Tiers) > 0) {
			s.refuse("extend the protocol, and go over to that one", "%v is more than the protocol gives in “%s”, %v at most", amount, name, most)
			return
		}
		if i := l.phase(name); l.gated(int16(i)) {
			if now, ok := s.atMost(l, i, s.entry.On); more(now, ok) {
				s.refuse("record the check-in with the decision to confirm", "the dose of “%s” would rise from %v to %v, and its steps wait for a check-in", name, now, amount)
				return
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Amounts)) {
		if l.laterRaise(s, name) || l.pastLast(s, name, a.Amounts[name]) {
			return
		}
	}
	if name, allowed, ok := s.above(l, a.Amounts); ok && !l.openOn(name.Phase, s.entry.On) {
		s.refuse("order it from the day on which the protocol gives so much, or less until then", "%v is more than the protocol gives of the dose %s, %v at most", a.Amounts[name.Phase], name, allowed)
		return
	}
	c := schedule.Change{From: s.entry.On, Amount: a.Amounts, Reason: s.entry.reason()}
	var given []outranked
	if s.try(l, guards{}, func() {
		given = s.outrank(l, a.Amounts, s.entry.On)
		l.change(c)
	}) {
		for _, x := range given {
			s.say(diag.OddEntry, fmt.Sprintf("order it again from %v on, if it is still meant", x.from), "%s for “%s”, which was ordered before for %v, is more than %v, and holds no more", x.what, x.phase, x.from, a.Amounts[x.phase])
		}
		s.stillOrdered(l, func(c *schedule.Change) string {
			for _, name := range slices.Sorted(maps.Keys(a.Amounts)) {
				if later := c.Amount[name]; later.IsSet() {
					return fmt.Sprintf("%v for “%s”", later, name)
				}
			}
			return ""
		})
	}
}

// An outranked is an order for a later day that an order of less, which was written down after it, takes the place of.
type outranked struct {
	phase, what string
	from        civil.Date
}

// outrank has orders of doses that are more than others hold no more from a day on: who orders less knows more than who
// ordered more for a later day before that.
func (s *state) outrank(l *leg, amounts map[string]quantity.Amount, from civil.Date) (list []outranked) {
	l.line.Changes = slices.Clone(l.line.Changes)
	for i := range l.line.Changes {
		c := &l.line.Changes[i]
		if !c.From.After(from) || c.Route != "" || len(c.Step) > 0 {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(amounts)) {
			later, ok := c.Amount[name]
			x := outranked{name, later.String(), c.From}
			if c.Tapers {
				x.what = "the step of a taper, " + x.what + ","
			}
			switch {
			case !ok || later.IsSet() && (!later.Unit().Comparable(amounts[name].Unit()) || later.Cmp(amounts[name]) <= 0):
				continue
			case !later.IsSet():
				ph, _ := l.protocol.Phase(name)
				choice := l.choiceOn(ph, c.From)
				if most, ok := s.largest(l, ph, c.From, choice); ok && most.Unit().Comparable(amounts[name].Unit()) && most.Cmp(amounts[name]) <= 0 {
					continue
				}
				x.what = "the dose of the tier “" + choice.Tier + "”"
			}
			list = append(list, x)
			c.Amount = without(c.Amount, name)
		}
	}
	return list
}

// stillOrdered says of what was ordered before for a later day that it holds from then on, in the words that what finds for
// it; "" for what says nothing of the order that is taken in.
func (s *state) stillOrdered(l *leg, what func(*schedule.Change) string) {
	for i := range l.line.Changes {
		c := &l.line.Changes[i]
		if text := what(c); c.From.After(s.entry.On) && text != "" && !c.Tapers {
			s.say(diag.OddEntry, "take that order back with `undo`, if it is not meant any more", "%s, which was ordered before for %v, holds from then on all the same", text, c.From)
		}
	}
}

// above returns a dose still to be given of which the protocol gives less than an order, by whatever
// tier: where doses change in a phase, an order of the largest would come too early.
func (s *state) above(l *leg, amounts map[string]quantity.Amount) (name schedule.DoseName, allowed quantity.Amount, found bool) {
	lift := map[string]quantity.Amount{}
	for phase := range amounts {
		lift[phase] = quantity.Amount{}
	}
	tiers := []string{""}
	for _, t := range l.protocol.Tiers {
		tiers = append(tiers, t.Name)
	}
	most := map[schedule.DoseName]quantity.Amount{}
	var order []schedule.DoseName
	was, seen := *l, s.seen
	if l.changesLater(amounts) { // whatever the day on which the course is told
		s.seen = civil.Later(seen, s.entry.On.AddDays(farAhead))
	}
	defer func() { s.seen = seen }()
	for _, tier := range tiers {
		l.line.Changes = slices.Clone(l.line.Changes) // but for what was ordered, which holds from its day on
		for i := range l.line.Changes {
			for phase := range amounts {
				l.line.Changes[i].Amount = without(l.line.Changes[i].Amount, phase)
			}
		}
		l.change(schedule.Change{From: s.entry.On, Tier: tier, Amount: lift, Reason: "looked at"})
		s.run(l, false)
		for i := 0; l.Schedule != nil && i < len(l.Schedule.Events); i++ {
			e := &l.Schedule.Events[i]
			if e.Kind != schedule.Dose || e.Number == 0 || e.Status == schedule.Taken || e.Status == schedule.Missed || e.Date.Before(s.entry.On) || !amounts[l.Schedule.PhaseName(e)].IsSet() {
				continue
			}
			n, now := l.Schedule.DoseName(e), l.Schedule.Dose(e).Amount
			before, known := most[n]
			if !known {
				order = append(order, n)
			}
			if now.IsSet() && (!before.IsSet() || now.Unit().Comparable(before.Unit()) && now.Cmp(before) > 0) {
				most[n] = now
			}
		}
		*l = was
	}
	for _, n := range order {
		if m, ordered := most[n], amounts[n.Phase]; m.IsSet() && m.Unit().Comparable(ordered.Unit()) && ordered.Cmp(m) > 0 {
			return n, m, true
		}
	}
	return name, allowed, false
}

// farAhead is how many days after an order its phase is looked at, where its dose changes on the way.
const farAhead = 3 * 366

// changesLater reports whether the dose of one of some phases changes on the way by its day, its week or its number.
func (l *leg) changesLater(phases map[string]quantity.Amount) bool {
	return slices.ContainsFunc(l.protocol.Phases, func(ph protocol.Phase) bool {
		if _, ok := phases[ph.Name]; !ok {
			return false
		}
		stepped := l.protocol.Any(ph.Dose, func(d protocol.Dose) bool { _, ok := d.(*protocol.Stepped); return ok })
		return stepped || l.protocol.Follows(ph.Dose, protocol.ByDoseNumber, protocol.ByDay, protocol.ByWeek)
	})
}

// most returns the largest amount that a phase can give the patient from a day on: of every tier and
// step.
func (s *state) most(l *leg, ph *protocol.Phase, day civil.Date) (most quantity.Amount, ok bool) {
	present := l.choiceOn(ph, day)
	choices := []dose.Choice{present}
	for _, t := range l.protocol.Tiers {
		choices = append(choices, dose.Choice{Tier: t.Name, Route: present.Route, Frequency: present.Frequency})
	}
	return s.largest(l, ph, day, choices...)
}

// choiceOn returns the tier, the route and the step of a phase on a day.
func (l *leg) choiceOn(ph *protocol.Phase, day civil.Date) dose.Choice {
	return dose.Choice{Tier: l.tierOn(day), Route: l.routeOn(ph, day), Step: l.stepOn(ph.Name, day), Frequency: l.frequencyOn(ph, day)}
}

// frequencyOn returns how often a phase is given on a day.
func (l *leg) frequencyOn(ph *protocol.Phase, day civil.Date) frequency.Frequency {
	at := max(ph.Offered(l.Treatment.Frequency[ph.Name]), 0)
	for _, c := range l.line.Changes {
		if now := ph.Offered(c.Frequency[ph.Name]); now >= 0 && !c.From.After(day) {
			at = now
		}
	}
	return ph.Frequencies[at].Frequency
}

// routeOn returns the route by which a phase is given on a day.
func (l *leg) routeOn(ph *protocol.Phase, day civil.Date) string {
	med := &l.protocol.Medications[ph.Medication]
	route := ph.Route
	if route == "" {
		route = l.route
		for _, c := range l.line.Changes {
			if _, ok := med.Route(c.Route); ok && !c.From.After(day) {
				route = c.Route
			}
		}
	}
	if route == "" && len(med.Routes) == 1 {
		route = med.Routes[0].Name
	}
	return route
}

// largest returns the largest amount that a phase gives the patient of a day by any of some choices.
func (s *state) largest(l *leg, ph *protocol.Phase, day civil.Date, choices ...dose.Choice) (most quantity.Amount, ok bool) {
	of := s.patientOn(day)
	key := asked{l.protocol, ph, of, l.From, "", dose.Choice{}}
	if len(choices) == 1 { // as for one dose after the other that is written down
		key.frequency, key.choice = choices[0].Frequency.String(), choices[0]
		key.choice.Frequency = frequency.Frequency{}
		if l.asked.is(&key) {
			return l.answer, l.answered
		}
		defer func() { l.asked, l.answer, l.answered = key, most, ok }()
	}
	pat := *of
	pat.Start = l.From
	for _, c := range choices {
		reg, found := dose.Resolve(l.protocol, ph, &pat, c)
		if found.HasErrors() {
			continue
		}
		for _, d := range reg.Doses {
			if d.Amount.IsSet() && (!ok || d.Amount.Unit().Comparable(most.Unit()) && d.Amount.Cmp(most) > 0) {
				most, ok = d.Amount, true
			}
		}
	}
	return most, ok
}

// An asked is what the largest amount of a phase follows from.
type asked struct {
	protocol  *protocol.Protocol
	phase     *protocol.Phase
	patient   *patient.Patient // which stays as it is: what becomes known makes another
	from      civil.Date
	frequency string
	choice    dose.Choice // but for its frequency
}

func (a *asked) is(b *asked) bool {
	x, y := &a.choice, &b.choice
	return a.protocol == b.protocol && a.phase == b.phase && a.patient == b.patient && a.from == b.from && a.frequency == b.frequency && x.Tier == y.Tier && x.Route == y.Route && x.Step == y.Step && x.First == y.First
}

// changeIn changes phases from the day of the entry on.
func (s *state) changeIn(phases iter.Seq[string], c schedule.Change) {
	l := s.legOf(slices.Sorted(phases)...)
	if l == nil {
		return
	}
	c.From, c.Reason = s.entry.On, s.entry.reason()
	if s.try(l, guards{}, func() { l.change(c) }) {
		s.stillOrdered(l, func(later *schedule.Change) string {
			for _, name := range slices.Sorted(phases) {
				if text, ok := later.Frequency[name]; ok && c.Frequency != nil {
					return fmt.Sprintf("“%s” for “%s”", text, name)
				}
				if _, ok := later.Times[name]; ok && c.Times != nil {
					return "the time of “" + name + "”"
				}
			}
			return ""
		})
	}
}

// setRoute goes over to another route, whose amounts are the protocol's for it.
func (s *state) setRoute(a *SetRoute) {
	l := s.legOf()
	if l == nil {
		return
	}
	name := protocol.ParseRoute(a.Route)
	if !slices.ContainsFunc(l.protocol.Medications, func(m protocol.Medication) bool { _, ok := m.Route(name); return ok }) {
		s.refuse("the protocol names its routes", "the protocol is not given by the route “%s”", a.Route)
		return
	}
	c := schedule.Change{From: s.entry.On, Route: name, Amount: map[string]quantity.Amount{}, Reason: s.entry.reason()}
	for i := range l.protocol.Phases {
		ph := &l.protocol.Phases[i]
		set := s.setOn(l, i, s.entry.On)
		choice := l.choiceOn(ph, s.entry.On)
		choice.Route = name
		if most, ok := s.largest(l, ph, s.entry.On, choice); set.IsSet() && (!ok || !most.Unit().Comparable(set.Unit())) {
			c.Amount[ph.Name] = quantity.Amount{} // which the new route does not measure so
		}
	}
	if s.try(l, guards{rises: true}, func() { l.change(c) }) {
		s.stillOrdered(l, func(c *schedule.Change) string {
			if c.Route == "" {
				return ""
			}
			return "the route “" + c.Route + "”"
		})
	}
}

func (s *state) skip(a *Skip) {
	l := s.doseOf(a.Dose)
	if l == nil {
		return
	}
	if l.facts[a.Dose] {
		s.refuse("strike the earlier entry", "what became of the dose %s is recorded already", a.Dose)
		return
	}
	if s.compute(l, false); l.Schedule != nil {
		switch e := l.dose(a.Dose); {
		case e == nil:
			s.refuse("the status of the course lists its doses", "the calendar has no dose %s that can still be left out", a.Dose)
			return
		case e.Date.Before(s.entry.On):
			s.refuse("record it as given, or as missed", "the dose %s was planned for %v, which is over, and nothing says what became of it", a.Dose, e.Date)
			return
		}
	}
	l.take(schedule.Fact{Phase: a.Dose.Phase, Number: a.Dose.Number, Status: schedule.Held})
	s.restart(l)
}

// move puts one dose or one check-in on another day inside its window, or at another time.
func (s *state) move(a *Move) {
	if slices.ContainsFunc(s.legs, func(l *leg) bool { _, ok := l.protocol.Phase(a.Of); return ok }) {
		s.moveDose(a)
		return
	}
	s.moveVisit(a)
}

func (s *state) moveDose(a *Move) {
	name := schedule.DoseName{Phase: a.Of, Number: a.Number}
	l := s.doseOf(name)
	if l == nil {
		return
	}
	if s.compute(l, false); l.Schedule == nil {
		return
	}
	e := l.dose(name)
	if e == nil || l.facts[name] {
		s.refuse("the status of the course lists its doses", "the calendar has no dose %s that can still be moved", name)
		return
	}
	ph, _ := l.protocol.Phase(name.Phase)
	window := ph.Window(int(e.Number))
	if !s.inWindow("dose "+name.String(), a, e.Target, e.Target.AddDays(-window.Before), e.Target.AddDays(window.After)) {
		return
	}
	s.ontoClosed(l, a.To)
	at := civil.Moment{Date: a.To, Clock: a.At.Or(e.Wanted)}
	s.try(l, guards{}, func() {
		l.line.Moved = with(l.line.Moved, name, at)
		l.changed()
	})
}

// delay puts a dose on a later day, past its window too, and all that is planned from its day on as many days later. How
// long a course may stand still is the protocol's to say.
func (s *state) delay(a *Delay) {
	l := s.doseOf(a.Dose)
	if l == nil {
		return
	}
	if s.compute(l, false); l.Schedule == nil {
		return
	}
	e := l.dose(a.Dose)
	switch {
	case e == nil || l.facts[a.Dose] || e.Status > schedule.Provisional && e.Status != schedule.Held:
		s.refuse("the status of the course lists its doses", "the calendar has no dose %s that can still be moved", a.Dose)
		return
	case a.To.Before(s.entry.Entered):
		s.refuse("record what happened then", "the dose %s cannot be moved to %v, which has passed", a.Dose, a.To)
		return
	case !a.To.After(civil.Later(e.Date, e.Target)):
		s.refuse("put it on an earlier day with `move`, inside its window", "the dose %s is planned for %v, and %v is no later day", a.Dose, civil.Later(e.Date, e.Target), a.To)
		return
	case l.standsBefore(e):
		s.refuse("give it on its day, or leave it out with `skip`", "the dose %s stands before a date of the patient's file, and is not moved past others", a.Dose)
		return
	case l.overtaken(e):
		s.refuse("record what was given, and move the doses that are left", "doses after %s are recorded, and cannot be moved with it", a.Dose)
		return
	}
	if most := l.protocol.RestartAfter; most.IsSet() {
		if last, ok := l.lastBefore(e.Target); ok && most.From(last, 1).Before(a.To) {
			s.refuse("begin again with `restart`", "the protocol starts again after more than %v without a dose, and the last before %s was on %v", most, a.Dose, last)
			return
		}
	}
	if d := l.earlierThatDay(e); d != nil {
		s.refuse("record first what became of it", "the dose %v stands before %s on its day, and would move with it", l.Schedule.DoseName(d), a.Dose)
		return
	}
	const far = 182 // days
	if apart := a.To.Sub(e.Date); apart > far {
		s.say(diag.OddEntry, "look at the year", "the dose %s is put off by %s, from %v to %v", a.Dose, civil.Plural(apart, "day"), e.Date, a.To)
	}
	days := l.daysTo(e.Target, a.To)
	if ph := &l.protocol.Phases[e.Phase]; weekly(ph, l.Schedule) && days%7 > 0 {
		s.say(diag.OddEntry, "name the same day of the week", "the doses of “%s” are on days of the week, and move by whole weeks", ph.Name)
	}
	from := e.Target
	s.ontoClosed(l, a.To)
	if s.try(l, guards{}, func() {
		l.gap(schedule.Gap{From: from, Days: days})
		l.changed()
	}) {
		if d := l.dose(a.Dose); d != nil && d.Date != a.To {
			s.say(diag.OddEntry, "take it back if that is not meant", "the dose %s stands on %v, and not on %v", a.Dose, d.Date, a.To)
		}
	}
}

// lastBefore returns the day of the last dose that counts of those planned for days before one; ok is false where there is
// none. A past dose of which nothing is recorded counts as given.
func (l *leg) lastBefore(day civil.Date) (last civil.Date, ok bool) {
	for i := range l.Schedule.Events {
		if d := &l.Schedule.Events[i]; d.Kind == schedule.Dose && d.Target.Before(day) && d.Counts() {
			last, ok = d.Date, true
		}
	}
	return last, ok
}

// earlierThatDay returns a dose that is planned for the day of another, before it, and of which nothing is recorded, or
// nil; what goes with a dose moves with it.
func (l *leg) earlierThatDay(e *schedule.Event) *schedule.Event {
	for i := range l.Schedule.Events {
		d := &l.Schedule.Events[i]
		if d.Kind == schedule.Dose && d.Status <= schedule.Provisional && d.Target == e.Target && d.At < e.At && l.protocol.Phases[d.Phase].Starts.Anchor != protocol.EachDose {
			return d
		}
	}
	return nil
}

// ontoClosed says that something was moved to a closed day.
func (s *state) ontoClosed(l *leg, day civil.Date) {
	closed := s.options(l, false).Closed
	if reason, shut := closed.On(day); shut {
		s.say(diag.OddEntry, "take it back if the day is a slip", "%s is closed: %s", day.WithWeekday(), reason)
	}
}

// moveVisit puts one check-in elsewhere: not behind a dose that it decides about.
func (s *state) moveVisit(a *Move) {
	name := schedule.Occurrence{Name: a.Of, Number: a.Number}
	l, rule := s.checkInOf(name.Name, name.Number)
	if l == nil {
		return
	}
	e := l.visit(rule, name.Number)
	if e == nil || l.visited(rule, name.Number) {
		s.refuse("the status of the course lists its check-ins", "the calendar has no check-in %s that can still be moved", name)
		return
	}
	if !s.inWindow("check-in "+name.String(), a, e.Target, l.opens(e), l.closes(e)) {
		return
	}
	at := civil.Moment{Date: a.To, Clock: a.At.Or(e.Wanted)}
	for i := range l.Schedule.Events {
		d := &l.Schedule.Events[i]
		if d.Kind != schedule.Dose || d.Status > schedule.Provisional || d.At < e.At || !slices.Contains(d.Waits.List(), e.Lets()) {
			continue
		}
		if !at.Before(civil.Moment{Date: d.Date, Clock: d.Clock}) {
			s.refuse("move that dose first, or hold the check-in before it", "the check-in %s decides about the dose %s of %v %v, and would come after it", name, l.Schedule.DoseName(d), d.Date, d.Clock)
			return
		}
		break
	}
	s.ontoClosed(l, a.To)
	s.try(l, guards{}, func() {
		l.line.Visits = with(l.line.Visits, name, at)
		l.changed()
	})
}

// inWindow reports whether a move stays inside a window, or says why not.
func (s *state) inWindow(what string, a *Move, target, first, last civil.Date) bool {
	if a.To.Before(s.entry.Entered) {
		s.refuse("record what happened then", "the %s cannot be moved to %v, which has passed", what, a.To)
		return false
	}
	if a.To.Before(first) || a.To.After(last) {
		s.refuse("move it inside its window, or record what happens", "the %s of %v may be moved from %v to %v", what, target, first, last)
		return false
	}
	return true
}

// with returns a map with one more value; the map itself stays as it is.
func with[K comparable, V any](m map[K]V, key K, value V) map[K]V {
	out := maps.Clone(m)
	if out == nil {
		out = map[K]V{}
	}
	out[key] = value
	return out
}

// maxAway bounds how long a patient is away.
const maxAway = 2 * 366

// An away is when the patient is away, and the day on which that was written down.
type away struct {
	Away
	known civil.Date
}

func (s *state) goAway(a *Away) {
	if a.Last.Before(a.First) || a.Last.Sub(a.First) > maxAway {
		s.refuse("name the first day and the last", "the patient cannot be away from %v to %v", a.First, a.Last)
		return
	}
	stuck := func() int {
		n := 0
		for _, l := range s.legs {
			if s.compute(l, false); l.Schedule != nil && slices.ContainsFunc(l.Schedule.Findings, func(d diag.Diagnostic) bool { return d.Code == diag.NoPlacement }) {
				n++
			}
		}
		return n
	}
	before := stuck()
	s.away = append(slices.Clip(s.away), away{*a, s.entry.Entered})
	for _, l := range s.legs {
		l.changed()
	}
	if stuck() > before {
		s.refuse("leave the doses of those days out, hold them, or move them", "doses or check-ins have no place when the patient is away from %v to %v", a.First, a.Last)
		return
	}
	along := 0
	for _, l := range s.legs {
		for i := range l.Schedule.Events {
			if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && e.Status <= schedule.Provisional && !e.Date.Before(a.First) && !e.Date.After(a.Last) && !l.endedBy(e.Date) {
				along++
			}
		}
	}
	if along > 0 && !a.Last.Before(s.now) {
		s.say(diag.OddEntry, "see that the patient has them along, or leave them out, hold them or move them", "%s stand on days on which the patient is away, from %v to %v: they are taken there", civil.Plural(along, "dose"), a.First, a.Last).Severity = diag.Note
	}
}

// postpone moves the start of a protocol of which no dose was given.
func (s *state) postpone(a *Postpone) {
	l := s.legOf()
	if l == nil {
		return
	}
	if slices.ContainsFunc(l.line.Facts, func(f schedule.Fact) bool { return f.Status == schedule.Taken }) {
		s.refuse("hold the doses instead", "a dose was given, and the start of the protocol can no longer be moved")
		return
	}
	for _, was := range s.legs {
		if was != l && !was.Ended.IsZero() && (!was.Beside && !l.Beside || was.protocol.ID == l.protocol.ID) && was.From.Before(l.From) && a.Start.Before(was.Ended) {
			s.refuse("begin it then or later, or take the order back that ended the other", "%s goes on until %v, and %s comes after it", was.protocol.ID, was.Ended.AddDays(-1), l.protocol.ID)
			return
		}
	}
	p := *l.patient
	p.Start = a.Start
	of, asked := eligibility.Phases(l.whole, &p, a.Start)
	if l.whole.Dated() && asked.HasErrors() {
		s.refuse("choose a start from which the dates lie where the protocol wants them", "%s", worst(asked).Message)
		return
	}
	switch {
	case a.Start == l.From:
		s.refuse("leave it as it is", "%s begins on %v already", l.protocol.ID, l.From)
		return
	case a.Start.Before(l.From) && a.Start.Before(s.entry.Entered):
		s.refuse("choose a day from then on; or write a new course file with the start as it was, if the start was a slip", "the start cannot be moved back to %v, which had passed when that was written down, on %v: doses of days that are over would be left out", a.Start, s.entry.Entered)
		return
	}
	open := 0 // doses of days that are over of which nothing is recorded
	if s.compute(l, false); l.Schedule != nil {
		for i := range l.Schedule.Events {
			if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && e.Status == schedule.Planned && e.Date.Before(s.entry.Entered) && e.Date.Before(a.Start) {
				open++
			}
		}
	}
	if s.try(l, guards{}, func() {
		l.patient, l.From = &p, a.Start
		l.line.Moved, l.line.Visits = nil, nil // they were meant for the former start
		l.plannedAgain()
		if l.whole.Dated() { // whose days count from the start
			l.follow(of)
		} else {
			s.choose(l)
		}
		l.changed()
	}) && open > 0 {
		s.say(diag.OddEntry, "take the order back, and write them down, if some were given", "%s of days that are over, from the former start on, will not be on the calendar any more, and nothing is recorded of them", civil.Plural(open, "dose"))
	}
}

// plannedAgain leaves doses that were missed where they stand, and plans them again with the rest.
func (l *leg) plannedAgain() {
	l.line.Facts, l.facts = slices.Clone(l.line.Facts), maps.Clone(l.facts)
	for i := range l.line.Facts {
		if f := &l.line.Facts[i]; f.Status == schedule.Missed && !f.Again {
			f.Again, l.again = true, true
			delete(l.facts, schedule.DoseName{Phase: f.Phase, Number: f.Number})
		}
	}
}

func (s *state) hold() {
	if s.held(s.entry.Of, s.entry.On) {
		s.refuse("", "doses are held already on %v", s.entry.On)
		return
	}
	if s.entry.Of != "" && s.legOf() == nil {
		return
	}
	s.orders = append(slices.Clone(s.orders), order{from: s.entry.On, of: s.entry.Of, why: s.entry.reason()})
	for _, l := range s.legs {
		l.changed()
	}
}

// resume ends the holds of a protocol, or all. Where the protocol's clock stops, the rest is moved by
// the length of the hold; where it was too long, the protocol starts again.
func (s *state) resume() {
	s.orders = slices.Clone(s.orders)
	s.partHolds()
	inForce := func(o order) bool { return o.until.IsZero() && !o.from.After(s.entry.On) }
	// Where all doses are held, that is what ends: one protocol that was held by itself stays so.
	ofAll := s.entry.Of == "" && slices.ContainsFunc(s.orders, func(o order) bool { return inForce(o) && o.of == "" })
	ended := false
	for i := range s.orders {
		o := &s.orders[i]
		switch {
		case !inForce(*o), s.entry.Of != "" && o.of != s.entry.Of:
			continue
		case ofAll && o.of != "":
			s.say(diag.OddEntry, "resume it with `of`, if it is meant too", "doses of %s stay held: they were held by themselves, from %v on", o.of, o.from)
			continue
		}
		o.until, ended = s.entry.On, true
		for _, l := range slices.Clone(s.legs) {
			if o.of != "" && o.of != l.protocol.ID || l.endedBy(o.until) || l.From.After(o.until) {
				continue
			}
			s.resumed(l, o.from, o.until)
		}
	}
	if !ended {
		s.refuse("", "no doses are held on %v", s.entry.On)
	}
}

// partHolds turns a hold of all protocols into one of each, where one of them alone is to be resumed.
func (s *state) partHolds() {
	if s.entry.Of == "" {
		return
	}
	var list []order
	for _, o := range s.orders {
		if o.of != "" || !o.until.IsZero() || o.from.After(s.entry.On) {
			list = append(list, o)
			continue
		}
		for _, l := range s.legs {
			if o.of = l.protocol.ID; !slices.Contains(list, o) {
				list = append(list, o)
			}
		}
	}
	s.orders = list
}

// heldSince returns since when a leg was held by the holds that overlap one of it, and whether one of them
// goes on past its end.
func (s *state) heldSince(l *leg, from, until civil.Date) (since civil.Date, goesOn bool) {
	holds := s.heldBy(l)
	for again := true; again; {
		again = false
		for _, h := range holds {
			if h.From.Before(from) && (h.Until.IsZero() || h.Until.After(from)) {
				from, again = h.From, true
			}
		}
	}
	return from, slices.ContainsFunc(holds, func(h schedule.Hold) bool { return h.From.Before(until) && h.Covers(until) })
}

// resumed is resume for one leg, which was held by an order or because its protocol refused the patient.
func (s *state) resumed(l *leg, from, until civil.Date) {
	from, goesOn := s.heldSince(l, from, until)
	if goesOn {
		l.changed()
		return
	}
	from = civil.Later(from, l.From) // no dose stands before it
	before := l.line
	if l.protocol.StopsClock && !l.endedBy(until) && from.Before(until) {
		if s.run(l, false); l.Schedule == nil {
			return
		}
		first := from // or the target of a dose that a closed day had moved into the hold
		for i := range l.Schedule.Events {
			if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && (e.Status <= schedule.Provisional || e.Status == schedule.Held) && !e.Date.Before(from) && e.Target.Before(first) {
				first = e.Target
			}
		}
		l.gap(schedule.Gap{From: first, Days: until.Sub(first), Held: true})
	}
	l.changed()
	day := s.tooLong(l, false)
	if day.IsZero() {
		return
	}
	l.line = before // what was held stays where it was, and so do check-ins that the hold covered
	l.changed()
	if !s.atAStop(l) {
		s.byItself(l, day, schedule.Hold{From: from, Until: until})
	}
}

// stop ends a protocol, or all.
func (s *state) stop(a *Stop) {
	ended, before := false, (*leg)(nil)
	for _, l := range s.legs {
		of := cmp.Or(a.Protocol, s.entry.Of)
		if of != "" && of != l.protocol.ID {
			continue
		}
		if l.endedBy(s.entry.On) {
			if before == nil || l.Ended.After(before.Ended) {
				before = l
			}
			continue
		}
		end, ok := s.taper(l, &a.Taper)
		switch {
		case !ok:
			return
		case end.After(s.entry.On):
			s.refuse("stop later, or make the taper shorter", "the taper has doses up to %v, and with the stop there are none from %v on", end.AddDays(-1), s.entry.On)
			return
		}
		l.endByOrder(s.entry.On, "stopped: "+s.entry.reason())
		ended = true
	}
	switch {
	case ended:
	case before != nil:
		s.refuse("write this one in the place of that order, with --replaces and its number; or take it back with `undo`", "%s ends before %v already (%s)", before.protocol.ID, before.Ended, before.Note)
	default:
		s.refuse("the status of the course names its protocols", "no protocol of that name runs on %v", s.entry.On)
	}
}

// switchTo goes over to another protocol.
func (s *state) switchTo(a *Switch) {
	l := s.legOf()
	if l == nil {
		return
	}
	switch {
	case a.After.Name != "" && !l.visits[a.After]:
		s.refuse("record the check-in first", "the switch follows the check-in %s %d, which is not recorded", a.After.Name, a.After.Number)
		return
	}
	if l.endedBy(s.entry.On) && (len(a.Taper.Doses) > 0 || a.LastDay.After(l.Ended)) {
		s.refuse("leave out its last day and its taper: the other protocol begins all the same", "%s has ended before %v (%s), and what was stopped is not begun again by a switch", l.protocol.ID, l.Ended, l.Note)
		return
	}
	if !l.endedBy(s.entry.On) && l.From != s.entry.On && l.Treatment.Protocol.ID == a.Treatment.Protocol.ID {
		s.refuse("begin it again with `restart`, or order what is to be otherwise", "the course follows %s already", l.protocol.ID)
		return
	}
	end, ok := s.taper(l, &a.Taper)
	switch {
	case !ok:
		return
	case !a.LastDay.IsZero():
		end = a.LastDay.AddDays(1)
	case end.IsZero():
		end = s.entry.On
	}
	if l.From == s.entry.On && l.Treatment.Protocol.ID == a.Treatment.Protocol.ID {
		s.refuse("take that order back with `undo`, if another is meant", "the course goes over to %s on %v already", l.protocol.ID, l.From)
		return
	}
	if i := slices.IndexFunc(l.line.Decided, func(d schedule.Decision) bool {
		return d.Name == a.After.Name && d.Number == a.After.Number && d.Declined
	}); i >= 0 {
		s.say(diag.OddEntry, "take the switch back with `undo`, if the other protocol goes on with what was declined", "the check-in %s %d, which the switch follows, declined that doses of %s go on", a.After.Name, a.After.Number, l.protocol.ID)
	}
	held := s.heldByLimits()
	l.endByOrder(end, "switched: "+s.entry.reason())
	s.started(&a.Treatment, false, nil, held, s.entry.reason())
	s.untilNext()
}

// followed says which protocols there are to name.
func (s *state) followed() string {
	var ids []string
	for _, l := range s.legs {
		if !slices.Contains(ids, l.protocol.ID) {
			ids = append(ids, l.protocol.ID)
		}
	}
	return "name one that it follows: " + strings.Join(ids, ", ")
}

// untilNext ends the protocol that began last where another, which does not run beside it, was ordered
// to follow on a later day.
func (s *state) untilNext() {
	last := s.legs[len(s.legs)-1]
	for _, l := range s.legs[:len(s.legs)-1] {
		if l.Beside || last.Beside || !l.From.After(last.From) || l.endedBy(l.From) || last.endedBy(l.From) {
			continue
		}
		last.endByOrder(l.From, "followed by "+l.protocol.ID+", as was ordered before")
		s.say(diag.OddEntry, "take that order back, if it is not meant any more", "%s follows on %v, as was ordered before", l.protocol.ID, l.From)
	}
}

func (s *state) add(a *Add) {
	s.started(&a.Treatment, true, nil, s.heldByLimits(), "added: "+s.entry.reason())
}

// started begins a protocol on the day of the entry, unless more doses would break a limit for it. It ends as was ordered
// before, if anything was.
func (s *state) started(t *Treatment, beside bool, until *ending, held limited, note string) {
	n := len(s.found)
	l := s.begin(t, s.entry.On, beside, note)
	if l == nil {
		d := worst(s.found[n:])
		s.found = s.found[:n]
		s.refuse(d.Help, "%s", d.Message)
		return
	}
	s.endAsOrdered(l, until)
	var last *leg // of the same protocol, which the reassessments of the new one go on from
	for _, was := range s.legs[:len(s.legs)-1] {
		if was.protocol.ID != l.protocol.ID {
			continue
		}
		last = was
		switch {
		case !was.endedBy(s.entry.On):
			s.refuse("`restart` begins it again, and `protocol` follows its text as it is now", "the course follows %s already", l.protocol.ID)
		case !was.tierMayRise(l.tier, s.entry.On):
			s.refuse("begin on the present tier, and record the check-in that decides", "the tier “%s” is above the last one, “%s”, and steps of the protocol wait for a check-in", l.tier, was.tierOn(s.entry.On))
		}
	}
	if v := l.speaksAgainst(s.patientOn(s.entry.On)); v.why != "" {
		s.refuse(v.help, "the protocol %s refuses the patient: %s", l.protocol.ID, v.why)
	}
	s.goesOn(l)
	if now := s.heldByLimits(); now.doses > held.doses {
		help := "begin later, or leave a longer gap between the protocols"
		if last != nil && last.Ended == s.entry.On {
			help = "begin it later; or take back the order with which the run before it begins"
		} else if !beside && until == nil { // the present one goes on to the day before
			help = "end the present protocol some days before, with `--last-day`"
		}
		if len(l.line.Earlier) > 0 {
			help = overCourse
		}
		s.refuse(help, "doses of %s would break a limit%s", l.protocol.ID, now.beside(held))
	}
	if last != nil {
		if v := last.unlooked(s.entry.On); v.why != "" && (last.endedBy(s.entry.On.AddDays(1)) || last.saidNo(schedule.Reassessment)) {
			s.refuse(v.help, "%s", v.why)
		}
		s.unheld(last)
	}
	s.larger(l)
}

// overCourse is what can be done where a protocol that begins again would pass a limit of its course.
const overCourse = "begin at a later phase; or write a new course file, if another course is meant"

// takesPlaceOf drops a leg that began its protocol again and of which nothing is recorded, and returns the one before it, or
// nil where it cannot be dropped.
func (s *state) takesPlaceOf(l *leg) *leg {
	at := slices.Index(s.legs, l)
	for _, before := range slices.Backward(s.legs[:at]) {
		if before.protocol.ID != l.protocol.ID {
			continue
		}
		if l.recorded() || l.ordered() {
			return nil
		}
		s.legs = slices.Delete(slices.Clone(s.legs), at, at+1)
		if was := before.byItself; was != nil && was.next == l {
			s.unsay(was.said)
			before.byItself = nil
		}
		return before
	}
	return nil
}

// withdraw drops what was to begin a leg's protocol again after a day: another beginning takes its place.
func (s *state) withdraw(l *leg, day civil.Date) {
	s.legs = slices.DeleteFunc(slices.Clone(s.legs), func(m *leg) bool {
		drop := m != l && m.protocol.ID == l.protocol.ID && m.From.After(day) && !m.recorded()
		if drop {
			with := ""
			if m.ordered() {
				with = ", and what was ordered for it holds no more"
			}
			s.say(diag.OddEntry, "order it again, if it is still meant", "%s was to begin again on %v, and does not, since it begins again on %v%s", m.protocol.ID, m.From, day, with)
		}
		return drop
	})
}

// goesOn carries over to a leg what came before it in the course by its protocol: the time to the next reassessment, and
// what counts against the limits of a course. To begin again makes neither of them new.
func (s *state) goesOn(l *leg) {
	var last *leg
	earlier := map[string]schedule.Sum{}
	for _, was := range s.legs[:slices.Index(s.legs, l)] {
		if was.protocol.ID == l.protocol.ID {
			last = was
			s.countGiven(was, earlier)
		}
	}
	if last == nil {
		return
	}
	s.keepLowered(last, l)
	if now := s.restsOn(l); now != l.unrested {
		if hold, ok := l.unresting(s.entry.On); ok && now == "" {
			l.waited = append(slices.Clip(l.waited), hold)
		}
		l.unrested = now
		l.changed()
	}
	if n := last.treated(l.From); n != l.line.Treated || !maps.Equal(earlier, l.line.Earlier) {
		l.line.Treated, l.line.Earlier = n, earlier
		l.changed()
	}
}

// goOn is goesOn for every leg: what is written down late of one before it counts as if it had been known.
func (s *state) goOn() {
	for _, l := range s.legs[1:] {
		s.goesOn(l)
	}
}

// countGiven adds what was given in a leg, or is planned before its end, of the medicines of which a course is limited.
func (s *state) countGiven(l *leg, earlier map[string]schedule.Sum) {
	limited := func(m protocol.Medication) bool { return m.Limits.Course.IsSet() || m.Limits.Doses > 0 }
	if !slices.ContainsFunc(l.protocol.Medications, limited) {
		return
	}
	if s.compute(l, false); l.Schedule == nil {
		return
	}
	for i := range l.Schedule.Events { // what nobody wrote down may have been given
		e := &l.Schedule.Events[i]
		if e.Kind != schedule.Dose || !e.Counts() || e.Status == schedule.Provisional || e.Status != schedule.Taken && l.endedBy(e.Date) {
			continue
		}
		if m := l.protocol.Medications[l.protocol.Phases[e.Phase].Medication]; limited(m) {
			earlier[m.Name] = earlier[m.Name].And(l.Schedule.Dose(e).Amount)
		}
	}
}

// unlooked says why a protocol may not begin again on a day after a leg of it: a reassessment declined, or is due.
func (l *leg) unlooked(on civil.Date) (v verdict) {
	help := "record the reassessment with its decision first"
	if l.endedBy(on) {
		help = "record it first, without a number: `check-in " + schedule.Reassessment + "` with its decision"
	}
	switch due, over := l.lookDue(on); {
	case l.saidNo(schedule.Reassessment):
		v = verdict{fmt.Sprintf("the last reassessment of %s declined to go on", l.protocol.ID), "record a reassessment with the decision to confirm first; or write a new course file, if another course is meant"}
	case over:
		v = verdict{fmt.Sprintf("doses of %s wait for a reassessment since %v, and to begin again is none", l.protocol.ID, due), help}
	}
	return v
}

// larger says of a protocol that begins with more of a medicine than was given of it, or planned, before.
func (s *state) larger(l *leg) {
	if l.Schedule == nil {
		return
	}
	counts := func(e *schedule.Event) bool { return e.Kind == schedule.Dose && e.Counts() }
	at := slices.IndexFunc(l.Schedule.Events, func(e schedule.Event) bool { return counts(&e) })
	if at < 0 {
		return
	}
	first := &l.Schedule.Events[at]
	dose := l.Schedule.Dose(first)
	var last *schedule.Event
	var of *leg
	for _, was := range s.legs {
		if was == l || was.Schedule == nil {
			continue
		}
		for i := range was.Schedule.Events {
			e := &was.Schedule.Events[i]
			if counts(e) && e.At < first.At && SameMedicine(was.Schedule.Dose(e).Medication, dose.Medication) && (last == nil || e.At > last.At) {
				last, of = e, was
			}
		}
	}
	if last == nil {
		return
	}
	before := of.Schedule.Dose(last)
	if !before.Amount.Unit().Comparable(dose.Amount.Unit()) || dose.Amount.Cmp(before.Amount) <= 0 {
		return
	}
	d := s.say(diag.OddEntry, "begin with less, or on another tier, if no such rise is meant", "%s begins with %v of %s, %s, on %v; before it stands %v, %s, on %v", l.protocol.ID, dose.Amount, dose.Medication.Name, protocol.RouteWords(dose.Route.Name), first.Date, before.Amount, protocol.RouteWords(before.Route.Name), last.Date)
	s.asLongAs(d, l, l.Schedule.DoseName(first), dose.Amount)
	if dose.Amount.Cmp(before.Amount.Times(2, 1)) < 0 {
		d.Severity = diag.Note
	}
}

// again begins a protocol of the course again.
func (s *state) again(a *Restart) {
	l := s.running(a.Protocol, s.entry.On)
	if l == nil {
		s.refuse(s.followed(), "the course follows no protocol “%s”", a.Protocol)
		return
	}
	until := l.ordersEnd(s.entry.On)
	if l.From == s.entry.On {
		before := s.takesPlaceOf(l)
		if before == nil {
			s.refuse("begin it again on a later day; or take the order back with which it begins", "%s begins on %v already", l.protocol.ID, l.From)
			return
		}
		l = before
	}
	if s.compute(l, false); l.Schedule != nil && slices.ContainsFunc(l.Schedule.Events, func(e schedule.Event) bool {
		return e.Kind == schedule.Dose && (e.Status == schedule.Provisional && !e.Date.After(s.entry.On) || e.Status == schedule.Held) && slices.Contains(l.Schedule.Gates(&e), schedule.Reassessment)
	}) {
		s.refuse("record the reassessment with its decision first", "doses of %s wait for the reassessment", l.protocol.ID)
		return
	}
	if s.unheld(l) {
		return
	}
	if l.Schedule != nil && a.Phase != "" {
		if e := l.dose(schedule.DoseName{Phase: a.Phase, Number: 1}); e != nil && e.Status != schedule.Taken && e.Waits.Any() {
			s.refuse("record it with the decision to confirm first, or begin with the first phase", "the check-in “%s” decides about the phase “%s”, and did not confirm it", l.Schedule.GateName(e), a.Phase)
			return
		}
	}
	if other := s.running("", s.entry.On); !l.Beside && l.endedBy(s.entry.On) && other != nil && other.protocol.ID != l.protocol.ID && !other.From.After(s.entry.On) && !other.endedBy(s.entry.On) {
		s.refuse("stop "+other.protocol.ID+" from that day on first; or go over with `switch`, or add it beside the other with `add`", "the course went over from %s to %s, which goes on", l.protocol.ID, other.protocol.ID)
		return
	}
	if slices.ContainsFunc(l.line.Facts, func(f schedule.Fact) bool { return f.Status == schedule.Taken && f.Date == s.entry.On }) {
		s.say(diag.OddEntry, "begin it on a later day, if no second dose of that day is meant", "a dose of %s was given on %v, and it begins again on that day", l.protocol.ID, s.entry.On)
	}
	if s.entry.On.Before(l.From) {
		s.refuse("move its start with `start`", "%s begins on %v, and there is nothing before that to begin again", l.protocol.ID, l.From)
		return
	}
	t := l.anew(l.Treatment, s.entry.On)
	t.Phase = a.Phase
	if a.Tier != "" {
		t.Tier = a.Tier
	}
	if !l.tierMayRise(t.Tier, s.entry.On) {
		s.refuse("begin on the present tier, and record the check-in that decides", "the tier “%s” is above the present one, and steps of the protocol wait for a check-in", a.Tier)
		return
	}
	s.withdraw(l, s.entry.On)
	s.passesOver(l, a.Phase)
	held := s.heldByLimits()
	if !l.endedBy(s.entry.On) {
		l.end(s.entry.On, "started again: "+s.entry.reason())
	}
	s.started(t, l.Beside, until, held, "started again: "+s.entry.reason())
}

// unheld refuses that a protocol begins again while a check-in is overdue without which none of its doses is given, in the run
// that goes on or in one that ended. It reports whether it did.
func (s *state) unheld(l *leg) bool {
	if s.compute(l, false); l.Schedule == nil {
		return false
	}
	list := l.stopping(l.within(s.entry.Entered))
	if len(list) == 0 {
		return false
	}
	s.refuse("hold it, and write it down first", "doses of %s wait for the check-in “%s” of %v, and to begin again does not take its place", l.protocol.ID, l.Schedule.CheckIn(list[0]).Name, list[0].Date)
	return true
}

// within returns a day, or that on which a leg ended where it is past it.
func (l *leg) within(day civil.Date) civil.Date {
	if l.endedBy(day) {
		return l.Ended
	}
	return day
}

// passesOver says of a protocol that begins again with a later phase after a time without a dose for which it would begin
// with the first.
func (s *state) passesOver(l *leg, phase string) {
	most := l.protocol.RestartAfter
	if !most.IsSet() || phase == "" || l.Schedule == nil || len(l.whole.Phases) == 0 || phase == l.whole.Phases[0].Name {
		return
	}
	first := l.whole.Phases[0].Name
	last, ok := l.lastBefore(s.entry.On)
	if !ok {
		last = s.lastDoseBefore(l)
	}
	if last.Before(s.entry.On) && most.From(last, 1).Before(s.entry.On) {
		s.say(diag.OddEntry, "leave the phase out, if that is not meant", "%s begins with “%s”, and not with “%s”: it is without a dose since %v, for longer than the %v after which it begins anew", l.protocol.ID, phase, first, last, most)
	}
}

// lookDue returns the day on which a reassessment is due, and whether a day is not before it. over is false where none is
// asked for or nothing was given.
func (l *leg) lookDue(on civil.Date) (due civil.Date, over bool) {
	m := l.protocol.Reassess(on)
	if m == nil || !l.mayHaveGiven(on) {
		return due, false
	}
	due = m.Limits.Reassess.From(l.looked(), 1)
	return due, !on.Before(due)
}

// mayHaveGiven reports whether some dose was given before a day: in the leg or, where the time to a reassessment went on
// into it, before it. A leg of which nothing is recorded gave what it planned, for all that is known.
func (l *leg) mayHaveGiven(on civil.Date) bool {
	taken := func(f schedule.Fact) bool { return f.Status == schedule.Taken }
	return l.line.Treated > 0 || slices.ContainsFunc(l.line.Facts, taken) || len(l.line.Facts) == 0 && l.From.Before(on)
}

// looked returns the day of the last reassessment that confirmed, or from which the time to the first is counted.
func (l *leg) looked() civil.Date {
	looked := l.From.AddDays(-l.line.Treated)
	for _, d := range l.line.Decided {
		if d.Name == schedule.Reassessment && !d.Declined {
			looked = civil.Later(looked, d.Date)
		}
	}
	return looked
}

// treated returns for how many days a patient who begins a protocol again was treated by it without a reassessment: to
// begin again is no look at the patient. It is 0 where nothing was given.
func (l *leg) treated(on civil.Date) int {
	if due, _ := l.lookDue(on); due.IsZero() {
		return 0
	}
	return max(on.Sub(l.looked()), 0)
}

// anew returns how a protocol begins again after a leg of it: by the route and on the tier of a day, and
// where the tiers are steps that were confirmed since, on that of the start.
func (l *leg) anew(t *Treatment, day civil.Date) *Treatment {
	again, first := *t, l.tier
	if again.Tier = l.tierOn(day); l.tiersAreSteps() && l.rank(first) < l.rank(again.Tier) {
		again.Tier = first
	}
	for _, c := range l.line.Changes {
		if c.Route != "" && !c.From.After(day) {
			again.Route = c.Route
		}
	}
	return &again
}

// keepLowered takes over what clinicians ordered in a leg, for before or after it ends, where that is less than its protocol
// gives by itself, into the leg that begins the protocol again: nothing else raises it.
func (s *state) keepLowered(was, l *leg) {
	kept := *was // without a taper: it was the end of that leg, and no order for another
	kept.line.Changes = slices.DeleteFunc(slices.Clone(was.line.Changes), func(c schedule.Change) bool { return c.Tapers })
	if l.tierBefore == "" {
		l.tierBefore = kept.tierOn(l.From)
	}
	s.leftBehind(&kept, l)
	l.carry(s.carried(&kept, l))
}

// carried returns the changes of a leg that begins a protocol again which follow from what was ordered in the one before it.
func (s *state) carried(was, l *leg) (list []schedule.Change) {
	days := []civil.Date{l.From}
	for _, c := range was.line.Changes {
		if c.From.After(l.From) && c.By == (schedule.Occurrence{}) {
			days = append(days, c.From)
		}
	}
	tier, set := l.tier, map[string]bool{}
	for _, day := range slices.Compact(days) {
		c := schedule.Change{From: day, Amount: map[string]quantity.Amount{}, Reason: keptLower}
		for i := range was.protocol.Phases {
			name := was.protocol.Phases[i].Name
			if l.phase(name) < 0 {
				continue
			}
			if amount, ok := s.lowered(was, i, day); ok || set[name] {
				c.Amount[name], set[name] = amount, ok
			}
		}
		if now := was.tierOn(day); now != tier && (now != l.tierBefore || tier != l.tier) {
			if l.rank(now) < 0 || l.rank(now) > l.rank(l.tier) {
				now = l.tier
			}
			if now != tier {
				c.Tier, tier = now, now
			}
		}
		if len(c.Amount) > 0 || c.Tier != "" {
			list = append(list, c)
		}
	}
	return list
}

// carry has changes that were carried over take the place of those that were before; what was ordered of the leg itself on
// the same day holds.
func (l *leg) carry(list []schedule.Change) {
	var before, own []schedule.Change
	for _, c := range l.line.Changes {
		if c.Reason == keptLower {
			before = append(before, c)
		} else {
			own = append(own, c)
		}
	}
	same := func(a, b schedule.Change) bool {
		return a.From == b.From && a.Tier == b.Tier && maps.EqualFunc(a.Amount, b.Amount, func(x, y quantity.Amount) bool { return x.String() == y.String() })
	}
	if slices.EqualFunc(before, list, same) {
		return
	}
	l.line.Changes = slices.Concat(list, own)
	slices.SortStableFunc(l.line.Changes, func(a, b schedule.Change) int { return a.From.Compare(b.From) })
	l.changed()
}

// leftBehind says of orders about when doses are given, or a route for later, that a protocol which begins again does not
// take over: as it has them itself, they may be more or less.
func (s *state) leftBehind(was, l *leg) {
	n := 0
	for _, c := range was.line.Changes {
		if len(c.Frequency)+len(c.Times) > 0 || c.Route != "" && c.From.After(l.From) {
			n++
		}
	}
	if n > l.leftBehind {
		s.say(diag.OddEntry, "order it again, on that day or later, if it is still meant", "%s begins again on %v, and the frequency, the times or the route that was ordered before does not go on into that", l.protocol.ID, l.From)
	}
	l.leftBehind = n
}

// lowered returns what is ordered for a phase on a day, where that is less than its protocol gives by itself.
func (s *state) lowered(l *leg, phase int, day civil.Date) (set quantity.Amount, ok bool) {
	ph := &l.protocol.Phases[phase]
	if set = s.setOn(l, phase, day); !set.IsSet() || l.openOn(ph.Name, day) {
		return quantity.Amount{}, false
	}
	own, ok := s.largest(l, ph, day, l.choiceOn(ph, day))
	if !ok || !own.Unit().Comparable(set.Unit()) || set.Cmp(own) >= 0 {
		return quantity.Amount{}, false
	}
	return set, true
}

// accept follows a protocol as it is now. What was given under the former text stays as it was.
func (s *state) accept(a *Accept) {
	if s.entry.On.After(s.entry.Entered) {
		s.refuse("write it down on that day, or go over to it with a switch", "a new text is followed from the day on which it is written down, and %v is later", s.entry.On)
		return
	}
	now, found := s.source(a.Pin)
	if now == nil || found.HasErrors() {
		d := worst(found)
		s.refuse(d.Help, "%s", d.Message)
		return
	}
	s.found = append(s.found, found...) // as that it is another by now
	any := false
	for _, l := range s.legs {
		if l.Treatment.Protocol.ID != a.Pin.ID || l.endedBy(s.entry.On) {
			continue
		}
		any = true
		p, asked := eligibility.Phases(now, l.patient, l.From)
		if asked.HasErrors() {
			d := worst(asked)
			s.refuse(d.Help, "%s", d.Message)
			return
		}
		has := p.Chosen()
		if phase := l.Treatment.Phase; phase != "" {
			var err error
			if p, err = l.begunAt(p, phase); err != nil {
				s.refuse("go over to it with a switch", "%s", err)
				return
			}
		}
		for _, name := range slices.Sorted(maps.Keys(s.needed)) {
			if of, ok := strings.CutPrefix(name, l.protocol.ID+" "); ok && !slices.ContainsFunc(p.AsNeeded, func(x protocol.AsNeeded) bool { return x.Rule.Name == of }) {
				s.refuse("go over to it with a switch", "doses of “%s” are recorded, as needed, and the new text has no such entry", of)
				return
			}
		}
		if i := slices.IndexFunc(l.line.Facts, func(f schedule.Fact) bool { _, ok := p.Phase(f.Phase); return !ok }); i >= 0 {
			s.refuse("go over to it with a switch", "doses of the phase “%s” are recorded, and the new text has no such phase", l.line.Facts[i].Phase)
			return
		}
		if why := l.otherMedicine(now, p); why != "" {
			s.refuse("go over to it with a switch", "%s", why)
			return
		}
		next := *l
		next.protocol, next.plan = p, nil
		if v := next.speaksAgainst(s.patientOn(s.entry.On)); v.why != "" && l.speaksAgainst(s.patientOn(s.entry.On)).why == "" {
			s.refuse("go on with the text as it was, or go over to a protocol for this patient", "the new text refuses the patient: %s", v.why)
			return
		}
		if !l.lost { // else what the text gave is not known
			s.compute(l, false)
		}
		before, old, kept := l.Schedule, l.whole, l.began(p)
		said := l.ofGiven()
		against := func() (help, why string) { return l.textAgainst(before, old, s.entry.On) }
		if s.try(l, guards{rises: true, against: against}, func() {
			l.Treatment = kept
			l.line.Facts = l.asGiven(before)
			for i := range old.Phases {
				if t := old.Phases[i].Titration; t != nil && !slices.Contains(l.confirmers, t.Confirmed) {
					l.confirmers = append(slices.Clip(l.confirmers), t.Confirmed)
				}
			}
			l.whole, l.has, l.protocol, l.judged = now, has, p, map[*patient.Patient]verdict{}
			l.lost, l.since, l.before = false, s.entry.On, append(slices.Clip(l.before), said...)
			l.asHeld = append(slices.Clip(l.asHeld), heldOf(before, s.entry.On)...)
			l.changed()
		}) {
			if name, from, to, larger := l.larger(before, anyPhase); larger {
				d := s.say(diag.OddEntry, "set a smaller dose, if no step was meant", "with the new text the dose %s rises from %v to %v, without a check-in", name, from, to)
				s.asLongAs(d, l, name, to)
			}
			if name, from, to, falls := l.differs(before, anyPhase, -1); falls && slices.ContainsFunc(l.confirmers, l.saidYes) {
				d := s.say(diag.OddEntry, "order the dose, if what a check-in confirmed is still meant", "with the new text the dose %s falls from %v to %v", name, from, to)
				s.asLongAs(d, l, name, to)
			}
			if visit, ok := l.lateVisit(before, s.entry.On); ok {
				s.say(diag.OddEntry, "write down whether it took place", "with the new text the check-in %s %d was due on %v, which is over, and nobody planned it then", l.Schedule.CheckIn(visit).Name, visit.Number, visit.Date)
			}
			if name, was, is, other := l.otherRoute(before); other {
				s.say(diag.OddEntry, "look at the route; go over to another protocol with a switch, if it is one", "with the new text the dose %s is given by the route %s, and was by %s", name, is, was)
			}
			if gate, name, _ := l.ungated(before, s.entry.On); gate != "" {
				s.say(diag.OddEntry, "look at the calendar; hold the dose, if the check-in is still to decide", "with the new text the dose %s waits no more for the check-in “%s”", name, gate)
			}
			if was, now := nextDose(before), nextDose(l.Schedule); was != nil && now != nil && was.Date != now.Date && len(l.line.Facts) > 0 {
				s.say(diag.OddEntry, "look at the calendar; move the dose, or begin the protocol again from a phase, if that is not meant", "with the new text the next dose, %s, is on %v, and was %s on %v", l.Schedule.DoseName(now), now.Date, before.DoseName(was), was.Date)
			}
		}
	}
	if !any {
		s.refuse(s.followed(), "the course follows no protocol “%s”", a.Pin.ID)
	}
}

// otherRoute returns a dose, of which nothing is recorded, that has another route than a calendar before.
func (l *leg) otherRoute(before *schedule.Schedule) (name schedule.DoseName, was, is string, other bool) {
	if before == nil {
		return name, "", "", false
	}
	for i := range before.Events {
		e := &before.Events[i]
		if e.Kind != schedule.Dose || e.Status > schedule.Provisional || before.Dose(e).Route == nil {
			continue
		}
		name, was = before.DoseName(e), before.Dose(e).Route.Name
		if now := l.dose(name); now != nil && l.Schedule.Dose(now).Route != nil && l.Schedule.Dose(now).Route.Name != was {
			return name, was, l.Schedule.Dose(now).Route.Name, true
		}
	}
	return name, "", "", false
}

// anyPhase is every phase.
func anyPhase(int16) bool { return true }

// otherMedicine says why a text is none of the protocol that the leg follows: it is called otherwise, or a phase of it gives another
// medicine. What was given would read as that.
func (l *leg) otherMedicine(whole, p *protocol.Protocol) string {
	if whole.ID != l.whole.ID {
		return fmt.Sprintf("the new text is called %s, and the course follows %s: it is another protocol", whole.ID, l.whole.ID)
	}
	for i := range p.Phases {
		ph := &p.Phases[i]
		was, ok := l.whole.Phase(ph.Name)
		if !ok {
			continue
		}
		a, b := &l.whole.Medications[was.Medication], &p.Medications[ph.Medication]
		if !strings.EqualFold(a.Name, b.Name) {
			return fmt.Sprintf("“%s” gives %s, and %s in the new text", ph.Name, a.Name, b.Name)
		}
		if a.RxNorm != "" && b.RxNorm != "" && a.RxNorm != b.RxNorm {
			return fmt.Sprintf("“%s” gives %s of the RxNorm code %s, and of %s in the new text", ph.Name, a.Name, a.RxNorm, b.RxNorm)
		}
	}
	return ""
}

// began returns how the leg began, with what its text chose by itself written out where a new text would choose otherwise: the tier,
// the route and the frequencies that a patient has are no default any more.
func (l *leg) began(p *protocol.Protocol) *Treatment {
	t, old := *l.Treatment, l.protocol
	if t.Tier == "" && old.DefaultTier != p.DefaultTier && slices.ContainsFunc(p.Tiers, func(x protocol.Tier) bool { return x.Name == old.DefaultTier }) {
		t.Tier = old.DefaultTier
	}
	for i := range p.Medications {
		m := &p.Medications[i]
		k := slices.IndexFunc(old.Medications, func(x protocol.Medication) bool { return strings.EqualFold(x.Name, m.Name) })
		if t.Route != "" || len(m.Routes) < 2 || k < 0 {
			continue
		}
		was := old.DefaultRoute
		if routes := old.Medications[k].Routes; len(routes) == 1 {
			was = routes[0].Name
		}
		if _, ok := m.Route(was); ok && was != p.DefaultRoute {
			t.Route = was
		}
	}
	t.Frequency = maps.Clone(t.Frequency)
	for i := range p.Phases {
		ph := &p.Phases[i]
		was, ok := old.Phase(ph.Name)
		if !ok || t.Frequency[ph.Name] != "" || len(was.Frequencies) == 0 || ph.Offered(was.Frequencies[0].Text) <= 0 {
			continue // the first of them is taken by itself
		}
		if t.Frequency == nil {
			t.Frequency = map[string]string{}
		}
		t.Frequency[ph.Name] = was.Frequencies[0].Text
	}
	return &t
}

// asGiven returns what is recorded of the doses with the route that they have in a calendar, as its text has it: a later one changes
// neither by what a dose was given, nor its form, nor over what time.
func (l *leg) asGiven(before *schedule.Schedule) []schedule.Fact {
	facts := slices.Clone(l.line.Facts)
	if before == nil {
		return facts
	}
	type key struct {
		name  schedule.DoseName
		at    civil.Date
		clock civil.Clock
	}
	of := map[key]*schedule.DoseInfo{}
	for i := range before.Events {
		if e := &before.Events[i]; e.Kind == schedule.Dose && (e.Status == schedule.Taken || e.Status == schedule.Missed) {
			of[key{before.DoseName(e), e.Date, e.Wanted}] = before.Dose(e)
		}
	}
	for i := range facts {
		f := &facts[i]
		d := of[key{schedule.DoseName{Phase: f.Phase, Number: f.Number}, f.Date, f.Clock}]
		if d != nil && d.Route != nil && f.As == nil {
			f.Route, f.As = d.Route.Name, d.Route
		}
	}
	return facts
}

// nextDose returns the first dose of a calendar of which nothing is recorded; nil where there is none.
func nextDose(s *schedule.Schedule) *schedule.Event {
	if s == nil {
		return nil
	}
	i := slices.IndexFunc(s.Events, func(e schedule.Event) bool { return e.Kind == schedule.Dose && e.Status <= schedule.Provisional })
	if i < 0 {
		return nil
	}
	return &s.Events[i]
}

// textAgainst says why the calendar of a new text may not follow that of the one before it, old, on a day, or nothing.
func (l *leg) textAgainst(before *schedule.Schedule, old *protocol.Protocol, today civil.Date) (help, why string) {
	if before == nil {
		return "", ""
	}
	if name, day, ok := l.repriced(before, today); ok {
		return "write down first what became of the dose, and then follow the new text", fmt.Sprintf("nothing is recorded of the dose %s of %v, and the new text gives another in its place", name, day)
	}
	if gate, name, declined := l.ungated(before, today); declined {
		return "record the check-in with the decision to confirm first, or stop the protocol", fmt.Sprintf("the check-in “%s” declined the dose %s, and with the new text it is given", gate, name)
	}
	if name, from, to, larger := l.larger(before, anyPhase); larger {
		for _, p := range []*protocol.Protocol{old, l.whole} {
			if raises, ok := confirms(p, name.Phase); ok && l.saidNo(raises) {
				return "record the check-in with the decision to confirm first", fmt.Sprintf("with the new text the dose %s rises from %v to %v, and the check-in “%s” declined a step", name, from, to, raises)
			}
		}
	}
	if name, day, ok := l.backdated(before, today); ok {
		return "go over to it with a switch, or with a restart, from a day on", fmt.Sprintf("with the new text the dose %s stands on %v, which is over, and no dose was planned for that day", name, day)
	}
	return "", ""
}

// repriced returns a dose of a day that is over of which nothing is recorded, and which the calendar gives in another
// amount than one before it, or not at all: what was ordered for a past day is not changed by a later text.
func (l *leg) repriced(before *schedule.Schedule, today civil.Date) (name schedule.DoseName, day civil.Date, ok bool) {
	for i := range before.Events {
		e := &before.Events[i]
		if e.Kind != schedule.Dose || e.Number == 0 || e.Status != schedule.Planned || !e.Date.Before(today) {
			continue
		}
		name = before.DoseName(e)
		if now := l.dose(name); now == nil || now.Date != e.Date || l.Schedule.Dose(now).Amount.String() != before.Dose(e).Amount.String() {
			return name, e.Date, true
		}
	}
	return name, day, false
}

// backdated returns a dose of a day that is over, of which nothing is recorded, where a calendar before had none: nobody planned it
// then.
func (l *leg) backdated(before *schedule.Schedule, today civil.Date) (name schedule.DoseName, day civil.Date, ok bool) {
	type planned struct {
		phase string
		on    civil.Date
	}
	was := map[planned]bool{}
	for i := range before.Events {
		if e := &before.Events[i]; e.Kind == schedule.Dose {
			was[planned{before.PhaseName(e), e.Date}], was[planned{before.PhaseName(e), e.Target}] = true, true
		}
	}
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		open := e.Kind == schedule.Dose && e.Number > 0 && (e.Status <= schedule.Provisional || e.Status == schedule.Held)
		if phase := l.Schedule.PhaseName(e); open && e.Date.Before(today) && !l.endedBy(e.Date) && !was[planned{phase, e.Date}] && !was[planned{phase, e.Target}] {
			return l.Schedule.DoseName(e), e.Date, true
		}
	}
	return name, day, false
}

// lateVisit returns a check-in of a day that is over, of which nothing is recorded, where a calendar before had it on a later day, or
// not at all.
func (l *leg) lateVisit(before *schedule.Schedule, today civil.Date) (*schedule.Event, bool) {
	if before == nil {
		return nil, false
	}
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		if e.Kind != schedule.CheckIn || e.Number == 0 || e.Status > schedule.Provisional || !e.Date.Before(today) || l.endedBy(e.Date) {
			continue
		}
		name := l.Schedule.CheckIn(e).Name
		if !slices.ContainsFunc(before.Events, func(x schedule.Event) bool {
			return x.Kind == schedule.CheckIn && before.CheckIn(&x).Name == name && x.Number == e.Number && x.Date.Before(today)
		}) {
			return e, true
		}
	}
	return nil, false
}

// ungated returns a dose that waited for a check-in in a calendar before and waits for none now, with the check-in, and
// whether that had declined it.
func (l *leg) ungated(before *schedule.Schedule, today civil.Date) (gate string, name schedule.DoseName, declined bool) {
	if before == nil {
		return "", name, false
	}
	if gate, name, declined = l.renamed(before, today); declined {
		return gate, name, true
	}
	for i := range before.Events {
		e := &before.Events[i]
		if e.Kind != schedule.Dose || e.Status != schedule.Provisional && e.Status != schedule.Held || !e.Waits.Any() {
			continue
		}
		now, said := l.dose(before.DoseName(e)), l.declines(before, e)
		if now == nil || !free(now) && !(said && l.undeclined(now)) {
			continue
		}
		was := before.GateName(e)
		if said || gate == "" {
			gate, name, declined = was, before.DoseName(e), said
		}
		if said {
			break
		}
	}
	return gate, name, declined
}

// free reports whether a dose is planned and waits for no check-in; or would be, if nothing else held it: what holds it can end.
func free(e *schedule.Event) bool {
	return (e.Status == schedule.Planned || e.Status == schedule.Held) && !e.Waits.Any()
}

// undeclined reports whether a dose is still to be given, and waits for no check-in that declined: for others it may wait, which can
// confirm.
func (l *leg) undeclined(e *schedule.Event) bool {
	return (e.Status <= schedule.Provisional || e.Status == schedule.Held) && !l.waitsForDeclined(l.Schedule, e)
}

// declines reports whether a dose of a calendar is held since a check-in that it waits for declined.
func (l *leg) declines(s *schedule.Schedule, e *schedule.Event) bool {
	return e.Status == schedule.Held && l.waitsForDeclined(s, e)
}

// waitsForDeclined reports whether a check-in that a dose of a calendar waits for declined.
func (l *leg) waitsForDeclined(s *schedule.Schedule, e *schedule.Event) bool {
	declined := l.declined()
	return slices.ContainsFunc(s.Gates(e), func(gate string) bool { return slices.Contains(declined, gate) })
}

// lastSaid returns the last decision of a check-in; "" for none.
func (l *leg) lastSaid(name string) (decision string) {
	for _, e := range l.checked {
		if c, ok := e.Act.(*CheckedIn); ok && c.Name == name && c.Decision != "" {
			decision = c.Decision
		}
	}
	return decision
}

// saidNo reports whether the last decision of a check-in was to decline, and saidYes whether it was to confirm.
func (l *leg) saidNo(name string) bool { return l.lastSaid(name) == "decline" }

func (l *leg) saidYes(name string) bool { return l.lastSaid(name) == "confirm" }

// renamed returns a dose that a calendar gives from a day on and that one before it, in which a check-in had declined
// doses, did not: what was declined may have another name now.
func (l *leg) renamed(before *schedule.Schedule, today civil.Date) (gate string, name schedule.DoseName, found bool) {
	given := map[schedule.DoseName]bool{}
	for i := range before.Events {
		e := &before.Events[i]
		switch {
		case e.Kind != schedule.Dose:
		case l.declines(before, e):
			gate = before.GateName(e)
		default:
			given[before.DoseName(e)] = true
		}
	}
	if gate == "" {
		return "", name, false
	}
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		if name = l.Schedule.DoseName(e); e.Kind == schedule.Dose && e.Number > 0 && l.undeclined(e) && !e.Date.Before(today) && !given[name] {
			return gate, name, true
		}
	}
	return "", name, false
}

// confirms returns the check-in that decides about the steps of a phase; ok is false for none.
func confirms(p *protocol.Protocol, phase string) (name string, ok bool) {
	if ph, ok := p.Phase(phase); ok && ph.Titration != nil {
		return ph.Titration.Confirmed, true
	}
	for i := range p.Phases { // the tiers are the steps of some phase
		if t := p.Phases[i].Titration; t != nil && len(t.Tiers) > 0 {
			return t.Confirmed, true
		}
	}
	return "", false
}

// ofGiven returns what is found of the doses that were given under the present text.
func (l *leg) ofGiven() (list diag.List) {
	if l.Schedule == nil {
		return nil
	}
	limits := []diag.Code{diag.SingleDoseLimit, diag.RollingLimit, diag.IntervalLimit, diag.CountLimit, diag.GivenPastGate}
	for _, d := range l.Schedule.Findings {
		if d.Severity <= diag.Warning && slices.Contains(limits, d.Code) {
			list = append(list, d)
		}
	}
	return list
}

// taper sets the falling doses with which a protocol ends, and returns the first day after them:
// the zero Date without a taper. ok is false where they are refused.
func (s *state) taper(l *leg, t *Taper) (end civil.Date, ok bool) {
	if len(t.Doses) == 0 {
		return end, true
	}
	phases, ok := s.tapered(l, t)
	if !ok {
		return end, false
	}
	from := t.From
	if from.IsZero() {
		from = civil.Later(s.entry.Entered, l.From)
	}
	if s.compute(l, false); l.Schedule != nil {
		for i := range l.Schedule.Events {
			e := &l.Schedule.Events[i]
			if e.Kind != schedule.Dose || e.Date.Before(from) || e.Status > schedule.Provisional || !slices.Contains(phases, l.Schedule.PhaseName(e)) {
				continue
			}
			if now := l.Schedule.Dose(e).Amount; now.Unit().Comparable(t.Doses[0].Unit()) && t.Doses[0].Cmp(now) > 0 {
				s.refuse("begin with less", "the doses of a taper fall, and the first, %v, is more than the dose %s, %v", t.Doses[0], l.Schedule.DoseName(e), now)
				return end, false
			}
			break
		}
	}
	fits := s.try(l, guards{}, func() {
		for k, amount := range t.Doses {
			c := schedule.Change{From: t.Every.From(from, k), Amount: map[string]quantity.Amount{}, Reason: "taper, " + s.entry.reason(), Tapers: true}
			for _, name := range phases {
				c.Amount[name] = amount
			}
			l.change(c)
		}
	})
	end = t.Every.From(from, len(t.Doses))
	for _, name := range phases {
		if fits {
			l.tapered[name] = from
		}
	}
	return end, fits
}

// stepsWithout says of a taper that goes on of which steps no dose is left, since they lie between two doses, or their doses
// were held: the steps keep their days, whatever becomes of the doses.
func (s *state) stepsWithout(l *leg) {
	type step struct {
		from   civil.Date
		amount quantity.Amount
	}
	var steps []step
	for _, c := range l.line.Changes {
		for phase, amount := range c.Amount { // the same for each phase
			if from, ok := l.tapered[phase]; ok && c.Tapers && !c.From.Before(from) {
				steps = append(steps, step{c.From, amount})
				break
			}
		}
	}
	if len(steps) == 0 || l.endedBy(s.now) {
		return
	}
	var none []string
	for k, x := range steps {
		until, some := l.Ended, false
		if k+1 < len(steps) {
			until = steps[k+1].from
		}
		for i := range l.Schedule.Events {
			e := &l.Schedule.Events[i]
			if _, ok := l.tapered[l.Schedule.PhaseName(e)]; e.Kind != schedule.Dose || !ok || e.Date.Before(x.from) || e.Status == schedule.Held {
				continue
			}
			in := until.IsZero() || e.Date.Before(until)
			some = some || in || e.Status == schedule.Taken // it went on to less
		}
		if !some {
			none = append(none, x.amount.String())
		}
	}
	if len(none) > 0 {
		l.Schedule.Findings.Add(diag.OddEntry, diag.Range{}, "write longer steps, or fewer, in the place of that order", "no dose falls on the steps %s of the taper that begins on %v: they keep their days, and the others follow each other without them", strings.Join(none, ", "), steps[0].from)
	}
}

// tapered returns the phases that a taper is of.
func (s *state) tapered(l *leg, t *Taper) (phases []string, ok bool) {
	m := 0
	if ph, ok := l.protocol.Phase(t.Phase); ok {
		m = ph.Medication
	} else if t.Phase != "" || len(l.protocol.Medications) > 1 {
		s.refuse("name a phase of the protocol that gives it", "the protocol has several medicines or no phase “%s”, and it is not said which is tapered", t.Phase)
		return nil, false
	}
	for i := range l.protocol.Phases {
		if ph := &l.protocol.Phases[i]; ph.Medication == m {
			phases = append(phases, ph.Name)
		}
	}
	return phases, true
}

// overdue looks for check-ins that should have taken place, and holds the doses that the protocol
// stops for them, until the leg ends.
func (s *state) overdue(l *leg) {
	today := cmp.Or(s.o.AsOf, s.o.Now)
	l.stops = nil
	if today.IsZero() || !slices.ContainsFunc(l.protocol.CheckIns, func(c protocol.CheckIn) bool { return c.StopsIfOverdue }) {
		return
	}
	if s.compute(l, false); l.Schedule == nil {
		return
	}
	for _, e := range l.stopping(l.within(today)) { // what was held when it ended stays so
		due := lastDay(l.Schedule, e).AddDays(1)
		l.line.Waiting = append(slices.Clip(l.line.Waiting), schedule.Waiting{Name: l.Schedule.CheckIn(e).Name, From: due})
		l.stops = append(l.stops, stop{l.Schedule.CheckIn(e), e.Date, due})
	}
	l.changed()
}

// stopping returns the check-ins without which no dose is given and that should have taken place by a day, and did not.
func (l *leg) stopping(by civil.Date) (list []*schedule.Event) {
	for k := range l.Schedule.Events {
		e := &l.Schedule.Events[k]
		missed := e.Kind == schedule.CheckIn && e.Status == schedule.Missed
		if (missed || Overdue(l.Schedule, e, by)) && l.Schedule.CheckIn(e).StopsIfOverdue && !heldAfter(l.Schedule, e) {
			list = append(list, e)
		}
	}
	return list
}

// A stop is a check-in that did not take place, and without which no dose is given from a day on.
type stop struct {
	at       *protocol.CheckIn
	on, from civil.Date
}

// stopped says for which check-ins doses are held.
func (l *leg) stopped() {
	for _, x := range l.stops {
		if slices.ContainsFunc(l.Schedule.Events, func(e schedule.Event) bool {
			return e.Kind == schedule.Dose && e.Status == schedule.Held && !e.Date.Before(x.from)
		}) {
			what := schedule.Part(l.protocol.ID)
			if phases, some := l.protocol.Stops(x.at); some {
				what = schedule.PartOf(l.protocol, phases)
			}
			l.Schedule.Findings.Add(diag.HeldFor, diag.Range{}, "hold it, and write it down", "doses of %s are held from %v on: “%s” of %v did not take place, and none of them is given without it", what, x.from, x.at.Title, x.on)
		}
	}
}

// Overdue reports whether a check-in that did not take place should have by a day.
func Overdue(s *schedule.Schedule, e *schedule.Event, asOf civil.Date) bool {
	return e.Kind == schedule.CheckIn && e.Status <= schedule.Provisional && lastDay(s, e).Before(asOf) && !heldAfter(s, e)
}

// lastDay returns the last day on which a check-in may be held: that of its window, wherever in it it was put.
func lastDay(s *schedule.Schedule, e *schedule.Event) civil.Date {
	return civil.Later(e.Date, e.Target.AddDays(s.CheckIn(e).Window.After))
}

// heldAfter reports whether a later check-in of the same name took place: what was to be looked at was looked at then.
func heldAfter(s *schedule.Schedule, e *schedule.Event) bool {
	return slices.ContainsFunc(s.Events, func(x schedule.Event) bool {
		return x.Kind == schedule.CheckIn && x.Rule == e.Rule && x.Status == schedule.Taken && x.Number > 0 && x.Target.After(e.Target)
	})
}

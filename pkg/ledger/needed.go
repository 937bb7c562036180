package ledger

import (
	"cmp"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A needed is a dose that was taken as needed.
type needed struct {
	at     int64 // its instant
	on     civil.Moment
	amount quantity.Amount
}

// An AsNeeded is what was taken of one thing that a protocol lets the patient take as needed.
type AsNeeded struct {
	Protocol string
	Name     string
	Taken    []Taken      // in order of time
	Next     civil.Moment // when another keeps the budget; unset where nothing of it is taken any more, or now
}

// A Taken is one dose that was taken as needed.
type Taken struct {
	On     civil.Moment // on the patient's clocks
	Amount quantity.Amount
}

// asNeeded returns what was taken as needed, of each thing that the protocols of the course let the patient take so.
func (s *state) asNeeded() []AsNeeded {
	var out []AsNeeded
	for _, l := range s.legs {
		for i := range l.protocol.AsNeeded {
			a := AsNeeded{Protocol: l.protocol.ID, Name: l.protocol.AsNeeded[i].Rule.Name}
			if slices.ContainsFunc(out, func(x AsNeeded) bool { return x.Protocol == a.Protocol && x.Name == a.Name }) {
				continue // of a protocol that begins again
			}
			for _, n := range s.needed[a.Protocol+" "+a.Name] {
				a.Taken = append(a.Taken, Taken{n.on, n.amount})
			}
			if len(a.Taken) > 0 {
				out = append(out, a)
			}
		}
	}
	return out
}

// nextNeeded returns when another dose of what was taken as needed keeps its budget; unset where it does already on a day, where
// doses are held then, where a check-in declined that anything is given, and where nothing of it is taken any more.
func (c *Calendar) nextNeeded(a *AsNeeded, asOf civil.Date) (at civil.Moment) {
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Schedule.Needed {
			n := &l.Schedule.Needed[k]
			runs := l.Ended.IsZero() || l.Ended.After(asOf)
			barred := firstOf(l.Schedule.Protocol, func(name string) bool { return slices.Contains(l.Declined, name) }) != ""
			if l.Schedule.Protocol.ID != a.Protocol || n.Rule.Rule.Name != a.Name || !runs || barred || n.Held != nil && n.Held.Covers(asOf) {
				continue
			}
			if next, ok := n.Next(); ok {
				if at.Date, at.Clock = l.Schedule.Zone.DateClock(next); at.Date.Before(asOf) {
					at = civil.Moment{}
				}
			}
		}
	}
	return at
}

// tookOn writes down in the calendars what was taken as needed: each dose in the one that ran on its day, or in the last
// that lets it be taken.
func (s *state) tookOn(legs []Leg) {
	for of, list := range s.needed {
		for _, n := range list {
			var in *schedule.Schedule
			var at int
			for k := range legs {
				l := &legs[k]
				i := slices.IndexFunc(l.Schedule.Needed, func(x schedule.Needed) bool { return l.Schedule.Protocol.ID+" "+x.Rule.Rule.Name == of })
				if i >= 0 && (in == nil || !n.on.Date.Before(l.From)) {
					in, at = l.Schedule, i
				}
			}
			if in != nil {
				in.Needed[at].Taken = append(in.Needed[at].Taken, schedule.NeededDose{At: n.at, On: n.on, Amount: n.amount})
			}
		}
	}
	for k := range legs {
		sched := legs[k].Schedule
		for i := range sched.Needed {
			if n := &sched.Needed[i]; len(n.Taken) > 0 {
				sched.Notes = append(slices.Clip(sched.Notes), schedule.Note{Form: schedule.AsNeededTaken, Args: []any{n.Rule.Rule.Title, n.TakenWords()}})
			}
		}
	}
}

// tookNeeded takes down a dose of what a protocol of the course lets the patient take as needed, and says where it
// passes the budget: what was taken is accepted. It reports whether the entry is one.
func (s *state) tookNeeded(g *Given) bool {
	l, rule := s.neededOf(g.Dose.Phase)
	if l == nil {
		return false
	}
	name := rule.Rule.Name
	for _, other := range s.legs {
		if s.entry.Of == "" && other.protocol.ID != l.protocol.ID && !other.From.After(s.entry.On) && !other.endedBy(s.entry.On) && !l.endedBy(s.entry.On) && other.letsTake(name) {
			s.refuse("say of which, with `--of`", "%s and %s both let “%s” be taken as needed", other.protocol.ID, l.protocol.ID, name)
			return true
		}
	}
	if !g.At.IsSet() || !g.Amount.IsSet() {
		s.refuse("state both: it stands on no calendar", "when “%s” was taken, and how much, is not said", name)
		return true
	}
	if s.compute(l, false); l.Schedule == nil {
		return true
	}
	at := slices.IndexFunc(l.Schedule.Needed, func(n schedule.Needed) bool { return n.Rule.Rule.Name == name })
	if at < 0 {
		return true
	}
	rule = l.Schedule.Needed[at].Rule // with budgets as they are for the patient
	dose := l.Schedule.Needed[at].Dose.Amount
	if !dose.Unit().Comparable(g.Amount.Unit()) {
		s.refuse("state the amount in the unit of the doses", "a dose of “%s” cannot be in %v", name, g.Amount.Unit())
		return true
	}
	clock := g.At.Or(0)
	instant, _ := s.patientOn(s.entry.On).Zone.At(s.entry.On, clock)
	took := needed{instant.Unix(), civil.Moment{Date: s.entry.On, Clock: clock}, g.Amount.In(dose.Unit())}
	of := l.protocol.ID + " " + name // of a protocol that begins again too
	list := append(slices.Clip(s.needed[of]), took)
	slices.SortStableFunc(list, func(a, b needed) int { return cmp.Compare(a.at, b.at) })
	s.needed[of] = list
	if h := l.Schedule.Needed[at].Held; h != nil && h.Covers(s.entry.On) {
		s.passed("“%s” was taken while doses are held, as needed too", name)
	}
	if name := firstOf(l.protocol, func(name string) bool { return slices.Contains(l.declined(), name) || !l.heldOnce(name) }); name != "" {
		s.passed("“%s” was taken, and the check-in “%s”, without which nothing is given, has not let it through", rule.Rule.Name, name)
	}
	switch {
	case s.entry.On.Before(l.From):
		s.passed("“%s” was taken on %v, before %s begins, on %v", name, s.entry.On, l.protocol.ID, l.From)
	case l.endedBy(s.entry.On):
		s.passed("“%s” was taken on %v, and %s has ended", name, s.entry.On, l.protocol.ID)
	}
	if took.amount.Cmp(dose) > 0 {
		s.passed("%v of “%s” was taken, as needed, and one dose is %v", took.amount, name, dose)
	}
	s.overBudget(rule, list, took)
	return true
}

// firstOf returns the first of the check-ins without which no dose of a protocol is given that is one of some; "" for none.
func firstOf(p *protocol.Protocol, some func(name string) bool) string {
	for i := range p.CheckIns {
		c := &p.CheckIns[i]
		if some(c.Name) && slices.ContainsFunc(c.Gates, func(g protocol.Gate) bool { return g.FirstDose && g.Phase == "" }) {
			return c.Name
		}
	}
	return ""
}

// heldOnce reports whether a check-in of a name took place.
func (l *leg) heldOnce(name string) bool {
	return slices.ContainsFunc(l.checked, func(e *Entry) bool { c, ok := e.Act.(*CheckedIn); return ok && c.Name == name })
}

// overBudget says where doses that were taken as needed pass their budget together with the one that is entered.
func (s *state) overBudget(rule *protocol.AsNeeded, list []needed, took needed) {
	apart := int64(limit.Elapsed(rule.Apart).Seconds())
	for i := 1; i < len(list); i++ {
		if a, b := list[i-1], list[i]; (a == took || b == took) && b.at-a.at < apart {
			s.passed("“%s” was taken at %v and at %v on %v, and is to be taken %v apart", rule.Rule.Name, a.on.Clock, b.on.Clock, b.on.Date, rule.Apart)
			break
		}
	}
	for _, b := range rule.AtMost {
		within := int64(limit.Elapsed(b.Within).Seconds())
		for _, last := range list {
			total, doses := quantity.New(0, 1, took.amount.Unit()), 0
			for _, x := range list {
				if x.at <= last.at && x.at > last.at-within {
					total, doses = total.Add(x.amount), doses+1
				}
			}
			if counts := took.at <= last.at && took.at > last.at-within; counts && (b.Doses > 0 && doses > b.Doses || b.Total.IsSet() && total.Cmp(b.Total.In(total.Unit())) > 0) {
				s.passed("“%s” was taken %s in %v, %v in all, and at most %v may be", rule.Rule.Name, civil.Plural(doses, "time"), b.Within, total, b)
				break
			}
		}
	}
}

// passed says of what was taken that it passes what the protocol allows.
func (s *state) passed(format string, args ...any) {
	s.say(diag.RollingLimit, "look after the patient; strike it if it is a slip", "what was taken passes a limit: "+format, args...).Severity = diag.Warning
}

// letsTake reports whether the protocol of a leg lets something of a name be taken as needed.
func (l *leg) letsTake(name string) bool {
	return slices.ContainsFunc(l.protocol.AsNeeded, func(a protocol.AsNeeded) bool { return a.Rule.Name == name })
}

// neededOf returns the leg, the last one that had begun, whose protocol lets something of a name be taken as needed,
// and its rule; nil where none does.
func (s *state) neededOf(name string) (best *leg, rule *protocol.AsNeeded) {
	for _, l := range s.legs {
		if s.entry.Of != "" && s.entry.Of != l.protocol.ID || best != nil && l.From.After(s.entry.On) {
			continue
		}
		for i := range l.protocol.AsNeeded {
			if x := &l.protocol.AsNeeded[i]; x.Rule.Name == name {
				best, rule = l, x
			}
		}
	}
	return best, rule
}

package ledger

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A clash is a dose that would break a limit together with those of another protocol.
type clash struct {
	given
	of    *leg // whose limit it is
	with  *leg // another, whose doses stand beside those of that
	name  string
	taken bool
}

// dose names the dose that clashes.
func (c *clash) dose() string {
	if c.needed != "" {
		return "“" + c.needed + "”, as needed"
	}
	if c.event.Number == 0 {
		return "a dose beside the plan of " + c.leg.Schedule.PhaseName(c.event)
	}
	return c.leg.Schedule.DoseName(c.event).String()
}

// again reports whether the other doses are those of an earlier run of the same protocol.
func (c *clash) again() bool { return c.with.protocol.ID == c.of.protocol.ID }

// across holds the doses that would break a limit of any protocol of the course together with
// those of another, the later of two, and says what was given all the same. It returns the protocols of which it held doses.
func (s *state) across() (holding map[*leg]bool) {
	s.related()
	holding = map[*leg]bool{}
	var kinds []string
	first, count := map[string]clash{}, map[string]int{} // of each kind
	for _, c := range s.together() {
		if !c.taken {
			c.leg.Schedule.Hold(c.event)
			holding[c.leg] = true
		}
		key := fmt.Sprint(c.of.protocol.ID, " ", c.leg.protocol.ID, " ", c.with.protocol.ID, " ", c.name, " ", c.taken) // what is held says why, too
		was, ok := first[key]
		switch {
		case !ok:
			kinds = append(kinds, key)
			first[key], count[key] = c, 1
		case !c.taken && was.event.Date.Before(s.now) && !c.event.Date.Before(s.now):
			first[key], count[key] = c, 1 // what is still to come is told, and not what is over
		default:
			count[key]++
		}
	}
	for _, key := range kinds {
		c := first[key]
		others, help := "the doses of the other protocol", "change the start, the dose or the gap between the protocols"
		if c.again() {
			others, help = "the doses of before it began again", "change the day on which it begins again, or the dose"
		}
		code, text := diag.HeldByLimit, "held, since with %s it would break the limit “%s” of “%s”: %s of “%s”, %v%s"
		if c.taken {
			code, text = diag.RollingLimit, "what was given passes, with %s, the limit “%s” of “%s”: %s of “%s”, %v%s"
		}
		more := ""
		if n := count[key] - 1; n > 0 && !c.taken {
			more = fmt.Sprintf(", and %s more after it", civil.Plural(n, "dose"))
		}
		for _, l := range slices.Compact([]*leg{c.leg, c.of}) {
			d := l.Schedule.Findings.Add(code, diag.Range{}, help, text, others, c.name, c.of.protocol.ID, c.dose(), c.leg.protocol.ID, c.event.Date, more)
			d.Severity = diag.Warning
		}
	}
	return holding
}

// brokenOff holds what a protocol that begins again after so long without a dose plans after that, where doses between were
// held for those of another protocol: its own rules know nothing of these, and a clinician begins it again, or does not.
func (s *state) brokenOff(l *leg) {
	most := l.protocol.RestartAfter
	if !most.IsSet() || l.byOrder != nil || l.byItself != nil {
		return
	}
	var last, from civil.Date
	out, broken := false, false // doses are left out since the last; one was given after too long
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		long := out && !last.IsZero() && most.From(last, 1).Before(e.Date)
		switch {
		case e.Status == schedule.Held || e.Status == schedule.Missed:
			out = true
		case e.Status == schedule.Taken:
			last, out, broken = e.Date, false, broken || long
		case from.IsZero() && e.Status != schedule.Planned: // what decides about it is still to come
			return
		case from.IsZero() && !long && !broken:
			last, out = e.Date, false
		default:
			if from.IsZero() {
				from = e.Date
				l.Schedule.Findings.Add(diag.Restarted, diag.Range{}, "begin it again with `restart`", "%s: more than %v pass before the dose of %v, since doses were held for those of another protocol, and after as long without one it begins again: its doses from that day on are held",
					l.protocol.Title, most, from).Severity = diag.Warning
			}
			l.Schedule.Hold(e)
		}
	}
}

// related says of protocols that run at the same time, or soon after each other, what their totals do
// not count of each other: a medicine that is a part of the other's, or the same one by another route.
func (s *state) related() {
	for i, a := range s.legs {
		for _, b := range s.legs[:i] {
			if a.Schedule == nil || b.Schedule == nil || a.protocol.ID == b.protocol.ID || !a.near(b) {
				continue
			}
			said := false
			for k := range a.protocol.Medications {
				for n := range b.protocol.Medications {
					said = said || uncounted(a, b, &a.protocol.Medications[k], &b.protocol.Medications[n])
				}
			}
		}
	}
}

// uncounted says what the totals of two protocols do not count of each other's medicine, and reports
// whether there is any.
func uncounted(a, b *leg, m, n *protocol.Medication) bool {
	why := ""
	foreign := func(m *protocol.Medication, l *leg) bool {
		return slices.ContainsFunc(l.Schedule.Events, func(e schedule.Event) bool {
			if e.Kind != schedule.Dose || !e.Counts() {
				return false
			}
			d := l.Schedule.Dose(&e)
			return SameMedicine(m, d.Medication) && !counts(m, d.Route.Name)
		})
	}
	switch {
	case medicine.Known().Related(m.Name, n.Name):
		why = "one is a part of the other medicine, and the limits of each protocol count its own doses alone"
	case SameMedicine(m, n) && (a.asNeeded(m) || b.asNeeded(n)):
		why = "what may be taken of it as needed stands on no calendar, and counts once it is written down"
	case SameMedicine(m, n) && (limitsTotals(m) && foreign(m, b) || limitsTotals(n) && foreign(n, a)):
		why = "by other routes, and totals count only the routes that a protocol gives"
	default:
		return false
	}
	for _, l := range []*leg{a, b} {
		l.Schedule.Findings.Add(diag.RelatedMedicine, diag.Range{}, "leave time between the two protocols, or end one of them", "%s gives %s beside %s or soon after it: %s", a.protocol.ID, m.Name, b.protocol.ID, why)
	}
	return true
}

// asNeeded reports whether a medicine of the leg's protocol is taken as needed.
func (l *leg) asNeeded(m *protocol.Medication) bool {
	return slices.ContainsFunc(l.protocol.AsNeeded, func(x protocol.AsNeeded) bool { return &l.protocol.Medications[x.Rule.Medication] == m })
}

// limitsTotals reports whether a protocol limits what is given of a medicine over some time.
func limitsTotals(m *protocol.Medication) bool {
	return len(m.Limits.Rolling) > 0 || len(m.Limits.OnDays) > 0 || m.Limits.Lifetime.IsSet()
}

// near reports whether two legs run at the same time, or one within days of the other.
func (l *leg) near(o *leg) bool {
	const days = 7
	return (l.Ended.IsZero() || o.From.Before(l.Ended.AddDays(days))) && (o.Ended.IsZero() || l.From.Before(o.Ended.AddDays(days)))
}

// together returns the doses that break a limit of a protocol only together with those of others. What one protocol holds
// counts no more against the limits of the next: of two that stand in each other's way one is given.
func (s *state) together() []clash {
	var list []clash
	held := map[*schedule.Event]bool{}
	hold := func(some []clash) {
		for _, c := range some {
			held[c.event] = held[c.event] || !c.taken
		}
		list = append(list, some...)
	}
	if len(s.legs) < 2 {
		return nil
	}
	for _, l := range s.legs {
		if l.Schedule == nil {
			continue
		}
		p := *s.patientOn(s.seen)
		k, found := l.plan.Reckon(&p)
		if found.HasErrors() {
			p = *l.patient
			k, _ = l.plan.Reckon(&p)
		}
		for m := range l.protocol.Medications {
			hold(s.clashes(l, &l.protocol.Medications[m], k.Units[m], k.Rules[m], held))
			for n := range l.protocol.Medications[m].Limits.Gaps {
				hold(s.tooNear(l, &l.protocol.Medications[m], &l.protocol.Medications[m].Limits.Gaps[n], held))
			}
		}
	}
	return list
}

// clashes are those of one medicine of one leg, but for doses that are held.
func (s *state) clashes(l *leg, med *protocol.Medication, unit quantity.Unit, rules limit.Rules, held map[*schedule.Event]bool) []clash {
	events := slices.DeleteFunc(s.dosesOf(med, unit, l), func(g given) bool {
		return held[g.event] || g.needed != "" && g.leg.protocol.ID == l.protocol.ID // which has a budget of its own there
	})
	if !slices.ContainsFunc(events, func(g given) bool { return g.leg != l }) {
		return nil // no other leg gives it
	}
	rules.Doses, rules.Single, rules.Course = 0, nil, 0 // of one course of the protocol, which looks at them itself
	var list []clash
	var series []limit.Dose
	var index []int
	for i := range events {
		g := &events[i]
		series, index = append(series, g.dose), append(index, i)
		var b limit.Breach
		broken := false
		for b = range rules.Last(series) { // but what it adds nothing to, and what is of one protocol alone
			if broken = (g.dose.Amount != 0 || b.Kind == limit.Interval || schedule.LimitName(&med.Limits, b) == limit.KeyInterval) && mixed(l, events, index[b.First:]); broken {
				break
			}
		}
		if !broken {
			continue
		}
		with := index[b.First+slices.IndexFunc(index[b.First:], func(i int) bool { return events[i].leg != l })]
		at := len(index) - 1
		if g.event.Status == schedule.Taken { // what is still planned for an earlier hour of the day gives way to it
			for at--; at >= b.First && !events[index[at]].event.GivesWay(g.event); at-- {
			}
		}
		if at < b.First {
			list = append(list, clash{*g, l, events[with].leg, string(schedule.LimitName(&med.Limits, b)), true})
			continue
		}
		x := &events[index[at]]
		list = append(list, clash{*x, l, events[with].leg, string(schedule.LimitName(&med.Limits, b)), false})
		series, index = slices.Delete(series, at, at+1), slices.Delete(index, at, at+1)
	}
	return list
}

// tooNear are the doses that come too soon after one of another medicine, which another leg gives: the later of two,
// or what is still planned for the same day before one that was given.
func (s *state) tooNear(l *leg, med *protocol.Medication, g *protocol.Gap, held map[*schedule.Event]bool) []clash {
	var events []given
	own := map[*schedule.Event]bool{}
	other := &l.protocol.Medications[g.Medication]
	for x := range s.counted() {
		if mine := SameMedicine(x.med, med); !held[x.event] && (mine || SameMedicine(x.med, other)) {
			events, own[x.event] = append(events, x), mine
		}
	}
	slices.SortStableFunc(events, func(a, b given) int { return cmp.Compare(a.event.At, b.event.At) })
	var list []clash
	var before []*given // those that stand, in order of time
	for i := range events {
		x := &events[i]
		at := -1 // the last of the other medicine that another leg gives
		for k := len(before) - 1; k >= 0 && x.event.At-before[k].event.At < int64(g.Least/time.Second) && at < 0; k-- {
			if o := before[k]; own[o.event] != own[x.event] && o.leg != x.leg {
				at = k
			}
		}
		switch {
		case at < 0:
		case x.event.Status != schedule.Taken:
			list = append(list, clash{*x, l, before[at].other(x, l), string(limit.KeyGap), false})
			continue
		case before[at].event.GivesWay(x.event):
			list = append(list, clash{*before[at], l, before[at].other(x, l), string(limit.KeyGap), false})
			before = slices.Delete(before, at, at+1)
		default:
			list = append(list, clash{*x, l, before[at].other(x, l), string(limit.KeyGap), true})
		}
		before = append(before, x)
	}
	return list
}

// mixed reports whether doses of a leg and of others stand together. What is of one leg alone is
// looked at there, and a limit says nothing of doses that none of its own is near.
func mixed(l *leg, events []given, index []int) bool {
	own := slices.ContainsFunc(index, func(i int) bool { return events[i].leg == l })
	return own && slices.ContainsFunc(index, func(i int) bool { return events[i].leg != l })
}

// A given is a dose of a leg.
type given struct {
	leg    *leg
	event  *schedule.Event
	med    *protocol.Medication
	route  string
	amount quantity.Amount
	needed string // of what was taken as needed: its name; its event is on no calendar

	dose limit.Dose // as the limits of one leg count it
}

// other returns the leg of two doses that is not one.
func (g *given) other(o *given, of *leg) *leg {
	if g.leg != of {
		return g.leg
	}
	return o.leg
}

// counted yields the doses of all legs that count against limits: those of their calendars, and what was taken as needed.
func (s *state) counted() iter.Seq[given] {
	return func(yield func(given) bool) {
		for _, l := range s.legs {
			if l.Schedule == nil {
				continue
			}
			for k := range l.Schedule.Events {
				if e := &l.Schedule.Events[k]; e.Kind == schedule.Dose && e.Counts() {
					if d := l.Schedule.Dose(e); !yield(given{leg: l, event: e, med: d.Medication, route: d.Route.Name, amount: d.Amount}) {
						return
					}
				}
			}
		}
		for _, g := range s.takenAsNeeded() {
			if !yield(g) {
				return
			}
		}
	}
}

// takenAsNeeded returns what was taken as needed, each dose with the last leg whose protocol lets it be taken.
func (s *state) takenAsNeeded() (list []given) {
	for _, of := range slices.Sorted(maps.Keys(s.needed)) {
		for _, l := range slices.Backward(s.legs) {
			i := slices.IndexFunc(l.protocol.AsNeeded, func(x protocol.AsNeeded) bool { return l.protocol.ID+" "+x.Rule.Name == of })
			if i < 0 {
				continue
			}
			rule := &l.protocol.AsNeeded[i].Rule
			for _, n := range s.needed[of] {
				e := &schedule.Event{At: n.at, Date: n.on.Date, Target: n.on.Date, Clock: n.on.Clock, Kind: schedule.Dose, Status: schedule.Taken}
				list = append(list, given{leg: l, event: e, med: &l.protocol.Medications[rule.Medication], route: l.routeOn(rule, n.on.Date), amount: n.amount, needed: rule.Name})
			}
			break
		}
	}
	return list
}

// dosesOf lists the doses of a medicine in all legs, in order of time, as the limits of one leg
// count them.
func (s *state) dosesOf(med *protocol.Medication, unit quantity.Unit, of *leg) []given {
	var list []given
	for g := range s.counted() {
		if !SameMedicine(g.med, med) || !g.amount.Unit().Comparable(unit) {
			continue
		}
		amount, ok := g.amount.In(unit).Scaled()
		if !ok {
			amount = math.MaxInt64 / schedule.MaxEvents
		}
		if !counts(med, g.route) {
			amount = 0
		}
		g.dose = limit.Dose{At: g.event.At, Day: int32(g.event.Date.Sub(civil.Date{})), Amount: amount}
		list = append(list, g)
	}
	slices.SortStableFunc(list, func(a, b given) int {
		return cmp.Or(cmp.Compare(a.event.At, b.event.At), cmp.Compare(rankOf(a.leg, of), rankOf(b.leg, of)))
	})
	return list
}

// counts reports whether the totals of a medicine count a dose by a route: they are stated of the routes
// that the protocol has, and what is injected or infused is as good as another injection.
func counts(med *protocol.Medication, route string) bool {
	if _, ok := med.Route(route); ok {
		return true
	}
	return protocol.Injected(route) && slices.ContainsFunc(med.Routes, func(r protocol.Route) bool { return protocol.Injected(r.Name) })
}

func rankOf(l, of *leg) int {
	if l == of {
		return 0
	}
	return 1
}

// SameMedicine reports whether two protocols give one medicine: by its name, whatever its case and spaces, or by its RxNorm code.
// Two codes beside one name are a slip of one of them, or two products of it, which add up.
func SameMedicine(a, b *protocol.Medication) bool {
	word := func(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }
	return a.RxNorm != "" && a.RxNorm == b.RxNorm || word(a.Name) == word(b.Name)
}

package course

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Source finds the protocol of a pin. Its findings are those of the file.
type Source func(Pin) (*protocol.Protocol, diag.List)

// Options are what a calendar depends on beside the course.
type Options struct {
	Base  schedule.Options // the settings of the calendar
	AsOf  civil.Date       // check-ins before this day are overdue unless they took place; the zero Date for none
	Until civil.Date       // the last date shown; the zero Date for the usual horizon

	// WholeFills goes so far past Until that what is sent by then is known whole.
	WholeFills bool
}

// A Leg is one protocol of a course, from its first dose until the course left it.
type Leg struct {
	Treatment *Treatment
	Beside    bool // it runs alongside the others
	Schedule  *schedule.Schedule
	From      civil.Date
	Ended     civil.Date // the first day after it; the zero Date while it runs
	Note      string     // why it ended, or began
}

// A Calendar is a course as it stands.
type Calendar struct {
	Course *Course
	Legs   []Leg
	Stop   civil.Date // the zero Date while the course runs
	Holds  []schedule.Hold
}

// Replay computes the calendar of a course from its amendments, in their order. The findings
// say which amendment does not fit; the calendar is nil where there is an error or a refusal.
func Replay(c *Course, source Source, o Options) (*Calendar, diag.List) {
	r := &replay{c: c, source: source, o: o, last: civil.Later(c.Treatment.Start, o.AsOf)}
	for i := range c.Amendments {
		a := &c.Amendments[i]
		r.last = civil.Later(civil.Later(civil.Later(r.last, a.Day()), a.Date), a.Treatment.Start)
	}
	for i := range c.Alongside {
		r.begin(&c.Alongside[i], c.Alongside[i].Start, true, "")
	}
	r.begin(&c.Treatment, c.Treatment.Start, false, "")
	if r.found.HasErrors() {
		return nil, r.found
	}
	last := civil.Date{}
	for i := range c.Amendments {
		a := &c.Amendments[i]
		switch {
		case a.On.Before(last):
			r.refuse(a, "append amendments in the order of time", "the amendment of %v stands after one of %v", a.On, last)
		case !r.stop.IsZero() && !a.isFact():
			r.refuse(a, "what happened before can still be recorded", "the course stopped on %v, and nothing can be amended after it", r.stop)
		case a.Day().Before(a.On):
			r.refuse(a, "what lies before an amendment is not changed by it", "the amendment of %v would hold from %v on", a.On, a.Day())
		case a.Verb != CheckIn && a.On.Before(c.Treatment.Start):
			r.refuse(a, "", "the amendment of %v lies before the start of the course, %v", a.On, c.Treatment.Start)
		default:
			r.apply(a)
		}
		if r.found.HasErrors() {
			return nil, advised(r.found)
		}
		last = a.On
	}
	r.overdue()
	r.run(true)
	r.across()
	if r.found.HasErrors() {
		return nil, advised(r.found)
	}
	if !r.hold.IsZero() {
		r.holds = append(r.holds, schedule.Hold{From: r.hold})
	}
	out := &Calendar{Course: c, Stop: r.stop, Holds: r.holds}
	for i := range r.legs {
		l := &r.legs[i]
		out.Legs = append(out.Legs, l.Leg)
	}
	return out, r.found
}

// advised says of broken limits what helps in a course.
func advised(found diag.List) diag.List {
	for i := range found {
		switch d := &found[i]; d.Code {
		case diag.SingleDoseLimit, diag.RollingLimit, diag.IntervalLimit, diag.CountLimit:
			d.Help = "skip, hold or lower later doses first"
		}
	}
	return found
}

// A leg is a Leg on the way.
type leg struct {
	Leg
	protocol *protocol.Protocol
	patient  *patient.Patient // as it was when the leg began
	line     schedule.Timeline
	passed   []string // check-ins whose gates are passed
	tier     string   // the present one
	step     map[string]int
	plan     *schedule.Plan
	known    map[string]bool // doses and check-ins that are recorded

	overrides []schedule.Override
}

type replay struct {
	c      *Course
	source Source
	o      Options
	legs   []leg // those alongside first, then one after the other
	found  diag.List
	weight quantity.Amount // the last that an amendment states
	hold   civil.Date      // the open hold; the zero Date for none
	holds  []schedule.Hold
	stop   civil.Date
	today  civil.Date // of the amendment that is applied; the zero Date before the first
	last   civil.Date // the last day of which an amendment, or what is asked, speaks
}

func (r *replay) refuse(a *Amendment, help, format string, args ...any) {
	r.found.Add(diag.BadAmendment, a.Range, help, format, args...)
}

// now is the leg that amendments are about: the last but for those alongside.
func (r *replay) now() *leg {
	for i := len(r.legs) - 1; i > 0; i-- {
		if !r.legs[i].Beside {
			return &r.legs[i]
		}
	}
	return &r.legs[0]
}

func (r *replay) begin(t *Treatment, start civil.Date, beside bool, note string) {
	p, found := r.source(t.Protocol)
	r.found = append(r.found, found...)
	if p == nil || found.HasErrors() {
		return
	}
	pat := *r.c.Patient
	pat.Start = start
	if r.weight.IsSet() {
		pat.Weight = r.weight
	}
	l := leg{Leg: Leg{Treatment: t, Beside: beside, From: start, Note: note}, protocol: p, patient: &pat, tier: t.Tier, step: map[string]int{}, known: map[string]bool{}, line: schedule.Timeline{Pinned: map[schedule.DoseName]schedule.Pin{}}}
	if l.tier == "" {
		l.tier = p.DefaultTier
	}
	l.line.Since = r.today
	if !r.hold.IsZero() {
		l.line.Holds = append(l.line.Holds, schedule.Hold{From: r.hold})
	}
	r.legs = append(r.legs, l)
	r.compute(&r.legs[len(r.legs)-1], false)
}

// compute makes the calendar of a leg anew. Limits are checked only at the end, when the
// calendars of all legs are known.
func (r *replay) compute(l *leg, final bool) {
	o := r.o.Base
	o.Tier, o.Route, o.Confirmed, o.Timeline = l.Treatment.Tier, l.Treatment.Route, l.passed, l.line
	o.AtLeast = schedule.DefaultHorizon.From(r.last, 1)
	if final {
		o.Until = r.o.Until
		if s := &l.protocol.Supply; r.o.WholeFills && !o.Until.IsZero() && s.Fill.IsSet() {
			o.Until = s.Through(o.Until).AddDays(schedule.MaxEarlier)
		}
		if !o.Until.IsZero() && o.Until.Before(r.last) {
			o.Until = r.last // what is recorded is always shown
		}
	} else { // to know what a fill holds that is sent by then
		o.AtLeast = l.protocol.Supply.Through(o.AtLeast)
	}
	for phase, text := range l.Treatment.Frequency {
		o.Frequencies = append(o.Frequencies, schedule.FrequencyChoice{Phase: phase, Text: text})
	}
	slices.SortFunc(o.Frequencies, func(a, b schedule.FrequencyChoice) int { return cmp.Compare(a.Phase, b.Phase) })
	o.Overrides = append(slices.Clone(o.Overrides), l.overrides...)
	plan, found := schedule.NewPlan(l.protocol, o)
	r.found = append(r.found, found...)
	if found.HasErrors() {
		return
	}
	s, found := plan.Run(l.patient)
	l.plan, l.Schedule = plan, s
	if final || s == nil {
		r.found = append(r.found, found...)
	}
}

// run computes every leg.
func (r *replay) run(final bool) {
	for i := range r.legs {
		if !r.found.HasErrors() {
			r.compute(&r.legs[i], final)
		}
	}
}

// find returns the event that an amendment names: of the legs that have one, the one that is
// not recorded yet and lies nearest to the day that the amendment speaks of, and of two the
// one of the later leg.
func (r *replay) find(a *Amendment, kind schedule.Kind) (*leg, *schedule.Event) {
	on := a.On
	if !a.Date.IsZero() {
		on = a.Date
	}
	var best *leg
	var found *schedule.Event
	better := func(l *leg, e *schedule.Event) bool {
		if found == nil || l.known[recordKey(a, kind)] != best.known[recordKey(a, kind)] {
			return found == nil || !l.known[recordKey(a, kind)]
		}
		return abs(e.Date.Sub(on)) <= abs(found.Date.Sub(on))
	}
	for i := range r.legs {
		l := &r.legs[i]
		for k := range l.Schedule.Events {
			e := &l.Schedule.Events[k]
			if e.Kind != kind || int(e.Number) != a.What.Number || kind == schedule.Dose && (e.Status == schedule.Missed && !l.known[recordKey(a, kind)] || l.Schedule.PhaseName(e) != a.What.Of) || kind == schedule.CheckIn && l.Schedule.CheckIn(e).Name != a.What.Of {
				continue
			}
			if better(l, e) {
				best, found = l, e
			}
		}
	}
	return best, found
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// recordKey names a dose or a check-in among those that are recorded.
func recordKey(a *Amendment, kind schedule.Kind) string {
	if kind == schedule.CheckIn {
		return fmt.Sprintf("check-in %s %d", a.What.Of, a.What.Number)
	}
	return fmt.Sprintf("%s %d", a.What.Of, a.What.Number)
}

func (r *replay) apply(a *Amendment) {
	l := r.now()
	r.today = a.On
	r.pin(a.On)
	switch a.Verb {
	case Weight:
		r.weight = a.Weight
		r.each(a.Day(), func(l *leg) {
			l.line.Changes = append(l.line.Changes, schedule.Change{From: effective(l, a), Weight: a.Weight, Reason: reason(a)})
		})
	case Tier:
		if !r.mayRaise(l, a) {
			return
		}
		l.tier = a.Tier
		l.line.Changes = append(l.line.Changes, schedule.Change{From: effective(l, a), Tier: a.Tier, Reason: reason(a)})
	case Dose:
		c := schedule.Change{From: effective(l, a), Amount: map[string]quantity.Amount{}, Reason: reason(a)}
		for phase, text := range a.ByPhase {
			amount, err := quantity.Parse(text)
			if err != nil {
				r.refuse(a, "write it as 40 mg", "the dose of “%s”: %v", phase, err)
				return
			}
			c.Amount[phase] = amount
		}
		l.line.Changes = append(l.line.Changes, c)
	case Frequency:
		l.line.Changes = append(l.line.Changes, schedule.Change{From: effective(l, a), Frequency: a.ByPhase, Reason: reason(a)})
	case Hold:
		if !r.hold.IsZero() {
			r.refuse(a, "", "doses are held already, from %v on", r.hold)
			return
		}
		if a.Date.Before(a.On) {
			r.refuse(a, "record doses that were not given as missed", "a hold of %v cannot begin before it, on %v", a.On, a.Date)
			return
		}
		r.hold = a.Date
		r.each(a.Date, func(l *leg) { l.line.Holds = append(l.line.Holds, schedule.Hold{From: a.Date}) })
	case Resume:
		r.resume(a)
		return
	case Skip, Missed, Given:
		one := *a
		for n := a.What.Number; n <= max(a.What.Last, a.What.Number) && !r.found.HasErrors(); n++ {
			one.What.Number = n
			r.record(&one)
		}
		return
	case CheckIn:
		r.checkIn(a)
		return
	case Switch:
		r.switchTo(a)
		return
	case Add:
		if a.Treatment.Start.Before(a.On) {
			r.refuse(a, "", "a protocol that is added on %v cannot begin before it, on %v", a.On, a.Treatment.Start)
			return
		}
		r.begin(&a.Treatment, a.Treatment.Start, true, "added: "+reason(a))
		return
	case Accept:
		return // the source of protocols has looked at it
	case Stop:
		if a.Date.Before(a.On) {
			r.refuse(a, "", "a stop of %v cannot lie before it, on %v", a.On, a.Date)
			return
		}
		end, ok := r.taper(l, a)
		if !ok {
			return
		}
		if end.After(a.Date) {
			r.refuse(a, "stop later, or make the taper shorter", "the taper ends on %v, after the stop of %v", end.AddDays(-1), a.Date)
			return
		}
		r.stop = a.Date
		r.each(a.Date, func(l *leg) { l.line.Stop, l.Ended = a.Date, a.Date })
		for i := range r.legs {
			r.compute(&r.legs[i], false)
		}
		return
	}
	r.each(a.On, func(l *leg) { r.compute(l, false) })
}

func reason(a *Amendment) string {
	text := fmt.Sprintf("%v, %s", a.On, a.By)
	if a.Why != "" {
		text += ": " + a.Why
	}
	return text
}

// effective is the day from which an amendment holds in a leg: after every dose that is
// recorded as given, which it does not change.
func effective(l *leg, a *Amendment) civil.Date {
	day := a.Day()
	for i := range l.Schedule.Events {
		if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && e.Status == schedule.Taken && !e.Date.Before(day) {
			day = e.Date.AddDays(1)
		}
	}
	return day
}

// each calls do for every leg that runs on a day or later.
func (r *replay) each(on civil.Date, do func(*leg)) {
	for i := range r.legs {
		if l := &r.legs[i]; l.Ended.IsZero() || on.Before(l.Ended) {
			do(l)
		}
	}
}

// pin fixes the days of what lies before an amendment. Only closed days can move it.
func (r *replay) pin(before civil.Date) {
	r.each(before, func(l *leg) {
		l.line.Since = before
		for i := range l.Schedule.Events {
			e := &l.Schedule.Events[i]
			if e.Kind != schedule.Supply || !e.Date.Before(before) || e.Status == schedule.Held || l.line.SentFill(l.Schedule.Fill(e).Medication.Name, int(e.Number)) != nil {
				continue
			}
			l.line.Sent = append(l.line.Sent, schedule.Sent{Number: int(e.Number), Date: e.Date, Fill: *l.Schedule.Fill(e)})
		}
	})
	if r.o.Base.Closed.IsEmpty() {
		return
	}
	r.each(before, func(l *leg) {
		was := l.line.Pinned
		l.line.Pinned = map[schedule.DoseName]schedule.Pin{}
		for i := range l.Schedule.Events {
			if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && e.Date.Before(before) && e.Counts() {
				name, p := l.Schedule.DoseName(e), schedule.Pin{Date: e.Date, Amount: e.Date}
				if q, ok := was[name]; ok {
					p.Amount = q.Amount // it may have been given on another day since
				}
				l.line.Pinned[name] = p
			}
		}
	})
}

// mayRaise refuses a tier that a check-in has to confirm.
func (r *replay) mayRaise(l *leg, a *Amendment) bool {
	index := func(name string) int {
		return slices.IndexFunc(l.protocol.Tiers, func(t protocol.Tier) bool { return t.Name == name })
	}
	from, to := index(l.tier), index(a.Tier)
	if to < 0 {
		var names []string
		for _, t := range l.protocol.Tiers {
			names = append(names, t.Name)
		}
		r.refuse(a, diag.DidYouMean(a.Tier, names), "the protocol has no tier “%s”", a.Tier)
		return false
	}
	for i := range l.protocol.Phases {
		if t := l.protocol.Phases[i].Titration; t != nil && len(t.Tiers) > 0 && to > from {
			r.refuse(a, "record the check-in “"+t.Confirmed+"” with the decision to confirm", "a raise from “%s” to “%s” waits for the check-in “%s”", l.tier, a.Tier, t.Confirmed)
			return false
		}
	}
	return true
}

func (r *replay) resume(a *Amendment) {
	if r.hold.IsZero() {
		r.refuse(a, "", "no doses are held")
		return
	}
	if a.Date.Before(r.hold) || a.Date.Before(a.On) {
		r.refuse(a, "", "doses cannot be resumed on %v: they are held from %v on, and the amendment is of %v", a.Date, r.hold, a.On)
		return
	}
	from, days := r.hold, a.Date.Sub(r.hold)
	r.hold = civil.Date{}
	r.holds = append(r.holds, schedule.Hold{From: from, Until: a.Date})
	var again []*leg
	r.each(from, func(l *leg) {
		if len(l.line.Holds) == 0 {
			return // it began after the hold
		}
		hold := &l.line.Holds[len(l.line.Holds)-1]
		limit := l.protocol.RestartAfter
		switch {
		case limit.IsSet() && limit.From(from, 1).Before(a.Date):
			hold.Until = a.Date
			l.line.Stop, l.Ended, l.Note = a.Date, a.Date, "held for longer than "+limit.String()
			again = append(again, l)
		case l.protocol.StopsClock && days > 0:
			l.line.Holds = l.line.Holds[:len(l.line.Holds)-1]
			first := from // or the target of a dose that a closed day had moved into the hold
			for i := range l.Schedule.Events {
				if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && e.Status == schedule.Held && !e.Date.Before(from) && e.Target.Before(first) {
					first = e.Target
				}
			}
			l.line.Gaps = append(l.line.Gaps, schedule.Gap{From: first, Days: a.Date.Sub(first)})
		default:
			hold.Until = a.Date
		}
		r.compute(l, false)
	})
	for _, l := range again {
		r.begin(l.Treatment, a.Date, l.Beside, "started again after a hold")
	}
}

func (r *replay) record(a *Amendment) {
	l, e := r.find(a, schedule.Dose)
	if e == nil {
		r.refuse(a, "the status of the course lists its doses", "the course has no dose %d of “%s” on its calendar", a.What.Number, a.What.Of)
		return
	}
	key := recordKey(a, schedule.Dose)
	on := e.Date
	if !a.Date.IsZero() {
		on = a.Date
	}
	switch {
	case l.known[key]:
		r.refuse(a, "", "the dose %s is recorded already", key)
	case on.After(a.On) && a.Verb != Skip:
		r.refuse(a, "record it when it happened", "the dose %s is of %v, after the amendment of %v", key, on, a.On)
	case on.Before(l.From):
		r.refuse(a, "", "the dose %s cannot be of %v, before the start of its protocol on %v", key, on, l.From)
	case a.Verb == Given && on.Before(l.before(e)):
		r.refuse(a, "record the doses before it as missed, or skip them", "the dose %s cannot be of %v, before a dose that comes before it", key, on)
	case e.Status == schedule.Provisional && a.Verb == Given:
		r.refuse(a, "record the check-in first", "the dose %s waits for the check-in “%s”", key, l.Schedule.GateName(e))
	case e.Status == schedule.Held && !(a.Verb == Given && l.onHold(e)):
		r.refuse(a, "resume first", "the dose %s is held", key)
	}
	if r.found.HasErrors() {
		return
	}
	f := schedule.Fact{Phase: a.What.Of, Number: a.What.Number, Date: a.Date, Clock: a.Time, Timed: a.Timed, Amount: a.Amount}
	rule := l.protocol.Missed.Then
	switch {
	case a.Verb == Given:
		f.Status, f.Date = schedule.Taken, on // where it stays, whatever moves
	case a.Verb == Skip:
		f.Status = schedule.Held
	case rule == protocol.Shift && !overtaken(l, e, a.On):
		f.Again, f.Status, f.Date, f.Amount = true, schedule.Missed, e.Date, l.Schedule.Dose(e).Amount
		l.line.Gaps = append(l.line.Gaps, schedule.Gap{From: e.Target, Days: max(a.On.Sub(e.Target), 1)})
		maps.DeleteFunc(l.line.Pinned, func(n schedule.DoseName, _ schedule.Pin) bool {
			return n.Phase == a.What.Of && n.Number >= a.What.Number
		})
	default:
		f.Status = schedule.Missed
		if rule == protocol.Extend && !ended(l, a.What.Of, a.On) {
			if l.line.Extra == nil {
				l.line.Extra = map[string]int{}
			}
			l.line.Extra[a.What.Of]++
		}
	}
	if !f.Again {
		l.known[key] = true
	}
	l.line.Facts = append(l.line.Facts, f)
	if _, ok := l.line.Pinned[a.What.dose()]; a.Verb == Given && !ok {
		// Its amount stays what it was, wherever a hold moves its target.
		l.line.Pinned[a.What.dose()] = schedule.Pin{Date: on, Amount: e.Date}
	}
	if a.Verb == Given && e.Status == schedule.Planned && a.Date.IsZero() && !a.Timed && !a.Amount.IsSet() {
		e.Status = schedule.Taken // as planned: nothing else changes
		return
	}
	if a.Verb == Given {
		r.late(a, l, e, f)
		l.overrides = append(l.overrides, a.Overrides...)
	}
	r.compute(l, false)
	if a.Verb != Given && !r.found.HasErrors() {
		r.restart(l, a)
	}
}

// before returns the day of the last dose before e in its phase that is or may yet be given.
func (l *leg) before(e *schedule.Event) (day civil.Date) {
	for i := range l.Schedule.Events {
		f := &l.Schedule.Events[i]
		if f.Kind == schedule.Dose && f.Phase == e.Phase && f.Number < e.Number && f.Counts() {
			day = civil.Later(day, f.Date)
		}
	}
	return day
}

// onHold reports whether a dose is held by a hold alone.
func (l *leg) onHold(e *schedule.Event) bool {
	return e.Gate == schedule.None && slices.ContainsFunc(l.line.Holds, func(h schedule.Hold) bool { return h.Covers(e.Date) })
}

// late warns of a dose that was given later than the protocol lets a missed one be.
func (r *replay) late(a *Amendment, l *leg, e *schedule.Event, f schedule.Fact) {
	within, ok := l.protocol.Missed.Within.Elapsed()
	clock := e.Clock
	if f.Timed {
		clock = f.Clock
	}
	by := f.Date.Unix(clock) - e.Date.Unix(e.Clock) // on the clocks
	if ok && by > int64(within.Seconds()) {
		r.found.Add(diag.LateDose, a.Range, "", "the dose %s was given %d hours after its time, and the protocol allows %v", recordKey(a, schedule.Dose), by/3600, l.protocol.Missed.Within)
	}
}

// restart starts a protocol again at the next dose, where doses that were missed or left out
// make the time without one longer than the protocol allows. A past dose that nobody recorded
// counts as given.
func (r *replay) restart(l *leg, a *Amendment) {
	most := l.protocol.RestartAfter
	if !most.IsSet() || !r.hold.IsZero() || !l.Ended.IsZero() {
		return
	}
	var last civil.Date
	out := false
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		switch {
		case e.Kind != schedule.Dose:
		case e.Status == schedule.Missed || e.Status == schedule.Held:
			out = true
		case out && !last.IsZero() && !e.Date.Before(a.On) && e.Status != schedule.Taken && most.From(last, 1).Before(e.Date):
			on := e.Date
			l.line.Stop, l.Ended, l.Note = on, on, "without a dose for longer than "+most.String()
			t, beside := l.Treatment, l.Beside
			r.compute(l, false)
			r.begin(t, on, beside, "started again after missed doses")
			return
		default:
			last, out = e.Date, false
		}
	}
}

// overtaken reports whether a later dose of the leg was given or has had its day, so that the
// rest can no longer be planned again.
func overtaken(l *leg, e *schedule.Event, on civil.Date) bool {
	return slices.ContainsFunc(l.Schedule.Events, func(f schedule.Event) bool {
		return f.Kind == schedule.Dose && f.At > e.At && f.Status != schedule.Missed && (f.Status == schedule.Taken || f.Date.Before(on))
	})
}

// ended reports whether the last dose of a phase was given or has had its day, so that none can
// be appended any more.
func ended(l *leg, phase string, on civil.Date) bool {
	over := true
	for i := range l.Schedule.Events {
		if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose && l.Schedule.PhaseName(e) == phase {
			over = e.Date.Before(on) || e.Status == schedule.Taken
		}
	}
	return over
}

// checkIn records a check-in, and does what it decides.
func (r *replay) checkIn(a *Amendment) {
	l, e := r.find(a, schedule.CheckIn)
	if e == nil {
		r.refuse(a, "the status of the course lists its check-ins", "the course has no check-in “%s” of the number %d on its calendar", a.What.Of, a.What.Number)
		return
	}
	r.decide(l, e, a)
}

func (r *replay) decide(l *leg, e *schedule.Event, a *Amendment) {
	key := recordKey(a, schedule.CheckIn)
	if l.known[key] {
		r.refuse(a, "", "the %s is recorded already", key)
		return
	}
	l.known[key] = true
	c := l.Schedule.CheckIn(e)
	done := schedule.Done{Name: a.What.Of, Number: a.What.Number, Date: a.Date}
	if done.Date.IsZero() && e.Date.After(a.On) {
		done.Date = a.On // held before its day
	}
	l.line.Done = append(l.line.Done, done)
	decides := len(c.Gates) > 0 || len(l.Schedule.RaisesOf(e)) > 0 || c.Name == "reassessment"
	switch {
	case a.Decision == "" && decides:
		r.refuse(a, "add `decision: confirm` or `decision: decline`", "the check-in “%s” decides about doses, and no decision is stated", a.What.Of)
		return
	case a.Decision != "" && !decides:
		r.refuse(a, "leave the decision out", "the check-in “%s” decides about nothing that is left", a.What.Of)
		return
	case a.Decision == "confirm":
		if len(c.Gates) > 0 || c.Name == "reassessment" {
			l.passed = append(slices.Clone(l.passed), c.Name)
		}
		for _, raise := range l.Schedule.RaisesOf(e) {
			r.raise(l, &l.protocol.Phases[raise.Phase], a)
		}
	case a.Decision == "decline" && len(c.Gates) > 0:
		l.line.Declined = append(l.line.Declined, c.Name)
	}
	if !r.found.HasErrors() {
		r.compute(l, false)
	}
}

// raise confirms the next step of a phase's titration, from the day after the check-in on or,
// where the check-in is recorded before the day's dose, from that dose on.
func (r *replay) raise(l *leg, ph *protocol.Phase, a *Amendment) {
	t := ph.Titration
	change := schedule.Change{From: effective(l, a), Reason: reason(a)}
	switch {
	case len(t.Tiers) > 0:
		at := slices.Index(t.Tiers, l.tier)
		l.tier = t.Tiers[at+1]
		change.Tier = l.tier
	case t.Ranged():
		if !a.Amount.IsSet() {
			r.refuse(a, "add `amount: …` with the new dose", "the check-in “%s” confirms a step whose size is open, and the new dose is not stated", a.What.Of)
			return
		}
		change.Amount = map[string]quantity.Amount{ph.Name: a.Amount}
	default:
		l.step[ph.Name]++
		change.Step = map[string]int{ph.Name: l.step[ph.Name]}
	}
	l.line.Changes = append(l.line.Changes, change)
}

func (r *replay) switchTo(a *Amendment) {
	l := r.now()
	t := &a.Treatment
	switch {
	case t.Start.Before(a.On):
		r.refuse(a, "", "a switch of %v cannot begin before it, on %v", a.On, t.Start)
	case !r.hold.IsZero():
		r.refuse(a, "resume first", "doses are held from %v on", r.hold)
	case a.LastDay.AddDays(1).Before(a.On) && !a.LastDay.IsZero():
		r.refuse(a, "", "a switch of %v cannot end the present protocol before it, on %v", a.On, a.LastDay)
	case a.After.Of != "" && !l.known[fmt.Sprintf("check-in %s %d", a.After.Of, a.After.Number)]:
		r.refuse(a, "record the check-in first", "the switch follows the check-in %s %d, which is not recorded", a.After.Of, a.After.Number)
	}
	if r.found.HasErrors() {
		return
	}
	end, ok := r.taper(l, a)
	switch {
	case !ok:
		return
	case !a.LastDay.IsZero():
		end = a.LastDay.AddDays(1)
	case end.IsZero():
		end = t.Start
	}
	l.line.Stop, l.Ended, l.Note = end, end, "switched: "+reason(a)
	r.compute(l, false)
	r.begin(t, t.Start, false, reason(a))
}

// taper sets the falling doses with which a protocol ends, and returns the first day after them:
// the zero Date without a taper. ok is false where they are refused.
func (r *replay) taper(l *leg, a *Amendment) (end civil.Date, ok bool) {
	t := &a.Taper
	if len(t.Doses) == 0 {
		return end, true
	}
	from := civil.Later(effective(l, a), t.From)
	var phases []string
	m := 0
	if ph, ok := l.protocol.Phase(t.Phase); ok {
		m = ph.Medication
	} else if t.Phase != "" || len(l.protocol.Medications) > 1 {
		r.refuse(a, "name a phase of the protocol that gives it", "the protocol has several medicines or no phase “%s”, and it is not said which is tapered", t.Phase)
		return end, false
	}
	for i := range l.protocol.Phases {
		if ph := &l.protocol.Phases[i]; ph.Medication == m {
			phases = append(phases, ph.Name)
		}
	}
	for k, amount := range t.Doses {
		c := schedule.Change{From: t.Every.From(from, k), Amount: map[string]quantity.Amount{}, Reason: "taper, " + reason(a)}
		for _, name := range phases {
			c.Amount[name] = amount
		}
		l.line.Changes = append(l.line.Changes, c)
	}
	return t.Every.From(from, len(t.Doses)), true
}

// overdue looks for check-ins that should have taken place, and holds the doses that the
// protocol stops for them.
func (r *replay) overdue() {
	if r.o.AsOf.IsZero() {
		return
	}
	for i := range r.legs {
		l := &r.legs[i]
		if !l.Ended.IsZero() {
			continue
		}
		for k := range l.Schedule.Events {
			e := &l.Schedule.Events[k]
			if Overdue(l.Schedule, e, r.o.AsOf) && l.Schedule.CheckIn(e).StopsIfOverdue {
				due := e.Date.AddDays(l.Schedule.CheckIn(e).Window.After + 1)
				l.line.Waiting = append(l.line.Waiting, schedule.Waiting{Name: l.Schedule.CheckIn(e).Name, From: civil.Later(due, r.o.AsOf)})
			}
		}
	}
}

// Overdue reports whether a check-in that did not take place should have by a day.
func Overdue(s *schedule.Schedule, e *schedule.Event, asOf civil.Date) bool {
	return e.Kind == schedule.CheckIn && e.Status <= schedule.Provisional && e.Date.AddDays(s.CheckIn(e).Window.After).Before(asOf)
}

// across checks the limits of every protocol against the doses of its medicine in all legs.
func (r *replay) across() {
	if len(r.legs) < 2 || r.found.HasErrors() {
		return
	}
	for i := range r.legs {
		l := &r.legs[i]
		stretches := l.stretches()
		for at := range stretches {
			r.acrossFrom(l, &stretches[at], stretches[at+1:])
		}
	}
}

// A stretch is a part of a leg in which the patient has one weight.
type stretch struct {
	from    civil.Date // the zero Date for the beginning
	patient *patient.Patient
}

func (l *leg) stretches() []stretch {
	list := []stretch{{patient: l.patient}}
	for _, c := range l.line.Changes {
		if c.Weight.IsSet() {
			p := *l.patient
			p.Weight = c.Weight
			list = append(list, stretch{c.From, &p})
		}
	}
	return list
}

// acrossFrom is across for the doses of one stretch of a leg, until the next one.
func (r *replay) acrossFrom(l *leg, s *stretch, after []stretch) {
	k, found := l.plan.Reckon(s.patient)
	if found.HasErrors() {
		return
	}
	for m := range l.protocol.Medications {
		med := &l.protocol.Medications[m]
		events := r.dosesOf(med, k.Units[m], l)
		if !slices.ContainsFunc(events, func(g given) bool { return g.leg != l }) {
			continue // no other leg gives it
		}
		series := make([]limit.Dose, len(events))
		for i := range events {
			series[i] = events[i].dose
		}
		rules := k.Rules[m]
		rules.Doses, rules.Single = 0, nil // of one course of the protocol, which it has checked
		pass := func(b limit.Breach) bool {
			return !mixed(l, b, events) || events[b.Last].event.Status == schedule.Taken && overridden(l, schedule.LimitName(&med.Limits, b), &events[b.Last])
		}
		first, past := 0, len(series)
		for i := range events {
			if events[i].event.Date.Before(s.from) {
				first = i + 1
			}
			if len(after) > 0 && past == len(series) && !events[i].event.Date.Before(after[0].from) {
				past = i
			}
		}
		if first >= past {
			continue
		}
		for _, b := range rules.CheckBut(series[:past], first, pass) {
			r.found.Add(diag.RollingLimit, med.Limits.Range, "change the start, the dose or the gap between the protocols", "the doses of %s of several protocols together break a limit of “%s” on %v", med.Name, l.protocol.ID, events[b.Last].event.Date)
			r.found[len(r.found)-1].Severity = diag.Refusal
		}
	}
}

// mixed reports whether doses of a leg break a limit together with doses of others. What is of
// one leg alone is checked there, and a limit says nothing of doses that none of its own is near.
func mixed(l *leg, b limit.Breach, events []given) bool {
	own, other := false, false
	for i := b.First; i <= b.Last; i++ {
		own = own || events[i].leg == l
		other = other || events[i].leg != l && (events[i].dose.Amount > 0 || b.Kind == limit.Interval)
	}
	return own && other
}

// A given is a dose of a leg.
type given struct {
	leg   *leg
	event *schedule.Event
	dose  limit.Dose
}

// overridden reports whether an amendment lets a limit of a leg through for what was given,
// and records it there.
func overridden(of *leg, name limit.Key, g *given) bool {
	for _, o := range g.leg.overrides {
		if o.Limit == name && o.Given == g.leg.Schedule.DoseName(g.event) {
			o.Broken = fmt.Sprintf("It lets the dose %s through, given on %v, with those of other protocols", o.Given, g.event.Date)
			of.Schedule.Override = append(of.Schedule.Override, o)
			return true
		}
	}
	return false
}

// dosesOf lists the doses of a medicine in all legs, in order of time, as the limits of one leg
// count them.
func (r *replay) dosesOf(med *protocol.Medication, unit quantity.Unit, of *leg) []given {
	var list []given
	for i := range r.legs {
		s := r.legs[i].Schedule
		for k := range s.Events {
			e := &s.Events[k]
			if e.Kind != schedule.Dose || !e.Counts() || s.Dose(e).Medication.Name != med.Name || !s.Dose(e).Amount.Unit().Comparable(unit) {
				continue
			}
			amount, ok := s.Dose(e).Amount.In(unit).Scaled()
			if !ok {
				amount = math.MaxInt64 / schedule.MaxEvents
			}
			if _, ok := med.Route(s.Dose(e).Route.Name); !ok {
				amount = 0 // totals are stated of the routes that the protocol has
			}
			list = append(list, given{&r.legs[i], e, limit.Dose{At: e.At, Day: int32(e.Date.Sub(of.From)), Amount: amount}})
		}
	}
	slices.SortStableFunc(list, func(a, b given) int { return cmp.Compare(a.event.At, b.event.At) })
	return list
}

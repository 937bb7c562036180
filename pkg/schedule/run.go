package schedule

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// Run computes the calendar of one patient. The schedule is nil where the findings hold an
// error or a refusal; the findings may hold warnings beside a schedule.
func (pl *Plan) Run(pat *patient.Patient) (*Schedule, diag.List) {
	r := &runner{pl: pl, p: pl.protocol, pat: pat, out: &Schedule{
		Protocol: pl.protocol, Patient: pat, Tier: pl.tier, Route: pl.route, CheckIns: pl.checkIns,
	}}
	r.eligible()
	if pat.Start.IsZero() {
		r.found.Add(diag.MissingPatient, diag.Range{}, "give it with --start, as 2026-03-02, or in the patient file", "the date of the first dose is not stated")
		return nil, r.found
	}
	r.zone()
	r.resolveDoses()
	if r.found.HasErrors() {
		return nil, r.found
	}
	r.expand()
	r.place()
	if r.found.HasErrors() {
		return nil, r.found
	}
	r.facts()
	r.checkIns()
	r.done()
	r.observations()
	r.supply()
	r.out.Events = append(r.out.Events, r.missed...)
	r.finish()
	r.limits()
	r.raises()
	r.notes()
	if r.found.HasErrors() {
		return nil, r.found
	}
	return r.out, r.found
}

// A Reckoning is what a plan comes to for one patient in plain numbers, without a calendar.
type Reckoning struct {
	Doses   []DoseInfo      // of Schedule.Doses; derivations name the rules, without words
	Amounts []int64         // of each of Doses: the amount times 10⁶, in Units
	Units   []quantity.Unit // of each medication
	Rules   []limit.Rules   // of each medication, in the same numbers

	parts  []segment
	events int // how many there were in the last calendar
}

// Reckon computes the amounts that a patient's doses can have, and the limits on them. The
// findings say why a dose cannot be given.
func (pl *Plan) Reckon(pat *patient.Patient) (*Reckoning, diag.List) {
	r := &runner{pl: pl, p: pl.protocol, pat: pat, out: &Schedule{}, terse: true}
	r.resolveDoses()
	k := &Reckoning{r.out.Doses, r.scaled, r.unit, make([]limit.Rules, len(r.p.Medications)), r.parts, 0}
	for m := range r.p.Medications {
		k.Rules[m], _ = r.rules(m, pat)
	}
	return k, r.found
}

// Doses computes the doses of a calendar alone, without check-ins, notes or a look at the
// limits. k is the reckoning of a patient who differs in the start and the zone at most; it
// must not be used by two goroutines at once.
func (pl *Plan) Doses(pat *patient.Patient, k *Reckoning) (*Schedule, diag.List) {
	r := &runner{pl: pl, p: pl.protocol, pat: pat, out: &Schedule{
		Protocol: pl.protocol, Patient: pat, Tier: pl.tier, Route: pl.route, CheckIns: pl.checkIns, Doses: k.Doses, Zone: pat.Zone, Events: make([]Event, 0, k.events),
	}, cursor: civil.NewCursor(pat.Zone), parts: k.parts, scaled: k.Amounts, unit: k.Units}
	r.expand()
	r.place()
	if r.found.HasErrors() {
		return nil, r.found
	}
	r.finish()
	k.events = max(k.events, len(r.out.Events)+1)
	return r.out, r.found
}

// A runner is the state of one Run.
type runner struct {
	pl      *Plan
	p       *protocol.Protocol
	pat     *patient.Patient
	out     *Schedule
	found   diag.List
	cursor  civil.Cursor
	parts   []segment       // at least one
	scaled  []int64         // per entry of out.Doses: the amount times 10⁶, in unit of its medicine
	unit    []quantity.Unit // per medicine
	spans   []span          // per phase, on planned days
	runs    []span          // per phase, on the days to which gaps move them
	horizon civil.Date      // the last date shown of anything; the zero Date for no bound
	terse   bool            // derivations need no words
	places  []dose.Place    // where there are several parts: the place of each dose in its phase
	missed  []Event         // doses that are planned again under their numbers
	dropped []string        // what the policy for closed days left out or left standing
}

// A span is where a phase begins and ends.
type span struct {
	first, end civil.Date // end is the date from which the next phase could run
	open       bool       // no end; shown to the horizon
	shown      bool       // has any dose on the calendar
}

func (r *runner) eligible() {
	found, confirm := eligibility.Check(r.p, r.pat, r.pat.Start)
	r.found = append(r.found, found...)
	r.out.Confirm = confirm
}

func (r *runner) zone() {
	if r.pat.TimeZone == "" {
		r.note("", "No time zone is stated: clock times are taken as UTC, where clocks never change. Give it with --time-zone.")
	}
	r.out.Zone, r.cursor = r.pat.Zone, civil.NewCursor(r.pat.Zone)
}

func (r *runner) note(code diag.Code, format string, args ...any) {
	r.out.Notes = append(r.out.Notes, Note{code, fmt.Sprintf(format, args...)})
}

// resolveDoses computes the amounts of every phase, which do not depend on the calendar, for
// each stretch of the course in which the choices are the same.
func (r *runner) resolveDoses() {
	r.unit = make([]quantity.Unit, len(r.p.Medications))
	r.parts = r.segments()
	for k := range r.parts {
		s := &r.parts[k]
		s.regimen, s.base = make([]*dose.Regimen, len(r.pl.phases)), make([]int, len(r.pl.phases))
		for i := range r.pl.phases {
			r.resolvePhase(s, i)
		}
	}
	r.found = r.found.Sort()
}

func (r *runner) resolvePhase(s *segment, i int) {
	ph := &r.pl.phases[i]
	reg, found := dose.Resolve(r.p, ph.Phase, s.patient, dose.Choice{Tier: s.tier, Route: ph.route, Step: s.steps[ph.Name], Terse: r.terse})
	r.found = append(r.found, found...)
	s.regimen[i], s.base[i] = reg, len(r.out.Doses)
	med := &r.p.Medications[ph.Medication]
	route, _ := med.Route(ph.route)
	tier := ""
	if _, ok := ph.Phase.Dose.(protocol.TierDose); ok {
		tier = s.tier
	}
	r.out.Doses, r.scaled = slices.Grow(r.out.Doses, len(reg.Doses)), slices.Grow(r.scaled, len(reg.Doses))
	for _, d := range reg.Doses {
		r.out.Doses = append(r.out.Doses, DoseInfo{d, med, route, tier})
	}
	r.amend(s, i)
	for k := s.base[i]; k < len(r.out.Doses); k++ {
		amount := r.out.Doses[k].Amount
		if !amount.IsSet() {
			r.scaled = append(r.scaled, 0)
			continue
		}
		if r.unit[ph.Medication] == quantity.None {
			r.unit[ph.Medication] = amount.Unit()
		}
		n, ok := amount.In(r.unit[ph.Medication]).Scaled()
		if !ok || n > math.MaxInt64/MaxEvents {
			r.found.Add(diag.NoDose, ph.Range, "give the dose in a larger or a smaller unit", "a dose of %v in the phase “%s” cannot be added up exactly", amount, ph.Name)
		}
		r.scaled = append(r.scaled, n)
	}
}

// expand puts the doses of every phase on their target days.
func (r *runner) expand() {
	r.out.Start = r.pat.Start
	r.horizon = r.pl.options.Until
	if stop := r.pl.options.Timeline.Stop; !stop.IsZero() && (r.horizon.IsZero() || stop.AddDays(-1).Before(r.horizon)) {
		r.horizon = civil.Later(r.pat.Start, stop.AddDays(-1))
	}
	r.spans, r.runs = make([]span, len(r.pl.phases)), make([]span, len(r.pl.phases))
	if limit := r.pat.Start.AddMonths(12 * maxYears); r.horizon.After(limit) {
		r.found.Add(diag.TooLong, diag.Range{}, "give an earlier --until", "%v is more than %d years after the start", r.horizon, maxYears)
		return
	}
	if !r.horizon.IsZero() && r.horizon.Before(r.pat.Start) {
		r.found.Add(diag.Usage, diag.Range{}, "give a date on or after the start", "the last date to show, %v, lies before the start, %v", r.horizon, r.pat.Start)
		return
	}
	day1 := civil.Date{}
	for i := range r.pl.phases {
		start, ok := r.phaseStart(i)
		if !ok {
			r.spans[i], r.runs[i] = span{open: true}, span{open: true}
			continue
		}
		r.expandPhase(i, start)
		if s := r.runs[i]; s.shown && (day1.IsZero() || s.first.Before(day1)) {
			day1 = s.first
		}
		if len(r.out.Events) > MaxEvents {
			r.found.Add(diag.TooLong, r.pl.phases[i].Range, "give an earlier --until", "the calendar has more than %d events", MaxEvents)
			return
		}
	}
	if !day1.IsZero() {
		r.out.Start = day1
	}
}

func (r *runner) phaseStart(i int) (civil.Date, bool) {
	ph := &r.pl.phases[i]
	if ph.Starts.Anchor != protocol.NoAnchor {
		d, _, ok := r.when(&ph.Starts)
		return r.planned(ph, d), ok
	}
	if i == 0 {
		return r.pat.Start, true
	}
	before := r.spans[i-1]
	return before.end, !before.open
}

// end returns the last date of an open-ended phase that starts on first.
func (r *runner) openEnd(first civil.Date) civil.Date {
	if !r.horizon.IsZero() {
		return r.horizon
	}
	horizon := r.pl.options.Horizon
	if !horizon.IsSet() {
		horizon = DefaultHorizon
	}
	return civil.Later(horizon.From(first, 1).AddDays(-1), r.pl.options.AtLeast)
}

func (r *runner) expandPhase(i int, start civil.Date) {
	ph := &r.pl.phases[i]
	s := span{first: ph.choice.Frequency.Anchor(start)}
	number := 0
	for k := range ph.Repeat {
		anchor := start
		if k > 0 {
			anchor = s.end
			if ph.Rest.IsSet() {
				anchor = ph.Rest.From(anchor, 1)
			}
		}
		var more bool
		s.end, number, more = r.expandRun(i, anchor, number, k == ph.Repeat-1)
		s.open = s.open || more
		if more || len(r.out.Events) > MaxEvents {
			break
		}
	}
	s.shown = number > 0
	r.spans[i], r.runs[i] = s, s
	r.runs[i].first, r.runs[i].end = r.moved(ph, s.first), r.moved(ph, s.end)
}

// expandRun puts one run of a phase on the calendar, going on from a number of doses. It
// returns the planned date from which something else could follow, the number of doses so
// far, and whether the run was cut at the horizon rather than by its own course.
func (r *runner) expandRun(i int, start civil.Date, number int, final bool) (end civil.Date, total int, cut bool) {
	plan := r.pl.phases[i] // whose frequency may change on the way
	ph := &plan
	f := ph.choice.Frequency
	anchor := f.Anchor(start)
	_, finite := f.Finite()
	open := ph.Course.Open() && !finite
	stop := civil.Date{} // the first planned date that the course itself rules out
	if ph.Course.Duration.IsSet() {
		stop = ph.Course.Duration.From(anchor, 1)
	}
	if length, ok := f.CycleLength(); ok && ph.Course.Cycles > 0 {
		if c := anchor.AddDays(length * ph.Course.Cycles); stop.IsZero() || c.Before(stop) {
			stop = c
		}
	}
	last := r.horizon // the last date shown
	if open {
		last = r.openEnd(r.moved(ph, anchor))
	}
	doses := ph.Course.Doses
	if final && doses > 0 {
		doses += r.pl.options.Timeline.Extra[ph.Name]
	}
	place := dose.Place{}
	emit := func(date civil.Date, slot int, clock civil.Clock) {
		place.Number++
		place.Day, place.Weekday, place.Slot = date.Sub(anchor)+1, date.Weekday(), slot
		number++
		date = r.moved(ph, date)
		e := Event{Kind: Dose, Target: date, Date: date, Wanted: clock, Slot: int16(slot), Phase: int16(i), Rule: None, Gate: int16(ph.gate), Number: int32(number), Of: None}
		if len(r.parts) > 1 {
			r.places = append(r.places, place)
		}
		e.Dose = r.doseAt(&e, place)
		r.out.Events = append(r.out.Events, e)
	}
	if every, ok := f.Elapsed(); ok {
		return r.expandElapsed(ph, anchor, every, stop, last, open, emit, number)
	}
	full := func() bool { return doses > 0 && place.Number >= doses }
	cursor := f.From(anchor)
	lastDose := anchor
	next, from, changes := r.nextChoice(ph, civil.Date{})
	for len(r.out.Events) <= MaxEvents {
		date, ok := cursor.Next()
		if ok && changes && !r.moved(ph, date).Before(from) {
			// The new frequency counts from the day of the dose that comes next.
			ph.choice = next
			r.pl.chooseTimes(ph, &r.found)
			cursor = ph.choice.Frequency.From(ph.choice.Frequency.Anchor(date))
			next, from, changes = r.nextChoice(ph, from)
			continue
		}
		switch {
		case !ok: // a finite rule is over
			return civil.Later(lastDose.AddDays(1), stop), number, false
		case full():
			if !stop.IsZero() && stop.Before(date) {
				date = stop
			}
			return date, number, false
		case !stop.IsZero() && !date.Before(stop):
			return stop, number, false
		case !last.IsZero() && r.moved(ph, date).After(last):
			// Where the course ends lies past what is shown, and so does all that follows.
			return date, number, true
		}
		for slot, clock := range ph.times {
			if date == anchor && slot < ph.first || full() {
				continue
			}
			emit(date, slot, clock)
			lastDose = date
		}
	}
	return lastDose, number, true
}

// doseAt returns the index of the dose that an event has at a place in its phase.
func (r *runner) doseAt(e *Event, place dose.Place) int32 {
	part := &r.parts[r.stretch(e)]
	return int32(part.base[e.Phase] + part.regimen[e.Phase].At(place))
}

func (r *runner) expandElapsed(ph *phasePlan, anchor civil.Date, every time.Duration, stop, last civil.Date, open bool, emit func(civil.Date, int, civil.Clock), number int) (civil.Date, int, bool) {
	at, _ := r.cursor.At(anchor, ph.times[0])
	for k := 0; len(r.out.Events) <= MaxEvents; k++ {
		date, clock := r.out.Zone.DateClock(at)
		switch {
		case ph.Course.Doses > 0 && k >= ph.Course.Doses:
			return civil.Later(r.out.Events[len(r.out.Events)-1].Target.AddDays(1), date), number + k, false
		case !stop.IsZero() && !date.Before(stop):
			return stop, number + k, false
		case !last.IsZero() && r.moved(ph, date).After(last):
			return date, number + k, true
		}
		emit(date, None, clock)
		e := &r.out.Events[len(r.out.Events)-1]
		e.At = at + int64(e.Target.Sub(date))*86400
		at += int64(every / time.Second)
	}
	return anchor, number, open
}

// place moves doses off closed days and gives every dose its instant.
func (r *runner) place() {
	closed, policy := r.closed(r.p.Setting == protocol.Clinic), r.pl.options.Policy
	if !closed.IsEmpty() {
		for m := range r.p.Medications {
			r.placeMedication(m, closed, policy)
		}
		if policy == calendar.Skip {
			r.out.Events = slices.DeleteFunc(r.out.Events, func(e Event) bool {
				_, shut := closed.On(e.Target)
				return shut
			})
		}
	}
	for i := range r.out.Events {
		r.settle(&r.out.Events[i])
	}
}

// closed returns the closed days: of what takes place at the clinic, those without hours too.
func (r *runner) closed(clinic bool) *calendar.Closed {
	closed := &r.pl.options.Closed
	if clinic {
		closed = closed.With(&r.pl.options.Hours)
	}
	return closed
}

// fitted returns the time of a dose on a day: its usual one, or the nearest inside the
// clinic's hours at which it can be given and observed.
func (r *runner) fitted(e *Event, d civil.Date) civil.Clock {
	hours := &r.pl.options.Hours
	if r.p.Setting != protocol.Clinic || !hours.IsSet() || hours[d.Weekday()].To == 0 {
		return e.Wanted
	}
	return hours.Within(d, e.Wanted, r.pl.phases[e.Phase].stay)
}

// settle gives a dose its instant on its date.
func (r *runner) settle(e *Event) {
	if e.Slot == None { // elapsed hours: the instant is known, the clock follows
		e.Date, e.Clock = r.out.Zone.DateClock(e.At)
		e.Wanted = e.Clock
		r.offset(e)
		return
	}
	clock := r.fitted(e, e.Date)
	e.Fitted = clock != e.Wanted
	r.setClock(e, clock)
}

// setClock puts e at a clock time on its date.
func (r *runner) setClock(e *Event, clock civil.Clock) {
	e.Wanted, e.Clock = clock, clock
	e.At, e.Shift = r.cursor.At(e.Date, clock)
	r.offset(e)
	if e.Shift == civil.Skipped {
		e.Date, e.Clock = r.out.Zone.DateClock(e.At)
	}
}

// offset derives the zone's offset from the wall clock that e shows.
func (r *runner) offset(e *Event) {
	if e.Shift == civil.Skipped {
		_, o := time.Unix(e.At, 0).In(r.out.Zone.Location()).Zone()
		e.Offset = int32(o)
		return
	}
	e.Offset = int32(e.Date.Unix(e.Clock) - e.At)
}

func (r *runner) placeMedication(m int, closed *calendar.Closed, policy calendar.Policy) {
	var index []int
	for i := range r.out.Events {
		if r.pl.phases[r.out.Events[i].Phase].Medication == m {
			index = append(index, i)
		}
	}
	at := func(e *Event, d civil.Date) int64 {
		if e.Slot == None {
			return e.At
		}
		u, _ := r.cursor.At(d, r.fitted(e, d))
		return u
	}
	slices.SortStableFunc(index, func(a, b int) int {
		x, y := &r.out.Events[a], &r.out.Events[b]
		return cmp.Compare(at(x, x.Target), at(y, y.Target))
	})
	limits := make([]*limit.Rules, len(r.parts)) // each stretch is held to those of its own weight
	for k := range r.parts {
		rules, ok := r.rules(m, r.parts[k].patient)
		if !ok {
			rules = limit.Rules{Interval: r.p.Medications[m].Limits.Interval}
		}
		limits[k] = &rules
	}
	if r.found.HasErrors() {
		return
	}
	items, shift := make([]calendar.Item, len(index)), make([]int, len(index)) // shift: of what is pinned
	for k, i := range index {
		e := &r.out.Events[i]
		w := r.pl.phases[e.Phase].Window
		items[k] = calendar.Item{Target: e.Target, Before: w.Before, After: w.After, At: func(d civil.Date) int64 { return at(e, d) }, Amount: r.scaled[e.Dose], Totals: limits[r.stretch(e)]}
		if f := r.recorded(e); f != nil && f.Status != Taken {
			items[k].Amount = 0
		}
		if r.p.Setting == protocol.Clinic {
			items[k].Fits = func(d civil.Date) bool { return r.pl.options.Hours.Fits(d, r.pl.phases[e.Phase].stay) }
		}
		if p, ok := r.pin(e); ok {
			items[k].Target, items[k].Fixed = p.Date, true
			shift[k] = p.Date.Sub(e.Target)
			continue
		}
		if r.p.Setting == protocol.Home && w == (protocol.Window{}) && policy <= calendar.Nearest {
			if _, shut := closed.On(e.Target); shut {
				items[k].Fixed = true
				r.atHome(&r.pl.phases[e.Phase])
			}
			continue
		}
		if reason, shut := closed.On(e.Target); shut && (policy == calendar.Keep || policy == calendar.Skip) {
			word := "stands on"
			if policy == calendar.Skip {
				word = "is left out: it falls on"
			}
			r.dropped = append(r.dropped, fmt.Sprintf("%s dose %d %s %v, %s", r.pl.phases[e.Phase].Name, e.Number, word, e.Target, reason))
		}
	}
	shifts, conflict := calendar.Place(items, closed, policy, limits[0])
	if conflict != nil {
		e := &r.out.Events[index[conflict.Item]]
		ph := &r.pl.phases[e.Phase]
		r.found.Add(diag.NoPlacement, ph.Range, "widen the window, choose another start, open a day, or use another policy (--closed-policy)",
			"%s dose %d, %v, cannot be moved by the policy “%v”: %s", ph.Name, e.Number, e.Target, policy, conflict)
		return
	}
	for k, i := range index {
		e := &r.out.Events[i]
		e.Date = e.Target.AddDays(shift[k] + shifts[k])
		if len(r.parts) > 1 && e.Slot != None { // it may have moved to a day of another weight or tier
			e.Dose = r.doseAt(e, r.places[i])
		}
	}
}

// atHome notes, once for a phase, that its doses stand on closed days.
func (r *runner) atHome(ph *phasePlan) {
	text := fmt.Sprintf("%s: given at home without a window, its doses stand on closed days too", ph.Title)
	if !slices.Contains(r.dropped, text) {
		r.dropped = append(r.dropped, text)
	}
}

// finish sorts the events, numbers their days, and sums up the phases.
func (r *runner) finish() {
	events := r.out.Events
	if u := r.pl.options.Until; !u.IsZero() {
		events = slices.DeleteFunc(events, func(e Event) bool { return e.Date.After(u) })
	}
	if stop := r.pl.options.Timeline.Stop; !stop.IsZero() {
		events = slices.DeleteFunc(events, func(e Event) bool { return !e.Date.Before(stop) && e.Status != Taken })
	}
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Number, b.Number))
	})
	place := make([]int32, len(events)+r.unsorted())
	for i := range events {
		if e := &events[i]; e.Kind == Dose && e.Of != None {
			place[e.Of] = int32(i)
		}
	}
	for i := range events {
		e := &events[i]
		e.Day = int32(e.Date.Sub(r.out.Start) + r.p.CountFrom)
		if e.Kind == Observation {
			e.Of = place[e.Of]
		}
	}
	for i := range events {
		if events[i].Kind == Dose {
			events[i].Of = None
		}
	}
	r.out.Events = events
	r.out.Until = r.horizon
	for i := range r.pl.phases {
		ph := &r.pl.phases[i]
		info := PhaseInfo{Phase: ph.Phase, Frequency: ph.choice, First: r.runs[i].first, End: r.runs[i].end, Open: r.runs[i].open && r.pl.options.Timeline.Stop.IsZero()}
		total := int64(0)
		for k := range events {
			if e := &events[k]; e.Kind == Dose && int(e.Phase) == i && e.Counts() {
				info.Doses++
				total += r.scaled[e.Dose]
			}
		}
		info.Total = quantity.FromScaled(total, r.unit[ph.Medication])
		r.out.Phases = append(r.out.Phases, info)
	}
}

// unsorted returns a bound of the numbers that doses had before sorting.
func (r *runner) unsorted() int {
	n := 0
	for i := range r.out.Events {
		n = max(n, int(r.out.Events[i].Of)+1)
	}
	return n
}

// limits checks the final calendar against the limits of each medicine. Where the weight
// changes on the way, each stretch is held to the limits of its own weight.
func (r *runner) limits() {
	for m := range r.p.Medications {
		var series []limit.Dose
		var index []int
		for i := range r.out.Events {
			e := &r.out.Events[i]
			if e.Kind == Dose && e.Counts() && r.pl.phases[e.Phase].Medication == m {
				series = append(series, limit.Dose{At: e.At, Day: int32(e.Date.Sub(r.out.Start)), Amount: r.scaled[e.Dose]})
				index = append(index, i)
			}
		}
		for k := range r.parts {
			first, past := len(series), 0
			for i := range series {
				if r.stretch(&r.out.Events[index[i]]) == k {
					first, past = min(first, i), i+1
				}
			}
			if rules, ok := r.rules(m, r.parts[k].patient); ok && first < past {
				given := func(b limit.Breach) bool { return r.letThrough(m, b, index) }
				for _, b := range rules.CheckBut(series[:past], first, given) {
					r.breach(m, b, index)
				}
			}
		}
	}
}

// rules turns the limits of a medicine into numbers, for a patient.
func (r *runner) rules(m int, pat *patient.Patient) (limit.Rules, bool) {
	l := &r.p.Medications[m].Limits
	unit := r.unit[m]
	ok := unit != quantity.None
	bound := func(a quantity.Amount, name string) int64 {
		if a.Unit().Per() == quantity.PerKilogram {
			if !pat.Weight.IsSet() {
				ok = false
				r.found.Add(diag.MissingPatient, diag.Range{}, "give it with --weight, or in the patient file", "the limit “%s” is per kg, and the patient's weight is not stated", name)
				return 0
			}
			a = a.Resolve(pat.Weight)
		}
		n, fits := a.In(unit).ScaledFloor()
		if !fits {
			return math.MaxInt64
		}
		return n
	}
	if !ok {
		return limit.Rules{}, false
	}
	rules := limit.Rules{Interval: l.Interval, Doses: l.Doses}
	for _, a := range l.SingleDose {
		rules.Single = append(rules.Single, bound(a, "single dose"))
	}
	for _, x := range l.Rolling {
		within, elapsed := x.Within.Elapsed()
		if _, days, isDays := x.Within.Calendar(); !elapsed && isDays {
			within = time.Duration(days) * 24 * time.Hour
		}
		rules.Rolling = append(rules.Rolling, limit.Rolling{Within: within, Total: bound(x.Total, "any "+x.Within.String())})
	}
	if l.EachDay.IsSet() {
		rules.EachDay = bound(l.EachDay, "each day")
	}
	return rules, ok
}

// breach reports a broken limit, or records the override that lets it through.
func (r *runner) breach(m int, b limit.Breach, index []int) {
	l := &r.p.Medications[m].Limits
	unit := r.unit[m]
	first, last := &r.out.Events[index[b.First]], &r.out.Events[index[b.Last]]
	name := func(e *Event) string {
		return fmt.Sprintf("%s dose %d, %s %v %v", r.pl.phases[e.Phase].Name, e.Number, e.Date.Weekday().String()[:3], e.Date, e.Clock)
	}
	total := quantity.FromScaled(b.Total, unit)
	var d diag.Diagnostic
	key := LimitName(l, b)
	switch b.Kind {
	case limit.Single:
		d = diag.Diagnostic{Code: diag.SingleDoseLimit, Range: l.SingleAt[b.Rule],
			Message: fmt.Sprintf("%s is %v, more than the largest single dose of %v%s", name(last), total, l.SingleDose[b.Rule], r.perKg(l.SingleDose[b.Rule]))}
	case limit.InRolling:
		x := l.Rolling[b.Rule]
		d = diag.Diagnostic{Code: diag.RollingLimit, Range: x.Range,
			Message: fmt.Sprintf("the %s from %s to %s come to %v, more than %v within any %v%s", civil.Plural(b.Last-b.First+1, "dose"), name(first), name(last), total, x.Total, x.Within, r.perKg(x.Total))}
		if change := r.changeBetween(first, last); change != "" {
			d.Help = change + "; give one dose later, or limit `each day` in the protocol if the calendar day is meant"
		}
	case limit.EachDay:
		d = diag.Diagnostic{Code: diag.RollingLimit, Range: l.EachRange,
			Message: fmt.Sprintf("the doses of %v come to %v, more than %v on one day", last.Date, total, l.EachDay)}
	case limit.Interval:
		d = diag.Diagnostic{Code: diag.IntervalLimit, Range: l.IntervalAt,
			Message: fmt.Sprintf("%s comes %s after %s, sooner than the shortest interval of %s", name(last), words(b.Total), name(first), words(int64(l.Interval/time.Second))), Help: r.changeBetween(first, last)}
	case limit.Count:
		d = diag.Diagnostic{Code: diag.CountLimit, Range: l.DosesAt,
			Message: fmt.Sprintf("the calendar has %d doses of %s, more than %d", b.Total, r.p.Medications[m].Name, l.Doses), Help: "give an earlier --until, or change the protocol"}
	}
	for _, o := range r.pl.options.Overrides {
		if o.Limit == key && o.Given == (DoseName{}) {
			o.Broken = d.Message
			r.out.Override = append(r.out.Override, o)
			r.found.Add(diag.LimitOverridden, d.Range, "", "the limit “%s” is overridden (%s): %s", key, o.Reason, d.Message)
			return
		}
	}
	d.Severity = diag.Refusal
	if d.Help == "" {
		d.Help = "change the dose, the tier or the times; to go on all the same, give the reason with --override '" + key + ": …'"
	}
	r.found = append(r.found, d)
}

// letThrough reports whether an override lets a breach through by a dose that was given, and
// records it.
func (r *runner) letThrough(m int, b limit.Breach, index []int) bool {
	l, last := &r.p.Medications[m].Limits, &r.out.Events[index[b.Last]]
	name, dose := LimitName(l, b), r.out.DoseName(last)
	i := slices.IndexFunc(r.pl.options.Overrides, func(o Override) bool { return o.Given == dose && o.Limit == name })
	if last.Status != Taken || i < 0 {
		return false
	}
	o := r.pl.options.Overrides[i]
	o.Broken = fmt.Sprintf("It lets the dose %s through, given on %v", dose, last.Date)
	r.out.Override = append(r.out.Override, o)
	r.found.Add(diag.LimitOverridden, diag.Range{}, "", "the limit “%s” is overridden (%s) for the dose %s, given on %v", name, o.Reason, dose, last.Date)
	return true
}

// LimitName returns the key of the limit that a breach breaks, as a protocol writes it.
func LimitName(l *protocol.Limits, b limit.Breach) string {
	switch b.Kind {
	case limit.Single:
		return "single dose"
	case limit.InRolling:
		return "any " + l.Rolling[b.Rule].Within.String()
	case limit.EachDay:
		return "each day"
	case limit.Interval:
		return "interval"
	}
	return "doses"
}

// words says a number of seconds in hours and minutes.
func words(seconds int64) string {
	hours, minutes := int(seconds/3600), int(seconds/60%60)
	switch {
	case minutes == 0:
		return civil.Plural(hours, "hour")
	case hours == 0:
		return civil.Plural(minutes, "minute")
	}
	return civil.Plural(hours, "hour") + " " + civil.Plural(minutes, "minute")
}

func (r *runner) perKg(a quantity.Amount) string {
	if a.Unit().Per() != quantity.PerKilogram {
		return ""
	}
	return fmt.Sprintf(" (%v for this patient)", a.Resolve(r.pat.Weight))
}

// changeBetween says that the clocks go forward between two events, if they do.
func (r *runner) changeBetween(a, b *Event) string {
	if b.Offset > a.Offset {
		return fmt.Sprintf("the clocks go forward by %s between the two", words(int64(b.Offset-a.Offset)))
	}
	return ""
}

// notes adds the sentences that concern the schedule as a whole.
func (r *runner) notes() {
	p := r.p
	if p.Status == protocol.Template {
		r.out.Notes = append([]Note{{"", "TEMPLATE: the figures of this protocol are illustrative and not published; a clinician must set them."}}, r.out.Notes...)
	}
	for i, s := range r.runs {
		if !s.open || !s.shown || !r.pl.options.Timeline.Stop.IsZero() {
			continue
		}
		ph := &r.pl.phases[i]
		if ph.Course.Open() {
			r.note("", "%s is open-ended; it is shown to %v. --until shows more or less.", ph.Title, r.shownTo(s))
		} else {
			r.note("", "%s goes on after %v, the last date shown.", ph.Title, r.horizon)
		}
	}
	for i := range p.Evidence {
		if e := &p.Evidence[i]; e.Verify {
			text := e.Cite
			if text == "" {
				text = e.Label
			}
			r.note("", "To verify: nobody has yet checked the figures against %s.", text)
		}
	}
	for _, text := range r.dropped {
		r.note("", "%s.", text)
	}
	for i := range r.out.Events {
		if e := &r.out.Events[i]; e.Kind == Dose && e.Shift != civil.Unshifted {
			r.note("", "%s dose %d, %v: %s.", r.pl.phases[e.Phase].Name, e.Number, e.Date, e.ShiftNote())
		}
	}
	for _, text := range p.Notes {
		r.note("", "%s", text)
	}
}

func (r *runner) shownTo(s span) civil.Date { return r.openEnd(s.first) }

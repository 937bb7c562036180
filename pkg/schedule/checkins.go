package schedule

import (
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

var usualCheckInTime = civil.MustClock("09:00")

// when resolves a day of the course. The event is the dose that it is counted from, if it
// is one, or None; ok is false where the calendar does not reach so far.
func (r *runner) when(w *protocol.When) (date civil.Date, event int, ok bool) {
	event = None
	phase := slices.IndexFunc(r.pl.phases, func(ph phasePlan) bool { return ph.Name == w.Phase })
	s := r.courseSpan()
	if phase >= 0 {
		s = r.runs[phase]
	}
	if s.first.IsZero() {
		return civil.Date{}, None, false
	}
	ok = true
	switch w.Anchor {
	case protocol.StartOf:
		date = s.first
		event, _ = r.nth(phase, 1)
	case protocol.EndOf:
		date, ok = s.end, !s.open
	case protocol.DayN:
		n := w.N - 1
		if phase < 0 {
			n = w.N - r.p.CountFrom
		}
		date = s.first.AddDays(n)
	case protocol.WeekN:
		date = s.first.AddDays(7 * (w.N - 1))
	case protocol.EndOfWeekN:
		date = s.first.AddDays(7*w.N - 1)
	case protocol.Dose1:
		event, ok = r.nth(phase, w.N)
	case protocol.LastDose:
		event, ok = r.nth(phase, -1)
		ok = ok && !s.open
	}
	if !ok {
		return civil.Date{}, None, false
	}
	if event != None {
		date = r.out.Events[event].Date
	}
	if w.Offset.IsSet() {
		n := 1
		if w.Before {
			n = -1
		}
		if _, elapsed := w.Offset.Elapsed(); !elapsed {
			date, event = w.Offset.From(date, n), None
		}
	}
	return date, event, true
}

// courseSpan is the span of the course as a whole.
func (r *runner) courseSpan() span {
	var all span
	for _, s := range r.runs {
		if !s.shown {
			all.open = all.open || s.open
			continue
		}
		if all.first.IsZero() || s.first.Before(all.first) {
			all.first = s.first
		}
		if s.end.After(all.end) {
			all.end = s.end
		}
		all.open = all.open || s.open
	}
	return all
}

// nth returns the index of the dose of a number, of a phase or (for None) of the course;
// the number -1 is the last. Doses stand in the order of their phases, and within a phase
// in order of time.
func (r *runner) nth(phase, number int) (int, bool) {
	if phase == None && len(r.pl.phases) > 1 {
		return r.nthOfCourse(number)
	}
	found := None
	for i := range r.out.Events {
		e := &r.out.Events[i]
		if e.Kind != Dose || phase != None && int(e.Phase) != phase {
			continue
		}
		if found = i; int(e.Number) == number {
			return i, true
		}
	}
	return found, number == -1 && found != None
}

func (r *runner) nthOfCourse(number int) (int, bool) {
	var index []int
	for i := range r.out.Events {
		if r.out.Events[i].Kind == Dose {
			index = append(index, i)
		}
	}
	slices.SortStableFunc(index, func(a, b int) int { return r.out.Events[a].Target.Compare(r.out.Events[b].Target) })
	if number == -1 {
		number = len(index)
	}
	if number < 1 || number > len(index) {
		return None, false
	}
	return index[number-1], true
}

// checkIns puts check-ins on the calendar, after the doses are placed.
func (r *runner) checkIns() {
	for i := range r.out.Events {
		r.out.Events[i].Of = int32(i)
		if e := &r.out.Events[i]; e.Gate != None && e.Status == Planned {
			e.Status = Provisional
		}
	}
	r.waitForReassessment()
	for i := range r.pl.checkIns {
		c := &r.pl.checkIns[i]
		switch {
		case c.Before:
			r.before(i, c)
		case c.Every.IsSet():
			r.recurring(i, c)
		case c.On != nil:
			for k := range c.On {
				r.single(i, c, k)
			}
		}
	}
}

// waitForReassessment makes doses provisional that lie later than the protocol's longest
// course before a reassessment.
func (r *runner) waitForReassessment() {
	i := r.pl.reassess
	if i == None || r.pl.confirmed[i] {
		return
	}
	every := r.pl.checkIns[i].Every
	for _, m := range r.p.Medications {
		if m.Limits.Reassess.IsSet() {
			every = m.Limits.Reassess
		}
	}
	due := every.From(r.out.Start, 1)
	for k := range r.out.Events {
		if e := &r.out.Events[k]; !e.Date.Before(due) && e.Status <= Provisional {
			e.Status = Provisional
			if e.Gate == None {
				e.Gate = int16(i)
			}
		}
	}
}

func (r *runner) clock(c *protocol.CheckIn) civil.Clock {
	switch {
	case c.Time == nil && r.pl.options.CheckInTime != 0:
		return r.pl.options.CheckInTime
	case c.Time == nil:
		return usualCheckInTime
	}
	if named, ok := r.pl.options.Named[c.Time.Name]; ok && c.Time.Name != "" {
		return named
	}
	return c.Time.Clock
}

// add puts one check-in on the calendar; of is the dose it falls together with, or None.
func (r *runner) add(rule int, c *protocol.CheckIn, number int, target civil.Date, window protocol.Window, of int, phase int16) {
	e := Event{Kind: CheckIn, Target: target, Date: target, Rule: int16(rule), Number: int32(number), Phase: phase, Gate: None, Of: None, Dose: None}
	if phase != None {
		if g := r.pl.phases[phase].gate; g != None && g != rule {
			e.Gate, e.Status = int16(g), Provisional
		}
	}
	if of != None && c.Time == nil {
		d := &r.out.Events[of]
		e.Date, e.Clock, e.Wanted, e.At, e.Offset = d.Date, d.Clock, d.Wanted, d.At, d.Offset
		e.Target = d.Date
		r.out.Events = append(r.out.Events, e)
		return
	}
	atClinic := c.Mode == protocol.InPerson || c.Mode == protocol.Lab
	if closed := r.closed(atClinic); !closed.IsEmpty() {
		if _, shut := closed.On(target); shut && !r.moveCheckIn(&e, c, window, closed) {
			return
		}
	}
	clock := r.clock(c)
	if hours := &r.pl.options.Hours; atClinic && hours.IsSet() && hours[e.Date.Weekday()].To != 0 {
		clock = hours.Within(e.Date, clock, 0)
		e.Fitted = clock != r.clock(c)
	}
	r.setClock(&e, clock)
	r.out.Events = append(r.out.Events, e)
}

// moveCheckIn moves a check-in off a closed day. It reports false if it is left out.
func (r *runner) moveCheckIn(e *Event, c *protocol.CheckIn, w protocol.Window, closed *calendar.Closed) bool {
	policy := r.pl.options.Policy
	reason, _ := closed.On(e.Target)
	switch policy {
	case calendar.Skip:
		r.dropped = append(r.dropped, fmt.Sprintf("%s %d is left out: it falls on %v, %s", c.Title, e.Number, e.Target, reason))
		return false
	case calendar.Keep:
		r.dropped = append(r.dropped, fmt.Sprintf("%s %d stands on %v, %s", c.Title, e.Number, e.Target, reason))
		return true
	}
	if c.Before {
		policy = calendar.Previous // it cannot follow the dose that it comes before
	}
	after := w.After
	if last, ok := r.decidesBy(c); ok && !last.Before(e.Target) {
		after = min(after, last.Sub(e.Target)) // what it decides about does not come before it
	}
	item := calendar.Item{Target: e.Target, Before: w.Before, After: after, At: func(d civil.Date) int64 { return d.Unix(0) }}
	shifts, conflict := calendar.Place([]calendar.Item{item}, closed, policy, &limit.Rules{})
	if conflict != nil {
		r.found.Add(diag.NoPlacement, c.Range, "widen the window, choose another start, open a day, or use another policy (--closed-policy)", "%s %d cannot be moved: %s", c.Title, e.Number, conflict.Reason)
		return false
	}
	e.Date = e.Target.AddDays(shifts[0])
	return true
}

// decidesBy returns the day of the first dose that a check-in decides about.
func (r *runner) decidesBy(c *protocol.CheckIn) (by civil.Date, ok bool) {
	for _, g := range c.Gates {
		phase := None
		if !g.FirstDose {
			phase = slices.IndexFunc(r.pl.phases, func(ph phasePlan) bool { return ph.Name == g.Phase })
		}
		if i, found := r.nth(phase, 1); found && (!ok || r.out.Events[i].Date.Before(by)) {
			by, ok = r.out.Events[i].Date, true
		}
	}
	return by, ok
}

func (r *runner) before(rule int, c *protocol.CheckIn) {
	within := r.out.Start.Sub(c.Within.From(r.out.Start, -1))
	r.add(rule, c, 1, r.out.Start.AddDays(-1), protocol.Window{Before: within - 1}, None, None)
}

func (r *runner) single(rule int, c *protocol.CheckIn, k int) {
	w := &c.On[k]
	date, event, ok := r.when(w)
	if !ok || !r.horizon.IsZero() && date.After(r.horizon) {
		return
	}
	phase := int16(None)
	if i := slices.IndexFunc(r.pl.phases, func(ph phasePlan) bool { return ph.Name == w.Phase }); i >= 0 {
		phase = int16(i)
	}
	if phase != None && slices.ContainsFunc(c.Gates, func(g protocol.Gate) bool { return g.Phase == w.Phase }) {
		phase = None // it decides about that phase, and does not wait for it
	}
	of := event
	elapsed, isElapsed := w.Offset.Elapsed()
	r.add(rule, c, k+1, date, c.Window, of, phase)
	if of != None && isElapsed {
		e := &r.out.Events[len(r.out.Events)-1]
		if w.Before {
			elapsed = -elapsed
		}
		e.At += int64(elapsed.Seconds())
		e.Date, e.Clock = r.out.Zone.DateClock(e.At)
		e.Target, e.Wanted = e.Date, e.Clock
		r.offset(e)
	}
}

func (r *runner) recurring(rule int, c *protocol.CheckIn) {
	course := r.courseSpan()
	from, until, open := course.first, course.end, course.open
	phase := int16(None)
	if len(c.During) > 0 {
		from, until, open = civil.Date{}, civil.Date{}, false
		for i := range r.pl.phases {
			s := r.runs[i]
			if !s.shown || !slices.Contains(c.During, r.pl.phases[i].Name) {
				continue
			}
			if from.IsZero() {
				from, phase = s.first, int16(i)
			}
			until, open = civil.Later(s.end, until), s.open
		}
	}
	if c.From.Anchor != protocol.NoAnchor {
		d, _, ok := r.when(&c.From)
		if !ok {
			return
		}
		from = d
	}
	if from.IsZero() {
		return
	}
	if c.Until.Anchor != protocol.NoAnchor {
		if d, _, ok := r.when(&c.Until); ok {
			until, open = d, false
		}
	}
	last := until
	if open {
		last = r.lastShown()
	}
	if !r.horizon.IsZero() && r.horizon.Before(last) {
		last = r.horizon
	}
	for k := 1; len(r.out.Events) <= MaxEvents; k++ {
		date := c.Every.From(from, k)
		if date.After(last) {
			return
		}
		r.add(rule, c, k, date, c.Window, None, phase)
		if e := &r.out.Events[len(r.out.Events)-1]; phase == None && e.Kind == CheckIn && int(e.Rule) == rule {
			r.inherit(e)
		}
	}
}

// inherit makes a recurring check-in wait as the doses around it do.
func (r *runner) inherit(e *Event) {
	for i := range r.out.Events {
		d := &r.out.Events[i]
		if d.Kind != Dose || d.Date.After(e.Date) {
			continue
		}
		e.Status, e.Gate = d.Status, d.Gate
		if d.Gate == e.Rule || d.Status > Provisional {
			e.Status, e.Gate = Planned, None
		}
	}
}

// lastShown is the last date to which an open-ended phase is shown.
func (r *runner) lastShown() civil.Date {
	var last civil.Date
	for _, s := range r.runs {
		switch {
		case s.shown && s.open:
			last = civil.Later(r.openEnd(s.first), last)
		case s.open: // it begins past what is shown
			last = civil.Later(r.horizon, last)
		}
	}
	return last
}

// observations puts what is watched around each dose on the calendar.
func (r *runner) observations() {
	doses := len(r.out.Events)
	for rule := range r.pl.checkIns {
		c := &r.pl.checkIns[rule]
		if c.Around == nil {
			continue
		}
		for i := range doses {
			d := r.out.Events[i]
			if d.Kind != Dose || len(c.During) > 0 && !slices.Contains(c.During, r.pl.phases[d.Phase].Name) {
				continue
			}
			for k, after := range c.Around {
				elapsed, _ := after.Elapsed()
				e := Event{Kind: Observation, Status: d.Status, Phase: d.Phase, Rule: int16(rule), Gate: d.Gate, Number: int32(k + 1), Of: d.Of, Dose: None, After: int32(elapsed.Minutes())}
				e.At = d.At + int64(elapsed.Seconds())
				e.Date, e.Clock = r.out.Zone.DateClock(e.At)
				e.Target, e.Wanted = e.Date, e.Clock
				r.offset(&e)
				r.out.Events = append(r.out.Events, e)
			}
		}
	}
}

// raises tells each check-in that confirms steps of a titration what the next step would be.
func (r *runner) raises() {
	for i := range r.pl.phases {
		ph := &r.pl.phases[i]
		if ph.Titration == nil || !r.runs[i].shown {
			continue
		}
		from, to, ok := r.nextStep(i)
		if !ok {
			continue
		}
		last := r.lastOf(i)
		for k := range r.out.Events {
			e := &r.out.Events[k]
			if e.Kind != CheckIn || e.Status == Taken || r.checkInName(e) != ph.Titration.Confirmed || e.Date.Before(r.runs[i].first) {
				continue
			}
			if e.At > last {
				continue // no dose is left that the step could raise
			}
			e.Raises = append(e.Raises, Raise{i, from, to})
		}
	}
}

// lastOf returns the instant of the last dose of a phase that is shown.
func (r *runner) lastOf(phase int) int64 {
	for k := len(r.out.Events) - 1; k >= 0; k-- {
		if e := &r.out.Events[k]; e.Kind == Dose && int(e.Phase) == phase {
			return e.At
		}
	}
	return 0
}

// checkInName returns the name of the rule of a check-in.
func (r *runner) checkInName(e *Event) string { return r.pl.checkIns[e.Rule].Name }

// nextStep returns the present and the next step of a phase's titration in words.
func (r *runner) nextStep(i int) (from, to string, ok bool) {
	ph := &r.pl.phases[i]
	t := ph.Titration
	part := &r.parts[len(r.parts)-1]
	present := r.out.Doses[part.base[i]].Amount
	if len(t.Tiers) > 0 {
		at := slices.Index(t.Tiers, part.tier)
		if at < 0 || at+1 >= len(t.Tiers) {
			return "", "", false
		}
		next, found := dose.Resolve(r.p, ph.Phase, part.patient, dose.Choice{Tier: t.Tiers[at+1], Route: ph.route})
		if found.HasErrors() {
			return "", "", false
		}
		return fmt.Sprintf("%s (%v)", part.tier, present), fmt.Sprintf("%s (%v)", t.Tiers[at+1], next.Doses[0].Amount), true
	}
	step := min(part.steps[ph.Name], len(t.Amounts)-1)
	at := t.Amounts[step]
	if t.Ranged() {
		if at.Quantity.Cmp(t.To) >= 0 {
			return "", "", false
		}
		high := quantity.Min(at.Quantity.Add(t.Increase.Max), t.To.In(at.Quantity.Unit()))
		low := quantity.Min(at.Quantity.Add(t.Increase.Min), high)
		words := high.String()
		if low.Cmp(high) != 0 {
			words = low.Decimal() + " to " + words
		}
		return fmt.Sprintf("%v (%v)", at.Quantity, present), words, true
	}
	if step+1 >= len(t.Amounts) {
		return "", "", false
	}
	next, found := dose.Resolve(r.p, ph.Phase, part.patient, dose.Choice{Tier: part.tier, Route: ph.route, Step: step + 1})
	if found.HasErrors() {
		return "", "", false
	}
	if at.Basis() == protocol.Fixed {
		return present.String(), next.Doses[0].Amount.String(), true
	}
	return fmt.Sprintf("%v (%v)", at.Quantity, present), fmt.Sprintf("%v (%v)", t.Amounts[step+1].Quantity, next.Doses[0].Amount), true
}

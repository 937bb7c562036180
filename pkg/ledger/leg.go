package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A leg is a Leg on the way. Its Schedule is nil until somebody needs it.
type leg struct {
	Leg
	whole      *protocol.Protocol // with the phases of other patients
	has        []string           // what this patient has, with what comes before the phase that it begins at
	protocol   *protocol.Protocol // with those of this patient
	rests      []string           // the check-ins before it that confirmed the phase with which it begins
	unrested   string             // the first of them that does so no more; "" for none
	waited     []schedule.Hold    // when its doses waited for one of them to confirm it anew
	patient    *patient.Patient   // as known when the leg began
	tier       string             // at the start
	line       schedule.Timeline
	last       *schedule.Schedule // the calendar as it was last made; nil where it was not made before
	reckoned   *schedule.Schedule // the calendar of which it was looked at whether its protocol begins again
	easy       bool               // nothing was missed, held or put off in it
	covers     civil.Date         // the day to which Schedule follows open ends at least
	held       int                // doses that a limit holds
	lost       bool               // the text that it follows is lost, and protocol is another
	plan       *schedule.Plan
	units      map[string]quantity.Unit     // of the doses of each phase
	index      map[schedule.DoseName]int    // of doses among the events of Schedule; nil until somebody needs it
	lastIndex  map[schedule.DoseName]int    // and of last
	facts      map[schedule.DoseName]bool   // doses of which it is known what became of them
	taken      map[instant]bool             // when doses were given
	again      bool                         // some dose was missed, and is planned again
	visits     map[schedule.Occurrence]bool // check-ins that took place
	judged     map[*patient.Patient]verdict // what speaks against the patient
	route      string                       // that was chosen at the start
	since      civil.Date                   // from when the present text holds; the zero Date for the start
	before     diag.List                    // what was found of the doses that were given under the texts before it
	asHeld     []heldBefore                 // doses that were held under the texts before it, as they stood then
	raised     map[string][]raised          // by phase: the steps that were confirmed
	stated     map[string][]stated          // by phase: the doses that were stated for steps whose size is open, in order of the days from which they hold
	tapered    map[string]civil.Date        // by phase: from when its doses fall to the end of the leg
	stops      []stop                       // check-ins without which no dose is given, and that did not take place
	asked      asked                        // of what largest was asked last, with what it said
	answer     quantity.Amount
	answered   bool
	settled    int       // how many decisions and changes there were when every dose that a check-in looks at was given; 0 or less for never
	tierBefore string    // that held when it began the protocol again, of the leg before it
	leftBehind int       // how many orders of the leg before it do not go on in it
	byItself   *byItself // it ended by itself, for want of doses
	byOrder    *ending   // it ends by order; nil where it does not
	confirmers []string  // the check-ins that decided about steps in texts before the present one
	checked    []*Entry  // those that say that a check-in of the leg took place
}

// stated is a dose that a check-in confirmed from a day on, with what was known of the weight when that was
// written down.
type stated struct {
	from           civil.Date
	amount, weight quantity.Amount
	by             schedule.Occurrence
}

// heldBefore is a dose of a day that is over, held under a text before the present one, with what it would have been.
type heldBefore struct {
	name schedule.DoseName
	day  civil.Date
	dose schedule.DoseInfo
}

// heldOf returns the doses of a calendar that were held on days before a day, as they stood.
func heldOf(s *schedule.Schedule, before civil.Date) (list []heldBefore) {
	if s == nil {
		return nil
	}
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose && e.Status == schedule.Held && e.Date.Before(before) {
			list = append(list, heldBefore{s.DoseName(e), e.Date, *s.Dose(e)})
		}
	}
	return list
}

// keepHeld has the doses that were held under former texts stand as they stood then: a later text changes nothing of days that
// are over.
func (l *leg) keepHeld() {
	for _, was := range l.asHeld {
		e := l.dose(was.name)
		if e == nil || e.Status != schedule.Held || e.Date != was.day {
			continue
		}
		if now := *l.Schedule.Dose(e); now.Amount != was.dose.Amount {
			now.Dose, now.Tier, now.Made = was.dose.Dose, was.dose.Tier, was.dose.Made
			l.Schedule.Doses = append(slices.Clip(l.Schedule.Doses), now)
			e.Dose = int32(len(l.Schedule.Doses) - 1)
		}
	}
}

// keptLower is why an order of a leg holds in the next.
const keptLower = "ordered before the protocol began again"

// recorded reports whether something that happened is written down of a leg.
func (l *leg) recorded() bool {
	return len(l.facts)+len(l.visits)+len(l.line.Facts)+len(l.line.Done)+len(l.line.Sent) > 0
}

// ordered reports whether something was ordered of a leg since it began.
func (l *leg) ordered() bool {
	return len(l.line.Moved)+len(l.line.Visits)+len(l.line.Gaps) > 0 || slices.ContainsFunc(l.line.Changes, func(c schedule.Change) bool { return c.Reason != keptLower })
}

// raised is a step that a check-in confirmed from a day on.
type raised struct {
	from civil.Date
	by   schedule.Occurrence
}

// raisedFrom returns the day from which the last step of a phase holds that was confirmed.
func (l *leg) raisedFrom(phase string) (from civil.Date, ok bool) {
	if list := l.raised[phase]; len(list) > 0 {
		return list[len(list)-1].from, true
	}
	return from, false
}

// begin begins a protocol. Nothing is begun where it cannot be had, or may not be given.
func (s *state) begin(t *Treatment, start civil.Date, beside bool, note string) *leg {
	p, found := s.source(t.Protocol)
	s.found = append(s.found, found...)
	if p == nil || found.HasErrors() {
		return nil
	}
	pat := *s.patientOn(start)
	pat.Start = start
	whole := p
	p, asked := eligibility.Phases(p, &pat, start)
	if s.found = append(s.found, asked...); asked.HasErrors() {
		return nil
	}
	has, rests := p.Chosen(), []string(nil)
	if _, ok := whole.Phase(t.Phase); ok && !slices.Contains(p.PhaseNames(), t.Phase) {
		s.found.Add(diag.UnknownName, t.Range, "begin at one of: "+strings.Join(p.PhaseNames(), ", "), "the phase “%s” is for other patients than this one", t.Phase).Severity = diag.Error
		return nil
	}
	if t.Phase != "" {
		if p, rests = s.from(p, t); p == nil {
			return nil
		}
	}
	l := &leg{whole: whole, rests: rests, has: has, Leg: Leg{Treatment: t, Beside: beside, From: start, Note: note}, protocol: p, patient: &pat, tier: t.Tier,
		facts: map[schedule.DoseName]bool{}, taken: map[instant]bool{}, visits: map[schedule.Occurrence]bool{}, raised: map[string][]raised{}, stated: map[string][]stated{}, tapered: map[string]civil.Date{}, judged: map[*patient.Patient]verdict{}}
	if l.tier == "" {
		l.tier = p.DefaultTier
	}
	l.line.Lived = true
	l.lost = slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == diag.TextLost })
	s.legs = append(s.legs, l)
	if s.compute(l, false); l.Schedule == nil {
		s.legs = s.legs[:len(s.legs)-1]
		return nil
	}
	l.route = l.Schedule.Route
	l.units = map[string]quantity.Unit{}
	for i := range l.Schedule.Events {
		if e := &l.Schedule.Events[i]; e.Kind == schedule.Dose {
			l.units[l.Schedule.PhaseName(e)] = l.Schedule.Dose(e).Amount.Unit()
		}
	}
	return l
}

// choose looks again which phases the patient has, where nothing was ordered or written down of the leg yet: what
// is known by its start, and the age then, decide.
func (s *state) choose(l *leg) {
	t := &l.line
	if !l.whole.Selective() || len(l.facts)+len(l.visits)+len(t.Facts)+len(t.Changes)+len(t.Moved)+len(t.Visits)+len(t.Decided)+len(t.Done)+len(t.Gaps)+len(t.Sent) > 0 {
		return
	}
	pat := *s.patientOn(l.From)
	pat.Start = l.From
	p, found := eligibility.Phases(l.whole, &pat, l.From)
	if found.HasErrors() || slices.Equal(p.Chosen(), l.has) {
		return
	}
	l.follow(p)
	l.changed()
}

// follow gives the leg the phases of a protocol, from the one on with which it begins.
func (l *leg) follow(p *protocol.Protocol) {
	has := p.Chosen()
	if l.Treatment.Phase != "" {
		var err error
		if p, err = l.begunAt(p, l.Treatment.Phase); err != nil {
			return
		}
	}
	l.protocol, l.has, l.judged = p, has, map[*patient.Patient]verdict{}
}

// begunAt returns another text of the protocol of a leg from the phase on at which that began: what let the phase begin did
// so whatever the text says since.
func (l *leg) begunAt(p *protocol.Protocol, phase string) (*protocol.Protocol, error) {
	q, _, err := p.From(phase)
	if err != nil {
		return nil, err
	}
	for i := range q.CheckIns {
		c := &q.CheckIns[i]
		c.Passed = c.Passed || slices.ContainsFunc(l.protocol.CheckIns, func(was protocol.CheckIn) bool { return was.Name == c.Name && was.Passed })
	}
	return q, nil
}

// from returns a protocol that begins at a phase, with the check-ins that confirmed that; or nil with a finding: what
// decides about the phase must have been decided before.
func (s *state) from(p *protocol.Protocol, t *Treatment) (*protocol.Protocol, []string) {
	q, decided, err := p.From(t.Phase)
	if err != nil {
		s.found.Add(diag.UnknownName, t.Range, "begin with the first phase", "%s", err).Severity = diag.Error
		return nil, nil
	}
	for _, name := range decided {
		if !s.confirmed(p, name, t.Phase) {
			s.found.Add(diag.BadEntry, t.Range, "record that check-in first, or begin with the first phase", "the check-in “%s” decides about the phase “%s”, and did not confirm it", name, t.Phase).Severity = diag.Error
			return nil, nil
		}
	}
	for i := range q.CheckIns { // one that comes at intervals decides again from its next on
		c := &q.CheckIns[i]
		if c.Decides(t.Phase) && c.Every.IsSet() && s.confirmed(p, c.Name, t.Phase) {
			c.Passed = true
			if !slices.Contains(decided, c.Name) {
				decided = append(decided, c.Name)
			}
		}
	}
	return q, decided
}

// restsOn returns the first of the check-ins that let a leg begin where it does and that do so no more, "" for none: what they
// decided has lapsed, or was decided anew. What the leg decided itself since holds in its calendar.
func (s *state) restsOn(l *leg) string {
	before := *s
	before.legs = s.legs[:slices.Index(s.legs, l)]
	own := func(name string) bool {
		return slices.ContainsFunc(l.line.Decided, func(d schedule.Decision) bool { return d.Name == name })
	}
	i := slices.IndexFunc(l.rests, func(name string) bool { return !own(name) && !before.confirmed(l.whole, name, l.Treatment.Phase) })
	if i < 0 {
		return ""
	}
	return l.rests[i]
}

// confirmed reports whether the last check-in of a name, of a protocol of the course, confirmed
// what it decides about: of one that has days of its own for a phase, that of one of these days.
func (s *state) confirmed(p *protocol.Protocol, name, phase string) bool {
	var own []int // numbers of its days that are counted from the phase
	several := false
	for i := range p.CheckIns {
		several = several || p.CheckIns[i].Name == name && (p.CheckIns[i].Every.IsSet() || len(p.CheckIns[i].On) > 1)
		for k := range p.CheckIns[i].On {
			if p.CheckIns[i].Name == name && p.CheckIns[i].On[k].Phase == phase {
				own = append(own, k+1)
			}
		}
	}
	if several && len(own) == 0 && !s.gaveSome(p, phase) { // which of its days decides nobody can tell
		return false
	}
	for _, l := range slices.Backward(s.legs) {
		for _, d := range slices.Backward(l.line.Decided) {
			if l.protocol.ID == p.ID && d.Name == name && (len(own) == 0 || slices.Contains(own, d.Number)) {
				return !d.Declined
			}
		}
	}
	return false
}

// gaveSome reports whether a dose of a phase of a protocol of the course was given.
func (s *state) gaveSome(p *protocol.Protocol, phase string) bool {
	return slices.ContainsFunc(s.legs, func(l *leg) bool {
		return l.protocol.ID == p.ID && slices.ContainsFunc(l.line.Facts, func(f schedule.Fact) bool { return f.Phase == phase && f.Status == schedule.Taken })
	})
}

// options are those of the plan of a leg.
func (s *state) options(l *leg, final bool) schedule.Options {
	o := s.o.Base
	o.Tier, o.Route, o.Timeline = l.Treatment.Tier, l.Treatment.Route, l.line
	o.Timeline.JudgedFrom, o.Timeline.Now, o.Timeline.Tapers = l.since, s.now, l.tapered
	o.Timeline.Holds = s.heldBy(l)
	if l.lost {
		o.Timeline.Holds = append(o.Timeline.Holds, schedule.Hold{From: l.afterFacts()})
	}
	o.Timeline.Changes = slices.Concat(s.values(l), l.line.Changes, s.caps(l))
	slices.SortStableFunc(o.Timeline.Changes, func(a, b schedule.Change) int { return a.From.Compare(b.From) })
	o.AtLeast = schedule.DefaultHorizon.From(civil.Later(s.seen, s.now), 1)
	if len(s.away) > 0 {
		o.Closed.Dates, o.Closed.Known = maps.Clone(o.Closed.Dates), map[civil.Date]civil.Date{}
		if o.Closed.Dates == nil {
			o.Closed.Dates = map[civil.Date]string{}
		}
		for _, a := range s.away {
			for d := a.First; !d.After(a.Last); d = d.AddDays(1) {
				if _, shut := o.Closed.On(d); !shut {
					o.Closed.Dates[d], o.Closed.Known[d] = "the patient is away", a.known
				}
			}
		}
	}
	if final {
		o.Until = s.o.Until
		if supply := &l.protocol.Supply; s.o.WholeFills && !o.Until.IsZero() && supply.Fill.IsSet() {
			o.Until = supply.Through(o.Until).AddDays(schedule.MaxEarlier)
		}
		if !o.Until.IsZero() && o.Until.Before(s.seen) {
			o.Until = s.seen // what is recorded is always shown
		}
		if !o.Until.IsZero() && o.Until.Before(l.From) {
			o.Until = l.From
		}
	} else { // to know what a fill holds that is sent by then
		o.AtLeast = l.protocol.Supply.Through(o.AtLeast)
	}
	for phase, text := range l.Treatment.Frequency {
		if _, ok := l.protocol.Phase(phase); !ok && (l.Treatment.Phase != "" || l.whole != l.protocol) {
			continue // it came before the phase that it began at, or is another patient's
		}
		o.Frequencies = append(o.Frequencies, schedule.FrequencyChoice{Phase: phase, Text: text})
	}
	slices.SortFunc(o.Frequencies, func(a, b schedule.FrequencyChoice) int { return cmp.Compare(a.Phase, b.Phase) })
	return o
}

// afterFacts returns the first day of the leg after everything that is recorded of its doses.
func (l *leg) afterFacts() civil.Date {
	day := l.From
	for _, f := range l.line.Facts {
		if f.Status == schedule.Taken {
			day = civil.Later(day, f.Date.AddDays(1))
		}
	}
	return day
}

// compute makes the calendar of a leg anew where it is not known.
func (s *state) compute(l *leg, final bool) {
	const ahead = 31 // days past what is spoken of that an entry may look at
	if l.Schedule != nil && !final && !s.seen.AddDays(ahead).After(l.covers) {
		return
	}
	found := s.run(l, final)
	if l.Schedule == nil {
		s.found = append(s.found, found...)
	}
}

// run computes the calendar of a leg. Where its closed days leave some event no place, events
// stand on them, and a finding says so.
func (s *state) run(l *leg, final bool) diag.List {
	l.changed()
	o := s.options(l, final)
	l.covers = o.AtLeast
	var found diag.List
	for {
		var more diag.List
		l.plan, more = schedule.NewPlan(l.protocol, o)
		if found = append(found, more...); found.HasErrors() {
			l.Schedule = nil
			return found
		}
		pat := *l.patient
		l.Schedule, more = l.plan.Run(&pat)
		i := slices.IndexFunc(more, func(d diag.Diagnostic) bool { return d.Code == diag.NoPlacement })
		if l.Schedule != nil || i < 0 || o.Policy == calendar.Keep {
			found = append(found, more...)
			break
		}
		kept := more[i]
		kept.Severity, kept.Message = diag.Warning, "events stand on closed days, for "+kept.Message
		found, o.Policy = append(found, kept), calendar.Keep
	}
	if l.Schedule == nil {
		return found
	}
	l.held = l.Schedule.Reined
	for _, d := range found {
		if d.Code == diag.NoPlacement {
			l.Schedule.Findings = append(diag.List{d}, l.Schedule.Findings...)
		}
	}
	for _, h := range o.Timeline.Holds {
		switch {
		case h.Reason == "":
		case l.endedBy(s.now) || !h.Until.IsZero() && !h.Until.After(s.now):
			l.Schedule.Findings.Add(diag.HeldFor, diag.Range{}, "", "doses of %s were held %s: %s", l.protocol.ID, stretch(h), h.Reason).Severity = diag.Note
		default:
			l.Schedule.Findings.Add(diag.HeldFor, diag.Range{}, h.Help, "doses of %s are held %s: %s", l.protocol.ID, stretch(h), h.Reason)
		}
	}
	return found
}

// stretch says for how long doses are held.
func stretch(h schedule.Hold) string {
	switch {
	case h.Until.IsZero():
		return fmt.Sprintf("from %v on", h.From)
	case h.Until == h.From.AddDays(1):
		return fmt.Sprintf("on %v", h.From)
	}
	return fmt.Sprintf("from %v to %v", h.From, h.Until.AddDays(-1))
}

// changed says that a leg has to be computed anew.
func (l *leg) changed() {
	if l.Schedule != nil {
		l.last, l.lastIndex = l.Schedule, l.index
	}
	l.Schedule, l.index = nil, nil
}

// change adds a change of the choices, in order of time.
func (l *leg) change(c schedule.Change) {
	at := len(l.line.Changes)
	for at > 0 && l.line.Changes[at-1].From.After(c.From) {
		at--
	}
	l.line.Changes = slices.Insert(slices.Clone(l.line.Changes), at, c)
	l.changed()
}

// coming returns what is ordered for later than a day, of phases that have doses then.
func (l *leg) coming(day civil.Date) (list []Coming) {
	for _, c := range l.line.Changes {
		if !c.From.After(day) || l.endedBy(c.From) {
			continue
		}
		var what []string
		if c.Tier != "" {
			what = append(what, "tier "+c.Tier)
		}
		if c.Route != "" {
			what = append(what, "route "+c.Route)
		}
		for _, phase := range l.protocol.PhaseNames() {
			if !slices.ContainsFunc(l.Schedule.Events, func(e schedule.Event) bool {
				return e.Kind == schedule.Dose && !e.Date.Before(c.From) && l.Schedule.PhaseName(&e) == phase
			}) {
				continue
			}
			if amount, ok := c.Amount[phase]; ok && amount.IsSet() {
				what = append(what, phase+" "+amount.String())
			} else if ok {
				what = append(what, phase+" at the dose of the protocol")
			}
			if text, ok := c.Frequency[phase]; ok {
				what = append(what, phase+" "+text)
			}
			if times, ok := c.Times[phase]; ok {
				what = append(what, phase+" at "+civil.JoinClocks(times))
			}
		}
		if len(what) > 0 {
			list = append(list, Coming{c.From, strings.Join(what, ", "), c.Reason})
		}
	}
	return list
}

// tierOn returns the tier of a day.
func (l *leg) tierOn(day civil.Date) string {
	tier := l.tier
	for _, c := range l.line.Changes {
		if c.Tier != "" && !c.From.After(day) {
			tier = c.Tier
		}
	}
	return tier
}

// stepOn returns the confirmed step of a titration by amounts on a day.
func (l *leg) stepOn(phase string, day civil.Date) int {
	step := 0
	for _, c := range l.line.Changes {
		if k, ok := c.Step[phase]; ok && !c.From.After(day) {
			step = k
		}
	}
	return step
}

// orderedOn returns the amount that a clinician ordered or confirmed for a phase and that holds on a day, or
// an unset one.
func (l *leg) orderedOn(phase string, day civil.Date) quantity.Amount {
	var amount quantity.Amount
	for _, c := range l.line.Changes {
		if a, ok := c.Amount[phase]; ok && !c.From.After(day) {
			amount = a
		}
	}
	return amount
}

// ordersAfter returns the days after one from which another amount is ordered for a phase.
func (l *leg) ordersAfter(phase string, day civil.Date) (days []civil.Date) {
	for _, c := range l.line.Changes {
		if _, ok := c.Amount[phase]; ok && c.From.After(day) {
			days = append(days, c.From)
		}
	}
	return days
}

// setOn returns the amount in place of a phase's own that holds on a day, or an unset one: what was
// ordered, but no more than the protocol gives at what the patient weighs then. Where it gives less, a
// phase gives its own dose, or what was confirmed of a step whose size is open.
func (s *state) setOn(l *leg, phase int, day civil.Date) quantity.Amount {
	name := l.protocol.Phases[phase].Name
	set := l.orderedOn(name, day)
	if !set.IsSet() {
		return set
	}
	most, ok := s.atMost(l, phase, day)
	if !ok || !most.Unit().Comparable(set.Unit()) || set.Cmp(most) <= 0 {
		return set
	}
	if l.openOn(name, day) {
		return most
	}
	return quantity.Amount{}
}

// statedOn returns the dose that holds on a day and was stated for a step whose size is open.
func (l *leg) statedOn(phase string, day civil.Date) (stated, bool) {
	for _, x := range slices.Backward(l.stated[phase]) {
		if !day.Before(x.from) {
			return x, true
		}
	}
	return stated{}, false
}

// openOn reports whether a dose holds on a day that was stated for a step whose size is open.
func (l *leg) openOn(phase string, day civil.Date) bool {
	_, ok := l.statedOn(phase, day)
	return ok
}

// phase returns the index of a phase of the protocol.
func (l *leg) phase(name string) int {
	return slices.IndexFunc(l.protocol.Phases, func(ph protocol.Phase) bool { return ph.Name == name })
}

// caps returns the changes by which what clinicians ordered gives way to less, and holds again: on the
// days from which something else is ordered or known of the patient.
func (s *state) caps(l *leg) (list []schedule.Change) {
	for i := range l.protocol.Phases {
		name := l.protocol.Phases[i].Name
		days := l.ordersAfter(name, civil.Date{})
		if len(days) == 0 {
			continue
		}
		for _, x := range s.pieces {
			days = append(days, civil.Later(x.from, l.From))
		}
		for _, c := range l.line.Changes {
			if _, ok := c.Frequency[name]; ok || c.Route != "" { // which can have another dose, or divide a total otherwise
				days = append(days, c.From)
			}
		}
		slices.SortFunc(days, civil.Date.Compare)
		capped := false
		for _, day := range slices.Compact(days) {
			ordered, now := l.orderedOn(name, day), s.setOn(l, i, day)
			is := ordered.IsSet() && (!now.IsSet() || now.Cmp(ordered) != 0)
			if is || capped {
				list = append(list, schedule.Change{From: day, Amount: map[string]quantity.Amount{name: now}, Reason: "what the protocol gives at this weight, or was ordered"})
			}
			capped = is
		}
	}
	return list
}

// dose returns the planned or recorded event of a dose, or nil.
func (l *leg) dose(name schedule.DoseName) *schedule.Event {
	if l.index == nil {
		l.index = dosesOf(l.Schedule)
	}
	return eventOf(l.Schedule, l.index, name)
}

// was returns the event of a dose in the last calendar that was made before the one to come, or nil: what happened since has
// hardly moved it, and the calendar need not be made again to know.
func (l *leg) was(name schedule.DoseName) *schedule.Event {
	if l.last == nil {
		return nil
	}
	if l.lastIndex == nil {
		l.lastIndex = dosesOf(l.last)
	}
	return eventOf(l.last, l.lastIndex, name)
}

// dosesOf returns where the doses of a calendar stand among its events. Of one that was missed and is planned again it is the
// later.
func dosesOf(sched *schedule.Schedule) map[schedule.DoseName]int {
	index := map[schedule.DoseName]int{}
	for i := range sched.Events {
		e := &sched.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		name := sched.DoseName(e)
		if k, ok := index[name]; !ok || sched.Events[k].Status == schedule.Missed {
			index[name] = i
		}
	}
	return index
}

// eventOf returns the event of a dose of a calendar, or nil.
func eventOf(sched *schedule.Schedule, index map[schedule.DoseName]int, name schedule.DoseName) *schedule.Event {
	i, ok := index[name]
	if !ok {
		return nil
	}
	return &sched.Events[i]
}

// doseOf returns the leg that a dose belongs to on the day of the entry, or nil with a finding.
func (s *state) doseOf(name schedule.DoseName) *leg {
	var best *leg
	for _, l := range s.legs {
		if _, ok := l.protocol.Phase(name.Phase); !ok || s.entry.Of != "" && s.entry.Of != l.protocol.ID {
			continue
		}
		switch {
		case best == nil,
			best.facts[name] && !l.facts[name] && (!s.entry.Fact() || !l.From.After(s.entry.On) || best.endedBy(s.entry.On)), // an order is for what is to come
			l.From.After(best.From) && !l.From.After(s.entry.On) && (!l.facts[name] || best.facts[name] || best.endedBy(s.entry.On)):
			best = l
		}
	}
	if best == nil {
		var names []string
		for _, l := range s.legs {
			for i := range l.protocol.Phases {
				if n := l.protocol.Phases[i].Name; !slices.Contains(names, n) {
					names = append(names, n)
				}
			}
		}
		if slices.Contains(names, name.Phase) {
			s.refuse("name the protocol that has it, or none", "the protocol “%s” has no phase “%s” in this course", s.entry.Of, name.Phase)
			return nil
		}
		s.refuse(diag.DidYouMean(name.Phase, names), "no protocol of the course has a phase “%s”", name.Phase)
	}
	return best
}

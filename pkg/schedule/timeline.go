package schedule

import (
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Timeline is what happened to a course and what was decided about it since its calendar
// was made. The zero Timeline changes nothing. Package course makes it from amendments.
type Timeline struct {
	Changes  []Change         // in order of time
	Gaps     []Gap            // in order of time
	Holds    []Hold           // in order of time
	Facts    []Fact           // what became of single doses
	Done     []Done           // check-ins that took place
	Extra    map[string]int   // by phase: doses appended to its course
	Stop     civil.Date       // nothing is planned from this day on
	Declined []string         // check-ins that decided against what they gate
	Waiting  []Waiting        // check-ins that are overdue, and what waits for them
	Sent     []Sent           // fills that were sent
	Since    civil.Date       // what is not sent yet is sent on this day at the earliest
	Pinned   map[DoseName]Pin // where doses already were when a later amendment was made
}

// A Change holds from a day on, until another of its kind.
type Change struct {
	From      civil.Date
	Tier      string          // "" for no change
	Weight    quantity.Amount // unset for no change
	Step      map[string]int  // by phase: the confirmed step of a titration by amounts
	Amount    map[string]quantity.Amount
	Frequency map[string]string // by phase: one of those that it offers
	Reason    string            // what derivations say of it
}

// A Gap moves everything planned from a day on to later days.
type Gap struct {
	From civil.Date
	Days int
}

// A Hold is a stretch in which doses are not given. The calendar goes on behind it.
type Hold struct {
	From, Until civil.Date // Until is the first day after it; the zero Date for no end yet
}

// Covers reports whether doses of a day are held.
func (h Hold) Covers(d civil.Date) bool {
	return !d.Before(h.From) && (h.Until.IsZero() || d.Before(h.Until))
}

// A Fact is what became of one dose.
type Fact struct {
	Phase  string
	Number int
	Status Status          // Taken, Missed or Held
	Date   civil.Date      // of a dose taken on another day; the zero Date for the planned one
	Clock  civil.Clock     // of a dose taken at another time
	Timed  bool            // whether Clock is stated
	Amount quantity.Amount // of a dose taken in another amount; unset for the planned one
	Again  bool            // the dose was missed on Date, and is planned again on a later day
}

// A Done is a check-in that took place.
type Done struct {
	Name   string
	Number int // among those of its name, from 1
	Date   civil.Date
}

// A Waiting is a check-in that is overdue, and from when on doses wait for it.
type Waiting struct {
	Name string
	From civil.Date
}

// A Sent is a fill as it was when it was sent.
type Sent struct {
	Number int
	Date   civil.Date
	Fill   Fill
}

// SentFill returns the fill of a medicine and a number if it was sent, or nil.
func (t *Timeline) SentFill(medication string, number int) *Sent {
	i := slices.IndexFunc(t.Sent, func(s Sent) bool { return s.Number == number && s.Fill.Medication.Name == medication })
	if i < 0 {
		return nil
	}
	return &t.Sent[i]
}

// A DoseName names a dose of a protocol.
type DoseName struct {
	Phase  string
	Number int
}

func (n DoseName) String() string { return fmt.Sprintf("%s %d", n.Phase, n.Number) }

// DoseName returns the name of a dose event.
func (s *Schedule) DoseName(e *Event) DoseName { return DoseName{s.PhaseName(e), int(e.Number)} }

// A Pin keeps a dose on the day that it had when the past was fixed.
type Pin struct {
	Date   civil.Date
	Amount civil.Date // the day whose choices its amount follows
}

// A segment is a stretch of a course in which amounts follow one set of choices.
type segment struct {
	from    civil.Date
	patient *patient.Patient
	tier    string
	steps   map[string]int
	amounts map[string]quantity.Amount
	reason  string
	regimen []*dose.Regimen // per phase
	base    []int           // per phase: where its doses begin in Schedule.Doses
}

// segments splits the course at every change of amounts. The first has no start.
func (r *runner) segments() []segment {
	list := []segment{{patient: r.pat, tier: r.pl.tier, steps: r.pl.options.Steps}}
	for _, c := range r.pl.options.Timeline.Changes {
		if c.Tier == "" && !c.Weight.IsSet() && c.Step == nil && c.Amount == nil {
			continue
		}
		s := list[len(list)-1]
		s.from, s.reason = c.From, c.Reason
		if c.Tier != "" {
			s.tier, s.amounts = c.Tier, nil
		}
		if c.Weight.IsSet() {
			p := *s.patient
			p.Weight = c.Weight
			s.patient = &p
		}
		if c.Step != nil {
			s.steps = merged(s.steps, c.Step)
			s.amounts = nil
		}
		if c.Amount != nil {
			s.amounts = merged(s.amounts, c.Amount)
		}
		list = append(list, s)
	}
	return list
}

func merged[V any](a, b map[string]V) map[string]V {
	out := make(map[string]V, len(a)+len(b))
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		out[k] = v
	}
	return out
}

// part returns the index of the segment that holds on a day.
func (r *runner) part(d civil.Date) int {
	at := 0
	for i := range r.parts {
		if i == 0 || !r.parts[i].from.After(d) {
			at = i
		}
	}
	return at
}

// recorded returns what became of a dose, if that is known.
func (r *runner) recorded(e *Event) *Fact {
	for i := range r.pl.options.Timeline.Facts {
		if f := &r.pl.options.Timeline.Facts[i]; f.Number == int(e.Number) && f.Phase == r.pl.phases[e.Phase].Name && !f.Again {
			return f
		}
	}
	return nil
}

// amend replaces the amounts of a phase by one that a clinician set.
func (r *runner) amend(s *segment, i int) {
	ph := &r.pl.phases[i]
	amount, ok := s.amounts[ph.Name]
	if !ok {
		return
	}
	med := &r.p.Medications[ph.Medication]
	route, _ := med.Route(ph.route)
	for k := s.base[i]; k < len(r.out.Doses); k++ {
		d := &r.out.Doses[k].Dose
		if d.Amount.IsSet() && !d.Amount.Unit().Comparable(amount.Unit()) {
			r.found.Add(diag.BadAmendment, ph.Range, "", "the dose of “%s” cannot be in %v", ph.Name, amount.Unit())
			return
		}
		if route.Round != nil && route.Round.Step.Unit().Comparable(amount.Unit()) && !route.Round.IsMultiple(amount) {
			r.found.Add(diag.BadAmendment, route.Range, "set a multiple", "%v cannot be dispensed: the route “%s” is given in steps of %v", amount, route.Name, route.Round.Step)
			return
		}
		d.Amount, d.Volume = amount, quantity.Amount{}
		d.Derivation = []dose.Step{{Text: fmt.Sprintf("set to %v: %s", amount, s.reason)}}
	}
}

// moved returns the day to which gaps move a planned day of a phase. Doses on days of the
// week keep them: they move by whole weeks.
func (r *runner) moved(ph *phasePlan, d civil.Date) civil.Date {
	for _, g := range r.pl.options.Timeline.Gaps {
		if d.Before(g.From) {
			break
		}
		n := g.Days
		if ph != nil && ph.choice.Frequency.Kind() == frequency.Weekdays {
			n = (n + 6) / 7 * 7
		}
		d = d.AddDays(n)
	}
	return d
}

// planned is the inverse of moved: the planned day that gaps move to d, or the first that
// they move past it.
func (r *runner) planned(ph *phasePlan, d civil.Date) civil.Date {
	p := d
	for range len(r.pl.options.Timeline.Gaps) + 1 {
		over := r.moved(ph, p).Sub(d)
		if over == 0 {
			break
		}
		p = p.AddDays(-over)
	}
	for r.moved(ph, p).Before(d) {
		p = p.AddDays(1)
	}
	return p
}

// nextChoice returns the frequency that a phase changes to after a day, and the day.
func (r *runner) nextChoice(ph *phasePlan, after civil.Date) (protocol.Choice, civil.Date, bool) {
	for _, c := range r.pl.options.Timeline.Changes {
		text, ok := c.Frequency[ph.Name]
		if !ok || !after.IsZero() && !c.From.After(after) {
			continue
		}
		if at := offered(ph.Phase, text); at >= 0 {
			return ph.Frequencies[at], c.From, true
		}
	}
	return protocol.Choice{}, civil.Date{}, false
}

// checkTimeline refuses what the protocol does not have.
func (pl *Plan) checkTimeline(found *diag.List) {
	t := &pl.options.Timeline
	for _, c := range t.Changes {
		if _, ok := pl.protocol.Tier(c.Tier); c.Tier != "" && !ok {
			found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no tier “%s”", c.Tier)
		}
		for name, text := range c.Frequency {
			ph, ok := pl.protocol.Phase(name)
			switch {
			case !ok:
				found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no phase “%s”", name)
			case offered(ph, text) < 0:
				pl.refuseFrequency(FrequencyChoice{name, text}, found)
			case elapsed(ph.Frequencies):
				found.Add(diag.BadAmendment, diag.Range{}, "", "the phase “%s” counts elapsed hours, and its frequency cannot be changed on the way", name)
			}
		}
		for name := range c.Amount {
			if _, ok := pl.protocol.Phase(name); !ok {
				found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no phase “%s”", name)
			}
		}
	}
	for _, name := range t.Declined {
		if !slices.ContainsFunc(pl.checkIns, func(c protocol.CheckIn) bool { return c.Name == name }) {
			found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no check-in “%s”", name)
		}
	}
}

func elapsed(choices []protocol.Choice) bool {
	return slices.ContainsFunc(choices, func(c protocol.Choice) bool {
		_, ok := c.Frequency.Elapsed()
		return ok
	})
}

// facts puts what happened on the calendar: doses that were taken, missed or held.
func (r *runner) facts() {
	t := &r.pl.options.Timeline
	for i := range r.out.Events {
		e := &r.out.Events[i]
		if e.Kind != Dose {
			continue
		}
		for _, h := range t.Holds {
			if h.Covers(e.Date) {
				e.Status = Held
			}
		}
		for _, w := range t.Waiting {
			if !e.Date.Before(w.From) && r.waitsFor(e, w.Name) {
				e.Status = Held
			}
		}
		if e.Gate != None && slices.Contains(t.Declined, r.pl.checkIns[e.Gate].Name) {
			e.Status = Held
		}
	}
	for _, f := range t.Facts {
		i := slices.IndexFunc(r.out.Events, func(e Event) bool {
			return e.Kind == Dose && int(e.Number) == f.Number && r.pl.phases[e.Phase].Name == f.Phase && e.Status != Missed
		})
		if i < 0 {
			r.found.Add(diag.BadAmendment, diag.Range{}, "`doseplan course status` lists the doses", "the calendar has no dose %d of “%s”", f.Number, f.Phase)
			continue
		}
		r.fact(&r.out.Events[i], &f)
	}
}

// waitsFor reports whether a dose waits for a check-in that is overdue: the doses of a gate
// and of a titration wait for theirs; what no check-in of that name decides about does not.
func (r *runner) waitsFor(e *Event, name string) bool {
	ph := &r.pl.phases[e.Phase]
	return ph.Titration != nil && ph.Titration.Confirmed == name || e.Gate != None && r.pl.checkIns[e.Gate].Name == name
}

func (r *runner) fact(e *Event, f *Fact) {
	if f.Again {
		missed := *e
		missed.Status, missed.Gate, missed.Date, missed.Target, missed.Of = Missed, None, f.Date, f.Date, None
		r.setClock(&missed, e.Wanted)
		r.setAmount(&missed, f)
		r.missed = append(r.missed, missed) // beside the dose that is planned again
		return
	}
	e.Status = f.Status
	if f.Status != Taken {
		return
	}
	e.Gate = None
	if !f.Date.IsZero() || f.Timed {
		date, clock := e.Date, e.Clock
		if !f.Date.IsZero() {
			date = f.Date
		}
		if f.Timed {
			clock = f.Clock
		}
		e.Date = date
		r.setClock(e, clock)
	}
	r.setAmount(e, f)
}

// setAmount gives a dose the amount that a fact states.
func (r *runner) setAmount(e *Event, f *Fact) {
	d := r.out.Doses[e.Dose]
	switch {
	case !f.Amount.IsSet():
		return
	case !d.Amount.Unit().Comparable(f.Amount.Unit()):
		r.found.Add(diag.BadAmendment, diag.Range{}, "", "a dose of “%s” cannot be in %v", f.Phase, f.Amount.Unit())
		return
	case d.Amount.Cmp(f.Amount) == 0:
		return
	}
	planned := d.Amount
	d.Amount, d.Volume = f.Amount, quantity.Amount{}
	if f.Status == Taken {
		d.Derivation = append(slices.Clone(d.Derivation), dose.Step{Text: fmt.Sprintf("planned %v, given %v", planned, f.Amount)})
	}
	n, ok := f.Amount.In(r.unit[r.pl.phases[e.Phase].Medication]).Scaled()
	if !ok {
		r.found.Add(diag.BadAmendment, diag.Range{}, "", "an amount of %v cannot be added up exactly", f.Amount)
	}
	e.Dose = int32(len(r.out.Doses))
	r.out.Doses, r.scaled = append(r.out.Doses, d), append(r.scaled, n)
}

// Counts reports whether a dose is or may yet be given.
func (e *Event) Counts() bool { return e.Status != Missed && e.Status != Held }

// done marks the check-ins that took place.
func (r *runner) done() {
	for _, d := range r.pl.options.Timeline.Done {
		i := slices.IndexFunc(r.out.Events, func(e Event) bool {
			return e.Kind == CheckIn && int(e.Number) == d.Number && r.checkInName(&e) == d.Name
		})
		if i < 0 {
			r.found.Add(diag.BadAmendment, diag.Range{}, "`doseplan course status` lists the check-ins", "the calendar has no check-in “%s” of the number %d", d.Name, d.Number)
			continue
		}
		e := &r.out.Events[i]
		e.Status, e.Gate = Taken, None
		if !d.Date.IsZero() && d.Date != e.Date {
			e.Date = d.Date
			r.setClock(e, e.Wanted)
		}
	}
}

// pin returns where the past has fixed a dose.
func (r *runner) pin(e *Event) (Pin, bool) {
	if len(r.pl.options.Timeline.Pinned) == 0 {
		return Pin{}, false
	}
	p, ok := r.pl.options.Timeline.Pinned[r.out.DoseName(e)]
	return p, ok
}

// stretch returns the index of the segment whose amounts a dose has: that of its day, or of the
// day that it had when the past was fixed.
func (r *runner) stretch(e *Event) int {
	if p, ok := r.pin(e); ok {
		return r.part(p.Amount)
	}
	return r.part(e.Date)
}

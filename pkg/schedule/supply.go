package schedule

import (
	"cmp"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dispense"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Fill is what one supply to the patient is for: the doses of a medicine by one route from
// a day on, for as long as the protocol lets one fill last.
type Fill struct {
	Medication  *protocol.Medication
	Route       *protocol.Route
	First, Last civil.Date // of its doses
	Doses       int
	Total       quantity.Amount
	Made        dispense.Made // the whole units that its doses take; none where no strengths make them up
	Cut         bool          // more doses of the fill may lie past what is shown
	Lost        civil.Date    // the day from which the patient has it no more; the zero Date for never
}

// Fill returns the fill of a supply event.
func (s *Schedule) Fill(e *Event) *Fill { return &s.Fills[e.Fill] }

// MaxEarlier is how many days a supply goes back to find one that is open.
const MaxEarlier = 31

// A filler puts the fills to send on the calendar.
type filler struct {
	*placer
	frame    *frame
	checkIns []Event
	events   []Event
	fills    []Fill
	late     bool // it was said that one comes late
}

// supply returns the fills of the course, each to be sent so long before its first dose as the
// protocol says, earlier where that day is closed, and never before the check-in that decides
// whether its first dose is given. Doses that are held need none.
func (p *placer) supply(f *frame, checkIns []Event) ([]Event, []Fill) {
	rule := &p.plan.protocol.Supply
	if !rule.Fill.IsSet() && len(p.plan.options.Timeline.Sent) == 0 {
		return nil, nil
	}
	s := &filler{placer: p, frame: f, checkIns: checkIns}
	for m := range p.plan.protocol.Medications {
		doses := make([]*Event, 0, len(f.doses))
		for i := range f.doses {
			if e := &f.doses[i]; p.plan.phases[e.Phase].Medication == m && !(e.Status == Missed && p.rec.facts[p.plan.nameOf(e)] == nil) {
				doses = append(doses, e)
			}
		}
		slices.SortStableFunc(doses, func(a, b *Event) int { return cmp.Or(a.Target.Compare(b.Target), cmp.Compare(a.At, b.At)) })
		if !rule.Fill.IsSet() {
			doses = nil
		}
		for number, last := int32(1), s.lastSent(m); len(doses) > 0 || number <= last; number++ {
			doses = doses[s.next(m, number, doses):]
		}
	}
	sortEvents(s.events)
	return s.events, s.fills
}

// sent returns what was sent of a medicine under a number, or nil.
func (s *filler) sent(m int, number int32) *Sent {
	return s.plan.options.Timeline.SentFill(s.plan.protocol.Medications[m].Name, int(number))
}

// lastSent returns the highest number under which something of a medicine was sent, or 0.
func (s *filler) lastSent(m int) (last int32) {
	for i := range s.plan.options.Timeline.Sent {
		if f := &s.plan.options.Timeline.Sent[i]; f.Fill.Medication.Name == s.plan.protocol.Medications[m].Name {
			last = max(last, int32(f.Number))
		}
	}
	return last
}

// next puts the fill of a number on the calendar, and returns how many doses it covers: those of one
// route, as long as a fill lasts.
func (s *filler) next(m int, number int32, doses []*Event) int {
	if sent := s.sent(m, number); sent != nil {
		f := sent.Fill
		f.Lost = sent.Lost
		s.send(number, f, sent.Date, sent.Date, nil).Status = Taken
		return s.covered(doses, sent)
	}
	if len(doses) == 0 {
		return 0 // one of a higher number was sent
	}
	route := s.reg.doses[doses[0].Dose].Route
	end := s.plan.protocol.Supply.Fill.From(doses[0].Target, 1)
	n := slices.IndexFunc(doses, func(e *Event) bool { return !e.Target.Before(end) || s.reg.doses[e.Dose].Route != route })
	cut := n < 0
	if cut {
		n = len(doses)
	}
	s.fill(m, number, doses[:n], cut && s.goesOn(m))
	return n
}

// send puts a fill on the calendar, on a day, and not before a check-in.
func (s *filler) send(number int32, f Fill, target, on civil.Date, after *Event) *Event {
	e := Event{Kind: Supply, Number: number, Phase: None, Rule: None, Of: None, Dose: None, Fill: int32(len(s.fills)), Target: target, Date: on}
	s.fills = append(s.fills, f)
	s.atClock(&e, s.plan.options.CheckInTime.Or(usualCheckInTime))
	if after != nil && after.At > e.At {
		s.atInstant(&e, after.At)
	}
	s.events = append(s.events, e)
	return &s.events[len(s.events)-1]
}

// covered returns how many doses, with those that are not given, a fill that was sent is enough
// for: a dose that was raised since uses it up sooner, and one that was lost is used up.
func (s *filler) covered(doses []*Event, sent *Sent) int {
	left, strengths := sent.Fill.Total, sent.strengths()
	for i, e := range doses {
		if !e.Counts() {
			continue
		}
		d := &s.reg.doses[e.Dose]
		if d.Route.Name != sent.Fill.Route.Name && e.Status != Taken {
			return i // it is no use for another route
		}
		if strengths != nil && e.Status != Taken && slices.ContainsFunc(d.Made.Pieces, func(p dispense.Piece) bool { return !slices.Contains(strengths, p.Strength) }) {
			return i // nor for a dose that is made up of other units
		}
		amount := d.Amount.In(left.Unit())
		if left.Cmp(amount) < 0 || !sent.Lost.IsZero() && e.Status != Taken && !e.Date.Before(sent.Lost) {
			return i
		}
		left = left.Sub(amount)
	}
	return len(doses)
}

// strengths returns those of the units that were sent: of a fill whose doses were all alike, and made up of
// units. It is nil where nobody knows.
func (s *Sent) strengths() []quantity.Amount {
	f := &s.Fill
	if f.Doses == 0 {
		return nil
	}
	made, err := f.Route.MakeUp(f.Total.Times(1, int64(f.Doses)))
	if err != nil {
		return nil
	}
	var list []quantity.Amount
	for _, p := range made.Pieces {
		list = append(list, p.Strength)
	}
	return list
}

// goesOn reports whether a medicine is given past what is shown.
func (s *filler) goesOn(m int) bool {
	for i := range s.plan.phases {
		if s.plan.phases[i].Medication == m && s.frame.stands[i].open && s.plan.options.Timeline.Stop.IsZero() {
			return true
		}
	}
	return false
}

// fill puts the fill for doses on the calendar.
func (s *filler) fill(m int, number int32, doses []*Event, cut bool) {
	route := s.reg.doses[doses[0].Dose].Route
	f := Fill{Medication: &s.plan.protocol.Medications[m], Route: route, First: doses[0].Target, Last: doses[len(doses)-1].Target, Cut: cut}
	var first *Event // that needs it
	total, units := int64(0), dispense.Total{}
	amount, times := int32(None), 0 // that follow each other: most doses of a fill are alike
	for _, e := range doses {
		if e.Status == Held {
			continue
		}
		if first == nil {
			first = e
		}
		f.Doses++
		total += s.reg.scaled[e.Dose]
		if e.Dose != amount && times > 0 {
			units.Add(s.reg.doses[amount].Made, times)
			times = 0
		}
		amount, times = e.Dose, times+1
	}
	if times > 0 {
		units.Add(s.reg.doses[amount].Made, times)
	}
	f.Made = units.Made()
	f.Total = quantity.FromScaled(total, s.reg.units[m])
	target := f.First
	if lead := s.plan.protocol.Supply.Lead; lead.IsSet() {
		target = lead.From(f.First, -1)
	}
	on := target
	for range MaxEarlier {
		if _, shut := s.plan.options.Closed.On(on); !shut {
			break
		}
		on = on.AddDays(-1)
	}
	if before := s.sent(m, number-1); before != nil {
		on = civil.Later(on, before.Lost) // not before it was needed
	}
	var decides *Event
	if first != nil {
		if decides = s.decidesOn(first); decides != nil {
			if on = civil.Later(on, decides.Date); on.After(target) && decides.Status <= Provisional && !s.late {
				s.late = true
				s.found.Add(diag.LateSupply, s.plan.protocol.Supply.Range, "hold the check-in earlier, or find out whether a supply can come faster", "fill %d waits for the check-in “%s” and is sent on %v, less than %v before its first dose, on %v", number, s.plan.checkIns[decides.Rule].Name, on.WithWeekday(), s.plan.protocol.Supply.Lead, f.First)
			}
		}
	}
	out := s.send(number, f, target, on, decides)
	switch {
	case first == nil:
		out.Status = Held
	case first.Waits.Any():
		out.Status, out.Waits = Provisional, first.Waits
	}
}

// decidesOn returns the last of the check-ins that a dose waits for and that come before it, or nil.
func (s *filler) decidesOn(dose *Event) *Event {
	var last *Event
	for _, w := range dose.Waits.List() {
		if e := visit(s.checkIns, w); e != nil && e.At <= dose.At && (last == nil || e.At > last.At) {
			last = e
		}
	}
	return last
}

package schedule

import (
	"cmp"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
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
	Cut         bool // more doses of the fill may lie past what is shown
}

// Fill returns the fill of a supply event.
func (s *Schedule) Fill(e *Event) *Fill { return &s.Fills[e.Fill] }

// supply puts the fills on the calendar, each to be sent so long before its first dose as the
// protocol says, earlier where that day is closed. Doses that are held need none.
func (r *runner) supply() {
	rule := &r.p.Supply
	if !rule.Fill.IsSet() {
		return
	}
	for m := range r.p.Medications {
		var doses []*Event
		for i := range r.out.Events {
			if e := &r.out.Events[i]; e.Kind == Dose && r.pl.phases[e.Phase].Medication == m {
				doses = append(doses, e)
			}
		}
		slices.SortStableFunc(doses, func(a, b *Event) int { return cmp.Or(a.Target.Compare(b.Target), cmp.Compare(a.At, b.At)) })
		number := int32(0)
		var fills []Event
		for len(doses) > 0 {
			end := rule.Fill.From(doses[0].Target, 1)
			n := slices.IndexFunc(doses, func(e *Event) bool { return !e.Target.Before(end) })
			cut := n < 0
			if cut {
				n = len(doses)
			}
			number++
			if sent := r.pl.options.Timeline.SentFill(r.p.Medications[m].Name, int(number)); sent != nil {
				fills = append(fills, r.send(number, sent.Fill, sent.Date, sent.Date))
				doses = doses[r.covered(doses, sent):]
				continue
			}
			fills = append(fills, r.fill(m, number, doses[:n], cut && r.goesOn(m)))
			doses = doses[n:]
		}
		r.out.Events = append(r.out.Events, fills...)
	}
}

// send puts a fill on the calendar, on a day.
func (r *runner) send(number int32, f Fill, target, on civil.Date) Event {
	e := Event{Kind: Supply, Number: number, Phase: None, Rule: None, Gate: None, Of: None, Dose: None, Fill: int32(len(r.out.Fills)), Target: target, Date: on}
	r.out.Fills = append(r.out.Fills, f)
	clock := usualCheckInTime
	if t := r.pl.options.CheckInTime; t != 0 {
		clock = t
	}
	r.setClock(&e, clock)
	return e
}

// covered returns how many doses, with those that are not given, a fill that was sent is enough
// for: a dose that was raised since uses it up sooner.
func (r *runner) covered(doses []*Event, s *Sent) int {
	left := s.Fill.Total
	for i, e := range doses {
		if !e.Counts() {
			continue
		}
		amount := r.out.Doses[e.Dose].Amount.In(left.Unit())
		if left.Cmp(amount) < 0 {
			return i
		}
		left = left.Sub(amount)
	}
	return len(doses)
}

// goesOn reports whether a medicine is given past what is shown.
func (r *runner) goesOn(m int) bool {
	for i := range r.pl.phases {
		if r.pl.phases[i].Medication == m && r.runs[i].open && r.pl.options.Timeline.Stop.IsZero() {
			return true
		}
	}
	return false
}

// fill puts the fill for doses on the calendar.
func (r *runner) fill(m int, number int32, doses []*Event, cut bool) Event {
	ph := &r.pl.phases[doses[0].Phase]
	route, _ := r.p.Medications[m].Route(ph.route)
	f := Fill{Medication: &r.p.Medications[m], Route: route, First: doses[0].Target, Last: doses[len(doses)-1].Target, Cut: cut}
	var first *Event // that needs it
	total := int64(0)
	for _, e := range doses {
		if e.Status == Held {
			continue
		}
		if first == nil {
			first = e
		}
		f.Doses++
		total += r.scaled[e.Dose]
	}
	f.Total = quantity.FromScaled(total, r.unit[m])
	target := f.First
	if r.p.Supply.Lead.IsSet() {
		target = r.p.Supply.Lead.From(f.First, -1)
	}
	on := target
	for range MaxEarlier {
		if _, shut := r.pl.options.Closed.On(on); !shut {
			break
		}
		on = on.AddDays(-1)
	}
	out := r.send(number, f, target, civil.Later(on, r.pl.options.Timeline.Since))
	switch {
	case first == nil:
		out.Status = Held
	case first.Gate != None:
		out.Status, out.Gate = Provisional, first.Gate
	}
	return out
}

// MaxEarlier is how many days a supply goes back to find one that is open.
const MaxEarlier = 31

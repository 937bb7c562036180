package ledger

import (
	"cmp"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Status is where a course stands on a day.
type Status struct {
	AsOf     civil.Date
	Given    int // doses, those beside the plan included
	Beside   int // of them, beside the plan
	Done     int // check-ins
	Missed   int
	Held     int    // by a hold, a limit or a check-in
	LeftOut  int    // by order
	Passed   int    // doses whose day passed while they waited for a check-in, and of which nothing is recorded
	Due      []Item // doses and check-ins of the day
	Overdue  []Item // doses that stood and are not recorded, and check-ins past their window
	Next     *Item  // the next dose after the day
	Stands   *Item  // the next dose that waits for no check-in, where Next does; nil where there is none
	NextMeet *Item  // the next check-in after the day
	Waiting  []Item // the first dose of each gate that nobody has passed
	Declined []Item // the first dose of each gate whose check-in was declined
	Stopping []Item // the check-ins for which doses are held, since they did not take place
	Stopped  civil.Date
	OnHold   bool       // doses are held on the day
	HeldOf   []string   // the protocols whose doses are held, where not all are
	Needed   []AsNeeded // what was taken as needed up to the day, in no count above
}

// An Item is an event of a leg.
type Item struct {
	Leg   *Leg
	Event *schedule.Event
}

// GivenUntil returns the instant, in seconds after the Unix epoch, until which the protocol
// lets a dose be given. ok is false where it does not say, or where nothing is left to give.
func (i *Item) GivenUntil() (at int64, ok bool) {
	within, ok := i.Leg.Schedule.Protocol.Missed.Within.Elapsed()
	if !ok || i.Event.Kind != schedule.Dose || i.Event.Status != schedule.Planned {
		return 0, false
	}
	return i.Event.At + int64(within.Seconds()), true
}

// Adherence is the share of planned doses given of those that were due before the day, in per cent,
// rounded down. ok is false where none was due.
func (s *Status) Adherence() (percent int, ok bool) {
	planned := s.Given - s.Beside
	due := planned + s.Missed + s.Unrecorded()
	if due == 0 {
		return 0, false
	}
	return 100 * planned / due, true
}

// Unrecorded returns how many doses stood before the day of which nothing is recorded.
func (s *Status) Unrecorded() (n int) {
	for _, i := range s.Overdue {
		if i.Event.Kind == schedule.Dose {
			n++
		}
	}
	return n
}

// HeldUntil returns the last day on which a check-in may be held, by its window; the zero Date of what is none.
func (i *Item) HeldUntil() civil.Date {
	if i.Event.Kind != schedule.CheckIn {
		return civil.Date{}
	}
	return lastDay(i.Leg.Schedule, i.Event)
}

// Unsettled returns the day of the last dose, where a dose of the day or after it is not to be given before it is written down
// what became of those since: its protocol begins again after as long without one. It is the zero Date where that is not so.
func (s *Status) Unsettled(i *Item) civil.Date {
	if e := i.Event; e.Kind != schedule.Dose || e.Status > schedule.Provisional || e.Date.Before(s.AsOf) {
		return civil.Date{}
	}
	return i.Leg.Idle
}

// Presumed returns how many smaller doses before a dose, of its phase and of which nothing is recorded, it takes as given: by its
// number, its day or its week it has more.
func (s *Status) Presumed(i *Item) (n int) {
	if i.Event.Kind != schedule.Dose || i.Event.Status > schedule.Provisional {
		return 0
	}
	amount := i.Leg.Schedule.Dose(i.Event).Amount
	for _, o := range s.Overdue {
		if o.Leg == i.Leg && o.Event.Kind == schedule.Dose && o.Event.Phase == i.Event.Phase && o.Event.At < i.Event.At && o.Leg.Schedule.Dose(o.Event).Amount.Cmp(amount) < 0 {
			n++
		}
	}
	return n
}

// StatusOf takes the status of a calendar on a day.
func StatusOf(c *Calendar, asOf civil.Date) *Status {
	s := &Status{AsOf: asOf, Stopped: c.Stop}
	for _, n := range c.Needed {
		later := slices.IndexFunc(n.Taken, func(t Taken) bool { return t.On.Date.After(asOf) })
		if later >= 0 {
			n.Taken = n.Taken[:later]
		}
		if len(n.Taken) > 0 {
			if later < 0 {
				n.Next = c.nextNeeded(&n, asOf)
			}
			s.Needed = append(s.Needed, n)
		}
	}
	all := false
	for _, h := range c.Holds {
		if h.Covers(asOf) {
			s.OnHold, all = true, all || h.Of == ""
			s.HeldOf = append(s.HeldOf, h.Of)
		}
	}
	if all {
		s.HeldOf = nil
	}
	for i := range c.Legs {
		l := &c.Legs[i]
		gates := map[int]bool{}
		for k := range l.Schedule.Events {
			e := &l.Schedule.Events[k]
			item := Item{l, e}
			switch {
			case e.Kind == schedule.Observation, e.Kind != schedule.Dose && e.Status != schedule.Taken && !l.Ended.IsZero() && (l.endedBy(asOf) || l.endedBy(e.Date)):
				continue // what was left of a protocol that ended
			case e.Status == schedule.Taken && e.Kind == schedule.Dose:
				s.Given++
				if e.Number == 0 {
					s.Beside++
				}
			case e.Status == schedule.Missed && e.Kind != schedule.Dose:
				s.stopping(item, asOf)
				if l.awaited(e) {
					s.Overdue = append(s.Overdue, item) // doses go on waiting for it
				}
			case e.Status == schedule.Missed:
				s.Missed++
			case e.Status == schedule.Held:
				switch {
				case e.Date.After(asOf):
				case e.Fit == schedule.LeftOut:
					s.LeftOut++
				default:
					s.Held++
				}
			case e.Status == schedule.Taken && e.Kind == schedule.Supply:
			case e.Status == schedule.Taken:
				s.Done++
			case e.Date == asOf:
				s.Due = append(s.Due, item)
			case Overdue(l.Schedule, e, asOf):
				s.Overdue = append(s.Overdue, item)
				s.stopping(item, asOf)
			case e.Kind == schedule.CheckIn && e.Date.Before(asOf) && !heldAfter(l.Schedule, e): // inside its window
				s.Due = append(s.Due, item)
			case e.Kind == schedule.Dose && e.Status == schedule.Provisional && e.Date.Before(asOf):
				s.Passed++
			case e.Kind == schedule.Dose && e.Status == schedule.Planned && e.Date.Before(asOf):
				s.Overdue = append(s.Overdue, item)
			case e.Kind == schedule.Supply && e.Status == schedule.Planned && e.Date.Before(asOf):
				s.Overdue = append(s.Overdue, item)
			case e.Kind == schedule.Supply: // its day is all that matters
			case e.Date.After(asOf):
				s.next(item)
			}
			waits := e.Waits.List()
			if e.Kind != schedule.Dose || len(waits) == 0 || gates[waits[0].CheckIn()] {
				continue
			}
			switch {
			case e.Status == schedule.Provisional && e.Date.Before(asOf): // the next of them is told
			case e.Status == schedule.Provisional:
				gates[waits[0].CheckIn()] = true
				s.Waiting = append(s.Waiting, item)
			case e.Status == schedule.Held && !e.Date.Before(asOf) && slices.Contains(l.Declined, l.Schedule.Gates(e)[0]):
				gates[waits[0].CheckIn()] = true
				s.Declined = append(s.Declined, item)
			}
		}
	}
	if s.Next == nil || s.Next.Event.Status != schedule.Provisional {
		s.Stands = nil
	}
	for _, list := range [][]Item{s.Due, s.Overdue} {
		slices.SortStableFunc(list, func(a, b Item) int { return cmp.Compare(a.Event.At, b.Event.At) })
	}
	return s
}

// awaited reports whether a dose still to come waits for a check-in.
func (l *Leg) awaited(e *schedule.Event) bool {
	return slices.ContainsFunc(l.Schedule.Events, func(d schedule.Event) bool {
		return d.Kind == schedule.Dose && d.Status == schedule.Provisional && slices.Contains(d.Waits.List(), e.Lets())
	})
}

// stopping takes down a check-in that did not take place, if the protocol gives no dose without it.
func (s *Status) stopping(item Item, asOf civil.Date) {
	if e := item.Event; e.Kind == schedule.CheckIn && e.Date.Before(asOf) && item.Leg.Schedule.CheckIn(e).StopsIfOverdue && !heldAfter(item.Leg.Schedule, e) {
		s.Stopping = append(s.Stopping, item)
	}
}

func (s *Status) next(item Item) {
	sooner := func(to **Item) {
		if *to == nil || item.Event.At < (*to).Event.At {
			*to = &item
		}
	}
	if item.Event.Kind == schedule.CheckIn {
		sooner(&s.NextMeet)
		return
	}
	if sooner(&s.Next); item.Event.Status == schedule.Planned {
		sooner(&s.Stands)
	}
}

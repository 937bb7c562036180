package compare

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Move is how one event of a patient's calendar differs.
type Move struct {
	What          string // the event, as "induction dose 3"
	Before, After string // when and how much; "" where there is none
}

// Calendars returns the differences between two calendars of one patient: events are the same
// where phase, kind, name and number are.
func Calendars(a, b *schedule.Schedule) []Move {
	before, after := events(a), events(b)
	index := make(map[string]string, len(after))
	for _, e := range after {
		index[e[0]] = e[1]
	}
	known := make(map[string]bool, len(before))
	var list []Move
	for _, e := range before {
		known[e[0]] = true
		if now := index[e[0]]; now != e[1] {
			list = append(list, Move{e[0], e[1], now})
		}
	}
	for _, e := range after {
		if !known[e[0]] {
			list = append(list, Move{What: e[0], After: e[1]})
		}
	}
	return list
}

// events names every event but observations, which go with their doses, and says what it is.
func events(s *schedule.Schedule) [][2]string {
	if s == nil {
		return nil
	}
	var list [][2]string
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind == schedule.Observation || e.Kind == schedule.Supply {
			continue
		}
		when := fmt.Sprintf("%s %v", e.Date.WithWeekday(), e.Clock)
		if e.Kind == schedule.Dose {
			d := s.Dose(e)
			list = append(list, [2]string{fmt.Sprintf("%s dose %d", s.PhaseName(e), e.Number), fmt.Sprintf("%s, %v %s", when, d.Amount, d.Route.Name)})
		} else {
			list = append(list, [2]string{fmt.Sprintf("%s %d", s.CheckIn(e).Name, e.Number), when})
		}
	}
	return list
}

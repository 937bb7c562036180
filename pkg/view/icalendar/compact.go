package icalendar

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// compact returns the events as entries, those that say the same and recur by a rule as one.
func (w *writer) compact(names []uid) []entry {
	var list []entry
	single := func(i int32) { list = append(list, entry{names[i], i, i, 1, ""}) }
	alike, order := map[string][]int32{}, []string{}
	for k := range w.Events {
		i, e := int32(k), &w.Events[k]
		switch {
		case e.Kind == schedule.Observation:
		case !w.regular(e):
			single(i)
		default:
			key := w.sameness(i)
			if alike[key] == nil {
				order = append(order, key)
			}
			alike[key] = append(alike[key], i)
		}
	}
	for _, key := range order {
		left := alike[key]
		days := make([]civil.Date, len(left))
		for k, i := range left {
			days[k] = w.Events[i].Date
		}
		for len(left) > 0 {
			p := longest(days)
			if p.n < 3 {
				p.n = 1
				single(left[0])
			}
			for row := 0; row < p.rows && p.n > 1; row++ {
				count := (p.n - row + p.rows - 1) / p.rows
				first, last := left[row], left[row+(count-1)*p.rows]
				list = append(list, entry{w.uid(w.place(&w.Events[first]), "recurs"), first, last, count, p.rule + fmt.Sprintf(";COUNT=%d", count)})
			}
			left, days = left[p.n:], days[p.n:]
		}
	}
	slices.SortStableFunc(list, func(a, b entry) int { return int(a.event - b.event) })
	return list
}

// regular reports whether an event can be one of those that a rule gives: at a clock time that
// programs read in one way, with nothing to say of itself alone. A fill has its own contents.
func (w *writer) regular(e *schedule.Event) bool {
	if e.Kind == schedule.Supply || e.Shift != civil.Unshifted || e.Status == schedule.Missed || w.Zone == civil.UTC && e.At%60 != 0 {
		return false
	}
	length := int64(w.length(e) / time.Second)
	_, from := w.wall(e.At)
	_, to := w.wall(e.At + length)
	return w.Zone == civil.UTC || from && to
}

// sameness is what events of one rule have in common: the clock time, by how many days they are
// moved, and every word but the number and how they came to their days.
func (w *writer) sameness(i int32) string {
	e := &w.Events[i]
	var b strings.Builder
	fmt.Fprintf(&b, "%v %d %d %v %v %v %d %d\n", e.Clock, e.Date.Sub(e.Target), e.Fit, e.Kind, view.Status(w.Schedule, e), w.PhaseName(e), e.Dose, e.Rule)
	b.WriteString(view.At(w.Schedule, e))
	b.Write(w.about(nil, i))
	return b.String()
}

// A pattern is a regular beginning of a list of days: rows of equal steps, that take turns.
type pattern struct {
	rows int
	n    int // how many days it covers
	rule string
}

// maxRows is how many rows a pattern may have: the days of a cycle that have a dose.
const maxRows = 31

// longest returns the pattern that saves the most of the days from the first on.
func longest(days []civil.Date) pattern {
	best := pattern{1, 1, ""}
	take := func(p pattern) {
		if p.n-p.rows > best.n-best.rows {
			best = p
		}
	}
	for rows := 1; rows <= maxRows && rows < len(days); rows++ {
		take(stepped(days, rows))
		if rows == 1 {
			take(weekly(days))
			take(monthly(days))
		}
	}
	return best
}

// stepped returns the pattern of days that come again after as many days as the first did.
func stepped(days []civil.Date, rows int) pattern {
	step, n := days[rows].Sub(days[0]), rows
	for n < len(days) && days[n].Sub(days[n-rows]) == step {
		n++
	}
	switch {
	case n < 2*rows: // some row would have one day alone
		return pattern{1, 1, ""}
	case step%7 == 0:
		return pattern{rows, n, interval("WEEKLY", step/7)}
	}
	return pattern{rows, n, interval("DAILY", step)}
}

func interval(frequency string, n int) string {
	if n == 1 {
		return "FREQ=" + frequency
	}
	return fmt.Sprintf("FREQ=%s;INTERVAL=%d", frequency, n)
}

// weekly returns the pattern of the weekdays of the first seven days.
func weekly(days []civil.Date) pattern {
	var on [7]bool
	for _, d := range days {
		if d.Sub(days[0]) >= 7 {
			break
		}
		on[d.Weekday()] = true
	}
	n := 1
	for next := days[0]; n < len(days); n++ {
		for next = next.AddDays(1); !on[next.Weekday()]; next = next.AddDays(1) {
		}
		if days[n] != next {
			break
		}
	}
	var names []string
	for i := range 7 {
		if day := (i + 1) % 7; on[day] {
			names = append(names, weekdayNames[day])
		}
	}
	return pattern{1, n, "FREQ=WEEKLY;BYDAY=" + strings.Join(names, ",")}
}

// monthly returns the pattern of a day that every month has.
func monthly(days []civil.Date) pattern {
	_, _, day := days[0].Parts()
	if len(days) < 2 || day > 28 {
		return pattern{1, 1, ""}
	}
	step := 0
	for step < 12 && days[0].AddMonths(step).Before(days[1]) {
		step++
	}
	n := 1
	for step > 0 && n < len(days) && days[n] == days[0].AddMonths(n*step) {
		n++
	}
	return pattern{1, n, interval("MONTHLY", step)}
}

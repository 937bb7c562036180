// Package frequency says how often doses fall, and generates the days and hours on which
// they do.
//
// A [Frequency] knows nothing of closed days, limits or amounts. Rules in days, weeks and
// months count from an anchor, the date of the first dose of a phase; months are counted
// from the anchor and never from the last dose, so that a rule that starts on 31 January
// goes on to 28 February and 31 March. A rule in hours that divides 24 is a number of
// doses a day at fixed clock times; one that is a multiple of 24 is a rule in days; any
// other runs on elapsed time from the first dose.
package frequency

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
)

// A Kind is the form of a rule.
type Kind uint8

// The kinds of rule.
const (
	Invalid  Kind = iota
	Once          // one dose
	Days          // every N days
	Weeks         // every N weeks
	Months        // every N months
	Hours         // every N hours of elapsed time
	PerWeek       // N doses in each 7 days from the anchor, evenly spread
	Weekdays      // on named days of every week
	Cycle         // on listed days of each cycle of N days
	OnOff         // daily for N days, then none for M days
	Listed        // on listed days, counted from the start of the phase
)

// A Frequency is one rule. Frequencies are immutable; the zero Frequency is invalid.
type Frequency struct {
	kind    Kind
	n       int     // days, weeks, months, hours, doses a week, days of a cycle, or days on
	off     int     // days off
	perDay  int     // doses on each day; 0 for Hours
	clock   int     // hours between the doses of a day, if the rule was given in hours
	days    []int   // the days of a Cycle or Listed, ascending
	weekday [7]bool // of Weekdays
}

// Kind returns the form of f.
func (f Frequency) Kind() Kind { return f.kind }

// IsSet reports whether f is a rule at all.
func (f Frequency) IsSet() bool { return f.kind != Invalid }

// PerDay returns how many doses fall on a dosing day: 1 or more, or 0 for a rule that runs
// on elapsed hours.
func (f Frequency) PerDay() int { return f.perDay }

// Elapsed returns the interval of a rule that runs on elapsed hours.
func (f Frequency) Elapsed() (time.Duration, bool) {
	return time.Duration(f.n) * time.Hour, f.kind == Hours
}

// HoursApart returns the fixed number of hours between the doses of a day, for a rule such
// as every 8 hours, or 0.
func (f Frequency) HoursApart() int { return f.clock }

// Days returns the days of a Cycle or Listed rule, ascending.
func (f Frequency) Days() []int { return slices.Clone(f.days) }

// CycleLength returns the length of one cycle in days, for Cycle and OnOff rules.
func (f Frequency) CycleLength() (int, bool) {
	switch f.kind {
	case Cycle:
		return f.n, true
	case OnOff:
		return f.n + f.off, true
	}
	return 0, false
}

// Finite reports whether the rule ends by itself, and after how many dosing days.
func (f Frequency) Finite() (days int, ok bool) {
	switch f.kind {
	case Once:
		return 1, true
	case Listed:
		return len(f.days), true
	}
	return 0, false
}

// WithTimes returns f with k doses on each dosing day, where f allows it: a frequency in
// days can be given at several named times, one that counts doses in a week cannot.
func (f Frequency) WithTimes(k int) (Frequency, bool) {
	if f.perDay == k {
		return f, true
	}
	if f.perDay != 1 || f.kind == PerWeek || f.clock != 0 || k < 1 {
		return f, false
	}
	f.perDay = k
	return f, true
}

// Anchor returns the first date on or after start that the rule can count from.
func (f Frequency) Anchor(start civil.Date) civil.Date {
	if f.kind == Weekdays {
		for !f.weekday[start.Weekday()] {
			start = start.AddDays(1)
		}
	}
	return start
}

// A Cursor generates the dosing days of a rule, in order.
type Cursor struct {
	f      Frequency
	anchor civil.Date
	i      int // the number of days generated
	day    int // days from the anchor, for rules that step
}

// From returns a cursor at the first dosing day on or after anchor. Rules on elapsed hours
// have no dosing days, and their cursor has none either.
func (f Frequency) From(anchor civil.Date) Cursor {
	return Cursor{f: f, anchor: f.Anchor(anchor)}
}

// Next returns the next dosing day. ok is false when a finite rule is at its end.
func (c *Cursor) Next() (date civil.Date, ok bool) {
	f, i := &c.f, c.i
	c.i++
	switch f.kind {
	case Once:
		return c.anchor, i == 0
	case Days:
		return c.anchor.AddDays(i * f.n), true
	case Weeks:
		return c.anchor.AddDays(i * f.n * 7), true
	case Months:
		return c.anchor.AddMonths(i * f.n), true
	case PerWeek:
		return c.anchor.AddDays(i/f.n*7 + i%f.n*7/f.n), true
	case Weekdays:
		d := c.anchor.AddDays(c.day)
		for c.day++; !f.weekday[c.anchor.AddDays(c.day).Weekday()]; c.day++ {
		}
		return d, true
	case Cycle:
		return c.anchor.AddDays(i/len(f.days)*f.n + f.days[i%len(f.days)] - f.days[0]), true
	case OnOff:
		return c.anchor.AddDays(i/f.n*(f.n+f.off) + i%f.n), true
	case Listed:
		if i >= len(f.days) {
			return civil.Date{}, false
		}
		return c.anchor.AddDays(f.days[i] - f.days[0]), true
	}
	return civil.Date{}, false
}

var weekdayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// WeekdayName returns the three letters that the language uses for a day of the week.
func WeekdayName(d time.Weekday) string { return weekdayNames[d] }

// ParseWeekday reads a day of the week: its first three letters, or its English name.
func ParseWeekday(text string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		full := strings.ToLower(d.String())
		if text == full[:3] || text == full || text == full+"s" {
			return d, true
		}
	}
	return 0, false
}

// String returns the rule in the words of the language. Parse reads it back.
func (f Frequency) String() string {
	times := ""
	switch {
	case f.perDay == 2:
		times = ", twice a day"
	case f.perDay > 2:
		times = fmt.Sprintf(", %d times a day", f.perDay)
	}
	switch f.kind {
	case Once:
		return "once" + times
	case Days:
		if f.clock != 0 {
			return "every " + civil.Plural(f.clock, "hour")
		}
		if f.n == 1 {
			switch f.perDay {
			case 1:
				return "daily"
			case 2:
				return "twice daily"
			}
			return fmt.Sprintf("%d times daily", f.perDay)
		}
		if f.n%7 == 0 {
			return weeks(f.n/7) + times
		}
		return fmt.Sprintf("every %d days%s", f.n, times)
	case Weeks:
		return weeks(f.n) + times
	case Months:
		if f.n == 1 {
			return "monthly" + times
		}
		return fmt.Sprintf("every %d months%s", f.n, times)
	case Hours:
		return "every " + civil.Plural(f.n, "hour")
	case PerWeek:
		return fmt.Sprintf("%d a week", f.n)
	case Weekdays:
		var on, off []string
		for i := range 7 {
			d := (i + 1) % 7 // from Monday
			if f.weekday[d] {
				on = append(on, weekdayNames[d])
			} else {
				off = append(off, weekdayNames[d])
			}
		}
		if len(off) == 1 {
			return "daily except " + off[0] + times
		}
		return join(on) + times
	case Cycle:
		return fmt.Sprintf("days %s of %d%s", ints(f.days), f.n, times)
	case OnOff:
		return fmt.Sprintf("%s on, %d off%s", civil.Plural(f.n, "day"), f.off, times)
	case Listed:
		return "on days " + ints(f.days) + times
	}
	return ""
}

func join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func ints(days []int) string {
	words := make([]string, len(days))
	for i, d := range days {
		words[i] = strconv.Itoa(d)
	}
	return strings.Join(words, ", ")
}

func weeks(n int) string {
	if n == 1 {
		return "weekly"
	}
	return fmt.Sprintf("every %d weeks", n)
}

// Package frequency says how often doses fall, and generates the days on which they do.
//
// A [Frequency] knows nothing of closed days, limits or amounts. It counts from day 1 of a
// stretch, whether or not a dose falls on that day: the first dose of “days 15 to 17 of 28”
// falls on day 15, that of “mon and thu” on the first of these days. Months are counted from
// the first day of a chain ([civil.Anchor]) and never from the last dose, so that a rule that
// starts on 31 January goes on to 28 February and 31 March.
//
// A rule in hours that divides 24 is a number of doses a day at fixed clock times; one that
// is a multiple of 24 is a rule in days; any other, and any that says “elapsed”, runs on
// elapsed time from the first dose, as do rules in minutes.
//
// “Every 2 weeks on mon and thu” falls on those days of the first, third, fifth … seven days from
// day 1.
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
	Invalid      Kind = iota
	Once              // one dose, on day 1
	Days              // every N days
	Weeks             // every N weeks
	Months            // every N months
	Elapsed           // every so much elapsed time
	PerWeek           // N doses in each 7 days from day 1, evenly spread
	Weekdays          // on named days of every week, or of every N-th week from day 1
	Cycle             // on listed days of each cycle of N days
	OnOff             // daily for N days, then none for M days
	Listed            // on listed days of the stretch
	MonthDay          // on a day, or on several, of each month
	MonthWeekday      // on the first, second … or last of a weekday in each month
	Marks             // so many weeks, or months, after day 1, for each of some numbers
)

// A Frequency is one rule. Frequencies are immutable; the zero Frequency is invalid.
type Frequency struct {
	kind    Kind
	n       int      // of Marks: the days of a week, or 0 for months; else days, weeks, months, doses a week, days of a cycle, days on, every how many weeks the weekdays, or which weekday of a month
	off     int      // days off
	perDay  int      // doses on each day; 0 for Elapsed
	clock   int      // hours between the doses of a day, if the rule was given in hours
	every   int      // minutes, of Elapsed
	days    []int    // the days of a Cycle, Listed or MonthDay, or the numbers of Marks, ascending; of MonthDay 0 alone for the last
	first   int      // of Listed: the number of the first day of the stretch
	weekday [7]bool  // of Weekdays and MonthWeekday
	at      []string // the times of day that the rule says too, in order
}

// Monthly reports whether f counts months or names days of them.
func (f Frequency) Monthly() bool {
	return f.kind == Months || f.kind == MonthDay || f.kind == MonthWeekday || f.kind == Marks && f.n == 0
}

// Kind returns the form of f.
func (f Frequency) Kind() Kind { return f.kind }

// IsSet reports whether f is a rule at all.
func (f Frequency) IsSet() bool { return f.kind != Invalid }

// PerDay returns how many doses fall on a dosing day: 1 or more, or 0 for a rule that runs
// on elapsed hours.
func (f Frequency) PerDay() int { return f.perDay }

// Interval returns the interval of a rule that runs on elapsed time.
func (f Frequency) Interval() (time.Duration, bool) {
	return time.Duration(f.every) * time.Minute, f.kind == Elapsed
}

// Period returns after how many minutes the doses of f come again at the same time of day and,
// where f names them, on the same day of the week. ok is false for rules that follow the months
// or end.
func (f Frequency) Period() (minutes int, ok bool) {
	const day = 24 * 60
	switch f.kind {
	case Days:
		return f.n * day, true
	case Weeks:
		return 7 * f.n * day, true
	case PerWeek:
		return 7 * day, true
	case Weekdays:
		return 7 * f.n * day, true
	case Cycle:
		return f.n * day, true
	case OnOff:
		return (f.n + f.off) * day, true
	case Elapsed:
		return f.every, true
	}
	return 0, false
}

// InWeek returns on how many days of each week doses fall, for rules that say so, or 0.
func (f Frequency) InWeek() int {
	switch {
	case f.kind == PerWeek:
		return f.n
	case f.kind == Weeks && f.n == 1, f.kind == Days && f.n == 7:
		return 1
	case f.kind == Days && f.n == 1:
		return 7
	case f.kind != Weekdays || f.n != 1:
		return 0
	}
	n := 0
	for _, on := range f.weekday {
		if on {
			n++
		}
	}
	return n
}

// InADay returns among how many doses what is given on a dosing day is divided. ok is false for a rule on
// elapsed time whose doses are not as many on each day.
func (f Frequency) InADay() (n int, ok bool) {
	const day = 24 * 60
	if f.kind == Elapsed {
		return day / f.every, day%f.every == 0
	}
	return f.perDay, f.perDay > 0
}

// InAWeek returns among how many doses what is given in each seven days is divided. ok is false for a
// rule that does not give as many in each.
func (f Frequency) InAWeek() (n int, ok bool) {
	days := f.InWeek()
	if length, cycle := f.CycleLength(); cycle && length == 7 {
		if days = len(f.days); f.kind == OnOff {
			days = f.n
		}
	}
	perDay, ok := f.InADay()
	if f.kind == Elapsed {
		days = 7
	}
	return days * perDay, ok && days > 0
}

// OnOff returns for how many days in a row doses fall, and for how many none do.
func (f Frequency) OnOff() (on, off int, ok bool) { return f.n, f.off, f.kind == OnOff }

// HoursApart returns the fixed number of hours between the doses of a day, for a rule such
// as every 8 hours, or 0.
func (f Frequency) HoursApart() int { return f.clock }

// At returns the named times of day that a rule such as “at bedtime” says, in order.
func (f Frequency) At() []string { return slices.Clone(f.at) }

// Days returns the days of a Cycle or Listed rule, ascending.
func (f Frequency) Days() []int {
	if f.kind == MonthDay || f.kind == Marks {
		return nil
	}
	return slices.Clone(f.days)
}

// Last returns how long after day 1 the last dosing day of a rule of weeks or months falls. ok is false for any other.
func (f Frequency) Last() (last civil.Period, ok bool) {
	if f.kind != Marks {
		return civil.Period{}, false
	}
	unit := civil.Week
	if f.n == 0 {
		unit = civil.Month
	}
	return civil.Period{N: f.days[len(f.days)-1], Unit: unit}, true
}

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

// CycleDays returns the days of one cycle that have doses, ascending, for Cycle and OnOff rules.
func (f Frequency) CycleDays() []int {
	switch f.kind {
	case Cycle:
		return f.Days()
	case OnOff:
		days := make([]int, f.n)
		for i := range days {
			days[i] = i + 1
		}
		return days
	}
	return nil
}

// FallsOn reports whether a dose can fall on a day of the week, whatever the day of the start.
func (f Frequency) FallsOn(day time.Weekday) bool {
	return f.kind != Weekdays && f.kind != MonthWeekday || f.weekday[day]
}

// InMonth returns the first and the last day of the month on which doses fall, for a rule that gives one on
// each day between.
func (f Frequency) InMonth() (first, last int, ok bool) {
	if f.kind != MonthDay {
		return 0, 0, false
	}
	first, last = f.days[0], f.days[len(f.days)-1]
	return first, last, first > 0 && last-first == len(f.days)-1
}

// Finite reports whether the rule ends by itself, and after how many dosing days.
func (f Frequency) Finite() (days int, ok bool) {
	switch f.kind {
	case Once:
		return 1, true
	case Listed, Marks:
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
	if f.perDay != 1 || f.kind == PerWeek || f.clock != 0 || len(f.at) > 0 || k < 1 {
		return f, false
	}
	f.perDay = k
	return f, true
}

// TimesADay writes a rule of one dose a day as one of n on each of its days, in words that Parse reads: “twice daily” for
// “daily”, and else “mon and thu, 3 times a day”.
func TimesADay(text string, n int) string {
	if n <= 1 {
		return text
	}
	often := fmt.Sprintf("%d times", n)
	if n == 2 {
		often = "twice"
	}
	if f, _, err := Parse(text); err == nil && f.String() == "daily" {
		return often + " daily"
	}
	return text + ", " + often + " a day"
}

// NumberedFrom returns f for a stretch whose first day has a number other than 1. It matters
// to listed days alone.
func (f Frequency) NumberedFrom(first int) Frequency {
	f.first = first
	return f
}

// First returns the number of the first day of the stretch that listed days count from.
func (f Frequency) First() int { return f.first }

// A Cursor generates the dosing days of a rule, in order.
type Cursor struct {
	f      Frequency
	day1   civil.Anchor
	start  civil.Date
	i      int // the number of days generated, or of months looked at
	day    int // days after day 1, for rules that step
	anchor civil.Anchor
}

// From returns a cursor over the dosing days of a stretch that begins on day1. Rules on
// elapsed time have no dosing days, and their cursor has none either.
func (f Frequency) From(day1 civil.Anchor) Cursor {
	c := Cursor{f: f, day1: day1, start: day1.Date(), anchor: day1}
	if f.kind == MonthDay {
		c.i = -len(f.days) // what the month before does not have may go forward into this one
	}
	return c
}

// Anchor returns the day that Next returned last, with the chain of months that it belongs to.
func (c *Cursor) Anchor() civil.Anchor { return c.anchor }

// Next returns the next dosing day. ok is false when a finite rule is at its end.
func (c *Cursor) Next() (date civil.Date, ok bool) {
	switch {
	case c.f.Monthly():
		return c.nextMonth()
	case c.f.kind == Weekdays:
		for !c.f.weekday[c.start.AddDays(c.day).Weekday()] || c.day/7%c.f.n != 0 {
			c.day++
		}
		date = c.start.AddDays(c.day)
		c.day++
	default:
		offset, ok := c.f.offset(c.i)
		if !ok {
			return civil.Date{}, false
		}
		c.i++
		date = c.start.AddDays(offset)
	}
	c.anchor = c.day1.At(date)
	return date, true
}

// offset returns how many days after day 1 the i-th dosing day of a rule in days falls.
func (f *Frequency) offset(i int) (int, bool) {
	switch f.kind {
	case Once:
		return 0, i == 0
	case Days:
		return i * f.n, true
	case Weeks:
		return i * f.n * 7, true
	case PerWeek:
		return i/f.n*7 + i%f.n*7/f.n, true
	case Cycle:
		return i/len(f.days)*f.n + f.days[i%len(f.days)] - 1, true
	case OnOff:
		return i/f.n*(f.n+f.off) + i%f.n, true
	case Listed:
		if i < len(f.days) {
			return f.days[i] - f.first, true
		}
	case Marks:
		if i < len(f.days) {
			return f.days[i] * f.n, true
		}
	}
	return 0, false
}

// nextMonth returns the next day of a rule that follows the months. It looks at no more of them
// than any rule needs to find a day: 29 February comes once in eight years at the least.
func (c *Cursor) nextMonth() (civil.Date, bool) {
	const most = 12 * 9
	for range most {
		i := c.i
		c.i++
		if c.f.kind == Marks && i >= len(c.f.days) {
			break
		}
		var a civil.Anchor
		numbered := c.f.kind == Months || c.f.kind == Marks || c.f.kind == MonthDay && c.f.days[0] > 0 // a month can lack it
		switch c.f.kind {
		case Months:
			a = c.day1.AddMonths(i * c.f.n)
		case Marks:
			a = c.day1.AddMonths(c.f.days[i])
		case MonthDay:
			a = c.f.monthDay(c.day1, i)
		default:
			a = c.day1.At(c.f.monthWeekday(c.start, i))
		}
		if d, ok := a.Day(); (ok || !numbered) && !d.Before(c.start) {
			c.anchor = a
			return d, true
		}
	}
	return civil.Date{}, false
}

// monthDay returns the i-th day of a MonthDay rule from the first of that month on in which day 1
// lies, counted in a chain from the January before, which has every day.
func (f *Frequency) monthDay(day1 civil.Anchor, i int) civil.Anchor {
	year, month, _ := day1.Date().Parts()
	k := len(f.days)
	later := (i+k)/k - 1 // months; i is -k at the least
	n := f.days[(i+k)%k]
	if n == 0 {
		return day1.At(civil.NewDate(year, month+time.Month(later)+1, 1).AddDays(-1))
	}
	return day1.At(civil.NewDate(year, time.January, n)).AddMonths(int(month) - 1 + later)
}

// monthWeekday returns the day of a MonthWeekday rule in the i-th month from that of a date on.
func (f *Frequency) monthWeekday(start civil.Date, i int) civil.Date {
	year, month, _ := start.Parts()
	if f.n == 0 {
		d := civil.NewDate(year, month+time.Month(i)+1, 1).AddDays(-1)
		for !f.weekday[d.Weekday()] {
			d = d.AddDays(-1)
		}
		return d
	}
	d := civil.NewDate(year, month+time.Month(i), 1)
	for !f.weekday[d.Weekday()] {
		d = d.AddDays(1)
	}
	return d.AddDays(7 * (f.n - 1))
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
	switch f.kind {
	case Days:
		return f.inDays()
	case Elapsed:
		return f.elapsed()
	case PerWeek:
		return fmt.Sprintf("%d a week", f.n)
	case Weekdays:
		return f.onWeekdays() + f.timesADay()
	}
	return f.body() + f.timesADay()
}

// timesADay says how many doses a dosing day has, where it has more than one.
func (f Frequency) timesADay() string {
	switch {
	case f.perDay == 2:
		return ", twice a day"
	case f.perDay > 2:
		return fmt.Sprintf(", %d times a day", f.perDay)
	}
	return ""
}

// body says a rule whose doses of a day are said after it.
func (f Frequency) body() string {
	switch f.kind {
	case Once:
		return "once"
	case Weeks:
		return weeks(f.n)
	case Months:
		if f.n == 1 {
			return "monthly"
		}
		return fmt.Sprintf("every %d months", f.n)
	case Cycle:
		return fmt.Sprintf("days %s of %d", ints(f.days), f.n)
	case OnOff:
		return fmt.Sprintf("%s on, %d off", civil.Plural(f.n, "day"), f.off)
	case Listed:
		return "on days " + ints(f.days)
	case Marks:
		unit := "months"
		if f.n > 0 {
			unit = "weeks"
		}
		return "at " + listed(f.days) + " " + unit
	case MonthDay:
		switch {
		case f.days[0] == 0:
			return "last day of each month"
		case len(f.days) == 1:
			return fmt.Sprintf("day %d of each month", f.days[0])
		}
		return fmt.Sprintf("days %s of each month", ranges(f.days))
	case MonthWeekday:
		day := time.Weekday(slices.Index(f.weekday[:], true))
		return ordinals[f.n] + " " + strings.ToLower(day.String()) + " of each month"
	}
	return ""
}

func (f Frequency) inDays() string {
	switch {
	case f.clock != 0:
		return "every " + civil.Plural(f.clock, "hour")
	case len(f.at) > 0:
		return saidAs(f.at)
	case f.n == 1 && f.perDay == 1:
		return "daily"
	case f.n == 1 && f.perDay == 2:
		return "twice daily"
	case f.n == 1:
		return fmt.Sprintf("%d times daily", f.perDay)
	case f.n%7 == 0:
		return weeks(f.n/7) + f.timesADay()
	}
	return fmt.Sprintf("every %d days%s", f.n, f.timesADay())
}

// saidAs says a rule that names times of day.
func saidAs(at []string) string {
	switch first := at[0]; {
	case len(at) == 3:
		return "3 times daily with meals"
	case first == "breakfast" && len(at) == 2:
		return "twice daily with breakfast and dinner"
	case first == "breakfast" || first == "lunch" || first == "dinner":
		return "daily with " + first
	case len(at) == 2 && at[1] == "bedtime":
		return "in the morning and at bedtime"
	case len(at) == 2:
		return "every morning and evening"
	case first == "bedtime" || first == "noon":
		return "at " + first
	default:
		return "every " + first
	}
}

func (f Frequency) elapsed() string {
	hours := f.every / 60
	switch {
	case f.every%60 != 0:
		return "every " + civil.Plural(f.every, "minute")
	case 24%hours == 0 || hours%24 == 0: // which else would keep their clock times
		return "every " + civil.Plural(hours, "hour") + " elapsed"
	}
	return "every " + civil.Plural(hours, "hour")
}

func (f Frequency) onWeekdays() string {
	var on, off []string
	for i := range 7 {
		d := (i + 1) % 7 // from Monday
		if f.weekday[d] {
			on = append(on, weekdayNames[d])
		} else {
			off = append(off, weekdayNames[d])
		}
	}
	switch {
	case f.n > 1:
		return fmt.Sprintf("every %d weeks on %s", f.n, join(on))
	case len(off) == 1:
		return "daily except " + off[0]
	}
	return join(on)
}

// ordinals are the words for which weekday of a month; the last has the number 0.
var ordinals = [...]string{"last", "first", "second", "third", "fourth"}

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

// listed writes numbers as a sentence does: 0, 2 and 6.
func listed(n []int) string {
	if len(n) == 1 {
		return strconv.Itoa(n[0])
	}
	return ints(n[:len(n)-1]) + " and " + strconv.Itoa(n[len(n)-1])
}

// ranges writes ascending days with those that follow each other as a range.
func ranges(days []int) string {
	var words []string
	for i := 0; i < len(days); {
		k := i + 1
		for k < len(days) && days[k] == days[k-1]+1 {
			k++
		}
		switch {
		case k-i > 2:
			words = append(words, fmt.Sprintf("%d to %d", days[i], days[k-1]))
		default:
			words = append(words, ints(days[i:k]))
		}
		i = k
	}
	return strings.Join(words, ", ")
}

func weeks(n int) string {
	if n == 1 {
		return "weekly"
	}
	return fmt.Sprintf("every %d weeks", n)
}

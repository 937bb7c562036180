package schedule_test

import (
	"slices"
	"time"
)

// A serial is a day, counted from 1 January 1970.
type serial int

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

func monthLength(y, m int) int {
	switch {
	case m == 2 && leap(y):
		return 29
	case m == 2:
		return 28
	case m == 4 || m == 6 || m == 9 || m == 11:
		return 30
	}
	return 31
}

func yearLength(y int) int {
	if leap(y) {
		return 366
	}
	return 365
}

// serialOf counts the days of whole years and months before a date from 1970 on.
func serialOf(y, m, d int) serial {
	n := d - 1
	for i := 1970; i < y; i++ {
		n += yearLength(i)
	}
	for i := 1; i < m; i++ {
		n += monthLength(y, i)
	}
	return serial(n)
}

func (s serial) parts() (y, m, d int) {
	n := int(s)
	for y = 1970; n >= yearLength(y); y++ {
		n -= yearLength(y)
	}
	for m = 1; n >= monthLength(y, m); m++ {
		n -= monthLength(y, m)
	}
	return y, m, n + 1
}

// weekday returns 0 for Monday: 1 January 1970 was a Thursday.
func (s serial) weekday() int { return mod(int(s)+3, 7) }

func mod(a, b int) int { return (a%b + b) % b }

func abs(a int) int { return max(a, -a) }

// A place is a day and the chain of months that it stands in: so many months after a first day.
type place struct {
	day     serial
	y, m, d int // the first day of the chain
	months  int // after it
}

// fresh is a day that begins a chain.
func (o *oracle) fresh(day serial) place {
	y, m, d := day.parts()
	return place{day: day, y: y, m: m, d: d}
}

// daysOn is the day so many days later, which begins a chain unless it is the same day.
func (o *oracle) daysOn(p place, n int) place {
	if n == 0 {
		return p
	}
	return o.fresh(p.day + serial(n))
}

// monthsOn is the day so many months later in a chain. Where the month lacks the day and is to
// be skipped, ok is false, and the day is the last of the month.
func (o *oracle) monthsOn(p place, n int) (q place, ok bool) {
	q = p
	q.months += n
	m := q.m - 1 + q.months
	q.day, ok = dayOfMonth(q.y+(m-mod(m, 12))/12, mod(m, 12)+1, q.d, o.short)
	return q, ok
}

// dayOfMonth is the day of a number in a month, or what becomes of it in a short one.
func dayOfMonth(y, m, d int, short string) (serial, bool) {
	length := monthLength(y, m)
	switch {
	case d <= length:
		return serialOf(y, m, d), true
	case short == "forward":
		return serialOf(y, m, length) + 1, true
	}
	return serialOf(y, m, length), short != "skip"
}

// add is the day some days, weeks or months later.
func (o *oracle) add(p place, s span) place {
	switch s.unit {
	case "month":
		q, _ := o.monthsOn(p, s.n)
		return q
	case "week":
		return o.daysOn(p, 7*s.n)
	}
	return o.daysOn(p, s.n)
}

// dosesOn reports whether the rule of a run doses n days after its first day.
func (o *oracle) dosesOn(r *running, n int) (place, bool) {
	rule, p := r.ph.rule, o.daysOn(r.day1, n)
	number := r.number + n
	switch rule.kind {
	case "every days":
		return p, n%rule.n == 0
	case "every months":
		return o.dosesInMonth(r, p)
	case "a week":
		for i := range rule.n {
			if i*7/rule.n == n%7 {
				return p, true
			}
		}
		return p, false
	case "weekdays":
		return p, rule.weekdays[p.day.weekday()]
	case "weeks on":
		// On these days of the first seven days, and of every n-th seven days after them.
		return p, n/7%rule.n == 0 && rule.weekdays[p.day.weekday()]
	case "days of":
		// The days of a cycle are numbered from 1, whatever the number of the phase's first.
		return p, slices.Contains(rule.days, mod(number-o.firstNumber(r.ph), rule.cycle)+1)
	case "days on":
		return p, n%rule.cycle < rule.n
	case "list":
		return p, slices.Contains(rule.days, number)
	case "at weeks":
		return p, n%7 == 0 && slices.Contains(rule.marks, n/7)
	case "at months":
		for _, k := range rule.marks {
			if q, ok := o.monthsOn(r.day1, k); ok && q.day == p.day {
				return q, true
			}
		}
		return p, false
	case "once":
		return p, n == 0
	case "day of month":
		return o.isDayOfMonth(p, rule.n)
	case "days of month":
		_, _, d := p.day.parts()
		p, _ = o.isDayOfMonth(p, d) // which stands in a chain of its number
		return p, slices.Contains(rule.inMonth, d)
	case "weekday of month":
		return p, isNthWeekday(p.day, rule.n, slices.Index(rule.weekdays[:], true))
	}
	return p, true
}

// dosesInMonth reports whether a day is a whole number of steps of months after day 1.
func (o *oracle) dosesInMonth(r *running, p place) (place, bool) {
	for k := 0; ; k += r.ph.rule.n {
		q, ok := o.monthsOn(r.day1, k)
		if q.day == p.day && ok {
			return q, true
		}
		if q.day > p.day {
			return p, false
		}
	}
}

// isDayOfMonth reports whether a day is the one of a number in its month, or has taken the place
// of one that a month lacks; 0 is the last of each month. A
// day with a number stands in a chain of that number; the page says nothing of it.
func (o *oracle) isDayOfMonth(p place, number int) (place, bool) {
	y, m, d := p.day.parts()
	if number == 0 {
		return p, d == monthLength(y, m)
	}
	if this, ok := dayOfMonth(y, m, number, o.short); ok && this == p.day {
		return place{day: p.day, y: y, m: m, d: number}, true
	}
	if m--; m == 0 {
		y, m = y-1, 12
	}
	before, ok := dayOfMonth(y, m, number, o.short)
	return place{day: p.day, y: y, m: m, d: number}, ok && before == p.day
}

// isNthWeekday reports whether a day is the n-th of its weekday in its month, or the last for 0.
func isNthWeekday(day serial, n, weekday int) bool {
	y, m, d := day.parts()
	switch {
	case day.weekday() != weekday:
		return false
	case n == 0:
		return d+7 > monthLength(y, m)
	}
	return (d-1)/7+1 == n
}

// A change is a stretch of time with one offset from UTC, from an instant on.
type change struct {
	from   int64
	offset int
}

// local returns the day and the minute that clocks show at an instant.
func (o *oracle) local(at int64) (serial, int) {
	_, offset := time.Unix(at, 0).In(o.zone).Zone()
	minutes := (at + int64(offset)) / 60
	return serial(minutes / 1440), int(minutes % 1440)
}

// instant returns the first instant of a day at which clocks show a time, or the first after
// the gap where they never do.
func (o *oracle) instant(day serial, clock int) int64 {
	shown := (int64(day)*1440 + int64(clock)) * 60
	stretches := o.offsetsAround(day)
	for i, c := range stretches {
		at := shown - int64(c.offset)
		ends := int64(1) << 62
		if i+1 < len(stretches) {
			ends = stretches[i+1].from
		}
		switch {
		case at >= ends:
			continue // clocks show it later than this stretch, if at all
		case at >= c.from:
			return at
		}
		return c.from // clocks jumped over it where this stretch begins
	}
	panic("a day without clocks")
}

// offsetsAround lists the offsets from UTC from two days before a day to two days after, minute
// by minute where they change.
func (o *oracle) offsetsAround(day serial) []change {
	if list, ok := o.clocks[day]; ok {
		return list
	}
	offset := func(at int64) int {
		_, n := time.Unix(at, 0).In(o.zone).Zone()
		return n
	}
	first := (int64(day) - 2) * 86400
	list := []change{{first, offset(first)}}
	for at := first; at < first+5*86400; at += 3600 {
		if offset(at+3600) == offset(at) {
			continue
		}
		for m := at; m <= at+3600; m += 60 {
			if n := offset(m); n != list[len(list)-1].offset {
				list = append(list, change{m, n})
			}
		}
	}
	o.clocks[day] = list
	return list
}

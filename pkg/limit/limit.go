// Package limit judges a series of doses against the bounds that a protocol sets.
//
// It works on plain numbers, so that whatever places doses and whatever checks the final
// calendar use one rule. Elapsed time is in seconds, amounts in any one unit times 10⁶.
package limit

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/lazy"
)

// A Key is the word of the language for a limit, by which an override names it.
type Key string

// The keys.
const (
	KeySingle   Key = "single dose"
	KeyEachDay  Key = "each day"
	KeyInterval Key = "interval"
	KeyGap      Key = "interval to" // another medicine
	KeyDoses    Key = "doses"
	KeyCourse   Key = "in the course"
	KeyLifetime Key = "in a lifetime"
)

// KeyAny returns the key of a limit on any stretch of a length of time.
func KeyAny(p civil.Period) Key { return Key("any " + p.String()) }

// KeyEach returns the key of a limit on any so many days of the calendar.
func KeyEach(days int) Key {
	if days == 1 {
		return KeyEachDay
	}
	return Key(fmt.Sprintf("each %d days", days))
}

// PatternEach and PatternAny are the regular expressions of the keys of limits on so many days of the calendar, more than
// one, and on a stretch of elapsed time; MostDays is the longest of either, in days.
const (
	PatternEach = `each ([2-9]|[1-9][0-9]{1,2}) days`
	PatternAny  = `any ([2-9]|[1-9][0-9]{1,3}) (hours|days)`
	MostDays    = 366
)

// Stretches are the lengths of time that are looked at whether or not a file limits a total within them.
func Stretches() []civil.Period {
	return []civil.Period{{N: 24, Unit: civil.Hour}, {N: 7, Unit: civil.Day}, {N: 30, Unit: civil.Day}}
}

// Elapsed returns a length of time that totals are limited within as elapsed time: a day of it is
// 24 hours.
func Elapsed(p civil.Period) time.Duration {
	if elapsed, ok := p.Elapsed(); ok {
		return elapsed
	}
	_, days, _ := p.Calendar()
	return time.Duration(days) * 24 * time.Hour
}

// WholeDays returns how many days a length of time is that totals are limited within; whole is false where it is no whole
// number of them.
func WholeDays(p civil.Period) (days int, whole bool) {
	d := Elapsed(p)
	return int(d / (24 * time.Hour)), d%(24*time.Hour) == 0
}

// Keys returns every key, in the order in which a reader wants them; of those with a figure, the common ones.
func Keys() []Key {
	list := []Key{KeySingle, KeyEachDay, KeyEach(7), KeyEach(30)}
	for _, p := range Stretches() {
		list = append(list, KeyAny(p))
	}
	return append(list, KeyCourse, KeyLifetime, KeyInterval, KeyGap, KeyDoses)
}

var reStretch = lazy.MustCompile(`^(` + PatternEach + `|` + PatternAny + `)$`)

// ParseKey reads a key.
func ParseKey(text string) (Key, bool) {
	return Key(text), slices.Contains(Keys(), Key(text)) || reStretch.MatchString(text)
}

// A Dose is one dose of a series.
type Dose struct {
	At     int64 // seconds after the Unix epoch
	Day    int32 // the number of its civil day, in any count
	Amount int64
}

// A Rolling bounds the total within any stretch of elapsed time. The stretch is half open:
// two doses exactly Within apart do not count together.
type Rolling struct {
	Within time.Duration
	Total  int64
}

// A Days bounds the total on any so many days of the calendar, one after the other: an amount, or where
// it counts doses a number of those that are more than nothing.
type Days struct {
	Days   int32
	Total  int64
	Counts bool
}

// Of is what a dose adds to the total.
func (r *Days) Of(amount int64) int64 {
	if r.Counts {
		return min(max(amount, 0), 1)
	}
	return amount
}

// Rules bound a series. Zero fields bound nothing.
type Rules struct {
	Single   []int64
	Rolling  []Rolling
	Days     []Days
	Interval time.Duration
	Doses    int
	Course   int64   // the largest total
	Earlier  Earlier // counts against Doses and Course
	Lifetime Lifetime
}

// Earlier is what was given of a course before the series.
type Earlier struct {
	Doses int
	Total int64
}

// A Lifetime bounds the total together with what was received before the series.
type Lifetime struct{ Total, Before int64 }

// A Kind is the rule that a Breach breaks.
type Kind uint8

// The kinds.
const (
	Single Kind = iota
	InRolling
	InDays
	Interval
	Count
	InCourse
	InLifetime
	Gap // to another medicine, which no one series shows
)

// A Breach is one broken rule.
type Breach struct {
	Kind  Kind
	Rule  int   // the index in Single, Rolling or Days
	First int   // the index of the first dose that counts
	Last  int   // the index of the dose that breaks the rule
	Total int64 // what it came to: an amount, a number of doses, or seconds
}

// Check returns the first breach of each rule in a series sorted by time.
func (r *Rules) Check(series []Dose) []Breach { return r.CheckFrom(series, 0) }

// CheckFrom is Check for the doses from an index on; those before it count together with
// them, and break no rule themselves.
func (r *Rules) CheckFrom(series []Dose, from int) []Breach {
	return r.CheckBut(series, from, func(Breach) bool { return false })
}

// CheckBut is CheckFrom but for breaches that pass lets through: of each rule it returns the
// first that is not.
func (r *Rules) CheckBut(series []Dose, from int, pass func(Breach) bool) []Breach {
	c := check{series, from, pass, nil}
	for i, most := range r.Single {
		c.single(i, most)
	}
	for i, rule := range r.Rolling {
		c.rolling(i, rule)
	}
	for i := range r.Days {
		c.days(i, &r.Days[i])
	}
	if least := int64(r.Interval / time.Second); least > 0 {
		c.interval(least)
	}
	if r.Course > 0 {
		c.total(InCourse, r.Course, r.Earlier.Total)
	}
	if r.Lifetime.Total > 0 {
		c.total(InLifetime, r.Lifetime.Total, r.Lifetime.Before)
	}
	for k := max(r.Doses-r.Earlier.Doses, from); r.Doses > 0 && k < len(series); k++ {
		if c.add(Breach{Count, 0, 0, k, int64(r.Earlier.Doses + len(series))}) {
			break
		}
	}
	return c.found
}

// CheckLast returns the first rule that the last dose of a series breaks, with those before it.
func (r *Rules) CheckLast(series []Dose) (b Breach, broken bool) {
	for b := range r.Last(series) {
		return b, true
	}
	return b, false
}

// Last goes through the rules that the last dose of a series breaks, with those before it. It looks
// no further back than a rule reaches.
func (r *Rules) Last(series []Dose) iter.Seq[Breach] {
	return func(yield func(Breach) bool) { r.last(series, yield) }
}

func (r *Rules) last(series []Dose, yield func(Breach) bool) {
	k := len(series) - 1
	last := &series[k]
	for i, most := range r.Single {
		if last.Amount > most && !yield(Breach{Single, i, k, k, last.Amount}) {
			return
		}
	}
	for i, rule := range r.Rolling {
		after := last.At - int64(rule.Within/time.Second)
		if first, total := back(series, func(d *Dose) bool { return d.At > after }); total > rule.Total && !yield(Breach{InRolling, i, first, k, total}) {
			return
		}
	}
	for i := range r.Days {
		if rule := &r.Days[i]; rule.Of(last.Amount) > 0 || !rule.Counts {
			first, total := backBy(series, rule.Of, func(d *Dose) bool { return d.Day > last.Day-rule.Days })
			if total > rule.Total && !yield(Breach{InDays, i, first, k, total}) {
				return
			}
		}
	}
	if r.Course > 0 || r.Lifetime.Total > 0 {
		_, total := back(series, func(*Dose) bool { return true })
		if total := total + r.Earlier.Total; r.Course > 0 && total > r.Course && !yield(Breach{InCourse, 0, 0, k, total}) {
			return
		}
		if total += r.Lifetime.Before; r.Lifetime.Total > 0 && total > r.Lifetime.Total && !yield(Breach{InLifetime, 0, 0, k, total}) {
			return
		}
	}
	if k > 0 && last.At-series[k-1].At < int64(r.Interval/time.Second) && !yield(Breach{Interval, 0, k - 1, k, last.At - series[k-1].At}) {
		return
	}
	if n := r.Earlier.Doses + k + 1; r.Doses > 0 && n > r.Doses && !yield(Breach{Count, 0, 0, k, int64(n)}) {
		return
	}
}

// back adds up the last doses of a series for as long as they count, the very last in any case. It
// returns the first of them, and what they come to.
func back(series []Dose, counts func(*Dose) bool) (first int, total int64) {
	return backBy(series, func(amount int64) int64 { return amount }, counts)
}

// backBy is back where a dose adds what of makes of its amount.
func backBy(series []Dose, of func(int64) int64, counts func(*Dose) bool) (first int, total int64) {
	first = len(series) - 1
	total = of(series[first].Amount)
	for first > 0 && counts(&series[first-1]) {
		first--
		total += of(series[first].Amount)
	}
	return first, total
}

// A check is one series held against rules.
type check struct {
	series []Dose
	from   int // the first dose that can break a rule
	pass   func(Breach) bool
	found  []Breach
}

// add takes a breach down, and reports whether its rule is done with: it is, unless the breach
// is let through.
func (c *check) add(b Breach) bool {
	if c.pass(b) {
		return false
	}
	c.found = append(c.found, b)
	return true
}

func (c *check) single(rule int, most int64) {
	for k := c.from; k < len(c.series); k++ {
		if c.series[k].Amount > most && c.add(Breach{Single, rule, k, k, c.series[k].Amount}) {
			return
		}
	}
}

func (c *check) rolling(rule int, r Rolling) {
	within, total, first := int64(r.Within/time.Second), int64(0), 0
	for k := range c.series {
		total += c.series[k].Amount
		for c.series[first].At <= c.series[k].At-within {
			total -= c.series[first].Amount
			first++
		}
		if k >= c.from && total > r.Total && c.add(Breach{InRolling, rule, first, k, total}) {
			return
		}
	}
}

func (c *check) days(rule int, r *Days) {
	total, first := int64(0), 0
	for k := range c.series {
		for c.series[first].Day <= c.series[k].Day-r.Days {
			total -= r.Of(c.series[first].Amount)
			first++
		}
		if total += r.Of(c.series[k].Amount); k >= c.from && total > r.Total && c.add(Breach{InDays, rule, first, k, total}) {
			return
		}
	}
}

// total holds the whole series, and what came before it, against the largest total.
func (c *check) total(kind Kind, most, before int64) {
	total := before
	for k := range c.series {
		if total += c.series[k].Amount; k >= c.from && total > most && c.add(Breach{kind, 0, 0, k, total}) {
			return
		}
	}
}

func (c *check) interval(least int64) {
	for k := max(c.from, 1); k < len(c.series); k++ {
		if gap := c.series[k].At - c.series[k-1].At; gap < least && c.add(Breach{Interval, 0, k - 1, k, gap}) {
			return
		}
	}
}

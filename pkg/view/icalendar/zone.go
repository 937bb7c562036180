package icalendar

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
)

// The years after a calendar in which the yearly rule of a zone is looked for, and in which it
// must then hold. The calendar repeats after 28 years, as long as no century is skipped.
const (
	rulesFrom  = 3
	rulesCheck = 28
)

// A yearly is a change of the clocks that comes every year.
type yearly struct {
	civil.Transition
	rule string // the recurrence rule, without an end
}

// writeZone describes a zone for events from one day to another: every change of the clocks
// that follows no rule, and then those that come every year, without an end, so that an event
// can be moved past the last one.
func writeZone(l *lines, zone civil.Zone, from, to civil.Date) {
	first, last := from.AddMonths(-12), to.AddMonths(12)
	changes := zone.Transitions(first, last.AddMonths(12*rulesFrom))
	rules := yearlyRules(zone, changes, last)
	l.put("BEGIN:VTIMEZONE")
	l.put("TZID:" + zone.String())
	if len(changes) == 0 || civil.DateOf(changes[0].At).After(from.AddDays(-2)) {
		at := time.Unix(first.Unix(0), 0).In(zone.Location())
		name, offset := at.Zone()
		writeChange(l, civil.Transition{At: at, Before: offset, After: offset, Abbreviation: name, Saving: at.IsDST()}, "")
	}
	for _, c := range changes {
		switch i := slices.IndexFunc(rules, func(y yearly) bool { return !c.At.Before(y.At) && sameChange(c, y.Transition) }); {
		case i >= 0 && c.At.Equal(rules[i].At):
			writeChange(l, c, rules[i].rule)
		case i < 0 && (len(rules) > 0 || civil.DateOf(c.At).Before(last)):
			writeChange(l, c, "")
		}
	}
	l.put("END:VTIMEZONE")
}

func writeChange(l *lines, c civil.Transition, rule string) {
	kind := "STANDARD"
	if c.Saving {
		kind = "DAYLIGHT"
	}
	l.put("BEGIN:" + kind)
	// The clock time of the change is read on the clocks as they were before it.
	l.put("DTSTART:" + c.At.In(time.FixedZone("", c.Before)).Format(localTime))
	l.put("TZOFFSETFROM:" + offsetText(c.Before))
	l.put("TZOFFSETTO:" + offsetText(c.After))
	l.put("TZNAME:" + c.Abbreviation)
	if rule != "" {
		l.put("RRULE:" + rule)
	}
	l.put("END:" + kind)
}

func sameChange(a, b civil.Transition) bool {
	return a.Before == b.Before && a.After == b.After && a.Abbreviation == b.Abbreviation && a.Saving == b.Saving
}

// yearlyRules returns the two changes of a zone that come each year from some year on, the
// first time that each does; or nothing where the zone has no such rules.
func yearlyRules(zone civil.Zone, changes []civil.Transition, last civil.Date) []yearly {
	n := len(changes)
	if n < 2*rulesFrom || changes[n-1].At.Before(time.Unix(last.Unix(0), 0)) {
		return nil
	}
	var rules []yearly
	for side := range 2 {
		var list []civil.Transition // back from the last one
		for i := n - 1 - side; i >= 0; i -= 2 {
			if !sameChange(changes[i], changes[n-1-side]) {
				break
			}
			list = append(list, changes[i])
		}
		y, ok := yearlyRule(zone, list)
		if !ok {
			return nil
		}
		rules = append(rules, y)
	}
	return rules
}

// yearlyRule returns the rule that the latest of a list of changes follow, the last first, and
// the earliest from which on all of them do.
func yearlyRule(zone civil.Zone, list []civil.Transition) (yearly, bool) {
	if len(list) < rulesFrom-1 {
		return yearly{}, false
	}
	for _, r := range candidates(list[:rulesFrom-1]) {
		if !r.holds(zone, list[0]) {
			continue
		}
		k := 0
		for k < len(list) && r.gives(list[k]) && (k == 0 || list[k-1].At.Year()-list[k].At.Year() == 1) {
			k++
		}
		return yearly{list[k-1], r.String()}, true
	}
	return yearly{}, false
}

// A dayRule is the clock time of a change, its month and weekday, and which of its month's.
type dayRule struct {
	month   time.Month
	weekday time.Weekday
	clock   int // seconds
	nth     int // 1 to 4, or -1 for the last; 0 where it is the first from a day on
	from    int
}

// candidates returns the rules that could give all of some changes, the commonest form first.
func candidates(list []civil.Transition) []dayRule {
	at := local(list[0])
	r := dayRule{month: at.Month(), weekday: at.Weekday(), clock: clockOf(at)}
	var out []dayRule
	for _, nth := range []int{-1, 1, 2, 3, 4} {
		r.nth = nth
		out = append(out, r)
	}
	r.nth = 0
	for r.from = 1; r.from <= 25; r.from++ {
		out = append(out, r)
	}
	return slices.DeleteFunc(out, func(r dayRule) bool {
		return slices.ContainsFunc(list, func(c civil.Transition) bool { return !r.gives(c) })
	})
}

func local(c civil.Transition) time.Time { return c.At.In(time.FixedZone("", c.Before)) }

func clockOf(t time.Time) int { return t.Hour()*3600 + t.Minute()*60 + t.Second() }

// day returns the day of the rule in a year.
func (r dayRule) day(year int) civil.Date {
	from := r.from
	switch {
	case r.nth > 0:
		from = 7*r.nth - 6
	case r.nth < 0:
		from = time.Date(year, r.month+1, 0, 0, 0, 0, 0, time.UTC).Day() - 6
	}
	d := civil.NewDate(year, r.month, from)
	return d.AddDays((int(r.weekday) - int(d.Weekday()) + 7) % 7)
}

func (r dayRule) gives(c civil.Transition) bool {
	at := local(c)
	return civil.DateOf(at) == r.day(at.Year()) && clockOf(at) == r.clock
}

// holds reports whether the clocks of a zone follow a rule for years after a change.
func (r dayRule) holds(zone civil.Zone, c civil.Transition) bool {
	offset := func(unix int64) int {
		_, o := time.Unix(unix, 0).In(zone.Location()).Zone()
		return o
	}
	for year := local(c).Year() + 1; year <= local(c).Year()+rulesCheck; year++ {
		at := r.day(year).Unix(0) + int64(r.clock) - int64(c.Before)
		if offset(at-1) != c.Before || offset(at) != c.After {
			return false
		}
	}
	return true
}

var weekdayNames = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

func (r dayRule) String() string {
	text := fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=", r.month)
	if r.nth != 0 {
		return text + fmt.Sprint(r.nth) + weekdayNames[r.weekday]
	}
	days := make([]string, 7)
	for i := range days {
		days[i] = fmt.Sprint(r.from + i)
	}
	return text + weekdayNames[r.weekday] + ";BYMONTHDAY=" + strings.Join(days, ",")
}

func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}

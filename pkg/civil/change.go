package civil

import (
	"cmp"
	"slices"
	"time"
)

//go:generate sh -c "go run ./internal/mkchanges | gofmt >changes.go.tmp && mv changes.go.tmp changes.go"

// A Change is one way in which clocks change: by how much, at which clock time, and on which
// day of the week; with a zone and a day on which they do.
type Change struct {
	Seconds int   // by which clocks are put forward; negative where they are put back
	Clock   Clock // the clock time at which they are, as clocks show it until then
	Weekday time.Weekday
	Zone    string
	Date    Date // the day of Clock
}

// Changes returns every distinct change of the clocks of every zone from 2026 to 2076: the
// largest first, and of one size by clock time and weekday.
func Changes() []Change { return slices.Clone(changes) }

// DatedChanges returns them for each date on which they come, as a calendar that follows the months sees
// it: the day of the month, and the place of the year between leap years.
func DatedChanges() []Change { return dated() }

// A ChangePair is two changes of the clocks of one zone that follow each other: what a course on elapsed time that crosses
// both can see of them.
type ChangePair struct {
	Change     // the first
	Days   int // from its day to that of the second
}

// ChangePairs returns every distinct pair of the clocks of every zone from 2026 to 2076: those nearest to each other first.
func ChangePairs() []ChangePair { return slices.Clone(pairs) }

// DistinctPairs computes what ChangePairs returns from the zone data. It takes seconds. Pairs that are nearer than a
// season lie on other days of the year in each, and are told apart by the month and the day too: a calendar that follows
// the months sees them so.
func DistinctPairs() []ChangePair {
	const season = 100 // days
	type kind struct {
		first, second Change // without place and night
		days          int
		month, day    int
	}
	var list []ChangePair
	known := map[kind]bool{}
	for _, name := range ZoneNames() {
		all := changesOf(name)
		for i := 1; i < len(all); i++ {
			before, c := all[i-1], all[i]
			k := kind{before, c, c.Date.Sub(before.Date), 0, 0}
			k.first.Zone, k.first.Date, k.second.Zone, k.second.Date = "", Date{}, "", Date{}
			if k.days < season {
				_, month, day := before.Date.Parts()
				k.month, k.day = int(month), day
			}
			if !known[k] {
				known[k] = true
				list = append(list, ChangePair{before, k.days})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b ChangePair) int {
		return cmp.Or(cmp.Compare(a.Days, b.Days), a.Date.Compare(b.Date), cmp.Compare(a.Zone, b.Zone))
	})
	return list
}

// The years of which the changes are known.
const (
	firstChange = 2026
	lastChange  = 2076
)

// changesOf returns the changes of the clocks of a zone in those years, in order of time.
func changesOf(name string) (list []Change) {
	zone, err := LoadZone(name)
	if err != nil {
		return nil
	}
	for _, t := range zone.Transitions(NewDate(firstChange, 1, 1), NewDate(lastChange+1, 1, 1)) {
		m := momentOf(t.At.Unix() + int64(t.Before))
		if c := (Change{t.After - t.Before, m.Clock, m.Date.Weekday(), name, m.Date}); c.Seconds != 0 {
			list = append(list, c)
		}
	}
	return list
}

// DistinctChanges computes what Changes returns, or with dates what DatedChanges does, from the zone data.
// It takes seconds.
func DistinctChanges(dates bool) []Change {
	type kind struct {
		seconds, month, day, year int
		clock                     Clock
		weekday                   time.Weekday
	}
	var list []Change
	known := map[kind]bool{}
	for _, name := range ZoneNames() {
		for _, c := range changesOf(name) {
			k := kind{seconds: c.Seconds, clock: c.Clock, weekday: c.Weekday}
			if dates {
				year, month, day := c.Date.Parts()
				k.month, k.day, k.year = int(month), day, year%4
			}
			if !known[k] {
				known[k] = true
				list = append(list, c)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Change) int {
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.Clock, b.Clock), cmp.Compare(a.Weekday, b.Weekday), a.Date.Compare(b.Date))
	})
	return list
}

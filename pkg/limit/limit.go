// Package limit judges a series of doses against the bounds that a protocol sets.
//
// It works on plain numbers, so that whatever places doses and whatever checks the final
// calendar use one rule. Elapsed time is in seconds, amounts in any one unit times 10⁶.
package limit

import (
	"slices"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
)

// A Key is the word of the language for a limit, by which an override names it.
type Key string

// The keys.
const (
	KeySingle   Key = "single dose"
	KeyEachDay  Key = "each day"
	KeyInterval Key = "interval"
	KeyDoses    Key = "doses"
)

// KeyAny returns the key of a limit on any stretch of a length of time.
func KeyAny(p civil.Period) Key { return Key("any " + p.String()) }

// Stretches are the lengths of time that totals can be limited within.
func Stretches() []civil.Period {
	return []civil.Period{{N: 24, Unit: civil.Hour}, {N: 7, Unit: civil.Day}, {N: 30, Unit: civil.Day}}
}

// Keys returns every key, in the order in which a reader wants them.
func Keys() []Key {
	list := []Key{KeySingle, KeyEachDay}
	for _, p := range Stretches() {
		list = append(list, KeyAny(p))
	}
	return append(list, KeyInterval, KeyDoses)
}

// ParseKey reads a key.
func ParseKey(text string) (Key, bool) { return Key(text), slices.Contains(Keys(), Key(text)) }

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

// Rules bound a series. Zero fields bound nothing.
type Rules struct {
	Single   []int64
	Rolling  []Rolling
	EachDay  int64
	Interval time.Duration
	Doses    int
}

// A Kind is the rule that a Breach breaks.
type Kind uint8

// The kinds.
const (
	Single Kind = iota
	InRolling
	EachDay
	Interval
	Count
)

// A Breach is one broken rule.
type Breach struct {
	Kind  Kind
	Rule  int   // the index in Single or Rolling
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
	var found []Breach
	add := func(b Breach) bool {
		if pass(b) {
			return false
		}
		found = append(found, b)
		return true
	}
	for i, most := range r.Single {
		for k := from; k < len(series); k++ {
			if series[k].Amount > most && add(Breach{Single, i, k, k, series[k].Amount}) {
				break
			}
		}
	}
	for i, rule := range r.Rolling {
		within, total, first := int64(rule.Within/time.Second), int64(0), 0
		for k := range series {
			total += series[k].Amount
			for series[first].At <= series[k].At-within {
				total -= series[first].Amount
				first++
			}
			if k >= from && total > rule.Total && add(Breach{InRolling, i, first, k, total}) {
				break
			}
		}
	}
	if r.EachDay > 0 {
		total, first := int64(0), 0
		for k := range series {
			if series[k].Day != series[first].Day {
				total, first = 0, k
			}
			if total += series[k].Amount; k >= from && total > r.EachDay && add(Breach{EachDay, 0, first, k, total}) {
				break
			}
		}
	}
	if least := int64(r.Interval / time.Second); least > 0 {
		for k := max(from, 1); k < len(series); k++ {
			if gap := series[k].At - series[k-1].At; gap < least && add(Breach{Interval, 0, k - 1, k, gap}) {
				break
			}
		}
	}
	if r.Doses > 0 {
		for k := max(r.Doses, from); k < len(series); k++ {
			if add(Breach{Count, 0, 0, k, int64(len(series))}) {
				break
			}
		}
	}
	return found
}

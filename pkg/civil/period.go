package civil

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A PeriodUnit is a unit of time. Minutes and hours are elapsed time; days and longer
// are counted on the calendar and keep the clock time across a change of the clocks.
type PeriodUnit uint8

// The units of a Period.
const (
	Minute PeriodUnit = iota + 1
	Hour
	Day
	Week
	Month
	Year
)

var periodUnits = [...]struct {
	one   string
	short []string
}{
	Minute: {"minute", []string{"min", "minutes"}},
	Hour:   {"hour", []string{"h", "hours"}},
	Day:    {"day", []string{"d", "days"}},
	Week:   {"week", []string{"weeks"}},
	Month:  {"month", []string{"months"}},
	Year:   {"year", []string{"years"}},
}

func (u PeriodUnit) String() string { return periodUnits[u].one }

// A Period is a whole number of one unit of time, such as 14 days. The zero Period is
// not set.
type Period struct {
	N    int
	Unit PeriodUnit
}

const maxPeriod = 100000

// ParsePeriod reads "14 days", "2 weeks", "20 h", "40 min", "1 month".
func ParsePeriod(text string) (Period, error) {
	i := 0
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	unit := strings.TrimLeft(text[i:], " ")
	if i == 0 || strings.HasPrefix(unit, ".") || strings.HasPrefix(unit, ",") {
		return Period{}, fmt.Errorf("“%s” is not a length of time; write a whole number and a unit, as 14 days", text)
	}
	n, err := strconv.Atoi(text[:i])
	if err != nil || n > maxPeriod {
		return Period{}, fmt.Errorf("“%s” is too long a time", text)
	}
	u, err := ParsePeriodUnit(unit)
	if err != nil {
		return Period{}, fmt.Errorf("“%s” is not a length of time: %w", text, err)
	}
	return Period{n, u}, nil
}

// ParsePeriodUnit reads one unit of time, singular or plural.
func ParsePeriodUnit(text string) (PeriodUnit, error) {
	for u := Minute; u <= Year; u++ {
		if text == periodUnits[u].one {
			return u, nil
		}
		for _, s := range periodUnits[u].short {
			if text == s {
				return u, nil
			}
		}
	}
	return 0, fmt.Errorf("“%s” is not a unit of time; use minutes, hours, days, weeks, months or years", text)
}

// MustPeriod is ParsePeriod for literals in code; it panics on an error.
func MustPeriod(text string) Period {
	p, err := ParsePeriod(text)
	if err != nil {
		panic(err)
	}
	return p
}

// IsSet reports whether p holds a period at all.
func (p Period) IsSet() bool { return p.Unit != 0 }

// Elapsed returns p as elapsed time, if it is in minutes or hours.
func (p Period) Elapsed() (time.Duration, bool) {
	switch p.Unit {
	case Minute:
		return time.Duration(p.N) * time.Minute, true
	case Hour:
		return time.Duration(p.N) * time.Hour, true
	}
	return 0, false
}

// Calendar returns p as whole months and days, if it is in days or longer.
func (p Period) Calendar() (months, days int, ok bool) {
	switch p.Unit {
	case Day:
		return 0, p.N, true
	case Week:
		return 0, 7 * p.N, true
	case Month:
		return p.N, 0, true
	case Year:
		return 12 * p.N, 0, true
	}
	return 0, 0, false
}

// From returns the date n periods after anchor (before it for a negative n), counting
// months from the anchor. p must be in days or longer; a shorter one counts as nothing.
func (p Period) From(anchor Date, n int) Date {
	months, days, _ := p.Calendar()
	if months != 0 {
		return anchor.AddMonths(n * months)
	}
	return anchor.AddDays(n * days)
}

// String returns p in words: "14 days", "1 month".
func (p Period) String() string {
	if !p.IsSet() {
		return ""
	}
	return Plural(p.N, p.Unit.String())
}

// Elapsed says a number of seconds in hours and minutes, cut to the minute.
func Elapsed(seconds int64) string {
	hours, minutes := int(seconds/3600), int(seconds/60%60)
	switch {
	case minutes == 0:
		return Plural(hours, "hour")
	case hours == 0:
		return Plural(minutes, "minute")
	}
	return Plural(hours, "hour") + " " + Plural(minutes, "minute")
}

// Plural returns n and a noun, with an s unless n is one.
func Plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// PeriodOf returns a length of elapsed time in hours, or in minutes where these are not whole.
func PeriodOf(d time.Duration) Period {
	if d%time.Hour == 0 {
		return Period{N: int(d / time.Hour), Unit: Hour}
	}
	return Period{N: int(d / time.Minute), Unit: Minute}
}

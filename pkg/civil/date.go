package civil

import (
	"fmt"
	"strings"
	"time"
)

// A Date is a day of the proleptic Gregorian calendar, in no time zone. Dates are
// comparable with ==. The zero Date is no date.
type Date struct {
	n int32 // days since 0000-12-31, so that 0001-01-01 is 1, a Monday
}

// MaxYear is the last year that ParseDate accepts, and MinYear the first.
const (
	MinYear = 1850
	MaxYear = 2399
)

const unixDay = 719163 // the number of 1970-01-01

// NewDate returns the date of a year, month and day. A day past the end of its month
// counts on into the next, as in [time.Date].
func NewDate(year int, month time.Month, day int) Date {
	return Date{int32(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/86400 + unixDay)}
}

// ParseDate reads a date in ISO form, "2026-03-02", and nothing else.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		switch {
		case strings.ContainsAny(text, "/."):
			return Date{}, fmt.Errorf("“%s” is not a date in ISO form; write year-month-day, as 2026-03-02", text)
		case strings.Contains(err.Error(), "out of range"):
			return Date{}, fmt.Errorf("there is no such day as %s", text)
		}
		return Date{}, fmt.Errorf("“%s” is not a date; write year-month-day, as 2026-03-02", text)
	}
	if y := t.Year(); y < MinYear || y > MaxYear {
		return Date{}, fmt.Errorf("the year of %s is outside %d to %d", text, MinYear, MaxYear)
	}
	return DateOf(t), nil
}

// MustDate is ParseDate for literals in code; it panics on an error.
func MustDate(text string) Date {
	d, err := ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// DateOf returns the date that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return NewDate(y, m, d)
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d.n == 0 }

func (d Date) utc() time.Time { return time.Unix(int64(d.n-unixDay)*86400, 0).UTC() }

// Parts returns the year, month and day of d.
func (d Date) Parts() (year int, month time.Month, day int) { return d.utc().Date() }

// AddDays returns the date n days after d, or before it for a negative n.
func (d Date) AddDays(n int) Date { return Date{d.n + int32(n)} }

// AddMonths returns the date n months after d with the same day of the month, or the
// last day of that month where it is shorter: 31 January plus one month is 28 (or 29)
// February. Months are to be counted from one anchor, never from the last result:
// 31 Jan + 2 months is 31 March, while 31 Jan + 1 month + 1 month is 28 March.
func (d Date) AddMonths(n int) Date {
	y, m, day := d.Parts()
	first := NewDate(y, m+time.Month(n), 1)
	fy, fm, _ := first.Parts()
	last := int(NewDate(fy, fm+1, 1).n - first.n)
	return first.AddDays(min(day, last) - 1)
}

// Sub returns the number of days from e to d.
func (d Date) Sub(e Date) int { return int(d.n - e.n) }

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.n < e.n }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d.n > e.n }

// Later returns the later of two dates; any date is later than the zero Date.
func Later(a, b Date) Date {
	if b.After(a) {
		return b
	}
	return a
}

// Compare orders dates: -1, 0 or 1.
func (d Date) Compare(e Date) int {
	switch {
	case d.n < e.n:
		return -1
	case d.n > e.n:
		return 1
	}
	return 0
}

// Weekday returns the day of the week of d.
func (d Date) Weekday() time.Weekday { return time.Weekday(((d.n % 7) + 7) % 7) }

// String returns d in ISO form, or "" for no date.
func (d Date) String() string { return string(d.Append(nil)) }

// WithWeekday returns d with its weekday: "Mon 2026-03-02".
func (d Date) WithWeekday() string { return d.Weekday().String()[:3] + " " + d.String() }

// Append appends d in ISO form to b; nothing for no date.
func (d Date) Append(b []byte) []byte {
	if d.IsZero() {
		return b
	}
	year, month, day := d.Parts()
	if year < 0 || year > 9999 {
		return d.utc().AppendFormat(b, time.DateOnly)
	}
	b = append(b, byte('0'+year/1000), byte('0'+year/100%10))
	b = append(twoDigits(b, year%100), '-')
	b = append(twoDigits(b, int(month)), '-')
	return twoDigits(b, day)
}

func twoDigits(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

// A Clock is a time of day in minutes after midnight, 0 to 1439.
type Clock int16

// JoinClocks writes clock times one after the other, as 08:00 and 20:00.
func JoinClocks(clocks []Clock) string {
	words := make([]string, len(clocks))
	for i, c := range clocks {
		words[i] = c.String()
	}
	return strings.Join(words, " and ")
}

// ParseClock reads a time of day on the 24-hour clock, "08:00".
func ParseClock(text string) (Clock, error) {
	var h, m int
	if len(text) == 5 && text[2] == ':' && digits(text[:2]) && digits(text[3:]) {
		h, m = int(text[0]-'0')*10+int(text[1]-'0'), int(text[3]-'0')*10+int(text[4]-'0')
		if h < 24 && m < 60 {
			return Clock(h*60 + m), nil
		}
		return 0, fmt.Errorf("there is no such time of day as %s", text)
	}
	return 0, fmt.Errorf("“%s” is not a time of day; write it on the 24-hour clock, as 08:00", text)
}

func digits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// MustClock is ParseClock for literals in code; it panics on an error.
func MustClock(text string) Clock {
	c, err := ParseClock(text)
	if err != nil {
		panic(err)
	}
	return c
}

func (c Clock) String() string { return string(c.Append(nil)) }

// Append appends c to b, as 08:00.
func (c Clock) Append(b []byte) []byte {
	b = append(twoDigits(b, int(c/60)), ':')
	return twoDigits(b, int(c%60))
}

// Unix returns the seconds from the Unix epoch to c on d, read as if in UTC.
func (d Date) Unix(c Clock) int64 { return int64(d.n-unixDay)*86400 + int64(c)*60 }

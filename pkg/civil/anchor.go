package civil

// A ShortMonth says what becomes of a day that a month does not have, such as the 31st in
// April.
type ShortMonth uint8

// The rules for short months.
const (
	Back      ShortMonth = iota // the last day of the month
	Forward                     // the first day of the next month
	SkipMonth                   // the month has no such day, and nothing falls in it
)

var shortMonthNames = [...]string{"back", "forward", "skip"}

func (s ShortMonth) String() string { return shortMonthNames[s] }

// ShortMonthNames returns the words for the rules, in the order of their values.
func ShortMonthNames() []string { return append([]string(nil), shortMonthNames[:]...) }

// An Anchor is a day that is some months after another. It remembers both, so that what is
// counted on from it counts from the first day of the chain: one month after 31 January is 28
// February, and one month after that Anchor is 31 March, not 28 March.
//
// The zero Anchor is no day.
type Anchor struct {
	base   Date
	months int32
	short  ShortMonth
}

// AnchorAt returns the anchor of a date, the first of a chain whose months follow a rule.
func AnchorAt(d Date, short ShortMonth) Anchor { return Anchor{base: d, short: short} }

// IsZero reports whether a is no day.
func (a Anchor) IsZero() bool { return a.base.IsZero() }

// Date returns the day. Where months lead to a day that its month does not have, it is moved
// as the chain's rule says; a rule that skips such a month still needs a day here, and takes
// the last of the month.
func (a Anchor) Date() Date {
	d, _ := a.Day()
	return d
}

// Day returns the day as Date does, and whether the month has it: false only where the rule
// is to skip.
func (a Anchor) Day() (Date, bool) {
	if a.months == 0 {
		return a.base, true
	}
	d := a.base.AddMonths(int(a.months))
	if a.short == Back {
		return d, true
	}
	_, _, want := a.base.Parts()
	if _, _, got := d.Parts(); got == want {
		return d, true
	}
	if a.short == Forward {
		return d.AddDays(1), true
	}
	return d, false
}

// AddMonths returns the day that is so many months later in the same chain.
func (a Anchor) AddMonths(n int) Anchor {
	a.months += int32(n)
	return a
}

// AddDays returns the day that is so many days later. It begins a chain of its own, unless n
// is nothing.
func (a Anchor) AddDays(n int) Anchor {
	if n == 0 {
		return a
	}
	return Anchor{base: a.Date().AddDays(n), short: a.short}
}

// At returns the anchor of another date in a chain of its own under the same rule, or a
// itself where d is its day.
func (a Anchor) At(d Date) Anchor {
	if d == a.Date() {
		return a
	}
	return Anchor{base: d, short: a.short}
}

// Add returns the day that is n periods later (earlier for a negative n). p must be in days or
// longer; a shorter one counts as nothing.
func (a Anchor) Add(p Period, n int) Anchor {
	months, days, _ := p.Calendar()
	if months != 0 {
		return a.AddMonths(n * months)
	}
	return a.AddDays(n * days)
}

// A Moment is a clock time on a date. Moments are comparable with ==.
type Moment struct {
	Date  Date
	Clock Clock
}

// Before reports whether m is earlier than n, as clocks show them.
func (m Moment) Before(n Moment) bool {
	return m.Date.n < n.Date.n || m.Date == n.Date && m.Clock < n.Clock
}

// Minutes returns the minutes from n to m, as clocks show them.
func (m Moment) Minutes(n Moment) int64 {
	return int64(m.Date.n-n.Date.n)*24*60 + int64(m.Clock-n.Clock)
}

// Add returns the moment some minutes on the clock after m, or before it.
func (m Moment) Add(minutes int64) Moment {
	minutes += int64(m.Clock)
	days := minutes / (24 * 60)
	if minutes %= 24 * 60; minutes < 0 {
		minutes, days = minutes+24*60, days-1
	}
	return Moment{Date: m.Date.AddDays(int(days)), Clock: Clock(minutes)}
}

// IsZero reports whether m is no moment.
func (m Moment) IsZero() bool { return m.Date.IsZero() }

// An OptionalClock is a clock time or none. The zero OptionalClock is none, which is not
// midnight.
type OptionalClock struct {
	clock Clock
	set   bool
}

// SomeClock returns a clock time as an optional one.
func SomeClock(c Clock) OptionalClock { return OptionalClock{c, true} }

// IsSet reports whether o is a clock time.
func (o OptionalClock) IsSet() bool { return o.set }

// Or returns the clock time, or another where there is none.
func (o OptionalClock) Or(other Clock) Clock {
	if o.set {
		return o.clock
	}
	return other
}

// Next returns the minute after m.
func (m Moment) Next() Moment { return m.Add(1) }

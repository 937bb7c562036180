package civil

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:generate go run ./internal/mkzone -o zoneinfo.zip

// TZData is the release of the IANA time zone database inside this package.
const TZData = "2025c"

//go:embed zoneinfo.zip
var zoneinfo []byte

// A Zone is an IANA time zone. The zero Zone is UTC.
type Zone struct {
	loc *time.Location
}

// UTC is the zone without any change of the clocks.
var UTC = Zone{}

// LoadZone returns the zone of an IANA name such as "America/New_York". Names are
// matched without regard to case; abbreviations such as "EST" are not accepted where
// they hide a rule.
func LoadZone(name string) (Zone, error) {
	if strings.EqualFold(name, "UTC") {
		return UTC, nil
	}
	files, err := zoneFiles()
	if err != nil {
		return Zone{}, fmt.Errorf("the embedded zone data cannot be read: %w", err)
	}
	if f := files[strings.ToLower(name)]; f != nil {
		return f.load()
	}
	return Zone{}, fmt.Errorf("unknown time zone “%s”; use an IANA name such as America/New_York, or UTC", name)
}

// A zoneFile is a zone that is read when it is first asked for.
type zoneFile struct {
	name string
	load func() (Zone, error)
}

func newZoneFile(f *zip.File) *zoneFile {
	return &zoneFile{f.Name, sync.OnceValues(func() (Zone, error) {
		z, err := readZone(f)
		if err != nil {
			err = fmt.Errorf("the embedded zone data cannot be read: %w", err)
		}
		return z, err
	})}
}

func readZone(f *zip.File) (Zone, error) {
	rc, err := f.Open()
	if err != nil {
		return Zone{}, err
	}
	defer rc.Close()
	data, err := io.ReadAll(rc)
	if err != nil {
		return Zone{}, err
	}
	loc, err := time.LoadLocationFromTZData(f.Name, data)
	return Zone{loc}, err
}

// zoneFiles is the directory of the zone data, by names in lower case. It is read once.
var zoneFiles = sync.OnceValues(func() (map[string]*zoneFile, error) {
	r, err := zip.NewReader(bytes.NewReader(zoneinfo), int64(len(zoneinfo)))
	if err != nil {
		return nil, err
	}
	files := make(map[string]*zoneFile, len(r.File))
	for _, f := range r.File {
		if strings.Contains(f.Name, "/") && !strings.HasSuffix(f.Name, "/") {
			files[strings.ToLower(f.Name)] = newZoneFile(f)
		}
	}
	return files, nil
})

// ZoneNames returns the names of every zone that LoadZone accepts, sorted.
func ZoneNames() []string {
	files, err := zoneFiles()
	if err != nil {
		return nil
	}
	names := []string{"UTC"}
	for _, f := range files {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return names
}

// Location returns the zone for use with package time.
func (z Zone) Location() *time.Location {
	if z.loc == nil {
		return time.UTC
	}
	return z.loc
}

func (z Zone) String() string { return z.Location().String() }

// A Shift says what a change of the clocks did to a wanted clock time.
type Shift uint8

// The kinds of Shift.
const (
	Unshifted Shift = iota
	Skipped         // the clock time did not exist; the first instant after the gap was taken
	Repeated        // the clock time existed twice; the first was taken
)

// At returns the instant at which clocks in z show clock on date, by the rule in the
// package comment.
func (z Zone) At(date Date, clock Clock) (time.Time, Shift) {
	c := Cursor{zone: z}
	u, s := c.At(date, clock)
	return time.Unix(u, 0).In(z.Location()), s
}

// A Cursor answers At and Local for one zone at a time, quickest where the same stretches of
// time are asked for again. It must not be shared between goroutines. The zero Cursor is for UTC.
type Cursor struct {
	zone   Zone
	now    steady
	known  []steady
	before map[Zone][]steady // what it knew of the zones before this one
}

// A steady is a stretch of time in which the offset of a zone does not change.
type steady struct {
	offset      int64
	from, until int64 // the instants: from the first up to the second
	lo, hi      int64 // the clock times, in seconds, that come once and in this stretch
}

// NewCursor returns a cursor for z.
func NewCursor(z Zone) Cursor { return Cursor{zone: z} }

// In makes c a cursor for z. It keeps what it knows of that zone and of others.
func (c *Cursor) In(z Zone) {
	if c.zone == z {
		return
	}
	if c.before == nil {
		c.before = make(map[Zone][]steady)
	}
	c.before[c.zone] = c.known
	c.zone, c.now, c.known = z, steady{}, c.before[z]
}

// showing makes the steady stretch in which a clock time comes once the present one.
func (c *Cursor) showing(wall int64) bool {
	if wall >= c.now.lo && wall < c.now.hi {
		return true
	}
	for _, s := range c.known {
		if wall >= s.lo && wall < s.hi {
			c.now = s
			return true
		}
	}
	return false
}

// around makes the steady stretch around an instant the present one.
func (c *Cursor) around(unix int64) bool {
	if unix >= c.now.from && unix < c.now.until {
		return true
	}
	for _, s := range c.known {
		if unix >= s.from && unix < s.until {
			c.now = s
			return true
		}
	}
	return false
}

// At returns the instant, in seconds after the Unix epoch, at which clocks show clock on date.
func (c *Cursor) At(date Date, clock Clock) (int64, Shift) {
	wall := int64(date.n-unixDay)*86400 + int64(clock)*60
	if c.showing(wall) {
		return wall - c.now.offset, Unshifted
	}
	loc := c.zone.Location()
	// No zone is further than a day from UTC, so these two offsets are the one before
	// and the one after any change that could touch this clock time.
	before := offsetAt(loc, wall-86400)
	after := offsetAt(loc, wall+86400)
	if before == after {
		c.remember(loc, wall-before, before)
		return wall - before, Unshifted
	}
	first, second := wall-before, wall-after
	okFirst := offsetAt(loc, first) == before
	okSecond := offsetAt(loc, second) == after
	switch {
	case okFirst && okSecond && first != second:
		return min(first, second), Repeated
	case okFirst:
		return first, Unshifted
	case okSecond:
		return second, Unshifted
	}
	// Skipped: the gap ends at the change, which lies between the two readings.
	lo, hi := min(first, second)-86400, max(first, second)
	for lo < hi { // the first instant with the later offset
		mid := lo + (hi-lo)/2
		if offsetAt(loc, mid) == after {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo, Skipped
}

// remember finds the stretch of time around an instant in which the offset does not change.
// The clock times at its ends that come twice, or not at all, are left to the slow path.
func (c *Cursor) remember(loc *time.Location, unix, offset int64) {
	const ever, most = 1 << 62, 64
	start, end := time.Unix(unix, 0).In(loc).ZoneBounds()
	c.now = steady{offset, -ever, ever, -ever, ever}
	if !start.IsZero() {
		c.now.from = start.Unix()
		c.now.lo = c.now.from + max(offset, offsetAt(loc, c.now.from-1))
	}
	if !end.IsZero() {
		c.now.until = end.Unix()
		c.now.hi = c.now.until + min(offset, offsetAt(loc, c.now.until))
	}
	if len(c.known) < most {
		c.known = append(c.known, c.now)
	}
}

// Local returns the date, the clock time in whole minutes and the offset from UTC in seconds
// that clocks in the cursor's zone show at an instant in seconds after the Unix epoch.
func (c *Cursor) Local(unix int64) (Moment, int64) {
	if !c.around(unix) {
		loc := c.zone.Location()
		c.remember(loc, unix, offsetAt(loc, unix))
	}
	return momentOf(unix + c.now.offset), c.now.offset
}

// momentOf returns the moment of a number of seconds on the clock after that of the epoch.
func momentOf(wall int64) Moment {
	day := wall / 86400
	if wall%86400 < 0 {
		day--
	}
	return Moment{Date{int32(day + unixDay)}, Clock((wall - day*86400) / 60)}
}

func offsetAt(loc *time.Location, unix int64) int64 {
	_, o := time.Unix(unix, 0).In(loc).Zone()
	return int64(o)
}

// DateClock returns the date and the clock time, in whole minutes, that clocks in z show
// at an instant in seconds after the Unix epoch.
func (z Zone) DateClock(unix int64) (Date, Clock) {
	m := momentOf(unix + offsetAt(z.Location(), unix))
	return m.Date, m.Clock
}

// A Transition is one change of a zone's clocks.
type Transition struct {
	At           time.Time // the first instant of the new offset, in UTC
	Before       int       // seconds east of UTC until then
	After        int       // seconds east of UTC from then on
	Abbreviation string    // of the new time, such as "EDT"
	Saving       bool      // whether the new time is daylight-saving time
}

// Transitions returns the changes of the clocks between two dates, in order. It looks at
// every midnight UTC and halves from there, because [time.Time.ZoneBounds] reports bounds at
// which nothing changes.
func (z Zone) Transitions(from, to Date) []Transition {
	loc := z.Location()
	var list []Transition
	after := offsetAt(loc, from.Unix(0))
	for d := from; d.Before(to); d = d.AddDays(1) {
		lo := d.Unix(0)
		before := after
		if after = offsetAt(loc, lo+86400); before == after {
			continue
		}
		hi := lo + 86400
		for hi-lo > 1 {
			if mid := (lo + hi) / 2; offsetAt(loc, mid) == before {
				lo = mid
			} else {
				hi = mid
			}
		}
		t := time.Unix(hi, 0).In(loc)
		name, _ := t.Zone()
		list = append(list, Transition{t.UTC(), int(before), int(after), name, t.IsDST()})
	}
	return list
}

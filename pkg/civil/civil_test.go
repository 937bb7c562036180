package civil

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMonthsCountFromTheAnchor(t *testing.T) {
	anchor := MustDate("2026-01-31")
	want := []string{"2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"}
	for i, w := range want {
		if got := anchor.AddMonths(i).String(); got != w {
			t.Errorf("31 January and %d months is %s, want %s", i, got, w)
		}
	}
	if got := MustDate("2028-01-31").AddMonths(1).String(); got != "2028-02-29" {
		t.Errorf("31 January 2028 and a month is %s", got)
	}
	if got := MustDate("2026-03-31").AddMonths(-1).String(); got != "2026-02-28" {
		t.Errorf("a month before 31 March is %s", got)
	}
	if got := MustDate("2026-11-30").AddMonths(15).String(); got != "2028-02-29" {
		t.Errorf("15 months after 30 November 2026 is %s", got)
	}
}

// Dates agree with the standard library's over four centuries.
func TestDatesAgreeWithTime(t *testing.T) {
	ref := time.Date(1850, 1, 1, 0, 0, 0, 0, time.UTC)
	d := NewDate(1850, 1, 1)
	for ref.Year() <= MaxYear {
		if d.String() != ref.Format(time.DateOnly) || d.Weekday() != ref.Weekday() {
			t.Fatalf("%v is %v, a %v; want %v", d, ref, d.Weekday(), ref.Weekday())
		}
		ref, d = ref.AddDate(0, 0, 1), d.AddDays(1)
	}
}

func TestParseDate(t *testing.T) {
	for text, ok := range map[string]bool{
		"2026-03-02": true, "2028-02-29": true, "2026-02-29": false, "03/02/2026": false, "2026-3-2": false,
		"2026-03-02T00:00:00Z": false, "": false, "0001-01-01": false, "9999-01-01": false, "02.03.2026": false,
	} {
		if _, err := ParseDate(text); (err == nil) != ok {
			t.Errorf("ParseDate(%q): %v", text, err)
		}
	}
}

func TestAge(t *testing.T) {
	for _, c := range []struct {
		birth, on string
		want      int
	}{
		{"1984-03-02", "2026-03-02", 42}, {"1984-03-03", "2026-03-02", 41},
		{"2008-02-29", "2026-02-28", 17}, {"2008-02-29", "2026-03-01", 18}, {"2008-02-29", "2028-02-29", 20},
	} {
		if got := MustDate(c.birth).Age(MustDate(c.on)); got.Years() != c.want {
			t.Errorf("born %s, on %s: %d years, want %d", c.birth, c.on, got.Years(), c.want)
		}
	}
}

func TestPeriods(t *testing.T) {
	for text, want := range map[string]string{"14 days": "14 days", "1 week": "1 week", "20 h": "20 hours", "40 min": "40 minutes", "6 months": "6 months", "2d": "2 days"} {
		p, err := ParsePeriod(text)
		if err != nil || p.String() != want {
			t.Errorf("ParsePeriod(%q) = %v, %v", text, p, err)
		}
	}
	for _, text := range []string{"", "days", "1.5 days", "-1 day", "5 moons", "9999999 days", "1,5 days", "5"} {
		if p, err := ParsePeriod(text); err == nil {
			t.Errorf("ParsePeriod(%q) = %v", text, p)
		}
	}
	for text, ok := range map[string]bool{"08:00": true, "23:59": true, "24:00": false, "8:00": false, "08:60": false, "0800": false, "1:30": false} {
		if _, err := ParseClock(text); (err == nil) != ok {
			t.Errorf("ParseClock(%q): %v", text, err)
		}
	}
}

func zone(t testing.TB, name string) Zone {
	z, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// The cases of the package comment, and half an hour in Lord Howe; the transitions are those
// of the IANA database.
func TestClockChanges(t *testing.T) {
	for _, c := range []struct {
		zone, date, clock, want string
		shift                   Shift
	}{
		{"America/New_York", "2026-03-08", "01:59", "2026-03-08T01:59:00-05:00", Unshifted},
		{"America/New_York", "2026-03-08", "02:00", "2026-03-08T03:00:00-04:00", Skipped},
		{"America/New_York", "2026-03-08", "02:30", "2026-03-08T03:00:00-04:00", Skipped},
		{"America/New_York", "2026-03-08", "03:00", "2026-03-08T03:00:00-04:00", Unshifted},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T01:30:00-04:00", Repeated},
		{"America/New_York", "2026-11-01", "02:00", "2026-11-01T02:00:00-05:00", Unshifted},
		{"Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-04T02:30:00+11:00", Skipped},
		{"Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-05T01:45:00+11:00", Repeated},
		{"Pacific/Apia", "2011-12-30", "09:00", "2011-12-31T00:00:00+14:00", Skipped},
		{"Europe/Dublin", "2026-10-25", "01:30", "2026-10-25T01:30:00+01:00", Repeated},
		{"UTC", "2026-03-08", "02:30", "2026-03-08T02:30:00Z", Unshifted},
	} {
		got, shift := zone(t, c.zone).At(MustDate(c.date), MustClock(c.clock))
		if got.Format(time.RFC3339) != c.want || shift != c.shift {
			t.Errorf("%s %s %s is %s (%d), want %s (%d)", c.zone, c.date, c.clock, got.Format(time.RFC3339), shift, c.want, c.shift)
		}
	}
}

// Near every change of every zone, At is compared with a search through every minute: the
// first instant that shows the wanted clock time, or else the first that shows a later one.
func TestAtAgreesWithSearch(t *testing.T) {
	if testing.Short() {
		t.Skip("looks at every zone")
	}
	for _, name := range ZoneNames() {
		z := zone(t, name)
		for _, tr := range z.Transitions(MustDate("2026-01-01"), MustDate("2028-01-01")) {
			date, clock := z.DateClock(tr.At.Unix() - 1)
			cursor := NewCursor(z)
			for m := -70; m <= 70; m += 5 {
				wanted := date.Unix(clock)/60 + int64(m)
				d, c := MustDate("1970-01-01").AddDays(int(wanted/1440)), Clock(wanted%1440)
				got, shift := cursor.At(d, c)
				want, found := search(z, tr.At.Unix()-4*3600, tr.At.Unix()+4*3600, wanted*60)
				if got != want || (shift == Skipped) == found {
					t.Fatalf("%s %v %v is %v (%d), want %v", name, d, c, time.Unix(got, 0).UTC(), shift, time.Unix(want, 0).UTC())
				}
			}
		}
	}
}

func search(z Zone, from, to, wall int64) (int64, bool) {
	shown := func(u int64) int64 { return u + offsetAt(z.Location(), u) }
	for u := from; u < to; u += 60 {
		if shown(u) == wall {
			return u, true
		}
	}
	for u := from; u < to; u += 60 {
		if shown(u) > wall {
			return u, false
		}
	}
	return 0, false
}

// A cursor that has moved about gives the same answers as a new one.
func TestCursorHasNoMemoryOfItsOwn(t *testing.T) {
	z := zone(t, "America/New_York")
	rapid.Check(t, func(t *rapid.T) {
		c := NewCursor(z)
		for range 20 {
			d := MustDate("2025-01-01").AddDays(rapid.IntRange(0, 1000).Draw(t, "day"))
			k := Clock(rapid.IntRange(0, 1439).Draw(t, "clock"))
			got, gs := c.At(d, k)
			want, ws := z.At(d, k)
			if got != want.Unix() || gs != ws {
				t.Fatalf("%v %v: %d and %d", d, k, got, want.Unix())
			}
			if gs == Unshifted {
				if back, clock := z.DateClock(got); back != d || clock != k {
					t.Fatalf("%v %v comes back as %v %v", d, k, back, clock)
				}
			}
		}
	})
}

func TestLoadZone(t *testing.T) {
	for name, ok := range map[string]bool{"America/New_York": true, "america/new_york": true, "UTC": true, "EST": false, "Mars/Phobos": false, "": false, "../etc/passwd": false} {
		if _, err := LoadZone(name); (err == nil) != ok {
			t.Errorf("LoadZone(%q): %v", name, err)
		}
	}
}

func BenchmarkCursorAt(b *testing.B) {
	c := NewCursor(zone(b, "America/New_York"))
	d, k := MustDate("2026-01-01"), MustClock("20:00")
	for i := 0; b.Loop(); i++ {
		c.At(d.AddDays(i%500), k)
	}
}

func TestChangesAreThoseOfTheZoneData(t *testing.T) {
	if got, want := DatedChanges(), DistinctChanges(true); !slices.Equal(got, want) {
		t.Errorf("the table of dates is of %d changes, and the zone data has %d; run go generate", len(got), len(want))
	}
	if got, want := Changes(), DistinctChanges(false); !slices.Equal(got, want) {
		t.Errorf("the table holds\n%v\nand the zone data\n%v: run go generate", got, want)
	}
	if got, want := ChangePairs(), DistinctPairs(); !slices.Equal(got, want) {
		t.Errorf("the table of pairs is of %d, and the zone data has %d: run go generate", len(got), len(want))
	}
}

func FuzzParseCivil(f *testing.F) {
	for _, s := range []string{"2026-03-02", "08:00", "14 days", "2026-02-30", "1 month"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDate(s); err == nil && d.String() != s {
			t.Errorf("%q reads as %v", s, d)
		}
		if c, err := ParseClock(s); err == nil && c.String() != s {
			t.Errorf("%q reads as %v", s, c)
		}
		if p, err := ParsePeriod(s); err == nil {
			if q, err := ParsePeriod(p.String()); err != nil || q != p {
				t.Errorf("%q reads as %v", s, p)
			}
		}
	})
}

func TestYear(t *testing.T) {
	if d := MustPeriod("1 year").From(MustDate("2026-03-02"), 1); d != MustDate("2027-03-02") {
		t.Error(d)
	}
}

func TestMust(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	MustDate("x")
}

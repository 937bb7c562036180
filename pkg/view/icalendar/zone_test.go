package icalendar

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/doseplan/doseplan/pkg/civil"
)

// An onset is one change of the clocks that a VTIMEZONE speaks of.
type onset struct {
	at     int64 // the instant
	offset int
}

// onsets reads a VTIMEZONE, with its rules played out by another program up to a year.
func onsets(t *testing.T, text string, until int) (list []onset) {
	t.Helper()
	var start, from, to, rule string
	seconds := func(text string) int {
		var h, m, s int
		_, _ = fmt.Sscanf(text[1:]+"00", "%2d%2d%2d", &h, &m, &s)
		n := h*3600 + m*60 + s
		if text[0] == '-' {
			n = -n
		}
		return n
	}
	for _, line := range unfold(t, text) {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "BEGIN":
			start, from, to, rule = "", "", "", ""
		case "DTSTART":
			start = value
		case "TZOFFSETFROM":
			from = value
		case "TZOFFSETTO":
			to = value
		case "RRULE":
			rule = value
		case "END":
			if value == "VTIMEZONE" {
				continue
			}
			at, err := time.Parse(localTime, start)
			if err != nil {
				t.Fatal(err)
			}
			times := []time.Time{at}
			if rule != "" {
				o, err := rrule.StrToROption(rule)
				if err != nil {
					t.Fatal(err)
				}
				o.Dtstart, o.Until = at, time.Date(until, 12, 31, 0, 0, 0, 0, time.UTC)
				r, err := rrule.NewRRule(*o)
				if err != nil {
					t.Fatal(err)
				}
				if times = r.All(); len(times) == 0 || !times[0].Equal(at) {
					t.Fatalf("%s does not begin at %s", rule, start)
				}
			}
			for _, at := range times {
				list = append(list, onset{at.Unix() - int64(seconds(from)), seconds(to)})
			}
		}
	}
	slices.SortFunc(list, func(a, b onset) int { return int(a.at - b.at) })
	return list
}

// The VTIMEZONE of every zone tells the offsets that Go's reading of the zone data has: through
// the calendar, and where it has rules for 25 years after it.
func TestZonesAreWhole(t *testing.T) {
	rules := 0
	for k, name := range civil.ZoneNames() {
		zone, err := civil.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		if zone == civil.UTC {
			continue
		}
		from := civil.NewDate(2026, 1, 1).AddDays(k * 17)
		if k%2 == 1 {
			from = civil.NewDate(1990, 1, 1).AddDays(k * 23) // when rules changed more often
		}
		to := from.AddDays(700)
		var b strings.Builder
		l := &lines{w: &b}
		writeZone(l, zone, from, to)
		if err := l.flush(); err != nil {
			t.Fatal(err)
		}
		year, _, _ := to.Parts()
		end := to
		if strings.Contains(b.String(), "RRULE") {
			rules++
			end = civil.NewDate(year+25, 1, 1)
		}
		list := onsets(t, b.String(), year+26)
		// Between changes that either knows of, nothing can differ.
		instants := []int64{from.Unix(0), end.Unix(0)}
		for _, c := range zone.Transitions(from, end) {
			instants = append(instants, c.At.Unix()-1, c.At.Unix())
		}
		for _, o := range list {
			instants = append(instants, o.at-1, o.at)
		}
		for _, unix := range instants {
			if unix < from.Unix(0) || unix > end.Unix(0) {
				continue
			}
			at := len(list) - 1
			for at > 0 && list[at].at > unix {
				at--
			}
			_, want := time.Unix(unix, 0).In(zone.Location()).Zone()
			if list[at].at > unix || list[at].offset != want {
				t.Errorf("%s at %v: %+v, want an offset of %d\n%s", name, time.Unix(unix, 0).UTC(), list[at], want, &b)
				break
			}
		}
	}
	if rules < 120 {
		t.Errorf("only %d zones have rules without an end", rules)
	}
}

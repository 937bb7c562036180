package fhir_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/fhir"
)

// A draw is a repeat that is drawn at random, in plain terms: it is expanded a second time with
// package time alone, a day after the other.
type draw struct {
	zone         *time.Location
	days         []time.Weekday
	clocks       []int // minutes of the day
	every        int   // days between dosing days, 1 or more; or
	minutes      int   // minutes between doses
	count        int
	start, end   time.Time // of the bounds, as clocks show them
	clock1, clk2 bool      // whether they have a clock time
	length       int       // days, 0 for none
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func drawn(rng *rand.Rand) draw {
	zones := []string{"UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"}
	loc, _ := time.LoadLocation(zones[rng.Intn(len(zones))])
	d := draw{zone: loc, every: 1}
	switch rng.Intn(4) {
	case 0:
		d.minutes = []int{60, 90, 240, 360, 480, 600, 720, 1440, 2160}[rng.Intn(9)]
	case 1:
		d.every = 1 + rng.Intn(5)
		d.clocks = []int{rng.Intn(96) * 15}
	default:
		for _, h := range rng.Perm(24)[:1+rng.Intn(3)] {
			d.clocks = append(d.clocks, h*60+rng.Intn(4)*15)
		}
		slices.Sort(d.clocks)
		if rng.Intn(2) == 0 {
			for _, w := range rng.Perm(7)[:1+rng.Intn(4)] {
				d.days = append(d.days, time.Weekday(w))
			}
		}
	}
	months := []time.Month{time.March, time.April, time.October, time.November}
	d.start = time.Date(2026, months[rng.Intn(4)], 1+rng.Intn(28), 0, 0, 0, 0, loc)
	if d.clock1 = rng.Intn(2) == 0; d.clock1 {
		d.start = d.start.Add(time.Duration(4+rng.Intn(19)) * time.Hour) // no clock changes so late
	}
	switch rng.Intn(4) {
	case 0:
		d.count = 1 + rng.Intn(9)
	case 1:
		d.length = 1 + rng.Intn(12)
	default:
		y, m, day := d.start.Date()
		d.end = time.Date(y, m, day+1+rng.Intn(12), 0, 0, 0, 0, loc)
		if d.clk2 = rng.Intn(2) == 0; d.clk2 {
			y, m, day = d.end.Date()
			d.end = time.Date(y, m, day, 4+rng.Intn(19), 0, 0, 0, loc)
		}
	}
	if rng.Intn(3) == 0 && d.count == 0 {
		d.count = 1 + rng.Intn(6)
	}
	return d
}

func bound(t time.Time, clock bool) string {
	if clock {
		return t.Format(time.RFC3339)
	}
	return t.Format(time.DateOnly)
}

func (d *draw) json() string {
	var parts []string
	add := func(form string, args ...any) { parts = append(parts, fmt.Sprintf(form, args...)) }
	switch {
	case d.minutes > 0:
		add(`"frequency": 1, "period": %d, "periodUnit": "min"`, d.minutes)
	case d.every > 1:
		add(`"frequency": 1, "period": %d, "periodUnit": "d"`, d.every)
	}
	var days, clocks []string
	for _, w := range d.days {
		days = append(days, `"`+dayNames[w]+`"`)
	}
	for _, c := range d.clocks {
		clocks = append(clocks, fmt.Sprintf(`"%02d:%02d:00"`, c/60, c%60))
	}
	if len(days) > 0 {
		add(`"dayOfWeek": [%s]`, strings.Join(days, ", "))
	}
	if len(clocks) > 0 {
		add(`"timeOfDay": [%s]`, strings.Join(clocks, ", "))
	}
	if d.count > 0 {
		add(`"count": %d`, d.count)
	}
	period := fmt.Sprintf(`"start": "%s"`, bound(d.start, d.clock1))
	if !d.end.IsZero() {
		period += fmt.Sprintf(`, "end": "%s"`, bound(d.end, d.clk2))
	}
	if d.length > 0 {
		add(`"boundsDuration": {"value": %d, "code": "d"}`, d.length)
	} else {
		add(`"boundsPeriod": {%s}`, period)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// expand is the second reading.
func (d *draw) expand() (list []string) {
	start := d.start
	if d.length > 0 && d.clock1 { // a length of time has its start from elsewhere, a day
		y, m, day := start.Date()
		start = time.Date(y, m, day, 0, 0, 0, 0, d.zone)
	}
	ends := func(wall time.Time) bool { // whether a clock time, told as if in UTC, lies past the bounds
		s := asUTC(start)
		switch {
		case d.length > 0 && d.minutes > 0:
			return !wall.Before(s.Add(8*time.Hour).AddDate(0, 0, d.length))
		case d.length > 0:
			return !wall.Before(s.AddDate(0, 0, d.length))
		case d.clk2:
			return wall.After(asUTC(d.end))
		case !d.end.IsZero():
			return !wall.Before(asUTC(d.end).AddDate(0, 0, 1))
		}
		return false
	}
	add := func(wall time.Time) bool {
		if ends(wall) || d.count > 0 && len(list) == d.count {
			return false
		}
		list = append(list, onClocks(wall, d.zone).Format(time.RFC3339))
		return true
	}
	if d.minutes > 0 {
		first := asUTC(start)
		if !d.clock1 || d.length > 0 {
			first = first.Add(8 * time.Hour)
		}
		elapsed := 1440%d.minutes != 0 && d.minutes%1440 != 0 || d.minutes%60 != 0
		for i := 0; i < 2000; i++ {
			wall := first.Add(time.Duration(i*d.minutes) * time.Minute)
			if elapsed {
				wall = asUTC(onClocks(first, d.zone).Add(time.Duration(i*d.minutes) * time.Minute).In(d.zone))
			}
			if !add(wall) {
				break
			}
		}
		return list
	}
	day := asUTC(start).Truncate(24 * time.Hour)
	if d.every > 1 && day.Add(time.Duration(d.clocks[0])*time.Minute).Before(asUTC(start)) {
		day = day.AddDate(0, 0, 1) // where the time of the first day is over
	}
	for range 400 {
		if len(d.days) == 0 || slices.Contains(d.days, day.Weekday()) {
			for _, c := range d.clocks {
				if wall := day.Add(time.Duration(c) * time.Minute); !wall.Before(asUTC(start)) && !add(wall) {
					return list
				}
			}
		}
		day = day.AddDate(0, 0, d.every)
	}
	return list
}

// asUTC tells a clock time as if in UTC.
func asUTC(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// onClocks returns the first instant at which clocks show a time, or the first after a gap.
func onClocks(wall time.Time, zone *time.Location) time.Time {
	t := wall.Add(-15 * time.Hour).In(zone) // before any offset; each minute after it is looked at
	for !asUTC(t).After(wall) && !asUTC(t).Equal(wall) {
		step := wall.Sub(asUTC(t))
		if step > time.Hour {
			step -= time.Hour
		} else {
			step = time.Minute
		}
		t = t.Add(step)
	}
	return t
}

// Bounds, counts, days and times come out as a second reading has them.
func TestOracle(t *testing.T) {
	rng := rand.New(rand.NewSource(20260302))
	read := 0
	for range 3000 {
		d := drawn(rng)
		zone, err := civil.LoadZone(d.zone.String())
		if err != nil {
			t.Fatal(err)
		}
		want := d.expand()
		c := Case{Timing: []byte(`{"repeat": ` + d.json() + `}`)}
		o, found := fhir.Read("a.json", c.request(t), fhir.Settings{Zone: zone, HasZone: true, Start: civil.DateOf(d.start)})
		if o == nil {
			if len(want) > 0 && !strings.Contains(found.Error(), "FHIR R4 has no") {
				t.Fatalf("%s in %v: refused: %v\nwant %v", d.json(), d.zone, found, want)
			}
			continue
		}
		s, problems := tryRunIn(o)
		if s == nil {
			if !strings.Contains(problems.Error(), "DP517") { // two doses where clocks skip an hour
				t.Fatalf("%s in %v: %v", d.json(), d.zone, problems)
			}
			continue
		}
		read++
		if got, _ := doses(s); !slices.Equal(got, want) {
			t.Fatalf("%s in %v:\n%s\nwant\n%s\n%s", d.json(), d.zone, strings.Join(got, "\n"), strings.Join(want, "\n"), o.Text)
		}
	}
	if read < 2000 {
		t.Errorf("%d were read", read)
	}
}

package icalendar

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// A vevent is a VEVENT by the names of its properties, without their parameters.
type vevent map[string]string

func vevents(t *testing.T, text string) (list []vevent) {
	t.Helper()
	var now vevent
	alarm := false
	for _, line := range unfold(t, text) {
		name, value, _ := strings.Cut(line, ":")
		name, _, _ = strings.Cut(name, ";")
		switch {
		case line == "BEGIN:VEVENT":
			now, alarm = vevent{}, false
		case line == "END:VEVENT":
			list, now = append(list, now), nil
		case name == "BEGIN" || name == "END":
			alarm = name == "BEGIN"
		case alarm && now != nil:
			now["ALARM "+name] += value + ";"
		case now != nil:
			now[name] = value
		}
	}
	return list
}

// instants plays out the rules of events, by another program and on the clocks of a zone.
func instants(t *testing.T, zone civil.Zone, list []vevent) (out []int64) {
	t.Helper()
	for _, e := range list {
		text, utc := strings.CutSuffix(e["DTSTART"], "Z")
		start, err := time.Parse(localTime, text)
		if err != nil {
			t.Fatal(err)
		}
		times := []time.Time{start}
		if rule := e["RRULE"]; rule != "" {
			o, err := rrule.StrToROption(rule)
			if err != nil {
				t.Fatal(err)
			}
			o.Dtstart = start
			r, err := rrule.NewRRule(*o)
			if err != nil {
				t.Fatal(err)
			}
			times = r.All()
		}
		for _, at := range times {
			if utc {
				out = append(out, at.Unix())
				continue
			}
			u, shift := zone.At(civil.DateOf(at), civil.Clock(at.Hour()*60+at.Minute()))
			if shift != civil.Unshifted {
				t.Errorf("%v in %v can be read in two ways", at, zone)
			}
			out = append(out, u.Unix())
		}
	}
	slices.Sort(out)
	return out
}

// Plain and compact, a calendar holds the instants of the schedule: over both changes of the
// clocks, at times that clocks skip or show twice, whatever the frequency.
func TestCompactGivesTheSameInstants(t *testing.T) {
	rows := 0
	for _, frequency := range []string{"daily", "twice daily", "weekly", "mon, thu", "every 2 days", "every 3 weeks", "5 days on, 2 off", "monthly", "every 7 hours", "every 8 hours", "3 a week", "days 1, 4, 8, 11 of 21", "days 1-5 of 28", "day 15 of each month"} {
		for _, zone := range []string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"} {
			for _, clock := range []string{"01:30", "02:00", "02:30", "09:00"} {
				protocol := strings.NewReplacer("frequency: weekly, course: 3 doses, window: +2 days", "frequency: \""+frequency+"\", course: 400 days, window: ±1 day", "on: day 3", "every: 2 weeks").Replace(text)
				at := civil.MustClock(clock)
				o := schedule.Options{DoseTime: civil.SomeClock(at), CheckInTime: civil.SomeClock(at), Closed: calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-06-11"): "closed"}}}
				s := compute(t, protocol, "id: P-1\nstart: 2026-03-02\ntime zone: "+zone+"\n", o)
				var want []int64
				for i := range s.Events {
					if s.Events[i].Kind != schedule.Observation {
						want = append(want, s.Events[i].At)
					}
				}
				slices.Sort(want)
				plain := vevents(t, writeAll(t, view.Of(s, view.Options{})))
				compact := vevents(t, writeAll(t, view.Of(s, view.Options{Compact: true})))
				for name, list := range map[string][]vevent{"plain": plain, "compact": compact} {
					if got := instants(t, s.Zone, list); !slices.Equal(got, want) {
						t.Errorf("%s, %s, %s: %s has %d instants of %d", frequency, zone, clock, name, len(got), len(want))
					}
					seen := map[string]bool{}
					for _, e := range list {
						if seen[e["UID"]] {
							t.Errorf("%s, %s, %s: %s has the UID %s twice", frequency, zone, clock, name, e["UID"])
						}
						seen[e["UID"]] = true
						if e["RRULE"] != "" {
							rows++
						}
					}
				}
				if clock == "09:00" && zone != "UTC" && len(compact) > len(plain)/2 {
					t.Errorf("%s, %s: %d of %d are left", frequency, zone, len(compact), len(plain))
				}
			}
		}
	}
	if rows < 500 {
		t.Errorf("only %d rules were looked at", rows)
	}
}

func writeAll(t *testing.T, d *view.Document) string {
	t.Helper()
	d.Generator = view.Generator{Name: "doseplan", Version: "0"}
	var b strings.Builder
	if err := Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What is compact says how many it stands for, and everything else that the single events say.
func TestCompactSaysHowMany(t *testing.T) {
	s := compute(t, strings.Replace(text, "course: 3 doses", "course: 6 doses", 1), "id: P-1\nstart: 2026-03-02\ntime zone: Europe/Berlin\n", schedule.Options{})
	for _, e := range vevents(t, writeAll(t, view.Of(s, view.Options{Compact: true}))) {
		if e["RRULE"] == "" {
			continue
		}
		if e["RRULE"] != "FREQ=WEEKLY;COUNT=6" || e["SUMMARY"] != "50 mg examplamine intravenous over 40 minutes (x)" {
			t.Errorf("the rule is %s of %s", e["RRULE"], e["SUMMARY"])
		}
		for _, want := range []string{"6 doses, from number 1 to number 6, from 2026-03-02 to 2026-04-06", "09:40 signs", "TEMPLATE", "Patient: P-1", "x: weekly, from 2026-03-02, dose 1\n50 mg"} {
			if !strings.Contains(unescape(e["DESCRIPTION"]), want) {
				t.Errorf("%q is missing: %s", want, unescape(e["DESCRIPTION"]))
			}
		}
		return
	}
	t.Error("there is no rule")
}

func TestLongest(t *testing.T) {
	for _, c := range []struct{ days, want string }{
		{"0", "1×1 "},
		{"0 1 2 3 4", "1×5 FREQ=DAILY"},
		{"0 3 7 10 14", "1×5 FREQ=WEEKLY;BYDAY=MO,TH"},
		{"0 14 28", "1×3 FREQ=WEEKLY;INTERVAL=2"},
		{"0 31 61 92", "1×4 FREQ=MONTHLY"},
		{"0 61 122", "1×3 FREQ=DAILY;INTERVAL=61"},
		{"0 3 7 10 21 24 28 31 42 45 49 52", "4×12 FREQ=WEEKLY;INTERVAL=3"},
	} {
		var days []civil.Date
		for _, f := range strings.Fields(c.days) {
			var n int
			_, _ = fmt.Sscan(f, &n)
			days = append(days, civil.MustDate("2026-03-02").AddDays(n))
		}
		p := longest(days)
		if got := fmt.Sprintf("%d×%d %s", p.rows, p.n, p.rule); got != c.want {
			t.Errorf("%s: %s, want %s", c.days, got, c.want)
		}
	}
}

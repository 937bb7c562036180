package icalendar

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
)

const text = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
routes: { iv: { over: 40 minutes } }
phases: { x: { dose: 50 mg, frequency: weekly, course: 3 doses, window: +2 days } }
check-ins: { signs: { around each dose: [0 min, 40 min], mode: in person }, review: { on: day 3, mode: phone } }
`

// compute returns the schedule of a protocol for a patient.
func compute(t *testing.T, text, params string, o schedule.Options) *schedule.Schedule {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	node, _ := source.Parse("p", []byte(params))
	pat, found := patient.Decode(node)
	if len(found) > 0 {
		t.Fatal(found)
	}
	plan, found := schedule.NewPlan(p, o)
	if found.HasErrors() {
		t.Fatal(found)
	}
	s, found := plan.Run(pat)
	if s == nil {
		t.Fatal(found)
	}
	return s
}

func write(t *testing.T, params string, o schedule.Options) string {
	t.Helper()
	return writeAll(t, view.Of(compute(t, text, params, o), view.Options{}))
}

var reUID = regexp.MustCompile(`UID:\S+`)

// A dose keeps its UID when it is moved, and another patient's dose has another.
func TestUIDsAreStable(t *testing.T) {
	const params = "id: P-1\nstart: 2026-03-02\ntime zone: America/New_York\n"
	plain := write(t, params, schedule.Options{})
	closed := calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-09"): "closed"}}
	moved := write(t, params, schedule.Options{Closed: closed})
	if !strings.Contains(moved, "20260310T090000") {
		t.Fatal("nothing was moved")
	}
	a, b := reUID.FindAllString(plain, -1), reUID.FindAllString(moved, -1)
	if len(a) != 4 || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("before the move: %v\nafter it: %v", a, b)
	}
	other := reUID.FindAllString(write(t, strings.Replace(params, "P-1", "P-2", 1), schedule.Options{}), -1)
	for i := range other {
		if other[i] == a[i] {
			t.Errorf("two patients share %s", a[i])
		}
	}
}

func TestZoneIsInside(t *testing.T) {
	out := write(t, "start: 2026-03-02\ntime zone: America/New_York\n", schedule.Options{})
	for _, want := range []string{"BEGIN:DAYLIGHT\r\nDTSTART:20250309T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n", "DTSTART;TZID=America/New_York:20260316T090000", "DTEND;TZID=America/New_York:20260316T094000"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing:\n%s", want, out)
		}
	}
	utc := write(t, "start: 2026-03-02\n", schedule.Options{})
	if strings.Contains(utc, "VTIMEZONE") || !strings.Contains(utc, "DTSTART:20260302T090000Z") {
		t.Errorf("in UTC:\n%s", utc)
	}
}

// uids returns the UIDs of events by their title.
func uids(t *testing.T, text string) map[string]string {
	t.Helper()
	list := map[string]string{}
	for _, e := range vevents(t, text) {
		list[e["UID"]] = e["SUMMARY"]
	}
	return list
}

// A heavier patient's dose replaces the one before; without an id the date of birth tells patients
// apart, and no other parameter.
func TestUIDsDoNotFollowParameters(t *testing.T) {
	byWeight := strings.NewReplacer("dose: 50 mg", "dose: 0.5 mg/kg", "over: 40 minutes", "over: 40 minutes, round: 1 mg").Replace(text)
	of := func(params string) map[string]string {
		return uids(t, writeAll(t, view.Of(compute(t, byWeight, "start: 2026-03-02\n"+params, schedule.Options{}), view.Options{})))
	}
	same := func(a, b map[string]string) int {
		n := 0
		for uid := range a {
			if _, ok := b[uid]; ok {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"weight: 72 kg", "weight: 75 kg\nsex: male\nheight: 180 cm", 4},
		{"weight: 72 kg", "weight: 72 kg\ntime zone: Europe/Berlin", 4},
		{"id: P-1\nweight: 72 kg", "id: P-1\nweight: 75 kg", 4},
		{"id: P-1\nweight: 72 kg", "id: P-2\nweight: 72 kg", 0},
		{"birth date: 1980-01-01\nweight: 72 kg", "birth date: 1980-01-01\nweight: 75 kg", 4},
		{"birth date: 1980-01-01\nweight: 72 kg", "birth date: 1981-01-01\nweight: 72 kg", 0},
	} {
		a, b := of(c.a), of(c.b)
		if n := same(a, b); len(a) != 4 || n != c.want {
			t.Errorf("%q and %q share %d UIDs, want %d", c.a, c.b, n, c.want)
		}
	}
	if a, b := of("weight: 72 kg"), of("weight: 80 kg"); fmt.Sprint(a) == fmt.Sprint(b) {
		t.Error("the amounts are the same")
	}
	for params, want := range map[string]bool{"weight: 72 kg": true, "id: P-1\nweight: 72 kg": false} {
		s := compute(t, byWeight, "start: 2026-03-02\n"+params, schedule.Options{})
		if got := strings.Contains(writeAll(t, view.Of(s, view.Options{})), "X-WR-CALDESC:No patient id"); got != want {
			t.Errorf("%q: the file warns of a missing id: %v", params, got)
		}
	}
}

// What stood before and stands no more is cancelled under its own UID, and what stands is not.
func TestCancelled(t *testing.T) {
	const params = "id: P-1\nstart: 2026-03-02\ntime zone: Europe/Berlin\n"
	long := strings.Replace(text, "course: 3 doses", "course: 8 doses", 1)
	for _, compact := range []bool{false, true} {
		before := compute(t, long, params, schedule.Options{})
		now := compute(t, long, params, schedule.Options{Timeline: schedule.Timeline{Stop: civil.MustDate("2026-03-20")}})
		d := view.Of(now, view.Options{Compact: compact, Alarms: []time.Duration{30 * time.Minute}})
		was := uids(t, writeAll(t, view.Of(before, d.Options)))
		d.Parts[0].Before, d.Parts[0].Entries, d.Parts[0].Entered = []*schedule.Schedule{before}, 4, civil.MustDate("2026-03-19")
		status, seen := map[string]int{}, map[string]bool{}
		for _, e := range vevents(t, writeAll(t, d)) {
			status[e["STATUS"]]++
			if seen[e["UID"]] {
				t.Errorf("the UID %s is there twice", e["UID"])
			}
			seen[e["UID"]] = true
			if e["SEQUENCE"] != "4" || e["LAST-MODIFIED"] != "20260319T000000Z" || e["DTSTAMP"] != "20260319T000000Z" {
				t.Errorf("the revision is %v", e)
			}
			if cancelled := e["STATUS"] == "CANCELLED"; cancelled == (e["ALARM TRIGGER"] != "") {
				t.Errorf("%s has the reminder %q", e["STATUS"], e["ALARM TRIGGER"])
			}
		}
		for uid := range was {
			if !seen[uid] {
				t.Errorf("%s, %q, is left as it was", uid, was[uid])
			}
		}
		want := map[string]int{"CONFIRMED": 4, "CANCELLED": 5}
		if compact { // the row begins with the same dose, and ends sooner
			want = map[string]int{"CONFIRMED": 2}
		}
		if fmt.Sprint(status) != fmt.Sprint(want) {
			t.Errorf("compact %v: %v, want %v", compact, status, want)
		}
	}
}

func TestPrivateAndAlarms(t *testing.T) {
	s := compute(t, text, "id: P-1\nstart: 2026-03-02\n", schedule.Options{})
	out := writeAll(t, view.Of(s, view.Options{Private: true, Alarms: []time.Duration{30 * time.Minute, 24 * time.Hour}}))
	list := vevents(t, out)
	if len(list) != 4 {
		t.Fatal(out)
	}
	for _, e := range list {
		open := e["SUMMARY"] + e["CATEGORIES"] + e["ALARM DESCRIPTION"]
		if strings.Contains(open, "examplamine") || strings.Contains(open, "dose") || strings.Contains(open, "review") || e["CLASS"] != "CONFIDENTIAL" {
			t.Errorf("others can read “%s”", open)
		}
		if !strings.Contains(e["DESCRIPTION"], "planned") || !strings.Contains(e["DESCRIPTION"], "TEMPLATE") {
			t.Errorf("the description is %s", e["DESCRIPTION"])
		}
		if e["ALARM TRIGGER"] != "-PT30M;-PT1440M;" || e["ALARM ACTION"] != "DISPLAY;DISPLAY;" {
			t.Errorf("the reminders are %v", e)
		}
	}
	if strings.Contains(out, "X-WR-CALNAME:A test") {
		t.Error("the name of the calendar gives the protocol away")
	}
}

// Every step of the working of every event is in its description, and so is every requirement.
func TestWorkingIsWhole(t *testing.T) {
	changed := strings.NewReplacer("course: 3 doses", "course: 30 doses, window: ±2 days", ", window: +2 days", "").Replace(text) +
		"requirements: { first dose: { instructions: [only the first] }, each dose: { instructions: [always] } }\n"
	s := compute(t, changed, "id: P-1\nstart: 2026-03-02\ntime zone: America/New_York\n", schedule.Options{DoseTime: civil.SomeClock(civil.MustClock("02:30")),
		Closed: calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-16"): "closed"}}})
	list := vevents(t, writeAll(t, view.Of(s, view.Options{})))
	k := 0
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind == schedule.Observation {
			continue
		}
		lines := strings.Split(unescape(list[k]["DESCRIPTION"]), "\n")
		k++
		var want []string
		for _, step := range s.Derivation(e) {
			want = append(want, step.String())
		}
		if e.Kind == schedule.Dose {
			want = append(want, s.Requirements(e)...)
		}
		for _, w := range want {
			if !slices.Contains(lines, w) {
				t.Errorf("%v: “%s” is not in %q", e.Date, w, lines)
			}
		}
		if slices.Contains(lines, "only the first") != (e.Kind == schedule.Dose && e.Number == 1) {
			t.Errorf("%v: the first dose's requirement is in the wrong place: %q", e.Date, lines)
		}
	}
}

// A time that clocks show twice is in UTC, both readings of it; a time that they skip is the one
// that the schedule has.
func TestTimesThatCanBeMisread(t *testing.T) {
	nightly := strings.Replace(text, "frequency: weekly, course: 3 doses", "frequency: daily, course: 10 doses", 1)
	at := func(start, clock string) string {
		return writeAll(t, view.Of(compute(t, nightly, "id: P-1\nstart: "+start+"\ntime zone: America/New_York\n", schedule.Options{DoseTime: civil.SomeClock(civil.MustClock(clock))}), view.Options{}))
	}
	autumn := at("2026-10-30", "01:30")
	for _, want := range []string{"DTSTART;TZID=America/New_York:20261031T013000", "DTSTART:20261101T053000Z\r\nDTEND:20261101T061000Z", "DTSTART;TZID=America/New_York:20261102T013000"} {
		if !strings.Contains(autumn, want) {
			t.Errorf("%q is missing", want)
		}
	}
	// The end alone can be misread too.
	if late := at("2026-10-30", "00:45"); !strings.Contains(late, "DTSTART:20261101T044500Z\r\nDTEND:20261101T052500Z") {
		t.Error("an end at 01:25, that comes twice, is not in UTC")
	}
	if spring := at("2026-03-06", "02:30"); !strings.Contains(spring, "DTSTART;TZID=America/New_York:20260308T030000") {
		t.Error("the first time after the gap is not there")
	}
	elapsed := strings.Replace(text, "frequency: weekly, course: 3 doses, window: +2 days", "frequency: every 5 hours, course: 10 doses", 1)
	s := compute(t, elapsed, "id: P-1\nstart: 2026-10-31\ntime zone: America/New_York\n", schedule.Options{DoseTime: civil.SomeClock(civil.MustClock("10:30"))})
	if out := writeAll(t, view.Of(s, view.Options{})); !strings.Contains(out, "DTSTART:20261101T053000Z") { // 10:30 + 15 h is 01:30 EDT
		t.Errorf("01:30 before the change is not in UTC:\n%s", out)
	}
}

// A dose that was missed and is planned again keeps its UID on the new day, and one that is not
// is cancelled under it.
func TestMissed(t *testing.T) {
	const params = "id: P-1\nstart: 2026-03-02\n"
	was := vevents(t, write(t, params, schedule.Options{}))
	of := map[string]string{} // the UID of each dose
	for _, e := range was {
		of[e["SUMMARY"]] = e["UID"]
	}
	second := of["50 mg examplamine intravenous over 40 minutes (x dose 2)"]
	for again, want := range map[bool]string{true: "CONFIRMED", false: "CANCELLED"} {
		missed := schedule.Fact{Phase: "x", Number: 2, Status: schedule.Missed, Date: civil.MustDate("2026-03-09"), Again: again}
		list := vevents(t, write(t, params, schedule.Options{Timeline: schedule.Timeline{Facts: []schedule.Fact{missed}}}))
		status := map[string]string{}
		for _, e := range list {
			if status[e["UID"]] != "" {
				t.Errorf("the UID %s is there twice", e["UID"])
			}
			status[e["UID"]] = e["STATUS"]
		}
		if second == "" || status[second] != want {
			t.Errorf("planned again: %v: the dose is %q, want %q", again, status[second], want)
		}
	}
}

// Two patients without ids in one document share no UID.
func TestPartsShareNoUID(t *testing.T) {
	s := compute(t, text, "start: 2026-03-02\n", schedule.Options{})
	d := view.Of(s, view.Options{})
	d.Parts = append(d.Parts, view.Part{Schedule: s, Heading: "another"})
	if n := len(uids(t, writeAll(t, d))); n != 8 {
		t.Errorf("two parts of 4 events have %d UIDs", n)
	}
}

// Where a calendar is of several patients, a title says whose event it is; not to others, though.
func TestTitlesOfSeveralPatients(t *testing.T) {
	for _, private := range []bool{false, true} {
		d := view.Of(compute(t, text, "id: P-1\nstart: 2026-03-02\n", schedule.Options{}), view.Options{Private: private})
		d.Parts = append(d.Parts, view.Part{Schedule: compute(t, text, "id: P-2\nstart: 2026-03-02\n", schedule.Options{})})
		n := 0
		for _, title := range uids(t, writeAll(t, d)) {
			if strings.HasPrefix(title, "P-2: ") {
				n++
			}
		}
		if want := map[bool]int{false: 4, true: 0}[private]; n != want {
			t.Errorf("private %v: %d titles name the second patient, want %d", private, n, want)
		}
	}
}

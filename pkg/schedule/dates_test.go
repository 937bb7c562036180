package schedule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/proof"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

const travel = head + `routes: { oral: { round: 1 mg } }
dates: { departure: 1..10 days, return: 3..40 days }
phases:
  before: { dose: 20 mg, frequency: daily, course: until 1 day before departure }
  away: { dose: 10 mg, frequency: every 2 days, starts: departure, course: until 1 week after return }
check-ins:
  call: { on: [1 day before departure, 2 weeks after return], mode: phone }
LIMITS`

// What is counted from a date of the patient's file is what the file says with that day of the course in its place:
// day 8, where the date lies seven days after the start.
func TestDatesOfThePatient(t *testing.T) {
	p := decode(t, strings.Replace(travel, "LIMITS", "", 1))
	start := civil.MustDate("2026-03-02")
	list := func(s *schedule.Schedule) string {
		var b strings.Builder
		for i := range s.Events {
			e := &s.Events[i]
			fmt.Fprintln(&b, e.Kind, s.PhaseName(e), e.Number, e.Date, e.Clock)
		}
		return b.String()
	}
	for _, c := range []struct{ departure, back int }{{1, 3}, {7, 14}, {10, 40}, {3, 3}} {
		s, found := compute(p, schedule.Options{}, person(t, fmt.Sprintf("start: %v\ndates: { departure: %v, return: %v }", start, start.AddDays(c.departure), start.AddDays(c.back))))
		if s == nil {
			t.Fatal(c, found)
		}
		same := strings.NewReplacer("dates: { departure: 1..10 days, return: 3..40 days }\n", "", "LIMITS", "",
			"course: until 1 day before departure", fmt.Sprintf("course: %d days", c.departure), "starts: departure", fmt.Sprintf("starts: day %d", c.departure+1),
			"course: until 1 week after return", fmt.Sprintf("course: %d days", c.back-c.departure+8),
			"1 day before departure", fmt.Sprintf("day %d", c.departure), "2 weeks after return", fmt.Sprintf("day %d", c.back+15)).Replace(travel)
		want, found := compute(decode(t, same), schedule.Options{}, person(t, "start: "+start.String()))
		if want == nil {
			t.Fatal(c, found)
		}
		if got, want := list(s), list(want); got != want {
			t.Errorf("%v:\n%s\nwant\n%s", c, got, want)
		}
	}
	for dates, says := range map[string]string{
		"departure: 2026-03-05":                     "“return”, which is not stated",
		"departure: 2026-03-15, return: 2026-03-20": "“departure” lies 13 days after the start",
		"departure: 2026-03-02, return: 2026-03-20": "“departure” lies 0 days",
	} {
		if s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\ndates: { "+dates+" }")); s != nil || !strings.Contains(found.Error(), says) {
			t.Errorf("%s: %v", dates, found)
		}
	}
	// A return before the departure ends a phase before it begins: no calendar, and a reason.
	early := decode(t, head+"routes: { oral: { round: 1 mg } }\ndates: { departure: 5..10 days, return: 1..40 days }\nphases: { away: { dose: 10 mg, frequency: daily, starts: departure, course: until return } }\n")
	if s, found := compute(early, schedule.Options{}, person(t, "start: 2026-03-02\ndates: { departure: 2026-03-08, return: 2026-03-04 }")); s != nil || !strings.Contains(found.Error(), "before it begins") {
		t.Error(found)
	}
	if found := proof.Check(early).Found; found.HasErrors() {
		t.Error(found)
	}
	// The proof looks at every day on which the dates can lie: the doses of both phases stand on one day for none of
	// them, and the total of a course is the most for the longest journey.
	for limits, code := range map[string]diag.Code{
		"each day: 20 mg": "", "in the course: 389 mg": diag.CanBreakLimit, "in the course: 390 mg": "", "interval: 25 h": diag.CanBreakLimit,
	} {
		q := decode(t, strings.Replace(travel, "LIMITS", "limits: { "+limits+" }\n", 1))
		found := proof.Check(q).Found
		if found.HasErrors() != (code != "") || code != "" && (found[0].Code != code || !strings.Contains(found[0].Help, "--date departure=20")) {
			t.Errorf("%s: %v", limits, found)
		}
	}
}

// A file says what it counts from, and within which days.
func TestDatesOfTheFile(t *testing.T) {
	for dates, code := range map[string]diag.Code{
		"{ departure: 0..10 days, return: 3..40 days }":                       "", // refused for those who leave on the first day
		"{ departure: 10..1 days, return: 3..40 days }":                       diag.BadOrder,
		"{ departure: soon, return: 3..40 days }":                             diag.BadTime,
		"{ departure: 1..10 days, return: 3..40 days, operation: 1..2 days }": diag.Unused,
		"{ departure: 1..10 days }":                                           diag.BadTime,
		"{ departure: 1..10 days, return: 3..40 days, before: 1..2 days }":    diag.DuplicateKey,
	} {
		text := strings.NewReplacer("LIMITS", "", "{ departure: 1..10 days, return: 3..40 days }", dates).Replace(travel)
		_, found := protocol.Decode("x.yaml", []byte(text), nil)
		if said := found.HasErrors(); code != "" && (len(found) == 0 || found[0].Code != code) || code == "" && said {
			t.Errorf("%s: %v", dates, found)
		}
	}
}

// Hours from a date are elapsed time from the time of day that it has: the patient's own, or that of the file. Across a
// change of the clocks, Go's own time zones agree.
func TestHoursFromADate(t *testing.T) {
	p := decode(t, head+`routes: { oral: { round: 1 mg } }
dates: { operation: 0..40 days at 09:00 }
phases:
  before: { dose: 20 mg, frequency: once, course: 1 doses, starts: 36 hours before operation }
  after: { dose: 10 mg, frequency: every 8 hours elapsed, course: 2 doses, starts: 90 minutes after operation }
`)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		date, at string
		hour     int
		minute   int
	}{{"2026-03-25", "", 9, 0}, {"2026-03-29", "", 9, 0}, {"2026-03-30", "", 9, 0}, {"2026-03-25", " 13:45", 13, 45}, {"2026-03-29", " 01:15", 1, 15}} {
		s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-10\ntime zone: Europe/Berlin\ndates: { operation: "+c.date+c.at+" }"))
		if s == nil {
			t.Fatal(c, found)
		}
		day, _ := time.Parse(time.DateOnly, c.date)
		operation := time.Date(day.Year(), day.Month(), day.Day(), c.hour, c.minute, 0, 0, berlin)
		want := []int64{operation.Add(-36 * time.Hour).Unix(), operation.Add(90 * time.Minute).Unix(), operation.Add(9*time.Hour + 30*time.Minute).Unix()}
		var got []int64
		for i := range s.Events {
			got = append(got, s.Events[i].At)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", c, got, want)
		}
	}
	// So do a phase that begins on the date or days from it, without times of its own, and one that ends some hours after it.
	whole := decode(t, head+`routes: { oral: { round: 1 mg } }
dates: { operation: 1..40 days at 09:00 }
phases:
  until: { dose: 5 mg, frequency: every 12 hours elapsed, course: until 24 hours after operation, starts: 1 day before operation }
  then: { dose: 10 mg, frequency: daily, course: 2 doses, starts: operation }
  own: { dose: 20 mg, frequency: daily, times: ["12:00"], course: 1 doses, starts: operation }
`)
	for at, want := range map[string]string{
		"":       "until 24 09:00 until 24 21:00 until 25 09:00 then 25 09:00 own 25 12:00 until 25 21:00 then 26 09:00 ",
		" 13:45": "until 24 13:45 until 25 01:45 until 25 13:45 then 25 13:45 until 26 01:45 own 26 12:00 then 26 13:45 ",
	} {
		s, found := compute(whole, schedule.Options{}, person(t, "start: 2026-03-10\ntime zone: Europe/Berlin\ndates: { operation: 2026-03-25"+at+" }"))
		if s == nil {
			t.Fatal(found)
		}
		got := ""
		for i := range s.Events {
			e := &s.Events[i]
			got += fmt.Sprintf("%s %d %v ", s.PhaseName(e), 10+e.Date.Sub(s.Start), e.Clock)
		}
		if got != want {
			t.Errorf("%s: %s\nwant %s", at, got, want)
		}
	}
	// The first of a weekday after a date is that day, whatever the time of the date; and it stays on its side of it.
	monday := decode(t, head+"routes: { oral: { round: 1 mg } }\ndates: { operation: 1..9 days at 07:00 }\nphases: { a: { dose: 20 mg, frequency: weekly, times: [\"08:00\"], course: 2 doses, starts: First monday after operation, window: ±3 days } }\n")
	s, found := compute(monday, schedule.Options{}, person(t, "start: 2026-03-02\ntime zone: Europe/Berlin\ndates: { operation: 2026-03-04 20:00 }"))
	if s == nil || s.Events[0].Date != civil.MustDate("2026-03-09") || s.Events[1].Date != civil.MustDate("2026-03-16") {
		t.Errorf("%v %v", s, found)
	}
	closed := schedule.Options{Policy: calendar.Previous, Closed: calendar.Closed{Weekdays: [7]bool{time.Sunday: true, time.Monday: true}}}
	if s, _ := compute(monday, closed, person(t, "start: 2026-03-02\ntime zone: Europe/Berlin\ndates: { operation: 2026-03-08 20:00 }")); s != nil && !s.Events[0].Date.After(civil.MustDate("2026-03-08")) {
		t.Errorf("it moved to %v", s.Events[0].Date)
	}
	for _, phase := range []string{
		"frequency: daily, course: until first sunday after operation",                                    // looked for from another day
		"frequency: daily, course: until operation",                                                       // that day, or that time
		"frequency: daily, times: [\"06:00\"], course: 1 doses, starts: 60 minutes before operation",      // two times
		"frequency: daily, course: until 24 hours after operation, starts: operation, window: +1 day",     // moved past the time
		"frequency: daily, course: until 2 hours before operation, starts: operation, times: [\"12:00\"]", // over before it begins
	} {
		p, found := protocol.Decode("x.yaml", []byte(head+"routes: { oral: { round: 1 mg } }\ndates: { operation: 1..9 days at 09:00 }\nphases: { a: { dose: 20 mg, "+phase+" } }\n"), nil)
		if !found.HasErrors() {
			_, found = compute(p, schedule.Options{}, person(t, "start: 2026-03-10\ntime zone: Europe/Berlin\ndates: { operation: 2026-03-12 }"))
		}
		if !found.HasErrors() {
			t.Errorf("%s is taken", phase)
		}
	}
	for _, text := range []string{"0..40 days", "0..40 days at 25:00", "0..40 days at 9"} {
		_, found := protocol.Decode("x.yaml", []byte(head+"routes: { oral: { round: 1 mg } }\ndates: { operation: "+text+" }\nphases: { before: { dose: 20 mg, frequency: once, course: 1 doses, starts: 36 hours before operation } }\n"), nil)
		if !found.HasErrors() {
			t.Errorf("%s is taken", text)
		}
	}
	// A start that is too late for the hours before it is refused.
	if s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-10\ntime zone: Europe/Berlin\ndates: { operation: 2026-03-10 }")); s != nil {
		t.Error("a dose before the start", found)
	}
}

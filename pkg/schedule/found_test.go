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
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

func phases(text string) string { return head + "routes: { oral: {} }\nphases: " + text + "\n" }

// listOf returns the doses of a calendar as "a1 02T09:00".
func listOf(s *schedule.Schedule) string {
	var out []string
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			out = append(out, s.PhaseName(e)+e.Time().Format(" 02T15:04"))
		}
	}
	return strings.Join(out, ", ")
}

// Joins that once lost or doubled doses.
func TestJoins(t *testing.T) {
	for _, c := range []struct{ name, phases, want string }{
		{"a first phase that says when it starts", "{ a: { dose: 1 mg, frequency: daily, course: 2 doses, starts: day 3 } }", "a 04T09:00, a 05T09:00"},
		{"each run after a rest at the hour of the first", "{ a: { dose: 1 mg, frequency: every 7 hours, course: 1 day, repeat: 2, rest: 2 days } }", "a 02T09:00, a 02T16:00, a 02T23:00, a 05T09:00, a 05T16:00, a 05T23:00"},
		{"eight hours, then twelve", "{ a: { dose: 1 mg, frequency: every 8 hours, times: ['06:00'], course: 4 doses }, b: { dose: 2 mg, frequency: every 12 hours, times: ['06:00'], course: 3 doses } }",
			"a 02T06:00, a 02T14:00, a 02T22:00, a 03T06:00, b 03T18:00, b 04T06:00, b 04T18:00"},
		{"twelve hours, then eight", "{ a: { dose: 1 mg, frequency: every 12 hours, times: ['08:00'], course: 2 doses }, b: { dose: 2 mg, frequency: every 8 hours, times: ['08:00'], course: 3 doses } }",
			"a 02T08:00, a 02T20:00, b 03T00:00, b 03T08:00, b 03T16:00"},
		{"an evening that was skipped", "{ a: { dose: 1 mg, frequency: twice daily, course: 3 doses }, b: { dose: 2 mg, frequency: twice daily, course: 2 doses } }",
			"a 02T08:00, a 02T20:00, a 03T08:00, b 03T20:00, b 04T08:00"},
		{"an hour, four hours, once", "{ a: { dose: 1 mg, frequency: every 1 hour, times: ['09:00'], course: 1 doses }, b: { dose: 2 mg, frequency: every 4 hours, course: 1 doses }, c: { dose: 3 mg, frequency: once, course: 1 doses } }",
			"a 02T09:00, b 02T10:00, c 02T14:00"},
		{"elapsed time hands on its instant", "{ a: { dose: 1 mg, frequency: every 5 hours, times: ['09:00'], course: 2 doses }, b: { dose: 2 mg, frequency: every 7 hours, course: 2 doses } }",
			"a 02T09:00, a 02T14:00, b 02T19:00, b 03T02:00"},
		{"hours of a course", "{ a: { dose: 1 mg, frequency: every 4 hours, times: ['20:00'], course: 12 hours }, b: { dose: 2 mg, frequency: daily, course: 2 doses } }",
			"a 02T20:00, a 03T00:00, a 03T04:00, b 03T08:00, b 04T08:00"},
		{"a day of the week in the middle of a week", "{ a: { dose: 1 mg, frequency: thu, course: 1 doses }, b: { dose: 2 mg, frequency: daily, course: 1 doses, starts: day 8 } }",
			"a 05T09:00, b 09T09:00"},
		{"a reference to a later phase", "{ a: { dose: 1 mg, frequency: daily, course: 1 doses, starts: 1 day after last dose of b }, b: { dose: 2 mg, frequency: daily, course: 2 doses, starts: start } }",
			"b 02T09:00, b 03T09:00, a 04T09:00"},
	} {
		s := mustCompute(t, decode(t, phases(c.phases)), schedule.Options{}, person(t, "start: 2026-03-02"))
		if got := listOf(s); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if s.Start.String() != "2026-03-02" {
			t.Errorf("%s: the start moved to %v", c.name, s.Start)
		}
	}
}

// Phases that begin with a course whose days count from 0 count so too, whatever words say it.
func TestDaysFromZero(t *testing.T) {
	s := mustCompute(t, decode(t, phases("{ a: { dose: 1 mg, frequency: daily, course: 1 doses }, b: { dose: 1 mg, frequency: 'on days 9', course: open-ended, starts: start }, c: { dose: 1 mg, frequency: 'on days 9', course: open-ended, starts: day 0 }, d: { dose: 1 mg, frequency: 'on days 9', course: open-ended, starts: start of a } }\ncount from: day 0")), schedule.Options{}, person(t, "start: 2026-03-02"))
	if got, want := listOf(s), "a 02T09:00, b 11T09:00, c 11T09:00, d 11T09:00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A dose that was given on a closed day stays, whatever the policy leaves out.
func TestGivenOnAClosedDay(t *testing.T) {
	o := schedule.Options{Policy: calendar.Skip, Closed: calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-03"): "closed", civil.MustDate("2026-03-05"): "closed"}}}
	o.Timeline = schedule.Timeline{Lived: true, Facts: []schedule.Fact{{Phase: "a", Number: 2, Status: schedule.Taken, Date: civil.MustDate("2026-03-03"), Clock: 9 * 60}}}
	s := mustCompute(t, decode(t, phases("{ a: { dose: 1 mg, frequency: daily, course: 4 doses } }")), o, person(t, "start: 2026-03-02"))
	if got, want := listOf(s), "a 02T09:00, a 03T09:00, a 04T09:00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Where clocks bring doses to one instant in a lived course, all but one are held, whatever is shown,
// and a dose that was given is the one.
func TestDoublesOfACourse(t *testing.T) {
	p := decode(t, phases("{ a: { dose: 1 mg, frequency: three times daily, times: ['01:00', '02:30', '20:00'], course: 15 doses } }"))
	change := []schedule.Change{{From: civil.MustDate("2026-03-07"), Times: map[string][]civil.Clock{"a": {2 * 60, 2*60 + 30, 3 * 60}}}}
	held := func(o schedule.Options) string {
		s := mustCompute(t, p, o, person(t, "start: 2026-03-05\ntime zone: America/New_York"))
		var list []string
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind == schedule.Dose && e.Date == civil.MustDate("2026-03-08") {
				list = append(list, fmt.Sprint(e.Number, " ", e.Status))
			}
		}
		return strings.Join(list, ", ")
	}
	o := schedule.Options{Timeline: schedule.Timeline{Lived: true, Changes: change}}
	if got, want := held(o), "10 planned, 11 held, 12 held"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	o.Until = civil.MustDate("2026-03-08")
	if got, want := held(o), "10 planned, 11 held, 12 held"; got != want {
		t.Errorf("shown to that day: %s, want %s", got, want)
	}
	o.Timeline.Facts = []schedule.Fact{{Phase: "a", Number: 12, Status: schedule.Taken, Date: civil.MustDate("2026-03-08"), Clock: 3 * 60}}
	if got, want := held(o), "10 held, 11 held, 12 taken"; got != want {
		t.Errorf("with the last of them given: %s, want %s", got, want)
	}
}

// A limit of the course or of a lifetime is kept by the whole course, however little of it is shown.
func TestLimitsOfWhatIsNotShown(t *testing.T) {
	p := decode(t, phases("{ a: { dose: 10 mg, frequency: weekly, course: 6 doses } }")+"limits: { in a lifetime: 70 mg, doses: 6 }\n")
	for received, refused := range map[string]bool{"10 mg": false, "20 mg": true} {
		s, found := compute(p, schedule.Options{Until: civil.MustDate("2026-03-20")}, person(t, "start: 2026-03-02\nreceived: { examplamine: "+received+" }"))
		if (s == nil) != refused {
			t.Errorf("after %s: %v", received, found)
		}
	}
}

// A limit that clocks alone break is explained as that, and no other.
func TestClocksExplainWhatTheyBreak(t *testing.T) {
	for text, want := range map[string]string{
		"{ interval: 24 h }":     "the clocks go forward by 1 hour between the two; write `interval: 1 day` in the protocol if days of the calendar are meant",
		"{ any 7 days: 26 mg }":  "change the dose, the tier or the times",
		"{ any 24 hours: 4 mg }": "the clocks go forward by 1 hour between the two; give one dose later, or limit `each day` in the protocol if days of the calendar are meant",
	} {
		_, found := compute(decode(t, phases("{ a: { dose: 4 mg, frequency: daily, times: ['09:00'], course: 9 doses } }")+"limits: "+text+"\n"), schedule.Options{}, person(t, "start: 2026-03-05\ntime zone: America/New_York"))
		help := ""
		for _, d := range found {
			if d.Severity == diag.Refusal {
				help += d.Help
			}
		}
		if help != want {
			t.Errorf("%s: %q, want %q", text, help, want)
		}
	}
}

// What is counted from a dose counts from where that dose stands, or is refused.
func TestCountedFromWhereADoseStands(t *testing.T) {
	const medicines = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: %s
medications:
  chemo: { routes: { iv: { strengths: [300 mg] } } }
  premed: { routes: { oral: { strengths: [20 mg] } } }
phases:
  chemo: { medication: chemo, dose: 300 mg, frequency: once, times: ["10:00"], course: 1 doses, starts: day 2, window: ±3 days }
  premed: { medication: premed, dose: 20 mg, frequency: once, course: 1 doses, window: ±3 days, starts: %s }
check-ins: { lab: { on: %s first dose of chemo, mode: telehealth, window: +2 days } }
`
	weekends := calendar.Closed{Weekdays: [7]bool{0: true, 6: true}}
	sunday := calendar.Closed{Weekdays: [7]bool{0: true}}
	for _, c := range []struct {
		setting, starts, lab, start string
		closed                      calendar.Closed
		want, refused, said         string
	}{
		// The infusion of Wednesday stands, and the premedication before it.
		{"clinic", "12 hours before first dose of chemo", "2 days after", "2026-03-10", weekends, "premed 10T22:00, chemo 11T10:00", "", ""},
		// That of Sunday moves to Monday, and what is given after it moves with it.
		{"clinic", "12 hours after first dose of chemo", "2 days after", "2026-03-07", weekends, "chemo 09T10:00, premed 09T22:00", "", ""},
		{"clinic", "2 days after first dose of chemo", "2 days after", "2026-03-07", weekends, "chemo 09T10:00, premed 11T10:00", "", ""},
		// What is given before it on a closed day cannot.
		{"clinic", "12 hours before first dose of chemo", "2 days after", "2026-03-07", weekends, "", "premed dose 1, Mon 2026-03-09 22:00 is to be given 12 hours before first dose of chemo, which is chemo dose 1, Mon 2026-03-09 10:00", ""},
		{"clinic", "1 day before first dose of chemo", "2 days after", "2026-03-08", sunday, "", "premed dose 1, Mon 2026-03-09 10:00 is to be given 1 day before first dose of chemo", ""},
		// A laboratory visit that its window moves onto the dose is said.
		{"clinic", "2 days after first dose of chemo", "1 day before", "2026-03-08", sunday, "chemo 09T10:00, premed 11T10:00", "", "the check-in “lab” is to be held 1 day before first dose of chemo, and stands on Mon 2026-03-09"},
	} {
		p := decode(t, fmt.Sprintf(medicines, c.setting, c.starts, c.lab))
		s, found := compute(p, schedule.Options{Closed: c.closed, CheckInTime: civil.SomeClock(civil.MustClock("16:00"))}, person(t, "start: "+c.start+"\ntime zone: Europe/London"))
		switch {
		case s == nil && (c.refused == "" || !strings.Contains(found.Error(), c.refused)):
			t.Errorf("%s from %s: %v", c.starts, c.start, found)
		case s != nil && listOf(s) != c.want:
			t.Errorf("%s from %s: %s, want %s", c.starts, c.start, listOf(s), c.want)
		case s != nil && !strings.Contains(found.Error(), c.said):
			t.Errorf("%s from %s is said %v, want %s", c.starts, c.start, found, c.said)
		}
	}
}

// What a reader of a correct file could still take otherwise is said with its calendar.
func TestSaidOfJoins(t *testing.T) {
	for _, c := range []struct {
		phases, zone, start string
		options             schedule.Options
		want, dont          string
	}{
		{"{ a: { dose: 1 mg, frequency: once, times: ['10:00'], course: 1 doses }, b: { dose: 2 mg, frequency: '14 days on, 7 off, twice daily', times: ['08:00', '20:00'], course: 56 doses, starts: with a } }", "UTC", "2026-03-02",
			schedule.Options{}, "its first cycle holds 1 dose fewer than the others", ""},
		{"{ a: { dose: 1 mg, frequency: once, times: ['10:00'], course: 1 doses }, b: { dose: 2 mg, frequency: twice daily, times: ['08:00', '20:00'], course: 3 days, repeat: 2, rest: 4 days, starts: with a } }", "UTC", "2026-03-02",
			schedule.Options{}, "its first run holds 1 dose fewer", ""},
		{"{ a: { dose: 1 mg, frequency: weekly, times: ['09:00'], course: 2 doses, starts: day 2 }, b: { dose: 2 mg, frequency: weekly, course: 2 doses, starts: 12 hours before first dose of a } }", "Europe/Berlin", "2026-03-28",
			schedule.Options{}, "across a change of the clocks, at 20:00, and its later doses keep that time", ""},
		{"{ a: { dose: 1 mg, frequency: weekly, times: ['09:00'], course: 2 doses, starts: day 2 }, b: { dose: 2 mg, frequency: weekly, course: 2 doses, starts: 12 hours before first dose of a } }", "Europe/Berlin", "2026-03-20",
			schedule.Options{}, "", "across a change"},
		{"{ a: { dose: 1 mg, frequency: every 12 hours, times: ['20:00'], course: 3 days, repeat: 2, rest: 4 days } }", "UTC", "2026-03-02",
			schedule.Options{}, "each of its runs holds 1 dose fewer", ""},
		{"{ a: { dose: 1 mg, frequency: weekly, course: 2 weeks }, b: { dose: 1 mg, frequency: day 9 of 14, course: 28 days } }", "UTC", "2026-03-02",
			schedule.Options{}, "comes 15 days after the last of “a”, later than any two doses", ""},
		{"{ a: { dose: 1 mg, frequency: weekly, course: 2 weeks }, b: { dose: 1 mg, frequency: day 8 of 14, course: 28 days } }", "UTC", "2026-03-02",
			schedule.Options{}, "", "later than"},
		{"{ a: { dose: 1 mg, frequency: monthly, course: 2 months }, b: { dose: 1 mg, frequency: monthly, course: 2 months } }", "UTC", "2026-02-02",
			schedule.Options{}, "", "later than"},
		{"{ a: { dose: 1 mg, frequency: daily, course: 4 weeks }, b: { dose: 1 mg, frequency: daily, course: open-ended, starts: end of week 4 } }", "UTC", "2026-03-02",
			schedule.Options{}, "“b” gives the same medicine as “a” at the same time, first on Sun 2026-03-29 09:00, 1 time in all", ""},
		{"{ a: { dose: 1 mg, frequency: daily, course: 4 weeks }, b: { dose: 1 mg, frequency: daily, course: open-ended, starts: week 5 } }", "UTC", "2026-03-02",
			schedule.Options{}, "", "at the same time"},
		{"{ a: { dose: 1 mg, frequency: 'on days 1, 15, 43', course: 3 doses }, b: { dose: 1 mg, frequency: every 8 weeks, course: 3 doses, starts: week 14 } }", "UTC", "2026-03-02",
			schedule.Options{}, "the first dose of “b” comes 49 days after the last of “a”, sooner than two doses of “b”", ""},
		{"{ a: { dose: 1 mg, frequency: 'on days 1, 15, 43', course: 3 doses }, b: { dose: 1 mg, frequency: every 8 weeks, course: 3 doses, starts: day 99 } }", "UTC", "2026-03-02",
			schedule.Options{}, "", "sooner than"},
		{"{ a: { dose: 1 mg, frequency: 'on days 1, 15', course: 2 doses }, b: { dose: 1 mg, frequency: every 2 weeks, course: 3 doses, starts: day 28 } }", "UTC", "2026-03-02",
			schedule.Options{}, "the first dose of “b” comes 13 days after the last of “a”, a day from what its own doses are apart", ""},
		{"{ a: { dose: 1 mg, frequency: 'on days 1, 15', course: 2 doses }, b: { dose: 1 mg, frequency: every 2 weeks, course: 3 doses, starts: day 29 } }", "UTC", "2026-03-02",
			schedule.Options{}, "", "a day from"},
		{"{ a: { dose: 1 mg, frequency: 'at weeks 0, 2, 6', course: 3 doses }, b: { dose: 1 mg, frequency: every 8 weeks, course: 3 doses, starts: 8 weeks after first dose of a } }", "UTC", "2026-03-02",
			schedule.Options{}, "it is counted from an earlier dose of that", ""},
		{"{ a: { dose: 1 mg, frequency: 'at weeks 0, 2, 6', course: 3 doses }, b: { dose: 1 mg, frequency: every 8 weeks, course: 3 doses, starts: 8 weeks after last dose of a } }", "UTC", "2026-03-02",
			schedule.Options{}, "", "an earlier dose"},
		{"{ a: { dose: 1 mg, frequency: weekly, times: ['18:00'], course: 2 doses } }", "UTC", "2026-03-20",
			schedule.Options{Times: []civil.Clock{11 * 60}}, "stand at 11:00, as asked for, and not at the times of the protocol", ""},
	} {
		s := mustCompute(t, decode(t, phases(c.phases)), c.options, person(t, "start: "+c.start+"\ntime zone: "+c.zone))
		text := ""
		for _, d := range s.Findings {
			text += d.Message + "\n"
		}
		if !strings.Contains(text, c.want) || c.dont != "" && strings.Contains(text, c.dont) {
			t.Errorf("%s\nis said: %s, want %q and not %q", c.phases, text, c.want, c.dont)
		}
	}
	s := mustCompute(t, decode(t, phases("{ a: { dose: 1 mg, frequency: weekly, course: 1 doses }, b: { dose: 2 mg, frequency: weekly, course: 1 doses, starts: 1 hour before first dose of a } }")),
		schedule.Options{Times: []civil.Clock{11 * 60}}, person(t, "start: 2026-03-02"))
	if got, want := listOf(s), "b 02T10:00, a 02T11:00"; got != want {
		t.Errorf("an hour before a dose at a time that was asked for: %s, want %s", got, want)
	}
}

// Rules that say a time of day have it.
func TestTimesInRules(t *testing.T) {
	for rule, want := range map[string]string{"nightly": "a 02T22:00, a 03T22:00", "every morning": "a 02T08:00, a 03T08:00", "at bedtime": "a 02T22:00, a 03T22:00"} {
		s := mustCompute(t, decode(t, phases("{ a: { dose: 1 mg, frequency: "+rule+", course: 2 doses } }")), schedule.Options{}, person(t, "start: 2026-03-02"))
		if got := listOf(s); got != want {
			t.Errorf("%s: %s, want %s", rule, got, want)
		}
	}
}

// Files that say what cannot be are refused, by their own check or by the calendar.
func TestWhatCannotBe(t *testing.T) {
	for _, c := range []struct {
		phases string
		code   diag.Code
	}{
		{"{ a: { dose: 1 mg, frequency: once, course: 1 doses }, b: { dose: 1 mg, frequency: daily, course: 1 doses } }", diag.NoNextDose},
		{"{ a: { dose: 1 mg, frequency: 'on days 1, 3', course: open-ended }, b: { dose: 1 mg, frequency: daily, course: 1 doses } }", diag.NoNextDose},
		{"{ a: { dose: 1 mg, frequency: once, course: 1 doses, repeat: 3 } }", diag.NeverReached},
		{"{ a: { dose: 1 mg, frequency: 'on days 0, 3', course: open-ended } }", diag.OutsideCourse},
		{"{ a: { dose: 1 mg, frequency: daily, course: 1 doses, starts: with b }, b: { dose: 1 mg, frequency: daily, course: 1 doses, starts: with a } }", diag.NeverReached},
		{"{ a: { dose: 1 mg, frequency: daily, course: 1 doses, starts: last dose } }", diag.NeverReached},
		{"{ a: { dose: 1 mg, frequency: daily, course: 3 doses, starts: start }, b: { dose: 1 mg, frequency: daily, course: 1 doses, starts: 2 days before first dose of a } }", diag.OutsideCourse},
		{"{ a: { dose: 1 mg, frequency: daily, course: 3 doses }, b: { dose: 1 mg, frequency: daily, course: 1 doses, starts: dose 4 of a } }", diag.OutsideCourse},
		{"{ a: { dose: 1 mg, frequency: every 3660 weeks, course: 99999 doses } }", diag.TooLong},
		{"{ a: { dose: 1 mg, frequency: every 1 minute, course: 999999 doses } }", diag.TooLong},
		{"{ a: { dose: { start: 10 mg, increase: 10 mg, every: 1 week, to: 50 mg }, frequency: daily, course: 4 weeks } }", diag.NeverReached},
		{"{ a: { dose: { start: 10 mg, decrease: 5 %, every: 1 day, to: 1 mg, round: 1 mg }, frequency: daily, course: 90 days } }", diag.NeverReached},
		{"{ a: { dose: { by day: { from 1: 1 mg, from 4: { start: 2 mg, increase: 1 mg, every: 2 doses, to: 4 mg } } }, frequency: daily, course: 20 days } }", diag.BadDose},
		{"{ a: { dose: { by weekday: { mon: 4 mg, other: { start: 3 mg, decrease: 1 mg, every: 2 doses, to: 1 mg } } }, frequency: daily, course: 9 days } }", diag.BadDose},
		{"{ a: { dose: { start: 1 mg, increase: 1 mg, every: 4 days, to: 3 mg }, frequency: daily, course: 4 days, repeat: 3, rest: 4 days, each run: goes on } }", diag.BadDose},
		{"{ a: { dose: { by day: { from 2: 1 mg } }, frequency: daily, course: 20 days } }", diag.BadDose},
		{"{ a: { dose: 1 mg, frequency: five times a day, course: 7 days } }", diag.TimesMismatch},
		{"{ a: { dose: 1 mg, frequency: daily, course: 7 days }, b: { dose: 1 mg, frequency: 'on days 10, 11', course: open-ended, starts: with a } }\ncount from: day 0", diag.OutsideCourse},
		{"{ a: { dose: 1 mg, frequency: daily, course: 7 days }, b: { dose: 1 mg, frequency: 'on days 10, 11', course: open-ended, starts: 1 day before day 1 } }\ncount from: day 0", diag.OutsideCourse},
	} {
		p, found := protocol.Decode("x.yaml", []byte(phases(c.phases)), nil)
		if !found.HasErrors() {
			var s *schedule.Schedule
			if s, found = compute(p, schedule.Options{}, person(t, "start: 2026-03-02")); s != nil {
				t.Errorf("%s: %s", c.phases, listOf(s))
				continue
			}
		}
		if len(found) == 0 || found[0].Code != c.code {
			t.Errorf("%s: %v, want %s", c.phases, found, c.code)
		}
	}
}

// What has happened is not moved or judged because some day of the year is closed.
func TestFactsAndClosedDays(t *testing.T) {
	p := decode(t, phases("{ a: { dose: 1 mg, frequency: daily, course: 4 doses, window: ±1 day } }")+"limits: { interval: 20 h }\n")
	o := schedule.Options{Closed: calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-12-25"): "closed"}}}
	o.Timeline.Facts = []schedule.Fact{
		{Phase: "a", Number: 1, Status: schedule.Taken, Date: civil.MustDate("2026-03-02"), Clock: civil.MustClock("09:00"), Amount: quantity.MustParse("1 mg")},
		{Phase: "a", Number: 2, Status: schedule.Taken, Date: civil.MustDate("2026-03-02"), Clock: civil.MustClock("13:00"), Amount: quantity.MustParse("1 mg")},
	}
	s, found := compute(p, o, person(t, "start: 2026-03-02"))
	if s == nil {
		t.Fatalf("what was given too early locks the calendar: %v", found)
	}
	if got, want := listOf(s), "a 02T09:00, a 02T13:00, a 04T09:00, a 05T09:00"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if !strings.Contains(found.Error(), "what was given passes a limit") {
		t.Errorf("nothing says so: %v", found)
	}
}

// Two doses of one instant stand beside each other, whatever is closed.
func TestDosesOfOneInstant(t *testing.T) {
	p := decode(t, phases("{ a: { dose: 1 mg, frequency: daily, course: 2 doses, window: ±1 day }, b: { dose: 2 mg, frequency: daily, course: 2 doses, window: ±1 day, starts: with a } }"))
	for _, day := range []string{"2026-12-25", "2026-03-02"} {
		o := schedule.Options{Closed: calendar.Closed{Dates: map[civil.Date]string{civil.MustDate(day): "closed"}}}
		s, found := compute(p, o, person(t, "start: 2026-03-02"))
		if s == nil {
			t.Errorf("%s closed: %v", day, found)
		}
	}
}

// A dose never stands before the check-in that decides about it: one whose time only settings
// say is held before it, and what cannot be so is refused.
func TestNoDoseBeforeItsGate(t *testing.T) {
	text := phases("{ a: { dose: 1 mg, frequency: daily, course: 3 doses }, b: { dose: 2 mg, frequency: daily, course: 2 doses } }") + "check-ins: { review: { on: %s, mode: phone, gates: b } }\n"
	run := func(on string, o schedule.Options) (*schedule.Schedule, diag.List) {
		return compute(decode(t, strings.Replace(text, "%s", on, 1)), o, person(t, "start: 2026-03-02"))
	}
	s, found := run("day 4", schedule.Options{CheckInTime: civil.SomeClock(civil.MustClock("18:00"))})
	if s == nil {
		t.Fatal(found)
	}
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.CheckIn && (e.Clock.String() != "09:00" || e.Fit != schedule.BeforeDose) {
			t.Errorf("the review is at %v", e.Clock)
		}
	}
	for _, on := range []string{"day 5", "day 4, time: '18:00'"} {
		if s, found := run(on, schedule.Options{}); s != nil || found[0].Code != diag.BeforeGate || found[0].Severity != diag.Refusal {
			t.Errorf("on %s: %v", on, found)
		}
	}
	closed := schedule.Options{Closed: calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-05"): "closed"}}, Policy: calendar.Skip}
	if s, found := run("day 4", closed); s != nil {
		t.Errorf("left out: %v, %v", listOf(s), found)
	}
	if s, _ := run("day 5", schedule.Options{Confirmed: []string{"review"}}); s == nil {
		t.Error("a confirmed check-in still gates")
	}
}

// A calendar without a dose says why.
func TestEmptyCalendars(t *testing.T) {
	p := decode(t, phases("{ a: { dose: 1 mg, frequency: sat, course: 3 doses } }"))
	o := schedule.Options{Closed: calendar.Closed{Weekdays: [7]bool{0: true, 6: true}}, Policy: calendar.Skip}
	s, found := compute(p, o, person(t, "start: 2026-03-02"))
	if s == nil || !strings.Contains(found.Error(), string(diag.NoDoses)) {
		t.Errorf("%v, %v", s, found)
	}
}

// A library's user can make no patient whom the calendar would take for another.
func TestPatientsThatCannotBe(t *testing.T) {
	plan, found := schedule.NewPlan(decode(t, head+"routes: { iv: { round: 1 mg } }\nphases: { a: { dose: 0.5 mg/kg, frequency: daily, course: 3 doses } }\n"), schedule.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	start := civil.MustDate("2026-03-02")
	for name, p := range map[string]patient.Patient{
		"a zone that is not loaded": {Weight: quantity.MustParse("72 kg"), Start: start, TimeZone: "America/New_York"},
		"a weight in centimetres":   {Weight: quantity.MustParse("72 cm"), Start: start},
		"a weight of 72 tonnes":     {Weight: quantity.MustParse("72000 kg"), Start: start},
		"an age of 200":             {Weight: quantity.MustParse("72 kg"), Start: start, StatedAge: civil.Years(200), AgeStated: true},
	} {
		if s, found := plan.Run(&p); s != nil || !found.HasErrors() {
			t.Errorf("%s: %v", name, found)
		}
	}
	p, found := patient.New(patient.Patient{Weight: quantity.MustParse("72 kg"), Start: start, TimeZone: "America/New_York"})
	if found.HasErrors() {
		t.Fatal(found)
	}
	if s, found := plan.Run(p); s == nil || s.Events[0].Offset != -5*3600 {
		t.Errorf("New York: %v", found)
	}
	bad, found := schedule.NewPlan(plan2(t), schedule.Options{Tier: "none"})
	if s, more := bad.Run(p); !found.HasErrors() || s != nil || !more.HasErrors() {
		t.Errorf("a plan with errors runs: %v", more)
	}
}

func plan2(t *testing.T) *protocol.Protocol {
	return decode(t, phases("{ a: { dose: 1 mg, frequency: daily, course: 3 doses } }"))
}

// Midnight is a time like any other.
func TestMidnight(t *testing.T) {
	p := decode(t, phases("{ a: { dose: 1 mg, frequency: daily, course: 2 doses } }"))
	s := mustCompute(t, p, schedule.Options{DoseTime: civil.SomeClock(0)}, person(t, "start: 2026-03-02"))
	if got := listOf(s); got != "a 02T00:00, a 03T00:00" {
		t.Errorf("at midnight: %s", got)
	}
}

// A supply waits for the check-in that decides whether it is needed, and the check-in comes as
// early as the supply takes.
func TestNoSupplyBeforeItsGate(t *testing.T) {
	text := strings.Replace(phases("{ a: { dose: 1 mg, frequency: daily, course: 28 doses } }"), "setting: clinic", "setting: home", 1) +
		"supply: { fill: 4 weeks, lead time: 1 week }\ncheck-ins: { evaluation: { before: first dose, within: %s, mode: telehealth, gates: first dose } }\n"
	for within, want := range map[string]string{"14 days": "02-23 02-23", "3 days": "02-27 02-27"} {
		s := mustCompute(t, decode(t, strings.Replace(text, "%s", within, 1)), schedule.Options{}, person(t, "start: 2026-03-02"))
		var evaluation, fill string
		for i := range s.Events {
			switch e := &s.Events[i]; e.Kind {
			case schedule.CheckIn:
				evaluation = e.Date.String()[5:]
			case schedule.Supply:
				fill = e.Date.String()[5:]
				if i == 0 {
					t.Errorf("within %s: the fill comes first", within)
				}
			}
		}
		if got := evaluation + " " + fill; got != want {
			t.Errorf("within %s: %s, want %s", within, got, want)
		}
	}
}

// What accompanies each dose of another phase keeps its distance from each of them, or the calendar is refused:
// closed days that move one of two, or the first dose alone, do not part them in silence.
func TestCompanionsKeepTheirDistance(t *testing.T) {
	const file = `medications:
  docetaxel: { routes: { iv: { round: 1 mg } } }
  pegfilgrastim: { routes: { subcutaneous: { round: 1 mg } } }
phases:
  chemo: { medication: docetaxel, dose: 120 mg, frequency: every 3 weeks, course: 4 doses, window: ±2 days }
  growth: { medication: pegfilgrastim, dose: 6 mg, frequency: every 3 weeks, course: 4 doses, starts: START, window: ±2 days }
`
	top := strings.NewReplacer("medication: { name: examplamine }\n", "", "routes: { oral: { round: 1 mg } }\n", "").Replace(head)
	for _, c := range []struct{ start, closed, refused string }{
		{"24 hours after first dose of chemo", "2026-12-25", ""},
		{"24 hours after first dose of chemo", "2026-11-02", "growth dose 2"},            // both would stand on the 3rd
		{"24 hours after first dose of chemo", "2026-10-12", "growth dose 2"},            // which would come 48 hours after its own
		{"24 hours after first dose of chemo", "2026-11-03", "growth dose 2"},            // the later one alone moves
		{"1 day after first dose of chemo", "2026-11-03", ""},                            // its window lets it stand later
		{"1 day after first dose of chemo", "2026-11-02", "growth dose 2"},               // both on one day
		{"12 hours before dose 2 of chemo", "2026-11-23", "growth dose 2"},               // 36 hours before
		{"24 hours after last dose of chemo", "2026-12-14", ""},                          // it accompanies none
		{"24 hours after first dose of chemo", "2026-11-02,2026-11-03", "growth dose 2"}, // each on its own way
	} {
		text := top + strings.Replace(file, "START", c.start, 1)
		dates := map[civil.Date]string{}
		for _, d := range strings.Split(c.closed, ",") {
			dates[civil.MustDate(d)] = "closed"
		}
		s, found := compute(decode(t, text), schedule.Options{Closed: calendar.Closed{Dates: dates}}, person(t, "start: 2026-10-12"))
		said := ""
		for _, d := range found {
			if d.Code == diag.Displaced {
				said = d.Message
			}
		}
		if (s == nil) != (c.refused != "") || !strings.HasPrefix(said, c.refused) || (said == "") != (c.refused == "") {
			t.Errorf("%s, %s closed: %v", c.start, c.closed, found)
		}
	}
}

// What accompanies a dose keeps its distance whatever the rule of both is, also where the first dose alone has moved, and
// where months part the two by themselves.
func TestCompanionsOfEveryRule(t *testing.T) {
	const file = `medications:
  main: { routes: { iv: { round: 1 mg } } }
  before: { routes: { oral: { round: 1 mg } } }
phases:
  main: { medication: main, dose: 100 mg, frequency: "RULE", course: 4 doses, window: +3 days }
  before: { medication: before, dose: 10 mg, frequency: "RULE", course: 4 doses, starts: START, window: +3 days }
`
	top := strings.NewReplacer("medication: { name: examplamine }\n", "", "routes: { oral: { round: 1 mg } }\n", "").Replace(head)
	try := func(rule, start, from, closed string) bool {
		o := schedule.Options{}
		if closed != "" {
			o.Closed = calendar.Closed{Dates: map[civil.Date]string{civil.MustDate(closed): "closed"}}
		}
		s, found := compute(decode(t, top+strings.NewReplacer("RULE", rule, "START", start).Replace(file)), o, person(t, "start: "+from))
		refused := slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == diag.Displaced && d.Severity == diag.Refusal })
		if refused != (s == nil) {
			t.Errorf("%s, %s: %v", rule, start, found)
		}
		return refused
	}
	for _, rule := range []string{"every 2 weeks", "weekly", "days 1 and 15 of 168", "days 1, 8 of 21", "on days 1, 15, 29, 43", "monthly", "every 6 months", "mon", "every 2 weeks on mon", "3 a week", "mon and thu", "first monday of each month"} {
		if try(rule, "30 minutes before first dose of main", "2026-03-02", "") {
			t.Errorf("%s: it is refused where nothing is closed", rule)
		}
		if !try(rule, "30 minutes before first dose of main", "2026-03-02", "2026-03-02") {
			t.Errorf("%s: the first dose moves and takes what goes before it to after the next", rule)
		}
	}
	for _, c := range []struct {
		rule, start, from string
		refused           bool
	}{
		{"monthly", "1 day after first dose of main", "2026-01-30", true},             // both on the 28th of February
		{"monthly", "1 day after first dose of main", "2026-03-02", false},            // no month is too short
		{"monthly", "12 hours before dose 2 of main", "2026-01-31", true},             // 27 and 31 March
		{"monthly", "14 days after first dose of main", "2026-01-30", false},          // which accompanies none, and stands on its own day
		{"mon and thu", "12 hours before dose 2 of main", "2026-03-02", true},         // Wednesday is no day of its rule
		{"monthly", "30 minutes before first dose of main", "2026-01-31", false},      // the same day of each month
		{"days 1, 8 of 21", "12 hours after first dose of main", "2026-03-02", false}, // of one day
	} {
		if got := try(c.rule, c.start, c.from, ""); got != c.refused {
			t.Errorf("%s, %s, from %s: refused %v", c.rule, c.start, c.from, got)
		}
	}
}

// What is counted from each dose of another moves with each of them, and is refused where it cannot.
func TestEachDoseTakesWithItWhatGoesWithIt(t *testing.T) {
	const file = `medications:
  main: { routes: { iv: { round: 1 mg } } }
  with: { routes: { oral: { round: 1 mg } } }
phases:
  main: { medication: main, dose: 100 mg, frequency: RULE, course: 3 doses, window: WINDOW }
  with: { medication: with, dose: 10 mg, frequency: once, course: 1 doses, starts: START }
`
	top := strings.NewReplacer("medication: { name: examplamine }\n", "", "routes: { oral: { round: 1 mg } }\n", "").Replace(head)
	for _, c := range []struct{ rule, start, window, closed, want string }{
		{"weekly", "30 minutes before each dose of main", "+3 days", "2026-03-09", "2026-03-02 08:30, 2026-03-10 08:30, 2026-03-16 08:30"},
		{"days 1 and 3 of 21", "30 minutes before each dose of main", "+3 days", "2026-03-02", "2026-03-03 08:30, 2026-03-04 08:30, 2026-03-23 08:30"},
		{"monthly", "1 day after each dose of main", "-2 to +2 days", "2026-04-02", "2026-03-03 09:00, 2026-04-04 09:00, 2026-05-03 09:00"},
		{"weekly", "with each dose of main", "+1 day", "2026-03-16", "2026-03-02 09:00, 2026-03-09 09:00, 2026-03-17 09:00"},
		{"every 3 days", "24 hours after each dose of main", "+1 day", "2026-03-06", "refused"}, // its own day is closed
	} {
		dates := map[civil.Date]string{civil.MustDate(c.closed): "closed"}
		text := top + strings.NewReplacer("RULE", "\""+c.rule+"\"", "START", c.start, "WINDOW", c.window).Replace(file)
		s, found := compute(decode(t, text), schedule.Options{Closed: calendar.Closed{Dates: dates}}, person(t, "start: 2026-03-02"))
		got := "refused"
		if s != nil {
			var days []string
			for i := range s.Events {
				if e := &s.Events[i]; e.Kind == schedule.Dose && s.PhaseName(e) == "with" {
					days = append(days, fmt.Sprint(e.Date, " ", e.Clock))
				}
			}
			got = strings.Join(days, ", ")
		}
		if got != c.want {
			t.Errorf("%s, %s: %s, want %s (%v)", c.rule, c.start, got, c.want, found)
		}
	}
}

// What the policy for closed days leaves out is not on the way to a total: the last dose has what is left of what was
// given.
func TestTotalsOfWhatIsLeftOut(t *testing.T) {
	p := decode(t, head+"routes: { oral: { round: 5 mg } }\nphases: { a: { dose: 50 mg, frequency: daily, course: until 120 mg in all } }\n")
	closed := calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-03"): "closed", civil.MustDate("2026-03-05"): "closed"}}
	s, found := compute(p, schedule.Options{Closed: closed, Policy: calendar.Skip}, person(t, "start: 2026-03-02"))
	if s == nil {
		t.Fatal(found)
	}
	var got []string
	for i := range s.Events {
		got = append(got, fmt.Sprint(s.Events[i].Date, " ", s.Dose(&s.Events[i]).Amount))
	}
	if want := "2026-03-02 50 mg, 2026-03-04 50 mg, 2026-03-06 20 mg"; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
}

// What is counted from a dose stands in nobody's way where it stood before that dose moved.
func TestMovedPhasesLeaveTheirPlace(t *testing.T) {
	for _, limit := range []string{"interval: 120 h", "interval: 5 days", "each 7 days: 50 mg"} {
		p := decode(t, head+`routes: { oral: { round: 5 mg } }
phases:
  a: { dose: 10 mg, frequency: once, course: 1 doses, window: 0 to +10 days }
  b: { starts: 14 days after last dose of a, dose: 50 mg, frequency: once, course: 1 doses }
limits: { single dose: 50 mg, `+limit+` }
`)
		dates := map[civil.Date]string{}
		for d := civil.MustDate("2026-03-02"); d != civil.MustDate("2026-03-12"); d = d.AddDays(1) {
			dates[d] = "closed"
		}
		s, found := compute(p, schedule.Options{Closed: calendar.Closed{Dates: dates}}, person(t, "start: 2026-03-02"))
		if s == nil || s.Events[0].Date != civil.MustDate("2026-03-12") || s.Events[1].Date != civil.MustDate("2026-03-26") {
			t.Errorf("%s: %v", limit, found)
		}
	}
}

// What goes with each dose follows it into a night on which clocks change, is shown as far as that is, and is refused where
// its own times or its length do not let it stand as the file says; a dose that its window moves back into what is shown
// is there.
func TestWhatGoesWithADoseWhereItIsShown(t *testing.T) {
	const pair = `medications:
  first: { routes: { oral: { round: 1 mg } } }
  second: { routes: { oral: { round: 1 mg } } }
phases:
`
	top := strings.NewReplacer("medication: { name: examplamine }\n", "", "routes: { oral: { round: 1 mg } }\n", "").Replace(head)
	for _, c := range []struct {
		phases, who string
		closed      []string
		o           schedule.Options
		phase, want string
	}{
		{"  a: { medication: first, dose: 10 mg, frequency: weekly, times: [\"02:30\"], course: 2 doses, window: +1 days }\n  b: { medication: second, dose: 5 mg, frequency: once, course: 1 doses, starts: 90 minutes after each dose of a }\n",
			"start: 2027-03-13\ntime zone: America/New_York", []string{"2027-03-13"}, schedule.Options{}, "b", "2027-03-14 04:30, 2027-03-20 04:00"},
		{"  a: { medication: first, dose: 10 mg, frequency: weekly, times: [\"07:00\"], course: open-ended, starts: day 15 }\n  b: { medication: second, dose: 5 mg, frequency: once, course: 1 doses, starts: 10 days before each dose of a }\n",
			"start: 2026-03-02", nil, schedule.Options{Horizon: civil.MustPeriod("2 weeks")}, "b", "2026-03-06 07:00, 2026-03-13 07:00, 2026-03-20 07:00"},
		{"  a: { medication: first, dose: 10 mg, frequency: weekly, times: [\"07:00\"], course: open-ended, starts: day 3, window: ±2 days }\n  b: { medication: second, dose: 5 mg, frequency: once, course: 1 doses, starts: start }\n",
			"start: 2026-03-02", []string{"2026-03-18"}, schedule.Options{Until: civil.MustDate("2026-03-17"), Policy: calendar.Previous}, "a", "2026-03-04 07:00, 2026-03-11 07:00, 2026-03-17 07:00"},
		{"  a: { medication: first, dose: 10 mg, frequency: weekly, times: [\"09:00\"], course: 2 doses }\n  b: { medication: second, dose: 5 mg, frequency: once, times: [\"10:00\"], course: 1 doses, starts: 30 minutes before each dose of a }\n",
			"start: 2026-03-02", nil, schedule.Options{}, "b", "refused"},
		{"  a: { medication: first, dose: 10 mg, frequency: weekly, times: [\"09:00\"], course: 2 doses, window: -3 to +0 days }\n  b: { medication: second, dose: 5 mg, frequency: daily, course: 6 doses, starts: 1 day after each dose of a }\n",
			"start: 2026-03-02", []string{"2026-03-08", "2026-03-09"}, schedule.Options{Policy: calendar.Previous}, "b", "refused"},
	} {
		o := c.o
		if c.closed != nil {
			o.Closed.Dates = map[civil.Date]string{}
			for _, d := range c.closed {
				o.Closed.Dates[civil.MustDate(d)] = "closed"
			}
		}
		s, found := compute(decode(t, top+pair+c.phases), o, person(t, c.who))
		got := "refused"
		if s == nil && !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == diag.Displaced && d.Severity == diag.Refusal }) {
			t.Errorf("%s: %v", c.phases, found)
		}
		if s != nil {
			var days []string
			for i := range s.Events {
				if e := &s.Events[i]; e.Kind == schedule.Dose && s.PhaseName(e) == c.phase {
					days = append(days, fmt.Sprint(e.Date, " ", e.Clock))
				}
			}
			got = strings.Join(days, ", ")
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.phases, got, c.want)
		}
	}
}

// A phase that begins again at each dose of another has ended before, and each time ends by itself.
func TestEachDoseWantsAnEnd(t *testing.T) {
	for rest, want := range map[string]string{
		"frequency: every 4 days, course: 3 doses, starts: 1 day after each dose of a":                                                                       "still goes on",
		"frequency: daily, course: open-ended, starts: 1 day after each dose of a":                                                                           "nothing says where it ends",
		"frequency: daily, course: until 30 mg in all, starts: 1 day after each dose of a":                                                                   "ends each time after",
		"frequency: daily, course: 1 doses, repeat: 2, starts: 1 day after each dose of a":                                                                   "ends each time after",
		"frequency: once, course: 1 doses, starts: 2 days before each dose of a":                                                                             "before the start of the course",
		"frequency: once, course: 1 doses, starts: each dose of nothing":                                                                                     "no phase is called",
		"frequency: daily, course: until each dose of a, starts: start":                                                                                      "no last day",
		"frequency: daily, course: 2 doses, starts: 1 day after each dose of a }\n  c: { dose: 1 mg, frequency: daily, course: 1 doses, starts: dose 9 of b": "so no dose 9",
	} {
		text := head + "routes: { oral: { round: 1 mg } }\nphases:\n  a: { dose: 1 mg, frequency: weekly, course: 4 doses }\n  b: { dose: 1 mg, " + rest + " }\n"
		p, found := protocol.Decode("test.yaml", []byte(text), nil)
		if !found.HasErrors() {
			_, found = compute(p, schedule.Options{}, person(t, "start: 2026-03-02"))
		}
		if !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Severity >= diag.Error && strings.Contains(d.Message, want) }) {
			t.Errorf("%s: %v, want %s", rest, found, want)
		}
	}
}

// Of several totals of one stretch all hold: the rate for who is light, the amount for who is heavy.
func TestSeveralTotalsOfOneStretch(t *testing.T) {
	for _, key := range []string{"each day", "any 24 hours", "any 7 days", "each 30 days", "any 36 hours", "each 3 days"} {
		p := decode(t, strings.Replace(head, "medication:", "population: { weight: 40..120 kg }\nmedication:", 1)+"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 500 mg, frequency: once, course: 1 doses } }\nlimits: { "+key+": [10 mg/kg, 480 mg] }\n")
		for weight, refused := range map[string]bool{"40 kg": true, "50 kg": true, "120 kg": true} {
			if s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\nweight: "+weight)); (s == nil) != refused {
				t.Errorf("%s, %s: %v", key, weight, found)
			}
		}
		p = decode(t, strings.Replace(head, "medication:", "population: { weight: 40..120 kg }\nmedication:", 1)+"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 500 mg, frequency: once, course: 1 doses } }\nlimits: { "+key+": [10 mg/kg, 520 mg] }\n")
		for weight, refused := range map[string]bool{"49.9 kg": true, "50 kg": false, "120 kg": false} {
			if s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\nweight: "+weight)); (s == nil) != refused {
				t.Errorf("%s, %s: %v", key, weight, found)
			}
		}
	}
}

// A phase of days that begins in the middle of one is said to hold fewer doses, whatever kind of rule it has.
func TestEveningStartOfEveryRule(t *testing.T) {
	for rule, said := range map[string]bool{
		"dose: 1 mg, frequency: every 1 hour elapsed, course: 1 day, starts: after first":                                                                true,
		"dose: 1 mg, frequency: every 30 minutes, course: 1 day, starts: after first":                                                                    true,
		"dose: 1 mg, frequency: every 1 hour elapsed, course: 24 doses, starts: after first":                                                             false,
		"dose: 1 mg, frequency: every 1 hour elapsed, course: 24 hours, starts: after first":                                                             false,
		"dose: { by day: { from 1: 1 mg, from 2: 2 mg } }, frequency: twice daily, course: 6 doses, times: [\"08:00\", \"20:00\"], starts: after first":  true,
		"dose: { by dose: { from 1: 1 mg, from 2: 2 mg } }, frequency: twice daily, course: 6 doses, times: [\"08:00\", \"20:00\"], starts: after first": false,
	} {
		p := decode(t, head+"routes: { oral: { round: 1 mg } }\nphases:\n  first: { dose: 1 mg, frequency: every 30 minutes, times: [\"09:00\"], course: 6 hours }\n  second: { "+rule+" }\n")
		s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02"))
		got := slices.ContainsFunc(found, func(d diag.Diagnostic) bool {
			return d.Code == diag.EveningStart && strings.Contains(d.Message, "“second”")
		})
		if s == nil || got != said {
			t.Errorf("%s: %v", rule, found)
		}
	}
}

// Clocks that skip the time of one of two phases that go together displace neither: the dose moves to the first time
// that there is, and says so.
func TestCompanionsOverSkippedClocks(t *testing.T) {
	p := decode(t, head+`routes: { oral: { round: 1 mg } }
phases:
  a: { dose: 5 mg, frequency: daily, times: ["01:30"], course: 2 doses }
  b: { dose: 5 mg, frequency: daily, times: ["23:00"], course: 2 doses, starts: with a }
`)
	s, found := compute(p, schedule.Options{}, person(t, "start: 2031-03-29\ntime zone: America/Scoresbysund"))
	if s == nil || len(s.Events) != 4 {
		t.Fatal(found)
	}
}

// What is counted from a dose stands where it would on any day, whether the dose was moved to a day on which clocks skip its time
// or is meant for that: within the day, or over midnight.
func TestCountedFromASkippedHour(t *testing.T) {
	for _, c := range []struct{ clock, zone, skips, want string }{
		{"23:30", "America/Nuuk", "2026-03-28", "2026-03-29 23:30"},     // to midnight
		{"02:30", "America/New_York", "2026-03-08", "2026-03-09 02:30"}, // to 03:00
		{"00:30", "Africa/Cairo", "2026-04-24", "2026-04-25 00:30"},     // to 01:00
	} {
		p := decode(t, head+`routes: { oral: { round: 1 mg } }
phases:
  a: { dose: 5 mg, frequency: once, course: 1 dose, times: ["`+c.clock+`"], window: +1 day }
  b: { dose: 5 mg, frequency: once, course: 1 dose, starts: 1 day after first dose of a }
`)
		day := civil.MustDate(c.skips)
		for start, closed := range map[civil.Date]civil.Date{day: {}, day.AddDays(-1): day.AddDays(-1)} {
			o := schedule.Options{}
			if !closed.IsZero() {
				o.Closed.Dates = map[civil.Date]string{closed: "closed"}
			}
			s, found := compute(p, o, person(t, fmt.Sprintf("start: %v\ntime zone: %s", start, c.zone)))
			if s == nil || len(s.Events) != 2 {
				t.Fatal(found)
			}
			if e := &s.Events[1]; fmt.Sprint(e.Date, " ", e.Clock) != c.want {
				t.Errorf("%s, from %v: %v %v, want %s", c.zone, start, e.Date, e.Clock, c.want)
			}
		}
	}
}

// What elapsed time leads to in the second pass of hours that clocks show twice is followed by what
// lies after it, and by nothing of the first pass.
func TestAfterAnInstantInARepeatedHour(t *testing.T) {
	p := decode(t, phases("{ b: { dose: 10 mg, frequency: every 9 hours, times: ['09:00'], course: 82 hours }, c: { dose: 10 mg, frequency: every 1 hour, course: 3 doses } }"))
	s, found := compute(p, schedule.Options{}, person(t, "start: 2026-10-21\ntime zone: Antarctica/Troll")) // back from 03:00 to 01:00 on October 25
	if s == nil {
		t.Fatal(found)
	}
	got := ""
	for _, e := range s.Events[len(s.Events)-3:] {
		got += time.Unix(e.At, 0).UTC().Format(" 02T15:04Z")
	}
	if want := " 25T01:00Z 25T03:00Z 25T04:00Z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A total of a lifetime counts what was received before, and what the phases before it come to.
func TestLifetimeAfterOtherPhases(t *testing.T) {
	p := decode(t, phases("{ a: { dose: 10 mg, frequency: daily, course: 3 doses }, b: { dose: 10 mg, frequency: daily, course: until 100 mg in a lifetime } }"))
	for received, want := range map[string]int{"": 10, "received: { examplamine: 50 mg }": 5} {
		s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\ntime zone: UTC\n"+received))
		if s == nil {
			t.Fatal(found)
		}
		if got := len(s.Events); got != want {
			t.Errorf("%q: %d doses, want %d", received, got, want)
		}
	}
	_, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\ntime zone: UTC\nreceived: { examplamine: 100 mg }"))
	if !strings.Contains(found.Error(), "with what was received before the course, those before it come to 100 mg or more") {
		t.Errorf("all of it received: %v", found)
	}
}

// A phase that is written to come after another says where its first dose comes far too soon after the last.
func TestAfterIsNoLeaveToComeTooSoon(t *testing.T) {
	for text, said := range map[string]bool{
		"{ a: { dose: 4 mg, frequency: every 8 hours, times: ['23:00'], course: 2 doses }, b: { dose: 4 mg, frequency: twice daily, times: ['08:00', '20:00'], course: 4 doses, starts: after a } }":                true,
		"{ a: { dose: 4 mg, frequency: twice daily, times: ['08:00', '20:00'], course: 3 doses }, b: { dose: 4 mg, frequency: daily, times: ['09:00'], course: open-ended, starts: after a } }":                     true,
		"{ a: { dose: 4 mg, frequency: twice daily, times: ['08:00', '20:00'], course: 3 doses }, b: { dose: 4 mg, frequency: daily, times: ['20:00'], course: open-ended, starts: after a } }":                     false,
		"{ a: { dose: 4 mg, frequency: twice daily, times: ['08:00', '20:00'], course: 3 doses }, b: { dose: 4 mg, frequency: daily, times: ['09:00'], course: open-ended, starts: 1 hour after last dose of a } }": false,
		"{ a: { dose: 4 mg, frequency: weekly, times: ['08:00'], course: 3 doses }, b: { dose: 4 mg, frequency: every 4 weeks, times: ['08:00'], course: 4 doses, starts: after a } }":                              false,
	} {
		s, found := compute(decode(t, phases(text)), schedule.Options{}, person(t, "start: 2026-03-02\ntime zone: UTC"))
		if s == nil {
			t.Fatal(found)
		}
		if got := strings.Contains(found.Error(), "sooner than half"); got != said {
			t.Errorf("%s: said %v: %v", text, got, found)
		}
	}
}

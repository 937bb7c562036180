package page

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	placing "github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// Whoever follows the sentence that tells how often takes the doses of the calendar, all of them and no other:
// the sentence is read here by itself, day by day, from the first to the last. Closed days move doses, some
// are left out, and the page begins on any day.
func TestRhythmGivesTheDays(t *testing.T) {
	read := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		in := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
		rule := rapid.SampledFrom([]string{"daily", "twice daily", "every 2 days", "every 3 days", "weekly", "every 2 weeks", "every 2 weeks on wed", "monthly", "every 2 months", "first monday of each month", "day 31 of each month", "days 5 to 9 of each month", "days 1, 15 of each month",
			"2 a week", "3 a week", "5 a week", "mon and thu", "mon, wed and fri", "sat", "daily except sun", "5 days on, 2 off", "3 days on, 4 off", "21 days on, 7 off", "days 1, 8 of 21", "every 8 hours", "on days 1, 2, 5"}).Draw(t, "rule")
		doses := in("doses", 1, 30)
		if strings.HasPrefix(rule, "on days") {
			doses = 3
		}
		text := fmt.Sprintf("doseplan: 1\nkind: protocol\nid: x\ntitle: X\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: home\nmedication: { name: examplamine }\nroutes: { oral: { round: 5 mg } }\nphases: { course: { dose: 50 mg, frequency: %q, course: %d doses, window: ±%d days } }\n", rule, doses, in("window", 0, 2))
		p, found := protocol.Decode("x.yaml", []byte(text), nil)
		if found.HasErrors() {
			t.Skip(found)
		}
		start := civil.MustDate("2026-01-01").AddDays(in("start", 0, 364))
		o := schedule.Options{Policy: rapid.SampledFrom([]placing.Policy{placing.Next, placing.Nearest, placing.Skip}).Draw(t, "policy")}
		if in("closes", 0, 1) == 1 {
			o.Closed = placing.Closed{Dates: map[civil.Date]string{}}
			for range in("how many", 1, 5) {
				o.Closed.Dates[start.AddDays(in("closed", 0, 60))] = "closed"
			}
		}
		plan, found := schedule.NewPlan(p, o)
		if found.HasErrors() {
			t.Fatal(found)
		}
		s, _ := plan.Run(&patient.Patient{Weight: quantity.New(70, 1, quantity.Kilogram), Start: start, TimeZone: "UTC", Zone: civil.UTC})
		if s == nil || len(s.Events) == 0 {
			t.Skip("no calendar")
		}
		if in("left out", 0, 2) == 0 {
			s.Events[in("which", 0, len(s.Events)-1)].Status = schedule.Held
		}
		if in("seen", 0, 1) == 1 {
			s.Seen = start.AddDays(in("today", -3, 40))
		}
		c := newCourse(&view.Document{Parts: []view.Part{{Schedule: s}}, Options: view.Options{Lang: "en"}})
		for _, k := range c.kinds {
			for _, st := range stretches(c.toTake(k)) {
				var dates []civil.Date
				for i := range st.days {
					dates = append(dates, st.days[i].date)
				}
				if len(dates) == 1 && len(st.days[0].doses) == 1 {
					continue // no rhythm is told
				}
				words := c.often(&st)
				said := words[0].String()
				if kind := st.s.Phases[st.phase].Frequency.Frequency.Kind(); kind == frequency.OnOff && len(words) > 1 {
					said = words[1].String() // after how often on each of them
				}
				gives, kind := reading(t, said, dates[0])
				read[kind]++
				if gives == nil {
					continue // the days are those that are marked
				}
				var got []civil.Date
				for d := dates[0]; !d.After(dates[len(dates)-1]); d = d.AddDays(1) {
					if gives(d) {
						got = append(got, d)
					}
				}
				if fmt.Sprint(got) != fmt.Sprint(dates) {
					t.Fatalf("%s: “%s” from %v to %v gives\n%v\nand the calendar has\n%v", rule, said, dates[0], dates[len(dates)-1], got, dates)
				}
			}
		}
	})
	for _, kind := range []string{"marked", "daily", "days", "weekdays", "weeks", "months", "of each month", "on off", "but"} {
		if read[kind] == 0 && !testing.Short() {
			t.Errorf("no sentence was of the kind %q: %v", kind, read)
		}
	}
}

var (
	reDays   = regexp.MustCompile(`^every (\d+) days$`)
	reWeeks  = regexp.MustCompile(`^every (\d+) weeks, on ([A-Z][a-z]+day)$`)
	reOfEach = regexp.MustCompile(`^from the (\d+) to the (\d+) of each month$`)
	reMonths = regexp.MustCompile(`^every (\d+) months$`)
	reOnOff  = regexp.MustCompile(`^(\d+) days in a row, then (\d+) days? without$`)
	reNamed  = regexp.MustCompile(`^(?:once a week, on|twice a week, on|\d+ times a week, on|every) ((?:[A-Z][a-z]+day)(?:(?:, | and )[A-Z][a-z]+day)*)$`)
	reBut    = regexp.MustCompile(`^every day but ([A-Z][a-z]+day)$`)
)

// reading reads a sentence that begins to hold on a day; nil for one that sends its reader to the calendar.
func reading(t *rapid.T, said string, first civil.Date) (gives func(civil.Date) bool, kind string) {
	number := func(m []string, i int) int { n, _ := strconv.Atoi(m[i]); return n }
	weekday := func(name string) time.Weekday {
		for d := range 7 {
			if time.Weekday(d).String() == name {
				return time.Weekday(d)
			}
		}
		t.Fatalf("no day is called %q", name)
		return 0
	}
	months := func(n int) func(civil.Date) bool {
		y, m, day := first.Parts()
		return func(d civil.Date) bool {
			z, k, e := d.Parts()
			return e == day && (12*(z-y)+int(k)-int(m))%n == 0
		}
	}
	switch m := []string(nil); {
	case said == "on the days that are marked below":
		return nil, "marked"
	case said == "one time only":
		return func(d civil.Date) bool { return d == first }, "once"
	case said == "once a day" || said == "twice a day" || strings.HasSuffix(said, " times a day") || strings.HasSuffix(said, " hours"):
		return func(civil.Date) bool { return true }, "daily"
	case said == "once a month":
		return months(1), "months"
	case match(reMonths, said, &m):
		return months(number(m, 1)), "months"
	case match(reDays, said, &m):
		return func(d civil.Date) bool { return d.Sub(first)%number(m, 1) == 0 }, "days"
	case match(reWeeks, said, &m):
		return func(d civil.Date) bool { return d.Sub(first)%(7*number(m, 1)) == 0 && d.Weekday() == weekday(m[2]) }, "weeks"
	case match(reOfEach, said, &m):
		return func(d civil.Date) bool { return number(m, 1) <= dayOf(d) && dayOf(d) <= number(m, 2) }, "of each month"
	case match(reOnOff, said, &m):
		return func(d civil.Date) bool { return d.Sub(first)%(number(m, 1)+number(m, 2)) < number(m, 1) }, "on off"
	case match(reBut, said, &m):
		not := weekday(m[1])
		return func(d civil.Date) bool { return d.Weekday() != not }, "but"
	case match(reNamed, said, &m):
		var days [7]bool
		for _, name := range strings.Split(strings.ReplaceAll(m[1], " and ", ", "), ", ") {
			days[weekday(name)] = true
		}
		return func(d civil.Date) bool { return days[d.Weekday()] }, "weekdays"
	}
	t.Fatalf("“%s” is no sentence that is known here", said)
	return nil, ""
}

func match(re *regexp.Regexp, text string, m *[]string) bool {
	*m = re.FindStringSubmatch(text)
	return *m != nil
}

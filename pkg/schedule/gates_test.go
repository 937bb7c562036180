package schedule_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A visit is an occurrence of the check-in of TestEachDoseWaitsForItsOwn: when it decides, worked out from the file alone.
type visit struct {
	number int
	from   string // as 2026-03-02 09:00, which compares as it reads
}

// A dose that waits for a check-in waits for the last occurrence planned by its own day, or by a later one to which it was moved, by its own number, or else for the first:
// that stands before it on every calendar that is printed, and its decision alone opens the dose or holds it; of two
// check-ins that decide, both open it, and either holds it.
func TestEachDoseWaitsForItsOwn(t *testing.T) {
	printed, open, held := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		start := civil.MustDate("2026-03-02")
		form := pick(t, "check-in", "days", "before each", "hours before each", "every")
		times := pick(t, "times", `["07:30"]`, `["09:00"]`, `["18:00"]`, "")
		frequency := pick(t, "frequency", "daily", "every 2 days", "weekly", "mon, wed and fri")
		if times == "" {
			frequency = pick(t, "frequency", "daily", "twice daily", "every 12 hours elapsed")
		} else {
			times = ", times: " + times
		}
		var on string
		var days []int
		n := intIn(t, "every", 2, 9)
		switch form {
		case "days":
			days = rapid.SliceOfNDistinct(rapid.IntRange(1, 20), 1, 4, rapid.ID[int]).Draw(t, "days")
			var list []string
			for _, day := range days {
				list = append(list, fmt.Sprintf("day %d", day))
			}
			on = "on: [" + strings.Join(list, ", ") + "]"
		case "every":
			on = fmt.Sprintf("every: %d days", n)
		case "before each":
			on = "on: 1 day before each dose of a"
		default:
			on = "on: 2 hours before each dose of a"
		}
		text := head + "routes: { oral: {} }\nphases: { a: { dose: 10 mg, frequency: '" + frequency + "'" + times +
			fmt.Sprintf(", course: %d doses, starts: day %d, window: ±%d days } }\n", intIn(t, "doses", 1, 14), intIn(t, "starts", 3, 6), intIn(t, "window", 0, 1)) +
			fmt.Sprintf("check-ins: { review: { %s, window: ±%d days, mode: phone%s, gates: a } }\n", on, intIn(t, "review window", 0, 3), pick(t, "time", "", "", ", time: 09:00", ", time: 12:00"))
		second := intIn(t, "second", 0, 2) == 0
		if second {
			text = strings.TrimSuffix(text, " }\n") + fmt.Sprintf(", labs: { on: day %d, mode: lab, gates: a } }\n", intIn(t, "labs", 1, 4))
		}
		p, wrong := protocol.Decode("test.yaml", []byte(text), nil)
		if wrong.HasErrors() {
			t.Fatalf("%v\n%s", wrong, text)
		}
		o := schedule.Options{Policy: rapid.SampledFrom([]calendar.Policy{calendar.Next, calendar.Previous, calendar.Nearest, calendar.Skip}).Draw(t, "policy")}
		if intIn(t, "closed", 0, 1) == 1 {
			o.Closed.Dates = map[civil.Date]string{}
			for range intIn(t, "closed days", 1, 4) {
				o.Closed.Dates[start.AddDays(intIn(t, "closed day", 0, 20))] = "closed"
			}
		}
		pat := personOf(t, "start: 2026-03-02\ntime zone: UTC\n")
		s, found := compute(p, o, pat)
		if s == nil || found.HasErrors() {
			t.Skip(found)
		}
		printed++
		visits := func(s *schedule.Schedule) (list []visit) {
			add := func(number int, day civil.Date, clock string) {
				list = append(list, visit{number, day.String() + " " + clock})
			}
			for k, day := range days {
				add(k+1, start.AddDays(day-1), "00:00")
			}
			for k := 1; form == "every" && n*k < 200; k++ {
				add(k, start.AddDays(n*k), "00:00")
			}
			for i := range s.Events {
				e := &s.Events[i]
				switch {
				case e.Kind != schedule.Dose:
				case form == "before each":
					add(int(e.Number), e.Date.AddDays(-1), "00:00")
				case form == "hours before each" && e.Clock < 120:
					add(int(e.Number), e.Date.AddDays(-1), (e.Clock + 24*60 - 120).String())
				case form == "hours before each":
					add(int(e.Number), e.Date, (e.Clock - 120).String())
				}
			}
			slices.SortStableFunc(list, func(a, b visit) int { return cmp.Compare(a.from, b.from) })
			return list
		}
		decides := func(list []visit, e *schedule.Event) int {
			if strings.Contains(form, "each") {
				return int(e.Number) // its own, whatever else stands on that day
			}
			number := list[0].number
			due := max(e.Date.String()+" "+e.Clock.String(), e.Target.String()+" "+e.Wanted.String())
			for _, v := range list {
				if v.from <= due {
					number = v.number
				}
			}
			return number
		}
		list := visits(s)
		for i := range s.Events {
			e := &s.Events[i]
			if e.Kind != schedule.Dose {
				continue
			}
			number := decides(list, e)
			at := slices.IndexFunc(s.Events, func(c schedule.Event) bool {
				return c.Kind == schedule.CheckIn && int(c.Number) == number && s.CheckIn(&c).Name == "review"
			})
			if at < 0 || s.Events[at].At > e.At {
				t.Fatalf("dose %d, %v %v, does not come after review %d\n%s%s", e.Number, e.Date, e.Clock, number, text, listing(s))
			}
			if !slices.ContainsFunc(e.Waits.List(), func(w schedule.Wait) bool { return s.CheckIns[w.CheckIn()].Name == "review" && int(w.Number) == number }) {
				t.Fatalf("dose %d, %v %v, does not say that it waits for review %d, but for %q\n%s%s", e.Number, e.Date, e.Clock, number, s.GateName(e), text, listing(s))
			}
			labs := slices.IndexFunc(s.Events, func(c schedule.Event) bool { return c.Kind == schedule.CheckIn && s.CheckIn(&c).Name == "labs" })
			if second && (labs < 0 || s.Events[labs].At > e.At || strings.Join(s.Gates(e), " and ") != "review and labs") {
				t.Fatalf("dose %d, %v %v, does not wait for labs before it, but for %q\n%s%s", e.Number, e.Date, e.Clock, s.GateName(e), text, listing(s))
			}
		}

		o.Timeline.Lived, o.Timeline.Now = true, start
		said := map[int]bool{} // declined
		by := map[int]string{} // the day on which it was decided
		for _, v := range list {
			if _, twice := said[v.number]; !twice && intIn(t, "decided", 0, 1) == 1 {
				said[v.number], by[v.number] = intIn(t, "declined", 0, 2) == 0, v.from[:10]
				o.Timeline.Decided = append(o.Timeline.Decided, schedule.Decision{Name: "review", Number: v.number, Declined: said[v.number], Date: civil.MustDate(v.from[:10])})
			}
		}
		labs := schedule.Planned // what the second says of all doses: nothing stands in their way
		if second {
			switch labs = rapid.SampledFrom([]schedule.Status{schedule.Planned, schedule.Provisional, schedule.Held}).Draw(t, "labs decided"); labs {
			case schedule.Planned, schedule.Held:
				o.Timeline.Decided = append(o.Timeline.Decided, schedule.Decision{Name: "labs", Number: 1, Declined: labs == schedule.Held, Date: start})
			}
		}
		lived, found := compute(p, o, pat)
		if lived == nil || found.HasErrors() {
			t.Fatalf("the course cannot be made: %v\n%s", found, text)
		}
		list = visits(lived)
		for i := range lived.Events {
			e := &lived.Events[i]
			if e.Kind != schedule.Dose {
				continue
			}
			want := schedule.Provisional
			number := decides(list, e)
			if declined, decided := said[number]; decided && (declined || e.Date.String() < by[number]) { // or too late for its day
				want, held = schedule.Held, held+1
			} else if decided {
				want, open = schedule.Planned, open+1
			}
			if want != schedule.Held && labs != schedule.Planned { // neither lets through what the other does not
				want = labs
			}
			if e.Status != want {
				t.Fatalf("dose %d, %v %v, is %v and not %v: %v\n%s%s", e.Number, e.Date, e.Clock, e.Status, want, o.Timeline.Decided, text, listing(lived))
			}
		}
	})
	if printed >= 50 && (open < 20 || held < 20) {
		t.Errorf("%d calendars were printed, %d doses open and %d held: too few to tell anything", printed, open, held)
	}
}

// All that decides about a dose must let it through, and each is named with the dose: what decides about the first dose
// beside what decides about its phase, a reassessment beside a gate. What goes with each dose of another phase waits for
// what decides about that dose. A reassessment is of the medicine whose limit asks for it.
func TestAllThatDecide(t *testing.T) {
	medicines := strings.Replace(head, "medication: { name: examplamine }\n", "medications:\n  x: { routes: { oral: {} }, limits: { single dose: 20 mg, reassess: every 1 week } }\n  y: { routes: { oral: {} }, limits: { single dose: 20 mg } }\n", 1)
	two := strings.Replace(medicines, ", reassess: every 1 week", "", 1)
	for name, c := range map[string]struct {
		text string
		want map[string]string // by dose: what it waits for, by name and number
	}{
		"the first dose, and a phase": {head + "routes: { oral: {} }\nphases: { a: { dose: 10 mg, frequency: daily, course: 3 doses } }\ncheck-ins:\n  e: { before: first dose, within: 7 days, mode: phone, gates: first dose }\n  r: { on: 1 day before dose 1 of a, mode: phone, gates: a }\n",
			map[string]string{"a 1": "e and r", "a 3": "e and r"}},
		"a phase that follows": {head + "routes: { oral: {} }\nphases: { a: { dose: 10 mg, frequency: daily, course: 3 doses }, b: { dose: 10 mg, frequency: daily, course: 3 doses } }\ncheck-ins:\n  e: { before: first dose, within: 7 days, mode: phone, gates: first dose }\n  r: { on: last dose of a, mode: phone, gates: b }\n",
			map[string]string{"a 1": "e", "b 1": "r"}},
		"a phase, and a reassessment": {head + "routes: { oral: {} }\nphases: { a: { dose: 10 mg, frequency: weekly, course: 4 doses } }\nlimits: { reassess: every 2 weeks }\ncheck-ins:\n  r: { on: 1 day before dose 1 of a, mode: phone, gates: a }\n",
			map[string]string{"a 1": "r", "a 2": "r", "a 3": "r and reassessment 1"}},
		"what goes with each dose": {two + "phases:\n  a: { medication: x, dose: 10 mg, frequency: daily, course: 4 doses, starts: day 3 }\n  b: { medication: y, dose: 5 mg, frequency: once, course: 1 doses, starts: 1 hour before each dose of a }\ncheck-ins: { r: { on: 2 days before each dose of a, mode: phone, gates: a } }\n",
			map[string]string{"a 1": "r 1", "b 1": "r 1", "a 3": "r 3", "b 3": "r 3"}},
		"another medicine": {medicines + "phases:\n  a: { medication: x, dose: 10 mg, frequency: daily, course: 14 days }\n  b: { medication: y, dose: 5 mg, frequency: daily, course: 14 days, starts: start }\n",
			map[string]string{"a 7": "", "a 8": "reassessment 1", "b 8": "", "b 14": ""}},
	} {
		p, wrong := protocol.Decode("test.yaml", []byte(c.text), nil)
		if wrong.HasErrors() {
			t.Errorf("%s: %v", name, wrong)
			continue
		}
		s, found := compute(p, schedule.Options{}, personOf(t, "start: 2026-03-02\ntime zone: UTC\n"))
		if s == nil || found.HasErrors() {
			t.Errorf("%s: %v", name, found)
			continue
		}
		for i := range s.Events {
			e := &s.Events[i]
			if want, ok := c.want[s.DoseName(e).String()]; e.Kind == schedule.Dose && ok && s.GateName(e) != want {
				t.Errorf("%s: %v waits for %q, want %q", name, s.DoseName(e), s.GateName(e), want)
			}
		}
	}
	late := head + "routes: { oral: {} }\nphases: { a: { dose: 10 mg, frequency: daily, course: 5 doses } }\ncheck-ins:\n  r: { on: 1 day before dose 1 of a, mode: phone, gates: a }\n  e: { on: day 3, mode: phone, gates: first dose }\n"
	p, _ := protocol.Decode("test.yaml", []byte(late), nil)
	if _, found := compute(p, schedule.Options{}, personOf(t, "start: 2026-03-02\ntime zone: UTC\n")); !strings.Contains(found.Error(), "comes before the check-in that decides about it, “e”") {
		t.Errorf("what comes too late for the first dose is hidden behind another check-in: %v", found)
	}
}

package schedule_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
)

func intIn(t *rapid.T, name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }

func pick(t *rapid.T, name string, list ...string) string {
	return rapid.SampledFrom(list).Draw(t, name)
}

// drawProtocol writes a protocol of one to three phases.
func drawProtocol(t *rapid.T) string {
	var b strings.Builder
	b.WriteString(head)
	fmt.Fprintf(&b, "routes: { oral: { round: %d mg } }\nphases:\n", intIn(t, "step", 1, 10))
	for i := range intIn(t, "phases", 1, 3) {
		rule := pick(t, "rule", "daily", "twice daily", "every 2 days", "every 3 days", "weekly", "every 2 weeks", "monthly", "2 a week", "3 a week",
			"5 a week", "mon, wed and fri", "5 days on, 2 off", "days 1, 4, 8, 11 of 21", "every 8 hours", "every 36 hours", "every 5 hours", "daily except sun")
		course := fmt.Sprintf("%d doses", intIn(t, "doses", 1, 20))
		switch intIn(t, "bound", 0, 3) {
		case 0:
			course = fmt.Sprintf("%d days", intIn(t, "days", 11, 90))
		case 1:
			course += fmt.Sprintf(" or %d weeks", intIn(t, "weeks", 2, 12))
		}
		dose := fmt.Sprintf("{ amount: %d.%d mg/kg, min: 10 mg, max: %d mg }", intIn(t, "mg", 0, 2), intIn(t, "tenths", 1, 9), intIn(t, "max", 20, 200))
		if intIn(t, "stepped", 0, 3) == 0 {
			dose = fmt.Sprintf("{ start: 20 mg, increase: %d %%, every: %d days, to: 150 mg }", intIn(t, "percent", 5, 80), intIn(t, "every", 1, 9))
		}
		starts := ""
		if i > 0 && intIn(t, "beside", 0, 3) == 0 {
			starts = ", starts: with p0"
		}
		fmt.Fprintf(&b, "  p%d: { dose: %s, frequency: '%s', course: %s%s }\n", i, dose, rule, course, starts)
	}
	b.WriteString("check-ins:\n  review: { every: 2 weeks, window: ±3 days, mode: phone }\n")
	fmt.Fprintf(&b, "limits: { single dose: %d mg, any 24 hours: %d mg, interval: %d h, any 7 days: %d mg, any %d hours: %d mg }\n",
		intIn(t, "single", 50, 400), intIn(t, "day", 100, 900), intIn(t, "interval", 1, 13), intIn(t, "week", 500, 4000), intIn(t, "hours", 25, 100), intIn(t, "within", 200, 2000))
	return b.String()
}

var zones = []string{"America/New_York", "Australia/Lord_Howe", "Europe/Berlin", "America/Santiago", "UTC", "Asia/Kolkata"}

func drawPatient(t *rapid.T) string {
	start := civil.MustDate("2026-01-01").AddDays(intIn(t, "start", 0, 1200))
	return fmt.Sprintf("start: %v\nweight: %d.%d kg\ntime zone: %s\n", start, intIn(t, "kg", 40, 150), intIn(t, "g", 0, 9), rapid.SampledFrom(zones).Draw(t, "zone"))
}

// check recounts a schedule from its events alone, in the slowest and plainest way, against
// the protocol's own words.
func check(t *rapid.T, p *protocol.Protocol, s *schedule.Schedule) {
	type given struct {
		at     time.Time
		date   civil.Date
		amount quantity.Amount
	}
	var doses []given
	perPhase := map[int]int{}
	for i := range s.Events {
		e := &s.Events[i]
		if i > 0 && e.At < s.Events[i-1].At {
			t.Fatalf("event %d is before the one before it", i)
		}
		if e.Kind != schedule.Dose {
			continue
		}
		perPhase[int(e.Phase)]++
		if int(e.Number) != perPhase[int(e.Phase)] {
			t.Fatalf("dose %d of phase %d comes as the %d-th", e.Number, e.Phase, perPhase[int(e.Phase)])
		}
		ph := &s.Phases[e.Phase]
		if e.Date.Before(ph.First) || e.Date.After(ph.End) {
			t.Fatalf("%v lies outside its phase, %v to %v", e.Date, ph.First, ph.End)
		}
		d := s.Dose(e)
		doses = append(doses, given{e.Time(), e.Date, d.Amount})
		if round := d.Route.Round; !round.IsMultiple(d.Amount) {
			t.Fatalf("%v cannot be dispensed in steps of %v", d.Amount, round)
		}
		if a, ok := ph.Phase.Dose.(*protocol.Amount); ok && (d.Amount.Cmp(a.Max) > 0) {
			t.Fatalf("%v passes the maximum %v", d.Amount, a.Max)
		}
	}
	limits := &p.Medications[0].Limits
	for i := range doses {
		if doses[i].amount.Cmp(limits.SingleDose[0]) > 0 {
			t.Fatalf("%v passes the largest single dose %v", doses[i].amount, limits.SingleDose[0])
		}
		if i > 0 && doses[i].at.Sub(doses[i-1].at) < limits.Interval {
			t.Fatalf("%v and %v are closer than %v", doses[i-1].at, doses[i].at, limits.Interval)
		}
		for _, r := range limits.Rolling {
			within, ok := r.Within.Elapsed()
			if !ok {
				_, days, _ := r.Within.Calendar()
				within = time.Duration(days) * 24 * time.Hour
			}
			total := quantity.Zero(quantity.Milligram)
			for k := range doses[:i+1] {
				if doses[i].at.Sub(doses[k].at) < within {
					total = total.Add(doses[k].amount)
				}
			}
			if total.Cmp(r.Total) > 0 {
				t.Fatalf("%v within %v before %v", total, within, doses[i].at)
			}
		}
	}
	for i := range s.Phases {
		ph := &s.Phases[i]
		course := ph.Phase.Course
		if course.Doses > 0 && perPhase[i] > course.Doses {
			t.Fatalf("%d doses, and the course has %d", perPhase[i], course.Doses)
		}
		if course.Doses > 0 && !course.Duration.IsSet() && perPhase[i] != course.Doses {
			t.Fatalf("%d doses of %d", perPhase[i], course.Doses)
		}
	}
}

// Whatever a protocol and a patient are, the calendar keeps the protocol's word or is refused
// with a breach of a limit.
func TestCalendarsKeepTheirProtocol(t *testing.T) {
	kept, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		text := drawProtocol(t)
		p, found := protocol.Decode("test.yaml", []byte(text), nil)
		if found.HasErrors() && found[0].Code == diag.OutsideCourse {
			t.Skip("a listed day lies past the course")
		}
		if found.HasErrors() {
			t.Fatalf("%v\n%s", found, text)
		}
		for range 10 {
			pat := drawPatient(t)
			s, found := compute(p, schedule.Options{}, personOf(t, pat))
			if s == nil {
				refused++
				for _, d := range found {
					if d.Code != diag.SingleDoseLimit && d.Code != diag.RollingLimit && d.Code != diag.IntervalLimit && d.Code != diag.NeverReached && !(d.Severity < diag.Error) {
						t.Fatalf("%v\n%s%s", found, text, pat)
					}
				}
				continue
			}
			kept++
			check(t, p, s)
		}
	})
	if kept < 20 || refused < 10 {
		t.Errorf("%d calendars kept and %d refused: the generator is lopsided", kept, refused)
	}
}

// The same input gives the same bytes, and what is written as JSON reads back the same.
func TestSameInputSameBytes(t *testing.T) {
	g := view.Generator{Name: "doseplan", Version: "0.0.0"}
	rapid.Check(t, func(t *rapid.T) {
		text, pat := drawProtocol(t), drawPatient(t)
		write := func() []byte {
			p, _ := protocol.Decode("test.yaml", []byte(text), nil)
			s, _ := compute(p, schedule.Options{}, personOf(t, pat))
			if s == nil {
				return nil
			}
			var b bytes.Buffer
			if err := jsondoc.Write(&b, view.Of(s, view.Options{Generator: g})); err != nil {
				t.Fatal(err)
			}
			doc, err := jsondoc.Read(bytes.NewReader(b.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if want := jsondoc.New(s, g); !reflect.DeepEqual(doc, want) {
				t.Fatalf("read back: %+v, want %+v", doc, want)
			}
			var plain bytes.Buffer
			enc := json.NewEncoder(&plain)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(doc); err != nil || !bytes.Equal(plain.Bytes(), b.Bytes()) {
				t.Fatalf("not the bytes of encoding/json: %v", err)
			}
			return b.Bytes()
		}
		if !bytes.Equal(write(), write()) {
			t.Fatal("two runs differ")
		}
	})
}

// A patient stated in pounds gets the calendar of the same patient in kilograms.
func TestUnitsOfWeightAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, _ := protocol.Decode("test.yaml", []byte(drawProtocol(t)), nil)
		pounds := fmt.Sprintf("%d lb", intIn(t, "lb", 90, 330))
		kg := quantity.MustParse(pounds).In(quantity.Kilogram)
		a := personOf(t, "start: 2026-03-02\nweight: "+pounds+"\n")
		b := personOf(t, "start: 2026-03-02\n")
		b.Weight = kg
		x, _ := compute(p, schedule.Options{}, a)
		y, _ := compute(p, schedule.Options{}, b)
		if (x == nil) != (y == nil) || x != nil && listing(x) != listing(y) {
			t.Fatalf("%s and %v differ", pounds, kg)
		}
	})
}

// The order of keys in a file changes nothing but the derivations' line numbers.
func TestOrderOfKeysDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawProtocol(t)
		// Move the block of limits, which is the last line, to the top.
		lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
		last := len(lines) - 1
		moved := lines[last] + "\n" + strings.Join(lines[:last], "")
		p, _ := protocol.Decode("a.yaml", []byte(text), nil)
		q, found := protocol.Decode("b.yaml", []byte(moved), nil)
		if found.HasErrors() {
			t.Fatal(found)
		}
		pat := drawPatient(t)
		x, _ := compute(p, schedule.Options{}, personOf(t, pat))
		y, _ := compute(q, schedule.Options{}, personOf(t, pat))
		if (x == nil) != (y == nil) || x != nil && listing(x) != listing(y) {
			t.Fatal("the order of keys changes the calendar")
		}
	})
}

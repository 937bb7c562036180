package proof

import (
	"fmt"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/protocols"
)

func shipped(t testing.TB, id string) *protocol.Protocol {
	t.Helper()
	resolve := func(name, _ string) (string, []byte, error) {
		text, err := protocols.Read(name)
		return name + ".yaml", text, err
	}
	text, err := protocols.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	p, found := protocol.Decode(id+".yaml", text, resolve)
	if found.HasErrors() {
		t.Fatal(found)
	}
	return p
}

func TestShippedProtocolsAreProved(t *testing.T) {
	for _, id := range protocols.IDs() {
		r := Check(shipped(t, id))
		for _, d := range r.Found {
			t.Errorf("%s: %v\n%s", id, d, d.Help)
		}
		if len(r.Rows) == 0 {
			t.Errorf("%s has no worst case", id)
		}
	}
}

// Worst cases worked out by hand. 0.5 mg/kg from 40 to 160 kg is 20 to 80 mg; rounded to 5 mg
// the most for its weight is 25 mg from just over 45 kg on: 22.5 mg is a tie, and goes down.
func TestWorstCases(t *testing.T) {
	p, found := protocol.Decode("x.yaml", []byte(head+`population: { weight: 40..160 kg }
routes: { iv: { round: 5 mg } }
phases: { a: { dose: 0.5 mg/kg, frequency: weekly, course: 3 doses } }
`), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	r := Check(p)
	if len(r.Rows) != 1 || r.Rows[0].Least.String() != "20 mg" || r.Rows[0].Most.String() != "80 mg" {
		t.Fatalf("%+v", r.Rows)
	}
	// 25 mg ÷ 45.000001 kg.
	want := quantity.MustParse("25 mg").Div(quantity.MustParse("45.000001 kg").Number())
	if got := r.Rows[0].MostPerKg.Number(); got.Cmp(want.Number()) != 0 {
		t.Errorf("the most per kg is %v, want %v", r.Rows[0].MostPerKg, want)
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, id := range []string{"ketamine-iv-intensive", "ketamine-daily-low-dose", "esketamine-nasal-trd", "ketamine-home-intensive", "ketamine-oral-weekly-titration"} {
		b.Run(id, func(b *testing.B) {
			p := shipped(b, id)
			for b.Loop() {
				Check(p)
			}
		})
	}
}

// Files in which somebody else's falsifier found a hole or a false alarm, each with whether it
// passes.
func TestFoundByAFalsifier(t *testing.T) {
	const two = "routes: { oral: { round: 1 mg } }\nphases:\n  a: { dose: 10 mg, frequency: "
	for text, passes := range map[string]bool{
		// A late phase, and another open-ended one, beside one that is open-ended.
		two + "daily, course: open-ended }\n  b: { dose: 10 mg, frequency: weekly, course: 3 doses, starts: day 200, times: [\"20:00\"] }\nlimits: { single dose: 10 mg, each day: 10 mg }\n": false,
		two + "every 30 days, course: open-ended }\n  b: { dose: 10 mg, frequency: every 31 days, course: open-ended, starts: day 21 }\nlimits: { single dose: 10 mg, each day: 10 mg }\n":    false,
		two + "every 24 hours elapsed, times: [\"23:30\"], course: open-ended }\nlimits: { single dose: 10 mg, each day: 10 mg }\n":                                                           false,
		two + "every 24 hours elapsed, times: [\"12:30\"], course: open-ended }\nlimits: { single dose: 10 mg, each day: 10 mg }\n":                                                           true,
		// Steps that come to their end from some starts alone.
		"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: { start: 10 mg, increase: 10 mg, every: 8 days, to: 40 mg }, frequency: wed, course: 4 weeks } }\nlimits: { single dose: 40 mg }\n": false,
		// The dose is largest where the weight to dose by changes: 95 mg for 110 kg and 191.4 cm.
		"population: { weight: 45..110 kg, height: 152.4..200 cm }\nroutes: { oral: { round: 1 mg } }\nphases: { a: { dose: { amount: 1 mg/kg, weight: \"ideal weight, adjusted from BMI 30\" }, frequency: weekly, course: 4 doses } }\nlimits: { single dose: 94 mg }\n": false,
		"population: { weight: 45..110 kg, height: 152.4..200 cm }\nroutes: { oral: { round: 1 mg } }\nphases: { a: { dose: { amount: 1 mg/kg, weight: \"ideal weight, adjusted from BMI 30\" }, frequency: weekly, course: 4 doses } }\nlimits: { single dose: 95 mg }\n": true,
		// A body mass index bounds the weight: 88 kg at 200 cm is 22.
		"population: { weight: 45..100 kg, height: 153..200 cm, bmi: 20..22 }\nroutes: { oral: { round: 1 mg } }\nphases: { a: { dose: 1 mg/kg, frequency: weekly, course: 4 doses } }\nlimits: { single dose: 88 mg }\n": true,
		"population: { weight: 45..100 kg, height: 153..200 cm, bmi: 20..22 }\nroutes: { oral: { round: 1 mg } }\nphases: { a: { dose: 1 mg/kg, frequency: weekly, course: 4 doses } }\nlimits: { single dose: 87 mg }\n": false,
		// Clocks that go forward put a check-in that is counted in hours behind the dose it decides about.
		"routes: { oral: { round: 1 mg } }\nphases:\n  a: { dose: 50 mg, frequency: once, times: [\"09:00\"], course: 1 day }\n  b: { dose: 50 mg, frequency: daily, times: [\"09:00\"], course: 7 doses }\ncheck-ins: { call: { on: 24 hours after dose 1 of a, mode: phone, gates: b } }\nlimits: { single dose: 50 mg, interval: 22 h }\n": false,
		// They skip the hour before midnight in Greenland: 23:30 is 00:00 of the next day.
		"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 50 mg, frequency: daily, times: [\"23:30\"], course: 10 days } }\nlimits: { single dose: 50 mg, each day: 50 mg, interval: 22 h }\n":                        false,
		"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 50 mg, frequency: daily, times: [\"23:30\"], course: 10 days } }\nlimits: { single dose: 50 mg, each day: 100 mg, interval: 22 h }\n":                       true,
		"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 50 mg, frequency: every 2 days, times: [\"23:30\"], course: 10 days, window: ±1 day } }\nlimits: { single dose: 50 mg, each day: 50 mg, interval: 20 h }\n": true,
		// A dose in a skipped hour moves the place where the next phase begins, onto a third.
		"routes: { oral: { round: 1 mg } }\nphases:\n  load: { dose: 20 mg, frequency: 3 times daily, times: [\"01:00\", \"02:10\", \"12:00\"], course: 2 doses }\n  a: { dose: 50 mg, frequency: daily, times: [\"02:50\"], course: 7 doses, starts: after load }\n  c: { dose: 50 mg, frequency: once, times: [\"02:50\"], course: 1 doses, starts: day 8 }\nlimits: { single dose: 50 mg, each day: 90 mg }\n": false,
		// Two doses in one skipped hour are one instant.
		"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 50 mg, frequency: twice daily, times: [\"02:10\", \"02:50\"], course: 10 days } }\nlimits: { single dose: 50 mg, each day: 100 mg }\n": false,
		// Four days of every 24 hours hold five doses where the clocks go back.
		"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 40 mg, frequency: \"every 24 hours elapsed\", times: [\"00:15\"], course: 4 days } }\nlimits: { single dose: 40 mg, interval: 24 h, doses: 4 }\n": false,
		// Phases that are counted from each other move together: the doses of each differ by their own windows alone.
		two + "every 2 weeks, course: 2 doses, window: ±1 day }\n  b: { dose: 10 mg, frequency: every 2 weeks, course: 4 doses, window: ±2 days, starts: 2 weeks after last dose of a }\n  c: { dose: 10 mg, frequency: every 2 weeks, course: 20 doses, window: ±2 days, starts: 2 weeks after last dose of b }\nlimits: { single dose: 10 mg, each day: 10 mg, interval: 10 days }\n": true,
		// A closed day moves a dose, and with it what is counted from it, onto another.
		two + "every 2 weeks, course: 2 doses, window: +1 day }\n  b: { dose: 10 mg, frequency: once, course: 1 doses, starts: 13 days after dose 1 of a }\nlimits: { single dose: 10 mg, each day: 10 mg }\n":                                                                                        false,
		two + "every 2 weeks, course: 2 doses, window: +1 day }\n  b: { dose: 10 mg, frequency: once, course: 1 doses, starts: 12 days after dose 1 of a }\nlimits: { single dose: 10 mg, each day: 10 mg }\n":                                                                                        true,
		two + "once, course: 1 doses, window: +1 day }\n  b: { dose: 20 mg, frequency: once, course: 1 doses, starts: 1 week after last dose of a }\n  c: { dose: 30 mg, frequency: once, course: 1 doses, starts: day 15, times: [\"12:00\"] }\nlimits: { single dose: 30 mg, any 7 days: 30 mg }\n": false,
		two + "once, course: 1 doses, window: +1 day }\n  b: { dose: 20 mg, frequency: once, course: 1 doses, starts: 1 week after last dose of a }\n  c: { dose: 30 mg, frequency: once, course: 1 doses, starts: day 15, times: [\"12:00\"] }\nlimits: { single dose: 30 mg, any 7 days: 50 mg }\n": true,
		// The body mass index of a band's heaviest patient changes the weight to dose by.
		"population: { weight: 45..150 kg, height: 152.4..180 cm }\nroutes: { oral: { round: 0.1 mg } }\nphases: { c: { dose: { by weight: { up to 80 kg: { amount: 1 mg/kg, weight: \"ideal weight, adjusted from BMI 25\" }, above 80 kg: 70 mg } }, frequency: once, course: 1 doses } }\nlimits: { single dose: 76.3 mg }\n": false,
		"population: { weight: 45..150 kg, height: 152.4..180 cm }\nroutes: { oral: { round: 0.1 mg } }\nphases: { c: { dose: { by weight: { up to 80 kg: { amount: 1 mg/kg, weight: \"ideal weight, adjusted from BMI 25\" }, above 80 kg: 70 mg } }, frequency: once, course: 1 doses } }\nlimits: { single dose: 76.4 mg }\n": true,
		// A limit that a course reaches too late is not one of other limits that does.
		two + "monthly, course: open-ended }\nlimits: { single dose: 10 mg, doses: 4000, each day: 10 mg }\n": false,
		// A start from which no dose comes, of a rule that a change of the clocks moves.
		"routes: { oral: { round: 1 mg } }\nphases: { a: { dose: 20 mg, frequency: day 31 of each month, course: 30 days, times: [\"23:30\"] } }\nlimits: { any 24 hours: 130 mg }\n": true,
		// A phase of a month's first Monday that has none.
		"routes: { oral: { round: 1 mg } }\nphases:\n  a: { dose: 10 mg, frequency: first monday of each month, course: 30 days }\n  b: { dose: 10 mg, frequency: weekly, course: 2 doses, starts: 1 month after first dose of a }\nlimits: { single dose: 10 mg }\n": false,
	} {
		p, found := protocol.Decode("x.yaml", []byte(head+text), nil)
		if found.HasErrors() {
			t.Fatal(found)
		}
		if r := Check(p); (len(r.Found) == 0) != passes {
			t.Errorf("passes is to be %v:\n%s\n%v", passes, text, r.Found)
		}
	}
}

// There are more ways to a breach than can all be tried, so that the search for one has an end;
// and a witness whose schedule is refused by one limit says nothing about another.
func TestNamesTheLimitThatBreaks(t *testing.T) {
	p, found := protocol.Decode("x.yaml", []byte(head+`population: { weight: 59..79 kg, height: 152.4..200 cm }
routes: { oral: { round: 5 mg } }
phases:
  p0: { dose: { amount: 29 mg/m2, max: 0.6 mg/kg, round: 5 mg up }, frequency: "2 a week", course: 30 days }
  p1: { dose: 10 mg, frequency: "days 1, 8 of 21", course: 2 months, times: ["00:00"], starts: 1 month after first dose of p0 }
  p2: { dose: { start: 10 mg, increase: 10 mg, every: 6 weeks, to: 60 mg }, frequency: "mon, wed and fri", course: 40 weeks, times: ["20:00"], window: -0 to +2 days }
limits: { any 24 hours: 90 mg, any 7 days: 790 mg, any 30 days: 690 mg, each day: 80 mg, interval: 4 h }
`), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	for _, d := range Check(p).Found {
		want := diag.NotProved
		if d.Code == diag.Unbounded {
			continue // as there are more ways than are looked at
		}
		if strings.Contains(d.Message, "any 30 days") {
			want = diag.CanBreakLimit
		}
		if d.Code != want {
			t.Errorf("want %s: %v", want, d)
		}
	}
}

// What is proved of two medicines that are kept apart, of totals that are divided or that end a phase, of budgets
// per kg and of weights by a share of the ideal one: the figure that just holds passes, and the next does not.
func TestBoundsOfOtherForms(t *testing.T) {
	const (
		file = "doseplan: 1\nkind: protocol\nid: x\ntitle: X\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: home\n"
		one  = file + "medication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\n"
		two  = file + "medications:\n  a: { routes: { oral: { round: 1 mg } }, limits: { interval to: { b: %s } } }\n  b: { routes: { oral: { round: 1 mg } } }\n" +
			"phases:\n  x: { medication: a, dose: 5 mg, frequency: %s, course: %s }\n  y: { medication: b, dose: 5 mg, frequency: %s, course: %[3]s, starts: start }\n"
	)
	for text, passes := range map[string]bool{
		// Across the night on which clocks go forward, 22:00 to 06:00 is 7 hours; by 2 in one zone, 6.
		fmt.Sprintf(two, "6 h", "daily, times: [\"22:00\"]", "open-ended", "daily, times: [\"06:00\"]"):            true,
		fmt.Sprintf(two, "7 h", "daily, times: [\"22:00\"]", "open-ended", "daily, times: [\"06:00\"]"):            false,
		fmt.Sprintf(two, "3 h", "daily, times: [\"12:00\"]", "open-ended", "daily, times: [\"09:00\"]"):            true,
		fmt.Sprintf(two, "181 min", "daily, times: [\"12:00\"]", "open-ended", "daily, times: [\"09:00\"]"):        false,
		fmt.Sprintf(two, "20 h", "every 4 days", "open-ended, window: ±1 day", "every 4 days, times: [\"09:00\"]"): false,
		// Days of 3 and of 4 weeks meet after 12.
		fmt.Sprintf(two, "20 h", "every 21 days", "open-ended", "every 28 days, times: [\"21:00\"]"): false,
		// Closed days bring two medicines together whose days lie three apart.
		strings.Replace(fmt.Sprintf(two, "20 h", "every 2 weeks", "4 doses, window: ±1 day", "every 2 weeks"), "starts: start", "starts: day 4", 1):  true,
		strings.Replace(fmt.Sprintf(two, "20 h", "every 2 weeks", "4 doses, window: ±2 days", "every 2 weeks"), "starts: start", "starts: day 4", 1): false,
		// A total that ends the course is all that it comes to, and the number of doses follows from the patient.
		one + "population: { weight: 40..90 kg }\nphases: { a: { dose: 1 mg/kg, frequency: daily, course: until 20 mg/kg in all } }\nlimits: { in the course: 20 mg/kg, doses: 20 }\n": false,
		one + "population: { weight: 40..90 kg }\nphases: { a: { dose: 1 mg/kg, frequency: daily, course: until 20 mg/kg in all } }\nlimits: { in the course: 20 mg/kg, doses: 21 }\n": true,
		one + "population: { weight: 40..90 kg }\nphases: { a: { dose: 1 mg/kg, frequency: daily, course: until 20 mg/kg in all } }\nlimits: { in the course: 1799 mg }\n":             false,
		// 331.2 mg a day for 82.8 kg is 110 mg three times, and 334 mg for 83.5 kg is 111 mg.
		one + "population: { weight: 40..83 kg }\nphases: { a: { dose: { amount: 4 mg/kg, total of: a day }, frequency: 3 times daily, course: 4 weeks } }\nlimits: { single dose: 111 mg, each day: 333 mg }\n":      true,
		one + "population: { weight: 40..83 kg }\nphases: { a: { dose: { amount: 4 mg/kg, total of: a day }, frequency: 3 times daily, course: 4 weeks } }\nlimits: { single dose: 110 mg }\n":                        false,
		one + "phases: { a: { dose: { amount: 75 mg, total of: a day, larger part: evening, round: 25 mg }, frequency: twice daily, times: [morning, evening], course: 4 weeks } }\nlimits: { single dose: 50 mg }\n": true,
		one + "phases: { a: { dose: { amount: 75 mg, total of: a day, larger part: evening, round: 25 mg }, frequency: twice daily, times: [morning, evening], course: 4 weeks } }\nlimits: { single dose: 49 mg }\n": false,
		// The heaviest man of 160 cm who is weighed as he is: 120 % of 56.9118 kg is 68.2941 kg. Above it the adjusted
		// weight is less, until 97.3 kg.
		one + "population: { weight: 45..97 kg, height: 160..160 cm }\nphases: { a: { dose: { amount: 1 mg/kg, weight: 'actual weight, adjusted above 120 % of ideal' }, frequency: weekly, course: 4 doses } }\nlimits: { single dose: 73 mg }\n": true,
		one + "population: { weight: 45..69 kg, height: 160..160 cm }\nphases: { a: { dose: { amount: 1 mg/kg, weight: 'actual weight, adjusted above 120 % of ideal' }, frequency: weekly, course: 4 doses } }\nlimits: { single dose: 68 mg }\n": true,
		one + "population: { weight: 45..69 kg, height: 160..160 cm }\nphases: { a: { dose: { amount: 1 mg/kg, weight: 'actual weight, adjusted above 120 % of ideal' }, frequency: weekly, course: 4 doses } }\nlimits: { single dose: 67 mg }\n": false,
	} {
		p, found := protocol.Decode("x.yaml", []byte(text), nil)
		if found.HasErrors() {
			t.Fatalf("%s%v", text, found)
		}
		if r := Check(p); r.Found.HasErrors() == passes {
			t.Errorf("passes is to be %v:\n%s\n%v", passes, text, r.Found)
		}
	}
}

package proof

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

func intIn(t *rapid.T, name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }

func pick(t *rapid.T, name string, list ...string) string {
	return rapid.SampledFrom(list).Draw(t, name)
}

const head = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
`

// drawProtocol writes a protocol whose limits are near what its doses come to, so that some
// pass and some fail.
func drawProtocol(t *rapid.T) string {
	var b strings.Builder
	b.WriteString(head)
	fmt.Fprintf(&b, "population: { weight: %d..%d kg, height: 152.4..200 cm }\n", intIn(t, "light", 40, 60), intIn(t, "heavy", 61, 150))
	b.WriteString(pick(t, "surface", "", "", "body surface: { formula: Du Bois }\n", "body surface: { formula: Haycock, round: 0.05 m2, max: 2 m2 }\n", "body surface: { round: 0.1 m2 }\n"))
	fmt.Fprintf(&b, "routes: { oral: { round: %s mg } }\nphases:\n", pick(t, "step", "1", "2.5", "5", "10"))
	for i := range intIn(t, "phases", 1, 2) {
		rule := pick(t, "rule", "daily", "twice daily", "every 2 days", "weekly", "monthly", "2 a week", "3 a week", "5 a week", "mon, wed and fri", "5 days on, 2 off", "every 8 hours", "every 36 hours")
		dose := pick(t, "dose",
			fmt.Sprintf("{ amount: 0.%d mg/kg, min: 10 mg, max: %d mg }", intIn(t, "rate", 2, 9), intIn(t, "max", 20, 90)),
			fmt.Sprintf("%d0 mg", intIn(t, "fixed", 1, 9)),
			"{ start: 20 mg, increase: 20 mg, every: 2 days, to: 80 mg }",
			"{ by weight: { from 40 kg: 30 mg, from 70 kg: 60 mg } }",
			fmt.Sprintf("{ by weight: { under 45 kg: not given, up to %d kg: 30 mg, above %d kg: 0.5 mg/kg } }", 70, 70),
			"{ by weight: { up to 60 kg: { amount: 0.9 mg/kg, max: 50 mg }, above 60 kg: 40 mg } }",
			"{ amount: 1 mg/kg, weight: ideal weight, max: 90 mg }", "{ amount: 1 mg/kg, weight: lower of actual and ideal weight }", "{ amount: 1 mg/kg, weight: adjusted weight }",
			"{ amount: 30 mg/m2, max: 70 mg }", "{ amount: 25 mg/m2, round: none }",
			fmt.Sprintf("{ amount: %d mg, max: 0.%d mg/kg }", intIn(t, "fixed", 40, 90), intIn(t, "most per kg", 4, 9)),
			fmt.Sprintf("{ amount: 30 mg/m2, max: 0.%d mg/kg, round: %s }", intIn(t, "most per kg", 5, 9), pick(t, "how", "none", "5 mg up", "2.5 mg down", "10 mg")),
			fmt.Sprintf("{ amount: 0.%d mg/kg, min: 20 mg/m2, max: 99 mg, round: %s }", intIn(t, "rate", 2, 9), pick(t, "how", "none", "5 mg up", "2.5 mg down", "10 mg")),
			"{ amount: 1 mg/kg, weight: 'actual weight, adjusted from BMI 30', max: 90 mg }",
			fmt.Sprintf("{ amount: 1 mg/kg, weight: '%s weight, %s %s %s %% of ideal' }", pick(t, "kind", "actual", "ideal"), pick(t, "heavy", "adjusted", "ideal"), pick(t, "turn", "above", "from"), pick(t, "share", "100", "120", "130")))
		window := ""
		if intIn(t, "moves", 0, 1) == 1 && rule != "every 36 hours" {
			window = fmt.Sprintf(", window: -%d to +%d days", intIn(t, "before", 0, 2), intIn(t, "after", 0, 2))
		}
		only := pick(t, "only", "", "", "for: { weight: under 60 kg }, ", "for: { weight: from 60 kg }, ", "for: { sex: female }, ", "for: { weight: above 55 kg and under 90 kg, sex: male }, ")
		fmt.Fprintf(&b, "  p%d: { %sdose: %s, frequency: '%s', course: %d doses%s }\n", i, only, dose, rule, intIn(t, "doses", 2, 15), window)
	}
	limits := []string{
		fmt.Sprintf("single dose: %s", pick(t, "single", "60 mg", "90 mg", "0.8 mg/kg", "1.5 mg/kg", "40 mg/m2")),
		fmt.Sprintf("any 24 hours: %d mg", intIn(t, "day", 60, 250)),
		fmt.Sprintf("any 7 days: %s", pick(t, "week", "300 mg", "500 mg", "5 mg/kg", "9 mg/kg", "250 mg/m2")),
		fmt.Sprintf("in the course: %s", pick(t, "course", "900 mg", "500 mg", "9 mg/kg", "320 mg/m2")),
		fmt.Sprintf("each day: %d mg", intIn(t, "each", 60, 250)),
		fmt.Sprintf("interval: %d h", intIn(t, "interval", 6, 26)),
	}
	var chosen []string
	for _, l := range limits {
		if intIn(t, "limit", 0, 2) > 0 {
			chosen = append(chosen, l)
		}
	}
	if len(chosen) > 0 {
		fmt.Fprintf(&b, "limits: { %s }\n", strings.Join(chosen, ", "))
	}
	return b.String()
}

// drawPatient takes a patient of the population, often at an end or at a step.
func drawPatient(t *rapid.T, p *protocol.Protocol, steps []*patient.Patient) *patient.Patient {
	low, _ := p.Population.Weight.Min.Int()
	high, _ := p.Population.Weight.Max.Int()
	grams := intIn(t, "grams", low*1000, high*1000)
	pat := &patient.Patient{
		Weight: quantity.New(int64(grams), 1000, quantity.Kilogram),
		Height: quantity.New(int64(intIn(t, "mm", 1524, 2000)), 10, quantity.Centimetre),
		Sex:    rapid.SampledFrom([]patient.Sex{patient.Male, patient.Female}).Draw(t, "sex"),
	}
	if intIn(t, "extreme", 0, 2) == 0 {
		c := rapid.SampledFrom(steps).Draw(t, "step")
		pat.Weight = c.Weight
		if c.Height.IsSet() && c.Sex != "" {
			pat.Height, pat.Sex = c.Height, c.Sex
		}
	}
	zone := pick(t, "zone", "America/New_York", "Europe/Berlin", "UTC", "Australia/Sydney")
	pat.TimeZone = zone
	pat.Zone, _ = civil.LoadZone(zone)
	pat.Start = civil.MustDate("2027-03-01").AddDays(intIn(t, "start", 0, 400))
	if intIn(t, "spring", 0, 1) == 0 {
		pat.Start = civil.MustDate("2027-03-14").AddDays(-intIn(t, "before the night", 0, 12))
	}
	return pat
}

// A protocol that passes gives no patient of its population a calendar that breaks a limit,
// whatever days are closed; each finding of one that fails has a witness that is refused (the
// proof itself asks the engine before it reports).
func TestWhatPassesHurtsNobody(t *testing.T) {
	passed, failed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		text := drawProtocol(t)
		p, found := protocol.Decode("test.yaml", []byte(text), nil)
		if found.HasErrors() {
			t.Skip(found)
		}
		r := Prove(p)
		broken := map[diag.Code]bool{}
		for _, d := range r.Found {
			if d.Code == diag.CanBreakLimit {
				for _, code := range []diag.Code{diag.SingleDoseLimit, diag.RollingLimit, diag.IntervalLimit, diag.CountLimit} {
					if strings.Contains(d.Help, string(code)) {
						broken[code] = true
					}
				}
			} else if d.Code == diag.NeverReached {
				t.Skip("the steps never come to their end")
			} else if d.Code == diag.NotProved {
				t.Skip("a limit is named that is not proved")
			} else {
				t.Fatalf("%v\n%s", d, text)
			}
		}
		if len(broken) > 0 {
			failed++
		} else {
			passed++
		}
		c := newChecker(p, false)
		steps, _ := c.candidates()
		for range 60 {
			pat := drawPatient(t, p, steps)
			o := schedule.Options{Policy: calendar.Policy(intIn(t, "policy", 0, 3))}
			if intIn(t, "closes", 0, 1) == 1 {
				o.Closed = calendar.Closed{Dates: map[civil.Date]string{}}
				for d := range 40 {
					if intIn(t, "shut", 0, 2) == 0 {
						o.Closed.Dates[pat.Start.AddDays(d-2)] = "closed"
					}
				}
			}
			plan, planFound := schedule.NewPlan(p, o)
			if planFound.HasErrors() {
				t.Fatal(planFound)
			}
			sched, found := plan.Run(pat)
			if sched != nil {
				if what := beyond(r, sched); what != "" {
					t.Fatalf("%s\nfor %v %s start %v, closed %v, policy %v\n%s", what, pat.Weight, pat.TimeZone, pat.Start, o.Closed.Dates, o.Policy, text)
				}
			}
			for _, d := range found {
				if d.Severity == diag.Refusal && d.Code != diag.NoPlacement && d.Code != diag.NotGiven && !broken[d.Code] {
					t.Fatalf("passed (%v), but %v\nfor %v %v %s start %v, closed %v, policy %v\n%s", broken, d, pat.Weight, pat.Height, pat.TimeZone, pat.Start, o.Closed.Dates, o.Policy, text)
				}
			}
		}
	})
	t.Logf("%d passed, %d failed", passed, failed)
	if passed < 3 || failed < 3 {
		t.Errorf("%d passed, %d failed: the generator is lopsided", passed, failed)
	}
}

// beyond says what in a calendar is worse than the worst case of the proof, or "".
func beyond(r *Result, s *schedule.Schedule) string {
	for _, name := range []string{"any 24 hours", "any 7 days", "any 30 days", "interval"} {
		var most quantity.Amount
		shortest := time.Duration(1 << 62)
		for i := range r.Totals {
			if t := &r.Totals[i]; t.Name == name && name == "interval" {
				shortest = min(shortest, t.Apart)
			} else if t.Written.Unit().Per() != quantity.PerNothing {
				continue // the worst is what comes closest to the limit of its patient
			} else if t.Name == name && (!most.IsSet() || t.Amount.Cmp(most) > 0) {
				most = t.Amount
			}
		}
		period, _ := civil.ParsePeriod(strings.TrimPrefix(name, "any "))
		for i := range s.Events {
			first := &s.Events[i]
			if first.Kind != schedule.Dose {
				continue
			}
			total := s.Dose(first).Amount
			for k := i + 1; k < len(s.Events); k++ {
				e := &s.Events[k]
				if e.Kind != schedule.Dose {
					continue
				}
				apart := time.Duration(e.At-first.At) * time.Second
				if name == "interval" {
					if apart < shortest {
						return fmt.Sprintf("doses on %v and %v are %v apart; the proof has %v", first.Date, e.Date, apart, shortest)
					}
					break
				}
				if apart >= limit.Elapsed(period) {
					break
				}
				total = total.Add(s.Dose(e).Amount)
			}
			if most.IsSet() && total.Cmp(most) > 0 {
				return fmt.Sprintf("%s from %v come to %v; the proof has %v", name, first.Date, total, most)
			}
		}
	}
	return ""
}

package schedule

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A patient of a file with phases for some has the calendar of the file in which the phases of others were
// never written: who has which is decided here once more, by hand.
func TestPhasesForSome(t *testing.T) {
	const head = `doseplan: 1
kind: protocol
id: example
title: An example
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
population: { age: 12..90 years, weight: 40..120 kg }
routes: { oral: { round: 5 mg } }
phases:
`
	const tail = "check-ins: { review: { every: 1 week, mode: phone }, first: { on: 2 days after last dose of always, mode: phone } }\nlimits: { single dose: 100 mg }\n"
	conditions := []struct {
		text string
		fits func(age, grams int, sex string) bool
	}{
		{"age: under 18", func(age, _ int, _ string) bool { return age < 18 }},
		{"age: from 18", func(age, _ int, _ string) bool { return age >= 18 }},
		{"age: above 17 and up to 64", func(age, _ int, _ string) bool { return age > 17 && age <= 64 }},
		{"weight: up to 60 kg", func(_, grams int, _ string) bool { return grams <= 60_000 }},
		{"weight: above 60 kg", func(_, grams int, _ string) bool { return grams > 60_000 }},
		{"weight: from 50 kg and under 80 kg, sex: female", func(_, grams int, sex string) bool { return grams >= 50_000 && grams < 80_000 && sex == "female" }},
		{"sex: male", func(_, _ int, sex string) bool { return sex == "male" }},
	}
	rapid.Check(t, func(t *rapid.T) {
		in := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
		age := rapid.SampledFrom([]int{12, 17, 18, 64, 65, 90}).Draw(t, "age")
		grams := rapid.SampledFrom([]int{40_000, 49_999, 50_000, 60_000, 60_001, 79_999, 80_000, 120_000}).Draw(t, "weight")
		sex := rapid.SampledFrom([]string{"female", "male"}).Draw(t, "sex")
		var all, own []string
		at := in("where the phase of all stands", 0, 3)
		for i := range 4 {
			name, only, fits := fmt.Sprintf("p%d", i), "", true
			if i == at {
				name = "always"
			} else {
				c := rapid.SampledFrom(conditions).Draw(t, "for")
				only, fits = "for: { "+c.text+" }, ", c.fits(age, grams, sex)
			}
			rule := rapid.SampledFrom([]string{"daily", "twice daily", "every 2 days", "weekly", "mon and thu", "5 days on, 2 off"}).Draw(t, "rule")
			course := rapid.SampledFrom([]string{"3 doses", "10 days", "2 weeks"}).Draw(t, "course")
			body := fmt.Sprintf("dose: %d mg, frequency: %q, course: %s }", 5*in("dose", 1, 20), rule, course)
			all = append(all, fmt.Sprintf("  %s: { %s%s", name, only, body))
			if fits {
				own = append(own, fmt.Sprintf("  %s: { %s", name, body))
			}
		}
		pat := patient.Patient{Weight: quantity.New(int64(grams), 1000, quantity.Kilogram), Sex: patient.Sex(sex), StatedAge: civil.Years(age), AgeStated: true, Start: civil.MustDate("2026-03-02"), TimeZone: "UTC", Zone: civil.UTC}
		calendar := func(phases []string) string {
			text := head + strings.Join(phases, "\n") + "\n" + tail
			p, found := protocol.Decode("x.yaml", []byte(text), nil)
			if found.HasErrors() {
				t.Fatalf("%v\n%s", found, text)
			}
			plan, found := NewPlan(p, Options{})
			if found.HasErrors() {
				t.Fatal(found)
			}
			one := pat
			s, found := plan.Run(&one)
			if s == nil {
				t.Fatalf("%v\n%s", found, text)
			}
			var b strings.Builder
			for i := range s.Events {
				e := &s.Events[i]
				what := ""
				if e.Kind == Dose {
					what = s.PhaseName(e) + " " + s.Dose(e).Amount.String()
				} else {
					what = s.CheckIn(e).Name
				}
				fmt.Fprintln(&b, e.Date, e.Clock, e.Day, what, e.Number, e.Status)
			}
			return b.String()
		}
		if got, want := calendar(all), calendar(own); got != want {
			t.Fatalf("%s\nfor age %d, %d g, %s gives\n%s\nand by itself\n%s", strings.Join(all, "\n"), age, grams, sex, got, want)
		}
	})
}

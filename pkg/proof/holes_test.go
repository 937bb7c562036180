package proof

import (
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// Files whose limits somebody of the population breaks, at no end of a range: each is found, or said not to be
// proved.
func TestBrokenBetweenTheEnds(t *testing.T) {
	const (
		file  = "doseplan: 1\nkind: protocol\nid: x\ntitle: X\nversion: 1.0.0\nstatus: local\nmodel: other\nsetting: home\n"
		one   = file + "medication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\n"
		head  = "doseplan: 1\nkind: protocol\nid: x\ntitle: X\nversion: 1.0.0\nstatus: local\nmodel: other\n"
		pair  = file + "medications:\n  first: { routes: { oral: { round: 1 mg } }, limits: { single dose: 10 mg, interval to: { second: 4 h } } }\n  second: { routes: { oral: { round: 1 mg } }, limits: { single dose: 5 mg } }\n"
		error = "error"
		open  = "not proved"
		none  = ""
	)
	for name, c := range map[string]struct{ text, want string }{
		// The million-calendar search found this one: ways that need closed days crowded out that of an open February.
		"a month of 28 days among those that closed days shorten": {one + `phases:
  a: { dose: 10 mg, frequency: monthly, course: 2 doses, window: +28 days }
limits: { single dose: 10 mg, interval: 30 days }
`, error},
		"a month of 28 days": {one + `phases:
  a: { dose: 10 mg, frequency: [every 2 months, monthly], course: 2 doses }
limits: { single dose: 10 mg, interval: 30 days }
`, error},
		// 70 mg is taken twice as 40 mg, 100 mg once as 60 mg; 83 mg twice as 50 mg.
		"a share of a measurement as needed": {file + `medication: { name: examplamine }
measurements: { present dose: 70..100 mg }
routes: { oral: { round: 10 mg } }
as needed: { pain: { dose: 60 % of present dose, reason: pain, apart: 4 hours, at most: 100 mg in 24 hours } }
limits: { single dose: 60 mg, any 24 hours: 90 mg }
`, error},
		"a target exposure as needed": {file + `medication: { name: examplamine }
measurements: { GFR: 45..75 mL/min }
routes: { oral: { round: 10 mg } }
as needed: { pain: { dose: { AUC: 0.6, clearance: GFR }, reason: pain, apart: 4 hours, at most: 100 mg in 24 hours } }
limits: { single dose: 60 mg, any 24 hours: 90 mg }
`, error},
		"a share that the strengths do not make up": {file + `medication: { name: examplamine }
measurements: { present dose: 100..200 mg }
routes: { oral: { form: tablet, strengths: [50 mg], divides: not at all } }
phases: { a: { dose: { amount: 50 % of present dose, round: 25 mg }, frequency: daily, course: 7 doses } }
limits: { single dose: 100 mg }
`, error},
		// 40 and 60 kg take 4 and 6 doses, and end in the evening before; 50 kg takes 5.
		"a weight between": {one + `population: { weight: 40..60 kg }
phases:
  a: { dose: 10 mg, frequency: twice daily, times: ["08:00","20:00"], course: until 1 mg/kg in all }
  b: { dose: 20 mg, frequency: daily, times: ["21:00"], course: 3 doses, starts: after a }
limits: { single dose: 20 mg, each day: 20 mg }
`, error},
		"what is counted from a dose on elapsed time that closed days move": {one + `phases:
  a: { dose: 10 mg, frequency: every 60 hours, course: 2 doses, window: +1 day }
  c: { dose: 10 mg, frequency: weekly, course: 2 doses, starts: 5 days after last dose of a }
  e: { dose: 10 mg, frequency: once, course: 1 doses, starts: day 16 }
limits: { single dose: 10 mg, each day: 10 mg }
`, error},
		"what is counted from a dose that closed days move to before another": {one + `phases:
  a: { dose: 10 mg, frequency: once, course: 1 doses, starts: day 5, window: -2 to 0 days }
  c: { dose: 10 mg, frequency: weekly, course: 2 doses, starts: 5 days after last dose of a }
  e: { dose: 10 mg, frequency: once, course: 1 doses, starts: day 15, times: ["20:00"] }
limits: { single dose: 10 mg, each day: 10 mg }
`, error},
		"a change of the clocks on a day of the week that comes late": {one + `phases:
  a: { dose: 10 mg, frequency: day 26 of each month, times: { sat: "20:00", other: "20:30" }, course: 1 doses }
  b: { dose: 10 mg, frequency: once, times: { sun: "04:00", other: "04:30" }, course: 1 doses, starts: 1 day after last dose of a }
limits: { single dose: 10 mg, interval: 8 h }
`, open},
		"a phase that begins earlier and ends on its day": {one + `phases:
  a: { dose: 10 mg, frequency: once, course: 1 doses, starts: day 8, window: -3 to +3 days }
  b: { dose: 5 mg, frequency: daily, course: until day 28, starts: 5 days after last dose of a }
limits: { single dose: 10 mg, in the course: 90 mg }
`, open},
		"the end of a list of days moves with its last dose": {one + `phases:
  a: { dose: 10 mg, frequency: "on days 1, 8", course: open-ended, window: 0 to +5 days }
  b: { starts: 14 days after end of a, dose: 50 mg, frequency: once, course: 1 doses }
  c: { starts: day 25, dose: 50 mg, frequency: once, course: 1 doses }
limits: { single dose: 50 mg, each day: 60 mg }
`, error},
		"a dose moves past one that stays behind": {one + `phases:
  a: { dose: 10 mg, frequency: once, course: 1 doses, window: 0 to +10 days }
  b: { starts: 14 days after last dose of a, dose: 50 mg, frequency: once, course: 1 doses }
  c: { starts: day 16, dose: 10 mg, frequency: once, course: 1 doses }
  d: { starts: day 25, dose: 50 mg, frequency: once, course: 1 doses }
limits: { single dose: 50 mg, each day: 60 mg }
`, error},
		"and comes near one that it was far from": {one + `phases:
  a: { dose: 10 mg, frequency: once, course: 1 doses, window: 0 to +10 days }
  b: { starts: 14 days after last dose of a, dose: 50 mg, frequency: once, course: 1 doses }
  c: { starts: day 16, dose: 10 mg, frequency: once, course: 1 doses }
  d: { starts: day 30, dose: 50 mg, frequency: once, course: 1 doses }
limits: { single dose: 50 mg, any 7 days: 70 mg }
`, error},
		"the nearest on the clock is on another day": {one + `phases:
  a: { dose: 10 mg, frequency: once, times: ["07:00"], course: 1 doses, starts: day 8, window: -5 to 0 days }
  x: { dose: 10 mg, frequency: once, times: ["20:00"], course: 1 doses, starts: day 13 }
  y: { dose: 10 mg, frequency: once, course: 1 doses, starts: 7 days after last dose of a }
limits: { single dose: 10 mg, each day: 10 mg }
`, error},
		"more doses that move together than are looked at": {one + `phases:
  a: { dose: 10 mg, frequency: once, course: 1 doses, window: 0 to +10 days }
  b: { starts: 2 weeks after last dose of a, dose: 10 mg, frequency: 5 times daily, times: ["08:00", "10:00", "12:00", "14:00", "16:00"], course: 100 doses }
  c: { starts: day 50, dose: 10 mg, frequency: 5 times daily, times: ["08:00", "10:00", "12:00", "14:00", "16:00"], course: 60 doses }
limits: { single dose: 10 mg, any 30 days: 1100 mg }
`, open},
		"a length of days moves whole with the dose that it is counted from": {one + `phases:
  a: { dose: 10 mg, frequency: weekly, course: 3 doses, window: ±2 days }
  b: { starts: 1 week after last dose of a, dose: 10 mg, frequency: daily, course: 2 weeks }
limits: { single dose: 10 mg, any 7 days: 80 mg }
`, none},
		"what goes with each dose of another moves with each": {file + `medications:
  first: { routes: { oral: { round: 1 mg } }, limits: { single dose: 10 mg } }
  second: { routes: { oral: { round: 1 mg } }, limits: { single dose: 5 mg, interval: 100 h } }
phases:
  a: { medication: first, dose: 10 mg, frequency: weekly, course: 6 doses, window: ±2 days }
  b: { medication: second, dose: 5 mg, frequency: once, course: 1 doses, starts: 2 hours after each dose of a }
`, open},
		"hours from each dose stay hours where that moves": {file + `medications:
  first: { routes: { oral: { round: 1 mg } }, limits: { single dose: 10 mg } }
  second: { routes: { oral: { round: 1 mg } }, limits: { single dose: 5 mg, any 24 hours: 20 mg } }
phases:
  a: { medication: first, dose: 10 mg, frequency: weekly, course: 2 doses, window: +2 days }
  b: { medication: second, dose: 5 mg, frequency: every 6 hours elapsed, course: 10 doses, starts: 24 hours after each dose of a }
`, none},
		"months that take a dose to the one that it accompanies": {strings.Replace(pair, ", interval to: { second: 4 h }", "", 1) + `phases:
  a: { medication: first, dose: 10 mg, frequency: monthly, course: 6 doses }
  b: { medication: second, dose: 5 mg, frequency: monthly, course: 6 doses, starts: 1 day after first dose of a }
`, error},
		"a rule by day of the week that jumps by a week": {one + `phases:
  a: { dose: 10 mg, frequency: once, course: 1 doses, window: 0 to +2 days }
  c: { dose: 10 mg, frequency: mon, course: 1 doses, starts: 3 days after last dose of a }
  d: { dose: 10 mg, frequency: mon, course: 1 doses, starts: day 11 }
limits: { single dose: 10 mg, each day: 10 mg }
`, open},
		"a dose that moves past another, and onto it": {one + `phases:
  a: { dose: 10 mg, frequency: once, course: 1 doses, window: 0 to +4 days }
  c: { dose: 10 mg, frequency: once, course: 1 doses, starts: 5 days after last dose of a }
  d: { dose: 10 mg, frequency: once, course: 1 doses, starts: day 8 }
limits: { single dose: 10 mg, each day: 10 mg }
`, error},
		"doses that all move as far": {one + `phases:
  a: { dose: 10 mg, frequency: once, course: 1 doses, window: 0 to +1 days }
  c: { dose: 10 mg, frequency: daily, course: 6 doses, starts: 5 days after last dose of a }
limits: { single dose: 10 mg, each day: 10 mg }
`, none},
		"steps in a case": {one + `population: { weight: 29..69 kg }
phases: { a: { dose: { by route: { oral: { start: 10 mg, increase: 190 mg, every: 10 doses, to: 200 mg } } }, frequency: twice daily, course: until 10 mg/kg in all } }
limits: { single dose: 200 mg, each day: 7.5 mg/kg }
`, error},
		"steps in a tier": {one + `population: { weight: 29..69 kg }
tiers: { low: { start: 10 mg, increase: 190 mg, every: 10 doses, to: 200 mg }, high: { start: 10 mg, increase: 190 mg, every: 10 doses, to: 200 mg } }
phases: { a: { dose: tier, frequency: twice daily, course: until 10 mg/kg in all } }
limits: { single dose: 200 mg, each day: 7.5 mg/kg }
`, error},
		"a day of the week in a tier": {one + `population: { weight: 50..51 kg }
tiers: { low: { by weekday: { fri: 22 mg, other: 10 mg } }, high: { by weekday: { fri: 22 mg, other: 12 mg } } }
phases: { b: { dose: tier, frequency: daily, course: until 1 mg/kg in all } }
limits: { single dose: 22 mg, doses: 5 }
`, open},
		"a frequency in a tier": {one + `tiers: { low: { by frequency: { twice daily: 20 mg, daily: 80 mg } }, high: { by frequency: { twice daily: 40 mg, daily: 90 mg } } }
phases: { b: { dose: tier, frequency: [twice daily, daily], course: 5 days } }
limits: { single dose: 40 mg }
`, error},
		"a phase after one that moves with a moved dose": {one + `phases:
  a: { dose: 10 mg, frequency: once, course: 1 doses, window: +3 days }
  c: { dose: 10 mg, frequency: weekly, course: 2 doses, starts: 5 days after last dose of a }
  d: { dose: 10 mg, frequency: daily, course: 1 doses }
  e: { dose: 10 mg, frequency: once, course: 1 doses, starts: day 23 }
limits: { single dose: 10 mg, each day: 10 mg }
`, error},
		"one dose more of a budget per kg": {file + `medication: { name: examplamine }
routes: { oral: { round: 500 mg } }
population: { weight: 40..90 kg }
as needed: { pain: { dose: 500 mg, reason: pain, apart: 4 hours, at most: 60 mg/kg in 24 hours } }
limits: { single dose: 500 mg, any 24 hours: 50 mg/kg }
`, error},
		"one rounded dose more of a budget per kg": {file + `medication: { name: examplamine }
routes: { oral: { round: 5 mg } }
population: { weight: 5.02..5.9 kg }
as needed: { fever: { dose: { amount: 15 mg/kg, max: 1000 mg }, reason: fever, apart: 4 hours, at most: 75 mg/kg in 24 hours } }
limits: { single dose: 100 mg, any 24 hours: 74.9 mg/kg }
`, error},
		"the same by day": {one + `population: { weight: 40..60 kg }
phases:
  a: { dose: 10 mg, frequency: twice daily, times: ["08:00","20:00"], course: until 1 mg/kg in all }
  b: { dose: 20 mg, frequency: daily, times: ["21:00"], course: 3 doses, starts: 1 day after last dose of a }
limits: { single dose: 20 mg, each day: 20 mg }
`, none},
		"a dose that is not rounded": {one + `population: { weight: 40..60 kg }
phases:
  a: { dose: { amount: 1 mg/kg, round: none }, frequency: twice daily, times: ["08:00","20:00"], course: until 240 mg in all }
  b: { dose: 120 mg, frequency: daily, times: ["21:00"], course: 3 doses, starts: after a }
limits: { single dose: 120 mg, each day: 120 mg }
`, error},
		"a dose by day of the week": {one + `population: { weight: 50..51 kg }
phases: { b: { dose: { by weekday: { fri: 22 mg, other: 10 mg } }, frequency: daily, course: until 1 mg/kg in all } }
limits: { single dose: 22 mg, doses: 5 }
`, open},
		"after a month": {one + `population: { weight: 54..55 kg }
phases:
  a: { dose: 10 mg, frequency: daily, course: 1 month }
  b: { dose: 100 mg, frequency: twice daily, times: ["08:00","20:00"], course: until 20 mg/kg in all }
  c: { dose: 200 mg, frequency: daily, times: ["21:00"], course: 3 doses, starts: after b }
limits: { single dose: 200 mg, each day: 200 mg }
`, open},
		"a band of surface in a band of weight": {one + `population: { weight: 40..120 kg, height: 150..200 cm }
phases:
  a: { dose: { by weight: { under 60 kg: 50 mg, from 60 kg and under 61 kg: { by body surface: { up to 1.68 m2: 50 mg, above 1.68 m2 and up to 1.72 m2: 120 mg, above 1.72 m2: 50 mg } }, from 61 kg: 50 mg } }, frequency: daily, course: 3 doses }
limits: { single dose: 50 mg }
`, error},
		"another weight in a band of surface": {one + `population: { weight: 40..120 kg, height: 152.4..200 cm }
phases:
  a: { dose: { by body surface: { up to 1.7 m2: { amount: 1 mg/kg, weight: "actual weight, adjusted above 120 % of ideal" }, above 1.7 m2: 10 mg } }, frequency: daily, course: 3 doses }
limits: { single dose: 62 mg }
`, open},
		"a window past another dose": {pair + `phases:
  a: { medication: first, dose: 10 mg, frequency: once, times: ["08:00"], course: 1 doses, window: 0 to +3 days }
  b1: { medication: second, dose: 5 mg, frequency: once, times: ["20:00"], course: 1 doses, starts: day 2 }
  b2: { medication: second, dose: 5 mg, frequency: once, times: ["09:00"], course: 1 doses, starts: day 4 }
`, error},
		"what comes after a total": {one + `phases:
  extra: { dose: 20 mg, frequency: daily, course: 5 doses, starts: after main }
  main: { dose: 10 mg, frequency: daily, course: until 100 mg in all, starts: start }
limits: { single dose: 20 mg, in the course: 100 mg, interval: 20 h }
`, error},
		"a date that one start has no room for": {file + `medications:
  first: { routes: { oral: { round: 1 mg } }, limits: { single dose: 5 mg } }
  second: { routes: { oral: { round: 1 mg } }, limits: { single dose: 10 mg, each day: 10 mg } }
dates: { departure: 9..16 days }
phases:
  a: { medication: first, dose: 5 mg, frequency: thu, course: 1 doses }
  b: { medication: first, dose: 5 mg, frequency: daily, course: until departure, starts: after a }
  c: { medication: second, dose: 10 mg, frequency: once, course: 1 doses, starts: 1 day after departure }
  e: { medication: second, dose: 10 mg, frequency: once, course: 1 doses, starts: day 11 }
`, error},
		"a check-in after a total": {file + `medications:
  first: { routes: { oral: { round: 1 mg } }, limits: { single dose: 10 mg } }
  second: { routes: { oral: { round: 1 mg } }, limits: { single dose: 5 mg } }
population: { weight: 20..30 kg }
phases:
  a: { medication: first, dose: 10 mg, frequency: mon, course: until 1 mg/kg in all }
  b: { medication: second, dose: 5 mg, frequency: daily, course: 3 doses, starts: day 20 }
check-ins: { look: { on: 1 day after last dose of a, mode: phone, gates: b } }
`, error},
		"two titrations": {one + `phases:
  a: { dose: titration, titration: { steps: [10 mg, 20 mg], confirmed at: r }, frequency: daily, course: 3 doses }
  b: { dose: titration, titration: { steps: [10 mg, 20 mg], confirmed at: r }, frequency: twice daily, times: ["08:00","20:00"], course: until 130 mg in all }
  c: { dose: 40 mg, frequency: daily, times: ["21:00"], course: 3 doses, starts: after b }
check-ins: { r: { every: 1 day, mode: phone } }
limits: { single dose: 40 mg, each day: 40 mg }
`, error},
		"a band of surface, and a body mass index": {one + `population: { weight: 40..120 kg, height: 150..200 cm, bmi: 18..30 }
phases: { a: { dose: { by body surface: { up to 1.72 m2: 1.6 mg/kg, above 1.72 m2: 0.5 mg/kg } }, frequency: daily, course: 3 doses } }
limits: { single dose: 110 mg }
`, open},
		"the same against a limit per kg": {one + `population: { weight: 40..120 kg, height: 150..200 cm, bmi: 18..30 }
phases: { a: { dose: { by body surface: { up to 1.7 m2: 50 mg, above 1.7 m2: 100 mg } }, frequency: daily, course: 3 doses } }
limits: { single dose: [100 mg, 1.7 mg/kg] }
`, open},
		"a dose that moves past another in the night of the change": {pair + `phases:
  a: { medication: first, dose: 5 mg, frequency: once, times: ["06:00"], course: 1 doses, window: 0 to +1 days }
  b: { medication: second, dose: 5 mg, frequency: once, times: ["01:30"], course: 1 doses, starts: day 2 }
`, error},
		"half a day on either side": {strings.Replace(pair, "4 h", "12 h", 1) + `phases:
  a: { medication: first, dose: 5 mg, frequency: once, times: ["08:00"], course: 1 doses, window: 0 to +1 days }
  b: { medication: second, dose: 5 mg, frequency: once, times: ["20:00"], course: 1 doses, starts: start }
`, open},
		"a gate, and no limit of several doses": {one + `population: { weight: 40..60 kg }
phases:
  a: { dose: 10 mg, frequency: twice daily, times: ["08:00","20:00"], course: until 1 mg/kg in all }
  c: { dose: 10 mg, frequency: daily, times: ["21:00"], course: 3 doses, starts: after a }
check-ins: { look: { on: 1 day after last dose of a, mode: phone, gates: c } }
limits: { single dose: 10 mg }
`, error},
		"two totals, one after the other": {one + `population: { weight: 44..56 kg }
phases:
  a: { dose: { amount: 10 mg, round: 10 mg }, frequency: daily, course: until 1 mg/kg in all }
  b: { dose: { amount: 10 mg, round: 10 mg }, frequency: daily, course: until 1.15 mg/kg in all }
limits: { single dose: 10 mg }
`, error},
		"a total that begins in the middle of a day": {file + `population: { weight: 70..80 kg }
medications:
  first: { routes: { oral: { round: 1 mg } }, limits: { single dose: 5 mg } }
  second: { routes: { oral: { round: 1 mg } }, limits: { single dose: 30 mg } }
  third: { routes: { oral: { round: 1 mg } }, limits: { single dose: 40 mg, interval to: { second: 4 h } } }
phases:
  a: { medication: first, dose: 5 mg, frequency: daily, times: { "sat, sun": "10:00", other: "07:00" }, course: 3 doses }
  b: { medication: second, dose: { by time: { "09:00": 10 mg, "20:00": 30 mg } }, frequency: twice daily, times: ["09:00","20:00"], course: until 1 mg/kg in all, starts: with a }
  c: { medication: third, dose: 40 mg, frequency: once, times: ["10:00"], course: 1 doses, starts: day 3 }
`, open},
		"a total or some days": {strings.Replace(pair, "single dose: 5 mg", "single dose: 10 mg", 1) + `population: { weight: 20..30 kg }
phases:
  a: { medication: first, dose: 10 mg, frequency: "mon and tue", times: ["09:00"], course: until 1 mg/kg in all or 8 days }
  c: { medication: second, dose: 10 mg, frequency: once, times: ["10:00"], course: 1 doses, starts: day 8 }
`, open},
		"a total, and a body mass index": {one + `population: { weight: 60..80 kg, height: 150..200 cm, bmi: 14..28 }
phases:
  a: { dose: 10 mg, frequency: twice daily, times: ["08:00","20:00"], course: until 1 mg/kg in all }
  b: { dose: 20 mg, frequency: daily, times: ["21:00"], course: 3 doses, starts: after a }
limits: { single dose: 20 mg, each day: 20 mg }
`, error},
		"no stretch has more than the total": {one + `phases: { a: { dose: 10 mg, frequency: daily, course: until 45 mg in all } }
limits: { single dose: 10 mg, in the course: 45 mg, each 7 days: 45 mg, any 30 days: 45 mg }
`, none},
		"a part in which nobody is": {one + `population: { weight: 40..120 kg, height: 150..200 cm, bmi: 18..30 }
phases:
  a: { dose: 10 mg, frequency: daily, course: 3 doses, for: { weight: under 40.2 kg } }
  b: { dose: 0.5 mg/kg, frequency: daily, course: 3 doses, for: { weight: from 40.2 kg } }
limits: { single dose: 60 mg }
`, none},
		"the same with somebody in it": {one + `population: { weight: 40..120 kg, height: 150..200 cm, bmi: 18..30 }
phases:
  a: { dose: 70 mg, frequency: daily, course: 3 doses, for: { weight: under 40.6 kg } }
  b: { dose: 0.5 mg/kg, frequency: daily, course: 3 doses, for: { weight: from 40.6 kg } }
limits: { single dose: 60 mg }
`, error},
		"what is left of a total": {one + `phases: { a: { dose: 10 mg, frequency: daily, course: until 45 mg in all } }
limits: { single dose: 10 mg, in the course: 45 mg, each 7 days: 50 mg }
`, none},
		"a long phase at the end": {one + `population: { weight: 40..90 kg }
phases:
  a: { dose: 10 mg, frequency: daily, course: 1 month }
  b: { dose: 20 mg, frequency: daily, course: until 20 mg/kg in all }
limits: { single dose: 20 mg, each day: 20 mg, each 7 days: 140 mg, in the course: 20 mg/kg, interval: 20 h }
`, none},
		"a week between two changes of the clocks, as in Gaza": {head + `setting: clinic
medication: { name: examplamine }
routes: { oral: { round: 1 mg } }
population: { age: 18..90 years, weight: 40..100 kg }
limits: { single dose: 10 mg, each day: 20 mg }
phases:
  a: { dose: 10 mg, frequency: every 12 hours elapsed, course: 2 weeks, times: ["11:30"] }
`, error},
		"half a year between two, as in Sydney": {head + `setting: clinic
medication: { name: examplamine }
routes: { oral: { round: 1 mg } }
population: { age: 18..90 years, weight: 40..100 kg }
limits: { single dose: 10 mg, each day: 10 mg }
phases:
  a: { dose: 10 mg, frequency: every 24 hours elapsed, course: 186 doses, times: ["23:10"] }
`, error},
		"a Sunday on which the strengths do not make the dose up": {head + `setting: clinic
medication: { name: xed }
routes: { oral: { form: tablet, strengths: [5 mg] } }
population: { age: 18..90 years, weight: 40..100 kg }
limits: { single dose: 100 mg }
phases:
  a: { dose: { by weekday: { sun: { amount: 0.55 mg/kg, round: 2.5 mg }, other: { amount: 1 mg/kg, round: 5 mg } } }, frequency: weekly, course: 4 doses }
`, error},
		"a month in which they do not": {head + `setting: clinic
medication: { name: xed }
routes: { oral: { form: tablet, strengths: [5 mg] } }
population: { age: 18..90 years, weight: 40..100 kg }
limits: { single dose: 100 mg }
phases:
  a: { dose: { by dose: { from 1: { amount: 1 mg/kg, round: 5 mg }, from 91: { amount: 0.55 mg/kg, round: 2.5 mg } } }, frequency: daily, course: until end of month 3 }
`, error},
		"a dose by weekday that moves with another": {head + `setting: clinic
medication: { name: xed }
routes: { oral: { round: 5 mg } }
population: { age: 18..90 years, weight: 40..100 kg }
limits: { single dose: 20 mg }
phases:
  a: { dose: 20 mg, frequency: mon, course: 4 doses, window: +1 day }
  c: { dose: { by weekday: { wed: 40 mg, other: 20 mg } }, frequency: once, course: 1 dose, starts: 1 day after each dose of a }
`, open},
		"a dose by its number that moves with another": {head + `setting: home
medication: { name: xed }
routes: { oral: { round: 5 mg } }
population: { age: 18..90 years, weight: 40..100 kg }
limits: { single dose: 20 mg }
phases:
  a: { dose: 20 mg, frequency: once, course: 1 dose, starts: day 5, window: -2 days }
  b: { dose: { by dose: { from 1: 20 mg, from 4: 60 mg } }, frequency: every 5 days, course: until day 20, starts: 1 day after dose 1 of a }
`, open},
		"a dose of the other medicine beyond one that lies between": {head + `setting: home
medications:
  zed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg } }
  xed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg, interval to: { yed: 200 h } } }
  yed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg } }
population: { age: 18..90 years, weight: 40..100 kg }
phases:
  p0: { medication: zed, dose: 20 mg, frequency: once, times: ["09:00"], course: 1 doses, window: +5 days }
  p1: { medication: xed, dose: 20 mg, frequency: once, course: 1 doses, starts: 1 hour after dose 1 of p0 }
  p2: { medication: xed, dose: 20 mg, frequency: once, course: 1 doses, starts: day 2 }
  p3: { medication: yed, dose: 20 mg, frequency: once, course: 1 doses, starts: day 13 }
`, error},
		"a larger dose than those beside it that moves past others": {head + `setting: clinic
medication: { name: examplamine }
routes: { oral: { round: 1 mg } }
population: { age: 18..90 years, weight: 40..100 kg }
limits: { single dose: 50 mg, each day: 50 mg }
phases:
  a1: { dose: 1 mg, frequency: once, times: ["20:00"], course: 1 doses, starts: day 3, window: -1 day }
  f:  { dose: 10 mg, frequency: once, times: ["12:00"], course: 1 doses, starts: day 4 }
  a2: { dose: 1 mg, frequency: once, times: ["04:00"], course: 1 doses, starts: day 20, window: -1 day }
  j:  { dose: 10 mg, frequency: once, course: 1 doses, starts: 2 days after dose 1 of a1 }
  k:  { dose: 50 mg, frequency: once, course: 1 doses, starts: 14 days before dose 1 of a2 }
`, error},
		"days of the week of another medicine between": {head + `setting: clinic
medications:
  zed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg } }
  xed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg, each day: 20 mg } }
population: { age: 18..90 years, weight: 40..100 kg }
phases:
  a: { medication: zed, dose: 20 mg, frequency: once, course: 1 dose, starts: day 3, window: +1 day }
  b: { medication: zed, dose: 20 mg, frequency: mon, course: 1 dose, starts: 1 day after dose 1 of a }
  c: { medication: xed, dose: 20 mg, frequency: once, course: 1 dose, starts: 1 day after dose 1 of b }
  f: { medication: xed, dose: 20 mg, frequency: tue, course: 1 dose, starts: day 12, times: ["15:00"] }
`, open},
		"times by weekday of another medicine between": {head + `setting: clinic
medications:
  zed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg } }
  xed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg, interval to: { yed: 10 h } } }
  yed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg } }
population: { age: 18..90 years, weight: 40..100 kg }
phases:
  a: { medication: zed, dose: 20 mg, frequency: once, course: 1 dose, starts: first saturday on or after start, window: +1 day }
  b: { medication: zed, dose: 20 mg, frequency: daily, times: { sun: "08:00", other: "20:00" }, course: 1 dose, starts: 7 days after dose 1 of a }
  c: { medication: xed, dose: 20 mg, frequency: once, course: 1 dose, starts: 1 hour after dose 1 of b }
  f: { medication: yed, dose: 20 mg, frequency: once, course: 1 dose, starts: first sunday on or after day 9, times: ["10:00"] }
`, open},
		"an end on a day of another medicine between": {head + `setting: clinic
medications:
  zed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg } }
  xed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg, each day: 20 mg } }
population: { age: 18..90 years, weight: 40..100 kg }
phases:
  a: { medication: zed, dose: 20 mg, frequency: once, course: 1 dose, starts: day 3, window: +3 days }
  b: { medication: zed, dose: 20 mg, frequency: every 5 days, course: until day 20, starts: 1 day after dose 1 of a }
  c: { medication: xed, dose: 20 mg, frequency: once, course: 1 dose, starts: 1 day after last dose of b }
  f: { medication: xed, dose: 20 mg, frequency: once, course: 1 dose, starts: day 17, times: ["15:00"] }
`, open},
		"more doses where another medicine's phase begins earlier": {head + `setting: home
medications:
  zed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg } }
  xed: { routes: { oral: { round: 5 mg } }, limits: { single dose: 20 mg, doses: 3, in the course: 60 mg } }
population: { age: 18..90 years, weight: 40..100 kg }
phases:
  a: { medication: zed, dose: 20 mg, frequency: once, course: 1 dose, starts: day 5, window: -2 days }
  b: { medication: zed, dose: 20 mg, frequency: every 5 days, course: until day 20, starts: 1 day after dose 1 of a }
  c: { medication: xed, dose: 20 mg, frequency: once, course: 1 dose, starts: 1 hour after each dose of b }
`, open},
		// Of 30 to 46 mg a day by ideal weight, 40 mg are taken three times, and 45 mg twice.
		"a height between, as needed": {head + `setting: home
medications:
  first: { routes: { oral: { round: 5 mg } } }
  second: { routes: { oral: { round: 5 mg } }, limits: { any 24 hours: 110 mg } }
population: { weight: 45..150 kg, height: 160..185 cm, sex: male }
phases: { course: { medication: first, dose: 10 mg, frequency: daily, course: 2 doses } }
as needed: { pain: { medication: second, dose: { amount: 0.6 mg/kg, weight: ideal weight, round: 5 mg }, reason: pain, apart: 4 hours, at most: 120 mg in 24 hours } }
`, error},
		"a height between, whose dose strengths do not make up": {one[:len(one)-len("routes: { oral: { round: 1 mg } }\n")] + `routes: { oral: { form: tablet, strengths: [50 mg, 80 mg] } }
population: { height: 160..185 cm, sex: male }
phases: { a: { dose: { amount: 0.95 mg/kg, weight: ideal weight, round: 10 mg }, frequency: daily, course: 4 weeks } }
limits: { single dose: 100 mg }
`, error},
		"a height between, whose larger part is larger": {one + `population: { height: 160..185 cm, sex: male }
phases: { a: { dose: { amount: 2.95 mg/kg, weight: ideal weight, total of: a day, larger part: evening, round: 25 mg }, frequency: 3 times daily, times: [morning, noon, evening], course: 4 weeks } }
limits: { single dose: 75 mg }
`, error},
		"a height between, whose steps are more than its doses": {one + `population: { height: 160..190 cm, sex: male }
phases: { a: { dose: { start: 1 mg/kg, decrease: 25 %, every: 1 doses, to: 0.3 mg/kg, weight: ideal weight, round: 10 mg }, frequency: daily, course: 4 doses } }
limits: { single dose: 90 mg }
`, error},
		"what is left of a total that strengths do not make up": {one[:len(one)-len("routes: { oral: { round: 1 mg } }\n")] + `routes: { oral: { form: tablet, strengths: [50 mg, 80 mg] } }
population: { weight: 45..100 kg }
phases: { a: { dose: { by weight: { under 70 kg: { amount: 50 mg, round: 10 mg }, from 70 kg: { amount: 80 mg, round: 10 mg } } }, frequency: daily, course: until 500 mg in all } }
limits: { single dose: 100 mg, in the course: 500 mg }
`, error},
		// The 50th dose is the first to stand on the day of a review.
		"a check-in at intervals that comes onto a dose after a year": {one + `phases:
  course: { dose: 50 mg, frequency: weekly, course: 13 weeks }
  maintenance: { dose: 50 mg, frequency: every 5 days, times: ["08:00"], course: open-ended }
check-ins: { review: { every: 12 weeks, time: "09:00", mode: phone, gates: maintenance } }
limits: { single dose: 50 mg }
`, error},
		"a check-in at intervals of months": {one + `phases:
  course: { dose: 50 mg, frequency: weekly, course: 13 weeks }
  maintenance: { dose: 50 mg, frequency: every 5 days, times: ["08:00"], course: open-ended }
check-ins: { review: { every: 5 months, time: "09:00", mode: phone, gates: maintenance } }
limits: { single dose: 50 mg }
`, error},
		"the same after its time": {one + `phases:
  course: { dose: 50 mg, frequency: weekly, course: 13 weeks }
  maintenance: { dose: 50 mg, frequency: every 5 days, times: ["10:00"], course: open-ended }
check-ins: { review: { every: 12 weeks, time: "09:00", mode: phone, gates: maintenance } }
limits: { single dose: 50 mg }
`, none},
		"hours that go round the clock in years": {one + `phases: { a: { dose: 50 mg, frequency: every 959 hours, times: ["20:00"], course: open-ended } }
limits: { single dose: 50 mg, interval: 40 days }
`, error},
		"a day of the week that comes after months": {one + `phases: { a: { dose: { by weekday: { tue: 100 mg, other: 50 mg } }, frequency: every 30 days, starts: first monday on or after start, course: open-ended } }
limits: { single dose: 50 mg }
`, error},
		"a month that comes to a day of the week": {one + `phases: { a: { dose: { by weekday: { tue: 100 mg, other: 50 mg } }, frequency: every 6 months, starts: first monday on or after start, course: open-ended } }
limits: { single dose: 50 mg }
`, error},
		"times of a day of the week that comes after months": {one + `phases: { a: { dose: 50 mg, frequency: every 30 days, times: { tue: "10:00", other: "11:00" }, starts: first monday on or after start, course: open-ended } }
limits: { single dose: 50 mg, interval: 718 h }
`, error},
		// A dose before the hour of a reassessment stands on the one before it.
		"a dose on the day of a reassessment": {one + `phases: { a: { dose: 50 mg, frequency: daily, times: ["08:00"], course: open-ended } }
check-ins: { reassessment: { every: 6 months, time: "09:00", mode: phone } }
limits: { single dose: 50 mg, reassess: every 6 months }
`, none},
		// b moves with a past d, to an hour before c, whose neighbour it was not.
		"one that moves past its neighbour to another": {head + `setting: clinic
medication: { name: examplamine }
routes: { oral: { round: 1 mg } }
phases:
  a: { dose: 50 mg, frequency: once, course: 1 dose, window: +2 days }
  d: { dose: 50 mg, frequency: "on days 3", times: ["21:00"], course: 1 dose, starts: start }
  c: { dose: 50 mg, frequency: "on days 4", times: ["10:00"], course: 1 dose, starts: start }
  b: { dose: 50 mg, frequency: once, course: 1 dose, starts: 1 day after first dose of a }
limits: { single dose: 50 mg, any 24 hours: 200 mg, interval: 2 h }
`, open},
		"a phase that is counted from the first of several runs": {head + `setting: clinic
medications:
  one: { routes: { oral: { round: 1 mg } }, limits: { single dose: 50 mg, interval to: { two: 20 h } } }
  two: { routes: { oral: { round: 1 mg } }, limits: { single dose: 50 mg } }
phases:
  a: { medication: one, dose: 50 mg, frequency: weekly, course: 2 doses, window: { from dose 1: +2 days, from dose 2: 0 days } }
  b: { medication: one, dose: 50 mg, frequency: once, course: 1 doses, starts: 1 day after each dose of a }
  c: { medication: one, dose: 50 mg, frequency: once, course: 1 doses, starts: day 2 of b }
  d: { medication: two, dose: 50 mg, frequency: once, course: 1 doses, times: ["12:00"], starts: day 5 }
`, error},
		"a dose that is always the same moves with another": {one + `phases:
  a: { dose: 20 mg, frequency: mon, course: 4 doses, window: +1 day }
  c: { dose: 20 mg, frequency: once, course: 1 dose, starts: 1 day after each dose of a }
limits: { single dose: 20 mg }
`, none},
	} {
		p, found := protocol.Decode("x.yaml", []byte(c.text), nil)
		if found.HasErrors() {
			t.Fatalf("%s: %v", name, found)
		}
		r := Check(p)
		got := none
		switch {
		case r.Found.HasErrors():
			got = error
		case slices.ContainsFunc(r.Found, func(d diag.Diagnostic) bool { return d.Code == diag.NotProved }):
			got = open
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q: %v", name, got, c.want, r.Found)
		}
	}
}

// A witness is refused as it is written: what is left of a total is a smaller dose, and no breach.
func TestWitnessesAreWhatAUserGets(t *testing.T) {
	if w := witness(schedule.Options{Reach: true}, &patient.Patient{}, start); w.Options.Reach || strings.Contains(w.String(), "override") {
		t.Errorf("a witness has options that no user has: %+v", w.Options)
	}
}

// A start that leaves a phase without doses, or without a day that the file names, is said.
func TestDaysThatSomeStartsLeaveOut(t *testing.T) {
	for _, c := range []struct{ phase, want string }{
		{"frequency: first monday of each month, course: 30 days", "no dose of the phase “a” falls within its course where that starts on"},
		{`frequency: "on days 1, 30", course: 1 month`, "has 1 dose where it starts on"},
		{`frequency: "on days 1, 28", course: 1 month`, ""},
		{"frequency: first monday of each month, course: 36 days", ""},
	} {
		p, found := protocol.Decode("x.yaml", []byte("doseplan: 1\nkind: protocol\nid: x\ntitle: X\nversion: 1.0.0\nstatus: local\nmodel: other\nsetting: home\nmedication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\nlimits: { single dose: 50 mg }\nphases: { a: { dose: 50 mg, "+c.phase+" } }\n"), nil)
		if found.HasErrors() {
			t.Fatal(found)
		}
		said := ""
		for _, d := range Check(p).Found {
			if d.Code == diag.NoDoses {
				said = d.Message
			}
		}
		if c.want == "" && said != "" || !strings.Contains(said, c.want) {
			t.Errorf("%s: %q", c.phase, said)
		}
	}
}

// What moves together, and what moves out of the way of others, counts in the worst figure.
func TestWorstOfWhatMoves(t *testing.T) {
	const head = "doseplan: 1\nkind: protocol\nid: x\ntitle: X\nversion: 1.0.0\nstatus: local\nmodel: other\nsetting: clinic\n"
	for name, c := range map[string]struct{ text, worst string }{
		"two doses that are meant for one time": {head + `medication: { name: examplamine }
routes: { oral: { round: 1 mg } }
phases:
  a: { dose: 50 mg, frequency: every 8 days, course: 2 doses, window: ±1 day }
  b: { dose: 30 mg, frequency: every 8 days, course: 2 doses, window: ±1 day, starts: start }
limits: { any 7 days: 160 mg }
`, "160 mg"},
		"a dose that moves with another, out of the way of one that is moved onto the next": {head + `medications:
  one: { routes: { oral: { round: 1 mg } }, limits: { each day: 100 mg } }
  two: { routes: { oral: { round: 1 mg } } }
phases:
  a: { medication: two, dose: 50 mg, frequency: once, course: 1 dose, window: -1 day, starts: day 2 }
  b: { medication: one, dose: 30 mg, frequency: once, course: 1 dose, starts: 2 days after first dose of a }
  x: { medication: one, dose: 50 mg, frequency: once, course: 1 dose, times: ["08:00"], starts: day 4, window: +1 day }
  y: { medication: one, dose: 50 mg, frequency: once, course: 1 dose, times: ["20:00"], starts: day 5 }
`, "100 mg"},
	} {
		p, found := protocol.Decode("x.yaml", []byte(c.text), nil)
		if found.HasErrors() {
			t.Fatal(name, found)
		}
		if r := Check(p); len(r.Closest) != 1 || r.Closest[0].Amount.String() != c.worst {
			t.Errorf("%s: %+v, want %s", name, r.Closest, c.worst)
		}
	}
}

// A limit on the doses of a course without an end is broken in the end, however many years that takes; the figure is
// without end, and the single dose of what may be taken as needed too counts as one.
func TestInTheEndAndAsNeeded(t *testing.T) {
	const head = "doseplan: 1\nkind: protocol\nid: x\ntitle: X\nversion: 1.0.0\nstatus: local\nmodel: other\nsetting: home\nmedication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\n"
	p, found := protocol.Decode("x.yaml", []byte(head+"phases: { a: { dose: 10 mg, frequency: weekly, course: open-ended } }\nlimits: { doses: 999 }\n"), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	r := Check(p)
	if !slices.ContainsFunc(r.Found, func(d diag.Diagnostic) bool { return d.Code == diag.CanBreakLimit }) {
		t.Errorf("999 weekly doses of a course without an end: %v", r.Found)
	}
	if len(r.Closest) != 1 || !r.Closest[0].Endless {
		t.Errorf("the worst is not without end: %+v", r.Closest)
	}
	p, found = protocol.Decode("x.yaml", []byte(head+"phases: { a: { dose: 10 mg, frequency: daily, course: 5 days } }\nas needed: { attack: { dose: 100 mg, reason: pain, apart: 6 hours, at most: 2 doses in 24 hours } }\nlimits: { single dose: 100 mg }\n"), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	if r := Check(p); len(r.Closest) != 1 || r.Closest[0].Amount.String() != "100 mg" {
		t.Errorf("a single dose as needed: %+v", r.Closest)
	}
}

// Files of readers that could not be proved, or not within minutes: each is, and a limit that is a step tighter is broken.
func TestProvedInTime(t *testing.T) {
	const head = "doseplan: 1\nkind: protocol\nid: x\ntitle: X\nversion: 1.0.0\nstatus: local\nmodel: other\nsetting: home\n"
	for name, c := range map[string]struct{ text, limit, tighter string }{
		// At nearly every weight another number of doses comes to the total.
		"a total in a lifetime": {head + `medication: { name: isotretinoin }
population: { age: 12..60 years, weight: 40..120 kg }
routes: { oral: { form: capsule, strengths: [10 mg, 20 mg, 40 mg], round: 10 mg down } }
phases: { a: { dose: { amount: 1 mg/kg, total of: a day }, frequency: twice daily, course: until 1200 mg/kg in all } }
check-ins: { test: { before: first dose, within: 7 days, mode: lab, gates: first dose } }
limits: { each day: 1 mg/kg, in a lifetime: 1200 mg/kg }
`, "in a lifetime: 1200 mg/kg", "in a lifetime: 1199 mg/kg"},
		// What one of two medicines depends on is nothing to the other.
		"two medicines by other measures": {head + `count from: day 0
population: { age: 18..90 years, weight: 40..120 kg, height: 140..200 cm }
measurements: { creatinine: 0.3..15 mg/dL, creatinine clearance: { formula: Cockcroft-Gault, range: 20..250 mL/min, max: 125 mL/min } }
medications:
  paclitaxel: { routes: { iv: { round: 5 mg down } }, limits: { single dose: 175 mg/m2 } }
  carboplatin: { routes: { iv: { round: 10 mg down } }, limits: { single dose: 900 mg } }
phases:
  tax: { medication: paclitaxel, dose: 175 mg/m2, over: 3 hours, frequency: every 3 weeks, starts: day 1, course: 6 doses }
  carbo: { medication: carboplatin, dose: { AUC: 6, clearance: creatinine clearance, max: 900 mg }, over: 1 hour, frequency: once, course: 1 dose, starts: 0 minutes after end of each dose of tax }
`, "single dose: 900 mg", "single dose: 890 mg"},
		"a check-in hours after the first dose": {head + `medication: { name: methadone }
routes: { oral: { round: 1 mg } }
phases:
  day-1: { dose: 30 mg, frequency: once, course: 1 day }
  more: { dose: 10 mg, frequency: once, starts: 3 hours after first dose of day-1, course: 1 dose }
  daily: { dose: titration, titration: { start: 30 mg, increase: 5..10 mg, to: 120 mg, confirmed at: review }, frequency: daily, starts: day 2, course: open-ended }
check-ins:
  withdrawal: { on: 2 hours after first dose of day-1, mode: in person, gates: more }
  review: { every: 4 days, from: day 2, mode: in person }
limits: { single dose: 120 mg, each day: 120 mg }
`, "each day: 120 mg", "each day: 35 mg"},
	} {
		for _, tighter := range []bool{false, true} {
			text := c.text
			if tighter {
				text = strings.Replace(text, c.limit, c.tighter, 1)
			}
			p, found := protocol.Decode("x.yaml", []byte(text), nil)
			if found.HasErrors() {
				t.Fatal(name, found)
			}
			r := Check(p)
			is := func(code diag.Code) bool {
				return slices.ContainsFunc(r.Found, func(d diag.Diagnostic) bool { return d.Code == code })
			}
			if is(diag.Unbounded) || is(diag.CanBreakLimit) != tighter {
				t.Errorf("%s (tighter: %t): %v", name, tighter, r.Found)
			}
		}
	}
}

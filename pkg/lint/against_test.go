package lint_test

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
)

// What one part of a file says against another: each beside its right twin.
func TestAgainst(t *testing.T) {
	const (
		head  = "doseplan: 1\nkind: protocol\nid: example\ntitle: An example\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\n"
		plain = head + "medication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\n"
		one   = plain + "phases: { course: { dose: 5 mg, frequency: weekly, course: 8 doses } }\n"
		iv    = head + "medication: { name: examplamine }\nroutes: { iv: { concentration: 10 mg/mL, round: 1 mg } }\n"
	)
	phase := func(text string) string { return plain + "phases: { course: { " + text + " } }\n" }
	named := func(name, text string) string { return plain + "phases: { " + name + ": { " + text + " } }\n" }
	checkIn := func(text string) string { return one + "check-ins: { visit: { " + text + " } }\n" }
	const weekly = "phases: { course: { dose: 5 mg, frequency: weekly, course: 8 doses } }\n"
	titled := func(title, phases string) string {
		return strings.Replace(plain, "An example", title, 1) + phases + "\n"
	}
	for _, c := range []struct {
		right, wrong string
		code         diag.Code
	}{
		// Titles and names of phases.
		{phase("title: 5 mg weekly, dose: 5 mg, frequency: weekly, course: 8 doses"), phase("title: 5 mg weekly, dose: 5 mg, frequency: monthly, course: 8 doses"), diag.OddFigure},
		{phase("title: 5 mg twice daily, dose: 5 mg, frequency: twice daily, course: 8 days"), phase("title: 5 mg twice daily, dose: 5 mg, frequency: daily, course: 8 days"), diag.OddFigure},
		{phase("title: 10 mg daily in two doses, dose: { amount: 10 mg, total of: a day }, frequency: twice daily, course: 8 days"), phase("title: 10 mg once daily, dose: { amount: 10 mg, total of: a day }, frequency: twice daily, course: 8 days"), diag.OddFigure},
		{phase("title: Three-weekly, dose: 5 mg, frequency: every 3 weeks, course: 8 doses"), phase("title: Every three weeks, dose: 5 mg, frequency: every 3 days, course: 8 doses"), diag.OddFigure},
		{phase("title: 5 mg for 4 doses, dose: 5 mg, frequency: weekly, course: 4 doses"), phase("title: 5 mg for 4 doses, dose: 5 mg, frequency: weekly, course: 3 doses"), diag.OddFigure},
		{phase("title: 5 mg daily for 6 months, dose: 5 mg, frequency: daily, course: until end of month 6"), phase("title: 5 mg daily for 6 months, dose: 5 mg, frequency: daily, course: until end of week 6"), diag.OddFigure},
		{phase("title: Weekly for 3 weeks of 4, dose: 5 mg, frequency: 'on days 1, 8, 15 of 28', course: 6 cycles"), phase("title: Weekly for 3 weeks, dose: 5 mg, frequency: weekly, course: 30 doses"), diag.OddFigure},
		{named("days-1-3", "dose: 5 mg, frequency: daily, course: 3 days"), named("days-1-3", "dose: 5 mg, frequency: daily, course: 3 weeks"), diag.OddFigure},
		{named("week-1", "dose: 5 mg, frequency: daily, course: 7 days"), named("week-1", "dose: 5 mg, frequency: daily, course: 17 days"), diag.OddFigure},
		{iv + "phases: { load: { title: Load over 30 minutes, dose: 20 mg, over: 30 minutes, frequency: once, course: 1 dose } }\n", iv + "phases: { load: { title: Load over 30 minutes, dose: 20 mg, over: 30 hours, frequency: once, course: 1 dose } }\n", diag.OddFigure},
		// Titles of check-ins.
		{checkIn("title: Weekly count, every: 1 week, mode: lab"), checkIn("title: Weekly count, every: 1 month, mode: lab"), diag.OddFigure},
		{checkIn("title: Review every 4 weeks, every: 28 days, mode: phone"), checkIn("title: Review every 4 weeks, every: 4 days, mode: phone"), diag.OddFigure},
		{checkIn("title: Test after 3 weeks, on: 3 weeks after first dose, mode: lab"), checkIn("title: Test after 3 weeks, on: 3 days after first dose, mode: lab"), diag.OddFigure},
		{checkIn("title: Level on day 5, on: day 5, mode: lab"), checkIn("title: Level on day 5, on: day 8, mode: lab"), diag.OddFigure},
		{checkIn("title: Review at four weeks, on: end of week 4, mode: phone"), checkIn("title: Review at four weeks, on: end of week 6, mode: phone"), diag.OddFigure},
		// Check-ins.
		{checkIn("on: day 8, mode: lab, measure: [platelet count]"), checkIn("on: day 8, mode: phone, measure: [platelet count]"), diag.OddFigure},
		{checkIn("on: 1 day before each dose of course, mode: lab"), checkIn("on: 1 month before each dose of course, mode: lab"), diag.OddFigure},
		{checkIn("on: day 8, mode: phone, measure: [mood]"), checkIn("on: day 8, mode: phone, measure: [mod]"), diag.OddFigure},
		{checkIn("on: day 8, mode: lab, measure: [neutrophil count]"), checkIn("on: day 8, mode: lab, measure: [neutrophil cuont]"), diag.OddFigure},
		// Contraindications.
		{one + "contraindications: { absolute: [progressive multifocal leukoencephalopathy: [PML]] }\n", one + "contraindications: { absolute: [progressive multifocal leukoencephalopathy: [PLM]] }\n", diag.OddFigure},
		{one + "contraindications: { absolute: [severe neutropenia: [ICD-10 D70]] }\n", one + "contraindications: { absolute: [severe neutropenia: [ICD-10 F20]] }\n", diag.OddFigure},
		{one + "contraindications: { absolute: [severe neutropenia: [ICD-10 D70]] }\n", one + "contraindications: { absolute: [severe neutropenia: [ICD-10 D7O]] }\n", diag.OddFigure},
		{one + "population: { weight: 50..90 kg }\ncontraindications: { absolute: [weight under 50 kg] }\n", one + "population: { weight: 40..90 kg }\ncontraindications: { absolute: [weight under 50 kg] }\n", diag.OddFigure},
		{one + "population: { age: 18..90 years }\ncontraindications: { absolute: [age under 18 years] }\n", one + "population: { age: 16..90 years }\ncontraindications: { absolute: [age under 18 years] }\n", diag.OddFigure},
		// Doses.
		{iv + "phases: { course: { dose: { by dose: { from 1: { amount: 50 mg, over: 5 hours }, from 2: { amount: 50 mg, over: 3 hours } } }, frequency: weekly, course: 4 doses } }\n", iv + "phases: { course: { dose: { by dose: { from 1: { amount: 50 mg, over: 3 hours }, from 2: { amount: 50 mg, over: 5 hours } } }, frequency: weekly, course: 4 doses } }\n", diag.OddFigure},
		{phase("dose: 5 mg, frequency: weekly, course: 8 doses"), phase("dose: 5 mg, over: 30 minutes, frequency: weekly, course: 8 doses"), diag.OddFigure},
		{phase("dose: { by weight: { under 50 kg: 5 mg, from 50 kg: 10 mg } }, frequency: weekly, course: 8 doses") + "population: { age: 18..90 years, weight: 40..150 kg }\n", phase("dose: { by weight: { under 150 lb: 5 mg, from 150 lb: 10 mg } }, frequency: weekly, course: 8 doses") + "population: { age: 18..90 years, weight: 40..150 kg }\n", diag.OddFigure},
		{phase("dose: 5 mg, frequency: weekly, times: ['10:00'], course: 8 doses"), phase("dose: 5 mg, frequency: weekly, times: ['22:00'], course: 8 doses"), diag.OddFigure},
		{phase("dose: 5 mg, frequency: weekly, course: 8 doses, sites: [left arm, right arm]"), phase("dose: 5 mg, frequency: weekly, course: 8 doses, sites: [left arm 3 mg, right arm 2 mg]"), diag.OddFigure},
		{plain + "phases: { load: { dose: 20 mg/kg, frequency: once, course: 1 dose }, rest: { dose: 5 mg/kg, frequency: daily, starts: day 2, course: 5 doses } }\npopulation: { age: 0..3 months, weight: 2..8 kg }\n", plain + "phases: { load: { dose: 20 mg/kg, frequency: once, course: 1 dose }, rest: { dose: 5 mg, frequency: daily, starts: day 2, course: 5 doses } }\npopulation: { age: 0..3 months, weight: 2..8 kg }\n", diag.OddFigure},
		{phase("dose: { by week: { from 1: 1 mg, from 2: 2 mg, from 3: 3 mg } }, frequency: weekly, course: 4 weeks }, rest: { dose: 5 mg, frequency: weekly, course: 4 doses"), phase("dose: { by week: { from 1: 3 mg, from 2: 2 mg, from 3: 1 mg } }, frequency: weekly, course: 4 weeks }, rest: { dose: 5 mg, frequency: weekly, course: 4 doses"), diag.OddFigure},
		{head + "medication: { name: examplamine }\nroutes: { oral: { form: tablet, strengths: [1 mg, 5 mg, 10 mg], divides: not at all, round: 1 mg } }\nphases: { course: { dose: { by week: { from 1: 1 mg, from 2: 5 mg, from 3: 10 mg } }, frequency: weekly, course: 4 doses } }\n",
			head + "medication: { name: examplamine }\nroutes: { oral: { form: tablet, strengths: [1 mg, 5 mg, 100 mg], divides: not at all, round: 1 mg } }\nphases: { course: { dose: { by week: { from 1: 1 mg, from 2: 5 mg, from 3: 10 mg } }, frequency: weekly, course: 4 doses } }\n", diag.OddFigure},
		{head + "medication: { name: examplamine }\nroutes: { subcutaneous: { form: pen, strengths: [5 mg] } }\nphases: { course: { dose: 5 mg, frequency: weekly, course: 8 doses } }\n", head + "medication: { name: examplamine }\nroutes: { oral: { form: pen, strengths: [5 mg] } }\nphases: { course: { dose: 5 mg, frequency: weekly, course: 8 doses } }\n", diag.OddFigure},
		{head + "medication: { name: examplamine }\nroutes: { iv: { concentration: 2 mg/mL, over: 1 hour, round: 1 mg } }\nphases: { course: { dose: 300 mg, frequency: weekly, course: 8 doses } }\n", head + "medication: { name: examplamine }\nroutes: { iv: { concentration: 0.2 mg/mL, over: 1 hour, round: 1 mg } }\nphases: { course: { dose: 300 mg, frequency: weekly, course: 8 doses } }\n", diag.OddFigure},
		// What is asked of patients, and who they are.
		{phase("dose: 5 mg, frequency: daily with breakfast, course: 8 days") + "requirements: { each dose: { instructions: [Take it after eating.] } }\n", phase("dose: 5 mg, frequency: daily with breakfast, course: 8 days") + "requirements: { each dose: { instructions: [Take it on an empty stomach.] } }\n", diag.OddFigure},
		{one + "requirements: { each dose: { no driving until: the next morning } }\n", one + "requirements: { each dose: { no driving until: the previous morning } }\n", diag.OddFigure},
		{one + "population: { age: 18..80 years }\nrequirements: { each dose: { no driving until: the next morning } }\n", one + "population: { age: 2..8 years }\nrequirements: { each dose: { no driving until: the next morning } }\n", diag.OddFigure},
		{one + "population: { sex: female, age: 18..80 years }\ncontraindications: { absolute: [pregnancy] }\n", one + "population: { sex: male, age: 18..80 years }\ncontraindications: { absolute: [pregnancy] }\n", diag.OddPopulation},
		{one + "population: { age: 0..3 months, weight: 2..8 kg }\n", one + "population: { age: 0..3 months, weight: 2..30 kg }\n", diag.OddPopulation},
		{one + "population: { age: 0..3 months, weight: 2..8 kg }\n", one + "population: { age: 0..3 years, weight: 2..4 kg }\n", diag.OddPopulation},
		// More of titles.
		{phase("title: 14 days on and 7 off, dose: 5 mg, frequency: days 1-14 of 21, course: 8 cycles"), phase("title: 14 days on and 7 off, dose: 5 mg, frequency: days 1-4 of 21, course: 8 cycles"), diag.OddFigure},
		{phase("title: 'Treatment, eight cycles', dose: 5 mg, frequency: days 1-14 of 21, course: 8 cycles"), phase("title: 'Treatment, eight cycles', dose: 5 mg, frequency: days 1-14 of 21, course: 18 cycles"), diag.OddFigure},
		{phase("title: 'Doses at 0, 2 and 6 months', dose: 5 mg, frequency: 'at 0, 2 and 6 months', course: 3 doses"), phase("title: 'Doses at 0, 2 and 6 months', dose: 5 mg, frequency: 'at 0, 1 and 6 months', course: 3 doses"), diag.OddFigure},
		{phase("title: 5 mg in the evening, dose: 5 mg, frequency: every evening, course: 8 days"), phase("title: 5 mg in the evening, dose: 5 mg, frequency: every morning, course: 8 days"), diag.OddFigure},
		{phase("title: First 7 days, dose: 5 mg, frequency: daily, course: 7 days"), phase("title: First 7 days, dose: 5 mg, frequency: daily, course: 17 days"), diag.OddFigure},
		{phase("title: 5 mg swallowed weekly, dose: 5 mg, frequency: weekly, course: 8 doses"), iv + "phases: { course: { title: 5 mg swallowed weekly, dose: 5 mg, frequency: weekly, course: 8 doses } }\n", diag.OddFigure},
		{phase("title: Less every 4 weeks, dose: { start: 20 mg, decrease: 5 mg, every: 4 weeks, to: 5 mg }, frequency: daily, course: through the last step"), phase("title: Less every 4 weeks, dose: { start: 20 mg, decrease: 5 mg, every: 4 days, to: 5 mg }, frequency: daily, course: through the last step"), diag.OddFigure},
		{checkIn("title: Call a week after the first dose, on: 1 week after first dose, mode: phone"), checkIn("title: Call a week after the first dose, on: 1 week before last dose, mode: phone"), diag.OddFigure},
		{checkIn("title: Three-month review, on: end of month 3, mode: phone"), checkIn("title: Three-month review, on: end of month 9, mode: phone"), diag.OddFigure},
		{checkIn("title: Call in week 4, on: day 22, mode: phone"), checkIn("title: Call in week 4, on: day 40, mode: phone"), diag.OddFigure},
		{checkIn("title: Level before the morning dose, on: day 8, time: '07:30', mode: lab"), checkIn("title: Level before the morning dose, on: day 8, time: '19:30', mode: lab"), diag.OddFigure},
		// Instructions.
		{one + "requirements: { each dose: { instructions: [Swallow with water.] } }\n", one + "requirements: { each dose: { instructions: ['Give intravenously, not into tender skin.'] } }\n", diag.OddFigure},
		{one + "requirements: { each dose: { instructions: [Take it once a week.] } }\n", one + "requirements: { each dose: { instructions: [Take it twice a week.] } }\n", diag.OddFigure},
		{one + "requirements: { each dose: { monitoring after: 30 minutes, instructions: [Observed for 30 minutes.] } }\n", one + "requirements: { each dose: { monitoring after: 30 minutes, instructions: [Observed for 10 minutes.] } }\n", diag.OddFigure},
		{one + "requirements: { each dose: { no food for: 1 hour, instructions: [On an empty stomach.] } }\n", one + "requirements: { each dose: { no food for: 1 hour, instructions: [With a meal.] } }\n", diag.OddFigure},
		{head + "medication: { name: examplamine }\nroutes: { oral: { form: tablet, strengths: [5 mg], divides: not at all } }\nphases: { course: { dose: 5 mg, frequency: weekly, course: 8 doses } }\nrequirements: { each dose: { instructions: [Do not crush it.] } }\n",
			head + "medication: { name: examplamine }\nroutes: { oral: { form: tablet, strengths: [5 mg], divides: not at all } }\nphases: { course: { dose: 5 mg, frequency: weekly, course: 8 doses } }\nrequirements: { each dose: { instructions: [Crush it.] } }\n", diag.OddFigure},
		{checkIn("around each dose: [0 min, 40 min], mode: in person, measure: [blood pressure, sedation]"), checkIn("around each dose: [0 min, 40 min], mode: lab, measure: [blood pressure, sedation]"), diag.OddFigure},
		{one, head + "medication: { name: examplamine }\nroutes: { oral: { round: 1 mcg } }\nphases: { course: { dose: 5 mg, frequency: weekly, course: 8 doses } }\n", diag.OddFigure},
		// Figures of the file's title, of strengths and of limits that lie far from all others.
		{titled("Examplamine 5 mg weekly", weekly), titled("Examplamine 50 mg weekly", weekly), diag.OddFigure},
		{titled("Examplamine 5 mg weekly", weekly), titled("Examplamine 8 mg weekly", weekly), diag.OddFigure},
		{titled("Examplamine on days 1, 8 and 15", "phases: { course: { dose: 5 mg, frequency: on days 1 and 8 and 15, course: 3 doses } }"), titled("Examplamine on days 1, 8 and 150", "phases: { course: { dose: 5 mg, frequency: on days 1 and 8 and 15, course: 3 doses } }"), diag.OddFigure},
		{titled("Examplamine on 14 of 21 days", "phases: { course: { dose: 5 mg, frequency: \"14 days on, 7 off\", course: 3 cycles } }"), titled("Examplamine on 14 of 210 days", "phases: { course: { dose: 5 mg, frequency: \"14 days on, 7 off\", course: 3 cycles } }"), diag.OddFigure},
		{titled("Examplamine for 8 weeks", weekly), titled("Examplamine for 8 months", weekly), diag.OddFigure},
		{titled("Examplamine 5 mg with otherine 0.3 mg, weekly", weekly), titled("Examplamine 6 mg with otherine 0.3 mg, weekly", weekly), diag.OddFigure},
		{titled("Examplamine by mouth", weekly), titled("Examplamine under the skin", weekly), diag.OddFigure},
		{titled("Examplamine by weight", weekly), titled("Examplamine by ideal weight", weekly), diag.OddFigure},
		{head + "medication: { name: examplamine }\nroutes: { oral: { form: capsule, strengths: [5 mg, 10 mg] } }\nphases: { course: { dose: 10 mg, frequency: weekly, course: 8 doses } }\n",
			head + "medication: { name: examplamine }\nroutes: { oral: { form: capsule, strengths: [5 mg, 100 mg] } }\nphases: { course: { dose: 10 mg, frequency: weekly, course: 8 doses } }\n", diag.OddFigure},
		{head + "medication: { name: examplamine }\nroutes: { oral: { form: capsule of 5 mg, strengths: [5 mg] } }\nphases: { course: { dose: 10 mg, frequency: weekly, course: 8 doses } }\n",
			head + "medication: { name: examplamine }\nroutes: { oral: { form: capsule of 50 mg, strengths: [5 mg] } }\nphases: { course: { dose: 10 mg, frequency: weekly, course: 8 doses } }\n", diag.OddFigure},
		{head + "medication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\nlimits: { single dose: 10 mg, interval: 4 h }\nas needed: { relief: { dose: 10 mg, reason: pain, apart: 4 hours, at most: 4 doses in 24 hours } }\n",
			head + "medication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\nlimits: { single dose: 10 mg, interval: 4 min }\nas needed: { relief: { dose: 10 mg, reason: pain, apart: 4 hours, at most: 4 doses in 24 hours } }\n", diag.LooseLimit},
		{one + "limits: { reassess: every 6 weeks }\n", one + "limits: { reassess: every 6 years }\n", diag.OddFigure},
		{head + "medication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\nlimits: { single dose: 10 mg, any 24 hours: 40 mg }\nas needed: { relief: { dose: 10 mg, reason: pain, apart: 4 hours, at most: 4 doses in 24 hours } }\n",
			head + "medication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\nlimits: { single dose: 10 mg, any 24 hours: 400 mg }\nas needed: { relief: { dose: 10 mg, reason: pain, apart: 4 hours, at most: 4 doses in 24 hours } }\n", diag.LooseLimit},
		{plain + "population: { age: 18..110 years }\n" + weekly, plain + "population: { age: 108..110 years }\n" + weekly, diag.OddPopulation},
		// Criteria.
		{checkIn("on: day 8, mode: phone, measure: [PHQ-9], criterion: PHQ-9 halved, gates: course"), checkIn("on: day 8, mode: phone, measure: [GAD-7], criterion: PHQ-9 halved, gates: course"), diag.OddFigure},
		{checkIn("before: first dose, within: 7 days, mode: in person, criterion: no deficiency, gates: first dose") + "contraindications: { absolute: [enzyme deficiency] }\n", checkIn("before: first dose, within: 7 days, mode: in person, criterion: enzyme deficiency, gates: first dose") + "contraindications: { absolute: [enzyme deficiency] }\n", diag.OddFigure},
		{one + "contraindications: { absolute: [hypersensitivity to examplamine] }\n", one + "contraindications: { relative: [hypersensitivity to examplamine] }\n", diag.OddFigure},
		// Phases beside and after each other.
		{plain + "population: { age: 2..12 years }\nphases: { young: { for: { age: under 6 }, dose: 5 mg, frequency: daily, course: 7 days }, old: { for: { age: from 6 }, dose: 10 mg, frequency: daily, course: 5 days } }\n", plain + "population: { age: 2..12 years }\nphases: { young: { for: { age: under 16 }, dose: 5 mg, frequency: daily, course: 7 days }, old: { for: { age: from 6 }, dose: 10 mg, frequency: daily, course: 5 days } }\n", diag.OddFigure},
		{plain + "phases: { first: { dose: 5 mg, frequency: daily, course: 4 weeks }, then: { dose: 10 mg, frequency: daily, course: 4 weeks, starts: day 29 } }\n", plain + "phases: { first: { dose: 5 mg, frequency: daily, course: 4 weeks }, then: { dose: 10 mg, frequency: daily, course: 4 weeks, starts: day 290 } }\n", diag.OddJoin},
		{phase("dose: { by day: { from 1: 10 mg, from 15: 5 mg } }, frequency: on days 1 and 15, course: 4 weeks"), phase("dose: { by day: { from 1: 10 mg, from 16: 5 mg } }, frequency: on days 1 and 15, course: 4 weeks"), diag.OddFigure},
		{one + "measurements: { trough: 1..30 ng/mL }\nas needed: { pain: { dose: { by measurement: { trough: { under 5 ng/mL: 10 mg, from 5 ng/mL: 5 mg } } }, reason: pain, apart: 6 hours, at most: 2 doses in 24 hours } }\n", one + "measurements: { trough: 1..30 ng/mL }\nas needed: { pain: { dose: { by measurement: { trough: { under 5 ng/mL: 5 mg, from 5 ng/mL: 10 mg } } }, reason: pain, apart: 6 hours, at most: 2 doses in 24 hours } }\n", diag.OddFigure},
		{phase("dose: 5 mg, frequency: weekly, course: 8 doses, sites: [left deltoid, right deltoid]"), phase("dose: 5 mg, frequency: weekly, course: 8 doses, sites: [left deltiod, right deltoid]"), diag.OddFigure},
		{plain + "phases: { first: { dose: 5 mg, frequency: weekly, course: 4 doses }, then: { dose: 10 mg, frequency: weekly, course: 4 doses, starts: day 29 } }\n", plain + "phases: { first: { dose: 5 mg, frequency: weekly, course: 4 doses }, then: { dose: 10 mg, frequency: weekly, course: 4 doses, starts: end of week 4 } }\n", diag.TwoReadings},
		{plain + "phases: { a: { dose: 5 mg, frequency: weekly, course: 4 doses }, b: { dose: 5 mg, frequency: once, course: 1 doses, starts: dose 4 of a } }\n", plain + "phases: { a: { dose: 5 mg, frequency: weekly, course: 4 doses }, b: { dose: 5 mg, frequency: weekly, course: 4 doses, starts: dose 4 of a } }\n", diag.OddJoin},
		{plain + "phases: { a: { dose: 5 mg, frequency: 'days 8, 15 of 28', course: 2 cycles }, b: { dose: 5 mg, frequency: days 1-3 of 28, course: 2 cycles, starts: start of a } }\n", plain + "phases: { a: { dose: 5 mg, frequency: 'days 8, 15 of 28', course: 2 cycles }, b: { dose: 5 mg, frequency: days 1-3 of 28, course: 2 cycles, starts: with a } }\n", diag.TwoReadings},
		// Reassessments, budgets, dates.
		{one + "limits: { reassess: every 4 weeks }\n", one + "limits: { reassess: every 4 days }\n", diag.OddFigure},
		{one + "limits: { reassess: every 4 weeks }\n", one + "limits: { reassess: every 4 months }\n", diag.LooseLimit},
		{plain + "as needed: { pain: { dose: 5 mg, reason: pain, apart: 6 hours, at most: 20 mg in 24 hours } }\n", plain + "as needed: { pain: { dose: 5 mg, reason: pain, apart: 6 hours, at most: 40 mg in 24 hours } }\n", diag.OddFigure},
		{one + "dates: { operation: 7..14 days }\ncheck-ins: { visit: { on: 1 day before operation, mode: in person } }\n", one + "dates: { operation: 7..14 days }\ncheck-ins: { visit: { on: 1 month before operation, mode: in person } }\n", diag.OddFigure},
		{one + "dates: { operation: 7..14 days }\ncheck-ins: { visit: { on: operation, mode: in person } }\n", one + "dates: { operation: 700..714 days }\ncheck-ins: { visit: { on: operation, mode: in person } }\n", diag.OddFigure},
		{iv + "dates: { operation: '7..14 days at 08:00' }\nphases: { course: { dose: 50 mg, over: 5 minutes, frequency: once, course: 1 dose, starts: 30 minutes before operation } }\n", iv + "dates: { operation: '7..14 days at 08:00' }\nphases: { course: { dose: 50 mg, over: 5 hours, frequency: once, course: 1 dose, starts: 30 minutes before operation } }\n", diag.OddFigure},
	} {
		for _, x := range []struct {
			text string
			want bool
		}{{c.right, false}, {c.wrong, true}} {
			if found := everything(x.text); has(found, c.code) != x.want {
				t.Errorf("%s: want it %v\n%s%v", c.code, x.want, x.text, found)
			}
		}
	}
}

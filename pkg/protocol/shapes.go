package protocol

import (
	"strings"

	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// doseDims are the dimensions that doses can have; rateDims those that can also be per kg or m2.
var (
	rateDims = []quantity.Dimension{quantity.Mass, quantity.Volume, quantity.Activity, quantity.Moles, quantity.Equivalents, quantity.Radioactivity}
	doseDims = append([]quantity.Dimension{quantity.Count}, rateDims...)
)

var (
	patternDose = noBodyWeight(grammar.PatternAmount(false, doseDims...))
	patternRate = patternDose + "|" + noBodyWeight(grammar.PatternAmount(true, rateDims...))
	// A phase whose name begins with “week” is not named after “of”: “end of week 4” is a day.
	ofPhase       = `( of (([a-vx-z]|w[a-df-z0-9-]|we[a-df-z0-9-]|wee[a-jl-z0-9-])[a-z0-9-]*|w|we|wee))?`
	patternHourly = `(` + patternRate + `)/(h|hour|min|minute)`
	patternHours  = patternRate + "|" + patternHourly
	patternGiven  = patternHours + "|" + patternShare
	patternWhen   = `([Tt]he )?[Ff]irst [A-Za-z]+ (on or )?after .+|([0-9]{1,6} (min|minutes?|h|hours?|d|days?|weeks?|months?|years?) (before|after) )?((the )?end of )?(start|end|first dose|last dose|each dose|(first dose|dose 1|day 1) of each (cycle|run)|(day|week|end of week|month|end of month|dose) -?[0-9]{1,5})` + ofPhase + `|(with|after) .+|([0-9]{1,6} (d|days?|weeks?|months?|years?) (before|after) )?` + grammar.PatternName
	coursePart    = `([1-9][0-9]{0,8} (doses?|cycles?)|` + grammar.PatternDays + `|` + grammar.PatternElapsed + `|until (` + patternRate + `) in (all|a lifetime)|until ` + grammar.PatternName + ` is met|until (day|end of week|end of month) -?[0-9]{1,5}|until ([0-9]{1,6} (min|minutes?|h|hours?|d|days?|weeks?|months?|years?) (before|after) )?` + grammar.PatternName + `)`
)

// The shapes of values that the language has words of its own for.
var (
	shapeAmount    = grammar.Pattern("an amount, as 50 mg", patternDose).In(grammar.CanonAmount)
	shapeRate      = grammar.Pattern("an amount or rate, as 50 mg or 1.5 mg/kg", patternRate).In(grammar.CanonAmount)
	shapeHourly    = grammar.Pattern("an amount or rate, as 50 mg, 1.5 mg/kg or 18 units/kg/h", patternHours).In(canonGiven)
	shapeGiven     = grammar.Pattern("an amount or rate, as 50 mg, 1.5 mg/kg or 18 units/kg/h; or a share of a measurement, as 50 % of present dose", patternGiven).In(canonGiven)
	shapeLimit     = grammar.Pattern("an amount, or a rate per kg or m2, as 50 mg, 1.5 mg/kg or 60 mg/m2", patternRate).In(grammar.CanonAmount)
	shapeChange    = grammar.Pattern("an amount, a rate, or a percentage, as 25 mg or 10 % of start", `(`+patternRate+`|`+grammar.PatternAmount(false, quantity.Ratio)+`)( of start)?`).In(grammar.CanonAmount)
	shapeIncrease  = grammar.Pattern("an amount, or a range of amounts as 0.1..0.5 mg/kg", patternRate+`|`+grammar.PatternNumber+` *\.\. *(`+patternRate+`)`)
	shapeArea      = grammar.Pattern("an area, as 0.01 m2", grammar.PatternAmount(false, quantity.Area)).In(grammar.CanonAmount)
	shapeStep      = grammar.Pattern("a tier, or an amount or rate", grammar.PatternName+`|`+patternRate).In(grammar.CanonAmount)
	shapeEvery     = grammar.Pattern("a length of time in days or weeks, or a number of doses", `0{0,5}[1-9][0-9]{0,5} *(d|days?|weeks?)|[1-9][0-9]{0,5} doses?`)
	shapeRound     = grammar.Pattern("a step, as 5 mg, 5 mg down, 5 mg up, or 1/4 of 100 mg; or none", `(`+grammar.PatternNumber+`/`+grammar.PatternNumber+` of )?`+patternDose+`( down| up)?|none`)
	shapeWindow    = grammar.Pattern("±3 days, +2 days, -1 day, or -1 to +3 days", `(±\s?[0-9]+|[+-]?[0-9]+|(-[0-9]+|0) (days? )?to \+?[0-9]+) days?`)
	shapeWindows   = grammar.Shape{Text: shapeWindow.Text + "; or a mapping of `from dose N` to one", Schema: map[string]any{"anyOf": []any{shapeWindow.Schema, grammar.Keyed("`from dose N`", `from dose [1-9][0-9]{0,5}`, shapeWindow).Schema}}}
	shapeWhen      = grammar.Pattern("a day of the course, as: day 8, dose 3 of induction, end of week 4, 4 weeks after last dose", patternWhen)
	shapeFrequency = grammar.List(grammar.Pattern("a frequency, as daily, 3 a week, every 2 weeks", frequency.Pattern).In(canonFrequency))
	shapeCourse    = grammar.Pattern("6 doses, 4 weeks, 6 cycles, until end of week 52, until 7 days after one of the dates, until 120 mg/kg in all, until response is met, through the last step, several joined by “or”, or open-ended", `open-ended|through the last step|`+coursePart+`( or `+coursePart+`)*(, whichever comes first)?`)
	shapeDose      = grammar.Shape{Canon: canonGiven, Text: "a dose: an amount, a rate, a share of a measurement, `tier`, or a mapping (see “Doses”)", Schema: map[string]any{"anyOf": []any{map[string]any{"type": "string", "pattern": "^(tier|" + patternGiven + ")$"}, grammar.Ref("dose")}}}
	shapePhaseDose = grammar.Shape{Canon: canonGiven, Text: "a dose: an amount, a rate, a share of a measurement, `tier`, `titration`, or a mapping (see “Doses”)", Schema: map[string]any{"anyOf": []any{map[string]any{"type": "string", "pattern": "^(tier|titration|" + patternGiven + ")$"}, grammar.Ref("dose")}}}
	shapeAround    = grammar.Pattern("minutes or hours, as 40 minutes", `0 min|0 minutes|`+grammar.PatternElapsed)
	shapeNoTier    = map[string]any{"anyOf": []any{map[string]any{"type": "string", "pattern": "^(" + patternGiven + ")$"}, grammar.Ref("dose")}}
	shapeTierDose  = grammar.Shape{Canon: canonGiven, Text: "a dose, or a mapping of routes to doses", Schema: map[string]any{"anyOf": []any{shapeNoTier, grammar.Keyed("routes", routePattern, grammar.Shape{Text: "a dose", Schema: shapeNoTier, Canon: grammar.CanonAmount}).Schema}}}
	shapeRoute     = grammar.Pattern("a route", routePattern).In(ParseRoute)
	shapeTime      = grammar.Pattern("a clock time as 08:00, or morning, noon, afternoon, evening, bedtime, breakfast, lunch, dinner, or some time before or after one, as 30 minutes before breakfast", grammar.PatternClock+`|`+timeWords)
	shapeTimes     = grammar.Shape{Text: grammar.List(shapeTime).Text + "; or a mapping of days of the week, and `other`, to them", Schema: map[string]any{"anyOf": []any{grammar.List(shapeTime).Schema, grammar.Keyed("days of the week, or `other`", keysWeekday, grammar.List(shapeTime)).Schema}}}
	shapeTerm      = grammar.Shape{Text: "a term, or a mapping of it to other words", Schema: map[string]any{"anyOf": []any{grammar.Text.Schema, map[string]any{"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": grammar.List(grammar.Text).Schema}}}}
	shapeContra    = grammar.Shape{Text: "a list of terms", Schema: map[string]any{"type": "array", "items": shapeTerm.Schema}}
	shapeWeight    = grammar.Pattern("actual weight, ideal weight, adjusted weight, "+lowerWeight+"; or two of them, as: actual weight, ideal from BMI 30, or: actual weight, adjusted above 120 % of ideal", lowerWeight+`|`+raisedWeight+`|(actual|ideal|adjusted) weight(, (actual|ideal|adjusted) (from BMI `+grammar.PatternPositive+`|(from|above) [0-9]+(\.[0-9]+)? ?% of ideal( weight)?))?`)
)

// noBodyWeight takes the units that only people are weighed in out of a pattern.
func noBodyWeight(p string) string {
	for _, unit := range []string{"|kg", "|lbs", "|lb"} {
		p = strings.ReplaceAll(p, unit, "")
	}
	return p
}

// timeWords matches the names of times of day, and what lies some time from one.
const timeWords = `([1-9][0-9]{0,2} ?(min|minutes?|h|hours?) (before|after) )?(morning|noon|afternoon|evening|bedtime|breakfast|lunch|dinner)`

// from returns the shape of a mapping of cases to doses.
func from(of, keys string) grammar.Shape { return grammar.Keyed(of, keys, shapeDose) }

// banded is from for bands of a value of the patient.
func banded(unit, value string) grammar.Shape {
	given := shapeDose
	given.Schema = map[string]any{"anyOf": []any{shapeDose.Schema, map[string]any{"enum": []any{"not given"}}}}
	given.Text = "a dose, or `not given`"
	return grammar.Keyed("`from`, `above`, `up to` or `under` so many "+unit, patternEnds(value), given)
}

// counted is from for counts, whose first case is the number of the first.
func counted() grammar.Shape {
	return from("`from N`", `from (-?[1-9][0-9]{0,8}|0)`)
}

// keysWeekday matches days of the week as a key.
const keysWeekday = `other|` + weekday + `([, ]+` + weekday + `)*`

const weekday = `(sun|mon|tue|wed|thu|fri|sat|sundays?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?)`

// canonFrequency spells a frequency in the words of the language.
func canonFrequency(text string) string {
	f, _, err := frequency.Parse(text)
	if err != nil {
		return text
	}
	return f.String()
}

// canonGiven spells an amount, a rate, one per hour or minute, or a share of a measurement, in the words of the language.
func canonGiven(text string) string {
	if m := reShare.FindStringSubmatch(text); m != nil {
		return m[1] + " % of " + m[2]
	}
	body, per := perTime(&source.Node{Kind: source.Scalar, Value: text})
	switch per {
	case 60:
		return grammar.CanonAmount(body.Value) + "/h"
	case 1:
		return grammar.CanonAmount(body.Value) + "/min"
	}
	return grammar.CanonAmount(text)
}

package protocol

import "github.com/doseplan/doseplan/pkg/grammar"

// The shapes of values that only protocols have.
var (
	shapeStep      = grammar.Pattern("a tier, or an amount or rate", `([a-z][a-z0-9-]*|`+grammar.PatternNumber+` ?[^0-9 .].*)`)
	shapeEvery     = grammar.Pattern("a length of time in days or weeks, or a number of doses", `[0-9]{1,6} ?(d|days?|weeks?|doses)`)
	shapeRound     = grammar.Pattern("a step, as 5 mg, 5 mg down, or 1/4 of 100 mg", `([0-9.]+/[0-9.]+ of )?`+grammar.PatternNumber+` ?\S.*`)
	shapeWindow    = grammar.Pattern("±3 days, +2 days, -1 day, or -1 to +3 days", `(±\s?[0-9]+|[+-]?[0-9]+|-[0-9]+ (days? )?to \+?[0-9]+) days?`)
	shapeWhen      = grammar.Shape{Text: "a day of the course, as: day 8, dose 3 of induction, end of week 4, 4 weeks after last dose", Schema: map[string]any{"type": "string", "minLength": 1}}
	shapeFrequency = grammar.Shape{Text: "a frequency in words, or a list of those offered, the default first", Schema: map[string]any{"anyOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "minItems": 1}}}}
	shapeCourse    = grammar.Shape{Text: "6 doses, 4 weeks, 6 cycles, two of them joined by “or”, or open-ended", Schema: map[string]any{"type": "string"}}
	shapeDose      = grammar.Shape{Text: "a dose: an amount, a rate, `tier`, or a mapping (see “Doses”)", Schema: map[string]any{"anyOf": []any{map[string]any{"type": "string"}, grammar.Ref("dose")}}}
)

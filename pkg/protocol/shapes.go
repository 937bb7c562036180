package protocol

import "strings"

// The shapes of scalar values, with their patterns for the schema.

const (
	patternNumber = `(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?`
	patternPeriod = `[0-9]{1,6} ?(min|minutes?|h|hours?|d|days?|weeks?|months?|years?)`
)

func pattern(text, p string) shape {
	return shape{text, map[string]any{"type": "string", "pattern": "^" + p + "$"}}
}

var (
	shapeText      = shape{"text", map[string]any{"type": "string", "minLength": 1}}
	shapeName      = pattern("a name", `[a-z][a-z0-9]*(-[a-z0-9]+)*`)
	shapeAmount    = pattern("an amount, as 50 mg", patternNumber+` ?[^0-9 .].*`)
	shapeRate      = pattern("an amount or rate, as 50 mg or 1.5 mg/kg", patternNumber+` ?[^0-9 .].*`)
	shapePercent   = pattern("a percentage, as 30 %", patternNumber+` ?%`)
	shapePeriod    = pattern("a length of time, as 14 days", patternPeriod)
	shapeElapsed   = pattern("minutes or hours, as 40 minutes", `[0-9]{1,6} ?(min|minutes?|h|hours?)`)
	shapeRound     = pattern("a step, as 5 mg, 5 mg down, or 1/4 of 100 mg", `([0-9.]+/[0-9.]+ of )?`+patternNumber+` ?\S.*`)
	shapeWindow    = pattern("±3 days, +2 days, -1 day, or -1 to +3 days", `(±\s?[0-9]+|[+-]?[0-9]+|-[0-9]+ (days? )?to \+?[0-9]+) days?`)
	shapeWhen      = shape{"a day of the course, as: day 8, dose 3 of induction, end of week 4, 4 weeks after last dose", map[string]any{"type": "string", "minLength": 1}}
	shapeFrequency = shape{"a frequency in words, or a list of those offered, the default first", map[string]any{"anyOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "minItems": 1}}}}
	shapeCourse    = shape{"6 doses, 4 weeks, 6 cycles, two of them joined by “or”, or open-ended", map[string]any{"type": "string"}}
	shapeDose      = shape{"a dose: an amount, a rate, `tier`, or a mapping (see “Doses”)", map[string]any{"anyOf": []any{map[string]any{"type": "string"}, ref("dose")}}}
	shapeRange     = shape{"a range, as 45..150 kg", map[string]any{"type": "string", "pattern": `^.*\.\..*$`}}
)

func ref(name string) map[string]any { return map[string]any{"$ref": "#/$defs/" + name} }

func shapeWords(words ...string) shape {
	enum := make([]any, len(words))
	for i, w := range words {
		enum[i] = w
	}
	return shape{"one of: " + strings.Join(words, ", "), map[string]any{"enum": enum}}
}

func shapeList(of shape) shape {
	return shape{of.text + "; or a list", map[string]any{"anyOf": []any{of.schema, map[string]any{"type": "array", "items": of.schema, "minItems": 1}}}}
}

func shapeObject(name string) shape {
	return shape{"a mapping (see “" + name + "”)", ref(name)}
}

func shapeMap(of string, value shape) shape {
	return shape{"a mapping of " + of + " to " + value.text, map[string]any{"type": "object", "additionalProperties": value.schema, "minProperties": 1}}
}

package grammar

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// Patterns of scalars, in the dialect that JSON Schema and Go share.
const (
	PatternNumber  = `(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?`
	PatternName    = `[a-z][a-z0-9]*(-[a-z0-9]+)*`
	PatternElapsed = `0{0,5}[1-9][0-9]{0,5} *(min|minutes?|h|hours?)`
	PatternDays    = `0{0,5}[1-9][0-9]{0,5} *(d|days?|weeks?|months?|years?)`
	PatternClock   = `([01][0-9]|2[0-3]):[0-5][0-9]`
)

// PatternAmount matches an amount of more than nothing in the units of some dimensions, such
// as "50 mg"; with rates, also one per kg or m2.
func PatternAmount(rates bool, dims ...quantity.Dimension) string {
	p := PatternPositive + ` *(` + strings.Join(unitsOf(dims), "|") + `)`
	if rates {
		p += `(/(kg|m2|m²))?`
	}
	return p
}

// PatternPositive is PatternNumber for numbers that are more than nothing.
var PatternPositive = func() string {
	p := `([1-9][0-9]{0,8}(\.[0-9]{1,6})?|0\.(`
	for zeros := range 6 {
		if zeros > 0 {
			p += "|"
		}
		p += strings.Repeat("0", zeros) + `[1-9][0-9]{0,` + strconv.Itoa(5-zeros) + `}`
	}
	return p + `))`
}()

func unitsOf(dims []quantity.Dimension) []string {
	names := quantity.UnitNames(dims...)
	for i, name := range names {
		names[i] = regexp.QuoteMeta(name)
	}
	return names
}

// Pattern returns the shape of a text that matches a regular expression.
func Pattern(text, p string) Shape {
	return Shape{Text: text, Schema: map[string]any{"type": "string", "pattern": "^(" + p + ")$"}}
}

// traps are the names that are no names, because YAML readers take them for something else.
var traps = map[string]any{"enum": []any{"yes", "no", "on", "off", "true", "false"}}

// The shapes of scalars.
var (
	Text    = Shape{Text: "text", Schema: map[string]any{"type": []any{"string", "number", "boolean"}, "pattern": `\S`}}
	Name    = Shape{Text: "a name", Schema: map[string]any{"type": "string", "pattern": "^" + PatternName + "$", "maxLength": 64, "not": traps}}
	Percent = Pattern("a percentage, as 30 %", PatternAmount(false, quantity.Ratio))
	Days    = Pattern("a length of time, as 14 days", PatternDays).In(canonPeriod)
	Elapsed = Pattern("minutes or hours, as 40 minutes", PatternElapsed).In(canonPeriod)
)

// canonPeriod spells a length of time: days for weeks, and months for years.
func canonPeriod(text string) string {
	p, err := civil.ParsePeriod(text)
	if err != nil {
		return text
	}
	if months, days, ok := p.Calendar(); ok && months != 0 {
		p = civil.Period{N: months, Unit: civil.Month}
	} else if ok {
		p = civil.Period{N: days, Unit: civil.Day}
	} else if elapsed, ok := p.Elapsed(); ok {
		p = civil.Period{N: int(elapsed.Minutes()), Unit: civil.Minute}
	}
	return p.String()
}

// CanonAmount spells an amount: the number without needless zeros, in the base unit of its
// kind, so that 500 mcg and 0.5 mg are one.
func CanonAmount(text string) string {
	a, err := quantity.Parse(text)
	if err != nil {
		return text
	}
	if a.Unit().Dimension() == quantity.Mass {
		a = a.In(quantity.Milligram.WithPer(a.Unit().Per()))
	}
	return a.Text()
}

// Range returns the shape of a range, either end of which may be left out.
func Range(example, unit string) Shape {
	return Pattern("a range, as "+example, PatternNumber+` *\.\. *(`+PatternNumber+`)?`+unit+`|\.\. *`+PatternNumber+unit)
}

// Number returns the shape of a whole number, which editors read as a number and the parser
// as text.
func Number(text, p string) Shape {
	return Shape{Text: text, Schema: map[string]any{"anyOf": []any{map[string]any{"type": "integer", "minimum": 0}, map[string]any{"type": "string", "pattern": "^" + p + "$"}}}}
}

// Ref refers to the definition of an object.
func Ref(name string) map[string]any { return map[string]any{"$ref": "#/$defs/" + name} }

// Words returns the shape of one of a few words.
func Words(words ...string) Shape {
	var enum []any
	for _, w := range words {
		enum = append(enum, w)
		if n, err := strconv.Atoi(w); err == nil {
			enum = append(enum, n) // as editors read it
		}
	}
	return Shape{Text: "one of: " + strings.Join(words, ", "), Schema: map[string]any{"enum": enum}}
}

// List returns the shape of one value, or a list of them.
func List(of Shape) Shape {
	return Shape{of.Text + "; or a list", map[string]any{"anyOf": []any{of.Schema, map[string]any{"type": "array", "items": of.Schema, "minItems": 1}}}, of.Canon}
}

// Mapping returns the shape of the object of a name.
func Mapping(name string) Shape {
	return Shape{Text: "a mapping (see “" + name + "”)", Schema: Ref(name)}
}

// Map returns the shape of a mapping with free keys.
func Map(of string, value Shape) Shape {
	return Shape{"a mapping of " + of + " to " + value.Text, map[string]any{"type": "object", "additionalProperties": value.Schema}, value.Canon}
}

// Schema returns the JSON Schema (2020-12) of a kind of file: the first of docs is the file,
// and the others are the mappings inside it.
func Schema(id, title string, docs []ObjectDoc) map[string]any {
	defs := map[string]any{}
	for _, d := range docs[1:] {
		defs[d.Name] = d.schema()
	}
	root := docs[0].schema()
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = id
	root["title"] = title
	root["$defs"] = defs
	return root
}

func (d *ObjectDoc) schema() map[string]any {
	properties, patterns, required := map[string]any{}, map[string]any{}, []any{}
	for _, k := range d.Keys {
		p := map[string]any{"description": k.Doc}
		for name, v := range k.Shape.Schema {
			p[name] = v
		}
		if k.Kind != nil {
			patterns["^("+k.Kind.Pattern+")$"] = p
			continue
		}
		properties[k.Name] = p
		if k.Required {
			required = append(required, k.Name)
		}
	}
	s := map[string]any{"type": "object", "description": d.Doc, "properties": properties, "additionalProperties": false}
	if len(patterns) > 0 {
		s["patternProperties"] = patterns
	}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// Keyed is Map for keys that match a regular expression.
func Keyed(of, keys string, value Shape) Shape {
	s := Map(of, value)
	s.Schema["propertyNames"] = map[string]any{"pattern": "^(" + keys + ")$", "maxLength": 64, "not": traps}
	return s
}

// Partial lets the files of a schema that have a key leave out what others must have. Those
// without the key follow whole as well.
func Partial(s map[string]any, key string, whole map[string]any) map[string]any {
	defs := s["$defs"].(map[string]any)
	complete := map[string]any{}
	for name, v := range s {
		if name == "properties" || name == "type" {
			complete[name] = v
		}
	}
	all := map[string]any{"complete": map[string]any{"allOf": []any{complete, whole}}}
	for name, d := range defs {
		all[name] = d
		all["part of "+name] = relaxed(d)
	}
	out := relaxed(s).(map[string]any)
	out["$defs"] = all
	out["if"] = map[string]any{"not": map[string]any{"required": []any{key}}}
	out["then"] = Ref("complete")
	return out
}

// relaxed returns a copy of a schema in which nothing is required, and references go to
// definitions that are as relaxed.
func relaxed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, x := range v {
			switch name {
			case "required", "dependentRequired", "oneOf", "$defs":
			case "anyOf":
				if list := x.([]any); len(list) > 0 {
					if m, ok := list[0].(map[string]any); ok && m["required"] != nil {
						continue
					}
				}
				out[name] = relaxed(x)
			case "$ref":
				out[name] = strings.Replace(x.(string), "#/$defs/", "#/$defs/part of ", 1)
			case "properties", "patternProperties":
				fields := map[string]any{} // whose names are no keywords
				for field, y := range x.(map[string]any) {
					fields[field] = relaxed(y)
				}
				out[name] = fields
			default:
				out[name] = relaxed(x)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = relaxed(x)
		}
		return out
	}
	return v
}

package grammar

import (
	"strconv"
	"strings"
)

// Patterns of scalars.
const (
	PatternNumber = `(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?`
	PatternPeriod = `[0-9]{1,6} ?(min|minutes?|h|hours?|d|days?|weeks?|months?|years?)`
)

// Pattern returns the shape of a text that matches a regular expression.
func Pattern(text, p string) Shape {
	return Shape{Text: text, Schema: map[string]any{"type": "string", "pattern": "^" + p + "$"}}
}

// The shapes of scalars.
var (
	Text    = Shape{Text: "text", Schema: map[string]any{"type": "string", "minLength": 1}}
	Name    = Pattern("a name", `[a-z][a-z0-9]*(-[a-z0-9]+)*`)
	Amount  = Pattern("an amount, as 50 mg", PatternNumber+` ?[^0-9 .].*`)
	Rate    = Pattern("an amount or rate, as 50 mg or 1.5 mg/kg", PatternNumber+` ?[^0-9 .].*`)
	Percent = Pattern("a percentage, as 30 %", PatternNumber+` ?%`)
	Period  = Pattern("a length of time, as 14 days", PatternPeriod)
	Elapsed = Pattern("minutes or hours, as 40 minutes", `[0-9]{1,6} ?(min|minutes?|h|hours?)`)
	Range   = Shape{Text: "a range, as 45..150 kg", Schema: map[string]any{"type": "string", "pattern": `^.*\.\..*$`}}
)

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
	return Shape{"one of: " + strings.Join(words, ", "), map[string]any{"enum": enum}}
}

// List returns the shape of one value, or a list of them.
func List(of Shape) Shape {
	return Shape{of.Text + "; or a list", map[string]any{"anyOf": []any{of.Schema, map[string]any{"type": "array", "items": of.Schema, "minItems": 1}}}}
}

// Mapping returns the shape of the object of a name.
func Mapping(name string) Shape {
	return Shape{"a mapping (see “" + name + "”)", Ref(name)}
}

// Map returns the shape of a mapping with free keys.
func Map(of string, value Shape) Shape {
	return Shape{"a mapping of " + of + " to " + value.Text, map[string]any{"type": "object", "additionalProperties": value.Schema, "minProperties": 1}}
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
	properties, required := map[string]any{}, []any{}
	for _, k := range d.Keys {
		p := map[string]any{"description": k.Doc}
		for name, v := range k.Shape.Schema {
			p[name] = v
		}
		properties[k.Name] = p
		if k.Required {
			required = append(required, k.Name)
		}
	}
	s := map[string]any{"type": "object", "description": d.Doc, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// Keyed is Map for keys that match a regular expression.
func Keyed(of, keys string, value Shape) Shape {
	s := Map(of, value)
	s.Schema["propertyNames"] = map[string]any{"pattern": "^(" + keys + ")$"}
	return s
}

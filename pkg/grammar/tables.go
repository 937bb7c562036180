package grammar

import (
	"slices"
	"strings"
)

// Tables are the kinds of mapping of one language, by name. The first that is described is the
// file itself.
type Tables struct {
	root string
	docs map[string]*ObjectDoc
}

// NewTables returns the tables of a language from the documentation of its mappings.
func NewTables(docs []ObjectDoc) *Tables {
	t := &Tables{root: docs[0].Name, docs: make(map[string]*ObjectDoc, len(docs))}
	for i := range docs {
		t.docs[docs[i].Name] = &docs[i]
	}
	return t
}

// A Slot is a place in a file where a value stands: what its shape lets stand there.
type Slot struct {
	tables *Tables
	shape  Shape
	object string         // the kind of mapping that may stand there, or ""
	values map[string]any // the schema of the values of a mapping with free keys, or nil
	items  map[string]any // the schema of the entries of a list, or nil
}

// Root returns the slot of the file itself.
func (t *Tables) Root() Slot { return Slot{tables: t, object: t.root} }

// slot reads the schema of a shape: references and free mappings may stand beside scalars.
func (t *Tables) slot(shape Shape) Slot {
	s := Slot{tables: t, shape: shape}
	s.read(shape.Schema)
	return s
}

func (s *Slot) read(schema map[string]any) {
	if ref, ok := schema["$ref"].(string); ok {
		s.object = strings.TrimPrefix(ref, "#/$defs/")
	}
	if values, ok := schema["additionalProperties"].(map[string]any); ok {
		s.values = values
	}
	if items, ok := schema["items"].(map[string]any); ok {
		s.items = items
	}
	list, _ := schema["anyOf"].([]any)
	for _, one := range list {
		if m, ok := one.(map[string]any); ok {
			s.read(m)
		}
	}
}

// Keys returns the documentation of the keys that a mapping in the slot has, in the order of
// the tables; nil where its keys are free.
func (s Slot) Keys() []KeyDoc {
	if d := s.tables.docs[s.object]; d != nil {
		return d.Keys
	}
	return nil
}

// Object returns the kind of mapping that may stand in the slot, or "".
func (s Slot) Object() string { return s.object }

// Words returns the words of which a scalar in the slot must be one; nil where it is another
// scalar.
func (s Slot) Words() []string {
	var words []string
	for _, schema := range alternatives(s.shape.Schema) {
		enum, _ := schema["enum"].([]any)
		for _, w := range enum {
			if text, ok := w.(string); ok {
				words = append(words, text)
			}
		}
	}
	return words
}

// Free reports whether a scalar in the slot is free text, or a name.
func (s Slot) Free() bool {
	for _, schema := range alternatives(s.shape.Schema) {
		pattern, stated := schema["pattern"]
		if stated && pattern != Text.Schema["pattern"] && pattern != Name.Schema["pattern"] || schema["type"] == "integer" {
			return false
		}
	}
	return true
}

// alternatives returns a schema, or those that any of it may be.
func alternatives(schema map[string]any) []map[string]any {
	list, ok := schema["anyOf"].([]any)
	if !ok {
		return []map[string]any{schema}
	}
	var out []map[string]any
	for _, one := range list {
		if m, ok := one.(map[string]any); ok {
			out = append(out, alternatives(m)...)
		}
	}
	return out
}

// Canon returns a scalar in the spelling that all texts of its meaning share.
func (s Slot) Canon(text string) string {
	if s.shape.Canon != nil {
		return s.shape.Canon(text)
	}
	return strings.Join(strings.Fields(text), " ")
}

// Down returns the slot of the value of a key of a mapping in s. Keys of the tables win over
// free ones.
func (s Slot) Down(key string) Slot {
	keys := s.Keys()
	if i := slices.IndexFunc(keys, func(k KeyDoc) bool { return k.Name == key }); i >= 0 {
		return s.tables.slot(keys[i].Shape)
	}
	return s.tables.slot(Shape{Schema: s.values, Canon: s.shape.Canon})
}

// Entry returns the slot of the entries of a list in s.
func (s Slot) Entry() Slot { return s.tables.slot(Shape{Schema: s.items, Canon: s.shape.Canon}) }

// Rank returns the place of a key in the mapping at a path, in the order of the tables; known is false where keys are free and
// their order means something, or the mapping has no such key.
func (t *Tables) Rank(path []string, key string) (place int, known bool) {
	s := t.Root()
	for _, step := range path {
		if s.items != nil && s.object == "" && s.values == nil {
			s = s.Entry() // the step is the place of an entry
			continue
		}
		s = s.Down(step)
	}
	place = slices.IndexFunc(s.Keys(), func(k KeyDoc) bool { return k.Is(key) })
	return place, place >= 0
}

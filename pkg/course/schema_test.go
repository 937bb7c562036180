package course_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/source"
)

// plainTree reads a file as an editor does, with every scalar a text.
func plainTree(n *source.Node) any {
	switch n.Kind {
	case source.Mapping:
		m := map[string]any{}
		for _, f := range n.Fields {
			m[f.Key.Value] = plainTree(f.Value)
		}
		return m
	case source.Sequence:
		list := []any{}
		for _, item := range n.Items {
			list = append(list, plainTree(item))
		}
		return list
	}
	return n.Value
}

// The schema of course files takes what the parser takes, and refuses what it refuses for its
// words and shapes.
func TestSchema(t *testing.T) {
	text, err := json.Marshal(course.Schema())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("course.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("course.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range append(append([]string{}, bodies...),
		// And what neither takes.
		"", "tier: low, weight: 70 kg", "tier: Low!", "weight: 70", "weight: heavy", "hold: tomorrow", "start: 2026-4-1", "skip: induction", "missed: five", "given: induction 0",
		"check-in: review 1, decision: perhaps", "switch: { tier: low }", "protocol: { id: mine, version: 1.1.0, sha256: abc }", "halt: 2026-04-01", "given: induction 4, at: 8:30", "strike: one", "away: soon",
	) {
		if body == "" {
			body = "why: nothing"
		}
		file := written("observation: slept", body)
		root, found := source.Parse("c.yaml", []byte(file))
		if found.HasErrors() {
			t.Fatal(found)
		}
		_, found = course.Decode(root)
		if verdict := schema.Validate(plainTree(root)); (verdict == nil) == found.HasErrors() {
			t.Errorf("%s: the parser finds %v, the schema %v", body, found, verdict)
		}
	}
	whole := head + "tier: low\nroute: iv\nfrequency: { induction: weekly }\nsettings: { closed: [weekends], closed policy: next, dose time: 10:00, check-in time: 11:00 }\nalongside: [ { protocol: { id: other, version: 1.0.0, sha256: " + zeros + " }, start: 2026-05-01, tier: mid, route: iv, frequency: { induction: weekly } } ]\n"
	root, found := source.Parse("c.yaml", []byte(whole))
	if _, more := course.Decode(root); found.HasErrors() || more.HasErrors() {
		t.Fatal(found, more)
	}
	if err := schema.Validate(plainTree(root)); err != nil {
		t.Error(err)
	}
}

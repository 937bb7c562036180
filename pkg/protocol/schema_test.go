package protocol

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/protocols"
)

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(Schema())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("protocol.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("protocol.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asEditor reads YAML as an editor does: numbers are numbers.
func asEditor(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// merged is what an example comes to on top of the small protocol, as text.
func merged(t *testing.T, example string) string {
	t.Helper()
	base := small
	if strings.Contains(example, "medications:") {
		base = several
	}
	a, _ := source.Parse("base", []byte(base))
	b, _ := source.Parse("over", []byte(example))
	var node func(n *source.Node) any
	node = func(n *source.Node) any {
		switch n.Kind {
		case source.Mapping:
			m := yaml.Node{Kind: yaml.MappingNode}
			for _, f := range n.Fields {
				var v yaml.Node
				if err := v.Encode(node(f.Value)); err != nil {
					t.Fatal(err)
				}
				m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: f.Key.Value, Tag: "!!str"}, &v)
			}
			return &m
		case source.Sequence:
			list := []any{}
			for _, item := range n.Items {
				list = append(list, node(item))
			}
			return list
		}
		return n.Value
	}
	text, err := yaml.Marshal(node(source.Overlay(a, b, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Whatever the parser takes, the schema takes.
func TestSchemaTakesWhatTheParserTakes(t *testing.T) {
	schema := compile(t)
	for _, id := range protocols.IDs() {
		text, _ := protocols.Read(id)
		if strings.Contains(string(text), "\nextends:") {
			continue // complete only with its base
		}
		if err := schema.Validate(asEditor(t, string(text))); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	for _, o := range Reference() {
		for _, k := range o.Keys {
			if strings.HasPrefix(k.Example, "#") {
				continue
			}
			text := merged(t, k.Example)
			if err := schema.Validate(asEditor(t, text)); err != nil {
				t.Errorf("%s of %s: %v\n%s", k.Name, o.Name, err, text)
			}
		}
	}
}

// What the parser refuses for the words and shapes of a file, the schema refuses.
func TestSchemaRefusesWhatTheParserRefuses(t *testing.T) {
	schema := compile(t)
	files, _ := filepath.Glob("../../testdata/protocol/err/*.yaml")
	checked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, found := Decode(file, text, nil)
		shape := slices.ContainsFunc(found, func(d diag.Diagnostic) bool {
			return d.Code == diag.UnknownKey || d.Code == diag.WrongType || d.Code == diag.BadVersion
		})
		if !shape || slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == diag.DuplicateKey }) {
			continue
		}
		checked++
		if err := schema.Validate(asEditor(t, string(text))); err == nil {
			t.Errorf("%s: the schema takes it, and the parser does not: %v", file, found)
		}
	}
	if checked < 5 {
		t.Errorf("only %d files were checked", checked)
	}
}

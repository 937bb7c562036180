package medicine_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/doseplan/doseplan/pkg/medicine"
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

// The schema of medicines files takes the table that comes with doseplan, and refuses what the parser does.
func TestSchema(t *testing.T) {
	text, err := json.Marshal(medicine.Schema())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("medicines.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("medicines.json")
	if err != nil {
		t.Fatal(err)
	}
	const head = "doseplan: 1\nkind: medicines\nmedicines:\n"
	for text, right := range map[string]bool{
		string(medicine.Text()):                                               true,
		head + "  - { name: a }\n":                                            false,
		head + "  - { name: a, source: x, asks for: [luck] }\n":               false,
		head + "  - { name: a, source: x, single dose: { oral: 5 mg/m2 } }\n": false,
		head + "  - { name: a, source: x, single dose: 5 mg }\n":              false,
		"doseplan: 1\nkind: medicines\n":                                      false,
	} {
		root, found := source.Parse("x.yaml", []byte(text))
		_, more := medicine.Decode(root)
		if read := len(append(found, more...)) == 0; read != right {
			t.Errorf("read: %v\n%s", read, text)
		}
		if err := schema.Validate(plainTree(root)); (err == nil) != right {
			t.Errorf("by the schema: %v\n%s", err, text)
		}
	}
}

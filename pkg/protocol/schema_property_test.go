package protocol

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/protocols"
)

// words are values that are right in one place of a file and wrong in others.
var words = []string{"50 mg", "0.5 mg/kg", "50", "daily", "weekly", "3 a week", "mon and thu", "every 8 hours", "QD", "days 1, 8 of 21", "on days 0, 3", "1 day", "14 days", "40 minutes", "2 h", "±2 days", "+1 day", "open-ended", "6 doses", "6 doses or 3 weeks", "low", "oral", "iv", "tier", "titration", "phone", "telehealth", "yes", "required", "evening", "08:00", "8:00", "18..75 years", "45..150 kg", "..150 kg", "30 %", "1/4 of 100 mg", "5 mg down", "day 1", "dose 3 of course", "1 day after dose 3 of induction", "end of induction", "every 6 months", "first dose", "1.0.0", "template", "other", "no", "5 mgs", "5 zz", "0 mg", "0 h", "actual weight", "ideal weight, adjusted from BMI 30", "every 3 days", "10.1000/xyz", "us-c3", "-3 to +0 days", "0 min", "text of any kind", "6130", "week 2", "50 mg/mL", "100 mL", "0.5 mg/m2", "007 mg", "twice daily", "5 days on, 2 days off", "from 1", "after induction"}

// spoil changes one node of a file: its value, its shape, its key, or whether it is there.
func spoil(t *rapid.T, root *yaml.Node) {
	var nodes, parents []*yaml.Node
	var walk func(n, p *yaml.Node)
	walk = func(n, p *yaml.Node) {
		nodes, parents = append(nodes, n), append(parents, p)
		for _, c := range n.Content {
			walk(c, n)
		}
	}
	walk(root, nil)
	i := rapid.IntRange(1, len(nodes)-1).Draw(t, "node")
	n, p := nodes[i], parents[i]
	switch rapid.IntRange(0, 7).Draw(t, "kind of change") {
	case 0, 1, 2:
		if n.Kind == yaml.ScalarNode {
			n.Value, n.Tag, n.Style = rapid.SampledFrom(words).Draw(t, "word"), "", 0
		}
	case 3:
		if p.Kind == yaml.MappingNode {
			at := slices.Index(p.Content, n) / 2 * 2
			p.Content = slices.Delete(p.Content, at, at+2)
		}
	case 4:
		c := *n
		*n = yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{&c}}
	case 5:
		*n = yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "a"}, {Kind: yaml.ScalarNode, Value: "b"}}}
	default:
		if n.Kind == yaml.ScalarNode && len(n.Value) > 1 {
			k := rapid.IntRange(0, len(n.Value)-1).Draw(t, "letter")
			n.Value = n.Value[:k] + n.Value[k+1:]
		}
	}
}

// Whatever the parser takes, the schema takes; and whatever the parser refuses for its words
// and shapes, the schema refuses. Files are shipped ones with one thing changed.
func TestSchemaAndParserAgree(t *testing.T) {
	schema := compile(t)
	taken, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.SampledFrom(protocols.IDs()).Draw(t, "protocol")
		text, err := protocols.Read(id)
		if err != nil {
			t.Fatal(err)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 2).Draw(t, "changes") {
			spoil(t, doc.Content[0])
		}
		out, err := yaml.Marshal(&doc)
		if err != nil {
			t.Skip(err)
		}
		var editor any
		if err := yaml.Unmarshal(out, &editor); err != nil {
			t.Skip(err) // two equal keys, which an editor reports by itself
		}
		b, err := json.Marshal(editor)
		if err != nil {
			t.Skip(err) // a key that is a number, which JSON does not have
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		_, found := Decode("x.yaml", out, func(name, _ string) (string, []byte, error) {
			text, err := protocols.Read(name)
			return name, text, err
		})
		verdict := schema.Validate(v)
		if !found.HasErrors() {
			taken++
			if verdict != nil {
				t.Fatalf("the parser takes it, and the schema does not: %v\n%s", verdict, out)
			}
			return
		}
		refused++
		if verdict != nil {
			return
		}
		root, _ := source.Parse("x.yaml", out)
		for _, d := range found {
			if d.Code < diag.YAMLTrap || d.Code >= diag.BadVersion || d.Severity < diag.Error || d.Code == diag.DuplicateKey {
				continue
			}
			// What a file leaves to its base, and a phase to tiers and titration, the schema cannot know.
			if d.Code == diag.MissingKey && (root.Get("extends") != nil || strings.Contains(d.Message, "the phase")) {
				continue
			}
			t.Fatalf("the schema takes it, and the parser does not: %v\n%s", d, out)
		}
	})
	t.Logf("%d taken, %d refused", taken, refused)
	if taken < 2 || refused < 2 {
		t.Errorf("%d taken, %d refused: the changes are lopsided", taken, refused)
	}
}

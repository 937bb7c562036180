package protocol

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/source"
)

// small is a protocol that examples are put on top of.
const small = `doseplan: 1
kind: protocol
id: example
title: An example
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
routes: { oral: { round: 5 mg } }
phases: { course: { dose: 50 mg, frequency: every 3 days, course: 10 doses } }
`

// several is the same with two medicines.
var several = strings.NewReplacer(
	"medication: { name: examplamine }\nroutes: { oral: { round: 5 mg } }\n", "",
	"course: { dose", "course: { medication: first, dose",
).Replace(small)

func decodeOn(t *testing.T, example string) (*Protocol, diag.List) {
	t.Helper()
	base := small
	if strings.Contains(example, "medications:") {
		base = several
	}
	return decodeTexts(t, base, example)
}

// decodeTexts puts one text on top of another and decodes the result.
func decodeTexts(t *testing.T, base, over string) (*Protocol, diag.List) {
	t.Helper()
	const extends = "extends: base\n"
	if strings.HasPrefix(over, "extends:") {
		return Decode("over.yaml", []byte(over), nil)
	}
	return Decode("over.yaml", []byte(extends+over), func(string, string) (string, []byte, error) {
		return "base.yaml", []byte(base), nil
	})
}

func TestReferenceExamples(t *testing.T) {
	for _, o := range Reference() {
		for _, k := range o.Keys {
			t.Run(o.Name+"/"+k.Name, func(t *testing.T) {
				if k.Doc == "" || k.Shape.Text == "" {
					t.Error("the key is not documented")
				}
				name := strings.TrimPrefix(k.Name, "by ")
				if k.Kind != nil { // of which the example has one
					name = k.Kind.Common[0]
				}
				if !strings.Contains(k.Example, name) || !k.Is(k.Name) && k.Kind == nil {
					t.Errorf("the example does not use the key:\n%s", k.Example)
				}
				_, found := decodeOn(t, k.Example)
				for _, d := range found {
					t.Errorf("%v\n%s", d, k.Example)
				}
			})
		}
	}
}

const readme = "../../protocols/README.md"

// The reference in protocols/README.md is made from the tables. DOSEPLAN_UPDATE=1 rewrites it.
func TestReferenceIsCurrent(t *testing.T) {
	const begin, end = "<!-- reference: begin -->\n", "<!-- reference: end -->\n"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("the marks of the reference are missing")
	}
	want := before + begin + referenceText() + end + after
	if string(text) == want {
		return
	}
	if os.Getenv("DOSEPLAN_UPDATE") != "" {
		if err := os.WriteFile(readme, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Error("protocols/README.md does not match the tables; run DOSEPLAN_UPDATE=1 go test ./pkg/protocol and review the change")
}

func referenceText() string {
	var b strings.Builder
	for _, o := range Reference() {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", strings.ToUpper(o.Name[:1])+o.Name[1:], o.Doc)
		for _, k := range o.Keys {
			required := ""
			if k.Required {
				required = " (required)"
			}
			fmt.Fprintf(&b, "\n#### `%s`%s\n\n%s\n\nValue: %s.\n\n```yaml\n%s\n```\n", k.Name, required, k.Doc, k.Shape.Text, k.Example)
		}
	}
	return b.String()
}

func TestOverlayKeepsPlaces(t *testing.T) {
	_, found := decodeTexts(t, strings.Replace(small, "50 mg", "51 mg", 1), "title: Another\n")
	if len(found) != 1 || found[0].Range.File != "base.yaml" || found[0].Range.Start.Line != 11 {
		t.Errorf("the fault of the base is reported as %v", found)
	}
	node, _ := source.Parse("x", []byte("a: 1\n"))
	if source.Overlay(nil, node, nil) != node || source.Overlay(node, nil, nil) != node {
		t.Error("an overlay of nothing changes the tree")
	}
}

// Every line of the index at the top of the page is read without an error where it says that it stands.
func TestIndexIsRead(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	const context = "population: { weight: 40..120 kg, height: 153..200 cm, age: 0..90 years }\nmeasurements: { IgE: 30..700 units/mL }\nphases: { course: { dose: { by measurement: { IgE: { up to 700 units/mL: 50 mg } } } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }\n"
	_, index, _ := strings.Cut(string(text), "## What one wants to say\n")
	index, _, _ = strings.Cut(index, "\n## ")
	lines := 0
	for _, line := range strings.Split(index, "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 || cells[1] == "where" || cells[1] == "---" {
			continue
		}
		lines++
		said := strings.NewReplacer("`<br>`", "\n").Replace(strings.Trim(strings.TrimSuffix(cells[2], " |"), "`"))
		if strings.HasPrefix(said, "extends:") {
			continue // of which the tour in README.md has an example
		}
		over := map[string]string{
			"dose": "phases: { course: { dose: %s } }", "phase": "phases: { course: { %s } }", "check-in": "check-ins: { visit: { %s } }", "limits": "limits: { %s }", "file": "%s",
		}[cells[1]]
		base, on := small, context
		if cells[1] == "file" {
			on = "" // it says all that it needs
		} else if !strings.Contains(said, "IgE") {
			on = strings.Join(append(strings.Split(context, "\n")[:1], strings.Split(context, "\n")[3:]...), "\n")
		}
		if strings.Contains(said, "medications:") {
			base = several
		}
		tree := base
		for _, key := range strings.SplitAfter(on, "\n") {
			if name, _, ok := strings.Cut(key, ":"); ok && !strings.Contains(tree, "\n"+name+":") {
				tree += key
			}
		}
		if _, found := decodeTexts(t, tree, fmt.Sprintf(over, said)); found.HasErrors() {
			t.Errorf("%s: %v\n%s", strings.TrimPrefix(cells[0], "| "), found, fmt.Sprintf(over, said))
		}
	}
	if lines < 60 {
		t.Errorf("the index has %d lines", lines)
	}
}

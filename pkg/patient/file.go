package patient

import (
	"slices"

	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/source"
)

// A decoder reads the values of a file into a Builder.
type decoder struct {
	grammar.Reader
	*Builder
}

type key = grammar.Key[*decoder, Patient]

var patientObject = grammar.Object[*decoder, Patient]{
	Name: "patient",
	Doc:  "A patient file.",
	Keys: slices.Concat(
		[]key{
			{Name: "doseplan", Shape: grammar.Words("1"), Doc: "The version of the language, 1.", Example: "doseplan: 1",
				Read: func(d *decoder, _ *Patient, n *source.Node) { d.Word(n, "version of the language", []string{"1"}) }},
			{Name: "kind", Shape: grammar.Words("patient"), Doc: "What the file is.", Example: "kind: patient",
				Read: func(d *decoder, _ *Patient, n *source.Node) { d.Word(n, "kind of file", []string{"patient"}) }},
		},
		keys("id", "weight", "height", "body surface", fieldBirthDate, fieldAge, "sex", "start", "time zone"),
		[]key{{Name: "conditions", Shape: grammar.Mapping("conditions"), Doc: "Conditions that are known to be present, and known to be absent.", Example: "conditions: { present: [asthma], absent: [psychosis] }",
			Read: func(d *decoder, p *Patient, n *source.Node) { conditionsObject.Decode(&d.Reader, d, n, p) }}},
		keys("medications", "received", "measurements", "dates", "acuity"),
	),
}

var conditionsObject = grammar.Object[*decoder, Patient]{
	Name: "conditions",
	Doc:  "What is known of the patient's conditions.",
	Keys: keys(fieldPresent, fieldAbsent),
}

// keys returns the keys of a file that state the fields of some names.
func keys(names ...string) []key {
	list := make([]key, len(names))
	for i, name := range names {
		at := fieldOf(name)
		f := &fields[at]
		list[i] = key{Name: name, Shape: f.shape, Doc: f.doc, Example: f.example, Read: func(d *decoder, _ *Patient, n *source.Node) { d.field(at, n) }}
	}
	return list
}

// field takes in the value of a field: a single one, or where it is a list also a list.
func (d *decoder) field(i int, n *source.Node) {
	f := &fields[i]
	if !d.open(i, n.Range) {
		return
	}
	items := []*source.Node{n}
	if f.several() {
		items = d.List(n)
		d.clear(i)
	}
	if f.pairs != nil && n.Kind == source.Mapping {
		for _, x := range n.Fields {
			if d.Want(x.Value, source.Scalar, f.what) {
				d.text(f, x.Value.Range, x.Key.Value+"="+x.Value.Value)
			}
		}
		return
	}
	for _, item := range items {
		if d.Want(item, source.Scalar, f.what) {
			d.text(f, item.Range, item.Value)
		}
	}
}

// File takes in a patient file.
func (b *Builder) File(n *source.Node) {
	d := &decoder{grammar.Reader{Found: &b.found}, b}
	patientObject.Decode(&d.Reader, d, n, &b.patient)
}

// Reference documents every key of a patient file, from the tables that read it.
func Reference() []grammar.ObjectDoc {
	return []grammar.ObjectDoc{patientObject.Describe(), conditionsObject.Describe()}
}

// Schema returns the JSON Schema (2020-12) of patient files, for editors.
func Schema() map[string]any {
	return grammar.Schema("urn:doseplan:schema:patient:1", "doseplan patient", Reference())
}

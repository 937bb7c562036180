package medicine

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

type decoder struct{ grammar.Reader }

type (
	fileKey = grammar.Key[*decoder, Table]
	key     = grammar.Key[*decoder, Medicine]
)

var fileObject = grammar.Object[*decoder, Table]{
	Name: "medicines file",
	Doc:  "What a clinic knows of medicines, beside what doseplan does.",
	Keys: []fileKey{
		{Name: "doseplan", Required: true, Shape: grammar.Words("1"), Doc: "The version of the language, 1.", Example: "doseplan: 1",
			Read: func(d *decoder, _ *Table, n *source.Node) { d.Word(n, "version of the language", []string{"1"}) }},
		{Name: "kind", Required: true, Shape: grammar.Words("medicines"), Doc: "What the file is.", Example: "kind: medicines",
			Read: func(d *decoder, _ *Table, n *source.Node) { d.Word(n, "kind of file", []string{"medicines"}) }},
		{Name: "medicines", Required: true, Shape: grammar.List(grammar.Mapping("medicine")), Doc: "The medicines. What an entry says takes the place of what doseplan knows of the medicine of that name, key by key; its lists are added.", Example: "medicines: [ { name: semaglutide, apart: 7 days, source: the label } ]",
			Read: func(d *decoder, t *Table, n *source.Node) {
				for _, item := range d.List(n) {
					var m Medicine
					medicineObject.Decode(&d.Reader, d, item, &m)
					if slices.ContainsFunc(*t, func(o Medicine) bool { return strings.EqualFold(o.Name, m.Name) }) {
						d.Add(diag.DuplicateKey, item.Range, "write one entry", "“%s” has an entry already", m.Name)
					}
					*t = append(*t, m)
				}
			}},
	},
}

// byRoute is an amount, or one per kg, for each of some routes.
var byRoute = grammar.Map("routes", grammar.Pattern("an amount, as 25 mg or 1 mg/kg", grammar.PatternNumber+` *[A-Za-z]+(/kg)?`))

var medicineObject = grammar.Object[*decoder, Medicine]{
	Name: "medicine",
	Doc:  "What is known of one medicine. `validate` asks about a protocol that is otherwise.",
	Keys: []key{
		{Name: "name", Required: true, Shape: grammar.Text, Doc: "Its generic name.", Example: "medicines: [ { name: semaglutide, source: the label } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) { m.Name = d.Text(n, "a name") }},
		{Name: "also", Shape: grammar.List(grammar.Text), Doc: "Brands, abbreviations and spellings that mean it.", Example: "medicines: [ { name: semaglutide, also: [Ozempic, Wegovy], source: the label } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) { m.Also = d.Texts(n, "a name") }},
		{Name: "rxnorm", Shape: grammar.Text, Doc: "The RxNorm code of the ingredient.", Example: "medicines: [ { name: ketamine, rxnorm: \"6130\", source: RxNorm } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) { m.RxNorm = d.Text(n, "a code") }},
		{Name: "schedule", Shape: grammar.Text, Doc: "Its schedule of controlled substances.", Example: "medicines: [ { name: ketamine, schedule: us-c3, source: 21 CFR 1308.13 } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) { m.Schedule = d.Text(n, "a schedule") }},
		{Name: "part of", Shape: grammar.Text, Doc: "The medicine of which it is a part, as esketamine is of ketamine: the two act together.", Example: "medicines: [ { name: esketamine, part of: ketamine, source: the label } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) { m.PartOf = d.Text(n, "a name") }},
		{Name: "asks for", Shape: grammar.List(grammar.Words(Asks...)), Doc: "What a protocol with it says: `no driving` after a dose; `observation`, so that it is not given at home; `company`, somebody who can be reached, and in an intensive course at home a sitter and a blood pressure cuff; an `interval` among its limits.", Example: "medicines: [ { name: ketamine, asks for: [no driving, interval], source: our rules } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) {
				for _, item := range d.List(n) {
					m.AsksFor = append(m.AsksFor, d.Word(item, "word for what a medicine asks for", Asks))
				}
			}},
		{Name: "routes", Shape: grammar.List(grammar.Text), Doc: "The routes by which alone it is given.", Example: "medicines: [ { name: vincristine, routes: [iv], source: the label } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) {
				for _, item := range d.List(n) {
					m.Routes = append(m.Routes, d.route(item))
				}
			}},
		{Name: "apart", Shape: grammar.Text, Doc: "The shortest time from one day with a dose to the next, in days or weeks. A dose late on one day and early on the last is still a week: write `6 days` for once a week.", Example: "medicines: [ { name: methotrexate, apart: 6 days, source: the label } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) {
				m.Apart = d.Days(n, "the time apart")
				if months, _, _ := m.Apart.Calendar(); months > 0 {
					d.Add(diag.BadTime, n.Range, "write it in days or weeks", "the time apart cannot be in %ss", m.Apart.Unit)
				}
			}},
		{Name: "single dose", Shape: byRoute, Doc: "The largest single dose by each route, as an amount or one per kg. A protocol with more is asked about.", Example: "medicines: [ { name: ketamine, single dose: { iv: 1 mg/kg, sublingual: 450 mg }, source: our rules } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) { m.Single = d.bounds(n) }},
		{Name: "first dose", Shape: byRoute, Doc: "The largest dose to begin with by each route.", Example: "medicines: [ { name: clozapine, first dose: { oral: 12.5 mg }, source: the label } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) { m.First = d.bounds(n) }},
		{Name: "contraindications", Shape: grammar.List(grammar.Text), Doc: "What a protocol with it names among its absolute contraindications, in these or other usual words.", Example: "medicines: [ { name: warfarin, contraindications: [pregnancy], source: the label } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) { m.Contraindication = d.Texts(n, "a contraindication") }},
		{Name: "cautions", Shape: grammar.List(grammar.Text), Doc: "What a protocol with it names among its contraindications, absolute or relative.", Example: "medicines: [ { name: ketamine, cautions: [uncontrolled hypertension], source: the label } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) { m.Caution = d.Texts(n, "a contraindication") }},
		{Name: "source", Required: true, Shape: grammar.Text, Doc: "Where all this is from.", Example: "medicines: [ { name: warfarin, source: the label } ]",
			Read: func(d *decoder, m *Medicine, n *source.Node) { m.Source = d.Text(n, "a source") }},
	},
}

func (d *decoder) route(n *source.Node) string {
	name := protocol.ParseRoute(d.Text(n, "a route"))
	if !slices.Contains(protocol.RouteNames(), name) {
		d.Add(diag.BadWord, n.Range, diag.DidYouMean(name, protocol.RouteNames()), "“%s” is not a route", name)
	}
	return name
}

// bounds reads amounts by route.
func (d *decoder) bounds(n *source.Node) (list []Bound) {
	if !d.Want(n, source.Mapping, "the largest dose") {
		return nil
	}
	for _, f := range n.Fields {
		list = append(list, Bound{d.route(f.Key), d.Amount(f.Value, "the largest dose", "as 25 mg or 1 mg/kg", func(u quantity.Unit) bool {
			return u.Per() == quantity.PerNothing || u.Per() == quantity.PerKilogram
		})})
	}
	return list
}

// Decode reads a file of medicines.
func Decode(root *source.Node) (Table, diag.List) {
	var found diag.List
	var t Table
	if root != nil {
		d := &decoder{grammar.Reader{Found: &found}}
		fileObject.Decode(&d.Reader, d, root, &t)
	}
	if found.HasErrors() {
		return nil, found
	}
	return t, found
}

// Reference documents every key of a file of medicines, from the tables that read it.
func Reference() []grammar.ObjectDoc {
	return []grammar.ObjectDoc{fileObject.Describe(), medicineObject.Describe()}
}

// Schema returns the JSON Schema (2020-12) of files of medicines, for editors.
func Schema() map[string]any {
	return grammar.Schema("urn:doseplan:schema:medicines:1", "doseplan medicines", Reference())
}

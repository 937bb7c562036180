// Package texttemplate writes a schedule by a template of text/template over the documented JSON:
// a letter, an order form, a line for a record system. Two are shipped, and can be taken as
// a beginning ([Shipped]).
//
// A template sees the document that [jsondoc] writes, by the keys of its schema: {{.protocol.title}},
// {{range .events}}. Of a course with several calendars it is the first; all of them are in
// {{.calendars}}, each with its {{.heading}}. A key that the schema has and the document has not
// is empty, so that {{with .patient.weight}} asks for it; one that the schema has not is an
// error. Beside what every template can do there are the functions of [Functions].
//
// What the schedule finds cannot be left out: a finding, and the file that the schedule was computed
// from, that a template does not print follow after its text.
package texttemplate

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html"
	"io"
	"path"
	"strings"
	"text/template"

	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
)

//go:embed templates/*.tmpl
var shipped embed.FS

// ErrNone says that a document names no template.
var ErrNone = errors.New("no template is named")

// Shipped returns the text of a template that is shipped, by its name.
func Shipped(name string) (text string, ok bool) {
	b, err := shipped.ReadFile(path.Join("templates", name+".tmpl"))
	return string(b), err == nil
}

// Names returns the names of the templates that are shipped.
func Names() []string {
	entries, _ := shipped.ReadDir("templates")
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".tmpl"))
	}
	return names
}

// Beginning returns the letter that is shipped, with what templates can do above it, as a template
// to be changed.
func Beginning() string {
	var b strings.Builder
	b.WriteString("{{- /*\nThe keys are those of the JSON (`doseplan schema schedule`). What templates can do is that of Go's\npackage text/template, and:\n\n")
	for _, f := range Functions() {
		fmt.Fprintf(&b, "  %-38s %s\n", f.Use, f.Doc)
	}
	b.WriteString("\nWhat the schedule finds and the template does not print follows after its text.\n*/ -}}\n")
	letter, _ := Shipped("letter")
	return b.String() + letter
}

// Parse reads a template, to see whether it can be read.
func Parse(t view.Template) (*template.Template, error) {
	out, err := template.New(t.Name).Option("missingkey=error").Funcs(functions).Parse(t.Text)
	return out, plain(err)
}

// Write writes a document by the template that its options name.
func Write(w io.Writer, d *view.Document) error {
	if d.Template.Name == "" {
		return ErrNone
	}
	t, err := Parse(d.Template)
	if err != nil {
		return err
	}
	data, err := values(d)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return plain(err)
	}
	if left := missing(out.String(), d); len(left) > 0 {
		text := bytes.TrimRight(out.Bytes(), "\n")
		out.Truncate(len(text))
		fmt.Fprintf(&out, "\n\nTo be read with this:\n\n")
		for _, line := range left {
			out.WriteString(wrap(78, "  ", "- "+line) + "\n")
		}
	}
	_, err = w.Write(out.Bytes())
	return err
}

// plain takes the words of package template for itself off an error.
func plain(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), "template: "))
}

// missing returns what every document of a schedule says and a text does not.
func missing(text string, d *view.Document) (list []string) {
	said := squeeze(text) + "\n" + squeeze(html.UnescapeString(text))
	for _, p := range d.Parts {
		for _, f := range view.Findings(p.Schedule) {
			if !strings.Contains(said, squeeze(view.Clean(f.Text))) {
				list = append(list, view.Clean(f.String()))
			}
		}
		for _, n := range view.Notes(p.Schedule) {
			if !strings.Contains(said, squeeze(view.Clean(n))) {
				list = append(list, view.Clean(n))
			}
		}
		if pr := p.Protocol; !strings.Contains(said, pr.Origin.SHA256) {
			list = append(list, fmt.Sprintf("computed from %s %s, sha256 %s, by %s %s", view.Clean(pr.ID), view.Clean(pr.Version), pr.Origin.SHA256, d.Generator.Name, d.Generator.Version))
		}
		if id := view.Clean(p.Patient.ID); !strings.Contains(said, squeeze(id)) {
			list = append(list, "patient "+id)
		}
	}
	return list
}

// squeeze makes one space of every stretch of space, as lines may be broken anywhere.
func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }

// values returns what a template sees.
func values(d *view.Document) (map[string]any, error) {
	schema, err := newSchema()
	if err != nil {
		return nil, err
	}
	var all []any
	for _, p := range d.Parts {
		one, err := schema.values(jsondoc.New(p.Schedule, d.Generator))
		if err != nil {
			return nil, err
		}
		one["heading"] = view.Clean(p.Heading)
		all = append(all, one)
	}
	out := map[string]any{"calendars": all}
	for key, v := range all[0].(map[string]any) {
		out[key] = v
	}
	return out, nil
}

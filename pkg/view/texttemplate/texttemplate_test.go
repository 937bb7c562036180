package texttemplate

import (
	"errors"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
)

const text = `doseplan: 1
kind: protocol
id: test
title: "A \e[31mtest"
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
routes: { iv: { over: 40 minutes } }
phases: { x: { dose: 50 mg, frequency: daily, course: 3 doses } }
requirements: { each dose: { instructions: [sit down] } }
`

func document(t *testing.T, params string) *view.Document {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	node, _ := source.Parse("p", []byte(params))
	pat, _ := patient.Decode(node)
	plan, _ := schedule.NewPlan(p, schedule.Options{})
	s, found := plan.Run(pat)
	if s == nil {
		t.Fatal(found)
	}
	return view.Of(s, view.Options{Generator: view.Generator{Name: "doseplan", Version: "0"}})
}

func by(t *testing.T, text string) (string, error) {
	t.Helper()
	d := document(t, "id: P-1\nstart: 2026-03-02\ntime zone: Europe/Berlin")
	d.Template = view.Template{Name: "test", Text: text}
	var b strings.Builder
	err := Write(&b, d)
	return b.String(), err
}

func TestValues(t *testing.T) {
	for template, want := range map[string]string{
		"{{.protocol.title}}": "A \ufffd[31mtest",
		"{{with .patient.weight}}{{.amount}}{{else}}-{{end}}": "-",
		"{{range where \"kind\" \"dose\" \"number\" 2 .events}}{{date .date}}, {{longdate .date}}, {{.dose.amount}} {{.dose.unit}} {{route .dose.route}} over {{.dose.over_minutes}}{{end}}": "Tue 2026-03-03, Tuesday 3 March 2026, 50 mg intravenous over 40",
		"{{range .calendars}}{{.heading}}{{.patient.id}}{{end}}":                 "P-1",
		"{{join \"; \" (distinct \"requirements\" .events)}}":                    "sit down",
		"{{len .events}} {{plural 1 \"dose\"}}|{{pad 5 \"ab\"}}|{{upper \"x\"}}": "3 1 dose|ab   |X",
		"{{with (index .events 0).gate}}gate{{else}}none{{end}}":                 "none",
	} {
		out, err := by(t, template)
		if got, _, _ := strings.Cut(out, "\n\nTo be read"); err != nil || got != want {
			t.Errorf("%s gives %q, want %q (%v)", template, got, want, err)
		}
	}
}

// What a template leaves out follows; what it prints, however it is broken into lines, does not.
func TestNothingIsLeftOut(t *testing.T) {
	out, err := by(t, "nothing\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"nothing\n\nTo be read with this:\n\n- warning: TEMPLATE", "\n- computed from test 1.0.0, sha256\n  ", "\n- patient P-1\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing:\n%s", want, out)
		}
	}
	whole := "{{range .findings}}{{wrap 30 \" \" .message}}\n{{end}}{{range .notes}}{{.}}{{end}} {{.patient.id}} {{.protocol.sha256}}"
	for _, template := range []string{whole, strings.ReplaceAll(whole, "{{wrap 30 \" \" .message}}", "{{html .message}}")} {
		if out, err := by(t, template); err != nil || strings.Contains(out, "To be read") || !strings.Contains(out, "TEMPLATE") {
			t.Errorf("%q, %v", out, err)
		}
	}
}

func TestWrongTemplates(t *testing.T) {
	for template, want := range map[string]string{
		"{{.protocol.tittle}}":                                `test:1:11`,
		"a\n{{if}}":                                           `test:2: missing value for if`,
		"{{nonsense 1}}":                                      `function "nonsense" not defined`,
		"{{where \"kind\" .events}}":                          "write it as",
		"{{where \"knd\" \"dose\" .events}}":                  "there is no key “knd”",
		"{{where \"kind\" \"dose\" .notes.x}}":                "",
		"{{distinct \"nothing\" .events}}":                    "there is no key “nothing”",
		"{{date \"yesterday\"}}":                              "is not a date",
		"{{range $i, $e := .events}}{{$e.dose.amont}}{{end}}": "amont",
	} {
		out, err := by(t, template)
		if err == nil || !strings.Contains(err.Error(), want) || strings.HasPrefix(err.Error(), "template: ") {
			t.Errorf("%s: %q, %v", template, out, err)
		}
	}
	d := document(t, "start: 2026-03-02")
	if err := Write(&strings.Builder{}, d); !errors.Is(err, ErrNone) {
		t.Errorf("without a template: %v", err)
	}
}

// The templates that are shipped say everything themselves, with a patient who states nothing
// and with one who states much, and name each dose.
func TestShipped(t *testing.T) {
	if strings.Join(Names(), " ") != "letter order" {
		t.Errorf("there are %v", Names())
	}
	if _, ok := Shipped("nothing"); ok {
		t.Error("there is a template of no name")
	}
	for _, name := range Names() {
		for _, params := range []string{"start: 2026-03-02", "id: P-1\nstart: 2026-03-02\nweight: 72 kg\nbirth date: 1984-02-29\nconditions: { present: [asthma] }"} {
			d := document(t, params)
			d.Parts = append(d.Parts, d.Parts[0])
			d.Parts[0].Heading, d.Parts[1].Heading = "first of two", "second of two"
			text, _ := Shipped(name)
			d.Template = view.Template{Name: name, Text: text}
			var b strings.Builder
			if err := Write(&b, d); err != nil {
				t.Fatal(err)
			}
			out := b.String()
			if strings.Contains(out, "To be read with this") || strings.Contains(out, "no value") || strings.Contains(out, "%!") || strings.Contains(out, "\x1b") {
				t.Errorf("%s:\n%s", name, out)
			}
			if n := strings.Count(squeeze(out), "50 mg examplamine intravenous over 40 min (x "); n != 6 {
				t.Errorf("%s names %d doses:\n%s", name, n, out)
			}
			for _, line := range strings.Split(out, "\n") {
				if len([]rune(line)) > 81 {
					t.Errorf("%s: the line is too long for a page: %s", name, line)
				}
			}
			for _, f := range Functions() {
				if word, _, _ := strings.Cut(f.Use, " "); functions[word] == nil || f.Doc == "" {
					t.Errorf("there is no function %s", word)
				}
			}
		}
	}
	if len(Functions()) != len(functions) {
		t.Errorf("%d of %d functions are documented", len(Functions()), len(functions))
	}
}

package main

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/cli"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
	"github.com/doseplan/doseplan/pkg/view/texttemplate"
	"github.com/doseplan/doseplan/protocols"
)

// words returns what a reader of an output reads, on one line: without marks of folding, of
// escaping and of markup.
func words(t *testing.T, out []byte) string {
	t.Helper()
	text := string(out)
	if strings.HasPrefix(text, "%PDF") {
		return strings.Join(strings.Fields(textOfPDF(text)), " ")
	}
	if strings.HasPrefix(text, "<") {
		return strings.Join(strings.Fields(textOf(text)), " ")
	}
	if bytes.HasPrefix(out, []byte("PK")) { // an archive of XML
		archive, err := zip.NewReader(bytes.NewReader(out), int64(len(out)))
		if err != nil {
			t.Fatal(err)
		}
		text = ""
		for _, part := range archive.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			text += letters(t, r) + " "
			_ = r.Close()
		}
	}
	text = strings.NewReplacer("\r\n ", "", "\n# ", " ", `\n`, " ", `\"`, `"`).Replace(text)
	text = regexp.MustCompile(`\\([[:punct:]])`).ReplaceAllString(text, "$1")
	return strings.Join(strings.Fields(text), " ")
}

// letters returns the text of an XML file.
func letters(t *testing.T, r io.Reader) string {
	t.Helper()
	var b strings.Builder
	dec := xml.NewDecoder(r)
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return b.String()
		} else if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok {
			b.Write(data)
			b.WriteByte(' ')
		}
	}
}

// ways returns the arguments for every way in which a calendar is written: each format, and each
// template that is shipped.
func ways() (list [][]string) {
	for _, format := range cli.FormatNames() {
		if format != "template" {
			list = append(list, []string{"--format", format})
		}
		if format == "html" || format == "pdf" {
			list = append(list, []string{"--format", format, "--for", "clinician"})
		}
	}
	for _, name := range texttemplate.Names() {
		list = append(list, []string{"--template", name})
	}
	return list
}

// choices returns the choices that a protocol leaves to a clinician, each made.
func choices(t *testing.T, id string) []string {
	t.Helper()
	text, err := protocols.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	p, found := protocol.Decode(id+".yaml", text, func(name, _ string) (string, []byte, error) {
		text, err := protocols.Read(name)
		return name + ".yaml", text, err
	})
	if found.HasErrors() {
		t.Fatal(found)
	}
	var args []string
	if len(p.Tiers) > 0 {
		args = append(args, "--tier", p.Tiers[0].Name)
	}
	if m := &p.Medications[0]; len(m.Routes) > 1 && m.DefaultRoute == "" {
		args = append(args, "--route", m.Routes[0].Name)
	}
	return args
}

// Every shipped protocol is written in every format, the same at each run, with each of its
// findings, its medicine and amounts, the patient and the file that it was computed from.
func TestEveryProtocolInEveryFormat(t *testing.T) {
	for _, id := range shippedIDs() {
		args := append([]string{"schedule", id, "--quiet", "--id", "P-0042", "--weight", "72kg", "--height", "170cm", "--sex", "female", "--age", "41",
			"--start", "2026-03-02", "--time-zone", "Europe/Berlin", "--horizon", "4 weeks"}, choices(t, id)...)
		doc, err := jsondoc.Read(strings.NewReader(run(t, append(args, "--format", "json")...)))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{doc.Patient.ID: true, doc.Protocol.SHA256: true}
		for _, f := range doc.Findings {
			for _, w := range said(f.Message) {
				want[w] = true
			}
		}
		for _, e := range doc.Events {
			if e.Dose != nil {
				want[e.Dose.Amount], want[e.Dose.Medication] = true, true
			}
		}
		for _, way := range ways() {
			out := run(t, slices.Concat(args, way)...)
			if again := run(t, slices.Concat(args, way)...); again != out {
				t.Errorf("%s, %s: a second run gives another output", id, way[1])
			}
			text := words(t, []byte(out))
			for w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("%s, %s: “%s” is not there", id, way[1], w)
				}
			}
		}
	}
}

// said is what a finding says, and each thing that is to be confirmed: a format may say them in
// one piece or one by one.
func said(message string) []string {
	if rest, ok := strings.CutPrefix(message, "to confirm, since the patient's parameters do not answer it: "); ok {
		return strings.Split(rest, " · ")
	}
	return []string{message}
}

// A course is written in every format too, with what was missed in it.
func TestCourseInEveryFormat(t *testing.T) {
	args := []string{"schedule", "../../testdata/courses/anna.yaml", "--quiet", "--until", "2026-04-30", "--today", "2026-03-11"}
	doc, err := jsondoc.Read(strings.NewReader(run(t, slices.Concat(args, []string{"--format", "json"})...)))
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range ways() {
		text := words(t, []byte(run(t, slices.Concat(args, way)...)))
		for _, f := range doc.Findings {
			for _, w := range said(f.Message) {
				if !strings.Contains(text, w) {
					t.Errorf("%s: “%s” is not there", way[1], w)
				}
			}
		}
	}
}

// shippedIDs are the shipped protocols, and in a short run every sixth of them.
func shippedIDs() []string {
	ids := protocols.IDs()
	if !testing.Short() {
		return ids
	}
	var some []string
	for i := 0; i < len(ids); i += 6 {
		some = append(some, ids[i])
	}
	return some
}

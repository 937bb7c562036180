package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/report"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/worked"
)

// testFormats are the formats of `test`.
var testFormats = []string{"text", "json", "junit"}

type testOptions struct {
	format string
	mutate bool
	least  int
}

func (a *app) testCommand() *cobra.Command {
	var o testOptions
	cmd := &cobra.Command{
		Use:   "test [PATH…]",
		Short: "Run the worked examples of protocol files",
		Long: `Run the worked examples (examples:) of protocol files, and print those that come
out otherwise than they say, with what was wanted and what was given, and counts.
A path is a file, a folder, or the id of a protocol. No path stands for the
present folder.

With --mutate each file is changed in one place at a time: a figure by one in its
last place, a word or a unit for another, an entry left out. What no example
notices is listed: if that were wrong in the file, no example would say so.

Ends with status 1 where an example fails or, with --least, where fewer of the
changed figures of a file are noticed than that many in a hundred.`,
		Example: "  doseplan test protocols/\n  doseplan test --mutate mine.yaml\n  doseplan test --format junit protocols/ > examples.xml",
		RunE:    func(_ *cobra.Command, args []string) error { return a.runTest(args, &o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.format, "format", "f", "text", "format of the result: "+join(testFormats))
	f.BoolVar(&o.mutate, "mutate", false, "change one thing at a time, and list the changes that no example notices")
	f.IntVar(&o.least, "least", 0, "with --mutate: how many of a hundred changed figures must be noticed in each file")
	return cmd
}

// tested is what came of one file.
type tested struct {
	name    string
	text    []byte
	results []worked.Result
	mutants []worked.Mutant
	found   diag.List // errors of the file itself
	err     error
}

func (a *app) runTest(paths []string, o *testOptions) error {
	if !slices.Contains(testFormats, o.format) {
		return usage(diag.DidYouMean(o.format, testFormats), "there is no format “%s”", o.format)
	}
	if o.least < 0 || o.least > 100 {
		return usage("write a number from 0 to 100", "--least: %d is not a share in a hundred", o.least)
	}
	if o.least > 0 && !o.mutate {
		return usage("add --mutate", "--least says how many changes must be noticed, and none is made without --mutate")
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	names, err := a.testedFiles(paths)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return noneOf(paths)
	}
	list := make([]tested, len(names))
	parallel(len(names), func(i int) { list[i] = a.test(names[i], o.mutate) })
	list = slices.DeleteFunc(list, func(t tested) bool { return t.results == nil && t.found == nil && t.err == nil })
	for i := range list {
		if list[i].err != nil {
			return list[i].err
		}
	}
	var out bytes.Buffer
	switch o.format {
	case "json":
		err = testJSON(&out, list)
	case "junit":
		err = report.JUnitCases(&out, testCases(list), report.Tool{Name: generator.Name, Version: Version})
	default:
		err = a.testText(&out, list)
	}
	if err != nil {
		return err
	}
	if err := a.print(out.String()); err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(t tested) bool { return t.failed() > 0 || t.found.HasErrors() || t.share() < o.least }) {
		return &outcome{status: exitFindings}
	}
	return nil
}

// testedFiles returns the protocol files that paths or ids stand for.
func (a *app) testedFiles(paths []string) ([]string, error) {
	var names, folders []string
	ids := a.files().ids()
	for _, path := range paths {
		if slices.Contains(ids, path) {
			names = append(names, path)
		} else {
			folders = append(folders, path)
		}
	}
	if len(folders) > 0 {
		more, err := yamlFiles(folders, false, nil)
		if err != nil {
			return nil, err
		}
		names = append(names, more...)
	}
	return names, nil
}

// test runs the examples of one file. A file that is no protocol has no result.
func (a *app) test(name string, mutate bool) tested {
	files := a.files()
	file, text, err := files.protocol(name)
	if err != nil {
		return tested{err: err}
	}
	t := tested{name: file, text: text}
	root, found := source.Parse(file, text)
	if root != nil && root.Get("kind") != nil && root.Get("kind").Value != "protocol" {
		return t
	}
	p, found := protocol.DecodeTree(file, text, root, found, files.resolve)
	if found.HasErrors() {
		t.found = slices.DeleteFunc(found.Sort(), func(d diag.Diagnostic) bool { return d.Severity < diag.Error })
		return t
	}
	if t.results = worked.Run(p); mutate {
		t.mutants = worked.Mutate(file, text, root, files.resolve)
	}
	return t
}

func (t *tested) failed() int {
	n := 0
	for _, r := range t.results {
		if len(r.Found) > 0 {
			n++
		}
	}
	return n
}

// counts returns how many changes of a kind were noticed, of how many that leave a protocol.
func (t *tested) counts(kind worked.Kind) (noticed, of int) {
	for i := range t.mutants {
		if m := &t.mutants[i]; m.Kind == kind && m.Outcome != worked.Unread {
			if of++; m.Outcome == worked.Noticed {
				noticed++
			}
		}
	}
	return noticed, of
}

// share returns how many of a hundred changed figures were noticed; 100 where there are none.
func (t *tested) share() int {
	if noticed, of := t.counts(worked.Figure); of > 0 {
		return 100 * noticed / of
	}
	return 100
}

// exampleName is what outputs call an example.
func exampleName(e worked.Result) string {
	return cmp.Or(e.Example.Title, fmt.Sprintf("the example in line %d", e.Example.Range.Start.Line))
}

func (a *app) testText(out *bytes.Buffer, list []tested) error {
	examples, failed := 0, 0
	var lines strings.Builder
	for i := range list {
		t := &list[i]
		found := slices.Clone(t.found)
		for _, r := range t.results {
			found = append(found, r.Found...)
		}
		if err := report.Text(out, found, func(string) []byte { return t.text }, a.color(a.env.OutTTY)); err != nil {
			return err
		}
		examples, failed = examples+len(t.results), failed+t.failed()
		fmt.Fprintf(&lines, "%s: %s\n", t.name, t.summary())
		for k := range t.mutants {
			if m := &t.mutants[k]; m.Outcome == worked.Unnoticed {
				fmt.Fprintf(&lines, "  %d:%d  unnoticed %s: %s\n", m.Range.Start.Line, m.Range.Start.Column, m.Kind, m)
			}
		}
	}
	if out.Len() > 0 {
		out.WriteByte('\n')
	}
	out.WriteString(lines.String())
	fmt.Fprintf(out, "%s, %s, %d failed\n", civil.Plural(len(list), "file"), civil.Plural(examples, "example"), failed)
	return nil
}

// summary says in a line how the examples of a file came out.
func (t *tested) summary() string {
	switch failed := t.failed(); {
	case t.found.HasErrors():
		return "it has errors, and its examples were not run"
	case len(t.results) == 0:
		return "no examples"
	case failed > 0:
		return fmt.Sprintf("%s, %d failed", civil.Plural(len(t.results), "example"), failed)
	case t.mutants == nil:
		return civil.Plural(len(t.results), "example") + ", all hold"
	}
	var parts []string
	for _, kind := range worked.Kinds() {
		noticed, of := t.counts(kind)
		parts = append(parts, fmt.Sprintf("%d of %d %ss", noticed, of, kind))
	}
	return civil.Plural(len(t.results), "example") + ", all hold; changed one at a time, they notice " + join(parts)
}

// testJSON writes the result as one document.
func testJSON(out *bytes.Buffer, list []tested) error {
	type difference struct {
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Message string `json:"message"`
	}
	type example struct {
		Title       string       `json:"title"`
		Line        int          `json:"line"`
		Holds       bool         `json:"holds"`
		Differences []difference `json:"differences,omitempty"`
	}
	type change struct {
		Kind   string `json:"kind"`
		Path   string `json:"path"`
		Before string `json:"before"`
		After  string `json:"after,omitempty"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
	}
	type noticed struct {
		Noticed int `json:"noticed"`
		Of      int `json:"of"`
	}
	type file struct {
		File      string             `json:"file"`
		Errors    []string           `json:"errors,omitempty"`
		Examples  []example          `json:"examples"`
		Changes   map[string]noticed `json:"changes,omitempty"`
		Unnoticed []change           `json:"unnoticed,omitempty"`
	}
	doc := struct {
		Format int            `json:"format"`
		Files  []file         `json:"files"`
		Count  map[string]int `json:"count"`
	}{1, []file{}, map[string]int{"examples": 0, "failed": 0}}
	for i := range list {
		t := &list[i]
		f := file{File: t.name, Examples: []example{}}
		for _, d := range t.found {
			f.Errors = append(f.Errors, d.Error())
		}
		for _, r := range t.results {
			e := example{Title: exampleName(r), Line: r.Example.Range.Start.Line, Holds: len(r.Found) == 0}
			for _, d := range r.Found {
				e.Differences = append(e.Differences, difference{d.Range.Start.Line, d.Range.Start.Column, d.Message})
			}
			f.Examples = append(f.Examples, e)
		}
		doc.Count["examples"] += len(t.results)
		doc.Count["failed"] += t.failed()
		for k := range t.mutants {
			if m := &t.mutants[k]; m.Outcome == worked.Unnoticed {
				f.Unnoticed = append(f.Unnoticed, change{m.Kind.String(), m.Path, m.Before, m.After, m.Range.Start.Line, m.Range.Start.Column})
			}
		}
		if t.mutants != nil {
			f.Changes = map[string]noticed{}
			for _, kind := range worked.Kinds() {
				n, of := t.counts(kind)
				f.Changes[kind.String()] = noticed{n, of}
			}
		}
		doc.Files = append(doc.Files, f)
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// testCases returns one test case for each example, and for a file that cannot be read one that
// fails.
func testCases(list []tested) []report.Case {
	var cases []report.Case
	for i := range list {
		t := &list[i]
		if len(t.found) > 0 {
			cases = append(cases, report.Case{Name: t.name, Class: t.name, Found: t.found})
		}
		for _, r := range t.results {
			cases = append(cases, report.Case{Name: exampleName(r), Class: t.name, Found: r.Found})
		}
	}
	return cases
}

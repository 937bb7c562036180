package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/lint"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/proof"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/report"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/worked"
)

// reportFormats are the formats of findings.
var reportFormats = []string{"text", "json", "sarif", "github", "junit"}

type validateOptions struct {
	format        string
	stdinFilename string
	skipForeign   bool
	exclude       []string
	maxWarnings   int
	selected      []string
	ignored       []string
	prove         bool
	all           bool
}

func (a *app) validateCommand() *cobra.Command {
	var o validateOptions
	cmd := &cobra.Command{
		Use:   "validate [PATH…]",
		Short: "Check protocol, patient and course files",
		Long: `Check protocol, patient, course and medicines files, and print every finding with its place.
A folder stands for doseplan's .yaml and .yml files below it: other YAML is passed
over. No path stands for the present folder; - for standard input. The findings are the result, and go to stdout.
The worked examples of a protocol are run too: one that does not come out is an error.

Ends with status 1 where there are errors; with --strict, where there are
warnings. A comment silences a warning on its line, or on the next, with a
reason: # doseplan: ignore DP207 because the pharmacy's labels use it`,
		Example: `  doseplan validate protocols/
  doseplan validate --strict mine.yaml
  doseplan validate --format sarif protocols/ > findings.sarif
  doseplan validate --stdin-filename mine.yaml - < mine.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("max-warnings") && o.maxWarnings < 0 {
				return usage("write a number of warnings, 0 or more; or leave it out, where none are counted", "--max-warnings: %d is no number of warnings", o.maxWarnings)
			}
			if cmd.Flags().Changed("stdin-filename") && !slices.Contains(args, "-") {
				return usage("write `-` for standard input, as in: doseplan validate --stdin-filename mine.yaml - < mine.yaml", "--stdin-filename names standard input, which is not read")
			}
			return a.runValidate(args, &o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.format, "format", "f", "text", "format of the findings: "+join(reportFormats))
	f.StringVar(&o.stdinFilename, "stdin-filename", "stdin.yaml", "name of standard input in findings")
	f.BoolVar(&o.skipForeign, "skip-foreign", false, "pass over named files that are not doseplan's, as in folders")
	f.StringArrayVar(&o.exclude, "exclude", nil, "leave out a file or a folder: its name or the last part of its path, with * for any letters (may be repeated)")
	f.BoolVar(&o.prove, "prove", false, "print the worst of each limit of one protocol, and what the proof assumes")
	f.BoolVar(&o.all, "all", false, "with --prove: the worst of every choice too")
	f.IntVar(&o.maxWarnings, "max-warnings", -1, "end with status 1 where there are more warnings than this")
	for _, s := range settings {
		if s.checks {
			f.Var(&once{}, s.key, s.usage)
		}
	}
	f.StringSliceVar(&o.selected, "select", nil, "report only these codes; errors stay")
	f.StringSliceVar(&o.ignored, "ignore", nil, "leave out these codes; errors stay")
	return cmd
}

func (a *app) runValidate(paths []string, o *validateOptions) error {
	if !slices.Contains(reportFormats, o.format) {
		return usage(diag.DidYouMean(o.format, reportFormats), "there is no format “%s”", o.format)
	}
	for _, code := range append(slices.Clone(o.selected), o.ignored...) {
		if _, ok := diag.Lookup(diag.Code(code)); !ok {
			return usage("`doseplan explain` lists the codes", "there is no code “%s”", code)
		}
	}
	if o.prove {
		return a.prove(o, paths)
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	names, err := yamlFiles(paths, o.skipForeign, o.exclude)
	if err != nil {
		return a.notFile(paths, err)
	}
	if len(names) == 0 && (!o.skipForeign || someFolder(paths)) {
		return noneOf(paths)
	}
	known, err := a.medicines()
	if err != nil {
		return err
	}
	results := make([]checked, len(names))
	parallel(len(names), func(i int) { results[i] = a.check(names[i], o.stdinFilename, known) })
	var found diag.List
	texts := map[string][]byte{}
	unread := false
	for i := range results {
		if err := results[i].err; err != nil {
			if len(results) == 1 {
				return unreadable(names[i], err)
			}
			unread = true
			found.Add(diag.Unreadable, diag.Range{File: names[i]}, "", "%s cannot be read: %v", names[i], reason(err))
			continue
		}
		names[i] = results[i].name
		found = append(found, results[i].found...)
		for name, text := range results[i].texts {
			texts[name] = text
		}
	}
	found = append(found, sameIDs(results)...)
	found = o.filter(found.Sort())
	shown := found
	if a.settings.On("quiet") && o.format == "text" && !a.settings.On("strict") && o.maxWarnings < 0 {
		shown = slices.DeleteFunc(slices.Clone(found), func(d diag.Diagnostic) bool { return d.Severity < diag.Error })
	}
	var out bytes.Buffer
	if err := a.renderFindings(&out, o.format, shown, names, func(name string) []byte { return texts[name] }); err != nil {
		return err
	}
	if err := a.print(out.String()); err != nil {
		return err
	}
	warnings := 0
	for _, d := range found {
		if d.Severity == diag.Warning {
			warnings++
		}
	}
	if unread {
		return &outcome{status: exitUsage}
	}
	if found.HasErrors() || warnings > 0 && a.settings.On("strict") || o.maxWarnings >= 0 && warnings > o.maxWarnings {
		return &outcome{status: exitFindings}
	}
	return nil
}

// notFile says of a path that is the id of a protocol what takes one; of another, that it cannot be read.
func (a *app) notFile(paths []string, err error) error {
	for _, path := range paths {
		if _, is := os.Stat(path); is == nil {
			continue
		}
		if _, _, unknown := a.files().protocol(path); unknown == nil {
			return usage("`doseplan validate --prove "+path+"` proves it, and `doseplan protocols show "+path+"` prints its file", "there is no file “%s”: it is the id of a protocol", path)
		}
		return err
	}
	return err
}

// filter leaves the findings that the user wants to see. Errors cannot be left out.
func (o *validateOptions) filter(found diag.List) diag.List {
	return slices.DeleteFunc(found, func(d diag.Diagnostic) bool {
		if len(o.selected) > 0 && !slices.Contains(o.selected, string(d.Code)) {
			return d.Severity < diag.Error
		}
		return d.Severity < diag.Error && slices.Contains(o.ignored, string(d.Code))
	})
}

func (a *app) renderFindings(w io.Writer, format string, found diag.List, names []string, files report.Files) error {
	tool := report.Tool{Name: generator.Name, Version: Version}
	switch format {
	case "json":
		return report.JSON(w, found, names)
	case "sarif":
		return report.SARIF(w, found, files, tool)
	case "github":
		return report.GitHub(w, found)
	case "junit":
		return report.JUnit(w, found, names, tool)
	}
	return report.Text(w, found, files, a.color(a.env.OutTTY))
}

// prove prints the worst cases of one protocol.
func (a *app) prove(o *validateOptions, names []string) error {
	if len(names) != 1 {
		return usage("name one", "--prove takes one protocol, by its id or path")
	}
	known, err := a.medicines()
	if err != nil {
		return err
	}
	files := a.files()
	file, text, err := files.protocol(names[0])
	if err != nil {
		return err
	}
	p, found := protocol.Decode(file, text, files.resolve)
	if found.HasErrors() {
		return &outcome{exitFindings, found, files.text}
	}
	r := proof.Prove(p)
	r.Found = append(append(r.Found, lint.Check(p, r, known)...), worked.Check(p)...)
	r.Found, _ = source.Silence(file, text, append(found, r.Found...))
	write := a.printProof
	if o.format == "json" {
		write = a.printProofJSON
	}
	if err := write(r, o.all); err != nil {
		return err
	}
	if r.Found.HasErrors() || len(r.Found) > 0 && a.settings.On("strict") {
		return &outcome{exitFindings, r.Found, files.text}
	}
	a.report(r.Found, files.text)
	return nil
}

// printProof prints the worst of each limit first, with the medicine, then what the proof does
// not cover; and with all, the doses of every phase and what they come to for every choice.
func (a *app) printProof(r *proof.Result, all bool) error {
	rows := worstRows(r.Closest)
	if err := a.sparse([]string{"LIMIT", "MEDICINE", "PATIENTS", "TIER", "ROUTE", "STEP", "AT WORST", "ALLOWED", "WEIGHT", "FREQUENCY"}, rows); err != nil {
		return err
	}
	text := ""
	for _, d := range r.Found {
		text += "\n" + d.Severity.String() + ": " + d.Message + "\n"
	}
	text += "\nCovered: every patient of the population, start, time zone, tier, route, frequency, step and closed day. Assumed:\n"
	for _, s := range r.Assumptions {
		text += "  - " + s + "\n"
	}
	if err := a.print(text); err != nil || !all {
		return err
	}
	if err := a.print("\n"); err != nil {
		return err
	}
	rows = nil
	for _, row := range r.Rows {
		perKg := ""
		if row.MostPerKg.IsSet() {
			perKg = row.MostPerKg.String()
		}
		rows = append(rows, []string{row.Phase, row.Of, row.Tier, row.Route, step(row.Step), row.Least.String(), row.Most.String(), perKg, row.Frequency})
	}
	if err := a.sparse([]string{"PHASE", "PATIENTS", "TIER", "ROUTE", "STEP", "LEAST", "MOST", "MOST PER KG", "FREQUENCY"}, rows); err != nil {
		return err
	}
	if err := a.print("\n"); err != nil {
		return err
	}
	return a.sparse([]string{"WITHIN", "MEDICINE", "PATIENTS", "TIER", "ROUTE", "STEP", "AT WORST", "LIMIT", "WEIGHT", "FREQUENCY"}, worstRows(r.Totals))
}

// worstRows says worst cases in cells.
func worstRows(list []proof.Total) [][]string {
	var rows [][]string
	for i := range list {
		t := &list[i]
		worst, allowed := worstOf(t)
		weight := ""
		if t.Weight.IsSet() {
			weight = t.Weight.String()
		}
		rows = append(rows, []string{t.Name, t.Medication, t.Of, t.Tier, t.Route, step(t.Step), worst, allowed, weight, t.Frequency})
	}
	return rows
}

// worstOf says what a case comes to, and what its limit allows.
func worstOf(t *proof.Total) (worst, allowed string) {
	worst, allowed = t.Amount.String(), "none"
	if t.Endless {
		worst = "without end"
	}
	switch {
	case t.Days > 0:
		within := " in " + civil.Plural(t.Days, "day")
		worst, allowed = civil.Plural(t.Doses, "dose")+within, "1 dose"+within
	case t.Name == string(limit.KeyInterval), t.Name == string(limit.KeyGap):
		worst = hours(t.Apart)
		if t.Shortest > 0 {
			allowed = hours(t.Shortest)
		}
	case t.Name == string(limit.KeyDoses):
		if allowed = fmt.Sprint(t.MostDoses); !t.Endless {
			worst = fmt.Sprint(t.Doses)
		}
	case t.Limit.IsSet():
		allowed = t.Written.String()
		if t.Written.Unit().Per() != quantity.PerNothing {
			allowed += fmt.Sprintf(" (%v)", t.Limit.FloorTo(quantity.New(1, 1000, t.Limit.Unit())))
		}
	}
	return worst, allowed
}

// printProofJSON prints the same as JSON.
func (a *app) printProofJSON(r *proof.Result, all bool) error {
	type worst struct {
		Limit      string `json:"limit"`
		Medication string `json:"medication"`
		Patients   string `json:"patients,omitempty"`
		Tier       string `json:"tier,omitempty"`
		Route      string `json:"route,omitempty"`
		Frequency  string `json:"frequency,omitempty"`
		AtWorst    string `json:"at_worst"`
		Allowed    string `json:"allowed"`
		Weight     string `json:"weight,omitempty"`
	}
	read := func(list []proof.Total) []worst {
		out := []worst{}
		for i := range list {
			t := &list[i]
			at, allowed := worstOf(t)
			w := worst{t.Name, t.Medication, t.Of, t.Tier, t.Route, t.Frequency, at, allowed, ""}
			if t.Weight.IsSet() {
				w.Weight = t.Weight.String()
			}
			out = append(out, w)
		}
		return out
	}
	doc := struct {
		Limits      []worst  `json:"limits"`
		Assumptions []string `json:"assumptions"`
		All         []worst  `json:"all,omitempty"`
		Findings    []string `json:"findings"`
	}{read(r.Closest), r.Assumptions, nil, []string{}}
	if all {
		doc.All = read(r.Totals)
	}
	for _, d := range r.Found {
		doc.Findings = append(doc.Findings, d.Error())
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	return a.print(string(b) + "\n")
}

// sparse prints a list without the columns that say nothing.
func (a *app) sparse(head []string, rows [][]string) error {
	if len(rows) == 0 {
		return nil
	}
	for c := len(head) - 1; c >= 0; c-- {
		if !slices.ContainsFunc(rows, func(row []string) bool { return row[c] != "" }) {
			head = slices.Delete(head, c, c+1)
			for i := range rows {
				rows[i] = slices.Delete(rows[i], c, c+1)
			}
		}
	}
	return a.list(head, rows, len(head)-1)
}

// step names the step of a titration by amounts, where there is one.
func step(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func hours(d time.Duration) string {
	minutes := int(d / time.Minute)
	switch {
	case minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}

// checked is what came of one file.
type checked struct {
	name  string
	texts map[string][]byte
	found diag.List
	is    identity
	err   error
}

// An identity is what pages name a protocol by, and where its file says it.
type identity struct {
	id, version string
	at          diag.Range
}

// sameIDs says of the files that are called as one before them is, to the version: whoever reads a page could not tell which
// of the two it is of.
func sameIDs(results []checked) (found diag.List) {
	type naming struct{ id, version string }
	first := map[naming]string{}
	for _, r := range results {
		n := naming{r.is.id, r.is.version}
		if n.id == "" {
			continue
		}
		if other, is := first[n]; is && other != r.name && !sameFile(other, r.name) {
			found.Add(diag.SameID, r.is.at, "give one of them an id of its own; two texts of one protocol have two versions", "%s is called “%s” %s as well", other, n.id, n.version)
		} else {
			first[n] = r.name
		}
	}
	return found
}

func (a *app) check(name, stdinName string, known medicine.Table) (result checked) {
	files := a.files()
	defer func() {
		if r := recover(); r != nil { // the findings of other files stand
			result = checked{name: name, texts: files.texts}
			result.found.Add(diag.Fault, diag.Range{File: name}, "please report it, with the file", "a fault in doseplan itself, not in this file: %v", r)
		}
	}()
	text, err := files.read(name)
	if err != nil {
		return checked{name: name, err: err}
	}
	if name == "-" {
		name = stdinName
		files.texts[name] = text
	}
	found, is, private := validateFile(name, text, files, known)
	if private {
		files.texts = nil // findings do not show the lines of a patient's file
	}
	return checked{name: name, texts: files.texts, found: found, is: is}
}

// parallel calls do for 0 to n-1, from as many goroutines as there are processors.
func parallel(n int, do func(int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}

// validateFile checks one file by its kind, and says what a protocol is called. private says that it holds a patient's data.
func validateFile(name string, text []byte, files *fileSet, known medicine.Table) (found diag.List, is identity, private bool) {
	root, found := source.Parse(name, text)
	if root != nil && root.Get("kind") != nil && root.Get("kind").Value == "patient" {
		_, more := patient.Decode(root)
		return append(found, more...), is, true
	}
	if root != nil && root.Get("kind") != nil && root.Get("kind").Value == "course" {
		return validateCourse(name, text, files), is, true
	}
	if root != nil && root.Get("kind") != nil && root.Get("kind").Value == "medicines" {
		_, more := medicine.Decode(root)
		return append(found, more...), is, false
	}
	if kinds := []string{"protocol", "patient", "course", "medicines"}; root.Get("kind") != nil && root.Get("kind").Kind == source.Scalar && !slices.Contains(kinds, root.Get("kind").Value) {
		found.Add(diag.BadWord, root.Get("kind").Range, diag.DidYouMean(root.Get("kind").Value, kinds), "“%s” is not a kind of file", root.Get("kind").Value)
		return found, is, false
	}
	p, found := protocol.DecodeTree(name, text, root, found, files.resolve)
	if id := root.Get("id"); !found.HasErrors() && id != nil {
		is = identity{p.ID, p.Version, id.Range}
		found = append(found, notShipped(p, text, is.at)...)
	}
	if !found.HasErrors() {
		r := proof.Check(p)
		found = append(append(append(found, r.Found...), lint.Check(p, r, known)...), worked.Check(p)...)
	}
	broken := found.HasErrors()
	found, unused := source.Silence(name, text, found)
	if broken {
		unused = nil // what a comment silences is not looked for in a file that cannot be used
	}
	return few(append(found, unused...)), is, false
}

// validateCourse checks a course file, and that its entries can be carried out.
func validateCourse(name string, text []byte, files *fileSet) diag.List {
	var o *outcome
	f, err := files.app.parseCourse(name, text)
	if err == nil {
		_, found, rerr := f.fold(files.app, ledger.Options{})
		if err = rerr; err == nil {
			return slices.DeleteFunc(found, func(d diag.Diagnostic) bool { return d.Severity < diag.Warning })
		}
	}
	if errors.As(err, &o) {
		return o.found
	}
	return nil
}

// maxFindings is how many findings of one file are reported: who has more mends those first.
const maxFindings = 1000

// few leaves out what is too much of one file, and says so.
func few(found diag.List) diag.List {
	if len(found) <= maxFindings {
		return found
	}
	found = found.Sort()
	rest := len(found) - maxFindings
	found = slices.Clip(found[:maxFindings])
	found.Add(diag.TooLarge, found[maxFindings-1].Range, "mend those above first", "%s more in this file", civil.Plural(rest, "finding"))
	return found
}

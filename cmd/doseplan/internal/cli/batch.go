package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/batch"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/protocols"
)

// batchOptions are the flags of batch that are no settings.
type batchOptions struct {
	patients, courses, asOf, rejects, shard string
	resume, summary                         bool
}

func (a *app) batchCommand() *cobra.Command {
	o := &batchOptions{}
	cmd := &cobra.Command{
		Use:   "batch PROTOCOL|FILE --patients FILE|FOLDER|- | --courses FOLDER",
		Short: "Compute the calendars of any number of patients",
		Long: `Compute the calendars of any number of patients, on every core and in the order of
the input, as NDJSON or CSV, or as one file a patient in a folder. Memory does not
grow with the number of patients.

Patients are one of
  - a table (CSV) whose header names the keys of a patient file that its cells state:
    ` + strings.Join(patient.FieldNames()[:7], ", ") + `,
    ` + strings.Join(patient.FieldNames()[7:], ", ") + `.
    Words of a list are separated by semicolons; an empty cell states nothing;
  - one patient file a line as JSON (NDJSON);
  - a folder of patient files (YAML).
Every patient needs an id. --start and --time-zone stand for rows that state none.

With --courses, and no protocol, it computes the calendars of the course files of a
folder, as they stand or as of a day.

A row that has no calendar is left out and named: on stderr, and with its field, the
code and the reason in the file of --rejects. The exit status is then 1. A file is
written under a name that ends in .part, and gets its own name when it is whole;
after Ctrl-C or a full disk, --resume goes on.`,
		Example: `  doseplan batch ketamine-iv-intensive --patients patients.csv -o calendars.ndjson --rejects rejects.csv
  doseplan batch ketamine-iv-intensive --patients patients.csv -f ics -o calendars/
  doseplan batch ketamine-iv-intensive --patients patients.csv --summary
  doseplan batch --courses courses/ -f ics -o calendars/
  parallel doseplan batch ketamine-iv-intensive --patients patients.csv \
      --shard {}/4 -o part-{}.ndjson ::: 0 1 2 3`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case o.courses != "" && (len(args) > 0 || o.patients != ""):
				return usage("leave them out: each course names its own", "--courses goes with no protocol, and with no --patients")
			case o.courses == "" && o.asOf != "":
				return usage("see `doseplan batch --help`", "--as-of goes with --courses")
			case o.courses == "" && len(args) != 1:
				return usage("see `doseplan batch --help`", "name one protocol")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return protocols.IDs(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runBatch(args, o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.patients, "patients", "", "the patients: a table, one a line as JSON, a folder of files, or - for stdin")
	f.StringVar(&o.courses, "courses", "", "a folder of course files, in place of a protocol and patients")
	f.StringVar(&o.asOf, "as-of", "", "of courses: the day whose calendars are computed, as 2026-03-20, or today")
	f.StringVar(&o.rejects, "rejects", "", "table (CSV) to write of the rows that have no calendar, and why")
	f.BoolVar(&o.resume, "resume", false, "go on with a batch that was stopped")
	f.StringVar(&o.shard, "shard", "", "compute one share of the patients: 0/4 to 3/4 are all of them")
	f.BoolVar(&o.summary, "summary", false, "print what the calendars come to in place of them: doses, amounts, check-ins and hours in the clinic")
	addSettings(f, false, "patient file", "override", "id", "weight", "height", "birth-date", "age", "sex", "condition", "without", "medication", "measurement", "date", "acuity")
	return cmd
}

// batchMemory is the memory, in bytes, beyond which a batch collects garbage at once.
const batchMemory = 48 << 20

// A batchRun is one run of the command.
type batchRun struct {
	*app
	*batchOptions
	plan    *schedule.Plan
	key     string // what the output depends on, beside the rows
	job     batch.Job
	in      batch.Input
	out     sink
	rejects *rejectList
	load    batch.Load
	state   batchState
	show    *progress
	seen    *idSet

	// Of courses: how a document is appended, and whether what an earlier one held must be known.
	write  func(*bytes.Buffer, *view.Document) error
	former bool
}

// sameFile reports whether two names are those of one file that exists.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}

// runBatch prepares a batch of a protocol, or of courses, runs it, and says how it ended.
func (a *app) runBatch(args []string, o *batchOptions) error {
	r := &batchRun{app: a, batchOptions: o, seen: newIDSet()}
	for _, out := range []string{a.settings.Text("output"), o.rejects} {
		if in := cmp.Or(o.patients, o.courses); sameFile(out, in) {
			return usage("write to another file", "the file of the %ss, %s, would be written over", o.noun(), in)
		}
	}
	if out := a.settings.Text("output"); o.rejects != "" && out != "" && (out == o.rejects || sameFile(out, o.rejects)) {
		return usage("write them to two files", "the calendars and the rejects would go into one file")
	}
	prepare := r.prepareCourses
	if len(args) > 0 {
		prepare = func() error { return r.prepare(args[0]) }
	}
	if err := prepare(); err != nil {
		return err
	}
	closeInput, err := r.input()
	if err != nil {
		return err
	}
	defer closeInput()
	var w *writeError
	if err := r.output(); errors.As(err, &w) {
		return unwritable(w.name, w.err)
	} else if err != nil {
		return err
	}
	// Calendars make much garbage and hold little memory: collect it less often, unless long
	// ones take more.
	defer debug.SetGCPercent(debug.SetGCPercent(600))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(batchMemory))
	// A pipe that was closed is an output that cannot be written, like any other.
	signal.Ignore(syscall.SIGPIPE)
	defer signal.Reset(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	return r.end(r.job.Run(ctx, r.in, r.take))
}

// prepare reads the protocol and the choices.
func (r *batchRun) prepare(name string) error {
	files := r.files()
	file, text, err := files.protocol(name)
	if err != nil {
		return err
	}
	p, found := protocol.Decode(file, text, files.resolve)
	if found.HasErrors() {
		return &outcome{exitUsage, found, files.text}
	}
	options, err := planOptions(r.settings)
	if err != nil {
		return err
	}
	options.Overrides = nil // a limit is let through for one patient, by who knows that patient
	plan, more := schedule.NewPlan(p, options)
	if found = append(found, more...); found.HasErrors() {
		return r.verdict(found, files.text)
	}
	r.plan, r.key = plan, p.Origin.Fingerprint()
	r.job = batch.Job{Plan: plan, Strict: r.settings.On("strict"), Below: r.shared()}
	if err := r.readShard(); err != nil {
		return err
	}
	unproved, inPerson := append(unvalidated(p, text), sharedChoices(r.settings)...), r.namer(p)
	r.job.Adds = func(s *schedule.Schedule) {
		s.Findings = slices.Concat(unproved, s.Findings)
		inPerson(s)
	}
	r.report(found, files.text)
	return nil
}

// readShard reads which share is asked for.
func (r *batchRun) readShard() (err error) {
	if r.shard == "" {
		return nil
	}
	if r.job.Shard, err = batch.ParseShard(r.shard); err != nil {
		return usage("write it as 0/4", "--shard: %v", err)
	}
	return nil
}

// shared states what rows leave open.
func (r *batchRun) shared() func(*patient.Builder) {
	set := r.settings
	return func(b *patient.Builder) {
		for _, key := range []string{"start", "time-zone"} {
			if set.Set(key) {
				b.State(strings.ReplaceAll(key, "-", " "), diag.Range{File: set.Where(key)}, set.Text(key))
			}
		}
	}
}

// input opens the patients.
func (r *batchRun) input() (closeInput func(), err error) {
	if r.courses != "" {
		r.in, err = newCourses(r.courses)
		r.show = r.newProgress(-1)
		return func() {}, err
	}
	if r.patients == "" {
		return nil, usage("name a table, a file of one patient a line as JSON, or a folder with --patients", "the patients are not given")
	}
	if r.patients == "-" {
		return func() {}, r.open("standard input", r.env.In, -1)
	}
	info, err := os.Stat(r.patients)
	if err != nil {
		return nil, unreadable(r.patients, err)
	}
	if info.IsDir() {
		var passed []string
		r.in, passed, err = newFolder(r.patients)
		if len(passed) > 0 && err == nil {
			var found diag.List
			found.Add(diag.NoEffect, diag.Range{}, "give it `kind: patient`, if it is one", "%s below %s passed over, in which nothing is a patient's: %s", civil.Plural(len(passed), "file"), r.patients, first(passed, 3))
			r.report(found, nil)
		}
		r.show = r.newProgress(-1)
		return func() {}, err
	}
	f, err := os.Open(r.patients)
	if err != nil {
		return nil, unreadable(r.patients, err)
	}
	if info.Mode().IsRegular() {
		r.key += fmt.Sprint(" ", info.Size(), info.ModTime().UnixNano())
		return func() { f.Close() }, r.open(r.patients, f, info.Size())
	}
	return func() { f.Close() }, r.open(r.patients, f, -1)
}

// take takes in what some rows came to.
func (r *batchRun) take(p *batch.Part) error {
	if again := r.seen.unique(p); len(again) > 0 {
		p.SumUp(again)
	}
	if err := r.out.put(p); err != nil {
		return err
	}
	for i := range p.Rejects {
		r.rejects.add(&p.Rejects[i])
	}
	if err := r.rejects.flush(); err != nil {
		return err
	}
	r.load.Merge(&p.Load)
	r.state.At, r.state.Patients, r.state.Torn = p.End, r.state.Patients+len(p.Patients), p.Torn
	r.show.update(&r.state, r.rejects)
	return r.checkpoint(false)
}

// end makes whole what is whole, and says how the batch ended.
func (r *batchRun) end(err error) error {
	r.show.done()
	if held, ok := r.out.(interface{ release() }); ok {
		defer held.release() // another program may go on with it
	}
	var failed *outcome
	switch {
	case err == nil:
		if err = r.finish(); err == nil {
			return r.verdictOfRows()
		}
	case errors.Is(err, context.Canceled):
		failed = r.stopped("the batch was stopped", exitStopped)
	}
	var w *writeError
	switch {
	case failed != nil:
	case errors.As(err, &w):
		failed = r.stopped(w.Error(), exitUnwritten)
	default:
		failed = r.stopped(fmt.Sprintf("%s cannot be read: %v", r.patients, err), exitUsage)
	}
	return failed
}

// stopped is the outcome of a batch that did not come to its end.
func (r *batchRun) stopped(why string, status int) *outcome {
	kept := "the output is not whole"
	if r.out.keeps() {
		if r.checkpoint(true) == nil {
			kept = "what is done is kept; --resume goes on"
		}
	}
	var found diag.List
	found.Add(diag.CutShort, diag.Range{}, kept, "%s after %s", why, civil.Plural(r.state.At.Rows, "row"))
	return &outcome{status: status, found: found}
}

// finish writes the summary, and gives the files their names.
func (r *batchRun) finish() error {
	if r.summary {
		p := &batch.Part{}
		if err := r.writeLoad(&p.Output); err != nil {
			return err
		}
		if err := r.out.put(p); err != nil {
			return err
		}
	}
	if err := r.out.finish(); err != nil {
		return err
	}
	if err := r.rejects.out.finish(); err != nil {
		return err
	}
	return r.forget()
}

// verdictOfRows says how many rows were written and rejected.
func (r *batchRun) verdictOfRows() error {
	var found diag.List
	if r.state.Torn {
		found.Add(diag.TornEnd, diag.Range{}, "check that it is whole", "%s ends without a line end", r.patients)
	}
	c := &r.rejects.counts
	if r.state.At.Rows == 0 && r.courses == "" {
		found.Add(diag.EmptyFile, diag.Range{File: r.patients}, "look at what wrote it, unless there is nobody", "there is a header, and no patient").Severity = diag.Warning
		if r.settings.On("strict") {
			return &outcome{status: exitFindings, found: found}
		}
	}
	if c.Rejected == 0 {
		r.report(found, nil)
		if !r.settings.On("quiet") {
			fmt.Fprintf(r.env.Err, "%s\n", civil.Plural(r.state.Patients, r.noun()))
			r.warned()
		}
		return nil
	}
	if !r.settings.On("quiet") {
		r.warned()
	}
	shown := append(found, r.rejects.first...)
	help := "--rejects FILE writes a table of them"
	if r.batchOptions.rejects != "" {
		help = r.batchOptions.rejects + " lists them"
	}
	if len(r.rejects.first) == shownRejects {
		help = "only the first are named here; " + help
	}
	shown.Add(diag.Rejected, diag.Range{}, help, "%s written, %s rejected, %d of them refused for safety",
		civil.Plural(r.state.Patients, r.noun()), civil.Plural(c.Rejected, "row"), c.Refused)
	return &outcome{status: exitFindings, found: shown}
}

// warned says of how many of those that were written something must be known, in codes: who they are stands in the output.
func (r *batchRun) warned() {
	for _, code := range slices.Sorted(maps.Keys(r.load.Findings)) {
		entry, _ := diag.Lookup(code)
		fmt.Fprintf(r.env.Err, "  %d with a warning: %s [%s]\n", r.load.Findings[code], entry.Title, code)
	}
}

// noun is what a row is.
func (o *batchOptions) noun() string {
	if o.courses != "" {
		return "course"
	}
	return "patient"
}

// encode has calendars appended to the output in a format, which makes what writes them for each worker.
func (r *batchRun) encode(writer func() func(*bytes.Buffer, *view.Document) error) {
	o := r.viewOptions()
	o.Color = false
	r.job.Writer = func() batch.Write {
		write, d := writer(), view.Of(nil, o)
		return func(b *bytes.Buffer, s *schedule.Schedule) error {
			d.Parts[0].Schedule = s
			return write(b, d)
		}
	}
	r.write = func(b *bytes.Buffer, d *view.Document) error {
		d.Options = o
		return writer()(b, d)
	}
}

package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/store"
	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
)

func (a *app) courseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "course",
		Short: "Start a course, write down what happens, and see where it stands",
		Long: `Start a course, write down what happens, and see where it stands.

A course file is plain YAML: the patient, the protocol as it was when it was
chosen, and a ledger. Its entries are facts (what was given, missed, measured,
held), orders (what a clinician decides from a day on) and corrections. They are
only ever appended. A fact stays as it was written down, whatever comes later;
what happened against the protocol is taken in, and said on every page. An order
is refused, and nothing written, where it would go round a check-in, past a limit
or past the population. "undo" and "--replaces" take an entry back; it stays
readable in "history".`,
		Example: `  doseplan course new anna.yaml ketamine-home-intensive --weight 72kg --tier low --start 2026-03-02
  doseplan course check-in anna.yaml 'evaluation 1' --decision confirm --on 2026-03-01 --by 'Dr. Adams'
  doseplan course given anna.yaml 'induction 1' --by 'Dr. Adams'
  doseplan course status anna.yaml
  doseplan course history anna.yaml`,
		Args: oneOfCommands,
		RunE: help,
	}
	cmd.AddGroup(&cobra.Group{ID: "see", Title: "See:"}, &cobra.Group{ID: "fact", Title: "Write down what happened:"}, &cobra.Group{ID: "order", Title: "Order from a day on:"}, &cobra.Group{ID: "correct", Title: "Correct:"})
	for _, c := range []*cobra.Command{a.courseNewCommand(), a.courseStatusCommand(), a.courseScheduleCommand(), a.courseHistoryCommand()} {
		c.GroupID = "see"
		cmd.AddCommand(c)
	}
	for i := range verbs {
		cmd.AddCommand(a.verbCommand(&verbs[i]))
	}
	return cmd
}

// A courseFile is a course with all that its fold needs.
type courseFile struct {
	name   string
	text   []byte
	course *ledger.Course
	files  *fileSet
}

// readCourse reads a course file. Its text is not kept for findings: it holds a patient's data.
func (a *app) readCourse(name string) (*courseFile, error) {
	text, err := store.Read(name, source.MaxBytes)
	if err != nil {
		return nil, unreadable(name, err)
	}
	return a.parseCourse(name, text)
}

func (a *app) parseCourse(name string, text []byte) (*courseFile, error) {
	root, found := source.Parse(name, text)
	return a.courseOf(name, text, root, found)
}

// courseOf is parseCourse for a text that is parsed already.
func (a *app) courseOf(name string, text []byte, root *source.Node, found diag.List) (*courseFile, error) {
	if found.HasErrors() {
		return nil, &outcome{status: exitUsage, found: found}
	}
	if root.Get("amendments") != nil {
		return nil, usage("write its entries under `ledger`, each with what it says: see `doseplan schema course`", "%s is of an earlier form, with `amendments`", name)
	}
	c, more := course.Decode(root)
	if more.HasErrors() {
		return nil, &outcome{status: exitUsage, found: more}
	}
	return &courseFile{name: name, text: text, course: c, files: a.files()}, nil
}

// fold computes the calendar of a course.
func (f *courseFile) fold(a *app, o ledger.Options) (*ledger.Calendar, diag.List, error) {
	base, err := f.options(a)
	if err != nil {
		return nil, nil, err
	}
	o.Base = base
	cal, found := ledger.Fold(f.course, f.protocol, o)
	if cal == nil {
		return nil, found, &outcome{exitUsage, found, f.files.text}
	}
	return cal, found, nil
}

// options are the settings of the calendar: the course's own before those of the command line.
func (f *courseFile) options(a *app) (schedule.Options, error) {
	all, err := planOptions(a.settings)
	if err != nil {
		return all, err
	}
	o := schedule.Options{Named: all.Named, DoseTime: all.DoseTime, CheckInTime: all.CheckInTime, Closed: all.Closed, Policy: all.Policy, Hours: all.Hours, Horizon: all.Horizon, Overrides: all.Overrides}
	set := &f.course.Settings
	if len(set.Closed) > 0 {
		if o.Closed, err = closedDays(set.Closed); err != nil {
			return o, err
		}
	}
	if len(set.Hours) > 0 {
		if o.Hours, err = openingHours(set.Hours); err != nil {
			return o, err
		}
	}
	if len(set.Prefer) > 0 {
		if o.Closed.Preferred, err = preferred(set.Prefer); err != nil {
			return o, err
		}
	}
	if set.ClosedPolicy != "" {
		if o.Policy, err = calendar.ParsePolicy(set.ClosedPolicy); err != nil {
			return o, err
		}
	}
	if set.DoseTime.IsSet() {
		o.DoseTime = set.DoseTime
	}
	if set.CheckInTime.IsSet() {
		o.CheckInTime = set.CheckInTime
	}
	return o, nil
}

// today is the day that is taken as today: as the settings say, or that of the clocks of a zone.
func (a *app) today(zone civil.Zone) (civil.Date, error) {
	if text := a.settings.Text("today"); text != "" && text != "today" {
		d, err := civil.ParseDate(text)
		if err != nil {
			return d, usage("write it as 2026-03-20", "--today: %v", err)
		}
		return d, nil
	}
	d, _ := zone.DateClock(a.env.Now().Unix())
	return d, nil
}

// date reads a date of a flag; “today” is that of the patient's clocks, unless the settings say
// what today is.
func (a *app) date(flag, text string, zone civil.Zone) (civil.Date, error) {
	if text == "today" {
		return a.today(zone)
	}
	d, err := civil.ParseDate(text)
	if err != nil {
		return d, usage("write it as 2026-03-02, or today", "--%s: %v", flag, err)
	}
	return d, nil
}

func oneFile(text string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("see `"+cmd.CommandPath()+" --help`", "%s", text)
		}
		return nil
	}
}

func (a *app) courseScheduleCommand() *cobra.Command {
	asOf := ""
	cmd := &cobra.Command{
		Use:   "schedule FILE",
		Short: "Print the calendar of a course: what happened, and what is planned",
		Long: `Print the calendar of a course: what happened, and what is planned. It is told as of
today, and names the day: what was planned before, and is not written down, is not to
be given any more. With --as-of it is the calendar of that day: what was written down
later does not count.`,
		Example: "  doseplan course schedule anna.yaml\n  doseplan course schedule anna.yaml --format month\n  doseplan course schedule anna.yaml --as-of 2026-03-20",
		Args:    oneFile("name one course file"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.runCourseSchedule(args[0], asOf) },
	}
	addSettings(cmd.Flags(), false, "patient", "tier", "route", "frequency", "step", "confirmed", "times")
	cmd.Flags().StringVar(&asOf, "as-of", "", "the day whose calendar is printed, as 2026-03-20, or today")
	return cmd
}

func (a *app) runCourseSchedule(name, asOf string) error {
	format, err := outputFormat(a.settings)
	if err != nil {
		return err
	}
	f, err := a.readCourse(name)
	if err != nil {
		return err
	}
	d, found, err := a.told(f, asOf, format.updates)
	if err != nil {
		return err
	}
	if err := a.verdict(found, f.files.text); err != nil {
		return err
	}
	if err := a.writeDocument(format, d); err != nil {
		return err
	}
	a.report(found, f.files.text)
	return nil
}

// told computes the document of a course as of today, or of a day, by the patient's clocks; with former,
// what a calendar program holds of an earlier day and stands no more.
func (a *app) told(f *courseFile, asOf string, former bool) (*view.Document, diag.List, error) {
	zone := f.course.Patient.Zone
	var o ledger.Options
	var err error
	if text := a.settings.Text("until"); text != "" {
		if o.Until, err = a.date("until", text, zone); err != nil {
			return nil, nil, err
		}
	}
	if asOf == "" {
		o.Now, err = a.date("today", "today", zone)
	} else {
		o.AsOf, err = a.date("as-of", asOf, zone)
		o.Now = o.AsOf
	}
	if err != nil {
		return nil, nil, err
	}
	cal, found, err := f.fold(a, o)
	if err != nil {
		return nil, nil, err
	}
	d := a.document(f, cal)
	if former {
		if o.Base, err = f.options(a); err != nil {
			return nil, nil, err
		}
		last := &d.Parts[len(d.Parts)-1]
		last.Before = ledger.Former(f.course, f.protocol, o)
		if last.Beyond, err = a.beyond(f, o, last.Before); err != nil {
			return nil, nil, err
		}
	}
	return d, found, nil
}

// beyond computes a course that is cut off once more, as far as earlier calendars of it reach.
func (a *app) beyond(f *courseFile, o ledger.Options, before []*schedule.Schedule) (list []*schedule.Schedule, err error) {
	reach := civil.Date{}
	for _, s := range before {
		for i := range s.Events {
			reach = civil.Later(reach, s.Events[i].Date)
		}
	}
	if o.Until.IsZero() || reach.IsZero() {
		return nil, nil
	}
	const moved = 366 // days: what was planned for a day is seldom put off by more
	o.Until = civil.Later(reach, o.Until).AddDays(moved)
	cal, _, err := f.fold(a, o)
	if err != nil {
		return nil, err
	}
	for i := range cal.Legs {
		list = append(list, cal.Legs[i].Schedule)
	}
	return list, nil
}

// document is the calendar of a course for the views.
func (a *app) document(f *courseFile, cal *ledger.Calendar) *view.Document {
	d := &view.Document{Options: a.viewOptions()}
	entries, entered := len(f.course.Entries), civil.Date{}
	for i := range f.course.Entries {
		entered = civil.Later(entered, f.course.Entries[i].Entered)
	}
	for i := range cal.Legs {
		l := &cal.Legs[i]
		l.Schedule.Findings = append(f.unvalidated(l), l.Schedule.Findings...)
		d.Parts = append(d.Parts, view.Part{Schedule: l.Schedule, Heading: legTitle(l, i, len(cal.Legs)), Entries: entries, Entered: entered})
	}
	return d
}

// unvalidated says that `validate` finds errors in a protocol that a course follows.
func (f *courseFile) unvalidated(l *ledger.Leg) diag.List {
	text, ok := f.files.texts[l.Schedule.Protocol.Range.File]
	if !ok {
		return nil
	}
	return unvalidated(l.Schedule.Protocol, text)
}

// legTitle tells a leg of a course from the others, where there are any.
func legTitle(l *ledger.Leg, i, n int) string {
	if n == 1 {
		return ""
	}
	text := fmt.Sprintf("%d of %d: %s, from %v", i+1, n, l.Schedule.Protocol.ID, l.From)
	if !l.Ended.IsZero() {
		text += fmt.Sprintf(" to %v", l.Ended.AddDays(-1))
	}
	if l.Beside {
		text += ", alongside"
	}
	if l.Note != "" {
		text += "; " + l.Note
	}
	return text
}

// changeCourse appends entries to a course file: whole or not at all.
func (a *app) changeCourse(name string, do func(*courseFile) ([]byte, error)) error {
	err := store.Change(name, source.MaxBytes, func(text []byte) ([]byte, error) {
		f, err := a.parseCourse(name, text)
		if err != nil {
			return nil, err
		}
		return do(f)
	})
	var o *outcome
	switch {
	case errors.As(err, &o):
		return err
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, store.ErrNotRegular):
		return unreadable(name, err)
	}
	return cannotWrite(name, err)
}

// appended returns the text of a course with entries at the end of its ledger.
func appended(name string, text []byte, entries []ledger.Entry) ([]byte, error) {
	for i := range entries {
		next, err := source.Append(text, name, "ledger", course.Node(&entries[i]))
		if err != nil {
			return nil, usage("write the ledger as a block: each entry on lines of its own", "%s: %v", name, err)
		}
		text = next
	}
	return text, nil
}

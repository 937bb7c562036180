package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/store"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/icalendar"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
	"github.com/doseplan/doseplan/pkg/view/tabular"
	"github.com/doseplan/doseplan/pkg/view/terminal"
)

type agendaOptions struct {
	on, to, format, mine string
	week                 bool
}

var agendaFormats = []string{"table", "csv", "json", "ics"}

func (a *app) agendaCommand() *cobra.Command {
	var o agendaOptions
	cmd := &cobra.Command{
		Use:   "agenda PATH…",
		Short: "Say who is due, across a folder of courses",
		Long: `Say who is due on a day, today unless --on names another, or from one day to another,
across course files and folders of them: doses, check-ins, labs and supply to send,
each at the time of the patient's clocks. What is overdue stands first, one line for
each kind with its count and since when, and last what the calendars of those who
are due warn of. A course that cannot be read is named, and
the rest still print; the status is then 1. A course that is refused something says
so in its own status.`,
		Example: "  doseplan agenda courses/\n  doseplan agenda courses/ --week\n  doseplan agenda courses/ --on 2026-03-02 --to 2026-03-08 --format csv",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("see `doseplan agenda --help`", "name the courses: files or folders")
			}
			return a.runAgenda(args, &o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.on, "on", "today", "the day, as 2026-03-02, or today")
	f.StringVar(&o.to, "to", "", "the last day of a range")
	f.BoolVar(&o.week, "week", false, "the seven days from --on on")
	f.StringVar(&o.mine, "mine", "", "a file with ids of courses or patients, one a line: only these")
	f.StringVarP(&o.format, "format", "f", "table", "table, csv, json or ics")
	return cmd
}

// A due is one line of an agenda, as text: a course's calendar is not kept for it.
type due struct {
	course  string
	at      int64
	overdue int  // how many of the kind are, since this one; 0 for what is due
	held    bool // it is a dose that is not to be given
	who     string
	warns   []view.Finding // of the course
	cells   []string
	line    []string
	json    agendaRow
}

// An agendaRow is a line of an agenda as JSON.
type agendaRow struct {
	Course   string `json:"course"`
	Patient  string `json:"patient"`
	TimeZone string `json:"time_zone"`
	Overdue  int    `json:"overdue"` // how many of the kind are, since this one; 0 for what is due
	jsonItem
	Findings []jsondoc.Finding `json:"findings,omitempty"` // what the calendars of the course warn of
}

// newDue puts an event of a course into words, for an agenda of the day of a status.
func newDue(course string, st *ledger.Status, item ledger.Item, overdue int) due {
	s, e := item.Leg.Schedule, item.Event
	day := e.Date // on which it would be given
	if overdue > 0 {
		day = st.AsOf
	}
	d := due{course: course, at: e.At, overdue: overdue, held: e.Kind == schedule.Dose && item.Leg.Held(day)}
	d.json = agendaRow{Course: course, Patient: s.Patient.ID, TimeZone: s.Zone.String(), Overdue: overdue, jsonItem: toJSON(st, &item)}
	if d.who = course; s.Patient.ID != "" && s.Patient.ID != course {
		d.who += " (" + s.Patient.ID + ")"
	}
	switch {
	case d.held:
		d.json.Status = schedule.Held.String()
	case overdue > 0:
		d.json.Status = "overdue"
	}
	d.cells = d.row(&item)
	d.line = d.words(&item)
	return d
}

// A day's agenda of one course.
type agendaOf struct {
	dues  []due
	legs  []view.Part // with the events of the range alone
	found diag.List   // why it cannot be read
	err   error       // what stops the agenda as a whole
	known bool        // it is a course, and could be read
}

func (a *app) runAgenda(paths []string, o *agendaOptions) error {
	if !slices.Contains(agendaFormats, o.format) {
		return usage(diag.DidYouMean(o.format, agendaFormats), "there is no format “%s”", o.format)
	}
	from, to, err := a.days(o, civil.UTC)
	if err != nil {
		return err
	}
	if to.Before(from) {
		return usage("write the earlier day with --on", "the range ends on %v, before it begins on %v", to, from)
	}
	mine, err := a.mine(o.mine)
	if err != nil {
		return err
	}
	names, found := courseFiles(paths)
	list := make([]agendaOf, len(names))
	parallel(len(names), func(i int) { list[i] = a.agendaOf(names[i], o, mine) })
	var dues []due
	var legs []view.Part
	courses := 0
	for i := range list {
		if list[i].err != nil {
			return list[i].err
		}
		if list[i].known {
			courses++
		}
		dues, legs, found = append(dues, list[i].dues...), append(legs, list[i].legs...), append(found, list[i].found...)
	}
	if courses == 0 && len(found) > 0 { // there is no agenda of it
		return &outcome{status: exitUsage, found: found}
	}
	if courses == 0 {
		return usage("name a folder with course files, or the files", "there is no course in %s", strings.Join(paths, ", "))
	}
	slices.SortStableFunc(dues, func(x, y due) int {
		return cmp.Or(cmp.Compare(min(y.overdue, 1), min(x.overdue, 1)), cmp.Compare(x.at, y.at), cmp.Compare(x.course, y.course))
	})
	var out bytes.Buffer
	if err := a.writeAgenda(&out, o.format, dues, legs, courses); err != nil {
		return err
	}
	if err := a.print(out.String()); err != nil {
		return err
	}
	if len(found) > 0 {
		return &outcome{status: exitFindings, found: found}
	}
	return nil
}

// days returns the range of an agenda, on the clocks of a zone.
func (a *app) days(o *agendaOptions, zone civil.Zone) (from, to civil.Date, err error) {
	if from, err = a.date("on", o.on, zone); err != nil {
		return from, to, err
	}
	switch {
	case o.week && o.to != "":
		return from, to, usage("use one of them", "--week and --to both say where the range ends")
	case o.week:
		return from, from.AddDays(6), nil
	case o.to == "":
		return from, from, nil
	}
	to, err = a.date("to", o.to, zone)
	return from, to, err
}

// mine reads the ids that an agenda is limited to; nil for all.
func (a *app) mine(name string) (map[string]bool, error) {
	if name == "" {
		return nil, nil
	}
	text, err := a.readFile(name, source.MaxBytes)
	if err != nil {
		return nil, unreadable(name, err)
	}
	ids := map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if id := strings.TrimSpace(lines.Text()); id != "" && !strings.HasPrefix(id, "#") {
			ids[id] = true
		}
	}
	return ids, nil
}

// courseFiles returns the files that paths stand for, each patient's once whatever links lead to
// it. What cannot be walked is named, and the rest still stands.
func courseFiles(paths []string) (names []string, found diag.List) {
	seen := map[string]bool{}
	add := func(name string) {
		target, err := filepath.EvalSymlinks(name)
		if err != nil {
			target = name
		}
		if !seen[target] {
			seen[target] = true
			names = append(names, name)
		}
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			found = append(found, unreadable(path, err).(*outcome).found...)
			continue
		}
		if !info.IsDir() {
			add(path)
			continue
		}
		_ = walk(path, func(name string, e fs.DirEntry, err error) error {
			switch ext := filepath.Ext(name); {
			case err != nil:
				found = append(found, unreadable(name, err).(*outcome).found...)
				if e != nil && e.IsDir() {
					return filepath.SkipDir
				}
			case e.IsDir() && strings.HasPrefix(e.Name(), ".") && filepath.Clean(name) != filepath.Clean(path):
				return filepath.SkipDir
			case !e.IsDir() && (ext == ".yaml" || ext == ".yml") && own(name):
				add(name)
			}
			return nil
		})
	}
	slices.Sort(names)
	return names, found
}

// agendaOf computes the agenda of one file.
func (a *app) agendaOf(name string, o *agendaOptions, mine map[string]bool) (out agendaOf) {
	defer func() {
		if r := recover(); r != nil {
			out = agendaOf{}
			out.found.Add(diag.Fault, diag.Range{File: name}, "", "a fault in doseplan itself, not in the course: %v", r)
		}
	}()
	text, err := store.Read(name, source.MaxBytes)
	if err != nil {
		return broken(name, unreadable(name, err))
	}
	root, found := source.Parse(name, text)
	switch kind := root.Get("kind"); {
	case kind == nil && found.HasErrors():
		return broken(name, &outcome{status: exitUsage, found: found})
	case kind == nil || kind.Value != "course":
		return out // a protocol or a patient file beside the courses, or none of doseplan's
	}
	f, err := a.courseOf(name, text, root, found)
	if err != nil {
		return broken(name, err)
	}
	if mine != nil && !mine[f.course.ID] && !mine[f.course.Patient.ID] {
		return agendaOf{known: true}
	}
	from, to, err := a.days(o, f.course.Patient.Zone)
	if err != nil {
		return agendaOf{err: err}
	}
	cal, _, err := f.fold(a, ledger.Options{AsOf: from, Until: to.AddDays(1), WholeFills: true})
	if err != nil {
		return broken(name, err)
	}
	return agendaIn(f.course.ID, cal, from, to, o.format == "ics")
}

// broken names a course that cannot be read.
func broken(name string, err error) agendaOf {
	var o *outcome
	if !errors.As(err, &o) {
		o = unreadable(name, err).(*outcome)
	}
	var out agendaOf
	for _, d := range o.found {
		if d.Severity < diag.Error && o.found.HasErrors() {
			continue
		}
		if d.Range.File != name {
			d.Message = name + ": " + d.Message
		}
		out.found = append(out.found, d)
	}
	return out
}

// agendaIn is what a calendar has from one day to another, and what is overdue. The events themselves
// are kept where a view wants them.
func agendaIn(id string, cal *ledger.Calendar, from, to civil.Date, keep bool) agendaOf {
	out := agendaOf{known: true}
	st := ledger.StatusOf(cal, from)
	first, counts := sorts(st.Overdue)
	due := map[*ledger.Leg]bool{}
	for i := range first {
		due[first[i].Leg] = true
		out.dues = append(out.dues, newDue(id, st, first[i], counts[i]))
	}
	for _, item := range st.Due {
		if item.Event.Date.Before(from) { // a check-in inside its window
			due[item.Leg] = true
			out.dues = append(out.dues, newDue(id, st, item, 0))
		}
	}
	for k := range cal.Legs {
		l := &cal.Legs[k]
		shown := *l.Schedule
		shown.Events = nil
		for i := range l.Schedule.Events {
			e := &l.Schedule.Events[i]
			held := e.Kind == schedule.Dose && e.Status == schedule.Held && l.Held(e.Date) // which somebody may come for
			if e.Kind == schedule.Observation || e.Date.Before(from) || e.Date.After(to) || e.Status > schedule.Provisional && !held {
				continue
			}
			due[l] = true
			out.dues = append(out.dues, newDue(id, st, ledger.Item{Leg: l, Event: e}, 0))
			shown.Events = append(shown.Events, *e)
		}
		if keep && len(shown.Events) > 0 {
			out.legs = append(out.legs, view.Part{Schedule: &shown, Heading: id})
		}
	}
	var warns []view.Finding
	for k := range cal.Legs {
		if l := &cal.Legs[k]; due[l] {
			warns = append(warns, warnings(l.Schedule, warns)...)
		}
	}
	var said []jsondoc.Finding
	for _, f := range warns {
		said = append(said, jsondoc.FindingOf(f))
	}
	for i := range out.dues {
		out.dues[i].warns, out.dues[i].json.Findings = warns, said
		out.dues[i].cells = append(out.dues[i].cells, view.FindingsIn(warns))
	}
	return out
}

// warnings returns what a calendar warns of that was not said before.
func warnings(s *schedule.Schedule, said []view.Finding) (list []view.Finding) {
	for _, f := range view.Findings(s) {
		if f.Severity != diag.Note.String() && !slices.Contains(said, f) {
			list = append(list, f)
		}
	}
	return list
}

var agendaHead = []string{"course", "patient", "time_zone", "start", "kind", "what", "medicine", "amount", "unit", "route", "status", "overdue", "protocol", "findings"}

func (d *due) row(item *ledger.Item) []string {
	s, e := item.Leg.Schedule, item.Event
	j := &d.json.jsonItem
	status := j.Status
	if d.overdue == 0 && !d.held && j.Gate != "" {
		status += ": " + j.Gate
	}
	return []string{d.course, s.Patient.ID, s.Zone.String(), e.Time().Format(time.RFC3339), j.Kind, j.Name + " " + strconv.Itoa(j.Number), j.Medicine, j.Amount, j.Unit, j.Route, status, strconv.Itoa(d.overdue), s.Protocol.ID}
}

func (a *app) writeAgenda(out *bytes.Buffer, format string, dues []due, legs []view.Part, courses int) error {
	switch format {
	case "csv":
		rows := [][]string{agendaHead}
		for i := range dues {
			row := dues[i].cells
			for k := range row {
				row[k] = tabular.Safe(row[k])
			}
			rows = append(rows, row)
		}
		return csv.NewWriter(out).WriteAll(rows)
	case "json":
		return agendaJSON(out, dues)
	case "ics":
		if len(legs) == 0 {
			return usage("ask for another day", "nobody is due, and a calendar file must hold an event")
		}
		return icalendar.Write(out, &view.Document{Parts: legs, Options: a.viewOptions()})
	}
	if len(dues) == 0 {
		fmt.Fprintf(out, "Nobody is due, of %s that could be read.\n", civil.Plural(courses, "course"))
		return nil
	}
	var rows [][]string
	day := ""
	for i := range dues {
		row := dues[i].line
		if row[0] == day {
			row[0] = ""
		} else {
			day = row[0]
		}
		rows = append(rows, row)
	}
	head, flex := []string{"DATE", "TIME", "PATIENT", "WHAT", "HOW", "STATUS"}, 4
	if a.width() < terminal.Narrow { // how it is given stands below what it is
		var stacked [][]string
		for _, r := range rows {
			stacked = append(stacked, []string{r[0], r[1], r[2], r[3], r[5]}, []string{"", "", "", r[4], ""})
		}
		head, flex, rows = []string{"DATE", "TIME", "PATIENT", "WHAT", "STATUS"}, 3, stacked
	}
	if err := a.listTo(out, head, rows, flex); err != nil {
		return err
	}
	return a.agendaFindings(out, dues)
}

// agendaFindings writes what must be known of those who are due, each course once.
func (a *app) agendaFindings(out *bytes.Buffer, dues []due) error {
	var rows [][]string
	said := map[string]bool{}
	for i := range dues {
		d := &dues[i]
		if said[d.course] {
			continue
		}
		said[d.course] = true
		who := d.who
		for _, f := range d.warns {
			rows = append(rows, []string{who, f.String()})
			who = ""
		}
	}
	if len(rows) == 0 {
		return nil
	}
	out.WriteByte('\n')
	return a.listTo(out, []string{"PATIENT", "WHAT MUST BE KNOWN"}, rows, 1)
}

// words is a line of the table.
func (d *due) words(item *ledger.Item) []string {
	s, e := item.Leg.Schedule, item.Event
	what, how := d.cells[5], ""
	switch e.Kind {
	case schedule.Dose:
		how = view.Brief(s, e)
	case schedule.Supply:
		how = "send " + view.Brief(s, e)
	default:
		how = string(s.CheckIn(e).Mode)
	}
	status := e.Status.String()
	switch gate := s.GateName(e); {
	case d.held && d.overdue > 0:
		status = fmt.Sprintf("held; %d not recorded", d.overdue)
	case d.held:
		status = "held"
	case d.overdue > 1:
		status = fmt.Sprintf("%d overdue", d.overdue)
	case d.overdue == 1:
		status = "overdue"
	case gate != "":
		status = "if " + gate
	}
	return []string{view.Date(e.Date), e.Clock.String() + " " + e.Time().In(s.Zone.Location()).Format("MST"), d.who, what, how, status}
}

func agendaJSON(out *bytes.Buffer, dues []due) error {
	doc := struct {
		Format  int         `json:"format"`
		Entries []agendaRow `json:"entries"`
	}{2, []agendaRow{}}
	for i := range dues {
		doc.Entries = append(doc.Entries, dues[i].json)
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

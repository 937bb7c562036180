package cli

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/icalendar"
)

type agendaOptions struct {
	on, to, format string
}

var agendaFormats = []string{"table", "csv", "json", "ics"}

func (a *app) agendaCommand() *cobra.Command {
	var o agendaOptions
	cmd := &cobra.Command{
		Use:   "agenda PATH…",
		Short: "Say who is due, across a folder of courses",
		Long: `Say who is due on a day, or from one day to another, across course files and
folders of them: doses, check-ins, labs and supply to send by time, and what is
overdue. A course file that is broken is reported, and the rest still print; the
status is then 1.`,
		Example: "  doseplan agenda courses/ --on today\n  doseplan agenda courses/ --on 2026-03-02 --to 2026-03-08 --format csv",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("see `doseplan agenda --help`", "name the courses: files or folders")
			}
			return a.runAgenda(args, &o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.on, "on", "", "the day, as 2026-03-02, or today (required)")
	f.StringVar(&o.to, "to", "", "the last day of a range")
	f.StringVarP(&o.format, "format", "f", "table", "table, csv, json or ics")
	return cmd
}

// An entry is one line of an agenda.
type entry struct {
	course  string
	item    course.Item
	overdue bool
}

// A day's agenda of one course.
type agendaOf struct {
	name    string
	entries []entry
	legs    []*schedule.Schedule // with the events of the range alone
	err     error
}

func (a *app) runAgenda(paths []string, o *agendaOptions) error {
	if !slices.Contains(agendaFormats, o.format) {
		return usage(diag.DidYouMean(o.format, agendaFormats), "there is no format “%s”", o.format)
	}
	if o.on == "" {
		return usage("add --on 2026-03-02, or --on today", "an agenda is of a day, and none is named")
	}
	from, err := a.date("on", o.on, civil.UTC)
	if err != nil {
		return err
	}
	if o.to != "" {
		if to, err := a.date("to", o.to, civil.UTC); err != nil {
			return err
		} else if to.Before(from) && o.on != "today" {
			return usage("write the earlier day with --on", "the range ends on %v, before it begins", to)
		}
	}
	names, err := yamlFiles(paths, false)
	if err != nil {
		return err
	}
	list := make([]agendaOf, len(names))
	parallel(len(names), func(i int) { list[i] = a.agendaOf(names[i], o) })
	var entries []entry
	var legs []*schedule.Schedule
	var found diag.List
	for i := range list {
		entries = append(entries, list[i].entries...)
		legs = append(legs, list[i].legs...)
		if list[i].err == nil {
			continue
		}
		var out *outcome
		if !errors.As(list[i].err, &out) {
			return list[i].err
		}
		if len(out.found) == 0 {
			return list[i].err // a flag that cannot be read
		}
		found = append(found, out.found...)
	}
	slices.SortStableFunc(entries, func(x, y entry) int {
		late := func(e *entry) int {
			if e.overdue {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(late(&x), late(&y)), cmp.Compare(x.item.Event.At, y.item.Event.At), cmp.Compare(x.course, y.course))
	})
	var out bytes.Buffer
	if err := a.writeAgenda(&out, o.format, entries, legs); err != nil {
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

func (a *app) agendaOf(name string, o *agendaOptions) agendaOf {
	out := agendaOf{name: name}
	text, err := a.readFile(name, source.MaxBytes)
	if err != nil {
		out.err = unreadable(name, err)
		return out
	}
	root, _ := source.Parse(name, text)
	if kind := root.Get("kind"); kind != nil && kind.Value != "course" {
		return out // a protocol or a patient file beside the courses
	}
	f, err := a.parseCourse(name, text)
	if err != nil {
		out.err = err
		return out
	}
	zone := f.course.Patient.Zone
	from, err := a.date("on", o.on, zone)
	if err != nil {
		out.err = err
		return out
	}
	to := from
	if o.to != "" {
		if to, err = a.date("to", o.to, zone); err != nil {
			out.err = err
			return out
		}
	}
	cal, found, err := f.replay(a, course.Options{AsOf: from, Until: to.AddDays(1), WholeFills: true})
	switch {
	case err != nil:
		out.err = err
		return out
	case cal == nil:
		out.err = &outcome{status: exitFindings, found: found.Sort()}
		return out
	}
	st := course.StatusOf(cal, from)
	for _, i := range st.Overdue {
		out.entries = append(out.entries, entry{f.course.ID, i, true})
	}
	for k := range cal.Legs {
		l := &cal.Legs[k]
		shown := *l.Schedule
		shown.Events = nil
		for i := range l.Schedule.Events {
			e := &l.Schedule.Events[i]
			if e.Kind == schedule.Observation || e.Date.Before(from) || e.Date.After(to) || e.Status > schedule.Provisional {
				continue
			}
			out.entries = append(out.entries, entry{f.course.ID, course.Item{Leg: l, Event: e}, false})
			shown.Events = append(shown.Events, *e)
		}
		if len(shown.Events) > 0 {
			out.legs = append(out.legs, &shown)
		}
	}
	return out
}

var agendaHead = []string{"course", "patient", "start", "kind", "what", "amount", "unit", "status", "protocol"}

func (e *entry) row() []string {
	s, ev := e.item.Leg.Schedule, e.item.Event
	j := toJSON(&e.item)
	status := j.Status
	if e.overdue {
		status = "overdue"
	} else if j.Gate != "" {
		status += ": " + j.Gate
	}
	return []string{e.course, s.Patient.ID, ev.Time().Format(time.RFC3339), j.Kind, j.Name + " " + strconv.Itoa(j.Number), j.Amount, j.Unit, status, s.Protocol.ID}
}

func (a *app) writeAgenda(out *bytes.Buffer, format string, entries []entry, legs []*schedule.Schedule) error {
	switch format {
	case "csv":
		w := csv.NewWriter(out)
		rows := [][]string{agendaHead}
		for i := range entries {
			rows = append(rows, entries[i].row())
		}
		return w.WriteAll(rows)
	case "json":
		type row struct {
			Course  string `json:"course"`
			Patient string `json:"patient"`
			Overdue bool   `json:"overdue"`
			jsonItem
		}
		doc := struct {
			Format  int   `json:"format"`
			Entries []row `json:"entries"`
		}{1, []row{}}
		for i := range entries {
			e := &entries[i]
			doc.Entries = append(doc.Entries, row{e.course, e.item.Leg.Schedule.Patient.ID, e.overdue, toJSON(&e.item)})
		}
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(doc)
	case "ics":
		if len(legs) == 0 {
			return usage("ask for another day", "nobody is due, and a calendar file must hold an event")
		}
		d := &view.Document{Options: a.viewOptions()}
		for _, s := range legs {
			d.Parts = append(d.Parts, view.Part{Schedule: s})
		}
		return icalendar.Write(out, d)
	}
	if len(entries) == 0 {
		out.WriteString("Nobody is due.\n")
		return nil
	}
	var rows [][]string
	day := civil.Date{}
	for i := range entries {
		e := &entries[i]
		r := e.row()
		date := ""
		if e.item.Event.Date != day {
			day = e.item.Event.Date
			date = fmt.Sprintf("%s %v", day.Weekday().String()[:3], day)
		}
		amount := ""
		switch s, ev := e.item.Leg.Schedule, e.item.Event; ev.Kind {
		case schedule.Dose:
			amount = view.Brief(s, ev)
		case schedule.Supply:
			amount = "send " + view.Brief(s, ev)
		default:
			amount = string(s.CheckIn(ev).Mode)
		}
		status := r[7]
		if gate := e.item.Leg.Schedule.GateName(e.item.Event); gate != "" && !e.overdue {
			status = "if " + gate
		}
		rows = append(rows, []string{date, e.item.Event.Clock.String(), r[0], r[3], r[4], amount, status})
	}
	return a.listTo(out, []string{"DATE", "TIME", "COURSE", "KIND", "WHAT", "HOW", "STATUS"}, rows, 5)
}

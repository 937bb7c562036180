package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/compare"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
)

type diffOptions struct {
	format   string
	patients string
	exitCode bool
}

func (a *app) diffCommand() *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Show what changed in meaning between two protocols",
		Long: `Show what changed in meaning between two protocols, each named by its id or
path: doses, days, check-ins, limits. The order of keys, spelling, comments and
"extends" make no difference.

With --patients, also whose calendars change, and how. The file is a patient
file, or a table (.csv) whose header holds the keys of patient files. Choices
such as --tier go for both.`,
		Example: "  doseplan protocols diff ketamine-iv-intensive mine.yaml\n  doseplan protocols diff old.yaml new.yaml --patients patients.csv",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("see `doseplan protocols diff --help`", "name two protocols")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runDiff(args[0], args[1], &o) },
	}
	f := cmd.Flags()
	f.StringVarP(&o.format, "format", "f", "text", "text or json")
	f.StringVar(&o.patients, "patients", "", "a patient file, or a table of patients (.csv)")
	f.BoolVar(&o.exitCode, "exit-code", false, "end with status 1 where there are differences")
	addSettings(f, false, "format", "output", "force", "explain", "patient")
	return cmd
}

// A patientDiff is how the calendars of one patient differ.
type patientDiff struct {
	ID            string         `json:"id"`
	Before, After string         `json:"-"` // why there is no calendar
	Moves         []compare.Move `json:"-"`
}

func (a *app) runDiff(nameA, nameB string, o *diffOptions) error {
	if o.format != "text" && o.format != "json" {
		return usage("use text or json", "there is no format “%s”", o.format)
	}
	files := a.files()
	var both [2]*protocol.Protocol
	for i, name := range []string{nameA, nameB} {
		file, text, err := files.protocol(name)
		if err != nil {
			return err
		}
		p, found := protocol.Decode(file, text, files.resolve)
		if found.HasErrors() {
			return &outcome{exitUsage, found, files.text}
		}
		both[i] = p
	}
	changes := compare.Protocols(both[0], both[1])
	var people []patientDiff
	total := 0
	if o.patients != "" {
		var err error
		if people, total, err = a.diffPatients(both, o.patients); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	if o.format == "json" {
		if err := writeDiffJSON(&out, both, changes, people, total); err != nil {
			return err
		}
	} else {
		writeDiffText(&out, both, changes, people, total, o.patients != "", a.width())
	}
	if err := a.print(out.String()); err != nil {
		return err
	}
	if o.exitCode && len(changes)+len(people) > 0 {
		return &outcome{status: exitFindings}
	}
	return nil
}

// diffPatients returns the patients whose calendars differ, and how many were looked at.
func (a *app) diffPatients(both [2]*protocol.Protocol, name string) ([]patientDiff, int, error) {
	patients, err := a.readPatients(name)
	if err != nil {
		return nil, 0, err
	}
	options, err := planOptions(a.settings)
	if err != nil {
		return nil, 0, err
	}
	var plans [2]*schedule.Plan
	for i, p := range both {
		plan, found := schedule.NewPlan(p, options)
		if found.HasErrors() {
			return nil, 0, &outcome{status: exitUsage, found: found}
		}
		plans[i] = plan
	}
	list := make([]patientDiff, len(patients))
	parallel(len(patients), func(k int) {
		var s [2]*schedule.Schedule
		var why [2]string
		for i, plan := range plans {
			result, found := plan.Run(patients[k])
			s[i] = result
			if result == nil {
				for _, d := range found.Sort() {
					if d.Severity >= diag.Error {
						why[i] = "refused: " + d.Message
						break
					}
				}
			}
		}
		list[k] = patientDiff{patients[k].ID, why[0], why[1], nil}
		if why[0] == "" || why[1] == "" {
			list[k].Moves = compare.Calendars(s[0], s[1])
		}
	})
	changed := slices.DeleteFunc(list, func(d patientDiff) bool { return len(d.Moves) == 0 && d.Before == d.After })
	return changed, len(patients), nil
}

// readPatients reads a patient file or a table of patients.
func (a *app) readPatients(name string) ([]*patient.Patient, error) {
	text, err := a.readFile(name, 64*source.MaxBytes)
	if err != nil {
		return nil, unreadable(name, err)
	}
	var list []*patient.Patient
	var found diag.List
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		list, found = patient.DecodeTable(name, text)
	} else {
		var tree *source.Node
		if tree, found = source.Parse(name, text); !found.HasErrors() {
			p, more := patient.Decode(tree)
			list, found = append(list, p), append(found, more...)
		}
	}
	if found.HasErrors() {
		return nil, &outcome{status: exitUsage, found: found}
	}
	for _, p := range list {
		if p.ID == "" {
			p.ID = "the patient"
		}
	}
	return list, nil
}

func writeDiffText(w io.Writer, both [2]*protocol.Protocol, changes []compare.Change, people []patientDiff, total int, asked bool, width int) {
	mark := func(sign, text string) { hanging(w, "  "+sign+" ", text, width) }
	fmt.Fprintf(w, "%s %s → %s %s\n", both[0].ID, both[0].Version, both[1].ID, both[1].Version)
	if len(changes) == 0 {
		fmt.Fprintln(w, "\nThe two mean the same.")
	}
	section := ""
	for i := range changes {
		c := &changes[i]
		head, rest, ok := strings.Cut(c.Path(), " › ")
		if !ok {
			head, rest = "protocol", head
		}
		if head != section {
			fmt.Fprintf(w, "\n%s\n", head)
			section = head
		}
		switch {
		case c.Before.Path == "":
			mark("+", fmt.Sprintf("%s: %s", rest, c.After.Text))
		case c.After.Path == "":
			mark("-", fmt.Sprintf("%s: %s", rest, c.Before.Text))
		default:
			mark("~", fmt.Sprintf("%s: %s → %s", rest, c.Before.Text, c.After.Text))
		}
	}
	if !asked {
		return
	}
	fmt.Fprintf(w, "\n%d of %s: the calendar changes\n", len(people), civil.Plural(total, "patient"))
	for _, d := range people {
		fmt.Fprintf(w, "\n%s\n", d.ID)
		if d.Before != "" || d.After != "" {
			mark("~", fmt.Sprintf("%s → %s", outcomeOr(d.Before), outcomeOr(d.After)))
			continue
		}
		for _, m := range d.Moves {
			switch {
			case m.Before == "":
				mark("+", fmt.Sprintf("%s: %s", m.What, m.After))
			case m.After == "":
				mark("-", fmt.Sprintf("%s: %s", m.What, m.Before))
			default:
				mark("~", fmt.Sprintf("%s: %s → %s", m.What, m.Before, m.After))
			}
		}
	}
}

func outcomeOr(why string) string {
	if why == "" {
		return "a calendar"
	}
	return why
}

func writeDiffJSON(w io.Writer, both [2]*protocol.Protocol, changes []compare.Change, people []patientDiff, total int) error {
	type change struct {
		Path   string `json:"path"`
		Before string `json:"before,omitempty"`
		After  string `json:"after,omitempty"`
	}
	type person struct {
		ID      string   `json:"id"`
		Before  string   `json:"before,omitempty"`
		After   string   `json:"after,omitempty"`
		Changes []change `json:"changes"`
	}
	type side struct {
		ID      string `json:"id"`
		Version string `json:"version"`
		SHA256  string `json:"sha256"`
	}
	doc := struct {
		Format   int      `json:"format"`
		Before   side     `json:"before"`
		After    side     `json:"after"`
		Changes  []change `json:"changes"`
		Patients int      `json:"patients"`
		Changed  []person `json:"changed"`
	}{Format: 1, Changes: []change{}, Changed: []person{}, Patients: total}
	doc.Before = side{both[0].ID, both[0].Version, both[0].Origin.SHA256}
	doc.After = side{both[1].ID, both[1].Version, both[1].Origin.SHA256}
	for i := range changes {
		doc.Changes = append(doc.Changes, change{changes[i].Path(), changes[i].Before.Text, changes[i].After.Text})
	}
	for _, d := range people {
		p := person{ID: d.ID, Before: d.Before, After: d.After, Changes: []change{}}
		for _, m := range d.Moves {
			p.Changes = append(p.Changes, change{m.What, m.Before, m.After})
		}
		doc.Changed = append(doc.Changed, p)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/tabular"
)

func (a *app) courseHistoryCommand() *cobra.Command {
	o := historyOptions{}
	cmd := &cobra.Command{
		Use:   "history FILE",
		Short: "Print the ledger as a record: who wrote down what, when and why",
		Long: `Print the ledger as a record: who wrote down what, when and why, with what was taken
back, and what was measured over time.`,
		Example: "  doseplan course history anna.yaml\n  doseplan course history anna.yaml --measures -f csv",
		Args:    oneFile("name one course file"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.runCourseHistory(args[0], &o) },
	}
	cmd.Flags().StringVarP(&o.format, "format", "f", "table", "table, csv or json")
	cmd.Flags().BoolVar(&o.measures, "measures", false, "weights and scores over time alone, a value a line")
	return cmd
}

type historyOptions struct {
	format   string
	measures bool
}

// A historyEntry is an entry as a record.
type historyEntry struct {
	Number   int    `json:"number"`
	On       string `json:"on"`
	Entered  string `json:"entered"`
	By       string `json:"by"`
	Kind     string `json:"kind"` // fact, order or correction
	What     string `json:"what"`
	Why      string `json:"why"`
	Protocol string `json:"protocol"`
	StruckBy int    `json:"struck_by"` // 0 while it counts
	Finding  string `json:"finding"`   // why it has no effect, if so
}

// A historyPoint is one value of what was measured.
type historyPoint struct {
	Measure string `json:"measure"`
	On      string `json:"on"`
	Value   string `json:"value"`
	Entry   int    `json:"entry"` // 0 for the file's own parameters
}

func (a *app) runCourseHistory(name string, o *historyOptions) error {
	f, err := a.readCourse(name)
	if err != nil {
		return err
	}
	cal, found, err := f.fold(a, ledger.Options{})
	if err != nil && found == nil {
		return err
	}
	var whole []string // what is wrong with more than an entry: the record is told, and no calendar
	if cal == nil {
		for _, d := range found {
			whole = append(whole, view.Clean("no calendar: "+d.Message))
		}
		a.report(found, f.files.text)
	}
	entries, points := history(f.course, found)
	var out bytes.Buffer
	switch o.format {
	case "table":
		err = a.historyTable(&out, f.course, whole, entries, points, o.measures)
	case "csv":
		err = historyCSV(&out, f.course, entries, points, o.measures)
	case "json":
		err = historyJSON(&out, f.course, whole, entries, points)
	default:
		return usage(diag.DidYouMean(o.format, []string{"table", "csv", "json"}), "there is no format “%s”", o.format)
	}
	if err != nil {
		return err
	}
	return a.print(out.String())
}

// history is the ledger as a record.
func history(c *ledger.Course, found diag.List) (entries []historyEntry, points []historyPoint) {
	struck := c.Struck(civil.Date{})
	for i := range c.Entries {
		e := &c.Entries[i]
		h := historyEntry{Number: e.Number, On: e.On.String(), Entered: e.Entered.String(), By: e.By, Kind: "order", What: e.Words(), Why: e.Why, Protocol: e.Of, StruckBy: struck[e.Number]}
		if _, strike := e.Act.(*ledger.Strike); strike {
			h.Kind = "correction"
		} else if e.Fact() {
			h.Kind = "fact"
		}
		if e.Replaces > 0 {
			h.What += fmt.Sprintf(" (replaces entry %d)", e.Replaces)
		}
		for _, d := range found {
			if d.Entry == e.Number {
				h.Finding = d.Message
			}
		}
		entries = append(entries, h)
	}
	for _, s := range c.Measures(civil.Date{}) {
		for _, p := range s.Points {
			points = append(points, historyPoint{s.Measure, p.On.String(), p.Value, p.Entry})
		}
	}
	return entries, points
}

func (a *app) historyTable(out *bytes.Buffer, c *ledger.Course, whole []string, entries []historyEntry, points []historyPoint, measures bool) error {
	if !measures {
		fmt.Fprintf(out, "%s, patient %s\n\n", c.ID, c.Patient.ID)
		for _, w := range whole {
			fmt.Fprintf(out, "! %s\n\n", w)
		}
		var rows [][]string
		for _, e := range entries {
			what := e.What
			if e.Protocol != "" {
				what += ", of " + e.Protocol
			}
			if e.StruckBy > 0 {
				what = fmt.Sprintf("[struck by %d] %s", e.StruckBy, what)
			}
			if e.Finding != "" {
				what += " — " + e.Finding
			}
			if e.Why != "" {
				what += " (" + e.Why + ")"
			}
			rows = append(rows, []string{strconv.Itoa(e.Number), e.On, e.Entered, e.By, what})
		}
		if err := a.listTo(out, []string{"NO.", "ON", "ENTERED", "BY", "WHAT"}, rows, 4); err != nil {
			return err
		}
		if len(points) == 0 {
			return nil
		}
		out.WriteString("\n")
	}
	var rows [][]string
	for _, p := range points {
		rows = append(rows, []string{p.Measure, p.On, p.Value})
	}
	return a.listTo(out, []string{"MEASURE", "ON", "VALUE"}, rows, 2)
}

func historyCSV(out io.Writer, c *ledger.Course, entries []historyEntry, points []historyPoint, measures bool) error {
	var rows [][]string
	if measures {
		rows = append(rows, []string{"course", "patient", "measure", "on", "value", "entry"})
		for _, p := range points {
			rows = append(rows, []string{c.ID, c.Patient.ID, p.Measure, p.On, p.Value, strconv.Itoa(p.Entry)})
		}
	} else {
		rows = append(rows, []string{"course", "patient", "number", "on", "entered", "by", "kind", "what", "why", "protocol", "struck_by", "finding"})
		for _, e := range entries {
			rows = append(rows, []string{c.ID, c.Patient.ID, strconv.Itoa(e.Number), e.On, e.Entered, e.By, e.Kind, e.What, e.Why, e.Protocol, strconv.Itoa(e.StruckBy), e.Finding})
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = tabular.Safe(row[i])
		}
	}
	return csv.NewWriter(out).WriteAll(rows)
}

func historyJSON(out io.Writer, c *ledger.Course, whole []string, entries []historyEntry, points []historyPoint) error {
	doc := struct {
		Format    int            `json:"format"`
		Course    string         `json:"course"`
		Patient   string         `json:"patient"`
		Findings  []string       `json:"findings"` // why there is no calendar, if so
		Entries   []historyEntry `json:"entries"`
		Measures  []historyPoint `json:"measures"`
		Generator view.Generator `json:"generator"`
	}{1, c.ID, c.Patient.ID, append([]string{}, whole...), append([]historyEntry{}, entries...), append([]historyPoint{}, points...), generator}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/doseplan/doseplan/pkg/batch"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/view"
)

// openSummary opens what a summary is written to. It is small, and made whole before it is.
func (r *batchRun) openSummary(name string, folder bool) error {
	if folder {
		return usage("name a file", "a summary is one page, not a folder")
	}
	if !slices.Contains([]string{"", "table", "csv", "json"}, r.loadFormat()) {
		return usage("use table, csv or json", "a summary is not written as %s", r.loadFormat())
	}
	out, err := r.openStream(name)
	r.out = out
	return err
}

func (r *batchRun) loadFormat() string {
	if name := r.settings.Text("format"); name != "" {
		return name
	}
	if f, err := outputFormat(r.settings); err == nil {
		return f.name
	}
	return ""
}

// writeLoad writes what a population comes to.
func (r *batchRun) writeLoad(w *bytes.Buffer) error {
	switch r.loadFormat() {
	case "json":
		return writeLoadJSON(w, &r.load, r.rejects.counts)
	case "csv":
		return writeLoadCSV(w, &r.load)
	}
	writeLoadText(w, &r.load, r.rejects.counts, r.width())
	return nil
}

// inHours says minutes in hours.
func inHours(minutes int64) string {
	return strconv.FormatFloat(float64(minutes)/60, 'f', 1, 64) + " h"
}

// A loadFinding is a warning of a population.
type loadFinding struct {
	Code     string `json:"code"`
	Title    string `json:"title"`
	Patients int    `json:"patients"`
}

// loadFindings are the warnings of a population, by their codes.
func loadFindings(l *batch.Load) []loadFinding {
	list := []loadFinding{}
	for _, code := range slices.Sorted(maps.Keys(l.Findings)) {
		e, _ := diag.Lookup(code)
		list = append(list, loadFinding{string(code), e.Title, l.Findings[code]})
	}
	return list
}

// maxBars is the most bars that a chart has: beyond it, each stands for a week.
const maxBars = 42

func writeLoadText(w io.Writer, l *batch.Load, rejects rejectCounts, width int) {
	fmt.Fprintf(w, "%s; %s rejected, %d of them refused for safety\n", civil.Plural(l.Patients, "patient"), civil.Plural(rejects.Rejected, "row"), rejects.Refused)
	dates := l.Dates()
	if len(dates) == 0 {
		return
	}
	first, last := dates[0], dates[len(dates)-1]
	all := l.On(first, last.AddDays(1))
	fmt.Fprintf(w, "%s to %s: %s, %s", view.Date(first), view.Date(last), civil.Plural(all.Doses, "dose"), civil.Plural(all.CheckIns, "check-in"))
	if all.Minutes > 0 {
		fmt.Fprintf(w, ", %s in the clinic", inHours(all.Minutes))
	}
	fmt.Fprint(w, "\n")
	if all.Waiting > 0 {
		fmt.Fprintf(w, "%s of them only if a check-in confirms them\n", civil.Plural(all.Waiting, "dose"))
	}
	for _, f := range loadFindings(l) {
		fmt.Fprintf(w, "  ! %s [%s]: %s\n", f.Title, f.Code, civil.Plural(f.Patients, "patient"))
	}
	fmt.Fprint(w, "\n")
	for i := range all.Amounts {
		fmt.Fprintf(w, "  %s\n", amountText(&all.Amounts[i]))
	}
	step, name, busiest := 1, "day", ""
	if last.Sub(first) >= maxBars {
		step, name = 7, "week from"
		first = first.AddDays(-(int(first.Weekday()) + 6) % 7)
	}
	var rows [][]string
	var doses []int
	most := 0
	for d := first; !d.After(last); d = d.AddDays(step) {
		on := l.On(d, d.AddDays(step))
		row := []string{view.Date(d), strconv.Itoa(on.Doses), strconv.Itoa(on.CheckIns)}
		if all.Minutes > 0 {
			row = append(row, inHours(on.Minutes))
		}
		if on.Doses > most {
			most, busiest = on.Doses, view.Date(d)
		}
		rows, doses = append(rows, row), append(doses, on.Doses)
	}
	head := []string{name, "doses", "check-ins"}
	if all.Minutes > 0 {
		head = append(head, "clinic")
	}
	fmt.Fprintln(w)
	writeBars(w, head, rows, doses, most, width)
	fmt.Fprintf(w, "\nThe most: %s, %s %s\n", civil.Plural(most, "dose"), map[bool]string{true: "on", false: "in the week from"}[step == 1], busiest)
}

// amountText says how much of a medicine is given.
func amountText(a *batch.Amount) string {
	text := fmt.Sprintf("%v %s %s", a.Total, a.Medication.Name, a.Route.Words())
	if a.Volume.IsSet() {
		text += ", " + a.Volume.String()
	}
	if n, ok := a.Units(); ok {
		text += fmt.Sprintf(", %v units of %v", n, a.Route.Strengths[0])
	}
	return text
}

// writeBars draws a table whose last column is a bar of the doses.
func writeBars(w io.Writer, head []string, rows [][]string, doses []int, most, width int) {
	wide := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			wide[i] = max(wide[i], len(cell))
		}
	}
	used := 0
	for _, n := range wide {
		used += n + 2
	}
	line := func(cells []string, bar string) {
		for i, cell := range cells {
			if i == 0 {
				fmt.Fprintf(w, "%-*s", wide[i], cell)
			} else {
				fmt.Fprintf(w, "  %*s", wide[i], cell)
			}
		}
		fmt.Fprintln(w, strings.TrimRight("  "+bar, " "))
	}
	line(head, "")
	for i, row := range rows {
		line(row, bar(doses[i], most, max(width-used, 10)))
	}
}

// bar returns a bar of n out of most, in eighths of a cell.
func bar(n, most, width int) string {
	if n == 0 || most == 0 {
		return ""
	}
	eighths := max(n*width*8/most, 1)
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return text
}

// loadColumns are the columns of the summary as a table, one line a day, medicine and route.
var loadColumns = []string{"date", "doses", "check_ins", "clinic_minutes", "medication", "route", "amount", "unit", "volume_ml", "units"}

func writeLoadCSV(w io.Writer, l *batch.Load) error {
	rows := [][]string{loadColumns}
	for _, d := range l.Dates() {
		day := l.On(d, d.AddDays(1))
		row := []string{d.String(), strconv.Itoa(day.Doses), strconv.Itoa(day.CheckIns), strconv.FormatInt(day.Minutes, 10)}
		if len(day.Amounts) == 0 {
			rows = append(rows, append(row, "", "", "", "", "", ""))
		}
		for i := range day.Amounts {
			a := newLoadAmount(&day.Amounts[i])
			rows = append(rows, append(slices.Clip(row), a.Medication, a.Route, a.Amount, a.Unit, a.Volume, a.Units))
			row = []string{d.String(), "", "", ""} // what is of the day stands once, so that columns can be added up
		}
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// A loadAmount is how much of a medicine is given by one route. Amounts are decimal strings.
type loadAmount struct {
	Medication string `json:"medication"`
	Route      string `json:"route"`
	Amount     string `json:"amount"`
	Unit       string `json:"unit"`
	Volume     string `json:"volume_ml,omitempty"`
	Units      string `json:"units,omitempty"`
}

func newLoadAmount(a *batch.Amount) loadAmount {
	out := loadAmount{a.Medication.Name, a.Route.Name, a.Total.Decimal(), a.Total.Unit().String(), "", ""}
	if a.Volume.IsSet() {
		out.Volume = a.Volume.Decimal()
	}
	if n, ok := a.Units(); ok {
		out.Units = n.Decimal()
	}
	return out
}

func writeLoadJSON(w io.Writer, l *batch.Load, rejects rejectCounts) error {
	type day struct {
		Date    string       `json:"date,omitempty"`
		Doses   int          `json:"doses"`
		Waiting int          `json:"provisional_doses"`
		Checks  int          `json:"check_ins"`
		Minutes int64        `json:"clinic_minutes"`
		Amounts []loadAmount `json:"amounts"`
	}
	of := func(name string, d *batch.Day) day {
		out := day{name, d.Doses, d.Waiting, d.CheckIns, d.Minutes, []loadAmount{}}
		for i := range d.Amounts {
			out.Amounts = append(out.Amounts, newLoadAmount(&d.Amounts[i]))
		}
		return out
	}
	doc := struct {
		Format   int           `json:"format"`
		Patients int           `json:"patients"`
		Rejected int           `json:"rejected"`
		Refused  int           `json:"refused"`
		Findings []loadFinding `json:"findings"`
		All      day           `json:"all"`
		Days     []day         `json:"days"`
	}{Format: 1, Findings: loadFindings(l), Patients: l.Patients, Rejected: rejects.Rejected, Refused: rejects.Refused, All: of("", &batch.Day{}), Days: []day{}}
	if dates := l.Dates(); len(dates) > 0 {
		doc.All = of("", l.On(dates[0], dates[len(dates)-1].AddDays(1)))
		for _, d := range dates {
			doc.Days = append(doc.Days, of(d.String(), l.On(d, d.AddDays(1))))
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(&doc)
}

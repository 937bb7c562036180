// Package spreadsheet writes a schedule as an Office Open XML workbook (xlsx): a summary with the
// findings first, then a sheet each of the doses, check-ins, observations and supply, and of the
// findings, with a header that stays in view and a filter on every column.
//
// Dates, times and numbers are typed. A number that a spreadsheet, which counts in binary, would
// change is written as text. Text is text, whatever it begins with, and stays so when a cell is edited.
package spreadsheet

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// A sheet is one table of events, of one kind. Its columns have the names of those of the flat
// form; the first of them are printed.
type sheet struct {
	name    string
	kind    schedule.Kind
	printed []string
	more    []string
}

var sheets = []sheet{
	{"Doses", schedule.Dose, []string{"patient", "date", "time", "day", "week", "phase", "number", "medication", "amount", "unit", "dispense", "over_minutes", "units", "form", "route", "site", "tier", "status", "gate", "requirements"},
		[]string{"derivation", "earliest", "latest", "rxnorm", "strengths", "volume_ml", "time_zone", "utc_offset", "protocol", "protocol_version", "part"}},
	{"Check-ins", schedule.CheckIn, []string{"patient", "date", "time", "day", "week", "name", "number", "mode", "measure", "decides", "status", "gate"},
		[]string{"derivation", "earliest", "latest", "time_zone", "utc_offset", "protocol", "protocol_version", "part"}},
	{"Observations", schedule.Observation, []string{"patient", "date", "time", "day", "week", "phase", "name", "number", "mode", "measure", "status", "gate"},
		[]string{"derivation", "utc_offset", "protocol", "protocol_version", "part"}},
	{"Supply", schedule.Supply, []string{"patient", "date", "time", "day", "week", "number", "medication", "amount", "unit", "units", "form", "route", "contents", "status", "gate"},
		[]string{"derivation", "rxnorm", "strengths", "utc_offset", "protocol", "protocol_version", "part"}},
}

// widths are how wide columns are that are not narrow, in characters.
var widths = map[string]float64{"patient": 12, "date": 15, "earliest": 15, "latest": 15, "time_zone": 18, "phase": 14, "name": 16, "status": 12, "gate": 12, "medication": 14, "dispense": 22, "route": 14, "form": 18, "strengths": 16,
	"mode": 12, "measure": 30, "requirements": 60, "decides": 40, "contents": 50, "derivation": 60, "protocol": 26, "part": 26, "finding": 100, "help": 50, "severity": 10}

const (
	narrow     = 8
	lineHeight = 15.0 // points
	tallest    = 409.0
)

// A workbook is a file that is being made.
type workbook struct {
	*excelize.File
	text, title, date, clock, number int // styles
}

// Write writes a document as a workbook.
func Write(w io.Writer, d *view.Document) error {
	b := &workbook{File: excelize.NewFile()}
	err := b.fill(d)
	if err == nil {
		err = b.File.Write(w)
	}
	if e := b.Close(); err == nil {
		err = e
	}
	return err
}

func (b *workbook) fill(d *view.Document) error {
	if err := b.styles(); err != nil {
		return err
	}
	if err := b.SetDocProps(&excelize.DocProperties{Creator: d.Generator.Name + " " + d.Generator.Version, Title: view.Clean(d.Parts[0].Protocol.Title)}); err != nil {
		return err
	}
	if err := b.SetSheetName("Sheet1", "Summary"); err != nil {
		return err
	}
	if err := b.summary(d); err != nil {
		return err
	}
	var rows []view.Row
	for i := range d.Parts {
		rows = append(rows, view.Rows(&d.Parts[i], d.Generator)...)
	}
	for _, s := range sheets {
		names := append(slices.Clone(s.printed), s.more...)
		columns := named(names)
		var cells [][]excelize.Cell
		for i := range rows {
			if rows[i].Kind == s.kind.String() {
				cells = append(cells, b.row(columns, &rows[i]))
			}
		}
		if len(cells) > 0 || s.kind == schedule.Dose || s.kind == schedule.CheckIn {
			if err := b.table(s.name, names, len(s.printed), cells); err != nil {
				return err
			}
		}
	}
	names := []string{"patient", "severity", "code", "finding", "help", "part"}
	return b.table("Findings", names, len(names), b.findings(d))
}

func (b *workbook) styles() (err error) {
	form := func(f string) *string { return &f }
	top := &excelize.Alignment{Vertical: "top"}
	wrapped := &excelize.Alignment{Vertical: "top", Horizontal: "left", Indent: 1, WrapText: true}
	for _, s := range []struct {
		into  *int
		style excelize.Style
	}{
		{&b.text, excelize.Style{NumFmt: 49, Alignment: wrapped}}, // 49 is text: it stays text when it is edited
		{&b.title, excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Alignment: wrapped}},
		{&b.date, excelize.Style{CustomNumFmt: form("ddd yyyy-mm-dd"), Alignment: top}},
		{&b.clock, excelize.Style{CustomNumFmt: form("hh:mm"), Alignment: top}},
		{&b.number, excelize.Style{Alignment: top}},
	} {
		if *s.into, err = b.NewStyle(&s.style); err != nil {
			return err
		}
	}
	return nil
}

// words returns a cell of text.
func (b *workbook) words(text string) excelize.Cell {
	if text == "" {
		return excelize.Cell{StyleID: b.text}
	}
	return excelize.Cell{StyleID: b.text, Value: view.Clean(text)}
}

// named returns the columns of some names.
func named(names []string) []view.Column {
	all := view.Columns()
	list := make([]view.Column, len(names))
	for i, name := range names {
		list[i] = all[slices.IndexFunc(all, func(c view.Column) bool { return c.Name == name })]
	}
	return list
}

// row returns the cells of an event.
func (b *workbook) row(columns []view.Column, r *view.Row) []excelize.Cell {
	cells := make([]excelize.Cell, len(columns))
	for i := range columns {
		cells[i] = b.cell(columns[i].Type, *columns[i].Field(r))
	}
	return cells
}

// cell returns a field as what it is.
func (b *workbook) cell(t view.Type, field string) excelize.Cell {
	switch t {
	case view.TypeDate:
		// Days are counted from the last day of 1899, with one in 1900 that never was.
		if d, err := civil.ParseDate(field); err == nil && d.After(civil.NewDate(1900, 3, 1)) {
			return excelize.Cell{StyleID: b.date, Value: d.Sub(civil.NewDate(1899, 12, 30))}
		}
	case view.TypeTime:
		if c, err := civil.ParseClock(field); err == nil {
			return excelize.Cell{StyleID: b.clock, Value: float64(c) / (24 * 60)}
		}
	case view.TypeInteger, view.TypeNumber:
		if n, err := strconv.ParseFloat(field, 64); err == nil && strconv.FormatFloat(n, 'f', -1, 64) == field {
			return excelize.Cell{StyleID: b.number, Value: n}
		}
	}
	return b.words(field)
}

// findings returns the rows of the findings and notes of all parts.
func (b *workbook) findings(d *view.Document) (rows [][]excelize.Cell) {
	for _, p := range d.Parts {
		add := func(texts ...string) {
			row := []excelize.Cell{b.words(p.Patient.ID)}
			for _, t := range texts {
				row = append(row, b.words(t))
			}
			rows = append(rows, append(row, b.words(p.Heading)))
		}
		for _, f := range view.Findings(p.Schedule) {
			add(f.Severity, f.Code, f.Text, f.Help)
		}
		for _, n := range view.Notes(p.Schedule) {
			add("", "", n, "")
		}
	}
	return rows
}

// table adds a sheet with a header that stays in view and a filter on every column. The columns
// up to a number print in the width of a page; those in which nothing stands are folded away.
func (b *workbook) table(name string, columns []string, printed int, rows [][]excelize.Cell) error {
	if _, err := b.NewSheet(name); err != nil {
		return err
	}
	if err := b.paper(name, "landscape"); err != nil {
		return err
	}
	header := make([]excelize.Cell, len(columns))
	wide := make([]float64, len(columns))
	for i, c := range columns {
		header[i] = excelize.Cell{StyleID: b.title, Value: c}
		wide[i] = max(widths[c], narrow, float64(len(c)+3))
		empty := !slices.ContainsFunc(rows, func(r []excelize.Cell) bool { return r[i].Value != nil })
		if err := b.column(name, i+1, wide[i], empty && len(rows) > 0); err != nil {
			return err
		}
	}
	if err := b.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, row := range append([][]excelize.Cell{header}, rows...) {
		if err := b.cells(name, i+1, row, wide); err != nil {
			return err
		}
	}
	if len(rows) > 0 {
		last, err := excelize.CoordinatesToCellName(len(columns), len(rows)+1)
		if err != nil {
			return err
		}
		if err := b.AddTable(name, &excelize.Table{Range: "A1:" + last, Name: tableName(name), StyleName: "TableStyleLight1"}); err != nil {
			return err
		}
	}
	return b.prints(name, printed, len(rows)+1)
}

// prints says what of a sheet is printed, with the header on every page.
func (b *workbook) prints(name string, columns, rows int) error {
	last, err := excelize.CoordinatesToCellName(columns, rows, true)
	if err != nil {
		return err
	}
	if err := b.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", RefersTo: fmt.Sprintf("'%s'!$A$1:%s", name, last), Scope: name}); err != nil {
		return err
	}
	return b.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$1", name), Scope: name})
}

// column sets the width of a column, and folds one away in which nothing stands.
func (b *workbook) column(sheet string, column int, width float64, empty bool) error {
	name, err := excelize.ColumnNumberToName(column)
	if err != nil {
		return err
	}
	if err := b.SetColWidth(sheet, name, name, width); err != nil || !empty {
		return err
	}
	return b.SetColVisible(sheet, name, false)
}

// cells writes a row, as high as its longest text needs in its column. The library's way of writing rows in a stream is not taken: it puts long
// sheets into temporary files, where a patient's data must not go.
func (b *workbook) cells(sheet string, row int, cells []excelize.Cell, wide []float64) error {
	lines := 1.0
	for i, c := range cells {
		name, err := excelize.CoordinatesToCellName(i+1, row)
		if err != nil {
			return err
		}
		if c.Value != nil {
			if err := b.SetCellValue(sheet, name, c.Value); err != nil {
				return err
			}
		}
		if err := b.SetCellStyle(sheet, name, name, c.StyleID); err != nil {
			return err
		}
		if text, ok := c.Value.(string); ok {
			const slack = 1.15 // letters of other fonts are wider
			lines = max(lines, math.Ceil(float64(utf8.RuneCountInString(text))*slack/wide[i]))
		}
	}
	return b.SetRowHeight(sheet, row, min(lines*lineHeight, tallest))
}

// tableName is the name of a sheet as a name of a table: a word.
func tableName(sheet string) string {
	var name []rune
	for _, r := range sheet {
		if r != '-' && r != ' ' {
			name = append(name, r)
		}
	}
	return string(name)
}

func (b *workbook) paper(name, orientation string) error {
	one, none, fit := 1, 0, true
	if err := b.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &orientation, FitToWidth: &one, FitToHeight: &none}); err != nil {
		return err
	}
	return b.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit})
}

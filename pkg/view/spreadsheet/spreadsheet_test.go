package spreadsheet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
)

const text = `doseplan: 1
kind: protocol
id: test
title: "=HYPERLINK(\"http://example.org\")"
version: 1.0.0
status: template
model: other
setting: home
medication: { name: "=cmd|' /C calc'!A0", rxnorm: "0061" }
routes: { oral: { form: tablet, strengths: [25 mg], round: 12.5 mg } }
phases: { x: { dose: 37.5 mg, frequency: daily, course: 3 doses } }
check-ins: { intake: { before: first dose, within: 7 days, mode: phone, gates: first dose } }
requirements: { each dose: { instructions: ["+1 sip of water"] } }
`

func document(t testing.TB, params string, doses int) *view.Document {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(strings.Replace(text, "3 doses", fmt.Sprint(doses, " doses"), 1)), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	node, _ := source.Parse("p", []byte(params))
	pat, found := patient.Decode(node)
	if found.HasErrors() {
		t.Fatal(found)
	}
	plan, _ := schedule.NewPlan(p, schedule.Options{})
	s, found := plan.Run(pat)
	if s == nil {
		t.Fatal(found)
	}
	return view.Of(s, view.Options{Generator: view.Generator{Name: "doseplan", Version: "0"}})
}

func written(t *testing.T, d *view.Document) (*excelize.File, []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, d); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return f, b.Bytes()
}

func TestWrite(t *testing.T) {
	d := document(t, "id: =1+1\nstart: 2026-03-02\n", 3)
	f, once := written(t, d)
	if _, again := written(t, d); !bytes.Equal(once, again) {
		t.Error("the same document gives other bytes")
	}
	if got := f.GetSheetList(); !slices.Equal(got, []string{"Summary", "Doses", "Check-ins", "Findings"}) {
		t.Errorf("the sheets are %v", got)
	}
	raw := func(cell string) string {
		v, err := f.GetCellValue("Doses", cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	header, err := f.GetRows("Doses")
	if err != nil || len(header) != 4 {
		t.Fatal(header, err)
	}
	column := func(name string) string {
		c, err := excelize.ColumnNumberToName(slices.Index(header[0], name) + 1)
		if err != nil {
			t.Fatal(name, err)
		}
		return c
	}
	for name, want := range map[string]struct {
		value string
		kind  excelize.CellType
	}{
		"patient":      {"=1+1", excelize.CellTypeSharedString},
		"date":         {"46083", excelize.CellTypeUnset}, // 2026-03-02, as any spreadsheet counts
		"time":         {"0.375", excelize.CellTypeUnset},
		"number":       {"1", excelize.CellTypeUnset},
		"amount":       {"37.5", excelize.CellTypeUnset},
		"units":        {"1.5", excelize.CellTypeUnset},
		"unit":         {"mg", excelize.CellTypeSharedString},
		"rxnorm":       {"0061", excelize.CellTypeSharedString},
		"medication":   {"=cmd|' /C calc'!A0", excelize.CellTypeSharedString},
		"requirements": {"+1 sip of water", excelize.CellTypeSharedString},
		"status":       {"provisional", excelize.CellTypeSharedString},
	} {
		cell := column(name) + "2"
		kind, err := f.GetCellType("Doses", cell)
		if err != nil || raw(cell) != want.value || kind != want.kind {
			t.Errorf("%s is %q of type %d, want %v (%v)", name, raw(cell), kind, want, err)
		}
		if formula, _ := f.GetCellFormula("Doses", cell); formula != "" {
			t.Errorf("%s is the formula %s", name, formula)
		}
	}
	panes, err := f.GetPanes("Doses")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the panes are %v, %v", panes, err)
	}
	tables, err := f.GetTables("Doses")
	if err != nil || len(tables) != 1 || !strings.HasSuffix(tables[0].Range, "4") {
		t.Errorf("the tables are %v, %v", tables, err)
	}
	for _, sheet := range []string{"Summary", "Findings"} {
		rows, err := f.GetRows(sheet)
		if all := strings.Join(slices.Concat(rows...), "\n"); err != nil || !strings.Contains(all, "TEMPLATE") || !strings.Contains(all, "DP411") {
			t.Errorf("the finding is not in %s: %v, %v", sheet, rows, err)
		}
	}
}

// A number that counting in binary would change is text.
func TestNumbersAreNotChanged(t *testing.T) {
	b := &workbook{}
	for field, number := range map[string]bool{"0.1": true, "37.5": true, "-3": true, "123456789.123456": true, "0.123456789012": true,
		"12345678901234567890": false, "9007199254740993": false, "100000000000000000.5": false, "1e3": false, "007": false, "": false} {
		_, ok := b.cell(view.TypeNumber, field).Value.(float64)
		if ok != number {
			t.Errorf("%q is a number: %v", field, ok)
		}
	}
	if v := b.cell(view.TypeDate, "1899-01-01").Value; v != "1899-01-01" {
		t.Errorf("a day before the first that spreadsheets know is %v", v)
	}
	if v := b.cell(view.TypeText, "a\x1bb\u202e").Value; v != "a\ufffdb\ufffd" {
		t.Errorf("what is hidden is %q", v)
	}
}

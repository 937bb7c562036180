// Package tabular writes a schedule as comma-separated values, one event a line.
package tabular

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"unicode/utf8"

	"github.com/doseplan/doseplan/pkg/view"
)

// Write writes a header line and then one line for each event of each part, or one for a part without any (RFC 4180, but with plain
// line ends). Fields that begin with a character which spreadsheet programs read as a
// formula are led by an apostrophe.
func Write(w io.Writer, d *view.Document) error {
	if err := WriteHeader(w); err != nil {
		return err
	}
	return WriteRows(w, d)
}

// WriteHeader writes the header line alone.
func WriteHeader(w io.Writer) error {
	return csv.NewWriter(w).WriteAll([][]string{view.ColumnNames()})
}

// WriteRows writes the lines of a document without the header.
func WriteRows(w io.Writer, d *view.Document) error {
	out := csv.NewWriter(w)
	columns := view.Columns()
	for i := range d.Parts {
		for _, r := range view.Rows(&d.Parts[i], d.Generator) {
			fields := r.Fields()
			for k := range fields {
				fields[k] = cell(&columns[k], fields[k])
			}
			if err := out.Write(fields); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// cell returns a field as it can stand in a cell. Numbers and offsets of doseplan's own making
// begin with a sign, and are left alone.
func cell(c *view.Column, field string) string {
	if c.Type != view.TypeText || c.Name == "utc_offset" {
		return field
	}
	return Safe(field)
}

// Safe returns a text as it can stand in a cell: on one line, with nothing hidden in it, and not
// read as a formula by a spreadsheet.
func Safe(field string) string {
	field = view.Clean(field)
	switch r, _ := utf8.DecodeRuneInString(field); r {
	case '=', '+', '-', '@', '＝', '＋', '－', '＠', ' ', '|', '%':
		return "'" + field
	}
	return field
}

// TableSchema returns the Table Schema of a table: the name, the type and the meaning of each
// column, as https://specs.frictionlessdata.io/table-schema/ says.
func TableSchema(columns []view.Column) ([]byte, error) {
	type field struct {
		Name        string    `json:"name"`
		Type        view.Type `json:"type"`
		Format      string    `json:"format,omitempty"`
		Description string    `json:"description"`
	}
	var fields []field
	for _, c := range columns {
		f := field{Name: c.Name, Type: c.Type, Description: c.Doc}
		if c.Type == view.TypeTime {
			f.Format = "%H:%M"
		}
		fields = append(fields, f)
	}
	return json.MarshalIndent(map[string]any{"fields": fields, "missingValues": []string{""}}, "", "  ")
}

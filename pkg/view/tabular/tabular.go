// Package tabular writes a schedule as comma-separated values, one event a line.
package tabular

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/doseplan/doseplan/pkg/view"
)

// Write writes a header line and then one line for each event of each part (RFC 4180, but with plain
// line ends). Fields that begin with a character which spreadsheet programs read as a
// formula are led by an apostrophe.
func Write(w io.Writer, d *view.Document) error {
	if err := WriteHeader(w); err != nil {
		return err
	}
	return WriteRows(w, d)
}

// WriteHeader writes the header line alone.
func WriteHeader(w io.Writer) error { return csv.NewWriter(w).WriteAll([][]string{view.Columns()}) }

// WriteRows writes the lines of a document without the header.
func WriteRows(w io.Writer, d *view.Document) error {
	out := csv.NewWriter(w)
	for _, part := range d.Parts {
		s := part.Schedule
		findings, notes := view.FindingsLine(s), strings.Join(view.Notes(s), " ")
		for i := range s.Events {
			r := view.RowOf(s, &s.Events[i], d.Generator)
			r.Findings, r.Notes = findings, notes
			fields := r.Fields()
			for k, f := range fields {
				fields[k] = safe(k, f)
			}
			if err := out.Write(fields); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// safe defuses a text that a spreadsheet would run. Numbers and offsets of doseplan's own
// making begin with a sign too, and are left alone.
func safe(column int, field string) string {
	const ownText = 8 // the columns before the first that can hold words of a protocol
	if column < ownText {
		return field
	}
	return Safe(field)
}

// Safe returns a text as a cell that no spreadsheet runs.
func Safe(field string) string {
	if field == "" {
		return field
	}
	switch field[0] {
	case '=', '+', '-', '@', '\t', '\r':
		return "'" + field
	}
	return field
}

// Harmless returns a text that no spreadsheet program runs: one that begins with a character that
// makes a formula is led by an apostrophe.
func Harmless(field string) string {
	if field == "" {
		return field
	}
	switch field[0] {
	case '=', '+', '-', '@', '\t', '\r':
		return "'" + field
	}
	return field
}

package patient

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
)

// A Header is the first line of a table of patients: the names of the fields that the cells
// below it state, in [FieldNames]; birth_date is read as birth date. A cell that is empty states
// nothing, and several words of a list stand in one cell, between semicolons.
type Header struct {
	fields []int
}

// NewHeader reads the cells of a header; at says where each of them stands.
func NewHeader(cells []string, at func(column int) diag.Range) (Header, diag.List) {
	var h Header
	var found diag.List
	for i, cell := range cells {
		name := strings.TrimSpace(strings.ReplaceAll(cell, "_", " "))
		f := fieldOf(name)
		switch {
		case f < 0:
			help := diag.DidYouMean(name, FieldNames())
			if name == "conditions" {
				help = "use the columns present and absent, with a semicolon between two conditions"
			}
			if len(cells) == 1 && strings.ContainsAny(name, ";\t") {
				help = "part the columns with commas"
			}
			found.Add(diag.UnknownKey, at(i), help, "patients have no “%s”", name)
		case slices.Contains(h.fields, f):
			found.Add(diag.DuplicateKey, at(i), "keep one of the two columns", "the column “%s” stands twice", name)
		}
		h.fields = append(h.fields, f)
	}
	return h, found
}

// Row takes in the cells of one row; at says where each of them stands. Every column must have
// its cell: a row that lacks some may be the torn end of a file.
func (b *Builder) Row(h Header, cells []string, at func(column int) diag.Range) {
	if len(cells) != len(h.fields) {
		b.fault("", at(0), &fault{diag.WrongType, fmt.Sprintf("the row has %d cells, and the header %d", len(cells), len(h.fields)), "quote cells that hold commas, and leave those empty that state nothing"})
		return
	}
	for i, cell := range cells {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		f := &fields[h.fields[i]]
		if !f.several() {
			b.state(h.fields[i], at(i), cell)
			continue
		}
		words := strings.Split(cell, ";")
		for k := range words {
			words[k] = strings.TrimSpace(words[k])
		}
		b.state(h.fields[i], at(i), words...)
	}
}

// DecodeTable reads patients from a CSV text: a [Header], then a row for each. A row with errors
// yields nil at its place, so that the index of a patient is that of its row.
func DecodeTable(name string, text []byte) ([]*Patient, diag.List) {
	var found diag.List
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	row, err := r.Read()
	if err != nil {
		found.Add(diag.EmptyFile, diag.Range{File: name}, "write a header, as: id,weight,start", "the table has no header")
		return nil, found
	}
	at := func(i int) diag.Range {
		line, column := r.FieldPos(i)
		return cellRange(name, line, column, row[i])
	}
	header, found := NewHeader(row, at)
	if found.HasErrors() {
		return nil, found
	}
	var list []*Patient
	for {
		row, err = r.Read()
		var broken *csv.ParseError
		if errors.Is(err, io.EOF) {
			return list, found
		} else if errors.As(err, &broken) {
			found.Add(diag.Syntax, cellRange(name, broken.Line, max(broken.Column, 1), "x"), "check the quotes", "the row cannot be read: %v", broken.Err)
			return list, found
		}
		var b Builder
		b.Row(header, row, at)
		p, more := b.Patient()
		found = append(found, more...)
		if more.HasErrors() {
			p = nil
		} else if p.ID == "" {
			line, _ := r.FieldPos(0)
			p.ID = fmt.Sprintf("row %d", line)
		}
		list = append(list, p)
	}
}

func cellRange(name string, line, column int, text string) diag.Range {
	return diag.Range{File: name, Start: diag.Pos{Line: line, Column: column}, End: diag.Pos{Line: line, Column: column + len([]rune(text))}}
}

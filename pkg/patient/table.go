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
	"github.com/doseplan/doseplan/pkg/source"
)

// DecodeTable reads patients from a CSV text: a header of the keys of a patient file, then a
// row for each. `present` and `absent` stand for the conditions; several words in one cell are
// separated by semicolons, and an empty cell states nothing. A row with errors yields nil at
// its place, so that the index of a patient is that of its row.
func DecodeTable(name string, text []byte) ([]*Patient, diag.List) {
	var found diag.List
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		found.Add(diag.EmptyFile, diag.Range{File: name}, "write a header, as: id,weight,start", "the table has no header")
		return nil, found
	}
	known := append(patientObject.Names(), "present", "absent")
	for i, key := range header {
		header[i] = strings.TrimSpace(strings.ReplaceAll(key, "_", " "))
		if !slices.Contains(known, header[i]) || header[i] == "conditions" {
			line, column := r.FieldPos(i)
			found.Add(diag.UnknownKey, at(name, line, column, key), diag.DidYouMean(header[i], known), "patients have no “%s”", header[i])
		}
	}
	if found.HasErrors() {
		return nil, found
	}
	var list []*Patient
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list, found
		}
		line := 0
		if len(row) > 0 {
			line, _ = r.FieldPos(0)
		}
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken):
			found.Add(diag.Syntax, at(name, broken.Line, max(broken.Column, 1), "x"), "check the quotes", "the row cannot be read: %v", broken.Err)
			return list, found
		case len(row) > len(header):
			found.Add(diag.WrongType, at(name, line, 1, "x"), "quote cells that hold commas", "the row has %d cells, and the header %d", len(row), len(header))
			list = append(list, nil)
			continue
		}
		tree := &source.Node{Kind: source.Mapping, Range: at(name, line, 1, "x")}
		conditions := &source.Node{Kind: source.Mapping, Range: tree.Range}
		for i, cell := range row {
			if cell = strings.TrimSpace(cell); cell == "" {
				continue
			}
			l, c := r.FieldPos(i)
			where := at(name, l, c, cell)
			scalar := func(s string) *source.Node { return &source.Node{Kind: source.Scalar, Value: s, Range: where} }
			value, into := scalar(cell), tree
			switch header[i] {
			case "present", "absent":
				into = conditions
				fallthrough
			case "medications":
				value = &source.Node{Kind: source.Sequence, Range: where}
				for _, word := range strings.Split(cell, ";") {
					value.Items = append(value.Items, scalar(strings.TrimSpace(word)))
				}
			}
			into.Fields = append(into.Fields, source.Field{Key: scalar(header[i]), Value: value})
		}
		if len(conditions.Fields) > 0 {
			tree.Fields = append(tree.Fields, source.Field{Key: &source.Node{Kind: source.Scalar, Value: "conditions", Range: tree.Range}, Value: conditions})
		}
		p, more := Decode(tree)
		found = append(found, more...)
		if more.HasErrors() {
			p = nil
		} else if p.ID == "" {
			p.ID = fmt.Sprintf("row %d", line)
		}
		list = append(list, p)
	}
}

func at(name string, line, column int, text string) diag.Range {
	return diag.Range{File: name, Start: diag.Pos{Line: line, Column: column}, End: diag.Pos{Line: line, Column: column + len([]rune(text))}}
}

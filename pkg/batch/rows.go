package batch

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
)

// MaxRow is the most bytes that one row may have. A longer one is rejected, and reading goes on
// after it.
const MaxRow = 1 << 20

// A Row is one patient of an input, as it was written.
type Row struct {
	Number int // from 1; a header is none
	Line   int // where it begins
	File   string
	Text   []byte
	Long   bool  // it has more than MaxRow bytes, and Text is not all of it
	Torn   bool  // the input ends within it, or after it without a line end
	Err    error // why it cannot be read, where it is a file of its own
}

// A Position is a place between two rows of an input.
type Position struct {
	Rows   int   `json:"rows"` // how many lie before it
	Lines  int   `json:"lines"`
	Offset int64 `json:"offset"` // in bytes
}

// An Input yields rows in order, and makes patients of them.
type Input interface {
	// Next reads the next row into r, whose buffer it may use again. It returns io.EOF after
	// the last.
	Next(r *Row) error
	// At returns the place after the row that was read last.
	At() Position
	// Skip goes on from a place that lies ahead.
	Skip(to Position) error
	// Reader returns what takes a row in, for one goroutine.
	Reader() func(b *patient.Builder, r *Row)
}

// Open returns the input of a CSV text, whose header holds the names of patient.FieldNames, or
// of one patient a line in JSON. Which of the two it is shows in its first character.
func Open(name string, from io.Reader) (Input, diag.List) {
	r := bufio.NewReaderSize(from, 1<<16)
	f := framer{name: name, r: r, at: Position{Lines: 1}}
	if mark, _ := r.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		f.drop(3)
	}
	for {
		first, err := r.Peek(1)
		switch {
		case err != nil:
			return nil, diag.List{f.finding(diag.EmptyFile, "there are no patients", "write a header, as: id,weight,start, then a row for each; or one patient a line as JSON")}
		case first[0] == '{':
			return &lines{f}, nil
		case first[0] == '[':
			return nil, diag.List{f.finding(diag.WrongType, "this is a list of JSON", "write one patient a line, without brackets and commas around them")}
		case first[0] != '\n' && first[0] != '\r' && first[0] != ' ':
			return newTable(f)
		}
		if f.drop(1); first[0] == '\n' {
			f.at.Lines++
		}
	}
}

// A framer cuts an input into rows without reading what they say.
type framer struct {
	name   string
	r      *bufio.Reader
	quotes bool // a line end within quotes belongs to the row
	at     Position
}

func (f *framer) finding(code diag.Code, message, help string) diag.Diagnostic {
	pos := diag.Pos{Line: f.at.Lines, Column: 1}
	return diag.Diagnostic{Code: code, Severity: code.Severity(), Range: diag.Range{File: f.name, Start: pos, End: pos}, Message: message, Help: help}
}

func (f *framer) drop(bytes int) {
	n, _ := f.r.Discard(bytes)
	f.at.Offset += int64(n)
}

func (f *framer) At() Position { return f.at }

func (f *framer) Skip(to Position) error {
	n, err := io.CopyN(io.Discard, f.r, to.Offset-f.at.Offset)
	if err == nil {
		f.at = to
	} else if errors.Is(err, io.EOF) {
		err = fmt.Errorf("it ends after %d bytes of the %d that were read before", f.at.Offset+n, to.Offset)
	}
	return err
}

// Next reads a row, and passes over empty lines.
func (f *framer) Next(row *Row) error {
	for {
		*row = Row{File: f.name, Line: f.at.Lines, Text: row.Text[:0], Number: f.at.Rows + 1}
		if err := f.row(row); err != nil {
			return err
		}
		if len(bytes.TrimSpace(row.Text)) > 0 {
			f.at.Rows++
			return nil
		}
	}
}

// row reads up to the line end that ends a row. In a row that is too long quotes keep no line
// together, since one that nobody closed would take in all that follows.
func (f *framer) row(row *Row) error {
	var quoted quoting
	for {
		piece, err := f.r.ReadSlice('\n')
		f.at.Offset += int64(len(piece))
		if row.Long = row.Long || len(row.Text)+len(piece) > MaxRow; !row.Long {
			row.Text = append(row.Text, piece...)
		}
		quoted.read(piece)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(row.Text) > 0:
			row.Torn = true
			return nil
		case err != nil:
			return err
		}
		if f.at.Lines++; !f.quotes || row.Long || !quoted.open() {
			return nil
		}
	}
}

// quoting follows the quotes of a CSV row: they count where a cell begins with one.
type quoting uint8

const (
	cellStart quoting = iota
	bare
	inQuotes
	afterQuote // which ends the cell, or with another stands for one
)

func (q *quoting) open() bool { return *q == inQuotes }

func (q *quoting) read(piece []byte) {
	for _, c := range piece {
		switch {
		case *q == inQuotes:
			if c == '"' {
				*q = afterQuote
			}
		case c == ',':
			*q = cellStart
		case c == '"' && (*q == cellStart || *q == afterQuote):
			*q = inQuotes
		case c == ' ' && *q == cellStart:
		default:
			*q = bare
		}
	}
}

// lines are an input of one patient a line in JSON.
type lines struct{ framer }

func (l *lines) Reader() func(*patient.Builder, *Row) {
	return func(b *patient.Builder, r *Row) { b.JSON(r.File, r.Line, bytes.TrimSpace(r.Text)) }
}

// A table is an input in CSV.
type table struct {
	framer
	header patient.Header
}

func newTable(f framer) (Input, diag.List) {
	f.quotes = true
	t := &table{framer: f}
	var row Row
	if err := t.Next(&row); err != nil || row.Long {
		return nil, diag.List{f.finding(diag.TooLarge, "the header cannot be read", "write a header, as: id,weight,start")}
	}
	t.at.Rows = 0
	c := newCells()
	cells, err := c.read(&row)
	if err != nil || !utf8.Valid(row.Text) {
		return nil, diag.List{f.finding(diag.Syntax, "the header cannot be read", "write a header, as: id,weight,start, as UTF-8")}
	}
	header, found := patient.NewHeader(cells, c.at(&row, cells))
	t.header = header
	if found.HasErrors() {
		return nil, found
	}
	return t, found
}

func (t *table) Reader() func(*patient.Builder, *Row) {
	c := newCells()
	return func(b *patient.Builder, r *Row) {
		cells, err := c.read(r)
		if err != nil {
			message, help := "the row cannot be read", "check the quotes"
			if r.Torn {
				message, help = "the file ends in the middle of this row", "check that the file is whole"
			}
			pos := diag.Pos{Line: r.Line, Column: 1}
			b.Add(diag.Diagnostic{Code: diag.Syntax, Severity: diag.Error, Range: diag.Range{File: r.File, Start: pos, End: pos}, Message: message, Help: help})
			return
		}
		b.Row(t.header, cells, c.at(r, cells))
	}
}

// cells reads one row of a table after the other.
type cells struct {
	text   bytes.Reader
	reader *csv.Reader
}

func newCells() *cells {
	c := &cells{}
	c.begin()
	return c
}

func (c *cells) begin() {
	c.reader = csv.NewReader(&c.text)
	c.reader.FieldsPerRecord = -1
	c.reader.TrimLeadingSpace = true
	c.reader.ReuseRecord = true
}

var errCells = errors.New("the quotes of the row do not close")

// read returns the cells of a row, which hold until the next is read.
func (c *cells) read(r *Row) ([]string, error) {
	c.text.Reset(r.Text)
	before := c.reader.InputOffset()
	list, err := c.reader.Read()
	if err == nil && c.reader.InputOffset()-before == int64(len(r.Text)) {
		return list, nil
	}
	c.begin() // what is left of the row is dropped
	return nil, errCells
}

// at says where the cells of the row that was read last stand.
func (c *cells) at(r *Row, list []string) func(int) diag.Range {
	return func(i int) diag.Range {
		first, _ := c.reader.FieldPos(0)
		line, column := c.reader.FieldPos(i)
		start := diag.Pos{Line: r.Line + line - first, Column: column}
		return diag.Range{File: r.File, Start: start, End: diag.Pos{Line: start.Line, Column: column + utf8.RuneCountInString(list[i])}}
	}
}

// Package diag holds findings as data: what is wrong, where, and what to do about it.
//
// A [Diagnostic] has a stable code. Every code is listed in [Codes] with the text that
// `doseplan explain` prints. Rendering is the business of package report.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Severity says how much a finding weighs. The zero Severity is invalid, so that a
// forgotten field shows.
type Severity uint8

// The severities, from the least to the most serious.
const (
	Invalid Severity = iota
	Note             // worth knowing
	Warning          // works, but probably not as meant
	Error            // cannot be used as it stands
	Refusal          // understood, and refused because it could harm
)

var severityNames = [...]string{"invalid", "note", "warning", "error", "refused"}

func (s Severity) String() string { return severityNames[s] }

// A Pos is a place in a file. Line and Column count from 1; columns count Unicode code
// points. The zero Pos is unknown.
type Pos struct {
	Line, Column int
}

// A Range is a stretch of a file, from Start up to but not including End. File is the
// name as the user gave it. A Range without a line stands for the whole file, and the
// zero Range for none.
type Range struct {
	File       string
	Start, End Pos
}

// IsSet reports whether r names a place at all.
func (r Range) IsSet() bool { return r.File != "" }

// String returns "file:line:column", or as much of it as is known.
func (r Range) String() string {
	switch {
	case r.File == "":
		return ""
	case r.Start.Line == 0:
		return r.File
	}
	return r.File + ":" + strconv.Itoa(r.Start.Line) + ":" + strconv.Itoa(r.Start.Column)
}

// A Related is a second place that a finding speaks of.
type Related struct {
	Range   Range
	Message string
}

// A Diagnostic is one finding.
type Diagnostic struct {
	Code     Code
	Severity Severity
	Range    Range  // what is wrong; the zero Range where no file is to blame
	Message  string // what is wrong, with the figures; no capital, no final point
	Help     string // what to do; no final point; may be empty
	Asks     string // what would answer it: a parameter, a choice or a limit by its name in the files, AsksStatus, AsksCondition or AsksMeasurement with a name; may be empty
	Field    string // the parameter of a patient that it finds fault with, by its key in a patient file; may be empty
	Related  []Related
	Entry    int // of a course's ledger: the number of the entry that it is about; 0 for none

	// Private holds words or figures of a patient that belong to it: for the patient's own
	// document, and never for a terminal's error stream or a log.
	Private string
	Stated  []string // the patient's own words or figures alone, as private

	Args []any // the operands of Message, for who says it in other words; may be empty
}

// What a finding asks that is no parameter: what the status of a course answers, and whether a
// condition is present or absent.
const (
	AsksStatus    = "status"
	AsksCondition = "condition"

	AsksMeasurement = "measurement " // and its name
	AsksDate        = "date "        // and its name
)

// Error returns the finding on one line.
func (d Diagnostic) Error() string {
	var b strings.Builder
	if d.Range.IsSet() {
		b.WriteString(d.Range.String())
		b.WriteString(": ")
	}
	fmt.Fprintf(&b, "%s: %s [%s]", d.Severity, d.Message, d.Code)
	return b.String()
}

// A List is any number of findings. Functions that can go on after a finding return what
// they could build together with a List; the value is complete only if HasErrors is false.
type List []Diagnostic

// HasErrors reports whether l holds an error or a refusal.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity >= Error })
}

// Refused reports whether l holds a refusal and no error.
func (l List) Refused() bool {
	return l.Worst() == Refusal && !slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Worst returns the highest severity in l, or Invalid for an empty list.
func (l List) Worst() Severity {
	var w Severity
	for _, d := range l {
		w = max(w, d.Severity)
	}
	return w
}

// Sort orders l by file, line, column, code and message, and drops repetitions.
func (l List) Sort() List {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Range.File, b.Range.File),
			cmp.Compare(a.Range.Start.Line, b.Range.Start.Line),
			cmp.Compare(a.Range.Start.Column, b.Range.Start.Column),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.CompactFunc(l, func(a, b Diagnostic) bool {
		return a.Code == b.Code && a.Range == b.Range && a.Message == b.Message
	})
}

// Error returns every finding, one a line, so that a List can travel as an error.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.Error()
	}
	return strings.Join(lines, "\n")
}

// Add appends a finding with the severity that its code has by default.
func (l *List) Add(code Code, at Range, help, format string, args ...any) *Diagnostic {
	*l = append(*l, Diagnostic{
		Code: code, Severity: code.Severity(), Range: at,
		Message: fmt.Sprintf(format, args...), Help: help, Args: args,
	})
	return &(*l)[len(*l)-1]
}

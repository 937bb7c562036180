// Package report draws findings for people: the message, the line it speaks of with a caret
// under the place, and what to do.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/doseplan/doseplan/pkg/diag"
)

// Files returns the text of a file by the name that findings use, or nil.
type Files func(name string) []byte

// Text writes findings, each with its source line where there is one. Width and colour are
// given, never sniffed.
func Text(w io.Writer, found diag.List, files Files, color bool) error {
	var b strings.Builder
	for i := range found {
		one(&b, &found[i], files, color)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var colors = map[diag.Severity]string{diag.Note: "36", diag.Warning: "33", diag.Error: "31", diag.Refusal: "1;31"}

func one(b *strings.Builder, d *diag.Diagnostic, files Files, color bool) {
	paint := func(code, text string) string {
		if !color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	if d.Range.IsSet() {
		b.WriteString(paint("1", d.Range.String()) + ": ")
	}
	fmt.Fprintf(b, "%s: %s", paint(colors[d.Severity], d.Severity.String()), d.Message)
	if d.Code != "" {
		fmt.Fprintf(b, " [%s]", d.Code)
	}
	b.WriteByte('\n')
	snippet(b, d.Range, files, func(s string) string { return paint(colors[d.Severity], s) })
	for _, r := range d.Related {
		fmt.Fprintf(b, "  %s: %s\n", r.Range, r.Message)
	}
	if d.Help != "" {
		fmt.Fprintf(b, "  %s %s\n", paint("1", "help:"), d.Help)
	}
}

// snippet draws the line of a range and a caret under it. Columns count code points; the
// caret is placed by their width in cells.
func snippet(b *strings.Builder, r diag.Range, files Files, paint func(string) string) {
	if files == nil || r.Start.Line == 0 {
		return
	}
	text := files(r.File)
	lines := strings.Split(string(text), "\n")
	if text == nil || r.Start.Line > len(lines) {
		return
	}
	line := []rune(strings.TrimRight(lines[r.Start.Line-1], "\r"))
	start := min(r.Start.Column-1, len(line))
	end := len(line)
	if r.End.Line == r.Start.Line {
		end = min(max(r.End.Column-1, start), len(line))
	}
	condition := &runewidth.Condition{}
	number := fmt.Sprintf("%5d", r.Start.Line)
	before := condition.StringWidth(strings.ReplaceAll(string(line[:start]), "\t", " "))
	width := max(condition.StringWidth(string(line[start:end])), 1)
	fmt.Fprintf(b, "%s | %s\n", number, strings.ReplaceAll(string(line), "\t", " "))
	fmt.Fprintf(b, "%s | %s%s\n", strings.Repeat(" ", len(number)), strings.Repeat(" ", before), paint(strings.Repeat("^", width)))
}

// Package report draws findings for people: the message, the line it speaks of with a caret
// under the place, and what to do.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/view"
)

// Files returns the text of a file by the name that findings use, or nil.
type Files func(name string) []byte

// Text writes findings, each with its source line where there is one. Width and colour are
// given, never sniffed.
func Text(w io.Writer, found diag.List, files Files, color bool) error {
	var b strings.Builder
	source := lines{files: files}
	for i := range found {
		one(&b, &found[i], &source, color)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var colors = map[diag.Severity]string{diag.Note: "36", diag.Warning: "33", diag.Error: "31", diag.Refusal: "1;31"}

func one(b *strings.Builder, d *diag.Diagnostic, source *lines, color bool) {
	paint := func(code, text string) string {
		if !color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	if d.Range.IsSet() {
		b.WriteString(paint("1", view.Clean(d.Range.String())) + ": ")
	}
	fmt.Fprintf(b, "%s: %s", paint(colors[d.Severity], d.Severity.String()), view.Clean(d.Message))
	if d.Code != "" {
		fmt.Fprintf(b, " [%s]", d.Code)
	}
	b.WriteByte('\n')
	snippet(b, d.Range, source, func(s string) string { return paint(colors[d.Severity], s) })
	for _, r := range d.Related {
		fmt.Fprintf(b, "  %s: %s\n", view.Clean(r.Range.String()), view.Clean(r.Message))
	}
	if d.Help != "" {
		fmt.Fprintf(b, "  %s %s\n", paint("1", "help:"), view.Clean(d.Help))
	}
}

// snippet draws the line of a range and a caret under it. Columns count code points; the
// caret is placed by their width in cells.
func snippet(b *strings.Builder, r diag.Range, source *lines, paint func(string) string) {
	text, ok := source.line(r.File, r.Start.Line)
	if !ok {
		return
	}
	line := []rune(strings.Map(func(r rune) rune {
		if r != '\t' && view.Hidden(r) {
			return '\uFFFD'
		}
		return r
	}, text))
	start := min(r.Start.Column-1, len(line))
	end := len(line)
	if r.End.Line == r.Start.Line {
		end = min(max(r.End.Column-1, start), len(line))
	}
	if first := max(start-maxBefore, 0); len(line)-first > maxLine {
		line, end = append(line[:first+maxLine:first+maxLine], '…'), min(end, first+maxLine)
	}
	if first := start - maxBefore; len(line) > maxLine && first > 0 {
		line = append([]rune{'…'}, line[first:]...)
		start, end = start-first+1, end-first+1
	}
	condition := &runewidth.Condition{}
	number := fmt.Sprintf("%5d", r.Start.Line)
	before := condition.StringWidth(strings.ReplaceAll(string(line[:start]), "\t", " "))
	width := max(condition.StringWidth(string(line[start:end])), 1)
	fmt.Fprintf(b, "%s | %s\n", number, strings.ReplaceAll(string(line), "\t", " "))
	fmt.Fprintf(b, "%s | %s%s\n", strings.Repeat(" ", len(number)), strings.Repeat(" ", before), paint(strings.Repeat("^", width)))
}

// How much of a long line is shown, and how much of that before the place.
const (
	maxLine   = 200
	maxBefore = 60
)

// lines finds lines of files, and splits each file once.
type lines struct {
	files Files
	name  string
	split []string
}

func (l *lines) line(name string, n int) (string, bool) {
	if l.files == nil || n == 0 {
		return "", false
	}
	if l.split == nil || l.name != name {
		text := l.files(name)
		if text == nil {
			return "", false
		}
		l.name, l.split = name, strings.Split(string(text), "\n")
	}
	if n > len(l.split) {
		return "", false
	}
	return strings.TrimRight(l.split[n-1], "\r"), true
}

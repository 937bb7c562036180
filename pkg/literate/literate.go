// Package literate puts what a protocol states beside what it rests on: the entries of its
// evidence that support it, and the worked examples that would fail if it were another.
package literate

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/compare"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/worked"
)

// A Line is one thing that a protocol states.
type Line struct {
	Section  string // the key of the file that it stands under
	Path     string // the keys below that, as "induction › dose"
	Text     string
	Row      int    // the line of the file
	File     string // where it differs from the protocol's: a base that it extends
	Part     string // of protocol.Parts; "" where no evidence need be for it
	Sources  []int  // entries of the protocol's evidence, by their index
	Examples []int  // worked examples that a change to it makes fail, by their index
	Tried    bool   // whether some change to it was tried
}

// quiet are the keys that name, cite or show, and are printed elsewhere.
var quiet = []string{"doseplan", "kind", "id", "title", "version", "status", "model", "evidence", "examples", "notes"}

// Of returns what a protocol states, in the order of the language. mutants are what worked.Mutate
// makes of its file.
func Of(p *protocol.Protocol, mutants []worked.Mutant) []Line {
	var lines []Line
	for _, f := range compare.Facts(p) {
		path := strings.Split(f.Path, " › ")
		if slices.Contains(quiet, path[0]) {
			continue
		}
		l := Line{Section: path[0], Path: strings.Join(path[1:], " › "), Text: f.Text, Row: f.At.Start.Line, Part: protocol.PartOf(path)}
		if f.At.File != p.Origin.File {
			l.File = f.At.File
		}
		for i := range p.Evidence {
			if slices.Contains(p.Evidence[i].For, l.Part) {
				l.Sources = append(l.Sources, i)
			}
		}
		for i := range mutants {
			m := &mutants[i]
			if m.Outcome == worked.Unread || m.Range != f.At && !concerns(m, f.Path) {
				continue
			}
			l.Tried = true
			for _, by := range m.By {
				if !slices.Contains(l.Examples, by) {
					l.Examples = append(l.Examples, by)
				}
			}
		}
		slices.Sort(l.Examples)
		lines = append(lines, l)
	}
	return lines
}

// concerns reports whether a change is one to what stands at a path, or below it.
func concerns(m *worked.Mutant, path string) bool {
	at := m.Path
	if m.After == "" {
		at += " › " + strings.Trim(m.Before, "“”") // what was left out
	}
	return at == path || m.Path == path || strings.HasPrefix(at, path+" › ")
}

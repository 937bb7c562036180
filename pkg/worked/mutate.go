package worked

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
)

// A Kind is a kind of change to a file.
type Kind uint8

// The kinds.
const (
	Figure Kind = iota // a number, by one in its last place
	Word               // one of a few words, or a unit, for another
	Rule               // an entry that is left out
)

func (k Kind) String() string { return [...]string{"figure", "word", "rule"}[k] }

// Kinds returns every kind, in the order in which they are counted.
func Kinds() []Kind { return []Kind{Figure, Word, Rule} }

// A Mutant is one change to a file, and what came of it.
type Mutant struct {
	Kind          Kind
	Path          string // the keys that lead to what was changed
	Before, After string // After is "" where something was left out
	Range         diag.Range
	Outcome       Outcome
	By            []int // the examples that notice it, by their index; none where what they name is gone
}

// An Outcome is what came of a change.
type Outcome uint8

// The outcomes.
const (
	Unread    Outcome = iota // the changed file has errors of its own: it is no protocol
	Noticed                  // an example fails
	Unnoticed                // every example holds
)

// String says the change in a line.
func (m *Mutant) String() string {
	if m.After == "" {
		return fmt.Sprintf("%s: %s left out", m.Path, m.Before)
	}
	return fmt.Sprintf("%s: %s → %s", m.Path, m.Before, m.After)
}

// Mutate changes one value of a file at a time, runs the examples after each change, and puts
// the file back. Every value that the tables of the language know is reached, but for those that
// only name, cite or explain. A base that the file extends stays as it is. root is the file as
// source.Parse read it; it must decode without errors.
func Mutate(file string, text []byte, root *source.Node, resolve protocol.Resolver) []Mutant {
	m := &mutator{file: file, text: text, root: root, resolve: resolve}
	m.walk(root, protocol.Tables().Root(), nil)
	return m.list
}

type mutator struct {
	file    string
	text    []byte
	root    *source.Node
	resolve protocol.Resolver
	list    []Mutant
}

// names are the keys whose values name, cite or explain, and rule nothing.
var names = map[string]bool{
	"doseplan": true, "kind": true, "id": true, "title": true, "version": true, "extends": true, "status": true, "model": true,
	"evidence": true, "examples": true, "name": true, "rxnorm": true, "schedule": true,
}

// walk changes what stands below a node.
func (m *mutator) walk(n *source.Node, s grammar.Slot, path []string) {
	switch n.Kind {
	case source.Mapping:
		m.mapping(n, s, path)
	case source.Sequence:
		for i, item := range n.Items {
			if len(n.Items) > 1 {
				m.leaveItem(n, i, path)
			}
			m.walk(item, s.Entry(), path)
		}
	case source.Scalar:
		m.scalar(n, s, path)
	}
}

func (m *mutator) mapping(n *source.Node, s grammar.Slot, path []string) {
	keys := s.Keys()
	for i := range n.Fields {
		f := n.Fields[i]
		at := slices.IndexFunc(keys, func(k grammar.KeyDoc) bool { return k.Is(f.Key.Value) })
		if at >= 0 && names[f.Key.Value] {
			continue
		}
		if at < 0 || !keys[at].Required {
			m.leaveField(n, i, path)
		}
		down := append(slices.Clone(path), f.Key.Value)
		if at < 0 && reCounted.MatchString(f.Key.Value) {
			m.figures(f.Key, path)
		}
		if at < 0 && slices.Contains(path, "contraindications") {
			m.walk(f.Value, s.Entry(), down)
			continue
		}
		m.walk(f.Value, s.Down(f.Key.Value), down)
	}
}

// reCounted matches keys that hold a figure: the first of a case.
var reCounted = lazy.MustCompile(`^(from|up to|above|over|under|below) -?[0-9]`)

func (m *mutator) leaveField(n *source.Node, i int, path []string) {
	f, all := n.Fields[i], n.Fields
	n.Fields = slices.Delete(slices.Clone(all), i, i+1)
	m.try(Rule, path, "“"+f.Key.Value+"”", "", f.Key.Range)
	n.Fields = all
}

func (m *mutator) leaveItem(n *source.Node, i int, path []string) {
	item, all := n.Items[i], n.Items
	what := item.Value
	if item.Kind == source.Mapping && len(item.Fields) > 0 {
		what = item.Fields[0].Key.Value
	}
	n.Items = slices.Delete(slices.Clone(all), i, i+1)
	m.try(Rule, path, "“"+what+"”", "", item.Range)
	n.Items = all
}

// scalar changes the figures and the words of a value. Free text is left alone: leaving it out
// is its only change.
func (m *mutator) scalar(n *source.Node, s grammar.Slot, path []string) {
	if words := s.Words(); len(words) > 0 {
		for _, w := range words {
			m.replace(Word, n, w, path)
		}
		return
	}
	if s.Free() {
		return
	}
	m.figures(n, path)
	for _, swap := range swaps {
		if loc := swap.find.FindStringIndex(n.Value); loc != nil {
			m.replace(Word, n, n.Value[:loc[0]]+swap.with+n.Value[loc[1]:], path)
		}
	}
}

// swaps are words and units that are taken for one another.
var swaps = []struct {
	find *lazy.Regexp
	with string
}{
	{lazy.MustCompile(`^daily\b`), "every 2 days"}, {lazy.MustCompile(`^weekly$`), "every 2 weeks"}, {lazy.MustCompile(`^monthly$`), "every 2 months"},
	{lazy.MustCompile(`^twice daily`), "3 times daily"}, {lazy.MustCompile(`^open-ended$`), "4 weeks"},
	{lazy.MustCompile(`/kg`), ""}, {lazy.MustCompile(`\bmg\b`), "mcg"},
	{lazy.MustCompile(`\bweeks?\b`), "days"}, {lazy.MustCompile(`\bdays\b`), "weeks"}, {lazy.MustCompile(`\bmonths?\b`), "weeks"},
	{lazy.MustCompile(`\b(hours?|h)\b`), "minutes"}, {lazy.MustCompile(`\b(minutes|min)\b`), "hours"},
	{lazy.MustCompile(`^±`), "+"}, {lazy.MustCompile(`^\+`), "±"}, {lazy.MustCompile(`\bafter\b`), "before"},
	{lazy.MustCompile(`\bstart\b`), "end"}, {lazy.MustCompile(`\blast\b`), "first"},
}

var (
	reClock  = lazy.MustCompile(`\b([01][0-9]|2[0-3]):([0-5][0-9])\b`)
	reFigure = lazy.MustCompile(`(^|[^0-9A-Za-z_.:-]|\.\.|[ (\[/]-|^-)([0-9]+(?:\.[0-9]+)?)`)
)

// figures changes each number of a value by one in its last place, up and down, and each clock
// time by an hour.
func (m *mutator) figures(n *source.Node, path []string) {
	for _, loc := range reClock.FindAllStringSubmatchIndex(n.Value, -1) {
		hour, _ := strconv.Atoi(n.Value[loc[2]:loc[3]])
		m.replace(Figure, n, fmt.Sprintf("%s%02d%s", n.Value[:loc[2]], (hour+1)%24, n.Value[loc[3]:]), path)
	}
	if reClock.MatchString(n.Value) {
		return
	}
	for _, loc := range reFigure.FindAllStringSubmatchIndex(n.Value, -1) {
		for _, by := range []int{1, -1} {
			if figure, ok := nudged(n.Value[loc[4]:loc[5]], by); ok {
				m.replace(Figure, n, n.Value[:loc[4]]+figure+n.Value[loc[5]:], path)
			}
		}
	}
}

// nudged adds to the last place of a decimal number; it must not fall below zero.
func nudged(figure string, by int) (string, bool) {
	whole, decimals, point := strings.Cut(figure, ".")
	k, err := strconv.Atoi(whole + decimals)
	if k += by; err != nil || k < 0 {
		return "", false
	}
	if !point {
		return strconv.Itoa(k), true
	}
	digits := fmt.Sprintf("%0*d", len(decimals)+1, k)
	return digits[:len(digits)-len(decimals)] + "." + digits[len(digits)-len(decimals):], true
}

func (m *mutator) replace(kind Kind, n *source.Node, value string, path []string) {
	before := n.Value
	if value == before {
		return
	}
	n.Value = value
	m.try(kind, path, before, value, n.Range)
	n.Value = before
}

// try runs the examples of the changed file.
func (m *mutator) try(kind Kind, path []string, before, after string, at diag.Range) {
	mu := Mutant{Kind: kind, Path: strings.Join(path, " › "), Before: before, After: after, Range: at, Outcome: Unnoticed}
	p, found := protocol.DecodeTree(m.file, m.text, m.root, nil, m.resolve)
	switch {
	case found.HasErrors() && m.inExamples(found):
		mu.Outcome = Noticed // what an example names is gone
	case found.HasErrors():
		mu.Outcome = Unread
	default:
		if mu.By = failing(p); len(mu.By) > 0 {
			mu.Outcome = Noticed
		}
	}
	if mu.Path == "" {
		mu.Path = "the file"
	}
	m.list = append(m.list, mu)
}

// inExamples reports whether all errors stand in the examples.
func (m *mutator) inExamples(found diag.List) bool {
	first, last := 0, 0
	var span func(n *source.Node)
	span = func(n *source.Node) {
		first, last = min(first, n.Range.Start.Line), max(last, n.Range.Start.Line)
		for _, f := range n.Fields {
			span(f.Key)
			span(f.Value)
		}
		for _, item := range n.Items {
			span(item)
		}
	}
	examples := m.root.Get("examples")
	if examples == nil {
		return false
	}
	first = examples.Range.Start.Line
	span(examples)
	return !slices.ContainsFunc(found, func(d diag.Diagnostic) bool {
		return d.Severity >= diag.Error && (d.Range.File != m.file || d.Range.Start.Line < first || d.Range.Start.Line > last)
	})
}

// Package source reads a YAML file into a tree that keeps the place of every value, and
// reports what YAML would let pass in silence.
//
// Scalars stay text: nothing here decides that `012` is a number, `no` a boolean or
// `2026-03-02` a date. Duplicate keys, aliases, merge keys, nulls and further documents
// are findings.
package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	yamlv4 "go.yaml.in/yaml/v4"
	"gopkg.in/yaml.v3"

	"github.com/doseplan/doseplan/pkg/diag"
)

// Bounds on a file. They are far beyond any protocol, and small enough that no file can
// exhaust the machine.
const (
	MaxBytes = 1 << 20
	MaxDepth = 64
)

// A Kind is the shape of a Node.
type Kind uint8

// The kinds of Node.
const (
	Scalar Kind = iota + 1
	Mapping
	Sequence
)

func (k Kind) String() string {
	return [...]string{"nothing", "a single value", "a mapping of keys to values", "a list"}[k]
}

// A Node is one value of a file.
type Node struct {
	Kind   Kind
	Value  string  // the text of a Scalar, as written but for its quotes
	Quoted bool    // whether the Scalar stands in quotes or a block
	Fields []Field // the entries of a Mapping, in the order of the file, keys unique
	Items  []*Node // the entries of a Sequence
	Range  diag.Range
}

// A Field is one entry of a Mapping.
type Field struct {
	Key   *Node // a Scalar
	Value *Node
}

// Get returns the value of a key of a Mapping, or nil.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for _, f := range n.Fields {
		if f.Key.Value == key {
			return f.Value
		}
	}
	return nil
}

// Without returns a Mapping without a key. n is not changed.
func (n *Node) Without(key string) *Node {
	out := *n
	out.Fields = slices.DeleteFunc(slices.Clone(n.Fields), func(f Field) bool { return f.Key.Value == key })
	return &out
}

// Parse reads one file. name is used in findings only. The tree is nil where the text is
// not YAML at all; otherwise it holds whatever could be read, beside the findings.
func Parse(name string, text []byte) (*Node, diag.List) {
	var found diag.List
	whole := diag.Range{File: name}
	if len(text) > MaxBytes {
		found.Add(diag.TooLarge, whole, "a protocol takes a few kilobytes", "the file has %d bytes; the most is %d", len(text), MaxBytes)
		return nil, found
	}
	if at, ok := invalidUTF8(name, text); ok {
		found.Add(diag.NotUTF8, at, "save the file as UTF-8", "the text is not UTF-8")
		return nil, found
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if root, ok := readPlain(name, string(text)); ok {
		return root, nil
	}
	return parseAny(name, text)
}

// conflict returns the line at which a version control system marks two texts of one place; 0 for none.
func conflict(text []byte) int {
	n := 0
	for line := range bytes.Lines(text) {
		if n++; bytes.HasPrefix(line, []byte("<<<<<<< ")) {
			return n
		}
	}
	return 0
}

// parseAny reads a text of whatever YAML there is.
func parseAny(name string, text []byte) (*Node, diag.List) {
	var found diag.List
	whole := diag.Range{File: name}
	doc, err := decode(text)
	if err != nil {
		if n := conflict(text); n > 0 {
			at := diag.Range{File: name, Start: diag.Pos{Line: n, Column: 1}, End: diag.Pos{Line: n, Column: 8}}
			found.Add(diag.Syntax, at, "choose one of the two, and take the marks out", "the file has the marks of a merge that found two texts")
			return nil, found
		}
		if errors.Is(err, io.EOF) {
			found.Add(diag.EmptyFile, whole, "start from a shipped protocol, or from the example in protocols/README.md", "the file holds nothing")
			return nil, found
		}
		return nil, append(found, syntaxErrors(name, text, err)...)
	}
	if len(doc) > 1 {
		found.Add(diag.ManyDocuments, nodeRange(name, doc[1]), "put each document into a file of its own", "a second YAML document starts here")
	}
	if len(doc[0].Content) == 0 || doc[0].Content[0].Tag == "!!null" {
		found.Add(diag.EmptyFile, whole, "start from a shipped protocol, or from the example in protocols/README.md", "the file holds nothing")
		return nil, found
	}
	b := builder{name: name, found: &found}
	root := b.build(doc[0].Content[0], 0)
	return root, found
}

// decode reads at most two documents. yaml.v3 panics on some malformed input that it
// means to report; such a panic is an error like any other.
func decode(text []byte) (docs []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	for len(docs) < 2 {
		var n yaml.Node
		if err := dec.Decode(&n); err != nil {
			if len(docs) > 0 && errors.Is(err, io.EOF) {
				break
			}
			return nil, err
		}
		docs = append(docs, &n)
	}
	return docs, nil
}

// maxSyntaxErrors is how many syntax errors of one file are looked for.
const maxSyntaxErrors = 20

// syntaxErrors finds the syntax errors of a text, of which cause is the first. The top-level
// key that holds one is left out to find the next.
func syntaxErrors(name string, text []byte, cause error) diag.List {
	var found diag.List
	lines := strings.Split(string(text), "\n")
	for cause != nil && len(found) < maxSyntaxErrors {
		d := syntaxError(name, []byte(strings.Join(lines, "\n")), cause)
		if slices.ContainsFunc(found, func(f diag.Diagnostic) bool { return f.Range.Start.Line == d.Range.Start.Line }) {
			break // the same again
		}
		found = append(found, d)
		at := min(d.Range.Start.Line, len(lines)) - 1
		if at < 0 {
			break
		}
		first := at
		for first > 0 && !topLevel(lines[first]) {
			first--
		}
		last := at + 1
		for last < len(lines) && !topLevel(lines[last]) {
			last++
		}
		for i := first; i < last; i++ {
			lines[i] = ""
		}
		_, cause = decode([]byte(strings.Join(lines, "\n")))
		if errors.Is(cause, io.EOF) {
			break
		}
	}
	return found.Sort()
}

// topLevel reports whether a line begins a key of the file.
func topLevel(line string) bool {
	return line != "" && !strings.ContainsRune(" \t#-}]\r", rune(line[0]))
}

// syntaxError finds the place of a syntax error. yaml.v3 names the start of the enclosing
// construct at best, so the newer parser is asked where the fault is.
func syntaxError(name string, text []byte, cause error) diag.Diagnostic {
	d := diag.Diagnostic{Code: diag.Syntax, Severity: diag.Error, Range: diag.Range{File: name}}
	d.Message = strings.TrimPrefix(cause.Error(), "yaml: ")
	func() {
		defer func() { _ = recover() }() // the message of the first parser stands
		var n yamlv4.Node
		err := yamlv4.Unmarshal(text, &n)
		var le *yamlv4.LoadError
		if errors.As(err, &le) && le.Mark.Line > 0 {
			d.Message = le.Message
			mark := le.Mark
			if strings.Contains(le.Message, "end of stream") && le.ContextMark.Line > 0 {
				// The fault is where the text begins that never ends.
				mark, d.Message = le.ContextMark, "what begins here does not end"
			}
			p := diag.Pos{Line: mark.Line, Column: max(mark.Column, 1)}
			d.Range.Start, d.Range.End = p, diag.Pos{Line: p.Line, Column: p.Column + 1}
		}
	}()
	if d.Range.Start.Line == 0 {
		var line int
		if _, err := fmt.Sscanf(d.Message, "line %d:", &line); err == nil && line > 0 {
			d.Message = strings.TrimSpace(d.Message[strings.Index(d.Message, ":")+1:])
			d.Range.Start, d.Range.End = diag.Pos{Line: line, Column: 1}, diag.Pos{Line: line, Column: 2}
		}
	}
	d.Help = "check for a missing colon or bracket, and that the indentation lines up"
	if strings.Contains(d.Message, "mapping values are not allowed") {
		d.Help = "put quotes around a text that has a colon in it, as \"Lead-in: 7 days\"; or look at the indentation"
	}
	if line := lineOf(text, d.Range.Start.Line); strings.HasPrefix(strings.TrimLeft(line, " "), "\t") {
		d.Message, d.Help = "the line is indented with a tab, which YAML does not allow", "indent with spaces"
	}
	return d
}

func lineOf(text []byte, line int) string {
	lines := strings.Split(string(text), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return lines[line-1]
}

func invalidUTF8(name string, text []byte) (diag.Range, bool) {
	pos := diag.Pos{Line: 1, Column: 1}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 || r == 0 {
			return diag.Range{File: name, Start: pos, End: diag.Pos{Line: pos.Line, Column: pos.Column + 1}}, true
		}
		if r == '\n' {
			pos = diag.Pos{Line: pos.Line + 1, Column: 1}
		} else {
			pos.Column++
		}
		i += size
	}
	return diag.Range{}, false
}

func nodeRange(name string, n *yaml.Node) diag.Range {
	r := diag.Range{File: name, Start: diag.Pos{Line: n.Line, Column: n.Column}}
	r.End = r.Start
	width := 1
	if n.Kind == yaml.ScalarNode && !strings.Contains(n.Value, "\n") {
		width = max(1, utf8.RuneCountInString(n.Value))
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			width += 2
		}
	}
	r.End.Column += width
	return r
}

type builder struct {
	name  string
	found *diag.List
}

func (b builder) build(n *yaml.Node, depth int) *Node {
	out := &Node{Range: nodeRange(b.name, n)}
	if depth > MaxDepth {
		b.found.Add(diag.TooLarge, out.Range, "", "values are nested more than %d deep", MaxDepth)
		out.Kind = Scalar
		return out
	}
	if n.Anchor != "" {
		b.found.Add(diag.Alias, out.Range, "write the value out where it is used, or use `extends`", "the anchor “&%s” is not part of the language", n.Anchor)
	}
	switch n.Kind {
	case yaml.AliasNode:
		b.found.Add(diag.Alias, out.Range, "write the value out, or use `extends`", "the alias “*%s” is not part of the language", n.Value)
		out.Kind = Scalar
	case yaml.ScalarNode:
		out.Kind, out.Value = Scalar, n.Value
		out.Quoted = n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
		if n.Style&yaml.TaggedStyle != 0 {
			b.found.Add(diag.YAMLTrap, out.Range, "remove the tag", "the YAML tag “%s” is not part of the language", n.Tag)
		} else if n.Tag == "!!null" {
			b.found.Add(diag.YAMLTrap, out.Range, "write the value, or remove the key", "there is no value here")
		}
	case yaml.SequenceNode:
		out.Kind = Sequence
		for _, item := range n.Content {
			out.Items = append(out.Items, b.build(item, depth+1))
		}
	case yaml.MappingNode:
		out.Kind = Mapping
		b.fields(out, n, depth)
	}
	return out
}

func (b builder) fields(out *Node, n *yaml.Node, depth int) {
	seen := make(map[string]*Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Tag == "!!merge" {
			b.found.Add(diag.Alias, nodeRange(b.name, k), "write the keys out, or use `extends`", "the merge key “<<” is not part of the language")
			continue
		}
		if k.Kind != yaml.ScalarNode || k.Tag == "!!null" {
			b.found.Add(diag.WrongType, nodeRange(b.name, k), "", "a key must be a word")
			continue
		}
		key := &Node{Kind: Scalar, Value: k.Value, Quoted: k.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0, Range: nodeRange(b.name, k)}
		value := b.build(n.Content[i+1], depth+1)
		if first, twice := seen[key.Value]; twice {
			d := b.found.Add(diag.DuplicateKey, key.Range, "keep one of the two", "the key “%s” stands twice", key.Value)
			d.Related = []diag.Related{{Range: first.Range, Message: "it first stands here"}}
			continue
		}
		seen[key.Value] = key
		out.Fields = append(out.Fields, Field{key, value})
	}
}

// Overlay returns base with the values of over put on top of it: mappings are merged key by key; anything else is replaced,
// and so is a mapping under a key of which whole, unless it is nil, says that its keys mean something together alone. The
// keys stand in the order of base, and one that over adds after that which it follows there, or before that which it
// precedes. Every node keeps the place it was written in. Neither argument is changed.
func Overlay(base, over *Node, whole func(key string) bool) *Node {
	if base == nil || over == nil || base.Kind != Mapping || over.Kind != Mapping {
		if over == nil {
			return base
		}
		return over
	}
	out := &Node{Kind: Mapping, Range: over.Range, Fields: slices.Clone(base.Fields)}
	position := func(f Field) int {
		return slices.IndexFunc(out.Fields, func(o Field) bool { return o.Key.Value == f.Key.Value })
	}
	next := len(out.Fields) // where a key that base has not comes to stand
	if k := slices.IndexFunc(over.Fields, func(f Field) bool { return position(f) >= 0 }); k >= 0 {
		next = position(over.Fields[k])
	}
	for _, f := range over.Fields {
		k := position(f)
		if k < 0 {
			out.Fields = slices.Insert(out.Fields, next, f)
			next++
			continue
		}
		if whole == nil || !whole(f.Key.Value) {
			f.Value = Overlay(out.Fields[k].Value, f.Value, whole)
		}
		out.Fields[k], next = f, k+1
	}
	return out
}

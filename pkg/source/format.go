package source

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/doseplan/doseplan/pkg/diag"
)

// maxLine is how long a mapping or list may be on one line before it is written in several.
const maxLine = 120

// Format rewrites a file in canonical form: keys in the order of the language, two spaces of
// indentation, no quotes that nothing needs, at most one empty line in a row. Comments stay
// with what they speak of, and values are not changed. rank gives the place of a key in the
// mapping at a path of keys; keys that it does not name stay where they are, after the others.
//
// A file with syntax errors, duplicate keys or the like is not formatted; the findings say
// why. Nor is one whose comments stand where they cannot be kept.
func Format(name string, text []byte, rank func(path []string, key string) (int, bool)) ([]byte, diag.List) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	before, found := Parse(name, text)
	if found.HasErrors() {
		return nil, found
	}
	docs, err := decode(text)
	if err != nil || len(docs[0].Content) == 0 {
		found.Add(diag.Syntax, diag.Range{File: name}, "", "the file cannot be formatted")
		return nil, found
	}
	f := &formatter{rank: rank, blank: blankLines(text)}
	f.comment(docs[0].HeadComment, 0)
	if docs[0].HeadComment != "" {
		f.line("")
	}
	f.value(docs[0].Content[0], nil, 0)
	if docs[0].FootComment != "" {
		f.line("")
		f.comment(docs[0].FootComment, 0)
	}
	out := []byte(strings.TrimLeft(f.out.String(), "\n"))
	after, broken := Parse(name, out)
	switch {
	case broken.HasErrors() || !same(before, after):
		found.Add(diag.Syntax, diag.Range{File: name}, "write it in a plainer form", "the file cannot be formatted without a change to its values")
		return nil, found
	case !slices.Equal(comments(text), comments(out)):
		found.Add(diag.Syntax, diag.Range{File: name}, "put comments on lines of their own, before what they speak of", "a comment stands where it cannot be kept")
		return nil, found
	}
	return out, found
}

// same reports whether two trees hold the same values, whatever the order of keys.
func same(a, b *Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || len(a.Fields) != len(b.Fields) || len(a.Items) != len(b.Items) {
		return false
	}
	for _, f := range a.Fields {
		if v := b.Get(f.Key.Value); v == nil || !same(f.Value, v) {
			return false
		}
	}
	for i := range a.Items {
		if !same(a.Items[i], b.Items[i]) {
			return false
		}
	}
	return true
}

// comments returns the comments of a text, sorted.
func comments(text []byte) []string {
	var list []string
	for _, line := range strings.Split(string(text), "\n") {
		quote := rune(0)
		last := ' '
		for i, c := range line {
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case (c == '"' || c == '\'') && strings.ContainsRune(" [{,:", last):
				quote = c
			case c == '#' && (i == 0 || last == ' ' || last == '\t'):
				list = append(list, strings.TrimSpace(line[i:]))
			}
			if c == '#' && quote == 0 && (i == 0 || last == ' ' || last == '\t') {
				break
			}
			last = c
		}
	}
	slices.Sort(list)
	return list
}

// blankLines reports which lines of a text (from 1) are empty.
func blankLines(text []byte) []bool {
	lines := strings.Split(string(text), "\n")
	blank := make([]bool, len(lines)+1)
	for i, line := range lines {
		blank[i+1] = strings.TrimSpace(line) == ""
	}
	return blank
}

type formatter struct {
	out   strings.Builder
	rank  func(path []string, key string) (int, bool)
	blank []bool
}

func (f *formatter) line(text string) { f.out.WriteString(strings.TrimRight(text, " ") + "\n") }

func (f *formatter) comment(text string, indent int) {
	if text == "" {
		return
	}
	for _, line := range strings.Split(text, "\n") {
		f.line(strings.Repeat(" ", indent) + strings.TrimSpace(line))
	}
}

// gap writes an empty line where the file has one before a node and its comment.
func (f *formatter) gap(n *yaml.Node) {
	line := n.Line - 1
	if n.HeadComment != "" {
		line -= strings.Count(n.HeadComment, "\n") + 1
	}
	// The parser leaves out empty lines inside a comment; any of them counts.
	for l := n.Line - 1; l >= max(line, 1); l-- {
		if l < len(f.blank) && f.blank[l] && !strings.HasSuffix(f.out.String(), "\n\n") && f.out.Len() > 0 {
			f.line("")
			return
		}
	}
}

// value writes a mapping or list as a block.
func (f *formatter) value(n *yaml.Node, path []string, indent int) {
	pad := strings.Repeat(" ", indent)
	switch n.Kind {
	case yaml.MappingNode:
		for _, i := range f.sorted(n, path) {
			k, v := n.Content[i], n.Content[i+1]
			if i > 0 {
				f.gap(k)
			}
			f.comment(k.HeadComment, indent)
			f.entry(pad+scalar(k, false)+":", k, v, append(slices.Clone(path), k.Value), indent)
			f.comment(k.FootComment, indent)
		}
	case yaml.SequenceNode:
		for i, v := range n.Content {
			if i > 0 {
				f.gap(v)
			}
			v = f.ordered(v, append(slices.Clone(path), "[]"))
			f.comment(v.HeadComment, indent)
			if flow, ok := inline(v, indent+2); ok {
				f.line(pad + "- " + flow + tail(v))
			} else if v.Kind == yaml.ScalarNode {
				f.block(pad+"-", v, indent)
			} else {
				f.item(v, append(slices.Clone(path), "[]"), indent)
			}
			f.comment(v.FootComment, indent)
		}
	default:
		f.line(pad + scalar(n, false) + tail(n))
	}
}

// entry writes a key and its value.
func (f *formatter) entry(head string, k, v *yaml.Node, path []string, indent int) {
	comment := tail(k) + tail(v)
	v = f.ordered(v, path)
	if flow, ok := inline(v, utf8.RuneCountInString(head)+1); ok && (v.Kind == yaml.ScalarNode || v.Style&yaml.FlowStyle != 0 || len(v.Content) == 0) {
		f.comment(v.HeadComment, indent)
		f.line(head + " " + flow + comment)
		f.comment(v.FootComment, indent)
		return
	}
	if v.Kind == yaml.ScalarNode {
		f.block(head, v, indent)
		return
	}
	f.line(head + comment)
	f.comment(v.HeadComment, indent+2)
	f.value(v, path, indent+2)
	f.comment(v.FootComment, indent+2)
}

// item writes a mapping or list that is an entry of a list.
func (f *formatter) item(v *yaml.Node, path []string, indent int) {
	inner := &formatter{rank: f.rank, blank: f.blank}
	inner.value(v, path, 0)
	for i, line := range strings.Split(strings.TrimRight(inner.out.String(), "\n"), "\n") {
		lead := "  "
		if i == 0 {
			lead = "- "
		}
		f.line(strings.Repeat(" ", indent) + lead + line)
	}
}

// block writes a scalar of several lines.
func (f *formatter) block(head string, v *yaml.Node, indent int) {
	text, mark := v.Value, "|-"
	if strings.HasSuffix(text, "\n") {
		text, mark = strings.TrimSuffix(text, "\n"), "|"
	}
	f.line(head + " " + mark + tail(v))
	for _, line := range strings.Split(text, "\n") {
		f.line(strings.Repeat(" ", indent+2) + line)
	}
}

func tail(n *yaml.Node) string {
	if n.LineComment == "" {
		return ""
	}
	return " " + n.LineComment
}

// sorted returns the indices of the keys of a mapping in canonical order.
func (f *formatter) sorted(n *yaml.Node, path []string) []int {
	var list []int
	place := map[int]int{}
	for i := 0; i < len(n.Content); i += 2 {
		list = append(list, i)
		if at, known := f.rank(path, n.Content[i].Value); known {
			place[i] = at
		} else {
			place[i] = math.MaxInt // after those that the language has
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(place[a], place[b]) })
	return list
}

// ordered returns a mapping in canonical order, and with it every mapping inside it that is
// written on one line.
func (f *formatter) ordered(n *yaml.Node, path []string) *yaml.Node {
	c := *n
	c.Content = nil
	switch n.Kind {
	case yaml.MappingNode:
		for _, i := range f.sorted(n, path) {
			k := n.Content[i]
			c.Content = append(c.Content, k, f.ordered(n.Content[i+1], append(slices.Clone(path), k.Value)))
		}
	case yaml.SequenceNode:
		for _, v := range n.Content {
			c.Content = append(c.Content, f.ordered(v, append(slices.Clone(path), "[]")))
		}
	default:
		return n
	}
	return &c
}

// inline writes a value on one line, if it fits there and holds no comment.
func inline(n *yaml.Node, column int) (string, bool) {
	text, ok := flow(n, false)
	return text, ok && (n.Kind == yaml.ScalarNode || column+utf8.RuneCountInString(text) <= maxLine)
}

func flow(n *yaml.Node, inside bool) (string, bool) {
	if inside && (n.HeadComment != "" || n.LineComment != "" || n.FootComment != "") {
		return "", false
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return scalar(n, inside), !strings.Contains(n.Value, "\n")
	case yaml.SequenceNode:
		if !inside && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 {
			return "", false
		}
		var items []string
		for _, c := range n.Content {
			item, ok := flow(c, true)
			if !ok {
				return "", false
			}
			items = append(items, item)
		}
		return "[" + strings.Join(items, ", ") + "]", true
	case yaml.MappingNode:
		if !inside && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 {
			return "", false
		}
		if len(n.Content) == 0 {
			return "{}", true
		}
		var items []string
		for i := 0; i < len(n.Content); i += 2 {
			k, ok1 := flow(n.Content[i], true)
			v, ok2 := flow(n.Content[i+1], true)
			if !ok1 || !ok2 {
				return "", false
			}
			items = append(items, k+": "+v)
		}
		return "{ " + strings.Join(items, ", ") + " }", true
	}
	return "", false
}

// scalar writes a scalar: without quotes where every reader takes it for the same text, as
// it was where it had none, and otherwise in double quotes.
func scalar(n *yaml.Node, inside bool) string {
	quoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	plain := &Node{Kind: Scalar, Value: n.Value}
	if !quoted || plain.Trap() == "" && plainText(n.Value, inside) {
		return n.Value
	}
	return fmt.Sprintf("%q", n.Value)
}

// plainText reports whether a text without quotes is read as the same text.
func plainText(text string, inside bool) bool {
	if text == "" || strings.ContainsAny(text, "\n\t\\") || inside && strings.ContainsAny(text, ",[]{}") {
		return false
	}
	var doc yaml.Node
	snippet := "- " + text
	if inside {
		snippet = "- [" + text + "]"
	}
	if yaml.Unmarshal([]byte(snippet), &doc) != nil || len(doc.Content) != 1 || len(doc.Content[0].Content) != 1 {
		return false
	}
	n := doc.Content[0].Content[0]
	if inside {
		if n.Kind != yaml.SequenceNode || len(n.Content) != 1 {
			return false
		}
		n = n.Content[0]
	}
	return n.Kind == yaml.ScalarNode && n.Tag == "!!str" && n.Value == text && n.LineComment == "" && n.Style == 0
}

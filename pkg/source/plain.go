package source

import (
	"strings"
	"unicode/utf8"

	"github.com/doseplan/doseplan/pkg/diag"
)

// A plain reads the plain part of YAML, in which most files are written: block mappings and lists, by their
// indentation, of values that stand on one line: plain, in quotes without escapes, or as flow collections. It
// stops at whatever else there may be, and at everything that [Parse] has a finding for; the library reads
// such a file. What it reads is what the library reads: see FuzzPlain.
//
// It is there for the many small files that stand between a user and an answer: a day's agenda of ten
// thousand courses spent most of its time in the library's scanner.
type plain struct {
	name   string
	rest   string // what stands after the present line
	line   string // the present line, without its end
	number int    // of the present line
	indent int    // at which the part of the line begins that is still to be read
	ended  bool
	depth  int

	nodes  []Node // handed out one by one
	fields []Field
	items  []*Node
}

// maxPlainKeys bounds the keys of one mapping, which are compared with each other, and maxPlainLine the bytes of a line,
// from whose beginning the column of each value is counted.
const (
	maxPlainKeys = 64
	maxPlainLine = 4096
)

// readPlain reads a text, or reports that the library must.
func readPlain(name string, text string) (*Node, bool) {
	p := &plain{name: name, rest: text}
	if !p.next() || p.ended {
		return nil, false
	}
	root, ok := p.mapping()
	return root, ok && p.ended
}

// next goes to the next line that holds something.
func (p *plain) next() bool {
	for p.rest != "" {
		line, rest, _ := strings.Cut(p.rest, "\n")
		p.rest = rest
		if p.number++; len(line) > maxPlainLine {
			return false
		}
		for _, c := range line {
			// Tabs, line ends of other systems and what is not printable are for the library.
			if c < ' ' || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfeff || c >= 0xfffe {
				return false
			}
		}
		line = strings.TrimRight(line, " ")
		indent := 0
		for indent < len(line) && line[indent] == ' ' {
			indent++
		}
		if indent == len(line) || line[indent] == '#' {
			continue
		}
		p.line, p.indent = line, indent
		return true
	}
	p.line, p.indent, p.ended = "", -1, true
	return true
}

func (p *plain) body() string { return p.line[p.indent:] }

func (p *plain) inList() bool { return strings.HasPrefix(p.body(), "- ") }

// node returns a node that begins at an offset of the present line.
func (p *plain) node(kind Kind, value string, quoted bool, at int) *Node {
	if len(p.nodes) == 0 {
		p.nodes = make([]Node, 128)
	}
	n := &p.nodes[0]
	p.nodes = p.nodes[1:]
	n.Kind, n.Value, n.Quoted = kind, value, quoted
	start := diag.Pos{Line: p.number, Column: utf8.RuneCountInString(p.line[:at]) + 1}
	end := start
	end.Column += max(1, utf8.RuneCountInString(value))
	if quoted {
		end.Column += 2
	}
	n.Range = diag.Range{File: p.name, Start: start, End: end}
	return n
}

// deeper enters a collection.
func (p *plain) deeper() bool { p.depth++; return p.depth <= MaxDepth }

// mapping reads a mapping whose first key stands where the present line is.
func (p *plain) mapping() (*Node, bool) {
	indent, from := p.indent, len(p.fields)
	out := p.node(Mapping, "", false, indent)
	if !p.deeper() {
		return nil, false
	}
	for p.indent == indent && !p.ended && !p.inList() {
		key, at, ok := p.scalar(indent, false)
		if !ok || at == len(p.line) || p.line[at] != ':' || !p.isKey(p.fields[from:], key) {
			return nil, false
		}
		value, ok := p.value(at+1, indent)
		if !ok {
			return nil, false
		}
		p.fields = append(p.fields, Field{key, value})
	}
	p.depth--
	out.Fields = append([]Field(nil), p.fields[from:]...)
	p.fields = p.fields[:from]
	return out, p.indent < indent || p.ended || p.inList()
}

// isKey reports whether a key may stand beside those before it.
func (p *plain) isKey(before []Field, key *Node) bool {
	if len(before) == maxPlainKeys || len(key.Value) > 256 || !key.Quoted && key.Value == "<<" {
		return false
	}
	for i := range before {
		if before[i].Key.Value == key.Value {
			return false
		}
	}
	return true
}

// value reads what stands after the colon of a key, or on the lines below it.
func (p *plain) value(at, indent int) (*Node, bool) {
	if at < len(p.line) {
		if p.line[at] != ' ' {
			return nil, false
		}
		if at = p.blank(at); p.line[at] != '#' {
			return p.inline(at, indent)
		}
	}
	if !p.next() || p.ended {
		return nil, false
	}
	switch {
	case p.inList() && p.indent >= indent:
		return p.list()
	case p.indent > indent:
		return p.mapping()
	}
	return nil, false
}

// inline reads a value to the end of the present line, and goes on to the next.
func (p *plain) inline(at, indent int) (*Node, bool) {
	value, end, ok := p.any(at, false)
	if !ok || !p.endsAt(end) || !p.next() {
		return nil, false
	}
	return value, p.indent <= indent // what is indented further goes on with the value
}

// endsAt reports whether nothing stands on the present line from an offset on but a comment.
func (p *plain) endsAt(at int) bool {
	rest := p.line[at:]
	return rest == "" || strings.HasPrefix(strings.TrimLeft(rest, " "), "#") && rest[0] == ' '
}

// list reads a list whose first item stands where the present line is.
func (p *plain) list() (*Node, bool) {
	indent, from := p.indent, len(p.items)
	out := p.node(Sequence, "", false, indent)
	if !p.deeper() {
		return nil, false
	}
	for p.indent == indent && !p.ended && p.inList() {
		at := p.blank(indent + 2)
		if p.line[at] == '#' {
			return nil, false
		}
		var item *Node
		_, end, ok := p.any(at, false)
		if ok && end < len(p.line) && p.line[end] == ':' {
			p.indent = at
			item, ok = p.mapping()
		} else if ok {
			item, ok = p.inline(at, indent)
		}
		if !ok {
			return nil, false
		}
		p.items = append(p.items, item)
	}
	p.depth--
	out.Items = append([]*Node(nil), p.items[from:]...)
	p.items = p.items[:from]
	return out, p.indent <= indent || p.ended
}

// blank returns the offset of what follows spaces: a line ends with none.
func (p *plain) blank(at int) int {
	for p.line[at] == ' ' {
		at++
	}
	return at
}

// any reads a value that begins at an offset of the present line, and returns where it ends.
func (p *plain) any(at int, flow bool) (*Node, int, bool) {
	switch p.line[at] {
	case '[':
		return p.flowList(at)
	case '{':
		return p.flowMapping(at)
	}
	return p.scalar(at, flow)
}

// scalar reads a scalar, and returns the offset of what ends it: the colon of a key, a comment, what parts the
// values of a flow collection, or the end of the line. Spaces before a comment are not passed.
func (p *plain) scalar(at int, flow bool) (*Node, int, bool) {
	c := p.line[at]
	if c == '"' || c == '\'' {
		n := strings.IndexByte(p.line[at+1:], c)
		if n < 0 {
			return nil, 0, false
		}
		text, end := p.line[at+1:at+1+n], at+n+2
		if c == '"' && strings.Contains(text, `\`) || c == '\'' && end < len(p.line) && p.line[end] == c {
			return nil, 0, false
		}
		return p.node(Scalar, text, true, at), end, true
	}
	if strings.IndexByte(",[]{}#&*!|>%@`", c) >= 0 || strings.IndexByte("-?:", c) >= 0 {
		// A sign before a number is the one mark that a plain value begins with.
		if c != '-' || at+1 == len(p.line) || p.line[at+1] < '0' || p.line[at+1] > '9' {
			return nil, 0, false
		}
	}
	end := at
scan:
	for ; end < len(p.line); end++ {
		switch c := p.line[end]; {
		case c == ':' && (end+1 == len(p.line) || p.line[end+1] == ' '), c == '#' && p.line[end-1] == ' ':
			break scan
		case !flow:
		case strings.IndexByte(",]}", c) >= 0:
			break scan
		case c == '[' || c == '{' || c == '?' || c == ':' && strings.IndexByte(",[]{}?", p.line[end+1]) >= 0:
			return nil, 0, false
		}
	}
	text := strings.TrimRight(p.line[at:end], " ")
	if end < len(p.line) && p.line[end] == ':' && text != p.line[at:end] {
		return nil, 0, false
	}
	if end < len(p.line) && p.line[end] == '#' {
		end--
	}
	switch text {
	case "", "~", "null", "Null", "NULL":
		return nil, 0, false
	}
	return p.node(Scalar, text, false, at), end, true
}

// flowList reads a list in brackets.
func (p *plain) flowList(at int) (*Node, int, bool) {
	out, from := p.node(Sequence, "", false, at), len(p.items)
	end, ok := p.flow(at, ']', func(at int) (int, bool) {
		item, end, ok := p.any(at, true)
		p.items = append(p.items, item)
		return end, ok
	})
	if !ok {
		return nil, 0, false
	}
	out.Items = append([]*Node(nil), p.items[from:]...)
	p.items = p.items[:from]
	return out, end, true
}

// flowMapping reads a mapping in braces.
func (p *plain) flowMapping(at int) (*Node, int, bool) {
	out, from := p.node(Mapping, "", false, at), len(p.fields)
	end, ok := p.flow(at, '}', func(at int) (int, bool) {
		key, end, ok := p.scalar(at, true)
		if !ok || !strings.HasPrefix(p.line[end:], ": ") || !p.isKey(p.fields[from:], key) {
			return 0, false
		}
		value, end, ok := p.any(p.blank(end+1), true)
		p.fields = append(p.fields, Field{key, value})
		return end, ok
	})
	if !ok {
		return nil, 0, false
	}
	out.Fields = append([]Field(nil), p.fields[from:]...)
	p.fields = p.fields[:from]
	return out, end, true
}

// flow reads what stands between brackets or braces, each part by a function that returns where it ends, and
// returns the offset of what follows.
func (p *plain) flow(at int, closing byte, part func(at int) (int, bool)) (int, bool) {
	if !p.deeper() {
		return 0, false
	}
	for first := true; ; first = false {
		if at = p.skip(at + 1); at == len(p.line) {
			return 0, false
		}
		if first && p.line[at] == closing {
			break
		}
		end, ok := part(at)
		if !ok {
			return 0, false
		}
		if at = p.skip(end); at == len(p.line) || p.line[at] != closing && p.line[at] != ',' {
			return 0, false
		}
		if p.line[at] == closing {
			break
		}
	}
	p.depth--
	return at + 1, true
}

// skip returns the offset of what follows spaces, or of the end of the line.
func (p *plain) skip(at int) int {
	for at < len(p.line) && p.line[at] == ' ' {
		at++
	}
	return at
}

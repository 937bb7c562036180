package source

import (
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/doseplan/doseplan/pkg/lazy"
)

// A Builder makes trees that are to be printed.
type Builder struct{}

// Text returns a scalar.
func (*Builder) Text(text string) *Node { return &Node{Kind: Scalar, Value: text} }

// List returns a list of scalars.
func (b *Builder) List(texts ...string) *Node {
	n := &Node{Kind: Sequence}
	for _, t := range texts {
		n.Items = append(n.Items, b.Text(t))
	}
	return n
}

// Map returns a mapping of keys to scalars, given by turns.
func (b *Builder) Map(keysAndValues ...string) *Node {
	n := &Node{Kind: Mapping}
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		b.Set(n, keysAndValues[i], b.Text(keysAndValues[i+1]))
	}
	return n
}

// Set adds a key to a mapping.
func (b *Builder) Set(n *Node, key string, value *Node) {
	n.Fields = append(n.Fields, Field{b.Text(key), value})
}

// Print writes a mapping as YAML: in blocks, but lists of scalars on one line.
func Print(n *Node) []byte {
	var b strings.Builder
	block(&b, n, 0)
	return []byte(b.String())
}

func block(b *strings.Builder, n *Node, indent int) {
	for i, f := range n.Fields {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", indent))
		}
		key := f.Key.Value
		if !plainText(key, false) && !isPlainKey(key) {
			key = fmt.Sprintf("%q", key)
		}
		b.WriteString(key + ":")
		switch {
		case f.Value.Kind == Mapping && len(f.Value.Fields) > 0:
			b.WriteString("\n" + strings.Repeat(" ", indent+2))
			block(b, f.Value, indent+2)
		case f.Value.Kind == Mapping:
			b.WriteString(" {}\n")
		case f.Value.Kind == Sequence:
			var items []string
			for _, item := range f.Value.Items {
				items = append(items, quoted(item.Value, true))
			}
			b.WriteString(" [" + strings.Join(items, ", ") + "]\n")
		default:
			b.WriteString(" " + quoted(f.Value.Value, false) + "\n")
		}
	}
}

// quoted writes a scalar so that every YAML reader takes it for the same text.
func quoted(text string, inside bool) string {
	n := &Node{Kind: Scalar, Value: text}
	var plain yaml.Node
	if reCount.MatchString(text) {
		return text
	}
	if n.Trap() == "" && (plainText(text, inside) || yaml.Unmarshal([]byte(text), &plain) == nil && len(plain.Content) == 1 && plain.Content[0].Tag == "!!timestamp") {
		return text
	}
	return fmt.Sprintf("%q", text)
}

var reCount = lazy.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

// isPlainKey reports whether a key is one of the language that other readers take for a truth
// value; it is written as in every protocol.
func isPlainKey(key string) bool { return key == "on" }

// errNotBlock says that a list is written on one line, where no line can be appended.
var errNotBlock = errors.New("the list is not written with one entry a line")

// Append adds an entry, which must be a mapping, to the list of a top-level key, and the key
// if there is none. All else stays as it is: no comment and no space is touched.
func Append(text []byte, name, key string, entry *Node) ([]byte, error) {
	root, found := Parse(name, text)
	if found.HasErrors() || root == nil || root.Kind != Mapping {
		return nil, errors.New("the file cannot be read")
	}
	var list *Node
	next := 0 // the line of the key after the list; 0 for none
	for i, f := range root.Fields {
		if f.Key.Value != key {
			continue
		}
		list = f.Value
		if i+1 < len(root.Fields) {
			next = root.Fields[i+1].Key.Range.Start.Line
		}
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	at := len(lines) // where the entry goes
	if next > 0 {
		for at = next - 1; at > 0; at-- {
			if l := strings.TrimSpace(lines[at-1]); l != "" && !strings.HasPrefix(l, "#") {
				break
			}
		}
	}
	indent := 2
	var added []string
	switch {
	case list == nil:
		added = append(added, "", key+":")
	case list.Kind != Sequence || len(list.Items) == 0:
		return nil, errNotBlock
	default:
		first := list.Items[0].Range.Start
		dash := strings.Index(lines[first.Line-1], "-")
		if strings.TrimSpace(lines[list.Range.Start.Line-1])[0] != '-' || dash < 0 {
			return nil, errNotBlock
		}
		indent = dash
	}
	var b strings.Builder
	block(&b, entry, indent+2)
	pad := strings.Repeat(" ", indent)
	added = append(added, strings.Split(pad+"- "+strings.TrimRight(b.String(), "\n"), "\n")...)
	out := append(append(append([]string{}, lines[:at]...), added...), lines[at:]...)
	return []byte(strings.Join(out, "\n") + "\n"), nil
}

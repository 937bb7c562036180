package fhir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/doseplan/doseplan/pkg/diag"
)

// A kind is what a value of JSON is.
type kind uint8

const (
	object kind = iota + 1
	array
	text
	number
	boolean
	null
)

func (k kind) String() string {
	return [...]string{"", "an object", "a list", "a text", "a number", "true or false", "null"}[k]
}

// A node is a value of JSON with its place: its path, as FHIRPath writes it, and its line.
type node struct {
	kind   kind
	value  string // of a text, number or boolean
	fields []field
	items  []*node
	path   string
	at     diag.Range
}

type field struct {
	key  string
	node *node
}

// get returns the value of a key, or nil. n may be nil.
func (n *node) get(keys ...string) *node {
	for _, key := range keys {
		if n == nil || n.kind != object {
			return nil
		}
		f, ok := find(n.fields, func(f field) bool { return f.key == key })
		if !ok {
			return nil
		}
		n = f.node
	}
	return n
}

// list returns the items of a list; none for what is no list.
func (n *node) list() []*node {
	if n == nil {
		return nil
	}
	return n.items
}

// word returns the text of a text, and "" for anything else.
func (n *node) word() string {
	if n == nil || n.kind != text {
		return ""
	}
	return n.value
}

func (n *node) isTrue() bool { return n != nil && n.kind == boolean && n.value == "true" }

const maxDepth = 60

// A parser reads JSON into nodes.
type parser struct {
	dec   *json.Decoder
	text  []byte
	lines []int // where each line begins
	name  string
}

// parse reads a text as JSON. What is no JSON, and a key that comes twice, is an error.
func parse(name string, data []byte) (*node, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("it is not UTF-8")
	}
	p := &parser{dec: json.NewDecoder(bytes.NewReader(data)), text: data, lines: []int{0}, name: name}
	for i, b := range data {
		if b == '\n' {
			p.lines = append(p.lines, i+1)
		}
	}
	p.dec.UseNumber()
	n, err := p.value("", 0)
	if err != nil {
		return nil, err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one value in it")
	}
	return n, nil
}

// place returns where the next token begins.
func (p *parser) place() diag.Range {
	i := int(p.dec.InputOffset())
	for i < len(p.text) && bytes.IndexByte([]byte(" \t\r\n:,"), p.text[i]) >= 0 {
		i++
	}
	line := 0
	for lo, hi := 0, len(p.lines); lo < hi; {
		if mid := (lo + hi) / 2; p.lines[mid] <= i {
			line, lo = mid, mid+1
		} else {
			hi = mid
		}
	}
	pos := diag.Pos{Line: line + 1, Column: utf8.RuneCount(p.text[p.lines[line]:i]) + 1}
	end := pos
	end.Column++
	return diag.Range{File: p.name, Start: pos, End: end}
}

func (p *parser) value(path string, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("it is nested more than %d deep", maxDepth)
	}
	n := &node{path: path, at: p.place()}
	token, err := p.dec.Token()
	if err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			n.kind = object
			return n, p.object(n, depth)
		}
		n.kind = array
		return n, p.array(n, depth)
	case string:
		n.kind, n.value = text, t
	case json.Number:
		n.kind, n.value = number, t.String()
	case bool:
		n.kind, n.value = boolean, strconv.FormatBool(t)
	default:
		n.kind = null
	}
	return n, nil
}

func (p *parser) object(n *node, depth int) error {
	for p.dec.More() {
		token, err := p.dec.Token()
		if err != nil {
			return fmt.Errorf("it is not JSON: %w", err)
		}
		key, _ := token.(string)
		if n.get(key) != nil {
			return fmt.Errorf("the key “%s” comes twice in %s", key, orTop(n.path))
		}
		path := key
		if n.path != "" {
			path = n.path + "." + key
		}
		v, err := p.value(path, depth+1)
		if err != nil {
			return err
		}
		n.fields = append(n.fields, field{key, v})
	}
	_, err := p.dec.Token()
	return err
}

func (p *parser) array(n *node, depth int) error {
	for p.dec.More() {
		v, err := p.value(fmt.Sprintf("%s[%d]", n.path, len(n.items)), depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, v)
	}
	_, err := p.dec.Token()
	return err
}

func orTop(path string) string {
	if path == "" {
		return "the resource"
	}
	return path
}

package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
)

// Facts returns everything that a protocol states, in the order of the language. It walks what
// was read by the tables that read it, so that no key can be left out.
func Facts(p *protocol.Protocol) []Fact {
	w := &walker{}
	if p.Tree != nil {
		w.value(p.Tree, protocol.Tables().Root(), nil)
	}
	return w.facts
}

type walker struct{ facts []Fact }

// add takes down a fact; same is its spelling that all texts of one meaning share.
func (w *walker) add(at diag.Range, text, same string, path []string) {
	name := strings.Join(path, " › ")
	for n := 2; slices.ContainsFunc(w.facts, func(f Fact) bool { return f.Path == name }); n++ {
		name = fmt.Sprintf("%s (%d)", strings.Join(path, " › "), n)
	}
	w.facts = append(w.facts, Fact{name, text, at, same})
}

func (w *walker) value(n *source.Node, s grammar.Slot, path []string) {
	switch n.Kind {
	case source.Mapping:
		w.mapping(n, s, path)
	case source.Sequence:
		w.sequence(n, s, path)
	default:
		w.add(n.Range, n.Value, s.Canon(n.Value), path)
	}
}

func (w *walker) mapping(n *source.Node, s grammar.Slot, path []string) {
	keys := s.Keys()
	known := func(name string) bool {
		return slices.ContainsFunc(keys, func(k grammar.KeyDoc) bool { return k.Name == name })
	}
	for _, k := range keys {
		v := n.Get(k.Name)
		if v == nil || k.Name == "extends" {
			continue // what it extends is part of the tree
		}
		at := append(slices.Clone(path), k.Name)
		if s.Object() == "dose" && k.Name == "amount" {
			at = path // `dose: { amount: 50 mg }` says what `dose: 50 mg` says
		}
		if len(path) > 0 && v.Kind == source.Scalar && v.Value == path[len(path)-1] {
			w.add(v.Range, "stated", "stated", path) // the entry is called by it
			continue
		}
		w.value(v, s.Down(k.Name), at)
	}
	var names []string
	for _, f := range n.Fields {
		if known(f.Key.Value) {
			continue
		}
		names = append(names, f.Key.Value)
		w.value(f.Value, s.Down(f.Key.Value), append(slices.Clone(path), f.Key.Value))
	}
	if ordered := len(path) == 1 && (path[0] == "phases" || path[0] == "tiers"); ordered && len(names) > 1 {
		order := strings.Join(names, ", ")
		w.add(n.Range, order, order, append(slices.Clone(path), "order"))
	}
}

// sequence takes down a list: of scalars as one fact, of anything else entry by entry, under
// what each is called.
func (w *walker) sequence(n *source.Node, s grammar.Slot, path []string) {
	entry := s.Entry()
	terms := len(path) > 0 && path[0] == "contraindications"
	if !terms && !slices.ContainsFunc(n.Items, func(i *source.Node) bool { return i.Kind != source.Scalar }) {
		var texts, same []string
		for _, item := range n.Items {
			texts, same = append(texts, item.Value), append(same, entry.Canon(item.Value))
		}
		w.add(n.Range, strings.Join(texts, "; "), strings.Join(same, "; "), path)
		return
	}
	for i, item := range n.Items {
		switch {
		case item.Kind == source.Scalar:
			w.add(item.Range, "stated", item.Value, append(slices.Clone(path), item.Value))
		case terms && len(item.Fields) == 1:
			f := item.Fields[0]
			w.value(f.Value, entry, append(slices.Clone(path), f.Key.Value))
		default:
			w.value(item, entry, append(slices.Clone(path), called(item, i)))
		}
	}
}

// called returns what an entry of a list is called: the first text in it, or its place.
func called(n *source.Node, i int) string {
	if n.Kind == source.Mapping && len(n.Fields) > 0 {
		for _, key := range []string{"cite", "label", "note", "title"} {
			if v := n.Get(key); v != nil && v.Kind == source.Scalar {
				return v.Value
			}
		}
	}
	return fmt.Sprintf("entry %d", i+1)
}

package cli

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/source"
)

// readPatient reads the flags, below them the patient file, if one is named, and below that what the environment and the
// configuration say, which is the same for every patient: where one of these counts, that is said.
func (a *app) readPatient(set *Settings, files *fileSet) (*patient.Patient, diag.List, error) {
	var found diag.List
	b := &patient.Builder{}
	state(b, set, (*Settings).Flag)
	b.Below()
	if file := set.Text("patient"); file != "" {
		// The text is not kept for findings: a patient's data does not go to stderr.
		text, err := a.readFile(file, source.MaxBytes)
		if err != nil {
			return nil, nil, unreadable(file, err)
		}
		var tree *source.Node
		if tree, found = source.Parse(file, text); found.HasErrors() {
			return nil, nil, &outcome{exitUsage, found, files.text}
		}
		b.File(tree)
	}
	b.Apart()
	found = append(found, shared(set, b.Open)...)
	state(b, set, (*Settings).Shared)
	p, more := b.Patient()
	return p, append(found, more...), nil
}

// state states the patient's parameters of some settings.
func state(b *patient.Builder, set *Settings, of func(*Settings, string) bool) {
	for _, s := range settings {
		if s.field != "" && of(set, s.key) {
			b.State(s.field, diag.Range{File: set.Where(s.key)}, set.List(s.key)...)
		}
	}
}

// shared says which of a patient's parameters are taken from the environment or the configuration, since nothing else
// states them. A clinic has one time zone; everything else is one patient's.
func shared(set *Settings, open func(field string) bool) (found diag.List) {
	for _, s := range settings {
		if s.field != "" && s.field != "time zone" && set.Shared(s.key) && open(s.field) {
			found.Add(diag.SharedFact, diag.Range{File: set.Where(s.key)}, "state it with --"+s.key+" or in the patient's file, and take it out of there", "the patient's %s is taken from %s, which is the same for every patient", s.field, set.Where(s.key))
		}
	}
	return append(found, sharedChoices(set)...)
}

// sharedChoices says which choices for one patient are taken from the environment or the configuration.
func sharedChoices(set *Settings) (found diag.List) {
	for _, c := range []struct{ key, what string }{{"confirmed", "what confirmed doses"}, {"tier", "the tier"}, {"step", "the step of a titration"}, {"override", "the override of a limit"}} {
		if set.Shared(c.key) {
			found.Add(diag.SharedFact, diag.Range{File: set.Where(c.key)}, "state it with --"+c.key+", and take it out of there", "%s of a patient is taken from %s, which is the same for every patient", c.what, set.Where(c.key))
		}
	}
	return found
}

// overlay puts the patient's parameters that come from flags on top of a file's, and those of the environment and the
// configuration below, for a course file that is written with them.
func overlay(tree *source.Node, set *Settings) (*source.Node, diag.List) {
	if tree == nil {
		tree = &source.Node{Kind: source.Mapping}
	}
	if tree.Kind != source.Mapping {
		return tree, nil
	}
	flags := treeOf(set, (*Settings).Flag)
	if flags.Get("age") != nil && tree.Get("birth date") != nil {
		var found diag.List
		found.Add(diag.BadPatient, flags.Get("age").Range, "leave the age out: it follows from the birth date of the patient's file", "an age and a birth date are both stated")
		return tree, found
	}
	tree = onTop(tree, joined(tree, flags))
	found := shared(set, func(field string) bool {
		switch field {
		case "present", "absent":
			of := tree.Get("conditions")
			return of == nil || of.Get(field) == nil
		case "age", "birth date":
			return tree.Get("age") == nil && tree.Get("birth date") == nil
		}
		return tree.Get(field) == nil
	})
	return onTop(treeOf(set, (*Settings).Shared), tree), found
}

// treeOf returns the patient's parameters of some settings.
func treeOf(set *Settings, of func(*Settings, string) bool) *source.Node {
	over := &source.Node{Kind: source.Mapping}
	conditions := &source.Node{Kind: source.Mapping}
	for _, s := range settings {
		if s.field == "" || !of(set, s.key) {
			continue
		}
		at := diag.Range{File: set.Where(s.key)}
		scalar := func(text string) *source.Node {
			return &source.Node{Kind: source.Scalar, Value: text, Range: at}
		}
		value := scalar(set.Text(s.key))
		if s.list {
			value = &source.Node{Kind: source.Sequence, Range: at}
			for _, t := range set.List(s.key) {
				value.Items = append(value.Items, scalar(t))
			}
		}
		into := over
		if s.field == "present" || s.field == "absent" {
			into = conditions
		}
		into.Fields = append(into.Fields, source.Field{Key: scalar(s.field), Value: value})
	}
	if len(conditions.Fields) > 0 {
		over.Fields = append(over.Fields, source.Field{Key: &source.Node{Kind: source.Scalar, Value: "conditions"}, Value: conditions})
	}
	return over
}

// joined adds to the lists of a tree what another knows of them: of a name that both state, the first counts.
func joined(from, to *source.Node) *source.Node {
	out := *to
	out.Fields = slices.Clone(to.Fields)
	for i := range out.Fields {
		f := &out.Fields[i]
		of := from.Get(f.Key.Value)
		switch {
		case of == nil:
		case f.Value.Kind == source.Mapping && of.Kind == source.Mapping:
			f.Value = joined(of, f.Value)
		case f.Value.Kind == source.Sequence:
			list := *f.Value
			list.Items = slices.Clone(list.Items)
			for _, item := range itemsOf(of) {
				named := f.Key.Value == "measurements" || f.Key.Value == "dates"
				if !slices.ContainsFunc(list.Items, func(n *source.Node) bool { return same(n.Value, item.Value, named) }) || f.Key.Value == "received" {
					list.Items = append(list.Items, item)
				}
			}
			f.Value = &list
		}
	}
	return &out
}

// itemsOf returns what a list of a patient's file holds: a list, a single text, or texts by their names.
func itemsOf(n *source.Node) (list []*source.Node) {
	switch n.Kind {
	case source.Sequence:
		return n.Items
	case source.Mapping:
		for _, f := range n.Fields {
			list = append(list, &source.Node{Kind: source.Scalar, Value: f.Key.Value + "=" + f.Value.Value, Range: f.Key.Range})
		}
		return list
	}
	return []*source.Node{n}
}

// same reports whether two texts of a list say the same, or of named ones are of one name.
func same(a, b string, named bool) bool {
	if named {
		a, _, _ = strings.Cut(a, "=")
		b, _, _ = strings.Cut(b, "=")
	}
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// onTop lays one tree over another. An age and a birth date answer the same question: that of the upper is the one that
// counts.
func onTop(tree, over *source.Node) *source.Node {
	for key, other := range map[string]string{"age": "birth date", "birth date": "age"} {
		if over.Get(key) != nil && over.Get(other) == nil {
			bare := *tree
			bare.Fields = slices.DeleteFunc(slices.Clone(tree.Fields), func(f source.Field) bool { return f.Key.Value == other })
			tree = &bare
		}
	}
	return source.Overlay(tree, over, nil)
}

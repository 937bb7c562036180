package cli

import (
	"slices"

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
		b.Below()
	}
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
	if set.Shared("confirmed") {
		found.Add(diag.SharedFact, diag.Range{File: set.Where("confirmed")}, "state it with --confirmed, and take it out of there", "what confirmed doses of a patient is taken from %s, which is the same for every patient", set.Where("confirmed"))
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
	tree = onTop(tree, treeOf(set, (*Settings).Flag))
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
	return source.Overlay(tree, over)
}

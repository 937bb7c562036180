package cli

import (
	"slices"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/source"
)

// readPatient reads the flags, and below them the patient file, if one is named.
func (a *app) readPatient(set *Settings, files *fileSet) (*patient.Patient, diag.List, error) {
	var found diag.List
	b := stated(set)
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
	p, more := b.Patient()
	return p, append(found, more...), nil
}

// stated returns the patient's parameters that come from settings, with a layer begun below them.
func stated(set *Settings) *patient.Builder {
	b := &patient.Builder{}
	for _, s := range settings {
		if s.field != "" && set.Set(s.key) {
			b.State(s.field, diag.Range{File: set.Where(s.key)}, set.List(s.key)...)
		}
	}
	b.Below()
	return b
}

// overlayFlags puts the patient's parameters that come from settings on top of a file's, for a
// course file that is written with them.
func overlayFlags(tree *source.Node, set *Settings) *source.Node {
	over := &source.Node{Kind: source.Mapping}
	conditions := &source.Node{Kind: source.Mapping}
	for _, s := range settings {
		if s.field == "" || !set.Set(s.key) {
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
	if tree == nil {
		return over
	}
	if tree.Kind != source.Mapping {
		return tree
	}
	// An age and a birth date answer the same question: the flag's is the one that counts.
	for key, other := range map[string]string{"age": "birth date", "birth date": "age"} {
		if over.Get(key) != nil && over.Get(other) == nil {
			bare := *tree
			bare.Fields = slices.DeleteFunc(slices.Clone(tree.Fields), func(f source.Field) bool { return f.Key.Value == other })
			tree = &bare
		}
	}
	return source.Overlay(tree, over)
}

package fhir

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// WriteProtocol writes a protocol as a PlanDefinition: an action for each phase and check-in,
// with what FHIR can say of when, and the words of the file beside it. The file itself stands in
// it whole, as an attachment, so that nothing is lost.
func WriteProtocol(w io.Writer, p *protocol.Protocol, text []byte) error {
	d := planDefinition{
		head: head{ResourceType: "PlanDefinition", ID: id("PlanDefinition", p.ID)},
		URL:  canonical(p), Identifier: []identifier{{System: base + "sha256", Value: p.Origin.SHA256}},
		Version: clean(p.Version), Name: name(p.ID), Title: clean(p.Title), Status: "active",
		Type: concept{Coding: []coding{{System: "http://terminology.hl7.org/CodeSystem/plan-definition-type", Code: "clinical-protocol", Display: "Clinical Protocol"}}},
	}
	if p.Status == protocol.Template {
		d.Status, d.Experimental = "draft", true
		d.Usage = "TEMPLATE: the figures of this protocol are illustrative and not published; a clinician must set them."
	}
	lines := about(p)
	paragraphs := make([]string, len(lines))
	for i, line := range lines {
		paragraphs[i] = markdown(line)
	}
	d.Description = strings.Join(paragraphs, "\n\n")
	for i := range p.Phases {
		d.Action = append(d.Action, phaseAction(p, i))
	}
	for i := range p.AsNeeded {
		d.Action = append(d.Action, neededAction(p, &p.AsNeeded[i]))
	}
	for i := range p.CheckIns {
		d.Action = append(d.Action, checkInAction(p, i))
	}
	d.RelatedArtifact = artifacts(p, text)
	for _, a := range d.Action {
		lines = append(lines, a.Title+": "+a.Description)
	}
	d.head = headOf(d.ResourceType, d.ID, append([]string{d.Title}, append(lines, view.Sources(p)...)...)...)
	return encode(w, d)
}

// name returns an id as a name that programs can use: letters and digits, the first a capital.
func name(id string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(id, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		b.WriteString(phrase.Capital(word))
	}
	if b.Len() == 0 || b.String()[0] < 'A' {
		return "Protocol" + b.String()
	}
	return b.String()
}

// about returns what a protocol says of the whole course, a paragraph each.
func about(p *protocol.Protocol) []string {
	list := []string{fmt.Sprintf("Protocol %s %s (%s), model %s, setting %s.", p.ID, p.Version, p.Status, p.Model, p.Setting)}
	for i := range p.Medications {
		m := &p.Medications[i]
		var routes []string
		for _, r := range m.Routes {
			routes = append(routes, r.Words())
		}
		list = append(list, fmt.Sprintf("Medicine: %s, %s.", m.Name, strings.Join(routes, " or ")))
		list = append(list, limitsInWords(p, m)...)
	}
	for i := range p.AsNeeded {
		a := &p.AsNeeded[i]
		list = append(list, fmt.Sprintf("As needed: %s, %s for %s, %s, %s.", a.Rule.Title, p.Medications[a.Rule.Medication].Name, a.Reason, ofFile(p, "as needed", a.Rule.Name, "dose"), a.Words()))
	}
	for _, key := range []string{"population", "tiers"} {
		if text := ofFile(p, key); text != "" {
			list = append(list, key+": "+text)
		}
	}
	for i := range p.Requirements {
		r := &p.Requirements[i]
		list = append(list, "For "+required(r)+": "+strings.TrimSuffix(view.Joined(r.Texts), ".")+".")
	}
	for _, absolute := range []bool{true, false} {
		var terms []string
		for i := range p.Contraindication {
			if c := &p.Contraindication[i]; c.Absolute == absolute {
				terms = append(terms, c.Term)
			}
		}
		if word := map[bool]string{true: "Absolute", false: "Relative"}[absolute]; len(terms) > 0 {
			list = append(list, word+" contraindications: "+strings.Join(terms, "; ")+".")
		}
	}
	return append(list, p.Notes...)
}

// ofFile returns what a file says under some keys, in a line of its own language.
func ofFile(p *protocol.Protocol, path ...string) string {
	n := p.Tree
	for _, key := range path {
		if n == nil || n.Kind != source.Mapping {
			return ""
		}
		n = n.Get(key)
	}
	if n == nil {
		return ""
	}
	return inLine(n)
}

func inLine(n *source.Node) string {
	var parts []string
	switch n.Kind {
	case source.Sequence:
		for _, item := range n.Items {
			parts = append(parts, inLine(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case source.Mapping:
		for _, f := range n.Fields {
			parts = append(parts, f.Key.Value+": "+inLine(f.Value))
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return n.Value
}

func phaseAction(p *protocol.Protocol, i int) action {
	ph := &p.Phases[i]
	a := action{ID: actionID("phase", ph.Name), Title: clean(ph.Title), Code: []concept{medicine(&p.Medications[ph.Medication])}}
	var said []string
	for _, key := range []string{"for", "route", "dose", "frequency", "times", "course", "starts", "repeat", "rest", "window", "titration"} {
		if text := ofFile(p, "phases", ph.Name, key); text != "" {
			said = append(said, key+": "+text)
		}
	}
	a.Description = clean(strings.Join(said, "; "))
	a.Condition = forWhom(p, "phases", ph.Name)
	if after := p.StartsAfter(i); after >= 0 && p.Phases[after].For == nil && (ph.Starts.Anchor == protocol.NoAnchor || ph.Starts.Anchor == protocol.After) {
		a.RelatedAction = []relatedAction{{ActionID: actionID("phase", p.Phases[after].Name), Relationship: "after-end"}}
	}
	a.TimingTiming = definedTiming(ph)
	return a
}

// forWhom is the condition of an action that is for some patients, in the words of the file: FHIR's languages of
// expressions know no protocol.
func forWhom(p *protocol.Protocol, path ...string) []condition {
	text := ofFile(p, append(path, "for")...)
	if text == "" {
		return nil
	}
	return []condition{{"applicability", expression{clean("for patients with " + strings.Trim(text, "{ }")), "text/plain", clean(text)}}}
}

// neededAction is what may be taken as needed.
func neededAction(p *protocol.Protocol, a *protocol.AsNeeded) action {
	out := action{ID: actionID("as needed", a.Rule.Name), Title: clean(a.Rule.Title), Code: []concept{medicine(&p.Medications[a.Rule.Medication])}, Condition: forWhom(p, "as needed", a.Rule.Name)}
	said := []string{"as needed, for " + a.Reason}
	for _, key := range []string{"for", "route", "dose"} {
		if text := ofFile(p, "as needed", a.Rule.Name, key); text != "" {
			said = append(said, key+": "+text)
		}
	}
	out.Description = clean(strings.Join(append(said, a.Words()), "; "))
	return out
}

// definedTiming returns the rule of a phase: how often in which time, where FHIR can say that,
// and always its words. The first of several choices is the default; the others stand in the
// description.
func definedTiming(ph *protocol.Phase) *timing {
	c := textOf(ph.Frequencies[0].Text)
	t := &timing{Code: &c}
	f := ph.Frequencies[0].Frequency
	minutes, ok := f.Period()
	if !ok || !slices.Contains([]frequency.Kind{frequency.Days, frequency.Weeks, frequency.Elapsed, frequency.PerWeek}, f.Kind()) {
		return t
	}
	const hour, day = 60, 24 * 60
	r := &repeat{Frequency: max(f.PerDay(), 1), Period: minutes, PeriodUnit: "min"}
	switch {
	case f.Kind() == frequency.PerWeek:
		r.Frequency, r.Period, r.PeriodUnit = timesAWeek(f), 1, "wk"
	case minutes%(7*day) == 0:
		r.Period, r.PeriodUnit = minutes/(7*day), "wk"
	case minutes%day == 0:
		r.Period, r.PeriodUnit = minutes/day, "d"
	case minutes%hour == 0:
		r.Period, r.PeriodUnit = minutes/hour, "h"
	}
	if ph.Course.Cycles == 0 && ph.Starts.Anchor != protocol.EachDose {
		r.Count = ph.Course.Doses
		if ph.Course.Duration.IsSet() {
			length := lengthOf(ph.Course.Duration)
			r.BoundsDuration = &length
		}
	}
	t.Repeat = r
	return t
}

// timesAWeek returns the number of a rule that says so many a week.
func timesAWeek(f frequency.Frequency) (n int) {
	_, _ = fmt.Sscanf(f.String(), "%d a week", &n)
	return n
}

func checkInAction(p *protocol.Protocol, i int) action {
	c := &p.CheckIns[i]
	a := action{ID: actionID("check-in", c.Name), Title: clean(c.Title)}
	var said []string
	if n := p.Tree.Get("check-ins"); n != nil && n.Get(c.Name) != nil {
		for _, f := range n.Get(c.Name).Fields {
			if f.Key.Value != "title" {
				said = append(said, f.Key.Value+": "+inLine(f.Value))
			}
		}
	}
	a.Description = clean(strings.Join(said, "; "))
	a.Condition = forWhom(p, "check-ins", c.Name)
	for _, m := range c.Measure {
		a.Code = append(a.Code, textOf(m))
	}
	for _, g := range c.Gates {
		if g.Phase != "" {
			a.RelatedAction = append(a.RelatedAction, relatedAction{ActionID: actionID("phase", g.Phase), Relationship: "before-start"})
		}
	}
	return a
}

// actionID names an action: an id of FHIR has letters, digits, hyphens and points.
func actionID(kind, name string) string { return kind + "-" + id(kind, name)[:8] }

// artifacts returns the sources, the protocols that it extends, and the file.
func artifacts(p *protocol.Protocol, text []byte) []relatedArtifact {
	var list []relatedArtifact
	for i := range p.Evidence {
		e := &p.Evidence[i]
		a := relatedArtifact{Type: "citation", Display: clean(strings.Join(e.For, ", ")), Citation: markdown(e.Cite), URL: clean(e.URL)}
		switch {
		case e.Label != "":
			a.Citation = markdown(e.Label)
		case e.Cite == "":
			a.Type, a.Citation = "justification", markdown(e.Note)
		}
		if e.DOI != "" {
			a.URL = "https://doi.org/" + clean(e.DOI)
		}
		if e.Verify {
			a.Citation += " (to verify)"
		}
		list = append(list, a)
	}
	for _, b := range p.Origin.Extends {
		display := fmt.Sprintf("%s %s, sha256 %s", b.ID, b.Version, b.SHA256)
		list = append(list, relatedArtifact{Type: "derived-from", Display: display, Resource: base + "PlanDefinition/" + b.ID + "|" + b.Version})
	}
	return append(list, relatedArtifact{Type: "documentation", Display: "the protocol file, SHA-256 " + p.Origin.SHA256,
		Document: &attachment{ContentType: "application/yaml", Data: text, Title: clean(p.ID) + ".yaml"}})
}

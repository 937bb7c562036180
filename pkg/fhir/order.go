package fhir

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// order puts what was read into a protocol.
func (r *reader) order(sum string) (*Order, diag.List) {
	slices.SortStableFunc(r.stretches, func(a, b stretch) int { return a.start.Compare(b.start) })
	start := r.stretches[0].start
	if !r.set.Start.IsZero() && r.set.Start.Before(start) {
		start = r.set.Start
	}
	r.scheduled()
	text := r.protocol(start)
	p, found := protocol.Decode(r.name, text, nil)
	if found.HasErrors() {
		// The language has a bound that FHIR has not.
		for _, d := range found {
			if d.Severity >= diag.Error {
				r.found.Add(diag.NotExpanded, diag.Range{File: r.name}, d.Help, "as a protocol, it is refused: %s", d.Message)
			}
		}
		return nil, r.found
	}
	r.place(p, sum)
	o := &Order{Protocol: p, Text: text, Patient: r.patient, Start: start, Zone: r.set.Zone, HasZone: r.set.HasZone, Findings: slices.Clone(r.found)}
	return o, r.found
}

// place points at the FHIR file where the protocol would point at itself, and sets the limits:
// FHIR has stretches of time for them that files of protocols have not.
func (r *reader) place(p *protocol.Protocol, sum string) {
	p.Origin = protocol.Origin{File: r.name, SHA256: sum}
	p.Range = diag.Range{File: r.name}
	for i := range p.Phases {
		at := r.stretches[i].at
		p.Phases[i].Range = at
		for k := range p.Phases[i].Frequencies {
			p.Phases[i].Frequencies[k].Range = at
		}
		if a, ok := p.Phases[i].Dose.(*protocol.Amount); ok {
			a.Range = at
		}
	}
	for i := range p.Medications {
		p.Medications[i].Limits = r.meds[i].limits
		p.Medications[i].Range = diag.Range{File: r.name}
	}
}

// scheduled leaves out the medicines of which nothing stands on a day: what is taken as needed alone is a finding.
func (r *reader) scheduled() {
	kept := make([]int, len(r.meds))
	var meds []medicine
	for i := range r.meds {
		if kept[i] = len(meds); slices.ContainsFunc(r.stretches, func(s stretch) bool { return s.medicine == i }) {
			meds = append(meds, r.meds[i])
		}
	}
	for i := range r.stretches {
		r.stretches[i].medicine = kept[r.stretches[i].medicine]
	}
	r.meds = meds
}

// protocol writes the order in the language.
func (r *reader) protocol(start civil.Date) []byte {
	var b strings.Builder
	line := func(form string, args ...any) { fmt.Fprintf(&b, form+"\n", args...) }
	var names []string
	for _, m := range r.meds {
		names = append(names, m.name)
	}
	line("doseplan: 1\nkind: protocol\nid: from-fhir\nversion: 1.0.0\nstatus: published\nmodel: other\nsetting: home")
	line("title: %s", quote("From FHIR: "+strings.Join(names, ", ")))
	line("evidence: [ { cite: %s, for: [dose, frequency, course] } ]", quote("the FHIR resource "+r.root+" of the file "+filepath.Base(r.name)))
	if len(r.notes) > 0 {
		line("notes:")
		for _, n := range r.notes {
			line("  - %s", quote(n))
		}
	}
	if len(r.meds) == 1 {
		line("medication: { name: %s%s }\nroutes: { %s }", quote(r.meds[0].name), r.meds[0].code(), r.meds[0].inRoutes())
	} else {
		line("medications:")
		for _, m := range r.meds {
			line("  %s: { routes: { %s }%s }", quote(m.name), m.inRoutes(), m.code())
		}
	}
	line("phases:")
	for _, s := range r.stretches {
		line("  %s:", s.name)
		line("    title: %s", quote(s.title))
		if len(r.meds) > 1 {
			line("    medication: %s", quote(r.meds[s.medicine].name))
		}
		times := make([]string, len(s.times))
		for i, c := range s.times {
			times[i] = quote(c.String())
		}
		starts := "start"
		if s.start != start {
			starts = fmt.Sprintf("day %d", s.start.Sub(start)+1)
		}
		line("    route: %s\n    dose: %s\n    frequency: %s\n    times: [%s]\n    course: %s\n    starts: %s",
			s.route, s.dose, quote(frequency.TimesADay(s.frequency, len(times))), strings.Join(times, ", "), s.course, starts)
	}
	line("requirements:")
	for _, s := range r.stretches {
		if len(s.instructions) > 0 {
			line("  each dose of %s: { instructions: %s }", s.name, quoteAll(s.instructions))
		}
	}
	return []byte(strings.TrimSuffix(b.String(), "requirements:\n"))
}

// code returns the key for a medicine's code, if it has one.
func (m *medicine) code() string {
	if m.rxnorm == "" {
		return ""
	}
	return ", rxnorm: " + quote(m.rxnorm)
}

func (m *medicine) inRoutes() string {
	list := make([]string, len(m.routes))
	for i, route := range m.routes {
		list[i] = route + ": {}"
	}
	return strings.Join(list, ", ")
}

// quote writes a text as a scalar in double quotes, as YAML and JSON both read it.
func quote(text string) string {
	out, _ := json.Marshal(Clean(text)) // a string is always written
	return string(out)
}

func quoteAll(list []string) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = quote(t)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

package jsondoc

import (
	"cmp"
	"slices"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// A placed is an event of a part.
type placed struct {
	part  int
	event *schedule.Event
}

// several appends the document of several parts: the envelope of one, whose protocol and patient are
// those of the last part, with the events, findings, phases and notes of all.
func (w *encoder) several(b []byte, d *view.Document) []byte {
	last := d.Parts[len(d.Parts)-1].Schedule
	part := writer{append(b, '{')}
	part.number("format", Format)
	part.protocol(last)
	part.patient(last)
	part.generator(d.Generator)
	part.parts(d)
	whole := together(d)
	part.findings(whole, view.ToConfirm(view.Questions(whole)))
	part.key("events")
	part.raw("[")
	part.events(d)
	part.raw("]")
	part.summary(schedules(d)...)
	part.limits(schedules(d)...)
	part.notes(whole)
	part.texts("confirm", view.Questions(whole))
	part.overrides(whole)
	part.raw("}")
	return part.b
}

// together is what the parts of a document say, without their events but in number.
func together(d *view.Document) *schedule.Schedule {
	whole := *d.Parts[len(d.Parts)-1].Schedule
	whole.Events, whole.Phases, whole.Findings, whole.Needed, whole.Notes, whole.Confirm, whole.Override = nil, nil, nil, nil, nil, nil, nil
	for i := range d.Parts {
		s := d.Parts[i].Schedule
		whole.Events = append(whole.Events, s.Events...)
		whole.Phases = append(whole.Phases, s.Phases...)
		whole.Override = append(whole.Override, s.Override...)
		for _, f := range s.Findings {
			if !slices.ContainsFunc(whole.Findings, func(g diag.Diagnostic) bool { return g.Error() == f.Error() && g.Private == f.Private }) {
				whole.Findings = append(whole.Findings, f)
			}
		}
		whole.Needed = append(whole.Needed, s.Needed...)
		for _, n := range s.Notes {
			if !slices.ContainsFunc(whole.Notes, func(m schedule.Note) bool { return m.String() == n.String() }) {
				whole.Notes = append(whole.Notes, n)
			}
		}
		for _, q := range s.Confirm {
			if !slices.Contains(whole.Confirm, q) {
				whole.Confirm = append(whole.Confirm, q)
			}
		}
	}
	return &whole
}

// schedules returns the calendars of a document.
func schedules(d *view.Document) []*schedule.Schedule {
	list := make([]*schedule.Schedule, len(d.Parts))
	for i := range d.Parts {
		list[i] = d.Parts[i].Schedule
	}
	return list
}

// parts appends what the parts of a document are.
func (w *writer) parts(d *view.Document) {
	w.key("parts")
	w.raw("[")
	for i := range d.Parts {
		s := d.Parts[i].Schedule
		w.comma()
		w.raw("{")
		w.number("part", i+1)
		w.protocol(s)
		w.text("start", s.Start.String())
		w.some("tier", s.Tier)
		w.some("route", s.Route)
		w.some("heading", d.Parts[i].Heading)
		w.raw("}")
	}
	w.raw("]")
}

// events appends the events of all parts in order of time, each with the number of its part.
func (w *writer) events(d *view.Document) {
	var list []placed
	encoders := make([]encoder, len(d.Parts))
	for i := range d.Parts {
		s := d.Parts[i].Schedule
		encoders[i].begin(s)
		for k := range s.Events {
			list = append(list, placed{i, &s.Events[k]})
		}
	}
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Compare(a.event.At, b.event.At) })
	for _, p := range list {
		w.comma()
		w.raw("{")
		w.number("part", p.part+1)
		e := &encoders[p.part]
		e.b = e.event(e.b[:0], p.event)
		w.b = append(append(w.b, ','), e.b[1:]...)
	}
}

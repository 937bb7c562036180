package jsondoc

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// Write writes a document as one indented JSON document. Of several parts it holds all events in
// order, each with the number of its part, and what the parts are.
func Write(w io.Writer, d *view.Document) error {
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	e.b = e.b[:0]
	if len(d.Parts) == 1 {
		e.begin(d.Parts[0].Schedule)
		e.document(d.Generator, true)
	} else {
		e.several(d)
	}
	e.raw("\n")
	var out bytes.Buffer
	if err := json.Indent(&out, e.b, "", "  "); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

// WriteLines writes a schedule as newline-delimited JSON: first a line without an event, which
// holds all but the events, then one for each event.
func WriteLines(w io.Writer, d *view.Document) error {
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	e.b = e.b[:0]
	for i := range d.Parts {
		e.begin(d.Parts[i].Schedule)
		e.lines(d.Generator)
	}
	_, err := w.Write(e.b)
	return err
}

func (w *encoder) lines(g view.Generator) {
	w.raw(`{"schedule":`)
	w.document(g, false)
	w.raw("}\n")
	begin := []byte(`{"event":`)
	if id := w.s.Patient.ID; id != "" {
		begin = append(append(appendString([]byte(`{"patient":`), id), ','), begin[1:]...)
	}
	for i := range w.s.Events {
		w.b = append(w.b, begin...)
		w.event(&w.s.Events[i])
		w.raw("}\n")
	}
}

// document appends a document on one line, with its events or without.
func (w *encoder) document(g view.Generator, withEvents bool) {
	s := w.s
	w.raw("{")
	w.number("format", Format)
	if w.kept.head == nil {
		part := writer{[]byte{'"'}}
		part.protocol(s)
		w.kept.head = part.b[1:]
	}
	w.b = append(w.b, w.kept.head...)
	w.patient(s)
	w.generator(g)
	w.findings(s, w.kept.asked)
	w.key("events")
	w.raw("[")
	if withEvents {
		for i := range s.Events {
			w.comma()
			w.event(&s.Events[i])
		}
	}
	w.raw("]")
	w.summary(s)
	w.notes(s)
	w.texts("confirm", w.kept.asked)
	w.overrides(s)
	w.raw("}")
}

func (w *writer) protocol(s *schedule.Schedule) {
	p := s.Protocol
	w.key("protocol")
	w.raw("{")
	w.text("id", p.ID)
	w.text("title", p.Title)
	w.text("version", p.Version)
	w.text("sha256", p.Origin.SHA256)
	w.text("status", string(p.Status))
	w.text("model", string(p.Model))
	w.text("setting", string(p.Setting))
	if len(p.Origin.Extends) > 0 {
		w.key("extends")
		w.raw("[")
		for _, base := range p.Origin.Extends {
			w.comma()
			w.raw("{")
			w.text("id", base.ID)
			w.text("version", base.Version)
			w.text("sha256", base.SHA256)
			w.raw("}")
		}
		w.raw("]")
	}
	w.texts("sources", view.Sources(p))
	w.raw("}")
}

func (w *writer) generator(g view.Generator) {
	w.key("generator")
	w.raw("{")
	w.text("name", g.Name)
	w.text("version", g.Version)
	w.text("tzdata", civil.TZData)
	w.raw("}")
}

func (w *writer) notes(s *schedule.Schedule) {
	w.key("notes")
	w.raw("[")
	for i := range s.Notes {
		w.comma()
		w.b = appendString(w.b, s.Notes[i].String())
	}
	w.raw("]")
}

func (w *writer) patient(s *schedule.Schedule) {
	p := s.Patient
	w.key("patient")
	w.raw("{")
	w.some("id", p.ID)
	w.amount("weight", p.Weight)
	w.amount("height", p.Height)
	w.some("birth_date", p.BirthDate.String())
	if age, ok := p.Age(p.Start); ok {
		w.number("age", age)
	}
	w.some("sex", string(p.Sex))
	w.text("start", p.Start.String())
	w.text("time_zone", s.Zone.String())
	w.some("tier", s.Tier)
	w.some("route", s.Route)
	w.raw("}")
}

// amount appends an amount, if it is set.
func (w *writer) amount(name string, a quantity.Amount) {
	if !a.IsSet() {
		return
	}
	w.key(name)
	w.raw("{")
	w.text("amount", a.Decimal())
	w.text("unit", a.Unit().String())
	w.raw("}")
}

func (w *writer) findings(s *schedule.Schedule, asked []string) {
	w.key("findings")
	w.raw("[")
	for _, f := range view.FindingsWith(s, asked) {
		w.comma()
		w.raw("{")
		w.text("code", f.Code)
		w.text("severity", f.Severity)
		w.text("message", f.Text)
		w.some("help", f.Help)
		w.raw("}")
	}
	w.raw("]")
}

func (w *writer) summary(s *schedule.Schedule) {
	w.key("summary")
	w.raw("{")
	w.number("doses", view.Count(s, schedule.Dose))
	w.number("check_ins", view.Count(s, schedule.CheckIn))
	w.number("observations", view.Count(s, schedule.Observation))
	w.key("phases")
	w.raw("[")
	for i := range s.Phases {
		ph := &s.Phases[i]
		w.comma()
		w.raw("{")
		w.text("name", ph.Phase.Name)
		w.text("frequency", ph.Frequency.Text)
		w.some("first", ph.First.String())
		w.number("doses", ph.Doses)
		if ph.Doses > 0 {
			w.amount("total", ph.Total)
		}
		w.truth("open", ph.Open)
		w.raw("}")
	}
	w.raw("]}")
}

func (w *writer) overrides(s *schedule.Schedule) {
	w.key("overrides")
	w.raw("[")
	for _, o := range s.Override {
		w.comma()
		w.raw("{")
		w.text("limit", string(o.Limit))
		w.text("reason", o.Reason)
		w.text("broken", o.Broken)
		w.raw("}")
	}
	w.raw("]")
}

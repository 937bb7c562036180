package jsondoc

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// Write writes a document as one indented JSON document. Of several parts it holds all events in
// order, each with the number of its part, and what the parts are.
func Write(w io.Writer, d *view.Document) error {
	e := &encoder{}
	if len(d.Parts) == 1 {
		e.begin(d.Parts[0].Schedule)
		e.b = e.document(e.b[:0], d.Generator, true)
	} else {
		e.b = e.several(e.b[:0], d)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, append(e.b, '\n'), "", "  "); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

// WriteLines writes a schedule as newline-delimited JSON: first a line without an event, which
// holds all but the events and explains what many of them have in common, then one for each event.
func WriteLines(w io.Writer, d *view.Document) error {
	_, err := w.Write(new(Lines).Append(nil, d))
	return err
}

// Lines writes one schedule after the other as [WriteLines] does, and keeps what it put into words for those that are alike.
// It must not be used by two goroutines at once.
type Lines struct{ e encoder }

// Append appends the schedules of a document.
func (l *Lines) Append(b []byte, d *view.Document) []byte {
	for i := range d.Parts {
		l.e.begin(d.Parts[i].Schedule)
		b = l.e.lines(b, d.Generator)
	}
	return b
}

func (w *encoder) lines(b []byte, g view.Generator) []byte {
	b = append(w.document(append(b, `{"schedule":`...), g, false), "}\n"...)
	w.begins = append(w.begins[:0], `{"event":`...)
	if id := w.s.Patient.ID; id != "" {
		w.begins = append(appendString(append(w.begins[:0], `{"patient":`...), id), `,"event":`...)
	}
	for i := range w.s.Events {
		b = append(w.line(append(b, w.begins...), i), "}\n"...)
	}
	return b
}

// document appends a document on one line, with its events or without.
func (w *encoder) document(b []byte, g view.Generator, withEvents bool) []byte {
	s := w.s
	part := writer{append(b, '{')}
	part.number("format", Format)
	if w.kept.head == nil {
		head := writer{[]byte{'"'}}
		head.protocol(s)
		w.kept.head = head.b[1:]
	}
	part.b = append(part.b, w.kept.head...)
	part.patient(s)
	part.generator(g)
	part.findings(s, w.kept.toConfirm)
	part.key("events")
	part.raw("[")
	if withEvents {
		for i := range s.Events {
			part.comma()
			part.b = w.event(part.b, &s.Events[i])
		}
	}
	part.raw("]")
	if !withEvents {
		part.b = w.explained(part.b)
	}
	part.summary(s)
	part.asNeeded(s)
	if withEvents { // of lines, a reader adds up what it reads
		part.limits(s)
	}
	part.notes(s)
	part.texts("confirm", w.kept.asked)
	part.overrides(s)
	part.raw("}")
	return part.b
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

// asNeeded appends what may be taken as needed, if there is any.
func (w *writer) asNeeded(s *schedule.Schedule) {
	if len(s.Needed) == 0 {
		return
	}
	w.key("as_needed")
	w.raw("[")
	taken := s.TakenAsNeeded()
	for i := range s.Needed {
		n := asNeeded(&s.Needed[i], taken)
		w.comma()
		w.raw("{")
		w.text("name", n.Name)
		w.text("reason", n.Reason)
		w.text("medication", n.Medication)
		w.some("rxnorm", n.RxNorm)
		w.text("route", n.Route)
		w.some("form", n.Form)
		w.amount("dose", s.Needed[i].Dose.Amount)
		if n.Over > 0 {
			w.number("over_minutes", n.Over)
		}
		w.some("volume_ml", n.Volume)
		if n.Dispense != nil {
			w.key("dispense")
			w.dispense(n.Dispense)
		}
		w.number("apart_minutes", n.Apart)
		w.key("at_most")
		w.raw("[")
		for k, b := range n.AtMost {
			w.comma()
			w.raw("{")
			w.number("doses", b.Doses)
			if b.Amount != nil {
				w.amount("amount", s.Needed[i].Rule.AtMost[k].Total)
			}
			w.number("within_minutes", b.Within)
			w.raw("}")
		}
		w.raw("]")
		w.someTexts("requirements", n.Requirements)
		w.some("begins", n.Begins)
		if n.Held != nil {
			w.key("held")
			w.raw("{")
			w.text("from", n.Held.From)
			w.some("to", n.Held.To)
			w.raw("}")
		}
		w.some("ends", n.Ends)
		if len(n.Taken) > 0 {
			w.key("taken")
			w.raw("[")
			for k, t := range n.Taken {
				w.comma()
				w.raw("{")
				w.text("start", t.Start)
				w.text("date", t.Date)
				w.text("time", t.Time)
				w.amount("dose", s.Needed[i].Taken[k].Amount)
				w.raw("}")
			}
			w.raw("]")
		}
		w.raw("}")
	}
	w.raw("]")
}

func (w *writer) notes(s *schedule.Schedule) {
	w.key("notes")
	w.raw("[")
	for i := range s.Notes {
		w.comma()
		w.b = appendString(w.b, view.Note(s.Notes[i]))
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
	w.measurements(p.Measured)
	w.dates(p.Dates)
	w.some("birth_date", p.BirthDate.String())
	if age, exact, ok := p.Age(p.Start); ok {
		if w.number("age", age.Years()); exact && age < civil.Years(2) {
			w.number("age_months", int(age))
		}
	}
	w.some("sex", string(p.Sex))
	w.text("start", p.Start.String())
	w.text("time_zone", s.Zone.String())
	w.some("tier", s.Tier)
	w.some("route", s.Route)
	w.raw("}")
}

func (w *writer) measurements(list []patient.Measured) {
	if len(list) == 0 {
		return
	}
	w.key("measurements")
	w.raw("{")
	for _, m := range list {
		w.comma()
		w.b = append(appendString(w.b, m.Name), ':', '{')
		w.text("amount", m.Value.Number.Decimal())
		w.text("unit", m.Value.Unit)
		w.raw("}")
	}
	w.raw("}")
}

func (w *writer) dates(list []patient.Named) {
	if len(list) == 0 {
		return
	}
	w.key("dates")
	w.raw("{")
	for _, d := range list {
		w.text(d.Name, d.String())
	}
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

func (w *writer) findings(s *schedule.Schedule, confirm string) {
	w.key("findings")
	w.raw("[")
	for _, f := range view.FindingsWith(s, confirm) {
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

// summary says what calendars come to together.
func (w *writer) summary(parts ...*schedule.Schedule) {
	w.key("summary")
	w.raw("{")
	var count [schedule.Supply + 1]int
	for _, s := range parts {
		for i := range s.Events {
			count[s.Events[i].Kind]++
		}
	}
	w.number("doses", count[schedule.Dose])
	w.number("check_ins", count[schedule.CheckIn])
	w.number("observations", count[schedule.Observation])
	w.key("phases")
	w.raw("[")
	for _, s := range parts {
		for i := range s.Phases {
			w.comma()
			w.phase(s, i)
		}
	}
	w.raw("]}")
}

func (w *writer) phase(s *schedule.Schedule, i int) {
	ph := &s.Phases[i]
	w.raw("{")
	w.text("name", ph.Phase.Name)
	w.text("frequency", ph.Frequency.Text)
	w.some("first", ph.First.String())
	w.number("doses", ph.Doses)
	if ph.Doses > 0 {
		w.amount("total", ph.Total)
	}
	w.truth("open", ph.Open)
	w.some("until_met", ph.Phase.Course.Met)
	if given, unwritten, told := s.Told(i); told {
		w.sum("given", given)
		w.sum("unrecorded", unwritten)
	}
	w.raw("}")
}

// sum appends some doses together.
func (w *writer) sum(name string, u schedule.Sum) {
	w.key(name)
	w.raw("{")
	w.number("doses", u.Doses)
	w.amount("total", u.Total)
	w.raw("}")
}

// limits appends the limits of schedules, each with the number of its part where there are several.
func (w *writer) limits(list ...*schedule.Schedule) {
	opened := false
	for i, s := range list {
		for _, l := range view.LimitsOf(s) {
			if !opened {
				w.key("limits")
				w.raw("[")
				opened = true
			}
			w.comma()
			w.raw("{")
			if len(list) > 1 {
				w.number("part", i+1)
			}
			w.text("limit", string(l.Name))
			w.text("medication", l.Medication)
			w.text("written", l.Written)
			w.amount("allowed", l.Allowed)
			w.amount("worst", l.Worst)
			w.text("at", l.WorstText)
			w.truth("broken", l.Broken)
			w.raw("}")
		}
	}
	if opened {
		w.raw("]")
	}
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

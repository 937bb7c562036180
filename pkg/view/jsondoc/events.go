package jsondoc

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// An events writes the events of one schedule. What the events of one rule, or the doses of one
// amount, have in common is put into words and escaped once, when the first of them is written.
type events struct {
	writer
	s       *schedule.Schedule
	first   *schedule.Event // the first dose, of which requirements can be stated alone
	date    civil.Date      // the last that was written,
	dated   []byte          // and its text
	origins map[originKey]*origin
	doses   map[int32]*doseText
	needs   map[needKey][]byte // requirements
	rules   map[int16][]byte   // mode and measure of check-ins
}

type originKey struct {
	kind schedule.Kind
	of   int16 // the phase of a dose, or the rule of a check-in or observation
}

// An origin is the first step of a derivation, which differs between the events of one rule in
// its number at most.
type origin struct {
	before, after []byte // the number, if there is one
	numbered      bool
}

// A doseText is what doses of one amount have in common.
type doseText struct {
	dose  []byte
	steps []byte // of its derivation, each with a comma before it
}

type needKey struct {
	phase int16
	first bool
}

func newEvents(s *schedule.Schedule, b []byte) *events {
	w := &events{writer: writer{b}, s: s, origins: map[originKey]*origin{}, doses: map[int32]*doseText{}, needs: map[needKey][]byte{}, rules: map[int16][]byte{}}
	for i := range s.Events {
		if s.Events[i].Kind == schedule.Dose {
			w.first = &s.Events[i]
			break
		}
	}
	return w
}

// event appends an event.
func (w *events) event(e *schedule.Event) {
	w.raw(`{"kind":"`)
	w.raw(e.Kind.String())
	w.raw(`","start":"`)
	w.instant(e)
	w.raw(`","date":"`)
	w.day(e.Date)
	w.raw(`","time":"`)
	w.b = e.Clock.Append(w.b)
	w.raw(`"`)
	w.number("day", int(e.Day))
	w.number("week", w.s.Week(e))
	w.some("phase", w.s.PhaseName(e))
	w.text("name", w.name(e))
	w.number("number", int(e.Number))
	w.text("status", e.Status.String())
	w.some("gate", w.s.GateName(e))
	if e.Date != e.Target {
		w.raw(`,"target":"`)
		w.day(e.Target)
		w.raw(`"`)
	}
	switch e.Kind {
	case schedule.Dose:
		w.b = append(w.b, w.doseOf(e).dose...)
		w.b = append(w.b, w.requirements(e)...)
	case schedule.Supply:
		w.supply(e)
	default:
		w.checkIn(e)
	}
	w.derivation(e)
	w.raw("}")
}

// name returns the name of what an event is.
func (w *events) name(e *schedule.Event) string {
	switch e.Kind {
	case schedule.Dose:
		return "dose"
	case schedule.Supply:
		return "fill"
	}
	return w.s.CheckIn(e).Name
}

// day appends a date, which often is that of the event before.
func (w *events) day(d civil.Date) {
	if d != w.date {
		w.date, w.dated = d, d.Append(w.dated[:0])
	}
	w.b = append(w.b, w.dated...)
}

// instant appends the instant of an event in RFC 3339, with the offset of the patient's clocks.
func (w *events) instant(e *schedule.Event) {
	const day = 86400
	local := e.At + int64(e.Offset)
	clock := local % day
	if clock < 0 {
		clock += day
	}
	w.day(e.Date.AddDays(int((local - clock - e.Date.Unix(0)) / day)))
	w.raw("T")
	w.b = civil.Clock(clock / 60).Append(w.b)
	w.b = append(w.b, ':', byte('0'+clock%60/10), byte('0'+clock%10))
	minutes := e.Offset / 60
	switch {
	case e.Offset == 0:
		w.raw("Z")
		return
	case minutes < 0:
		w.raw("-")
		minutes = -minutes
	default:
		w.raw("+")
	}
	w.b = civil.Clock(minutes).Append(w.b)
}

func (w *events) supply(e *schedule.Event) {
	f := w.s.Fill(e)
	w.key("supply")
	w.raw("{")
	w.text("amount", f.Total.Decimal())
	w.text("unit", f.Total.Unit().String())
	w.number("doses", f.Doses)
	w.text("medication", f.Medication.Name)
	w.text("route", f.Route.Name)
	w.text("first", f.First.String())
	w.text("last", f.Last.String())
	w.truth("complete", !f.Cut)
	w.raw("}")
}

// checkIn appends what is of check-ins and observations alone.
func (w *events) checkIn(e *schedule.Event) {
	text, ok := w.rules[e.Rule]
	if !ok {
		c := w.s.CheckIn(e)
		part := writer{[]byte{'{'}}
		part.some("mode", string(c.Mode))
		part.someTexts("measure", c.Measure)
		if text = part.b[1:]; len(text) > 0 {
			text = append([]byte{','}, text...)
		}
		w.rules[e.Rule] = text
	}
	w.b = append(w.b, text...)
	if e.Kind == schedule.CheckIn {
		w.someTexts("decides", view.Decides(w.s, e))
		return
	}
	w.number("of_dose", int(w.s.Events[e.Of].Number))
	w.number("minutes_after_dose", int(e.After))
}

// doseOf returns what doses of the amount of an event have in common.
func (w *events) doseOf(e *schedule.Event) *doseText {
	t := w.doses[e.Dose]
	if t != nil {
		return t
	}
	d := w.s.Dose(e)
	part := writer{[]byte(`,"dose":{`)}
	part.text("amount", d.Amount.Decimal())
	part.text("unit", d.Amount.Unit().String())
	if d.Volume.IsSet() {
		part.text("volume_ml", d.Volume.Decimal())
	}
	part.text("medication", d.Medication.Name)
	part.some("rxnorm", d.Medication.RxNorm)
	part.text("route", d.Route.Name)
	part.some("tier", d.Tier)
	part.raw("}")
	t = &doseText{dose: part.b, steps: appendSteps(nil, d.Derivation)}
	w.doses[e.Dose] = t
	return t
}

// requirements returns what must be so for a dose.
func (w *events) requirements(e *schedule.Event) []byte {
	key := needKey{e.Phase, e == w.first}
	text, ok := w.needs[key]
	if !ok {
		if list := w.s.Requirements(e); len(list) > 0 {
			part := writer{[]byte{'{'}}
			part.texts("requirements", list)
			text = append([]byte{','}, part.b[1:]...)
		}
		w.needs[key] = text
	}
	return text
}

// derivation appends how an event came about.
func (w *events) derivation(e *schedule.Event) {
	w.raw(`,"derivation":[`)
	if e.Kind == schedule.Supply || e.Date != e.Target || e.Shift != civil.Unshifted || e.Fit != schedule.Usual {
		w.b = append(w.b, appendSteps(nil, w.s.Derivation(e))[1:]...) // without the first comma
		w.raw("]")
		return
	}
	o := w.originOf(e)
	w.b = append(w.b, o.before...)
	if o.numbered {
		n := e.Number
		if e.Kind == schedule.Observation {
			n = e.After
		}
		w.b = append(strconv.AppendInt(w.b, int64(n), 10), o.after...)
	}
	if e.Kind == schedule.Dose {
		w.b = append(w.b, w.doseOf(e).steps...)
	}
	w.raw("]")
}

// originOf returns the first step of the derivation of an event, which may be of another event
// of the same rule.
func (w *events) originOf(e *schedule.Event) *origin {
	key := originKey{e.Kind, e.Rule}
	if e.Kind == schedule.Dose {
		key.of = e.Phase
	}
	if o := w.origins[key]; o != nil {
		return o
	}
	step := w.s.Origin(e)
	o := &origin{}
	before, after, numbered := strings.Cut(step.Form, "%d")
	if o.numbered = numbered && e.Kind != schedule.CheckIn; o.numbered {
		last := len(step.Args) - 1
		o.before = appendText([]byte(`{"text":"`), fmt.Sprintf(before, step.Args[:last]...))
		o.after = appendRule(append(appendText(nil, after), '"'), &step)
	} else {
		o.before = appendSteps(nil, []dose.Step{step})[1:]
	}
	w.origins[key] = o
	return o
}

// appendSteps appends steps of a derivation, each with a comma before it.
func appendSteps(b []byte, steps []dose.Step) []byte {
	for i := range steps {
		b = append(b, `,{"text":`...)
		b = appendRule(appendString(b, steps[i].String()), &steps[i])
	}
	return b
}

// appendRule appends the rule of a step, and ends it.
func appendRule(b []byte, s *dose.Step) []byte {
	if s.Rule.IsSet() {
		b = appendString(append(b, `,"rule":`...), s.Rule.String())
	}
	return append(b, '}')
}

package jsondoc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// An encoder writes schedules. What the events of one rule, or the doses of one amount, have in
// common is put into words and escaped once, when the first of them is written; what follows
// from the protocol alone is kept for the next schedule of the same plan.
type encoder struct {
	writer
	s     *schedule.Schedule
	first *schedule.Event // the first dose, of which requirements can be stated alone
	date  civil.Date      // the last that was written,
	dated []byte          // and its text

	phases []origin   // of the doses of each phase
	doses  []doseText // by the index of the amount

	kept struct {
		protocol *protocol.Protocol
		checkIns *protocol.CheckIn // the first: another plan has others
		head     []byte
		confirm  []eligibility.Question // what the patient before did not answer,
		asked    []string               // in words
		needs    [][2]*[]byte           // requirements of each phase, and with those of the first dose
		rules    []ruleText             // by the index of the check-in
	}
}

// An origin is the first step of a derivation, which differs between the events of one rule in
// its number at most.
type origin struct {
	known         bool
	before, after []byte // the number, if there is one
	numbered      bool
}

// A doseText is what doses of one amount have in common.
type doseText struct {
	dose  []byte
	steps []byte // of its derivation, each with a comma before it
}

// A ruleText is what the check-ins or observations of one rule have in common.
type ruleText struct {
	known  bool
	about  []byte    // mode and measure
	origin [2]origin // of check-ins, and of observations
}

// encoders are for the next document.
var encoders = sync.Pool{New: func() any { return &encoder{} }}

// begin makes ready for a schedule.
func (w *encoder) begin(s *schedule.Schedule) {
	var checkIns *protocol.CheckIn
	if len(s.CheckIns) > 0 {
		checkIns = &s.CheckIns[0]
	}
	if k := &w.kept; k.protocol != s.Protocol || k.checkIns != checkIns {
		k.protocol, k.checkIns, k.head = s.Protocol, checkIns, nil
		k.needs, k.rules = make([][2]*[]byte, len(s.Phases)), make([]ruleText, len(s.CheckIns))
	}
	if k := &w.kept; k.asked == nil || !slices.Equal(k.confirm, s.Confirm) {
		k.confirm, k.asked = s.Confirm, view.Questions(s)
	}
	w.s, w.first = s, nil
	w.phases = slices.Grow(w.phases[:0], len(s.Phases))[:len(s.Phases)]
	w.doses = slices.Grow(w.doses[:0], len(s.Doses))[:len(s.Doses)]
	clear(w.phases)
	clear(w.doses)
	for i := range s.Events {
		if s.Events[i].Kind == schedule.Dose {
			w.first = &s.Events[i]
			break
		}
	}
}

// event appends an event.
func (w *encoder) event(e *schedule.Event) {
	w.raw(`{"kind":"`)
	w.raw(e.Kind.String())
	w.raw(`","start":"`)
	w.instant(e)
	w.raw(`","date":"`)
	w.day(e.Date)
	w.raw(`","time":"`)
	w.b = e.Clock.Append(w.b)
	w.raw(`","day":`)
	w.b = strconv.AppendInt(w.b, int64(e.Day), 10)
	w.raw(`,"week":`)
	w.b = strconv.AppendInt(w.b, int64(w.s.Week(e)), 10)
	w.some("phase", w.s.PhaseName(e))
	w.text("name", w.name(e))
	w.raw(`,"number":`)
	w.b = strconv.AppendInt(w.b, int64(e.Number), 10)
	w.raw(`,"status":"`)
	w.raw(e.Status.String())
	w.raw(`"`)
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
func (w *encoder) name(e *schedule.Event) string {
	switch e.Kind {
	case schedule.Dose:
		return "dose"
	case schedule.Supply:
		return "fill"
	}
	return w.s.CheckIn(e).Name
}

// day appends a date, which often is that of the event before.
func (w *encoder) day(d civil.Date) {
	if d != w.date {
		w.date, w.dated = d, d.Append(w.dated[:0])
	}
	w.b = append(w.b, w.dated...)
}

// instant appends the instant of an event in RFC 3339, with the offset of the patient's clocks.
func (w *encoder) instant(e *schedule.Event) {
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

func (w *encoder) supply(e *schedule.Event) {
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
	if made := dispenseOf(w.s, e); made != nil {
		w.key("dispense")
		w.dispense(made)
	}
	w.raw("}")
}

// checkIn appends what is of check-ins and observations alone.
func (w *encoder) checkIn(e *schedule.Event) {
	rule := &w.kept.rules[e.Rule]
	if !rule.known {
		c := w.s.CheckIn(e)
		part := writer{[]byte{'"'}} // before which no comma is wanting
		part.some("mode", string(c.Mode))
		part.someTexts("measure", c.Measure)
		rule.known, rule.about = true, part.b[1:]
	}
	w.b = append(w.b, rule.about...)
	if e.Kind == schedule.CheckIn {
		w.someTexts("decides", view.Decides(w.s, e))
		return
	}
	w.number("of_dose", int(w.s.Events[e.Of].Number))
	w.number("minutes_after_dose", int(e.After))
}

// doseOf returns what doses of the amount of an event have in common.
func (w *encoder) doseOf(e *schedule.Event) *doseText {
	t := &w.doses[e.Dose]
	if t.dose != nil {
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
	part.some("form", d.Route.Form)
	if over, _ := d.Route.Over.Elapsed(); over >= time.Minute {
		part.number("over_minutes", int(over/time.Minute))
	}
	part.some("tier", d.Tier)
	if made := dispenseOf(w.s, e); made != nil {
		part.key("dispense")
		part.dispense(made)
	}
	part.raw("}")
	*t = doseText{part.b, appendSteps(nil, d.Derivation())}
	return t
}

// dispense appends what makes a dose up.
func (w *writer) dispense(d *Dispense) {
	w.raw("{")
	w.text("text", d.Text)
	w.key("units")
	w.raw("[")
	for _, u := range d.Units {
		w.comma()
		w.raw("{")
		w.text("count", u.Count)
		w.text("strength", u.Strength)
		w.text("unit", u.Unit)
		w.raw("}")
	}
	w.raw("]")
	if d.Rest != nil {
		w.key("left_over")
		w.raw("{")
		w.text("amount", d.Rest.Amount)
		w.text("unit", d.Rest.Unit)
		w.raw("}")
	}
	w.raw("}")
}

// requirements returns what must be so for a dose.
func (w *encoder) requirements(e *schedule.Event) []byte {
	text := &w.kept.needs[e.Phase][0]
	if e == w.first {
		text = &w.kept.needs[e.Phase][1]
	}
	if *text == nil {
		part := writer{[]byte{'"'}}
		part.someTexts("requirements", w.s.Requirements(e))
		part.b = part.b[1:]
		*text = &part.b
	}
	return **text
}

// derivation appends how an event came about.
func (w *encoder) derivation(e *schedule.Event) {
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
func (w *encoder) originOf(e *schedule.Event) *origin {
	var o *origin
	switch e.Kind {
	case schedule.Dose:
		o = &w.phases[e.Phase]
	case schedule.CheckIn:
		o = &w.kept.rules[e.Rule].origin[0]
	default:
		o = &w.kept.rules[e.Rule].origin[1]
	}
	if o.known {
		return o
	}
	step := w.s.Origin(e)
	before, after, numbered := strings.Cut(step.Form, "%d")
	if o.known, o.numbered = true, numbered && e.Kind != schedule.CheckIn; o.numbered {
		last := len(step.Args) - 1
		o.before = appendText([]byte(`{"text":"`), fmt.Sprintf(before, step.Args[:last]...))
		o.after = appendRule(append(appendText(nil, after), '"'), &step)
	} else {
		o.before = appendSteps(nil, []dose.Step{step})[1:]
	}
	return o
}

// appendSteps appends steps of a derivation, each with a comma before it.
func appendSteps(b []byte, steps []dose.Step) []byte {
	var words []byte
	for i := range steps {
		words = steps[i].Append(words[:0])
		b = append(appendText(append(b, `,{"text":"`...), words), '"')
		b = appendRule(b, &steps[i])
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

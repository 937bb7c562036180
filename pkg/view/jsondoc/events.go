package jsondoc

import (
	"slices"
	"strconv"
	"strings"
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
	b      []byte // to append to
	s      *schedule.Schedule
	first  *schedule.Event // the first dose, of which requirements can be stated alone
	today  dayText         // of the event before
	wait   waitText        // of the event before that waits for something
	words  []byte          // of a step, before they are escaped
	begins []byte          // each line of a calendar

	phases []origin   // of the doses of each phase
	doses  []doseText // of the kept ones, by the index of the amount
	same   likeness   // of the lines of a calendar

	kept struct {
		protocol  *protocol.Protocol
		checkIns  *protocol.CheckIn // the first: another plan has others
		head      []byte
		confirm   []eligibility.Question // what the patient before did not answer,
		asked     []string               // in words,
		toConfirm string                 // and in one
		needs     [][2]*[]byte           // requirements of each phase, and with those of the first dose
		first     bool                   // whether the first dose has some of its own
		rules     []ruleText             // by the index of the check-in
		named     [schedule.Supply + 1]nameText
		doses     map[*schedule.DoseInfo][]doseText // of the amounts that begin with one
	}
}

// A dayText says when the events of one day are: in its full form from the instant to the week, in a line the instant
// and the day of the course. They differ in their clock times, which are written over.
type dayText struct {
	date, local civil.Date // of the event, and of its instant on the patient's clocks
	offset, day int32
	text, line  []byte
	clock, time int // where the two clock times stand in it; the first also in the line
}

// A waitText says what an event waits for; most wait for the same as the one before.
type waitText struct {
	on   schedule.Waits
	text []byte
}

// A nameText is what the events of one kind, phase and rule are called.
type nameText struct {
	phase, rule int16
	text        []byte // after a quotation mark
}

// An origin is the first step of a derivation, which differs between the events of one rule in
// its number at most.
type origin struct {
	known         bool
	before, after []byte // the number, if there is one
	numbered      bool
}

// forget makes room for another.
func (o *origin) forget() { *o = origin{before: o.before[:0], after: o.after[:0]} }

// A doseText is what doses of one amount have in common.
type doseText struct {
	known bool
	dose  []byte
	steps []byte // of its derivation, each with a comma before it
}

// A ruleText is what the check-ins or observations of one rule have in common.
type ruleText struct {
	known  bool
	about  []byte    // mode and measure
	origin [2]origin // of check-ins, and of observations
}

// begin makes ready for a schedule.
func (w *encoder) begin(s *schedule.Schedule) {
	var checkIns *protocol.CheckIn
	if len(s.CheckIns) > 0 {
		checkIns = &s.CheckIns[0]
	}
	if k := &w.kept; k.protocol != s.Protocol || k.checkIns != checkIns {
		k.protocol, k.checkIns, k.head = s.Protocol, checkIns, nil
		k.needs, k.rules = make([][2]*[]byte, len(s.Phases)), make([]ruleText, len(s.CheckIns))
		k.named, k.doses = [len(k.named)]nameText{}, nil
		k.first = slices.ContainsFunc(s.Protocol.Requirements, func(r protocol.Requirement) bool { return r.First })
	}
	if k := &w.kept; k.asked == nil || !slices.Equal(k.confirm, s.Confirm) {
		k.confirm, k.asked = s.Confirm, view.Questions(s)
		k.toConfirm = view.ToConfirm(k.asked)
	}
	w.s, w.first = s, nil
	w.today.text = w.today.text[:0]
	w.wait.on = schedule.Waits{}
	w.phases = slices.Grow(w.phases[:0], len(s.Phases))[:len(s.Phases)]
	for i := range w.phases {
		w.phases[i].forget()
	}
	w.doses = w.dosesOf(s)
	for i := range s.Events {
		if s.Events[i].Kind == schedule.Dose {
			w.first = &s.Events[i]
			break
		}
	}
}

// maxDoses is how many lists of amounts are kept in words for schedules to come.
const maxDoses = 1024

// dosesOf returns what doses of each amount have in common, as far as it was put into words.
// Schedules of patients who measure alike have one list of amounts.
func (w *encoder) dosesOf(s *schedule.Schedule) []doseText {
	if len(s.Doses) == 0 {
		return nil
	}
	k := &w.kept
	list := k.doses[&s.Doses[0]]
	if list == nil {
		list = make([]doseText, len(s.Doses))
		if k.doses == nil || len(k.doses) == maxDoses {
			k.doses = map[*schedule.DoseInfo][]doseText{}
		}
		k.doses[&s.Doses[0]] = list
	}
	return list
}

// event appends an event with all that is said of it.
func (w *encoder) event(b []byte, e *schedule.Event) []byte {
	b = append(append(append(b, `{"kind":"`...), e.Kind.String()...), `",`...)
	b = w.when(b, e)
	b = w.what(b, e)
	return append(w.explanation(b, e), '}')
}

// waits appends the check-ins that an event waits for: by name, and each with its number and its day.
func (w *encoder) waits(b []byte, e *schedule.Event) []byte {
	if w.wait.on != e.Waits {
		w.wait = waitText{e.Waits, w.waitsFor(w.wait.text[:0], e)}
	}
	return append(b, w.wait.text...)
}

func (w *encoder) waitsFor(b []byte, e *schedule.Event) []byte {
	b = appendString(append(b, `,"gate":`...), strings.Join(w.s.Gates(e), " and "))
	b = append(b, `,"waits_for":[`...)
	for k, x := range waits(w.s, e) {
		if k > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"check_in":`...), x.CheckIn)
		b = strconv.AppendInt(append(b, `,"number":`...), int64(x.Number), 10)
		if x.Date != "" {
			b = appendString(append(b, `,"date":`...), x.Date)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// what appends what an event is, but for when it is and what events like it have in common.
func (w *encoder) what(b []byte, e *schedule.Event) []byte {
	b = append(b, w.named(e)...)
	b = strconv.AppendInt(b, int64(e.Number), 10)
	b = append(append(append(b, `,"status":"`...), e.Status.String()...), '"')
	if e.Waits.Any() {
		b = w.waits(b, e)
	}
	if e.Date != e.Target {
		b = append(e.Target.Append(append(b, `,"target":"`...)), '"')
	}
	if x := w.s.Window(e); x != (protocol.Window{}) {
		b = strconv.AppendInt(append(b, `,"window":{"before":`...), int64(x.Before), 10)
		b = append(strconv.AppendInt(append(b, `,"after":`...), int64(x.After), 10), '}')
	}
	if w.s.Unwritten(e) {
		b = append(b, `,"unrecorded":true`...)
	}
	if e.Status == schedule.Held && e.Fit == schedule.LeftOut {
		b = append(b, `,"left_out":true`...)
	}
	switch e.Kind {
	case schedule.Dose:
		b = append(b, w.doseOf(e).dose...)
		if site := w.s.Site(e); site != "" {
			b = appendString(append(b, `,"site":`...), site)
		}
	case schedule.Supply:
		b = w.supply(b, e)
	case schedule.CheckIn:
		part := writer{b}
		part.someTexts("decides", view.Decides(w.s, e))
		part.some("decision", w.s.Decision(e))
		b = part.b
	default:
		b = strconv.AppendInt(append(b, `,"of_dose":`...), int64(w.s.Events[e.Of].Number), 10)
		b = strconv.AppendInt(append(b, `,"minutes_after_dose":`...), int64(e.After), 10)
	}
	return b
}

// line appends an event but for what the explanation says that it names.
func (w *encoder) line(b []byte, i int) []byte {
	e := &w.s.Events[i]
	b = append(append(append(b, `{"kind":"`...), e.Kind.String()...), `",`...)
	b = w.what(w.instant(b, e), e)
	return append(strconv.AppendInt(append(b, `,"explained":`...), int64(w.same.of[i]), 10), '}')
}

// A likeness says which events of a calendar have one explanation.
type likeness struct {
	of    []int32    // by event: which of the explanations is its own
	doses [][2]int32 // by amount: the explanation of its doses and of the first dose, from 1; 0 for none yet
	rules [][2]int32 // by rule: that of its check-ins, and of its observations
}

// explained appends the explanations of a calendar, each told of the first of the events that have it.
func (w *encoder) explained(b []byte) []byte {
	l := &w.same
	l.of = slices.Grow(l.of[:0], len(w.s.Events))[:len(w.s.Events)]
	l.doses = slices.Grow(l.doses[:0], len(w.s.Doses))[:len(w.s.Doses)]
	l.rules = slices.Grow(l.rules[:0], len(w.s.CheckIns))[:len(w.s.CheckIns)]
	clear(l.doses)
	clear(l.rules)
	b = append(b, `,"explained":[`...)
	n := int32(0)
	for i := range w.s.Events {
		e := &w.s.Events[i]
		known := w.alike(e)
		if known != nil && *known > 0 {
			l.of[i] = *known - 1
			continue
		}
		l.of[i] = n
		if n++; known != nil {
			*known = n
		}
		if n > 1 {
			b = append(b, ',')
		}
		start := len(b)
		b = append(w.explanation(b, e), '}')
		b[start] = '{' // in the place of a comma
	}
	return append(b, ']')
}

// alike returns where the explanation stands that an event has in common with others, or nil where it has its own.
func (w *encoder) alike(e *schedule.Event) *int32 {
	l := &w.same
	switch {
	case moved(e):
		return nil
	case e.Kind == schedule.CheckIn:
		return &l.rules[e.Rule][0]
	case e.Kind == schedule.Observation:
		return &l.rules[e.Rule][1]
	case e == w.first && w.kept.first:
		return &l.doses[e.Dose][1]
	}
	return &l.doses[e.Dose][0]
}

// moved reports whether an event has something to explain that those of its rule have not.
func moved(e *schedule.Event) bool {
	return e.Kind == schedule.Supply || e.Date != e.Target || e.Shift != civil.Unshifted || e.Fit != schedule.Usual
}

// explanation appends the members of an event that events like it have in common: how it takes place, what must be so
// for it, and how it came about.
func (w *encoder) explanation(b []byte, e *schedule.Event) []byte {
	switch e.Kind {
	case schedule.Dose:
		b = append(b, w.requirements(e)...)
	case schedule.CheckIn, schedule.Observation:
		b = append(b, w.rule(e).about...)
	}
	return w.derivation(b, e)
}

// when appends when an event is: its instant in RFC 3339, with the offset of the patient's clocks, and its
// date, time, day and week.
func (w *encoder) when(b []byte, e *schedule.Event) []byte {
	d, seconds := w.day(e)
	n := len(b)
	b = append(b, d.text...)
	d.at(b[n:], seconds)
	e.Clock.Append(b[n+d.time : n+d.time])
	return b
}

// instant is when for a line: the instant and the day.
func (w *encoder) instant(b []byte, e *schedule.Event) []byte {
	d, seconds := w.day(e)
	n := len(b)
	b = append(b, d.line...)
	d.at(b[n:], seconds)
	return b
}

// at writes a clock time, in seconds of its day, over that of a text of the day.
func (d *dayText) at(text []byte, seconds int64) {
	clock := civil.Clock(seconds / 60).Append(text[d.clock:d.clock])
	_ = append(clock, ':', byte('0'+seconds%60/10), byte('0'+seconds%10))
}

// day returns the texts of the day of an event, and the seconds of it that have passed on the patient's clocks.
func (w *encoder) day(e *schedule.Event) (*dayText, int64) {
	const day = 86400
	seconds := e.At + int64(e.Offset) - e.Date.Unix(0) // on the patient's clocks
	days := 0
	for ; seconds < 0; days-- {
		seconds += day
	}
	for ; seconds >= day; days++ {
		seconds -= day
	}
	d, local := &w.today, e.Date.AddDays(days)
	if len(d.text) == 0 || d.date != e.Date || d.local != local || d.offset != e.Offset || d.day != e.Day {
		d.date, d.local, d.offset, d.day = e.Date, local, e.Offset, e.Day
		d.write(w.s.Week(e))
	}
	return d, seconds
}

// write makes the text anew.
func (d *dayText) write(week int) {
	b := append(d.text[:0], `"start":"`...)
	b = append(d.local.Append(b), 'T')
	d.clock = len(b)
	b = append(b, "00:00:00"...)
	switch minutes := d.offset / 60; {
	case d.offset == 0:
		b = append(b, 'Z')
	case minutes < 0:
		b = civil.Clock(-minutes).Append(append(b, '-'))
	default:
		b = civil.Clock(minutes).Append(append(b, '+'))
	}
	d.line = strconv.AppendInt(append(append(d.line[:0], b...), `","day":`...), int64(d.day), 10)
	b = d.date.Append(append(b, `","date":"`...))
	b = append(b, `","time":"`...)
	d.time = len(b)
	b = strconv.AppendInt(append(b, `00:00","day":`...), int64(d.day), 10)
	d.text = strconv.AppendInt(append(b, `,"week":`...), int64(week), 10)
}

// named returns what an event is called, up to its number.
func (w *encoder) named(e *schedule.Event) []byte {
	t := &w.kept.named[e.Kind]
	if t.text == nil || t.phase != e.Phase || t.rule != e.Rule {
		name := ""
		switch e.Kind {
		case schedule.Dose:
			name = "dose"
		case schedule.Supply:
			name = "fill"
		default:
			name = w.s.CheckIn(e).Name
		}
		part := writer{append(t.text[:0], '"')} // after which a comma is wanted
		part.some("phase", w.s.PhaseName(e))
		part.text("name", name)
		part.key("number")
		*t = nameText{e.Phase, e.Rule, part.b}
	}
	return t.text[1:]
}

func (w *encoder) supply(b []byte, e *schedule.Event) []byte {
	f := w.s.Fill(e)
	part := writer{b}
	part.key("supply")
	part.raw("{")
	part.text("amount", f.Total.Decimal())
	part.text("unit", f.Total.Unit().String())
	part.number("doses", f.Doses)
	part.text("medication", f.Medication.Name)
	part.text("route", f.Route.Name)
	part.text("first", f.First.String())
	part.text("last", f.Last.String())
	part.truth("complete", !f.Cut)
	if made := dispenseOf(w.s, e); made != nil {
		part.key("dispense")
		part.dispense(made)
	}
	part.raw("}")
	return part.b
}

// rule returns what check-ins or observations of the rule of an event have in common.
func (w *encoder) rule(e *schedule.Event) *ruleText {
	rule := &w.kept.rules[e.Rule]
	if !rule.known {
		c := w.s.CheckIn(e)
		part := writer{[]byte{'"'}} // before which no comma is wanting
		part.some("title", c.Title)
		part.some("mode", string(c.Mode))
		part.someTexts("measure", c.Measure)
		rule.known, rule.about = true, part.b[1:]
	}
	return rule
}

// doseOf returns what doses of the amount of an event have in common.
func (w *encoder) doseOf(e *schedule.Event) *doseText {
	t := &w.doses[e.Dose]
	if t.known {
		return t
	}
	d := w.s.Dose(e)
	part := writer{append(t.dose[:0], `,"dose":{`...)}
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
	*t = doseText{true, part.b, w.appendSteps(t.steps[:0], d.Derivation())}
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
func (w *encoder) derivation(b []byte, e *schedule.Event) []byte {
	b = append(b, `,"derivation":[`...)
	if moved(e) {
		steps := w.s.Derivation(e)
		return append(w.appendSteps(w.appendStep(b, &steps[0]), steps[1:]), ']')
	}
	o := w.originOf(e)
	b = append(b, o.before...)
	if o.numbered {
		n := e.Number
		if e.Kind == schedule.Observation {
			n = e.After
		}
		b = append(strconv.AppendInt(b, int64(n), 10), o.after...)
	}
	if e.Kind == schedule.Dose {
		b = append(b, w.doseOf(e).steps...)
	}
	return append(b, ']')
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
		first := dose.Step{Form: before, Args: step.Args[:last]}
		w.words = first.Append(w.words[:0])
		o.before = appendText(append(o.before, `{"text":"`...), w.words)
		o.after = appendRule(append(appendText(o.after, after), '"'), &step)
	} else {
		o.before = w.appendStep(o.before, &step)
	}
	return o
}

// appendSteps appends steps of a derivation, each with a comma before it.
func (w *encoder) appendSteps(b []byte, steps []dose.Step) []byte {
	for i := range steps {
		b = w.appendStep(append(b, ','), &steps[i])
	}
	return b
}

func (w *encoder) appendStep(b []byte, s *dose.Step) []byte {
	w.words = s.Append(w.words[:0])
	return appendRule(append(appendText(append(b, `{"text":"`...), w.words), '"'), s)
}

// appendRule appends the rule of a step, and ends it.
func appendRule(b []byte, s *dose.Step) []byte {
	if s.Rule.IsSet() {
		b = appendString(append(b, `,"rule":`...), s.Rule.String())
	}
	return append(b, '}')
}

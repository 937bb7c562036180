package icalendar

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// title is what an event is called: the medicine, the amount and the route first. What stands
// only if a check-in confirms it, and what does not stand any more, says so before that.
func (w *writer) title(e *schedule.Event, en *entry) string {
	text := ""
	switch {
	case w.cancelled:
		text = "cancelled: "
	case e.Status == schedule.Held && e.Fit == schedule.LeftOut:
		text = "left out: "
	case e.Status == schedule.Held:
		text = "on hold: "
	case e.Status == schedule.Missed:
		text = "missed: "
	case w.Unwritten(e):
		text = "not recorded: "
	case e.Status == schedule.Provisional:
		text = "if confirmed: "
		if gate := w.GateName(e); gate != "" {
			text = "if " + gate + ": "
		}
	}
	switch e.Kind {
	case schedule.Dose:
		return text + w.what(e).amount + view.At(w.Schedule, e) + " (" + w.name(e, en) + ")"
	case schedule.Supply:
		return text + "send " + w.name(e, en) + ": " + view.Contents(w.Schedule, e)
	}
	return text + w.name(e, en) + " (" + string(w.CheckIn(e).Mode) + ")"
}

// name is which of its kind an event is.
func (w *writer) name(e *schedule.Event, en *entry) string {
	switch {
	case e.Kind == schedule.Dose && en.rule == "":
		return w.PhaseName(e) + " dose " + strconv.Itoa(int(e.Number))
	case e.Kind == schedule.Dose:
		return w.PhaseName(e)
	case e.Kind == schedule.CheckIn && en.rule != "":
		return w.CheckIn(e).Title
	}
	return view.Title(w.Schedule, e)
}

// discreet is a title that gives nothing away.
func discreet(e *schedule.Event) string {
	if e.Kind == schedule.CheckIn {
		return "Appointment"
	}
	return "Reminder"
}

// describe writes all that belongs to an event: what it is, what must be so for it, what every
// reader of the schedule must know, and how it came about.
func (w *writer) describe(en *entry, title string) {
	e := &w.Events[en.event]
	w.add("DESCRIPTION:")
	out := w.say(w.line, title)
	if en.rule != "" {
		out = w.say(out, w.recurs(en))
	}
	if w.cancelled {
		out = w.say(out, "Status: cancelled")
	} else {
		out = w.say(out, "Status: "+view.Status(w.Schedule, e))
	}
	if text := view.WindowOf(w.Schedule, e); text != "" && en.rule == "" && !w.cancelled {
		out = w.say(out, text)
	}
	out = append(out, w.ask...)
	out = w.about(out, en.event)
	out = append(out, w.findings...)
	out = w.working(out, e)
	w.line = append(out, w.origin...)
	w.end()
}

// recurs says which events one VEVENT stands for.
func (w *writer) recurs(en *entry) string {
	first, last := &w.Events[en.event], &w.Events[en.last]
	noun := "dose"
	if first.Kind == schedule.CheckIn {
		noun = "check-in"
	}
	return fmt.Sprintf("%s, from number %d to number %d, from %v to %v; the working is that of the first", civil.Plural(en.count, noun), first.Number, last.Number, first.Date, last.Date)
}

// about adds what must be so for an event, and what is done with it.
func (w *writer) about(out []byte, i int32) []byte {
	e := &w.Events[i]
	switch e.Kind {
	case schedule.CheckIn:
		out = w.say(out, view.Detail(w.Schedule, e))
		for _, d := range view.Decides(w.Schedule, e) {
			out = w.say(out, d)
		}
	case schedule.Dose:
		out = append(out, w.required(e, i)...)
		for _, k := range w.watched[i] {
			o := &w.Events[k]
			out = w.say(out, o.Clock.String()+" "+view.Title(w.Schedule, o)+" ("+view.Detail(w.Schedule, o)+")")
		}
	}
	return out
}

// required returns what must be so for a dose; doses of a phase have it in common, but for the
// first.
func (w *writer) required(e *schedule.Event, i int32) []byte {
	known := &w.phases[e.Phase].required
	if i != w.first && *known != nil {
		return *known
	}
	out := []byte{}
	for _, text := range w.Requirements(e) {
		out = w.say(out, text)
	}
	if i != w.first {
		*known = out
	}
	return out
}

// A common is what the doses of a phase have in common, escaped.
type common struct {
	required []byte
	origin   []byte // how a dose came to its day, up to its number
}

// A given is what is said of one amount.
type given struct {
	amount  string
	working []byte // escaped
}

// what returns what is said of the amount of a dose.
func (w *writer) what(e *schedule.Event) *given {
	g := &w.given[e.Dose]
	if g.amount == "" {
		g.amount = view.AmountOf(w.Dose(e))
		if made := view.Dispense(w.Schedule, e); made != "" {
			g.working = w.say(g.working, "made up of "+made)
		}
		for _, step := range w.Dose(e).Derivation() {
			g.working = w.say(g.working, step.String())
		}
	}
	return g
}

// working adds how an event came about: to its day, and to its amount.
func (w *writer) working(out []byte, e *schedule.Event) []byte {
	if e.Kind != schedule.Dose {
		return w.steps(out, w.Derivation(e))
	}
	arithmetic := w.what(e).working
	known := &w.phases[e.Phase].origin
	if e.Date == e.Target && e.Shift == civil.Unshifted && e.Fit == schedule.Usual {
		number := strconv.Itoa(int(e.Number))
		if *known == nil {
			text := w.Derivation(e)[0].String()
			if before, ok := strings.CutSuffix(text, " "+number); ok {
				*known = escape([]byte{}, before+" ")
			}
		}
		if *known != nil {
			return append(append(append(append(out, *known...), number...), `\n`...), arithmetic...)
		}
	}
	steps := w.Derivation(e)
	out = w.steps(out, steps[:len(steps)-len(w.Dose(e).Derivation())])
	return append(out, arithmetic...)
}

func (w *writer) steps(out []byte, steps []dose.Step) []byte {
	for _, step := range steps {
		out = w.say(out, step.String())
	}
	return out
}

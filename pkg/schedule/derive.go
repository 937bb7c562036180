package schedule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// Derivation returns how e came about: the rule that put it on its day, what moved it, and
// the arithmetic of its dose.
func (s *Schedule) Derivation(e *Event) []dose.Step {
	steps := []dose.Step{s.Origin(e)}
	add := func(form string, args ...any) { steps = append(steps, dose.Step{Form: form, Args: args}) }
	switch {
	case e.Kind == Supply && e.Date.Before(e.Target):
		add("earlier than %v, which is closed", e.Target)
	case e.Kind == Supply && e.Date.After(e.Target):
		add("later than %v: it was not known before that it is needed", e.Target)
	case e.Date != e.Target && (e.Kind == Dose || e.Kind == CheckIn):
		days, way := e.Date.Sub(e.Target), "later"
		if days < 0 {
			days, way = -days, "earlier"
		}
		form := "moved from %s off a closed day, out of its way, or to keep a limit: %s %s"
		if !e.OffDay() { // it took place then, or was to
			form = "on another day than planned, %s: %s %s"
		}
		add(form, e.Target.WithWeekday(), civil.Plural(days, "day"), way)
	}
	if text := e.ShiftNote(); text != "" {
		add("%s", text)
	}
	switch e.Fit {
	case InsideHours:
		add("the usual time lies outside the clinic's hours; %v is the nearest inside them", e.Clock)
	case LeftOut:
		add("left out, by order")
	case BeforeDose:
		add("the usual time lies after the dose that it decides about; it is held before that, at %v", e.Clock)
	}
	if e.Kind == Dose {
		steps = append(steps, s.Doses[e.Dose].Derivation()...)
	}
	return steps
}

// Origin returns the rule that put e on its day: the first step of its derivation. Those of the
// doses of one phase differ in their last operand alone, the number of the dose; those of one
// rule's observations in the minutes after it, and those of its check-ins not at all.
func (s *Schedule) Origin(e *Event) dose.Step {
	step := func(rule diag.Range, form string, args ...any) dose.Step {
		return dose.Step{Form: form, Args: args, Rule: rule}
	}
	switch e.Kind {
	case Dose:
		if e.Number == 0 {
			return step(diag.Range{}, "%s: beside the plan", s.PhaseName(e))
		}
		info := &s.Phases[e.Phase]
		name := info.Phase.Name
		if only := info.Phase.For; only != nil {
			name += " (for " + only.Text + ")"
		}
		return step(info.Frequency.Range, "%s: %s, from %v, dose %d", name, info.Frequency.Text, info.Day1, e.Number)
	case CheckIn:
		c := s.CheckIn(e)
		name := c.Name
		if c.For != nil {
			name += " (for " + c.For.Text + ")"
		}
		return step(c.Range, "%s: %s", name, describe(c))
	case Supply:
		rule := &s.Protocol.Supply
		if rule.Lead.IsSet() {
			return step(rule.Range, "fill %d: one every %v, from the dose of %v on, sent %v before it", e.Number, rule.Fill, s.Fill(e).First, rule.Lead)
		}
		return step(rule.Range, "fill %d: one every %v, from the dose of %v on", e.Number, rule.Fill, s.Fill(e).First)
	}
	c := s.CheckIn(e)
	return step(c.Range, "%s: %d minutes after the dose", c.Name, e.After)
}

// ShiftNote says what a change of the clocks did to e, or "".
func (e *Event) ShiftNote() string {
	switch e.Shift {
	case civil.Skipped:
		return fmt.Sprintf("%v does not exist on this day, the clocks go forward; the first time after it is taken", e.Wanted)
	case civil.Repeated:
		return fmt.Sprintf("%v comes twice on this day, the clocks go back; the first is taken", e.Wanted)
	}
	return ""
}

func describe(c *protocol.CheckIn) string {
	switch {
	case c.Every.IsSet():
		return "every " + c.Every.String()
	case c.Before:
		return fmt.Sprintf("before the first dose, within %v", c.Within)
	}
	texts := make([]string, len(c.On))
	for i, w := range c.On {
		texts[i] = w.Text
	}
	return "on " + strings.Join(slices.Compact(texts), ", ") // the doses of a phase one by one have one text
}

package terminal

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// Agenda writes a document day by day, with all that belongs to each event.
func Agenda(w io.Writer, d *view.Document) error {
	return each(w, d, (*page).agenda)
}

func (p *page) agenda(s *schedule.Schedule) error {
	var day civil.Date
	for i := range s.Events {
		e := &s.Events[i]
		if e.Date != day {
			if day = e.Date; i > 0 {
				p.line("")
			}
			p.line("%s  %s", p.style(bold, view.Date(day)), p.style(dim, fmt.Sprintf("day %d", e.Day)))
		}
		text := fmt.Sprintf("%v  %s: %s", e.Clock, strings.TrimSpace(s.PhaseNameIfDose(e)+" "+view.Title(s, e)), view.Detail(s, e))
		if e.Status != schedule.Planned || s.Unwritten(e) {
			text += " — " + view.Status(s, e)
		}
		for k, l := range Wrap(text, p.o.Width-9) {
			indent := "  "
			if k > 0 {
				indent = "         "
			}
			if e.Status == schedule.Provisional {
				l = p.style(yellow, l)
			}
			p.line("%s%s", indent, l)
		}
		var more []string
		if text := view.Moved(e); text != "" {
			more = append(more, text)
		}
		if text := view.WindowOf(s, e); text != "" {
			more = append(more, text)
		}
		if text := e.ShiftNote(); text != "" {
			more = append(more, text)
		}
		if e.Kind == schedule.Dose {
			more = append(more, s.Requirements(e)...)
		}
		more = append(more, view.Decides(s, e)...)
		if p.o.Explain {
			for _, d := range s.Derivation(e) {
				more = append(more, "= "+d.String())
			}
		}
		for _, m := range more {
			for k, l := range Wrap(m, p.o.Width-11) {
				mark := "- "
				if k > 0 {
					mark = "  "
				}
				p.line("         %s%s", mark, l)
			}
		}
	}
	p.line("")
	return nil
}

// Month writes a document as a grid of weeks for each month. A cell holds up to as many
// events as fit; doses show their amount, check-ins their name, and provisional events end
// with a question mark.
func Month(w io.Writer, d *view.Document) error {
	return each(w, d, (*page).months)
}

func (p *page) months(s *schedule.Schedule) error {
	cell := max((p.o.Width-1)/7, 8)
	byDate := map[civil.Date][]string{}
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Observation {
			byDate[e.Date] = append(byDate[e.Date], cellLines(s, e, cell-1)...)
		}
	}
	if len(s.Events) > 0 {
		last := s.Events[len(s.Events)-1].Date
		for m := firstOfMonth(s.Events[0].Date); !m.After(last); m = m.AddMonths(1) {
			p.month(m, cell, byDate)
		}
	}
	for _, text := range medicines(s) {
		p.faint("Amounts are of " + text + ".")
	}
	if len(s.Events) > 0 {
		p.faint("A question mark: stands only if a check-in before it confirms it.")
	}
	if slices.ContainsFunc(s.Events, func(e schedule.Event) bool { return e.Status > schedule.Provisional }) {
		p.faint(marks[schedule.Taken] + " given or done, " + marks[schedule.Missed] + " missed, " + marks[schedule.Held] + " held.")
	}
	if slices.ContainsFunc(s.Events, func(e schedule.Event) bool { return s.Unwritten(&e) }) {
		p.faint(unrecorded + " its day is over, and nothing is written down of it.")
	}
	if short := cutShort(s, cell-1); len(short) > 0 {
		p.faint("» a check-in; in full: " + strings.Join(short, ", ") + ".")
	}
	p.line("")
	p.rules(s)
	return nil
}

// cutShort returns the names of the check-ins that have no room in cells of a width.
func cutShort(s *schedule.Schedule, width int) (names []string) {
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.CheckIn {
			continue
		}
		if name := s.CheckIn(e).Name; condition.StringWidth("»"+name+"?") > width && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// medicines names what is given and by which route, each once.
func medicines(s *schedule.Schedule) []string {
	var list []string
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			d := s.Dose(e)
			text := d.Medication.Name + " " + d.Route.Words()
			if d.Route.Over.IsSet() {
				text += " over " + d.Route.Over.String()
			}
			if !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	return list
}

func firstOfMonth(d civil.Date) civil.Date {
	y, m, _ := d.Parts()
	return civil.NewDate(y, m, 1)
}

// marks stand after the events of a month that are not simply planned.
var marks = [...]string{schedule.Planned: "", schedule.Provisional: "?", schedule.Taken: "✓", schedule.Missed: "×", schedule.Held: "–"}

// unrecorded marks what was planned for a day that is over, and of which nothing is written down.
const unrecorded = "¿"

// cellLines says an event in lines of a width. An amount is broken before its unit at the most, and neither is cut; nor
// is a mark.
func cellLines(s *schedule.Schedule, e *schedule.Event, width int) []string {
	mark := marks[e.Status]
	if s.Unwritten(e) {
		mark = unrecorded
	}
	switch e.Kind {
	case schedule.Supply:
		return []string{cut("+"+view.Title(s, e), width, mark)}
	case schedule.CheckIn:
		return []string{cut("»"+s.CheckIn(e).Name, width, mark)}
	}
	lines := Wrap(s.Dose(e).Amount.String(), width)
	if len(s.Protocol.Medications) > 1 {
		name := s.Dose(e).Medication.Name
		if last := lines[len(lines)-1]; condition.StringWidth(last+" "+name+mark) <= width {
			lines[len(lines)-1] = last + " " + name + mark
			return lines
		}
		return append(lines, cut(name, width, mark))
	}
	if last := lines[len(lines)-1]; condition.StringWidth(last+mark) > width {
		number, unit, _ := strings.Cut(last, " ")
		return append(lines[:len(lines)-1], number, unit+mark)
	}
	lines[len(lines)-1] += mark
	return lines
}

func (p *page) month(first civil.Date, cell int, byDate map[civil.Date][]string) {
	y, m, _ := first.Parts()
	p.line("%s", p.style(bold, fmt.Sprintf("%s %d", m, y)))
	var head strings.Builder
	for i := range 7 {
		head.WriteString(pad(frequency.WeekdayName(time.Weekday((i+p.o.WeekStart)%7)), cell))
	}
	p.line("%s", p.style(dim, strings.TrimRight(head.String(), " ")))
	next := first.AddMonths(1)
	start := first.AddDays(-((int(first.Weekday()) - p.o.WeekStart + 7) % 7))
	for ; start.Before(next); start = start.AddDays(7) {
		var numbers strings.Builder
		depth := 0
		for i := range 7 {
			d := start.AddDays(i)
			if d.Before(first) || !d.Before(next) {
				numbers.WriteString(strings.Repeat(" ", cell))
				continue
			}
			_, _, n := d.Parts()
			numbers.WriteString(pad(fmt.Sprint(n), cell))
			depth = max(depth, len(byDate[d]))
		}
		p.line("%s", p.style(dim, strings.TrimRight(numbers.String(), " ")))
		for row := range depth {
			var line strings.Builder
			for i := range 7 {
				d := start.AddDays(i)
				text := ""
				if list := byDate[d]; row < len(list) && !d.Before(first) && d.Before(next) {
					text = list[row]
				}
				line.WriteString(pad(text, cell))
			}
			p.line("%s", line.String())
		}
	}
	p.line("")
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-condition.StringWidth(text), 0))
}

// cut shortens a text to a width that a mark after it has too, and says so.
func cut(text string, width int, mark string) string {
	if condition.StringWidth(text+mark) <= width {
		return text + mark
	}
	return condition.Truncate(text, width, "…"+mark)
}

package terminal

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// Narrow is the width under which a table has a column less: what would stand in it stands below.
const Narrow = 72

// Table writes a document as a table for each phase, its weeks set apart.
func Table(w io.Writer, d *view.Document) error {
	return each(w, d, (*page).phases)
}

func (p *page) phases(s *schedule.Schedule) error {
	for _, g := range groups(s) {
		p.phaseTitle(s, g)
		if err := p.groupTable(s, g); err != nil {
			return err
		}
		p.line("")
		if p.o.Explain {
			p.working(s, g)
		}
	}
	p.legend(s)
	return nil
}

// A group is the events that stand under one title.
type group struct {
	phase  int  // or None: before the first dose, or phases side by side
	mixed  bool // phases side by side
	events []int
}

// groups splits the events by phase, where phases follow each other. Where they run side by
// side everything stands in one group, and rows name their phase.
func groups(s *schedule.Schedule) []group {
	mixed := interleaved(s)
	var list []group
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind == schedule.Observation {
			continue
		}
		phase := schedule.None
		if n := len(list); n > 0 {
			phase = list[n-1].phase
		}
		if e.Kind == schedule.Dose && !mixed {
			phase = int(e.Phase)
		}
		if n := len(list); n == 0 || list[n-1].phase != phase {
			list = append(list, group{phase: phase, mixed: mixed})
		}
		g := &list[len(list)-1]
		g.events = append(g.events, i)
	}
	return list
}

// interleaved reports whether doses of one phase come between those of another.
func interleaved(s *schedule.Schedule) bool {
	seen, present := map[int16]bool{}, int16(schedule.None)
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose && e.Phase != present {
			if seen[e.Phase] {
				return true
			}
			present, seen[e.Phase] = e.Phase, true
		}
	}
	return false
}

func (p *page) phaseTitle(s *schedule.Schedule, g group) {
	switch {
	case g.mixed:
		p.line("%s", p.style(bold, "Doses and check-ins"))
		for i := range s.Phases {
			ph := &s.Phases[i]
			p.paragraph(fmt.Sprintf("%s: %s", ph.Phase.Title, view.PhaseRule(ph)))
		}
	case g.phase == schedule.None:
		title := "Before the first dose"
		if len(s.Protocol.Phases) == 0 {
			title = "Check-ins"
		}
		p.line("%s", p.style(bold, title))
		return
	default:
		ph := &s.Phases[g.phase]
		for i, l := range Wrap(ph.Phase.Title+": "+view.PhaseRule(ph), p.o.Width) {
			if rest, ok := strings.CutPrefix(l, ph.Phase.Title); ok && i == 0 {
				l = p.style(bold, ph.Phase.Title) + rest
			}
			p.line("%s", l)
		}
	}
	for _, line := range view.EachDose(s, g.events, func(i int) []string { return observations(s, i) }) {
		p.paragraph(line)
	}
	if made := madeUp(s, g); len(made) > 0 {
		p.paragraph("made up of: " + strings.Join(made, "; "))
	}
}

// rules writes, below a picture that has no room for it, when doses are given, and what belongs to each.
func (p *page) rules(s *schedule.Schedule) {
	for _, g := range groups(s) {
		var clocks []civil.Clock
		for _, i := range g.events {
			if e := &s.Events[i]; e.Kind == schedule.Dose && !slices.Contains(clocks, e.Clock) {
				clocks = append(clocks, e.Clock)
			}
		}
		if len(clocks) == 0 {
			continue
		}
		p.phaseTitle(s, g)
		slices.Sort(clocks)
		const many = 6
		if more := len(clocks) - many; more > 0 {
			p.paragraph(fmt.Sprintf("doses at %s and at %s", civil.JoinClocks(clocks[:many]), civil.Plural(more, "other time")))
		} else {
			p.paragraph("doses at " + civil.JoinClocks(clocks))
		}
		p.line("")
	}
	p.checkIns(s)
}

// checkIns writes how check-ins are held, what they measure and what they decide; those of a rule together that are alike.
func (p *page) checkIns(s *schedule.Schedule) {
	type sort struct {
		rule int16
		text string
	}
	var sorts []sort
	first, last := map[sort]*schedule.Event{}, map[sort]*schedule.Event{}
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.CheckIn {
			continue
		}
		k := sort{e.Rule, strings.Join(append([]string{view.Detail(s, e)}, view.Decides(s, e)...), "; ")}
		if first[k] == nil {
			sorts, first[k] = append(sorts, k), e
		}
		last[k] = e
	}
	if len(sorts) == 0 {
		return
	}
	p.line("%s", p.style(bold, "Check-ins"))
	for _, k := range sorts {
		when := fmt.Sprintf("%s, %s %v", view.Title(s, first[k]), view.Date(first[k].Date), first[k].Clock)
		if last[k] != first[k] {
			when = fmt.Sprintf("%s to %s, %s to %s", view.Title(s, first[k]), view.Title(s, last[k]), view.Date(first[k].Date), view.Date(last[k].Date))
		}
		p.bullet(when + ": " + k.text)
	}
	p.line("")
}

// madeUp says of each amount in a group what makes it up, once: a row has no room for it.
func madeUp(s *schedule.Schedule, g group) []string {
	var said []string
	for _, i := range g.events {
		e := &s.Events[i]
		made := view.Dispense(s, e)
		if made == "" || e.Kind != schedule.Dose {
			continue
		}
		amount := s.Dose(e).Amount.String()
		if g.mixed {
			amount += " " + s.Dose(e).Medication.Name
		}
		if text := amount + " = " + made; !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	return said
}

// what says what an event of a table is about; what makes doses up stands above the table.
func what(s *schedule.Schedule, e *schedule.Event) string {
	if e.Kind == schedule.Dose {
		return view.Amount(s, e)
	}
	return view.Detail(s, e)
}

func (p *page) groupTable(s *schedule.Schedule, g group) error {
	narrow := p.o.Width < Narrow
	var rows [][]string
	week := -1
	for _, i := range g.events {
		e := &s.Events[i]
		weekText := ""
		if w := s.Week(e); w != week {
			week = w
			weekText = fmt.Sprint(w)
			if w == 0 {
				weekText = ""
			}
		}
		title := view.Title(s, e)
		if g.mixed && e.Kind == schedule.Dose {
			title = s.PhaseName(e) + " " + title
		}
		switch e.Kind {
		case schedule.CheckIn:
			title = "» " + title
		case schedule.Supply:
			title = "+ " + title
		}
		var more []string
		if narrow {
			rows = append(rows, []string{fmt.Sprint(e.Day), view.Date(e.Date), e.Clock.String(), title, status(s, e)})
			more = append(more, what(s, e))
		} else {
			rows = append(rows, []string{weekText, fmt.Sprint(e.Day), view.Date(e.Date), e.Clock.String(), title, what(s, e), status(s, e)})
		}
		if text := view.Moved(e); text != "" {
			more = append(more, text)
		}
		more = append(more, view.Decides(s, e)...)
		for _, text := range more {
			if narrow {
				rows = append(rows, []string{"", "", "", text, ""})
			} else {
				rows = append(rows, []string{"", "", "", "", "", text, ""})
			}
		}
	}
	if narrow {
		return p.table([]string{"DAY", "DATE", "TIME", "EVENT", "STATUS"}, rows, 1, 3)
	}
	return p.table([]string{"WEEK", "DAY", "DATE", "TIME", "EVENT", "WHAT", "STATUS"}, rows, 2, 5)
}

// status is short in a table, and explained below it.
func status(s *schedule.Schedule, e *schedule.Event) string {
	if s.Unwritten(e) {
		return view.Status(s, e)
	}
	if gate := s.GateName(e); gate != "" && e.Status == schedule.Provisional {
		return "if " + gate
	}
	if e.Status == schedule.Provisional {
		return e.Status.String()
	}
	return view.Status(s, e)
}

// legend explains the short form of a provisional event.
func (p *page) legend(s *schedule.Schedule) {
	var gates []string
	for i := range s.Events {
		e := &s.Events[i]
		if e.Status != schedule.Provisional || s.Unwritten(e) {
			continue
		}
		names, form := s.Gates(e), "if %s: provisional; it stands only if the check-in “%s” confirms it."
		if len(names) > 1 {
			form = "if %s: provisional; it stands only if the check-ins “%s” confirm it."
		}
		if text := strings.Join(names, "” and “"); text != "" && !slices.Contains(gates, text) {
			gates = append(gates, text)
			p.paragraph(fmt.Sprintf(form, strings.Join(names, " and "), text))
		}
	}
	if len(gates) > 0 {
		p.line("")
	}
}

// working writes the derivation of every event of a group.
func (p *page) working(s *schedule.Schedule, g group) {
	p.line("%s", p.style(bold, "Working"))
	for _, i := range g.events {
		e := &s.Events[i]
		p.line("  %s %v  %s", view.Date(e.Date), e.Clock, view.Title(s, e))
		for _, step := range s.Derivation(e) {
			text := step.String()
			if step.Rule.IsSet() {
				text += " [" + step.Rule.String() + "]"
			}
			for k, l := range Wrap(text, p.o.Width-8) {
				mark := "    = "
				if k > 0 {
					mark = "      "
				}
				p.line("%s%s", mark, l)
			}
		}
	}
	p.line("")
}

// table draws rows without borders, the first columns of figures to the right; the cells of one column are wrapped so that the
// table fits the width.
func (p *page) table(head []string, rows [][]string, figures, flex int) error {
	limits := p.fit(head, rows, flex)
	lines := [][]string{head}
	for _, r := range rows {
		lines = append(lines, wrapped(r, limits)...)
	}
	widths := make([]int, len(head))
	for _, l := range lines {
		for c := range l {
			widths[c] = max(widths[c], condition.StringWidth(l[c]))
		}
	}
	for i, cells := range lines {
		var b strings.Builder
		for c, text := range cells {
			if i > 0 && c < figures {
				text = condition.FillLeft(text, widths[c])
			}
			b.WriteString(condition.FillRight(text, widths[c]) + "  ")
		}
		l := strings.TrimRight(b.String(), " ")
		switch {
		case i == 0:
			l = p.style(dim, l)
		case strings.Contains(l, "  if "):
			l = p.style(yellow, l)
		}
		p.line("%s", l)
	}
	return nil
}

// wrapped returns the lines of one row, each cell wrapped to the width of its column.
func wrapped(row []string, widths []int) [][]string {
	var lines [][]string
	for c, text := range row {
		for i, l := range Wrap(text, widths[c]) {
			if i == len(lines) {
				lines = append(lines, make([]string, len(row)))
			}
			lines[i][c] = l
		}
	}
	return lines
}

// fit returns the width to which the cells of each column are wrapped: the flexible column
// takes what the others leave, and where that is too little, the one before it gives way.
func (p *page) fit(head []string, rows [][]string, flex int) []int {
	const least, narrowest, gap = 20, 12, 2
	widths := make([]int, len(head))
	room := p.o.Width
	for c := range head {
		widths[c] = condition.StringWidth(head[c])
		for _, r := range rows {
			widths[c] = max(widths[c], condition.StringWidth(r[c]))
		}
		if c != flex {
			room -= widths[c] + gap
		}
	}
	if want := min(widths[flex], least); room < want && flex > 0 && widths[flex-1] > narrowest {
		give := min(want-room, widths[flex-1]-narrowest)
		widths[flex-1] -= give
		room += give
	}
	for (p.o.Width < Narrow || !p.list) && room < min(widths[flex], narrowest) { // the widest of the others
		at := -1
		for c := range widths {
			if c != flex && widths[c] > narrowest && (at < 0 || widths[c] >= widths[at]) {
				at = c
			}
		}
		if at < 0 {
			break
		}
		widths[at]--
		room++
	}
	widths[flex] = max(room, narrowest)
	return widths
}

// List writes rows under a head as a plain table, for lists of anything.
func List(w io.Writer, head []string, rows [][]string, flex int, o view.Options) error {
	p := &page{o: &o, list: true}
	if err := p.table(head, rows, 0, flex); err != nil {
		return err
	}
	_, err := io.WriteString(w, view.CleanLines(p.String(), o.Color))
	return err
}

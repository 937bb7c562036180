package page

import (
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// A Box is the mark beside an event.
type Box uint8

// The marks.
const (
	NoBox Box = iota
	OpenBox
	MaybeBox
	DoneBox
	VisitBox
)

// A Mark is a mark of the calendar and what it means.
type Mark struct {
	Box  Box
	Text phrase.Words
}

// A Month is a grid of one month.
type Month struct {
	Name     string
	Caption  phrase.Words
	Weekdays []Weekday
	Weeks    [][7]Cell
}

// A Weekday is the head of a column.
type Weekday struct{ Short, Full string }

// A Cell is one day.
type Cell struct {
	Out   bool // of another month
	Day   int
	Date  string // in full, for who hears it
	Maybe bool   // all its doses stand only if a check-in confirms them
	Rest  phrase.Words
	Items []Item
	Notes []phrase.Words
}

// An Item is one event of a day.
type Item struct {
	Box    Box
	Visit  bool
	Letter string
	Head   phrase.Words // the amount, or the time of a visit
	Lines  []phrase.Words
	State  phrase.Words // what became of it, or what it waits for
}

func (c *course) months() []Month {
	byDate := map[civil.Date][]entry{}
	for _, x := range c.entries {
		if x.e.Kind != schedule.Observation {
			byDate[x.e.Date] = append(byDate[x.e.Date], x)
		}
	}
	if len(byDate) == 0 {
		return nil
	}
	rests := c.rests(byDate)
	var list []Month
	y, m, _ := c.first.Parts()
	for first := civil.NewDate(y, m, 1); !first.After(c.last); first = first.AddMonths(1) {
		if month := c.month(first, byDate, rests); month != nil {
			list = append(list, *month)
		}
	}
	return list
}

// month is the grid of a month; nil where nothing falls into it.
func (c *course) month(first civil.Date, byDate map[civil.Date][]entry, rests map[civil.Date]bool) *Month {
	next, used := first.AddMonths(1), false
	m := &Month{Name: c.Month(first)}
	m.Caption = phrase.Join(append([]phrase.Words{c.Say("month.caption", phrase.V("month", phrase.Text(m.Name).Strong()), phrase.V("medicines", c.medicines()))}, c.whose()...), " · ")
	for i := range 7 {
		d := time.Weekday((i + c.d.WeekStart) % 7)
		m.Weekdays = append(m.Weekdays, Weekday{c.ShortWeekday(d), c.Weekday(d)})
	}
	start := first.AddDays(-((int(first.Weekday()) - c.d.WeekStart + 7) % 7))
	for ; start.Before(next); start = start.AddDays(7) {
		if start.AddDays(6).Before(c.first) || start.After(c.last) {
			continue // a week before or after all that there is
		}
		var week [7]Cell
		for i := range 7 {
			d := start.AddDays(i)
			if d.Before(first) || !d.Before(next) {
				week[i].Out = true
				continue
			}
			week[i] = c.cell(d, byDate[d], rests[d])
			used = used || len(byDate[d]) > 0
		}
		m.Weeks = append(m.Weeks, week)
	}
	if !used {
		return nil
	}
	return m
}

// whose says whose page this is and whom to call: a month hangs by itself.
func (c *course) whose() []phrase.Words {
	var list []phrase.Words
	if id := c.d.Parts[0].Patient.ID; id != "" {
		list = append(list, phrase.Name(id))
	}
	if c.d.Phone != "" {
		list = append(list, phrase.Name(c.d.Phone))
	}
	return list
}

// medicines names what the calendar is about, each with its letter.
func (c *course) medicines() phrase.Words {
	var list []phrase.Words
	for _, k := range c.kinds {
		name := phrase.Join([]phrase.Words{phrase.Quote(k.name), c.route(k.route)}, " ")
		if l := c.letter(k); l != "" {
			name = phrase.Join([]phrase.Words{phrase.Text(l).Strong(), name}, " ")
		}
		list = append(list, name)
	}
	return phrase.Join(list, ", ")
}

func (c *course) cell(d civil.Date, list []entry, rest bool) Cell {
	_, _, n := d.Parts()
	cell := Cell{Day: n, Date: c.Date(d)}
	doses, maybes := 0, 0
	for _, x := range list {
		it := c.item(x)
		if x.e.OffDay() {
			it.Lines = append(it.Lines, c.Say("cell.moved", phrase.V("date", c.Date(x.e.Target))))
		}
		cell.Items = append(cell.Items, it)
		if x.e.Kind == schedule.Dose {
			doses++
			if maybe(x) {
				maybes++
			}
		}
	}
	cell.Maybe = doses > 0 && doses == maybes
	if rest && doses == 0 {
		cell.Rest = c.Say("cell.rest")
	}
	switch c.shift(d) {
	case 1:
		cell.Notes = append(cell.Notes, c.Say("cell.forward"))
	case -1:
		cell.Notes = append(cell.Notes, c.Say("cell.back"))
	}
	return cell
}

// shift says which way the clocks go on a day: 1 forward, -1 back, 0 not at all.
func (c *course) shift(d civil.Date) int {
	zone := c.d.Parts[0].Zone
	a, _ := zone.At(d, 0)
	b, _ := zone.At(d.AddDays(1), 0)
	_, before := a.Zone()
	_, after := b.Zone()
	switch {
	case after > before:
		return 1
	case after < before:
		return -1
	}
	return 0
}

func (c *course) item(x entry) Item {
	e := x.e
	switch e.Kind {
	case schedule.Supply:
		it := Item{Lines: []phrase.Words{c.Say("cell.supply")}}
		switch {
		case x.s.Unwritten(e):
			it.State = c.Say("cell.unknown")
		case maybe(x):
			it.State = c.Say("cell.maybe")
		}
		return it
	case schedule.CheckIn:
		rule := x.s.CheckIn(e)
		it := Item{Visit: true, Head: phrase.Text(c.Clock(e.Clock)), Lines: []phrase.Words{c.Say("visit.what", phrase.V("title", phrase.Quote(rule.Title)), phrase.V("mode", c.mode(rule.Mode)))}}
		if e.Status == schedule.Taken {
			if it.State = c.Say("cell.done"); x.s.Decision(e) == "declined" {
				it.State = c.Say("cell.declined")
			}
		} else if e.Status == schedule.Missed {
			it.State = c.Say("cell.missed")
		} else if x.s.Unwritten(e) {
			it.State = c.Say("cell.unknown")
		} else if maybe(x) {
			it.State = c.Say("cell.maybe")
		}
		return it
	}
	return c.doseItem(x)
}

func (c *course) doseItem(x entry) Item {
	d := x.s.Dose(x.e)
	it := Item{Box: OpenBox, Letter: c.letter(kindOf(x))}
	it.Head = phrase.Join([]phrase.Words{phrase.Text(c.Amount(d.Amount)), phrase.Quote(d.Medication.Name)}, " ")
	route := c.route(d.Route.Name)
	if count := c.count(d); count != nil {
		route = phrase.Join([]phrase.Words{count, route}, " ")
	}
	it.Lines = []phrase.Words{phrase.Join([]phrase.Words{route, phrase.Text(c.Clock(x.e.Clock))}, ", ")}
	if site := x.s.Site(x.e); site != "" {
		it.Lines = append(it.Lines, phrase.Quote(site))
	}
	if x.s.Unwritten(x.e) {
		it.Box, it.State = NoBox, c.Say("cell.unknown")
		return it
	}
	switch x.e.Status {
	case schedule.Provisional:
		it.Box, it.State = MaybeBox, c.Say("cell.maybe")
	case schedule.Taken:
		if it.Box, it.State = DoneBox, c.Say("cell.taken"); x.e.Number == 0 {
			it.State = c.Say("cell.extra")
		}
	case schedule.Missed:
		it.Box, it.State = NoBox, c.Say("cell.missed")
	case schedule.Held:
		switch it.Box = NoBox; {
		case x.e.Fit == schedule.LeftOut:
			it.State = c.Say("cell.left out")
		case x.e.Date.Before(x.s.Seen):
			it.State = c.Say("cell.not given")
		default:
			it.State = c.Say("cell.held")
		}
	}
	return it
}

// rests are the days without a dose that somebody who takes doses on most days must know: those
// within a phase that gives them on four days of a week or more, or in cycles.
func (c *course) rests(byDate map[civil.Date][]entry) map[civil.Date]bool {
	type phase struct {
		s *schedule.Schedule
		n int16
	}
	first, last := map[phase]civil.Date{}, map[phase]civil.Date{}
	for _, x := range c.entries {
		if x.e.Kind != schedule.Dose || !often(x.s.Phases[x.e.Phase].Frequency.Frequency) {
			continue
		}
		p := phase{x.s, x.e.Phase}
		if _, ok := first[p]; !ok {
			first[p] = x.e.Date
		}
		last[p] = x.e.Date
	}
	rests := map[civil.Date]bool{}
	for p, from := range first {
		for d := from; d.Before(last[p]); d = d.AddDays(1) {
			rests[d] = true
		}
	}
	for d := range rests {
		for _, x := range byDate[d] {
			if x.e.Kind == schedule.Dose {
				delete(rests, d)
			}
		}
	}
	return rests
}

func often(f frequency.Frequency) bool {
	switch f.Kind() {
	case frequency.OnOff, frequency.Cycle, frequency.Days:
		return true
	}
	return f.InWeek() >= 4
}

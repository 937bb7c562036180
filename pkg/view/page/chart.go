package page

import (
	"cmp"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Chart is the doses of one medicine over time, as a drawing needs them. Times are in minutes
// after midnight of its first day, as the patient's clocks show them; heights are amounts times
// 10⁶, in Unit.
type Chart struct {
	Medication, Route string
	Unit              quantity.Unit
	From, To          civil.Date // the first and the last day
	Points            []Point    // in order of time
	Phases            []Span
	CheckIns          []Moment
	Raises            []Raise
	Levels            []Level         // the tiers, and the largest single dose
	Top               int64           // the largest height there is
	Reaches           quantity.Amount // the share that reaches the blood, as the protocol states it; unset where it does not, or is all
}

// A Point is one dose.
type Point struct {
	At     int64
	Date   civil.Date
	Amount quantity.Amount
	Height int64
	Status schedule.Status

	Unwritten bool // it was planned for a day that is over, and nothing is recorded of it
}

// Firm reports whether a dose was given, or is to be given whatever a check-in decides.
func (p *Point) Firm() bool { return p.Status != schedule.Provisional && !p.Unwritten }

// Absent reports whether a dose is not given.
func (p *Point) Absent() bool { return p.Status == schedule.Missed || p.Status == schedule.Held }

// A Span is a phase.
type Span struct {
	Title    string
	From, To int64
}

// A Moment is a check-in.
type Moment struct {
	At     int64
	Title  string
	Date   civil.Date
	Status schedule.Status
}

// A Raise is a step that a check-in may confirm.
type Raise struct {
	At     int64 // of the check-in
	Amount quantity.Amount
	Height int64
}

// A Level is an amount with a name.
type Level struct {
	Name   string
	Amount quantity.Amount
	Height int64
	Limit  bool
}

// MinutesInDay is the length of a day of a drawing, whatever the clocks do.
const MinutesInDay = 24 * 60

// ChartsOf returns a chart for each medicine and route of a schedule.
func ChartsOf(s *schedule.Schedule) []*Chart {
	var list []*Chart
	last := map[*Chart]int16{}
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		d := s.Dose(e)
		at := slices.IndexFunc(list, func(c *Chart) bool { return c.Medication == d.Medication.Name && c.Route == d.Route.Name })
		if at < 0 {
			at = len(list)
			list = append(list, newChart(s, d))
		}
		c := list[at]
		height, _ := d.Amount.In(c.Unit).Scaled()
		p := Point{At: c.at(e.Date, e.Clock), Date: e.Date, Amount: d.Amount, Height: height, Status: e.Status, Unwritten: s.Unwritten(e)}
		c.Points = append(c.Points, p)
		c.Top = max(c.Top, height)
		title := s.Protocol.Phases[e.Phase].Title
		if n := len(c.Phases); n > 0 && last[c] == e.Phase {
			c.Phases[n-1].To = p.At
		} else {
			c.Phases, last[c] = append(c.Phases, Span{title, p.At, p.At}), e.Phase
		}
	}
	for _, c := range list {
		c.moments(s)
		slices.SortStableFunc(c.Levels, func(a, b Level) int { return cmp.Compare(a.Height, b.Height) })
	}
	return list
}

func newChart(s *schedule.Schedule, d *schedule.DoseInfo) *Chart {
	c := &Chart{Medication: d.Medication.Name, Route: d.Route.Name, Unit: d.Amount.Unit(), From: s.Start, To: s.Start}
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind != schedule.Supply {
			if e.Date.Before(c.From) {
				c.From = e.Date
			}
			c.To = civil.Later(c.To, e.Date)
		}
	}
	if b := d.Route.Bioavailability; b.IsSet() && b.Cmp(quantity.New(100, 1, quantity.Percent)) < 0 {
		c.Reaches = b
	}
	for i := range s.Protocol.Tiers {
		t := &s.Protocol.Tiers[i]
		rule, _ := t.Dose(d.Route.Name)
		if a, ok := rule.(*protocol.Amount); ok && a.Basis() == protocol.Fixed {
			c.level(Level{Name: t.Name, Amount: a.Quantity})
		}
	}
	for _, a := range d.Medication.Limits.SingleDose {
		if a.Unit().Per() == quantity.PerKilogram {
			if !s.Patient.Weight.IsSet() {
				continue
			}
			a = a.Resolve(s.Patient.Weight)
		}
		c.level(Level{Amount: a, Limit: true})
	}
	return c
}

func (c *Chart) level(l Level) {
	if !l.Amount.Unit().Comparable(c.Unit) {
		return
	}
	if n, ok := l.Amount.In(c.Unit).ScaledFloor(); ok {
		l.Height = n
		c.Levels = append(c.Levels, l)
		c.Top = max(c.Top, n)
	}
}

// moments adds the check-ins, and the steps of this medicine that they may confirm.
func (c *Chart) moments(s *schedule.Schedule) {
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.CheckIn {
			continue
		}
		at := c.at(e.Date, e.Clock)
		c.CheckIns = append(c.CheckIns, Moment{at, s.CheckIn(e).Title, e.Date, e.Status})
		for _, r := range s.RaisesOf(e) {
			if s.Protocol.Medications[s.Protocol.Phases[r.Phase].Medication].Name != c.Medication {
				continue
			}
			if a, ok := r.Next(); ok && a.Unit().Comparable(c.Unit) {
				if n, ok := a.In(c.Unit).Scaled(); ok {
					c.Raises, c.Top = append(c.Raises, Raise{at, a, n}), max(c.Top, n)
				}
			}
		}
	}
}

// at returns the minutes of a clock time after midnight of the first day.
func (c *Chart) at(d civil.Date, t civil.Clock) int64 {
	return int64(d.Sub(c.From))*MinutesInDay + int64(t)
}

// Length returns how many minutes the chart is long.
func (c *Chart) Length() int64 { return int64(c.To.Sub(c.From)+1) * MinutesInDay }

// Amounts returns how many amounts its doses have.
func (c *Chart) Amounts() int {
	var seen []int64
	for _, p := range c.Points {
		if !slices.Contains(seen, p.Height) {
			seen = append(seen, p.Height)
		}
	}
	return len(seen)
}

// Highest returns the largest height that is drawn, with or without the limits.
func (c *Chart) Highest(limits bool) int64 {
	if limits {
		return c.Top
	}
	top := int64(0)
	for _, p := range c.Points {
		top = max(top, p.Height)
	}
	for _, r := range c.Raises {
		top = max(top, r.Height)
	}
	for _, l := range c.Levels {
		if !l.Limit {
			top = max(top, l.Height)
		}
	}
	return top
}

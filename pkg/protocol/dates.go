package protocol

import (
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/source"
)

// A Date is a day that a patient's file gives, and that days of the course are counted from: a departure, an
// operation. It lies from Least to Most days after the start, which is 0 days after itself.
type Date struct {
	Name        string
	Least, Most int
	Clock       civil.OptionalClock // from which hours are counted, where the patient's file gives no other
	Range       diag.Range
}

// Date returns the date of a name.
func (p *Protocol) Date(name string) (*Date, bool) {
	i := slices.IndexFunc(p.Dates, func(d Date) bool { return d.Name == name })
	if i < 0 {
		return nil, false
	}
	return &p.Dates[i], true
}

var reDateRange = lazy.MustCompile(`^(\d{1,4})\.\.(\d{1,4}) days(?: at (\d\d:\d\d))?$`)

// maxDate is how many days after the start a date may lie.
const maxDate = 3660

var shapeDate = grammar.Pattern("days after the start, as 1..30 days; with a time of day, from which hours are counted, as 8..20 days at 09:00", `[0-9]{1,4}\.\.[0-9]{1,4} days( at `+grammar.PatternClock+`)?`)

// dates reads the dates that the patient's file gives.
func (d *decoder) dates(p *Protocol, n *source.Node) {
	if !d.Want(n, source.Mapping, "`dates`") {
		return
	}
	for _, f := range n.Fields {
		x := Date{Name: d.Name(f.Key, "date"), Range: f.Key.Range}
		m := reDateRange.FindStringSubmatch(d.Text(f.Value, "a range of days"))
		if m == nil {
			d.Add(diag.BadTime, f.Value.Range, "write how many days after the start it lies, as 1..30 days, or as 1..30 days at 09:00", "“%s” is not a range of days", f.Value.Value)
			continue
		}
		if m[3] != "" {
			c, err := civil.ParseClock(m[3])
			if err != nil {
				d.Add(diag.BadTime, f.Value.Range, "write it as 09:00", "%v", err)
				continue
			}
			x.Clock = civil.SomeClock(c)
		}
		if x.Least, x.Most = grammar.Atoi(m[1]), grammar.Atoi(m[2]); x.Most < x.Least || x.Most > maxDate {
			d.Add(diag.BadOrder, f.Value.Range, "put the smaller figure first", "a date lies from 0 to %d days after the start, and this range ends before it begins or past that", maxDate)
			continue
		}
		if a, _ := anchor(x.Name); a != NoAnchor || slices.Contains(d.named, x.Name) {
			d.Add(diag.DuplicateKey, f.Key.Range, "give it another name", "“%s” means something else already", x.Name)
			continue
		}
		p.Dates = append(p.Dates, x)
	}
}

// Dated reports whether the patient's file must give dates that are not yet known.
func (p *Protocol) Dated() bool { return len(p.Dates) > 0 && p.days == nil }

// Days returns how long after the start the dates lie from which a protocol is counted; nil where that is not known.
func (p *Protocol) Days() map[string]int { return p.days }

// On returns the protocol of a patient whose dates lie so many days after the start, by their names: what is counted
// from a date is counted from that day of the course.
func (p *Protocol) On(days map[string]int) *Protocol {
	out := *p
	out.days = days
	set := func(w *When) {
		if w.Anchor == OnDate {
			w.Anchor, w.N = DayN, p.CountFrom+days[w.Named]
		}
	}
	out.Phases = slices.Clone(p.Phases)
	for i := range out.Phases {
		set(&out.Phases[i].Starts)
		set(&out.Phases[i].Course.Until)
	}
	out.CheckIns = slices.Clone(p.CheckIns)
	for i := range out.CheckIns {
		c := &out.CheckIns[i]
		set(&c.From)
		set(&c.Until)
		c.On = slices.Clone(c.On)
		for k := range c.On {
			set(&c.On[k])
		}
	}
	return &out
}

// AtClocks returns the protocol of a patient whose dates have other times of day than the file gives them, by their names:
// hours that are counted from such a date are counted from that time.
func (p *Protocol) AtClocks(clocks map[string]civil.Clock) *Protocol {
	if len(clocks) == 0 {
		return p
	}
	out := *p
	out.Phases = slices.Clone(p.Phases)
	for i := range out.Phases {
		for _, w := range []*When{&out.Phases[i].Starts, &out.Phases[i].Course.Until} {
			if c, ok := clocks[w.Named]; ok && w.At.IsSet() {
				w.At = civil.SomeClock(c)
			}
		}
	}
	return &out
}

// EveryDate returns the days after the start on which a patient's dates can lie, all of them together. ok is false
// where there are more than most.
func (p *Protocol) EveryDate(most int) (list []map[string]int, ok bool) {
	list = []map[string]int{{}}
	for _, x := range p.Dates {
		if (x.Most-x.Least+1)*len(list) > most {
			return nil, false
		}
		var next []map[string]int
		for _, days := range list {
			for n := x.Least; n <= x.Most; n++ {
				with := map[string]int{x.Name: n}
				for k, v := range days {
					with[k] = v
				}
				next = append(next, with)
			}
		}
		list = next
	}
	return list, true
}

// DatesUsed returns the dates from which something of the protocol is counted.
func (p *Protocol) DatesUsed() map[string]bool {
	used := map[string]bool{}
	see := func(w *When) { used[w.Named] = used[w.Named] || w.Anchor == OnDate }
	for i := range p.Phases {
		see(&p.Phases[i].Starts)
		see(&p.Phases[i].Course.Until)
	}
	for i := range p.CheckIns {
		c := &p.CheckIns[i]
		see(&c.From)
		see(&c.Until)
		for k := range c.On {
			see(&c.On[k])
		}
	}
	return used
}

// checkDates is check for a protocol with dates: with each at both ends of its range, what holds for neither is an
// error of the file.
func (d *decoder) checkDates(p *Protocol) {
	ends := func(least bool) map[string]int {
		days := map[string]int{}
		for _, x := range p.Dates {
			if days[x.Name] = x.Most; least {
				days[x.Name] = x.Least
			}
		}
		return days
	}
	used := p.DatesUsed()
	for _, x := range p.Dates {
		if !used[x.Name] {
			d.Add(diag.Unused, x.Range, "count something from it, or leave it out", "nothing is counted from the date “%s”", x.Name)
		}
	}
	for _, days := range []map[string]int{ends(true), ends(false)} {
		q := p.On(days)
		if q.Selective() {
			d.checkCells(q)
		} else {
			d.check(q)
		}
		if d.Found.HasErrors() {
			return
		}
	}
}

// untilWords are how a course that ends on a day of the course or with a date begins.
const untilWords = "until "

// inAll is how a course ends that a total ends.
const inAll = " in all"

// inALifetime is inAll together with what the patient received before.
const inALifetime = " in a lifetime"

// lastStep is a course that ends with the last step of its dose.
const lastStep = "through the last step"

// isMet is how a course ends that the criterion of a check-in ends.
const isMet = " is met"

// Through returns the last day of a course that ends with a day, where day 1 of the course has the number first.
func (c *Course) Through(day1 civil.Anchor, first int) (last civil.Anchor, ok bool) {
	if c.Until.Anchor == NoAnchor || c.Timed() {
		return last, false
	}
	last = c.Until.On(day1, first)
	if c.Until.Offset.IsSet() {
		last = last.Add(c.Until.Offset, c.Until.Sign())
	}
	return last, true
}

package schedule

import (
	"slices"

	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// Reads says what the days and amounts of a plan's doses depend on, beside the patient. What
// is false is never looked at: two starts that differ in it alone have the same calendar, day
// by day.
type Reads struct {
	Weekday bool // the day of the week of the start
	Months  bool // the lengths of the months after it
	Zone    bool // the changes of the clocks: some doses, or check-ins that decide about them, are counted in elapsed time
	Gap     bool // the hours that clocks skip: some doses stand in one, so that they move to another day or together

	// FromStart are the lengths of time of the check-ins that alone look at months, where all are counted from the start:
	// starts from which they come on the same days of the course are alike. It is nil where anything else looks at them.
	FromStart []civil.Period
}

// Reads returns what the plan depends on.
func (pl *Plan) Reads() Reads {
	var r Reads
	for i := range pl.phases {
		ph := &pl.phases[i]
		r.frequency(ph.choice.Frequency)
		for _, p := range []civil.Period{ph.Course.Duration, ph.Course.Until.Offset, ph.Rest, ph.Starts.Offset} {
			r.period(p)
		}
		r.Months = r.Months || ph.Starts.InMonths() || ph.Course.Until.InMonths()
		_, elapsed := ph.Starts.Offset.Elapsed()
		r.Zone = r.Zone || elapsed || ph.Course.Timed()
		r.Weekday = r.Weekday || ph.times.days != nil || ph.Starts.First.Set
		r.dose(ph.Phase.Dose)
	}
	for i := range pl.protocol.Tiers {
		for _, d := range pl.protocol.Tiers[i].Doses {
			r.dose(d)
		}
	}
	fromStart := !r.Months
	for i := range pl.checkIns {
		c := &pl.checkIns[i]
		if len(c.Gates) == 0 && i != pl.reassess {
			continue // no dose is held against its day
		}
		if months, _, _ := c.Every.Calendar(); months != 0 {
			fromStart = fromStart && c.From.Anchor == protocol.NoAnchor && len(c.During) == 0
			r.FromStart = append(r.FromStart, c.Every)
		}
		for _, w := range append([]protocol.When{c.From, c.Until}, c.On...) {
			months, _, _ := w.Offset.Calendar()
			if months != 0 || w.InMonths() {
				r.Months, fromStart = true, false
			}
			r.Weekday = r.Weekday || w.First.Set
			_, elapsed := w.Offset.Elapsed()
			r.Zone = r.Zone || elapsed
		}
		r.period(c.Every)
	}
	for i := range pl.protocol.Medications {
		p := pl.protocol.Medications[i].Limits.Reassess
		if months, _, _ := p.Calendar(); months != 0 {
			r.FromStart = append(r.FromStart, p)
		}
		r.period(p)
	}
	if !fromStart {
		r.FromStart = nil
	}
	r.Gap = pl.inGap()
	return r
}

// inGap reports whether an hour that clocks skip somewhere can bring doses to another day or to one
// instant, or move the place where a phase begins.
func (pl *Plan) inGap() bool {
	clocks := make([][]civil.Clock, len(pl.phases))
	for _, i := range pl.order {
		clocks[i] = pl.clocks(i, clocks)
	}
	for _, c := range civil.Changes() {
		end := c.Clock + civil.Clock(c.Seconds/60)
		for i := range pl.phases {
			in, upTo := 0, 0 // in the hour, and with its end
			for _, at := range clocks[i] {
				if at >= c.Clock && at < end {
					in++
				}
				if at >= c.Clock && at <= end {
					upTo++
				}
			}
			if in > 0 && (upTo > 1 || end >= 24*60 || len(pl.phases) > 1) {
				return true
			}
		}
	}
	return false
}

// clocks returns the clock times that doses of a phase can have, from those of the phase that it follows:
// its own, or those that it takes over.
func (pl *Plan) clocks(i int, of [][]civil.Clock) []civil.Clock {
	ph := &pl.phases[i]
	list := ph.times.all()
	from := []civil.Clock{}
	switch {
	case ph.times.stated || ph.after == None && !ph.Starts.At.IsSet():
		return list
	case ph.after == None:
		from = append(from, ph.Starts.At.Or(0))
	default:
		from = of[ph.after]
	}
	elapsed, _ := ph.Starts.Offset.Elapsed()
	by := civil.Clock(ph.Starts.Sign() * int(elapsed.Minutes()))
	for _, c := range from {
		c = ((c+by)%(24*60) + 24*60) % (24 * 60)
		for _, at := range ph.times.takeOver(ph.choice.Frequency, c).clocks {
			if !slices.Contains(list, at) {
				list = append(list, at)
			}
		}
	}
	return list
}

func (r *Reads) frequency(f frequency.Frequency) {
	kind := f.Kind()
	r.Weekday = r.Weekday || kind == frequency.Weekdays || kind == frequency.MonthWeekday
	r.Months = r.Months || f.Monthly()
	r.Zone = r.Zone || kind == frequency.Elapsed
}

func (r *Reads) period(p civil.Period) {
	months, _, _ := p.Calendar()
	r.Months = r.Months || months != 0
}

func (r *Reads) dose(d protocol.Dose) {
	by, ok := d.(*protocol.ByCase)
	if !ok {
		return
	}
	r.Weekday = r.Weekday || by.By == protocol.ByWeekday
	for _, c := range by.Cases {
		r.dose(c.Dose)
	}
}

// Settled returns the amounts, as indexes into Doses, that the doses of a phase have in the
// end, however long it goes on.
func (k *Reckoning) Settled(pl *Plan, phase int) map[int32]bool {
	const late = 1 << 40
	ph := &pl.phases[phase]
	part := &k.reg.parts[0]
	cycle, _ := ph.choice.Frequency.CycleLength()
	set := map[int32]bool{}
	for day := range time.Saturday + 1 {
		for slot := range max(len(ph.times.clocks), 1) {
			for c := range max(cycle, 1) {
				at := part.phases[phase].At(dose.Place{Number: late, Day: late, Weekday: day, Slot: slot, CycleDay: c + 1})
				set[int32(part.phases[phase].base+at)] = true
			}
		}
	}
	return set
}

package schedule

import (
	"iter"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// An occurrence is one of the times at which a check-in is to be held. What decides about doses and what stands on the
// calendar are the same occurrences, walked here.
type occurrence struct {
	number int        // of the file, in which days need not stand in the order in which they come
	day    civil.Date // for which it is planned
	of     int        // the dose with which it is held, or from which its hours are counted; None where there is none
	hours  bool       // it is held some hours before or after that dose
	from   int64      // from when it decides: the instant of that dose, or hours from it, and else the beginning of its day
}

// occurrences yields those of a check-in that lie on the calendar, in the order of their numbers.
func (s *scheduler) occurrences(rule int) iter.Seq[occurrence] {
	c := &s.plan.checkIns[rule]
	switch {
	case c.Before:
		return func(yield func(occurrence) bool) { yield(s.ahead(c)) }
	case c.Every.IsSet():
		return s.every(rule, c)
	}
	return func(yield func(occurrence) bool) {
		for k := range c.On {
			if o, ok := s.on(c, k); ok && !yield(o) {
				return
			}
		}
	}
}

// ahead returns the occurrence of a check-in before the first dose: on the day before it or, where it decides
// whether a supply is sent at all, so long before it as the supply takes.
func (s *scheduler) ahead(c *protocol.CheckIn) occurrence {
	first := s.frame.firstDay()
	within, early := first.Sub(c.Within.From(first, -1)), 1
	if lead := s.plan.protocol.Supply.Lead; lead.IsSet() && len(c.Gates) > 0 {
		early = min(max(first.Sub(lead.From(first, -1)), 1), within)
	}
	day := first.AddDays(-early)
	return occurrence{number: 1, day: day, of: None, from: s.begins(day)}
}

// firstDay returns the day of the first dose that was given or is still to be, or that of the first of all.
func (f *frame) firstDay() civil.Date {
	if e := f.toGive(); e != nil {
		return e.Date
	}
	if i, ok := f.dose(None, 1); ok {
		return f.doses[i].Date
	}
	return f.axis.day1.Date()
}

// on returns the occurrence of a check-in on one of its days; ok is false where the calendar does not reach so far.
func (s *scheduler) on(c *protocol.CheckIn, k int) (o occurrence, ok bool) {
	w := &c.On[k]
	day, of, ok := s.frame.day(w)
	if !ok {
		return o, false
	}
	o = occurrence{number: k + 1, day: day.Date(), of: of}
	elapsed, hours := w.Offset.Elapsed()
	switch o.hours = hours && of != None; {
	case o.hours:
		o.from = s.frame.doses[of].At + int64(w.Sign())*int64(elapsed.Seconds())
	case of != None && c.Time == nil:
		o.from = s.frame.doses[of].At
	default:
		o.from = s.begins(o.day)
	}
	if first := &s.frame.axis.spans[0]; c.Passed && first.doses > 0 && o.from <= s.planned(&s.frame.axis.doses[first.index]) {
		return o, false // it let the course begin where it does
	}
	return o, true
}

// every yields the occurrences of a check-in that comes at intervals.
func (s *scheduler) every(rule int, c *protocol.CheckIn) iter.Seq[occurrence] {
	return func(yield func(occurrence) bool) {
		_, last, _, ok := s.frame.stretchOf(c)
		if !ok {
			return
		}
		for k, day := range s.frame.turns(rule, c) {
			if day.After(last) {
				return
			}
			if s.frame.runs(c, day) && !yield(occurrence{number: k, day: day, of: None, from: s.begins(day)}) {
				return
			}
		}
	}
}

// turns yields the days of a check-in that comes at intervals, without end: where its rule has them, and gaps move them
// with the doses. Where gaps leave much more time between two than the rule does, one that doses wait for comes forward
// to the first of those after the gap, and the later ones with it: what one finds holds for its interval, and not for a pause.
func (f *frame) turns(rule int, c *protocol.CheckIn) iter.Seq2[int, civil.Date] {
	return func(yield func(int, civil.Date) bool) {
		from, _, _, _ := f.stretchOf(c)
		gaps := f.axis.plan.options.Timeline.Gaps
		if rule == f.axis.plan.reassess { // it is held so long after the start, whatever was given
			gaps = nil
		}
		before := from.Date()
		for k := 1; ; k++ {
			day := f.visit(gaps, from.Date(), from.Add(c.Every, c.Lengths(k))).Date()
			if first, ok := f.resumes(gaps, rule, c, before, day); ok {
				after := slices.IndexFunc(gaps, func(g Gap) bool { return g.From.After(day) })
				if after < 0 {
					after = len(gaps)
				}
				gaps = slices.Insert(slices.Clone(gaps), after, Gap{From: day, Days: first.Sub(day)})
				day = first
			}
			if !yield(k, day) {
				return
			}
			before = day
		}
	}
}

// resumes returns the day of the first dose after the first gap between one turn of a check-in and the next; ok is false where
// that gap does not leave a dose to come long after the one and before the next: half as long again as its interval, or as
// long as its windows let two lie apart.
func (f *frame) resumes(gaps []Gap, rule int, c *protocol.CheckIn, before, next civil.Date) (first civil.Date, ok bool) {
	if len(gaps) == 0 || len(c.Gates) == 0 && !c.StopsIfOverdue {
		return first, false
	}
	interval := civil.AnchorAt(before, f.axis.plan.protocol.ShortMonths).Add(c.Every, 1).Date().Sub(before)
	most := interval + max(interval/2, c.Window.Before+c.Window.After)
	if next.Sub(before) <= most {
		return first, false
	}
	var over civil.Date // when the first gap between them is over
	for _, g := range gaps {
		if end := g.From.AddDays(g.Days); g.Days > 0 && end.After(before) && !end.After(next) && (over.IsZero() || end.Before(over)) {
			over = end
		}
	}
	for i := range f.doses {
		e := &f.doses[i]
		waits := c.StopsIfOverdue || slices.Contains(f.axis.plan.phases[e.Phase].gates, rule)
		if over.IsZero() || !waits || e.Status == Missed || e.Date.Before(over) || !e.Date.Before(next) {
			continue
		}
		if first.IsZero() || e.Date.Before(first) {
			first = e.Date
		}
		ok = ok || e.Date.Sub(before) > most
	}
	return first, ok
}

// begins returns the instant at which a day begins.
func (s *scheduler) begins(day civil.Date) int64 {
	at, _ := s.zone.At(day, 0)
	return at
}

// stretchOf returns from which day a recurring check-in is counted, the last day on which it
// can come, and the phase that it belongs to, or None.
func (f *frame) stretchOf(c *protocol.CheckIn) (from civil.Anchor, last civil.Date, phase int, ok bool) {
	from, last, open, phase := f.during(c)
	if c.From.Anchor != protocol.NoAnchor {
		if from, _, ok = f.day(&c.From); !ok {
			return from, last, phase, false
		}
	}
	if c.Until.Anchor != protocol.NoAnchor {
		if d, _, known := f.day(&c.Until); known {
			last, open = d.Date(), false
		}
	}
	if open {
		last = f.lastShown()
	}
	if u := f.axis.until; !u.IsZero() && u.Before(last) {
		last = u
	}
	return from, last, phase, !from.IsZero()
}

// during returns the stretch in which a recurring check-in comes: that of its phases, or of
// the course; and the first of its phases, or None.
func (f *frame) during(c *protocol.CheckIn) (from civil.Anchor, until civil.Date, open bool, phase int) {
	if len(c.During) == 0 {
		return f.all.day1, f.all.end, f.all.open, None
	}
	phase = None
	for i, s := range f.stands {
		if !s.shown || !slices.Contains(c.During, f.axis.plan.phases[i].Name) {
			continue
		}
		if phase == None {
			from, phase = s.day1, i
		}
		until, open = civil.Later(s.end, until), open || s.open
	}
	return from, until, open, phase
}

// runs reports whether one of the phases that a recurring check-in comes in runs on a day, or would have
// gone on on it.
func (f *frame) runs(c *protocol.CheckIn, day civil.Date) bool {
	if len(c.During) == 0 {
		return true
	}
	for i, s := range f.stands {
		if s.shown && slices.Contains(c.During, f.axis.plan.phases[i].Name) && !day.Before(s.day1.Date()) && (s.open || !day.After(s.end)) {
			return true
		}
	}
	return false
}

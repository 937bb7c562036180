package schedule

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// A gating knows which doses the check-ins of a course let through. Each occurrence of a check-in
// decides about the doses from the moment for which it is planned until the next one: what comes before the first
// waits for the first.
type gating struct {
	plan    *Plan
	turns   [][]turn     // by check-in: its occurrences, in order of time; nil where it decides about nothing
	decided [][]Decision // by check-in
	due     civil.Moment // from which doses wait for a reassessment; the zero Moment for never
	past    map[string]*past
}

// A turn is an occurrence of a check-in by its number, with the instant from which it decides: that of the dose, or
// hours from one, with which it is planned, and else the beginning of its day. Numbers are those of the file, in which
// days need not stand in the order in which they come.
type turn struct {
	number int
	day    civil.Date
	from   int64 // seconds after the Unix epoch
}

// A past is what is said of the doses that were given past a check-in: where it stands among what is
// found, how many there are after the first, and what is said of that.
type past struct {
	at, more int
	first    string
}

// newGating needs the days on which phases and doses stand.
func newGating(pl *Plan, f *frame, s *scheduler) *gating {
	g := &gating{plan: pl}
	if len(pl.options.Timeline.Decided) > 0 {
		g.turns, g.decided = make([][]turn, len(pl.checkIns)), make([][]Decision, len(pl.checkIns))
	}
	for i := range g.decided {
		c := &pl.checkIns[i]
		for _, d := range pl.options.Timeline.Decided {
			if d.Name == c.Name && !f.lapsed(c, d.Number, d.Date) {
				g.decided[i] = append(g.decided[i], d)
			}
		}
		if len(g.decided[i]) > 0 {
			g.turns[i] = s.turns(i)
		}
	}
	if i := pl.reassess; i != None && !pl.confirmed[i] {
		day1 := f.axis.day1
		lasts := pl.reassessedFor(day1.Date())
		last := 0 // the last reassessment that let the course go on: it lasts until the one after it
		for _, d := range g.decisions(i) {
			if !d.Declined {
				last = max(last, d.Number)
			}
		}
		// It lasts from the occurrence that decided, or from the start.
		due := day1.Add(lasts, 1)
		switch c := &pl.checkIns[i]; {
		case last > 0 && c.Every == lasts:
			due = day1.Add(lasts, last+1) // in one chain of months
		case last > 0:
			if k := slices.IndexFunc(g.turns[i], func(t turn) bool { return t.number == last }); k >= 0 {
				due = civil.AnchorAt(g.turns[i][k].day, pl.protocol.ShortMonths).Add(lasts, 1)
			}
		}
		clock, _ := s.clock(&pl.checkIns[i])
		g.due = civil.Moment{Date: due.Date(), Clock: clock}
	}
	return g
}

// reassessedFor returns how long a reassessment lasts: the shortest time that a medicine asks for.
func (pl *Plan) reassessedFor(day1 civil.Date) civil.Period {
	lasts := civil.Period{}
	for _, m := range pl.protocol.Medications {
		if r := m.Limits.Reassess; r.IsSet() && (!lasts.IsSet() || r.From(day1, 1).Before(lasts.From(day1, 1))) {
			lasts = r
		}
	}
	return lasts
}

// turns returns the occurrences of a check-in that lie on the calendar, in order of time.
func (s *scheduler) turns(rule int) []turn {
	f, c := s.frame, &s.plan.checkIns[rule]
	var list []turn
	if c.Every.IsSet() {
		from, last, _, ok := f.stretchOf(c)
		for k := 1; ok; k++ {
			day := from.Add(c.Every, k).Date()
			if day.After(last) {
				break
			}
			if !f.runs(c, day) {
				continue // it does not come then
			}
			list = append(list, turn{k, day, s.begins(day)})
		}
		return list
	}
	for k := range c.On {
		w := &c.On[k]
		day, of, ok := f.day(w)
		if !ok {
			continue
		}
		t := turn{k + 1, day.Date(), 0}
		if elapsed, hours := w.Offset.Elapsed(); of != None && hours {
			t.from = f.doses[of].At + int64(w.Sign())*int64(elapsed.Seconds())
		} else if of != None && c.Time == nil {
			t.from = f.doses[of].At
		} else {
			t.from = s.begins(t.day)
		}
		list = append(list, t)
	}
	slices.SortStableFunc(list, func(a, b turn) int { return cmp.Compare(a.from, b.from) })
	return list
}

// begins returns the instant at which a day begins.
func (s *scheduler) begins(day civil.Date) int64 {
	at, _ := s.zone.At(day, 0)
	return at
}

// due returns the instant at which a dose waits to be let through: the one for which it is planned, or a later one to
// which it was moved. What is moved to before a check-in still waits for it.
func (s *scheduler) due(e *Event) int64 {
	if e.Of == None {
		return e.At
	}
	d := &s.frame.axis.doses[e.Of]
	if e.Date == d.date && e.Clock == d.clock {
		return e.At
	}
	planned := d.at
	if d.slot != None {
		planned, _ = s.zone.At(d.date, d.clock)
	}
	return max(planned, e.At)
}

// own returns the number of the occurrence of a check-in that comes before a dose, or with it, as it comes for each dose of
// its phase: that decides about it, whatever others stand on the same day.
func (pl *Plan) own(rule int, e *Event) (number int, ok bool) {
	c := &pl.checkIns[rule]
	if !c.EachDose || len(c.On) == 0 || !c.On[0].Before && c.On[0].Offset.IsSet() || pl.phases[e.Phase].Name != c.On[0].Phase {
		return 0, false
	}
	return int(e.Number), e.Number > 0 && int(e.Number) <= len(c.On)
}

// deciding returns the number of the occurrence that decides about an instant: the last of those that have come by then,
// or else the first.
func deciding(turns []turn, at int64) int {
	n := sortedBefore(turns, at)
	switch {
	case len(turns) == 0:
		return 1
	case n == 0:
		return turns[0].number
	}
	return turns[n-1].number
}

// sortedBefore returns how many occurrences, in order, do not lie after an instant.
func sortedBefore(turns []turn, at int64) int {
	n, _ := slices.BinarySearchFunc(turns, at, func(t turn, at int64) int {
		if at < t.from {
			return 1
		}
		return -1
	})
	return n
}

// decisions returns what was decided at the occurrences of a check-in.
func (g *gating) decisions(rule int) []Decision {
	if len(g.decided) == 0 {
		return nil
	}
	return g.decided[rule]
}

// about returns what was decided about a dose that waits for a check-in at an instant.
func (g *gating) about(rule int, e *Event, at int64) (d Decision, ok bool) {
	if number, own := g.plan.own(rule, e); own {
		return g.at(rule, number)
	}
	return g.decision(rule, at)
}

// decision returns what was decided about what waits for a check-in at an instant.
func (g *gating) decision(rule int, at int64) (d Decision, ok bool) {
	if len(g.decisions(rule)) == 0 {
		return d, false
	}
	return g.at(rule, deciding(g.turns[rule], at))
}

// at returns what was decided last at the occurrence of a number.
func (g *gating) at(rule, k int) (d Decision, ok bool) {
	decisions := g.decisions(rule)
	for _, d := range slices.Backward(decisions) {
		if d.Number == k {
			return d, true
		}
	}
	return d, false
}

// open reports whether what waits for a check-in at an instant is let through.
func (g *gating) open(rule int, at int64) bool {
	d, ok := g.decision(rule, at)
	return ok && !d.Declined
}

// reassessed reports whether doses of a moment wait for no reassessment.
func (g *gating) reassessed(at civil.Moment) bool { return g.due.IsZero() || at.Before(g.due) }

// wait gives doses that wait for check-ins their status, and takes the gates off those that these
// let through. It says of those that were given all the same.
func (g *gating) wait(s *scheduler, found *diag.List) {
	f := s.frame
	for k := range f.doses {
		e := &f.doses[k]
		if e.Gate != None && g.goesWithGiven(f, e) {
			e.open()
		}
		if e.Gate != None {
			g.waitFor(e, s.due(e), found)
		}
		for _, first := range g.plan.first {
			if e.Status <= Provisional && g.plan.options.Timeline.Lived { // one that declined holds it, whatever the other says
				g.waitForFirst(e, s.due(e), first)
			}
		}
		if e.Status <= Provisional && !g.reassessed(civil.Moment{Date: e.Date, Clock: e.Clock}) {
			e.Status = Provisional
			if e.Gate == None {
				e.Gate = int16(g.plan.reassess)
			}
		}
	}
}

// waitFor looks at each check-in that decides about a dose: those that let it through are left out, and one that does not
// holds it, whatever the other says.
func (g *gating) waitFor(e *Event, due int64, found *diag.List) {
	waits, held, declined := [protocol.MaxGates]int16{}, false, int16(None)
	n := 0
	for _, gate := range e.Gates() {
		d, ok := g.about(int(gate), e, due)
		switch {
		case ok && !d.Declined:
			held = held || e.Status == Planned && g.declinedThen(int(gate), d, e.Date)
			if e.Status == Taken && e.Date.Before(d.Date) {
				g.passed(e, gate, "%s was given before the check-in “%s” confirmed it", found)
			}
			continue
		case e.Status == Taken:
			g.passed(e, gate, "%s was given, and waits for the check-in “%s”", found)
			continue
		case ok:
			declined = gate
		}
		waits[n] = gate
		n++
	}
	planned := e.Status == Planned
	e.open()
	switch {
	case declined != None:
		e.Gate = declined
	case n > 0:
		e.Gate = waits[0]
		if n > 1 {
			e.Also = waits[1] + 1
		}
	}
	switch {
	case planned && (held || declined != None):
		e.Status = Held
	case planned && n > 0:
		e.Status = Provisional
	}
}

// goesWithGiven reports whether a dose belongs to one that was given, and waits for nothing but what that had waited for:
// a rescue comes after what it is a rescue from.
func (g *gating) goesWithGiven(f *frame, e *Event) bool {
	ph := &g.plan.phases[e.Phase]
	if ph.Starts.Anchor != protocol.EachDose {
		return false
	}
	for _, gate := range e.Gates() {
		if slices.ContainsFunc(g.plan.checkIns[gate].Gates, func(x protocol.Gate) bool { return x.Phase == ph.Name }) {
			return false
		}
	}
	of, ok := f.goesWith(e)
	return ok && f.doses[of].Status == Taken
}

// declinedThen reports whether what a check-in confirmed later was declined on a day before.
func (g *gating) declinedThen(rule int, confirmed Decision, day civil.Date) bool {
	declined := false
	for _, d := range g.decisions(rule) {
		if d.Number == confirmed.Number && !d.Date.After(day) {
			declined = d.Declined
		}
	}
	return declined && day.Before(confirmed.Date)
}

// waitForFirst lets a dose wait for a check-in that decides about the first one, whatever another
// let through.
func (g *gating) waitForFirst(e *Event, due int64, first int) {
	d, ok := g.about(first, e, due)
	switch {
	case ok && !d.Declined:
		return
	case ok:
		e.Status = Held
	case e.Status == Provisional:
		return // for another check-in already
	default:
		e.Status = Provisional
	}
	e.open()
	e.Gate = int16(first)
}

// passed says of a dose that was given past a gate, once for each check-in.
func (g *gating) passed(e *Event, gate int16, form string, found *diag.List) {
	name := g.plan.checkIns[gate].Name
	if e.Of == None {
		return
	}
	if g.past == nil {
		g.past = map[string]*past{}
	}
	if p := g.past[name]; p != nil {
		p.more++
		(*found)[p.at].Message = fmt.Sprintf("%s, and %s more after it", p.first, civil.Plural(p.more, "dose"))
		return
	}
	first := fmt.Sprintf(form, g.plan.nameInWords(e), name)
	g.past[name] = &past{len(*found), 0, first}
	found.Add(diag.GivenPastGate, diag.Range{}, "record the check-in if it took place", "%s", first)
}

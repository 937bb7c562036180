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
// waits for the first. Which occurrence decides about a dose is found once, here; from then on it stands in the dose
// ([Wait]), and what was decided at it is asked of [gating.decided] alone.
type gating struct {
	*scheduler
	turns [][]occurrence // by check-in: its occurrences, in order of time; nil until they are asked for
	said  [][]Decision   // by check-in: what was decided at its occurrences, in order of its days; nil where nothing was
	lasts []lasting      // from the start, and each reassessment that let the course go on, in order of its day; empty where none is asked for
	told  map[told]*tale
}

// A told is what was said, and of which check-in; a tale where that stands among what is found, how many doses there
// are after the first, and what is said of that.
type (
	told struct {
		code diag.Code
		rule int
	}
	tale struct {
		at, more int
		first    string
	}
)

// newGating needs the days on which phases and doses stand.
func newGating(s *scheduler) *gating {
	pl := s.plan
	g := &gating{scheduler: s}
	if len(pl.options.Timeline.Decided) > 0 {
		g.said = make([][]Decision, len(pl.checkIns))
	}
	for i := range g.said {
		c := &pl.checkIns[i]
		for _, d := range pl.options.Timeline.Decided {
			if d.Name == c.Name && !s.frame.lapsed(c, d.Number, d.Date) {
				g.said[i] = append(g.said[i], d)
			}
		}
		slices.SortStableFunc(g.said[i], func(a, b Decision) int { return a.Date.Compare(b.Date) })
	}
	if i := pl.reassess; i != None && !pl.confirmed[i] {
		g.reassess(i)
	}
	return g
}

// A lasting is how long a reassessment lets the course go on: from the occurrence that decided, or from the start, whose
// number is 0.
type lasting struct {
	since  civil.Date // the day on which it was decided
	number int
	due    civil.Moment // from then on doses wait for another
}

// reassess finds how long the start, and each reassessment that let the course go on, last.
func (g *gating) reassess(rule int) {
	day1, c := g.frame.axis.day1, &g.plan.checkIns[rule]
	lasts := g.plan.reassessedFor(day1.Date())
	clock, _ := g.clock(c)
	add := func(since civil.Date, number int, due civil.Anchor) {
		g.lasts = append(g.lasts, lasting{since, number, civil.Moment{Date: due.Date(), Clock: clock}})
	}
	add(civil.Date{}, 0, day1.AddDays(-g.plan.options.Timeline.Treated).Add(lasts, 1))
	from, _, _, _ := g.frame.stretchOf(c)
	for _, d := range g.decisions(rule) {
		switch o, ok := g.numbered(rule, d.Number); {
		case d.Declined:
		case c.Every == lasts && !from.IsZero():
			add(d.Date, d.Number, from.Add(lasts, d.Number+1)) // in one chain of months
		case ok:
			add(d.Date, d.Number, civil.AnchorAt(o.day, g.plan.protocol.ShortMonths).Add(lasts, 1))
		}
	}
}

// numbered returns the occurrence of a number; ok is false where it does not lie on the calendar.
func (g *gating) numbered(rule, number int) (o occurrence, ok bool) {
	turns := g.inTime(rule)
	if k := slices.IndexFunc(turns, func(o occurrence) bool { return o.number == number }); k >= 0 {
		return turns[k], true
	}
	return o, false
}

// reassessedFor returns how long a reassessment lasts: the shortest time that a medicine asks for.
func (pl *Plan) reassessedFor(day1 civil.Date) (lasts civil.Period) {
	if m := pl.protocol.Reassess(day1); m != nil {
		lasts = m.Limits.Reassess
	}
	return lasts
}

// inTime returns the occurrences of a check-in, in order of time.
func (g *gating) inTime(rule int) []occurrence {
	if g.turns == nil {
		g.turns = make([][]occurrence, len(g.plan.checkIns))
	}
	if g.turns[rule] == nil {
		g.turns[rule] = slices.AppendSeq(make([]occurrence, 0, len(g.plan.checkIns[rule].On)), g.occurrences(rule))
		slices.SortStableFunc(g.turns[rule], func(a, b occurrence) int { return cmp.Compare(a.from, b.from) })
	}
	return g.turns[rule]
}

// at returns the occurrence of a check-in that decides about an instant: the last of those that have come by then,
// or else the first, unless one before the course has decided.
func (g *gating) at(rule int, instant int64) Wait {
	turns := g.inTime(rule)
	n, _ := slices.BinarySearchFunc(turns, instant, func(o occurrence, at int64) int {
		if at < o.from {
			return 1
		}
		return -1
	})
	if n == 0 && g.plan.checkIns[rule].Passed {
		return Wait{} // what came before this course let it through
	}
	if len(turns) == 0 {
		return waitFor(rule, 1)
	}
	return waitFor(rule, turns[max(n-1, 0)].number)
}

// deciding returns the occurrence of a check-in whose decision counts for a dose. One that comes before each dose, or with
// it, is its own, whatever others stand on the same day. Else it is the last by the moment of the dose, or a later one
// that was held already when its day came, and declined: nothing is given after that, wherever it had been planned.
func (g *gating) deciding(rule int, e *Event) Wait {
	c := &g.plan.checkIns[rule]
	own := c.EachDose && len(c.On) > 0 && (c.On[0].Before || !c.On[0].Offset.IsSet()) && g.plan.phases[e.Phase].Name == c.On[0].Phase
	if own && e.Number > 0 && int(e.Number) <= len(c.On) {
		return waitFor(rule, int(e.Number))
	}
	w := g.at(rule, g.waitsUntil(e))
	last := g.standing(rule, e.Date)
	if !last.Declined || w == (Wait{}) {
		return w
	}
	later, _ := g.numbered(rule, last.Number)
	if its, ok := g.numbered(rule, int(w.Number)); ok && later.from > its.from {
		return waitFor(rule, last.Number)
	}
	return w
}

// standing returns what was decided last by a day, whichever occurrence it was.
func (g *gating) standing(rule int, day civil.Date) (last Decision) {
	for _, d := range g.decisions(rule) {
		if !d.Date.After(day) {
			last = d
		}
	}
	return last
}

// waitsUntil returns the instant at which a dose waits to be let through: the one for which it is planned, or a later one
// to which it was moved. What is moved to before a check-in still waits for it.
func (g *gating) waitsUntil(e *Event) int64 {
	if e.Of == None {
		return e.At
	}
	d := &g.frame.axis.doses[e.Of]
	if e.Date == d.date && e.Clock == d.clock {
		return e.At
	}
	return max(g.planned(d), e.At)
}

// planned returns the instant for which a dose is planned, wherever it was moved.
func (s *scheduler) planned(d *plannedDose) int64 {
	if d.slot == None {
		return d.at
	}
	at, _ := s.zone.At(d.date, d.clock)
	return at
}

// reassessment returns the reassessment that decides about a dose: one that declined that the course goes on, until a later
// one confirms it; or, once the time is over for which those that had been held by its day last, the one that let it go on
// later, or else the last before the dose. ok is false where it waits for none.
func (g *gating) reassessment(e *Event) (w Wait, ok bool) {
	rule := g.plan.reassess
	if len(g.lasts) == 0 {
		return w, false
	}
	if last := g.standing(rule, e.Date); last.Declined {
		return waitFor(rule, last.Number), true
	}
	if !g.plan.protocol.Medications[g.plan.phases[e.Phase].Medication].Limits.Reassess.IsSet() {
		return w, false // the limit is one of another medicine
	}
	at, most := civil.Moment{Date: e.Date, Clock: e.Clock}, 0
	for _, l := range g.lasts {
		most = max(most, l.number)
		if at.Before(l.due) && l.since.After(e.Date) {
			return waitFor(rule, l.number), true // it came too late for this one
		} else if at.Before(l.due) {
			return w, false
		}
	}
	w = g.at(rule, e.At)
	if o, ok := g.numbered(rule, int(w.Number)); ok && o.day == e.Date && g.plan.checkIns[rule].Time != nil {
		if clock, _ := g.clock(&g.plan.checkIns[rule]); e.Clock < clock { // up to its moment the one before it holds
			w = g.at(rule, o.from-1)
		}
	}
	w.Number = max(w.Number, int32(most)+1)
	return w, true
}

// decisions returns what was decided at the occurrences of a check-in.
func (g *gating) decisions(rule int) []Decision {
	if len(g.said) == 0 {
		return nil
	}
	return g.said[rule]
}

// decided returns what was decided last at an occurrence; ok is false where nothing was, and for none.
func (g *gating) decided(w Wait) (d Decision, ok bool) {
	if w == (Wait{}) {
		return d, false
	}
	for _, d := range slices.Backward(g.decisions(w.CheckIn())) {
		if d.Number == int(w.Number) {
			return d, true
		}
	}
	return d, false
}

// wait has each dose wait for the occurrences that decide about it and have not let it through, and gives it the status
// that follows from them. It says of doses that were given all the same.
func (g *gating) wait(found *diag.List) {
	for k := range g.frame.doses {
		e := &g.frame.doses[k]
		switch e.Status {
		case Taken:
			g.given(e, found)
			continue
		case Missed:
			continue
		}
		v := verdict{dose: e}
		if e.Of != None && !g.goesWithGiven(e) {
			for _, rule := range g.plan.phases[e.Phase].gates {
				w := g.deciding(rule, g.asks(e, rule))
				g.hear(&v, w)
				g.aged(e, w, found)
			}
		}
		if e.Status <= Provisional && g.plan.options.Timeline.Lived {
			for _, first := range g.plan.first {
				if !slices.Contains(g.plan.phases[e.Phase].gates, first) {
					g.hearAlso(&v, g.deciding(first, e))
				}
			}
		}
		if w, ok := g.reassessment(e); ok && e.Status <= Provisional {
			g.hear(&v, w)
		}
		if v.late != (Wait{}) && !v.declined && !g.plan.stopsBefore(e) && (e.Status == Planned || e.Status == Held && g.waited(e, g.plan.protocol.CheckIns[v.late.CheckIn()].Name)) {
			g.tell(diag.ConfirmedLate, e, v.late.CheckIn(), "if it is to be given after all, put it on a later day with `delay`, or record it as missed where that is planned again", "%s was confirmed by the check-in “%s” only after its day, and is held", found)
		}
		v.give()
	}
}

// longPause is for how many days doses are held after which what let them go on may be so no more. It is wide: eight weeks.
const longPause = 56

// aged says of a check-in that is held once that doses go on by what it found before they were held for long.
func (g *gating) aged(e *Event, w Wait, found *diag.List) {
	d, ok := g.decided(w)
	if !ok || d.Declined || e.Status > Provisional {
		return
	}
	c, key := &g.plan.checkIns[w.CheckIn()], told{diag.Lapsed, w.CheckIn()}
	if c.Every.IsSet() || c.EachDose || g.told[key] != nil {
		return
	}
	t := &g.plan.options.Timeline
	paused, over := 0, d.Date
	for _, h := range t.held() {
		if from := civil.Later(h.From, over); !h.Until.IsZero() && h.Until.After(from) && !h.Until.After(e.Date) {
			paused, over = paused+h.Until.Sub(from), h.Until
		}
	}
	again := slices.ContainsFunc(t.Done, func(x Done) bool { return x.Name == c.Name && !x.Date.Before(over) })
	if paused >= longPause && !again {
		g.tell(diag.Lapsed, e, w.CheckIn(), "hold it again, without its number, if what it found may be so no more", fmt.Sprintf("%%s goes on by the check-in “%%s” of %v, and doses were held for %s since", d.Date, civil.Plural(paused, "day")), found)
	}
}

// waited reports whether a dose was held for a check-in that was overdue and took place after its day.
func (g *gating) waited(e *Event, checkIn string) bool {
	return slices.ContainsFunc(g.plan.options.Timeline.Waiting, func(w Waiting) bool {
		return w.Name == checkIn && !w.Until.IsZero() && w.Covers(e.Date)
	})
}

// A verdict is what the check-ins that decide about a dose say of it together: all must let it through, and one that
// does not holds it, whatever the others say.
type verdict struct {
	dose     *Event
	waits    Waits // those that have not let it through; of several, where one declined, that alone
	n        int
	declined bool // it is not to be given
	late     Wait // let it through only once its day was over: it was not to be given then, and nobody says that it is now
}

// hear takes in what was decided at an occurrence.
func (g *gating) hear(v *verdict, w Wait) {
	switch d, ok := g.decided(w); {
	case w == Wait{}:
	case ok && !d.Declined && v.dose.Date.Before(d.Date):
		v.late = w
	case ok && !d.Declined:
	case ok && !v.declined:
		v.waits, v.n, v.declined = Waits{w}, 1, true
	case !v.declined && v.n < len(v.waits):
		v.waits[v.n] = w
		v.n++
	}
}

// hearAlso takes in what was decided about the whole course: where a dose waits for a check-in of its own, that is said
// first, unless the course was declined.
func (g *gating) hearAlso(v *verdict, w Wait) {
	if d, ok := g.decided(w); v.n == 0 || ok && d.Declined {
		g.hear(v, w)
	}
}

// give gives the dose what was heard.
func (v *verdict) give() {
	switch e := v.dose; {
	case v.declined && e.Status <= Provisional:
		e.Status, e.Waits = Held, v.waits
	case v.declined:
		e.Waits = v.waits
	case e.Status > Provisional: // something else holds it
	case v.late != Wait{}:
		e.Status = Held
	case v.n > 0:
		e.Status, e.Waits = Provisional, v.waits
	}
}

// asks returns the dose for which a check-in decides about another: that with which it goes, where the check-in decides
// about that alone, and else itself.
func (g *gating) asks(e *Event, rule int) *Event {
	if ph := &g.plan.phases[e.Phase]; ph.Starts.Anchor == protocol.EachDose && !g.plan.checkIns[rule].Decides(ph.Name) {
		if of, ok := g.frame.goesWith(e); ok {
			return &g.frame.doses[of]
		}
	}
	return e
}

// goesWithGiven reports whether a dose belongs to one that was given, and waits for nothing but what that had waited for:
// a rescue comes after what it is a rescue from.
func (g *gating) goesWithGiven(e *Event) bool {
	ph := &g.plan.phases[e.Phase]
	if ph.Starts.Anchor != protocol.EachDose {
		return false
	}
	if slices.ContainsFunc(ph.gates, func(rule int) bool { return g.plan.checkIns[rule].Decides(ph.Name) }) {
		return false
	}
	of, ok := g.frame.goesWith(e)
	return ok && g.frame.doses[of].Status == Taken
}

// given says of a dose that was given without the check-ins that decide about it.
func (g *gating) given(e *Event, found *diag.List) {
	if e.Of != None && g.goesWithGiven(e) {
		return
	}
	if e.Date.Before(g.plan.options.Timeline.JudgedFrom) {
		return // under a text that said something else
	}
	for _, rule := range g.plan.phases[e.Phase].gates {
		g.givenPast(e, g.deciding(rule, g.asks(e, rule)), found)
	}
	if w, ok := g.reassessment(e); ok {
		g.givenPast(e, w, found)
	}
}

// givenPast says of a dose that was given without what an occurrence decides.
func (g *gating) givenPast(e *Event, w Wait, found *diag.List) {
	switch d, ok := g.decided(w); {
	case w == Wait{}:
	case ok && d.Declined && !e.Date.Before(d.Date) && !before(e, d):
		g.tell(diag.GivenPastGate, e, w.CheckIn(), "look at why it was given", "%s was given, and the check-in “%s” had declined it", found)
	case !ok && g.heldTooSoon(w):
		g.tell(diag.GivenPastGate, e, w.CheckIn(), "look whether what it found still held", "%s was given, and the check-in “%s” that is recorded for it was held too long before", found)
	case !ok || d.Declined:
		g.tell(diag.GivenPastGate, e, w.CheckIn(), recordIt, "%s was given, and waits for the check-in “%s”", found)
	case e.Date.Before(d.Date), before(e, d):
		g.tell(diag.GivenPastGate, e, w.CheckIn(), recordIt, "%s was given before the check-in “%s” confirmed it", found)
	}
}

// heldTooSoon reports whether an occurrence took place and confirmed what it decides about, and is too old for that by now.
func (g *gating) heldTooSoon(w Wait) bool {
	name := g.plan.checkIns[w.CheckIn()].Name
	return slices.ContainsFunc(g.plan.options.Timeline.Decided, func(d Decision) bool {
		return d.Name == name && d.Number == int(w.Number) && !d.Declined
	})
}

// before reports whether a dose was given earlier on the day of a decision, where both times are known.
func before(e *Event, d Decision) bool {
	return e.Date == d.Date && d.At.IsSet() && e.Clock < d.At.Or(0)
}

const recordIt = "record the check-in if it took place"

// tell says something of a dose and a check-in that decides about it: once for each check-in, with how many more there are.
func (g *gating) tell(code diag.Code, e *Event, rule int, help, form string, found *diag.List) {
	key := told{code, rule}
	if g.told == nil {
		g.told = map[told]*tale{}
	}
	if t := g.told[key]; t != nil {
		t.more++
		(*found)[t.at].Message = fmt.Sprintf("%s, and %s more after it", t.first, civil.Plural(t.more, "dose"))
		return
	}
	first := fmt.Sprintf(form, g.plan.nameInWords(e), g.plan.checkIns[rule].Name)
	g.told[key] = &tale{len(*found), 0, first}
	found.Add(code, diag.Range{}, help, "%s", first)
}

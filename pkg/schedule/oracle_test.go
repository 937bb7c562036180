package schedule_test

import (
	"flag"
	"fmt"
	"iter"
	"math"
	"math/big"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// The oracle is a second reading of the section “How time is counted” of protocols/README.md.
// It shares no code with the engine: it walks day by day, asks each rule whether it doses on
// that day, and takes the first so many. It is slow, and meant to be read beside the page.

// An oracle computes the doses of one course.
type oracle struct {
	zone      *time.Location
	start     serial
	until     serial // the last day shown; 0 for no end
	countFrom int
	short     string // back, forward or skip
	phases    []*oraclePhase
	solved    map[string]*solution
	pending   map[string]bool
	clocks    map[serial][]change // the changes of the clocks near a day
}

// A solution is a phase with all of its doses.
type solution struct {
	phase *oraclePhase
	day1  place
	doses []oracleDose
	end   begin
	open  bool

	unshown bool         // it starts from a dose past the last day shown, to which an open-ended phase is not followed
	arrives bool         // some run comes to the last of its steps
	counted []oracleDose // the doses that `by dose` and steps count: of this run, or of all so far
}

// An oracleDose is one dose.
type oracleDose struct {
	tick
	phase  string
	number int // by which it is named, through all runs
	counts int // within what `by dose` and steps of so many doses count
	day    int // the number of its day
	amount *big.Rat
	rest   bool // its amount is what is left of a total
}

// A tick is a time at which a rule doses.
type tick struct {
	place  place
	wanted int // minutes after midnight, before any change of the clocks moves it
	at     int64
}

// written is a tick as clocks are to show it, in minutes since 1970.
func (t tick) written() int { return int(t.place.day)*1440 + t.wanted }

// A begin says where a phase, or one of its runs, begins: on a day as a whole or at a moment.
type begin struct {
	place   place
	timed   bool // at a moment
	wanted  int
	at      int64
	kept    bool // the moment is a clock time carried over from a dose some days away
	joins   bool // the moment is that of the next dose of the phase before, whose last was at `after`
	after   int64
	byDay   bool // the phase before ended with a day, and not with a dose
	none    bool // the rule has no next dose, so that nothing follows
	elapsed bool // elapsed time led to the moment
	unshown bool // see solution
	lost    bool // it counts from what lies past what is shown
}

// A refusal is a reason for which the documentation lets no calendar be made.
type refusal string

func refuse(format string, args ...any) { panic(refusal(fmt.Sprintf(format, args...))) }

// expect computes all doses of a course, or says why there can be none.
func expect(c courseText) (o *oracle, doses []oracleDose, why string) {
	o = readCourse(c)
	defer func() {
		switch r := recover().(type) {
		case nil:
		case refusal:
			doses, why = nil, string(r)
		default:
			panic(r)
		}
	}()
	for _, ph := range o.phases {
		o.alone(ph)
		o.sound(ph)
	}
	for _, ph := range o.phases {
		o.accompanies(ph)
	}
	for _, ph := range o.phases {
		list := o.solve(ph.name).doses
		for i, d := range list {
			if day, _ := o.local(d.at); o.until == 0 || day <= o.until {
				if i > 0 && list[i-1].at == d.at {
					refuse("two doses on one instant")
				}
				doses = append(doses, d)
			}
		}
	}
	return o, doses, ""
}

// solve computes a phase, and first whatever it starts from.
func (o *oracle) solve(name string) *solution {
	if s, ok := o.solved[name]; ok {
		return s
	}
	if o.pending[name] {
		refuse("%s starts from itself", name)
	}
	o.pending[name] = true
	i := slices.IndexFunc(o.phases, func(p *oraclePhase) bool { return p.name == name })
	ph := o.phases[i]
	if ph.starts != nil && ph.starts.anchor == "each" {
		o.solved[name] = o.atEach(i)
		return o.solved[name]
	}
	b := o.beginOf(i)
	s := &solution{phase: ph, unshown: true, open: true}
	if !b.lost {
		s = o.runs(ph, b)
	}
	o.solved[name] = s
	return s
}

// atEach computes a phase that begins again at each dose of another.
func (o *oracle) atEach(i int) *solution {
	ph := o.phases[i]
	of := o.solve(ph.starts.phase)
	if of.unshown && len(of.doses) == 0 || of.open && len(of.doses) == 0 {
		return &solution{phase: ph, unshown: true, open: true}
	}
	s := &solution{phase: ph, unshown: of.unshown, open: of.open, end: begin{none: true}}
	s.arrives = o.arrives(s, ph.dose, standing{day: 1, dose: 1}) // where it has no steps
	for n := range of.doses {
		if of.open && o.until > 0 && of.doses[n].place.day > o.followed() {
			s.unshown = s.unshown || len(s.doses) == 0
			break // to which it is not followed
		}
		w := *ph.starts
		w.anchor, w.n = "dose", n+1
		r := o.runs(ph, o.beginAt(i, &w))
		if k := len(s.doses); !of.unshown && k > 0 && len(r.doses) > 0 && s.doses[k-1].written() >= r.doses[0].written() {
			refuse("%s still goes on where it begins again", ph.name)
		}
		if len(r.doses) > 0 && o.seen(&r.doses[0]) && o.onTime(ph, &r.doses[0]) && o.onTime(of.phase, &of.doses[n]) && !stands(&r.doses[0], &of.doses[n], ph.starts.offset) {
			refuse("%s does not stand to each dose as it says", ph.name)
		}
		if n == 0 {
			s.day1 = r.day1
		}
		for _, d := range r.doses {
			d.number = len(s.doses) + 1
			s.doses = append(s.doses, d)
		}
		s.end, s.arrives = r.end, s.arrives || r.arrives
	}
	if !s.open && !s.arrives && !s.unshown {
		refuse("%s ends before its steps", ph.name)
	}
	return s
}

// seen reports whether a dose lies within what is shown.
func (o *oracle) seen(d *oracleDose) bool {
	day, _ := o.local(d.at)
	return o.until == 0 || day <= o.until
}

// onTime reports whether clocks show the time of a dose that its rule gives it, if that is by the clock.
func (o *oracle) onTime(ph *oraclePhase, d *oracleDose) bool {
	_, clock := o.local(d.at)
	return clock == d.wanted || ph.rule.elapsed > 0
}

// stands reports whether a dose stands so long from another: hours but for a change of the clocks, or days; months are
// not looked at but for the side.
func stands(d, of *oracleDose, p span) bool {
	const changes = 2 * 60
	days := int(d.place.day - of.place.day)
	switch minutes := p.elapsed(); {
	case p.n < 0 && d.at >= of.at, p.n > 0 && d.at <= of.at:
		return false
	case minutes != 0:
		off := int(d.at-of.at)/60 - minutes
		return off <= changes && off >= -changes
	case p.unit == "day":
		return days == p.n
	case p.unit == "week":
		return days == 7*p.n
	}
	return p.n != 0 || days == 0
}

// beginOf says where the phase of an index begins.
func (o *oracle) beginOf(i int) begin {
	w := o.phases[i].starts
	if w == nil && i == 0 {
		w = &when{anchor: "start"}
	} else if w == nil {
		w = &when{anchor: "after", phase: o.phases[i-1].name}
	}
	return o.beginAt(i, w)
}

// beginAt is beginOf for a phase that starts from a point of the course.
func (o *oracle) beginAt(i int, w *when) begin {
	b := o.anchor(w)
	if b.lost {
		return b
	}
	unshown := b.unshown
	if own := o.phases[i]; w.offset.elapsed() != 0 && w.phase != "" && o.solve(w.phase).phase.days != nil && len(own.times) == 0 && own.course.doses != 1 {
		refuse("%s keeps one time of day, and what it goes with does not", own.name)
	}
	if w.offset.n != 0 {
		b = o.later(b, w.offset, len(o.phases[i].rule.allTimes(o.phases[i].times)) > 0 && o.phases[i].rule.elapsed == 0)
	}
	b.unshown = unshown || w.anchor == "dose" && o.solve(w.phase).open && o.until > 0 && b.place.day > o.followed()
	if b.place.day < o.start {
		refuse("%s starts before the course", o.phases[i].name)
	}
	return b
}

// followed is the last day to which open-ended phases are followed: the last one shown, and the
// times that phases stand before another's days.
func (o *oracle) followed() serial {
	p := o.fresh(o.until)
	for _, ph := range o.phases {
		w := ph.starts
		if w == nil || w.phase == "" || w.offset.n >= 0 {
			continue
		}
		if minutes := w.offset.elapsed(); minutes != 0 {
			p = o.daysOn(p, -minutes/(24*60)+1)
		} else {
			p = o.fresh(o.add(p, span{-w.offset.n, w.offset.unit}).day)
		}
	}
	return p.day
}

// anchor returns the point of the course that a phase starts at, or some time after.
func (o *oracle) anchor(w *when) begin {
	if w.phase == "" {
		return begin{place: o.numberedDay(o.fresh(o.start), o.countFrom, w)}
	}
	s := o.solve(w.phase)
	n := w.n
	if s.unshown && len(s.doses) == 0 && !(s.phase.course.open && s.phase.rule.endless()) && slices.Contains([]string{"end", "after", "last"}, w.anchor) {
		if w.anchor == "end" && w.offset.n == 0 { // wherever it lies
			refuse("it would begin on the last day of %s", w.phase)
		}
		if c := s.phase.course; w.anchor == "after" && !s.phase.rule.endless() && c.length.n == 0 && c.cycles == 0 && c.until == nil {
			refuse("%s has no next dose", w.phase)
		}
		return begin{unshown: true, lost: true} // it counts from what lies past what is shown
	}
	switch w.anchor {
	case "end":
		if s.open {
			refuse("%s has no end", w.phase)
		}
		if w.offset.n == 0 {
			refuse("it would begin on the last day of %s", w.phase)
		}
		if s.end.byDay {
			return begin{place: o.daysOn(s.end.place, -1), unshown: s.unshown}
		}
		if len(s.doses) == 0 {
			refuse("%s has no dose", w.phase)
		}
		return begin{place: s.doses[len(s.doses)-1].place, unshown: s.unshown}
	case "after":
		if s.open {
			refuse("%s has no end", w.phase)
		}
		if s.end.none {
			refuse("%s has no next dose", w.phase)
		}
		b := s.end
		b.unshown = s.unshown
		return b
	case "last":
		if s.open {
			refuse("%s has no last dose", w.phase)
		}
		n = len(s.doses)
		fallthrough
	case "dose":
		each := s.phase.starts != nil && s.phase.starts.anchor == "each" // of which there are as many as of what it goes with
		if most := s.phase.course.doses * max(s.phase.repeat, 1); most > 0 && n > most && !each {
			refuse("%s has no dose %d", w.phase, n)
		}
		if s.unshown && n > len(s.doses) {
			return begin{unshown: true, lost: true} // it counts from what lies past what is shown
		}
		if n < 1 || n > len(s.doses) {
			refuse("%s has no dose %d", w.phase, n)
		}
		d := s.doses[n-1]
		return begin{place: d.place, timed: true, wanted: d.wanted, at: d.at, elapsed: s.phase.rule.elapsed > 0, unshown: s.unshown}
	}
	if w := s.phase.starts; w != nil && w.anchor == "each" && (s.unshown || s.open) && len(s.doses) == 0 {
		return begin{unshown: true, lost: true} // what it goes with lies past what is shown, and its days with it
	}
	return begin{place: o.numberedDay(s.day1, o.firstNumber(s.phase), w), unshown: s.unshown}
}

// numberedDay returns the day that start, day N, week N or end of week N is, where the first
// day has the number first.
func (o *oracle) numberedDay(day1 place, first int, w *when) place {
	if (strings.HasSuffix(w.anchor, "week") || strings.HasSuffix(w.anchor, "month")) && first != 1 {
		refuse("weeks can be read in two ways where days count from %d", first)
	}
	p := o.plainDay(day1, first, w)
	if w.first == "" {
		return p
	}
	if w.after {
		p = o.daysOn(p, 1)
	}
	for p.day.weekday() != slices.Index(weekdayWords, w.first) {
		p = o.daysOn(p, 1)
	}
	return p
}

// plainDay is numberedDay for the day from which the first of a weekday is looked for.
func (o *oracle) plainDay(day1 place, first int, w *when) place {
	switch w.anchor {
	case "day":
		return o.daysOn(day1, w.n-first)
	case "week":
		return o.daysOn(day1, 7*(w.n-1)+1-first)
	case "end of week":
		return o.daysOn(day1, 7*w.n-first)
	case "month":
		p, _ := o.monthsOn(day1, w.n-1)
		return p
	case "end of month":
		p, _ := o.monthsOn(day1, w.n)
		return o.daysOn(p, -1)
	}
	return day1
}

// firstNumber returns the number of the first day of a phase.
func (o *oracle) firstNumber(ph *oraclePhase) int {
	w := ph.starts
	switch {
	case w == nil && ph == o.phases[0]:
		return o.countFrom
	case w == nil || w.offset.n != 0 || w.first != "":
		return 1
	case w.phase == "" && (w.anchor == "start" || w.anchor == "day" && w.n == o.countFrom):
		return o.countFrom
	case w.phase != "" && w.anchor == "start" && !o.pending["number of "+ph.name]:
		o.pending["number of "+ph.name] = true
		defer delete(o.pending, "number of "+ph.name)
		for _, of := range o.phases {
			if of.name == w.phase {
				return o.firstNumber(of)
			}
		}
	}
	return 1
}

// beginsWithCourse reports whether a phase whose start does not say so begins on day 1 of the course.
func (o *oracle) beginsWithCourse(ph *oraclePhase) bool {
	w := ph.starts
	switch {
	case w == nil:
		return false
	case w.phase == "" && w.offset.n != 0 && w.offset.elapsed() == 0 && (w.anchor == "start" || w.anchor == "day"):
		return o.beginOf(slices.Index(o.phases, ph)).place.day == o.start && w.offset.unit != "month" && w.offset.unit != "year"
	case w.anchor == "dose" && w.n == 1 && w.offset.n == 0 && w.phase != "":
		i := slices.IndexFunc(o.phases, func(p *oraclePhase) bool { return p.name == w.phase })
		return o.firstNumber(o.phases[i]) == o.countFrom
	}
	return false
}

// later moves the begin of a phase by a length of time. Hours are elapsed, but on the clock for a phase
// with clock times of its own.
func (o *oracle) later(b begin, p span, onClock bool) begin {
	if minutes := p.elapsed(); minutes != 0 {
		if !b.timed || b.joins || b.byDay {
			refuse("hours are counted from a dose")
		}
		at := b.at + int64(minutes)*60
		if onClock {
			since := int(b.place.day)*24*60 + b.wanted + minutes
			day, clock := serial(since/(24*60)), since%(24*60)
			return begin{place: o.sameOrFresh(b.place, day), timed: true, wanted: clock, at: o.instant(day, clock)}
		}
		day, clock := o.local(at)
		return begin{place: o.sameOrFresh(b.place, day), timed: true, wanted: clock, at: at}
	}
	next := begin{place: o.add(b.place, p), timed: b.timed, wanted: b.wanted, kept: b.timed}
	if next.timed {
		next.at = o.instant(next.place.day, next.wanted)
	}
	return next
}

// sameOrFresh is the place of a day some hours from a place: the same chain of months within its day.
func (o *oracle) sameOrFresh(p place, day serial) place {
	if p.day == day {
		return p
	}
	return o.fresh(day)
}

// sound refuses a phase that no patient can have.
func (o *oracle) sound(ph *oraclePhase) {
	if ph.goesOn && ph.repeat > 1 && ph.rest.n != 0 && hasDays(ph.dose) {
		refuse("do the days of a rest count?")
	}
	if entries(ph.dose)["by week"] != nil && o.firstNumber(ph) != 1 {
		refuse("weeks can be read in two ways")
	}
	if namesDays := entries(ph.dose)["by day"] != nil || len(ph.rule.days) > 0 && ph.rule.kind != "days of"; namesDays && o.firstNumber(ph) != o.countFrom && o.beginsWithCourse(ph) {
		refuse("its own days can be read in two ways")
	}
	if cases := entries(ph.dose)["by day"]; cases != nil && number(strings.TrimPrefix(cases.Content[0].Value, "from ")) != o.firstNumber(ph) {
		refuse("the first case is not the first day")
	}
	if ph.rule.kind == "once" && ph.course.doses > 1 {
		refuse("%s has one dose", ph.name)
	}
	soundMarks(ph)
	if list, first := ph.rule.days, o.firstNumber(ph); len(list) > 0 {
		if ph.rule.kind == "days of" {
			first = 1
		}
		length := ph.course.length
		if length.unit == "week" {
			length = span{7 * length.n, "day"}
		}
		if length.unit == "day" && list[len(list)-1]-first >= length.n || ph.rule.kind == "list" && ph.course.doses > 0 && len(list) != ph.course.doses {
			refuse("a listed day lies past the course of %s", ph.name)
		}
	}
}

// soundMarks refuses weeks or months that lie past the course of a phase.
func soundMarks(ph *oraclePhase) {
	if ph.rule.marks == nil {
		return
	}
	last, length, months := ph.rule.marks[len(ph.rule.marks)-1], ph.course.length, ph.rule.kind == "at months"
	days := length.n
	if length.unit == "week" {
		days *= 7
	}
	past := false
	switch {
	case length.n == 0:
	case length.unit == "month":
		past = months && last > 0 && last >= length.n || !months && last*7 >= 28*length.n
	case months:
		past = last > 0 && last*31 > days
	default:
		past = last*7 >= days
	}
	if past || ph.course.doses > 0 && ph.course.doses != len(ph.rule.marks) {
		refuse("a mark lies past the course of %s", ph.name)
	}
}

// runs computes all runs of a phase.
func (o *oracle) runs(ph *oraclePhase, b begin) *solution {
	s := &solution{phase: ph, unshown: b.unshown, open: ph.course.open && ph.rule.endless()}
	number, counted, clock := o.firstNumber(ph), 0, 0 // the clock at which the first run begins
	for i := range ph.repeat {
		r := o.settle(ph, b)
		if i == 0 {
			clock = r.first
		}
		r.number, r.counted = number, counted
		if ph.course.until != nil && o.untilDay(r).day <= r.day1.day {
			if s.unshown { // nobody asks what lies past what is shown
				return &solution{phase: ph, day1: r.day1, unshown: true, open: true}
			}
			refuse("%s would end before it begins", ph.name)
		}
		if i == 0 {
			s.day1 = r.day1
		} else if ph.goesOn {
			r.number = number + int(r.day1.day-s.day1.day)
		}
		from := len(s.doses)
		o.run(s, r)
		o.amounts(s, from)
		if ph.goesOn {
			counted = len(s.doses)
		}
		if b = s.end; i+1 < ph.repeat {
			if b.none {
				refuse("%s has no next dose from which to run again", ph.name)
			}
			if ph.rest.n != 0 {
				b = o.later(b, ph.rest, false)
				b.timed, b.kept, b.byDay, b.wanted = true, true, false, clock
				b.at = o.instant(b.place.day, clock)
			}
		}
	}
	if each := ph.starts != nil && ph.starts.anchor == "each"; !s.open && !s.arrives && !s.unshown && !each {
		refuse("%s ends before its steps", ph.name)
	}
	return s
}

// A running is one run of a phase, with the times of its days settled.
type running struct {
	ph      *oraclePhase
	day1    place
	from    int64 // no dose is before this instant
	first   int   // the clock time of from
	leaps   bool  // elapsed time led to that instant, and clocks may go forward over what was written for it
	exact   bool  // the run begins at that very instant, whatever the clocks show before
	times   []int
	number  int // of its first day
	counted int // doses before it that count with its own
}

// settle finds the first moment of a run and the clock times of its days.
func (o *oracle) settle(ph *oraclePhase, b begin) *running {
	r := &running{ph: ph}
	own := ph.rule.allTimes(ph.timesOf(b.place.day))
	switch {
	case b.byDay && len(own) > 0:
		r.day1, r.times = b.place, own
		r.first, r.from = own[0], o.instant(b.place.day, own[0])
	case !b.timed || b.kept && len(own) > 0:
		stated := ph.timesOf(b.place.day)
		if len(stated) == 0 {
			stated = ph.rule.usualTimes()
		}
		r.day1, r.times = b.place, ph.rule.allTimes(stated)
		r.first, r.from = stated[0], o.instant(b.place.day, stated[0])
	case len(own) == 0:
		r.day1, r.from, r.first, r.exact, r.leaps = b.place, b.at, b.wanted, true, b.elapsed
		r.times = movedTo(ph.rule.allTimes(ph.rule.usualTimes()), b.wanted)
		// Where the clocks go forward over both, the next dose would have been at the very
		// instant of the last: nothing is given twice.
		if b.joins && b.at <= b.after {
			r.exact = false
			if ph.rule.elapsed > 0 {
				r.times = []int{b.wanted}
			}
			r.day1, r.first, r.from = o.firstOwnTime(r, b)
		}
	default:
		r.times = own
		r.day1, r.first, r.from = o.firstOwnTime(r, b)
	}
	return r
}

// firstOwnTime finds the first of a phase's own times at or after the moment at which it
// begins, and for a phase that takes over, after the last dose of the one before.
func (o *oracle) firstOwnTime(r *running, b begin) (day1 place, clock int, at int64) {
	for n := 0; ; n++ {
		day := o.daysOn(b.place, n)
		for _, clock := range r.timesOf(day.day) {
			at := o.instant(day.day, clock)
			if b.joins && at > b.after || !b.joins && at >= b.at {
				return day, clock, at
			}
		}
	}
}

// timesOf are the clock times that a phase states for a day.
func (ph *oraclePhase) timesOf(day serial) []int {
	if ph.days != nil {
		return ph.days[day.weekday()]
	}
	return ph.times
}

// timesOf are the clock times of a run on a day.
func (r *running) timesOf(day serial) []int {
	if r.ph.days != nil {
		return r.ph.days[day.weekday()]
	}
	return r.times
}

// firstOn is the first clock time of a run on a day, if there is one.
func (r *running) firstOn(p *place) int {
	if p == nil {
		return 0
	}
	return r.timesOf(p.day)[0]
}

// movedTo moves the times of a day so that the nearest of them is a given one.
func movedTo(times []int, wanted int) []int {
	move := func(distance func(from int) int) []int {
		shift := 24 * 60
		for _, c := range times {
			if d := distance(c); abs(d) < abs(shift) {
				shift = d
			}
		}
		var out []int
		for _, c := range times {
			out = append(out, mod(c+shift, 1440))
		}
		slices.Sort(out)
		return out
	}
	return move(func(from int) int { return mod(wanted-from+720, 1440) - 720 })
}

// ticks are the times at which the rule of a run doses, without end.
func (o *oracle) ticks(r *running) iter.Seq[tick] {
	return func(yield func(tick) bool) {
		if step := r.ph.rule.elapsed; step > 0 {
			for at := r.from; ; at += int64(step) * 60 {
				day, clock := o.local(at)
				if at == r.from {
					clock = r.first
				}
				p := o.daysOn(r.day1, int(day-r.day1.day))
				if !yield(tick{p, clock, at}) {
					return
				}
			}
		}
		for n := 0; n < r.ph.rule.reach(); n++ {
			p, ok := o.dosesOn(r, n)
			if !ok {
				continue
			}
			for _, clock := range r.timesOf(p.day) {
				at := o.instant(p.day, clock)
				if begins := n == 0 && clock == r.first; begins && r.exact {
					at = r.from
				} else if r.leaps && at == r.from {
					continue // clocks went forward over the first to this one
				}
				if at >= r.from && (n > 0 || clock >= r.first) && !yield(tick{p, clock, at}) {
					return
				}
			}
		}
	}
}

// run adds the doses of one run to a phase and says where it ends.
func (o *oracle) run(s *solution, r *running) {
	c := r.ph.course
	lastDay := o.lastDay(r)
	given := 0
	s.end = begin{none: true}
	var sum *big.Rat
	if c.total != nil {
		sum = o.before(s.phase)
	}
	for t := range o.ticks(r) {
		day := r.number + int(t.place.day-r.day1.day)
		byDoses := c.doses > 0 && given == c.doses
		byHours := c.minutes > 0 && given > 0 && o.hoursOver(r, s.doses[len(s.doses)-given].tick, t)
		byTotal := c.total != nil && given > 0 && sum.Cmp(c.total) >= 0
		switch {
		case (byDoses || byHours || byTotal) && r.ph.rule.endless():
			s.end = s.joins(&t)
			return
		case byDoses || byHours:
			o.endWithLastDay(s, r, lastDay, r.firstOn(lastDay))
			return
		case lastDay != nil && t.place.day >= lastDay.day:
			if t.place.day != lastDay.day {
				t.wanted = r.timesOf(lastDay.day)[0]
			}
			o.endWithLastDay(s, r, lastDay, t.wanted)
			if t.place.day == lastDay.day {
				s.end.at = t.at
			}
			return
		case c.open && given >= 40 && o.until > 0 && t.place.day > o.followed():
			return
		}
		given++
		s.doses = append(s.doses, oracleDose{tick: t, phase: r.ph.name, number: len(s.doses) + 1, counts: r.counted + given, day: day})
		if c.total != nil {
			now, ok := o.addLast(s, sum, c.total)
			if !ok { // the dose before it was the last
				if s.doses = s.doses[:len(s.doses)-1]; given == 1 {
					refuse("nothing is left of the total")
				}
				s.end = s.joins(&t)
				return
			}
			sum = now
		}
	}
	o.endWithLastDay(s, r, lastDay, r.firstOn(lastDay))
}

// joins is where what follows begins after the last dose of a run, whose next would have been at a tick.
func (s *solution) joins(t *tick) begin {
	return begin{place: t.place, timed: true, wanted: t.wanted, at: t.at, joins: true, after: s.doses[len(s.doses)-1].at}
}

// before is what the doses come to of the phases that a phase follows.
func (o *oracle) before(ph *oraclePhase) *big.Rat {
	sum := new(big.Rat)
	for _, other := range o.phases {
		if other != ph && o.comesAfter(ph, other) {
			for _, d := range o.solve(other.name).doses {
				sum.Add(sum, d.amount)
			}
		}
	}
	return sum
}

// alone refuses a phase beside one that ends with a total: nothing says whether its doses count.
func (o *oracle) alone(ph *oraclePhase) {
	for _, other := range o.phases {
		if ph.course.total != nil && other != ph && !o.comesAfter(ph, other) && !o.comesAfter(other, ph) {
			refuse("%s runs beside %s", other.name, ph.name)
		}
	}
}

// accompanies refuses a phase that goes with another dose by dose, both by one rule, where months or days of the week
// part them: some hours from the one are some hours from each, and what is to come after is not before.
func (o *oracle) accompanies(ph *oraclePhase) {
	w := ph.starts
	if w == nil || w.anchor != "dose" || w.offset.n == 0 || w.phase == "" || ph.course.doses == 1 {
		return
	}
	of := o.solve(w.phase)
	if a, b := ph.rule, of.phase.rule; a.kind == "every days" || a.kind == "every weeks" || a.perDay > 1 || a.elapsed > 0 || ph.days != nil || of.phase.days != nil || !reflect.DeepEqual(a, b) {
		return
	}
	for n, d := range o.solve(ph.name).doses {
		k := w.n - 1 + n
		if k >= len(of.doses) {
			return
		}
		x := of.doses[k]
		if !o.seen(&d) || !o.onTime(ph, &d) || !o.onTime(of.phase, &x) {
			continue
		}
		minutes := w.offset.elapsed()
		off := int(d.at-x.at)/60 - minutes
		if w.offset.n < 0 && d.at >= x.at || w.offset.n > 0 && d.at <= x.at || minutes != 0 && max(off, -off) > 2*60 {
			refuse("%s does not go with each dose of %s", ph.name, w.phase)
		}
	}
}

// comesAfter reports whether a phase begins after the end, or the last dose, of another.
func (o *oracle) comesAfter(ph, other *oraclePhase) bool {
	for range o.phases {
		i := slices.Index(o.phases, ph)
		w := ph.starts
		if w == nil {
			if i == 0 {
				return false
			}
			w = &when{anchor: "after", phase: o.phases[i-1].name}
		}
		if w.offset.n < 0 || w.phase == "" || w.anchor != "after" && w.anchor != "end" && w.anchor != "last" {
			return false
		}
		k := slices.IndexFunc(o.phases, func(p *oraclePhase) bool { return p.name == w.phase })
		if ph = o.phases[k]; ph == other {
			return true
		}
	}
	return false
}

// addLast adds the last dose of a phase to the sum on the way to a total: where it would pass it, the dose has
// what is left, in the steps of its rounding. It reports whether anything is.
func (o *oracle) addLast(s *solution, sum, total *big.Rat) (now *big.Rat, ok bool) {
	d := &s.doses[len(s.doses)-1]
	s.counted = s.doses
	part, base := o.partOf(s, s.phase.dose, d, standing{day: o.firstNumber(s.phase), dose: 1})
	now = new(big.Rat).Add(sum, amountOf(part, d, base))
	if now.Cmp(total) <= 0 {
		return now, true
	}
	d.amount, d.rest = new(big.Rat).Sub(total, sum), true
	if step, _ := readRound(part); step != nil {
		d.amount = roundedTo(d.amount, step, true)
	}
	return total, d.amount.Sign() > 0
}

// hoursOver reports whether the hours of a course, which count from its first dose as its rule
// counts time, are over at another.
func (o *oracle) hoursOver(r *running, first, t tick) bool {
	minutes := r.ph.course.minutes
	if r.ph.rule.elapsed > 0 {
		return t.at-first.at >= int64(minutes)*60
	}
	return t.written()-first.written() >= minutes
}

// endWithLastDay ends a run with the last day of its length of time, if it has one. What follows
// without times of its own goes on at the clock time of the next dose.
func (o *oracle) endWithLastDay(s *solution, r *running, after *place, wanted int) {
	if after != nil {
		s.end = begin{place: *after, timed: true, wanted: wanted, at: o.instant(after.day, wanted), kept: true, byDay: true}
	}
}

// lastDay returns the day after the last of a run whose course is a length of time.
func (o *oracle) lastDay(r *running) *place {
	c := r.ph.course
	var end *place
	if c.length.n > 0 {
		p := o.add(r.day1, c.length)
		end = &p
	}
	if c.cycles > 0 {
		p := o.daysOn(r.day1, c.cycles*r.ph.rule.cycle)
		end = &p
	}
	if c.until != nil {
		if p := o.untilDay(r); end == nil || p.day < end.day {
			end = &p
		}
	}
	return end
}

// untilDay returns the day after the last of a run that lasts until a day of the course.
func (o *oracle) untilDay(r *running) place {
	return o.daysOn(o.numberedDay(o.fresh(o.start), o.countFrom, r.ph.course.until), 1)
}

// A courseText is a protocol and a patient, as files write them.
type courseText struct {
	text, start, zone, until string
}

func (c courseText) String() string {
	return fmt.Sprintf("%sstart: %s, time zone: %s, until: %q\n", c.text, c.start, c.zone, c.until)
}

// engineListing computes a course with the engine, one dose a line in the order of phases.
func engineListing(t *rapid.T, c courseText) (lines string, why string) {
	measured, stated := "", ""
	if strings.Contains(c.text, "present dose") {
		measured, stated = "measurements: { present dose: 10..200 mg }\n", fmt.Sprintf("measurements: { present dose: %d mg }\n", presentDose)
	}
	p, found := protocol.Decode("test.yaml", []byte(head+measured+"routes: { oral: {} }\n"+c.text), nil)
	if found.HasErrors() {
		return "", fmt.Sprint(found)
	}
	var o schedule.Options
	if c.until != "" {
		o.Until = civil.MustDate(c.until)
	}
	s, found := compute(p, o, personOf(t, fmt.Sprintf("start: %s\ntime zone: %s\n%s", c.start, c.zone, stated)))
	if s == nil {
		return "", fmt.Sprint(found)
	}
	byPhase := make([]strings.Builder, len(p.Phases))
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			at := time.Unix(e.At, 0).UTC().Format("2006-01-02T15:04Z")
			fmt.Fprintf(&byPhase[e.Phase], "%s %d %v %v %s %s mg\n", s.PhaseName(e), e.Number, e.Date, e.Clock, at, s.Dose(e).Amount.Decimal())
		}
	}
	var b strings.Builder
	for i := range byPhase {
		b.WriteString(byPhase[i].String())
	}
	return b.String(), ""
}

// oracleListing computes a course with the oracle.
func oracleListing(c courseText) (lines, why string) {
	o, doses, why := expect(c)
	var b strings.Builder
	for _, d := range doses {
		day, clock := o.local(d.at)
		y, m, dd := day.parts()
		at := time.Unix(d.at, 0).UTC().Format("2006-01-02T15:04Z")
		fmt.Fprintf(&b, "%s %d %04d-%02d-%02d %02d:%02d %s %s mg\n", d.phase, d.number, y, m, dd, clock/60, clock%60, at, decimal(d.amount))
	}
	return b.String(), why
}

// decimal writes an amount as the engine does, without zeros at its end.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(6), "0")
}

// compareCourse fails where the engine and the oracle differ about a course. It says what came of
// it otherwise: “compared”, or “refused” by both.
func compareCourse(t *rapid.T, c courseText) string {
	want, wantWhy := oracleListing(c)
	got, gotWhy := engineListing(t, c)
	if c.until != "" && (gotWhy == "") != (wantWhy == "") && agreeLater(t, c, got, gotWhy) {
		return "compared where more is shown"
	}
	if (gotWhy == "") != (wantWhy == "") || got != want {
		t.Fatalf("engine and oracle differ on\n%v\nthe engine:\n%s%s\nthe oracle:\n%s%s", c, got, gotWhy, want, wantWhy)
	}
	if gotWhy != "" {
		return "refused"
	}
	return "compared"
}

// agreeLater reports whether engine and oracle, of which one refuses a course, agree where more of it is shown: each
// looks as far past the last day as its own way of counting needs, so that one may meet there what the other does
// not. The engine's calendar is then the beginning of the longer one.
func agreeLater(t *rapid.T, c courseText, got, gotWhy string) bool {
	last := c.until
	c.until = civil.MustDate(last).AddDays(400).String()
	want, wantWhy := oracleListing(c)
	more, moreWhy := engineListing(t, c)
	if wantWhy != "" || moreWhy != "" {
		return wantWhy != "" && moreWhy != ""
	}
	var begins strings.Builder
	for line := range strings.Lines(more) {
		if strings.Fields(line)[2] <= last {
			begins.WriteString(line)
		}
	}
	return more == want && gotWhy == "" && got == begins.String()
}

// oracleRuns is how many courses are compared in every run of the tests.
const oracleRuns = 1500

// The engine and the oracle give the same doses. DOSEPLAN_ORACLE=N compares N courses that are
// drawn anew, from a seed that is printed; DOSEPLAN_ORACLE_SEED draws those of a seed again.
func TestOracle(t *testing.T) {
	runs := strconv.Itoa(oracleRuns)
	if n := os.Getenv("DOSEPLAN_ORACLE"); n != "" {
		runs = n
		seed := strconv.FormatInt(time.Now().UnixNano()&math.MaxInt32, 10)
		if s := os.Getenv("DOSEPLAN_ORACLE_SEED"); s != "" {
			seed = s
		}
		t.Logf("%s courses with DOSEPLAN_ORACLE_SEED=%s", runs, seed)
		setFlag(t, "rapid.seed", seed)
	}
	setFlag(t, "rapid.checks", runs)
	forms, outcomes := map[string]int{}, map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := &drawer{t: t}
		c := d.course()
		outcome := compareCourse(t, c)
		outcomes[outcome]++
		if outcome == "compared" {
			for _, f := range d.forms {
				forms[f]++
			}
		}
	})
	for _, f := range allForms() {
		if forms[f] == 0 && !t.Failed() && sum(outcomes) >= oracleRuns {
			t.Errorf("no calendar with %q was compared", f)
		}
	}
	t.Logf("%v; forms in those compared: %v", outcomes, forms)
}

func sum(counts map[string]int) (n int) {
	for _, k := range counts {
		n += k
	}
	return n
}

// setFlag sets a flag of the test program until the test ends.
func setFlag(t *testing.T, name, value string) {
	t.Helper()
	before := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := flag.Set(name, before); err != nil {
			t.Error(err)
		}
	})
}

// The oracle gives the doses of every example on the page that it was written from.
func TestOracleReadsThePage(t *testing.T) {
	page, err := os.ReadFile("../../protocols/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range timeExample.FindAllStringSubmatch(string(page), -1) {
		c := courseText{text: x[1], start: "2026-03-02", zone: "UTC"}
		for line := range strings.SplitSeq(x[1], "\n") {
			if v, ok := strings.CutPrefix(line, "start: "); ok {
				c.start = v
			} else if v, ok := strings.CutPrefix(line, "time zone: "); ok {
				c.zone = v
			}
		}
		lines, why := oracleListing(c)
		var got, want []string
		for line := range strings.Lines(lines) {
			f := strings.Fields(line)
			got = append(got, strings.Join(f[:4], " "))
		}
		for line := range strings.Lines(squeezed(x[2])) {
			if f := strings.Fields(line); f[0] != "note" && f[0] != "warning" {
				want = append(want, strings.Join(f[:4], " "))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s\ngives\n%v %s\nwant\n%v", x[1], got, why, want)
		}
	}
}

package schedule

import (
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// A standing is where a dose stands, on the days of rules.
type standing struct {
	at     civil.Moment
	second int64 // the instant, where no hold lies between; else 0
}

// Standings are where the doses stand from which phases count, by their index on the axis, where
// that is not the place that their rule gives them: a closed day, a clinician or the patient has
// moved them.
type standings map[int]standing

// standings returns where doses that are placed stand.
func (a *axis) standings(events []Event) standings {
	var out standings
	var counted map[int]bool
	for i := range a.plan.phases {
		first, n := a.counted(i)
		for k := range n {
			if counted == nil {
				counted = map[int]bool{}
			}
			counted[first+k] = true
		}
	}
	for i := range events {
		e, k := &events[i], int(events[i].Of)
		if k == None || !counted[k] {
			continue
		}
		_, put := a.plan.options.Timeline.Moved[a.plan.nameOf(e)]
		if delete(counted, k); (e.Status == Missed || e.Status == Held) && !put { // what was put elsewhere stays there
			continue
		}
		d := &a.doses[k]
		if there, _ := a.zone.At(d.date, d.clock); e.At == there || d.at != 0 && e.At == d.at || e.Date == d.date && e.Clock == d.clock {
			continue // where its rule has it, if clocks show another time
		}
		if out == nil {
			out = standings{}
		}
		held := d.date.Sub(d.day.Date())
		s := standing{at: civil.Moment{Date: e.Date.AddDays(-held), Clock: e.Clock}}
		for _, put := range []civil.Date{e.Date, e.Date.AddDays(-1)} { // the day before, where the skipped hour is its last
			if there, _ := a.zone.At(put, d.clock); e.At == there { // clocks skip its time: what is counted from it is counted as on any day
				s.at = civil.Moment{Date: put.AddDays(-held), Clock: d.clock}
				break
			}
		}
		if held == 0 {
			s.second = e.At
		}
		out[k] = s
	}
	return out
}

// counted returns the index on the axis of the first dose that the start of a phase is counted from, and how many
// there are in a row.
func (a *axis) counted(i int) (first, n int) {
	ph := &a.plan.phases[i]
	if ph.after == None {
		return None, 0
	}
	of, w := &a.spans[ph.after], &ph.Starts
	switch {
	case w.Anchor == protocol.EachDose:
		return of.index, of.doses
	case w.Anchor == protocol.DoseN, w.Anchor == protocol.LastDose:
		if k, ok := a.nth(of, w); ok {
			return k, 1
		}
	case w.Anchor == protocol.EndOf && !of.dated && !of.open && of.doses > 0:
		return of.index + of.doses - 1, 1
	}
	return None, 0
}

// from returns the start of a phase that counts from a dose, which stands where it was moved to. Over
// days its planned time is kept. What goes on beside another phase, dose by dose, keeps its days: those of
// the rule, which a moved first dose does not change.
func (a *axis) from(k int, ph *phasePlan) start {
	d, w := &a.doses[k], &ph.Starts
	s := start{day: d.day, clock: civil.SomeClock(d.clock), at: d.at}
	if st, ok := a.stand[k]; ok && !ph.Beside() {
		s.day, s.at = d.day.At(st.at.Date), 0
		if _, hours := w.Offset.Elapsed(); hours || !w.Offset.IsSet() {
			s.clock, s.at = civil.SomeClock(st.at.Clock), st.second
		}
	}
	s.bound = bound{from: shown(civil.Moment{Date: s.day.Date(), Clock: s.clock.Or(0)}, a.zone)}
	if s.at != 0 {
		s.after = s.at - 1
	}
	return s
}

// A placement is the doses of a course in their places.
type placement struct {
	axis   *axis
	rec    *record
	placer *placer
	events []Event
}

// place puts the doses of a course on the axis and each in its place, from memory that starts as
// events. A phase that counts from a dose of another counts from where that stands: what moves the
// one moves the other, so that the axis is made again until nothing does.
func (pl *Plan) place(reg *regimen, first civil.Date, mem *scratch, events []Event) (out placement, found diag.List) {
	known := len(reg.doses)
	var stand standings
	for try := 0; ; try++ {
		reg.doses, reg.scaled = reg.doses[:known], reg.scaled[:known]
		out.axis = newAxis(pl, reg, first, stand, mem)
		if out.axis.found.HasErrors() {
			return out, out.axis.found
		}
		out.rec = newRecord(&pl.options.Timeline)
		out.placer = &placer{plan: pl, reg: reg, rec: out.rec, zone: &mem.zone}
		events = doseEvents(out.axis, reg, events)
		out.events = out.placer.doses(out.axis, out.rec.lay(pl, reg, events))
		if try > 0 && out.placer.found.HasErrors() {
			return out, append(append(out.axis.found, out.rec.found...), out.placer.found...)
		}
		now := out.axis.standings(out.events)
		if try == 0 && out.placer.found.HasErrors() {
			now = pl.rooted(reg, out.axis, mem)
		}
		if maps.Equal(now, stand) {
			return out, append(append(out.axis.found, out.rec.found...), out.placer.found...)
		}
		if try > len(pl.phases) {
			return out, diag.List{{Code: diag.NoPlacement, Severity: diag.Error, Message: "phases that count from doses of each other push each other off closed days", Help: "open a day, or use another policy for closed days"}}
		}
		stand = now
	}
}

// rooted returns where the doses stand that move with no other, placed without those that do: these stand elsewhere once
// the others have moved, and are in nobody's way where they stand before.
func (pl *Plan) rooted(reg *regimen, a *axis, mem *scratch) standings {
	p := &placer{plan: pl, reg: reg, rec: newRecord(&pl.options.Timeline), zone: &mem.zone}
	events := slices.DeleteFunc(doseEvents(a, reg, nil), func(e Event) bool { return pl.protocol.MovesWith(int(e.Phase)) })
	events = p.doses(a, p.rec.lay(pl, reg, events))
	if p.found.HasErrors() {
		return nil
	}
	return a.standings(events)
}

// displaced reports what does not stand as the file counts it from a dose: a phase given some
// hours from it, or what belongs before or after it and lies on its other side, since closed days
// or opening hours moved it and not the dose.
func (j *judge) displaced(f *frame, checkIns []Event) {
	for i := range j.plan.phases {
		ph := &j.plan.phases[i]
		if ph.Starts.Anchor == protocol.EachDose {
			j.runs(f, i)
			continue
		}
		k, ok := f.dose(i, 1)
		if first, _ := f.axis.counted(i); !ok || first == None || f.doses[k].Status > Provisional || j.plan.hides(&f.doses[k]) {
			continue
		}
		e, w := &f.doses[k], &ph.Starts
		from, ok := f.from(w)
		if !ok {
			j.add(diag.Displaced, ph.Range, displacedHelp, "%s is to be given %s, and that dose is left out: its day is closed", j.plan.nameInWords(e), w.Text)
			continue
		}
		skipped := e.Shift == civil.Skipped || f.doses[from].Shift == civil.Skipped // which the clocks moved, and say so
		if ph.Beside() && !skipped && f.doses[from].Status <= Provisional && e.Date.Sub(e.Target) != f.doses[from].Date.Sub(f.doses[from].Target) {
			j.add(diag.Displaced, ph.Range, displacedHelp, "%s is to be given %s, which stands on %v; both want the same window", j.plan.nameInWords(e), w.Text, f.doses[from].Date)
			continue
		}
		if e.moved() && (f.onTime(e, &f.doses[from], w) || wrongSide(e, &f.doses[from], w)) {
			j.add(diag.Displaced, ph.Range, displacedHelp, "%s is to be given %s, which is %s", j.plan.nameInWords(e), w.Text, j.plan.nameInWords(&f.doses[from]))
			continue
		}
		stands := f.doses[from].Date
		if ph.Beside() { // which keeps the days of its rule
			stands = f.doses[from].Target
		}
		switch {
		case !j.plan.accompanies(ph):
		case j.plan.periodic(ph):
			j.companions(f, i, e.Target.Sub(stands), stands.Sub(f.doses[from].Target))
		default:
			j.parted(f, i, stands != f.doses[from].Target)
		}
	}
	if j.plan.options.Timeline.Lived {
		j.unaccompanied(f)
	}
	j.displacedVisits(f, checkIns)
}

// runs is displaced for a phase that begins again at each dose of another.
func (j *judge) runs(f *frame, phase int) {
	ph := &j.plan.phases[phase]
	w, of := &ph.Starts, &j.plan.phases[ph.after]
	for e, first := range f.inRuns(phase) {
		if !first { // which alone is counted from the dose
			continue
		}
		from, ok := f.goesWith(e)
		switch {
		case e.Status > Provisional || j.plan.hides(e):
		case !ok:
			j.add(diag.Displaced, ph.Range, displacedHelp, "%s is to be given %s, and one of “%s” is left out: its day is closed", j.plan.nameInWords(e), w.Text, of.Name)
			return
		case e.moved() && f.onTime(e, &f.doses[from], w) || strays(e, &f.doses[from], w, true):
			j.add(diag.Displaced, ph.Range, runHelp, "%s is to be given %s, and stands otherwise to %s: it is %s", j.plan.nameInWords(e), w.Text, j.plan.nameInWords(&f.doses[from]), apart(e, &f.doses[from]))
			return
		}
	}
}

const runHelp = "leave out `times` and days of the week that lie elsewhere; or open the day, choose another start, or another policy for closed days"

// strays reports whether a dose does not stand to another as the file counts it from that: on its side, so many hours from
// it, and, where days are strict, so many days, or on its day.
func strays(e, of *Event, w *protocol.When, strict bool) bool {
	months, days, dated := w.Offset.Calendar()
	elapsed, hours := w.Offset.Elapsed()
	off := e.At - of.At - int64(w.Sign())*int64(elapsed.Seconds())
	switch {
	case of.Status == Missed || of.Status == Held || e.Shift == civil.Skipped || of.Shift == civil.Skipped: // the clocks moved it, and say so
		return false
	case wrongSide(e, of, w):
		return true
	case e.moved() || months > 0: // its own window lets it stand on another day; months differ
		return false
	case hours:
		return max(off, -off) > clockChanges
	case dated:
		return strict && e.Date.Sub(of.Date) != w.Sign()*days
	}
	return strict && e.Date != of.Date
}

// inRuns yields the doses of a phase that begins again at each dose of another, and whether each is the first of its run.
func (f *frame) inRuns(phase int) iter.Seq2[*Event, bool] {
	return func(yield func(*Event, bool) bool) {
		run := int32(0)
		for _, k := range f.nth[phase] {
			if k == None {
				continue
			}
			e := &f.doses[k]
			if first := e.Run != run; !yield(e, first) {
				return
			}
			run = e.Run
		}
	}
}

// goesWith returns the index of the dose at which the run of a dose begins. ok is false where that is left out.
func (f *frame) goesWith(e *Event) (of int, ok bool) {
	return f.dose(f.axis.plan.phases[e.Phase].after, int(e.Run))
}

// withheld holds what goes with each dose of a lived course where that is not given: it is left out where that is left out.
// What comes before a dose is held once that was given: it is not to be given after it.
func (j *judge) withheld(f *frame) {
	for i := range j.plan.phases {
		if j.plan.phases[i].Starts.Anchor != protocol.EachDose {
			continue
		}
		for e := range f.inRuns(i) {
			if e.Status > Provisional {
				continue
			}
			from, ok := f.goesWith(e)
			if !ok {
				continue
			}
			switch of := &f.doses[from]; {
			case of.Status == Missed, of.Status == Held && of.Fit == LeftOut:
				e.hold()
				e.Fit = LeftOut
			case of.Status == Held, of.Status == Taken && j.plan.phases[i].Starts.Before && e.At < of.At:
				e.hold()
			}
		}
	}
}

// unaccompanied says of the doses of a lived course that accompany those of another phase where the one has still to
// come, and the other is not given, or was given on another day from it.
func (j *judge) unaccompanied(f *frame) {
	for i := range j.plan.phases {
		ph := &j.plan.phases[i]
		w := &ph.Starts
		if w.Anchor == protocol.EachDose {
			for e, first := range f.inRuns(i) {
				from, ok := f.goesWith(e)
				if !ok {
					continue
				}
				days := e.Date.Sub(f.doses[from].Date)
				if first { // the others follow from it
					days = daysFrom(w, &f.doses[from], days)
				}
				if j.alone(e, &f.doses[from], days, w) {
					break
				}
			}
			continue
		}
		if !j.plan.accompanies(ph) {
			continue
		}
		mine, theirs := &f.axis.spans[i], &f.axis.spans[ph.after]
		if mine.doses == 0 || theirs.doses < w.N {
			continue
		}
		days := f.axis.doses[mine.index].day.Date().Sub(f.axis.doses[theirs.index+w.N-1].day.Date())
		for n := 1; n <= len(f.nth[i]); n++ {
			k, ok := f.dose(i, n)
			from, okFrom := f.dose(ph.after, w.N+n-1)
			if ok && okFrom && j.alone(&f.doses[k], &f.doses[from], days, w) {
				break
			}
		}
	}
}

// companions reports the later doses of a phase that accompanies another, dose by dose, and do not stand to the
// other's as the first does to its own, so many days after it: closed days moved one and not the other, or the
// first alone, by so many days. Two phases of one rule are read so, the one from a dose of the other on, up to
// where their rules part them by themselves: runs, and rest between them.
func (j *judge) companions(f *frame, phase, days, first int) {
	ph := &j.plan.phases[phase]
	w, of := &ph.Starts, &j.plan.phases[ph.after]
	_, hours := w.Offset.Elapsed()
	for n := 2; ; n++ {
		k, ok := f.dose(phase, n)
		from, okFrom := f.dose(ph.after, w.N+n-1)
		switch {
		case n > len(f.nth[phase]) || w.N+n-1 > len(f.nth[ph.after]):
			return
		case !ok || f.doses[k].Status > Provisional || j.plan.hides(&f.doses[k]):
			continue
		case !okFrom:
			j.add(diag.Displaced, ph.Range, companionHelp, "%s accompanies a dose of “%s” that is left out: its day is closed", j.plan.nameInWords(&f.doses[k]), of.Name)
			return
		}
		e, x := &f.doses[k], &f.doses[from]
		if e.Target.Sub(x.Target)-first != days {
			return
		}
		if e.Shift == civil.Skipped || x.Shift == civil.Skipped { // the clocks moved it, and say so
			continue
		}
		if x.Status == Missed || x.Status == Held || e.Date.Sub(x.Date) == days && !wrongSide(e, x, w) {
			continue
		}
		if w.Offset.IsSet() && !hours && e.moved() && !wrongSide(e, x, w) {
			continue // its own window lets it stand on another day
		}
		j.add(diag.Displaced, ph.Range, companionHelp, "%s accompanies %s, as the first does %s, and does not stand to it as that does: %s from it", j.plan.nameInWords(e), j.plan.nameInWords(x), w.Text, civil.Plural(e.Date.Sub(x.Date), "day"))
		return
	}
}

// daysFrom returns how many days after a dose something stands that is counted from it, or another number where months
// say it.
func daysFrom(w *protocol.When, dose *Event, other int) int {
	if elapsed, hours := w.Offset.Elapsed(); hours {
		at := civil.Moment{Date: dose.Date, Clock: dose.Clock}
		return at.Add(int64(w.Sign()) * int64(elapsed.Minutes())).Date.Sub(dose.Date)
	}
	if months, days, _ := w.Offset.Calendar(); months == 0 {
		return w.Sign() * days
	}
	return other
}

// alone says of a dose of a course and the one that it accompanies, whichever of them was given, missed or left out,
// that the other has still to come and does not go with it any more.
func (j *judge) alone(e, of *Event, days int, w *protocol.When) bool {
	planned := func(x *Event) bool {
		return x.Status <= Provisional && !j.plan.hides(x) && !x.Date.Before(j.plan.options.Timeline.Now)
	}
	say := func(form string, args ...any) bool {
		j.add(diag.Unaccompanied, j.plan.phases[e.Phase].Range, "give both or neither, or move the one to the other", form, args...)
		return true
	}
	follows := w.Anchor == protocol.EachDose && !w.Before
	switch gone := func(x *Event) bool { return x.Status == Missed || x.Status == Held }; {
	case follows && e.Status == Taken && (of.Status <= Provisional || of.Status == Taken && e.At < of.At):
		return say("%s was given, and %s, after which it comes, was not given before it: what is planned after that counts from it, and lacks this one", j.plan.nameInWords(e), j.plan.nameInWords(of))
	case follows && planned(e) && of.Status <= Provisional && of.Date.Before(j.plan.options.Timeline.Now):
		return say("%s is planned, and comes after %s, which is not recorded: write that down first, and give neither if it was not given", j.plan.nameInWords(e), j.plan.nameInWords(of))
	case follows && planned(of) && e.Status <= Provisional && j.plan.ended(e):
		return say("%s is planned, and %s, which goes with it, is not: the course ends before it", j.plan.nameInWords(of), j.plan.nameInWords(e))
	case w.Before && of.Status == Taken && (e.Status == Missed || e.Fit == LeftOut):
		return say("%s was given, and %s, which comes before it, was not", j.plan.nameInWords(of), j.plan.nameInWords(e))
	case planned(e) && gone(of):
		return say("%s is planned, and goes with %s, which is not given", j.plan.nameInWords(e), j.plan.nameInWords(of))
	case follows && of.Status == Taken && e.Status == Held && !e.Date.Before(j.plan.options.Timeline.Now):
		return say("%s was given, and %s, which goes with it, is held or left out", j.plan.nameInWords(of), j.plan.nameInWords(e))
	case follows && of.Status == Taken && e.Status <= Provisional && j.plan.ended(e):
		return say("%s was given, and %s, which goes with it, is not: the course ends before it", j.plan.nameInWords(of), j.plan.nameInWords(e))
	case w.Before && of.Status == Taken && (e.Status <= Provisional || e.Status == Held) && !j.plan.ended(e) && e.At < of.At:
		return say("%s was given, and %s, which comes before it, is not recorded: write down whether it was given", j.plan.nameInWords(of), j.plan.nameInWords(e))
	case planned(of) && gone(e):
		return say("%s is planned, and %s, which goes with it, is not given", j.plan.nameInWords(of), j.plan.nameInWords(e))
	case planned(of) && e.Status == Taken && e.Date.Sub(of.Date) == days && farFrom(e, of, w):
		return say("%s is planned, and %s was given %s, and not %s", j.plan.nameInWords(of), j.plan.nameInWords(e), apart(e, of), w.Text)
	case planned(of) && e.Status == Taken && (w.Anchor == protocol.EachDose || j.plan.periodic(&j.plan.phases[e.Phase])) && (e.Date.Sub(of.Date) != days || wrongSide(e, of, w)):
		return say("%s is planned, and %s, which goes with it, was given on another day from it than the protocol has it", j.plan.nameInWords(of), j.plan.nameInWords(e))
	}
	return false
}

// farFrom reports whether what is counted in hours from a dose stands at another time from it than that, by an hour at
// least and by half of the time.
func farFrom(e, of *Event, w *protocol.When) bool {
	elapsed, hours := w.Offset.Elapsed()
	length := int64(elapsed / time.Second)
	by := e.At - of.At - int64(w.Sign())*length
	return hours && max(by, -by) >= max(3600, length/2)
}

// ended reports whether a dose lies past the end of a course that was ended.
func (pl *Plan) ended(e *Event) bool {
	stop := pl.options.Timeline.Stop
	return !stop.IsZero() && !e.Date.Before(stop)
}

// parted is companions for rules that are no matter of so many days: months have other lengths, and days of the week or of
// a cycle are not those of a dose that was moved. Some hours from a dose are so many from each; some days are as many
// where the first was moved, and on the same side of the dose in any case.
func (j *judge) parted(f *frame, phase int, moved bool) {
	ph := &j.plan.phases[phase]
	w := &ph.Starts
	if !w.Offset.IsSet() {
		return
	}
	for n := 1; n <= len(f.nth[phase]) && w.N+n-1 <= len(f.nth[ph.after]); n++ {
		k, ok := f.dose(phase, n)
		from, okFrom := f.dose(ph.after, w.N+n-1)
		if !ok || !okFrom || f.doses[k].Status > Provisional || j.plan.hides(&f.doses[k]) {
			continue
		}
		e, x := &f.doses[k], &f.doses[from]
		if !strays(e, x, w, moved) {
			continue
		}
		j.add(diag.Displaced, ph.Range, companionHelp, "%s accompanies %s, and does not stand %s from it: it is %s", j.plan.nameInWords(e), j.plan.nameInWords(x), w.Offset, apart(e, x))
		return
	}
}

// apart says in words where an event stands to another.
func apart(e, x *Event) string {
	side := "after"
	if e.At < x.At {
		side = "before"
	}
	if e.At == x.At {
		return "at the same time"
	}
	return civil.Elapsed(max(e.At-x.At, x.At-e.At)) + " " + side + " it"
}

// accompanies reports whether a phase goes with another dose by dose, from a dose of it on and by the same rule.
func (pl *Plan) accompanies(ph *phasePlan) bool {
	return ph.after != None && ph.Starts.Anchor == protocol.DoseN && ph.Course.Doses != 1 && pl.sameRule(ph, &pl.phases[ph.after])
}

// sameRule reports whether two phases are given by one rule, which nobody has changed: the one accompanies the other then.
func (pl *Plan) sameRule(a, b *phasePlan) bool {
	if a.times.days != nil || b.times.days != nil {
		return false
	}
	if changed, _ := pl.changesOf(a); len(changed) > 0 {
		return false
	}
	if changed, _ := pl.changesOf(b); len(changed) > 0 {
		return false
	}
	f := a.choice.Frequency
	_, elapsed := f.Interval()
	return !elapsed && f.PerDay() <= 1 && f.String() == b.choice.Frequency.String()
}

// periodic reports whether a phase is given every so many days.
func (pl *Plan) periodic(ph *phasePlan) bool {
	const day = 24 * 60
	f := ph.choice.Frequency
	minutes, ok := f.Period()
	return ok && minutes%day == 0 && (f.Kind() == frequency.Days || f.Kind() == frequency.Weeks)
}

// clockChanges is the longest that clocks change by, in seconds.
const clockChanges = 2 * 60 * 60

const companionHelp = "open the day, choose another start, or another policy for closed days; or count it from each dose of the other, as `starts: 30 minutes before each dose of …`, with the course of each time, which moves with it"

// onTime reports whether a dose was planned just so many hours from another as a start says, but for a
// change of the clocks: its rule can also put it on a later day or time.
func (f *frame) onTime(e, from *Event, w *protocol.When) bool {
	elapsed, hours := w.Offset.Elapsed()
	if !hours || e.Of == None {
		return false
	}
	d := &f.axis.doses[e.Of]
	apart := civil.Moment{Date: d.date, Clock: d.clock}.Minutes(civil.Moment{Date: from.Date, Clock: from.Clock}) - int64(w.Sign())*int64(elapsed.Minutes())
	return 60*max(apart, -apart) <= clockChanges
}

// displacedVisits is displaced for check-ins.
func (j *judge) displacedVisits(f *frame, checkIns []Event) {
	for i := range checkIns {
		e := &checkIns[i]
		c := &j.plan.checkIns[e.Rule]
		if e.Status > Provisional || int(e.Number) > len(c.On) || e.Number < 1 {
			continue
		}
		w := &c.On[e.Number-1]
		if from, ok := f.from(w); ok && e.moved() && wrongSide(e, &f.doses[from], w) {
			j.found.Add(diag.Displaced, c.Range, displacedHelp, "the check-in “%s” is to be held %s, and stands on %s %v: the dose is %s", c.Name, w.Text, e.Date.WithWeekday(), e.Clock, j.plan.nameInWords(&f.doses[from])).Severity = diag.Warning
		}
	}
}

const displacedHelp = "open its day, choose another start, or another policy for closed days"

// moved reports whether closed days or opening hours have moved an event.
func (e *Event) moved() bool { return e.Date != e.Target || e.Fit == InsideHours }

// wrongSide reports whether what is counted from a dose stands at it, or on its other side.
func wrongSide(e, dose *Event, w *protocol.When) bool {
	switch {
	case !w.Offset.IsSet():
		return false
	case w.Before:
		return e.At >= dose.At
	}
	return e.At <= dose.At
}

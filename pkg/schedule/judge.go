package schedule

import (
	"fmt"
	"slices"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A judge holds the final calendar against the limits of each medicine and the gates of
// check-ins. It looks at doses in order of time, whatever passes made or moved them.
type judge struct {
	plan  *Plan
	reg   *regimen
	doses []Event
	mem   *scratch
	over  []overridden

	reined int // doses that rein holds
	found  diag.List
}

// limits checks the doses of each medicine. Where the weight changes on the way, each stretch
// is held to the limits of its own weight.
func (j *judge) limits() {
	start := civil.Date{}
	for m := range j.plan.protocol.Medications {
		l := &j.plan.protocol.Medications[m].Limits
		series, index := slices.Grow(j.mem.series[:0], len(j.doses)), slices.Grow(j.mem.index[:0], len(j.doses))
		for i := range j.doses {
			e := &j.doses[i]
			if e.Counts() && j.plan.phases[e.Phase].Medication == m {
				series = append(series, limit.Dose{At: e.At, Day: int32(e.Date.Sub(start)), Amount: j.reg.scaled[e.Dose]})
				index = append(index, i)
			}
		}
		j.mem.series, j.mem.index = series, index
		for k := range j.reg.parts {
			first, past := j.within(index, k)
			if first >= past {
				continue
			}
			rules, found := j.reg.rules(m, j.reg.parts[k].patient)
			j.found = append(j.found, found...)
			j.breaches(rules, series[:past], first, breaches{judge: j, limits: l, medicine: m, part: k, index: index})
		}
	}
}

// needless says of overrides that let nothing through.
func (j *judge) needless() {
	for _, o := range j.plan.options.Overrides {
		if !slices.ContainsFunc(j.over, func(used overridden) bool { return used.Limit == o.Limit }) {
			j.found.Add(diag.LimitOverridden, diag.Range{}, "leave it out", "the override of “%s” lets nothing through: the calendar keeps that limit", o.Limit).Severity = diag.Note
		}
	}
}

// breaches refuses the doses of a series, from the first of a stretch on, that break its rules. What
// was given is not refused.
func (j *judge) breaches(rules limit.Rules, series []limit.Dose, first int, b breaches) {
	var broken []limit.Breach
	if len(j.plan.options.Timeline.Facts)+len(j.plan.options.Overrides) == 0 {
		broken = rules.CheckFrom(series, first)
	} else {
		broken = rules.CheckBut(series, first, b.pass)
	}
	for _, breach := range broken {
		b.refuse(breach)
	}
}

// within returns the doses of a series, from the first up to but not including past, that a
// stretch has.
func (j *judge) within(index []int, part int) (first, past int) {
	if len(j.reg.parts) == 1 {
		return 0, len(index)
	}
	first = len(index)
	for i, at := range index {
		if j.reg.part(j.doses[at].Date) == part {
			first, past = min(first, i), i+1
		}
	}
	return first, past
}

// breaches are the broken limits of one medicine in one stretch.
type breaches struct {
	*judge
	limits   *protocol.Limits
	medicine int
	part     int
	index    []int // of the doses of the series
	said     []limit.Breach
	at       []int // by breach of said: where it stands among what is found
}

// pass lets a breach through that is overridden; and one that was given, of which it says so once of each stretch of
// doses: of the worst.
func (b *breaches) pass(x limit.Breach) bool {
	last := &b.doses[b.index[x.Last]]
	switch {
	case last.Status != Taken:
		return b.letThrough(x, LimitName(b.limits, x), func() diag.Diagnostic { return b.describe(x) })
	case last.Date.Before(b.plan.options.Timeline.JudgedFrom):
		return true
	}
	k := slices.IndexFunc(b.said, func(s limit.Breach) bool { return s.Kind == x.Kind && s.Rule == x.Rule && x.First <= s.Last })
	switch {
	case k < 0:
		b.said, b.at, b.found = append(b.said, x), append(b.at, len(b.found)), append(b.found, b.given(x))
	case x.Total > b.said[k].Total:
		b.said[k], b.found[b.at[k]] = x, b.given(x)
	default:
		b.said[k].Last = x.Last // the stretch goes on
	}
	return true
}

// given says that what was given is a breach.
func (b *breaches) given(x limit.Breach) diag.Diagnostic {
	d := b.describe(x)
	d.Severity, d.Help = diag.Warning, ""
	with := ""
	if slices.ContainsFunc(b.index[x.First:x.Last], func(i int) bool { return b.doses[i].Status <= Provisional }) {
		with = ", if what is planned before it and not recorded was given too"
	}
	d.Message = "what was given passes a limit" + with + ": " + d.Message
	return d
}

// An overridden is what an override lets through of one limit: the worst of it, and how many doses.
type overridden struct {
	Override
	at    diag.Range
	worst limit.Breach
	doses int
}

// letThrough reports whether an override lets a broken limit through, and takes it down. The breach of a gap to another
// medicine has its time for a total.
func (j *judge) letThrough(x limit.Breach, key limit.Key, describe func() diag.Diagnostic) bool {
	i := slices.IndexFunc(j.plan.options.Overrides, func(o Override) bool { return o.Limit == key })
	if i < 0 {
		return false
	}
	d := describe()
	k := slices.IndexFunc(j.over, func(o overridden) bool { return o.at == d.Range && o.Limit == key })
	if k < 0 {
		k, j.over = len(j.over), append(j.over, overridden{Override: j.plan.options.Overrides[i], at: d.Range})
	}
	o := &j.over[k]
	closer := x.Kind == limit.Interval || x.Kind == limit.Gap // the less, the worse
	if o.doses++; o.doses == 1 || closer && x.Total < o.worst.Total || !closer && x.Total > o.worst.Total {
		o.worst, o.Broken = x, d.Message
	}
	return true
}

// overrides says of each limit that is overridden what was let through: the worst, and how many doses.
func (j *judge) overrides() (list []Override) {
	for _, o := range j.over {
		if o.doses > 1 {
			o.Broken += fmt.Sprintf("; that is the worst of %s that pass this limit", civil.Plural(o.doses, "dose"))
		}
		j.found.Add(diag.LimitOverridden, o.at, "", "the limit “%s” is overridden (%s): %s", o.Limit, o.Reason, o.Broken)
		list = append(list, o.Override)
	}
	return list
}

// refuse reports a broken limit.
func (b *breaches) refuse(x limit.Breach) {
	d, key := b.describe(x), LimitName(b.limits, x)
	d.Severity, d.Asks = diag.Refusal, string(key)
	if d.Help == "" {
		d.Help = "change the dose, the tier or the times"
	}
	b.found = append(b.found, d)
}

// describe says what a breach is.
func (b *breaches) describe(x limit.Breach) diag.Diagnostic {
	l := b.limits
	first, last := &b.doses[b.index[x.First]], &b.doses[b.index[x.Last]]
	total := quantity.FromScaled(x.Total, b.reg.units[b.medicine])
	pat := b.reg.parts[b.part].patient
	switch x.Kind {
	case limit.Single:
		return diag.Diagnostic{Code: diag.SingleDoseLimit, Range: l.SingleAt[x.Rule],
			Message: fmt.Sprintf("%s is %v, more than the largest single dose of %v%s", b.plan.nameInWords(last), total, l.SingleDose[x.Rule], b.plan.inAll(l.SingleDose[x.Rule], pat))}
	case limit.InRolling:
		r := l.Rolling[x.Rule]
		d := diag.Diagnostic{Code: diag.RollingLimit, Range: r.Range,
			Message: fmt.Sprintf("the %s from %s to %s come to %v, more than %v within any %v%s", civil.Plural(x.Last-x.First+1, "dose"), b.plan.nameInWords(first), b.plan.nameInWords(last), total, r.Total, r.Within, b.plan.inAll(r.Total, pat))}
		if change := changeBetween(first, last, limit.Elapsed(r.Within)); change != "" {
			d.Help = change + "; give one dose later"
			if days, whole := limit.WholeDays(r.Within); whole {
				d.Help += ", or limit `" + string(limit.KeyEach(days)) + "` in the protocol if days of the calendar are meant"
			}
		}
		return d
	case limit.InDays:
		if x.Rule == len(l.OnDays) {
			return diag.Diagnostic{Code: diag.IntervalLimit, Range: l.IntervalAt,
				Message: fmt.Sprintf("%s comes %s after %s, sooner than the shortest interval of %s", b.plan.nameInWords(last), civil.Plural(last.Date.Sub(first.Date), "day"), b.plan.nameInWords(first), civil.Plural(l.Apart, "day"))}
		}
		r := &l.OnDays[x.Rule]
		of, on := last.Date.String(), "one day"
		if r.Days > 1 {
			of, on = fmt.Sprintf("%v to %v", first.Date, last.Date), civil.Plural(r.Days, "day")
		}
		return diag.Diagnostic{Code: diag.RollingLimit, Range: r.Range,
			Message: fmt.Sprintf("the doses of %s come to %v, more than %v on %s%s", of, total, r.Total, on, b.plan.inAll(r.Total, pat))}
	case limit.InCourse:
		return diag.Diagnostic{Code: diag.RollingLimit, Range: l.CourseAt,
			Message: fmt.Sprintf("with %s%s the doses of the course come to %v, more than %v%s", b.plan.nameInWords(last), b.earlier(", and"), total, l.Course, b.plan.inAll(l.Course, pat))}
	case limit.InLifetime:
		return diag.Diagnostic{Code: diag.RollingLimit, Range: l.LifetimeAt,
			Message: fmt.Sprintf("with %s what the patient received before and the doses of the course come to %v, more than %v in a lifetime%s", b.plan.nameInWords(last), total, l.Lifetime, b.plan.inAll(l.Lifetime, pat))}
	case limit.Interval:
		d := diag.Diagnostic{Code: diag.IntervalLimit, Range: l.IntervalAt,
			Message: fmt.Sprintf("%s comes %s after %s, sooner than the shortest interval of %s", b.plan.nameInWords(last), civil.Elapsed(x.Total), b.plan.nameInWords(first), civil.Elapsed(int64(l.Interval/time.Second)))}
		days := last.Date.Sub(first.Date)
		if d.Help = changeBetween(first, last, l.Interval); d.Help != "" && l.Interval%(24*time.Hour) == 0 && days >= int(l.Interval/(24*time.Hour)) {
			d.Help += "; write `interval: " + civil.Plural(int(l.Interval/(24*time.Hour)), "day") + "` in the protocol if days of the calendar are meant"
		}
		return d
	}
	return diag.Diagnostic{Code: diag.CountLimit, Range: l.DosesAt, Help: "show less of the course, or change the protocol",
		Message: fmt.Sprintf("the calendar%s has %d doses of %s, more than %d", b.earlier(", with"), x.Total, b.plan.protocol.Medications[b.medicine].Name, l.Doses)}
}

// earlier names what counts of the course beside the calendar, or is empty.
func (b *breaches) earlier(join string) string {
	if b.plan.options.Timeline.Earlier[b.plan.protocol.Medications[b.medicine].Name].Doses == 0 {
		return ""
	}
	return join + " what was given before it began again,"
}

// nameInWords names a dose for a message: its phase, number, day and time.
func (pl *Plan) nameInWords(e *Event) string {
	if e.Number == 0 {
		return fmt.Sprintf("the dose beside the plan of %s, %s %v", pl.phases[e.Phase].Name, e.Date.WithWeekday(), e.Clock)
	}
	return fmt.Sprintf("%s dose %d, %s %v", pl.phases[e.Phase].Name, e.Number, e.Date.WithWeekday(), e.Clock)
}

// LimitName returns the key of the limit that a breach breaks, as a protocol writes it.
func LimitName(l *protocol.Limits, b limit.Breach) limit.Key {
	switch b.Kind {
	case limit.Single:
		return limit.KeySingle
	case limit.InRolling:
		return limit.KeyAny(l.Rolling[b.Rule].Within)
	case limit.InDays:
		if b.Rule == len(l.OnDays) {
			return limit.KeyInterval
		}
		return limit.KeyEach(l.OnDays[b.Rule].Days)
	case limit.Interval:
		return limit.KeyInterval
	case limit.InCourse:
		return limit.KeyCourse
	case limit.InLifetime:
		return limit.KeyLifetime
	case limit.Gap:
		return limit.KeyGap
	}
	return limit.KeyDoses
}

// words says a number of seconds in days, or in hours and minutes.
func words(seconds int64) string {
	if seconds%86400 == 0 && seconds > 2*86400 {
		return civil.Plural(int(seconds/86400), "day")
	}
	return civil.Elapsed(seconds)
}

// changeBetween says that the clocks go forward between two events, where that alone brings them closer
// than some time.
func changeBetween(a, b *Event, apart time.Duration) string {
	if shown := b.At + int64(b.Offset) - a.At - int64(a.Offset); b.Offset > a.Offset && shown >= int64(apart/time.Second) {
		return fmt.Sprintf("the clocks go forward by %s between the two", words(int64(b.Offset-a.Offset)))
	}
	return ""
}

// doubles refuses doses of one phase on one instant, to which a change of the clocks can bring them.
// In a lived course all but one of them are held: what was given is the one.
func (j *judge) doubles() {
	var first *Event
	for i := range j.doses {
		e := &j.doses[i]
		switch {
		case !e.Counts() || j.plan.hides(e):
			continue
		case first == nil || e.At != first.At || e.Phase != first.Phase || e.Number == first.Number || e.Status == Taken && first.Status == Taken:
			first = e
			continue
		}
		j.add(diag.DoubleDose, j.plan.phases[e.Phase].Range, "give other times, or write the rule as `… elapsed`", "%s and dose %d fall on the same instant", j.plan.nameInWords(first), e.Number)
		if !j.plan.options.Timeline.Lived {
			return
		}
		if e.Status == Taken {
			first, e = e, first
		}
		e.hold()
	}
}

// overlaps says of a dose that begins while another of its medicine and route is still being given. What was
// given is told as it was.
func (j *judge) overlaps() {
	type hand struct {
		medicine int
		route    string
	}
	last, said := map[hand]*Event{}, map[[2]int16]bool{}
	for i := range j.doses {
		e := &j.doses[i]
		if !e.Counts() || j.plan.hides(e) {
			continue
		}
		d := &j.reg.doses[e.Dose]
		h := hand{j.plan.phases[e.Phase].Medication, d.Route.Name}
		if before := last[h]; before != nil && e.Status <= Provisional && !said[[2]int16{before.Phase, e.Phase}] {
			over, _ := j.reg.doses[before.Dose].Route.Over.Elapsed()
			if e.At > before.At && e.At < before.At+int64(over/time.Second) {
				said[[2]int16{before.Phase, e.Phase}] = true
				j.found.Add(diag.LongInfusion, j.plan.phases[e.Phase].Range, "look at `over`, or let it begin later", "%s begins while %s, which takes %v, is still being given", j.plan.nameInWords(e), j.plan.nameInWords(before), j.reg.doses[before.Dose].Route.Over)
			}
		}
		last[h] = e
	}
}

// gates refuses a dose that stands before the occurrence of a check-in that decides about it, or whose occurrence is not
// on the calendar: the first of each phase that waits for it. What was given or is confirmed already waits for nothing.
func (j *judge) gates(s *scheduler) {
	type pair struct {
		phase   int16
		checkIn int
	}
	said, before := map[pair]bool{}, make([]Waits, len(j.plan.phases)) // by phase: what the dose waits for that was looked at last
	for k := range s.frame.doses {
		dose := &s.frame.doses[k]
		if dose.Status > Provisional || dose.Waits == before[dose.Phase] || j.plan.hides(dose) {
			continue // doses are in order of time: what stands before one does before those after it
		}
		before[dose.Phase] = dose.Waits
		for _, w := range dose.Waits.List() {
			p := pair{dose.Phase, w.CheckIn()}
			said[p] = said[p] || j.gate(s, dose, w)
		}
	}
}

// gate looks at one dose and an occurrence that it waits for.
func (j *judge) gate(s *scheduler, dose *Event, w Wait) (refused bool) {
	c, e := &j.plan.checkIns[w.CheckIn()], visit(s.events, w)
	if e != nil && (e.At <= dose.At || e.Status == Taken) {
		return false
	}
	at := c.Range
	for i, g := range c.Gates {
		if i == 0 || g.FirstDose || g.Phase == j.plan.phases[dose.Phase].Name {
			at = g.Range
		}
	}
	const help = "choose other times or another start, or confirm the check-in if it took place"
	if e == nil {
		j.add(diag.BeforeGate, at, help, "%s waits for the check-in “%s”, which is not on the calendar before it", j.plan.nameInWords(dose), c.Name)
		return true
	}
	j.add(diag.BeforeGate, at, help, "%s comes before the check-in that decides about it, “%s” on %s %v", j.plan.nameInWords(dose), c.Name, e.Date.WithWeekday(), e.Clock)
	return true
}

// add takes down a finding. In a lived course nothing is refused.
func (j *judge) add(code diag.Code, at diag.Range, help, format string, args ...any) {
	if d := j.found.Add(code, at, help, format, args...); j.plan.options.Timeline.Lived {
		d.Severity = diag.Warning
	}
}

package page

import (
	"slices"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// maxRuns is how many stretches of one phase are told one by one.
const maxRuns = 14

// A day is the doses of one phase on one day.
type day struct {
	date  civil.Date
	doses []entry
}

// A stretch is days of a phase on which the same is taken at the same times, and waits for the
// same check-in.
type stretch struct {
	phase int16
	s     *schedule.Schedule
	days  []day
}

// unbroken reports whether no dose of the phase is left out, held or missed within a stretch, so that a rule
// by the hour gives just these.
func (st *stretch) unbroken() bool {
	next := st.days[0].doses[0].e.Number
	for _, d := range st.days {
		for _, x := range d.doses {
			if x.e.Number != next {
				return false
			}
			next++
		}
	}
	return true
}

// same reports whether two days are alike.
func (d *day) same(o *day) bool {
	return slices.EqualFunc(d.doses, o.doses, func(a, b entry) bool {
		x, y := a.s.Dose(a.e), b.s.Dose(b.e)
		return alike(x, y) && clockOf(a.e) == clockOf(b.e) && maybe(a) == maybe(b) && a.e.Waits == b.e.Waits
	})
}

// alike reports whether two doses of a medicine are given alike: as much, and over as long.
func alike(a, b *schedule.DoseInfo) bool {
	return a.Amount == b.Amount && a.Route.Over == b.Route.Over
}

// clockOf is the time at which a dose is meant to be: what a change of the clocks does to one is
// said on its day.
func clockOf(e *schedule.Event) civil.Clock {
	if e.Shift != civil.Unshifted {
		return e.Wanted
	}
	return e.Clock
}

func maybe(x entry) bool { return x.e.Status == schedule.Provisional }

// stretches splits the doses of a medicine that are or may be taken.
func stretches(doses []entry) []stretch {
	type part struct {
		s     *schedule.Schedule
		phase int16
	}
	var order []part
	days := map[part][]day{}
	for _, x := range doses {
		if !x.e.Counts() {
			continue
		}
		k := part{x.s, x.e.Phase}
		if _, ok := days[k]; !ok {
			order = append(order, k)
		}
		if n := len(days[k]); n > 0 && days[k][n-1].date == x.e.Date {
			days[k][n-1].doses = append(days[k][n-1].doses, x)
		} else {
			days[k] = append(days[k], day{x.e.Date, []entry{x}})
		}
	}
	var list []stretch
	for _, k := range order {
		for _, d := range days[k] {
			n := len(list)
			if n > 0 && list[n-1].s == k.s && list[n-1].phase == k.phase && list[n-1].days[0].same(&d) {
				list[n-1].days = append(list[n-1].days, d)
			} else {
				list = append(list, stretch{k.phase, k.s, []day{d}})
			}
		}
	}
	return list
}

// toTake returns the doses of a medicine that are still to be taken: what is over is in the calendar.
func (c *course) toTake(k kind) []entry {
	return slices.DeleteFunc(c.doses(k), func(x entry) bool { return x.e.Status > schedule.Provisional || x.e.Date.Before(x.s.Seen) })
}

// nothing says why nothing of a medicine is to be taken.
func (c *course) nothing(k kind) phrase.Words {
	held, ended, goes := false, civil.Date{}, false
	for _, x := range c.doses(k) {
		held = held || x.e.Status == schedule.Held && !x.e.Date.Before(x.s.Seen)
		ended, goes = civil.Later(ended, x.s.Stop), goes || x.s.Stop.IsZero()
	}
	switch {
	case !goes && !ended.After(c.d.Parts[0].Seen):
		return c.Say("runs.ended", phrase.V("date", c.Date(ended)))
	case held:
		return c.Say("runs.held")
	}
	return c.Say("runs.over")
}

// runs tells how a medicine is taken, as a person would.
func (c *course) runs(k kind) []Run {
	doses := c.toTake(k)
	if len(doses) == 0 {
		return []Run{{Text: c.nothing(k)}}
	}
	list := stretches(doses)
	if len(list) == 1 {
		r := Run{Text: c.told(&list[0]), If: c.condition(list[0].days[0].doses[0]), Sooner: c.sooner(&list[0])}
		if days := list[0].days; len(c.kinds) > 1 || !list[0].s.Seen.IsZero() { // one medicine may follow another, and a course has begun
			r.When = c.Say("runs.from", phrase.V("dates", c.Dates(days[0].date, days[len(days)-1].date)))
		}
		return []Run{r}
	}
	var out []Run
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].s == list[0].s && list[n].phase == list[0].phase {
			n++
		}
		out = append(out, c.phaseRuns(list[:n])...)
		list = list[n:]
	}
	return out
}

// phaseRuns tells the stretches of one phase: one by one, by the days of the week, or, where they
// are too many, from the least to the most.
func (c *course) phaseRuns(list []stretch) []Run {
	if len(list) > 3 {
		if runs := c.byWeekday(list); runs != nil {
			return runs
		}
	}
	if len(list) > maxRuns {
		return []Run{c.varied(list)}
	}
	var out []Run
	for i := range list {
		st := &list[i]
		out = append(out, Run{
			When: c.Say("runs.from", phrase.V("dates", c.Dates(st.days[0].date, st.days[len(st.days)-1].date))),
			Text: c.told(st), If: c.condition(st.days[0].doses[0]), Sooner: c.sooner(st),
		})
	}
	return out
}

// sooner says at which check-in a phase may end before its last dose; nil where none of them is still to come.
func (c *course) sooner(st *stretch) phrase.Words {
	met := st.s.Phases[st.phase].Phase.Course.Met
	if met == "" {
		return nil
	}
	for i := range st.s.Events {
		if e := &st.s.Events[i]; e.Kind == schedule.CheckIn && e.Status <= schedule.Provisional && st.s.CheckIn(e).Name == met {
			return c.Say("runs.sooner", phrase.V("check-in", phrase.Quote(st.s.CheckIn(e).Title)))
		}
	}
	return nil
}

func (c *course) varied(list []stretch) Run {
	first, last := list[0].days[0], list[len(list)-1].days
	least, most := first.doses[0].s.Dose(first.doses[0].e).Amount, first.doses[0].s.Dose(first.doses[0].e).Amount
	for i := range list {
		for _, d := range list[i].days {
			for _, x := range d.doses {
				if a := x.s.Dose(x.e).Amount; a.Cmp(least) < 0 {
					least = a
				} else if a.Cmp(most) > 0 {
					most = a
				}
			}
		}
	}
	info := first.doses[0].s.Dose(first.doses[0].e)
	name := func(text string) phrase.Words {
		return c.Say("dose", phrase.V("amount", text), phrase.V("medicine", phrase.Quote(info.Medication.Name)), phrase.V("route", c.route(info.Route.Name)))
	}
	return Run{
		When: c.Say("runs.from", phrase.V("dates", c.Dates(first.date, last[len(last)-1].date))),
		Text: c.Say("varies", phrase.V("least", name(c.Amount(least))), phrase.V("most", name(c.Amount(most)))), If: c.condition(first.doses[0]),
	}
}

// byWeekday tells stretches whose amounts follow the days of the week alone; nil where they do not.
func (c *course) byWeekday(list []stretch) []Run {
	var of [7]*day
	var dates []civil.Date
	for i := range list {
		for k := range list[i].days {
			d := &list[i].days[k]
			w := d.date.Weekday()
			if of[w] != nil && !of[w].same(d) {
				return nil
			}
			of[w], dates = d, append(dates, d.date)
		}
	}
	if len(dates) < 8 { // less than it takes to see a week come again
		return nil
	}
	when := c.Say("runs.from", phrase.V("dates", c.Dates(dates[0], dates[len(dates)-1])))
	var out []Run
	var done [7]bool
	for i := range 7 {
		w := (i + 1) % 7 // from Monday on
		if of[w] == nil || done[w] {
			continue
		}
		var days []phrase.Words
		for j := i; j < 7; j++ {
			if v := (j + 1) % 7; of[v] != nil && of[v].same(of[w]) {
				done[v] = true
				days = append(days, phrase.Text(c.Weekday(time.Weekday(v))))
			}
		}
		text := phrase.Join([]phrase.Words{c.amounts(of[w]), c.Say("often.weekdays", phrase.V("days", c.And(days)))}, ", ")
		out = append(out, Run{When: when, Text: text, If: c.condition(of[w].doses[0])})
		when = phrase.Words{}
	}
	return out
}

// told says what is taken, how often and when.
func (c *course) told(st *stretch) phrase.Words {
	d := &st.days[0]
	if len(st.days) == 1 && len(d.doses) == 1 {
		return c.amounts(d)
	}
	often, groups := c.often(st), c.groups(d)
	if len(groups) > 1 { // how often is said of all of them together, and first: after the last it would be of that alone
		return phrase.Join([]phrase.Words{phrase.Join(often, ", "), c.amounts(d)}, ": ")
	}
	parts := append([]phrase.Words{groups[0].dose}, often...)
	if groups[0].times != nil {
		parts = append(parts, groups[0].times)
	} else if len(st.days) == 1 {
		at := func(x entry) string { return c.AtClock(clockOf(x.e)) }
		parts = append(parts, c.Say("often.between", phrase.V("first", at(d.doses[0])), phrase.V("last", at(d.doses[len(d.doses)-1]))))
	}
	return phrase.Join(parts, ", ")
}

// A group is the doses of one day of one amount.
type group struct{ dose, times phrase.Words }

func (c *course) groups(d *day) []group {
	var list []group
	for i := 0; i < len(d.doses); {
		info := d.doses[i].s.Dose(d.doses[i].e)
		var times []phrase.Words
		for ; i < len(d.doses) && alike(d.doses[i].s.Dose(d.doses[i].e), info); i++ {
			times = append(times, phrase.Text(c.AtClock(clockOf(d.doses[i].e))))
		}
		g := group{dose: c.dose(info)}
		if len(times) <= 6 { // more are by the hour
			g.times = c.And(times)
		}
		list = append(list, g)
	}
	return list
}

// amounts says the doses of one day with their times: those of one amount together.
func (c *course) amounts(d *day) phrase.Words {
	var list []phrase.Words
	for _, g := range c.groups(d) {
		parts := []phrase.Words{g.dose}
		if g.times != nil {
			parts = append(parts, g.times)
		}
		list = append(list, phrase.Join(parts, ", "))
	}
	return phrase.Join(list, "; ")
}

// often says how often, on which days where they are always the same, and with which meals.
func (c *course) often(st *stretch) []phrase.Words {
	f := st.s.Phases[st.phase].Frequency.Frequency
	words := c.times(st, f)
	var meals []phrase.Words
	for _, at := range f.At() {
		if key := "meal." + at; c.Has(key) {
			meals = append(meals, c.Say(key))
		}
	}
	if len(meals) > 0 {
		words = append(words, c.Say("often.meals", phrase.V("meals", c.And(meals))))
	}
	return words
}

// times says how often, and on which days where they are always the same.
func (c *course) times(st *stretch, f frequency.Frequency) []phrase.Words {
	n := len(st.days[0].doses)
	if minutes, ok := f.Interval(); ok && st.unbroken() {
		if h := int(minutes / time.Hour); minutes%time.Hour == 0 {
			return []phrase.Words{c.Count("often.hours", h)}
		}
		return []phrase.Words{c.Count("often.minutes", int(minutes/time.Minute))}
	}
	step := stepOf(st.days)
	if len(st.days) == 1 && n > 1 || step == 1 && (f.Kind() == frequency.Days || len(st.days) > 6) {
		return []phrase.Words{c.daily(n)}
	}
	words := c.rhythm(st, f)
	if f.Kind() == frequency.OnOff && n > 1 {
		return []phrase.Words{c.daily(n), words}
	}
	if n > 1 {
		return []phrase.Words{words, c.Count("often.each", n)}
	}
	return []phrase.Words{words}
}

// stepOf returns how many days lie between each two days, or 0 where that differs.
func stepOf(days []day) int {
	step := 0
	for i := 1; i < len(days); i++ {
		n := days[i].date.Sub(days[i-1].date)
		if step != 0 && n != step {
			return 0
		}
		step = n
	}
	return step
}

func (c *course) daily(n int) phrase.Words {
	switch n {
	case 1:
		return c.Say("often.daily")
	case 2:
		return c.Say("often.twice daily")
	}
	return c.Say("often.times daily", phrase.V("n", n))
}

// rhythm says on which days doses fall, by a rule that gives just these days from the first to the last:
// whoever follows the sentence takes them all and no other. Where none does, the days are those that are
// marked in the calendar.
func (c *course) rhythm(st *stretch, f frequency.Frequency) phrase.Words {
	step, set := stepOf(st.days), weekdaysOf(st.days)
	byWeek := st.just(func(d civil.Date) bool { return set[d.Weekday()] })
	kind := f.Kind()
	if kind == frequency.Once && len(st.days) == 1 {
		return c.Say("often.once")
	}
	switch kind {
	case frequency.Marks:
	case frequency.Months, frequency.MonthDay, frequency.MonthWeekday:
		if n := monthsOf(st.days); n == 1 {
			return c.Say("often.monthly")
		} else if n > 1 {
			return c.Say("often.months", phrase.V("n", n))
		}
		if first, last, ok := f.InMonth(); ok && st.just(func(d civil.Date) bool { return first <= dayOf(d) && dayOf(d) <= last }) {
			return c.Say("often.month days", phrase.V("first", first), phrase.V("last", last))
		}
	case frequency.OnOff:
		on, off, _ := f.OnOff()
		if st.just(func(d civil.Date) bool { return d.Sub(st.days[0].date)%(on+off) < on }) {
			return c.Say("often.on off", phrase.V("on", on), phrase.V("off", off))
		}
		if byWeek && on+off == 7 {
			return c.weekdays(set)
		}
	case frequency.PerWeek, frequency.Weekdays:
		if byWeek {
			return c.perWeek(f, set)
		}
		if step > 7 && step%7 == 0 {
			return c.every(step, set)
		}
	default:
		if step > 1 {
			return c.every(step, set)
		}
	}
	return c.Say("often.marked")
}

// just reports whether a rule gives the days of a stretch, and no other from the first to the last.
func (st *stretch) just(gives func(civil.Date) bool) bool {
	k := 0
	for d := st.days[0].date; k < len(st.days); d = d.AddDays(1) {
		if gives(d) != (d == st.days[k].date) {
			return false
		}
		if d == st.days[k].date {
			k++
		}
	}
	return true
}

// dayOf returns the number of a date in its month.
func dayOf(d civil.Date) int {
	_, _, day := d.Parts()
	return day
}

func (c *course) every(step int, set [7]bool) phrase.Words {
	switch {
	case step == 7:
		return c.Say("often.weekly on", phrase.V("day", c.named(set)[0]))
	case step%7 == 0:
		return c.Say("often.weeks", phrase.V("n", step/7), phrase.V("day", c.named(set)[0]))
	}
	return c.Say("often.days", phrase.V("n", step))
}

// named names days of the week, from Monday on.
func (c *course) named(set [7]bool) (days []phrase.Words) {
	for i := range 7 {
		if d := time.Weekday((i + 1) % 7); set[d] {
			days = append(days, phrase.Text(c.Weekday(d)))
		}
	}
	return days
}

// perWeek names the days of a rule that gives some in a week.
func (c *course) perWeek(f frequency.Frequency, set [7]bool) phrase.Words {
	days := c.named(set)
	switch n := len(days); {
	case n == 1:
		return c.every(7, set)
	case f.Kind() == frequency.Weekdays || n != f.InWeek(): // or some of a count, at its end
		return c.weekdays(set)
	case n == 2:
		return c.Say("often.twice weekly on", phrase.V("days", c.And(days)))
	default:
		return c.Say("often.times weekly on", phrase.V("n", n), phrase.V("days", c.And(days)))
	}
}

func (c *course) weekdays(set [7]bool) phrase.Words {
	days := c.named(set)
	if len(days) == 6 {
		for d, on := range set {
			if !on {
				return c.Say("often.but", phrase.V("day", c.Weekday(time.Weekday(d))))
			}
		}
	}
	return c.Say("often.weekdays", phrase.V("days", c.And(days)))
}

func weekdaysOf(days []day) (set [7]bool) {
	for i := range days {
		set[days[i].date.Weekday()] = true
	}
	return set
}

// monthsOf returns how many months lie between each two days, which are the same day of each month; 0 where
// that differs.
func monthsOf(days []day) int {
	step := 0
	for i := 1; i < len(days); i++ {
		y, m, d := days[i-1].date.Parts()
		z, n, e := days[i].date.Parts()
		apart := 12*(z-y) + int(n) - int(m)
		if step != 0 && apart != step || apart == 0 || e != d {
			return 0
		}
		step = apart
	}
	return step
}

// condition says what a dose waits for; nil where it waits for nothing.
func (c *course) condition(x entry) phrase.Words {
	if !maybe(x) {
		return nil
	}
	title, date, over := c.gate(x)
	if date.IsZero() || over {
		return c.Say("if undated", phrase.V("check-in", title))
	}
	return c.Say("if", phrase.V("check-in", title), phrase.V("date", c.Date(date)))
}

// gate returns the check-ins that a dose waits for, and the day of the last of them; over says that
// this day has passed, and nothing is written down that lets the dose be given.
func (c *course) gate(x entry) (title phrase.Words, date civil.Date, over bool) {
	if !x.e.Waits.Any() {
		return nil, date, false
	}
	var titles []phrase.Words
	for _, w := range x.e.Waits.List() {
		titles = append(titles, phrase.Quote(x.s.CheckIns[w.CheckIn()].Title))
		e := x.s.Visit(w)
		if e == nil {
			over = true
			continue
		}
		date, over = civil.Later(date, e.Date), over || e.Status == schedule.Missed || e.Date.Before(x.s.Seen)
	}
	return c.And(titles), date, over
}

// weekly says in large letters what is taken once a week by the patient's own hand, where a day's
// mistake would do harm.
func (c *course) weekly() []phrase.Words {
	var list []phrase.Words
	some := map[string]int{} // stretches of each medicine
	for _, k := range c.kinds {
		some[k.name] += len(stretches(c.toTake(k)))
	}
	for _, k := range c.kinds {
		all := stretches(c.toTake(k))
		for i := range all {
			st := &all[i]
			if !onceAWeek(st) || k.given && !medicine.Known().Of(k.name).Weekly() {
				continue
			}
			name, alone := c.weeklyName(k, st)
			if !alone {
				continue
			}
			key, values := "weekly.take", []phrase.Value{phrase.V("medicine", name), phrase.V("day", c.Weekday(st.days[0].date.Weekday()))}
			if !sameWeekday(st.days) {
				key = "weekly.take moved"
			}
			if some[k.name] > 1 {
				key, values = key+" until", append(values, phrase.V("dates", c.Dates(st.days[0].date, st.days[len(st.days)-1].date)))
			}
			head := c.Say(key, values...)
			if waits := c.condition(st.days[0].doses[0]); waits != nil {
				head = phrase.Join([]phrase.Words{head, waits}, " ")
			}
			list = append(list, head)
		}
		if medicine.Known().Of(k.name).Weekly() {
			list = append(list, c.Say("weekly.explain", phrase.V("medicine", phrase.Quote(k.name))))
		}
	}
	return list
}

// weeklyName names the medicine of a stretch, by its route too where it is given by another at the same time; alone
// is false where it is given by the same route too, so that once a week would be false.
func (c *course) weeklyName(k kind, st *stretch) (name phrase.Words, alone bool) {
	name = phrase.Quote(k.name)
	first, last := st.days[0].date, st.days[len(st.days)-1].date
	for _, other := range c.kinds {
		if other.name != k.name {
			continue
		}
		for _, o := range stretches(c.toTake(other)) {
			if o.s == st.s && o.phase == st.phase || o.days[0].date.After(last) || o.days[len(o.days)-1].date.Before(first) {
				continue
			}
			if other.route == k.route {
				return name, false
			}
			name = phrase.Join([]phrase.Words{phrase.Quote(k.name), c.route(k.route)}, " ")
		}
	}
	return name, true
}

// onceAWeek reports whether the rule of a stretch gives one dose a week.
func onceAWeek(st *stretch) bool {
	f := st.s.Phases[st.phase].Frequency.Frequency
	return f.InWeek() == 1 && f.PerDay() == 1
}

func sameWeekday(days []day) bool {
	set, n := weekdaysOf(days), 0
	for _, on := range set {
		if on {
			n++
		}
	}
	return n == 1
}

// medicine says all about one medicine.
func (c *course) medicine(k kind) Medicine {
	m := Medicine{Letter: c.letter(k), Given: k.given, Runs: c.runs(k)}
	m.Name = phrase.Join([]phrase.Words{phrase.Quote(k.name), c.route(k.route)}, ", ")
	doses := c.toTake(k)
	over := len(doses) == 0
	if over {
		doses = c.doses(k)
	}
	var before, how, after []phrase.Words
	var values []protocol.RequirementValue
	of := map[protocol.RequirementValue][]int{} // the doses for which each must be so
	for i, x := range doses {
		for _, r := range x.s.RequirementValues(x.e) {
			if of[r] == nil {
				values = append(values, r)
			}
			of[r] = append(of[r], i)
		}
	}
	for _, r := range values {
		text := c.onDays(doses, of[r], c.require(r))
		switch r.Kind {
		case "no food for", "no liquid for", "blood pressure cuff":
			before = append(before, text)
		case "no driving until", "no food after", "monitoring for", "monitoring after", "escort home":
			after = append(after, text)
		default:
			how = append(how, text)
		}
	}
	how = append(how, c.windows(doses)...)
	how = append(how, c.gaps(doses)...)
	how = append(how, c.watched(k)...)
	add := func(key string, lines []phrase.Words) {
		if len(lines) > 0 {
			m.Advice = append(m.Advice, Advice{c.Say(key), lines})
		}
	}
	add("before", before)
	add("how", how)
	add("after", after)
	if !over {
		add("missed", c.missed(doses))
	}
	return m
}

// onDays says of a text for which of some doses it holds, where it does not for all: on which days, one by one, or from
// one to another.
func (c *course) onDays(doses []entry, on []int, text phrase.Words) phrase.Words {
	if len(on) == len(doses) {
		return text
	}
	var days []phrase.Words
	for i := 0; i < len(on); {
		k := i + 1
		for k < len(on) && on[k] == on[k-1]+1 {
			k++
		}
		days = append(days, phrase.Text(c.Dates(doses[on[i]].e.Date, doses[on[k-1]].e.Date)))
		i = k
	}
	return c.Say("on days", phrase.V("days", phrase.Join(days, ", ")), phrase.V("text", text))
}

// windows says by how many days doses may be moved, where somebody takes them alone.
func (c *course) windows(doses []entry) []phrase.Words {
	var list []protocol.Window
	of := map[protocol.Window][]int{}
	for i, x := range doses {
		w := x.s.Phases[x.e.Phase].Phase.Window(int(x.e.Number))
		if w == (protocol.Window{}) || x.s.Protocol.Setting != protocol.Home || x.e.Number < 1 {
			continue
		}
		if of[w] == nil {
			list = append(list, w)
		}
		of[w] = append(of[w], i)
	}
	var out []phrase.Words
	for _, w := range list {
		out = append(out, c.onDays(doses, of[w], c.window("dose.", w)))
	}
	return out
}

// gaps says how far apart a medicine and another are kept.
func (c *course) gaps(doses []entry) []phrase.Words {
	var out []phrase.Words
	seen := map[string]bool{}
	add := func(one, other string, least time.Duration) {
		w := c.Say("require.gap", phrase.V("time", c.Period(civil.PeriodOf(least))), phrase.V("medicine", phrase.Quote(one)), phrase.V("other", phrase.Quote(other)))
		if !seen[w.String()] {
			seen[w.String()] = true
			out = append(out, w)
		}
	}
	for _, x := range doses {
		p, med := x.s.Protocol, x.s.Dose(x.e).Medication
		for i := range p.Medications {
			m := &p.Medications[i]
			for _, g := range m.Limits.Gaps {
				switch {
				case m == med:
					add(med.Name, g.Name, g.Least)
				case &p.Medications[g.Medication] == med:
					add(med.Name, m.Name, g.Least)
				}
			}
		}
	}
	return out
}

func (c *course) require(r protocol.RequirementValue) phrase.Words {
	key := "require." + r.Kind
	if p, err := civil.ParsePeriod(r.Value); err == nil {
		return c.Say(key, phrase.V("time", c.Period(p)), phrase.V("value", phrase.Quote(r.Value)))
	}
	return c.Say(key, phrase.V("value", phrase.Quote(r.Value)), phrase.V("time", phrase.Quote(r.Value)))
}

// watched says what is looked at around the doses of a medicine.
func (c *course) watched(k kind) []phrase.Words {
	var seen []string
	var list []phrase.Words
	for _, x := range c.entries {
		if x.e.Kind != schedule.Observation || x.e.Of < 0 || kindOf(entry{x.s, &x.s.Events[x.e.Of]}) != k {
			continue
		}
		for _, m := range x.s.CheckIn(x.e).Measure {
			if !slices.Contains(seen, m) {
				seen = append(seen, m)
				list = append(list, phrase.Quote(m))
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return []phrase.Words{c.Say("require.watched", phrase.V("measures", phrase.Join(list, ", ")))}
}

// missed says the protocol's rule for a dose that is missed.
func (c *course) missed(doses []entry) []phrase.Words {
	var list []phrase.Words
	var seen []*schedule.Schedule
	for _, x := range doses {
		if slices.Contains(seen, x.s) {
			continue
		}
		seen = append(seen, x.s)
		text := c.missedRule(x.s.Protocol)
		if !slices.ContainsFunc(list, func(w phrase.Words) bool { return w.String() == text.String() }) {
			list = append(list, text)
		}
		if after := x.s.Protocol.RestartAfter; after.IsSet() {
			list = append(list, c.Say("missed.restart", phrase.V("time", c.Period(after))))
		}
		l := &x.s.Dose(x.e).Medication.Limits
		if hours := int(l.Interval / time.Hour); (hours > 0 || l.Apart > 0) && x.s.Protocol.Setting == protocol.Home {
			apart := civil.Period{N: hours, Unit: civil.Hour}
			if hours%24 == 0 && hours > 48 {
				apart = civil.Period{N: hours / 24, Unit: civil.Day}
			}
			if l.Apart > 0 {
				apart = civil.Period{N: l.Apart, Unit: civil.Day}
			}
			list = append(list, c.Say("missed.interval", phrase.V("time", c.Period(apart))))
		}
	}
	return list
}

func (c *course) missedRule(p *protocol.Protocol) phrase.Words {
	if p.Setting == protocol.Clinic {
		return c.Say(map[protocol.MissedRule]string{protocol.NoRule: "missed.visit", protocol.Skip: "missed.visit skip", protocol.Shift: "missed.visit shift", protocol.Extend: "missed.visit extend"}[p.Missed.Then])
	}
	key := map[protocol.MissedRule]string{protocol.Skip: "missed.skip", protocol.Shift: "missed.shift", protocol.Extend: "missed.extend"}[p.Missed.Then]
	within := p.Missed.Within.IsSet()
	switch {
	case key == "" && !within:
		return c.Say("missed.ask")
	case key == "":
		return c.Say("missed.within", phrase.V("time", c.Period(p.Missed.Within)))
	case within:
		return c.Say(key+" within", phrase.V("time", c.Period(p.Missed.Within)))
	}
	return c.Say(key)
}

package fhir

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A pattern is when doses are given, without a beginning and an end: in the words of the
// language, or as moments.
type pattern struct {
	frequency string
	times     []civil.Clock  // of a dosing day, ascending; of a rule in hours, the first of all
	minutes   int            // between two doses, of a rule in minutes or hours; 0 for others
	once      bool           // there is one dose
	moments   []civil.Moment // of a list of instants, ascending
	weekday   *time.Weekday  // on which a rule in weeks begins, where that is said
}

// A repeat is what Timing.repeat says of the days and times.
type repeat struct {
	node       *node
	frequency  int // 0 where it is not said
	period     civil.Period
	days       []time.Weekday
	clocks     []civil.Clock // stated, or of stated events of the day; ascending
	count      int           // 0 for no end
	start, end bound
	length     civil.Period
}

// A bound is an end of a stretch of time: a day, with or without a clock time. The zero bound
// is none.
type bound struct {
	date     civil.Date
	clock    civil.Clock
	hasClock bool
}

func (b bound) isZero() bool { return b.date.IsZero() }

// timing reads a Timing.
func (r *reader) timing(n *node) (p pattern, rep repeat, ok bool) {
	if !r.keys(n, "event", "repeat", "code") {
		return p, rep, false
	}
	rep.node = n
	code, known := r.abbreviation(n.get("code"))
	if !known {
		return p, rep, false
	}
	if events := n.get("event"); events != nil {
		if n.get("repeat") != nil {
			r.open(events, "there are instants and a rule; FHIR takes the instants for what the rule came to, and so they are taken")
		}
		return r.events(events)
	}
	if body := n.get("repeat"); body != nil {
		if rep, ok = r.repeat(body); !ok {
			return p, rep, false
		}
	} else if code == nil {
		words := concept(n.get("code"))
		why := "nothing in it says when"
		if words != "" {
			why = "it is text alone, and text is not read as a time"
		}
		r.private(r.refuse(n, "give a repeat, or the instants as event", "%s", why), words)
		return p, rep, false
	}
	if code != nil && !r.merge(n.get("code"), code, &rep) {
		return p, rep, false
	}
	p, ok = r.pattern(&rep)
	return p, rep, ok
}

// An abbreviation is what a code of a timing says.
type abbreviation struct {
	code      string
	frequency int
	period    string
	when      string
}

// abbreviations are the codes of TimingAbbreviation, with the meanings that the table under
// Timing gives them (https://hl7.org/fhir/R4/datatypes.html#Timing), or their definitions where
// it does not.
var abbreviations = []abbreviation{
	{"BID", 2, "1 day", ""}, {"TID", 3, "1 day", ""}, {"QID", 4, "1 day", ""}, {"QD", 1, "1 day", ""}, {"QOD", 1, "2 days", ""},
	{"AM", 1, "1 day", "MORN"}, {"PM", 1, "1 day", "AFT"}, {"BED", 1, "1 day", "HS"}, {"WK", 1, "1 week", ""}, {"MO", 1, "1 month", ""},
	{"Q1H", 1, "1 hour", ""}, {"Q2H", 1, "2 hours", ""}, {"Q3H", 1, "3 hours", ""}, {"Q4H", 1, "4 hours", ""}, {"Q6H", 1, "6 hours", ""}, {"Q8H", 1, "8 hours", ""},
}

// abbreviation reads the code of a timing. It is nil where there is none.
func (r *reader) abbreviation(n *node) (*abbreviation, bool) {
	for _, c := range r.listOf(n.get("coding")) {
		if c.get("system").word() != Abbreviations {
			continue
		}
		word := c.get("code").word()
		a, ok := find(abbreviations, func(a abbreviation) bool { return a.code == word })
		if !ok {
			r.refuse(c, "say it as a repeat", "the code “%s” is not one of a fixed meaning", word)
			return nil, false
		}
		return &a, true
	}
	if list := n.get("coding").list(); len(list) > 0 {
		r.refuse(list[0], "say it as a repeat", "the code “%s” of %s has no meaning that FHIR fixes", list[0].get("code").word(), list[0].get("system").word())
		return nil, false
	}
	return nil, true
}

// merge puts what a code says into a repeat. Where both speak, they must say the same: FHIR lets
// a reader take either.
func (r *reader) merge(n *node, a *abbreviation, rep *repeat) bool {
	period := civil.MustPeriod(a.period)
	if rep.frequency != 0 && rep.frequency != a.frequency || rep.period.IsSet() && rep.period != period {
		r.refuse(n, "leave one of them out", "the code %s says another thing than the repeat beside it", a.code)
		return false
	}
	rep.frequency, rep.period = a.frequency, period
	if a.when == "" {
		return true
	}
	clock, _ := r.clockOf(a.when, 0)
	switch {
	case len(rep.clocks) == 0:
		rep.clocks = []civil.Clock{clock}
		r.open(n, "%s is at an institution's own time; %v is taken", a.code, clock)
	case len(rep.clocks) > 1:
		r.refuse(n, "leave one of them out", "the code %s says one time a day, and the repeat several", a.code)
		return false
	}
	return true
}

// events reads a list of instants.
func (r *reader) events(n *node) (p pattern, rep repeat, ok bool) {
	rep.node = n
	if len(r.listOf(n)) == 0 {
		r.refuse(n, "", "it holds no instant")
		return p, rep, false
	}
	ok = true
	for _, e := range n.list() {
		b, good := r.moment(e)
		if !good {
			ok = false
			continue
		}
		if !b.hasClock {
			b.clock = r.usual(1)[0]
			r.open(e, "it is a day without a time; %v is taken", b.clock)
		}
		p.moments = append(p.moments, civil.Moment{Date: b.date, Clock: b.clock})
	}
	slices.SortFunc(p.moments, func(a, b civil.Moment) int { return int(a.Minutes(b)) })
	for i := 1; i < len(p.moments); i++ {
		if p.moments[i] == p.moments[i-1] {
			r.refuse(n, "name each instant once", "%v %v comes twice in it", p.moments[i].Date, p.moments[i].Clock)
			return p, rep, false
		}
	}
	return p, rep, ok
}

// moment reads a dateTime. What has an offset is told in the patient's zone; it must be a
// whole minute that clocks show once, or the first of two.
func (r *reader) moment(n *node) (b bound, ok bool) {
	text := n.word()
	date, clock, hasClock := strings.Cut(text, "T")
	var err error
	if b.date, err = civil.ParseDate(date); err != nil {
		r.refuse(n, "give a day, as 2026-03-02", "“%s” is no day: %v", text, err)
		return b, false
	}
	if !hasClock {
		return b, true
	}
	b.hasClock = true
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		_, offset := at.Zone()
		if !r.set.HasZone && offset != 0 {
			r.ask(n, "time-zone", "it is in a time zone that the file does not name, and none is stated for the patient")
			return b, false
		}
		b.date, b.clock = r.set.Zone.DateClock(at.Unix())
		if back, _ := r.set.Zone.At(b.date, b.clock); !back.Equal(at) {
			why := "it is not on a whole minute"
			if at.Second() == 0 && at.Nanosecond() == 0 {
				why = fmt.Sprintf("clocks in %v show this time twice, and it is the second", r.set.Zone)
			}
			r.refuse(n, "", "%s", why)
			return b, false
		}
		return b, true
	}
	if clock, ok := strings.CutSuffix(clock, ":00"); ok && len(clock) == 5 {
		if b.clock, err = civil.ParseClock(clock); err == nil {
			r.open(n, "it has no offset from UTC, which R4 asks for; it is taken as the patient's own clock time")
			return b, true
		}
	}
	r.refuse(n, "write it as 2026-03-02T09:00:00-05:00", "“%s” is no instant", text)
	return b, false
}

var repeatKeys = []string{"boundsDuration", "boundsRange", "boundsPeriod", "count", "countMax", "duration", "durationMax", "durationUnit",
	"frequency", "frequencyMax", "period", "periodMax", "periodUnit", "dayOfWeek", "timeOfDay", "when", "offset"}

// repeat reads a Timing.repeat.
func (r *reader) repeat(n *node) (rep repeat, ok bool) {
	rep.node = n
	if !r.keys(n, repeatKeys...) {
		return rep, false
	}
	before := len(r.found)
	rep.frequency = r.wholeRange(n, "frequency", "frequencyMax")
	rep.count = r.wholeRange(n, "count", "countMax")
	rep.period = r.periodOf(n)
	rep.days = r.daysOf(n.get("dayOfWeek"))
	rep.clocks = r.clocksOf(n)
	r.bounds(n, &rep)
	return rep, !r.found[before:].HasErrors()
}

// wholeRange reads a whole number that may be a range; 0 where there is none.
func (r *reader) wholeRange(n *node, key, keyMax string) int {
	low, high := n.get(key), n.get(keyMax)
	if low == nil {
		if high != nil {
			r.refuse(high, "", "there is a “%s” without a “%s”", keyMax, key)
		}
		return 0
	}
	v, ok := r.whole(low)
	if !ok || high == nil {
		return v
	}
	most, ok := r.whole(high)
	if !ok || most == v {
		return v
	}
	if most < v {
		r.refuse(high, "", "%d is less than the %d of “%s”", most, v, key)
		return 0
	}
	text, ok := r.choose(low, key, strconv.Itoa(v), strconv.Itoa(most), func(s string) bool {
		k, err := strconv.Atoi(s)
		return err == nil && k >= v && k <= most
	})
	if !ok {
		return 0
	}
	v, _ = strconv.Atoi(text)
	return v
}

func (r *reader) whole(n *node) (int, bool) {
	v, err := strconv.Atoi(n.value)
	if n.kind != number || err != nil || v < 1 || v > 100_000 {
		r.refuse(n, "", "“%s” is not a whole number of 1 or more", n.value)
		return 0, false
	}
	return v, true
}

// periodOf reads the period; unset where there is none.
func (r *reader) periodOf(n *node) civil.Period {
	low, high, unit := n.get("period"), n.get("periodMax"), n.get("periodUnit")
	switch {
	case low == nil && high == nil:
		return civil.Period{}
	case low == nil:
		r.refuse(high, "", "there is a “periodMax” without a “period”")
		return civil.Period{}
	case unit == nil:
		r.refuse(low, "", "it has no periodUnit")
		return civil.Period{}
	}
	value := low.value
	if high != nil && high.value != low.value {
		a, errA := quantity.ParseNumber(low.value)
		b, errB := quantity.ParseNumber(high.value)
		if errA != nil || errB != nil || b.Cmp(a) < 0 {
			r.refuse(high, "", "“%s” to “%s” is no range", low.value, high.value)
			return civil.Period{}
		}
		var ok bool
		// The longer the period, the less of the medicine.
		if value, ok = r.choose(low, "period", high.value, low.value, within(a, b)); !ok {
			return civil.Period{}
		}
	}
	return r.length(low, value, unit)
}

func within(low, high quantity.Amount) func(string) bool {
	return func(s string) bool {
		v, err := quantity.ParseNumber(s)
		return err == nil && v.Cmp(low) >= 0 && v.Cmp(high) <= 0
	}
}

// finer are units of time that are a whole number of another.
var finer = map[civil.PeriodUnit]struct {
	unit civil.PeriodUnit
	many int64
}{civil.Year: {civil.Month, 12}, civil.Week: {civil.Day, 7}, civil.Day: {civil.Hour, 24}, civil.Hour: {civil.Minute, 60}}

// length makes a period of a number and a unit of UCUM. A part of a unit is told in a finer one
// where it comes out even.
func (r *reader) length(n *node, value string, unit *node) civil.Period {
	v, err := quantity.ParseNumber(value)
	u, ok := PeriodOfCode(unit.word())
	switch {
	case err != nil || v.Sign() <= 0 || n.kind == text:
		r.refuse(n, "", "“%s” is not a number above 0", value)
		return civil.Period{}
	case unit.word() == "s":
		r.refuse(unit, "", "the calendar counts in whole minutes, and not in seconds")
		return civil.Period{}
	case !ok:
		r.refuse(unit, "use min, h, d, wk, mo or a", "“%s” is no unit of time of FHIR", unit.word())
		return civil.Period{}
	}
	for {
		if k, ok := v.Int(); ok && k > 0 && k <= 100_000 {
			return civil.Period{N: k, Unit: u}
		}
		next, ok := finer[u]
		if !ok {
			r.refuse(n, "", "%s %s is no whole number of minutes, days or months", value, unit.word())
			return civil.Period{}
		}
		v, u = v.Times(next.many, 1), next.unit
	}
}

func (r *reader) daysOf(n *node) (list []time.Weekday) {
	for _, d := range r.listOf(n) {
		i := slices.Index(days[:], d.word())
		if i < 0 {
			r.refuse(d, "use mon, tue, wed, thu, fri, sat or sun", "“%s” is no day of the week", d.word())
			continue
		}
		if !slices.Contains(list, time.Weekday(i)) {
			list = append(list, time.Weekday(i))
		}
	}
	return list
}

// clocksOf reads the times of the day, stated or as events of the day.
func (r *reader) clocksOf(n *node) (list []civil.Clock) {
	times, when, offset := n.get("timeOfDay"), n.get("when"), n.get("offset")
	if times != nil && when != nil {
		r.refuse(when, "leave one of them out", "FHIR R4 does not allow “when” beside “timeOfDay” (tim-10)")
		return nil
	}
	if offset != nil && when == nil {
		r.refuse(offset, "", "there is an offset, and no “when” that it is from (tim-9)")
		return nil
	}
	for _, t := range r.listOf(times) {
		whole, fraction, _ := strings.Cut(t.word(), ".")
		clock, ok := strings.CutSuffix(whole, ":00")
		ok = ok && strings.Trim(fraction, "0") == ""
		c, err := civil.ParseClock(clock)
		if !ok || err != nil {
			r.refuse(t, "write it as 09:00:00", "“%s” is no time of day on a whole minute", t.word())
			continue
		}
		list = append(list, c)
	}
	minutes := 0
	if offset != nil {
		v, err := strconv.Atoi(offset.value)
		if offset.kind != number || err != nil || v < 0 || v > 24*60 {
			r.refuse(offset, "", "“%s” is not a number of minutes of a day", offset.value)
			return nil
		}
		minutes = v
	}
	for _, w := range r.listOf(when) {
		list = append(list, r.event(w, minutes)...)
	}
	slices.Sort(list)
	if n := len(list); len(slices.Compact(list)) != n && n > 0 {
		at := times
		if at == nil {
			at = when
		}
		r.refuse(at, "", "it names one time of day twice")
		return nil
	}
	return list
}

// An eventCode is an event of the day, with the clock time of ClockNames that it stands for, and
// how an offset is counted: before it, after it, or not at all.
type eventCode struct {
	code, clock string
	sign        int
}

// eventCodes are those of EventTiming (https://hl7.org/fhir/R4/valueset-event-timing.html) that
// settings have a clock time for. An offset is after the event unless the code says before.
var eventCodes = []eventCode{
	{"WAKE", "wake", 1}, {"HS", "bedtime", -1},
	{"CM", "breakfast", 0}, {"CD", "lunch", 0}, {"CV", "dinner", 0},
	{"ACM", "breakfast", -1}, {"ACD", "lunch", -1}, {"ACV", "dinner", -1},
	{"PCM", "breakfast", 1}, {"PCD", "lunch", 1}, {"PCV", "dinner", 1},
	{"MORN", "morning", 1}, {"NOON", "noon", 1}, {"AFT", "afternoon", 1}, {"EVE", "evening", 1},
}

// meals are the codes for every meal.
var meals = map[string][]string{"C": {"CM", "CD", "CV"}, "AC": {"ACM", "ACD", "ACV"}, "PC": {"PCM", "PCD", "PCV"}}

// unfixed are codes that no setting has a clock time for.
var unfixed = []string{"MORN.early", "MORN.late", "AFT.early", "AFT.late", "EVE.early", "EVE.late", "NIGHT", "PHS"}

// event returns the clock times of an event of the day.
func (r *reader) event(n *node, minutes int) (list []civil.Clock) {
	code := n.word()
	if codes, ok := meals[code]; ok {
		if code == "C" && minutes > 0 {
			r.refuse(n, "use AC or PC", "FHIR R4 allows no offset from C (tim-9)")
			return nil
		}
		for _, c := range codes {
			clock, err := r.clockOf(c, minutes)
			if err != "" {
				r.refuse(n, "", "%s", err)
				return nil
			}
			list = append(list, clock)
		}
		r.open(n, "%s is three meals: breakfast at %v, lunch at %v, dinner at %v", code, r.named("breakfast"), r.named("lunch"), r.named("dinner"))
		return list
	}
	e, ok := find(eventCodes, func(e eventCode) bool { return e.code == code })
	switch {
	case slices.Contains(unfixed, code):
		r.refuse(n, "give the time as timeOfDay", "“%s” is a time that each institution fixes, and no setting has it", code)
		return nil
	case !ok:
		r.refuse(n, "use one of: WAKE, HS, C, CM, CD, CV, AC, ACM, ACD, ACV, PC, PCM, PCD, PCV, MORN, NOON, AFT, EVE", "“%s” is no event of the day of FHIR R4", code)
		return nil
	case e.sign == 0 && minutes > 0:
		r.refuse(n, "use A"+code+" or P"+code, "FHIR R4 allows no offset from %s (tim-9)", code)
		return nil
	}
	clock, err := r.clockOf(code, minutes)
	if err != "" {
		r.refuse(n, "", "%s", err)
		return nil
	}
	r.open(n, "%s is at an institution's or a patient's own time; %s is at %v", code, e.clock, r.named(e.clock))
	return []civil.Clock{clock}
}

// clockOf returns when an event of the day is, with an offset.
func (r *reader) clockOf(code string, minutes int) (c civil.Clock, wrong string) {
	e, _ := find(eventCodes, func(e eventCode) bool { return e.code == code })
	at := int(r.named(e.clock)) + e.sign*minutes
	if at < 0 || at >= 24*60 {
		return 0, fmt.Sprintf("%d minutes from %s (%v) fall on another day", minutes, e.clock, r.named(e.clock))
	}
	return civil.Clock(at), ""
}

// named returns what a named time of day is.
func (r *reader) named(name string) civil.Clock {
	if c, ok := r.set.Clocks[name]; ok {
		return c
	}
	for _, t := range ClockNames() {
		if t.Name == name {
			return t.Clock
		}
	}
	return 0
}

// bounds reads when a repeat begins and ends.
func (r *reader) bounds(n *node, rep *repeat) {
	if p := n.get("boundsPeriod"); p != nil && r.keys(p, "start", "end") {
		if s := p.get("start"); s != nil {
			rep.start, _ = r.moment(s)
		}
		if e := p.get("end"); e != nil {
			rep.end, _ = r.moment(e)
		}
	}
	if d := n.get("boundsDuration"); d != nil {
		rep.length = r.duration(d)
	}
	if b := n.get("boundsRange"); b != nil && r.keys(b, "low", "high") {
		low, high := b.get("low"), b.get("high")
		if low == nil || high == nil {
			r.refuse(b, "", "the range is open at one end")
			return
		}
		one, two := r.duration(low), r.duration(high)
		if one.Unit != two.Unit || two.N < one.N {
			r.refuse(b, "give both in one unit, the shorter first", "%v to %v is no range", one, two)
			return
		}
		rep.length = one
		if one != two {
			text, ok := r.choose(b, "bounds", strconv.Itoa(one.N), strconv.Itoa(two.N), func(s string) bool {
				k, err := strconv.Atoi(s)
				return err == nil && k >= one.N && k <= two.N
			})
			if ok {
				rep.length.N, _ = strconv.Atoi(text)
			}
		}
	}
}

// duration reads a Duration.
func (r *reader) duration(n *node) civil.Period {
	if !r.keys(n, "value", "comparator", "unit", "system", "code") {
		return civil.Period{}
	}
	value, code := n.get("value"), n.get("code")
	switch {
	case n.get("comparator") != nil:
		r.refuse(n.get("comparator"), "give the length itself", "a length that is only bounded is not one")
	case value == nil || code == nil:
		r.refuse(n, "give a value and a code of UCUM", "it has no value or no code")
	default:
		return r.length(value, value.value, code)
	}
	return civil.Period{}
}

// pattern makes a rule of the language of what a repeat says.
func (r *reader) pattern(rep *repeat) (pattern, bool) {
	if rep.frequency > 0 && !rep.period.IsSet() {
		return r.no(rep, "it says %d times, and not in which time", rep.frequency)
	}
	if rep.period.IsSet() && rep.frequency == 0 {
		rep.frequency = 1
		r.open(rep.node, "it says a period and no frequency; once in it is taken")
	}
	switch rep.period.Unit {
	case civil.Minute, civil.Hour:
		return r.hourly(rep)
	case civil.Day:
		return r.daily(rep)
	case civil.Week:
		return r.weekly(rep)
	case civil.Month:
		return r.monthly(rep, rep.period.N)
	case civil.Year:
		return r.monthly(rep, 12*rep.period.N)
	}
	switch {
	case len(rep.days) > 0:
		return r.onDays(rep, rep.clocks)
	case len(rep.clocks) > 0:
		return pattern{frequency: "daily", times: rep.clocks}, true
	case rep.count == 1:
		r.open(rep.node, "it says once, and not when: on the first day, at %v", r.usual(1)[0])
		return pattern{frequency: "once", times: r.usual(1), once: true}, true
	}
	return r.no(rep, "it says neither how often nor at what time")
}

// no refuses a repeat.
func (r *reader) no(rep *repeat, form string, args ...any) (pattern, bool) {
	r.refuse(rep.node, "say it in another way, or give the instants as event", form, args...)
	return pattern{}, false
}

func (r *reader) hourly(rep *repeat) (pattern, bool) {
	d, _ := rep.period.Elapsed()
	minutes := int(d / time.Minute)
	switch {
	case len(rep.days) > 0:
		return r.no(rep, "every %v on some days of the week: the language has no such rule", rep.period)
	case len(rep.clocks) > 0:
		return r.no(rep, "it says times of the day and a period of %v, and FHIR R4 says that they cannot be used together", rep.period)
	case minutes%rep.frequency != 0:
		return r.no(rep, "%d times in %v is no whole number of minutes", rep.frequency, rep.period)
	}
	if minutes /= rep.frequency; rep.frequency > 1 {
		r.open(rep.node, "%d times in %v are taken to be evenly spread: every %d minutes", rep.frequency, rep.period, minutes)
	}
	p := pattern{minutes: minutes, times: []civil.Clock{8 * 60}}
	if len(r.set.Times) == 1 {
		p.times = r.set.Times
	}
	if rep.start.hasClock {
		p.times = []civil.Clock{rep.start.clock}
	} else {
		r.open(rep.node, "FHIR does not say when the first dose is; %v is taken", p.times[0])
	}
	p.frequency = fmt.Sprintf("every %s", civil.Plural(minutes, "minute"))
	if minutes%60 == 0 {
		p.frequency = fmt.Sprintf("every %s", civil.Plural(minutes/60, "hour"))
	}
	if p.keepsClock() {
		r.open(rep.node, "FHIR does not say what a change of the clocks does; %s keeps its clock times", p.frequency)
	} else {
		r.open(rep.node, "FHIR does not say what a change of the clocks does; %s counts the time that has passed", p.frequency)
	}
	return p, true
}

// keepsClock reports whether a rule in hours keeps its clock times when clocks change.
func (p *pattern) keepsClock() bool {
	return p.minutes%60 == 0 && (24*60%p.minutes == 0 || p.minutes%(24*60) == 0)
}

func (r *reader) daily(rep *repeat) (pattern, bool) {
	n, k := rep.period.N, len(rep.clocks)
	switch {
	case k > 0 && k != rep.frequency:
		return r.no(rep, "it says %d in %v, and names %s of the day", rep.frequency, rep.period, civil.Plural(k, "time"))
	case len(rep.days) > 0 && n > 1:
		return r.no(rep, "every %d days on some days of the week has no meaning", n)
	case n > 1 && rep.frequency > 1 && k == 0:
		return r.no(rep, "%d times in %v: FHIR does not say on which of the days", rep.frequency, rep.period)
	case rep.frequency > 24:
		return r.no(rep, "%d times a day is more than once an hour", rep.frequency)
	}
	times := rep.clocks
	if k == 0 {
		times = r.usual(rep.frequency)
		r.open(rep.node, "FHIR says no time of day; %s", saidTimes(times))
	}
	if len(rep.days) > 0 {
		return r.onDays(rep, times)
	}
	if n == 1 {
		return pattern{frequency: "daily", times: times}, true
	}
	return pattern{frequency: fmt.Sprintf("every %d days", n), times: times}, true
}

func saidTimes(times []civil.Clock) string {
	words := make([]string, len(times))
	for i, c := range times {
		words[i] = c.String()
	}
	return strings.Join(words, ", ") + " " + map[bool]string{true: "is", false: "are"}[len(words) == 1] + " taken"
}

// onDays gives doses on days of the week.
func (r *reader) onDays(rep *repeat, times []civil.Clock) (pattern, bool) {
	if len(times) == 0 {
		times = r.usual(1)
		r.open(rep.node, "FHIR says no time of day; %s", saidTimes(times))
	}
	if len(rep.days) == 7 {
		return pattern{frequency: "daily", times: times}, true
	}
	var words []string
	for i := range 7 {
		if d := time.Weekday((i + 1) % 7); slices.Contains(rep.days, d) {
			words = append(words, frequency.WeekdayName(d))
		}
	}
	return pattern{frequency: strings.Join(words, ", "), times: times}, true
}

func (r *reader) weekly(rep *repeat) (pattern, bool) {
	n, f, k := rep.period.N, rep.frequency, len(rep.clocks)
	if len(rep.days) > 0 {
		switch {
		case f != len(rep.days)*max(k, 1):
			return r.no(rep, "it says %d in %v, and names %s of the week with %s each", f, rep.period, civil.Plural(len(rep.days), "day"), civil.Plural(max(k, 1), "dose"))
		case n == 1:
			return r.onDays(rep, rep.clocks)
		case len(rep.days) > 1:
			return r.no(rep, "every %d weeks on several days: the language has no such rule", n)
		}
		r.open(rep.node, "FHIR does not say in which week every %d weeks begins; the first %v is taken", n, rep.days[0])
	}
	if k > 1 {
		return r.no(rep, "%d in %v at %d times: FHIR does not say on which days", f, rep.period, k)
	}
	times := rep.clocks
	if k == 0 {
		times = r.usual(1)
	}
	p := pattern{times: times}
	if len(rep.days) > 0 {
		p.weekday = &rep.days[0]
	}
	switch {
	case n == 1 && f == 1:
		p.frequency = "weekly"
	case f == 1:
		p.frequency = fmt.Sprintf("every %d weeks", n)
	case n == 1 && f < 7:
		p.frequency = fmt.Sprintf("%d a week", f)
		r.open(rep.node, "FHIR does not say on which days %d in a week fall; they are evenly spread from the first", f)
	case n == 1 && f%7 == 0 && k == 0:
		p.frequency, p.times = "daily", r.usual(f/7)
		r.open(rep.node, "%d in a week are taken as %d a day", f, f/7)
	default:
		return r.no(rep, "%d times in %v: FHIR does not say on which of the days", f, rep.period)
	}
	if k == 0 {
		r.open(rep.node, "FHIR says no time of day; %s", saidTimes(p.times))
	}
	return p, true
}

func (r *reader) monthly(rep *repeat, months int) (pattern, bool) {
	switch {
	case len(rep.days) > 0:
		return r.no(rep, "every %d months on a day of the week: FHIR does not say on which of them", months)
	case rep.frequency > 1 || len(rep.clocks) > 1:
		return r.no(rep, "%d times in %v: FHIR does not say on which of the days", rep.frequency, rep.period)
	}
	p := pattern{times: rep.clocks, frequency: "monthly"}
	if months > 1 {
		p.frequency = fmt.Sprintf("every %d months", months)
	}
	r.open(rep.node, "FHIR does not say what becomes of a day that a month does not have; the last day of the month is taken")
	if len(p.times) == 0 {
		p.times = r.usual(1)
		r.open(rep.node, "FHIR says no time of day; %s", saidTimes(p.times))
	}
	return p, true
}

package schedule_test

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/doseplan/doseplan/pkg/civil"
)

// An oraclePhase is what a protocol says of one phase.
type oraclePhase struct {
	name   string
	rule   *rule
	times  []int
	days   *[7][]int // the times of each day of the week from Monday on, where they differ
	course extent
	starts *when
	repeat int
	rest   span
	goesOn bool
	dose   *yaml.Node
}

// A rule is a frequency.
type rule struct {
	kind     string
	n        int
	perDay   int
	elapsed  int // minutes between doses, of a rule that runs on elapsed time
	hours    int // of a rule in hours that divide 24
	cycle    int
	days     []int
	inMonth  []int // the days of a month, of several
	marks    []int // so many weeks or months after day 1
	weekdays [7]bool
	at       []int // the clock times that the rule says
}

// A span is a length of time.
type span struct {
	n    int
	unit string
}

// An extent is a course: how long a phase lasts.
type extent struct {
	doses, cycles, minutes int
	length                 span
	until                  *when    // its last day
	total                  *big.Rat // in all, of the phase and of those that it follows; nil for none
	open                   bool
}

// A when is a point of the course, or some time after one.
type when struct {
	anchor string // start, end, after, dose, last, day, week or end of week
	n      int
	phase  string
	offset span
	first  string // the first such day of the week on that day or later; "" for the day itself
	after  bool   // that day itself does not count
}

// oneADay is when a single dose of the day is given, and times of others are the settings'.
const oneADay = 9 * 60

var weekdayWords = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

var ordinals = []string{"last", "first", "second", "third", "fourth"}

// readCourse reads a protocol and what its course needs of a patient.
func readCourse(c courseText) *oracle {
	z, err := civil.LoadZone(c.zone)
	must(err)
	o := &oracle{zone: z.Location(), start: readDate(c.start), countFrom: 1, short: "back",
		solved: map[string]*solution{}, pending: map[string]bool{}, clocks: map[serial][]change{}}
	if c.until != "" {
		o.until = readDate(c.until)
	}
	var doc yaml.Node
	must(yaml.Unmarshal([]byte(c.text), &doc))
	top := entries(doc.Content[0])
	if v := top["count from"]; v != nil {
		o.countFrom = number(strings.TrimPrefix(v.Value, "day "))
	}
	if v := top["short months"]; v != nil {
		o.short = v.Value
	}
	list := top["phases"].Content
	for i := 0; i < len(list); i += 2 {
		o.phases = append(o.phases, readPhase(list[i].Value, entries(list[i+1])))
	}
	return o
}

// entries returns the values of a mapping by their keys.
func entries(n *yaml.Node) map[string]*yaml.Node {
	m := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		m[n.Content[i].Value] = n.Content[i+1]
	}
	return m
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func number(text string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	must(err)
	return n
}

func readDate(text string) serial {
	f := strings.Split(text, "-")
	return serialOf(number(f[0]), number(f[1]), number(f[2]))
}

func readPhase(name string, keys map[string]*yaml.Node) *oraclePhase {
	ph := &oraclePhase{name: name, rule: readRule(keys["frequency"].Value), course: readExtent(keys["course"].Value), repeat: 1, dose: keys["dose"]}
	if v := keys["times"]; v != nil && v.Kind == yaml.MappingNode {
		ph.days = &[7][]int{}
		for day := range ph.days {
			ph.days[day] = readTimes(ofWeekday(v, day))
		}
		ph.times = ph.days[0]
	} else if v != nil {
		ph.times = readTimes(v)
	}
	if len(ph.rule.at) > 0 {
		ph.times = ph.rule.at
	}
	if v := keys["starts"]; v != nil {
		ph.starts = readWhen(v.Value)
	}
	if v := keys["repeat"]; v != nil {
		ph.repeat = number(v.Value)
	}
	if v := keys["rest"]; v != nil {
		ph.rest = readSpan(v.Value)
	}
	ph.goesOn = keys["each run"] != nil && keys["each run"].Value == "goes on"
	return ph
}

func readTimes(n *yaml.Node) (times []int) {
	list := n.Content
	if n.Kind == yaml.ScalarNode {
		list = []*yaml.Node{n}
	}
	for _, c := range list {
		if f := strings.Fields(c.Value); len(f) > 1 {
			from := number(f[0])
			if f[2] == "before" {
				from = -from
			}
			times = append(times, mealsAt[f[3]]+from)
			continue
		}
		hour, minute, _ := strings.Cut(c.Value, ":")
		times = append(times, number(hour)*60+number(minute))
	}
	return times
}

func readSpan(text string) span {
	f := strings.Fields(text)
	return span{number(f[0]), strings.TrimSuffix(f[1], "s")}
}

// elapsed returns a length of time in minutes, or 0 where it is counted on the calendar.
func (s span) elapsed() int {
	switch s.unit {
	case "minute":
		return s.n
	case "hour":
		return 60 * s.n
	}
	return 0
}

func readExtent(text string) extent {
	var e extent
	for part := range strings.SplitSeq(text, " or ") {
		if part == "open-ended" {
			e.open = true
			continue
		}
		if text, ok := strings.CutPrefix(part, "until "); ok && !strings.HasSuffix(text, " in all") {
			e.until = readWhen(text)
			continue
		}
		if text, ok := strings.CutPrefix(part, "until "); ok {
			e.total = milligrams(strings.TrimSuffix(text, " in all"))
			continue
		}
		switch s := readSpan(part); s.unit {
		case "dose":
			e.doses = s.n
		case "cycle":
			e.cycles = s.n
		case "day", "week", "month":
			e.length = s
		default:
			e.minutes = s.elapsed()
		}
	}
	return e
}

var offsetOf = regexp.MustCompile(`^(\d+ (?:minute|hour|day|week|month)s?) (after|before) (.*)$`)

var firstOf = regexp.MustCompile(`^first (mon|tue|wed|thu|fri|sat|sun)[a-z]* (on or after|after) (.*)$`)

// readWhen reads what stands after `starts`.
func readWhen(text string) *when {
	w := &when{}
	if m := firstOf.FindStringSubmatch(text); m != nil {
		w.first, w.after, text = m[1], m[2] == "after", m[3]
	}
	if m := offsetOf.FindStringSubmatch(text); m != nil {
		w.offset, text = readSpan(m[1]), m[3]
		if m[2] == "before" {
			w.offset.n = -w.offset.n
		}
	}
	point, phase, of := strings.Cut(text, " of ")
	for _, end := range []string{"end of week ", "end of month "} {
		if rest, ok := strings.CutPrefix(text, end); ok {
			point, phase, of = strings.Cut(rest, " of ")
			point = end + point
		}
	}
	if of {
		w.phase = phase
	}
	f := strings.Fields(point)
	switch last := f[len(f)-1]; {
	case f[0] == "with":
		w.anchor, w.n, w.phase = "dose", 1, last
	case f[0] == "after":
		w.anchor, w.phase = "after", last
	case point == "first dose":
		w.anchor, w.n = "dose", 1
	case point == "last dose":
		w.anchor = "last"
	case point == "each dose":
		w.anchor = "each"
	case point == "start" || point == "end":
		w.anchor = point
	default:
		w.anchor, w.n = strings.Join(f[:len(f)-1], " "), number(last)
	}
	return w
}

// readRule reads a frequency.
func readRule(text string) *rule {
	r := &rule{perDay: 1}
	if body, ok := strings.CutSuffix(text, ", twice daily"); ok {
		r.perDay, text = 2, body
	}
	f := strings.Fields(text)
	switch {
	case timesSaid[text] != nil:
		r.kind, r.n, r.at = "every days", 1, timesSaid[text]
		r.perDay = len(r.at)
	case f[0] == "every" && len(f) > 3 && f[3] == "on":
		r.kind, r.n, r.weekdays = "weeks on", number(f[1]), readWeekdays(f[4:])
	case text == "daily":
		r.kind, r.n = "every days", 1
	case text == "weekly":
		r.kind, r.n = "every days", 7
	case text == "monthly":
		r.kind, r.n = "every months", 1
	case text == "once":
		r.kind = "once"
	case text == "twice daily":
		r.kind, r.n, r.perDay = "every days", 1, 2
	case strings.HasSuffix(text, " times daily"):
		r.kind, r.n, r.perDay = "every days", 1, number(f[0])
	case strings.HasSuffix(text, " a week"):
		r.kind, r.n = "a week", number(f[0])
	case strings.HasPrefix(text, "daily except "):
		r.kind, r.weekdays = "weekdays", readWeekdays(f[2:])
		for i := range r.weekdays {
			r.weekdays[i] = !r.weekdays[i]
		}
	case f[0] == "every":
		r.readEvery(span{number(f[1]), strings.TrimSuffix(f[2], "s")}, len(f) > 3)
	case strings.HasSuffix(text, " of each month"):
		r.readDayOfMonth(f)
	case f[0] == "at" && (f[len(f)-1] == "weeks" || f[len(f)-1] == "months"):
		r.kind = "at " + f[len(f)-1]
		for _, w := range f[1 : len(f)-1] {
			if w != "and" {
				r.marks = append(r.marks, number(strings.TrimSuffix(w, ",")))
			}
		}
	case f[0] == "on" && f[1] == "days":
		r.kind, r.days = "list", readDays(strings.TrimPrefix(text, "on days "))
	case f[0] == "days":
		list, cycle, _ := strings.Cut(strings.TrimPrefix(text, "days "), " of ")
		r.kind, r.days, r.cycle = "days of", readDays(list), number(cycle)
	case strings.Contains(text, " days on, "):
		r.kind, r.n, r.cycle = "days on", number(f[0]), number(f[0])+number(f[3])
	default:
		r.kind, r.weekdays = "weekdays", readWeekdays(f)
	}
	return r
}

// timesSaid are the rules that name times of day, at the clock times of the page.
var timesSaid = map[string][]int{
	"at bedtime":                    {22 * 60},
	"every morning and evening":     {8 * 60, 20 * 60},
	"in the morning and at bedtime": {8 * 60, 22 * 60},
	"daily with lunch":              {12 * 60},
	"3 times daily with meals":      {8 * 60, 12 * 60, 18 * 60},
}

// readEvery reads every so many minutes, hours, days, weeks or months.
func (r *rule) readEvery(s span, elapsed bool) {
	r.n = s.n
	switch {
	case s.unit == "day":
		r.kind = "every days"
	case s.unit == "week":
		r.kind, r.n = "every days", 7*s.n
	case s.unit == "month":
		r.kind = "every months"
	case s.unit == "minute" || elapsed:
		r.kind, r.elapsed = "elapsed", s.elapsed()
	case s.n%24 == 0:
		r.kind, r.n = "every days", s.n/24
	case 24%s.n == 0:
		r.kind, r.n, r.hours = "every days", 1, s.n
	default:
		r.kind, r.elapsed = "elapsed", s.elapsed()
	}
}

// readDayOfMonth reads “day 15 of each month”, “days 1 to 12 of …”, “last day of …” and “first monday of …”.
func (r *rule) readDayOfMonth(f []string) {
	switch {
	case f[0] == "days":
		r.kind, r.inMonth = "days of month", readDays(strings.Join(f[1:len(f)-3], " "))
	case f[0] == "day":
		r.kind, r.n = "day of month", number(f[1])
	case f[1] == "day":
		r.kind, r.n = "day of month", 0
	default:
		r.kind, r.n = "weekday of month", slices.Index(ordinals, f[0])
		r.weekdays = readWeekdays(f[1:2])
	}
}

func readWeekdays(words []string) (set [7]bool) {
	for _, w := range words {
		if w != "and" {
			set[slices.Index(weekdayWords, w[:3])] = true
		}
	}
	return set
}

// readDays reads a list of days with ranges, written with “to” or a dash.
func readDays(text string) (days []int) {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		from, to, ranged := strings.Cut(part, " to ")
		if i := strings.LastIndex(part, "-"); i > 0 && !ranged {
			from, to, ranged = part[:i], part[i+1:], true
		}
		if !ranged {
			to = from
		}
		for d := number(from); d <= number(to); d++ {
			days = append(days, d)
		}
	}
	return days
}

// endless reports whether a rule always has a next dose.
func (r *rule) endless() bool { return r.kind != "once" && r.kind != "list" && r.marks == nil }

// reach is how many days a rule is followed for.
func (r *rule) reach() int {
	if r.endless() {
		return 30 * 366
	}
	return 800
}

// usualTimes are the settings' times for the doses of a day.
func (r *rule) usualTimes() []int {
	switch {
	case r.hours > 0 && r.hours < 24:
		return []int{8 * 60}
	case r.perDay == 2:
		return []int{8 * 60, 20 * 60}
	case r.perDay == 3:
		return []int{8 * 60, 14 * 60, 20 * 60}
	case r.perDay == 4:
		return []int{8 * 60, 12 * 60, 16 * 60, 20 * 60}
	}
	return []int{oneADay}
}

// allTimes are the clock times at which a rule doses on a day: of every 8 hours, three.
func (r *rule) allTimes(stated []int) []int {
	if r.hours == 0 || len(stated) == 0 {
		return stated
	}
	var out []int
	for m := 0; m < 1440; m += 60 * r.hours {
		out = append(out, (stated[0]+m)%1440)
	}
	slices.Sort(out)
	return out
}

package schedule_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/civil"
)

// refused are the forms that the language refuses wherever they stand, and that are not drawn.
var refused = map[string]string{
	"rest: hours":                "a rest comes after the last day of a run",
	"steps of days inside doses": "steps count in what the cases around them count",
	"steps of doses inside days": "the same",
}

// left reports whether a form is left out.
func left(form string) bool {
	_, ok := refused[form]
	return ok
}

// The forms that a run must have compared, by what they are a form of.
var drawnForms = map[string][]string{
	"frequency": {"daily", "N times daily", "hours dividing 24", "multiples of 24 hours", "hours elapsed", "hours not dividing 24", "minutes", "days", "weeks", "months",
		"a week", "weekdays", "daily except", "days of N", "days on", "on days", "at weeks", "at months", "once", "day of month", "days of month", "last day of month", "weekday of month", "weeks on weekdays", "days on twice daily", "times of day"},
	"times":        {"stated", "usual", "by day of the week", "from a meal"},
	"course":       {"doses", "days", "weeks", "months", "hours", "cycles", "doses or days", "doses or weeks", "doses or months", "doses or hours", "doses or cycles", "open-ended", "total", "total or days", "doses or total", "until day", "until end of week", "until end of month", "doses or until day"},
	"starts":       {"none", "start", "day", "week", "end of week", "month", "end of month", "with", "after", "day of", "week of", "end of week of", "first weekday", "start of", "first dose of", "dose of", "last dose of", "each dose of", "end of"},
	"offset":       {"days", "weeks", "months", "hours", "before"},
	"repeat":       {"begins again", "goes on"},
	"rest":         {"none", "days", "weeks", "months", "hours"},
	"count from":   {"1", "0", "-3"},
	"short months": {"back", "forward", "skip"},
	"dose":         {"fixed", "per hour", "share", "by day", "by dose", "by week", "by weekday", "by day of cycle", "steps", "steps inside by day of cycle", "steps inside by day", "steps inside by dose", "steps inside by week"},
	"steps":        {"amount", "percent", "percent of start", "every doses", "every days", "every weeks"},
	"zone":         oracleZones,
	"until":        {"stated", "none"},
}

var oracleZones = []string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Jerusalem", "Antarctica/Troll", "UTC"}

// allForms lists every form that must be drawn.
func allForms() (out []string) {
	for what, list := range drawnForms {
		for _, form := range list {
			if !left(what + ": " + form) {
				out = append(out, what+": "+form)
			}
		}
	}
	slices.Sort(out)
	return out
}

// monthForms are those that a course about months keeps to, so that chains of months are long.
var monthForms = map[string][]string{
	"frequency": {"months", "once", "months", "day of month", "days of month", "last day of month", "daily", "weeks"},
	"course":    {"months", "doses", "months", "doses or months"},
	"offset":    {"months", "months", "days"},
	"rest":      {"months", "none"},
	"starts":    {"none", "start", "with", "after", "first dose of", "dose of", "last dose of", "each dose of", "end of", "start of"},
}

// clockForms are those of a course about changes of the clocks, so that many doses stand near one.
var clockForms = map[string][]string{
	"frequency": {"hours dividing 24", "hours elapsed", "hours not dividing 24", "minutes", "N times daily", "daily", "multiples of 24 hours"},
	"course":    {"doses", "hours", "days", "doses or hours"},
	"offset":    {"hours", "days", "before"},
	"rest":      {"none", "days"},
	"starts":    {"with", "after", "first dose of", "dose of", "last dose of", "each dose of", "end of"},
}

// changesOfClocks are days on which the clocks of a zone go forward or back.
var changesOfClocks = map[string][]string{
	"America/New_York":    {"2026-03-08", "2026-11-01"},
	"Europe/Berlin":       {"2026-03-29", "2026-10-25"},
	"Australia/Lord_Howe": {"2026-04-05", "2026-10-04"},
	"America/Santiago":    {"2026-04-05", "2026-09-06"},
	"Africa/Cairo":        {"2026-04-24", "2026-10-30"},
	"Asia/Jerusalem":      {"2026-03-27", "2026-10-25"},
	"Antarctica/Troll":    {"2026-03-29", "2026-10-25"},
}

// A drawer writes a course and remembers the forms that it took.
type drawer struct {
	t         *rapid.T
	forms     []string
	phases    []string
	countFrom int
	open      bool
	total     bool                // the phase that is drawn ends with a total
	about     map[string][]string // monthForms, clockForms or nil for all
}

// form draws one of the forms of something, but for those that are left out.
func (d *drawer) form(what string, list ...string) string {
	if of := d.about[what]; of != nil {
		list = of
	}
	list = slices.DeleteFunc(slices.Clone(list), func(f string) bool { return left(what + ": " + f) })
	f := rapid.SampledFrom(list).Draw(d.t, what)
	d.forms = append(d.forms, what+": "+f)
	return f
}

func (d *drawer) n(name string, lo, hi int) int { return intIn(d.t, name, lo, hi) }

// sometimes is true once in so many times, and not at all in the simplest course.
func (d *drawer) sometimes(name string, n int) bool { return d.n(name, 0, n-1) == n-1 }

// Days about which months and clocks are not regular.
var irregularDays = []string{"2026-01-28", "2026-01-29", "2026-01-30", "2026-01-31", "2027-01-31", "2028-01-29", "2028-01-31", "2028-02-29", "2026-02-28", "2026-08-31", "2026-10-31", "2026-12-30",
	"2026-03-07", "2026-03-08", "2026-10-31", "2026-11-01", "2026-03-28", "2026-10-24", "2026-04-04", "2026-10-03", "2026-09-05", "2026-04-23", "2026-10-29", "2026-03-26"}

// course draws a course.
func (d *drawer) course() courseText {
	var c courseText
	c.start = "2026-03-02"
	switch d.n("kind of start", 0, 2) {
	case 1:
		c.start = fmt.Sprint(civil.MustDate("2026-01-01").AddDays(d.n("start", 0, 1200)))
	case 2:
		day := civil.MustDate(pick(d.t, "irregular start", irregularDays...))
		c.start = fmt.Sprint(day.AddDays(-d.n("days before", 0, 6)))
	}
	c.zone = "UTC"
	if d.sometimes("other zone", 2) {
		c.zone = d.form("zone", oracleZones...)
		if days := changesOfClocks[c.zone]; len(days) > 0 && d.sometimes("about clocks", 2) {
			day := civil.MustDate(pick(d.t, "change of the clocks", days...))
			c.start = fmt.Sprint(day.AddDays(-d.n("days before", 0, 4)))
			d.about = clockForms
		}
	}
	var b strings.Builder
	d.countFrom = 1
	if d.sometimes("count from", 5) {
		d.countFrom = -3 * d.n("three before", 0, 1)
		fmt.Fprintf(&b, "count from: day %d\n", d.countFrom)
	}
	d.forms = append(d.forms, fmt.Sprintf("count from: %d", d.countFrom))
	if s := d.form("short months", drawnForms["short months"]...); s != "back" {
		fmt.Fprintf(&b, "short months: %s\n", s)
	}
	if d.about == nil && d.sometimes("about months", 4) {
		d.about = monthForms
	}
	b.WriteString("phases:\n")
	for i := range d.n("phases", 1, 4) {
		d.phase(&b, string(rune('a'+i)))
	}
	c.text = b.String()
	if d.open || d.sometimes("until", 5) {
		c.until = fmt.Sprint(civil.MustDate(c.start).AddDays(d.n("until days", 0, 150)))
		d.forms = append(d.forms, "until: stated")
	} else {
		d.forms = append(d.forms, "until: none")
	}
	return c
}

// A drawnRule is a frequency with what else of its phase depends on it.
type drawnRule struct {
	text   string
	perDay int
	most   int // doses, of a rule that has no next one after them
	every  int // minutes, of a rule in hours or minutes
	cycle  bool
}

// phase draws a phase.
func (d *drawer) phase(b *strings.Builder, name string) {
	starts := d.starts()
	r := d.rule(d.withCourse(starts))
	fmt.Fprintf(b, "  %s: { frequency: %q", name, r.text)
	if r.perDay > 0 && r.every == 0 && !strings.Contains(r.text, "hour") && d.sometimes("times by day", 5) {
		fmt.Fprintf(b, ", times: { %q: [%s], other: [%s] }", strings.Join(d.weekdays(), ", "), d.times(r.perDay), d.times(r.perDay))
		d.forms = append(d.forms, "times: by day of the week")
	} else if r.perDay > 0 && d.sometimes("times", 2) {
		fmt.Fprintf(b, ", times: [%s]", d.times(r.perDay))
		d.forms = append(d.forms, "times: stated")
	} else {
		d.forms = append(d.forms, "times: usual")
	}
	d.total = false
	course, open := "", false
	if each := strings.Contains(starts, "each dose"); each && r.most == 0 {
		course = pick(d.t, "course of each time", "1 doses", "1 doses", "2 doses", "3 doses", "2 days", "36 hours", "1 week")
	} else if each {
		course = fmt.Sprintf("%d doses", r.most)
	} else {
		course, open = d.extent(r)
	}
	fmt.Fprintf(b, ", course: %s", course)
	if starts != "" {
		fmt.Fprintf(b, ", starts: %s", starts)
	}
	dated := !d.total && strings.Contains(course, "day") || strings.Contains(course, "week") || strings.Contains(course, "month") || strings.Contains(course, "cycle")
	if !open && !d.total && (dated || r.most == 0) && !strings.Contains(starts, "hour") && !strings.Contains(starts, "each dose") && d.sometimes("repeat", 4) {
		fmt.Fprintf(b, ", repeat: %d", d.n("runs", 2, 3))
		if form := d.form("rest", drawnForms["rest"]...); form != "none" && dated && !strings.Contains(course, "dose") {
			fmt.Fprintf(b, ", rest: %s", d.span(form))
		}
		if form := d.form("repeat", drawnForms["repeat"]...); form == "goes on" && r.most == 0 && !r.cycle {
			b.WriteString(", each run: goes on")
		}
	}
	fmt.Fprintf(b, ", dose: %s }\n", d.dose(d.withCourse(starts), r.cycle))
	d.phases = append(d.phases, name)
	d.open = d.open || open
}

// withCourse reports whether the phase that is drawn counts its days as the course does.
func (d *drawer) withCourse(starts string) bool {
	return d.countFrom != 1 && (starts == "start" || starts == "" && len(d.phases) == 0)
}

// span draws a length of time in a unit.
func (d *drawer) span(unit string) string {
	most := map[string]int{"days": 9, "weeks": 3, "months": 3, "hours": 40}[unit]
	n := d.n(unit, 1, most)
	if n == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// starts draws where a phase starts, or nothing.
func (d *drawer) starts() string {
	if len(d.phases) == 0 {
		return ""
	}
	if !d.open && d.sometimes("starts none", 3) {
		d.forms = append(d.forms, "starts: none")
		return ""
	}
	form := d.form("starts", drawnForms["starts"]...)
	other := ""
	if strings.HasSuffix(form, " of") || form == "with" || form == "after" {
		other = " " + rapid.SampledFrom(d.phases).Draw(d.t, "other")
	}
	number := fmt.Sprintf(" %d", d.n("number", 1, 6))
	switch form {
	case "none":
		return ""
	case "day", "week", "end of week", "month", "end of month":
		return form + number
	case "first weekday":
		from := pick(d.t, "from", "start", "day"+number, "week"+number, "start of "+rapid.SampledFrom(d.phases).Draw(d.t, "weekday of"))
		return fmt.Sprintf("first %s %s %s", fullWeekdays[d.n("weekday", 0, 6)], pick(d.t, "on or after", "on or after", "after"), from)
	case "day of", "week of", "end of week of", "dose of":
		form = strings.TrimSuffix(form, " of") + number + " of"
	case "start":
		return form
	case "with", "after":
		return form + other
	}
	if d.sometimes("no offset", 3) {
		return form + other
	}
	switch unit := d.form("offset", drawnForms["offset"]...); unit {
	case "before":
		return d.span("days") + " before " + form + other
	default:
		return d.span(unit) + " after " + form + other
	}
}

// times draws the clock times of a day, in order.
func (d *drawer) times(n int) string {
	clocks := rapid.SliceOfNDistinct(rapid.SampledFrom([]int{540, 0, 30, 60, 90, 120, 125, 150, 165, 180, 300, 480, 840, 1080, 1200, 1320, 1425, 1439}), n, n, rapid.ID[int]).Draw(d.t, "times")
	slices.Sort(clocks)
	var out []string
	for _, c := range clocks {
		text := fmt.Sprintf("%02d:%02d", c/60, c%60)
		if d.sometimes("from a meal", 4) {
			for _, name := range []string{"breakfast", "dinner"} {
				if from := c - mealsAt[name]; from != 0 && from >= -360 && from <= 360 {
					text = fmt.Sprintf("%d minutes %s %s", max(from, -from), map[bool]string{true: "after", false: "before"}[from > 0], name)
					d.forms = append(d.forms, "times: from a meal")
					break
				}
			}
		}
		out = append(out, fmt.Sprintf("%q", text))
	}
	return strings.Join(out, ", ")
}

// mealsAt are when meals are taken, in minutes of the day.
var mealsAt = map[string]int{"breakfast": 8 * 60, "dinner": 18 * 60}

// rule draws a frequency.
func (d *drawer) rule(withCourse bool) drawnRule {
	n := func(lo, hi int) int { return d.n("n", lo, hi) }
	form := d.form("frequency", drawnForms["frequency"]...)
	switch form {
	case "N times daily":
		if k := n(2, 4); k > 2 {
			return drawnRule{text: fmt.Sprintf("%d times daily", k), perDay: k}
		}
		return drawnRule{text: "twice daily", perDay: 2}
	case "hours dividing 24":
		k := rapid.SampledFrom([]int{12, 8, 6, 4, 3, 2, 1, 24}).Draw(d.t, "hours")
		return drawnRule{text: hoursText(k), perDay: 1, every: 60 * k}
	case "multiples of 24 hours":
		return drawnRule{text: hoursText(24 * n(2, 3)), perDay: 1}
	case "hours elapsed":
		k := n(1, 50)
		return drawnRule{text: hoursText(k) + " elapsed", perDay: 1, every: 60 * k}
	case "hours not dividing 24":
		k := rapid.SampledFrom([]int{36, 5, 7, 9, 10, 11, 13, 20, 30, 60, 100}).Draw(d.t, "hours")
		return drawnRule{text: hoursText(k), perDay: 1, every: 60 * k}
	case "minutes":
		k := 15 * n(2, 20)
		return drawnRule{text: fmt.Sprintf("every %d minutes", k), perDay: 1, every: k}
	case "months":
		k := n(1, 5)
		if k == 1 {
			return drawnRule{text: "monthly", perDay: 1}
		}
		return drawnRule{text: fmt.Sprintf("every %d months", k), perDay: 1}
	case "on days":
		days, count := d.days(withCourse, 30)
		return drawnRule{text: "on days " + days, perDay: 1, most: count}
	case "at weeks", "at months":
		at := n(0, 2)
		words := []string{fmt.Sprint(at)}
		for range n(0, 3) {
			at += n(1, 5)
			words = append(words, fmt.Sprint(at))
		}
		list := words[0]
		if k := len(words) - 1; k > 0 {
			list = strings.Join(words[:k], ", ") + " and " + words[k]
		}
		return drawnRule{text: "at " + list + strings.TrimPrefix(form, "at"), perDay: 1, most: len(words)}
	case "once":
		return drawnRule{text: "once", perDay: 1, most: 1}
	case "times of day":
		return drawnRule{text: pick(d.t, "times of day", "at bedtime", "every morning and evening", "in the morning and at bedtime", "daily with lunch", "3 times daily with meals")}
	case "days on twice daily":
		return drawnRule{text: fmt.Sprintf("%d days on, %d off, twice daily", n(1, 21), n(1, 7)), perDay: 2, cycle: true}
	}
	return d.ruleInDays(form, n)
}

func hoursText(n int) string {
	if n == 1 {
		return "every 1 hour"
	}
	return fmt.Sprintf("every %d hours", n)
}

// ruleInDays draws one of the frequencies that have one dose on some days.
func (d *drawer) ruleInDays(form string, n func(lo, hi int) int) drawnRule {
	r := drawnRule{text: "daily", perDay: 1}
	switch form {
	case "days":
		r.text = fmt.Sprintf("every %d days", n(2, 12))
	case "weeks":
		r.text = "weekly"
		if k := n(1, 4); k > 1 {
			r.text = fmt.Sprintf("every %d weeks", k)
		}
	case "a week":
		r.text = fmt.Sprintf("%d a week", n(2, 6))
	case "weekdays":
		r.text = strings.Join(d.weekdays(), " and ")
	case "daily except":
		r.text = "daily except " + strings.Join(d.weekdays(), " and ")
	case "weeks on weekdays":
		r.text = fmt.Sprintf("every %d weeks on %s", n(2, 5), strings.Join(d.weekdays(), " and "))
	case "days of N":
		cycle := n(7, 28)
		days, _ := d.days(false, cycle)
		r.text, r.cycle = fmt.Sprintf("days %s of %d", days, cycle), true
	case "days on":
		r.text, r.cycle = fmt.Sprintf("%d days on, %d off", n(1, 21), n(1, 7)), true
	case "day of month":
		r.text = fmt.Sprintf("day %d of each month", rapid.SampledFrom([]int{15, 1, 28, 29, 30, 31}).Draw(d.t, "day of month"))
	case "days of month":
		days, _ := d.days(false, 28)
		r.text = fmt.Sprintf("days %s of each month", days)
	case "last day of month":
		r.text = "last day of each month"
	case "weekday of month":
		r.text = fmt.Sprintf("%s %s of each month", pick(d.t, "nth", ordinals...), fullWeekdays[n(0, 6)])
	}
	return r
}

var fullWeekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// weekdays draws one to three days of the week, in order.
func (d *drawer) weekdays() []string {
	set := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 3, rapid.ID[int]).Draw(d.t, "weekdays")
	slices.Sort(set)
	var out []string
	for _, i := range set {
		out = append(out, weekdayWords[i])
	}
	return out
}

// days draws a list of days with a range in it, and says how many they are.
func (d *drawer) days(withCourse bool, most int) (text string, count int) {
	day := 0
	if withCourse {
		day = d.countFrom - 1
	}
	var parts []string
	for range d.n("parts", 1, 4) {
		if day += d.n("gap", 1, 4); day > most {
			break
		}
		if to := day + d.n("range", 1, 3); day > 0 && to <= most && d.sometimes("ranged", 3) {
			parts = append(parts, fmt.Sprintf("%d%s%d", day, pick(d.t, "to", "-", " to "), to))
			count += to - day + 1
			day = to
			continue
		}
		parts = append(parts, fmt.Sprint(day))
		count++
	}
	return strings.Join(parts, ", "), count
}

// extent draws a course that fits a rule.
func (d *drawer) extent(r drawnRule) (text string, open bool) {
	forms := slices.DeleteFunc(slices.Clone(drawnForms["course"]), func(f string) bool {
		return strings.Contains(f, "cycles") && !r.cycle || strings.Contains(f, "total") && r.most > 0 || f == "open-ended" && r.every > 0 && r.every < 120
	})
	form := d.form("course", forms...)
	if form == "open-ended" {
		return form, true
	}
	var parts []string
	for part := range strings.SplitSeq(form, " or ") {
		if strings.HasPrefix(part, "until ") {
			most := map[string]int{"until day": 60, "until end of week": 9, "until end of month": 3}[part]
			parts = append(parts, fmt.Sprintf("%s %d", part, d.n("until", 1, most)))
			continue
		}
		if part == "total" {
			d.total = true
			parts = append(parts, fmt.Sprintf("until %d mg in all", 5*d.n("total", 3, 120)))
			continue
		}
		most := map[string]int{"doses": 12, "days": 40, "weeks": 6, "months": 5, "hours": 100, "cycles": 3}[part]
		if part == "doses" && r.most > 0 && !d.sometimes("some listed", 10) {
			parts = append(parts, fmt.Sprintf("%d doses", r.most))
			continue
		}
		if part != "doses" && r.every > 0 && r.every < 360 {
			most = min(most, map[string]int{"days": 5, "weeks": 1, "months": 1, "hours": 40}[part])
		}
		parts = append(parts, fmt.Sprintf("%d %s", d.n(part, 1, most), part))
	}
	return strings.Join(parts, " or "), false
}

// dose draws a dose.
func (d *drawer) dose(withCourse, cycle bool) string {
	first := 1
	if withCourse {
		first = d.countFrom
	}
	forms := slices.Clone(drawnForms["dose"])
	if !d.sometimes("stepped", 3) {
		forms = forms[:8]
	}
	if often := cycle && d.sometimes("of cycle", 2); often || !cycle {
		forms = slices.DeleteFunc(forms, func(form string) bool { return strings.HasSuffix(form, "of cycle") != often })
	}
	form := d.form("dose", forms...)
	last := "50 mg"
	if strings.HasPrefix(form, "steps") {
		last = d.steps(form)
	}
	second := first + d.n("second", 1, 6)
	switch {
	case strings.HasSuffix(form, "by day of cycle"):
		return fmt.Sprintf("{ by day of cycle: { from 1: 25 mg, from %d: %s } }", d.n("second", 2, 5), last)
	case strings.HasSuffix(form, "by day"):
		return fmt.Sprintf("{ by day: { from %d: 25 mg, from %d: %s } }", first, second, last)
	case strings.HasSuffix(form, "by dose"):
		return fmt.Sprintf("{ by dose: { from 1: 25 mg, from %d: %s } }", d.n("second", 2, 5), last)
	case strings.HasSuffix(form, "by week"):
		return fmt.Sprintf("{ by week: { from 1: 25 mg, from %d: %s } }", d.n("second", 2, 3), last)
	case form == "by weekday":
		return fmt.Sprintf("{ by weekday: { %q: 25 mg, other: 12.5 mg } }", strings.Join(d.weekdays(), ", "))
	case form == "steps":
		return last
	case form == "share":
		return pick(d.t, "share", "{ amount: 50 % of present dose, round: none }", "{ amount: 62.5 % of present dose, round: 1 mg }", "{ amount: 70 % of present dose, round: 5 mg }", "{ amount: 73 % of present dose, round: 2.5 mg down }", "{ amount: 125 % of present dose, max: 90 mg, round: 0.5 mg }")
	case form == "per hour":
		return pick(d.t, "per hour", "{ amount: 12.5 mg/h, over: 2 hours }", "{ amount: 0.25 mg/min, over: 100 minutes }", "{ amount: 60 mg/h, over: 25 minutes, max: 1 mg/min }", "{ amount: 60 mg/h, over: 1 hour, max: 25 mg }")
	}
	return "25 mg"
}

// steps draws a dose that rises or falls by itself, and may stand inside another.
func (d *drawer) steps(where string) string {
	kinds := []string{"every doses", "every days", "every weeks"}
	switch {
	case where == "steps inside by dose" && left("steps of days inside doses"):
		kinds = kinds[:1]
	case strings.HasPrefix(where, "steps inside") && left("steps of doses inside days"), where == "steps inside by day of cycle":
		kinds = kinds[1:]
	}
	every := ""
	switch d.form("steps", kinds...) {
	case "every doses":
		every = fmt.Sprintf("%d doses", d.n("doses a step", 1, 3))
	case "every weeks":
		every = "1 week"
	case "every days":
		every = fmt.Sprintf("%d days", d.n("days a step", 1, 3))
	}
	start := 10 * d.n("start amount", 2, 9)
	to, way := start+5*d.n("far", 1, 5), "increase"
	if d.sometimes("falls", 2) {
		to, way = max(5, 2*start-to), "decrease"
	}
	change, round := fmt.Sprintf("%d mg", d.n("step amount", 10, 40)), ""
	kinds = []string{"amount", "percent", "percent of start"}
	if d.total { // of what is left of one, only whole steps can be measured out
		kinds = kinds[:1]
	}
	switch d.form("steps", kinds...) {
	case "percent":
		change = fmt.Sprintf("%d %%", d.percent())
		round = ", round: " + pick(d.t, "round", "5 mg", "1 mg", "5 mg down", "1/4 of 20 mg", "2.5 mg")
	case "percent of start":
		change = fmt.Sprintf("%d %% of start", d.percent())
		round = ", round: " + pick(d.t, "round", "5 mg", "1 mg", "5 mg down", "1/4 of 20 mg", "2.5 mg")
	}
	return fmt.Sprintf("{ start: %d mg, %s: %s, every: %s, to: %d mg%s }", start, way, change, every, to, round)
}

// percent draws a percentage, often one whose share lies half-way between two that can be given.
func (d *drawer) percent() int {
	if d.sometimes("plain share", 2) {
		return rapid.SampledFrom([]int{25, 50, 75}).Draw(d.t, "percent")
	}
	return d.n("percent", 15, 90)
}

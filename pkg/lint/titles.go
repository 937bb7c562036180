package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// titles compares what titles and names say of days and times with the rules under them: people read the title.
func (l *linter) titles() {
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		if !l.stepped(ph) {
			l.frequencyTitled(ph.Title, ph.Range, ph.Frequencies)
		}
		l.stepsTitled(ph)
		l.agesTitled(ph)
		l.overTitled(ph)
		l.daysTitled(ph)
		l.hourTitled(ph)
		l.sideTitled(ph)
		l.routeTitled(ph)
		l.countTitled(ph.Title, ph.Range, i)
		l.daysNamed(i)
	}
	for i := range l.p.CheckIns {
		l.checkInTitled(&l.p.CheckIns[i])
	}
	if len(l.p.Phases) == 1 && !l.stepped(&l.p.Phases[0]) {
		l.frequencyTitled(l.p.Title, l.p.Range, l.p.Phases[0].Frequencies)
		l.countTitled(l.p.Title, l.p.Range, 0)
	}
}

// stepped reports whether the dose of a phase changes in steps: what its title says can be how often.
func (l *linter) stepped(ph *protocol.Phase) bool {
	return ph.Titration != nil || l.p.Any(ph.Dose, func(d protocol.Dose) bool { _, ok := d.(*protocol.Stepped); return ok })
}

// reSteps matches how long a step is, in a title.
var reSteps = lazy.MustCompile(`(?i)\bevery ` + patternNumber + ` (days?|weeks?|months?)\b`)

// stepsTitled looks for a title that says how long each step of a dose is, and the dose another length.
func (l *linter) stepsTitled(ph *protocol.Phase) {
	m := reSteps.FindAllStringSubmatch(ph.Title, -1)
	if len(m) != 1 {
		return
	}
	l.p.Any(ph.Dose, func(d protocol.Dose) bool {
		if s, ok := d.(*protocol.Stepped); ok && s.Every.IsSet() && !near(roughly(s.Every), days(number(m[0][1]), m[0][2])) {
			l.odd(ph.Range, "correct `every` or the title", "the title of “%s” is “%s”, and a step lasts %v", ph.Name, ph.Title, s.Every)
		}
		return false
	})
}

// reAges matches ages from which, or under which, something is given, in a title.
var reAges = lazy.MustCompile(`(?i)\b(from|under) (\d{1,2}) (years|months)\b`)

// agesTitled looks for a title that says another age than that of the patients whom a phase is for.
func (l *linter) agesTitled(ph *protocol.Phase) {
	if ph.For == nil || !ph.For.Age.IsSet() {
		return
	}
	for _, m := range reAges.FindAllStringSubmatch(ph.Title, -1) {
		months := int64(number(m[2]))
		if strings.EqualFold(m[3], "years") {
			months *= 12
		}
		own := ph.For.Age.Low.At
		if strings.EqualFold(m[1], "under") {
			own = ph.For.Age.High.At
		}
		if own.IsSet() && own.Number().Cmp(quantity.New(months, 1, quantity.None)) != 0 {
			l.odd(ph.Range, "correct the title, or whom the phase is for", "the title of “%s” says %s, and it is for %s", ph.Name, m[0], ph.For.Text)
		}
	}
}

// numbers are the words that count what titles count.
var numbers = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}

// number reads a whole number in figures or in a word.
func number(text string) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return slices.Index(numbers, strings.ToLower(text))
}

// patternNumber matches what number reads.
const patternNumber = `(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)`

// reTitledFrequency matches a frequency in a title.
var reTitledFrequency = lazy.MustCompile(`(?i)(?:^|[^\w-])(once (?:daily|a day|weekly|a week)|twice (?:daily|a day|weekly|a week)|(?:three|four|two|[2-9]) times (?:daily|a day|weekly|a week)|hourly|every (?:other|` + patternNumber + `) (?:days|weeks|months|day|week)|weekly|monthly|fortnightly|nightly|every (?:night|day|week|month))\b`)

// frequencyTitled looks for a title with one frequency, which none of the choices of a phase is.
func (l *linter) frequencyTitled(title string, at diag.Range, choices []protocol.Choice) {
	found := reTitledFrequency.FindAllStringSubmatch(title, -1)
	if len(found) != 1 || len(choices) == 0 || l.said(diag.OddFigure, at) {
		return
	}
	text := strings.ToLower(found[0][1])
	for k, word := range numbers {
		if rest, ok := strings.CutPrefix(text, "every "+word+" "); ok {
			text = fmt.Sprintf("every %d %s", k, rest)
		}
	}
	f, _, err := frequency.Parse(text)
	if err != nil {
		return
	}
	for _, c := range choices {
		a, b := pace(f), pace(c.Frequency)
		switch {
		case f.Monthly() || c.Frequency.Monthly():
			if f.Monthly() == c.Frequency.Monthly() || !b.IsSet() && !c.Frequency.Monthly() || about(a, b) {
				return
			}
		case !a.IsSet() || !b.IsSet() || a.Cmp(b) == 0:
			return
		case c.Frequency.PerDay() > 1 && !strings.HasPrefix(text, "once") && a.Times(int64(c.Frequency.PerDay()), 1).Cmp(b) == 0: // a total of the day
			return
		}
		if _, cycles := c.Frequency.CycleLength(); cycles { // what holds within one
			return
		}
	}
	l.odd(at, "correct the frequency or the title", "the title “%s” says %s, and its doses come %s", title, found[0][1], choices[0].Text)
}

// about reports whether a frequency by months, of which nothing is known but that, can be as often as another: about every four weeks.
func about(a, b quantity.Amount) bool {
	doses := a
	if !doses.IsSet() {
		doses = b
	}
	return doses.IsSet() && doses.Cmp(quantity.New(1, 32, quantity.None)) >= 0 && doses.Cmp(quantity.New(1, 26, quantity.None)) <= 0
}

// reOver matches the time over which a dose is given, in a title.
var reOver = lazy.MustCompile(`(?i)\bover ` + patternNumber + ` (minutes?|min|hours?|h)\b`)

// overTitled looks for a title that says over what time a dose is given, of which none is given so.
func (l *linter) overTitled(ph *protocol.Phase) {
	found := reOver.FindAllStringSubmatch(ph.Title, -1)
	if len(found) == 0 || l.said(diag.OddFigure, ph.Range) {
		return
	}
	said, overs := elapsedOf(found[0]), l.oversOf(ph)
	if len(overs) > 0 && !slices.Contains(overs, said) {
		l.odd(ph.Range, "correct `over` or the title", "the title “%s” says %s, and no dose of the phase is given over that", ph.Title, found[0][0])
	}
}

// reFor matches how long a course is, or of how many doses, in a title.
var reFor = lazy.MustCompile(`(?i)(?:\bfor |\bfirst |, |^)` + patternNumber + ` (doses|days|weeks|months|cycles)\b( (?:of|in|out of|every|each|on|off|before|after|later|apart|then)\b)?`)

// countTitled looks for a title that says how long a phase is, or how many doses it has, of which no calendar is. Days are compared
// as roughly as people mean them.
func (l *linter) countTitled(title string, at diag.Range, phase int) {
	found := reFor.FindAllStringSubmatch(title, -1)
	ph := &l.p.Phases[phase]
	if len(found) != 1 || ph.Course.Open() || l.said(diag.OddFigure, at) || len(l.r.Calendars) == 0 {
		return
	}
	n, unit := number(found[0][1]), strings.ToLower(found[0][2])
	if lead := strings.ToLower(found[0][0]); unit == "doses" && !strings.HasPrefix(lead, "for") { // of so many sizes, perhaps
		return
	}
	if unit == "cycles" {
		if ph.Course.Cycles > 0 && ph.Course.Cycles != n || ph.Course.Cycles == 0 && ph.Repeat > 1 && ph.Repeat != n {
			l.odd(at, "correct the course or the title", "the title “%s” says %s, and “%s” has %d", title, strings.TrimLeft(found[0][0], ", "), ph.Name, max(ph.Course.Cycles, ph.Repeat))
		}
		return
	}
	if unit != "doses" && (found[0][3] != "" || ph.Repeat > 1 || ph.Course.Cycles > 0) { // of a cycle
		return
	}
	var was string
	for _, s := range l.r.Calendars {
		i := phaseIn(s, ph.Name)
		first, last := dosesOf(s, i)
		if first == nil {
			continue
		}
		if unit == "doses" {
			if s.Phases[i].Doses == n || s.Phases[i].Doses == n*max(ph.Repeat, 1) {
				return
			}
			was = civil.Plural(s.Phases[i].Doses, "dose")
			continue
		}
		said := days(n, unit)
		between := 31
		if minutes, ok := s.Phases[i].Frequency.Frequency.Period(); ok {
			between = max(minutes/(24*60), 1)
		}
		lasts := last.Date.Sub(first.Date) + 1
		if slack := between + said/6; lasts >= said-slack && lasts <= said+slack/2 {
			return
		}
		was = civil.Plural(lasts, "day") + " from its first dose to its last"
	}
	if was != "" {
		l.odd(at, "correct the course or the title", "the title “%s” says %s, and “%s” has %s", title, strings.TrimLeft(found[0][0], ", "), ph.Name, was)
	}
}

// reNamed matches a name or a title that says between which days or weeks a phase lies.
var reNamed = lazy.MustCompile(`(?i)(?:^|, )(days?|weeks?)[- ](\d{1,3})(?:(?:[-–]| to )(\d{1,3}))?$`)

// daysNamed looks for a phase that is called after days or weeks of the course between which it does not lie.
func (l *linter) daysNamed(phase int) {
	ph := &l.p.Phases[phase]
	m := reNamed.FindStringSubmatch(ph.Name)
	if m == nil {
		m = reNamed.FindStringSubmatch(ph.Title)
	}
	if m == nil || ph.Repeat > 1 || ph.Starts.Anchor == protocol.OnDate || len(l.r.Calendars) == 0 || l.said(diag.OddFigure, ph.Range) {
		return
	}
	s := l.r.Calendars[0]
	i := phaseIn(s, ph.Name)
	first, last := dosesOf(s, i)
	if first == nil {
		return
	}
	from, _ := strconv.Atoi(m[2])
	to, ranged := from, m[3] != ""
	if ranged {
		to, _ = strconv.Atoi(m[3])
	}
	a, b := int(first.Day), int(last.Day)
	if strings.HasPrefix(strings.ToLower(m[1]), "week") {
		if a == 7*from+1 { // which counts them from 0
			from, to = from+1, to+1
		}
		from, to = (from-1)*7+1, to*7
	}
	apart := 0
	if minutes, ok := s.Phases[i].Frequency.Frequency.Period(); ok {
		apart = minutes / (24 * 60)
	}
	if len(l.p.Dates) > 0 { // days are counted from a date, perhaps
		from, to = a, to-from+a
	}
	open := ph.Course.Open() || !ranged && strings.HasSuffix(strings.ToLower(m[1]), "s")
	if shift := l.p.CountFrom - 1; a != from && a != from+shift || !open && (b > to || b+max(apart, 1) < to) {
		l.odd(ph.Range, "correct the course, or what it is called", "“%s” has its first dose on day %d and its last on day %d", m[0], a, b)
	}
}

// reDays matches days of a cycle, or listed ones, in a title.
var reDays = lazy.MustCompile(`(?i)\b(days? \d+(?:(?:,| and| to|-|–) ?\d+)* of \d+|\d+ days on,? (?:and )?\d+ (?:days )?off|at \d+(?:(?:,| and|, and) ?\d+)+ (?:weeks|months)|on days \d+(?:(?:,| and|, and) ?\d+)+|weeks \d+(?:(?:,| and|, and) ?\d+)+)`)

// daysTitled looks for a title that lists days other than those of the rule.
func (l *linter) daysTitled(ph *protocol.Phase) {
	m := reDays.FindAllStringSubmatch(ph.Title, -1)
	if len(m) != 1 || len(ph.Frequencies) == 0 || l.said(diag.OddFigure, ph.Range) {
		return
	}
	said := strings.ToLower(m[0][1])
	if strings.HasPrefix(said, "weeks") {
		said = "at " + said
	}
	f, _, err := frequency.Parse(strings.ReplaceAll(said, "–", "-"))
	if err != nil || slices.ContainsFunc(ph.Frequencies, func(c protocol.Choice) bool {
		if f.Kind() == frequency.Marks {
			return c.Frequency.Kind() != f.Kind() || c.Frequency.String() == f.String()
		}
		a, cycles := c.Frequency.CycleLength()
		b, also := f.CycleLength()
		if cycles || also {
			return cycles != also || a == b && slices.Equal(c.Frequency.CycleDays(), f.CycleDays())
		}
		return c.Frequency.Kind() != f.Kind() || slices.Equal(c.Frequency.Days(), f.Days())
	}) {
		return
	}
	l.odd(ph.Range, "correct the frequency or the title", "the title “%s” says %s, and its doses come %s", ph.Title, m[0][1], ph.Frequencies[0].Text)
}

// The times of day that titles name.
var (
	reMorning = lazy.MustCompile(`(?i)\b(in the morning|every morning|each morning)\b`)
	reEvening = lazy.MustCompile(`(?i)\b(in the evening|every evening|each evening|at bedtime|at night|nightly|every night)\b`)
)

// hourTitled looks for a title that names a time of day at which no dose is given.
func (l *linter) hourTitled(ph *protocol.Phase) {
	morning, evening := reMorning.MatchString(ph.Title), reEvening.MatchString(ph.Title)
	if morning == evening || len(l.r.Calendars) == 0 || l.said(diag.OddFigure, ph.Range) {
		return
	}
	s := l.r.Calendars[0]
	i := phaseIn(s, ph.Name)
	for k := range s.Events {
		e := &s.Events[k]
		if e.Kind == schedule.Dose && int(e.Phase) == i && (morning && e.Clock >= 12*60 || evening && e.Clock < 16*60 && e.Clock >= 4*60) {
			l.odd(ph.Range, "correct the times or the title", "the title of “%s” is “%s”, and doses are given at %v", ph.Name, ph.Title, e.Clock)
			return
		}
	}
}

// sideTitled looks for what a title puts before something else, and the rule after it; and the other way round.
func (l *linter) sideTitled(ph *protocol.Phase) {
	w := &ph.Starts
	title := " " + strings.ToLower(ph.Title) + " "
	before, after := strings.Contains(title, " before "), strings.Contains(title, " after ")
	if w.Offset.IsSet() && before != after && before != w.Before && (w.Anchor == protocol.EachDose || w.Anchor == protocol.OnDate) {
		l.odd(ph.Range, "correct `starts` or the title", "the title of “%s” is “%s”, and it starts %s", ph.Name, ph.Title, w.Text)
	}
}

// routeTitled looks for a title that names another route than that of the doses.
func (l *linter) routeTitled(ph *protocol.Phase) {
	for _, w := range routeWords {
		if w.words.MatchString(ph.Title) && !slices.ContainsFunc(l.p.RoutesOf(ph), func(r protocol.Route) bool { return slices.Contains(w.routes, r.Name) }) {
			l.odd(ph.Range, "correct the route or the title", "the title of “%s” is “%s”, and its doses are given by the route “%s”", ph.Name, ph.Title, l.routeNames(ph))
			return
		}
	}
}

// What a title says of the days of a check-in.
var (
	reTitledEvery = lazy.MustCompile(`(?i)(?:^|[^\w-])(weekly|monthly|daily|yearly|every (?:` + patternNumber + ` )?(days?|weeks?|months?|years?))\b`)
	reTitledOn    = lazy.MustCompile(`(?i)\b(?:after|at) ` + patternNumber + ` (days?|weeks?|months?)\b|\b` + patternNumber + ` (days?|weeks?|months?) (?:after|before|later)\b|\b(day|week|month) (\d{1,3})\b|\b` + patternNumber + `[- ](day|week|month) (?:review|visit|call|check|follow|level|count|test|control)`)
)

// reMorningDose matches a title that names the morning, and reHours one that says some hours after the start.
var (
	reMorningDose = lazy.MustCompile(`(?i)\bmorning\b`)
	reHours       = lazy.MustCompile(`(?i)\bafter (?:\d+ (?:to|-|–) )?(\d{2,3}) hours\b`)
)

// timeOf returns the clock time of a check-in; ok is false where the file states none.
func timeOf(c *protocol.CheckIn) (clock civil.Clock, ok bool) {
	if c.Time == nil || c.Time.Name != "" {
		return 0, false
	}
	return c.Time.Clock, true
}

// unitDays are the days of a unit, as roughly as titles mean them.
var unitDays = map[string]int{"day": 1, "week": 7, "month": 30, "year": 365}

// days returns how many days so many of a unit are, roughly.
func days(n int, unit string) int {
	return n * unitDays[strings.TrimSuffix(strings.ToLower(unit), "s")]
}

// roughly returns how many days a length of time has, roughly.
func roughly(p civil.Period) int {
	months, n, _ := p.Calendar()
	return months*30 + months/12*5 + n
}

// near reports whether two numbers of days are the same, as roughly as titles mean them.
func near(a, b int) bool {
	off := max(a-b, b-a)
	return off <= 1 || 10*off <= b
}

// checkInTitled looks for a check-in whose title says other days than its rule.
func (l *linter) checkInTitled(c *protocol.CheckIn) {
	if l.said(diag.OddFigure, c.Range) || len(c.Around) > 0 || c.EachDose {
		return
	}
	if m := reTitledEvery.FindAllStringSubmatch(c.Title, -1); len(m) == 1 && c.Every.IsSet() {
		said := map[string]int{"daily": 1, "weekly": 7, "monthly": 30, "yearly": 365}[strings.ToLower(m[0][1])]
		if said == 0 {
			said = days(max(number(m[0][2]), 1), m[0][3])
		}
		if own := roughly(c.Every); own > 0 && !near(own, said) {
			l.odd(c.Range, "correct `every` or the title", "the title “%s” says %s, and it comes every %v", c.Title, m[0][1], c.Every)
		}
		return
	}
	title := " " + strings.ToLower(c.Title) + " "
	for i := range c.On {
		w := &c.On[i]
		if before, after := strings.Contains(title, " before "), strings.Contains(title, " after "); w.Offset.IsSet() && before != after && before != w.Before {
			l.odd(c.Range, "correct `on` or the title", "the title “%s” says otherwise than `on: %s`", c.Title, w.Text)
			return
		}
	}
	if clock, _ := timeOf(c); clock > 0 && reMorningDose.MatchString(c.Title) && clock >= 12*60 {
		l.odd(c.Range, "correct `time` or the title", "the title is “%s”, and it is held at %v", c.Title, clock)
		return
	}
	if m := reHours.FindStringSubmatch(c.Title); m != nil && len(c.On) == 1 && c.On[0].Anchor == protocol.DayN && !c.On[0].Offset.IsSet() {
		if most := number(m[1]) / 24; c.On[0].N > most+2 {
			l.odd(c.Range, "correct `on` or the title", "the title “%s” says %s, and it is held on “%s”", c.Title, m[0], c.On[0].Text)
		}
		return
	}
	m := reTitledOn.FindAllStringSubmatch(c.Title, -1)
	if len(m) != 1 || c.Every.IsSet() || c.Before || len(c.On) == 0 {
		return
	}
	said, within, back, figure := 0, 1, strings.Contains(strings.ToLower(m[0][0]), "before"), m[0]
	switch {
	case figure[1] != "":
		said = days(number(figure[1]), figure[2])
	case figure[3] != "":
		said = days(number(figure[3]), figure[4])
	case figure[7] != "":
		said = days(number(figure[7]), figure[8])
	default:
		n, _ := strconv.Atoi(figure[6])
		said, within = days(n, figure[5]), days(1, figure[5])
	}
	for i := range c.On {
		w := &c.On[i]
		var own []int
		switch w.Anchor {
		case protocol.DayN:
			own = []int{w.N, w.N - 1}
		case protocol.WeekN, protocol.EndOfWeekN:
			own = []int{7 * w.N, 7*w.N - 7}
		case protocol.MonthN, protocol.EndOfMonthN:
			own = []int{30 * w.N, 30*w.N - 30}
		}
		if w.Offset.IsSet() {
			if _, hours := w.Offset.Elapsed(); hours {
				return
			}
			if own == nil && w.Before != back {
				own = []int{-1}
			} else {
				own = append(own, roughly(w.Offset))
			}
		}
		if own == nil || slices.ContainsFunc(own, func(n int) bool { return near(n, said) || n <= said+1 && n >= said-within }) {
			return
		}
	}
	l.odd(c.Range, "correct `on` or the title", "the title “%s” says %s, and it is held %s", c.Title, figure[0], onWords(c))
}

// onWords says on what a check-in is held.
func onWords(c *protocol.CheckIn) string {
	var list []string
	for i := range c.On {
		list = append(list, c.On[i].Text)
	}
	return fmt.Sprintf("“%s”", strings.Join(list, "”, “"))
}

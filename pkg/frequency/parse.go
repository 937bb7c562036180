package frequency

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/doseplan/doseplan/pkg/lazy"
)

// Bounds of what a rule may say.
const (
	maxDays   = 3660
	maxPerDay = 24
)

// A Warning names the safe wording for an abbreviation that has caused errors.
type Warning struct {
	Text string // the abbreviation as written
	Safe string // the wording to use
}

// sig is one abbreviation of the prescriber's shorthand. Those with unsafe set are on the
// Joint Commission's "do not use" list or on ISMP's list of error-prone abbreviations.
type sig struct {
	code   string
	means  string
	unsafe bool
}

var sigs = []sig{
	{"qd", "daily", true}, {"q1d", "daily", true}, {"qday", "daily", true},
	{"qod", "every 2 days", true}, {"eod", "every 2 days", true},
	{"bid", "twice daily", false}, {"tid", "3 times daily", false}, {"qid", "4 times daily", false},
	{"biw", "2 a week", true}, {"tiw", "3 a week", true},
	{"qwk", "weekly", false}, {"qw", "weekly", false}, {"qweek", "weekly", false},
	{"qmo", "monthly", false}, {"qmonth", "monthly", false},
	{"tds", "3 times daily", false}, {"qds", "4 times daily", false}, {"od", "daily", true}, {"bd", "twice daily", false},
	{"hs", "at bedtime", true}, {"qhs", "at bedtime", true}, {"qn", "every night", true}, {"nocte", "every night", false}, {"mane", "every morning", false},
	{"qam", "every morning", false}, {"qpm", "every evening", true}, {"qh", "every hour", true}, {"stat", "once", false},
}

var words = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
	"once": 1, "twice": 2, "other": 2, "second": 2, "third": 3, "fourth": 4, "2nd": 2, "3rd": 3, "4th": 4,
}

// plain are the rules that are one phrase, and what the phrase means in other words.
var plain = map[string]string{
	"single dose": "once", "one dose": "once", "a single dose": "once",
	"hourly": "every hour", "once monthly": "monthly", "once a month": "monthly", "once yearly": "every 12 months", "once a year": "every 12 months",
	"alternate days": "every 2 days", "on alternate days": "every 2 days", "every alternate day": "every 2 days", "fortnightly": "every 2 weeks", "every fortnight": "every 2 weeks",
	"quarterly": "every 3 months", "yearly": "every 12 months", "annually": "every 12 months", "every year": "every 12 months",
	"twice a year": "every 6 months", "twice yearly": "every 6 months", "half-yearly": "every 6 months", "semiannually": "every 6 months",
	"weekdays": "mon to fri", "every weekday": "mon to fri", "on weekdays": "mon to fri", "weekends": "sat and sun", "at weekends": "sat and sun",
}

// atTimes are the rules that say times of day too.
var atTimes = map[string][]string{
	"nightly": {"bedtime"}, "every night": {"bedtime"}, "every night at bedtime": {"bedtime"}, "at bedtime": {"bedtime"}, "daily at bedtime": {"bedtime"}, "once daily at bedtime": {"bedtime"},
	"every morning": {"morning"}, "in the morning": {"morning"}, "every evening": {"evening"}, "in the evening": {"evening"}, "at noon": {"noon"},
	"every morning and evening": {"morning", "evening"}, "in the morning and evening": {"morning", "evening"}, "morning and evening": {"morning", "evening"},
	"in the morning and at bedtime": {"morning", "bedtime"}, "morning and bedtime": {"morning", "bedtime"},
	"with breakfast": {"breakfast"}, "daily with breakfast": {"breakfast"}, "with lunch": {"lunch"}, "daily with lunch": {"lunch"}, "with dinner": {"dinner"}, "daily with dinner": {"dinner"},
	"with the evening meal": {"dinner"}, "daily with the evening meal": {"dinner"},
	"with breakfast and dinner": {"breakfast", "dinner"}, "twice daily with breakfast and dinner": {"breakfast", "dinner"}, "twice daily with food": {"breakfast", "dinner"}, "twice daily with meals": {"breakfast", "dinner"},
	"with each meal": {"breakfast", "lunch", "dinner"}, "with meals": {"breakfast", "lunch", "dinner"}, "3 times daily with meals": {"breakfast", "lunch", "dinner"}, "three times daily with meals": {"breakfast", "lunch", "dinner"},
}

// unclear are the words that are read in more than one way, with what to write in their place.
var unclear = map[string]string{
	"biweekly": "is read as twice a week and as every 2 weeks: write `2 a week` or `every 2 weeks`", "bi-weekly": "is read as twice a week and as every 2 weeks: write `2 a week` or `every 2 weeks`",
	"bimonthly": "is read as twice a month and as every 2 months: write `every 2 weeks` or `every 2 months`", "bi-monthly": "is read as twice a month and as every 2 months: write `every 2 weeks` or `every 2 months`",
	"biannually":    "is read as twice a year and as every 2 years: write `every 6 months` or `every 24 months`",
	"twice a month": "does not say on which days: write `every 2 weeks`", "twice monthly": "does not say on which days: write `every 2 weeks`",
	"as needed": "falls on no day that could be planned: write it under `as needed`, with a budget", "prn": "falls on no day that could be planned",
}

var (
	reSlash     = lazy.MustCompile(` ?/ ?(day|week|month)$`)
	reTimesX    = lazy.MustCompile(`^(\d+) ?x (.+)$`)
	reRangeOf   = lazy.MustCompile(`^(?:once )?every (\d+) ?(?:-|to) ?(\d+) (hour|day|week|month)s?`)
	reShort     = lazy.MustCompile(`^every (\d+) ?(?:h|hrs?)$`)
	reNth       = lazy.MustCompile(`^(1st|2nd|3rd|4th) (\w+) of `)
	reWeeksOn   = lazy.MustCompile(`^(\d+) weeks? on,? (?:and )?(\d+) weeks? off$`)
	reBareDays  = lazy.MustCompile(`^days? ([\d ,andto-]+)$`)
	reNeeded    = lazy.MustCompile(`(as needed|if needed|when needed|prn)$`)
	reDaysWeek  = lazy.MustCompile(`^(\w+) days (?:a|each|per|every) week$`)
	reOrdinal   = lazy.MustCompile(`^every (second|third|fourth|2nd|3rd|4th) (\w+)$`)
	reOnceEvery = lazy.MustCompile(`^once every (.+)$`)
	reHourly    = lazy.MustCompile(`^(\d+)[ -]hourly$`)
)

// plainer spells a rule in fewer ways: “3x/week” is 3 times a week.
func plainer(s string) string {
	s = reSlash.ReplaceAllString(s, " a $1")
	s = reTimesX.ReplaceAllString(s, "$1 times $2")
	s = reHourly.ReplaceAllString(s, "every $1 hours")
	return reOnceEvery.ReplaceAllString(s, "every $1")
}

// readTwoWays says why a rule that somebody may write is not read, or "".
func readTwoWays(s string) string {
	if why := unclear[s]; why != "" {
		return why
	}
	if reNeeded.MatchString(s) {
		return "falls on no day that could be planned: write it under `as needed`, with a budget"
	}
	if m := reRangeOf.FindStringSubmatch(s); m != nil {
		return fmt.Sprintf("leaves a choice: offer both, as [every %s %[3]ss, every %[2]s %[3]ss]", m[1], m[2], m[3])
	}
	if m := reDaysWeek.FindStringSubmatch(s); m != nil {
		n, _ := number(m[1])
		named := fmt.Sprintf("`%d days on, %d off`", n, 7-n)
		switch {
		case n == 5:
			named = "`mon to fri` or " + named
		case n == 6:
			named = "`daily except sun` or " + named
		case n < 1 || n > 6:
			named = "`mon and thu`"
		}
		return "does not say which days: write `" + m[1] + " a week`, which spreads them evenly, or name the days, as " + named
	}
	if m := reShort.FindStringSubmatch(s); m != nil {
		return "has a unit that is not read here: write `every " + m[1] + " hours`"
	}
	if m := reNth.FindStringSubmatch(s); m != nil {
		n := map[string]int{"1st": 1, "2nd": 2, "3rd": 3, "4th": 4}[m[1]]
		return fmt.Sprintf("is not read: write `%s %s of each month`", ordinals[n], m[2])
	}
	if m := reWeeksOn.FindStringSubmatch(s); m != nil {
		on, _ := strconv.Atoi(m[1])
		off, _ := strconv.Atoi(m[2])
		return fmt.Sprintf("is not read: write `%d days on, %d off`", 7*on, 7*off)
	}
	if m := reBareDays.FindStringSubmatch(s); m != nil {
		return "could be days of the phase or of a cycle: write `on days " + m[1] + "`, or `days " + m[1] + " of 28` with the length of the cycle"
	}
	if strings.HasPrefix(s, "thrice ") {
		return "is not read: write `3 times" + strings.TrimPrefix(s, "thrice") + "`"
	}
	if m := reOrdinal.FindStringSubmatch(s); m != nil {
		if _, ok := ParseWeekday(m[2]); ok {
			n := map[string]int{"second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}[m[1]]
			return fmt.Sprintf("is read as every %d weeks and as a day of the month: write `every %d weeks on %s` or `%s %s of each month`", n, n, m[2], ordinals[n], m[2])
		}
	}
	return ""
}

// A form is one way to write a rule: a pattern, and what its parts make.
type form struct {
	pattern *lazy.Regexp
	read    func(text string, m []string) (Frequency, error)
}

// forms are the ways to write a rule, in the order in which they are tried.
var forms = sync.OnceValue(func() []form {
	re := lazy.MustCompile
	return []form{
		{re(timesDaily), readTimesDaily},
		{re(`^every (?:(\w+) )?(minute|hour|day|week|month)s?( elapsed)?$`), readEvery},
		{re(`^(?:day )?(?:the )?(\d{1,2}|last day)(?:st|nd|rd|th)? of (?:each|every|the) month$`), readMonthDay},
		{re(`^(?:on )?days ([\d ,andto-]+) of (?:each|every|the) month$`), readMonthDays},
		{re(`^(?:the )?(first|second|third|fourth|last) (\w+) of (?:a|each|every|the) month$`), readMonthWeekday},
		{re(`^(\w+)(?: times)? (?:a|each|per|every) week$|^(\w+)(?: times)? weekly$`), readPerWeek},
		{re(`^(?:on )?days? ([\d ,andto-]+) (?:of|every) (?:(?:a|each|every) )?(\d+)(?:[ -]days?)?(?: cycles?)?$`), readCycle},
		{re(`^(\d+)(?: days?)? on,? (?:and )?(\d+)(?: days?)? off$`), readOnOff},
		{re(`^on days? ([\d ,andto-]+)$`), readListed},
		{re(`^(?:at )?(weeks|months) ([\d ,and]+)$|^at ([\d ,and]+) (weeks|months)$`), readMarks},
		{re(`^(?:daily|all|every day) (?:but|except) (.+)$`), readExcept},
		{re(`^(?:every (\w+) weeks?|every (other) week|(fortnightly)) on (.+)$`), readWeeksOn},
		{re(`^every (other) (.+)$`), readOtherWeekday},
		{re(`^(?:once )?weekly (?:on |every )?(.+)$`), readWeekday},
		{re(`^(?:every week )?(?:on |every )?(.+)$`), readWeekdays},
	}
})

// timesDaily is the pattern of a number of doses a day, alone or after a rule.
const timesDaily = `^(\w+)(?: times?)? (?:daily|a day|each day|per day)$`

var reTimesDaily = lazy.MustCompile(timesDaily)

// reTimesFirst is a number of doses a day before the days on which they fall.
var reTimesFirst = lazy.MustCompile(`^(?:(daily)|(\w+)(?: times?)? (?:daily|a day|each day|per day)),? ((?:on )?(?:days? |\d+ days? on|mon|tue|wed|thu|fri|sat|sun).*)$`)

var reSigInterval = lazy.MustCompile(`^q ?(\d{1,3}) ?(?:(h|hrs?|hours?)|(d|days?)|(w|wks?|weeks?)|(mo|months?))$`)

// Parse reads a rule in words, or one of the prescriber's abbreviations. Letter case and
// the points of abbreviations do not matter. The warnings name the safe wording of
// abbreviations that are on a "do not use" list.
func Parse(text string) (Frequency, []Warning, error) {
	s := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	if f, w, ok := parseSig(text, strings.ReplaceAll(s, ".", "")); ok {
		return f, w, nil
	}
	s = plainer(s)
	if why := readTwoWays(s); why != "" {
		return Frequency{}, nil, fmt.Errorf("“%s” %s", text, why)
	}
	if m := reTimesFirst.FindStringSubmatch(s); m != nil {
		s = m[3]
		if m[2] != "" {
			s += ", " + m[2] + " times daily"
		}
	}
	if i := strings.LastIndex(s, ", "); i >= 0 {
		if m := reTimesDaily.FindStringSubmatch(s[i+2:]); m != nil {
			return timesADay(text, s[:i], m[1])
		}
	}
	f, err := parseWords(text, s)
	return f, nil, err
}

// timesADay reads a rule that is followed by how many doses a day it gives.
func timesADay(text, body, times string) (Frequency, []Warning, error) {
	f, err := parseWords(text, body)
	if err != nil && err.Error() != notFrequency(text).Error() {
		return Frequency{}, nil, err // which says what is wrong with it
	}
	if err == nil {
		if n, ok := number(times); ok && n <= maxPerDay {
			if g, ok := f.WithTimes(n); ok {
				return g, nil, nil
			}
		}
	}
	return Frequency{}, nil, fmt.Errorf("“%s” cannot be given several times a day", body)
}

func parseSig(text, s string) (Frequency, []Warning, bool) {
	for _, sg := range sigs {
		if s != sg.code {
			continue
		}
		f, err := parseWords(text, sg.means)
		if err != nil {
			return Frequency{}, nil, false
		}
		if sg.unsafe {
			return f, []Warning{{text, sg.means}}, true
		}
		return f, nil, true
	}
	if m := reSigInterval.FindStringSubmatch(s); m != nil {
		i := slices.IndexFunc(m[2:], func(unit string) bool { return unit != "" })
		f, err := parseWords(text, "every "+m[1]+" "+[]string{"hours", "days", "weeks", "months"}[i])
		return f, nil, err == nil
	}
	return Frequency{}, nil, false
}

// notFrequency says that a text is no rule.
func notFrequency(text string) error { return fmt.Errorf("“%s” is not a frequency", text) }

func parseWords(text, s string) (Frequency, error) {
	rule, elapsed := strings.CutSuffix(s, " elapsed")
	if means, ok := plain[rule]; ok {
		s = means
		if elapsed {
			s += " elapsed"
		}
	}
	if at, ok := atTimes[s]; ok {
		return Frequency{kind: Days, n: 1, perDay: len(at), at: at}, nil
	}
	switch s {
	case "once":
		return Frequency{kind: Once, n: 1, perDay: 1}, nil
	case "daily":
		return Frequency{kind: Days, n: 1, perDay: 1}, nil
	case "weekly":
		return Frequency{kind: Weeks, n: 1, perDay: 1}, nil
	case "monthly":
		return Frequency{kind: Months, n: 1, perDay: 1}, nil
	}
	for _, f := range forms() {
		m := f.pattern.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		if out, err := f.read(text, m); out.IsSet() || err.Error() != notFrequency(text).Error() {
			return out, err
		}
	}
	return Frequency{}, notFrequency(text)
}

func readTimesDaily(text string, m []string) (Frequency, error) {
	n, ok := number(m[1])
	if !ok || n > maxPerDay {
		return Frequency{}, notFrequency(text)
	}
	return Frequency{kind: Days, n: 1, perDay: n}, nil
}

func readEvery(text string, m []string) (Frequency, error) {
	n := 1
	if m[1] != "" {
		var ok bool
		if n, ok = number(m[1]); !ok || n > maxDays {
			return Frequency{}, notFrequency(text)
		}
	}
	return every(n, m[2], m[3] != "", notFrequency(text))
}

func readMonthDay(text string, m []string) (Frequency, error) {
	n, _ := strconv.Atoi(m[1])
	if m[1] != "last day" && (n < 1 || n > 31) {
		return Frequency{}, fmt.Errorf("“%s”: no month has such a day", text)
	}
	return Frequency{kind: MonthDay, days: []int{n}, perDay: 1}, nil
}

// readMonthDays reads several days of the month: those that every month has, so that none falls together with
// another.
func readMonthDays(text string, m []string) (Frequency, error) {
	days, err := dayList(m[1])
	if err != nil {
		return Frequency{}, fmt.Errorf("“%s”: %w", text, err)
	}
	if days[0] < 1 || days[len(days)-1] > 28 {
		return Frequency{}, fmt.Errorf("“%s”: of several days of a month each is one that every month has, 1 to 28", text)
	}
	return Frequency{kind: MonthDay, days: days, perDay: 1}, nil
}

func readMonthWeekday(text string, m []string) (Frequency, error) {
	if m[2] == "day" && m[1] == "first" {
		return Frequency{kind: MonthDay, days: []int{1}, perDay: 1}, nil
	}
	day, ok := ParseWeekday(m[2])
	if !ok {
		return Frequency{}, notFrequency(text)
	}
	f := Frequency{kind: MonthWeekday, n: slices.Index(ordinals[:], m[1]), perDay: 1}
	f.weekday[day] = true
	return f, nil
}

func readPerWeek(text string, m []string) (Frequency, error) {
	n, ok := number(m[1] + m[2])
	if !ok {
		return Frequency{}, notFrequency(text)
	}
	if m[2] != "" && !strings.Contains(text, "time") && !slices.Contains([]string{"once", "twice", "thrice"}, m[2]) {
		return Frequency{}, fmt.Errorf("“%s” is read as %d times a week and as every %d weeks: write `%d a week` or `every %d weeks`", text, n, n, n, n)
	}
	if n > 7 {
		return Frequency{}, fmt.Errorf("“%s” is more than one dose a day; say how many a day instead", text)
	}
	if n == 1 {
		return Frequency{kind: Weeks, n: 1, perDay: 1}, nil
	}
	return Frequency{kind: PerWeek, n: n, perDay: 1}, nil
}

func readCycle(text string, m []string) (Frequency, error) {
	days, err := dayList(m[1])
	if err != nil {
		return Frequency{}, fmt.Errorf("“%s”: %w", text, err)
	}
	n, _ := strconv.Atoi(m[2])
	switch {
	case n < 1 || n > maxDays:
		return Frequency{}, notFrequency(text)
	case days[0] < 1 || days[len(days)-1] > n:
		return Frequency{}, fmt.Errorf("“%s”: the days of a cycle of %d are 1 to %d", text, n, n)
	}
	return Frequency{kind: Cycle, n: n, days: days, perDay: 1}, nil
}

func readOnOff(text string, m []string) (Frequency, error) {
	on, _ := strconv.Atoi(m[1])
	off, _ := strconv.Atoi(m[2])
	if on < 1 || off < 1 || on+off > maxDays {
		return Frequency{}, notFrequency(text)
	}
	return Frequency{kind: OnOff, n: on, off: off, perDay: 1}, nil
}

func readListed(text string, m []string) (Frequency, error) {
	days, err := dayList(m[1])
	if err != nil {
		return Frequency{}, fmt.Errorf("“%s”: %w", text, err)
	}
	return Frequency{kind: Listed, days: days, first: 1, perDay: 1}, nil
}

// readMarks reads “at 0, 2 and 6 months”, and “at months 0, 2 and 6”. A list that begins later than at 0 is read in the first
// form alone: month 1 is the first month elsewhere.
func readMarks(text string, m []string) (Frequency, error) {
	list, unit := m[3], m[4]
	if m[1] != "" {
		list, unit = m[2], m[1]
	}
	marks, err := dayList(list)
	switch {
	case err != nil:
		return Frequency{}, fmt.Errorf("“%s”: %w", text, err)
	case m[1] != "" && marks[0] != 0:
		return Frequency{}, fmt.Errorf("“%s” could be counted from 0 or from 1: write `at %s %s`, which is so long after the start of the phase", text, listed(marks), unit)
	case marks[0] < 0 || marks[len(marks)-1] > maxDays/30:
		return Frequency{}, notFrequency(text)
	}
	f := Frequency{kind: Marks, days: marks, perDay: 1}
	if unit == "weeks" {
		f.n = 7
	}
	return f, nil
}

func readExcept(text string, m []string) (Frequency, error) {
	set, ok := weekdays(m[1])
	if !ok {
		return Frequency{}, notFrequency(text)
	}
	any := false
	for d := range set {
		set[d] = !set[d]
		any = any || set[d]
	}
	if !any {
		return Frequency{}, fmt.Errorf("“%s” leaves no day", text)
	}
	return Frequency{kind: Weekdays, n: 1, weekday: set, perDay: 1}, nil
}

func readWeekdays(text string, m []string) (Frequency, error) {
	set, ok := weekdays(m[1])
	if !ok {
		return Frequency{}, notFrequency(text)
	}
	return Frequency{kind: Weekdays, n: 1, weekday: set, perDay: 1}, nil
}

// readWeekday reads “weekly on monday”: one day, since weekly on two would be twice a week.
func readWeekday(text string, m []string) (Frequency, error) {
	set, ok := weekdays(m[1])
	days := 0
	for _, on := range set {
		if on {
			days++
		}
	}
	switch {
	case !ok:
		return Frequency{}, notFrequency(text)
	case days > 1:
		return Frequency{}, fmt.Errorf("“%s” says once a week and names %d days: write the days alone, or one of them", text, days)
	}
	return Frequency{kind: Weekdays, n: 1, weekday: set, perDay: 1}, nil
}

// readWeeksOn reads days of the week in every so many weeks.
func readWeeksOn(text string, m []string) (Frequency, error) {
	n, ok := 2, true
	if m[1] != "" {
		n, ok = number(m[1])
	}
	set, days := weekdays(m[4])
	if !ok || !days || n > maxDays/7 {
		return Frequency{}, notFrequency(text)
	}
	return Frequency{kind: Weekdays, n: n, weekday: set, perDay: 1}, nil
}

// readOtherWeekday reads “every other monday”.
func readOtherWeekday(text string, m []string) (Frequency, error) {
	day, ok := ParseWeekday(m[2])
	if !ok {
		return Frequency{}, notFrequency(text)
	}
	f := Frequency{kind: Weekdays, n: 2, perDay: 1}
	f.weekday[day] = true
	return f, nil
}

// every returns the rule of every n units. bad is what to say of a rule that is none.
func every(n int, unit string, elapsed bool, bad error) (Frequency, error) {
	switch {
	case unit == "minute":
		return Frequency{kind: Elapsed, every: n}, nil
	case unit == "hour" && (elapsed || n%24 != 0 && 24%n != 0):
		return Frequency{kind: Elapsed, every: n * 60}, nil
	case elapsed:
		return Frequency{}, bad
	case unit == "hour" && n%24 == 0:
		return Frequency{kind: Days, n: n / 24, perDay: 1}, nil
	case unit == "hour":
		return Frequency{kind: Days, n: 1, perDay: 24 / n, clock: n}, nil
	case unit == "day":
		return Frequency{kind: Days, n: n, perDay: 1}, nil
	case unit == "week":
		return Frequency{kind: Weeks, n: n, perDay: 1}, nil
	}
	return Frequency{kind: Months, n: n, perDay: 1}, nil
}

func number(word string) (int, bool) {
	if n, ok := words[word]; ok {
		return n, true
	}
	n, err := strconv.Atoi(word)
	return n, err == nil && n > 0 && word[0] != '0' && word[0] != '+'
}

func listItems(text string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(text, " and ", ","), func(r rune) bool { return r == ',' || r == ' ' })
}

var reDayRange = lazy.MustCompile(`(-?\d+) ?(?:to|-) ?(-?\d+)`)

// dayList reads days and ranges of days in rising order: "1, 4, 8", "1-5", "-7 to -3, 0".
func dayList(text string) ([]int, error) {
	var days []int
	add := func(d int) error {
		if len(days) > 0 && d <= days[len(days)-1] {
			return fmt.Errorf("the days must rise, and %d follows %d", d, days[len(days)-1])
		}
		if d > maxDays || d < -maxDays {
			return fmt.Errorf("%d is too far", d)
		}
		days = append(days, d)
		return nil
	}
	text = reDayRange.ReplaceAllString(text, "$1..$2")
	for _, item := range listItems(text) {
		from, to, several := strings.Cut(item, "..")
		first, err := strconv.Atoi(from)
		last := first
		if err == nil && several {
			last, err = strconv.Atoi(to)
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("“%s” is not a day", item)
		case last < first || last-first > maxDays:
			return nil, fmt.Errorf("the days must rise, and %d follows %d", last, first)
		}
		for d := first; d <= last; d++ {
			if err := add(d); err != nil {
				return nil, err
			}
		}
	}
	if len(days) == 0 {
		return nil, fmt.Errorf("no day is named")
	}
	return slices.Clip(days), nil
}

var reWeekdayRange = lazy.MustCompile(`([a-z]+) ?(?:-| to | through ) ?([a-z]+)`)

// weekdays reads days of the week and ranges of them: "mon, wed and fri", "mon-fri".
func weekdays(text string) (set [7]bool, ok bool) {
	text = reWeekdayRange.ReplaceAllString(text, "$1..$2")
	items := listItems(text)
	for _, item := range items {
		from, to, several := strings.Cut(item, "..")
		d, known := ParseWeekday(from)
		last := d
		if several && known {
			last, known = ParseWeekday(to)
		}
		if !known || several && d == last {
			return set, false
		}
		for ; ; d = (d + 1) % 7 {
			if set[d] {
				return set, false
			}
			set[d] = true
			if d == last {
				break
			}
		}
	}
	return set, len(items) > 0
}

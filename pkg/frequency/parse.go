package frequency

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	{"tds", "3 times daily", false}, {"qds", "4 times daily", false}, {"od", "daily", true},
}

var words = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
	"once": 1, "twice": 2, "other": 2, "second": 2, "third": 3, "fourth": 4,
}

// plain are the rules that are one phrase, and what the phrase means in other words.
var plain = map[string]string{
	"once weekly": "weekly", "once monthly": "monthly",
	"alternate days": "every 2 days", "every alternate day": "every 2 days", "fortnightly": "every 2 weeks", "every fortnight": "every 2 weeks",
	"quarterly": "every 3 months", "yearly": "every 12 months", "annually": "every 12 months", "once yearly": "every 12 months", "every year": "every 12 months",
	"monday to friday": "mon, tue, wed, thu and fri", "monday through friday": "mon, tue, wed, thu and fri", "weekdays": "mon, tue, wed, thu and fri", "weekends": "sat and sun",
}

// atTimes are the rules that say a time of day too.
var atTimes = map[string]string{
	"nightly": "bedtime", "every night": "bedtime", "at bedtime": "bedtime", "daily at bedtime": "bedtime", "once daily at bedtime": "bedtime",
	"every morning": "morning", "in the morning": "morning", "every evening": "evening", "in the evening": "evening", "at noon": "noon",
}

// A form is one way to write a rule: a pattern, and what its parts make.
type form struct {
	pattern *regexp.Regexp
	read    func(text string, m []string) (Frequency, error)
}

// forms are compiled when the first rule is read.
var forms = sync.OnceValue(func() []form {
	re := regexp.MustCompile
	return []form{
		{re(timesDaily), readTimesDaily},
		{re(`^every (?:(\w+) )?(minute|hour|day|week|month)s?( elapsed)?$`), readEvery},
		{re(`^(?:day )?(?:the )?(\d{1,2}|last day)(?:st|nd|rd|th)? of (?:each|every|the) month$`), readMonthDay},
		{re(`^(?:the )?(first|second|third|fourth|last) (\w+) of (?:a|each|every|the) month$`), readMonthWeekday},
		{re(`^(\w+)(?: times)? (?:a|each|per|every) week$|^(\w+)(?: times)? weekly$`), readPerWeek},
		{re(`^days? ([\d ,andto-]+) of (?:each |every )?(\d+)(?: days)?$`), readCycle},
		{re(`^(\d+)(?: days?)? on,? (?:and )?(\d+)(?: days?)? off$`), readOnOff},
		{re(`^on days? ([\d ,andto-]+)$`), readListed},
		{re(`^(?:daily|all|every day) (?:but|except) (.+)$`), readExcept},
		{re(`^(?:weekly )?(?:on |every )?(.+)$`), readWeekdays},
	}
})

// timesDaily is the pattern of a number of doses a day, alone or after a rule.
const timesDaily = `^(\w+)(?: times)? (?:daily|a day|each day|per day)$`

var reTimesDaily = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(timesDaily) })

var reSigInterval = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^q(\d{1,3})(h|d|w|wk|mo)$`) })

// Parse reads a rule in words, or one of the prescriber's abbreviations. Letter case and
// the points of abbreviations do not matter. The warnings name the safe wording of
// abbreviations that are on a "do not use" list.
func Parse(text string) (Frequency, []Warning, error) {
	s := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	if f, w, ok := parseSig(text, strings.ReplaceAll(s, ".", "")); ok {
		return f, w, nil
	}
	body, times, perDay := strings.Cut(s, ", ")
	if perDay {
		if m := reTimesDaily().FindStringSubmatch(times); m != nil {
			if f, err := parseWords(text, body); err == nil {
				if n, ok := number(m[1]); ok && n <= maxPerDay {
					if g, ok := f.WithTimes(n); ok {
						return g, nil, nil
					}
				}
				return Frequency{}, nil, fmt.Errorf("“%s” cannot be given several times a day", body)
			}
		}
	}
	f, err := parseWords(text, s)
	return f, nil, err
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
	if m := reSigInterval().FindStringSubmatch(s); m != nil {
		unit := map[string]string{"h": "hours", "d": "days", "w": "weeks", "wk": "weeks", "mo": "months"}[m[2]]
		f, err := parseWords(text, "every "+m[1]+" "+unit)
		return f, nil, err == nil
	}
	return Frequency{}, nil, false
}

// notFrequency says that a text is no rule.
func notFrequency(text string) error { return fmt.Errorf("“%s” is not a frequency", text) }

func parseWords(text, s string) (Frequency, error) {
	if means, ok := plain[s]; ok {
		s = means
	}
	if at, ok := atTimes[s]; ok {
		return Frequency{kind: Days, n: 1, perDay: 1, at: at}, nil
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
	case "as needed", "prn":
		return Frequency{}, fmt.Errorf("“%s” falls on no day that could be planned", text)
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
	return Frequency{kind: MonthDay, n: n, perDay: 1}, nil
}

func readMonthWeekday(text string, m []string) (Frequency, error) {
	if m[2] == "day" && m[1] == "first" {
		return Frequency{kind: MonthDay, n: 1, perDay: 1}, nil
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
	if n > 7 {
		return Frequency{}, fmt.Errorf("“%s” is more than one dose a day; say how many a day instead", text)
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
	return Frequency{kind: Weekdays, weekday: set, perDay: 1}, nil
}

func readWeekdays(text string, m []string) (Frequency, error) {
	set, ok := weekdays(m[1])
	if !ok {
		return Frequency{}, notFrequency(text)
	}
	return Frequency{kind: Weekdays, weekday: set, perDay: 1}, nil
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

var reDayRange = regexp.MustCompile(`(-?\d+) ?(?:to|-) ?(-?\d+)`)

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

func weekdays(text string) (set [7]bool, ok bool) {
	items := listItems(text)
	for _, item := range items {
		d, known := ParseWeekday(item)
		if !known || set[d] {
			return set, false
		}
		set[d] = true
	}
	return set, len(items) > 0
}

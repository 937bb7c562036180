package frequency

import (
	"maps"
	"slices"
	"strings"
)

// Pattern is a regular expression for the texts that Parse reads, in the dialect that JSON
// Schema and Go share. It does not know that days rise, nor how many fit into a cycle.
var Pattern = func() string {
	number := `(one|two|three|four|five|six|once|twice|other|second|third|fourth|2nd|3rd|4th|[1-9][0-9]{0,3})`
	perDay := `(((one|two|three|four|five|six|once|twice|[1-9]|1[0-9]|2[0-4])( times?)?|([1-9]|1[0-9]|2[0-4]) ?x) (daily|a day|each day|per day)|(([1-9]|1[0-9]|2[0-4]) ?x|(one|two|three|four|five|six|once|twice|[1-9]|1[0-9]|2[0-4])( times?)?) ?/ ?day)`
	day := `-?[0-9]{1,4}( ?(to|-) ?-?[0-9]{1,4})?`
	days := day + `((,| and|,? ) ?` + day + `)*`
	weekday := `(sun|mon|tue|wed|thu|fri|sat|sundays?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?)`
	weekdays := weekday + `((, ?| and | | ?- ?| to | through )` + weekday + `)*`
	cycle := `(on )?days? ` + days + ` (of|every) ((a|each|every) )?[1-9][0-9]{0,3}([ -]days?)?( cycles?)?`
	onOff := `[1-9][0-9]{0,3}( days?)? on,? (and )?[1-9][0-9]{0,3}( days?)? off`
	plain := strings.Join([]string{
		`once`, `daily`, `weekly`, `monthly`, phrases(),
		`(once )?every (` + number + ` )?(day|week|month)s?`,
		`(once )?every (` + number + ` )?(minutes?|hours?( elapsed)?)`,
		`[1-9][0-9]{0,3}( |-)hourly`,
		`(day )?(the )?([1-9]|[12][0-9]|3[01]|last day)(st|nd|rd|th)? of (each|every|the) month`,
		`(on )?days ` + days + ` of (each|every|the) month`,
		`(the )?(first day|(first|second|third|fourth|last) ` + weekday + `) of (a|each|every|the) month`,
		`((one|two|three|four|five|six|once|twice|[1-7])( times?)?|[1-7] ?x) ((a|each|per|every) week|weekly)`,
		`((one|two|three|four|five|six|once|twice|[1-7])( times?)?|[1-7] ?x) ?/ ?week`,
		cycle, onOff,
		`on days? ` + days,
		`(at )?(weeks|months) [0-9]+([, and]+[0-9]+)*`, `at [0-9]+([, and]+[0-9]+)* (weeks|months)`,
		`(daily|all|every day) (but|except) ` + weekdays,
		`((once )?weekly |every week )?(on |every )?` + weekdays,
		`(every ` + number + ` weeks?|fortnightly) on ` + weekdays,
		`every other ` + weekday,
		`(daily|` + perDay + `),? (` + cycle + `|` + onOff + `|on days? ` + days + `|(on )?` + weekdays + `)`,
	}, "|")
	var codes []string
	for _, s := range sigs {
		codes = append(codes, strings.Join(strings.Split(s.code, ""), `\.?`)+`\.?`)
	}
	codes = append(codes, `q ?[1-9][0-9]{0,2} ?(h|hrs?|hours?|d|days?|w|wks?|weeks?|mo|months?)`)
	return anyCase(`(` + perDay + `|(` + plain + `)(, ` + perDay + `)?|` + strings.Join(codes, "|") + `)`)
}()

// phrases matches the rules that are one phrase.
func phrases() string {
	return strings.Join(append(slices.Sorted(maps.Keys(plain)), slices.Sorted(maps.Keys(atTimes))...), "|")
}

// anyCase lets letters of a pattern stand for either case, and a space for several.
func anyCase(p string) string {
	var b strings.Builder
	b.Grow(5 * len(p))
	class := false
	for _, c := range p {
		switch {
		case c == '[' || c == ']':
			class = c == '['
			b.WriteRune(c)
		case c >= 'a' && c <= 'z' && !class:
			b.Write([]byte{'[', byte(c), byte(c - 'a' + 'A'), ']'})
		case c == ' ':
			b.WriteString(" +")
		default:
			b.WriteRune(c)
		}
	}
	return strings.ReplaceAll(b.String(), " +?", " *")
}

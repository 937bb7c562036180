package protocol

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/source"
)

var (
	reAnchorN   = lazy.MustCompile(`^(day|week|end of week|month|end of month|dose) (-?\d{1,5})$`)
	reOfPhase   = lazy.MustCompile(`^(.+) of ([a-z][a-z0-9-]*)$`)
	reEach      = lazy.MustCompile(`^(?:with )?each dose of (.+)$`)
	reEachCycle = lazy.MustCompile(`^(?:first dose|dose 1|day 1) of each (cycle|run) of (.+)$`)
	// What takes some time to give also ends: “end of induction” is a day, “end of dose 1 of induction” a time.
	reEndOfDose = lazy.MustCompile(`^(?:the )?end of ((?:each dose|first dose|last dose|dose \d{1,5}) of .+)$`)
	reFirstDay  = lazy.MustCompile(`^(?:[Tt]he )?[Ff]irst ([A-Za-z]+day|mon|tue|wed|thu|fri|sat|sun) (on or after|after) (.+)$`)
	reRelative  = lazy.MustCompile(`^(\S+ \S+) (before|after) (.+)$`)
)

// The key of the start of a phase, and the start that says what holds where it says nothing: whichever phase
// a patient has before it.
const startsKey, onKey, courseKey, afterBefore = "`starts`", "`on`", "a course", "after the phase before"

// when reads a day of the course: an anchor, with an optional length of time before or
// after it. The anchors are: start (its day 1), end (its last day), first dose, last dose, day N, week
// N, end of week N, month N, end of month N and dose N, each of the course or "of PHASE". A day that is counted from the
// start, or a date of the patient's file, can be that from which the first of a weekday is looked for. Without a length of time there are
// also "with PHASE", its first dose, and "after PHASE", where what follows it would begin: a length of
// time after a phase could be counted from its last dose or from its last day, and says which. What goes with “each dose
// of PHASE”, or stands some time before or after each, comes as often as that; a check-in also with “dose 1 of each cycle of PHASE”.
func (d *decoder) when(n *source.Node, what string) When {
	text := d.Text(n, what)
	w := When{Text: text, Range: n.Range}
	body := text
	if m := reFirstDay.FindStringSubmatch(text); m != nil {
		w.First.Weekday, w.First.Set = frequency.ParseWeekday(strings.ToLower(m[1]))
		w.First.After, body = m[2] == "after", m[3]
	} else if m := reRelative.FindStringSubmatch(text); m != nil {
		p, err := civil.ParsePeriod(m[1])
		if err != nil {
			d.Add(diag.BadTime, n.Range, "write it as: 7 days after last dose", "%s: %v", what, err)
			return w
		}
		w.Offset, w.Before, body = p, m[2] == "before", m[3]
	}
	if m := reEndOfDose.FindStringSubmatch(body); m != nil {
		w.FromEnd, body = true, m[1]
	}
	each, cycles := reEach.FindStringSubmatch(body), reEachCycle.FindStringSubmatch(body)
	switch alone := !w.Offset.IsSet(); {
	case each != nil && (alone || !strings.HasPrefix(body, "with ")):
		w.Anchor, w.Phase = EachDose, each[1]
	case cycles != nil:
		w.Anchor, w.N, w.Phase = EachDose, firstOfCycle, cycles[2]
		if cycles[1] == "run" {
			w.N = firstOfRun
		}
	case alone && strings.HasPrefix(body, "with "):
		w.Anchor, w.N, w.Phase = DoseN, 1, body[len("with "):]
	case alone && what == startsKey && body == afterBefore:
		w.Anchor = After
	case alone && strings.HasPrefix(body, "after "):
		w.Anchor, w.Phase = After, body[len("after "):]
	case slices.Contains(d.named, body):
		d.bareName(&w, body)
		return w
	default:
		if m := reOfPhase.FindStringSubmatch(body); m != nil && (slices.Contains(d.named, m[2]) || !strings.HasPrefix(m[2], "week")) {
			body, w.Phase = m[1], m[2]
		}
		if _, ok := d.protocol.Date(body); ok && w.Phase == "" {
			w.Anchor, w.Named = OnDate, body
			break
		}
		w.Anchor, w.N = anchor(body)
	}
	if w.Anchor == NoAnchor && text != "" { // else it was said already
		d.Add(diag.BadTime, n.Range, "write it as: day 8, dose 3 of induction, end of week 4, last dose, or 7 days after one of these", "%s: “%s” is not a day of a course", what, text)
		return w
	}
	if w.Phase != "" {
		if !slices.Contains(d.named, w.Phase) {
			d.unknown(n, "phase", w.Phase, d.named)
			w.Anchor = NoAnchor
		}
	}
	if w.Anchor == EachDose && what != onKey && (what != startsKey || w.N > 0) {
		d.Add(diag.BadTime, w.Range, "name one of them, as: dose 3 of "+w.Phase, "%s is one day, and “%s” are several", what, text)
		w.Anchor = NoAnchor
	}
	if w.First.Set && !w.Dated() && w.Anchor != OnDate && w.Anchor != NoAnchor {
		d.Add(diag.BadTime, w.Range, "count it from start, a day, a week or a month, as: first sunday on or after day 8", "%s: “%s” is counted from a dose, or from an end, which closed days can move", what, text)
		w.Anchor = NoAnchor
	}
	if w.FromEnd {
		d.fromEnd(&w, what)
		return w
	}
	d.hours(&w, what)
	return w
}

// fromEnd refuses what is counted from the end of a dose but is itself a day, or stands before that end.
func (d *decoder) fromEnd(w *When, what string) {
	_, elapsed := w.Offset.Elapsed()
	switch {
	case w.Before || w.Offset.IsSet() && !elapsed:
		d.Add(diag.BadTime, w.Range, "write hours or minutes after it, or count from the dose itself", "what stands some time from the end of a dose is so many hours or minutes after it")
	case what != startsKey && what != onKey:
		d.Add(diag.BadTime, w.Range, "count from the dose", "%s is a day, and the end of a dose a time", what)
	default:
		return
	}
	w.FromEnd = false
}

// afterEnd has what is counted from the end of doses be counted from the doses themselves: all must take the same time.
func (d *decoder) afterEnd(p *Protocol, w *When) {
	ph, ok := p.Phase(w.Phase)
	if !w.FromEnd || !ok {
		return
	}
	over, alike := civil.Period{}, true
	for _, r := range p.RoutesOf(ph) {
		p.Amounts(ph, r.Name, func(a *Amount) {
			of, _ := p.RouteOf(ph, r.Name)
			takes := of.Taking(a.Over).Over
			if !over.IsSet() {
				over = takes
			}
			alike = alike && takes.IsSet() && elapsedOf(takes) == elapsedOf(over)
		})
	}
	if !alike || !over.IsSet() {
		d.Add(diag.BadTime, w.Range, "say with `over` how long each takes, the same for all; or count from the dose", "when the doses of “%s” end is not said, or they do not all take the same time", ph.Name)
		return
	}
	after := elapsedOf(over)
	if w.Offset.IsSet() {
		after += elapsedOf(w.Offset)
	}
	if w.Offset = (civil.Period{N: int(after / time.Minute), Unit: civil.Minute}); after%time.Hour == 0 {
		w.Offset = civil.Period{N: int(after / time.Hour), Unit: civil.Hour}
	}
}

// hours refuses minutes and hours that are counted from a day, or for what is itself a day.
func (d *decoder) hours(w *When, what string) {
	date, _ := d.protocol.Date(w.Named)
	if w.Anchor == OnDate && date != nil && (what == startsKey || what == courseKey) {
		w.At = date.Clock
	}
	if _, elapsed := w.Offset.Elapsed(); !elapsed || w.Anchor == NoAnchor {
		return
	}
	switch {
	case w.At.IsSet():
	case w.Anchor == OnDate && date != nil && (what == startsKey || what == courseKey):
		d.Add(diag.BadTime, w.Range, fmt.Sprintf("give the date a time of day, as: %s: %d..%d days at 09:00", date.Name, date.Least, date.Most), "a number of %ss is counted from a time of day, and the date “%s” has none", w.Offset.Unit, w.Named)
	case w.Anchor != DoseN && w.Anchor != LastDose && w.Anchor != EachDose:
		d.Add(diag.BadTime, w.Range, "count it from a dose, as: 6 hours after last dose of …; or write days", "a number of %ss is counted from a dose, and “%s” names a day", w.Offset.Unit, w.Text)
	case what != startsKey && what != onKey:
		d.Add(diag.BadTime, w.Range, "write it in days", "%s is a day, and cannot lie a number of %ss from a dose", what, w.Offset.Unit)
	}
}

// bareName refuses the name of a phase where a day is wanted, with the days that could be meant.
func (d *decoder) bareName(w *When, phase string) {
	var first, rest string
	at, found := strings.LastIndex(w.Text, " "+phase), false // and not within another word
	if at >= 0 {
		first, rest, found = w.Text[:at+1], w.Text[at+1+len(phase):], true
	}
	switch {
	case !found || !w.Offset.IsSet():
		d.Add(diag.BadTime, w.Range, fmt.Sprintf("write `after %s` or `with %[1]s`", phase), "“%s” names a phase, and no day", w.Text)
	case w.Before:
		d.Add(diag.BadTime, w.Range, fmt.Sprintf("write `%sfirst dose of %s`, or `%[1]sstart of %[2]s`", first, phase), "“%s” can be counted from its first dose or from its first day", w.Text)
	default:
		d.Add(diag.BadTime, w.Range, fmt.Sprintf("write `%slast dose of %s%s`, or `%[1]send of %[2]s%[3]s`", first, phase, rest), "“%s” can be counted from its last dose or from its last day", w.Text)
	}
}

func anchor(body string) (Anchor, int) {
	switch body {
	case "start":
		return StartOf, 0
	case "first dose":
		return DoseN, 1
	case "end":
		return EndOf, 0
	case "last dose":
		return LastDose, 0
	}
	if m := reAnchorN.FindStringSubmatch(body); m != nil {
		n := grammar.Atoi(strings.TrimPrefix(m[2], "-"))
		if m[2][0] == '-' {
			n = -n
		}
		switch m[1] {
		case "day":
			return DayN, n
		case "week":
			return WeekN, n
		case "end of week":
			return EndOfWeekN, n
		case "month":
			return MonthN, n
		case "end of month":
			return EndOfMonthN, n
		case "dose":
			return DoseN, n
		}
	}
	return NoAnchor, 0
}

func (d *decoder) unknown(n *source.Node, what, name string, known []string) {
	d.Add(diag.UnknownName, n.Range, diag.DidYouMean(name, known), "no %s is called “%s”", what, name)
}

// PhaseNames returns the names of the phases, in their order.
func (p *Protocol) PhaseNames() []string {
	names := make([]string, len(p.Phases))
	for i := range p.Phases {
		names[i] = p.Phases[i].Name
	}
	return names
}

func (p *Protocol) tierNames() []string {
	names := make([]string, len(p.Tiers))
	for i := range p.Tiers {
		names[i] = p.Tiers[i].Name
	}
	return names
}

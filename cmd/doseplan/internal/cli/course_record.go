package cli

import (
	"bufio"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
)

// A recording is one run of a verb: what it is to append to which course.
type recording struct {
	app     *app
	verb    *verbDef
	flags   *pflag.FlagSet
	file    *courseFile
	copied  []*kept // protocols that the entry begins with
	today   civil.Date
	changed []string  // what the entries change in the calendar
	sized   diag.List // doses whose amount is another by what was written down since their day

	asking bool // nothing is written yet: the user is shown what would change, and asked
}

func (r *recording) text(name string) string {
	if r.flags.Lookup(name) == nil {
		return ""
	}
	text, _ := r.flags.GetString(name)
	return text
}

func (r *recording) list(name string) []string {
	list, err := r.flags.GetStringSlice(name)
	if err != nil {
		list, _ = r.flags.GetStringArray(name)
	}
	return list
}

func (r *recording) on(name string) bool {
	on, _ := r.flags.GetBool(name)
	return on
}

// pin names a protocol as it is now, and keeps its text.
func (r *recording) pin(name string) (*source.Node, error) {
	pin, copied, err := pinOf(r.file.files, name, filepath.Dir(r.file.name))
	if err != nil {
		return nil, err
	}
	r.copied = append(r.copied, copied)
	return course.PinNode(pin), nil
}

// lastEntry returns the number of the last entry that still counts.
func (r *recording) lastEntry() (string, error) {
	struck := r.file.course.Struck(civil.Date{})
	for _, e := range slices.Backward(r.file.course.Entries) {
		if _, strike := e.Act.(*ledger.Strike); !strike && struck[e.Number] == 0 {
			return strconv.Itoa(e.Number), nil
		}
	}
	return "", usage("`doseplan course history` lists them", "the ledger has no entry to take back")
}

// run appends what the command line says to a course: whole or not at all, and only if the course
// can take it.
func (r *recording) run(name, value string) error {
	by := r.text("by")
	if by == "" {
		by = r.app.settings.Text("by")
	}
	if by == "" {
		return usage("add --by 'Dr. Adams', or set DOSEPLAN_BY", "an entry states who says so")
	}
	if r.verb.group == "order" && r.app.env.InTTY && r.app.env.OutTTY && !r.on("yes") && !r.on("dry-run") {
		if ok, err := r.agreed(name, by, value); !ok {
			return err
		}
	}
	var found diag.List
	recorded := ""
	err := r.app.changeCourse(name, func(f *courseFile) ([]byte, error) {
		r.file = f
		entries, err := r.entries(by, value)
		if err != nil {
			return nil, err
		}
		recorded = r.recorded(entries)
		text, after, err := r.append(entries)
		if err != nil {
			return nil, err
		}
		if found = after; text == nil {
			recorded = ""
			return nil, nil
		}
		for _, k := range r.copied {
			if err := k.write(); err != nil {
				return nil, err
			}
		}
		return text, nil
	})
	if err != nil {
		return err
	}
	if r.verb.group == "correct" && recorded != "" && len(r.changed) > 0 { // which nobody was asked about
		recorded += changesIn(r.changed, 6)
	}
	r.app.report(found, r.file.files.text)
	return r.app.print(recorded)
}

// recorded says what was written down: what a slip of the fingers would change can be read at once.
func (r *recording) recorded(entries []ledger.Entry) string {
	var b strings.Builder
	for i := range entries {
		if i > 0 && i < len(entries)-1 && len(entries) > 3 {
			continue // of many, the first and the last
		}
		e := &entries[i]
		fmt.Fprintf(&b, "entry %d, %v: %s\n", e.Number, e.On, e.Words())
		if e.Replaces > 0 && e.Replaces <= len(r.file.course.Entries) {
			was := &r.file.course.Entries[e.Replaces-1]
			fmt.Fprintf(&b, "  in place of entry %d, %v: %s\n", was.Number, was.On, was.Words())
		}
		if s, ok := e.Act.(*ledger.Strike); ok {
			for n := s.First; n <= s.Last && n <= len(r.file.course.Entries); n++ {
				was := &r.file.course.Entries[n-1]
				fmt.Fprintf(&b, "  which was, %v: %s\n", was.On, was.Words())
			}
		}
	}
	return b.String()
}

// agreed shows what an order would change, and reports whether the user wants it. No lock is held
// while somebody thinks.
func (r *recording) agreed(name, by, value string) (bool, error) {
	f, err := r.app.readCourse(name)
	if err != nil {
		return false, err
	}
	r.file, r.asking = f, true
	defer func() { r.asking, r.copied = false, nil }()
	entries, err := r.entries(by, value)
	if err != nil {
		return false, err
	}
	text, _, err := r.append(entries)
	return text != nil, err
}

// entries are what the command line says, with what was planned filled in where it says nothing
// else: a fact is complete, so that nothing that comes later changes it.
func (r *recording) entries(by, value string) ([]ledger.Entry, error) {
	values := []string{value}
	if _, numbers, ok := strings.Cut(value, ".."); ok && (r.verb.name == "given" || r.verb.name == "missed" || r.verb.name == "skip") {
		var err error
		if values, err = each(value, numbers); err != nil {
			return nil, err
		}
		if r.text("amount") != "" || r.text("on") != "" || r.text("at") != "" {
			return nil, usage("write such a dose down by itself", "a day, a time or an amount goes with one dose, and “%s” names several", value)
		}
	}
	today, err := r.app.today(r.file.course.Patient.Zone)
	if err != nil {
		return nil, err
	}
	r.today = today
	var list []ledger.Entry
	for _, value := range values {
		n, err := r.node(by, value, today)
		if err != nil {
			return nil, err
		}
		e, found := course.DecodeEntry(n, len(r.file.course.Entries)+len(list)+1)
		if found.HasErrors() {
			return nil, &outcome{status: exitUsage, found: found}
		}
		list = append(list, e)
	}
	return list, r.complete(list, today)
}

// each returns "daily 1", "daily 2" … of "daily 1..14".
func each(value, last string) ([]string, error) {
	head, _, _ := strings.Cut(value, "..")
	phase, first, _ := strings.Cut(head, " ")
	from, err := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	const most = 1000
	if err != nil || err2 != nil || from < 1 || to < from || to-from >= most {
		return nil, usage("write it as 'daily 1..14'", "“%s” does not run from a number to a later one", value)
	}
	var list []string
	for k := from; k <= to; k++ {
		list = append(list, fmt.Sprintf("%s %d", phase, k))
	}
	return list, nil
}

// node is the entry as the file would have it, with the texts of the command line.
func (r *recording) node(by, value string, today civil.Date) (*source.Node, error) {
	b := &source.Builder{}
	n := b.Map()
	if on := r.text("on"); on != "" {
		d, err := r.app.date("on", on, r.file.course.Patient.Zone)
		if err != nil {
			return nil, err
		}
		b.Set(n, "on", b.Text(d.String()))
	} else if x := r.corrected(value); x != nil {
		b.Set(n, "on", b.Text(x.On.String()))
	} else {
		b.Set(n, "on", b.Text(today.String()))
	}
	b.Set(n, "entered", b.Text(today.String()))
	b.Set(n, "by", b.Text(by))
	for _, key := range []string{"why", "of", "replaces"} {
		if text := r.text(key); text != "" {
			b.Set(n, key, b.Text(text))
		}
	}
	for _, f := range r.verb.flags {
		switch {
		case f.key == "" || r.flags.Lookup(f.name) == nil || !r.flags.Changed(f.name):
		case f.list:
			m, err := pairs(b, r.list(f.name))
			if err != nil {
				return nil, err
			}
			b.Set(n, f.key, m)
		default:
			b.Set(n, f.key, b.Text(r.text(f.name)))
		}
	}
	if x := r.corrected(value); x != nil && r.text("on")+r.text("at") == "" {
		if g, ok := x.Act.(*ledger.Given); ok && g.At.IsSet() {
			b.Set(n, "at", b.Text(g.At.Or(0).String()))
		}
	}
	if r.verb.set != nil {
		return n, r.verb.set(r, b, n, value)
	}
	key := r.verb.key
	if key == "" {
		key = strings.ReplaceAll(r.verb.name, "-", " ")
	}
	b.Set(n, key, b.Text(value))
	return n, nil
}

// corrected returns the entry whose place an entry of some value takes, and whose day it has unless another is stated; nil where
// it takes none, or is of a planned dose, which has its own day: what corrects a slip is what was planned.
func (r *recording) corrected(value string) *ledger.Entry {
	n, err := strconv.Atoi(r.text("replaces"))
	if err != nil || n < 1 || n > len(r.file.course.Entries) {
		return nil
	}
	x := &r.file.course.Entries[n-1]
	switch a := x.Act.(type) {
	case *ledger.Given:
		if a.Dose.Number > 0 || a.Dose.Phase != value {
			return nil
		}
	case *ledger.Missed:
		return nil
	}
	return x
}

// complete fills in what was planned.
func (r *recording) complete(list []ledger.Entry, today civil.Date) error {
	switch list[0].Act.(type) {
	case *ledger.Given, *ledger.Missed, *ledger.CheckedIn, *ledger.Supplied:
	default:
		return nil
	}
	f := *r.file
	if n := list[0].Replaces; n > 0 && n <= len(f.course.Entries) { // what it replaces is no part of the plan
		c := *f.course
		c.Entries = slices.Clone(c.Entries)
		c.Entries[n-1].Act = &ledger.Noted{}
		f.course = &c
	}
	cal, _, err := f.fold(r.app, ledger.Options{Reach: r.today})
	if err != nil {
		return err
	}
	for i := range list {
		dated := r.text("on") != "" || r.corrected(beside(&list[i])) != nil
		if day, ok := cal.PlannedDay(&list[i]); ok && len(list) > 1 && day.After(today) {
			return usage("write down those that were given; one that was given early is written down by itself, with its day", "the dose %s is planned for %v, which lies ahead", list[i].Act.(*ledger.Given).Dose, day)
		}
		var which *ledger.Ambiguous
		var unnumbered *ledger.Unnumbered
		var untimed *ledger.Untimed
		var unsized *ledger.Unsized
		g, given := list[i].Act.(*ledger.Given)
		sized := given && g.Amount.IsSet()
		if err := ledger.Complete(&list[i], cal, dated, today); errors.As(err, &which) {
			return usage("name the protocol: --of "+which.First+" or --of "+which.Second, "which protocol the entry is about is not said: %v", err)
		} else if errors.As(err, &unnumbered) {
			help := "`doseplan course status` lists them, as: check-in '" + unnumbered.Name + " 1'"
			if len(unnumbered.Open) > 0 {
				help = fmt.Sprintf("name one by its number, as: check-in '%s %d'", unnumbered.Name, unnumbered.Open[0])
			}
			return usage(help, "%v", err)
		} else if errors.As(err, &untimed) {
			return usage("state the time with --at", "%v", err)
		} else if errors.As(err, &unsized) {
			return usage("write down the one before it, or state what was given with --amount", "%v", err)
		} else if err != nil && given {
			return usage("state the day with --on", "%v", err)
		} else if err != nil {
			return usage("write those down first; or write this one down alone, with --again and the day on which it is planned again", "%v", err)
		}
		if given && !sized {
			if err := r.asKnown(&f, &list[i], g); err != nil {
				return err
			}
		}
	}
	return nil
}

// beside returns what an entry is of that has no planned day: a phase, of a dose beside the plan.
func beside(e *ledger.Entry) string {
	if g, ok := e.Act.(*ledger.Given); ok && g.Dose.Number == 0 {
		return g.Dose.Phase
	}
	return ""
}

// asKnown says of a dose of an earlier day whose amount is another by what was written down since how much the page of that
// day had said: somebody may have given that.
func (r *recording) asKnown(f *courseFile, e *ledger.Entry, g *ledger.Given) error {
	if !slices.ContainsFunc(f.course.Entries, func(x ledger.Entry) bool { return x.Entered.After(e.On) }) {
		return nil
	}
	cal, _, err := f.fold(r.app, ledger.Options{AsOf: e.On, Reach: e.On})
	if err != nil {
		return err
	}
	if then := cal.AmountOf(e, g.Dose); then.IsSet() && then.String() != g.Amount.String() {
		r.sized.Add(diag.OddEntry, diag.Range{}, "if that was given, write it down with --amount, and with --replaces in the place of this entry", "%v of %s are written down, by what was written down after %v: by what was known on that day it was one of %v", g.Amount, g.Dose, e.On, then)
	}
	return nil
}

// append returns the text of the course with the entries, and what is found of them; no text where
// nothing is to be written.
func (r *recording) append(entries []ledger.Entry) ([]byte, diag.List, error) {
	before, had, err := r.file.fold(r.app, ledger.Options{Reach: r.today, Now: r.today}) // or what time alone has changed would be the entry's
	if err != nil {
		return nil, nil, err
	}
	text, err := appended(r.file.name, r.file.text, entries)
	if err != nil {
		return nil, nil, err
	}
	f, err := r.app.parseCourse(r.file.name, text)
	if err != nil {
		return nil, nil, err
	}
	after, found, err := f.fold(r.app, ledger.Options{Reach: r.today, Now: r.today}) // what is overdue by then holds doses in both
	if err != nil {
		return nil, nil, err
	}
	mine, err := r.judged(found, entries, f)
	if err != nil {
		return nil, nil, err
	}
	lapsed, err := r.displaced(had, found, entries[0].Number, entries[0].Replaces)
	if err != nil {
		return nil, nil, err
	}
	if err := r.raised(&entries[0], f, after); err != nil {
		return nil, nil, err
	}
	mine = append(append(append(append(mine, r.sized...), lapsed...), news(before, after)...), f.newTexts(before, after)...)
	r.changed = ledger.Changes(before, after)
	if r.on("dry-run") {
		return nil, mine, r.app.print(preview(entries, r.changed, 0))
	}
	if r.asking {
		ok, err := r.ask(preview(entries, r.changed, 20))
		if !ok {
			text = nil
		}
		return text, mine, err
	}
	return text, mine, nil
}

// judged returns what is found of the entries, and refuses those that would have no effect.
func (r *recording) judged(found diag.List, entries []ledger.Entry, f *courseFile) (diag.List, error) {
	var mine diag.List
	status := exitDone
	for _, d := range found {
		if d.Entry < entries[0].Number && d.Code != diag.ProtocolChanged {
			continue
		}
		if len(entries) == 1 && d.Entry == entries[0].Number { // it is not in the file yet
			d.Message, d.Range = unnumbered(&d), diag.Range{}
		}
		if d.Code == diag.BadEntry {
			status, d.Severity = exitRefused, diag.Refusal
			if entries[0].Fact() || r.verb.group == "correct" {
				status, d.Severity = exitUsage, diag.Error
			}
		}
		mine = append(mine, d)
	}
	if err := r.correctable(entries[0]); err != nil {
		return nil, err
	}
	if status != exitDone {
		return nil, &outcome{status, mine, f.files.text}
	}
	return mine, nil
}

// displaced refuses an entry with which a fact that was written down before it would no longer count, and a correction
// that takes away what an order rests on. Of any other entry it says which orders have no effect with it.
func (r *recording) displaced(had, found diag.List, first, replaces int) (lapsed diag.List, err error) {
	without := map[int]bool{}
	for _, d := range had {
		without[d.Entry] = without[d.Entry] || d.Code == diag.BadEntry
	}
	for _, d := range found {
		if d.Code != diag.BadEntry || d.Entry == 0 || d.Entry >= first || without[d.Entry] {
			continue
		}
		switch e := &r.file.course.Entries[d.Entry-1]; {
		case e.Fact():
			return nil, usage(fmt.Sprintf("strike entry %d first, if it is wrong", d.Entry), "with this, what entry %d says would count no more: %s", d.Entry, d.Message)
		case r.verb.name == "undo" || replaces > 0:
			return nil, usage(fmt.Sprintf("write what is right in its place, with --replaces; or strike entry %d first, if that is not meant any more", d.Entry), "what entry %d orders, %s, would have no effect: %s", d.Entry, e.Words(), unnumbered(&d))
		default:
			lapsed.Add(diag.OddEntry, diag.Range{}, "order it again, if it is still meant", "with this, what entry %d orders, %s, has no effect: %s", d.Entry, e.Words(), unnumbered(&d))
		}
	}
	return lapsed, nil
}

// raised refuses a correction of an order on which a check-in built that decided about steps since, where doses still to be
// given would be larger for it than that check-in left them: nobody confirmed that. What was ordered after the check-in hides
// nothing of it: a hold, an end or a smaller dose can be taken back next.
func (r *recording) raised(e *ledger.Entry, f *courseFile, after *ledger.Calendar) error {
	first := e.Replaces
	if s, ok := e.Act.(*ledger.Strike); ok {
		first = s.First
	}
	if first == 0 || first > len(r.file.course.Entries) || r.file.course.Entries[first-1].Fact() {
		return nil
	}
	struck := r.file.course.Struck(civil.Date{})
	over := amounts(after, func(s schedule.Status) bool { return !toCome(s) })
	for i := first; i < len(r.file.course.Entries); i++ {
		x := &r.file.course.Entries[i]
		if c, ok := x.Act.(*ledger.CheckedIn); !ok || c.Decision == "" || struck[x.Number] != 0 {
			continue
		}
		was, err := r.whenDecided(f, x.Number, false)
		if err != nil {
			return err
		}
		is, err := r.whenDecided(f, x.Number, true)
		if err != nil {
			return err
		}
		left := amounts(was, toCome)
		for name, amount := range amounts(is, toCome) {
			had, ok := left[name]
			if _, done := over[name]; ok && !done && had.Unit().Comparable(amount.Unit()) && amount.Cmp(had) > 0 {
				return usage("order the dose or the tier that is meant, from a day on", "with this, doses to come would be larger than entry %d, %s, left them when it decided", x.Number, x.Words())
			}
		}
	}
	return nil
}

// whenDecided returns the calendar as a check-in left it, with or without the last entry of a course: of what was written down
// between the two, only corrections of what came before count.
func (r *recording) whenDecided(f *courseFile, checkIn int, with bool) (*ledger.Calendar, error) {
	c, then := *f.course, *f
	c.Entries, then.course = slices.Clone(c.Entries), &c
	for i := checkIn; i < len(c.Entries); i++ {
		x := &c.Entries[i]
		s, strikes := x.Act.(*ledger.Strike)
		if last := i == len(c.Entries)-1; last && !with || !last && !(strikes && s.First <= checkIn) && !(x.Replaces > 0 && x.Replaces <= checkIn) {
			x.Act, x.Replaces = &ledger.Noted{}, 0
		}
	}
	cal, _, err := then.fold(r.app, ledger.Options{Reach: r.today})
	return cal, err
}

// toCome reports whether a dose of a status may still be given: one that is held can be let go.
func toCome(s schedule.Status) bool { return s != schedule.Taken && s != schedule.Missed }

// amounts returns the amounts of the doses of some statuses, by protocol, its beginning and the name of the dose.
func amounts(c *ledger.Calendar, of func(schedule.Status) bool) map[string]quantity.Amount {
	list := map[string]quantity.Amount{}
	for i := range c.Legs {
		l := &c.Legs[i]
		for k := range l.Schedule.Events {
			if e := &l.Schedule.Events[k]; e.Kind == schedule.Dose && of(e.Status) {
				list[fmt.Sprint(l.Schedule.Protocol.ID, l.From, l.Schedule.DoseName(e))] = l.Schedule.Dose(e).Amount
			}
		}
	}
	return list
}

// unnumbered is the message of what is found of an entry, without the number of the entry before it.
func unnumbered(d *diag.Diagnostic) string {
	return strings.TrimPrefix(d.Message, fmt.Sprintf("entry %d: ", d.Entry))
}

// correctable refuses a correction of what is not there.
func (r *recording) correctable(e ledger.Entry) error {
	first, last := e.Replaces, e.Replaces
	if s, ok := e.Act.(*ledger.Strike); ok {
		first, last = s.First, s.Last
	}
	struck := r.file.course.Struck(civil.Date{})
	for n := first; n > 0 && n <= last; n++ {
		switch {
		case n > len(r.file.course.Entries):
			return usage("`doseplan course history` lists them", "the ledger has no entry %d", n)
		case struck[n] != 0:
			return usage("`doseplan course history` lists them", "entry %d is struck already, by entry %d", n, struck[n])
		case e.Replaces == n && !e.Corrects(&r.file.course.Entries[n-1]):
			return usage("look at the number: `doseplan course history` lists the entries; or take that one back with `undo`, and write this one down by itself", "entry %d says: %s. What takes its place is of another kind: %s", n, r.file.course.Entries[n-1].Words(), e.Words())
		}
	}
	return nil
}

// newTexts says what `validate` finds of the protocols that a course follows after an entry and did not before.
func (f *courseFile) newTexts(before, after *ledger.Calendar) (list diag.List) {
	for i := range after.Legs {
		l := &after.Legs[i]
		if !slices.ContainsFunc(before.Legs, func(x ledger.Leg) bool {
			return x.Schedule.Protocol.Origin.SHA256 == l.Schedule.Protocol.Origin.SHA256
		}) {
			list = append(list, f.unvalidated(l)...)
		}
	}
	return list
}

// news are the warnings that the calendar has after an entry and had not before.
func news(before, after *ledger.Calendar) diag.List {
	said := map[string]bool{}
	for i := range before.Legs {
		for _, d := range before.Legs[i].Schedule.Findings {
			said[d.Message+d.Private] = true
		}
	}
	var list diag.List
	for i := range after.Legs {
		for _, d := range after.Legs[i].Schedule.Findings {
			if d.Severity >= diag.Warning && d.Entry == 0 && !said[d.Message+d.Private] {
				said[d.Message+d.Private] = true
				list = append(list, d)
			}
		}
	}
	return list
}

// preview says what entries change.
func preview(entries []ledger.Entry, changes []string, most int) string {
	var b strings.Builder
	for i := range entries {
		e := &entries[i]
		fmt.Fprintf(&b, "%d. %s: %s\n", e.Number, view.Date(e.On), e.Words())
	}
	if len(changes) == 0 {
		b.WriteString("The calendar stays as it is.\n")
		return b.String()
	}
	b.WriteString("\n" + changesIn(changes, most))
	return b.String()
}

// changesIn says what changes in the calendar, the first of it where it is more; 0 for all.
func changesIn(changes []string, most int) string {
	var b strings.Builder
	b.WriteString("What changes in the calendar:\n")
	for i, c := range changes {
		if most > 0 && i == most {
			fmt.Fprintf(&b, "  … and %d more\n", len(changes)-most)
			break
		}
		b.WriteString("  " + c + "\n")
	}
	return b.String()
}

// ask shows a preview and asks whether to write.
func (r *recording) ask(text string) (bool, error) {
	if err := r.app.print(text + "Write it down? [y/N] "); err != nil {
		return false, err
	}
	line, _ := bufio.NewReader(r.app.env.In).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	return false, r.app.print("Nothing was written.\n")
}

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/lint"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/proof"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/phrase"
	"github.com/doseplan/doseplan/pkg/worked"
	"github.com/doseplan/doseplan/protocols"
)

func (a *app) scheduleCommand() *cobra.Command {
	var from fhirFile
	cmd := &cobra.Command{
		Use:   "schedule PROTOCOL|FILE",
		Short: "Print the calendar of doses and check-ins of one patient",
		Long: `Print the calendar of doses and check-ins of one patient.

PROTOCOL is the id of a shipped protocol, or of one in a folder of the setting
"protocols", or the path of a protocol file. Patient parameters come from flags
or from a YAML or JSON file; flags win, and add to its lists.

With --from-fhir, the doses are those that a FHIR R4 MedicationRequest asks for,
or a Bundle of some. What FHIR leaves open is listed with how it was read; a range
is chosen from with --choose; what cannot be put on a calendar is refused by its
path in the file.`,
		Example: `  doseplan schedule ketamine-iv-intensive --weight 72kg --start 2026-03-02
  doseplan schedule ketamine-iv-intensive --weight 158lb --start 2026-03-02 \
      --time-zone America/New_York --closed weekends,holidays-us -o course.ics
  doseplan schedule ketamine-daily-low-dose --tier low --route sublingual \
      --start 2026-03-02 --format month
  doseplan schedule ketamine-sc-titration --patient patient.yaml --explain
  doseplan schedule --from-fhir request.json --start 2026-03-02 --choose least`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case from.name != "" && len(args) > 0:
				return usage("leave one of them out", "a protocol and a FHIR file: there is one calendar at a time")
			case from.name != "":
				return nil
			case len(from.choices) > 0:
				return usage("see `doseplan schedule --help`", "--choose goes with --from-fhir")
			case len(args) == 0:
				return usage("`doseplan protocols` lists those that are shipped", "name one protocol")
			case len(args) > 1:
				return usage("see `doseplan schedule --help`", "name one protocol: “%s” is one too many", args[1])
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return protocols.IDs(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if from.name != "" {
				return a.runFromFHIR(&from)
			}
			return a.runSchedule(args[0])
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&from.name, "from-fhir", "", "FHIR R4 file (JSON) that asks for the doses, in place of a protocol; - for stdin")
	f.StringArrayVar(&from.choices, "choose", nil, "from a range of the FHIR file: least, most (of the medicine), or NAME=VALUE with dose, frequency, period, count, bounds, or a path (may be repeated)")
	addSettings(f, false)
	return cmd
}

func (a *app) runSchedule(name string) error {
	set := a.settings
	format, err := outputFormat(set)
	if err != nil {
		return err
	}
	files := a.files()
	file, text, err := files.protocol(name)
	if err != nil {
		return err
	}
	if root, _ := source.Parse(file, text); isPath(name) && root.Get("kind") != nil {
		switch root.Get("kind").Value {
		case "course":
			return a.runCourseSchedule(name, "")
		case "patient":
			return usage("name a protocol, and give this file with --patient "+name, "%s is a patient's file, and not a protocol's", name)
		}
	}
	p, found := protocol.Decode(file, text, files.resolve)
	if found.HasErrors() {
		return &outcome{exitUsage, found, files.text}
	}
	pat, patientFound, err := a.readPatient(set, files)
	if err != nil {
		return err
	}
	found = append(found, patientFound...)
	options, err := planOptions(set)
	if err != nil {
		return err
	}
	plan, planFound := schedule.NewPlan(p, options)
	found = append(found, planFound...)
	if err := a.verdict(found, files.text); err != nil {
		return err
	}
	result, runFound := plan.Run(pat)
	found = append(found, runFound...)
	strict := found
	if result != nil {
		// The proof takes time: it is for a page that somebody reads.
		result.Findings = append(append(slices.Clone(patientFound), unvalidated(p, text)...), result.Findings...)
		a.nameInPerson(result)
		strict = append(slices.Clone(found), result.Findings...)
	}
	if err := a.verdict(strict, files.text); err != nil {
		return err
	}
	if err := a.writeDocument(format, view.Of(result, a.viewOptions())); err != nil {
		return err
	}
	a.report(found, files.text)
	return nil
}

// nameInPerson adds to a finding of high acuity the shipped protocols of the same medicine whose
// doses are given and watched in person, and the crisis line of the settings.
func (a *app) nameInPerson(s *schedule.Schedule) { a.namer(s.Protocol)(s) }

// namer returns nameInPerson for the calendars of one protocol, for any number of goroutines. The
// shipped protocols are read when the first needs them.
func (a *app) namer(p *protocol.Protocol) func(*schedule.Schedule) {
	const some = 6
	text := sync.OnceValue(func() string {
		ids := inPerson(p.Medications[0].Name)
		more := ""
		if len(ids) > some {
			ids, more = ids[:some], fmt.Sprintf(" and %d more", len(ids)-some)
		}
		if len(ids) > 0 && p.Setting != protocol.Clinic {
			return "; shipped for care in person: " + join(ids) + more
		}
		return ""
	})
	line := a.settings.Text("crisis-line")
	return func(s *schedule.Schedule) {
		named := false
		for i := range s.Findings {
			d := &s.Findings[i]
			if d.Code != diag.HighAcuity {
				continue
			}
			if line != "" {
				d.Message = strings.Replace(d.Message, eligibility.CrisisLine, "crisis line: "+line, 1)
				d.Help = strings.Replace(d.Help, eligibility.CrisisHelp, "at any hour: "+line, 1)
			}
			if !named {
				d.Message += text()
			}
			named = true
		}
	}
}

// inPerson returns the ids of the shipped protocols of a medicine that is given in person.
func inPerson(medicine string) (ids []string) {
	first := 0
	for _, id := range protocols.IDs() {
		text, err := protocols.Read(id)
		if err != nil {
			continue
		}
		p, found := protocol.Decode(id+".yaml", text, readShipped)
		if found.HasErrors() || p.Setting != protocol.Clinic || !strings.EqualFold(p.Medications[0].Name, medicine) {
			continue
		}
		if p.Model == protocol.Intensive && p.Status == protocol.Published { // those that most want first
			ids = slices.Insert(ids, first, id)
			first++
		} else {
			ids = append(ids, id)
		}
	}
	return ids
}

// shippedVersion returns the version of a shipped protocol.
func shippedVersion(id string, text []byte) string {
	if is, broken := protocol.Decode(id+".yaml", text, readShipped); !broken.HasErrors() {
		return is.Version
	}
	return ""
}

// readShipped finds the shipped protocol that another extends.
func readShipped(name, _ string) (string, []byte, error) {
	text, err := protocols.Read(name)
	return name + ".yaml", text, err
}

// notShipped says of a file that it is called as a shipped protocol is, to the version, and is not that.
func notShipped(p *protocol.Protocol, text []byte, at diag.Range) (found diag.List) {
	shipped, err := protocols.Read(p.ID)
	if err == nil && !bytes.Equal(shipped, text) && shippedVersion(p.ID, shipped) == p.Version {
		found.Add(diag.NotShipped, at, "give the file an id or a version of its own", "this is not the shipped protocol “%s” %s, but a file of that id and version with another text", p.ID, p.Version)
	}
	return found
}

// unvalidated says that `validate` finds errors in a protocol that is not a shipped one, and what it loosens of one that it
// extends: whoever reads the calendar sees the sources of that.
func unvalidated(p *protocol.Protocol, text []byte) (found diag.List) {
	if shipped, err := protocols.Read(p.ID); err == nil && bytes.Equal(shipped, text) {
		return nil
	}
	found = notShipped(p, text, diag.Range{})
	r := proof.Check(p)
	wrong := append(append(r.Found, lint.Check(p, r, medicine.Known())...), worked.Check(p)...)
	for _, d := range wrong {
		if d.Code == diag.Loosened && d.Severity < diag.Error {
			found = append(found, d)
		}
	}
	wrong = slices.DeleteFunc(wrong, func(d diag.Diagnostic) bool { return d.Severity < diag.Error })
	if len(wrong) > 0 {
		found.Add(diag.NotValidated, wrong[0].Range, "see `doseplan validate`, and mend the file", "the protocol does not pass `validate` (%s): %s [%s]",
			civil.Plural(len(wrong), "error"), wrong[0].Message, wrong[0].Code)
	}
	return found
}

// A fileSet reads the files of one run and keeps their text for findings.
type fileSet struct {
	app     *app
	folders []string
	texts   map[string][]byte
}

func (f *fileSet) text(name string) []byte { return f.texts[name] }

func (f *fileSet) read(name string) ([]byte, error) {
	b, err := f.app.readFile(name, source.MaxBytes)
	if err == nil {
		f.texts[name] = b
	}
	return b, err
}

// isPath reports whether a name is meant as a path rather than an id.
func isPath(name string) bool {
	return name == "-" || strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".json")
}

// protocol finds a protocol by its path or id.
func (f *fileSet) protocol(name string) (string, []byte, error) {
	if isPath(name) {
		text, err := f.read(name)
		if err != nil {
			return "", nil, unreadable(name, err)
		}
		return name, text, nil
	}
	file, text, err := f.byID(name)
	if errors.Is(err, fs.ErrNotExist) {
		help := diag.DidYouMean(name, f.ids())
		if longer := slices.DeleteFunc(f.ids(), func(id string) bool { return !strings.HasPrefix(id, name) }); name != "" && len(longer) > 0 {
			help = "there are: " + join(longer)
		}
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			help = "write ./" + name + ", if the file of that name is meant"
		}
		if file, id := f.app.ownNamed(name); file != "" {
			help = "write " + file + ", if that file is meant: its id is " + id
		}
		return "", nil, usage(help, "no protocol is called “%s”", name)
	}
	if two := (*sameIDError)(nil); errors.As(err, &two) {
		return "", nil, usage("name the file", "two protocols are called “%s”: %s and %s", two.id, two.one, two.other)
	}
	if err != nil {
		return "", nil, unreadable(name, err)
	}
	return file, text, nil
}

// byID looks in the user's folders first, then among the shipped protocols.
func (f *fileSet) byID(id string) (string, []byte, error) {
	own, err := f.app.ownByID(id)
	if err != nil {
		return "", nil, err
	}
	if own != "" {
		text, err := f.read(own)
		return own, text, err
	}
	text, err := protocols.Read(id)
	name := id + ".yaml"
	if err == nil {
		f.texts[name] = text
	}
	return name, text, err
}

// ids lists every protocol that can be named by its id.
func (f *fileSet) ids() []string {
	ids := protocols.IDs()
	for _, file := range f.app.ownFiles() {
		ids = append(ids, file.id)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// resolve finds the protocol that another one extends.
func (f *fileSet) resolve(name, from string) (string, []byte, error) {
	if isPath(name) {
		name, err := f.allowed(name, from)
		if err != nil {
			return name, nil, err
		}
		text, err := f.read(name)
		return name, text, err
	}
	return f.byID(name)
}

func planOptions(set *Settings) (schedule.Options, error) {
	out := schedule.Options{Tier: set.Text("tier"), Route: set.Text("route"), Confirmed: set.List("confirmed"), Named: map[string]civil.Clock{}}
	for _, text := range set.List("frequency") {
		c := schedule.FrequencyChoice{Text: text}
		if phase, freq, ok := strings.Cut(text, "="); ok {
			c = schedule.FrequencyChoice{Phase: phase, Text: freq}
		}
		if slices.ContainsFunc(out.Frequencies, func(o schedule.FrequencyChoice) bool { return o.Phase == c.Phase && o.Text != c.Text }) {
			return out, usage("state one of them, or each for a phase of its own, as --frequency 'PHASE=FREQUENCY'", "--frequency: “%s” is given beside another for the same phases", c.Text)
		}
		out.Frequencies = append(out.Frequencies, c)
	}
	for _, text := range set.List("step") {
		phase, number, _ := strings.Cut(text, "=")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return out, usage("write it as course=2", "--step: “%s” is not a phase and a step", text)
		}
		if out.Steps == nil {
			out.Steps = map[string]int{}
		}
		if was, given := out.Steps[phase]; given && was != n-1 {
			return out, usage("state one of them", "--step: the phase “%s” is given two steps, %d and %d", phase, was+1, n)
		}
		out.Steps[phase] = n - 1
	}
	if text := set.Text("until"); text != "" {
		d, err := civil.ParseDate(text)
		if err != nil {
			return out, usage("", "--until: %v", err)
		}
		out.Until = d
	}
	horizon, err := civil.ParsePeriod(set.Text("horizon"))
	if _, _, days := horizon.Calendar(); err != nil || !days || horizon.N == 0 {
		return out, usage("write it as 12 weeks", "--horizon: “%s” is not a number of days, weeks or months", set.Text("horizon"))
	}
	out.Horizon = horizon
	for _, text := range set.List("times") {
		c, err := civil.ParseClock(text)
		if err != nil {
			return out, usage("", "--times: %v", err)
		}
		if k := len(out.Times); k > 0 && c <= out.Times[k-1] {
			return out, usage("", "--times: %v does not come after %v", c, out.Times[k-1])
		}
		out.Times = append(out.Times, c)
	}
	clock := func(key string) (civil.Clock, error) {
		c, err := civil.ParseClock(set.Text(key))
		if err != nil {
			return 0, usage("", "--%s: %v", key, err)
		}
		return c, nil
	}
	someClock := func(key string) (civil.OptionalClock, error) {
		c, err := clock(key)
		return civil.SomeClock(c), err
	}
	for _, t := range protocol.TimeNames() {
		if out.Named[t.Name], err = clock(t.Name); err != nil {
			return out, err
		}
	}
	if out.DoseTime, err = someClock("dose-time"); err != nil {
		return out, err
	}
	if out.CheckInTime, err = someClock("check-in-time"); err != nil {
		return out, err
	}
	if ws := set.Text("week-start"); ws != "monday" && ws != "sunday" {
		return out, usage("use monday or sunday", "--week-start: “%s” is not a first day of the week", ws)
	}
	if reader := set.Text("for"); reader != "patient" && reader != "clinician" {
		return out, usage("use patient or clinician", "--for: “%s” is not a reader of a page", reader)
	}
	if paper := set.Text("paper"); paper != "a4" && paper != "letter" {
		return out, usage("use a4 or letter", "--paper: “%s” is not a paper", paper)
	}
	if lang := set.Text("lang"); !slices.Contains(phrase.Languages(), lang) {
		return out, usage("use one of: "+join(phrase.Languages()), "--lang: there is no page in “%s”", lang)
	}
	if out.Policy, err = calendar.ParsePolicy(set.Text("closed-policy")); err != nil {
		return out, usage("", "--closed-policy: %v", err)
	}
	if out.Closed, err = closedDays(set.List("closed")); err != nil {
		return out, err
	}
	if out.Hours, err = openingHours(set.List("hours")); err != nil {
		return out, err
	}
	if out.Closed.Preferred, err = preferred(set.List("prefer")); err != nil {
		return out, err
	}
	out.Overrides, err = overrides(set.List("override"))
	return out, err
}

// openingHours reads hours such as "mon-fri 09:00-17:00".
func openingHours(list []string) (calendar.Hours, error) {
	var hours calendar.Hours
	for _, item := range list {
		days, times, _ := strings.Cut(item, " ")
		first, last, several := strings.Cut(strings.ToLower(days), "-")
		if !several {
			last = first
		}
		from, ok1 := frequency.ParseWeekday(first)
		to, ok2 := frequency.ParseWeekday(last)
		opens, closes, ok3 := strings.Cut(times, "-")
		open, err1 := civil.ParseClock(opens)
		shut, err2 := civil.ParseClock(closes)
		if !ok1 || !ok2 || !ok3 || err1 != nil || err2 != nil || shut <= open {
			return hours, usage("write it as 'mon-fri 09:00-17:00'", "--hours: “%s” is not a day and its hours", item)
		}
		for d := from; ; d = (d + 1) % 7 {
			hours[d].From, hours[d].To = open, shut
			if d == to {
				break
			}
		}
	}
	return hours, nil
}

func preferred(list []string) (days [7]bool, err error) {
	for _, item := range list {
		d, ok := frequency.ParseWeekday(strings.ToLower(item))
		if !ok {
			return days, usage("write mon, tue, wed, thu, fri, sat or sun", "--prefer: “%s” is not a day of the week", item)
		}
		days[d] = true
	}
	return days, nil
}

func closedDays(list []string) (calendar.Closed, error) {
	closed := calendar.Closed{Dates: map[civil.Date]string{}}
	for _, item := range list {
		if item == "weekends" {
			closed.Weekdays[time.Saturday], closed.Weekdays[time.Sunday] = true, true
		} else if day, ok := frequency.ParseWeekday(strings.ToLower(item)); ok {
			closed.Weekdays[day] = true
		} else if code, ok := strings.CutPrefix(item, "holidays-"); ok {
			holidays, err := calendar.PublicHolidays(code)
			if err != nil {
				return closed, usage("they are known for: "+join(calendar.HolidayCodes()), "--closed: %v", err)
			}
			closed.Holidays = append(closed.Holidays, holidays)
		} else if from, to, ok := dateRange(item); ok {
			for d := from; !d.After(to); d = d.AddDays(1) {
				closed.Dates[d] = "closed by --closed"
			}
		} else {
			if near, ok := diag.Nearest(item, []string{"weekends"}); ok {
				return closed, usage("did you mean “"+near+"”?", "--closed: “%s” is not a closed day", item)
			}
			return closed, usage("write weekends, a day of the week, a date, two dates as 2026-04-01..2026-04-10, or holidays-us", "--closed: “%s” is not a closed day", item)
		}
	}
	return closed, nil
}

// maxClosed is how many days one range of closed days may have.
const maxClosed = 366

// dateRange reads a date, or two with the days between them.
func dateRange(text string) (from, to civil.Date, ok bool) {
	first, last, several := strings.Cut(text, "..")
	from, err := civil.ParseDate(first)
	if err != nil {
		return from, to, false
	}
	if to = from; several {
		to, err = civil.ParseDate(last)
	}
	return from, to, err == nil && !to.Before(from) && to.Sub(from) < maxClosed
}

// limitNames returns the words for limits.
func limitNames() []string {
	var names []string
	for _, k := range limit.Keys() {
		names = append(names, string(k))
	}
	return names
}

func overrides(list []string) ([]schedule.Override, error) {
	var out []schedule.Override
	for _, text := range list {
		name, reason, _ := strings.Cut(text, ":")
		name, reason = strings.TrimSpace(name), strings.TrimSpace(reason)
		key, known := limit.ParseKey(name)
		switch {
		case !known:
			return nil, usage(diag.DidYouMean(name, limitNames()), "--override: there is no limit “%s”", name)
		case reason == "":
			return nil, usage("write it as: --override '"+name+": the reason'", "--override: the limit “%s” is overridden without a reason", name)
		}
		out = append(out, schedule.Override{Limit: key, Reason: reason})
	}
	return out, nil
}

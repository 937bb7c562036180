package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofrs/flock"
	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/compare"
	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/terminal"
)

func (a *app) courseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "course",
		Short: "Start a course, amend it, and see where it stands",
		Long: `Start a course, amend it, and see where it stands.

A course file is plain YAML: the patient, the protocol as it was when it was
chosen, and amendments, each dated and confirmed by somebody. Amendments are only
ever appended; comments stay. A file that does not fit is left as it is.`,
		Example: `  doseplan course new anna.yaml ketamine-home-intensive --weight 72kg --tier low --start 2026-03-02
  doseplan course amend check-in anna.yaml 'evaluation 1' --decision confirm --on 2026-03-01 --by 'Dr. Adams'
  doseplan course amend given anna.yaml 'induction 1' --on 2026-03-02 --by 'Dr. Adams'
  doseplan course status anna.yaml --as-of 2026-03-03
  doseplan course schedule anna.yaml`,
		Args: oneOfCommands,
		RunE: help,
	}
	cmd.AddCommand(a.courseNewCommand(), a.courseAmendCommand(), a.courseStatusCommand(), a.courseScheduleCommand())
	return cmd
}

// A courseFile is a course with all that its replay needs.
type courseFile struct {
	name   string
	text   []byte
	course *course.Course
	files  *fileSet
	copied *kept // of a protocol that an amendment goes over to
}

// readCourse reads a course file. Its text is not kept for findings: it holds a patient's data.
func (a *app) readCourse(name string) (*courseFile, error) {
	text, err := a.readFile(name, source.MaxBytes)
	if err != nil {
		return nil, unreadable(name, err)
	}
	return a.parseCourse(name, text)
}

func (a *app) parseCourse(name string, text []byte) (*courseFile, error) {
	root, found := source.Parse(name, text)
	if found.HasErrors() {
		return nil, &outcome{status: exitUsage, found: found}
	}
	c, more := course.Decode(root)
	if more.HasErrors() {
		return nil, &outcome{status: exitUsage, found: more}
	}
	return &courseFile{name: name, text: text, course: c, files: a.files()}, nil
}

// replay computes the calendar of a course.
func (f *courseFile) replay(a *app, o course.Options) (*course.Calendar, diag.List, error) {
	base, err := planOptions(a.settings)
	if err != nil {
		return nil, nil, err
	}
	base = schedule.Options{Named: base.Named, DoseTime: base.DoseTime, CheckInTime: base.CheckInTime, Closed: base.Closed, Policy: base.Policy, Hours: base.Hours, Horizon: base.Horizon, Overrides: base.Overrides}
	set := &f.course.Settings
	if len(set.Closed) > 0 {
		if base.Closed, err = closedDays(set.Closed); err != nil {
			return nil, nil, err
		}
	}
	if len(set.Hours) > 0 {
		if base.Hours, err = openingHours(set.Hours); err != nil {
			return nil, nil, err
		}
	}
	if len(set.Prefer) > 0 {
		if base.Closed.Preferred, err = preferred(set.Prefer); err != nil {
			return nil, nil, err
		}
	}
	if set.ClosedPolicy != "" {
		if base.Policy, err = calendar.ParsePolicy(set.ClosedPolicy); err != nil {
			return nil, nil, err
		}
	}
	if set.DoseTime.IsSet() {
		base.DoseTime = set.DoseTime
	}
	if set.CheckInTime.IsSet() {
		base.CheckInTime = set.CheckInTime
	}
	o.Base = base
	cal, found := course.Replay(f.course, f.protocol, o)
	return cal, found, nil
}

// protocol finds the protocol of a pin, and refuses one that has changed since.
func (f *courseFile) protocol(pin course.Pin) (*protocol.Protocol, diag.List) {
	name := pin.ID
	if isPath(name) && !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(f.name), name)
	}
	p, found, err := f.decode(name)
	if err != nil {
		found.Add(diag.UnknownName, pin.Range, "`doseplan protocols` lists them", "the protocol “%s” cannot be found", pin.ID)
	}
	if found.HasErrors() {
		return nil, found
	}
	found = nil
	version, sum := pin.Version, pin.SHA256
	for i := range f.course.Amendments {
		if am := &f.course.Amendments[i]; am.Verb == course.Accept && am.Pin.ID == pin.ID {
			version, sum = am.Pin.Version, am.Pin.SHA256
		}
	}
	if p.Version != version || p.Origin.Fingerprint() != sum {
		found.Add(diag.ProtocolChanged, pin.Range, f.changedSince(sum, p)+"; accept it with `doseplan course amend protocol FILE "+pin.ID+"`",
			"the protocol “%s” is %s (%.12s…) now, and the course was started on %s (%.12s…)", pin.ID, p.Version, p.Origin.Fingerprint(), version, sum)
		return nil, found
	}
	return p, found
}

// decode reads a protocol, once for all the courses that follow it.
func (f *courseFile) decode(name string) (*protocol.Protocol, diag.List, error) {
	type decoded struct {
		p     *protocol.Protocol
		found diag.List
	}
	cache := &f.files.app.decoded
	if d, ok := cache.Load(name); ok {
		return d.(decoded).p, d.(decoded).found, nil
	}
	file, text, err := f.files.protocol(name)
	if err != nil {
		return nil, nil, err
	}
	p, found := protocol.Decode(file, text, f.files.resolve)
	cache.Store(name, decoded{p, found})
	return p, found, nil
}

// date reads a date of a flag; “today” is that of the patient's clocks.
func (a *app) date(flag, text string, zone civil.Zone) (civil.Date, error) {
	if text == "today" {
		d, _ := zone.DateClock(a.env.Now().Unix())
		return d, nil
	}
	d, err := civil.ParseDate(text)
	if err != nil {
		return d, usage("write it as 2026-03-02, or today", "--%s: %v", flag, err)
	}
	return d, nil
}

func (a *app) courseScheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "schedule FILE",
		Short:   "Print the calendar of a course: what happened, and what is planned",
		Example: "  doseplan course schedule anna.yaml\n  doseplan course schedule anna.yaml --format month",
		Args:    oneFile("name one course file"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.runCourseSchedule(args[0]) },
	}
	addSettings(cmd.Flags(), false, "patient", "tier", "route", "frequency", "step", "confirmed", "times")
	return cmd
}

func oneFile(text string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("see `"+cmd.CommandPath()+" --help`", "%s", text)
		}
		return nil
	}
}

func (a *app) runCourseSchedule(name string) error {
	format, err := outputFormat(a.settings)
	if err != nil {
		return err
	}
	f, err := a.readCourse(name)
	if err != nil {
		return err
	}
	until := civil.Date{}
	if text := a.settings.Text("until"); text != "" {
		if until, err = a.date("until", text, f.course.Patient.Zone); err != nil {
			return err
		}
	}
	cal, found, err := f.replay(a, course.Options{Until: until})
	if err != nil {
		return err
	}
	if err := a.verdict(found, f.files.text); err != nil {
		return err
	}
	d := &view.Document{Options: a.viewOptions()}
	for i := range cal.Legs {
		l := &cal.Legs[i]
		d.Parts = append(d.Parts, view.Part{Schedule: l.Schedule, Heading: legTitle(l, i, len(cal.Legs))})
	}
	if err := a.writeDocument(format, d); err != nil {
		return err
	}
	a.report(found, f.files.text)
	return nil
}

// legTitle tells a leg of a course from the others, where there are any.
func legTitle(l *course.Leg, i, n int) string {
	if n == 1 {
		return ""
	}
	text := fmt.Sprintf("%d of %d: %s, from %v", i+1, n, l.Schedule.Protocol.ID, l.From)
	if !l.Ended.IsZero() {
		text += fmt.Sprintf(" to %v", l.Ended.AddDays(-1))
	}
	if l.Beside {
		text += ", alongside"
	}
	return text
}

func (a *app) courseStatusCommand() *cobra.Command {
	asOf, format := "", ""
	cmd := &cobra.Command{
		Use:   "status FILE",
		Short: "Say where a course stands on a day",
		Long: `Say where a course stands on a day: what was given, what is due, what should have
happened and is not recorded, what comes next, and what waits for a check-in.`,
		Example: "  doseplan course status anna.yaml --as-of 2026-03-20\n  doseplan course status anna.yaml --as-of today",
		Args:    oneFile("name one course file"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.runCourseStatus(args[0], asOf, format) },
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "the day, as 2026-03-20, or today (required)")
	cmd.Flags().StringVarP(&format, "format", "f", "text", "text or json")
	return cmd
}

func (a *app) runCourseStatus(name, asOf, format string) error {
	if format != "text" && format != "json" {
		return usage("use text or json", "there is no format “%s”", format)
	}
	if asOf == "" {
		return usage("add --as-of 2026-03-20, or --as-of today", "a status is of a day, and none is named")
	}
	f, err := a.readCourse(name)
	if err != nil {
		return err
	}
	day, err := a.date("as-of", asOf, f.course.Patient.Zone)
	if err != nil {
		return err
	}
	cal, found, err := f.replay(a, course.Options{AsOf: day})
	if err != nil {
		return err
	}
	if err := a.verdict(found, f.files.text); err != nil {
		return err
	}
	var out bytes.Buffer
	if format == "json" {
		err = statusJSON(&out, cal, day)
	} else {
		statusText(&out, cal, day, a.width())
	}
	if err != nil {
		return err
	}
	return a.print(out.String())
}

// itemText says what an event of a course is, in a line.
func itemText(i *course.Item) string {
	s, e := i.Leg.Schedule, i.Event
	text := fmt.Sprintf("%s %v %v ", e.Date.Weekday().String()[:3], e.Date, e.Clock)
	if e.Kind == schedule.Dose {
		text += fmt.Sprintf("%s dose %d, %s", s.PhaseName(e), e.Number, view.Brief(s, e))
	} else if e.Kind == schedule.Supply {
		text += fmt.Sprintf("send %s: %s", view.Title(s, e), view.Contents(s, e))
	} else {
		text += fmt.Sprintf("%s %d, %s", s.CheckIn(e).Name, e.Number, s.CheckIn(e).Mode)
	}
	if gate := s.GateName(e); gate != "" && e.Status == schedule.Provisional {
		text += " (waits for " + gate + ")"
	}
	return text
}

func statusText(w *bytes.Buffer, cal *course.Calendar, day civil.Date, width int) {
	st := course.StatusOf(cal, day)
	fmt.Fprintf(w, "%s on %s %v: %s\n", cal.Course.ID, day.Weekday().String()[:3], day, running(cal, day))
	switch {
	case !st.Stopped.IsZero() && !day.Before(st.Stopped):
		fmt.Fprintf(w, "stopped from %v on\n", st.Stopped)
	case st.OnHold:
		fmt.Fprintln(w, "doses are held")
	}
	fmt.Fprintf(w, "\ndoses     %d given, %d missed, %d held", st.Given, st.Missed, st.Held)
	if percent, ok := st.Adherence(); ok {
		fmt.Fprintf(w, "; adherence %d %%", percent)
	}
	fmt.Fprintln(w)
	if st.Done > 0 {
		fmt.Fprintf(w, "%-10s%d done\n", "check-ins", st.Done)
	}
	section := func(title string, items []course.Item, late bool) { // late: until when a dose may be given is said
		for i := range items {
			if i > 0 {
				title = ""
			}
			text := itemText(&items[i])
			if at, ok := items[i].GivenUntil(); ok && late {
				if d, c := items[i].Leg.Schedule.Zone.DateClock(at); !d.Before(day) {
					text += fmt.Sprintf("; may be given until %s %v", view.Date(d), c)
				}
			}
			hanging(w, fmt.Sprintf("%-10s", title), text, width)
		}
	}
	section("due", st.Due, true)
	section("overdue", st.Overdue, true)
	if st.Next != nil {
		section("next", []course.Item{*st.Next}, false)
	}
	if st.NextMeet != nil {
		section("check-in", []course.Item{*st.NextMeet}, false)
	}
	section("waiting", st.Waiting, false)
}

// running names the protocols of a course on a day: the last to have begun, and those beside it.
func running(cal *course.Calendar, day civil.Date) string {
	name, beside := "", ""
	for i := range cal.Legs {
		l := &cal.Legs[i]
		switch {
		case l.Beside && !l.From.After(day) && (l.Ended.IsZero() || day.Before(l.Ended)):
			beside += ", " + l.Schedule.Protocol.ID + " alongside"
		case !l.Beside && (name == "" || !l.From.After(day)):
			name = l.Schedule.Protocol.ID
		}
	}
	return name + beside
}

// hanging writes a text after a head, in lines of a width that begin under the text.
func hanging(w io.Writer, head, text string, width int) {
	indent := utf8.RuneCountInString(head)
	for i, line := range terminal.Wrap(text, max(width-indent, 30)) {
		if i > 0 {
			head = strings.Repeat(" ", indent)
		}
		fmt.Fprintf(w, "%s%s\n", head, line)
	}
}

type jsonItem struct {
	Protocol string `json:"protocol"`
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Number   int    `json:"number"`
	Start    string `json:"start"`
	Status   string `json:"status"`
	Amount   string `json:"amount,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Gate     string `json:"gate,omitempty"`
	Until    string `json:"givenUntil,omitempty"` // of a dose: until when the protocol lets it be given
}

func toJSON(i *course.Item) jsonItem {
	s, e := i.Leg.Schedule, i.Event
	j := jsonItem{Protocol: s.Protocol.ID, Kind: e.Kind.String(), Number: int(e.Number), Start: e.Time().Format(time.RFC3339), Status: e.Status.String(), Gate: s.GateName(e)}
	if e.Kind == schedule.Dose {
		d := s.Dose(e)
		j.Name, j.Amount, j.Unit = s.PhaseName(e), d.Amount.Decimal(), d.Amount.Unit().String()
		if at, ok := i.GivenUntil(); ok {
			j.Until = time.Unix(at, 0).In(s.Zone.Location()).Format(time.RFC3339)
		}
	} else if e.Kind == schedule.Supply {
		f := s.Fill(e)
		j.Name, j.Amount, j.Unit = "fill", f.Total.Decimal(), f.Total.Unit().String()
	} else {
		j.Name = s.CheckIn(e).Name
	}
	return j
}

func statusJSON(w *bytes.Buffer, cal *course.Calendar, day civil.Date) error {
	st := course.StatusOf(cal, day)
	items := func(list []course.Item) []jsonItem {
		out := []jsonItem{}
		for i := range list {
			out = append(out, toJSON(&list[i]))
		}
		return out
	}
	doc := struct {
		Format    int        `json:"format"`
		Course    string     `json:"course"`
		AsOf      string     `json:"asOf"`
		Given     int        `json:"given"`
		CheckIns  int        `json:"checkIns"` // done
		Missed    int        `json:"missed"`
		Held      int        `json:"held"`
		Adherence *int       `json:"adherence"`
		OnHold    bool       `json:"onHold"`
		Stopped   string     `json:"stopped,omitempty"`
		Due       []jsonItem `json:"due"`
		Overdue   []jsonItem `json:"overdue"`
		Next      []jsonItem `json:"next"`
		Waiting   []jsonItem `json:"waiting"`
	}{Format: 1, Course: cal.Course.ID, AsOf: day.String(), Given: st.Given, CheckIns: st.Done, Missed: st.Missed, Held: st.Held, OnHold: st.OnHold, Due: items(st.Due), Overdue: items(st.Overdue), Waiting: items(st.Waiting), Next: []jsonItem{}}
	if percent, ok := st.Adherence(); ok {
		doc.Adherence = &percent
	}
	if !st.Stopped.IsZero() {
		doc.Stopped = st.Stopped.String()
	}
	for _, i := range []*course.Item{st.Next, st.NextMeet} {
		if i != nil {
			doc.Next = append(doc.Next, toJSON(i))
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

func (a *app) courseNewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "new FILE PROTOCOL",
		Short:   "Start a course file",
		Example: "  doseplan course new anna.yaml ketamine-home-intensive --id P-0042 --weight 72kg --tier low --start 2026-03-02 --time-zone America/New_York",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("see `"+cmd.CommandPath()+" --help`", "name the file to write, and a protocol")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runCourseNew(args[0], args[1]) },
	}
	addSettings(cmd.Flags(), false, "output", "format", "explain", "confirmed", "override", "step", "until", "horizon", "times", "week-start")
	return cmd
}

func (a *app) runCourseNew(name, id string) error {
	set := a.settings
	files := a.files()
	pin, copied, err := pinOf(files, id, filepath.Dir(name))
	if err != nil {
		return err
	}
	tree, err := a.patientTree(set)
	if err != nil {
		return err
	}
	start := ""
	if n := tree.Get("start"); n != nil {
		start = n.Value
	}
	if start == "" {
		return usage("give it with --start, as 2026-03-02", "the start, the date of day 1, is not stated")
	}
	b := &source.Builder{}
	root := b.Map("doseplan", "1", "kind", "course", "id", strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)))
	patientNode := &source.Node{Kind: source.Mapping}
	for _, f := range tree.Fields {
		if k := f.Key.Value; k != "start" && k != "doseplan" && k != "kind" {
			patientNode.Fields = append(patientNode.Fields, f)
		}
	}
	b.Set(root, "patient", patientNode)
	b.Set(root, "protocol", pin)
	b.Set(root, "start", b.Text(start))
	for _, key := range []string{"tier", "route"} {
		if text := set.Text(key); text != "" {
			b.Set(root, key, b.Text(text))
		}
	}
	if err := setPhases(b, root, "frequency", set.List("frequency")); err != nil {
		return err
	}
	settings := b.Map()
	for _, key := range []string{"closed", "closed-policy", "hours", "prefer", "dose-time", "check-in-time"} {
		if !set.Set(key) {
			continue
		}
		word := strings.ReplaceAll(key, "check-in-time", "check-in time")
		word = strings.ReplaceAll(strings.ReplaceAll(word, "dose-time", "dose time"), "closed-policy", "closed policy")
		if key == "closed" || key == "hours" || key == "prefer" {
			b.Set(settings, word, b.List(set.List(key)...))
		} else {
			b.Set(settings, word, b.Text(set.Text(key)))
		}
	}
	if len(settings.Fields) > 0 {
		b.Set(root, "settings", settings)
	}
	text := source.Print(root)
	f, err := a.parseCourse(name, text)
	if err != nil {
		return err
	}
	_, found, err := f.replay(a, course.Options{})
	if err != nil {
		return err
	}
	if err := a.verdict(found, f.files.text); err != nil {
		return err
	}
	if err := copied.write(); err != nil {
		return err
	}
	if err := a.writeResult(name, set.On("force"), text); err != nil {
		return err
	}
	a.report(found, f.files.text)
	return nil
}

// patientTree reads the patient file, if one is named, with the flags on top of it.
func (a *app) patientTree(set *Settings) (*source.Node, error) {
	var tree *source.Node
	if file := set.Text("patient"); file != "" {
		text, err := a.readFile(file, source.MaxBytes)
		if err != nil {
			return nil, unreadable(file, err)
		}
		root, found := source.Parse(file, text)
		if found.HasErrors() {
			return nil, &outcome{status: exitUsage, found: found}
		}
		tree = root
	}
	return overlayFlags(tree, set), nil
}

// pinOf names a protocol as it is now. Paths are kept relative to the folder of the course.
func pinOf(files *fileSet, id, folder string) (*source.Node, *kept, error) {
	file, text, err := files.protocol(id)
	if err != nil {
		return nil, nil, err
	}
	k := &kept{folder: folder, texts: map[string][]byte{"protocol": text}}
	p, found := protocol.Decode(file, text, func(name, from string) (string, []byte, error) {
		file, text, err := files.resolve(name, from)
		k.texts[keptName(name)] = text
		return file, text, err
	})
	if found.HasErrors() {
		return nil, nil, &outcome{exitUsage, found, files.text}
	}
	k.sum = p.Origin.Fingerprint()
	if isPath(id) {
		if rel, err := filepath.Rel(folder, id); err == nil {
			id = filepath.ToSlash(rel)
		}
		if !isPath(id) {
			id = "./" + id
		}
	}
	b := &source.Builder{}
	return b.Map("id", id, "version", p.Version, "sha256", k.sum), k, nil
}

// kept is the text of a protocol as it was when a course began to follow it. It is kept beside
// the course, in .doseplan/SHA-256, so that a later change can be shown.
type kept struct {
	folder, sum string
	texts       map[string][]byte // "protocol", and the protocols that it extends
}

// keptName is the name of the file under which a base is kept.
func keptName(name string) string {
	return "base " + strings.NewReplacer("/", " ", `\`, " ", ":", " ").Replace(name)
}

func keptFolder(folder, sum string) string { return filepath.Join(folder, ".doseplan", sum) }

// write keeps the texts. What is there already is the same, by its sum.
func (k *kept) write() error {
	folder := keptFolder(k.folder, k.sum)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return unwritable(folder, err)
	}
	for name, text := range k.texts {
		if err := writeFile(filepath.Join(folder, name+".yaml"), text, true, 0o600); err != nil {
			return unwritable(folder, err)
		}
	}
	return nil
}

// keptProtocol reads a protocol as it was, or returns nil.
func (f *courseFile) keptProtocol(sum string) *protocol.Protocol {
	folder := keptFolder(filepath.Dir(f.name), sum)
	read := func(name string) ([]byte, error) {
		return f.files.app.readFile(filepath.Join(folder, name+".yaml"), source.MaxBytes)
	}
	text, err := read("protocol")
	if err != nil {
		return nil
	}
	p, found := protocol.Decode("protocol.yaml", text, func(name, _ string) (string, []byte, error) {
		text, err := read(keptName(name))
		return name, text, err
	})
	if found.HasErrors() || p.Origin.Fingerprint() != sum {
		return nil
	}
	return p
}

// changedSince says what changed in a protocol since a course began to follow it.
func (f *courseFile) changedSince(sum string, now *protocol.Protocol) string {
	was := f.keptProtocol(sum)
	if was == nil {
		return "its former text is not kept beside the course"
	}
	var lines []string
	changes := compare.Protocols(was, now)
	for i := range changes {
		c := &changes[i]
		lines = append(lines, fmt.Sprintf("%s: %s → %s", c.Path(), or(c.Before.Text, "nothing"), or(c.After.Text, "nothing")))
	}
	if len(lines) == 0 {
		return "nothing changed in its meaning"
	}
	return "what changed: " + strings.Join(lines, "; ")
}

func or(text, empty string) string {
	if text == "" {
		return empty
	}
	return text
}

// lockWait is how long one writer waits for another.
const lockWait = 30 * time.Second

// locked calls do while no other doseplan writes the file.
func locked(name string, do func() error) error {
	lock := flock.New(filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".lock"), flock.SetPermissions(0o600))
	deadline := time.Now().Add(lockWait)
	for {
		ok, err := lock.TryLock()
		if err != nil {
			var pe *fs.PathError
			if errors.As(err, &pe) {
				err = pe.Err
			}
			return unwritable(name, err)
		}
		if ok {
			break
		}
		if time.Now().After(deadline) {
			return unwritable(name, errors.New("another program is writing it"))
		}
		time.Sleep(5 * time.Millisecond)
	}
	defer func() { _ = lock.Unlock() }()
	sweep(name)
	return do()
}

// amend appends one amendment to a course file: whole or not at all, and only if the course
// can take it.
func (a *app) amend(name string, entry func(*courseFile) (*source.Node, error)) error {
	return locked(name, func() error {
		f, err := a.readCourse(name)
		if err != nil {
			return err
		}
		node, err := entry(f)
		if err != nil {
			return err
		}
		text, err := source.Append(f.text, name, "amendments", node)
		if err != nil {
			return usage("write the amendments as a block: each entry on lines of its own", "%s: %v", name, err)
		}
		after, err := a.parseCourse(name, text)
		if err != nil {
			return err
		}
		_, found, err := after.replay(a, course.Options{})
		if err != nil {
			return err
		}
		if err := a.verdict(found, after.files.text); err != nil {
			return err
		}
		info, err := os.Stat(name)
		if err != nil {
			return unreadable(name, err)
		}
		if f.copied != nil {
			if err := f.copied.write(); err != nil {
				return err
			}
		}
		if err := writeFile(name, text, true, info.Mode().Perm()); err != nil {
			return unwritable(name, err)
		}
		a.report(slices.DeleteFunc(found, func(d diag.Diagnostic) bool { return d.Severity < diag.Warning }), after.files.text)
		return nil
	})
}

package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/fhir"
	"github.com/doseplan/doseplan/pkg/view/html"
	"github.com/doseplan/doseplan/pkg/view/icalendar"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
	"github.com/doseplan/doseplan/pkg/view/markdown"
	"github.com/doseplan/doseplan/pkg/view/nonmem"
	"github.com/doseplan/doseplan/pkg/view/pdf"
	"github.com/doseplan/doseplan/pkg/view/spreadsheet"
	"github.com/doseplan/doseplan/pkg/view/svg"
	"github.com/doseplan/doseplan/pkg/view/tabular"
	"github.com/doseplan/doseplan/pkg/view/terminal"
	"github.com/doseplan/doseplan/pkg/view/texttemplate"
)

// A format is one way in which calendars are written.
type format struct {
	name       string
	extensions []string // of files that are written so
	write      func(io.Writer, *view.Document) error
	binary     bool // not for a terminal
	daysOnly   bool // it holds what stands on a day, and nothing else
	updates    bool // who reads it keeps what an earlier one said, and must learn what stands no more
}

// formats are all formats, the default first. A new one is a line here.
var formats = []format{
	{"table", []string{".txt"}, terminal.Table, false, false, false},
	{"agenda", nil, terminal.Agenda, false, false, false},
	{"month", nil, terminal.Month, false, false, false},
	{"md", []string{".md"}, markdown.Write, false, false, false},
	{"csv", []string{".csv"}, tabular.Write, false, true, false},
	{"json", []string{".json"}, jsondoc.Write, false, false, false},
	{"ndjson", []string{".ndjson", ".jsonl"}, jsondoc.WriteLines, false, false, false},
	{"ics", []string{".ics"}, icalendar.Write, false, true, true},
	{"fhir", []string{".fhir"}, fhir.Write, false, false, true},
	{"html", []string{".html", ".htm"}, html.Write, false, false, false},
	{"pdf", []string{".pdf"}, pdf.Write, true, false, false},
	{"svg", []string{".svg"}, svg.Write, false, false, false},
	{"chart", nil, terminal.Chart, false, false, false},
	{"nonmem", nil, nonmem.Write, false, false, false},
	{"template", nil, texttemplate.Write, false, false, false},
	{"xlsx", []string{".xlsx"}, spreadsheet.Write, true, false, false},
}

// alsoIn are the extensions of other formats that a format can have.
var alsoIn = map[string][]string{"fhir": {".json"}, "ndjson": {".json"}, "nonmem": {".csv"}, "template": {".md", ".html", ".htm", ".csv", ".json", ".ics", ".svg"}}

// letterIn are the extensions of files in which a shipped template is at home; one of the user's own can be anything.
var letterIn = []string{".txt", ".md", ".text", ""}

// FormatNames returns the names of all formats, the default first.
func FormatNames() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].name
	}
	return names
}

// outputFormat is the format that is asked for by name, or by the extension of the output.
func outputFormat(set *Settings) (*format, error) {
	name, output := set.Text("format"), set.Text("output")
	switch asked := set.Text("template") != ""; {
	case asked && name != "" && name != "template":
		return nil, usage("leave out --format, or --template", "a template is a format of its own, and not “%s”", name)
	case !asked && name == "template":
		return nil, usage("name one with --template: a file, or "+join(texttemplate.Names()), "no template is named")
	case asked:
		name = "template"
	}
	if name == "" && (output == "" || output == "-") {
		return &formats[0], nil
	}
	extension := strings.ToLower(filepath.Ext(output))
	if shipped := set.Text("template"); name == "template" && !slices.Contains(letterIn, extension) {
		if _, known := texttemplate.Shipped(shipped); known {
			return nil, usage("give the file the extension .txt or .md, or leave out --template", "“%s” is written as text, and not as a file %s", shipped, extension)
		}
	}
	for i := range formats {
		if f := &formats[i]; name != "" && f.name != name && extension != ".txt" && slices.Contains(f.extensions, extension) && !slices.Contains(alsoIn[name], extension) {
			return nil, usage("leave out --format, or give the file the extension of "+name, "a file %s is of the format %s, and %s is asked for", extension, f.name, name)
		}
	}
	for i := range formats {
		if f := &formats[i]; f.name == name || name == "" && slices.Contains(f.extensions, extension) {
			return f, nil
		}
	}
	if name == "" {
		return nil, usage("name the format with --format: "+join(FormatNames()), "the extension of %s does not say which format to write", output)
	}
	return nil, usage(diag.DidYouMean(name, FormatNames()), "there is no format “%s”", name)
}

// compactCourse is why a course has no calendar file of recurrences: what recurs is another with each entry and each
// day that is over, and a calendar program would go on showing the one of before.
var compactCourse = usage("leave out --compact: each event then keeps its name, and what changes is changed or cancelled", "--compact does not go with a course, whose events change")

// viewOptions are what the settings and the terminal ask of a view.
func (a *app) viewOptions() view.Options {
	set := a.settings
	o := view.Options{Width: a.width(), Color: a.color(a.env.OutTTY) && set.Text("output") == "", Explain: set.On("explain"), WeekStart: 1, Generator: generator,
		Alarms: a.alarms, Private: set.On("private"), Compact: set.On("compact"), Template: a.template}
	if set.Text("week-start") == "sunday" {
		o.WeekStart = 0
	}
	if set.Text("for") == "clinician" {
		o.For = view.ForClinician
	}
	if set.Text("paper") == "letter" {
		o.Paper = view.Letter
	}
	o.Lang, o.Large = set.Text("lang"), set.On("large")
	o.Clinic, o.Phone, o.CrisisLine = set.Text("clinic"), set.Text("phone"), set.Text("crisis-line")
	return o
}

// readViewSettings reads the settings of views that can be wrong.
func (a *app) readViewSettings() error {
	for _, text := range a.settings.List("alarm") {
		before, err := alarm(text)
		if err != nil {
			return err
		}
		a.alarms = append(a.alarms, before)
	}
	name := a.settings.Text("template")
	if name == "" {
		return nil
	}
	text, known := texttemplate.Shipped(name)
	if !known {
		b, err := a.readFile(name, source.MaxBytes)
		if errors.Is(err, fs.ErrNotExist) {
			return usage("name a file, or one that is shipped: "+join(texttemplate.Names()), "there is no template “%s”", name)
		} else if err != nil {
			return unreadable(name, err)
		}
		if text = string(b); len(text) > source.MaxBytes {
			return usage("a template takes a few kilobytes", "%s is larger than %d bytes", name, source.MaxBytes)
		}
	}
	a.template = view.Template{Name: name, Text: text}
	if _, err := texttemplate.Parse(a.template); err != nil {
		return badTemplate(err)
	}
	return nil
}

// badTemplate says what is wrong with a template, and where.
func badTemplate(err error) error {
	var help []string
	for _, f := range texttemplate.Functions() {
		name, _, _ := strings.Cut(f.Use, " ")
		help = append(help, name)
	}
	return usage("`doseplan schema schedule` lists the keys; the functions are those of text/template, and "+join(help), "the template cannot be used: %v", err)
}

// maxAlarm is how long before an event a reminder may come.
const maxAlarm = 28 * 24 * time.Hour

// alarm reads how long before an event a reminder comes.
func alarm(text string) (time.Duration, error) {
	whole := text
	if n, ok := strings.CutSuffix(text, "m"); ok { // minutes here, and not months
		whole = n + " min"
	}
	p, err := civil.ParsePeriod(whole)
	before, elapsed := p.Elapsed()
	if _, days, ok := p.Calendar(); ok && !elapsed {
		before, elapsed = time.Duration(days)*24*time.Hour, days > 0
	}
	if err != nil || !elapsed || before > maxAlarm {
		return 0, usage("write minutes, hours or days, as 30m or 1 day, and four weeks at most", "--alarm: “%s” is not how long before an event a reminder can come", text)
	}
	return before, nil
}

// failed prints why a command that can write JSON has no result, on standard output, in its place, where JSON is asked for.
func (a *app) failed(cmd *cobra.Command, args []string, found diag.List) error {
	format, toFile := askedFor(args, a.settings)
	if cmd.Flags().Lookup("format") == nil || format != "json" && format != "ndjson" || toFile || len(found) == 0 {
		return nil
	}
	var out bytes.Buffer
	write := jsondoc.WriteRefusal
	if format == "ndjson" {
		write = jsondoc.WriteRefusalLine
	}
	told := make(diag.List, len(found))
	for i, d := range found {
		told[i] = inFlags(d)
	}
	if err := write(&out, told, generator, civil.TZData); err != nil {
		return err
	}
	return a.print(out.String())
}

// askedFor returns the format that a command line asks for, or the settings, and whether it goes into a file. The line itself is
// read, since it may be what is wrong.
func askedFor(args []string, set *Settings) (format string, toFile bool) {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.Usage = func() {}
	f.ParseErrorsAllowlist.UnknownFlags = true
	f.StringVarP(&format, "format", "f", set.Text("format"), "")
	output := f.StringP("output", "o", set.Text("output"), "")
	_ = f.Parse(args) // what cannot be read was said
	return format, *output != "" && *output != "-"
}

// writeDocument writes a document where the settings say: whole or not at all.
func (a *app) writeDocument(f *format, d *view.Document) error {
	output := a.settings.Text("output")
	if f.binary && a.env.OutTTY && (output == "" || output == "-") {
		return usage("name a file with --output", "a terminal cannot show the format “%s”", f.name)
	}
	if f.daysOnly && !slices.ContainsFunc(d.Parts, func(p view.Part) bool {
		former := slices.ContainsFunc(p.Before, func(s *schedule.Schedule) bool { return len(s.Events) > 0 })
		return len(p.Events) > 0 || former || len(p.Protocol.Phases) > 0 || !f.updates && len(p.TakenAsNeeded()) > 0
	}) {
		return usage("choose a format that says what is taken as needed, as -f html or -f json", "nothing of it stands on a day, and the format “%s” holds nothing else", f.name)
	}
	if f.name == "ics" && d.Compact && slices.ContainsFunc(d.Parts, func(p view.Part) bool { return !p.Seen.IsZero() }) {
		return compactCourse
	}
	var out bytes.Buffer
	if err := f.write(&out, d); err != nil && f.name == "template" {
		return badTemplate(err)
	} else if err != nil {
		return err
	}
	a.report(withoutEffect(a.settings, f), nil)
	return a.writeResult(output, a.settings.On("force"), out.Bytes())
}

// withoutEffect names the flags that say something of other formats than the one that is written.
func withoutEffect(set *Settings, f *format) diag.List {
	var found diag.List
	for _, s := range settings {
		if s.formats != nil && set.values[s.key].origin == fromFlag && !slices.Contains(s.formats, f.name) {
			found.Add(diag.NoEffect, diag.Range{}, "leave it out, or choose another format", "--%s changes nothing in the format “%s”: it is for %s", s.key, f.name, join(s.formats))
		}
	}
	if set.values["until"].origin == fromFlag && set.values["horizon"].origin == fromFlag {
		found.Add(diag.NoEffect, diag.Range{}, "give one of them", "--horizon changes nothing: --until says the last date that is shown")
	}
	return found
}

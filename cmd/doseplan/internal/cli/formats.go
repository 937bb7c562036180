package cli

import (
	"bytes"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/icalendar"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
	"github.com/doseplan/doseplan/pkg/view/tabular"
	"github.com/doseplan/doseplan/pkg/view/terminal"
)

// A format is one way in which calendars are written.
type format struct {
	name       string
	extensions []string // of files that are written so
	write      func(io.Writer, *view.Document) error
}

// formats are all formats, the default first. A new one is a line here.
var formats = []format{
	{"table", []string{".txt"}, terminal.Table},
	{"agenda", nil, terminal.Agenda},
	{"month", nil, terminal.Month},
	{"csv", []string{".csv"}, tabular.Write},
	{"json", []string{".json"}, jsondoc.Write},
	{"ndjson", []string{".ndjson", ".jsonl"}, jsondoc.WriteLines},
	{"ics", []string{".ics"}, icalendar.Write},
}

func formatNames() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].name
	}
	return names
}

// outputFormat is the format that is asked for by name, or by the extension of the output.
func outputFormat(set *Settings) (*format, error) {
	name, output := set.Text("format"), set.Text("output")
	if name == "" && (output == "" || output == "-") {
		return &formats[0], nil
	}
	extension := strings.ToLower(filepath.Ext(output))
	for i := range formats {
		if f := &formats[i]; f.name == name || name == "" && slices.Contains(f.extensions, extension) {
			return f, nil
		}
	}
	if name == "" {
		return nil, usage("name the format with --format: "+join(formatNames()), "the extension of %s does not say which format to write", output)
	}
	return nil, usage(diag.DidYouMean(name, formatNames()), "there is no format “%s”", name)
}

// viewOptions are what the settings and the terminal ask of a view.
func (a *app) viewOptions() view.Options {
	o := view.Options{Width: a.width(), Color: a.color(a.env.OutTTY) && a.settings.Text("output") == "", Explain: a.settings.On("explain"), WeekStart: 1, Generator: generator}
	if a.settings.Text("week-start") == "sunday" {
		o.WeekStart = 0
	}
	return o
}

// writeDocument writes a document where the settings say: whole or not at all.
func (a *app) writeDocument(f *format, d *view.Document) error {
	var out bytes.Buffer
	if err := f.write(&out, d); err != nil {
		return err
	}
	return a.writeResult(a.settings.Text("output"), a.settings.On("force"), out.Bytes())
}

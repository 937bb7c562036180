// Package terminal writes a schedule for people to read: as a table grouped by phase and
// week, as an agenda by day, or as a grid of months.
//
// Width and colour are given, never sniffed.
package terminal

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// Select-graphic-rendition codes: the only styling there is.
const (
	bold   = "1"
	dim    = "2"
	yellow = "33"
	red    = "31"
)

// condition measures text the same way in every environment.
var condition = &runewidth.Condition{}

// A page collects lines.
type page struct {
	strings.Builder
	o    *view.Options
	list bool // of anything: its columns are wrapped on a narrow terminal alone
}

// each writes the parts of a document one after the other, each under its heading.
func each(w io.Writer, d *view.Document, part func(*page, *schedule.Schedule) error) error {
	for i := range d.Parts {
		p := &page{o: &d.Options}
		if i > 0 {
			p.line("")
		}
		if heading := d.Parts[i].Heading; heading != "" {
			p.line("== %s ==", heading)
			p.line("")
		}
		p.header(d.Parts[i].Schedule)
		if err := part(p, d.Parts[i].Schedule); err != nil {
			return err
		}
		p.footer(d.Parts[i].Schedule)
		if _, err := io.WriteString(w, view.CleanLines(p.String(), p.o.Color)); err != nil {
			return err
		}
	}
	return nil
}

func (p *page) style(code, text string) string {
	if !p.o.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *page) line(format string, args ...any) {
	p.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	p.WriteByte('\n')
}

// labelled writes a label in a column of its own, and the text beside it, wrapped.
func (p *page) labelled(label, text string) {
	const column = 10
	for i, l := range Wrap(text, max(p.o.Width-column, 30)) {
		if i > 0 {
			label = ""
		}
		p.line("%s%s", p.style(dim, fmt.Sprintf("%-*s", column, label)), l)
	}
}

// Wrap breaks text between words into lines of at most width cells.
func Wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case condition.StringWidth(line)+1+condition.StringWidth(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// header says who, what, and from where.
func (p *page) header(s *schedule.Schedule) {
	pr := s.Protocol
	p.line("%s", p.style(bold, pr.Title))
	p.labelled("protocol", fmt.Sprintf("%s %s, %s, %s model", pr.ID, pr.Version, pr.Setting, pr.Model))
	p.labelled("patient", view.Identity(s))
	if c := view.Choices(s); c != "" {
		p.labelled("chosen", c)
	}
	p.labelled("starts", fmt.Sprintf("%s, %s", view.Date(s.Start), s.Zone))
	for i, src := range view.Sources(pr) {
		label := "source"
		if i > 0 {
			label = ""
		}
		p.labelled(label, src)
	}
	p.labelled("sha256", pr.Origin.SHA256)
	for _, b := range pr.Origin.Extends {
		p.labelled("extends", fmt.Sprintf("%s %s, sha256 %s", b.ID, b.Version, b.SHA256))
	}
	p.labelled("made by", fmt.Sprintf("%s %s, tzdata %s", p.o.Generator.Name, p.o.Generator.Version, civil.TZData))
	p.line("")
	p.findings(s)
}

// findings writes what the reader must know, above the doses. What is to be confirmed stands
// in a block of its own, below them.
func (p *page) findings(s *schedule.Schedule) {
	colors := map[string]string{"warning": yellow, "refused": red}
	said := false
	for _, f := range view.Findings(s) {
		if f.Code == string(diag.ToConfirm) {
			continue
		}
		if !said {
			p.line("%s", p.style(bold, "Findings"))
			said = true
		}
		text := phrase.Capital(f.Severity) + ": " + f.Text
		if f.Help != "" {
			text += " (" + f.Help + ")"
		}
		for i, l := range Wrap(text+" ["+f.Code+"]", p.o.Width-4) {
			mark := "  ! "
			if i > 0 {
				mark = "    "
			}
			p.line("%s%s", mark, p.style(colors[f.Severity], l))
		}
	}
	if said {
		p.line("")
	}
}

// footer adds up, lists what to confirm, and prints the notes.
func (p *page) footer(s *schedule.Schedule) {
	if len(s.Events) > 0 {
		p.line("%s", p.style(bold, "In all"))
	}
	for _, t := range view.Totals(s) {
		p.bullet(t)
	}
	if n := view.Count(s, schedule.CheckIn); n > 0 {
		p.bullet(civil.Plural(n, "check-in"))
	}
	if n := view.Count(s, schedule.Supply); n > 0 {
		p.bullet(civil.Plural(n, "fill") + " to send")
	}
	if limits := view.Limits(s); len(limits) > 0 {
		p.line("")
		p.line("%s", p.style(bold, "Limits beside the worst of this calendar"))
		for _, l := range limits {
			p.bullet(l)
		}
	}
	if len(s.Confirm) > 0 {
		p.line("")
		p.line("%s", p.style(bold, "To confirm: the patient's parameters do not answer these"))
		p.paragraph(strings.Join(view.Questions(s), " · "))
	}
	if notes := view.Notes(s); len(notes) > 0 {
		if len(s.Events)+len(s.Confirm) > 0 {
			p.line("")
		}
		p.line("%s", p.style(bold, "Notes"))
		for _, n := range notes {
			p.bullet(n)
		}
	}
}

func (p *page) bullet(text string) {
	for i, l := range Wrap(text, p.o.Width-4) {
		mark := "  - "
		if i > 0 {
			mark = "    "
		}
		p.line("%s%s", mark, l)
	}
}

// faint writes what explains a picture.
func (p *page) faint(text string) {
	for _, l := range Wrap(text, p.o.Width) {
		p.line("%s", p.style(dim, l))
	}
}

func (p *page) paragraph(text string) {
	for _, l := range Wrap(text, p.o.Width-2) {
		p.line("  %s", l)
	}
}

// observations returns what is watched around a dose, one text for each rule.
func observations(s *schedule.Schedule, dose int) []string {
	var texts []string
	for rule := range s.CheckIns {
		c := &s.CheckIns[rule]
		var minutes []string
		for i := range s.Events {
			if o := &s.Events[i]; o.Kind == schedule.Observation && int(o.Rule) == rule && int(o.Of) == dose {
				minutes = append(minutes, fmt.Sprint(o.After))
			}
		}
		if len(minutes) > 0 {
			texts = append(texts, fmt.Sprintf("%s (%s) at %s minutes", c.Title, strings.Join(c.Measure, ", "), strings.Join(minutes, ", ")))
		}
	}
	return texts
}

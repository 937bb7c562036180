// Package markdown writes a schedule as Markdown with tables (GitHub Flavored Markdown), for a
// note, an issue or a page of a wiki. Whatever a text holds, it is shown as it stands: nothing of
// it becomes markup, a link or HTML.
package markdown

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// Write writes the parts of a document one after the other.
func Write(w io.Writer, d *view.Document) error {
	out := bufio.NewWriter(w)
	for i := range d.Parts {
		p := &page{Writer: out, Schedule: d.Parts[i].Schedule, o: &d.Options}
		if i > 0 {
			p.line("")
		}
		p.header(d.Parts[i].Heading)
		p.findings()
		p.phases()
		p.table()
		if d.Explain {
			p.working()
		}
		p.footer()
	}
	return out.Flush()
}

// A page is one part that is being written.
type page struct {
	*bufio.Writer
	*schedule.Schedule
	o *view.Options
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) title(text string) { p.line("\n## %s\n", text) }

func (p *page) bullets(texts ...string) {
	for _, t := range texts {
		p.line("- %s", Escape(t))
	}
}

func (p *page) header(heading string) {
	pr := p.Protocol
	p.line("# %s\n", Escape(pr.Title))
	say := func(label, text string) {
		if text != "" {
			p.line("- **%s:** %s", label, Escape(text))
		}
	}
	say("Part", heading)
	say("Patient", view.Identity(p.Schedule))
	say("Chosen", view.Choices(p.Schedule))
	say("Starts", fmt.Sprintf("%s, %s", view.Date(p.Start), p.Zone))
	say("Protocol", fmt.Sprintf("%s %s, %s, %s model, %s", pr.ID, pr.Version, pr.Setting, pr.Model, pr.Status))
	for _, b := range pr.Origin.Extends {
		say("Extends", fmt.Sprintf("%s %s, sha256 %s", b.ID, b.Version, b.SHA256))
	}
}

// findings writes what the reader must know, above the doses.
func (p *page) findings() {
	list := view.Findings(p.Schedule)
	if len(list) == 0 {
		return
	}
	p.title("Findings")
	for _, f := range list {
		help := ""
		if f.Help != "" {
			help = " (" + f.Help + ")"
		}
		word := phrase.Capital(f.Severity)
		p.line("- **%s:** %s [%s]", word, Escape(f.Text+help), f.Code)
	}
}

// phases says how each phase is dosed, and what must be so for its doses.
func (p *page) phases() {
	needs := make([][]string, len(p.Phases))
	for i := range p.Events {
		e := &p.Events[i]
		var texts []string
		switch e.Kind {
		case schedule.Dose:
			texts = p.Requirements(e)
		case schedule.Observation:
			texts = []string{fmt.Sprintf("%s after %d minutes: %s", view.Title(p.Schedule, e), e.After, view.Detail(p.Schedule, e))}
		}
		for _, t := range texts {
			if !slices.Contains(needs[e.Phase], t) {
				needs[e.Phase] = append(needs[e.Phase], t)
			}
		}
	}
	if len(p.Events) > 0 {
		p.title("Doses")
	}
	for i := range p.Phases {
		ph := &p.Phases[i]
		if ph.Doses == 0 {
			continue
		}
		p.line("- **%s:** %s", Escape(ph.Phase.Title), Escape(view.PhaseRule(ph)))
		for _, t := range needs[i] {
			p.line("  - %s", Escape(t))
		}
	}
	p.line("")
}

// table writes the doses, check-ins and fills. Observations stand with their phase.
func (p *page) table() {
	if len(p.Events) == 0 {
		return
	}
	p.line("| Week | Day | Date | Time | Event | What | Status |")
	p.line("| ---: | ---: | --- | --- | --- | --- | --- |")
	for i := range p.Events {
		e := &p.Events[i]
		if e.Kind == schedule.Observation {
			continue
		}
		title := view.Title(p.Schedule, e)
		if e.Kind == schedule.Dose {
			title = p.PhaseName(e) + " " + title
		}
		what := append([]string{view.Detail(p.Schedule, e)}, view.Decides(p.Schedule, e)...)
		if text := view.Moved(e); text != "" {
			what = append(what, text)
		}
		if note := e.ShiftNote(); note != "" {
			what = append(what, note)
		}
		p.line("| %d | %d | %s | %v | %s | %s | %s |", p.Week(e), e.Day, view.Date(e.Date), e.Clock, Escape(title), Escape(strings.Join(what, "; ")), Escape(view.Status(p.Schedule, e)))
	}
}

// working writes the derivation of every event.
func (p *page) working() {
	p.title("Working")
	for i := range p.Events {
		e := &p.Events[i]
		if e.Kind == schedule.Observation {
			continue
		}
		p.line("- %s %v, %s", view.Date(e.Date), e.Clock, Escape(strings.TrimSpace(p.PhaseName(e)+" "+view.Title(p.Schedule, e))))
		for _, step := range p.Derivation(e) {
			text := step.String()
			if step.Rule.IsSet() {
				text += " (" + step.Rule.String() + ")"
			}
			p.line("  - %s", Escape(text))
		}
	}
}

// footer adds up, and says where all of it is from.
func (p *page) footer() {
	if len(p.Schedule.Events) > 0 {
		p.title("In all")
	}
	p.bullets(view.Totals(p.Schedule)...)
	if n := view.Count(p.Schedule, schedule.CheckIn); n > 0 {
		p.bullets(civil.Plural(n, "check-in"))
	}
	if n := view.Count(p.Schedule, schedule.Supply); n > 0 {
		p.bullets(civil.Plural(n, "fill") + " to send")
	}
	if limits := view.Limits(p.Schedule); len(limits) > 0 {
		p.title("Limits beside the worst of this calendar")
		p.bullets(limits...)
	}
	if notes := view.Notes(p.Schedule); len(notes) > 0 {
		p.title("Notes")
		p.bullets(notes...)
	}
	if sources := view.Sources(p.Protocol); len(sources) > 0 {
		p.title("Sources")
		p.bullets(sources...)
	}
	p.line("\nMade by %s %s, tzdata %s, from %s %s, sha256 %s.", p.o.Generator.Name, p.o.Generator.Version, civil.TZData, Escape(p.Protocol.ID), Escape(p.Protocol.Version), p.Protocol.Origin.SHA256)
}

// Escape returns a text as Markdown that shows it as it stands.
func Escape(text string) string {
	text = view.Clean(text)
	var b strings.Builder
	for i, r := range text {
		switch {
		case strings.ContainsRune("\\`*_[]<>|~&$@", r),
			i == 0 && strings.ContainsRune("#+-=:", r),
			(r == '.' || r == ')') && strings.Trim(text[:i], "0123456789") == "" && (i+1 == len(text) || text[i+1] == ' '),
			r == '.' && strings.HasSuffix(strings.ToLower(text[:i]), "www"),
			r == ':' && strings.HasPrefix(text[i:], "://"):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

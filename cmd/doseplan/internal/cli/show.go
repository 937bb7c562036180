package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/literate"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/fhir"
	"github.com/doseplan/doseplan/pkg/view/phrase"
	"github.com/doseplan/doseplan/pkg/view/terminal"
	"github.com/doseplan/doseplan/pkg/worked"
	"github.com/doseplan/doseplan/protocols"
)

func (a *app) showCommand() *cobra.Command {
	var sources bool
	var format string
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Print the file of a protocol, or each figure beside its source",
		Long: `Print the file of a protocol.

With --sources it is printed for a reader: each figure and rule beside the entries
of the evidence that support it, and beside the worked examples that fail if it is
changed; after them the sources, with the figures of their passages, and the
examples. A figure that no example would catch is marked. With --format fhir it is
printed as a FHIR R4 PlanDefinition.`,
		Example: "  doseplan protocols show ketamine-iv-intensive > mine.yaml\n  doseplan protocols show ketamine-iv-intensive --sources\n  doseplan protocols show ketamine-iv-intensive --format fhir",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`doseplan protocols` lists them", "name one protocol")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return protocols.IDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			files := a.files()
			file, text, err := files.protocol(args[0])
			if err != nil {
				return err
			}
			switch {
			case format != "yaml" && format != "fhir":
				return usage("use yaml or fhir", "there is no format “%s”", format)
			case sources:
				return a.showSources(file, text, files)
			case format == "fhir":
				return a.showDefinition(file, text, files)
			}
			return a.print(string(text))
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "yaml", "yaml or fhir")
	cmd.Flags().BoolVar(&sources, "sources", false, "print each figure beside its source and its examples")
	return cmd
}

// showDefinition prints a protocol as a FHIR PlanDefinition.
func (a *app) showDefinition(file string, text []byte, files *fileSet) error {
	p, found := protocol.Decode(file, text, files.resolve)
	if err := a.verdict(found, files.text); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := fhir.WriteProtocol(&out, p, text); err != nil {
		return err
	}
	if err := a.print(out.String()); err != nil {
		return err
	}
	a.report(found, files.text)
	return nil
}

// showSources prints a protocol for a reader.
func (a *app) showSources(file string, text []byte, files *fileSet) error {
	root, found := source.Parse(file, text)
	p, found := protocol.DecodeTree(file, text, root, found, files.resolve)
	if found.HasErrors() {
		return &outcome{exitUsage, found, files.text}
	}
	lines := literate.Of(p, worked.Mutate(file, text, root, files.resolve))
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n%s %s, %s, %s\n\n", p.Title, p.ID, p.Version, p.Status, file)
	if err := a.figures(&out, lines); err != nil {
		return err
	}
	a.sources(&out, p)
	a.workedExamples(&out, p, lines)
	return a.print(out.String())
}

// figures prints what a protocol states, section by section.
func (a *app) figures(out *bytes.Buffer, lines []literate.Line) error {
	for from := 0; from < len(lines); {
		to := from + 1
		for to < len(lines) && lines[to].Section == lines[from].Section {
			to++
		}
		var rows [][]string
		for _, l := range lines[from:to] {
			place := strconv.Itoa(l.Row)
			if l.File != "" {
				place = l.File + ":" + place
			}
			shown := numbers(l.Examples)
			if l.Tried && shown == "" {
				shown = "none"
			}
			rows = append(rows, []string{cmp.Or(l.Path, l.Section), l.Text, place, numbers(l.Sources), shown})
		}
		fmt.Fprintf(out, "%s\n", phrase.Capital(lines[from].Section))
		if err := terminal.List(out, []string{"WHAT", "FIGURE OR RULE", "LINE", "SOURCE", "EXAMPLE"}, rows, 1, view.Options{Width: a.width(), Color: a.color(a.env.OutTTY)}); err != nil {
			return err
		}
		out.WriteByte('\n')
		from = to
	}
	return nil
}

// numbers says indices as a reader counts, three at most.
func numbers(list []int) string {
	var parts []string
	for i, n := range list {
		if i == 3 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, strconv.Itoa(n+1))
	}
	return strings.Join(parts, ", ")
}

// sources prints the evidence with its numbers.
func (a *app) sources(out *bytes.Buffer, p *protocol.Protocol) {
	out.WriteString("Sources\n")
	for i := range p.Evidence {
		e := &p.Evidence[i]
		text := cmp.Or(e.Cite, e.Label, "this file: "+e.Note)
		if e.DOI != "" {
			text += " doi:" + e.DOI
		}
		if e.Verify {
			text += " (to verify)"
		}
		hanging(out, fmt.Sprintf("%4d  ", i+1), text, a.width())
		for _, figure := range e.Figures {
			hanging(out, "      “", figure+"”", a.width())
		}
	}
	out.WriteByte('\n')
}

// workedExamples prints the examples with their numbers, and what none of them would catch.
func (a *app) workedExamples(out *bytes.Buffer, p *protocol.Protocol, lines []literate.Line) {
	out.WriteString("Examples\n")
	for i := range p.Examples {
		e := &p.Examples[i]
		text := cmp.Or(e.Title, "without a title")
		if e.Source != "" {
			text += " (" + e.Source + ")"
		}
		hanging(out, fmt.Sprintf("%4d  ", i+1), fmt.Sprintf("%s, line %d", text, e.Range.Start.Line), a.width())
	}
	if len(p.Examples) == 0 {
		out.WriteString("      none\n")
	}
	if slices.ContainsFunc(lines, func(l literate.Line) bool { return l.Tried && len(l.Examples) == 0 }) {
		out.WriteByte('\n')
		hanging(out, "", "“none” stands where no example would fail if the figure or rule were another: see `doseplan test --mutate`.", a.width())
	}
}

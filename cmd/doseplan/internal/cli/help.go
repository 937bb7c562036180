package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
	"github.com/doseplan/doseplan/pkg/view/nonmem"
	"github.com/doseplan/doseplan/pkg/view/tabular"
	"github.com/doseplan/doseplan/pkg/view/terminal"
	"github.com/doseplan/doseplan/pkg/view/texttemplate"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "explain [CODE]",
		Short:   "Say what a finding means and how to mend it",
		Example: "  doseplan explain\n  doseplan explain DP502",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, e := range diag.Codes() {
				codes = append(codes, string(e.Code)+"\t"+e.Title)
			}
			return codes, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listCodes()
			}
			code := strings.ToUpper(args[0])
			if !strings.HasPrefix(code, "DP") {
				code = "DP" + code
			}
			e, ok := diag.Lookup(diag.Code(code))
			if !ok {
				return usage("`doseplan explain` lists the codes", "there is no code “%s”", args[0])
			}
			var b strings.Builder
			section(&b, "%s (%s): %s", e.Code, e.Severity, e.Title)
			section(&b, "%s", strings.Join(terminal.Wrap(e.Explain, a.width()), "\n"))
			if e.Bad != "" {
				section(&b, "Found in:\n\n%s", indent(e.Bad))
			}
			if e.Good != "" {
				section(&b, "Mended:\n\n%s", indent(e.Good))
			}
			return a.print(strings.TrimRight(b.String(), "\n") + "\n")
		},
	}
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}

func (a *app) listCodes() error {
	var rows [][]string
	for _, e := range diag.Codes() {
		rows = append(rows, []string{string(e.Code), e.Severity.String(), e.Title})
	}
	return a.list([]string{"CODE", "SEVERITY", "MEANING"}, rows, 2)
}

func (a *app) list(head []string, rows [][]string, flex int) error {
	var out bytes.Buffer
	if err := a.listTo(&out, head, rows, flex); err != nil {
		return err
	}
	return a.print(out.String())
}

// listTo writes a list for the terminal.
func (a *app) listTo(out *bytes.Buffer, head []string, rows [][]string, flex int) error {
	return terminal.List(out, head, rows, flex, view.Options{Width: a.width(), Color: a.color(a.env.OutTTY)})
}

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show every setting, and where its value came from",
		Long: `Show every setting, and where its value came from. A flag wins over the
environment, the environment over the configuration file, and that over the
default.`,
		Example: "  doseplan config\n  DOSEPLAN_TIME_ZONE=Europe/London doseplan config",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			set := a.settings
			var rows [][]string
			for _, s := range settings {
				v := set.values[s.key]
				from := string(v.origin)
				if v.origin == fromConfig {
					from = set.file
				}
				rows = append(rows, []string{s.key, envName(s.key), from, strings.Join(v.texts, ", ")})
			}
			return a.list([]string{"SETTING", "ENVIRONMENT", "FROM", "VALUE"}, rows, 3)
		},
	}
	addSettings(cmd.Flags(), false)
	return cmd
}

func (a *app) schemaCommand() *cobra.Command {
	kinds := []string{"protocol", "patient", "course", "medicines", "schedule", "csv", "nonmem", "template"}
	return &cobra.Command{
		Use:   "schema KIND",
		Short: "Print the schema of a kind of file: protocol, patient, course, medicines, schedule, csv, nonmem, template",
		Long: `Print the JSON Schema (2020-12) of a kind of file. An editor with a YAML language
server completes and checks protocol files with it, by a first line such as
# yaml-language-server: $schema=protocol.schema.json

Of the tables (csv, nonmem), it is a Table Schema: the name, the type and the
meaning of each column. Columns keep their names and places; new ones come last.
Of a template, it is a beginning for one's own: what templates can do, and a letter.`,
		Example:   "  doseplan schema protocol > protocol.schema.json\n  doseplan schema csv",
		ValidArgs: kinds,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(kinds, args[0]) {
				return usage("use one of: "+join(kinds), "name one kind of file")
			}
			switch args[0] {
			case "protocol":
				return a.printSchema(protocol.Schema())
			case "patient":
				return a.printSchema(patient.Schema())
			case "course":
				return a.printSchema(course.Schema())
			case "medicines":
				return a.printSchema(medicine.Schema())
			case "csv":
				return a.printTable(view.Columns())
			case "template":
				return a.print(texttemplate.Beginning())
			case "nonmem":
				return a.printTable(nonmem.Columns())
			}
			return a.print(string(jsondoc.Schema()))
		},
	}
}

func (a *app) printTable(columns []view.Column) error {
	text, err := tabular.TableSchema(columns)
	if err != nil {
		return err
	}
	return a.print(string(text) + "\n")
}

func (a *app) printSchema(schema map[string]any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(schema); err != nil {
		return err
	}
	return a.print(b.String())
}

func (a *app) manCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "man", Short: "Print the manual page", Args: noArguments, Annotations: needsNoSettings,
		Example: "  doseplan man > doseplan.1",
		RunE: func(*cobra.Command, []string) error {
			page, err := mango.NewManPage(1, root)
			if err != nil {
				return fmt.Errorf("the manual page cannot be made: %w", err)
			}
			return a.print(page.Build(roff.NewDocument()))
		},
	}
}

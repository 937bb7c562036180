package cli

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/fhir"
	"github.com/doseplan/doseplan/pkg/view/terminal"
	"github.com/doseplan/doseplan/protocols"
)

func (a *app) protocolsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "protocols",
		Short:   "List the protocols that can be named by their id",
		Example: "  doseplan protocols\n  doseplan protocols show ketamine-iv-intensive > mine.yaml",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.listProtocols() },
	}
	cmd.AddCommand(a.showCommand())
	cmd.AddCommand(a.diffCommand())
	return cmd
}

func (a *app) showCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "show ID",
		Short:   "Print the file of a protocol",
		Long:    "Print the file of a protocol, or the protocol as a FHIR R4 PlanDefinition.",
		Example: "  doseplan protocols show ketamine-iv-intensive\n  doseplan protocols show ketamine-iv-intensive --format fhir",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`doseplan protocols` lists them", "name one protocol")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return protocols.IDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.showProtocol(args[0], format) },
	}
	cmd.Flags().StringVarP(&format, "format", "f", "yaml", "yaml or fhir")
	return cmd
}

func (a *app) showProtocol(name, format string) error {
	files := a.files()
	file, text, err := files.protocol(name)
	switch {
	case err != nil:
		return err
	case format == "yaml":
		return a.print(string(text))
	case format != "fhir":
		return usage("use yaml or fhir", "there is no format “%s”", format)
	}
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

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("see `"+cmd.CommandPath()+" --help`", "“%s” is not expected after %s", args[0], cmd.CommandPath())
	}
	return nil
}

// files returns a fileSet with the folders of the settings.
func (a *app) files() *fileSet {
	return &fileSet{app: a, folders: a.settings.List("protocols"), texts: map[string][]byte{}}
}

func (a *app) listProtocols() error {
	files := a.files()
	var rows [][]string
	for _, id := range files.ids() {
		file, text, err := files.byID(id)
		if err != nil {
			return unreadable(id, err)
		}
		p, found := protocol.Decode(file, text, files.resolve)
		status := string(p.Status)
		if found.HasErrors() {
			status = "has errors"
		}
		rows = append(rows, []string{id, p.Version, status, string(p.Model), string(p.Setting), p.Title})
	}
	var out bytes.Buffer
	if err := terminal.List(&out, []string{"ID", "VERSION", "STATUS", "MODEL", "SETTING", "TITLE"}, rows, 5, view.Options{Width: a.width(), Color: a.color(a.env.OutTTY)}); err != nil {
		return err
	}
	return a.print(out.String())
}

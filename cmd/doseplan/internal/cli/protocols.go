package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/terminal"
)

func (a *app) protocolsCommand() *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use:   "protocols",
		Short: "List the protocols that can be named by their id",
		Long: `List the protocols that can be named by their id: those that are shipped, and
those in the folders of the settings.

With --admit and a patient (a file, or flags) it says of each whether its
population and contraindications admit the patient, refuse it, with the rule and
its line, or leave something to confirm. It recommends nothing.`,
		Example: "  doseplan protocols\n  doseplan protocols --setting home --model low-dose\n  doseplan protocols --admit --age 70 --condition 'severe liver disease'\n  doseplan protocols show ketamine-iv-intensive > mine.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			for _, s := range settings {
				if f := cmd.Flags().Lookup(s.key); !o.admit && s.ofPatient() && f.Changed {
					return usage("add --admit, which says whom each of them admits", "--%s is of a patient, and the list is of protocols", s.key)
				}
			}
			if o.admit {
				return a.admit(&o)
			}
			return a.listProtocols(&o)
		},
	}
	o.flags(cmd.Flags())
	cmd.AddCommand(a.showCommand())
	cmd.AddCommand(a.diffCommand())
	return cmd
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		help := "see `" + cmd.CommandPath() + " --help`"
		var names []string
		for _, c := range cmd.Commands() {
			names = append(names, c.Name())
		}
		if near, ok := diag.Nearest(args[0], names); ok {
			help = "did you mean “" + near + "”?"
		}
		return usage(help, "“%s” is not expected after %s", args[0], cmd.CommandPath())
	}
	return nil
}

// files returns a fileSet with the folders of the settings.
func (a *app) files() *fileSet {
	return &fileSet{app: a, folders: a.settings.List("protocols"), texts: map[string][]byte{}}
}

func (a *app) listProtocols(o *listOptions) error {
	files := a.files()
	var rows [][]string
	for _, id := range files.ids() {
		file, text, err := files.byID(id)
		if two := (*sameIDError)(nil); errors.As(err, &two) {
			rows = append(rows, []string{id, "", "in two files", "", "", two.one + ", " + two.other})
			continue
		}
		if err != nil {
			return unreadable(id, err)
		}
		p, found := protocol.Decode(file, text, files.resolve)
		status := string(p.Status)
		if found.HasErrors() {
			status = "has errors"
		} else if !o.passes(p) {
			continue
		}
		rows = append(rows, []string{id, p.Version, status, string(p.Model), string(p.Setting), p.Title})
	}
	if o.format == "json" {
		return a.listJSON(rows)
	}
	var out bytes.Buffer
	head, flex := []string{"ID", "VERSION", "STATUS", "MODEL", "SETTING", "TITLE"}, 5
	const wide = 100
	if a.width() < wide { // what it is stands below its name
		var stacked [][]string
		for _, r := range rows {
			stacked = append(stacked, r[:3], []string{fmt.Sprintf("%s (%s, %s)", r[5], r[3], r[4]), "", ""})
		}
		head, flex, rows = head[:3], 0, stacked
	}
	if err := terminal.List(&out, head, rows, flex, view.Options{Width: a.width(), Color: a.color(a.env.OutTTY)}); err != nil {
		return err
	}
	return a.print(out.String())
}

// listJSON prints the list as one document.
func (a *app) listJSON(rows [][]string) error {
	type one struct {
		ID      string `json:"id"`
		Version string `json:"version"`
		Status  string `json:"status"`
		Model   string `json:"model"`
		Setting string `json:"setting"`
		Title   string `json:"title"`
	}
	doc := struct {
		Format    int   `json:"format"`
		Protocols []one `json:"protocols"`
	}{1, []one{}}
	for _, r := range rows {
		doc.Protocols = append(doc.Protocols, one{r[0], r[1], r[2], r[3], r[4], r[5]})
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	return a.print(string(b) + "\n")
}

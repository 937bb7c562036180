package cli

import (
	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/source"
)

func (a *app) medicinesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "medicines",
		Short: "Print what is known of medicines, with its sources",
		Long: `Print what ` + "`validate`" + ` knows of medicines: what their labels ask for, the routes by
which alone they are given, the largest doses, the days between two, contraindications,
each with its source. It is a file that one's own can begin with: --medicines FILE adds
the entries of a file, key by key where the medicine is known already.`,
		Example: "  doseplan medicines\n  doseplan validate --medicines ours.yaml protocols/",
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.print(string(medicine.Text())) },
	}
}

// medicines returns what is known of medicines, with what the user's file adds.
func (a *app) medicines() (medicine.Table, error) {
	name := a.settings.Text("medicines")
	if name == "" {
		return medicine.Known(), nil
	}
	text, err := a.readFile(name, source.MaxBytes)
	if err != nil {
		return nil, unreadable(name, err)
	}
	root, found := source.Parse(name, text)
	own, more := medicine.Decode(root)
	if found = append(found, more...); found.HasErrors() {
		return nil, &outcome{exitUsage, found, func(string) []byte { return text }}
	}
	return medicine.Known().With(own), nil
}

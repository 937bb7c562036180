package cli

import (
	"bytes"
	"os"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/store"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
)

func (a *app) fmtCommand() *cobra.Command {
	var check, skipForeign bool
	var exclude []string
	cmd := &cobra.Command{
		Use:   "fmt [PATH…]",
		Short: "Rewrite protocol files in canonical form",
		Long: `Rewrite protocol files in canonical form: keys in the order of the reference,
two spaces of indentation, no quotes that nothing needs. Comments stay with what
they speak of, and no value is changed. The names of the files that were
rewritten are printed. - formats standard input to standard output.

With --check nothing is written; the names of the files that would be are
printed, and the status is 1 if there are any.`,
		Example: "  doseplan fmt mine.yaml\n  doseplan fmt --check protocols/",
		RunE:    func(_ *cobra.Command, args []string) error { return a.runFmt(args, check, skipForeign, exclude) },
	}
	cmd.Flags().BoolVar(&skipForeign, "skip-foreign", false, "pass over named files that are not doseplan's, as in folders")
	cmd.Flags().StringArrayVar(&exclude, "exclude", nil, "leave out a file or a folder: its name or the last part of its path, with * for any letters (may be repeated)")
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; end with status 1 where a file is not in canonical form")
	return cmd
}

func (a *app) runFmt(paths []string, check, skipForeign bool, exclude []string) error {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	names, err := yamlFiles(paths, skipForeign, exclude)
	if err != nil {
		return err
	}
	if len(names) == 0 && (!skipForeign || someFolder(paths)) {
		return noneOf(paths)
	}
	type formatted struct {
		name      string
		text, out []byte
	}
	var list []formatted
	files := a.files()
	var found diag.List
	for _, name := range names {
		text, err := files.read(name)
		if err != nil {
			return unreadable(name, err)
		}
		root, broken := source.Parse(name, text)
		if kind := root.Get("kind"); !broken.HasErrors() && (kind != nil && kind.Value != "protocol" || name != "-" && root.Get("doseplan") == nil) {
			continue // of another kind, or not doseplan's
		}
		out, more := protocol.Format(name, text)
		found = append(found, more...)
		if !more.HasErrors() {
			list = append(list, formatted{name, text, out})
		}
	}
	if found.HasErrors() && !check {
		return &outcome{exitUsage, found, files.text}
	}
	var changed bytes.Buffer
	for _, f := range list {
		switch {
		case f.name == "-" && !check:
			return a.print(string(f.out))
		case bytes.Equal(f.text, f.out):
			continue
		case !check:
			info, err := os.Stat(f.name)
			if err != nil {
				return unreadable(f.name, err)
			}
			if err := store.Write(f.name, f.out, true, info.Mode().Perm()); err != nil {
				return unwritable(f.name, err)
			}
		}
		changed.WriteString(f.name + "\n")
	}
	if err := a.print(changed.String()); err != nil {
		return err
	}
	if found.HasErrors() {
		return &outcome{exitUsage, found, files.text}
	}
	if check && changed.Len() > 0 {
		return &outcome{status: exitFindings}
	}
	return nil
}

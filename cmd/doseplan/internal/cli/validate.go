package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate [PATH…]",
		Short: "Check protocol and patient files",
		Long: `Check protocol and patient files, and print every finding with its place.
A folder stands for the .yaml and .yml files below it; no path for the present
folder. Ends with status 1 where there are errors.`,
		Example: "  doseplan validate protocols/\n  doseplan validate --strict mine.yaml",
		RunE:    func(_ *cobra.Command, args []string) error { return a.runValidate(args) },
	}
}

func (a *app) runValidate(paths []string) error {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	files := a.files()
	names, err := yamlFiles(paths)
	if err != nil {
		return err
	}
	var found diag.List
	for _, name := range names {
		text, err := files.read(name)
		if err != nil {
			return unreadable(name, err)
		}
		found = append(found, validateFile(name, text, files)...)
	}
	if found.HasErrors() || a.settings.On("strict") && found.Worst() == diag.Warning {
		return &outcome{exitFindings, found, files.text}
	}
	a.report(found, files.text)
	return nil
}

// validateFile checks one file by its kind.
func validateFile(name string, text []byte, files *fileSet) diag.List {
	root, found := source.Parse(name, text)
	if root != nil && root.Get("kind") != nil && root.Get("kind").Value == "patient" {
		_, more := patient.Decode(root)
		return append(found, more...)
	}
	_, found = protocol.Decode(name, text, files.resolve)
	return found
}

// yamlFiles lists the files that paths stand for, sorted and each once.
func yamlFiles(paths []string) ([]string, error) {
	var names []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, unreadable(path, err)
		}
		if !info.IsDir() {
			names = append(names, path)
			continue
		}
		err = filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.IsDir() && strings.HasPrefix(e.Name(), ".") && name != path {
				return filepath.SkipDir
			}
			if ext := filepath.Ext(name); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
				names = append(names, name)
			}
			return nil
		})
		if err != nil {
			return nil, unreadable(path, err)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// layers lists the packages from the bottom up. A package imports only what stands before it.
var layers = []string{
	"pkg/lazy", "pkg/quantity", "pkg/body", "pkg/lab", "pkg/civil", "pkg/diag", "pkg/frequency", "pkg/limit", "pkg/calendar", "pkg/dispense", "pkg/condition", // arithmetic
	"pkg/source", "pkg/grammar", "pkg/protocol", "pkg/patient", "pkg/medicine", // language
	"pkg/dose", "pkg/eligibility", "pkg/schedule", "pkg/ledger", "pkg/worked", "pkg/batch", "pkg/proof", "pkg/lint", "pkg/compare", "pkg/literate", "pkg/fhir", "pkg/course", // computation
	"pkg/view", "pkg/view/phrase", "pkg/view/page", "pkg/view/jsondoc", "pkg/view/tabular", "pkg/view/terminal", "pkg/view/icalendar", "pkg/view/svg", "pkg/view/html", "pkg/view/pdf", "pkg/view/spreadsheet", "pkg/view/nonmem", "pkg/view/markdown", "pkg/view/texttemplate", "pkg/view/fhir", "pkg/report", // views
	"protocols", "cmd/doseplan/internal/store", "cmd/doseplan/internal/cli", "cmd/doseplan",
}

// lastPure is the last package that may not touch the outside world.
const lastPure = "pkg/course"

var impure = []string{"os", "os/exec", "net", "net/http", "log", "math/rand", "math/rand/v2", "syscall"}

// The test reads the files themselves, so that no cached answer hides a new import.
func TestLayers(t *testing.T) {
	const module = "github.com/doseplan/doseplan/"
	level := map[string]int{}
	for i, p := range layers {
		level[p] = i
	}
	root := "../.."
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (strings.HasPrefix(e.Name(), ".") && path != root || strings.HasPrefix(e.Name(), "mk")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, _ := filepath.Rel(root, filepath.Dir(path))
		rel = filepath.ToSlash(rel)
		mine, known := level[rel]
		if !known {
			t.Errorf("%s is in no layer", rel)
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if own, ok := strings.CutPrefix(name, module); ok {
				if theirs, known := level[own]; !known || theirs >= mine {
					t.Errorf("%s imports %s, which is not below it", path, own)
				}
			}
			for _, bad := range impure {
				if name == bad && mine <= level[lastPure] {
					t.Errorf("%s imports %s: the core computes, and touches nothing", path, name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

//go:build ignore

// Sarif checks a SARIF file against the published schema of SARIF 2.1.0, which it takes from
// the source of a module that carries it whole.
//
//	go run .ci/sarif.go FILE…
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const carrier = "github.com/owenrumney/go-sarif/v3@v3.3.1"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sarif:", err)
		os.Exit(1)
	}
}

func run(names []string) error {
	text, err := published()
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sarif.json", doc); err != nil {
		return err
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		return err
	}
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		v, err := jsonschema.UnmarshalJSON(file)
		file.Close()
		if err != nil {
			return err
		}
		if err := schema.Validate(v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		results := 0
		for _, r := range v.(map[string]any)["runs"].([]any) {
			list, _ := r.(map[string]any)["results"].([]any)
			results += len(list)
		}
		fmt.Printf("%s is valid, with %d results\n", name, results)
	}
	return nil
}

// published returns the schema that the carrier holds in a constant.
func published() ([]byte, error) {
	out, err := exec.Command("go", "mod", "download", "-json", carrier).Output()
	if err != nil {
		return nil, fmt.Errorf("downloading %s: %w", carrier, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return nil, err
	}
	dir := filepath.Join(module.Dir, "pkg", "report", "v210", "sarif")
	packages, err := parser.ParseDir(token.NewFileSet(), dir, nil, 0)
	if err != nil {
		return nil, err
	}
	var found []byte
	for _, p := range packages {
		ast.Inspect(p, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Names) != 1 || spec.Names[0].Name != "schema" || len(spec.Values) != 1 {
				return true
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					found = []byte(s)
				}
			}
			return true
		})
	}
	if found == nil {
		return nil, fmt.Errorf("%s holds no schema", carrier)
	}
	return found, nil
}

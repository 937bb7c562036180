package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/cli"
)

// The outputs in the README are what the program prints. DOSEPLAN_UPDATE=1 rewrites them.
func TestReadmeIsTrue(t *testing.T) {
	t.Chdir("../..") // commands name files from the top of a clone
	const name = "README.md"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "```console\n$ doseplan ", "```\n"
	var want strings.Builder
	rest := string(text)
	for {
		before, block, found := strings.Cut(rest, begin)
		want.WriteString(before)
		if !found {
			break
		}
		block, rest, _ = strings.Cut(block, end)
		line, _, _ := strings.Cut(block, "\n")
		want.WriteString(begin + line + "\n" + output(line) + end)
	}
	if want.String() == string(text) {
		return
	}
	if os.Getenv("DOSEPLAN_UPDATE") == "" {
		t.Fatal("the README shows other outputs than the program's; run DOSEPLAN_UPDATE=1 go test ./cmd/doseplan and review the change")
	}
	if err := os.WriteFile(name, []byte(want.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// output runs a command line without quotes and returns all that it prints, in 90 columns.
func output(line string) string {
	var out bytes.Buffer
	env := &cli.Environment{In: strings.NewReader(""), Out: &out, Err: &out, Getenv: func(name string) (string, bool) {
		return "90", name == "COLUMNS"
	}}
	cli.Main(strings.Fields(line), env)
	return out.String()
}

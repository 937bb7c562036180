package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/cli"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"doseplan": main})
}

// Each script of testdata/script is one story of the command line: the commands, the files,
// and all that is printed. DOSEPLAN_UPDATE=1 rewrites what `cmp` compares; read the change
// before you commit it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("DOSEPLAN_UPDATE") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("COLUMNS", "80")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// status N command…: runs a command that must end with the exit status N.
			"status": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 2 {
					ts.Fatalf("usage: status N command…")
				}
				err := ts.Exec(args[1], args[2:]...)
				got := "0"
				if err != nil {
					got = strings.TrimPrefix(err.Error(), "exit status ")
				}
				if got != args[0] {
					ts.Fatalf("the command ended with %s, not with %s", got, args[0])
				}
			},
			// schema FILE: the file must be valid against the schema of schedules.
			"schema": func(ts *testscript.TestScript, neg bool, args []string) {
				err := valid(strings.NewReader(ts.ReadFile(args[0])), "")
				if (err != nil) != neg {
					ts.Fatalf("%s: %v", args[0], err)
				}
			},
		},
	})
}

// valid checks a document, or what a part of its schema describes, such as #/$defs/line.
func valid(doc *strings.Reader, part string) error {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(jsondoc.Schema()))
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schedule.json", schema); err != nil {
		return err
	}
	compiled, err := c.Compile("schedule.json" + part)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(doc)
	if err != nil {
		return err
	}
	return compiled.Validate(value)
}

// Every shipped protocol's schedule is valid against the schema, in both JSON formats.
func TestJSONKeepsItsSchema(t *testing.T) {
	for _, args := range [][]string{
		{"ketamine-iv-intensive", "--weight", "158.7lb", "--id", "P-1", "--birth-date", "1984-02-29", "--closed", "weekends,holidays-us", "--closed-policy", "nearest"},
		{"ketamine-iv-intensive-ideal-weight", "--weight", "120kg", "--height", "170cm", "--sex", "male"},
		{"ketamine-daily-low-dose", "--route", "sublingual", "--time-zone", "Australia/Lord_Howe"},
		{"ketamine-sl-very-low-dose"},
		{"esketamine-nasal-trd", "--tier", "high"},
		{"ketamine-sc-titration", "--weight", "80kg", "--override", "single dose: a trial"},
	} {
		args = append([]string{"schedule", "--quiet", "--start", "2026-03-02"}, args...)
		out := run(t, append(args, "-f", "json")...)
		if err := valid(strings.NewReader(out), ""); err != nil {
			t.Errorf("%v: %v", args, err)
		}
		doc, err := jsondoc.Read(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		// The lines hold the same document, but for what each explanation is told of: the first event that has it.
		var first *jsondoc.Document
		told := map[int]bool{}
		for k, text := range strings.Split(strings.TrimSpace(run(t, append(args, "-f", "ndjson")...)), "\n") {
			if err := valid(strings.NewReader(text), "#/$defs/line"); err != nil {
				t.Errorf("%v: %v", args, err)
			}
			var l jsondoc.Line
			if err := json.Unmarshal([]byte(text), &l); err != nil {
				t.Fatal(err)
			}
			if k == 0 {
				first = l.Schedule
				continue
			}
			e := &doc.Events[len(first.Events)]
			x := jsondoc.Event{Kind: l.Event.Kind, Start: l.Event.Start, Date: e.Date, Time: e.Time, Day: l.Event.Day, Week: e.Week, What: l.Event.What, Explanation: first.Explained[l.Event.Explained]}
			if told[l.Event.Explained] {
				x.Derivation = slices.Concat(e.Derivation[:1], x.Derivation[1:])
			}
			told[l.Event.Explained] = true
			first.Events = append(first.Events, x)
		}
		first.Explained, doc.Limits = nil, nil // limits are in the one document alone
		a, _ := json.Marshal(doc)
		b, _ := json.Marshal(first)
		if !bytes.Equal(a, b) {
			t.Errorf("%v: the two JSON formats differ", args)
		}
	}
	if err := valid(strings.NewReader(`{"format": 1}`), ""); err == nil {
		t.Error("a document without its parts is valid")
	}
}

func run(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	env := &cli.Environment{In: strings.NewReader(""), Out: &out, Err: &errs, Getenv: func(string) (string, bool) { return "", false }}
	if status := cli.Main(args, env); status != 0 {
		t.Fatalf("%v ended with %d:\n%s", args, status, errs.String())
	}
	return out.String()
}

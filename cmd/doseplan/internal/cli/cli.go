// Package cli is the command line: flags, settings, files, the terminal, exit statuses.
//
// What is printed where: stdout carries the result of a command and nothing else; stderr
// carries notes, warnings and errors, in lower case and without a final point. A command
// that fails prints nothing on stdout, unless JSON is asked for, which says why.
package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/report"
	"github.com/doseplan/doseplan/pkg/view"
)

// Version is the version of the program, printed in every output.
const Version = "0.1.0"

var generator = view.Generator{Name: "doseplan", Version: Version}

// The exit statuses.
const (
	exitDone      = 0
	exitFindings  = 1   // validate found errors, or --strict and warnings
	exitUsage     = 2   // usage, or unreadable input
	exitRefused   = 3   // refused for safety
	exitUnwritten = 4   // the output could not be written
	exitStopped   = 130 // a batch was stopped by a signal
)

// An Environment is what the program has of the outside world.
type Environment struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) (string, bool)
	Environ  func() []string // nil where nobody lists it
	Home     string          // the folder of the configuration; "" for none
	InTTY    bool
	OutTTY   bool
	ErrTTY   bool
	Width    int // of the terminal; 0 if there is none
	Now      func() time.Time
}

// System returns the environment of the process.
func System() *Environment {
	e := &Environment{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.LookupEnv, Environ: os.Environ, Now: time.Now}
	e.InTTY = term.IsTerminal(int(os.Stdin.Fd()))
	e.OutTTY = term.IsTerminal(int(os.Stdout.Fd()))
	e.ErrTTY = term.IsTerminal(int(os.Stderr.Fd()))
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		e.Width = w
	}
	if dir, err := os.UserConfigDir(); err == nil {
		e.Home = dir
	}
	return e
}

// An outcome is an error that ends the program with a status. Its findings are printed.
type outcome struct {
	status int
	found  diag.List
	files  report.Files
}

func (o *outcome) Error() string { return o.found.Error() }

// usage returns the outcome of a command line that cannot be understood.
func usage(help, format string, args ...any) error {
	var found diag.List
	found.Add(diag.Usage, diag.Range{}, help, format, args...)
	return &outcome{status: exitUsage, found: found}
}

// Main runs the program and returns its exit status.
func Main(args []string, env *Environment) (status int) {
	out := &counted{Writer: env.Out}
	own := *env
	own.Out = out
	a := &app{env: &own, settings: &Settings{}}
	env = &own
	defer func() {
		if r := recover(); r != nil {
			// Nothing was printed yet: results are written in one piece, at the end.
			fmt.Fprintf(env.Err, "doseplan: a fault in doseplan itself, not in your input: %v\n", r)
			status = exitUsage
		}
	}()
	root := a.root()
	root.SetArgs(args)
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	cmd, err := root.ExecuteC()
	if err == nil {
		return exitDone
	}
	var o *outcome
	if !errors.As(err, &o) {
		// Cobra's own errors: unknown commands and flags.
		text := strings.TrimSpace(strings.ReplaceAll(err.Error(), "\n", " "))
		o = usage("see `doseplan --help`", "%s", text).(*outcome)
	}
	if o.status != exitUnwritten && out.n == 0 {
		errors.As(a.failed(cmd, args, o.found), &o) // if that cannot be written, it is what there is to say
	}
	a.report(o.found, o.files)
	return o.status
}

// A counted is a writer that knows how much was written.
type counted struct {
	io.Writer
	n int
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += n
	return n, err
}

// An app is one run of the program.
type app struct {
	env        *Environment
	configFile string
	settings   *Settings       // empty until a command that uses them runs
	alarms     []time.Duration // how long before events calendar programs remind of them
	template   view.Template   // by which a text is written
	decoded    sync.Map        // of protocols that several courses follow, by the name of the file
	looked     sync.Once
	found      []ownFile // in the folders of the settings, once they were looked through
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "doseplan",
		Short: "Dosing schedules from protocol files",
		Long: `doseplan reads a protocol (a YAML file: tiers, routes, frequency, course length,
check-ins, limits) and a patient's parameters, and prints the calendar of doses
and check-ins, with its working. It never prescribes: the clinician chooses
protocol, tier and route, and confirms every change of dose.`,
		Example: `  doseplan schedule ketamine-iv-intensive --weight 72kg --start 2026-03-02
  doseplan protocols
  doseplan validate protocols/`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       Version,
		Args:          oneOfCommands,
		RunE:          help,
	}
	root.PersistentFlags().StringVar(&a.configFile, "config", "", "configuration file (default: doseplan/config.yaml in the user's configuration folder)")
	addSettings(root.PersistentFlags(), true)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Annotations[withoutSettings] != "" {
			return nil
		}
		set, err := a.load(cmd.Flags())
		if err != nil {
			return err
		}
		a.settings = set
		for _, folder := range set.List("protocols") {
			if _, err := os.Stat(folder); err != nil {
				return unreadable(folder, err)
			}
		}
		if text := set.Text("today"); text != "" { // whether the command looks at it or not
			if _, err := a.date("today", text, civil.UTC); err != nil {
				return err
			}
		}
		return a.readViewSettings()
	}
	root.SetVersionTemplate("doseplan {{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(a.scheduleCommand(), a.batchCommand(), a.courseCommand(), a.agendaCommand(), a.protocolsCommand(), a.medicinesCommand(), a.validateCommand(), a.testCommand(), a.fmtCommand(), a.explainCommand(),
		a.configCommand(), a.schemaCommand(), a.manCommand(root), a.versionCommand())
	root.SetHelpCommand(&cobra.Command{
		Use:         "help [command]",
		Short:       "Help about any command",
		Annotations: map[string]string{withoutSettings: "true"},
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 && cmd.HasSubCommands() {
				return oneOfCommands(cmp.Or(cmd, root), rest)
			}
			return cmd.Help()
		},
	})
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		see := "see `" + cmd.CommandPath() + " --help`"
		if name, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
			var names []string
			cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
			if near, ok := diag.Nearest(name, names); ok {
				see = "did you mean “--" + near + "”?"
			}
		}
		if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 { // the flags are of a command that there is not
			return oneOfCommands(cmd, words)
		}
		text := err.Error()
		if before, _, ok := strings.Cut(text, ": strconv.ParseBool"); ok {
			text, see = before, "leave the value out, or write true or false"
		}
		return usage(see, "%s", text)
	})
	return root
}

// oneOfCommands refuses the arguments of a command that only has others below it.
func oneOfCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return usage(diag.DidYouMean(args[0], names), "%s has no command “%s”", cmd.CommandPath(), args[0])
}

// help prints the help of a command that does nothing by itself.
func help(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// report prints findings on stderr: errors always, the rest unless the user wants quiet.
// What is said twice is shown once; --strict shows the warnings that it ends on.
func (a *app) report(found diag.List, files report.Files) {
	var shown diag.List
	type said struct {
		code    diag.Code
		at      diag.Range
		message string
	}
	before := map[said]bool{}
	for _, d := range few(found) {
		one := said{d.Code, d.Range, d.Message}
		again := before[one]
		before[one] = true
		if !again && (d.Severity >= diag.Error || !a.settings.On("quiet") || d.Severity == diag.Warning && a.settings.On("strict")) {
			shown = append(shown, inFlags(d))
		}
	}
	// An error of writing to stderr has nowhere to go.
	_ = report.Text(a.env.Err, shown, files, a.color(a.env.ErrTTY))
}

// inFlags adds to the help of a finding the flag or the command that would answer what it asks.
// The library that made it knows parameters and limits, and no flags.
func inFlags(d diag.Diagnostic) diag.Diagnostic {
	add := func(text string) {
		if d.Help != "" {
			text = d.Help + "; " + text
		}
		d.Help = text
	}
	switch _, isLimit := limit.ParseKey(d.Asks); {
	case d.Asks == "":
	case d.Asks == diag.AsksStatus:
		add("`doseplan course status` lists them")
	case isLimit && d.Severity == diag.Refusal:
		add("to go on all the same, give the reason with --override '" + d.Asks + ": …'")
	case isLimit:
	case d.Asks == "tier" || d.Asks == "route":
		d.Help = "give it with --" + d.Asks + ", " + d.Help
	case d.Asks == "choose":
		d.Help = "choose with --choose least, --choose most, or --choose NAME=VALUE"
	case d.Asks == "age":
		add("give it with --birth-date or --age, or in the patient file")
	case d.Asks == diag.AsksCondition:
		add("with --condition or --without, or in the patient file; `-f json` says in which words it was stated")
	case strings.HasPrefix(d.Asks, diag.AsksDate):
		add("give it with --date '" + strings.TrimPrefix(d.Asks, diag.AsksDate) + "=2026-07-01', or in the patient file")
	case strings.HasPrefix(d.Asks, diag.AsksMeasurement):
		add("give it with --measurement '" + strings.TrimPrefix(d.Asks, diag.AsksMeasurement) + "=…' and its unit, or in the patient file")
	case d.Asks == "birth date":
		add("give it with --birth-date, or in the patient file")
	case d.Asks == "start":
		add("give it with --start, as 2026-03-02, or in the patient file")
	default:
		add("give it with --" + d.Asks + ", or in the patient file")
	}
	return d
}

// color reports whether to print colour to a stream that is a terminal or not.
func (a *app) color(tty bool) bool {
	if a.settings.On("no-color") {
		return false
	}
	for _, name := range []string{"NO_COLOR", "CI"} {
		if v, ok := a.env.Getenv(name); ok && v != "" {
			return false
		}
	}
	if v, _ := a.env.Getenv("TERM"); v == "dumb" {
		return false
	}
	return tty
}

// width returns the width to draw in: COLUMNS, the terminal's, or 100 for a pipe.
func (a *app) width() int {
	const narrowest, widest, piped = 60, 160, 100
	w := a.env.Width
	if v, ok := a.env.Getenv("COLUMNS"); ok {
		if n, err := strconv.Atoi(v); err == nil {
			w = n
		}
	}
	if w <= 0 {
		return piped
	}
	return min(max(w, narrowest), widest)
}

// verdict turns findings into the outcome of a command, or nil where they stop nothing.
func (a *app) verdict(found diag.List, files report.Files) error {
	switch worst := found.Worst(); {
	case worst == diag.Refusal:
		return &outcome{exitRefused, found, files}
	case worst == diag.Error:
		return &outcome{exitUsage, found, files}
	case worst == diag.Warning && a.settings.On("strict"):
		found = slices.Clone(found)
		found.Add(diag.StrictEnd, diag.Range{}, "without --strict they stand in the result, with the patient's own words", "nothing was written: with --strict, a warning ends the command")
		return &outcome{exitFindings, found, files}
	}
	return nil
}

// withoutSettings marks commands that work whatever the settings say.
const withoutSettings = "without settings"

var needsNoSettings = map[string]string{withoutSettings: "yes"}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArguments, Annotations: needsNoSettings,
		RunE: func(*cobra.Command, []string) error {
			return a.print("doseplan " + Version + "\n")
		},
	}
}

// print writes a text to stdout.
func (a *app) print(text string) error {
	if _, err := io.WriteString(a.env.Out, text); err != nil {
		return unwritable("the output", err)
	}
	return nil
}

func unwritable(what string, err error) error {
	var found diag.List
	found.Add(diag.Unwritable, diag.Range{}, "", "%s cannot be written: %v", what, err)
	return &outcome{status: exitUnwritten, found: found}
}

func unreadable(name string, err error) error {
	var found diag.List
	found.Add(diag.Unreadable, diag.Range{}, "", "%s cannot be read: %v", name, reason(err))
	return &outcome{status: exitUsage, found: found}
}

// reason returns why a file cannot be read, without its name.
func reason(err error) error {
	if pe := (*os.PathError)(nil); errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// join names things in a sentence.
func join(words []string) string { return strings.Join(words, ", ") }

// section writes a text with a blank line after it.
func section(b *strings.Builder, format string, args ...any) {
	fmt.Fprintf(b, format+"\n\n", args...)
}

package cli

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/source"
)

// amendFlags are what every amendment states.
type amendFlags struct {
	on, by, why, from string
}

// A verbCommand is one kind of amendment.
type verbCommand struct {
	verb, value, short, example string
	flags                       func(cmd *cobra.Command, v *verbValues)
	entry                       func(a *app, f *courseFile, b *source.Builder, n *source.Node, value string, v *verbValues) error
}

// verbValues are the flags of some verbs.
type verbValues struct {
	date, time, amount, decision string
	results                      []string
	start, tier, route, after    string
	frequency                    []string
	overrides                    []string
	lastDay, taperFrom, every    string
	taper                        []string
}

func plain(key string) func(*app, *courseFile, *source.Builder, *source.Node, string, *verbValues) error {
	return func(_ *app, _ *courseFile, b *source.Builder, n *source.Node, value string, _ *verbValues) error {
		b.Set(n, key, b.Text(value))
		return nil
	}
}

// dated is plain for a date, which may be “today”.
func dated(key string) func(*app, *courseFile, *source.Builder, *source.Node, string, *verbValues) error {
	return func(a *app, f *courseFile, b *source.Builder, n *source.Node, value string, _ *verbValues) error {
		d, err := a.date(key, value, f.course.Patient.Zone)
		if err != nil {
			return err
		}
		b.Set(n, key, b.Text(d.String()))
		return nil
	}
}

// perPhase is plain for PHASE=VALUE.
func perPhase(key string) func(*app, *courseFile, *source.Builder, *source.Node, string, *verbValues) error {
	return func(_ *app, _ *courseFile, b *source.Builder, n *source.Node, value string, _ *verbValues) error {
		phase, text, ok := strings.Cut(value, "=")
		if !ok {
			return usage("write it as PHASE=VALUE", "“%s” names no phase", value)
		}
		b.Set(n, key, b.Map(phase, text))
		return nil
	}
}

var verbCommands = []verbCommand{
	{"tier", "TIER", "Go over to another tier", "tier low", nil, plain("tier")},
	{"dose", "PHASE=AMOUNT", "Set another amount in a phase", "dose maintenance=40mg", nil, perPhase("dose")},
	{"frequency", "PHASE=FREQUENCY", "Go over to another frequency that the protocol offers", "frequency 'maintenance=every 4 weeks'", nil, perPhase("frequency")},
	{"weight", "WEIGHT", "State the patient's weight; later doses follow it", "weight 70kg", nil, plain("weight")},
	{"hold", "DATE", "Hold doses from a day on", "hold 2026-04-01", nil, dated("hold")},
	{"resume", "DATE", "Give doses again from a day on", "resume 2026-04-15", nil, dated("resume")},
	{"skip", "'PHASE N'", "Leave a dose out on purpose", "skip 'maintenance 2'", nil, plain("skip")},
	{"missed", "'PHASE N'", "Record that a dose was not given", "missed 'induction 3'", nil, plain("missed")},
	{"given", "'PHASE N'", "Record that a dose was given", "given 'induction 4' --date 2026-03-12 --amount 35mg",
		func(cmd *cobra.Command, v *verbValues) {
			f := cmd.Flags()
			f.StringVar(&v.date, "date", "", "the day, if it was not the planned one")
			f.StringVar(&v.time, "time", "", "the time of day, if it was not the planned one")
			f.StringVar(&v.amount, "amount", "", "the amount, if it was not the planned one")
			f.StringArrayVar(&v.overrides, "override", nil, "a limit that it breaks, and why: 'LIMIT: reason' (may be repeated)")
		},
		func(_ *app, _ *courseFile, b *source.Builder, n *source.Node, value string, v *verbValues) error {
			b.Set(n, "given", b.Text(value))
			optional(b, n, "date", v.date, "time", v.time, "amount", v.amount)
			list, err := overrides(v.overrides)
			if err != nil || len(list) == 0 {
				return err
			}
			m := b.Map()
			for _, o := range list {
				b.Set(m, string(o.Limit), b.Text(o.Reason))
			}
			b.Set(n, "override", m)
			return nil
		}},
	{"check-in", "'NAME N'", "Record a check-in, with its results and its decision", "check-in 'review 1' --result PHQ-9=12 --decision confirm",
		func(cmd *cobra.Command, v *verbValues) {
			f := cmd.Flags()
			f.StringVar(&v.date, "date", "", "the day, if it was not the planned one")
			f.StringVar(&v.decision, "decision", "", "confirm or decline, where it decides about doses")
			f.StringVar(&v.amount, "amount", "", "the new dose, where the protocol leaves the size of the step open")
			f.StringArrayVar(&v.results, "result", nil, "MEASURE=RESULT (may be repeated)")
		},
		func(_ *app, _ *courseFile, b *source.Builder, n *source.Node, value string, v *verbValues) error {
			b.Set(n, "check-in", b.Text(value))
			optional(b, n, "date", v.date, "decision", v.decision, "amount", v.amount)
			if len(v.results) == 0 {
				return nil
			}
			results := b.Map()
			for _, r := range v.results {
				measure, result, ok := strings.Cut(r, "=")
				if !ok {
					return usage("write it as PHQ-9=12", "--result: “%s” names no measure", r)
				}
				b.Set(results, measure, b.Text(result))
			}
			b.Set(n, "results", results)
			return nil
		}},
	{"switch", "PROTOCOL", "Go over to another protocol", "switch ketamine-daily-low-dose --start 2026-05-04 --tier low --after 'response 1'",
		func(cmd *cobra.Command, v *verbValues) {
			f := cmd.Flags()
			treatmentFlags(cmd, v)
			f.StringVar(&v.after, "after", "", "the check-in that coordinates the switch, as 'response 1'")
			f.StringVar(&v.lastDay, "last-day", "", "the last day of the present protocol, for a gap or an overlap")
			taperFlags(cmd, v)
		},
		func(_ *app, f *courseFile, b *source.Builder, n *source.Node, value string, v *verbValues) error {
			if err := setTreatment(f, b, n, "switch", value, v); err != nil {
				return err
			}
			optional(b, n, "after", v.after, "last day", v.lastDay)
			return setTaper(b, n, v)
		}},
	{"add", "PROTOCOL", "Add a protocol that runs beside the present one", "add adjunct.yaml --start 2026-05-04", treatmentFlags,
		func(_ *app, f *courseFile, b *source.Builder, n *source.Node, value string, v *verbValues) error {
			return setTreatment(f, b, n, "add", value, v)
		}},
	{"protocol", "PROTOCOL", "Accept a protocol that has changed under the course", "protocol mine", nil,
		func(_ *app, f *courseFile, b *source.Builder, n *source.Node, value string, _ *verbValues) error {
			pin, copied, err := pinOf(f.files, value, filepath.Dir(f.name))
			if err != nil {
				return err
			}
			f.copied = copied
			b.Set(n, "protocol", pin)
			return nil
		}},
	{"stop", "DATE", "End the course: nothing is planned from a day on", "stop 2026-06-01", taperFlags,
		func(a *app, f *courseFile, b *source.Builder, n *source.Node, value string, v *verbValues) error {
			if err := dated("stop")(a, f, b, n, value, v); err != nil {
				return err
			}
			return setTaper(b, n, v)
		}},
}

// setTreatment sets the protocol that flags name under a key, with the choices made in it.
func setTreatment(f *courseFile, b *source.Builder, n *source.Node, key, value string, v *verbValues) error {
	if v.start == "" {
		return usage("add --start 2026-05-04", "the start, the date of day 1, is not stated")
	}
	pin, copied, err := pinOf(f.files, value, filepath.Dir(f.name))
	if err != nil {
		return err
	}
	f.copied = copied
	t := b.Map()
	b.Set(t, "protocol", pin)
	optional(b, t, "start", v.start, "tier", v.tier, "route", v.route)
	if err := setPhases(b, t, "frequency", v.frequency); err != nil {
		return err
	}
	b.Set(n, key, t)
	return nil
}

// treatmentFlags are the choices made in another protocol.
func treatmentFlags(cmd *cobra.Command, v *verbValues) {
	f := cmd.Flags()
	f.StringVar(&v.start, "start", "", "its start, the date of day 1 (required)")
	f.StringVar(&v.tier, "tier", "", "the tier to start on")
	f.StringVar(&v.route, "route", "", "the route")
	f.StringArrayVar(&v.frequency, "frequency", nil, "PHASE=FREQUENCY (may be repeated)")
}

func taperFlags(cmd *cobra.Command, v *verbValues) {
	f := cmd.Flags()
	f.StringSliceVar(&v.taper, "taper", nil, "the falling doses with which the present protocol ends, as 40mg,20mg")
	f.StringVar(&v.every, "taper-every", "", "how long each of them holds, as '1 week'")
	f.StringVar(&v.taperFrom, "taper-from", "", "the first day of the taper, if later than --on")
}

// setTaper sets the taper that flags ask for, if they do.
func setTaper(b *source.Builder, n *source.Node, v *verbValues) error {
	switch {
	case len(v.taper) == 0 && v.every == "" && v.taperFrom == "":
		return nil
	case len(v.taper) == 0 || v.every == "":
		return usage("add --taper 40mg,20mg --taper-every '1 week'", "a taper states its doses and how long each holds")
	}
	t := b.Map()
	optional(b, t, "from", v.taperFrom, "every", v.every)
	b.Set(t, "doses", b.List(v.taper...))
	b.Set(n, "taper", t)
	return nil
}

// optional sets the keys whose values are stated.
func optional(b *source.Builder, n *source.Node, keysAndValues ...string) {
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		if keysAndValues[i+1] != "" {
			b.Set(n, keysAndValues[i], b.Text(keysAndValues[i+1]))
		}
	}
}

// setPhases sets a mapping of phases from texts such as PHASE=FREQUENCY, if there are any.
func setPhases(b *source.Builder, n *source.Node, key string, texts []string) error {
	if len(texts) == 0 {
		return nil
	}
	m := b.Map()
	for _, text := range texts {
		phase, value, ok := strings.Cut(text, "=")
		if !ok {
			return usage("write it as PHASE="+strings.ToUpper(key), "--%s: “%s” names no phase", key, text)
		}
		b.Set(m, phase, b.Text(value))
	}
	b.Set(n, key, m)
	return nil
}

func (a *app) courseAmendCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "amend VERB FILE VALUE",
		Short: "Append an amendment to a course file",
		Long: `Append an amendment to a course file. It says on which day it was made and by
whom. One that does not fit (before the start, out of order, over a limit, past a
gate without its check-in) is refused with the reason, and the file stays as it
is. Two programs that amend one file wait for each other.`,
		Example: "  doseplan course amend weight anna.yaml 70kg --on 2026-03-20 --by 'Dr. Adams'\n  doseplan course amend missed anna.yaml 'induction 3' --on today --by 'Dr. Adams' --why 'had a cold'",
		Args:    oneOfCommands,
		RunE:    help,
	}
	for _, verb := range verbCommands {
		cmd.AddCommand(a.verbCommand(verb))
	}
	return cmd
}

func (a *app) verbCommand(verb verbCommand) *cobra.Command {
	var flags amendFlags
	var values verbValues
	cmd := &cobra.Command{
		Use:     verb.verb + " FILE " + verb.value,
		Short:   verb.short,
		Example: "  doseplan course amend " + strings.Replace(verb.example, verb.verb, verb.verb+" anna.yaml", 1) + " --on 2026-03-20 --by 'Dr. Adams'",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("see `"+cmd.CommandPath()+" --help`", "name the course file and %s", verb.value)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if flags.on == "" || flags.by == "" {
				return usage("add --on 2026-03-20 (or today) and --by 'Dr. Adams'", "an amendment states its day and who confirmed it")
			}
			return a.amend(args[0], func(f *courseFile) (*source.Node, error) {
				return a.entry(verb, f, args[1], &flags, &values)
			})
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&flags.on, "on", "", "the day on which it was made, as 2026-03-20, or today (required)")
	f.StringVar(&flags.by, "by", "", "who confirmed it (required)")
	f.StringVar(&flags.why, "why", "", "why")
	switch verb.verb {
	case "tier", "dose", "frequency", "weight":
		f.StringVar(&flags.from, "from", "", "from when on it holds, if later than --on")
	}
	if verb.flags != nil {
		verb.flags(cmd, &values)
	}
	return cmd
}

// entry makes the amendment that a command line asks for.
func (a *app) entry(verb verbCommand, f *courseFile, value string, flags *amendFlags, values *verbValues) (*source.Node, error) {
	on, err := a.date("on", flags.on, f.course.Patient.Zone)
	if err != nil {
		return nil, err
	}
	b := &source.Builder{}
	n := b.Map("on", on.String(), "by", flags.by)
	optional(b, n, "why", flags.why)
	if flags.from != "" {
		if _, err := civil.ParseDate(flags.from); err != nil {
			return nil, usage("write it as 2026-03-20", "--from: %v", err)
		}
		optional(b, n, "from", flags.from)
	}
	if err := verb.entry(a, f, b, n, value, values); err != nil {
		return nil, err
	}
	return n, nil
}

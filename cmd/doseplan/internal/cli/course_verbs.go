package cli

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/source"
)

// A verbDef is one kind of entry: its key in the ledger is the name of its command, with spaces for
// the dashes unless it has a key of its own.
type verbDef struct {
	name, key, value    string
	group               string
	short, long, sample string
	flags               []verbFlag
	// set sets the keys of the entry beside the common ones; nil sets the value under the key.
	set func(r *recording, b *source.Builder, n *source.Node, value string) error
}

// A verbFlag is a flag of a verb, and the key that it states.
type verbFlag struct {
	name, key, usage string
	list             bool
	verbatim         bool // each text as it is, with its commas
}

var (
	flagAt     = verbFlag{name: "at", key: "at", usage: "the time of day, as 10:30, if it was not the planned one"}
	flagAmount = verbFlag{name: "amount", key: "amount", usage: "the amount, as 35mg, if it was not the planned one"}
	flagResult = verbFlag{name: "result", key: "results", usage: "MEASURE=RESULT (may be repeated)", list: true}
	flagMed    = verbFlag{name: "medicine", key: "medicine", usage: "the medicine, where the protocol has several"}
	taperFlags = []verbFlag{
		{name: "taper", usage: "the falling doses with which the present protocol ends, as 40mg,20mg", list: true},
		{name: "taper-every", usage: "how long each of them holds, as '1 week'"},
		{name: "taper-from", usage: "the first day of the taper, if not today"},
		{name: "taper-phase", usage: "a phase that gives the medicine, where the protocol has several"},
	}
	nextFlags = []verbFlag{
		{name: "tier", usage: "the tier to start on"},
		{name: "route", usage: "the route"},
		{name: "frequency", usage: "PHASE=FREQUENCY (may be repeated)", list: true, verbatim: true},
	}
)

var verbs = []verbDef{
	{name: "given", value: "'PHASE N'", group: "fact", short: "A dose was given: as planned, in part, late, or beside the plan",
		long: `A dose was given. Without --at and --amount it was given as planned, on its planned
day or on that of --on. Several in a row are written 'daily 1..14'. A dose beside the
plan has no number: 'maintenance', with --at and --amount. What was given is always
taken in; where it passes a limit, a window or a check-in, every page says so.`,
		sample: "given 'induction 4' --on 2026-03-12 --amount 35mg", flags: []verbFlag{flagAt, flagAmount, {name: "via", key: "via", usage: "the route, if it was not the planned one"}}},
	{name: "missed", value: "'PHASE N'", group: "fact", short: "A dose was not given, and the protocol's rule follows; or a check-in ('NAME N') was not held",
		sample: "missed 'induction 3' --why 'had a cold'", flags: []verbFlag{{name: "again", key: "again", usage: "the day on which it is planned again, where the protocol plans it again"}}},
	{name: "check-in", key: "check-in", value: "'NAME N'", group: "fact", short: "A check-in took place, with its results and its decision",
		long: `A check-in took place. One that decides about doses needs --decision. It decides only
inside its window, or later until the next of its name may be held; one that was not
planned has no number, and decides nothing.`,
		sample: "check-in 'review 1' --result PHQ-9=12 --decision confirm", flags: []verbFlag{flagAt, {name: "where", key: "where", usage: "where it was done, if elsewhere"},
			{name: "decision", key: "decision", usage: "confirm or decline, where it decides about doses; met, where it found the criterion that ends a phase"}, {name: "amount", key: "amount", usage: "the new dose, where the protocol leaves the size of the step open"}, flagResult}},
	{name: "weight", value: "WEIGHT", group: "fact", short: "The patient was weighed; later doses follow it", sample: "weight 70kg", flags: []verbFlag{flagResult}},
	{name: "measured", value: "MEASURE=RESULT", group: "fact", short: "Something else was measured; later doses that depend on it follow it", sample: "measured 'blood pressure=128/82'", set: setMeasured},
	{name: "found", value: "CONDITION", group: "fact", short: "The patient has a condition; doses are held where it is an absolute contraindication", sample: "found pregnancy"},
	{name: "resolved", value: "CONDITION", group: "fact", short: "The patient has a condition no more", sample: "resolved pregnancy"},
	{name: "medicine-started", value: "MEDICINE", group: "fact", short: "The patient takes a medicine", sample: "medicine-started lamotrigine"},
	{name: "medicine-stopped", value: "MEDICINE", group: "fact", short: "The patient takes a medicine no more", sample: "medicine-stopped lamotrigine"},
	{name: "observation", value: "TEXT", group: "fact", short: "An observation, in words", sample: "observation 'slept through the session'"},
	{name: "adverse-event", value: "TEXT", group: "fact", short: "An adverse event, in words", sample: "adverse-event 'vomiting for an hour'"},
	{name: "sent", value: "N", group: "fact", short: "A fill was sent", sample: "sent 2", flags: []verbFlag{flagMed}},
	{name: "received", value: "N", group: "fact", short: "A fill was received", sample: "received 2", flags: []verbFlag{flagMed}},
	{name: "lost", value: "N", group: "fact", short: "A fill was lost: the next is planned for what it was for", sample: "lost 2", flags: []verbFlag{flagMed}},

	{name: "tier", value: "TIER", group: "order", short: "Go over to another tier", sample: "tier low"},
	{name: "dose", value: "PHASE=AMOUNT", group: "order", short: "Give another amount in a phase", sample: "dose maintenance=40mg", set: setPhase("dose")},
	{name: "frequency", value: "PHASE=FREQUENCY", group: "order", short: "Go over to another frequency that the protocol offers", sample: "frequency 'maintenance=every 4 weeks'", set: setPhase("frequency")},
	{name: "times", value: "PHASE=TIME", group: "order", short: "Give the doses of a phase at other times of day, and those of phases that follow it and state none", sample: "times 'daily=08:00 and 20:00'", set: setPhase("times")},
	{name: "route", value: "ROUTE", group: "order", short: "Go over to another route of the protocol", sample: "route oral"},
	{name: "skip", value: "'PHASE N'", group: "order", short: "Leave a dose out on purpose", sample: "skip 'maintenance 2'"},
	{name: "move", value: "'NAME N'", group: "order", short: "Put a dose or a check-in on another day inside its window, or at another time", sample: "move 'maintenance 2' --to 2026-04-14",
		flags: []verbFlag{{name: "to", key: "to", usage: "the new day (required)"}, {name: "at", key: "at", usage: "the new time of day"}}},
	{name: "delay", value: "'PHASE N'", group: "order", short: "Put a dose on a later day, and all that comes after it as many days later", sample: "delay 'maintenance 2' --to 2026-04-20",
		long: `A dose is put on a later day, past its window too, and all that is planned from its day on
moves by as many days: doses, check-ins and supply. Limits and check-ins bind as ever, and
a course that may not stand still so long is begun again. Doses on days of the week move
by whole weeks. A single dose moves with ` + "`move`" + `, inside its window.`,
		flags: []verbFlag{{name: "to", key: "to", usage: "the new day of the dose (required)"}}},
	{name: "away", value: "FIRST..LAST", group: "order", short: "The patient is away on some days", sample: "away 2026-04-01..2026-04-10"},
	{name: "start", value: "DATE", group: "order", short: "Postpone the start of a protocol of which no dose was given", sample: "start 2026-03-09"},
	{name: "hold", group: "order", short: "Hold doses", sample: "hold --on 2026-04-01", set: setWord("hold", "doses")},
	{name: "resume", group: "order", short: "Give doses again", sample: "resume --on 2026-04-15", set: setWord("resume", "doses")},
	{name: "stop", value: "[PROTOCOL]", group: "order", short: "End the course, or one protocol of it", sample: "stop --on 2026-06-01", flags: taperFlags, set: setStop},
	{name: "switch", value: "PROTOCOL", group: "order", short: "Go over to another protocol", sample: "switch ketamine-daily-low-dose --on 2026-05-04 --tier low --after 'response 1'",
		flags: append(append([]verbFlag{{name: "after", key: "after", usage: "the check-in that coordinates the switch, as 'response 1'"}, {name: "last-day", key: "last day", usage: "the last day of the present protocol, for a gap or an overlap"}}, nextFlags...), taperFlags...), set: setNext("switch")},
	{name: "add", value: "PROTOCOL", group: "order", short: "Begin a protocol beside the present one", sample: "add adjunct.yaml --on 2026-05-04", flags: nextFlags, set: setNext("add")},
	{name: "restart", value: "PROTOCOL", group: "order", short: "Begin a protocol of the course again, from its first phase on or from another", sample: "restart ketamine-iv-intensive --on 2026-09-07", flags: []verbFlag{{name: "phase", key: "from phase", usage: "the phase to begin with, if not the first"}, {name: "tier", key: "with tier", usage: "the tier to begin with"}}},
	{name: "protocol", value: "PROTOCOL", group: "order", short: "Follow a protocol as it is now", sample: "protocol mine", set: setProtocol},

	{name: "undo", value: "[N|N..M]", group: "correct", short: "Take an entry back, the last unless another is named; it stays readable", sample: "undo 7 --why 'typed for another patient'", set: setStrike},
}

// setMeasured sets MEASURE=RESULT.
func setMeasured(_ *recording, b *source.Builder, n *source.Node, value string) error {
	m, err := pairs(b, []string{value})
	if err == nil {
		b.Set(n, "measured", m)
	}
	return err
}

// pairs is a mapping of texts such as PHQ-9=12.
func pairs(b *source.Builder, texts []string) (*source.Node, error) {
	m := b.Map()
	for _, text := range texts {
		measure, result, ok := strings.Cut(text, "=")
		if !ok || measure == "" || result == "" {
			return nil, usage("write it as PHQ-9=12", "“%s” is not a measure and its result", text)
		}
		b.Set(m, measure, b.Text(result))
	}
	return m, nil
}

// setPhase sets PHASE=VALUE.
func setPhase(key string) func(*recording, *source.Builder, *source.Node, string) error {
	return func(_ *recording, b *source.Builder, n *source.Node, value string) error {
		phase, text, ok := strings.Cut(value, "=")
		if !ok {
			return usage("write it as PHASE=VALUE", "“%s” names no phase", value)
		}
		b.Set(n, key, b.Map(phase, text))
		return nil
	}
}

func setWord(key, word string) func(*recording, *source.Builder, *source.Node, string) error {
	return func(_ *recording, b *source.Builder, n *source.Node, value string) error {
		if value != "" {
			return usage("give the day with --on", "“%s” is one too many", value)
		}
		b.Set(n, key, b.Text(word))
		return nil
	}
}

func setStop(r *recording, b *source.Builder, n *source.Node, value string) error {
	if value == "" {
		value = "course"
	}
	b.Set(n, "stop", b.Text(value))
	return r.setTaper(b, n)
}

// setNext sets a protocol that begins, with the choices made in it.
func setNext(key string) func(*recording, *source.Builder, *source.Node, string) error {
	return func(r *recording, b *source.Builder, n *source.Node, value string) error {
		pin, err := r.pin(value)
		if err != nil {
			return err
		}
		t := b.Map()
		b.Set(t, "protocol", pin)
		for _, key := range []string{"tier", "route"} {
			if text := r.text(key); text != "" {
				b.Set(t, key, b.Text(text))
			}
		}
		if err := setPhases(b, t, "frequency", byPhase(r.copied[len(r.copied)-1].protocol, r.list("frequency"))); err != nil {
			return err
		}
		b.Set(n, key, t)
		if key == "switch" {
			return r.setTaper(b, n)
		}
		return nil
	}
}

func setProtocol(r *recording, b *source.Builder, n *source.Node, value string) error {
	pin, err := r.pin(r.followed(value))
	if err == nil {
		b.Set(n, "protocol", pin)
	}
	return err
}

// followed returns the file of a protocol that the course follows, where it is named by its id; else the name itself.
func (r *recording) followed(name string) string {
	if isPath(name) {
		return name
	}
	for _, pin := range r.file.pins() {
		if base := filepath.Base(pin.ID); isPath(pin.ID) && strings.TrimSuffix(base, filepath.Ext(base)) == name {
			return filepath.Join(filepath.Dir(r.file.name), filepath.FromSlash(pin.ID))
		}
	}
	return name
}

// setTaper sets the taper that flags ask for, if they do.
func (r *recording) setTaper(b *source.Builder, n *source.Node) error {
	doses, every, from := r.list("taper"), r.text("taper-every"), r.text("taper-from")
	switch {
	case len(doses) == 0 && every == "" && from == "":
		return nil
	case len(doses) == 0 || every == "":
		return usage("add --taper 40mg,20mg --taper-every '1 week'", "a taper states its doses and how long each holds")
	}
	t := b.Map()
	if from != "" {
		b.Set(t, "from", b.Text(from))
	}
	b.Set(t, "every", b.Text(every))
	b.Set(t, "doses", b.List(doses...))
	if phase := r.text("taper-phase"); phase != "" {
		b.Set(t, "phase", b.Text(phase))
	}
	b.Set(n, "taper", t)
	return nil
}

func setStrike(r *recording, b *source.Builder, n *source.Node, value string) error {
	if value == "" {
		last, err := r.lastEntry()
		if err != nil {
			return err
		}
		value = last
	}
	b.Set(n, "strike", b.Text(value))
	return nil
}

// verbCommand is the command of a verb.
func (a *app) verbCommand(v *verbDef) *cobra.Command {
	r := &recording{app: a, verb: v}
	use := v.name + " FILE"
	if v.value != "" {
		use += " " + v.value
	}
	optional := v.value == "" || strings.HasPrefix(v.value, "[")
	cmd := &cobra.Command{
		Use: use, Short: v.short, Long: v.long, GroupID: v.group,
		Example: "  doseplan course " + strings.Replace(v.sample, v.name, v.name+" anna.yaml", 1) + " --by 'Dr. Adams'",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 && !(optional && len(args) == 1) {
				return usage("see `"+cmd.CommandPath()+" --help`", "name the course file%s", strings.TrimRight(" and "+v.value, " and"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			r.flags = cmd.Flags()
			value := ""
			if len(args) == 2 {
				value = args[1]
			}
			return r.run(args[0], value)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.String("on", "", "the day that it is about, as 2026-03-20, or today: of a fact, that on which it happened; of an order, that from which it holds")
	f.String("by", "", "who says so (required, unless a setting says it)")
	f.String("why", "", "why")
	f.String("of", "", "the id of the protocol, where several run")
	for _, flag := range v.flags {
		switch {
		case flag.verbatim:
			f.StringArray(flag.name, nil, flag.usage)
		case flag.list:
			f.StringSlice(flag.name, nil, flag.usage)
		default:
			f.String(flag.name, "", flag.usage)
		}
	}
	if v.group != "correct" {
		f.String("replaces", "", "the number of an entry that was wrong, and whose place this one takes")
	}
	f.Bool("dry-run", false, "say what would change, and write nothing")
	f.BoolP("yes", "y", false, "do not ask before an order is written")
	return cmd
}

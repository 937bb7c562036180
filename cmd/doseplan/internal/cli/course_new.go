package cli

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/store"
	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
)

func (a *app) courseNewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "new FILE PROTOCOL",
		Short:   "Start a course file",
		Example: "  doseplan course new anna.yaml ketamine-home-intensive --id P-0042 --weight 72kg --tier low --start 2026-03-02 --time-zone America/New_York",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("see `"+cmd.CommandPath()+" --help`", "name the file to write, and a protocol")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runCourseNew(args[0], args[1]) },
	}
	addSettings(cmd.Flags(), false, "output", "format", "explain", "confirmed", "override", "step", "until", "horizon", "times", "week-start")
	return cmd
}

func (a *app) runCourseNew(name, id string) error {
	set := a.settings
	files := a.files()
	pin, copied, err := pinOf(files, id, filepath.Dir(name))
	if err != nil {
		if _, _, other := files.protocol(name); other == nil && isPath(id) {
			return usage("write: doseplan course new "+id+" "+name, "the course file comes first, and then the protocol")
		}
		return err
	}
	text, err := a.newCourse(name, pin, copied.protocol)
	if err != nil {
		return err
	}
	f, err := a.parseCourse(name, text)
	if err != nil {
		return err
	}
	found, err := f.startable(a)
	if err != nil {
		return err
	}
	if old, err := a.readCourse(name); err == nil && len(old.course.Entries) > 0 {
		return usage("take another name, or move that file away", "%s holds a course, and a ledger of what happened in it (%d) is never replaced", name, len(old.course.Entries))
	}
	write := func() error {
		return cannotWrite(name, store.Write(name, text, set.On("force"), store.Shared(name)))
	}
	if _, err := os.Lstat(name); err == nil && !set.On("force") {
		return write() // which refuses it
	}
	if err := copied.write(); err != nil { // first, so that no course stands without the text that it follows
		return err
	}
	if err := write(); err != nil {
		return err
	}
	a.report(found, f.files.text)
	return nil
}

// startable refuses a course that a schedule of its protocol would be refused for: a course is
// never refused later, and so it is looked at before it begins.
func (f *courseFile) startable(a *app) (diag.List, error) {
	t := &f.course.Treatment
	p, found := f.protocol(t.Protocol)
	if p == nil || found.HasErrors() {
		return nil, &outcome{exitUsage, found, f.files.text}
	}
	o, err := f.options(a)
	if err != nil {
		return nil, err
	}
	o.Tier, o.Route = t.Tier, t.Route
	for phase, text := range t.Frequency {
		o.Frequencies = append(o.Frequencies, schedule.FrequencyChoice{Phase: phase, Text: text})
	}
	plan, found := schedule.NewPlan(p, o)
	if err := a.verdict(found, f.files.text); err != nil {
		return nil, err
	}
	pat := *f.course.Patient
	pat.Start = t.Start
	_, more := plan.Run(&pat)
	found = append(found, more...)
	for i := range found {
		if _, isLimit := limit.ParseKey(found[i].Asks); isLimit {
			found[i].Asks = "" // a course does not begin past a limit, whatever the reason
		}
	}
	if err := a.verdict(found, f.files.text); err != nil {
		return nil, err
	}
	_, _, err = f.fold(a, ledger.Options{})
	return found, err
}

// newCourse returns the text of a course that begins, from the settings.
func (a *app) newCourse(name string, pin ledger.Pin, p *protocol.Protocol) ([]byte, error) {
	set := a.settings
	tree, err := a.patientTree(set)
	if err != nil {
		return nil, err
	}
	start := ""
	if n := tree.Get("start"); n != nil {
		start = n.Value
	}
	if start == "" {
		return nil, usage("give it with --start, as 2026-03-02", "the start, the date of day 1, is not stated")
	}
	b := &source.Builder{}
	root := b.Map("doseplan", "1", "kind", "course", "id", strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)))
	patientNode := &source.Node{Kind: source.Mapping}
	for _, f := range tree.Fields {
		if k := f.Key.Value; k != "start" && k != "doseplan" && k != "kind" {
			patientNode.Fields = append(patientNode.Fields, f)
		}
	}
	b.Set(root, "patient", patientNode)
	b.Set(root, "protocol", course.PinNode(pin))
	b.Set(root, "start", b.Text(start))
	for _, key := range []string{"tier", "route"} {
		if text := set.Text(key); text != "" {
			b.Set(root, key, b.Text(text))
		}
	}
	if err := setPhases(b, root, "frequency", byPhase(p, set.List("frequency"))); err != nil {
		return nil, err
	}
	if settings := a.courseSettings(b); len(settings.Fields) > 0 {
		b.Set(root, "settings", settings)
	}
	return source.Print(root), nil
}

// courseSettings are the settings of the calendar that a course keeps.
func (a *app) courseSettings(b *source.Builder) *source.Node {
	out := b.Map()
	for _, s := range []struct {
		key, word string
		list      bool
	}{{"closed", "closed", true}, {"closed-policy", "closed policy", false}, {"hours", "hours", true}, {"prefer", "prefer", true}, {"dose-time", "dose time", false}, {"check-in-time", "check-in time", false}} {
		switch {
		case !a.settings.Set(s.key):
		case s.list:
			b.Set(out, s.word, b.List(a.settings.List(s.key)...))
		default:
			b.Set(out, s.word, b.Text(a.settings.Text(s.key)))
		}
	}
	return out
}

// patientTree reads the patient file, if one is named, with the flags on top of it.
func (a *app) patientTree(set *Settings) (*source.Node, error) {
	var tree *source.Node
	if file := set.Text("patient"); file != "" {
		text, err := a.readFile(file, source.MaxBytes)
		if err != nil {
			return nil, unreadable(file, err)
		}
		root, found := source.Parse(file, text)
		if found.HasErrors() {
			return nil, &outcome{status: exitUsage, found: found}
		}
		tree = root
	}
	tree, found := overlay(tree, set)
	if found.HasErrors() {
		return nil, &outcome{status: exitUsage, found: found}
	}
	a.report(found, nil)
	return tree, nil
}

// byPhase names the phases of frequencies that name none: those that offer the frequency among others.
func byPhase(p *protocol.Protocol, frequencies []string) (list []string) {
	for _, text := range frequencies {
		n := len(list)
		for i := range p.Phases {
			if ph := &p.Phases[i]; !strings.Contains(text, "=") && len(ph.Frequencies) > 1 && ph.Offered(text) >= 0 {
				list = append(list, ph.Name+"="+text)
			}
		}
		if len(list) == n {
			list = append(list, text) // which setPhases, or the protocol, refuses where no phase offers it
		}
	}
	return list
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
			return usage("write it as PHASE="+strings.ToUpper(key)+", with one that the phase offers", "--%s: “%s” names no phase, and none offers it among others", key, text)
		}
		b.Set(m, phase, b.Text(value))
	}
	b.Set(n, key, m)
	return nil
}

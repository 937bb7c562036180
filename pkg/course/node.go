package course

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
)

// Node returns the form that an entry has in the file. Read again it is the same entry.
func Node(e *ledger.Entry) *source.Node {
	w := &writer{}
	w.root = w.b.Map("on", e.On.String())
	w.text("entered", e.Entered.String())
	w.text("by", e.By)
	w.text("why", e.Why)
	w.text("of", e.Of)
	w.number("replaces", e.Replaces)
	w.fact(e.Act)
	w.order(e.Act)
	return w.root
}

// A writer writes an entry, key by key. What is not stated is left out.
type writer struct {
	b    source.Builder
	root *source.Node
}

func (w *writer) set(key string, n *source.Node) { w.b.Set(w.root, key, n) }

func (w *writer) text(key, text string) {
	if text != "" {
		w.set(key, w.b.Text(text))
	}
}

func (w *writer) number(key string, n int) {
	if n > 0 {
		w.text(key, strconv.Itoa(n))
	}
}

func (w *writer) amount(key string, a quantity.Amount) {
	if a.IsSet() {
		w.text(key, a.Text())
	}
}

func (w *writer) clock(key string, c civil.OptionalClock) {
	if c.IsSet() {
		w.text(key, c.Or(0).String())
	}
}

func (w *writer) dose(key string, d schedule.DoseName) { w.named(key, d.Phase, d.Number) }

func (w *writer) named(key, name string, number int) {
	if number > 0 {
		name = fmt.Sprintf("%s %d", name, number)
	}
	w.text(key, name)
}

func (w *writer) results(key string, list []ledger.Result) {
	if len(list) == 0 {
		return
	}
	m := w.b.Map()
	for _, r := range list {
		w.b.Set(m, r.Measure, w.b.Text(r.Value))
	}
	w.set(key, m)
}

func (w *writer) fact(act ledger.Act) {
	switch a := act.(type) {
	case *ledger.Given:
		w.dose("given", a.Dose)
		w.clock("at", a.At)
		w.amount("amount", a.Amount)
		w.text("via", a.Via)
	case *ledger.Missed:
		w.dose("missed", a.Dose)
		w.text("again", a.Again.String())
	case *ledger.CheckedIn:
		w.named("check-in", a.Name, a.Number)
		w.clock("at", a.At)
		w.text("where", a.Where)
		w.text("decision", a.Decision)
		w.amount("amount", a.Amount)
		w.results("results", a.Results)
	case *ledger.Measured:
		if a.Weight.IsSet() {
			w.amount("weight", a.Weight)
			w.results("results", a.Results)
			return
		}
		w.results("measured", a.Results)
	case *ledger.Found:
		key := map[[2]bool]string{{false, false}: "found", {false, true}: "resolved", {true, false}: "medicine started", {true, true}: "medicine stopped"}
		w.text(key[[2]bool{a.Medicine, a.Ended}], a.What)
	case *ledger.Noted:
		if a.Adverse {
			w.text("adverse event", a.Text)
			return
		}
		w.text("observation", a.Text)
	case *ledger.Supplied:
		w.number(a.What, a.Number)
		w.text("medicine", a.Medicine)
		w.number("doses", a.Doses)
		w.amount("amount", a.Amount)
		w.text("first", a.First.String())
		w.text("last", a.Last.String())
	}
}

func (w *writer) order(act ledger.Act) {
	switch a := act.(type) {
	case *ledger.SetTier:
		w.text("tier", a.Tier)
	case *ledger.SetDose:
		w.set("dose", phases(&w.b, a.Amounts, quantity.Amount.Text))
	case *ledger.SetFrequency:
		w.set("frequency", phases(&w.b, a.Frequencies, itself[string]))
	case *ledger.SetTimes:
		w.set("times", phases(&w.b, a.Times, civil.JoinClocks))
	case *ledger.SetRoute:
		w.text("route", a.Route)
	case *ledger.Skip:
		w.dose("skip", a.Dose)
	case *ledger.Move:
		w.named("move", a.Of, a.Number)
		w.text("to", a.To.String())
		w.clock("at", a.At)
	case *ledger.Delay:
		w.dose("delay", a.Dose)
		w.text("to", a.To.String())
	case *ledger.Away:
		w.text("away", a.First.String()+".."+a.Last.String())
	case *ledger.Postpone:
		w.text("start", a.Start.String())
	case *ledger.Hold:
		w.text("hold", "doses")
	case *ledger.Resume:
		w.text("resume", "doses")
	case *ledger.Strike:
		w.text("strike", strikes(a))
	default:
		w.protocols(act)
	}
}

// protocols writes the orders that are about whole protocols.
func (w *writer) protocols(act ledger.Act) {
	switch a := act.(type) {
	case *ledger.Stop:
		name := a.Protocol
		if name == "" {
			name = "course"
		}
		w.text("stop", name)
		w.taper(&a.Taper)
	case *ledger.Switch:
		w.set("switch", w.treatment(&a.Treatment))
		w.named("after", a.After.Name, a.After.Number)
		w.text("last day", a.LastDay.String())
		w.taper(&a.Taper)
	case *ledger.Add:
		w.set("add", w.treatment(&a.Treatment))
	case *ledger.Restart:
		w.text("restart", a.Protocol)
		w.text("from phase", a.Phase)
		w.text("with tier", a.Tier)
	case *ledger.Accept:
		w.set("protocol", PinNode(a.Pin))
	}
}

func strikes(a *ledger.Strike) string {
	if a.First == a.Last {
		return strconv.Itoa(a.First)
	}
	return fmt.Sprintf("%d..%d", a.First, a.Last)
}

// phases writes a mapping of phases to values.
func phases[V any](b *source.Builder, m map[string]V, text func(V) string) *source.Node {
	out := b.Map()
	for _, phase := range slices.Sorted(maps.Keys(m)) {
		b.Set(out, phase, b.Text(text(m[phase])))
	}
	return out
}

func (w *writer) treatment(t *ledger.Treatment) *source.Node {
	out := w.b.Map()
	w.b.Set(out, "protocol", PinNode(t.Protocol))
	for _, kv := range [][2]string{{"tier", t.Tier}, {"route", t.Route}} {
		if kv[1] != "" {
			w.b.Set(out, kv[0], w.b.Text(kv[1]))
		}
	}
	if len(t.Frequency) > 0 {
		w.b.Set(out, "frequency", phases(&w.b, t.Frequency, itself[string]))
	}
	return out
}

func (w *writer) taper(t *ledger.Taper) {
	if len(t.Doses) == 0 {
		return
	}
	out := w.b.Map()
	if !t.From.IsZero() {
		w.b.Set(out, "from", w.b.Text(t.From.String()))
	}
	w.b.Set(out, "every", w.b.Text(t.Every.String()))
	var list []string
	for _, d := range t.Doses {
		list = append(list, d.String())
	}
	w.b.Set(out, "doses", w.b.List(list...))
	if t.Phase != "" {
		w.b.Set(out, "phase", w.b.Text(t.Phase))
	}
	w.set("taper", out)
}

// PinNode returns the form of a pin in the file.
func PinNode(p ledger.Pin) *source.Node {
	b := &source.Builder{}
	return b.Map("id", p.ID, "version", p.Version, "sha256", p.SHA256)
}

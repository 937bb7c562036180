package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/terminal"
)

func (a *app) courseStatusCommand() *cobra.Command {
	asOf, format := "", ""
	cmd := &cobra.Command{
		Use:   "status FILE",
		Short: "Say where a course stands on a day",
		Long: `Say where a course stands on a day, today unless --as-of names another: what was
given, what is due, what should have happened and is not written down, what comes
next, what waits for a check-in, and what the clinician must decide. As of an earlier
day only what was written down by then counts.`,
		Example: "  doseplan course status anna.yaml\n  doseplan course status anna.yaml --as-of 2026-03-20",
		Args:    oneFile("name one course file"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.runCourseStatus(args[0], asOf, format) },
	}
	cmd.Flags().StringVar(&asOf, "as-of", "today", "the day, as 2026-03-20, or today")
	cmd.Flags().StringVarP(&format, "format", "f", "text", "text or json")
	return cmd
}

func (a *app) runCourseStatus(name, asOf, format string) error {
	if format != "text" && format != "json" {
		return usage("use text or json", "there is no format “%s”", format)
	}
	f, err := a.readCourse(name)
	if err != nil {
		return err
	}
	day, err := a.date("as-of", asOf, f.course.Patient.Zone)
	if err != nil {
		return err
	}
	cal, found, err := f.fold(a, ledger.Options{AsOf: day})
	if err != nil {
		return err
	}
	if err := a.verdict(found, f.files.text); err != nil {
		return err
	}
	var out bytes.Buffer
	if format == "json" {
		err = statusJSON(&out, cal, day)
	} else {
		statusText(&out, cal, day, a.width())
	}
	if err != nil {
		return err
	}
	return a.print(view.CleanLines(out.String(), false))
}

// itemText says what an event of a course is, in a line; of which protocol, where several run.
func itemText(i *ledger.Item, several bool) string {
	s, e := i.Leg.Schedule, i.Event
	text := fmt.Sprintf("%s %v ", e.Date.WithWeekday(), e.Clock)
	if e.Kind == schedule.Dose {
		text += fmt.Sprintf("%s dose %d, %s", s.PhaseName(e), e.Number, view.Brief(s, e))
	} else if e.Kind == schedule.Supply {
		text += fmt.Sprintf("send %s: %s", view.Title(s, e), view.Contents(s, e))
	} else {
		text += fmt.Sprintf("%s %d, %s", s.CheckIn(e).Name, e.Number, s.CheckIn(e).Mode)
	}
	if several {
		text += ", of " + s.Protocol.ID
	}
	if gate := s.GateName(e); gate != "" && e.Status == schedule.Provisional {
		text += " (waits for " + gate + ")"
	}
	return text
}

// known are the findings of a course that a reader of its status must know.
func known(cal *ledger.Calendar) []view.Finding {
	var list []view.Finding
	said := map[string]bool{}
	for i := range cal.Legs {
		for _, f := range view.Findings(cal.Legs[i].Schedule) {
			if f.Severity != diag.Note.String() && !said[f.String()] {
				said[f.String()] = true
				list = append(list, f)
			}
		}
	}
	return list
}

// sorts puts what is overdue together by what it is, the first of each kind and how many there are.
func sorts(items []ledger.Item) (first []ledger.Item, counts []int) {
	at := map[string]int{}
	for i := range items {
		s, e := items[i].Leg.Schedule, items[i].Event
		key := fmt.Sprint(s.Protocol.ID, items[i].Leg.From, e.Kind, s.PhaseName(e), e.Rule)
		if e.Kind == schedule.Dose {
			key += s.Dose(e).Amount.String()
		}
		if e.Kind == schedule.CheckIn {
			key = fmt.Sprint(s.Protocol.ID, items[i].Leg.From, s.CheckIn(e).Name)
		}
		k, ok := at[key]
		if !ok {
			k = len(first)
			at[key] = k
			first, counts = append(first, items[i]), append(counts, 0)
		}
		counts[k]++
	}
	return first, counts
}

func statusText(w *bytes.Buffer, cal *ledger.Calendar, day civil.Date, width int) {
	st := ledger.StatusOf(cal, day)
	who := cal.Course.ID
	if id := cal.Course.Patient.ID; id != "" && id != who {
		who += ", patient " + id
	}
	fmt.Fprintf(w, "%s on %s: %s\n", who, view.Date(day), running(cal, day))
	switch {
	case !st.Stopped.IsZero() && !day.Before(st.Stopped):
		fmt.Fprintf(w, "stopped from %v on\n", st.Stopped)
	case len(st.HeldOf) > 0:
		fmt.Fprintf(w, "doses of %s are held\n", strings.Join(st.HeldOf, " and "))
	case st.OnHold:
		fmt.Fprintln(w, "doses are held")
	}
	for _, f := range known(cal) {
		hanging(w, "  ! ", f.Whole(), width)
	}
	fmt.Fprintf(w, "\ndoses     %d given, %d missed, %d held so far", st.Given, st.Missed, st.Held)
	if st.LeftOut > 0 {
		fmt.Fprintf(w, ", %d left out", st.LeftOut)
	}
	if late := st.Unrecorded(); late > 0 {
		fmt.Fprintf(w, ", %d not recorded", late)
	}
	if st.Passed > 0 {
		fmt.Fprintf(w, ", %d not recorded whose day passed before their check-in", st.Passed)
	}
	if percent, ok := st.Adherence(); ok {
		fmt.Fprintf(w, "; adherence %d %%", percent)
	}
	fmt.Fprintln(w)
	if st.Done > 0 {
		fmt.Fprintf(w, "%-10s%d done\n", "check-ins", st.Done)
	}
	several := strings.Contains(running(cal, day), ",")
	for _, n := range st.Needed {
		last := n.Taken[len(n.Taken)-1]
		name := n.Name
		if several {
			name += " of " + n.Protocol
		}
		text := fmt.Sprintf("%s: %s taken, the last at %v on %s, %v", name, civil.Plural(len(n.Taken), "dose"), last.On.Clock, view.Date(last.On.Date), last.Amount)
		if !n.Next.Date.IsZero() {
			text += fmt.Sprintf("; another not before %v on %s", n.Next.Clock, view.Date(n.Next.Date))
		}
		hanging(w, fmt.Sprintf("%-10s", "as needed"), text, width)
	}
	for i := range cal.Legs {
		if l := &cal.Legs[i]; l.Ended.After(day) && !l.From.After(day) {
			hanging(w, fmt.Sprintf("%-10s", "ordered"), fmt.Sprintf("%s ends before %s (%s)", l.Schedule.Protocol.ID, view.Date(l.Ended), l.Note), width)
		}
	}
	for i := range cal.Legs {
		for _, c := range cal.Legs[i].Coming {
			text := c.What
			if several {
				text += " of " + cal.Legs[i].Schedule.Protocol.ID
			}
			hanging(w, fmt.Sprintf("%-10s", "ordered"), fmt.Sprintf("%s from %s on (%s)", text, view.Date(c.From), c.Why), width)
		}
	}
	for _, h := range cal.Holds {
		if h.From.After(day) {
			hanging(w, fmt.Sprintf("%-10s", "ordered"), heldInWords(&h), width)
		}
	}
	p := statusPage{w: w, status: st, width: width, several: several}
	p.section("due", st.Due, nil, true)
	first, counts := sorts(st.Overdue)
	p.section("overdue", first, counts, true)
	p.section("next", append(one(st.Next), one(st.Stands)...), nil, false)
	p.section("check-in", one(st.NextMeet), nil, false)
	p.section("waiting", st.Waiting, nil, false)
	for i := range st.Stopping {
		hanging(p.w, fmt.Sprintf("%-10s", "held for"), itemText(&st.Stopping[i], several)+": it did not take place, and what it decides about is held until it does", p.width)
	}
	for i := range st.Declined {
		it := &st.Declined[i]
		hanging(p.w, fmt.Sprintf("%-10s", "declined"), fmt.Sprintf("%s does not let %s through: hold it again later and record it under the same number, go over to another protocol, or end this one", it.Leg.Schedule.CheckIns[it.Event.Waits.List()[0].CheckIn()].Name, itemText(it, several)), p.width)
	}
	p.decisions(cal)
	if list := unanswered(cal, day); len(list) > 0 {
		hanging(w, fmt.Sprintf("%-10s", "confirm"), "the patient's parameters do not answer these: "+strings.Join(list, " · "), width)
	}
}

// unanswered returns what nobody has answered of the patient for the protocols that have not ended by a day, each once.
func unanswered(cal *ledger.Calendar, day civil.Date) []string {
	list := []string{}
	for i := range cal.Legs {
		l := &cal.Legs[i]
		if !l.Ended.IsZero() && !day.Before(l.Ended) {
			continue
		}
		for _, q := range view.Questions(l.Schedule) {
			if !slices.Contains(list, q) {
				list = append(list, q)
			}
		}
	}
	return list
}

func one(i *ledger.Item) []ledger.Item {
	if i == nil {
		return nil
	}
	return []ledger.Item{*i}
}

// A statusPage is the status of a course on its way to a terminal.
type statusPage struct {
	w       io.Writer
	status  *ledger.Status
	width   int
	several bool // protocols run beside each other

	presumed bool // it is said that an amount rests on doses of which nothing is recorded
}

// section writes items, each once; of several of a kind, how many there are since the first. late
// says until when a dose may be given.
func (p *statusPage) section(title string, items []ledger.Item, counts []int, late bool) {
	for i := range items {
		if i > 0 {
			title = ""
		}
		text := itemText(&items[i], p.several)
		if counts != nil && counts[i] > 1 {
			text = fmt.Sprintf("%d since %s", counts[i], text)
		}
		if last := p.status.Unsettled(&items[i]); !last.IsZero() {
			text += fmt.Sprintf("; not to be given before it is recorded what became of the doses since %s", view.Date(last))
		} else if last := items[i].HeldUntil(); items[i].Event.Date.Before(p.status.AsOf) && !last.Before(p.status.AsOf) {
			text += fmt.Sprintf("; may be held until %s", view.Date(last))
		} else if at, ok := items[i].GivenUntil(); ok && late {
			if d, c := items[i].Leg.Schedule.Zone.DateClock(at); !d.Before(p.status.AsOf) {
				text += fmt.Sprintf("; may be given until %s %v", view.Date(d), c)
			} else {
				text += "; too late to give: record it as given or as missed"
			}
		}
		if n := p.status.Presumed(&items[i]); n > 0 && counts == nil && !p.presumed {
			p.presumed = true
			text += fmt.Sprintf("; that takes %s before it as given, of which nothing is recorded", civil.Plural(n, "smaller dose"))
		}
		hanging(p.w, fmt.Sprintf("%-10s", title), text, p.width)
	}
}

// decisions writes what the clinician must decide by now: of the check-ins of one name the last that
// may be held, which decides in the place of those before it.
func (p *statusPage) decisions(cal *ledger.Calendar) {
	title := "decide"
	for i := range cal.Legs {
		s := cal.Legs[i].Schedule
		if ended := cal.Legs[i].Ended; !ended.IsZero() && !p.status.AsOf.Before(ended) {
			continue
		}
		last := map[int16]*schedule.Event{}
		for k := range s.Events {
			if e := &s.Events[k]; e.Kind == schedule.CheckIn && e.Number > 0 && !e.Target.AddDays(-s.CheckIn(e).Window.Before).After(p.status.AsOf) {
				last[e.Rule] = e
			}
		}
		for k := range s.Events {
			e := &s.Events[k]
			if e.Kind != schedule.CheckIn || last[e.Rule] != e || e.Status > schedule.Provisional {
				continue
			}
			decides := view.Decides(s, e)
			if s.CheckIn(e).Name == schedule.Reassessment {
				decides = append(decides, "decides whether doses go on")
			}
			for _, what := range decides {
				hanging(p.w, fmt.Sprintf("%-10s", title), fmt.Sprintf("%s %d, %s: %s", s.CheckIn(e).Name, e.Number, view.Date(e.Date), what), p.width)
				title = ""
			}
		}
	}
}

// running names the protocols of a course on a day: the last to have begun, and those beside it.
func running(cal *ledger.Calendar, day civil.Date) string {
	name, beside := "", ""
	for i := range cal.Legs {
		l := &cal.Legs[i]
		switch {
		case l.Beside && !l.From.After(day) && (l.Ended.IsZero() || day.Before(l.Ended)):
			beside += ", " + l.Schedule.Protocol.ID + " alongside"
		case !l.Beside && (name == "" || !l.From.After(day)):
			name = l.Schedule.Protocol.ID
		}
	}
	return name + beside
}

// hanging writes a text after a head, in lines of a width that begin under the text.
func hanging(w io.Writer, head, text string, width int) {
	indent := utf8.RuneCountInString(head)
	for i, line := range terminal.Wrap(text, max(width-indent, 30)) {
		if i > 0 {
			head = strings.Repeat(" ", indent)
		}
		fmt.Fprintf(w, "%s%s\n", head, line)
	}
}

type jsonItem struct {
	Protocol string `json:"protocol"`
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Number   int    `json:"number"`
	Start    string `json:"start"`
	Status   string `json:"status"`
	Amount   string `json:"amount,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Medicine string `json:"medication,omitempty"`
	Route    string `json:"route,omitempty"`
	Gate     string `json:"gate,omitempty"`
	Until    string `json:"given_until,omitempty"`     // of a dose: until when the protocol lets it be given
	Last     string `json:"unsettled_since,omitempty"` // of a dose that is not to be given before it is recorded what became of those since: the day of the last that was given
	Presumes int    `json:"presumes,omitempty"`        // of a dose: how many smaller ones before it, of which nothing is recorded, it takes as given
}

func toJSON(st *ledger.Status, i *ledger.Item) jsonItem {
	s, e := i.Leg.Schedule, i.Event
	j := jsonItem{Protocol: s.Protocol.ID, Kind: e.Kind.String(), Number: int(e.Number), Start: e.Time().Format(time.RFC3339), Status: e.Status.String(), Gate: s.GateName(e)}
	if e.Kind == schedule.Dose {
		d := s.Dose(e)
		j.Name, j.Amount, j.Unit = s.PhaseName(e), d.Amount.Decimal(), d.Amount.Unit().String()
		j.Medicine, j.Route, j.Presumes = d.Medication.Name, d.Route.Name, st.Presumed(i)
		j.Last = st.Unsettled(i).String()
		if at, ok := i.GivenUntil(); ok && j.Last == "" {
			j.Until = time.Unix(at, 0).In(s.Zone.Location()).Format(time.RFC3339)
		}
	} else if e.Kind == schedule.Supply {
		f := s.Fill(e)
		j.Name, j.Amount, j.Unit = "fill", f.Total.Decimal(), f.Total.Unit().String()
		j.Medicine, j.Route = f.Medication.Name, f.Route.Name
	} else {
		j.Name = s.CheckIn(e).Name
	}
	return j
}

// jsonNeeded is what was taken as needed.
type jsonNeeded struct {
	Protocol string `json:"protocol"`
	Name     string `json:"name"`
	Taken    int    `json:"taken"` // doses
	Date     string `json:"date"`  // of the last
	Time     string `json:"time"`
	Amount   string `json:"amount"`
	Unit     string `json:"unit"`
	Next     string `json:"next,omitempty"` // the date and the time before which another passes the budget, where that is still to come
}

// jsonOrder is what was ordered for a later day.
type jsonOrder struct {
	Protocol string `json:"protocol"`
	From     string `json:"from"`
	What     string `json:"what"`
	Why      string `json:"why"` // who ordered it, and why
}

func statusJSON(w *bytes.Buffer, cal *ledger.Calendar, day civil.Date) error {
	st := ledger.StatusOf(cal, day)
	items := func(list []ledger.Item) []jsonItem {
		out := []jsonItem{}
		for i := range list {
			out = append(out, toJSON(st, &list[i]))
		}
		return out
	}
	doc := struct {
		Format    int          `json:"format"`
		Course    string       `json:"course"`
		Patient   string       `json:"patient"`
		AsOf      string       `json:"as_of"`
		Given     int          `json:"given"`
		CheckIns  int          `json:"check_ins"` // done
		Missed    int          `json:"missed"`
		Held      int          `json:"held"`
		LeftOut   int          `json:"left_out"` // by order
		Adherence *int         `json:"adherence"`
		OnHold    bool         `json:"on_hold"`
		HeldOf    []string     `json:"held_of,omitempty"` // the protocols whose doses are held, where not all are
		Stopped   string       `json:"stopped,omitempty"`
		Due       []jsonItem   `json:"due"`
		Overdue   []jsonItem   `json:"overdue"`
		Next      []jsonItem   `json:"next"`
		Waiting   []jsonItem   `json:"waiting"`
		Declined  []jsonItem   `json:"declined"`
		Stopping  []jsonItem   `json:"stopping"` // check-ins for which doses are held
		AsNeeded  []jsonNeeded `json:"as_needed,omitempty"`
		Ordered   []jsonOrder  `json:"ordered"` // what holds from a later day on
		Findings  []string     `json:"findings"`
		Confirm   []string     `json:"confirm"` // what the patient's parameters do not answer
	}{Confirm: unanswered(cal, day), Format: 1, Course: cal.Course.ID, Patient: cal.Course.Patient.ID, Findings: []string{}, AsOf: day.String(), Given: st.Given, CheckIns: st.Done, Missed: st.Missed, Held: st.Held, LeftOut: st.LeftOut, OnHold: st.OnHold, HeldOf: st.HeldOf, Due: items(st.Due), Overdue: items(st.Overdue), Waiting: items(st.Waiting), Declined: items(st.Declined), Stopping: items(st.Stopping), Next: []jsonItem{}, Ordered: []jsonOrder{}}
	for i := range cal.Legs {
		for _, c := range cal.Legs[i].Coming {
			doc.Ordered = append(doc.Ordered, jsonOrder{cal.Legs[i].Schedule.Protocol.ID, c.From.String(), c.What, c.Why})
		}
	}
	for _, n := range st.Needed {
		last := n.Taken[len(n.Taken)-1]
		next := ""
		if !n.Next.Date.IsZero() {
			next = fmt.Sprintf("%v %v", n.Next.Date, n.Next.Clock)
		}
		doc.AsNeeded = append(doc.AsNeeded, jsonNeeded{n.Protocol, n.Name, len(n.Taken), last.On.Date.String(), last.On.Clock.String(), last.Amount.Decimal(), last.Amount.Unit().String(), next})
	}
	if percent, ok := st.Adherence(); ok {
		doc.Adherence = &percent
	}
	for _, f := range known(cal) {
		doc.Findings = append(doc.Findings, f.String())
	}
	if !st.Stopped.IsZero() {
		doc.Stopped = st.Stopped.String()
	}
	for _, i := range []*ledger.Item{st.Next, st.Stands, st.NextMeet} {
		if i != nil {
			doc.Next = append(doc.Next, toJSON(st, i))
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// heldInWords says from when to when doses are to be held, and of which protocol.
func heldInWords(h *ledger.Held) string {
	text := "doses are held"
	if h.Of != "" {
		text = "doses of " + h.Of + " are held"
	}
	if h.Until.IsZero() {
		return text + " from " + view.Date(h.From) + " on"
	}
	return text + " from " + view.Date(h.From) + " to " + view.Date(h.Until.AddDays(-1))
}

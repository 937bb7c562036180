// Package nonmem writes the doses of a schedule as the event table of pharmacometrics, which
// NONMEM, mrgsolve and rxode2 read: ID, TIME, AMT, EVID, CMT, II, ADDL and RATE.
//
// # Conventions
//
// Lines that begin with # are comments: they hold what a reader must know, what the compartments
// and units are, and from when time is counted. NM-TRAN passes over them as it does over the header where
// $DATA has IGNORE=@; in R, read.csv(FILE, comment.char = "#", na.strings = ".") reads the table.
// The items from DOSEDATE on are for people: $INPUT has DROP for them. They hold no commas and no
// spaces, and those before them nothing but numbers. For estimation, add DV and MDV with the
// observations.
//
// TIME is elapsed hours from the first dose, so that it goes on evenly where clocks change, and is
// never negative. II and ADDL are 0 where every dose has a row of its own. With Options.Compact, doses that come
// again after the same elapsed hours are one row: II is the hours, and ADDL how many follow the first. A
// row ends where clocks change, where the amount does, and where the interval is no whole millionth
// of an hour. RATE is the amount an hour where the protocol says how long a dose runs, else 0,
// which is a bolus; it is rounded to nine decimals.
//
// The protocol knows nothing of a model's compartments: CMT numbers the medicines and routes in the order in
// which they are first given, and the comments say which is which. AMT is in the unit that is said
// there. Provisional doses are in the table, with that status; those that were missed or are held are
// not, and a comment says how many.
package nonmem

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/terminal"
)

var columns = []view.Column{
	{Name: "ID", Type: view.TypeInteger, Doc: "The patient: the id, where that is a whole number, else a number from 1."},
	{Name: "TIME", Type: view.TypeNumber, Doc: "Elapsed hours from the first dose of the table, to six decimals."},
	{Name: "AMT", Type: view.TypeNumber, Doc: "The amount, in the unit of its compartment."},
	{Name: "EVID", Type: view.TypeInteger, Doc: "1: a dose."},
	{Name: "CMT", Type: view.TypeInteger, Doc: "The medicine and route, numbered in the order in which they are first given; comments say which."},
	{Name: "II", Type: view.TypeNumber, Doc: "Hours between the doses of a row; 0 where ADDL is."},
	{Name: "ADDL", Type: view.TypeInteger, Doc: "How many doses follow the first of a row; 0 but in a compact table."},
	{Name: "RATE", Type: view.TypeNumber, Doc: "The amount an hour of an infusion; 0 for a dose that is given at once."},
	{Name: "DOSEDATE", Type: view.TypeDate, Doc: "The day of the first dose of the row, on the patient's clocks."},
	{Name: "DOSETIME", Type: view.TypeTime, Doc: "Its clock time."},
	{Name: "UTCOFFSET", Type: view.TypeText, Doc: "How far those clocks are from UTC then."},
	{Name: "PATIENT", Type: view.TypeText, Doc: "The patient's id as a word, or a dot."},
	{Name: "PHASE", Type: view.TypeText, Doc: "The phase."},
	{Name: "DOSE", Type: view.TypeInteger, Doc: "The number of the first dose of the row within its phase."},
	{Name: "STATUS", Type: view.TypeText, Doc: "Whether it stands: planned, provisional or taken; of a course also unrecorded, where its day is over and nothing is written down of it."},
	{Name: "MEDICATION", Type: view.TypeText, Doc: "The medicine as a word."},
	{Name: "ROUTE", Type: view.TypeText, Doc: "The route as a word."},
	{Name: "UNIT", Type: view.TypeText, Doc: "The unit of AMT."},
}

// Columns returns the columns of the table, in order.
func Columns() []view.Column { return slices.Clone(columns) }

// A compartment is a medicine by a route, with the unit of its amounts.
type compartment struct {
	medication, route string
	unit              quantity.Unit
}

// A row is one line of the table: a dose, or several that are alike.
type row struct {
	at           int64 // seconds after the epoch
	id, cmt      int
	amount, rate string
	step         int64 // seconds between the doses
	more         int   // how many follow the first
	dose         *schedule.Event
	status       string
	patient      string
	phase        string
}

// A table is the doses of a document.
type table struct {
	cmts   []compartment
	ids    []string
	starts []int64 // of each patient, when the first dose is
	rows   []row
	absent int // doses that were missed or are held
	open   int // doses of days that are over of which nothing is recorded
}

// Write writes a document as one table.
func Write(w io.Writer, d *view.Document) error {
	t := &table{}
	for i := range d.Parts {
		t.add(d.Parts[i].Schedule)
	}
	if d.Compact {
		t.compact()
	}
	slices.SortStableFunc(t.rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.at, b.at)) })
	out := bufio.NewWriter(w)
	for _, text := range t.comments(d) {
		// NM-TRAN reads no line of more than 300 characters, whatever it holds.
		for i, line := range terminal.Wrap(view.Clean(text), 90) {
			fmt.Fprintln(out, "#"+strings.Repeat(" ", 1+2*min(i, 1))+line)
		}
	}
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].Name
	}
	fmt.Fprintln(out, strings.Join(names, ","))
	for i := range t.rows {
		fmt.Fprintln(out, strings.Join(t.fields(&t.rows[i]), ","))
	}
	return out.Flush()
}

// add adds the doses of one calendar.
func (t *table) add(s *schedule.Schedule) {
	id := slices.Index(t.ids, s.Patient.ID)
	if id < 0 {
		id = len(t.ids)
		t.ids, t.starts = append(t.ids, s.Patient.ID), append(t.starts, math.MaxInt64)
	}
	for i := range s.Events {
		e := &s.Events[i]
		switch {
		case e.Kind != schedule.Dose:
			continue
		case !e.Counts():
			t.absent++
			continue
		}
		if s.Unwritten(e) {
			t.open++
		}
		d := s.Dose(e)
		k := t.compartment(d)
		amount := d.Amount.In(t.cmts[k].unit).Decimal()
		t.rows = append(t.rows, row{at: e.At, id: id, cmt: k, amount: amount, rate: rate(amount, d.Route.Over), dose: e, status: view.StatusWord(s, e), patient: s.Patient.ID, phase: s.PhaseName(e)})
		t.starts[id] = min(t.starts[id], e.At)
	}
	taken := s.TakenAsNeeded()
	for i := range taken {
		e := &taken[i]
		d := e.Of.Dose
		d.Amount = e.Amount
		k := t.compartment(&d)
		amount := e.Amount.In(t.cmts[k].unit).Decimal()
		t.rows = append(t.rows, row{at: e.At, id: id, cmt: k, amount: amount, rate: rate(amount, d.Route.Over), dose: &e.Event, status: e.Status.String(), patient: s.Patient.ID, phase: e.Of.Rule.Rule.Name})
		t.starts[id] = min(t.starts[id], e.At)
	}
}

// compartment returns the number of a medicine by a route, from 0.
func (t *table) compartment(d *schedule.DoseInfo) int {
	for i, c := range t.cmts {
		if c.medication == d.Medication.Name && c.route == d.Route.Words() && c.unit.Dimension() == d.Amount.Unit().Dimension() {
			return i
		}
	}
	t.cmts = append(t.cmts, compartment{d.Medication.Name, d.Route.Words(), d.Amount.Unit()})
	return len(t.cmts) - 1
}

// rate returns an amount an hour, where giving it takes some time.
func rate(amount string, over civil.Period) string {
	length, ok := over.Elapsed()
	a, valid := new(big.Rat).SetString(amount)
	if !ok || !valid || length <= 0 {
		return "0"
	}
	return decimal(a.Mul(a, big.NewRat(int64(time.Hour), int64(length))), 9)
}

// decimal prints a number with so many decimals at most.
func decimal(r *big.Rat, places int) string {
	text := r.FloatString(places)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func hours(seconds int64) string { return decimal(big.NewRat(seconds, 3600), 6) }

// maxRows is how many rows take turns in a compact table: the doses of a cycle.
const maxRows = 31

// compact puts doses that are alike, and come again after the same time, into one row.
func (t *table) compact() {
	type kind struct {
		id, cmt       int
		amount, rate  string
		phase, status string
	}
	alike, order := map[kind][]row{}, []kind{}
	for _, r := range t.rows {
		k := kind{r.id, r.cmt, r.amount, r.rate, r.phase, r.status}
		if alike[k] == nil {
			order = append(order, k)
		}
		alike[k] = append(alike[k], r)
	}
	t.rows = nil
	for _, k := range order {
		left := alike[k]
		times := make([]int64, len(left))
		for i := range left {
			times[i] = left[i].at
		}
		for len(left) > 0 {
			rows, n, step := longest(times)
			for i := range rows {
				r := left[i]
				r.step, r.more = step, (n-i+rows-1)/rows-1
				t.rows = append(t.rows, r)
			}
			left, times = left[n:], times[n:]
		}
	}
}

// longest returns how to put the first of some times into rows: into one, where three or more
// come again after the same time, else into those that save the most.
func longest(times []int64) (rows, n int, step int64) {
	rows, n = 1, 1
	for k := 1; k <= maxRows && k < len(times); k++ {
		m, s := steady(times, k)
		// An interval that the table could not hold whole would drift.
		if m-k > n-rows && s*1000000%3600 == 0 {
			rows, n, step = k, m, s
		}
		if rows == 1 && n > 2 {
			break
		}
	}
	return rows, n, step
}

// steady returns how many of some times, from the first on, come again in so many rows of one
// step; 1 where some row would hold one time alone.
func steady(times []int64, rows int) (n int, step int64) {
	step, n = times[rows]-times[0], rows
	for n < len(times) && times[n]-times[n-rows] == step {
		n++
	}
	if n < 2*rows {
		return 1, 0
	}
	return n, step
}

// number returns the ID of a patient.
func (t *table) number(id int) string {
	for _, text := range t.ids {
		if n, err := strconv.Atoi(text); err != nil || n < 1 || strconv.Itoa(n) != text {
			return strconv.Itoa(id + 1)
		}
	}
	return t.ids[id]
}

func (t *table) fields(r *row) []string {
	at, c := r.dose.Time(), &t.cmts[r.cmt]
	interval := "0"
	if r.more > 0 {
		interval = hours(r.step)
	}
	return []string{t.number(r.id), hours(r.at - t.starts[r.id]), r.amount, "1", strconv.Itoa(r.cmt + 1), interval, strconv.Itoa(r.more), r.rate,
		r.dose.Date.String(), r.dose.Clock.String(), at.Format("-07:00"), word(r.patient), word(r.phase), strconv.Itoa(int(r.dose.Number)), r.status,
		word(c.medication), word(c.route), word(c.unit.String())}
}

// word returns a text as an item without commas and spaces, in plain letters.
func word(text string) string {
	if text == "" {
		return "."
	}
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f && !strings.ContainsRune(`,;"'#=`, r) {
			return r
		}
		return '_'
	}, text)
}

// comments returns what a reader of the table must know.
func (t *table) comments(d *view.Document) []string {
	list := []string{fmt.Sprintf("Doses as an event table, by %s %s, tzdata %s.", d.Generator.Name, d.Generator.Version, civil.TZData)}
	for i := range d.Parts {
		p := &d.Parts[i]
		pr := p.Protocol
		list = append(list, fmt.Sprintf("%s: %s %s, sha256 %s", pr.Title, pr.ID, pr.Version, pr.Origin.SHA256), "Patient: "+view.Identity(p.Schedule))
		for _, f := range view.Findings(p.Schedule) {
			list = append(list, f.String())
		}
		list = append(list, view.Notes(p.Schedule)...)
	}
	for i, start := range t.starts {
		if start != math.MaxInt64 {
			list = append(list, fmt.Sprintf("ID %s: TIME counts elapsed hours from %s.", t.number(i), time.Unix(start, 0).UTC().Format(time.RFC3339)))
		}
	}
	for i, c := range t.cmts {
		list = append(list, fmt.Sprintf("CMT %d: %s %s, AMT in %v.", i+1, c.medication, c.route, c.unit))
	}
	if t.open > 0 {
		list = append(list, "Planned for days that are over, not recorded, and in the table all the same: "+civil.Plural(t.open, "dose")+", STATUS unrecorded.")
	}
	if t.absent > 0 {
		list = append(list, "Missed or held, and not in the table: "+civil.Plural(t.absent, "dose")+".")
	}
	return list
}

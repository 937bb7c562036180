// Package batch runs one plan for any number of patients: rows go in, and calendars or the
// reasons why there is none come out, in the order of the input.
//
//	rows.go    an input         → rows     cut, and not read yet
//	batch.go   plan + rows      → parts    read, computed and written on every core
//	load.go    schedules        → Load     what a population comes to, day by day
//
// Memory does not depend on how many patients there are: rows are read while there is room, and
// each [Part] is used again once it was taken.
package batch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Job is what is done to every row of an input.
type Job struct {
	Plan   *schedule.Plan
	Shard  Shard
	Strict bool // reject a patient whose calendar has warnings

	// Below states what rows leave open, such as a start that they share; nil for nothing.
	Below func(*patient.Builder)
	// Adds completes the findings of a schedule; nil for nothing.
	Adds func(*schedule.Schedule)
	// Writer makes what appends schedules to the output, one for each worker, which may keep what it wrote for the next.
	Writer func() Write
	// Sums asks for the load in place of an output.
	Sums bool

	// Of computes a row that is no patient's: a course. It is nil where rows are patients, and Plan is
	// computed for them. has says whether an id belongs to the share that is asked for.
	Of func(r *Row, has func(id string) bool) Course
}

// A Write appends a schedule to an output.
type Write func(*bytes.Buffer, *schedule.Schedule) error

// A Course is what a row came to that is no patient's.
type Course struct {
	ID        string
	Passed    bool // it is none of the courses that are asked for
	Calendars []*schedule.Schedule
	Found     diag.List
	Write     func(*bytes.Buffer) error // appends it to the output
}

// A Part is what some consecutive rows came to. It belongs to the function that it is given to
// until that returns.
type Part struct {
	Output   bytes.Buffer
	Patients []Patient // whose calendars are in Output, in order
	Load     Load      // where sums are asked for; else what the patients are warned of alone
	Rejects  []Reject
	End      Position // of its rows in the input
	Torn     bool     // its last row ends the input without a line end

	todo chan<- *Part // of the worker that always does it, in whose processor's cache it stays
	rows []Row
	n    int // how many of rows there are
	err  error
	done chan struct{}
	sums func(but map[int]bool) Load // of its rows but for some
}

// SumUp computes the load anew without the rows of some numbers. It is called before the part is given back.
func (p *Part) SumUp(but map[int]bool) { p.Load = p.sums(but) }

// A Patient says where in an output a calendar ends.
type Patient struct {
	Row  int
	Line int    // where it begins in the input; 0 where the row is a file
	File string // in which it stands
	ID   string
	End  int
}

// A Reject is one reason why a row has no calendar.
type Reject struct {
	Row  int
	Line int    // where it begins in the input; 0 where the row is a file
	File string // in which it stands
	ID   string // "" where it cannot be read
	diag.Diagnostic
}

// Refused reports whether it was refused for safety, rather than for what is wrong with the row.
func (r *Reject) Refused() bool { return r.Severity == diag.Refusal }

// How much a part holds: enough to be worth handing over, and little enough that a few of them
// fit the memory whatever a calendar is long.
const (
	partBytes = 256 << 10
	partRows  = 256
)

// Run computes the calendars of an input and gives them to take, part by part in the order of
// the input. When ctx ends, the rows that were begun are completed and taken, and its error is
// returned; an error of take or of the input ends the run likewise.
func (j *Job) Run(ctx context.Context, in Input, take func(*Part) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := runtime.GOMAXPROCS(0)
	q := &queue{order: make(chan *Part, 2*workers), free: make(chan *Part, 2*workers)}
	var wait sync.WaitGroup
	for range workers {
		todo := make(chan *Part, 2)
		for range cap(todo) {
			q.free <- &Part{todo: todo, done: make(chan struct{}, 1)}
		}
		q.todo = append(q.todo, todo)
		wait.Go(func() {
			w := &worker{Job: j, read: in.Reader()}
			if j.Writer != nil {
				w.write = j.Writer()
			}
			for p := range todo {
				w.part(p)
				p.sums = func(but map[int]bool) Load { return j.sumUp(in, p, but) }
				q.bytesARow.Store(int64(p.Output.Len()/max(p.n, 1) + 1))
				p.done <- struct{}{}
			}
		})
	}
	wait.Go(func() { q.fill(ctx, in) })
	var failed error
	for p := range q.order {
		<-p.done
		if failed == nil {
			if failed = errors.Join(p.err, take(p)); failed != nil {
				cancel(failed)
			}
		}
		q.free <- p
	}
	wait.Wait()
	if failed == nil {
		failed = q.err
	}
	return failed
}

// A queue hands parts from the reader to the workers, and in order to who takes them.
type queue struct {
	order, free chan *Part
	todo        []chan *Part // of each worker
	bytesARow   atomic.Int64
	err         error // why the reader ended, if not for the end of the input
}

// fill reads rows into parts until the input or the context ends.
func (q *queue) fill(ctx context.Context, in Input) {
	defer close(q.order)
	defer func() {
		for _, todo := range q.todo {
			close(todo)
		}
	}()
	for q.err == nil {
		if q.err = ctx.Err(); q.err != nil {
			return
		}
		p := <-q.free
		rows := 1
		if size := q.bytesARow.Load(); size > 0 {
			rows = int(max(1, min(partRows, partBytes/size)))
		}
		last := p.fill(in, rows)
		if p.n > 0 {
			p.todo <- p
			q.order <- p // both have room for every part
		}
		if errors.Is(last, io.EOF) {
			return
		}
		q.err = last
	}
}

// fill reads rows into an empty part.
func (p *Part) fill(in Input, rows int) error {
	p.Output.Reset()
	p.Patients, p.Rejects, p.n, p.err, p.Torn = p.Patients[:0], p.Rejects[:0], 0, nil, false
	for p.n < rows {
		if p.n == len(p.rows) {
			p.rows = append(p.rows, Row{})
		}
		r := &p.rows[p.n]
		if cap(r.Text) > partBytes {
			r.Text = nil // a row that was far longer than others
		}
		if err := in.Next(r); err != nil {
			return err
		}
		p.n++
		p.End, p.Torn = in.At(), r.Torn
	}
	return nil
}

// A worker does the rows of one part after the other.
type worker struct {
	*Job
	read    func(*patient.Builder, *Row)
	builder patient.Builder // of the row at hand
	write   Write
}

func (w *worker) part(p *Part) {
	p.Load.reset()
	for i := range p.rows[:p.n] {
		if err := w.row(p, &p.rows[i]); err != nil {
			p.err = err
			return
		}
	}
}

// sumUp returns the load of the rows of a part but for some, which a worker of its own computes again.
func (j *Job) sumUp(in Input, p *Part, but map[int]bool) Load {
	sums := *j
	sums.Sums = true // nothing is written a second time
	w, again := &worker{Job: &sums, read: in.Reader()}, &Part{}
	again.Load.reset()
	for i := range p.rows[:p.n] {
		if r := &p.rows[i]; !but[r.Number] {
			_ = w.row(again, r) // which went well before
		}
	}
	return again.Load
}

// row adds a calendar to a part, or the reasons why there is none.
func (w *worker) row(p *Part, r *Row) (err error) {
	id, size := "", p.Output.Len()
	defer func() {
		if x := recover(); x != nil { // the other rows stand
			p.Output.Truncate(size)
			d := diag.Diagnostic{Code: diag.Fault, Severity: diag.Error, Message: fmt.Sprintf("a fault in doseplan itself, not in this row: %v", x), Help: "please report it"}
			p.Rejects = append(p.Rejects, Reject{r.Number, r.Line, r.File, id, d})
		}
	}()
	if w.Of != nil {
		return w.course(p, r)
	}
	pat, found := w.patient(r)
	if id = pat.ID; !w.Shard.has(id, r.Number) {
		return nil
	}
	var s *schedule.Schedule
	if !found.HasErrors() {
		var more diag.List
		if s, more = w.Plan.Run(pat); s != nil {
			if w.Adds != nil {
				w.Adds(s)
			}
			s.Findings = append(found, s.Findings...)
			found = s.Findings
		} else {
			found = append(found, more...)
		}
	}
	if w.reject(p, r, id, found) {
		return nil
	}
	if w.Sums {
		p.Load.Add(s)
		p.Patients = append(p.Patients, Patient{Row: r.Number, Line: r.Line, File: r.File, ID: id})
		return nil
	}
	if err := w.write(&p.Output, s); err != nil {
		return err
	}
	p.Load.warn(s)
	p.Patients = append(p.Patients, Patient{r.Number, r.Line, r.File, id, p.Output.Len()})
	return nil
}

// course adds the calendars of a course to a part, or the reasons why there are none.
func (w *worker) course(p *Part, r *Row) error {
	c := w.Of(r, func(id string) bool { return w.Shard.has(id, r.Number) })
	switch {
	case c.Passed || w.reject(p, r, c.ID, c.Found):
		return nil
	case w.Sums:
		p.Load.Add(c.Calendars...)
		p.Patients = append(p.Patients, Patient{Row: r.Number, Line: r.Line, File: r.File, ID: c.ID})
		return nil
	}
	if err := c.Write(&p.Output); err != nil {
		return err
	}
	p.Load.warn(c.Calendars...)
	p.Patients = append(p.Patients, Patient{r.Number, r.Line, r.File, c.ID, p.Output.Len()})
	return nil
}

// patient reads a row.
func (w *worker) patient(r *Row) (*patient.Patient, diag.List) {
	pos := diag.Pos{Line: max(r.Line, 1), Column: 1}
	at := diag.Range{File: r.File, Start: pos, End: pos}
	var found diag.List
	b := &w.builder
	*b = patient.Builder{}
	switch {
	case r.Err != nil:
		found.Add(diag.Unreadable, diag.Range{File: r.File}, "", "it cannot be read: %v", r.Err)
	case r.Long:
		found.Add(diag.TooLarge, at, "look for a quote that does not end", "the row has more than %d bytes", MaxRow)
	case !utf8.Valid(r.Text):
		found.Add(diag.NotUTF8, at, "save the file as UTF-8", "the text is not UTF-8")
	default:
		w.read(b, r)
		b.Below()
		if w.Below != nil {
			w.Below(b)
		}
	}
	p, more := b.Patient()
	if found = append(found, more...); p.ID == "" && !found.HasErrors() {
		found.Add(diag.MissingPatient, at, "give every patient an id: outputs name it beside each event", "the id is not stated").Field = "id"
	}
	return p, found
}

// reject takes down why a row has no calendar, and reports whether it has none.
func (w *worker) reject(p *Part, r *Row, id string, found diag.List) bool {
	least := diag.Error
	if w.Strict {
		least = diag.Warning
	}
	any := false
	for _, d := range found {
		if d.Severity >= least {
			p.Rejects, any = append(p.Rejects, Reject{r.Number, r.Line, r.File, id, d}), true
		}
	}
	return any
}

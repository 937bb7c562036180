package view

import (
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Document is what a view writes: the calendars of one patient, each of a protocol that the
// patient follows, in the order in which they began, and how the reader wants to see them.
// Every view is a function that takes a writer and a Document.
type Document struct {
	Parts []Part // never empty
	Options
}

// A Part is one calendar of a document.
type Part struct {
	*schedule.Schedule
	Heading string // what tells it from the other parts; "" where there is one

	// What a reader needs who holds an earlier document of the same course. All are zero where
	// there was none.
	Entries int                  // how many entries the course had when this was computed
	Entered civil.Date           // the day on which the last of them was entered
	Before  []*schedule.Schedule // what earlier documents may have held: what of it stands no more is cancelled
	Beyond  []*schedule.Schedule // where the calendar is cut off: it, as far as any of Before reaches
}

// Options say how a reader wants to see a document. A view honours those that mean something
// for it.
type Options struct {
	Generator Generator
	Width     int // in cells of a terminal; 80 or more looks best
	Color     bool
	Explain   bool            // print the derivation of every event
	WeekStart int             // the first day of a week in grids: 0 Sunday, 1 Monday
	Alarms    []time.Duration // how long before an event a calendar program reminds of it
	Private   bool            // titles that others may see say nothing of what an event is
	Compact   bool            // say events that recur once, with their rule
	Template  Template        // by which a text is written

	For        Reader
	Lang       string // of the patient's page, as BCP 47 names it; "" for English
	Large      bool   // large type on a page
	Clinic     string // its name, as a page shows it; may be empty
	Phone      string // of the clinic; may be empty
	Paper      Paper
	CrisisLine string // whom to call in a crisis; "" for the lines that the program knows
}

// A Template is the text of a template, and what errors call it.
type Template struct{ Name, Text string }

// A Reader is for whom a page is made.
type Reader uint8

// The readers.
const (
	ForPatient Reader = iota
	ForClinician
)

// Of returns the document of one schedule.
func Of(s *schedule.Schedule, o Options) *Document {
	return &Document{Parts: []Part{{Schedule: s}}, Options: o}
}

// A Paper is what a page is printed on, where the view must know.
type Paper uint8

// The papers.
const (
	A4 Paper = iota
	Letter
)

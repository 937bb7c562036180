// Package icalendar writes a schedule as an iCalendar file (RFC 5545), at a cost that grows with
// the number of events and no faster.
//
// # Times
//
// Events carry local times with a TZID, and a VTIMEZONE that holds every change of the clocks
// from a year before the calendar, without an end where the zone's rules have none, so that a
// calendar program needs no zone data of its own. A clock time that comes twice, on the night
// on which clocks go back, is written in UTC: programs differ about which of the two is meant.
// A check-in takes half an hour on the calendar, and a dose its time of infusion, or a quarter
// of an hour; no protocol says how long they take.
//
// # What an event is called by
//
// A UID is made of the protocol's id, the patient, the first day of the treatment, and the place
// of the event in the protocol: "induction, dose 3". So a dose keeps its UID when it is moved,
// when its amount changes with the patient's weight, when its status changes, and when the
// protocol has a new version; a calendar program that reads the file again changes what it has.
// A treatment that starts on another day is another treatment.
//
// The patient is the id; without an id, the date of birth, where that is stated; never the weight
// or another parameter that changes, since then the old dose would stand beside the new one. Two
// patients without either who start one protocol on one day share UIDs, so state ids where the
// calendars of several patients meet: X-WR-CALDESC says so in the file.
//
// SEQUENCE is the number of entries of the course that the calendar was made from, and
// LAST-MODIFIED the day of the last one. What an earlier calendar of the course held and this
// one does not is written as CANCELLED, where the document knows of it; but what only stands past the
// last day that is shown is written on its day.
//
// There is no METHOD: a file that is imported needs none, and one that publishes would have to
// name an organizer (RFC 5546).
//
// # Compact calendars
//
// With Options.Compact, events that say the same and recur in a regular way are one VEVENT with an
// RRULE. Only rules that every program knows are used (DAILY, WEEKLY, MONTHLY, with INTERVAL, BYDAY
// and COUNT), never RDATE, which some pass over without a word; and only for clock times that exist
// once on each of the days, so that the instants are the same. What is moved, or falls into a
// change of the clocks, stands alone. The UID is that of the first event, as a row of them: where
// a dose in the midst of one changes, a compact calendar must replace the one before as a whole.
package icalendar

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/view"
)

const (
	localTime = "20060102T150405"
	// checkInLength is how long a check-in takes in the calendar; no protocol says.
	checkInLength = 30 * time.Minute
	doseLength    = 15 * time.Minute
)

// Write writes a document as one calendar. Observations are listed in the description of their
// dose.
func Write(w io.Writer, d *view.Document) error {
	l := &lines{w: w}
	g := d.Generator
	l.put("BEGIN:VCALENDAR")
	l.put("VERSION:2.0")
	l.add("PRODID:")
	l.line = escape(l.line, fmt.Sprintf("-//%s//%s//EN", g.Name, g.Version))
	l.end()
	l.put("CALSCALE:GREGORIAN")
	title := d.Parts[0].Protocol.Title
	if d.Private {
		title = "Appointments"
	}
	l.property("X-WR-CALNAME:", title)
	if slices.ContainsFunc(d.Parts, func(p view.Part) bool { return p.Patient.ID == "" && p.Patient.BirthDate.IsZero() }) {
		l.property("X-WR-CALDESC:", "No patient id is stated. Do not put it into a calendar that holds another patient's: an event of one could replace an event of the other.")
	}
	writeZones(l, d)
	taken, written := map[string]int{}, map[uid]bool{}
	who := make([]string, len(d.Parts))
	for i := range d.Parts {
		who[i] = writePart(l, d, &d.Parts[i], taken, written)
	}
	for i := range d.Parts {
		cancel(l, d, &d.Parts[i], who[i], written)
	}
	l.put("END:VCALENDAR")
	return l.flush()
}

// property writes one line with a text.
func (l *lines) property(name, text string) {
	l.add(name)
	l.line = escape(l.line, text)
	l.end()
}

// several reports whether a document is of several patients, as an agenda is.
func several(d *view.Document) bool {
	return slices.ContainsFunc(d.Parts, func(p view.Part) bool { return p.Patient.ID != d.Parts[0].Patient.ID })
}

// writeZones describes the zones of a document, each once.
func writeZones(l *lines, d *view.Document) {
	done := map[string]bool{civil.UTC.String(): true}
	for _, part := range d.Parts {
		zone := part.Zone
		if done[zone.String()] {
			continue
		}
		done[zone.String()] = true
		from, to := part.Start, part.Start
		for _, other := range d.Parts {
			for _, s := range calendars(other) {
				if s.Zone != zone {
					continue
				}
				for i := range s.Events {
					if day := s.Events[i].Date; day.Before(from) {
						from = day
					} else if day.After(to) {
						to = day
					}
				}
			}
		}
		writeZone(l, zone, from, to)
	}
}

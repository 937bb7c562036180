// Package icalendar writes a schedule as an iCalendar file (RFC 5545).
//
// Events carry local times with a TZID, and a VTIMEZONE that holds every change of the
// clocks that the calendar crosses, so that a calendar program needs no zone data of its
// own. A UID is made of the protocol, the patient and the event's place in the protocol: the
// same dose keeps its UID when the calendar is computed anew or the dose is moved. Two
// patients are told apart by their ids; without ids, by their other parameters.
package icalendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
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
	g := d.Generator
	list := d.Parts
	c := ics.NewCalendarFor(g.Name)
	c.SetProductId(fmt.Sprintf("-//%s//%s//EN", g.Name, g.Version))
	c.SetMethod(ics.MethodPublish)
	c.SetCalscale("GREGORIAN")
	c.SetXWRCalName(list[0].Protocol.Title)
	if zone := list[0].Zone; zone != civil.UTC {
		from, to := list[0].Start, list[0].Start
		for _, s := range list {
			for i := range s.Events {
				if d := s.Events[i].Date; d.Before(from) {
					from = d
				} else if d.After(to) {
					to = d
				}
			}
		}
		addZone(c, zone, from.AddMonths(-12), to.AddMonths(12))
	}
	for _, part := range list {
		s := part.Schedule
		wr := &writer{calendar: c, schedule: s, generator: g, watched: make(map[int32][]int32), findings: view.Findings(s), notes: view.Notes(s)}
		for i := range s.Events {
			if o := &s.Events[i]; o.Kind == schedule.Observation {
				wr.watched[o.Of] = append(wr.watched[o.Of], int32(i))
			}
		}
		for i := range s.Events {
			if s.Events[i].Kind != schedule.Observation {
				wr.add(i)
			}
		}
	}
	return c.SerializeTo(w, ics.WithNewLine("\r\n"))
}

// A writer adds the events of one schedule to a calendar.
type writer struct {
	calendar  *ics.Calendar
	schedule  *schedule.Schedule
	generator view.Generator
	watched   map[int32][]int32 // the observations of each dose
	findings  []view.Finding
	notes     []string
}

func (wr *writer) add(i int) {
	s := wr.schedule
	e := &s.Events[i]
	ev := ics.NewEvent(uid(s, e))
	wr.calendar.Components = append(wr.calendar.Components, ev)
	ev.SetDtStampTime(time.Unix(s.Start.Unix(0), 0).UTC()) // the clock is never read
	length := checkInLength
	if e.Kind == schedule.Dose {
		length = doseLength
		if over, ok := s.Dose(e).Route.Over.Elapsed(); ok {
			length = over
		}
	}
	utc := s.Zone == civil.UTC
	start := e.Time()
	setTime(ev, ics.ComponentPropertyDtStart, start, s.Zone, utc)
	setTime(ev, ics.ComponentPropertyDtEnd, start.Add(length).In(s.Zone.Location()), s.Zone, utc)
	ev.SetSummary(summary(s, e))
	ev.SetDescription(wr.description(i))
	switch e.Status {
	case schedule.Provisional:
		ev.SetStatus(ics.ObjectStatusTentative)
	case schedule.Missed, schedule.Held:
		ev.SetStatus(ics.ObjectStatusCancelled)
	default:
		ev.SetStatus(ics.ObjectStatusConfirmed)
	}
	ev.AddCategory(e.Kind.String())
	ev.SetClass(ics.ClassificationPrivate)
}

func setTime(ev *ics.VEvent, p ics.ComponentProperty, t time.Time, zone civil.Zone, utc bool) {
	if utc {
		ev.SetProperty(p, t.UTC().Format(localTime)+"Z")
		return
	}
	ev.SetProperty(p, t.Format(localTime), ics.WithTZID(zone.String()))
}

// summary is the title of an event. What stands only if a check-in confirms it says so first.
func summary(s *schedule.Schedule, e *schedule.Event) string {
	text := ""
	if e.Status == schedule.Provisional {
		text = "if confirmed: "
		if gate := s.GateName(e); gate != "" {
			text = "if " + gate + ": "
		}
	}
	switch e.Kind {
	case schedule.Dose:
		return text + fmt.Sprintf("%s %s: %s", s.PhaseName(e), view.Title(s, e), view.Amount(s, e))
	case schedule.Supply:
		return text + fmt.Sprintf("send %s: %s", view.Title(s, e), view.Contents(s, e))
	}
	return text + fmt.Sprintf("%s (%s)", view.Title(s, e), s.CheckIn(e).Mode)
}

func (wr *writer) description(i int) string {
	s, g := wr.schedule, wr.generator
	e := &s.Events[i]
	lines := []string{"Status: " + view.Status(s, e)}
	if s.Patient.ID != "" {
		lines = append(lines, "Patient: "+s.Patient.ID)
	}
	switch e.Kind {
	case schedule.CheckIn:
		lines = append(lines, view.Detail(s, e))
		lines = append(lines, view.Decides(s, e)...)
	case schedule.Supply:
		lines = append(lines, view.Contents(s, e))
	case schedule.Dose:
		lines = append(lines, s.Requirements(e)...)
		lines = append(lines, wr.observed(i)...)
	}
	for _, d := range s.Derivation(e) {
		lines = append(lines, d.String())
	}
	p := s.Protocol
	for _, f := range wr.findings {
		lines = append(lines, f.String())
	}
	lines = append(lines, wr.notes...)
	lines = append(lines, fmt.Sprintf("%s %s, sha256 %s, %s %s, tzdata %s", p.ID, p.Version, p.Origin.SHA256, g.Name, g.Version, civil.TZData))
	return strings.Join(lines, "\n")
}

func (wr *writer) observed(dose int) []string {
	var lines []string
	for _, i := range wr.watched[int32(dose)] {
		o := &wr.schedule.Events[i]
		lines = append(lines, fmt.Sprintf("%v %s (%s)", o.Clock, view.Title(wr.schedule, o), view.Detail(wr.schedule, o)))
	}
	return lines
}

// uid names an event by its place in the protocol, never by its date.
func uid(s *schedule.Schedule, e *schedule.Event) string {
	p := s.Patient
	who := p.ID
	if who == "" {
		who = fmt.Sprintf("%v %v %v %v %v", p.Weight, p.Height, p.BirthDate, p.Sex, p.TimeZone)
	}
	name, phase := "dose", s.PhaseName(e)
	switch e.Kind {
	case schedule.CheckIn:
		name, phase = s.CheckIn(e).Name, ""
	case schedule.Supply:
		name = "fill of " + s.Fill(e).Medication.Name
	}
	if e.Status == schedule.Missed { // it may be planned again under its number
		name = "missed on " + e.Date.String()
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %v %q %q %v %d", s.Protocol.ID, who, p.Start, phase, name, e.Kind, e.Number))
	return hex.EncodeToString(sum[:16]) + "@doseplan"
}

// addZone describes a zone from one day to another.
func addZone(c *ics.Calendar, zone civil.Zone, from, to civil.Date) {
	changes := zone.Transitions(from, to)
	tz := c.AddTimezone(zone.String())
	before := time.Unix(from.Unix(0), 0).In(zone.Location())
	name, offset := before.Zone()
	add := func(at time.Time, from, to int, name string, saving bool) {
		var base *ics.ComponentBase
		if saving {
			d := &ics.Daylight{}
			base = &d.ComponentBase
			tz.Components = append(tz.Components, d)
		} else {
			base = &tz.AddStandard().ComponentBase
		}
		// The clock time of the change is read on the clocks as they were before it.
		base.SetProperty(ics.ComponentPropertyDtStart, at.In(time.FixedZone("", from)).Format(localTime))
		base.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), offsetText(from))
		base.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), offsetText(to))
		base.SetProperty(ics.ComponentProperty(ics.PropertyTzname), name)
	}
	add(before, offset, offset, name, before.IsDST())
	for _, t := range changes {
		add(t.At, t.Before, t.After, t.Abbreviation, t.Saving)
	}
}

func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}

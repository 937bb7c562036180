package icalendar

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// calendars returns the calendar of a part, and what stood before it where that is known.
func calendars(p view.Part) []*schedule.Schedule {
	return slices.Concat([]*schedule.Schedule{p.Schedule}, p.Before, p.Beyond)
}

// A revision says which calendar of a course this is, in content lines.
type revision []string

// revisionOf returns the lines of a part. The clock is never read.
func revisionOf(p *view.Part) revision {
	day := p.Start
	if !p.Entered.IsZero() {
		day = p.Entered
	}
	stamp := time.Unix(day.Unix(0), 0).UTC().Format(localTime) + "Z"
	list := revision{"DTSTAMP:" + stamp}
	if !p.Entered.IsZero() {
		list = append(list, "LAST-MODIFIED:"+stamp)
	}
	return append(list, fmt.Sprintf("SEQUENCE:%d", p.Entries))
}

// writePart writes the events of a part, takes down their UIDs, and returns what these are made of.
// Of several parts that would have the same, those after the first count on.
func writePart(l *lines, d *view.Document, p *view.Part, taken map[string]int, written map[uid]bool) string {
	now := newWriter(l, d, p.Schedule, revisionOf(p))
	who := string(now.who)
	if taken[who]++; taken[who] > 1 {
		who += fmt.Sprintf("again %d ", taken[who])
	}
	now.who = []byte(who)
	entries := now.entries()
	for i := range entries {
		written[entries[i].uid] = true
		now.write(&entries[i])
	}
	if len(entries) == 0 {
		now.empty()
	}
	return who
}

// empty writes the day on which a part without an event starts: what must be known of it is said all the same.
func (w *writer) empty() {
	const title = "No dose and no check-in falls on a day that is shown"
	sum := sha256.Sum256(append(slices.Clip(w.who), "none"...))
	w.begin(uid(sum[:16]))
	w.put("DTSTART;VALUE=DATE:" + strings.ReplaceAll(w.Start.String(), "-", ""))
	if w.d.Private {
		w.put("SUMMARY:Reminder")
		w.put("CLASS:CONFIDENTIAL")
	} else {
		w.property("SUMMARY:", w.patient+title)
		w.put("CLASS:PRIVATE")
	}
	w.add("DESCRIPTION:")
	out := append(w.say(w.line, title), w.ask...)
	w.line = append(append(out, w.findings...), w.origin...)
	w.end()
	w.put("STATUS:CONFIRMED")
	w.put("TRANSP:TRANSPARENT")
	w.put("END:VEVENT")
}

// cancel cancels what stood before a part was computed, and stands no more in any part.
// What stands on a day past those that are shown is written there: it was moved, and is not cancelled.
func cancel(l *lines, d *view.Document, p *view.Part, who string, written map[uid]bool) {
	of := func(s *schedule.Schedule) *writer {
		w := newWriter(l, d, s, revisionOf(p))
		if s.Protocol.ID == p.Protocol.ID && s.Start == p.Start {
			w.who = []byte(who)
		}
		return w
	}
	type place struct {
		of *writer
		at entry
	}
	beyond := map[uid]place{}
	for _, s := range p.Beyond {
		w := of(s)
		for _, e := range w.entries() {
			beyond[e.uid] = place{w, e}
		}
	}
	for _, s := range p.Before {
		before := of(s)
		before.cancelled = true
		for _, e := range before.entries() {
			if written[e.uid] {
				continue
			}
			written[e.uid] = true
			if now, stands := beyond[e.uid]; stands {
				now.of.write(&now.at)
			} else {
				before.write(&e)
			}
		}
	}
}

type uid [16]byte

// An entry is what one VEVENT holds: an event, or events that recur by a rule.
type entry struct {
	uid   uid
	event int32 // the first
	last  int32
	count int
	rule  string // "" of one event
}

// A writer writes the events of one schedule.
type writer struct {
	*schedule.Schedule
	*lines
	revision  revision
	d         *view.Document
	patient   string // before every title, where there are several
	cursor    civil.Cursor
	cancelled bool
	who       []byte            // what a UID is made of, before the event's own
	watched   map[int32][]int32 // the observations of each dose
	first     int32             // the first dose
	phases    []common          // what the doses of a phase have in common, once it was asked for
	given     []given           // what is said of each amount, once it was asked for
	starts    string            // the names of the properties of local times
	ends      string
	ask       []byte // the patient, escaped
	findings  []byte // what every description says, escaped
	origin    []byte // the protocol and what made the calendar, escaped
	scratch   []byte
}

func newWriter(l *lines, d *view.Document, s *schedule.Schedule, rev revision) *writer {
	w := &writer{Schedule: s, lines: l, revision: rev, d: d, cursor: civil.NewCursor(s.Zone), watched: make(map[int32][]int32), first: s.FirstDose(),
		phases: make([]common, len(s.Protocol.Phases)), given: make([]given, len(s.Doses))}
	w.starts, w.ends = "DTSTART;TZID="+s.Zone.String()+":", "DTEND;TZID="+s.Zone.String()+":"
	who := "id " + s.Patient.ID
	if s.Patient.ID == "" {
		who = "born " + s.Patient.BirthDate.String()
	}
	w.who = fmt.Appendf(nil, "%q %q %v ", s.Protocol.ID, who, s.Start)
	for i := range s.Events {
		switch e := &s.Events[i]; e.Kind {
		case schedule.Observation:
			w.watched[e.Of] = append(w.watched[e.Of], int32(i))
		}
	}
	if id := s.Patient.ID; id != "" && several(d) {
		w.patient = id + ": "
	}
	if s.Patient.ID != "" {
		w.ask = w.say(nil, "Patient: "+s.Patient.ID)
	}
	for _, f := range view.Findings(s) {
		w.findings = w.say(w.findings, f.String())
	}
	for _, n := range view.Notes(s) {
		w.findings = w.say(w.findings, n)
	}
	p, g := s.Protocol, d.Generator
	w.origin = escape(nil, fmt.Sprintf("%s %s, sha256 %s, %s %s, tzdata %s", p.ID, p.Version, p.Origin.SHA256, g.Name, g.Version, civil.TZData))
	return w
}

// say appends a text and an end of line, escaped.
func (w *writer) say(out []byte, text string) []byte { return append(escape(out, text), `\n`...) }

// entries returns what VEVENTs are to be written, in order of time.
func (w *writer) entries() []entry {
	names := w.names()
	if w.d.Compact {
		return w.compact(names)
	}
	list := make([]entry, 0, len(w.Events))
	for i := range w.Events {
		if w.Events[i].Kind != schedule.Observation {
			list = append(list, entry{names[i], int32(i), int32(i), 1, ""})
		}
	}
	return list
}

// A place is where an event stands in a protocol.
type place struct {
	kind   schedule.Kind
	of     int16 // an index into phases, check-ins or medications
	number int32
}

func (w *writer) place(e *schedule.Event) place {
	switch e.Kind {
	case schedule.Dose:
		return place{e.Kind, e.Phase, e.Number}
	case schedule.Supply:
		m := w.Fill(e).Medication.Name
		return place{e.Kind, int16(slices.IndexFunc(w.Protocol.Medications, func(x protocol.Medication) bool { return x.Name == m })), e.Number}
	}
	return place{e.Kind, e.Rule, e.Number}
}

// words are what a place is called: the phase of a dose, the name of a check-in, the medicine of
// a fill.
func (w *writer) words(p place) string {
	switch p.kind {
	case schedule.Dose:
		return w.Protocol.Phases[p.of].Name
	case schedule.Supply:
		return w.Protocol.Medications[p.of].Name
	}
	return w.CheckIns[p.of].Name
}

// names returns the UID of each event but observations. Where several have one place, as a dose
// that was missed and is planned again, that which is planned has its name, else the last.
func (w *writer) names() []uid {
	holder := make(map[place]int32, len(w.Events))
	for i := range w.Events {
		e := &w.Events[i]
		if e.Kind == schedule.Observation {
			continue
		}
		p := w.place(e)
		if k, taken := holder[p]; !taken || w.Events[k].Status == schedule.Missed || e.Status != schedule.Missed {
			holder[p] = int32(i)
		}
	}
	names := make([]uid, len(w.Events))
	for i := range w.Events {
		e := &w.Events[i]
		if e.Kind == schedule.Observation {
			continue
		}
		if p := w.place(e); holder[p] == int32(i) {
			names[i] = w.uid(p, "")
		} else {
			names[i] = w.uid(p, e.Date.String()+" "+e.Clock.String())
		}
	}
	return names
}

// uid makes a name of a place, and of what else tells events apart.
func (w *writer) uid(p place, more string) uid {
	b := append(w.scratch[:0], w.who...)
	b = append(append(append(b, p.kind.String()...), ' '), w.words(p)...)
	b = strconv.AppendInt(append(b, ' '), int64(p.number), 10)
	b = append(append(b, ' '), more...)
	w.scratch = b
	sum := sha256.Sum256(b)
	return uid(sum[:16])
}

// begin writes how a VEVENT begins: its name, and of which revision it is.
func (w *writer) begin(name uid) {
	w.put("BEGIN:VEVENT")
	w.add("UID:")
	w.line = hex.AppendEncode(w.line, name[:])
	w.put("@doseplan")
	for _, line := range w.revision {
		w.put(line)
	}
}

// write writes one VEVENT.
func (w *writer) write(en *entry) {
	e := &w.Events[en.event]
	w.begin(en.uid)
	w.times(e)
	if en.rule != "" {
		w.put("RRULE:" + en.rule)
	}
	title := w.patient + w.title(e, en)
	public := title
	if w.d.Private {
		public = discreet(e)
	}
	w.property("SUMMARY:", public)
	w.describe(en, title)
	w.put("STATUS:" + w.status(e))
	if w.d.Private {
		w.put("CLASS:CONFIDENTIAL")
	} else {
		w.put("CLASS:PRIVATE")
		w.put("CATEGORIES:" + e.Kind.String())
	}
	w.alarms(e, public)
	w.put("END:VEVENT")
}

func (w *writer) status(e *schedule.Event) string {
	switch {
	case w.cancelled || !e.Counts():
		return "CANCELLED"
	case e.Status == schedule.Provisional, w.Unwritten(e):
		return "TENTATIVE"
	}
	return "CONFIRMED"
}

// alarms adds the reminders of an event that is still to come.
func (w *writer) alarms(e *schedule.Event, text string) {
	if w.cancelled || e.Status != schedule.Planned && e.Status != schedule.Provisional {
		return
	}
	for _, before := range w.d.Alarms {
		w.put("BEGIN:VALARM")
		w.put("ACTION:DISPLAY")
		w.put("TRIGGER:-PT" + strconv.Itoa(int(before/time.Minute)) + "M")
		w.property("DESCRIPTION:", text)
		w.put("END:VALARM")
	}
}

// length is how long an event takes on the calendar.
func (w *writer) length(e *schedule.Event) time.Duration {
	if e.Kind != schedule.Dose {
		return checkInLength
	}
	if over, ok := w.Dose(e).Route.Over.Elapsed(); ok && over > 0 {
		return over
	}
	return doseLength
}

// times writes when an event begins and ends. Where a program could read either local time in
// another way, both are in UTC.
func (w *writer) times(e *schedule.Event) {
	from, to := e.At, e.At+int64(w.length(e)/time.Second)
	first, ok1 := w.wall(from)
	last, ok2 := w.wall(to)
	if !ok1 || !ok2 {
		w.instant("DTSTART:", from, "Z")
		w.instant("DTEND:", to, "Z")
		return
	}
	w.instant(w.starts, first, "")
	w.instant(w.ends, last, "")
}

// wall returns the local time of an instant in seconds after that of the epoch, and whether it
// names the instant.
func (w *writer) wall(unix int64) (int64, bool) {
	if w.Zone == civil.UTC {
		return 0, false
	}
	m, offset := w.cursor.Local(unix)
	back, shift := w.cursor.At(m.Date, m.Clock)
	return unix + offset, shift == civil.Unshifted && back == unix
}

// instant writes seconds after the epoch as a date and a time of day.
func (w *writer) instant(name string, seconds int64, suffix string) {
	w.add(name)
	t := time.Unix(seconds, 0).UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	w.digits(year, 4)
	w.digits(int(month), 2)
	w.digits(day, 2)
	w.add("T")
	w.digits(hour, 2)
	w.digits(minute, 2)
	w.digits(second, 2)
	w.put(suffix)
}

func (w *writer) digits(n, width int) {
	for unit := [...]int{1, 10, 100, 1000}[width-1]; unit > 0; unit /= 10 {
		w.line = append(w.line, byte('0'+n/unit%10))
	}
}

// Package fhir writes schedules and protocols as HL7 FHIR R4 (4.0.1) resources, in JSON.
//
// A document becomes one Bundle of the type collection: nothing in it changes a record by being
// read. It holds
//
//	Patient                   the id alone
//	CarePlan                  each calendar, with its notes, and what it is made of
//	MedicationRequest         the doses of each phase that are still to come, as a plan without
//	                          authority; those that wait for a check-in, and those that are held,
//	                          stand in one of their own
//	MedicationAdministration  what became of a dose: given or missed
//	ServiceRequest            each check-in; the observations around doses, a rule at a time
//	SupplyRequest             each fill
//	DetectedIssue             each finding, and each question that nobody has answered
//	Provenance                the protocol, by its SHA-256, and the program
//
// # When a dose is given
//
// A dosage instruction has either a repeat or a list of instants. A repeat is written only where
// FHIR says the calendar exactly with it: `timeOfDay`, on every day of its bounds or on the days
// of the week that `dayOfWeek` names. A number of times in a period (`frequency`, `period`) says
// no clock time in FHIR, and cannot be used beside `timeOfDay`: a rule such as every two weeks, a
// dose that was moved, and a time that a change of the clocks moved are written as `event`
// instants. The zone stands beside the start of the bounds, as the extension tz-code. What FHIR
// cannot say stands in `text`.
//
// Ids are made of the place of a thing in the protocol, like the UIDs of package icalendar.
package fhir

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	core "github.com/doseplan/doseplan/pkg/fhir"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// base begins the URIs of what doseplan defines: they name things, and lead nowhere.
const base = "https://github.com/doseplan/doseplan/fhir/"

// Write writes a document as a Bundle.
func Write(w io.Writer, d *view.Document) error {
	first := d.Parts[0].Schedule
	who := patientKey(first)
	b := bundle{ResourceType: "Bundle", ID: id("Bundle", first.Protocol.ID, who, first.Patient.Start.String()), Type: "collection"}
	pat := patient{head: headOf("Patient", id("Patient", who), "Patient "+orUnnamed(first.Patient.ID))}
	if first.Patient.ID != "" {
		pat.Identifier = []identifier{{Value: clean(first.Patient.ID)}}
	}
	self := b.add("Patient", pat.ID, pat)
	made := map[string]bool{}
	for _, part := range d.Parts {
		wr := &writer{schedule: part.Schedule, generator: d.Generator, bundle: &b, patient: self, heading: part.Heading, made: made}
		wr.key = keyOf(part.Schedule, who)
		wr.part()
	}
	for _, part := range d.Parts {
		for _, s := range part.Before {
			b.withdraw(&writer{schedule: s, generator: d.Generator, bundle: &bundle{}, patient: self, heading: part.Heading, made: map[string]bool{}, key: keyOf(s, who)}, part.Schedule, made)
		}
	}
	return encode(w, b)
}

// keyOf is what the ids of a calendar's resources are made of.
func keyOf(s *schedule.Schedule, who string) string {
	return fmt.Sprintf("%s %s %v", s.Protocol.ID, who, s.Patient.Start)
}

// withdraw writes the requests that an earlier document of a course may have held and this one does not: a
// system that keeps them by their ids must learn that nothing of them is to be given any more.
func (b *bundle) withdraw(before *writer, now *schedule.Schedule, made map[string]bool) {
	before.checkIns()
	before.doses()
	before.needed()
	for _, e := range before.bundle.Entry {
		switch r := e.Resource.(type) {
		case medicationRequest:
			if made[r.ID] {
				continue
			}
			status, why := "stopped", "the course has ended or was changed: nothing of this is to be given any more"
			if last := r.last(); last != "" && last < now.Seen.String() && now.Stop.IsZero() {
				status, why = "completed", "every dose of this is over: see what was given"
			}
			made[r.ID] = true
			c := textOf(why)
			r.Status, r.StatusReason, r.SupportingInformation = status, &c, nil
			r.Note = append(notes(why), r.Note...)
			b.add("MedicationRequest", r.ID, r)
		case serviceRequest:
			if made[r.ID] {
				continue
			}
			made[r.ID] = true
			r.Status = "revoked"
			r.Note = append(notes("the course has ended or was changed: this is not to be held any more"), r.Note...)
			b.add("ServiceRequest", r.ID, r)
		}
	}
}

// last returns the last instant for which a dose was requested, as text that sorts by date; "" where there is none.
func (r *medicationRequest) last() (last string) {
	for _, in := range r.DosageInstruction {
		t := in.Timing
		if t == nil {
			continue
		}
		for _, at := range t.Event {
			last = max(last, at)
		}
		if t.Repeat != nil && t.Repeat.BoundsPeriod != nil {
			last = max(last, t.Repeat.BoundsPeriod.End)
		}
	}
	return last
}

func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// add adds a resource, and returns the reference to it.
func (b *bundle) add(kind, id string, resource any) reference {
	r := refer(kind, id)
	b.Entry = append(b.Entry, entry{FullURL: base + r.Reference, Resource: resource})
	return r
}

// A writer writes the resources of one calendar.
type writer struct {
	schedule  *schedule.Schedule
	generator view.Generator
	bundle    *bundle
	patient   reference
	heading   string
	key       string          // what ids of the calendar's resources are made of
	made      map[string]bool // the ids of the document

	requests, services, others, issues []reference
	reviews                            map[schedule.Wait]reference // the service request of each check-in
}

// part writes the resources: the plan stands before what it is made of, and is written last.
func (wr *writer) part() {
	at := len(wr.bundle.Entry)
	wr.findings()
	wr.checkIns()
	wr.observations()
	wr.doses()
	wr.needed()
	wr.administrations()
	wr.fills()
	plan := wr.plan()
	made := wr.bundle.add("CarePlan", plan.ID, plan)
	last := len(wr.bundle.Entry) - 1
	wr.bundle.Entry = slices.Insert(wr.bundle.Entry[:last], at, wr.bundle.Entry[last])
	wr.provenance(made)
}

// id returns an id that depends on the words alone: the first 128 bits of their SHA-256, in the
// form of a UUID of version 8 (RFC 9562).
func id(words ...string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", words))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// newID returns an id for a resource of the calendar. Two resources of the same name are told
// apart by their order.
func (wr *writer) newID(kind string, words ...string) string {
	words = append([]string{kind, wr.key}, words...)
	made := id(words...)
	for n := 2; wr.made[made]; n++ {
		made = id(append(words, fmt.Sprint(n))...)
	}
	wr.made[made] = true
	return made
}

// refer names a resource of the bundle: a reference says of which kind it is, and is resolved
// beside the full URL of the resource that it stands in.
func refer(kind, id string) reference { return reference{Reference: kind + "/" + id} }

// patientKey tells patients apart: by their ids, and without ids by their other parameters.
func patientKey(s *schedule.Schedule) string {
	p := s.Patient
	if p.ID != "" {
		return p.ID
	}
	return fmt.Sprintf("%v %v %v %v %v", p.Weight, p.Height, p.BirthDate, p.Sex, p.TimeZone)
}

func orUnnamed(id string) string {
	if id == "" {
		return "without an id"
	}
	return id
}

// headOf returns the head of a resource, with its text for people, a paragraph a line.
func headOf(kind, id string, lines ...string) head {
	var div strings.Builder
	div.WriteString(`<div xmlns="http://www.w3.org/1999/xhtml">`)
	for _, line := range lines {
		if line = clean(line); line != "" {
			div.WriteString("<p>" + html.EscapeString(line) + "</p>")
		}
	}
	div.WriteString("</div>")
	return head{ResourceType: kind, ID: id, Text: &narrative{Status: "generated", Div: div.String()}}
}

func clean(text string) string { return core.Clean(text) }

func textOf(text string) concept { return concept{Text: clean(text)} }

// tag matches what Markdown would read as the beginning of HTML.
var tag = lazy.MustCompile(`<([A-Za-z/!?])`)

// markdown returns a text for the fields that FHIR reads as Markdown.
func markdown(text string) string { return tag.ReplaceAllString(clean(text), `\<$1`) }

func notes(texts ...string) []annotation {
	var list []annotation
	for _, t := range texts {
		if t = markdown(t); t != "" {
			list = append(list, annotation{t})
		}
	}
	return list
}

// instant returns when an event is. FHIR has no offsets of seconds, which zones had before there
// were time zones by law.
func instant(e *schedule.Event) string {
	t := e.Time()
	if e.Offset%60 != 0 {
		t = t.UTC()
	}
	return t.Format(time.RFC3339)
}

// quantityOf returns an amount with its UCUM code, where its unit has one.
func quantityOf(a quantity.Amount) amount {
	unit := a.Unit().String()
	if n, ok := a.ScaledFloor(); ok && !a.Exact() || ok && quantity.FromScaled(n, a.Unit()).Cmp(a) != 0 {
		a = quantity.FromScaled(n, a.Unit()) // a bound of no more than six decimals: as much as amounts have
	}
	q := amount{Value: number(a.Decimal()), Unit: unit}
	if code := core.CodeOfUnit(unit); code != "" {
		q.System, q.Code = core.UCUM, code
	}
	return q
}

// lengthOf returns a length of time.
func lengthOf(p civil.Period) amount {
	return amount{Value: number(fmt.Sprint(p.N)), Unit: p.Unit.String(), System: core.UCUM, Code: core.CodeOfPeriod(p.Unit)}
}

// medicine returns a medicine, with the code that the protocol states.
func medicine(m *protocol.Medication) concept {
	c := textOf(m.Name)
	if m.RxNorm != "" {
		c.Coding = []coding{{System: core.RxNorm, Code: clean(m.RxNorm)}}
	}
	return c
}

func routeOf(r *protocol.Route) *concept {
	c := textOf(r.Words())
	if code, ok := core.CodeOfRoute(r.Name); ok {
		c.Coding = []coding{{System: core.SNOMED, Code: code.Code, Display: code.Display}}
	}
	return &c
}

// canonical names the definition of a protocol, as WriteProtocol writes it.
func canonical(p *protocol.Protocol) string {
	return base + "PlanDefinition/" + p.ID
}

// findings writes every finding, and then every question that nobody has answered.
func (wr *writer) findings() {
	for _, f := range view.Findings(wr.schedule) {
		if wr.asks(&f) {
			continue
		}
		text := f.Text
		if f.Help != "" {
			text += " (" + f.Help + ")"
		}
		wr.issue(f.Code, f.Severity, text)
	}
	for _, q := range view.Questions(wr.schedule) {
		wr.issue(string(diag.ToConfirm), diag.Note.String(), toConfirm+q)
	}
}

// asks reports whether a finding is that which stands for the questions: each is an issue of its
// own, and the plan's notes say them in one sentence.
func (wr *writer) asks(f *view.Finding) bool {
	return f.Code == string(diag.ToConfirm) && len(wr.schedule.Confirm) > 0 && strings.HasPrefix(f.Text, toConfirm)
}

// toConfirm is how a finding begins that stands for questions.
const toConfirm = "to confirm, since the patient's parameters do not answer it: "

// issue writes a finding. What FHIR calls severity is that of a harm, which doseplan does not
// judge: its own word stands in the code.
func (wr *writer) issue(code, severity, text string) {
	d := detectedIssue{
		head:   headOf("DetectedIssue", wr.newID("DetectedIssue", code, text), severity+": "+text),
		Status: "final", Code: textOf(severity), Patient: wr.patient, Detail: clean(text),
	}
	if code == string(diag.ToConfirm) {
		d.Status = "preliminary"
	}
	d.Code.Coding = []coding{{System: base + "CodeSystem/finding", Code: code}}
	if e, ok := diag.Lookup(diag.Code(code)); ok {
		d.Code.Coding[0].Display = clean(e.Title)
	}
	wr.issues = append(wr.issues, wr.bundle.add("DetectedIssue", d.ID, d))
}

// plan returns the plan that holds the calendar together.
func (wr *writer) plan() carePlan {
	s := wr.schedule
	title := s.Protocol.Title
	if wr.heading != "" {
		title = wr.heading + ": " + title
	}
	lines := []string{title, fmt.Sprintf("Protocol %s %s (%s), starts %v, %v.", s.Protocol.ID, s.Protocol.Version, s.Protocol.Status, s.Start, s.Zone)}
	if chosen := view.Choices(s); chosen != "" {
		lines = append(lines, "Chosen: "+chosen+".")
	}
	lines = append(lines, view.Totals(s)...)
	for _, r := range s.Protocol.Requirements {
		lines = append(lines, "For "+required(&r)+": "+strings.TrimSuffix(view.Joined(r.Texts), ".")+".")
	}
	said := append(append(view.Notes(s), wr.overridden()...), view.Sources(s.Protocol)...)
	for _, f := range view.Findings(s) {
		if wr.asks(&f) {
			said = append(said, f.Text)
		}
	}
	p := carePlan{
		head:                  headOf("CarePlan", wr.newID("CarePlan"), append(lines, said...)...),
		InstantiatesCanonical: []string{canonical(s.Protocol) + "|" + s.Protocol.Version},
		Status:                "draft", Intent: "plan", Title: clean(title), Description: clean(strings.Join(lines[1:], " ")), Subject: wr.patient,
		Note: notes(said...), SupportingInfo: append(append([]reference{}, wr.issues...), wr.others...),
	}
	if wr.over() {
		p.Status = "revoked"
	}
	if n := len(s.Events); n > 0 {
		p.Period = &period{Start: instant(&s.Events[0]), Start_: zoneAside(s.Zone), End: instant(&s.Events[n-1])}
	}
	for _, r := range append(append([]reference{}, wr.requests...), wr.services...) {
		p.Activity = append(p.Activity, activity{r})
	}
	return p
}

func required(r *protocol.Requirement) string {
	switch {
	case r.First:
		return "the first dose"
	case r.Phase != "":
		return "each dose of " + r.Phase
	}
	return "each dose"
}

func (wr *writer) overridden() []string {
	var list []string
	for _, o := range wr.schedule.Override {
		list = append(list, fmt.Sprintf("The limit “%s” is overridden: %s.", o.Limit, o.Reason))
	}
	return list
}

func zoneAside(z civil.Zone) *aside {
	return &aside{[]extension{{URL: core.TimeZone, ValueCode: z.String()}}}
}

// provenance says what the plan was made from and by. When is not said: no clock is read.
func (wr *writer) provenance(plan reference) {
	p, g := wr.schedule.Protocol, wr.generator
	made := fmt.Sprintf("%s %s, tzdata %s", g.Name, g.Version, civil.TZData)
	out := provenance{
		head:      headOf("Provenance", wr.newID("Provenance"), fmt.Sprintf("Made from protocol %s %s, SHA-256 %s, by %s.", p.ID, p.Version, p.Origin.SHA256, made)),
		Recorded_: &aside{[]extension{{URL: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", ValueCode: "unknown"}}},
		Agent: []agent{{
			Type: concept{Coding: []coding{{System: "http://terminology.hl7.org/CodeSystem/provenance-participant-type", Code: "assembler", Display: "Assembler"}}},
			Who:  reference{Display: made},
		}},
	}
	out.Target = append([]reference{plan}, append(append(append([]reference{}, wr.requests...), wr.services...), wr.others...)...)
	add := func(name, version, sum string) {
		out.Entity = append(out.Entity, entity{"source", reference{
			Identifier: &identifier{System: base + "sha256", Value: sum}, Display: fmt.Sprintf("protocol %s %s", name, version),
		}})
	}
	add(p.ID, p.Version, p.Origin.SHA256)
	for _, b := range p.Origin.Extends {
		add(b.ID, b.Version, b.SHA256)
	}
	wr.bundle.add("Provenance", out.ID, out)
}

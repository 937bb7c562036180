package fhir

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// Settings are what FHIR leaves to an institution, a patient and a clinician.
type Settings struct {
	Start    civil.Date    // day 1 of what states no start of its own; the zero Date if it is not known
	Zone     civil.Zone    // of the patient
	HasZone  bool          // whether Zone is stated; otherwise the file may say one
	Route    string        // of what states none; "" for none
	Times    []civil.Clock // of a day with that many doses, where no time is stated
	DoseTime civil.OptionalClock
	Clocks   map[string]civil.Clock // what “breakfast” means: by the names of ClockNames
	Choices  []Choice
}

// A Choice picks a value from a range. An empty Name means every range, and then the Value is
// Least or Most, of the medicine.
type Choice struct {
	Name  string // dose, frequency, period, count or bounds, or the path of the range
	Value string
}

// The ends of a range.
const (
	Least = "least"
	Most  = "most"
)

// ClockNames are the names of the clock times that event codes of FHIR stand for, with what they
// are unless settings say otherwise.
func ClockNames() []protocol.Time {
	return append([]protocol.Time{{Name: "wake", Clock: civil.MustClock("07:00")}}, protocol.TimeNames()...)
}

// An Order is what a file asks for, as a protocol of the language: it is run like any other, so
// that limits, derivations and views mean the same.
type Order struct {
	Protocol *protocol.Protocol
	Text     []byte // the protocol as a file
	Patient  string // the patient's id in the file, or ""
	Start    civil.Date
	Zone     civil.Zone
	HasZone  bool
	Findings diag.List // notes and warnings, for every document of the order
}

// Read reads FHIR R4 in JSON: a MedicationRequest, or a Bundle with some. Everything in it that
// says when a dose is given is put on the calendar, or refused by its path with the reason. What
// FHIR leaves open is read as the settings say, and listed. The order is nil where the findings
// hold an error.
func Read(name string, data []byte, set Settings) (*Order, diag.List) {
	r := &reader{name: name, set: set}
	root, err := parse(name, data)
	if err != nil {
		r.found.Add(diag.NotFHIR, diag.Range{File: name}, "give a MedicationRequest or a Bundle in JSON", "%s", Clean(err.Error()))
		return nil, r.found
	}
	r.root = root.get("resourceType").word()
	r.zone(root)
	requests := r.requests(root)
	for i, n := range requests {
		r.request(n, i, len(requests) > 1)
	}
	if r.found.HasErrors() {
		return nil, r.found
	}
	if len(r.stretches) == 0 {
		r.found.Add(diag.NotExpanded, root.at, "see what it allows, in the notes", "no dose of the file falls on a day that could be planned")
		return nil, r.found
	}
	sum := sha256.Sum256(data)
	return r.order(hex.EncodeToString(sum[:]))
}

// A reader reads one file.
type reader struct {
	name    string
	root    string // the type of the resource
	set     Settings
	found   diag.List
	tree    *node
	asked   map[string]bool
	patient string
	who     string // what tells the patient from another
	notes   []string
	meds    []medicine

	stretches []stretch
}

// A medicine is one that the file asks for, by some routes.
type medicine struct {
	name, rxnorm string
	routes       []string
	limits       protocol.Limits
}

// A stretch is what becomes a phase of the protocol.
type stretch struct {
	name, title  string
	medicine     int
	route, dose  string
	instructions []string
	start, next  civil.Date // its day 1, and from when something after it could run; the zero Date for never
	frequency    string
	times        []civil.Clock
	course       string
	at           diag.Range
}

// where names a node as FHIRPath does.
func (r *reader) where(n *node) string {
	if n == nil || n.path == "" {
		return r.root
	}
	return Clean(r.root + "." + n.path)
}

// add adds a finding about a node; a nil one stands for the file.
func (r *reader) add(code diag.Code, n *node, help, form string, args []any) *diag.Diagnostic {
	at := diag.Range{File: r.name}
	if n != nil {
		at = n.at
	}
	return r.found.Add(code, at, help, "%s: %s", r.where(n), Clean(fmt.Sprintf(form, args...)))
}

// refuse says why a part of the file cannot be put on a calendar.
func (r *reader) refuse(n *node, help, form string, args ...any) *diag.Diagnostic {
	return r.add(diag.NotExpanded, n, help, form, args)
}

// open says how something that FHIR leaves open was read.
func (r *reader) open(n *node, form string, args ...any) {
	r.add(diag.LeftOpen, n, "", form, args)
}

// dropped says what is not on the calendar.
func (r *reader) dropped(n *node, form string, args ...any) *diag.Diagnostic {
	return r.add(diag.NotKept, n, "", form, args)
}

// private adds words of the file to a finding: they are for the patient's own document.
func (r *reader) private(d *diag.Diagnostic, text string) {
	d.Private = Clean(text)
}

// ask says once that a parameter is needed.
func (r *reader) ask(n *node, parameter, form string, args ...any) {
	if r.asked[parameter] {
		return
	}
	if r.asked == nil {
		r.asked = map[string]bool{}
	}
	r.asked[parameter] = true
	r.add(diag.MissingPatient, n, "", form, args).Asks = parameter
}

// keys refuses keys that FHIR R4 does not have there: what another release means by them would
// be passed over. A modifier extension changes what is said around it.
func (r *reader) keys(n *node, known ...string) bool {
	if n.kind != object {
		r.refuse(n, "", "it is %v, and must be an object", n.kind)
		return false
	}
	ok := true
	for _, f := range n.fields {
		bare := strings.TrimPrefix(f.key, "_")
		switch {
		case f.key == "modifierExtension":
			r.refuse(f.node, "say the same without it", "a modifier extension changes what stands beside it, and is not known: %s", urls(f.node))
			ok = false
		case f.key == "extension":
			ok = r.extensions(f.node) && ok
		case f.key == "id" || f.key == "fhir_comments":
		case bare != f.key && slices.Contains(known, bare):
			r.beside(f.node)
		case !slices.Contains(known, bare):
			r.refuse(f.node, diag.DidYouMean(bare, known), "FHIR R4 has no “%s” here", f.key)
			ok = false
		}
	}
	return ok
}

// beside reads what stands beside a value, or in place of one: extensions.
func (r *reader) beside(n *node) {
	r.extensions(n.get("extension"))
	for _, item := range n.list() {
		r.extensions(item.get("extension"))
	}
}

// listOf returns the items of a list. One value in place of a list is refused: it would be
// passed over.
func (r *reader) listOf(n *node) []*node {
	if n != nil && n.kind != array {
		r.refuse(n, "put it into a list", "it is %v, and must be a list", n.kind)
	}
	return n.list()
}

// truth reads true or false.
func (r *reader) truth(n *node) bool {
	if n != nil && n.kind != boolean {
		r.refuse(n, "", "it is %v, and must be true or false", n.kind)
	}
	return n.isTrue()
}

func urls(n *node) string {
	var list []string
	for _, e := range n.list() {
		list = append(list, e.get("url").word())
	}
	return strings.Join(list, ", ")
}

// days of a month and of a cycle change when doses are given.
var telling = []string{
	"http://hl7.org/fhir/StructureDefinition/timing-dayOfMonth",
	"http://hl7.org/fhir/StructureDefinition/timing-daysOfCycle",
}

func (r *reader) extensions(n *node) bool {
	ok := true
	for _, e := range n.list() {
		switch url := e.get("url").word(); {
		case slices.Contains(telling, url):
			r.refuse(e, "give the instants as `event`", "the extension %s says on which days, and is not read", url)
			ok = false
		case url == Exact || url == TimeZone:
		default:
			r.dropped(e, "the extension %s is not read", url)
		}
	}
	return ok
}

// zone finds the time zone that a file says, where none is stated.
func (r *reader) zone(root *node) {
	var names []string
	var at *node
	var walk func(*node)
	walk = func(n *node) {
		if n.get("url").word() == TimeZone {
			if name := n.get("valueCode").word(); name != "" && !slices.Contains(names, name) {
				names, at = append(names, name), n
			}
		}
		for _, f := range n.fields {
			walk(f.node)
		}
		for _, item := range n.items {
			walk(item)
		}
	}
	walk(root)
	switch {
	case len(names) == 0:
	case r.set.HasZone:
		if names[0] != r.set.Zone.String() {
			r.open(at, "the file says the time zone %s; %v is taken, as stated for the patient", strings.Join(names, ", "), r.set.Zone)
		}
	case len(names) > 1:
		r.ask(at, "time-zone", "the file says several time zones: %s", strings.Join(names, ", "))
	default:
		zone, err := civil.LoadZone(names[0])
		if err != nil {
			r.refuse(at, "", "%v", err)
			return
		}
		r.set.Zone, r.set.HasZone = zone, true
	}
}

// requests returns the medication requests of a resource.
func (r *reader) requests(root *node) []*node {
	r.tree = root
	switch r.root {
	case "MedicationRequest":
		return []*node{root}
	case "Bundle":
		return r.ofBundle(root)
	case "":
		r.found.Add(diag.NotFHIR, root.at, "give a MedicationRequest or a Bundle", "it has no resourceType")
	default:
		r.found.Add(diag.NotFHIR, root.at, "give a MedicationRequest or a Bundle", "it is a %s, which asks for no medicine at a time", Clean(r.root))
	}
	return nil
}

func (r *reader) ofBundle(root *node) (list []*node) {
	var order []string
	others := map[string]int{}
	for _, e := range root.get("entry").list() {
		res := e.get("resource")
		switch kind := res.get("resourceType").word(); kind {
		case "MedicationRequest":
			list = append(list, res)
		case "Patient", "Medication":
		case "DetectedIssue":
			if detail := res.get("detail").word(); detail != "" {
				r.private(r.dropped(res, "the file says something of the patient"), detail)
			}
		case "":
		default:
			if others[kind] == 0 {
				order = append(order, kind)
			}
			others[kind]++
		}
	}
	for i, kind := range order {
		order[i] = fmt.Sprintf("%d %s", others[kind], kind)
	}
	if len(order) > 0 {
		r.dropped(root, "not read, since they ask for no dose: %s", strings.Join(order, ", "))
	}
	if len(list) == 0 {
		r.found.Add(diag.NotFHIR, root.at, "give a Bundle with a MedicationRequest", "no resource of the Bundle is a MedicationRequest")
	}
	return list
}

// request reads a medication request.
func (r *reader) request(n *node, i int, several bool) {
	if m := n.get("modifierExtension"); m != nil {
		r.refuse(m, "say the same without it", "a modifier extension changes what stands beside it, and is not known: %s", urls(m))
		return
	}
	if r.standing(n, several) {
		return
	}
	m, ok := r.medicine(n)
	if !ok {
		return
	}
	r.subject(n)
	if why := n.get("statusReason"); concept(why) != "" {
		r.private(r.dropped(why, "the file gives a reason for the status"), concept(why))
	}
	for _, note := range n.get("note").list() {
		if text := note.get("text").word(); text != "" && !slices.Contains(r.notes, text) {
			r.notes = append(r.notes, text)
		}
	}
	list := r.listOf(n.get("dosageInstruction"))
	if len(list) == 0 {
		r.refuse(n, "give a dosageInstruction with a timing", "it has no dosageInstruction, and so no dose and no time")
	}
	prefix := ""
	if several {
		prefix = fmt.Sprintf("request-%d-", i+1)
	}
	r.instructions(n, list, prefix, m)
}

// standing says what the status of a request means for a calendar, and reports whether nothing of
// it is on one. Beside others, a request that does not stand is left out; alone, it is refused, but
// for one that is completed: what it asked for can be shown.
func (r *reader) standing(n *node, several bool) (none bool) {
	status := n.get("status")
	switch word := status.word(); {
	case word == "active" || word == "draft":
	case word == "unknown" || word == "completed" && !several:
		r.dropped(status, "the request is “%s”: the calendar shows what it asked for", word)
	case !slices.Contains([]string{"on-hold", "completed", "cancelled", "stopped", "entered-in-error"}, word):
		if status == nil {
			status = n
		}
		r.refuse(status, "", "“%s” is no status of a request", word)
		return true
	case several:
		r.dropped(status, "the request is “%s”: nothing of it is on the calendar", word)
		return true
	default:
		r.refuse(status, "give a request that stands", "the request is “%s”: nothing of it is to be given", word)
		return true
	}
	if do := n.get("doNotPerform"); r.truth(do) {
		r.refuse(do, "", "the request says not to give the medicine")
		return true
	}
	return false
}

// subject takes the patient's id, and refuses a request that is for another patient than those
// before it.
func (r *reader) subject(n *node) {
	s := n.get("subject")
	id, ref := s.get("identifier", "value").word(), s.get("reference").word()
	who := id
	if ref != "" {
		who = ref
		if _, name, ok := strings.Cut(ref, "/"); ok && id == "" && !strings.Contains(ref, ":") {
			id = name
		}
	}
	if p := r.resolve(n, ref); p.get("resourceType").word() == "Patient" {
		who = p.path
		if list := p.get("identifier").list(); len(list) > 0 {
			id = list[0].get("value").word()
		}
	}
	switch {
	case r.who == "":
		r.who, r.patient = who, Clean(id)
	case who != "" && who != r.who:
		r.refuse(s, "give the requests of one patient", "the request is for another patient than those before it")
	}
}

// resolve finds what a reference of a resource leads to, in it or in the Bundle.
func (r *reader) resolve(from *node, ref string) *node {
	if ref == "" {
		return nil
	}
	if id, ok := strings.CutPrefix(ref, "#"); ok {
		c, _ := find(from.get("contained").list(), func(c *node) bool { return c.get("id").word() == id })
		return c
	}
	e, _ := find(r.tree.get("entry").list(), func(e *node) bool {
		url, res := e.get("fullUrl").word(), e.get("resource")
		return url == ref || strings.HasSuffix(url, "/"+ref) || res.get("resourceType").word()+"/"+res.get("id").word() == ref
	})
	return e.get("resource")
}

// concept returns the words of a CodeableConcept.
func concept(n *node) string {
	if text := n.get("text").word(); text != "" {
		return text
	}
	for _, c := range n.get("coding").list() {
		if d := c.get("display").word(); d != "" {
			return d
		}
	}
	for _, c := range n.get("coding").list() {
		if d := c.get("code").word(); d != "" {
			return d
		}
	}
	return ""
}

// usual returns the times of a day with so many doses that no time is stated for.
func (r *reader) usual(k int) []civil.Clock {
	if len(r.set.Times) == k {
		return r.set.Times
	}
	times := schedule.UsualTimes(k)
	if k == 1 {
		times[0] = r.set.DoseTime.Or(times[0])
	}
	return times
}

// choose picks a value from a range. least is the end with the least of the medicine. ok is
// false where nobody has chosen; that is an error.
func (r *reader) choose(n *node, name, least, most string, within func(string) bool) (value string, ok bool) {
	for _, c := range r.set.Choices {
		switch {
		case c.Name == "" && c.Value == Least:
			value = least
		case c.Name == "" && c.Value == Most:
			value = most
		}
	}
	for _, c := range r.set.Choices {
		if c.Name == name || c.Name == r.where(n) {
			value = c.Value
			switch value {
			case Least:
				value = least
			case Most:
				value = most
			}
		}
	}
	switch {
	case value == "":
		r.add(diag.ToChoose, n, "", "the %s is from %s to %s, and the clinician chooses", []any{name, least, most}).Asks = "choose"
		return "", false
	case !within(value):
		r.add(diag.ToChoose, n, "", "the %s is from %s to %s, and “%s” is not within", []any{name, least, most, value}).Asks = "choose"
		return "", false
	}
	r.open(n, "the %s is from %s to %s; %s is chosen", name, least, most, value)
	return value, true
}

// Package page holds what a page for people says, whatever it is drawn with: the patient's page,
// in the language of the patient, and the clinician's, in English.
package page

import (
	"cmp"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// A Patient is the patient's page. What must be known stands first.
type Patient struct {
	*phrase.Catalogue
	Title     phrase.Words
	Subtitle  []phrase.Words
	Who       []phrase.Words // the patient
	Clinic    string
	Phone     string
	Large     bool
	Alerts    []phrase.Words
	Weekly    []phrase.Words
	Medicines []Medicine
	Charts    []*Chart // where amounts rise or fall more than once
	Months    []Month
	Legend    []Mark
	Visits    []Visit
	Needed    []phrase.Words // what may be taken as needed
	Supply    []phrase.Words
	Call      []phrase.Words
	Know      []phrase.Words
	Notes     []phrase.Words
	Foot      []phrase.Words
}

// A Medicine is one medicine by one route, and how it is taken.
type Medicine struct {
	Letter string // tells it from the others; "" where there is one
	Name   phrase.Words
	Given  bool // by somebody at the clinic
	Runs   []Run
	Advice []Advice
}

// A Run is a stretch in which one thing holds.
type Run struct {
	When   phrase.Words // nil where it holds throughout
	Text   phrase.Words
	If     phrase.Words // what it waits for, or nil
	Sooner phrase.Words // what may end it sooner, or nil
}

// An Advice is what to do, under a heading.
type Advice struct {
	Heading phrase.Words
	Lines   []phrase.Words
}

// A Visit is a check-in with all its dates.
type Visit struct {
	Dates  []phrase.Words
	What   phrase.Words
	Detail []phrase.Words
}

// A course is what a page is made of: the calendars of a document as one.
type course struct {
	*phrase.Catalogue
	d       *view.Document
	entries []entry
	first   civil.Date
	last    civil.Date
	kinds   []kind
	year    int // of the first day that is still to come: dates of other years name theirs
}

// Date returns a date, with its year where that is another than the page's.
func (c *course) Date(d civil.Date) string {
	if y, _, _ := d.Parts(); y != c.year {
		return c.FullDate(d)
	}
	return c.Catalogue.Date(d)
}

// Dates returns two dates, or one.
func (c *course) Dates(from, to civil.Date) string {
	if from == to {
		return c.Date(from)
	}
	return c.Say("dates", phrase.V("from", c.Date(from)), phrase.V("to", c.Date(to))).String()
}

// An entry is one event with its calendar.
type entry struct {
	s *schedule.Schedule
	e *schedule.Event
}

// A kind is one medicine by one route.
type kind struct {
	name, route, form string
	given             bool
}

func newCourse(d *view.Document) *course {
	c := &course{Catalogue: phrase.In(d.Lang), d: d}
	for _, p := range d.Parts {
		for i := range p.Events {
			if e := &p.Events[i]; e.Kind != schedule.Supply || e.Status != schedule.Held { // of which nothing is sent
				c.entries = append(c.entries, entry{p.Schedule, e})
			}
		}
	}
	slices.SortStableFunc(c.entries, func(a, b entry) int { return cmp.Compare(a.e.At, b.e.At) })
	for _, x := range c.entries {
		if c.first.IsZero() || x.e.Date.Before(c.first) {
			c.first = x.e.Date
		}
		c.last = civil.Later(c.last, x.e.Date)
		if x.e.Kind == schedule.Dose {
			if k := kindOf(x); !slices.Contains(c.kinds, k) {
				c.kinds = append(c.kinds, k)
			}
		}
	}
	if len(c.entries) == 0 {
		c.first, c.last = d.Parts[0].Start, d.Parts[0].Start
	}
	c.year, _, _ = civil.Later(c.first, d.Parts[0].Seen).Parts()
	return c
}

func kindOf(x entry) kind {
	d := x.s.Dose(x.e)
	return kind{d.Medication.Name, d.Route.Name, d.Route.Form, given(x)}
}

// byOthers are the routes by which nobody takes a dose alone.
var byOthers = []string{"iv", "epidural", "intra-articular", "intraosseous", "intraperitoneal", "intrathecal", "intravesical", "intravitreal"}

// given reports whether somebody else gives a dose.
func given(x entry) bool {
	return x.s.Protocol.Setting == protocol.Clinic || slices.Contains(byOthers, x.s.Dose(x.e).Route.Name)
}

// letter tells a medicine from the others of the page.
func (c *course) letter(k kind) string {
	if len(c.kinds) < 2 {
		return ""
	}
	i := slices.Index(c.kinds, k)
	if i > 25 {
		return "*"
	}
	return string(rune('A' + i))
}

// names returns the medicines of the page, each once.
func (c *course) names() []phrase.Words {
	var seen []string
	var list []phrase.Words
	for _, k := range c.kinds {
		if !slices.Contains(seen, k.name) {
			seen = append(seen, k.name)
			list = append(list, phrase.Quote(k.name))
		}
	}
	for _, part := range c.d.Parts {
		for i := range part.Needed {
			if name := part.Needed[i].Dose.Medication.Name; !slices.Contains(seen, name) {
				seen = append(seen, name)
				list = append(list, phrase.Quote(name))
			}
		}
	}
	if len(list) == 0 {
		for i := range c.d.Parts[0].Protocol.Medications {
			list = append(list, phrase.Quote(c.d.Parts[0].Protocol.Medications[i].Name))
		}
	}
	return list
}

// doses returns the doses of a medicine in order.
func (c *course) doses(k kind) []entry {
	var list []entry
	for _, x := range c.entries {
		if x.e.Kind == schedule.Dose && kindOf(x) == k {
			list = append(list, x)
		}
	}
	return list
}

// NewPatient returns the patient's page of a document.
func NewPatient(d *view.Document) *Patient {
	c := newCourse(d)
	p := &Patient{Catalogue: c.Catalogue, Clinic: phrase.Plain(d.Clinic), Phone: phrase.Plain(d.Phone), Large: d.Large}
	p.Title = c.title()
	for _, part := range d.Parts {
		if w := phrase.Quote(part.Protocol.Title); !slices.ContainsFunc(p.Subtitle, func(x phrase.Words) bool { return x.String() == w.String() }) {
			p.Subtitle = append(p.Subtitle, w)
		}
	}
	if span := c.span(); len(c.kinds) > 0 {
		p.Subtitle = append(p.Subtitle, phrase.Text(span))
	} else { // of what is taken as needed alone
		p.Subtitle = append(p.Subtitle, c.Say("from", phrase.V("date", span)))
	}
	p.Who = c.who()
	p.Alerts = c.alerts()
	p.Weekly = c.weekly()
	for _, k := range c.kinds {
		p.Medicines = append(p.Medicines, c.medicine(k))
	}
	p.Months = c.months()
	for _, part := range d.Parts {
		for _, chart := range ChartsOf(part.Schedule) {
			if chart.Amounts() > 2 {
				p.Charts = append(p.Charts, chart)
			}
		}
	}
	p.Legend = c.legend()
	p.Visits = c.visits()
	p.Needed = c.needed()
	p.Supply = c.supply()
	p.Call = c.call()
	p.Know = c.know()
	p.Notes = c.notes()
	p.Foot = c.foot()
	return p
}

func (c *course) title() phrase.Words {
	names := c.names()
	if len(names) == 1 {
		return c.Say("title.one", phrase.V("medicine", names[0]))
	}
	return c.Say("title.several", phrase.V("medicines", c.And(names)))
}

// span returns the days of the first and the last dose.
func (c *course) span() string {
	first, last := c.first, c.last
	if doses := c.allDoses(); len(doses) > 0 {
		first, last = doses[0].e.Date, doses[len(doses)-1].e.Date
	}
	if first == last {
		return c.FullDate(first)
	}
	y1, _, _ := first.Parts()
	y2, _, _ := last.Parts()
	from := c.Date(first)
	if y1 != y2 {
		from = c.FullDate(first)
	}
	return c.Say("dates", phrase.V("from", from), phrase.V("to", c.FullDate(last))).String()
}

func (c *course) allDoses() []entry {
	var list []entry
	for _, x := range c.entries {
		if x.e.Kind == schedule.Dose {
			list = append(list, x)
		}
	}
	return list
}

func (c *course) who() []phrase.Words {
	var list []phrase.Words
	p := c.d.Parts[0].Patient
	if p.ID != "" {
		list = append(list, phrase.Name(p.ID).Strong())
	}
	if !p.BirthDate.IsZero() {
		list = append(list, c.Say("born", phrase.V("date", c.BirthDate(p.BirthDate))))
	}
	return list
}

// legend explains the marks that the calendar has.
func (c *course) legend() []Mark {
	var list []Mark
	var planned, received, maybe, taken, visit bool
	for _, x := range c.entries {
		switch x.e.Kind {
		case schedule.Dose:
			others := given(x)
			planned = planned || !others && x.e.Status <= schedule.Provisional
			received = received || others && x.e.Status <= schedule.Provisional
			maybe = maybe || x.e.Status == schedule.Provisional
			taken = taken || x.e.Status == schedule.Taken
		case schedule.CheckIn:
			visit = true
		}
	}
	add := func(on bool, b Box, key string) {
		if on {
			list = append(list, Mark{b, c.Say(key)})
		}
	}
	add(planned, OpenBox, "legend.planned")
	add(received && !planned, OpenBox, "legend.given")
	add(maybe, MaybeBox, "legend.maybe")
	add(taken, DoneBox, "legend.taken")
	add(visit, VisitBox, "legend.visit")
	return list
}

// foot says where the page came from, and each finding as the program words it for a clinic.
func (c *course) foot() []phrase.Words {
	var list []phrase.Words
	seen := map[string]bool{}
	for _, part := range c.d.Parts {
		p := part.Protocol
		if seen[p.Origin.Fingerprint()] {
			continue
		}
		seen[p.Origin.Fingerprint()] = true
		for _, src := range view.Sources(p) {
			list = append(list, c.Say("foot.source", phrase.V("list", phrase.Quote(src))))
		}
		list = append(list, c.Say("foot.protocol", phrase.V("id", phrase.Quote(p.ID)), phrase.V("version", phrase.Quote(p.Version)), phrase.V("hash", p.Origin.SHA256)))
		for _, b := range p.Origin.Extends {
			list = append(list, c.Say("foot.extends", phrase.V("id", phrase.Quote(b.ID)), phrase.V("version", phrase.Quote(b.Version)), phrase.V("hash", b.SHA256)))
		}
	}
	var said []string
	for _, part := range c.d.Parts {
		for _, f := range view.Findings(part.Schedule) {
			if text := f.String(); !slices.Contains(said, text) {
				said = append(said, text)
				list = append(list, c.Say("foot.finding", phrase.V("text", phrase.Quote(text))))
			}
		}
	}
	g := c.d.Generator
	return append(list,
		c.Say("foot.zone", phrase.V("zone", c.d.Parts[0].Zone.String())),
		c.Say("foot.made", phrase.V("program", strings.TrimSpace(g.Name+" "+g.Version)), phrase.V("tzdata", civil.TZData)),
		c.Say("foot.disclaimer"))
}

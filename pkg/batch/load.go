package batch

import (
	"maps"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Load is what the calendars of a population come to, in all and on each day. Doses that were
// missed or are held do not count; provisional ones do.
type Load struct {
	Patients int
	Findings map[diag.Code]int // how many patients each warning is about, also where no sums are asked for
	days     map[civil.Date]*Day
}

// A Day is what one day, or several, ask of a clinic and a pharmacy.
type Day struct {
	Doses    int
	Waiting  int // doses of them that stand only if a check-in confirms them
	CheckIns int
	Minutes  int64 // in the clinic: of each dose there, until it is given and last observed
	Amounts  []Amount
}

// An Amount is how much of one medicine is given by one route.
type Amount struct {
	Medication *protocol.Medication
	Route      *protocol.Route
	Total      quantity.Amount
	Volume     quantity.Amount // in mL, where the route has a concentration
}

// Units returns how many units are given of the one strength that the route has. ok is false
// where it has none or several, or where that is not what the dose is counted in.
func (a *Amount) Units() (n quantity.Amount, ok bool) {
	if len(a.Route.Strengths) != 1 || !a.Route.Strengths[0].Unit().Comparable(a.Total.Unit()) {
		return n, false
	}
	return a.Total.Quo(a.Route.Strengths[0]), true
}

func (l *Load) reset() { l.Patients = 0; clear(l.days); clear(l.Findings) }

func (l *Load) day(d civil.Date) *Day {
	if l.days == nil {
		l.days = map[civil.Date]*Day{}
	}
	day := l.days[d]
	if day == nil {
		day = &Day{}
		l.days[d] = day
	}
	return day
}

func (l *Load) found(code diag.Code, patients int) {
	if l.Findings == nil {
		l.Findings = map[diag.Code]int{}
	}
	l.Findings[code] += patients
}

// Add adds the calendars of one patient.
func (l *Load) Add(calendars ...*schedule.Schedule) {
	l.Patients++
	l.warn(calendars...)
	for _, s := range calendars {
		l.events(s)
	}
}

// warn counts the warnings of the calendars of one patient, each code once.
func (l *Load) warn(calendars ...*schedule.Schedule) {
	for i, s := range calendars {
		for k, d := range s.Findings {
			same := func(x diag.Diagnostic) bool { return x.Code == d.Code }
			before := func(s *schedule.Schedule) bool { return slices.ContainsFunc(s.Findings, same) }
			if d.Severity >= diag.Warning && !slices.ContainsFunc(s.Findings[:k], same) && !slices.ContainsFunc(calendars[:i], before) {
				l.found(d.Code, 1)
			}
		}
	}
}

// events adds the events of a calendar.
func (l *Load) events(s *schedule.Schedule) {
	clinic := s.Protocol.Setting == protocol.Clinic
	stays := map[int32]int32{} // by the event of the dose: minutes until it was last observed
	for i := range s.Events {
		switch e := &s.Events[i]; {
		case e.Kind == schedule.CheckIn:
			l.day(e.Date).CheckIns++
		case e.Kind == schedule.Observation && clinic:
			stays[e.Of] = max(stays[e.Of], e.After)
		}
	}
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose || !e.Counts() {
			continue
		}
		day, info := l.day(e.Date), s.Dose(e)
		day.Doses++
		if e.Status == schedule.Provisional {
			day.Waiting++
		}
		day.add(&Amount{info.Medication, info.Route, info.Amount, info.Volume})
		if clinic {
			over, _ := info.Route.Over.Elapsed()
			day.Minutes += int64(max(stays[int32(i)], int32(over.Minutes())))
		}
	}
}

// Merge adds another load.
func (l *Load) Merge(other *Load) {
	l.Patients += other.Patients
	for code, n := range other.Findings {
		l.found(code, n)
	}
	for date, d := range other.days {
		l.day(date).merge(d)
	}
}

func (d *Day) merge(other *Day) {
	d.Doses += other.Doses
	d.Waiting += other.Waiting
	d.CheckIns += other.CheckIns
	d.Minutes += other.Minutes
	for i := range other.Amounts {
		d.add(&other.Amounts[i])
	}
}

// sameAs reports whether two amounts are of one medicine by one route, which protocols may each name.
func (a *Amount) sameAs(b *Amount) bool {
	one := a.Medication == b.Medication && a.Route == b.Route
	return (one || a.Medication.Name == b.Medication.Name && a.Route.Name == b.Route.Name && slices.Equal(a.Route.Strengths, b.Route.Strengths)) && a.Total.Unit().Comparable(b.Total.Unit())
}

func (d *Day) add(a *Amount) {
	i := slices.IndexFunc(d.Amounts, func(b Amount) bool { return b.sameAs(a) })
	if i < 0 {
		d.Amounts = append(d.Amounts, *a)
		return
	}
	sum := &d.Amounts[i]
	sum.Total = sum.Total.Add(a.Total)
	switch {
	case !sum.Volume.IsSet():
		sum.Volume = a.Volume
	case a.Volume.IsSet():
		sum.Volume = sum.Volume.Add(a.Volume)
	}
}

// Dates returns the days on which there is something, in order.
func (l *Load) Dates() []civil.Date {
	return slices.SortedFunc(maps.Keys(l.days), civil.Date.Compare)
}

// On returns what a stretch of days comes to, from one up to but not including another. Amounts
// are in the order of medicine and route.
func (l *Load) On(from, to civil.Date) *Day {
	sum := &Day{}
	for d := from; d.Before(to); d = d.AddDays(1) {
		if day := l.days[d]; day != nil {
			sum.merge(day)
		}
	}
	slices.SortStableFunc(sum.Amounts, func(a, b Amount) int {
		return slices.Compare([]string{a.Medication.Name, a.Route.Name, a.Total.Unit().String()}, []string{b.Medication.Name, b.Route.Name, b.Total.Unit().String()})
	})
	return sum
}

package view

import (
	"fmt"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Limit is a limit of a protocol beside the worst of one calendar.
type Limit struct {
	Name       limit.Key
	Medication string
	Written    string          // the limit as the protocol states it
	Allowed    quantity.Amount // of amounts, for this patient; unset where that cannot be told
	Worst      quantity.Amount // of amounts
	WorstText  string          // the worst in words, with what it is made of
	Broken     bool
}

// String says a limit, what it comes to for the patient, and the worst of the calendar.
func (l Limit) String() string {
	text := string(l.Name) + ", " + l.Medication + ": " + l.Written
	if l.Allowed.IsSet() && l.Allowed.String() != l.Written {
		text += fmt.Sprintf(", for this patient %v", l.Allowed)
	}
	if l.Broken {
		return text + "; passed, with " + l.WorstText
	}
	return text + "; at worst " + l.WorstText
}

// Limits returns each limit of a schedule in a line.
func Limits(s *schedule.Schedule) []string {
	list := LimitsOf(s)
	lines := make([]string, len(list))
	for i := range list {
		lines[i] = list[i].String()
	}
	return lines
}

// LimitsOf returns each limit of a schedule beside the worst of its doses that count: planned,
// provisional or taken. Totals are exact. Rates per kg are of the weight in the patient's file.
func LimitsOf(s *schedule.Schedule) []Limit {
	var list []Limit
	for m := range s.Protocol.Medications {
		med := &s.Protocol.Medications[m]
		w := &worst{s: s, med: med}
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind == schedule.Dose && e.Counts() && s.Dose(e).Medication == med {
				w.doses = append(w.doses, e)
			}
		}
		if len(w.doses) > 0 {
			list = append(list, w.limits()...)
		}
	}
	for i := range s.Needed {
		list = append(list, budgeted(s, &s.Needed[i])...)
	}
	return list
}

// budgeted holds the most that a budget leaves room for against the limits of what is taken as needed.
func budgeted(s *schedule.Schedule, n *schedule.Needed) []Limit {
	med, dose := n.Dose.Medication, n.Dose.Amount
	row := func(name limit.Key, written quantity.Amount, doses int) Limit {
		out := Limit{Name: name, Medication: med.Name, Written: written.String(), Allowed: allowed(s, written), Worst: dose.Times(int64(doses), 1)}
		out.WorstText = fmt.Sprintf("%v: %s as needed, as many as the budget leaves room for", out.Worst, civil.Plural(doses, "dose"))
		out.Broken = out.Allowed.IsSet() && out.Allowed.Unit().Comparable(dose.Unit()) && out.Worst.Cmp(out.Allowed) > 0
		return out
	}
	var list []Limit
	for _, a := range med.Limits.SingleDose {
		list = append(list, row(limit.KeySingle, a, 1))
	}
	for _, r := range med.Limits.Rolling {
		list = append(list, row(limit.KeyAny(r.Within), r.Total, n.Rule.Most(dose, limit.Elapsed(r.Within))))
	}
	return list
}

// allowed is what a limit on an amount comes to for the patient; unset where that cannot be told.
func allowed(s *schedule.Schedule, written quantity.Amount) quantity.Amount {
	switch written.Unit().Per() {
	case quantity.PerNothing:
		return written
	case quantity.PerKilogram:
		if s.Patient.Weight.IsSet() {
			return written.Resolve(s.Patient.Weight)
		}
	case quantity.PerSquareMetre:
		if surface, _, err := s.Patient.BodySurface(&s.Protocol.Surface); err == nil {
			return written.Resolve(surface)
		}
	}
	return quantity.Amount{}
}

type worst struct {
	s     *schedule.Schedule
	med   *protocol.Medication
	doses []*schedule.Event
}

func (w *worst) limits() []Limit {
	l, list := &w.med.Limits, []Limit(nil)
	for _, a := range l.SingleDose {
		list = append(list, w.within(limit.KeySingle, a, func(int, int) bool { return false }))
	}
	for _, r := range l.OnDays {
		list = append(list, w.within(limit.KeyEach(r.Days), r.Total, func(i, k int) bool { return w.doses[k].Date.Sub(w.doses[i].Date) < r.Days }))
	}
	for _, r := range l.Rolling {
		length := int64(limit.Elapsed(r.Within) / time.Second)
		list = append(list, w.within(limit.KeyAny(r.Within), r.Total, func(i, k int) bool { return w.doses[k].At-w.doses[i].At < length }))
	}
	for _, whole := range []struct {
		key   limit.Key
		total quantity.Amount
	}{{limit.KeyCourse, l.Course}, {limit.KeyLifetime, l.Lifetime}} {
		if whole.total.IsSet() {
			row := w.within(whole.key, whole.total, func(int, int) bool { return true })
			if whole.key == limit.KeyLifetime {
				row = w.withBefore(row)
			}
			list = append(list, row)
		}
	}
	switch {
	case l.Interval > 0:
		list = append(list, w.interval())
	case l.Apart > 0:
		list = append(list, w.apart())
	}
	for i := range l.Gaps {
		list = append(list, w.gap(&l.Gaps[i]))
	}
	if l.Doses > 0 {
		list = append(list, Limit{Name: limit.KeyDoses, Medication: w.med.Name, Written: fmt.Sprint(l.Doses), WorstText: civil.Plural(len(w.doses), "dose"), Broken: len(w.doses) > l.Doses})
	}
	return list
}

// within looks for the largest total of doses that count together, as together says of two.
func (w *worst) within(name limit.Key, written quantity.Amount, together func(first, last int) bool) Limit {
	out := Limit{Name: name, Medication: w.med.Name, Written: written.String(), Allowed: allowed(w.s, written)}
	unit := w.s.Dose(w.doses[0]).Amount.Unit()
	total, first := quantity.Zero(unit), 0
	from, to := 0, 0
	for k, e := range w.doses {
		total = total.Add(w.s.Dose(e).Amount)
		for first < k && !together(first, k) {
			total, first = total.Sub(w.s.Dose(w.doses[first]).Amount), first+1
		}
		if !out.Worst.IsSet() || total.Cmp(out.Worst) > 0 {
			out.Worst, from, to = total, first, k
		}
	}
	out.WorstText = fmt.Sprintf("%v: %s", out.Worst, w.named(from))
	if to > from {
		out.WorstText = fmt.Sprintf("%v: %s from %s to %s", out.Worst, civil.Plural(to-from+1, "dose"), w.named(from), w.named(to))
	}
	out.Broken = out.Allowed.IsSet() && out.Allowed.Unit().Comparable(unit) && out.Worst.Cmp(out.Allowed) > 0
	return out
}

// withBefore adds what was received before to what a limit of a lifetime counts.
func (w *worst) withBefore(row Limit) Limit {
	for _, before := range w.s.Patient.ReceivedOf(w.med.Name, w.med.RxNorm) {
		amount := allowed(w.s, before)
		if !amount.IsSet() || !amount.Unit().Comparable(row.Worst.Unit()) {
			row.WorstText += fmt.Sprintf("; and %v received before", before)
			continue
		}
		row.Worst = row.Worst.Add(amount)
		text := before.String()
		if before.Unit().Per() != quantity.PerNothing {
			text += fmt.Sprintf(" (%v)", amount)
		}
		row.WorstText += fmt.Sprintf("; with %s received before %v", text, row.Worst)
	}
	row.Broken = row.Allowed.IsSet() && row.Allowed.Unit().Comparable(row.Worst.Unit()) && row.Worst.Cmp(row.Allowed) > 0
	return row
}

func (w *worst) interval() Limit {
	l := w.med.Limits.Interval
	out := Limit{Name: limit.KeyInterval, Medication: w.med.Name, Written: hours(l), WorstText: "only one dose"}
	shortest := time.Duration(0)
	for k := 1; k < len(w.doses); k++ {
		if apart := time.Duration(w.doses[k].At-w.doses[k-1].At) * time.Second; k == 1 || apart < shortest {
			shortest = apart
			out.WorstText = fmt.Sprintf("%s: from %s to %s", hours(apart), w.named(k-1), w.named(k))
			out.Broken = apart < l
		}
	}
	return out
}

// gap is interval for the nearest dose of another medicine.
func (w *worst) gap(g *protocol.Gap) Limit {
	out := Limit{Name: limit.KeyGap, Medication: w.med.Name + ", " + g.Name, Written: hours(g.Least), WorstText: "no dose of " + g.Name}
	shortest := time.Duration(-1)
	for i := range w.s.Events {
		o := &w.s.Events[i]
		if o.Kind != schedule.Dose || !o.Counts() || w.s.Phases[o.Phase].Phase.Medication != g.Medication {
			continue
		}
		for k, e := range w.doses {
			apart := time.Duration(e.At-o.At) * time.Second
			if apart = max(apart, -apart); shortest < 0 || apart < shortest {
				shortest, out.Broken = apart, apart < g.Least
				out.WorstText = fmt.Sprintf("%s: %s and %s dose %d (%v)", hours(apart), w.named(k), w.s.PhaseName(o), o.Number, o.Date)
			}
		}
	}
	return out
}

// apart is interval for days of the calendar.
func (w *worst) apart() Limit {
	least := w.med.Limits.Apart
	out := Limit{Name: limit.KeyInterval, Medication: w.med.Name, Written: civil.Plural(least, "day"), WorstText: "only one dose"}
	shortest := 0
	for k := 1; k < len(w.doses); k++ {
		if apart := w.doses[k].Date.Sub(w.doses[k-1].Date); k == 1 || apart < shortest {
			shortest = apart
			out.WorstText = fmt.Sprintf("%s: from %s to %s", civil.Plural(apart, "day"), w.named(k-1), w.named(k))
			out.Broken = apart < least
		}
	}
	return out
}

func (w *worst) named(i int) string {
	e := w.doses[i]
	return fmt.Sprintf("%s dose %d (%v)", w.s.PhaseName(e), e.Number, e.Date)
}

// hours says an elapsed time.
func hours(d time.Duration) string {
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	if m == 0 {
		return civil.Plural(h, "hour")
	}
	return civil.Plural(h, "hour") + " " + civil.Plural(m, "minute")
}

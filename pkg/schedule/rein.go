package schedule

import (
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
)

// rein holds the doses of a lived course that may not be given: in order of time, each that with
// what was given and what stands before it would break a limit. What was given stays, and what is planned
// for an earlier hour of its day gives way to it.
func (j *judge) rein() {
	start := civil.Date{}
	for m := range j.plan.protocol.Medications {
		rules := make([]limit.Rules, len(j.reg.parts))
		for k := range rules {
			rules[k], _ = j.reg.rules(m, j.reg.parts[k].patient)
		}
		b := breaches{judge: j, limits: &j.plan.protocol.Medications[m].Limits, medicine: m}
		series := j.mem.series[:0]
		var held []heldBy
		for i := range j.doses {
			e := &j.doses[i]
			if !e.Counts() || j.plan.phases[e.Phase].Medication != m {
				continue
			}
			b.part = j.reg.part(e.Date)
			series, b.index = append(series, limit.Dose{At: e.At, Day: int32(e.Date.Sub(start)), Amount: j.reg.scaled[e.Dose]}), append(b.index, i)
			for {
				x, last, broken := b.heldFor(e, series, &rules[b.part])
				if !broken {
					break
				}
				held = count(held, b.describe(x))
				j.reined++
				j.doses[b.index[last]].hold()
				series, b.index = slices.Delete(series, last, last+1), slices.Delete(b.index, last, last+1)
				if e.Status == Held {
					break
				}
			}
		}
		j.mem.series = series
		for _, h := range held {
			j.found = append(j.found, h.finding())
		}
	}
}

// heldFor returns a limit that the last dose of a series breaks, e, and the index of the dose that is held for it: e
// itself, or, where that was taken, what is still planned for the same day, which gives way to it. Of the limits
// that it breaks one may have nothing that gives way, and another have.
func (b *breaches) heldFor(e *Event, series []limit.Dose, rules *limit.Rules) (x limit.Breach, at int, broken bool) {
	last := len(series) - 1
	if e.Status != Taken {
		for x = range rules.Last(series) {
			if !b.overridden(x) {
				return x, last, true
			}
		}
		return x, last, false
	}
	if _, any := rules.CheckLast(series); !any {
		return x, last, false
	}
	for _, x := range rules.CheckFrom(series, last) {
		for at := last - 1; at >= x.First && !b.overridden(x); at-- {
			if b.doses[b.index[at]].GivesWay(e) {
				return x, at, true
			}
		}
	}
	return x, last, false
}

// overridden reports whether an override lets a broken limit of a plan through.
func (b *breaches) overridden(x limit.Breach) bool {
	key := LimitName(b.limits, x)
	return slices.ContainsFunc(b.plan.options.Overrides, func(o Override) bool { return o.Limit == key })
}

// HeldSince begins the message of a finding that says for which limit doses are held.
const HeldSince = "held, since a limit would be broken: "

// heldBy is a limit for which doses are held: the first of them, and how many there are.
type heldBy struct {
	first diag.Diagnostic
	doses int
}

// count takes down that a limit holds one more dose.
func count(list []heldBy, d diag.Diagnostic) []heldBy {
	for i := range list {
		if list[i].first.Code == d.Code && list[i].first.Range == d.Range {
			list[i].doses++
			return list
		}
	}
	return append(list, heldBy{d, 1})
}

func (h *heldBy) finding() diag.Diagnostic {
	d := h.first
	d.Code, d.Severity, d.Help = diag.HeldByLimit, diag.HeldByLimit.Severity(), "change the dose, or leave it out; what was given stays as it was"
	d.Message = HeldSince + d.Message
	if h.doses > 1 {
		d.Message += fmt.Sprintf("; and %s after it", civil.Plural(h.doses-1, "dose"))
	}
	return d
}

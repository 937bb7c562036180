package schedule

import (
	"fmt"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// A tooNear is a dose that comes sooner after one of another medicine than a limit lets it.
type tooNear struct {
	gap         *protocol.Gap
	first, last int // indexes into the doses of the judge
}

// gaps calls visit for each dose of two medicines that comes sooner after one of the other than a limit lets it,
// in order of time. Visit says which of the two no longer counts, or none.
func (j *judge) gaps(visit func(x tooNear) (leaves int)) {
	for m := range j.plan.protocol.Medications {
		l := &j.plan.protocol.Medications[m].Limits
		for k := range l.Gaps {
			g := &l.Gaps[k]
			last := map[int]int{m: None, g.Medication: None} // by medicine: its last dose
			for i := range j.doses {
				e := &j.doses[i]
				medicine := j.plan.phases[e.Phase].Medication
				if _, of := last[medicine]; !of || !e.Counts() {
					continue
				}
				other := m + g.Medication - medicine
				if first := last[other]; first != None && e.At-j.doses[first].At < int64(g.Least/time.Second) {
					switch visit(tooNear{g, first, i}) {
					case i:
						continue
					case first:
						last[other] = None
					}
				}
				last[medicine] = i
			}
		}
	}
}

// gapLimits refuses a dose that comes too soon after one of another medicine, or lets it through by an
// override. What was given is said.
func (j *judge) gapLimits() {
	said := map[*protocol.Gap]bool{}
	j.gaps(func(x tooNear) int {
		last := &j.doses[x.last]
		d := j.describeGap(x)
		switch {
		case said[x.gap] || last.Status == Taken && last.Date.Before(j.plan.options.Timeline.JudgedFrom):
			return None
		case last.Status == Taken:
			d.Severity, d.Message = diag.Warning, "what was given passes a limit: "+d.Message
		case j.letThrough(limit.Breach{Kind: limit.Gap, Total: last.At - j.doses[x.first].At}, limit.KeyGap, func() diag.Diagnostic { return d }):
			return None
		default:
			d.Severity, d.Asks, d.Help = diag.Refusal, string(limit.KeyGap), "change the times"
		}
		said[x.gap] = true
		j.found = append(j.found, d)
		return None
	})
}

// reinGaps holds what is planned of a lived course too soon after, or before, another medicine.
func (j *judge) reinGaps() {
	var held []heldBy
	j.gaps(func(x tooNear) int {
		at := x.last
		if j.doses[at].Status == Taken {
			if at = x.first; !j.doses[at].GivesWay(&j.doses[x.last]) {
				return None
			}
		}
		for _, o := range j.plan.options.Overrides {
			if o.Limit == limit.KeyGap {
				return None
			}
		}
		held = count(held, j.describeGap(x))
		j.reined++
		j.doses[at].hold()
		return at
	})
	for _, h := range held {
		j.found = append(j.found, h.finding())
	}
}

// describeGap says that two doses stand too near each other.
func (j *judge) describeGap(x tooNear) diag.Diagnostic {
	first, last := &j.doses[x.first], &j.doses[x.last]
	name := func(e *Event) string {
		return j.plan.protocol.Medications[j.plan.phases[e.Phase].Medication].Name
	}
	apart := civil.Elapsed(last.At-first.At) + " after"
	if last.At == first.At {
		apart = "together with"
	}
	return diag.Diagnostic{Code: diag.IntervalLimit, Range: x.gap.Range,
		Message: fmt.Sprintf("%s (%s) comes %s %s (%s): less than %s between the two medicines", j.plan.nameInWords(last), name(last), apart, j.plan.nameInWords(first), name(first), civil.Elapsed(int64(x.gap.Least/time.Second)))}
}

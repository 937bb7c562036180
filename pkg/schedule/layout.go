package schedule

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
)

// A layout is where the events of a calendar stand: their days and instants, whatever the amounts of its doses are. It is
// not changed once it is made.
type layout struct {
	axis    *axis
	doses   []Event // all of them in order of time, what is not shown too
	events  []Event // of all kinds that are shown
	fills   []Fill  // that are sent
	phases  []PhaseInfo
	given   []sameDoses // that phases come to
	notes   []Note
	closest int64 // seconds between two doses that are shown, of any medicine
	reined  int   // doses that a limit holds
	found   diag.List
}

// A layoutKey is what layouts of one plan follow from, where no amount is looked at.
type layoutKey struct {
	start     civil.Date
	zone      civil.Zone
	selection string // how the doses of each phase are chosen
}

// maxLaid is how many events are kept for patients to come.
const maxLaid = 1 << 17

// keep takes down a layout, with memory of its own, for patients to come.
func (l *layout) keep(in *memo[layoutKey, layout], key layoutKey) {
	axis := *l.axis
	axis.doses, axis.reg, axis.zone = nil, nil, nil // their events are there
	l.axis, l.doses = &axis, slices.Clone(l.doses)
	in.keep(key, l, len(l.doses)+len(l.events), maxLaid)
}

// closest returns the shortest time between two doses of different instants, in seconds.
func closest(doses []Event) int64 {
	least, last := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range doses {
		if e := &doses[i]; e.Counts() {
			if e.At > last && last != math.MinInt64 {
				least = min(least, e.At-last)
			}
			last = e.At
		}
	}
	return least
}

// longest returns for how long a dose is given at most, in seconds.
func (r *regimen) longest() (most int64) {
	for i := range r.doses {
		if r.doses[i].Route != nil {
			over, _ := r.doses[i].Route.Over.Elapsed()
			most = max(most, int64(over/time.Second))
		}
	}
	return most
}

// laysAlike reports whether the events of a plan stand on the same days for all patients who begin on one day in one zone
// and whose doses are chosen alike: nothing happened yet, no total ends a phase, no limit has a say in where a dose moves,
// and nothing is sent.
func (pl *Plan) laysAlike() bool {
	o := &pl.options
	return reflect.ValueOf(o.Timeline).IsZero() && pl.closed(true).IsEmpty() && !pl.protocol.Totals() && !pl.protocol.Supply.Fill.IsSet()
}

// chosen names the way in which the doses of a regimen are chosen, where that is all that a layout follows from beside
// the start and the zone; else it is empty.
func (r *regimen) chosen() string {
	if !r.plan.alike {
		return ""
	}
	var b strings.Builder
	for i := range r.parts[0].phases {
		fmt.Fprintf(&b, "%q", r.parts[0].phases[i].Selection())
	}
	return b.String()
}

package calendar

import (
	"testing"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/limit"
)

func TestPlaceLeavesItems(t *testing.T) {
	d := civil.MustDate("2026-03-02")
	own := &limit.Rules{Days: []limit.Days{{Days: 1, Total: 5}}}
	items := []Item{{Target: d, At: noon, Amount: 9, Totals: own}}
	Place(items, &Closed{Dates: map[civil.Date]string{d.AddDays(3): "closed"}}, Next, &limit.Rules{Days: []limit.Days{{Days: 1, Total: 5}}})
	if items[0].Totals != own {
		t.Error("Place changed the caller's items")
	}
}

func TestCoreOwnTotals(t *testing.T) {
	rolling := func(n int64) *limit.Rules {
		return &limit.Rules{Rolling: []limit.Rolling{{Within: 48 * time.Hour, Total: n}}}
	}
	own := rolling(15)
	items := []Item{{Target: civil.MustDate("2026-03-01"), After: 1, At: noon, Amount: 10, Totals: own}, {Target: civil.MustDate("2026-03-03"), At: noon, Amount: 10, Totals: own}}
	got, c := Place(items, &Closed{Weekdays: [7]bool{true}}, Next, rolling(20))
	if c == nil || len(c.Rules) != 2 {
		t.Error(got, c)
	}
}

func TestWindowWords(t *testing.T) {
	_, c := Place([]Item{{Target: civil.MustDate("2026-03-01"), Before: 1, After: 3, At: noon}}, &Closed{Weekdays: [7]bool{true, true, true, true, true, true, true}}, Previous, &limit.Rules{})
	if c.Reason != "2026-03-01 is closed (a Sunday), and there is no open day from 2026-02-28 to 2026-03-01" {
		t.Error(c)
	}
}

// A day on which the clocks go back holds 25 hours, and its total counts over all of them.
func TestTotalOfALongDay(t *testing.T) {
	z, err := civil.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(clock civil.Clock) func(civil.Date) int64 {
		return func(d civil.Date) int64 { u, _ := z.At(d, clock); return u.Unix() }
	}
	for _, day := range []string{"2026-10-24", "2026-10-25"} {
		d := civil.MustDate(day)
		items := []Item{{Target: d, Before: 1, At: at(0), Amount: 5}, {Target: d, At: at(720), Amount: 3}, {Target: d, At: at(23*60 + 30), Amount: 5}}
		got, c := Place(items, &Closed{Dates: map[civil.Date]string{d.AddDays(5): "closed"}}, Nearest, &limit.Rules{Days: []limit.Days{{Days: 1, Total: 10}}})
		if c != nil || got[0] != -1 {
			t.Error(day, got, c)
		}
	}
}

package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/civil"
)

// brute tries every placement.
func brute(items []Item, closed *Closed, policy Policy, gap time.Duration) ([]int, bool) {
	best, found := make([]int, len(items)), false
	bestCost := 0
	present := make([]int, len(items))
	var try func(i int, cost int)
	try = func(i, cost int) {
		if i == len(items) {
			if !found || cost < bestCost || cost == bestCost && earlier(present, best) {
				found, bestCost = true, cost
				copy(best, present)
			}
			return
		}
		from, to := -items[i].Before, items[i].After
		if policy == Next {
			from = 0
		}
		if policy == Previous {
			to = 0
		}
		for s := from; s <= to; s++ {
			d := items[i].Target.AddDays(s)
			if _, shut := closed.On(d); shut {
				continue
			}
			if i > 0 {
				before := items[i-1].Target.AddDays(present[i-1])
				apart := items[i].At(d) - items[i-1].At(before)
				if apart < int64(gap/time.Second) || apart <= 0 {
					continue
				}
			}
			present[i] = s
			try(i+1, cost+abs(s))
		}
	}
	try(0, 0)
	return best, found
}

func earlier(a, b []int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

func noon(d civil.Date) int64 { return d.Unix(720) }

// The placement is the one that a search through all of them finds.
func TestPlacementIsTheLeastOfAll(t *testing.T) {
	placed, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		start := civil.MustDate("2026-03-02")
		var items []Item
		day := 0
		for range rapid.IntRange(1, 5).Draw(t, "n") {
			items = append(items, Item{Target: start.AddDays(day), Before: rapid.IntRange(0, 3).Draw(t, "before"), After: rapid.IntRange(0, 3).Draw(t, "after"), At: noon})
			day += rapid.IntRange(1, 4).Draw(t, "apart")
		}
		closed := &Closed{Dates: map[civil.Date]string{}}
		for i := -3; i < day+3; i++ {
			if rapid.IntRange(0, 2).Draw(t, "shut") == 0 {
				closed.Dates[start.AddDays(i)] = "closed"
			}
		}
		closed.Dates[start] = "closed"
		policy := Policy(rapid.IntRange(0, 2).Draw(t, "policy"))
		gap := time.Duration(rapid.IntRange(0, 72).Draw(t, "gap")) * time.Hour
		got, conflict := Place(items, closed, policy, gap)
		want, ok := brute(items, closed, policy, gap)
		if (conflict == nil) != ok {
			t.Fatalf("Place: %v; a placement exists: %v", conflict, ok)
		}
		if !ok {
			refused++
			return
		}
		placed++
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("Place: %v, the search: %v", got, want)
			}
		}
	})
	if placed == 0 || refused == 0 {
		t.Errorf("%d placed, %d refused: the generator is lopsided", placed, refused)
	}
}

func TestNothingClosedMovesNothing(t *testing.T) {
	items := []Item{{Target: civil.MustDate("2026-03-01"), After: 3, At: noon}}
	if got, conflict := Place(items, &Closed{}, Next, 0); conflict != nil || got[0] != 0 {
		t.Errorf("moved by %v, %v", got, conflict)
	}
	if got, conflict := Place(nil, &Closed{Weekdays: [7]bool{true}}, Next, 0); conflict != nil || len(got) != 0 {
		t.Errorf("no items: %v, %v", got, conflict)
	}
}

// Federal holidays of 2026, from the US Office of Personnel Management's list; 4 July is a
// Saturday, observed on Friday the 3rd.
func TestPublicHolidays(t *testing.T) {
	us, err := PublicHolidays("us")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25"} {
		if _, on := us(civil.MustDate(d)); !on {
			t.Errorf("%s is a holiday", d)
		}
	}
	if name, on := us(civil.MustDate("2026-03-02")); on {
		t.Errorf("2 March is no holiday: %s", name)
	}
	if _, err := PublicHolidays("xx"); err == nil {
		t.Error("no country has the code xx")
	}
	for _, code := range Countries() {
		holiday, err := PublicHolidays(code)
		if err != nil {
			t.Fatal(err)
		}
		if _, on := holiday(civil.MustDate("2026-12-25")); !on {
			t.Errorf("Christmas Day is a holiday in %s", code)
		}
	}
}

func TestPolicies(t *testing.T) {
	for _, name := range PolicyNames() {
		p, err := ParsePolicy(name)
		if err != nil || p.String() != name {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if _, err := ParsePolicy("sometimes"); err == nil {
		t.Error("“sometimes” is no policy")
	}
}

package calendar

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/limit"
)

// brute tries every placement.
func brute(items []Item, closed *Closed, policy Policy, rules *limit.Rules) ([]int, bool) {
	best, found := make([]int, len(items)), false
	bestCost := 0
	preferred := func(d civil.Date) int {
		if closed.Preferred != [7]bool{} && !closed.Preferred[d.Weekday()] {
			return 1
		}
		return 0
	}
	present := make([]int, len(items))
	var try func(i int, cost int)
	try = func(i, cost int) {
		if i == len(items) {
			var series []limit.Dose
			for k := range items {
				d := items[k].Target.AddDays(present[k])
				series = append(series, limit.Dose{At: items[k].At(d), Day: int32(d.Sub(items[0].Target)), Amount: items[k].Amount})
			}
			for k := range items {
				own := rules
				if items[k].Totals != nil {
					own = items[k].Totals
				}
				if len(own.CheckFrom(series[:k+1], k)) > 0 {
					return
				}
			}
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
				if apart < int64(rules.Interval/time.Second) || apart <= 0 {
					continue
				}
			}
			present[i] = s
			try(i+1, cost+100*abs(s)+preferred(d)) // far fewer than 100 items
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
			items = append(items, Item{Target: start.AddDays(day), Before: rapid.IntRange(0, 3).Draw(t, "before"), After: rapid.IntRange(0, 3).Draw(t, "after"), At: noon, Amount: int64(rapid.IntRange(5, 15).Draw(t, "amount"))})
			day += rapid.IntRange(1, 4).Draw(t, "apart")
		}
		closed := &Closed{Dates: map[civil.Date]string{}}
		for i := -3; i < day+3; i++ {
			if rapid.IntRange(0, 2).Draw(t, "shut") == 0 {
				closed.Dates[start.AddDays(i)] = "closed"
			}
		}
		closed.Dates[start] = "closed"
		if rapid.Bool().Draw(t, "prefer") {
			closed.Preferred[rapid.IntRange(0, 6).Draw(t, "preferred")] = true
			closed.Preferred[rapid.IntRange(0, 6).Draw(t, "preferred too")] = true
		}
		policy := Policy(rapid.IntRange(0, 2).Draw(t, "policy"))
		gap := time.Duration(rapid.IntRange(0, 72).Draw(t, "gap")) * time.Hour
		rules := &limit.Rules{Interval: gap}
		if rapid.Bool().Draw(t, "totals") {
			rules.Rolling = append(rules.Rolling, limit.Rolling{Within: time.Duration(rapid.IntRange(2, 9).Draw(t, "within")) * 24 * time.Hour, Total: int64(rapid.IntRange(10, 40).Draw(t, "total"))})
		}
		if rapid.IntRange(0, 3).Draw(t, "daily") == 0 {
			rules.Days = append(rules.Days, limit.Days{Days: int32(rapid.IntRange(1, 3).Draw(t, "days")), Total: int64(rapid.IntRange(10, 20).Draw(t, "of a day"))})
		}
		if rapid.IntRange(0, 3).Draw(t, "apart") == 0 {
			rules.Days = append(rules.Days, limit.Days{Days: int32(rapid.IntRange(1, 4).Draw(t, "days apart")), Total: 1, Counts: true})
		}
		if from := rapid.IntRange(0, 2*len(items)).Draw(t, "another weight from"); from < len(items) {
			own := *rules
			own.Rolling = slices.Clone(rules.Rolling)
			for i := range own.Rolling {
				own.Rolling[i].Total += int64(rapid.IntRange(-10, 10).Draw(t, "more"))
			}
			for i := from; i < len(items); i++ {
				items[i].Totals = &own
			}
		}
		got, conflict := Place(items, closed, policy, rules)
		want, ok := brute(items, closed, policy, rules)
		if !ok && conflict == nil {
			// Totals that are passed whatever is closed are left to the limits.
			if _, possible := brute(items, &Closed{}, Nearest, rules); possible {
				t.Fatalf("Place: %v, and no placement keeps the totals", got)
			}
			refused++
			return
		}
		if (conflict == nil) != ok {
			t.Fatalf("Place: %v; a placement exists: %v", conflict, ok)
		}
		if !ok {
			refused++
			if len(conflict.Rules) == 0 && !slices.ContainsFunc(items, func(it Item) bool { return it.Before+it.After == 0 }) {
				t.Logf("no rule is named: %v", conflict)
			}
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
	if got, conflict := Place(items, &Closed{}, Next, &limit.Rules{}); conflict != nil || got[0] != 0 {
		t.Errorf("moved by %v, %v", got, conflict)
	}
	if got, conflict := Place(nil, &Closed{Weekdays: [7]bool{true}}, Next, &limit.Rules{}); conflict != nil || len(got) != 0 {
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
	for _, code := range HolidayCodes() {
		holiday, err := PublicHolidays(code)
		if err != nil {
			t.Fatal(err)
		}
		if _, on := holiday(civil.MustDate("2026-01-01")); !on {
			t.Errorf("New Year's Day is a holiday in %s", code)
		}
	}
}

// Corpus Christi, 4 June 2026, is a holiday in Bavaria and not in Berlin (the Länder's laws on
// holidays); Zürich's and Ticino's 1 May and Saint Joseph's Day, 19 March, differ likewise.
func TestHolidaysOfParts(t *testing.T) {
	for _, c := range []struct {
		code, date string
		want       bool
	}{
		{"de", "2026-06-04", false}, {"de-be", "2026-06-04", false}, {"de-by", "2026-06-04", true}, {"de-by", "2026-10-03", true},
		{"ch-zh", "2026-03-19", false}, {"ch-ti", "2026-03-19", true}, {"au-act", "2026-03-09", true}, {"au-nsw", "2026-03-09", false},
	} {
		holiday, err := PublicHolidays(c.code)
		if err != nil {
			t.Fatal(err)
		}
		if _, on := holiday(civil.MustDate(c.date)); on != c.want {
			t.Errorf("a holiday in %s on %s: %v", c.code, c.date, on)
		}
	}
	if _, err := PublicHolidays("au"); err == nil || !strings.Contains(err.Error(), "au-nsw") {
		t.Errorf("the parts of Australia are not named: %v", err)
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

// A year of doses every two days, with closed weekends and a limit on seven days that the
// placement without it passes now and then.
func BenchmarkPlaceWithTotals(b *testing.B) {
	start := civil.MustDate("2026-03-02")
	var items []Item
	for i := range 180 {
		items = append(items, Item{Target: start.AddDays(2 * i), Before: 1, After: 1, At: noon, Amount: 10})
	}
	closed := &Closed{Weekdays: [7]bool{0: true, 6: true}}
	rules := &limit.Rules{Interval: 20 * time.Hour, Rolling: []limit.Rolling{{Within: 7 * 24 * time.Hour, Total: 40}}}
	for b.Loop() {
		if _, conflict := Place(items, closed, Nearest, rules); conflict != nil {
			b.Fatal(conflict)
		}
	}
}

// What is in conflict is named, and no more: on a Friday that is closed for the holiday, with
// Thursday too near to Wednesday's dose and no window beyond it.
func TestConflictNamesItsRules(t *testing.T) {
	items := []Item{
		{Target: civil.MustDate("2026-03-04"), At: noon, Amount: 10},
		{Target: civil.MustDate("2026-03-06"), Before: 1, At: noon, Amount: 10},
	}
	closed := &Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-06"): "staff day"}, Weekdays: [7]bool{0: true}}
	_, conflict := Place(items, closed, Nearest, &limit.Rules{Interval: 40 * time.Hour})
	if conflict == nil || !slices.Equal(conflict.Rules, []string{"closed on single dates", "the shortest interval of 40 hours"}) {
		t.Errorf("the interval: %v", conflict)
	}
	_, conflict = Place(items, closed, Nearest, &limit.Rules{Rolling: []limit.Rolling{{Within: 48 * time.Hour, Total: 15}}})
	if conflict == nil || !slices.Equal(conflict.Rules, []string{"closed on single dates", "the largest total within 48 hours"}) {
		t.Errorf("the total: %v", conflict)
	}
	_, conflict = Place(items[1:], closed, Next, &limit.Rules{})
	if conflict == nil || !slices.Equal(conflict.Rules, []string{"closed on single dates", "the policy “next”"}) {
		t.Errorf("the policy: %v", conflict)
	}
}

package limit

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const hour = 3600

func TestCheck(t *testing.T) {
	twice := []Dose{{8 * hour, 0, 50}, {20 * hour, 0, 50}, {32 * hour, 1, 50}, {44 * hour, 1, 50}}
	for _, c := range []struct {
		name  string
		rules Rules
		kind  Kind
		n     int
	}{
		{"half open: 24 h apart do not count together", Rules{Rolling: []Rolling{{24 * time.Hour, 100}}}, 0, 0},
		{"a second longer, and they do", Rules{Rolling: []Rolling{{24*time.Hour + time.Second, 100}}}, InRolling, 1},
		{"single", Rules{Single: []int64{50, 49}}, Single, 1},
		{"each day", Rules{Days: []Days{{1, 99, false}}}, InDays, 1},
		{"each day holds", Rules{Days: []Days{{1, 100, false}}}, 0, 0},
		{"two days together", Rules{Days: []Days{{2, 199, false}}}, InDays, 1},
		{"two days together hold", Rules{Days: []Days{{2, 200, false}}}, 0, 0},
		{"one dose a day", Rules{Days: []Days{{1, 1, true}}}, InDays, 1},
		{"two doses a day hold", Rules{Days: []Days{{1, 2, true}}}, 0, 0},
		{"interval", Rules{Interval: 13 * time.Hour}, Interval, 1},
		{"interval holds", Rules{Interval: 12 * time.Hour}, 0, 0},
		{"count", Rules{Doses: 3}, Count, 1},
		{"the course", Rules{Course: 199}, InCourse, 1},
		{"the course holds", Rules{Course: 200}, 0, 0},
		{"a lifetime", Rules{Lifetime: Lifetime{250, 51}}, InLifetime, 1},
		{"a lifetime holds", Rules{Lifetime: Lifetime{250, 50}}, 0, 0},
		{"nothing", Rules{}, 0, 0},
	} {
		found := c.rules.Check(twice)
		if len(found) != c.n || c.n > 0 && found[0].Kind != c.kind {
			t.Errorf("%s: %+v", c.name, found)
		}
	}
}

// A breach is found exactly where adding up every window by itself finds one.
func TestRollingAgreesWithAddingUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var series []Dose
		at := int64(0)
		for range rapid.IntRange(0, 30).Draw(t, "n") {
			at += int64(rapid.IntRange(0, 40).Draw(t, "gap")) * hour / 2
			series = append(series, Dose{at, int32(at / 86400), int64(rapid.IntRange(1, 100).Draw(t, "amount"))})
		}
		within := time.Duration(rapid.IntRange(1, 100).Draw(t, "within")) * time.Hour
		total := int64(rapid.IntRange(50, 500).Draw(t, "total"))
		want := -1
		for i := range series {
			sum := int64(0)
			for _, d := range series[:i+1] {
				if series[i].At-d.At < int64(within/time.Second) {
					sum += d.Amount
				}
			}
			if sum > total && want < 0 {
				want = i
			}
		}
		rules := Rules{Rolling: []Rolling{{within, total}}}
		found := rules.Check(series)
		if (len(found) == 0) != (want < 0) || want >= 0 && found[0].Last != want {
			t.Fatalf("found %+v, want a breach at %d", found, want)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	series := make([]Dose, 1000)
	for i := range series {
		series[i] = Dose{int64(i) * 12 * hour, int32(i / 2), 50}
	}
	rules := Rules{Single: []int64{50}, Days: []Days{{1, 100, false}}, Interval: 12 * time.Hour, Rolling: []Rolling{{24 * time.Hour, 100}, {7 * 24 * time.Hour, 700}}}
	b.ReportAllocs()
	for b.Loop() {
		rules.Check(series)
	}
}

func TestKeysRead(t *testing.T) {
	for k, is := range map[string]bool{
		"any 24 hours": true, "any 7 days": true, "any 30 days": true, "any 48 hours": true, "any 36 hours": true, "each day": true, "each 14 days": true,
		"any 1 hours": false, "any 024 hours": false, "each 1 days": false, "any 2 weeks": false, "each 2 hours": false, "every 2 days": false,
	} {
		if _, ok := ParseKey(k); ok != is {
			t.Error(k, ok)
		}
	}
}

// CheckLast finds a broken rule exactly where the check of the whole series says that its last dose
// breaks one.
func TestCheckLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(label string, from, to int) int { return rapid.IntRange(from, to).Draw(t, label) }
		r := Rules{Interval: time.Duration(n("interval", 0, 30)) * time.Hour, Doses: n("doses", 0, 6), Days: []Days{{int32(n("days", 1, 4)), int64(n("on days", 0, 60)), false}, {int32(n("days apart", 1, 4)), int64(n("doses on days", 1, 3)), true}},
			Course: int64(n("course", 0, 200)), Lifetime: Lifetime{int64(n("lifetime", 0, 250)), int64(n("before", 0, 60))}}
		if n("single", 0, 1) > 0 {
			r.Single = []int64{int64(n("most", 5, 40))}
		}
		for range n("rolling", 0, 2) {
			r.Rolling = append(r.Rolling, Rolling{time.Duration(n("within", 1, 72)) * time.Hour, int64(n("total", 10, 100))})
		}
		var series []Dose
		at := int64(0)
		for range n("series", 1, 8) {
			at += int64(n("gap", 0, 40)) * 3600
			series = append(series, Dose{At: at, Day: int32(at / 86400), Amount: int64(n("amount", 1, 45))})
		}
		want := len(r.CheckFrom(series, len(series)-1)) > 0
		b, broken := r.CheckLast(series)
		if broken != want {
			t.Fatalf("%+v of %v: %v, want %v", r, series, broken, want)
		}
		if broken && (b.Last != len(series)-1 || b.First > b.Last) {
			t.Fatalf("the breach is %+v", b)
		}
	})
}

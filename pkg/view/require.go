package view

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/schedule"
)

// A DoseNeeds is what must be so for one dose.
type DoseNeeds struct {
	Phase, Date string
	Texts       []string
}

// EachDose says what must be so for the doses among some events, given by their indices. More is what is said of a dose
// beside its requirements; it may be nil.
func EachDose(s *schedule.Schedule, events []int, more func(i int) []string) []string {
	var doses []DoseNeeds
	for _, i := range events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		needs := DoseNeeds{s.PhaseName(e), e.Date.String(), s.Requirements(e)}
		if more != nil {
			needs.Texts = append(needs.Texts, more(i)...)
		}
		doses = append(doses, needs)
	}
	return Required(doses)
}

// Required says what must be so for some doses: what holds for all of them, for the first alone, for those of one phase,
// or on some days, a sentence for each.
func Required(doses []DoseNeeds) []string {
	var texts, labels []string
	of := map[string][]int{} // the doses of each text
	for i := range doses {
		for _, text := range doses[i].Texts {
			if of[text] == nil {
				texts = append(texts, text)
			}
			if on := of[text]; len(on) == 0 || on[len(on)-1] != i {
				of[text] = append(on, i)
			}
		}
	}
	said := map[string][]string{}
	for _, text := range texts {
		label := whichOf(doses, of[text])
		if said[label] == nil {
			labels = append(labels, label)
		}
		said[label] = append(said[label], text)
	}
	lines := make([]string, len(labels))
	for k, label := range labels {
		lines[k] = label + ": " + Joined(said[label])
	}
	return lines
}

// whichOf names some of the doses.
func whichOf(doses []DoseNeeds, on []int) string {
	switch {
	case len(on) == len(doses):
		return "each dose"
	case len(on) == 1 && on[0] == 0:
		return "the first dose"
	}
	var phases []string
	all, has := map[string]int{}, map[string]int{}
	for i := range doses {
		all[doses[i].Phase]++
	}
	for _, i := range on {
		name := doses[i].Phase
		if has[name]++; has[name] == 1 {
			phases = append(phases, name)
		}
	}
	if !slices.ContainsFunc(phases, func(name string) bool { return has[name] < all[name] }) {
		return "each dose of " + strings.Join(phases, " and of ")
	}
	var days []string
	for i := 0; i < len(on); {
		k := i + 1
		for k < len(on) && on[k] == on[k-1]+1 {
			k++
		}
		from, to := doses[on[i]].Date, doses[on[k-1]].Date
		if from != to {
			from += " to " + to
		}
		days = append(days, from)
		i = k
	}
	return "on " + strings.Join(days, ", ")
}

// Package schedule applies a protocol to a patient: it computes the calendar of doses,
// check-ins, observations and fills, each with its derivation, or refuses with the reason.
//
//	plan, found := schedule.NewPlan(protocol, schedule.Options{Tier: "low"})
//	result, found := plan.Run(patient)
//
// A [Plan] is made once for a protocol and the choices of a clinician, and is run for any
// number of patients, from several goroutines if need be. The package reads no clock and no
// file: the same arguments give the same result on any machine.
//
// # The passes
//
// A run is a chain of passes, which assemble.go holds. Each stands in a file of its own and can be
// read alone. Up to the axis they take values and return new ones; from placement on they hand one
// list of dose events on, and change in it what their line names: the day and the instant, the
// status, the gate. The files in the order of the chain are:
//
//	plan.go      protocol + options      → Plan       every choice made, once
//	regimen.go   Plan + patient          → regimen    the amounts, by stretch of the course
//	alike.go     Plan + patient          → regimen    once for patients who measure alike
//	series.go    a rule + where it begins → ticks     the doses of one rule, without end
//	axis.go      Plan + regimen + start  → axis       the doses of all phases, in time
//	total.go     doses so far + a total  → sum        where a total ends a phase
//	record.go    axis + what happened    → doses      facts laid over what was planned
//	place.go     doses + closed days     → doses      what can still move, moved; instants
//	standing.go  doses → where they stand    that the phases that count from them follow
//	occurrences.go  a check-in + doses   → occurrences  when it is to be held, and from when it decides
//	gating.go    doses + decisions       → doses      which occurrence each waits for, and what one let through
//	rein.go      doses + limits          → doses      of a lived course: what may not be given as planned, held
//	checkins.go  doses + rules           → events     check-ins and observations; its frame counts doses
//	makes.go     amounts + strengths     → units      what makes each amount up
//	supply.go    doses + rules           → events     what is to be sent
//	judge.go     events + limits         → findings   limits and gates
//	gap.go       events + limits         → findings   between two medicines
//	layout.go    Plan + start + zone     → layout     where all events stand, once for patients who begin alike
//	assemble.go  all of them             → Schedule   one list in order, numbered and summed up
//	derive.go    Schedule + event        → steps      how it came about, when somebody asks
//	reads.go     Plan                    → what its calendars depend on, for the proof to vary
//
// A dose is named by its phase and its number from the axis to the page ([DoseName]).
//
// # How time is counted
//
// Day 1 is the start that the clinician gives, whether or not a dose falls on it. Each phase
// has a day 1 of its own, and counts from it:
//
//	day      1   2   3   4   5   6   7   8   9
//	a        ●   ●   ●   ·                       daily, 3 doses: the next would have been on day 4
//	b                    ●   ·   ●   ·   ●   ·   every 2 days, 3 doses: day 1 of b is day 4
//	c                                        ●   starts: 1 day after last dose of b
//
// A phase that does not say when it starts begins on the day on which the one before would
// have had its next dose, at the first of its own times that lies after the last dose (on the
// next day, if none does); without times of its own, at the very instant of that next dose. A
// phase of days, weeks or months ends with its last day, and what follows begins on the day
// after; one of doses or hours ends with its last dose. Months are counted from the first day
// of a chain ([civil.Anchor]), through phases that follow by months and through repeats.
//
// Clock times are civil: rules in days or longer, and rules in hours that divide 24, keep them
// across a change of the clocks. Other rules in hours or minutes run on elapsed time.
package schedule

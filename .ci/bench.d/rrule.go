//go:build ignore

// The calendars of a table of patients, by rrule-go and encoding/json.
package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

type dose struct {
	Amount     string `json:"amount"`
	Unit       string `json:"unit"`
	Medication string `json:"medication"`
	Route      string `json:"route"`
}

type event struct {
	Kind    string `json:"kind"`
	Start   string `json:"start"`
	Date    string `json:"date"`
	Phase   string `json:"phase,omitempty"`
	Name    string `json:"name,omitempty"`
	Number  int    `json:"number,omitempty"`
	Dose    *dose  `json:"dose,omitempty"`
	OfDose  int    `json:"of_dose,omitempty"`
	Minutes *int   `json:"minutes_after_dose,omitempty"`
}

type line struct {
	Patient string `json:"patient"`
	Event   event  `json:"event"`
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func rule(o rrule.ROption) []time.Time {
	r, err := rrule.NewRRule(o)
	check(err)
	return r.All()
}

func main() {
	f, err := os.Open(os.Args[1])
	check(err)
	in := csv.NewReader(bufio.NewReader(f))
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	enc := json.NewEncoder(out)
	zones := map[string]*time.Location{}
	_, err = in.Read()
	check(err)
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		check(err)
		zone := zones[row[4]]
		if zone == nil {
			zone, err = time.LoadLocation(row[4])
			check(err)
			zones[row[4]] = zone
		}
		day, err := time.ParseInLocation(time.DateOnly, row[3], zone)
		check(err)
		kg, err := strconv.ParseFloat(strings.TrimSuffix(row[1], "kg"), 64)
		check(err)
		mg := strconv.FormatFloat(math.Ceil(kg/2-0.5), 'f', -1, 64)
		first := time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 0, 0, zone)
		var induction []time.Time
		for _, week := range rule(rrule.ROption{Freq: rrule.WEEKLY, Count: 2, Dtstart: first}) {
			for _, d := range []int{0, 2, 4} {
				induction = append(induction, week.AddDate(0, 0, d))
			}
		}
		maintenance := rule(rrule.ROption{Freq: rrule.WEEKLY, Count: 4, Dtstart: first.AddDate(0, 0, 14)})
		number := 0
		for i, phase := range [][]time.Time{induction, maintenance} {
			for _, at := range phase {
				number++
				check(enc.Encode(line{row[0], event{Kind: "dose", Start: at.Format(time.RFC3339), Date: at.Format(time.DateOnly), Phase: []string{"induction", "maintenance"}[i], Number: number,
					Dose: &dose{mg, "mg", "ketamine", "iv"}}}))
				for _, after := range []int{0, 40, 80, 120} {
					then := at.Add(time.Duration(after) * time.Minute)
					check(enc.Encode(line{row[0], event{Kind: "observation", Start: then.Format(time.RFC3339), Date: then.Format(time.DateOnly), OfDose: number, Minutes: &after}}))
				}
			}
		}
		for _, at := range rule(rrule.ROption{Freq: rrule.DAILY, Count: 1, Dtstart: first.AddDate(0, 0, 11)}) {
			check(enc.Encode(line{row[0], event{Kind: "check-in", Start: at.Format(time.RFC3339), Date: at.Format(time.DateOnly), Name: "response"}}))
		}
	}
	check(out.Flush())
}

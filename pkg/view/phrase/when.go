package phrase

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/quantity"
)

var weekdayKeys = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Weekday returns the name of a day of the week.
func (c *Catalogue) Weekday(d time.Weekday) string {
	return c.Say("weekday." + weekdayKeys[d]).String()
}

// ShortWeekday returns the short name of a day of the week, as it heads a column.
func (c *Catalogue) ShortWeekday(d time.Weekday) string {
	return c.Say("weekday." + weekdayKeys[d] + ".short").String()
}

// Month returns the name of a month and its year, as it heads a grid.
func (c *Catalogue) Month(d civil.Date) string {
	y, m, _ := d.Parts()
	return c.Say("month", V("month", c.month(m)), V("year", y)).String()
}

func (c *Catalogue) month(m time.Month) string {
	return c.Say("month." + strconv.Itoa(int(m))).String()
}

// Date returns a date without its year: "Mon 2 March".
func (c *Catalogue) Date(d civil.Date) string { return c.date("date", d) }

// ShortDate returns a date without the day of the week and the year.
func (c *Catalogue) ShortDate(d civil.Date) string { return c.date("date.short", d) }

// FullDate returns a date with its year: "Mon 2 March 2026".
func (c *Catalogue) FullDate(d civil.Date) string { return c.date("date.full", d) }

// BirthDate returns a date without the day of the week.
func (c *Catalogue) BirthDate(d civil.Date) string { return c.date("date.birth", d) }

func (c *Catalogue) date(key string, d civil.Date) string {
	y, m, day := d.Parts()
	if day == 1 {
		key += ".first"
	}
	return c.Say(key, V("weekday", c.ShortWeekday(d.Weekday())), V("day", day), V("month", c.month(m)), V("year", y)).String()
}

// Dates returns two dates, or one.
func (c *Catalogue) Dates(from, to civil.Date) string {
	if from == to {
		return c.Date(from)
	}
	return c.Say("dates", V("from", c.Date(from)), V("to", c.Date(to))).String()
}

// Clock returns a clock time as it stands in a calendar: "8:30 pm".
func (c *Catalogue) Clock(t civil.Clock) string { return c.clock("clock", t) }

// AtClock returns a clock time in a sentence: "at half past 8 in the evening".
func (c *Catalogue) AtClock(t civil.Clock) string { return c.clock("at", t) }

func (c *Catalogue) clock(key string, t civil.Clock) string {
	hour, minute := int(t)/60, int(t)%60
	part := "night"
	switch {
	case t == 0:
		part = "midnight"
	case t == 12*60:
		part = "noon"
	case hour < 5:
		part = "early"
	case hour < 12:
		part = "morning"
	case hour < 18:
		part = "afternoon"
	case hour < 22:
		part = "evening"
	}
	// Minutes that are nothing are left out where a phrase says so.
	colon, space := "", ""
	if minute != 0 {
		colon, space = fmt.Sprintf(":%02d", minute), fmt.Sprintf(" %02d", minute)
	}
	return c.Say(key+"."+part, V("12", (hour+11)%12+1), V("24", hour), V("mm", fmt.Sprintf("%02d", minute)), V(":mm", colon), V(" mm", space)).String()
}

// Period returns a length of time: "6 hours".
func (c *Catalogue) Period(p civil.Period) Words { return c.Count("period."+p.Unit.String(), p.N) }

// Amount returns an amount with its unit, as the language writes numbers. No line breaks between
// the two.
func (c *Catalogue) Amount(a quantity.Amount) string {
	text := strings.Replace(a.String(), " ", "\u00a0", 1)
	if mark := c.phrases["decimal mark"]; mark != "." {
		text = strings.Replace(text, ".", mark, 1)
	}
	return text
}

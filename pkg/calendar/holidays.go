package calendar

import (
	"fmt"
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"

	"github.com/doseplan/doseplan/pkg/civil"
)

// holidays are the public holidays of countries, by ISO 3166 code; nation-wide days only.
var holidays = map[string][]*cal.Holiday{
	"at": at.Holidays, "au": au.HolidaysNSW, "be": be.Holidays, "ca": ca.Holidays, "ch": ch.Holidays,
	"de": de.Holidays, "dk": dk.Holidays, "es": es.Holidays, "fr": fr.Holidays, "gb": gb.Holidays,
	"ie": ie.Holidays, "it": it.Holidays, "nl": nl.Holidays, "nz": nz.Holidays, "se": se.Holidays, "us": us.Holidays,
}

// Countries returns the codes that PublicHolidays accepts, sorted.
func Countries() []string {
	codes := make([]string, 0, len(holidays))
	for code := range holidays {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// PublicHolidays returns a function that tells whether a date is a public holiday, observed
// or actual, of a country named by its ISO 3166 code in small letters.
func PublicHolidays(code string) (func(civil.Date) (string, bool), error) {
	list, ok := holidays[code]
	if !ok {
		return nil, fmt.Errorf("no public holidays are known for “%s”", code)
	}
	c := cal.NewBusinessCalendar()
	c.AddHoliday(list...)
	return func(d civil.Date) (string, bool) {
		y, m, day := d.Parts()
		actual, observed, h := c.IsHoliday(time.Date(y, m, day, 12, 0, 0, 0, time.UTC))
		if !actual && !observed {
			return "", false
		}
		if !actual {
			return h.Name + " (observed)", true
		}
		return h.Name, true
	}, nil
}

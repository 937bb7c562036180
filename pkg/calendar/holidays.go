package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/ee"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/hu"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/is"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lu"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mt"
	"github.com/rickar/cal/v2/mx"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/pt"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/rs"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"

	"github.com/doseplan/doseplan/pkg/civil"
)

// holidays are the public holidays of countries, by ISO 3166-1 code (those of the whole
// country; “gb” is England and Wales), and of their parts, by ISO 3166-2 code. Australia and
// Switzerland, where nearly every holiday is a part's own, have no list for the whole.
var holidays = map[string][]*cal.Holiday{
	"ar": ar.Holidays, "at": at.Holidays, "be": be.Holidays, "bg": bg.Holidays, "br": br.Holidays, "ca": ca.Holidays, "cz": cz.Holidays,
	"de": de.Holidays, "dk": dk.Holidays, "ee": ee.Holidays, "es": es.Holidays, "fi": fi.Holidays, "fr": fr.Holidays, "gb": gb.Holidays,
	"gr": gr.Holidays, "hr": hr.Holidays, "hu": hu.Holidays, "ie": ie.Holidays, "is": is.Holidays, "it": it.Holidays, "jp": jp.Holidays,
	"lt": lt.Holidays, "lu": lu.Holidays, "lv": lv.Holidays, "mt": mt.Holidays, "mx": mx.Holidays, "nl": nl.Holidays, "no": no.Holidays,
	"nz": nz.Holidays, "pl": pl.Holidays, "pt": pt.Holidays, "ro": ro.Holidays, "rs": rs.Holidays, "se": se.Holidays, "si": si.Holidays,
	"sk": sk.Holidays, "ua": ua.Holidays, "us": us.Holidays, "za": za.Holidays,

	"au-act": au.HolidaysACT, "au-nsw": au.HolidaysNSW, "au-nt": au.HolidaysNT, "au-qld": au.HolidaysQLD,
	"au-sa": au.HolidaysSA, "au-tas": au.HolidaysTAS, "au-vic": au.HolidaysVIC, "au-wa": au.HolidaysWA,
	"ch-ag": ch.HolidaysAG, "ch-ai": ch.HolidaysAI, "ch-ar": ch.HolidaysAR, "ch-be": ch.HolidaysBE, "ch-bl": ch.HolidaysBL, "ch-bs": ch.HolidaysBS,
	"ch-fr": ch.HolidaysFR, "ch-ge": ch.HolidaysGE, "ch-gl": ch.HolidaysGL, "ch-gr": ch.HolidaysGR, "ch-ju": ch.HolidaysJU, "ch-lu": ch.HolidaysLU,
	"ch-ne": ch.HolidaysNE, "ch-nw": ch.HolidaysNW, "ch-ow": ch.HolidaysOW, "ch-sg": ch.HolidaysSG, "ch-sh": ch.HolidaysSH, "ch-so": ch.HolidaysSO,
	"ch-sz": ch.HolidaysSZ, "ch-tg": ch.HolidaysTG, "ch-ti": ch.HolidaysTI, "ch-ur": ch.HolidaysUR, "ch-vd": ch.HolidaysVD, "ch-vs": ch.HolidaysVS,
	"ch-zg": ch.HolidaysZG, "ch-zh": ch.HolidaysZH,
	"de-bb": de.HolidaysBB, "de-be": de.HolidaysBE, "de-bw": de.HolidaysBW, "de-by": de.HolidaysBY, "de-hb": de.HolidaysHB, "de-he": de.HolidaysHE,
	"de-hh": de.HolidaysHH, "de-mv": de.HolidaysMV, "de-ni": de.HolidaysNI, "de-nw": de.HolidaysNW, "de-rp": de.HolidaysRP, "de-sh": de.HolidaysSH,
	"de-sl": de.HolidaysSL, "de-sn": de.HolidaysSN, "de-st": de.HolidaysST, "de-th": de.HolidaysTH,
}

// HolidayCodes returns the codes that PublicHolidays accepts, sorted.
func HolidayCodes() []string {
	codes := make([]string, 0, len(holidays))
	for code := range holidays {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// PublicHolidays returns a function that tells whether a date is a public holiday, observed
// or actual, of a country or a part of it, named by its ISO 3166 code in small letters: “us”,
// “de-by”.
func PublicHolidays(code string) (func(civil.Date) (string, bool), error) {
	list, ok := holidays[code]
	if !ok {
		var parts []string
		for _, c := range HolidayCodes() {
			if country, _, _ := strings.Cut(code, "-"); strings.HasPrefix(c, country+"-") {
				parts = append(parts, c)
			}
		}
		if len(parts) > 0 {
			return nil, fmt.Errorf("no public holidays are known for “%s”, but for %s", code, strings.Join(parts, ", "))
		}
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

package fhir

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/doseplan/doseplan/pkg/civil"
)

// Systems of codes, by the URIs that FHIR R4 gives them
// (https://hl7.org/fhir/R4/terminologies-systems.html).
const (
	SNOMED        = "http://snomed.info/sct"
	RxNorm        = "http://www.nlm.nih.gov/research/umls/rxnorm"
	UCUM          = "http://unitsofmeasure.org"
	Abbreviations = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"
)

// Extensions of FHIR R4 that are written and read: the IANA time zone of a date and time, and
// that a repeat is to be kept to the minute
// (https://hl7.org/fhir/R4/extension-tz-code.html, …/extension-timing-exact.html).
const (
	TimeZone = "http://hl7.org/fhir/StructureDefinition/tz-code"
	Exact    = "http://hl7.org/fhir/StructureDefinition/timing-exact"
)

// Clean returns a text in one line without what no reader sees: controls, and the marks that turn
// or hide other characters.
func Clean(text string) string {
	return strings.Join(strings.FieldsFunc(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, text), func(r rune) bool { return r == ' ' }), " ")
}

// A RouteCode is the SNOMED CT concept of a route of the language.
type RouteCode struct {
	Route   string // a name of protocol.RouteNames
	Code    string
	Display string
}

// routes are concepts below 284009009 (route of administration), as the expansion of the value
// set of FHIR lists them (https://hl7.org/fhir/R4/valueset-route-codes.html), each compared with
// the code system of the OncoFAIR implementation guide (SNOMEDCTOncoFAIRCodeSystem). Intradermal
// and respiratory tract are not in that guide, and were compared with the routes of the
// New Zealand and Taiwan core guides. A route that stands in no list that was read has no code.
var routes = []RouteCode{
	{"iv", "47625008", "Intravenous route"},
	{"im", "78421000", "Intramuscular route"},
	{"subcutaneous", "34206005", "Subcutaneous route"},
	{"sublingual", "37839007", "Sublingual route"},
	{"buccal", "54471007", "Buccal route"},
	{"oral", "26643006", "Oral route"},
	{"intranasal", "46713006", "Nasal route"},
	{"inhaled", "447694001", "Respiratory tract route"},
	{"rectal", "37161004", "Rectal route"},
	{"vaginal", "16857009", "Vaginal route"},
	{"transdermal", "45890007", "Transdermal route"},
	{"topical", "6064005", "Topical route"},
	{"intradermal", "372464004", "Intradermal route"},
	{"intrathecal", "72607000", "Intrathecal route"},
	{"epidural", "404820008", "Epidural route"},
	{"intra-articular", "12130007", "Intra-articular route"},
	{"intraosseous", "417255000", "Intraosseous route"},
	{"intraperitoneal", "38239002", "Intraperitoneal route"},
	{"intravesical", "372471009", "Intravesical route"},
	{"intravitreal", "418401004", "Intravitreal route"},
	{"ophthalmic", "54485002", "Ophthalmic route"},
	{"otic", "10547007", "Otic route"},
	{"enteral", "417985001", "Enteral route"},
}

// CodeOfRoute returns the code of a route, if one is known.
func CodeOfRoute(route string) (RouteCode, bool) {
	return find(routes, func(r RouteCode) bool { return r.Route == route })
}

// RouteOfCode returns the route of a SNOMED CT code, if it is one that the language has.
func RouteOfCode(code string) (RouteCode, bool) {
	return find(routes, func(r RouteCode) bool { return r.Code == code })
}

func find[T any](list []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}

// units are the units of the language that UCUM has one code for
// (https://ucum.org/ucum, table 1 of prefixes, and mol, eq, m, g and L). “units” of a medicine
// are its own (those of insulin are not those of heparin) and have none; neither have counts.
var units = []struct{ name, code string }{
	{"mg", "mg"}, {"g", "g"}, {"mcg", "ug"}, {"ng", "ng"}, {"kg", "kg"}, {"mL", "mL"}, {"L", "L"},
	{"mmol", "mmol"}, {"mEq", "meq"}, {"MBq", "MBq"}, {"kBq", "kBq"}, {"GBq", "GBq"}, {"mCi", "mCi"}, {"cm", "cm"}, {"m2", "m2"},
	{"mg/kg", "mg/kg"}, {"mcg/kg", "ug/kg"}, {"mg/m2", "mg/m2"},
}

// CodeOfUnit returns the UCUM code of a unit of the language, or "".
func CodeOfUnit(unit string) string {
	for _, u := range units {
		if u.name == unit {
			return u.code
		}
	}
	return ""
}

// UnitOfCode returns the unit of the language for a UCUM code, or "". UCUM writes the litre as L
// and as l.
func UnitOfCode(code string) string {
	if code == "ml" || code == "l" {
		code = strings.Replace(code, "l", "L", 1)
	}
	for _, u := range units {
		if u.code == code {
			return u.name
		}
	}
	return ""
}

// periods are the units of time of FHIR, in UCUM (https://hl7.org/fhir/R4/valueset-units-of-time.html).
var periods = []struct {
	unit civil.PeriodUnit
	code string
}{
	{civil.Minute, "min"}, {civil.Hour, "h"}, {civil.Day, "d"}, {civil.Week, "wk"}, {civil.Month, "mo"}, {civil.Year, "a"},
}

// CodeOfPeriod returns the UCUM code of a unit of time.
func CodeOfPeriod(u civil.PeriodUnit) string {
	for _, p := range periods {
		if p.unit == u {
			return p.code
		}
	}
	return ""
}

// PeriodOfCode returns the unit of time of a UCUM code. ok is false for seconds, which the
// language does not count in, and for what is no unit of time.
func PeriodOfCode(code string) (u civil.PeriodUnit, ok bool) {
	for _, p := range periods {
		if p.code == code {
			return p.unit, true
		}
	}
	return 0, false
}

// days are the codes for the days of the week (https://hl7.org/fhir/R4/valueset-days-of-week.html).
var days = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// CodeOfDay returns the code for a day of the week.
func CodeOfDay(d time.Weekday) string { return days[d] }

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/store"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view/phrase"
	"github.com/doseplan/doseplan/pkg/view/texttemplate"
)

// A setting is one value that comes from a flag, the environment, the configuration file or
// a default, in that order. Every value is text until the code that uses it reads it: no
// clinical amount ever becomes a binary number on the way.
type setting struct {
	key      string
	fallback string
	usage    string
	list     bool   // several values: the flag repeated, or joined by commas
	verbatim bool   // a list whose values may hold commas
	field    string // the parameter of a patient that it states, on top of the patient file; or ""
	truth    bool   // true or false
	global   bool   // a flag of every command
	written  bool   // a flag of the commands alone that write into a course
	checks   bool   // a flag of `validate` alone
	short    string
	formats  []string // those that it changes; nil for no format alone
}

// ofPatient reports whether a setting is a patient's file, or a parameter that is stated on top of it.
func (s *setting) ofPatient() bool { return s.key == "patient" || s.field != "" }

var settings = []setting{
	{key: "quiet", short: "q", truth: true, global: true, usage: "print no notes and warnings"},
	{key: "no-color", truth: true, global: true, usage: "print without colour"},
	{key: "strict", truth: true, global: true, usage: "write nothing, and end with status 1, where there are warnings"},
	{key: "protocols", list: true, global: true, usage: "folders with protocol files of your own"},

	{key: "medicines", checks: true, usage: "a file with what you know of medicines, beside what doseplan does"},

	{key: "today", global: true, usage: "the day that is taken as today, as 2026-03-20 (default: that of the clock)"},
	{key: "by", written: true, usage: "who says so, for entries in a course"},

	{key: "patient", usage: "file with the patient's parameters (YAML or JSON)"},
	{key: "output", short: "o", usage: "file to write; its extension chooses the format"},
	{key: "force", truth: true, usage: "replace an existing output file"},
	{key: "explain", truth: true, usage: "print the derivation of every event"},
	{key: "confirmed", list: true, usage: "a check-in that has confirmed what it decides about (may be repeated)"},
	{key: "override", list: true, verbatim: true, usage: "let a broken limit through: 'LIMIT: reason' (may be repeated)"},
	{key: "format", short: "f", usage: "output format: " + strings.Join(FormatNames(), ", ") + " (default: by the extension of --output, else table)"},
	{key: "alarm", list: true, usage: "how long before each event a calendar program reminds of it, as 30m (ics; may be repeated)", formats: []string{"ics"}},
	{key: "private", truth: true, usage: "titles that give nothing away (ics); the description still says all", formats: []string{"ics"}},
	{key: "compact", truth: true, usage: "say what recurs once, with its rule (ics) or its interval (nonmem)", formats: []string{"ics", "nonmem"}},
	{key: "template", usage: "write by a template (text/template over the JSON): a file, or " + strings.Join(texttemplate.Names(), ", ")},
	{key: "tier", usage: "the starting tier"},
	{key: "route", usage: "the route, where the protocol offers several"},
	{key: "frequency", list: true, verbatim: true, usage: "one of the frequencies that the protocol offers, or PHASE=FREQUENCY"},
	{key: "step", list: true, usage: "PHASE=N: the step of a titration by amounts that is confirmed before the start, and that all doses of the phase begin with; 1 is the first"},
	{key: "until", usage: "the last date shown, as 2026-12-31"},
	{key: "horizon", fallback: "12 weeks", usage: "how far open-ended phases are shown"},
	{key: "times", list: true, usage: "clock times of the doses of a day, as 08:00,20:00, in every phase with so many; of a rule in hours the first"},
	{key: "dose-time", fallback: "09:00", usage: "clock time of a single dose a day, where the protocol names none; rules in hours do not follow it"},
	{key: "check-in-time", fallback: "09:00", usage: "clock time of check-ins"},
	{key: "morning", fallback: "08:00", usage: "what “morning” means"},
	{key: "noon", fallback: "12:00", usage: "what “noon” means"},
	{key: "afternoon", fallback: "14:00", usage: "what “afternoon” means"},
	{key: "evening", fallback: "20:00", usage: "what “evening” means"},
	{key: "bedtime", fallback: "22:00", usage: "what “bedtime” means"},
	{key: "breakfast", fallback: "08:00", usage: "when breakfast is"},
	{key: "lunch", fallback: "12:00", usage: "when lunch is"},
	{key: "dinner", fallback: "18:00", usage: "when dinner is"},
	{key: "wake", fallback: "07:00", usage: "what “after waking” means in FHIR"},
	{key: "week-start", fallback: "monday", usage: "the first day of a week in the month grid: monday, sunday", formats: []string{"month", "html", "pdf"}},
	{key: "for", fallback: "patient", usage: "for whom a page is made: patient, clinician", formats: []string{"html", "pdf"}},
	{key: "lang", fallback: "en", usage: "language of the patient's page: " + strings.Join(phrase.Languages(), ", "), formats: []string{"html", "pdf"}},
	{key: "large", truth: true, usage: "large type on a page", formats: []string{"html", "pdf"}},
	{key: "paper", fallback: "a4", usage: "the paper of a PDF: a4, letter", formats: []string{"pdf"}},
	{key: "clinic", usage: "the clinic's name, as a page shows it"},
	{key: "phone", usage: "the clinic's telephone number, as a page shows it"},
	{key: "crisis-line", usage: "whom to call in a crisis, as a page shows it (default 988 in the United States)"},
	{key: "closed", list: true, usage: "closed days: weekends, days of the week, dates, ranges (2026-04-01..2026-04-10), or the public holidays of a country or a part of it (holidays-us, holidays-de-by …)"},
	{key: "hours", list: true, verbatim: true, usage: "the clinic's opening hours, as 'mon-fri 09:00-17:00' (may be repeated); other days are closed for what takes place there"},
	{key: "prefer", list: true, usage: "days of the week that moved events go to where several are as near"},
	{key: "closed-policy", fallback: "next", usage: "where an event on a closed day goes: next, previous, nearest, keep, skip"},

	{key: "id", field: "id", usage: "the patient's id"},
	{key: "weight", field: "weight", usage: "the patient's weight, as 72kg or 158lb"},
	{key: "height", field: "height", usage: "the patient's height, as 178cm or 5ft10in"},
	{key: "body-surface", field: "body surface", usage: "the patient's body surface, as 1.73m2, for protocols that take it as stated"},
	{key: "birth-date", field: "birth date", usage: "the patient's date of birth"},
	{key: "age", field: "age", usage: "the patient's age in years, or as '7 months', where the date of birth is not known"},
	{key: "sex", field: "sex", usage: "female or male, for formulas derived for one"},
	{key: "start", field: "start", usage: "the start: the date of day 1, as 2026-03-02"},
	{key: "time-zone", field: "time zone", usage: "the patient's time zone, as America/New_York"},
	{key: "condition", list: true, field: "present", usage: "a condition that the patient has (may be repeated)"},
	{key: "without", list: true, field: "absent", usage: "a condition that the patient is known not to have (may be repeated)"},
	{key: "medication", list: true, field: "medications", usage: "a medicine that the patient takes (may be repeated)"},
	{key: "received", list: true, field: "received", usage: "what was received of a medicine before, as 'doxorubicin=240mg/m2' (may be repeated)"},
	{key: "date", list: true, field: "dates", usage: "a date that the protocol counts from, as 'departure=2026-07-01' (may be repeated)"},
	{key: "measurement", list: true, field: "measurements", usage: "a value that doses depend on, as 'creatinine=1.1mg/dL' (may be repeated)"},
	{key: "acuity", field: "acuity", usage: "high for severe, escalating or suicidal symptoms"},
}

// An origin says where a value came from.
type origin string

const (
	fromFlag    origin = "flag"
	fromEnv     origin = "environment"
	fromConfig  origin = "configuration file"
	fromDefault origin = "default"
	unset       origin = "not set"
)

// A value is what a setting came to.
type value struct {
	texts  []string
	origin origin
}

// Settings are all values, by key.
type Settings struct {
	values map[string]value
	file   string // the configuration file that was read, or ""
}

// Text returns a single value, or "".
func (s *Settings) Text(key string) string {
	if v := s.values[key]; len(v.texts) > 0 {
		return v.texts[0]
	}
	return ""
}

// List returns the values of a list.
func (s *Settings) List(key string) []string { return s.values[key].texts }

// On reports whether a setting that is true or false is true.
func (s *Settings) On(key string) bool { return s.Text(key) == "true" }

// Set reports whether the user stated a value.
func (s *Settings) Set(key string) bool {
	o := s.values[key].origin
	return o != fromDefault && o != unset && o != ""
}

// Flag reports whether a flag states a value.
func (s *Settings) Flag(key string) bool { return s.Set(key) && !s.Shared(key) }

// Shared reports whether a value comes from the environment or the configuration.
func (s *Settings) Shared(key string) bool {
	o := s.values[key].origin
	return o == fromEnv || o == fromConfig
}

// Where says where a value was stated, for findings: "--weight", "DOSEPLAN_WEIGHT" or "config.yaml: weight".
func (s *Settings) Where(key string) string {
	switch s.values[key].origin {
	case fromEnv:
		return envName(key)
	case fromConfig:
		return s.file + ": " + key
	}
	return "--" + key
}

func envName(key string) string {
	return "DOSEPLAN_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}

// addSettings defines the flags of the settings: the global ones, or all others.
func addSettings(f *pflag.FlagSet, global bool, but ...string) {
	for _, s := range settings {
		switch {
		case s.written || s.checks || s.global != global || s.key == "patient" && slices.Contains(but, "patient file") || slices.Contains(but, s.key) || s.field != "" && slices.Contains(but, "patient"):
		case s.truth:
			f.BoolP(s.key, s.short, false, s.usage)
		case s.list:
			f.StringArray(s.key, nil, s.usage)
		default:
			f.VarP(&once{}, s.key, s.short, usageOf(s))
		}
	}
}

// once is the text of a flag that is given once at most: of two weights, none is the right one.
type once struct {
	text  string
	given bool
}

func (o *once) String() string { return o.text }
func (o *once) Type() string   { return "string" }

func (o *once) Set(text string) error {
	if o.given {
		return errors.New("it is given twice")
	}
	o.text, o.given = text, true
	return nil
}

func usageOf(s setting) string {
	if s.fallback != "" {
		return s.usage + " (default " + s.fallback + ")"
	}
	return s.usage
}

// load reads the settings once, through one instance of viper, into typed values.
func (a *app) load(flags *pflag.FlagSet) (*Settings, error) {
	v := viper.New()
	file, err := a.readConfig(v)
	if err != nil {
		return nil, err
	}
	if err := a.misspeltEnv(); err != nil {
		return nil, err
	}
	out := &Settings{values: map[string]value{}, file: file}
	for _, s := range settings {
		val, err := a.one(v, flags, s, file)
		if err != nil {
			return nil, err
		}
		out.values[s.key] = val
	}
	return out, nil
}

// misspeltEnv refuses a name in the environment that is nearly that of a setting: what it states, a weight as DOSEPLAN_WIEGHT,
// would be passed over without a word. Other names of that beginning are somebody else's.
func (a *app) misspeltEnv() error {
	if a.env.Environ == nil {
		return nil
	}
	known := []string{"DOSEPLAN_CONFIG"}
	for _, s := range settings {
		known = append(known, envName(s.key))
	}
	for _, text := range a.env.Environ() {
		name, _, _ := strings.Cut(text, "=")
		if !strings.HasPrefix(name, "DOSEPLAN_") || slices.Contains(known, name) {
			continue
		}
		slip := func(k string) bool { // two letters of a long name, or one of a short one
			letters := len(k) - len("DOSEPLAN_")
			return letters > 3 && diag.Distance(name, k) <= min(2, letters/3)
		}
		if i := slices.IndexFunc(known, slip); i >= 0 {
			return usage("did you mean “"+known[i]+"”?", "the environment has “%s”, which is no setting", name)
		}
	}
	return nil
}

func (a *app) one(v *viper.Viper, flags *pflag.FlagSet, s setting, file string) (value, error) {
	if flags != nil {
		if f := flags.Lookup(s.key); f != nil && f.Changed {
			if s.list {
				list, err := flags.GetStringArray(s.key)
				if len(list) == 0 && s.field != "" { // pflag takes one empty text for none
					list = []string{""}
				}
				return value{split(list, s), fromFlag}, err
			}
			return value{[]string{f.Value.String()}, fromFlag}, nil
		}
	}
	if text, ok := a.env.Getenv(envName(s.key)); ok && text != "" {
		if s.truth && text != "true" && text != "false" {
			return value{}, usage("write true or false", "%s: “%s” is neither true nor false", envName(s.key), text)
		}
		if s.list {
			return value{split([]string{text}, s), fromEnv}, nil
		}
		return value{[]string{text}, fromEnv}, nil
	}
	if file != "" && v.InConfig(s.key) {
		texts, err := configTexts(v.Get(s.key), s)
		if err != nil {
			return value{}, usage("write it as text in quotes, with its unit", "%s: %s: %v", file, s.key, err)
		}
		return value{split(texts, s), fromConfig}, nil
	}
	if s.fallback != "" {
		return value{[]string{s.fallback}, fromDefault}, nil
	}
	return value{nil, unset}, nil
}

func split(texts []string, s setting) []string {
	if !s.list || s.verbatim {
		return texts
	}
	var list []string
	for _, t := range texts {
		for _, item := range strings.Split(t, ",") {
			list = append(list, strings.TrimSpace(item))
		}
	}
	return list
}

// configTexts takes a value of the configuration file as text. A number is refused: by the
// time it arrives it is a binary one, and its unit is not there.
func configTexts(raw any, s setting) ([]string, error) {
	switch raw := raw.(type) {
	case string:
		if s.truth {
			return nil, errors.New("it is true or false, without quotes")
		}
		return []string{raw}, nil
	case bool:
		if s.truth {
			return []string{strconv.FormatBool(raw)}, nil
		}
	case time.Time: // YAML reads an unquoted date as an instant
		return []string{raw.Format(time.DateOnly)}, nil
	case []any:
		if !s.list {
			return nil, errors.New("it takes one value, not a list")
		}
		var list []string
		for _, item := range raw {
			texts, err := configTexts(item, s)
			if err != nil {
				return nil, err
			}
			list = append(list, texts...)
		}
		return list, nil
	}
	return nil, fmt.Errorf("“%v” is not text", raw)
}

// readConfig reads the configuration file, if there is one, and returns its name.
func (a *app) readConfig(v *viper.Viper) (string, error) {
	name, stated := a.configFile, a.configFile != ""
	if !stated {
		if env, ok := a.env.Getenv("DOSEPLAN_CONFIG"); ok && env != "" {
			name, stated = env, true
		}
	}
	if !stated {
		if a.env.Home == "" {
			return "", nil
		}
		name = filepath.Join(a.env.Home, "doseplan", "config.yaml")
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
	}
	text, err := store.Read(name, source.MaxBytes)
	if err == nil && len(text) > source.MaxBytes {
		err = fmt.Errorf("it is larger than %d bytes", source.MaxBytes)
	}
	if err != nil {
		return "", unreadable(name, err)
	}
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(text)); err != nil {
		return "", unreadable(name, err)
	}
	known := make([]string, len(settings))
	for i, s := range settings {
		known[i] = s.key
	}
	for _, key := range v.AllKeys() {
		if !slices.Contains(known, key) {
			return "", usage(diag.DidYouMean(key, known), "%s: there is no setting “%s”", name, key)
		}
	}
	return name, nil
}

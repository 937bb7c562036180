package main

import (
	"bytes"
	"compress/zlib"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/cli"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

var (
	unread = regexp.MustCompile(`(?s)<(style|title)>.*?</(style|title)>`)
	broken = regexp.MustCompile(`</(text|p|li|td|th|h1|h2|h3|dt|dd|caption|tr|span|div)>|<br>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
	blanks = regexp.MustCompile(`\n\s*\n+`)
)

// textOf returns the text of a page, about as it is read aloud.
func textOf(page string) string {
	page = unread.ReplaceAllString(page, "")
	page = broken.ReplaceAllString(page, "\n")
	page = html.UnescapeString(tags.ReplaceAllString(page, ""))
	page = strings.ReplaceAll(page, "\u00a0", " ")
	return strings.TrimSpace(blanks.ReplaceAllString(page, "\n")) + "\n"
}

var (
	stream  = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	shown   = regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\) ?Tj`)
	escapes = regexp.MustCompile(`(?s)\\(.)`)
)

// textOfPDF returns the words that a PDF of this program shows, in the order in which they are
// written.
func textOfPDF(file string) string {
	var words []string
	for _, m := range stream.FindAllStringSubmatch(file, -1) {
		r, err := zlib.NewReader(strings.NewReader(m[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil {
			continue
		}
		for _, text := range shown.FindAllSubmatch(content, -1) {
			raw := escapes.ReplaceAllFunc(text[1], func(b []byte) []byte {
				if b[1] == 'r' {
					return []byte{'\r'}
				}
				return b[1:]
			})
			var units []uint16
			for i := 0; i+1 < len(raw); i += 2 {
				units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
			}
			words = append(words, string(utf16.Decode(units)))
		}
	}
	return strings.ReplaceAll(strings.Join(words, " "), "\u00a0", " ") + "\n"
}

// pageArgs are what a page of a shipped protocol needs to be made.
func pageArgs(t *testing.T, id string) []string {
	t.Helper()
	args := []string{"schedule", id, "--quiet", "--start", "2026-03-02", "--time-zone", "America/New_York", "--until", "2026-04-12", "--id", "P-1", "--clinic", "Example Clinic", "--phone", "+1 555 0100",
		"--weight", "80kg", "--height", "170cm", "--sex", "female", "--age", "41"}
	return append(args, choices(t, id)...)
}

// The text of the patient's page of every shipped protocol, for a reader to look through.
func TestPatientsPages(t *testing.T) {
	pages := map[string][]string{}
	for _, id := range shippedIDs() {
		pages[id] = pageArgs(t, id)
	}
	for _, lang := range phrase.Languages() {
		if lang != "en" {
			pages["ketamine-home-intensive."+lang] = append(pageArgs(t, "ketamine-home-intensive"), "--condition", "cirrhosis", "--lang", lang)
			pages["esketamine-nasal-trd."+lang] = append(pageArgs(t, "esketamine-nasal-trd"), "--acuity", "high", "--lang", lang)
		}
	}
	for id, args := range pages {
		got := textOf(run(t, append(args, "-f", "html")...))
		name := filepath.Join("..", "..", "testdata", "pages", id+".txt")
		if os.Getenv("DOSEPLAN_UPDATE") != "" {
			if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: the page is not that of %s", id, name)
		}
	}
}

var (
	quoted  = regexp.MustCompile(`<bdi[^>]*>[^<]*</bdi>`)
	english = regexp.MustCompile(`(?i)\b(the|your|you|if|and|with|before|after|take|taken|week|day|days|month|tongue|mouth|clinic|at|of|by|is)\b`)
)

// In another language nothing that the program says is English; what the protocol says is, and
// says so.
func TestPagesInEveryLanguage(t *testing.T) {
	for _, lang := range phrase.Languages() {
		if lang == "en" {
			continue
		}
		for _, id := range shippedIDs() {
			page := run(t, append(pageArgs(t, id), "-f", "html", "--lang", lang, "--acuity", "high", "--condition", "asthma")...)
			if !strings.Contains(page, `<html lang="`+lang+`">`) {
				t.Errorf("%s: the page does not say that it is in %s", id, lang)
			}
			own := textOf(quoted.ReplaceAllString(page, ""))
			for _, l := range strings.Split(own, "\n") {
				if m := english.FindString(l); m != "" {
					t.Errorf("%s in %s: “%s” is English in: %s", id, lang, m, l)
				}
			}
		}
	}
}

// Every dose of the JSON stands on the page of its month, with a box, its amount and its medicine.
func TestPagesHoldEveryDose(t *testing.T) {
	for _, id := range shippedIDs() {
		doses := strings.Count(run(t, append(pageArgs(t, id), "-f", "json")...), `"kind": "dose"`)
		page := run(t, append(pageArgs(t, id), "-f", "html")...)
		calendar := page[strings.Index(page, `class="month"`):]
		if n := strings.Count(calendar, `class="amount"`); n != doses {
			t.Errorf("%s: %d doses on the page, %d in the table", id, n, doses)
		}
		if n := strings.Count(calendar, `class="box`); n != doses {
			t.Errorf("%s: %d boxes for %d doses", id, n, doses)
		}
		clinician := run(t, append(pageArgs(t, id), "-f", "html", "--for", "clinician")...)
		rows := clinician[strings.Index(clinician, `class="rows doses"`):]
		if n := strings.Count(rows[:strings.Index(rows, "</table>")], "<tr") - 1; n != doses {
			t.Errorf("%s: %d doses on the clinician's page, %d in the table", id, n, doses)
		}
	}
}

// A page stands alone: it loads nothing and runs nothing.
func TestPagesStandAlone(t *testing.T) {
	for _, reader := range []string{"patient", "clinician"} {
		page := run(t, append(pageArgs(t, "ketamine-home-intensive"), "-f", "html", "--for", reader)...)
		for _, bad := range []string{"<script", "<link", "<img", "<iframe", "src=", "url(", "@import", "http:", "https:", "ZgotmplZ", "javascript:"} {
			if strings.Contains(page, bad) {
				t.Errorf("the %s's page has %s", reader, bad)
			}
		}
	}
}

const hostile = "<b>x</b>\"'&amp;<script>alert(1)</script>\u202eevil\u2066\u200b\u200d\ufeff\u00ad"

// What a patient, a clinic or a protocol says stays text, and shows what it hides.
func TestHostileTextStaysText(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hostile.yaml")
	text := strings.NewReplacer("title: Weekly", `title: "We<i>ekly\u202e"`, "examplamine", `"exa<u>mplamine\u200b"`, "every 9 days", "thu", ", starts: after course", "", "frequency: sat", "frequency: every 5 days").Replace(unsound)
	text += "notes: [\"a </style><script>note\\u2067</script>\"]\nrequirements: { each dose: { no driving until: \"<h1>noon\\u200f\" } }\ncheck-ins: { talk: { title: \"<s>Talk\\u2028\", on: day 2, mode: phone, measure: [\"<td>PHQ\\u2069\"] } }\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, reader := range []string{"html patient", "html clinician", "svg patient", "pdf patient", "pdf clinician"} {
		format, who, _ := strings.Cut(reader, " ")
		page := run(t, "schedule", file, "--quiet", "--start", "2026-12-05", "--override", "single dose: "+hostile, "--condition", hostile, "--medication", "a<em>\u200f", "--clinic", hostile, "--phone", "+1<2\u202e", "--crisis-line", hostile,
			"-f", format, "--for", who)
		if format == "pdf" {
			page = textOfPDF(page)
			if !strings.Contains(page, "<script>alert(1)</script>") {
				t.Errorf("%s: what was said is not shown", reader)
			}
		}
		for _, tag := range []string{"<b>x", "<script", "<i>", "<u>", "<s>", "<em>", "<td>PHQ", "<h1>noon"} {
			if format != "pdf" && strings.Contains(page, tag) {
				t.Errorf("%s: %s stands in the page as markup", reader, tag)
			}
		}
		if i := strings.IndexFunc(page, func(r rune) bool {
			return r != '\n' && (unicode.Is(unicode.Cf, r) || unicode.IsControl(r)) || r == '\u2028'
		}); i >= 0 {
			t.Errorf("%s: a hidden character stands at %d: %q", reader, i, page[max(0, i-20):i+8])
		}
		if format != "pdf" && !strings.Contains(strings.Join(strings.Fields(textOf(page)), " "), "<script>alert(1)</script>") {
			t.Errorf("%s: what was said is not shown", reader)
		}
	}
}

// A picture is well-formed, stands alone, and has a point for each dose.
func TestPictures(t *testing.T) {
	for _, id := range shippedIDs() {
		doses := strings.Count(run(t, append(pageArgs(t, id), "-f", "json")...), `"kind": "dose"`)
		picture := run(t, append(pageArgs(t, id), "-f", "svg")...)
		dec := xml.NewDecoder(strings.NewReader(picture))
		dec.Strict = true
		points := 0
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", id, err)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "circle" {
				points++
			}
		}
		if points != doses {
			t.Errorf("%s: %d points for %d doses", id, points, doses)
		}
		if strings.Contains(strings.Replace(picture, "http://www.w3.org/2000/svg", "", 1), "http") || strings.Contains(picture, "NaN") {
			t.Errorf("%s: the picture asks for something, or holds no number", id)
		}
	}
}

// The picture in letters fits a terminal, and shows each dose of a calendar that it need not squeeze.
func TestChartsFitTheTerminal(t *testing.T) {
	for _, id := range shippedIDs() {
		var out bytes.Buffer
		env := &cli.Environment{In: strings.NewReader(""), Out: &out, Err: io.Discard, Getenv: func(key string) (string, bool) { return "80", key == "COLUMNS" }}
		if status := cli.Main(append(pageArgs(t, id), "-f", "chart"), env); status != 0 {
			t.Fatalf("%s: status %d", id, status)
		}
		chart := out.String()
		for _, l := range strings.Split(chart, "\n") {
			if strings.ContainsAny(l, "│└▲") && utf8.RuneCountInString(l) > 80 {
				t.Errorf("%s: a line of %d letters: %s", id, utf8.RuneCountInString(l), l)
			}
		}
		doc, err := jsondoc.Read(strings.NewReader(run(t, append(pageArgs(t, id), "-f", "json")...)))
		if err != nil {
			t.Fatal(err)
		}
		days := map[string]bool{}
		for _, e := range doc.Events {
			if e.Kind == "dose" {
				days[e.Date] = true
			}
		}
		lines := strings.Split(chart, "\n")
		bottom := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "└") }) - 1
		if n := strings.Count(lines[bottom], "█") + strings.Count(lines[bottom], "░"); strings.Contains(chart, "one column a day") && n != len(days) {
			t.Errorf("%s: %d days with doses in the chart, %d in the table", id, n, len(days))
		}
	}
}

// The PDF says what the page in HTML says, word by word, and is the same file each time.
func TestPDFSaysWhatThePageSays(t *testing.T) {
	words := func(text string) map[string]int {
		count := map[string]int{}
		for _, w := range regexp.MustCompile(`[\pL\pN]+`).FindAllString(text, -1) {
			count[w]++
		}
		return count
	}
	for i, id := range shippedIDs() {
		lang := phrase.Languages()[i%len(phrase.Languages())]
		for _, more := range [][]string{{"--for", "patient", "--lang", lang}, {"--for", "patient", "--large", "--paper", "letter"}, {"--for", "clinician"}} {
			args := append(pageArgs(t, id), more...)
			file := run(t, append(args, "-f", "pdf")...)
			if file != run(t, append(args, "-f", "pdf")...) {
				t.Errorf("%v: two files differ", args)
			}
			page := run(t, append(args, "-f", "html")...)
			if more[1] == "clinician" { // whose drawing is made in another way
				page = regexp.MustCompile(`(?s)<svg.*?</svg>`).ReplaceAllString(page, "")
			}
			said := textOf(page)
			if _, rest, ok := strings.Cut(said, "\n"); ok && more[1] == "patient" {
				said = rest // the first line is a way to skip what follows
			}
			pdf := words(textOfPDF(file))
			for w, n := range words(said) {
				if len([]rune(w)) < 3 || len(w) > 30 {
					continue // numbers are looked at as amounts, and long ones are broken
				}
				if _, err := strconv.Atoi(w); err != nil && pdf[w] < (n+1)/2 {
					t.Errorf("%s %v: “%s” stands %d times in the page, and %d in the PDF", id, more, w, n, pdf[w])
				}
			}
			amount := regexp.MustCompile(`[0-9.,]+ (mg|mcg)\b`)
			if a, b := len(amount.FindAllString(textOf(page), -1)), len(amount.FindAllString(textOfPDF(file), -1)); a > b {
				t.Errorf("%s %v: %d amounts in the page, %d in the PDF", id, more, a, b)
			}
		}
	}
}

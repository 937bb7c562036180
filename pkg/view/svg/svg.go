// Package svg draws the doses of a document over time: a picture that stands alone, and one that
// stands in a page.
//
// All is reckoned in whole numbers, so that the same calendar gives the same picture everywhere.
package svg

import (
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/page"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// The measures of a chart, in units of its view box.
const (
	width   = 760
	left    = 74  // of the plot
	right   = 632 // of the plot
	ceiling = 54  // of the plot
	floor   = 210 // of the plot
	height  = 266 // of one chart
	line    = 15  // of text
	letters = 112 // in a line of text across the picture
)

// style draws everything in the colour of the text around it.
const style = `text{font:11px "Source Sans 3","Liberation Sans",Arial,sans-serif;fill:currentColor}.h{font-size:14px;font-weight:700}.s{font-size:9.5px}.a{stroke:currentColor;fill:none;stroke-width:.8}.t{stroke:currentColor;fill:none;stroke-width:.5;stroke-dasharray:1 3}.l{stroke:currentColor;fill:none;stroke-width:1.2;stroke-dasharray:9 3 2 3}.d{stroke:currentColor;fill:none;stroke-width:2}.m{stroke-dasharray:4 3}.e{stroke:currentColor;fill:none;stroke-width:1;stroke-dasharray:1.5 2}.p{fill:currentColor}.o{fill:none;stroke:currentColor;stroke-width:1.2}`

// key says what the signs of a chart mean.
const key = "● a dose; ○ only if a check-in confirms it, or planned for a day that is over and not recorded; × missed or held; ▲ a check-in"

// Write writes a document as one picture. What a reader must know stands in it as text.
func Write(w io.Writer, d *view.Document) error {
	c := phrase.In("en")
	var body strings.Builder
	y := 22
	text := func(class, text string) {
		for _, l := range wrap(phrase.Plain(text), letters) {
			fmt.Fprintf(&body, `<text%s x="12" y="%d">%s</text>`+"\n", attribute(class), y, html.EscapeString(l))
			y += line
		}
	}
	for i := range d.Parts {
		s := d.Parts[i].Schedule
		p := s.Protocol
		text("h", strings.TrimPrefix(d.Parts[i].Heading+": "+p.Title, ": "))
		text("", fmt.Sprintf("%s %s; patient: %s; starts %s, %s", p.ID, p.Version, view.Identity(s), view.Date(s.Start), s.Zone))
		for _, f := range view.Findings(s) {
			sentence := f.String()
			if f.Help != "" {
				sentence += " (" + f.Help + ")"
			}
			text("", "! "+sentence)
		}
		for _, chart := range page.ChartsOf(s) {
			fmt.Fprintf(&body, "<g transform=\"translate(0 %d)\">\n", y-6)
			draw(&body, c, chart, true)
			body.WriteString("</g>\n")
			y += height
			text("s", key)
			text("s", "doses of "+strings.Join(amounts(chart), ", ")+" "+chart.Medication+" "+protocol.RouteWords(chart.Route))
		}
		for _, src := range view.Sources(p) {
			text("s", "source: "+src)
		}
		for _, n := range view.Notes(s) {
			text("s", n)
		}
		text("s", "sha256 "+p.Origin.SHA256)
		text("s", fmt.Sprintf("made by %s %s, tzdata %s", d.Generator.Name, d.Generator.Version, civil.TZData))
		y += line
	}
	title := html.EscapeString(phrase.Plain(d.Parts[0].Protocol.Title))
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t">
<title id="t">%s</title>
<style>%ssvg{color:#111;background:#fff}@media(prefers-color-scheme:dark){svg{color:#eee;background:#181818}}</style>
%s</svg>
`, width, y, width, y, title, style, body.String())
	return err
}

// Inline returns a chart as it stands in a page of HTML, named by a text. Limits are drawn for a
// clinician.
func Inline(c *phrase.Catalogue, chart *page.Chart, limits bool) string {
	var b strings.Builder
	name := c.Say("chart.title", phrase.V("medicine", phrase.Quote(chart.Medication)), phrase.V("from", c.Date(chart.From)), phrase.V("to", c.FullDate(chart.To)))
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s"><style>%s</style>`+"\n", width, height, html.EscapeString(name.String()), style)
	draw(&b, c, chart, limits)
	b.WriteString("</svg>")
	return b.String()
}

// amounts returns the amounts that the doses of a chart have, each once: not all of them have room
// beside the axis.
func amounts(chart *page.Chart) []string {
	var list []string
	for _, p := range chart.Points {
		if text := p.Amount.String(); !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

func attribute(class string) string {
	if class == "" {
		return ""
	}
	return fmt.Sprintf(` class=%q`, class)
}

// wrap breaks a text into lines of at most so many letters.
func wrap(text string, most int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(text) {
		for len([]rune(w)) > most {
			r := []rune(w)
			lines, w = append(lines, string(r[:most])), string(r[most:])
		}
		switch {
		case line == "":
			line = w
		case len([]rune(line))+1+len([]rune(w)) > most:
			lines, line = append(lines, line), w
		default:
			line += " " + w
		}
	}
	return append(lines, line)
}

// A pen draws one chart.
type pen struct {
	*strings.Builder
	*page.Chart
	c   *phrase.Catalogue
	top int64
}

// x and y return where a time and a height stand, in tenths of a unit.
func (p *pen) x(at int64) string {
	return tenths(left*10 + at*(right-left)*10/max(p.Length(), 1))
}

func (p *pen) y(height int64) string {
	const plot = (floor - ceiling) * 10
	top := max(p.top, 1)
	// Both are divided first where their product would not fit.
	for top > 1<<40 {
		top, height = top/1024, height/1024
	}
	return tenths(floor*10 - height*plot/top)
}

func tenths(n int64) string { return fmt.Sprintf("%d.%d", n/10, n%10) }

func (p *pen) text(class, x, y, anchor, text string) {
	if anchor != "" {
		anchor = fmt.Sprintf(` text-anchor="%s"`, anchor)
	}
	fmt.Fprintf(p, `<text%s x="%s" y="%s"%s>%s</text>`+"\n", attribute(class), x, y, anchor, html.EscapeString(phrase.Plain(text)))
}

func (p *pen) path(class, d string) { fmt.Fprintf(p, `<path class="%s" d="%s"/>`+"\n", class, d) }

// draw draws a chart: the amounts as a line with steps, its doses as points; what stands only if
// a check-in confirms it broken; phases above, check-ins below.
func draw(b *strings.Builder, c *phrase.Catalogue, chart *page.Chart, limits bool) {
	p := &pen{b, chart, c, chart.Highest(limits)}
	p.text("", "12", "20", "", c.Say("chart.head", phrase.V("medicine", phrase.Quote(chart.Medication)), phrase.V("unit", chart.Unit.String())).String())
	p.path("a", fmt.Sprintf("M%d %dV%dH%d", left, ceiling-6, floor, right))
	p.days()
	p.levels(limits)
	for i, s := range chart.Phases {
		p.path("a", fmt.Sprintf("M%s %dv4M%s %dv4M%s %dH%s", p.x(s.From), ceiling-14, p.x(s.To), ceiling-14, p.x(s.From), ceiling-14, p.x(s.To)))
		if i < 8 {
			p.text("s", p.x(s.From), fmt.Sprint(ceiling-17), "", cut(s.Title, max(6, int((s.To-s.From)*110/max(chart.Length(), 1)))))
		}
	}
	p.doses()
	p.raises()
	p.checkIns()
}

func cut(text string, most int) string {
	r := []rune(phrase.Plain(text))
	if len(r) <= most {
		return string(r)
	}
	return string(r[:most-1]) + "…"
}

// days writes the axis of time: a mark each week, or each month where there are many.
func (p *pen) days() {
	days := p.To.Sub(p.From) + 1
	step := 1
	for _, n := range []int{1, 7, 14, 28, 91, 182, 364, 1820, 7280} {
		if step = n; days <= 9*n {
			break
		}
	}
	for d := 0; d < days; d += step {
		x := p.x(int64(d) * page.MinutesInDay)
		p.path("a", fmt.Sprintf("M%s %dv4", x, floor))
		p.text("s", x, fmt.Sprint(floor+14), "", p.c.ShortDate(p.From.AddDays(d)))
	}
}

// levels draws the tiers, the amounts that doses have, and for a clinician the largest dose.
func (p *pen) levels(limits bool) {
	p.text("s", fmt.Sprint(left-5), fmt.Sprint(floor+3), "end", "0")
	said := map[int64]bool{0: true}
	for _, pt := range p.Points {
		p.amount(pt.Height, p.c.Amount(pt.Amount), said)
	}
	beside := map[int64]bool{}
	for _, l := range p.Levels {
		if l.Limit && !limits {
			continue
		}
		class, name := "t", l.Name
		if l.Limit {
			class, name = "l", p.c.Say("chart.limit").String()
		}
		p.path(class, fmt.Sprintf("M%d %sH%d", left, p.y(l.Height), right))
		y := p.y(l.Height)
		if beside[l.Height] {
			y = p.y(l.Height - p.top/14)
		}
		beside[l.Height] = true
		p.text("s", fmt.Sprint(right+5), y, "", cut(name, 24))
		p.amount(l.Height, p.c.Amount(l.Amount), said)
	}
}

// amount writes an amount beside the axis, unless another is too near.
func (p *pen) amount(height int64, text string, said map[int64]bool) {
	for other := range said {
		if d := height - other; max(d, -d) < p.top/15+1 {
			return
		}
	}
	said[height] = true
	p.text("s", fmt.Sprint(left-5), p.y(height), "end", text)
}

func (p *pen) doses() {
	var firm, maybe strings.Builder
	for i, pt := range p.Points {
		if pt.Absent() {
			continue
		}
		path := &firm
		if !pt.Firm() {
			path = &maybe
		}
		end := pt.At
		if i+1 < len(p.Points) {
			end = p.Points[i+1].At
		}
		fmt.Fprintf(path, "M%s %sH%s", p.x(pt.At), p.y(pt.Height), p.x(end))
		if i > 0 && p.Points[i-1].Height != pt.Height {
			fmt.Fprintf(path, "M%s %sV%s", p.x(pt.At), p.y(p.Points[i-1].Height), p.y(pt.Height))
		}
	}
	if firm.Len() > 0 {
		p.path("d", firm.String())
	}
	if maybe.Len() > 0 {
		p.path("d m", maybe.String())
	}
	p.points()
	p.exposure()
}

// points marks each dose: full where it stands, empty where it waits or is not recorded, a cross where it was missed
// or held.
func (p *pen) points() {
	if len(p.Points) > 400 {
		return // they would be a line
	}
	for _, pt := range p.Points {
		x, y := p.x(pt.At), p.y(pt.Height)
		switch {
		case pt.Absent():
			p.path("a", fmt.Sprintf("M%s %sm-3 -3l6 6m0 -6l-6 6", x, y))
		case !pt.Firm():
			fmt.Fprintf(p, `<circle class="o" cx="%s" cy="%s" r="2.4"/>`+"\n", x, y)
		default:
			fmt.Fprintf(p, `<circle class="p" cx="%s" cy="%s" r="2.6"/>`+"\n", x, y)
		}
	}
}

// exposure draws what reaches the blood of each dose, as the protocol states its share.
func (p *pen) exposure() {
	if !p.Reaches.IsSet() || len(p.Points) == 0 {
		return
	}
	var d strings.Builder
	last := int64(0)
	for i, pt := range p.Points {
		h, ok := pt.Amount.In(p.Unit).Scale(p.Reaches).ScaledFloor()
		if !ok {
			return
		}
		if last = h; i == 0 {
			fmt.Fprintf(&d, "M%s %s", p.x(pt.At), p.y(h))
		} else {
			fmt.Fprintf(&d, "H%sV%s", p.x(pt.At), p.y(h))
		}
	}
	p.path("e", d.String())
	p.text("s", fmt.Sprint(right+5), p.y(last), "", p.c.Say("chart.reaches", phrase.V("share", p.c.Amount(p.Reaches))).String())
}

// raises draws the steps that check-ins may confirm.
func (p *pen) raises() {
	for i, r := range p.Raises {
		x := p.x(r.At)
		p.path("a m", fmt.Sprintf("M%s %sh18m-4 -3l4 3l-4 3", x, p.y(r.Height)))
		if i == 0 {
			p.text("s", x, p.y(r.Height+p.top/40), "", p.c.Say("chart.raise", phrase.V("amount", p.c.Amount(r.Amount))).String())
		}
	}
}

func (p *pen) checkIns() {
	free := int64(-1)
	row := 0
	for _, m := range p.CheckIns {
		p.path("p", fmt.Sprintf("M%s %dl4 7h-8z", p.x(m.At), floor+20))
		if m.At < free {
			if row++; row > 1 {
				continue // its triangle stands, and no room for its name
			}
		} else {
			row = 0
		}
		name := cut(m.Title, 24)
		free = m.At + int64(len([]rune(name))+3)*p.Length()/110
		p.text("s", p.x(m.At), fmt.Sprint(floor+37+row*11), "middle", name)
	}
}

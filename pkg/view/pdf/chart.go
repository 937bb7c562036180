package pdf

import (
	"codeberg.org/go-pdf/fpdf"

	"github.com/doseplan/doseplan/pkg/view/page"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// chartHeight is what one chart takes of a page, with what it is called.
const chartHeight = 55.0

// chart draws the doses over time, as package svg does: what stands only if a check-in confirms
// it is broken, limits are lines.
func (s *sheet) chart(c *phrase.Catalogue, chart *page.Chart, limits bool) {
	const high, left, right, below = 38.0, 17.0, 34.0, 9.0
	s.need(chartHeight)
	s.write(c.Say("chart.head", phrase.V("medicine", phrase.Quote(chart.Medication)), phrase.V("unit", chart.Unit.String())), margin, s.width, s.size*0.85, "")
	top, size := s.GetY()+2, s.size*0.74
	x := func(at int64) float64 {
		return margin + left + float64(at)/float64(max(chart.Length(), 1))*(s.width-left-right)
	}
	y := func(height int64) float64 {
		return top + high - float64(height)/float64(max(chart.Highest(limits), 1))*high
	}
	text := func(at, y float64, text string) {
		s.draw(at, y-size*0.3528, s.lines(phrase.Text(text), 60, size, ""), size)
	}
	s.SetLineWidth(0.2)
	s.Line(margin+left, top-2, margin+left, top+high)
	s.Line(margin+left, top+high, margin+s.width-right, top+high)
	for d, step := 0, max(7, (chart.To.Sub(chart.From)/56+1)*7); d <= chart.To.Sub(chart.From); d += step {
		at := x(int64(d) * page.MinutesInDay)
		s.Line(at, top+high, at, top+high+1)
		text(at, top+high+3.6, c.ShortDate(chart.From.AddDays(d)))
	}
	for _, l := range chart.Levels {
		if l.Limit && limits {
			s.SetDashPattern([]float64{3, 1, 0.6, 1}, 0)
			s.Line(margin+left, y(l.Height), margin+s.width-right, y(l.Height))
			s.dashed(false)
			text(margin+s.width-right+1, y(l.Height)+1, c.Say("chart.limit").String())
			text(margin, y(l.Height)+1, c.Amount(l.Amount))
		}
	}
	s.steps(c, chart, x, y, text)
	for _, m := range chart.CheckIns {
		at := x(m.At)
		s.SetFillColor(17, 17, 17)
		s.Polygon([]fpdf.PointType{{X: at, Y: top + high + 4.6}, {X: at - 1, Y: top + high + 6.4}, {X: at + 1, Y: top + high + 6.4}}, "F")
	}
	s.SetY(top + high + below)
}

// steps draws the doses, the amounts beside the axis, and the steps that may be confirmed.
func (s *sheet) steps(c *phrase.Catalogue, chart *page.Chart, x, y func(int64) float64, text func(x, y float64, text string)) {
	lowest, said := -10.0, map[int64]bool{}
	for i, p := range chart.Points {
		if p.Absent() {
			s.SetLineWidth(0.25)
			s.Line(x(p.At)-0.8, y(p.Height)-0.8, x(p.At)+0.8, y(p.Height)+0.8)
			s.Line(x(p.At)-0.8, y(p.Height)+0.8, x(p.At)+0.8, y(p.Height)-0.8)
			continue
		}
		end := p.At
		if i+1 < len(chart.Points) {
			end = chart.Points[i+1].At
		}
		s.dashed(!p.Firm())
		s.SetLineWidth(0.6)
		s.Line(x(p.At), y(p.Height), x(end), y(p.Height))
		if i > 0 && chart.Points[i-1].Height != p.Height {
			s.Line(x(p.At), y(chart.Points[i-1].Height), x(p.At), y(p.Height))
		}
		s.dashed(false)
		s.SetLineWidth(0.25)
		style := "F"
		if !p.Firm() {
			style = "D"
		}
		s.SetFillColor(17, 17, 17)
		s.Circle(x(p.At), y(p.Height), 0.6, style)
		if at := y(p.Height); !said[p.Height] && (at-lowest > 2.6 || lowest-at > 2.6) {
			said[p.Height], lowest = true, at
			text(margin, at+1, c.Amount(p.Amount))
		}
	}
	for i, r := range chart.Raises {
		s.dashed(true)
		s.Line(x(r.At), y(r.Height), x(r.At)+4, y(r.Height))
		s.dashed(false)
		if i == 0 {
			text(x(r.At), y(r.Height)-0.8, c.Say("chart.raise", phrase.V("amount", c.Amount(r.Amount))).String())
		}
	}
}

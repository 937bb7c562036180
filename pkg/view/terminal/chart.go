package terminal

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	model "github.com/doseplan/doseplan/pkg/view/page"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// Chart writes a document as a picture of its doses over time, in letters: one column for a day,
// or for as many as it takes to fit. The tallest dose of a column stands in it.
func Chart(w io.Writer, d *view.Document) error {
	return each(w, d, (*page).charts)
}

// chartRows is how many lines a picture is high.
const chartRows = 10

func (p *page) charts(s *schedule.Schedule) error {
	charts := model.ChartsOf(s)
	if len(charts) == 0 {
		return nil
	}
	for _, c := range charts {
		p.chart(c)
	}
	p.faint("█ a dose, ░ only if a check-in confirms it, × missed or held")
	if slices.ContainsFunc(s.Events, func(e schedule.Event) bool { return e.Kind == schedule.Dose && s.Unwritten(&e) }) {
		p.faint("? planned for a day that is over, and not recorded")
	}
	p.faint("▲ a check-in, ┄ the largest single dose, ↑ the next step, if confirmed")
	p.line("")
	p.rules(s)
	return nil
}

func (p *page) chart(c *model.Chart) {
	const label = 12
	columns := max(min(p.o.Width, 160)-label-2, 20)
	days := c.To.Sub(c.From) + 1
	per := (days + columns - 1) / columns // days in a column
	wide := max(1, min(columns/max((days+per-1)/per, 1), 6))
	columns = (days + per - 1) / per
	column := func(at int64) int { return int(at/model.MinutesInDay) / per }
	name := phrase.Plain(c.Medication + " " + protocol.RouteWords(c.Route))
	each := "one column a day"
	if wide > 1 {
		each = fmt.Sprintf("%d columns a day", wide)
	} else if per > 1 {
		each = fmt.Sprintf("one column for %d days", per)
	}
	for _, l := range Wrap(fmt.Sprintf("%s, %v in one dose; %s", name, c.Unit, each), p.o.Width) {
		p.line("%s", p.style(bold, l))
	}
	for row := chartRows; row >= 1; row-- {
		p.line("%*s │%s", label-2, rowLabel(c, row), strings.TrimRight(chartRow(c, row, columns, wide, column), " "))
	}
	p.line("%*s └%s", label-2, "0", strings.Repeat("─", columns*wide))
	marks := slices.Repeat([]string{strings.Repeat(" ", wide)}, columns)
	for _, m := range c.CheckIns {
		marks[column(m.At)] = "▲" + strings.Repeat(" ", wide-1)
	}
	p.line("%s%s", strings.Repeat(" ", label), strings.Join(marks, ""))
	p.line("%s%s", strings.Repeat(" ", label), dateRow(c, columns, wide, per))
	for _, s := range c.Phases {
		p.paragraph(fmt.Sprintf("%s: %s to %s", phrase.Plain(s.Title), view.Date(c.From.AddDays(int(s.From/model.MinutesInDay))), view.Date(c.From.AddDays(int(s.To/model.MinutesInDay)))))
	}
	if c.Reaches.IsSet() {
		p.paragraph(fmt.Sprintf("Of each dose, %v reaches the blood, by the protocol's figure.", c.Reaches))
	}
	p.line("")
}

// top returns the height at which a row of the picture ends.
func top(c *model.Chart, row int) int64 { return c.Top / chartRows * int64(row) }

// within reports whether a height ends in a row: above the row below, and up to its own top.
func within(c *model.Chart, height int64, row int) bool {
	if height <= 0 {
		return false
	}
	at := int((height + c.Top/chartRows - 1) / max(c.Top/chartRows, 1))
	return min(max(at, 1), chartRows) == row
}

// rowLabel names the amount that ends in a row: a dose's, or a level's.
func rowLabel(c *model.Chart, row int) string {
	for _, pt := range c.Points {
		if within(c, pt.Height, row) {
			return pt.Amount.String()
		}
	}
	for _, l := range c.Levels {
		if within(c, l.Height, row) {
			return l.Amount.String()
		}
	}
	return ""
}

func chartRow(c *model.Chart, row, columns, wide int, column func(int64) int) string {
	cells := make([]string, columns)
	for _, l := range c.Levels {
		if l.Limit && within(c, l.Height, row) {
			for i := range cells {
				cells[i] = "┄"
			}
		}
	}
	for _, r := range c.Raises {
		if within(c, r.Height, row) {
			cells[column(r.At)] = "↑"
		}
	}
	for _, pt := range c.Points {
		i := column(pt.At)
		reaches := pt.Height > top(c, row-1)
		switch {
		case pt.Absent():
			if within(c, pt.Height, row) {
				cells[i] = "×"
			}
		case reaches && pt.Firm():
			cells[i] = "█"
		case !reaches || cells[i] == "█":
		case pt.Unwritten:
			cells[i] = "?"
		default:
			cells[i] = "░"
		}
	}
	var b strings.Builder
	for _, cell := range cells {
		switch {
		case cell == "":
			cell = " "
		case cell == "┄":
			b.WriteString(strings.Repeat(cell, wide))
			continue
		}
		b.WriteString(cell + strings.Repeat(" ", wide-1))
	}
	return b.String()
}

// dateRow writes dates under their columns, as many as there is room for.
func dateRow(c *model.Chart, columns, wide, per int) string {
	var b strings.Builder
	used := 0
	for i := 0; i < columns; i++ {
		at := i * wide
		if at < used {
			continue
		}
		date := c.From.AddDays(i * per)
		if i > 0 && per < 7 && date.Sub(c.From)%7 != 0 {
			continue
		}
		text := date.String()
		if at > 0 && at+len(text) > columns*wide {
			break
		}
		b.WriteString(strings.Repeat(" ", at-used) + text)
		if used = at + len(text) + 2; i < columns {
			b.WriteString("  ")
		}
	}
	return strings.TrimRight(b.String(), " ")
}

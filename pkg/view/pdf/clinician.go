package pdf

import (
	"strconv"
	"strings"

	"github.com/doseplan/doseplan/pkg/view/page"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

func itoa(n int) string { return strconv.Itoa(n) }

func (s *sheet) clinician(c *page.Clinician) {
	s.SetLang("en")
	s.SetTitle(c.Title+", for the clinician", true)
	s.size *= 0.93
	s.write(phrase.Text(c.Title), margin, s.width, s.size*1.8, "B")
	s.write(phrase.Text(strings.Trim("For the clinician · "+c.Clinic+" · "+c.Phone, " ·")), margin, s.width, s.size, "")
	s.SetY(s.GetY() + 1)
	s.rule(0.8)
	s.SetY(s.GetY() + 3)
	for i := range c.Parts {
		s.calendar(&c.Parts[i])
	}
	if s.lost {
		s.write(phrase.In("en").Say("foot.letters"), margin, s.width, s.size, "")
	}
}

func (s *sheet) calendar(c *page.Calendar) {
	if c.Heading != "" {
		s.heading(c.Heading)
	}
	for _, f := range c.Facts {
		s.pair(phrase.Text(f.Label), func(x, width float64) { s.write(phrase.Text(f.Text), x, width, s.size, "") })
		s.SetY(s.GetY() - 1)
	}
	s.SetY(s.GetY() + 3)
	s.heading("Findings")
	var rows [][]string
	for _, f := range c.Findings {
		rows = append(rows, []string{f.Severity, strings.TrimSuffix(f.Text+"; "+f.Help, "; "), f.Code})
	}
	for _, o := range c.Overrides {
		rows = append(rows, []string{"overridden", o.Limit + ": " + o.Reason + "; " + o.Broken, ""})
	}
	s.table([]string{"Severity", "Finding", "Code"}, []float64{2, 15, 1.8}, rows)
	if len(c.Confirm) > 0 {
		s.heading("To confirm")
		for _, text := range c.Confirm {
			s.need(lead(s.size))
			s.mark(page.OpenBox, margin, s.GetY()+0.5)
			s.write(phrase.Text(text), margin+5, s.width-5, s.size, "")
		}
		s.SetY(s.GetY() + 2)
	}
	s.heading("Limits beside the worst of this calendar")
	rows = nil
	for _, l := range c.Limits {
		allowed, worst := "", l.WorstText
		if l.Allowed.IsSet() {
			allowed = l.Allowed.String()
		}
		if l.Broken {
			worst = "passes it: " + worst
		}
		rows = append(rows, []string{string(l.Name), l.Medication, l.Written, allowed, worst})
	}
	s.table([]string{"Limit", "Medicine", "As written", "For this patient", "Worst of this calendar"}, []float64{2.2, 2.4, 2.2, 2.2, 8}, rows)
	if len(c.Charts) > 0 {
		s.need(chartHeight + 14) // the heading stays with the first of them
		s.heading("The doses over time")
		for _, chart := range c.Charts {
			s.chart(phrase.In("en"), chart, true)
		}
	}
	s.doses(c)
	s.rest(c)
	s.working(c)
}

// texts writes a list of plain texts under a heading.
func (s *sheet) texts(heading string, list []string) {
	if len(list) == 0 {
		return
	}
	s.heading(heading)
	var words []phrase.Words
	for _, text := range list {
		words = append(words, phrase.Text(text))
	}
	s.list(words, margin, s.width)
}

func (s *sheet) doses(c *page.Calendar) {
	s.texts("Doses", append(append(append([]string{}, c.Phases...), c.Totals...), c.Requirements...))
	var rows [][]string
	for _, d := range c.Doses {
		what := d.What
		if d.Tier != "" {
			what += ", tier " + d.Tier
		}
		for _, more := range []string{d.Units, d.Note} {
			if more != "" {
				what += "; " + more
			}
		}
		at, by := "", ""
		if d.Taken {
			at, by = d.Time, "recorded"
		}
		rows = append(rows, []string{itoa(d.Day), d.Date, d.Time, d.Name, what, d.Status, at, by})
	}
	s.table([]string{"Day", "Date", "Time", "Dose", "Amount", "Status", "Given at", "By"}, []float64{0.9, 2.6, 1.1, 2.4, 5, 2.2, 1.5, 1.2}, rows)
}

func (s *sheet) rest(c *page.Calendar) {
	var rows [][]string
	for _, v := range c.CheckIns {
		rows = append(rows, []string{v.Date, v.Time, strings.TrimSuffix(v.Name+", "+v.Mode+"; "+strings.Join(v.Decides, "; "), "; "), v.Status, measures(v.Measures)})
	}
	if len(rows) > 0 {
		s.heading("Check-ins")
		s.table([]string{"Date", "Time", "Check-in", "Status", "Scores"}, []float64{2.6, 1.1, 5, 2.2, 5}, rows)
	}
	for _, w := range c.Watches {
		s.heading(w.Name)
		head, widths := []string{"Dose"}, []float64{5}
		for _, m := range w.Minutes {
			head, widths = append(head, itoa(m)+" min"), append(widths, 2)
		}
		rows = nil
		for _, d := range w.Doses {
			rows = append(rows, append([]string{d}, make([]string, len(w.Minutes))...))
		}
		s.table(head, widths, rows)
	}
	rows = nil
	for _, f := range c.Supply {
		rows = append(rows, []string{f.Date, f.What, f.Status})
	}
	if len(rows) > 0 {
		s.heading("Supply")
		s.table([]string{"Send on", "What", "Status"}, []float64{2.6, 9, 3}, rows)
	}
	s.texts("Notes", c.Notes)
}

// working stands on a page of its own.
func (s *sheet) working(c *page.Calendar) {
	s.AddPage()
	s.SetXY(margin, margin)
	s.heading("Working: amounts")
	for _, w := range c.Amounts {
		s.write(phrase.Text(w.Name), margin, s.width, s.size, "B")
		for i, step := range w.Steps {
			s.write(phrase.Text(itoa(i+1)+". "+rule(step)), margin+4, s.width-4, s.size, "")
		}
		s.SetY(s.GetY() + 1)
	}
	s.heading("Working: days")
	var rows [][]string
	for _, w := range c.Events {
		var steps []string
		for _, step := range w.Steps {
			steps = append(steps, rule(step))
		}
		rows = append(rows, []string{w.Name, strings.Join(steps, "; ")})
	}
	s.table([]string{"Event", "How it came to its day"}, []float64{6, 11}, rows)
}

func rule(s page.Step) string {
	if s.Rule == "" {
		return s.Text
	}
	return s.Text + " [" + s.Rule + "]"
}

// table writes rows in columns of relative widths, with the head again on each page.
func (s *sheet) table(head []string, share []float64, rows [][]string) {
	size := s.size * 0.92
	sum := 0.0
	for _, w := range share {
		sum += w
	}
	widths := make([]float64, len(share))
	for i, w := range share {
		widths[i] = w / sum * s.width
	}
	s.need(3 * lead(size))
	s.row(head, widths, size, "B")
	for _, r := range rows {
		if s.GetY()+s.rowHeight(r, widths, size, "") > s.height {
			s.need(s.height)
			s.row(head, widths, size, "B")
		}
		s.row(r, widths, size, "")
	}
	s.SetY(s.GetY() + 3)
}

func (s *sheet) rowHeight(cells []string, widths []float64, size float64, style string) float64 {
	height := lead(size) + 1.4
	for i, text := range cells {
		height = max(height, lead(size)*float64(len(s.lines(phrase.Text(text), widths[i]-1.6, size, style)))+1.2)
	}
	return height
}

func (s *sheet) row(cells []string, widths []float64, size float64, style string) {
	height := s.rowHeight(cells, widths, size, style)
	x, y := margin, s.GetY()
	s.SetLineWidth(0.15)
	for i, text := range cells {
		s.Rect(x, y, widths[i], height, "D")
		s.draw(x+0.8, y+0.5, s.lines(phrase.Text(text), widths[i]-1.6, size, style), size)
		x += widths[i]
	}
	s.SetY(y + height)
}

// measures lists measures with their results, and a line for each that is to be filled in.
func measures(list []page.Score) string {
	var words []string
	for _, m := range list {
		if m.Value == "" {
			m.Value = "____"
		}
		words = append(words, m.Measure+" "+m.Value)
	}
	return strings.Join(words, "  ")
}

package pdf

import (
	"github.com/doseplan/doseplan/pkg/view/page"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

func (s *sheet) patient(p *page.Patient) {
	s.SetLang(p.Lang)
	s.SetTitle(p.Title.String(), true)
	s.head(p)
	s.alerts(p.Alerts)
	s.weekly(p.Weekly)
	for i := range p.Medicines {
		s.medicine(p, &p.Medicines[i], len(p.Medicines) > 1)
	}
	s.titled(p.Say("needed"), p.Needed)
	if len(p.Months) > 1 {
		s.visits(p)
		s.more(p)
	}
	s.months(p)
	if len(p.Months) <= 1 {
		s.visits(p)
		s.more(p)
	}
	s.foot(p)
}

func (s *sheet) head(p *page.Patient) {
	top, left := s.GetY(), s.width*0.62
	s.write(p.Title, margin, left, s.size*1.8, "B")
	s.gray(true)
	s.write(phrase.Join(p.Subtitle, " · "), margin, left, s.size, "")
	s.gray(false)
	end := s.GetY()
	s.SetY(top)
	side := func(w phrase.Words, size float64) {
		for _, line := range s.lines(w, s.width-left-4, size, "") {
			width := 0.0
			for k, t := range line {
				s.SetFont("go", t.style, size)
				if width += t.width; k > 0 && !t.glued {
					width += s.GetStringWidth(" ")
				}
			}
			s.draw(margin+s.width-width, s.GetY(), [][]token{line}, size)
			s.SetY(s.GetY() + lead(size))
		}
	}
	if len(p.Who) > 0 {
		side(phrase.Join(p.Who, " · "), s.size*1.05)
	}
	if p.Clinic != "" {
		side(phrase.Name(p.Clinic), s.size*1.05)
	}
	if p.Phone != "" {
		side(phrase.Name(p.Phone).Strong(), s.size*1.15)
	}
	s.SetY(max(end, s.GetY()) + 1)
	s.rule(0.8)
	s.SetY(s.GetY() + 3)
}

// boxed writes what a function writes with a frame around it, on one page.
func (s *sheet) boxed(height, line float64, write func()) {
	s.need(height)
	top := s.GetY()
	s.SetY(top + 1.6)
	write()
	s.SetY(s.GetY() + 1.2)
	s.SetLineWidth(line)
	s.Rect(margin, top, s.width, s.GetY()-top, "D")
	s.SetY(s.GetY() + 3)
}

func (s *sheet) alerts(list []phrase.Words) {
	if len(list) == 0 {
		return
	}
	height := 4.0
	for _, w := range list {
		height += lead(s.size)*float64(len(s.lines(w, s.width-13, s.size, ""))) + 0.8
	}
	if height > s.height-2*margin { // more than a page holds stands without a frame
		s.list(list, margin, s.width)
		return
	}
	s.boxed(height, 0.6, func() {
		s.draw(margin+3, s.GetY(), s.lines(phrase.Text("!").Strong(), 5, s.size*1.7, "B"), s.size*1.7)
		for _, w := range list {
			s.write(w, margin+10, s.width-13, s.size, "")
			s.SetY(s.GetY() + 0.8)
		}
	})
}

func (s *sheet) weekly(list []phrase.Words) {
	if len(list) == 0 {
		return
	}
	size := func(w phrase.Words) float64 {
		if len(w) > 0 && w[0].Strong {
			return s.size * 1.9
		}
		return s.size
	}
	height := 4.0
	for _, w := range list {
		height += lead(size(w)) * float64(len(s.lines(w, s.width-8, size(w), "")))
	}
	s.boxed(height, 1.2, func() {
		for _, w := range list {
			s.write(w, margin+4, s.width-8, size(w), "")
		}
	})
}

// pair writes a label and a text beside it.
func (s *sheet) pair(label phrase.Words, write func(x, width float64)) {
	side := s.size * 3.3
	s.need(lead(s.size) * 2)
	top, at := s.GetY(), s.PageNo()
	s.write(label, margin, side-2, s.size, "B")
	end := s.GetY()
	if s.PageNo() == at {
		s.SetY(top)
	}
	write(margin+side, s.width-side)
	if s.PageNo() == at {
		s.SetY(max(s.GetY(), end))
	}
	s.SetY(s.GetY() + 1)
}

func (s *sheet) medicine(p *page.Patient, m *page.Medicine, several bool) {
	if several {
		s.heading(m.Letter + "  " + m.Name.String())
	}
	key := "take"
	if m.Given {
		key = "given"
	}
	s.pair(p.Say(key), func(x, width float64) {
		size := s.size * 1.25
		if len(m.Runs) > 3 {
			size = s.size
		}
		for _, r := range m.Runs {
			if len(r.When) > 0 {
				s.write(r.When, x, width, s.size, "")
			}
			s.write(r.Text, x, width, size, "B")
			for _, w := range []phrase.Words{r.If, r.Sooner} {
				if w != nil {
					s.write(w, x, width, s.size, "I")
				}
			}
			s.SetY(s.GetY() + 0.6)
		}
	})
	for _, a := range m.Advice {
		s.pair(a.Heading, func(x, width float64) {
			for _, w := range a.Lines {
				s.write(w, x, width, s.size, "")
			}
		})
	}
	s.SetY(s.GetY() + 2)
}

func (s *sheet) visits(p *page.Patient) {
	s.heading(p.Say("visits").String())
	var list []phrase.Words
	for _, v := range p.Visits {
		w := append(append(phrase.Words{}, v.What.Strong()...), phrase.Run{Text: ": "})
		w = append(append(w, phrase.Join(v.Dates, " · ")...), phrase.Run{Text: "."})
		for _, d := range v.Detail {
			w = append(append(w, phrase.Run{Text: " "}), d...)
		}
		list = append(list, w)
	}
	if len(list) == 0 {
		list = append(list, p.Say("visits.none"))
	}
	s.list(list, margin, s.width)
	s.heading(p.Say("call").String())
	s.list(p.Call, margin, s.width)
	if len(p.Charts) > 0 {
		s.heading(p.Say("chart").String())
		for _, c := range p.Charts {
			s.chart(p.Catalogue, c, false)
		}
	}
}

func (s *sheet) more(p *page.Patient) {
	for _, part := range []struct {
		key  string
		list []phrase.Words
	}{{"know", p.Know}, {"supply", p.Supply}, {"notes", p.Notes}} {
		s.titled(p.Say(part.key), part.list)
	}
}

// titled writes a list under a heading, where there is one.
func (s *sheet) titled(heading phrase.Words, list []phrase.Words) {
	if len(list) > 0 {
		s.heading(heading.String())
		s.list(list, margin, s.width)
	}
}

// mark draws a box beside an event.
func (s *sheet) mark(b page.Box, x, y float64) {
	const side = 2.9
	s.SetLineWidth(0.3)
	switch b {
	case page.OpenBox:
		s.Rect(x, y, side, side, "D")
	case page.MaybeBox:
		s.dashed(true)
		s.Rect(x, y, side, side, "D")
		s.dashed(false)
	case page.DoneBox:
		s.Rect(x, y, side, side, "D")
		s.Line(x+0.5, y+1.5, x+1.2, y+2.3)
		s.Line(x+1.2, y+2.3, x+2.5, y+0.5)
	case page.VisitBox:
		s.SetFillColor(17, 17, 17)
		s.Rect(x, y, side+1.5, side-0.5, "F")
	}
}

func (s *sheet) months(p *page.Patient) {
	legend := p.Legend
	for i := range p.Months {
		s.month(&p.Months[i], legend)
		legend = nil
	}
}

// legend explains the marks above the first month.
func (s *sheet) legend(list []page.Mark) {
	for _, m := range list {
		s.mark(m.Box, margin, s.GetY()+0.4)
		s.write(m.Text, margin+6, s.width-6, s.size*0.9, "")
	}
	s.SetY(s.GetY() + 2)
}

// smallest is the height of a day.
const smallest = 13.0

func (s *sheet) month(m *page.Month, legend []page.Mark) {
	size := s.size * 0.76
	column := s.width / 7
	var heights []float64
	total := lead(s.size*1.15) + lead(size) + 2
	for i := range m.Weeks {
		h := smallest
		for d := range m.Weeks[i] {
			h = max(h, s.cell(&m.Weeks[i][d], 0, 0, column, size, false))
		}
		heights, total = append(heights, h), total+h
	}
	total += lead(s.size*0.9)*float64(len(legend)) + 2
	if total > s.height-margin { // it takes several pages: two weeks at least stand on the first
		for _, h := range heights[min(2, len(heights)):] {
			total -= h
		}
	}
	s.need(total)
	s.legend(legend)
	s.Bookmark(s.printable(m.Name), 0, -1)
	head := func() {
		s.write(m.Caption, margin, s.width, s.size*1.08, "")
		for i, w := range m.Weekdays {
			s.draw(margin+column*float64(i)+0.8, s.GetY(), s.lines(phrase.Text(w.Short), column, size, "B"), size)
		}
		s.SetY(s.GetY() + lead(size) + 0.4)
	}
	head()
	for i := range m.Weeks {
		page := s.PageNo()
		if s.need(heights[i]); s.PageNo() != page {
			head() // the days of every page say of which month and weekday they are
		}
		y := s.GetY()
		for d := range m.Weeks[i] {
			c := &m.Weeks[i][d]
			if c.Out {
				continue
			}
			x := margin + column*float64(d)
			s.SetLineWidth(0.2)
			s.dashed(c.Maybe)
			s.Rect(x, y, column, heights[i], "D")
			s.dashed(false)
			s.cell(c, x, y, column, size, true)
		}
		s.SetY(y + heights[i])
	}
	s.SetY(s.GetY() + 4)
}

// cell writes a day, or only measures it, and returns its height.
func (s *sheet) cell(c *page.Cell, x, y, column, size float64, write bool) float64 {
	if c.Out {
		return 0
	}
	at := 0.7
	text := func(w phrase.Words, indent float64, style string) {
		lines := s.lines(w, column-indent-0.8, size, style)
		if write {
			s.draw(x+indent, y+at, lines, size)
		}
		at += lead(size) * float64(len(lines))
	}
	day := phrase.Text(itoa(c.Day)).Strong()
	if c.Rest != nil {
		day = append(append(day, phrase.Run{Text: "  "}), c.Rest...)
	}
	text(day, 0.9, "")
	for _, it := range c.Items {
		if it.Visit {
			s.visit(&it, x, y, column, size, write, &at)
			continue
		}
		if write {
			s.mark(it.Box, x+0.9, y+at+0.2)
		}
		head := it.Head.Strong()
		if it.Letter != "" {
			head = append(phrase.Text("("+it.Letter+") ").Strong(), head...)
		}
		if len(head) > 0 {
			text(head, 4.4, "")
		}
		for _, l := range it.Lines {
			text(l, 4.4, "")
		}
		if it.State != nil {
			text(it.State, 4.4, "I")
		}
		at += 0.4
	}
	for _, n := range c.Notes {
		text(n, 0.9, "")
	}
	return at + 0.8
}

// visit writes a visit, white on black.
func (s *sheet) visit(it *page.Item, x, y, column, size float64, write bool, at *float64) {
	w := append(append(phrase.Words{}, it.Head...), phrase.Run{Text: " "})
	w = append(w, phrase.Join(it.Lines, " ")...)
	if it.State != nil {
		w = append(append(w, phrase.Run{Text: ", "}), it.State...)
	}
	size = s.fitting(w.String(), column-2.6, size, "B")
	lines := s.lines(w, column-2.6, size, "B")
	height := lead(size)*float64(len(lines)) + 0.5
	if write {
		s.SetFillColor(17, 17, 17)
		s.Rect(x+0.7, y+*at, column-1.4, height, "F")
		s.SetTextColor(255, 255, 255)
		s.draw(x+1.3, y+*at, lines, size)
		s.SetTextColor(0, 0, 0)
	}
	*at += height + 0.5
}

func (s *sheet) foot(p *page.Patient) {
	s.need(lead(6.6)*float64(len(p.Foot)+1) + 3)
	s.rule(0.2)
	s.SetY(s.GetY() + 1)
	s.gray(true)
	for _, w := range p.Foot {
		s.write(w, margin, s.width, 6.6, "")
	}
	if s.lost {
		s.write(p.Say("foot.letters"), margin, s.width, 6.6, "")
	}
	s.gray(false)
}

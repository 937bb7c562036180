package spreadsheet

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// summary fills the first sheet: who, what and from where, with all that a reader must know
// before the totals.
func (b *workbook) summary(d *view.Document) error {
	const name = "Summary"
	if err := b.paper(name, "portrait"); err != nil {
		return err
	}
	wide := []float64{12, 90}
	for i, width := range wide {
		if err := b.column(name, i+1, width, false); err != nil {
			return err
		}
	}
	row := 0
	for i := range d.Parts {
		if i > 0 {
			row++ // an empty one
		}
		for _, line := range lines(&d.Parts[i], d.Generator) {
			row++
			cells := []excelize.Cell{{StyleID: b.title, Value: line[0]}, b.words(line[1])}
			if line[0] == "" {
				cells[0] = b.words("")
			}
			if err := b.cells(name, row, cells, wide); err != nil {
				return err
			}
		}
	}
	return nil
}

// lines returns what there is to say of a calendar as a whole, each with a label.
func lines(p *view.Part, g view.Generator) (list [][2]string) {
	add := func(label string, texts ...string) {
		for _, t := range texts {
			if t != "" {
				list = append(list, [2]string{label, t})
				label = ""
			}
		}
	}
	s, pr := p.Schedule, p.Protocol
	add("Schedule", pr.Title)
	add("Part", p.Heading)
	add("Patient", view.Identity(s))
	add("Chosen", view.Choices(s))
	add("Starts", fmt.Sprintf("%s, %s", view.Date(s.Start), s.Zone))
	for _, f := range view.Findings(s) {
		help := ""
		if f.Help != "" {
			help = " (" + f.Help + ")"
		}
		add(severity(f.Severity), fmt.Sprintf("%s%s [%s]", f.Text, help, f.Code))
	}
	add("In all", view.Totals(s)...)
	if n := view.Count(s, schedule.CheckIn); n > 0 {
		add("", civil.Plural(n, "check-in"))
	}
	add("Limits", view.Limits(s)...)
	add("Notes", view.Notes(s)...)
	add("Protocol", fmt.Sprintf("%s %s, %s, %s model, %s", pr.ID, pr.Version, pr.Setting, pr.Model, pr.Status))
	add("SHA-256", pr.Origin.SHA256)
	for _, e := range pr.Origin.Extends {
		add("Extends", fmt.Sprintf("%s %s, sha256 %s", e.ID, e.Version, e.SHA256))
	}
	add("Sources", view.Sources(pr)...)
	add("Made by", fmt.Sprintf("%s %s, tzdata %s", g.Name, g.Version, civil.TZData))
	return list
}

// severity is the word of a severity as a label.
func severity(word string) string { return string(word[0]-'a'+'A') + word[1:] }

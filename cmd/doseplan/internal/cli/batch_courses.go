package cli

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/doseplan/doseplan/pkg/batch"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
)

// notOfCourses are the settings that a course states itself.
var notOfCourses = []string{"tier", "route", "frequency", "step", "confirmed", "times", "start", "time-zone"}

// newCourses is the input of a folder's course files, in the order of their names.
func newCourses(path string) (*folder, error) {
	names, found := courseFiles([]string{path})
	if found.HasErrors() {
		return nil, &outcome{status: exitUsage, found: found}
	}
	if len(names) == 0 {
		return nil, usage("course files end in .yaml and say `kind: course`", "there are no course files below %s", path)
	}
	return &folder{names: names}, nil
}

// prepareCourses has each row read as a course file, which names its own protocols.
func (r *batchRun) prepareCourses(string) error {
	for _, key := range notOfCourses {
		if r.settings.values[key].origin == fromFlag {
			return usage("leave it out", "--%s does not go with --courses: each course states its own", key)
		}
	}
	if _, err := planOptions(r.settings); err != nil {
		return err
	}
	r.key = "courses " + r.courses + " " + r.asOf
	r.job = batch.Job{Strict: r.settings.On("strict"), Of: r.course}
	return r.readShard()
}

// course computes the calendars of a course file.
func (r *batchRun) course(row *batch.Row, has func(id string) bool) (out batch.Course) {
	refuse := func(err error) batch.Course {
		for _, d := range broken(row.File, err).found {
			if !strings.HasPrefix(d.Message, row.File) { // a row is known by its number alone
				d.Message = row.File + ": " + d.Message
			}
			out.Found = append(out.Found, d)
		}
		return out
	}
	switch {
	case row.Err != nil:
		return refuse(unreadable(row.File, row.Err))
	case row.Long, !utf8.Valid(row.Text):
		return refuse(unreadable(row.File, errors.New("it is too large, or not UTF-8")))
	}
	root, found := source.Parse(row.File, row.Text)
	if kind := root.Get("kind"); kind == nil && !found.HasErrors() || kind != nil && kind.Value != "course" {
		out.Passed = true // a protocol or a patient file beside the courses
		return out
	}
	f, err := r.courseOf(row.File, bytes.Clone(row.Text), root, found)
	if err != nil {
		return refuse(err)
	}
	if out.ID = f.course.ID; !has(out.ID) {
		out.Passed = true
		return out
	}
	o := ledger.Options{}
	for _, day := range []struct {
		key, text string
		to        *civil.Date
	}{{"until", r.settings.Text("until"), &o.Until}, {"as-of", r.asOf, &o.AsOf}} {
		if day.text == "" {
			continue
		}
		if *day.to, err = r.date(day.key, day.text, f.course.Patient.Zone); err != nil {
			return refuse(err)
		}
	}
	if o.Now = o.AsOf; o.Now.IsZero() {
		if o.Now, err = r.date("today", "today", f.course.Patient.Zone); err != nil {
			return refuse(err)
		}
	}
	d, found, err := r.calendarOf(f, o, r.former)
	if err != nil {
		return refuse(err)
	}
	out.Found = found
	for i := range d.Parts {
		out.Calendars = append(out.Calendars, d.Parts[i].Schedule)
	}
	out.Write = func(b *bytes.Buffer) error { return r.write(b, d) }
	return out
}

// calendarOf computes the document of a course; with former, what a calendar program holds of an earlier
// day and stands no more.
func (a *app) calendarOf(f *courseFile, o ledger.Options, former bool) (*view.Document, diag.List, error) {
	cal, found, err := f.fold(a, o)
	if err != nil {
		return nil, nil, err
	}
	d := a.document(f, cal)
	if former {
		if o.Base, err = f.options(a); err != nil {
			return nil, nil, err
		}
		d.Parts[len(d.Parts)-1].Before = ledger.Former(f.course, f.protocol, o)
	}
	return d, found, nil
}

package cli

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/doseplan/doseplan/pkg/batch"
	"github.com/doseplan/doseplan/pkg/source"
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
func (r *batchRun) prepareCourses() error {
	for _, key := range notOfCourses {
		if r.settings.values[key].origin == fromFlag {
			return usage("leave it out", "--%s does not go with --courses: each course states its own", key)
		}
	}
	if r.settings.Text("format") == "ics" && r.settings.On("compact") {
		return compactCourse
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
	d, found, err := r.told(f, r.asOf, r.former)
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

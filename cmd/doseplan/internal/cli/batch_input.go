package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/doseplan/doseplan/pkg/batch"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/source"
)

// open reads the beginning of a table or of lines. size is that of the file, or −1.
func (r *batchRun) open(name string, from io.Reader, size int64) error {
	in, found := batch.Open(name, from)
	if found.HasErrors() {
		return &outcome{status: exitUsage, found: found}
	}
	r.in, r.show = in, r.newProgress(size)
	return nil
}

// A folder is an input of one patient file each, in the order of their names.
type folder struct {
	names []string
	next  int
}

func newFolder(path string) (*folder, error) {
	names, err := yamlFiles([]string{path}, true)
	if err == nil && len(names) == 0 {
		err = usage("patient files end in .yaml and say `kind: patient`", "there are no patient files below %s", path)
	}
	return &folder{names: names}, err
}

func (f *folder) Next(r *batch.Row) error {
	if f.next == len(f.names) {
		return io.EOF
	}
	*r = batch.Row{Number: f.next + 1, File: f.names[f.next]}
	f.next++
	file, err := os.Open(r.File)
	if err == nil {
		r.Text, err = io.ReadAll(io.LimitReader(file, batch.MaxRow+1))
		err = errors.Join(err, file.Close())
	}
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	r.Err, r.Long = err, len(r.Text) > batch.MaxRow
	return nil
}

func (f *folder) At() batch.Position { return batch.Position{Rows: f.next} }

func (f *folder) Skip(to batch.Position) error {
	f.next = min(to.Rows, len(f.names))
	return nil
}

func (f *folder) Reader() func(*patient.Builder, *batch.Row) {
	return func(b *patient.Builder, r *batch.Row) {
		tree, found := source.Parse(r.File, r.Text)
		b.Add(found...)
		if tree != nil && !found.HasErrors() {
			b.File(tree)
		}
	}
}

// progress is a bar on a terminal; a nil one shows nothing.
type progress struct {
	bar   *progressbar.ProgressBar
	begun time.Time
}

// newProgress returns a bar over the bytes of an input, or one without an end.
func (r *batchRun) newProgress(size int64) *progress {
	if !r.env.ErrTTY || r.settings.On("quiet") {
		return nil
	}
	return &progress{begun: time.Now(), bar: progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(r.env.Err), progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24), progressbar.OptionUseANSICodes(true))}
}

func (p *progress) update(s *batchState, rejects *rejectList) {
	if p == nil {
		return
	}
	seconds := max(time.Since(p.begun).Seconds(), 0.001)
	text := fmt.Sprintf("%s, %.0f a second", civil.Plural(s.Patients, "patient"), float64(s.At.Rows)/seconds)
	if n := rejects.counts.Rejected; n > 0 {
		text += fmt.Sprintf(", %d rejected", n)
	}
	p.bar.Describe(text)
	_ = p.bar.Set64(max(s.At.Offset, int64(s.At.Rows))) // an error of writing to stderr has nowhere to go
}

func (p *progress) done() {
	if p != nil {
		_ = p.bar.Finish()
	}
}

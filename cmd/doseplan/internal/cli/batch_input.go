package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/doseplan/doseplan/pkg/batch"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/lazy"
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

// patientKey is what a file has that is a patient's, whether or not it says so of itself.
var patientKey = lazy.MustCompile(`(?m)(?:^|[{,])\s*["']?(?:weight|height|birth[ _]date|age|conditions|start|sex|time[ _]zone)["']?\s*:`)

// newFolder finds the patient files below a folder, in YAML and JSON. passed are those that it passes over.
func newFolder(path string) (in *folder, passed []string, err error) {
	in = &folder{}
	err = walk(path, func(name string, e fs.DirEntry, err error) error {
		switch ext := strings.ToLower(filepath.Ext(name)); {
		case err != nil:
			return err
		case e.IsDir() && strings.HasPrefix(e.Name(), ".") && filepath.Clean(name) != filepath.Clean(path):
			return filepath.SkipDir
		case e.IsDir() || ext != ".yaml" && ext != ".yml" && ext != ".json":
		case own(name) || holds(name, patientKey.Match):
			in.names = append(in.names, name)
		default:
			passed = append(passed, name)
		}
		return nil
	})
	if err != nil {
		return in, passed, unreadable(path, err)
	}
	slices.Sort(in.names)
	if len(in.names) == 0 {
		return in, passed, usage("patient files end in .yaml or .json and say `kind: patient`", "there are no patient files below %s", path)
	}
	return in, passed, nil
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

package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/store"
	"github.com/doseplan/doseplan/pkg/batch"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
	"github.com/doseplan/doseplan/pkg/view/tabular"
)

// A sink is where a batch goes. What is not whole yet never has the name that was asked for.
type sink interface {
	put(p *batch.Part) error // rejects patients whom it cannot tell from others
	size() int64             // in bytes, where the sink is a file
	keeps() bool             // whether it can be gone on with
	finish() error
}

// A fileSink is a sink of bytes.
type fileSink interface {
	sink
	write(b []byte) error
}

// A writeError says which output cannot be written.
type writeError struct {
	name string
	err  error
}

func (e *writeError) Error() string {
	err := e.err
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Sprintf("%s cannot be written: %v", e.name, err)
}

// A stream is stdout, a device or a pipe: it is written through.
type stream struct {
	name string
	w    io.Writer
}

func (s *stream) put(p *batch.Part) error { return s.write(p.Output.Bytes()) }

func (s *stream) write(b []byte) error {
	if _, err := s.w.Write(b); err != nil {
		return &writeError{s.name, err}
	}
	return nil
}

func (s *stream) size() int64   { return 0 }
func (s *stream) keeps() bool   { return false }
func (s *stream) finish() error { return nil }

// A partFile is a file that has its name once it is whole, and the name with .part until then.
type partFile struct {
	name   string
	force  bool
	f      *os.File
	n      int64
	unlock func()
}

const partSuffix = ".part"

// openPart begins a file, or goes on with the first bytes of one.
func openPart(name string, force, resume bool, size int64) (*partFile, error) {
	if err := vacant(name, force, resume); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name+partSuffix, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unwritable(name, err)
	}
	unlock, err := store.Hold(f)
	if err != nil {
		return nil, errors.Join(usage("wait for the other batch, or give this one another name", "%s: %v", f.Name(), err), f.Close())
	}
	if !resume {
		size = 0
	} else if info, err := f.Stat(); err != nil || info.Size() < size {
		return nil, errors.Join(usage("begin again with --force", "%s is shorter than it was when the batch stopped", f.Name()), f.Close())
	}
	if err := f.Truncate(size); err != nil {
		return nil, errors.Join(unwritable(name, err), f.Close())
	}
	if _, err := f.Seek(size, io.SeekStart); err != nil {
		return nil, errors.Join(unwritable(name, err), f.Close())
	}
	return &partFile{name, force, f, size, unlock}, nil
}

// vacant refuses a name that is taken, and one under which something unfinished stands.
func vacant(name string, force, resume bool) error {
	info, err := os.Lstat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return unwritable(name, errors.New("it is not a regular file"))
	case err == nil && !force:
		return unwritable(name, errors.New("it exists; --force replaces it"))
	}
	_, err = os.Lstat(name + partSuffix)
	switch {
	case err == nil && !resume && !force:
		return usage("go on with it by --resume, or begin again with --force", "%s stands there, of a batch that did not end", name+partSuffix)
	case err != nil && resume:
		return usage("leave --resume out", "there is no %s to go on with", name+partSuffix)
	}
	return nil
}

func (p *partFile) put(part *batch.Part) error { return p.write(part.Output.Bytes()) }

func (p *partFile) write(b []byte) error {
	n, err := p.f.Write(b)
	if err != nil {
		return &writeError{p.f.Name(), err}
	}
	p.n += int64(n)
	return nil
}

func (p *partFile) size() int64 { return p.n }
func (p *partFile) keeps() bool { return true }

func (p *partFile) finish() error {
	if err := errors.Join(p.f.Sync(), p.f.Close()); err != nil {
		return &writeError{p.f.Name(), err}
	}
	if err := settle(p.f.Name(), p.name, p.force); err != nil {
		return &writeError{p.name, err}
	}
	return nil
}

func (p *partFile) release() { p.unlock() }

// abandon removes what was begun, and has come to nothing.
func (p *partFile) abandon() {
	_ = errors.Join(os.Remove(p.f.Name()), p.f.Close()) // why it came to nothing is said
	p.unlock()
}

// settle gives a whole file its name, and replaces another only by force.
func settle(from, to string, force bool) error {
	if force {
		return os.Rename(from, to)
	}
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// A partFolder is a folder with one file a patient, which has its name once it is whole.
type partFolder struct {
	name, extension string
	resume          bool
	unlock          func()
}

func openFolder(name, extension string, resume bool) (*partFolder, error) {
	if entries, err := os.ReadDir(name); err == nil && len(entries) > 0 {
		return nil, unwritable(name, errors.New("the folder is not empty, and files of patients are not mixed"))
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, unwritable(name, err)
	}
	f := &partFolder{name, extension, resume, nil}
	switch err := os.Mkdir(name+partSuffix, 0o700); {
	case errors.Is(err, fs.ErrExist) && !resume:
		return nil, usage("go on with it by --resume, or remove it", "%s stands there, of a batch that did not end", name+partSuffix)
	case err == nil && resume:
		return nil, errors.Join(usage("leave --resume out", "there is no %s to go on with", name+partSuffix), os.Remove(name+partSuffix))
	case err != nil && !errors.Is(err, fs.ErrExist):
		return nil, unwritable(name, err)
	}
	at, err := os.Open(name + partSuffix)
	if err != nil {
		return nil, unwritable(name, err)
	}
	if f.unlock, err = store.Hold(at); err != nil && !errors.Is(err, store.ErrBusy) {
		f.unlock, err = func() {}, nil // there are systems on which a folder cannot be locked
	}
	if err != nil {
		return nil, errors.Join(usage("wait for the other batch, or give this one another name", "%s: %v", at.Name(), err), at.Close())
	}
	return f, at.Close()
}

func (f *partFolder) put(p *batch.Part) error {
	begin, kept := 0, p.Patients[:0]
	for _, pat := range p.Patients {
		err := f.file(pat.ID, p.Output.Bytes()[begin:pat.End])
		begin = pat.End
		switch {
		case err == nil:
			kept = append(kept, pat)
		case errors.Is(err, fs.ErrExist):
			p.Rejects = append(p.Rejects, sameID(&pat, "another row has this id, or one that gives the same name of a file", "give every patient an id of its own"))
		default:
			return &writeError{f.name, err}
		}
	}
	p.Patients = kept
	inOrder(p.Rejects)
	return nil
}

// file writes one patient's file, whole or not at all, unless it is there.
func (f *partFolder) file(id string, data []byte) error {
	name := filepath.Join(f.name+partSuffix, fileName(id)+f.extension)
	err := store.Write(name, data, false, 0o600)
	if errors.Is(err, fs.ErrExist) && f.resume {
		// Written after the last checkpoint of the run that is gone on with.
		if old, readErr := os.ReadFile(name); readErr == nil && bytes.Equal(old, data) {
			return nil
		}
	}
	return err
}

// fileName returns a name for the file of a patient, another for each id. What could lead out of
// the folder, or mean something to a shell, is written as a percent sign and two digits.
func fileName(id string) string {
	var b strings.Builder
	for i, c := range []byte(id) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' && i > 0 || c == '_' || c == '.' && i > 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func (f *partFolder) size() int64 { return 0 }
func (f *partFolder) keeps() bool { return true }

func (f *partFolder) finish() error {
	if err := os.Remove(f.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &writeError{f.name, err}
	}
	store.Tidy(f.name + partSuffix)
	if err := os.Rename(f.name+partSuffix, f.name); err != nil {
		return &writeError{f.name, err}
	}
	return nil
}

func (f *partFolder) release() { f.unlock() }

func (f *partFolder) abandon() {
	_ = os.Remove(f.name + partSuffix) // only if nothing is in it
	f.unlock()
}

// output opens what the settings name.
func (r *batchRun) output() error {
	set := r.settings
	name, formatName := set.Text("output"), set.Text("format")
	folder := strings.HasSuffix(name, "/") || strings.HasSuffix(name, string(filepath.Separator))
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		folder = true
	}
	if name = strings.TrimRight(name, `/\`); folder && name == "" {
		return unwritable("/", errors.New("name a folder below it"))
	}
	r.state.Key = r.keyOf(formatName, folder)
	if err := r.loadState(name); err != nil {
		return err
	}
	err := r.openOutput(name, formatName, folder)
	if err != nil {
		return err
	}
	if r.rejects, err = newRejects(r.batchOptions.rejects, set.On("force"), r.resume, &r.state); err == nil {
		err = r.begin()
	}
	if begun, ok := r.out.(interface{ abandon() }); ok && err != nil && !r.resume {
		begun.abandon()
	}
	return err
}

// begin puts the input where the batch begins, or goes on.
func (r *batchRun) begin() error {
	if !r.resume {
		r.state.At = r.in.At() // after the header
	} else if err := r.in.Skip(r.state.At); err != nil {
		return unreadable(r.patients, err)
	}
	return r.checkpoint(true)
}

func (r *batchRun) openOutput(name, formatName string, folder bool) (err error) {
	set := r.settings
	switch {
	case r.summary:
		r.job.Sums = true
		return r.openSummary(name, folder)
	case folder:
		if formatName == "" {
			return usage("name it with --format: "+join(FormatNames()), "the format of the files in %s is not given", name)
		}
		f, err := outputFormat(set)
		if err != nil {
			return err
		}
		r.former = f.name == "ics"
		r.encode(alike(func(b *bytes.Buffer, d *view.Document) error { return f.write(b, d) }))
		r.out, err = openFolder(name, extensionOf(f), r.resume)
		return err
	}
	if formatName == "" && (name == "" || name == "-") {
		formatName = "ndjson"
	} else if formatName == "" {
		f, err := outputFormat(set)
		if err != nil {
			return err
		}
		formatName = f.name
	}
	var head bytes.Buffer
	switch formatName {
	case "ndjson":
		r.encode(func() func(*bytes.Buffer, *view.Document) error {
			lines := &jsondoc.Lines{}
			return func(b *bytes.Buffer, d *view.Document) error {
				_, err := b.Write(lines.Append(b.AvailableBuffer(), d))
				return err
			}
		})
	case "csv":
		r.encode(alike(func(b *bytes.Buffer, d *view.Document) error { return tabular.WriteRows(b, d) }))
		if err := tabular.WriteHeader(&head); err != nil {
			return err
		}
	default:
		if _, err := outputFormat(set); err != nil {
			return err
		}
		return usage("use ndjson or csv, or name a folder for one file a patient: -o calendars/", "the format %s holds one patient", formatName)
	}
	out, err := r.openStream(name)
	if err != nil {
		return err
	}
	if r.out = out; r.resume || head.Len() == 0 {
		return nil
	}
	return out.write(head.Bytes())
}

// alike has every worker write in one way, which keeps nothing.
func alike(write func(*bytes.Buffer, *view.Document) error) func() func(*bytes.Buffer, *view.Document) error {
	return func() func(*bytes.Buffer, *view.Document) error { return write }
}

// openStream opens a file, a device, or stdout.
func (r *batchRun) openStream(name string) (fileSink, error) {
	if name == "" || name == "-" {
		if r.resume {
			return nil, usage("name the file with --output", "only what goes to a file can be gone on with")
		}
		return &stream{"the output", r.env.Out}, nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, unwritable(name, err)
		}
		return &stream{name, f}, nil
	}
	return openPart(name, r.settings.On("force"), r.resume, r.state.Output)
}

func extensionOf(f *format) string {
	if len(f.extensions) > 0 {
		return f.extensions[0]
	}
	return ".txt"
}

// A batchState is how far a batch is. It stands beside the unfinished output.
type batchState struct {
	Key      string         `json:"key"` // of all that the output depends on
	At       batch.Position `json:"at"`
	Patients int            `json:"patients"`
	Torn     bool           `json:"torn"`
	Output   int64          `json:"output"`  // bytes
	Rejects  int64          `json:"rejects"` // bytes
	Counts   rejectCounts   `json:"counts"`

	file  string
	saved time.Time
}

// keyOf returns a hash of all that an output depends on.
func (r *batchRun) keyOf(parts ...any) string {
	h := sha256.New()
	fmt.Fprint(h, Version, r.key, r.shard, parts)
	for _, s := range settings {
		if !slices.Contains([]string{"output", "force", "quiet", "no-color"}, s.key) {
			fmt.Fprintf(h, "%s=%q\n", s.key, r.settings.List(s.key))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// loadState finds where to go on.
func (r *batchRun) loadState(name string) error {
	if r.state.file = name + ".resume"; !r.resume {
		return nil
	}
	if r.summary {
		return usage("leave --resume out", "a summary is computed in one go")
	}
	text, err := os.ReadFile(r.state.file)
	if err != nil {
		help := "leave --resume out; or name the output with -o, as when the batch was begun"
		if _, err := os.Lstat(name + partSuffix); name != "" && err == nil {
			help = "begin again with --force" // it ended before it was written down how far it was
		}
		return usage(help, "there is nothing to go on with: no batch to this output was stopped")
	}
	key := r.state.Key
	if err := json.Unmarshal(text, &r.state); err != nil {
		return unreadable(r.state.file, err)
	}
	if key != r.state.Key {
		return usage("give the same protocol, patients and settings, or begin again with --force", "%s is of another batch", r.state.file)
	}
	return nil
}

// checkpointEvery is how often the state is written.
const checkpointEvery = 5 * time.Second

// checkpoint writes the state, at once or when it is time.
func (r *batchRun) checkpoint(now bool) error {
	if r.summary || !r.out.keeps() || !now && time.Since(r.state.saved) < checkpointEvery {
		return nil
	}
	r.state.saved = time.Now()
	r.state.Output, r.state.Rejects, r.state.Counts = r.out.size(), r.rejects.out.size(), r.rejects.counts
	text, err := json.Marshal(&r.state)
	if err != nil {
		return err
	}
	if err := store.Write(r.state.file, append(text, '\n'), true, 0o600); err != nil {
		return &writeError{r.state.file, err}
	}
	return nil
}

// forget removes the state of a batch that came to its end.
func (r *batchRun) forget() error {
	if r.summary || !r.out.keeps() {
		return nil
	}
	if err := os.Remove(r.state.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &writeError{r.state.file, err}
	}
	return nil
}

// rejectCounts are how many rows were rejected, and how many of them for safety.
type rejectCounts struct {
	Rejected int `json:"rejected"`
	Refused  int `json:"refused"`
	LastRow  int `json:"last_row"`
	LastSafe int `json:"last_refused"`
}

// A rejectList writes the rows that have no calendar, and keeps the first for stderr.
type rejectList struct {
	out    fileSink // a file, or nothing
	lines  bytes.Buffer
	counts rejectCounts
	first  diag.List
}

// shownRejects is how many reasons are printed on stderr.
const shownRejects = 10

func newRejects(name string, force, resume bool, state *batchState) (*rejectList, error) {
	l := &rejectList{out: &stream{"", io.Discard}, counts: state.Counts}
	if name == "" {
		return l, nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, unwritable(name, err)
		}
		l.out = &stream{name, f}
	} else if f, err := openPart(name, force, resume, state.Rejects); err != nil {
		return nil, err
	} else {
		l.out = f
	}
	if !resume {
		l.line("row", "line", "id", "field", "code", "severity", "reason", "help", "file")
	}
	return l, l.flush()
}

func (l *rejectList) line(fields ...string) {
	w := csv.NewWriter(&l.lines)
	_ = w.Write(fields) // a buffer takes everything
	w.Flush()
}

// add takes in one reason. The reasons of a row follow each other.
func (l *rejectList) add(r *batch.Reject) {
	if r.Row != l.counts.LastRow {
		l.counts.Rejected++
	}
	if r.Refused() && r.Row != l.counts.LastSafe {
		l.counts.Refused++
		l.counts.LastSafe = r.Row
	}
	l.counts.LastRow = r.Row
	line, field := "", r.Field
	if r.Line > 0 {
		line = strconv.Itoa(r.Line)
	}
	if field == "" {
		field = r.Asks
	}
	reason := r.Message
	if r.Private != "" {
		reason += "; " + r.Private
	}
	l.line(strconv.Itoa(r.Row), line, tabular.Safe(r.ID), field, string(r.Code), r.Severity.String(), tabular.Safe(reason), tabular.Safe(r.Help), tabular.Safe(r.File))
	if len(l.first) < shownRejects {
		l.first = append(l.first, forStderr(r))
	}
}

// forStderr says why a row was rejected without what it says of the patient, but for the id.
func forStderr(r *batch.Reject) diag.Diagnostic {
	d := r.Diagnostic
	if d.Asks = ""; d.Code == diag.Unmatched && r.Refused() {
		d.Message, d.Help = "the patient's file states something like an absolute contraindication, in other words: it must be answered", "the table of rejects says which"
	} else if !saysNothing(d.Code) {
		if e, ok := diag.Lookup(d.Code); ok {
			d.Message, d.Help = e.Title, ""
		}
	}
	row := fmt.Sprintf("row %d", r.Row)
	if r.ID != "" {
		row += " (" + r.ID + ")"
	}
	d.Message = row + ": " + d.Message
	return d
}

// saysNothing reports whether the messages of a code never repeat or tell what a patient has.
func saysNothing(c diag.Code) bool {
	switch c {
	case diag.BadPatient, diag.MissingPatient, diag.Unreadable, diag.Fault:
		return true
	}
	return strings.HasPrefix(string(c), "DP1") || strings.HasPrefix(string(c), "DP2")
}

func (l *rejectList) flush() error {
	if l.lines.Len() == 0 {
		return nil
	}
	err := l.out.write(l.lines.Bytes())
	l.lines.Reset()
	return err
}

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// patients returns a table, of whom every hundredth cannot be read.
func patients(n int) string {
	var b strings.Builder
	b.WriteString("id,weight,birth_date,start,time_zone\n")
	for i := range n {
		weight := fmt.Sprint(50+i%90, "kg")
		if i%100 == 50 {
			weight = "72"
		}
		fmt.Fprintf(&b, "P-%d,%s,1980-01-01,2026-03-%02d,Europe/Berlin\n", i, weight, 1+i%28)
	}
	return b.String()
}

// main1 runs the program on an input, and returns its status and what it printed.
func main1(in io.Reader, out io.Writer, args ...string) (status int, notes string) {
	var errs bytes.Buffer
	status = Main(args, &Environment{In: in, Out: out, Err: &errs, Getenv: func(string) (string, bool) { return "", false }})
	return status, errs.String()
}

// A signaller is an input in the middle of which the user presses Ctrl-C.
type signaller struct {
	io.Reader
	left int
}

func (s *signaller) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b[:min(len(b), 4096)])
	if s.left -= n; s.left < 0 && s.left+n >= 0 {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			return 0, err
		}
	}
	return n, err
}

// What was stopped by Ctrl-C holds whole records, has no name of its own, and is gone on with to
// the very bytes of a batch that was not stopped.
func TestBatchStoppedAndResumed(t *testing.T) {
	text := patients(3000)
	for _, format := range []string{"ndjson", "csv"} {
		dir := t.TempDir()
		args := func(name string, more ...string) []string {
			return append([]string{"batch", "ketamine-iv-intensive", "--patients", "-", "-f", format, "-o", filepath.Join(dir, name), "--rejects", filepath.Join(dir, name+".rejects")}, more...)
		}
		if status, notes := main1(strings.NewReader(text), io.Discard, args("whole")...); status != exitFindings {
			t.Fatalf("status %d: %s", status, notes)
		}
		status, notes := main1(&signaller{strings.NewReader(text), 60_000}, io.Discard, args("stopped")...)
		if status != exitStopped || !strings.Contains(notes, "--resume goes on") {
			t.Fatalf("status %d: %s", status, notes)
		}
		part, err := os.ReadFile(filepath.Join(dir, "stopped.part"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "stopped")); !errors.Is(err, os.ErrNotExist) {
			t.Error("what is not whole has the name of what is")
		}
		whole, rejects := read(t, dir, "whole"), read(t, dir, "whole.rejects")
		if len(part) == 0 || len(part) >= len(whole) || !bytes.HasPrefix(whole, part) || part[len(part)-1] != '\n' {
			t.Errorf("%d bytes of %d are not whole records", len(part), len(whole))
		}
		if status, notes := main1(strings.NewReader(text), io.Discard, args("stopped")...); status != exitUsage || !strings.Contains(notes, "of a batch that did not end") {
			t.Errorf("begun again over an unfinished one: %d, %s", status, notes)
		}
		if status, notes := main1(strings.NewReader(text), io.Discard, args("stopped", "--resume", "--tier", "x")...); status != exitUsage {
			t.Errorf("gone on with another choice: %d, %s", status, notes)
		}
		if status, notes := main1(strings.NewReader(text), io.Discard, args("stopped", "--resume", "--horizon", "3 weeks")...); status != exitUsage || !strings.Contains(notes, "another batch") {
			t.Errorf("gone on with another setting: %d, %s", status, notes)
		}
		status, notes = main1(strings.NewReader(text), io.Discard, args("stopped", "--resume")...)
		if status != exitFindings || !strings.Contains(notes, "2970 patients written, 30 rows rejected, 0 of them") {
			t.Errorf("status %d: %s", status, notes)
		}
		if !bytes.Equal(read(t, dir, "stopped"), whole) || !bytes.Equal(read(t, dir, "stopped.rejects"), rejects) {
			t.Error("what was gone on with differs from what was not stopped")
		}
		for _, pattern := range []string{"*.part", "*.resume", ".*"} {
			if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		}
	}
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A fullDisk takes so many bytes.
type fullDisk struct{ left int }

func (d *fullDisk) Write(b []byte) (int, error) {
	n := min(len(b), d.left)
	if d.left -= n; n < len(b) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func TestBatchFullDisk(t *testing.T) {
	for _, args := range [][]string{{}, {"-f", "csv"}, {"--summary"}} {
		status, notes := main1(strings.NewReader(patients(500)), &fullDisk{100}, append([]string{"batch", "ketamine-iv-intensive", "--patients", "-"}, args...)...)
		if status != exitUnwritten || !strings.Contains(notes, "no space left") {
			t.Errorf("%v: status %d: %s", args, status, notes)
		}
	}
}

// A folder is gone on with in the same way, also after a run that was killed between a file and
// the next checkpoint.
func TestBatchFolderResumed(t *testing.T) {
	text := patients(400)
	dir := t.TempDir()
	args := func(name string, more ...string) []string {
		return append([]string{"batch", "ketamine-iv-intensive", "--patients", "-", "-f", "json", "-o", filepath.Join(dir, name) + "/"}, more...)
	}
	if status, notes := main1(strings.NewReader(text), io.Discard, args("whole")...); status != exitFindings {
		t.Fatalf("status %d: %s", status, notes)
	}
	if status, notes := main1(&signaller{strings.NewReader(text), 6000}, io.Discard, args("stopped")...); status != exitStopped {
		t.Fatalf("status %d: %s", status, notes)
	}
	part := filepath.Join(dir, "stopped.part")
	written, err := os.ReadDir(part)
	if err != nil || len(written) == 0 || len(written) >= 396 {
		t.Fatalf("%d files are written: %v", len(written), err)
	}
	// As if it had been killed: one more file than the state knows.
	if err := os.WriteFile(filepath.Join(part, "P-399.json"), read(t, dir, "whole/P-399.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, notes := main1(strings.NewReader(text), io.Discard, args("stopped", "--resume")...); status != exitFindings || !strings.Contains(notes, "396 patients written, 4 rows rejected") {
		t.Fatalf("status %d: %s", status, notes)
	}
	whole, err := os.ReadDir(filepath.Join(dir, "whole"))
	if err != nil || len(whole) != 396 {
		t.Fatalf("%d files: %v", len(whole), err)
	}
	for _, f := range whole {
		if !bytes.Equal(read(t, dir, "whole/"+f.Name()), read(t, dir, "stopped/"+f.Name())) {
			t.Errorf("%s differs", f.Name())
		}
	}
}

// Nothing of the folder in which a batch to stdout runs is touched.
func TestBatchLeavesFilesAlone(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{".resume", ".part"} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if status, notes := main1(strings.NewReader("id,weight,start\nA,72kg,2026-03-02\n"), io.Discard, "batch", "ketamine-iv-intensive", "--patients", "-"); status != exitDone {
		t.Fatalf("status %d: %s", status, notes)
	}
	for _, name := range []string{".resume", ".part"} {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doseplan/doseplan/pkg/quantity"
)

// build makes the program, for tests that need processes of their own.
func build(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts many processes")
	}
	program := filepath.Join(t.TempDir(), "doseplan")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

func newCourse(t *testing.T, program string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "anna.yaml")
	if out, err := exec.Command(program, "course", "new", file, "ketamine-iv-intensive", "--weight", "80kg", "--start", "2026-03-02").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

func record(program, file string, n int) *exec.Cmd {
	return exec.Command(program, "course", "weight", file, fmt.Sprintf("%d.%dkg", 70+n/10, n%10), "--today", "2026-03-02", "--by", fmt.Sprintf("writer %d", n))
}

// Fifty writers of one file at once lose no entry.
func TestConcurrentWritersLoseNone(t *testing.T) {
	program := build(t)
	file := newCourse(t, program)
	const writers = 50
	var wait sync.WaitGroup
	for n := range writers {
		wait.Go(func() {
			if out, err := record(program, file, n).CombinedOutput(); err != nil {
				t.Errorf("writer %d: %v\n%s", n, err, out)
			}
		})
	}
	wait.Wait()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range writers {
		if !strings.Contains(string(text), fmt.Sprintf("by: writer %d\n", n)) {
			t.Errorf("the entry of writer %d is lost", n)
		}
	}
	if out, err := exec.Command(program, "validate", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A process that is killed while it writes leaves the old file or the new one, and the next
// writer is not kept waiting.
func TestKillingLeavesTheOldFileOrTheNew(t *testing.T) {
	program := build(t)
	file := newCourse(t, program)
	started := time.Now()
	if err := record(program, file, 0).Run(); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(started) // how long one takes, to kill it at any moment of that
	killed, written := 0, 0
	for n := 1; n <= 120; n++ {
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cmd := record(program, file, n)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(whole * time.Duration(n) / 100)
		_ = cmd.Process.Kill()
		if err := cmd.Wait(); err != nil {
			killed++
		}
		after, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(after) == string(before) {
			continue
		}
		written++
		want := fmt.Sprintf("\n    by: writer %d\n    weight: %v\n", n, quantity.MustParse(fmt.Sprintf("%d.%dkg", 70+n/10, n%10)))
		if rest, ok := strings.CutPrefix(string(after), string(before)); !ok || !strings.HasSuffix(rest, want) {
			t.Fatalf("the file is neither the old one nor the new:\n%s", after)
		}
	}
	if killed < 20 || written < 5 {
		t.Logf("%d were killed, %d had written", killed, written)
	}
	if out, err := record(program, file, 999).CombinedOutput(); err != nil {
		t.Errorf("after the killing: %v\n%s", err, out)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".doseplan-*")); err != nil || len(left) > 0 {
		t.Errorf("the killed left %v behind", left)
	}
}

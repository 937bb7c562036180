package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A change follows a link to one truth, keeps the permissions, refuses a second name, and leaves
// nothing behind.
func TestChange(t *testing.T) {
	folder := t.TempDir()
	file, link, second := filepath.Join(folder, "a.yaml"), filepath.Join(folder, "link.yaml"), filepath.Join(folder, "b.yaml")
	if err := Write(file, []byte("one"), false, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Write(file, []byte("other"), false, 0o640); !errors.Is(err, os.ErrExist) {
		t.Errorf("written over: %v", err)
	}
	if err := os.Symlink("a.yaml", link); err != nil {
		t.Fatal(err)
	}
	add := func(text []byte) ([]byte, error) { return append(text, '+'), nil }
	if err := Change(link, 100, add); err != nil {
		t.Fatal(err)
	}
	text, err := Read(link, 100)
	info, _ := os.Stat(file)
	if err != nil || string(text) != "one+" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q, %v, %v", text, err, info.Mode())
	}
	if to, err := os.Readlink(link); err != nil || to != "a.yaml" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if err := Change(file, 100, func([]byte) ([]byte, error) { return nil, errors.New("no") }); err == nil {
		t.Error("an error was lost")
	}
	if err := os.Link(file, second); err != nil {
		t.Fatal(err)
	}
	if err := Change(file, 100, add); !errors.Is(err, ErrLinked) {
		t.Errorf("a file of two names: %v", err)
	}
	if text, _ := os.ReadFile(file); string(text) != "one+" {
		t.Errorf("it holds %q", text)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 3 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if _, err := Read(folder, 100); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a folder: %v", err)
	}
	dangling := filepath.Join(folder, "nowhere")
	if err := os.Symlink("gone", dangling); err != nil {
		t.Fatal(err)
	}
	if err := Write(dangling, []byte("x"), true, 0o600); err == nil {
		t.Error("a link that leads nowhere was written")
	}
}

// In a folder of a group, what is kept and what begins is the group's too.
func TestShared(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o770); err != nil {
		t.Fatal(err)
	}
	if got := Shared(filepath.Join(folder, "a.yaml")); got != 0o660 {
		t.Errorf("a course has %v", got)
	}
	kept := filepath.Join(folder, ".doseplan", "sum")
	if err := Keep(kept, map[string][]byte{"protocol.yaml": []byte("x")}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Dir(kept), kept} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o770 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := Shared(filepath.Join(folder, "a.yaml")); got != 0o600 {
		t.Errorf("a course of one has %v", got)
	}
}

// A file that one program holds is not held by another, nor by the same twice.
func TestHold(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "a.part"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unlock, err := Hold(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Hold(f); !errors.Is(err, ErrBusy) {
		t.Errorf("held twice: %v", err)
	}
	unlock()
	again, err := Hold(f)
	if err != nil {
		t.Fatalf("not held once it was let go: %v", err)
	}
	again()
	if err := os.Rename(f.Name(), f.Name()+"2"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.Name(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Hold(f); !errors.Is(err, ErrBusy) {
		t.Errorf("another file stands under the name: %v", err)
	}
}

// What is kept beside a course in a shared folder has the folder's permissions, and what is there
// already asks for no more than to be read.
func TestKeepLikeTheFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o770|fs.ModeSetgid); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, ".doseplan", "abc")
	texts := map[string][]byte{"protocol.yaml": []byte("a")}
	if err := Keep(folder, texts); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{filepath.Dir(folder): 0o770 | fs.ModeSetgid | fs.ModeDir, folder: 0o770 | fs.ModeSetgid | fs.ModeDir, filepath.Join(folder, "protocol.yaml"): 0o660} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s is %v, want %v", name, info.Mode(), want)
		}
	}
	before, _ := os.ReadDir(folder)
	if err := Keep(folder, texts); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadDir(folder); len(after) != len(before) {
		t.Errorf("something was left behind: %v", after)
	}
}

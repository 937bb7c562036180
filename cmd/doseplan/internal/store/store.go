// Package store keeps files: it reads regular files, writes them whole or not at all, and changes
// one under a lock, so that writers of it wait for each other and nothing is ever half-written.
package store

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// ErrNotRegular says that a name is that of a folder, a device or a pipe.
var ErrNotRegular = errors.New("it is not a regular file")

// ErrLinked says that a file has several names, of which a change would reach one alone.
var ErrLinked = errors.New("it has several names (hard links), and a change would reach only one of them")

// ErrBusy says that another writer does not come to an end.
var ErrBusy = errors.New("another program is writing it")

// Read reads a regular file, or what a link leads to, up to a limit and one byte.
func Read(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotRegular
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// Write writes a file whole or not at all. An existing one is replaced only where force is set. A
// link is followed to what it leads to, which keeps its permissions; a device or a pipe is written through.
func Write(name string, data []byte, force bool, mode fs.FileMode) error {
	target, err := resolve(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	switch {
	case err == nil && info.IsDir():
		return errors.New("it is a folder")
	case err == nil && !info.Mode().IsRegular():
		return through(target, data)
	case err == nil && force && links(info) > 1:
		return ErrLinked
	case err == nil:
		mode = info.Mode().Perm() // what takes its place is for whom it was for
	}
	temp, err := unfinished(target, data, mode)
	if err != nil {
		return err
	}
	if force {
		err = os.Rename(temp, target)
	} else if err = os.Link(temp, target); err == nil { // it fails where the name is taken, with no moment in which that could be lost
		return os.Remove(temp)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}

// resolve follows links, the last of which may lead to a file that does not exist yet.
func resolve(name string) (string, error) {
	info, err := os.Lstat(name)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return name, nil
	}
	target, err := filepath.EvalSymlinks(name)
	if errors.Is(err, fs.ErrNotExist) {
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
			return name, nil // of a pipe or a device that has no name of its own
		}
		return "", errors.New("it is a link that leads nowhere")
	}
	return target, err
}

func through(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// prefix is how the names of files begin that become a file once they are whole.
func prefix(target string) string {
	return ".doseplan-" + strings.ReplaceAll(filepath.Base(target), "*", "_") + "-"
}

// unfinished writes data under a name of its own beside the target.
func unfinished(target string, data []byte, mode fs.FileMode) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(target), prefix(target)+"*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	for _, step := range []func() error{func() error { return f.Chmod(mode) }, f.Sync, f.Close} {
		if more := step(); err == nil {
			err = more
		}
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// wait is how long one writer waits for another.
const wait = 30 * time.Second

// Change reads a file, lets do make a new text of it, and writes that in its place. No other Change
// of the file happens between the two, whoever makes it. Where do returns no text, or an error, the
// file stays as it is. What a link leads to is changed, and keeps its permissions.
func Change(name string, limit int64, do func(text []byte) ([]byte, error)) error {
	target, err := resolve(name)
	if err != nil {
		return err
	}
	unlock, err := lock(target)
	if err != nil {
		return err
	}
	defer unlock()
	sweep(target)
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	if links(info) > 1 {
		return ErrLinked
	}
	if f, err := os.OpenFile(target, os.O_WRONLY, 0); err != nil {
		return err // who may not write the file does not replace it
	} else if err := f.Close(); err != nil {
		return err
	}
	text, err := Read(target, limit)
	if err != nil {
		return err
	}
	after, err := do(text)
	if err != nil || after == nil {
		return err
	}
	temp, err := unfinished(target, after, info.Mode().Perm())
	if err != nil {
		return err
	}
	regroup(temp, info)
	if err := os.Rename(temp, target); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

// lock locks the file itself: whoever may change it may lock it, and no file of the lock is left
// behind. A writer before may have put another file under the name, which is then the one to lock.
func lock(target string) (unlock func(), err error) {
	for deadline := time.Now().Add(wait); ; time.Sleep(5 * time.Millisecond) {
		if info, err := os.Stat(target); err != nil {
			return nil, err
		} else if !info.Mode().IsRegular() {
			return nil, ErrNotRegular
		}
		l := flock.New(target, flock.SetFlag(os.O_RDONLY))
		ok, err := l.TryLock()
		if err != nil {
			return nil, errors.Join(err, l.Close())
		}
		if ok {
			mine, err := l.Stat()
			now, err2 := os.Stat(target)
			if err == nil && err2 == nil && os.SameFile(mine, now) {
				return func() { _ = l.Close() }, nil
			}
		}
		_ = l.Close()
		if time.Now().After(deadline) {
			return nil, ErrBusy
		}
	}
}

// Hold locks a file or a folder that is open, for as long as a program writes it under its name: it fails
// at once where another program does.
func Hold(f *os.File) (unlock func(), err error) {
	l := flock.New(f.Name(), flock.SetFlag(os.O_RDONLY))
	ok, err := l.TryLock()
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if ok {
		locked, err := l.Stat()
		mine, err2 := f.Stat()
		if err == nil && err2 == nil && os.SameFile(locked, mine) {
			return func() { _ = l.Close() }, nil
		}
	}
	return nil, errors.Join(ErrBusy, l.Close())
}

// Tidy removes from a folder that one program writes what it left unfinished there when it was killed.
func Tidy(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".doseplan-") && e.Type().IsRegular() {
			_ = os.Remove(filepath.Join(folder, e.Name()))
		}
	}
}

// sweep removes what a writer of a file left behind that was killed. Only who has the lock of the
// file may call it.
func sweep(target string) {
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return // what is left behind does no harm
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), prefix(target))
		if ok && e.Type().IsRegular() && rest != "" && strings.Trim(rest, "0123456789") == "" {
			_ = os.Remove(filepath.Join(filepath.Dir(target), e.Name()))
		}
	}
}

// Shared returns the permissions of a new file of a folder that several users may keep: its owner's
// alone, or the group's too where the group may write the folder.
func Shared(name string) fs.FileMode {
	info, err := os.Stat(filepath.Dir(name))
	if err != nil || info.Mode().Perm()&0o020 == 0 {
		return 0o600
	}
	return 0o660
}

// Keep keeps texts in a folder below that of another file, with its permissions: whoever may read
// the one may read the other. What is there already stays.
func Keep(folder string, texts map[string][]byte) error {
	mode := fs.FileMode(0o700)
	above, err := os.Stat(filepath.Dir(filepath.Dir(folder)))
	if err == nil {
		mode = above.Mode()&(fs.ModePerm|fs.ModeSetgid|fs.ModeSticky) | 0o700
	}
	if err := os.MkdirAll(folder, mode.Perm()); err != nil {
		return err
	}
	for _, made := range []string{filepath.Dir(folder), folder} {
		likeAbove(made, mode, above) // whatever the mask of new files is; another's folder stays as it is
	}
	for name, text := range texts {
		name = filepath.Join(folder, name)
		if old, err := Read(name, int64(len(text))); err == nil && bytes.Equal(old, text) {
			continue
		}
		switch err := Write(name, text, false, mode.Perm()&0o666); {
		case err == nil:
			likeAbove(name, mode.Perm()&0o666, above)
		case !errors.Is(err, fs.ErrExist):
			return err
		}
	}
	return nil
}

// likeAbove gives a file or a folder permissions, and the group of the folder that all of them lie in.
func likeAbove(name string, mode fs.FileMode, above fs.FileInfo) {
	if above != nil {
		regroup(name, above)
	}
	_ = os.Chmod(name, mode)
}

package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeResult writes a result to a file, or to stdout where the name is "" or "-". The
// result is made whole before anything is written.
func (a *app) writeResult(name string, force bool, data []byte) error {
	if name == "" || name == "-" {
		return a.print(string(data))
	}
	if err := writeFile(name, data, force, 0o600); err != nil {
		if errors.Is(err, fs.ErrExist) {
			err = errors.New("it exists; --force replaces it")
		} else if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
			err = pe.Err
		}
		return unwritable(name, err)
	}
	return nil
}

// writeFile writes a file whole or not at all, with the given permissions. An existing file
// is replaced only where force is set; a link is never followed to its target.
func writeFile(name string, data []byte, force bool, mode fs.FileMode) (err error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return errors.New("it is a folder")
	}
	f, err := os.CreateTemp(filepath.Dir(name), unfinished(name))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if err := f.Chmod(mode); err != nil {
		return errors.Join(err, f.Close())
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	if force {
		return os.Rename(f.Name(), name)
	}
	// A link fails where the name is taken, with no moment in which it could be lost.
	if err := os.Link(f.Name(), name); err != nil {
		return err
	}
	return os.Remove(f.Name())
}

// unfinished is the pattern of the files that become a file once they are whole.
func unfinished(name string) string { return ".doseplan-" + filepath.Base(name) + "-*" }

// sweep removes what a writer of a file left behind that was killed. Only who has the lock of
// the file may call it.
func sweep(name string) {
	left, err := filepath.Glob(filepath.Join(filepath.Dir(name), unfinished(name)))
	if err != nil {
		return // a name with the marks of a pattern: nothing is swept
	}
	for _, file := range left {
		_ = os.Remove(file) // what cannot be removed does no harm to the course
	}
}

// readFile reads a file of the user, or stdin for "-", up to a limit.
func (a *app) readFile(name string, limit int64) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(a.env.In, limit+1))
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a folder")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

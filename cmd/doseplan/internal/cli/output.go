package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/store"
)

// writeResult writes a result to a file, or to stdout where the name is "" or "-". The
// result is made whole before anything is written.
func (a *app) writeResult(name string, force bool, data []byte) error {
	if name == "" || name == "-" {
		return a.print(string(data))
	}
	return cannotWrite(name, store.Write(name, data, force, 0o600))
}

// cannotWrite says that a file could not be written, or returns nil where there is no error.
func cannotWrite(name string, err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		err = errors.New("it exists; --force replaces it")
	case errors.As(err, &pe):
		err = pe.Err
	case errors.As(err, &le):
		err = le.Err
	}
	return unwritable(name, err)
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

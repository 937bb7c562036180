package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/store"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/compare"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
)

// A kept is the text of a protocol as it was when a course began to follow it. It is kept beside
// the course, in .doseplan/SHA-256, so that doses that were planned under it can be planned so
// again, whatever becomes of the file.
type kept struct {
	folder, sum string
	texts       map[string][]byte // "protocol.yaml", and the protocols that it extends
	protocol    *protocol.Protocol
}

// keptName is the name of the file under which a base is kept.
func keptName(name string) string {
	return "base " + strings.NewReplacer("/", " ", `\`, " ", ":", " ").Replace(name) + ".yaml"
}

func keptFolder(folder, sum string) string { return filepath.Join(folder, ".doseplan", sum) }

func (k *kept) write() error {
	folder := keptFolder(k.folder, k.sum)
	return cannotWrite(folder, store.Keep(folder, k.texts))
}

// pinOf names a protocol as it is now. Paths are kept relative to the folder of the course.
func pinOf(files *fileSet, id, folder string) (ledger.Pin, *kept, error) {
	file, text, err := files.protocol(id)
	if err != nil {
		return ledger.Pin{}, nil, err
	}
	k := &kept{folder: folder, texts: map[string][]byte{"protocol.yaml": text}}
	p, found := protocol.Decode(file, text, func(name, from string) (string, []byte, error) {
		file, text, err := files.resolve(name, from)
		k.texts[keptName(name)] = text
		return file, text, err
	})
	if found.HasErrors() {
		return ledger.Pin{}, nil, &outcome{exitUsage, found, files.text}
	}
	k.sum, k.protocol = p.Origin.Fingerprint(), p
	if isPath(id) {
		if rel, err := filepath.Rel(folder, id); err == nil {
			id = filepath.ToSlash(rel)
		}
		if !isPath(id) {
			id = "./" + id
		}
	}
	return ledger.Pin{ID: id, Version: p.Version, SHA256: k.sum}, k, nil
}

// protocol finds the protocol of a pin as it was: the file, where it is the same still, or else the
// text that is kept beside the course.
func (f *courseFile) protocol(pin ledger.Pin) (*protocol.Protocol, diag.List) {
	now, found := f.present(pin)
	if now != nil && now.Origin.Fingerprint() == pin.SHA256 {
		return now, nil
	}
	was := f.keptProtocol(pin.SHA256)
	if was == nil {
		if now == nil {
			return nil, found
		}
		found = nil
		found.Add(diag.TextLost, pin.Range, "put the file back as it was, or follow it as it is with `doseplan course protocol FILE "+pin.ID+"`",
			"the protocol “%s” is %s (%.12s…) now, the course follows %s (%.12s…), and that text cannot be read beside the course: what was recorded is shown by the present text, and all that lies ahead is held",
			pin.ID, now.Version, now.Origin.Fingerprint(), pin.Version, pin.SHA256)
		return now, found
	}
	broken := firstError(found)
	found = nil
	if now == nil && broken != nil && broken.Code != diag.UnknownName && f.newest(pin.ID).SHA256 == pin.SHA256 {
		found.Add(diag.ProtocolChanged, pin.Range, "mend the file and follow it with `doseplan course protocol FILE "+pin.ID+"`, or go on as it was",
			"the protocol “%s” has changed and cannot be read (%s), and the course follows %s (%.12s…), as it is kept beside the course", pin.ID, broken.Message, pin.Version, pin.SHA256).Severity = diag.Warning
	}
	if now != nil && f.newest(pin.ID).SHA256 == pin.SHA256 {
		d := found.Add(diag.ProtocolChanged, pin.Range, changedSince(was, now)+"; follow it with `doseplan course protocol FILE "+pin.ID+"`, or go on as it was",
			"the protocol “%s” is %s (%.12s…) now, and the course follows %s (%.12s…), as it is kept beside the course", pin.ID, now.Version, now.Origin.Fingerprint(), pin.Version, pin.SHA256)
		d.Severity = diag.Warning
	}
	return was, found
}

// firstError returns the first error of a list; nil for none.
func firstError(found diag.List) *diag.Diagnostic {
	i := slices.IndexFunc(found, func(d diag.Diagnostic) bool { return d.Severity >= diag.Error })
	if i < 0 {
		return nil
	}
	return &found[i]
}

// newest returns the last pin of a protocol that the course names.
func (f *courseFile) newest(id string) (last ledger.Pin) {
	for _, p := range f.pins() {
		if p.ID == id {
			last = p
		}
	}
	return last
}

// pins returns the protocols that the course names, in the order in which it does.
func (f *courseFile) pins() []ledger.Pin {
	list := []ledger.Pin{f.course.Treatment.Protocol}
	for i := range f.course.Alongside {
		list = append(list, f.course.Alongside[i].Protocol)
	}
	struck := f.course.Struck(civil.Date{})
	for i := range f.course.Entries {
		if struck[f.course.Entries[i].Number] != 0 {
			continue
		}
		switch a := f.course.Entries[i].Act.(type) {
		case *ledger.Switch:
			list = append(list, a.Treatment.Protocol)
		case *ledger.Add:
			list = append(list, a.Treatment.Protocol)
		case *ledger.Accept:
			list = append(list, a.Pin)
		}
	}
	return list
}

// present reads the protocol that a pin names as it is now.
func (f *courseFile) present(pin ledger.Pin) (*protocol.Protocol, diag.List) {
	name := pin.ID
	var found diag.List
	if isPath(name) {
		path, err := f.files.allowed(name, f.name)
		if err != nil {
			found.Add(diag.UnknownName, pin.Range, "keep protocol files below the folder of the course, the present folder or a folder of the setting `protocols`", "the protocol “%s” cannot be read: %v", name, err)
			return nil, found
		}
		name = path
	}
	p, found, err := f.decode(name)
	if err != nil {
		found.Add(diag.UnknownName, pin.Range, "put it back; or, where the course was copied, bring the folder `.doseplan` beside it along, which keeps the texts that it follows", "the protocol “%s” cannot be found", pin.ID)
	}
	if found.HasErrors() {
		return nil, found
	}
	return p, nil
}

// allowed returns the path of a protocol file that another file names: a regular file with the
// extension of one, below the folder of that file, the present folder or one of the settings.
func (f *fileSet) allowed(name, from string) (string, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(from), name)
	}
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".json":
	default:
		return "", fmt.Errorf("it has not the extension of a protocol file")
	}
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", fmt.Errorf("it does not exist, or may not be read")
	}
	if info, err := os.Stat(target); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("it is not a regular file")
	}
	if !own(target) {
		return "", fmt.Errorf("it is not a protocol file")
	}
	for _, folder := range append([]string{filepath.Dir(from), "."}, f.folders...) {
		if below(folder, target) {
			return name, nil
		}
	}
	return "", fmt.Errorf("it lies outside the folders that are allowed")
}

// below reports whether a file lies below a folder, links followed.
func below(folder, target string) bool {
	base, err := filepath.EvalSymlinks(folder)
	if err == nil {
		base, err = filepath.Abs(base)
	}
	if err != nil {
		return false
	}
	if target, err = filepath.Abs(target); err != nil {
		return false
	}
	rel, err := filepath.Rel(base, target)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// decode reads a protocol, once for all the courses that follow it.
func (f *courseFile) decode(name string) (*protocol.Protocol, diag.List, error) {
	type decoded struct {
		p     *protocol.Protocol
		found diag.List
		text  []byte
	}
	cache := &f.files.app.decoded
	if d, ok := cache.Load(name); ok {
		d := d.(decoded)
		if d.p != nil {
			f.files.texts[d.p.Range.File] = d.text
		}
		return d.p, d.found, nil
	}
	file, text, err := f.files.protocol(name)
	if err != nil {
		return nil, nil, err
	}
	p, found := protocol.Decode(file, text, f.files.resolve)
	cache.Store(name, decoded{p, found, text})
	return p, found, nil
}

// keptProtocol reads a protocol as it was, or returns nil.
func (f *courseFile) keptProtocol(sum string) *protocol.Protocol {
	if strings.ContainsFunc(sum, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }) {
		return nil
	}
	folder := keptFolder(filepath.Dir(f.name), sum)
	if p, ok := f.files.app.decoded.Load(folder); ok {
		return p.(*protocol.Protocol)
	}
	read := func(name string) ([]byte, error) { return store.Read(filepath.Join(folder, name), source.MaxBytes) }
	text, err := read("protocol.yaml")
	if err != nil {
		return nil
	}
	p, found := protocol.Decode("protocol.yaml", text, func(name, _ string) (string, []byte, error) {
		text, err := read(keptName(name))
		return name, text, err
	})
	if found.HasErrors() || p.Origin.Fingerprint() != sum {
		return nil
	}
	f.files.app.decoded.Store(folder, p)
	return p
}

// changedSince says what changed in a protocol since a course began to follow it.
func changedSince(was, now *protocol.Protocol) string {
	var lines []string
	changes := compare.Protocols(was, now)
	for i := range changes {
		c := &changes[i]
		lines = append(lines, fmt.Sprintf("%s: %s → %s", c.Path(), or(c.Before.Text, "nothing"), or(c.After.Text, "nothing")))
	}
	if len(lines) == 0 {
		return "nothing changed in its meaning"
	}
	return "what changed: " + strings.Join(lines, "; ")
}

func or(text, empty string) string {
	if text == "" {
		return empty
	}
	return text
}

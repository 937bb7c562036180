package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// listFormats are the formats of `protocols`.
var listFormats = []string{"text", "json"}

type listOptions struct {
	admit                         bool
	format, model, setting, route string
}

func (o *listOptions) flags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.BoolVar(&o.admit, "admit", false, "say which of them admit a patient, refuse it, or ask something first")
	f.StringVar(&o.model, "model", "", "only those of a model: intensive, low-dose, microdose, other")
	f.StringVar(&o.setting, "setting", "", "only those of a setting: clinic, home")
	f.StringVar(&o.route, "route", "", "only those that can be given by a route")
	f.StringVarP(&o.format, "format", "f", "text", "format: "+join(listFormats))
	for _, s := range settings {
		switch {
		case !s.ofPatient():
		case s.list:
			f.StringArray(s.key, nil, s.usage)
		default:
			f.VarP(&once{}, s.key, s.short, usageOf(s))
		}
	}
}

// check refuses filters that nothing can pass.
func (o *listOptions) check() error {
	for _, w := range []struct {
		flag, value string
		words       []string
	}{
		{"model", o.model, []string{string(protocol.Intensive), string(protocol.LowDose), string(protocol.Microdose), string(protocol.Other)}},
		{"setting", o.setting, []string{string(protocol.Clinic), string(protocol.Home)}},
		{"route", o.route, protocol.RouteNames()},
		{"format", o.format, listFormats},
	} {
		value := w.value
		if w.flag == "route" {
			value = protocol.ParseRoute(value)
		}
		if value != "" && !slices.Contains(w.words, value) {
			return usage(diag.DidYouMean(w.value, w.words), "--%s: “%s” is none of: %s", w.flag, w.value, join(w.words))
		}
	}
	return nil
}

// passes reports whether a protocol passes the filters.
func (o *listOptions) passes(p *protocol.Protocol) bool {
	if o.model != "" && string(p.Model) != o.model || o.setting != "" && string(p.Setting) != o.setting {
		return false
	}
	return o.route == "" || slices.ContainsFunc(p.Medications, func(m protocol.Medication) bool {
		_, ok := m.Route(protocol.ParseRoute(o.route))
		return ok
	})
}

// admitted is a protocol, and whether it admits the patient.
type admitted struct {
	*protocol.Protocol
	eligibility.Admission
}

// admit prints which protocols admit a patient. It recommends none.
func (a *app) admit(o *listOptions) error {
	files := a.files()
	pat, found, err := a.readPatient(a.settings, files)
	if err != nil {
		return err
	}
	if found.HasErrors() {
		return &outcome{exitUsage, found, files.text}
	}
	var list []admitted
	var broken []string
	for _, id := range files.ids() {
		file, text, err := files.byID(id)
		if errors.As(err, new(*sameIDError)) {
			broken = append(broken, id)
			continue
		}
		if err != nil {
			return unreadable(id, err)
		}
		p, found := protocol.Decode(file, text, files.resolve)
		switch {
		case found.HasErrors():
			broken = append(broken, id)
		case o.passes(p):
			list = append(list, admitted{p, eligibility.Admit(p, pat)})
		}
	}
	var out bytes.Buffer
	if o.format == "json" {
		if err := admitJSON(&out, pat, list, broken); err != nil {
			return err
		}
		return a.print(out.String())
	}
	a.admitText(&out, pat, list, broken)
	return a.print(out.String())
}

func (a *app) admitText(out *bytes.Buffer, pat *patient.Patient, list []admitted, broken []string) {
	if pat.ID != "" {
		fmt.Fprintf(out, "patient %s\n\n", pat.ID)
	}
	for _, group := range []struct {
		verdict eligibility.Verdict
		heading string
	}{
		{eligibility.Admitted, "Admitted"}, {eligibility.ToConfirm, "To confirm"}, {eligibility.Refused, "Refused"},
	} {
		n := 0
		for i := range list {
			if list[i].Verdict == group.verdict {
				n++
			}
		}
		fmt.Fprintf(out, "%s: %d\n", group.heading, n)
		for i := range list {
			if list[i].Verdict == group.verdict {
				a.admitOne(out, &list[i])
			}
		}
		out.WriteByte('\n')
	}
	if len(broken) > 0 {
		hanging(out, "", "With errors, and not judged: "+strings.Join(broken, ", "), a.width())
		out.WriteByte('\n')
	}
	hanging(out, "", "This recommends nothing. It says what the populations and contraindications of these files refuse, and what they ask; which protocol suits is the clinician's to judge.", a.width())
}

// admitOne prints one protocol: its id, whether it is published, its title, and why.
func (a *app) admitOne(out *bytes.Buffer, p *admitted) {
	hanging(out, "  ", fmt.Sprintf("%s (%s, %s): %s", p.ID, p.Status, p.Setting, p.Title), a.width())
	for _, d := range append(slices.Clone(p.Refusals), p.Warnings...) {
		text := d.Message
		if d.Range.IsSet() {
			text = d.Range.String() + ": " + text
		}
		if d.Private != "" {
			text += "; " + d.Private
		}
		hanging(out, "      - ", text, a.width())
	}
	if len(p.Questions) > 0 && p.Verdict != eligibility.Refused {
		hanging(out, "      ? ", strings.Join(questions(p.Questions), " · "), a.width())
	}
}

func questions(list []eligibility.Question) []string {
	out := make([]string, len(list))
	for i, q := range list {
		out[i] = q.String()
	}
	return out
}

// admitJSON writes the same as one document.
func admitJSON(out *bytes.Buffer, pat *patient.Patient, list []admitted, broken []string) error {
	type reason struct {
		Code    diag.Code `json:"code"`
		Message string    `json:"message"`
		Stated  string    `json:"stated,omitempty"`
		At      string    `json:"at,omitempty"`
	}
	type one struct {
		ID        string   `json:"id"`
		Title     string   `json:"title"`
		Status    string   `json:"status"`
		Model     string   `json:"model"`
		Setting   string   `json:"setting"`
		Verdict   string   `json:"verdict"`
		Refused   []reason `json:"refused_by,omitempty"`
		Weigh     []reason `json:"to_weigh,omitempty"`
		ToConfirm []string `json:"to_confirm,omitempty"`
	}
	reasons := func(list diag.List) (out []reason) {
		for _, d := range list {
			out = append(out, reason{d.Code, d.Message, d.Private, d.Range.String()})
		}
		return out
	}
	doc := struct {
		Format    int      `json:"format"`
		Patient   string   `json:"patient,omitempty"`
		Protocols []one    `json:"protocols"`
		Broken    []string `json:"with_errors,omitempty"`
	}{1, pat.ID, []one{}, broken}
	for i := range list {
		p := &list[i]
		doc.Protocols = append(doc.Protocols, one{p.ID, p.Title, string(p.Status), string(p.Model), string(p.Setting), p.Verdict.String(), reasons(p.Refusals), reasons(p.Warnings), questions(p.Questions)})
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

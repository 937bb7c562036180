package dose

import (
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/lab"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// Measured returns the value of a measurement that doses for a patient follow from, as a bare number in
// its unit: as the patient's file states it, or else by its formula or what holds until it is measured, and no more than the
// highest that counts. The error is a *patient.Missing or a *patient.Undefined.
func Measured(p *protocol.Protocol, m *protocol.Measurement, pat *patient.Patient) (value, counts quantity.Amount, err error) {
	return measured(&working{}, p, m, pat)
}

// Working is Measured with how the value comes about; the steps are none where it is stated, in its unit.
func Working(p *protocol.Protocol, m *protocol.Measurement, pat *patient.Patient) (steps []Step, err error) {
	w := working{read: true}
	_, _, err = measured(&w, p, m, pat)
	return w.steps, err
}

// measured is Measured that notes how it goes on.
func measured(w *working, p *protocol.Protocol, m *protocol.Measurement, pat *patient.Patient) (value, counts quantity.Amount, err error) {
	stated := pat.Measurement(m.Name)
	switch {
	case stated.IsSet():
		in := lab.Value.In
		if rule, ok := p.Creatinine(); ok && rule == m {
			in = lab.CreatinineIn
		}
		number, ok := in(stated, m.Unit)
		if !ok {
			return number, number, &patient.Undefined{Reason: "the patient's " + m.Name + " is stated in " + stated.Unit + ", and the protocol needs it in " + m.Unit, Help: "state it in " + m.Unit}
		}
		value = number
		if stated.Unit != m.Unit {
			w.note(func() Step { return step(m.Range, "%s as stated, %v = %v %s", m.Name, stated, value, m.Unit) })
		}
	case m.Until.IsSet():
		value = m.Until
		w.note(func() Step { return step(m.Range, "%s not yet measured: taken as %v %s", m.Name, m.Until, m.Unit) })
	case m.Formula == "":
		return value, value, &patient.Missing{Key: m.Name, Measured: true}
	default:
		if value, err = clearance(w, p, m, pat); err != nil {
			return value, value, err
		}
	}
	counts = value
	if m.Max.IsSet() && value.Cmp(m.Max) > 0 {
		counts = m.Max
		w.note(func() Step {
			return step(m.Range, "%s %v %s, more than the highest that counts: %v %s", m.Name, value, m.Unit, counts, m.Unit)
		})
	}
	return value, counts, nil
}

// clearance computes what a formula makes of the creatinine, in its unit.
func clearance(w *working, p *protocol.Protocol, m *protocol.Measurement, pat *patient.Patient) (value quantity.Amount, err error) {
	rule, _ := p.Creatinine()
	stated := pat.Measurement(rule.Name)
	if !stated.IsSet() {
		return value, &patient.Missing{Key: rule.Name, Measured: true}
	}
	creatinine, ok := lab.Creatinine(stated)
	if !ok {
		return value, &patient.Undefined{Reason: "the patient's " + rule.Name + " is stated in " + stated.Unit + ", and the formula needs it in mg/dL or umol/L", Help: "state it in mg/dL or umol/L"}
	}
	converted := func() {
		form := "%s %v ÷ 88.4 = %v mg/dL"
		if _, grams := stated.In("mg/dL"); grams {
			form = "%s %v = %v mg/dL"
		}
		if stated.Unit != "mg/dL" {
			w.note(func() Step { return step(diag.Range{}, form, rule.Name, stated, creatinine) })
		}
	}
	if m.Formula == lab.Schwartz {
		if !pat.Height.IsSet() {
			return value, &patient.Missing{Key: "height"}
		}
		if value, ok = lab.Filtration(pat.Height, creatinine); !ok {
			return value, &patient.Undefined{Reason: "Schwartz's formula says nothing of a patient of this creatinine", Help: "state the rate itself"}
		}
		converted()
		w.note(func() Step {
			return step(m.Range, "%s (Schwartz) 0.413 × %v ÷ %v mg/dL = %v %s", m.Name, pat.Height.In(quantity.Centimetre), creatinine, value, m.Unit)
		})
		return value, nil
	}
	age, _, ok := pat.Age(pat.Start)
	switch {
	case !ok:
		return value, &patient.Missing{Key: "age"}
	case pat.Sex == "":
		return value, &patient.Missing{Key: "sex"}
	}
	kg, err := weigh(w, &protocol.Amount{Weight: m.Weight, Range: m.Range}, pat)
	if err != nil {
		return value, err
	}
	if value, ok = lab.Clearance(age.Years(), kg, creatinine, pat.Sex == patient.Female); !ok {
		return value, &patient.Undefined{Reason: "the formula of Cockcroft and Gault says nothing of a patient of this age and creatinine", Help: "state the clearance itself"}
	}
	converted()
	w.note(func() Step {
		form := "%s (Cockcroft-Gault) (140 − %d) × %v ÷ (72 × %v mg/dL) = %v mL/min"
		if pat.Sex == patient.Female {
			form = "%s (Cockcroft-Gault) (140 − %d) × %v ÷ (72 × %v mg/dL) × 0.85 = %v mL/min"
		}
		return step(m.Range, form, m.Name, age, kg, creatinine, value)
	})
	return value, nil
}

// ofMeasurement computes a dose that rises with a measurement.
func (r *resolver) ofMeasurement(c *protocol.Measured) node {
	m, _ := r.p.Measurement(c.Of)
	w := working{read: r.read}
	_, counts, err := measured(&w, r.p, m, r.patient)
	if err != nil {
		r.cannot(err, m.Range)
		return r.leaf(c.Amount(m.Within.Min), nothing)
	}
	a := c.Amount(counts)
	path := len(r.path)
	r.path = append(r.path, w.steps...)
	n := r.leaf(a, func() Step {
		if c.AUC.IsSet() {
			return step(a.Range, "AUC %v × (%v mL/min + 25) = %v", c.AUC, counts, a.Quantity)
		}
		return step(a.Range, "%v of %s %v %s = %v", c.Share, m.Name, counts, m.Unit, a.Quantity)
	})
	r.path = r.path[:path]
	return n
}

// measurementValue returns the value that the bands of a measurement tell apart, its unit after a space, and how it came
// about.
func (r *resolver) measurementValue(c *protocol.ByCase) (value quantity.Amount, unit string, steps []Step, ok bool) {
	m, _ := r.p.Measurement(c.Of)
	w := working{read: r.read}
	_, counts, err := measured(&w, r.p, m, r.patient)
	if err != nil {
		r.cannot(err, c.Range)
		return value, "", nil, false
	}
	return counts, " " + m.Unit, w.steps, true
}

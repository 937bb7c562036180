package condition

import (
	"slices"
	"strings"
)

// usual are the conditions that protocols of this field ask about: the words that people use for them and for what
// belongs to them, in English, German, French and Spanish, and the categories of ICD-10 (WHO, and ICD-10-CM where
// that has others). They decide nothing: what a protocol does not name never counts as named. They find the rule that
// somebody may mean who writes other words than the protocol, so that it is asked for.
//
// A word stands for itself and for what begins with it where it ends in “*”.
var usual = [...]struct{ words, codes []string }{
	{[]string{"pregnan*", "gravid*", "trimester", "gestation*", "primigrav*", "multigrav*", "primipar*", "expecting", "with child", "hcg", "lmp", "missed period", "g1p*", "g2p*", "g3p*", "g4p*", "schwanger*", "grossesse", "enceinte", "embaraz*"}, []string{"O00-O99", "Z33-Z36", "Z3A"}},
	{[]string{"breastfe*", "breast fe*", "lactat*", "nursing", "postpartum", "stillen*", "stillt", "stillzeit", "allait*", "lactancia", "amamant*"}, []string{"Z39"}},
	{[]string{"hypertens*", "blood pressure", "bp", "htn", "bluthochdruck", "hyperton*", "hipertens*", "presión arterial", "presion arterial", "tension artérielle", "tension arterielle"}, []string{"I10-I16"}},
	{[]string{"psychos*", "psychot*", "schizo*", "delusion*", "hallucinat*", "paranoi*", "hearing voices", "hears voices", "heard voices", "thought disorder*", "wahn*", "halluzination*", "psicosis", "psicótic*", "esquizofren*", "délire", "hallucination*"}, []string{"F20-F29"}},
	{[]string{"mania", "manic*", "manie", "hypoman*", "bipolar*", "bipolair*", "maníac*"}, []string{"F30-F31"}},
	{[]string{"liver", "hepat*", "cirrho*", "jaundice", "nash", "nafld", "leber*", "zirrhose", "foie", "hígado", "higado", "hépat*", "cirrosis"}, []string{"K70-K77", "B15-B19"}},
	{[]string{"addict*", "substance use*", "substance abuse", "substance depend*", "drug use", "drug abuse", "drug depend*", "alcohol*", "opioid use", "opioid depend*", "cocaine", "heroin", "methamphetamine", "methadone", "buprenorphine", "naltrexone", "oud", "sud", "aud", "ivdu", "pwid", "sucht*", "abhängig*", "dépendance", "toxicoman*", "adicción", "dependencia"}, []string{"F10-F19"}},
	{[]string{"suicid*", "parasuicid*", "self harm*", "selfharm*", "si", "kill herself", "kill himself", "kill themsel*", "kill myself", "hang herself", "hang himself", "hang themsel*", "hanged", "overdos*", "want to die", "wants to die", "wanted to die", "wish to die", "wishes to die", "better off dead", "end her life", "end his life", "end their life", "cutting", "cut herself", "cut himself", "suizid*"}, []string{"R45.8", "T14.9", "X60-X84"}},
	{[]string{"heart", "cardiac", "angina", "myocardial", "coronary", "arrhythmia*", "atrial fibrillation", "tachycardia", "cardiovascular", "chf", "hf", "ccf", "hfref", "hfpef", "cad", "ihd", "acs", "nstemi", "stemi", "afib", "svt", "herz*", "cardiaque", "infarct*", "infarkt*", "corazón", "cardíac*", "infarto"}, []string{"I20-I25", "I30-I52"}},
	{[]string{"aneurysm*", "aaa", "taa", "anévr*", "aneurisma*"}, []string{"I71-I72", "I67.1"}},
	{[]string{"arteriovenous", "avm", "arteriovenös*"}, []string{"Q27.3", "Q28"}},
	{[]string{"intracerebral", "intracranial", "brain bleed*", "cerebral haemorrhag*", "cerebral hemorrhag*", "haemorrhagic stroke", "hemorrhagic stroke", "stroke", "ich", "sah", "cva", "schlaganfall", "hirnblutung", "avc", "ictus"}, []string{"I60-I64"}},
	{[]string{"glaucoma", "intraocular", "glaukom"}, []string{"H40-H42"}},
	{[]string{"thyrotox*", "hyperthyr*", "thyroid storm"}, []string{"E05"}},
	{[]string{"epilep*", "seizure*", "convulsion*"}, []string{"G40-G41", "R56"}},
	{[]string{"kidney*", "renal", "nephro*", "dialysis", "ckd", "esrd", "aki", "niere*", "rénal*", "riñón"}, []string{"N17-N19"}},
	{[]string{"cystitis", "bladder", "blase*", "zystitis"}, []string{"N30"}},
	{[]string{"dementia", "alzheimer*", "demenz", "démence"}, []string{"F00-F03", "G30"}},
	{[]string{"delirium"}, []string{"F05"}},
	{[]string{"maoi*", "monoamine oxidase*", "tranylcypromine", "parnate", "phenelzine", "nardil", "isocarboxazid", "marplan", "moclobemide", "selegiline", "rasagiline", "safinamide", "linezolid", "zyvox"}, nil},
	{[]string{"benzodiazepine*", "lorazepam", "diazepam", "alprazolam", "clonazepam", "temazepam", "oxazepam", "midazolam"}, nil},
	{[]string{"hypoglyc*", "low blood sugar", "hypo", "hypos"}, []string{"E16"}},
	{[]string{"bleed*", "bled", "haemorrhag*", "hemorrhag*", "melaena", "melena", "haematemesis", "hematemesis", "blutung*", "saignement*", "hémorrag*", "sangrado*", "hemorragia*"}, []string{"K92", "R58", "I60-I62"}},
	{[]string{"tuberculos*", "tuberculous", "tb", "tbc", "mtb", "tuberkulose"}, []string{"A15-A19"}},
	{[]string{"ketoacid*", "dka", "ketoazidose"}, []string{"E10.1", "E11.1"}},
	{[]string{"type 1 diab*", "type i diab*", "t1dm", "t1d", "iddm", "juvenile diabetes"}, []string{"E10"}},
	{[]string{"antiphosph*", "aps", "lupus anticoagulant"}, []string{"D68.6"}},
	{[]string{"mechanical valve", "mechanical heart valve", "prosthetic valve", "prosthetic heart valve", "valve replacement", "artificial heart valve"}, []string{"Z95.2"}},
	{[]string{"sepsis", "septic*", "septicaem*", "septicem*", "severe infection"}, []string{"A40-A41"}},
	{[]string{"medullary thyroid", "mtc", "men2", "men 2"}, []string{"C73"}},
	{[]string{"pancreatit*", "pankreatitis"}, []string{"K85-K86"}},
	{[]string{"long qt", "lqts", "qt prolong*", "prolonged qt*", "torsade*"}, []string{"I45.8"}},
	{[]string{"hypocalc*", "low calcium"}, []string{"E83.5"}},
	{[]string{"neutropen*", "agranulocyt*"}, []string{"D70"}},
}

// usualOf returns the usual conditions that a term is of, a bit for each.
func usualOf(term string) (set uint64) {
	coded := codes(term)
	text := " " + strings.Join(strings.FieldsFunc(strings.ToLower(term), notWord), " ") + " "
	for i := range usual {
		for _, w := range usual[i].words {
			if stem, open := strings.CutSuffix(w, "*"); open && strings.Contains(text, " "+stem) || !open && strings.Contains(text, " "+w+" ") {
				set |= 1 << i
			}
		}
		for _, c := range usual[i].codes {
			if known, ok := ParseCode("ICD-10 " + c); ok && slices.ContainsFunc(coded, known.Covers) {
				set |= 1 << i
			}
		}
	}
	return set
}

// Disagree returns a code among terms that is one of a usual condition, and a word among them that is of others alone.
func Disagree(terms []string) (code, word string, ok bool) {
	var coded, worded uint64
	for _, t := range terms {
		set := usualOf(t)
		if len(codes(t)) > 0 {
			if code == "" {
				code = t
			}
			coded |= set
		} else {
			if word == "" && set != 0 {
				word = t
			}
			worded |= set
		}
	}
	return code, word, coded != 0 && worded != 0 && coded&worded == 0
}

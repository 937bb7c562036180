package fhir

import "encoding/json"

// The structs here are the parts of FHIR R4 resources that are written, each with its keys in
// the order of the specification. Fields that are empty are left out.

// A number is a decimal as it is printed: FHIR keeps the digits of a decimal.
type number string

// MarshalJSON writes the digits as they are.
func (n number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// Head is what every resource begins with.
type head struct {
	ResourceType string     `json:"resourceType"`
	ID           string     `json:"id"`
	Text         *narrative `json:"text,omitempty"`
}

type narrative struct {
	Status string `json:"status"`
	Div    string `json:"div"`
}

type bundle struct {
	ResourceType string  `json:"resourceType"`
	ID           string  `json:"id"`
	Type         string  `json:"type"`
	Entry        []entry `json:"entry"`
}

type entry struct {
	FullURL  string `json:"fullUrl"`
	Resource any    `json:"resource"`
}

type coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

type concept struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

type reference struct {
	Reference  string      `json:"reference,omitempty"`
	Identifier *identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

type identifier struct {
	System string `json:"system,omitempty"`
	Value  string `json:"value"`
}

type amount struct {
	Value  number `json:"value"`
	Unit   string `json:"unit,omitempty"`
	System string `json:"system,omitempty"`
	Code   string `json:"code,omitempty"`
}

type ratio struct {
	Numerator   amount `json:"numerator"`
	Denominator amount `json:"denominator"`
}

type extension struct {
	URL          string `json:"url"`
	ValueBoolean *bool  `json:"valueBoolean,omitempty"`
	ValueCode    string `json:"valueCode,omitempty"`
}

// An aside is what stands beside a primitive value: its extensions.
type aside struct {
	Extension []extension `json:"extension"`
}

type period struct {
	Start  string `json:"start,omitempty"`
	Start_ *aside `json:"_start,omitempty"`
	End    string `json:"end,omitempty"`
}

type timing struct {
	Event  []string `json:"event,omitempty"`
	Repeat *repeat  `json:"repeat,omitempty"`
	Code   *concept `json:"code,omitempty"`
}

type repeat struct {
	Extension      []extension `json:"extension,omitempty"`
	BoundsDuration *amount     `json:"boundsDuration,omitempty"`
	BoundsPeriod   *period     `json:"boundsPeriod,omitempty"`
	Count          int         `json:"count,omitempty"`
	Frequency      int         `json:"frequency,omitempty"`
	Period         int         `json:"period,omitempty"`
	PeriodUnit     string      `json:"periodUnit,omitempty"`
	DayOfWeek      []string    `json:"dayOfWeek,omitempty"`
	TimeOfDay      []string    `json:"timeOfDay,omitempty"`
}

type dosage struct {
	Sequence                 int           `json:"sequence"`
	Text                     string        `json:"text"`
	AdditionalInstruction    []concept     `json:"additionalInstruction,omitempty"`
	Timing                   *timing       `json:"timing,omitempty"`
	AsNeededBoolean          *bool         `json:"asNeededBoolean,omitempty"`
	AsNeededCodeableConcept  *concept      `json:"asNeededCodeableConcept,omitempty"`
	Site                     *concept      `json:"site,omitempty"`
	Route                    *concept      `json:"route,omitempty"`
	DoseAndRate              []doseAndRate `json:"doseAndRate,omitempty"`
	MaxDosePerPeriod         *ratio        `json:"maxDosePerPeriod,omitempty"`
	MaxDosePerAdministration *amount       `json:"maxDosePerAdministration,omitempty"`
}

type doseAndRate struct {
	DoseQuantity *amount `json:"doseQuantity,omitempty"`
	RateRatio    *ratio  `json:"rateRatio,omitempty"`
}

type annotation struct {
	Text string `json:"text"`
}

type patient struct {
	head
	Identifier []identifier `json:"identifier,omitempty"`
}

type medicationRequest struct {
	head
	Identifier            []identifier `json:"identifier,omitempty"`
	Status                string       `json:"status"`
	StatusReason          *concept     `json:"statusReason,omitempty"`
	Intent                string       `json:"intent"`
	Medication            concept      `json:"medicationCodeableConcept"`
	Subject               reference    `json:"subject"`
	SupportingInformation []reference  `json:"supportingInformation,omitempty"`
	InstantiatesCanonical []string     `json:"instantiatesCanonical,omitempty"`
	BasedOn               []reference  `json:"basedOn,omitempty"`
	Note                  []annotation `json:"note,omitempty"`
	DosageInstruction     []dosage     `json:"dosageInstruction"`
	DetectedIssue         []reference  `json:"detectedIssue,omitempty"`
}

type administration struct {
	head
	Identifier   []identifier         `json:"identifier,omitempty"`
	Status       string               `json:"status"`
	Medication   concept              `json:"medicationCodeableConcept"`
	Subject      reference            `json:"subject"`
	Effective    string               `json:"effectiveDateTime"`
	Note         []annotation         `json:"note,omitempty"`
	Dosage       administrationDosage `json:"dosage"`
	EventHistory []reference          `json:"eventHistory,omitempty"`
}

type administrationDosage struct {
	Text  string   `json:"text"`
	Route *concept `json:"route,omitempty"`
	Dose  amount   `json:"dose"`
}

type carePlan struct {
	head
	Identifier            []identifier `json:"identifier,omitempty"`
	InstantiatesCanonical []string     `json:"instantiatesCanonical,omitempty"`
	Status                string       `json:"status"`
	Intent                string       `json:"intent"`
	Title                 string       `json:"title"`
	Description           string       `json:"description,omitempty"`
	Subject               reference    `json:"subject"`
	Period                *period      `json:"period,omitempty"`
	SupportingInfo        []reference  `json:"supportingInfo,omitempty"`
	Activity              []activity   `json:"activity,omitempty"`
	Note                  []annotation `json:"note,omitempty"`
}

type activity struct {
	Reference reference `json:"reference"`
}

type serviceRequest struct {
	head
	Identifier            []identifier `json:"identifier,omitempty"`
	InstantiatesCanonical []string     `json:"instantiatesCanonical,omitempty"`
	BasedOn               []reference  `json:"basedOn,omitempty"`
	Status                string       `json:"status"`
	Intent                string       `json:"intent"`
	Code                  concept      `json:"code"`
	OrderDetail           []concept    `json:"orderDetail,omitempty"`
	Subject               reference    `json:"subject"`
	OccurrenceDateTime    string       `json:"occurrenceDateTime,omitempty"`
	OccurrenceTiming      *timing      `json:"occurrenceTiming,omitempty"`
	LocationCode          []concept    `json:"locationCode,omitempty"`
	Note                  []annotation `json:"note,omitempty"`
}

type supplyRequest struct {
	head
	Identifier []identifier `json:"identifier,omitempty"`
	Status     string       `json:"status"`
	Item       concept      `json:"itemCodeableConcept"`
	Quantity   amount       `json:"quantity"`
	Occurrence string       `json:"occurrenceDateTime"`
	DeliverTo  reference    `json:"deliverTo"`
}

type detectedIssue struct {
	head
	Identifier []identifier `json:"identifier,omitempty"`
	Status     string       `json:"status"`
	Code       concept      `json:"code"`
	Patient    reference    `json:"patient"`
	Implicated []reference  `json:"implicated,omitempty"`
	Detail     string       `json:"detail"`
}

type provenance struct {
	head
	Target    []reference `json:"target"`
	Recorded  string      `json:"recorded,omitempty"`
	Recorded_ *aside      `json:"_recorded,omitempty"`
	Agent     []agent     `json:"agent"`
	Entity    []entity    `json:"entity"`
}

type agent struct {
	Type concept   `json:"type"`
	Who  reference `json:"who"`
}

type entity struct {
	Role string    `json:"role"`
	What reference `json:"what"`
}

type planDefinition struct {
	head
	URL             string            `json:"url"`
	Identifier      []identifier      `json:"identifier,omitempty"`
	Version         string            `json:"version"`
	Name            string            `json:"name"`
	Title           string            `json:"title"`
	Type            concept           `json:"type"`
	Status          string            `json:"status"`
	Experimental    bool              `json:"experimental"`
	Description     string            `json:"description,omitempty"`
	Usage           string            `json:"usage,omitempty"`
	RelatedArtifact []relatedArtifact `json:"relatedArtifact,omitempty"`
	Action          []action          `json:"action,omitempty"`
}

type relatedArtifact struct {
	Type     string      `json:"type"`
	Label    string      `json:"label,omitempty"`
	Display  string      `json:"display,omitempty"`
	Citation string      `json:"citation,omitempty"`
	URL      string      `json:"url,omitempty"`
	Document *attachment `json:"document,omitempty"`
	Resource string      `json:"resource,omitempty"`
}

type attachment struct {
	ContentType string `json:"contentType"`
	Data        []byte `json:"data"`
	Title       string `json:"title"`
}

type action struct {
	ID            string          `json:"id,omitempty"`
	Title         string          `json:"title"`
	Description   string          `json:"description,omitempty"`
	Condition     []condition     `json:"condition,omitempty"`
	RelatedAction []relatedAction `json:"relatedAction,omitempty"`
	TimingTiming  *timing         `json:"timingTiming,omitempty"`
	Code          []concept       `json:"code,omitempty"`
}

type condition struct {
	Kind       string     `json:"kind"`
	Expression expression `json:"expression"`
}

type expression struct {
	Description string `json:"description"`
	Language    string `json:"language"`
	Expression  string `json:"expression"`
}

type relatedAction struct {
	ActionID     string  `json:"actionId"`
	Relationship string  `json:"relationship"`
	Offset       *amount `json:"offsetDuration,omitempty"`
}

var _ json.Marshaler = number("")

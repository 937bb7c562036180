package diag

// A Code names a kind of finding. Codes are stable: a code is never given a new meaning.
// The first digit is the part of the tool that raises it: 1 the YAML text, 2 the words and
// types of the language, 3 the meaning of a protocol, 4 the patient, 5 the calendar and its
// limits, 6 the command line, 7 files of other formats.
type Code string

// The codes.
const (
	Syntax        Code = "DP101"
	DuplicateKey  Code = "DP102"
	NotUTF8       Code = "DP103"
	TooLarge      Code = "DP104"
	EmptyFile     Code = "DP105"
	ManyDocuments Code = "DP106"
	Alias         Code = "DP107"
	YAMLTrap      Code = "DP108"
	SilentNothing Code = "DP109"
	BadSilence    Code = "DP110"

	UnknownKey   Code = "DP201"
	MissingKey   Code = "DP202"
	WrongType    Code = "DP203"
	BadAmount    Code = "DP204"
	BadTime      Code = "DP205"
	BadFrequency Code = "DP206"
	UnsafeSig    Code = "DP207"
	BadWord      Code = "DP208"
	BadDose      Code = "DP209"
	BadVersion   Code = "DP210"
	KeysExclude  Code = "DP211"
	BadExtends   Code = "DP212"

	UnknownName     Code = "DP301"
	NoRounding      Code = "DP302"
	NotDispensable  Code = "DP303"
	TiersNotRising  Code = "DP304"
	BadOrder        Code = "DP305"
	TimesMismatch   Code = "DP306"
	NoEvidence      Code = "DP307"
	LimitUnit       Code = "DP308"
	OutsideCourse   Code = "DP309"
	NeverReached    Code = "DP310"
	WindowTooWide   Code = "DP311"
	Unused          Code = "DP312"
	Unbounded       Code = "DP313"
	CanBreakLimit   Code = "DP314"
	CannotBeGiven   Code = "DP315"
	GateTooLate     Code = "DP316"
	NoDrivingRule   Code = "DP317"
	NoSingleLimit   Code = "DP318"
	HomeRequirement Code = "DP319"
	NotDivisible    Code = "DP320"
	LooseLimit      Code = "DP321"
	SplitDays       Code = "DP322"
	OddPopulation   Code = "DP323"
	CoarseRounding  Code = "DP324"
	NoNextDose      Code = "DP325"
	NotProved       Code = "DP326"
	TooOften        Code = "DP327"
	MedicineCode    Code = "DP328"
	NoInterval      Code = "DP329"
	LongInfusion    Code = "DP330"
	OddFigure       Code = "DP331"
	LateTooNear     Code = "DP332"
	Loosened        Code = "DP333"
	PartlyGated     Code = "DP334"
	PartlyCovered   Code = "DP335"
	Undecided       Code = "DP336"
	ExampleFails    Code = "DP340"
	NoExample       Code = "DP341"
	NotCited        Code = "DP342"
	TwoReadings     Code = "DP343"
	UnusualUse      Code = "DP344"

	BadPatient       Code = "DP401"
	MissingPatient   Code = "DP402"
	OutsideRange     Code = "DP403"
	Contraindicated  Code = "DP404"
	RelativeContra   Code = "DP405"
	ToConfirm        Code = "DP406"
	FormulaUndefined Code = "DP407"
	HighAcuity       Code = "DP408"
	NearBound        Code = "DP409"
	Unmatched        Code = "DP410"
	TemplateFigures  Code = "DP411"
	NoTimeZone       Code = "DP412"
	LocalFigures     Code = "DP413"
	OnRecord         Code = "DP414"
	NotShipped       Code = "DP415"
	SameID           Code = "DP416"

	SingleDoseLimit Code = "DP501"
	RollingLimit    Code = "DP502"
	IntervalLimit   Code = "DP503"
	CountLimit      Code = "DP504"
	NoDose          Code = "DP505"
	NoPlacement     Code = "DP506"
	TooLong         Code = "DP507"
	LimitOverridden Code = "DP508"
	BadEntry        Code = "DP509"
	ProtocolChanged Code = "DP510"
	LateDose        Code = "DP511"
	LateStart       Code = "DP512"
	EveningStart    Code = "DP513"
	OddJoin         Code = "DP514"
	BeforeGate      Code = "DP515"
	NoDoses         Code = "DP516"
	DoubleDose      Code = "DP517"
	NotValidated    Code = "DP518"
	HeldByLimit     Code = "DP519"
	GivenPastGate   Code = "DP520"
	HeldFor         Code = "DP521"
	OddEntry        Code = "DP522"
	NotGiven        Code = "DP523"
	OtherTime       Code = "DP524"
	TextLost        Code = "DP525"
	Lapsed          Code = "DP526"
	RelatedMedicine Code = "DP527"
	AgesOut         Code = "DP528"
	Displaced       Code = "DP529"
	CannotMake      Code = "DP530"
	CourseEnded     Code = "DP531"
	OnHold          Code = "DP532"
	Restarted       Code = "DP533"
	OtherPhases     Code = "DP534"
	FewerGiven      Code = "DP535"
	EveryConfirmed  Code = "DP536"
	Unaccompanied   Code = "DP537"
	LateSupply      Code = "DP538"
	ConfirmedLate   Code = "DP539"
	TakenAsDecided  Code = "DP540"
	OddStart        Code = "DP541"
	TakenAlready    Code = "DP542"
	Unled           Code = "DP543"

	Usage      Code = "DP601"
	Unreadable Code = "DP602"
	Unwritable Code = "DP603"
	Fault      Code = "DP604"
	Rejected   Code = "DP605"
	CutShort   Code = "DP606"
	TornEnd    Code = "DP607"
	NoEffect   Code = "DP608"
	StrictEnd  Code = "DP609"
	SharedFact Code = "DP610"

	NotFHIR     Code = "DP701"
	NotExpanded Code = "DP702"
	LeftOpen    Code = "DP703"
	AsNeeded    Code = "DP704"
	ToChoose    Code = "DP705"
	NotKept     Code = "DP706"
)

// An Entry documents a code.
type Entry struct {
	Code     Code
	Severity Severity
	Title    string // what it means, as a short clause
	Explain  string // a few sentences: why it matters and how to mend it
	Bad      string // a faulty piece of a file, if the code is about files
	Good     string // its mended twin
}

// Severity returns the severity that c has unless the finding says otherwise.
func (c Code) Severity() Severity {
	if e, ok := Lookup(c); ok {
		return e.Severity
	}
	return Invalid
}

// Lookup returns the entry of a code.
func Lookup(c Code) (Entry, bool) {
	for _, e := range entries {
		if e.Code == c {
			return e, true
		}
	}
	return Entry{}, false
}

// Codes returns every entry, in the order of the codes.
func Codes() []Entry { return append([]Entry(nil), entries...) }

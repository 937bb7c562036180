"""Compares the instants of a calendar file, as python3-icalendar reads them, with our JSON."""
import datetime
import json
import sys

import icalendar

with open(sys.argv[1], encoding="utf-8") as f:
    schedule = json.load(f)
with open(sys.argv[2], "rb") as f:
    raw = f.read()

assert b"\n" not in raw.replace(b"\r\n", b""), "a line does not end in CRLF"
assert all(len(line) <= 75 for line in raw.split(b"\r\n")), "a line is longer than 75 octets"
calendar = icalendar.Calendar.from_ical(raw)

# The zone is the file's own, so that what is compared is our VTIMEZONE and not the
# program's copy of the database.
zones = {str(z["TZID"]): z.to_tz() for z in calendar.walk("VTIMEZONE")}


def instant(prop):
    moment = prop.dt
    zone = prop.params.get("TZID")
    if zone:
        naive = moment.replace(tzinfo=None)
        moment = zones[zone].localize(naive) if hasattr(zones[zone], "localize") else naive.replace(tzinfo=zones[zone])
    return moment.astimezone(datetime.timezone.utc)


events = calendar.walk("VEVENT")
uids = [str(e["UID"]) for e in events]
assert len(set(uids)) == len(uids), "two events share a UID"
theirs = sorted((instant(e["DTSTART"]), str(e["STATUS"])) for e in events)
ours = sorted(
    (
        datetime.datetime.fromisoformat(e["start"]).astimezone(datetime.timezone.utc),
        "TENTATIVE" if e["status"] == "provisional" else "CONFIRMED",
    )
    for e in schedule["events"]
    if e["kind"] != "observation"
)
assert theirs == ours, [pair for pair in zip(theirs, ours) if pair[0] != pair[1]][:3]
print(f"{sys.argv[2].rsplit('/', 1)[-1]}: {len(ours)} instants agree")

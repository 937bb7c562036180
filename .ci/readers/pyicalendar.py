"""Prints the instants of a calendar file as python3-icalendar reads them, in UTC, with their status.

The zone is the file's own, so that what is read is our VTIMEZONE and not the program's copy of the
database. Recurrences are python-dateutil's.
"""
import datetime
import sys

import icalendar
from dateutil.rrule import rrulestr

with open(sys.argv[1], "rb") as f:
    raw = f.read()

assert b"\n" not in raw.replace(b"\r\n", b""), "a line does not end in CRLF"
assert all(len(line) <= 75 for line in raw.split(b"\r\n")), "a line is longer than 75 octets"
calendar = icalendar.Calendar.from_ical(raw)
zones = {str(z["TZID"]): z.to_tz() for z in calendar.walk("VTIMEZONE")}


def instant(naive, zone):
    moment = zone.localize(naive) if hasattr(zone, "localize") else naive.replace(tzinfo=zone)
    return moment.astimezone(datetime.timezone.utc)


events = calendar.walk("VEVENT")
uids = [str(e["UID"]) for e in events]
assert len(set(uids)) == len(uids), "two events share a UID"
lines = []
for event in events:
    start = event["DTSTART"]
    zone = zones.get(start.params.get("TZID"), datetime.timezone.utc)
    naive = start.dt.replace(tzinfo=None)
    times = [naive]
    if "RRULE" in event:
        times = list(rrulestr(event["RRULE"].to_ical().decode(), dtstart=naive))
    lines += [instant(t, zone).strftime("%Y-%m-%dT%H:%M:%SZ ") + str(event["STATUS"]) for t in times]
print("\n".join(sorted(lines)))

"""The calendars of a table of patients, by python3-dateutil's rrule and json."""

import csv
import json
import sys
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_DOWN, Decimal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, WEEKLY, rrule

NINE = time(9)


def main():
    out = sys.stdout
    zones = {}
    with open(sys.argv[1], newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            zone = zones.setdefault(row["time_zone"], ZoneInfo(row["time_zone"]))
            first = datetime.combine(date.fromisoformat(row["start"]), NINE)
            mg = str((Decimal("0.5") * Decimal(row["weight"].removesuffix("kg"))).quantize(Decimal(1), ROUND_HALF_DOWN))
            days = [first + timedelta(days=d) for d in (0, 2, 4)]
            induction = [d for week in rrule(WEEKLY, dtstart=first, count=2) for d in (week + (x - first) for x in days)]
            maintenance = list(rrule(WEEKLY, dtstart=first + timedelta(days=14), count=4))
            number = 0
            for phase, doses in (("induction", induction), ("maintenance", maintenance)):
                for day in doses:
                    number += 1
                    at = day.replace(tzinfo=zone)
                    event = {"kind": "dose", "start": at.isoformat(), "date": day.date().isoformat(), "phase": phase, "number": number,
                             "dose": {"amount": mg, "unit": "mg", "medication": "ketamine", "route": "iv"}}
                    out.write(json.dumps({"patient": row["id"], "event": event}) + "\n")
                    for after in (0, 40, 80, 120):
                        then = (at.astimezone(timezone.utc) + timedelta(minutes=after)).astimezone(zone)
                        event = {"kind": "observation", "start": then.isoformat(), "date": then.date().isoformat(), "of_dose": number, "minutes_after_dose": after}
                        out.write(json.dumps({"patient": row["id"], "event": event}) + "\n")
            for check in rrule(DAILY, dtstart=first + timedelta(days=11), count=1):
                event = {"kind": "check-in", "start": check.replace(tzinfo=zone).isoformat(), "date": check.date().isoformat(), "name": "response"}
                out.write(json.dumps({"patient": row["id"], "event": event}) + "\n")


main()

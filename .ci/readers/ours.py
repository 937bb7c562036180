"""Prints the instants of a schedule in our JSON, in UTC, with what a calendar program calls their status."""
import datetime
import json
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    events = json.load(f)["events"]
for line in sorted(
    datetime.datetime.fromisoformat(e["start"]).astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ ")
    + ("TENTATIVE" if e["status"] == "provisional" else "CONFIRMED")
    for e in events
    if e["kind"] != "observation"
):
    print(line)

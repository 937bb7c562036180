"""Plays an event table out by the rules that NM-TRAN, mrgsolve and rxode2 have in common, and compares the doses
with our JSON: python3 events.py TABLE SCHEDULE.json

Lines that begin with # are comments. Every item before DOSEDATE is a number of at most 24 characters. EVID 1 is a
dose of AMT into CMT at TIME; ADDL more follow it, II apart; RATE above 0 is an infusion of AMT / RATE
hours, and 0 a bolus. Records of one ID are in ascending TIME, which is not negative.
"""
import datetime
import json
import re
import sys
from fractions import Fraction

NUMERIC = ["ID", "TIME", "AMT", "EVID", "CMT", "II", "ADDL", "RATE"]

with open(sys.argv[1], encoding="utf-8") as f:
    lines = [line.rstrip("\n") for line in f]
assert all(len(line) <= 300 for line in lines), "a record is too long for NM-TRAN"
header, *records = [line.split(",") for line in lines if not line.startswith("#")]
assert header[:8] == NUMERIC, header
assert all(re.fullmatch(r"[A-Z][A-Z0-9_]{0,19}", name) for name in header), "a name is no item label"
theirs, last = [], Fraction(0)
for record in records:
    assert len(record) == len(header), record
    assert all(re.fullmatch(r"[0-9.]{1,24}", item) for item in record[:8]), record
    assert not any(re.search(r"[\s\"']", item) or item == "" for item in record), record
    item = dict(zip(header, record))
    time, ii, addl = Fraction(item["TIME"]), Fraction(item["II"]), int(item["ADDL"])
    assert item["EVID"] == "1" and time >= last, record
    assert (addl > 0) == (ii > 0), record
    last = time
    rate = Fraction(item["RATE"])
    length = round(Fraction(item["AMT"]) / rate * 60, 3) if rate else 0
    for n in range(addl + 1):
        theirs.append((round(float(time + n * ii), 4), Fraction(item["AMT"]), float(length)))
with open(sys.argv[2], encoding="utf-8") as f:
    schedule = json.load(f)
doses = [e for e in schedule["events"] if e["kind"] == "dose" and e["status"] not in ("missed", "held")]
instants = [datetime.datetime.fromisoformat(e["start"]) for e in doses]
ours = sorted(
    (round((t - instants[0]).total_seconds() / 3600, 4), Fraction(e["dose"]["amount"])) for t, e in zip(instants, doses)
)
assert sorted((t, a) for t, a, _ in theirs) == ours, "the doses are others"
said = {length for _, _, length in theirs}
assert len(said) == 1, said
start = next(line for line in lines if "TIME counts elapsed hours from " in line)
assert start.endswith(instants[0].astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ.")), start
text = " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))
for finding in schedule["findings"]:
    assert " ".join(finding["message"].split()) in text, finding
print(f"{len(ours)} doses in {len(records)} records, each of {said.pop():g} minutes")

"""Runs the programs of .ci/bench in turns, and prints how they compare.

python3 .ci/bench.d/compare.py TOOLS PATIENTS ROUNDS
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta

PROTOCOL = "ketamine-iv-intensive"
# remind looks at every reminder on every day: it gets so many times fewer patients.
REMIND = 100
HERE = os.path.dirname(os.path.abspath(__file__))


def table(path, patients):
    rng = random.Random(1)
    with open(path, "w", encoding="utf-8") as f:
        f.write("id,weight,birth_date,start,time_zone\n")
        for i in range(patients):
            start = date(2026, 1, 1) + timedelta(days=rng.randrange(360))
            zone = rng.choice(["America/New_York", "Europe/Berlin", "Asia/Kolkata"])
            f.write(f"P-{i:07d},{rng.randint(450, 1400) / 10}kg,19{rng.randint(65, 99)}-06-15,{start},{zone}\n")


def reminders(path, patients):
    """The doses, observations and check-ins of the same patients as a script of remind."""
    with open(patients, encoding="utf-8") as f, open(path, "w", encoding="utf-8") as out:
        next(f)
        for line in f:
            name, weight, _, start, _ = line.strip().split(",")
            first = date.fromisoformat(start)
            mg = round(float(weight.removesuffix("kg")) / 2)
            for phase, starts, count in (("induction", (0, 2, 4), 2), ("maintenance", (14,), 4)):
                for day in starts:
                    begin = first + timedelta(days=day)
                    until = begin + timedelta(weeks=count - 1)
                    for minutes in (0, 40, 80, 120):
                        out.write(f"REM {begin} *7 UNTIL {until} AT {9 + minutes // 60}:{minutes % 60:02d} MSG {name} {phase} observation {minutes}\n")
                    out.write(f"REM {begin} *7 UNTIL {until} AT 9:00 MSG {name} {phase} dose {mg} mg ketamine iv\n")
            out.write(f"REM {first + timedelta(days=11)} AT 9:00 MSG {name} response\n")


def once(command):
    """Returns the wall time and the processor time of a command, in seconds."""
    before = os.times()
    began = time.perf_counter()
    with open(os.devnull, "wb") as null:
        subprocess.run(command, stdout=null, check=True, stderr=subprocess.DEVNULL, shell=isinstance(command, str))
    wall = time.perf_counter() - began
    after = os.times()
    return wall, after.children_user + after.children_system - before.children_user - before.children_system


def events(command):
    """Returns how many events a command writes, and on which days the first patient has a dose."""
    out = subprocess.run(command, stdout=subprocess.PIPE, check=True, stderr=subprocess.DEVNULL).stdout.decode().splitlines()
    lines = [json.loads(line) for line in out]
    doses = [(x["event"]["start"], x["event"]["dose"]["amount"]) for x in lines if "event" in x and x["event"]["kind"] == "dose"]
    return sum("event" in x for x in lines), doses


def main():
    tools, patients, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as work:
        csv, rem, lines = (os.path.join(work, n) for n in ("patients.csv", "patients.rem", "lines.ndjson"))
        table(csv, 200)
        commands = {
            "doseplan": [tools + "/doseplan", "batch", PROTOCOL, "--patients", csv, "--quiet"],
            "dateutil and json": [sys.executable, HERE + "/dateutil_json.py", csv],
            "rrule-go and encoding/json": [tools + "/bench-rrule", csv],
        }
        same = {name: events(command) for name, command in commands.items()}
        for name, (count, doses) in same.items():
            if doses != same["doseplan"][1]:
                sys.exit(f"{name} gives other doses than doseplan: this compares nothing")
        few = max(patients // REMIND, 1)
        table(csv, few)
        reminders(rem, csv)
        table(csv, patients)
        subprocess.run(commands["doseplan"] + ["-o", lines], check=True, stderr=subprocess.DEVNULL)
        commands[f"remind -s, {few} patients"] = ["remind", "-s14", rem, "2026-01-01"]
        commands["cat FILE | cat"] = f"cat {lines} | cat"
        times = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(once(command))
        print(f"{patients} patients, {rounds} rounds in turns, {os.cpu_count()} processors; doseplan writes {os.path.getsize(lines) / patients:.0f} bytes a patient")
        print(f"{'':28} {'times the wall time':>30} {'processor time':>24}")
        for name, runs in times.items():
            times_fewer = patients / few if name.startswith("remind") else 1
            wall = sorted(times_fewer * r[0] / d[0] for r, d in zip(runs, times["doseplan"]))
            cpu = sorted(times_fewer * r[1] / d[1] for r, d in zip(runs, times["doseplan"]))
            print(f"{name:28} {statistics.median(wall):14.2f} × ({wall[0]:.2f} to {wall[-1]:.2f}) {statistics.median(cpu):10.2f} × ({cpu[0]:.2f} to {cpu[-1]:.2f})")
        print("\ndoseplan against the number of patients, and against the length of their calendars (the best of 3)")
        growth(tools, work, patients)


def growth(tools, work, patients):
    csv = os.path.join(work, "patients.csv")
    for n in (patients // 10, patients, patients * 10):
        table(csv, n)
        best = min(once([tools + "/doseplan", "batch", PROTOCOL, "--patients", csv, "--quiet"]) for _ in range(3))
        print(f"{n:9} patients  {best[0] / n * 1e6:8.1f} µs a patient, {peak(tools, csv):5.1f} MiB at most")
    table(csv, 200)
    for months in (1, 12, 120):
        until = f"{2027 + months // 12}-01-31" if months >= 12 else "2027-01-31"
        command = [tools + "/doseplan", "batch", "ketamine-daily-low-dose", "--route", "sublingual", "--patients", csv, "--until", until, "--quiet"]
        best = min(once(command) for _ in range(3))
        count = events(command)[0]
        print(f"  to {until}: {best[0] / count * 1e9:8.0f} ns an event, {count / 200:.0f} events a patient")


def peak(tools, csv):
    """Returns the most memory of a run, in MiB, as its status shows it on the way."""
    with open(os.devnull, "wb") as null:
        child = subprocess.Popen([tools + "/doseplan", "batch", PROTOCOL, "--patients", csv, "--quiet"], stdout=null, stderr=null)
        most = 0
        while child.poll() is None:
            try:
                with open(f"/proc/{child.pid}/status", encoding="utf-8") as f:
                    lines = dict(line.split(":", 1) for line in f)
                if lines["Name"].strip() == "doseplan":
                    most = max(most, int(lines.get("VmHWM", "0").split()[0]))
            except (FileNotFoundError, ProcessLookupError):
                pass
            time.sleep(0.005)
    return most / 1024


main()

"""Checks that no input takes doseplan long or much memory.

python3 .ci/bounds.py PROGRAM FOLDER
"""

import os
import resource
import subprocess
import sys
import tempfile

SECONDS, MIB = 20, 256

HEAD = """doseplan: 1
kind: protocol
id: large
title: Large
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
population: { weight: 0.3..600 kg, height: 152.4..250 cm, age: 18..90 years }
routes: { iv: { round: 0.1 mg } }
"""


def generated():
    """Yields names and texts that would be too large to keep."""
    yield "unknown-keys", "\n".join(f"k{i}: {{a: [1,2,3], b: []}}" for i in range(30000))
    yield "deep", "a: " + "[" * 20000
    phases = "".join(f"  p{i}: {{ dose: {i + 1}.3 mg/kg, frequency: monthly, course: 12 doses, window: ±3 days }}\n" for i in range(300))
    yield "many-phases", HEAD + "phases:\n" + phases + "limits: { any 30 days: 5 mg/kg }\n"
    yield "hundred-megabytes", "a: b\n" * 20_000_000
    yield "one-line", "a: [" + "x, " * 300_000 + "]"
    yield "long-scalar", "title: " + "x" * 1_000_000


def run(program, *args):
    """Returns the status and the memory in MiB of one run."""
    child = subprocess.Popen([program, *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    resource.prlimit(child.pid, resource.RLIMIT_CPU, (SECONDS, SECONDS))
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_maxrss / 1024


def main():
    program, folder = sys.argv[1:]
    bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        names = sorted(os.path.join(folder, n) for n in os.listdir(folder))
        for name, text in generated():
            names.append(os.path.join(scratch, name + ".yaml"))
            with open(names[-1], "w", encoding="utf-8") as f:
                f.write(text)
        for name in names:
            for args in (["validate", name], ["validate", "--format", "sarif", name], ["fmt", "--check", name],
                         ["schedule", name, "--weight", "70kg", "--start", "2026-03-02"]):
                status, mib = run(program, *args)
                if status not in (0, 1, 2, 3) or mib > MIB:
                    print(f"{' '.join(args)}: status {status}, {mib:.0f} MiB")
                    bad += 1
    print(f"{len(names)} files, {bad} out of bounds")
    sys.exit(bad > 0)


main()

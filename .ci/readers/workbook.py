"""Compares the sheets of a workbook, as openpyxl reads them, with the lines of our CSV, cell by cell and
type by type: python3 workbook.py BOOK.xlsx LINES.csv [rewritten]

A workbook that a program without a window has rewritten keeps no frozen header.
"""
import csv
import datetime
import sys

import openpyxl

KINDS = {"Doses": "dose", "Check-ins": "check-in", "Observations": "observation", "Supply": "supply"}
NUMBERS = {"day", "week", "number", "amount", "units", "volume_ml", "over_minutes"}


def typed(name, text):
    """Returns the field of a line as a spreadsheet must have it."""
    if text == "":
        return None
    if name in ("date", "earliest", "latest"):
        return datetime.datetime.strptime(text, "%Y-%m-%d")
    if name == "time":
        return datetime.datetime.strptime(text, "%H:%M").time()
    if name in NUMBERS:
        return float(text)
    # The line is led by an apostrophe where a spreadsheet would run it; the cell is not.
    return text[1:] if text[0] == "'" else text


with open(sys.argv[2], encoding="utf-8", newline="") as f:
    lines = list(csv.DictReader(f))
book = openpyxl.load_workbook(sys.argv[1])
cells = 0
for sheet in book:
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f", f"{sheet.title}!{cell.coordinate} is a formula: {cell.value}"
for title, kind in KINDS.items():
    want = [line for line in lines if line["kind"] == kind]
    if title not in book.sheetnames:
        assert not want, f"there is no sheet {title}"
        continue
    sheet = book[title]
    header, *rows = sheet.iter_rows(values_only=True)
    assert sheet.freeze_panes == "A2" or sys.argv[3:] == ["rewritten"], f"the header of {title} is not frozen"
    assert len(rows) == len(want), f"{title} has {len(rows)} rows, not {len(want)}"
    if rows:
        filters = [t.autoFilter.ref for t in sheet.tables.values() if t.autoFilter] or [sheet.auto_filter.ref]
        assert filters[0], f"{title} has no filter"
    for line, row in zip(want, rows):
        for name, value in zip(header, row):
            expected = typed(name, line[name])
            if isinstance(expected, float):
                assert isinstance(value, (int, float)), f"{title}: {name} is {value!r}"
            assert value == expected, f"{title}: {name} is {value!r}, not {expected!r}"
            cells += 1
findings = "\n".join(str(v) for row in book["Findings"].iter_rows(values_only=True) for v in row if v)
for line in lines:
    for text in line["findings"].split("; ")[:1]:
        assert text.split(": ", 1)[1].rsplit(" [", 1)[0] in findings, f"{text} is not among the findings"
print(f"{cells} cells agree")

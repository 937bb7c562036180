"""Expands the cases of testdata/fhir-timing a second time, in another language, by the readings
that its README states, and compares every instant. Refused cases are passed over: this reads
only what is well said."""
import calendar
import datetime as dt
import json
import sys
from fractions import Fraction
from zoneinfo import ZoneInfo

UTC = dt.timezone.utc
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CODES = {"BID": (2, 1, "d"), "TID": (3, 1, "d"), "QID": (4, 1, "d"), "QD": (1, 1, "d"), "QOD": (1, 2, "d"), "AM": (1, 1, "d", "MORN"),
         "PM": (1, 1, "d", "AFT"), "BED": (1, 1, "d", "HS"), "WK": (1, 1, "wk"), "MO": (1, 1, "mo"), "Q1H": (1, 1, "h"), "Q2H": (1, 2, "h"),
         "Q3H": (1, 3, "h"), "Q4H": (1, 4, "h"), "Q6H": (1, 6, "h"), "Q8H": (1, 8, "h")}
EVENTS = {"WAKE": ("wake", 1), "HS": ("bedtime", -1), "CM": ("breakfast", 0), "CD": ("lunch", 0), "CV": ("dinner", 0), "ACM": ("breakfast", -1),
          "ACD": ("lunch", -1), "ACV": ("dinner", -1), "PCM": ("breakfast", 1), "PCD": ("lunch", 1), "PCV": ("dinner", 1), "MORN": ("morning", 1),
          "NOON": ("noon", 1), "AFT": ("afternoon", 1), "EVE": ("evening", 1)}
MEALS = {"C": ["CM", "CD", "CV"], "AC": ["ACM", "ACD", "ACV"], "PC": ["PCM", "PCD", "PCV"]}


def clock(text):
    return int(text[:2]) * 60 + int(text[3:5])


def instant(wall, zone):
    """The first instant at which clocks show a time, or the first after a gap."""
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if early.astimezone(zone).replace(tzinfo=None) == wall:
        return early
    at = wall.replace(tzinfo=UTC) - dt.timedelta(hours=15)
    while at.astimezone(zone).replace(tzinfo=None) < wall:
        at += dt.timedelta(minutes=1)
    return at


class Reader:
    def __init__(self, settings, case):
        self.settings, self.case = settings, case
        self.zone = ZoneInfo(case.get("zone") or zone_in(case) or "UTC")
        self.until = dt.date.fromisoformat(case["until"]) if "until" in case else dt.date(2400, 1, 1)
        self.choose = case.get("choose", [])

    def local(self, text):
        """A dateTime as clocks show it, and whether it has a time."""
        if len(text) == 10:
            return dt.datetime.fromisoformat(text), False
        at = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (at if at.tzinfo is None else at.astimezone(self.zone)).replace(tzinfo=None), True

    def pick(self, name, low, high, less_is_low=True):
        for c in self.choose:
            if c.startswith(name + "="):
                return type(low)(c.split("=")[1])
            if c in ("least", "most"):
                return low if (c == "least") == less_is_low else high
        return low

    def clocks(self, rep):
        if "timeOfDay" in rep:
            return sorted(clock(t) for t in rep["timeOfDay"])
        codes = [c for w in rep.get("when", []) for c in MEALS.get(w, [w])]
        return sorted(clock(self.settings["clocks"][EVENTS[c][0]]) + EVENTS[c][1] * rep.get("offset", 0) for c in codes)

    def walk(self, rep, start, timed):
        """The doses of a rule, as clocks show them, without end; and the length of a day's step."""
        times = self.clocks(rep)
        f = self.pick("frequency", rep.get("frequency", 1), rep.get("frequencyMax", rep.get("frequency", 1)))
        per = Fraction(str(rep["period"])) if "period" in rep else None
        if "periodMax" in rep:
            per = Fraction(str(self.pick("period", rep["period"], rep["periodMax"], less_is_low=False)))
        unit = rep.get("periodUnit", "d")
        while per is not None and per.denominator != 1:
            unit, per = {"d": ("h", per * 24), "h": ("min", per * 60), "wk": ("d", per * 7)}[unit]
        if per is not None and unit in ("h", "min"):
            yield from self.hourly(int(per) * (60 if unit == "h" else 1) // f, start, timed)
            return
        usual = self.settings["times of a day"]
        days = [DAYS.index(d) for d in rep.get("dayOfWeek", [])]
        day = start.replace(hour=0, minute=0)
        if not times:
            n = f // 7 if unit == "wk" and f % 7 == 0 and f > 0 and not days else f if unit == "d" else 1
            times = [clock(t) for t in usual[str(n)]]
        if days and unit == "wk" and per is not None and per > 1:
            while day.weekday() not in days:
                day += dt.timedelta(days=1)
            days = []
        first = day
        for i in range(40000):
            if unit in ("mo", "a") and per is not None:
                months = first.month - 1 + i * int(per) * (12 if unit == "a" else 1)
                year, month = first.year + months // 12, months % 12 + 1
                day = first.replace(year=year, month=month, day=min(first.day, calendar.monthrange(year, month)[1]))
            elif unit == "wk" and not days and f < 7 and per == 1:
                day = first + dt.timedelta(days=i // f * 7 + i % f * 7 // f)
            else:
                step = 1 if per is None or days or (unit == "wk" and f % 7 == 0 and per == 1) else int(per) * (7 if unit == "wk" else 1)
                day = first + dt.timedelta(days=i * step)
            if not days or day.weekday() in days:
                for t in times:
                    yield day + dt.timedelta(minutes=t)

    def hourly(self, minutes, start, timed):
        first = start if timed else start + dt.timedelta(minutes=clock(self.settings["first dose of a rule in hours"]))
        keeps = minutes % 60 == 0 and (1440 % minutes == 0 or minutes % 1440 == 0)
        for i in range(200000):
            step = dt.timedelta(minutes=i * minutes)
            yield first + step if keeps else (instant(first, self.zone) + step).astimezone(self.zone).replace(tzinfo=None)

    def timing(self, timing, begins):
        """The doses of a timing, and the day on which what follows begins."""
        if "event" in timing:
            doses = []
            for text in timing["event"]:
                wall, timed = self.local(text)
                doses.append(wall if timed else wall + dt.timedelta(minutes=clock(self.settings["times of a day"]["1"][0])))
            return sorted(doses), max(doses).date() + dt.timedelta(days=1)
        rep = dict(timing.get("repeat", {}))
        if "code" in timing:
            code = CODES[timing["code"]["coding"][0]["code"]]
            rep.update(zip(("frequency", "period", "periodUnit"), code))
            if len(code) > 3:
                rep["when"] = [code[3]]
        bounds = rep.get("boundsPeriod", {})
        start, timed = self.local(bounds["start"]) if "start" in bounds else (dt.datetime.combine(begins, dt.time()), False)
        count = self.pick("count", rep["count"], rep.get("countMax", rep["count"])) if "count" in rep else None
        stop = None  # the first moment that is past
        if "end" in bounds:
            end, clocked = self.local(bounds["end"])
            stop = end + (dt.timedelta(minutes=1) if clocked else dt.timedelta(days=1))
        hours = rep.get("periodUnit") in ("h", "min") or Fraction(str(rep.get("period", 1))).denominator != 1
        length = rep.get("boundsDuration")
        if "boundsRange" in rep:
            low, high = rep["boundsRange"]["low"], rep["boundsRange"]["high"]
            length = dict(low, value=self.pick("bounds", low["value"], high["value"]))
        if length:
            first = next(self.walk(rep, start, timed))
            origin = first if length["code"] == "h" or hours and not timed else start
            stop = origin + dt.timedelta(**{{"d": "days", "h": "hours", "wk": "weeks"}[length["code"]]: length["value"]})
        doses = []
        for wall in self.walk(rep, start, timed):
            if wall < start:
                continue
            if stop is not None and wall >= stop or count is not None and len(doses) == count or wall.date() > self.until:
                after = stop.date() if stop is not None and count is None and stop.time() == dt.time() else wall.date()
                return doses, after
            doses.append(wall)
        raise ValueError("without end")

    def run(self):
        case = self.case
        list_ = case.get("dosageInstruction") or [{"timing": case["timing"]}]
        begins = dt.date.fromisoformat(case["start"]) if "start" in case else None
        out = []
        for number in sorted({i.get("sequence", 0) for i in list_}):
            after = begins
            for i in (i for i in list_ if i.get("sequence", 0) == number):
                if i.get("asNeededBoolean") or "asNeededCodeableConcept" in i:
                    continue
                doses, end = self.timing(i["timing"], begins)
                out += doses
                after = max(after or end, end)
            begins = after
        return sorted(instant(w, self.zone) for w in out)


def zone_in(node):
    if isinstance(node, dict):
        if str(node.get("url", "")).endswith("/tz-code"):
            return node["valueCode"]
        node = list(node.values())
    for item in node if isinstance(node, list) else []:
        if found := zone_in(item):
            return found
    return None


def main(files):
    same = wrong = refused = 0
    for name in files:
        with open(name, encoding="utf-8") as f:
            data = json.load(f)
        for case in data["cases"]:
            if "refused" in case:
                refused += 1
                continue
            want = [dt.datetime.fromisoformat(t.replace("Z", "+00:00")) for t in case["instants"]]
            got = Reader(data["settings"], case).run()
            if got == want:
                same += 1
            else:
                wrong += 1
                print(f"{name}: {case['name']}: {[t.isoformat() for t in got][:6]} for {case['instants'][:6]}")
    print(f"{same} cases come out the same, {wrong} do not; {refused} are refused")
    return 1 if wrong or same < 90 else 0


sys.exit(main(sys.argv[1:]))

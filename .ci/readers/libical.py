"""Prints the instants of a calendar file as libical reads them, in UTC, with their status."""
import datetime
import sys

import gi

gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib  # noqa: E402

with open(sys.argv[1], encoding="utf-8", newline="") as f:
    calendar = ICalGLib.Component.new_from_string(f.read())
assert calendar.count_errors() == 0, "libical finds faults in the file"
lines = []
from_ = ICalGLib.Time.new_from_string("19000101T000000Z")
until = ICalGLib.Time.new_from_string("21000101T000000Z")
event = calendar.get_first_component(ICalGLib.ComponentKind.VEVENT_COMPONENT)
while event:
    status = event.get_first_property(ICalGLib.PropertyKind.STATUS_PROPERTY).get_value_as_string()

    def one(_, span, *rest):
        at = datetime.datetime.fromtimestamp(span.get_start(), datetime.timezone.utc)
        lines.append(at.strftime("%Y-%m-%dT%H:%M:%SZ ") + status)

    event.foreach_recurrence(from_, until, one, None)
    event = calendar.get_next_component(ICalGLib.ComponentKind.VEVENT_COMPONENT)
print("\n".join(sorted(lines)))

// Package civil holds the calendar: dates without a time zone, clock times without a
// date, periods, and the one rule that turns a date and a clock time into an instant.
//
// # Clock times that do not exist, or exist twice
//
// Where a change of the clocks skips a clock time, [Zone.At] returns the first instant
// after the gap: 02:30 on 8 March 2026 in New York becomes 03:00. Where the clocks repeat
// a time, it returns the first of the two. Both are reported, so that an event can say so.
// [time.Date] promises neither.
//
// # Zone data
//
// Zones are read from a copy of the IANA database inside the package ([TZData] names its
// release), never from the machine, so that every machine prints the same calendar.
package civil

package calendar_test

import (
	"fmt"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/limit"
)

// Friday is closed. Moving its dose to Thursday is nearest, but too close to Wednesday's.
func ExamplePlace() {
	at := func(d civil.Date) int64 { return d.Unix(civil.MustClock("09:00")) }
	items := []calendar.Item{
		{Target: civil.MustDate("2026-03-04"), At: at},
		{Target: civil.MustDate("2026-03-06"), Before: 1, After: 2, At: at},
	}
	closed := &calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-06"): "staff day"}}
	shifts, _ := calendar.Place(items, closed, calendar.Nearest, &limit.Rules{Interval: 40 * time.Hour})
	fmt.Println(shifts)
	// Output: [0 1]
}

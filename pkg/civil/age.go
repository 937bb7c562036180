package civil

// An Age is a number of completed months of life. Ages are counted as people count them: somebody is a
// month older on the day of the month on which they were born, or on the first of the next month where a
// month does not have that day.
type Age int

// Years returns the age of somebody who has completed so many years, and no month more.
func Years(n int) Age { return Age(12 * n) }

// Years returns the completed years.
func (a Age) Years() int { return int(a) / 12 }

// String returns the age in words: in years where it is of whole ones, and in months otherwise.
func (a Age) String() string {
	if a%12 == 0 && a != 0 {
		return Plural(a.Years(), "year")
	}
	return Plural(int(a), "month")
}

// Said returns the age as it is told of a person: in months under two years, and in completed years from
// then on.
func (a Age) Said() string {
	if a < Years(2) {
		return Plural(int(a), "month")
	}
	return Plural(a.Years(), "year")
}

// Age returns the age on a day of somebody who was born on d. Somebody born on 29 February is a
// year older on 1 March of a common year.
func (d Date) Age(on Date) Age {
	by, bm, bd := d.Parts()
	y, m, day := on.Parts()
	age := 12*(y-by) + int(m) - int(bm)
	if day < bd {
		age--
	}
	return Age(age)
}

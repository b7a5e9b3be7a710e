"""Work for the timetable."""

"""Being told of changes: what a person watches, the list of news, letters and calendars."""

"""Links to a report for people without an account: making and ending them, and the page that they open."""

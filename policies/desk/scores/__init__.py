"""Scores at the desk: a table of points becomes a derived fact that any requirement can ask for."""

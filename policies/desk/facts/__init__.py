"""Facts at the desk: found, read, added and changed; what a new one asks is in the company form at once."""

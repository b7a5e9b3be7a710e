"""Reference lists at the desk: zones, pillars, sectors and the others, found, added, changed, moved and taken out."""

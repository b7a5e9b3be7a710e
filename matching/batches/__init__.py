"""Many companies from a file to a file: read in chunks, matched over columns, written as results. Knows no Django."""

"""Whom a version of a policy reaches, at the desk: counts over all companies, with charts, and as a file without small counts."""

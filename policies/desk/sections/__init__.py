"""Sections of the vocabulary at the desk: the pages of the company form, their words, their order and that of their facts."""

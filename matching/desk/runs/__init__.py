"""Runs over all companies at the desk: how far they are, what they found, and asking for and cancelling them."""

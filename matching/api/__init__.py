"""Matching in the API: a profile evaluated at once, with nothing stored; and webhooks."""

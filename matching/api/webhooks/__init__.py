"""Webhooks in the API: a partner's endpoints, what was delivered to them, and sending again."""

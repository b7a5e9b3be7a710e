"""Backups of both editions, and installations made of them."""

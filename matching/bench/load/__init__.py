"""Many clients at once on the whole service, really running: who they are, what they ask, and what came of it."""

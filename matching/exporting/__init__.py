"""The pages on which a person asks for all of their data and fetches it."""

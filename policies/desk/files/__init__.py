"""The catalogue as files at the desk: downloaded as a zip or one by one, and sent back as drafts."""

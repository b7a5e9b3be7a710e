"""The figures of the release in force for people who see counts only: every small one is hidden, always."""

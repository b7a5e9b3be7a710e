"""The pages of the curation desk."""

"""Pages that matching adds to the curation desk: they evaluate what policies only write down."""

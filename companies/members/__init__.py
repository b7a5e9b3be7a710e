"""The pages about who takes part in a company, and the one that an invitation opens."""

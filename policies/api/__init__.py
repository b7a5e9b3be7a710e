"""The catalogue for partners: zones, pillars, policies, offers and releases, as of any day and of any release."""

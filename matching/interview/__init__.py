"""The interview: one question a page, what decides most first, with what it decides and where all offers stand."""

"""A profile from a file: a spreadsheet or JSON is read, shown beside what is known, and taken when the person agrees."""

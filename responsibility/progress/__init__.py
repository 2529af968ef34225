"""Progress entries and their evidence."""

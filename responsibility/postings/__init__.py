"""Posts, persons, tenures, and what a user may see and do."""

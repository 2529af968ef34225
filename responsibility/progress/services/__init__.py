"""The only writers of progress entries, their evidence and their correction slips."""

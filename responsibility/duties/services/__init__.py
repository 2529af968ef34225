"""The only writers of the duty catalogue and of assignments."""

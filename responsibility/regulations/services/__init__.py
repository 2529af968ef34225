"""The only writers of regulations, interpretations and local measures."""

"""The tree of places with its history."""

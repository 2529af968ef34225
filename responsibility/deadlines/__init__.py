"""Rules with their basis, instances, the sweep."""

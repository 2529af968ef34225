"""Measurements: ratios within one run, against a floor measured in the same run."""

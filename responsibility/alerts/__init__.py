"""Conditions that are not dates."""

"""Shared mechanisms without tables."""

"""Stored bytes by SHA-256."""

"""Notices and deliveries."""

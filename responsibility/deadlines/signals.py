"""What others may want to know about deadlines."""

from django.dispatch import Signal

dates_moved = Signal()
"""Sent with ``label`` and ``subject_ids`` inside the transaction that moved due dates."""

"""What others may want to know about progress."""

from django.dispatch import Signal

entry_passed = Signal()
"""Sent with ``entry`` and ``by`` inside the passing transaction."""
entry_returned = Signal()
"""Sent with ``entry``, ``by`` and ``reason`` inside the returning transaction."""
entry_submitted = Signal()
"""Sent with ``entry`` and ``by`` inside the submitting transaction."""
entry_withdrawn = Signal()
"""Sent with ``entry`` and ``by`` inside the withdrawing transaction."""

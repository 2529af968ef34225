"""What others may want to know about accounts."""

from django.dispatch import Signal

password_changed = Signal()
"""Sent with ``user`` after the user changed the password."""
large_text_toggled = Signal()

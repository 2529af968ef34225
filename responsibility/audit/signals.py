"""What others may subscribe to."""

from django.dispatch import Signal

recorded = Signal()
"""An event was written: kwargs event, in the transaction of the act."""

broken = Signal()
"""The proof of the chain failed: kwargs problem (kind, seq, message), event (the finding)."""

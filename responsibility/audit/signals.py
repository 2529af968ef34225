"""What others may subscribe to."""

from django.dispatch import Signal

recorded = Signal()
"""An event was written: kwargs event, in the transaction of the act."""

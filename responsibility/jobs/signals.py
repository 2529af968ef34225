"""What others may subscribe to."""

from django.dispatch import Signal

run_ended = Signal()
"""A background run came to its end (done, failed, cancelled); kwargs run, in the transaction."""

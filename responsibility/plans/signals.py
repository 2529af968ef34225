"""What others may want to know; sent inside the transaction with ``plan`` and ``by``."""

from django.dispatch import Signal

plan_issued = Signal()
plan_revised = Signal()

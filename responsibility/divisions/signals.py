"""What others may want to know about places; sent inside the transaction of the change."""

from django.dispatch import Signal

division_changed = Signal()
"""``change`` (DivisionChange): names, codes, parents or existence of its items' divisions moved."""

marks_changed = Signal()
"""``divisions`` (ids) and ``by``: marks were given to them or voided."""

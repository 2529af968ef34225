"""What others may want to know about places; sent inside the transaction of the change."""

from django.dispatch import Signal

division_changed = Signal()
"""``change`` (DivisionChange), ``outcome`` (services.effects.Outcome) and ``by``: names, codes,
parents or existence of its items' divisions moved. A receiver returns the Effects of what it
closed, handed over, opened or redirected; they are kept with the change.
"""

marks_changed = Signal()
"""``divisions`` (ids) and ``by``: marks were given to them or voided."""

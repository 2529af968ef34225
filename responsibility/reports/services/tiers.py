"""The tiers through which a report goes: those of its kind, one after the other."""

from responsibility.flow.reviewing import reviewing_chain
from responsibility.flow.rules import place_after, reviewing_places
from responsibility.reports.models import Report


def begin(row: Report) -> None:
    """Lay a report that was just handed in before the first tier of its kind."""
    chain = reviewing_chain(row.body, row.kind.tiers)
    first = chain[0] if chain else None
    if first != row.reviewing_division_id:
        row.reviewing_division_id = first
        row.save(update_fields=["reviewing_division_id"])


def following(row: Report) -> int | None:
    """Return the division that reviews after the present one, or None where this is the last."""
    places = reviewing_places(row.body.scope_path, row.body.division.tier)
    chain = reviewing_chain(row.body, row.kind.tiers)
    return place_after(places, chain, row.reviewing_division_id)

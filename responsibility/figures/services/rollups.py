"""The nightly comparison: every sum worked out anew from what was typed."""

from time import monotonic
from typing import Any

import structlog
from django.db import transaction

from responsibility.audit import services as audit
from responsibility.divisions.models import Body
from responsibility.figures.models import RollupCheck
from responsibility.figures.rules import shown
from responsibility.figures.services import bulk

EXAMPLES = 50
logger = structlog.get_logger(__name__)


@transaction.atomic
def check_rollups(*, by: Any = None, repair: bool = True) -> RollupCheck:
    """Recompute the city whole, period by period, and keep what differed.

    With ``repair`` the sums found become the new versions (the old ones stay as history). A sum
    whose number of places below alone changed with the tree is renewed and not counted.
    """
    started = monotonic()
    paths = Body.objects.filter(is_main=True, ended_on=None).values_list("scope_path", flat=True)
    bulk.lock_above(paths.iterator() if repair else [])
    found = [
        difference
        for period in bulk.typed_periods()
        for difference in bulk.recompute(period=period, write=repair)
    ]
    real = [difference for difference in found if not difference.is_only_expected]
    row = RollupCheck.objects.create(
        cells=bulk.count_sums(),
        differing=len(real),
        examples=[_example(item) for item in real[:EXAMPLES]],
        milliseconds=int((monotonic() - started) * 1000),
    )
    if real:
        logger.error("figures.rollups_differ", differing=len(real), repaired=repair)
        audit.record(
            by=by,
            verb="figures.rollups_differ",
            target=row,
            new={"differing": len(real), "repaired": repair},
        )
    return row


def _example(item: bulk.Difference) -> dict[str, Any]:
    return {
        "indicator": item.indicator,
        "division": item.division,
        "period": item.period,
        "stored": None if item.stored is None else shown(item.stored),
        "found": None if item.found is None else shown(item.found),
        "stored_counts": list(item.stored_counts),
        "found_counts": list(item.found_counts),
    }

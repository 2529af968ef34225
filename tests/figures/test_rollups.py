"""Many numbers at once, and the nightly recomputation of every sum."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from celery import current_app
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from responsibility.audit.models import Event
from responsibility.divisions.services.tree import create_division
from responsibility.figures.models import FigureValue, Indicator, RollupCheck
from responsibility.figures.services import bulk, rollups
from responsibility.figures.services.bulk import Entry, set_many
from responsibility.figures.services.ledger import set_values, standing
from tests.cast import Cast
from tests.duties_maker import make_indicator

VILLAGES = ("371502001001", "371525001001", "371502011001")


def entries(cast: Cast, indicator: Indicator, *values: int, period: str = "2020") -> list[Entry]:
    return [
        Entry(cast.main(code), indicator, period, Decimal(value))
        for code, value in zip(VILLAGES, values, strict=False)
    ]


def test_a_batch_gives_the_same_sums_as_one_by_one(cast: Cast) -> None:
    one, many = make_indicator(cast, "one"), make_indicator(cast, "many")
    user = cast.user("office-3715")
    for entry in entries(cast, one, 3, 4):
        set_values(
            by=user, body=entry.body, period="2020", values={one: entry.value}, source=entry.body
        )
    done = set_many(by=user, entries=entries(cast, many, 3, 4), source=cast.main("3715"))
    assert (done.written, done.unchanged) == (2, 0)
    for code in ("3715", "371502", "371525", "371502001", "3715Z3"):
        found = standing(cast.main(code), "2020")
        left, right = found.get("one"), found.get("many")
        assert (left is None) == (right is None)
        if left and right:
            kept = ("value", "reported", "expected", "source_kind", "scope_path", "county_id")
            assert [getattr(left, name) for name in kept] == [getattr(right, name) for name in kept]


def test_the_same_batch_twice_changes_nothing_and_a_correction_makes_versions(cast: Cast) -> None:
    indicator = make_indicator(cast)
    user, source = cast.user("office-3715"), cast.main("3715")
    set_many(by=user, entries=entries(cast, indicator, 3, 4, 5), source=source)
    count = FigureValue.objects.count()
    again = set_many(by=user, entries=entries(cast, indicator, 3, 4, 5), source=source)
    assert (again.written, again.unchanged, FigureValue.objects.count()) == (0, 3, count)
    assert set_many(by=user, entries=entries(cast, indicator, 3, 9), source=source).written == 1
    assert standing(cast.main("3715"), "2020")["visits"].value == 17
    versions = FigureValue.objects.filter(body=cast.main("3715")).order_by("recorded_at", "id")
    assert [(row.value, row.superseded_at is None) for row in versions] == [
        (12, False),
        (17, True),
    ]
    assert Event.objects.filter(verb="figures.set_many").count() == 2


def test_a_batch_costs_the_same_for_many(cast: Cast) -> None:
    indicator = make_indicator(cast)
    user, source = cast.user("office-3715"), cast.main("3715")

    def cost(*values: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            set_many(by=user, entries=entries(cast, indicator, *values), source=source)
        return len(queries)

    cost(9)
    assert cost(1) == cost(2, 3, 4) <= 20


def test_the_night_finds_what_differs_repairs_it_and_says_so(cast: Cast) -> None:
    indicator = make_indicator(cast)
    user = cast.user("office-3715")
    set_many(by=user, entries=entries(cast, indicator, 3, 4, 5), source=cast.main("3715"))
    clean = rollups.check_rollups()
    assert (clean.cells, clean.differing) == (7, 0)
    FigureValue.objects.current().filter(body=cast.main("371525")).update(value=40)
    with pytest.raises(CommandError, match="1 项"):
        call_command("check_rollups", stdout=StringIO())
    out = StringIO()
    call_command("check_rollups", "--repair", "--json", stdout=out)
    given_back = json.loads(out.getvalue())
    assert given_back["examples"] == [
        {
            "indicator": "visits",
            "division": "371525000000",
            "period": "2020",
            "stored": "40",
            "found": "4",
            "stored_counts": [1, 1],
            "found_counts": [1, 1],
        }
    ]
    assert standing(cast.main("371525"), "2020")["visits"].value == 4
    assert rollups.check_rollups().differing == 0
    assert RollupCheck.objects.count() == 4
    assert Event.objects.filter(verb="figures.rollups_differ").count() == 2


def test_a_lost_sum_and_one_that_should_not_be_are_found(cast: Cast) -> None:
    indicator = make_indicator(cast)
    set_many(
        by=cast.user("office-3715"),
        entries=entries(cast, indicator, 3, 4, 5),
        source=cast.main("3715"),
    )
    rows = FigureValue.objects.current()
    rows.filter(body=cast.main("371525")).update(superseded_at="2021-01-01T00:00Z")
    rows.filter(body=cast.main("371502011001")).update(superseded_at="2021-01-01T00:00Z")
    found = {(item.division, item.stored, item.found) for item in bulk.recompute(period="2020")}
    assert found == {
        ("371500000000", 12, 7),
        ("371525000000", None, 4),
        ("3715Z3000000", 5, None),
        ("371502011000", 5, None),
    }
    assert bulk.recompute(period="2020") == []


def test_a_new_place_below_only_renews_how_many_are_due(cast: Cast) -> None:
    indicator = make_indicator(cast)
    set_many(
        by=cast.user("office-3715"), entries=entries(cast, indicator, 3), source=cast.main("3715")
    )
    create_division(
        code="371502001002",
        name="新村",
        tier="village",
        parent=cast.place("371502001"),
        kind="statutory",
    )
    assert rollups.check_rollups().differing == 0
    assert standing(cast.main("371502001"), "2020")["visits"].expected == 2


def test_beat_s_task_is_one_that_the_worker_knows() -> None:
    current_app.loader.import_default_modules()
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] in current_app.tasks, name


@hypothesis_settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=3), min_size=1, max_size=4))
def test_any_order_of_batches_leaves_sums_that_agree(cast: Cast, batches: list[list[int]]) -> None:
    indicator = make_indicator(cast)
    for values in batches:
        set_many(
            by=cast.user("office-3715"),
            entries=entries(cast, indicator, *values),
            source=cast.main("3715"),
        )
    typed = FigureValue.objects.current().filter(source_kind="typed")
    total = sum(row.value for row in typed)
    assert standing(cast.main("3715"), "2020")["visits"].value == total
    assert bulk.recompute(period="2020", write=False) == []

"""Numbers by formula: many bodies at once, reports included; the dictionary stays sound."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.figures import sources
from responsibility.figures.models import Indicator
from responsibility.figures.services import dictionary, reading
from responsibility.figures.services.ledger import set_values, standing
from tests.cast import Cast
from tests.duties_maker import make_indicator

VILLAGES = ("371502011001", "371525001001", "371502001001")


def formula(cast: Cast, key: str, text: str, **extra: Any) -> Indicator:
    values = {
        "name": key.upper(),
        "unit": "%",
        "tier": "village",
        "nature": "ratio",
        "source_kind": "formula",
        "formula": text,
        **extra,
    }
    return dictionary.create_indicator(
        by=cast.user("office-3715"), programme=cast.programme, key=key, values=values
    )


@pytest.fixture
def pair(cast: Cast) -> tuple[Indicator, Indicator]:
    households = make_indicator(cast, "households")
    Indicator.objects.filter(pk=households.pk).update(name="在册户数")
    households.refresh_from_db()
    return make_indicator(cast), households


def enter(cast: Cast, code: str, period: str, **values: int) -> None:
    rows = {item.key: item for item in Indicator.objects.all()}
    body = cast.main(code)
    set_values(
        by=cast.user(f"recorder-{code}"),
        body=body,
        period=period,
        values={rows[key]: Decimal(number) for key, number in values.items()},
        source=body,
    )


def test_a_rate_is_worked_out_of_sums_never_summed(
    cast: Cast, pair: tuple[Indicator, Indicator]
) -> None:
    rate = formula(cast, "rate", "visits / households")
    enter(cast, VILLAGES[0], "2020", visits=10, households=10)
    enter(cast, VILLAGES[1], "2020", visits=0, households=30)
    city = reading.value(cast.main("3715"), rate, "2020")
    assert (city.value, city.how, city.reported, city.expected) == (25, "formula", 2, 3)
    none = reading.value(cast.main("371502"), rate, "2020")
    assert (none.value, none.reason) == (None, "缺2020年的“走访户数”")
    empty = reading.value(
        cast.main(VILLAGES[1]), formula(cast, "r2", "households / visits"), "2020"
    )
    assert empty.reason == "除数为 0：走访户数"


def test_reports_find_formulas_among_what_stands(
    cast: Cast, pair: tuple[Indicator, Indicator]
) -> None:
    formula(cast, "rate", "visits / households")
    formula(cast, "growth", "rate - yoy(rate)", unit="百分点")
    enter(cast, VILLAGES[0], "2019", visits=4, households=10)
    enter(cast, VILLAGES[0], "2020", visits=5, households=10)
    found = standing(cast.main("3715"), "2020")
    assert {key: row.value for key, row in found.items()} == {
        "visits": 5,
        "households": 10,
        "rate": 50,
        "growth": 10,
    }
    assert (found["rate"].source_kind, found["rate"].public_id) == ("formula", None)
    assert "growth" not in standing(cast.main("3715"), "2019")


def test_statements_do_not_grow_with_bodies(cast: Cast, pair: tuple[Indicator, Indicator]) -> None:
    formula(cast, "rate", "visits / households + yoy(visits) / households")
    every = [body.pk for body in cast.bodies.values()]

    def cost(bodies: list[int]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            reading.values(bodies=bodies, keys=["rate", "visits"], periods=["2019", "2020"])
        return len(queries)

    assert cost(every[:1]) == cost(every) <= 3


def test_a_ledger_answers_for_many_bodies(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, pair: tuple[Indicator, Indicator]
) -> None:
    monkeypatch.setattr(sources, "_sources", {})
    body = cast.main(VILLAGES[0])
    sources.register("helpers", lambda bodies, period: {body.pk: Decimal(7)} if bodies else {})
    Indicator.objects.create(
        programme=cast.programme,
        key="helpers",
        name="帮扶户数",
        unit="户",
        tier="village",
        nature="additive",
        source_kind="query",
        source_key="helpers",
    )
    rate = formula(cast, "covered", "helpers / households")
    enter(cast, VILLAGES[0], "2020", households=14)
    assert reading.value(body, rate, "2020").value == 50
    assert standing(body, "2020")["helpers"].value == 7


def test_what_was_known_then(cast: Cast, pair: tuple[Indicator, Indicator]) -> None:
    rate = formula(cast, "rate", "visits / households")
    enter(cast, VILLAGES[0], "2020", visits=5, households=10)
    body = cast.main("3715")
    row = standing(body, "2020")["visits"]
    then = timezone.now()
    type(row).objects.filter(pk=row.pk).update(superseded_at=timezone.now())
    assert reading.value(body, rate, "2020").value is None
    assert reading.value(body, rate, "2020", as_of=then).value == 50
    before = then - timezone.timedelta(days=1)
    assert reading.value(body, rate, "2020", as_of=before).value is None


@pytest.mark.parametrize(
    ("text", "extra", "message"),
    [
        ("visits / nothing", {}, "没有指标"),
        ("visits + households", {}, "与计量单位"),
        ("visits /", {}, "没有写完"),
        ("visits / households", {"period_type": "month"}, "不一致"),
    ],
)
def test_a_formula_that_cannot_stand_is_refused(
    cast: Cast, pair: tuple[Indicator, Indicator], text: str, extra: dict[str, str], message: str
) -> None:
    with pytest.raises(Invalid, match=message) as caught:
        formula(cast, "wrong", text, **extra)
    assert caught.value.where == "formula"


def test_rings_are_refused_at_saving_and_at_import(
    cast: Cast, pair: tuple[Indicator, Indicator], tmp_path: Path
) -> None:
    rate = formula(cast, "rate", "visits / households")
    formula(cast, "more", "rate * 2")
    office = cast.user("office-3715")
    with pytest.raises(Invalid, match="互相引用：MORE → RATE → MORE"):
        dictionary.change_indicator(
            by=office,
            indicator=rate,
            values={"source_kind": "formula", "formula": "more / 2"},
            reason="试",
        )
    path = tmp_path / "indicators.yaml"
    entry = (
        "{key: %s, name: 甲%s, unit: 户, tier: village, nature: ratio, "
        "source_kind: formula, formula: %s}"
    )
    path.write_text(
        "indicators:\n  - " + entry % ("a", "a", "b") + "\n  - " + entry % ("b", "b", "a"), "utf-8"
    )
    with pytest.raises(Invalid, match="互相引用"):
        dictionary.import_indicators(path=path, programme=cast.programme)
    assert not Indicator.objects.filter(key="a").exists()


def test_changes_are_versions_and_what_numbers_rest_on_stands(
    cast: Cast, pair: tuple[Indicator, Indicator]
) -> None:
    visits, _ = pair
    office = cast.user("office-3715")
    change = {"definition": "含电话走访"}
    with pytest.raises(Invalid, match="修改原因"):
        dictionary.change_indicator(by=office, indicator=visits, values=change, reason=" ")
    with pytest.raises(Forbidden):
        dictionary.change_indicator(
            by=cast.user("recorder-3715"), indicator=visits, values=change, reason="改"
        )
    dictionary.change_indicator(by=office, indicator=visits, values=change, reason="口径明确")
    version = visits.versions.get()
    assert (version.content["definition"], version.recorded_by) == ("含电话走访", office)
    with pytest.raises(Conflict, match="没有改动"):
        dictionary.change_indicator(by=office, indicator=visits, values=change, reason="再来")
    enter(cast, VILLAGES[0], "2020", visits=5)
    with pytest.raises(Invalid, match="计量单位不能改"):
        dictionary.change_indicator(
            by=office, indicator=visits, values={"unit": "人"}, reason="改单位"
        )


def test_what_formulas_read_is_not_retired(cast: Cast, pair: tuple[Indicator, Indicator]) -> None:
    rate = formula(cast, "rate", "[走访户数] ÷ [在册户数]")
    assert rate.formula == "visits / households"
    office = cast.user("office-3715")
    with pytest.raises(Conflict, match="RATE"):
        dictionary.retire_indicator(by=office, indicator=pair[0], reason="不用了")
    dictionary.retire_indicator(by=office, indicator=rate, reason="不用了")
    dictionary.retire_indicator(by=office, indicator=pair[0], reason="不用了")
    assert pair[0].versions.count() == 1


def test_the_shipped_dictionary_stands(cast: Cast) -> None:
    path = settings.BASE_DIR / "data/indicators.yaml"
    first = dictionary.import_indicators(path=path, programme=cast.programme)
    again = dictionary.import_indicators(path=path, programme=cast.programme)
    assert first["created"] == again["unchanged"] == Indicator.objects.count()
    assert Indicator.objects.filter(source_kind="formula").count() >= 3

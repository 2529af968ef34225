"""Entering numbers and rolling them up."""

from decimal import Decimal

import pytest

from responsibility.common.errors import Invalid
from responsibility.figures.models import FigureValue, Indicator
from responsibility.figures.services.ledger import set_values, standing
from tests.cast import Cast


@pytest.fixture
def indicator(cast: Cast) -> Indicator:
    return Indicator.objects.create(
        programme=cast.programme,
        key="households-visited",
        name="走访户数",
        unit="户",
        tier="village",
        nature="additive",
        source_kind="typed",
    )


def enter(cast: Cast, indicator: Indicator, code: str, value: int) -> None:
    user = cast.user(f"recorder-{code}")
    set_values(
        by=user,
        body=cast.main(code),
        period="2020",
        values={indicator: Decimal(value)},
        source=cast.main(code),
    )


def test_a_number_rolls_up_along_the_chain(cast: Cast, indicator: Indicator) -> None:
    enter(cast, indicator, "371502011001", 12)
    enter(cast, indicator, "371525001001", 30)
    city = standing(cast.main("3715"), "2020")["households-visited"]
    zone = standing(cast.main("3715Z3"), "2020")["households-visited"]
    other = standing(cast.main("371502"), "2020")
    assert (city.value, city.reported, city.expected) == (42, 2, 3)
    assert (zone.value, zone.reported, zone.expected) == (12, 1, 1)
    assert other == {}


def test_a_corrected_number_is_not_counted_twice(cast: Cast, indicator: Indicator) -> None:
    enter(cast, indicator, "371502011001", 12)
    enter(cast, indicator, "371502011001", 7)
    enter(cast, indicator, "371502011001", 7)
    assert standing(cast.main("3715"), "2020")["households-visited"].value == 7
    versions = FigureValue.objects.filter(body=cast.main("371502011001"))
    assert sorted(version.value for version in versions) == [7, 12]


def test_what_adds_up_from_below_may_not_be_typed_above(cast: Cast, indicator: Indicator) -> None:
    with pytest.raises(Invalid, match="由下级汇总"):
        set_values(
            by=cast.user("recorder-3715Z3"),
            body=cast.main("3715Z3"),
            period="2020",
            values={indicator: Decimal(1)},
            source=cast.main("3715Z3"),
        )

"""Period codes."""

from datetime import date
from itertools import pairwise

import pytest

from responsibility.common import periods
from responsibility.common.periods import PeriodType


@pytest.mark.parametrize(
    ("code", "start", "end", "label"),
    [
        ("2020", date(2020, 1, 1), date(2020, 12, 31), "2020年"),
        ("2020H1", date(2020, 1, 1), date(2020, 6, 30), "2020年上半年"),
        ("2020H2", date(2020, 7, 1), date(2020, 12, 31), "2020年下半年"),
        ("2020Q4", date(2020, 10, 1), date(2020, 12, 31), "2020年第四季度"),
        ("2020M02", date(2020, 2, 1), date(2020, 2, 29), "2020年2月"),
        ("2020M12", date(2020, 12, 1), date(2020, 12, 31), "2020年12月"),
        ("2018/2020", date(2018, 1, 1), date(2020, 12, 31), "2018—2020年"),
    ],
)
def test_codes(code: str, start: date, end: date, label: str):
    found = periods.parse(code)
    assert (found.code, found.start, found.end, found.label) == (code, start, end, label)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "20",
        "2020Q5",
        "2020Q0",
        "2020H3",
        "2020M13",
        "2020M1",
        "2020/2018",
        "9999",
        "2020 ",
        "2020\n",
        "２０２０",
    ],
)
def test_what_is_no_code(code: str):
    with pytest.raises(ValueError, match="not a period"):
        periods.parse(code)


@pytest.mark.parametrize("kind", [item for item in PeriodType if item is not PeriodType.SPAN])
def test_periods_of_a_year_cover_it_without_gaps(kind: PeriodType):
    found = periods.of_year(2020, kind)
    assert found[0].start == date(2020, 1, 1)
    assert found[-1].end == date(2020, 12, 31)
    for before, after in pairwise(found):
        assert (after.start - before.end).days == 1
        assert periods.previous(after) == before
        assert before.code < after.code, "codes sort"
        assert periods.containing(before.end, kind) == before


def test_previous_of_a_span():
    assert periods.previous(periods.parse("2018/2020")).code == "2015/2017"

"""A year's assignments for the real city, and what zones and marks make of them."""

from datetime import date

import pytest

from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing
from responsibility.deadlines.models import Deadline
from responsibility.divisions.models import Division, MarkKind
from responsibility.divisions.services import bodies, marks
from responsibility.duties.models import Assignment, Duty
from responsibility.duties.services import assigning, standings
from tests.cast import Cast
from tests.shipped import DATA, load_city, load_rulebook


@pytest.mark.django_db
@pytest.mark.slow
def test_the_whole_city_in_one_go() -> None:
    load_city()
    plan = assigning.assign_year(year=2020)
    assert 30_000 <= len(plan.rows) <= 75_000
    assert Assignment.objects.count() == len(plan.rows)
    again = assigning.assign_year(year=2020)
    assert again.rows == []
    zone = Assignment.objects.filter(division__code="3715Z3000000")
    assert set(zone.values_list("standing", flat=True)) == {"active", "unlisted", "undetermined"}
    street = Assignment.objects.filter(division__code="371502011000")
    assert street.filter(standing="active").count() == street.count() > 15
    letters = Assignment.objects.filter(duty__title="每年签署脱贫责任书", standing="active")
    assert letters.count() == 8
    opened = Deadline.objects.filter(title="每年签署脱贫责任书")
    assert {row.due_on for row in opened} == {date(2020, 3, 31)}
    for duty in Duty.objects.filter(society_reason="", needs_mark=None):
        assert duty.assignments.exists(), duty.key


@pytest.fixture
def year(cast: Cast) -> int:
    """The cast with the shipped rulebook and 2020's assignments."""
    bodies.import_body_kinds(path=DATA / "body-kinds.yaml")
    load_rulebook(cast.programme)
    assigning.assign_year(year=2020)
    return 2020


def of(code: str, standing: str) -> int:
    division = Division.objects.get(code=code.ljust(12, "0"))
    return Assignment.objects.filter(division=division, standing=standing).count()


def test_a_zone_bears_what_names_it_and_the_office_extends_the_rest(cast: Cast, year: int) -> None:
    letter = Duty.objects.get(title="每年签署脱贫责任书")
    row = letter.assignments.get(division=cast.place("3715Z3"))
    assert row.standing == "unlisted"
    with pytest.raises(Forbidden):
        assigning.extend_to_zones(duty=letter, basis="参照县级", by=cast.user("office-371502"))
    with pytest.raises(Invalid):
        assigning.extend_to_zones(duty=letter, basis=" ", by=cast.user("office-3715"))
    assigning.extend_to_zones(duty=letter, basis="参照县级", by=cast.user("office-3715"))
    row.refresh_from_db()
    assert row.standing == "active"
    assert Deadline.objects.filter(subject_id=row.public_id).exists()
    with pytest.raises(Conflict):
        assigning.extend_to_zones(duty=letter, basis="参照县级", by=cast.user("office-3715"))


def test_a_duty_with_a_mark_waits_until_the_mark_is_imported(
    cast: Cast, year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 6, 1))
    duty = Duty.objects.get(title="驻村督促政策落实")
    assert {row.standing for row in duty.assignments.all()} == {"undetermined"}
    office = cast.user("office-3715")
    mark = marks.add_mark(
        division=cast.place("371525001001"),
        kind=MarkKind.objects.get(key="key-poverty-village"),
        since=date(2019, 1, 1),
        until=None,
        basis="测试名单",
        by=office,
    )
    row = duty.assignments.get(standing="active")
    assert row.division == cast.place("371525001001")
    assert Deadline.objects.filter(subject_id=row.public_id, status="open").exists()
    county = duty.assignments.get(body=cast.main("371525"))
    assert county.standing == "determined"
    assert duty.assignments.get(body=cast.main("371502")).standing == "undetermined"
    marks.void_mark(mark=mark, reason="录错", by=office)
    row.refresh_from_db()
    county.refresh_from_db()
    assert (row.standing, row.standing_by) == ("not_applicable", office)
    assert not Deadline.objects.filter(subject_id=row.public_id, status="open").exists()
    assert county.standing == "undetermined"


def test_not_applicable_can_be_taken_back(cast: Cast, year: int) -> None:
    office = cast.user("office-3715")
    row = Assignment.objects.filter(
        body=cast.main("371502011"), standing="active", duty__rhythm="yearly"
    ).first()
    assert row is not None
    with pytest.raises(Conflict):
        standings.reinstate(assignment=row, reason="认错", by=office)
    assigning.mark_not_applicable(assignment=row, reason="本地没有此项工作", by=office)
    with pytest.raises(Invalid):
        standings.reinstate(assignment=row, reason=" ", by=office)
    with pytest.raises(Forbidden):
        standings.reinstate(assignment=row, reason="认错", by=cast.user("office-3715Z3"))
    back = standings.reinstate(assignment=row, reason="认错", by=office)
    assert back.standing == "active"
    statuses = Deadline.objects.filter(subject_id=row.public_id).values_list("status", flat=True)
    assert set(statuses) == {"open"}
    zone = Assignment.objects.filter(body=cast.main("3715Z3"), standing="unlisted").first()
    assert zone is not None
    assigning.mark_not_applicable(assignment=zone, reason="本地没有此项工作", by=office)
    assert standings.reinstate(assignment=zone, reason="认错", by=office).standing == "unlisted"


def test_several_duties_are_extended_on_one_basis_or_none(cast: Cast, year: int) -> None:
    office = cast.user("office-3715")
    duties = list(Duty.objects.filter(key__in=["a11-1", "a11-2"]))
    with pytest.raises(Invalid):
        standings.extend_many(duties=[], basis="参照县级", by=office)
    named = Duty.objects.get(key="a13-1")
    with pytest.raises(Conflict):
        standings.extend_many(duties=[*duties, named], basis="参照县级", by=office)
    assert of("3715Z3", "unlisted") > 30
    before = of("3715Z3", "unlisted")
    assert standings.extend_many(duties=duties, basis="参照县级", by=office) == 2
    assert of("3715Z3", "unlisted") == before - 2


def test_not_applicable_needs_a_reason_and_the_office(cast: Cast, year: int) -> None:
    row = Assignment.objects.filter(body=cast.main("371502011"), standing="active").first()
    assert row is not None
    with pytest.raises(Missing):
        assigning.mark_not_applicable(assignment=row, reason="无", by=cast.user("office-371525"))
    with pytest.raises(Forbidden):
        assigning.mark_not_applicable(assignment=row, reason="无", by=cast.user("office-3715Z3"))
    office = cast.user("office-3715")
    with pytest.raises(Invalid):
        assigning.mark_not_applicable(assignment=row, reason="", by=office)
    done = assigning.mark_not_applicable(assignment=row, reason="本地没有此项工作", by=office)
    assert done.standing == "not_applicable"
    statuses = Deadline.objects.filter(subject_id=row.public_id).values_list("status", flat=True)
    assert set(statuses) <= {"cancelled"}


def test_a_year_that_cannot_be_is_refused() -> None:
    with pytest.raises(Invalid, match="年度"):
        assigning.plan_year(20200)

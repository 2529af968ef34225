"""Postings: within the territory, never above the granter's own reach, ending the day after."""

from datetime import date, timedelta

import pytest

from responsibility.audit.models import Event
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Division
from responsibility.postings.models import Posting
from responsibility.postings.rules import ROLE_LABELS, Role
from responsibility.postings.services.giving import end_posting, give_deputy, give_posting
from tests.cast import Cast, make_user, post


def sees(cast: Cast, name: str, code: str) -> bool:
    return Division.objects.visible_to(cast.user(name)).filter(code=code.ljust(12, "0")).exists()


@pytest.fixture
def newcomer(cast: Cast) -> Cast:
    cast.users["newcomer"] = make_user("newcomer")
    return cast


def give(cast: Cast, role: Role, code: str, by: str = "admin-371525", **extra: object) -> Posting:
    return give_posting(
        user=cast.user("newcomer"),
        role=role,
        division=cast.place(code),
        by=cast.user(by),
        **extra,  # type: ignore[arg-type]
    )


def test_a_posting_opens_the_view_and_is_audited(newcomer: Cast):
    assert not sees(newcomer, "newcomer", "371525001")
    posting = give(newcomer, Role.RECORDER, "371525001", reason="新任")
    assert sees(newcomer, "newcomer", "371525001")
    assert not sees(newcomer, "newcomer", "371502001")
    event = Event.objects.get(verb="postings.give")
    assert event.target_id == str(posting.public_id)
    assert event.actor == "admin-371525"


@pytest.mark.parametrize(
    ("by", "role", "code", "error"),
    [
        ("admin-371525", Role.RECORDER, "371502001", Missing),
        ("admin-371525", Role.RECORDER, "3715", Missing),
        ("admin-371525", Role.UNIT_ADMIN, "371525", Forbidden),
        ("admin-371525", Role.AUDIT, "371525", Forbidden),
        ("office-3715", Role.OFFICE, "3715", Forbidden),
        ("office-3715", Role.SECURITY, "3715", Forbidden),
        ("recorder-371525", Role.RECORDER, "371525001", Forbidden),
        ("secretary-371525", Role.RECORDER, "371525", Forbidden),
        ("security-3715", Role.RECORDER, "371525", Missing),
        ("admin-371525", Role.OFFICE, "371525001", Forbidden),
    ],
)
def test_never_above_ones_own_reach(
    newcomer: Cast, by: str, role: Role, code: str, error: type[Exception]
):
    with pytest.raises(error):
        give(newcomer, role, code, by=by)
    assert not Posting.objects.filter(user=newcomer.user("newcomer")).exists()


def test_unit_administration_is_given_below_only(newcomer: Cast):
    assert give(newcomer, Role.UNIT_ADMIN, "371525001").role == Role.UNIT_ADMIN


def test_nobody_gives_himself_a_role(cast: Cast):
    admin = cast.user("admin-371525")
    with pytest.raises(Forbidden, match="给自己"):
        give_posting(user=admin, role=Role.REVIEWER, division=cast.place("371525"), by=admin)


def test_what_does_not_fit(newcomer: Cast):
    with pytest.raises(Invalid, match="单位"):
        give(newcomer, Role.MEMBER, "371525")
    other = newcomer.bodies[("371500000000", "city.finance")]
    with pytest.raises(Invalid, match="不在这个区划"):
        give(newcomer, Role.MEMBER, "371525", body=other)
    with pytest.raises(Invalid, match="早于"):
        give(newcomer, Role.RECORDER, "371525", since=date(2020, 2, 2), until=date(2020, 2, 1))
    give(newcomer, Role.RECORDER, "371525")
    with pytest.raises(Conflict, match="已有"):
        give(newcomer, Role.RECORDER, "371525")


def test_a_deputy_for_a_fortnight_loses_the_view_the_day_after(newcomer: Cast, settings):
    settings.BUSINESS_DATE = "2020-06-01"
    held = Posting.objects.get(user=newcomer.user("reviewer-371525"))
    deputy = give_deputy(
        posting=held,
        deputy=newcomer.user("newcomer"),
        since=date(2020, 6, 1),
        reason="公出",
        by=newcomer.user("admin-371525"),
    )
    assert deputy.last_day == date(2020, 6, 14)
    assert sees(newcomer, "newcomer", "371525001")
    settings.BUSINESS_DATE = "2020-06-14"
    assert sees(newcomer, "newcomer", "371525001")
    settings.BUSINESS_DATE = "2020-06-15"
    assert not sees(newcomer, "newcomer", "371525001")


def test_ended_today_works_today_and_not_tomorrow(newcomer: Cast, settings):
    today = date(2020, 6, 1)
    settings.BUSINESS_DATE = str(today)
    posting = give(newcomer, Role.RECORDER, "371525", since=date(2020, 1, 1))
    end_posting(posting=posting, last_day=today, reason="调离", by=newcomer.user("admin-371525"))
    assert sees(newcomer, "newcomer", "371525")
    settings.BUSINESS_DATE = str(today + timedelta(days=1))
    assert not sees(newcomer, "newcomer", "371525")
    with pytest.raises(Conflict):
        end_posting(
            posting=posting, last_day=today, reason="再来", by=newcomer.user("admin-371525")
        )


def test_one_that_never_began_is_voided_not_deleted(newcomer: Cast):
    today = clock.today()
    posting = give(newcomer, Role.RECORDER, "371525", since=today)
    end_posting(
        posting=posting,
        last_day=today - timedelta(days=1),
        reason="授错人",
        by=newcomer.user("admin-371525"),
    )
    posting.refresh_from_db()
    assert posting.is_voided
    assert not sees(newcomer, "newcomer", "371525")


def test_another_county_cannot_end_it(newcomer: Cast):
    posting = give(newcomer, Role.RECORDER, "371525")
    with pytest.raises(Missing):
        end_posting(
            posting=posting, last_day=clock.today(), reason="x", by=newcomer.user("admin-371502")
        )


def test_an_inactive_user_sees_nothing(cast: Cast):
    user = cast.user("office-371525")
    user.is_active = False
    user.save()
    assert not sees(cast, "office-371525", "371525")
    assert not access_of(cast.user("office-371525")).has(Right.VIEW)


def test_several_postings_make_one_view(newcomer: Cast):
    user = newcomer.user("newcomer")
    post(user, Role.RECORDER, newcomer.place("371525001"))
    post(user, Role.RECORDER, newcomer.place("371502001"))
    assert sees(newcomer, "newcomer", "371525001001")
    assert sees(newcomer, "newcomer", "371502001001")
    assert not sees(newcomer, "newcomer", "371502011")


def test_every_role_has_its_words():
    assert set(ROLE_LABELS) == set(Role)

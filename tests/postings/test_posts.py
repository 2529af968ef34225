"""Posts, terms, gaps and the hand-over from one holder to the next."""

from datetime import date
from typing import Any

import pytest

from responsibility.audit.models import Event
from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Body
from responsibility.postings import open_items
from responsibility.postings.models import Post, Posting, Tenure
from responsibility.postings.rules import PrincipalKind, Role
from responsibility.postings.services import posts
from tests.cast import Cast, make_user

DAY = date(2020, 6, 1)


@pytest.fixture
def county(cast: Cast, settings: Any) -> Cast:
    settings.BUSINESS_DATE = "2020-06-01"
    for name in ("first", "second"):
        cast.users[name] = make_user(name)
    return cast


@pytest.fixture
def secretary(county: Cast) -> Post:
    return posts.create_post(
        body=county.main("371525"),
        title="书记",
        principal=PrincipalKind.SECRETARY,
        by=county.user("admin-371525"),
    )


def appoint(cast: Cast, post: Post, user: str, since: date = DAY, **extra: Any) -> Tenure:
    return posts.appoint(
        post=post, user=cast.user(user), since=since, by=cast.user("admin-371525"), **extra
    )


def vacant(cast: Cast, code: str = "371525") -> list[str]:
    scope = access_of(cast.user(f"office-{code}")).scope(Right.VIEW)
    return [post.title for post in posts.vacant_principals(scope)]


def test_a_vacant_principal_shows_until_somebody_holds_the_post(county: Cast, secretary: Post):
    assert vacant(county) == ["书记"]
    assert vacant(county, "371502") == []
    tenure = appoint(county, secretary, "first", since=date(2020, 1, 1))
    assert vacant(county) == []
    posts.end_tenure(
        tenure=tenure, last_day=date(2020, 5, 31), reason="调离", by=county.user("admin-371525")
    )
    assert vacant(county) == ["书记"]


def test_a_principal_gets_the_posting_and_loses_it_with_the_post(county: Cast, secretary: Post):
    tenure = appoint(county, secretary, "first", since=date(2020, 1, 1), document="聊任〔2020〕1号")
    posting = Posting.objects.get(tenure=tenure)
    assert posting.role == Role.SECRETARY
    posts.end_tenure(
        tenure=tenure, last_day=date(2020, 5, 31), reason="调离", by=county.user("admin-371525")
    )
    posting.refresh_from_db()
    assert posting.last_day == date(2020, 5, 31)
    assert not access_of(county.user("first")).has(Right.SIGN)


def test_one_holder_at_a_time(county: Cast, secretary: Post):
    appoint(county, secretary, "first")
    with pytest.raises(Conflict, match="已有人任职"):
        appoint(county, secretary, "second")


def test_one_person_may_hold_two_posts_at_one_place(county: Cast, secretary: Post):
    head = posts.create_post(
        body=county.main("371525"),
        title="县长",
        principal=PrincipalKind.HEAD,
        by=county.user("admin-371525"),
    )
    appoint(county, secretary, "first")
    appoint(county, head, "first")
    roles = set(Posting.objects.filter(user=county.user("first")).values_list("role", flat=True))
    assert roles == {Role.SECRETARY, Role.HEAD}


def test_posts_belong_to_the_territory(county: Cast, secretary: Post):
    stranger = county.user("admin-371502")
    with pytest.raises(Missing):
        posts.create_post(body=county.main("371525"), title="副书记", by=stranger)
    with pytest.raises(Missing):
        posts.appoint(post=secretary, user=county.user("first"), since=DAY, by=stranger)
    with pytest.raises(Forbidden):
        posts.create_post(
            body=county.main("371525"), title="副书记", by=county.user("recorder-371525")
        )


def test_a_title_once_and_never_empty(county: Cast, secretary: Post):
    with pytest.raises(Conflict, match="已有"):
        posts.create_post(body=secretary.body, title=" 书记 ", by=county.user("admin-371525"))
    with pytest.raises(Invalid):
        posts.create_post(body=secretary.body, title=" ", by=county.user("admin-371525"))


def test_the_hand_over_lists_what_is_open_and_only_the_successor_confirms(
    county: Cast, secretary: Post, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(open_items, "_sources", [])

    def source(body: Body, user: Any) -> list[open_items.Item]:
        assert body == secretary.body
        assert user == county.user("first")
        return [("逾期的责任", 3, "/duties/"), ("退回的进展", 0, "/progress/")]

    open_items.register(source)
    before = appoint(county, secretary, "first", since=date(2020, 1, 1))
    admin = county.user("admin-371525")
    found = posts.hand_over(post=secretary, successor=county.user("second"), since=DAY, by=admin)
    before.refresh_from_db()
    assert before.validity.upper == DAY
    assert [(item.label, item.count) for item in found.items.all()] == [("逾期的责任", 3)]
    assert access_of(county.user("second")).has(Right.SIGN)
    assert not access_of(county.user("first")).has(Right.SIGN)
    with pytest.raises(Forbidden, match="接任人本人"):
        posts.confirm_hand_over(hand_over=found, by=admin)
    posts.confirm_hand_over(hand_over=found, note="已知悉", by=county.user("second"))
    found.refresh_from_db()
    assert found.confirmed_at is not None
    with pytest.raises(Conflict):
        posts.confirm_hand_over(hand_over=found, by=county.user("second"))
    verbs = list(Event.objects.order_by("id").values_list("verb", flat=True))
    assert verbs[-2:] == ["posts.hand_over", "posts.hand_over_confirmed"]


def test_no_second_hand_over_before_the_first_is_confirmed(county: Cast, secretary: Post):
    admin = county.user("admin-371525")
    posts.hand_over(post=secretary, successor=county.user("first"), since=DAY, by=admin)
    with pytest.raises(Conflict, match="还没有确认"):
        posts.hand_over(post=secretary, successor=county.user("second"), since=DAY, by=admin)

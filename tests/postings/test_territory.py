"""One territory at a time, for a user who holds several postings."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of, choose
from responsibility.divisions.models import Division
from responsibility.divisions.services.tree import create_division
from responsibility.postings.models import Posting
from responsibility.postings.rules import Role
from tests.cast import Cast, make_user, post

FRAME = "范围："
GUANXIAN, RESORT = "371525000000", "3715Z3000000"


@pytest.fixture
def both(cast: Cast) -> Client:
    """A reviewer of 冠县 who is also an inspector of 度假区."""
    user = make_user("reviewer-both")
    post(user, Role.REVIEWER, cast.place("371525"))
    post(user, Role.INSPECTOR, cast.place("3715Z3"))
    cast.users["reviewer-both"] = user
    return cast.client("reviewer-both")


def seen(client: Client, place: Division) -> int:
    return client.get(reverse("division_detail", args=[place.public_id])).status_code


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_one_place_at_a_time_and_all_again(cast: Cast, both: Client):
    here, there = cast.place("371525001"), cast.place("371502011")
    assert (seen(both, here), seen(both, there)) == (200, 200)
    answer = both.post("/territory/", {"territory": GUANXIAN})
    assert (answer.status_code, answer["Location"]) == (302, f"/?territory={GUANXIAN}")
    assert (seen(both, here), seen(both, there)) == (200, 404)
    both.post("/territory/", {"territory": RESORT})
    assert (seen(both, here), seen(both, there)) == (404, 200)
    both.post("/territory/", {"territory": ""})
    assert (seen(both, here), seen(both, there)) == (200, 200)


def test_rights_of_the_other_posting_rest_as_well(cast: Cast, both: Client):
    whole = access_of(cast.user("reviewer-both"))
    here = choose(cast.user("reviewer-both"), RESORT)
    assert here.roles == [Role.INSPECTOR]
    held = {right for grant in whole.grants for right in grant.rights}
    assert {right for grant in here.grants for right in grant.rights} < held


def test_a_place_of_somebody_else_is_refused_and_changes_nothing(cast: Cast, both: Client):
    for code in ("371502000000", "371502001000", "x" * 500, "' OR 1=1"):
        assert both.post("/territory/", {"territory": code}).status_code == 404
        assert both.get("/duties/", {"territory": code}).status_code == 404
    assert seen(both, cast.place("371525")) == seen(both, cast.place("3715Z3")) == 200


def test_a_link_means_the_same_to_whoever_opens_it(cast: Cast, both: Client):
    here, there = cast.place("371525001"), cast.place("371502011")
    assert both.get(f"/duties/?territory={RESORT}").context["access"].chosen == RESORT
    assert (seen(both, here), seen(both, there)) == (404, 200), "it stays for the next pages"
    office = cast.client("office-3715")
    shown = office.get(f"/duties/?territory={GUANXIAN}")
    assert f"{FRAME}<b>冠县" in text_of(shown)
    assert f'data-territory="{GUANXIAN}"' in text_of(shown)
    assert (seen(office, here), seen(office, there)) == (200, 404)
    office.post("/territory/", {"territory": ""})
    assert (seen(office, here), seen(office, there)) == (200, 200)
    stranger = cast.client("reviewer-371502")
    assert stranger.get(f"/duties/?territory={GUANXIAN}").status_code == 404
    assert stranger.get("/duties/").status_code == 200


def test_what_is_held_above_is_cut_down_and_loses_its_seat(cast: Cast):
    user, place = cast.user("office-3715"), cast.place("371525")
    whole = access_of(user)
    here = choose(user, GUANXIAN, place.path, place.name)
    assert {grant.prefix for grant in here.grants} == {place.path}
    assert {grant.division_id for grant in here.grants} == {None}
    assert all(here.scope(right).prefixes in ((), (place.path,)) for right in Right)
    assert whole.scope(Right.VIEW).covers(place.path)


def test_the_search_finds_only_inside_the_whole_territory(cast: Cast, both: Client):
    both.post("/territory/", {"territory": RESORT})
    page = text_of(both.get("/territory/", {"q": "清泉"}))
    assert 'value="371525001000"' in page, "also outside of what is looked at now"
    assert 'value="371502001000"' not in text_of(both.get("/territory/", {"q": "古楼"}))
    both.post("/territory/", {"territory": "371525001000"})
    assert seen(both, cast.place("371525001")) == 200
    assert seen(both, cast.place("371502011")) == 404
    assert "没有名称或代码" in text_of(both.get("/territory/", {"q": "' OR 1=1 --"}))
    assert cast.client("security-3715").get("/territory/").status_code == 403


def test_many_postings_are_searched_not_listed(cast: Cast):
    user = cast.users["reviewer-many"] = make_user("reviewer-many")
    for number in range(10, 34):
        place = create_division(
            code=f"3715250{number}000",
            name=f"第{number}镇",
            tier="township",
            parent=cast.place("371525"),
        )
        post(user, Role.REVIEWER, place)
    page = text_of(cast.client("reviewer-many").get("/menu/"))
    assert page.count('value="3715250') == 2 * 20
    assert 'value="371525033000"' in text_of(
        cast.client("reviewer-many").get("/territory/", {"q": "第33镇"})
    )


def test_a_forged_or_lapsed_choice_never_widens(cast: Cast, both: Client):
    session = both.session
    session["territory"] = "371502000000"
    session.save()
    assert seen(both, cast.place("371502")) == 404
    both.post("/territory/", {"territory": RESORT})
    Posting.objects.filter(user__username="reviewer-both", role=Role.INSPECTOR).update(
        validity=("2015-01-01", "2016-01-01")
    )
    assert seen(both, cast.place("371525")) == 200
    assert seen(both, cast.place("3715Z3")) == 404


def test_the_switcher_shows_only_to_whoever_has_a_choice(cast: Cast, both: Client):
    assert FRAME not in text_of(cast.client("reviewer-371525").get("/menu/"))
    assert f"{FRAME}<b>全部" in text_of(both.get("/menu/"))
    both.post("/territory/", {"territory": GUANXIAN})
    page = text_of(both.get("/menu/"))
    assert f"{FRAME}<b>冠县" in page
    assert page.count(f'value="{RESORT}"') == 2
    assert 'class="card phone-only"' in page, "at 1280 only the top bar offers it"


def test_a_choice_costs_no_statement(both: Client):
    def statements() -> int:
        both.get("/menu/")
        with CaptureQueriesContext(connection) as asked:
            both.get("/menu/")
        return len(asked)

    before = statements()
    both.post("/territory/", {"territory": GUANXIAN})
    both.get("/")
    assert statements() <= before


def test_a_token_reads_all_its_places_whatever_the_session_says(cast: Cast):
    token = cast.token("371525", "3715Z3")
    client = Client(headers={"authorization": f"Bearer {token}"})
    user = User.objects.get(username__startswith="api-")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["territory"] = GUANXIAN
    session.save()
    codes = {row["code"] for row in client.get("/api/v1/divisions/").json()["results"]}
    assert {GUANXIAN, RESORT} <= codes

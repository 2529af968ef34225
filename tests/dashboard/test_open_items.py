"""What a hand-over lists is what is really open at the body, and nothing of another."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from responsibility.common import clock
from responsibility.duties.models import Assignment
from responsibility.flow.rules import State
from responsibility.postings import open_items
from responsibility.postings.models import Post
from responsibility.postings.services import posts
from responsibility.progress.models import ProgressEntry
from tests.cast import Cast
from tests.duties_maker import make_assignment
from tests.letters import maker as letters
from tests.plans import maker as plans


def entry(cast: Cast, row: Assignment, status: State) -> None:
    ProgressEntry.objects.bulk_create([_entry(cast, row, status)])


def _entry(cast: Cast, row: Assignment, status: State) -> ProgressEntry:
    found = ProgressEntry(
        assignment=row,
        period=str(row.year),
        status=status,
        body=row.body,
        recorder=cast.user("recorder-371525001"),
    )
    found.place(row.division)
    return found


def test_the_list_of_a_hand_over(cast: Cast):
    year = clock.today().year
    mine = make_assignment(cast, "371525001", year=year)
    make_assignment(cast, "371525", year=year)
    entry(cast, mine, State.DRAFT)
    labels = {label: count for label, count, _ in open_items.collect(cast.main("371525001"))}
    assert labels == {f"{year}年度未落实的责任": 1, "没有报送的进展草稿": 1}
    with CaptureQueriesContext(connection) as seen:
        open_items.collect(cast.main("371525001"))
    assert len(seen) <= 8
    post = posts.create_post(body=cast.main("371525001"), title="主任", by=None)
    user = cast.user("recorder-371525001")
    found = posts.hand_over(post=post, successor=user, since=clock.today(), by=None)
    page = cast.client("recorder-371525001").get(f"/hand-overs/{found.public_id}/")
    assert "没有报送的进展草稿" in page.content.decode()
    for item in found.items.all():
        assert cast.client("recorder-371525001").get(item.url).status_code == 200


def labels(cast: Cast, code: str, user: object = None) -> dict[str, int]:
    return {label: count for label, count, _ in open_items.collect(cast.main(code), user)}


def test_letters_to_sign_then_to_confirm_then_to_settle(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clock, "today", lambda: date(2020, 3, 2))
    letter = letters.issued(cast)
    former = cast.user("secretary-371525")
    to_sign = {"待签署的责任书": 1}
    assert labels(cast, "371525", former).items() >= to_sign.items()
    assert labels(cast, "3715").items() >= to_sign.items(), "the other side signs too"
    assert "待签署的责任书" not in labels(cast, "371502")
    for who in ("secretary-371525", "head-371525", "secretary-3715", "head-3715"):
        letters.sign(cast, letter, who)
    found = labels(cast, "371525", former)
    assert (found["前任已签、待接任人确认的责任书"], found["待年终对账的责任书"]) == (1, 1)
    assert "待签署的责任书" not in found
    assert "前任已签、待接任人确认的责任书" not in labels(cast, "371525", cast.user("office-3715"))
    assert "前任已签、待接任人确认的责任书" not in labels(cast, "371525")
    former_at = Post.objects.get(body=cast.main("371525"), principal="secretary")
    successor = cast.user("recorder-371525")
    hand_over = posts.hand_over(post=former_at, successor=successor, since=clock.today(), by=None)
    kept = dict(hand_over.items.values_list("label", "count"))
    assert kept["前任已签、待接任人确认的责任书"] == 1
    for item in hand_over.items.all():
        assert cast.client("recorder-371525").get(item.url).status_code == 200


def test_plans_to_answer_until_one_s_own_is_issued(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clock, "today", lambda: date(2020, 3, 2))
    plans.issued_city(cast, 50, 100, 30)
    assert labels(cast, "371525")["上级已下达、待答复的计划"] == 1
    assert "上级已下达、待答复的计划" not in labels(cast, "371525001")
    own = plans.draft(cast)
    assert labels(cast, "371525")["没有报送的计划草稿"] == 1
    plans.split(cast, own, 100)
    plans.issue(cast, own)
    left = labels(cast, "371525")
    assert not {"上级已下达、待答复的计划", "没有报送的计划草稿", "已通过、待下达的计划"} & set(
        left
    )

"""What a hand-over lists is what is really open at the body, and nothing of another."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from responsibility.common import clock
from responsibility.duties.models import Assignment
from responsibility.flow.rules import State
from responsibility.postings import open_items
from responsibility.postings.services import posts
from responsibility.progress.models import ProgressEntry
from tests.cast import Cast
from tests.duties_maker import make_assignment


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
    assert len(seen) <= 5
    post = posts.create_post(body=cast.main("371525001"), title="主任", by=None)
    user = cast.user("recorder-371525001")
    found = posts.hand_over(post=post, successor=user, since=clock.today(), by=None)
    page = cast.client("recorder-371525001").get(f"/hand-overs/{found.public_id}/")
    assert "没有报送的进展草稿" in page.content.decode()
    for item in found.items.all():
        assert cast.client("recorder-371525001").get(item.url).status_code == 200

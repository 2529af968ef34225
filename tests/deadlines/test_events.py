"""Events from which a duty's deadline runs."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from responsibility.deadlines import panels, services
from responsibility.deadlines.models import Deadline
from responsibility.duties.models import Assignment
from responsibility.progress.services import entries, review
from responsibility.progress.services.entries import Content
from tests.cast import Cast
from tests.deadlines.helpers import make_rule
from tests.duties_maker import make_assignment

STREET = "371502011"


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.BUSINESS_DATE = "2020-10-15"


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    make_rule("event-5wd", anchor="event", offset=5, unit="working_day")
    return make_assignment(
        cast, STREET, key="a29", rhythm="on_event", deadline_rule="event-5wd", title="移交问题线索"
    )


def path(assignment: Assignment) -> str:
    return f"/deadlines/events/duties.assignment/{assignment.public_id}/"


def test_registered_event_starts_the_clock(cast: Cast, assignment: Assignment):
    client = cast.client(f"recorder-{STREET}")
    assert client.get(path(assignment)).status_code == 200
    data = {"what": "群众来信反映危房改造", "event_on": "2020-09-28"}
    assert client.post(path(assignment), data).status_code == 302
    row = Deadline.objects.get()
    assert (row.due_on, row.title) == (date(2020, 10, 12), "移交问题线索：群众来信反映危房改造")
    twice = client.post(path(assignment), data)
    assert twice.status_code == 409
    assert client.post(path(assignment), {**data, "event_on": "2020-09-29"}).status_code == 302


def test_passed_progress_settles_the_events_up_to_its_day(cast: Cast, assignment: Assignment):
    recorder = cast.user(f"recorder-{STREET}")
    for day in (date(2020, 9, 28), date(2020, 10, 13)):
        services.open_event(
            label="duties.assignment", subject=assignment, what="线索", event_on=day, by=recorder
        )
    entry = entries.start(by=recorder, assignment=assignment)
    content = Content(text="已移交市纪委机关。", done_on=date(2020, 10, 10))
    entries.save_draft(by=recorder, entry=entry, content=content)
    entry = entries.submit(by=recorder, entry=entry)
    review.pass_entry(by=cast.user("reviewer-3715Z3"), entry=entry)
    assert list(Deadline.objects.order_by("event_on").values_list("status", flat=True)) == [
        "missed_met",
        "open",
    ]


@pytest.mark.parametrize(
    "data",
    [
        {"what": "", "event_on": "2020-09-28"},
        {"what": "x", "event_on": "2020-09-31"},
        {"what": "x", "event_on": "2020-12-31"},
        {"what": "x", "event_on": "0001-01-01"},
        {"what": "长" * 200, "event_on": "2020-09-28"},
    ],
)
def test_bad_input(cast: Cast, assignment: Assignment, data: dict[str, str]):
    answer = cast.client(f"recorder-{STREET}").post(path(assignment), data)
    assert answer.status_code == 400
    assert data["what"] in answer.content.decode()
    assert not Deadline.objects.exists()


def test_scope_and_right(cast: Cast, assignment: Assignment):
    assert cast.client("recorder-371525").get(path(assignment)).status_code == 404
    assert cast.client(f"reviewer-{STREET}").get(path(assignment)).status_code == 403
    client = cast.client(f"recorder-{STREET}")
    assert client.get(f"/deadlines/events/no.such/{uuid4()}/").status_code == 404
    yearly = make_assignment(cast, STREET)
    data = {"what": "x", "event_on": "2020-09-28"}
    assert client.post(path(yearly), data).status_code == 409


def test_panel_offers_it_only_where_it_applies(cast: Cast, assignment: Assignment, rf: Any):
    request = rf.get("/")
    request.user = cast.user(f"recorder-{STREET}")
    shown = panels.of_assignment(request, assignment)
    assert shown is not None
    assert shown[1]["takes"] is True
    request.user = cast.user("reviewer-3715Z3")
    assert panels.of_assignment(request, assignment) is None
    assert panels.of_assignment(request, make_assignment(cast, STREET)) is None

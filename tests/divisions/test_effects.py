"""What a change leaves open: closed, handed to the successor, redirected; nothing silently."""

import json
from datetime import date

import pytest

from responsibility.audit.models import Event
from responsibility.common import clock
from responsibility.common.errors import Missing
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of, forget
from responsibility.deadlines.models import Deadline, DeadlineRule
from responsibility.deadlines.services.opening import Opening, open_event, open_many
from responsibility.divisions.models import Body, Division, DivisionChange, DivisionChangeEffect
from responsibility.divisions.services import bodies
from responsibility.divisions.services.changes import change_division
from responsibility.divisions.services.tree import create_division
from responsibility.duties.models import Assignment, DutyBearer
from responsibility.duties.services import assigning
from responsibility.postings.models import Post, Posting, Tenure
from responsibility.postings.services import posts
from responsibility.progress.services import entries, review
from responsibility.reports.models import Report, ReportKind
from tests.cast import Cast, grant
from tests.divisions.test_changes import DATA, propose
from tests.duties_maker import make_assignment, make_duty

VILLAGE = "371525001001"
DAY = date(2020, 6, 1)
BASIS = "聊政字〔2020〕1号"


@pytest.fixture
def heir(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Division:
    """A second village of 清泉街道, which will take the first one over; the bodies of both."""
    monkeypatch.setattr(clock, "today", lambda: date(2020, 9, 1))
    place = create_division(
        code="371525001002",
        name="红旗社区居委会",
        tier="village",
        parent=cast.place("371525001"),
        since=date(2000, 1, 1),
    )
    bodies.import_body_kinds(path=DATA / "body-kinds.yaml")
    bodies.make_bodies()
    return place


def rule(key: str = "r", **extra: object) -> DeadlineRule:
    values = {"anchor": "date", "month_day": "12-31", "basis": "local", "basis_text": "测试"}
    return DeadlineRule.objects.create(key=key, title=key, **{**values, **extra})


def abolish(cast: Cast, heir: Division | None) -> DivisionChange:
    proposal = propose("abolish", cast.place(VILLAGE), successor=heir)
    return change_division(proposal, by=cast.user("office-3715"))


def done(change: DivisionChange, what: str) -> list[tuple[str, int, int | None]]:
    rows = DivisionChangeEffect.objects.filter(change=change, what=what)
    return [(row.fate, row.count, row.successor_id) for row in rows]


def test_an_open_duty_goes_to_the_successor_with_reason_and_basis(cast: Cast, heir: Division):
    rule()
    row = make_assignment(cast, VILLAGE, deadline_rule="r")
    DutyBearer.objects.create(duty=row.duty, kind=row.body.kind)
    kept = make_assignment(cast, VILLAGE, key="a9-1", title="已落实的")
    Assignment.objects.filter(pk=kept.pk).update(status="done")
    wish = Opening("r", assigning.LABEL, row.public_id, "事", row.division_id, row.body_id, "2020")
    open_many(openings=[wish], by=None)
    change = abolish(cast, heir)
    row.refresh_from_db()
    kept.refresh_from_db()
    assert (row.standing, kept.standing) == ("ended", "active"), "what was done stays as it was"
    new = Assignment.objects.get(duty=row.duty, division=heir)
    assert new.standing == "active"
    assert BASIS in row.standing_reason
    assert str(new.body) in row.standing_reason
    assert BASIS in new.standing_reason
    old = Deadline.objects.get(subject_id=row.public_id)
    assert (old.status, BASIS in old.close_reason) == ("closed", True)
    assert Deadline.objects.get(subject_id=new.public_id).status == "open"
    assert done(change, "责任清单") == [("handed_over", 1, heir.pk)]
    assert done(change, "时限") == [("closed", 1, None)]
    event = Event.objects.get(verb="duties.end_places")
    assert event.actor == "office-3715"
    body = json.loads(event.body)
    assert str(row.public_id) in event.body
    assert BASIS in body["note"]
    effects = json.loads(Event.objects.get(verb="divisions.abolish").body)["changes"]["effects"]
    assert {item["what"] for item in effects[1]} >= {"责任清单", "时限"}


def test_the_successor_s_own_duty_is_not_made_twice(cast: Cast, heir: Division):
    row = make_assignment(cast, VILLAGE)
    DutyBearer.objects.create(duty=row.duty, kind=row.body.kind)
    body = Body.objects.get(division=heir, kind=row.body.kind)
    own = make_assignment(cast, VILLAGE, body=body)
    change = abolish(cast, heir)
    assert list(Assignment.objects.filter(division=heir)) == [own]
    assert done(change, "责任清单") == [("handed_over", 1, heir.pk)]


def test_without_a_successor_it_is_closed(cast: Cast, heir: Division):
    row = make_assignment(cast, VILLAGE)
    DutyBearer.objects.create(duty=row.duty, kind=row.body.kind)
    change = abolish(cast, None)
    row.refresh_from_db()
    assert row.standing == "ended"
    assert not Assignment.objects.exclude(pk=row.pk).exists()
    assert done(change, "责任清单") == [("closed", 1, None)]


def test_an_event_still_running_runs_on_with_the_successor(cast: Cast, heir: Division):
    rule("e", anchor="event", month_day="", offset=200, unit="day")
    row = make_assignment(cast, VILLAGE, rhythm="on_event", deadline_rule="e")
    DutyBearer.objects.create(duty=row.duty, kind=row.body.kind)
    recorder = cast.user(f"recorder-{VILLAGE}")
    day = date(2020, 5, 20)
    found = open_event(label=assigning.LABEL, subject=row, what="信访", event_on=day, by=recorder)
    change = abolish(cast, heir)
    new = Deadline.objects.get(division=heir)
    assert (new.event_on, new.due_on, new.status) == (day, found.due_on, "open")
    assert "承接" in new.title
    assert done(change, "遇事时限") == [("handed_over", 1, heir.pk)]


def test_postings_posts_terms_and_exceptions_end_with_the_place(cast: Cast, heir: Division):
    place, recorder = cast.place(VILLAGE), cast.user(f"recorder-{VILLAGE}")
    post = posts.create_post(body=cast.main(VILLAGE), title="书记", principal="secretary", by=None)
    tenure = posts.appoint(post=post, placeholder="某书记", since=date(2019, 1, 1), by=None)
    other = cast.user("recorder-371502001")
    exception = grant(other, Right.VIEW, place)
    held = Posting.objects.filter(division=place).count()
    change = abolish(cast, heir)
    assert not Posting.objects.filter(division=place).current(DAY).exists()
    assert Posting.objects.filter(division=place).current(date(2020, 5, 31)).count() == held
    assert not Posting.objects.filter(division=heir).exists(), "rights are never given silently"
    tenure.refresh_from_db()
    exception.refresh_from_db()
    assert tenure.validity.upper == exception.validity.upper == DAY
    assert Post.objects.get(pk=post.pk).ended_on == DAY
    assert Tenure.objects.living().count() == 1
    forget(recorder)
    assert access_of(recorder).grants == ()
    assert done(change, "岗位授权") == [("closed", held, None)]
    assert done(change, "任职") == [("closed", 1, None)]
    assert done(change, "例外授权") == [("closed", 1, None)]


def test_a_posting_that_would_begin_later_is_voided(cast: Cast, heir: Division):
    row = Posting.objects.filter(division=cast.place(VILLAGE)).first()
    assert row is not None
    Posting.objects.filter(pk=row.pk).update(validity=(date(2020, 8, 1), None))
    abolish(cast, heir)
    row.refresh_from_db()
    assert (row.is_voided, BASIS in row.void_reason) == (True, True)


def make_report(cast: Cast, code: str, status: str) -> Report:
    kind = ReportKind.objects.create(
        key="k", title="县级年度报告", programme=cast.programme, rhythm="yearly"
    )
    row = Report(kind=kind, body=cast.main(code), period="2020", status=status)
    row.recorder = cast.user(f"recorder-{code}")
    row.place(cast.place(code))
    row.save()
    return row


def test_drafts_and_reports_of_the_place_are_closed_and_stay_readable(cast: Cast, heir: Division):
    row = make_assignment(cast, VILLAGE)
    recorder = cast.user(f"recorder-{VILLAGE}")
    draft = entries.start(by=recorder, assignment=row)
    entries.save_draft(by=recorder, entry=draft, content=entries.Content(text="走访 3 户"))
    report = make_report(cast, VILLAGE, "draft")
    change = abolish(cast, heir)
    draft.refresh_from_db()
    report.refresh_from_db()
    assert (draft.status, draft.text) == ("closed", "走访 3 户")
    assert report.status == "closed"
    assert BASIS in draft.steps.get(target="closed").reason
    assert BASIS in report.steps.get(target="closed").reason
    assert done(change, "进展") == [("closed", 1, None)]
    assert done(change, "报告") == [("closed", 1, None)]
    page = cast.client("office-371525").get(f"/progress/{draft.public_id}/")
    assert page.status_code == 200
    assert "终止" in page.content.decode()
    assert cast.client("office-371525").get(f"/reports/{report.public_id}/").status_code == 200


def test_what_was_handed_in_is_still_reviewed(cast: Cast, heir: Division):
    row = make_assignment(cast, VILLAGE)
    recorder = cast.user(f"recorder-{VILLAGE}")
    draft = entries.start(by=recorder, assignment=row)
    content = entries.Content(text="走访 3 户", done_on=date(2020, 5, 1))
    entries.save_draft(by=recorder, entry=draft, content=content)
    entry = entries.submit(by=recorder, entry=draft)
    abolish(cast, heir)
    passed = review.pass_entry(by=cast.user("reviewer-371525001"), entry=entry)
    assert passed.status == "passed"


def test_a_transfer_sends_what_waits_to_the_new_superior(cast: Cast, heir: Division):
    street, zone = cast.place("371502001"), cast.place("3715Z3")
    row = make_assignment(cast, "371502001")
    recorder = cast.user("recorder-371502001")
    draft = entries.start(by=recorder, assignment=row)
    content = entries.Content(text="走访 3 户", done_on=date(2020, 5, 1))
    entries.save_draft(by=recorder, entry=draft, content=content)
    entry = entries.submit(by=recorder, entry=draft)
    assert entry.reviewing_division_id == cast.place("371502").pk
    proposal = propose("transfer", street, parent=zone)
    change = change_division(proposal, by=cast.user("office-3715"))
    entry.refresh_from_db()
    row.refresh_from_db()
    assert entry.reviewing_division_id == zone.pk
    assert row.standing == "active", "the place is the same; its duties go with it"
    assert done(change, "进展") == [("redirected", 1, None)]
    for name in ("reviewer-371502", "reviewer-3715Z3"):
        forget(cast.user(name))
    with pytest.raises(Missing):
        review.pass_entry(by=cast.user("reviewer-371502"), entry=entry)
    assert review.pass_entry(by=cast.user("reviewer-3715Z3"), entry=entry).status == "passed"


def test_a_new_place_bears_its_duties_from_its_first_day(cast: Cast, heir: Division):
    rule("q", anchor="period_end", month_day="", offset=10, unit="day")
    duty = make_duty(cast, rhythm="quarterly", deadline_rule="q")
    kind = cast.main("371525001").kind
    DutyBearer.objects.create(duty=duty, kind=kind)
    assigning.assign_year(year=2020)
    proposal = propose(
        "split",
        cast.place("371525001"),
        name="新设街道",
        code="371525901000",
        others=(heir,),
    )
    change = change_division(proposal, by=cast.user("office-3715"))
    new = Assignment.objects.get(division__name="新设街道", duty=duty)
    assert new.year == 2020
    periods = set(
        Deadline.objects.filter(subject_id=new.public_id).values_list("period", flat=True)
    )
    assert periods == {"2020Q2", "2020Q3", "2020Q4"}, "the first quarter was over"
    assert done(change, "责任清单") == [("opened", 1, None)]


def test_the_page_shows_what_was_moved_and_only_inside_the_territory(cast: Cast, heir: Division):
    row = make_assignment(cast, VILLAGE)
    change = abolish(cast, heir)
    address = f"/divisions/changes/{change.public_id}/"
    page = cast.client("office-371525").get(address).content.decode()
    assert "随之处置的事项" in page
    assert str(row.duty) in page
    assert f"/duties/{row.public_id}/" in page
    assert cast.client("office-371502").get(address).status_code == 404
    shown = cast.client("office-371525").get(f"/duties/{row.public_id}/").content.decode()
    assert "单位已撤销" in shown
    assert BASIS in shown

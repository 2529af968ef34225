"""Logging, reviewing, correcting: the rules of the flow on progress."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from responsibility.audit.models import Event
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing, Stale
from responsibility.duties.models import Assignment
from responsibility.figures.services.ledger import standing
from responsibility.flow.reviewing import waiting_for
from responsibility.progress.models import ProgressEntry
from responsibility.progress.services import entries, review
from responsibility.progress.services.entries import Content
from tests.cast import Cast, make_user, post
from tests.duties_maker import make_assignment, make_duty, make_indicator

STREET, VILLAGE = "371502011", "371502011001"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    return make_assignment(cast, STREET)


def submitted(
    cast: Cast, assignment: Assignment, name: str = f"recorder-{STREET}"
) -> ProgressEntry:
    user = cast.user(name)
    entry = entries.start(by=user, assignment=assignment)
    entries.save_draft(by=user, entry=entry, content=Content(text="走访 42 户，更换电暖器 1 台。"))
    return entries.submit(by=user, entry=entry)


def test_the_county_level_unit_above_reviews_and_not_the_code_prefix(
    cast: Cast, assignment: Assignment
) -> None:
    entry = submitted(cast, assignment)
    assert entry.reviewing_division_id == cast.place("3715Z3").pk
    assert list(waiting_for(ProgressEntry.objects.all(), cast.user("reviewer-3715Z3"))) == [entry]
    assert not waiting_for(ProgressEntry.objects.all(), cast.user("reviewer-371502")).exists()
    with pytest.raises(Missing):
        review.pass_entry(by=cast.user("reviewer-371502"), entry=entry)
    passed = review.pass_entry(by=cast.user("reviewer-3715Z3"), entry=entry)
    assert passed.status == "passed"
    assert passed.approved_hash == passed.content_hash
    assignment.refresh_from_db()
    assert assignment.status == "done"


def test_recorder_is_never_the_reviewer(cast: Cast, assignment: Assignment) -> None:
    both = make_user("both")
    post(both, "recorder", cast.place(STREET))  # type: ignore[arg-type]
    post(both, "reviewer", cast.place("3715Z3"))  # type: ignore[arg-type]
    cast.users["both"] = both
    entry = submitted(cast, assignment, "both")
    with pytest.raises(Forbidden, match="填报人不能审核"):
        review.pass_entry(by=cast.user("both"), entry=entry)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressEntry.objects.filter(pk=entry.pk).update(reviewer=both, reviewed_at=clock.now())


def test_an_unstaffed_tier_is_skipped(cast: Cast) -> None:
    for name in ("reviewer-371502011",):
        user = cast.user(name)
        user.is_active = False
        user.save()
    entry = submitted(cast, make_assignment(cast, VILLAGE), f"recorder-{VILLAGE}")
    assert entry.reviewing_division_id == cast.place("3715Z3").pk


def test_the_office_reviews_city_bodies_and_a_second_person_its_own(cast: Cast) -> None:
    office = cast.bodies[("371500000000", "city.office")]
    assignment = make_assignment(cast, "3715", body=office)
    entry = submitted(cast, assignment, "office-3715")
    with pytest.raises(Forbidden):
        review.pass_entry(by=cast.user("office-3715"), entry=entry)
    second = make_user("office-2")
    post(second, "office", cast.place("3715"))  # type: ignore[arg-type]
    assert review.pass_entry(by=second, entry=entry).status == "passed"


def test_returned_item_by_item_opens_only_those(cast: Cast) -> None:
    make_duty(cast, "a21-2").indicators.add(make_indicator(cast))
    assignment = make_assignment(cast, VILLAGE, key="a21-2")
    user, reviewer = cast.user(f"recorder-{VILLAGE}"), cast.user(f"reviewer-{STREET}")
    entry = entries.start(by=user, assignment=assignment)
    entries.save_draft(
        by=user, entry=entry, content=Content(text="走访", figures={"visits": Decimal(40)})
    )
    entry = entries.submit(by=user, entry=entry)
    with pytest.raises(Invalid, match="退回原因"):
        review.return_entry(by=reviewer, entry=entry, reason=" ")
    entry = review.return_entry(
        by=reviewer, entry=entry, reason="数字请核", remarks={"figure:visits": "应为 42"}
    )
    entry = entries.save_draft(
        by=user,
        entry=entry,
        content=Content(text="改了别的", figures={"visits": Decimal(42)}),
    )
    assert entry.text == "走访"
    entry = entries.submit(by=user, entry=entry, answers={"figure:visits": "已改"})
    remark = entry.remarks.get()
    assert (remark.old_value, remark.new_value, remark.answer) == ("40", "42", "已改")
    review.pass_entry(by=reviewer, entry=entry)
    assert standing(cast.main("3715"), "2020")["visits"].value == 42


def test_a_second_reviewer_comes_too_late(cast: Cast, assignment: Assignment) -> None:
    entry = submitted(cast, assignment)
    reviewer = cast.user("reviewer-3715Z3")
    seen = entry.revision
    review.return_entry(by=reviewer, entry=entry, reason="请补充", revision=seen)
    with pytest.raises(Stale):
        review.pass_entry(by=cast.user("office-3715Z3"), entry=entry, revision=seen)
    with pytest.raises(Conflict):
        review.pass_entry(by=cast.user("office-3715Z3"), entry=entry)


def test_many_are_passed_by_the_same_service_and_refusals_are_named(cast: Cast) -> None:
    good = submitted(cast, make_assignment(cast, STREET, key="a1-1"))
    gone = submitted(cast, make_assignment(cast, STREET, key="a1-2"))
    entries.withdraw(by=cast.user(f"recorder-{STREET}"), entry=gone)
    done, refused = review.pass_many(by=cast.user("reviewer-3715Z3"), entries=[good, gone])
    assert done == 1
    assert [item.entry for item in refused] == [gone]
    assert "已被他人更新" in refused[0].message


def test_a_passed_entry_is_corrected_by_a_slip_only(cast: Cast, assignment: Assignment) -> None:
    user, reviewer = cast.user(f"recorder-{STREET}"), cast.user("reviewer-3715Z3")
    entry = submitted(cast, assignment)
    passed = review.pass_entry(by=reviewer, entry=entry)
    with pytest.raises(Conflict):
        entries.save_draft(by=user, entry=passed, content=Content(text="直接改"))
    slip = review.request_slip(
        by=user, entry=passed, item="text", new_value="走访 43 户。", reason="漏记 1 户"
    )
    with pytest.raises(Forbidden):
        review.decide_slip(by=user, slip=slip, approve=True)
    review.decide_slip(by=reviewer, slip=slip, approve=True)
    passed.refresh_from_db()
    assert passed.text == "走访 43 户。"
    assert passed.approved_content["text"] == "走访 42 户，更换电暖器 1 台。"


def test_a_slip_is_refused_when_the_value_has_moved(cast: Cast, assignment: Assignment) -> None:
    user, reviewer = cast.user(f"recorder-{STREET}"), cast.user("reviewer-3715Z3")
    passed = review.pass_entry(by=reviewer, entry=submitted(cast, assignment))
    slip = review.request_slip(by=user, entry=passed, item="text", new_value="乙", reason="改")
    ProgressEntry.objects.filter(pk=passed.pk).update(text="甲")
    with pytest.raises(Stale, match="原值已变动"):
        review.decide_slip(by=reviewer, slip=slip, approve=True)


def test_one_writes_for_his_own_bodies_and_for_lower_ones_marked(cast: Cast) -> None:
    village = make_assignment(cast, VILLAGE)
    with pytest.raises(Forbidden):
        entries.start(by=cast.user(f"recorder-{STREET}"), assignment=village)
    with pytest.raises(Missing):
        entries.start(by=cast.user("recorder-371502"), assignment=village)
    entry = entries.start(by=cast.user(f"reviewer-{STREET}"), assignment=village)
    assert entry.on_behalf


def test_what_is_missing_is_named(cast: Cast, assignment: Assignment) -> None:
    user = cast.user(f"recorder-{STREET}")
    entry = entries.start(by=user, assignment=assignment)
    with pytest.raises(Invalid) as refusal:
        entries.submit(by=user, entry=entry)
    assert refusal.value.where == "text"
    entries.save_draft(by=user, entry=entry, content=Content(text="好", done_on=date(2020, 12, 18)))
    with pytest.raises(Invalid, match="不能晚于今天"):
        entries.submit(by=user, entry=entry)


def test_an_unlisted_duty_is_not_logged(cast: Cast) -> None:
    assignment = make_assignment(cast, "3715Z3")
    assignment.standing = "unlisted"
    assignment.save()
    with pytest.raises(Conflict, match="未列明"):
        entries.start(by=cast.user("recorder-3715Z3"), assignment=assignment)


def test_starting_twice_gives_the_same_draft(cast: Cast, assignment: Assignment) -> None:
    user = cast.user(f"recorder-{STREET}")
    first = entries.start(by=user, assignment=assignment)
    assert entries.start(by=user, assignment=assignment) == first


def test_every_write_is_audited(cast: Cast, assignment: Assignment) -> None:
    entry = submitted(cast, assignment)
    review.pass_entry(by=cast.user("reviewer-3715Z3"), entry=entry)
    verbs = list(
        Event.objects.filter(target_id=str(entry.public_id))
        .order_by("id")
        .values_list("verb", flat=True)
    )
    assert verbs == ["progress.start", "progress.save", "progress.submit", "progress.pass"]

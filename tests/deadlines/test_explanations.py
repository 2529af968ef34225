"""说明情况."""

from datetime import date

import pytest

from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing
from responsibility.deadlines import services
from responsibility.deadlines.models import Deadline
from responsibility.outbox.models import Notice
from tests.cast import Cast
from tests.deadlines.helpers import LABEL, make_deadline, make_rule


@pytest.fixture
def row(cast: Cast) -> Deadline:
    make_rule()
    found = make_deadline(cast)
    services.sweep(today=date(2021, 2, 1))
    return found


def test_explained_red_leaves_the_digest_until_refused(cast: Cast, row: Deadline):
    red = Notice.objects.filter(source=row.source, settled_at=None)
    said = services.explain(
        deadline=row, text="防汛停工，2月15日前办结", by=cast.user("recorder-371502011")
    )
    assert not red.exists()
    asked = Notice.objects.filter(key=f"explanation:{said.public_id}")
    assert {item.user.username for item in asked} == {"reviewer-3715Z3", "office-3715Z3"}
    decided = services.decide_explanation(
        explanation=said, accepted=False, by=cast.user("reviewer-3715Z3"), remark="写明责任人"
    )
    assert decided.decided_at is not None
    assert red.exists()
    assert Notice.objects.filter(
        user__username="recorder-371502011", title__startswith="情况说明已退回"
    ).exists()


def test_accepted_once_by_somebody_above(cast: Cast, row: Deadline):
    said = services.explain(deadline=row, text="停工", by=cast.user("recorder-371502011"))
    with pytest.raises(Forbidden, match="由上一级受理"):
        services.decide_explanation(
            explanation=said, accepted=True, by=cast.user("reviewer-371502011")
        )
    with pytest.raises(Missing):
        services.decide_explanation(
            explanation=said, accepted=True, by=cast.user("reviewer-371502")
        )
    services.decide_explanation(explanation=said, accepted=True, by=cast.user("office-3715"))
    with pytest.raises(Conflict):
        services.decide_explanation(
            explanation=said, accepted=True, by=cast.user("reviewer-3715Z3")
        )


def test_a_second_person_decides_for_the_city(cast: Cast):
    make_rule()
    row = make_deadline(cast, "3715")
    office = cast.user("office-3715")
    said = services.explain(deadline=row, text="等上级文件", by=office)
    with pytest.raises(Forbidden, match="自己写的说明"):
        services.decide_explanation(explanation=said, accepted=True, by=office)
    services.decide_explanation(explanation=said, accepted=True, by=cast.user("reviewer-3715"))


def test_refusals(cast: Cast, row: Deadline):
    recorder = cast.user("recorder-371502011")
    with pytest.raises(Invalid, match="没有填"):
        services.explain(deadline=row, text="  ", by=recorder)
    with pytest.raises(Invalid, match="最多 1000 字"):
        services.explain(deadline=row, text="长" * 1001, by=recorder)
    with pytest.raises(Missing):
        services.explain(deadline=row, text="停工", by=cast.user("recorder-371525"))
    with pytest.raises(Forbidden):
        services.explain(deadline=row, text="停工", by=cast.user("reviewer-371502011"))
    said = services.explain(deadline=row, text="停工", by=recorder)
    with pytest.raises(Conflict):
        services.explain(deadline=row, text="再说", by=recorder)
    with pytest.raises(Invalid, match="请写明原因"):
        services.decide_explanation(
            explanation=said, accepted=False, by=cast.user("reviewer-3715Z3")
        )


def test_nothing_to_explain_when_met(cast: Cast, row: Deadline):
    services.settle(label=LABEL, subject_ids=[row.subject_id], by=None, on=date(2020, 12, 1))
    with pytest.raises(Conflict):
        services.explain(deadline=row, text="停工", by=cast.user("recorder-371502011"))

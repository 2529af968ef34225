"""What is amiss, once, until it is gone."""

from datetime import date

import pytest

from responsibility.alerts import services
from responsibility.alerts.models import Alert
from responsibility.alerts.rules import Kind
from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing
from responsibility.deadlines import services as deadlines
from responsibility.outbox.models import Notice
from responsibility.postings.models import Person, Post, Posting, Tenure
from tests.cast import Cast
from tests.deadlines.helpers import make_deadline, make_rule

DAY = date(2020, 12, 17)


def make_post(cast: Cast, code: str, title: str = "书记", principal: str = "secretary") -> Post:
    body = cast.main(code)
    found = Post(body=body, title=title, principal=principal)
    found.place(body.division)
    found.save()
    return found


def hold(found: Post, since: date = date(2019, 1, 1), until: date | None = None) -> Tenure:
    person = Person.objects.create(placeholder="任职人")
    return Tenure.objects.create(post=found, person=person, validity=(since, until))


def test_vacant_principal_opens_once_and_closes_when_filled(cast: Cast):
    vacant = make_post(cast, "371525")
    hold(make_post(cast, "371502"))
    make_post(cast, "371525", "分管领导", "other")
    assert services.scan(today=DAY).opened == 1
    assert services.scan(today=DAY).opened == 0
    alert = Alert.objects.get(kind=Kind.PRINCIPAL_VACANT)
    assert (alert.subject_id, alert.closed_on) == (vacant.public_id, None)
    hold(vacant)
    assert services.scan(today=date(2020, 12, 18)).closed == 1
    alert.refresh_from_db()
    assert (alert.closed_on, alert.close_reason, alert.closed_by) == (
        date(2020, 12, 18),
        "情况已消除",
        None,
    )


def test_comes_back_when_vacant_again_and_is_carried_over_the_year(cast: Cast):
    found = make_post(cast, "371525")
    hold(found, until=date(2020, 12, 20))
    services.scan(today=DAY)
    assert not Alert.objects.exists()
    services.scan(today=date(2020, 12, 21))
    services.scan(today=date(2021, 1, 5))
    assert [alert.period for alert in Alert.objects.all()] == ["2020"]


def test_no_recorder_only_where_something_is_due(cast: Cast):
    Posting.objects.filter(user__username="recorder-371502011").update(
        validity=(date(2015, 1, 1), date(2020, 1, 1))
    )
    assert services.scan(today=DAY).opened == 0
    make_rule()
    make_deadline(cast)
    services.scan(today=DAY)
    assert [(a.kind, a.division_id) for a in Alert.objects.all()] == [
        (Kind.NO_RECORDER, cast.place("371502011").pk)
    ]


def test_no_reviewer_above_what_is_due(cast: Cast):
    make_rule()
    make_deadline(cast)
    Posting.objects.filter(user__username="reviewer-3715Z3").update(
        validity=(date(2015, 1, 1), date(2020, 1, 1))
    )
    services.scan(today=DAY)
    assert Alert.objects.get().division_id == cast.place("3715Z3").pk


def test_contact_leaders_only_where_known(cast: Cast):
    assert services.scan(today=DAY).opened == 0
    hold(make_post(cast, "371525", "市级联系领导", "other"))
    services.scan(today=DAY)
    assert set(Alert.objects.values_list("division__name", flat=True)) == {
        "东昌府区",
        "聊城江北水城旅游度假区",
    }


def test_offices_hear_of_their_own(cast: Cast):
    make_post(cast, "371525")
    services.scan(today=DAY)
    services.scan(today=DAY)
    assert set(Notice.objects.values_list("user__username", flat=True)) == {
        "office-3715",
        "office-371525",
    }


def test_closing_needs_reason_right_and_scope(cast: Cast):
    make_post(cast, "371525")
    services.scan(today=DAY)
    alert = Alert.objects.get()
    with pytest.raises(Invalid):
        services.close(alert=alert, reason=" ", by=cast.user("office-371525"))
    with pytest.raises(Missing):
        services.close(alert=alert, reason="已报备", by=cast.user("office-371502"))
    with pytest.raises(Forbidden):
        services.close(alert=alert, reason="已报备", by=cast.user("recorder-371525"))
    services.close(alert=alert, reason="换届过渡，已报备", by=cast.user("office-371525"))
    with pytest.raises(Conflict):
        services.close(alert=alert, reason="再关", by=cast.user("office-371525"))
    assert services.scan(today=date(2020, 12, 18)).opened == 0, "closed by hand stays closed"


def test_same_cost_for_few_and_many(cast: Cast, django_assert_max_num_queries: "object"):
    make_rule()
    for code in ("371502011", "371525001", "371502001"):
        make_deadline(cast, code)
        make_post(cast, code)
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        services.scan(today=DAY)
    deadlines.sweep(today=DAY)

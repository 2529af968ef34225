"""The alerts' pages."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from responsibility.alerts import services
from responsibility.alerts.models import Alert
from tests.alerts.test_scan import DAY, make_post
from tests.cast import Cast


@pytest.fixture
def alert(cast: Cast) -> Alert:
    make_post(cast, "371525")
    services.scan(today=DAY)
    return Alert.objects.get()


def test_list_in_scope_only(cast: Cast, alert: Alert):
    assert "书记空缺" in cast.client("office-371525").get("/alerts/").content.decode()
    assert "书记空缺" not in cast.client("office-371502").get("/alerts/").content.decode()
    assert cast.client("security-3715").get("/alerts/").status_code == 403
    body = cast.client("office-371525").get("/alerts/?kind=<x>&page=q").content.decode()
    assert "<x>" not in body


def test_closing(cast: Cast, alert: Alert):
    path = f"/alerts/{alert.public_id}/close/"
    assert cast.client("office-371502").get(path).status_code == 404
    assert cast.client("recorder-371525").post(path, {"reason": "x"}).status_code == 403
    client = cast.client("office-371525")
    empty = client.post(path, {"reason": ""})
    assert empty.status_code == 400
    assert "结束原因没有填" in empty.content.decode()
    long = client.post(path, {"reason": "长" * 300})
    assert "长" * 300 in long.content.decode()
    assert client.post(path, {"reason": "换届过渡"}).status_code == 302
    assert client.post(path, {"reason": "再来"}).status_code == 409
    assert "换届过渡" in client.get("/alerts/?closed=1").content.decode()
    assert client.get(f"/alerts/{uuid4()}/close/").status_code == 404


def test_costs_the_same_for_few_and_many(cast: Cast):
    client = cast.client("office-3715")
    counts = []
    for codes in (["371525"], ["371502", "371502011", "371525001", "371502001"]):
        for code in codes:
            make_post(cast, code)
        services.scan(today=DAY)
        client.get("/alerts/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/alerts/")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12

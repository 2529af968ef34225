"""The inbox and what could not be delivered."""

from typing import Any
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from responsibility.outbox import services
from responsibility.outbox.models import Delivery, Notice
from tests.cast import Cast


def tell(cast: Cast, count: int = 1, name: str = "recorder-371502011", **extra: Any) -> None:
    for n in range(count):
        services.notify(
            users=[cast.users[name].pk],
            key=f"k{uuid4()}",
            title=f"提醒{n}",
            url="/deadlines/",
            **extra,
        )


def test_own_notices_only(cast: Cast):
    tell(cast)
    own = cast.client("recorder-371502011").get("/inbox/").content.decode()
    other = cast.client("recorder-371525").get("/inbox/").content.decode()
    assert "提醒0" in own
    assert "提醒0" not in other
    notice = Notice.objects.get()
    path = f"/inbox/{notice.public_id}/read/"
    assert cast.client("recorder-371525").post(path).status_code == 404
    assert cast.client("recorder-371502011").get(path).status_code == 405


def test_reading_goes_where_the_notice_points(cast: Cast):
    tell(cast)
    notice = Notice.objects.get()
    client = cast.client("recorder-371502011")
    answer = client.post(f"/inbox/{notice.public_id}/read/")
    assert answer["Location"] == "/deadlines/"
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "提醒0" not in client.get("/inbox/?show=unread").content.decode()


def test_all_read(cast: Cast):
    tell(cast, 3)
    client = cast.client("recorder-371502011")
    assert "3 条已标为已读" in client.post("/inbox/read-all/", follow=True).content.decode()
    assert not Notice.objects.unread().exists()


def test_red_stays_under_its_filter_though_read(cast: Cast):
    tell(cast, level="red", source="deadline:1")
    client = cast.client("recorder-371502011")
    client.post("/inbox/read-all/")
    assert "提醒0" in client.get("/inbox/?show=red").content.decode()
    assert client.get("/inbox/?show=nonsense&page=abc").status_code == 200


def test_costs_the_same_for_2_and_20(cast: Cast):
    client = cast.client("recorder-371502011")
    counts = []
    for more in (2, 18):
        tell(cast, more)
        client.get("/inbox/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/inbox/")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12


def test_deliveries_are_for_the_system_administrator(cast: Cast):
    failed = Delivery.objects.create(
        channel="email",
        address="a@example.org",
        key="x",
        subject="提要",
        status="failed",
        error="OSError: refused",
    )
    path = f"/system/deliveries/{failed.public_id}/retry/"
    assert cast.client("office-3715").get("/system/deliveries/").status_code == 403
    assert cast.client("office-3715").post(path).status_code == 403
    client = cast.client("system-3715")
    body = client.get("/system/deliveries/").content.decode()
    assert "OSError: refused" in body
    assert "a@example.org" not in body, "addresses are personal"
    assert client.post(path).status_code == 302
    failed.refresh_from_db()
    assert failed.status == "waiting"
    assert client.post(f"/system/deliveries/{uuid4()}/retry/").status_code == 404

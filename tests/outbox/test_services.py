"""Notices, the digest, deliveries."""

from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from responsibility.common.errors import Conflict
from responsibility.outbox import services
from responsibility.outbox.models import Delivery, Notice
from responsibility.outbox.rules import MAX_ATTEMPTS, Level
from tests.cast import make_user

DAY = date(2020, 12, 17)


def red(user_id: int, n: int = 1) -> None:
    services.notify(
        users=[user_id], key=f"k{n}", title=f"红{n}", level=Level.RED, source=f"deadline:{n}"
    )


def test_one_notice_per_user_and_key(db: None):
    first, second = make_user("a"), make_user("b")
    for _ in range(2):
        services.notify(users=[first.pk, second.pk, first.pk], key="k", title="题" * 300)
    assert Notice.objects.count() == 2
    assert len(Notice.objects.first().title) == 200  # type: ignore[union-attr]


def test_red_returns_every_day_until_handled(db: None):
    user = make_user("a")
    red(user.pk)
    services.mark_all_read(by=user)
    assert services.digest(today=DAY) == 1
    assert services.digest(today=DAY) == 0, "once a day"
    assert services.digest(today=date(2020, 12, 18)) == 1
    services.settle(sources=["deadline:1"])
    assert services.digest(today=date(2020, 12, 19)) == 0
    services.unsettle(sources=["deadline:1"])
    assert services.digest(today=date(2020, 12, 20)) == 1
    last = Notice.objects.get(key="digest:2020-12-20")
    assert (last.title, last.text) == (
        "12月20日提要：红色 1 件",
        "办结或说明情况前每天提示：红1",
    )


def test_a_new_digest_replaces_the_old_one(db: None):
    user = make_user("a")
    red(user.pk)
    services.digest(today=DAY)
    services.digest(today=date(2020, 12, 18))
    unread = Notice.objects.filter(user=user, key__startswith="digest:", read_at=None)
    assert [item.key for item in unread] == ["digest:2020-12-18"]


def test_the_digest_names_five_and_counts_the_rest(db: None):
    user = make_user("a")
    for n in range(1, 9):
        red(user.pk, n)
    services.digest(today=DAY)
    text = Notice.objects.get(key="digest:2020-12-17").text
    assert text.endswith("红5；另有 3 件")


def test_mail_only_with_an_address_and_a_server(db: None, settings: Any):
    user = make_user("a", email="a@example.org")
    red(user.pk)
    services.digest(today=DAY)
    assert not Delivery.objects.exists()
    settings.EMAIL_URL = "smtp://mail"
    red(make_user("b").pk)
    services.digest(today=date(2020, 12, 18))
    delivery = Delivery.objects.get()
    assert delivery.address == "a@example.org"
    assert services.deliver() == (1, 0)
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{delivery.public_id}@responsibility>"
    assert services.deliver() == (0, 0)


def test_failures_are_kept_backed_off_and_can_be_retried(db: None, monkeypatch: pytest.MonkeyPatch):
    def broken(delivery: Delivery) -> None:
        raise OSError("connection refused")

    monkeypatch.setitem(services._senders, "email", broken)
    Delivery.objects.create(channel="email", address="a@example.org", key="x", subject="题")
    assert services.deliver() == (0, 1)
    row = Delivery.objects.get()
    assert row.error == "OSError: connection refused"
    assert row.next_attempt_at > timezone.now()
    assert services.deliver() == (0, 0), "waits for its time"
    Delivery.objects.update(attempts=MAX_ATTEMPTS - 1, next_attempt_at=timezone.now())
    services.deliver()
    row.refresh_from_db()
    assert row.status == "failed"
    services.retry(delivery=row, by=None)
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("waiting", 0)
    with pytest.raises(Conflict):
        services.retry(delivery=row, by=None)


def test_nobody_marks_anothers_notice(db: None):
    first, second = make_user("a"), make_user("b")
    services.notify(users=[first.pk], key="k", title="题")
    services.mark_read(by=second, notice=Notice.objects.get())
    assert Notice.objects.get().read_at is None

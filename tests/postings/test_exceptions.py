"""Named exceptions: by dates, by right, revoked at once; tokens rest on them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.rules import token_digest
from responsibility.audit.models import Event
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Division
from responsibility.postings.models import DivisionGrant
from responsibility.postings.services import tokens
from responsibility.postings.services.exceptions import grant_exception, revoke_exception
from tests.cast import Cast


def sees(cast: Cast, name: str, code: str) -> bool:
    return Division.objects.visible_to(cast.user(name)).filter(code=code.ljust(12, "0")).exists()


def grant(cast: Cast, **extra: Any) -> DivisionGrant:
    given = {
        "user": cast.user("recorder-371525"),
        "right": Right.VIEW,
        "division": cast.place("371502"),
        "since": date(2020, 6, 1),
        "until": date(2020, 6, 14),
        "reason": "交叉检查",
        "by": cast.user("security-3715"),
        **extra,
    }
    return grant_exception(**given)


@pytest.mark.parametrize(
    ("day", "seen"),
    [
        ("2020-05-31", False),
        ("2020-06-01", True),
        ("2020-06-14", True),
        ("2020-06-15", False),
    ],
)
def test_an_exception_counts_by_its_dates(cast: Cast, settings: Any, day: str, seen: bool):
    grant(cast)
    settings.BUSINESS_DATE = day
    assert sees(cast, "recorder-371525", "371502001") is seen
    assert sees(cast, "recorder-371525", "371525")
    access = access_of(cast.user("recorder-371525"))
    assert not access.allows(Right.LOG_PROGRESS, cast.place("371502"))


def test_revoked_at_once_and_never_deleted(cast: Cast, settings: Any):
    settings.BUSINESS_DATE = "2020-06-03"
    row = grant(cast)
    revoke_exception(grant=row, reason="检查结束", by=cast.user("security-3715"))
    assert not sees(cast, "recorder-371525", "371502")
    assert DivisionGrant.objects.filter(pk=row.pk).exists()
    assert list(Event.objects.order_by("id").values_list("verb", flat=True)) == [
        "exceptions.grant",
        "exceptions.revoke",
    ]
    with pytest.raises(Conflict):
        revoke_exception(grant=row, reason="再来", by=cast.user("security-3715"))
    again = grant(cast, since=date(2020, 6, 5))
    assert again.pk == row.pk


def test_what_is_refused(cast: Cast):
    with pytest.raises(Forbidden, match="不能用例外"):
        grant(cast, right=Right.MANAGE_ACCOUNTS)
    with pytest.raises(Invalid, match="事由"):
        grant(cast, reason=" ")
    with pytest.raises(Invalid, match="截止"):
        grant(cast, until=None)
    with pytest.raises(Forbidden):
        grant(cast, by=cast.user("admin-371525"))
    with pytest.raises(Forbidden, match="给自己"):
        grant(cast, user=cast.user("security-3715"))
    grant(cast)
    with pytest.raises(Conflict):
        grant(cast)


def issue(cast: Cast, days: int | None = 30) -> tuple[ApiToken, str]:
    return tokens.issue(
        name="省平台",
        divisions=[cast.place("371525"), cast.place("3715Z3")],
        scopes=["duties:read"],
        days=days,
        by=cast.user("security-3715"),
    )


def test_a_token_is_kept_only_as_a_digest(cast: Cast):
    row, token = issue(cast)
    assert token not in {str(value) for value in vars(row).values()}
    assert row.digest == token_digest(token)
    assert token not in "".join(Event.objects.values_list("body", flat=True))
    assert not row.user.has_usable_password()


def test_a_token_reaches_its_divisions_only(cast: Cast):
    row, _ = issue(cast)
    user = User.objects.get(pk=row.user_id)
    codes = set(Division.objects.visible_to(user).values_list("code", flat=True))
    assert "371525001000" in codes
    assert "371502011000" in codes
    assert not codes & {"371500000000", "371502000000", "371502001000"}
    assert not access_of(user).has(Right.API_WRITE)


def test_a_token_expires_and_is_revoked(cast: Cast):
    row, _ = issue(cast)
    assert row.expires_at is not None
    assert timedelta(days=29) < row.expires_at - timezone.now() <= timedelta(days=30)
    tokens.revoke(token=row, by=cast.user("security-3715"))
    row.refresh_from_db()
    assert row.revoked_at is not None
    with pytest.raises(Conflict):
        tokens.revoke(token=row, by=cast.user("security-3715"))


@pytest.mark.parametrize("name", ["office-3715", "admin-371525", "system-3715", "audit-3715"])
def test_only_the_security_administrator_issues(cast: Cast, name: str):
    with pytest.raises(Forbidden):
        tokens.issue(
            name="x",
            divisions=[cast.place("371525")],
            scopes=["duties:read"],
            days=1,
            by=cast.user(name),
        )


def test_unknown_scopes_and_no_division(cast: Cast):
    by = cast.user("security-3715")
    with pytest.raises(Invalid, match="没有这种"):
        tokens.issue(name="x", divisions=[cast.place("3715")], scopes=["all"], days=1, by=by)
    with pytest.raises(Invalid, match="区划"):
        tokens.issue(name="x", divisions=[], scopes=["duties:read"], days=1, by=by)


def test_the_command_prints_a_token_once(cast: Cast, capsys: pytest.CaptureFixture[str]):
    call_command("issue_token", "省平台", "--division", "371525", "--scope", "duties:read")
    token = capsys.readouterr().out.strip()
    assert ApiToken.objects.get(digest=token_digest(token)).scopes == ["duties:read"]
    with pytest.raises(CommandError, match="999999"):
        call_command("issue_token", "x", "--division", "999999", "--scope", "duties:read")


def test_explaining_by_command(cast: Cast, capsys: pytest.CaptureFixture[str]):
    call_command("explain_scope", "recorder-371525")
    assert "冠县填报员" in capsys.readouterr().out
    place = cast.place("371502")
    key = f"divisions.division:{place.public_id}"
    call_command("explain_scope", "recorder-371525", "--object", key)
    assert "看不到" in capsys.readouterr().out
    call_command("explain_scope", "office-3715", "--object", key)
    assert "看得到，因为：聊城市领导小组办公室" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有这个用户"):
        call_command("explain_scope", "nobody")
    with pytest.raises(CommandError, match="没有这条记录"):
        call_command("explain_scope", "office-3715", "--object", "divisions.division:x")


def test_the_operator_replaces_an_administrator(cast: Cast, capsys: pytest.CaptureFixture[str]):
    call_command("give_role", "audit-new", "audit", "3715", "--label", "市审计管理员")
    password = capsys.readouterr().out.split("口令 ")[1].split("（")[0]
    user = User.objects.get(username="audit-new")
    assert user.check_password(password)
    assert access_of(user).has(Right.VIEW_AUDIT)
    call_command("give_role", "audit-new", "recorder", "371525")
    with pytest.raises(CommandError, match="已有"):
        call_command("give_role", "audit-new", "recorder", "371525")
    with pytest.raises(CommandError, match="没有"):
        call_command("give_role", "audit-new", "audit", "371525")

"""Channels, levels and back-off. Pure."""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Channel(StrEnum):
    """How a delivery goes out."""

    EMAIL = "email"
    WEBHOOK = "webhook"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(cls.EMAIL, "电子邮件"), (cls.WEBHOOK, "接口推送")]


class Level(StrEnum):
    """How urgent a notice is."""

    INFO = "info"
    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [
            (cls.INFO, "通知"),
            (cls.BLUE, "蓝色提醒"),
            (cls.YELLOW, "黄色预警"),
            (cls.RED, "红色预警"),
        ]


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(cls.WAITING, "待发"), (cls.SENT, "已发"), (cls.FAILED, "失败")]


class HookStatus(StrEnum):
    """Whether a webhook hears."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(cls.ACTIVE, "推送中"), (cls.PAUSED, "已暂停"), (cls.ENDED, "已停用")]


EVENTS = {
    "plan.issued": "计划下达",
    "plan.revised": "计划调整",
    "letter.issued": "责任书下发",
    "letter.signed": "责任书签订",
    "letter.superseded": "责任书换签",
    "letter.overdue": "责任书逾期未签",
    "letter.settled": "责任书年终结账",
    "report.submitted": "报表报送",
    "report.returned": "报表退回",
    "report.passed": "报表审核通过",
    "report.archived": "报表归档",
    "assessment.noticed": "考核结果反馈",
    "assessment.published": "考核结果发布",
    "assessment.amended": "考核结果变更",
    "appeal.decided": "考核申诉决定",
}
"""What a webhook can subscribe to."""

EVENT_OF_VERB = {
    "plans.issue": "plan.issued",
    "plans.revise": "plan.revised",
    "reports.submit": "report.submitted",
    "reports.return": "report.returned",
    "reports.pass": "report.passed",
    "reports.archive": "report.archived",
}
"""Acts that other systems may hear of, by the verb under which they are audited.

Letters announce theirs themselves: four signatures are one event.
"""


@dataclass(frozen=True)
class Message:
    """What is said to some users, once each under its key."""

    users: Collection[int]
    key: str
    title: str
    text: str = ""
    url: str = ""
    level: str = Level.INFO
    source: str = ""


MAX_ATTEMPTS = 8
HOOK_ATTEMPTS = 14  # a receiver may be down for more than a day


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after that many failed attempts (doubling, at most six hours)."""
    return timedelta(seconds=min(30 * 2 ** min(attempts, 10), 6 * 3600))


def digest_title(day: date, red: int, unread: int) -> str:
    """Return the title of a day's digest.

    >>> digest_title(date(2020, 12, 17), 2, 3)
    '12月17日提要：红色 2 件，未读 3 条'
    """
    parts = ([f"红色 {red} 件"] if red else []) + ([f"未读 {unread} 条"] if unread else [])
    return f"{day.month}月{day.day}日提要：{'，'.join(parts)}"


def digest_text(titles: list[str], red: int) -> str:
    """Return the red items by name, at most five, and how many more there are."""
    if not titles:
        return "没有红色事项。"
    more = f"；另有 {red - len(titles)} 件" if red > len(titles) else ""
    return f"办结或说明情况前每天提示：{'；'.join(titles)}{more}"[:1000]


def signature(secret: str, stamp: int, body: bytes) -> str:
    """Return the hex HMAC-SHA256 of ``stamp.body``: what a receiver recomputes.

    >>> signature("k", 1, b"{}")[:16]
    '3dd49b2593d0f9a3'
    """
    text = str(stamp).encode() + b"." + body
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def hears(places: Collection[int], scope_path: str) -> bool:
    """Say whether a path lies below one of the divisions (ids).

    >>> hears([37], "1/37/375/"), hears([7], "1/37/375/"), hears([], "1/")
    (True, False, False)
    """
    return not {str(place) for place in places}.isdisjoint(scope_path.split("/"))

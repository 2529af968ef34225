"""Channels, levels and back-off. Pure."""

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

"""Channels, levels and back-off. Pure."""

from datetime import timedelta
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


MAX_ATTEMPTS = 8


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after that many failed attempts (doubling, at most six hours)."""
    return timedelta(seconds=min(30 * 2 ** min(attempts, 10), 6 * 3600))

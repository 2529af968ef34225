"""The only source of business dates.

``today()`` is the date in Asia/Shanghai, or BUSINESS_DATE on the embedded default. Recorded
times are the database's own.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the current time, aware, in Asia/Shanghai."""
    return timezone.now().astimezone(SHANGHAI)


def overridden() -> date | None:
    """Return the business date that the embedded default was told to use, if any."""
    return date.fromisoformat(settings.BUSINESS_DATE) if settings.BUSINESS_DATE else None


def today() -> date:
    """Return the business date."""
    return overridden() or now().date()


def day_of(moment: datetime) -> date:
    """Return the Asia/Shanghai date of an aware moment."""
    return moment.astimezone(SHANGHAI).date()

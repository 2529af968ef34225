"""The business date, and the jobs of a day."""

from datetime import UTC, date, datetime
from typing import Any

from responsibility.common import clock, daily


def test_business_date_is_shanghai():
    late = datetime(2020, 12, 31, 16, 30, tzinfo=UTC)
    assert clock.day_of(late) == date(2021, 1, 1)


def test_override_is_honoured(settings: Any):
    settings.BUSINESS_DATE = "2020-12-17"
    assert clock.today() == date(2020, 12, 17)
    assert clock.overridden() == date(2020, 12, 17)
    settings.BUSINESS_DATE = ""
    assert clock.overridden() is None
    assert clock.today() == clock.now().date()


def test_jobs_of_a_day_run_in_order():
    names = [job.name for job in daily.jobs()]
    order = ["deadlines.recompute", "deadlines.sweep", "alerts.scan", "outbox.digest"]
    assert [name for name in names if name in order] == order
    assert names.index("outbox.digest") < names.index("outbox.deliver")

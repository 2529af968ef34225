"""The day of the tests of letters."""

from datetime import date

import pytest

from responsibility.common import clock


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 3, 10))

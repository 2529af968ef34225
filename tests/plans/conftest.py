"""The day of the tests of plans."""

import pytest

from responsibility.common import clock
from tests.plans.maker import TODAY


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)

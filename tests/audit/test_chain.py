"""Sealing by several at once, and anchors lost between a seal and its copy outside."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from responsibility.audit import anchors, services, verifying
from responsibility.audit.models import Event, Link, Seal
from responsibility.audit.services import record, seal


@pytest.fixture(autouse=True)
def _own_anchors(settings: Any, tmp_path: Path, _own_media: None) -> None:
    settings.DATA_DIR = tmp_path


def events(count: int) -> None:
    for number in range(count):
        record(by=None, verb="test.act", target="x.y", target_id=str(number), new={"n": number})


def test_an_event_goes_with_its_transaction(transactional_db: None) -> None:
    with transaction.atomic():
        events(1)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


def _seal_elsewhere(_: int) -> int:
    try:
        return seal()
    finally:
        connections.close_all()


def test_sealers_at_once_link_each_event_once(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 7)
    events(60)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_seal_elsewhere, range(8)))
    seal()
    assert Link.objects.count() == 60
    report = verifying.verify()
    assert report.ok, report.problem
    assert report.anchors == Seal.objects.count()


def test_a_seal_whose_anchor_was_lost_in_a_crash_gets_one_later(transactional_db: None) -> None:
    for _ in range(3):
        events(3)
        seal()
    lines = anchors.path().read_text().splitlines()
    anchors.path().write_text("\n".join(lines[:2]) + "\n")
    seal()
    assert anchors.path().read_text().splitlines() == lines
    assert verifying.verify().anchors == 3

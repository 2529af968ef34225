"""Large imports as background runs: the upload waits in the storage, the worker loads it."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from responsibility.jobs import runs
from responsibility.jobs.models import ImportReceipt, Run

LARGE = 64 * 1024  # bytes; a smaller upload is loaded while the user waits


def is_large(data: bytes) -> bool:
    """Say whether an upload is better loaded in the background."""
    return len(data) > LARGE


def start_import(
    *,
    by: Any,
    kind: str,
    title: str,
    data: bytes,
    file_name: str,
    options: Mapping[str, Any] | None = None,
) -> Run:
    """Keep an upload and start the run that loads it."""
    digest = hashlib.sha256(data).hexdigest()
    stored = default_storage.save(f"uploads/{digest[:2]}/{uuid4()}", ContentFile(data))
    return runs.start(
        by=by,
        kind=kind,
        title=f"{title}：{file_name}",
        arguments={"stored": stored, "file_name": file_name[:200], **(options or {})},
    )


def read(run: Run) -> bytes:
    """Return the bytes that a run loads."""
    with default_storage.open(run.arguments["stored"]) as file:
        return bytes(file.read())


def lines_of(run: Run, receipt: ImportReceipt) -> list[runs.Line]:
    """Return what an import did as lines of its run's receipt, and lead from the one to the other.

    The sheet with the mistakes marked is offered on the run's page.
    """
    runs.progress(
        run, done=receipt.rows, total=receipt.rows, result={"receipt": str(receipt.public_id)}
    )
    lines: list[runs.Line] = [
        {
            "what": f"载入 {receipt.loaded} 行，无变化 {receipt.unchanged} 行",
            "done": not receipt.mistakes or receipt.loaded > 0,
            "why": receipt.get_status_display(),
        }
    ]
    lines += [
        {
            "what": f"{item.get('cell', '')} {item.get('value', '')}".strip(),
            "done": False,
            "why": item.get("message", ""),
        }
        for item in receipt.mistakes
    ]
    return lines

"""How services start background work: by name, with ids, after the transaction committed."""

from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction


def enqueue(name: str, *args: Any) -> None:
    """Send a task to the worker once the current transaction is committed."""
    transaction.on_commit(partial(current_app.send_task, name, args=args))

"""Dead letters: the writers."""

import json
from typing import Any

from django.db import transaction

from responsibility.jobs.models import DeadLetter


@transaction.atomic
def bury(*, task: str, arguments: list[Any], error: BaseException | None) -> DeadLetter:
    """Keep a task that failed for good, with its arguments (ids only) and the kind of error."""
    plain = json.loads(json.dumps(arguments, default=str))
    text = f"{type(error).__name__}: {error}"[:500]
    return DeadLetter.objects.create(task=task, arguments=plain, error=text)

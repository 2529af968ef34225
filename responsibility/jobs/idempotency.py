"""The table behind Idempotency-Key."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from responsibility.common import idempotency
from responsibility.jobs.models import IdempotencyKey

ABANDONED = timedelta(minutes=5)  # an unanswered claim of a process that died


class TableStore:
    """Remembers answers in the database, so that any web process knows them."""

    def claim(self, token_id: int, key: str, path: str, digest: str) -> tuple[int, str] | None:
        """Return the remembered answer, or None when this request is the first."""
        self._give_up(token_id, key)
        try:
            with transaction.atomic():
                IdempotencyKey.objects.create(
                    token_id=token_id, key=key, path=path[:200], request_hash=digest
                )
        except IntegrityError:
            return self._known(token_id, key, path, digest)
        return None

    def _give_up(self, token_id: int, key: str) -> None:
        IdempotencyKey.objects.filter(
            token_id=token_id, key=key, status=None, created_at__lt=Now() - ABANDONED
        ).delete()

    def _known(self, token_id: int, key: str, path: str, digest: str) -> tuple[int, str]:
        row = IdempotencyKey.objects.get(token_id=token_id, key=key)
        if (row.request_hash, row.path) != (digest, path[:200]):
            raise idempotency.different()
        if row.status is None:
            raise idempotency.busy()
        return row.status, row.response

    def remember(self, token_id: int, key: str, status: int, body: str) -> None:
        """Keep the answer."""
        IdempotencyKey.objects.filter(token_id=token_id, key=key).update(
            status=status, response=body
        )

    def release(self, token_id: int, key: str) -> None:
        """Forget a claim whose request failed."""
        IdempotencyKey.objects.filter(token_id=token_id, key=key, status=None).delete()

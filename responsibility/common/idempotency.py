"""POST answers remembered by Idempotency-Key: the same request again gives the same answer.

The store is registered by ``jobs``; ``common`` holds no tables.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Protocol

import orjson
from rest_framework.request import Request
from rest_framework.response import Response

from responsibility.common.errors import Conflict, Invalid

HEADER = "Idempotency-Key"


class Store(Protocol):
    """Remembers answers by (token, key)."""

    def claim(self, token_id: int, key: str, path: str, digest: str) -> tuple[int, str] | None:
        """Return the remembered (status, body), or None when this request is the first."""

    def remember(self, token_id: int, key: str, status: int, body: str) -> None:
        """Keep the answer."""

    def release(self, token_id: int, key: str) -> None:
        """Forget a claim whose request failed."""


_store: list[Store] = []


def register(store: Store) -> None:
    """Set the store."""
    _store[:] = [store]


def once(request: Request, act: Callable[[], Response]) -> Response:
    """Run ``act``, or give the answer it gave before under the same key and body."""
    key = request.headers.get(HEADER, "")
    if not key or not _store:
        return act()
    if len(key) > 100 or not key.isprintable():
        raise Invalid("Idempotency-Key 应为 1 至 100 个可见字符。", where=HEADER)
    store, token_id = _store[0], int(request.auth.pk)
    digest = hashlib.sha256(orjson.dumps(_body(request), default=str)).hexdigest()
    known = store.claim(token_id, key, request.path, digest)
    if known is not None:
        return Response(orjson.loads(known[1]), status=known[0])
    try:
        response = act()
    except BaseException:
        store.release(token_id, key)
        raise
    body = orjson.dumps(response.data, default=str).decode()
    store.remember(token_id, key, response.status_code, body)
    return response


def _body(request: Request) -> Any:
    if not request.FILES:
        return request.data
    files = {
        name: [_digest(file) for file in request.FILES.getlist(name)] for name in request.FILES
    }
    return {"fields": dict(request.POST.lists()), "files": files}


def _digest(file: Any) -> str:
    total = hashlib.sha256()
    for chunk in file.chunks():
        total.update(chunk)
    file.seek(0)
    return total.hexdigest()


def busy() -> Conflict:
    """Return the refusal of a second request while the first still runs."""
    return Conflict("同一请求正在办理，请稍后再取结果。")


def different() -> Conflict:
    """Return the refusal of another body under a used key."""
    return Conflict("这个 Idempotency-Key 已用于另一内容。")

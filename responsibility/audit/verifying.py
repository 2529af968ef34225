"""Walking the chain from its first link: the first thing that is not as it was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from responsibility.audit import anchors
from responsibility.audit.models import Event, Link, Seal
from responsibility.audit.rules import GENESIS, HEAD, is_intact, link_hash

CHUNK = 5_000


@dataclass(frozen=True)
class Problem:
    """The first broken item: what happened, to which number of the chain and which event."""

    kind: str
    seq: int
    event_id: int | None
    message: str


@dataclass(frozen=True)
class Result:
    """How far the chain was walked, and the first problem if there is one."""

    links: int
    seals: int
    anchors: int
    problem: Problem | None = None

    @property
    def ok(self) -> bool:
        """Say whether nothing was found."""
        return self.problem is None


class _Broken(Exception):  # noqa: N818 - carries the finding up
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _stop(kind: str, seq: int, message: str, event_id: int | None = None) -> None:
    raise _Broken(Problem(kind, seq, event_id, message))


def verify() -> Result:
    """Walk the whole chain; compare it with the seals inside and the anchors outside."""
    counted = {"links": 0, "seals": 0, "anchors": 0}
    try:
        _walk(counted)
    except _Broken as found:
        return _result(counted, found.problem)
    return _result(counted)


def _result(counted: dict[str, int], problem: Problem | None = None) -> Result:
    return Result(counted["links"], counted["seals"], counted["anchors"], problem)


def _walk(counted: dict[str, int]) -> None:
    # Anchors first: each was written after its links, so all its links are there to be read.
    outside = _anchors()
    newest = Link.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    _tail(newest, outside)
    marks = {anchor.last_seq: anchor.hash for anchor in outside}
    closing = _Closing(newest)
    seq, previous = 0, GENESIS
    for link, event in _links(newest):
        seq += 1
        _check_link(seq, previous, link, event)
        previous = link.hash
        closing.check(seq, previous)
        if seq in marks:
            if marks[seq] != previous:
                _stop("anchor", seq, f"第 {seq} 环与库外封签不符，其前的链被截断后重写")
            counted["anchors"] += 1
        counted.update(links=seq, seals=closing.seen)
    if closing.open_since(seq):
        _stop("seal_missing", seq, f"第 {seq} 环所在的一批没有封签，封签被删除")


def _anchors() -> list[anchors.Anchor]:
    try:
        return anchors.read_all()
    except anchors.BadAnchor as error:
        _stop("anchor_file", 0, f"库外封签文件{error}被改动")
        raise


def _tail(newest: int, outside: list[anchors.Anchor]) -> None:
    """Stop when seals or anchors know of links that are no longer there."""
    sealed = Seal.objects.order_by("-last_seq").values_list("last_seq", flat=True).first() or 0
    known = max([sealed, *(anchor.last_seq for anchor in outside)])
    if known > newest:
        _stop("tail_cut", newest + 1, f"链尾被截断：封签记到第 {known} 环，现只到第 {newest} 环")


def _links(newest: int) -> Iterator[tuple[Link, dict[str, Any] | None]]:
    links = Link.objects.filter(seq__lte=newest).order_by("seq").iterator(chunk_size=CHUNK)
    while chunk := list(islice(links, CHUNK)):
        ids = [link.event_id for link in chunk]
        rows = Event.objects.filter(pk__in=ids).values("id", "at", "body", "digest", *HEAD)
        events = {row["id"]: row for row in rows}
        for link in chunk:
            yield link, events.get(link.event_id)


def _check_link(seq: int, previous: str, link: Link, event: dict[str, Any] | None) -> None:
    if link.seq != seq:
        _stop("link_missing", seq, f"第 {seq} 环缺失")
    if link.prev != previous:
        _stop("link_broken", seq, f"第 {seq} 环与上一环不衔接", link.event_id)
    if event is None:
        _stop("event_missing", seq, f"第 {seq} 环的事件 {link.event_id} 被删除", link.event_id)
        return
    if not is_intact(event, event["body"], event["digest"]):
        _stop("event_altered", seq, f"第 {seq} 环的事件 {link.event_id} 被改动", link.event_id)
    if link.hash != link_hash(seq, previous, event["digest"], event["at"]):
        _stop("link_broken", seq, f"第 {seq} 环与事件 {link.event_id} 不符", link.event_id)


class _Closing:
    """The seals, met in order while the links go by."""

    def __init__(self, newest: int) -> None:
        rows = Seal.objects.filter(last_seq__lte=newest).order_by("last_seq")
        self._rows = rows.iterator(chunk_size=CHUNK)
        self._next = next(self._rows, None)
        self._last = 0
        self.seen = 0

    def check(self, seq: int, current: str) -> None:
        """Compare the seal that closes here, if one does."""
        seal = self._next
        if seal is None or seal.last_seq != seq:
            return
        if seal.last_seq - seal.count != self._last:
            _stop("seal_missing", seq, f"第 {seq} 环的封签之前缺一个封签")
        if seal.hash != current:
            _stop("seal", seq, f"第 {seq} 环与封签不符")
        self._last, self.seen = seq, self.seen + 1
        self._next = next(self._rows, None)

    def open_since(self, seq: int) -> bool:
        """Say whether links remain after the last seal."""
        return seq > self._last

"""Drafting and issuing a kind's letters for many bodies, as a background run.

The bodies are fixed when the run starts. Each letter, its receipt line and the run's count commit
in one transaction, so a worker that dies leaves neither a letter without its line nor a line
without its letter, and one who was given up for dead cannot write beside his successor.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from responsibility.common.errors import Conflict, DomainError
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Body
from responsibility.jobs import runs
from responsibility.jobs.models import Run
from responsibility.letters import rules
from responsibility.letters.models import Letter, LetterKind
from responsibility.letters.services import drafting

GONE = "对象已不在。"
STOPPED = "任务已取消，没有办理。"


def start_drafting(*, by: Any, kind: LetterKind, year: int) -> Run:
    """Start drafting a kind for all bodies of the user; raise Conflict when there are none."""
    ids = [body.pk for body in drafting.candidates(by, kind)]
    return _start(by, "letters.draft", f"起草{year}年度{kind.title}", kind, year, ids)


def start_issuing(*, by: Any, kind: LetterKind, year: int) -> Run:
    """Start issuing all drafts of a kind; raise Conflict when there are none."""
    rows = Letter.objects.filter(kind=kind, year=year, status__in=rules.OPEN).visible_to(
        by, Right.MANAGE_LETTERS
    )
    ids = list(rows.order_by("division__sort_key", "id").values_list("pk", flat=True))
    return _start(by, "letters.issue", f"发出{year}年度{kind.title}", kind, year, ids)


def _start(by: Any, key: str, title: str, kind: LetterKind, year: int, ids: list[int]) -> Run:
    access_of(by).require(Right.MANAGE_LETTERS)
    if not ids:
        raise Conflict("没有可以办理的单位。")
    arguments = {"kind": kind.pk, "year": year, "ids": ids}
    return runs.start(by=by, kind=key, title=title, total=len(ids), arguments=arguments)


def draft_all(run: Run) -> list[dict[str, Any]]:
    """Draft what a run has left to draft."""
    kind, year = LetterKind.objects.get(pk=run.arguments["kind"]), run.arguments["year"]

    def one(pk: int) -> tuple[str, Callable[[], Any]]:
        body = Body.objects.select_related("division__parent", "kind").get(pk=pk)
        return body.name, lambda: drafting.draft(by=run.started_by, kind=kind, body=body, year=year)

    return _each(run, one)


def issue_all(run: Run) -> list[dict[str, Any]]:
    """Issue what a run has left to issue."""

    def one(pk: int) -> tuple[str, Callable[[], Any]]:
        letter = Letter.objects.with_names().get(pk=pk)
        return letter.body.name, lambda: drafting.issue(by=run.started_by, letter=letter)

    return _each(run, one)


def _each(run: Run, one: Callable[[int], tuple[str, Callable[[], Any]]]) -> list[dict[str, Any]]:
    """Do what is left; return the lines of what a cancelled run leaves undone."""
    for number, pk in enumerate(run.arguments["ids"][run.done :], run.done + 1):
        if runs.cancelled(run):
            left = run.arguments["ids"][number - 1 :]
            return [{"what": _name(pk, one), "done": False, "why": STOPPED} for pk in left]
        with transaction.atomic():
            runs.step(run, done=number, receipt=[_line(pk, one)])
    return []


def _name(pk: int, one: Callable[[int], tuple[str, Callable[[], Any]]]) -> str:
    try:
        return one(pk)[0]
    except (Body.DoesNotExist, Letter.DoesNotExist):
        return str(pk)


def _line(pk: int, one: Callable[[int], tuple[str, Callable[[], Any]]]) -> dict[str, Any]:
    try:
        name, act = one(pk)
    except (Body.DoesNotExist, Letter.DoesNotExist):
        return {"what": str(pk), "done": False, "why": GONE}
    try:
        act()
    except DomainError as error:
        return {"what": name, "done": False, "why": error.message}
    return {"what": name, "done": True}

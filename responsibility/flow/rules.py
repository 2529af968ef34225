"""The one table of transitions of everything that is submitted and reviewed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a submission stands."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    PASSED = "passed"
    ARCHIVED = "archived"
    CLOSED = "closed"


STATES = list(
    zip(
        [state.value for state in State],
        ["草稿", "待审签", "已报送", "审核中", "退回", "通过", "归档", "终止"],
        strict=True,
    )
)


class Action(StrEnum):
    """What can be done to a submission."""

    ASK_APPROVAL = "ask_approval"
    APPROVE = "approve"
    DECLINE = "decline"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    TAKE_UP = "take_up"
    RETURN = "return"
    PASS = "pass"  # noqa: S105
    FORWARD = "forward"
    ARCHIVE = "archive"


ACTION_LABELS = {
    Action.ASK_APPROVAL: "送审签",
    Action.APPROVE: "审签同意",
    Action.DECLINE: "审签退回",
    Action.SUBMIT: "报送",
    Action.WITHDRAW: "撤回",
    Action.TAKE_UP: "开始审核",
    Action.RETURN: "退回",
    Action.PASS: "通过",
    Action.FORWARD: "通过并转上一级",
    Action.ARCHIVE: "归档",
}


class Party(StrEnum):
    """Who makes a transition, seen from the submission."""

    OWNER = "owner"
    PRINCIPAL = "principal"
    REVIEWER = "reviewer"
    ARCHIVIST = "archivist"


@dataclass(frozen=True)
class Transition:
    """From which states, to which, by whom, and whether a reason is asked."""

    sources: frozenset[State]
    target: State
    party: Party
    needs_reason: bool = False


_EDITABLE = frozenset({State.DRAFT, State.RETURNED})
_UNDER_REVIEW = frozenset({State.SUBMITTED, State.IN_REVIEW})

TRANSITIONS: dict[Action, Transition] = {
    Action.ASK_APPROVAL: Transition(_EDITABLE, State.AWAITING_APPROVAL, Party.OWNER),
    Action.APPROVE: Transition(
        frozenset({State.AWAITING_APPROVAL}), State.SUBMITTED, Party.PRINCIPAL
    ),
    Action.DECLINE: Transition(
        frozenset({State.AWAITING_APPROVAL}), State.RETURNED, Party.PRINCIPAL, needs_reason=True
    ),
    Action.SUBMIT: Transition(_EDITABLE, State.SUBMITTED, Party.OWNER),
    Action.WITHDRAW: Transition(
        frozenset({State.SUBMITTED, State.AWAITING_APPROVAL}), State.DRAFT, Party.OWNER
    ),
    Action.TAKE_UP: Transition(frozenset({State.SUBMITTED}), State.IN_REVIEW, Party.REVIEWER),
    Action.RETURN: Transition(_UNDER_REVIEW, State.RETURNED, Party.REVIEWER, needs_reason=True),
    Action.PASS: Transition(_UNDER_REVIEW, State.PASSED, Party.REVIEWER),
    Action.FORWARD: Transition(_UNDER_REVIEW, State.SUBMITTED, Party.REVIEWER),
    Action.ARCHIVE: Transition(frozenset({State.PASSED}), State.ARCHIVED, Party.ARCHIVIST),
}


def allowed(action: Action, state: str, needs_approval: bool = False) -> bool:
    """Say whether an action is open in a state, for a kind with or without 审签."""
    if action is Action.SUBMIT and needs_approval:
        return False
    if action is Action.ASK_APPROVAL and not needs_approval:
        return False
    return State(state) in TRANSITIONS[action].sources


def is_editable(state: str) -> bool:
    """Say whether the recorder may still change the content."""
    return State(state) in _EDITABLE


def reviewing_places(path: str, tier: str) -> list[int]:
    """Return the ids of the divisions whose reviewers may act, nearest first.

    One administrative tier up; a city body's submissions are reviewed at the city itself.
    """
    ids = [int(part) for part in path.split("/") if part]
    if tier == "city" or len(ids) == 1:
        return ids[-1:]
    return ids[-2::-1]


def nearest_with_reviewer(places: list[int], staffed: Iterable[int]) -> int | None:
    """Return the nearest reviewing place that has a reviewer; a tier without one is skipped."""
    known = set(staffed)
    return next((place for place in places if place in known), places[0] if places else None)


def place_after(places: list[int], chain: Iterable[int], current: int | None) -> int | None:
    """Return the reviewing place after the current one, or None where it was the last.

    ``places`` are all ids above, nearest first; ``chain`` those that review, in any order.
    """
    wanted = set(chain)
    at = places.index(current) if current in places else len(places)
    return next((place for place in places[at + 1 :] if place in wanted), None)

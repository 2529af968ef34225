"""States of assignments, categories and rhythms of duties. Pure."""

from enum import StrEnum


def _choices(enum: type[StrEnum], labels: list[str]) -> list[tuple[str, str]]:
    return list(zip([item.value for item in enum], labels, strict=True))


class Category(StrEnum):
    """What kind of responsibility."""

    LEADERSHIP = "leadership"
    DEPARTMENT = "department"
    SOCIETY = "society"
    ASSISTANCE = "assistance"


CATEGORIES = _choices(Category, ["领导责任", "部门责任", "社会责任", "帮扶责任"])


class Rhythm(StrEnum):
    """How often a duty is due."""

    ONCE = "once"
    YEARLY = "yearly"
    HALF_YEARLY = "half_yearly"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"
    STANDING = "standing"
    ON_EVENT = "on_event"


RHYTHMS = _choices(Rhythm, ["一次性", "每年", "每半年", "每季度", "每月", "经常性", "遇事即办"])


class ClauseRole(StrEnum):
    """What a clause does for a duty."""

    CREATES = "creates"
    SUPPORTS = "supports"


CLAUSE_ROLES = _choices(ClauseRole, ["设定", "佐证"])


class Standing(StrEnum):
    """Whether a duty really binds a body."""

    ACTIVE = "active"
    UNLISTED = "unlisted"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"


STANDINGS = _choices(Standing, ["承担", "未列明", "待认定", "不适用"])


class Status(StrEnum):
    """How an assignment stands, from what was logged on it."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DONE = "done"


STATUSES = _choices(Status, ["未开展", "进行中", "待审核", "被退回", "已完成"])

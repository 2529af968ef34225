"""Roles, and the one table of role × tier → rights. Pure."""

from datetime import date, timedelta
from enum import StrEnum

from responsibility.common.rights import Right


class Role(StrEnum):
    """In which capacity somebody uses the system."""

    RECORDER = "recorder"
    REVIEWER = "reviewer"
    SECRETARY = "secretary"
    HEAD = "head"
    OFFICE = "office"
    MEMBER = "member"
    INSPECTOR = "inspector"
    UNIT_ADMIN = "admin"
    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(role.value, ROLE_LABELS[role]) for role in cls]


ROLE_LABELS = {
    Role.RECORDER: "填报员",
    Role.REVIEWER: "审核员",
    Role.SECRETARY: "书记",
    Role.HEAD: "行政正职",
    Role.OFFICE: "领导小组办公室",
    Role.MEMBER: "成员单位",
    Role.INSPECTOR: "督查人员",
    Role.UNIT_ADMIN: "单位管理员",
    Role.SYSTEM: "系统管理员",
    Role.SECURITY: "安全管理员",
    Role.AUDIT: "审计管理员",
}


class PrincipalKind(StrEnum):
    """Whether a post is one of the two principals of its body."""

    SECRETARY = "secretary"
    HEAD = "head"
    OTHER = "other"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(cls.SECRETARY, "书记"), (cls.HEAD, "行政正职"), (cls.OTHER, "其他")]


CITY, COUNTY, TOWNSHIP, VILLAGE = "city", "county", "township", "village"
ALL_TIERS = (CITY, COUNTY, TOWNSHIP, VILLAGE)

_RECORDER = {Right.VIEW, Right.LOG_PROGRESS, Right.EXPLAIN}
_REVIEWER = {
    Right.VIEW,
    Right.REVIEW,
    Right.SUBMIT,
    Right.ACCEPT_EXPLANATION,
    Right.LOG_FOR_LOWER,
}
_PRINCIPAL = {Right.VIEW, Right.APPROVE, Right.SIGN, Right.EXPLAIN}
_OFFICE_COUNTY = {
    Right.VIEW,
    Right.LOG_PROGRESS,
    Right.LOG_FOR_LOWER,
    Right.REVIEW,
    Right.SUBMIT,
    Right.EXPLAIN,
    Right.ACCEPT_EXPLANATION,
    Right.CORRECT,
    Right.RECORD_MEASURES,
    Right.MANAGE_POSTINGS,
    Right.MANAGE_PLANS,
    Right.MANAGE_LETTERS,
    Right.MANAGE_ASSESSMENTS,
}
_OFFICE_CITY = _OFFICE_COUNTY | {
    Right.ARCHIVE,
    Right.MANAGE_REGULATIONS,
    Right.MANAGE_DUTIES,
    Right.MANAGE_DEADLINES,
    Right.MANAGE_FIGURES,
    Right.MANAGE_REPORT_KINDS,
    Right.MANAGE_DIVISIONS,
    Right.ANSWER_FEEDBACK,
}
_UNIT_ADMIN = {Right.MANAGE_POSTINGS, Right.MANAGE_ACCOUNTS}
_MEMBER = {Right.VIEW, Right.LOG_PROGRESS, Right.SUBMIT, Right.EXPLAIN}

RIGHTS: dict[tuple[Role, str], frozenset[Right]] = {
    **{(Role.RECORDER, tier): frozenset(_RECORDER) for tier in ALL_TIERS},
    **{(Role.REVIEWER, tier): frozenset(_REVIEWER) for tier in ALL_TIERS},
    **{(Role.SECRETARY, tier): frozenset(_PRINCIPAL) for tier in ALL_TIERS},
    **{(Role.HEAD, tier): frozenset(_PRINCIPAL) for tier in ALL_TIERS},
    (Role.OFFICE, COUNTY): frozenset(_OFFICE_COUNTY),
    (Role.OFFICE, CITY): frozenset(_OFFICE_CITY),
    (Role.MEMBER, COUNTY): frozenset(_MEMBER),
    (Role.MEMBER, CITY): frozenset(_MEMBER),
    **{
        (Role.INSPECTOR, tier): frozenset({Right.VIEW, Right.INSPECT})
        for tier in (CITY, COUNTY, TOWNSHIP)
    },
    **{(Role.UNIT_ADMIN, tier): frozenset(_UNIT_ADMIN) for tier in (CITY, COUNTY, TOWNSHIP)},
    (Role.SYSTEM, CITY): frozenset({Right.VIEW_JOBS}),
    (Role.SECURITY, CITY): frozenset(
        {
            Right.EXPLAIN_SCOPE,
            Right.MANAGE_TOKENS,
            Right.MANAGE_EXCEPTIONS,
            Right.MANAGE_ACCOUNTS,
        }
    ),
    (Role.AUDIT, CITY): frozenset({Right.VIEW_AUDIT}),
}

GRANTABLE: frozenset[Right] = frozenset(
    {
        Right.VIEW,
        Right.LOG_PROGRESS,
        Right.REVIEW,
        Right.SUBMIT,
        Right.APPROVE,
        Right.INSPECT,
        Right.API_READ,
        Right.API_WRITE,
    }
)
"""Rights that a named exception may give; administration never goes by exception."""


def rights_of(role: str, tier: str) -> frozenset[Right]:
    """Return what a role may do at a tier (nothing where the table is silent)."""
    return RIGHTS.get((Role(role), tier), frozenset())


def may_appoint(granter: frozenset[Right], role: str, tier: str) -> bool:
    """Say whether an administrator may hand out a role: never one above his own reach.

    A unit administrator hands out business roles and unit administration below; the three system
    roles are handed out by nobody through pages.
    """
    if role in (Role.SYSTEM, Role.SECURITY, Role.AUDIT):
        return False
    if role == Role.OFFICE and tier == CITY:
        return False
    return Right.MANAGE_POSTINGS in granter and (Role(role), tier) in RIGHTS


SYSTEM_ROLES = frozenset({Role.SYSTEM, Role.SECURITY, Role.AUDIT})
PRINCIPAL_ROLES = {PrincipalKind.SECRETARY: Role.SECRETARY, PrincipalKind.HEAD: Role.HEAD}
DEPUTY_DAYS = 14
MAX_EXCEPTION_DAYS = 366


def roles_at(tier: str) -> list[Role]:
    """Return the roles that exist at a tier."""
    return [role for role in Role if (role, tier) in RIGHTS]


def last_day(upper: date | None) -> date | None:
    """Return the last day of a range whose upper bound is exclusive."""
    return upper - timedelta(days=1) if upper else None


def after(day: date | None) -> date | None:
    """Return the exclusive upper bound of a range that ends with a day."""
    return day + timedelta(days=1) if day else None


def dates_wrong(since: date, until: date | None) -> str:
    """Return what is wrong with a first and a last day, or an empty string."""
    if since.year < 1950 or (until or since).year > 2100:
        return "日期不合常理，请核对年份。"
    if until is not None and until < since:
        return "截止日期早于起始日期，请核对。"
    return ""

"""The table of role × tier → rights, tested whole: a changed cell must be changed here too."""

import pytest

from responsibility.common.rights import Right
from responsibility.postings.rules import (
    ALL_TIERS,
    GRANTABLE,
    RIGHTS,
    Role,
    may_appoint,
    rights_of,
    roles_at,
)

V, L, X = Right.VIEW, Right.LOG_PROGRESS, Right.EXPLAIN
REVIEWER = {V, Right.REVIEW, Right.SUBMIT, Right.ACCEPT_EXPLANATION, Right.LOG_FOR_LOWER}
PRINCIPAL = {V, Right.APPROVE, Right.SIGN, X}
COUNTY_OFFICE = REVIEWER | {
    L,
    X,
    Right.CORRECT,
    Right.RECORD_MEASURES,
    Right.MANAGE_POSTINGS,
    Right.MANAGE_PLANS,
    Right.MANAGE_LETTERS,
    Right.MANAGE_ASSESSMENTS,
}
CITY_OFFICE = COUNTY_OFFICE | {
    Right.ARCHIVE,
    Right.MANAGE_REGULATIONS,
    Right.MANAGE_DUTIES,
    Right.MANAGE_DEADLINES,
    Right.MANAGE_FIGURES,
    Right.MANAGE_REPORT_KINDS,
    Right.MANAGE_DIVISIONS,
    Right.ANSWER_FEEDBACK,
}
ADMIN = {Right.MANAGE_POSTINGS, Right.MANAGE_ACCOUNTS}
INSPECT = {V, Right.INSPECT}
MEMBER = {V, L, Right.SUBMIT, X}
SECURITY = {
    Right.EXPLAIN_SCOPE,
    Right.MANAGE_TOKENS,
    Right.MANAGE_EXCEPTIONS,
    Right.MANAGE_ACCOUNTS,
}
NONE: set[Right] = set()
TABLE = {  # role: city, county, township, village
    Role.RECORDER: ({V, L, X},) * 4,
    Role.REVIEWER: (REVIEWER,) * 4,
    Role.SECRETARY: (PRINCIPAL,) * 4,
    Role.HEAD: (PRINCIPAL,) * 4,
    Role.OFFICE: (CITY_OFFICE, COUNTY_OFFICE, NONE, NONE),
    Role.MEMBER: (MEMBER, MEMBER, NONE, NONE),
    Role.INSPECTOR: (INSPECT, INSPECT, INSPECT, NONE),
    Role.UNIT_ADMIN: (ADMIN, ADMIN, ADMIN, NONE),
    Role.SYSTEM: ({Right.VIEW_JOBS}, NONE, NONE, NONE),
    Role.SECURITY: (SECURITY, NONE, NONE, NONE),
    Role.AUDIT: ({Right.VIEW_AUDIT}, NONE, NONE, NONE),
}
CASES = [
    (role, tier, rights)
    for role, row in TABLE.items()
    for tier, rights in zip(ALL_TIERS, row, strict=True)
]


@pytest.mark.parametrize(("role", "tier", "rights"), CASES)
def test_each_cell(role: Role, tier: str, rights: set[Right]):
    assert rights_of(role, tier) == rights


def test_the_table_holds_nothing_else():
    assert set(TABLE) == set(Role)
    assert {pair for pair, rights in RIGHTS.items() if rights} == {
        (role, tier) for role, tier, rights in CASES if rights
    }


def test_administrators_of_the_system_see_no_business():
    for role in (Role.SYSTEM, Role.SECURITY, Role.AUDIT, Role.UNIT_ADMIN):
        assert all(V not in rights_of(role, tier) for tier in ALL_TIERS)


def test_signing_belongs_to_principals_only():
    holders = {role for (role, _), rights in RIGHTS.items() if Right.SIGN in rights}
    assert holders == {Role.SECRETARY, Role.HEAD}


def test_the_three_system_roles_are_separate():
    roles = [rights_of(role, "city") for role in (Role.SYSTEM, Role.SECURITY, Role.AUDIT)]
    assert sum(len(rights) for rights in roles) == len(frozenset().union(*roles))


def test_exceptions_never_administer():
    managing = {right for right in Right if right.value.startswith("manage_")}
    assert not GRANTABLE & (managing | {Right.SIGN, Right.VIEW_AUDIT, Right.EXPLAIN_SCOPE})


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("tier", ALL_TIERS)
def test_who_may_be_appointed(role: Role, tier: str):
    allowed = may_appoint(frozenset(ADMIN), role, tier)
    system = role in (Role.SYSTEM, Role.SECURITY, Role.AUDIT)
    assert allowed == (
        role in roles_at(tier) and not system and (role, tier) != (Role.OFFICE, "city")
    )
    assert not may_appoint(frozenset(REVIEWER), role, tier)

"""Accounts, posts and postings from one sheet: validated whole, mistakes by cell, twice a no-op.

The accounts cannot sign in until their one-time passwords are printed (services.accounts).
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts import services as accounts
from accounts.models import User
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.common.sheets import Line, read_table
from responsibility.divisions.models import Body, Division
from responsibility.divisions.rules import parse_day
from responsibility.jobs import runs, uploads
from responsibility.jobs.models import ImportReceipt, Run
from responsibility.jobs.receipts import keep_sheet
from responsibility.jobs.rules import ReceiptStatus
from responsibility.postings.models import Person, Post, Posting, Tenure
from responsibility.postings.rules import (
    PRINCIPAL_ROLES,
    ROLE_LABELS,
    PrincipalKind,
    Role,
    after,
    dates_wrong,
    rights_of,
)
from responsibility.postings.services.giving import can_appoint

KIND = "accounts"
RUN = "accounts.import"
COLUMNS = {
    "username": ("用户名", "username"),
    "label": ("显示名称", "label"),
    "role": ("角色", "role"),
    "code": ("区划代码", "代码", "code"),
    "body": ("", "单位", "body"),
    "post": ("", "职务", "post"),
    "since": ("", "起始日期", "since"),
    "until": ("", "截止日期", "until"),
}
ROLES = {word: role for role, word in ROLE_LABELS.items()} | {role.value: role for role in Role}
PRINCIPALS = {role: kind for kind, role in PRINCIPAL_ROLES.items()}
NAME = re.compile(r"[\w.@+-]{1,60}")
SHOWN = 500
BATCH = 1000
Mistake = dict[str, str]


@dataclass
class Row:
    """One line that may be loaded."""

    username: str
    label: str
    role: Role
    division: Division
    body: Body | None
    post: str
    since: date
    until: date | None

    @property
    def key(self) -> tuple[str, str, int, int | None]:
        """Return what makes two lines the same posting."""
        return self.username, self.role, self.division.pk, self.body.pk if self.body else None


@dataclass
class Known:
    """What is there already, read in a handful of statements."""

    by: Any
    places: dict[str, Division]
    bodies: dict[tuple[int, str], Body]
    mains: dict[int, Body]
    users: dict[str, User]
    kept: set[int]
    postings: set[tuple[str, str, int, int | None]]
    held: dict[tuple[int, str], str]
    allowed: dict[tuple[str, str], bool] = field(default_factory=dict)

    def may(self, role: Role, place: Division) -> bool:
        """Say whether the role may be given there (asked once for each role and place)."""
        key = (role, place.path)
        if key not in self.allowed:
            self.allowed[key] = can_appoint(self.by, role, place.tier, place.path)
        return self.allowed[key]


@transaction.atomic
def import_accounts(
    *, data: bytes, file_name: str, only_good: bool = False, by: Any
) -> ImportReceipt:
    """Load a sheet of accounts with roles; whole, or the good lines if asked to.

    Raises Invalid for what is no such sheet; every other mistake stands in the receipt by cell.
    """
    access_of(by).require(Right.MANAGE_ACCOUNTS)
    access_of(by).require(Right.MANAGE_POSTINGS)
    lines = read_table(data, COLUMNS)
    if not lines:
        raise Invalid("表里没有数据行，请核对。", where="file")
    known = _read(lines, by)
    rows, mistakes, unchanged = _validate(lines, known)
    load = bool(rows) and (only_good or not mistakes)
    receipt = ImportReceipt.objects.create(
        kind=KIND,
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        status=_status(bool(rows), bool(mistakes), load),
        rows=len(lines),
        loaded=len(rows) if load else 0,
        unchanged=unchanged,
        mistakes=mistakes[:SHOWN],
        uploaded_by=by,
    )
    keep_sheet(receipt, data)
    if load:
        _load_whole(rows, known)
        audit.record(
            by=by,
            verb="accounts.import",
            target=receipt,
            new={
                "sha256": receipt.sha256,
                "loaded": len(rows),
                "postings": [f"{row.username} {row.role} {row.division.code}" for row in rows],
            },
        )
    return receipt


def import_run(run: Run) -> list[runs.Line]:
    """Load a large sheet in the background, as whoever uploaded it."""
    receipt = import_accounts(
        data=uploads.read(run),
        file_name=run.arguments["file_name"],
        only_good=run.arguments["only_good"],
        by=run.started_by,
    )
    return uploads.lines_of(run, receipt)


def _status(rows: bool, mistakes: bool, load: bool) -> ReceiptStatus:
    if load:
        return ReceiptStatus.PARTIAL if mistakes else ReceiptStatus.LOADED
    return ReceiptStatus.REFUSED if mistakes or rows else ReceiptStatus.UNCHANGED


def _code(line: Line) -> str:
    return line.text("code").upper().ljust(12, "0")


def _read(lines: list[Line], by: Any) -> Known:
    today = clock.today()
    codes = {_code(line) for line in lines}
    found = Division.objects.living().visible_to(by, Right.MANAGE_POSTINGS).filter(code__in=codes)
    places = {place.code: place for place in found}
    ids = [place.pk for place in places.values()]
    bodies = list(Body.objects.filter(division__in=ids, ended_on=None))
    names = {line.text("username") for line in lines}
    users = {user.username: user for user in User.objects.filter(username__in=names)}
    own = Posting.objects.visible_to(by, Right.MANAGE_ACCOUNTS).filter(user__in=users.values())
    living = Posting.objects.filter(user__in=users.values()).current(today)
    posted = living.values_list("user__username", "role", "division_id", "body_id")
    held = Tenure.objects.current(today).filter(post__body__in=bodies)
    return Known(
        by=by,
        places=places,
        bodies={(body.division_id, body.name): body for body in bodies},
        mains={body.division_id: body for body in bodies if body.is_main},
        users=users,
        kept=set(own.values_list("user_id", flat=True)),
        postings=set(posted),
        held={
            (body_id, title): username or ""
            for body_id, title, username in held.values_list(
                "post__body_id", "post__title", "person__user__username"
            )
        },
    )


def _validate(lines: list[Line], known: Known) -> tuple[list[Row], list[Mistake], int]:
    """Return the lines to load, the mistakes by cell, and how many are there already."""
    rows: list[Row] = []
    mistakes: list[Mistake] = []
    unchanged, posts = 0, dict(known.held)
    seen: set[tuple[str, str, int, int | None]] = set()
    labels: dict[str, str] = {}
    for line in lines:
        wrong: list[tuple[str, str]] = []
        row = _row(line, known, wrong)
        if row is not None and row.key in seen:
            wrong.append(("username", "与前面的一行重复，请删去一行。"))
        if row is not None and labels.setdefault(row.username, row.label) != row.label:
            wrong.append(("label", f"同一用户名前面写的是“{labels[row.username][:16]}”。"))
        if row is not None and row.post and not wrong:
            wrong += _post_taken(row, known, posts)
        if wrong or row is None:
            mistakes += [
                {"cell": line.cell(key), "value": line.text(key)[:60], "message": text}
                for key, text in wrong
            ]
            continue
        seen.add(row.key)
        if row.key in known.postings:
            unchanged += 1
        else:
            rows.append(row)
    return rows, mistakes, unchanged


def _post_taken(row: Row, known: Known, posts: dict[tuple[int, str], str]) -> list[tuple[str, str]]:
    body = row.body or known.mains.get(row.division.pk)
    if body is None:
        return [("post", "这个区划没有本级单位，请在“单位”列写全称。")]
    holder = posts.setdefault((body.pk, row.post), row.username)
    return [] if holder == row.username else [("post", "该岗位已有人任职，请先办理交接。")]


def _row(line: Line, known: Known, wrong: list[tuple[str, str]]) -> Row | None:
    """Return what a line says; what is wrong with it is added to ``wrong``."""
    username, label = line.text("username"), line.text("label")
    wrong += _names_wrong(username, label, line.text("post"), known)
    place = known.places.get(_code(line))
    if place is None:
        wrong.append(("code", f"填了“{line.text('code')[:20]}”，没有这个区划或不在您的范围内。"))
    role = ROLES.get(line.text("role"))
    if role is None:
        wrong.append(("role", f"填了“{line.text('role')[:20]}”，没有这个角色。"))
    body = None
    if place is not None and role is not None:
        wrong += _role_wrong(role, place, known)
        body = known.bodies.get((place.pk, line.text("body")))
        wrong += _body_wrong(line.text("body"), body, role, place)
    since, until = _days(line, wrong)
    if wrong or place is None or role is None or since is None:
        return None
    return Row(username, label, role, place, body, line.text("post"), since, until)


def _names_wrong(username: str, label: str, post: str, known: Known) -> Iterable[tuple[str, str]]:
    if not NAME.fullmatch(username):
        yield "username", f"填了“{username[:20]}”，只能用字母、数字和 @ . + - _，最多 60 位。"
    if not label or len(label) > 100 or label[0] in "=+@":
        yield "label", "显示名称没有填、超过 100 字，或以 = + @ 开头。"
    if len(post) > 60 or post[:1] in ("=", "+", "@"):
        yield "post", "职务超过 60 字，或以 = + @ 开头。"
    user = known.users.get(username)
    if user is not None and (user.pk not in known.kept or user.is_service or not user.is_active):
        yield "username", f"用户名“{username[:20]}”已被占用或停用，请换一个。"
    if user is not None and user.pk == known.by.pk:
        yield "username", "不能给自己授权，请由其他管理员办理。"


def _role_wrong(role: Role, place: Division, known: Known) -> Iterable[tuple[str, str]]:
    if not rights_of(role, place.tier):
        yield "role", f"{place.get_tier_display()}级没有“{ROLE_LABELS[role]}”这个角色。"
    elif not known.may(role, place):
        yield "role", f"您不能授予{place.name}的“{ROLE_LABELS[role]}”。"


def _body_wrong(
    text: str, body: Body | None, role: Role, place: Division
) -> Iterable[tuple[str, str]]:
    if text and body is None:
        yield "body", f"{place.name}没有“{text[:16]}”，请写单位全称。"
    if role == Role.MEMBER and not text:
        yield "body", "成员单位要写单位全称。"


def _days(line: Line, wrong: list[tuple[str, str]]) -> tuple[date | None, date | None]:
    days: dict[str, date | None] = {}
    for key in ("since", "until"):
        value = line.cells.get(key)
        try:
            days[key] = parse_day(value if isinstance(value, date) else line.text(key))
        except ValueError:
            days[key] = None
            wrong.append((key, f"填了“{line.text(key)[:20]}”，应是日期，如 2020-12-17。"))
    since, until = days["since"] or clock.today(), days["until"]
    problem = dates_wrong(since, until)
    if problem:
        wrong.append(("until", problem))
    return since, until


def _load_whole(rows: list[Row], known: Known) -> None:
    """Load, or refuse the whole where a term or a name clashes with one outside this sheet."""
    try:
        with transaction.atomic():
            _load(rows, known)
    except IntegrityError:
        text = "有岗位的任期或用户名与已有的冲突，全部未导入，请核对。"
        raise Conflict(text, where="file") from None


def _load(rows: list[Row], known: Known) -> None:
    """Write accounts, posts, terms and postings: a handful of statements for thousands of rows."""
    new = {row.username: row.label for row in rows if row.username not in known.users}
    made = accounts.create_users(users=list(new.items()))
    users = known.users | {user.username: user for user in made}
    tenures = _load_posts(rows, known, users)
    postings = []
    for row in rows:
        posting = Posting(
            user=users[row.username],
            role=row.role,
            body=row.body,
            validity=(row.since, after(row.until)),
            tenure=tenures.get(row.key),
            reason="导入",
        )
        posting.place(row.division)
        postings.append(posting)
    Posting.objects.bulk_create(postings, batch_size=BATCH)


def _load_posts(
    rows: list[Row], known: Known, users: dict[str, User]
) -> dict[tuple[str, str, int, int | None], Tenure]:
    """Make the posts that are named and let their holders hold them; return the terms by row."""
    wanted = [(row, row.body or known.mains[row.division.pk]) for row in rows if row.post]
    if not wanted:
        return {}
    bodies = {body.pk for _, body in wanted}
    posts = {
        (post.body_id, post.title): post for post in Post.objects.living().filter(body__in=bodies)
    }
    fresh: dict[tuple[int, str], Post] = {}
    for row, body in wanted:
        key = (body.pk, row.post)
        if key not in posts and key not in fresh:
            principal = PRINCIPALS.get(row.role, PrincipalKind.OTHER)
            fresh[key] = Post(body=body, title=row.post, principal=principal)
            fresh[key].place(row.division)
    Post.objects.bulk_create(fresh.values(), batch_size=BATCH)
    posts |= fresh
    people = _people([users[row.username] for row, _ in wanted])
    tenures = {}
    for row, body in wanted:
        if known.held.get((body.pk, row.post)) != row.username:
            tenures[row.key] = Tenure(
                post=posts[(body.pk, row.post)],
                person=people[row.username],
                validity=(row.since, after(row.until)),
            )
    once = {tenure.post_id: tenure for tenure in tenures.values()}
    Tenure.objects.bulk_create(once.values(), batch_size=BATCH)
    return {key: once[tenure.post_id] for key, tenure in tenures.items()}


def _people(users: list[User]) -> dict[str, Person]:
    """Return the person of each account, made when missing."""
    found = {
        person.user.username: person
        for person in Person.objects.filter(user__in=users).select_related("user")
        if person.user
    }
    missing = {user.username: user for user in users if user.username not in found}
    fresh = [Person(user=user) for user in missing.values()]
    Person.objects.bulk_create(fresh, batch_size=BATCH)
    return found | dict(zip(missing, fresh, strict=True))

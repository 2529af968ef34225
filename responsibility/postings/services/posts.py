"""Posts, who holds them, and the hand-over from one holder to the next."""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import Scope, access_of
from responsibility.divisions.models import Body
from responsibility.postings import open_items
from responsibility.postings.models import (
    HandOver,
    HandOverItem,
    Person,
    Post,
    Posting,
    PostQuerySet,
    Tenure,
)
from responsibility.postings.rules import (
    PRINCIPAL_ROLES,
    PrincipalKind,
    after,
    dates_wrong,
)
from responsibility.postings.services.giving import end_posting, give_posting


def _require(by: Any, obj: Any) -> None:
    if by is not None:
        access_of(by).require(Right.MANAGE_POSTINGS, obj)


@transaction.atomic
def create_post(
    *, body: Body, title: str, principal: str = PrincipalKind.OTHER, position: int = 0, by: Any
) -> Post:
    """Create a post at a body; one title once among the posts that exist."""
    _require(by, body)
    title = title.strip()
    if not title:
        raise Invalid("职务没有填。", where="title")
    if Post.objects.living().filter(body=body, title=title).exists():
        raise Conflict(f"{body}已有“{title}”这个岗位。"[:60], where="title")
    post = Post(body=body, title=title, principal=principal, position=position)
    post.place(body.division)
    post.save()
    audit.record(
        by=by,
        verb="posts.create",
        target=post,
        new={"body": str(body), "title": title, "principal": principal},
    )
    return post


def create_posts(*, body: Body, posts: list[tuple[str, str]], by: Any) -> list[Post]:
    """Create several posts (title, principal kind) at a body; those that exist are left alone."""
    there = set(Post.objects.living().filter(body=body).values_list("title", flat=True))
    return [
        create_post(body=body, title=title, principal=principal, position=number, by=by)
        for number, (title, principal) in enumerate(posts, 1)
        if title not in there
    ]


@transaction.atomic
def appoint(
    *,
    post: Post,
    user: Any = None,
    placeholder: str = "",
    since: date,
    until: date | None = None,
    document: str = "",
    acting: bool = False,
    by: Any,
) -> Tenure:
    """Let somebody hold a post from a day on: an account, or a person known by a placeholder.

    A principal with an account gets the posting of the post (书记, 行政正职) for the same time.
    """
    row = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    _require(by, row)
    if row.ended_on is not None:
        raise Conflict("这个岗位已经撤销。")
    if user is None and not placeholder.strip():
        raise Invalid("任职人没有选，请选账号或写代称。", where="user")
    wrong = dates_wrong(since, until)
    if wrong:
        raise Invalid(wrong, where="until")
    tenure = Tenure(
        post=row,
        person=_person(user, placeholder),
        validity=(since, after(until)),
        document=document.strip(),
        acting=acting,
    )
    try:
        with transaction.atomic():
            tenure.save()
    except IntegrityError:
        raise Conflict("该岗位在此期间已有人任职，请先办理交接。", where="since") from None
    tenure.refresh_from_db(fields=["validity"])
    audit.record(
        by=by, verb="tenures.begin", target=tenure, scope_path=row.scope_path, new=facts(tenure)
    )
    role = PRINCIPAL_ROLES.get(PrincipalKind(row.principal))
    if user is not None and role and not _has(user, role, row, since, until):
        give_posting(
            user=user,
            role=role,
            division=row.division,
            since=since,
            until=until,
            tenure=tenure,
            by=by,
        )
    return tenure


def _has(user: Any, role: str, post: Post, since: date, until: date | None) -> bool:
    """Say whether the user has the role there already (一肩挑 needs it once)."""
    return Posting.objects.filter(
        user=user,
        role=role,
        division=post.division,
        voided_at=None,
        validity__overlap=(since, after(until)),
    ).exists()


def _person(user: Any, placeholder: str) -> Person:
    if user is None:
        return Person.objects.create(placeholder=placeholder.strip()[:100])
    known = Person.objects.filter(user=user).first()
    return known or Person.objects.create(user=user, placeholder=placeholder.strip()[:100])


@transaction.atomic
def end_tenure(*, tenure: Tenure, last_day: date, reason: str, by: Any) -> None:
    """End a term of office with a last day; the postings that rest on it end with it."""
    row = Tenure.objects.select_for_update(of=("self",)).get(pk=tenure.pk)
    _require(by, row.post)
    if row.is_voided or _ended_by(row.validity.upper, last_day):
        raise Conflict("这段任职在此之前已结束。", where="last_day")
    if last_day < row.validity.lower:
        raise Invalid("截止日期早于任职起始日期，请核对。", where="last_day")
    if not reason.strip():
        raise Invalid("原因没有填，例如免职文号。", where="reason")
    old = facts(row)
    row.validity = (row.validity.lower, after(last_day))
    row.save(update_fields=["validity"])
    row.refresh_from_db(fields=["validity"])
    audit.record(
        by=by,
        verb="tenures.end",
        target=row,
        scope_path=row.post.scope_path,
        old=old,
        new=facts(row),
        note=reason.strip()[:200],
    )
    for posting in Posting.objects.filter(tenure=row).current(last_day):
        if not _ended_by(posting.validity.upper, last_day):
            end_posting(posting=posting, last_day=last_day, reason=reason, by=by)


def _ended_by(upper: date | None, last_day: date) -> bool:
    return upper is not None and upper <= last_day + timedelta(days=1)


@transaction.atomic
def hand_over(
    *, post: Post, successor: Any, since: date, document: str = "", acting: bool = False, by: Any
) -> HandOver:
    """Pass a post to a successor from a day on, listing what is open at its body on that day.

    The former holder's term ends the day before; the successor confirms the list.
    """
    row = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    _require(by, row)
    if HandOver.objects.filter(post=row, confirmed_at=None).exists():
        raise Conflict("这个岗位有一次交接还没有确认。")
    current = Tenure.objects.living().filter(post=row, validity__contains=since).first()
    outgoing_user = current.person.user if current else None
    if current is not None:
        if outgoing_user is not None and outgoing_user.pk == successor.pk:
            raise Invalid("接任人就是现任，不用交接。", where="user")
        end_tenure(
            tenure=current, last_day=since - timedelta(days=1), reason=document or "交接", by=by
        )
    tenure = appoint(post=row, user=successor, since=since, document=document, acting=acting, by=by)
    found = HandOver(
        post=row,
        outgoing=current,
        incoming=tenure,
        successor=successor,
        effective_on=since,
        opened_by=by,
    )
    found.place(row.division)
    found.save()
    items = open_items.collect(row.body, outgoing_user)
    HandOverItem.objects.bulk_create(
        HandOverItem(
            hand_over=found, position=number, label=label[:100], count=count, url=url[:500]
        )
        for number, (label, count, url) in enumerate(items, 1)
    )
    audit.record(
        by=by,
        verb="posts.hand_over",
        target=found,
        new={
            "post": str(row),
            "successor": successor.get_username(),
            "since": str(since),
            "open": {label: count for label, count, _ in items},
        },
    )
    return found


@transaction.atomic
def confirm_hand_over(*, hand_over: HandOver, note: str = "", by: Any) -> None:
    """Let the successor confirm what he takes over; nobody else can."""
    row = HandOver.objects.select_for_update(of=("self",)).get(pk=hand_over.pk)
    if by is None or row.successor_id != by.pk:
        raise Forbidden("只有接任人本人可以确认交接。")
    if row.confirmed_at is not None:
        raise Conflict("这次交接已经确认过。")
    HandOver.objects.filter(pk=row.pk).update(confirmed_at=Now(), note=note.strip()[:500])
    audit.record(by=by, verb="posts.hand_over_confirmed", target=row, note=note.strip()[:200])


def vacant(found: PostQuerySet, today: date) -> PostQuerySet:
    """Return those of the posts that are a principal's (书记, 行政正职) and that nobody holds."""
    held = Tenure.objects.current(today).filter(post=OuterRef("pk"))
    return found.filter(
        ~Exists(held),
        principal__in=[PrincipalKind.SECRETARY, PrincipalKind.HEAD],
        body__ended_on=None,
    )


def vacant_principals(scope: Scope, today: date | None = None) -> PostQuerySet:
    """Return the posts of principals within a scope that nobody holds today."""
    found = Post.objects.living().within(scope).select_related("body", "division")
    shown = vacant(found, today or clock.today())
    return shown.order_by("division__sort_key", "position", "id")


def facts(tenure: Tenure) -> dict[str, Any]:
    """Return what the audit keeps of a term."""
    return {
        "post": str(tenure.post),
        "person": tenure.person.shown_as,
        "since": str(tenure.validity.lower),
        "until": str(tenure.validity.upper or ""),
        "acting": tenure.acting,
        "document": tenure.document,
    }

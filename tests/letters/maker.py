"""Letters for tests: a kind, principals in office with a password, a plan in force."""

from datetime import date
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from responsibility.divisions.models import BodyKind
from responsibility.figures.models import FigureValue
from responsibility.letters.models import Letter, LetterKind
from responsibility.letters.services import drafting, signing
from responsibility.plans.models import Plan, PlanLine
from responsibility.plans.rules import PlanKind
from responsibility.postings.models import Tenure
from responsibility.postings.services import posts
from tests.cast import PASSWORD, SINCE, Cast
from tests.duties_maker import make_indicator

TEMPLATE = (
    "{年度}年度脱贫攻坚责任书\n\n根据{依据}，{签署方}向{接受方}签署本责任书。\n\n"
    "一、责任\n{责任}\n\n二、年度目标\n{目标}\n"
)
TITLES = {"secretary": "书记", "head": "行政正职"}


def make_kind(cast: Cast, key: str = "county-city", **extra: object) -> LetterKind:
    """Return a kind for counties: two principals on each side, on article 11."""
    values = {
        "programme": cast.programme,
        "title": "脱贫攻坚责任书",
        "basis_kind": "regulation",
        "basis": "每年向市委、市政府签署脱贫责任书",
        "article": "11",
        "own_signers": ["secretary", "head"],
        "counter_signers": ["secretary", "head"],
        "number_prefix": "聊扶贫组责",
        "template": TEMPLATE,
        **extra,
    }
    kind = LetterKind.objects.create(key=key, **values)
    kind.bodies.set(BodyKind.objects.filter(key__in=["county.main", "zone.main"]))
    return kind


def seat(cast: Cast, code: str, principal: str, who: str = "", since: date = SINCE) -> Tenure:
    """Put a user into a principal's post of a place (made when missing); he has a password."""
    user = cast.user(who or f"{principal}-{code}")
    user.set_password(PASSWORD)
    user.save()
    body = cast.main(code)
    post = body.posts.filter(principal=principal).first() or posts.create_post(
        body=body, title=TITLES[principal], principal=principal, by=None
    )
    return posts.appoint(post=post, user=user, since=since, by=None)


def seat_all(cast: Cast) -> None:
    """Fill the four posts of a county's letter."""
    for code in ("371525", "3715"):
        for principal in TITLES:
            seat(cast, code, principal)


def make_plan(cast: Cast, code: str = "371525", target: int = 100, year: int = 2020) -> Plan:
    """Return a yearly plan in force with one line."""
    office: User = cast.user("office-3715")
    plan = Plan(
        programme=cast.programme,
        body=cast.main(code),
        kind=PlanKind.YEARLY,
        period=str(year),
        status="passed",
        recorder=cast.user(f"recorder-{code}"),
        reviewer=office,
        reviewed_at=timezone.now(),
        approved_hash="0" * 64,
        issued_at=timezone.now(),
        issued_by=office,
    )
    plan.place(cast.place(code))
    plan.save()
    PlanLine.objects.create(
        plan=plan, indicator=make_indicator(cast), position=1, target=Decimal(target), baseline=90
    )
    return plan


def revise_plan(cast: Cast, plan: Plan, target: int) -> Plan:
    """Replace a plan by one with another target."""
    Plan.objects.filter(pk=plan.pk).update(superseded_at=timezone.now())
    new = Plan.objects.get(pk=plan.pk)
    lines = list(new.lines.all())
    new.pk, new.version, new.previous_id, new.revise_reason = None, 2, plan.pk, "上级调整"
    new.public_id, new.superseded_at = cast.programme.public_id, None
    new._state.adding = True
    new.save()
    PlanLine.objects.create(
        plan=new, indicator=lines[0].indicator, position=1, target=Decimal(target)
    )
    return new


def drafted(cast: Cast, **kind: object) -> Letter:
    """Return 冠县's draft of 2020."""
    known = LetterKind.objects.first() or make_kind(cast, **kind)
    return drafting.draft(
        by=cast.user("office-3715"), kind=known, body=cast.main("371525"), year=2020
    )


def issued(cast: Cast) -> Letter:
    """Return a letter that waits for four signatures; everybody is in office."""
    seat_all(cast)
    make_plan(cast)
    return drafting.issue(by=cast.user("office-3715"), letter=drafted(cast))


def sign(cast: Cast, letter: Letter, who: str) -> None:
    """Sign as one of the principals."""
    side = "counter" if who.endswith("-3715") else "own"
    signing.sign(by=cast.user(who), letter=letter, password=PASSWORD, side=side)


def signed(cast: Cast) -> Letter:
    """Return a letter signed by all four."""
    letter = issued(cast)
    for who in ("secretary-371525", "head-371525", "secretary-3715", "head-3715"):
        sign(cast, letter, who)
    letter.refresh_from_db()
    return letter


def ledger(cast: Cast, number: int, code: str = "371525") -> None:
    """Put the year's figure of the letter's indicator into the ledger."""
    row = FigureValue(
        indicator=make_indicator(cast),
        body=cast.main(code),
        period="2020",
        value=Decimal(number),
        source_kind="rollup",
    )
    row.place(cast.place(code))
    row.save()

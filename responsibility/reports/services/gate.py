"""报表准入: what a draft asks that exists already, what it lacks, and the decision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines.models import DeadlineRule
from responsibility.divisions.models import BodyKind
from responsibility.divisions.rules import Tier
from responsibility.duties.models import Duty
from responsibility.figures.models import Indicator
from responsibility.figures.rules import SourceKind
from responsibility.figures.services.dictionary import admit_indicator
from responsibility.reports.models import CellDef, FigureWish, ReportKind
from responsibility.reports.rules import KindStatus, Rhythm, SectionKind
from responsibility.reports.rules import gate as rules
from responsibility.reports.rules.gate import Finding, Known
from responsibility.reports.rules.kinds import SHORT_DAYS, after, needs_reason
from responsibility.reports.services.designing import lock_draft
from responsibility.reports.services.kinds import close_before
from responsibility.reports.services.timing import days_given

TIER_ORDER = [tier.value for tier in Tier]


@dataclass(frozen=True)
class Likely:
    """Another kind in force that looks like this one."""

    kind: ReportKind
    score: int
    shared: int
    of: int


@dataclass(frozen=True)
class Survey:
    """All that the gate shows before a decision."""

    findings: tuple[Finding, ...]
    kinds: tuple[Likely, ...]
    lacks: tuple[str, ...]
    days: int | None
    rule: DeadlineRule | None
    submitters: tuple[BodyKind, ...]

    @property
    def refusals(self) -> list[str]:
        """Return why it cannot be let through as it is."""
        return [f"“{item.name}”{item.refusal}" for item in self.findings if item.refusal]

    @property
    def existing(self) -> int:
        """Return how many of the asked figures exist."""
        return rules.share(self.findings)[0]

    @property
    def alike(self) -> int:
        """Return how many new figures look like existing ones."""
        return sum(bool(item.alike) for item in self.findings)

    @property
    def passes(self) -> bool:
        """Say whether nothing stands in the way."""
        return not self.lacks and not self.refusals


def survey(kind: ReportKind) -> Survey:
    """Compare a draft with what exists; a constant number of statements."""
    today = clock.today()
    others = list(
        ReportKind.objects.in_force(today)
        .exclude(key=kind.key)
        .annotate(bodies=ArrayAgg("submitters", default=Value([])))
        .order_by("pk")
    )
    asked = _cells([kind, *others])
    parts = list(_parts(kind))
    submitters = list(kind.submitters.order_by("position", "id"))
    held = _holders(others, asked, {item.pk for item in submitters})
    tiers = [item.tier for item in submitters]
    cells = asked.get(kind.pk, [])
    findings = [_of_cell(cell, tiers, tuple(held.get(cell.indicator_id, ()))) for cell in cells]
    wishes = [part for part in parts if part["wishes__id"]]
    dictionary = _dictionary() if wishes else []
    findings += [_of_wish(wish, dictionary) for wish in wishes]
    rule = DeadlineRule.objects.by_key([kind.deadline_rule]).get(kind.deadline_rule)
    days = days_given(kind, rule, today)
    full = {cell.section_id for cell in cells} | {wish["id"] for wish in wishes}
    empty = [
        part["title"]
        for part in parts
        if part["section_kind"] == SectionKind.FIGURES and part["id"] not in full
    ]
    lacks = _lacks(kind, bool(submitters), bool(parts), empty) + _lacks_deadline(kind, days, today)
    likely = _likely(kind, others, asked)
    return Survey(tuple(findings), likely, tuple(lacks), days, rule, tuple(submitters))


def _cells(kinds: list[ReportKind]) -> dict[int, list[CellDef]]:
    """Return the figures of each kind in order; ``logged``: progress on duties carries it."""
    logged = Duty.objects.filter(indicators=OuterRef("indicator"))
    rows = (
        CellDef.objects.filter(section__kind__in=kinds)
        .select_related("section", "indicator")
        .annotate(logged=Exists(logged))
        .order_by("section__position", "position")
    )
    found: dict[int, list[CellDef]] = {}
    for row in rows:
        found.setdefault(row.section.kind_id, []).append(row)
    return found


def _parts(kind: ReportKind) -> Any:
    """Return the sections of a draft, one row for each of their wishes (or one with none)."""
    wished = [f"wishes__{name}" for name in ("id", "name", "unit", "definition")]
    rows = kind.sections.order_by("position", "wishes__position")
    return rows.values("id", "title", "section_kind", *wished)


def _dictionary() -> list[Known]:
    rows = Indicator.objects.filter(retired_on=None).order_by("position", "id")
    return [Known(row.key, row.name, row.unit, row.definition) for row in rows]


def _holders(
    others: Iterable[ReportKind], asked: dict[int, list[CellDef]], submitters: set[int]
) -> dict[int, list[str]]:
    """Return {indicator: titles} of the kinds of the same bodies in which it is typed."""
    held: dict[int, list[str]] = {}
    for other in others:
        if not submitters & set(getattr(other, "bodies")):  # noqa: B009 - an annotation
            continue
        for cell in asked.get(other.pk, []):
            if cell.typed:
                held.setdefault(cell.indicator_id, []).append(other.title)
    return held


def _of_cell(cell: CellDef, tiers: list[str], held: tuple[str, ...]) -> Finding:
    item = cell.indicator
    refusal = ""
    if cell.typed:
        refusal = _refusal(item, tiers, held, bool(getattr(cell, "logged", False)))
    asked = "在本表手填" if cell.typed else "引用台账，不用填"
    return Finding(item.name, item.unit, cell.section.title, asked, True, refusal, held)


def _refusal(item: Indicator, tiers: list[str], held: tuple[str, ...], logged: bool) -> str:
    if item.source_kind != SourceKind.TYPED:
        return "由台账得出，不能再要求填，请改为引用。"
    if any(TIER_ORDER.index(item.tier) > TIER_ORDER.index(tier) for tier in tiers):
        return f"由{item.get_tier_display()}填报后逐级汇总，不能在上级再填。"
    if held:
        return f"《{held[0]}》已经填报，不能再要一遍。"
    if logged:
        return "已在责任进展里填报，不能再要一遍。"
    return ""


def _of_wish(wish: Mapping[str, Any], dictionary: list[Known]) -> Finding:
    name, unit = wish["wishes__name"], wish["wishes__unit"]
    same = any(rules.is_same(name, unit, known) for known in dictionary)
    refusal = "指标字典里已有同名同单位的，请改为引用。" if same else ""
    alike = rules.alike(name, unit, wish["wishes__definition"], dictionary)
    asked = "新增，要手填"
    return Finding(name, unit, wish["title"], asked, same, refusal, (), alike, wish["wishes__id"])


def _likely(
    kind: ReportKind, others: Iterable[ReportKind], asked: dict[int, list[CellDef]]
) -> tuple[Likely, ...]:
    mine = {cell.indicator_id for cell in asked.get(kind.pk, [])}
    found = []
    for other in others:
        theirs = {cell.indicator_id for cell in asked.get(other.pk, [])}
        score = round(rules.ratio(kind.title, other.title) * 100)
        shared = len(mine & theirs)
        if score >= rules.ALIKE * 100 or shared:
            found.append(Likely(other, score, shared, len(mine)))
    found.sort(key=lambda item: (-item.shared, -item.score, item.kind.title))
    return tuple(found[:5])


def _lacks(
    kind: ReportKind, has_submitters: bool, has_sections: bool, empty: list[str]
) -> list[str]:
    lacks = []
    if not kind.basis.strip():
        lacks.append("没有写依据。")
    if not kind.purpose.strip():
        lacks.append("没有写用途：这张表要来做什么。")
    if not has_submitters:
        lacks.append("没有选报送单位。")
    if not has_sections:
        lacks.append("没有章节，至少要有一节。")
    return lacks + [f"“{title}”没有行，请加指标或移除这一节。" for title in empty]


def _lacks_deadline(kind: ReportKind, days: int | None, today: date) -> list[str]:
    if kind.rhythm == Rhythm.ONCE:
        if kind.due_on is None:
            return ["没有写截止日期。"]
        if kind.due_on < today:
            return ["截止日期已经过了，请改。"]
    elif not kind.deadline_rule:
        return ["没有选时限规则。"]
    if needs_reason(days) and not kind.short_reason.strip():
        return [f"期限只有 {days} 个工作日，少于 {SHORT_DAYS} 个的要写理由。"]
    return []


def may_decide(by: Any, kind: ReportKind) -> bool:
    """Say whether the user is the second person: the office or its reviewer, not the proposer."""
    if by.pk == kind.proposed_by_id:
        return False
    return is_decider(by, kind)


def is_decider(by: Any, kind: ReportKind) -> bool:
    """Say whether the user decides at this gate at all: the office, or its reviewer."""
    access = access_of(by)
    if access.has(Right.MANAGE_REPORT_KINDS):
        return True
    return kind.issuer is not None and any(
        grant.division_id == kind.issuer.division_id and grant.body_id is None
        for grant in access.with_right(Right.REVIEW)
    )


@transaction.atomic
def propose(*, by: Any, kind: ReportKind) -> ReportKind:
    """Bring a draft before the gate; Invalid names the first thing that is missing."""
    row = lock_draft(kind, by)
    if row.is_template:
        raise Conflict("样表只供复制，不能报准入。")
    found = survey(row)
    for message in (*found.lacks, *found.refusals):
        raise Invalid(message[:120])
    row.status = after("propose", row.status) or row.status
    row.days_given = found.days
    row.proposed_by, row.proposed_at = by, Now()
    row.decided_by = row.decided_at = None
    row.decision = ""
    row.save()
    audit.record(
        by=by,
        verb="report_kind.propose",
        target=row,
        new={"days_given": found.days, "existing": found.existing, "asked": len(found.findings)},
    )
    return row


def _lock_proposed(kind: ReportKind, by: Any) -> ReportKind:
    row = (
        ReportKind.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=kind.pk)
    )
    if not is_decider(by, row):
        access_of(by).require(Right.MANAGE_REPORT_KINDS)
    if row.status != KindStatus.PROPOSED:
        raise Conflict(f"当前为“{row.get_status_display()}”，不在待准入。")
    return row


@transaction.atomic
def withdraw(*, by: Any, kind: ReportKind) -> ReportKind:
    """The proposer takes his proposal back to a draft."""
    row = _lock_proposed(kind, by)
    if by.pk != row.proposed_by_id:
        raise Forbidden("只有提出人可以撤回。")
    row.status = KindStatus.DRAFT
    row.proposed_by = row.proposed_at = None
    row.save()
    audit.record(by=by, verb="report_kind.withdraw", target=row)
    return row


@transaction.atomic
def decide(
    *,
    by: Any,
    kind: ReportKind,
    approve: bool,
    decision: str = "",
    in_force_from: date | None = None,
) -> ReportKind:
    """The second person lets a kind through the gate, or sends it back with a reason."""
    row = _lock_proposed(kind, by)
    if by.pk == row.proposed_by_id:
        raise Forbidden("不能准入自己提出的报表，请另一人办。")
    decision = decision.strip()[:500]
    if approve:
        _let_through(row, by, in_force_from or clock.today())
    elif not decision:
        raise Invalid("请写明不同意的理由。", where="decision")
    else:
        row.status = KindStatus.DRAFT
    row.decided_by, row.decided_at, row.decision = by, Now(), decision
    row.save()
    verb = "report_kind.admit" if approve else "report_kind.send_back"
    audit.record(by=by, verb=verb, target=row, new={"decision": decision})
    return row


def _let_through(row: ReportKind, by: Any, since: date) -> None:
    if since < clock.today():
        raise Invalid("起用日期不能早于今天。", where="in_force_from")
    found = survey(row)
    for message in (*found.lacks, *found.refusals):
        raise Conflict(message[:120])
    close_before(row.key, since)
    wishes = FigureWish.objects.filter(section__kind=row).select_related("section")
    for wish in wishes.order_by("pk"):
        _grant(row, wish, by)
        wish.delete()
    row.status = KindStatus.APPROVED
    row.validity = (since, None)
    row.days_given = found.days


def _grant(row: ReportKind, wish: FigureWish, by: Any) -> None:
    tier = min((item.tier for item in row.submitters.all()), key=TIER_ORDER.index)
    values = {
        "name": wish.name,
        "unit": wish.unit,
        "definition": wish.definition,
        "nature": wish.nature,
        "period_type": Rhythm(row.rhythm).period_type,
        "tier": tier,
        "source_kind": SourceKind.TYPED,
        "basis": wish.basis,
    }
    indicator = admit_indicator(
        by=by,
        programme=row.programme,
        key=f"r-{row.key}-{wish.pk}",
        values=values,
        reason=f"报表准入：{row.title}",
    )
    position = wish.section.cells.count() + 1
    CellDef.objects.create(section=wish.section, indicator=indicator, typed=True, position=position)


def may_retire(kind: ReportKind) -> bool:
    """Say whether a kind stands where it can be taken out of force."""
    return after("retire", kind.status) is not None


@transaction.atomic
def retire(*, by: Any, kind: ReportKind, reason: str) -> ReportKind:
    """Take a kind out of force from today, or give up a draft; what was opened stays."""
    access_of(by).require(Right.MANAGE_REPORT_KINDS)
    row = ReportKind.objects.select_for_update(of=("self",)).get(pk=kind.pk)
    if after("retire", row.status) is None or row.is_template:
        raise Conflict(f"当前为“{row.get_status_display()}”，不能停用。")
    if not reason.strip():
        raise Invalid("请写明停用的理由。", where="reason")
    today = clock.today()
    if row.validity is not None and row.in_force_from is not None:
        row.validity = (row.in_force_from, max(row.in_force_from, today))
    row.status = KindStatus.RETIRED
    row.save()
    audit.record(by=by, verb="report_kind.retire", target=row, new={"reason": reason.strip()[:500]})
    return row

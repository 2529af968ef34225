"""Making and changing the draft of a report kind. What is approved is never changed."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Invalid, Missing, Stale
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Body, BodyKind
from responsibility.figures.models import Indicator
from responsibility.regulations.models import Programme
from responsibility.reports import sources
from responsibility.reports.models import (
    CellDef,
    FigureWish,
    ReportCheck,
    ReportKind,
    SectionDef,
)
from responsibility.reports.rules import CheckRule, KindStatus, SectionKind

HEAD = (
    "title",
    "purpose",
    "article",
    "basis_kind",
    "basis",
    "addressee",
    "tiers",
    "rhythm",
    "needs_approval",
    "deadline_rule",
    "due_on",
    "short_reason",
    "allows_no_data",
)
SECTION = ("title", "guidance", "advised_length", "rows_are", "columns", "source")
MOST_SECTIONS, MOST_CELLS = 30, 200


def office_of(by: Any) -> Body | None:
    """Return the office that issues what this user makes: that of his division, else its own."""
    for grant in access_of(by).with_right(Right.MANAGE_REPORT_KINDS):
        if grant.division_id is None:
            continue
        bodies = Body.objects.filter(division_id=grant.division_id, ended_on=None)
        found = bodies.order_by("-kind__is_office", "-is_main", "id").first()
        if found:
            return found
    return None


def lock_draft(kind: ReportKind, by: Any) -> ReportKind:
    """Return the kind locked for the transaction; only the office, only a draft."""
    access_of(by).require(Right.MANAGE_REPORT_KINDS)
    row = ReportKind.objects.select_for_update(of=("self",)).get(pk=kind.pk)
    if row.status != KindStatus.DRAFT:
        raise Conflict(f"当前为“{row.get_status_display()}”，不能修改；要改请拟新版本。")
    return row


def _changed(row: ReportKind, by: Any, verb: str, **new: Any) -> None:
    row.revision += 1
    row.save(update_fields=["revision"])
    audit.record(by=by, verb=verb, target=row, new=new)


@transaction.atomic
def create_kind(*, by: Any, title: str, copy_of: ReportKind | None = None) -> ReportKind:
    """Begin a new kind, empty or as a copy of another."""
    access_of(by).require(Right.MANAGE_REPORT_KINDS)
    if not title.strip():
        raise Invalid("请写报表名称。", where="title")
    programme = copy_of.programme if copy_of else Programme.objects.order_by("id").first()
    if programme is None:
        raise Conflict("还没有专项，请先导入细则。")
    row = ReportKind(programme=programme)
    if copy_of is not None:
        _take_head(row, copy_of)
    row.key, row.title = f"k-{secrets.token_hex(4)}", title.strip()[:100]
    row.issuer = office_of(by)
    row.save()
    if copy_of is not None:
        _take_parts(row, copy_of)
    audit.record(by=by, verb="report_kind.create", target=row, new={"title": row.title})
    return row


@transaction.atomic
def new_version(*, by: Any, kind: ReportKind) -> ReportKind:
    """Begin the next version of an approved kind as a copy of it."""
    access_of(by).require(Right.MANAGE_REPORT_KINDS)
    versions = ReportKind.objects.filter(key=kind.key).select_for_update(of=("self",))
    rows = list(versions)
    if any(row.status in (KindStatus.DRAFT, KindStatus.PROPOSED) for row in rows):
        raise Conflict("这种报表已有一个版本在拟订，请在那一版上改。")
    row = ReportKind(programme=kind.programme, key=kind.key, issuer=kind.issuer)
    _take_head(row, kind)
    row.duty, row.version = kind.duty, max(item.version for item in rows) + 1
    row.save()
    _take_parts(row, kind)
    audit.record(by=by, verb="report_kind.version", target=row, new={"version": row.version})
    return row


def _take_head(row: ReportKind, source: ReportKind) -> None:
    for name in HEAD:
        setattr(row, name, getattr(source, name))
    row.due_on = None


def _take_parts(row: ReportKind, source: ReportKind) -> None:
    row.submitters.set(source.submitters.all())
    for section in source.sections.prefetch_related("cells", "wishes").order_by("position"):
        copy = SectionDef(kind=row, key=section.key, section_kind=section.section_kind)
        for name in (*SECTION, "position"):
            setattr(copy, name, getattr(section, name))
        copy.save()
        CellDef.objects.bulk_create(
            CellDef(
                section=copy,
                indicator_id=cell.indicator_id,
                typed=cell.typed and row.key == source.key,
                position=cell.position,
            )
            for cell in section.cells.all()
        )
        FigureWish.objects.bulk_create(
            FigureWish(section=copy, **wish.as_dict()) for wish in section.wishes.all()
        )
    ReportCheck.objects.bulk_create(
        ReportCheck(
            kind=row,
            key=check.key,
            severity=check.severity,
            rule=check.rule,
            params=check.params,
            message=check.message,
            position=check.position,
        )
        for check in source.checks.all()
    )


@transaction.atomic
def save_head(
    *,
    by: Any,
    kind: ReportKind,
    values: Mapping[str, Any],
    submitters: Iterable[BodyKind],
    revision: int | None = None,
) -> ReportKind:
    """Keep what the form says of a draft as a whole; Stale if somebody else saved meanwhile."""
    row = lock_draft(kind, by)
    if revision is not None and revision != row.revision:
        raise Stale("别人刚改过这张表，请刷新后再改。")
    old = {name: getattr(row, name) for name in HEAD}
    for name in HEAD:
        if name in values:
            setattr(row, name, values[name])
    if row.rhythm != "once":
        row.due_on = None
    row.save()
    row.submitters.set(submitters)
    new = {name: getattr(row, name) for name in HEAD}
    _changed(row, by, "report_kind.save", **{k: str(v) for k, v in new.items() if v != old[k]})
    return row


def _section(row: ReportKind, key: str) -> SectionDef:
    found = row.sections.filter(key=key).first()
    if found is None:
        raise Missing("没有这一节，可能已被移除。")
    return found


@transaction.atomic
def add_section(*, by: Any, kind: ReportKind, section_kind: str, title: str) -> SectionDef:
    """Add a section at the end of a draft."""
    row = lock_draft(kind, by)
    if section_kind not in list(SectionKind):
        raise Invalid("请选择章节类型。", where="section_kind")
    if not title.strip():
        raise Invalid("请写章节标题。", where="title")
    if row.sections.count() >= MOST_SECTIONS:
        raise Invalid(f"一张表最多 {MOST_SECTIONS} 节。", where="title")
    source = ""
    if section_kind == SectionKind.LIST:
        if not sources.choices():
            raise Invalid("还没有可以取清单的台账。", where="section_kind")
        source = sources.choices()[0][0]
    last = row.sections.aggregate(last=Max("position"))["last"] or 0
    section = SectionDef.objects.create(
        kind=row,
        key=f"s{secrets.token_hex(3)}",
        title=title.strip()[:100],
        section_kind=section_kind,
        source=source,
        position=last + 1,
    )
    _changed(row, by, "report_kind.section_add", section=section.title)
    return section


@transaction.atomic
def save_section(*, by: Any, kind: ReportKind, key: str, values: Mapping[str, Any]) -> SectionDef:
    """Keep title, guidance, length advice, rows, columns, source of a section."""
    row = lock_draft(kind, by)
    section = _section(row, key)
    for name in SECTION:
        if name in values:
            setattr(section, name, values[name])
    section.save()
    _changed(row, by, "report_kind.section_save", section=section.title)
    return section


@transaction.atomic
def move_section(*, by: Any, kind: ReportKind, key: str, up: bool) -> None:
    """Exchange a section with its neighbour; at the end of the list nothing happens."""
    row = lock_draft(kind, by)
    _move(list(row.sections.order_by("position", "id")), _section(row, key), up)
    _changed(row, by, "report_kind.section_move", section=key)


def _move(rows: list[Any], item: Any, up: bool) -> None:
    place = rows.index(item)
    other = place - 1 if up else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows, 1):
        if row.position != number:
            row.position = number
            row.save(update_fields=["position"])


@transaction.atomic
def remove_section(*, by: Any, kind: ReportKind, key: str) -> None:
    """Take a section out of a draft, with its rows: no report rests on a draft."""
    row = lock_draft(kind, by)
    section = _section(row, key)
    section.cells.all().delete()
    section.wishes.all().delete()
    section.delete()
    _changed(row, by, "report_kind.section_remove", section=section.title)


def _figures(row: ReportKind, key: str) -> SectionDef:
    section = _section(row, key)
    if section.section_kind != SectionKind.FIGURES:
        raise Conflict("只有数据表可以加指标。")
    if section.cells.count() + section.wishes.count() >= MOST_CELLS:
        raise Invalid(f"一张表最多 {MOST_CELLS} 行。", where="indicator")
    return section


@transaction.atomic
def add_cell(
    *, by: Any, kind: ReportKind, key: str, indicator: Indicator, typed: bool = False
) -> CellDef:
    """Add a figure of the dictionary to a table; ``typed`` where this report is to ask for it."""
    row = lock_draft(kind, by)
    section = _figures(row, key)
    if section.cells.filter(indicator=indicator).exists():
        raise Invalid("这一节已有这个指标。", where="indicator")
    last = section.cells.aggregate(last=Max("position"))["last"] or 0
    cell = CellDef.objects.create(
        section=section, indicator=indicator, typed=typed, position=last + 1
    )
    _changed(row, by, "report_kind.cell_add", indicator=indicator.key, typed=typed)
    return cell


@transaction.atomic
def move_cell(*, by: Any, kind: ReportKind, key: str, indicator: str, up: bool) -> None:
    """Exchange a row of a table with its neighbour."""
    row = lock_draft(kind, by)
    section = _section(row, key)
    _move(list(section.cells.order_by("position", "id")), _cell(section, indicator), up)
    _changed(row, by, "report_kind.cell_move", indicator=indicator)


def _cell(section: SectionDef, indicator: str) -> CellDef:
    found = section.cells.filter(indicator__key=indicator).first()
    if found is None:
        raise Missing("没有这一行，可能已被移除。")
    return found


@transaction.atomic
def remove_cell(*, by: Any, kind: ReportKind, key: str, indicator: str) -> None:
    """Take a row out of a draft's table."""
    row = lock_draft(kind, by)
    _cell(_section(row, key), indicator).delete()
    _changed(row, by, "report_kind.cell_remove", indicator=indicator)


@transaction.atomic
def add_wish(*, by: Any, kind: ReportKind, key: str, values: Mapping[str, Any]) -> FigureWish:
    """Ask for a figure that the dictionary lacks: name, unit, definition, basis and purpose."""
    row = lock_draft(kind, by)
    section = _figures(row, key)
    if section.wishes.filter(name=values["name"]).exists():
        raise Invalid("这一节已拟新增同名的数据。", where="name")
    last = section.wishes.aggregate(last=Max("position"))["last"] or 0
    wish = FigureWish.objects.create(section=section, position=last + 1, **values)
    _changed(row, by, "report_kind.wish_add", name=wish.name)
    return wish


@transaction.atomic
def remove_wish(*, by: Any, kind: ReportKind, wish_id: int) -> None:
    """Withdraw a wish."""
    row = lock_draft(kind, by)
    FigureWish.objects.filter(pk=wish_id, section__kind=row).delete()
    _changed(row, by, "report_kind.wish_remove", wish=wish_id)


@transaction.atomic
def answer_wish(*, by: Any, kind: ReportKind, wish_id: int, indicator: Indicator) -> None:
    """Take an existing figure in place of a wish: filled from the ledger, nothing to type."""
    row = lock_draft(kind, by)
    wish = FigureWish.objects.filter(pk=wish_id, section__kind=row).first()
    if wish is None:
        raise Missing("没有这一项，可能已被移除。")
    section = wish.section
    wish.delete()
    if not section.cells.filter(indicator=indicator).exists():
        last = section.cells.aggregate(last=Max("position"))["last"] or 0
        CellDef.objects.create(section=section, indicator=indicator, position=last + 1)
    _changed(row, by, "report_kind.wish_answered", indicator=indicator.key)


@transaction.atomic
def add_check(*, by: Any, kind: ReportKind, values: Mapping[str, Any]) -> ReportCheck:
    """Add a check; ``values`` holds severity, rule, params (see ``rules.kinds``), message."""
    row = lock_draft(kind, by)
    if values["rule"] not in list(CheckRule):
        raise Invalid("请选择校验方式。", where="rule")
    last = row.checks.aggregate(last=Max("position"))["last"] or 0
    check = ReportCheck.objects.create(
        kind=row, key=f"c{secrets.token_hex(3)}", position=last + 1, **values
    )
    _changed(row, by, "report_kind.check_add", rule=check.rule)
    return check


@transaction.atomic
def remove_check(*, by: Any, kind: ReportKind, key: str) -> None:
    """Take a check out of a draft."""
    row = lock_draft(kind, by)
    row.checks.filter(key=key).delete()
    _changed(row, by, "report_kind.check_remove", check=key)

"""The split grid: rows are the divisions below, columns the lines; works without script."""

import io
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import xlsxwriter
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from responsibility.common.errors import DomainError, Invalid, Missing
from responsibility.common.sheets import read_rows, read_upload
from responsibility.divisions.models import Division
from responsibility.figures.models import Indicator
from responsibility.figures.rules import adds_up, parse_value, shown
from responsibility.flow.rules import is_editable
from responsibility.plans import rules
from responsibility.plans.models import Plan, PlanLine, PlanPart
from responsibility.plans.rules import grid
from responsibility.plans.services import drafting, splitting
from responsibility.plans.services.splitting import Change, Key
from responsibility.plans.views.common import plan_of, url_of

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class Cell:
    """One cell as it is shown."""

    name: str
    text: str = ""
    error: str = ""
    other: str = ""
    limit: str = ""


@dataclass
class Grid:
    """The whole grid as it is shown, and what was refused or not read."""

    plan: Plan
    lines: list[PlanLine]
    children: list[Division]
    parts: dict[Key, PlanPart]
    texts: dict[Key, str] = field(default_factory=dict)
    errors: dict[Key, str] = field(default_factory=dict)
    others: dict[Key, PlanPart] = field(default_factory=dict)
    receipt: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""

    def text(self, key: Key) -> str:
        """Return what a cell shows: what was typed, else what is saved."""
        if key in self.texts:
            return self.texts[key]
        return _plain(self.parts[key].target) if key in self.parts else ""

    def rows(self) -> list[tuple[Division, list[tuple[PlanLine, Cell]]]]:
        """Return a row for each division."""
        return [
            (child, [(line, self.cell(line, child)) for line in self.lines])
            for child in self.children
        ]

    def cell(self, line: PlanLine, child: Division) -> Cell:
        """Return one cell."""
        key = (line.pk, child.pk)
        other = self.others.get(key)
        words = f"他人已改为 {_plain(other.target) or '空'}" if other else ""
        return Cell(f"c-{line.pk}-{child.pk}", self.text(key), self.errors.get(key, ""), words)

    def feet(self) -> list[tuple[PlanLine, str, str]]:
        """Return what is left to divide of each line, in words, with the tone."""
        return [(line, *self._left(line)) for line in self.lines]

    def _left(self, line: PlanLine) -> tuple[str, str]:
        if not line.adds_up:
            return "比率不求和", "plain"
        total = Decimal(0)
        for child in self.children:
            try:
                text = self.text((line.pk, child.pk))
                total += parse_value(text) if text.strip() else Decimal(0)
            except ValueError:
                return "有数要改", "red"
        words = rules.remainder_words(line.target - total)
        return words, "green" if total == line.target else "red"

    def seen(self) -> str:
        """Return what the page shows as saved: {cell: [revision, text]}."""
        return json.dumps(
            {
                f"{a}-{b}": [part.revision, _plain(part.target)]
                for (a, b), part in self.parts.items()
            }
        )


def _plain(value: Decimal | None) -> str:
    return "" if value is None else shown(value).replace(",", "")


def _load(plan: Plan) -> Grid:
    return Grid(
        plan,
        drafting.standing_lines(plan),
        splitting.children_of(plan),
        splitting.parts_of(plan),
    )


def _own_plan(request: HttpRequest, public_id: UUID) -> Plan:
    row = plan_of(request, public_id)
    if not drafting.may_write(request.user, row.body):
        raise Missing("没有找到，或不在您的编制范围内。")
    return row


@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Split a draft's lines to the divisions below."""
    row = _own_plan(request, public_id)
    if row.voided_at or row.issued_at or not is_editable(row.status) or not row.body.is_main:
        return redirect(url_of(row))
    found, status = _load(row), 200
    if request.method == "POST":
        try:
            answer = _act(request, found)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            found.note, status = error.message, error.status
        else:
            if answer is None:
                return redirect(url_of(row, "plan_split"))
            status = answer
    context = {
        "plan": row,
        "grid": found,
        "indicators": Indicator.objects.filter(retired_on=None).order_by("position", "id"),
        "typed": request.POST,
    }
    return render(request, "plans/split.html", context, status=status)


def _act(request: HttpRequest, found: Grid) -> int | None:
    """Do what was asked; return the status to show the grid with, or None when all is saved."""
    _typed(request, found)
    do = request.POST.get("do", "save")
    if do == "propose":
        return _propose(request, found)
    if do == "paste":
        return _read(found, grid.split_pasted(request.POST.get("block", "")[:200_000]))
    if do == "upload":
        upload = request.FILES.get("file")
        if not isinstance(upload, UploadedFile):
            raise Invalid("请先选一个 xlsx 或 CSV 文件。", where="file")
        return _read(found, _texts(read_rows(read_upload(upload))))
    return _save(request, found)


def _typed(request: HttpRequest, found: Grid) -> None:
    for line in found.lines:
        for child in found.children:
            name = f"c-{line.pk}-{child.pk}"
            if name in request.POST:
                found.texts[line.pk, child.pk] = request.POST[name].strip()[:40]


def _propose(request: HttpRequest, found: Grid) -> int:
    key = request.POST.get("indicator", "")
    chosen = Indicator.objects.filter(key=key[:80], retired_on=None).first() if key else None
    if chosen and not adds_up(chosen.nature):
        raise Invalid("比率不能用来占比，请选一个可加的指标。")
    parts = splitting.propose(found.plan, request.POST.get("rule", "equal"), chosen)
    found.texts |= {key: _plain(value) for key, value in parts.items()}
    found.note = "已按所选分法填入，还没有保存。核对后点“保存”；不要的点“恢复到上次保存”。"
    return 200


def _read(found: Grid, rows: list[list[str]]) -> int:
    sheet = grid.read(
        rows,
        splitting.lines_by_text(found.lines),
        splitting.names_of(found.children, found.plan.period),
    )
    found.receipt = sheet.receipt
    for (line, place), value in sheet.cells.items():
        found.texts[int(line), int(place)] = _plain(value)
    if not sheet.cells:
        raise Invalid("没有读到一个数，请按样表的行列填写。")
    found.note = f"读到 {len(sheet.cells)} 个数，还没有保存。核对后点“保存”。"
    return 200


def _texts(rows: list[list[Any]]) -> list[list[str]]:
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).replace("\0", "").strip()


def _seen(request: HttpRequest) -> dict[str, tuple[int, str]]:
    try:
        given = json.loads(request.POST.get("seen", "{}"))
        return {str(key): (int(rev), str(text)) for key, (rev, text) in given.items()}
    except (ValueError, TypeError, AttributeError):
        raise Invalid("页面已过期，请刷新后重填。") from None


def _save(request: HttpRequest, found: Grid) -> int | None:
    """Write the cells that the user changed; only these can meet another's change."""
    seen, changes = _seen(request), {}
    for (line, place), text in found.texts.items():
        revision, old = seen.get(f"{line}-{place}", (0, ""))
        if text == old:
            continue
        try:
            changes[line, place] = Change(parse_value(text) if text else None, revision)
        except ValueError as error:
            found.errors[line, place] = str(error)
    if found.errors:
        found.note = f"{len(found.errors)} 格要改，还没有保存。"
        return 400
    saved = splitting.save_cells(by=request.user, plan=found.plan, changes=changes)
    if not saved.conflicts:
        messages.success(request, f"已保存，改了 {saved.written} 格。")
        return None
    found.parts = splitting.parts_of(found.plan)
    found.others = saved.conflicts
    found.texts = {key: found.texts[key] for key in saved.conflicts}
    found.note = (
        f"{len(saved.conflicts)} 格他人同时改过，您的数还在格里，没有覆盖；"
        f"其余 {saved.written} 格已保存。要用您的数请再点“保存”。"
    )
    return 409


@require_GET
def split_sheet(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The grid as a workbook, to be filled in and uploaded again."""
    found = _load(_own_plan(request, public_id))
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet("分解")
        bold = book.add_format({"bold": True, "text_wrap": True})
        heads = ["代码", "单位"]
        heads += [f"{line.indicator.name}（{line.indicator.unit}）" for line in found.lines]
        for n, head in enumerate(heads):
            page.write_string(0, n, head, bold)
        page.set_column(0, 1, 16)
        for row, child in enumerate(found.children, 1):
            page.write_string(row, 0, child.short_code)
            page.write_string(row, 1, child.name)
            for n, line in enumerate(found.lines, 2):
                part = found.parts.get((line.pk, child.pk))
                if part and part.target is not None:
                    page.write_number(row, n, float(part.target))
    answer = HttpResponse(file.getvalue(), content_type=SHEET)
    answer["Content-Disposition"] = 'attachment; filename="split.xlsx"'
    return answer

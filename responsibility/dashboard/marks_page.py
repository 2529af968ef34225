"""得分总图: one run of an assessment over its units, on screen, printed, and as a workbook."""

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from responsibility.assessments.models import AssessmentRun, Subject
from responsibility.assessments.models.running import SubjectQuerySet
from responsibility.assessments.rules.running import TOLD
from responsibility.common import clock
from responsibility.common.scoping import access_of
from responsibility.dashboard.pictures import marks
from responsibility.dashboard.pictures.workbook import XLSX, Sheet, write_book

UNITS = 15
"""Units on a page: as many columns as a screen of 1280 px holds."""
SOURCE = "本系统考核得分表（取数、自评、核验后的计分结果）"


def link(request: HttpRequest, run: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the way from a run's page to its picture; no statement."""
    return ("dashboard/_marks_link.html", {"run": run}) if shows(request, run) else None


def shows(request: HttpRequest, run: AssessmentRun) -> bool:
    """Say whether marks may be seen: by who organises at any time, by units once told."""
    return run.status in TOLD or access_of(request.user).scope().covers(run.scope_path)


def units_of(run: AssessmentRun, user: Any) -> SubjectQuerySet:
    """Return the units of a run that the user sees, in the standard order."""
    rows = Subject.objects.visible_to(user).filter(run=run)
    return rows.select_related("body", "division").order_by("position")


def context(request: HttpRequest, run: AssessmentRun, units: list[Subject]) -> dict[str, Any]:
    """Return what the page shows of some units: items by unit, and published grades."""
    told = shows(request, run)
    found = marks.grades(run, request.user) if run.published_at else []
    has_map = run.division.tier == "city" and run.subjects_kind in ("counties", "zones")
    return {
        "run": run,
        "units": units,
        "shows": told,
        "rows": marks.rows(run, units) if told and units else [],
        "grades": found,
        "zones": [grade for grade in found if grade.is_zone],
        "on_map": [vars(grade) for grade in found if not grade.is_zone] if has_map else [],
        "colours": _legend(run),
        "source": SOURCE,
    }


def _legend(run: AssessmentRun) -> list[tuple[str, str]]:
    names = [grade.name for grade in run.scheme.scheme.grades]
    return list(zip(marks.GRADE_COLOURS, names, strict=False))


def export(request: HttpRequest, run: AssessmentRun) -> StreamingHttpResponse:
    """Return the same as a workbook: a sheet of items by unit, a sheet of published grades."""
    user = request.user
    units = list(units_of(run, user)) if shows(request, run) else []
    rows = marks.rows(run, units) if units else []
    head = ("指标", "满分", *(unit.body.name for unit in units))
    table = [
        (row.name, float(row.full), *(f"{cell.words} {cell.detail}".strip() for cell in row.cells))
        for row in rows
    ]
    sheets = [Sheet("各项完成情况", head, list(table))]
    if run.published_at:
        grades = [(one.name, one.words) for one in marks.grades(run, user)]
        sheets.append(Sheet("通报等次", ("单位", "等次"), list(grades)))
    about = f"{run.division.name} {run.title}，{run.get_status_display()}"
    body = write_book(sheets, about, f"来源：{SOURCE}；{clock.today()} 导出；不排名次")
    answer = StreamingHttpResponse(body, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="marks-{run.year}.xlsx"'
    return answer

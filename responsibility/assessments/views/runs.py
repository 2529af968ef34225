"""Pages of runs: list, one run with its steps and units, verifying, third-party results."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from responsibility.assessments import snapshot
from responsibility.assessments.models import Appeal, AssessmentRun, DataItem, LeafEntry, Subject
from responsibility.assessments.rules.outlook import due_date
from responsibility.assessments.rules.running import ORDER, SETTLED, STAGES, TOLD, Stage, following
from responsibility.assessments.services import (
    collecting,
    freezing,
    parts,
    reading,
    running,
    verifying,
)
from responsibility.assessments.services.circular import circular
from responsibility.assessments.views.common import (
    acted,
    download,
    mark,
    revision,
    run_of,
    text,
)
from responsibility.common.documents import MIME
from responsibility.common.errors import Forbidden, Invalid, Missing
from responsibility.common.rights import Right
from responsibility.common.sheets import read_upload
from responsibility.common.views import access, number_page

RIGHT = Right.MANAGE_ASSESSMENTS
DONE = {
    "advance": "已进入下一环节。",
    "refresh": "已按台账重新取数。",
    "freeze": "结果已冻结，扣分项已转入整改清单。",
    "publish": "已通报，通知已发到各单位。",
    "void": "已作废。",
}


@require_GET
def assessment_list(request: HttpRequest) -> HttpResponse:
    """成效考核: the runs that the user sees, by year."""
    rows = AssessmentRun.objects.visible_to(request.user).living().select_related("division")
    rows = rows.order_by("-year", "division__path", "subjects_kind")
    mine = Subject.objects.visible_to(request.user).filter(run__in=rows)
    own = access(request).scope()
    context = {
        "page": number_page(request, rows),
        "own": [
            item
            for item in mine.with_names().order_by("-run__year", "position")[:200]
            if not own.covers(item.run.scope_path)
        ],
        "can_make": access(request).has(RIGHT),
    }
    return render(request, "assessments/list.html", context)


def _steps(run: AssessmentRun) -> list[dict[str, Any]]:
    """Return the steps with whether each is past, and the scheme's own dates."""
    place = ORDER.index(Stage(run.status))
    return [
        {"words": STAGES[stage], "past": number < place, "now": number == place}
        for number, stage in enumerate(ORDER)
    ]


def _missing() -> "QuerySet[DataItem, Any]":
    """Return, for a unit of the outer query, how many numbers it still has to give."""
    absent = LeafEntry.objects.filter(
        subject=OuterRef("subject"), leaf=OuterRef("leaf"), absent=True
    )
    rows = DataItem.objects.filter(subject=OuterRef("pk"), how="missing", source_kind="typed")
    rows = rows.exclude(Exists(absent)).order_by()
    return rows.values("subject").annotate(number=Count("pk")).values("number")


def _context(request: HttpRequest, run: AssessmentRun, **extra: Any) -> dict[str, Any]:
    mine = access(request).allows(RIGHT, run)
    sees_all = access(request).scope().covers(run.scope_path)
    subjects = (
        Subject.objects.visible_to(request.user)
        .filter(run=run)
        .select_related("body", "division")
        .annotate(
            sampled=Count("entries", filter=Q(entries__sampled=True)),
            checked=Count("entries", filter=Q(entries__sampled=True) & ~Q(entries__finding="")),
            owed=Subquery(_missing(), output_field=IntegerField()),
        )
        .order_by("position")
    )
    step = following(run.status)
    scheme = run.scheme.scheme
    return {
        "run": run,
        "data": scheme,
        "steps": _steps(run),
        "dates": [(item, due_date(item, run.year)) for item in scheme.stages],
        "step": STAGES[step] if step else "",
        "step_key": step or "",
        "page": number_page(request, subjects),
        "shows": sees_all or run.status in TOLD,
        "mine": mine,
        "sees_all": sees_all,
        "appeals": Appeal.objects.visible_to(request.user)
        .filter(subject__run=run)
        .select_related("subject__body")
        .order_by("decision", "id")[:50],
        "leaf_names": reading.names(scheme),
        "verifiers": run.verifiers.select_related("user").order_by("id") if mine else [],
        "can_verify": run.status == Stage.VERIFYING
        and run.verifiers.filter(user=access(request).user).exists(),
        "is_open": run.status not in SETTLED,
        **extra,
    }


@require_GET
def assessment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One run: where it stands, its units in standard order, what is next."""
    run = run_of(request, public_id)
    return render(request, "assessments/run.html", _context(request, run))


@require_POST
def assessment_act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Next step, collect again, freeze, publish, void."""
    run = run_of(request, public_id)
    _office(request, run)
    do = request.POST.get("do", "")

    def again(refused: str, status: int) -> HttpResponse:
        context = _context(request, run_of(request, public_id), refused=refused)
        return render(request, "assessments/run.html", context, status=status)

    def work() -> str:
        by: Any = request.user
        if do == "advance":
            running.advance(
                by=by, run=run, expected=text(request, "step", 20), revision=revision(request)
            )
        elif do == "refresh":
            collecting.refresh(by=by, run=run)
        elif do == "freeze":
            freezing.freeze(by=by, run=run, revision=revision(request))
        elif do == "publish":
            freezing.publish(by=by, run=run, marks=request.POST.get("marks") == "1")
        elif do == "void":
            running.void(by=by, run=run, reason=text(request, "reason", 200))
            return reverse("assessment_list")
        else:
            raise Invalid("不认识的操作。", where="do")
        return reverse("assessment", args=[run.public_id])

    return acted(request, work, DONE.get(do, "已办理。"), again)


def _office(request: HttpRequest, run: AssessmentRun) -> None:
    if not access(request).allows(RIGHT, run):
        raise Forbidden("考核由组织考核的领导小组办公室办理。")


@require_http_methods(["GET", "POST"])
def assessment_verifiers(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who verifies what: people of the run's own place, each for all leaves or for one."""
    run = run_of(request, public_id)
    _office(request, run)
    people = running.candidates(run)
    named = {(item.user_id, item.leaf) for item in run.verifiers.all()}

    def again(refused: str = "", status: int = 200) -> HttpResponse:
        typed = set(request.POST.getlist("who")) if request.method == "POST" else None
        rows = [
            {
                "user": user,
                "cells": [
                    (
                        leaf,
                        f"{user.username}:{leaf}",
                        (user.pk, leaf) in named
                        if typed is None
                        else f"{user.username}:{leaf}" in typed,
                    )
                    for leaf in ["", *[item.key for item in run.scheme.scheme.leaves()]]
                ],
            }
            for user in people
        ]
        context = {"run": run, "rows": rows, "leaf_names": reading.names(run.scheme.scheme)}
        context["refused"] = refused
        return render(request, "assessments/verifiers.html", context, status=status)

    def work() -> str:
        by_name = {user.username: user for user in people}
        running.set_verifiers(
            by=request.user, run=run, chosen=_chosen(request.POST.getlist("who"), by_name)
        )
        return reverse("assessment", args=[run.public_id])

    return acted(request, work, "核验分工已保存。", again) if request.method == "POST" else again()


def _chosen(given: list[str], people: dict[str, User]) -> list[tuple[User, str]]:
    made = []
    for item in given[:2000]:
        name, _, leaf = item.replace("\0", "").rpartition(":")
        if name not in people:
            raise Invalid("名单里没有这个人，请刷新页面再选。", where="who")
        made.append((people[name], leaf))
    return made


@require_GET
def assessment_queue(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What waits for the user's own verification: sampled leaves first."""
    run = run_of(request, public_id)
    page = number_page(request, verifying.queue(request.user, run))
    context = {"run": run, "page": page, "leaf_names": reading.names(run.scheme.scheme)}
    return render(request, "assessments/queue.html", context)


@require_http_methods(["GET", "POST"])
def assessment_parts(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Results from outside: by spreadsheet, with a receipt of each row; or one unit by hand."""
    run = run_of(request, public_id)
    _office(request, run)
    context: dict[str, Any] = {"run": run, "parts": run.scheme.scheme.parts}
    status = 200
    if request.method == "POST":
        try:
            context["receipt"] = _imported(request, run)
        except Invalid as error:
            context["refused"], status = error.message, error.status
    rows = Subject.objects.filter(run=run).select_related("body").prefetch_related("part_marks")
    context["rows"] = [
        (item, {part.part: part for part in item.part_marks.all()})
        for item in rows.order_by("position")
    ]
    return render(request, "assessments/parts.html", context, status=status)


def _imported(request: HttpRequest, run: AssessmentRun) -> parts.Receipt:
    upload: Any = request.FILES.get("file")
    part, note = text(request, "part", 60), text(request, "note", 300)
    if upload is not None:
        data = read_upload(upload)
        return parts.import_marks(by=request.user, run=run, part=part, data=data, note=note)
    asked = request.POST.get("subject", "")
    found = Subject.objects.filter(run=run, body__name=asked[:100].replace("\0", "")).first()
    value = mark(request.POST.get("mark", ""), "mark", "分值")
    if found is None or value is None:
        raise Invalid("请选文件，或者选单位并填分值。", where="file")
    verifying.set_part(by=request.user, subject=found, part=part, mark=value, note=note)
    return parts.Receipt(done=[f"{found.body.name} {value.normalize():f}"])


@require_GET
def assessment_parts_sheet(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The sheet to be filled with results from outside."""
    run = run_of(request, public_id)
    _office(request, run)
    return download(parts.template(run), f"marks-{run.year}.xlsx")


@require_GET
def assessment_sample(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The sample with its seed: whoever reads this page can draw it again."""
    run = run_of(request, public_id)
    rows = (
        LeafEntry.objects.visible_to(request.user)
        .filter(subject__run=run, sampled=True)
        .with_names()
        .order_by("subject__position", "position")
    )
    context = {
        "run": run,
        "page": number_page(request, rows),
        "leaf_names": reading.names(run.scheme.scheme),
        "total": run.subjects.count() * len(run.scheme.scheme.leaves()),
    }
    return render(request, "assessments/sample.html", context)


@require_GET
def assessment_circular(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The circular as docx: the office's draft once frozen, everybody's once published."""
    run = run_of(request, public_id)
    mine = access(request).allows(RIGHT, run)
    if run.status != Stage.PUBLISHED and not (mine and run.status in SETTLED):
        raise Missing("还没有通报。")
    subjects = list(run.subjects.select_related("body").order_by("position"))
    return download(circular(run, subjects), f"circular-{run.year}.docx", MIME)


@require_GET
def assessment_snapshot(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A published run as one signed file, of the units that the user sees."""
    name, data = snapshot.build(run_of(request, public_id), request.user)
    return download(data, name, "application/zip")

"""Pages of schemes: list, one scheme with its problems, editing, trial, files."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from responsibility.assessments import facts
from responsibility.assessments.models import AssessmentRun, SchemeVersion
from responsibility.assessments.rules import Leaf, Node, Scheme, SchemeError
from responsibility.assessments.rules.leaves import formula
from responsibility.assessments.rules.scheme import RULES
from responsibility.assessments.services import editing, running, schemes, trial
from responsibility.assessments.services.sheets import read_workbook, scheme_workbook
from responsibility.assessments.views.common import (
    acted,
    download,
    number,
    revision,
    scheme_of,
    text,
)
from responsibility.common import clock
from responsibility.common.errors import DomainError, Invalid
from responsibility.common.rights import Right
from responsibility.common.sheets import read_upload
from responsibility.common.views import access, number_page
from responsibility.divisions.models import Division

RIGHT = Right.MANAGE_ASSESSMENTS


@require_GET
def scheme_list(request: HttpRequest) -> HttpResponse:
    """考核方案: issued ones, and the drafts of the territory."""
    rows = SchemeVersion.objects.visible_to(request.user).select_related("division")
    context = {
        "page": number_page(request, rows.order_by("-year", "key", "-version")),
        "can_make": access(request).has(RIGHT),
    }
    return render(request, "assessments/schemes.html", context)


@require_http_methods(["GET", "POST"])
def scheme_new(request: HttpRequest) -> HttpResponse:
    """A new scheme: from a file, or an empty one to begin with."""
    access(request).require(RIGHT)
    division = _place(request)

    def again(refused: str = "", status: int = 200) -> HttpResponse:
        year = clock.today().year
        context = {"refused": refused, "year": request.POST.get("year", str(year))[:4]}
        return render(request, "assessments/scheme_new.html", context, status=status)

    def work() -> str:
        scheme = _uploaded(request) or schemes.read(_blank(request, division))
        row = schemes.create(by=request.user, division=division, scheme=scheme)
        return reverse("scheme_edit", args=[row.public_id])

    if request.method == "POST":
        return acted(request, work, "草稿已建好，请接着编辑。", again)
    return again()


def _place(request: HttpRequest) -> Division:
    grants = access(request).with_right(RIGHT)
    places = Division.objects.filter(pk__in=[grant.division_id for grant in grants])
    return places.order_by("path")[0]


def _blank(request: HttpRequest, division: Division) -> dict[str, Any]:
    year = number(request.POST.get("year", ""), "year", "年度")
    if year is None or not 2000 <= year <= 2100 or year % 1:
        raise Invalid("年度应在 2000 到 2100 之间。", where="year")
    data = schemes.template(division=division, year=int(year))
    title = text(request, "title", 200).strip()
    return {**data, "title": title or data["title"]}


def _uploaded(request: HttpRequest) -> Scheme | None:
    upload: Any = request.FILES.get("file")
    if upload is None:
        return None
    data = read_upload(upload)
    if data[:2] == b"PK":
        try:
            return schemes.checked(read_workbook(data))
        except SchemeError as error:
            raise Invalid(str(error)[:400], where="file") from None
    try:
        return schemes.read_text(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Invalid("文件不是 UTF-8 文本，也不是 xlsx。", where="file") from None


@dataclass(frozen=True)
class Line:
    """One row of the tree as shown."""

    item: Node | Leaf
    depth: int
    is_leaf: bool
    rule: str = ""
    basis: str = ""


def tree(scheme: Scheme) -> list[Line]:
    """Return the tree as rows with their depth."""
    made: list[Line] = []

    def walk(children: Any, depth: int) -> None:
        for item in children:
            if isinstance(item, Leaf):
                basis = f"第{item.clause}条" if item.clause else item.basis
                made.append(Line(item, depth, True, formula(item), basis))
            else:
                made.append(Line(item, depth, False))
                walk(item.children, depth + 1)

    walk(scheme.children, 0)
    return made


def _context(request: HttpRequest, row: SchemeVersion, **extra: Any) -> dict[str, Any]:
    mine = access(request).allows(RIGHT, row)
    runs = list(AssessmentRun.objects.visible_to(request.user).filter(scheme=row).order_by("id"))
    return {
        "scheme": row,
        "data": row.scheme,
        "tree": tree(row.scheme),
        "problems": schemes.problems_of(row),
        "mine": mine,
        "can_edit": mine and row.issued_at is None,
        "can_revise": mine and row.issued_at is not None and row.retired_at is None,
        "can_start": mine
        and row.issued_at is not None
        and row.retired_at is None
        and all(run.voided_at for run in runs),
        "runs": runs,
        "versions": SchemeVersion.objects.visible_to(request.user)
        .filter(division=row.division_id, key=row.key)
        .order_by("-version"),
        "sources": facts.kinds(),
        **extra,
    }


@require_GET
def scheme(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One scheme: its tree with rules in words, what is wrong with it, its runs."""
    row = scheme_of(request, public_id)
    return render(request, "assessments/scheme.html", _context(request, row))


@require_POST
def scheme_act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Issue, revise, copy, or open the yearly run."""
    row = scheme_of(request, public_id)
    schemes.require_view(request.user, row)
    do = request.POST.get("do", "")

    def again(refused: str, status: int) -> HttpResponse:
        context = _context(request, row, refused=refused)
        return render(request, "assessments/scheme.html", context, status=status)

    def work() -> str:
        by: Any = request.user
        if do == "open":
            share = number(request.POST.get("share", "20"), "share", "抽样比例")
            made = running.open_run(
                by=by,
                scheme=row,
                basis=text(request, "basis", 300),
                share=running.SHARE if share is None else share,
                seed=text(request, "seed", 64),
            )
            return reverse("assessment", args=[made.public_id])
        return reverse("scheme", args=[_changed(request, row, do).public_id])

    return acted(request, work, "已办理。", again)


def _changed(request: HttpRequest, row: SchemeVersion, do: str) -> SchemeVersion:
    by: Any = request.user
    if do == "issue":
        return schemes.issue(by=by, row=row, revision=revision(request))
    if do == "revise":
        return schemes.revise(by=by, row=row, reason=text(request, "reason", 300))
    if do == "copy":
        year = number(request.POST.get("year", ""), "year", "年度")
        if year is None or year % 1:
            raise Invalid("年度没有填。", where="year")
        return schemes.copy(by=by, row=row, year=int(year), key=text(request, "key", 60))
    raise Invalid("不认识的操作。", where="do")


@require_http_methods(["GET", "POST"])
def scheme_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The whole scheme as text or file; what was typed is kept when it cannot be read."""
    row = scheme_of(request, public_id)
    schemes.require(request.user, row)

    def again(refused: str = "", status: int = 200) -> HttpResponse:
        typed = request.POST.get("content") if request.method == "POST" else None
        context = _context(request, row, refused=refused)
        context["content"] = schemes.write_text(row) if typed is None else typed
        return render(request, "assessments/scheme_edit.html", context, status=status)

    def work() -> str:
        new = _uploaded(request)
        if new is None:
            new = schemes.read_text(request.POST.get("content", "").replace("\0", ""))
        schemes.save(by=request.user, row=row, scheme=new, revision=revision(request))
        return reverse("scheme", args=[row.public_id])

    if request.method == "POST":
        return acted(request, work, "已保存。", again)
    return again()


@require_http_methods(["GET", "POST"])
def scheme_leaf(request: HttpRequest, public_id: UUID, key: str) -> HttpResponse:
    """One indicator of a draft, field by field; ``new`` adds one to a branch."""
    row = scheme_of(request, public_id)
    schemes.require(request.user, row)
    leaf = editing.leaf_data(row, key)

    def again(refused: str = "", status: int = 200) -> HttpResponse:
        posted = request.POST.get("kind") or request.GET.get("kind") or leaf["rule"]["kind"]
        kind = posted if posted in RULES else "ratio"
        values = request.POST if request.method == "POST" else editing.flat(leaf)
        context = {
            "scheme": row,
            "key": key,
            "leaf": leaf,
            "values": values,
            "kind": kind,
            "kinds": [(name, rule.label) for name, rule in RULES.items()],
            "fields": editing.rule_fields(kind),
            "plain": editing.PLAIN,
            "branches": editing.branches(row),
            "items": editing.item_rows(values, leaf),
            "sources": facts.kinds(),
            "offers": facts.offers(),
            "refused": refused,
        }
        return render(request, "assessments/scheme_leaf.html", context, status=status)

    def work() -> str:
        typed = {name: str(value).replace("\0", "") for name, value in request.POST.items()}
        if typed.get("do") == "remove":
            editing.remove_leaf(by=request.user, row=row, key=key, revision=revision(request))
        else:
            editing.save_leaf(
                by=request.user, row=row, key=key, typed=typed, revision=revision(request)
            )
        return reverse("scheme", args=[row.public_id])

    if request.method == "POST" and request.POST.get("do") != "kind":
        return acted(request, work, "已保存。", again)
    return again()


@require_GET
def scheme_file(request: HttpRequest, public_id: UUID, form: str) -> HttpResponse:
    """The scheme as YAML or as a workbook."""
    row = scheme_of(request, public_id)
    if form == "xlsx":
        return download(scheme_workbook(row.scheme), f"scheme-{row.key}.xlsx")
    data = schemes.write_text(row).encode()
    return download(data, f"scheme-{row.key}.yaml", "text/yaml; charset=utf-8")


@require_GET
def scheme_trial(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the scheme would have given on a year's ledgers; nothing is written."""
    row = scheme_of(request, public_id)
    schemes.require(request.user, row)
    asked = request.GET.get("year", str(row.year - 1))
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else row.year - 1
    try:
        lines, refused = trial.try_out(row, year), ""
    except DomainError as error:
        lines, refused = [], error.message
    context = {"scheme": row, "year": year, "lines": lines, "refused": refused}
    context["leaves"] = row.scheme.leaves()
    return render(request, "assessments/trial.html", context)

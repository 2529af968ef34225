"""Pages of the duty list, a duty, an assignment; generating a year; zones; not applicable."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from responsibility.common import clock
from responsibility.common.errors import DomainError, Missing
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.common.views import ServiceFormView, access, get_visible, number_page
from responsibility.deadlines.models import DeadlineRule
from responsibility.divisions.models import BodyKind, Division
from responsibility.divisions.rules import Tier
from responsibility.duties import checks, limits
from responsibility.duties.export import duty_list_xlsx
from responsibility.duties.forms import (
    ExtensionForm,
    NotApplicableForm,
    PlaceFilter,
    ReinstateForm,
    YearForm,
    ZonesForm,
)
from responsibility.duties.models import (
    Assignment,
    AssignmentQuerySet,
    Duty,
    DutyClause,
    ZoneExtension,
)
from responsibility.duties.rules import CATEGORIES, STANDINGS, STATUSES
from responsibility.duties.services import assigning, standings
from responsibility.flow.reviewing import owner_grant

EXPORT_LIMIT = 100_000


def _filters(request: HttpRequest) -> dict[str, str]:
    names = ("year", "tier", "division", "category", "status", "standing", "article", "due", "q")
    return {
        name: request.GET.get(name, "").strip()[:60] for name in (*names, "duty", "body", "month")
    }


def filtered(request: HttpRequest) -> tuple[AssignmentQuerySet, dict[str, str]]:
    """Return the assignments in scope that the filters of the address leave."""
    given = _filters(request)
    rows = Assignment.objects.visible_to(request.user)
    year = given["year"]
    given["year"] = year if year.isascii() and year.isdigit() else str(clock.today().year)
    rows = rows.filter(year=min(int(given["year"][:6]), 9999))
    if given["tier"] in set(Tier):
        rows = rows.filter(division__tier=given["tier"])
    if given["division"]:
        rows = _of_division(rows, request, given["division"])
    for name, choices in (("category", CATEGORIES), ("status", STATUSES), ("standing", STANDINGS)):
        if given[name] in dict(choices):
            field = "duty__category" if name == "category" else name
            rows = rows.filter(**{field: given[name]})
    if given["standing"] == "waiting":
        rows = rows.filter(standing__in=["unlisted", "undetermined"])
    if given["article"]:
        ties = DutyClause.objects.filter(clause__article__number=given["article"])
        rows = rows.filter(duty_id__in=ties.values("duty_id"))
    if given["duty"]:
        rows = rows.filter(duty__key=given["duty"])
    if given["body"]:
        rows = _of_body(rows, given["body"])
    if given["q"]:
        rows = rows.filter(Q(duty__title__contains=given["q"]) | Q(body__name__contains=given["q"]))
    if given["month"]:
        rows = _of_month(rows, given["month"])
    return _by_due(rows, given["due"]), given


def _of_division(rows: AssignmentQuerySet, request: HttpRequest, text: str) -> AssignmentQuerySet:
    form = PlaceFilter({"division": text}, user=request.user)
    place = form.cleaned_data["division"] if form.is_valid() else None
    return rows.under(place.path) if place else rows.none()


def _of_body(rows: AssignmentQuerySet, text: str) -> AssignmentQuerySet:
    """Narrow to a kind of bodies by its key, or to one body by its public id."""
    try:
        return rows.filter(body__public_id=UUID(text))
    except ValueError:
        return rows.filter(body__kind__key=text)


def _of_month(rows: AssignmentQuerySet, text: str) -> AssignmentQuerySet:
    """Narrow to what is due in a month (2020-12); nonsense leaves nothing."""
    year, _, month = text.partition("-")
    if not (year.isascii() and year.isdigit() and month.isascii() and month.isdigit()):
        return rows.none()
    return rows.filter(due_on__year=min(int(year[:4]), 9999) or 1, due_on__month=int(month[:2]))


def _by_due(rows: AssignmentQuerySet, due: str) -> AssignmentQuerySet:
    today = clock.today()
    waiting = rows.filter(standing="active").exclude(status="done")
    if due == "overdue":
        return rows.filter(limits.late(today))
    if due == "over_limit":
        return rows.filter(limits.late(today), limits.past_limit(today))
    if due == "soon":
        return waiting.filter(due_on__gte=today, due_on__lte=today + timedelta(days=30))
    return rows


@require_GET
def duty_list(request: HttpRequest) -> HttpResponse:
    """责任清单: the assignments of a year, with filters."""
    rows, given = filtered(request)
    page = number_page(request, rows.for_lines().order_by("scope_path", "id"))
    context = {
        "page": page,
        "given": given,
        "tiers": Tier.choices(),
        "categories": CATEGORIES,
        "statuses": STATUSES,
        "standings": [*STANDINGS, ("waiting", "未列明或待认定")],
        "years": range(clock.today().year, clock.today().year - 5, -1),
        "kinds": BodyKind.objects.order_by("position", "id"),
        "place": PlaceFilter(initial={"division": given["division"]}, user=request.user),
        "own": _own_bodies(request),
        "bases": _bases(page.rows),
    }
    return render(request, "duties/list.html", context)


def _bases(rows: list[Assignment]) -> dict[str, str]:
    """Return the basis of each deadline rule of a page, as a line shows it: rendered once each."""
    rules = DeadlineRule.objects.by_key(row.duty.deadline_rule for row in rows)
    return {
        key: render_to_string("duties/_basis.html", {"rule": rule}) for key, rule in rules.items()
    }


def _own_bodies(request: HttpRequest) -> set[int]:
    """Return the divisions for whose own bodies the user writes (to offer 填进展)."""
    return {
        grant.division_id
        for grant in access(request).with_right(Right.LOG_PROGRESS)
        if grant.division_id
    }


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as xlsx, with the same filters and the same scope."""
    rows, given = filtered(request)
    data = duty_list_xlsx(rows.with_names().order_by("scope_path", "id")[:EXPORT_LIMIT])
    response = StreamingHttpResponse(
        data, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = f'attachment; filename="duties-{given["year"]}.xlsx"'
    return response


@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """责任目录: every duty in the order of the articles."""
    duties = (
        Duty.objects.visible_to(request.user)
        .filter(retired_on=None)
        .prefetch_related("clauses__clause__article__version", "bearers__kind")
        .order_by("position")
    )
    return render(request, "duties/catalogue.html", {"duties": duties})


@require_GET
def duty(request: HttpRequest, key: str) -> HttpResponse:
    """One duty: its words, who bears it, how it stands across the counties."""
    row = (
        Duty.objects.visible_to(request.user)
        .filter(key=key)
        .select_related("needs_mark", "programme", "zone_extension")
        .first()
    )
    if row is None:
        raise Missing("没有这项责任。")
    year = _year(request)
    bearers = list(row.bearers.select_related("kind").order_by("kind__position"))
    context = {
        "duty": row,
        "year": year,
        "clauses": row.clauses.select_related("clause__article__version").order_by("id"),
        "bearers": bearers,
        "indicators": row.indicators.order_by("position"),
        "extension": getattr(row, "zone_extension", None),
        "counties": _counties(request, row, year),
        "unlisted": any(bearer.unlisted for bearer in bearers),
    }
    return render(request, "duties/duty.html", context)


def _year(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else clock.today().year


def _counties(request: HttpRequest, row: Duty, year: int) -> list[dict[str, Any]]:
    """Return done of all by county, in the standard order (no ranking)."""
    counts = {
        item["county_id"]: item
        for item in Assignment.objects.visible_to(request.user)
        .filter(duty=row, year=year)
        .values("county_id")
        .annotate(
            total=Count("id", filter=Q(standing="active")),
            done=Count("id", filter=Q(standing="active", status="done")),
            waiting=Count("id", filter=~Q(standing__in=["active", "ended"])),
        )
    }
    places = Division.objects.filter(pk__in=[key for key in counts if key]).in_order()
    table = [{"name": place.name, **counts[place.pk]} for place in places]
    if None in counts:
        table.insert(0, {"name": "市级", **counts[None]})
    return table


@require_GET
def assignment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One assignment: basis, deadlines, everything that was logged on it."""
    row = get_visible(
        Assignment.objects.select_related(
            "duty__needs_mark", "body__division", "division__parent", "standing_by"
        ),
        request,
        public_id,
    )
    grant, on_behalf = owner_grant(access(request), row.body, Right.LOG_PROGRESS)
    context = {
        "assignment": row,
        "clauses": row.duty.clauses.select_related("clause__article__version").order_by("id"),
        "found": checks.run(row),
        "can_log": grant is not None and row.standing == "active",
        "on_behalf": on_behalf,
        "can_manage": access_of(request.user).allows(Right.MANAGE_DUTIES, row),
    }
    return render(request, "duties/assignment.html", context)


@require_http_methods(["GET", "POST"])
def generate(request: HttpRequest) -> HttpResponse:
    """Generate a year's assignments: what will be made first, then made."""
    access(request).require(Right.MANAGE_DUTIES)
    form = YearForm(request.POST or None, initial={"year": clock.today().year})
    plan, done, status = None, False, 200
    if request.method == "POST":
        if form.is_valid():
            year = form.cleaned_data["year"]
            try:
                if request.POST.get("do") == "make":
                    plan, done = assigning.assign_year(year=year, by=request.user), True
                else:
                    plan = assigning.plan_year(year)
            except DomainError as error:
                form.add_error("year", error.message)
                status = error.status
        else:
            status = 400
    context = {"form": form, "plan": plan, "table": plan.table() if plan else [], "done": done}
    return render(request, "duties/generate.html", context, status=status)


class ExtendView(ServiceFormView[ExtensionForm]):
    """Extend a duty to the development zones, on a recorded basis."""

    right = Right.MANAGE_DUTIES
    form_class = ExtensionForm
    template_name = "duties/extend.html"
    done_message = "已明确由市属开发区承担。"

    def duty(self) -> Duty:
        """Return the duty of the address."""
        row = Duty.objects.visible_to(self.request.user).filter(key=self.kwargs["key"]).first()
        if row is None:
            raise Missing("没有这项责任。")
        return row

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the duty."""
        return super().get_context_data(duty=self.duty(), **kwargs)

    def perform(self, form: ExtensionForm) -> str:
        """Extend it."""
        row = self.duty()
        assigning.extend_to_zones(duty=row, by=self.request.user, **form.cleaned_data)
        return reverse("duty", args=[row.key])


class NotApplicableView(ServiceFormView[NotApplicableForm]):
    """Say that a duty does not apply to a body."""

    right = Right.MANAGE_DUTIES
    form_class = NotApplicableForm
    template_name = "duties/not_applicable.html"
    done_message = "已认定为不适用。"

    def target(self) -> Assignment:
        """Return the assignment of the address."""
        return get_visible(
            Assignment.objects.select_related("duty", "body"),
            self.request,
            self.kwargs["public_id"],
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the assignment."""
        return super().get_context_data(assignment=self.target(), **kwargs)

    def perform(self, form: NotApplicableForm) -> str:
        """Record it."""
        row = self.target()
        assigning.mark_not_applicable(assignment=row, by=self.request.user, **form.cleaned_data)
        return reverse("duty_assignment", args=[row.public_id])


class ReinstateView(ServiceFormView[ReinstateForm]):
    """Take back 不适用."""

    right = Right.MANAGE_DUTIES
    form_class = ReinstateForm
    template_name = "duties/reinstate.html"
    done_message = "已恢复。"

    def target(self) -> Assignment:
        """Return the assignment of the address."""
        return get_visible(
            Assignment.objects.select_related("duty", "body"),
            self.request,
            self.kwargs["public_id"],
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the assignment."""
        return super().get_context_data(assignment=self.target(), **kwargs)

    def perform(self, form: ReinstateForm) -> str:
        """Record it."""
        row = self.target()
        standings.reinstate(assignment=row, by=self.request.user, **form.cleaned_data)
        return reverse("duty_assignment", args=[row.public_id])


class ZonesView(ServiceFormView[ZonesForm]):
    """Every duty whose words do not name the zones; extend several on one basis."""

    right = Right.MANAGE_DUTIES
    form_class = ZonesForm
    template_name = "duties/zones.html"
    done_message = "已明确由市属开发区承担。"

    def open_duties(self) -> Any:
        """Return the duties that may still be extended."""
        return (
            Duty.objects.visible_to(self.request.user)
            .filter(retired_on=None, bearers__unlisted=True, zone_extension=None)
            .order_by("position")
            .distinct()
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer them."""
        return {**super().get_form_kwargs(), "choices": self.open_duties()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is open with its words, and what was extended on which basis."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        ticked = form.data.getlist("duties") if form.is_bound else []
        context |= {
            "open": self.open_duties().prefetch_related("clauses__clause__article__version"),
            "ticked": set(ticked),
            "extended": ZoneExtension.objects.visible_to(self.request.user)
            .select_related("duty", "extended_by")
            .order_by("duty__position"),
        }
        return context

    def perform(self, form: ZonesForm) -> str:
        """Extend them, all or none."""
        standings.extend_many(by=self.request.user, **form.cleaned_data)
        return reverse("duty_zones")

"""Pages: what is due, how a date came about, the rules with their basis, the calendar."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.db import models
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from responsibility.common import calendar, clock
from responsibility.common.errors import Conflict, DomainError, Missing
from responsibility.common.rights import Right
from responsibility.common.views import (
    NumberPage,
    ServiceFormView,
    access,
    get_visible,
    number_page,
    page,
)
from responsibility.deadlines import rules, services, subjects
from responsibility.deadlines.forms import (
    DayForm,
    DecideForm,
    EventForm,
    ExplainForm,
    RuleForm,
    TryForm,
    initial_of,
    is_plain,
)
from responsibility.deadlines.models import (
    CalendarDay,
    Deadline,
    DeadlineExplanation,
    DeadlineQuerySet,
    DeadlineRule,
)
from responsibility.deadlines.rules import Colour, Status
from responsibility.deadlines.services.explanations import may_decide
from responsibility.divisions.models import Division
from responsibility.outbox.models import Notice
from responsibility.regulations.models import Article, VersionStatus

WEEKDAYS = "一二三四五六日"
LIVING: tuple[str, ...] = rules.LIVING
STATES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "": ("进行中", LIVING, ()),
    "red": ("红色", LIVING, (Colour.RED,)),
    "yellow": ("黄色", LIVING, (Colour.YELLOW,)),
    "soon": ("临近到期", LIVING, (Colour.BLUE,)),
    "paused": ("待审核", (Status.PAUSED,), ()),
    "explained": ("说明待受理", (), ()),
    "done": ("已办结", (Status.MET, Status.MISSED_MET), ()),
    "ended": ("不再要求", (Status.CLOSED, Status.CANCELLED), ()),
    "any": ("进行和办结的", (*LIVING, Status.MET, Status.MISSED_MET), ()),
}
EXPLAINED = Q(explanations__isnull=False, explanations__accepted=None)


def _in_state(rows: DeadlineQuerySet, state: str) -> DeadlineQuerySet:
    _, statuses, colours = STATES[state]
    if state == "explained":
        return rows.filter(EXPLAINED)
    rows = rows.filter(status__in=statuses)
    return rows.filter(colour__in=colours) if colours else rows


# --- what is due -----------------------------------------------------------------------------


def _own(request: HttpRequest, rows: DeadlineQuerySet) -> DeadlineQuerySet:
    """Return the rows of the divisions where the user is posted, without those below."""
    held = access(request).with_right(Right.VIEW)
    places = {grant.division_id for grant in held if grant.division_id}
    return rows.filter(division_id__in=places)


def _counts(rows: DeadlineQuerySet) -> dict[str, int]:
    """Return how many rows each state has: one grouped scan, and the few explanations."""
    grouped = rows.order_by().values_list("status", "colour").annotate(n=Count("id"))
    counts = dict.fromkeys(STATES, 0)
    for status, colour, n in grouped:
        for key, (_, statuses, colours) in STATES.items():
            if status in statuses and (not colours or colour in colours):
                counts[key] += n
    counts["explained"] = rows.order_by().filter(EXPLAINED).count()
    return counts


DATES = {"from": "due_on__gte", "to": "due_on__lte"}
SETTLED = {"done_from": "settled_on__gte", "done_to": "settled_on__lte"}


def _narrowed(
    request: HttpRequest, rows: DeadlineQuerySet
) -> tuple[DeadlineQuerySet, dict[str, str]]:
    """Return the rows of a place and of dates that the address asks for, and what was kept of it.

    ``duties=1`` leaves those of the yearly duty list alone. Nonsense narrows nothing, a place
    outside the scope leaves nothing.
    """
    kept: dict[str, str] = {}
    code = request.GET.get("division", "").strip()[:12]
    if code:
        kept["division"] = code
        found = Division.objects.visible_to(request.user).filter(code=code.ljust(12, "0"))
        place = found.first()
        rows = rows.under(place.path) if place else rows.none()
    if request.GET.get("duties") == "1":
        kept["duties"] = "1"
        rows = rows.filter(subject_type="duties.assignment")
    for name, lookup in {**DATES, **SETTLED}.items():
        day = _day(request.GET.get(name, ""))
        if day is not None:
            kept[name] = day.isoformat()
            rows = rows.filter(**{lookup: day})
    return rows, kept


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2020-01-01") else None
    except ValueError:
        return None


def _chips(
    rows: DeadlineQuerySet, chosen: str, own: bool, kept: dict[str, str]
) -> list[dict[str, Any]]:
    counts = _counts(rows)
    filters = f"&{urlencode(kept)}" if kept else ""
    suffix = "&own=1" + filters if own else filters
    chips = [
        {
            "label": label,
            "count": counts[key],
            "url": f"?state={key}{suffix}",
            "on": key == chosen,
        }
        for key, (label, _, _) in STATES.items()
    ]
    turned = filters if own else "&own=1" + filters
    return [*chips, {"label": "只看本级", "url": f"?state={chosen}{turned}", "on": own}]


def _soonest(request: HttpRequest, rows: DeadlineQuerySet) -> NumberPage:
    """Return one page, soonest first: the keys by scope, then only those rows with their joins."""
    keys = number_page(request, rows.order_by("due_on", "id").values_list("pk", flat=True))
    whole = Deadline.objects.select_related("rule", "division", "body").in_bulk(keys.rows)
    return replace(keys, rows=[whole[key] for key in keys.rows])


@require_GET
def deadline_list(request: HttpRequest) -> HttpResponse:
    """What is due in the user's territory, soonest first."""
    access(request).require(Right.VIEW)
    state = request.GET.get("state", "")
    own = request.GET.get("own") == "1"
    state = state if state in STATES else ""
    rows = Deadline.objects.visible_to(request.user)
    rows = _own(request, rows) if own else rows
    rows, kept = _narrowed(request, rows)
    chosen = _in_state(rows, state)
    return page(
        request,
        "deadlines/list.html",
        {
            "page": _soonest(request, chosen),
            "chips": _chips(rows, state, own, kept),
            "state": state,
            "own": own,
            "kept": kept,
            "today": clock.today(),
        },
    )


@require_GET
def deadline_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One deadline: the date explained day by day, reminders, explanations."""
    row = _deadline(request, public_id)
    return page(request, "deadlines/detail.html", _detail(request, row))


def _deadline(request: HttpRequest, public_id: UUID) -> Deadline:
    rows = Deadline.objects.select_related("rule", "division", "body")
    return get_visible(rows, request, public_id)


def _detail(request: HttpRequest, row: Deadline, **extra: Any) -> dict[str, Any]:
    today = clock.today()
    explanations = list(row.explanations.select_related("by", "decided_by").order_by("-at", "-id"))
    pending = next((item for item in explanations if item.accepted is None), None)
    running = row.is_living or row.status == Status.MISSED_MET
    allowed = access(request).allows(Right.EXPLAIN, row)
    return {
        "row": row,
        "today": today,
        "date": _explained(row.rule, row.period, row.event_on),
        "subject_url": subjects.url_of(row.subject_type, row.subject_id),
        "reminders": _reminders(row, today),
        "explanations": explanations,
        "pending": pending,
        "explain_form": ExplainForm() if allowed and running and not pending else None,
        "decide_form": DecideForm()
        if pending and pending.by_id != request.user.pk and may_decide(row, request.user)
        else None,
        **extra,
    }


def _explained(rule: DeadlineRule, period: str, event_on: date | None) -> dict[str, Any]:
    found = services.explain_date(rule, period, event_on)
    days = [
        {"item": item, "count": count, "weekday": WEEKDAYS[item.day.date.weekday()]}
        for item, count in rules.explain_walk(found.walk)
    ]
    return {"found": found, "days": days, "long": len(days) > 20}


def _reminders(row: Deadline, today: date) -> list[dict[str, Any]]:
    living = row.status == Status.OPEN
    keys = Notice.objects.filter(source=row.source).order_by().values_list("key").distinct()
    told = {int(key.rpartition(":")[2]) for (key,) in keys}
    return [
        {
            "on": rules.step_day(step, row.due_on),
            "colour": step.colour,
            "up": step.escalate,
            "sent": index < row.step,
            "told": index in told,
            "next": living and index == row.step,
        }
        for index, step in enumerate(row.rule.ladder)
    ]


class ExplainView(ServiceFormView[ExplainForm]):
    """Put an explanation on file."""

    right = Right.EXPLAIN
    form_class = ExplainForm
    template_name = "deadlines/detail.html"
    done_message = "说明已报上一级，等待受理。"
    http_method_names = ["post"]

    def target(self) -> Deadline:
        """Return the deadline."""
        self.row = _deadline(self.request, self.kwargs["public_id"])
        return self.row

    def perform(self, form: ExplainForm) -> str:
        """Explain."""
        services.explain(deadline=self.row, text=form.cleaned_data["text"], by=self.request.user)
        return reverse("deadline_detail", args=[self.row.public_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the whole page with the form as typed."""
        return _detail(self.request, self.row, explain_form=kwargs["form"], form=kwargs["form"])


class DecideView(ServiceFormView[DecideForm]):
    """Accept an explanation or send it back."""

    right = Right.VIEW
    form_class = DecideForm
    template_name = "deadlines/detail.html"
    done_message = "已受理，说明人会收到通知。"
    http_method_names = ["post"]

    def target(self) -> Deadline:
        """Return the deadline whose explanation it is."""
        self.explanation = (
            DeadlineExplanation.objects.filter(public_id=self.kwargs["public_id"])
            .select_related("deadline")
            .first()
        )
        if self.explanation is None:
            raise Missing("没有找到，或不在您的管理范围内。")
        self.row = _deadline(self.request, self.explanation.deadline.public_id)
        return self.row

    def perform(self, form: DecideForm) -> str:
        """Decide."""
        assert self.explanation is not None
        services.decide_explanation(
            explanation=self.explanation,
            accepted=form.cleaned_data["accepted"],
            remark=form.cleaned_data["remark"],
            by=self.request.user,
        )
        return reverse("deadline_detail", args=[self.row.public_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the whole page with the form as typed."""
        return _detail(self.request, self.row, decide_form=kwargs["form"], form=kwargs["form"])


class EventView(ServiceFormView[EventForm]):
    """Register an event from which a deadline of a subject runs."""

    right = Right.LOG_PROGRESS
    form_class = EventForm
    template_name = "deadlines/event.html"
    done_message = "事项已登记，开始计时。"

    def target(self) -> models.Model:
        """Return the subject."""
        rows = subjects.rows_of(self.kwargs["label"])
        if rows is None:
            raise Missing("没有找到，或不在您的管理范围内。")
        self.subject: Any = get_visible(rows, self.request, self.kwargs["public_id"])
        return cast(models.Model, self.subject)

    def perform(self, form: EventForm) -> str:
        """Open the deadline."""
        made = services.open_event(
            label=self.kwargs["label"],
            subject=self.subject,
            by=self.request.user,
            **form.cleaned_data,
        )
        return reverse("deadline_detail", args=[made.public_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the event belongs to."""
        label = self.kwargs["label"]
        return super().get_context_data(
            title=subjects.title_of(label, self.subject),
            bearer=self.subject.body,
            back=subjects.url_of(label, self.subject.public_id),
            **kwargs,
        )


# --- rules -------------------------------------------------------------------------------------


@require_GET
def rule_list(request: HttpRequest) -> HttpResponse:
    """The rules in force, each with its basis."""
    access(request).require(Right.VIEW)
    found = DeadlineRule.objects.visible_to(request.user).current().order_by("article", "key")
    return page(
        request,
        "deadlines/rules.html",
        {"rules": list(found), "may_change": access(request).has(Right.MANAGE_DEADLINES)},
    )


def _rule(request: HttpRequest, key: str) -> DeadlineRule:
    access(request).require(Right.VIEW)
    found = DeadlineRule.objects.visible_to(request.user).current().filter(key=key).first()
    if found is None:
        raise Missing("没有这条时限规则。")
    return found


def _article(rule: DeadlineRule) -> Article | None:
    """Return the article that the rule rests on, in the version in force."""
    if not rule.article:
        return None
    return (
        Article.objects.filter(number=rule.article, version__status=VersionStatus.ADOPTED)
        .select_related("version")
        .order_by("-version_id")
        .first()
    )


@require_GET
def rule_detail(request: HttpRequest, key: str) -> HttpResponse:
    """One rule: in words, basis, reminders, versions; try it on a period."""
    rule = _rule(request, key)
    asked = bool(request.GET.get("period") or request.GET.get("event_on"))
    form = TryForm(request.GET if asked else None)
    tried = None
    if asked and form.is_valid():
        try:
            tried = _explained(rule, form.cleaned_data["period"], form.cleaned_data["event_on"])
        except DomainError as error:
            form.add_error(error.where if error.where in form.fields else None, error.message)
    return page(
        request,
        "deadlines/rule.html",
        {
            "rule": rule,
            "form": form,
            "date": tried,
            "article": _article(rule),
            "versions": DeadlineRule.objects.filter(key=key).order_by("-version"),
            "open_count": Deadline.objects.visible_to(request.user)
            .living()
            .filter(rule_key=key)
            .count(),
            "may_change": access(request).has(Right.MANAGE_DEADLINES),
        },
        status=400 if form.errors else 200,
    )


class RuleChangeView(ServiceFormView[RuleForm]):
    """Change a rule: preview which open deadlines move, then make the new version."""

    right = Right.MANAGE_DEADLINES
    form_class = RuleForm
    template_name = "deadlines/rule_change.html"
    done_message = "已改为新版本。未办结的时限已改期，办结的不变。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Find the rule once the right is there."""
        access(request).require(self.right)
        self.rule = _rule(request, kwargs["key"])
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Return the rule as it is."""
        return initial_of(self.rule)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rule."""
        return super().get_context_data(rule=self.rule, plain_ladder=is_plain(self.rule), **kwargs)

    def form_valid(self, form: RuleForm) -> HttpResponse:
        """Show the preview when that was asked for, else save."""
        if "preview" not in self.request.POST:
            return super().form_valid(form)
        try:
            moves = services.preview_change(self.rule, form.values(self.rule))
        except DomainError as error:
            return self.refused(form, error)
        total = sum(move.count for move in moves)
        return self.render_to_response(
            self.get_context_data(form=form, moves=moves, previewed=True, total=total)
        )

    def perform(self, form: RuleForm) -> str:
        """Make the new version, unless somebody else did so meanwhile."""
        if form.cleaned_data["version"] != self.rule.version:
            raise Conflict("这条规则刚被别人改过。请核对下面的新内容后再存。", code="stale")
        services.change_rule(
            rule=self.rule,
            values=form.values(self.rule),
            reason=form.cleaned_data["reason"],
            by=self.request.user,
        )
        return reverse("deadline_rule", args=[self.rule.key])


# --- calendar ------------------------------------------------------------------------------------


def _year(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and len(text) == 4 else clock.today().year
    return min(max(year, 1949), 2200)


def _special_days(year: int, overrides: rules.Overrides) -> list[dict[str, Any]]:
    """Return the days of a year that differ from an ordinary week."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
    looked = [calendar.look_up(day, overrides) for day in days]
    return [
        {"day": day, "weekday": WEEKDAYS[day.date.weekday()], "declared": day.date in overrides}
        for day in looked
        if day.working != (day.date.weekday() < 5) or day.date in overrides
    ]


def _calendar(request: HttpRequest, form: DayForm | None) -> dict[str, Any]:
    overrides = CalendarDay.objects.overrides()
    year = _year(request)
    coming = clock.today().year + 1
    unknown = [
        value
        for value in dict.fromkeys((year, coming))
        if not calendar.look_up(date(value, 6, 1), overrides).certain
    ]
    return {
        "year": year,
        "days": _special_days(year, overrides),
        "declared": CalendarDay.objects.filter(date__year=year, voided_at=None),
        "unknown": unknown,
        "affected": Deadline.objects.visible_to(request.user)
        .living()
        .filter(uncertain=True)
        .count()
        if unknown
        else 0,
        "form": form,
    }


@require_GET
def calendar_page(request: HttpRequest) -> HttpResponse:
    """The working calendar of a year; the office declares days by a document."""
    access(request).require(Right.VIEW)
    form = DayForm() if access(request).has(Right.MANAGE_DEADLINES) else None
    return page(request, "deadlines/calendar.html", _calendar(request, form))


class DeclareDayView(ServiceFormView[DayForm]):
    """Declare one day."""

    right = Right.MANAGE_DEADLINES
    form_class = DayForm
    template_name = "deadlines/calendar.html"
    done_message = "已登记。未办结的时限已按新日历重算，办结的不变。"
    http_method_names = ["post"]

    def perform(self, form: DayForm) -> str:
        """Declare."""
        made = services.declare_day(**form.cleaned_data, by=self.request.user)
        return f"{reverse('deadline_calendar')}?year={made.date.year}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the page with the form as typed."""
        return _calendar(self.request, kwargs["form"])


@require_POST
def void_day(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Void a declared day."""
    access(request).require(Right.MANAGE_DEADLINES)
    declared = get_visible(CalendarDay.objects.all(), request, public_id)
    services.void_day(declared=declared, by=request.user)
    return redirect(f"{reverse('deadline_calendar')}?year={declared.date.year}")

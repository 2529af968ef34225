"""Pages of the dictionary: list, lineage of an indicator and of a number, changes."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from responsibility.common import clock, periods
from responsibility.common.clock import SHANGHAI
from responsibility.common.errors import Conflict, DomainError, Invalid, Missing
from responsibility.common.periods import PeriodType
from responsibility.common.rights import Right
from responsibility.common.sheets import read_upload
from responsibility.common.views import ServiceFormView, access, get_visible, number_page
from responsibility.divisions.models import Body
from responsibility.divisions.rules import Tier
from responsibility.figures import readers
from responsibility.figures.forms import (
    SOURCES,
    IndicatorForm,
    RetireForm,
    SheetForm,
    TemplateForm,
)
from responsibility.figures.models import FigureValue, Indicator, RollupCheck
from responsibility.figures.services import dictionary, lineage, previewing, reading, sheets
from responsibility.jobs.models import ImportReceipt
from responsibility.regulations.models import Programme

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _indicator(request: HttpRequest, key: str) -> Indicator:
    found = Indicator.objects.visible_to(request.user).filter(key=key).first()
    if found is None:
        raise Missing("没有这个指标。")
    return found


@require_GET
def indicator_list(request: HttpRequest) -> HttpResponse:
    """指标: the dictionary, by words, tier and source."""
    rows = Indicator.objects.visible_to(request.user)
    given = {name: request.GET.get(name, "")[:40] for name in ("q", "tier", "source", "retired")}
    context = {
        "page": number_page(request, _filtered(rows, given).order_by("position", "id")),
        "given": given,
        "tiers": Tier.choices(),
        "sources": SOURCES,
        "may_import": sheets.may_import(request.user),
        "check": RollupCheck.objects.visible_to(request.user).order_by("-id").first(),
    }
    return render(request, "figures/list.html", context)


def _filtered(rows: "QuerySet[Indicator]", given: dict[str, str]) -> "QuerySet[Indicator]":
    if given["q"]:
        words = Q(name__icontains=given["q"]) | Q(definition__icontains=given["q"])
        rows = rows.filter(words | Q(key__icontains=given["q"]))
    if given["tier"]:
        rows = rows.filter(tier=given["tier"])
    if given["source"]:
        rows = rows.filter(source_kind=given["source"])
    return rows if given["retired"] else rows.filter(retired_on=None)


def _period(indicator: Indicator, text: str) -> str:
    """Return the period asked for, or the one that last ended or runs; raise Invalid for others."""
    kind = PeriodType(indicator.period_type)
    if not text:
        if kind is PeriodType.SPAN:
            return str(clock.today().year)
        return periods.containing(clock.today(), kind).code
    try:
        found = periods.parse(text)
    except ValueError:
        raise Invalid("所属期写法不对，应如 2020。", where="period") from None
    return found.code


def _own_bodies(request: HttpRequest) -> list[Body]:
    """Return the bodies that stand for the user's territories, highest first (at most 12)."""
    scope = access(request).scope()
    tops = [int(path.rstrip("/").rsplit("/", 1)[-1]) for path in (*scope.prefixes, *scope.exact)]
    found = Body.objects.visible_to(request.user).filter(
        Q(pk__in=scope.bodies) | Q(division_id__in=tops, is_main=True)
    )
    return list(
        found.filter(ended_on=None).select_related("division").order_by("scope_path", "id")[:12]
    )


@require_GET
def indicator_detail(request: HttpRequest, key: str) -> HttpResponse:
    """Lineage: what it means, where it is entered, what sums it, who reads it, its numbers."""
    indicator = _indicator(request, key)
    period = _period(indicator, request.GET.get("period", "").strip()[:9])
    bodies = _own_bodies(request)
    shown_periods = lineage.recent_periods(indicator, period)
    found = reading.sheet(
        bodies=[body.pk for body in bodies], keys=[indicator.key], periods=shown_periods
    )
    table = [
        (body, [(code, found.read(body.pk, key, code)) for code in shown_periods])
        for body in bodies
    ]
    versions = list(indicator.versions.select_related("recorded_by").order_by("-number")[:20])
    context = {
        "indicator": indicator,
        "words": lineage.formula_words(indicator, found.dictionary),
        "inputs": lineage.inputs_of(indicator, found.dictionary),
        "summed": lineage.summed_words(indicator),
        "uses": [
            *lineage.formulas_reading(indicator, found.dictionary),
            *readers.of(request, indicator),
        ],
        "table": table,
        "periods": shown_periods,
        "versions": lineage.described(versions),
        "may_change": access(request).has(Right.MANAGE_FIGURES),
    }
    return render(request, "figures/detail.html", context)


@require_GET
def figure_value(request: HttpRequest, key: str, body: UUID, period: str) -> HttpResponse:
    """A number and what it is made of, each part one step further down."""
    indicator = _indicator(request, key)
    rows = Body.objects.select_related("division", "kind")
    owner = get_visible(rows, request, body)
    code = _period(indicator, period)
    moment = _moment(request)
    context = {
        "indicator": indicator,
        "behind": lineage.behind(
            user=request.user, body=owner, indicator=indicator, period=code, as_of=moment
        ),
        "versions": lineage.versions(body=owner, indicator=indicator, period=code),
        "period": periods.parse(code),
        "as_of": request.GET.get("as_of", "") if moment else "",
    }
    return render(request, "figures/value.html", context)


def _moment(request: HttpRequest) -> datetime | None:
    """Return the end of the day that ``as_of`` names; raise Invalid for anything else."""
    text = request.GET.get("as_of", "").strip()
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date, made aware below
        return datetime.combine(day, time.max, SHANGHAI)
    except ValueError:
        raise Invalid("日期不对，应如 2020-12-31。", where="as_of") from None


class _IndicatorFormView(ServiceFormView[IndicatorForm]):
    """What adding and changing share: the preview of a formula."""

    right = Right.MANAGE_FIGURES
    form_class = IndicatorForm
    template_name = "figures/form.html"
    indicator: Indicator | None = None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the names that a formula may use."""
        names = Indicator.objects.filter(retired_on=None).order_by("position", "id")
        return super().get_context_data(indicator=self.indicator, names=list(names[:300]), **kwargs)

    def form_valid(self, form: IndicatorForm) -> HttpResponse:
        """Show the preview when that was asked for, else save."""
        if "preview" not in self.request.POST:
            return super().form_valid(form)
        bodies = _own_bodies(self.request)
        try:
            preview = previewing.preview(
                key=self.indicator.key if self.indicator else form.cleaned_data["key"],
                values=form.values(),
                body=bodies[0] if bodies else None,
                today=clock.today(),
            )
        except DomainError as error:
            return self.refused(form, error)
        return self.render_to_response(self.get_context_data(form=form, preview=preview))


class IndicatorNewView(_IndicatorFormView):
    """Add an indicator."""

    done_message = "已加入指标库。"

    def perform(self, form: IndicatorForm) -> str:
        """Create it."""
        programme = Programme.objects.visible_to(self.request.user).order_by("id").first()
        if programme is None:
            raise Conflict("还没有专项，请先导入细则。")
        made = dictionary.create_indicator(
            by=self.request.user,
            programme=programme,
            key=form.cleaned_data["key"],
            values=form.values(),
            reason=form.cleaned_data["reason"],
        )
        return reverse("indicator", args=[made.key])


class IndicatorChangeView(_IndicatorFormView):
    """Change an indicator: a new version."""

    done_message = "已存为新版。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Find the indicator once the right is there."""
        access(request).require(self.right)
        self.indicator = _indicator(request, kwargs["key"])
        self.number = self.indicator.versions.count()
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Return the entry as it is, the formula with names."""
        assert self.indicator is not None
        given = {name: getattr(self.indicator, name) for name in dictionary.FIELDS}
        given["formula"] = dictionary.with_names(self.indicator.formula)
        return {**given, "version": self.number}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Say what may not change."""
        has_values = FigureValue.objects.filter(indicator=self.indicator).exists()
        return {
            **super().get_form_kwargs(),
            "indicator": self.indicator,
            "has_values": has_values,
        }

    def perform(self, form: IndicatorForm) -> str:
        """Make the new version, unless somebody else did so meanwhile."""
        assert self.indicator is not None
        if form.cleaned_data["version"] != self.number:
            raise Conflict("这个指标刚被别人改过，请核对后再存。", code="stale")
        dictionary.change_indicator(
            by=self.request.user,
            indicator=self.indicator,
            values=form.values(),
            reason=form.cleaned_data["reason"],
        )
        return reverse("indicator", args=[self.indicator.key])


class IndicatorRetireView(ServiceFormView[RetireForm]):
    """Stop using an indicator."""

    right = Right.MANAGE_FIGURES
    form_class = RetireForm
    template_name = "figures/retire.html"
    done_message = "已停用。原有数据仍可查看。"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Find the indicator once the right is there."""
        access(request).require(self.right)
        self.indicator = _indicator(request, kwargs["key"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the indicator."""
        return super().get_context_data(indicator=self.indicator, **kwargs)

    def perform(self, form: RetireForm) -> str:
        """Retire it."""
        dictionary.retire_indicator(
            by=self.request.user, indicator=self.indicator, reason=form.cleaned_data["reason"]
        )
        return reverse("indicator", args=[self.indicator.key])


class SheetView(ServiceFormView[SheetForm]):
    """Numbers from a spreadsheet; the receipt stands on the same page."""

    right = Right.LOG_FOR_LOWER
    form_class = SheetForm
    template_name = "figures/sheet.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Only an office enters numbers for those below."""
        sheets.writing_scope(request.user)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Offer this year."""
        return {"period": str(clock.today().year)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the receipt that was asked for and the form of the sheet to fill."""
        template = TemplateForm(initial={"period": clock.today().year, "tier": Tier.VILLAGE})
        return super().get_context_data(receipt=self._receipt(), template=template, **kwargs)

    def _receipt(self) -> ImportReceipt | None:
        try:
            key = UUID(self.request.GET.get("receipt", ""))
        except ValueError:
            return None
        mine = ImportReceipt.objects.visible_to(self.request.user)
        return mine.filter(kind=sheets.KIND, public_id=key).first()

    def form_valid(self, form: SheetForm) -> HttpResponse:
        """Load and go to the receipt."""
        upload = form.cleaned_data["file"]
        try:
            receipt = sheets.import_sheet(
                by=self.request.user,
                data=read_upload(upload),
                file_name=upload.name,
                period=form.cleaned_data["period"],
                load_good=form.cleaned_data["load_good"],
                accept_jumps=form.cleaned_data["accept_jumps"],
            )
        except DomainError as error:
            return self.refused(form, error)
        return redirect(f"{reverse('figures_sheet')}?receipt={receipt.public_id}")


@require_GET
def sheet_template(request: HttpRequest) -> HttpResponse:
    """The sheet to fill, with what stands in it."""
    sheets.writing_scope(request.user)
    form = TemplateForm(request.GET)
    if not form.is_valid():
        raise Invalid("请选所属期（如 2020）和填报层级。", where="period")
    period, tier = form.cleaned_data["period"], form.cleaned_data["tier"]
    headers = {
        "Content-Disposition": f'attachment; filename="figures-{tier}-{period[:4]}.xlsx"',
        "Cache-Control": "private, no-store",
    }
    data = sheets.template(user=request.user, period=period, tier=tier)
    return HttpResponse(data, content_type=XLSX, headers=headers)

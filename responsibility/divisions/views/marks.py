"""Marks of places: the list, by hand, by import, voiding."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.common.views import ServiceFormView, access, get_visible, number_page, page
from responsibility.divisions.forms import MarkForm, VoidForm
from responsibility.divisions.models import Division, DivisionMark, MarkKind
from responsibility.divisions.services.marks import add_mark, import_marks, void_mark
from responsibility.divisions.views.importing import SheetView
from responsibility.jobs.models import ImportReceipt


@require_GET
def mark_list(request: HttpRequest) -> HttpResponse:
    """The marks of the user's territory, by place."""
    access(request).require(Right.VIEW)
    kinds = list(MarkKind.objects.order_by("id"))
    kind = request.GET.get("kind", "")
    found = DivisionMark.objects.visible_to(request.user).filter(voided_at=None)
    if kind in {item.key for item in kinds}:
        found = found.filter(kind__key=kind)
    rows = found.select_related("division__parent", "kind").order_by(
        "division__sort_key", "kind", "id"
    )
    context = {
        "page": number_page(request, rows),
        "kinds": kinds,
        "kind": kind,
        "may_change": access(request).has(Right.MANAGE_DIVISIONS),
    }
    return page(request, "divisions/marks.html", context)


class AddMarkView(ServiceFormView[MarkForm]):
    """Give a mark to a place."""

    right = Right.MANAGE_DIVISIONS
    form_class = MarkForm
    template_name = "divisions/mark_add.html"
    done_message = "标记已登记。"

    def target(self) -> Division:
        """Return the place."""
        self.division = get_visible(
            Division.objects.living(), self.request, self.kwargs["public_id"]
        )
        return self.division

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the marks of the place's tier."""
        return {**super().get_form_kwargs(), "tier": self.division.tier}

    def get_initial(self) -> dict[str, Any]:
        """Start with this year."""
        return {"since": clock.today().replace(month=1, day=1)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the place."""
        return super().get_context_data(division=self.division, **kwargs)

    def perform(self, form: MarkForm) -> str:
        """Add."""
        data = form.cleaned_data
        add_mark(
            division=self.division,
            kind=data["mark"],
            since=data["since"],
            until=data["until"],
            basis=data["basis"],
            by=self.request.user,
        )
        return reverse("division_detail", args=[self.division.public_id])


class VoidMarkView(ServiceFormView[VoidForm]):
    """Void a mark with a reason."""

    right = Right.MANAGE_DIVISIONS
    form_class = VoidForm
    template_name = "divisions/mark_void.html"
    done_message = "标记已作废，原因已存档。"

    def target(self) -> DivisionMark:
        """Return the mark."""
        rows = DivisionMark.objects.filter(voided_at=None).select_related("division", "kind")
        self.mark = get_visible(rows, self.request, self.kwargs["public_id"])
        return self.mark

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the mark."""
        return super().get_context_data(mark=self.mark, **kwargs)

    def perform(self, form: VoidForm) -> str:
        """Void."""
        void_mark(mark=self.mark, reason=form.cleaned_data["reason"], by=self.request.user)
        return reverse("division_detail", args=[self.mark.division.public_id])


class ImportMarksView(SheetView):
    """Load a list of marks."""

    receipt_kind = "marks"
    heading = "导入标记"
    columns = "区划代码、标记、起始日期、截止日期（可空）、依据"
    here = "division_marks_import"
    back = ("division_marks", "标记")

    def hint(self) -> str:
        """Name the marks there are."""
        kinds = MarkKind.objects.order_by("id")
        words = "、".join(f"{item.name}（{item.get_tier_display()}）" for item in kinds)
        return f"可用的标记：{words}。"

    def load(self, data: bytes, file_name: str) -> ImportReceipt:
        """Load."""
        return import_marks(data=data, file_name=file_name, by=self.request.user)

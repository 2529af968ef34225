"""Loading lists on a page: places, member units, marks; the receipt stands on the same page."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from responsibility.common import clock
from responsibility.common.errors import Invalid
from responsibility.common.rights import Right
from responsibility.common.sheets import read_upload
from responsibility.common.views import ServiceFormView, get_visible
from responsibility.divisions.forms import EndForm, FileForm
from responsibility.divisions.models import Body, BodyKind
from responsibility.divisions.services.bodies import make_bodies
from responsibility.divisions.services.importing import RUN, Refused, load_divisions
from responsibility.divisions.services.loading import refused_receipt
from responsibility.divisions.services.units import end_unit, load_units
from responsibility.jobs import uploads
from responsibility.jobs.models import ImportReceipt

SHOWN = 200


class ImportView(ServiceFormView[FileForm]):
    """A page that takes a list; its receipt stands on the same page."""

    right = Right.MANAGE_DIVISIONS
    form_class = FileForm
    receipt_kind = ""
    here = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the receipt that was asked for."""
        return super().get_context_data(receipt=self._receipt(), **kwargs)

    def _receipt(self) -> ImportReceipt | None:
        try:
            key = UUID(self.request.GET.get("receipt", ""))
        except ValueError:
            return None
        mine = ImportReceipt.objects.visible_to(self.request.user)
        return mine.filter(kind=self.receipt_kind, public_id=key).first()

    def to_receipt(self, receipt: ImportReceipt) -> HttpResponse:
        """Go to the page with the receipt; it says itself what was loaded."""
        return redirect(f"{reverse(self.here)}?receipt={receipt.public_id}")


class SheetView(ImportView):
    """A list whose mistakes are kept by cell on the receipt."""

    template_name = "divisions/sheet_import.html"
    heading = ""
    columns = ""
    back = ("division_list", "区划与单位")

    def hint(self) -> str:
        """Return what helps to fill the sheet."""
        return ""

    def load(self, data: bytes, file_name: str) -> ImportReceipt:
        """Call the service."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words of the page."""
        words = {"heading": self.heading, "columns": self.columns, "hint": self.hint()}
        back = {"back_url": reverse(self.back[0]), "back_name": self.back[1]}
        return super().get_context_data(**words, **back, **kwargs)

    def form_valid(self, form: FileForm) -> HttpResponse:
        """Load and go to the receipt."""
        upload = form.cleaned_data["file"]
        try:
            return self.to_receipt(self.load(read_upload(upload), upload.name))
        except Invalid as error:
            return self.refused(form, error)


class ImportUnitsView(SheetView):
    """Load a list of member units."""

    receipt_kind = "units"
    heading = "导入成员单位"
    columns = "区划代码、单位种类、单位名称"
    here = "division_units_import"

    def hint(self) -> str:
        """Name the kinds that come from a list."""
        kinds = BodyKind.objects.filter(listed=True).order_by("position")
        words = "、".join(f"{item.name}（{item.get_tier_display()}）" for item in kinds)
        return f"按名单导入的种类：{words or '还没有'}。"

    def load(self, data: bytes, file_name: str) -> ImportReceipt:
        """Load."""
        return load_units(data=data, file_name=file_name, by=self.request.user)


class EndUnitView(ServiceFormView[EndForm]):
    """End a listed body from a day on."""

    right = Right.MANAGE_DIVISIONS
    form_class = EndForm
    template_name = "divisions/unit_end.html"
    done_message = "单位已撤销，以往的记录保留。"

    def target(self) -> Body:
        """Return the body."""
        rows = Body.objects.filter(ended_on=None, kind__listed=True).select_related("division")
        self.body = get_visible(rows, self.request, self.kwargs["public_id"])
        return self.body

    def get_initial(self) -> dict[str, Any]:
        """Start with today."""
        return {"day": clock.today()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the body."""
        return super().get_context_data(body=self.body, **kwargs)

    def perform(self, form: EndForm) -> str:
        """End it."""
        end_unit(body=self.body, day=form.cleaned_data["day"], by=self.request.user)
        return reverse("division_detail", args=[self.body.division.public_id])


class ImportDivisionsView(ImportView):
    """Load a list of places, whole or not at all; new ones get their bodies."""

    receipt_kind = "divisions"
    template_name = "divisions/import.html"
    here = "division_import"

    def form_valid(self, form: FileForm) -> HttpResponse:
        """Load and go to the receipt, or show every mistake by row and column."""
        upload, by = form.cleaned_data["file"], self.request.user
        try:
            data = read_upload(upload)
            if uploads.is_large(data):
                run = uploads.start_import(
                    by=by, kind=RUN, title="导入区划", data=data, file_name=upload.name
                )
                return redirect("run", run.public_id)
            result = load_divisions(data=data, file_name=upload.name, by=by)
        except Invalid as error:
            form.add_error("file", error.message)
            mistakes = error.mistakes[:SHOWN] if isinstance(error, Refused) else []
            marked = (
                refused_receipt(error, data=data, file_name=upload.name, by=by)
                if isinstance(error, Refused)
                else None
            )
            context = self.get_context_data(form=form, mistakes=mistakes, marked=marked)
            return self.render_to_response(context, status=error.status)
        if result.created:
            make_bodies(by=by, divisions=result.made)
        return self.to_receipt(result.receipt)

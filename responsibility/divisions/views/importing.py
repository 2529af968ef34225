"""Loading a list of places on a page; the receipt, or the mistakes, stand on the same page."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from responsibility.common.errors import Invalid
from responsibility.common.rights import Right
from responsibility.common.sheets import read_upload
from responsibility.common.views import ServiceFormView
from responsibility.divisions.forms import FileForm
from responsibility.divisions.services.bodies import make_bodies
from responsibility.divisions.services.importing import Refused, load_divisions
from responsibility.jobs.models import ImportReceipt

SHOWN = 200


class ImportDivisionsView(ServiceFormView[FileForm]):
    """Load a list of places, whole or not at all; new ones get their bodies."""

    right = Right.MANAGE_DIVISIONS
    form_class = FileForm
    template_name = "divisions/import.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the receipt that was asked for."""
        return super().get_context_data(receipt=self._receipt(), **kwargs)

    def _receipt(self) -> ImportReceipt | None:
        try:
            key = UUID(self.request.GET.get("receipt", ""))
        except ValueError:
            return None
        mine = ImportReceipt.objects.visible_to(self.request.user)
        return mine.filter(kind="divisions", public_id=key).first()

    def form_valid(self, form: FileForm) -> HttpResponse:
        """Load and go to the receipt, or show every mistake by row and column."""
        upload, by = form.cleaned_data["file"], self.request.user
        try:
            result = load_divisions(data=read_upload(upload), file_name=upload.name, by=by)
        except Invalid as error:
            form.add_error("file", error.message)
            mistakes = error.mistakes[:SHOWN] if isinstance(error, Refused) else []
            context = self.get_context_data(form=form, mistakes=mistakes)
            return self.render_to_response(context, status=error.status)
        if result.created:
            make_bodies(by=by, divisions=result.made)
        address = reverse("division_import")
        return redirect(f"{address}?receipt={result.receipt.public_id}")

"""Importing accounts and roles on a page; the receipt by cell, and the sheets to download."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from responsibility.common.errors import DomainError, Missing
from responsibility.common.rights import Right
from responsibility.common.sheets import read_upload
from responsibility.common.views import access
from responsibility.jobs import uploads
from responsibility.jobs.models import ImportReceipt
from responsibility.jobs.receipts import receipt_xlsx
from responsibility.postings import sheets
from responsibility.postings.forms import UploadForm
from responsibility.postings.services.importing import KIND, RUN, import_accounts
from responsibility.postings.views.base import PlainFormView

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _receipt(request: HttpRequest, key: str | UUID) -> ImportReceipt | None:
    try:
        wanted = UUID(str(key))
    except ValueError:
        return None
    mine = ImportReceipt.objects.visible_to(request.user)
    return mine.filter(kind=KIND, public_id=wanted).first()


class ImportAccountsView(PlainFormView[UploadForm]):
    """Upload a sheet; all of it is loaded, or the good lines if one says so, or nothing."""

    right = Right.MANAGE_ACCOUNTS
    form_class = UploadForm
    template_name = "postings/import.html"
    heading = "导入账号和授权"
    verb = "导入"
    back = ("account_list", "账号")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Both rights are needed: accounts and roles."""
        access(request).require(Right.MANAGE_POSTINGS)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the receipt that was asked for, and an earlier one of the same file."""
        receipt = _receipt(self.request, self.request.GET.get("receipt", ""))
        same = None
        if receipt is not None and receipt.status == "unchanged":
            same = (
                ImportReceipt.objects.visible_to(self.request.user)
                .filter(kind=KIND, sha256=receipt.sha256, loaded__gt=0)
                .order_by("created_at")
                .first()
            )
        return super().get_context_data(receipt=receipt, same=same, **kwargs)

    def form_valid(self, form: UploadForm) -> HttpResponse:
        """Load and go to the receipt."""
        upload, by = form.cleaned_data["file"], self.request.user
        try:
            data = read_upload(upload)
            if uploads.is_large(data):
                return self.in_background(data, upload.name or "", form.cleaned_data["only_good"])
            receipt = import_accounts(
                data=data,
                file_name=upload.name,
                only_good=form.cleaned_data["only_good"],
                by=by,
            )
        except DomainError as error:
            if error.status in (403, 404):
                raise
            return self.refused(form, error)
        return redirect(f"{reverse('account_import')}?receipt={receipt.public_id}")

    def in_background(self, data: bytes, file_name: str, only_good: bool) -> HttpResponse:
        """Let a worker load a large sheet, and show how far it has come."""
        run = uploads.start_import(
            by=self.request.user,
            kind=RUN,
            title="导入账号",
            data=data,
            file_name=file_name,
            options={"only_good": only_good},
        )
        return redirect("run", run.public_id)


def _download(data: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=XLSX, headers=headers)


@require_GET
def account_template(request: HttpRequest) -> HttpResponse:
    """The sheet to fill in."""
    access(request).require(Right.MANAGE_ACCOUNTS)
    return _download(sheets.template_xlsx(), "accounts-template.xlsx")


@require_GET
def account_receipt(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One's own sheet with the mistakes marked."""
    access(request).require(Right.MANAGE_ACCOUNTS)
    receipt = _receipt(request, public_id)
    if receipt is None or receipt.uploaded_by_id != request.user.pk:
        raise Missing("没有找到这张回执。")
    return _download(receipt_xlsx(receipt), f"receipt-{receipt.sha256[:8]}.xlsx")

"""The first-run page: a code, then one step after another; gone once the office has an account."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from responsibility.common.errors import DomainError, Missing
from responsibility.common.sheets import read_upload
from responsibility.dashboard import setup
from responsibility.dashboard.setup_forms import (
    AdoptForm,
    CodeForm,
    EmptyForm,
    OfficeForm,
    OwnFileForm,
)

KEPT = "setup"
STEPS = [
    ("places", "导入区划", "导入"),
    ("text", "导入细则", "导入"),
    ("adopt", "采用细则", "采用"),
    ("duties", "采用责任目录", "采用"),
    ("office", "开通第一个账号", "开通"),
]
FORMS: dict[str, type[forms.Form]] = {
    "code": CodeForm,
    "places": OwnFileForm,
    "text": OwnFileForm,
    "adopt": AdoptForm,
    "duties": EmptyForm,
    "office": OfficeForm,
}


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """Lead through the first run; 404 as soon as it is over."""
    if not setup.is_open():
        raise Missing("没有这个页面。")
    opened = setup.is_opened_by(request.session.get(KEPT))
    known = setup.progress() if opened else None
    step = known.step if known else "code"
    form_class = FORMS[step]
    if request.method == "POST" and request.POST.get("step") == step:
        form = form_class(request.POST, request.FILES)
        if form.is_valid():
            try:
                return ACTS[step](request, form)
            except DomainError as error:
                where = error.where if error.where in form.fields else None
                form.add_error(where, error.message)
    else:
        form = form_class()
    status = 400 if form.errors else 200
    context = {"form": form, "step": step, "steps": STEPS, "known": known}
    return render(request, "dashboard/setup.html", context, status=status)


def _next(request: HttpRequest, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("setup")


def _code(request: HttpRequest, form: forms.Form) -> HttpResponse:
    kept = setup.check_code(form.cleaned_data["code"])
    request.session.cycle_key()
    request.session[KEPT] = kept
    return redirect("setup")


def _upload(form: forms.Form) -> tuple[bytes | None, str]:
    upload: Any = form.cleaned_data["file"]
    return (read_upload(upload), upload.name) if upload else (None, "")


def _places(request: HttpRequest, form: forms.Form) -> HttpResponse:
    data, name = _upload(form)
    count = setup.load_places(data=data, file_name=name)
    return _next(request, f"已导入 {count:,} 个区划。")


def _text(request: HttpRequest, form: forms.Form) -> HttpResponse:
    version = setup.load_text(data=_upload(form)[0])
    return _next(request, f"已导入：{version.regulation.title}，请核对后采用。")


def _adopt(request: HttpRequest, form: forms.Form) -> HttpResponse:
    setup.adopt(**form.cleaned_data)
    return _next(request, "已采用细则。")


def _duties(request: HttpRequest, form: forms.Form) -> HttpResponse:
    count = setup.load_duties()
    return _next(request, f"已采用 {count} 项责任，并生成本年度责任清单。")


def _office(request: HttpRequest, form: forms.Form) -> HttpResponse:
    made = setup.make_office(**form.cleaned_data)
    request.session.pop(KEPT, None)
    return render(request, "dashboard/setup_done.html", {"rows": made})


ACTS: dict[str, Callable[[HttpRequest, forms.Form], HttpResponse]] = {
    "code": _code,
    "places": _places,
    "text": _text,
    "adopt": _adopt,
    "duties": _duties,
    "office": _office,
}

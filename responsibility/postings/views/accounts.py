"""Accounts of one's territory: list, open, reset, disable, print one-time passwords."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from responsibility.common import clock
from responsibility.common.errors import DomainError, Missing
from responsibility.common.rights import Right
from responsibility.common.views import access, number_page, page
from responsibility.postings.forms import AccountForm, PlaceForm
from responsibility.postings.models import DivisionGrant, Posting
from responsibility.postings.services import accounts
from responsibility.postings.views.base import PlainFormView, shown_once

QUERY = 60


@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    """The accounts of the territory, with what they hold today."""
    access(request).require(Right.MANAGE_ACCOUNTS)
    query = request.GET.get("q", "").replace("\0", "").strip()[:QUERY]
    found = accounts.visible_accounts(request.user)
    if query:
        found = found.filter(Q(username__icontains=query) | Q(label__icontains=query))
    if request.GET.get("state") == "off":
        found = found.filter(is_active=False)
    held = Posting.objects.current(clock.today()).select_related("division", "body")
    shown = found.prefetch_related(Prefetch("postings", held.order_by("id"), to_attr="held"))
    context = {
        "q": query,
        "page": number_page(request, shown.order_by("username")),
        "may_open": access(request).has(Right.MANAGE_POSTINGS),
    }
    return page(request, "postings/accounts.html", context)


def _account(request: HttpRequest, username: str) -> User:
    access(request).require(Right.MANAGE_ACCOUNTS)
    found = accounts.visible_accounts(request.user).filter(username=username).first()
    if found is None:
        raise Missing("没有找到，或不在您的管理范围内。")
    return found


@require_GET
def account_detail(request: HttpRequest, username: str) -> HttpResponse:
    """One account: its postings and exceptions, and what may be done about it."""
    account = _account(request, username)
    scope = access(request).scope(Right.MANAGE_ACCOUNTS)
    postings = Posting.objects.filter(user=account).select_related("division", "body")
    grants = DivisionGrant.objects.filter(user=account).select_related(
        "content_object", "permission", "granted_by"
    )
    context = {
        "account": account,
        "postings": [
            (row, scope.covers(row.scope_path)) for row in postings.order_by("-validity", "id")
        ],
        "exceptions": grants.order_by("-id") if accounts.sees_all(request.user) else [],
        "may_manage": accounts.may_manage(request.user, account),
        "may_post": access(request).has(Right.MANAGE_POSTINGS),
        "may_explain": access(request).has(Right.EXPLAIN_SCOPE),
        "today": clock.today(),
    }
    return page(request, "postings/account.html", context)


@require_POST
def account_reset(request: HttpRequest, username: str) -> HttpResponse:
    """Reset a password; the new one is shown on this page only."""
    account = _account(request, username)
    password = accounts.reset_password(account=account, by=request.user)
    context = {"rows": [(account, password)], "heading": "已重置口令", "place": ""}
    return shown_once(request, "postings/passwords.html", context)


@require_POST
def account_active(request: HttpRequest, username: str) -> HttpResponse:
    """Enable or disable an account."""
    account = _account(request, username)
    active = request.POST.get("active") == "1"
    accounts.set_active(account=account, active=active, by=request.user)
    messages.success(request, f"账号 {account.username} 已{'启用' if active else '停用'}。")
    return redirect("account_detail", username=account.username)


class NewAccountView(PlainFormView[AccountForm]):
    """Open an account with its first role; its one-time password is shown once."""

    right = Right.MANAGE_ACCOUNTS
    form_class = AccountForm
    heading = "开通账号"
    lede = "账号对应岗位，不写姓名。开通后显示一次初始口令，本人首次登录须修改。"
    verb = "开通"
    back = ("account_list", "账号")

    def form_valid(self, form: AccountForm) -> HttpResponse:
        """Create it, or give the refusal back onto the form."""
        data = {key: form.cleaned_data[key] for key in form.fields}
        try:
            account, password = accounts.create_account(**data, by=self.request.user)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            return self.refused(form, error)
        context = {"rows": [(account, password)], "heading": "已开通账号", "place": ""}
        return shown_once(self.request, "postings/passwords.html", context)


class PrintPasswordsView(PlainFormView[PlaceForm]):
    """One-time passwords of a unit's new accounts, on one printable sheet, once."""

    right = Right.MANAGE_ACCOUNTS
    form_class = PlaceForm
    heading = "打印初始口令"
    lede = "给导入后还没有口令的账号各生成一个初始口令，只在下一页显示一次，请当场打印或抄录。"
    verb = "生成并显示"
    back = ("account_list", "账号")

    def form_valid(self, form: PlaceForm) -> HttpResponse:
        """Make and show them."""
        place = form.cleaned_data["division"]
        rows = accounts.print_passwords(division=place, by=self.request.user)
        if not rows:
            form.add_error("division", f"{place}没有等待初始口令的账号。")
            return self.form_invalid(form)
        left = accounts.without_password(place).count()
        context: dict[str, Any] = {
            "rows": rows,
            "heading": "初始口令",
            "place": place,
            "left": left,
            "again": reverse("account_passwords"),
        }
        return shown_once(self.request, "postings/passwords.html", context)

"""The security administrator's pages: exceptions, tokens, who sees what and why."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET, require_POST

from accounts.models import ApiToken, User
from responsibility.common import clock
from responsibility.common.errors import DomainError, Missing
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.common.views import access, number_page, page
from responsibility.postings import explaining
from responsibility.postings.forms import ExceptionForm, ExplainForm, ReasonForm, TokenForm
from responsibility.postings.models import DivisionGrant
from responsibility.postings.services import tokens
from responsibility.postings.services.exceptions import grant_exception, revoke_exception
from responsibility.postings.views.base import PlainFormView, shown_once


@require_GET
def exception_list(request: HttpRequest) -> HttpResponse:
    """Every exception, newest first; what is over stays listed."""
    access(request).require(Right.MANAGE_EXCEPTIONS)
    found = DivisionGrant.objects.select_related(
        "user", "permission", "content_object", "granted_by"
    ).order_by("-updated_at", "-id")
    context = {"page": number_page(request, found), "today": clock.today()}
    return page(request, "postings/exceptions.html", context)


class NewExceptionView(PlainFormView[ExceptionForm]):
    """Give an exception."""

    right = Right.MANAGE_EXCEPTIONS
    form_class = ExceptionForm
    heading = "例外授权"
    lede = "只给单项权限，写明起止日期和事由；到期次日自动失效。"
    verb = "授权"
    back = ("exception_list", "例外授权")

    def perform(self, form: ExceptionForm) -> str:
        """Grant it."""
        data = form.cleaned_data
        row = grant_exception(
            user=data["user"],
            right=Right(data["right"]),
            division=data["division"],
            since=data["since"],
            until=data["until"],
            reason=data["reason"],
            by=self.request.user,
        )
        self.done_message = f"已授权 {row.user.username}：{row.right_label}。"
        return reverse("exception_list")


class RevokeExceptionView(PlainFormView[ReasonForm]):
    """Revoke an exception at once."""

    right = Right.MANAGE_EXCEPTIONS
    form_class = ReasonForm
    heading = "收回例外授权"
    verb = "收回"
    danger = True
    back = ("exception_list", "例外授权")

    @cached_property
    def grant(self) -> DivisionGrant:
        """Return the exception."""
        found = DivisionGrant.objects.select_related("user", "content_object", "permission")
        row: DivisionGrant | None = found.filter(public_id=self.kwargs["public_id"]).first()
        if row is None:
            raise Missing("没有找到这项例外授权。")
        return row

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say which one."""
        row = self.grant
        self.lede = f"{row.user.username}：{row.content_object}，{row.right_label}。立即失效。"
        return super().get_context_data(**kwargs)

    def perform(self, form: ReasonForm) -> str:
        """Revoke it."""
        revoke_exception(grant=self.grant, reason=form.cleaned_data["reason"], by=self.request.user)
        self.done_message = "已收回。"
        return reverse("exception_list")


@require_GET
def token_list(request: HttpRequest) -> HttpResponse:
    """Every token: for what, where, until when, last used; never the token itself."""
    access(request).require(Right.MANAGE_TOKENS)
    found = ApiToken.objects.select_related("user", "created_by").order_by("-created_at", "-id")
    shown = number_page(request, found)
    places: dict[int, list[str]] = {}
    for user_id, name in (
        DivisionGrant.objects.filter(user__in=[row.user_id for row in shown.rows])
        .filter(permission__codename=Right.VIEW, validity__contains=clock.today())
        .order_by("content_object__sort_key")
        .values_list("user_id", "content_object__name")
    ):
        places.setdefault(user_id, []).append(name)
    context = {
        "page": shown,
        "rows": [(row, places.get(row.user_id, [])) for row in shown.rows],
        "now": timezone.now(),
    }
    return page(request, "postings/tokens.html", context)


class NewTokenView(PlainFormView[TokenForm]):
    """Issue a token: shown on the next page only."""

    right = Right.MANAGE_TOKENS
    form_class = TokenForm
    heading = "签发接口令牌"
    lede = "令牌只在下一页显示一次，系统只存摘要。"
    verb = "签发"
    back = ("token_list", "接口令牌")

    def form_valid(self, form: TokenForm) -> HttpResponse:
        """Issue it and show it once."""
        try:
            row, token = tokens.issue(**form.cleaned_data, by=self.request.user)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            return self.refused(form, error)
        return shown_once(self.request, "postings/token.html", {"row": row, "token": token})


@require_POST
def token_revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Revoke a token at once."""
    access(request).require(Right.MANAGE_TOKENS)
    row = ApiToken.objects.filter(public_id=public_id).first()
    if row is None:
        raise Missing("没有找到这个令牌。")
    tokens.revoke(token=row, by=request.user)
    messages.success(request, f"令牌“{row.name}”已吊销。")
    return redirect("token_list")


@require_GET
def explain(request: HttpRequest) -> HttpResponse:
    """Who can see a record, and why; what a user can see, and why."""
    access(request).require(Right.EXPLAIN_SCOPE)
    form = ExplainForm(request.GET or None)
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        try:
            context |= _explained(form.cleaned_data["user"], form.cleaned_data["object"])
        except DomainError as error:
            form.add_error(error.where or None, error.message)
    status = 400 if form.errors else 200
    return page(request, "postings/explain.html", context, status=status)


def _explained(username: str, text: str) -> dict[str, Any]:
    """Return what to show for a user, a record, or both together."""
    found: dict[str, Any] = {}
    user = User.objects.filter(username=username).first() if username else None
    if username and user is None:
        raise Missing("没有这个用户，请核对用户名。", where="user")
    if text:
        record = explaining.find_object(text)
        found |= {"record": record, "record_label": text}
        if user is None:
            found["seers"] = explaining.of_object(record, clock.today())
        else:
            found["because"] = explaining.why(access_of(user), record)
    if user is not None:
        found |= {"account": user, "reasons": explaining.of_user(user)}
    return found

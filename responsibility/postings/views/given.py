"""Who holds which role where; give, end, let somebody stand in."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET

from responsibility.common import clock
from responsibility.common.errors import Missing
from responsibility.common.rights import Right
from responsibility.common.views import access, number_page, page
from responsibility.postings.forms import DeputyForm, EndForm, PostingForm
from responsibility.postings.models import Posting
from responsibility.postings.rules import ROLE_LABELS, Role
from responsibility.postings.services.giving import end_posting, give_deputy, give_posting
from responsibility.postings.views.base import PlainFormView

QUERY = 60


@require_GET
def posting_list(request: HttpRequest) -> HttpResponse:
    """The roles held in the territory."""
    access(request).require(Right.MANAGE_POSTINGS)
    query = request.GET.get("q", "").replace("\0", "").strip()[:QUERY]
    role = request.GET.get("role", "")
    found = Posting.objects.visible_to(request.user, Right.MANAGE_POSTINGS)
    past = request.GET.get("past") == "1"
    if not past:
        found = found.filter(voided_at=None).filter(
            Q(validity__upper_inf=True) | Q(validity__endswith__gt=clock.today())
        )
    if query:
        code = query.upper() if query.isascii() else ""
        found = found.filter(
            Q(user__username__icontains=query)
            | Q(division__name__contains=query)
            | (Q(division__code__startswith=code) if code else Q(pk=None))
        )
    if role in set(Role):
        found = found.filter(role=role)
    shown = found.select_related("user", "division", "body").order_by("scope_path", "role", "id")
    context = {
        "q": query,
        "role": role,
        "past": past,
        "roles": ROLE_LABELS.items(),
        "today": clock.today(),
        "page": number_page(request, shown),
    }
    return page(request, "postings/postings.html", context)


def _posting(request: HttpRequest, public_id: UUID) -> Posting:
    access(request).require(Right.MANAGE_POSTINGS)
    found = (
        Posting.objects.visible_to(request.user, Right.MANAGE_POSTINGS)
        .filter(public_id=public_id)
        .select_related("user", "division", "body")
        .first()
    )
    if found is None:
        raise Missing("没有找到，或不在您的管理范围内。")
    return found


class NewPostingView(PlainFormView[PostingForm]):
    """Give a role to an account of the territory."""

    right = Right.MANAGE_POSTINGS
    form_class = PostingForm
    heading = "授予角色"
    lede = "只能在您的管理范围内授予；管理员角色只能授给下级。"
    verb = "授予"
    back = ("posting_list", "岗位授权")

    def get_initial(self) -> dict[str, Any]:
        """Take the account from the address."""
        return {"user": self.request.GET.get("user", "")[:QUERY]}

    def perform(self, form: PostingForm) -> str:
        """Give it."""
        data = form.cleaned_data
        posting = give_posting(
            user=data["user"],
            role=data["role"],
            division=data["division"],
            body=data["body"],
            since=data["since"],
            until=data["until"],
            reason=data["reason"],
            by=self.request.user,
        )
        self.done_message = f"已授予 {posting.user.username}：{posting}。"
        return reverse("posting_list")


class _OfPosting:
    """What concerns one posting."""

    request: HttpRequest
    kwargs: dict[str, Any]

    @cached_property
    def posting(self) -> Posting:
        """Return the posting within the territory."""
        return _posting(self.request, self.kwargs["public_id"])

    def target(self) -> Posting:
        """Ask for the right over it."""
        return self.posting


class EndPostingView(_OfPosting, PlainFormView[EndForm]):
    """End a role with a last day."""

    right = Right.MANAGE_POSTINGS
    form_class = EndForm
    heading = "收回角色"
    verb = "收回"
    danger = True
    back = ("posting_list", "岗位授权")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whose role it is."""
        self.lede = f"{self.posting.user.username}：{self.posting}。最后一天的次日起看不到这里。"
        return super().get_context_data(**kwargs)

    def perform(self, form: EndForm) -> str:
        """End it."""
        end_posting(posting=self.posting, **form.cleaned_data, by=self.request.user)
        self.done_message = "已收回。"
        return reverse("posting_list")


class DeputyView(_OfPosting, PlainFormView[DeputyForm]):
    """Let somebody stand in for a time."""

    right = Right.MANAGE_POSTINGS
    form_class = DeputyForm
    heading = "请人代理"
    verb = "代理"
    back = ("posting_list", "岗位授权")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say for whom."""
        self.lede = f"代理 {self.posting.user.username}：{self.posting}。到期次日自动收回。"
        return super().get_context_data(**kwargs)

    def perform(self, form: DeputyForm) -> str:
        """Give the same role to the deputy."""
        data = form.cleaned_data
        given = give_deputy(
            posting=self.posting,
            deputy=data["user"],
            since=data["since"],
            until=data["until"],
            reason=data["reason"],
            by=self.request.user,
        )
        self.done_message = f"已由 {given.user.username} 代理到 {given.last_day}。"
        return reverse("posting_list")

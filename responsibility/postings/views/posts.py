"""Posts, their holders over time, gaps, and hand-overs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.decorators.http import require_GET, require_http_methods

from responsibility.common import clock
from responsibility.common.errors import Forbidden, Missing
from responsibility.common.rights import Right
from responsibility.common.views import access, number_page, page
from responsibility.postings.forms import EndForm, HandOverForm, NoteForm, PostForm
from responsibility.postings.models import HandOver, Post, Tenure
from responsibility.postings.services import posts
from responsibility.postings.views.base import PlainFormView

QUERY = 60


def _seen(request: HttpRequest) -> Q:
    """Return the predicate of the posts one may look at: in view, or kept by oneself."""
    held = access(request)
    if not (held.has(Right.VIEW) or held.has(Right.MANAGE_POSTINGS)):
        raise Forbidden("您没有查看岗位的权限。")
    by = Post.SCOPE
    return held.scope(Right.VIEW).q(by) | held.scope(Right.MANAGE_POSTINGS).q(by)


def _post(request: HttpRequest, public_id: UUID) -> Post:
    found = Post.objects.filter(_seen(request), public_id=public_id)
    post = found.select_related("body", "division").first()
    if post is None:
        raise Missing("没有找到，或不在您的管理范围内。")
    return post


@require_GET
def post_list(request: HttpRequest) -> HttpResponse:
    """The posts of the territory; ``vacant=1`` shows principals that nobody holds."""
    seen = _seen(request)
    query = request.GET.get("q", "").replace("\0", "").strip()[:QUERY]
    vacant = request.GET.get("vacant") == "1"
    today = clock.today()
    found = Post.objects.living().filter(seen).select_related("body", "division")
    if vacant:
        found = posts.vacant(found, today)
    if query:
        found = found.filter(
            Q(title__contains=query)
            | Q(body__name__contains=query)
            | Q(division__code__startswith=query.upper())
        )
    held = Tenure.objects.current(today).select_related("person__user")
    shown = found.prefetch_related(Prefetch("tenures", held, to_attr="holders"))
    context = {
        "q": query,
        "vacant": vacant,
        "page": number_page(request, shown.order_by("scope_path", "position", "id")),
        "may_manage": access(request).has(Right.MANAGE_POSTINGS),
    }
    return page(request, "postings/posts.html", context)


@require_GET
def post_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One post: who held it, and its hand-overs."""
    post = _post(request, public_id)
    context = {
        "post": post,
        "tenures": post.tenures.select_related("person__user").order_by("-validity", "-id"),
        "hand_overs": post.hand_overs.select_related("successor").order_by("-effective_on", "-id"),
        "may_manage": access(request).allows(Right.MANAGE_POSTINGS, post),
        "today": clock.today(),
    }
    return page(request, "postings/post.html", context)


class NewPostView(PlainFormView[PostForm]):
    """Set up a post."""

    right = Right.MANAGE_POSTINGS
    form_class = PostForm
    heading = "设岗位"
    lede = "书记、行政正职设好后，没有人任职时会在空缺里显示。"
    verb = "设岗位"
    back = ("post_list", "岗位")

    def perform(self, form: PostForm) -> str:
        """Create it."""
        data = form.cleaned_data
        post = posts.create_post(
            body=data["body"],
            title=data["title"],
            principal=data["principal"],
            by=self.request.user,
        )
        self.done_message = f"已设岗位：{post}。"
        return reverse("post_detail", args=[post.public_id])


class HandOverView(PlainFormView[HandOverForm]):
    """Appoint somebody to a post; what is open at its body is listed for him to confirm."""

    right = Right.MANAGE_POSTINGS
    form_class = HandOverForm
    heading = "任职、交接"
    lede = "现任的任期到交接日的前一天；未办事项列成清单，由接任人确认。"
    verb = "办理"

    @cached_property
    def post_row(self) -> Post:
        """Return the post."""
        return _post(self.request, self.kwargs["public_id"])

    def target(self) -> Post:
        """Ask for the right over the post."""
        return self.post_row

    def back_link(self) -> tuple[str, str]:
        """Go back to the post."""
        return reverse("post_detail", args=[self.post_row.public_id]), str(self.post_row)

    def perform(self, form: HandOverForm) -> str:
        """Hand over."""
        data = form.cleaned_data
        found = posts.hand_over(
            post=self.post_row,
            successor=data["user"],
            since=data["since"],
            document=data["document"],
            acting=data["acting"],
            by=self.request.user,
        )
        self.done_message = f"已办理，待 {found.successor.username} 确认。"
        return reverse("hand_over", args=[found.public_id])


class EndTenureView(PlainFormView[EndForm]):
    """End a term of office; the post stands vacant after it."""

    right = Right.MANAGE_POSTINGS
    form_class = EndForm
    heading = "结束任职"
    lede = "最后一天的次日起，这个岗位为空缺，随岗位的授权一同收回。"
    verb = "结束"
    danger = True

    @cached_property
    def tenure(self) -> Tenure:
        """Return the term within the territory."""
        found = Tenure.objects.select_related("post__division", "post__body")
        row = found.filter(public_id=self.kwargs["public_id"]).first()
        if row is None:
            raise Missing("没有找到，或不在您的管理范围内。")
        return row

    def target(self) -> Post:
        """Ask for the right over the post."""
        return self.tenure.post

    def back_link(self) -> tuple[str, str]:
        """Go back to the post."""
        return reverse("post_detail", args=[self.tenure.post.public_id]), str(self.tenure.post)

    def perform(self, form: EndForm) -> str:
        """End it."""
        posts.end_tenure(tenure=self.tenure, **form.cleaned_data, by=self.request.user)
        self.done_message = "已结束任职。"
        return reverse("post_detail", args=[self.tenure.post.public_id])


@require_http_methods(["GET", "POST"])
def hand_over_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One hand-over: the list of what was open; the successor confirms it."""
    row = (
        HandOver.objects.filter(public_id=public_id)
        .select_related("post__body", "successor", "outgoing__person__user", "opened_by")
        .first()
    )
    held = access(request)
    if row is None or not (
        row.successor_id == request.user.pk
        or held.scope(Right.VIEW).covers(row.scope_path)
        or held.scope(Right.MANAGE_POSTINGS).covers(row.scope_path)
    ):
        raise Missing("没有找到，或不在您的管理范围内。")
    form = NoteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        posts.confirm_hand_over(hand_over=row, note=note, by=request.user)
        messages.success(request, "已确认交接。")
        return redirect("hand_over", public_id=row.public_id)
    context: dict[str, Any] = {
        "row": row,
        "items": row.items.order_by("position"),
        "form": form,
        "mine": row.successor_id == request.user.pk,
    }
    status = 400 if form.errors else 200
    return page(request, "postings/hand_over.html", context, status=status)

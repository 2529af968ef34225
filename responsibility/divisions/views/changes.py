"""The wizard of changes: what is asked, what would move, then done; and the list of changes."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from responsibility.common.errors import DomainError, Missing, Stale
from responsibility.common.rights import Right
from responsibility.common.views import ServiceFormView, access, get_visible, number_page, page
from responsibility.divisions.forms import ChangeForm
from responsibility.divisions.models import (
    Division,
    DivisionChange,
    DivisionChangeEffect,
    DivisionChangeItem,
)
from responsibility.divisions.rules import ChangeKind
from responsibility.divisions.services.changes import change_division, preview

LEDES = {
    ChangeKind.CREATE: "在它下面新设一个区划。",
    ChangeKind.RENAME: "身份不变，只换名称；此前的资料仍按旧名称显示。",
    ChangeKind.RECODE: "身份不变，只换代码；旧代码仍能查到它。",
    ChangeKind.MERGE: "把别的区划并进来；被并入的撤销，它们的下级归到这里。",
    ChangeKind.SPLIT: "从它和别处划出下级，设立一个同级的新区划。",
    ChangeKind.TRANSFER: "换一个上级；它和它的下级、资料随之归新上级查看。",
    ChangeKind.ABOLISH: "不再存在；须先没有下级。此前的资料仍在。",
}


class ChangeView(ServiceFormView[ChangeForm]):
    """Change one place: preview first, then carry out what was previewed."""

    right = Right.MANAGE_DIVISIONS
    form_class = ChangeForm
    template_name = "divisions/change.html"
    done_message = "区划变更已办理，此前的名称和归属按日期可查。"

    def target(self) -> Division:
        """Return the place."""
        kind = self.kwargs["kind"]
        if kind not in set(ChangeKind):
            raise Missing("没有这种区划变更。")
        self.kind = ChangeKind(kind)
        self.division = get_visible(
            Division.objects.living().select_related("parent__parent"),
            self.request,
            self.kwargs["public_id"],
        )
        return self.division

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form its kind, place and user."""
        extra = {"kind": self.kind, "division": self.division, "user": self.request.user}
        return {**super().get_form_kwargs(), **extra}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the place and what this kind of change means."""
        word = dict(ChangeKind.choices())[self.kind]
        return super().get_context_data(
            division=self.division, kind=self.kind, word=word, lede=LEDES[self.kind], **kwargs
        )

    def form_valid(self, form: ChangeForm) -> HttpResponse:
        """Show the preview; a confirmed one is carried out."""
        if "confirm" in self.request.POST and self.request.POST.get("fingerprint"):
            return super().form_valid(form)
        return self._preview(form)

    def _preview(self, form: ChangeForm, status: int = 200) -> HttpResponse:
        try:
            shown = preview(form.proposal(), by=self.request.user)
        except DomainError as error:
            if error.status in (403, 404):
                error = _named(error)
            return self.refused(form, error)
        context = self.get_context_data(form=form, preview=shown)
        return self.render_to_response(context, status=status)

    def refused(self, form: ChangeForm, error: DomainError) -> HttpResponse:
        """Show a fresh preview when the confirmed one no longer holds."""
        if isinstance(error, Stale):
            form.add_error(None, error.message)
            return self._preview(form, status=409)
        return super().refused(form, error)

    def perform(self, form: ChangeForm) -> str:
        """Carry it out."""
        change = change_division(
            form.proposal(),
            by=self.request.user,
            fingerprint=self.request.POST["fingerprint"][:64],
        )
        return reverse("division_change", args=[change.public_id])


def _named(error: DomainError) -> DomainError:
    """A place that is not the user's to change is told at the form, which keeps what was typed."""
    return DomainError("其中有您不能变更的区划，请核对。", where="others")


def _visible(request: HttpRequest) -> Any:
    """Return the changes that touched something inside the user's territory."""
    access(request).require(Right.VIEW)
    inside = Division.objects.visible_to(request.user)
    items = DivisionChangeItem.objects.filter(division__in=inside)
    return (
        DivisionChange.objects.filter(pk__in=items.values("change"))
        .prefetch_related(
            Prefetch(
                "items",
                items.select_related("division", "successor").order_by("pk"),
                to_attr="shown",
            ),
            Prefetch(
                "effects",
                DivisionChangeEffect.objects.filter(division__in=inside)
                .select_related("division", "successor")
                .order_by("pk"),
                to_attr="done",
            ),
        )
        .select_related("made_by")
    )


@require_GET
def change_list(request: HttpRequest) -> HttpResponse:
    """The changes of the user's territory, the newest first."""
    found = _visible(request).order_by("-effective_on", "-pk")
    return page(request, "divisions/changes.html", {"page": number_page(request, found)})


@require_GET
def change_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One change: which document, from when, and each division's part."""
    found = _visible(request).filter(public_id=public_id).first()
    if found is None:
        raise Missing("没有找到，或不在您的管理范围内。")
    return page(request, "divisions/change_detail.html", {"change": found})

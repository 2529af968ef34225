"""What every page needs: one door to objects, one way from form to service."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import FormView

from responsibility.common.errors import DomainError, Missing
from responsibility.common.rights import Right
from responsibility.common.scoping import Access, access_of

CAP = 10_000
M = TypeVar("M", bound=models.Model)
F = TypeVar("F", bound=forms.Form)


def access(request: HttpRequest) -> Access:
    """Return the request's access (typed)."""
    return access_of(request.user)


def get_visible(queryset: "models.QuerySet[M]", request: HttpRequest, key: UUID | str) -> M:
    """Return one row of a queryset by its public id within the user's scope, or raise Missing."""
    found: M | None = queryset.visible_to(request.user).filter(public_id=key).first()  # type: ignore[attr-defined]
    if found is None:
        raise Missing("没有找到，或不在您的管理范围内。")
    return found


def capped_count(queryset: models.QuerySet[Any]) -> tuple[int, bool]:
    """Return the number of rows, counted up to 10,000, and whether there are more."""
    count = queryset.order_by()[: CAP + 1].count()
    return min(count, CAP), count > CAP


class ServiceFormView(FormView[F]):
    """A form whose valid data goes to one service call.

    Subclasses give ``right``, ``form_class``, ``template_name`` and ``perform``; ``target()``
    returns the object on which the right is asked (None: anywhere).
    """

    right: Right
    done_message = "已保存。"

    def target(self) -> models.Model | None:
        """Return the object that the right is asked for."""
        return None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Ask for the right first: 404 outside the territory, 403 inside."""
        access(request).require(self.right, self.target())
        return super().dispatch(request, *args, **kwargs)

    def perform(self, form: F) -> str:
        """Call the service and return the address to go to."""
        raise NotImplementedError

    def form_valid(self, form: F) -> HttpResponse:
        """Run the service; its refusal goes back onto the form with what was typed."""
        try:
            address = self.perform(form)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            return self.refused(form, error)
        messages.success(self.request, self.done_message)
        return redirect(address)

    def refused(self, form: F, error: DomainError) -> HttpResponse:
        """Show the form again with the refusal at its field."""
        where = error.where if error.where in form.fields else None
        form.add_error(where, error.message)
        return self.render_to_response(self.get_context_data(form=form), status=error.status)

    def form_invalid(self, form: F) -> HttpResponse:
        """Show the form again; the status says that nothing was saved."""
        return self.render_to_response(self.get_context_data(form=form), status=400)


def page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page."""
    return render(request, template, context, status=status)


PAGE = 50


@dataclass(frozen=True)
class NumberPage:
    """One page of a list for a screen: rows, its place, and a count capped at 10,000."""

    rows: list[Any]
    number: int
    count: int
    more_than: bool
    has_next: bool

    @property
    def count_text(self) -> str:
        """Return the count as shown."""
        return f"{self.count:,}+" if self.more_than else f"{self.count:,}"

    @property
    def previous(self) -> int:
        """Return the number of the page before (0: none)."""
        return self.number - 1

    @property
    def next(self) -> int:
        """Return the number of the page after."""
        return self.number + 1


def number_page(
    request: HttpRequest, queryset: "models.QuerySet[Any]", size: int = PAGE
) -> NumberPage:
    """Return the page that ``?page=`` asks for; nonsense gives the first."""
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    number = max(1, min(number, CAP // size + 1))
    start = (number - 1) * size
    rows = list(queryset[start : start + size + 1])
    if len(rows) <= size and number == 1:
        count, more = len(rows), False
    else:
        count, more = capped_count(queryset)
    return NumberPage(rows[:size], number, count, more, len(rows) > size)

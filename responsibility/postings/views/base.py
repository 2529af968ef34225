"""What these forms share: one template, bound fields, secrets shown once."""

from typing import Any, TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from responsibility.common.views import ServiceFormView, page
from responsibility.postings.forms import BoundForm

F = TypeVar("F", bound=forms.Form)


class PlainFormView(ServiceFormView[F]):
    """A form on the shared template."""

    template_name = "postings/form.html"
    heading = ""
    lede = ""
    verb = "保存"
    danger = False
    back = ("", "")

    def back_link(self) -> tuple[str, str]:
        """Return the address and the words of the way back."""
        name, words = self.back
        return reverse(name), words

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form its user where it has bound fields."""
        known = super().get_form_kwargs()
        form_class = self.get_form_class()
        return {**known, "user": self.request.user} if issubclass(form_class, BoundForm) else known

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the words around the form."""
        address, words = self.back_link()
        return super().get_context_data(
            heading=self.heading,
            lede=self.lede,
            verb=self.verb,
            danger=self.danger,
            back_url=address,
            back_words=words,
            **kwargs,
        )


def shown_once(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render a page with a secret: it is shown this once and kept by no cache."""
    response = page(request, template, context)
    response["Cache-Control"] = "no-store, max-age=0"
    return response

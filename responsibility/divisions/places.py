"""The one place picker: a field that takes a name or a code, with suggestions from the server.

``PlaceField().of(user)`` in a form's ``__init__``; the choices are always within the user's scope.
Without script one types a code or a full name.
"""

import re
from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from responsibility.common.rights import Right
from responsibility.divisions.models import Division, DivisionQuerySet
from responsibility.divisions.rules import clean_query

_CODE = re.compile(r"[0-9A-Za-z]{2,12}")
MOST = 2000


def choice_text(division: Division) -> str:
    """Return how a place stands in a picker: name and code cut to its tier."""
    return f"{division.name} {division.short_code}"


class PlaceInput(forms.TextInput):
    """A text input with a datalist that the server fills as one types."""

    def __init__(self, tiers: Sequence[str] = (), right: Right = Right.VIEW) -> None:
        """Limit the suggestions to tiers and to where a right is held."""
        super().__init__()
        self.tiers, self.right = tuple(tiers), right

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the input and its datalist."""
        list_id = f"{(attrs or {}).get('id', name)}-list"
        pairs = [("field", name), ("right", self.right.value)]
        query = urlencode([*pairs, *(("tier", tier) for tier in self.tiers)])
        attrs = {
            **(attrs or {}),
            "list": list_id,
            "autocomplete": "off",
            "hx-get": f"{reverse('division_pick')}?{query}",
            "hx-trigger": "input changed delay:250ms",
            "hx-target": f"#{list_id}",
        }
        control = super().render(name, value, attrs, renderer)
        return format_html('{}<datalist id="{}"></datalist>', control, list_id)


class PlaceField(forms.CharField):
    """One division within the user's scope, by code or name."""

    def __init__(
        self, *, tiers: Sequence[str] = (), right: Right = Right.VIEW, **kwargs: Any
    ) -> None:
        """Limit the choice to tiers and to where a right is held."""
        kwargs.setdefault("help_text", "写名称或代码，从提示里选。")
        kwargs.setdefault("max_length", 100)
        kwargs.setdefault("widget", PlaceInput(tiers, right))
        super().__init__(**kwargs)
        self.tiers, self.right = tuple(tiers), right
        self.user: Any = None

    def of(self, user: Any) -> Self:
        """Bind the field to the user whose scope limits it."""
        self.user = user
        return self

    def choices(self) -> DivisionQuerySet:
        """Return the divisions that may be chosen."""
        if self.user is None:
            return Division.objects.none()
        found = Division.objects.living().visible_to(self.user, self.right)
        return found.filter(tier__in=self.tiers) if self.tiers else found

    def prepare_value(self, value: Any) -> Any:
        """Show a division as the picker writes it."""
        return choice_text(value) if isinstance(value, Division) else value

    def clean(self, value: Any) -> Any:
        """Return the Division (None when empty)."""
        text = super().clean(value)
        return resolve([text], self.choices())[0] if text else None


class PlacesField(PlaceField):
    """Several divisions, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        """Use a text area."""
        kwargs.setdefault("help_text", "每行一个，写代码或名称。")
        kwargs.setdefault("max_length", 100_000)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show divisions one a line."""
        if isinstance(value, list | tuple):
            return "\n".join(choice_text(item) for item in value)
        return value

    def clean(self, value: Any) -> Any:
        """Return the divisions, each once, in the order typed."""
        text = forms.CharField.clean(self, value)
        lines = [line.strip() for line in re.split(r"[\n、，,;；]+", text) if line.strip()]
        if len(lines) > MOST:
            raise forms.ValidationError(f"一次最多 {MOST} 个，请分次办理。")
        found = resolve(lines, self.choices()) if lines else []
        return list({item.pk: item for item in found}.values())


def resolve(lines: Sequence[str], allowed: DivisionQuerySet) -> list[Division]:
    """Return the divisions that lines of text name; raise ValidationError at the first doubt."""
    asked = [_split(line) for line in lines]
    codes = [code.ljust(12, "0") for code, _ in asked if code]
    names = [name for code, name in asked if not code]
    by_code = {item.code: item for item in _chosen(allowed.filter(code__in=codes))} if codes else {}
    by_name: dict[str, list[Division]] = {}
    for item in _chosen(allowed.filter(name__in=names)) if names else ():
        by_name.setdefault(item.name, []).append(item)
    return [_one(code, name, by_code, by_name) for code, name in asked]


def _chosen(found: DivisionQuerySet) -> DivisionQuerySet:
    return found.select_related("parent").in_order()


def _split(line: str) -> tuple[str, str]:
    """Return (code, name) of what was typed; one of them may be empty."""
    text = clean_query(line)
    last = text.rsplit(" ", 1)[-1]
    if _CODE.fullmatch(last):
        return last.upper(), text
    return "", text


def _one(
    code: str, name: str, by_code: dict[str, Division], by_name: dict[str, list[Division]]
) -> Division:
    if code:
        found = by_code.get(code.ljust(12, "0"))
        if found is None:
            raise forms.ValidationError(f"没有找到代码 {code}，或不在您的范围内。")
        return found
    several = by_name.get(name, [])
    if not several:
        raise forms.ValidationError(f"没有找到“{name[:20]}”，请写全名或代码。")
    if len(several) > 1:
        choices = "、".join(item.short_code for item in several[:4])
        raise forms.ValidationError(f"有 {len(several)} 个“{name[:12]}”，请写代码：{choices}。")
    return several[0]

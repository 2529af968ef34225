"""The form of a report's texts, and of a correction slip."""

from collections.abc import Iterable
from typing import Any

from django import forms

from responsibility.reports.models import ReportText
from responsibility.reports.rules import TEXT_LIMIT


class TextsForm(forms.Form):
    """One field for each text section; what was not returned is locked."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        texts: Iterable[ReportText],
        open_items: frozenset[str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Add the sections."""
        super().__init__(*args, **kwargs)
        for item in texts:
            key = item.section.key
            self.fields[key] = forms.CharField(
                label=item.section.title,
                help_text=item.section.guidance,
                initial=item.text,
                required=False,
                max_length=TEXT_LIMIT,
                widget=forms.Textarea(attrs={"rows": 8, "maxlength": TEXT_LIMIT}),
                error_messages={"max_length": f"最多 {TEXT_LIMIT} 字，请删减。"},
                disabled=open_items is not None and key not in open_items,
            )

    def texts(self) -> dict[str, str]:
        """Return what was written by section."""
        return {key: value for key, value in self.cleaned_data.items() if key != "revision"}


class SlipForm(forms.Form):
    """A correction slip on an archived report."""

    item = forms.ChoiceField(label="更正哪一项", error_messages={"invalid_choice": "没有这一项。"})
    new_value = forms.CharField(
        label="更正为",
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写更正后的内容。"},
    )
    reason = forms.CharField(
        label="更正原因", max_length=500, error_messages={"required": "请写明更正原因。"}
    )

    def __init__(self, *args: Any, items: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the items of this report."""
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = items  # type: ignore[attr-defined]

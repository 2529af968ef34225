"""The form of a report's texts, and of a correction slip."""

from collections.abc import Iterable
from typing import Any

from django import forms

from responsibility.figures.rules import shown
from responsibility.reports.models import ReportCell, ReportText
from responsibility.reports.rules import FIGURE, TEXT_LIMIT


class TextsForm(forms.Form):
    """One field for each text section; what was not returned is locked."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        texts: Iterable[ReportText],
        cells: Iterable[ReportCell] = (),
        open_items: frozenset[str] | None = None,
        save_url: str = "",
        **kwargs: Any,
    ) -> None:
        """Add the figures that this report asks for, and the sections."""
        super().__init__(*args, **kwargs)
        self.save_url = save_url
        for cell in cells:
            if cell.definition.typed:
                self._add_figure(cell, open_items)
        for item in texts:
            key = item.section.key
            self.fields[key] = forms.CharField(
                label=item.section.title,
                help_text=item.section.guidance,
                initial=item.text,
                required=False,
                max_length=TEXT_LIMIT,
                widget=forms.Textarea(
                    attrs={"rows": 8, "maxlength": TEXT_LIMIT, **self._saving(key)}
                ),
                error_messages={"max_length": f"最多 {TEXT_LIMIT} 字，请删减。"},
                disabled=open_items is not None and key not in open_items,
            )

    def _add_figure(self, cell: ReportCell, open_items: frozenset[str] | None) -> None:
        item = cell.definition.indicator
        name = f"{FIGURE}{item.key}"
        last = "" if cell.last_value is None else f"；上期 {shown(cell.last_value)}"
        self.fields[name] = forms.CharField(
            label=f"{item.name}（{item.unit}）",
            help_text=f"{item.definition}{last}",
            initial="" if cell.value is None else f"{cell.value.normalize():f}",
            required=False,
            max_length=40,
            widget=forms.TextInput(attrs={"inputmode": "decimal", **self._saving(name)}),
            disabled=open_items is not None and name not in open_items,
        )

    def _saving(self, name: str) -> dict[str, str]:
        """Return what lets one item be saved by itself as soon as it is left."""
        if not self.save_url:
            return {}
        return {
            "hx-post": f"{self.save_url}?item={name}",
            "hx-trigger": "change",
            "hx-target": "next .saved",
            "hx-swap": "outerHTML",
        }

    def items(self) -> dict[str, str]:
        """Return what stands in the fields that may be changed, by the key of its item."""
        return {
            name: value.replace("\r\n", "\n")
            for name, value in self.cleaned_data.items()
            if name != "revision" and not self.fields[name].disabled
        }

    def texts(self) -> dict[str, str]:
        """Return what was written by section."""
        return {
            key: value
            for key, value in self.cleaned_data.items()
            if key != "revision" and not key.startswith(FIGURE)
        }

    def figures(self) -> dict[str, str]:
        """Return what was typed by indicator."""
        return {
            key.removeprefix(FIGURE): value
            for key, value in self.cleaned_data.items()
            if key.startswith(FIGURE)
        }


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

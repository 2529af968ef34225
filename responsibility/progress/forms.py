"""Forms of logging and reviewing."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from responsibility.figures.rules import parse_value, shown
from responsibility.progress.models import ProgressFigure
from responsibility.progress.rules import TEXT_LIMIT
from responsibility.progress.services.entries import Content

DATE_HELP = "日期不存在或格式不对，请填写如 2020-12-25。"


class FigureField(forms.CharField):
    """A typed number: thousands separators tolerated, every mistake said in words."""

    def __init__(self, **kwargs: Any) -> None:
        """Offer the numeric keyboard of a phone."""
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("required", False)
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """Return the number, or None when nothing was typed."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_value(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class EntryForm(forms.Form):
    """What was done, when, the figures that the duty asks for."""

    text = forms.CharField(
        label="这段时间做了什么",
        help_text="写一两句话就可以，不要求字数。",
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": TEXT_LIMIT}),
        max_length=TEXT_LIMIT,
        required=False,
        error_messages={"max_length": f"最多 {TEXT_LIMIT} 字，现在 %(show_value)d 字，请删减。"},
    )
    done_on = forms.DateField(
        label="办理日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": DATE_HELP},
    )
    needs_help = forms.CharField(
        label="要上级帮助解决的事",
        help_text="没有就不填；有就写明找哪个部门。",
        max_length=500,
        required=False,
        error_messages={"max_length": "最多 500 字，请删减。"},
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        figures: Iterable[ProgressFigure] = (),
        open_items: frozenset[str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Add one field for each figure; lock what was not returned."""
        super().__init__(*args, **kwargs)
        self.figure_rows: list[dict[str, Any]] = []
        for figure in figures:
            name = f"figure:{figure.indicator.key}"
            self.fields[name] = FigureField(
                label=f"{figure.indicator.name}（{figure.indicator.unit}）",
                initial="" if figure.value is None else shown(figure.value),
                help_text=figure.source_note and f"带出：{figure.source_note}，有变动再改",
            )
        if open_items is not None:
            for name, field in self.fields.items():
                field.disabled = name not in {*open_items, "needs_help", "revision"}

    def content(self) -> Content:
        """Return what was typed, as the service wants it."""
        data = self.cleaned_data
        return Content(
            text=data.get("text", ""),
            done_on=data.get("done_on"),
            clear_done_on=data.get("done_on") is None,
            needs_help=data.get("needs_help", ""),
            figures={
                name.removeprefix("figure:"): value
                for name, value in data.items()
                if name.startswith("figure:")
            },
        )


class SlipForm(forms.Form):
    """A correction slip: which item, the new value, why."""

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
        """Offer the items of this entry."""
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = items  # type: ignore[attr-defined]

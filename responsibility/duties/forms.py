"""Forms about duties and assignments."""

from typing import Any

from django import forms

from responsibility.divisions.places import PlaceField, PlaceInput
from responsibility.duties.models import Duty


class YearForm(forms.Form):
    """For which year."""

    year = forms.IntegerField(
        label="年度",
        min_value=2000,
        max_value=2100,
        error_messages={
            "invalid": "请填写四位年份，如 2020。",
            "min_value": "年度应在 2000 至 2100 之间。",
            "max_value": "年度应在 2000 至 2100 之间。",
        },
    )


class ExtensionForm(forms.Form):
    """Extend a duty to the development zones."""

    basis = forms.CharField(
        label="依据",
        max_length=300,
        help_text="例如：参照县级，市扶贫开发领导小组会议纪要",
        error_messages={"required": "请写明依据。"},
    )
    document = forms.CharField(label="文件", max_length=200, required=False)


class NotApplicableForm(forms.Form):
    """Say that a duty does not apply to a body."""

    reason = forms.CharField(
        label="不适用的原因", max_length=300, error_messages={"required": "请写明不适用的原因。"}
    )


class ReinstateForm(forms.Form):
    """Take back 不适用."""

    reason = forms.CharField(
        label="恢复的原因", max_length=300, error_messages={"required": "请写明恢复的原因。"}
    )


class ZonesForm(ExtensionForm):
    """Extend several duties to the development zones on one basis."""

    duties = forms.ModelMultipleChoiceField(
        label="责任项",
        queryset=Duty.objects.none(),
        to_field_name="key",
        error_messages={
            "required": "请至少选一项责任。",
            "invalid_choice": "所选责任已明确或不存在，请刷新后重选。",
            "invalid_list": "请从列表里选责任。",
        },
    )

    def __init__(self, *args: Any, choices: Any = None, **kwargs: Any) -> None:
        """Offer only what may still be extended."""
        super().__init__(*args, **kwargs)
        if choices is not None:
            self.fields["duties"].queryset = choices  # type: ignore[attr-defined]


class PlaceFilter(forms.Form):
    """The place of a list's filter: a code or a name within the user's scope."""

    division = PlaceField(
        label="区划", required=False, widget=PlaceInput(), max_length=60, help_text=""
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        """Bind the picker to the user's scope."""
        kwargs["auto_id"] = "f-%s"
        super().__init__(*args, **kwargs)
        self.fields["division"].of(user)  # type: ignore[attr-defined]

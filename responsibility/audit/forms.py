"""The filters of the log."""

from typing import Any

from django import forms

from responsibility.audit.words import GROUPS, kinds


def _kinds() -> list[tuple[str, str]]:
    return [("", "全部"), *kinds()]


class FilterForm(forms.Form):
    """筛选操作记录."""

    actor = forms.CharField(label="账号", max_length=60, required=False)
    verb = forms.ChoiceField(label="类别", choices=[("", "全部"), *GROUPS.items()], required=False)
    target = forms.ChoiceField(label="对象类型", choices=_kinds, required=False)
    target_id = forms.CharField(label="对象编号", max_length=64, required=False)
    since = forms.DateField(
        label="起始日期", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="截止日期", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the start."""
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            raise forms.ValidationError({"until": "截止日期早于起始日期，请改一个。"})
        return data

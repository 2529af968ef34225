"""Closing an alert."""

from django import forms


class CloseForm(forms.Form):
    """结束一条预警."""

    reason = forms.CharField(
        label="怎么处理的",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "结束原因没有填。请写明怎么处理的。"},
    )

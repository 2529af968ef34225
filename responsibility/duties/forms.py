"""Forms about duties and assignments."""

from django import forms


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

"""Forms about the text of a regulation."""

from django import forms

from responsibility.divisions.models import Division
from responsibility.regulations.models import Certainty

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
DATE_ERRORS = {"invalid": "日期不存在或格式不对，请填写如 2019-10-21。", "required": "请填写日期。"}


class ImportForm(forms.Form):
    """A file or a pasted text."""

    file = forms.FileField(label="文本文件", required=False, help_text="txt，UTF-8 或 GBK")
    text = forms.CharField(
        label="或者粘贴全文",
        required=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    title = forms.CharField(
        label="名称", required=False, max_length=200, help_text="文中有标题的不用填"
    )

    def clean(self) -> dict[str, object]:
        """Ask for one of the two."""
        data = super().clean() or {}
        if not data.get("file") and not str(data.get("text") or "").strip():
            self.add_error("text", "请选文件，或粘贴全文。")
        return data


class AdoptForm(forms.Form):
    """What the text may not say; may stay empty when marked 待核."""

    issuer = forms.CharField(label="制定机关", required=False, max_length=200)
    effective_on = forms.DateField(
        label="施行日期", required=False, widget=DATE, error_messages=DATE_ERRORS
    )
    certainty = forms.ChoiceField(
        label="核实情况", choices=Certainty.choices, initial=Certainty.PENDING
    )


class ClauseForm(forms.Form):
    """A correction by hand."""

    text = forms.CharField(
        label="条文",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "条文不能为空。"},
    )


class InterpretationForm(forms.Form):
    """How the office reads an article."""

    text = forms.CharField(
        label="解释内容", max_length=5000, widget=forms.Textarea(attrs={"rows": 5})
    )
    issuer = forms.CharField(label="作出机关", max_length=100, initial="市扶贫开发领导小组办公室")
    document = forms.CharField(label="文号", max_length=100, required=False)
    issued_on = forms.DateField(label="日期", widget=DATE, error_messages=DATE_ERRORS)


class MeasureForm(forms.Form):
    """A county's own measure under an article."""

    division = forms.ModelChoiceField(
        label="制定单位",
        queryset=Division.objects.none(),
        to_field_name="public_id",
        error_messages={"invalid_choice": "不在您的管理范围内，请重新选择。"},
    )
    title = forms.CharField(label="办法名称", max_length=200)
    document = forms.CharField(label="文号", max_length=100, required=False)
    text = forms.CharField(
        label="对应内容", max_length=5000, widget=forms.Textarea(attrs={"rows": 5})
    )
    issued_on = forms.DateField(label="日期", widget=DATE, error_messages=DATE_ERRORS)

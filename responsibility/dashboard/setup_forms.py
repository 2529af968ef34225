"""Forms of the first run."""

from django import forms

from responsibility.divisions.models import Division
from responsibility.divisions.rules import Tier


class CodeForm(forms.Form):
    """一次性代码."""

    code = forms.CharField(
        label="一次性代码",
        max_length=40,
        help_text="由运维人员运行 setup_code 命令打印。",
        error_messages={"required": "代码没有填。", "max_length": "代码太长，请核对。"},
    )


class OwnFileForm(forms.Form):
    """用随系统附带的，或自己的文件."""

    file = forms.FileField(
        label="自己的文件",
        required=False,
        help_text="不选文件，就用随系统附带的聊城市资料。",
        error_messages={"empty": "文件是空的，请重新选择。"},
    )


class AdoptForm(forms.Form):
    """采用细则."""

    issuer = forms.CharField(
        label="制定机关", max_length=200, required=False, help_text="原文没有写的可空，标待核。"
    )
    effective_on = forms.DateField(
        label="施行日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "日期不对，应如 2019-07-01。"},
    )


class EmptyForm(forms.Form):
    """没有要填的."""


class OfficeForm(forms.Form):
    """第一个办公室账号."""

    city = forms.ModelChoiceField(
        label="市",
        queryset=Division.objects.none(),
        to_field_name="public_id",
        empty_label=None,
        error_messages={"required": "市没有选。", "invalid_choice": "没有这个市。"},
    )
    username = forms.CharField(
        label="用户名",
        max_length=60,
        initial="office-3715",
        error_messages={"required": "用户名没有填。"},
    )
    label = forms.CharField(
        label="显示名称",
        max_length=100,
        initial="市领导小组办公室",
        error_messages={"required": "显示名称没有填。"},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the cities there are."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["city"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Division.objects.living().filter(tier=Tier.CITY).in_order()

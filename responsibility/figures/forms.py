"""Forms of the dictionary; rules and services decide, these only read."""

from typing import Any

from django import forms

from responsibility.common import periods
from responsibility.common.periods import PERIOD_LABELS
from responsibility.divisions.rules import Tier
from responsibility.figures import sources
from responsibility.figures.models import Indicator
from responsibility.figures.rules import Nature, SourceKind
from responsibility.figures.rules.formulas import MAX_LENGTH

FORMULA_HELP = (
    "用［指标名称］写指标，如 [走访户数] ÷ [在册户数]；prev() 上期、yoy() 上年同期、"
    "cumulative() 本年累计、sum() min() max() round(算式, 位数)。单位为 % 时自动乘 100。"
)
SOURCES = [(kind, word) for kind, word in SourceKind.choices() if kind != SourceKind.ROLLUP]


class IndicatorForm(forms.Form):
    """An entry of the dictionary."""

    key = forms.RegexField(
        r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        label="键",
        max_length=80,
        help_text="小写字母、数字和连字符，如 i-visited-households；存后不能改。",
        error_messages={"invalid": "只能用小写字母、数字和连字符，如 i-visits。"},
    )
    name = forms.CharField(label="名称", max_length=100)
    unit = forms.CharField(
        label="计量单位", max_length=20, help_text="户、人、元、万元、元/人、% 等。"
    )
    definition = forms.CharField(
        label="口径", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    period_type = forms.ChoiceField(
        label="周期", choices=[(item.value, word) for item, word in PERIOD_LABELS.items()]
    )
    tier = forms.ChoiceField(label="填报层级", choices=Tier.choices())
    nature = forms.ChoiceField(label="性质", choices=Nature.choices())
    source_kind = forms.ChoiceField(label="来源", choices=SOURCES)
    source_key = forms.ChoiceField(label="台账来源", required=False)
    formula = forms.CharField(
        label="公式",
        max_length=MAX_LENGTH,
        required=False,
        help_text=FORMULA_HELP,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    basis = forms.CharField(label="依据", max_length=200, required=False)
    reason = forms.CharField(
        label="修改原因", max_length=200, help_text="随新版一起留存。", required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        indicator: Indicator | None = None,
        has_values: bool = False,
        **kwargs: Any,
    ) -> None:
        """Fix what may not change."""
        super().__init__(*args, **kwargs)
        offered = [("", "（无）"), *((key, key) for key in sources.known())]
        self.fields["source_key"].choices = offered  # type: ignore[attr-defined]
        if len(offered) == 1 and not (indicator and indicator.source_key):
            del self.fields["source_key"]
        if indicator is not None:
            del self.fields["key"]
        for name in ("unit", "period_type", "tier", "source_kind") if has_values else ():
            self.fields[name].disabled = True
            self.fields[name].help_text = "已有数据，不能改；要改就停用后另立指标。"

    def clean(self) -> dict[str, Any]:
        """Say at the formula or the ledger's field what its kind of source wants."""
        data = super().clean() or {}
        kind = data.get("source_kind")
        if kind == SourceKind.FORMULA and not data.get("formula"):
            self.add_error("formula", "来源选了公式，公式还没有写。")
        if kind != SourceKind.FORMULA:
            data["formula"] = ""
        if kind == SourceKind.QUERY and not data.get("source_key"):
            self.add_error("source_kind", "还没有可提取的台账，请选填报或公式。")
        if kind != SourceKind.QUERY:
            data["source_key"] = ""
        return data

    def values(self) -> dict[str, Any]:
        """Return the entry's values for the service."""
        left_out = ("key", "reason", "version")
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}


class RetireForm(forms.Form):
    """停用一个指标."""

    reason = forms.CharField(label="停用原因", max_length=200)


class SheetForm(forms.Form):
    """导入一张数据表."""

    period = forms.CharField(
        label="所属期", max_length=9, help_text="如 2020、2020H1、2020Q4、2020M03。"
    )
    file = forms.FileField(label="表格（xlsx 或 CSV）")
    load_good = forms.BooleanField(label="有错时，先载入没有错的格", required=False)
    accept_jumps = forms.BooleanField(label="与上期相差千倍以上的，已经核对无误", required=False)


class TemplateForm(forms.Form):
    """下载样表."""

    period = forms.CharField(label="所属期", max_length=9)
    tier = forms.ChoiceField(label="填报层级", choices=Tier.choices())

    def clean_period(self) -> str:
        try:
            return periods.parse(self.cleaned_data["period"]).code
        except ValueError:
            raise forms.ValidationError("所属期写法不对，应如 2020。") from None

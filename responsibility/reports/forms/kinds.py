"""Forms of the editor of report kinds and of the gate."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q

from responsibility.deadlines.models import DeadlineRule
from responsibility.deadlines.rules import Basis
from responsibility.divisions.models import BodyKind
from responsibility.divisions.rules import Tier
from responsibility.figures.models import Indicator
from responsibility.figures.rules import Nature
from responsibility.reports import sources
from responsibility.reports.models import CellDef, ReportKind, SectionDef
from responsibility.reports.rules import (
    CheckRule,
    Column,
    Rhythm,
    RowsAre,
    SectionKind,
    Severity,
)

REVIEWING = [(key, label) for key, label in Tier.choices() if key not in ("province", "village")]


def _rules() -> list[tuple[str, str]]:
    rows = DeadlineRule.objects.current().order_by("key")
    return [("", "（不按规则）"), *((r.key, f"{r.title}：{r.in_words}") for r in rows)]


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class NewKindForm(forms.Form):
    """Begin a kind: empty, or as a copy."""

    title = forms.CharField(
        label="报表名称", max_length=100, error_messages={"required": "请写报表名称。"}
    )
    copy_of = forms.ModelChoiceField(
        label="照哪张表复制",
        queryset=ReportKind.objects.none(),
        required=False,
        empty_label="（不复制，从空表开始）",
        to_field_name="public_id",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what may be copied."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["copy_of"]
        field.queryset = ReportKind.objects.filter(status__in=["approved", "draft"]).order_by(
            "-is_template", "title", "version"
        )
        field.label_from_instance = lambda row: f"{row.title}（第 {row.version} 版）"


class HeadForm(forms.Form):
    """What a kind says of itself: basis, purpose, who, to whom, when."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label="报表名称", max_length=100)
    basis_kind = forms.ChoiceField(label="依据种类", choices=Basis.choices())
    article = forms.CharField(
        label="细则条号", max_length=10, required=False, help_text="只写数字，如 11"
    )
    basis = forms.CharField(
        label="依据",
        max_length=200,
        help_text="哪条细则、哪份文件要求报",
        error_messages={"required": "请写依据：哪条细则、哪份文件要求报。"},
    )
    purpose = forms.CharField(
        label="用途",
        max_length=300,
        help_text="这张表要来做什么，谁看",
        error_messages={"required": "请写用途：要来做什么，谁看。"},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    submitters = forms.ModelMultipleChoiceField(
        label="谁来报",
        queryset=BodyKind.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选谁来报，至少一种单位。"},
    )
    addressee = forms.CharField(label="报给谁", max_length=100, required=False)
    tiers = forms.MultipleChoiceField(
        label="逐级审核",
        choices=REVIEWING,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选的，由上一级审核",
    )
    rhythm = forms.ChoiceField(label="多久报一次", choices=Rhythm.choices())
    deadline_rule = forms.ChoiceField(label="时限规则", required=False)
    due_on = forms.DateField(
        label="截止日期", required=False, widget=_day(), help_text="只有一次性的专项报告写"
    )
    short_reason = forms.CharField(
        label="期限短的理由",
        max_length=300,
        required=False,
        help_text="不足 3 个工作日的必须写，计入报表负担",
    )
    needs_approval = forms.BooleanField(label="报送前须书记或行政正职审签", required=False)
    allows_no_data = forms.BooleanField(label="可以答“本单位无此数据”", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the kinds of bodies and the deadline rules in force."""
        super().__init__(*args, **kwargs)
        submitters: Any = self.fields["submitters"]
        submitters.queryset = BodyKind.objects.order_by("position", "id")
        rule: Any = self.fields["deadline_rule"]
        rule.choices = _rules()

    def clean_article(self) -> str:
        """Take an article's number as it is written in addresses."""
        text: str = self.cleaned_data["article"].strip()
        if text and not text.replace("-", "").isdigit():
            raise forms.ValidationError("条号只写数字，如 11。")
        return text

    def clean(self) -> dict[str, Any]:
        """A single report names a date, every other a rule."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("due_on") and data.get("rhythm") != Rhythm.ONCE:
            self.add_error("due_on", "只有“一次性”的才写截止日期，请选频次或清空。")
        if data.get("due_on") and not date(1990, 1, 1) <= data["due_on"] <= date(2199, 12, 31):
            self.add_error("due_on", "日期不对，请核对年份。")
        return data

    def values(self) -> dict[str, Any]:
        """Return the fields of the head."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("revision", "submitters")
        }


class AddSectionForm(forms.Form):
    """A new section at the end."""

    title = forms.CharField(
        label="新章节标题", max_length=100, error_messages={"required": "请写章节标题。"}
    )
    section_kind = forms.ChoiceField(label="类型", choices=SectionKind.choices())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what a report can be filled with; lists only where some ledger gives one."""
        super().__init__(*args, **kwargs)
        offered = {SectionKind.TEXT.value, SectionKind.FIGURES.value, SectionKind.FILES.value}
        if sources.choices():
            offered.add(SectionKind.LIST.value)
        field: Any = self.fields["section_kind"]
        field.choices = [row for row in SectionKind.choices() if row[0] in offered]


class SectionForm(forms.Form):
    """What a section says of itself; only the fields of its type."""

    title = forms.CharField(label="标题", max_length=100)
    guidance = forms.CharField(
        label="填写说明",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    advised_length = forms.IntegerField(
        label="建议字数", min_value=10, max_value=5000, required=False
    )
    rows_are = forms.ChoiceField(label="表的行", choices=RowsAre.choices())
    columns = forms.MultipleChoiceField(
        label="表的列", choices=Column.choices(), widget=forms.CheckboxSelectMultiple
    )
    source = forms.ChoiceField(label="从哪个台账取")

    def __init__(self, *args: Any, section: SectionDef, **kwargs: Any) -> None:
        """Keep the fields of the section's type."""
        super().__init__(*args, **kwargs)
        source: Any = self.fields["source"]
        source.choices = sources.choices()
        keep = {
            SectionKind.TEXT.value: {"advised_length"},
            SectionKind.FIGURES.value: {"rows_are", "columns"},
            SectionKind.LIST.value: {"source"},
        }.get(section.section_kind, set())
        for name in ("advised_length", "rows_are", "columns", "source"):
            if name not in keep:
                del self.fields[name]


class CellForm(forms.Form):
    """A figure of the dictionary for a table."""

    indicator = forms.ModelChoiceField(
        label="指标",
        queryset=Indicator.objects.none(),
        to_field_name="key",
        error_messages={"required": "请选指标。"},
    )
    typed = forms.BooleanField(
        label="在本表手填",
        required=False,
        help_text="台账里已有的、下级能汇总的，准入时不会放行",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the dictionary."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["indicator"]
        field.queryset = Indicator.objects.filter(retired_on=None).order_by("position", "id")
        field.label_from_instance = lambda row: f"{row.name}（{row.unit}）"


class WishForm(forms.Form):
    """A figure that the dictionary lacks."""

    name = forms.CharField(
        label="名称", max_length=100, error_messages={"required": "请写数据的名称。"}
    )
    unit = forms.CharField(label="计量单位", max_length=20)
    definition = forms.CharField(
        label="口径",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写口径：怎么数，到哪一天。"},
    )
    nature = forms.ChoiceField(label="性质", choices=Nature.choices())
    basis = forms.CharField(
        label="依据", max_length=200, error_messages={"required": "请写依据：谁要求填。"}
    )
    purpose = forms.CharField(
        label="用途", max_length=200, error_messages={"required": "请写用途：要来做什么。"}
    )


class CheckForm(forms.Form):
    """A check of a kind; the parameters of its rule only."""

    rule = forms.ChoiceField(label="校验方式", choices=CheckRule.choices())
    severity = forms.ChoiceField(label="不符合时", choices=Severity.choices())
    left = forms.ChoiceField(label="数据", required=False)
    right = forms.ChoiceField(label="另一数据", required=False, help_text="“相等”“不大于”用")
    parts = forms.MultipleChoiceField(
        label="分项", required=False, widget=forms.CheckboxSelectMultiple, help_text="“分项之和”用"
    )
    section = forms.ChoiceField(label="文字章节", required=False)
    low = forms.DecimalField(
        label="最小值", required=False, max_digits=24, decimal_places=6, help_text="“取值范围”用"
    )
    high = forms.DecimalField(label="最大值", required=False, max_digits=24, decimal_places=6)
    percent = forms.DecimalField(
        label="百分比",
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(100000),
        max_digits=10,
        decimal_places=2,
        help_text="“变动过大”“超过计划”用，30 就是三成",
    )
    message = forms.CharField(label="提示的话", max_length=200, required=False)

    def __init__(self, *args: Any, kind: ReportKind, **kwargs: Any) -> None:
        """Offer the cells and sections of the draft, and the cells of other kinds in force."""
        super().__init__(*args, **kwargs)
        cells = CellDef.objects.filter(
            Q(section__kind=kind)
            | Q(section__kind__status="approved") & ~Q(section__kind__key=kind.key)
        )
        rows = cells.select_related("indicator", "section__kind")
        own, others = [], []
        for cell in rows.order_by("section__position", "position"):
            item, name = cell.indicator, cell.section.kind
            if name.pk == kind.pk:
                own.append((item.key, item.name))
            else:
                others.append((f"{name.key}/{item.key}", f"《{name}》{item.name}"))
        texts = kind.sections.filter(section_kind="text").order_by("position")
        self._offer("left", [("", "（选一项）"), *own])
        self._offer("right", [("", "（选一项）"), *own, *dict(others).items()])
        self._offer("parts", own)
        self._offer("section", [("", "（选一节）"), *((s.key, s.title) for s in texts)])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Ask for what the rule needs."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("rule"):
            for name in NEEDED[CheckRule(data["rule"])]:
                if data.get(name) in (None, "", []) and name not in self.errors:
                    self.add_error(name, "这种校验要填这一项。")
        low, high = data.get("low"), data.get("high")
        if data.get("rule") == CheckRule.RANGE and low is None and high is None:
            self.add_error("low", "最小值、最大值至少填一个。")
        if low is not None and high is not None and low > high:
            self.add_error("high", "最大值不能小于最小值。")
        return data

    def values(self) -> dict[str, Any]:
        """Return severity, rule, params and message of the check."""
        data = self.cleaned_data
        rule = CheckRule(data["rule"])
        params: dict[str, Any] = {}
        for name in (*NEEDED[rule], *OPTIONAL.get(rule, ())):
            if data.get(name) not in (None, "", []):
                value = data[name]
                key = NAMES.get((rule, name), NAMES_ALL.get(name, name))
                params[key] = f"{value:f}" if isinstance(value, Decimal) else value
        return {
            "rule": rule.value,
            "severity": data["severity"],
            "params": params,
            "message": data["message"],
        }


NEEDED: dict[CheckRule, tuple[str, ...]] = {
    CheckRule.RANGE: ("left",),
    CheckRule.SUM: ("left", "parts"),
    CheckRule.EQUAL: ("left", "right"),
    CheckRule.AT_MOST: ("left", "right"),
    CheckRule.JUMP: ("left", "percent"),
    CheckRule.PLAN_EXCEEDED: ("left", "percent"),
    CheckRule.TEXT_EMPTY: ("section",),
}
OPTIONAL = {CheckRule.RANGE: ("low", "high")}
NAMES = {
    (CheckRule.RANGE, "left"): "cell",
    (CheckRule.JUMP, "left"): "cell",
    (CheckRule.PLAN_EXCEEDED, "left"): "cell",
    (CheckRule.SUM, "left"): "total",
}
NAMES_ALL = {"low": "min", "high": "max"}


class DecideForm(forms.Form):
    """The second person's decision at the gate."""

    in_force_from = forms.DateField(
        label="起用日期", required=False, widget=_day(), help_text="不写就是今天"
    )
    decision = forms.CharField(
        label="意见",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="不同意时必须写明理由",
    )


class RetireForm(forms.Form):
    """Taking a kind out of force."""

    reason = forms.CharField(
        label="停用的理由", max_length=500, error_messages={"required": "请写明停用的理由。"}
    )


class NoDataForm(forms.Form):
    """本单位无此数据."""

    reason = forms.CharField(
        label="为什么没有",
        max_length=300,
        error_messages={"required": "请写明为什么没有这类数据。"},
    )

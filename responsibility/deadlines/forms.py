"""Forms of the deadline pages; rules and services decide, these only read."""

from typing import Any

from django import forms

from responsibility.deadlines.models import DeadlineRule
from responsibility.deadlines.rules import Anchor, Basis, Roll, Unit, three_steps
from responsibility.divisions.rules import Tier


class ExplainForm(forms.Form):
    """说明情况."""

    text = forms.CharField(
        label="为什么没有按期，打算何时办结",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "情况说明没有填。请写明原因和打算何时办结。"},
    )


class DecideForm(forms.Form):
    """采纳或退回一份说明."""

    accepted = forms.TypedChoiceField(
        label="受理意见",
        choices=[("yes", "采纳"), ("no", "退回补充")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "请选采纳或退回。"},
    )
    remark = forms.CharField(
        label="意见（退回时必填）",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class TryForm(forms.Form):
    """换个周期算一算."""

    period = forms.CharField(label="周期，如 2020、2020Q4、2020M11", max_length=12, required=False)
    event_on = forms.DateField(
        label="或事项发生日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "日期不对，应如 2020-12-17。"},
    )


class EventForm(forms.Form):
    """登记一件事项."""

    what = forms.CharField(
        label="是什么事项",
        max_length=100,
        error_messages={"required": "是什么事项没有填。请用一句话写明。"},
    )
    event_on = forms.DateField(
        label="发生（收到）日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "日期没有填。", "invalid": "日期不对，应如 2020-12-17。"},
    )


class DayForm(forms.Form):
    """登记一天."""

    day = forms.DateField(
        label="日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "日期没有填。", "invalid": "日期不对，应如 2020-12-17。"},
    )
    working = forms.TypedChoiceField(
        label="这一天",
        choices=[("no", "放假"), ("yes", "上班")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "请选放假或上班。"},
    )
    reason = forms.CharField(label="说明，如 国庆调休", max_length=60)
    basis = forms.CharField(label="依据文件（文号）", max_length=200)


def _number(label: str, least: int, most: int, *, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": "应是整数。",
            "min_value": f"不能小于 {least}。",
            "max_value": f"不能大于 {most}。",
        },
    )


class RuleForm(forms.Form):
    """修改一条时限规则."""

    title = forms.CharField(label="名称", max_length=120)
    anchor = forms.ChoiceField(label="从哪天起算", choices=Anchor.choices())
    month_day = forms.CharField(
        label="月日（只有每年固定日期才填，如 12-25）", max_length=5, required=False
    )
    offset = _number("时长（0 为当天，负数为提前）", -1000, 1000)
    unit = forms.ChoiceField(label="单位", choices=Unit.choices())
    roll = forms.ChoiceField(label="遇休息日", choices=Roll.choices())
    tier = forms.ChoiceField(
        label="适用层级", choices=[("", "不限"), *Tier.choices()], required=False
    )
    year_from = _number("起用年度", 1949, 2200, required=False)
    year_to = _number("停用年度", 1949, 2200, required=False)
    basis = forms.ChoiceField(label="依据种类", choices=Basis.choices())
    basis_text = forms.CharField(label="依据", max_length=300)
    article = forms.CharField(label="细则条号", max_length=12, required=False)
    blue = _number("提前几天蓝色提醒", 0, 365)
    yellow = _number("逾期第几天黄色预警", 1, 365)
    red = _number("逾期第几天红色预警，报上一级", 2, 365)
    reason = forms.CharField(label="修改理由（文件名称、文号）", max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        yellow, red = data.get("yellow"), data.get("red")
        if yellow is not None and red is not None and red <= yellow:
            self.add_error("red", "红色预警须晚于黄色预警。")
        return data

    def values(self, rule: DeadlineRule) -> dict[str, Any]:
        """Return the rule's deciding fields as typed; unusual ladders stay as they are."""
        data = dict(self.cleaned_data)
        ladder = (data.pop("blue"), data.pop("yellow"), data.pop("red"))
        for extra in ("reason", "version"):
            data.pop(extra)
        steps = three_steps(*ladder) if is_plain(rule) else rule.ladder
        return {**data, "steps": [step.as_json() for step in steps]}


def is_plain(rule: DeadlineRule) -> bool:
    """Say whether a rule has the usual three reminders."""
    return [step.colour.value for step in rule.ladder] == ["blue", "yellow", "red"]


def initial_of(rule: DeadlineRule) -> dict[str, Any]:
    """Return a rule as the form shows it."""
    days = {step.colour.value: step.days for step in rule.ladder}
    names = [name for name in RuleForm.base_fields if hasattr(rule, name)]
    return {
        **{name: getattr(rule, name) for name in names},
        "blue": -days.get("blue", -7),
        "yellow": days.get("yellow", 1),
        "red": days.get("red", 11),
    }

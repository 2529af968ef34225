"""The form of a draft: one group of fields for each line, section and policy, and one for new."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from responsibility.divisions.models import Body
from responsibility.figures.models import Indicator
from responsibility.figures.rules import adds_up, parse_value, shown
from responsibility.plans.models import PlanLine, PlanPolicy, PlanSection
from responsibility.plans.rules.checks import TEXT_LIMIT
from responsibility.plans.services.drafting import Draft, LineInput, PolicyInput

DATE = {"type": "date"}


class FigureField(forms.CharField):
    """A number typed as text, checked as the ledger checks it."""

    def __init__(self, **kwargs: Any) -> None:
        """Ask phones for digits."""
        kwargs.setdefault("max_length", 40)
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs)

    def clean(self, value: Any) -> Any:
        """Return a Decimal, or None where nothing was typed."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_value(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class DraftForm(forms.Form):
    """All that may be changed in a draft."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    basis = forms.CharField(label="编制依据", max_length=300, required=False)

    def __init__(
        self,
        *args: Any,
        lines: list[PlanLine],
        sections: list[PlanSection],
        policies: list[PlanPolicy],
        bodies: list[Body],
        indicators: list[Indicator],
        **kwargs: Any,
    ) -> None:
        """Make the fields of what is there, and of one more line and policy."""
        super().__init__(*args, **kwargs)
        self.lines, self.sections, self.policies = lines, sections, policies
        self.bodies = {str(body.public_id): body for body in bodies}
        self.indicators = {item.key: item for item in indicators}
        self._bodies = [("", "未定"), *((key, body.name) for key, body in self.bodies.items())]
        self._limits = [("", "不限"), *_named(i for i in indicators if adds_up(i.nature))]
        for line in lines:
            self._add_line(f"{line.pk}", line)
        there = {line.indicator_id for line in lines}
        new = [item for item in indicators if item.pk not in there]
        self.fields["new-indicator"] = forms.ChoiceField(
            label="指标", choices=[("", "选一个指标"), *_named(new)], required=False
        )
        self._add_line("new", None)
        for section in sections:
            self._add_section(section)
        for policy in policies:
            self._add_policy(f"{policy.pk}", policy)
        self._add_policy("new", None)

    def _add_line(self, key: str, line: PlanLine | None) -> None:
        new = line is None
        self.fields[f"target-{key}"] = FigureField(
            label="目标值",
            required=not new,
            initial=shown(line.target).replace(",", "") if line else None,
        )
        self.fields[f"due-{key}"] = forms.DateField(
            label="完成时限",
            required=False,
            initial=line.due_on if line else None,
            widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
        )
        self.fields[f"body-{key}"] = forms.ChoiceField(
            label="责任单位",
            choices=self._bodies,
            required=False,
            initial=str(line.responsible_body.public_id) if line and line.responsible_body else "",
        )
        self.fields[f"limit-{key}"] = forms.ChoiceField(
            label="分解不得超过（上年台账数）",
            choices=self._limits,
            required=False,
            initial=line.limit.key if line and line.limit else "",
        )
        for name, label, limit in (("basis", "依据", 300), ("note", "说明", 300)):
            self.fields[f"{name}-{key}"] = forms.CharField(
                label=label,
                max_length=limit,
                required=False,
                initial=getattr(line, name) if line else "",
            )
        if line and line.handed_down is None:
            self.fields[f"remove-{key}"] = forms.BooleanField(label="移除", required=False)

    def _add_section(self, section: PlanSection) -> None:
        self.fields[f"text-{section.pk}"] = forms.CharField(
            label=section.title,
            initial=section.text,
            required=False,
            max_length=TEXT_LIMIT,
            widget=forms.Textarea(attrs={"rows": 5, "maxlength": TEXT_LIMIT}),
            error_messages={"max_length": f"最多 {TEXT_LIMIT} 字，请删减。"},
        )

    def _add_policy(self, key: str, policy: PlanPolicy | None) -> None:
        def given(name: str) -> Any:
            return getattr(policy, name) if policy else None

        for name, label, limit in (
            ("title", "政策名称", 120),
            ("document", "文号", 80),
            ("reach", "惠及对象", 120),
        ):
            self.fields[f"p{name}-{key}"] = forms.CharField(
                label=label,
                max_length=limit,
                required=bool(policy) and name == "title",
                initial=given(name),
            )
        self.fields[f"pissued_on-{key}"] = forms.DateField(
            label="印发日期",
            required=False,
            initial=given("issued_on"),
            widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
        )
        self.fields[f"phouseholds-{key}"] = forms.IntegerField(
            label="受益户数",
            required=False,
            min_value=0,
            max_value=10_000_000,
            initial=given("households"),
        )
        if policy:
            self.fields[f"premove-{key}"] = forms.BooleanField(label="移除", required=False)

    def clean(self) -> dict[str, Any]:
        """A new line needs both indicator and target."""
        data = super().clean() or {}
        if data.get("new-indicator") and data.get("target-new") is None:
            self.add_error("target-new", "请填写目标值。")
        if data.get("target-new") is not None and not data.get("new-indicator"):
            self.add_error("new-indicator", "请选一个指标。")
        return data

    # what templates walk through ------------------------------------------------------------
    def line_groups(self) -> list[tuple[PlanLine, list[forms.BoundField]]]:
        """Return each line with its fields."""
        return [(line, self._fields_of(f"{line.pk}", "")) for line in self.lines]

    def new_line(self) -> list[forms.BoundField]:
        """Return the fields of a new line."""
        return [self["new-indicator"], *self._fields_of("new", "")]

    def section_fields(self) -> list[forms.BoundField]:
        """Return the fields of the sections."""
        return [self[f"text-{section.pk}"] for section in self.sections]

    def policy_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return each policy with its fields, the new one last."""
        known = [(p.title, self._fields_of(f"{p.pk}", "p")) for p in self.policies]
        return [*known, ("添加政策", self._fields_of("new", "p"))]

    def _fields_of(self, key: str, prefix: str) -> list[forms.BoundField]:
        names: tuple[str, ...] = (
            "title",
            "document",
            "reach",
            "issued_on",
            "households",
            "remove",
        )
        if not prefix:
            names = ("target", "due", "body", "limit", "basis", "note", "remove")
        wanted = [f"{prefix}{name}-{key}" for name in names]
        return [self[name] for name in wanted if name in self.fields]

    # what the service takes -----------------------------------------------------------------
    def draft(self) -> Draft:
        """Return what was written."""
        data = self.cleaned_data
        added = {}
        if data.get("new-indicator"):
            added[self.indicators[data["new-indicator"]]] = self._line("new")
        return Draft(
            basis=data["basis"],
            lines={line.pk: self._line(f"{line.pk}") for line in self.lines},
            removed=[line.pk for line in self.lines if data.get(f"remove-{line.pk}")],
            added=added,
            texts={section.pk: data[f"text-{section.pk}"] for section in self.sections},
            policies={policy.pk: self._policy(f"{policy.pk}") for policy in self.policies},
            policies_removed=[p.pk for p in self.policies if data.get(f"premove-{p.pk}")],
            policies_added=[self._policy("new")] if data.get("ptitle-new") else [],
        )

    def _line(self, key: str) -> LineInput:
        data = self.cleaned_data
        target: Decimal = data[f"target-{key}"]
        due: date | None = data[f"due-{key}"]
        return LineInput(
            target,
            self.bodies.get(data[f"body-{key}"]),
            due,
            data[f"basis-{key}"],
            "",
            data[f"note-{key}"],
            self.indicators.get(data[f"limit-{key}"]),
        )

    def _policy(self, key: str) -> PolicyInput:
        data = self.cleaned_data
        return PolicyInput(
            data[f"ptitle-{key}"],
            data[f"pdocument-{key}"],
            data[f"pissued_on-{key}"],
            data[f"preach-{key}"],
            data[f"phouseholds-{key}"],
        )


def _named(indicators: Iterable[Indicator]) -> list[tuple[str, str]]:
    return [(item.key, f"{item.name}（{item.unit}）") for item in indicators]


class AllocationForm(forms.Form):
    """An allocation by factors: its head, the weight of each factor, a limit for each division."""

    title = forms.CharField(label="方案名称", max_length=100)
    period = forms.CharField(label="年度", max_length=9)
    total = forms.DecimalField(
        label="资金总额（元）", max_digits=18, decimal_places=2, min_value=Decimal("0.01")
    )
    basis = forms.CharField(label="依据", max_length=300)

    def __init__(
        self, *args: Any, indicators: list[Indicator], places: list[Any], **kwargs: Any
    ) -> None:
        """Offer the factors and the divisions."""
        super().__init__(*args, **kwargs)
        self.indicators, self.places = indicators, places
        for item in indicators:
            self.fields[f"w-{item.pk}"] = forms.DecimalField(
                label=f"{item.name}（{item.unit}）",
                required=False,
                min_value=0,
                max_digits=6,
                decimal_places=2,
            )
        for place in places:
            self.fields[f"cap-{place.pk}"] = forms.DecimalField(
                label=place.name, required=False, min_value=0, max_digits=18, decimal_places=2
            )

    def head(self) -> list[forms.BoundField]:
        """Return the fields of the head."""
        return [self[name] for name in ("title", "period", "total", "basis")]

    def weights(self) -> list[forms.BoundField]:
        """Return the fields of the weights."""
        return [self[f"w-{item.pk}"] for item in self.indicators]

    def caps(self) -> list[forms.BoundField]:
        """Return the fields of the limits."""
        return [self[f"cap-{place.pk}"] for place in self.places]

"""The calendar's overrides, the rules in versions, the deadlines, and what was said about them."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from responsibility.common import clock, periods
from responsibility.common.models import Recorded, Scoped
from responsibility.common.scoping import OpenQuerySet, ScopeBy, ScopedQuerySet
from responsibility.common.templatetags.ui import cn_number
from responsibility.deadlines import rules
from responsibility.deadlines.rules import LIVING, Anchor, Basis, Colour, Roll, Status, Unit
from responsibility.divisions.models import Body
from responsibility.divisions.rules import Tier


class CalendarDayQuerySet(OpenQuerySet["CalendarDay"]):
    """The days about which we know better than the package."""

    def overrides(self) -> dict[date, tuple[bool, str]]:
        """Return {date: (working, reason)}, the form that the calendar takes."""
        rows = self.filter(voided_at=None).values_list("date", "working", "reason")
        return {day: (working, reason) for day, working, reason in rows}


class CalendarDay(Recorded):
    """One day declared a working day or a day of rest, by a document."""

    date = models.DateField("日期")
    working = models.BooleanField("上班")
    reason = models.CharField("说明", max_length=60)
    basis = models.CharField("依据文件", max_length=200)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True, editable=False)

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "日历"
        ordering = ["date", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["date"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_once",
                violation_error_message="这一天已经登记过。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.date}{'上班' if self.working else '放假'}"


class RuleQuerySet(OpenQuerySet["DeadlineRule"]):
    """Versions of rules."""

    def current(self) -> Self:
        """Return the version in force of each rule."""
        return self.filter(superseded_at=None)

    def by_key(self, keys: Iterable[str]) -> "dict[str, DeadlineRule]":
        """Return the versions in force by key."""
        return {rule.key: rule for rule in self.current().filter(key__in=set(keys))}


class DeadlineRule(Recorded):
    """One version of a rule by which due dates come about.

    A change makes a new version; what was closed keeps the version it was closed under. ``steps``
    is a list of {days, colour, to, escalate, up} relative to the due date.
    """

    key = models.SlugField("键", max_length=80)
    version = models.PositiveSmallIntegerField("版本", default=1)
    title = models.CharField("名称", max_length=120)
    anchor = models.CharField("起算", max_length=14, choices=Anchor.choices())
    month_day = models.CharField("月日", max_length=5, blank=True)
    offset = models.SmallIntegerField("时长", default=0)
    unit = models.CharField("单位", max_length=12, choices=Unit.choices(), default=Unit.DAY)
    roll = models.CharField("休息日", max_length=8, choices=Roll.choices(), default=Roll.NONE)
    tier = models.CharField("层级", max_length=10, choices=Tier.choices(), blank=True)
    year_from = models.PositiveSmallIntegerField("起用年度", null=True, blank=True)
    year_to = models.PositiveSmallIntegerField("停用年度", null=True, blank=True)
    basis = models.CharField("依据种类", max_length=12, choices=Basis.choices())
    basis_text = models.CharField("依据", max_length=300)
    article = models.CharField("条号", max_length=12, blank=True)
    steps = models.JSONField("提醒步骤", default=list, blank=True)
    superseded_at = models.DateTimeField("停用时间", null=True, blank=True, editable=False)
    change_reason = models.CharField("修改理由", max_length=200, blank=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "时限规则"
        ordering = ["key", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "version"], name="%(app_label)s_%(class)s_version_once"
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(superseded_at=None),
                name="%(app_label)s_%(class)s_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(anchor=Anchor.DATE, month_day__regex=r"^\d\d-\d\d$")
                | (~Q(anchor=Anchor.DATE) & Q(month_day="")),
                name="%(app_label)s_%(class)s_month_day",
            ),
            models.CheckConstraint(
                condition=Q(year_from=None) | Q(year_to=None) | Q(year_from__lte=F("year_to")),
                name="%(app_label)s_%(class)s_years",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def spec(self) -> rules.Spec:
        """Return what decides the date."""
        return rules.Spec(
            Anchor(self.anchor), self.offset, Unit(self.unit), Roll(self.roll), self.month_day
        )

    @property
    def ladder(self) -> tuple[rules.Step, ...]:
        """Return the reminders."""
        return rules.parse_steps(self.steps)

    @property
    def in_words(self) -> str:
        """Return the rule in one sentence."""
        return rules.describe(self.spec)

    @property
    def years(self) -> str:
        """Return the years in force, in words."""
        if self.year_from and self.year_from == self.year_to:
            return f"{self.year_from}年度"
        if self.year_from is None and self.year_to is None:
            return "不限"
        return f"{self.year_from or ''}—{self.year_to or ''}年度"

    @property
    def basis_line(self) -> str:
        """Return the basis in one line: article and text."""
        article = f"细则第{cn_number(self.article)}条" if self.article else ""
        return "；".join(part for part in (article, self.basis_text) if part)


class DeadlineQuerySet(ScopedQuerySet["Deadline"]):
    """Deadlines in a territory."""

    def living(self) -> Self:
        """Return those not closed yet."""
        return self.filter(status__in=LIVING)

    def of(self, label: str, public_ids: Iterable[Any]) -> Self:
        """Return those of subjects of one model (``duties.assignment``)."""
        return self.filter(subject_type=label, subject_id__in=list(public_ids))

    def for_lines(self) -> Self:
        """Join what a line of the workbench shows, and fetch nothing else."""
        return self.select_related("rule", "body", "division").only(
            "public_id",
            "subject_type",
            "subject_id",
            "title",
            "rule_key",
            "period",
            "due_on",
            "status",
            "colour",
            "rule__basis",
            "rule__article",
            "rule__basis_text",
            "body__name",
            "division__name",
        )

    def soonest(self, n: int) -> Self:
        """Return the ``n`` that are due first; only they are joined with what they show."""
        keys = self.order_by("due_on", "id").values("pk")[:n]
        rows = type(self)(self.model)
        return rows.filter(pk__in=keys).order_by("due_on", "id")

    def due_by(self, today: date) -> Self:
        """Return those with a reminder to be sent today or earlier, in the sweep's order."""
        return self.filter(next_action_on__lte=today).order_by("next_action_on", "id")


class Deadline(Recorded, Scoped):
    """One date that a subject has to meet under a rule in a period.

    The subject is (model label, public id): the deadline knows nothing of upper apps.
    ``base_due_on`` is the rule's date; ``due_on`` adds the days that the ball lay in the
    reviewer's court (``paused_days``). ``next_action_on`` is the day of the next reminder, null
    when none is left or the deadline is not open.
    """

    SCOPE = ScopeBy("scope_path", "body_id")

    subject_type = models.CharField("对象类型", max_length=60)
    subject_id = models.UUIDField("对象编号")
    title = models.CharField("事项", max_length=200)
    body = models.ForeignKey(
        Body, models.PROTECT, verbose_name="责任主体", null=True, blank=True, related_name="+"
    )
    rule = models.ForeignKey(
        DeadlineRule, models.PROTECT, verbose_name="规则", related_name="deadlines"
    )
    rule_key = models.CharField("规则键", max_length=80)
    period = models.CharField("周期", max_length=12, blank=True)
    event_on = models.DateField("事项发生日", null=True, blank=True)
    starts_on = models.DateField("起算日")
    base_due_on = models.DateField("规则到期日")
    due_on = models.DateField("到期日")
    uncertain = models.BooleanField("按周末推算", default=False)
    moved_from = models.DateField("原到期日", null=True, blank=True)
    moved_reason = models.CharField("改期原因", max_length=200, blank=True)
    status = models.CharField("状态", max_length=12, choices=Status.choices(), default=Status.OPEN)
    colour = models.CharField("颜色", max_length=8, choices=Colour.choices(), default=Colour.NONE)
    step = models.PositiveSmallIntegerField("下一步", default=0)
    next_action_on = models.DateField("下次提醒日", null=True, blank=True)
    paused_since = models.DateField("暂停日", null=True, blank=True)
    paused_days = models.PositiveSmallIntegerField("顺延天数", default=0)
    settled_on = models.DateField("办结日", null=True, blank=True)
    close_reason = models.CharField("结束原因", max_length=200, blank=True)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "时限"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "rule_key", "period", "event_on"],
                nulls_distinct=False,
                name="%(app_label)s_%(class)s_once",
                violation_error_message="这一事项本周期的时限已经有了。",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.PAUSED, paused_since__isnull=False)
                | (~Q(status=Status.PAUSED) & Q(paused_since=None)),
                name="%(app_label)s_%(class)s_paused_together",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.OPEN) | Q(next_action_on=None),
                name="%(app_label)s_%(class)s_only_open_acts",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[Status.MET, Status.MISSED_MET], settled_on__isnull=False)
                | (~Q(status__in=[Status.MET, Status.MISSED_MET]) & Q(settled_on=None)),
                name="%(app_label)s_%(class)s_settled_together",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.CLOSED, Status.CANCELLED]) | ~Q(close_reason=""),
                name="%(app_label)s_%(class)s_closed_with_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_action_on", "id"],
                condition=Q(next_action_on__isnull=False),
                name="deadlines_next_action",
            ),
            models.Index(
                fields=["scope_path", "due_on", "id"],
                condition=Q(status__in=LIVING),
                name="deadlines_living_scope",
            ),
            models.Index(
                fields=["scope_path", "due_on", "id"],
                condition=Q(status=Status.OPEN, colour__in=[Colour.RED, Colour.YELLOW]),
                name="deadlines_late_scope",
            ),
            models.Index(
                fields=["division", "due_on", "id"],
                condition=Q(status=Status.OPEN),
                name="deadlines_owed_by_place",
            ),
            models.Index(
                fields=["body", "due_on", "id"],
                condition=Q(status=Status.OPEN),
                name="deadlines_owed_by_body",
            ),
            models.Index(fields=["scope_path", "created_at", "id"], name="deadlines_scope"),
            models.Index(fields=["created_at", "id"], name="deadlines_newest"),
            models.Index(fields=["updated_at", "id"], name="deadlines_feed"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def source(self) -> str:
        """Return the name under which its notices are kept."""
        return f"deadline:{self.public_id}"

    @property
    def period_label(self) -> str:
        """Return the period in words, or an empty text for an event's."""
        return periods.parse(self.period).label if self.period else ""

    @property
    def is_living(self) -> bool:
        """Say whether it still runs (or pauses)."""
        return self.status in LIVING

    @property
    def badge(self) -> rules.Badge:
        """Return how it shows today: tone and words."""
        return rules.badge(Status(self.status), Colour(self.colour), self.due_on, clock.today())

    def days_left(self, today: date) -> str:
        """Return the words of the badge."""
        return rules.days_left(self.due_on, today)


class ExplanationQuerySet(models.QuerySet["DeadlineExplanation"]):
    """What was said about being late."""

    def pending(self) -> Self:
        """Return those nobody has decided on."""
        return self.filter(accepted=None)


class DeadlineExplanation(Recorded):
    """An explanation (说明情况), kept on file; accepted one tier up by somebody else."""

    deadline = models.ForeignKey(
        Deadline, models.PROTECT, verbose_name="时限", related_name="explanations"
    )
    text = models.CharField("情况说明", max_length=1000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="说明人", related_name="+"
    )
    capacity = models.CharField("身份", max_length=200, blank=True)
    at = models.DateTimeField("说明时间", db_default=Now(), editable=False)
    accepted = models.BooleanField("采纳", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="受理人",
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField("受理时间", null=True, blank=True)
    remark = models.CharField("受理意见", max_length=500, blank=True)

    objects = ExplanationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "情况说明"
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted=None, decided_by=None, decided_at=None)
                | Q(accepted__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="%(app_label)s_%(class)s_decided_together",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("by")),
                name="%(app_label)s_%(class)s_not_by_oneself",
            ),
            models.UniqueConstraint(
                fields=["deadline"],
                condition=Q(accepted=None),
                name="%(app_label)s_%(class)s_one_pending",
                violation_error_message="已有一份说明在等上级受理。",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]

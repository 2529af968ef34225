"""Kinds of letters as data, letters with their target lines, remarks, signatures, confirmations."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from responsibility.common.models import Recorded, Scoped, Voidable
from responsibility.common.scoping import OpenQuerySet, ScopeBy, ScopedQuerySet
from responsibility.deadlines.rules import Basis
from responsibility.divisions.models import Body, BodyKind
from responsibility.duties.models import Duty
from responsibility.figures.models import Indicator
from responsibility.files.models import StoredFile
from responsibility.letters.rules import (
    IN_FORCE,
    LIVING,
    OPEN,
    OUTCOMES,
    PRINCIPALS,
    SIDES,
    STATES,
    State,
    Wanted,
    share,
)
from responsibility.postings.models import Post, Tenure
from responsibility.regulations.models import Programme

USER = settings.AUTH_USER_MODEL
_SIDE_CHOICES = [(key, label) for key, label in PRINCIPALS.items()]


class LetterKind(Recorded):
    """A kind of letter: who signs to whom, on which basis, in which words."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="专项", related_name="letter_kinds"
    )
    key = models.SlugField("键", max_length=60, unique=True)
    title = models.CharField("名称", max_length=60)
    bodies = models.ManyToManyField(BodyKind, verbose_name="签署方", related_name="letter_kinds")
    duty = models.ForeignKey(
        Duty, models.PROTECT, verbose_name="责任项", null=True, blank=True, related_name="+"
    )
    basis_kind = models.CharField("依据类别", max_length=12, choices=Basis.choices())
    basis = models.CharField("依据", max_length=300, blank=True)
    article = models.CharField("条", max_length=12, blank=True)
    own_signers = ArrayField(
        models.CharField(max_length=10, choices=_SIDE_CHOICES), verbose_name="签署方签署人"
    )
    counter_signers = ArrayField(
        models.CharField(max_length=10, choices=_SIDE_CHOICES),
        verbose_name="接受方签署人",
        blank=True,
        default=list,
    )
    counter_basis = models.CharField("接受方签署依据", max_length=300, blank=True)
    is_compulsory = models.BooleanField("必须签", default=False)
    allows_deputy = models.BooleanField("可由受权人代签", default=False)
    deadline_rule = models.SlugField("时限规则", max_length=80, blank=True)
    number_prefix = models.CharField("发文代字", max_length=20, blank=True)
    template = models.TextField("正文模板")
    position = models.PositiveSmallIntegerField("次序", default=0)
    retired_on = models.DateField("停用日期", null=True, blank=True)

    objects = OpenQuerySet["LetterKind"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任书种类"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title

    @property
    def wanted(self) -> list[Wanted]:
        """Return the signatures that the kind asks for, own side first."""
        own = [Wanted("own", principal) for principal in self.own_signers]
        return own + [Wanted("counter", principal) for principal in self.counter_signers]


class LetterQuerySet(ScopedQuerySet["Letter"]):
    """Letters in a territory."""

    def with_names(self) -> Self:
        """Join what every list shows."""
        return self.select_related("kind", "body__division", "counter__division", "division")

    def living(self) -> Self:
        """Return what is neither withdrawn nor replaced."""
        return self.filter(status__in=LIVING)


class Letter(Recorded, Scoped):
    """One letter of a body for a year; the text is frozen when it is issued for signing."""

    SCOPE = ScopeBy("scope_path", "body_id")

    kind = models.ForeignKey(
        LetterKind, models.PROTECT, verbose_name="种类", related_name="letters"
    )
    body = models.ForeignKey(Body, models.PROTECT, verbose_name="签署方", related_name="letters")
    counter = models.ForeignKey(
        Body, models.PROTECT, verbose_name="接受方", related_name="letters_received"
    )
    year = models.PositiveSmallIntegerField("年度")
    status = models.CharField("状态", max_length=12, choices=STATES, default=State.DRAFT)
    serial = models.PositiveIntegerField("序号", null=True, editable=False)
    number = models.CharField("编号文字", max_length=60, blank=True, editable=False)
    basis_line = models.CharField("依据", max_length=600, editable=False)
    plan_id = models.UUIDField("所据计划", null=True, editable=False)
    text = models.TextField("正文", editable=False)
    text_hash = models.CharField("正文摘要", max_length=64, blank=True, editable=False)
    duties = models.ManyToManyField(Duty, verbose_name="责任项", related_name="+")
    drafted_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="起草人", null=True, related_name="+", editable=False
    )
    issued_at = models.DateTimeField("发出签署时间", null=True, editable=False)
    signed_at = models.DateTimeField("签毕时间", null=True, editable=False)
    settled_at = models.DateTimeField("对账时间", null=True, editable=False)
    own_settled_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="签署方确认", null=True, related_name="+", editable=False
    )
    reason = models.CharField("撤回或替换原因", max_length=300, blank=True, editable=False)
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="替换",
        null=True,
        related_name="replaced_by",
        editable=False,
    )
    revision = models.PositiveIntegerField("修订号", default=1, editable=False)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任书"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "body", "year"],
                condition=Q(status__in=[state.value for state in OPEN]),
                name="%(app_label)s_%(class)s_one_draft",
            ),
            models.UniqueConstraint(
                fields=["kind", "body", "year"],
                condition=Q(status__in=[state.value for state in IN_FORCE]),
                name="%(app_label)s_%(class)s_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["kind", "year", "serial"],
                condition=Q(serial__isnull=False),
                name="%(app_label)s_%(class)s_serial_once",
            ),
            models.CheckConstraint(
                condition=~Q(basis_line=""), name="%(app_label)s_%(class)s_has_basis"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "consulting", "withdrawn"])
                | (~Q(text_hash="") & Q(issued_at__isnull=False)),
                name="%(app_label)s_%(class)s_issued_text_is_hashed",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["withdrawn", "superseded"]) | ~Q(reason=""),
                name="%(app_label)s_%(class)s_ended_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(body=F("counter")), name="%(app_label)s_%(class)s_two_parties"
            ),
        ]
        indexes = [
            models.Index("scope_path", "year", name="letters_letter_scope"),
            models.Index(fields=["counter", "year"], name="letters_letter_counter"),
            models.Index(fields=["updated_at", "id"], name="letters_letter_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.year}年度{self.kind}"


class LetterLine(Recorded):
    """One target of a letter, as it stood in the plan; settled against the ledger at year's end."""

    SCOPE = ScopeBy("letter__scope_path", "letter__body_id")

    letter = models.ForeignKey(Letter, models.PROTECT, verbose_name="责任书", related_name="lines")
    position = models.PositiveSmallIntegerField("次序")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="指标", related_name="letter_lines"
    )
    target = models.DecimalField("目标值", max_digits=24, decimal_places=6)
    baseline = models.DecimalField("上年数", max_digits=24, decimal_places=6, null=True)
    definition = models.CharField("口径", max_length=500, blank=True)
    source = models.CharField("数据来源", max_length=100, blank=True)
    responsible = models.CharField("责任部门", max_length=100, blank=True)
    due_on = models.DateField("完成时限", null=True)
    actual = models.DecimalField("完成数", max_digits=24, decimal_places=6, null=True)
    figure_id = models.UUIDField("台账数据", null=True)
    outcome = models.CharField("对账结果", max_length=12, choices=OUTCOMES, blank=True)
    short_by = models.DecimalField("差额", max_digits=24, decimal_places=6, null=True)
    explanation = models.CharField("说明", max_length=500, blank=True)

    objects = ScopedQuerySet["LetterLine"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任书指标"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "indicator"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="short") | Q(short_by__gt=0),
                name="%(app_label)s_%(class)s_short_by_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter}：{self.indicator}"

    @property
    def percent(self) -> int | None:
        """Return whole percent reached, for a bar."""
        return share(self.target, self.actual)


class LetterRemark(Recorded):
    """What the signing party says in the consultation round, and whether it was taken up."""

    SCOPE = ScopeBy("letter__scope_path", "letter__body_id")

    letter = models.ForeignKey(
        Letter, models.PROTECT, verbose_name="责任书", related_name="remarks"
    )
    line = models.ForeignKey(
        LetterLine, models.PROTECT, verbose_name="指标", null=True, blank=True, related_name="+"
    )
    text = models.CharField("意见", max_length=500)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="提出人", related_name="+")
    agreed = models.BooleanField("采纳", null=True)
    answer = models.CharField("答复", max_length=500, blank=True)
    answered_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="答复人", null=True, related_name="+"
    )
    answered_at = models.DateTimeField("答复时间", null=True)

    objects = ScopedQuerySet["LetterRemark"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "征求意见"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed=None, answered_by=None, answered_at=None)
                | (Q(agreed=True, answered_by__isnull=False, answered_at__isnull=False))
                | (Q(agreed=False, answered_by__isnull=False) & ~Q(answer="")),
                name="%(app_label)s_%(class)s_declined_with_reason",
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]


class Signature(models.Model):
    """One signature, insert-only: a principal of one side, on exactly one text.

    Who holds both posts signs once; the two rows share ``act``.
    """

    letter = models.ForeignKey(
        Letter, models.PROTECT, verbose_name="责任书", related_name="signatures"
    )
    side = models.CharField("哪一方", max_length=8, choices=SIDES)
    principal = models.CharField("正职类别", max_length=10, choices=_SIDE_CHOICES)
    post = models.ForeignKey(Post, models.PROTECT, verbose_name="岗位", related_name="+")
    tenure = models.ForeignKey(
        Tenure, models.PROTECT, verbose_name="任职", null=True, related_name="+"
    )
    title = models.CharField("职务", max_length=160)
    user = models.ForeignKey(USER, models.PROTECT, verbose_name="签署人", related_name="+")
    authority = models.CharField("受权依据", max_length=200, blank=True)
    act = models.UUIDField("签署动作")
    text_hash = models.CharField("正文摘要", max_length=64)
    digest = models.CharField("签署摘要", max_length=64)
    signed_at = models.DateTimeField("签署时间", db_default=Now(), editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "签署"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "side", "principal"], name="%(app_label)s_%(class)s_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.title}"

    @property
    def by_authority(self) -> bool:
        """Say whether a deputy signed on a recorded authority."""
        return bool(self.authority)

    @property
    def facts(self) -> dict[str, object]:
        """Return what the digest is taken over."""
        return {
            "letter": self.letter.public_id,
            "side": self.side,
            "principal": self.principal,
            "title": self.title,
            "user": self.user_id,
            "authority": self.authority,
            "act": self.act,
            "text": self.text_hash,
        }


class Confirmation(Recorded):
    """交接确认: the new principal confirms a letter that the former one signed."""

    letter = models.ForeignKey(
        Letter, models.PROTECT, verbose_name="责任书", related_name="confirmations"
    )
    side = models.CharField("哪一方", max_length=8, choices=SIDES)
    tenure = models.ForeignKey(Tenure, models.PROTECT, verbose_name="继任", related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True)
    confirmed_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="确认人", null=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "交接确认"
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "tenure"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="%(app_label)s_%(class)s_confirmed_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.tenure.post}"


class LetterScan(Recorded, Voidable):
    """A scan of the paper that was signed: never compulsory, never compared with the text."""

    SCOPE = ScopeBy("letter__scope_path", "letter__body_id")

    letter = models.ForeignKey(Letter, models.PROTECT, verbose_name="责任书", related_name="scans")
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name="文件", related_name="+")
    name = models.CharField("文件名", max_length=200)
    uploaded_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="上传人", related_name="+", editable=False
    )

    objects = ScopedQuerySet["LetterScan"].as_manager()

    class Meta(Voidable.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "签字扫描件"
        constraints = [
            *Voidable.Meta.constraints,
            models.UniqueConstraint(
                fields=["letter", "file"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

"""意见建议: what users say, and what the office answers."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from responsibility.common.models import Recorded
from responsibility.common.rights import Right
from responsibility.common.scoping import Somebody, access_of
from responsibility.dashboard.rules import TOPICS


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """What was said."""

    def visible_to(self, user: Somebody, right: Right = Right.VIEW) -> Self:
        """Return one's own, or all to whoever answers."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        if access_of(user).has(Right.ANSWER_FEEDBACK):
            return self.all()
        return self.filter(author_id=user.pk)


class Feedback(Recorded):
    """One remark of a user on the system or on what is asked of him."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="提出人", related_name="+"
    )
    role = models.CharField("身份", max_length=200, blank=True)
    topic = models.CharField("类别", max_length=10, choices=TOPICS)
    text = models.CharField("内容", max_length=1000)
    page = models.CharField("页面", max_length=200, blank=True)
    answer = models.CharField("答复", max_length=1000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="答复人",
        null=True,
        blank=True,
        related_name="+",
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "意见建议"
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="%(app_label)s_%(class)s_answered_together",
            )
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="dashboard_feedback_newest")
        ]

    def __str__(self) -> str:
        return self.text[:30]

"""What is checked on a report of a kind: rules as rows."""

from django.db import models

from responsibility.reports.models.kinds import ReportKind
from responsibility.reports.rules import CheckRule, Severity


class ReportCheck(models.Model):
    """One check; the shape of ``params`` by rule stands in ``rules.kinds.PARAMS``.

    ``message`` may name the numbers: ``{value}``, ``{other}``, ``{limit}``; blank means the
    rule's own words.
    """

    kind = models.ForeignKey(ReportKind, models.PROTECT, verbose_name="报表", related_name="checks")
    key = models.SlugField("键", max_length=60)
    severity = models.CharField("轻重", max_length=8, choices=Severity.choices())
    rule = models.CharField("校验", max_length=14, choices=CheckRule.choices())
    params = models.JSONField("参数", default=dict)
    message = models.CharField("提示", max_length=200, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "报表校验"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return self.message or self.get_rule_display()

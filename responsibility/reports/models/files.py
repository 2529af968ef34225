"""What is attached to a report: links to stored files, by section."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from responsibility.common.models import Recorded, Voidable
from responsibility.common.scoping import ScopeBy, ScopedQuerySet
from responsibility.files.models import StoredFile
from responsibility.reports.models.kinds import SectionDef
from responsibility.reports.models.report import Report


class ReportFile(Recorded, Voidable):
    """A file of an attachments section: optional, deduplicated."""

    SCOPE = ScopeBy("report__scope_path", "report__body_id")

    report = models.ForeignKey(Report, models.PROTECT, verbose_name="报告", related_name="files")
    section = models.ForeignKey(SectionDef, models.PROTECT, verbose_name="章节", related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name="文件", related_name="+")
    name = models.CharField("文件名", max_length=200)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人", related_name="+"
    )

    objects = ScopedQuerySet["ReportFile"].as_manager()

    class Meta(Voidable.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "报告附件"
        constraints = [
            *Voidable.Meta.constraints,
            models.UniqueConstraint(
                fields=["report", "section", "file"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

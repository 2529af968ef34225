"""Interpretations (art. 39) and local measures (art. 38)."""

from datetime import date
from typing import Any

from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common.errors import Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Division
from responsibility.regulations.models import Article, Interpretation, LocalMeasure


@transaction.atomic
def add_interpretation(
    *, by: Any, article: Article, text: str, issuer: str, document: str, issued_on: date
) -> Interpretation:
    """Record how the office reads an article (第三十九条: 由市扶贫开发领导小组办公室解释)."""
    access_of(by).require(Right.MANAGE_REGULATIONS)
    row = Interpretation.objects.create(
        article=article,
        text=text,
        issuer=issuer,
        document=document,
        issued_on=issued_on,
        recorded_by=by,
    )
    audit.record(by=by, verb="regulation.interpret", target=row, new={"text": text})
    return row


@transaction.atomic
def record_local_measure(
    *,
    by: Any,
    division: Division,
    article: Article,
    title: str,
    document: str,
    text: str,
    issued_on: date,
) -> LocalMeasure:
    """Record a county's own measure under an article (第三十八条)."""
    access_of(by).require(Right.RECORD_MEASURES, division)
    if division.tier != "county":
        raise Invalid("本地办法由县（市、区）、市属开发区制定。", where="division")
    row = LocalMeasure(
        article=article,
        title=title,
        document=document,
        text=text,
        issued_on=issued_on,
        recorded_by=by,
    )
    row.place(division)
    row.save()
    audit.record(by=by, verb="regulation.local_measure", target=row, new={"title": title})
    return row

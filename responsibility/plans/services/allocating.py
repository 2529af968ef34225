"""The yearly allocation of special funds by factors: worked out, checked again, adopted."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock, periods
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Body, Division
from responsibility.figures.models import Indicator
from responsibility.flow import reviewing
from responsibility.plans import rules
from responsibility.plans.models import Allocation, AllocationFactor, AllocationShare
from responsibility.plans.rules import BadSplit
from responsibility.plans.rules.apportion import CENT, by_factors
from responsibility.plans.services.drafting import check_year, require_writer
from responsibility.plans.services.splitting import ledger

ADOPTER = Right.SUBMIT


@dataclass(frozen=True)
class Factor:
    """A factor as it is chosen."""

    indicator: Indicator
    weight: Decimal


def _children(body: Body) -> list[Division]:
    return list(Division.objects.living().filter(parent_id=body.division_id).in_order())


def work_out(
    *,
    children: list[Division],
    total: Decimal,
    factors: list[Factor],
    period: str,
    caps: Mapping[int, Decimal],
) -> tuple[dict[int, dict[str, str]], dict[int, Decimal]]:
    """Return the factor values and the amounts of each division (by id); raise Invalid.

    Amounts are in 元, exact to the 分, and add up to the total.
    """
    if not factors:
        raise Invalid("请至少选一个因素。", where="factors")
    known = ledger(children, {item.indicator.key for item in factors}, period)
    values = {
        item.indicator.name: {
            child.pk: known.get((child.pk, item.indicator.key), Decimal(0)) for child in children
        }
        for item in factors
    }
    try:
        shares = by_factors({item.indicator.name: item.weight for item in factors}, values)
        amounts = rules.apportion(total, shares, CENT, caps)
    except BadSplit as error:
        raise Invalid(str(error)) from None
    detail = {
        child.pk: {
            item.indicator.key: f"{values[item.indicator.name][child.pk].normalize():f}"
            for item in factors
        }
        for child in children
    }
    return detail, amounts


@transaction.atomic
def draft_allocation(
    *,
    by: Any,
    body: Body,
    period: str,
    title: str,
    total: Decimal,
    basis: str,
    factors: list[Factor],
    caps: Mapping[int, Decimal] | None = None,
) -> Allocation:
    """Work out an allocation from the ledger's numbers of the year before.

    ``caps`` limit divisions (by id). Raises Invalid, Conflict (the same title again).
    """
    require_writer(by, body)
    found = _year(period)
    if not body.is_main:
        raise Invalid("资金分配方案由本级党委、政府编制。")
    _check_head(title, basis, total, factors)
    if Allocation.objects.filter(body=body, period=found, title=title, voided_at=None).exists():
        raise Conflict("这一年已有同名方案，请改名或先作废。", where="title")
    before = periods.previous(periods.parse(found)).code
    children = _children(body)
    detail, amounts = work_out(
        children=children, total=total, factors=factors, period=before, caps=caps or {}
    )
    row = Allocation(body=body, period=found, title=title, total=total, basis=basis, drafted_by=by)
    row.place(body.division)
    row.save()
    AllocationFactor.objects.bulk_create(
        AllocationFactor(
            allocation=row, indicator=item.indicator, period=before, weight=item.weight
        )
        for item in factors
    )
    _write_shares(row, children, detail, amounts, caps or {})
    new = {"total": str(total), "factors": {x.indicator.key: str(x.weight) for x in factors}}
    audit.record(by=by, verb="plans.allocate", target=row, new=new)
    return row


def _year(period: str) -> str:
    try:
        found = periods.parse(period.strip())
    except ValueError:
        raise Invalid("年度写法不对，应如 2020。", where="period") from None
    if found.type is not periods.PeriodType.YEAR:
        raise Invalid("年度写法不对，应如 2020。", where="period")
    check_year(found, clock.today())
    return found.code


def _check_head(title: str, basis: str, total: Decimal, factors: list[Factor]) -> None:
    if not title.strip():
        raise Invalid("请填写方案名称。", where="title")
    if not basis.strip():
        raise Invalid("请写明依据。", where="basis")
    if total <= 0 or total != total.quantize(CENT):
        raise Invalid("总额应大于 0，最多到分。", where="total")
    if len({item.indicator.pk for item in factors}) != len(factors):
        raise Invalid("同一因素选了两次，请核对。", where="factors")


def _write_shares(
    row: Allocation,
    children: list[Division],
    detail: Mapping[int, dict[str, str]],
    amounts: Mapping[int, Decimal],
    caps: Mapping[int, Decimal],
) -> None:
    shares = []
    for child in children:
        share = AllocationShare(
            allocation=row,
            values=detail[child.pk],
            amount=amounts[child.pk],
            cap=caps.get(child.pk),
        )
        share.place(child)
        shares.append(share)
    AllocationShare.objects.bulk_create(shares)


def shares_of(row: Allocation) -> "QuerySet[AllocationShare]":
    """Return an allocation's lines in the standard order."""
    return row.shares.select_related("division").order_by("division__sort_key", "id")


def recompute(row: Allocation) -> dict[int, Decimal]:
    """Return the amounts (by division id) worked out anew from the stored factor values."""
    factors = list(row.factors.select_related("indicator").order_by("id"))
    shares = list(shares_of(row))
    values = {
        item.indicator.key: {
            share.division_id: Decimal(share.values.get(item.indicator.key, "0"))
            for share in shares
        }
        for item in factors
    }
    parts = by_factors({item.indicator.key: item.weight for item in factors}, values)
    caps = {share.division_id: share.cap for share in shares if share.cap is not None}
    return rules.apportion(row.total, parts, CENT, caps)


@transaction.atomic
def adopt(*, by: Any, allocation: Allocation) -> Allocation:
    """审定: a second person of the body; the amounts are worked out again before."""
    row = _lock(allocation)
    if not any(reviewing.is_own(g, row.body) for g in access_of(by).with_right(ADOPTER)):
        access_of(by).require(Right.VIEW, row)
        raise Forbidden("须由本单位有报送权限的人员审定。")
    if by.pk == row.drafted_by_id:
        raise Forbidden("拟稿人不能审定自己拟的方案。")
    if row.adopted_at:
        raise Conflict("已经审定。")
    stored = {share.division_id: share.amount for share in row.shares.all()}
    if recompute(row) != stored:
        raise Conflict("复算与方案不一致，不能审定，请重新编制。")
    row.adopted_at, row.adopted_by = Now(), by
    row.save()
    audit.record(by=by, verb="plans.allocation_adopt", target=row, new={"total": str(row.total)})
    return row


@transaction.atomic
def void_allocation(*, by: Any, allocation: Allocation, reason: str) -> Allocation:
    """作废 an allocation that was not adopted."""
    row = _lock(allocation)
    require_writer(by, row.body)
    if row.adopted_at:
        raise Conflict("已经审定的方案不能作废。")
    if not reason.strip():
        raise Invalid("请写明作废原因。", where="reason")
    row.voided_at, row.voided_by, row.void_reason = Now(), by, reason.strip()[:200]
    row.save()
    audit.record(by=by, verb="plans.void", target=row, note=reason)
    return row


def _lock(allocation: Allocation) -> Allocation:
    row = (
        Allocation.objects.select_for_update(of=("self",))
        .select_related("body__division")
        .get(pk=allocation.pk)
    )
    if row.voided_at:
        raise Conflict("这个方案已经作废。")
    return row


def factor_choices() -> "QuerySet[Indicator]":
    """Return the indicators that may be a factor: numbers that add up."""
    return Indicator.objects.filter(retired_on=None).exclude(nature="ratio").order_by("position")

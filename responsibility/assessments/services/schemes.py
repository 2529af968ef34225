"""Schemes: drafted, checked, issued, revised, copied, tried on a year's data."""

import re
from pathlib import Path
from typing import Any

import yaml
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from responsibility.assessments.models import SchemeVersion
from responsibility.assessments.rules import (
    Known,
    Problem,
    Scheme,
    SchemeError,
    dump_scheme,
    parse_scheme,
    validate,
)
from responsibility.assessments.rules.scheme import STANDINGS, SUBJECTS
from responsibility.audit import services as audit
from responsibility.audit.rules import canonical, digest
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid, Stale
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Division
from responsibility.figures.models import Indicator
from responsibility.regulations.models import Clause, Programme, RegulationVersion

RIGHT = Right.MANAGE_ASSESSMENTS
LIMIT = 400_000
SLUG = re.compile(r"^[a-z0-9][a-z0-9_-]*$")


def require(by: Any, row: SchemeVersion) -> None:
    """Raise unless the user keeps schemes at the scheme's place."""
    held = access_of(by)
    if held.allows(RIGHT, row):
        return
    if SchemeVersion.objects.visible_to(by).filter(pk=row.pk).exists():
        raise Forbidden("方案由制定方案的领导小组办公室维护。")
    held.require(RIGHT, row)


def require_view(by: Any, row: SchemeVersion) -> None:
    """Raise unless the user keeps schemes somewhere (copying needs no right at its place)."""
    if not access_of(by).has(RIGHT):
        require(by, row)


def read(data: Any) -> Scheme:
    """Read plain data as a scheme; Invalid says where it cannot be read and how to mend it."""
    try:
        return checked(parse_scheme(data))
    except SchemeError as error:
        raise Invalid(str(error)[:500], where="content") from None


def checked(scheme: Scheme) -> Scheme:
    """Return a scheme whose own fields can be stored; Invalid names the first that cannot."""
    if scheme.subjects not in SUBJECTS:
        raise Invalid(f"subjects 应为：{'、'.join(SUBJECTS)}。", where="content")
    if scheme.standing not in STANDINGS:
        raise Invalid(f"standing 应为：{'、'.join(STANDINGS)}。", where="content")
    if not 2000 <= scheme.year <= 2100:
        raise Invalid("year 不合常理，请核对年份。", where="content")
    if not SLUG.match(scheme.key):
        raise Invalid("key 只能用小写字母、数字和短横线。", where="content")
    if len(scheme.key) > 60 or len(scheme.title) > 200:
        raise Invalid("key 不超过 60 字，title 不超过 200 字。", where="content")
    return scheme


def read_text(text: str) -> Scheme:
    """Read YAML text as a scheme."""
    if len(text) > LIMIT:
        raise Invalid("文件太大，方案不应超过 400 千字。", where="content")
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"第 {mark.line + 1} 行" if mark else "文件"
        raise Invalid(f"{place}不是正确的 YAML，请检查缩进和冒号。", where="content") from None
    return read(data)


def write_text(row: SchemeVersion) -> str:
    """Write a scheme as YAML that reads back to an equal scheme."""
    text: str = yaml.safe_dump(row.content, allow_unicode=True, sort_keys=False, width=100)
    return text


def _fill(row: SchemeVersion, scheme: Scheme, by: Any) -> None:
    row.key, row.title, row.year = scheme.key, scheme.title, scheme.year
    row.subjects, row.standing = scheme.subjects, scheme.standing
    row.content = dump_scheme(scheme)
    row.digest = digest(canonical(row.content))
    row.edited_by = by if getattr(by, "is_authenticated", False) else None
    row.__dict__.pop("scheme", None)


@transaction.atomic
def create(*, by: Any, division: Division, scheme: Scheme, is_demo: bool = False) -> SchemeVersion:
    """Start a draft at a place; Conflict when that key exists there already."""
    row = SchemeVersion(programme=_programme(scheme.programme), is_demo=is_demo)
    row.place(division)
    if by is not None:
        access_of(by).require(RIGHT, row)
    _fill(row, scheme, by)
    known = SchemeVersion.objects.filter(division=division, key=scheme.key).exists()
    if known:
        raise Conflict(f"已经有编号为“{scheme.key}”的方案，请换一个 key，或在原方案上修订。")
    row.save()
    audit.record(by=by, verb="assessments.scheme.create", target=row, new=_facts(row))
    return row


def _programme(name: str) -> Programme:
    found = Programme.objects.filter(name=name).first() or Programme.objects.order_by("id").first()
    if found is None:
        raise Conflict("还没有专项，请先导入细则。")
    return found


def _facts(row: SchemeVersion) -> dict[str, Any]:
    return {"key": row.key, "title": row.title, "version": row.version, "digest": row.digest}


def _lock(row: SchemeVersion, revision: int | None = None) -> SchemeVersion:
    found = SchemeVersion.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if revision is not None and found.revision != revision:
        raise Stale("方案刚被别人改过。您改的内容还在下面，请对照新内容再保存。")
    return found


@transaction.atomic
def save(
    *, by: Any, row: SchemeVersion, scheme: Scheme, revision: int | None = None
) -> SchemeVersion:
    """Write a draft's content. The key stays; an issued version is never changed."""
    found = _lock(row, revision)
    require(by, found)
    if found.issued_at:
        raise Conflict("已印发的方案不能改，请先修订出新的一版。")
    if scheme.key != found.key:
        raise Invalid(f"key 应保持“{found.key}”不变。", where="content")
    before = found.digest
    _fill(found, scheme, by)
    found.revision += 1
    found.save()
    if before != found.digest:
        old = {"digest": before}
        audit.record(
            by=by, verb="assessments.scheme.edit", target=found, old=old, new=_facts(found)
        )
    return found


@transaction.atomic
def revise(*, by: Any, row: SchemeVersion, reason: str) -> SchemeVersion:
    """Open the next version of an issued scheme; runs under the old one stay with it."""
    found = _lock(row)
    require(by, found)
    if not found.issued_at or found.retired_at:
        raise Conflict("只有正在执行的方案可以修订。")
    if not reason.strip():
        raise Invalid("修改原因没有填。", where="reason")
    later = SchemeVersion(
        programme=found.programme,
        version=found.version + 1,
        previous=found,
        change_reason=reason.strip()[:300],
        is_demo=found.is_demo,
    )
    later.place(found.division)
    _fill(later, found.scheme, by)
    try:
        with transaction.atomic():
            later.save()
    except IntegrityError:
        raise Conflict("已经有一份修订中的草稿，请接着改那一份。") from None
    audit.record(by=by, verb="assessments.scheme.revise", target=later, note=reason[:300])
    return later


@transaction.atomic
def copy(*, by: Any, row: SchemeVersion, year: int, key: str) -> SchemeVersion:
    """Copy a scheme into another year under a new key, as a draft of the user's office."""
    if not 2000 <= year <= 2100:
        raise Invalid("年度不合常理。", where="year")
    data = {**row.content, "year": year, "key": key.strip()}
    if not key.strip() or len(key) > 60:
        raise Invalid("编号没有填，或者超过 60 字。", where="key")
    held = access_of(by).with_right(RIGHT)
    places = Division.objects.filter(pk__in=[grant.division_id for grant in held])
    division = places.filter(pk=row.division_id).first() or places.order_by("path").first()
    if division is None:
        raise Forbidden("您没有组织考核的权限。")
    return create(by=by, division=division, scheme=read(data))


def known() -> Known:
    """Return what schemes are checked against: indicators in use, clauses of adopted texts."""
    version = RegulationVersion.objects.order_by("-id").first()
    rows = Clause.objects.filter(article__version=version).values_list("article__number", "number")
    clauses = {name for article, number in rows for name in (article, f"{article}-{number}")}
    indicators = Indicator.objects.filter(retired_on=None).values_list("name", "key")
    return Known(indicators=list(indicators), clauses=clauses)


def problems_of(row: SchemeVersion) -> list[Problem]:
    """Return what is wrong with a scheme; warnings do not stop issuing."""
    return validate(row.scheme, known())


@transaction.atomic
def issue(*, by: Any, row: SchemeVersion, revision: int | None = None) -> SchemeVersion:
    """印发 a draft that holds; the version before retires. Invalid names the first problem."""
    found = _lock(row, revision)
    require(by, found)
    if found.issued_at:
        raise Conflict("这一版已经印发。")
    wrong = [item for item in problems_of(found) if not item.warning]
    if wrong:
        more = f"；另有 {len(wrong) - 1} 处" if len(wrong) > 1 else ""
        raise Invalid(f"{wrong[0].where}：{wrong[0].message}{more}。")
    SchemeVersion.objects.in_force().filter(division=found.division_id, key=found.key).update(
        retired_at=Now()
    )
    found.issued_at, found.issued_by = Now(), by
    found.revision += 1
    found.save()
    found.refresh_from_db(fields=["issued_at"])
    audit.record(by=by, verb="assessments.scheme.issue", target=found, new=_facts(found))
    return found


def import_file(*, path: Path, division: Division, by: Any = None) -> tuple[SchemeVersion, bool]:
    """Load a YAML file as a draft at a place; the same content again is a no-op.

    Returns the version and whether it is new. Raises Invalid, Conflict.
    """
    scheme = read_text(path.read_text(encoding="utf-8"))
    found = (
        SchemeVersion.objects.filter(division=division, key=scheme.key).order_by("-version").first()
    )
    if found is None:
        return create(by=by, division=division, scheme=scheme, is_demo=False), True
    if found.content == dump_scheme(scheme):
        return found, False
    if found.issued_at:
        raise Conflict(f"“{found.title}”已经印发，请在系统里修订，不能用文件覆盖。")
    with transaction.atomic():
        row = _lock(found)
        _fill(row, scheme, by)
        row.revision += 1
        row.save()
        audit.record(by=by, verb="assessments.scheme.edit", target=row, new=_facts(row))
    return row, True


def template(*, division: Division, year: int | None = None) -> dict[str, Any]:
    """Return the plain data of an empty scheme to begin with."""
    made = year or clock.today().year
    return {
        "key": f"scheme-{made}-{division.code[:6].lower()}",
        "title": f"{made}年度成效考核方案",
        "year": made,
        "subjects": "counties",
        "standing": "issued",
        "basis": "",
        "grades": [{"name": "好", "low": "90"}, {"name": "一般", "low": "0"}],
        "children": [],
    }

"""Special reports of the demo city: one in force with a short deadline, one before the gate."""

from datetime import date, timedelta
from typing import Any

from accounts.models import User
from responsibility.common import calendar
from responsibility.divisions.models import BodyKind
from responsibility.figures.models import Indicator
from responsibility.reports.models import ReportKind
from responsibility.reports.services import designing, gate

URGENT: dict[str, Any] = {
    "basis_kind": "superior",
    "basis": "省扶贫办电话通知（演示数据）",
    "purpose": "核对冬季取暖保障情况，答复省里",
    "short_reason": "省里限两日内汇总上报",
}
PHOTOVOLTAIC: dict[str, Any] = {
    "basis_kind": "local",
    "basis": "市政府专题会议纪要（演示数据）",
    "purpose": "核定村级光伏扶贫电站运维费用",
}
STATION = {
    "name": "光伏扶贫电站",
    "unit": "座",
    "definition": "年末并网的村级光伏扶贫电站",
    "nature": "stock",
    "basis": "市政府专题会议纪要",
    "purpose": "核定运维费用",
}


def make_kinds(users: dict[str, User], today: date) -> int:
    """Make both as the office does; nothing when they are there."""
    if ReportKind.objects.filter(rhythm="once", is_template=False).exists():
        return 0
    office, second = users["office-3715"], users["reviewer-3715"]
    urgent = _draft(office, "冬季取暖保障情况专项报告", {**URGENT, "due_on": _after(today, 2)})
    gate.propose(by=office, kind=urgent)
    gate.decide(by=second, kind=urgent, approve=True)
    asked = _draft(office, "光伏扶贫电站专项报告", {**PHOTOVOLTAIC, "due_on": _after(today, 7)})
    table = designing.add_section(by=office, kind=asked, section_kind="figures", title="二、数据")
    given: dict[str, Any] = {"by": office, "kind": asked, "key": table.key}
    designing.add_wish(**given, values=STATION)
    known = Indicator.objects.filter(key="i-poor-households").first()
    if known:
        designing.add_cell(**given, indicator=known)
    gate.propose(by=office, kind=asked)
    return 2


def _draft(office: User, title: str, values: dict[str, Any]) -> ReportKind:
    template = ReportKind.objects.filter(key="special").first()
    row = designing.create_kind(by=office, title=title, copy_of=template)
    counties = BodyKind.objects.filter(key__in=["county.main", "zone.main"])
    return designing.save_head(by=office, kind=row, values=values, submitters=counties)


def _after(day: date, working: int) -> date:
    while working:
        day += timedelta(days=1)
        working -= calendar.look_up(day).working
    return day

"""This year's county reports of the demo city, each at another point of its way."""

from accounts.models import User
from responsibility.common import clock
from responsibility.common.errors import DomainError
from responsibility.divisions.models import Body
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.services import filling, review

STAGES = ("archived", "submitted", "returned", "draft", "awaiting", "submitted", "passed")
TEXTS = {
    "organisation": "县（市、区）党委、政府多次研究脱贫攻坚工作，主要负责人遍访贫困村，"
    "领导小组按月调度，责任逐级分解到乡镇、村和帮扶责任人。",
    "measures": "抓产业、抓就业、抓兜底，逐户制定帮扶措施，定期走访，动态管理到位。",
    "problems": "个别乡镇档案不够规范，已列入整改台账，年底前完成。",
    "plan": "巩固提升，建立防返贫监测机制，继续做好驻村帮扶。",
}


def make_reports(users: dict[str, User], year: int) -> int:
    """Open the year's reports and lead each to its stage, by the services that users call."""
    kind = ReportKind.objects.in_force(clock.today()).filter(key="county-yearly").first()
    if kind is None or Report.objects.exists():
        return 0
    bodies = Body.objects.filter(kind__key="county.main", ended_on=None).select_related(
        "division", "kind"
    )
    made = 0
    for number, body in enumerate(bodies.order_by("division__sort_key")):
        stage = STAGES[number % len(STAGES)]
        try:
            _lead(users, kind, body, str(year), stage)
        except DomainError:
            continue
        made += 1
    return made


def _lead(users: dict[str, User], kind: ReportKind, body: Body, period: str, stage: str) -> None:
    code = body.division.short_code
    recorder, secretary = users[f"recorder-{code}"], users[f"secretary-{code}"]
    office = users["office-3715"]
    report = filling.open_report(by=recorder, kind=kind, body=body, period=period)
    Report.objects.filter(pk=report.pk).update(is_demo=True)
    if stage == "draft":
        return
    filling.save_texts(by=recorder, report=report, texts=TEXTS)
    report = filling.hand_in(by=recorder, report=report)
    if stage == "awaiting":
        return
    report = filling.approve(by=secretary, report=report, agree=True)
    if stage == "returned":
        remarks = {"problems": "请写清涉及的乡镇、问题个数和完成时限。"}
        review.return_report(by=office, report=report, remarks=remarks)
    elif stage in ("passed", "archived"):
        report = review.pass_report(by=office, report=report)
        if stage == "archived":
            review.archive(by=office, report=report)

"""Assessments of the demo city: the counties' run published, 冠县's run of townships under way."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings

from accounts.models import User
from responsibility.assessments.models import AssessmentRun, Rectification, SchemeVersion, Subject
from responsibility.assessments.rules.running import Stage
from responsibility.assessments.services import (
    appeals,
    filling,
    freezing,
    mending,
    running,
    schemes,
    verifying,
)
from responsibility.assessments.services.collecting import asked_of
from responsibility.assessments.services.filling import Answer
from responsibility.assessments.services.verifying import Checked
from responsibility.common import clock
from responsibility.divisions.models import Division

CITY, COUNTY = "3715", "371525"
OFFICE, INSPECTOR = f"office-{CITY}", f"inspector-{CITY}"
JUDGED: dict[str, Any] = {
    "key": "judged",
    "name": "工作创新",
    "full": "10",
    "basis": "本市设定（演示）",
    "source": "市扶贫办评定",
    "verifier": "市扶贫办",
    "words": "形成可推广的做法，由核验人在 0 到 10 分之间评定并说明理由",
    "rule": {"kind": "manual"},
}
MARKS = (Decimal(8), Decimal(9), Decimal(7), Decimal("8.5"), Decimal(10))
ANSWERS = {True: "补充的文件属实，调整评定。", False: "补充的材料与评定标准无关，维持原评定。"}
SHARES = (Decimal(96), Decimal(88), Decimal(101), Decimal(92), Decimal(79))
TOWNSHIPS: dict[str, Any] = {
    "key": "guanxian-townships",
    "title": "冠县乡镇（街道）责任制落实考核（演示方案）",
    "subjects": "townships",
    "standing": "proposal",
    "basis": "演示方案，不是县里的文件",
    "grades": [{"name": "好", "low": 90}, {"name": "较好", "low": 75}, {"name": "一般", "low": 0}],
    "children": [
        {
            "key": "duties",
            "name": "责任事项按期完成",
            "full": 60,
            "clause": "12",
            "rule": {"kind": "ratio", "value": "done", "of": "assigned"},
            "items": [
                {
                    "key": "done",
                    "name": "没有逾期事项的责任",
                    "unit": "项",
                    "source_kind": "duties",
                    "source": "duties.kept",
                },
                {
                    "key": "assigned",
                    "name": "应承担的责任事项",
                    "unit": "项",
                    "source_kind": "duties",
                    "source": "duties.assigned",
                },
            ],
        },
        {
            "key": "visits",
            "name": "重点户走访",
            "full": 40,
            "clause": "12",
            "source": "乡镇填报",
            "rule": {"kind": "ratio", "value": "visited", "of": "households"},
            "items": [
                {"key": "visited", "name": "已走访的重点户", "unit": "户"},
                {"key": "households", "name": "列入走访计划的重点户", "unit": "户"},
            ],
        },
    ],
}


def make_assessments(users: dict[str, User], year: int) -> int:
    """Load the shipped schemes as drafts and lead two runs by the services that users call."""
    if SchemeVersion.objects.exists():
        return 0
    city = Division.objects.get(code=CITY.ljust(12, "0"))
    for path in sorted((settings.SHIPPED_DATA / "schemes").glob("*.yaml")):
        schemes.import_file(path=path, division=city)
    _counties(users, city, year)
    _townships(users, year)
    return AssessmentRun.objects.count()


def _issued(by: User, place: Division, content: dict[str, Any]) -> SchemeVersion:
    row = schemes.create(by=by, division=place, scheme=schemes.read(content), is_demo=True)
    return schemes.issue(by=by, row=row)


def _proposal(year: int) -> dict[str, Any]:
    """Return the shipped proposal for this year, ten marks of it judged by the verifier."""
    shipped = SchemeVersion.objects.get(key="liaocheng-proposal")
    data: dict[str, Any] = {**shipped.content, "key": f"liaocheng-{year}", "year": year}
    data["title"] = f"{year}年度县级责任制落实考核（演示方案）"
    organisation = data["children"][0]
    duties = next(leaf for leaf in organisation["children"] if leaf["key"] == "duties")
    duties["full"], organisation["full"] = "15", "45"
    data["children"] = [*data["children"], JUDGED]
    return data


def _counties(users: dict[str, User], city: Division, year: int) -> None:
    office, inspector = users[OFFICE], users[INSPECTOR]
    run = running.open_run(
        by=office, scheme=_issued(office, city, _proposal(year)), seed=str(year), is_demo=True
    )
    running.set_verifiers(by=office, run=run, chosen=[(inspector, "")])
    run = _to(office, run, Stage.COLLECTING, Stage.SELF)
    for subject in run.subjects.with_names().order_by("position"):
        _assess(users, subject)
    run = _to(office, run, Stage.VERIFYING)
    for number, entry in enumerate(verifying.queue(inspector, run).filter(sampled=True)):
        manual = MARKS[number % len(MARKS)] if entry.leaf == "judged" else None
        reason = "有文件、有做法、有成效，按评定标准给分" if manual is not None else ""
        note = "已查阅来源" if manual is None else ""
        checked = Checked({}, note=note, manual=manual, manual_reason=reason)
        verifying.verify(by=inspector, entry=entry, checked=checked)
    run = _to(office, run, Stage.COMPOSED, Stage.NOTICED)
    _appeals(users, run)
    today = clock.today()  # the notice went out a month ago: the days for appeals are over
    dates = {"noticed_on": today - timedelta(days=30), "appeal_due": today - timedelta(days=20)}
    AssessmentRun.objects.filter(pk=run.pk).update(**dates)
    run = freezing.freeze(by=office, run=run)
    freezing.publish(by=office, run=run, marks=True)
    _mend(users, run)


def _to(by: User, run: AssessmentRun, *stages: Stage) -> AssessmentRun:
    for stage in stages:
        run = running.advance(by=by, run=run, expected=stage)
    return run


def _assess(users: dict[str, User], subject: Subject) -> None:
    """Type what no ledger holds, explain one leaf, hand in."""
    code = subject.division.short_code
    asked: dict[str, dict[str, Decimal | None]] = {}
    targets = dict(subject.items.filter(key="target").values_list("leaf", "value"))
    for number, item in enumerate(asked_of(subject)):
        share = SHARES[(number + subject.position) % len(SHARES)]
        target = targets.get(item.leaf) or Decimal(100)
        asked.setdefault(item.leaf, {})[item.key] = (target * share / 100).quantize(Decimal(1))
    for leaf, values in asked.items():
        given = Answer(values=values, note="按本单位台账填写，台账在单位留存备查。")
        filling.answer(by=users[f"recorder-{code}"], subject=subject, leaf=leaf, given=given)
    sender = users.get(f"reviewer-{code}") or users[f"secretary-{code}"]
    filling.submit(by=sender, subject=subject, statement="数据已与台账核对，如实自评。")


def _appeals(users: dict[str, User], run: AssessmentRun) -> None:
    """One appeal granted, one refused, both on what the verifier judged."""
    office = users[OFFICE]
    for code, granted in ((COUNTY, True), ("371502", False)):
        subject = run.subjects.with_names().get(division__code=code.ljust(12, "0"))
        made = appeals.file_appeal(
            by=users[f"reviewer-{code}"],
            subject=subject,
            leaf="judged",
            reason="我单位的做法已被推广，材料在自评时漏报，现补充说明，请予复核。",
        )
        appeals.decide(
            by=office,
            appeal=made,
            granted=granted,
            reason="补充的文件属实，调整评定。"
            if granted
            else "补充的材料与评定标准无关，维持原评定。",
            manual=Decimal("9.5") if granted else None,
        )


def _mend(users: dict[str, User], run: AssessmentRun) -> None:
    """冠县 reports its first rectification and it is closed; the next one waits for 销号."""
    rows = Rectification.objects.filter(subject__run=run, division__code=COUNTY.ljust(12, "0"))
    for number, row in enumerate(rows.order_by("id")[:2]):
        text = "已逐乡镇核对未完成的责任事项，明确责任人和完成时限，本月内全部补齐。"
        row = mending.report(by=users[f"recorder-{COUNTY}"], row=row, text=text)
        if number == 0:
            mending.decide(by=users[OFFICE], row=row, closed=True, answer="已核实。")


def _townships(users: dict[str, User], year: int) -> None:
    office = users[f"office-{COUNTY}"]
    place = Division.objects.get(code=COUNTY.ljust(12, "0"))
    scheme = _issued(office, place, {**TOWNSHIPS, "year": year})
    run = running.open_run(by=office, scheme=scheme, seed=str(year), is_demo=True)
    chosen = [(user, "") for user in running.candidates(run) if user != office][:1]
    running.set_verifiers(by=office, run=run, chosen=chosen)
    _to(office, run, Stage.COLLECTING, Stage.SELF)

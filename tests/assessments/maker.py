"""A small scheme and a run of it on the cast: 东昌府区 and 冠县."""

from decimal import Decimal
from typing import Any

from responsibility.assessments.models import AssessmentRun, SchemeVersion, Subject
from responsibility.assessments.rules.running import Stage
from responsibility.assessments.services import filling, running, schemes, verifying
from responsibility.assessments.services.filling import Answer
from responsibility.assessments.services.verifying import Checked
from tests.cast import Cast

CONTENT: dict[str, Any] = {
    "key": "small",
    "title": "2020年度成效考核方案",
    "year": 2020,
    "subjects": "counties",
    "standing": "test",
    "basis": "测试",
    "grades": [
        {"name": "好", "low": 90},
        {"name": "较好", "low": 80},
        {"name": "一般", "low": 60},
        {"name": "较差", "low": 0},
    ],
    "red_lines": [{"key": "fraud", "name": "弄虚作假", "limit": "较差", "clause": "35"}],
    "children": [
        {
            "key": "main",
            "name": "主要指标",
            "full": 100,
            "children": [
                {
                    "key": "net",
                    "name": "减贫人口净完成",
                    "full": 60,
                    "basis": "测试",
                    "source": "县级填报",
                    "rule": {"kind": "ratio", "value": "done", "of": "plan"},
                    "items": [
                        {"key": "done", "name": "净完成", "unit": "人"},
                        {"key": "plan", "name": "减贫目标", "unit": "人"},
                    ],
                },
                {
                    "key": "duties",
                    "name": "责任事项完成",
                    "full": 20,
                    "clause": "12",
                    "rule": {"kind": "ratio", "value": "done", "of": "assigned"},
                    "items": [
                        {
                            "key": "done",
                            "name": "已完成的责任事项",
                            "source_kind": "duties",
                            "source": "duties.done",
                        },
                        {
                            "key": "assigned",
                            "name": "应承担的责任事项",
                            "source_kind": "duties",
                            "source": "duties.assigned",
                        },
                    ],
                },
                {
                    "key": "judged",
                    "name": "工作创新",
                    "full": 20,
                    "basis": "测试",
                    "source": "评定",
                    "rule": {"kind": "manual"},
                },
            ],
        }
    ],
}


def issued(cast: Cast, content: dict[str, Any] | None = None) -> SchemeVersion:
    """Return the small scheme, issued by the city's office."""
    office = cast.user("office-3715")
    scheme = schemes.read(content or CONTENT)
    row = schemes.create(by=office, division=cast.place("3715"), scheme=scheme)
    return schemes.issue(by=office, row=row)


def opened(cast: Cast, **extra: Any) -> AssessmentRun:
    """Return a run in preparation, verified by the city's inspector."""
    office = cast.user("office-3715")
    run = running.open_run(by=office, scheme=issued(cast), seed="2020", **extra)
    chosen = [(cast.user("inspector-3715"), "")]
    running.set_verifiers(by=office, run=run, chosen=chosen)
    return run


def to(cast: Cast, run: AssessmentRun, *stages: Stage) -> AssessmentRun:
    """Take a run through steps."""
    for stage in stages:
        run = running.advance(by=cast.user("office-3715"), run=run, expected=stage)
    return run


def subject(run: AssessmentRun, name: str) -> Subject:
    """Return the unit of a county."""
    return run.subjects.with_names().get(division__name=name)


def assessed(cast: Cast, run: AssessmentRun) -> AssessmentRun:
    """Return a run whose units have assessed themselves: 东昌府区 96 of 100, 冠县 50 of 50."""
    run = to(cast, run, Stage.COLLECTING, Stage.SELF)
    for code, name, done, plan in (
        ("371502", "东昌府区", 96, 100),
        ("371525", "冠县", 50, 50),
    ):
        unit = subject(run, name)
        values = {"done": Decimal(done), "plan": Decimal(plan)}
        given = Answer(values=values, self_mark=Decimal(60), note="已完成")
        filling.answer(by=cast.user(f"recorder-{code}"), subject=unit, leaf="net", given=given)
        filling.submit(by=cast.user(f"reviewer-{code}"), subject=unit, statement="如实自评")
    return run


def verified(cast: Cast, run: AssessmentRun) -> AssessmentRun:
    """Return a run whose sampled leaves are all verified; work innovation is judged 18."""
    run = to(cast, assessed(cast, run), Stage.VERIFYING)
    inspector = cast.user("inspector-3715")
    for entry in verifying.queue(inspector, run).filter(sampled=True):
        manual = Decimal(18) if entry.leaf == "judged" else None
        checked = Checked({}, manual=manual, manual_reason="材料属实" if manual else "")
        verifying.verify(by=inspector, entry=entry, checked=checked)
    return run


def noticed(cast: Cast, run: AssessmentRun) -> AssessmentRun:
    """Return a run whose units have their own results before them."""
    return to(cast, verified(cast, run), Stage.COMPOSED, Stage.NOTICED)

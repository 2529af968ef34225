"""The circular (通报) of a published run, by the official format."""

from responsibility.assessments.models import AssessmentRun, Subject
from responsibility.common import clock
from responsibility.common.documents import Paper, Table, write


def circular(run: AssessmentRun, subjects: list[Subject]) -> bytes:
    """Return the docx: grades in standard order, marks only where the office publishes them."""
    grades = [grade.name for grade in run.scheme.scheme.grades]
    opening = (
        f"依据{run.scheme.scheme.basis or run.scheme.title}，{run.division.name}扶贫开发领导小组"
        f"组织开展了{run.title}。经取数、自评、核验、反馈申诉，现将结果通报如下。"
    )
    paragraphs = [opening, "一、考核等次"]
    for grade in grades:
        units = [item.body.name for item in subjects if item.grade == grade]
        if units:
            paragraphs.append(f"{grade}（{len(units)} 个）：{'、'.join(units)}。")
    paragraphs += [
        "以上按行政区划次序排列，不分先后。",
        "二、整改要求",
        "各单位对照逐项扣分原因，按整改清单明确责任人和完成时限，逐项报送整改情况，经审核后销号。",
    ]
    dated = run.published_at or run.frozen_at
    return write(
        Paper(
            title=f"关于{run.title}情况的通报",
            paragraphs=paragraphs,
            tables=[_table(run, subjects)],
            signer=f"{run.division.name}扶贫开发领导小组",
            dated=dated.astimezone(clock.SHANGHAI).date() if dated else None,
        )
    )


def _table(run: AssessmentRun, subjects: list[Subject]) -> Table:
    head = ["单位", "等次"] + (["得分"] if run.publishes_marks else [])
    rows = [
        [item.body.name, item.grade]
        + (
            [f"{item.total.normalize():f}" if item.total is not None else "—"]
            if run.publishes_marks
            else []
        )
        for item in subjects
    ]
    return Table(head=head, rows=rows, title="附：考核结果")

"""Notices of a run to the units and their people; none names a person."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from responsibility.assessments.models import Appeal, AssessmentRun, Rectification, Subject
from responsibility.assessments.rules.running import Stage
from responsibility.common import clock
from responsibility.divisions.models import Body
from responsibility.outbox import services as outbox
from responsibility.outbox import webhooks
from responsibility.outbox.rules import Message
from responsibility.postings.models import Posting

ROLES = ("recorder", "reviewer", "office", "secretary", "head", "member")
WORDS = {
    Stage.SELF: ("请做自评：{run}", "数据已从台账带出；只需补报缺的数据，写自评说明。"),
    Stage.NOTICED: ("考核初步结果：{run}", "对照逐项得分和依据；有异议的在 {due} 前逐项申诉。"),
    Stage.FROZEN: ("考核结果已定：{run}", "扣分项已转入整改清单。"),
    Stage.PUBLISHED: ("考核情况通报：{run}", "可以查看通报和本单位逐项得分。"),
}


def people_of(bodies: Iterable[Body]) -> dict[int, list[int]]:
    """Return {body id: ids of the users posted at it today}."""
    known = {body.pk: body for body in bodies}
    places = {body.division_id: body.pk for body in known.values() if body.is_main}
    rows = Posting.objects.current(clock.today()).filter(
        Q(body__in=known) | Q(body=None, division__in=places), role__in=ROLES
    )
    found: dict[int, list[int]] = {}
    for user, body, place in rows.values_list("user_id", "body_id", "division_id"):
        at = body or places.get(place)
        if at:
            found.setdefault(at, []).append(user)
    return found


def tell_step(run: AssessmentRun) -> int:
    """Tell every unit of a step that concerns it; once per unit and step."""
    words = WORDS.get(Stage(run.status))
    if words is None:
        return 0
    subjects = list(run.subjects.select_related("body", "division"))
    _announce_step(run, subjects)
    people = people_of(item.body for item in subjects)
    title = words[0].format(run=run.title)
    text = words[1].format(due=run.appeal_due)
    return outbox.notify_many(
        messages=[
            Message(
                sorted(set(people.get(item.body_id, []))),
                f"assessment:{run.status}:{item.public_id}",
                title,
                text,
                f"/assessments/units/{item.public_id}/",
            )
            for item in subjects
        ]
    )


def announce(subject: Subject, event: str, key: str, **facts: Any) -> int:
    """Tell other systems of a unit's event: never a mark that has not been published."""
    return webhooks.announce(
        event=event,
        subject_type="assessments.subject",
        subject_id=subject.public_id,
        scope_path=subject.scope_path,
        payload={
            "run": str(subject.run.public_id),
            "year": subject.run.year,
            "subjects": subject.run.subjects_kind,
            "division": subject.division.code,
            **facts,
        },
        key=key,
    )


def _announce_step(run: AssessmentRun, subjects: Iterable[Subject]) -> None:
    event = {Stage.NOTICED: "assessment.noticed", Stage.PUBLISHED: "assessment.published"}
    name = event.get(Stage(run.status))
    for subject in subjects if name else ():
        subject.run = run
        announce(subject, str(name), f"{name}:{subject.public_id}")


def tell_appeal(appeal: Appeal) -> int:
    """Tell the unit how an appeal ended, and other systems that it ended."""
    announce(
        appeal.subject,
        "appeal.decided",
        f"appeal.decided:{appeal.public_id}",
        leaf=appeal.leaf,
        decision=appeal.decision,
    )
    return _tell(
        appeal.subject,
        f"assessment-appeal:{appeal.public_id}",
        f"申诉{appeal.get_decision_display()}：{appeal.subject.run.title}",
        appeal.decision_reason,
    )


def tell_mending(row: Rectification, words: str) -> int:
    """Tell the unit what became of a rectification."""
    key = f"assessment-mend:{row.public_id}:{row.status}:{row.updated_at}"
    return _tell(row.subject, key, f"{words}：{row.name}", row.answer)


def _tell(subject: Subject, key: str, title: str, text: str) -> int:
    users: Any = people_of([subject.body]).get(subject.body_id, [])
    url = f"/assessments/units/{subject.public_id}/"
    return outbox.notify(users=users, key=key[:120], title=title, text=text, url=url)

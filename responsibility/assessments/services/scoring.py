"""Computing: inputs from items and leaves, marks back onto the leaves."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models.functions import Now

from responsibility.assessments.models import (
    AssessmentRun,
    DataItem,
    LeafEntry,
    PartMark,
    RedLineHit,
    Subject,
)
from responsibility.assessments.rules import Inputs, Scheme, ScoreResult, score_scheme
from responsibility.assessments.rules.scheme import NodeResult

MARKS = ["mark", "state", "working", "formula", "lost_reason"]
TOTALS = ["total", "grade", "complete", "steps", "nodes", "computed_at"]


class Given:
    """What some units of one run are scored with, read in four statements."""

    def __init__(self, subjects: Collection[Subject]) -> None:
        ids = [subject.pk for subject in subjects]
        self.entries: dict[int, dict[str, LeafEntry]] = {pk: {} for pk in ids}
        self.values: dict[tuple[int, str], dict[str, Decimal | None]] = {}
        self.parts: dict[int, dict[str, Decimal]] = {pk: {} for pk in ids}
        self.lines: dict[int, list[str]] = {pk: [] for pk in ids}
        for entry in LeafEntry.objects.filter(subject__in=ids):
            self.entries[entry.subject_id][entry.leaf] = entry
        rows = DataItem.objects.filter(subject__in=ids)
        for subject, leaf, key, value, verified in rows.values_list(
            "subject_id", "leaf", "key", "value", "verified_value"
        ):
            chosen = value if verified is None else verified
            self.values.setdefault((subject, leaf), {})[key] = chosen
        for part in PartMark.objects.filter(subject__in=ids):
            self.parts[part.subject_id][part.part] = part.mark
        hits = RedLineHit.objects.filter(subject__in=ids, voided_at=None)
        for subject, key in hits.values_list("subject_id", "key"):
            self.lines[subject].append(key)

    def inputs(self, subject: int) -> dict[str, Inputs]:
        """Return the inputs of one unit by leaf."""
        return {
            leaf: Inputs(
                values=self.values.get((subject, leaf), {}),
                absent=entry.absent,
                manual=entry.manual_mark,
                reason=entry.manual_reason,
            )
            for leaf, entry in self.entries[subject].items()
        }

    def score(self, scheme: Scheme, subject: int) -> ScoreResult:
        """Score one unit."""
        return score_scheme(
            scheme,
            self.inputs(subject),
            parts=self.parts[subject],
            red_lines=sorted(self.lines[subject]),
        )


def compute_run(run: AssessmentRun) -> int:
    """Score every unit of a run and write what changed; return how many units."""
    return compute(run, list(run.subjects.all()))


def compute(run: AssessmentRun, subjects: Collection[Subject]) -> int:
    """Score some units of a run and write marks, workings, totals."""
    scheme = run.scheme.scheme
    given = Given(subjects)
    changed: list[LeafEntry] = []
    for subject in subjects:
        score = given.score(scheme, subject.pk)
        changed += _marked(given.entries[subject.pk], score)
        _total(subject, score)
    LeafEntry.objects.bulk_update(changed, MARKS, batch_size=1000)
    Subject.objects.bulk_update(subjects, TOTALS, batch_size=500)
    return len(subjects)


def _marked(entries: Mapping[str, LeafEntry], score: ScoreResult) -> Iterable[LeafEntry]:
    """Yield the leaves whose mark or working changed, with the new ones."""
    for key, result in score.leaves.items():
        entry = entries[key]
        new = (result.mark, str(result.state), result.working, result.formula, result.reason)
        old = (entry.mark, entry.state, entry.working, entry.formula, entry.lost_reason)
        if new != old:
            entry.mark, entry.state, entry.working, entry.formula, entry.lost_reason = new
            yield entry


def _total(subject: Subject, score: ScoreResult) -> None:
    subject.total, subject.grade = score.total, score.grade
    subject.complete, subject.steps = score.complete, list(score.steps)
    subject.nodes = [_node(item) for item in score.children if isinstance(item, NodeResult)]
    subject.computed_at = Now()


def _node(node: NodeResult) -> dict[str, Any]:
    return {
        "key": node.key,
        "name": node.name,
        "mark": f"{node.mark:f}",
        "full": f"{node.full:f}",
        "working": node.working,
        "children": [_node(item) for item in node.children if isinstance(item, NodeResult)],
    }

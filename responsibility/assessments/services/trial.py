"""A scheme tried on a year's ledgers, and the live estimate; nothing is written."""

from dataclasses import dataclass

from responsibility.assessments.models import SchemeVersion, Subject
from responsibility.assessments.rules import Inputs, Outlook, Result, ScoreResult, outlook
from responsibility.assessments.rules.totals import score_scheme
from responsibility.assessments.services import collecting, scoring
from responsibility.common import clock
from responsibility.divisions.models import Body


@dataclass(frozen=True)
class Tried:
    """One unit's trial: its score, and the leaves in the order of the scheme."""

    body: Body
    score: ScoreResult

    @property
    def results(self) -> list[Result]:
        """Return the leaves' results in order."""
        return list(self.score.leaves.values())


def try_out(row: SchemeVersion, year: int) -> list[Tried]:
    """Score every unit on what the ledgers hold of a year."""
    bodies = collecting.bodies_for(row)
    found = collecting.collect(row.scheme, bodies, year)
    return [
        Tried(body, score_scheme(row.scheme, collecting.live_inputs(row.scheme, found[body.pk])))
        for body in bodies
    ]


def live(subject: Subject, known: scoring.Given) -> dict[str, Inputs]:
    """Return a unit's inputs of today: ledgers now, over what was typed and verified."""
    scheme = subject.run.scheme.scheme
    stored = known.inputs(subject.pk)
    if subject.run.is_settled:
        return stored
    found = collecting.collect(scheme, [subject.body], subject.run.year)[subject.body_id]
    now = collecting.live_inputs(scheme, found)
    verified = {(item.leaf, item.key) for item in subject.items.exclude(verified_value=None)}
    made = {}
    for leaf, given in stored.items():
        fresh = {
            key: value
            for key, value in now[leaf].values.items()
            if value is not None and (leaf, key) not in verified
        }
        absent = given.absent or now[leaf].absent
        made[leaf] = Inputs({**given.values, **fresh}, absent, given.manual, given.reason)
    return made


def look_ahead(subject: Subject) -> tuple[dict[str, Inputs], Outlook, scoring.Given]:
    """Return today's inputs, what they would give and what can be done, and what is on record."""
    given = scoring.Given([subject])
    inputs = live(subject, given)
    found = outlook(
        subject.run.scheme.scheme,
        inputs,
        clock.today(),
        parts=given.parts[subject.pk],
        red_lines=given.lines[subject.pk],
    )
    return inputs, found, given

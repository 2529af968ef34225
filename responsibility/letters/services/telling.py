"""What other systems hear of a letter: events without anybody's name."""

from responsibility.letters.models import Letter
from responsibility.outbox import webhooks


def tell(letter: Letter, event: str) -> int:
    """Announce ``letter.<event>`` in the current transaction; return how many hooks hear of it."""
    name = f"letter.{event}"
    return webhooks.announce(
        event=name,
        subject_type="letters.letter",
        subject_id=letter.public_id,
        scope_path=letter.scope_path,
        payload={
            "kind": letter.kind.key,
            "year": letter.year,
            "division": letter.division.code,
            "body": letter.body.name,
            "number": letter.number,
            "status": letter.status,
            "text_hash": letter.text_hash,
        },
        key=f"{name}:{letter.public_id}",
    )

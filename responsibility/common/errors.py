"""What a service may refuse, in words that an office understands.

Each error carries a Chinese message (what, where, how to mend), a stable code and the HTTP status
that pages and API answer with. Services raise them; nobody else invents status codes.
"""


class DomainError(Exception):
    """Base of every refusal."""

    status = 400
    code = "invalid"

    def __init__(self, message: str, *, where: str = "", code: str = "") -> None:
        """Keep the message, the field or cell it concerns, and a code."""
        super().__init__(message)
        self.message = message
        self.where = where
        self.code = code or type(self).code


class Invalid(DomainError):  # noqa: N818 - reads as a word in services
    """The input breaks a rule; ``where`` names the field or the cell."""


class Forbidden(DomainError):  # noqa: N818
    """Inside the territory, but without the right."""

    status = 403
    code = "forbidden"


class Missing(DomainError):  # noqa: N818
    """No such object within the scope."""

    status = 404
    code = "not_found"


class Conflict(DomainError):  # noqa: N818
    """The object's state does not allow this step (any more)."""

    status = 409
    code = "conflict"


class Stale(Conflict):
    """Somebody else changed the object meanwhile; nothing typed is lost."""

    code = "stale"


class Outdated(DomainError):  # noqa: N818
    """What the client had read is no longer what stands (If-Match)."""

    code = "outdated"
    status = 412

"""The first run of an empty system: opened once, by a code that only the operator can print."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from accounts.models import User
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Invalid
from responsibility.dashboard.demo.seed import PROGRAMME
from responsibility.deadlines.services.catalogue import import_rules
from responsibility.divisions.models import Division
from responsibility.divisions.rules import Tier
from responsibility.divisions.services import bodies
from responsibility.divisions.services.history import import_changes
from responsibility.divisions.services.importing import load_divisions
from responsibility.duties.models import Assignment, Duty
from responsibility.duties.services.assigning import assign_year
from responsibility.duties.services.catalogue import import_catalogue
from responsibility.figures.services.dictionary import import_indicators
from responsibility.letters.services.kinds import import_kinds as import_letter_kinds
from responsibility.postings.models import Posting
from responsibility.postings.rules import ROLE_LABELS, Role
from responsibility.postings.services.accounts import create_account
from responsibility.regulations.models import Programme, RegulationVersion, VersionStatus
from responsibility.regulations.services import importing
from responsibility.reports.services.kinds import import_kinds

CODE, TRIES = "setup:code", "setup:tries"
DAYS = 7
MOST_TRIES = 10
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
ADMINISTRATORS = (Role.UNIT_ADMIN, Role.SYSTEM, Role.SECURITY, Role.AUDIT)


@dataclass(frozen=True)
class Progress:
    """How far the first run has come, by what is in the database."""

    places: int
    draft: RegulationVersion | None
    adopted: RegulationVersion | None
    duties: int
    assignments: bool

    @property
    def step(self) -> str:
        """Return the step to take next."""
        if not self.places:
            return "places"
        if self.adopted is None:
            return "text" if self.draft is None else "adopt"
        return "office" if self.assignments else "duties"


def is_open() -> bool:
    """Say whether nobody holds the city's office yet."""
    return not Posting.objects.filter(
        role=Role.OFFICE, division__tier=Tier.CITY, voided_at=None
    ).exists()


def new_code() -> str:
    """Return a new one-time code, good for a week; any earlier one ends. Only its digest stays."""
    if not is_open():
        raise Conflict("首次设置已经完成，不再需要代码。")
    code = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
    cache.set(CODE, _digest(code), DAYS * 86_400)
    cache.delete(TRIES)
    return code


def _digest(code: str) -> str:
    plain = "".join(char for char in code.upper() if char in LETTERS)
    return hashlib.sha256(plain.encode()).hexdigest()


def check_code(code: str) -> str:
    """Return what the session keeps when the code is right; raise Invalid otherwise.

    After ten wrong ones a new code has to be printed.
    """
    known = cache.get(CODE)
    if known is None:
        raise Invalid("代码已失效，请重新运行 setup_code 命令。", where="code")
    cache.add(TRIES, 0, DAYS * 86_400)
    if cache.incr(TRIES) > MOST_TRIES:
        cache.delete(CODE)
        raise Invalid("试错太多，代码已作废，请重新运行 setup_code 命令。", where="code")
    given = _digest(code)
    if not hmac.compare_digest(known, given):
        raise Invalid("代码不对，请照命令打印的填写。", where="code")
    cache.delete(TRIES)
    return given


def is_opened_by(kept: Any) -> bool:
    """Say whether a session was opened by the code in force."""
    known = cache.get(CODE)
    return bool(known) and isinstance(kept, str) and hmac.compare_digest(known, kept)


def progress() -> Progress:
    """Return how far the first run has come."""
    versions = RegulationVersion.objects.select_related("regulation").order_by("-id")
    return Progress(
        Division.objects.count(),
        versions.filter(status=VersionStatus.DRAFT).first(),
        versions.filter(status=VersionStatus.ADOPTED).first(),
        Duty.objects.count(),
        Assignment.objects.exists(),
    )


@transaction.atomic
def load_places(*, data: bytes | None, file_name: str) -> int:
    """Load a list of places (the shipped one when there is none); make their bodies."""
    shipped = settings.SHIPPED_DATA
    own = data is not None
    source = shipped / "liaocheng-divisions-2023.csv"
    found = load_divisions(
        data=data if data is not None else source.read_bytes(),
        file_name=file_name if own else source.name,
    )
    if not Division.objects.filter(tier=Tier.CITY).exists():
        raise Invalid("名单里没有市级区划，请核对 tier 列。", where="file")
    if not own:
        import_changes(path=shipped / "division-changes.yaml")
    bodies.import_body_kinds(path=shipped / "body-kinds.yaml")
    bodies.make_bodies()
    return found.created


@transaction.atomic
def load_text(*, data: bytes | None) -> RegulationVersion:
    """Store a rulebook's text as a draft (the shipped one when there is none)."""
    shipped = settings.SHIPPED_DATA / "liaocheng-rules-2019.txt"
    text = importing.decode(data if data is not None else shipped.read_bytes())
    known, _ = Programme.objects.get_or_create(key="poverty-alleviation", defaults=PROGRAMME)
    version, _ = importing.import_text(programme=known, text=text)
    return version


@transaction.atomic
def adopt(*, issuer: str, effective_on: Any) -> RegulationVersion:
    """Adopt the draft; what stays empty is marked 待核."""
    draft = progress().draft
    if draft is None:
        raise Conflict("没有待采用的细则，请先导入。")
    return importing.adopt(version=draft, issuer=issuer, effective_on=effective_on)


@transaction.atomic
def load_duties() -> int:
    """Adopt deadline rules, indicators, duties and report kinds; assign this year's duties."""
    shipped = settings.SHIPPED_DATA
    adopted = progress().adopted
    if adopted is None:
        raise Conflict("还没有采用细则，请先采用。")
    known = adopted.regulation.programme
    import_rules(path=shipped / "deadline-rules.yaml", by=None)
    import_indicators(path=shipped / "indicators.yaml", programme=known)
    import_catalogue(path=shipped / "duties.yaml")
    import_kinds(path=shipped / "report-kinds.yaml", programme=known)
    import_letter_kinds(path=shipped / "letter-kinds.yaml", programme=known)
    assign_year(year=clock.today().year)
    return Duty.objects.count()


@transaction.atomic
def make_office(*, username: str, label: str, city: Division) -> list[tuple[User, str]]:
    """Create the first office account and the city's administrators; the code ends with it.

    The three administrators of the system are three accounts: none of them sees business.
    Returns (user, one-time password), shown once.
    """
    if not is_open():
        raise Conflict("首次设置已经完成。")
    made = [
        create_account(username=username, label=label, role=Role.OFFICE, division=city, by=None)
    ]
    for role in ADMINISTRATORS:
        name, words = f"{role.value}-{city.short_code}", f"{city}{ROLE_LABELS[role]}"
        made.append(create_account(username=name, label=words, role=role, division=city, by=None))
    audit.record(
        by=None,
        verb="setup.done",
        target=city,
        scope_path=city.path,
        new={"accounts": [user.username for user, _ in made]},
    )
    transaction.on_commit(lambda: cache.delete(CODE))
    return made

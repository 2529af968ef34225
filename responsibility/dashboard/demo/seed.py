"""Step by step, each step whole or not at all, each a no-op when it was done before."""

import secrets
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import transaction

from responsibility.alerts import services as alerts
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.dashboard.demo.assessments import make_assessments
from responsibility.dashboard.demo.background import (
    import_with_mistakes,
    make_hook,
    tell_of_deliveries,
)
from responsibility.dashboard.demo.kinds import make_kinds
from responsibility.dashboard.demo.letters import make_letters
from responsibility.dashboard.demo.numbers import make_numbers
from responsibility.dashboard.demo.people import make_people, make_posts
from responsibility.dashboard.demo.plans import make_plans
from responsibility.dashboard.demo.reports import make_reports
from responsibility.dashboard.demo.year import make_year
from responsibility.deadlines.services.catalogue import import_rules
from responsibility.divisions.models import Division
from responsibility.divisions.services import bodies
from responsibility.divisions.services.history import import_changes
from responsibility.divisions.services.importing import import_divisions
from responsibility.duties.services.assigning import assign_year
from responsibility.duties.services.catalogue import import_catalogue
from responsibility.figures.models import FigureValue
from responsibility.figures.services.dictionary import import_indicators
from responsibility.jobs.models import ImportReceipt
from responsibility.jobs.rules import ReceiptStatus
from responsibility.letters.services.kinds import import_kinds as import_letter_kinds
from responsibility.outbox.models import Webhook
from responsibility.progress.models import ProgressEntry
from responsibility.regulations.models import Programme, VersionStatus
from responsibility.regulations.services import importing
from responsibility.reports.services.kinds import import_kinds

PROGRAMME = {
    "name": "脱贫攻坚责任制",
    "product_name": "脱贫攻坚责任制系统",
    "office_name": "聊城市扶贫开发领导小组办公室",
}
MARK = "demo"
Say = Callable[[str], object]


def is_seeded() -> bool:
    """Say whether the demo year was made to its end."""
    return ImportReceipt.objects.filter(kind=MARK).exists()


def password() -> str:
    """Return the one password of all demo accounts, made on first use."""
    file = Path(settings.DATA_DIR) / "demo-password"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"Demo-{secrets.randbelow(9000) + 1000}-lc")
    return file.read_text().strip()


def load_rulebook() -> None:
    """Load what the product ships: text, rules, indicators, duties."""
    data = settings.SHIPPED_DATA
    programme, _ = Programme.objects.get_or_create(key="poverty-alleviation", defaults=PROGRAMME)
    text = importing.decode((data / "liaocheng-rules-2019.txt").read_bytes())
    version, _ = importing.import_text(programme=programme, text=text)
    if version.status == VersionStatus.DRAFT:
        importing.adopt(version=version, issuer=version.issuer, effective_on=version.effective_on)
    import_rules(path=data / "deadline-rules.yaml", by=None)
    import_indicators(path=data / "indicators.yaml", programme=programme)
    import_catalogue(path=data / "duties.yaml")
    import_kinds(path=data / "report-kinds.yaml", programme=programme)
    import_letter_kinds(path=data / "letter-kinds.yaml", programme=programme)


def load_places() -> None:
    """Load the real divisions and make their bodies."""
    data = settings.SHIPPED_DATA
    import_divisions(path=data / "liaocheng-divisions-2023.csv")
    import_changes(path=data / "division-changes.yaml")
    bodies.import_body_kinds(path=data / "body-kinds.yaml")
    bodies.make_bodies()


def seed(say: Say) -> None:
    """Make the demo city for the business date's year."""
    today = clock.today()
    year = today.year
    say("区划和单位 …")
    load_places()
    bodies.import_member_units(path=settings.SHIPPED_DATA / "demo-member-units.csv", demo=True)
    say("细则和责任目录 …")
    load_rulebook()
    say("账号和岗位 …")
    with transaction.atomic():
        users = make_people(list(Division.objects.living().in_order()), password())
        make_posts(users)
    say(f"{year}年度责任清单 …")
    assign_year(year=year)
    say("一年的进展 …")
    with transaction.atomic():
        if not ProgressEntry.objects.exists():
            made = make_year(users, year, today)
            audit.record(by=None, verb="demo.year", target=MARK, new={"entries": made})
        if not FigureValue.objects.exists():
            make_numbers(year)
    with transaction.atomic():
        hook = None if Webhook.objects.exists() else make_hook(users)
        make_plans(users, year)
        make_letters(users, year, password())
        make_reports(users, year)
        make_kinds(users, today)
        import_with_mistakes(users)
    say("考核 …")
    with transaction.atomic():
        make_assessments(users, year)
        if hook is not None:
            tell_of_deliveries(hook)
    alerts.scan(today=today)
    ImportReceipt.objects.create(
        kind=MARK, file_name=f"演示数据 {year}", sha256="0" * 64, status=ReceiptStatus.LOADED
    )

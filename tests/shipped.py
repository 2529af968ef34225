"""Everything that the product ships, loaded as an installation does it."""

from pathlib import Path

from responsibility.deadlines.services.catalogue import import_rules
from responsibility.divisions.services import bodies
from responsibility.divisions.services.history import import_changes
from responsibility.divisions.services.importing import import_divisions
from responsibility.duties.services.catalogue import import_catalogue
from responsibility.figures.services.dictionary import import_indicators
from responsibility.regulations.models import Programme
from responsibility.regulations.services import importing

DATA = Path(__file__).parents[1] / "data"


def load_rulebook(programme: Programme) -> None:
    """Adopt the regulation and load rules, indicators and duties (body kinds must exist)."""
    text = (DATA / "liaocheng-rules-2019.txt").read_text("utf-8")
    version, _ = importing.import_text(programme=programme, text=text)
    importing.adopt(version=version, issuer="", effective_on=None)
    import_rules(path=DATA / "deadline-rules.yaml", by=None)
    import_indicators(path=DATA / "indicators.yaml", programme=programme)
    import_catalogue(path=DATA / "duties.yaml")


def load_city() -> Programme:
    """Load the real divisions, their bodies, and the rulebook."""
    programme, _ = Programme.objects.get_or_create(
        key="poverty-alleviation",
        defaults={
            "name": "脱贫攻坚责任制",
            "product_name": "脱贫攻坚责任制系统",
            "office_name": "聊城市扶贫开发领导小组办公室",
        },
    )
    import_divisions(path=DATA / "liaocheng-divisions-2023.csv")
    import_changes(path=DATA / "division-changes.yaml")
    bodies.import_body_kinds(path=DATA / "body-kinds.yaml")
    bodies.make_bodies()
    bodies.import_member_units(path=DATA / "demo-member-units.csv", demo=True)
    load_rulebook(programme)
    return programme

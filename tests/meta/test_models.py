"""What every table keeps to."""

from django.apps import apps
from django.db import connection, models

from responsibility.common.models import Recorded, Scoped

OURS = [m for m in apps.get_models() if m.__module__.startswith("responsibility.")]


def test_foreign_keys_point_down() -> None:
    place = {config.label: number for number, config in enumerate(apps.get_app_configs())}
    upward = [
        f"{model._meta.label}.{field.name}"
        for model in OURS
        for field in model._meta.get_fields()
        if field.is_relation
        and getattr(field, "concrete", False)
        and field.related_model
        and place[field.related_model._meta.app_label] > place[model._meta.app_label]
    ]
    assert upward == []


def test_foreign_keys_protect() -> None:
    loose = [
        f"{model._meta.label}.{field.name}"
        for model in OURS
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is not models.PROTECT
        and field.name not in ("permission", "user")
    ]
    assert loose == []


def test_every_scoped_model_has_its_division_and_a_scoped_manager() -> None:
    for model in OURS:
        if issubclass(model, Scoped):
            assert hasattr(model._default_manager.all(), "visible_to"), model
            names = {field.name for field in model._meta.get_fields()}
            assert {"division", "scope_path", "county_id"} <= names, model


def test_times_that_belong_together_are_constrained_together() -> None:
    pairs = []
    for model in OURS:
        names = {field.name for field in model._meta.get_fields()}
        for name in names:
            if name.endswith("_at") and name[:-3] + "_by" in names:
                checks = " ".join(
                    str(item.condition)
                    for item in model._meta.constraints
                    if isinstance(item, models.CheckConstraint)
                )
                if name not in checks:
                    pairs.append(f"{model._meta.label}.{name}")
    loose = {
        "reports.ReportText.edited_at",
        "duties.Assignment.standing_at",
        "figures.FigureValue.recorded_at",
        "figures.IndicatorVersion.recorded_at",
        "jobs.Run.started_at",
        "assessments.Result.made_at",
    }
    assert set(pairs) - loose == set()


def test_updated_at_is_kept_by_a_trigger(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT event_object_table FROM information_schema.triggers")
        triggered = {row[0] for row in cursor.fetchall()}
    if not triggered:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname = 'touch_updated_at'"
        )
        triggered = {row[0] for row in cursor.fetchall()}
    wanted = {m._meta.db_table for m in OURS if issubclass(m, Recorded)}
    assert wanted <= triggered


def test_one_initial_migration_each() -> None:
    from pathlib import Path

    root = Path(__file__).parents[2]
    for folder in root.glob("responsibility/*/migrations"):
        names = [path.name for path in folder.glob("0*.py")]
        assert not any("auto_" in name for name in names)
        numbers = [name[:4] for name in names]
        assert len(numbers) == len(set(numbers)), folder

"""What an operator runs."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from responsibility.outbox.models import Notice
from tests.cast import Cast
from tests.deadlines.helpers import make_deadline, make_rule
from tests.deadlines.test_catalogue import GOOD, write


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_sweep_for_a_day(cast: Cast):
    make_rule()
    make_deadline(cast)
    assert json.loads(run("sweep_deadlines", "--today", "2020-12-24", "--json")) == {
        "today": "2020-12-24",
        "claimed": 1,
        "notices": 1,
        "batches": 1,
    }
    assert "0 deadlines, 0 reminders" in run("sweep_deadlines", "--today", "2020-12-24")


def test_run_day_runs_everything_once(cast: Cast):
    make_rule()
    make_deadline(cast)
    result = json.loads(run("run_day", "--today", "2021-01-11", "--json"))
    assert result["outbox.digest"] >= 1
    count = Notice.objects.count()
    run("run_day", "--today", "2021-01-11")
    assert Notice.objects.count() == count


def test_run_day_with_one_job(cast: Cast):
    make_rule()
    make_deadline(cast)
    result = json.loads(
        run("run_day", "--today", "2020-12-24", "--only", "deadlines.sweep", "--json")
    )
    assert set(result) == {"today", "deadlines.sweep"}
    with pytest.raises(CommandError, match="no job 'nothing'; there are duties"):
        run("run_day", "--only", "nothing")


@pytest.mark.parametrize("command", ["run_day", "sweep_deadlines"])
def test_a_date_that_is_none(db: None, command: str):
    with pytest.raises(CommandError, match="2021-02-30"):
        run(command, "--today", "2021-02-30")


def test_import(db: None, tmp_path: Path):
    path = write(tmp_path, GOOD)
    assert run("import_deadline_rules", str(path)) == "2 added, 0 changed, 0 unchanged\n"
    assert run("import_deadline_rules", str(path)) == "0 added, 0 changed, 2 unchanged\n"
    with pytest.raises(CommandError, match="读不了"):
        run("import_deadline_rules", str(tmp_path / "none.yaml"))

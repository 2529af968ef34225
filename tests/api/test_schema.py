"""The schema, what a fuzzer makes of it, and a client generated from it."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort
from schemathesis.checks import CHECKS

from responsibility.assessments.services import freezing
from responsibility.common import clock
from responsibility.duties.models import Assignment
from tests.assessments import maker
from tests.cast import READ_SCOPES, make_cast
from tests.duties_maker import make_assignment

WANTED = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
]


@pytest.fixture(scope="module")
def schema_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "schema.json"
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", path
    )
    return path


def test_the_schema_has_no_warning(schema_file: Path) -> None:
    data = json.loads(schema_file.read_text())
    assert data["openapi"].startswith("3.1")
    assert "/api/v1/assignments/" in data["paths"]
    answers = data["paths"]["/api/v1/assignments/"]["get"]["responses"]
    assert {"200", "304", "400", "401", "403", "429"} <= set(answers)


def test_its_page_is_local_and_needs_no_inline_script(db: None) -> None:
    answer = Client().get("/api/v1/docs/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<style" not in text
    assert "//cdn" not in text
    assert re.findall(r"<script(?! src=)", text) == []
    assert "unsafe" not in answer["Content-Security-Policy"]
    script = re.findall(r'<script src="([^"]*script=[^"]*)"', text)[0].replace("&amp;", "&")
    assert "SwaggerUIBundle" in Client().get(script).content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_input_breaks_the_api(settings: Any) -> None:
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {"token": None},
    }
    cast = make_cast()
    make_assignment(cast, "371502011")
    token = cast.token("3715", scopes=(*READ_SCOPES, "progress:write", "reports:write"))
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application())
    checks = CHECKS.get_by_names(WANTED)
    failures: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        strategy = operation.as_strategy()
        _drive(strategy, token, checks, failures)
    assert failures == []


def _drive(strategy: Any, token: str, checks: Any, failures: list[str]) -> None:
    @effort(
        max_examples=12,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def run(case: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
        response = case.call()
        try:
            case.validate_response(response, checks=checks)
        except Exception as error:
            failures.append(f"{case.method} {case.formatted_path}: {str(error)[:400]}")

    run()


@pytest.fixture(scope="module")
def client_folder(schema_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that holds the package ``client``, generated from our schema."""
    folder = tmp_path_factory.mktemp("generated")
    subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate"),
            *("--path", str(schema_file), "--output-path", str(folder / "client")),
            *("--meta", "none"),
        ],
        check=True,
        capture_output=True,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
    )
    return folder


def use(folder: Path, script: str, *arguments: str) -> str:
    """Run a script beside the generated client; return what it printed."""
    file = folder / "use.py"
    file.write_text(script)
    done = subprocess.run(
        [sys.executable, str(file), *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


LIST = """
import sys
from client import AuthenticatedClient
from client.api.assignments import assignments_list
c = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
page = assignments_list.sync(client=c)
print(sorted(row.division for row in page.results))
"""
PULL = """
import sys
from urllib.parse import parse_qs, urlsplit
from client import AuthenticatedClient
from client.api.assessment_scores import assessment_scores_list
c = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
rows, more = [], {}
while True:
    page = assessment_scores_list.sync(client=c, year=2020, page_size=2, **more)
    rows += page.results
    if not page.next_:
        break
    more = {"cursor": parse_qs(urlsplit(page.next_).query)["cursor"][0]}
print(len(rows), len({row.id for row in rows}), sorted({row.division for row in rows}))
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_generated_client_lists_its_two_counties_and_nothing_of_a_third(
    client_folder: Path, live_server: Any
) -> None:
    cast = make_cast()
    for code in ("371502001", "371525001", "371502011"):
        make_assignment(cast, code)
    said = use(client_folder, LIST, live_server.url, cast.token("371502", "371525"))
    assert said == "['371502001000', '371525001000']"
    assert Assignment.objects.count() == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_generated_client_pulls_a_year_of_assessment(
    client_folder: Path, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = make_cast()
    run = maker.noticed(cast, maker.opened(cast))
    later = clock.today() + timedelta(days=30)
    monkeypatch.setattr(clock, "today", lambda: later)
    office = cast.user("office-3715")
    token = cast.token("371502")
    run = freezing.freeze(by=office, run=run)
    assert use(client_folder, PULL, live_server.url, token) == "0 0 []"
    freezing.publish(by=office, run=run, marks=True)
    assert use(client_folder, PULL, live_server.url, token) == "3 3 ['371502000000']"
    both = cast.token("371502", "371525")
    said = use(client_folder, PULL, live_server.url, both)
    assert said == "6 6 ['371502000000', '371525000000']"

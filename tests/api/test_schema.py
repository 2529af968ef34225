"""The schema, what a fuzzer makes of it, and a client generated from it."""

import json
import re
import subprocess
import sys
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

from responsibility.duties.models import Assignment
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


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_generated_client_lists_its_two_counties_and_nothing_of_a_third(
    schema_file: Path, tmp_path: Path, live_server: Any
) -> None:
    cast = make_cast()
    for code in ("371502001", "371525001", "371502011"):
        make_assignment(cast, code)
    client = tmp_path / "client"
    subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate"),
            *("--path", str(schema_file), "--output-path", str(client), "--meta", "none"),
        ],
        check=True,
        capture_output=True,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
    )
    script = tmp_path / "use.py"
    script.write_text(
        "import sys\n"
        "from client import AuthenticatedClient\n"
        "from client.api.assignments import assignments_list\n"
        "c = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])\n"
        "page = assignments_list.sync(client=c)\n"
        "print(sorted(row.division for row in page.results))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), live_server.url, cast.token("371502", "371525")],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['371502001000', '371525001000']"
    assert Assignment.objects.count() == 3

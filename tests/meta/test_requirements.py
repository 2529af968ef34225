"""What the product imports is in the run-time lock, not only in the tools of development."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
OURS = ("accounts", "liaocheng_poverty", "responsibility")


def imported_packages() -> dict[str, str]:
    """Return the first name of every import of ours, and one file that has it."""
    found: dict[str, str] = {}
    for package in OURS:
        for path in (BASE_DIR / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names = [node.module]
                found.update({name.split(".")[0]: str(path) for name in names})
    return {name: path for name, path in found.items() if name not in {*OURS, "tests"}}


def test_every_import_is_in_the_run_time_lock() -> None:
    locked = set(re.findall(r"(?m)^([a-z0-9._-]+)==", (BASE_DIR / "requirements.txt").read_text()))
    owners = packages_distributions()
    missing = {
        name: path
        for name, path in imported_packages().items()
        if name not in sys.stdlib_module_names
        and not {owner.lower().replace("_", "-") for owner in owners.get(name, [])} & locked
    }
    assert missing == {}


def test_both_locks_pin_the_same_versions_with_hashes() -> None:
    pins = {}
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (BASE_DIR / name).read_text()
        pins[name] = dict(re.findall(r"(?m)^([a-z0-9._-]+)(?:\[.*?\])?==([^\s;]+)", text))
        assert text.count("--hash=sha256:") >= len(pins[name])
    small, whole = pins["requirements.txt"], pins["requirements-dev.txt"]
    assert {key: value for key, value in small.items() if whole.get(key) != value} == {}

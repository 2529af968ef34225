"""A proof package convinces a Python that has nothing of the product, or names what was changed."""

import io
import json
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from responsibility.assessments.services.proof import proof_package
from tests.assessments.test_shipped import inputs, load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    package = proof_package(load("test-scheme"), inputs(), attached={"remarks": ["无"]})
    assert package == proof_package(load("test-scheme"), inputs(), attached={"remarks": ["无"]})
    zipfile.ZipFile(io.BytesIO(package)).extractall(tmp_path)
    return tmp_path


def verify(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "-S", str(folder / "verify.py")],
        capture_output=True, cwd=folder, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).decode()


def change(path: Path, old: str, new: str) -> None:
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new), "utf-8")


def test_an_untouched_package_is_confirmed(folder: Path) -> None:
    code, said = verify(folder)
    assert code == 0, said
    assert "一致：91.61 分，好" in said


def test_a_changed_input_is_named(folder: Path) -> None:
    change(folder / "inputs.json", '"done":"4180"', '"done":"4250"')
    code, said = verify(folder)
    assert code == 1
    assert "数据被改动：ratio.done\n" in said
    assert "数据被改动：net" not in said
    assert "得分不一致：ratio 记载 14.69，重算 14.94" in said


def test_a_changed_mark_remark_or_scheme_is_named(folder: Path) -> None:
    change(folder / "score.json", '"91.61"', '"95.61"')
    (folder / "remarks.json").write_text(json.dumps(["有"]), "utf-8")
    code, said = verify(folder)
    assert code == 1
    assert "文件被改动：remarks.json" in said
    assert "总分不一致：记载 95.61 好，重算 91.61 好" in said
    change(folder / "scheme.json", '"full":"15"', '"full":"16"')
    assert "文件被改动：scheme.json" in verify(folder)[1]


def test_imported_parts_are_in_the_package(tmp_path: Path) -> None:
    parts = {"daily": Decimal(90), "yearly": Decimal(80), "third": Decimal(85)}
    package = proof_package(load("henan"), {}, parts=parts)
    zipfile.ZipFile(io.BytesIO(package)).extractall(tmp_path)
    assert "一致：85.50 分，较好" in verify(tmp_path)[1]

"""The stylesheet, the scripts and what is vendored."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static/app.css").read_text()
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAIRS = [("ink", "paper"), ("ink-2", "ground"), ("ink-3", "ground"), ("link", "ground")]
PAIRS += [(tone, f"{tone}-wash") for tone in ("blue", "yellow", "red", "green", "grey")]
PAIRS += [("paper", "action"), ("paper", "brand")]


def token(name: str) -> str:
    found = re.search(rf"--{name}:\s*(#[0-9a-f]{{6}})", CSS)
    assert found, name
    return found.group(1)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    line = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * line[0] + 0.7152 * line[1] + 0.0722 * line[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    assert contrast(token(text), token(ground)) >= 4.5


def test_borders_of_controls_stand_out() -> None:
    assert contrast(token("line-strong"), token("paper")) >= 3


def test_the_stylesheet_is_small_and_plain() -> None:
    assert len(gzip.compress(CSS.encode())) < 13_000
    for word in (
        "@import",
        "data:",
        "http:",
        "https:",
        ":has(",
        "@layer",
        "oklch",
        "font-style: i",
    ):
        assert word not in re.sub(r"/\*.*?\*/", "", CSS, flags=re.S), word


def test_vendored_files_are_what_the_manifest_says() -> None:
    folder = ROOT / "static/vendor"
    rows = json.loads((folder / "manifest.json").read_text())
    assert {row["file"] for row in rows} | {"manifest.json"} == {p.name for p in folder.iterdir()}
    for row in rows:
        data = (folder / row["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"], row["file"]
        assert b"sourceMappingURL" not in data


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_nothing_inline_and_says_what_it_does(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|javascript:|hx-on", text)
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert " src=" in tag
    for tag in re.findall(r"<img\b[^>]*>", text):
        assert "alt=" in tag
    for tag in re.findall(r"<th\b[^>]*>", text):
        assert "scope=" in tag
    for word in (
        "提交成功",
        "保存成功",
        "非法",
        "参数错误",
        "系统异常",
        ">提交<",
        ">确定<",
        ">删除<",
    ):
        assert word not in text, word
    assert "placeholder=" not in text


def test_only_script_shows_what_only_script_serves() -> None:
    for path in TEMPLATES:
        for tag in re.findall(r"<[a-z]+\b[^>]*data-(?:print|all)\b[^>]*>", path.read_text()):
            near = path.read_text().split(tag)[0][-120:]
            assert "hidden" in tag or "hidden data-js" in near, path

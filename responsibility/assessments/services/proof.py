"""A proof package: a score with all it rests on, and a verifier that needs Python alone."""

import hashlib
import json
import zipfile
from collections.abc import Collection, Mapping
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from responsibility.assessments.rules import Inputs, Scheme, dump_scheme, score_scheme
from responsibility.assessments.rules.parsing import dump_inputs

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "rules"
FIXED = (2000, 1, 1, 0, 0, 0)


def digest(data: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> bytes:
    """Write plain data so that equal data has equal bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def input_digests(leaves: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Return a digest for each value, by ``leaf.item``, and one for the rest of each leaf."""
    made = {}
    for leaf, given in leaves.items():
        for item, value in given["values"].items():
            made[f"{leaf}.{item}"] = digest(canonical(value))
        made[leaf] = digest(canonical({k: v for k, v in given.items() if k != "values"}))
    return made


def contents(
    scheme: Scheme,
    inputs: Mapping[str, Inputs],
    parts: Mapping[str, Decimal],
    red_lines: Collection[str],
) -> dict[str, Any]:
    """Return the plain data of a score: scheme, inputs, and what came out."""
    score = score_scheme(scheme, inputs, parts=parts, red_lines=red_lines)
    marks = {
        key: None if result.mark is None else f"{result.mark:f}"
        for key, result in score.leaves.items()
    }
    return {
        "scheme.json": dump_scheme(scheme),
        "inputs.json": {
            "leaves": {key: dump_inputs(value) for key, value in inputs.items()},
            "parts": {key: f"{value:f}" for key, value in parts.items()},
            "red_lines": sorted(red_lines),
        },
        "score.json": {
            "total": f"{score.total:f}",
            "grade": score.grade,
            "leaves": marks,
            "working": {key: result.working for key, result in score.leaves.items()},
            "steps": list(score.steps),
        },
    }


def proof_package(
    scheme: Scheme,
    inputs: Mapping[str, Inputs],
    *,
    parts: Mapping[str, Decimal] | None = None,
    red_lines: Collection[str] = (),
    attached: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the zip. ``attached`` are further plain data by file stem: snapshots, remarks,
    evidence (hashes), audit (links); they are sealed by the manifest. Equal input, equal bytes.
    """
    plain = contents(scheme, inputs, parts or {}, red_lines)
    plain |= {f"{name}.json": value for name, value in (attached or {}).items()}
    files = {name: canonical(value) for name, value in plain.items()}
    for path in sorted(SOURCES.glob("*.py")):
        files[f"scoring/{path.name}"] = path.read_bytes()
    files["verify.py"] = (HERE / "verify.py.txt").read_bytes()
    manifest = {
        "files": {name: digest(data) for name, data in files.items()},
        "inputs": input_digests(plain["inputs.json"]["leaves"]),
    }
    return zipped({**files, "manifest.json": canonical(manifest)})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a zip, in a fixed order with a fixed date."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, FIXED), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()

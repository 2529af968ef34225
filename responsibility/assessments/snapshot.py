"""A published run as one signed file: the rows of the feed, a manifest, its signature."""

import hashlib
import io
import zipfile
from functools import partial
from typing import Any

import orjson

from responsibility.assessments import feed
from responsibility.assessments.models import AssessmentRun, DataItem, LeafEntry, Rectification
from responsibility.common.api import as_text
from responsibility.common.errors import Missing
from responsibility.common.signing import public_pem, sign

OF_RUN = "subject__run"
FIXED = (2000, 1, 1, 0, 0, 0)
PARTS: dict[str, tuple[Any, Any, str]] = {
    "subjects.ndjson": (feed.subjects, feed.SubjectSerializer, "run"),
    "scores.ndjson": (partial(feed.of_units, LeafEntry), feed.ScoreSerializer, OF_RUN),
    "data-items.ndjson": (partial(feed.of_units, DataItem), feed.DataItemSerializer, OF_RUN),
    "rectifications.ndjson": (
        partial(feed.of_units, Rectification),
        feed.RectificationSerializer,
        OF_RUN,
    ),
}
README = """\
A published assessment, as the read API gives it to this reader.

manifest.json holds the SHA-256 of every file; manifest.sig is its Ed25519 signature by public.pem.
Compare public.pem with the one that the issuer published, then:

  openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in manifest.json -sigfile manifest.sig
"""


def build(run: AssessmentRun, user: Any) -> tuple[str, bytes]:
    """Return the name and the bytes of the file, of the units that the user sees.

    Equal data, equal bytes. Raises Missing before the run is published.
    """
    if run.published_at is None or run.voided_at:
        raise Missing("结果还没有通报。")
    scheme = feed.SchemeSerializer(run.scheme).data
    files = {
        "run.json": _json(feed.RunSerializer(run).data) + b"\n",
        "scheme.json": _json(scheme) + b"\n",
        **{name: _rows(*part, run, user) for name, part in PARTS.items()},
        "README.txt": README.encode(),
    }
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    head = {"run": str(run.public_id), "year": run.year, "digest": run.digest, "files": sums}
    manifest = orjson.dumps(head, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    files |= {
        "manifest.json": manifest,
        "manifest.sig": sign(manifest),
        "public.pem": public_pem(),
    }
    return f"assessment-{run.year}-{run.subjects_kind}.zip", _zip(files)


def _json(data: Any) -> bytes:
    return orjson.dumps(data, default=as_text)


def _rows(rows: Any, serializer: Any, lookup: str, run: AssessmentRun, user: Any) -> bytes:
    found = rows().visible_to(user).filter(**{lookup: run}).order_by("id")
    made = serializer(found, many=True, context={}).data
    return b"".join(_json(row) + b"\n" for row in made)


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, FIXED)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()

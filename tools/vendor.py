"""Fetch the vendored browser libraries (needs npm): ``python tools/vendor.py``.

Files and manifest are committed; the product itself never needs npm.
"""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "static" / "vendor"
PINS = {
    "htmx.org@2.0.10": {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "htmx.LICENSE"},
    "echarts@6.1.0": {
        "dist/echarts.min.js": "echarts.min.js",
        "LICENSE": "echarts.LICENSE",
        "NOTICE": "echarts.NOTICE",
    },
}


def fetch(package: str, folder: Path) -> tuple[Path, str]:
    """Download one package; return its archive and npm's integrity, verified."""
    out = subprocess.run(
        ["npm", "pack", "--json", package], cwd=folder, check=True, capture_output=True, text=True
    )
    info = json.loads(out.stdout)[0]
    archive = folder / info["filename"]
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if info["integrity"] != f"sha512-{digest}":
        raise SystemExit(f"{package}: integrity differs")
    return archive, info["integrity"]


def main() -> None:
    """Fetch every pin, strip source map references, write the manifest."""
    TARGET.mkdir(parents=True, exist_ok=True)
    manifest = []
    with tempfile.TemporaryDirectory() as name:
        for package, files in PINS.items():
            archive, integrity = fetch(package, Path(name))
            with tarfile.open(archive) as tar:
                for source, target in files.items():
                    member = tar.extractfile(f"package/{source}")
                    assert member is not None
                    data = re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", member.read())
                    (TARGET / target).write_bytes(data)
                    manifest.append(
                        {
                            "package": package,
                            "integrity": integrity,
                            "file": target,
                            "sha256": hashlib.sha256(data).hexdigest(),
                            "bytes": len(data),
                        }
                    )
    (TARGET / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""Secrets of the embedded default: made once, kept in the data folder, readable by the owner."""

import base64
import os
import secrets
from pathlib import Path


def _once(path: Path, make: str) -> str:
    """Return the file's text, writing ``make`` first if there is none."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(make + "\n")
        file.flush()
        os.fsync(file.fileno())
    return make


def new_field_key() -> str:
    """Return a fresh key for personal data: 32 random bytes, urlsafe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def secret_key(data: Path) -> str:
    """Return the installation's SECRET_KEY."""
    return _once(data / "keys" / "secret-key", secrets.token_urlsafe(64))


def field_keys(data: Path) -> str:
    """Return FIELD_KEYS, comma separated; one key a line in the file, the first encrypts."""
    text = _once(data / "keys" / "field-keys", new_field_key())
    return ",".join(line.strip() for line in text.splitlines() if line.strip())

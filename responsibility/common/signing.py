"""Signatures that anybody can check: Ed25519, the key derived from the installation's own."""

import hashlib
import hmac

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

_INFO = b"signed-files"


def _key() -> Ed25519PrivateKey:
    keys = settings.FIELD_KEYS or [settings.SECRET_KEY]
    seed = hmac.new(keys[-1].encode(), _INFO, hashlib.sha256).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def sign(data: bytes) -> bytes:
    """Return the 64 bytes of the signature."""
    return _key().sign(data)


def public_pem() -> bytes:
    """Return the public key; it stays the same while the first field key is kept."""
    return (
        _key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )

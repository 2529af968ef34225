"""Model fields for what must not be read in the database: AES-256-GCM over FIELD_KEYS."""

import base64
import binascii
import hashlib
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NONCE = 12


class DecryptionError(Exception):
    """The value cannot be read with the keys at hand; pages show 解密失败."""


@lru_cache(maxsize=8)
def _keys(raw: tuple[str, ...]) -> dict[bytes, AESGCM]:
    keys: dict[bytes, AESGCM] = {}
    for text in raw:
        try:
            key = base64.urlsafe_b64decode(text)
        except (binascii.Error, ValueError) as error:
            raise ImproperlyConfigured("FIELD_KEYS 须为 urlsafe base64") from error
        if len(key) != 32:
            raise ImproperlyConfigured("FIELD_KEYS 每把密钥须为 32 字节")
        keys[hashlib.sha256(key).digest()[:4]] = AESGCM(key)
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS 未设置")
    return keys


def encrypt(text: str, context: str) -> bytes:
    """Return key id, nonce and ciphertext; ``context`` binds it to one column."""
    key_id, cipher = next(iter(_keys(tuple(settings.FIELD_KEYS)).items()))
    nonce = os.urandom(NONCE)
    return key_id + nonce + cipher.encrypt(nonce, text.encode(), context.encode())


def decrypt(data: bytes, context: str) -> str:
    """Return the text; raise DecryptionError for a wrong key, column or changed bytes."""
    cipher = _keys(tuple(settings.FIELD_KEYS)).get(data[:4])
    if cipher is None:
        raise DecryptionError(context)
    try:
        plain = cipher.decrypt(data[4 : 4 + NONCE], data[4 + NONCE :], context.encode())
    except InvalidTag as error:
        raise DecryptionError(context) from error
    return plain.decode()


class EncryptedField(models.BinaryField):  # type: ignore[type-arg]
    """Text stored encrypted; the empty string stays empty."""

    description = "加密文本"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Be editable: it is text to everyone but the database."""
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    @property
    def _context(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Encrypt on the way in."""
        if value is not None and not isinstance(value, bytes | memoryview):
            value = encrypt(value, self._context) if value else b""
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        """Decrypt on the way out."""
        if value is None:
            return None
        return decrypt(bytes(value), self._context) if len(value) else ""

    def value_to_string(self, obj: models.Model) -> str:
        """Refuse plain-text serialisation."""
        raise TypeError("encrypted fields are not serialised")

"""One signed POST to another system, without being led into our own network."""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from responsibility.common.errors import Invalid

TIMEOUT = 10.0
ANSWER = 300
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Refused(Exception):  # noqa: N818
    """The receiver did not take it, or its address is one we do not call."""


@dataclass(frozen=True)
class _Target:
    host: str
    port: int
    path: str
    secure: bool


def check_url(url: str) -> None:
    """Raise Invalid for an address that may not be called (https; on the embedded default also
    http to this machine). Private addresses are refused when it is called, after resolving."""
    _target(url)


def _target(url: str) -> _Target:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid("地址格式不对，例如 https://host/path。", where="url") from None
    host = parts.hostname or ""
    if not host or parts.username or parts.fragment or not url.isascii() or _has_space(url):
        raise Invalid("地址格式不对，例如 https://host/path。", where="url")
    if parts.scheme != "https" and not _is_local(parts, host):
        raise Invalid("地址须以 https:// 开头。", where="url")
    if not settings.EMBEDDED and _is_private_name(host):
        raise Invalid("地址不能指向内部网络。", where="url")
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(host, port or (443 if secure else 80), path, secure)


def _has_space(url: str) -> bool:
    return any(letter <= " " or letter == "\x7f" for letter in url)


def _is_local(parts: SplitResult, host: str) -> bool:
    return bool(settings.EMBEDDED) and parts.scheme == "http" and host in LOOPBACK


def _is_private_name(host: str) -> bool:
    """Say whether the host is written as an address inside, or as this machine's name."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not _is_public(host)
    except ValueError:
        return False


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    found = mapped or address
    return found.is_global and not found.is_multicast


def _resolve(target: _Target) -> str:
    """Return the one address to call; every answer of the name has to be public."""
    try:
        answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refused(f"no such host: {target.host}") from error
    found = [str(answer[4][0]) for answer in answers]
    if not settings.EMBEDDED and not all(_is_public(item) for item in found):
        raise Refused("the name leads into a private network")
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked; the certificate is still the name's."""

    def __init__(self, target: _Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT)
        self._address, self._secure = address, target.secure

    def connect(self) -> None:
        """Connect without asking the name service again."""
        self.sock = socket.create_connection((self._address, self.port), TIMEOUT)
        if self._secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send one POST and return the status; raise Refused unless it is a 2xx (no redirects)."""
    try:
        target = _target(url)
    except Invalid as error:
        raise Refused(error.message) from error
    link = _Pinned(target, _resolve(target))
    try:
        link.request("POST", target.path, body=body, headers=dict(headers))
        answer = link.getresponse()
        text = answer.read(ANSWER).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    finally:
        link.close()
    if not 200 <= answer.status < 300:
        raise Refused(f"HTTP {answer.status} {' '.join(text.split())[:120]}")
    return answer.status

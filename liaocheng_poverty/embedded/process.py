"""Child processes that end with their parent, and PostgreSQL's refusal to run as root."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
MAPPED = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"]


def die_with_parent(number: int) -> Callable[[], None]:
    """Return a ``preexec_fn``: the kernel sends the child this signal when its parent dies.

    The signal follows the thread that started the child: start children from the main thread.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def arm() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return arm


@dataclass(frozen=True)
class Identity:
    """How to start PostgreSQL's programs: a command in front, or another user."""

    prefix: list[str] = field(default_factory=list)
    popen: dict[str, Any] = field(default_factory=dict)
    uid: int | None = None  # who must own the data folder; None: us


@cache
def _namespaces_allowed() -> bool:
    """Say whether this kernel lets us map ourselves to nobody."""
    if shutil.which("unshare") is None:
        return False
    done = subprocess.run([*MAPPED, "true"], capture_output=True, check=False)
    return done.returncode == 0


def _as_account(account: pwd.struct_passwd) -> Identity:
    return Identity(
        popen={"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []},
        uid=account.pw_uid,
    )


def _some_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root: run as an ordinary user")


def identity(folder: Path) -> Identity:
    """Return how to start PostgreSQL on ``folder``; an existing folder's owner decides."""
    if os.getuid() != 0:
        return Identity()
    owner = folder.stat().st_uid if (folder / "PG_VERSION").exists() else None
    if owner:
        return _as_account(pwd.getpwuid(owner))
    if _namespaces_allowed():
        return Identity(prefix=MAPPED)
    if owner == 0:
        raise RuntimeError(f"{folder} was made in a user namespace, which is refused now")
    return _as_account(_some_account())


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    on_parent_death: int = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    cwd: str | Path = "/",
    who: Identity | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that ends with us; its output goes to ``log``.

    Without ``log`` the child writes where we write.
    """
    who = who or Identity()
    output = open(log, "ab") if log else None  # noqa: SIM115 - closed below, the child keeps it
    try:
        return subprocess.Popen(
            [*who.prefix, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            env=dict(env) if env is not None else None,
            cwd=str(cwd),
            start_new_session=True,
            pass_fds=tuple(pass_fds),
            preexec_fn=die_with_parent(on_parent_death),  # noqa: PLW1509 - no threads yet
            **who.popen,
        )
    finally:
        if output:
            output.close()


def stop(child: subprocess.Popen[bytes], number: int, seconds: float) -> None:
    """Ask a child to end, wait, and kill its whole group if it does not."""
    if child.poll() is None:
        child.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def tail(log: Path, lines: int = 12) -> str:
    """Return a log's last lines."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def wait_until(
    ready: Callable[[], bool], child: subprocess.Popen[bytes], log: Path, name: str, seconds: float
) -> None:
    """Wait until a child answers; raise with its last lines when it ends or takes too long."""
    limit = time.monotonic() + seconds
    while not ready():
        if child.poll() is not None:
            raise RuntimeError(f"{name} ended with {child.returncode}:\n{tail(log)}")
        if time.monotonic() > limit:
            raise RuntimeError(f"{name} does not answer after {seconds:.0f} s:\n{tail(log)}")
        time.sleep(0.05)

"""The menu: each app registers its entries; only what the user may open is listed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import NoReverseMatch

from responsibility.common.addresses import address
from responsibility.common.rights import Right
from responsibility.common.scoping import Access, access_of

Badge = Callable[[HttpRequest], int]
SECTIONS = ("", "办理", "依据", "资料", "管理")


@dataclass(frozen=True)
class Entry:
    """One menu entry; ``right`` None means any signed-in user with a posting."""

    section: str
    label: str
    url_name: str
    icon: str
    right: Right | None
    order: int
    badge: Badge | None
    tab: bool
    roles: tuple[str, ...]

    def is_open_to(self, access: Access) -> bool:
        """Say whether the entry is listed for this access."""
        if self.roles and not set(self.roles) & set(access.roles):
            return False
        if self.right is not None:
            return access.has(self.right)
        return bool(access.grants)


_entries: list[Entry] = []


def register(
    section: str,
    label: str,
    url_name: str,
    *,
    icon: str = "list",
    right: Right | None = None,
    order: int = 100,
    badge: Badge | None = None,
    tab: bool = False,
    roles: tuple[str, ...] = (),
) -> None:
    """Add an entry; ``tab`` puts it among the phone's tabs too (the first three that fit)."""
    if section not in SECTIONS:
        raise ValueError(f"unknown section: {section}")
    entry = Entry(section, label, url_name, icon, right, order, badge, tab, roles)
    if entry not in _entries:
        _entries.append(entry)
        _entries.sort(key=lambda item: (SECTIONS.index(item.section), item.order))


@dataclass(frozen=True)
class Shown:
    """An entry as one user's page shows it."""

    label: str
    url: str
    icon: str
    count: int
    current: bool


def _shown(request: HttpRequest, entry: Entry) -> Shown | None:
    try:
        url = address(entry.url_name)
    except NoReverseMatch:
        return None
    current = request.path == url or (url != "/" and request.path.startswith(url))
    count = entry.badge(request) if entry.badge else 0
    return Shown(entry.label, url, entry.icon, count, current)


def for_request(request: HttpRequest) -> tuple[list[tuple[str, list[Shown]]], list[Shown]]:
    """Return the sections with their entries, and the phone's tabs (at most three)."""
    access = access_of(request.user)
    sections: dict[str, list[Shown]] = {}
    tabs: list[Shown] = []
    for entry in _entries:
        shown = _shown(request, entry) if entry.is_open_to(access) else None
        if shown is None:
            continue
        sections.setdefault(entry.section, []).append(shown)
        if entry.tab and len(tabs) < 3:
            tabs.append(shown)
    current = [row for rows in sections.values() for row in rows if row.current]
    best = max((len(row.url) for row in current), default=0)
    listed = [(name, [_only(row, best) for row in rows]) for name, rows in sections.items()]
    return listed, [_only(row, best) for row in tabs]


def _only(row: Shown, best: int) -> Shown:
    """Return the entry, current only if its address is the longest that fits."""
    return row if not row.current or len(row.url) == best else replace(row, current=False)

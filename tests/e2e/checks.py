"""What every page must keep, asserted in the browser.

``check_page(page)`` after any step; ``check_large_text`` and ``check_keyboard`` once a page.
"""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.e2e.browser import SIDEWAYS, watch_of

SCRIPT = (Path(__file__).parent / "checks.js").read_text().partition("*/")[2]


def faults(page: Page) -> list[str]:
    """Return what is wrong with the page as it stands."""
    wrong: list[str] = page.evaluate(f"{SCRIPT.strip()}.names()")
    wrong += [f"contrast {text}" for text in page.evaluate(f"{SCRIPT.strip()}.contrast()")]
    over: int = page.evaluate(SIDEWAYS)
    return wrong + ([f"sideways by {over}"] if over > 0 else [])


def check_page(page: Page) -> None:
    """Assert names, headings, ids, captions, contrast, target sizes, no sideways scroll."""
    wrong = faults(page)
    assert not wrong, f"{page.url}\n" + "\n".join(wrong)


def check_large_text(page: Page) -> None:
    """Assert that 200 % text neither scrolls sideways nor loses anything."""
    watch = watch_of(page)
    watch.quiet = True  # the rule below is ours, not the page's
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    over: int = page.evaluate(SIDEWAYS)
    page.evaluate("document.documentElement.style.fontSize = ''")
    watch.quiet = False
    assert over <= 0, f"{page.url}: sideways by {over} at 200 % text"


def check_keyboard(page: Page, steps: int = 25) -> None:
    """Assert that Tab reaches controls, each with a visible ring and not under a bar."""
    page.evaluate("document.activeElement && document.activeElement.blur()")
    seen: list[dict[str, Any]] = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        found = page.evaluate(f"{SCRIPT.strip()}.focus()")
        if found is None:
            break
        seen.append(found)
    assert seen, f"{page.url}: nothing takes the focus"
    assert "跳到正文" in seen[0]["what"], f"{page.url}: the skip link is not first"
    bad = [row["what"] for row in seen[1:] if not (row["ring"] and row["seen"])]
    assert not bad, f"{page.url}: focus not visible on\n" + "\n".join(bad)

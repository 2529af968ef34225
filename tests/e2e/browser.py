"""What a walk in a real browser needs: finding Chromium, signing in, pictures, and a watch.

The watch notes console errors, breaches of the content security policy, failed scripts, styles
and pictures, answers of 5xx, and pages that scroll sideways; a walk fails on any of them.
"""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Response

BASE_DIR = Path(__file__).resolve().parents[2]
SHOTS = Path(os.environ.get("SHOTS_DIR", BASE_DIR / ".data" / "shots"))
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ASSETS = {"script", "stylesheet", "image", "font"}
REPORT_CSP = """
document.addEventListener("securitypolicyviolation", e =>
  console.error("CSP " + e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile));
"""
SIDEWAYS = (
    "(e => e ? e.scrollWidth - e.clientWidth : 0)(document.documentElement)"  # null while loading
)


def find_browser() -> str | None:
    """Return the path of Chromium or Chrome, or None."""
    given = os.environ.get("BROWSER_PATH")
    if given:
        return given
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        path = shutil.which(name)
        if path:
            return path
    return None


class Watch:
    """Collects what a page does wrong; ``check`` fails with all of it."""

    def __init__(self, page: Page) -> None:
        """Listen to the page from now on."""
        self.page = page
        self.wrong: list[str] = []
        self.quiet = False
        page.add_init_script(REPORT_CSP)
        page.on("console", self._console)
        page.on(
            "pageerror", lambda error: self.wrong.append(f"script error: {error.stack or error}")
        )
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # a page of 404 is an answer, not an error: failed assets are told by their response
        expected = self.quiet or message.text.startswith("Failed to load resource")
        if message.type == "error" and not expected:
            self.wrong.append(f"console on {self.page.url}: {message.text}")

    def _response(self, response: Response) -> None:
        kind, status = response.request.resource_type, response.status
        if status >= 500 or (status >= 400 and kind in ASSETS):
            self.wrong.append(f"{status} for {response.url}")

    def sideways(self) -> None:
        """Note a page that is wider than its window."""
        if self.page.is_closed() or self.page.url == "about:blank":
            return
        self.page.wait_for_load_state("domcontentloaded")  # a form was just sent, perhaps
        over = self.page.evaluate(SIDEWAYS)
        if over > 0:
            self.wrong.append(f"{self.page.url} scrolls sideways by {over} px")

    def check(self) -> None:
        """Fail if anything was wrong."""
        self.sideways()
        assert not self.wrong, "\n".join(dict.fromkeys(self.wrong))


def watch_of(page: Page) -> Watch:
    """Return the watch of a page made by the fixtures."""
    watch: Watch = page.__dict__["_watch"]
    return watch


def sign_in(page: Page, username: str, password: str | None = None) -> None:
    """Sign in by the form; ``password`` is the demo's unless given."""
    secret = password or page.__dict__["_site"].password
    page.goto("/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", secret)
    with page.expect_navigation():
        page.locator("input[name=password]").press("Enter")
    assert "/login" not in page.url, f"{username} cannot sign in: {page.inner_text('body')[:300]}"
    watch_of(page).sideways()


def sign_out(page: Page) -> None:
    """Forget the session (as closing the browser does)."""
    page.context.clear_cookies()


def go(page: Page, path: str, status: int = 200) -> None:
    """Open an address and check its status and width."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status, f"{path}: {answer.status}"
    watch_of(page).sideways()


def shot(page: Page, name: str, *, full: bool = True) -> Path:
    """Keep a picture of the page as SHOTS_DIR/NAME.png; check its width."""
    watch = watch_of(page)
    watch.sideways()
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{re.sub(r'[^a-z0-9-]+', '-', name.lower())}.png"
    page.evaluate("document.fonts.ready.then(() => 0)")
    watch.quiet = True  # the screenshot itself applies an inline style
    try:
        page.screenshot(path=path, full_page=full, animations="disabled")
    finally:
        page.wait_for_timeout(30)
        watch.quiet = False
    return path


NewPage = Callable[..., Page]

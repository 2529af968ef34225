"""What every page must keep, asserted in the browser.

``check_page(page)`` after any step; ``check_large_text`` and ``check_keyboard`` once a page.
"""

from typing import Any

from playwright.sync_api import Page

from tests.e2e.browser import SIDEWAYS, watch_of

NAMES = """
() => {
  const shown = el => el.getClientRects().length > 0 && getComputedStyle(el).visibility !== "hidden";
  const text = el => (el.textContent || "").replace(/\\s+/g, "");
  const name = el => {
    if (el.getAttribute("aria-label")) return el.getAttribute("aria-label");
    const by = el.getAttribute("aria-labelledby");
    if (by) return by.split(" ").map(id => text(document.getElementById(id) || {})).join("");
    if (el.labels && el.labels.length) return Array.from(el.labels).map(text).join("");
    return text(el) || el.value || el.title || "";
  };
  const wrong = [];
  document.querySelectorAll("a[href], button, select, textarea, summary, input:not([type=hidden])").forEach(el => {
    if (!shown(el)) return;
    const given = /^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName)
      ? (el.labels && el.labels.length ? name(el) : el.getAttribute("aria-label")) : name(el);
    if (!given) wrong.push("no name: " + el.outerHTML.slice(0, 120));
    const box = el.getBoundingClientRect();
    const inline = el.tagName === "A" && getComputedStyle(el).display === "inline";
    if (!inline && !/^(checkbox|radio)$/.test(el.type || "") && box.height < 23.5 && !el.matches(".skip, .n"))
      wrong.push("too small (" + Math.round(box.height) + "px): " + el.outerHTML.slice(0, 120));
  });
  if (document.querySelectorAll("h1").length !== 1) wrong.push("h1: " + document.querySelectorAll("h1").length);
  if (document.documentElement.lang !== "zh-Hans") wrong.push("lang");
  if (!document.querySelector("main")) wrong.push("no main");
  const ids = Array.from(document.querySelectorAll("[id]")).map(el => el.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach(id => wrong.push("id twice: " + id));
  document.querySelectorAll("[aria-describedby]").forEach(el => el.getAttribute("aria-describedby").split(" ").forEach(id => {
    if (!document.getElementById(id)) wrong.push("describes nothing: " + id);
  }));
  document.querySelectorAll("main table").forEach(el => {
    if (!el.caption) wrong.push("table without caption");
  });
  return wrong;
}
"""
CONTRAST = """
() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = c => { const f = c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
  const ground = el => { for (let at = el; at; at = at.parentElement) { const c = parse(getComputedStyle(at).backgroundColor);
    if (c.length === 3 || c[3] > .9) return c; } return [255, 255, 255]; };
  const low = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const el = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !el.getClientRects().length || el.closest("svg, script, [disabled]")) continue;
    const one = lum(parse(getComputedStyle(el).color)), other = lum(ground(el));
    const ratio = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (ratio < 4.5) low.add(ratio.toFixed(1) + " " + el.tagName + "." + el.className + " " + walk.currentNode.textContent.trim().slice(0, 20));
  }
  return Array.from(low);
}
"""
FOCUS = """
() => {
  const el = document.activeElement;
  if (!el || el === document.body) return null;
  const style = getComputedStyle(el), box = el.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2), y = box.top + Math.min(box.height / 2, 12);
  const top = y >= 0 && y < innerHeight ? document.elementFromPoint(x, y) : null;
  return { what: el.outerHTML.slice(0, 100), ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: !!top && (el.contains(top) || top.contains(el) || !!(el.labels && Array.from(el.labels).some(l => l.contains(top)))) };
}
"""


def faults(page: Page) -> list[str]:
    """Return what is wrong with the page as it stands."""
    wrong: list[str] = page.evaluate(NAMES)
    wrong += [f"contrast {text}" for text in page.evaluate(CONTRAST)]
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
        found = page.evaluate(FOCUS)
        if found is None:
            break
        seen.append(found)
    assert seen, f"{page.url}: nothing takes the focus"
    assert "跳到正文" in seen[0]["what"], f"{page.url}: the skip link is not first"
    bad = [row["what"] for row in seen[1:] if not (row["ring"] and row["seen"])]
    assert not bad, f"{page.url}: focus not visible on\n" + "\n".join(bad)

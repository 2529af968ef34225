/* What checks.py evaluates in the page. */
({
names: () => {
  const shown = el => el.getClientRects().length > 0 && getComputedStyle(el).visibility !== "hidden";
  const text = el => (el.textContent || "").replace(/\s+/g, "");
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
},
contrast: () => {
  const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
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
},
focus: () => {
  const el = document.activeElement;
  if (!el || el === document.body) return null;
  const style = getComputedStyle(el), box = el.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2), y = box.top + Math.min(box.height / 2, 12);
  const top = y >= 0 && y < innerHeight ? document.elementFromPoint(x, y) : null;
  return { what: el.outerHTML.slice(0, 100), ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: !!top && (el.contains(top) || top.contains(el) || !!(el.labels && Array.from(el.labels).some(l => l.contains(top)))) };
}
})

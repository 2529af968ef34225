"""Components of pages (built in: no load tag needed)."""

import json
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django import forms, template
from django.http import HttpRequest
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from responsibility.common import clock, panels, periods
from responsibility.common.addresses import address as address_of
from responsibility.common.money import as_wan
from responsibility.common.plots import Plot
from responsibility.common.rights import Right

register = template.Library()

ICONS = {
    "home": '<path d="m4 11 8-7 8 7v9h-5.5v-6h-5v6H4z"/>',
    "map": '<path d="m3 6 6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14"/>',
    "list": '<path d="M9 6h12M9 12h12M9 18h12M4 6h.1M4 12h.1M4 18h.1"/>',
    "pen": '<path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4"/>',
    "doc": '<path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6"/>',
    "seal": '<circle cx="12" cy="9" r="5.5"/><path d="m9 14-1 7 4-2.5L16 21l-1-7"/>',
    "book": '<path d="M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM5 18a2 2 0 0 1 2-2h12M9 8h6"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>',
    "tick": '<circle cx="12" cy="12" r="9"/><path d="m8 12.3 2.8 2.8L16 9.6"/>',
    "triangle": '<path d="M12 3.5 22 20.5H2z"/><path d="M12 10v4.5M12 17.4v.1"/>',
    "octagon": '<path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8z"/><path d="M12 7v6M12 16.4v.1"/>',
    "dash": '<circle cx="12" cy="12" r="9"/><path d="M8 12h8"/>',
    "bell": '<path d="M6 16v-5a6 6 0 0 1 12 0v5l1.5 2.5h-15zM10 21h4"/>',
    "up": '<path d="M12 17V5M7 9l5-5 5 5M4 20h16"/>',
    "down": '<path d="m6 9 6 6 6-6"/>',
    "right": '<path d="m9 6 6 6-6 6"/>',
    "menu": '<path d="M4 6h16M4 12h16M4 18h16"/>',
    "tree": (
        '<path d="M12 4v4M5 16v-4h14v4M12 8v8M9.500 4h5M3 16h4v4H3zM10 16h4v4h-4zM17 16h4v4h-4z"/>'
    ),
    "people": (
        '<circle cx="9" cy="8" r="3.5"/><path d="M3 20c0-4 3-6 6-6s6 2 6 6M16 5a3.500'
        ' 3.500 0 0 1 0 6.500M17 14c2.500.5 4 2.500 4 6"/>'
    ),
    "lock": '<path d="M6 10h12v10H6zM8.5 10V7a3.5 3.5 0 0 1 7 0v3"/>',
    "gear": (
        '<circle cx="12" cy="12" r="3.500"/><path d="M12 3v3M12 18v3M3 12h3M18'
        " 12h3M5.600 5.600l2.100 2.100M16.300 16.300l2.100 2.100M5.600"
        ' 18.400l2.100-2.100M16.300 7.700l2.100-2.100"/>'
    ),
    "talk": '<path d="M4 5h16v11H10l-4 4v-4H4z"/>',
    "search": '<circle cx="10.500" cy="10.500" r="6.500"/><path d="m15.500 15.500 5 5"/>',
    "chart": '<path d="M4 4v16h16M8 15l4-5 3 3 5-7"/>',
}
DRAWN = {
    name: mark_safe(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f"{drawing}</svg>"
    )
    for name, drawing in ICONS.items()
}
STATES: dict[str, tuple[str, str]] = {
    "draft": ("", "dash"),
    "awaiting_approval": ("blue", "clock"),
    "submitted": ("blue", "clock"),
    "in_review": ("blue", "clock"),
    "returned": ("yellow", "triangle"),
    "passed": ("green", "tick"),
    "archived": ("green", "tick"),
    "done": ("green", "tick"),
    "in_progress": ("blue", "clock"),
    "not_started": ("", "dash"),
    "unlisted": ("", "dash"),
    "undetermined": ("", "dash"),
    "determined": ("", "dash"),
    "not_applicable": ("", "dash"),
    "ended": ("", "dash"),
    "closed": ("", "dash"),
    "active": ("", "dash"),
    "red": ("red", "octagon"),
    "yellow": ("yellow", "triangle"),
    "blue": ("blue", "clock"),
    "green": ("green", "tick"),
    "failed": ("red", "octagon"),
    "running": ("blue", "clock"),
    "waiting": ("", "clock"),
    "cancelled": ("", "dash"),
    "consulting": ("blue", "talk"),
    "issued": ("blue", "clock"),
    "signed": ("green", "tick"),
    "settled": ("green", "tick"),
    "superseded": ("", "dash"),
    "withdrawn": ("", "dash"),
    "short": ("yellow", "triangle"),
    "unmeasurable": ("", "dash"),
}
LIMIT = 10
SOON = 30
DIGITS = "零一二三四五六七八九"


class AddressNode(URLNode):
    """``{% url %}`` that looks each plain name up once; anything else is left to Django."""

    def render(self, context: Context) -> str:
        """Return the address (escaped where the page escapes), or keep it under ``as``."""
        name = self.view_name.resolve(context)
        if self.kwargs or ":" in str(name):
            return super().render(context)
        try:
            found = address_of(str(name), *(arg.resolve(context) for arg in self.args))
        except NoReverseMatch:
            return super().render(context)
        if self.asvar:
            context[self.asvar] = found
            return ""
        return conditional_escape(found) if context.autoescape else found


@register.tag
def url(parser: Parser, token: Token) -> AddressNode:
    """Take the place of Django's own tag."""
    node = parse_url(parser, token)
    return AddressNode(node.view_name, node.args, node.kwargs, node.asvar)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an inline icon, hidden from screen readers."""
    return DRAWN.get(name) or DRAWN["list"]


@register.simple_tag
def badge(state: str, word: object) -> SafeString:
    """Return a state badge: icon and word, colour by the state's code or a colour's name."""
    return _badge(str(state), word if isinstance(word, SafeString) else str(word))


@lru_cache(maxsize=2048, typed=True)  # a safe text is not a plain one
def _badge(state: str, word: str) -> SafeString:
    colour, mark = STATES.get(state, ("", "dash"))
    css = f" badge--{colour}" if colour else ""
    return format_html('<span class="badge{}">{}{}</span>', css, icon(mark), word)


@register.simple_tag
def state(colour: str, word: object) -> SafeString:
    """Return a state without a box, for cells and cards: icon and word."""
    css, mark = STATES.get(str(colour), ("", "dash"))
    return format_html('<span class="st st--{}">{}{}</span>', css or "grey", icon(mark), word)


@register.simple_tag
def count_link(value: int, address: str, query: str = "", more: str = "", tone: str = "") -> str:
    """Return a count as a link to the rows behind it; nothing to see is 无, without a link."""
    if not value:
        return mark_safe('<span class="muted">无</span>')
    shown = state(tone, figure(value)) if tone else figure(value)
    joint = "&" if query and more else ""
    return format_html('<a href="{}{}{}{}">{}</a>', address, query, joint, more, shown)


def days_words(left: int) -> tuple[str, str]:
    """Return (state, words) of the days left: blue before, yellow after, red past the limit."""
    if left > SOON:
        return "draft", f"还有 {left} 天"
    if left > 0:
        return "blue", f"还有 {left} 天"
    if left == 0:
        return "blue", "今天到期"
    return ("red", f"逾期 {-left} 天（超限）") if -left > LIMIT else ("yellow", f"逾期 {-left} 天")


@register.simple_tag
def due_badge(day: date | None, state: str = "") -> SafeString:
    """Return how many days are left until a date, in words; an empty string without a date."""
    if day is None:
        return mark_safe("")
    if state in ("done", "passed", "archived"):
        return badge("done", "已落实")
    colour, words = days_words((day - clock.today()).days)
    return badge(colour, words)


@register.filter
def cn_date(day: date | None) -> str:
    """Return a date as offices write it; this year's without the year."""
    if day is None:
        return ""
    year = "" if day.year == clock.today().year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


@register.filter
def period(code: object) -> str:
    """Return a period's code (``2026Q2``) in words (2026年第二季度); anything else as it is."""
    try:
        return periods.parse(str(code)).label
    except ValueError:
        return str(code)


@register.filter
def cn_number(text: object) -> str:
    """Return an article's number (``12``, ``10-1``) in Chinese (十二, 十之一)."""
    return "之".join(_cn(part) for part in str(text).split("-"))


def _cn(part: str) -> str:
    if not part.isdigit() or int(part) > 999:
        return part
    number, words = int(part), ""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    if hundreds:
        words += DIGITS[hundreds] + "百"
    if tens:
        words += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        words += "零"
    return words + (DIGITS[ones] if ones or not number else "")


@register.filter
def wan(value: Decimal) -> str:
    """Return 元 as 万元."""
    return as_wan(value)


@register.filter
def figure(value: object) -> str:
    """Return a number with thousands separators, without trailing zeros; words as they are."""
    try:
        text = f"{Decimal(str(value)):,f}"
    except InvalidOperation:
        return str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def mark(value: object) -> str:
    """Return a mark with its two decimals; a dash where there is none, words as they are."""
    try:
        return "—" if value in (None, "") else f"{Decimal(str(value)):.2f}"
    except InvalidOperation:
        return str(value)


SHORT = (("旅游度假区", "度假区"), ("高新技术产业开发区", "高新区"), ("经济技术开发区", "经开区"))


@register.filter
def short_place(place: object) -> str:
    """Return a development zone's short name, for table heads and narrow cells only."""
    name = str(getattr(place, "name", place))
    return next((short for ending, short in SHORT if name.endswith(ending)), name)


@register.filter
def get(mapping: Any, key: object) -> Any:
    """Return one value of a mapping in a template."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""


@register.inclusion_tag("components/field.html")
def field(bound: forms.BoundField) -> dict[str, Any]:
    """Show a label, hint, control and its error, tied together for screen readers."""
    described = [f"{bound.auto_id}-h"] if bound.help_text else []
    attrs: dict[str, Any] = {}
    if bound.errors:
        described.append(f"{bound.auto_id}-e")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    widget = bound.field.widget
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "is_check": isinstance(widget, forms.CheckboxInput),
        "is_group": isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple),
        "required": bound.field.required,
    }


@register.inclusion_tag("components/errors.html")
def errors(form: forms.BaseForm) -> dict[str, Any]:
    """Show the summary of what is to be mended, each line a link to its field."""
    if not form.is_bound:
        return {"rows": [], "general": []}
    rows = [
        (form[name].auto_id, form[name].label, message)
        for name, messages in form.errors.items()
        if name in form.fields
        for message in messages
    ]
    return {"rows": rows, "general": list(form.non_field_errors()), "count": len(rows)}


@register.inclusion_tag("components/deadline.html")
def deadline(
    day: date | None, kind: str, basis: str = "", url: str = "", state: str = ""
) -> dict[str, Any]:
    """Show days left, the date, what kind of basis it has and where it is explained."""
    return {"day": day, "kind": kind, "basis": basis, "url": url, "state": state}


@register.inclusion_tag("components/empty.html")
def empty(
    title: str, text: str = "", url: str = "", action: str = "去看", mark: str = "doc"
) -> dict[str, str]:
    """Show why there is nothing, and what would fill it."""
    return {"title": title, "text": text, "url": url, "action": action, "mark": mark}


@register.inclusion_tag("components/crumbs.html")
def crumbs(*parts: str) -> dict[str, Any]:
    """Show where one is: label and address in turn; an empty address is plain text."""
    return {"steps": list(zip(parts[::2], [*parts[1::2], ""], strict=False))}


@register.inclusion_tag("components/plot.html")
def plot(given: Plot) -> dict[str, Any]:
    """Show a plot with its table (the page's head loads echarts and charts.js)."""
    data = json.dumps(given.data(), ensure_ascii=False)
    return {"plot": given, "data": data, "today": clock.today()}


@register.simple_tag
def print_button(words: str = "打印") -> SafeString:
    """Return a button that prints the page; it appears only with script."""
    return format_html(
        '<button class="btn btn--2" type="button" data-print data-js hidden>{}</button>', words
    )


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: dict[str, Any], page: Any) -> dict[str, Any]:
    """Show where one is in a list, keeping the filters."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"page": page, "query": query.urlencode()}


@register.simple_tag(takes_context=True)
def slot(context: dict[str, Any], name: str, obj: object) -> SafeString:
    """Show the blocks that other apps registered for this place."""
    request: HttpRequest = context["request"]
    return panels.render(name, request, obj)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: object) -> str:
    """Return the current query string with some parameters changed (empty ones removed)."""
    params = context["request"].GET.copy()
    params.pop("page", None)
    for key, value in changes.items():
        params.pop(key, None)
        if value not in ("", None):
            params[key] = str(value)
    return f"?{params.urlencode()}"


@register.filter
def may(access: Any, right: str) -> bool:
    """Say whether the user holds a right anywhere (unknown rights fail loudly)."""
    return bool(access) and bool(access.has(Right(right)))

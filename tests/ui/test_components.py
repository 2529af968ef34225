"""Components: escaping, names for screen readers, state in words."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from responsibility.common import clock
from responsibility.common.plots import Plot, Series
from responsibility.common.templatetags import ui

NASTY = '<script>alert("1")</script>'


def render(source: str, **context: Any) -> str:
    request = RequestFactory().get("/x/?status=done&q=a%26b&page=3")
    return Template(source).render(Context({"request": request, **context}))


class SampleForm(forms.Form):
    text = forms.CharField(label="内容", help_text="写一两句。", max_length=5)
    day = forms.DateField(label="日期", required=False)
    kind = forms.ChoiceField(label="类别", choices=[("a", "甲")])
    ok = forms.BooleanField(label="同意", required=False)
    pick = forms.ChoiceField(label="选一个", choices=[("a", "甲")], widget=forms.RadioSelect)


def test_a_state_is_said_in_words_with_an_icon_and_a_colour() -> None:
    html = render("{% badge 'returned' word %}", word=NASTY)
    assert "badge--yellow" in html
    assert "<svg" in html
    assert 'aria-hidden="true"' in html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("left", "colour", "words"),
    [
        (31, "draft", "还有 31 天"),
        (8, "blue", "还有 8 天"),
        (0, "blue", "今天到期"),
        (-1, "yellow", "逾期 1 天"),
        (-10, "yellow", "逾期 10 天"),
        (-11, "red", "逾期 11 天（超限）"),
    ],
)
def test_days_left(left: int, colour: str, words: str) -> None:
    assert ui.days_words(left) == (colour, words)


def test_a_deadline_shows_its_basis_and_where_it_is_explained() -> None:
    day = date(2020, 12, 25)
    html = render("{% deadline day '本市设定' '细则第十一条' '/rule/' %}", day=day)
    assert "2020年12月25日" in html
    assert "本市设定" in html
    assert '<a href="/rule/">细则第十一条</a>' in html


def test_numbers_dates_and_names() -> None:
    assert ui.figure("3842.500000") == "3,842.5"
    assert ui.cn_number("10-1") == "十之一"
    assert [ui.cn_number(n) for n in ("20", "105", "110", "40")] == [
        "二十",
        "一百零五",
        "一百一十",
        "四十",
    ]
    assert ui.cn_date(date(clock.today().year, 3, 5)) == "3月5日"
    assert ui.cn_date(date(1999, 3, 5)) == "1999年3月5日"
    assert ui.short_place("聊城江北水城旅游度假区") == "度假区"
    assert ui.short_place("冠县") == "冠县"


def test_a_count_is_a_link_to_its_rows_and_nothing_is_none() -> None:
    html = str(ui.count_link(12, "/duties/", "?year=2020", "due=overdue", "yellow"))
    assert 'href="/duties/?year=2020&amp;due=overdue"' in html
    assert "12" in html
    assert "<a" not in str(ui.count_link(0, "/duties/"))


def test_query_keeps_the_other_filters_and_forgets_the_page() -> None:
    assert render("{% query status='' %}") == "?q=a%26b"
    assert render("{% query status='x' %}") == "?q=a%26b&amp;status=x"


def test_breadcrumbs_end_where_one_is() -> None:
    html = render("{% crumbs '责任清单' '/duties/' '聊城市' '' name %}", name=NASTY)
    assert '<a href="/duties/">责任清单</a>' in html
    assert "<li>聊城市</li>" in html
    assert html.count("aria-current") == 1
    assert "<script>" not in html


def test_a_field_ties_label_hint_and_mistake_to_its_control() -> None:
    form = SampleForm({"text": NASTY, "day": "2020-02-31", "kind": "z", "pick": "a"})
    html = render("{% errors form %}{% for f in form %}{% field f %}{% endfor %}", form=form)
    assert 'aria-describedby="id_text-h id_text-e"' in html
    assert 'id="id_text-h"' in html
    assert 'id="id_text-e"' in html
    assert html.count('aria-invalid="true"') == 3
    assert "<script>" not in html
    assert "&lt;script&gt;" in html  # what was typed is kept
    assert "有 3 处要改" in html
    assert '<a href="#id_day">日期：没有这一天，或写法不对，应如 2020-12-17。</a>' in html
    assert f"最多 5 字，现在 {len(NASTY)} 字，请删减。" in html
    assert "没有这个选项" in html
    assert "<legend>选一个</legend>" in html


def test_an_unbound_form_has_no_summary() -> None:
    assert render("{% errors form %}", form=SampleForm()).strip() == ""


def test_a_plot_carries_its_numbers_as_a_table_too() -> None:
    plot = Plot(
        key="p",
        kind="stacked",
        title="各月 </script>",
        labels=["3月", "4月"],
        series=[Series("已落实", [1200, None], "green")],
        unit="项",
    )
    html = render("{% plot p %}", p=plot)
    assert 'data-plot="{&quot;kind&quot;' in html
    assert "1,200" in html
    assert "—" in html
    assert "</script>" not in html


@pytest.mark.parametrize("change", [{"kind": "pie"}, {"labels": ["一"]}])
def test_a_plot_that_cannot_be_drawn_is_refused(change: dict[str, Any]) -> None:
    given = {"key": "p", "kind": "bar", "title": "t", "labels": ["a", "b"], **change}
    with pytest.raises(ValueError, match="plot p"):
        Plot(series=[Series("s", [1, 2])], **given)


def test_script_only_controls_are_hidden_until_script_shows_them() -> None:
    assert "hidden" in str(ui.print_button())

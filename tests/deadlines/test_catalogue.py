"""Rules from a file, in versions; changes that never rewrite history."""

from datetime import date
from pathlib import Path

import pytest

from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.deadlines import services
from responsibility.deadlines.models import DeadlineRule
from tests.cast import Cast
from tests.deadlines.helpers import LABEL, again, make_deadline, make_rule
from tests.duties_maker import make_assignment

GOOD = """
rules:
  - key: letter
    title: 签订责任书
    anchor: date
    month_day: "03-31"
    roll: forward
    years: 2019-
    basis: elsewhere
    basis_text: 河南综治办法第十三条，一般在第一季度签订
    article: "11"
    steps:
      - {days: -15, colour: blue}
      - {days: 1, colour: yellow}
      - {days: 8, colour: red, escalate: true}
  - key: clue
    title: 移交问题线索
    anchor: event
    offset: 5
    unit: working_day
    basis: unverified
    basis_text: 细则只写“及时”
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_import_twice_is_a_no_op(db: None, tmp_path: Path):
    path = write(tmp_path, GOOD)
    first = services.import_rules(path=path, by=None)
    assert (first.added, first.changed, first.unchanged) == (2, 0, 0)
    second = services.import_rules(path=path, by=None)
    assert (second.added, second.changed, second.unchanged) == (0, 0, 2)
    letter = DeadlineRule.objects.get(key="letter")
    assert (letter.years, letter.in_words) == ("2019—年度", "每年 3 月 31 日当天，遇休息日顺延")
    assert [step.days for step in letter.ladder] == [-15, 1, 8]


def test_changed_file_makes_a_new_version(db: None, tmp_path: Path):
    services.import_rules(path=write(tmp_path, GOOD), by=None)
    counts = services.import_rules(
        path=write(tmp_path, GOOD.replace("offset: 5", "offset: 3")), by=None
    )
    assert (counts.added, counts.changed) == (0, 1)
    assert list(DeadlineRule.objects.filter(key="clue").values_list("version", "offset")) == [
        (1, 5),
        (2, 3),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "须有 rules 列表"),
        ("rules: [{key: a}]", "须有 key 和 title"),
        ("rules: [\n", "不是 UTF-8 的 YAML"),
        (GOOD.replace("anchor: event", "anchor: moon"), "“moon”不是可选的值"),
        (GOOD.replace("basis: unverified", "basis: ''"), "须写明依据种类"),
        (GOOD.replace("03-31", "02-30"), "月日应写成 12-25"),
        (GOOD.replace("key: clue", "key: letter"), "规则 letter 写了两次"),
        (GOOD.replace("offset: 5", "offset: soon"), "时长应是整数"),
        (GOOD.replace("offset: 5", "ofset: 5"), "不认识的字段 ofset"),
        (GOOD.replace("years: 2019-", "years: 2021-2019"), "起止年份颠倒"),
    ],
)
def test_bad_files_load_nothing(db: None, tmp_path: Path, text: str, message: str):
    with pytest.raises(Invalid, match=message):
        services.import_rules(path=write(tmp_path, text), by=None)
    assert not DeadlineRule.objects.exists()


def test_change_moves_the_open_and_leaves_the_closed(cast: Cast):
    rule = make_rule()
    closed, open_, paused = (make_deadline(cast) for _ in range(3))
    services.settle(label=LABEL, subject_ids=[closed.subject_id], by=None, on=date(2020, 12, 30))
    services.pause(label=LABEL, subject_ids=[paused.subject_id], by=None, on=date(2020, 12, 20))
    moves = services.preview_change(rule, {"offset": 10})
    assert [(move.period, move.count, move.from_due, move.to_due) for move in moves] == [
        ("2020Q4", 2, date(2020, 12, 31), date(2021, 1, 10))
    ]
    assert again(open_).due_on == date(2020, 12, 31), "a preview changes nothing"
    new = services.change_rule(
        rule=rule, values={"offset": 10}, reason="市办〔2020〕5号", by=cast.user("office-3715")
    )
    assert (again(closed).rule_id, again(closed).due_on) == (rule.pk, date(2020, 12, 31))
    assert (again(open_).rule_id, again(open_).due_on) == (new.pk, date(2021, 1, 10))
    assert (again(open_).moved_from, again(open_).moved_reason) == (
        date(2020, 12, 31),
        "市办〔2020〕5号",
    )
    assert (again(paused).due_on, again(paused).next_action_on) == (date(2021, 1, 10), None)
    old = DeadlineRule.objects.get(pk=rule.pk)
    assert (old.offset, old.superseded_at is not None) == (0, True)


def test_years_out_of_force_keep_the_old_version(cast: Cast):
    rule = make_rule()
    row = make_deadline(cast)
    services.change_rule(
        rule=rule,
        values={"offset": 10, "year_from": 2021},
        reason="新办法",
        by=cast.user("office-3715"),
    )
    assert (again(row).rule_id, again(row).due_on) == (rule.pk, date(2020, 12, 31))


def test_reminders_follow_a_moved_date_without_repeating(cast: Cast):
    rule = make_rule()
    row = make_deadline(cast)
    services.sweep(today=date(2020, 12, 24))
    assert again(row).step == 1
    services.change_rule(
        rule=rule,
        values={"steps": [{"days": -30, "colour": "blue"}, {"days": 1, "colour": "yellow"}]},
        reason="提醒提前",
        by=cast.user("office-3715"),
    )
    assert again(row).next_action_on == date(2021, 1, 1)


def test_two_changes_at_once_and_no_reason(cast: Cast):
    rule = make_rule()
    by = cast.user("office-3715")
    with pytest.raises(Invalid):
        services.change_rule(rule=rule, values={"offset": 3}, reason="", by=by)
    services.change_rule(rule=rule, values={"offset": 3}, reason="一", by=by)
    with pytest.raises(Conflict):
        services.change_rule(rule=rule, values={"offset": 4}, reason="二", by=by)


def test_only_the_city_office_changes_rules(cast: Cast):
    rule = make_rule()
    with pytest.raises(Forbidden):
        services.change_rule(
            rule=rule, values={"offset": 3}, reason="一", by=cast.user("office-371525")
        )


def test_the_assignment_keeps_step_with_a_moved_date(cast: Cast):
    rule = make_rule()
    assignment = make_assignment(cast, "371502011")
    make_deadline(cast, subject_id=assignment.public_id)
    services.change_rule(
        rule=rule, values={"offset": 10}, reason="新办法", by=cast.user("office-3715")
    )
    assignment.refresh_from_db()
    assert assignment.due_on == date(2021, 1, 10)

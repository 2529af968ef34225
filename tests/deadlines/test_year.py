"""A whole year run day by day: each reminder once, on its day, with its basis; twice is nothing.

What is expected is computed here from the shipped rules and the holiday notices, not asked of
the product.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from responsibility.alerts.models import Alert
from responsibility.deadlines.models import Deadline
from responsibility.deadlines.services import lifecycle, opening
from responsibility.deadlines.services.catalogue import recompute_uncertain
from responsibility.divisions.models import Division
from responsibility.divisions.services import bodies
from responsibility.duties.models import Assignment
from responsibility.duties.services.assigning import open_year
from responsibility.letters.models import Confirmation, Letter
from responsibility.letters.services import drafting
from responsibility.outbox.models import Notice
from responsibility.postings.services import posts
from tests.cast import TIER_ROLES, Cast
from tests.deadlines.calendar_by_hand import PERIODS, due
from tests.deadlines.helpers import make_deadline, make_rule
from tests.duties_maker import make_assignment
from tests.letters.maker import make_kind, make_plan, seat_all, sign
from tests.shipped import DATA, load_rulebook

RULES = {
    rule["key"]: rule
    for rule in yaml.safe_load((DATA / "deadline-rules.yaml").read_text("utf-8"))["rules"]
}
BASES = {
    "regulation": "细则原文",
    "superior": "上级文件",
    "elsewhere": "参照外地",
    "local": "本市设定",
    "unverified": "待核",
}
LADDER = ((-7, "blue"), (1, "yellow"), (11, "red"))
UP = ("reviewer", "office", "secretary", "head")
Told = tuple[str, str, str]  # the deadline's source, the level, the user


@dataclass
class Year:
    """One replayed year: what was told on which day."""

    cast: Cast
    year: int
    settings: Any
    told: dict[date, Counter[Told]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    done: dict[int, date] = field(default_factory=dict)
    seen: int = 0

    @property
    def change(self) -> date:
        """Return the day on which the county gets another head."""
        return date(self.year, 6, 15)

    def run(self, day: date) -> None:
        """Run one day and keep the reminders that it made."""
        self.settings.BUSINESS_DATE = day.isoformat()
        call_command("run_day", "--today", day.isoformat(), stdout=StringIO())
        fresh = Notice.objects.filter(pk__gt=self.seen, source__startswith="deadline:")
        self.told[day] = Counter()
        for notice in fresh.select_related("user"):
            self.told[day][(notice.source, notice.level, notice.user.username)] += 1
            self.texts[notice.source] = notice.text
            self.titles[(notice.source, notice.level)] = notice.title
        self.seen = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def days(self) -> list[date]:
        """Return every day of the year."""
        first = date(self.year, 1, 1)
        return [first + timedelta(n) for n in range((date(self.year + 1, 1, 1) - first).days)]


def state() -> list[Any]:
    """Return all that a day's jobs may touch."""
    fields = ("pk", "due_on", "status", "colour", "step", "next_action_on", "settled_on")
    return [
        sorted(Notice.objects.values_list("pk", "key", "level", "title", "settled_at")),
        sorted(Deadline.objects.values_list(*fields), key=str),
        sorted(Alert.objects.values_list("pk", "kind", "found_on", "closed_on"), key=str),
        sorted(Confirmation.objects.values_list("pk", "confirmed_at"), key=str),
        Assignment.objects.count(),
    ]


def hears(
    year: "Year", row: Deadline, level: str, on: date, places: dict[int, Division]
) -> set[str]:
    """Return who is to hear of a step: the place's people; for red its principals, one tier up."""
    place = places[row.division_id]
    roles = {"recorder", "office"} | ({"secretary", "head"} if level == "red" else set())
    own = {role.value for role in TIER_ROLES[place.tier]} & roles
    found = {f"{role}-{place.short_code}" for role in own}
    if row.body_id == year.cast.bodies[("371500000000", "city.finance")].pk:
        found.add("member-3715")
    if level == "red":
        above = places[place.parent_id or place.pk]
        found |= {
            f"{role.value}-{above.short_code}" for role in TIER_ROLES[above.tier] if role in UP
        }
    if "head-371525" in found and on >= year.change:
        found.add("head-371525001")
    return found


def expected(year: Year) -> dict[date, Counter[Told]]:
    """Return what has to be told on each day of the year, by hand."""
    places = Division.objects.in_bulk()
    found: dict[date, Counter[Told]] = {day: Counter() for day in year.days()}
    for row in Deadline.objects.all():
        day = due(RULES[row.rule_key], row.period, row.event_on)
        for offset, level in LADDER:
            on = day + timedelta(days=offset)
            if on not in found or on > year.done.get(row.pk, date.max):
                continue
            for user in hears(year, row, level, on, places):
                found[on][(row.source, level, user)] += 1
    return found


def opened_by_hand(cast: Cast, year: int) -> set[tuple[Any, str, str]]:
    """Return (subject, rule, period) of every deadline that the assignments ask for."""
    rows = Assignment.objects.filter(year=year, standing="active").select_related("duty")
    return {
        (row.public_id, row.duty.deadline_rule, period.format(year))
        for row in rows
        if row.duty.deadline_rule and row.duty.rhythm in PERIODS
        for period in PERIODS[row.duty.rhythm]
    }


def work(year: Year, day: date) -> None:
    """Two of three bearers do what is due: one on the day itself, one five days late."""
    for late in (0, 5):
        rows = Deadline.objects.living().filter(
            subject_type="duties.assignment", due_on=day - timedelta(days=late)
        )
        for row in rows.order_by("pk"):
            if row.division_id % 3 == (1 if late else 0):
                lifecycle.settle(
                    label=row.subject_type,
                    subject_ids=[row.subject_id],
                    period=row.period,
                    rule=row.rule_key,
                    by=None,
                    on=day,
                )
                year.done[row.pk] = day


def events(year: int) -> dict[date, str]:
    """Return events whose working days run over holidays and make-up days."""
    return {
        date(year, 1, 10): "plan-answer",
        date(year, 4, 23): "event-10wd",
        date(year, 9, 18): "event-10wd",
        date(year, 9, 30): "resubmit-5wd",
    }


def open_event(cast: Cast, rule: str, day: date) -> None:
    """Open one deadline that counts from an event of today, at the township of the zone."""
    body = cast.main("371502011")
    subject = cast.programme.public_id
    wish = opening.Opening(
        rule, "plans.handdown", subject, "事项", body.division_id, body.pk, event_on=day
    )
    opening.open_many(openings=[wish], by=None, today=day)


def sign_letter(cast: Cast, year: int) -> Letter:
    """Draft, issue and sign 冠县's letter by its four principals."""
    seat_all(cast)
    make_plan(cast, year=year)
    office = cast.user("office-3715")
    draft = drafting.draft(by=office, kind=make_kind(cast), body=cast.main("371525"), year=year)
    letter = drafting.issue(by=office, letter=draft)
    for who in ("secretary-371525", "head-371525", "secretary-3715", "head-3715"):
        sign(cast, letter, who)
    return letter


def change_head(cast: Cast, day: date) -> None:
    """The county's head leaves; the township's head takes over from this day."""
    post = cast.main("371525").posts.get(principal="head")
    tenure = post.tenures.get()
    last = day - timedelta(days=1)
    posts.end_tenure(tenure=tenure, last_day=last, reason="调任", by=None)
    posts.appoint(post=post, user=cast.user("head-371525001"), since=day, by=None)


@pytest.fixture
def city(cast: Cast) -> Cast:
    """The cast with the shipped rulebook; the year before was worked with."""
    bodies.import_body_kinds(path=DATA / "body-kinds.yaml")
    load_rulebook(cast.programme)
    return cast


def quiet_days(year: Year) -> set[date]:
    """Return the days on which nothing can be due, nor on the day before or after.

    A reminder sent too early or too late still shows: on the edge of its busy day.
    """
    dues = {
        due(rule, period.format(year.year), None)
        for rule in RULES.values()
        if rule["anchor"] != "event"
        for period in {item for group in PERIODS.values() for item in group}
    }
    dues |= {due(RULES[rule], "", day) for day, rule in events(year.year).items()}
    dues.add(due(RULES["letter-handover"], "", year.change))
    busy = {
        day + timedelta(days=n + offset) for day in dues for n, _ in LADDER for offset in (-1, 0, 1)
    }
    return set(year.days()) - busy - {date(year.year, 12, 1), date(year.year, 1, 1), year.change}


def live(year: Year, quiet: set[date]) -> None:
    """Live the year day by day: the jobs of the day (save on quiet ones), then what people do."""
    cast = year.cast
    for day in year.days():
        if rule := events(year.year).get(day):
            open_event(cast, rule, day)
        if day not in quiet:
            year.run(day)
        work(year, day)
        if day == date(year.year, 3, 10):
            sign_letter(cast, year.year)
        if day == year.change - timedelta(days=1):
            change_head(cast, year.change)


@pytest.mark.parametrize("number", [2020, 2026])
def test_a_year_day_by_day_and_once_more(city: Cast, settings: Any, number: int) -> None:
    make_assignment(city, "371525", year=number - 1, rhythm="on_event")
    year = Year(city, number, settings)
    live(year, set() if number == 2020 else quiet_days(year))

    opened = Deadline.objects.filter(subject_type="duties.assignment")
    keys = set(opened.values_list("subject_id", "rule_key", "period"))
    assert keys == opened_by_hand(city, number), "the year was opened on its first day, whole"
    for row in Deadline.objects.select_related("rule"):
        rule = RULES[row.rule_key]
        assert row.due_on == due(rule, row.period, row.event_on), (row.rule_key, row.period)
        if text := year.texts.get(row.source):
            assert f"依据：{BASES[rule['basis']]}，" in text
            assert rule["basis_text"] in text
    wanted = expected(year)
    for day in year.days():
        told = year.told.get(day, Counter())
        assert told == wanted[day], f"{day}: {told - wanted[day]}"
    levels = Counter(item[1] for day in wanted for item in wanted[day])
    assert min(levels[level] for _, level in LADDER) > 50, levels
    assert not any("补发" in text for text in year.texts.values()), "nothing was late"

    handover = Deadline.objects.get(rule_key="letter-handover")
    assert handover.event_on == year.change
    settle = Deadline.objects.get(rule_key="letter-settle")
    assert settle.due_on == date(number + 1, 2, 1), "31 January is a Sunday in both years"

    before = state()
    for day in year.days():
        if day.day == 1 or wanted[day]:
            year.run(day)
            assert not year.told[day]
    assert state() == before, "a second replay changes nothing"


def test_a_beat_that_was_down_for_three_days_catches_up_once(cast: Cast, settings: Any) -> None:
    make_rule(basis="elsewhere", basis_text="参照外地做法")
    make_rule("local", basis="local", basis_text="按季度末办结")
    make_rule(
        "twice",
        steps=[{"days": -2, "colour": "blue"}, {"days": -1, "colour": "yellow"}],
        basis="superior",
        basis_text="上级通知",
    )
    blue = make_deadline(cast)
    both = make_deadline(cast, rule="twice")
    other = make_deadline(cast, "371525001", rule="local", period="2020M12")
    Deadline.objects.filter(pk=both.pk).update(
        due_on=date(2020, 12, 26), next_action_on=date(2020, 12, 24)
    )
    today = make_deadline(cast, "371502001", rule="local", period="2020H2")
    Deadline.objects.filter(pk=today.pk).update(
        due_on=date(2021, 1, 2), next_action_on=date(2020, 12, 26)
    )
    year = Year(cast, 2020, settings)
    year.run(date(2020, 12, 22))
    assert not year.told[date(2020, 12, 22)]
    year.run(date(2020, 12, 26))  # beat was down on the 23rd, 24th and 25th
    assert year.told[date(2020, 12, 26)] == Counter(
        {
            (blue.source, "blue", "recorder-371502011"): 1,
            (both.source, "yellow", "recorder-371502011"): 1,
            (other.source, "blue", "recorder-371525001"): 1,
            (today.source, "blue", "recorder-371502001"): 1,
        }
    )
    assert "按规则应于12月24日提醒，今天补发。依据：参照外地，" in year.texts[blue.source]
    assert "按规则应于12月25日提醒，今天补发。依据：上级文件，" in year.texts[both.source]
    assert "按规则应于12月24日提醒，今天补发。依据：本市设定，" in year.texts[other.source]
    assert "补发" not in year.texts[today.source]
    assert year.titles[(blue.source, "blue")].startswith("还有 5 天")
    for day in (23, 24, 25, 26):
        year.run(date(2020, 12, day))
        assert not year.told[date(2020, 12, day)], "it does not catch up three times"


def test_a_year_opens_once_and_only_after_another(city: Cast) -> None:
    assert open_year(today=date(2020, 1, 1)) == 0, "nobody has begun to work with it"
    make_assignment(city, "371525", year=2019, rhythm="on_event")
    made = open_year(today=date(2020, 1, 3))
    assert made == Assignment.objects.filter(year=2020).count() > 100
    late = Deadline.objects.filter(due_on__lt=date(2020, 1, 3))
    assert not late.exists()
    assert open_year(today=date(2020, 1, 4)) == 0
    Assignment.objects.filter(year=2020, duty__key="a3-1").delete()
    assert open_year(today=date(2020, 1, 5)) == 0, "what is missing later the office assigns"


def test_an_unpublished_year_is_not_written_again_every_night(cast: Cast) -> None:
    make_rule("wd", unit="working_day", offset=5)
    row = make_deadline(cast, rule="wd", period="2098Q4")
    sure = make_deadline(cast, rule="wd", period="2020Q3")
    stamps = Deadline.objects.order_by("pk").values_list("pk", "updated_at")
    before = list(stamps)
    assert row.uncertain
    assert not sure.uncertain
    assert recompute_uncertain(date(2020, 12, 1)) == 0
    assert list(stamps.all()) == before, "the feed would tell everybody of every row"

"""红黄事项: a principal's first page, at / and from the menu."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from responsibility.common import clock
from responsibility.deadlines.models import Deadline, DeadlineRule
from responsibility.deadlines.services.opening import Opening, open_many
from responsibility.duties.models import Assignment
from responsibility.letters.services.reading import waiting_for
from tests.cast import Cast
from tests.duties_maker import make_assignment
from tests.letters.maker import issued


def fill(cast: Cast, many: int, since: int = 0) -> None:
    today = clock.today()
    DeadlineRule.objects.get_or_create(
        key="r",
        version=1,
        defaults={
            "title": "年底前",
            "anchor": "date",
            "month_day": "12-25",
            "basis": "local",
            "basis_text": "测试",
        },
    )
    for number in range(since, many):
        for code in ("371525", "371502"):
            made = make_assignment(cast, code, today.year, key=f"k-{number}", title=f"事{number}")
            due = today - timedelta(days=20)
            Assignment.objects.filter(pk=made.pk).update(due_on=due, status="in_progress")
            place, body = cast.place(code), cast.main(code)
            open_many(
                openings=[
                    Opening(
                        "r",
                        "duties.assignment",
                        made.public_id,
                        f"{place.name}事{number}",
                        place.pk,
                        body.pk,
                        str(today.year),
                    )
                ],
                by=None,
            )
    Deadline.objects.update(due_on=today - timedelta(days=20), colour="red")


def test_first_page_after_sign_in(cast: Cast) -> None:
    fill(cast, 2)
    client = cast.client("secretary-371525")
    for address in ("/", "/principal/"):
        answer = client.get(address)
        text = answer.content.decode()
        assert answer.context["heading"] == "冠县有 2 项超限"
        assert [one.label for one in answer.context["numbers"]] == [
            "待签责任书",
            "超限",
            "逾期（含超限）",
            "已落实",
            "承担责任",
        ]
        assert "冠县事0" in text
        assert "东昌府区" not in text
    for one in answer.context["numbers"][1:]:
        assert client.get(one.url).context["page"].count == one.value
    assert 'href="/principal/"' in client.get("/menu/").content.decode()


def test_without_red_it_says_so(cast: Cast) -> None:
    text = cast.client("head-371525").get("/").content.decode()
    assert "冠县没有红黄事项" in text


def test_the_cost_does_not_grow(cast: Cast) -> None:
    client = cast.client("secretary-371525")

    def statements() -> int:
        client.get("/")
        with CaptureQueriesContext(connection) as seen:
            client.get("/")
        return len(seen)

    fill(cast, 1)
    few = statements()
    fill(cast, 20, since=1)
    assert statements() == few <= 12


def test_the_cost_stays_with_a_letter_to_sign(cast: Cast) -> None:
    fill(cast, 2)
    issued(cast)
    client = cast.client("secretary-371525")
    for address in ("/", "/principal/"):
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(address)
        assert "待签责任书" in answer.content.decode()
        assert answer.context["numbers"][0].value == 1
        assert len(seen) <= 12, [row["sql"][:90] for row in seen]


@pytest.mark.parametrize("who", ["office-3715", "recorder-371525001001", "system-3715"])
def test_for_principals_alone(cast: Cast, who: str) -> None:
    assert cast.client(who).get("/principal/").status_code == 403
    assert "红黄事项</a>" not in cast.client(who).get("/menu/").content.decode()


def test_nobody_signs_for_another(cast: Cast) -> None:
    assert waiting_for(cast.user("office-3715")) == []

"""The pages of the duty list, a duty, an assignment, and the office's acts on them."""

import io
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from responsibility.common import clock
from responsibility.divisions.models import BodyKind
from responsibility.divisions.services import bodies
from responsibility.duties.models import Assignment, Duty, DutyBearer, DutyClause
from responsibility.duties.services import assigning
from responsibility.regulations.models import Clause
from responsibility.regulations.services import importing
from tests.cast import Cast
from tests.duties_maker import make_assignment, make_duty
from tests.shipped import DATA, load_rulebook

TODAY = date(2020, 6, 15)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def cost(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def detail(row: Assignment, name: str = "duty_assignment") -> str:
    return reverse(name, args=[row.public_id])


# --- the list ----------------------------------------------------------------------------------


def test_each_sees_the_duties_of_his_own_places(cast: Cast) -> None:
    make_assignment(cast, "371502011")
    make_assignment(cast, "371525001")
    street, other = cast.main("371502011").name, cast.main("371525001").name
    for who, sees in (
        ("office-3715", (True, True)),
        ("reviewer-3715Z3", (True, False)),
        ("recorder-371502011", (True, False)),
        ("reviewer-371502", (False, False)),
        ("office-371525", (False, True)),
    ):
        page = text_of(cast.client(who).get("/duties/"))
        assert (street in page, other in page) == sees, who


def rows_of(client: Client, **query: str) -> int:
    return text_of(client.get("/duties/", query)).count("<tr data-row>")


def test_filters_narrow_and_nonsense_narrows_nothing_or_all(cast: Cast) -> None:
    street = make_assignment(cast, "371502011", key="k-1", title="走访已脱贫群众")
    county = make_assignment(cast, "371525", key="k-2", title="签署责任书")
    Assignment.objects.filter(pk=street.pk).update(due_on=TODAY - timedelta(days=20))
    Assignment.objects.filter(pk=county.pk).update(
        due_on=TODAY + timedelta(days=9), status="returned"
    )
    make_assignment(cast, "371525", key="k-3", year=2019)
    client = cast.client("office-3715")
    assert rows_of(client) == 2
    for query in (
        {"year": "2019"},
        {"tier": "county"},
        {"division": "冠县"},
        {"division": "371525"},
        {"division": "371525000000"},
        {"status": "returned"},
        {"due": "overdue"},
        {"due": "over_limit"},
        {"due": "soon"},
        {"q": "责任书"},
        {"duty": "k-1"},
        {"body": "county.main"},
        {"body": str(cast.main("371502011").public_id)},
    ):
        assert rows_of(client, **query) == 1, query
    for query in (
        {"division": "没有这个地方"},
        {"article": "99"},
        {"body": "no.such"},
        {"q": "'; DROP TABLE--"},
        {"q": "%"},
        {"standing": "unlisted"},
    ):
        assert rows_of(client, **query) == 0, query
    for query in (
        {"year": "二〇二〇"},
        {"tier": "空"},
        {"status": "<b>"},
        {"page": "-1"},
        {"due": "x"},
    ):
        assert rows_of(client, **query) == 2, query


def test_a_foreign_place_in_the_filter_shows_nothing(cast: Cast) -> None:
    make_assignment(cast, "371525001")
    make_assignment(cast, "371502011")
    client = cast.client("reviewer-3715Z3")
    assert rows_of(client) == 1
    assert rows_of(client, division="371525") == 0
    assert rows_of(client, body=str(cast.main("371525001").public_id)) == 0


def test_a_duty_on_two_clauses_of_an_article_is_listed_once(cast: Cast) -> None:
    version, _ = importing.import_text(
        programme=cast.programme, text=(DATA / "liaocheng-rules-2019.txt").read_text("utf-8")
    )
    row = make_assignment(cast, "371525")
    for clause in Clause.objects.filter(article__version=version, article__number="4"):
        DutyClause.objects.create(duty=row.duty, clause=clause, role="creates", quote="")
    assert row.duty.clauses.count() == 2
    assert rows_of(cast.client("office-3715"), article="4") == 1


def test_the_list_costs_the_same_for_few_and_many(cast: Cast) -> None:
    for number in range(2):
        make_assignment(cast, "371502011", key=f"few-{number}")
    client = cast.client("office-3715")
    few = cost(client, "/duties/")
    for number in range(20):
        make_assignment(cast, "371525001", key=f"many-{number}")
    assert cost(client, "/duties/") == few <= 12


def test_the_sheet_holds_what_the_list_shows_and_no_more(cast: Cast) -> None:
    make_assignment(cast, "371502011", title="=HYPERLINK(1)")
    make_assignment(cast, "371525001", key="k-2")
    for who, count in (("office-3715", 2), ("recorder-371502011", 1), ("reviewer-371502", 0)):
        answer = cast.client(who).get("/duties/export/?year=2020")
        book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
        sheet = book.active
        assert sheet is not None
        lines = list(sheet.iter_rows(values_only=True))
        assert len(lines) == count + 1, who
        assert lines[0][:3] == ("编号", "责任事项", "条文")
    answer = cast.client("office-3715").get("/duties/export/?year=2020&division=371502011")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    cell = book.active["B2"]  # type: ignore[index]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


# --- one assignment ----------------------------------------------------------------------------


def test_an_assignment_is_found_in_its_territory_only(cast: Cast) -> None:
    row = make_assignment(cast, "371502011")
    for who, status in (
        ("recorder-371502011", 200),
        ("reviewer-3715Z3", 200),
        ("office-3715", 200),
        ("reviewer-371502", 404),
        ("office-371525", 404),
        ("member-3715", 404),
        ("audit-3715", 404),
    ):
        assert cast.client(who).get(detail(row)).status_code == status, who
    assert cast.client("office-3715").get(f"/duties/{uuid4()}/").status_code == 404
    assert Client().get(detail(row)).status_code == 302


def test_an_assignment_page_costs_little(cast: Cast) -> None:
    assert cost(cast.client("office-3715"), detail(make_assignment(cast, "371502011"))) <= 12


def test_not_applicable_and_back_with_the_whole_story(cast: Cast) -> None:
    row = make_assignment(cast, "371502011")
    office = cast.client("office-3715")
    act, back = detail(row, "duty_not_applicable"), detail(row, "duty_reinstate")
    for who, status in (("recorder-371502011", 403), ("reviewer-371502", 404)):
        for path in (act, back):
            assert cast.client(who).get(path).status_code == status
            assert cast.client(who).post(path, {"reason": "x"}).status_code == status
    assert office.get(act).status_code == 200
    assert office.post(act, {"reason": ""}).status_code == 400
    long = office.post(act, {"reason": "长" * 10_000})
    assert long.status_code == 400
    assert office.post(act, {"reason": "<b>本地没有</b>"}).status_code == 302
    again = office.post(act, {"reason": "本地没有，再来一次"})
    assert again.status_code == 409
    assert "本地没有，再来一次" in text_of(again)
    row.refresh_from_db()
    assert row.standing == "not_applicable"
    page = text_of(office.get(detail(row)))
    assert "&lt;b&gt;本地没有" in page
    assert back in page
    assert office.get(back).status_code == 200
    assert office.post(back, {"reason": ""}).status_code == 400
    DutyBearer.objects.create(duty=row.duty, kind=row.body.kind)
    assert office.post(back, {"reason": "认定有误"}).status_code == 302
    row.refresh_from_db()
    assert row.standing == "active"
    story = text_of(office.get(detail(row)))
    assert story.index("生成2020年度清单") < story.index("认定为不适用") < story.index("认定有误")


# --- the catalogue, a duty, a year -------------------------------------------------------------


@pytest.fixture
def rulebook(cast: Cast) -> Cast:
    """The cast with the shipped rulebook."""
    bodies.import_body_kinds(path=DATA / "body-kinds.yaml")
    load_rulebook(cast.programme)
    return cast


def test_a_year_is_shown_then_made_once_and_zones_are_extended(rulebook: Cast) -> None:
    cast, office = rulebook, rulebook.client("office-3715")
    for who in ("office-371525", "recorder-371502011", "member-3715"):
        for path in ("/duties/generate/", "/duties/zones/", "/duties/catalogue/a11-1/zones/"):
            assert cast.client(who).get(path).status_code == 403, (who, path)
    for wrong in ("", "二〇二〇", "1999", "99999", "-1"):
        answer = office.post("/duties/generate/", {"year": wrong, "do": "make"})
        assert answer.status_code == 400, wrong
    seen = office.post("/duties/generate/", {"year": "2020", "do": "plan"})
    count = len(seen.context["plan"].rows)
    assert count > 100
    assert not Assignment.objects.exists()
    assert office.post("/duties/generate/", {"year": "2020", "do": "make"}).status_code == 200
    assert Assignment.objects.count() == count
    again = office.post("/duties/generate/", {"year": "2020", "do": "make"})
    assert "已生成 0 项" in text_of(again).replace("  ", " ")
    assert Assignment.objects.count() == count
    _zones(cast, office)
    _duty_pages(cast, office)


def _zones(cast: Cast, office: Client) -> None:
    zone = Assignment.objects.filter(body=cast.main("3715Z3"), standing="unlisted")
    before = zone.count()
    page = text_of(office.get("/duties/zones/"))
    assert 'value="a11-1"' in page
    assert 'value="a13-1"' not in page
    for wrong in (
        {"basis": "参照县级"},
        {"basis": "", "duties": ["a11-1"]},
        {"basis": "参照县级", "duties": ["a13-1"]},
        {"basis": "参照县级", "duties": ["no-such", "a11-1"]},
    ):
        assert office.post("/duties/zones/", wrong).status_code == 400, wrong
    kept = text_of(office.post("/duties/zones/", {"basis": "", "duties": ["a11-1"]}))
    assert 'id="d-a11-1" checked' in kept
    assert zone.count() == before
    good = {"basis": "参照县级", "document": "会议纪要", "duties": ["a11-1", "a11-2"]}
    assert office.post("/duties/zones/", good).status_code == 302
    assert zone.count() == before - 2
    assert "会议纪要" in text_of(office.get("/duties/zones/"))
    single = office.post("/duties/catalogue/a11-3/zones/", {"basis": "参照县级"})
    assert single.status_code == 302
    twice = office.post("/duties/catalogue/a11-3/zones/", {"basis": "参照县级"})
    assert twice.status_code == 409
    row = Assignment.objects.get(body=cast.main("3715Z3"), duty__key="a11-1")
    assert "明确由市属开发区承担" in text_of(office.get(detail(row)))


def _duty_pages(cast: Cast, office: Client) -> None:
    duty = Duty.objects.get(key="a11-5")
    page = text_of(office.get("/duties/catalogue/a11-5/"))
    assert duty.clauses.get().quote in page
    order = ["东昌府区", "冠县", "聊城江北水城旅游度假区"]
    assert [page.index(f'"lead">{name}') for name in order] == sorted(
        page.index(f'"lead">{name}') for name in order
    )
    zone = text_of(cast.client("office-3715Z3").get("/duties/catalogue/a11-5/"))
    assert '"lead">冠县' not in zone
    assert office.get("/duties/catalogue/no-such/").status_code == 404
    assert office.get("/duties/catalogue/a11-5/?year=abc").status_code == 200
    assert "社会主体" in text_of(office.get("/duties/catalogue/a34-2/"))
    for path in ("/duties/catalogue/", "/duties/catalogue/a11-5/", "/duties/zones/"):
        assert cost(office, path) <= 12, path
    article = reverse("article", args=[duty.clauses.get().clause.article.version.number, "11"])
    words = text_of(office.get(article))
    assert "每年签署脱贫责任书" in words
    assert "/articles/10/" in words
    assert "/articles/12/" in words
    assert cost(office, article) <= 12
    assert "不设责任" in text_of(office.get(article.replace("/11/", "/1/")))
    place = f"/divisions/{cast.place('371502011').public_id}/"
    assert "本级承担" in text_of(cast.client("recorder-371502011").get(place))
    full = Assignment.objects.get(body=cast.main("371525"), duty__key="a11-5")
    assert cost(office, detail(full)) <= 12


def test_bodies_of_a_kind_without_duties_get_none(cast: Cast) -> None:
    duty = make_duty(cast)
    kind = BodyKind.objects.get(key="township.main")
    DutyBearer.objects.create(duty=duty, kind=kind)
    assigning.assign_year(year=2021)
    tiers = Assignment.objects.filter(year=2021).values_list("division__tier", flat=True)
    assert set(tiers) == {"township"}

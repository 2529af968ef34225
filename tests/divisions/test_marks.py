"""Marks: by hand, by import, voided; what they make and what refuses them."""

import io
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import xlsxwriter
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from responsibility.audit.models import Event
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.divisions.models import Body, DivisionMark, MarkKind
from responsibility.divisions.services import bodies
from responsibility.divisions.services.marks import add_mark, import_marks, void_mark
from responsibility.divisions.services.tree import create_division
from responsibility.jobs.models import ImportReceipt
from tests.cast import Cast

HEAD = "区划代码,标记,起始日期,截止日期,依据\n"
GOOD = "371525001001,省定扶贫工作重点村,2016-01-01,2020年12月31日,鲁扶贫字〔2016〕1号\n"


@pytest.fixture
def marked(cast: Cast) -> Cast:
    bodies.import_body_kinds(path=django_settings.SHIPPED_DATA / "body-kinds.yaml")
    return cast


def kind(key: str = "key-poverty-village") -> MarkKind:
    return MarkKind.objects.get(key=key)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def load(cast: Cast, text: str, name: str = "office-3715") -> ImportReceipt:
    return import_marks(data=text.encode(), file_name="标记.csv", by=cast.user(name))


# --- services ------------------------------------------------------------------------------------


def test_a_mark_makes_its_body_and_voiding_ends_it(marked: Cast):
    village, office = marked.place("371525001001"), marked.user("office-3715")
    mark = add_mark(
        division=village, kind=kind(), since=date(2016, 1, 1), until=None, basis="文", by=office
    )
    team = Body.objects.get(division=village, kind__key="village.work_team")
    void_mark(mark=mark, reason="登记有误", by=office)
    team.refresh_from_db()
    mark.refresh_from_db()
    assert team.ended_on is not None
    assert (mark.void_reason, mark.voided_by) == ("登记有误", office)
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"marks.add", "marks.void"} <= verbs
    with pytest.raises(Conflict):
        void_mark(mark=mark, reason="再来", by=office)


def test_a_mark_is_refused(marked: Cast):
    village, office = marked.place("371525001001"), marked.user("office-3715")
    values: dict[str, Any] = {
        "division": village,
        "kind": kind(),
        "since": date(2016, 1, 1),
        "until": date(2020, 12, 31),
        "basis": "文",
        "by": office,
    }
    with pytest.raises(Invalid, match="只用于县级"):
        add_mark(**{**values, "kind": kind("heavier-task")})
    with pytest.raises(Invalid, match="早于"):
        add_mark(**{**values, "until": date(2015, 1, 1)})
    with pytest.raises(Invalid, match="依据"):
        add_mark(**{**values, "basis": " "})
    with pytest.raises(Forbidden):
        add_mark(**{**values, "by": marked.user("office-371525")})
    add_mark(**values)
    with pytest.raises(Conflict):
        add_mark(**{**values, "since": date(2020, 12, 31), "until": None})
    add_mark(**{**values, "since": date(2021, 1, 1), "until": None})


def test_import_loads_once(marked: Cast):
    receipt = load(marked, HEAD + GOOD)
    assert (receipt.status, receipt.loaded) == ("loaded", 1)
    mark = DivisionMark.objects.get()
    assert (mark.validity.lower, mark.validity.upper) == (date(2016, 1, 1), date(2021, 1, 1))
    assert mark.scope_path == marked.place("371525001001").path
    again = load(marked, HEAD + GOOD)
    assert (again.status, again.loaded, again.unchanged) == ("unchanged", 0, 1)
    assert Event.objects.filter(verb="marks.import").count() == 1


def test_import_reads_a_workbook_with_real_dates(marked: Cast):
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["序号", "区划代码", "标记", "起始日期", "依据"])
    sheet.write_row(1, 0, [1, 371525001001, "承担脱贫攻坚任务"])
    sheet.write_datetime(1, 3, date(2016, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write(1, 4, "名单")
    book.close()
    receipt = import_marks(
        data=buffer.getvalue(), file_name="a.xlsx", by=marked.user("office-3715")
    )
    assert receipt.mistakes == []
    assert DivisionMark.objects.get().validity.lower == date(2016, 3, 1)


@pytest.mark.parametrize(
    ("line", "cell", "message"),
    [
        ("371599001001,省定扶贫工作重点村,2016,,文\n", "A3", "没有这个区划"),
        ("371525001,省定扶贫工作重点村,2016,,文\n", "B3", "只用于村级"),
        ("371525001001,最美村,2016,,文\n", "B3", "没有这种标记"),
        ("371525001001,承担脱贫攻坚任务,2016-02-31,,文\n", "C3", "应是日期"),
        ("371525001001,承担脱贫攻坚任务,,,文\n", "C3", "没有填"),
        ("371525001001,承担脱贫攻坚任务,2016,2015,文\n", "D3", "早于"),
        ("371525001001,承担脱贫攻坚任务,2016,,\n", "E3", "依据没有填"),
        ("371525001001,省定扶贫工作重点村,2019,,另一文\n", "C3", "重叠"),
    ],
)
def test_mistakes_by_cell_and_nothing_loaded(marked: Cast, line: str, cell: str, message: str):
    receipt = load(marked, HEAD + GOOD + line)
    assert receipt.status == "refused"
    assert [(item["cell"], message in item["message"]) for item in receipt.mistakes] == [
        (cell, True)
    ]
    assert not DivisionMark.objects.exists()


# --- pages ---


def upload(text: bytes, name: str = "标记.csv") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, text)}


def test_import_page_gives_a_receipt(marked: Cast):
    client, path = marked.client("office-3715"), "/divisions/marks/import/"
    done = client.post(path, upload((HEAD + GOOD).encode("gbk")), follow=True)
    assert "回执：全部载入" in text_of(done)
    bad = client.post(path, upload((HEAD + "1,2,3,4,5\n").encode()), follow=True)
    assert "回执：未载入" in text_of(bad)
    assert "A2" in text_of(bad)
    listed = text_of(client.get("/divisions/marks/?kind=key-poverty-village"))
    assert "清泉社区" in listed
    assert "鲁扶贫字〔2016〕1号" in listed


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "文件是空的"),
        (b"a,b\n1,2\n", "缺少列"),
        (b"PK\x03\x04garbage", "表格打不开"),
        (b"MZ\x90\0\x03\0\0", "这不是 CSV"),
        (b"\xff\xfe\xfa\xfb\xff", "编码不对"),
        (HEAD.encode(), "没有数据行"),
    ],
)
def test_what_is_no_list_is_told(marked: Cast, content: bytes, message: str):
    response = marked.client("office-3715").post("/divisions/marks/import/", upload(content))
    assert response.status_code == 400
    assert message in text_of(response)


def test_too_big_a_file_is_told(marked: Cast, settings: Any):
    settings.UPLOAD_LIMIT = 1024 * 1024
    big = upload(b"x" * (1024 * 1024 + 1))
    response = marked.client("office-3715").post("/divisions/marks/import/", big)
    assert response.status_code == 400
    assert "1 MB" in text_of(response)


def test_by_hand_and_void_on_the_pages(marked: Cast):
    client, village = marked.client("office-3715"), marked.place("371525001001")
    path = f"/divisions/{village.public_id}/marks/new/"
    assert "脱贫任务较重" not in text_of(client.get(path)), "only those of its tier"
    values = {"mark": "has-task", "since": "2016-01-01", "until": "", "basis": "名单"}
    assert client.post(path, values).status_code == 302
    twice = client.post(path, values)
    assert twice.status_code == 409
    assert "已有这个标记" in text_of(twice)
    mark = DivisionMark.objects.get()
    assert "承担脱贫攻坚任务" in text_of(client.get(f"/divisions/{village.public_id}/"))
    void = f"/divisions/marks/{mark.public_id}/void/"
    assert client.post(void, {"reason": ""}).status_code == 400
    assert client.post(void, {"reason": "登记有误"}).status_code == 302
    assert client.post(void, {"reason": "登记有误"}).status_code == 404


@pytest.mark.parametrize(
    "extra",
    [
        {"since": "2016-02-31"},
        {"since": ""},
        {"until": "2015-01-01"},
        {"mark": "heavier-task"},
        {"basis": "长" * 10_000},
        {"basis": ""},
    ],
)
def test_bad_marks_are_told(marked: Cast, extra: dict[str, str]):
    path = f"/divisions/{marked.place('371525001001').public_id}/marks/new/"
    values = {"mark": "has-task", "since": "2016-01-01", "until": "", "basis": "名单", **extra}
    response = marked.client("office-3715").post(path, values)
    assert response.status_code == 400
    assert "处要改" in text_of(response)
    assert not DivisionMark.objects.exists()


def test_who_may(marked: Cast):
    village = marked.place("371525001001")
    path = f"/divisions/{village.public_id}/marks/new/"
    assert marked.client("office-371525").get(path).status_code == 403
    assert marked.client("office-371502").get(path).status_code == 404
    assert marked.client("office-371525").get("/divisions/marks/import/").status_code == 403
    mark = add_mark(
        division=village,
        kind=kind(),
        since=date(2016, 1, 1),
        until=None,
        basis="文",
        by=marked.user("office-3715"),
    )
    void = f"/divisions/marks/{mark.public_id}/void/"
    assert marked.client("office-371525").post(void, {"reason": "x"}).status_code == 403
    assert marked.client("office-371502").post(void, {"reason": "x"}).status_code == 404
    assert "清泉社区" in text_of(marked.client("reviewer-371525").get("/divisions/marks/"))
    assert "清泉社区" not in text_of(marked.client("reviewer-371502").get("/divisions/marks/"))
    receipt = load(marked, HEAD + GOOD)
    other = f"/divisions/marks/import/?receipt={receipt.public_id}"
    assert marked.client("office-371525").get(other).status_code == 403
    odd = marked.client("office-3715").get(f"/divisions/marks/import/?receipt={uuid4()}")
    assert odd.status_code == 200


def test_the_list_costs_the_same_for_few_and_many(marked: Cast):
    client, office = marked.client("office-3715"), marked.user("office-3715")

    def add(numbers: range) -> None:
        for number in numbers:
            village = create_division(
                code=f"371525001{number:03}",
                name=f"冠县{number}村村委会",
                tier="village",
                parent=marked.place("371525001"),
            )
            add_mark(
                division=village,
                kind=kind(),
                since=date(2016, 1, 1),
                until=None,
                basis="文",
                by=office,
            )

    def count() -> int:
        client.get("/divisions/marks/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/divisions/marks/").status_code == 200
        return len(captured)

    add(range(10, 12))
    few = count()
    add(range(12, 30))
    assert count() == few <= 12

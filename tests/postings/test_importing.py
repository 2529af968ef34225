"""Accounts, posts and postings from a sheet: good, bad, twice, elsewhere."""

import io
import zipfile
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from accounts.models import User
from responsibility.audit.models import Event
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.scoping import access_of
from responsibility.jobs.models import ImportReceipt
from responsibility.postings.models import Post, Posting, Tenure
from responsibility.postings.services.accounts import print_passwords
from responsibility.postings.services.importing import import_accounts
from responsibility.postings.sheets import HEAD
from tests.cast import Cast

PATH = "/users/import/"
GOOD = ["new-1", "清泉街道填报员", "填报员", "371525001", "", "", "2020-01-01", ""]


def sheet(*rows: list[Any], head: Any = HEAD) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate([head, *rows]):
            for column, value in enumerate(row):
                page.write(number, column, value)
    return file.getvalue()


def load(cast: Cast, data: bytes, name: str = "admin-371525", **extra: Any) -> ImportReceipt:
    return import_accounts(data=data, file_name="账号.xlsx", by=cast.user(name), **extra)


def row(**change: Any) -> list[Any]:
    keys = ("username", "label", "role", "code", "body", "post", "since", "until")
    return [change.get(key, value) for key, value in zip(keys, GOOD, strict=True)]


def test_a_good_sheet_loads_and_twice_changes_nothing(cast: Cast):
    data = sheet(row(), row(role="审核员"), row(username="new-2", code=371525001001.0))
    receipt = load(cast, data)
    assert (receipt.status, receipt.loaded, receipt.mistakes) == ("loaded", 3, [])
    user = User.objects.get(username="new-1")
    assert not user.has_usable_password()
    assert user.must_change_password
    assert access_of(user).roles == ["recorder", "reviewer"]
    count, events = Posting.objects.count(), Event.objects.count()
    again = load(cast, data)
    assert (again.status, again.loaded, again.unchanged) == ("unchanged", 0, 3)
    assert (Posting.objects.count(), Event.objects.count()) == (count, events)


def test_a_post_in_the_sheet_is_set_up_and_held(cast: Cast):
    head = row(username="head-new", role="行政正职", code="371525001", post="主任")
    load(cast, sheet(head))
    post = Post.objects.get(title="主任")
    assert (post.principal, post.body) == ("head", cast.main("371525001"))
    assert Posting.objects.get(user__username="head-new").tenure == Tenure.objects.get(post=post)
    other = load(cast, sheet([*head[:0], "head-other", *head[1:]]))
    assert other.mistakes[0]["cell"] == "F2"
    assert "已有人任职" in other.mistakes[0]["message"]


def test_a_term_that_clashes_with_an_earlier_one_is_refused_whole(cast: Cast):
    head = row(username="head-new", role="行政正职", code="371525001", post="主任")
    load(cast, sheet([*head[:7], "2020-06-01"]))
    before = User.objects.count()
    with pytest.raises(Conflict, match="冲突"):
        load(cast, sheet(["head-other", *head[1:]]))
    assert User.objects.count() == before


def test_one_time_passwords_after_the_import(cast: Cast):
    load(cast, sheet(row()))
    pairs = print_passwords(division=cast.place("371525001"), by=cast.user("admin-371525"))
    shown = {user.username: password for user, password in pairs}
    user = User.objects.get(username="new-1")
    assert user.check_password(shown["new-1"])
    assert user.password.startswith("argon2$")  # checking hashed it anew, at full cost
    assert shown["new-1"] not in "".join(Event.objects.values_list("body", flat=True))


@pytest.mark.parametrize(
    ("change", "cell", "message"),
    [
        ({"username": ""}, "A2", "只能用字母"),
        ({"username": "a b"}, "A2", "只能用字母"),
        ({"username": "x" * 10_000}, "A2", "最多 60"),
        ({"username": "office-371502"}, "A2", "已被占用"),
        ({"username": "admin-371525"}, "A2", "给自己"),
        ({"label": ""}, "B2", "没有填"),
        ({"label": "长" * 10_000}, "B2", "100"),
        ({"label": "'; DROP TABLE x; --", "role": "站长"}, "C2", "没有这个角色"),
        ({"role": "领导小组办公室"}, "C2", "没有"),
        ({"role": "审计管理员", "code": "371525"}, "C2", "没有"),
        ({"role": "单位管理员", "code": "371525"}, "C2", "不能授予"),
        ({"code": "371502001"}, "D2", "不在您的范围"),
        ({"code": "3715"}, "D2", "不在您的范围"),
        ({"code": ""}, "D2", "没有这个区划"),
        ({"body": "没有这个局"}, "E2", "单位全称"),
        ({"role": "成员单位", "code": "371525"}, "E2", "成员单位要写"),
        ({"post": "@SUM(A1)"}, "F2", "开头"),
        ({"since": "2020-02-31"}, "G2", "应是日期"),
        ({"since": -5}, "G2", "应是日期"),
        ({"until": "2019-01-01"}, "H2", "早于"),
    ],
)
def test_each_mistake_by_its_cell(cast: Cast, change: dict[str, Any], cell: str, message: str):
    before = User.objects.count()
    receipt = load(cast, sheet(row(**change), row(username="good-1")))
    assert receipt.status == "refused"
    found = {item["cell"]: item["message"] for item in receipt.mistakes}
    assert message in found[cell]
    assert all(len(text) < 60 for text in found.values())
    assert User.objects.count() == before


def test_the_good_lines_if_one_says_so(cast: Cast):
    data = sheet(row(), row(username="new-2", code="371502001"), row())
    receipt = load(cast, data, only_good=True)
    assert (receipt.status, receipt.loaded, len(receipt.mistakes)) == ("partial", 1, 2)
    assert "重复" in receipt.mistakes[1]["message"]
    assert User.objects.filter(username="new-1").exists()
    assert not User.objects.filter(username="new-2").exists()


def test_a_formula_is_read_as_its_value_and_never_written_back(cast: Cast):
    receipt = load(cast, sheet(row(label="=1+1", code="x")))
    assert receipt.status == "refused"


def test_what_is_no_sheet(cast: Cast):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/{number}.xml", b"\0" * (80 * 1024 * 1024))
    assert len(bomb.getvalue()) < 1024 * 1024
    for data, message in (
        (b"MZ\0\0not a sheet", "不是 CSV"),
        (b"PK\x03\x04broken", "打不开"),
        (bomb.getvalue(), "过大"),
        (sheet(row(), head=("甲", "乙")), "缺少列"),
        (sheet(), "没有数据行"),
    ):
        with pytest.raises(Invalid, match=message):
            load(cast, data)


def test_only_unit_administrators(cast: Cast):
    for name in ("recorder-371525", "office-371525", "security-3715", "audit-3715"):
        with pytest.raises(Forbidden):
            load(cast, sheet(row()), name)


def test_thousands_in_a_handful_of_statements(cast: Cast):
    rows = [row(username=f"many-{number}") for number in range(2000)]
    with CaptureQueriesContext(connection) as few:
        load(cast, sheet(*rows[:2]))
    with CaptureQueriesContext(connection) as many:
        load(cast, sheet(*rows[2:]))
    batches = 4
    assert len(many) <= len(few) + batches
    assert Posting.objects.filter(user__username__startswith="many-").count() == 2000


def upload(cast: Cast, data: bytes, name: str = "admin-371525", **extra: str) -> Any:
    file = SimpleUploadedFile("账号.xlsx", data)
    return cast.client(name).post(PATH, {"file": file, **extra}, follow=True)


def test_the_page_shows_the_receipt_and_offers_it(cast: Cast):
    response = upload(cast, sheet(row(role="站长")))
    body = response.content.decode()
    assert "回执：未载入" in body
    assert "C2" in body
    receipt = ImportReceipt.objects.get()
    path = f"{PATH}{receipt.public_id}/receipt/"
    book = cast.client("admin-371525").get(path)
    cells = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0)
    assert any("C2" in line for line in cells.to_python())
    assert cast.client("admin-371502").get(path).status_code == 404


def test_the_page_twice_and_wrong(cast: Cast):
    data = sheet(row())
    assert "回执：全部载入" in upload(cast, data).content.decode()
    assert "没有新增" in upload(cast, data).content.decode()
    wrong = upload(cast, b"MZ\0\0")
    assert wrong.status_code == 400
    assert "不是 CSV" in wrong.content.decode()
    assert cast.client("recorder-371525").get(PATH).status_code == 403


def test_the_template_has_the_columns(cast: Cast):
    response = cast.client("admin-371525").get(f"{PATH}template/")
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    assert tuple(book.get_sheet_by_index(0).to_python()[0]) == HEAD
    with pytest.raises(Invalid, match="没有数据行"):
        load(cast, response.content)

"""The receipt of an upload is the user's own sheet with the mistakes marked; large ones wait."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from accounts.models import User
from responsibility.divisions.models import Body, Division
from responsibility.divisions.services.loading import load_run
from responsibility.jobs import runs, uploads
from responsibility.jobs.models import ImportReceipt, Run
from responsibility.jobs.receipts import keep_sheet, receipt_xlsx
from responsibility.postings.services.importing import import_run
from responsibility.postings.sheets import HEAD
from tests.cast import Cast

RED = "FFFFC7CE"
BAD = {"cell": "B2", "value": "没有", "message": "没有这个代码。"}


def own_sheet() -> bytes:
    book = Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.title, hidden.sheet_state = "说明", "hidden"
    sheet = book.create_sheet("表")
    for row in (["名称", "代码"], ["村", "没有"], ["=1+1", "371525001"]):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def keep(cast: Cast, data: bytes, mistakes: list[dict[str, str]]) -> ImportReceipt:
    receipt = ImportReceipt.objects.create(
        kind="marks",
        file_name="=村.xlsx",
        sha256="a" * 64,
        status="refused",
        rows=2,
        mistakes=mistakes,
        uploaded_by=cast.user("office-371525"),
    )
    keep_sheet(receipt, data)
    return receipt


def opened(data: bytes) -> Any:
    return load_workbook(io.BytesIO(data))


def test_ones_own_sheet_comes_back_marked(cast: Cast) -> None:
    receipt = keep(cast, own_sheet(), [BAD])
    client = cast.client("office-371525")
    book = opened(client.get(f"/receipts/{receipt.public_id}/sheet/").content)
    assert book.sheetnames == ["回执", "说明", "表"]
    cell = book["表"]["B2"]
    assert (cell.value, cell.fill.fgColor.rgb, cell.comment.text) == ("没有", RED, BAD["message"])
    assert book["表"]["B3"].comment is None
    assert book["表"]["A3"].value == "=1+1"
    assert book["回执"]["B1"].data_type == "s", "a file name is no formula"


def test_a_csv_comes_back_as_a_workbook_of_text(cast: Cast) -> None:
    receipt = keep(cast, '名称,代码\n"=cmd()",没有\n'.encode("gb18030"), [BAD])
    sheet = opened(receipt_xlsx(receipt))["原表"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=cmd()", "s")
    assert sheet["B2"].comment.text == BAD["message"]


@pytest.mark.parametrize("data", [b"PK\x03\x04 no workbook", b"\x00\x01\x02"])
@pytest.mark.parametrize("cell", ["B2", "", "不是", "A0"])
def test_what_cannot_be_opened_gives_the_list_alone(cast: Cast, data: bytes, cell: str) -> None:
    receipt = keep(cast, data, [BAD | {"cell": cell}])
    book = opened(receipt_xlsx(receipt))
    assert book.sheetnames == ["回执"]
    assert [item.value for item in book["回执"][9]] == [cell or None, "没有", "没有这个代码。"]


def test_only_the_uploader_gets_it(cast: Cast) -> None:
    receipt = keep(cast, own_sheet(), [BAD])
    path = f"/receipts/{receipt.public_id}/sheet/"
    for name in ("system-3715", "office-3715", "office-371502"):
        assert cast.client(name).get(path).status_code == 404
    assert path not in cast.client("system-3715").get("/receipts/").content.decode()


def test_without_mistakes_nothing_is_kept(cast: Cast) -> None:
    assert keep(cast, own_sheet(), []).storage_name == ""


# --- large ones --------------------------------------------------------------------------------


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGE", 10)
    monkeypatch.setattr(runs, "enqueue", lambda *call: None)


def upload(client: Any, path: str, data: bytes, name: str, **extra: Any) -> Run:
    answer = client.post(path, {"file": SimpleUploadedFile(name, data), **extra})
    run = Run.objects.get()
    assert answer.status_code == 302
    assert answer.url == f"/runs/{run.public_id}/"
    return run


def test_a_large_list_of_places_is_loaded_in_the_background(cast: Cast, large: None) -> None:
    line = "371525001009,新村,village,371525001000,statutory\n"
    data = f"code,name,tier,parent_code,kind\n{line}".encode()
    run = upload(cast.client("office-3715"), "/divisions/import/", data, "地.csv")
    assert not Division.objects.filter(code="371525001009").exists()
    runs.execute(run.pk, load_run)
    run.refresh_from_db()
    assert (run.status, run.done, run.total) == ("done", 1, 1)
    assert Body.objects.filter(division__code="371525001009").exists(), "with its bodies"
    Run.objects.update(status="waiting")
    runs.execute(run.pk, load_run)
    assert ImportReceipt.objects.filter(status="unchanged").count() == 1, "again changes nothing"


def test_its_mistakes_are_on_the_run_and_in_the_sheet(cast: Cast, large: None) -> None:
    data = "code,name,tier,parent_code,kind\nx,新村,village,9,statutory\n".encode()
    client = cast.client("office-3715")
    run = upload(client, "/divisions/import/", data, "地.csv")
    runs.execute(run.pk, load_run)
    receipt = ImportReceipt.objects.get()
    run.refresh_from_db()
    assert receipt.status == "refused"
    assert run.not_done >= 1
    path = f"/receipts/{receipt.public_id}/sheet/"
    assert path in client.get(f"/runs/{run.public_id}/").content.decode()
    assert path not in cast.client("system-3715").get(f"/runs/{run.public_id}/").content.decode()
    assert opened(client.get(path).content)["原表"]["A2"].comment


def test_a_large_sheet_of_accounts_is_loaded_as_its_uploader(cast: Cast, large: None) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(list(HEAD))
    book.active.append(["new-1", "填报员", "填报员", "371525001", "", "", "2020-01-01", ""])
    book.active.append(["new-2", "填报员", "填报员", "371502001", "", "", "2020-01-01", ""])
    file = io.BytesIO()
    book.save(file)
    client = cast.client("admin-371525")
    run = upload(client, "/users/import/", file.getvalue(), "账号.xlsx", only_good="on")
    runs.execute(run.pk, import_run)
    run.refresh_from_db()
    assert run.status == "done"
    assert User.objects.filter(username="new-1").exists()
    assert not User.objects.filter(username="new-2").exists(), "outside the uploader's territory"
    assert run.not_done == 1

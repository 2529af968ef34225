"""Loading a list on the page: receipt, mistakes, territory, rights."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from responsibility.divisions.models import Division
from tests.cast import Cast

PATH = "/divisions/import/"
HEAD = "code,name,tier,parent_code,kind\n"
NEW = "371525001002,甲村村委会,village,371525001000,\n"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def send(cast: Cast, text: str, name: str = "office-3715") -> Any:
    upload = SimpleUploadedFile("区划.csv", text.encode())
    return cast.client(name).post(PATH, {"file": upload}, follow=True)


def test_loaded_once_then_unchanged(cast: Cast):
    assert "回执：全部载入" in text_of(send(cast, HEAD + NEW))
    assert Division.objects.get(code="371525001002").parent == cast.place("371525001")
    assert "回执：无变化" in text_of(send(cast, HEAD + NEW))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("371525001003,乙村,village,999999999999,\n", "不存在"),
        ("371525001003,乙村,hamlet,371525001000,\n", "之一"),
        ("3715250010,乙村,village,371525001000,\n", "12 位代码"),
        ("110000000000,北京市,province,,\n", "不在您的管理范围内"),
        ("371525001000,新名街道,township,371525000000,\n", "区划变更"),
    ],
)
def test_mistakes_by_row_and_nothing_loaded(cast: Cast, line: str, message: str):
    count = Division.objects.count()
    response = send(cast, HEAD + NEW + line)
    assert response.status_code == 400
    body = text_of(response)
    assert "第 3 行" in body
    assert message in body
    assert Division.objects.count() == count


@pytest.mark.parametrize("text", ["", "x", "\0\0", "PK\x03\x04"])
def test_what_is_no_list_is_told(cast: Cast, text: str):
    response = send(cast, text)
    assert response.status_code == 400
    assert "处要改" in text_of(response)


def test_only_the_city_office(cast: Cast):
    assert cast.client("office-371525").get(PATH).status_code == 403
    assert send(cast, HEAD + NEW, "office-371525").status_code == 403
    assert cast.client("office-3715").get(f"{PATH}?receipt=x").status_code == 200

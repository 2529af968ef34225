"""Member units: from a list, ended by hand; their pages."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile

from responsibility.audit.models import Event
from responsibility.common.errors import Invalid
from responsibility.divisions.models import Body
from responsibility.divisions.services import bodies
from responsibility.divisions.services.units import import_member_units
from tests.cast import Cast

DATA = django_settings.SHIPPED_DATA
PATH = "/divisions/units/import/"
HEAD = "区划代码,单位种类,单位名称\n"
GOOD = "3715,市成员单位,聊城市水利局\n"


@pytest.fixture
def kinds(cast: Cast) -> Cast:
    bodies.import_body_kinds(path=DATA / "body-kinds.yaml")
    return cast


def text_of(response: Any) -> str:
    return str(response.content.decode())


def send(cast: Cast, text: str, name: str = "office-3715") -> Any:
    upload = SimpleUploadedFile("单位.csv", text.encode())
    return cast.client(name).post(PATH, {"file": upload}, follow=True)


def test_the_shipped_list_is_marked_as_demo_and_loads_once(kinds: Cast):
    made = import_member_units(path=DATA / "demo-member-units.csv", demo=True)
    assert made == Body.objects.filter(is_demo=True, kind__key="city.member").count() > 5
    assert import_member_units(path=DATA / "demo-member-units.csv", demo=True) == 0
    assert Event.objects.filter(verb="bodies.import").count() == 1
    page = kinds.client("office-3715").get(f"/divisions/{kinds.place('3715').public_id}/")
    assert "演示数据" in text_of(page)


def test_loaded_on_the_page_and_ended(kinds: Cast):
    assert "回执：全部载入" in text_of(send(kinds, HEAD + GOOD))
    assert "回执：无变化" in text_of(send(kinds, HEAD + GOOD))
    body = Body.objects.get(name="聊城市水利局")
    assert body.scope_path == kinds.place("3715").path
    client, end = kinds.client("office-3715"), f"/divisions/units/{body.public_id}/end/"
    assert client.post(end, {"day": "2020-02-31"}).status_code == 400
    assert client.post(end, {"day": "2020-06-01"}).status_code == 302
    assert client.post(end, {"day": "2020-06-01"}).status_code == 404
    assert "撤销" in text_of(client.get(f"/divisions/{kinds.place('3715').public_id}/"))


@pytest.mark.parametrize(
    ("line", "cell", "message"),
    [
        ("9999,市成员单位,甲局\n", "A3", "没有这个区划"),
        ("3715,市财政部门,甲局\n", "B3", "没有这种按名单导入"),
        ("371525,市成员单位,甲局\n", "B3", "不能设在冠县"),
        ("3715,市成员单位,\n", "C3", "1 至 100 字"),
    ],
)
def test_mistakes_by_cell_and_nothing_loaded(kinds: Cast, line: str, cell: str, message: str):
    body = text_of(send(kinds, HEAD + GOOD + line))
    assert "回执：未载入" in body
    assert cell in body
    assert message in body
    assert not Body.objects.filter(name="聊城市水利局").exists()


def test_a_file_with_a_mistake_is_refused_by_the_command_line(kinds: Cast, tmp_path: Any):
    file = tmp_path / "a.csv"
    file.write_text(HEAD + "9999,市成员单位,甲局\n")
    with pytest.raises(Invalid, match="A2"):
        import_member_units(path=file)


def test_who_may(kinds: Cast):
    send(kinds, HEAD + GOOD)
    body, main = Body.objects.get(name="聊城市水利局"), kinds.main("371525")
    end = f"/divisions/units/{body.public_id}/end/"
    assert kinds.client("office-371525").get(PATH).status_code == 403
    assert kinds.client("office-371525").get(end).status_code == 404
    assert kinds.client("reviewer-3715").get(end).status_code == 403
    office = kinds.client("office-3715")
    assert office.get(f"/divisions/units/{main.public_id}/end/").status_code == 404
    assert office.get(f"/divisions/units/{uuid4()}/end/").status_code == 404

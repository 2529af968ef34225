"""What comes in: hidden characters, and pages that say how to go on."""

import pytest
from django.http import QueryDict
from django.test import Client

from responsibility.common.inputs import clean_text, tidy
from tests.cast import Cast


def test_hidden_characters_are_taken_out_and_lines_stay() -> None:
    assert clean_text("甲\x00乙\x1b\ufeff\r\n\t丙\x7f") == "甲乙\r\n\t丙"
    clean = QueryDict("a=1&a=2")
    assert tidy(clean) is clean
    assert tidy(QueryDict("a=x%00y&a=2&b=%01")).lists() is not None
    assert dict(tidy(QueryDict("a=x%00y&a=2&b=%01")).lists()) == {"a": ["xy", "2"], "b": [""]}


@pytest.mark.parametrize(
    "path",
    [
        "/duties/?q=%00",
        "/duties/?division=%00&article=%00%1b",
        "/divisions/?q=%00",
        "/progress/?status=%00&page=%00",
        "/deadlines/?state=%00",
        "/overview/?division=%00&year=%00",
    ],
)
def test_no_hidden_character_breaks_a_list(cast: Cast, path: str) -> None:
    assert cast.client("office-3715").get(path).status_code in (200, 404)


def test_an_address_with_a_hidden_character_is_not_found(cast: Cast) -> None:
    answer = cast.client("office-3715").get("/regulations/1/articles/%00/")
    assert answer.status_code == 404


def test_a_form_with_hidden_characters_is_stored_without_them(cast: Cast) -> None:
    client = cast.client("recorder-371502011")
    answer = client.post("/feedback/", {"topic": "burden", "text": "太\x00多\x07了"})
    if answer.status_code == 400:  # the topic's key is not what this test is about
        topic = answer.context["form"].fields["topic"].choices[0][0]
        answer = client.post("/feedback/", {"topic": topic, "text": "太\x00多\x07了"})
    assert answer.status_code == 302
    assert "太多了" in client.get("/feedback/").content.decode()


def test_an_old_form_loses_nothing_and_says_so(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        cast.user("office-3715"), backend="django.contrib.auth.backends.ModelBackend"
    )
    answer = client.post("/feedback/", {"text": "x"})
    assert answer.status_code == 403
    assert "内容没有丢" in answer.content.decode()


def test_refusals_say_how_to_go_on(cast: Cast) -> None:
    client = cast.client("recorder-371502011")
    missing = client.get("/nowhere/")
    assert missing.status_code == 404
    assert "回工作台" in missing.content.decode()
    refused = client.get("/duties/generate/")
    assert refused.status_code == 403
    assert "您现在的岗位" in refused.content.decode()


def test_staying_signed_in_takes_a_session(cast: Cast) -> None:
    assert cast.client("recorder-371502011").get("/alive/").status_code == 204
    assert Client().get("/alive/").status_code == 302

"""Pages of schemes: made in the browser, checked, tried, issued; drafts stay in scope."""

from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from responsibility.assessments.models import AssessmentRun, SchemeVersion
from responsibility.assessments.services import schemes
from responsibility.assessments.services.sheets import scheme_workbook
from tests.assessments import maker
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def draft(cast: Cast) -> SchemeVersion:
    return schemes.create(
        by=cast.user("office-3715"),
        division=cast.place("3715"),
        scheme=schemes.read(maker.CONTENT),
    )


def test_an_office_makes_a_scheme_in_the_browser_leaf_by_leaf(cast: Cast) -> None:
    office = cast.client("office-3715")
    answer = office.post(reverse("scheme_new"), {"title": "二〇二一年方案", "year": "2021"})
    assert answer.status_code == 302
    row = SchemeVersion.objects.get()
    url = reverse("scheme_leaf", args=[row.public_id, "new"])
    leaf: dict[str, Any] = {
        "do": "save",
        "branch": "",
        "key": "net",
        "name": "净完成",
        "full": "100",
        "basis": "聊办发〔2021〕1号",
        "source": "扶贫办",
        "kind": "ratio",
        "rule_value": "done",
        "rule_of": "plan",
        "item0_key": "done",
        "item0_name": "完成",
        "item1_key": "plan",
        "item1_name": "目标",
    }
    assert office.post(url, {**leaf, "full": "一百"}).status_code == 400
    assert office.post(url, leaf).status_code == 302
    row.refresh_from_db()
    assert row.scheme.leaf("net").rule.of == "plan"  # type: ignore[union-attr]
    edit = reverse("scheme_leaf", args=[row.public_id, "net"])
    assert "净完成" in office.get(edit).content.decode()
    switched = office.post(edit, {**leaf, "do": "kind", "kind": "bands"})
    assert "分档，每行一档" in switched.content.decode()
    act = reverse("scheme_act", args=[row.public_id])
    assert office.post(act, {"do": "issue"}).status_code == 302
    assert office.post(act, {"do": "open", "share": "20"}).status_code == 302
    assert AssessmentRun.objects.get().subjects.count() == 2


def test_marks_that_do_not_add_up_are_not_issued(cast: Cast) -> None:
    row, office = draft(cast), cast.client("office-3715")
    url = reverse("scheme_leaf", args=[row.public_id, "judged"])
    assert office.post(url, {"do": "remove"}).status_code == 302
    page = office.get(reverse("scheme", args=[row.public_id])).content.decode()
    assert "少 20 分" in page
    answer = office.post(reverse("scheme_act", args=[row.public_id]), {"do": "issue"})
    assert answer.status_code == 400
    assert "少 20 分" in answer.content.decode()


def test_text_that_cannot_be_read_is_kept_and_named(cast: Cast) -> None:
    row, office = draft(cast), cast.client("office-3715")
    url = reverse("scheme_edit", args=[row.public_id])
    for content, words in (
        ("a: [1, 2", "行不是正确的 YAML"),
        ("key: small\ntitle: x", "没有填"),
        ("!!python/object/apply:os.system ['ls']", "YAML"),
        ("[]", "一组"),
    ):
        answer = office.post(url, {"content": content})
        assert answer.status_code == 400, content
        page = answer.content.decode()
        assert words in page
    other = {**maker.CONTENT, "key": "other"}
    answer = office.post(url, {"content": yaml.safe_dump(other, allow_unicode=True)})
    assert "key 应保持" in answer.content.decode()


def test_yaml_and_workbook_come_back_without_loss(cast: Cast) -> None:
    row, office = draft(cast), cast.client("office-3715")
    before = row.digest
    text = office.get(reverse("scheme_file", args=[row.public_id, "yaml"])).content
    book = office.get(reverse("scheme_file", args=[row.public_id, "xlsx"])).content
    url = reverse("scheme_edit", args=[row.public_id])
    for name, data in (("a.yaml", text), ("a.xlsx", book)):
        answer = office.post(url, {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 302, answer.content.decode()[:3000]
        row.refresh_from_db()
        assert row.digest == before
    assert scheme_workbook(row.scheme)[:2] == b"PK"


def test_two_editors_do_not_overwrite_each_other(cast: Cast) -> None:
    row, office = draft(cast), cast.client("office-3715")
    url = reverse("scheme_edit", args=[row.public_id])
    mine = yaml.safe_dump({**maker.CONTENT, "title": "甲改的"}, allow_unicode=True)
    assert office.post(url, {"content": mine, "revision": "0"}).status_code == 302
    late = yaml.safe_dump({**maker.CONTENT, "title": "乙改的"}, allow_unicode=True)
    answer = office.post(url, {"content": late, "revision": "0"})
    assert answer.status_code == 409
    assert "乙改的" in answer.content.decode()


def test_a_trial_writes_nothing(cast: Cast) -> None:
    row, office = draft(cast), cast.client("office-3715")
    page = office.get(reverse("scheme_trial", args=[row.public_id]) + "?year=2019")
    assert "东昌府区" in page.content.decode()
    assert AssessmentRun.objects.count() == 0


def test_drafts_are_seen_in_scope_only_issued_ones_by_all(cast: Cast) -> None:
    row, county = draft(cast), cast.client("office-371525")
    url = reverse("scheme", args=[row.public_id])
    assert county.get(url).status_code == 404
    assert county.get(reverse("scheme_edit", args=[row.public_id])).status_code == 404
    schemes.issue(by=cast.user("office-3715"), row=row)
    assert county.get(url).status_code == 200
    act = reverse("scheme_act", args=[row.public_id])
    assert county.post(act, {"do": "revise", "reason": "x"}).status_code == 403
    assert cast.client("recorder-371525").post(act, {"do": "copy"}).status_code == 403
    copied = county.post(act, {"do": "copy", "year": "2021", "key": "guan-2021"})
    assert copied.status_code == 302
    assert SchemeVersion.objects.get(key="guan-2021").division == cast.place("371525")


def test_an_issued_scheme_is_never_changed(cast: Cast) -> None:
    row = schemes.issue(by=cast.user("office-3715"), row=draft(cast))
    office = cast.client("office-3715")
    url = reverse("scheme_edit", args=[row.public_id])
    answer = office.post(url, {"content": yaml.safe_dump(maker.CONTENT, allow_unicode=True)})
    assert answer.status_code == 409
    revised = {"do": "revise", "reason": "调整"}
    assert office.post(reverse("scheme_act", args=[row.public_id]), revised).status_code == 302
    assert SchemeVersion.objects.get(version=2).previous == row

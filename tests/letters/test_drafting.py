"""Drafting, the consultation round, issuing."""

import pytest
from django.db import IntegrityError, transaction

from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing, Stale
from responsibility.jobs import runs
from responsibility.letters.models import Letter
from responsibility.letters.services import batch, drafting
from tests.cast import Cast
from tests.duties_maker import make_assignment, make_duty
from tests.letters.maker import drafted, issued, make_kind, make_plan, revise_plan, seat_all, sign


def test_a_draft_takes_its_targets_from_the_plan_and_its_words_from_the_kind(cast: Cast) -> None:
    make_plan(cast)
    make_assignment(cast, "371525", title="制定年度脱贫计划", category="leadership")
    letter = drafted(cast)
    line = letter.lines.get()
    assert (line.target, line.baseline, line.indicator.key) == (100, 90, "visits")
    assert "第十一条“每年向市委、市政府签署脱贫责任书”的规定" in letter.text
    assert f"{cast.main('371525').name}向{cast.main('3715').name}签署" in letter.text
    assert "1. 走访户数：100户，上年 90户" in letter.text
    assert [duty.title for duty in letter.duties.all()] == ["制定年度脱贫计划"]
    assert letter.counter == cast.main("3715")


def test_without_a_basis_nothing_is_drafted(cast: Cast) -> None:
    with pytest.raises(Conflict, match="依据"):
        drafted(cast, basis=" ")
    assert not Letter.objects.exists()


def test_a_zone_signs_only_after_the_duty_was_extended_and_the_letter_prints_it(cast: Cast) -> None:
    duty = make_duty(cast, key="a11-5")
    kind = make_kind(cast, duty=duty, template="{延伸依据}，{签署方}。")
    zone = cast.main("3715Z3")
    duty.bearers.create(kind=zone.kind, unlisted=True)
    row = make_assignment(cast, "3715Z3", key="a11-5")
    row.standing = "unlisted"
    row.save()
    office = cast.user("office-3715")
    with pytest.raises(Conflict, match="未列明开发区"):
        drafting.draft(by=office, kind=kind, body=zone, year=2020)
    row.standing = "active"
    row.save()
    duty.zone_extension = duty.__class__.zone_extension.related.related_model.objects.create(
        duty=duty, basis="参照县级", document="聊扶贫组〔2020〕3号"
    )
    letter = drafting.draft(by=office, kind=kind, body=zone, year=2020)
    assert "依据参照县级（聊扶贫组〔2020〕3号）" in letter.text


def test_only_one_draft_and_one_in_force(cast: Cast) -> None:
    letter = drafted(cast)
    with pytest.raises(Conflict, match="已有"):
        drafted(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.bulk_create(
            [
                Letter(
                    kind=letter.kind,
                    body=letter.body,
                    counter=letter.counter,
                    year=2020,
                    basis_line="x",
                    division=letter.division,
                    scope_path=letter.scope_path,
                )
            ]
        )


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("office-371525", Forbidden),
        ("recorder-371525", Forbidden),
        ("office-371502", Missing),
        ("secretary-371525", Forbidden),
    ],
)
def test_only_the_receiving_office_drafts(cast: Cast, who: str, error: type[Exception]) -> None:
    kind = make_kind(cast)
    with pytest.raises(error):
        drafting.draft(by=cast.user(who), kind=kind, body=cast.main("371525"), year=2020)


def test_all_at_once_with_a_receipt_and_again_without_doubles(cast: Cast) -> None:
    kind = make_kind(cast)
    drafting.draft(by=cast.user("office-3715"), kind=kind, body=cast.main("371502"), year=2020)
    receipt = drafting.draft_many(by=cast.user("office-3715"), kind=kind, year=2020)
    assert [item["done"] for item in receipt].count(True) == 2
    refused = next(item for item in receipt if not item["done"])
    assert "已有" in refused["why"]
    again = drafting.draft_many(by=cast.user("office-3715"), kind=kind, year=2020)
    assert not any(item["done"] for item in again)
    assert Letter.objects.count() == 3


def test_a_remark_is_answered_before_the_letter_goes_out(cast: Cast) -> None:
    make_plan(cast)
    office, county = cast.user("office-3715"), cast.user("recorder-371525")
    letter = drafting.consult(by=office, letter=drafted(cast))
    remark = drafting.remark(by=county, letter=letter, text="目标偏高", line=letter.lines.get())
    with pytest.raises(Conflict, match="没有答复"):
        drafting.issue(by=office, letter=letter)
    with pytest.raises(Invalid):
        drafting.answer(by=office, remark=remark, agreed=False)
    drafting.answer(by=office, remark=remark, agreed=False, text="与全市分解一致")
    assert drafting.issue(by=office, letter=letter).status == "issued"


def test_only_the_signing_party_remarks_and_only_in_the_round(cast: Cast) -> None:
    office = cast.user("office-3715")
    letter = drafted(cast)
    with pytest.raises(Conflict):
        drafting.remark(by=cast.user("recorder-371525"), letter=letter, text="早")
    letter = drafting.consult(by=office, letter=letter)
    with pytest.raises(Missing):
        drafting.remark(by=cast.user("recorder-371502"), letter=letter, text="路过")
    with pytest.raises(Invalid):
        drafting.remark(by=cast.user("recorder-371525"), letter=letter, text=" ")


def test_the_number_counts_by_kind_and_year(cast: Cast) -> None:
    kind, office = make_kind(cast), cast.user("office-3715")
    drafting.draft_many(by=office, kind=kind, year=2020)
    run = batch.start_issuing(by=office, kind=kind, year=2020)
    runs.execute(run.pk, batch.issue_all)
    run.refresh_from_db()
    assert [line["done"] for line in run.receipt] == [True] * 3
    numbers = list(Letter.objects.order_by("serial").values_list("number", flat=True))
    assert numbers == [f"聊扶贫组责〔2020〕{n}号" for n in (1, 2, 3)]


def test_a_plan_that_moved_on_is_taken_up_before_issuing(cast: Cast) -> None:
    office, plan = cast.user("office-3715"), make_plan(cast)
    letter = drafted(cast)
    revise_plan(cast, plan, 120)
    with pytest.raises(Conflict, match="计划已经变动"):
        drafting.issue(by=office, letter=letter)
    letter = drafting.refresh(by=office, letter=letter)
    assert letter.lines.get().target == 120
    assert "120户" in letter.text
    assert drafting.issue(by=office, letter=letter).serial == 1


def test_two_editors_one_loses_with_a_word(cast: Cast) -> None:
    office = cast.user("office-3715")
    letter = drafted(cast)
    drafting.refresh(by=office, letter=letter)
    with pytest.raises(Stale):
        drafting.issue(by=office, letter=letter, revision=letter.revision)


def test_withdrawn_with_a_reason_and_only_before_a_signature(cast: Cast) -> None:
    office = cast.user("office-3715")
    letter = issued(cast)
    with pytest.raises(Invalid):
        drafting.withdraw(by=office, letter=letter, reason="")
    sign(cast, letter, "head-371525")
    with pytest.raises(Conflict):
        drafting.withdraw(by=office, letter=letter, reason="写错了")


def test_a_changed_plan_gives_a_letter_in_place_of_the_old_one(cast: Cast) -> None:
    office = cast.user("office-3715")
    seat_all(cast)
    plan = make_plan(cast)
    old = drafting.issue(by=office, letter=drafted(cast))
    revise_plan(cast, plan, 150)
    new = drafting.supersede(by=office, letter=old, reason="市下达目标调整")
    old.refresh_from_db()
    assert old.status == "issued"
    drafting.issue(by=office, letter=new)
    old.refresh_from_db()
    assert (old.status, old.reason) == ("superseded", "市下达目标调整")
    assert new.lines.get().target == 150
    assert old.lines.get().target == 100

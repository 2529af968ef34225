"""Signing, who may not, verification, hand-over, settlement."""

import io
import json
from datetime import date

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing
from responsibility.duties.models import Assignment
from responsibility.letters.models import Letter, Signature
from responsibility.letters.services import drafting, following, reading, signing
from responsibility.outbox.models import Delivery, Webhook
from responsibility.postings.services import posts
from tests.cast import PASSWORD, Cast
from tests.duties_maker import make_assignment
from tests.letters.maker import drafted, issued, ledger, make_kind, make_plan, seat, sign, signed


def test_four_sign_and_the_letter_is_signed(cast: Cast) -> None:
    letter = issued(cast)
    for who in ("secretary-371525", "head-371525", "secretary-3715"):
        sign(cast, letter, who)
        letter.refresh_from_db()
        assert letter.status == "issued"
    sign(cast, letter, "head-3715")
    letter.refresh_from_db()
    assert letter.status == "signed"
    assert letter.signed_at is not None
    assert {item.text_hash for item in letter.signatures.all()} == {letter.text_hash}
    assert signing.problems_of(letter) == []


def test_the_duty_that_asks_for_it_settles_itself(cast: Cast) -> None:
    row = make_assignment(cast, "371525", key="a11-5", check_key="letters.signed")
    make_kind(cast, duty=row.duty)
    letter = issued(cast)
    for who in ("secretary-371525", "head-371525", "secretary-3715", "head-3715"):
        sign(cast, letter, who)
    assert Assignment.objects.get(pk=row.pk).status == "done"


def test_one_who_holds_both_posts_signs_once_for_both(cast: Cast) -> None:
    for principal in ("secretary", "head"):
        seat(cast, "371525", principal, who="secretary-371525")
        seat(cast, "3715", principal)
    make_plan(cast)
    letter = drafting.issue(by=cast.user("office-3715"), letter=drafted(cast))
    sign(cast, letter, "secretary-371525")
    made = list(letter.signatures.all())
    assert {item.principal for item in made} == {"secretary", "head"}
    assert len({item.act for item in made}) == 1


@pytest.mark.parametrize(
    ("who", "side", "error"),
    [
        ("head-371502", "own", Missing),
        ("secretary-3715", "own", Forbidden),
        ("recorder-371525", "own", Forbidden),
        ("head-371525", "counter", Missing),
        ("office-3715", "counter", Forbidden),
    ],
)
def test_the_wrong_signer_is_refused(
    cast: Cast, who: str, side: str, error: type[Exception]
) -> None:
    letter = issued(cast)
    user = cast.user(who)
    user.set_password(PASSWORD)
    with pytest.raises(error):
        signing.sign(by=user, letter=letter, password=PASSWORD, side=side)
    assert not Signature.objects.exists()


def test_a_wrong_password_signs_nothing(cast: Cast) -> None:
    letter = issued(cast)
    with pytest.raises(Invalid) as refusal:
        signing.sign(by=cast.user("head-371525"), letter=letter, password="x", side="own")
    assert refusal.value.where == "password"
    assert not Signature.objects.exists()


def test_who_left_office_yesterday_cannot_sign(cast: Cast) -> None:
    letter = issued(cast)
    tenure = cast.main("371525").posts.get(principal="head").tenures.get()
    posts.end_tenure(tenure=tenure, last_day=date(2020, 3, 9), reason="调离", by=None)
    with pytest.raises((Forbidden, Missing)):
        sign(cast, letter, "head-371525")


def test_signing_twice_is_told(cast: Cast) -> None:
    letter = issued(cast)
    sign(cast, letter, "head-371525")
    with pytest.raises(Conflict, match="已经签署"):
        sign(cast, letter, "head-371525")
    assert Signature.objects.count() == 1


def tamper(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_a_text_changed_since_stops_the_next_signature(cast: Cast) -> None:
    letter = issued(cast)
    sign(cast, letter, "head-371525")
    tamper("UPDATE letters_letter SET text = replace(text, '100', '101')")
    with pytest.raises(Conflict, match="不一致"):
        sign(cast, letter, "secretary-371525")


def test_verification_names_the_letter_with_one_changed_byte(cast: Cast) -> None:
    letter = signed(cast)
    out = io.StringIO()
    call_command("letters_verify", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"ok": True, "letters": 1, "broken": []}
    tamper("UPDATE letters_letter SET text = replace(text, '100', '101')")
    out = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("letters_verify", "--json", stdout=out)
    assert end.value.code == 1
    broken = json.loads(out.getvalue())["broken"]
    assert [item["letter"] for item in broken] == [str(letter.public_id)]


def test_the_application_may_not_touch_a_signature(cast: Cast) -> None:
    signed(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        tamper("UPDATE letters_signature SET title = '别人'")


def test_a_deputy_signs_only_where_the_kind_allows_it_and_is_shown_as_such(cast: Cast) -> None:
    seat(cast, "371525", "secretary")
    deputy = cast.user("recorder-371525")
    deputy.set_password(PASSWORD)
    deputy.save()
    post = posts.create_post(body=cast.main("371525"), title="副县长", by=None)
    posts.appoint(post=post, user=deputy, since=date(2020, 1, 1), by=None)
    make_plan(cast)
    letter = drafting.issue(by=cast.user("office-3715"), letter=drafted(cast))
    call = {
        "by": deputy,
        "password": PASSWORD,
        "side": "own",
        "principal": "head",
        "authority": "县政府〔2020〕5号",
    }
    with pytest.raises(Forbidden):
        signing.sign_by_authority(letter=letter, **call)
    letter.kind.allows_deputy = True
    letter.kind.save()
    (made,) = signing.sign_by_authority(letter=letter, **call)
    assert (made.principal, made.authority) == ("head", "县政府〔2020〕5号")
    assert "副县长" in made.title


def test_a_new_principal_confirms_and_nothing_is_signed_anew(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = signed(cast)
    old = cast.main("371525").posts.get(principal="head").tenures.get()
    posts.end_tenure(tenure=old, last_day=date(2020, 6, 14), reason="调任", by=None)
    monkeypatch.setattr(clock, "today", lambda: date(2020, 6, 20))
    seat(cast, "371525", "head", who="recorder-371525", since=date(2020, 6, 15))
    assert following.ask_confirmations() == 1
    assert following.ask_confirmations() == 0
    asked = letter.confirmations.get()
    with pytest.raises(Forbidden):
        following.confirm(by=cast.user("secretary-371525"), confirmation=asked, password=PASSWORD)
    done = following.confirm(by=cast.user("recorder-371525"), confirmation=asked, password=PASSWORD)
    assert done.confirmed_at is not None
    assert letter.signatures.count() == 4


def test_settled_line_by_line_by_both_sides(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = signed(cast)
    ledger(cast, 97)
    county, office = cast.user("office-371525"), cast.user("office-3715")
    with pytest.raises(Conflict, match="12 月"):
        following.settle_own(by=county, letter=letter, explanations={})
    (line,) = following.measured(letter)
    assert (line.actual, line.short_by, line.percent) == (97, 3, 97)
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 31))
    with pytest.raises(Invalid, match="说明"):
        following.settle_own(by=county, letter=letter, explanations={})
    following.settle_own(by=county, letter=letter, explanations={"visits": "三户外出务工"})
    following.settle(by=office, letter=letter)
    letter.refresh_from_db()
    assert letter.status == "settled"
    ledger_row = reading.settled_lines(letter.body, 2020)[0]
    assert (ledger_row.outcome, ledger_row.short_by) == ("short", 3)
    Letter.objects.get(pk=letter.pk)
    with pytest.raises(Conflict):
        following.settle(by=office, letter=letter)


def test_a_settlement_may_be_sent_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = signed(cast)
    ledger(cast, 120)
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 31))
    county, office = cast.user("office-371525"), cast.user("office-3715")
    following.settle_own(by=county, letter=letter, explanations={})
    following.send_back(by=office, letter=letter, reason="数据要核")
    letter.refresh_from_db()
    assert letter.own_settled_by is None


def test_other_systems_hear_of_it_once_and_without_names(cast: Cast) -> None:
    Webhook.objects.create(
        name="县平台",
        url="https://example.org/hook",
        secret=b"s",
        events=["letter.issued", "letter.signed"],
        places=[cast.place("371525").pk],
        made_by=cast.user("security-3715"),
    )
    letter = signed(cast)
    rows = list(Delivery.objects.order_by("id").values_list("payload", flat=True))
    text = json.dumps(rows, default=str)
    assert len(rows) == 2
    assert letter.text_hash in text
    assert "secretary-371525" not in text

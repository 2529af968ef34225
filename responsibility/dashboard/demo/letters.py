"""This year's letters of the demo city: most signed, one half signed, one still asked about."""

from accounts.models import User
from responsibility.common.errors import DomainError
from responsibility.dashboard.demo.background import draft_letters
from responsibility.letters.models import Letter, LetterKind
from responsibility.letters.services import drafting, signing

SIGNERS = (("own", "secretary"), ("own", "head"), ("counter", "secretary"), ("counter", "head"))


def make_letters(users: dict[str, User], year: int, password: str) -> int:
    """Draft the counties' letters and lead each to its stage, by the services that users call."""
    kind = LetterKind.objects.filter(key="county-city").first()
    if kind is None or Letter.objects.exists():
        return 0
    office = users["office-3715"]
    draft_letters(users, kind, year)
    letters = list(Letter.objects.filter(year=year).with_names().order_by("division__sort_key"))
    Letter.objects.filter(year=year).update(is_demo=True)
    for number, letter in enumerate(letters):
        if number == len(letters) - 1:
            drafting.consult(by=office, letter=letter)
            continue
        letter = drafting.issue(by=office, letter=letter)
        signers = SIGNERS[:1] if number == len(letters) - 2 else SIGNERS
        for side, principal in signers:
            _sign(users, letter, side, principal, password)
    return len(letters)


def _sign(users: dict[str, User], letter: Letter, side: str, principal: str, password: str) -> None:
    code = letter.division.short_code if side == "own" else letter.counter.division.short_code
    user = users.get(f"{principal}-{code}")
    if user is None:
        return
    try:
        signing.sign(by=user, letter=letter, password=password, side=side)
    except DomainError:
        return  # a vacant post: the letter waits, as it would

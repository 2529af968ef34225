"""The shipped kinds of letters."""

from django.conf import settings

from responsibility.divisions.models import BodyKind
from responsibility.letters.models import LetterKind
from responsibility.letters.services.kinds import import_kinds
from tests.cast import Cast
from tests.duties_maker import make_duty


def test_every_shipped_kind_states_its_basis_and_loads_twice(cast: Cast) -> None:
    make_duty(cast, key="a11-5")
    for key in ("city.member", "zone.main", "village.committees"):
        BodyKind.objects.get_or_create(key=key, defaults={"name": key, "pattern": key})
    path = settings.SHIPPED_DATA / "letter-kinds.yaml"
    first = import_kinds(path=path, programme=cast.programme)
    second = import_kinds(path=path, programme=cast.programme)
    assert (first["created"], second["created"]) == (5, 0)
    assert not LetterKind.objects.filter(basis="").exists()
    assert LetterKind.objects.get(is_compulsory=True).own_signers == ["secretary", "head"]

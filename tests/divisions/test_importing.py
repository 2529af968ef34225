"""Loading the real list."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from responsibility.common.errors import Invalid
from responsibility.common.scoping import upper_bound
from responsibility.divisions.models import Body, Division, DivisionVersion
from responsibility.divisions.services import bodies
from responsibility.divisions.services.importing import Refused, import_divisions

LIST = settings.SHIPPED_DATA / "liaocheng-divisions-2023.csv"


@pytest.mark.django_db
def test_the_real_list_loads_and_twice_is_a_no_op() -> None:
    first = import_divisions(path=LIST)
    assert (first.rows, first.created) == (2556, 2556)
    again = import_divisions(path=LIST)
    assert (again.created, again.unchanged) == (0, 2556)
    assert DivisionVersion.objects.count() == 2556
    zone = Division.objects.get(code="3715Z3000000")
    names = {item.name for item in Division.objects.filter(parent=zone)}
    assert names == {"湖西街道", "李海务街道", "于集镇", "朱老庄镇"}


@pytest.mark.django_db
def test_paths_agree_with_the_parents() -> None:
    import_divisions(path=LIST)
    zone = Division.objects.get(code="3715Z3000000")
    by_path = set(
        Division.objects.filter(path__gte=zone.path, path__lt=upper_bound(zone.path)).values_list(
            "pk", flat=True
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE t AS (SELECT id FROM divisions_division WHERE id = %s UNION ALL "
            "SELECT d.id FROM divisions_division d JOIN t ON d.parent_id = t.id) SELECT id FROM t",
            [zone.pk],
        )
        by_parent = {row[0] for row in cursor.fetchall()}
    assert by_path == by_parent
    assert Division.objects.get(code="371502011000").county_id == zone.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,name\n1,2\n", "缺少列"),
        ("code,name,tier,parent_code,kind\n37150X,甲,city,,\n", "12 位代码"),
        ("code,name,tier,parent_code,kind\n371500000000,甲,town,,\n", "之一"),
        ("code,name,tier,parent_code,kind\n371500000000,甲,city,999999999999,\n", "不存在"),
        ("code,name,tier,parent_code,kind\n371500000000,\x01,city,,\n", "看不见"),
        (
            "code,name,tier,parent_code,kind\n371500000000,甲,city,,\n371500000000,乙,city,,\n",
            "重复",
        ),
    ],
)
def test_mistakes_are_named_and_nothing_is_loaded(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(text)
    with pytest.raises(Invalid, match=message):
        import_divisions(path=file)
    assert not Division.objects.exists()


@pytest.mark.django_db
def test_a_list_in_gbk_is_read_and_a_binary_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "gbk.csv"
    file.write_bytes("code,name,tier,parent_code,kind\n371500000000,聊城市,city,,\n".encode("gbk"))
    assert import_divisions(path=file).created == 1
    file.write_bytes(b"PK\x03\x04\0\0\0")
    with pytest.raises(Invalid):
        import_divisions(path=file)


@pytest.mark.django_db
def test_a_changed_name_is_no_silent_update(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    head = "code,name,tier,parent_code,kind\n"
    file.write_text(f"{head}371500000000,聊城市,city,,\n")
    import_divisions(path=file)
    file.write_text(f"{head}371500000000,新聊城市,city,,\n")
    with pytest.raises(Refused, match="区划变更"):
        import_divisions(path=file)


@pytest.mark.django_db
def test_every_division_gets_its_own_body_and_zones_have_no_county_committee() -> None:
    import_divisions(path=LIST)
    bodies.import_body_kinds(path=settings.SHIPPED_DATA / "body-kinds.yaml")
    made = bodies.make_bodies()
    assert Body.objects.filter(is_main=True).count() == 2556
    assert bodies.make_bodies() == 0
    assert made == Body.objects.count()
    zone = set(
        Body.objects.filter(division__code="3715Z1000000").values_list("kind__key", flat=True)
    )
    assert zone == {"zone.main", "zone.office", "zone.finance"}
    street = Body.objects.get(division__code="371502011000", is_main=True)
    assert street.name == "李海务街道党工委、办事处"
    assert not Body.objects.filter(kind__key="village.work_team").exists()

"""Forms of the pages of places; rules and services decide, these only read."""

from typing import Any

from django import forms

from responsibility.common.rights import Right
from responsibility.divisions.models import Division, MarkKind
from responsibility.divisions.places import PlaceField, PlacesField
from responsibility.divisions.rules import Certainty, ChangeKind, Tier
from responsibility.divisions.services.planning import Proposal

COMMON = ("effective_on", "document", "certainty", "note")
FIELDS: dict[ChangeKind, tuple[str, ...]] = {
    ChangeKind.CREATE: ("name", "code"),
    ChangeKind.RENAME: ("name", "code", "follow"),
    ChangeKind.RECODE: ("code", "follow"),
    ChangeKind.MERGE: ("others", "name", "code"),
    ChangeKind.SPLIT: ("name", "code", "children", "others"),
    ChangeKind.TRANSFER: ("parent", "others", "code"),
    ChangeKind.ABOLISH: ("successor",),
}
REQUIRED = {
    ChangeKind.CREATE: {"name", "code"},
    ChangeKind.RENAME: {"name"},
    ChangeKind.RECODE: {"code"},
    ChangeKind.MERGE: {"others"},
    ChangeKind.SPLIT: {"name", "code"},
    ChangeKind.TRANSFER: {"parent"},
    ChangeKind.ABOLISH: set(),
}
LABELS = {
    (ChangeKind.RENAME, "code"): "新代码（代码也变时才填）",
    (ChangeKind.MERGE, "others"): "并入它的区划",
    (ChangeKind.MERGE, "name"): "合并后的名称（不变不填）",
    (ChangeKind.MERGE, "code"): "合并后的代码（不变不填）",
    (ChangeKind.SPLIT, "others"): "从别处划入的下级",
    (ChangeKind.TRANSFER, "others"): "一同划转的区划",
    (ChangeKind.TRANSFER, "code"): "划转后的代码（不变不填）",
}


def _day(label: str, **kwargs: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": f"{label}没有填。",
            "invalid": "日期不对，应如 2020-12-17。",
        },
        **kwargs,
    )


def _text(label: str, length: int, missing: str, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        error_messages={"required": missing},
        **kwargs,
    )


class ChangeForm(forms.Form):
    """办理一项区划变更."""

    name = _text("新名称", 60, "新名称没有填。")
    code = _text("新代码", 12, "新代码没有填。", help_text="12 位，本级以下补 0。")
    follow = forms.BooleanField(label="下级代码随之改前几位", required=False)
    parent = PlaceField(
        label="新上级",
        right=Right.MANAGE_DIVISIONS,
        error_messages={"required": "新上级没有选。"},
    )
    children = forms.MultipleChoiceField(
        label="划入新区划的下级", required=False, widget=forms.CheckboxSelectMultiple
    )
    others = PlacesField(
        label="其他区划",
        right=Right.MANAGE_DIVISIONS,
        error_messages={"required": "没有选区划。"},
    )
    successor = PlaceField(label="继受区划", right=Right.MANAGE_DIVISIONS)
    effective_on = _day("生效日期")
    document = _text("依据文件（名称、文号）", 200, "依据文件没有填，请写文件名称和文号。")
    certainty = forms.ChoiceField(
        label="日期和文件", choices=Certainty.choices(), initial=Certainty.VERIFIED
    )
    note = forms.CharField(label="说明", max_length=500, required=False)

    def __init__(
        self, *args: Any, kind: ChangeKind, division: Division, user: Any, **kwargs: Any
    ) -> None:
        """Keep the fields that this kind of change asks for."""
        super().__init__(*args, **kwargs)
        self.kind, self.division = kind, division
        wanted = (*FIELDS[kind], *COMMON)
        self.fields = {name: self.fields[name] for name in wanted}
        for name, field in self.fields.items():
            if name in FIELDS[kind]:
                field.required = name in REQUIRED[kind]
            field.label = LABELS.get((kind, name), field.label)
            if isinstance(field, PlaceField):
                field.of(user)
        if "children" in self.fields:
            self._offer_children()

    def _offer_children(self) -> None:
        below = self.division.children.filter(abolished_on=None).select_related("parent")
        self.below = {str(item.public_id): item for item in below.order_by("sort_key")}
        field = self.fields["children"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(key, item.display_name) for key, item in self.below.items()]

    def clean_name(self) -> str:
        return "".join(str(self.cleaned_data["name"]).replace("\0", "").split())

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()

    def proposal(self) -> Proposal:
        """Return what is proposed."""
        data = self.cleaned_data
        chosen = [self.below[key] for key in data.get("children", [])]
        return Proposal(
            kind=self.kind,
            division=self.division,
            effective_on=data["effective_on"],
            document=data["document"],
            certainty=data["certainty"],
            note=data["note"],
            name=data.get("name", ""),
            code=data.get("code", ""),
            parent=data.get("parent"),
            others=(*chosen, *data.get("others", ())),
            follow=data.get("follow", False),
            successor=data.get("successor"),
        )


class AsOfForm(forms.Form):
    """看某一天的样子."""

    as_of = _day("看某一天的样子", required=False)


class MarkForm(forms.Form):
    """登记一个标记."""

    mark = forms.ModelChoiceField(
        label="标记",
        queryset=MarkKind.objects.none(),
        empty_label="请选择",
        error_messages={"required": "标记没有选。", "invalid_choice": "没有这种标记。"},
        to_field_name="key",
    )
    since = _day("起始日期")
    until = _day("截止日期", required=False, help_text="长期有效的不填。")
    basis = _text("依据（文件名称、文号）", 200, "依据没有填，请写文件名称和文号。")

    def __init__(self, *args: Any, tier: str, **kwargs: Any) -> None:
        """Offer the marks of one tier."""
        super().__init__(*args, **kwargs)
        field = self.fields["mark"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = MarkKind.objects.filter(tier=Tier(tier)).order_by("id")


class VoidForm(forms.Form):
    """作废."""

    reason = _text("作废原因", 200, "作废原因没有填。")


class EndForm(forms.Form):
    """撤销一个按名单导入的单位."""

    day = _day("撤销日期")


class FileForm(forms.Form):
    """上传一张表."""

    file = forms.FileField(
        label="文件",
        help_text="xlsx 或 CSV，首行为列名。",
        error_messages={"required": "还没有选文件。", "empty": "文件是空的，请重新选择。"},
    )

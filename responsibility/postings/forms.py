"""Forms of accounts, postings, posts, exceptions and tokens; services decide."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from accounts.rules import SCOPES
from responsibility.common import clock
from responsibility.common.rights import RIGHT_LABELS, Right
from responsibility.divisions.models import Body, Division
from responsibility.divisions.places import PlaceField, PlacesField
from responsibility.outbox.rules import EVENTS
from responsibility.postings.rules import GRANTABLE, SYSTEM_ROLES, PrincipalKind, Role
from responsibility.postings.services.accounts import visible_accounts

BUSINESS_ROLES = [(key, word) for key, word in Role.choices() if Role(key) not in SYSTEM_ROLES]


def _day(label: str, **kwargs: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": f"{label}没有填。",
            "invalid": "日期不对，应如 2020-12-17。",
        },
        **kwargs,
    )


def _text(label: str, length: int, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        error_messages={"required": f"{label}没有填。"},
        **kwargs,
    )


def _role() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="角色",
        choices=[("", "请选择"), *BUSINESS_ROLES],
        error_messages={"required": "角色没有选。", "invalid_choice": "没有这个角色。"},
    )


class AccountField(forms.CharField):
    """One account that the user keeps, by its user name."""

    def __init__(self, **kwargs: Any) -> None:
        """Know nobody until bound with ``of``."""
        kwargs.setdefault("label", "用户名")
        kwargs.setdefault("max_length", 60)
        kwargs.setdefault("error_messages", {"required": "用户名没有填。"})
        super().__init__(**kwargs)
        self.known: QuerySet[User] = User.objects.none()

    def of(self, user: Any) -> "AccountField":
        """Bind the field to the accounts of somebody's territory."""
        self.known = visible_accounts(user)
        return self

    def clean(self, value: Any) -> Any:
        """Return the User (None when empty)."""
        text = super().clean(value)
        if not text:
            return None
        found = self.known.filter(username=text).first()
        if found is None:
            raise forms.ValidationError(f"没有用户“{text[:20]}”，或不在您的范围内。")
        return found


class BoundForm(forms.Form):
    """A form whose place and account fields are limited to the user's territory."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        """Bind the fields."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, PlaceField | AccountField):
                field.of(user)

    def body_at(self, division: Division | None, name: str) -> Body | None:
        """Return the body of that name at a place; raise ValidationError when there is none."""
        if not name or division is None:
            return None
        found = Body.objects.filter(division=division, ended_on=None, name=name).first()
        if found is None:
            raise forms.ValidationError({"body": f"{division}没有“{name[:16]}”，请写单位全称。"})
        return found


class PlacedRoleForm(BoundForm):
    """A role at a place, or at one body of it, for a time."""

    role = _role()
    division = PlaceField(
        label="区划",
        right=Right.MANAGE_POSTINGS,
        error_messages={"required": "区划没有选。"},
    )
    body = _text("单位", 100, required=False, help_text="只管一个单位时写全称，例如成员单位。")
    since = _day("起始日期", initial=clock.today)
    until = _day("截止日期", required=False, help_text="长期的不填；代理的写到最后一天。")

    def clean(self) -> dict[str, Any]:
        """Find the body by its name."""
        data = super().clean() or {}
        data["body"] = self.body_at(data.get("division"), data.get("body", ""))
        return data


class AccountForm(PlacedRoleForm):
    """开通账号."""

    username = _text("用户名", 60, help_text="字母、数字和 @ . + - _，例如 recorder-371525001。")
    label = _text("显示名称", 100, help_text="写岗位，不写姓名，例如 清泉街道填报员。")
    field_order = ["username", "label", "role", "division", "body", "since", "until"]


class PostingForm(PlacedRoleForm):
    """授予角色."""

    user = AccountField()
    reason = _text("说明", 200, required=False)
    field_order = ["user", "role", "division", "body", "since", "until", "reason"]


class EndForm(forms.Form):
    """到期、收回."""

    last_day = _day("最后一天", initial=clock.today, help_text="这一天仍然有效。")
    reason = _text("原因", 200)


class ReasonForm(forms.Form):
    """写明原因."""

    reason = _text("原因", 200)


class DeputyForm(BoundForm):
    """请人代理."""

    user = AccountField(label="代理人用户名")
    since = _day("起始日期", initial=clock.today)
    until = _day("最后一天", required=False, help_text="不填为两周。")
    reason = _text("代理事由", 150)


class PostForm(BoundForm):
    """设岗位."""

    division = PlaceField(
        label="区划",
        right=Right.MANAGE_POSTINGS,
        error_messages={"required": "区划没有选。"},
    )
    body = _text("单位", 100, required=False, help_text="不填为本级党委、政府；其他单位写全称。")
    title = _text("职务", 60)
    principal = forms.ChoiceField(
        label="正职类别", choices=PrincipalKind.choices(), initial=PrincipalKind.OTHER
    )

    def clean(self) -> dict[str, Any]:
        """Find the body: the place's own unless named."""
        data = super().clean() or {}
        place: Division | None = data.get("division")
        body = self.body_at(place, data.get("body", ""))
        if body is None and place is not None:
            body = Body.objects.filter(division=place, is_main=True, ended_on=None).first()
            if body is None:
                raise forms.ValidationError({"body": "这个区划没有本级单位，请写单位全称。"})
        data["body"] = body
        return data


class HandOverForm(BoundForm):
    """任职、交接."""

    user = AccountField(label="接任人用户名")
    since = _day("交接日期", initial=clock.today)
    document = _text("任免文件", 200, required=False)
    acting = forms.BooleanField(label="主持工作（尚未任命正职）", required=False)


class NoteForm(forms.Form):
    """接任人意见."""

    note = _text("意见", 500, required=False)


class ExceptionForm(BoundForm):
    """例外授权."""

    user = AccountField()
    right = forms.ChoiceField(
        label="权限",
        choices=[(right.value, RIGHT_LABELS[right]) for right in Right if right in GRANTABLE],
        error_messages={"invalid_choice": "没有这项权限，或不能用例外授权。"},
    )
    division = PlaceField(
        label="区划（含下级）",
        right=Right.MANAGE_EXCEPTIONS,
        error_messages={"required": "区划没有选。"},
    )
    since = _day("起始日期", initial=clock.today)
    until = _day("最后一天")
    reason = _text("事由", 200, help_text="例如 市委巡察组，文号。")


class TokenForm(BoundForm):
    """签发接口令牌."""

    name = _text("接口名称", 100, help_text="写对方系统，例如 省平台数据交换。")
    divisions = PlacesField(
        label="区划（含下级）",
        right=Right.MANAGE_TOKENS,
        error_messages={"required": "没有选区划。"},
    )
    scopes = forms.MultipleChoiceField(
        label="权限范围",
        choices=[(key, f"{word}（{key}）") for key, word in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "没有选权限范围。", "invalid_choice": "没有这种权限范围。"},
    )
    days = forms.IntegerField(
        label="有效天数",
        initial=365,
        min_value=1,
        max_value=3660,
        error_messages={
            "required": "有效天数没有填。",
            "invalid": "有效天数应是整数。",
            "min_value": "有效天数至少 1 天。",
            "max_value": "有效天数最多 3660 天。",
        },
    )


class WebhookForm(BoundForm):
    """登记接口推送."""

    name = _text("对方系统", 100, help_text="例如 省平台数据交换。")
    url = _text("地址", 300, help_text="以 https:// 开头；不能指向内部网络。")
    divisions = PlacesField(
        label="区划（含下级）",
        right=Right.MANAGE_TOKENS,
        error_messages={"required": "没有选区划。"},
    )
    events = forms.MultipleChoiceField(
        label="事件",
        choices=[(key, f"{word}（{key}）") for key, word in EVENTS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "没有选事件。", "invalid_choice": "没有这种事件。"},
    )


class ExplainForm(forms.Form):
    """查权限来由."""

    user = _text("用户名", 60, required=False, help_text="查这个用户能看什么、为什么。")
    object = _text(
        "记录",
        120,
        required=False,
        help_text="查谁能看这条记录：应用.模型:编号，例如 duties.assignment:…。",
    )


class UploadForm(forms.Form):
    """导入用户和授权."""

    file = forms.FileField(
        label="文件",
        help_text="xlsx 或 CSV，首行为列名，照样表填。",
        error_messages={"required": "还没有选文件。", "empty": "文件是空的，请重新选择。"},
    )
    only_good = forms.BooleanField(label="只导入没有问题的行", required=False)


class PlaceForm(BoundForm):
    """打印初始口令."""

    division = PlaceField(
        label="单位所在区划（含下级）",
        right=Right.MANAGE_ACCOUNTS,
        error_messages={"required": "区划没有选。"},
    )

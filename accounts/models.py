"""Users and the secrets of API tokens."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

BY_KEY = "SELECT * FROM accounts_user WHERE id = %s"


class UserManager(BaseUserManager["User"]):
    """Makes users; a password of None makes the account unusable for sign-in."""

    def get(self, *args: Any, **kwargs: Any) -> "User":
        """Return one user; by key alone (asked at every request) without composing the query."""
        if args or kwargs.keys() != {"pk"} or not isinstance(kwargs["pk"], int):
            return super().get(*args, **kwargs)
        for user in self.raw(BY_KEY, [kwargs["pk"]]):
            return user
        raise self.model.DoesNotExist

    def create_user(self, username: str, password: str | None = None, **extra: Any) -> "User":
        """Create a user."""
        user = self.model(username=self.model.normalize_username(username), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **extra: Any) -> "User":
        """Create a technical account for the reference data's admin site."""
        extra.setdefault("label", "技术管理员")
        return self.create_user(username, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """An account: a person's at a post, or a service's. What it may do lies elsewhere."""

    username = models.CharField(
        "用户名",
        max_length=60,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "该用户名已存在。"},
    )
    label = models.CharField("显示名称", max_length=100, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    is_staff = models.BooleanField("可进后台", default=False)
    is_active = models.BooleanField("启用", default=True)
    is_service = models.BooleanField("接口账号", default=False)
    is_demo = models.BooleanField("演示数据", default=False)
    must_change_password = models.BooleanField("须改初始密码", default=False)
    password_changed_at = models.DateTimeField("改密时间", db_default=Now())
    large_text = models.BooleanField("大字显示", default=False)
    created_at = models.DateTimeField("建立时间", db_default=Now(), editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.label or self.username

    def get_full_name(self) -> str:
        """Return the label."""
        return self.label or self.username

    def get_short_name(self) -> str:
        """Return the label."""
        return self.label or self.username


class ApiToken(models.Model):
    """A token of a service account: only its digest is kept."""

    public_id = models.UUIDField("编号", default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        User, models.PROTECT, verbose_name="接口账号", related_name="api_tokens"
    )
    name = models.CharField("名称", max_length=100)
    prefix = models.CharField("前缀", max_length=12)
    digest = models.CharField("摘要", max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name="权限范围")
    expires_at = models.DateTimeField("到期时间", null=True, blank=True)
    revoked_at = models.DateTimeField("吊销时间", null=True, blank=True)
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    created_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="签发人", null=True, related_name="+"
    )
    created_at = models.DateTimeField("签发时间", db_default=Now(), editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}…）"

"""The only writers of accounts and tokens. Who may call them is decided above."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.rules import new_password, new_token
from accounts.signals import password_changed

INITIAL = "argon2_initial"


@transaction.atomic
def create_user(*, username: str, label: str, password: str | None = None) -> tuple[User, str]:
    """Create an account with a one-time password; return the user and that password."""
    initial = password or new_password()
    user = User(username=User.normalize_username(username), label=label)
    user.must_change_password = password is None
    user.password = make_password(initial, hasher="default" if password else INITIAL)
    user.save()
    user.refresh_from_db()
    return user, initial


@transaction.atomic
def create_users(*, users: list[tuple[str, str]]) -> list[User]:
    """Create many accounts (user name, label) that cannot sign in until a password is printed."""
    rows = [
        User(
            username=User.normalize_username(username),
            label=label,
            must_change_password=True,
            password=make_password(None),
        )
        for username, label in users
    ]
    return User.objects.bulk_create(rows, batch_size=1000)


@transaction.atomic
def print_passwords(*, users: list[User]) -> list[tuple[User, str]]:
    """Give each user a new one-time password; return them with the passwords, never stored."""
    found = []
    for user in users:
        initial = new_password()
        user.password, user.must_change_password = make_password(initial, hasher=INITIAL), True
        found.append((user, initial))
    User.objects.bulk_update(users, ["password", "must_change_password"], batch_size=500)
    return found


@transaction.atomic
def reset_password(*, user: User) -> str:
    """Give the user a new one-time password and return it."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    initial = new_password()
    locked.password = make_password(initial, hasher=INITIAL)
    locked.must_change_password = True
    locked.save(update_fields=["password", "must_change_password"])
    return initial


@transaction.atomic
def change_own_password(*, user: User, password: str) -> None:
    """Set the password that the user chose; raise ValidationError when it breaks the rules."""
    validate_password(password, user)
    user.set_password(password)
    user.must_change_password = False
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])
    password_changed.send(User, user=user)


@transaction.atomic
def set_active(*, user: User, active: bool) -> None:
    """Enable or disable an account."""
    User.objects.filter(pk=user.pk).update(is_active=active)


@transaction.atomic
def create_service_account(*, username: str, label: str) -> User:
    """Create the account behind API tokens; it cannot sign in."""
    user = User(username=username, label=label, is_service=True)
    user.set_unusable_password()
    user.save()
    return user


@transaction.atomic
def issue_token(
    *, user: User, name: str, scopes: list[str], by: User | None, days: int | None = 365
) -> tuple[ApiToken, str]:
    """Issue a token of a service account; the whole token is returned once and never stored."""
    token, prefix, digest = new_token()
    expires: datetime | None = timezone.now() + timedelta(days=days) if days else None
    row = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        digest=digest,
        scopes=sorted(set(scopes)),
        expires_at=expires,
        created_by=by,
    )
    return row, token


@transaction.atomic
def revoke_token(*, token: ApiToken) -> None:
    """Revoke a token at once."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())

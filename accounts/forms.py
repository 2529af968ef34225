"""Forms about one's own account."""

from django.contrib.auth.forms import PasswordChangeForm as BasePasswordChangeForm


class PasswordChangeForm(BasePasswordChangeForm):
    """Change one's own password; the old one is asked for."""

"""One's own password and display."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import FormView

from accounts import services
from accounts.forms import PasswordChangeForm
from accounts.models import User


class PasswordChangeView(FormView):  # type: ignore[type-arg]
    """Change one's own password."""

    template_name = "account/password_change.html"
    form_class = PasswordChangeForm

    def get_form_kwargs(self) -> dict[str, object]:
        """Give the form its user."""
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Set the password and stay signed in."""
        user = self.request.user
        assert isinstance(user, User)
        try:
            services.change_own_password(user=user, password=form.cleaned_data["new_password1"])
        except ValidationError as error:
            form.add_error("new_password1", error)
            return self.form_invalid(form)
        update_session_auth_hash(self.request, user)
        messages.success(self.request, "密码已修改。")
        return HttpResponseRedirect("/")


@require_GET
def alive(request: HttpRequest) -> HttpResponse:
    """Say that the user is still here; being asked is what keeps the session."""
    return HttpResponse(status=204)


@require_POST
def large_text(request: HttpRequest) -> HttpResponse:
    """Switch 大字显示 on or off for the user."""
    user = request.user
    assert isinstance(user, User)
    User.objects.filter(pk=user.pk).update(large_text=not user.large_text)
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(back if safe and back.startswith("/") else "/")

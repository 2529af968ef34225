"""Sign-in, sign-out, one's own password."""

from allauth.account import views as allauth_views
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from accounts import views

urlpatterns = [
    path("login/", login_not_required(allauth_views.login), name="account_login"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("password/", views.PasswordChangeView.as_view(), name="password_change"),
    path("alive/", views.alive, name="alive"),
    path("display/", views.large_text, name="large_text"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
]

"""The project's URLs: everything of ours is under responsibility and accounts."""

from django.urls import include, path

from liaocheng_poverty import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics_view, name="metrics"),
    path("", include("accounts.urls")),
    path("", include("responsibility.urls")),
    path("api/v1/", include("responsibility.api_urls")),
]
handler400 = "responsibility.common.errors_views.bad_request"
handler403 = "responsibility.common.errors_views.forbidden"
handler404 = "responsibility.common.errors_views.not_found"
handler500 = "responsibility.common.errors_views.server_error"

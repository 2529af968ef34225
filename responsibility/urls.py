"""Every app's pages."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("responsibility.dashboard.urls")),
    path("", include("responsibility.postings.urls")),
    path("", include("responsibility.regulations.urls")),
    path("", include("responsibility.duties.urls")),
    path("", include("responsibility.figures.urls")),
    path("", include("responsibility.plans.urls")),
    path("", include("responsibility.letters.urls")),
    path("", include("responsibility.progress.urls")),
    path("", include("responsibility.reports.urls")),
    path("", include("responsibility.assessments.urls")),
    path("", include("responsibility.jobs.urls")),
    path("", include("responsibility.audit.urls")),
    path("", include("responsibility.divisions.urls")),
    path("", include("responsibility.outbox.urls")),
    path("", include("responsibility.deadlines.urls")),
    path("", include("responsibility.alerts.urls")),
]

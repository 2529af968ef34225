"""Addresses of the pages over everything."""

from django.urls import path

from responsibility.dashboard import overview_views, setup_views, views

urlpatterns = [
    path("", views.home, name="workbench"),
    path("overview/", overview_views.overview, name="overview"),
    path("overview/trend/", overview_views.panel_trend, name="overview_trend"),
    path("overview/heat/", overview_views.panel_heat, name="overview_heat"),
    path("overview/calendar/", overview_views.panel_calendar, name="overview_calendar"),
    path("overview/burden/", overview_views.panel_burden, name="overview_burden"),
    path("overview/export/", overview_views.export, name="overview_export"),
    path(
        "overview/assessments/<uuid:public_id>/",
        views.assessment_picture,
        name="assessment_picture",
    ),
    path("principal/", overview_views.principal, name="principal"),
    path("setup/", setup_views.first_run, name="setup"),
    path("menu/", views.menu, name="menu"),
    path("data-dictionary/", views.data_dictionary, name="data_dictionary"),
    path("help/", views.help_page, name="help"),
    path("me/", views.me, name="me"),
    path("feedback/", views.feedback, name="feedback"),
    path("feedback/<uuid:public_id>/answer/", views.feedback_answer, name="feedback_answer"),
]

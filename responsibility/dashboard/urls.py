"""Addresses of the pages over everything."""

from django.urls import path

from responsibility.dashboard import setup_views, views

urlpatterns = [
    path("", views.home, name="workbench"),
    path("overview/", views.overview, name="overview"),
    path("setup/", setup_views.first_run, name="setup"),
    path("menu/", views.menu, name="menu"),
    path("help/", views.help_page, name="help"),
    path("me/", views.me, name="me"),
    path("feedback/", views.feedback, name="feedback"),
    path("feedback/<uuid:public_id>/answer/", views.feedback_answer, name="feedback_answer"),
]

"""Pages of the deadlines."""

from django.urls import path

from responsibility.deadlines import views

urlpatterns = [
    path("deadlines/", views.deadline_list, name="deadline_list"),
    path("deadlines/rules/", views.rule_list, name="deadline_rules"),
    path("deadlines/rules/<slug:key>/", views.rule_detail, name="deadline_rule"),
    path(
        "deadlines/rules/<slug:key>/change/",
        views.RuleChangeView.as_view(),
        name="deadline_rule_change",
    ),
    path("deadlines/calendar/", views.calendar_page, name="deadline_calendar"),
    path("deadlines/calendar/days/", views.DeclareDayView.as_view(), name="deadline_declare_day"),
    path(
        "deadlines/calendar/days/<uuid:public_id>/void/", views.void_day, name="deadline_void_day"
    ),
    path(
        "deadlines/events/<str:label>/<uuid:public_id>/",
        views.EventView.as_view(),
        name="deadline_event",
    ),
    path("deadlines/<uuid:public_id>/", views.deadline_detail, name="deadline_detail"),
    path(
        "deadlines/<uuid:public_id>/explain/", views.ExplainView.as_view(), name="deadline_explain"
    ),
    path(
        "deadlines/explanations/<uuid:public_id>/decide/",
        views.DecideView.as_view(),
        name="deadline_decide",
    ),
]

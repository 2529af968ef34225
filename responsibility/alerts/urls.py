"""Pages of the alerts."""

from django.urls import path

from responsibility.alerts import views

urlpatterns = [
    path("alerts/", views.alert_list, name="alert_list"),
    path("alerts/<uuid:public_id>/close/", views.CloseView.as_view(), name="alert_close"),
]

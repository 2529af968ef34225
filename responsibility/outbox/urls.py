"""Pages of the outbox."""

from django.urls import path

from responsibility.outbox import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read-all/", views.read_all, name="inbox_read_all"),
    path("inbox/<uuid:public_id>/read/", views.read, name="inbox_read"),
    path("system/deliveries/", views.deliveries, name="deliveries"),
    path("system/deliveries/<uuid:public_id>/retry/", views.retry, name="delivery_retry"),
]

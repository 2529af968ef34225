"""Addresses of duties and assignments."""

from django.urls import path

from responsibility.duties import views

urlpatterns = [
    path("duties/", views.duty_list, name="duty_list"),
    path("duties/export/", views.export, name="duty_export"),
    path("duties/catalogue/", views.catalogue, name="duty_catalogue"),
    path("duties/generate/", views.generate, name="duty_generate"),
    path("duties/zones/", views.ZonesView.as_view(), name="duty_zones"),
    path("duties/catalogue/<slug:key>/", views.duty, name="duty"),
    path("duties/catalogue/<slug:key>/zones/", views.ExtendView.as_view(), name="duty_extend"),
    path("duties/<uuid:public_id>/", views.assignment, name="duty_assignment"),
    path(
        "duties/<uuid:public_id>/not-applicable/",
        views.NotApplicableView.as_view(),
        name="duty_not_applicable",
    ),
    path(
        "duties/<uuid:public_id>/reinstate/",
        views.ReinstateView.as_view(),
        name="duty_reinstate",
    ),
]

"""Addresses of the dictionary and of numbers."""

from django.urls import path

from responsibility.figures import views

urlpatterns = [
    path("indicators/", views.indicator_list, name="indicator_list"),
    path("indicators/new/", views.IndicatorNewView.as_view(), name="indicator_new"),
    path("indicators/sheet/", views.SheetView.as_view(), name="figures_sheet"),
    path("indicators/sheet/template/", views.sheet_template, name="figures_sheet_template"),
    path("indicators/<slug:key>/", views.indicator_detail, name="indicator"),
    path(
        "indicators/<slug:key>/change/",
        views.IndicatorChangeView.as_view(),
        name="indicator_change",
    ),
    path(
        "indicators/<slug:key>/retire/",
        views.IndicatorRetireView.as_view(),
        name="indicator_retire",
    ),
    path(
        "indicators/<slug:key>/<uuid:body>/<path:period>/", views.figure_value, name="figure_value"
    ),
]

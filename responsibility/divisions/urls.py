"""Pages of places."""

from django.urls import path

from responsibility.divisions import views

urlpatterns = [
    path("divisions/", views.division_list, name="division_list"),
    path("divisions/import/", views.ImportDivisionsView.as_view(), name="division_import"),
    path("divisions/units/import/", views.ImportUnitsView.as_view(), name="division_units_import"),
    path(
        "divisions/units/<uuid:public_id>/end/",
        views.EndUnitView.as_view(),
        name="division_unit_end",
    ),
    path("divisions/pick/", views.pick, name="division_pick"),
    path("divisions/changes/", views.change_list, name="division_changes"),
    path("divisions/changes/<uuid:public_id>/", views.change_detail, name="division_change"),
    path("divisions/marks/", views.mark_list, name="division_marks"),
    path("divisions/marks/import/", views.ImportMarksView.as_view(), name="division_marks_import"),
    path(
        "divisions/marks/<uuid:public_id>/void/",
        views.VoidMarkView.as_view(),
        name="division_mark_void",
    ),
    path("divisions/<uuid:public_id>/", views.division_detail, name="division_detail"),
    path("divisions/<uuid:public_id>/node/", views.node, name="division_node"),
    path(
        "divisions/<uuid:public_id>/marks/new/",
        views.AddMarkView.as_view(),
        name="division_mark_add",
    ),
    path(
        "divisions/<uuid:public_id>/change/<slug:kind>/",
        views.ChangeView.as_view(),
        name="division_change_new",
    ),
]

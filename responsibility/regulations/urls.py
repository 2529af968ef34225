"""Addresses of the text."""

from django.urls import path

from responsibility.regulations import views

urlpatterns = [
    path("regulations/", views.index, name="regulations"),
    path("regulations/import/", views.ImportView.as_view(), name="regulation_import"),
    path("regulations/drafts/<uuid:public_id>/", views.draft, name="regulation_draft"),
    path(
        "regulations/clauses/<uuid:public_id>/", views.ClauseView.as_view(), name="clause_correct"
    ),
    path("regulations/<int:version>/articles/<str:number>/", views.article, name="article"),
    path(
        "regulations/<int:version>/articles/<str:number>/interpret/",
        views.InterpretationView.as_view(),
        name="article_interpret",
    ),
    path(
        "regulations/<int:version>/articles/<str:number>/measures/",
        views.MeasureView.as_view(),
        name="article_measure",
    ),
]

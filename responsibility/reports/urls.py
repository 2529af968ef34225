"""Addresses of reports."""

from django.urls import path

from responsibility.reports import views

urlpatterns = [
    path("reports/", views.report_list, name="report_list"),
    path("reports/start/", views.start, name="report_start"),
    path("reports/<uuid:public_id>/", views.detail, name="report"),
    path("reports/<uuid:public_id>/edit/", views.edit, name="report_edit"),
    path("reports/<uuid:public_id>/review/", views.review_page, name="report_review"),
    path("reports/<uuid:public_id>/act/", views.act, name="report_act"),
    path("reports/<uuid:public_id>/print/", views.print_view, name="report_print"),
    path("reports/<uuid:public_id>/correct/", views.slip_new, name="report_correct"),
    path("reports/cells/<uuid:public_id>/", views.cell, name="report_cell"),
    path("reports/slips/<uuid:public_id>/", views.slip_decide, name="report_slip_decide"),
]

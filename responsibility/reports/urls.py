"""Addresses of reports."""

from django.urls import path

from responsibility.reports.views import reports

urlpatterns = [
    path("reports/", reports.report_list, name="report_list"),
    path("reports/start/", reports.start, name="report_start"),
    path("reports/<uuid:public_id>/", reports.detail, name="report"),
    path("reports/<uuid:public_id>/edit/", reports.edit, name="report_edit"),
    path("reports/<uuid:public_id>/review/", reports.review_page, name="report_review"),
    path("reports/<uuid:public_id>/act/", reports.act, name="report_act"),
    path("reports/<uuid:public_id>/print/", reports.print_view, name="report_print"),
    path("reports/<uuid:public_id>/correct/", reports.slip_new, name="report_correct"),
    path("reports/cells/<uuid:public_id>/", reports.cell, name="report_cell"),
    path("reports/slips/<uuid:public_id>/", reports.slip_decide, name="report_slip_decide"),
]

"""Addresses of reports."""

from django.urls import path

from responsibility.reports.views import files, kinds, reports, review, tables, workbook

urlpatterns = [
    path("reports/", reports.report_list, name="report_list"),
    path("reports/start/", reports.start, name="report_start"),
    path("reports/burden/", tables.burden, name="report_burden"),
    path("reports/waiting/", review.queue, name="report_queue"),
    path("reports/remarks/", review.canned, name="report_canned"),
    path("reports/timely/", tables.timely, name="report_timely"),
    path("reports/kinds/", kinds.kind_list, name="report_kinds"),
    path("reports/kinds/new/", kinds.kind_new, name="report_kind_new"),
    path("reports/kinds/<uuid:public_id>/", kinds.kind_detail, name="report_kind"),
    path("reports/kinds/<uuid:public_id>/edit/", kinds.kind_edit, name="report_kind_edit"),
    path("reports/kinds/<uuid:public_id>/act/", kinds.kind_act, name="report_kind_act"),
    path("reports/kinds/<uuid:public_id>/gate/", kinds.kind_gate, name="report_kind_gate"),
    path(
        "reports/kinds/<uuid:public_id>/sections/<slug:key>/",
        kinds.section,
        name="report_kind_section",
    ),
    path("reports/<uuid:public_id>/no-data/", tables.no_data, name="report_no_data"),
    path("reports/<uuid:public_id>/", reports.detail, name="report"),
    path("reports/<uuid:public_id>/edit/", reports.edit, name="report_edit"),
    path("reports/<uuid:public_id>/items/", reports.save_item, name="report_items"),
    path("reports/<uuid:public_id>/review/", review.review_page, name="report_review"),
    path("reports/<uuid:public_id>/act/", reports.act, name="report_act"),
    path("reports/<uuid:public_id>/print/", reports.print_view, name="report_print"),
    path("reports/<uuid:public_id>/sheet/", workbook.sheet, name="report_sheet"),
    path("reports/<uuid:public_id>/xlsx/", workbook.xlsx, name="report_xlsx"),
    path("reports/<uuid:public_id>/docx/", workbook.docx, name="report_docx"),
    path("reports/<uuid:public_id>/correct/", reports.slip_new, name="report_correct"),
    path("reports/cells/<uuid:public_id>/", reports.cell, name="report_cell"),
    path("reports/<uuid:public_id>/files/<slug:key>/", files.attach, name="report_attach"),
    path("reports/files/<uuid:public_id>/", files.download, name="report_file"),
    path("reports/files/<uuid:public_id>/remove/", files.detach, name="report_detach"),
    path("reports/slips/<uuid:public_id>/", reports.slip_decide, name="report_slip_decide"),
]

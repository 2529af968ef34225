"""Pages of letters."""

from django.urls import URLPattern, path

from responsibility.letters import views

urlpatterns: list[URLPattern] = [
    path("letters/", views.letter_list, name="letter_list"),
    path("letters/round/", views.letter_round, name="letter_round"),
    path("letters/export/", views.letter_export, name="letter_export"),
    path("letters/<uuid:public_id>/", views.detail, name="letter"),
    path("letters/<uuid:public_id>/act/", views.act, name="letter_act"),
    path("letters/<uuid:public_id>/remarks/", views.remark, name="letter_remark"),
    path("letters/remarks/<uuid:public_id>/", views.answer, name="letter_answer"),
    path("letters/<uuid:public_id>/scans/", views.scan_add, name="letter_scan_add"),
    path("letters/scans/<uuid:public_id>/", views.scan_file, name="letter_scan"),
    path("letters/scans/<uuid:public_id>/void/", views.scan_void, name="letter_scan_void"),
    path("letters/<uuid:public_id>/settlement/", views.settlement, name="letter_settlement"),
    path("letters/<uuid:public_id>/print/", views.print_view, name="letter_print"),
    path("letters/<uuid:public_id>/docx/", views.docx, name="letter_docx"),
]

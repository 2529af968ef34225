"""Addresses of logging and reviewing."""

from django.urls import path

from responsibility.progress import views

urlpatterns = [
    path("progress/", views.entry_list, name="progress_list"),
    path("progress/new/", views.new, name="progress_new"),
    path("progress/autosave/", views.autosave, name="progress_autosave"),
    path("progress/<uuid:public_id>/", views.entry, name="progress_entry"),
    path("progress/<uuid:public_id>/act/", views.act, name="progress_act"),
    path("progress/<uuid:public_id>/files/", views.upload, name="progress_upload"),
    path("progress/<uuid:public_id>/correct/", views.slip_new, name="progress_correct"),
    path("corrections/<uuid:public_id>/", views.slip_decide, name="progress_slip_decide"),
    path("evidence/<uuid:public_id>/", views.evidence_file, name="evidence_file"),
    path("evidence/<uuid:public_id>/remove/", views.evidence_void, name="evidence_void"),
    path("review/", views.queue, name="review_queue"),
]

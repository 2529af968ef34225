"""Pages of the background runs."""

from django.urls import path

from responsibility.jobs import views

urlpatterns = [
    path("system/", views.system, name="system"),
    path("system/letters/<uuid:public_id>/retry/", views.retry, name="letter_retry"),
    path("system/letters/<uuid:public_id>/settle/", views.settle, name="letter_settle"),
    path("receipts/", views.receipt_list, name="receipt_list"),
    path("receipts/<uuid:public_id>/sheet/", views.receipt_sheet, name="receipt_sheet"),
    path("system/runs/<uuid:public_id>/cancel/", views.cancel, name="run_cancel"),
]

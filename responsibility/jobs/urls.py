"""Pages of the background runs."""

from django.urls import path

from responsibility.jobs.views import runs, system

urlpatterns = [
    path("system/", system.system, name="system"),
    path("system/letters/<uuid:public_id>/retry/", system.retry, name="letter_retry"),
    path("system/letters/<uuid:public_id>/settle/", system.settle, name="letter_settle"),
    path("system/schedule/", system.schedule_run, name="schedule_run"),
    path("system/replay/", system.replay_day, name="schedule_replay"),
    path("receipts/", system.receipt_list, name="receipt_list"),
    path("receipts/<uuid:public_id>/sheet/", system.receipt_sheet, name="receipt_sheet"),
    path("runs/", runs.run_list, name="run_list"),
    path("runs/<uuid:public_id>/", runs.run_detail, name="run"),
    path("runs/<uuid:public_id>/cancel/", runs.cancel, name="run_cancel"),
    path("runs/<uuid:public_id>/sheet/", runs.run_sheet, name="run_sheet"),
]

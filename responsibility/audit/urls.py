"""Pages of the audit log."""

from django.urls import path

from responsibility.audit import views

urlpatterns = [
    path("audit/", views.log, name="audit_log"),
    path("audit/export/", views.export, name="audit_export"),
    path("audit/prove/", views.prove, name="audit_prove"),
]

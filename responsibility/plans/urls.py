"""Addresses of plans."""

from django.urls import path

from responsibility.plans import views

urlpatterns = [
    path("plans/", views.plan_list, name="plan_list"),
    path("plans/start/", views.start, name="plan_start"),
    path("plans/missing/", views.missing, name="plan_missing"),
    path("plans/handed-down/<uuid:public_id>/", views.hand_down, name="plan_hand_down"),
    path("plans/allocations/", views.allocation_list, name="allocation_list"),
    path("plans/allocations/new/", views.allocation_new, name="allocation_new"),
    path("plans/allocations/<uuid:public_id>/", views.allocation, name="allocation"),
    path("plans/allocations/<uuid:public_id>/act/", views.allocation_act, name="allocation_act"),
    path("plans/<uuid:public_id>/", views.detail, name="plan"),
    path("plans/<uuid:public_id>/edit/", views.edit, name="plan_edit"),
    path("plans/<uuid:public_id>/split/", views.split, name="plan_split"),
    path("plans/<uuid:public_id>/split.xlsx", views.split_sheet, name="plan_split_sheet"),
    path("plans/<uuid:public_id>/review/", views.review_page, name="plan_review"),
    path("plans/<uuid:public_id>/act/", views.act, name="plan_act"),
    path("plans/<uuid:public_id>/reach/", views.reach, name="plan_reach"),
    path("plans/<uuid:public_id>/diff/", views.diff, name="plan_diff"),
    path("plans/<uuid:public_id>/print/", views.print_view, name="plan_print"),
]

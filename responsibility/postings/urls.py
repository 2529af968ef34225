"""Pages of accounts, roles, posts and security."""

from django.urls import path

from responsibility.postings import views
from responsibility.postings.views import territory, webhooks

urlpatterns = [
    path("users/", views.account_list, name="account_list"),
    path("users/new/", views.NewAccountView.as_view(), name="account_new"),
    path("users/import/", views.ImportAccountsView.as_view(), name="account_import"),
    path("users/import/template/", views.account_template, name="account_import_template"),
    path(
        "users/import/<uuid:public_id>/receipt/",
        views.account_receipt,
        name="account_import_receipt",
    ),
    path("users/passwords/", views.PrintPasswordsView.as_view(), name="account_passwords"),
    path("users/<str:username>/reset/", views.account_reset, name="account_reset"),
    path("users/<str:username>/active/", views.account_active, name="account_active"),
    path("users/<str:username>/", views.account_detail, name="account_detail"),
    path("postings/", views.posting_list, name="posting_list"),
    path("postings/new/", views.NewPostingView.as_view(), name="posting_new"),
    path("postings/<uuid:public_id>/end/", views.EndPostingView.as_view(), name="posting_end"),
    path("postings/<uuid:public_id>/deputy/", views.DeputyView.as_view(), name="posting_deputy"),
    path("posts/", views.post_list, name="post_list"),
    path("posts/new/", views.NewPostView.as_view(), name="post_new"),
    path("posts/<uuid:public_id>/", views.post_detail, name="post_detail"),
    path("posts/<uuid:public_id>/hand-over/", views.HandOverView.as_view(), name="post_hand_over"),
    path("tenures/<uuid:public_id>/end/", views.EndTenureView.as_view(), name="tenure_end"),
    path("hand-overs/<uuid:public_id>/", views.hand_over_detail, name="hand_over"),
    path("security/exceptions/", views.exception_list, name="exception_list"),
    path("security/exceptions/new/", views.NewExceptionView.as_view(), name="exception_new"),
    path(
        "security/exceptions/<uuid:public_id>/revoke/",
        views.RevokeExceptionView.as_view(),
        name="exception_revoke",
    ),
    path("security/tokens/", views.token_list, name="token_list"),
    path("security/tokens/new/", views.NewTokenView.as_view(), name="token_new"),
    path("security/tokens/<uuid:public_id>/revoke/", views.token_revoke, name="token_revoke"),
    path("security/webhooks/", webhooks.webhook_list, name="webhook_list"),
    path("security/webhooks/new/", webhooks.NewWebhookView.as_view(), name="webhook_new"),
    path("security/webhooks/<uuid:public_id>/", webhooks.webhook_detail, name="webhook"),
    path("security/webhooks/<uuid:public_id>/act/", webhooks.webhook_act, name="webhook_act"),
    path("security/deliveries/<uuid:public_id>/replay/", webhooks.replay, name="webhook_replay"),
    path("territory/", territory.choose_territory, name="territory"),
    path("security/scope/", views.explain, name="explain_scope"),
]

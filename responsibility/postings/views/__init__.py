"""Pages of accounts, postings, posts, exceptions, tokens and of what they open."""

from responsibility.postings.views.accounts import (
    NewAccountView,
    PrintPasswordsView,
    account_active,
    account_detail,
    account_list,
    account_reset,
)
from responsibility.postings.views.given import (
    DeputyView,
    EndPostingView,
    NewPostingView,
    posting_list,
)
from responsibility.postings.views.importing import (
    ImportAccountsView,
    account_receipt,
    account_template,
)
from responsibility.postings.views.posts import (
    EndTenureView,
    HandOverView,
    NewPostView,
    hand_over_detail,
    post_detail,
    post_list,
)
from responsibility.postings.views.security import (
    NewExceptionView,
    NewTokenView,
    RevokeExceptionView,
    exception_list,
    explain,
    token_list,
    token_revoke,
)

__all__ = [
    "DeputyView",
    "EndPostingView",
    "EndTenureView",
    "HandOverView",
    "ImportAccountsView",
    "NewAccountView",
    "NewExceptionView",
    "NewPostView",
    "NewPostingView",
    "NewTokenView",
    "PrintPasswordsView",
    "RevokeExceptionView",
    "account_active",
    "account_detail",
    "account_list",
    "account_receipt",
    "account_reset",
    "account_template",
    "exception_list",
    "explain",
    "hand_over_detail",
    "post_detail",
    "post_list",
    "posting_list",
    "token_list",
    "token_revoke",
]

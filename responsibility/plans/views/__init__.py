"""Pages of plans: lists, drafting, the split grid, review and issue, allocations."""

from responsibility.plans.views.allocations import (
    allocation,
    allocation_act,
    allocation_list,
    allocation_new,
)
from responsibility.plans.views.drafting import edit
from responsibility.plans.views.lists import hand_down, missing, plan_list, start
from responsibility.plans.views.records import (
    act,
    detail,
    diff,
    print_view,
    reach,
    review_page,
)
from responsibility.plans.views.splitting import split, split_sheet

__all__ = [
    "act",
    "allocation",
    "allocation_act",
    "allocation_list",
    "allocation_new",
    "detail",
    "diff",
    "edit",
    "hand_down",
    "missing",
    "plan_list",
    "print_view",
    "reach",
    "review_page",
    "split",
    "split_sheet",
    "start",
]

"""Pages of places."""

from responsibility.divisions.views.changes import ChangeView, change_detail, change_list
from responsibility.divisions.views.detail import division_detail
from responsibility.divisions.views.importing import (
    EndUnitView,
    ImportDivisionsView,
    ImportUnitsView,
)
from responsibility.divisions.views.marks import (
    AddMarkView,
    ImportMarksView,
    VoidMarkView,
    mark_list,
)
from responsibility.divisions.views.tree import division_list, node, pick

__all__ = [
    "AddMarkView",
    "ChangeView",
    "EndUnitView",
    "ImportDivisionsView",
    "ImportMarksView",
    "ImportUnitsView",
    "VoidMarkView",
    "change_detail",
    "change_list",
    "division_detail",
    "division_list",
    "mark_list",
    "node",
    "pick",
]

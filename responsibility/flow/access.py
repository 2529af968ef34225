"""At which divisions a user reviews."""

from responsibility.common.rights import Right
from responsibility.common.scoping import Access


def review_places(access: Access) -> set[int]:
    """Return the divisions at which the user reviews what the tier below submits."""
    return {
        grant.division_id
        for grant in access.with_right(Right.REVIEW)
        if grant.body_id is None and grant.division_id
    }

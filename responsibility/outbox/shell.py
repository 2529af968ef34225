"""What the shell of every page asks the outbox."""

from django.http import HttpRequest

from responsibility.outbox.models import Notice


def unread(request: HttpRequest) -> int:
    """Return how many unread notices the user has, up to 99."""
    return Notice.objects.visible_to(request.user).unread()[:99].count()

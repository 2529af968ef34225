"""The territory that a user with several postings looks at."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from responsibility.common.errors import Missing
from responsibility.common.views import access
from responsibility.postings.middleware import TERRITORY


@require_POST
def choose_territory(request: HttpRequest) -> HttpResponse:
    """Keep the chosen territory (a division's code) for the session; empty is the whole again."""
    code = request.POST.get("territory", "")
    places = dict(access(request).territories)
    if code and code not in places:
        raise Missing("没有找到，或不在您的管理范围内。")
    if code:
        request.session[TERRITORY] = code
    else:
        request.session.pop(TERRITORY, None)
    messages.success(request, f"现在只看{places[code]}。" if code else "现在看全部管理范围。")
    return HttpResponseRedirect("/")

"""Pages: what is amiss, and closing it with a reason."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from responsibility.alerts import services
from responsibility.alerts.forms import CloseForm
from responsibility.alerts.models import Alert
from responsibility.alerts.rules import LABELS, Kind
from responsibility.common.rights import Right
from responsibility.common.views import ServiceFormView, access, get_visible, number_page, page
from responsibility.divisions.models import Division


def _place(request: HttpRequest) -> Division | None:
    code = request.GET.get("division", "")[:12].replace("\0", "")
    if not code:
        return None
    return Division.objects.visible_to(request.user).living().filter(code=code).first()


@require_GET
def alert_list(request: HttpRequest) -> HttpResponse:
    """What is amiss in the user's territory."""
    access(request).require(Right.VIEW)
    kind, closed = request.GET.get("kind", ""), request.GET.get("closed") == "1"
    kind = kind if kind in set(Kind) else ""
    rows = Alert.objects.visible_to(request.user)
    rows = rows.exclude(closed_on=None) if closed else rows.open()
    place = _place(request)
    rows = rows.under(place.path) if place else rows
    counts = dict(rows.order_by().values_list("kind").annotate(n=Count("id")))
    suffix = ("&closed=1" if closed else "") + (f"&division={place.code}" if place else "")
    chips: list[dict[str, Any]] = [
        {"label": "全部", "count": sum(counts.values()), "url": f"?{suffix}", "on": not kind}
    ]
    chips += [
        {
            "label": LABELS[item],
            "count": counts.get(item.value, 0),
            "url": f"?kind={item}{suffix}",
            "on": item == kind,
        }
        for item in Kind
    ]
    turned = ("" if closed else "&closed=1") + (f"&division={place.code}" if place else "")
    chips.append({"label": "已结束的", "url": f"?kind={kind}{turned}", "on": closed})
    chosen = rows.filter(kind=kind) if kind else rows
    ordered = chosen.select_related("division", "closed_by").order_by(
        "division__sort_key", "kind", "id"
    )
    return page(
        request,
        "alerts/list.html",
        {
            "page": number_page(request, ordered),
            "chips": chips,
            "place": place,
            "closed": closed,
            "may_close": access(request).has(Right.MANAGE_POSTINGS),
        },
    )


class CloseView(ServiceFormView[CloseForm]):
    """Close an alert with a reason."""

    right = Right.MANAGE_POSTINGS
    form_class = CloseForm
    template_name = "alerts/close.html"
    done_message = "预警已结束，原因已存档。"

    def target(self) -> Alert:
        """Return the alert."""
        rows = Alert.objects.select_related("division")
        self.alert = get_visible(rows, self.request, self.kwargs["public_id"])
        return self.alert

    def perform(self, form: CloseForm) -> str:
        """Close."""
        services.close(alert=self.alert, reason=form.cleaned_data["reason"], by=self.request.user)
        return reverse("alert_list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the alert."""
        return super().get_context_data(alert=self.alert, **kwargs)

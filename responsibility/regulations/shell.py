"""The names that the programme gives to the product and its office."""

from django.core.cache import cache

from responsibility.regulations.models import Programme

KEY = "programme-names"


def product_names() -> dict[str, str]:
    """Return the first programme's names (not scoped, cached for five minutes)."""
    found: dict[str, str] | None = cache.get(KEY)
    if found is None:
        programme = Programme.objects.order_by("id").first()
        found = {
            "product_name": programme.product_name if programme else "责任制管理系统",
            "office_name": programme.office_name if programme else "领导小组办公室",
        }
        if programme:
            cache.set(KEY, found, 300)
    return found

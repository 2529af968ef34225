"""Components of pages (built in: no load tag needed)."""

from django import template

register = template.Library()

"""The project: settings, URLs and the Celery application."""

from liaocheng_poverty.celery import app as celery_app

__all__ = ["celery_app"]

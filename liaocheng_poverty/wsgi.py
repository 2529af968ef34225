"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaocheng_poverty.settings")

application = get_wsgi_application()

# What is loaded by now stays for good: collections need not look at it, so they come in time.
gc.collect()
gc.freeze()

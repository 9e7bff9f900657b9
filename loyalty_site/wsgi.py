"""The web application: `granian --interface wsgi loyalty_site.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty_site.settings")
# Nobody waits longer for a page; commands and the worker may take their time.
os.environ.setdefault("STATEMENT_TIMEOUT", "10")

application = get_wsgi_application()

# What was loaded so far lives as long as the process: looking through it for garbage is in vain.
gc.collect()
gc.freeze()

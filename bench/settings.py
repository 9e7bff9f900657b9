"""The site's settings with the peer django-hordak beside it, in the benchmark's own database."""

from loyalty_site.settings import *  # noqa: F403  # Django settings are a module of names

INSTALLED_APPS = [*INSTALLED_APPS, "mptt", "hordak"]  # noqa: F405
CURRENCIES = ["EUR"]
DEFAULT_CURRENCY = "EUR"
ROOT_URLCONF = "bench.urls"

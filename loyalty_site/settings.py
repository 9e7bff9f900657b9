"""All settings, read from the environment once; a bad value stops the start with a sentence."""

from pathlib import Path

import environ

from loyalty_site import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env.str("LAUREL_DATA_DIR", default=str(BASE_DIR / ".data")))
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="insecure-development-key-" + "x" * 40)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

DATABASE_URL = env.str("DATABASE_URL", default="") or embedded.uri(DATA_DIR)
DATABASES = {"default": {**env.db_url_config(DATABASE_URL), "ENGINE": "django.db.backends.postgresql"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "rest_framework_api_key",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "allauth",
    "allauth.account",
    "django_htmx",
    "csp",
    "pgtrigger",
    "django_celery_beat",
    "shops",
    "events",
    "ledger",
    "members",
    "orders",
    "rewards",
    "campaigns",
    "reports",
    "messaging",
    "landing",
    "counter",
    "cockpit",
    "integrations",
]
AUTH_USER_MODEL = "shops.User"
ROOT_URLCONF = "loyalty_site.urls"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"

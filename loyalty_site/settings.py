"""All settings, read from the environment once. Business numbers are rows in the database, not settings."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from loyalty_site import broker, content_security, embedded, embedded_roles, logs, rest, schedule, unfold
from loyalty_site.env import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)

# -- what kind of installation this is
DEBUG = env.flag("DEBUG", default=False)
# Shows made-up data, the mail inbox and the demo's sign-ins to everybody who can open the pages.
DEMO = env.flag("DEMO", default=False)
# Where the embedded database and the secrets made up for a demo are kept.
DATA_DIR = env.path("LAUREL_DATA_DIR", default=BASE_DIR / ".data")
# The address that people and machines use; links in mails and codes are made from it.
BASE_URL = env.url("BASE_URL", default="http://localhost:8000")
# How many proxies in front of us add to X-Forwarded-For and set X-Forwarded-Proto; 0 trusts neither.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", default=0, minimum=0, maximum=10)
_https = BASE_URL.startswith("https://")

# -- database
_database = env.database("DATABASE_URL")
# Who `migrate` connects as: the owner of the tables, whom their guards don't bind. Empty: the same role as all else.
DATABASE_OWNER = env.database_owner("DATABASE_OWNER_URL", of=_database)
EMBEDDED_DATABASE = _database is None
if _database is None:
    _database = {
        "NAME": embedded.SUPERUSER,
        "USER": embedded_roles.APP,
        "HOST": str(embedded.socket_dir(DATA_DIR)),
        "PORT": embedded.PORT,
    }
    DATABASE_OWNER = {"USER": embedded_roles.OWNER}
# Who everything else connects as.
DATABASE_APP_ROLE = _database["USER"]
_statement_seconds = env.integer("STATEMENT_TIMEOUT", default=0, minimum=0, maximum=86_400)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **_database,
        "ENGINE": "loyalty_site.database",
        # One connection for each of the web server's threads, checked before use as the database may have restarted.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_database.get("OPTIONS", {}),
            "application_name": "laurel",
            # Statements that come again are prepared: planning anew took a third of the server's time for an order.
            "server_side_binding": True,
            "prepare_threshold": 5,
            "connect_timeout": 5,
            "options": (
                f"-c statement_timeout={_statement_seconds}s -c lock_timeout={_statement_seconds}s"
                " -c idle_in_transaction_session_timeout=300s"
            ),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- secrets: made up only where nothing real is kept
_keep_secrets_in = DATA_DIR / "secrets" if DEBUG or DEMO or EMBEDDED_DATABASE else None
SECRET_KEY = env.secret("SECRET_KEY", keep_in=_keep_secrets_in)
# Members' rotating codes are signed with keys derived from this one.
TOKEN_KEY = env.secret("TOKEN_KEY", keep_in=_keep_secrets_in)

# -- applications
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "shops.desk.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "django_htmx",
    "csp",
    "pgtrigger",
    "pghistory",
    "django_celery_beat",
    "shops",
    "events",
    "ledger",
    "members",
    "conditions",
    "orders",
    "rewards",
    "campaigns",
    "reports",
    "messaging",
    "landing",
    "counter",
    "cockpit",
    "integrations",
    "loyalty_site",
]
MIDDLEWARE = [
    "loyalty_site.logs.RequestIdMiddleware",
    # Above everything that asks for the host or opens a session: probes come without either.
    "loyalty_site.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "loyalty_site.content_security.PagePolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "loyalty_site.urls"
WSGI_APPLICATION = "loyalty_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "loyalty_site.content_security.nonce",
            ]
        },
    }
]

# -- who may ask, and over what
_local_hosts = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=[urlsplit(BASE_URL).hostname or "", *_local_hosts])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_SSL_REDIRECT = _https
# A machine that sends its key over http is told so, not helped along.
SECURE_REDIRECT_EXEMPT = [r"^api/"]
SECURE_HSTS_SECONDS = 365 * 86_400 if _https and not (DEMO or DEBUG) else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _https else "csrf"
CSRF_COOKIE_HTTPONLY = True
CONTENT_SECURITY_POLICY = {"DIRECTIVES": content_security.STRICT}

# -- people
AUTH_USER_MODEL = "shops.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/me/"
LOGOUT_REDIRECT_URL = "/"
# Customers have no password: the code in the mail is both the sign-in and the proof of the address.
ACCOUNT_ADAPTER = "cockpit.sign_in.adapter.Accounts"
ACCOUNT_FORMS = {"login": "cockpit.sign_in.forms.AddressForm", "confirm_login_code": "cockpit.sign_in.forms.CodeForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
# As many as shops.attempts lets through, which counts exactly.
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# -- what all processes share: throttles count here, so it must not be a process's own memory
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# -- mail
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", default=f"Laurel <laurel@{urlsplit(BASE_URL).hostname}>")
_mail = env.mail_server("EMAIL_URL")
_without_server = "messaging.demo_mail.DemoInbox" if DEMO else "django.core.mail.backends.console.EmailBackend"
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if _mail else _without_server
if _mail:
    EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.host, _mail.port, _mail.tls, _mail.ssl
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_TIMEOUT = 10

# -- background work
_broker_url = env.text("CELERY_BROKER_URL", default="")
CELERY: dict[str, Any] = {
    **({"broker_url": _broker_url} if _broker_url else broker.inside(DATABASES["default"])),
    "broker_connection_retry_on_startup": True,
    "task_ignore_result": True,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_time_limit": broker.VISIBILITY_SECONDS - 60,
    "worker_prefetch_multiplier": 1,
    "timezone": "UTC",
    "beat_scheduler": "django_celery_beat.schedulers:DatabaseScheduler",
    "beat_schedule": schedule.BEAT_SCHEDULE,
}

# -- languages and times
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("tr", _("Turkish")), ("id", _("Indonesian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"

# -- files served
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Names with a fingerprint may be cached for ever. Compressing takes half a minute, so a demo goes without.
_files = "django.contrib.staticfiles.storage." if DEBUG or DEMO else "whitenoise.storage.Compressed"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": f"{_files}ManifestStaticFilesStorage"},
}

# -- webhooks reach public addresses only, unless this lets them go to this machine too, for trying them out
WEBHOOKS_TO_LOOPBACK = env.flag("WEBHOOKS_TO_LOOPBACK", default=False)

# -- parts with a file of their own
LOGGING = logs.configuration(
    form=env.choice("LOG_FORMAT", default="text", choices=["json", "text"]),
    level=env.choice("LOG_LEVEL", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"]),
)
REST_FRAMEWORK = {**rest.REST_FRAMEWORK, "NUM_PROXIES": TRUSTED_PROXIES}
SPECTACULAR_SETTINGS = {**rest.SPECTACULAR_SETTINGS, "SERVERS": [{"url": BASE_URL}]}
UNFOLD = unfold.UNFOLD

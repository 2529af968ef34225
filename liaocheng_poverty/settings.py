"""One settings file; everything that differs between installations comes from the environment.

Secure by default: only the embedded start (EMBEDDED=1, loopback) or DEBUG relaxes HTTPS.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF

from liaocheng_poverty import logs

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- where and how we run -------------------------------------------------------------------
EMBEDDED = env.bool("EMBEDDED", False)
DEBUG = env.bool("DEBUG", False)
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".data"))).resolve()
MEDIA_ROOT = env.str("MEDIA_ROOT", str(DATA_DIR / "media"))
SHIPPED_DATA = BASE_DIR / "data"
UNSET = "unset-"
SECRET_KEY = env.str("SECRET_KEY", UNSET + "x" * 50)
FIELD_KEYS = env.list("FIELD_KEYS", default=[])
DEMO = env.bool("DEMO", False)
BUSINESS_DATE = env.str("BUSINESS_DATE", "") if EMBEDDED else ""
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if EMBEDDED or DEBUG else []
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE = not (EMBEDDED or DEBUG)

# --- stores ------------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **env.db_url("DATABASE_URL", default="postgres://app@localhost:5432/app"),
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
}
if "postgresql" in DATABASES["default"].get("ENGINE", ""):
    # All data fit in memory and statements are short: compiling one is never worth its time, and
    # an index walk costs little more than reading on.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options", "-c jit=off -c random_page_cost=1.1"
    )
if env.str("TEST_TEMPLATE", ""):
    DATABASES["default"]["TEST"] = {"TEMPLATE": env.str("TEST_TEMPLATE")}
DATABASE_ADMIN_URL = env.str("DATABASE_ADMIN_URL", "")
REDIS_URL = env.str("REDIS_URL", "redis://localhost:6379/0")


def broker_url(url: str) -> str:
    """Return a Redis address in the form that Celery understands.

    >>> broker_url("unix:///run/r.sock?db=2")
    'redis+socket:///run/r.sock?virtual_host=2'
    """
    if not url.startswith("unix://"):
        return url
    path, _, query = url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}?virtual_host={query.removeprefix('db=') or 0}"


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.str("CACHE_PREFIX", "lp"),
        "TIMEOUT": 300,
    }
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- applications: bottom up, a foreign key may only point to an earlier one ---------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "guardian",
    "accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_htmx",
    "django_filters",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "responsibility.common",
    "responsibility.audit",
    "responsibility.files",
    "responsibility.jobs",
    "responsibility.outbox",
    "responsibility.divisions",
    "responsibility.regulations",
    "responsibility.postings",
    "responsibility.deadlines",
    "responsibility.figures",
    "responsibility.duties",
    "responsibility.plans",
    "responsibility.letters",
    "responsibility.progress",
    "responsibility.reports",
    "responsibility.assessments",
    "responsibility.alerts",
    "responsibility.dashboard",
]
MIDDLEWARE = [
    "liaocheng_poverty.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "responsibility.common.middleware.TidyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.IdleSignOutMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.PasswordChangeMiddleware",
    "responsibility.postings.middleware.AccessMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "responsibility.common.middleware.ErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "liaocheng_poverty.urls"
WSGI_APPLICATION = "liaocheng_poverty.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "responsibility.common.context.shell",
            ],
            "builtins": ["responsibility.common.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- who comes in ------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "accounts.hashers.InitialPasswordHasher",
]
PASSWORD_MIN_LENGTH = env.int("PASSWORD_MIN_LENGTH", 8)
PASSWORD_CLASSES = env.int("PASSWORD_CLASSES", 3)
PASSWORD_DAYS = env.int("PASSWORD_DAYS", 90)
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "accounts.rules.CharacterClassesValidator",
        "OPTIONS": {"classes": PASSWORD_CLASSES},
    },
]
IDLE_MINUTES = env.int("IDLE_MINUTES", 30)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "responsibility.common.errors_views.csrf_failure"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/login/"
ACCOUNT_SESSION_REMEMBER = False
# Axes locks name and address together; per address alone, a whole office may sit behind one.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "100/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_FAILURE_LIMIT = env.int("LOCKOUT_FAILURES", 5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOCKOUT_MINUTES", 15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", 0)
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False
GUARDIAN_MONKEY_PATCH_USER = False

# --- language and time -------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# --- static and uploads --------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", str(DATA_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static", ("map", SHIPPED_DATA / "map")]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = EMBEDDED or DEBUG
UPLOAD_LIMIT = env.int("UPLOAD_LIMIT", 20 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o600

# --- mail --------------------------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", "")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "noreply@localhost")
EMAIL_TIMEOUT = 10

# --- transport ---------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = SECURE and env.bool("SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Celery --------------------------------------------------------------------------------------
CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", "default")
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_SOFT_TIME_LIMIT = 1740
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False


def _every(task: str, when: Any, expires: int) -> dict[str, Any]:
    """Return one beat entry that is dropped when it waits longer than ``expires`` seconds."""
    return {"task": task, "schedule": when, "options": {"expires": expires}}


CELERY_BEAT_SCHEDULE = {
    "heartbeat": _every("jobs.heartbeat", 20.0, 20),
    "runs": _every("jobs.pick_up", 30.0, 30),
    "seal": _every("audit.seal", 10.0, 10),
    "proof": _every("audit.verify", crontab(hour=2, minute=40), 3600),
    "chains": _every("divisions.check_versions", crontab(hour=3, minute=40), 3600),
    "year": _every("duties.open_year", crontab(hour=0, minute=10), 3600),
    "sweep": _every("deadlines.sweep", 60.0, 60),
    "deliver": _every("outbox.deliver", 15.0, 15),
    "digest": _every("outbox.digest", crontab(hour=7, minute=30), 3600),
    "rollups": _every("figures.check_rollups", crontab(hour=3, minute=10), 3600),
    "calendar": _every("deadlines.recompute", crontab(hour=4, minute=20), 3600),
    "alerts": _every("alerts.scan", crontab(hour=5, minute=40), 3600),
    "letters": _every("letters.ask_confirmations", crontab(hour=5, minute=50), 3600),
    "letters-settle": _every("letters.open_settlements", crontab(hour=5, minute=55), 3600),
    "letters-overdue": _every("letters.announce_overdue", crontab(hour=7, minute=50), 3600),
}

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["responsibility.postings.api_auth.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["responsibility.common.api.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["responsibility.common.api.OrjsonRenderer"],
    "DEFAULT_PAGINATION_CLASS": "responsibility.common.api.FeedPagination",
    "DEFAULT_THROTTLE_CLASSES": ["responsibility.common.api.TokenThrottle"],
    "DEFAULT_THROTTLE_RATES": {"token": env.str("API_RATE", "600/min")},
    "DEFAULT_SCHEMA_CLASS": "responsibility.common.api_schema.Schema",
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "responsibility.common.api.problem",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "责任制跟踪系统接口",
    "DESCRIPTION": "Read and push interface of the tiered-responsibility system.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "responsibility.common.api_schema.document_problems",
    ],
}

# --- logs --------------------------------------------------------------------------------------
logs.configure()
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logs.config(env.str("LOG_LEVEL", "INFO"))

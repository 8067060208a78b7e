"""Settings: one module; what varies by deployment comes from the environment."""

import os
from pathlib import Path

import django_stubs_ext
import environ

from omnichat.databases import databases
from omnichat.environment import given, refuse_wrong
from omnichat.logs import logging_config
from omnichat.schedule import SCHEDULE
from omnichat.wiring import *  # noqa: F403 - the only place that knows every app

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(str(BASE_DIR / ".env"))
refuse_wrong(os.environ)
env.ENVIRON = given(os.environ)

# --- Secrets and the switches of a deployment ---------------------------------
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS")  # Fernet keys, the newest in front
AUDIT_KEYS = env.list("AUDIT_KEYS")  # of the audit chain, the newest in front
DEBUG = env.bool("DEBUG", default=False)
# The outside world is the sandbox's: plain http to it, console log-in by password alone.
SANDBOX = env.bool("SANDBOX", default=False)

# --- Hosts --------------------------------------------------------------------
APP_URL = env.url("APP_URL").geturl().rstrip("/")  # the machines' host, as the world reaches it
SITE_BASE_HOST = env.str("SITE_BASE_HOST")  # consoles are <slug>.<this>, with its port if any
STREAM_URL = env.str("STREAM_URL", default=f"{APP_URL}/stream/")
GUIDE_URL = env.str("GUIDE_URL", default=f"{APP_URL}/guide/agents/")  # where the panel's "?" leads
ADMIN_GUIDE_URL = env.str("ADMIN_GUIDE_URL", default=f"{APP_URL}/guide/admins/")  # the console's
MACHINES_HOSTS = env.list("MACHINES_HOSTS", default=[env.url("APP_URL").hostname])
ALLOWED_HOSTS = [*MACHINES_HOSTS, "." + SITE_BASE_HOST.partition(":")[0]]
APP_SCHEME = env.url("APP_URL").scheme
# Who may embed the panel: Jira's Forge CDN, or the sandbox's Jira.
PANEL_PARENT_ORIGINS = env.list(
    "PANEL_PARENT_ORIGINS", default=["https://*.cdn.prod.atlassian-dev.net"]
)
# The whole chain above the panel is checked: the Forge frame, and the Jira page around it.
JIRA_PAGES = [] if SANDBOX else ["https://*.atlassian.net", "https://*.jira.com"]
PANEL_FRAME_ANCESTORS = [*PANEL_PARENT_ORIGINS, *JIRA_PAGES]

# --- Applications -------------------------------------------------------------
SHARED_APPS = [
    "django_tenants",
    "tenants",
    "logins",
    "omnichat",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_htmx",
    "csp",
    "django_otp",
]
TENANT_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "logins",
    "conversations",
    "channels",
    "jira_bridge",
    "django.contrib.admin.apps.SimpleAdminConfig",
]
INSTALLED_APPS = [*SHARED_APPS, *[app for app in TENANT_APPS if app not in SHARED_APPS]]
TENANT_MODEL = "tenants.Site"
TENANT_DOMAIN_MODEL = "tenants.Domain"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # X-Frame-Options: the policy's frame-ancestors says it, and says it better
    "security.W008",  # redirects to https are the proxy's: Forge takes a redirect for an error
    "security.W005",  # HSTS for subdomains: the base domain is not ours alone
    "security.W021",  # and so is preloading
]

# --- Requests -----------------------------------------------------------------
MIDDLEWARE = [
    "omnichat.request_log.RequestLogMiddleware",
    "tenants.middleware.SiteMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "omnichat.operators.cookies.OperatorCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "conversations.admin.reader.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "jira_bridge.middleware.PanelSessionMiddleware",
]
LEAN_PATHS = ("/hooks/",)  # answered before any other middleware, see tenants.middleware
# Asked of a process by its bare address: by an orchestrator's probes, and by Prometheus.
PROCESS_PATHS = ("/healthz", "/readyz", "/metrics")
ROOT_URLCONF = "omnichat.urls_site"
PUBLIC_SCHEMA_URLCONF = "omnichat.urls_machines"
APPEND_SLASH = False  # Forge takes a redirect for an error
WSGI_APPLICATION = "omnichat.wsgi.application"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024  # bytes: a batch of 2,000 reports is about 2 MB
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
STATIC_URL = "/static/"
# Set where `collectstatic` was run; without it files are served from where they lie.
STATIC_ROOT = env.str("STATIC_ROOT", default=None)
STATICFILES_DIRS = [
    ("guide", BASE_DIR / "docs" / "images" / "panel"),
    ("guide", BASE_DIR / "docs" / "images" / "console"),
]
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}

# --- Security -----------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Addresses of proxies (or networks, 10.0.0.0/8) that are believed whom they speak for.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
SECURE_SSL_REDIRECT = False  # the proxy's: Forge takes a redirect for an error
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if APP_SCHEME == "https" else None
SECURE_HSTS_SECONDS = 31536000 if APP_SCHEME == "https" else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = APP_SCHEME == "https"
SESSION_COOKIE_AGE = 12 * 3600
LOGIN_URL = "admin:login"
AUTHENTICATION_BACKENDS = ["logins.backends.RoleBackend"]
# Who may log in to a site's console by password alone: the sandbox's demo user, and nobody else.
PASSWORD_ALONE = env.list("PASSWORD_ALONE", default=[])
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=2 * 3600)
INVITATION_DAYS = 7
VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{VALIDATION}.CommonPasswordValidator"},
]

# --- Database -----------------------------------------------------------------
CITUS = env.bool("CITUS", default=False)
DATABASES = databases(env, citus=CITUS)
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
TENANT_LIMIT_SET_CALLS = True
GET_EXECUTOR_FUNCTION = "tenants.migrating.executor"
# Seconds. A mark of pending work outlives every transaction (tenants.pending_work).
TRANSACTION_SECONDS = env.int("TRANSACTION_SECONDS", default=30)

# --- Background work ----------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # else a worker gives up for good after 100 tries
CELERY_BROKER_HEARTBEAT = 20  # seconds; RabbitMQ's: a node that is gone is noticed in 40
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Threads of a worker that one site may have for what leaves: half of them, the rest is others'.
WORKER_SITE_THREADS = env.int("WORKER_SITE_THREADS", default=4)
CELERY_TIMEZONE = "UTC"
CELERY_DB_REUSE_MAX = 1000  # else Celery closes the database connection after every task
# Else Celery puts its own handler in the place of LOGGING's, which says no words of an exception.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = SCHEDULE

# --- Files of messages --------------------------------------------------------
# In a folder for each site: on this machine, or in an S3-compatible bucket.
MEDIA_ROOT = env.str("FILES_DIR", default=str(BASE_DIR / "var" / "files"))
FILE_UPLOAD_HANDLERS = [
    "conversations.upload_limits.StopAtLargest",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",  # up to 2.5 MB
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILES_S3_BUCKET = env.str("FILES_S3_BUCKET", default="")
LOCAL_FILES = {
    "BACKEND": "tenants.site_folder.LocalFiles",
    "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
}
BUCKET_FILES = {
    "BACKEND": "tenants.bucket.BucketFiles",
    "OPTIONS": {
        "bucket_name": FILES_S3_BUCKET,
        "endpoint_url": env.str("FILES_S3_ENDPOINT", default=None),
        "region_name": env.str("FILES_S3_REGION", default=None),
        "access_key": env.str("FILES_S3_ACCESS_KEY", default=None),
        "secret_key": env.str("FILES_S3_SECRET_KEY", default=None),
    },
}
STORAGES = {
    "default": BUCKET_FILES if FILES_S3_BUCKET else LOCAL_FILES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Language and time --------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [
    ("en-gb", "English (UK)"),
    ("en", "English (US)"),
    ("de", "Deutsch"),
    ("hr", "Hrvatski"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- The neighbours -----------------------------------------------------------
FORGE_APP_ID = env.str("FORGE_APP_ID")
FORGE_JWKS_URL = env.str(
    "FORGE_JWKS_URL", default="https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json"
)
FORGE_ENVIRONMENTS = env.list("FORGE_ENVIRONMENTS", default=["PRODUCTION"])
# What Jira lets the app ask in an hour, for all sites together: points of its first tier.
JIRA_POINTS_PER_HOUR = env.int("JIRA_POINTS_PER_HOUR", default=65_000)
# In production the paid app's calls carry a licence; one without it is not licensed.
LICENCE_REQUIRED = env.bool("LICENCE_REQUIRED", default=False)
LICENCE_GRACE_DAYS = env.int("LICENCE_GRACE_DAYS", default=30)
# An uninstalled site's data is kept this long in case it comes back, then erased.
ERASE_AFTER_DAYS = env.int("ERASE_AFTER_DAYS", default=30)
# A mail domain of whoever runs OmniChat, for customers that have a number only; "" makes none.
CUSTOMER_MAIL_DOMAIN = env.str("CUSTOMER_MAIL_DOMAIN", default="")
# Hosts that Forge calls for data pinned to a region: {"eu.api.example.com": "EU"}.
REGIONS = env.dict("REGIONS", default={})
# Outgoing requests go to these hosts and no others.
JIRA_API_HOSTS = env.list("JIRA_API_HOSTS", default=["api.atlassian.com"])
INFOBIP_HOSTS = env.list("INFOBIP_HOSTS", default=["api.infobip.com", ".api.infobip.com"])
# Where Infobip may lead us for a file, without its key; empty: to any public host.
MEDIA_CDN_HOSTS = env.list("MEDIA_CDN_HOSTS", default=[])

# --- Being seen from outside ----------------------------------------------------
RELEASE = env.str("RELEASE", default="")  # as operators call what runs, in figures and reports
# A token that /metrics asks for; without one the proxy must keep it inside.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_PORT = env.int("METRICS_PORT", default=0)  # of worker and beat; 0: none
# Errors to Sentry, traces to OpenTelemetry; nothing is sent, or imported, without an address.
SENTRY_DSN = env.str("SENTRY_DSN", default="")
SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", default="production")
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
TRACES_PERCENT = env.int("TRACES_PERCENT", default=5)  # of requests and tasks, traced
LOGGING = logging_config(level=env.str("LOG_LEVEL", default="INFO"))

"""The product's settings, with an environment of the tests' own and a fast hasher."""

import os
from tempfile import TemporaryDirectory

os.environ.setdefault("SECRET_KEY", "tests-only-secret-key-of-no-other-use-0123456789")
os.environ.setdefault("ENCRYPTION_KEYS", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
os.environ.setdefault("AUDIT_KEYS", "tests-audit-key")
os.environ.setdefault("APP_URL", "http://127.0.0.1:8000")
os.environ.setdefault("SITE_BASE_HOST", "localhost:8000")
os.environ.setdefault("CELERY_BROKER_URL", "memory://")
os.environ.setdefault(
    "FORGE_APP_ID", "ari:cloud:ecosystem::app/6a1f6f4e-2b1b-4b8e-9a55-0d6a3f0c7e21"
)
os.environ.setdefault("SANDBOX", "true")
os.environ.setdefault("INFOBIP_HOSTS", "127.0.0.1:8082")
os.environ.setdefault("JIRA_API_HOSTS", "127.0.0.1:8081")
os.environ.setdefault("PANEL_PARENT_ORIGINS", "http://localhost:8081")

from omnichat.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["127.0.0.1", "testserver", ".localhost"]
MACHINES_HOSTS = ["127.0.0.1", "testserver"]
_files = TemporaryDirectory(prefix="omnichat-tests-")  # gone when the process ends
MEDIA_ROOT = _files.name
# Each test's client builds the middleware anew; read all static files every time it does not.
WHITENOISE_AUTOREFRESH = True

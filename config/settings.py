"""The deployment's settings: the embedded default, and by environment variables alone the
production one."""

import contextlib
import os
import secrets
from pathlib import Path

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.made("VAR", BASE_DIR / "var")


def _secret_key() -> str:
    """DOMICILE_SECRET_KEY, or one made at the first start and kept beside the data."""
    if given := env.text("SECRET_KEY", ""):
        return given
    path = VAR_DIR / "secret_key"
    with (
        contextlib.suppress(FileExistsError),
        os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file,
    ):
        file.write(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = env.flag("DEBUG", default=False)
ALLOWED_HOSTS = env.words("HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("TRUSTED_ORIGINS", "")

INSTALLED_APPS = [
    "audit",  # before Django's own: its `changepassword` takes the place of theirs
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_htmx",
    "sovereignty",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": env.database(VAR_DIR / "domicile.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "audit.Person"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# straight from the source tree: nothing to collect before the first start
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
# The proxies in front, whose X-Forwarded-For says where a request came from.
PROXIES = env.words("PROXIES", "127.0.0.1,::1")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag("HTTPS", default=False)
SESSION_COOKIE_HTTPONLY = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["audit.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["audit.api.parsing.BoundedJSONParser"],
    "EXCEPTION_HANDLER": "config.errors.answer_api_error",
}
CSRF_FAILURE_VIEW = "config.errors.form_expired"

# Work: a broker only says *look at job N*; the truth is the job table. `memory://` is the embedded,
# one-process default.
CELERY_BROKER_URL = env.broker("BROKER", "memory://localhost")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = env.broker_options(CELERY_BROKER_URL)
JOB_KINDS = {
    "export": "audit.exporting.export.run_export",
    "check": "sovereignty.checking.check.run_check",
}
SEAL_EVERY_S = env.whole("SEAL_EVERY_S", 900, least=1)
CHECK_EVERY_S = env.whole("CHECK_EVERY_S", 3600, least=1)
SWEEP_EVERY_S = env.whole("SWEEP_EVERY_S", 5, least=1)
EXPIRE_EVERY_S = 600
# not in whatever folder the beat was started in
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "seal": {"task": "audit.tasks.seal", "schedule": SEAL_EVERY_S},
    "sweep": {
        "task": "audit.tasks.sweep",
        "schedule": SWEEP_EVERY_S,
        "options": {"expires": SWEEP_EVERY_S},
    },
    "expire": {"task": "audit.tasks.expire", "schedule": EXPIRE_EVERY_S},
    "check": {"task": "sovereignty.tasks.check_due", "schedule": CHECK_EVERY_S},
}
RUNNERS = env.whole("RUNNERS", len(os.sched_getaffinity(0)), least=1)

# The ledger.
LOG_ORIGIN = env.origin("ORIGIN", "domicile.example/ledger")
LOG_MAXIMUM_MS = env.whole("EPOCH_MAXIMUM_MS", 3_600_000, least=1000)
KEYS_DIR = env.folder("KEYS", VAR_DIR / "keys")
SECOND_STORE_DIR = env.folder("SECOND_STORE", VAR_DIR / "second-store")
BUNDLES_DIR = env.folder("BUNDLES", VAR_DIR / "bundles")
EXPORT_DAYS = env.whole("EXPORT_DAYS", 30, least=1)
EXPORTS_KEPT = env.whole("EXPORTS_KEPT", 20, least=1)
EXPORT_MOST_BYTES = env.whole("EXPORT_GIB", 100, least=1) * 2**30

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {
        "handlers": ["console"],
        "level": env.choice(
            "LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
        ),
    },
}

"""Every setting, from the environment. The embedded edition needs none; the served one refuses weak ones.

`docs/operations.md` explains each variable, `.env.example` lists them. Each may be a file instead: NAME_FILE.
"""

import logging
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from changping import environment
from changping.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.Environment()

# --- Edition ----------------------------------------------------------------------------------------------

EDITION = env.str("EDITION", default="embedded")
if EDITION not in {"embedded", "served"}:
    raise ImproperlyConfigured(f"EDITION must be embedded or served, not {EDITION!r}")
SERVED = EDITION == "served"

DEBUG = env.bool("DEBUG", default=False)
if SERVED and DEBUG:
    raise ImproperlyConfigured("EDITION=served never runs with DEBUG: error pages would show figures of companies")

# What this installation keeps on disk: embedded database, broker's log, secret key, the lock of `serve`.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()

SECRET_KEY = env.str("SECRET_KEY", default="")
if SERVED:
    SECRET_KEY = environment.strong_secret_key(environment.needed("SECRET_KEY", SECRET_KEY))
elif not SECRET_KEY:
    SECRET_KEY = environment.kept_secret_key(VAR_DIR)
# Earlier keys, comma-separated: still read by them, never written with them. For changing SECRET_KEY.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if SERVED else ["localhost", "127.0.0.1", "[::1]"])
if SERVED and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("EDITION=served needs ALLOWED_HOSTS: the names people use, comma-separated, never *")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Where people reach the service: for links in letters, which no page asks for.
SITE_URL = env.str("SITE_URL", default="").rstrip("/") or environment.address_of(ALLOWED_HOSTS, served=SERVED)

# --- Applications -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "changping",
    "matching",
    "policies",
    "companies",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "django_structlog",
]

MIDDLEWARE = [
    # First, so that every answer carries its id, also one that is only sent to https.
    "changping.request_ids.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # A report shrinks from 460 kB to 40 kB. Against BREACH: the CSRF token differs in every answer, and padding is added.
    # Before the static files: the embedded edition has no compressed copies of them, and the style sheet is 640 kB.
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "changping.headers.PermissionsPolicyMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "companies.visitors.VisitorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "changping.second_factor.SecondFactorMiddleware",
    "companies.hashing.BusyMiddleware",
]

ROOT_URLCONF = "changping.urls"
WSGI_APPLICATION = "changping.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # First in line, so that the project's pages win over those of packages with the same name.
        "DIRS": [BASE_DIR / "changping" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Database ---------------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_URL = env.str("DATABASE_URL", default="")
if SERVED:
    environment.needed("DATABASE_URL", DATABASE_URL)
DATABASES = {"default": environment.database(env, DATABASE_URL, VAR_DIR)}
if SERVED and DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("EDITION=served needs PostgreSQL: DATABASE_URL=postgres://user:password@host:5432/name")

# --- Broker, cache, background work -----------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="")
if SERVED:
    environment.needed("REDIS_URL", REDIS_URL)

# How long a message in the broker is worth taking: it only says to look for what is due. Longer than an hour, for a worker
# whose clock is an hour ahead throws away what is younger than that, and it may be the only one.
BELL_EXPIRES = 4_200.0
# How long a page may wait for Redis, as the broker when it rings and as the cache; both may fail, and nothing is lost.
DOORBELL_TIMEOUT = env.float("DOORBELL_TIMEOUT", default=0.5)

CACHES = {
    "default": {
        "BACKEND": "changping.shared_cache.SharedCache",
        "LOCATION": environment.cache_url(REDIS_URL),
        # Half of it, so that a page which meets a frozen Redis as cache and as broker waits for less than a second.
        "OPTIONS": {"socket_timeout": DOORBELL_TIMEOUT / 2, "socket_connect_timeout": DOORBELL_TIMEOUT / 2},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# The job row is the truth and the message only a doorbell: these say how long a row may wait for help.
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=30)
JOB_MAX_ATTEMPTS = env.int("JOB_MAX_ATTEMPTS", default=5)
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=2.0)
JOB_WORKER_SLOTS = env.int("JOB_WORKER_SLOTS", default=2)
# By how much workers stand back where pages and database are on the same machine (0 to 19).
WORKER_NICE = env.int("WORKER_NICE", default=5)
# How often the timetable looks whether today's run over all companies was asked for.
RUN_OF_THE_DAY_SECONDS = env.float("RUN_OF_THE_DAY_SECONDS", default=300.0)
# How often the timetable looks for people to write to, and the hour of the day in Beijing before which nobody is.
DIGEST_SECONDS = env.float("DIGEST_SECONDS", default=60.0)
DIGEST_HOUR = env.int("DIGEST_HOUR", default=8)
# How often the timetable looks for what was kept long enough (`changping/retention.py`).
PRUNE_SECONDS = env.float("PRUNE_SECONDS", default=600.0)
# How long a report is kept that is not the newest of its company; 0: as long as its company.
REPORT_KEEP_DAYS = env.int("REPORT_KEEP_DAYS", default=0)
# How often the timetable looks for versions that are to be published today.
PUBLISH_DUE_SECONDS = env.float("PUBLISH_DUE_SECONDS", default=60.0)
HEALTH_SECONDS = env.float("HEALTH_SECONDS", default=60.0)
# The population's answers as columns, per machine; may be lost at any time. Company figures: for the worker only.
SNAPSHOT_DIR = Path(env.str("SNAPSHOT_DIR", default="") or VAR_DIR / "snapshots")
# Batches of partners: what they upload and what came of it, for all web processes and workers; company figures.
BATCH_DIR = Path(env.str("BATCH_DIR", default="") or VAR_DIR / "batches")
BATCH_WORK_DIR = BATCH_DIR / "working"
BATCH_STORAGE = env.str("BATCH_STORAGE", default="")
BATCH_KEEP_DAYS = env.int("BATCH_KEEP_DAYS", default=30)
BATCH_MAX_BYTES = env.int("BATCH_MAX_BYTES", default=2 << 30)
BATCH_MAX_ROWS = env.int("BATCH_MAX_ROWS", default=1_000_000)
# Batches of one partner that have not ended, at most.
BATCH_MAX_LIVE = env.int("BATCH_MAX_LIVE", default=5)
BATCH_CHUNK_ROWS = env.int("BATCH_CHUNK_ROWS", default=2_000)

CELERY_BROKER_URL = environment.broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # losing a doorbell is harmless, repeating it too
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = env.int("TASK_TIME_LIMIT", default=600)
CELERY_TASK_SOFT_TIME_LIMIT = env.int("TASK_SOFT_TIME_LIMIT", default=540)
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_000 * env.int("WORKER_MEMORY_MB", default=300)  # kB
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# For whoever rings (web pages, commands). A worker has longer ones, see `changping/celery.py`.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": DOORBELL_TIMEOUT,
    "socket_connect_timeout": DOORBELL_TIMEOUT,
    "max_retries": 0,
    "visibility_timeout": 3600,
}
CELERY_TIMEZONE = "Asia/Shanghai"

# --- People: sign-in, passwords, sessions -----------------------------------------------------------------

AUTH_USER_MODEL = "companies.User"
AUTHENTICATION_BACKENDS = ["changping.sign_in.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "companies:list"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL

ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"signup": "companies.account.forms.SignUpForm"}
ACCOUNT_UNIQUE_EMAIL = True
# What allauth's own pages call a person; a model's text shows its id only.
ACCOUNT_USER_DISPLAY = environment.email_of
# The embedded edition has no mail server, so it cannot ask anybody to follow a link.
ACCOUNT_EMAIL_VERIFICATION = env.str("EMAIL_VERIFICATION", default="mandatory" if SERVED else "none")
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Changce 昌策] "
ACCOUNT_ADAPTER = "companies.account.mail.Adapter"
# Whose password, address or second factor changed is told, in case it was somebody else.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "signup": "20/m/ip",
}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Changce"
MFA_ADAPTER = "companies.account.second_factor.Adapter"
# Where addresses cannot be verified (no mail server), a second factor must not wait for it.
MFA_ALLOW_UNVERIFIED_EMAIL = ACCOUNT_EMAIL_VERIFICATION != "mandatory"
# Without proxies the sender's own X-Forwarded-For means nothing and is not read.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

PASSWORD_HASHERS = [
    "companies.hashing.FewAtOnceHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "companies.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "companies.passwords.NotCommon"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", default=14 * 24 * 3600)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="changce@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10

# --- The API for partner systems --------------------------------------------------------------------------

# Requests a minute: of one partner, and of one address that reads without a key.
API_RATE = env.int("API_RATE", default=600)
API_PUBLIC_RATE = env.int("API_PUBLIC_RATE", default=120)
# Webhooks over http and to addresses of this machine and network: for trying, never in the served edition.
WEBHOOKS_LOCAL = env.bool("WEBHOOKS_LOCAL", default=DEBUG)
if SERVED and WEBHOOKS_LOCAL:
    raise ImproperlyConfigured("EDITION=served never sends webhooks to its own network: leave WEBHOOKS_LOCAL out")
# How many webhooks one process sends at once, and how many of them to one receiver.
WEBHOOK_SLOTS = env.int("WEBHOOK_SLOTS", default=32)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["companies.api.keys.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["companies.api.keys.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["companies.api.parsing.ExactJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["companies.api.throttling.CallerThrottle"],
    "DEFAULT_THROTTLE_RATES": {"api": f"{API_RATE}/min", "api_public": f"{API_PUBLIC_RATE}/min"},
    "NUM_PROXIES": TRUSTED_PROXIES,
    "EXCEPTION_HANDLER": "companies.api.problems.answer_problem",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "URL_FORMAT_OVERRIDE": None,
    "UNICODE_JSON": True,
    "COMPACT_JSON": True,
    "DEFAULT_SCHEMA_CLASS": "companies.api.contract.Contract",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Changce 昌策",
    "DESCRIPTION": "Which public incentives a company can get in Changping District, Beijing, why, how much and by when. "
    "昌平区政策匹配：能享受哪些支持、依据何在、金额多少、何时截止。 The guide is docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATION_PARAMETERS": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["companies.api.contract.plain_paths"],
    "POSTPROCESSING_HOOKS": ["companies.api.contract.with_problems", "companies.api.links.with_links"],
}

# --- Languages and time -----------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

# --- Static files -----------------------------------------------------------------------------------------

STATIC_URL = "static/"
# Only the served edition collects files; the embedded one serves them from where they are.
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static") if SERVED else "") or None
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "changping.assets.TablerFinder",
]
# `tabler/css/tabler.min.css` and `tabler/js/tabler.min.js`, straight from npm's folder.
TABLER_DIR = BASE_DIR / "node_modules" / "@tabler" / "core" / "dist"
WHITENOISE_USE_FINDERS = not SERVED
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if SERVED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
    "batches": environment.batch_storage(BATCH_STORAGE, BATCH_DIR),
}

# --- Limits and security headers --------------------------------------------------------------------------

# A form may carry one far too long field and still be answered next to that field, not with a bare error.
DATA_UPLOAD_MAX_MEMORY_SIZE = 24 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # Tabler draws arrows and ticks as data: pictures in its style sheet
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# `HTTPS=off` is for trying the served edition on one machine; a real one sits behind TLS.
HTTPS = env.bool("HTTPS", default=SERVED)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if HTTPS:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Metrics ----------------------------------------------------------------------------------------------

# Who reads /metrics sends it as `Authorization: Bearer …`; without one there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if METRICS_TOKEN:
    MIDDLEWARE.insert(0, "changping.metrics.requests.RequestMetricsMiddleware")
    if len(METRICS_TOKEN) < 32:
        raise ImproperlyConfigured("METRICS_TOKEN must be random and at least 32 characters long")
# Where the web processes of this machine count their requests.
METRICS_DIR = VAR_DIR / "metrics"

# --- Logs -------------------------------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logging_settings(level=LOG_LEVEL, as_json=env.bool("LOG_JSON", default=SERVED))
LOGGING_CONFIG = "changping.logs.configure"
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line per request is enough
# The sweep runs every two seconds; what a worker did is in the rows and in its own lines.
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_SUCCESS_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # `RequestIdMiddleware` has decided what may stand there
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # no personal data in logs
DJANGO_STRUCTLOG_USER_ID_FIELD = None

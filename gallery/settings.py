"""Every setting of Vitrine. Each variable read here is described in `.env.example`."""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from gallery.account import configuration
from gallery.people import oidc
from gallery.server import environment, logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.read(BASE_DIR / ".env")

# Where bytes live, and who may read them: our group the pictures, others nothing, whatever the umask was
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o640, 0o750
os.umask(0o027)
DATA_DIR = Path(env.text("VITRINE_DATA_DIR", str(BASE_DIR / "data"))).expanduser().resolve()
MEDIA_ROOT = DATA_DIR / "media"
SPOOL_ROOT = DATA_DIR / "spool"
STATIC_ROOT = DATA_DIR / "static"
SECRET_KEY_FILE = DATA_DIR / "secret_key"

DEBUG = env.flag("VITRINE_DEBUG", default=False)
SECRET_KEY = env.secret_key("VITRINE_SECRET_KEY", SECRET_KEY_FILE)
SECRET_KEY_FALLBACKS = env.items("VITRINE_SECRET_KEY_FALLBACKS")

# The address
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", default=8000, least=0)
WEB_CONCURRENCY = env.number("WEB_CONCURRENCY", default=2, least=1)
BASE_URL = env.base_url("VITRINE_BASE_URL")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.items("VITRINE_ALLOWED_HOSTS", environment.allowed_hosts(BASE_URL, HOST))
LOCAL_NAMES_ONLY = not (BASE_URL or env.items("VITRINE_ALLOWED_HOSTS"))
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL else []
_ACCEL = env.text("VITRINE_ACCEL_PREFIX").strip("/")
ACCEL_PREFIX = f"/{_ACCEL}" if _ACCEL else ""
THUMB_KEY = env.word("VITRINE_THUMB_KEY", least=32)  # with which nginx checks proofs of thumbnails by itself
# The first administrator, made when there is nobody yet
ADMIN_USERNAME = env.text("VITRINE_ADMIN_USERNAME", "admin")
ADMIN_PASSWORD = env.text("VITRINE_ADMIN_PASSWORD")

# The image API (shared contract: docs/onlysq-api.md)
ONLYSQ_API_KEY = env.text("ONLYSQ_API_KEY")
KEY_ELSEWHERE = env.flag("VITRINE_KEY_ELSEWHERE", default=False) and not ONLYSQ_API_KEY
ONLYSQ_DIALECT = env.choice("ONLYSQ_DIALECT", "ratio", "size")
SANDBOX_PORT = env.number("VITRINE_SANDBOX_PORT", default=8001, least=0)
_API_URL = env.address("ONLYSQ_API_URL", example="https://api.onlysq.ru/ai/imagen")
SANDBOX = not (ONLYSQ_API_KEY or _API_URL or KEY_ELSEWHERE)
SANDBOX_URL = f"http://127.0.0.1:{SANDBOX_PORT}/ai/imagen"
ONLYSQ_API_URL = SANDBOX_URL if SANDBOX else _API_URL or "https://api.onlysq.ru/ai/imagen"
ONLYSQ_CONNECT_TIMEOUT = env.number("ONLYSQ_CONNECT_TIMEOUT", default=10.0, least=0.1)
ONLYSQ_READ_TIMEOUT = env.number("ONLYSQ_READ_TIMEOUT", default=180.0, least=0.1)
ONLYSQ_TOTAL_TIMEOUT = env.number("ONLYSQ_TOTAL_TIMEOUT", default=240.0, least=0.1)
ONLYSQ_MAX_REPLY_MB = env.number("ONLYSQ_MAX_REPLY_MB", default=256, least=1)
ONLYSQ_MODELS = env.items("ONLYSQ_MODELS")
ONLYSQ_PICTURE_HOSTS = env.items("ONLYSQ_PICTURE_HOSTS")
ONLYSQ_DEFAULT_MODEL = env.text("ONLYSQ_DEFAULT_MODEL", "flux")

# The write side
CONCURRENCY = env.number("VITRINE_CONCURRENCY", default=4, least=1, most=256)  # three open files each, of 1024
STORERS = env.number("VITRINE_STORERS", default=min(CONCURRENCY, len(os.sched_getaffinity(0))), least=1)
RATE_PER_MINUTE = env.number("VITRINE_RATE_PER_MINUTE", default=0, least=0)
LEASE_SECONDS = env.number("VITRINE_LEASE_SECONDS", default=30, least=10)
MIN_FREE_MB = env.number("VITRINE_MIN_FREE_MB", default=300, least=0)
MAX_PIXELS = env.number("VITRINE_MAX_MEGAPIXELS", default=20, least=1) * 1_000_000
THUMB_WIDTHS = (320, 640, 1280, 16_383)  # at most; the last is as wide as a WebP can be
MAX_PROMPT_LENGTH = env.number("VITRINE_MAX_PROMPT_LENGTH", default=4000, least=1)
DEFAULT_VISIBILITY = env.choice("VITRINE_DEFAULT_VISIBILITY", "shared", "private", "link", "public")
TRASH_DAYS = env.number("VITRINE_TRASH_DAYS", default=30, least=0)
CURRENCY = env.text("VITRINE_CURRENCY", "EUR")  # of the price table
CONTACT = env.text("VITRINE_CONTACT")  # whom to ask for more, shown to whoever has used up a limit
INSTALLED_APPS = [
    "gallery", "generator",
    "allauth", "allauth.account", "allauth.mfa", "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect", "allauth.usersessions",
    "django_htmx", "django_q", "csp", "auditlog", "gallery.apps.AdministrationConfig",
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "django.contrib.humanize", "whitenoise.runserver_nostatic", "django.contrib.staticfiles", "django.forms",
]  # fmt: skip

MIDDLEWARE = [
    "gallery.server.logs.RequestIdMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "gallery.middleware.security.HeadersMiddleware",
    "gallery.doctor.views.ProbeMiddleware",
    "gallery.middleware.security.LimitsMiddleware",
    "gallery.middleware.addresses.AddressesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gallery.browse.media.ProvenThumbMiddleware",
    "gallery.middleware.compression.CompressionMiddleware",
    "gallery.middleware.unchanged.UnchangedMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "gallery.middleware.signing_out.SigningOutMiddleware",
    "gallery.middleware.known_browser.KnownBrowserMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gallery.middleware.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "gallery.middleware.second_factor.SecondFactorMiddleware",
    "gallery.middleware.current_request.AuditMiddleware",
    "gallery.middleware.looking.LookingMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gallery.middleware.streams.StreamsMiddleware",
]

ROOT_URLCONF = "gallery.urls"
WSGI_APPLICATION = "gallery.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
_CONTEXT = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "gallery.context.site",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": _CONTEXT,
            "builtins": ["generator.templatetags.memoized", "generator.templatetags.quick"],
        },
    },
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {"environment": "generator.jinja.environment"},
    },
]

DATABASES = {"default": env.database("DATABASE_URL", sqlite=DATA_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = env.caches("CACHE_URL", table="vitrine_cache")

TASK_TIMEOUT = int(ONLYSQ_TOTAL_TIMEOUT) + 60
# Its rows are only wake-ups: what is to be done stands in the calls. The order of the clocks: generator/checks.py.
Q_CLUSTER: dict[str, Any] = {
    "name": "vitrine", "label": "Queue", "orm": "default", "broker_class": "generator.worker.tasks.WakeUps",
    "workers": STORERS + 1, "recycle": 200, "max_rss": 400_000, "cache": "process", "scheduler": False,
    "queue_limit": 1, "poll": 0, "guard_cycle": 1, "timeout": TASK_TIMEOUT * 2, "retry": TASK_TIMEOUT * 4 + 60,
    "ack_failures": True, "max_attempts": 1, "save_limit": -1,
}  # fmt: skip

# Accounts
AUTH_USER_MODEL = "gallery.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "explore"
STAFF_SECOND_FACTOR = env.flag("VITRINE_STAFF_SECOND_FACTOR", default=False)
MODERATORS_LOOK = env.flag("VITRINE_MODERATORS_LOOK", default=False)
CLIP_DIR = env.text("VITRINE_CLIP_DIR")  # a model that finds pictures by what is in them; usually there is none
MAIL = bool(env.text("EMAIL_URL"))  # without a server for mail nobody is asked for an address
vars().update(env.mail("EMAIL_URL"))
MAIL_BACKEND: str = vars()["EMAIL_BACKEND"]  # a worker sends by it what pages have written into the outbox
EMAIL_BACKEND = "gallery.mail.outbox.Outbox" if MAIL else MAIL_BACKEND
EMAIL_TIMEOUT = 10  # seconds for each answer of the mail server
DEFAULT_FROM_EMAIL = environment.sender(BASE_URL, str(vars().get("EMAIL_HOST_USER") or ""))
OIDC_URL, OIDC_NAME = env.text("VITRINE_OIDC_URL"), env.text("VITRINE_OIDC_NAME", "single sign-on")
_OIDC_CLIENT = env.text("VITRINE_OIDC_CLIENT_ID"), env.text("VITRINE_OIDC_CLIENT_SECRET")
vars().update(configuration.sign_in(has_mail=MAIL, providers=oidc.providers(OIDC_URL, *_OIDC_CLIENT, OIDC_NAME)))

# Headers
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {"default-src": [SELF], "img-src": [SELF, "data:"], "form-action": [SELF, *oidc.origin(OIDC_URL)]}
    | {name: [NONE] for name in ("object-src", "base-uri", "frame-ancestors")}
}
PERMISSIONS_POLICY = dict.fromkeys(("camera", "geolocation", "microphone", "payment", "usb"), ())  # for nobody
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_cookie = environment.cookie_name(BASE_URL, PORT)
SESSION_ENGINE = "gallery.account.session_store"
SESSION_COOKIE_NAME = _cookie.format("session")
CSRF_COOKIE_NAME = _cookie.format("csrf")
MESSAGES_COOKIE_NAME = _cookie.format("messages")
ACCOUNT_COOKIE_NAME = _cookie.format("account")
KNOWN_COOKIE_NAME = _cookie.format("known")
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "gallery.middleware.messages.Messages"
# The longest prompt in its longest spelling, and room for the rest of a form; no form takes a file.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * MAX_PROMPT_LENGTH + 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Other names of the domain are asked for nothing, unless somebody says that all of them have https.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS and env.flag("VITRINE_HSTS_SUBDOMAINS", default=False)
SILENCED_SYSTEM_CHECKS = [] if SECURE_HSTS_PRELOAD else ["security.W005", "security.W021"]
# Vitrine speaks plain HTTP; where people use https a proxy stands in front and says so.
BEHIND_PROXY = env.flag("VITRINE_BEHIND_PROXY", default=HTTPS)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)  # else all share the rate limits of the proxy

# Static files, language, logs
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "generator.store.DiskStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("en-us", "English (US)")]  # one line more for each catalogue there is
FORMAT_MODULE_PATH = "gallery.formats"
TIME_ZONE = env.time_zone("TZ")
USE_TZ = True
_LOG_LEVEL = env.choice("VITRINE_LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR")
DEFAULT_EXCEPTION_REPORTER_FILTER = "gallery.server.debug_pages.Filter"
LOGGING = logs.configuration(_LOG_LEVEL, env.choice("VITRINE_LOG_FORMAT", *logs.FORMATTERS))

"""Settings, read from the environment; see ``docs/guide/installation.md`` for each variable.

Nothing here needs to be edited to install Bagage: the defaults run one small computer on SQLite.
"""

import os
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import available_timezones

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from bagage.config.home import home_folder, secret_key

PACKAGE = Path(__file__).resolve().parent.parent


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable of the environment."""
    value = os.environ.get(name, "").strip().lower()
    if value not in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")
    return value in {"1", "true", "yes", "on"} if value else default


def listed(name: str, default: str = "") -> list[str]:
    """A comma-separated variable of the environment."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def number(name: str, default: int, *, lowest: int, highest: int) -> int:
    """A whole number of the environment, within bounds."""
    text = os.environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
        raise ImproperlyConfigured(f"{name} must be a whole number from {lowest} to {highest}, not {text!r}")
    return int(text)


def seconds(name: str, default: float, *, lowest: float, highest: float) -> float:
    """A duration of the environment in seconds, such as ``2.5``, within bounds."""
    text = os.environ.get(name, "").strip() or str(default)
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not lowest <= value <= highest:
        raise ImproperlyConfigured(
            f"{name} must be a number of seconds from {lowest:g} to {highest:g}, not {text!r}"
        )
    return value


def origin(name: str, default: str) -> str:
    """An address of the environment, such as ``https://bagage.example.org``, without a final slash."""
    text = (os.environ.get(name, "").strip() or default).rstrip("/")
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(f"{name} must look like https://bagage.example.org, not {text!r}")
    return text


def web_address(name: str) -> str:
    """An address of the web of the environment, with its path; ``""`` when nothing is said."""
    text = os.environ.get(name, "").strip()
    parts = urlsplit(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ImproperlyConfigured(f"{name} must look like https://code.example.org/bagage, not {text!r}")
    return text


BAGAGE_HOME = home_folder()
SECRET_KEY = secret_key(BAGAGE_HOME)
DEBUG = False

# Where this installation is reached: used in printed links, QR codes and mails.
PUBLIC_URL = origin("BAGAGE_PUBLIC_URL", "http://127.0.0.1:8000")
# Where the source code that runs here is read: the licence asks that whoever uses Bagage can have it.
SOURCE_URL = web_address("BAGAGE_SOURCE_URL")
ALLOWED_HOSTS = [
    *listed("BAGAGE_HOSTS"),
    str(urlsplit(PUBLIC_URL).hostname),
    "127.0.0.1",
    "localhost",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, *listed("BAGAGE_ORIGINS")]
HTTPS = PUBLIC_URL.startswith("https://")
if HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
if flag("BAGAGE_BEHIND_PROXY"):
    # Only behind a proxy that sets these headers itself: otherwise a visitor could forge them.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
# How many proxies stand in front: the address of a visitor is then the n-th from the right of X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = number(
    "BAGAGE_PROXIES", 1 if flag("BAGAGE_BEHIND_PROXY") else 0, lowest=0, highest=9
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "template_partials",
    "treebeard",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "bagage.common",
    "bagage.trail",
    "bagage.messaging",
    "bagage.accounts",
    "bagage.imports",
    "bagage.people",
    "bagage.skills",
    "bagage.directory",
    "bagage.permanences",
    "bagage.connection",
    "bagage.equipment",
    "bagage.shop",
    "bagage.journeys",
    "bagage.referrals",
    "bagage.desk",
    "bagage.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "bagage.common.middleware.NulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bagage.common.row_security.ReaderMiddleware",
    "bagage.accounts.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "bagage.common.middleware.BusinessErrorMiddleware",
    "bagage.common.middleware.CrossedLocksMiddleware",
    "bagage.common.middleware.PrivateCacheMiddleware",
    "bagage.accounts.middleware.IdleMiddleware",
    "bagage.accounts.middleware.FirstStartMiddleware",
    "bagage.people.middleware.ReadingsMiddleware",
]

ROOT_URLCONF = "bagage.config.urls"
WSGI_APPLICATION = "bagage.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Ours first, so that a page of a library can be given our look.
        "DIRS": [PACKAGE / "common" / "templates", PACKAGE / "accounts" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "bagage.common.templatetags.bagage",
                "bagage.common.templatetags.addresses",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bagage.desk.context_processors.house",
            ],
        },
    }
]

DATABASE_URL = os.environ.get("DATABASE_URL", "")
KEPT_PLANS = 0
DATABASE_URL_RULE = (
    "DATABASE_URL must look like postgres://user:password@host:5432/name or sqlite:////folder/file.sqlite3"
)
if DATABASE_URL:
    try:
        DATABASES = {"default": dj_database_url.parse(DATABASE_URL)}
    except ValueError as error:  # its message may hold the password: it is not shown
        raise ImproperlyConfigured(DATABASE_URL_RULE) from error
    if DATABASES["default"]["ENGINE"] not in {"django.db.backends.postgresql", "django.db.backends.sqlite3"}:
        raise ImproperlyConfigured(DATABASE_URL_RULE)
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        # A pool keeps connections open between requests; it needs CONN_MAX_AGE to stay at 0.
        DATABASES["default"]["OPTIONS"] = {
            **DATABASES["default"].get("OPTIONS", {}),
            # Compiling a question takes PostgreSQL ten times as long as answering it, where a page reads a few rows;
            # and these lie in memory or on a disk without arms. Whoever is ours reads all until a request says who
            # reads (common/row_security.py). What the address says itself comes last, and wins.
            "options": " ".join(
                filter(
                    None,
                    [
                        "-c jit=off -c random_page_cost=1.1 -c bagage.reads=everything",
                        DATABASES["default"].get("OPTIONS", {}).get("options"),
                    ],
                )
            ),
            "pool": {
                "min_size": 1,
                "max_size": number("BAGAGE_POOL", 8, lowest=1, highest=100),
                "timeout": 20,
            },
        }
        DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
        # A question that is asked again is not planned again, which takes longer than answering it. Its values are
        # then sent beside it, and each connection remembers so many questions (common/apps.py). Not through a pooler
        # that gives each transaction another connection: it is then 0.
        KEPT_PLANS = number("BAGAGE_KEPT_PLANS", 500, lowest=0, highest=10_000)
        if KEPT_PLANS:
            DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 2}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BAGAGE_HOME / "bagage.sqlite3"}}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Two DEFERRED transactions that read and then write fail at once with "database is locked",
            # whatever the timeout; IMMEDIATE waits its turn and then sees the truth.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # Planned questions are kept: a round through the pages asks over a thousand, and 128 is the default.
            "cached_statements": 2048,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                # What is erased is written over at once, not only marked as free.
                "PRAGMA secure_delete=ON; "
                "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456; PRAGMA cache_size=-32000;"
            ),
        },
    }
# On PostgreSQL, a second wall: the database shows a signed-in reader no file of another site, whatever a page asks. It
# stands on what the session of the database was told; through a pooler that gives each transaction another, it would
# be somebody else's.
_IS_POOLED = DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql" and not KEPT_PLANS
ROW_SECURITY = flag("BAGAGE_ROW_SECURITY", default=not _IS_POOLED)
# Asked for by name, it must hold; else an installation whose role walks through it is only told so.
ROW_SECURITY_IS_ASKED = flag("BAGAGE_ROW_SECURITY")
if ROW_SECURITY_IS_ASKED and _IS_POOLED:
    raise ImproperlyConfigured(
        "BAGAGE_ROW_SECURITY=1 needs a session of its own at PostgreSQL; BAGAGE_KEPT_PLANS=0 says that it has none"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits live here: in the database, so that they hold across workers and restarts.
CACHES = {
    "default": {
        "BACKEND": "bagage.common.kept_cache.KeptCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("français")), ("en", _("anglais"))]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = os.environ.get("BAGAGE_TIME_ZONE", "Europe/Paris")
if TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured(
        f"BAGAGE_TIME_ZONE must be a time zone such as Europe/Paris, not {TIME_ZONE!r}"
    )
USE_TZ = True
FORMAT_MODULE_PATH = ["bagage.config.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = BAGAGE_HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = BAGAGE_HOME / "files"

# A paper that is kept in someone's file (a bill, signed terms) weighs so much at most.
ATTACHMENT_MEGABYTES = number("BAGAGE_ATTACHMENT_MEGABYTES", 10, lowest=1, highest=100)

# ---------- sign-in ----------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "bagage.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
# An administrator writes down the e-mail of an account; no mail goes to an address that has none.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {
    "login": "bagage.accounts.forms.LoginForm",
    "reauthenticate": "bagage.accounts.forms.ReauthenticateForm",
    "change_password": "bagage.accounts.forms.ChangePasswordForm",
    "set_password": "bagage.accounts.forms.SetPasswordForm",
    "reset_password": "bagage.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "bagage.accounts.forms.ResetPasswordKeyForm",
}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "bagage.accounts.forms.AuthenticateForm",
    "reauthenticate": "bagage.accounts.forms.ReauthenticateCodeForm",
    "activate_totp": "bagage.accounts.forms.ActivateTOTPForm",
    "deactivate_totp": "bagage.accounts.forms.DeactivateTOTPForm",
    "generate_recovery_codes": "bagage.accounts.forms.GenerateRecoveryCodesForm",
    "add_webauthn": "bagage.accounts.forms.AddWebAuthnForm",
    "edit_webauthn": "bagage.accounts.forms.EditWebAuthnForm",
    "authenticate_webauthn": "bagage.accounts.forms.AuthenticateWebAuthnForm",
    "login_webauthn": "bagage.accounts.forms.LoginWebAuthnForm",
    "reauthenticate_webauthn": "bagage.accounts.forms.ReauthenticateWebAuthnForm",
}
MFA_ADAPTER = "bagage.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_TOTP_ISSUER = "Bagage"
SOCIALACCOUNT_ADAPTER = "bagage.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_PROVIDERS = {}
OIDC_ORIGIN = ""
if os.environ.get("OIDC_SERVER_URL"):
    OIDC_ORIGIN = "{0.scheme}://{0.netloc}".format(urlsplit(os.environ["OIDC_SERVER_URL"]))
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": flag("OIDC_PKCE", True),
            "APPS": [
                {
                    "provider_id": os.environ.get("OIDC_ID", "proconnect"),
                    "name": os.environ.get("OIDC_NAME", "ProConnect"),
                    "client_id": os.environ.get("OIDC_CLIENT_ID", ""),
                    "secret": os.environ.get("OIDC_CLIENT_SECRET", ""),
                    "settings": {
                        "server_url": os.environ["OIDC_SERVER_URL"],
                        "token_auth_method": os.environ.get("OIDC_TOKEN_AUTH", "client_secret_post"),
                        # For a provider that only knows verified e-mails and does not say so (ProConnect).
                        "email_is_verified": flag("OIDC_EMAIL_IS_VERIFIED"),
                        "scope": os.environ.get("OIDC_SCOPE", "openid profile email").split(),
                        "auth_params": dict(parse_qsl(os.environ.get("OIDC_AUTH_PARAMS", ""))),
                    },
                }
            ],
        }
    }
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_ENGINE = "bagage.accounts.kept_sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
# A shared desk closes by itself after this many minutes without a click.
IDLE_MINUTES = number("BAGAGE_IDLE_MINUTES", 15, lowest=1, highest=720)
# Who did and read what is kept this long; older months are dropped whole.
TRAIL_MONTHS = number("BAGAGE_TRAIL_MONTHS", 36, lowest=6, highest=240)
# The rows of a file that was brought in are kept this long once it is done with, to mend and to undo.
IMPORT_ROWS_DAYS = number("BAGAGE_IMPORT_ROWS_DAYS", 30, lowest=1, highest=365)
# So many days before its last one, a line is said to be about to stop: on Today, and to her.
LINE_REMINDER_DAYS = number("BAGAGE_LINE_REMINDER_DAYS", 5, lowest=1, highest=30)
# News is asked for so many months after an exit: "is it still there?"
FOLLOW_UP_MONTHS = tuple(
    int(part) for part in listed("BAGAGE_FOLLOW_UP_MONTHS", "3,6") if part.isdigit() and 0 < int(part) <= 36
)
# A place that was told of someone and says nothing is reminded after so many days; after as many again, someone calls.
ONWARD_REMINDER_DAYS = number("BAGAGE_ONWARD_REMINDER_DAYS", 7, lowest=1, highest=60)
# How long one question to the engine of fair connection may take; what is not proven by then is told as a bound.
ADVICE_BUDGET_SECONDS = seconds("BAGAGE_ADVICE_BUDGET_SECONDS", 2.0, lowest=0.05, highest=60)
# How much of it, at most, goes to lines that cannot be the best, once what she decides on is known.
ADVICE_REST_SECONDS = seconds("BAGAGE_ADVICE_REST_SECONDS", 0.4, lowest=0.0, highest=60)
# How long it may take while someone moves a use on the screen; what is kept or printed has the whole time above.
ADVICE_SCREEN_SECONDS = seconds("BAGAGE_ADVICE_SCREEN_SECONDS", 0.012, lowest=0.01, highest=60)
# The map of the public pages: outlines of départements are here; streets come from a server of tiles when one is named
# ("https://tile.example.org/{z}/{x}/{y}.png"), with its credit. The browser of whoever looks asks that server.
MAP_TILES = os.environ.get("BAGAGE_MAP_TILES", "")
MAP_CREDIT = os.environ.get("BAGAGE_MAP_CREDIT", "© OpenStreetMap" if MAP_TILES else "")
MAP_TILES_ORIGIN = "://".join(urlsplit(MAP_TILES)[:2]) if MAP_TILES else ""
# Whether a source of places may be fetched from a private network (a server of the association's own).
FETCH_PRIVATE = flag("BAGAGE_FETCH_PRIVATE")
# On which sites the public list may stand in a frame: "*" for all, or addresses separated by commas.
EMBED_ORIGINS = listed("BAGAGE_EMBED_ORIGINS") or ["*"]
# How often a minute one address may ask the published interfaces; with a key, ten times as often.
PUBLIC_API_RATE = number("BAGAGE_PUBLIC_API_RATE", 240, lowest=1, highest=1_000_000)
# An offer of the catalogue that nobody has verified for this many days asks for it.
CATALOGUE_VERIFY_DAYS = number("BAGAGE_VERIFY_DAYS", 60, lowest=1, highest=3650)

# ---------- back-ups ----------
# A second folder, on another disk or another machine, to which each back-up is copied.
BACKUP_DIR = os.environ.get("BAGAGE_BACKUP_DIR", "").strip()
if BACKUP_DIR and not Path(BACKUP_DIR).is_absolute():
    raise ImproperlyConfigured(
        f"BAGAGE_BACKUP_DIR must be a whole path, such as /mnt/disk, not {BACKUP_DIR!r}"
    )
# What a page starts for who asks for one now.
BACKUP_COMMAND = [sys.executable, "-m", "bagage", "backup"]
# The newest of each of so many days, weeks and months is kept.
BACKUP_DAILY = number("BAGAGE_BACKUP_DAILY", 7, lowest=1, highest=366)
BACKUP_WEEKLY = number("BAGAGE_BACKUP_WEEKLY", 4, lowest=0, highest=104)
BACKUP_MONTHLY = number("BAGAGE_BACKUP_MONTHLY", 12, lowest=0, highest=120)

# ---------- messages ----------
EMAIL_BACKEND = "bagage.messaging.backend.OutboxBackend"
DEFAULT_FROM_EMAIL = os.environ.get("BAGAGE_FROM", "Bagage <bagage@localhost>")
# When set, these win over what the first start wrote down: smtp://user:password@host:port, smtps://, console:, paper:
BAGAGE_MAIL_URL = os.environ.get("BAGAGE_MAIL_URL", "")

# ---------- what the browser may do ----------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # The button of an identity provider is a form whose answer leads there.
        "form-action": [SELF, *([OIDC_ORIGIN] if OIDC_ORIGIN else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
# The address of a file or of a signed link is never told to another site.
SECURE_REFERRER_POLICY = "same-origin"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "bagage.common.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
# The largest form with files that any page takes, in bytes.
LARGEST_UPLOAD = max(50, ATTACHMENT_MEGABYTES + 1) * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "bagage.common.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOG_LEVEL = os.environ.get("BAGAGE_LOG", "").strip().upper()
if LOG_LEVEL not in {"", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
    raise ImproperlyConfigured(
        f"BAGAGE_LOG must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {LOG_LEVEL!r}"
    )
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    # /health/ answers 503 to say what is wrong: an answer, not an error of ours.
    "filters": {
        "not_health": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda line: getattr(line, "status_code", 0) != 503,
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["not_health"]}
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL or "WARNING"},
    # Django logs the path of each 404 and 403; ours hold no name, and a forged link is worth a line.
    "loggers": {"bagage": {"level": LOG_LEVEL or "INFO"}},
}

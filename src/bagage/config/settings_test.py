"""Settings of the tests: the real ones, with a throw-away home and everything that warns made to fail."""

import atexit
import os
import shutil
import tempfile
from zlib import crc32

if "BAGAGE_HOME" not in os.environ:
    # Made by the first process of a run; those it starts inherit it, and it is gone with the first.
    os.environ["BAGAGE_HOME"] = tempfile.mkdtemp(prefix="bagage-test-")
    atexit.register(shutil.rmtree, os.environ["BAGAGE_HOME"], ignore_errors=True)
os.environ.setdefault("SECRET_KEY", "only-for-tests")

from bagage.config.settings import *  # noqa: F403 - the settings are the point
from bagage.config.settings import ADVICE_BUDGET_SECONDS, DATABASES, TEMPLATES

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True


class UndefinedVariable(str):
    """What a template shows for a variable that does not exist: tests look for it and fail."""

    __slots__ = ()

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"undefined template variable: {name}")

    def __contains__(self, text: object) -> bool:
        return text == "%s" or super().__contains__(str(text))


if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Live servers and tests share one process: a pool would keep connections open at the end of the run.
    DATABASES["default"]["OPTIONS"].pop("pool", None)
    # Two runs on one server do not meet.
    DATABASES["default"]["TEST"] = {"NAME": f"test_bagage_{crc32(os.environ['BAGAGE_HOME'].encode()):08x}"}
else:
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(os.environ["BAGAGE_HOME"], "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = DATABASES["default"]["OPTIONS"]["init_command"].replace(
        "synchronous=FULL", "synchronous=OFF"
    )
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable("%s")

# What a screen tells does not hang on how busy the machine is; the tests of haste set their own time.
ADVICE_SCREEN_SECONDS = ADVICE_BUDGET_SECONDS

# A page that is asked for a back-up starts nothing that outlives its test.
BACKUP_COMMAND = ["true"]

# Tests ask from one address, hundreds of times a minute.
PUBLIC_API_RATE = 1_000_000

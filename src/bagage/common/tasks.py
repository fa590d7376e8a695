"""Recurring housekeeping that belongs to no activity."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.db import connection
from django.utils import timezone

from bagage.common import backups
from bagage.common.jobs import job
from bagage.common.kept_cache import KeptCache


@job("clear_sessions", every=timedelta(hours=6))
def clear_sessions() -> None:
    """Forget the sessions that have run out."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


@job("cull_cache", every=timedelta(minutes=10))
def cull_cache() -> None:
    """Forget the counts and locks that have run out."""
    store = caches[DEFAULT_CACHE_ALIAS]
    if isinstance(store, KeptCache):
        store.cull()


@job("tend_database", every=timedelta(hours=24))
def tend_database() -> None:
    """Let SQLite renew what it knows of its tables, so that it goes on choosing the right index.

    Whole, since ``PRAGMA optimize`` looks only at what its own connection has read, and this one has read nothing.
    The limit keeps it to hundredths of a second, whatever the size of the tables.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")
            cursor.execute("ANALYZE")


@job("back_up_when_due", every=timedelta(hours=1))
def back_up_when_due() -> str | None:
    """Make a back-up once a day, at night when the machine is on by then."""
    if backups.is_due(timezone.now()):
        made: backups.Made | None = backups.back_up()
    elif backups.is_copy_missing():
        made = backups.copy_again()  # a disk that was not there is tried again, alone
    else:
        return None
    if made is not None and made.second_error:
        raise OSError(f"no second copy: {made.second_error}")
    return made.path.name if made is not None else None

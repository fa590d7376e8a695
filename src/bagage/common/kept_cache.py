"""The cache that is kept in the database, for every process: one statement writes a value.

Django's own counts all rows, opens a savepoint, reads the row, then writes it: five questions a value. How often
something may be asked is written twice for each rate it is held to, and a look-up spent a tenth of its time there.
That there are not too many rows is looked at by a job (``common/tasks.py``) instead of each writing.
"""

from __future__ import annotations

import base64
import pickle
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connections, router
from django.utils import timezone


class KeptCache(DatabaseCache):
    """Django's cache in the database, whose values are written in one statement."""

    def _base_set(self, mode: str, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT) -> bool:
        """``mode`` is "set", or "add": only where nothing is kept by that name that still holds."""
        until = self.get_backend_timeout(timeout)  # type: ignore[arg-type] # the default is an object of its own
        if mode not in {"set", "add"} or until is None:
            return bool(super()._base_set(mode, key, value, timeout))
        database = connections[router.db_for_write(self.cache_model_class)]
        now = timezone.now().replace(microsecond=0)
        expires = datetime.fromtimestamp(until, tz=UTC).replace(microsecond=0)
        adapt = database.ops.adapt_datetimefield_value
        table = database.ops.quote_name(self._table)
        sql = (
            f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s) "
            "ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires"
        )
        written = base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii")
        params = [key, written, adapt(expires)]
        if mode == "add":
            sql += f" WHERE {table}.expires < %s"
            params.append(adapt(now))
        try:
            with database.cursor() as cursor:
                cursor.execute(sql, params)
                return bool(cursor.rowcount > 0)
        except DatabaseError:
            # As Django's: a value that could not be kept is not kept. Inside a transaction the database refuses all
            # that follows, and that must be told.
            if database.in_atomic_block:
                raise
            return False

    def cull(self) -> None:
        """Forget what holds no more, and where more than ``MAX_ENTRIES`` are left, as many of them as Django would."""
        alias = router.db_for_write(self.cache_model_class)
        database = connections[alias]
        with database.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {database.ops.quote_name(self._table)}")
            self._cull(alias, cursor, timezone.now().replace(microsecond=0), cursor.fetchone()[0])

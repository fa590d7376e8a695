"""Moments as PostgreSQL writes them, read by Python's own reader of ISO dates.

Django reads them in Python, part by part: for a person's file, which has some two hundred and fifty, a millisecond.
"""

from datetime import UTC, datetime

from django.db.backends.postgresql.psycopg_any import BaseTzLoader


class MomentLoader(BaseTzLoader):
    """``2026-11-28 09:30:00.25+00`` as a moment in UTC; what Python's reader does not know (infinity, BC) as before."""

    # Django registers a loader of its own for a cursor unless this is the zone of its connection.
    timezone = UTC

    def load(self, data: bytes | bytearray | memoryview) -> datetime:
        """The moment. A session of the database that is not in UTC says so in what it writes."""
        try:
            return datetime.fromisoformat(str(data, "ascii")).astimezone(UTC)
        except ValueError:
            return super().load(data)

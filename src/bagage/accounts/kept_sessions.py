"""Sessions, kept in the database as Django keeps them, and read by a question that is worded once (decision 45)."""

from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from bagage.common.prepared import prepared


@prepared
def _living(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(DatabaseSessions):
    """``SESSION_ENGINE``: each page reads its session, and most do nothing else with it."""

    def _get_session_from_db(self) -> Session | None:
        # PostgreSQL refuses the character NUL, which a cookie may hold: no session has it.
        key = self.session_key or ""
        found = _living(key, timezone.now()) if key and "\0" not in key else []
        if not found:
            self._session_key = None
            return None
        return found[0]

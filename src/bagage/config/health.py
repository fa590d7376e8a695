"""``/health/``: what works, in JSON, for whoever watches the server. Public: counts only, no name, no address."""

import shutil
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Count, Min, Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bagage import __version__
from bagage.common import backups, heartbeat, installation, row_security
from bagage.messaging.models import Message, State

# Seconds. The worker beats every few seconds; a job of the scheduler may last minutes.
WORKER_SILENT = 60
SCHEDULER_SILENT = 900
# A message that could have left and waits longer than this, in seconds, says that mail does not leave.
OUTBOX_STUCK = 900
DISK_LOW = 200 * 1024**2

_is_migrated = False


def check_database() -> dict[str, Any]:
    """Whether the database answers, and in how many milliseconds."""
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return {"ok": True, "kind": connection.vendor, "ms": round((time.perf_counter() - started) * 1000, 1)}


def check_migrations() -> dict[str, Any]:
    """Whether the database is up to date; once it is, this process does not ask again."""
    global _is_migrated
    unapplied = 0 if _is_migrated else installation.unapplied_migrations()
    _is_migrated = unapplied == 0
    return {"ok": unapplied == 0, "unapplied": unapplied}


def check_beat(name: str, silent: float) -> dict[str, Any]:
    """Whether a process beside the web server gave a sign of life lately."""
    age = heartbeat.age(name)
    return {"ok": age is not None and age <= silent, "seconds": None if age is None else round(age, 1)}


def check_outbox() -> dict[str, Any]:
    """Messages that wait and since when the first could have left; those that did not leave."""
    now = timezone.now()
    counts = Message.objects.exclude(channel="paper").aggregate(
        queued=Count("pk", filter=Q(state=State.QUEUED)),
        oldest=Min("not_before", filter=Q(state=State.QUEUED, not_before__lte=now)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        uncertain=Count("pk", filter=Q(state=State.UNCERTAIN)),
    )
    oldest = counts.pop("oldest")
    seconds = round((now - oldest).total_seconds()) if oldest else 0
    return {"ok": seconds <= OUTBOX_STUCK, "oldest_seconds": seconds, **counts}


def check_disk() -> dict[str, Any]:
    """Room left where the home is."""
    free = shutil.disk_usage(settings.BAGAGE_HOME).free
    return {"ok": free >= DISK_LOW, "free_mb": free // 1024**2}


def check_backup() -> dict[str, Any]:
    """Whether a back-up was made in the last 26 hours, and lies in the second folder too if one is set."""
    found = backups.state(timezone.now())
    hours = None if found.hours is None else round(found.hours, 1)
    return {"ok": found.is_well, "hours": hours, "is_new": found.is_new}


def check_wall() -> dict[str, Any]:
    """Whether the second wall holds: ``"superuser"`` walks through it, ``"missing"`` is not built.

    Where nobody asked for it by name, a role that walks through it is told, and nothing fails.
    """
    trouble = row_security.trouble()
    is_told_only = trouble == "superuser" and not settings.ROW_SECURITY_IS_ASKED
    return {"ok": not trouble or is_told_only, "trouble": trouble}


@never_cache
@require_safe
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """200 when all works, else 503; what does not is told apart."""
    checks: dict[str, dict[str, Any]] = {}
    asked = {
        "database": check_database,
        "migrations": check_migrations,
        "worker": lambda: check_beat("worker", WORKER_SILENT),
        "scheduler": lambda: check_beat("scheduler", SCHEDULER_SILENT),
        "outbox": check_outbox,
        "disk": check_disk,
        "backup": check_backup,
    }
    if row_security.is_on():
        asked["wall"] = check_wall
    for name, check in asked.items():
        try:
            checks[name] = check()
        except (DatabaseError, OSError) as error:
            # The kind of error is enough for a public page; the log has the rest.
            checks[name] = {"ok": False, "error": type(error).__name__}
    is_well = all(check["ok"] for check in checks.values())
    return JsonResponse(
        {"status": "ok" if is_well else "failing", "version": __version__, "checks": checks},
        status=200 if is_well else 503,
    )

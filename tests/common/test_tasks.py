from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.db import connection
from django.utils import timezone

from bagage.common.jobs import all_jobs

pytestmark = pytest.mark.django_db


def test_clear_sessions_forgets_those_that_have_run_out():
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(hours=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(hours=1))
    all_jobs()["clear_sessions"].run()
    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_cull_cache_forgets_what_has_run_out(monkeypatch: pytest.MonkeyPatch):
    store = caches[DEFAULT_CACHE_ALIAS]
    store.clear()
    store.set("old", 1, timeout=-5)
    store.set("new", 2, timeout=60)
    all_jobs()["cull_cache"].run()
    assert (rows_kept(), store.get("new")) == (1, 2)
    # More than there may be: a part of them goes.
    monkeypatch.setattr(store, "_max_entries", 6)
    for number in range(9):
        store.set(f"n{number}", number, timeout=60)
    all_jobs()["cull_cache"].run()
    assert rows_kept() == 7


def rows_kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM cache")
        return int(cursor.fetchone()[0])


def test_tend_database_runs_on_both_databases():
    assert all_jobs()["tend_database"].run() is None


def test_every_job_says_what_it_does():
    assert [each.name for each in all_jobs().values() if not each.summary.endswith(".")] == []

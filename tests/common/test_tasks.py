from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from bagage.common.jobs import all_jobs

pytestmark = pytest.mark.django_db


def test_clear_sessions_forgets_those_that_have_run_out():
    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(hours=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(hours=1))
    all_jobs()["clear_sessions"].run()
    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_tend_database_runs_on_both_databases():
    assert all_jobs()["tend_database"].run() is None


def test_every_job_says_what_it_does():
    assert [each.name for each in all_jobs().values() if not each.summary.endswith(".")] == []

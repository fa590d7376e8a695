from datetime import timedelta

import pytest
from django.core.cache import cache

from bagage.common import jobs
from bagage.common.jobs import Job, Schedule, job, run_now

NOW = 1_795_683_600.0
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_job_before(monkeypatch):
    monkeypatch.setattr(jobs, "_jobs", {})
    # The turn of a job is kept with the cache's own time, which the tests do not move.
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)


def counting(name="tidy", every=timedelta(minutes=10)):
    runs = []
    return Job(name, every, lambda: runs.append(name)), runs


def test_schedule_runs_a_job_once_a_turn():
    tidy, runs = counting()
    schedule = Schedule([tidy])
    assert [schedule.run_due(NOW), schedule.run_due(NOW + 599)] == [["tidy"], []]
    assert runs == ["tidy"]


def test_schedule_runs_a_job_again_when_its_time_has_come():
    tidy, runs = counting()
    schedule = Schedule([tidy])
    schedule.run_due(NOW)
    cache.delete("job:tidy")  # its turn has passed
    assert schedule.run_due(NOW + 600) == ["tidy"]
    assert runs == ["tidy", "tidy"]


def test_schedule_leaves_a_job_to_another_scheduler_that_took_its_turn():
    tidy, runs = counting()
    Schedule([tidy]).run_due(NOW)
    other = Schedule([tidy])
    assert other.run_due(NOW + 5) == []
    assert runs == ["tidy"]


def test_schedule_that_is_idle_asks_nothing_of_the_database(django_assert_num_queries):
    tidy, _ = counting()
    schedule = Schedule([tidy])
    schedule.run_due(NOW)
    with django_assert_num_queries(0):
        schedule.run_due(NOW + 30)


def test_schedule_goes_on_after_a_job_that_fails(caplog):
    def fail():
        raise ValueError("broken")

    tidy, runs = counting()
    done = Schedule([Job("broken", timedelta(hours=1), fail), tidy]).run_due(NOW)
    assert done == ["tidy"]
    assert runs == ["tidy"]
    assert [line.message for line in caplog.records] == ["job broken failed"]


def test_schedule_tries_a_failed_job_again_after_five_minutes(caplog):
    tries = []

    def fail():
        tries.append(1)
        raise ValueError("broken")

    schedule = Schedule([Job("broken", timedelta(hours=1), fail)])
    schedule.run_due(NOW)
    cache.delete("job:broken")
    schedule.run_due(NOW + 299)
    assert len(tries) == 1
    schedule.run_due(NOW + 300)
    assert len(tries) == 2


def test_run_now_logs_what_a_job_returns(caplog):
    caplog.set_level("INFO")
    assert run_now(Job("tidy", timedelta(hours=1), lambda: "3 sessions")) is True
    assert [line.message for line in caplog.records] == ["job tidy: 3 sessions"]


def test_job_refuses_two_of_one_name():
    job("tidy", every=timedelta(hours=1))(lambda: None)
    with pytest.raises(ValueError, match="two jobs are called tidy"):
        job("tidy", every=timedelta(hours=1))(lambda: None)


def test_job_refuses_less_than_a_second():
    with pytest.raises(ValueError, match="must be one second or more"):
        job("tidy", every=timedelta(0))

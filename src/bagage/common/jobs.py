"""Work that comes back by itself: activities declare it, the scheduler runs it, a cron may too.

An activity declares a job in its ``tasks.py``::

    @job("close_old_sessions", every=timedelta(hours=1))
    def close_old_sessions() -> int: ...

Each job is also a command of that name (``bagage close_old_sessions``), for a cron or a shell. It must be safe to
run twice: it may be run by hand, or again after a stop in its middle. What it returns, if not None, is logged.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db import close_old_connections

from bagage.common.discovery import discover

logger = logging.getLogger(__name__)

# A job that failed is tried again after this time, or at its next turn if that comes sooner.
RETRY = timedelta(minutes=5)


@dataclass(frozen=True)
class Job:
    """One recurring work; ``every`` is the time between the starts of two runs."""

    name: str
    every: timedelta
    run: Callable[[], object]

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return (self.run.__doc__ or "").strip().partition("\n")[0]


_jobs: dict[str, Job] = {}


def job(name: str, *, every: timedelta) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Declare the decorated function as a job."""
    if every < timedelta(seconds=1):
        raise ValueError(f"job {name}: every must be one second or more")

    def declare(function: Callable[[], object]) -> Callable[[], object]:
        known = _jobs.get(name)
        if known and known.run is not function:
            raise ValueError(f"two jobs are called {name}")
        _jobs[name] = Job(name, every, function)
        return function

    return declare


def all_jobs() -> dict[str, Job]:
    """Every job by its name, after the ``tasks.py`` of each activity has been read."""
    discover("tasks")
    return dict(sorted(_jobs.items()))


class Schedule:
    """Runs each job when its time has come.

    A turn is taken in the shared cache, in one step: of several schedulers on one database, one runs the job. Between
    turns the cache is not asked, so an idle installation does not write.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = list(jobs)
        self._next_look = dict.fromkeys((each.name for each in self._jobs), 0.0)

    def run_due(self, now: float) -> list[str]:
        """Run what is due at ``now`` (seconds since the epoch); return the names of the jobs that ran to their end.

        A job that raises is logged, tried again after :data:`RETRY`, and does not stop the others.
        """
        done = []
        for each in self._jobs:
            if now < self._next_look[each.name]:
                continue
            close_old_connections()
            seconds = each.every.total_seconds()
            key = f"job:{each.name}"
            if not cache.add(key, now, timeout=seconds):
                self._next_look[each.name] = cache.get(key, now) + seconds
                continue
            self._next_look[each.name] = now + seconds
            if run_now(each):
                done.append(each.name)
            else:
                pause = min(each.every, RETRY).total_seconds()
                cache.set(key, now + pause - seconds, timeout=pause)
                self._next_look[each.name] = now + pause
        return done


def run_now(each: Job) -> bool:
    """Run one job; False, and a line in the log, when it raised."""
    try:
        result = each.run()
    except Exception:
        logger.exception("job %s failed", each.name)
        return False
    if result is not None:
        logger.info("job %s: %s", each.name, result)
    return True

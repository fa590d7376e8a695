"""One server, one network and one browser for the tests of a file; everyone who walks in it gets her own window."""

import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from bagage.demo.services import load_demonstration
from tests.browser import chromium
from tests.e2e.walk import Visitor

# A Thursday in the middle of a permanence.
MORNING = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
PERSONS = 25
Arrive = Callable[..., Visitor]


class _Emptied(TransactionTestCase):
    """Only lends its way of emptying the tables."""

    def runTest(self) -> None:
        """Nothing."""


class Running:
    """A clock that runs from that morning on."""

    def __init__(self) -> None:
        self.begun = time.monotonic()

    def now(self) -> datetime:
        """The moment."""
        return MORNING + timedelta(seconds=time.monotonic() - self.begun)


# ---------- the network is loaded once a run ----------
# Loading it takes as long as walking through it. The first file that needs it keeps it for the others, with the moment
# until which its clock had run; on SQLite only, where that is copying a file.
KEPT = Path(settings.BAGAGE_HOME) / "network.sqlite3"


def keep(clock: Running) -> None:
    """Keeps what was loaded, for the other files of this run."""
    if connection.vendor != "sqlite" or KEPT.exists():
        return
    made = KEPT.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(made)) as copy:
        connection.connection.backup(copy)
        copy.execute(f"PRAGMA user_version={math.ceil((clock.now() - MORNING).total_seconds())}")
        copy.commit()
    made.replace(KEPT)


def load_again(clock: Running) -> bool:
    """Loads what another file kept, if one did; the clock goes on from there."""
    if connection.vendor != "sqlite" or not KEPT.exists():
        return False
    connection.ensure_connection()
    with closing(sqlite3.connect(f"file:{KEPT}?mode=ro", uri=True)) as kept:
        clock.begun -= kept.execute("PRAGMA user_version").fetchone()[0]
        kept.backup(connection.connection)
    return True


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def network(django_db_setup: None, django_db_blocker: DjangoDbBlocker, browser: Browser) -> Iterator[str]:
    """The address of a server over the demonstration network, on a Thursday from 10 h on: the clock runs from there.

    So it is a working morning whenever the tests run.
    """
    clock = Running()
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", clock.now)
        cache.clear()
        server = None
        try:
            if not load_again(clock):
                load_demonstration(now=timezone.now(), persons=PERSONS)
                keep(clock)
            server = LiveServer("127.0.0.1")
            yield server.url
        finally:
            if server:
                server.stop()
            _Emptied()._fixture_teardown()


@pytest.fixture
def db(network: str) -> None:
    """These tests commit, and share what they write: no transaction is rolled back around each of them."""


@pytest.fixture
def arrive(network: str, db: None, browser: Browser) -> Iterator[Arrive]:
    """Someone comes with her own browser: ``arrive(360, "samira")`` is signed in, ``arrive(360)`` is not."""
    here: list[Visitor] = []

    def one(width: int, name: str = "", **options: Any) -> Visitor:
        visitor = Visitor(browser, network, width, **options)
        here.append(visitor)
        if name:
            visitor.sign_in(name)
        return visitor

    yield one
    for visitor in here:
        visitor.leave()

"""One server, one network and one browser for the tests of a file; everyone who walks in it gets her own window."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def network(django_db_setup: None, django_db_blocker: DjangoDbBlocker, browser: Browser) -> Iterator[str]:
    """The address of a server over the demonstration network, on a Thursday from 10 h on: the clock runs from there.

    So it is a working morning whenever the tests run.
    """
    begun = time.monotonic()
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: MORNING + timedelta(seconds=time.monotonic() - begun))
        cache.clear()
        server = None
        try:
            load_demonstration(now=timezone.now(), persons=PERSONS)
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

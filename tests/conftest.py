"""What all tests share: a client that refuses bad pages, a clock that can be set, a database left as it was."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_django
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone, translation

from bagage.common import row_security
from tests.strict import StrictClient

# A Thursday in the middle of a permanence.
NOON = datetime(2026, 11, 26, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))


class Clock:
    """The time that ``timezone.now()`` tells in a test; it stands still until moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment.astimezone(ZoneInfo("UTC"))

    def set(self, moment: datetime) -> datetime:
        self.moment = moment
        return self.now()

    def move(self, **step: float) -> datetime:
        """Move on by a timedelta: ``clock.move(minutes=15)``."""
        self.moment += timedelta(**step)
        return self.now()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A standing clock: Thursday 26 November 2026, 10 h 00 in Paris."""
    standing = Clock(NOON)
    monkeypatch.setattr(timezone, "now", standing.now)
    return standing


@pytest.fixture
def now(clock: Clock) -> datetime:
    """The moment of the standing clock."""
    return clock.now()


@pytest.fixture
def client() -> StrictClient:
    """A browser without JavaScript that nobody has signed in."""
    return StrictClient()


@pytest.fixture
def htmx_client() -> StrictClient:
    """A browser whose requests come from htmx."""
    return StrictClient(headers={"hx-request": "true"})


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    """Each test begins in French, whatever the one before it switched to."""
    translation.activate("fr")
    yield
    translation.deactivate()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A long value is named by its length: names of tests are sent to each worker, and printed."""
    return f"{argname}_of_{len(val)}" if isinstance(val, str | bytes) and len(val) > 100 else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was loaded stays: looking for garbage among it, again and again, took a good part of the time of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


# ---------- what a second database does not make different ----------
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
# What pages say in words, and whether what happens in the demonstration is plausible: it is loaded on both databases by
# its own tests and by the walk in the browser.
ONCE = {"test_translations.py", "test_network.py"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, what no database can make different is not tried again."""
    _groups_hold(config, items)
    if connection.vendor == "sqlite":
        return
    kept, left = [], []
    for item in items:
        touches = item.get_closest_marker("django_db") is not None
        touches |= bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))
        touches |= not {"domain", "connection", "test_architecture.py"} & set(item.path.parts)
        touches &= item.path.name not in ONCE
        (kept if touches else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def _groups_hold(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that share what is dear to set up run in one process; a version of the runner forgot it in silence."""
    if getattr(config.option, "loadgroup", False):
        parted = [
            item.nodeid for item in items if item.get_closest_marker("xdist_group") and "@" not in item.nodeid
        ]
        if parted:
            raise pytest.UsageError(f"xdist_group is not kept: {parted[0]} and {len(parted) - 1} more")


# ---------- tests that commit ----------


@contextmanager
def trail_unlocked() -> Iterator[None]:
    """Lift the triggers that keep the trail append-only, so that a test's database can be emptied."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'trail\\_%' ESCAPE '\\'"
            )
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            tables = [
                name for name in connection.introspection.table_names(cursor) if name.startswith("trail_")
            ]
            for table in tables:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for _, sql in triggers:
                    cursor.execute(sql)
            else:
                for table in tables:
                    cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """Keep the rows that the migrations brought, whichever tests of this run commit."""
    with django_db_blocker.unblock():
        row_security.settle()
        connection._test_serialized_contents = connection.creation.serialize_db_to_string()


def _empty_again(case: TransactionTestCase) -> None:
    """After a test that commits: the tables as the migrations left them, with the rows that these brought."""
    # Said to Django so that it leaves the rows of its own apps out; they come back with the others below.
    type(case).serialized_rollback = True
    with trail_unlocked():
        _django_teardown(case)
        connection.creation.deserialize_db_from_string(connection._test_serialized_contents)
    cache.clear()


_django_teardown = TransactionTestCase._fixture_teardown
TransactionTestCase._fixture_teardown = _empty_again  # type: ignore[method-assign]

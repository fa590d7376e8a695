"""One demonstration network for the tests of a file: loaded once, looked at by each, taken back at the end."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import translation
from pytest_django import DjangoDbBlocker

from bagage.demo.services import load_demonstration

TUESDAY = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
PERSONS = 90


class TakenBack(Exception):
    """Rolls the network back, so that another can be loaded."""


@pytest.fixture(scope="module")
def network(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[datetime]:
    """The moment at which the network was loaded; each test runs in a transaction of its own within."""
    with django_db_blocker.unblock(), translation.override("fr"):
        cache.clear()
        try:
            with transaction.atomic():
                load_demonstration(now=TUESDAY, persons=PERSONS)
                yield TUESDAY
                raise TakenBack
        except TakenBack:
            cache.clear()

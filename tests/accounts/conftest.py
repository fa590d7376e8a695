"""Fixtures of accounts."""

import pytest

from tests.accounts.factories import Network


@pytest.fixture
def network(db: None) -> Network:
    """Two cities, each with a permanence."""
    return Network()

"""Both published interfaces asked by schemathesis for what nobody thought of: each answer is one that they describe."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from bagage.common.ratelimit import PUBLIC
from tests.accounts.factories import Network
from tests.directory.factories import make_place

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EXAMPLES = 25


@pytest.fixture(autouse=True)
def _set_up(settings):
    # A request of its own closes what this test keeps open, as the client of the framework avoids too.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    settings.PUBLIC_API_RATE = 1_000_000
    PUBLIC.forget()
    Network()
    make_place("Espace Curial", ("learn_basics", "get_device"), hours="Mo-Fr 09:00-12:00", cost="free")
    make_place("Ailleurs", ("use_wifi_here",), north_km=3)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


def ask_everything(path: str, only: str) -> int:
    """Ask each published address of an interface many times; how many cases were answered as it says."""
    schema = schemathesis.openapi.from_wsgi(
        path, get_wsgi_application(), config=SchemathesisConfig.discover()
    )
    cases = 0
    for result in schema.include(path_regex=only).get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def answered(case: schemathesis.Case) -> None:
            nonlocal cases
            # No schema says which names are those of communes: 422 for others is as described.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])
            cases += 1

        given(case=operation.as_strategy())(answered)()
    return cases


def test_the_panorama_is_asked_for_what_nobody_thought_of():
    assert ask_everything("/api/v1/openapi.json", r"/(services|places|sessions).*") >= 5 * EXAMPLES // 2


def test_hsds_is_asked_for_what_nobody_thought_of():
    assert ask_everything("/hsds/openapi.json", r"/hsds/.*") >= 8 * EXAMPLES // 2

"""What is asked too often is refused, with the moment at which to try again."""

import pytest
from django.test import RequestFactory

from bagage.common import ratelimit
from bagage.common.errors import TooMany

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_memory() -> None:
    ratelimit.cache.clear()


def request_from(address: str) -> object:
    return RequestFactory().get("/look-up/", REMOTE_ADDR=address)


def test_limit_refuses_the_asking_after_the_last() -> None:
    for _time in range(3):
        ratelimit.limit(request_from("10.0.0.1"), "look_up", "3/10m/ip")  # type: ignore[arg-type]
    with pytest.raises(TooMany) as refusal:
        ratelimit.limit(request_from("10.0.0.1"), "look_up", "3/10m/ip")  # type: ignore[arg-type]
    assert 595 <= refusal.value.retry_after <= 600  # type: ignore[attr-defined]
    assert str(refusal.value) in {
        "Trop de demandes d’affilée. Réessayez dans 9 min.",
        "Trop de demandes d’affilée. Réessayez dans 10 min.",
    }


def test_limit_counts_each_address_each_action_and_each_key_apart() -> None:
    one, other = request_from("10.0.0.1"), request_from("10.0.0.2")
    ratelimit.limit(one, "look_up", "1/m/ip")  # type: ignore[arg-type]
    ratelimit.limit(other, "look_up", "1/m/ip")  # type: ignore[arg-type]
    ratelimit.limit(one, "code", "1/m/ip")  # type: ignore[arg-type]
    ratelimit.limit(one, "code", "1/m/key", key="a")  # type: ignore[arg-type]
    ratelimit.limit(one, "code", "1/m/key", key="b")  # type: ignore[arg-type]
    with pytest.raises(TooMany):
        ratelimit.limit(other, "code", "1/m/key", key="a")  # type: ignore[arg-type]


def test_limit_opens_again_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    asking = request_from("10.0.0.1")
    ratelimit.limit(asking, "look_up", "1/m/ip")  # type: ignore[arg-type]
    now = ratelimit.time.time()
    monkeypatch.setattr(ratelimit.time, "time", lambda: now + 61)
    ratelimit.limit(asking, "look_up", "1/m/ip")  # type: ignore[arg-type]

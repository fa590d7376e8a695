"""What a thread says of its language, time zone, addresses and connections, no other thread hears."""

import threading
from typing import Any

import pytest
from django.db import connections
from django.urls import get_urlconf, set_urlconf
from django.utils import timezone, translation

from bagage.common.threads import KEPT, keep_for_threads


def _called(part: Any) -> str:
    return part if isinstance(part, str) else str(getattr(part, "__name__", type(part).__name__))


@pytest.mark.parametrize(("holder", "name"), KEPT, ids=_called)
def test_each_is_kept_for_threads(holder: Any, name: str) -> None:
    assert isinstance(getattr(holder, name), threading.local)


def test_what_is_kept_stays_when_it_is_asked_for_again() -> None:
    before = [getattr(holder, name) for holder, name in KEPT]
    keep_for_threads()
    assert [getattr(holder, name) for holder, name in KEPT] == before


def test_threads_do_not_hear_of_each_other() -> None:
    heard: dict[str, object] = {}

    def listen() -> None:
        heard.update(
            language=translation.get_language(),
            zone=timezone.get_current_timezone_name(),
            addresses=get_urlconf(),
            connection=connections["default"],
        )

    with translation.override("en"), timezone.override("Indian/Reunion"):
        set_urlconf("elsewhere")
        try:
            other = threading.Thread(target=listen)
            other.start()
            other.join()
        finally:
            set_urlconf(None)
        assert translation.get_language() == "en"
        assert timezone.get_current_timezone_name() == "Indian/Reunion"
    assert heard["language"] == "fr"
    assert heard["zone"] == timezone.get_default_timezone_name()
    assert heard["addresses"] is None
    assert heard["connection"] is not connections["default"]

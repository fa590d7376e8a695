"""How often something may be asked; refusals say when to try again.

Stands on the sliding log of django-allauth (several rates, per address, user or key, in the shared cache), which its
public module ties to its own settings: this is the one place that knows its inside.
"""

import math
import time
from datetime import timedelta

from allauth.core.internal import ratelimit as engine
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext

from bagage.common import words
from bagage.common.errors import TooMany

APP = "bagage"


class AskedTooOften(TooMany):
    """Refused for now; ``retry_after`` is in seconds and goes to the header of that name."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        wait = max(timedelta(seconds=retry_after), timedelta(minutes=1))
        super().__init__(
            gettext("Trop de demandes d’affilée. Réessayez dans %(span)s.") % {"span": words.span(wait)}
        )


def limit(request: HttpRequest, action: str, rate: str, key: str | None = None) -> None:
    """Counts one asking of ``action``, or raises :class:`AskedTooOften`.

    ``rate`` is amounts by durations, comma-separated: ``"60/m/user"``, ``"10/m/ip,5/5m/key"`` (durations ``s m h d``);
    ``/key`` counts by ``key``. Call it before a transaction opens: one that rolls back would forget the count.
    """
    # One transaction for all the rates: where they are kept in the database, each would be written to disk by itself.
    with transaction.atomic():
        usage = engine.consume(
            request, app=APP, action=action, config={action: rate}, key=key, limit_get=True
        )
    if usage is None:
        raise AskedTooOften(_seconds_to_wait(request, action, rate, key))


def _seconds_to_wait(request: HttpRequest, action: str, rate: str, key: str | None) -> int:
    """The longest wait among the rates that are used up, in whole seconds; at least 1."""
    waits = [1.0]
    for one in engine.parse_rates(rate):
        history = cache.get(engine.get_cache_key(request, app=APP, action=action, rate=one, key=key), [])
        if len(history) >= one.amount:
            waits.append(history[one.amount - 1] + one.duration - time.time())
    return math.ceil(max(waits))

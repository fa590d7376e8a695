"""How often something may be asked; refusals say when to try again.

Stands on the sliding log of django-allauth (several rates, per address, user or key, in the shared cache), which its
public module ties to its own settings: this is the one place that knows its inside.
"""

import math
import time
from collections import OrderedDict
from datetime import timedelta
from threading import Lock

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit as engine
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
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


# ---------- what anyone may read, often ----------
class LightLimit:
    """How often each address or key may read something public, counted in the memory of this process alone.

    The log above is written to disk at each asking, which costs more than the answer here. So much a minute, as a
    bucket that fills again steadily; several processes each count for themselves. At most ``most`` names are kept:
    beyond, the ones that were quiet longest are forgotten.
    """

    def __init__(self, *, most: int = 20_000) -> None:
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, name: str, per_minute: int) -> int:
        """Count one asking; 0, or the seconds to wait before the next."""
        now = time.monotonic()
        with self._lock:
            left, seen = self._left.pop(name, (float(per_minute), now))
            left = min(float(per_minute), left + (now - seen) * per_minute / 60)
            waits = 0 if left >= 1 else math.ceil((1 - left) * 60 / per_minute)
            self._left[name] = (left - 1 if not waits else left, now)
            if len(self._left) > self._most:
                self._left.popitem(last=False)
        return waits

    def forget(self) -> None:
        """Begin again."""
        with self._lock:
            self._left.clear()


PUBLIC = LightLimit()


def address_of(request: HttpRequest) -> str:
    """The address that asks, behind as many proxies as the settings trust; all whose address is not said are one."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return ""
